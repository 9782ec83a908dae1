/* hallucinate: what recognisers (and miners) do when they have nothing to say: loops,
 * stutters, fillers, and words hidden in brackets that a normaliser would delete. */
#ifndef STT_HALLUCINATE_H
#define STT_HALLUCINATE_H
#include "common/intern.h"

/* The most times that a run of 1 to 8 words follows itself at once, less one:
 * "no no no" has 2. */
size_t stt_stutter(const uint32_t *words, size_t n);

/* Share of um, uh, hmm ... among the lower-cased words; 0 without words. Negative when
 * out of memory. */
double stt_filler_share(plg_arena *a, plg_text t);

/* The text itself, or, when more than a fifth of it stands in brackets, the text with
 * the bracket characters as spaces, so that the words count. cp NULL when out of
 * memory. */
plg_text stt_unhide(plg_arena *a, plg_text t);

#endif
