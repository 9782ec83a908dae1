/* Values by type id: walking over them (events carry no lengths, so every earlier one
 * must be walked) and showing them as JSON. Work and depth are bounded: a registry can
 * describe a type of zero bytes a billion times over.
 * Refuses enum numbers that the type does not have.
 * Reason to change: a kind of type is added. */
#include "chain/metadata.h"

#define VALUE_STEPS_MAX (1u << 22)

/* One walker serves both: w is NULL when only moving on. */
typedef struct {
	const asy_metadata *m;
	asy_scale *in;
	asy_jw *w;
	uint32_t steps;
	assay_err *err;
} walker;

static assay_status walk(walker *k, uint32_t id, unsigned depth);

static const uint8_t prim_size[] = {1, 4, 0, 1, 2, 4, 8, 16, 32, 1, 2, 4, 8, 16, 32};

/* ---- integers ---- */

/* 128 bits in decimal; 256-bit ones are shown as hex, nobody reads them. */
static void put_u128(asy_jw *w, uint64_t lo, uint64_t hi, bool negative)
{
	char text[48];
	size_t at = sizeof text;
	text[--at] = '\0';
	uint32_t limb[4] = {(uint32_t)lo, (uint32_t)(lo >> 32), (uint32_t)hi, (uint32_t)(hi >> 32)};
	do {
		uint64_t rest = 0;
		for (int i = 3; i >= 0; i--) {
			uint64_t v = rest << 32 | limb[i];
			limb[i] = (uint32_t)(v / 10);
			rest = v % 10;
		}
		text[--at] = (char)('0' + rest);
	} while ((limb[0] | limb[1] | limb[2] | limb[3]) != 0);
	if (negative)
		text[--at] = '-';
	asy_jw_str(w, text + at);
}

#define EXACT_IN_JSON ((uint64_t)1 << 53)

static void put_unsigned(asy_jw *w, uint64_t v)
{
	if (v <= EXACT_IN_JSON)
		asy_jw_u64(w, v);
	else
		put_u128(w, v, 0, false);
}

static void put_hex(asy_jw *w, assay_span s)
{
	asy_buf text = {0};
	assay_status st = asy_buf_add_str(&text, "0x", NULL);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(&text, 2 * s.len + 1, NULL);
	if (st == ASSAY_OK) {
		asy_hex_encode((char *)text.ptr + 2, s.ptr, s.len);
		asy_jw_strn(w, (const char *)text.ptr, 2 + 2 * s.len);
	} else {
		w->st = st;
	}
	asy_buf_fini(&text);
}

static void put_integer(asy_jw *w, asy_primitive p, assay_span s)
{
	uint64_t lo = 0, hi = 0;
	for (size_t i = 0; i < s.len && i < 8; i++)
		lo |= (uint64_t)s.ptr[i] << (8 * i);
	if (s.len == 16)
		hi = asy_get_u64le(s.ptr + 8);
	bool is_signed = p >= ASY_PRIM_I8;
	bool negative = is_signed && (s.ptr[s.len - 1] & 0x80) != 0;
	if (s.len > 16) {
		put_hex(w, s);
	} else if (s.len == 16) {
		if (negative) {
			lo = ~lo + 1;
			hi = ~hi + (lo == 0 ? 1 : 0);
		}
		put_u128(w, lo, hi, negative);
	} else if (negative) {
		if (s.len < 8)
			lo |= UINT64_MAX << (8 * s.len);
		lo = ~lo + 1;
		if (lo <= EXACT_IN_JSON)
			asy_jw_i64(w, -(int64_t)lo);
		else
			put_u128(w, lo, 0, true);
	} else {
		put_unsigned(w, lo);
	}
}

static assay_status walk_primitive(walker *k, asy_primitive p)
{
	assay_span s;
	bool flag;
	if (p == ASY_PRIM_STR) {
		assay_status st = asy_scale_bytes(k->in, asy_scale_left(k->in), &s, k->err);
		if (st == ASSAY_OK && k->w != NULL)
			asy_jw_strn(k->w, (const char *)s.ptr, s.len);
		return st;
	}
	if (p == ASY_PRIM_BOOL) {
		assay_status st = asy_scale_bool(k->in, &flag, k->err);
		if (st == ASSAY_OK && k->w != NULL)
			asy_jw_bool(k->w, flag);
		return st;
	}
	assay_status st = asy_scale_raw(k->in, prim_size[p], &s, k->err);
	if (st == ASSAY_OK && k->w != NULL)
		put_integer(k->w, p, s);
	return st;
}

