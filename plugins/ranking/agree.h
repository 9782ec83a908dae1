/* agree.h - agreement of two orders of the same things. [pure] */
#ifndef PLUGIN_RANKING_AGREE_H
#define PLUGIN_RANKING_AGREE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rank-biased overlap, extrapolated, of lists of different lengths (Webber et al.
 * 2010), 0 < p < 1. Items are numbers below item_n, each at most once a list;
 * seen has item_n bytes of scratch. Both empty: 1; one empty: 0. */
double ranking_rbo(const uint32_t *a, size_t a_n, const uint32_t *b, size_t b_n, size_t item_n,
				   double p, uint8_t *seen);

/* Kendall's tau-b of n pairs, ties allowed on both sides. false: undefined (fewer
 * than two pairs, or one side all equal). Quadratic: meant for short lists. */
bool ranking_kendall(const double *x, const double *y, size_t n, double *out);
#endif
