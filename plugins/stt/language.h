/* language: what a language tag changes: the unit of error, the letters that are folded
 * before comparing, and whether an answer is in the script that was spoken. */
#ifndef STT_LANGUAGE_H
#define STT_LANGUAGE_H
#include "common/text.h"

typedef enum {
	STT_L_ENGLISH = 1 << 0,   /* the English normaliser applies                         */
	STT_L_LETTERS = 1 << 1,   /* errors are counted in characters, spaces removed       */
	STT_L_TURKIC = 1 << 2,    /* dotted and dotless i are different letters             */
	STT_L_POINTED = 1 << 3,   /* vowel points and tatweel are optional                  */
	STT_L_ARABIC = 1 << 4,    /* Arabic forms of kaf, yeh and alef                      */
	STT_L_PERSIAN = 1 << 5,   /* Persian forms of kaf and yeh; ZWNJ as a space          */
	STT_L_YO = 1 << 6,        /* Russian yo may be written ye                           */
	STT_L_SHARP_S = 1 << 7,   /* German sharp s may be written ss                       */
	STT_L_SERBIAN = 1 << 8,   /* two alphabets, letter for letter                       */
	STT_L_GREEK = 1 << 9,     /* capitals carry no accents; final sigma                 */
	STT_L_ROMANIAN = 1 << 10, /* cedilla for comma below                                */
	STT_L_LIGATURE = 1 << 11, /* oe, ae written as one letter                           */
	STT_L_CHILLU = 1 << 12    /* Malayalam final consonants, encoded in two ways        */
} stt_language_flag;

typedef struct {
	bool known; /* a language was named; "auto", "und" and the like name none */
	unsigned flags;
} stt_language;

static inline bool stt_language_has(const stt_language *l, stt_language_flag f)
{
	return (l->flags & (unsigned)f) != 0;
}

/* tag: BCP 47 ("en", "en-GB", "zh_Hant"), ISO 639-3 ("eng", "cmn"), 639-2/B ("ger") or
 * an English name ("german"), in any case; only the part before the first hyphen or
 * underscore counts. When no language is named the reference decides. */
stt_language stt_language_of(assay_bytes tag, plg_text reference);

/* Lower case, without optional vowel points and tatweel, in NFC. letters: also the other
 * folds of the language, and digits of every script as ASCII. cp NULL when out of
 * memory. */
plg_text stt_language_fold(plg_arena *a, const stt_language *l, bool letters, plg_text t);

/* Overlap of the two texts' letters by script, 0..1; 1 when either has no letters.
 * Negative when out of memory. */
double stt_script_overlap(plg_arena *a, plg_text x, plg_text y);

#endif
