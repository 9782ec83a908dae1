/* measure.c - nDCG in both gain forms, average precision, reciprocal rank,
 * precision and recall. Knows nothing of ids, answers or scores. */
#include "measure.h"
#include <math.h>
#include "common/num.h"

double ranking_gain(double grade, ranking_gain_form form)
{
	if (!(grade > 0))
		return 0;
	if (form == RANKING_GAIN_LINEAR)
		return grade;
	if (grade > RANKING_MAX_EXPONENT)
		return NAN;
	/* 2^grade as an exact power of two times 2^-f with 0 <= f < 1 */
	double up = ceil(grade);
	return ldexp(plg_exp2_neg(up - grade), (int)up) - 1;
}

static size_t cut(size_t n, size_t depth)
{
	return depth == 0 || n < depth ? n : depth;
}

double ranking_dcg(const double *gain, size_t n, size_t depth)
{
	double sum = 0;
	size_t end = cut(n, depth);
	for (size_t i = 0; i < end; i++)
		sum += gain[i] / plg_log2((double)i + 2);
	return sum;
}

double ranking_ndcg(const double *gain, size_t n, const double *ideal, size_t ideal_n, size_t depth)
{
	/* two roundings can lift a perfect list above 1 */
	return plg_clamp(plg_ratio(ranking_dcg(gain, n, depth), ranking_dcg(ideal, ideal_n, depth)), 0,
					 1);
}

static size_t found(const bool *relevant, size_t n, size_t depth)
{
	size_t hits = 0, end = cut(n, depth);
	for (size_t i = 0; i < end; i++)
		hits += relevant[i];
	return hits;
}

double ranking_average_precision(const bool *relevant, size_t n, size_t relevant_n, size_t depth)
{
	double sum = 0;
	size_t hits = 0, end = cut(n, depth);
	for (size_t i = 0; i < end; i++)
		if (relevant[i])
			sum += (double)++hits / (double)(i + 1);
	return plg_ratio(sum, (double)relevant_n);
}

double ranking_reciprocal_rank(const bool *relevant, size_t n, size_t depth)
{
	size_t end = cut(n, depth);
	for (size_t i = 0; i < end; i++)
		if (relevant[i])
			return 1 / (double)(i + 1);
	return 0;
}

double ranking_precision(const bool *relevant, size_t n, size_t depth)
{
	return plg_ratio((double)found(relevant, n, depth), (double)depth);
}

double ranking_recall(const bool *relevant, size_t n, size_t relevant_n, size_t depth)
{
	return plg_ratio((double)found(relevant, n, depth), (double)relevant_n);
}

double ranking_success(const bool *relevant, size_t n, size_t depth)
{
	return found(relevant, n, depth) > 0 ? 1 : 0;
}

double ranking_youth(double mean_age_s, double oldest_s)
{
	return plg_clamp(1 - mean_age_s / (oldest_s + 1), 0, 1);
}

double ranking_r_precision(const bool *relevant, size_t n, size_t relevant_n)
{
	return relevant_n > 0 ? ranking_precision(relevant, n, relevant_n) : 0;
}

double ranking_bpref(const bool *relevant, const bool *irrelevant, size_t n, size_t relevant_n,
					 size_t irrelevant_n)
{
	double sum = 0, above = 0, r = (double)relevant_n, other = (double)irrelevant_n;
	double most = r < other ? r : other;
	for (size_t i = 0; i < n; i++) {
		if (relevant[i])
			sum += above > 0 ? 1 - (above < most ? above : most) / most : 1;
		above += irrelevant[i];
	}
	return plg_ratio(sum, r);
}

double ranking_interpolated_precision(const bool *relevant, size_t n, size_t relevant_n,
									  double recall)
{
	size_t from = (size_t)(recall * (double)relevant_n + 0.5), hits = 0;
	double best = 0;
	for (size_t i = 0; i < n; i++) {
		hits += relevant[i];
		double precision = (double)hits / (double)(i + 1);
		if (hits >= from && relevant[i] && precision > best)
			best = precision;
	}
	return best;
}
