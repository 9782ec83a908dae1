/* mirrors: tokenizers pre_tokenizers/byte_level.rs, models/bpe/{model,word}.rs */
#include "encoder/tokens.h"
#include "encoder/unicode.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
	uint32_t left, right, rank, sum;
} merge;

struct enc_bpe {
	merge *slot; /* open addressing; sum is ENC_NO_ID in a free one */
	size_t mask, n, most;
	uint32_t byte[256];
	bool prefix_space;
};

enc_bpe *enc_bpe_new(size_t merges_n)
{
	enc_bpe *b = calloc(1, sizeof *b);
	size_t slots = 16;
	while (slots < 2 * merges_n)
		slots *= 2;
	if (b == NULL)
		return NULL;
	*b = (enc_bpe){.mask = slots - 1, .most = merges_n};
	b->slot = malloc(slots * sizeof *b->slot);
	if (b->slot == NULL) {
		free(b);
		return NULL;
	}
	for (size_t i = 0; i < slots; i++)
		b->slot[i] = (merge){0, 0, 0, ENC_NO_ID};
	return b;
}

void enc_bpe_free(enc_bpe *b)
{
	if (b != NULL)
		free(b->slot);
	free(b);
}

static merge *slot_of(const enc_bpe *b, uint32_t left, uint32_t right)
{
	uint64_t h = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(h >> 32) & b->mask;
	while (b->slot[i].sum != ENC_NO_ID && (b->slot[i].left != left || b->slot[i].right != right))
		i = (i + 1) & b->mask;
	return &b->slot[i];
}

bool enc_bpe_add(enc_bpe *b, const enc_vocab *v, assay_bytes left, assay_bytes right)
{
	uint8_t both[1024];
	if (left.len + right.len > sizeof both || b->n >= b->most)
		return false;
	memcpy(both, left.ptr, (size_t)left.len);
	memcpy(both + left.len, right.ptr, (size_t)right.len);
	uint32_t l = enc_vocab_find(v, left), r = enc_vocab_find(v, right);
	uint32_t sum = enc_vocab_find(v, (assay_bytes){both, left.len + right.len});
	if (l == ENC_NO_ID || r == ENC_NO_ID || sum == ENC_NO_ID)
		return false;
	*slot_of(b, l, r) = (merge){l, r, (uint32_t)b->n, sum};
	b->n++;
	return true;
}

/* The printable stand-in of a byte, as GPT-2 made them: printable Latin-1 is itself,
 * the others are U+0100 onwards in order. */
static uint32_t stand_in(unsigned b)
{
	unsigned before = 0;
	for (unsigned i = 0; i <= b; i++) {
		bool itself = (i >= 33 && i <= 126) || (i >= 161 && i <= 172) || i >= 174;
		if (i == b)
			return itself ? b : 256 + before;
		before += !itself;
	}
	return b;
}

bool enc_bpe_finish(enc_bpe *b, const enc_vocab *v, bool add_prefix_space)
{
	b->prefix_space = add_prefix_space;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t c = stand_in(i);
		uint8_t utf8[2] = {(uint8_t)c, 0};
		if (c >= 0x80) {
			utf8[0] = (uint8_t)(0xc0 | c >> 6);
			utf8[1] = (uint8_t)(0x80 | (c & 0x3f));
		}
		b->byte[i] = enc_vocab_find(v, (assay_bytes){utf8, c < 0x80 ? 1 : 2});
		if (b->byte[i] == ENC_NO_ID)
			return false;
	}
	return true;
}

/* ---- the split ---- */

typedef enum { LETTER, NUMBER, SPACE, OTHER, END } kind;

static kind kind_at(assay_bytes t, size_t at, size_t *len)
{
	uint32_t c;
	*len = 0;
	if (at >= t.len)
		return END;
	*len = enc_utf8_next(t.ptr + at, (size_t)t.len - at, &c);
	return enc_in(&enc_letter, c)   ? LETTER
		   : enc_in(&enc_number, c) ? NUMBER
		   : enc_is_space(c)        ? SPACE
									: OTHER;
}

static size_t contraction(assay_bytes t, size_t at)
{
	static const char *const ends[] = {"s", "t", "re", "ve", "m", "ll", "d"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends && t.ptr[at] == '\''; i++) {
		size_t n = strlen(ends[i]);
		if (t.len - at - 1 >= n && memcmp(t.ptr + at + 1, ends[i], n) == 0)
			return n + 1;
	}
	return 0;
}

/* White space up to the end of the text belongs together; before a word the last of
 * it is left over. */
static size_t spaces_end(assay_bytes t, size_t at)
{
	size_t len, last = at;
	for (size_t i = at; kind_at(t, i, &len) == SPACE; i += len)
		last = i;
	(void)kind_at(t, last, &len);
	return last + len == t.len || last == at ? last + len : last;
}

size_t enc_bpe_piece_end(assay_bytes t, size_t at)
{
	size_t len, short_form = contraction(t, at);
	if (short_form != 0)
		return at + short_form;
	kind k = kind_at(t, at, &len);
	if (k == SPACE) {
		kind next = kind_at(t, at + len, &len);
		if (t.ptr[at] != ' ' || next == SPACE || next == END)
			return spaces_end(t, at);
		k = next;
		at++;
	}
	while (kind_at(t, at, &len) == k)
		at += len;
	return at;
}

