/* bleu: BLEU as sacrebleu 2.6.0 counts it, and NLTK 3.8's sentence BLEU with its
 * smoothing methods 0 to 7 and GLEU. */
#ifndef TXT_BLEU_H
#define TXT_BLEU_H
#include "text/copy.h"

#define TXT_BLEU_ORDERS 4

/* Sums over segments; a corpus is counted by calling txt_bleu_count repeatedly. */
typedef struct {
	double correct[TXT_BLEU_ORDERS], total[TXT_BLEU_ORDERS];
	size_t hyp, ref; /* lengths */
} txt_bleu_counts;
/* False when out of memory. */
bool txt_bleu_count(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n,
					txt_bleu_counts *c);

typedef enum { TXT_SMOOTH_NONE, TXT_SMOOTH_EXP, TXT_SMOOTH_FLOOR, TXT_SMOOTH_ADD_K } txt_smooth;
/* In [0, 100], as sacrebleu prints it. */
double txt_bleu(const txt_bleu_counts *c, txt_smooth how, bool effective_order);

/* NLTK: method 0..7; in [0, about 1.2]. NAN where NLTK raises an error. False when out of memory. */
bool txt_bleu_nltk(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n, int method,
				   double *out);
bool txt_gleu(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n, double *out);

#endif
