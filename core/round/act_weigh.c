/* From rows to memory to a vector: TRACK and WEIGHTS. What a missing answer means is
 * decided here, once. */
#include <math.h>
#include <stdlib.h>
#include "round/driver.h"

assay_tracker_options asy_driver_tracker_options(const asy_options *o)
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

/*~ The one table of consequences. Our own fault and a plugin that could not judge are
 * no observation: the miner keeps what it had. Everything the miner did, from
 * silence to bytes that kill the model, is a failed answer. */
static assay_obs_kind kind_of(const asy_round *r, size_t slot)
{
	if (r->suspect_self || r->answer[slot]->our_fault)
		return ASSAY_OBS_MISSING;
	switch ((asy_row_flag)r->row[slot].flag) {
	case ASY_ROW_SCORED:
		return ASSAY_OBS_SCORED;
	case ASY_ROW_FLOOR:
		return ASSAY_OBS_FAILED;
	case ASY_ROW_NOT_ASKED:
		return ASSAY_OBS_FAILED;
	case ASY_ROW_ABSTAIN:
	case ASY_ROW_PENDING:
		break;
	}
	return ASSAY_OBS_MISSING;
}

size_t asy_round_observations(const asy_round *r, const char *source, assay_obs *out)
{
	size_t n = 0;
	for (size_t i = 0; i < asy_round_slots(r); i++) {
		const asy_answer *a = r->answer[i];
		if (a == NULL)
			continue;
		assay_obs *o = &out[n++];
		*o = (assay_obs){.uid = r->target[a->target].uid, .source = source};
		memcpy(o->hotkey, r->target[a->target].hotkey.b, 32);
		o->kind = kind_of(r, i);
		o->score = o->kind == ASSAY_OBS_SCORED ? r->row[i].value : 0.0;
	}
	return n;
}

/* Each target's mean over judged and failed rows, NaN when there is none. */
void asy_round_means(const asy_round *r, double *mean)
{
	for (size_t t = 0; t < r->target_n; t++) {
		double sum = 0.0;
		size_t n = 0;
		for (size_t q = 0; q < r->question_n; q++) {
			size_t slot = t * r->question_n + q;
			if (r->answer[slot] == NULL)
				continue;
			assay_obs_kind k = kind_of(r, slot);
			if (k == ASSAY_OBS_MISSING)
				continue;
			sum += k == ASSAY_OBS_SCORED ? r->row[slot].value : 0.0;
			n++;
		}
		mean[t] = n > 0 ? sum / (double)n : NAN;
	}
}

