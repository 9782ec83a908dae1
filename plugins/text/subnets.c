/* mirrors: text-prompting BaseRewardModel.normalize_rewards and DiversityRewardModel
 * @b126ac1; prompting apply_reward_func @29eaf46. */
#include "text/subnets.h"
#include <math.h>
#include <stdlib.h>

void txt_moving_normalise(txt_moving *m, double *x, size_t n)
{
	double mean = 0, var = 0;
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		mean += x[i];
	mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		var += (x[i] - mean) * (x[i] - mean);
	var = n > 1 ? var / (double)(n - 1) : 0;
	double w = (double)n / (m->count + (double)n), d = mean - m->mean;
	m->mean = w * mean + (1 - w) * m->mean;
	m->var = w * var + (1 - w) * m->var + w * (1 - w) * d * d;
	m->count = m->count + (double)n < 3000 ? m->count + (double)n : 3000;
	for (size_t i = 0; i < n; i++) {
		x[i] -= m->mean;
		if (m->var > 0)
			x[i] /= sqrt(m->var);
		x[i] = 0.5 * (1 + erf(x[i] / sqrt(2.0)));
	}
}

double txt_cosine(const double *x, const double *y, size_t n)
{
	double xy = 0, xx = 0, yy = 0;
	for (size_t i = 0; i < n; i++) {
		xy += x[i] * y[i];
		xx += x[i] * x[i];
		yy += y[i] * y[i];
	}
	return xx > 0 && yy > 0 ? xy / (sqrt(xx) * sqrt(yy)) : 0;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

double txt_diversity(const double *row, const double *others, size_t m, size_t dim, size_t k,
					 double slope, double offset, double *work)
{
	for (size_t i = 0; i < m; i++)
		work[i] = 1 - fabs(txt_cosine(row, others + i * dim, dim));
	qsort(work, m, sizeof *work, ascending);
	double d = m == 0 ? 0 : work[k <= m ? k - 1 : m - 1];
	return 1 / (1 + exp(-slope * d + offset));
}

void txt_log_softmax(const double *logits, size_t n, double *out)
{
	double most = -INFINITY, sum = 0;
	for (size_t i = 0; i < n; i++)
		most = logits[i] > most ? logits[i] : most;
	for (size_t i = 0; i < n; i++)
		sum += exp(logits[i] - most);
	for (size_t i = 0; i < n; i++)
		out[i] = logits[i] - most - log(sum);
}

double txt_perplexity(const double *logits, const long *target, size_t n, size_t vocab, long ignore)
{
	double total = 0, counted = 0;
	for (size_t i = 0; i < n; i++) {
		const double *row = logits + i * vocab;
		double most = -INFINITY, sum = 0;
		if (target[i] == ignore || target[i] < 0 || (size_t)target[i] >= vocab)
			continue;
		for (size_t k = 0; k < vocab; k++)
			most = row[k] > most ? row[k] : most;
		for (size_t k = 0; k < vocab; k++)
			sum += exp(row[k] - most);
		total -= row[target[i]] - most - log(sum);
		counted++;
	}
	return counted > 0 ? exp(total / counted) : (double)NAN;
}
