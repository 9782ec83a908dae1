/* language: what a language tag changes: the unit of error, the characters that both
 * sides lose before comparing, and whether an answer is in the script that was spoken. */
#ifndef STT_LANGUAGE_H
#define STT_LANGUAGE_H
#include "common/text.h"

typedef struct {
	bool known;      /* a tag other than "auto" was given */
	bool english;    /* the English normaliser applies   */
	bool by_letters; /* errors are counted in characters, spaces removed */
	bool turkic;     /* dotted and dotless i are different letters      */
	bool pointed;    /* vowel points and tatweel are optional           */
} stt_language;

/* tag: "en", "en-GB", "auto"; only the part before the first hyphen counts. For
 * "auto", and for no tag at all, the reference decides the unit. */
stt_language stt_language_of(assay_bytes tag, plg_text reference);

/* The language's own folding, before any normaliser. cp NULL when out of memory. */
plg_text stt_language_fold(plg_arena *a, const stt_language *l, plg_text t);

/* Overlap of the two texts' letters by script, 0..1; 1 when either has no letters.
 * Negative when out of memory. */
double stt_script_overlap(plg_arena *a, plg_text x, plg_text y);

#endif
