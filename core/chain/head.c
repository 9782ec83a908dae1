/* Heads: the header of a block, which proves its own hash, and which of the heads that endpoints
 * tell is believed.
 * Reason to change: what a node may say about the head of its chain. */
#include "chain/impl.h"

/* A head this far from the best one seen is compared with another endpoint's. */
#define FAR_BLOCKS 20u
/* And one that has stood still for eight blocks' time, within these bounds. */
#define STALE_LEAST_NS ((uint64_t)2 * 1000000000u)
#define STALE_MOST_NS ((uint64_t)60 * 1000000000u)

static assay_status put_hash_member(asy_jv header, const char *name, asy_scale_w *w, assay_err *err)
{
	asy_hash h;
	assay_status st = asy_rpc_hash(asy_jv_get(header, name), &h, err);
	if (st == ASSAY_E_GONE) /* null where a hash must be */
		st = assay_err_at(err, ASSAY_E_FORMAT, "%s", name);
	if (st == ASSAY_OK)
		asy_scale_put_raw(w, h.b, sizeof h.b);
	return st;
}

/*~ A block's hash is the digest of its header's bytes, so a header says itself which block it
 * is: an endpoint that sends another block's header, or one flipped bit, is caught. */
static assay_status hash_of_header(asy_jv header, uint64_t number, asy_hash *out, assay_err *err)
{
	asy_jv logs = asy_jv_get(asy_jv_get(header, "digest"), "logs");
	asy_buf bytes = {0}, log = {0};
	asy_scale_w w = asy_scale_out(&bytes);
	bool some = true;
	assay_status st = put_hash_member(header, "parentHash", &w, err);
	asy_scale_put_compact(&w, number);
	if (st == ASSAY_OK)
		st = put_hash_member(header, "stateRoot", &w, err);
	if (st == ASSAY_OK)
		st = put_hash_member(header, "extrinsicsRoot", &w, err);
	if (st == ASSAY_OK && asy_jv_kind(logs) != ASY_J_ARRAY)
		st = ASSAY_FAIL(err, E_FORMAT, "a header without a digest");
	asy_scale_put_compact(&w, asy_jv_size(logs));
	for (size_t i = 0; i < asy_jv_size(logs) && st == ASSAY_OK; i++) {
		asy_buf_reset(&log);
		st = asy_rpc_hex(asy_jv_at(logs, i), &log, &some, err);
		asy_scale_put_raw(&w, log.ptr, log.len);
	}
	if (st == ASSAY_OK)
		st = asy_scale_out_end(&w, err);
	if (st == ASSAY_OK)
		*out = asy_extrinsic_hash(asy_buf_span(&bytes));
	asy_buf_fini(&log);
	asy_buf_fini(&bytes);
	return st;
}

/* The reply to chain_getHeader, or, for the head, what the endpoint told without being
 * asked: then the caller frees doc. */
static assay_status ask_header(asy_chain *c, const asy_hash *at, asy_rpc_reply *reply,
							   asy_json **doc, asy_jv *header, assay_err *err)
{
	const asy_rpc_bounds *bounds = asy_rpc_bounds_of("chain_getHeader");
	const asy_json_limits limits = {
		.max_bytes = bounds->bytes, .max_depth = 32, .max_values = bounds->values};
	const asy_endpoint *e = asy_endpoint_in_use(c);
	asy_rpc_transport *t = c->cfg.transport;
	asy_buf told = {0};
	char params[80] = "[]";
	bool is_told = at == NULL && e->verified && t->news != NULL && t->news(t, e->url, &told);
	assay_status st = ASSAY_OK;
	if (is_told) {
		st = asy_json_parse(asy_buf_span(&told), &limits, doc, err);
		*header = asy_jv_get(asy_jv_get(asy_json_root(*doc), "params"), "result");
	} else {
		if (at != NULL) {
			char hex[65];
			asy_hex_encode(hex, at->b, sizeof at->b);
			(void)snprintf(params, sizeof params, "[\"0x%s\"]", hex);
		}
		st = asy_rpc_call(c, "chain_getHeader", asy_span_str(params), reply, err);
		*header = reply->result;
	}
	asy_buf_fini(&told);
	if (st == ASSAY_OK && asy_jv_is_null(*header))
		st = ASSAY_FAIL(err, E_GONE, "the node has no such block");
	return st;
}