static assay_status sync_members(asy_driver *d, const assay_snapshot *s, assay_err *err)
{
	assay_member *m = asy_calloc(s->n, sizeof *m);
	if (m == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu members", s->n);
	for (size_t i = 0; i < s->n; i++) {
		m[i].uid = (uint16_t)i;
		memcpy(m[i].hotkey, s->neuron[i].hotkey.b, 32);
		m[i].registered_block = s->neuron[i].registered_at;
	}
	assay_sync_report report = {0};
	assay_status st = assay_tracker_sync(d->tracker, m, s->n, &report, err);
	free(m);
	if (st == ASSAY_OK && report.reset + report.removed > 0)
		asy_log(d->env.log, ASY_INFO, "tracker.members", ASY_U64("added", report.added),
				ASY_U64("removed", report.removed), ASY_U64("moved", report.moved),
				ASY_U64("reset", report.reset));
	return st;
}

static assay_status track_payload(const asy_round *r, const double *mean, uint64_t now,
								  const assay_fold_report *rep, const uint8_t digest[32],
								  asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "time_ns", now);
	asy_jw_ku64(&w, "folded", rep->folded);
	asy_jw_ku64(&w, "missing", rep->missing);
	asy_jw_ku64(&w, "mismatched", rep->mismatched);
	asy_jw_khex(&w, "digest", digest, 32);
	asy_jw_key(&w, "means");
	asy_jw_array(&w);
	for (size_t t = 0; t < r->target_n; t++)
		asy_jw_f64(&w, mean[t]);
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

/* The record, the state and the readable scores become durable together: a restart
 * finds either all of the fold or none of it. */
static assay_status store_track(asy_driver *d, asy_round *r, const double *mean, uint64_t now,
								assay_span payload, assay_span state, assay_err *err)
{
	asy_rec_in rec = {ASY_REC_TRACK, payload};
	asy_score *rows = asy_calloc(r->target_n, sizeof *rows);
	if (rows == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu scores", r->target_n);
	for (size_t t = 0; t < r->target_n; t++) {
		rows[t].uid = r->target[t].uid;
		memcpy(rows[t].hotkey, r->target[t].hotkey.b, 32);
		rows[t].kind = isnan(mean[t]) ? ASSAY_OBS_MISSING : ASSAY_OBS_SCORED;
		rows[t].score = mean[t];
	}
	assay_status st = asy_store_begin(d->env.store, err);
	if (st == ASSAY_OK) {
		st = asy_store_snapshot_put(d->env.store, r->id, now, state, err);
		if (st == ASSAY_OK)
			st = asy_store_scores_put(d->env.store, r->id, rows, r->target_n, err);
		if (st == ASSAY_OK)
			st = asy_store_append(d->env.store, r->id, now, &rec, 1, NULL, err);
		if (st == ASSAY_OK)
			st = asy_store_commit(d->env.store, err);
		if (st != ASSAY_OK)
			asy_store_rollback(d->env.store);
	}
	free(rows);
	return st;
}

assay_status asy_act_track(asy_driver *d, asy_round *r, assay_err *err)
{
	const assay_snapshot *s;
	assay_tracker *next = NULL;
	uint8_t digest[32];
	asy_buf payload = {0}, state = {0};
	assay_fold_report report = {0};
	const asy_plugin_about *about = asy_plugin_info(d->env.plugin);
	assay_obs *obs = asy_calloc(asy_round_slots(r), sizeof *obs);
	double *mean = asy_calloc(r->target_n, sizeof *mean);
	uint64_t now = d->env.clock->real_ns(d->env.clock);
	assay_status st = obs == NULL || mean == NULL ? ASSAY_FAIL(err, E_NOMEM, "observations")
												  : asy_driver_snapshot(d, &s, err);
	size_t len = 0, n = 0;

	if (st == ASSAY_OK)
		st = sync_members(d, s, err);
	/*~ Fold into a copy: the memory in use changes only once the record is on disk. */
	if (st == ASSAY_OK)
		st = asy_buf_reserve(&state, assay_tracker_encoded_len(d->tracker), err);
	if (st == ASSAY_OK)
		st = assay_tracker_encode(d->tracker, (assay_mut){state.ptr, state.cap}, &len, err);
	assay_tracker_options options = asy_driver_tracker_options(d->env.options);
	if (st == ASSAY_OK)
		st = assay_tracker_decode(&options, asy_span(state.ptr, len), &next, err);
	if (st == ASSAY_OK) {
		n = asy_round_observations(r, about->id, obs);
		asy_round_means(r, mean);
		st = assay_tracker_fold(next, now, obs, n, &report, err);
	}
	if (st == ASSAY_OK)
		st = assay_tracker_digest(next, digest, err);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(&state, assay_tracker_encoded_len(next), err);
	if (st == ASSAY_OK)
		st = assay_tracker_encode(next, (assay_mut){state.ptr, state.cap}, &len, err);
	if (st == ASSAY_OK)
		st = track_payload(r, mean, now, &report, digest, &payload, err);
	if (st == ASSAY_OK)
		st = store_track(d, r, mean, now, asy_buf_span(&payload), asy_span(state.ptr, len), err);
	if (st == ASSAY_OK) {
		assay_tracker_free(d->tracker);
		d->tracker = next;
		next = NULL;
		st = asy_round_fold(r, ASY_REC_TRACK, asy_buf_span(&payload), err);
	}
	if (st == ASSAY_OK)
		asy_log(d->env.log, ASY_INFO, "scores.tracked", ASY_U64("miners", report.folded),
				ASY_U64("unjudged", report.missing), ASY_U64("changed_hands", report.mismatched));
	assay_tracker_free(next);
	asy_buf_fini(&payload);
	asy_buf_fini(&state);
	free(obs);
	free(mean);
	return st;
}

/* ---- weights ---- */

assay_weights_policy asy_round_policy(const asy_options *o)
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

static void put_row(asy_jw *w, const assay_weights_row *row)
{
	asy_jw_key(w, "uids");
	asy_jw_array(w);
	for (size_t i = 0; i < row->n; i++)
		asy_jw_u64(w, row->uids[i]);
	asy_jw_end_array(w);
	asy_jw_key(w, "values");
	asy_jw_array(w);
	for (size_t i = 0; i < row->n; i++)
		asy_jw_u64(w, row->values[i]);
	asy_jw_end_array(w);
}

/* Everything the plan was made from, so that replay can make it again. */
typedef struct {
	assay_candidate *candidate;
	size_t candidate_n;
	assay_weights_limits limits;
	uint16_t *previous_uids, *previous_values;
	size_t previous_n;
} plan_inputs;

static void put_inputs(asy_jw *w, const plan_inputs *in)
{
	asy_jw_key(w, "inputs");
	asy_jw_object(w);
	asy_jw_ku64(w, "neurons", in->limits.neurons);
	asy_jw_ku64(w, "min_allowed", in->limits.min_allowed);
	asy_jw_ku64(w, "max_limit", in->limits.max_limit);
	asy_jw_key(w, "candidates");
	asy_jw_array(w);
	for (size_t i = 0; i < in->candidate_n; i++) {
		asy_jw_object(w);
		asy_jw_ku64(w, "uid", in->candidate[i].uid);
		asy_jw_khex(w, "hotkey", in->candidate[i].hotkey, 32);
		asy_jw_kf64(w, "score", in->candidate[i].score);
		asy_jw_ku64(w, "marks", in->candidate[i].marks);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
	asy_jw_key(w, "previous");
	asy_jw_object(w);
	put_row(w, &(assay_weights_row){in->previous_uids, in->previous_values, in->previous_n});
	asy_jw_end_object(w);
	asy_jw_end_object(w);
}

static assay_status weights_payload(const assay_weights_row *row, const plan_inputs *in,
									uint64_t version_key, bool plain, bool refused,
									const char *note, const char *plan_json, uint64_t block,
									asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_kbool(&w, "refused", refused);
	asy_jw_kstr(&w, "note", note);
	asy_jw_kbool(&w, "plain", plain);
	asy_jw_ku64(&w, "block", block);
	asy_jw_ku64(&w, "version_key", version_key);
	put_row(&w, row);
	put_inputs(&w, in);
	if (plan_json != NULL) {
		asy_jw_key(&w, "plan");
		asy_jw_raw(&w, asy_span_str(plan_json));
	}
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static void inputs_fini(plan_inputs *in)
{
	free(in->candidate);
	free(in->previous_uids);
	free(in->previous_values);
}

/* Scores, limits, and the last row that the chain holds of us. */
static assay_status gather(asy_driver *d, const assay_snapshot *s, long uid, plan_inputs *in,
						   assay_err *err)
{
	uint64_t now = d->env.clock->real_ns(d->env.clock);
	size_t stored = uid >= 0 ? asy_row_len(&s->weights, (size_t)uid) : 0;
	in->limits = (assay_weights_limits){
		.neurons = (uint32_t)s->n,
		.min_allowed = s->hyper.min_allowed_weights,
		.max_limit = s->hyper.max_weights_limit,
	};
	in->candidate_n = assay_tracker_count(d->tracker);
	in->candidate = asy_calloc(in->candidate_n, sizeof *in->candidate);
	in->previous_uids = asy_calloc(stored, sizeof *in->previous_uids);
	in->previous_values = asy_calloc(stored, sizeof *in->previous_values);
	if (in->candidate == NULL || in->previous_uids == NULL || in->previous_values == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu candidates", in->candidate_n);
	for (size_t i = 0; i < in->candidate_n; i++) {
		assay_track t;
		assay_tracker_get(d->tracker, i, now, &t);
		in->candidate[i] = (assay_candidate){.uid = t.uid, .score = t.score, .marks = t.marks};
		memcpy(in->candidate[i].hotkey, t.hotkey, 32);
	}
	for (size_t i = 0; i < stored; i++) {
		in->previous_uids[i] = asy_row(&s->weights, (size_t)uid)[i].uid;
		in->previous_values[i] = asy_row(&s->weights, (size_t)uid)[i].value;
	}
	in->previous_n = stored;
	return ASSAY_OK;
}

static assay_status make_plan(asy_driver *d, const plan_inputs *in, assay_weights_plan **plan,
							  assay_err *err)
{
	assay_weights_policy policy = asy_round_policy(d->env.options);
	assay_weights_row previous = {in->previous_uids, in->previous_values, in->previous_n};
	return assay_weights_plan_new(in->candidate, in->candidate_n, &in->limits, &policy,
								  in->previous_n > 0 ? &previous : NULL, plan, err);
}

/* The plan was refused, by our policy or by the chain's rules: an ordinary outcome. */
static bool is_refusal(assay_status st)
{
	return st == ASSAY_E_REFUSED || st == ASSAY_E_CHAIN || st == ASSAY_E_EMPTY ||
		   st == ASSAY_E_INPUT;
}

assay_status asy_act_weigh(asy_driver *d, asy_round *r, assay_err *err)
{
	const assay_snapshot *s;
	assay_weights_plan *plan = NULL;
	plan_inputs in = {0};
	assay_err why = {0};
	asy_buf payload = {0};
	assay_weights_row row = {0};
	assay_status st = asy_driver_snapshot(d, &s, err);

	/* Hotkeys may have changed hands since the scores came in. */
	if (st == ASSAY_OK)
		st = sync_members(d, s, err);
	if (st != ASSAY_OK)
		return st;
	long uid = asy_snapshot_find(s, &d->self);
	uint64_t key = d->env.options->weights.version_key;
	if (key == 0)
		key = s->hyper.weights_version_key;

	st = gather(d, s, uid, &in, &why);
	if (st == ASSAY_OK)
		st = make_plan(d, &in, &plan, &why);
	if (st == ASSAY_OK) {
		row = assay_weights_plan_row(plan);
		st = gate(s, uid, key, &row, &why);
	}
	bool refused = is_refusal(st);
	if (refused) {
		row = (assay_weights_row){0};
		asy_complain(&d->refused, d->env.log, "weights.refused", ASY_STR("why", why.msg));
	} else if (st == ASSAY_OK) {
		asy_complain_release(&d->refused);
		if (assay_weights_plan_fallback(plan) != NULL)
			asy_log(d->env.log, ASY_UNUSUAL, "weights.fallback",
					ASY_STR("instead_of", assay_weights_plan_fallback(plan)));
	} else if (err != NULL) {
		*err = why;
	}
	if (st == ASSAY_OK || refused)
		st = weights_payload(
			&row, &in, key, !s->hyper.commit_reveal_enabled, refused, refused ? why.msg : "",
			plan != NULL ? assay_weights_plan_json(plan) : NULL, s->block.number, &payload, err);
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, ASY_REC_WEIGHTS, asy_buf_span(&payload), NULL, err);
	if (st == ASSAY_OK && !refused)
		asy_log(d->env.log, ASY_INFO, "weights.made", ASY_U64("uids", row.n),
				ASY_U64("block", s->block.number));
	d->totals.refused += st == ASSAY_OK && refused;
	asy_buf_fini(&payload);
	assay_weights_plan_free(plan);
	inputs_fini(&in);
	return st;
}
