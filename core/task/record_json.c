/* How values stand in a record's JSON: digests as hex, bytes as base64, numbers that are
 * not there as null. */
#include <math.h>
#include <stdlib.h>
#include "task/record_json.h"

assay_status asy_record_parse(assay_span payload, asy_json **out, assay_err *err)
{
	static const asy_json_limits limits = {.max_bytes = ASY_REC_MAX, .max_depth = 64};
	return asy_json_parse(payload, &limits, out, err);
}

assay_status asy_rj_no_memory(assay_err *err)
{
	return ASSAY_FAIL(err, E_NOMEM, "the round's memory is used up");
}

assay_status asy_rj_hash(asy_jv v, uint8_t out[32], assay_err *err)
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

assay_status asy_rj_blob(asy_jv v, asy_blob_name *out, assay_err *err)
{
	out->present = !asy_jv_is_null(v);
	return out->present ? asy_rj_hash(v, out->b, err) : ASSAY_OK;
}

assay_status asy_rj_u32(asy_jv v, uint32_t *out, assay_err *err)
{
	uint64_t x;
	char path[96];
	TRY(asy_jv_u64(v, &x, err));
	if (x <= UINT32_MAX) {
		*out = (uint32_t)x;
		return ASSAY_OK;
	}
	asy_jv_path(v, path, sizeof path);
	return ASSAY_FAIL(err, E_STORE, "%s: a number beyond 32 bits", path);
}

assay_status asy_rj_f64(asy_jv v, double *out, assay_err *err)
{
	if (asy_jv_kind(v) == ASY_J_NULL) {
		*out = NAN;
		return ASSAY_OK;
	}
	return asy_jv_f64(v, out, err);
}

assay_status asy_rj_u16s(asy_jv v, asy_arena *a, size_t *n, uint16_t **out, assay_err *err)
{
	size_t have = asy_jv_size(v);
	char path[96];
	if (*n != SIZE_MAX && have != *n) {
		asy_jv_path(v, path, sizeof path);
		return ASSAY_FAIL(err, E_STORE, "%s: %zu values, %zu expected", path, have, *n);
	}
	uint16_t *x = asy_arena_array(a, have + 1, sizeof *x);
	if (x == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < have; i++)
		TRY(asy_jv_u16(asy_jv_at(v, i), &x[i], err));
	*n = have;
	*out = x;
	return ASSAY_OK;
}

assay_status asy_rj_base64(asy_jv v, asy_arena *a, assay_span *out, assay_err *err)
{
	const char *s;
	size_t len, n = 0;
	TRY(asy_jv_str(v, &s, &len, err));
	uint8_t *dst = asy_arena_take(a, len / 4 * 3 + 1, 1);
	if (dst == NULL)
		return asy_rj_no_memory(err);
	if (!asy_base64_decode(asy_span(s, len), dst, &n))
		return ASSAY_FAIL(err, E_STORE, "a body is not base64");
	*out = asy_span(dst, n);
	return ASSAY_OK;
}

assay_status asy_rj_text(asy_jv v, asy_arena *a, const char **out, assay_err *err)
{
	const char *s;
	size_t len;
	TRY(asy_jv_str(v, &s, &len, err));
	*out = asy_arena_strdup(a, s);
	return *out != NULL ? ASSAY_OK : asy_rj_no_memory(err);
}

assay_status asy_rj_canonical(asy_jv v, asy_arena *a, assay_span *out, assay_err *err)
{
	asy_buf text = {0};
	if (asy_jv_is_null(v)) {
		*out = (assay_span){0};
		return ASSAY_OK;
	}
	assay_status st = asy_jv_canonical(v, &text, err);
	if (st == ASSAY_OK) {
		void *copy = asy_arena_dup(a, text.ptr, text.len);
		*out = asy_span(copy, text.len);
		if (copy == NULL)
			st = asy_rj_no_memory(err);
	}
	asy_buf_fini(&text);
	return st;
}

assay_status asy_rj_block(asy_jv v, asy_block_ref *out, assay_err *err)
{
	TRY(asy_jv_u64(asy_jv_get(v, "block"), &out->number, err));
	return asy_rj_hash(asy_jv_get(v, "block_hash"), out->hash.b, err);
}

/* ---- writers ---- */

void asy_rj_put_block(asy_jw *w, const asy_block_ref *b)
{
	asy_jw_ku64(w, "block", b->number);
	asy_jw_khex(w, "block_hash", b->hash.b, 32);
}

void asy_rj_put_blob(asy_jw *w, const char *key, const asy_blob_name *b)
{
	if (b->present)
		asy_jw_khex(w, key, b->b, 32);
}

void asy_rj_put_json(asy_jw *w, const char *key, assay_span json)
{
	asy_jw_key(w, key);
	if (json.len != 0)
		asy_jw_raw(w, json);
	else
		asy_jw_null(w);
}

void asy_rj_put_u16s(asy_jw *w, const char *key, const uint16_t *v, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}

assay_status asy_rj_put_base64(asy_jw *w, const char *key, assay_span bytes, assay_err *err)
{
	size_t len = asy_base64_encoded_len(bytes.len);
	char *text = asy_calloc(len + 1, 1);
	if (text == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu bytes of base64", len);
	asy_base64_encode(text, bytes);
	asy_jw_key(w, key);
	asy_jw_strn(w, text, len);
	asy_wipe(text, len); /* an opening is a secret */
	free(text);
	return ASSAY_OK;
}

/* ---- MISSED, END ---- */

assay_status asy_record_put_reason(const char *reason, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	if (reason[0] != '\0')
		asy_jw_kstr(&w, "reason", reason);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_get_reason(asy_jv v, const char **reason, assay_err *err)
{
	asy_jv r = asy_jv_get(v, "reason");
	*reason = "";
	return asy_jv_is_null(r) ? ASSAY_OK : asy_jv_str(r, reason, NULL, err);
}
