/* The journal's records. The first byte chooses: a type, and the rest is one payload, for
 * which what is read and written again reads the same; or, from 0x80 on, a whole journal,
 * one "TYPE payload" in each line, that is folded. */
#include <stdlib.h>
#include "round/round.h"
#include "submission/submission.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
	asy_arena *a;
	asy_buf *out;
} rewriting;

static assay_status rewrite_asking(asy_rec_type type, asy_jv v, rewriting *w)
{
	asy_begin_record begin = {0};
	asy_challenge_record challenge = {0};
	asy_answer answer = {0};
	asy_query_end_record end = {0};
	asy_scores_record scores = {.component_n = 3};
	assay_status st = ASSAY_E_INPUT;
	if (type == ASY_REC_BEGIN && (st = asy_record_get_begin(v, w->a, &begin, NULL)) == ASSAY_OK)
		st = asy_record_put_begin(&begin, w->out, NULL);
	if (type == ASY_REC_CHALLENGE &&
		(st = asy_record_get_challenge(v, w->a, w->a, &challenge, NULL)) == ASSAY_OK)
		st = asy_record_put_challenge(&challenge, w->out, NULL);
	if (type == ASY_REC_RESPONSE &&
		(st = asy_record_get_response(v, w->a, &answer, NULL)) == ASSAY_OK)
		st = asy_record_put_response(&answer, w->out, NULL);
	if (type == ASY_REC_QUERY_END && (st = asy_record_get_query_end(v, &end, NULL)) == ASSAY_OK)
		st = asy_record_put_query_end(&end, w->out, NULL);
	if (type == ASY_REC_SCORES && (st = asy_record_get_scores(v, w->a, &scores, NULL)) == ASSAY_OK)
		st = asy_record_put_scores(&scores, w->out, NULL);
	return st;
}

static assay_status rewrite_weighing(asy_rec_type type, asy_jv v, rewriting *w)
{
	asy_track_record track = {0};
	asy_weights_record weights = {0};
	asy_counted_record counted = {0};
	assay_status st = ASSAY_E_INPUT;
	if (type == ASY_REC_TRACK && (st = asy_record_get_track(v, w->a, &track, NULL)) == ASSAY_OK)
		st = asy_record_put_track(&track, w->out, NULL);
	if (type == ASY_REC_WEIGHTS &&
		(st = asy_record_get_weights(v, w->a, &weights, NULL)) == ASSAY_OK &&
		(st = asy_record_get_weights_inputs(v, w->a, &weights, NULL)) == ASSAY_OK)
		st = asy_record_put_weights(&weights, w->out, NULL);
	if (type == ASY_REC_COUNTED &&
		(st = asy_record_get_counted(v, w->a, &counted, NULL)) == ASSAY_OK)
		st = asy_record_put_counted(&counted, w->out, NULL);
	return st;
}

static assay_status rewrite_sending(asy_rec_type type, asy_jv v, rewriting *w)
{
	asy_seal_record seal = {0};
	asy_tx_record tx = {0};
	asy_block_record block = {0};
	const char *reason;
	assay_status st = ASSAY_E_INPUT;
	if (type == ASY_REC_SEAL && (st = asy_record_get_seal(v, w->a, &seal, NULL)) == ASSAY_OK)
		st = asy_record_put_seal(&seal, w->out, NULL);
	if (type == ASY_REC_SUBMIT && (st = asy_record_get_tx(v, w->a, &tx, NULL)) == ASSAY_OK)
		st = asy_record_put_tx(&tx, w->out, NULL);
	asy_tx_fini(&tx.tx);
	if (type == ASY_REC_INCLUDED && (st = asy_record_get_block(v, &block, NULL)) == ASSAY_OK)
		st = asy_record_put_block(&block, w->out, NULL);
	if (type == ASY_REC_MISSED && (st = asy_record_get_reason(v, &reason, NULL)) == ASSAY_OK)
		st = asy_record_put_reason(reason, w->out, NULL);
	return st;
}

