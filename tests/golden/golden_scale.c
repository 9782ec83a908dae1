/* chain/scale.json: every value is decoded, compared, and encoded again. The
 * type names of the file are read by a small walker of its own, so that unseen
 * combinations of the known parts work too. Types given by metadata id:
 * golden_chain_typed.c. */
#include <stdlib.h>
#include "golden/golden_chain.h"

#define BYTES_MAX 65536
#define NEST_MAX 16

typedef struct {
	asy_scale in;
	asy_scale_w out;
	const char *type; /* cursor into the type's name */
	int depth;
} walk;

static bool value(walk *w, asy_jv v);

/* A type name without its parameters: "Vec", "u16". */
static size_t word(const char *p)
{
	return strcspn(p, "<>(), ");
}

static bool is_word(const char *p, const char *name)
{
	size_t n = word(p);
	return strlen(name) == n && strncmp(p, name, n) == 0;
}

static bool expect(walk *w, char c)
{
	while (*w->type == ' ')
		w->type++;
	if (*w->type != c)
		return false;
	w->type++;
	return true;
}

/* Moves over one type without a value. */
static void skip_type(walk *w)
{
	int nest = 0;
	for (; *w->type != '\0'; w->type++) {
		char c = *w->type;
		if (nest == 0 && (c == ',' || c == ')' || c == '>'))
			return;
		nest += (c == '<' || c == '(') - (c == '>' || c == ')');
	}
}

/* A number, or a decimal in a string, as the files write wide ones. */
static bool number(asy_jv v, uint64_t out[2])
{
	const char *s;
	size_t len;
	if (asy_jv_u128(v, out, NULL) == ASSAY_OK)
		return true;
	if (asy_jv_str(v, &s, &len, NULL) != ASSAY_OK)
		return false;
	asy_json *d = NULL;
	bool good = asy_json_parse(asy_span(s, len), NULL, &d, NULL) == ASSAY_OK &&
				asy_jv_u128(asy_json_root(d), out, NULL) == ASSAY_OK;
	asy_json_free(d);
	return good;
}

static bool integer(walk *w, asy_jv v, unsigned bits)
{
	uint64_t want[2], got[2] = {0, 0};
	uint8_t b = 0;
	uint16_t h = 0;
	uint32_t d = 0;
	assay_status st = ASSAY_E_INTERNAL;
	if (!number(v, want))
		return false;
	if (bits == 8) {
		st = asy_scale_u8(&w->in, &b, NULL);
		got[0] = b;
		asy_scale_put_u8(&w->out, (uint8_t)want[0]);
	} else if (bits == 16) {
		st = asy_scale_u16(&w->in, &h, NULL);
		got[0] = h;
		asy_scale_put_u16(&w->out, (uint16_t)want[0]);
	} else if (bits == 32) {
		st = asy_scale_u32(&w->in, &d, NULL);
		got[0] = d;
		asy_scale_put_u32(&w->out, (uint32_t)want[0]);
	} else if (bits == 64) {
		st = asy_scale_u64(&w->in, &got[0], NULL);
		asy_scale_put_u64(&w->out, want[0]);
	} else if (bits == 128) {
		st = asy_scale_u128(&w->in, got, NULL);
		asy_scale_put_u64(&w->out, want[0]);
		asy_scale_put_u64(&w->out, want[1]);
	}
	return st == ASSAY_OK && got[0] == want[0] && got[1] == want[1];
}

static bool compact(walk *w, asy_jv v)
{
	uint64_t want[2], got[2];
	if (!expect(w, '<'))
		return false;
	skip_type(w);
	if (!expect(w, '>') || !number(v, want) || asy_scale_compact128(&w->in, got, NULL) != ASSAY_OK)
		return false;
	asy_scale_put_compact128(&w->out, want[0], want[1]);
	return got[0] == want[0] && got[1] == want[1];
}

static bool boolean(walk *w, asy_jv v)
{
	bool want, got;
	if (asy_jv_bool(v, &want, NULL) != ASSAY_OK || asy_scale_bool(&w->in, &got, NULL) != ASSAY_OK)
		return false;
	asy_scale_put_bool(&w->out, want);
	return got == want;
}

