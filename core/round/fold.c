/* A record becomes state. The daemon folds each record right after it is on disk, a
 * restart folds all records of an unfinished round, and replay does the same: one
 * reading of the journal, so the three cannot disagree. */
#include <math.h>
#include <stdlib.h>
#include "round/state.h"

/*~ Which record may follow which phase. A journal that breaks this order was not
 * written by us, and going on from it could submit something twice. */
static bool fits(asy_phase p, asy_rec_type type)
{
	switch (type) {
	case ASY_REC_BEGIN:
		return p == ASY_PHASE_NEW;
	case ASY_REC_CHALLENGE:
		return p == ASY_PHASE_BEGUN;
	case ASY_REC_RESPONSE:
	case ASY_REC_QUERY_END:
		return p == ASY_PHASE_ASKING;
	case ASY_REC_SCORES:
	case ASY_REC_TRACK:
		return p == ASY_PHASE_ASKED;
	case ASY_REC_WEIGHTS:
		return p == ASY_PHASE_TRACKED;
	case ASY_REC_PREDICT:
		return p == ASY_PHASE_WEIGHED;
	case ASY_REC_SEAL:
		return p == ASY_PHASE_PREDICTED;
	case ASY_REC_SUBMIT: /* again after an expired era or a reorganisation */
		return p == ASY_PHASE_SEALED || p == ASY_PHASE_SENT || p == ASY_PHASE_INCLUDED;
	case ASY_REC_INCLUDED: /* again when a reorganisation moved it to another block */
		return p >= ASY_PHASE_SEALED && p <= ASY_PHASE_REVEALED;
	case ASY_REC_FINAL:
		return p >= ASY_PHASE_INCLUDED && p <= ASY_PHASE_COUNTED;
	case ASY_REC_REVEAL_SUBMIT:
	case ASY_REC_REVEALED: /* both again after a reorganisation */
		return p >= ASY_PHASE_INCLUDED && p <= ASY_PHASE_REVEALED;
	case ASY_REC_COUNTED:
		return p == ASY_PHASE_REVEALED;
	case ASY_REC_MISSED:
		return p >= ASY_PHASE_SEALED && p < ASY_PHASE_COUNTED;
	case ASY_REC_END:
		return (p >= ASY_PHASE_BEGUN && p <= ASY_PHASE_PREDICTED) || p == ASY_PHASE_COUNTED ||
			   p == ASY_PHASE_MISSED;
	}
	return false;
}

#define TRY(expr)                                                                                  \
	do {                                                                                           \
		assay_status try_st = (expr);                                                              \
		if (try_st != ASSAY_OK)                                                                    \
			return try_st;                                                                         \
	} while (0)

/* ---- small readers ---- */

static assay_status get_hash(asy_jv v, uint8_t out[32], assay_err *err)
{
	const char *s;
	size_t len;
	char path[96];
	TRY(asy_jv_str(v, &s, &len, err));
	if (asy_hex_decode(s, out, 32))
		return ASSAY_OK;
	asy_jv_path(v, path, sizeof path);
	return ASSAY_FAIL(err, E_STORE, "%s: not 32 bytes of hex", path);
}

static assay_status get_u32(asy_jv v, uint32_t *out, assay_err *err)
{
	uint64_t x;
	TRY(asy_jv_u64(v, &x, err));
	if (x > UINT32_MAX)
		return ASSAY_FAIL(err, E_STORE, "a number beyond 32 bits");
	*out = (uint32_t)x;
	return ASSAY_OK;
}

/* null reads as NaN: that is how the writer stores it */
static assay_status get_double(asy_jv v, double *out, assay_err *err)
{
	if (asy_jv_kind(v) == ASY_J_NULL) {
		*out = NAN;
		return ASSAY_OK;
	}
	return asy_jv_f64(v, out, err);
}

static assay_status get_block(asy_jv v, asy_block_ref *out, assay_err *err)
{
	TRY(asy_jv_u64(asy_jv_get(v, "block"), &out->number, err));
	return get_hash(asy_jv_get(v, "block_hash"), out->hash.b, err);
}

