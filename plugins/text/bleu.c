/* N-grams are numbered over the hypothesis and all references together, so that counting
 * is an array. */
#include "text/bleu.h"
#include <float.h>
#include <math.h>
#include <string.h>

typedef struct {
	uint32_t **id; /* [refs + 1]: the hypothesis last */
	size_t *n;     /* words of each */
	size_t texts, order;
	uint32_t *count, *most, *have; /* by number */
	plg_intern *in;
	uint32_t **word;
} grams;

static bool begin(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n, grams *g)
{
	size_t total = hyp.n;
	*g = (grams){.texts = refs_n + 1, .order = 1};
	for (size_t r = 0; r < refs_n; r++)
		total += refs[r].n;
	g->id = plg_arena_take(a, g->texts, sizeof *g->id);
	g->word = plg_arena_take(a, g->texts, sizeof *g->word);
	g->n = plg_arena_take(a, g->texts, sizeof *g->n);
	g->in = plg_intern_new(a, total);
	g->count = plg_arena_take(a, total + 1, sizeof *g->count);
	g->most = plg_arena_take(a, total + 1, sizeof *g->most);
	g->have = plg_arena_take(a, total + 1, sizeof *g->have);
	if (plg_arena_failed(a))
		return false;
	for (size_t k = 0; k < g->texts; k++) {
		txt_words w = k < refs_n ? refs[k] : hyp;
		g->n[k] = w.n;
		g->word[k] = plg_intern_words(a, g->in, w.word, w.n);
		g->id[k] = plg_arena_take(a, w.n + 1, sizeof **g->id);
		if (g->word[k] == NULL || g->id[k] == NULL)
			return false;
		if (w.n > 0)
			memcpy(g->id[k], g->word[k], w.n * sizeof **g->id);
	}
	return true;
}

static size_t grams_of(const grams *g, size_t k)
{
	return g->n[k] < g->order ? 0 : g->n[k] - g->order + 1;
}

static void next_order(grams *g)
{
	size_t last = g->order++;
	plg_intern_clear(g->in);
	for (size_t k = 0; k < g->texts; k++)
		for (size_t i = 0; i + last < g->n[k]; i++)
			g->id[k][i] = plg_intern_pair(g->in, g->id[k][i], g->word[k][i + last]);
}

static void count_text(const grams *g, size_t k, uint32_t *into)
{
	memset(into, 0, plg_intern_count(g->in) * sizeof *into);
	for (size_t i = 0; i < grams_of(g, k); i++)
		into[g->id[k][i]]++;
}

/* sum over n-grams of min(count in hyp, largest count in a reference). */
static double clipped(const grams *g)
{
	size_t kinds = plg_intern_count(g->in);
	double sum = 0;
	memset(g->most, 0, kinds * sizeof *g->most);
	for (size_t k = 0; k + 1 < g->texts; k++) {
		count_text(g, k, g->count);
		for (size_t i = 0; i < kinds; i++)
			g->most[i] = g->count[i] > g->most[i] ? g->count[i] : g->most[i];
	}
	count_text(g, g->texts - 1, g->have);
	for (size_t i = 0; i < kinds; i++)
		sum += g->have[i] < g->most[i] ? g->have[i] : g->most[i];
	return sum;
}

/* The reference length nearest to the hypothesis, the shorter one on a tie. */
static size_t nearest(const txt_words *refs, size_t refs_n, size_t hyp)
{
	size_t best = refs_n > 0 ? refs[0].n : 0;
	for (size_t r = 1; r < refs_n; r++) {
		size_t d = refs[r].n > hyp ? refs[r].n - hyp : hyp - refs[r].n;
		size_t b = best > hyp ? best - hyp : hyp - best;
		if (d < b || (d == b && refs[r].n < best))
			best = refs[r].n;
	}
	return best;
}

bool txt_bleu_count(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n,
					txt_bleu_counts *c)
{
	grams g;
	if (!begin(a, hyp, refs, refs_n, &g))
		return false;
	for (size_t n = 0; n < TXT_BLEU_ORDERS; n++) {
		c->correct[n] += clipped(&g);
		c->total[n] += (double)grams_of(&g, refs_n);
		if (n + 1 < TXT_BLEU_ORDERS)
			next_order(&g);
	}
	c->hyp += hyp.n;
	c->ref += nearest(refs, refs_n, hyp.n);
	return true;
}

