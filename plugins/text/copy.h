/* copy: is the answer mostly the challenge's own text? */
#ifndef TXT_COPY_H
#define TXT_COPY_H
#include "common/intern.h"

typedef struct {
	const plg_text *word;
	size_t n;
} txt_words;

/* Share of the answer's 5-grams that occur in the prompt and in no reference; 0 for
 * answers of fewer than 5 words. What a reference shares with the prompt (extractive
 * answers) is not held against anyone. Negative when out of memory. */
double txt_copy_share(plg_arena *a, txt_words answer, txt_words prompt, const txt_words *refs,
					  size_t refs_n);

#endif
