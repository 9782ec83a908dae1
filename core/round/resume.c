/* Starting again: an unfinished round comes back from its journal before anything is
 * asked. Nothing is written here, so a start that fails costs nothing.
 * Reason to change: another part of the configuration decides what a round finds out. */
#include <stdlib.h>
#include "round/impl.h"

/* ---- under another configuration or plugin ---- */

/*~ A round was begun under what its BEGIN record says, and asking or scoring with anything
 * else would make that record a lie. Until which phase (inclusive) a section of the
 * configuration is still going to be read; the others (where the log goes, which endpoint
 * is asked, how long stories are kept, when weights leave) change nothing of a round. */
static const struct {
	const char *section;
	asy_round_phase last;
} used[] = {
	{"dataset", ASY_ROUND_BEGUN}, {"round", ASY_ROUND_BEGUN},   {"query", ASY_ROUND_ASKING},
	{"plugin", ASY_ROUND_ASKED},  {"tracker", ASY_ROUND_ASKED},
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

bool asy_round_may_go_on(const asy_round *r, const asy_begin_record *now, char *why, size_t cap)
{
	asy_json *a = NULL, *b = NULL;
	const char *section = NULL;
	bool is_other_plugin = memcmp(r->begin.plugin_file, now->plugin_file, 32) != 0;
	if (r->phase <= ASY_ROUND_ASKED && is_other_plugin) {
		(void)snprintf(why, cap, "it was begun with another file of the plugin %s %s",
					   r->begin.plugin_id, r->begin.plugin_version);
		return false;
	}
	if (r->phase > ASY_ROUND_ASKED || r->begin.under.config.len == 0)
		return true;
	if (asy_record_parse(r->begin.under.config, &a, NULL) == ASSAY_OK &&
		asy_record_parse(now->under.config, &b, NULL) == ASSAY_OK)
		section = changed_section(r, asy_json_root(a), asy_json_root(b));
	asy_json_free(a);
	asy_json_free(b);
	if (section == NULL)
		return true;
	(void)snprintf(why, cap, "\"%s\" in the configuration is not what it was begun with", section);
	return false;
}

static void look_for_dead_end(const asy_task *task, asy_round *r)
{
	asy_begin_record now = {.under = asy_task_under(task)};
	memcpy(now.plugin_file, asy_plugin_info(task->env.plugin)->file_digest, 32);
	if (asy_round_may_go_on(r, &now, r->dead_end, sizeof r->dead_end))
		return;
	asy_log(&r->log, ASY_UNUSUAL, "round.abandoned", ASY_U64("id", r->id),
			ASY_STR("reason", r->dead_end),
			ASY_STR("remedy", "none needed: the next round begins with what is there now"));
}

/* ---- the journal ---- */

static assay_status on_record(void *arg, const asy_rec *rec, assay_err *err)
{
	return asy_round_fold(arg, rec->type, rec->payload, err);
}

/* Nothing can be built on a hole: it ends, and the next one asks anew. */
static assay_status give_up(asy_round **round, const assay_err *why, assay_err *err)
{
	asy_round *r = NULL;
	TRY(asy_round_new((*round)->id, &r, err));
	r->phase = ASY_ROUND_BEGUN;
	r->log = (*round)->log;
	(void)snprintf(r->dead_end, sizeof r->dead_end, "a damaged record: %.200s", why->msg);
	asy_log(&r->log, ASY_BROKEN, "round.damaged", ASY_U64("id", r->id), ASY_STR("error", why->msg),
			ASY_STR("then", "it ends"),
			ASY_STR("remedy", "check the disk; the other rounds go on"));
	asy_round_free(*round);
	*round = r;
	return ASSAY_OK;
}

static assay_status load(asy_task *task, asy_round **r, assay_err *err)
{
	assay_err why = {0};
	assay_status st = asy_store_records(task->env.store, (*r)->id, 0, on_record, *r, &why);
	if (st == ASSAY_OK) {
		TRY(asy_under_check(task, &(*r)->begin.under, "round", err));
		look_for_dead_end(task, *r);
		return ASSAY_OK;
	}
	if (!asy_is_ours_to_mend(st))
		return give_up(r, &why, err);
	if (err != NULL)
		*err = why;
	return st;
}

assay_status asy_round_resume(asy_task *task, uint64_t id, asy_round **out, assay_err *err)
{
	asy_round *r = NULL;
	TRY(asy_round_new(id, &r, err));
	r->log = asy_task_logger(task, ASY_STORY_ROUND, id);
	assay_status st = load(task, &r, err);
	if (st != ASSAY_OK) {
		asy_round_free(r);
		return assay_err_at(err, st, "resuming round %" PRIu64, id);
	}
	asy_log(&r->log, ASY_INFO, "round.resumed", ASY_U64("id", id),
			ASY_STR("phase", asy_round_phase_name(r->phase)));
	*out = r;
	return ASSAY_OK;
}
