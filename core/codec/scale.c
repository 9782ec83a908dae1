/* SCALE, the chain's byte format: little-endian integers, compact integers,
 * length-prefixed bytes. The reader is a cursor over borrowed bytes that refuses
 * to read past the end and to accept two encodings of one value. What the bytes
 * *mean* is the business of chain/, which knows the metadata.
 * Reason to change: another primitive of the format. */
#include "codec/codec.h"

static const uint8_t *need(asy_scale *s, size_t n, assay_err *err)
{
	if (s->at > s->bytes.len || asy_scale_left(s) < n) {
		size_t have = s->at > s->bytes.len ? 0 : asy_scale_left(s);
		(void)ASSAY_FAIL(err, E_FORMAT, "truncated: need %zu byte%s at offset %zu, have %zu", n,
						 n == 1 ? "" : "s", s->at, have);
		return NULL;
	}
	return s->bytes.ptr + s->at;
}

assay_status asy_scale_u8(asy_scale *s, uint8_t *out, assay_err *err)
{
	const uint8_t *p = need(s, 1, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;
	*out = *p;
	s->at += 1;
	return ASSAY_OK;
}

assay_status asy_scale_u16(asy_scale *s, uint16_t *out, assay_err *err)
{
	const uint8_t *p = need(s, 2, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;
	*out = asy_get_u16le(p);
	s->at += 2;
	return ASSAY_OK;
}

assay_status asy_scale_u32(asy_scale *s, uint32_t *out, assay_err *err)
{
	const uint8_t *p = need(s, 4, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;
	*out = asy_get_u32le(p);
	s->at += 4;
	return ASSAY_OK;
}

assay_status asy_scale_u64(asy_scale *s, uint64_t *out, assay_err *err)
{
	const uint8_t *p = need(s, 8, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;
	*out = asy_get_u64le(p);
	s->at += 8;
	return ASSAY_OK;
}

assay_status asy_scale_u128(asy_scale *s, uint64_t out[2], assay_err *err)
{
	const uint8_t *p = need(s, 16, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;
	out[0] = asy_get_u64le(p);
	out[1] = asy_get_u64le(p + 8);
	s->at += 16;
	return ASSAY_OK;
}

static assay_status tag(asy_scale *s, const char *what, bool *out, assay_err *err)
{
	const uint8_t *p = need(s, 1, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;
	if (*p > 1)
		return ASSAY_FAIL(err, E_FORMAT, "%s at offset %zu is %u, neither 0 nor 1", what, s->at,
						  (unsigned)*p);
	*out = *p == 1;
	s->at += 1;
	return ASSAY_OK;
}

assay_status asy_scale_bool(asy_scale *s, bool *out, assay_err *err)
{
	return tag(s, "boolean", out, err);
}

assay_status asy_scale_option(asy_scale *s, bool *some, assay_err *err)
{
	return tag(s, "option tag", some, err);
}

/* The four forms of a compact integer, told apart by the low two bits of the
 * first byte. A value must use the shortest form: hashes are taken over encoded
 * bytes, so a second spelling of the same value would be a second identity. */
assay_status asy_scale_compact128(asy_scale *s, uint64_t out[2], assay_err *err)
{
	const uint8_t *p = need(s, 1, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;
	unsigned mode = *p & 3;
	size_t len = mode == 0 ? 1 : mode == 1 ? 2 : mode == 2 ? 4 : (size_t)(*p >> 2) + 5;
	if (len > 17)
		return ASSAY_FAIL(err, E_RANGE, "compact integer at offset %zu has %zu bytes", s->at,
						  len - 1);
	p = need(s, len, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;

	uint8_t wide[16] = {0};
	bool minimal;
	uint64_t lo, hi;
	if (mode == 3) {
		memcpy(wide, p + 1, len - 1);
		lo = asy_get_u64le(wide);
		hi = asy_get_u64le(wide + 8);
		minimal = p[len - 1] != 0 && (hi != 0 || lo > 0x3fffffff);
	} else {
		memcpy(wide, p, len);
		lo = asy_get_u64le(wide) >> 2;
		hi = 0;
		minimal = mode == 0 || (mode == 1 ? lo > 0x3f : lo > 0x3fff);
	}
	if (!minimal)
		return ASSAY_FAIL(err, E_FORMAT,
						  "compact integer at offset %zu is not in its shortest form", s->at);
	out[0] = lo;
	out[1] = hi;
	s->at += len;
	return ASSAY_OK;
}

assay_status asy_scale_compact(asy_scale *s, uint64_t *out, assay_err *err)
{
	asy_scale at = *s;
	uint64_t wide[2] = {0, 0};
	assay_status st = asy_scale_compact128(&at, wide, err);
	if (st != ASSAY_OK)
		return st;
	if (wide[1] != 0)
		return ASSAY_FAIL(err, E_RANGE, "compact integer at offset %zu is beyond 64 bits", s->at);
	*out = wide[0];
	*s = at;
	return ASSAY_OK;
}

assay_status asy_scale_count(asy_scale *s, size_t min_item, size_t max, size_t *out, assay_err *err)
{
	asy_scale at = *s;
	uint64_t n = 0;
	assay_status st = asy_scale_compact(&at, &n, err);
	if (st != ASSAY_OK)
		return st;
	if (n > max)
		return ASSAY_FAIL(err, E_LIMIT, "length at offset %zu is %" PRIu64 ", limit %zu", s->at, n,
						  max);
	/* A length may not promise more than is left; checked before anything is allocated. */
	if (min_item != 0 && n > asy_scale_left(&at) / min_item)
		return ASSAY_FAIL(err, E_FORMAT,
						  "length at offset %zu is %" PRIu64
						  " items of at least %zu bytes, have %zu bytes",
						  s->at, n, min_item, asy_scale_left(&at));
	*out = (size_t)n;
	*s = at;
	return ASSAY_OK;
}

assay_status asy_scale_raw(asy_scale *s, size_t n, assay_span *out, assay_err *err)
{
	const uint8_t *p = need(s, n, err);
	if (p == NULL)
		return ASSAY_E_FORMAT;
	*out = asy_span(p, n);
	s->at += n;
	return ASSAY_OK;
}

assay_status asy_scale_bytes(asy_scale *s, size_t max, assay_span *out, assay_err *err)
{
	asy_scale at = *s;
	size_t n = 0;
	assay_status st = asy_scale_count(&at, 1, max, &n, err);
	if (st == ASSAY_OK)
		st = asy_scale_raw(&at, n, out, err);
	if (st == ASSAY_OK)
		*s = at;
	return st;
}

assay_status asy_scale_end(const asy_scale *s, assay_err *err)
{
	if (s->at != s->bytes.len)
		return ASSAY_FAIL(err, E_FORMAT, "%zu bytes left over at offset %zu", asy_scale_left(s),
						  s->at);
	return ASSAY_OK;
}

/* ---- out ---- */

void asy_scale_put_raw(asy_scale_w *w, const void *p, size_t len)
{
	if (w->st == ASSAY_OK)
		w->st = asy_buf_add(w->buf, p, len, NULL);
}

void asy_scale_put_u8(asy_scale_w *w, uint8_t v)
{
	asy_scale_put_raw(w, &v, 1);
}

void asy_scale_put_u16(asy_scale_w *w, uint16_t v)
{
	uint8_t b[2];
	asy_put_u16le(b, v);
	asy_scale_put_raw(w, b, sizeof b);
}

void asy_scale_put_u32(asy_scale_w *w, uint32_t v)
{
	uint8_t b[4];
	asy_put_u32le(b, v);
	asy_scale_put_raw(w, b, sizeof b);
}

void asy_scale_put_u64(asy_scale_w *w, uint64_t v)
{
	uint8_t b[8];
	asy_put_u64le(b, v);
	asy_scale_put_raw(w, b, sizeof b);
}

void asy_scale_put_bool(asy_scale_w *w, bool v)
{
	asy_scale_put_u8(w, v ? 1 : 0);
}

void asy_scale_put_compact128(asy_scale_w *w, uint64_t lo, uint64_t hi)
{
	if (hi == 0 && lo <= 0x3f) {
		asy_scale_put_u8(w, (uint8_t)(lo << 2));
	} else if (hi == 0 && lo <= 0x3fff) {
		asy_scale_put_u16(w, (uint16_t)(lo << 2 | 1));
	} else if (hi == 0 && lo <= 0x3fffffff) {
		asy_scale_put_u32(w, (uint32_t)(lo << 2 | 2));
	} else {
		uint8_t b[17];
		size_t n = 16;
		asy_put_u64le(b + 1, lo);
		asy_put_u64le(b + 9, hi);
		while (b[n] == 0)
			n--;
		b[0] = (uint8_t)((n - 4) << 2 | 3);
		asy_scale_put_raw(w, b, n + 1);
	}
}

void asy_scale_put_compact(asy_scale_w *w, uint64_t v)
{
	asy_scale_put_compact128(w, v, 0);
}

void asy_scale_put_bytes(asy_scale_w *w, const void *p, size_t len)
{
	asy_scale_put_compact(w, len);
	asy_scale_put_raw(w, p, len);
}

void asy_scale_put_u16s(asy_scale_w *w, const uint16_t *v, size_t n)
{
	asy_scale_put_compact(w, n);
	for (size_t i = 0; i < n; i++)
		asy_scale_put_u16(w, v[i]);
}

assay_status asy_scale_out_end(asy_scale_w *w, assay_err *err)
{
	if (w->st != ASSAY_OK)
		return asy_err_set(err, w->st, "SCALE output stopped after %zu bytes: %s", w->buf->len,
						   assay_status_text(w->st));
	return ASSAY_OK;
}
