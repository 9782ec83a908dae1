/* repeat: how much a text repeats itself. Looping text pleases likelihood and recall
 * measures without saying anything; honest text stays inside the bounds, and where
 * the reference itself leaves them (poems, tables) the bound moves with it. */
#ifndef TXT_REPEAT_H
#define TXT_REPEAT_H
#include "common/intern.h"

typedef struct {
	size_t tokens;         /* lower-cased words; code points in unspaced scripts */
	double distinct3;      /* different trigrams over trigrams                   */
	double longest_repeat; /* longest stretch that occurs twice without overlap, over tokens */
	double periodicity;    /* best share of tokens equal to the one a period later */
	double run;            /* longest run of one code point, digits, spaces, rules excepted */
	double compression;    /* UTF-8 bytes over deflated bytes; 0 under 200 bytes */
	double entropy;        /* of the tokens, over the largest possible           */
} txt_repeat;

/* False when out of memory. */
bool txt_repeat_measure(plg_arena *a, plg_text t, txt_repeat *out);

/* Product over violated bounds of max(0.2, 1 - 2 * relative excess). ref may be NULL. */
double txt_repeat_factor(const txt_repeat *hyp, const txt_repeat *ref);

#endif
