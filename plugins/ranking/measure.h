/* measure.h - measures of one ranked list against judgements. [pure]
 * A list is given as the grades of its items in the order of the answer; an item
 * without a judgement, or a repeated one, has grade 0. Depth 0 means no cut.
 * Summation runs from the first rank down, so equal lists give equal bits. */
#ifndef PLUGIN_RANKING_MEASURE_H
#define PLUGIN_RANKING_MEASURE_H
#include <stdbool.h>
#include <stddef.h>

typedef enum { RANKING_GAIN_LINEAR, RANKING_GAIN_EXPONENTIAL } ranking_gain_form;

#define RANKING_MAX_GRADE 1e9
#define RANKING_MAX_EXPONENT 30.0 /* 2^30: exponential gains stay exact in a double */

/* grade, or 2^grade - 1 (grade at most RANKING_MAX_EXPONENT, else NaN); 0 for negative
 * grades. */
double ranking_gain(double grade, ranking_gain_form form);
/* sum over ranks i = 1..depth of gain_i / log2(i + 1). */
double ranking_dcg(const double *gain, size_t n, size_t depth);
/* DCG over the DCG of ideal, which holds every judged gain in falling order;
 * 0 when the ideal is 0. */
double ranking_ndcg(const double *gain, size_t n, const double *ideal, size_t ideal_n,
					size_t depth);

/* The binary measures: relevant[i] of the item at rank i + 1, relevant_n of all
 * judged ones (not only of the list). Each is 0 when relevant_n is 0. */
double ranking_average_precision(const bool *relevant, size_t n, size_t relevant_n, size_t depth);
double ranking_reciprocal_rank(const bool *relevant, size_t n, size_t depth);
/* Divides by depth even for shorter lists; depth > 0. */
double ranking_precision(const bool *relevant, size_t n, size_t depth);
double ranking_recall(const bool *relevant, size_t n, size_t relevant_n, size_t depth);
/* 1 - mean age over the oldest answer's, plus a second: OpenKaito's age. */
double ranking_youth(double mean_age_s, double oldest_s);
double ranking_success(const bool *relevant, size_t n, size_t depth);
/* Precision at rank relevant_n. */
double ranking_r_precision(const bool *relevant, size_t n, size_t relevant_n);
/* The share of judged irrelevant documents not ranked above relevant ones (Buckley and
 * Voorhees 2004); irrelevant[i]: judged and not relevant, irrelevant_n of all judged. */
double ranking_bpref(const bool *relevant, const bool *irrelevant, size_t n, size_t relevant_n,
					 size_t irrelevant_n);
/* The best precision at any rank that reaches this share of the relevant ones, as
 * trec_eval rounds it: from hit number floor(recall * relevant_n + 0.5) on. */
double ranking_interpolated_precision(const bool *relevant, size_t n, size_t relevant_n,
									  double recall);
#endif
