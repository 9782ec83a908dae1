/* A plugin that is only ever built against a header of an earlier day: tables, rows, evidence,
 * components, challenges and a state as that header has them. Never changed, and never moved
 * to the kit: the point is what the header alone gave. */
#include <assay/plugin.h>
#include <stdlib.h>
#include <string.h>

struct assay_plugin {
	const assay_host_api *host;
	uint64_t rounds;
};

static assay_rc kept_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	if (!ASSAY_HAS(assay_host_api, host, threads) || config.len == 0 ||
		(*out = calloc(1, sizeof **out)) == NULL)
		return ASSAY_RC_NOMEM;
	(*out)->host = host;
	return ASSAY_RC_OK;
}
static void kept_close(assay_plugin *p)
{
	free(p);
}

static double share(assay_bytes b)
{
	uint32_t sum = 0;
	for (uint64_t i = 0; i < b.len; i++)
		sum = sum * 31 + b.ptr[i];
	return (double)(sum % 1000) / 1000;
}

static assay_rc kept_score(assay_plugin *p, const assay_round_info *round, const assay_batch *b,
						   assay_scores *s)
{
	(void)round;
	for (uint64_t i = 0; i < b->response_n; i++) {
		const assay_response *r =
			(const void *)((const char *)b->response + i * b->response_stride);
		const assay_challenge *c =
			(const void *)((const char *)b->challenge + r->challenge * b->challenge_stride);
		s->score[i] = (double)p->rounds + share(r->body) + share(c->prompt) +
					  share(r->content_type) + r->http_status + (r->seed != 0 ? 10 : 0);
		for (uint32_t k = 0; k < r->part_n; k++)
			s->score[i] += share(r->part[k].bytes);
		if (r->chunk_n != 0)
			s->score[i] += (double)r->chunk[r->chunk_n - 1].end;
		s->component[i * s->component_n] = share(r->body);
		s->flag[i] = ASSAY_ROW_SCORED;
	}
	p->rounds++;
	return ASSAY_RC_OK;
}

static assay_rc kept_make(assay_plugin *p, const assay_round_info *round, assay_challenges *out)
{
	static const char text[] = "{\"q\":1}";
	(void)p;
	(void)round;
	for (; out->made < out->want; out->made++) {
		assay_challenge *c =
			(void *)((char *)out->challenge + (size_t)out->made * out->challenge_stride);
		c->prompt = (assay_bytes){(const uint8_t *)text, sizeof text - 1};
	}
	return ASSAY_RC_OK;
}

static assay_rc kept_save(assay_plugin *p, void *buf, uint64_t cap, uint64_t *need)
{
	*need = sizeof p->rounds;
	if (cap >= *need)
		memcpy(buf, &p->rounds, sizeof p->rounds);
	return ASSAY_RC_OK;
}
static assay_rc kept_load(assay_plugin *p, assay_bytes state)
{
	p->rounds = 0;
	if (state.len == sizeof p->rounds)
		memcpy(&p->rounds, state.ptr, sizeof p->rounds);
	return ASSAY_RC_OK;
}

static const char *const names[] = {"body"};
static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "test.assay.kept",
	.version = "1.0.0",
	.name = "Kept",
	.summary = "Built against an earlier header",
	.licence = "Apache-2.0",
	.vendor = "tests",
	.task_kind = "test",
	.caps = ASSAY_CAP_CHALLENGES | ASSAY_CAP_COMPONENTS,
	.needs = ASSAY_NEED_STATE,
	.score_max = 10000,
	.higher_is_better = 1,
	.component_n = 1,
	.component_name = names,
};
static const assay_plugin_api api = {
	.size = sizeof api,
	.open = kept_open,
	.close = kept_close,
	.score_batch = kept_score,
	.make_challenges = kept_make,
	.state_save = kept_save,
	.state_load = kept_load,
};
const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_desc desc = {
		ASSAY_PLUGIN_MAGIC, sizeof desc, ASSAY_ABI, 0, &info, &api};
	return &desc;
}
