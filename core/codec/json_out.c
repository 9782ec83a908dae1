/* JSON out, streaming: no tree is built, commas and indentation are the writer's
 * business, and the output is always valid JSON whatever bytes a stranger put into
 * the strings. Wrong nesting is our bug, and asy_jw_end reports it as one. */
#include <math.h>
#include <stdlib.h>
#include "codec/json.h"

static void put(asy_jw *w, const void *p, size_t len)
{
	asy_buf *b = w->buf;
	if (w->st != ASSAY_OK || len == 0) /* an empty span may have no address */
		return;
	if (len <= b->cap - b->len && b->cap != 0) { /* nearly always */
		memcpy(b->ptr + b->len, p, len);
		b->len += len;
		return;
	}
	w->st = asy_buf_add(b, p, len, NULL);
}

static void put_c(asy_jw *w, char c)
{
	asy_buf *b = w->buf;
	if (w->st == ASSAY_OK && b->len < b->cap)
		b->ptr[b->len++] = (uint8_t)c;
	else
		put(w, &c, 1);
}

static void newline(asy_jw *w)
{
	static const char spaces[] = "                                ";
	if (w->pretty == 0)
		return;
	put_c(w, '\n');
	for (size_t left = (size_t)w->depth * w->pretty; left > 0;) {
		size_t n = left < sizeof spaces - 1 ? left : sizeof spaces - 1;
		put(w, spaces, n);
		left -= n;
	}
}

/* Writes the comma and the indentation before a value or a key. */
static void separate(asy_jw *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->need_comma)
		put_c(w, ',');
	if (w->depth > 0)
		newline(w);
}

static void value(asy_jw *w, const void *p, size_t len)
{
	separate(w);
	put(w, p, len);
	w->need_comma = true;
}

static void open_with(asy_jw *w, char c)
{
	value(w, &c, 1);
	w->depth++;
	w->need_comma = false;
}

static void close_with(asy_jw *w, char c)
{
	if (w->depth == 0 || w->after_key) {
		w->st = w->st == ASSAY_OK ? ASSAY_E_INTERNAL : w->st;
		return;
	}
	bool empty = !w->need_comma;
	w->depth--;
	if (!empty)
		newline(w);
	put_c(w, c);
	w->need_comma = true;
}

asy_jw asy_jw_out(asy_buf *b, unsigned pretty)
{
	return (asy_jw){.buf = b, .pretty = pretty};
}
void asy_jw_object(asy_jw *w)
{
	open_with(w, '{');
}
void asy_jw_end_object(asy_jw *w)
{
	close_with(w, '}');
}
void asy_jw_array(asy_jw *w)
{
	open_with(w, '[');
}
void asy_jw_end_array(asy_jw *w)
{
	close_with(w, ']');
}

/* Length of the valid UTF-8 sequence at p, or 0. */
static size_t utf8_len(const uint8_t *p, size_t left)
{
	uint8_t c = p[0];
	size_t n = c < 0x80                ? 1
			   : c >= 0xc2 && c < 0xe0 ? 2
			   : c >= 0xe0 && c < 0xf0 ? 3
			   : c >= 0xf0 && c < 0xf5 ? 4
									   : 0;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, surrogates, beyond U+10FFFF */
	if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] >= 0xa0) || (c == 0xf0 && p[1] < 0x90) ||
		(c == 0xf4 && p[1] >= 0x90))
		return 0;
	return n;
}

static void put_escaped(asy_jw *w, uint8_t c)
{
	static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = c != 0 ? strchr(names, c) : NULL;
	char text[8];
	if (at != NULL) {
		put_c(w, '\\');
		put_c(w, letters[at - names]);
		return;
	}
	(void)snprintf(text, sizeof text, "\\u%04x", c);
	put(w, text, 6);
}

/* None of the eight bytes is a control, a quote, a backslash or part of UTF-8. A bit is
 * also set beside such a byte, which costs time and nothing else. */
