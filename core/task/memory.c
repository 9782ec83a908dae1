/* The per-miner memory: loaded at a start, kept in step with the subnet's members, written
 * as bytes. What a round makes of it is the round's matter.
 * Reason to change: the memory is stored differently, or follows the subnet differently. */
#include <stdlib.h>
#include "task/impl.h"

assay_tracker_options asy_task_tracker_options(const asy_options *o)
{
	assay_tracker_options t = assay_tracker_defaults();
	t.form = (assay_track_form)o->tracker.form;
	t.missing = (assay_missing_policy)o->tracker.missing;
	t.half_life_s = o->tracker.half_life_s;
	t.alpha = o->tracker.alpha;
	t.alpha_down = o->tracker.alpha_down;
	t.stale_after_s = o->tracker.stale_after_s;
	t.min_observations = o->tracker.min_observations;
	t.score_min = 0.0;
	t.score_max = 1.0;
	t.fail_score = 0.0;
	return t;
}

assay_status asy_memory_load(asy_task *task, assay_err *err)
{
	assay_tracker_options options = asy_task_tracker_options(task->env.options);
	asy_memory *m = &task->memory;
	asy_buf state = {0};
	asy_snapshot_info info;
	assay_status st = asy_store_snapshot_get(task->env.store, &info, &state, err);
	if (info.damaged > 0)
		asy_log(task->env.log, ASY_UNUSUAL, "tracker.damaged", ASY_U64("snapshots", info.damaged),
				ASY_STR("remedy", "an older one is used; check the disk"));
	if (st == ASSAY_OK) {
		st = assay_tracker_decode(&options, asy_buf_span(&state), &m->tracker, err);
		m->version = info.version;
		m->newest = info.newest;
		m->round = info.round;
		if (st == ASSAY_OK)
			asy_log(task->env.log, ASY_INFO, "tracker.loaded", ASY_U64("from_round", info.round),
					ASY_U64("miners", assay_tracker_count(m->tracker)));
	} else if (st == ASSAY_E_NOTFOUND && info.damaged == 0) {
		st = assay_tracker_new(&options, &m->tracker, err);
	}
	asy_buf_fini(&state);
	return st;
}

assay_status asy_task_sync_members(asy_task *task, const assay_snapshot *s, assay_err *err)
{
	if (s->block.number < task->memory.synced_at)
		return ASSAY_OK; /* somebody who began later has been here already */
	assay_member *m = asy_calloc(s->n, sizeof *m);
	if (m == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu members", s->n);
	for (size_t i = 0; i < s->n; i++) {
		m[i].uid = (uint16_t)i;
		memcpy(m[i].hotkey, s->neuron[i].hotkey.b, 32);
		m[i].registered_block = s->neuron[i].registered_at;
	}
	assay_sync_report report = {0};
	assay_status st = assay_tracker_sync(task->memory.tracker, m, s->n, &report, err);
	free(m);
	if (st == ASSAY_OK)
		task->memory.synced_at = s->block.number;
	if (st == ASSAY_OK && report.reset + report.removed > 0)
		asy_log(task->env.log, ASY_INFO, "tracker.members", ASY_U64("added", report.added),
				ASY_U64("removed", report.removed), ASY_U64("moved", report.moved),
				ASY_U64("reset", report.reset));
	return st;
}

assay_status asy_memory_encode(const assay_tracker *t, asy_buf *out, assay_err *err)
{
	size_t len = 0;
	assay_status st = asy_buf_reserve(out, assay_tracker_encoded_len(t), err);
	if (st == ASSAY_OK)
		st = assay_tracker_encode(t, (assay_mut){out->ptr + out->len, out->cap - out->len}, &len,
								  err);
	if (st == ASSAY_OK)
		out->len += len;
	return st;
}
