/* Replay: fold the records of a round, do each step's arithmetic again from the recorded
 * inputs, and compare bits. Payloads are read, batches built and plans made by the same
 * functions as in the live round. The first difference of each kind is named.
 * A round is replayed together with the submissions that were made from the memory as this
 * round left it.
 * Reason to change: a record holds something else that can be computed again. */
#include <math.h>
#include <stdlib.h>
#include "research/rescore.h"
#include "research/research.h"
#include "submission/submission.h"

/* What replay needs of one story beyond its folded state. */
typedef struct {
	const asy_replay_request *req;
	asy_round *round;
	asy_submission *sub; /* NULL while it is about the round */
	asy_arena *arena;    /* of the records below */
	bool has_track, has_weights, has_predict, has_seal, has_counted;
	asy_track_record track;
	asy_weights_record weights;
	asy_predict_record predict;
	asy_counted_record counted;
	asy_config *config; /* of this story */
	uint32_t records;
} recorded;

static void recorded_fini(recorded *x)
{
	asy_submission_free(x->sub);
	asy_arena_free(x->arena);
	asy_config_free(x->config);
}

static assay_status read_one(recorded *x, asy_rec_type type, asy_jv v, assay_err *err)
{
	switch (type) {
	case ASY_REC_TRACK:
		x->has_track = true;
		return asy_record_get_track(v, x->arena, &x->track, err);
	case ASY_REC_WEIGHTS:
		x->has_weights = true;
		TRY(asy_record_get_weights(v, x->arena, &x->weights, err));
		return asy_record_get_weights_inputs(v, x->arena, &x->weights, err);
	case ASY_REC_PREDICT:
		x->has_predict = true;
		return asy_record_get_predict(v, x->arena, &x->predict, err);
	case ASY_REC_COUNTED:
		x->has_counted = true;
		return asy_record_get_counted(v, x->arena, &x->counted, err);
	case ASY_REC_SEAL:
		x->has_seal = true;
		return ASSAY_OK;
	case ASY_REC_BEGIN:
	case ASY_REC_CHALLENGE:
	case ASY_REC_RESPONSE:
	case ASY_REC_QUERY_END:
	case ASY_REC_SCORES:
	case ASY_REC_SUBMIT:
	case ASY_REC_INCLUDED:
	case ASY_REC_FINAL:
	case ASY_REC_REVEAL_SUBMIT:
	case ASY_REC_REVEALED:
	case ASY_REC_MISSED:
	case ASY_REC_END:
		break;
	}
	return ASSAY_OK;
}

static assay_status visit(void *arg, const asy_rec *rec, assay_err *err)
{
	recorded *x = arg;
	asy_json *doc = NULL;
	x->records++;
	if (x->sub != NULL)
		TRY(asy_submission_fold(x->sub, rec->type, rec->payload, err));
	else
		TRY(asy_round_fold(x->round, rec->type, rec->payload, err));
	assay_status st = asy_record_parse(rec->payload, &doc, err);
	if (st == ASSAY_OK)
		st = read_one(x, rec->type, asy_json_root(doc), err);
	asy_json_free(doc);
	return st;
}

/* ---- lines ---- */

static bool same_bits(double a, double b)
{
	uint64_t x, y;
	if (isnan(a) && isnan(b))
		return true;
	memcpy(&x, &a, 8);
	memcpy(&y, &b, 8);
	return x == y;
}

/* One for each kind; several submissions of a round share theirs. */
static asy_replay_line *line_for(asy_replay_report *rep, asy_rec_type type)
{
	for (size_t i = 0; i < rep->line_n; i++)
		if (rep->line[i].type == type) {
			if (rep->line[i].verdict == ASY_REPLAY_SKIPPED)
				rep->line[i] = (asy_replay_line){.type = type};
			return &rep->line[i];
		}
	asy_replay_line *l = &rep->line[rep->line_n++];
	*l = (asy_replay_line){.type = type};
	return l;
}

static void skip(asy_replay_line *l, const char *why)
{
	if (l->verdict == ASY_REPLAY_DIFFERS || l->compared > 0)
		return;
	l->verdict = ASY_REPLAY_SKIPPED;
	(void)asy_str_copy(l->note, sizeof l->note, why);
}

