/* The clip that keeps the largest share under a limit, number for number as the common
 * Python tools compute it: NumPy's pairwise sums, and in single mode every step rounded
 * to float32 (double arithmetic rounded once is float arithmetic: 53 >= 2*24 + 2).
 * mirrors: bittensor 10.2.0 weight_utils.py:normalize_max_weight. */
#include <stdlib.h>
#include "weights/weights.h"

static double round_to(bool single, double x)
{
	return single ? (double)(float)x : x;
}

/* NumPy's sum: eight interleaved accumulators up to 128, halves above. */
static double pairwise_sum(const double *x, size_t n, bool single)
{
	if (n < 8) {
		double s = 0;
		for (size_t i = 0; i < n; i++)
			s = round_to(single, s + x[i]);
		return s;
	}
	if (n > 128) {
		size_t half = n / 2;
		half -= half % 8;
		return round_to(single,
						pairwise_sum(x, half, single) + pairwise_sum(x + half, n - half, single));
	}
	double r[8];
	size_t i = 8;
	for (size_t j = 0; j < 8; j++)
		r[j] = x[j];
	for (; i + 8 <= n; i += 8) {
		for (size_t j = 0; j < 8; j++)
			r[j] = round_to(single, r[j] + x[i + j]);
	}
	double low = round_to(single, round_to(single, r[0] + r[1]) + round_to(single, r[2] + r[3]));
	double high = round_to(single, round_to(single, r[4] + r[5]) + round_to(single, r[6] + r[7]));
	double s = round_to(single, low + high);
	for (; i < n; i++)
		s = round_to(single, s + x[i]);
	return s;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void divide_all(double *x, size_t n, double by, bool single)
{
	for (size_t i = 0; i < n; i++)
		x[i] = round_to(single, x[i] / by);
}

static void fill(double *x, size_t n, double v)
{
	for (size_t i = 0; i < n; i++)
		x[i] = v;
}

/* The value above which entries are cut, from the ascending shares p and their total.
 * c is scratch. n_values gets how many shares stay as they are. */
static double find_cutoff(const double *p, double *c, size_t n, double total, double limit,
						  bool single, size_t *n_values)
{
	const double epsilon = round_to(single, 1e-7), t_limit = round_to(single, limit);
	size_t under = 0;
	c[0] = p[0];
	for (size_t i = 1; i < n; i++)
		c[i] = round_to(single, c[i - 1] + p[i]);
	for (size_t i = 0; i < n; i++) {
		double d = round_to(single, (double)(n - i - 1) * p[i]);
		d = round_to(single, d + c[i]);
		d = round_to(single, d + epsilon);
		under += round_to(single, p[i] / d) < t_limit;
	}
	*n_values = under;
	/* index -1 is the last one in the mirrored code */
	double sum = c[under == 0 ? n - 1 : under - 1];
	double top = round_to(single, round_to(single, t_limit * sum) - epsilon);
	return top / (1 - limit * (double)(n - under)) * total;
}

void asy_weights_clip(double *x, size_t n, double limit, bool single, double *scratch,
					  asy_weights_trace *trace)
{
	double *v = scratch, *p = scratch + n, *c = scratch + 2 * n;
	if (n == 0)
		return;
	double sum = pairwise_sum(x, n, single);
	if (sum == 0 || (double)n * limit <= 1) {
		trace->normalize = sum == 0 ? ASY_NORM_ZERO_SUM : ASY_NORM_LIMIT_INFEASIBLE;
		fill(x, n, round_to(single, 1 / (double)n));
		return;
	}
	memcpy(v, x, n * sizeof *v);
	qsort(v, n, sizeof *v, ascending);
	double total = pairwise_sum(v, n, single);
	for (size_t i = 0; i < n; i++)
		p[i] = round_to(single, v[i] / total);
	if (p[n - 1] <= round_to(single, limit)) {
		trace->normalize = ASY_NORM_PLAIN;
		divide_all(x, n, sum, single);
		return;
	}
	trace->normalize = ASY_NORM_CAPPED;
	trace->cutoff = find_cutoff(p, c, n, total, limit, single, &trace->n_values);
	for (size_t i = 0; i < n; i++) {
		if (x[i] > trace->cutoff)
			x[i] = round_to(single, trace->cutoff);
	}
	divide_all(x, n, pairwise_sum(x, n, single), single);
}
