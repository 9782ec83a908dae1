/* normalise: the two normalisers that openai/whisper 20250625 evaluates with, to the
 * letter: the parity profile. Both sides of a comparison go through the same one. Results live in the arena; cp is
 * NULL when out of memory. */
#ifndef STT_NORMALISE_H
#define STT_NORMALISE_H
#include "common/text.h"
#include "stt/spelling.h"

typedef struct {
	bool remove_diacritics;
	bool split_letters; /* spaces between grapheme clusters */
} stt_basic_options;

plg_text stt_basic(plg_arena *a, plg_text t, const stt_basic_options *o);

/* spelling may be NULL: words then keep their British or American form. */
plg_text stt_english(plg_arena *a, plg_text t, const stt_spelling *spelling);

/* Deletes <...> and [...] (brackets may be mixed) and (...) with something inside. */
plg_text stt_without_brackets(plg_arena *a, plg_text t);

#endif
