/* passes: steps that the library's English normaliser and the spoken one share. Results
 * live in the arena; cp is NULL when out of memory. */
#ifndef STT_PASSES_H
#define STT_PASSES_H
#include "common/text.h"
#include "stt/spelling.h"

/* White space before an apostrophe is dropped: "it 's" is "it's". */
plg_text stt_join_apostrophes(plg_arena *a, plg_text t);
/* Contractions, titles and "gonna" written out. */
plg_text stt_expand(plg_arena *a, plg_text t);
/* NFKD without accents; symbols and punctuation as spaces, but for . % $ and the signs
 * of cent, pound and euro when keep_currency. */
plg_text stt_without_diacritics(plg_arena *a, plg_text t, bool keep_currency);
/* A period (and, with currency, a currency sign) that no digit follows becomes a space;
 * the character that shows it is kept but consumed. at_end: also one that ends the text. */
plg_text stt_drop_marks(plg_arena *a, plg_text t, bool currency, bool at_end);
/* Word by word through the table. */
plg_text stt_american(plg_arena *a, plg_text t, const stt_spelling *spelling);

#endif
