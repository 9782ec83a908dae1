/* Row j of the table is kept as bits: bit i of row j is 0 where the cell at column
 * i+1 exceeds its left neighbour. A cell's value is then a count of zero bits. */
#include "text/lcs.h"
#include <string.h>

struct txt_lcs {
	const uint32_t *x;
	size_t xn, words, stride;
	uint64_t *match; /* [count][stride]: where each number occurs in x */
	uint64_t *rows;  /* [max_y + 1][stride] */
};

txt_lcs *txt_lcs_new(plg_arena *a, size_t max_x, size_t max_y, size_t count)
{
	txt_lcs *l = plg_arena_take(a, 1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->stride = max_x / 64 + 1;
	l->match = plg_arena_take(a, count, l->stride * sizeof *l->match);
	l->rows = plg_arena_take(a, max_y + 1, l->stride * sizeof *l->rows);
	return l->match == NULL || l->rows == NULL ? NULL : l;
}

void txt_lcs_load(txt_lcs *l, const uint32_t *x, size_t xn)
{
	/* Only what the previous sequence set is cleared: loading costs its length. */
	for (size_t i = 0; i < l->xn; i++)
		l->match[l->x[i] * l->stride + i / 64] = 0;
	for (size_t i = 0; i < xn; i++)
		l->match[x[i] * l->stride + i / 64] |= (uint64_t)1 << (i % 64);
	l->x = x;
	l->xn = xn;
	l->words = xn / 64 + 1;
}

/* next = (v + (v & m)) | (v & ~m), a long addition over the words. */
static void advance(const txt_lcs *l, uint32_t number, const uint64_t *v, uint64_t *next)
{
	const uint64_t *match = l->match + number * l->stride;
	uint64_t carry = 0;
	for (size_t w = 0; w < l->words; w++) {
		uint64_t sum, keep = v[w] & ~match[w];
		uint64_t c1 = __builtin_add_overflow(v[w], v[w] & match[w], &sum);
		uint64_t c2 = __builtin_add_overflow(sum, carry, &sum);
		next[w] = sum | keep;
		carry = c1 | c2;
	}
}

/* Zero bits among the first n. */
static size_t cell(const uint64_t *row, size_t n)
{
	size_t zeros = 0;
	for (size_t w = 0; w < n / 64; w++)
		zeros += 64 - (size_t)__builtin_popcountll(row[w]);
	if (n % 64 != 0) {
		uint64_t first = ((uint64_t)1 << (n % 64)) - 1;
		zeros += (size_t)__builtin_popcountll(~row[n / 64] & first);
	}
	return zeros;
}

size_t txt_lcs_length(txt_lcs *l, const uint32_t *y, size_t yn)
{
	memset(l->rows, 0xff, l->words * sizeof *l->rows);
	for (size_t j = 0; j < yn; j++)
		advance(l, y[j], l->rows, l->rows);
	return cell(l->rows, l->xn);
}

void txt_lcs_mark(txt_lcs *l, const uint32_t *y, size_t yn, bool *hit)
{
	const size_t stride = l->stride;
	memset(l->rows, 0xff, l->words * sizeof *l->rows); /* row 0: all cells 0 */
	for (size_t j = 0; j < yn; j++)
		advance(l, y[j], l->rows + j * stride, l->rows + (j + 1) * stride);
	size_t i = l->xn, j = yn;
	while (i > 0 && j > 0) {
		if (l->x[i - 1] == y[j - 1]) {
			hit[j - 1] = true;
			i--;
			j--;
		} else if (cell(l->rows + j * stride, i - 1) > cell(l->rows + (j - 1) * stride, i)) {
			i--;
		} else {
			j--;
		}
	}
}