/* parent may be NULL. */
static assay_status header_of(asy_chain *c, const asy_hash *at, asy_block_ref *out,
							  asy_hash *parent, assay_err *err)
{
	asy_rpc_reply reply = {.doc = NULL};
	asy_json *doc = NULL;
	asy_jv header = {.node = NULL};
	asy_block_ref b = {.number = 0};
	assay_status st = ask_header(c, at, &reply, &doc, &header, err);
	if (st == ASSAY_OK)
		st = asy_rpc_number(asy_jv_get(header, "number"), &b.number, err);
	if (st == ASSAY_OK)
		st = hash_of_header(header, b.number, &b.hash, err);
	if (st == ASSAY_OK && at != NULL && !asy_hash_eq(at, &b.hash))
		st = ASSAY_FAIL(err, E_FORMAT, "the node sent the header of another block");
	if (st == ASSAY_OK && parent != NULL)
		st = asy_rpc_hash(asy_jv_get(header, "parentHash"), parent, err);
	asy_rpc_reply_fini(&reply);
	asy_json_free(doc);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the header of a block");
	asy_endpoint *e = asy_endpoint_in_use(c);
	e->height = b.number > e->height ? b.number : e->height;
	*out = b;
	return ASSAY_OK;
}

assay_status asy_chain_header(asy_chain *c, const asy_hash *at, asy_block_ref *out, assay_err *err)
{
	return ASY_ASK(c, err, header_of(c, at, out, NULL, err));
}

/* Whoever merely writes another number into a header has no parent to show. */
assay_status asy_chain_shown_head(asy_chain *c, uint64_t near, asy_block_ref *out, assay_err *err)
{
	asy_block_ref head, before;
	asy_hash parent;
	assay_status st = header_of(c, NULL, &head, &parent, err);
	bool is_near =
		near != 0 && head.number <= near + FAR_BLOCKS && head.number + FAR_BLOCKS >= near;
	if (st == ASSAY_OK && head.number != 0 && !is_near) {
		st = header_of(c, &parent, &before, NULL, err);
		if (st == ASSAY_E_GONE || (st == ASSAY_OK && before.number + 1 != head.number))
			st = ASSAY_FAIL(err, E_FORMAT, "block %" PRIu64 " does not follow its parent",
							head.number);
	}
	if (st == ASSAY_OK)
		*out = head;
	return st;
}

typedef struct {
	uint64_t number; /* in: the block that is in doubt */
	asy_hash hash;   /* out: what this endpoint has there, all zero = nothing */
	asy_block_ref head;
} opinion;

static assay_status ask_opinion(asy_chain *c, void *arg, assay_err *err)
{
	opinion *o = arg;
	assay_status st = ASY_ASK(c, err, asy_chain_shown_head(c, o->number, &o->head, err));
	if (st == ASSAY_OK && o->head.number >= o->number)
		st = asy_chain_block_hash(c, o->number, &o->hash, err);
	return st == ASSAY_E_GONE ? ASSAY_OK : st;
}

static bool is_behind(const asy_chain *c, uint64_t number)
{
	return c->highest != 0 && number + FAR_BLOCKS < c->highest;
}

/* Further than the chain can have come since, at twice its pace. */
static bool is_ahead(const asy_chain *c, uint64_t number)
{
	uint64_t passed = asy_sat_sub_u64(c->cfg.clock->mono_ns(c->cfg.clock), c->highest_ns);
	return c->highest != 0 && c->pace_ns != 0 &&
		   number > c->highest + FAR_BLOCKS + 2 * (passed / c->pace_ns);
}

