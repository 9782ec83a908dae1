/* porter: the English stemmer that ROUGE implementations use (Porter 1980 with the
 * NLTK extensions). Lower-case ASCII only; everything else is returned unchanged. */
#ifndef TXT_PORTER_H
#define TXT_PORTER_H
#include <stddef.h>

/* Stems the n letters at w in place; the result is never longer than n + 1 (a final
 * "e" may be added after a longer suffix was cut, so in fact never longer than n).
 * Returns the new length. */
size_t txt_porter(char *w, size_t n);

#endif
