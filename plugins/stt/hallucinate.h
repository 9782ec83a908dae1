/* hallucinate: what recognisers (and miners) do when they have nothing to say: loops,
 * stutters, hesitations, and words hidden in brackets that a normaliser would delete. */
#ifndef STT_HALLUCINATE_H
#define STT_HALLUCINATE_H
#include "common/intern.h"

/* The most times that a run of 1 to 8 words follows itself at once, less one:
 * "no no no" has 2. */
size_t stt_stutter(const uint32_t *words, size_t n);

/* um, uhh, hmm, er ...; w is in lower case and may carry punctuation. */
bool stt_is_hesitation(plg_text w);
/* Share of hesitations among the lower-cased words; 0 without words. Negative when out
 * of memory. */
double stt_filler_share(plg_arena *a, plg_text t);

/* For the normalisers that delete bracketed spans: the share of characters that would
 * go, and the text with the bracket characters as spaces, so that the words count. */
double stt_hidden_share(plg_arena *a, plg_text t);
plg_text stt_unhide(plg_arena *a, plg_text t);

#endif
