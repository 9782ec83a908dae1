/* Code points in and out, white space, case and categories. libunistring 1.0
 * carries UCD 14.0, the version of the reference implementations; a newer library
 * would only differ on characters assigned since. */
#include "common/text.h"
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unigbrk.h>
#include <uninorm.h>

/* One code point at p; its length, or 0 when the bytes are not UTF-8. The second
 * byte's range excludes overlong forms, surrogates and values over 10FFFF. */
static size_t utf8_next(const uint8_t *p, size_t left, uint32_t *cp)
{
	uint8_t b = p[0], lo = 0x80, hi = 0xbf;
	size_t len = b < 0x80                 ? 1
				 : b >= 0xc2 && b <= 0xdf ? 2
				 : (b & 0xf0) == 0xe0     ? 3
				 : b >= 0xf0 && b <= 0xf4 ? 4
										  : 0;
	if (len == 0 || len > left)
		return 0;
	if (len == 1) {
		*cp = b;
		return 1;
	}
	if (b == 0xe0)
		lo = 0xa0;
	else if (b == 0xed)
		hi = 0x9f;
	else if (b == 0xf0)
		lo = 0x90;
	else if (b == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	uint32_t v = b & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3fu);
	}
	*cp = v;
	return len;
}

plg_rc plg_utf8_decode(plg_arena *a, assay_bytes in, size_t max, plg_text *out)
{
	static const uint8_t bom[3] = {0xef, 0xbb, 0xbf};
	size_t at = in.len >= 3 && memcmp(in.ptr, bom, 3) == 0 ? 3 : 0;
	size_t n = 0, left = (size_t)in.len - at;
	size_t cap = left < max ? left : max;
	uint32_t *cp = plg_arena_take(a, cap, sizeof *cp);
	if (cp == NULL)
		return PLG_NOMEM;
	while (at < in.len) {
		uint32_t c;
		size_t len = utf8_next(in.ptr + at, (size_t)in.len - at, &c);
		if (len == 0)
			return PLG_BAD;
		if (n == max)
			return PLG_LIMIT;
		cp[n++] = c;
		at += len;
	}
	*out = (plg_text){cp, n};
	return PLG_OK;
}

assay_bytes plg_utf8_encode(plg_arena *a, plg_text t)
{
	uint8_t *p = t.n > SIZE_MAX / 4 - 1 ? NULL : plg_arena_take(a, 4 * t.n + 1, 1);
	size_t n = 0;
	if (p == NULL)
		return (assay_bytes){NULL, 0};
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		if (c < 0x80) {
			p[n++] = (uint8_t)c;
		} else if (c < 0x800) {
			p[n++] = (uint8_t)(0xc0 | c >> 6);
			p[n++] = (uint8_t)(0x80 | (c & 0x3f));
		} else if (c < 0x10000) {
			p[n++] = (uint8_t)(0xe0 | c >> 12);
			p[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
			p[n++] = (uint8_t)(0x80 | (c & 0x3f));
		} else {
			p[n++] = (uint8_t)(0xf0 | c >> 18);
			p[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
			p[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
			p[n++] = (uint8_t)(0x80 | (c & 0x3f));
		}
	}
	return (assay_bytes){p, n};
}

plg_text plg_text_of(plg_arena *a, const char *literal)
{
	plg_text t = {NULL, 0};
	assay_bytes in = {(const uint8_t *)literal, strlen(literal)};
	if (plg_utf8_decode(a, in, SIZE_MAX, &t) != PLG_OK)
		return (plg_text){NULL, 0};
	return t;
}

bool plg_text_eq(plg_text a, plg_text b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.cp, b.cp, a.n * sizeof *a.cp) == 0);
}

plg_text plg_text_sub(plg_text t, size_t from, size_t to)
{
	return (plg_text){from == 0 ? t.cp : t.cp + from, to - from};
}

bool plg_is_space(uint32_t c)
{
	if (c < 0x80)
		return c == 0x20 || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f);
	return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
		   c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool plg_is_blank(plg_text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (!plg_is_space(t.cp[i]))
			return false;
	return true;
}

plg_text plg_strip(plg_text t)
{
	size_t from = 0, to = t.n;
	while (from < to && plg_is_space(t.cp[from]))
		from++;
	while (to > from && plg_is_space(t.cp[to - 1]))
		to--;
	return plg_text_sub(t, from, to);
}

plg_text plg_collapse(plg_arena *a, plg_text t)
{
	uint32_t *cp = plg_arena_take(a, t.n, sizeof *cp);
	size_t n = 0;
	if (cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < t.n; i++) {
		if (!plg_is_space(t.cp[i]))
			cp[n++] = t.cp[i];
		else if (i == 0 || !plg_is_space(t.cp[i - 1]))
			cp[n++] = ' ';
	}
	return (plg_text){cp, n};
}

