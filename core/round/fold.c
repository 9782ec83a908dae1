/* A record becomes state. The daemon folds each record right after it is on disk, a
 * restart folds all records of an unfinished round, and replay does the same: one
 * reading of the journal, so the three cannot disagree. */
#include <math.h>
#include "round/state.h"

/*~ Which record may follow which phase. A journal that breaks this order was not
 * written by us, and going on from it could submit something twice. */
static bool fits(asy_round_phase p, asy_rec_type type)
{
	switch (type) {
	case ASY_REC_BEGIN:
		return p == ASY_ROUND_NEW;
	case ASY_REC_CHALLENGE:
		return p == ASY_ROUND_BEGUN;
	case ASY_REC_RESPONSE:
	case ASY_REC_QUERY_END:
		return p == ASY_ROUND_ASKING;
	case ASY_REC_SCORES:
	case ASY_REC_TRACK:
		return p == ASY_ROUND_ASKED;
	case ASY_REC_END:
		return p >= ASY_ROUND_BEGUN && p <= ASY_ROUND_TRACKED;
	case ASY_REC_WEIGHTS:
	case ASY_REC_PREDICT:
	case ASY_REC_SEAL:
	case ASY_REC_SUBMIT:
	case ASY_REC_INCLUDED:
	case ASY_REC_FINAL:
	case ASY_REC_REVEAL_SUBMIT:
	case ASY_REC_REVEALED:
	case ASY_REC_COUNTED:
	case ASY_REC_MISSED:
		break; /* a submission's */
	}
	return false;
}

/* ---- one function for each record ---- */

static assay_status fold_begin(asy_round *r, asy_jv v, assay_err *err)
{
	TRY(asy_record_get_begin(v, r->arena, &r->begin, err));
	r->phase = ASY_ROUND_BEGUN;
	return ASSAY_OK;
}

/* Room for an answer and a row for each question to each miner. */
static assay_status take_slots(asy_round *r, assay_err *err)
{
	size_t slots = 0, cells = 0, components = r->begin.component_n;
	if (!asy_mul_size(r->question_n, r->target_n, &slots) ||
		!asy_mul_size(slots, components + 1, &cells) || r->target_n > ASY_UIDS_MAX ||
		cells > ((size_t)1 << 28))
		return ASSAY_FAIL(err, E_STORE, "%zu questions to %zu miners is too much", r->question_n,
						  r->target_n);
	r->answer = asy_arena_array(r->asked, slots, sizeof(asy_answer *));
	r->row = asy_arena_array(r->asked, slots, sizeof *r->row);
	r->component = asy_arena_array(r->asked, slots * components, sizeof *r->component);
	r->mean = asy_arena_array(r->arena, r->target_n, sizeof *r->mean);
	if (r->answer == NULL || r->row == NULL || r->component == NULL || r->mean == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < r->target_n; i++)
		r->mean[i] = NAN;
	for (size_t i = 0; i < slots; i++)
		r->row[i].score = r->row[i].value = NAN;
	for (size_t i = 0; i < slots * components; i++)
		r->component[i] = NAN;
	return ASSAY_OK;
}

static assay_status fold_challenge(asy_round *r, asy_jv v, assay_err *err)
{
	asy_challenge_record x;
	TRY(asy_record_get_challenge(v, r->asked, r->arena, &x, err));
	r->question = x.question;
	r->question_n = x.question_n;
	r->target = x.target;
	r->target_n = x.target_n;
	TRY(take_slots(r, err));
	r->phase = ASY_ROUND_ASKING;
	return ASSAY_OK;
}

static assay_status place(asy_round *r, asy_answer *a, assay_err *err)
{
	if (a->target >= r->target_n || a->question >= r->question_n)
		return ASSAY_FAIL(err, E_STORE, "target or question unknown");
	size_t slot = (size_t)a->target * r->question_n + a->question;
	if (r->answer[slot] != NULL)
		return ASSAY_FAIL(err, E_STORE, "a second response of uid %u to question %u",
						  r->target[a->target].uid, a->question);
	r->answer[slot] = a;
	r->answer_n++;
	r->answer_bytes += a->body_len;
	return ASSAY_OK;
}

static assay_status fold_response(asy_round *r, asy_jv v, assay_err *err)
{
	asy_answer *a = asy_arena_take(r->asked, sizeof *a, 8);
	if (a == NULL)
		return asy_rj_no_memory(err);
	TRY(asy_record_get_response(v, r->asked, a, err));
	return place(r, a, err);
}