static bool are_plain(const uint8_t *p)
{
	const uint64_t one = 0x0101010101010101u, high = 0x80 * one;
	const uint64_t v = asy_get_u64le(p);
	const uint64_t quote = v ^ '"' * one, backslash = v ^ '\\' * one;
	return ((v | (v - 0x20 * one) | (quote - one) | (backslash - one)) & high) == 0;
}

static void put_string(asy_jw *w, const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t kept = 0; /* start of the run that can be copied as it is */
	put_c(w, '"');
	for (size_t i = 0; i < len;) {
		if (len - i >= 8 && are_plain(p + i)) {
			i += 8; /* nearly all of them */
			continue;
		}
		if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '"' && p[i] != '\\') {
			i++;
			continue;
		}
		size_t n = utf8_len(p + i, len - i);
		if (n != 0 && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') {
			i += n;
			continue;
		}
		put(w, p + kept, i - kept);
		if (n == 0)
			put(w, "\xef\xbf\xbd", 3);
		else
			put_escaped(w, p[i]);
		kept = ++i;
	}
	put(w, p + kept, len - kept);
	put_c(w, '"');
}

void asy_jw_key(asy_jw *w, const char *key)
{
	separate(w);
	put_string(w, key, strlen(key));
	put(w, ": ", w->pretty != 0 ? 2 : 1);
	w->need_comma = true;
	w->after_key = true;
}

void asy_jw_strn(asy_jw *w, const char *s, size_t len)
{
	separate(w);
	put_string(w, s, len);
	w->need_comma = true;
}

void asy_jw_str(asy_jw *w, const char *s)
{
	if (s == NULL)
		asy_jw_null(w);
	else
		asy_jw_strn(w, s, strlen(s));
}

void asy_jw_u64(asy_jw *w, uint64_t v)
{
	char text[20];
	size_t at = sizeof text;
	do {
		text[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	value(w, text + at, sizeof text - at);
}

void asy_jw_i64(asy_jw *w, int64_t v)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%" PRId64, v);
	value(w, text, (size_t)n);
}

void asy_jw_f64(asy_jw *w, double v)
{
	char text[32];
	if (!isfinite(v)) {
		asy_jw_null(w);
		return;
	}
	asy_json_double(text, v);
	value(w, text, strlen(text));
}

void asy_jw_bool(asy_jw *w, bool v)
{
	value(w, v ? "true" : "false", v ? 4 : 5);
}
void asy_jw_null(asy_jw *w)
{
	value(w, "null", 4);
}
void asy_jw_raw(asy_jw *w, assay_span json)
{
	value(w, json.ptr, json.len);
}

void asy_jw_kstr(asy_jw *w, const char *key, const char *s)
{
	asy_jw_key(w, key);
	asy_jw_str(w, s);
}

void asy_jw_ku64(asy_jw *w, const char *key, uint64_t v)
{
	asy_jw_key(w, key);
	asy_jw_u64(w, v);
}

void asy_jw_ki64(asy_jw *w, const char *key, int64_t v)
{
	asy_jw_key(w, key);
	asy_jw_i64(w, v);
}

void asy_jw_kf64(asy_jw *w, const char *key, double v)
{
	asy_jw_key(w, key);
	asy_jw_f64(w, v);
}

void asy_jw_kbool(asy_jw *w, const char *key, bool v)
{
	asy_jw_key(w, key);
	asy_jw_bool(w, v);
}

void asy_jw_khex(asy_jw *w, const char *key, const void *p, size_t len)
{
	const uint8_t *bytes = p;
	char pair[3];
	asy_jw_key(w, key);
	separate(w);
	put(w, "\"0x", 3);
	for (size_t i = 0; i < len; i++) {
		asy_hex_encode(pair, bytes + i, 1);
		put(w, pair, 2);
	}
	put_c(w, '"');
	w->need_comma = true;
}

assay_status asy_jw_end(asy_jw *w, assay_err *err)
{
	if (w->st == ASSAY_OK && (w->depth != 0 || w->after_key))
		w->st = ASSAY_E_INTERNAL;
	if (w->st != ASSAY_OK)
		return asy_err_set(err, w->st, "JSON output stopped after %zu bytes: %s", w->buf->len,
						   assay_status_text(w->st));
	return ASSAY_OK;
}
