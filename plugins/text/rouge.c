/* Tokenising, and the three ways of matching tokens. */
#include "text/rouge.h"
#include "common/num.h"
#include "text/lcs.h"
#include "text/ngram.h"
#include "text/porter.h"

static bool is_token_char(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static plg_text stemmed(plg_arena *a, plg_text w)
{
	enum { SHORT = 3 };
	char *s;
	uint32_t *cp;
	if (w.n <= SHORT)
		return w;
	s = plg_arena_take(a, w.n + 1, 1);
	cp = plg_arena_take(a, w.n + 1, sizeof *cp);
	if (s == NULL || cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < w.n; i++)
		s[i] = (char)w.cp[i];
	size_t n = txt_porter(s, w.n);
	for (size_t i = 0; i < n; i++)
		cp[i] = (uint8_t)s[i];
	return (plg_text){cp, n};
}

plg_text *txt_rouge_words(plg_arena *a, plg_text t, bool stem, size_t *n)
{
	size_t count = 0;
	t = plg_lower(a, t);
	if (t.cp == NULL)
		return NULL;
	for (size_t i = 0; i < t.n; i++)
		count += is_token_char(t.cp[i]) && (i == 0 || !is_token_char(t.cp[i - 1]));
	plg_text *words = plg_arena_take(a, count, sizeof *words);
	if (words == NULL)
		return NULL;
	for (size_t w = 0, at = 0; w < count; w++) {
		while (!is_token_char(t.cp[at]))
			at++;
		size_t from = at;
		while (at < t.n && is_token_char(t.cp[at]))
			at++;
		words[w] = plg_text_sub(t, from, at);
		if (stem)
			words[w] = stemmed(a, words[w]);
	}
	*n = count;
	return plg_arena_failed(a) ? NULL : words;
}

bool txt_rouge_applies(size_t rouge_n, size_t word_n)
{
	return rouge_n > 0 && 2 * rouge_n >= word_n;
}

static txt_prf prf(size_t hits_p, size_t hits_r, size_t xn, size_t yn)
{
	double p = plg_ratio((double)hits_p, (double)xn), r = plg_ratio((double)hits_r, (double)yn);
	return (txt_prf){p, r, plg_f1(p, r)};
}

bool txt_rouge_n(plg_arena *a, const txt_pair *p, size_t n, txt_prf *out)
{
	txt_ngrams g;
	size_t hits_r;
	if (!txt_ngrams_begin(a, p->x, p->xn, p->y, p->yn, &g))
		return false;
	while (g.order < n)
		txt_ngrams_next(&g);
	size_t hits = txt_ngrams_overlap(&g, p->recall_n, &hits_r);
	*out = prf(hits, hits_r, txt_ngrams_count(&g, p->xn), txt_ngrams_count(&g, p->yn));
	return true;
}

bool txt_rouge_l(plg_arena *a, const txt_pair *p, txt_prf *out)
{
	txt_lcs *l = txt_lcs_new(a, p->yn, 0, p->count);
	if (l == NULL)
		return false;
	txt_lcs_load(l, p->y, p->yn);
	size_t whole = txt_lcs_length(l, p->x, p->xn), head = whole;
	if (p->recall_n < p->xn)
		head = txt_lcs_length(l, p->x, p->recall_n);
	*out = prf(whole, head, p->xn, p->yn);
	return true;
}

typedef struct {
	uint32_t **line; /* numbers of each sentence's words */
	size_t *len, n, total;
} sentences;

/* Non-empty lines, tokenised and numbered. */
static bool split_lines(plg_arena *a, plg_intern *in, plg_text t, bool stem, sentences *s)
{
	size_t lines = 1;
	for (size_t i = 0; i < t.n; i++)
		lines += t.cp[i] == '\n';
	s->line = plg_arena_take(a, lines, sizeof *s->line);
	s->len = plg_arena_take(a, lines, sizeof *s->len);
	if (s->line == NULL || s->len == NULL)
		return false;
	for (size_t from = 0, i = 0; i <= t.n; i++) {
		if (i < t.n && t.cp[i] != '\n')
			continue;
		size_t n;
		plg_text *w = txt_rouge_words(a, plg_text_sub(t, from, i), stem, &n);
		from = i + 1;
		if (w == NULL)
			return false;
		if (n == 0)
			continue;
		s->line[s->n] = plg_intern_words(a, in, w, n);
		if (s->line[s->n] == NULL)
			return false;
		s->len[s->n++] = n;
		s->total += n;
	}
	return true;
}

static void tally(const sentences *s, uint32_t *budget)
{
	for (size_t l = 0; l < s->n; l++)
		for (size_t i = 0; i < s->len[l]; i++)
			budget[s->line[l][i]]++;
}

static size_t longest(const sentences *s)
{
	size_t n = 0;
	for (size_t l = 0; l < s->n; l++)
		n = s->len[l] > n ? s->len[l] : n;
	return n;
}

bool txt_rouge_lsum(plg_arena *a, plg_text hyp, plg_text ref, bool stem, txt_prf *out)
{
	sentences x = {0}, y = {0};
	size_t hits = 0;
	plg_intern *in = plg_intern_new(a, hyp.n + ref.n);
	if (in == NULL || !split_lines(a, in, hyp, stem, &x) || !split_lines(a, in, ref, stem, &y))
		return false;
	size_t count = plg_intern_count(in);
	uint32_t *budget_x = plg_arena_take(a, count, sizeof *budget_x);
	uint32_t *budget_y = plg_arena_take(a, count, sizeof *budget_y);
	bool *hit = plg_arena_take(a, y.total, sizeof *hit);
	txt_lcs *lcs = txt_lcs_new(a, longest(&x), longest(&y), count);
	if (budget_x == NULL || budget_y == NULL || hit == NULL || lcs == NULL)
		return false;
	tally(&x, budget_x);
	tally(&y, budget_y);
	for (size_t k = 0; k < x.n; k++) {
		txt_lcs_load(lcs, x.line[k], x.len[k]);
		for (size_t l = 0, at = 0; l < y.n; at += y.len[l++])
			txt_lcs_mark(lcs, y.line[l], y.len[l], hit + at);
	}
	for (size_t l = 0, at = 0; l < y.n; l++)
		for (size_t i = 0; i < y.len[l]; i++, at++) {
			uint32_t w = y.line[l][i];
			if (hit[at] && budget_x[w] > 0 && budget_y[w] > 0) {
				budget_x[w]--;
				budget_y[w]--;
				hits++;
			}
		}
	*out = prf(hits, hits, x.total, y.total);
	return true;
}