assay_status asy_round_take_answer(asy_round *r, const asy_answer *x, assay_err *err)
{
	size_t pieces = asy_pieces_of(x->body_len);
	asy_answer *a = asy_arena_take(r->asked, sizeof *a, 8);
	if (!fits(r->phase, ASY_REC_RESPONSE))
		return ASSAY_FAIL(err, E_INTERNAL, "an answer in phase %s", asy_round_phase_name(r->phase));
	if (a == NULL)
		return asy_rj_no_memory(err);
	*a = *x;
	a->cause = asy_arena_strdup(r->asked, x->cause);
	a->content_type = asy_arena_strdup(r->asked, x->content_type);
	a->piece = asy_arena_dup(r->asked, x->piece, pieces * sizeof *x->piece);
	a->chunk = asy_arena_dup(r->asked, x->chunk, x->chunk_n * sizeof *x->chunk);
	if (a->cause == NULL || a->content_type == NULL || (pieces != 0 && a->piece == NULL) ||
		(x->chunk_n != 0 && a->chunk == NULL))
		return asy_rj_no_memory(err);
	return place(r, a, err);
}

static assay_status fold_query_end(asy_round *r, asy_jv v, assay_err *err)
{
	asy_query_end_record x;
	TRY(asy_record_get_query_end(v, &x, err));
	r->fault_rules = x.rules;
	r->suspect = x.suspect;
	r->phase = ASY_ROUND_ASKED;
	return ASSAY_OK;
}

static assay_status fold_scores(asy_round *r, asy_jv v, assay_err *err)
{
	size_t width = r->begin.component_n;
	asy_scores_record x = {.component_n = width};
	TRY(asy_record_get_scores(v, r->asked, &x, err));
	for (size_t i = 0; i < x.n; i++)
		if (x.slot[i] >= asy_round_slots(r) || r->answer[x.slot[i]] == NULL)
			return ASSAY_FAIL(err, E_STORE, "scores for an unknown row");
	for (size_t i = 0; i < x.n; i++) {
		r->row[x.slot[i]] = x.row[i];
		for (size_t c = 0; c < width; c++)
			r->component[x.slot[i] * width + c] = x.component[i * width + c];
	}
	if (x.has_state) {
		r->has_state = true;
		r->state_before = x.before;
		r->state = x.state;
	}
	return ASSAY_OK;
}

static assay_status fold_track(asy_round *r, asy_jv v, assay_err *err)
{
	asy_track_record x;
	TRY(asy_record_get_track(v, r->arena, &x, err));
	if (x.mean_n != r->target_n)
		return ASSAY_FAIL(err, E_STORE, "%zu means for %zu miners", x.mean_n, r->target_n);
	r->mean = x.mean;
	r->version = x.version;
	r->plugin_blamed = x.plugin_blamed;
	if (!r->keep_answers)
		asy_round_forget_answers(r);
	r->phase = ASY_ROUND_TRACKED;
	return ASSAY_OK;
}

static assay_status fold_one(asy_round *r, asy_rec_type type, asy_jv v, assay_err *err)
{
	switch (type) {
	case ASY_REC_BEGIN:
		return fold_begin(r, v, err);
	case ASY_REC_CHALLENGE:
		return fold_challenge(r, v, err);
	case ASY_REC_RESPONSE:
		return fold_response(r, v, err);
	case ASY_REC_QUERY_END:
		return fold_query_end(r, v, err);
	case ASY_REC_SCORES:
		return fold_scores(r, v, err);
	case ASY_REC_TRACK:
		return fold_track(r, v, err);
	case ASY_REC_END:
		r->phase = ASY_ROUND_ENDED;
		return ASSAY_OK;
	case ASY_REC_WEIGHTS:
	case ASY_REC_PREDICT:
	case ASY_REC_SEAL:
	case ASY_REC_SUBMIT:
	case ASY_REC_INCLUDED:
	case ASY_REC_FINAL:
	case ASY_REC_REVEAL_SUBMIT:
	case ASY_REC_REVEALED:
	case ASY_REC_COUNTED:
	case ASY_REC_MISSED:
		break; /* fits no phase */
	}
	return ASSAY_FAIL(err, E_STORE, "not a round's record");
}

assay_status asy_round_fold(asy_round *r, asy_rec_type type, assay_span payload, assay_err *err)
{
	asy_json *doc = NULL;
	if (!fits(r->phase, type))
		return ASSAY_FAIL(err, E_STORE, "round %" PRIu64 ": a %s record in phase %s", r->id,
						  asy_rec_name(type), asy_round_phase_name(r->phase));
	assay_status st = asy_record_parse(payload, &doc, err);
	if (st == ASSAY_OK)
		st = fold_one(r, type, asy_json_root(doc), err);
	asy_json_free(doc);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "round %" PRIu64 ", %s record", r->id, asy_rec_name(type));
	return ASSAY_OK;
}
