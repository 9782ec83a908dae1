/*~ chance.h - what a random order of all documents earns, exactly. [pure]
 * A query of 10 documents with 4 relevant ones pays any order an nDCG of about 0.6:
 * doing nothing would look like doing half of the work. The reward therefore begins
 * above this mean, plus a margin in standard deviations against luck. */
#ifndef PLUGIN_RANKING_CHANCE_H
#define PLUGIN_RANKING_CHANCE_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
	double mean, sd;
} ranking_luck;

/* The first depth of n documents with these gains, discounted; over ideal > 0. */
ranking_luck ranking_luck_dcg(const double *gain, size_t n, size_t depth, double ideal);
/* Relevant ones, r of n, among the first depth: their count, the reciprocal of the first
 * rank, whether there is any. 0 < r <= n. */
ranking_luck ranking_luck_count(size_t r, size_t n, size_t depth);
ranking_luck ranking_luck_first(size_t r, size_t n, size_t depth);
ranking_luck ranking_luck_success(size_t r, size_t n, size_t depth);
/* Average precision of a list of the first len; the deviation is an estimate: that of the
 * count at len over r. */
ranking_luck ranking_luck_ap(size_t r, size_t n, size_t len);
/* bpref with r relevant and other judged irrelevant documents, all listed; sd 0. */
ranking_luck ranking_luck_bpref(size_t r, size_t other);
/* RBO with a fixed list of own_n of the n documents; sd 0. */
ranking_luck ranking_luck_rbo(size_t own_n, size_t n, double p);
#endif
