/* american: British spellings in their American form, by rule. Knows the large families
 * of words; a table that the operator gives knows single words beyond them. */
#ifndef STT_AMERICAN_H
#define STT_AMERICAN_H
#include "common/text.h"
#include "stt/spelling.h"

/* Word by word: the table's spelling where it has one, else the rule's. spelling may be
 * NULL. cp NULL when out of memory. */
plg_text stt_american_rules(plg_arena *a, plg_text t, const stt_spelling *spelling);

#endif