static assay_status get_base64(asy_arena *arena, asy_jv v, assay_span *out, assay_err *err)
{
	const char *s;
	size_t len, n = 0;
	TRY(asy_jv_str(v, &s, &len, err));
	uint8_t *dst = asy_arena_take(arena, len / 4 * 3 + 1, 1);
	if (dst == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "the round's memory is used up");
	if (!asy_base64_decode(asy_span(s, len), dst, &n))
		return ASSAY_FAIL(err, E_STORE, "a body is not base64");
	*out = asy_span(dst, n);
	return ASSAY_OK;
}

static assay_status get_text(asy_arena *arena, asy_jv v, const char **out, assay_err *err)
{
	const char *s;
	size_t len;
	TRY(asy_jv_str(v, &s, &len, err));
	*out = asy_arena_strdup(arena, s);
	return *out != NULL ? ASSAY_OK : ASSAY_FAIL(err, E_NOMEM, "the round's memory is used up");
}

static assay_status get_canonical(asy_arena *arena, asy_jv v, assay_span *out, assay_err *err)
{
	asy_buf text = {0};
	if (asy_jv_is_null(v)) {
		*out = (assay_span){0};
		return ASSAY_OK;
	}
	assay_status st = asy_jv_canonical(v, &text, err);
	if (st == ASSAY_OK) {
		void *copy = asy_arena_dup(arena, text.ptr, text.len);
		*out = asy_span(copy, text.len);
		if (copy == NULL)
			st = ASSAY_FAIL(err, E_NOMEM, "the round's memory is used up");
	}
	asy_buf_fini(&text);
	return st;
}

/* ---- one function a record ---- */

static assay_status fold_begin(asy_round *r, asy_jv v, assay_err *err)
{
	uint64_t components;
	uint16_t mecid;
	TRY(asy_jv_u16(asy_jv_get(v, "netuid"), &r->netuid, err));
	TRY(asy_jv_u16(asy_jv_get(v, "mecid"), &mecid, err));
	TRY(get_hash(asy_jv_get(v, "genesis"), r->genesis.b, err));
	TRY(get_block(v, &r->begin_block, err));
	TRY(get_hash(asy_jv_get(v, "seed"), r->seed, err));
	TRY(asy_jv_u64(asy_jv_get(asy_jv_get(v, "plugin"), "components"), &components, err));
	if (mecid > ASY_MECID_MAX || components > 64)
		return ASSAY_FAIL(err, E_STORE, "mecid or number of components out of range");
	r->mecid = (uint8_t)mecid;
	r->component_n = (size_t)components;
	r->phase = ASY_PHASE_BEGUN;
	return ASSAY_OK;
}

