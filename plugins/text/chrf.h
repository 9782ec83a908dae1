/* chrf: character n-gram F-score (chrF, and chrF++ with word n-grams), for every
 * script. Reference: sacrebleu 2.6.0. Result in [0,1]; sacrebleu prints 100 times it. */
#ifndef TXT_CHRF_H
#define TXT_CHRF_H
#include "common/intern.h"

typedef struct {
	unsigned char_order, word_order; /* 6 and 0: chrF; 6 and 2: chrF++ */
	double beta;                     /* 2: recall counts twice as much */
	bool lowercase;
	bool whitespace;    /* keep white space in the character n-grams */
	bool eps_smoothing; /* per-order F with 1e-16 for what is undefined */
} txt_chrf_params;

/* Counts of n-grams order by order, summed over the segments of a corpus. */
#define TXT_CHRF_ORDERS 16
typedef struct {
	double hyp[TXT_CHRF_ORDERS], ref[TXT_CHRF_ORDERS], same[TXT_CHRF_ORDERS];
	unsigned orders;
} txt_chrf_sums;
/* False when out of memory. One reference a segment. */
bool txt_chrf_add(plg_arena *a, plg_text hyp, plg_text ref, const txt_chrf_params *p,
				  txt_chrf_sums *sums);
double txt_chrf_of(const txt_chrf_sums *sums, const txt_chrf_params *p);

/* Negative when out of memory. */
double txt_chrf(plg_arena *a, plg_text hyp, plg_text ref, const txt_chrf_params *p);

#endif