/* ---- compact: up to 128 bits, by the type inside ---- */

static assay_status walk_compact(walker *k, uint32_t inner)
{
	const asy_type *t = asy_metadata_type(k->m, inner);
	for (unsigned d = 0; d < ASY_TYPE_DEPTH_MAX && t != NULL && t->count == 1 &&
						 (t->kind == ASY_TYPE_COMPOSITE || t->kind == ASY_TYPE_TUPLE);
		 d++)
		t = asy_metadata_type(k->m, t->fields[0].type);
	if (t != NULL && t->kind == ASY_TYPE_TUPLE && t->count == 0) { /* Compact<()> */
		if (k->w != NULL)
			asy_jw_null(k->w);
		return ASSAY_OK;
	}
	if (t == NULL || t->kind != ASY_TYPE_PRIMITIVE || t->prim < ASY_PRIM_U8 ||
		t->prim > ASY_PRIM_U128)
		return ASSAY_FAIL(k->err, E_UNSUPPORTED, "a compact of type %" PRIu32, inner);
	const uint8_t *at = k->in->bytes.ptr + k->in->at;
	size_t left = asy_scale_left(k->in);
	if (left > 0 && (at[0] & 3) == 3 && (at[0] >> 2) + 4 > 8) {
		size_t len = (size_t)(at[0] >> 2) + 4;
		assay_span s;
		if (t->prim != ASY_PRIM_U128 || len > 16 || left < len + 1 || at[len] == 0)
			return ASSAY_FAIL(k->err, E_FORMAT, "a compact of %zu bytes at offset %zu", len,
							  k->in->at);
		assay_status st = asy_scale_raw(k->in, len + 1, &s, k->err);
		if (st == ASSAY_OK && k->w != NULL) {
			uint8_t v[16] = {0};
			memcpy(v, s.ptr + 1, len);
			put_u128(k->w, asy_get_u64le(v), asy_get_u64le(v + 8), false);
		}
		return st;
	}
	uint64_t v;
	const size_t begin = k->in->at;
	assay_status st = asy_scale_compact(k->in, &v, k->err);
	if (st == ASSAY_OK && prim_size[t->prim] < 8 && v >> (8 * prim_size[t->prim]) != 0)
		st = ASSAY_FAIL(k->err, E_FORMAT, "a compact out of its type's range at offset %zu", begin);
	if (st == ASSAY_OK && k->w != NULL)
		put_unsigned(k->w, v);
	return st;
}

/* ---- collections ---- */

static bool is_byte(const walker *k, uint32_t id)
{
	const asy_type *t = asy_metadata_type(k->m, id);
	return t != NULL && t->kind == ASY_TYPE_PRIMITIVE && t->prim == ASY_PRIM_U8;
}

static assay_status walk_items(walker *k, uint32_t inner, size_t n, unsigned depth)
{
	assay_status st = ASSAY_OK;
	if (is_byte(k, inner)) {
		assay_span s;
		st = asy_scale_raw(k->in, n, &s, k->err);
		if (st == ASSAY_OK && k->w != NULL)
			put_hex(k->w, s);
		return st;
	}
	if (k->w != NULL)
		asy_jw_array(k->w);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		st = walk(k, inner, depth + 1);
	if (k->w != NULL)
		asy_jw_end_array(k->w);
	return st;
}

/* Compact bit count, then whole words of the store type. */
static assay_status walk_bits(walker *k, uint32_t store)
{
	const asy_type *t = asy_metadata_type(k->m, store);
	const size_t word = t != NULL && t->kind == ASY_TYPE_PRIMITIVE && prim_size[t->prim] > 0
							? prim_size[t->prim]
							: 1;
	uint64_t bits;
	assay_span s;
	assay_status st = asy_scale_compact(k->in, &bits, k->err);
	if (st != ASSAY_OK)
		return st;
	if (bits / 8 > asy_scale_left(k->in))
		return ASSAY_FAIL(k->err, E_FORMAT, "%" PRIu64 " bits at offset %zu, %zu bytes left", bits,
						  k->in->at, asy_scale_left(k->in));
	st = asy_scale_raw(k->in, (size_t)((bits + 8 * word - 1) / (8 * word)) * word, &s, k->err);
	if (st == ASSAY_OK && k->w != NULL)
		put_hex(k->w, s);
	return st;
}

/* ---- structs and enums ---- */

