/* May a round go on under the configuration and plugin of this start? It was begun under
 * what its BEGIN record says, and scoring or weighing it with anything else would make
 * that record a lie. Pure.
 * Reason to change: another part of the configuration decides a result. */
#include "round/impl.h"

/* Until which phase (inclusive) a section of the configuration is still going to be read.
 * The others (where the log goes, which endpoint is asked, how long rounds are kept, when
 * to submit) change no result. */
static const struct {
	const char *section;
	asy_phase last;
} used[] = {
	{"dataset", ASY_PHASE_BEGUN}, {"round", ASY_PHASE_BEGUN},     {"query", ASY_PHASE_ASKING},
	{"plugin", ASY_PHASE_ASKED},  {"tracker", ASY_PHASE_TRACKED}, {"weights", ASY_PHASE_TRACKED},
};

static bool same_section(asy_jv was, asy_jv now, const char *name)
{
	asy_buf a = {0}, b = {0};
	bool same = asy_jv_canonical(asy_jv_get(was, name), &a, NULL) == ASSAY_OK &&
				asy_jv_canonical(asy_jv_get(now, name), &b, NULL) == ASSAY_OK &&
				asy_span_eq(asy_buf_span(&a), asy_buf_span(&b));
	asy_buf_fini(&a);
	asy_buf_fini(&b);
	return same;
}

static bool is_absent(asy_jv was, asy_jv now, const char *name)
{
	return asy_jv_is_null(asy_jv_get(was, name)) && asy_jv_is_null(asy_jv_get(now, name));
}

static const char *changed_section(const asy_round *r, asy_jv was, asy_jv now)
{
	for (size_t i = 0; i < ASY_COUNT(used); i++)
		if (r->phase <= used[i].last && !is_absent(was, now, used[i].section) &&
			!same_section(was, now, used[i].section))
			return used[i].section;
	return NULL;
}

bool asy_resume_may_go_on(const asy_round *r, const asy_begin_record *now, char *why, size_t cap)
{
	asy_json *a = NULL, *b = NULL;
	const char *section = NULL;
	bool is_other_plugin = memcmp(r->begin.plugin_file, now->plugin_file, 32) != 0;
	if (r->phase <= ASY_PHASE_ASKED && is_other_plugin) {
		(void)snprintf(why, cap, "it was begun with another file of the plugin %s %s",
					   r->begin.plugin_id, r->begin.plugin_version);
		return false;
	}
	if (r->phase > ASY_PHASE_TRACKED || r->begin.config.len == 0)
		return true;
	if (asy_record_parse(r->begin.config, &a, NULL) == ASSAY_OK &&
		asy_record_parse(now->config, &b, NULL) == ASSAY_OK)
		section = changed_section(r, asy_json_root(a), asy_json_root(b));
	asy_json_free(a);
	asy_json_free(b);
	if (section == NULL)
		return true;
	(void)snprintf(why, cap, "\"%s\" in the configuration is not what it was begun with", section);
	return false;
}
