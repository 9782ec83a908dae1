/* ter: translation edit rate as sacrebleu 2.6.0 counts it: greedy block shifts, then edits
 * within a band around the diagonal. */
#ifndef TXT_TER_H
#define TXT_TER_H
#include "common/text.h"

typedef struct {
	bool normalized, no_punct, case_sensitive;
} txt_ter_params;

/* 100 * edits / mean reference length. Negative when out of memory. The caller bounds the
 * words; 1,000 shifts are tried at most. */
double txt_ter(plg_arena *a, plg_text hyp, const plg_text *refs, size_t refs_n,
			   const txt_ter_params *p);

#endif