static void note_head(asy_chain *c, uint64_t number)
{
	uint64_t now = c->cfg.clock->mono_ns(c->cfg.clock);
	if (c->highest != 0 && number > c->highest && number - c->highest <= FAR_BLOCKS) {
		uint64_t each = asy_sat_sub_u64(now, c->highest_ns) / (number - c->highest);
		c->pace_ns = c->pace_ns == 0 ? each : c->pace_ns / 4 * 3 + each / 4;
	}
	if (number != c->highest)
		c->highest_ns = now;
	c->highest = number;
}

/* It has stood still for longer than a chain does. */
static bool is_stale(const asy_chain *c, uint64_t number)
{
	uint64_t passed = asy_sat_sub_u64(c->cfg.clock->mono_ns(c->cfg.clock), c->highest_ns);
	uint64_t most =
		c->pace_ns == 0 || c->pace_ns > STALE_MOST_NS / 8 ? STALE_MOST_NS : 8 * c->pace_ns;
	return number == c->highest && passed > (most < STALE_LEAST_NS ? STALE_LEAST_NS : most);
}

/*~ Nodes behind one name may be hundreds of blocks apart, and one may tell tales. A head that
 * is far behind the highest that we know, that stands still, or that is further ahead than the
 * chain can be by now, is compared with another endpoint's before it is believed. A likely
 * head that is higher than a low one is taken, and a likely one instead of an unlikely one
 * that the other does not know. Without a second opinion a head is acted upon, but not
 * remembered as the highest. */
static assay_status doubt_head(asy_chain *c, asy_block_ref *head, bool *sure, assay_err *err)
{
	opinion o = {.number = head->number};
	const char *url = asy_endpoint_in_use(c)->url;
	bool too_high = is_ahead(c, head->number);
	assay_status st = asy_ask_other(c, ask_opinion, &o, err);
	if (st == ASSAY_E_CANCELLED || st == ASSAY_E_NOMEM)
		return st;
	bool likely = st == ASSAY_OK && !is_behind(c, o.head.number) && !is_ahead(c, o.head.number);
	*sure = st == ASSAY_OK && asy_hash_eq(&o.hash, &head->hash);
	if (!likely || (too_high ? *sure : o.head.number <= head->number))
		return ASSAY_OK;
	asy_log(c->cfg.log, ASY_UNUSUAL, too_high ? "chain.endpoint_ahead" : "chain.endpoint_behind",
			ASY_STR("url", url), ASY_U64("head", head->number), ASY_U64("highest", o.head.number));
	asy_endpoint_leave(c);
	*head = o.head;
	*sure = true;
	return ASSAY_OK;
}

static assay_status find_head(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	asy_block_ref head = {0};
	bool sure = true;
	assay_status st = asy_chain_shown_head(c, c->highest, &head, err);
	if (st == ASSAY_OK && c->ep_n > 1 &&
		(is_behind(c, head.number) || is_ahead(c, head.number) || is_stale(c, head.number)))
		st = doubt_head(c, &head, &sure, err);
	if (st != ASSAY_OK)
		return st;
	if (sure)
		note_head(c, head.number);
	*out = head;
	return ASSAY_OK;
}

assay_status asy_chain_head(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	return ASY_ASK(c, err, find_head(c, out, err));
}

static assay_status finalized(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	asy_rpc_reply reply = {.doc = NULL};
	asy_hash hash;
	assay_status st = asy_rpc_call(c, "chain_getFinalizedHead", asy_span(NULL, 0), &reply, err);
	if (st == ASSAY_OK)
		st = asy_rpc_hash(reply.result, &hash, err);
	asy_rpc_reply_fini(&reply);
	if (st == ASSAY_OK)
		st = asy_chain_header(c, &hash, out, err);
	return st;
}

assay_status asy_chain_finalized(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	return ASY_ASK(c, err, finalized(c, out, err));
}
