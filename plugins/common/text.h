/* text: untrusted bytes to code points and back, and the few Unicode questions
 * that scoring asks. Semantics are Python 3.11's (UCD 14.0), because the reference
 * implementations are written in it. Never consults the locale. */
#ifndef PLG_TEXT_H
#define PLG_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "assay/plugin.h"
#include "common/arena.h"

/* Code points, borrowed (usually from an arena). */
typedef struct {
	const uint32_t *cp;
	size_t n;
} plg_text;

typedef enum { PLG_OK, PLG_BAD, PLG_LIMIT, PLG_NOMEM } plg_rc;

/* Strict UTF-8 (no overlong forms, surrogates, or values over 10FFFF; truncation
 * is an error). One leading byte order mark is dropped. PLG_BAD: not UTF-8;
 * PLG_LIMIT: more than max code points. */
plg_rc plg_utf8_decode(plg_arena *a, assay_bytes in, size_t max, plg_text *out);
/* The UTF-8 form; ptr is NULL when out of memory. Always NUL-terminated beyond len. */
assay_bytes plg_utf8_encode(plg_arena *a, plg_text t);

/* A NUL-terminated ASCII or UTF-8 literal of our own; never for input. */
plg_text plg_text_of(plg_arena *a, const char *literal);
bool plg_text_eq(plg_text a, plg_text b);
plg_text plg_text_sub(plg_text t, size_t from, size_t to);

/* Exactly str.isspace(): 0009-000D 001C-0020 0085 00A0 1680 2000-200A 2028 2029 202F 205F 3000. */
bool plg_is_space(uint32_t c);
bool plg_is_blank(plg_text t); /* only white space, or empty */
plg_text plg_strip(plg_text t);
/* Runs of white space become one U+0020; no trimming. */
plg_text plg_collapse(plg_arena *a, plg_text t);
/* str.split(): maximal runs without white space. NULL when out of memory. */
plg_text *plg_split(plg_arena *a, plg_text t, size_t *n);

/* str.lower(): full Unicode lower-casing, no locale (U+0130 gives two code points,
 * final sigma is contextual). cp NULL when out of memory. */
plg_text plg_lower(plg_arena *a, plg_text t);
typedef enum { PLG_NFC, PLG_NFD, PLG_NFKC, PLG_NFKD } plg_nf;
plg_text plg_normalize(plg_arena *a, plg_nf form, plg_text t);

bool plg_is_word(uint32_t c);         /* \w of Python's re: str.isalnum() or '_' */
bool plg_is_digit(uint32_t c);        /* \d of Python's re: category Nd */
uint32_t plg_digit_value(uint32_t c); /* 0..9; only for digits */
bool plg_is_mark(uint32_t c);         /* category M* */
bool plg_is_nonspacing(uint32_t c);   /* category Mn */
bool plg_is_symbol(uint32_t c);       /* category S* */
bool plg_is_punct(uint32_t c);        /* category P* */
bool plg_is_letter(uint32_t c);       /* category L* */
bool plg_is_ascii_punct(uint32_t c);  /* the 32 of C's ispunct */
/* Characters without a visible form that only serve to pad or split text. */
bool plg_is_invisible(uint32_t c);
/* C0 controls other than TAB, LF, CR. */
bool plg_is_control(uint32_t c);

/* Letters of scripts that do not put spaces between words (Han, kana, Thai, Lao,
 * Khmer, Myanmar). */
bool plg_is_unspaced(uint32_t c);

/* A short stable name of the character's script ("Latin", "Han", "Common"). */
const char *plg_script(uint32_t c);
/* True when a grapheme cluster boundary lies between the neighbours a and b. */
bool plg_grapheme_break(uint32_t a, uint32_t b);

#endif