/* Bytes (hex), Text (as it is), H256 and AccountId32 (hex, no length). */
static bool bytes(walk *w, asy_jv v, bool is_text, size_t fixed)
{
	static uint8_t want[BYTES_MAX];
	const char *s;
	size_t len;
	assay_span got;
	if (asy_jv_str(v, &s, &len, NULL) != ASSAY_OK || len > BYTES_MAX)
		return false;
	long n = (long)len;
	if (is_text)
		memcpy(want, s, len);
	else
		n = asy_hex_decode_any(s, len, want, sizeof want);
	if (n < 0)
		return false;
	assay_status st = fixed != 0 ? asy_scale_raw(&w->in, fixed, &got, NULL)
								 : asy_scale_bytes(&w->in, BYTES_MAX, &got, NULL);
	if (fixed != 0)
		asy_scale_put_raw(&w->out, want, (size_t)n);
	else
		asy_scale_put_bytes(&w->out, want, (size_t)n);
	return st == ASSAY_OK && asy_span_eq(got, asy_span(want, (size_t)n));
}

static bool option(walk *w, asy_jv v)
{
	bool some;
	if (!expect(w, '<') || asy_scale_option(&w->in, &some, NULL) != ASSAY_OK ||
		some == asy_jv_is_null(v))
		return false;
	asy_scale_put_bool(&w->out, some);
	if (!some)
		skip_type(w);
	else if (!value(w, v))
		return false;
	return expect(w, '>');
}

static bool vector(walk *w, asy_jv v)
{
	size_t n;
	if (!expect(w, '<') || asy_scale_count(&w->in, 1, BYTES_MAX, &n, NULL) != ASSAY_OK ||
		n != asy_jv_size(v))
		return false;
	asy_scale_put_compact(&w->out, n);
	const char *item = w->type;
	for (size_t i = 0; i < n; i++) {
		w->type = item;
		if (!value(w, asy_jv_at(v, i)))
			return false;
	}
	if (n == 0)
		skip_type(w);
	return expect(w, '>');
}

static bool tuple(walk *w, asy_jv v)
{
	size_t i = 0;
	do {
		if (!value(w, asy_jv_at(v, i++)))
			return false;
	} while (expect(w, ','));
	return expect(w, ')') && i == asy_jv_size(v);
}

static bool value(walk *w, asy_jv v)
{
	static const struct {
		const char *name;
		unsigned bits;
	} ints[] = {{"u8", 8}, {"u16", 16}, {"u32", 32}, {"u64", 64}, {"u128", 128}};
	if (w->depth++ > NEST_MAX)
		return false;
	bool good = false;
	while (*w->type == ' ')
		w->type++;
	const char *p = w->type;
	if (expect(w, '(')) {
		good = tuple(w, v);
	} else {
		w->type += word(p);
		for (size_t i = 0; i < ASY_COUNT(ints); i++)
			if (is_word(p, ints[i].name))
				good = integer(w, v, ints[i].bits);
		if (is_word(p, "bool"))
			good = boolean(w, v);
		else if (is_word(p, "Bytes"))
			good = bytes(w, v, false, 0);
		else if (is_word(p, "Text") || is_word(p, "String"))
			good = bytes(w, v, true, 0);
		else if (is_word(p, "H256") || is_word(p, "AccountId32") || is_word(p, "AccountId"))
			good = bytes(w, v, false, 32);
		else if (is_word(p, "Option"))
			good = option(w, v);
		else if (is_word(p, "Vec"))
			good = vector(w, v);
		else if (is_word(p, "Compact"))
			good = compact(w, v);
	}
	w->depth--;
	return good;
}

static void run_case(golden *g, const char *type, asy_jv v, asy_jv encoded)
{
	static uint8_t raw[BYTES_MAX];
	const char *hex = "";
	size_t hex_len = 0;
	(void)!asy_jv_str(encoded, &hex, &hex_len, NULL);
	long n = asy_hex_decode_any(hex, hex_len, raw, sizeof raw);
	asy_buf again = {0};
	assay_span want = asy_span(raw, n > 0 ? (size_t)n : 0);
	walk w = {.in = asy_scale_in(want), .out = asy_scale_out(&again), .type = type};
	bool good = n >= 0 && value(&w, v) && asy_scale_end(&w.in, NULL) == ASSAY_OK &&
				asy_scale_out_end(&w.out, NULL) == ASSAY_OK;
	if (good && asy_span_eq(asy_buf_span(&again), want))
		golden_pass(g);
	else
		golden_fail(g, type, "%.60s", hex);
	asy_buf_fini(&again);
}

void golden_scale(golden *g, asy_jv root)
{
	asy_jv list = asy_jv_get(root, "compact");
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		run_case(g, "Compact<u128>", asy_jv_get(c, "value"), asy_jv_get(c, "encoded"));
	}
	list = asy_jv_get(root, "values");
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		run_case(g, chain_str(c, "type"), asy_jv_get(c, "value"), asy_jv_get(c, "encoded"));
	}
}
