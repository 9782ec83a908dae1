/* Curves over one batch. */
#include "common/normaliser.h"
#include <stdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/num.h"

void plg_normaliser_read(plg_config *c, const char *option, plg_normaliser *out)
{
	static const char *const kinds[] = {"none",    "min_max", "rank", "z_cdf",
										"softmax", "power",   "cube", "steepness"};
	char path[64];
	(void)snprintf(path, sizeof path, "%s.kind", option);
	out->kind = (plg_norm)plg_config_choice(c, path, kinds, 8, PLG_NORM_NONE);
	(void)snprintf(path, sizeof path, "%s.parameter", option);
	out->parameter = plg_config_num(c, path, 0.7, 0.001, 10);
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sums run over the sorted scores, so that the order of the rows changes no bit. */
static double total(const double *sorted, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += sorted[i];
	return sum;
}

static void min_max(double *score, size_t n, const double *sorted)
{
	double low = sorted[0], span = sorted[n - 1] - low;
	for (size_t i = 0; span > 0 && i < n; i++)
		score[i] = (score[i] - low) / span;
}

/* First index whose value is not below x (or, with after, above x). */
static size_t bound(const double *sorted, size_t n, double x, bool after)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (sorted[mid] < x || (after && !(sorted[mid] > x)))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void rank(double *score, size_t n, const double *sorted)
{
	for (size_t i = 0; i < n; i++) {
		if (!(score[i] > 0))
			continue;
		double from = (double)bound(sorted, n, score[i], false);
		double to = (double)bound(sorted, n, score[i], true) - 1;
		score[i] = n == 1 ? 1 : (from + to) / 2 / (double)(n - 1);
	}
}

static void z_cdf(double *score, size_t n, const double *sorted)
{
	const double sqrt_half = 0.70710678118654752440;
	double mean = total(sorted, n) / (double)n, var = 0;
	for (size_t i = 0; i < n; i++)
		var += (sorted[i] - mean) * (sorted[i] - mean);
	double sd = sqrt(var / (double)n);
	for (size_t i = 0; i < n; i++)
		if (score[i] > 0)
			score[i] = n == 1   ? 1
					   : sd > 0 ? 0.5 * (1 + plg_erf((score[i] - mean) / sd * sqrt_half))
								: 0.5;
}

/* map(s) over the sum of map(s); nothing when the sum is 0. */
static void shares(const plg_normaliser *k, double *score, size_t n, double *work)
{
	double most = work[n - 1];
	for (size_t i = 0; i < n; i++)
		score[i] = !(score[i] > 0)               ? 0
				   : k->kind == PLG_NORM_SOFTMAX ? plg_exp_neg((most - score[i]) / k->parameter)
				   : k->kind == PLG_NORM_CUBE    ? score[i] * score[i] * score[i]
												 : plg_power(score[i], k->parameter);
	memcpy(work, score, n * sizeof *work);
	qsort(work, n, sizeof *work, rising);
	double sum = total(work, n);
	for (size_t i = 0; sum > 0 && i < n; i++)
		score[i] /= sum;
}

/* e = 100 p^(log2 100); r = s / max(1, sum + 1e-10); r^e over its sum, in which the
 * largest r is made 1 first; the sum counts scores of 0 too, as the original does. */
static void steepness(double p, double *score, size_t n, double *work)
{
	double e = 100 * plg_power(p, 6.64385619), sum = 1e-10, most = 0, whole = 1e-10;
	for (size_t i = 0; i < n; i++)
		sum += work[i] > 0 ? work[i] : 0;
	sum = sum > 1 ? sum : 1;
	most = work[n - 1] / sum > 1e-10 ? work[n - 1] / sum : 1e-10;
	for (size_t i = 0; i < n; i++) {
		double r = work[i] / sum;
		whole += plg_power((r > 1e-10 ? r : 1e-10) / most, e);
	}
	for (size_t i = 0; i < n; i++) {
		double r = score[i] / sum;
		score[i] = r > 0 ? plg_power((r > 1e-10 ? r : 1e-10) / most, e) / whole : r;
	}
}

void plg_normalise_scores(const plg_normaliser *k, double *score, size_t n, double *work)
{
	if (n == 0 || k->kind == PLG_NORM_NONE)
		return;
	memcpy(work, score, n * sizeof *work);
	qsort(work, n, sizeof *work, rising);
	switch (k->kind) {
	case PLG_NORM_NONE:
		break;
	case PLG_NORM_MIN_MAX:
		min_max(score, n, work);
		break;
	case PLG_NORM_RANK:
		rank(score, n, work);
		break;
	case PLG_NORM_Z_CDF:
		z_cdf(score, n, work);
		break;
	case PLG_NORM_SOFTMAX:
	case PLG_NORM_POWER:
	case PLG_NORM_CUBE:
		shares(k, score, n, work);
		break;
	case PLG_NORM_STEEPNESS:
		steepness(k->parameter, score, n, work);
		break;
	}
}
