/* The records of a round: each written and read here. */
#include <math.h>
#include "round/fault.h"
#include "round/record.h"

/* ---- what a plugin remembers: in BEGIN and SCORES ---- */

static void put_state(asy_jw *w, const asy_kept_state *x, const asy_blob_name *before)
{
	asy_jw_key(w, "state");
	asy_jw_object(w);
	asy_jw_ku64(w, "version", x->version);
	if (before != NULL)
		asy_rj_put_blob(w, "before", before);
	asy_rj_put_blob(w, "blob", &x->blob);
	asy_jw_end_object(w);
}

assay_status asy_record_get_state(asy_jv v, asy_kept_state *x, asy_blob_name *before,
								  assay_err *err)
{
	asy_jv state = asy_jv_get(v, "state");
	*x = (asy_kept_state){0};
	if (before != NULL)
		*before = (asy_blob_name){0};
	if (asy_jv_is_null(state))
		return ASSAY_OK;
	TRY(asy_jv_u64(asy_jv_get(state, "version"), &x->version, err));
	if (before != NULL)
		TRY(asy_rj_blob(asy_jv_get(state, "before"), before, err));
	return asy_rj_blob(asy_jv_get(state, "blob"), &x->blob, err);
}

/* ---- BEGIN ---- */

assay_status asy_record_put_begin(const asy_begin_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_under_put(&x->under, &w);
	asy_rj_put_block(&w, &x->block);
	asy_jw_ku64(&w, "epoch", x->epoch);
	asy_jw_khex(&w, "seed", x->seed, 32);
	asy_jw_ku64(&w, "time_ns", x->time_ns);
	asy_jw_key(&w, "plugin");
	asy_jw_object(&w);
	asy_jw_kstr(&w, "id", x->plugin_id);
	asy_jw_kstr(&w, "version", x->plugin_version);
	asy_jw_khex(&w, "file_digest", x->plugin_file, 32);
	asy_jw_khex(&w, "config_digest", x->plugin_config, 32);
	asy_jw_ku64(&w, "components", x->component_n);
	if (x->cage != NULL)
		asy_jw_kstr(&w, "cage", x->cage);
	asy_jw_end_object(&w);
	if (x->state.version != 0)
		put_state(&w, &x->state, NULL);
	asy_jw_kstr(&w, "assay", assay_version());
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_get_begin(asy_jv v, asy_arena *a, asy_begin_record *x, assay_err *err)
{
	asy_jv plugin = asy_jv_get(v, "plugin");
	uint64_t components;
	TRY(asy_under_get(v, a, &x->under, err));
	TRY(asy_rj_block(v, &x->block, err));
	TRY(asy_jv_u64(asy_jv_get(v, "epoch"), &x->epoch, err));
	TRY(asy_rj_hash(asy_jv_get(v, "seed"), x->seed, err));
	TRY(asy_jv_u64(asy_jv_get(v, "time_ns"), &x->time_ns, err));
	TRY(asy_rj_text(asy_jv_get(plugin, "id"), a, &x->plugin_id, err));
	TRY(asy_rj_text(asy_jv_get(plugin, "version"), a, &x->plugin_version, err));
	TRY(asy_rj_hash(asy_jv_get(plugin, "file_digest"), x->plugin_file, err));
	TRY(asy_rj_hash(asy_jv_get(plugin, "config_digest"), x->plugin_config, err));
	TRY(asy_jv_u64(asy_jv_get(plugin, "components"), &components, err));
	x->cage = NULL;
	if (asy_jv_kind(asy_jv_get(plugin, "cage")) != ASY_J_ABSENT)
		TRY(asy_rj_text(asy_jv_get(plugin, "cage"), a, &x->cage, err));
	if (components > 64)
		return ASSAY_FAIL(err, E_STORE, "number of components out of range");
	x->component_n = (size_t)components;
	return asy_record_get_state(v, &x->state, NULL, err);
}

/* ---- CHALLENGE ---- */

static void put_questions(asy_jw *w, const asy_challenge_record *x)
{
	asy_jw_key(w, "questions");
	asy_jw_array(w);
	for (size_t i = 0; i < x->question_n; i++) {
		asy_jw_object(w);
		asy_jw_kstr(w, "id", x->question[i].id);
		asy_rj_put_json(w, "prompt", x->question[i].prompt);
		asy_rj_put_json(w, "reference", x->question[i].reference);
		asy_rj_put_json(w, "meta", x->question[i].meta);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

/* In hex: JSON readers take numbers of 64 bits for doubles. */
static void put_who(asy_jw *w, const asy_plugin_who *x)
{
	uint8_t b[24];
	asy_put_u64le(b, x->hotkey);
	asy_put_u64le(b + 8, x->coldkey);
	asy_put_u64le(b + 16, x->address);
	asy_jw_khex(w, "who", b, sizeof b);
}

static assay_status get_who(asy_jv v, asy_plugin_who *x, assay_err *err)
{
	uint8_t b[24];
	const char *hex;
	size_t len;
	*x = (asy_plugin_who){0};
	if (asy_jv_is_null(v))
		return ASSAY_OK;
	TRY(asy_jv_str(v, &hex, &len, err));
	if (len != 2 + 2 * sizeof b || !asy_hex_decode(hex, b, sizeof b))
		return ASSAY_FAIL(err, E_STORE, "\"who\" is not three numbers");
	*x = (asy_plugin_who){asy_get_u64le(b), asy_get_u64le(b + 8), asy_get_u64le(b + 16)};
	return ASSAY_OK;
}

assay_status asy_record_put_challenge(const asy_challenge_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	put_questions(&w, x);
	asy_jw_key(&w, "targets");
	asy_jw_array(&w);
	for (size_t i = 0; i < x->target_n; i++) {
		asy_jw_object(&w);
		asy_jw_ku64(&w, "uid", x->target[i].uid);
		asy_jw_khex(&w, "hotkey", x->target[i].hotkey.b, 32);
		put_who(&w, &x->target[i].who);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status get_question(asy_jv v, asy_arena *a, asy_question *q, assay_err *err)
{
	TRY(asy_rj_text(asy_jv_get(v, "id"), a, &q->id, err));
	TRY(asy_rj_canonical(asy_jv_get(v, "prompt"), a, &q->prompt, err));
	TRY(asy_rj_canonical(asy_jv_get(v, "reference"), a, &q->reference, err));
	return asy_rj_canonical(asy_jv_get(v, "meta"), a, &q->meta, err);
}

assay_status asy_record_get_challenge(asy_jv v, asy_arena *questions, asy_arena *targets,
									  asy_challenge_record *x, assay_err *err)
{
	asy_jv qs = asy_jv_get(v, "questions"), ts = asy_jv_get(v, "targets");
	x->question_n = asy_jv_size(qs);
	x->target_n = asy_jv_size(ts);
	x->question = asy_arena_array(questions, x->question_n + 1, sizeof *x->question);
	x->target = asy_arena_array(targets, x->target_n + 1, sizeof *x->target);
	if (x->question == NULL || x->target == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < x->question_n; i++)
		TRY(get_question(asy_jv_at(qs, i), questions, &x->question[i], err));
	for (size_t i = 0; i < x->target_n; i++) {
		asy_jv t = asy_jv_at(ts, i);
		TRY(asy_jv_u16(asy_jv_get(t, "uid"), &x->target[i].uid, err));
		TRY(asy_rj_hash(asy_jv_get(t, "hotkey"), x->target[i].hotkey.b, err));
		TRY(get_who(asy_jv_get(t, "who"), &x->target[i].who, err));
	}
	return ASSAY_OK;
}

/* ---- RESPONSE ---- */

#define BODY_MAX ((uint64_t)1 << 30)

static void put_body(asy_jw *w, const asy_answer *x)
{
	asy_jw_key(w, "body");
	asy_jw_object(w);
	asy_jw_ku64(w, "len", x->body_len);
	asy_jw_key(w, "pieces");
	asy_jw_array(w);
	for (size_t i = 0; i < asy_pieces_of(x->body_len); i++) {
		char hex[67];
		asy_piece name;
		if (x->piece != NULL)
			name = x->piece[i];
		else
			asy_piece_name(asy_piece_at(x->body, i), &name);
		asy_hex_encode(hex, name.b, sizeof name.b);
		asy_jw_str(w, hex);
	}
	asy_jw_end_array(w);
	asy_jw_end_object(w);
}

static void put_evidence(asy_jw *w, const asy_answer *x)
{
	asy_jw_ku64(w, "first_byte_ns", x->first_byte_ns);
	asy_jw_kstr(w, "content_type", x->content_type != NULL ? x->content_type : "");
	asy_jw_key(w, "chunks"); /* [microseconds, bytes that were there] */
	asy_jw_array(w);
	for (uint32_t i = 0; i < x->chunk_n; i++) {
		asy_jw_array(w);
		asy_jw_u64(w, x->chunk[i].at_us);
		asy_jw_u64(w, x->chunk[i].end);
		asy_jw_end_array(w);
	}
	asy_jw_end_array(w);
}

static assay_status get_chunks(asy_jv v, asy_arena *a, asy_answer *x, assay_err *err)
{
	size_t n = asy_jv_size(v);
	uint64_t end = 0;
	if (n > ASY_PLUGIN_CHUNKS_MAX)
		return ASSAY_FAIL(err, E_STORE, "%zu chunks of an answer", n);
	asy_plugin_chunk *chunk = asy_arena_array(a, n + 1, sizeof *chunk);
	if (chunk == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < n; end = chunk[i++].end) {
		TRY(asy_jv_u64(asy_jv_at(asy_jv_at(v, i), 0), &chunk[i].at_us, err));
		TRY(asy_jv_u64(asy_jv_at(asy_jv_at(v, i), 1), &chunk[i].end, err));
		if (chunk[i].end < end || chunk[i].end > x->body_len)
			return ASSAY_FAIL(err, E_STORE, "chunk %zu lies outside the answer", i);
	}
	x->chunk = chunk;
	x->chunk_n = (uint32_t)n;
	return ASSAY_OK;
}

/* After the body, which chunks are part of. */
static assay_status get_evidence(asy_jv v, asy_arena *a, asy_answer *x, assay_err *err)
{
	x->first_byte_ns = 0;
	x->content_type = "";
	x->chunk = NULL;
	x->chunk_n = 0;
	if (asy_jv_is_null(asy_jv_get(v, "first_byte_ns")))
		return ASSAY_OK; /* an older version kept none of it */
	TRY(asy_jv_u64(asy_jv_get(v, "first_byte_ns"), &x->first_byte_ns, err));
	TRY(asy_rj_text(asy_jv_get(v, "content_type"), a, &x->content_type, err));
	return get_chunks(asy_jv_get(v, "chunks"), a, x, err);
}

assay_status asy_record_put_response(const asy_answer *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "target", x->target);
	asy_jw_ku64(&w, "question", x->question);
	asy_jw_kstr(&w, "status", asy_resp_name(x->status));
	asy_jw_kstr(&w, "why", asy_why_word(x->why));
	asy_jw_ku64(&w, "http_status", x->http_status);
	asy_jw_ku64(&w, "latency_ns", x->latency_ns);
	put_evidence(&w, x);
	asy_jw_kstr(&w, "cause", x->cause);
	put_body(&w, x);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status get_body(asy_jv v, asy_arena *a, asy_answer *x, assay_err *err)
{
	asy_jv pieces = asy_jv_get(v, "pieces");
	uint64_t len;
	if (asy_jv_kind(v) == ASY_J_STRING) { /* as older versions have it */
		TRY(asy_rj_base64(v, a, &x->body, err));
		x->body_len = x->body.len;
		x->piece = NULL;
		return ASSAY_OK;
	}
	TRY(asy_jv_u64(asy_jv_get(v, "len"), &len, err));
	x->body = (assay_span){0};
	x->body_len = (size_t)len;
	if (len > BODY_MAX || asy_jv_size(pieces) != asy_pieces_of((size_t)len))
		return ASSAY_FAIL(err, E_STORE, "a body of %" PRIu64 " bytes in %zu pieces", len,
						  asy_jv_size(pieces));
	x->piece = asy_arena_array(a, asy_jv_size(pieces) + 1, sizeof *x->piece);
	if (x->piece == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < asy_jv_size(pieces); i++)
		TRY(asy_rj_hash(asy_jv_at(pieces, i), x->piece[i].b, err));
	return ASSAY_OK;
}

/* What older records said instead: our fault or not, and the class. */
static assay_status older_why(asy_jv v, asy_answer *x, assay_err *err)
{
	static const asy_why of[ASY_RESP_STATUS_N] = {
		[ASY_RESP_OK] = ASY_WHY_OK,
		[ASY_RESP_EMPTY] = ASY_WHY_EMPTY,
		[ASY_RESP_TIMEOUT] = ASY_WHY_TIMEOUT,
		[ASY_RESP_HTTP] = ASY_WHY_STATUS,
		[ASY_RESP_REFUSED] = ASY_WHY_UNREACHABLE,
		[ASY_RESP_TOO_LARGE] = ASY_WHY_TOO_LARGE,
		[ASY_RESP_UNSIGNED] = ASY_WHY_STATUS,
	};
	bool ours;
	TRY(asy_jv_bool(asy_jv_get(v, "our_fault"), &ours, err));
	x->why = ours ? ASY_WHY_INTERNAL : of[x->status];
	return ASSAY_OK;
}

static assay_status get_why(asy_jv v, asy_answer *x, assay_err *err)
{
	const char *word;
	asy_jv why = asy_jv_get(v, "why");
	if (asy_jv_is_null(why))
		return older_why(v, x, err);
	TRY(asy_jv_str(why, &word, NULL, err));
	x->why = asy_why_find(word);
	return x->why < ASY_WHY_N ? ASSAY_OK : ASSAY_FAIL(err, E_STORE, "why is unknown");
}

assay_status asy_record_get_response(asy_jv v, asy_arena *a, asy_answer *x, assay_err *err)
{
	const char *status;
	TRY(asy_rj_u32(asy_jv_get(v, "target"), &x->target, err));
	TRY(asy_rj_u32(asy_jv_get(v, "question"), &x->question, err));
	TRY(asy_jv_str(asy_jv_get(v, "status"), &status, NULL, err));
	TRY(asy_rj_u32(asy_jv_get(v, "http_status"), &x->http_status, err));
	TRY(asy_jv_u64(asy_jv_get(v, "latency_ns"), &x->latency_ns, err));
	TRY(asy_rj_text(asy_jv_get(v, "cause"), a, &x->cause, err));
	x->bytes = (asy_buf){0};
	TRY(get_body(asy_jv_get(v, "body"), a, x, err));
	TRY(get_evidence(v, a, x, err));
	for (x->status = 0; x->status < ASY_RESP_STATUS_N; x->status++)
		if (strcmp(asy_resp_name(x->status), status) == 0)
			return get_why(v, x, err);
	return ASSAY_FAIL(err, E_STORE, "status is unknown");
}

/* ---- QUERY_END ---- */

assay_status asy_record_put_query_end(const asy_query_end_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "answers", x->answers);
	asy_jw_ku64(&w, "rules", x->rules);
	asy_jw_kbool(&w, "suspect", x->suspect);
	asy_jw_key(&w, "by_status");
	asy_jw_object(&w);
	for (uint32_t s = 0; s < ASY_RESP_STATUS_N; s++)
		asy_jw_ku64(&w, asy_resp_name(s), x->by_status[s]);
	asy_jw_end_object(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_get_query_end(asy_jv v, asy_query_end_record *x, assay_err *err)
{
	asy_jv by_status = asy_jv_get(v, "by_status"), rules = asy_jv_get(v, "rules");
	bool is_older = asy_jv_is_null(rules);
	x->rules = 1;
	if (!is_older)
		TRY(asy_jv_u64(rules, &x->rules, err));
	if (x->rules == 0 || x->rules > ASY_FAULT_RULES)
		return ASSAY_FAIL(err, E_STORE, "judged by rules %" PRIu64 " of a newer version", x->rules);
	TRY(asy_jv_bool(asy_jv_get(v, is_older ? "suspect_self" : "suspect"), &x->suspect, err));
	TRY(asy_jv_u64(asy_jv_get(v, "answers"), &x->answers, err));
	for (uint32_t s = 0; s < ASY_RESP_STATUS_N; s++) {
		asy_jv n = asy_jv_get(by_status, asy_resp_name(s));
		x->by_status[s] = 0;
		if (!asy_jv_is_null(n)) /* a class that an older version did not know */
			TRY(asy_jv_u64(n, &x->by_status[s], err));
	}
	return ASSAY_OK;
}

/* ---- SCORES ---- */

static void put_row(asy_jw *w, const asy_scores_record *x, size_t i)
{
	const asy_plugin_row *row = &x->row[i];
	asy_jw_object(w);
	asy_jw_ku64(w, "slot", x->slot[i]);
	asy_jw_ku64(w, "flag", row->flag);
	asy_jw_ku64(w, "cause", row->cause);
	asy_jw_kf64(w, "score", row->score); /* NaN becomes null */
	asy_jw_kf64(w, "value", row->value);
	if (x->component != NULL && x->component_n != 0 && row->flag == ASY_ROW_SCORED) {
		asy_jw_key(w, "components");
		asy_jw_array(w);
		for (size_t c = 0; c < x->component_n; c++)
			asy_jw_f64(w, x->component[i * x->component_n + c]);
		asy_jw_end_array(w);
	}
	asy_jw_end_object(w);
}

assay_status asy_record_put_scores(const asy_scores_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, "rows");
	asy_jw_array(&w);
	for (size_t i = 0; i < x->n; i++)
		put_row(&w, x, i);
	asy_jw_end_array(&w);
	if (x->has_state)
		put_state(&w, &x->state, &x->before);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status get_row(asy_jv v, asy_scores_record *x, size_t i, assay_err *err)
{
	asy_jv components = asy_jv_get(v, "components");
	asy_plugin_row *row = &x->row[i];
	double *component = x->component + i * x->component_n;
	uint64_t slot, flag, cause;
	TRY(asy_jv_u64(asy_jv_get(v, "slot"), &slot, err));
	TRY(asy_jv_u64(asy_jv_get(v, "flag"), &flag, err));
	TRY(asy_jv_u64(asy_jv_get(v, "cause"), &cause, err));
	if (slot > SIZE_MAX || flag > ASY_ROW_NOT_ASKED || cause > ASY_CAUSE_QUARANTINE)
		return ASSAY_FAIL(err, E_STORE, "slot, flag or cause out of range");
	TRY(asy_rj_f64(asy_jv_get(v, "score"), &row->score, err));
	TRY(asy_rj_f64(asy_jv_get(v, "value"), &row->value, err));
	x->slot[i] = (size_t)slot;
	row->flag = (uint8_t)flag;
	row->cause = (uint8_t)cause;
	for (size_t c = 0; c < x->component_n; c++) {
		component[c] = NAN;
		if (c < asy_jv_size(components))
			TRY(asy_rj_f64(asy_jv_at(components, c), &component[c], err));
	}
	return ASSAY_OK;
}

assay_status asy_record_get_scores(asy_jv v, asy_arena *a, asy_scores_record *x, assay_err *err)
{
	asy_jv rows = asy_jv_get(v, "rows");
	size_t cells;
	x->n = asy_jv_size(rows);
	if (!asy_mul_size(x->n, x->component_n, &cells))
		return ASSAY_FAIL(err, E_STORE, "%zu rows are too many", x->n);
	x->slot = asy_arena_array(a, x->n + 1, sizeof *x->slot);
	x->row = asy_arena_array(a, x->n + 1, sizeof *x->row);
	x->component = asy_arena_array(a, cells + 1, sizeof *x->component);
	if (x->slot == NULL || x->row == NULL || x->component == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < x->n; i++)
		TRY(get_row(asy_jv_at(rows, i), x, i, err));
	TRY(asy_record_get_state(v, &x->state, &x->before, err));
	x->has_state = x->state.version != 0;
	return ASSAY_OK;
}

/* ---- TRACK ---- */

assay_status asy_record_put_track(const asy_track_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "time_ns", x->time_ns);
	asy_jw_ku64(&w, "folded", x->folded);
	asy_jw_ku64(&w, "missing", x->missing);
	asy_jw_ku64(&w, "mismatched", x->mismatched);
	asy_jw_kbool(&w, "plugin_blamed", x->plugin_blamed);
	asy_jw_ku64(&w, "version", x->version);
	asy_rj_put_blob(&w, "before", &x->before);
	asy_jw_khex(&w, "digest", x->after, 32);
	asy_jw_key(&w, "means");
	asy_jw_array(&w);
	for (size_t t = 0; t < x->mean_n; t++)
		asy_jw_f64(&w, x->mean[t]);
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_get_track(asy_jv v, asy_arena *a, asy_track_record *x, assay_err *err)
{
	asy_jv means = asy_jv_get(v, "means"), blamed = asy_jv_get(v, "plugin_blamed");
	x->plugin_blamed = false;
	if (!asy_jv_is_null(blamed)) /* an older version did not look */
		TRY(asy_jv_bool(blamed, &x->plugin_blamed, err));
	TRY(asy_jv_u64(asy_jv_get(v, "time_ns"), &x->time_ns, err));
	TRY(asy_jv_u64(asy_jv_get(v, "folded"), &x->folded, err));
	TRY(asy_jv_u64(asy_jv_get(v, "missing"), &x->missing, err));
	TRY(asy_jv_u64(asy_jv_get(v, "mismatched"), &x->mismatched, err));
	x->version = 0;
	if (!asy_jv_is_null(asy_jv_get(v, "version")))
		TRY(asy_jv_u64(asy_jv_get(v, "version"), &x->version, err));
	TRY(asy_rj_blob(asy_jv_get(v, "before"), &x->before, err));
	TRY(asy_rj_hash(asy_jv_get(v, "digest"), x->after, err));
	x->mean_n = asy_jv_size(means);
	x->mean = asy_arena_array(a, x->mean_n + 1, sizeof *x->mean);
	if (x->mean == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < x->mean_n; i++)
		TRY(asy_rj_f64(asy_jv_at(means, i), &x->mean[i], err));
	return ASSAY_OK;
}
