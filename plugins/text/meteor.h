/* meteor: METEOR with exact and stemmed matches (NLTK 3.8 without WordNet). */
#ifndef TXT_METEOR_H
#define TXT_METEOR_H
#include "text/copy.h"

/* Best over the references, of lower-cased words. Negative when out of memory. */
double txt_meteor(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n);

#endif