/* ---- merging ---- */

typedef struct {
	uint32_t id;
	uint32_t prev, next; /* ENC_NO_ID at the ends */
	bool gone;
} symbol;

typedef struct {
	uint32_t rank, at, sum;
} candidate;

typedef struct {
	candidate *c;
	size_t n;
} heap;

static bool before(candidate a, candidate b)
{
	return a.rank != b.rank ? a.rank < b.rank : a.at < b.at;
}

static void heap_push(heap *h, candidate x)
{
	size_t i = h->n++;
	for (; i > 0 && before(x, h->c[(i - 1) / 2]); i = (i - 1) / 2)
		h->c[i] = h->c[(i - 1) / 2];
	h->c[i] = x;
}

static candidate heap_pop(heap *h)
{
	candidate top = h->c[0], x = h->c[--h->n];
	size_t i = 0;
	for (size_t kid = 1; kid < h->n; kid = 2 * i + 1) {
		if (kid + 1 < h->n && before(h->c[kid + 1], h->c[kid]))
			kid++;
		if (!before(h->c[kid], x))
			break;
		h->c[i] = h->c[kid];
		i = kid;
	}
	h->c[i] = x;
	return top;
}

static void consider(const enc_bpe *b, heap *h, const symbol *s, uint32_t at)
{
	if (at == ENC_NO_ID || s[at].next == ENC_NO_ID)
		return;
	const merge *m = slot_of(b, s[at].id, s[s[at].next].id);
	if (m->sum != ENC_NO_ID)
		heap_push(h, (candidate){m->rank, at, m->sum});
}

/* Applies the candidate unless a merge since then has changed what it was about. */
static void apply(const enc_bpe *b, heap *h, symbol *s, candidate c)
{
	symbol *x = &s[c.at];
	if (x->gone || x->next == ENC_NO_ID || slot_of(b, x->id, s[x->next].id)->sum != c.sum)
		return;
	symbol *y = &s[x->next];
	x->id = c.sum;
	x->next = y->next;
	y->gone = true;
	if (x->next != ENC_NO_ID)
		s[x->next].prev = c.at;
	consider(b, h, s, x->prev);
	consider(b, h, s, c.at);
}

/* Each merge removes a symbol and offers at most two candidates, so 3n is room for all. */
static bool merged(const enc_bpe *b, plg_arena *a, assay_bytes piece, enc_ids *out)
{
	size_t n = (size_t)piece.len;
	symbol *s = plg_arena_take(a, n, sizeof *s);
	heap h = {plg_arena_take(a, 3 * n, sizeof *h.c), 0};
	if (s == NULL || h.c == NULL) {
		out->failed = true;
		return false;
	}
	for (size_t i = 0; i < n; i++)
		s[i] = (symbol){b->byte[piece.ptr[i]], i == 0 ? ENC_NO_ID : (uint32_t)i - 1,
						i + 1 == n ? ENC_NO_ID : (uint32_t)i + 1, false};
	for (size_t i = 0; i < n; i++)
		consider(b, &h, s, (uint32_t)i);
	while (h.n > 0)
		apply(b, &h, s, heap_pop(&h));
	for (size_t i = 0; i != ENC_NO_ID; i = s[i].next) {
		if (!enc_ids_push(out, s[i].id))
			return false;
	}
	return true;
}

/* The text with U+FFFD for what is not UTF-8, and the space in front if wanted. */
static bool as_utf8(const enc_bpe *b, plg_arena *a, assay_bytes text, assay_bytes *out)
{
	uint8_t *p = plg_arena_take(a, 3 * (size_t)text.len + 1, 1);
	size_t n = 0;
	uint32_t c;
	if (p == NULL)
		return false;
	for (size_t at = 0, len; at < text.len; at += len) {
		len = enc_utf8_next(text.ptr + at, (size_t)text.len - at, &c);
		if (at == 0 && b->prefix_space && c != ' ')
			p[n++] = ' ';
		bool good = c != 0xfffd || (len == 3 && memcmp(text.ptr + at, "\xef\xbf\xbd", 3) == 0);
		memcpy(p + n, good ? (const char *)text.ptr + at : "\xef\xbf\xbd", good ? len : 3);
		n += good ? len : 3;
	}
	*out = (assay_bytes){p, n};
	return true;
}

enc_rc enc_bpe_text(const enc_bpe *b, plg_arena *a, assay_bytes text, enc_ids *out)
{
	assay_bytes t = {NULL, 0};
	if (!as_utf8(b, a, text, &t))
		return ENC_NOMEM;
	for (size_t at = 0, end; at < t.len; at = end) {
		end = enc_bpe_piece_end(t, at);
		plg_arena_point mark = plg_arena_mark(a);
		bool more = merged(b, a, (assay_bytes){t.ptr + at, end - at}, out);
		plg_arena_rewind(a, mark);
		if (!more)
			break;
	}
	return out->failed ? ENC_NOMEM : ENC_OK;
}
