/* squad: the normal form and the two measures of short answers (SQuAD). */
#ifndef TXT_SQUAD_H
#define TXT_SQUAD_H
#include "common/intern.h"

/* Lower-cased, ASCII punctuation deleted (not spaced), stand-alone a, an, the
 * replaced by a space, split on white space. NULL when out of memory. */
plg_text *txt_squad_words(plg_arena *a, plg_text t, size_t *n);

/* Same words in the same order. */
bool txt_squad_equal(const plg_text *x, size_t xn, const plg_text *y, size_t yn);

/* F1 of the multiset overlap; both empty: 1, one empty: 0. Ids come from one table
 * of count different words. Negative when out of memory. */
double txt_squad_f1(plg_arena *a, const uint32_t *x, size_t xn, const uint32_t *y, size_t yn,
					size_t count);

#endif
