/* chance.c - expectations over all orders. test_chance.c enumerates them for short
 * lists and compares. */
#include "chance.h"
#include <math.h>
#include "common/num.h"

static size_t cut(size_t n, size_t depth)
{
	return n < depth ? n : depth;
}

static double root(double variance)
{
	return variance > 0 ? sqrt(variance) : 0;
}

/* A sum of d_i g_(i) over a random order has mean n d' g' and variance
 * sum (d - d')^2 sum (g - g')^2 / (n - 1). */
ranking_luck ranking_luck_dcg(const double *gain, size_t n, size_t depth, double ideal)
{
	double d_sum = 0, d_square = 0, g_sum = 0, g_square = 0, size = (double)n;
	for (size_t i = 0; i < cut(n, depth); i++) {
		double d = 1 / plg_log2((double)i + 2);
		d_sum += d;
		d_square += d * d;
	}
	for (size_t i = 0; i < n; i++) {
		g_sum += gain[i] / ideal;
		g_square += gain[i] / ideal * (gain[i] / ideal);
	}
	double d_var = d_square - d_sum * d_sum / size, g_var = g_square - g_sum * g_sum / size;
	return (ranking_luck){d_sum * g_sum / size, n > 1 ? root(d_var * g_var / (size - 1)) : 0};
}

ranking_luck ranking_luck_count(size_t r, size_t n, size_t depth)
{
	double k = (double)cut(n, depth), share = (double)r / (double)n, size = (double)n;
	double variance = n > 1 ? k * share * (1 - share) * (size - k) / (size - 1) : 0;
	return (ranking_luck){k * share, root(variance)};
}

ranking_luck ranking_luck_first(size_t r, size_t n, size_t depth)
{
	double none = 1, mean = 0, square = 0;
	for (size_t i = 0; i < cut(n, depth) && none > 0; i++) {
		double hit = (double)r / (double)(n - i), rank = (double)i + 1;
		hit = hit < 1 ? hit : 1;
		mean += none * hit / rank;
		square += none * hit / (rank * rank);
		none *= 1 - hit;
	}
	return (ranking_luck){mean, root(square - mean * mean)};
}

ranking_luck ranking_luck_success(size_t r, size_t n, size_t depth)
{
	double none = 1;
	for (size_t i = 0; i < cut(n, depth) && none > 0; i++)
		none *= r >= n - i ? 0 : 1 - (double)r / (double)(n - i);
	return (ranking_luck){1 - none, root(none * (1 - none))};
}

/* At rank i: relevant with r/n, and then (i - 1)(r - 1)/(n - 1) of those before. */
ranking_luck ranking_luck_ap(size_t r, size_t n, size_t len)
{
	double sum = 0, share = (double)r / (double)n;
	double other = n > 1 ? (double)(r - 1) / (double)(n - 1) : 0;
	for (size_t i = 1; i <= cut(n, len); i++)
		sum += share * (1 + (double)(i - 1) * other) / (double)i;
	return (ranking_luck){sum / (double)r, ranking_luck_count(r, n, len).sd / (double)r};
}

/* A relevant document is equally likely to have 0 to other irrelevant ones above it. */
ranking_luck ranking_luck_bpref(size_t r, size_t other)
{
	double sum = 0, most = (double)(r < other ? r : other);
	for (size_t above = 0; above <= other && other > 0; above++)
		sum += 1 - ((double)above < most ? (double)above : most) / most;
	return (ranking_luck){other > 0 ? sum / (double)(other + 1) : 1, 0};
}

/* The overlap at depth d of a random order with a list of own_n is min(d, own_n) d / n. */
ranking_luck ranking_luck_rbo(size_t own_n, size_t n, double p)
{
	double sum = 0, power = 1, s = (double)own_n, size = (double)n;
	if (own_n == 0)
		return (ranking_luck){0, 0};
	for (size_t i = 1; i <= n; i++) {
		double d = (double)i, shared = (d < s ? d : s) * d / size;
		power *= p;
		sum += shared / d * power;
		if (i > own_n)
			sum += s * s / size * (d - s) / (s * d) * power;
	}
	double end = s, at_s = s * s / size; /* every document is in the order at its end */
	return (ranking_luck){
		plg_clamp((1 - p) / p * sum + ((end - at_s) / size + at_s / s) * power, 0, 1), 0};
}
