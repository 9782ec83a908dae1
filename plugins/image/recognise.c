/* recognise.c - the arithmetic of recognition scores. */
#include "recognise.h"
#include "common/num.h"

double image_top_k(const double *score, const bool *right, size_t n, size_t k)
{
	double best = -1;
	bool any = false;
	for (size_t i = 0; i < n; i++)
		if (right[i] && (!any || score[i] > best)) {
			best = score[i];
			any = true;
		}
	if (!any)
		return 0;
	size_t above = 0, ties = 1; /* the right class itself, once */
	for (size_t i = 0; i < n; i++)
		if (!right[i]) {
			above += score[i] > best;
			ties += !(score[i] > best) && !(score[i] < best);
		}
	if (above >= k)
		return 0;
	return k - above >= ties ? 1 : (double)(k - above) / (double)ties;
}

static double right_share(const double *p, const bool *right, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		if (right[i])
			sum += p[i];
	return sum;
}

double image_brier(const double *p, const bool *right, size_t n)
{
	double miss = 1 - right_share(p, right, n), sum = miss * miss;
	for (size_t i = 0; i < n; i++)
		if (!right[i])
			sum += p[i] * p[i];
	return 1 - sum / 2;
}

#define LN_2 0.69314718055994530942

double image_log_uniform(size_t n)
{
	return LN_2 * plg_log2((double)n);
}

double image_log_loss(const double *p, const bool *right, size_t n)
{
	const double least = 1e-15;
	return -LN_2 * plg_log2(plg_clamp(right_share(p, right, n), least, 1 - least));
}
