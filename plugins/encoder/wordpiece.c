/* mirrors: tokenizers normalizers/bert.rs, pre_tokenizers/bert.rs, models/wordpiece/mod.rs */
#include "common/text.h"
#include "encoder/tokens.h"
#include "encoder/unicode.h"
#include <stdlib.h>
#include <string.h>

enum { WORD_CHARS = 100, WORD_BYTES = 4 * WORD_CHARS };

bool enc_ids_push(enc_ids *l, uint32_t id)
{
	if (l->n >= l->most || l->failed)
		return false;
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 256 : 2 * l->cap;
		uint32_t *p = realloc(l->id, cap * sizeof *p);
		if (p == NULL) {
			l->failed = true;
			return false;
		}
		l->id = p;
		l->cap = cap;
	}
	l->id[l->n++] = id;
	return true;
}

void enc_ids_free(enc_ids *l)
{
	free(l->id);
	*l = (enc_ids){0};
}

/* ---- text to normalised code points ---- */

static size_t clean(const enc_wordpiece *w, uint32_t c, uint32_t out[3])
{
	if (w->clean && (c == 0 || c == 0xfffd || enc_in(&enc_dropped, c)))
		return 0;
	if (w->clean && enc_is_space(c))
		c = ' ';
	if (w->ideographs && c >= 0x3400 && enc_in(&enc_ideograph, c)) {
		out[0] = out[2] = ' ';
		out[1] = c;
		return 3;
	}
	out[0] = c;
	return 1;
}

static bool cleaned(const enc_wordpiece *w, plg_arena *a, assay_bytes text, plg_text *out)
{
	size_t n = 0;
	uint32_t *cp = plg_arena_take(a, 3 * (size_t)text.len + 1, sizeof *cp), c;
	if (cp == NULL)
		return false;
	for (size_t at = 0; at < text.len;) {
		at += enc_utf8_next(text.ptr + at, (size_t)text.len - at, &c);
		n += clean(w, c, cp + n);
	}
	*out = (plg_text){cp, n};
	return true;
}

static bool is_ascii(plg_text t)
{
	uint32_t any = 0;
	for (size_t i = 0; i < t.n; i++)
		any |= t.cp[i];
	return any < 0x80;
}

static bool without_accents(plg_arena *a, plg_text *t)
{
	if (is_ascii(*t))
		return true;
	plg_text d = plg_normalize(a, PLG_NFD, *t);
	uint32_t *cp = plg_arena_take(a, d.n + 1, sizeof *cp);
	size_t n = 0;
	if (cp == NULL || d.cp == NULL)
		return t->n == 0;
	for (size_t i = 0; i < d.n; i++) {
		if (d.cp[i] < 0x300 || !enc_in(&enc_accent, d.cp[i]))
			cp[n++] = d.cp[i];
	}
	*t = (plg_text){cp, n};
	return true;
}

static bool lowered(plg_arena *a, plg_text *t)
{
	uint32_t *cp = plg_arena_take(a, 2 * t->n + 1, sizeof *cp);
	size_t n = 0;
	if (cp == NULL)
		return false;
	for (size_t i = 0; i < t->n; i++)
		n += enc_lower(t->cp[i], cp + n);
	*t = (plg_text){cp, n};
	return true;
}

static bool normalised(const enc_wordpiece *w, plg_arena *a, assay_bytes text, plg_text *out)
{
	return cleaned(w, a, text, out) && (!w->strip_accents || without_accents(a, out)) &&
		   (!w->lower || lowered(a, out));
}

/* ---- words to pieces ---- */

static size_t put_utf8(uint8_t *p, uint32_t c)
{
	if (c < 0x80) {
		p[0] = (uint8_t)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; c >>= 6)
		p[i] = (uint8_t)(0x80 | (c & 0x3f));
	p[0] = (uint8_t)((0xf00u >> n & 0xf0u) | c);
	return n;
}

/* The longest piece at key[2..]; its token and its length. key has "##" in front of the
 * rest of the word. */
static uint32_t longest(const enc_wordpiece *w, const uint8_t *key, size_t left, bool first,
						size_t *len)
{
	const uint8_t *p = first ? key + 2 : key;
	size_t extra = first ? 0 : 2, most = enc_vocab_longest(w->vocab);
	size_t n = left + extra < most ? left : most > extra ? most - extra : 0;
	for (; n > 0; n--) {
		if (n < left && (key[2 + n] & 0xc0) == 0x80)
			continue; /* inside a character */
		uint32_t id = enc_vocab_find(w->vocab, (assay_bytes){p, n + extra});
		if (id != ENC_NO_ID) {
			*len = n;
			return id;
		}
	}
	return ENC_NO_ID;
}

/* Appends the pieces of one word, or the unknown token. false: the list is full. */
static bool word(const enc_wordpiece *w, const uint32_t *cp, size_t n, enc_ids *out)
{
	uint8_t bytes[WORD_BYTES + 2];
	uint32_t piece[WORD_CHARS];
	size_t len = 2, pieces = 0, step = 0;
	if (n > WORD_CHARS)
		return enc_ids_push(out, w->unknown);
	for (size_t i = 0; i < n; i++)
		len += put_utf8(bytes + len, cp[i]);
	for (size_t at = 2; at < len; at += step) {
		/* What lies before the piece is done with: its last bytes make room for "##". */
		bytes[at - 2] = bytes[at - 1] = '#';
		piece[pieces] = longest(w, bytes + at - 2, len - at, at == 2, &step);
		if (piece[pieces++] == ENC_NO_ID)
			return enc_ids_push(out, w->unknown);
	}
	for (size_t i = 0; i < pieces; i++) {
		if (!enc_ids_push(out, piece[i]))
			return false;
	}
	return true;
}

/* The end of the word that begins at i, which is no space. */
static size_t word_end(plg_text t, size_t i)
{
	if (enc_in(&enc_punct, t.cp[i]))
		return i + 1;
	while (i < t.n && !enc_is_space(t.cp[i]) && !enc_in(&enc_punct, t.cp[i]))
		i++;
	return i;
}

enc_rc enc_wordpiece_text(const enc_wordpiece *w, plg_arena *a, assay_bytes text, enc_ids *out)
{
	plg_text t = {NULL, 0};
	if (!normalised(w, a, text, &t))
		return ENC_NOMEM;
	for (size_t i = 0; i < t.n;) {
		if (enc_is_space(t.cp[i])) {
			i++;
			continue;
		}
		size_t end = word_end(t, i);
		if (!word(w, t.cp + i, end - i, out))
			break;
		i = end;
	}
	return out->failed ? ENC_NOMEM : ENC_OK;
}
