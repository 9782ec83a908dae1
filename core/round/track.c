/* From rows to memory: TRACK. What an ending means is read from the table of faults. */
#include <math.h>
#include <stdlib.h>
#include "round/impl.h"
#include "weights/weights.h"

/* ---- from endings to observations ---- */

asy_ending asy_round_ending(const asy_round *r, size_t slot)
{
	asy_ending e = asy_ending_of_why(r->answer[slot]->why);
	if (e == ASY_END_JUDGED) /* it arrived: what the plugin made of it */
		e = asy_ending_of_row(&r->row[slot], r->plugin_blamed);
	return r->suspect && asy_fault_of(e).blame == ASY_BLAME_MINER ? ASY_END_ALIKE : e;
}

/* The rules of rounds that an older version asked: see ASY_FAULT_RULES. False: no
 * observation. */
static bool observe_by_rules_1(const asy_round *r, size_t slot, assay_obs_kind *out)
{
	asy_ending e = asy_ending_of_why(r->answer[slot]->why);
	asy_row_flag flag = (asy_row_flag)r->row[slot].flag;
	bool ours = r->suspect || asy_fault_of(e).blame == ASY_BLAME_OURS;
	*out = ours                                                 ? ASSAY_OBS_MISSING
		   : flag == ASY_ROW_SCORED                             ? ASSAY_OBS_SCORED
		   : flag == ASY_ROW_FLOOR || flag == ASY_ROW_NOT_ASKED ? ASSAY_OBS_FAILED
																: ASSAY_OBS_MISSING;
	return true;
}

static bool observe(const asy_round *r, size_t slot, assay_obs_kind *out)
{
	if (r->fault_rules < 2)
		return observe_by_rules_1(r, slot, out);
	switch (asy_fault_of(asy_round_ending(r, slot)).memory) {
	case ASY_MEMORY_SCORE:
		*out = ASSAY_OBS_SCORED;
		return true;
	case ASY_MEMORY_FAILED:
		*out = ASSAY_OBS_FAILED;
		return true;
	case ASY_MEMORY_KEPT:
		*out = ASSAY_OBS_KEPT;
		return true;
	case ASY_MEMORY_UNJUDGED:
		*out = ASSAY_OBS_MISSING;
		return true;
	case ASY_MEMORY_UNASKED:
		break;
	}
	return false;
}

size_t asy_round_observations(const asy_round *r, assay_obs *out)
{
	size_t n = 0;
	assay_obs_kind kind;
	for (size_t i = 0; i < asy_round_slots(r); i++) {
		const asy_answer *a = r->answer[i];
		if (a == NULL || !observe(r, i, &kind))
			continue;
		assay_obs *o = &out[n++];
		*o = (assay_obs){.uid = r->target[a->target].uid, .source = r->begin.plugin_id};
		memcpy(o->hotkey, r->target[a->target].hotkey.b, 32);
		o->kind = kind;
		o->score = kind == ASSAY_OBS_SCORED ? r->row[i].value : 0.0;
	}
	return n;
}

assay_status asy_round_fold_memory(const asy_round *r, assay_tracker *t, uint64_t time_ns,
								   assay_fold_report *report, assay_err *err)
{
	if (r->suspect && r->fault_rules >= 2) {
		if (report != NULL)
			*report = (assay_fold_report){.missing = (uint32_t)r->target_n};
		return ASSAY_OK;
	}
	assay_obs *obs = asy_calloc(asy_round_slots(r), sizeof *obs);
	if (obs == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "observations");
	size_t n = asy_round_observations(r, obs);
	assay_status st = assay_tracker_fold(t, time_ns, obs, n, report, err);
	free(obs);
	return st;
}

/* Each target's mean over judged and failed rows, NaN when there is none. */
void asy_round_means(const asy_round *r, double *mean)
{
	for (size_t t = 0; t < r->target_n; t++) {
		double sum = 0.0;
		size_t n = 0;
		for (size_t q = 0; q < r->question_n; q++) {
			size_t slot = t * r->question_n + q;
			assay_obs_kind k;
			if (r->answer[slot] == NULL || !observe(r, slot, &k) ||
				(k != ASSAY_OBS_SCORED && k != ASSAY_OBS_FAILED))
				continue;
			sum += k == ASSAY_OBS_SCORED ? r->row[slot].value : 0.0;
			n++;
		}
		mean[t] = n > 0 ? sum / (double)n : NAN;
	}
}

/* ---- the memory ---- */

/* A fold into a copy: the memory in use changes only once the record is in the journal. A
 * vector made from it is recorded after it, so one is never on disk without the other. */
typedef struct {
	asy_buf before, after; /* encoded */
	assay_tracker *next;
	asy_track_record record;
	assay_fold_report report;
	asy_task *task;
	const asy_round *r;
} folding;

static void folding_fini(folding *f)
{
	assay_tracker_free(f->next);
	asy_buf_fini(&f->before);
	asy_buf_fini(&f->after);
	free(f->record.mean);
}