static assay_status fold_challenge(asy_round *r, asy_jv v, assay_err *err)
{
	asy_jv qs = asy_jv_get(v, "questions"), ts = asy_jv_get(v, "targets");
	size_t q_n = asy_jv_size(qs), t_n = asy_jv_size(ts), slots = 0, cells = 0;

	if (!asy_mul_size(q_n, t_n, &slots) || !asy_mul_size(slots, r->component_n + 1, &cells) ||
		t_n > ASY_UIDS_MAX || cells > ((size_t)1 << 28))
		return ASSAY_FAIL(err, E_STORE, "%zu questions to %zu miners is too much", q_n, t_n);
	r->question = asy_arena_array(r->asked, q_n, sizeof *r->question);
	r->target = asy_arena_array(r->arena, t_n, sizeof *r->target);
	r->answer = asy_arena_array(r->asked, slots, sizeof(asy_answer *));
	r->row = asy_arena_array(r->asked, slots, sizeof *r->row);
	r->component = asy_arena_array(r->asked, slots * r->component_n, sizeof *r->component);
	r->mean = asy_arena_array(r->arena, t_n, sizeof *r->mean);
	if (r->question == NULL || r->target == NULL || r->answer == NULL || r->row == NULL ||
		r->component == NULL || r->mean == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "the round's memory is used up");
	for (size_t i = 0; i < q_n; i++) {
		asy_jv q = asy_jv_at(qs, i);
		TRY(get_text(r->asked, asy_jv_get(q, "id"), &r->question[i].id, err));
		TRY(get_canonical(r->asked, asy_jv_get(q, "prompt"), &r->question[i].prompt, err));
		TRY(get_canonical(r->asked, asy_jv_get(q, "reference"), &r->question[i].reference, err));
		TRY(get_canonical(r->asked, asy_jv_get(q, "meta"), &r->question[i].meta, err));
	}
	for (size_t i = 0; i < t_n; i++) {
		asy_jv t = asy_jv_at(ts, i);
		TRY(asy_jv_u16(asy_jv_get(t, "uid"), &r->target[i].uid, err));
		TRY(get_hash(asy_jv_get(t, "hotkey"), r->target[i].hotkey.b, err));
		r->mean[i] = NAN;
	}
	for (size_t i = 0; i < slots; i++) {
		r->row[i].score = r->row[i].value = NAN;
		for (size_t c = 0; c < r->component_n; c++)
			r->component[i * r->component_n + c] = NAN;
	}
	r->question_n = q_n;
	r->target_n = t_n;
	r->phase = ASY_PHASE_ASKING;
	return ASSAY_OK;
}

static assay_status fold_response(asy_round *r, asy_jv v, assay_err *err)
{
	const char *status;
	asy_answer *a = asy_arena_take(r->asked, sizeof *a, 8);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "the round's memory is used up");
	TRY(get_u32(asy_jv_get(v, "target"), &a->target, err));
	TRY(get_u32(asy_jv_get(v, "question"), &a->question, err));
	TRY(asy_jv_str(asy_jv_get(v, "status"), &status, NULL, err));
	TRY(asy_jv_bool(asy_jv_get(v, "our_fault"), &a->our_fault, err));
	TRY(get_u32(asy_jv_get(v, "http_status"), &a->http_status, err));
	TRY(asy_jv_u64(asy_jv_get(v, "latency_ns"), &a->latency_ns, err));
	TRY(get_text(r->asked, asy_jv_get(v, "cause"), &a->cause, err));
	TRY(get_base64(r->asked, asy_jv_get(v, "body"), &a->body, err));
	for (a->status = 0; a->status < ASY_RESP_STATUS_N; a->status++)
		if (strcmp(asy_resp_name(a->status), status) == 0)
			break;
	if (a->status == ASY_RESP_STATUS_N || a->target >= r->target_n || a->question >= r->question_n)
		return ASSAY_FAIL(err, E_STORE, "status, target or question unknown");
	size_t slot = (size_t)a->target * r->question_n + a->question;
	if (r->answer[slot] != NULL)
		return ASSAY_FAIL(err, E_STORE, "a second response of uid %u to question %u",
						  r->target[a->target].uid, a->question);
	r->answer[slot] = a;
	r->answer_n++;
	r->answer_bytes += a->body.len;
	return ASSAY_OK;
}

static assay_status fold_scores(asy_round *r, asy_jv v, assay_err *err)
{
	asy_jv rows = asy_jv_get(v, "rows");
	for (size_t i = 0; i < asy_jv_size(rows); i++) {
		asy_jv x = asy_jv_at(rows, i), cs = asy_jv_get(x, "components");
		uint64_t slot, flag, cause;
		TRY(asy_jv_u64(asy_jv_get(x, "slot"), &slot, err));
		TRY(asy_jv_u64(asy_jv_get(x, "flag"), &flag, err));
		TRY(asy_jv_u64(asy_jv_get(x, "cause"), &cause, err));
		if (slot >= asy_round_slots(r) || r->answer[slot] == NULL || flag > ASY_ROW_NOT_ASKED ||
			cause > ASY_CAUSE_QUARANTINE)
			return ASSAY_FAIL(err, E_STORE, "scores for an unknown row");
		asy_plugin_row *row = &r->row[slot];
		TRY(get_double(asy_jv_get(x, "score"), &row->score, err));
		TRY(get_double(asy_jv_get(x, "value"), &row->value, err));
		row->flag = (uint8_t)flag;
		row->cause = (uint8_t)cause;
		for (size_t c = 0; c < r->component_n && c < asy_jv_size(cs); c++)
			TRY(get_double(asy_jv_at(cs, c), &r->component[slot * r->component_n + c], err));
	}
	return ASSAY_OK;
}