/* Counts a comparison; on the first difference of the line the note is written. */
static void differs(asy_replay_line *l, const char *fmt, ...) ASSAY_PRINTF(2, 3);
static void differs(asy_replay_line *l, const char *fmt, ...)
{
	va_list ap;
	if (l->verdict != ASY_REPLAY_DIFFERS) {
		va_start(ap, fmt);
		(void)vsnprintf(l->note, sizeof l->note, fmt, ap);
		va_end(ap);
	}
	l->verdict = ASY_REPLAY_DIFFERS;
}

/* A blob of the story, or why there is none. */
static assay_status blob_of(const recorded *x, const asy_blob_name *name, asy_buf *out,
							assay_err *err)
{
	return asy_store_blob_get(x->req->store, name->b, out, err);
}

/* ---- SCORES: the plugin again, on the recorded answers ---- */

static void compare_scores(const asy_round *r, const asy_rescored *b, asy_replay_line *l)
{
	for (size_t i = 0; i < b->n; i++) {
		size_t slot = b->slot[i];
		const asy_plugin_row *was = &r->row[slot], *now = &b->row[i];
		/* Deadlines and crashes are events, not arithmetic. */
		if (was->flag != ASY_ROW_SCORED)
			continue;
		l->compared++;
		if (now->flag != ASY_ROW_SCORED || !same_bits(now->score, was->score))
			differs(l, "uid %u, challenge %s: recorded %.17g, now %.17g (%s)",
					r->target[slot / r->question_n].uid, r->question[slot % r->question_n].id,
					was->score, now->score, asy_row_flag_name(now->flag));
	}
}

static void compare_states(const recorded *x, asy_replay_line *l)
{
	const asy_round *r = x->round;
	assay_span now = asy_plugin_state(x->req->plugin);
	uint8_t digest[32];
	asy_blake2b(now.ptr, now.len, digest, sizeof digest);
	if (!r->has_state)
		return;
	l->compared++;
	if (r->state.blob.present != (now.len != 0) ||
		(now.len != 0 && memcmp(digest, r->state.blob.b, sizeof digest) != 0))
		differs(l, "what the plugin remembers after the round is not what was recorded");
}

static assay_status replay_scores(const recorded *x, asy_replay_line *l, assay_err *err)
{
	asy_rescored b = {0};
	if (x->req->plugin == NULL) {
		skip(l, "no plugin given (--plugin FILE.so)");
		return ASSAY_OK;
	}
	assay_status st = asy_rescore(x->round, x->req->store, x->req->plugin, &b, err);
	if (st == ASSAY_OK) {
		compare_scores(x->round, &b, l);
		compare_states(x, l);
	}
	asy_rescored_fini(&b);
	return st;
}

/* ---- TRACK: rows to means, and into the memory as it was before ---- */

