/* partial_ratio looks at every window as long as the shorter text and at the shorter ones
 * at both ends, in the order of the reference implementation. */
#include "text/fuzzy.h"
#include <stdlib.h>
#include <string.h>
#include "common/build.h"

static size_t distance(plg_arena *a, plg_text x, plg_text y, size_t substitute)
{
	plg_arena_point before = plg_arena_mark(a);
	size_t *row = plg_arena_take(a, y.n + 1, sizeof *row);
	if (row == NULL)
		return SIZE_MAX;
	for (size_t k = 0; k <= y.n; k++)
		row[k] = k;
	for (size_t i = 1; i <= x.n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t k = 1; k <= y.n; k++) {
			size_t best = diagonal + (x.cp[i - 1] == y.cp[k - 1] ? 0 : substitute);
			diagonal = row[k];
			best = row[k] + 1 < best ? row[k] + 1 : best;
			row[k] = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
		}
	}
	size_t d = row[y.n];
	plg_arena_rewind(a, before);
	return d;
}

size_t txt_levenshtein(plg_arena *a, plg_text x, plg_text y)
{
	return distance(a, x, y, 1);
}

size_t txt_indel(plg_arena *a, plg_text x, plg_text y)
{
	return distance(a, x, y, 2);
}

/* 1 - d / lengths, as rapidfuzz rounds it: 1 minus the normalised distance. */
static double similarity(plg_arena *a, plg_text x, plg_text y)
{
	size_t d = txt_indel(a, x, y), most = x.n + y.n;
	if (d == SIZE_MAX)
		return -1;
	return most == 0 ? 1 : 1 - (double)d / (double)most;
}

double txt_ratio(plg_arena *a, plg_text x, plg_text y)
{
	double s = similarity(a, x, y);
	return s < 0 ? s : 100 * s;
}

static bool holds(plg_text t, uint32_t c)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.cp[i] == c)
			return true;
	return false;
}

/* best: what must be exceeded, in [0, 1]. */
static double window(plg_arena *a, plg_text s, plg_text t, size_t from, size_t to, double best)
{
	double r = similarity(a, s, plg_text_sub(t, from, to));
	return r < 0 ? -1 : r > best ? r : best;
}

static double partial(plg_arena *a, plg_text s, plg_text t)
{
	double best = 0;
	for (size_t i = 1; i < s.n && best >= 0 && best < 1; i++)
		if (holds(s, t.cp[i - 1]))
			best = window(a, s, t, 0, i, best);
	for (size_t i = 0; i < t.n - s.n && best >= 0 && best < 1; i++)
		if (holds(s, t.cp[i + s.n - 1]))
			best = window(a, s, t, i, i + s.n, best);
	for (size_t i = t.n - s.n; i < t.n && best >= 0 && best < 1; i++)
		if (holds(s, t.cp[i]))
			best = window(a, s, t, i, t.n, best);
	return best < 0 ? best : 100 * best;
}

double txt_partial_ratio(plg_arena *a, plg_text x, plg_text y)
{
	plg_text s = x.n <= y.n ? x : y, t = x.n <= y.n ? y : x;
	if (x.n == 0 && y.n == 0)
		return 100;
	double best = partial(a, s, t);
	if (best >= 0 && best < 100 && x.n == y.n) {
		double other = partial(a, t, s);
		best = other > best ? other : best;
	}
	return best;
}

static int by_code_points(const void *a, const void *b)
{
	const plg_text *x = a, *y = b;
	for (size_t i = 0; i < x->n && i < y->n; i++)
		if (x->cp[i] != y->cp[i])
			return x->cp[i] < y->cp[i] ? -1 : 1;
	return (x->n > y->n) - (x->n < y->n);
}

static plg_text join(plg_arena *a, const plg_text *w, size_t n)
{
	plg_build b = plg_build_begin(a, 64);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			plg_build_add(&b, ' ');
		plg_build_text(&b, w[i]);
	}
	return plg_build_end(&b);
}

static plg_text *sorted(plg_arena *a, plg_text t, size_t *n)
{
	plg_text *w = plg_split(a, t, n);
	if (w != NULL && *n > 1)
		qsort(w, *n, sizeof *w, by_code_points);
	return w;
}

double txt_token_sort_ratio(plg_arena *a, plg_text x, plg_text y)
{
	size_t xn, yn;
	plg_text *xw = sorted(a, x, &xn), *yw = sorted(a, y, &yn);
	if (xw == NULL || yw == NULL)
		return -1;
	plg_text xs = join(a, xw, xn), ys = join(a, yw, yn);
	return plg_arena_failed(a) ? -1 : txt_ratio(a, xs, ys);
}

static size_t unique(plg_text *w, size_t n)
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !plg_text_eq(w[i], w[k - 1]))
			w[k++] = w[i];
	return k;
}

/* Words of x that y has (kept true) or does not have. */
static plg_text part(plg_arena *a, const plg_text *x, size_t xn, const plg_text *y, size_t yn,
					 bool kept, size_t *n)
{
	plg_text *out = plg_arena_take(a, xn + 1, sizeof *out);
	*n = 0;
	for (size_t i = 0; out != NULL && i < xn; i++) {
		bool there = false;
		for (size_t k = 0; k < yn; k++)
			there |= plg_text_eq(x[i], y[k]);
		if (there == kept)
			out[(*n)++] = x[i];
	}
	return out == NULL ? (plg_text){NULL, 0} : join(a, out, *n);
}

static double norm(size_t distance, size_t lengths)
{
	return lengths == 0 ? 100 : 100 - 100 * (double)distance / (double)lengths;
}

double txt_token_set_ratio(plg_arena *a, plg_text x, plg_text y)
{
	size_t xn, yn, both_n, x_n, y_n;
	plg_text *xw = sorted(a, x, &xn), *yw = sorted(a, y, &yn);
	if (xw == NULL || yw == NULL)
		return -1;
	xn = unique(xw, xn);
	yn = unique(yw, yn);
	if (xn == 0 || yn == 0)
		return 0;
	plg_text both = part(a, xw, xn, yw, yn, true, &both_n);
	plg_text only_x = part(a, xw, xn, yw, yn, false, &x_n);
	plg_text only_y = part(a, yw, yn, xw, xn, false, &y_n);
	if (plg_arena_failed(a))
		return -1;
	if (both_n > 0 && (x_n == 0 || y_n == 0))
		return 100;
	size_t gap = both.n > 0, bx = both.n + gap + only_x.n, by = both.n + gap + only_y.n;
	size_t d = txt_indel(a, only_x, only_y);
	if (d == SIZE_MAX)
		return -1;
	double best = norm(d, bx + by);
	if (both.n == 0)
		return best;
	double left = norm(gap + only_x.n, both.n + bx), right = norm(gap + only_y.n, both.n + by);
	best = left > best ? left : best;
	return right > best ? right : best;
}
