/* settings.c - reads the configuration. The schema has the same defaults; a test
 * compares the two. */
#include "settings.h"
#include "common/config.h"

#define NAME(index, name) name,
#define WEIGHT(index, name) name "_weight",
const char *const ranking_component_names[RANKING_C_N] = {RANKING_PARTS(NAME) RANKING_PARTS(WEIGHT)
															  RANKING_OTHERS(NAME)};
static const char *const part_names[RANKING_PART_N] = {RANKING_PARTS(NAME)};
#undef NAME
#undef WEIGHT

static const double part_weights[RANKING_PART_N] = {[RANKING_C_NDCG] = 0.65,
													[RANKING_C_RECALL] = 0.15,
													[RANKING_C_MRR] = 0.10,
													[RANKING_C_FRESHNESS] = 0.10};

static void read_measures(plg_config *c, ranking_settings *s)
{
	static const char *const profiles[] = {"default", "trec_eval"};
	static const char *const forms[] = {"auto", "linear", "exponential"};
	static const char *const ideals[] = {"judged", "ones"};
	static const char *const too_many[] = {"refuse", "truncate"};
	s->profile = (ranking_profile)plg_config_choice(c, "profile", profiles, 2, 0);
	s->depth = (size_t)plg_config_int(c, "depth", 10, 1, 1000);
	s->form = (ranking_form)plg_config_choice(c, "gain", forms, 3, RANKING_FORM_AUTO);
	s->ideal = (ranking_ideal)plg_config_choice(c, "ideal", ideals, 2, 0);
	s->relevant_from = plg_config_num(c, "relevant_from", 1, 0.001, 1e9);
	s->truncate = plg_config_choice(c, "too_many", too_many, 2, 0) == 1;
	s->rbo_p = plg_config_num(c, "rbo_p", 0.9, 0.01, 0.999);
}

static void read_composition(plg_config *c, ranking_settings *s)
{
	static const char *const fresh[] = {"half_life", "oldest"};
	static const char *const over[] = {"list", "size"};
	plg_weights_read(c, "weights", part_names, part_weights, RANKING_PART_N, &s->weights);
	s->chance = plg_config_bool(c, "chance.correct", true);
	s->margin = plg_config_num(c, "chance.margin", 2, 0, 10);
	s->curve = plg_config_num(c, "curve", 1, 1, 8);
	s->uniqueness = plg_config_num(c, "uniqueness.power", 2, 0, 8);
	s->per_list = plg_config_choice(c, "uniqueness.over", over, 2, 0) == 0;
	s->pays_repeats = plg_config_bool(c, "uniqueness.pay_repeats", false);
	s->author_share = plg_config_num(c, "diversity.share", 0.3, 0, 1);
	s->surplus = plg_config_num(c, "diversity.surplus", 0.5, 0, 1);
	s->fresh = (ranking_fresh)plg_config_choice(c, "freshness.kind", fresh, 2, 0);
	s->half_life_s = plg_config_num(c, "freshness.half_life_s", 604800, 1, 1e9);
}

assay_rc ranking_settings_read(ranking_settings *s, assay_bytes json, const assay_host_api *host)
{
	plg_config c;
	plg_config_begin(&c, json);
	read_measures(&c, s);
	read_composition(&c, s);
	s->max_body_bytes = (size_t)plg_config_int(&c, "limits.bytes", 65536, 64, 4194304);
	plg_latency_read(&c, 0.1, 5000, &s->latency);
	plg_relative_read(&c, ranking_component_names, RANKING_C_N, 20, "normaliser", &s->relative);
	if (s->profile == RANKING_PROFILE_TREC_EVAL)
		s->chance = false;
	return plg_config_end(&c, host);
}
