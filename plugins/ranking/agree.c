/* agree.c - rank-biased overlap and Kendall's tau. */
#include "agree.h"
#include <math.h>
#include <string.h>
#include "common/num.h"

double ranking_rbo(const uint32_t *a, size_t a_n, const uint32_t *b, size_t b_n, size_t item_n,
				   double p, uint8_t *seen)
{
	if (a_n == 0 || b_n == 0)
		return a_n == b_n ? 1 : 0;
	const uint32_t *longer = a_n >= b_n ? a : b, *shorter = a_n >= b_n ? b : a;
	size_t l = a_n >= b_n ? a_n : b_n, s = a_n >= b_n ? b_n : a_n;
	double overlap = 0, overlap_s = 0, power = 1, sum = 0;
	memset(seen, 0, item_n);
	for (size_t d = 1; d <= l; d++) {
		power *= p;
		/* an item met for the second time is in both lists */
		overlap += seen[longer[d - 1]];
		seen[longer[d - 1]] = 1;
		if (d <= s) {
			overlap += seen[shorter[d - 1]];
			seen[shorter[d - 1]] = 1;
		}
		if (d == s)
			overlap_s = overlap;
		sum += overlap / (double)d * power;
		if (d > s)
			sum += overlap_s * (double)(d - s) / ((double)s * (double)d) * power;
	}
	double tail = ((overlap - overlap_s) / (double)l + overlap_s / (double)s) * power;
	return plg_clamp((1 - p) / p * sum + tail, 0, 1);
}

bool ranking_kendall(const double *x, const double *y, size_t n, double *out)
{
	double balance = 0, pairs_x = 0, pairs_y = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++) {
			int sx = (x[i] < x[j]) - (x[i] > x[j]), sy = (y[i] < y[j]) - (y[i] > y[j]);
			balance += sx * sy;
			pairs_x += sx != 0;
			pairs_y += sy != 0;
		}
	if (!(pairs_x > 0) || !(pairs_y > 0))
		return false;
	/* two roundings can lift a perfect agreement above 1 */
	*out = plg_clamp(balance / sqrt(pairs_x) / sqrt(pairs_y), -1, 1);
	return true;
}
