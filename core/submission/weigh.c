/* From memory to a vector: WEIGHTS, with which a submission begins. */
#include <stdlib.h>
#include "submission/impl.h"

/* So many rounds are named in one record; the memory itself is there in any case. */
#define ROUNDS_NAMED 256u

assay_weights_policy asy_submission_policy(const asy_options *o)
{
	assay_weights_policy p = assay_weights_policy_defaults();
	p.profile = (assay_weights_profile)o->weights.profile;
	p.fallback = (assay_weights_fallback)o->weights.policy;
	p.guarded = o->weights.guarded;
	p.stale_counts = o->weights.stale_counts;
	p.min_count = o->weights.min_count;
	p.max_count = o->weights.max_count;
	p.power = o->weights.power;
	p.floor = o->weights.floor;
	p.max_weight = o->weights.max_weight;
	p.max_dropped = o->weights.max_dropped;
	p.reserve_share = o->weights.reserve_share;
	p.reserve_uid = o->weights.reserve_uid;
	p.owner_uid = o->weights.owner_uid;
	p.exclude = o->weights.exclusions.at;
	p.exclude_n = o->weights.exclusions.n;
	return p;
}

/* May we send this row now, by the chain's own rules? */
static assay_status gate(const assay_snapshot *s, long uid, uint64_t version_key,
						 const assay_weights_row *row, assay_err *err)
{
	const asy_neuron *me = uid >= 0 ? &s->neuron[uid] : NULL;
	TRY(asy_mode_allows(s, uid, err));
	assay_weights_gate g = {
		.neurons = (uint32_t)s->n,
		.min_allowed = s->hyper.min_allowed_weights,
		.max_limit = s->hyper.max_weights_limit,
		.own_uid = uid >= 0 ? (uint16_t)uid : 0,
		.registered = uid >= 0,
		.enough_stake = me != NULL && me->total_stake >= s->hyper.stake_threshold,
		.permit = me != NULL && me->permit,
		.owner = s->has_owner_uid && uid == (long)s->owner_uid,
		.rate_limited = 1,
		.version_key = version_key,
		.required_version_key = s->hyper.weights_version_key,
		.block = s->block.number + 1,
		.last_update = me != NULL ? me->last_update : 0,
		.rate_limit = s->hyper.weights_set_rate_limit,
	};
	assay_gate verdict = ASSAY_GATE_OK;
	return assay_weights_check(row, &g, &verdict, err);
}

void asy_submission_candidates(const assay_tracker *t, uint64_t now_ns, assay_candidate *out)
{
	for (size_t i = 0; i < assay_tracker_count(t); i++) {
		assay_track x;
		assay_tracker_get(t, i, now_ns, &x);
		out[i] = (assay_candidate){.uid = x.uid, .score = x.score, .marks = x.marks};
		memcpy(out[i].hotkey, x.hotkey, 32);
	}
}

/* A vector in the making: the record with its inputs, and what only it needs. */
typedef struct {
	asy_weights_record record;
	asy_buf memory; /* encoded */
	uint64_t rounds[ROUNDS_NAMED];
	assay_weights_plan *plan;
	assay_err why; /* of a refusal */
} weighing;

static void weighing_fini(weighing *w)
{
	free(w->record.candidate);
	free(w->record.previous.uids);
	free(w->record.previous.values);
	asy_buf_fini(&w->memory);
	assay_weights_plan_free(w->plan);
}

