/* ranking.c - the contract's side of the ranking plugin: batch in, rows out. A row's
 * score depends on its own answer, its query and the configuration, and on the other
 * answers only through what common/batch.h shares out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "assay/plugin.h"
#include "common/batch.h"
#include "common/entry.h"
#include "ranking_schema.h"
#include "score.h"

#define MAX_MEMORY ((size_t)64 << 20)

struct assay_plugin {
	const assay_host_api *host;
	ranking_settings cfg;
	plg_arena *query_arena, *row_arena, *batch_arena;
	ranking_query query;
	ranking_list list; /* of the row just scored; lives in row_arena */
};

static const char *prepare(void *ctx, const assay_challenge *c)
{
	assay_plugin *p = ctx;
	plg_arena_reset(p->query_arena);
	return ranking_query_load(&p->query, &p->cfg, p->query_arena, c->prompt, c->reference);
}

/* OpenKaito's age is relative to the oldest answer, which has to be known first. */
static void survey(void *ctx, const assay_response *r)
{
	assay_plugin *p = ctx;
	ranking_list l;
	if (p->cfg.fresh != RANKING_FRESH_OLDEST)
		return;
	plg_arena_reset(p->row_arena);
	if (ranking_list_read(&p->query, &p->cfg, p->row_arena, r->body, &l) != RANKING_GATE_OPEN)
		return;
	double age = ranking_mean_age(&p->query, &l);
	p->query.oldest_s = age > p->query.oldest_s ? age : p->query.oldest_s;
}

static bool score(void *ctx, const assay_response *r, double *out, double *component)
{
	assay_plugin *p = ctx;
	plg_arena_reset(p->row_arena);
	if (!ranking_score(&p->query, &p->cfg, p->row_arena, r, &p->list, component))
		return false;
	*out = plg_score(&p->cfg.relative.formula, component);
	return true;
}

static bool print(void *ctx, plg_arena *a, uint64_t key, const assay_response *r, plg_print *out)
{
	assay_plugin *p = ctx;
	(void)r;
	return ranking_list_print(&p->query, &p->cfg.relative.duplicates, &p->list, a, key, out);
}

static assay_rc ranking_score_batch(assay_plugin *p, const assay_round_info *round,
									const assay_batch *b, assay_scores *out)
{
	const plg_row_ops ops = {.prepare = prepare,
							 .survey = survey,
							 .score = score,
							 .component_n = RANKING_C_N,
							 .print = print,
							 .relative = &p->cfg.relative,
							 .arena = p->batch_arena};
	return plg_score_rows(p->host, &ops, p, round, b, out);
}

static void ranking_close(assay_plugin *p)
{
	if (p == NULL)
		return;
	plg_arena_free(p->query_arena);
	plg_arena_free(p->row_arena);
	plg_arena_free(p->batch_arena);
	free(p);
}

static assay_rc ranking_open(const assay_host_api *host, assay_bytes config_json,
							 assay_plugin **out)
{
	assay_plugin *p = calloc(1, sizeof *p);
	assay_rc rc = ASSAY_RC_NOMEM;
	if (p == NULL)
		return rc;
	p->host = host;
	p->query_arena = plg_arena_new(MAX_MEMORY);
	p->row_arena = plg_arena_new(MAX_MEMORY);
	p->batch_arena = plg_arena_new(PLG_CHALLENGE_MEMORY);
	if (p->query_arena != NULL && p->row_arena != NULL && p->batch_arena != NULL)
		rc = ranking_settings_read(&p->cfg, config_json, host);
	if (rc != ASSAY_RC_OK) {
		ranking_close(p);
		return rc;
	}
	*out = p;
	return ASSAY_RC_OK;
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.assay.ranking",
	.version = "0.2.0",
	.name = "Ranking",
	.summary = "Ordering of documents by nDCG, recall and reciprocal rank, above chance",
	.licence = "Apache-2.0",
	.vendor = "Assay",
	.task_kind = "ranking",
	.caps = ASSAY_CAP_COMPONENTS,
	.needs = ASSAY_NEED_WHOLE_BATCH,
	.score_min = 0,
	.score_max = 1,
	.tolerance = 0,
	.higher_is_better = 1,
	.component_n = RANKING_C_N,
	.component_name = ranking_component_names,
	.config_schema = ranking_schema,
	.mem_hint = (uint64_t)64 << 20,
	.ms_hint = 50,
};

PLG_ENTRY(info, ranking_open, ranking_close, ranking_score_batch)
