/* fuzzy: edit similarities as rapidfuzz 3.12.1 counts them, 0..100, over code points. */
#ifndef TXT_FUZZY_H
#define TXT_FUZZY_H
#include "common/text.h"

/* SIZE_MAX when out of memory. Quadratic: the caller bounds the lengths. */
size_t txt_levenshtein(plg_arena *a, plg_text x, plg_text y);
/* Insertions and deletions only. */
size_t txt_indel(plg_arena *a, plg_text x, plg_text y);
/* All: negative when out of memory. */
double txt_ratio(plg_arena *a, plg_text x, plg_text y);
double txt_partial_ratio(plg_arena *a, plg_text x, plg_text y);
double txt_token_sort_ratio(plg_arena *a, plg_text x, plg_text y);
double txt_token_set_ratio(plg_arena *a, plg_text x, plg_text y);

#endif
