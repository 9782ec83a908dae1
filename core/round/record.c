/* What the journal's records look like: one JSON object each, so that anyone can
 * read a data directory with any SQLite tool. Doubles are printed so that they read
 * back to the same bits. The reader is fold.c. */
#include <math.h>
#include <stdlib.h>
#include "round/state.h"

static assay_status put_base64(asy_jw *w, const char *key, assay_span bytes, assay_err *err)
{
	size_t len = asy_base64_encoded_len(bytes.len);
	char *text = asy_calloc(len + 1, 1);
	if (text == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu bytes of base64", len);
	asy_base64_encode(text, bytes);
	asy_jw_key(w, key);
	asy_jw_strn(w, text, len);
	free(text);
	return ASSAY_OK;
}

static void put_block(asy_jw *w, const asy_block_ref *b)
{
	asy_jw_ku64(w, "block", b->number);
	asy_jw_khex(w, "block_hash", b->hash.b, 32);
}

assay_status asy_record_begin(const asy_begin_facts *f, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "netuid", f->netuid);
	asy_jw_ku64(&w, "mecid", f->mecid);
	asy_jw_khex(&w, "genesis", f->genesis->b, 32);
	put_block(&w, f->block);
	asy_jw_ku64(&w, "epoch", f->epoch);
	asy_jw_khex(&w, "seed", f->seed, 32);
	asy_jw_ku64(&w, "time_ns", f->time_ns);
	asy_jw_khex(&w, "config_digest", f->config_digest, 32);
	asy_jw_key(&w, "config");
	asy_jw_raw(&w, f->config_json.len != 0 ? f->config_json : asy_span("null", 4));
	asy_jw_key(&w, "plugin");
	asy_jw_object(&w);
	asy_jw_kstr(&w, "id", f->plugin->id);
	asy_jw_kstr(&w, "version", f->plugin->version);
	asy_jw_khex(&w, "file_digest", f->plugin->file_digest, 32);
	asy_jw_khex(&w, "config_digest", f->plugin->config_digest, 32);
	asy_jw_ku64(&w, "components", f->plugin->component_n);
	asy_jw_end_object(&w);
	asy_jw_kstr(&w, "assay", assay_version());
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static void put_json(asy_jw *w, const char *key, assay_span json)
{
	asy_jw_key(w, key);
	if (json.len != 0)
		asy_jw_raw(w, json);
	else
		asy_jw_null(w);
}

assay_status asy_record_challenge(const asy_question *q, size_t q_n, const asy_asked *t, size_t t_n,
								  asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, "questions");
	asy_jw_array(&w);
	for (size_t i = 0; i < q_n; i++) {
		asy_jw_object(&w);
		asy_jw_kstr(&w, "id", q[i].id);
		put_json(&w, "prompt", q[i].prompt);
		put_json(&w, "reference", q[i].reference);
		put_json(&w, "meta", q[i].meta);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_key(&w, "targets");
	asy_jw_array(&w);
	for (size_t i = 0; i < t_n; i++) {
		asy_jw_object(&w);
		asy_jw_ku64(&w, "uid", t[i].uid);
		asy_jw_khex(&w, "hotkey", t[i].hotkey.b, 32);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_response(const asy_answer *a, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "target", a->target);
	asy_jw_ku64(&w, "question", a->question);
	asy_jw_kstr(&w, "status", asy_resp_name(a->status));
	asy_jw_kbool(&w, "our_fault", a->our_fault);
	asy_jw_ku64(&w, "http_status", a->http_status);
	asy_jw_ku64(&w, "latency_ns", a->latency_ns);
	asy_jw_kstr(&w, "cause", a->cause);
	assay_status st = put_base64(&w, "body", a->body, err);
	asy_jw_end_object(&w);
	assay_status end = asy_jw_end(&w, st == ASSAY_OK ? err : NULL);
	return st != ASSAY_OK ? st : end;
}

assay_status asy_record_query_end(const asy_round *r, bool suspect_self, asy_buf *out,
								  assay_err *err)
{
	uint64_t by_status[ASY_RESP_STATUS_N] = {0};
	asy_jw w = asy_jw_out(out, 0);
	for (size_t i = 0; i < asy_round_slots(r); i++)
		if (r->answer[i] != NULL)
			by_status[r->answer[i]->status]++;
	asy_jw_object(&w);
	asy_jw_ku64(&w, "answers", r->answer_n);
	asy_jw_kbool(&w, "suspect_self", suspect_self);
	asy_jw_key(&w, "by_status");
	asy_jw_object(&w);
	for (uint32_t s = 0; s < ASY_RESP_STATUS_N; s++)
		asy_jw_ku64(&w, asy_resp_name(s), by_status[s]);
	asy_jw_end_object(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_scores(const asy_plugin_row *row, const double *component,
							   size_t component_n, const size_t *slots, size_t n, asy_buf *out,
							   assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, "rows");
	asy_jw_array(&w);
	for (size_t i = 0; i < n; i++) {
		const asy_plugin_row *x = &row[slots[i]];
		asy_jw_object(&w);
		asy_jw_ku64(&w, "slot", slots[i]);
		asy_jw_ku64(&w, "flag", x->flag);
		asy_jw_ku64(&w, "cause", x->cause);
		asy_jw_kf64(&w, "score", x->score); /* NaN becomes null */
		asy_jw_kf64(&w, "value", x->value);
		if (component != NULL && component_n != 0 && x->flag == ASY_ROW_SCORED) {
			asy_jw_key(&w, "components");
			asy_jw_array(&w);
			for (size_t c = 0; c < component_n; c++)
				asy_jw_f64(&w, component[slots[i] * component_n + c]);
			asy_jw_end_array(&w);
		}
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_tx(const asy_tx *tx, uint32_t attempt, asy_buf *out, assay_err *err)
{
	asy_buf bytes = {0};
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "attempt", attempt);
	asy_jw_kstr(&w, "call", tx->call);
	asy_jw_khex(&w, "hash", tx->hash.b, 32);
	asy_jw_ku64(&w, "nonce", tx->nonce);
	assay_status st = asy_tx_encode(tx, &bytes, err);
	if (st == ASSAY_OK)
		st = put_base64(&w, "tx", asy_buf_span(&bytes), err);
	asy_buf_fini(&bytes);
	asy_jw_end_object(&w);
	assay_status end = asy_jw_end(&w, st == ASSAY_OK ? err : NULL);
	return st != ASSAY_OK ? st : end;
}

assay_status asy_record_block(const asy_block_ref *block, uint64_t commit_epoch,
							  uint64_t reveal_period, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	put_block(&w, block);
	asy_jw_ku64(&w, "commit_epoch", commit_epoch);
	asy_jw_ku64(&w, "reveal_period", reveal_period);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_note(const char *key, const char *text, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	if (key != NULL)
		asy_jw_kstr(&w, key, text);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}
