/* dress: what stands around an answer and says nothing against it: polite openings, offers
 * at the end, sources, asides. It is taken off before the facts are judged, so that it
 * neither costs a right answer anything nor hides what a wrong one changed. */
#ifndef TXT_DRESS_H
#define TXT_DRESS_H
#include "text/reading.h"

/* ans is aligned with its reference in m; both are replaced when something was taken off.
 * prompt may be NULL. False: out of memory. */
bool txt_undress(plg_arena *a, txt_lexicon *l, const txt_reading *prompt, txt_reading *ans,
				 txt_alignment *m);

#endif
