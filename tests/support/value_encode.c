/* JSON becomes SCALE by type id: what the tests expect of calls and keys. Refuses unknown variants, missing fields and integers out of range; nothing is
 * rounded, cut or defaulted.
 * Reason to change: a kind of type is added. */
#include "support/value_encode.h"

typedef struct {
	const asy_metadata *m;
	asy_scale_w w;
	assay_err *err;
} encoder;

static assay_status encode(encoder *e, uint32_t id, asy_jv v, unsigned depth);

static assay_status wrong(encoder *e, asy_jv v, const char *want)
{
	char path[160];
	asy_jv_path(v, path, sizeof path);
	return ASSAY_FAIL(e->err, E_INPUT, "%s: expected %s", path, want);
}

/* ---- integers, up to 128 bits in two's complement ---- */

typedef struct {
	uint64_t lo, hi;
	bool negative; /* the magnitude is in lo, hi */
} wide;

static bool times_plus(wide *n, uint32_t by, uint32_t plus)
{
	const uint64_t low = UINT32_MAX;
	uint64_t limb[4] = {n->lo & low, n->lo >> 32, n->hi & low, n->hi >> 32}, carry = plus;
	for (int i = 0; i < 4; i++) {
		uint64_t t = limb[i] * by + carry;
		limb[i] = t & low;
		carry = t >> 32;
	}
	n->lo = limb[0] | limb[1] << 32;
	n->hi = limb[2] | limb[3] << 32;
	return carry == 0;
}

static bool parse_digits(const char *s, size_t len, wide *out)
{
	wide n = {0, 0, false};
	uint32_t base = 10;
	size_t i = 0;
	if (len > 0 && s[0] == '-') {
		n.negative = true;
		i = 1;
	} else if (len > 2 && s[0] == '0' && s[1] == 'x') {
		base = 16;
		i = 2;
	}
	if (i == len)
		return false;
	for (; i < len; i++) {
		char c = s[i];
		uint32_t d = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
					 : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
					 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
											: 99;
		if (d >= base || !times_plus(&n, base, d))
			return false;
	}
	*out = n;
	return true;
}

static bool get_wide(asy_jv v, wide *out)
{
	uint64_t u;
	int64_t i;
	const char *s;
	size_t len;
	switch (asy_jv_kind(v)) {
	case ASY_J_INT:
		if (asy_jv_u64(v, &u, NULL) == ASSAY_OK) {
			*out = (wide){u, 0, false};
			return true;
		}
		if (asy_jv_i64(v, &i, NULL) == ASSAY_OK) {
			*out = (wide){(uint64_t)0 - (uint64_t)i, 0, true};
			return true;
		}
		return false;
	case ASY_J_STRING:
		return asy_jv_str(v, &s, &len, NULL) == ASSAY_OK && parse_digits(s, len, out);
	case ASY_J_ABSENT:
	case ASY_J_NULL:
	case ASY_J_BOOL:
	case ASY_J_REAL:
	case ASY_J_ARRAY:
	case ASY_J_OBJECT:
		return false;
	}
	return false;
}

static const uint8_t prim_size[] = {1, 4, 0, 1, 2, 4, 8, 16, 32, 1, 2, 4, 8, 16, 32};

static bool fits(const wide *n, size_t size, bool is_signed)
{
	unsigned bits = (unsigned)size * 8;
	if (n->negative && !is_signed)
		return n->lo == 0 && n->hi == 0;
	if (is_signed)
		bits--;
	wide max = {bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1,
				bits >= 128  ? UINT64_MAX
				: bits <= 64 ? 0
							 : ((uint64_t)1 << (bits - 64)) - 1,
				false};
	if (n->negative && ++max.lo == 0) /* one more below zero */
		max.hi++;
	return n->hi < max.hi || (n->hi == max.hi && n->lo <= max.lo);
}

