/* settings: from the canonical configuration to what score.c needs, word lists and models
 * opened on the way. */
#include "text/settings.h"
#include "common/config.h"

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

assay_rc txt_settings_read(assay_bytes config, const assay_host_api *host, txt_settings *s,
						   txt_tools *tools, plg_relative *relative)
{
	plg_config c;
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
	plg_relative_read(&c, txt_component_name, TXT_COMPONENT_N, 64, "normaliser", relative);
	s->formula = relative->formula;
	txt_constraints_read(&c, &s->constraints);
	txt_models_open(&c, &tools->models);
	tools->lexicon = txt_lexicon_open(wordnet[0] == '\0' ? "/usr/share/wordnet" : wordnet,
									  thesaurus[0] == '\0' ? "/usr/share/mythes" : thesaurus);
	if (tools->lexicon == NULL)
		plg_config_fail(&c, "lexicon: not enough memory");
	return plg_config_end(&c, host);
}

void txt_settings_free(txt_settings *s, txt_tools *tools)
{
	txt_lexicon_close(tools->lexicon);
	txt_models_close(&tools->models);
	txt_constraints_free(&s->constraints);
}
