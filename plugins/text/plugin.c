/* org.assay.text: the plugin contract around score.c. Holds settings and two arenas;
 * keeps nothing from one batch to the next. */
#include "assay/plugin.h"
#include "common/batch.h"
#include "common/entry.h"
#include "text/choice.h"
#include "text/settings.h"
#include "text_schema.h"
#include <stdlib.h>

enum { KEY_MEMORY = 256 << 20, ROW_MEMORY = 256 << 20 };

struct assay_plugin {
	const assay_host_api *host;
	txt_settings settings;
	plg_relative relative;
	txt_tools tools;
	txt_key key;   /* of the challenge whose rows are being scored; lives in key_arena */
	plg_text text; /* of the row just scored; lives in row_arena */
	plg_arena *key_arena, *row_arena;
};

static void text_close(assay_plugin *p)
{
	if (p == NULL)
		return;
	plg_arena_free(p->key_arena);
	plg_arena_free(p->row_arena);
	txt_settings_free(&p->settings, &p->tools);
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
		rc = txt_settings_read(config, host, &p->settings, &p->tools, &p->relative);
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
	return txt_key_prepare(p->key_arena, &p->tools, &p->settings, c, &p->key);
}

static bool score(void *ctx, const assay_response *r, double *out, double *component)
{
	assay_plugin *p = ctx;
	plg_arena_reset(p->row_arena);
	return txt_score(p->row_arena, &p->tools, &p->settings, &p->key, r->body, r->latency_ms, out,
					 component, &p->text);
}

static bool print(void *ctx, plg_arena *a, uint64_t key, const assay_response *r, plg_print *out)
{
	assay_plugin *p = ctx;
	(void)r;
	if (!plg_print_text(a, key, p->text, out))
		return false;
	plg_arena_point before = plg_arena_mark(a);
	size_t own = txt_choice(a, &p->key, p->text);
	plg_arena_rewind(a, before);
	out->bits = plg_text_bits(own == SIZE_MAX ? 0 : own);
	return own != SIZE_MAX;
}

static assay_rc text_score_batch(assay_plugin *p, const assay_round_info *round,
								 const assay_batch *b, assay_scores *s)
{
	const plg_row_ops ops = {.prepare = prepare,
							 .score = score,
							 .component_n = TXT_COMPONENT_N,
							 .print = print,
							 .relative = &p->relative};
	return plg_score_rows(p->host, &ops, p, round, b, s);
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.assay.text",
	.version = "0.2.0",
	.name = "Text",
	.summary = "Is a text true to its reference answers: typed answers, content, facts, "
			   "overlap measures",
	.licence = "Apache-2.0",
	.vendor = "Assay",
	.task_kind = "text",
	.caps = ASSAY_CAP_COMPONENTS,
	.needs = ASSAY_NEED_WHOLE_BATCH,
	.score_min = 0,
	.score_max = 1,
	.tolerance = 0,
	.higher_is_better = 1,
	.component_n = TXT_COMPONENT_N,
	.component_name = txt_component_name,
	.config_schema = text_schema,
	.mem_hint = 64u << 20,
	.ms_hint = 1000,
	.max_batch = 0,
};

PLG_ENTRY(info, text_open, text_close, text_score_batch)