static assay_status encode_primitive(encoder *e, asy_primitive p, asy_jv v)
{
	const char *s;
	size_t len;
	bool flag;
	wide n;
	if (p == ASY_PRIM_STR) {
		assay_status st = asy_jv_str(v, &s, &len, e->err);
		if (st == ASSAY_OK)
			asy_scale_put_bytes(&e->w, s, len);
		return st;
	}
	if (p == ASY_PRIM_BOOL) {
		assay_status st = asy_jv_bool(v, &flag, e->err);
		if (st == ASSAY_OK)
			asy_scale_put_bool(&e->w, flag);
		return st;
	}
	if (prim_size[p] > 16)
		return wrong(e, v, "a type that this program writes, not a 256-bit integer");
	if (!get_wide(v, &n) || !fits(&n, prim_size[p], p >= ASY_PRIM_I8))
		return wrong(e, v, "an integer in the type's range");
	if (n.negative) {
		n.lo = ~n.lo + 1;
		n.hi = ~n.hi + (n.lo == 0 ? 1 : 0);
	}
	uint8_t bytes[16];
	asy_put_u64le(bytes, n.lo);
	asy_put_u64le(bytes + 8, n.hi);
	asy_scale_put_raw(&e->w, bytes, prim_size[p]);
	return ASSAY_OK;
}

static assay_status encode_compact(encoder *e, uint32_t inner, asy_jv v)
{
	const asy_type *t = asy_metadata_type(e->m, inner);
	wide n;
	for (unsigned d = 0; d < ASY_TYPE_DEPTH_MAX && t != NULL && t->count == 1 &&
						 (t->kind == ASY_TYPE_COMPOSITE || t->kind == ASY_TYPE_TUPLE);
		 d++)
		t = asy_metadata_type(e->m, t->fields[0].type);
	if (t == NULL || t->kind != ASY_TYPE_PRIMITIVE || t->prim < ASY_PRIM_U8 ||
		t->prim > ASY_PRIM_U128)
		return wrong(e, v, "a compact integer type");
	if (!get_wide(v, &n) || !fits(&n, prim_size[t->prim], false))
		return wrong(e, v, "an integer in the type's range");
	if (n.hi == 0) {
		asy_scale_put_compact(&e->w, n.lo);
		return ASSAY_OK;
	}
	uint8_t bytes[17];
	asy_put_u64le(bytes + 1, n.lo);
	asy_put_u64le(bytes + 9, n.hi);
	size_t len = 16;
	while (bytes[len] == 0)
		len--;
	bytes[0] = (uint8_t)((len - 4) << 2 | 3);
	asy_scale_put_raw(&e->w, bytes, len + 1);
	return ASSAY_OK;
}

/* ---- collections ---- */

static bool is_byte(const encoder *e, uint32_t id)
{
	const asy_type *t = asy_metadata_type(e->m, id);
	return t != NULL && t->kind == ASY_TYPE_PRIMITIVE && t->prim == ASY_PRIM_U8;
}

/* n is the array's length, or -1 for a sequence, which gets its count in front. */
static assay_status encode_hex(encoder *e, asy_jv v, long n)
{
	const char *s;
	size_t len;
	assay_status st = asy_jv_str(v, &s, &len, e->err);
	if (st != ASSAY_OK)
		return st;
	if (len < 2 || s[0] != '0' || s[1] != 'x')
		return wrong(e, v, "bytes as \"0x\" and hexadecimal digits");
	asy_buf bytes = {0};
	st = asy_buf_reserve(&bytes, len / 2 + 1, e->err);
	long got = st == ASSAY_OK ? asy_hex_decode_any(s + 2, len - 2, bytes.ptr, len / 2) : -1;
	if (st == ASSAY_OK && (got < 0 || (n >= 0 && got != n)))
		st = wrong(e, v, "bytes of the type's length in hexadecimal");
	if (st == ASSAY_OK && n < 0)
		asy_scale_put_compact(&e->w, (uint64_t)got);
	if (st == ASSAY_OK)
		asy_scale_put_raw(&e->w, bytes.ptr, (size_t)got);
	asy_buf_fini(&bytes);
	return st;
}

static assay_status encode_items(encoder *e, uint32_t inner, asy_jv v, long n, unsigned depth)
{
	if (is_byte(e, inner) && asy_jv_kind(v) == ASY_J_STRING)
		return encode_hex(e, v, n);
	if (asy_jv_kind(v) != ASY_J_ARRAY)
		return wrong(e, v, "an array");
	size_t count = asy_jv_size(v);
	if (n >= 0 && count != (size_t)n)
		return wrong(e, v, "an array of the type's length");
	if (n < 0)
		asy_scale_put_compact(&e->w, count);
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < count && st == ASSAY_OK; i++)
		st = encode(e, inner, asy_jv_at(v, i), depth + 1);
	return st;
}