/* A forecast, with a vector in the place of the round's own. */
static assay_status rewrite_predict(asy_jv v, rewriting *w)
{
	static uint16_t none[1];
	asy_predict_record x;
	assay_status st = asy_record_get_predict(v, w->a, &x, NULL);
	if (st != ASSAY_OK || !x.expected.has_band)
		return ASSAY_E_INPUT; /* an older record is read, never written */
	asy_planned_row *row = asy_arena_array(w->a, x.plan.row_n, sizeof *row);
	if (row == NULL)
		return ASSAY_E_NOMEM;
	memcpy(row, x.plan.row, x.plan.row_n * sizeof *row);
	row[x.plan.row_n - 1].vector = (asy_vector){none, none, 0};
	x.plan.row = row;
	return asy_record_put_predict(&x, w->out, NULL);
}

static assay_status rewrite(asy_rec_type type, assay_span payload, asy_buf *out)
{
	asy_json *doc = NULL;
	rewriting w = {asy_arena_new((size_t)64 << 20), out};
	assay_status st = w.a == NULL ? ASSAY_E_NOMEM : asy_record_parse(payload, &doc, NULL);
	if (st == ASSAY_OK) {
		asy_jv v = asy_json_root(doc);
		st = rewrite_asking(type, v, &w);
		if (st == ASSAY_E_INPUT)
			st = rewrite_weighing(type, v, &w);
		if (st == ASSAY_E_INPUT)
			st = rewrite_sending(type, v, &w);
		if (st == ASSAY_E_INPUT && type == ASY_REC_PREDICT)
			st = rewrite_predict(v, &w);
	}
	asy_json_free(doc);
	asy_arena_free(w.a);
	return st;
}

static void one_record(asy_rec_type type, assay_span payload)
{
	asy_buf once = {0}, twice = {0};
	if (rewrite(type, payload, &once) == ASSAY_OK &&
		(rewrite(type, asy_buf_span(&once), &twice) != ASSAY_OK ||
		 !asy_span_eq(asy_buf_span(&once), asy_buf_span(&twice))))
		abort();
	asy_buf_fini(&once);
	asy_buf_fini(&twice);
}

static void one_outcome(assay_span json)
{
	asy_arena *a = asy_arena_new((size_t)64 << 20);
	asy_buf once = {0}, twice = {0};
	asy_forecast_outcome x;
	if (a != NULL && asy_forecast_outcome_get(json, a, &x, NULL) == ASSAY_OK &&
		(asy_forecast_outcome_put(&x, &once, NULL) != ASSAY_OK ||
		 asy_forecast_outcome_get(asy_buf_span(&once), a, &x, NULL) != ASSAY_OK ||
		 asy_forecast_outcome_put(&x, &twice, NULL) != ASSAY_OK ||
		 !asy_span_eq(asy_buf_span(&once), asy_buf_span(&twice))))
		abort();
	asy_buf_fini(&once);
	asy_buf_fini(&twice);
	asy_arena_free(a);
}

/* Lines of a type and a payload, folded into a round and into a submission: each takes its
 * own as long as all of them fit. */
static void journal(const uint8_t *data, size_t size)
{
	asy_round *r = NULL;
	asy_submission *sub = NULL;
	const uint8_t *end = data + size;
	bool r_fits = asy_round_new(1, &r, NULL) == ASSAY_OK;
	bool sub_fits = asy_submission_new(2, &sub, NULL) == ASSAY_OK;
	while (data < end) {
		const uint8_t *line = memchr(data, '\n', (size_t)(end - data));
		if (line == NULL)
			line = end;
		size_t len = (size_t)(line - data);
		asy_rec_type type = len > 1 ? (asy_rec_type)(data[0] - '@') : (asy_rec_type)0;
		assay_span payload = asy_span(data + 1, len > 1 ? len - 1 : 0);
		if (type >= ASY_REC_WEIGHTS)
			sub_fits = sub_fits && asy_submission_fold(sub, type, payload, NULL) == ASSAY_OK;
		else if (len > 1)
			r_fits = r_fits && asy_round_fold(r, type, payload, NULL) == ASSAY_OK;
		data = line + (line < end);
	}
	asy_round_free(r);
	asy_submission_free(sub);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] >= 0x80)
		journal(data + 1, size - 1);
	else if (data[0] == 'o')
		one_outcome(asy_span(data + 1, size - 1));
	else
		one_record((asy_rec_type)(data[0] - '@'), asy_span(data + 1, size - 1));
	return 0;
}
