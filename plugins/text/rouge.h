/* rouge: ROUGE-N, ROUGE-L and ROUGE-Lsum over the classic token definition: runs of
 * [a-z0-9] of the lower-cased text, optionally stemmed. Other scripts have no such
 * tokens; txt_rouge_applies says when a reference must not be judged by ROUGE. */
#ifndef TXT_ROUGE_H
#define TXT_ROUGE_H
#include "common/intern.h"

typedef struct {
	double p, r, f;
} txt_prf;

/* NULL when out of memory. Words longer than three letters are stemmed if asked. */
plg_text *txt_rouge_words(plg_arena *a, plg_text t, bool stem, size_t *n);

/* False when fewer than half of the reference's words survive as ROUGE tokens. */
bool txt_rouge_applies(size_t rouge_n, size_t word_n);

/* A hypothesis and a reference as numbers of one table of count words. The recall
 * part looks only at the first recall_n words of the hypothesis (length guard);
 * recall_n = xn gives the textbook measure. */
typedef struct {
	const uint32_t *x, *y;
	size_t xn, yn, recall_n, count;
} txt_pair;

/* False when out of memory. */
bool txt_rouge_n(plg_arena *a, const txt_pair *p, size_t n, txt_prf *out);
bool txt_rouge_l(plg_arena *a, const txt_pair *p, txt_prf *out);
/* Sentences are lines; empty ones are dropped. */
bool txt_rouge_lsum(plg_arena *a, plg_text hyp, plg_text ref, bool stem, txt_prf *out);

#endif
