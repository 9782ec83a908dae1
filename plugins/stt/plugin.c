/* org.assay.stt: the plugin contract around score.c. Holds settings, the spelling table
 * if one is configured, and two arenas; keeps nothing from one batch to the next. */
#include "assay/plugin.h"
#include "common/batch.h"
#include "common/config.h"
#include "common/entry.h"
#include "stt/score.h"
#include "stt_schema.h"
#include <stdlib.h>

enum { KEY_MEMORY = 64 << 20, ROW_MEMORY = 512 << 20, MAX_PATH = 1024, CLOSED = 64 };

struct assay_plugin {
	const assay_host_api *host;
	stt_settings settings;
	plg_relative relative;
	stt_spelling *spelling;
	stt_key key; /* of the challenge whose rows are being scored; lives in key_arena */
	plg_arena *key_arena, *row_arena;
	bool warned;
};

static assay_rc read_settings(assay_plugin *p, assay_bytes config)
{
	static const char *const normalisers[] = {"default", "whisper-20250625", "jiwer-4.0.0",
											  "plain"};
	stt_settings *s = &p->settings;
	char path[MAX_PATH];
	plg_config c;
	plg_config_begin(&c, config);
	s->normaliser =
		(stt_normaliser)plg_config_choice(&c, "normaliser", normalisers, 4, STT_DEFAULT);
	s->fold = plg_config_bool(&c, "fold", true);
	s->useless_error = plg_config_num(&c, "useless_error", 0.6, 0.05, 1);
	s->curve = plg_config_num(&c, "curve", 1.5, 0.25, 4);
	s->limits.max_bytes = (size_t)plg_config_int(&c, "limits.bytes", 65536, 64, 1048576);
	s->limits.max_code_points = (size_t)plg_config_int(&c, "limits.code_points", 20000, 16, 100000);
	plg_latency_read(&c, 0.15, 0, &s->latency);
	s->latency_per_second = plg_config_num(&c, "latency.per_second", 0.6, 0, 10);
	s->latency_least_ms = (uint32_t)plg_config_int(&c, "latency.least_ms", 2000, 1, 600000);
	s->latency_transfer_ms = (uint32_t)plg_config_int(&c, "latency.transfer_ms", 1000, 0, 600000);
	plg_relative_read(&c, stt_component_name, STT_COMPONENT_N, CLOSED, "batch_normaliser",
					  &p->relative);
	s->formula = p->relative.formula;
	plg_config_str(&c, "spelling_path", path, sizeof path);
	if (!c.bad && path[0] != '\0') {
		const char *why;
		p->spelling = stt_spelling_load(path, &why);
		if (p->spelling == NULL)
			plg_config_fail(&c, "spelling_path: %s", why);
		s->spelling = p->spelling;
	}
	return plg_config_end(&c, p->host);
}

static void stt_close(assay_plugin *p)
{
	if (p == NULL)
		return;
	stt_spelling_free(p->spelling);
	plg_arena_free(p->key_arena);
	plg_arena_free(p->row_arena);
	free(p);
}

static assay_rc stt_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	assay_plugin *p = calloc(1, sizeof *p);
	assay_rc rc = ASSAY_RC_NOMEM;
	if (p == NULL)
		return rc;
	p->host = host;
	p->key_arena = plg_arena_new(KEY_MEMORY);
	p->row_arena = plg_arena_new(ROW_MEMORY);
	if (p->key_arena != NULL && p->row_arena != NULL)
		rc = read_settings(p, config);
	if (rc != ASSAY_RC_OK) {
		stt_close(p);
		return rc;
	}
	*out = p;
	return ASSAY_RC_OK;
}

static const char *prepare(void *ctx, const assay_challenge *c)
{
	assay_plugin *p = ctx;
	plg_arena_reset(p->key_arena);
	const char *why = stt_key_prepare(p->key_arena, &p->settings, c, &p->key);
	if (why == NULL && !p->warned && stt_lacks_table(&p->settings, &p->key)) {
		plg_warn(p->host,
				 "English is compared without a spelling table, so \"colour\" and "
				 "\"color\" differ: make one with spelling-table.sh and set spelling_path");
		p->warned = true;
	}
	return why;
}

static bool score(void *ctx, const assay_response *r, double *out, double *component)
{
	assay_plugin *p = ctx;
	plg_arena_reset(p->row_arena);
	return stt_score(p->row_arena, &p->settings, &p->key, r->body, r->latency_ms, out, component);
}

/* A right transcript leaves no choice: that two are equal says nothing. */
static bool print(void *ctx, plg_arena *a, uint64_t key, const assay_response *r, plg_print *out)
{
	(void)ctx;
	(void)a;
	plg_print_bytes(key, r->body.ptr, (size_t)r->body.len, out->exact);
	return true;
}

static assay_rc stt_score_batch(assay_plugin *p, const assay_round_info *round,
								const assay_batch *b, assay_scores *s)
{
	const plg_row_ops ops = {.prepare = prepare,
							 .score = score,
							 .component_n = STT_COMPONENT_N,
							 .print = print,
							 .relative = &p->relative};
	return plg_score_rows(p->host, &ops, p, round, b, s);
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.assay.stt",
	.version = "0.2.0",
	.name = "Speech to text",
	.summary = "Accuracy of a transcript: word or character errors of what was heard",
	.licence = "Apache-2.0",
	.vendor = "Assay",
	.task_kind = "stt",
	.caps = ASSAY_CAP_COMPONENTS,
	.needs = ASSAY_NEED_WHOLE_BATCH,
	.score_min = 0,
	.score_max = 1,
	.tolerance = 0,
	.higher_is_better = 1,
	.component_n = STT_COMPONENT_N,
	.component_name = stt_component_name,
	.config_schema = stt_schema,
	.mem_hint = 64u << 20,
	.ms_hint = 500,
	.max_batch = 0,
};

PLG_ENTRY(info, stt_open, stt_close, stt_score_batch)