static assay_status walk_fields(walker *k, const asy_type_field *f, uint32_t n, bool always_array,
								unsigned depth)
{
	if (n == 0) {
		if (k->w != NULL)
			asy_jw_null(k->w);
		return ASSAY_OK;
	}
	bool named = f[0].name != NULL;
	bool bare = n == 1 && !named && !always_array;
	assay_status st = ASSAY_OK;
	if (k->w != NULL && !bare) {
		if (named)
			asy_jw_object(k->w);
		else
			asy_jw_array(k->w);
	}
	for (uint32_t i = 0; i < n && st == ASSAY_OK; i++) {
		if (k->w != NULL && named)
			asy_jw_key(k->w, f[i].name != NULL ? f[i].name : "");
		st = walk(k, f[i].type, depth + 1);
	}
	if (k->w != NULL && !bare) {
		if (named)
			asy_jw_end_object(k->w);
		else
			asy_jw_end_array(k->w);
	}
	return st;
}

static assay_status walk_enum(walker *k, uint32_t id, const asy_type *t, unsigned depth)
{
	uint8_t index;
	const size_t begin = k->in->at;
	assay_status st = asy_scale_u8(k->in, &index, k->err);
	if (st != ASSAY_OK)
		return st;
	const asy_type_variant *v = asy_metadata_variant_at(k->m, id, index);
	if (v == NULL)
		return ASSAY_FAIL(k->err, E_FORMAT, "%s has no variant %u (offset %zu)",
						  t->name != NULL ? t->name : "an enum", index, begin);
	bool option = t->name != NULL && strcmp(t->name, "Option") == 0;
	if (option)
		return walk_fields(k, v->fields, v->fields_n, false, depth);
	if (k->w != NULL && v->fields_n == 0) {
		asy_jw_str(k->w, v->name);
		return ASSAY_OK;
	}
	if (k->w != NULL) {
		asy_jw_object(k->w);
		asy_jw_key(k->w, v->name);
	}
	if (v->fields_n > 0)
		st = walk_fields(k, v->fields, v->fields_n, false, depth);
	if (k->w != NULL)
		asy_jw_end_object(k->w);
	return st;
}

static assay_status walk(walker *k, uint32_t id, unsigned depth)
{
	const asy_type *t = asy_metadata_type(k->m, id);
	size_t n;
	assay_status st;
	if (t == NULL || depth > ASY_TYPE_DEPTH_MAX)
		return ASSAY_FAIL(k->err, E_FORMAT, "type %" PRIu32 " is unknown or nests beyond %d", id,
						  ASY_TYPE_DEPTH_MAX);
	if (k->steps++ >= VALUE_STEPS_MAX)
		return ASSAY_FAIL(k->err, E_LIMIT, "a value of more than %u parts", VALUE_STEPS_MAX);
	switch (t->kind) {
	case ASY_TYPE_COMPOSITE:
		return walk_fields(k, t->fields, t->count, false, depth);
	case ASY_TYPE_TUPLE:
		return walk_fields(k, t->fields, t->count, true, depth);
	case ASY_TYPE_VARIANT:
		return walk_enum(k, id, t, depth);
	case ASY_TYPE_SEQUENCE:
		/* zero-sized items are bounded by the step count */
		st = asy_scale_count(k->in, 0, VALUE_STEPS_MAX, &n, k->err);
		return st == ASSAY_OK ? walk_items(k, t->inner, n, depth) : st;
	case ASY_TYPE_ARRAY:
		return walk_items(k, t->inner, t->count, depth);
	case ASY_TYPE_PRIMITIVE:
		return walk_primitive(k, t->prim);
	case ASY_TYPE_COMPACT:
		return walk_compact(k, t->inner);
	case ASY_TYPE_BITS:
		return walk_bits(k, t->inner);
	}
	return ASSAY_FAIL(k->err, E_INTERNAL, "type kind %d", (int)t->kind);
}

assay_status asy_value_skip(const asy_metadata *m, uint32_t type, asy_scale *in, assay_err *err)
{
	walker k = {m, in, NULL, 0, err};
	const size_t begin = in->at;
	assay_status st = walk(&k, type, 0);
	if (st != ASSAY_OK)
		in->at = begin;
	return st;
}

assay_status asy_value_json(const asy_metadata *m, uint32_t type, asy_scale *in, asy_jw *out,
							assay_err *err)
{
	walker k = {m, in, out, 0, err};
	const size_t begin = in->at;
	assay_status st = walk(&k, type, 0);
	if (st == ASSAY_OK && out->st != ASSAY_OK)
		st = ASSAY_FAIL(err, E_NOMEM, "a value as JSON");
	if (st != ASSAY_OK)
		in->at = begin;
	return st;
}