static assay_status replay_means(const asy_round *r, asy_replay_line *l, assay_err *err)
{
	double *mean = asy_calloc(r->target_n, sizeof *mean);
	if (mean == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu means", r->target_n);
	asy_round_means(r, mean);
	for (size_t t = 0; t < r->target_n; t++) {
		l->compared++;
		if (!same_bits(mean[t], r->mean[t]))
			differs(l, "uid %u: recorded mean %.17g, now %.17g", r->target[t].uid, r->mean[t],
					mean[t]);
	}
	free(mean);
	return ASSAY_OK;
}

static assay_status memory_of(const recorded *x, const asy_blob_name *name, assay_tracker **out,
							  assay_err *err)
{
	asy_buf bytes = {0};
	assay_tracker_options options = asy_task_tracker_options(asy_config_get(x->config));
	assay_status st = blob_of(x, name, &bytes, err);
	if (st == ASSAY_OK)
		st = assay_tracker_decode(&options, asy_buf_span(&bytes), out, err);
	asy_buf_fini(&bytes);
	return st;
}

static assay_status replay_fold(const recorded *x, asy_replay_line *l, assay_err *err)
{
	const asy_round *r = x->round;
	assay_tracker *t = NULL;
	uint8_t digest[32];
	char was[65], now[65];
	if (!x->track.before.present) {
		(void)asy_str_copy(l->note, sizeof l->note,
						   "means only: an older version did not record the memory");
		return ASSAY_OK;
	}
	assay_status st = memory_of(x, &x->track.before, &t, err);
	if (st == ASSAY_OK)
		st = asy_round_fold_memory(r, t, x->track.time_ns, NULL, err);
	if (st == ASSAY_OK)
		st = assay_tracker_digest(t, digest, err);
	if (st == ASSAY_OK) {
		l->compared += assay_tracker_count(t);
		asy_hex_encode(was, x->track.after, 32);
		asy_hex_encode(now, digest, 32);
		if (memcmp(digest, x->track.after, 32) != 0)
			differs(l, "memory after the fold: recorded %.16s, now %.16s", was, now);
	}
	assay_tracker_free(t);
	return st;
}

/* ---- WEIGHTS: candidates from the memory, and the plan from candidates ---- */

static bool same_candidate(const assay_candidate *a, const assay_candidate *b)
{
	return a->uid == b->uid && a->marks == b->marks && same_bits(a->score, b->score) &&
		   memcmp(a->hotkey, b->hotkey, 32) == 0;
}

static void compare_candidates(const recorded *x, const assay_candidate *now, size_t n,
							   asy_replay_line *l)
{
	const asy_weights_record *w = &x->weights;
	if (n != w->candidate_n)
		differs(l, "recorded %zu candidates, the memory has %zu", w->candidate_n, n);
	for (size_t i = 0; i < n && i < w->candidate_n; i++) {
		l->compared++;
		if (!same_candidate(&now[i], &w->candidate[i]))
			differs(l, "candidate %zu: recorded uid %u score %.17g, the memory has uid %u %.17g", i,
					w->candidate[i].uid, w->candidate[i].score, now[i].uid, now[i].score);
	}
}

static assay_status replay_candidates(const recorded *x, asy_replay_line *l, assay_err *err)
{
	assay_tracker *t = NULL;
	if (!x->weights.memory.present)
		return ASSAY_OK; /* an older version */
	TRY(memory_of(x, &x->weights.memory, &t, err));
	size_t n = assay_tracker_count(t);
	assay_candidate *now = asy_calloc(n, sizeof *now);
	if (now != NULL) {
		asy_submission_candidates(t, x->weights.time_ns, now);
		compare_candidates(x, now, n, l);
	}
	assay_tracker_free(t);
	free(now);
	return now != NULL ? ASSAY_OK : ASSAY_FAIL(err, E_NOMEM, "%zu candidates", n);
}

static void compare_row(const asy_submission *r, const assay_weights_row *row, asy_replay_line *l)
{
	l->compared += r->weight_n;
	if (row->n != r->weight_n) {
		differs(l, "recorded %zu weights, now %zu", r->weight_n, row->n);
		return;
	}
	for (size_t i = 0; i < row->n; i++)
		if (row->uids[i] != r->uids[i] || row->values[i] != r->values[i])
			differs(l, "entry %zu: recorded uid %u = %u, now uid %u = %u", i, r->uids[i],
					r->values[i], row->uids[i], row->values[i]);
}

static assay_status replay_weights(const recorded *x, asy_replay_line *l, assay_err *err)
{
	assay_weights_plan *plan = NULL;
	TRY(replay_candidates(x, l, err));
	if (x->sub->refused) {
		skip(l, x->sub->note);
		return ASSAY_OK;
	}
	TRY(asy_submission_plan(&x->weights, asy_config_get(x->config), &plan, err));
	assay_weights_row row = assay_weights_plan_row(plan);
	compare_row(x->sub, &row, l);
	assay_weights_plan_free(plan);
	return ASSAY_OK;
}

/* ---- PREDICT and COUNTED: epochs again, on the recorded snapshots ---- */

static void compare_u16s(const char *what, const uint16_t *was, const uint16_t *now, size_t n,
						 asy_replay_line *l)
{
	for (size_t i = 0; i < n; i++) {
		l->compared++;
		if (was[i] != now[i])
			differs(l, "%s %zu: recorded %u, now %u", what, i, was[i], now[i]);
	}
}

static void compare_vectors(const asy_forecast *was, const asy_forecast *now, asy_replay_line *l)
{
	if (was->n != now->n) {
		differs(l, "recorded %zu neurons, now %zu", was->n, now->n);
		return;
	}
	compare_u16s("consensus of uid", was->consensus, now->consensus, now->n, l);
	compare_u16s("validator trust of uid", was->validator_trust, now->validator_trust, now->n, l);
	compare_u16s("incentive of uid", was->incentive, now->incentive, now->n, l);
	compare_u16s("dividends of uid", was->dividends, now->dividends, now->n, l);
}

static void compare_bands(const asy_expectation *was, const asy_expectation *now,
						  asy_replay_line *l)
{
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		size_t n = asy_quantity_is_own((asy_quantity)q) ? 1 : now->point.n;
		compare_u16s("lower bound", was->band[q].low, now->band[q].low, n, l);
		compare_u16s("upper bound", was->band[q].high, now->band[q].high, n, l);
	}
}

