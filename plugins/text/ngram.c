/* Numbering by pairs: an n-gram is (its first n-1 words, its last word). */
#include "text/ngram.h"
#include <string.h>

bool txt_ngrams_begin(plg_arena *a, const uint32_t *x, size_t xn, const uint32_t *y, size_t yn,
					  txt_ngrams *g)
{
	*g = (txt_ngrams){.words_x = x, .words_y = y, .xn = xn, .yn = yn, .order = 1};
	g->x = plg_arena_take(a, xn, sizeof *g->x);
	g->y = plg_arena_take(a, yn, sizeof *g->y);
	g->left = plg_arena_take(a, xn + yn, sizeof *g->left);
	g->in = plg_intern_new(a, xn + yn);
	if (g->x == NULL || g->y == NULL || g->left == NULL || g->in == NULL)
		return false;
	for (size_t i = 0; i < yn; i++)
		g->y[i] = plg_intern_pair(g->in, 0, y[i]);
	for (size_t i = 0; i < xn; i++)
		g->x[i] = plg_intern_pair(g->in, 0, x[i]);
	return true;
}

void txt_ngrams_next(txt_ngrams *g)
{
	size_t last = g->order++; /* index of the last word within the longer n-gram */
	plg_intern_clear(g->in);
	for (size_t i = 0; i + last < g->yn; i++)
		g->y[i] = plg_intern_pair(g->in, g->y[i], g->words_y[i + last]);
	for (size_t i = 0; i + last < g->xn; i++)
		g->x[i] = plg_intern_pair(g->in, g->x[i], g->words_x[i + last]);
}

size_t txt_ngrams_count(const txt_ngrams *g, size_t n)
{
	return n < g->order ? 0 : n - g->order + 1;
}

size_t txt_ngrams_overlap(txt_ngrams *g, size_t head_n, size_t *head)
{
	size_t xn = txt_ngrams_count(g, g->xn), yn = txt_ngrams_count(g, g->yn);
	size_t limit = txt_ngrams_count(g, head_n), hits = 0, in_head = 0;
	memset(g->left, 0, plg_intern_count(g->in) * sizeof *g->left);
	for (size_t i = 0; i < yn; i++)
		g->left[g->y[i]]++;
	for (size_t i = 0; i < xn; i++)
		if (g->left[g->x[i]] > 0) {
			g->left[g->x[i]]--;
			hits++;
			in_head += i < limit;
		}
	if (head != NULL)
		*head = in_head;
	return hits;
}
