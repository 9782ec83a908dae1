/* Reading order: fold the characters, cut at spaces and marks, then name what was cut. */
#include "text/token.h"
#include <string.h>
#include "common/duplicates.h"

static uint32_t plain(uint32_t c)
{
	switch (c) {
	case 0x2018:
	case 0x2019:
	case 0x201a:
	case 0x201b:
	case 0x02bc:
	case 0x02b9:
	case 0x02bb:
	case 0x02bd:
	case 0x2032:
	case 0x00b4:
	case 0x0060:
	case 0x055a:
	case 0xa78c:
		return '\'';
	case 0x201c:
	case 0x201d:
	case 0x201e:
	case 0x201f:
	case 0x00ab:
	case 0x00bb:
	case 0x2033:
	case 0x300c:
	case 0x300d:
	case 0x300e:
	case 0x300f:
		return '"';
	case 0x2010:
	case 0x2011:
	case 0x2012:
	case 0x2013:
	case 0x2212:
	case 0x2043:
	case 0x207b:
		return '-';
	case 0x3002:
		return '.';
	case 0x3001:
		return ',';
	case 0x00d7: /* multiplication sign */
		return 'x';
	case 0x2044:
	case 0x2215: /* fraction slash */
		return '/';
	}
	return c;
}

/* Characters that NFKC would melt into something else: 10 to the power of 2 is not 102. */
static uint32_t superscript(uint32_t c)
{
	switch (c) {
	case 0x00b2:
		return '2';
	case 0x00b3:
		return '3';
	case 0x00b9:
		return '1';
	case 0x207b:
		return '-';
	}
	return c == 0x2070 || (c >= 0x2074 && c <= 0x2079) ? '0' + (c - 0x2070) : 0;
}

static plg_text opened(plg_arena *a, plg_text t)
{
	uint32_t *cp = plg_arena_take(a, 2 * t.n + 1, sizeof *cp);
	size_t n = 0;
	if (cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i], s = superscript(c);
		if (plg_is_invisible(c))
			continue;
		if (s != 0 && (i == 0 || superscript(t.cp[i - 1]) == 0))
			cp[n++] = '^';
		cp[n++] = s != 0 ? s : plain(c);
	}
	return (plg_text){cp, n};
}

static bool is_latin(uint32_t c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Greek and Cyrillic capitals stand 32 before their small letters. */
static uint32_t latin_like(uint32_t c)
{
	bool capital = (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f);
	uint32_t like = plg_look_alike(capital ? c + 32 : c);
	return !is_latin(like) ? c : capital ? like - 32 : like;
}

/* A word of Latin letters and of others that look like them is Latin. */
static void unmask(uint32_t *cp, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		size_t latin = 0, masked = 0;
		for (end = i; end < n && plg_is_letter(cp[end]); end++) {
			latin += is_latin(cp[end]);
			masked += latin_like(cp[end]) != cp[end];
		}
		for (size_t k = i; latin > 0 && masked > 0 && k < end; k++)
			cp[k] = latin_like(cp[k]);
		end += end == i;
	}
}

plg_text txt_fold(plg_arena *a, plg_text t)
{
	plg_text open = opened(a, t);
	plg_text k = open.cp == NULL ? open : plg_normalize(a, PLG_NFKC, open);
	uint32_t *cp = k.cp == NULL ? NULL : plg_arena_take(a, k.n + 1, sizeof *cp);
	if (cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < k.n; i++) {
		bool digit_next = i + 1 < k.n && plg_is_digit(k.cp[i + 1]);
		cp[i] = plain(k.cp[i]);
		if (plg_is_digit(k.cp[i])) /* Arabic, Devanagari ... digits */
			cp[i] = '0' + plg_digit_value(k.cp[i]);
		else if (k.cp[i] == 0x2014 && digit_next)
			cp[i] = '-';
	}
	unmask(cp, k.n);
	return (plg_text){cp, k.n};
}

static bool is_letter(uint32_t c)
{
	return plg_is_letter(c) || plg_is_mark(c);
}

/* Digits with separators between digits; "3.14", "1,234", "12:30" stays apart. */
static size_t number_end(plg_text t, size_t i)
{
	while (i < t.n && (plg_is_digit(t.cp[i]) ||
					   ((t.cp[i] == '.' || t.cp[i] == ',') && i + 1 < t.n &&
						plg_is_digit(t.cp[i + 1]) && i > 0 && plg_is_digit(t.cp[i - 1]))))
		i++;
	return i;
}

static size_t word_end(plg_text t, size_t i)
{
	if (plg_is_unspaced(t.cp[i])) {
		i++;
		while (i < t.n && plg_is_mark(t.cp[i]))
			i++;
		return i;
	}
	while (i < t.n && is_letter(t.cp[i]) && !plg_is_unspaced(t.cp[i]))
		i++;
	return i;
}

typedef struct {
	plg_arena *a;
	txt_tokens *out;
	size_t max;
	bool first, failed;
} reader;

