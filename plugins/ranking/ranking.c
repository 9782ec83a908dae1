/* ranking.c - the contract's side of the ranking plugin: batch in, rows out.
 * Queries are taken one after the other, each with all its answers. A row's score
 * depends on its own answer, its query and the configuration, and on nothing else. */
#include <stdlib.h>
#include <string.h>
#include "assay/plugin.h"
#include "common/batch.h"
#include "common/num.h"
#include "query.h"
#include "ranking_schema.h"

#define MAX_SCRATCH ((size_t)64 << 20)

struct assay_plugin {
	const assay_host_api *host;
	ranking_settings cfg;
};

typedef struct {
	assay_plugin *p;
	const assay_batch *batch;
	assay_scores *out;
	plg_arena *scratch;
} scoring;

static void put_row(const scoring *s, uint64_t i, const ranking_row *row)
{
	assay_scores *out = s->out;
	if (ASSAY_HAS(assay_scores, out, component) && out->component != NULL) {
		uint32_t n = out->component_n < RANKING_C_N ? out->component_n : RANKING_C_N;
		memcpy(out->component + i * out->component_n, row->component, n * sizeof(double));
	}
	out->score[i] = row->score;
	out->flag[i] = ASSAY_ROW_SCORED;
}

static bool is_blank(assay_bytes b)
{
	for (uint64_t i = 0; i < b.len; i++)
		if (b.ptr[i] != ' ' && b.ptr[i] != '\t' && b.ptr[i] != '\n' && b.ptr[i] != '\r')
			return false;
	return true;
}

static ranking_row_rc score_row(const scoring *s, const ranking_query *q, uint64_t i)
{
	const assay_response *x = plg_response(s->batch, i);
	const ranking_settings *cfg = &s->p->cfg;
	ranking_row row;
	ranking_row_rc rc = RANKING_ROW_DONE;
	ranking_row_init(&row);
	if (x->body.len > cfg->max_body_bytes)
		row.component[RANKING_C_GATE] = RANKING_GATE_OVERSIZE;
	else if (is_blank(x->body))
		row.component[RANKING_C_GATE] = RANKING_GATE_EMPTY;
	else
		rc = ranking_score(q, cfg, s->scratch, x->body, &row);
	if (rc != RANKING_ROW_DONE)
		return rc;
	double latency = plg_latency_factor(cfg->latency_weight, x->latency_ms, cfg->deadline_ms);
	row.component[RANKING_C_LATENCY] = latency;
	row.score = plg_clamp(
		row.component[RANKING_C_QUALITY] * row.component[RANKING_C_PENALTY] * latency, 0, 1);
	put_row(s, i, &row);
	return RANKING_ROW_DONE;
}

static assay_rc out_of_memory(const assay_plugin *p)
{
	plg_fail(p->host, "ranking: out of memory");
	return ASSAY_RC_NOMEM;
}

static bool arrived(const scoring *s, uint32_t row)
{
	return plg_response(s->batch, row)->status == ASSAY_RESP_OK;
}

static assay_rc score_rows(const scoring *s, const ranking_query *q, const uint32_t *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!arrived(s, row[i]))
			continue;
		if (plg_cancelled(s->p->host)) {
			plg_fail(s->p->host, "ranking: stopped on request");
			return ASSAY_RC_CANCELLED;
		}
		if (score_row(s, q, row[i]) != RANKING_ROW_DONE)
			return out_of_memory(s->p);
	}
	return ASSAY_RC_OK;
}

/* The rows of one query; those that did not arrive keep the flag 0. A faulty
 * challenge abstains its rows and warns. */
static assay_rc score_query(const scoring *s, const uint32_t *row, size_t n)
{
	const assay_challenge *in = plg_challenge(s->batch, plg_response(s->batch, *row)->challenge);
	const char *why = "";
	ranking_query q;
	ranking_row_rc loaded = ranking_query_load(&q, &s->p->cfg, in->prompt, in->reference, &why);
	if (loaded == RANKING_ROW_NOMEM)
		return out_of_memory(s->p);
	if (loaded == RANKING_ROW_UNSCORED) {
		plg_warn(s->p->host, why);
		for (size_t i = 0; i < n; i++)
			if (arrived(s, row[i]))
				s->out->flag[row[i]] = ASSAY_ROW_ABSTAIN;
		return ASSAY_RC_OK;
	}
	assay_rc rc = score_rows(s, &q, row, n);
	ranking_query_fini(&q);
	return rc;
}

static assay_rc ranking_score_batch(assay_plugin *p, const assay_round_info *round,
									const assay_batch *b, assay_scores *out)
{
	(void)round;
	uint64_t end;
	if (b->response_n == 0)
		return ASSAY_RC_OK;
	scoring s = {.p = p, .batch = b, .out = out, .scratch = plg_arena_new(MAX_SCRATCH)};
	uint32_t *row = plg_rows_by_challenge(b, &end);
	assay_rc rc = s.scratch == NULL || row == NULL ? out_of_memory(p) : ASSAY_RC_OK;
	for (uint64_t i = 0; rc == ASSAY_RC_OK && i < end;) {
		uint64_t from = i;
		uint32_t c = plg_response(b, row[i])->challenge;
		while (i < end && plg_response(b, row[i])->challenge == c)
			i++;
		rc = score_query(&s, row + from, (size_t)(i - from));
	}
	free(row);
	plg_arena_free(s.scratch);
	return rc;
}

static assay_rc ranking_open(const assay_host_api *host, assay_bytes config_json,
							 assay_plugin **out)
{
	assay_plugin *p = calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_RC_NOMEM;
	p->host = host;
	assay_rc rc = ranking_settings_read(&p->cfg, config_json, host);
	if (rc != ASSAY_RC_OK) {
		free(p);
		return rc;
	}
	*out = p;
	return ASSAY_RC_OK;
}

static void ranking_close(assay_plugin *p)
{
	free(p);
}

static const char *const component_names[RANKING_C_N] = {
#define RANKING_COMPONENT_NAME(index, name) name,
	RANKING_COMPONENTS(RANKING_COMPONENT_NAME)
#undef RANKING_COMPONENT_NAME
};

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.assay.ranking",
	.version = "0.1.0",
	.name = "Ranking",
	.summary = "Ordering of documents by nDCG, recall and reciprocal rank",
	.licence = "Apache-2.0",
	.vendor = "Assay",
	.task_kind = "ranking",
	.caps = ASSAY_CAP_COMPONENTS | ASSAY_CAP_REENTRANT,
	.score_min = 0,
	.score_max = 1,
	.tolerance = 0,
	.higher_is_better = 1,
	.component_n = RANKING_C_N,
	.component_name = component_names,
	.config_schema = ranking_schema,
	.mem_hint = (uint64_t)64 << 20,
	.ms_hint = 50,
};

static const assay_plugin_api api = {
	.size = sizeof api,
	.open = ranking_open,
	.close = ranking_close,
	.score_batch = ranking_score_batch,
};

const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_desc desc = {
		.magic = ASSAY_PLUGIN_MAGIC,
		.size = sizeof desc,
		.abi = ASSAY_ABI,
		.info = &info,
		.api = &api,
	};
	return &desc;
}