/* Scores, limits, and the last row that the chain holds of us. */
static assay_status gather(asy_task *task, const assay_snapshot *s, long uid, weighing *w,
						   assay_err *err)
{
	asy_weights_record *x = &w->record;
	size_t stored = uid >= 0 ? asy_row_len(&s->weights, (size_t)uid) : 0;
	x->limits = (assay_weights_limits){
		.neurons = (uint32_t)s->n,
		.min_allowed = s->hyper.min_allowed_weights,
		.max_limit = s->hyper.max_weights_limit,
	};
	x->candidate_n = assay_tracker_count(task->memory.tracker);
	x->candidate = asy_calloc(x->candidate_n, sizeof *x->candidate);
	x->previous.uids = asy_calloc(stored, sizeof *x->previous.uids);
	x->previous.values = asy_calloc(stored, sizeof *x->previous.values);
	if (x->candidate == NULL || x->previous.uids == NULL || x->previous.values == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu candidates", x->candidate_n);
	asy_submission_candidates(task->memory.tracker, x->time_ns, x->candidate);
	for (size_t i = 0; i < stored; i++) {
		x->previous.uids[i] = asy_row(&s->weights, (size_t)uid)[i].uid;
		x->previous.values[i] = asy_row(&s->weights, (size_t)uid)[i].value;
	}
	x->previous.n = stored;
	assay_status st = asy_memory_encode(task->memory.tracker, &w->memory, err);
	asy_blake2b(w->memory.ptr, w->memory.len, x->memory.b, 32);
	x->memory.present = true;
	return st;
}

assay_status asy_submission_plan(const asy_weights_record *x, const asy_options *o,
								 assay_weights_plan **plan, assay_err *err)
{
	assay_weights_policy policy = asy_submission_policy(o);
	assay_weights_row previous = {x->previous.uids, x->previous.values, x->previous.n};
	return assay_weights_plan_new(x->candidate, x->candidate_n, &x->limits, &policy,
								  x->previous.n > 0 ? &previous : NULL, plan, err);
}

/* The plan was refused, by our policy or by the chain's rules: an ordinary outcome. */
static bool is_refusal(assay_status st)
{
	return st == ASSAY_E_REFUSED || st == ASSAY_E_CHAIN || st == ASSAY_E_EMPTY ||
		   st == ASSAY_E_INPUT;
}

/* Fills the record with a vector, or with why there is none. */
static assay_status make_vector(asy_task *task, const assay_snapshot *s, long uid, weighing *w,
								assay_err *err)
{
	asy_weights_record *x = &w->record;
	assay_weights_row row = {0};
	assay_status st = asy_submission_plan(x, task->env.options, &w->plan, &w->why);
	if (st == ASSAY_OK) {
		x->plan_json = assay_weights_plan_json(w->plan);
		row = assay_weights_plan_row(w->plan);
		st = gate(s, uid, x->version_key, &row, &w->why);
	}
	x->refused = is_refusal(st);
	x->note = x->refused ? w->why.msg : "";
	if (st == ASSAY_OK) /* the plan's own, written only */
		x->row = (asy_vector){(uint16_t *)row.uids, (uint16_t *)row.values, row.n};
	else if (!x->refused && err != NULL)
		*err = w->why;
	return x->refused ? ASSAY_OK : st;
}

static void log_vector(asy_task *task, asy_submission *sub, const weighing *w)
{
	const asy_weights_record *x = &w->record;
	task->totals.refused += x->refused;
	if (x->refused) {
		asy_complain(&task->refused, &sub->log, "weights.refused", ASY_STR("why", x->note));
		return;
	}
	asy_complain_release(&task->refused);
	if (assay_weights_plan_fallback(w->plan) != NULL)
		asy_log(&sub->log, ASY_UNUSUAL, "weights.fallback",
				ASY_STR("instead_of", assay_weights_plan_fallback(w->plan)));
	asy_log(&sub->log, ASY_INFO, "weights.made", ASY_U64("uids", x->row.n),
			ASY_U64("block", x->block));
}

/* ---- the story begins ---- */

/* Which rounds the memory has folded since it was last used. */
static assay_status find_rounds(asy_task *task, weighing *w, assay_err *err)
{
	asy_story_info last = {0};
	asy_weights_record *x = &w->record;
	assay_status st = asy_store_last(task->env.store, ASY_STORY_SUBMISSION, &last, err);
	if (st != ASSAY_OK && st != ASSAY_E_NOTFOUND)
		return st;
	x->version = task->memory.version;
	x->round = w->rounds;
	return asy_store_folded(task->env.store, last.version, x->version, w->rounds,
							ASY_COUNT(w->rounds), &x->round_n, err);
}

/* The story, its first record and the memory that it was made from: all or nothing. */
static assay_status begin_story(asy_task *task, const weighing *w, assay_span payload, uint64_t *id,
								assay_err *err)
{
	const asy_weights_record *x = &w->record;
	asy_store *store = task->env.store;
	uint8_t digest[32];
	const asy_sub_row row = {
		.round = task->memory.round, .netuid = x->under.netuid, .mecid = x->under.mecid};
	uint64_t now = task->env.clock->real_ns(task->env.clock);
	TRY(asy_store_begin(store, err));
	assay_status st = asy_store_submission_begin(store, &row, x->version, now, payload, id, err);
	if (st == ASSAY_OK)
		st = asy_store_blob_put(store, *id, asy_buf_span(&w->memory), digest, err);
	if (st == ASSAY_OK)
		st = asy_store_commit(store, err);
	if (st != ASSAY_OK)
		asy_store_rollback(store);
	return st;
}

static assay_status make_story(asy_task *task, const weighing *w, asy_submission **out,
							   assay_err *err)
{
	asy_submission *sub = NULL;
	asy_buf payload = {0};
	uint64_t id = 0;
	assay_status st = asy_record_put_weights(&w->record, &payload, err);
	if (st == ASSAY_OK)
		st = begin_story(task, w, asy_buf_span(&payload), &id, err);
	if (st == ASSAY_OK)
		st = asy_submission_new(id, &sub, err);
	if (st == ASSAY_OK)
		st = asy_submission_fold(sub, ASY_REC_WEIGHTS, asy_buf_span(&payload), err);
	asy_buf_fini(&payload);
	if (st == ASSAY_OK)
		st = asy_store_settle(task->env.store, err);
	if (st == ASSAY_OK) {
		sub->log = asy_task_logger(task, ASY_STORY_SUBMISSION, id);
		*out = sub;
	} else {
		asy_submission_free(sub);
	}
	return st;
}

/* Nothing awaits between the memory that is read and the record that names it. */
static assay_status weigh(asy_task *task, const assay_snapshot *s, asy_submission **out,
						  assay_err *err)
{
	weighing w = {0};
	long uid = asy_snapshot_find(s, &task->self);
	uint64_t key = task->env.options->weights.version_key;
	w.record.has_under = true;
	w.record.under = asy_task_under(task);
	w.record.block = s->block.number;
	w.record.time_ns = task->env.clock->real_ns(task->env.clock);
	w.record.plain = !s->hyper.commit_reveal_enabled;
	w.record.version_key = key != 0 ? key : s->hyper.weights_version_key;
	/* Hotkeys may have changed hands since the scores came in. */
	assay_status st = asy_task_sync_members(task, s, err);
	if (st == ASSAY_OK)
		st = find_rounds(task, &w, err);
	if (st == ASSAY_OK)
		st = gather(task, s, uid, &w, err);
	if (st == ASSAY_OK)
		st = make_vector(task, s, uid, &w, err);
	if (st == ASSAY_OK)
		st = make_story(task, &w, out, err);
	if (st == ASSAY_OK)
		log_vector(task, *out, &w);
	weighing_fini(&w);
	return st;
}

assay_status asy_submission_begin(asy_task *task, const asy_world *w, asy_submission **out,
								  assay_err *err)
{
	const assay_snapshot *s = NULL;
	TRY(asy_task_snapshot(task, &w->head, &s, err));
	assay_status st = weigh(task, s, out, err);
	asy_snapshots_release(task->means.snapshots, s);
	return st;
}