static assay_status snapshot_of(const recorded *x, const asy_blob_name *name, assay_span inlined,
								assay_snapshot **out, assay_err *err)
{
	asy_buf bytes = {0};
	if (inlined.len != 0)
		return asy_snapshot_unpack(inlined, out, err);
	assay_status st = blob_of(x, name, &bytes, err);
	if (st == ASSAY_OK)
		st = asy_snapshot_unpack(asy_buf_span(&bytes), out, err);
	asy_buf_fini(&bytes);
	return st;
}

/* The forecast as it is made now: epoch by epoch, with a band. */
static assay_status forecast_again(const recorded *x, const assay_snapshot *s, asy_replay_line *l,
								   assay_err *err)
{
	const asy_expectation *was = &x->predict.expected;
	asy_expectation now = {0};
	uint16_t margin[ASY_QUANTITIES];
	asy_forecast_plan plan = x->predict.plan;
	asy_planned_row *row = asy_calloc(plan.row_n, sizeof *row);
	if (row == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu rows", plan.row_n);
	memcpy(row, plan.row, plan.row_n * sizeof *row);
	row[plan.row_n - 1].vector = (asy_vector){x->sub->uids, x->sub->values, x->sub->weight_n};
	plan.row = row;
	for (int q = 0; q < ASY_QUANTITIES; q++)
		margin[q] = was->band[q].margin;
	assay_status st = asy_forecast_ahead(s, &plan, margin, x->req->cpu_mask, &now, err);
	if (st == ASSAY_OK) {
		compare_vectors(&was->point, &now.point, l);
		if (was->point.n == now.point.n)
			compare_bands(was, &now, l);
	}
	asy_expectation_fini(&now);
	free(row);
	return st;
}

/* As older versions made it: the next epoch only. */
static assay_status forecast_next(const recorded *x, const assay_snapshot *s, asy_replay_line *l,
								  assay_err *err)
{
	const asy_expectation *was = &x->predict.expected;
	const asy_own_row own = {was->uid, x->sub->uids, x->sub->values, x->sub->weight_n};
	asy_forecast now = {0};
	TRY(asy_forecast_run(s, was->point.epoch_block, &own, x->req->cpu_mask, &now, err));
	compare_vectors(&was->point, &now, l);
	asy_forecast_fini(&now);
	return ASSAY_OK;
}

static assay_status replay_predict(const recorded *x, asy_replay_line *l, assay_err *err)
{
	assay_snapshot *s = NULL;
	TRY(snapshot_of(x, &x->predict.snapshot, x->predict.inline_snapshot, &s, err));
	assay_status st =
		x->predict.expected.has_band ? forecast_again(x, s, l, err) : forecast_next(x, s, l, err);
	asy_snapshot_free(s);
	return st;
}

/* Judged again, the forecast must come to the same outcome, to the last digit. */
static assay_status outcome_again(const recorded *x, const assay_snapshot *before,
								  const asy_epoch_outputs *chain, asy_replay_line *l,
								  assay_err *err)
{
	asy_forecast_outcome now;
	assay_snapshot *made = NULL;
	asy_buf json = {0}, text = {0};
	asy_json *doc = NULL;
	assay_status st = snapshot_of(x, &x->predict.snapshot, x->predict.inline_snapshot, &made, err);
	if (st == ASSAY_OK)
		st = asy_forecast_judge(&x->predict.expected, made, before, chain, x->req->cpu_mask,
								x->arena, &now, err);
	if (st == ASSAY_OK)
		st = asy_forecast_outcome_put(&now, &json, err);
	if (st == ASSAY_OK)
		st = asy_record_parse(asy_buf_span(&json), &doc, err);
	if (st == ASSAY_OK)
		st = asy_jv_canonical(asy_json_root(doc), &text, err);
	if (st == ASSAY_OK) {
		l->compared++;
		if (!asy_span_eq(asy_buf_span(&text), x->counted.outcome))
			differs(l, "the forecast's outcome is not the recorded one");
	}
	asy_json_free(doc);
	asy_buf_fini(&text);
	asy_buf_fini(&json);
	asy_snapshot_free(made);
	return st;
}

static assay_status epoch_again(const recorded *x, const assay_snapshot *before, asy_replay_line *l,
								assay_err *err)
{
	const asy_counted_record *c = &x->counted;
	asy_forecast now = {0};
	TRY(asy_forecast_run(before, c->epoch_block, NULL, x->req->cpu_mask, &now, err));
	compare_vectors(c->ours, &now, l);
	/* where the chain was equal, ours are its values */
	const asy_epoch_outputs same = {.n = now.n,
									.last_mechanism_step_block = c->epoch_block,
									.consensus = now.consensus,
									.validator_trust = now.validator_trust,
									.incentive = now.incentive,
									.dividends = now.dividends};
	const asy_epoch_outputs *chain = c->chain != NULL ? c->chain : &same;
	char where[128];
	bool is_merged = before->hyper.mechanism_count > 1;
	l->compared++;
	if (asy_forecast_equals(&now, chain, is_merged, where, sizeof where) != c->equal)
		differs(l, "recorded as %s the chain, now %s", c->equal ? "equal to" : "different from",
				where[0] != '\0' ? where : "equal");
	assay_status st =
		c->outcome.len != 0 && x->has_predict ? outcome_again(x, before, chain, l, err) : ASSAY_OK;
	asy_forecast_fini(&now);
	return st;
}

static assay_status replay_counted(const recorded *x, asy_replay_line *l, assay_err *err)
{
	assay_snapshot *before = NULL;
	if (!x->counted.verified || x->counted.ours == NULL) {
		skip(l, "the node had forgotten the epoch's state");
		return ASSAY_OK;
	}
	if (!x->counted.before.present) {
		skip(l, "an older version did not record the state before the epoch");
		return ASSAY_OK;
	}
	TRY(snapshot_of(x, &x->counted.before, (assay_span){0}, &before, err));
	assay_status st = epoch_again(x, before, l, err);
	asy_snapshot_free(before);
	return st;
}

/* ---- SEAL: the hash again, from the opening ---- */

static void replay_seal(const asy_submission *r, asy_replay_line *l)
{
	asy_hash hash;
	const asy_opening *o = r->opening;
	if (o == NULL) {
		skip(l, "the vector was set without a commitment");
		return;
	}
	l->compared += 1 + r->weight_n;
	bool same = o->n == r->weight_n && memcmp(o->uids, r->uids, o->n * sizeof *o->uids) == 0 &&
				memcmp(o->values, r->values, o->n * sizeof *o->values) == 0 &&
				asy_opening_hash(o, &hash, NULL) == ASSAY_OK && asy_hash_eq(&hash, &r->commit_hash);
	if (!same)
		differs(l, "the opening does not give the commitment");
}

/* ---- all of it ---- */

static assay_status replay_round(const recorded *x, asy_replay_report *out, assay_err *err)
{
	const asy_round *r = x->round;
	if (r->phase >= ASY_ROUND_ASKED && r->question_n > 0)
		TRY(replay_scores(x, line_for(out, ASY_REC_SCORES), err));
	if (x->has_track) {
		asy_replay_line *l = line_for(out, ASY_REC_TRACK);
		TRY(replay_means(r, l, err));
		TRY(replay_fold(x, l, err));
	}
	return ASSAY_OK;
}

static assay_status replay_submission(const recorded *x, asy_replay_report *out, assay_err *err)
{
	if (x->has_weights)
		TRY(replay_weights(x, line_for(out, ASY_REC_WEIGHTS), err));
	if (x->has_predict)
		TRY(replay_predict(x, line_for(out, ASY_REC_PREDICT), err));
	if (x->has_seal)
		replay_seal(x->sub, line_for(out, ASY_REC_SEAL));
	if (x->has_counted)
		TRY(replay_counted(x, line_for(out, ASY_REC_COUNTED), err));
	return ASSAY_OK;
}

static assay_status config_of(const asy_under *under, uint64_t story, asy_config **out,
							  assay_err *err)
{
	asy_config *c = NULL;
	if (under->config.len == 0)
		return ASSAY_FAIL(err, E_STORE, "story %" PRIu64 " has no recorded configuration", story);
	assay_status st = asy_config_new(&c, err);
	if (st == ASSAY_OK)
		st = asy_config_load_json(c, under->config, "the recorded configuration", err);
	if (st == ASSAY_OK)
		st = asy_config_finish(c, err);
	if (st == ASSAY_OK)
		*out = c;
	else
		asy_config_free(c);
	return st;
}

static assay_status on_begin(void *arg, const asy_rec *rec, assay_err *err)
{
	return rec->type == ASY_REC_BEGIN ? asy_round_fold(arg, rec->type, rec->payload, err)
									  : ASSAY_OK;
}

assay_status asy_research_config(asy_store *store, uint64_t round, asy_config **out, assay_err *err)
{
	asy_round *r = NULL;
	TRY(asy_round_new(round, &r, err));
	assay_status st = asy_store_records(store, round, 0, on_begin, r, err);
	if (st == ASSAY_OK)
		st = config_of(&r->begin.under, round, out, err);
	asy_round_free(r);
	return st;
}

typedef struct {
	const asy_replay_request *req;
	asy_round *round;
	asy_replay_report *rep;
} replaying;

/* Its own policy and options count; older ones were weighed under their round's. */
static assay_status load_submission(const replaying *p, uint64_t id, recorded *x, assay_err *err)
{
	x->arena = asy_arena_new(0);
	if (x->arena == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a submission");
	TRY(asy_submission_new(id, &x->sub, err));
	TRY(asy_store_records(p->req->store, id, 0, visit, x, err));
	const asy_under *under = x->sub->has_under ? &x->sub->under : &p->round->begin.under;
	return config_of(under, id, &x->config, err);
}

static assay_status on_submission(void *arg, const asy_sub_row *row, assay_err *err)
{
	replaying *p = arg;
	recorded x = {.req = p->req, .round = p->round};
	assay_status st = load_submission(p, row->id, &x, err);
	if (st == ASSAY_OK)
		st = replay_submission(&x, p->rep, err);
	p->rep->records += x.records;
	recorded_fini(&x);
	return st;
}

static assay_status take_round(void *arg, const asy_sub_row *row, assay_err *err)
{
	(void)err;
	*(uint64_t *)arg = row->round;
	return ASSAY_OK;
}

/* Rounds and submissions have one sequence of numbers. */
static assay_status check_is_round(const asy_replay_request *req, assay_err *err)
{
	uint64_t round = 0;
	assay_status st = asy_store_submission(req->store, req->round, take_round, &round, err);
	if (st == ASSAY_OK)
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "%" PRIu64 " is a submission, made from the memory that round %" PRIu64
						  " left: replay that round",
						  req->round, round);
	return st == ASSAY_E_NOTFOUND ? ASSAY_OK : st;
}

static assay_status run(const asy_replay_request *req, recorded *x, asy_replay_report *rep,
						assay_err *err)
{
	replaying p = {req, x->round, rep};
	x->arena = asy_arena_new(0);
	if (x->arena == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a round");
	x->round->keep_answers = true;
	TRY(check_is_round(req, err));
	TRY(asy_store_records(req->store, req->round, 0, visit, x, err));
	rep->records = x->records;
	TRY(config_of(&x->round->begin.under, req->round, &x->config, err));
	TRY(replay_round(x, rep, err));
	return asy_store_submissions(req->store, req->round, on_submission, &p, err);
}

assay_status asy_research_replay(const asy_replay_request *req, asy_replay_report *out,
								 assay_err *err)
{
	recorded x = {.req = req};
	asy_replay_report rep = {.round = req->round};
	TRY(asy_round_new(req->round, &x.round, err));
	assay_status st = run(req, &x, &rep, err);
	for (size_t i = 0; i < rep.line_n; i++)
		rep.differs = rep.differs || rep.line[i].verdict == ASY_REPLAY_DIFFERS;
	if (st == ASSAY_OK)
		*out = rep;
	recorded_fini(&x);
	asy_round_free(x.round);
	return st;
}
