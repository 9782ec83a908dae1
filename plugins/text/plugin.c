/* org.assay.text: the plugin contract around score.c. Holds settings and two arenas;
 * keeps nothing from one batch to the next. */
#include "assay/plugin.h"
#include "common/batch.h"
#include "common/config.h"
#include "common/entry.h"
#include "text/choice.h"
#include "text/score.h"
#include "text_schema.h"
#include <stdio.h>
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

static const char *const part_name[TXT_PART_N] = {
#define NAME(name) #name,
	TXT_PARTS(NAME)
#undef NAME
};

typedef struct {
	double of_short[TXT_PART_N], of_long[TXT_PART_N];
	bool facts;
} profile;

/* default: what a user would call right. parity: sums of the measures of public libraries. */
static const profile profiles[2] = {
	{.of_short = {[TXT_typed] = 1, [TXT_content] = 1},
	 .of_long = {[TXT_typed] = 1, [TXT_content] = 1},
	 .facts = true},
	{.of_short = {[TXT_exact_match] = 0.4, [TXT_f1] = 0.4},
	 .of_long = {[TXT_rouge_l_above] = 0.3, [TXT_chrf_above] = 0.3},
	 .facts = false},
};

static bool weighs_overlap(const plg_weights *w)
{
	for (size_t k = TXT_exact_match; k < TXT_PART_N; k++)
		if (w->weight[k] > 0)
			return true;
	return false;
}

static void read_measures(plg_config *c, txt_settings *s)
{
	static const char *const names[] = {"default", "parity"};
	static const char *const modes[] = {"auto", "short", "long"};
	const char *types[TXT_TYPE_N + 1] = {"auto"};
	const profile *p = &profiles[plg_config_choice(c, "profile", names, 2, 0)];
	for (size_t k = 0; k < TXT_TYPE_N; k++)
		types[k + 1] = txt_type_name[k];
	s->mode = (txt_mode)plg_config_choice(c, "mode", modes, 3, TXT_AUTO);
	s->answer_type = (int)plg_config_choice(c, "answer_type", types, TXT_TYPE_N + 1, 0) - 1;
	s->short_max_words = (size_t)plg_config_int(c, "short_max_words", 8, 1, 100);
	s->stemmer = plg_config_bool(c, "stemmer", false);
	s->facts = plg_config_bool(c, "facts", p->facts);
	plg_weights_read(c, "weights.short", part_name, p->of_short, TXT_PART_N, &s->weight_short);
	plg_weights_read(c, "weights.long", part_name, p->of_long, TXT_PART_N, &s->weight_long);
	s->overlap = weighs_overlap(&s->weight_short) || weighs_overlap(&s->weight_long);
}

static assay_rc read_settings(assay_plugin *p, assay_bytes config)
{
	plg_config c;
	txt_settings *s = &p->settings;
	char wordnet[512], thesaurus[512];
	plg_config_begin(&c, config);
	read_measures(&c, s);
	s->rouge_baseline = plg_config_num(&c, "baseline.rouge", 0.12, 0, 0.9);
	s->chrf_baseline = plg_config_num(&c, "baseline.chrf", 0.25, 0, 0.9);
	s->length_min = plg_config_num(&c, "length.min", 0.5, 0.01, 1);
	s->length_max = plg_config_num(&c, "length.max", 2, 1, 100);
	s->copy_max = plg_config_num(&c, "copy_max", 0.6, 0, 1);
	s->limits.max_bytes = (size_t)plg_config_int(&c, "limits.bytes", 65536, 64, 1048576);
	s->limits.max_code_points = (size_t)plg_config_int(&c, "limits.code_points", 20000, 16, 20000);
	s->max_tokens = (size_t)plg_config_int(&c, "limits.words", 4096, 8, 4096);
	plg_config_str(&c, "lexicon.wordnet", wordnet, sizeof wordnet);
	plg_config_str(&c, "lexicon.thesaurus", thesaurus, sizeof thesaurus);
	plg_latency_read(&c, 0.1, 10000, &s->latency);
	plg_relative_read(&c, txt_component_name, TXT_COMPONENT_N, 64, &p->relative);
	s->formula = p->relative.formula;
	txt_constraints_read(&c, &s->constraints);
	txt_models_open(&c, &p->tools.models);
	p->tools.lexicon = txt_lexicon_open(wordnet[0] == '\0' ? "/usr/share/wordnet" : wordnet,
										thesaurus[0] == '\0' ? "/usr/share/mythes" : thesaurus);
	if (p->tools.lexicon == NULL)
		plg_config_fail(&c, "lexicon: not enough memory");
	return plg_config_end(&c, p->host);
}

static void text_close(assay_plugin *p)
{
	if (p == NULL)
		return;
	plg_arena_free(p->key_arena);
	plg_arena_free(p->row_arena);
	txt_lexicon_close(p->tools.lexicon);
	txt_models_close(&p->tools.models);
	txt_constraints_free(&p->settings.constraints);
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
		rc = read_settings(p, config);
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