static assay_status fold_track(asy_round *r, asy_jv v, assay_err *err)
{
	asy_jv means = asy_jv_get(v, "means");
	if (asy_jv_size(means) != r->target_n)
		return ASSAY_FAIL(err, E_STORE, "%zu means for %zu miners", asy_jv_size(means),
						  r->target_n);
	for (size_t i = 0; i < r->target_n; i++)
		TRY(get_double(asy_jv_at(means, i), &r->mean[i], err));
	if (!r->keep_answers)
		asy_round_forget_answers(r);
	r->phase = ASY_PHASE_TRACKED;
	return ASSAY_OK;
}

static assay_status get_u16s(asy_round *r, asy_jv v, size_t n, uint16_t **out, assay_err *err)
{
	if (asy_jv_size(v) != n)
		return ASSAY_FAIL(err, E_STORE, "uids and values differ in length");
	uint16_t *a = asy_arena_array(r->arena, n, sizeof *a);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "the round's memory is used up");
	for (size_t i = 0; i < n; i++)
		TRY(asy_jv_u16(asy_jv_at(v, i), &a[i], err));
	*out = a;
	return ASSAY_OK;
}

static assay_status fold_weights(asy_round *r, asy_jv v, assay_err *err)
{
	const char *note;
	TRY(asy_jv_bool(asy_jv_get(v, "refused"), &r->refused, err));
	TRY(asy_jv_str(asy_jv_get(v, "note"), &note, NULL, err));
	(void)asy_str_copy(r->note, sizeof r->note, note);
	size_t n = asy_jv_size(asy_jv_get(v, "uids"));
	TRY(get_u16s(r, asy_jv_get(v, "uids"), n, &r->uids, err));
	TRY(get_u16s(r, asy_jv_get(v, "values"), n, &r->values, err));
	TRY(asy_jv_u64(asy_jv_get(v, "version_key"), &r->version_key, err));
	TRY(asy_jv_bool(asy_jv_get(v, "plain"), &r->plain, err));
	TRY(asy_jv_u64(asy_jv_get(v, "block"), &r->weigh_block, err));
	r->weight_n = n;
	r->phase = ASY_PHASE_WEIGHED;
	return ASSAY_OK;
}

static assay_status fold_seal(asy_round *r, asy_jv v, assay_err *err)
{
	assay_span bytes;
	TRY(get_hash(asy_jv_get(v, "hash"), r->commit_hash.b, err));
	if (!r->plain) {
		TRY(get_base64(r->arena, asy_jv_get(v, "opening"), &bytes, err));
		TRY(asy_opening_decode(bytes, &r->opening, err));
	}
	r->phase = ASY_PHASE_SEALED;
	return ASSAY_OK;
}

static assay_status fold_tx(asy_round *r, asy_flight *f, asy_jv v, asy_phase next, assay_err *err)
{
	assay_span bytes;
	asy_tx tx = {0};
	uint32_t attempt = 0;
	TRY(get_u32(asy_jv_get(v, "attempt"), &attempt, err));
	TRY(get_base64(r->arena, asy_jv_get(v, "tx"), &bytes, err));
	TRY(asy_tx_decode(bytes, &tx, err));
	asy_tx_fini(&f->tx);
	*f = (asy_flight){.present = true, .attempt = attempt, .tx = tx};
	r->phase = next;
	return ASSAY_OK;
}

