/* ngram: clipped overlap of the n-grams of two sequences, order by order. Each step
 * numbers the next longer n-grams from the shorter ones, so an order costs one pass. */
#ifndef TXT_NGRAM_H
#define TXT_NGRAM_H
#include "common/intern.h"

typedef struct {
	const uint32_t *words_x, *words_y; /* borrowed */
	uint32_t *x, *y;                   /* numbers of the n-grams of the current order */
	uint32_t *left;                    /* counts of y's n-grams, used up by x's       */
	size_t xn, yn, order;              /* sequence lengths; current n                 */
	plg_intern *in;
} txt_ngrams;

/* Starts at order 1. Any numbers (words, code points). False when out of memory. */
bool txt_ngrams_begin(plg_arena *a, const uint32_t *x, size_t xn, const uint32_t *y, size_t yn,
					  txt_ngrams *g);
void txt_ngrams_next(txt_ngrams *g);
/* Number of n-grams of the current order in a sequence of n words. */
size_t txt_ngrams_count(const txt_ngrams *g, size_t n);
/* sum over n-grams of min(count in x, count in y); *head (may be NULL) is the part
 * of it met within the first head_n words of x. */
size_t txt_ngrams_overlap(txt_ngrams *g, size_t head_n, size_t *head);

#endif