static txt_token *put(reader *r, plg_text raw, txt_token_kind kind)
{
	if (r->out->n == r->max)
		return NULL;
	txt_token *k = &r->out->at[r->out->n];
	plg_text low = plg_lower(r->a, raw);
	assay_bytes utf8 = low.cp == NULL ? (assay_bytes){NULL, 0} : plg_utf8_encode(r->a, low);
	if (utf8.ptr == NULL) {
		r->failed = true;
		return NULL;
	}
	*k = (txt_token){.s = (const char *)utf8.ptr, .raw = raw, .kind = kind};
	k->capital = kind == TXT_T_WORD && low.cp != NULL && low.n > 0 && low.cp[0] != raw.cp[0];
	k->unspaced = raw.n > 0 && plg_is_unspaced(raw.cp[0]);
	if (kind == TXT_T_WORD) {
		k->first = r->first;
		r->first = false;
	} else if (kind == TXT_T_NUMBER) {
		r->first = false;
	} else if (strchr(".!?\n", k->s[0]) != NULL && k->s[0] != '\0') {
		r->first = true;
	}
	r->out->n++;
	return k;
}

static void put_literal(reader *r, const char *s)
{
	txt_token *k = put(r, plg_text_of(r->a, s), TXT_T_WORD);
	if (k != NULL)
		k->first = false;
}

static bool ends(plg_text w, const char *tail)
{
	size_t n = strlen(tail);
	if (w.n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((w.cp[w.n - n + i] | 32) != (uint32_t)(uint8_t)tail[i])
			return false;
	return true;
}

/* The word [at, end) and, after an apostrophe, what hangs on it. Returns the new end. */
static size_t put_word(reader *r, plg_text t, size_t at, size_t end)
{
	plg_text w = plg_text_sub(t, at, end);
	bool apostrophe = end + 1 < t.n && t.cp[end] == '\'' && is_letter(t.cp[end + 1]);
	if (!apostrophe) {
		if (w.n == 6 && ends(w, "cannot")) {
			(void)put(r, plg_text_sub(t, at, at + 3), TXT_T_WORD);
			put_literal(r, "not");
		} else {
			(void)put(r, w, TXT_T_WORD);
		}
		return end;
	}
	size_t tail_end = word_end(t, end + 1);
	plg_text tail = plg_text_sub(t, end + 1, tail_end);
	if (tail.n == 1 && (tail.cp[0] | 32) == 't' && ends(w, "n")) {
		plg_text stem = plg_text_sub(w, 0, w.n - 1); /* isn't */
		if (ends(w, "won"))
			put_literal(r, "will");
		else if (ends(w, "can") && w.n == 3)
			put_literal(r, "can");
		else if (stem.n > 0)
			(void)put(r, stem, TXT_T_WORD);
		put_literal(r, "not");
		return tail_end;
	}
	(void)put(r, w, TXT_T_WORD);
	if (tail.n == 1 && (tail.cp[0] | 32) == 's')
		return tail_end; /* the genitive, or "is" */
	if (tail.n == 2 && (ends(tail, "ll") || ends(tail, "ve") || ends(tail, "re")))
		return tail_end;
	return end + 1;
}

bool txt_tokenise(plg_arena *a, plg_text text, size_t max, txt_tokens *out)
{
	plg_text t = txt_fold(a, text);
	size_t cap = 2 * t.n + 2 < max ? 2 * t.n + 2 : max;
	*out = (txt_tokens){plg_arena_take(a, cap + 1, sizeof *out->at), 0};
	reader r = {.a = a, .out = out, .max = cap, .first = true};
	size_t i = 0, last_end = 0;
	bool line = false;
	if (t.cp == NULL || out->at == NULL)
		return false;
	while (i < t.n && out->n < cap) {
		size_t before = out->n, start = i;
		uint32_t c = t.cp[i];
		if (plg_is_space(c)) {
			if (c == '\n')
				r.first = line = true;
			i++;
			continue;
		}
		if (plg_is_digit(c)) {
			size_t end = number_end(t, i);
			(void)put(&r, plg_text_sub(t, i, end), TXT_T_NUMBER);
			i = end;
		} else if (is_letter(c)) {
			i = put_word(&r, t, i, word_end(t, i));
		} else {
			(void)put(&r, plg_text_sub(t, i, i + 1), TXT_T_MARK);
			i++;
		}
		if (out->n > before) {
			out->at[before].tight = start == last_end && before > 0;
			out->at[before].line = line && before > 0;
			line = false;
		}
		last_end = i;
	}
	return !r.failed;
}

const char *txt_bare(plg_arena *a, plg_text t)
{
	plg_text d = plg_normalize(a, PLG_NFKD, plg_lower(a, t));
	uint32_t *cp = d.cp == NULL ? NULL : plg_arena_take(a, d.n + 1, sizeof *cp);
	size_t n = 0;
	if (cp == NULL)
		return NULL;
	for (size_t i = 0; i < d.n; i++)
		if (!plg_is_nonspacing(d.cp[i]))
			cp[n++] = d.cp[i];
	return (const char *)plg_utf8_encode(a, (plg_text){cp, n}).ptr;
}

void txt_append(char *dst, size_t cap, const char *s)
{
	size_t n = strlen(dst);
	while (n + 1 < cap && *s != '\0')
		dst[n++] = *s++;
	dst[n] = '\0';
}