plg_text *plg_split(plg_arena *a, plg_text t, size_t *n)
{
	size_t count = 0, at = 0;
	for (size_t i = 0; i < t.n; i++)
		if (!plg_is_space(t.cp[i]) && (i == 0 || plg_is_space(t.cp[i - 1])))
			count++;
	plg_text *words = plg_arena_take(a, count, sizeof *words);
	if (words == NULL)
		return NULL;
	for (size_t w = 0; w < count; w++) {
		while (plg_is_space(t.cp[at]))
			at++;
		size_t from = at;
		while (at < t.n && !plg_is_space(t.cp[at]))
			at++;
		words[w] = plg_text_sub(t, from, at);
	}
	*n = count;
	return words;
}

static bool is_ascii(plg_text t)
{
	uint32_t seen = 0;
	for (size_t i = 0; i < t.n; i++)
		seen |= t.cp[i];
	return seen < 0x80;
}

/* Moves a result that the library allocated into the arena. */
static plg_text adopt(plg_arena *a, uint32_t *from, size_t n)
{
	uint32_t *cp = from == NULL && n > 0 ? NULL : plg_arena_take(a, n, sizeof *cp);
	if (cp != NULL && n > 0)
		memcpy(cp, from, n * sizeof *cp);
	free(from);
	return (plg_text){cp, cp == NULL ? 0 : n};
}

plg_text plg_lower(plg_arena *a, plg_text t)
{
	if (!is_ascii(t)) {
		size_t n = 0;
		uint32_t *low = u32_tolower(t.cp, t.n, NULL, NULL, NULL, &n);
		return low == NULL ? (plg_text){NULL, 0} : adopt(a, low, n);
	}
	uint32_t *cp = plg_arena_take(a, t.n, sizeof *cp);
	if (cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < t.n; i++)
		cp[i] = t.cp[i] >= 'A' && t.cp[i] <= 'Z' ? t.cp[i] + 32 : t.cp[i];
	return (plg_text){cp, t.n};
}

plg_text plg_normalize(plg_arena *a, plg_nf form, plg_text t)
{
	if (is_ascii(t))
		return t;
	const uninorm_t nf = form == PLG_NFC    ? UNINORM_NFC
						 : form == PLG_NFD  ? UNINORM_NFD
						 : form == PLG_NFKC ? UNINORM_NFKC
											: UNINORM_NFKD;
	size_t n = 0;
	uint32_t *norm = u32_normalize(nf, t.cp, t.n, NULL, &n);
	return norm == NULL ? (plg_text){NULL, 0} : adopt(a, norm, n);
}

static bool in_category(uint32_t c, uint32_t mask)
{
	return uc_is_general_category_withtable(c, mask);
}

bool plg_is_digit(uint32_t c)
{
	return c < 0x80 ? c >= '0' && c <= '9' : in_category(c, UC_CATEGORY_MASK_Nd);
}

uint32_t plg_digit_value(uint32_t c)
{
	return c < 0x80 ? c - '0' : (uint32_t)uc_decimal_value(c);
}

bool plg_is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c | 32) >= 'a' && (c | 32) <= 'z';
	return in_category(c, UC_CATEGORY_MASK_L);
}

bool plg_is_word(uint32_t c)
{
	if (c < 0x80)
		return plg_is_letter(c) || plg_is_digit(c) || c == '_';
	return in_category(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N);
}

bool plg_is_mark(uint32_t c)
{
	return c >= 0x300 && in_category(c, UC_CATEGORY_MASK_M);
}
bool plg_is_nonspacing(uint32_t c)
{
	return c >= 0x300 && in_category(c, UC_CATEGORY_MASK_Mn);
}
bool plg_is_symbol(uint32_t c)
{
	return in_category(c, UC_CATEGORY_MASK_S);
}
bool plg_is_punct(uint32_t c)
{
	return in_category(c, UC_CATEGORY_MASK_P);
}

bool plg_is_ascii_punct(uint32_t c)
{
	return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
		   (c >= 123 && c <= 126);
}

bool plg_is_invisible(uint32_t c)
{
	if (c < 0x80)
		return false;
	if (c == 0x200d) /* joins emoji and shapes Indic letters: visible in effect */
		return false;
	return in_category(c, UC_CATEGORY_MASK_Cf) || c == 0x34f || c == 0x115f || c == 0x1160 ||
		   c == 0x3164 || c == 0xffa0 || (c >= 0xfe00 && c <= 0xfe0f) ||
		   (c >= 0xe0100 && c <= 0xe01ef) || (c >= 0xe0000 && c <= 0xe007f);
}

bool plg_is_control(uint32_t c)
{
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

bool plg_is_unspaced(uint32_t c)
{
	if (c < 0xe00)
		return false;
	bool in_block = c <= 0xeff || (c >= 0x1000 && c <= 0x109f) || (c >= 0x1780 && c <= 0x17ff) ||
					(c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
					(c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff);
	return in_block && plg_is_letter(c);
}

const char *plg_script(uint32_t c)
{
	const uc_script_t *s = uc_script(c);
	return s == NULL ? "Unknown" : s->name;
}

bool plg_grapheme_break(uint32_t a, uint32_t b)
{
	return uc_is_grapheme_break(a, b);
}
