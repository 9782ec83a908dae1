/* unicode: what the reference tokenizers take a code point for. Tables of their own,
 * because each property there follows another Unicode version and a vocabulary was
 * trained with exactly those. */
#ifndef ENC_UNICODE_H
#define ENC_UNICODE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint32_t first, last;
} enc_range;

typedef struct {
	const enc_range *range; /* ascending */
	size_t n;
} enc_ranges;

extern const enc_ranges enc_dropped;   /* removed by BERT's cleaning */
extern const enc_ranges enc_punct;     /* a word of its own for BERT */
extern const enc_ranges enc_accent;    /* removed after decomposition */
extern const enc_ranges enc_ideograph; /* gets a space on both sides */
extern const enc_ranges enc_letter;    /* \p{L} of the byte-level split */
extern const enc_ranges enc_number;    /* \p{N} of the byte-level split */

bool enc_in(const enc_ranges *t, uint32_t c);
/* White_Space of Unicode: what both tokenizers split at. */
bool enc_is_space(uint32_t c);
/* One code point at p of n > 0 bytes and its length; what is not UTF-8 is U+FFFD, one
 * for each maximal prefix of a sequence, as Python's errors="replace" has it. */
size_t enc_utf8_next(const uint8_t *p, size_t n, uint32_t *c);
/* The lower-case form of one code point, without regard to its neighbours: 1 or 2. */
size_t enc_lower(uint32_t c, uint32_t out[2]);

#endif
