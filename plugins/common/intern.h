/* intern: dense numbers for words and for pairs of numbers, so that everything
 * after tokenising compares integers. Exact: equal numbers mean equal keys. */
#ifndef PLG_INTERN_H
#define PLG_INTERN_H
#include "common/text.h"

#define PLG_NO_ID UINT32_MAX

typedef struct plg_intern plg_intern;

/* For at most max different keys; NULL when out of memory. */
plg_intern *plg_intern_new(plg_arena *a, size_t max);
void plg_intern_clear(plg_intern *in);
/* The key's number, the next free one if it is new. The word is borrowed until the
 * table is cleared. PLG_NO_ID only when the table is full. */
uint32_t plg_intern_word(plg_intern *in, plg_text word);
uint32_t plg_intern_pair(plg_intern *in, uint32_t first, uint32_t second);
size_t plg_intern_count(const plg_intern *in);

/* Numbers of n words, from the arena; NULL when out of memory. */
uint32_t *plg_intern_words(plg_arena *a, plg_intern *in, const plg_text *words, size_t n);

#endif