double txt_bleu(const txt_bleu_counts *c, txt_smooth how, bool effective_order)
{
	double precision[TXT_BLEU_ORDERS] = {0}, k = 1, sum = 0, bp = 1;
	size_t order = TXT_BLEU_ORDERS;
	bool any = false;
	if (c->hyp < c->ref)
		bp = c->hyp > 0 ? exp(1 - (double)c->ref / (double)c->hyp) : 0;
	for (size_t n = 0; n < TXT_BLEU_ORDERS; n++)
		any |= c->correct[n] > 0;
	if (!any)
		return 0;
	for (size_t n = 0; n < TXT_BLEU_ORDERS; n++) {
		double correct = c->correct[n], total = c->total[n];
		if (how == TXT_SMOOTH_ADD_K && n > 0) {
			correct++;
			total++;
		}
		if (total == 0)
			break;
		if (effective_order)
			order = n + 1;
		if (correct > 0) {
			precision[n] = 100 * correct / total;
		} else if (how == TXT_SMOOTH_EXP) {
			k *= 2;
			precision[n] = 100 / (k * total);
		} else if (how == TXT_SMOOTH_FLOOR) {
			precision[n] = 100 * 0.1 / total;
		}
	}
	for (size_t n = 0; n < order; n++) {
		if (precision[n] == 0)
			return 0;
		sum += log(precision[n]);
	}
	return bp * exp(sum / (double)order);
}

/* ---- NLTK ---- */

typedef struct {
	double num[5], den[5], p[5];
	double hyp, ref, length[5]; /* length: n-grams of the hypothesis */
} nltk;

static void method3(nltk *x)
{
	double k = 1;
	for (int i = 0; i < 4; i++)
		if (x->num[i] == 0) {
			x->p[i] = 1 / (pow(2, k) * x->den[i]);
			k++;
		}
}

static void method4(nltk *x)
{
	double k = 1;
	for (int i = 0; i < 4; i++)
		if (x->num[i] == 0 && x->hyp > 1) {
			x->p[i] = 1 / (pow(2, k) * 5 / log(x->hyp)) / x->den[i];
			k++;
		}
}

static void method5(nltk *x)
{
	double before = x->p[0] + 1, old[5];
	memcpy(old, x->p, sizeof old);
	for (int i = 0; i < 4; i++) {
		x->p[i] = (before + old[i] + old[i + 1]) / 3;
		before = x->p[i];
	}
}

/* False where NLTK refuses: no bigram in common. */
static bool method6(nltk *x)
{
	if (x->p[2] == 0)
		return false;
	for (int i = 2; i < 4; i++) {
		double prior = x->p[i - 2] == 0 ? 0 : x->p[i - 1] * x->p[i - 1] / x->p[i - 2];
		x->p[i] = (x->num[i] + 5 * prior) / (x->length[i] + 5);
	}
	return true;
}

static bool smooth(nltk *x, int method)
{
	for (int i = 0; i < 4; i++) {
		if (method == 0 && x->num[i] == 0)
			x->p[i] = DBL_MIN;
		else if (method == 1 && x->num[i] == 0)
			x->p[i] = 0.1 / x->den[i];
		else if (method == 2 && i > 0)
			x->p[i] = (x->num[i] + 1) / (x->den[i] + 1);
	}
	if (method == 3)
		method3(x);
	if (method == 4 || method == 7)
		method4(x);
	if (method == 5 || method == 7)
		method5(x);
	return method != 6 || method6(x);
}

bool txt_bleu_nltk(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n, int method,
				   double *out)
{
	nltk x = {.hyp = (double)hyp.n};
	grams g;
	if (!begin(a, hyp, refs, refs_n, &g))
		return false;
	for (int i = 0; i < 5; i++) {
		x.num[i] = clipped(&g);
		x.length[i] = (double)grams_of(&g, refs_n);
		x.den[i] = x.length[i] > 1 ? x.length[i] : 1;
		x.p[i] = x.num[i] / x.den[i];
		if (i < 4)
			next_order(&g);
	}
	x.ref = (double)nearest(refs, refs_n, hyp.n);
	*out = 0;
	if (x.num[0] == 0)
		return true;
	if (!smooth(&x, method)) {
		*out = NAN;
		return true;
	}
	double sum = 0, bp = x.hyp > x.ref ? 1 : exp(1 - x.ref / x.hyp);
	for (int i = 0; i < 4; i++)
		if (x.p[i] > 0)
			sum += 0.25 * log(x.p[i]);
	*out = bp * exp(sum);
	return true;
}

bool txt_gleu(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n, double *out)
{
	*out = 0;
	for (size_t r = 0; r < refs_n; r++) {
		double match = 0, mine = 0, theirs = 0;
		grams g;
		if (!begin(a, hyp, &refs[r], 1, &g))
			return false;
		for (size_t n = 0; n < 4; n++) {
			match += clipped(&g);
			mine += (double)grams_of(&g, 1);
			theirs += (double)grams_of(&g, 0);
			if (n < 3)
				next_order(&g);
		}
		double all = mine > theirs ? mine : theirs;
		if (all > 0 && match / all > *out)
			*out = match / all;
	}
	return true;
}
