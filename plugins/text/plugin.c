/* org.assay.text: the plugin contract around score.c. Holds settings and two arenas;
 * keeps nothing from one batch to the next. */
#include "assay/plugin.h"
#include "common/batch.h"
#include "common/config.h"
#include "text/score.h"
#include "text_schema.h"
#include <stdio.h>
#include <stdlib.h>

enum { KEY_MEMORY = 256 << 20, ROW_MEMORY = 256 << 20 };

struct assay_plugin {
	const assay_host_api *host;
	txt_settings settings;
	txt_key key; /* of the challenge whose rows are being scored; lives in key_arena */
	plg_arena *key_arena, *row_arena;
};

static const char *const component_name[TXT_COMPONENT_N] = {
#define NAME(name) #name,
	TXT_COMPONENTS(NAME)
#undef NAME
};

static void read_weights(plg_config *c, const char *mode, const double *def, double *weight)
{
	double sum = 0;
	for (size_t k = 0; k < TXT_MEASURE_N; k++) {
		char path[64];
		(void)snprintf(path, sizeof path, "weights.%s.%s", mode, component_name[k]);
		weight[k] = plg_config_num(c, path, def[k], 0, 1);
		sum += weight[k];
	}
	if (!(sum > 0))
		plg_config_fail(c, "weights.%s: all are 0; give at least one measure a weight", mode);
}

static assay_rc read_settings(const assay_host_api *host, assay_bytes config, txt_settings *s)
{
	static const char *const modes[] = {"auto", "short", "long"};
	static const double def_short[TXT_MEASURE_N] = {[TXT_exact_match] = 0.4, [TXT_f1] = 0.4};
	static const double def_long[TXT_MEASURE_N] = {[TXT_rouge_l] = 0.3, [TXT_chrf] = 0.3};
	plg_config c;
	plg_config_begin(&c, config);
	s->mode = (txt_mode)plg_config_choice(&c, "mode", modes, 3, TXT_AUTO);
	s->short_max_words = (size_t)plg_config_int(&c, "short_max_words", 8, 1, 100);
	s->stemmer = plg_config_bool(&c, "stemmer", false);
	read_weights(&c, "short", def_short, s->weight_short);
	read_weights(&c, "long", def_long, s->weight_long);
	s->rouge_baseline = plg_config_num(&c, "baseline.rouge", 0.12, 0, 0.9);
	s->chrf_baseline = plg_config_num(&c, "baseline.chrf", 0.25, 0, 0.9);
	s->length_min = plg_config_num(&c, "length.min", 0.5, 0.01, 1);
	s->length_max = plg_config_num(&c, "length.max", 2, 1, 100);
	s->copy_max = plg_config_num(&c, "copy_max", 0.6, 0, 1);
	s->limits.max_bytes = (size_t)plg_config_int(&c, "limits.bytes", 65536, 64, 1048576);
	s->limits.max_code_points = (size_t)plg_config_int(&c, "limits.code_points", 20000, 16, 20000);
	s->max_tokens = (size_t)plg_config_int(&c, "limits.words", 4096, 8, 4096);
	s->latency_weight = plg_config_num(&c, "latency.weight", 0.1, 0, 0.3);
	s->deadline_ms = (uint32_t)plg_config_int(&c, "latency.deadline_ms", 10000, 0, 600000);
	return plg_config_end(&c, host);
}

static void text_close(assay_plugin *p)
{
	if (p == NULL)
		return;
	plg_arena_free(p->key_arena);
	plg_arena_free(p->row_arena);
	free(p);
}

static assay_rc text_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	assay_plugin *p = calloc(1, sizeof *p);
	assay_rc rc = ASSAY_RC_NOMEM;
	if (p == NULL)
		return rc;
	p->host = host;
	p->key_arena = plg_arena_new(KEY_MEMORY);
	p->row_arena = plg_arena_new(ROW_MEMORY);
	if (p->key_arena != NULL && p->row_arena != NULL)
		rc = read_settings(host, config, &p->settings);
	if (rc != ASSAY_RC_OK) {
		text_close(p);
		return rc;
	}
	*out = p;
	return ASSAY_RC_OK;
}

static const char *prepare(void *ctx, const assay_challenge *c)
{
	assay_plugin *p = ctx;
	plg_arena_reset(p->key_arena);
	return txt_key_prepare(p->key_arena, &p->settings, c, &p->key);
}

static bool score(void *ctx, const assay_response *r, double *out, double *component)
{
	assay_plugin *p = ctx;
	plg_arena_reset(p->row_arena);
	return txt_score(p->row_arena, &p->settings, &p->key, r->body, r->latency_ms, out, component);
}

static assay_rc text_score_batch(assay_plugin *p, const assay_round_info *round,
								 const assay_batch *b, assay_scores *s)
{
	static const plg_row_ops ops = {
		.prepare = prepare, .score = score, .component_n = TXT_COMPONENT_N};
	(void)round; /* nothing but the batch and the configuration moves a score */
	return plg_score_batch(p->host, &ops, p, b, s);
}

const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_info info = {
		.size = sizeof info,
		.abi = ASSAY_ABI,
		.id = "org.assay.text",
		.version = "0.1.0",
		.name = "Text",
		.summary = "Agreement of a text with reference answers: exact match, F1, ROUGE, chrF",
		.licence = "Apache-2.0",
		.vendor = "Assay",
		.task_kind = "text",
		.caps = ASSAY_CAP_COMPONENTS,
		.score_min = 0,
		.score_max = 1,
		.tolerance = 0,
		.higher_is_better = 1,
		.component_n = TXT_COMPONENT_N,
		.component_name = component_name,
		.config_schema = text_schema,
		.mem_hint = 64u << 20,
		.ms_hint = 1000,
		.max_batch = 0,
	};
	static const assay_plugin_api api = {
		.size = sizeof api,
		.open = text_open,
		.close = text_close,
		.score_batch = text_score_batch,
	};
	static const assay_plugin_desc desc = {
		.magic = ASSAY_PLUGIN_MAGIC,
		.size = sizeof desc,
		.abi = ASSAY_ABI,
		.info = &info,
		.api = &api,
	};
	return &desc;
}