static assay_status fold_included(asy_round *r, asy_jv v, assay_err *err)
{
	TRY(get_block(v, &r->commit.block, err));
	TRY(asy_jv_u64(asy_jv_get(v, "commit_epoch"), &r->commit_epoch, err));
	TRY(asy_jv_u64(asy_jv_get(v, "reveal_period"), &r->reveal_period, err));
	r->commit.included = true;
	r->commit.missing = false;
	if (r->phase < ASY_PHASE_INCLUDED)
		r->phase = ASY_PHASE_INCLUDED;
	return ASSAY_OK;
}

/* Weights that were set directly are in place once their block is final. */
static assay_status fold_final(asy_round *r)
{
	r->commit.finalized = true;
	if (r->plain && r->phase == ASY_PHASE_INCLUDED) {
		r->reveal.block = r->commit.block;
		r->phase = ASY_PHASE_REVEALED;
	}
	return ASSAY_OK;
}

static assay_status fold_revealed(asy_round *r, asy_jv v, assay_err *err)
{
	TRY(get_block(v, &r->reveal.block, err));
	r->reveal.included = true;
	r->reveal.missing = false;
	r->phase = ASY_PHASE_REVEALED;
	return ASSAY_OK;
}

static assay_status fold_one(asy_round *r, asy_rec_type type, asy_jv v, assay_err *err)
{
	const char *note;
	switch (type) {
	case ASY_REC_BEGIN:
		return fold_begin(r, v, err);
	case ASY_REC_CHALLENGE:
		return fold_challenge(r, v, err);
	case ASY_REC_RESPONSE:
		return fold_response(r, v, err);
	case ASY_REC_QUERY_END:
		TRY(asy_jv_bool(asy_jv_get(v, "suspect_self"), &r->suspect_self, err));
		r->phase = ASY_PHASE_ASKED;
		return ASSAY_OK;
	case ASY_REC_SCORES:
		return fold_scores(r, v, err);
	case ASY_REC_TRACK:
		return fold_track(r, v, err);
	case ASY_REC_WEIGHTS:
		return fold_weights(r, v, err);
	case ASY_REC_PREDICT:
		r->phase = ASY_PHASE_PREDICTED;
		return ASSAY_OK;
	case ASY_REC_SEAL:
		return fold_seal(r, v, err);
	case ASY_REC_SUBMIT:
		return fold_tx(r, &r->commit, v, ASY_PHASE_SENT, err);
	case ASY_REC_INCLUDED:
		return fold_included(r, v, err);
	case ASY_REC_FINAL:
		return fold_final(r);
	case ASY_REC_REVEAL_SUBMIT:
		return fold_tx(r, &r->reveal, v, ASY_PHASE_REVEALING, err);
	case ASY_REC_REVEALED:
		return fold_revealed(r, v, err);
	case ASY_REC_COUNTED:
		r->phase = ASY_PHASE_COUNTED;
		return ASSAY_OK;
	case ASY_REC_MISSED:
		TRY(asy_jv_str(asy_jv_get(v, "reason"), &note, NULL, err));
		(void)asy_str_copy(r->note, sizeof r->note, note);
		r->phase = ASY_PHASE_MISSED;
		return ASSAY_OK;
	case ASY_REC_END:
		r->phase = ASY_PHASE_ENDED;
		return ASSAY_OK;
	}
	return ASSAY_FAIL(err, E_STORE, "unknown record type %d", (int)type);
}

assay_status asy_round_fold(asy_round *r, asy_rec_type type, assay_span payload, assay_err *err)
{
	static const asy_json_limits limits = {.max_bytes = ASY_REC_MAX, .max_depth = 64};
	asy_json *doc = NULL;
	if (!fits(r->phase, type))
		return ASSAY_FAIL(err, E_STORE, "round %" PRIu64 ": a %s record in phase %s", r->id,
						  asy_rec_name(type), asy_phase_name(r->phase));
	assay_status st = asy_json_parse(payload, &limits, &doc, err);
	if (st == ASSAY_OK)
		st = fold_one(r, type, asy_json_root(doc), err);
	asy_json_free(doc);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "round %" PRIu64 ", %s record", r->id, asy_rec_name(type));
	return ASSAY_OK;
}
