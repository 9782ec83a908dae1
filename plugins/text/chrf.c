/* Orders are averaged first and combined into F last, over the orders that exist on
 * both sides: a short answer is judged by the orders it can have. */
#include "text/chrf.h"
#include "text/ngram.h"

static void count_orders(txt_ngrams *g, unsigned orders, txt_chrf_sums *s)
{
	for (unsigned n = 0; n < orders && s->orders < TXT_CHRF_ORDERS; n++) {
		size_t yn = txt_ngrams_count(g, g->yn);
		/* n-grams of the hypothesis do not count where the reference has none */
		s->hyp[s->orders] += yn > 0 ? (double)txt_ngrams_count(g, g->xn) : 0;
		s->ref[s->orders] += (double)yn;
		s->same[s->orders++] += (double)txt_ngrams_overlap(g, 0, NULL);
		if (n + 1 < orders)
			txt_ngrams_next(g);
	}
}

static plg_text without_space(plg_arena *a, plg_text t)
{
	uint32_t *cp = plg_arena_take(a, t.n, sizeof *cp);
	size_t n = 0;
	if (cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < t.n; i++)
		if (!plg_is_space(t.cp[i]))
			cp[n++] = t.cp[i];
	return (plg_text){cp, n};
}

/* Words of white-space splitting; a word longer than one character gives up its last
 * character, else its first, as a word of its own if that is ASCII punctuation. */
static plg_text *words_of(plg_arena *a, plg_text t, size_t *n)
{
	size_t raw_n, k = 0;
	plg_text *raw = plg_split(a, t, &raw_n);
	plg_text *out = raw == NULL ? NULL : plg_arena_take(a, 2 * raw_n, sizeof *out);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < raw_n; i++) {
		plg_text w = raw[i];
		if (w.n > 1 && plg_is_ascii_punct(w.cp[w.n - 1])) {
			out[k++] = plg_text_sub(w, 0, w.n - 1);
			out[k++] = plg_text_sub(w, w.n - 1, w.n);
		} else if (w.n > 1 && plg_is_ascii_punct(w.cp[0])) {
			out[k++] = plg_text_sub(w, 0, 1);
			out[k++] = plg_text_sub(w, 1, w.n);
		} else {
			out[k++] = w;
		}
	}
	*n = k;
	return out;
}

static bool count_words(plg_arena *a, plg_text hyp, plg_text ref, unsigned orders, txt_chrf_sums *s)
{
	size_t xn, yn;
	txt_ngrams g;
	plg_text *x = words_of(a, hyp, &xn), *y = words_of(a, ref, &yn);
	plg_intern *in = x == NULL || y == NULL ? NULL : plg_intern_new(a, xn + yn);
	if (in == NULL)
		return false;
	uint32_t *xi = plg_intern_words(a, in, x, xn), *yi = plg_intern_words(a, in, y, yn);
	if (xi == NULL || yi == NULL || !txt_ngrams_begin(a, xi, xn, yi, yn, &g))
		return false;
	count_orders(&g, orders, s);
	return true;
}

bool txt_chrf_add(plg_arena *a, plg_text hyp, plg_text ref, const txt_chrf_params *p,
				  txt_chrf_sums *sums)
{
	txt_ngrams g;
	sums->orders = 0;
	if (p->lowercase) {
		hyp = plg_lower(a, hyp);
		ref = plg_lower(a, ref);
	}
	plg_text x = p->whitespace ? hyp : without_space(a, hyp);
	plg_text y = p->whitespace ? ref : without_space(a, ref);
	if (plg_arena_failed(a) || !txt_ngrams_begin(a, x.cp, x.n, y.cp, y.n, &g))
		return false;
	count_orders(&g, p->char_order, sums);
	return p->word_order == 0 || count_words(a, hyp, ref, p->word_order, sums);
}

double txt_chrf_of(const txt_chrf_sums *s, const txt_chrf_params *p)
{
	const double eps = 1e-16, factor = p->beta * p->beta;
	double precision = 0, recall = 0, smoothed = 0;
	unsigned effective = 0; /* orders present on both sides */
	for (unsigned n = 0; n < s->orders; n++) {
		double pn = s->hyp[n] > 0 ? s->same[n] / s->hyp[n] : eps;
		double rn = s->ref[n] > 0 ? s->same[n] / s->ref[n] : eps;
		double den = factor * pn + rn;
		smoothed += den > 0 ? (1 + factor) * pn * rn / den : eps;
		if (s->hyp[n] > 0 && s->ref[n] > 0) {
			precision += pn;
			recall += rn;
			effective++;
		}
	}
	if (p->eps_smoothing)
		return smoothed / (p->char_order + p->word_order);
	if (effective == 0 || precision + recall <= 0)
		return 0;
	precision /= effective;
	recall /= effective;
	return (1 + factor) * precision * recall / (factor * precision + recall);
}

double txt_chrf(plg_arena *a, plg_text hyp, plg_text ref, const txt_chrf_params *p)
{
	txt_chrf_sums sums = {.orders = 0};
	return txt_chrf_add(a, hyp, ref, p, &sums) ? txt_chrf_of(&sums, p) : -1;
}
