/* What each endpoint is like, asked one by one: does it answer, how fast, how high is its chain.
 * Reason to change: what is told about an endpoint. */
#include "chain/impl.h"

/* One endpoint's answers: a silent one is not waited for like in work. */
#define EACH_NS ((uint64_t)5 * 1000000000u)

static uint64_t now_ns(const asy_chain *c)
{
	return c->cfg.clock->mono_ns(c->cfg.clock);
}

/* The first question also connects and makes sure of the chain; the second is timed. */
static assay_status look_at(asy_chain *c, asy_chain_endpoint *out, assay_err *err)
{
	asy_block_ref head;
	asy_hash genesis;
	assay_status st = asy_chain_shown_head(c, c->highest, &head, err);
	uint64_t began = now_ns(c);
	if (st == ASSAY_OK)
		st = asy_chain_block_hash(c, 0, &genesis, err);
	if (st == ASSAY_OK) {
		out->answers = true;
		out->height = head.number;
		out->latency_us = asy_sat_sub_u64(now_ns(c), began) / 1000u;
	}
	return st;
}

static assay_status survey(asy_chain *c, asy_chain_endpoint *out, assay_err *err)
{
	const size_t home = c->at;
	const uint64_t deadline = c->deadline_ns;
	assay_status st = ASSAY_OK;
	c->pinned = true;
	for (size_t i = 0; i < c->ep_n && st != ASSAY_E_CANCELLED; i++) {
		assay_err why = {0};
		uint64_t until = asy_sat_add_u64(now_ns(c), EACH_NS);
		c->at = i;
		c->deadline_ns = until < deadline ? until : deadline;
		out[i] = (asy_chain_endpoint){.url = c->ep[i].url, .is_in_use = i == home};
		st = look_at(c, &out[i], &why);
		if (st != ASSAY_OK)
			(void)asy_str_copy(out[i].why, sizeof out[i].why, why.msg);
		out[i].failures = c->ep[i].failures;
	}
	c->pinned = false;
	c->at = home;
	c->deadline_ns = deadline;
	return st == ASSAY_E_CANCELLED ? ASSAY_FAIL(err, E_CANCELLED, "interrupted") : ASSAY_OK;
}

assay_status asy_chain_survey(asy_chain *c, asy_chain_endpoint out[ASY_ENDPOINTS_MAX], size_t *n,
							  assay_err *err)
{
	*n = c->ep_n;
	return ASY_ASK(c, err, survey(c, out, err));
}