/* ---- structs and enums ---- */

static assay_status encode_fields(encoder *e, const asy_type_field *f, uint32_t n,
								  bool always_array, asy_jv v, unsigned depth)
{
	assay_status st = ASSAY_OK;
	if (n == 0)
		return ASSAY_OK;
	if (n == 1 && f[0].name == NULL && !always_array)
		return encode(e, f[0].type, v, depth + 1);
	bool named = f[0].name != NULL;
	if (asy_jv_kind(v) != (named ? ASY_J_OBJECT : ASY_J_ARRAY) || asy_jv_size(v) != n)
		return wrong(e, v,
					 named ? "an object with the fields of the type"
						   : "as many items as the type has");
	for (uint32_t i = 0; i < n && st == ASSAY_OK; i++) {
		asy_jv child = named && f[i].name != NULL ? asy_jv_get(v, f[i].name) : asy_jv_at(v, i);
		st = encode(e, f[i].type, child, depth + 1);
	}
	return st;
}

static assay_status encode_enum(encoder *e, const asy_type *t, asy_jv v, unsigned depth)
{
	if (t->name != NULL && strcmp(t->name, "Option") == 0 && t->count == 2) {
		bool some = !asy_jv_is_null(v);
		const asy_type_variant *o = &t->variants[some ? 1 : 0];
		asy_scale_put_u8(&e->w, o->index);
		return encode_fields(e, o->fields, o->fields_n, false, v, depth);
	}
	const char *name = NULL;
	size_t len;
	asy_jv inner = v;
	if (asy_jv_kind(v) == ASY_J_STRING) {
		assay_status st = asy_jv_str(v, &name, &len, e->err);
		if (st != ASSAY_OK)
			return st;
	} else if (asy_jv_kind(v) == ASY_J_OBJECT && asy_jv_size(v) == 1) {
		name = asy_jv_key(v, 0);
		inner = asy_jv_value(v, 0);
	}
	for (uint32_t i = 0; name != NULL && i < t->count; i++) {
		if (strcmp(t->variants[i].name, name) != 0)
			continue;
		asy_scale_put_u8(&e->w, t->variants[i].index);
		return encode_fields(e, t->variants[i].fields, t->variants[i].fields_n, false, inner,
							 depth);
	}
	return wrong(e, v, "a variant of the type");
}

static assay_status encode(encoder *e, uint32_t id, asy_jv v, unsigned depth)
{
	const asy_type *t = asy_metadata_type(e->m, id);
	if (t == NULL || depth > ASY_TYPE_DEPTH_MAX)
		return ASSAY_FAIL(e->err, E_FORMAT, "type %" PRIu32 " is unknown or nests beyond %d", id,
						  ASY_TYPE_DEPTH_MAX);
	switch (t->kind) {
	case ASY_TYPE_COMPOSITE:
		return encode_fields(e, t->fields, t->count, false, v, depth);
	case ASY_TYPE_TUPLE:
		return encode_fields(e, t->fields, t->count, true, v, depth);
	case ASY_TYPE_VARIANT:
		return encode_enum(e, t, v, depth);
	case ASY_TYPE_SEQUENCE:
		return encode_items(e, t->inner, v, -1, depth);
	case ASY_TYPE_ARRAY:
		return encode_items(e, t->inner, v, (long)t->count, depth);
	case ASY_TYPE_PRIMITIVE:
		return encode_primitive(e, t->prim, v);
	case ASY_TYPE_COMPACT:
		return encode_compact(e, t->inner, v);
	case ASY_TYPE_BITS:
		return wrong(e, v, "a type that this program writes, not a bit sequence");
	}
	return ASSAY_FAIL(e->err, E_INTERNAL, "type kind %d", (int)t->kind);
}

assay_status value_encode(const asy_metadata *m, uint32_t type, asy_jv value, asy_buf *out,
						  assay_err *err)
{
	const size_t before = out->len;
	encoder e = {m, asy_scale_out(out), err};
	assay_status st = encode(&e, type, value, 0);
	if (st == ASSAY_OK)
		st = asy_scale_out_end(&e.w, err);
	if (st != ASSAY_OK)
		out->len = before;
	return st;
}
