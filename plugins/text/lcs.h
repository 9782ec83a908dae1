/* lcs: longest common subsequence of two sequences of numbers, bit-parallel: one
 * machine word advances 64 cells of the table. */
#ifndef TXT_LCS_H
#define TXT_LCS_H
#include "common/intern.h"

typedef struct txt_lcs txt_lcs;

/* Room for sequences up to these lengths, of numbers below count. NULL when out of
 * memory. */
txt_lcs *txt_lcs_new(plg_arena *a, size_t max_x, size_t max_y, size_t count);
/* Makes x (borrowed) the first sequence of what follows. */
void txt_lcs_load(txt_lcs *l, const uint32_t *x, size_t xn);
size_t txt_lcs_length(txt_lcs *l, const uint32_t *y, size_t yn);
/* Sets hit[j] for every index j of y on the path that ROUGE-Lsum defines: from the
 * end, on a mismatch move left (drop a word of x) when the left cell is strictly
 * larger, else up. Needs y no longer than max_y. */
void txt_lcs_mark(txt_lcs *l, const uint32_t *y, size_t yn, bool *hit);

#endif
