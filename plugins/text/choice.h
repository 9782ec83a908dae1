/* choice: how freely an answer was worded, which is what makes equality to another mean
 * something. */
#ifndef TXT_CHOICE_H
#define TXT_CHOICE_H
#include "text/score.h"

/* Characters of the answer that nobody gave its author: words (each once; pairs of letters in
 * scripts without spaces) that are neither in a reference nor in the prompt. A long reference
 * adds its own length, because a right answer in its very words was one of many. SIZE_MAX when
 * out of memory. */
size_t txt_choice(plg_arena *a, const txt_key *key, plg_text answer);

#endif