static assay_status fold_copy(folding *f, assay_err *err)
{
	asy_task *task = f->task;
	const asy_round *r = f->r;
	asy_track_record *x = &f->record;
	x->mean = asy_calloc(r->target_n, sizeof *x->mean);
	x->mean_n = r->target_n;
	x->time_ns = task->env.clock->real_ns(task->env.clock);
	x->plugin_blamed = r->plugin_blamed;
	if (x->mean == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu means", r->target_n);
	asy_round_means(r, x->mean);
	assay_status st = asy_memory_encode(task->memory.tracker, &f->before, err);
	if (st == ASSAY_OK)
		st = asy_tracker_dup(task->memory.tracker, &f->next, err);
	if (st == ASSAY_OK)
		st = asy_round_fold_memory(r, f->next, x->time_ns, &f->report, err);
	if (st == ASSAY_OK)
		st = asy_memory_encode(f->next, &f->after, err);
	asy_blake2b(f->before.ptr, f->before.len, x->before.b, 32);
	asy_blake2b(f->after.ptr, f->after.len, x->after, 32);
	x->before.present = true;
	x->version = task->memory.newest + 1;
	x->folded = f->report.folded;
	x->missing = f->report.missing;
	x->mismatched = f->report.mismatched;
	return st;
}

/* The record, both states and the readable scores become durable together: a restart
 * finds either all of the fold or none of it. */
static assay_status put_memory(void *arg, uint64_t now, assay_err *err)
{
	const folding *f = arg;
	asy_store *store = f->task->env.store;
	const asy_round *r = f->r;
	uint8_t digest[32];
	asy_score *rows = asy_calloc(r->target_n, sizeof *rows);
	if (rows == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu scores", r->target_n);
	for (size_t t = 0; t < r->target_n; t++) {
		double mean = f->record.mean[t];
		rows[t].uid = r->target[t].uid;
		memcpy(rows[t].hotkey, r->target[t].hotkey.b, 32);
		rows[t].kind = isnan(mean) ? ASSAY_OBS_MISSING : ASSAY_OBS_SCORED;
		rows[t].score = mean;
	}
	assay_status st = asy_store_blob_put(store, r->id, asy_buf_span(&f->before), digest, err);
	if (st == ASSAY_OK)
		st = asy_store_snapshot_put(store, r->id, f->record.version, now, asy_buf_span(&f->after),
									err);
	if (st == ASSAY_OK)
		st = asy_store_scores_put(store, r->id, rows, r->target_n, err);
	free(rows);
	return st;
}

static void take_memory(folding *f)
{
	asy_memory *m = &f->task->memory;
	assay_tracker_free(m->tracker);
	m->tracker = f->next;
	m->version = m->newest = f->record.version;
	m->round = f->r->id;
	f->next = NULL;
}

/* How many rows nobody judged through the plugin's fault, and one of their endings. */
static size_t count_unjudged(const asy_round *r, size_t *given, asy_ending *how)
{
	size_t n = 0;
	*given = 0;
	for (size_t i = 0; i < asy_round_slots(r); i++) {
		if (r->answer[i] == NULL || r->answer[i]->why != ASY_WHY_OK)
			continue;
		asy_ending e = asy_round_ending(r, i);
		++*given;
		if (asy_fault_of(e).blame != ASY_BLAME_PLUGIN || e == ASY_END_ABSTAINED)
			continue;
		n++;
		*how = e;
	}
	return n;
}

/* Is it the plugin that failed, rather than the rows? Then it is said aloud, once. */
static void judge_plugin(asy_task *task, asy_round *r)
{
	asy_ending how = ASY_END_N;
	size_t given;
	if (r->suspect)
		return;
	r->plugin_blamed =
		asy_fault_most_poison(r->row, asy_round_slots(r)) && asy_credit_take(&task->credit);
	size_t n = count_unjudged(r, &given, &how);
	if (n * 2 > given)
		asy_log(&r->log, ASY_BROKEN, "scores.unjudged", ASY_U64("rows", n), ASY_U64("of", given),
				ASY_STR("why", asy_ending_name(how)),
				ASY_STR("remedy", "see the plugin.* events; the miners keep what they had"));
}

/* From the snapshot to the memory that is taken nothing awaits, so nobody else folds in
 * between. */
assay_status asy_round_track(asy_task *task, asy_round *r, assay_err *err)
{
	const assay_snapshot *s = NULL;
	asy_buf payload = {0};
	folding f = {.task = task, .r = r};
	assay_status st = asy_task_snapshot(task, &r->at.head, &s, err);
	if (st == ASSAY_OK)
		st = asy_task_sync_members(task, s, err);
	if (st == ASSAY_OK)
		judge_plugin(task, r);
	if (st == ASSAY_OK)
		st = fold_copy(&f, err);
	if (st == ASSAY_OK)
		st = asy_record_put_track(&f.record, &payload, err);
	if (st == ASSAY_OK)
		st = asy_round_record(task, r, ASY_REC_TRACK, asy_buf_span(&payload), put_memory, &f, err);
	if (st == ASSAY_OK) {
		take_memory(&f);
		st = asy_store_settle(task->env.store, err);
	}
	if (st == ASSAY_OK) {
		asy_log(&r->log, ASY_INFO, "scores.tracked", ASY_U64("miners", f.report.folded),
				ASY_U64("unjudged", f.report.missing),
				ASY_U64("changed_hands", f.report.mismatched));
		asy_sys_trim(); /* answers are large and gone by now */
	}
	asy_snapshots_release(task->means.snapshots, s);
	folding_fini(&f);
	asy_buf_fini(&payload);
	return st;
}
