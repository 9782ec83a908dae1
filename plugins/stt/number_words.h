/* number_words: what a word means to the number state machine. */
#ifndef STT_NUMBER_WORDS_H
#define STT_NUMBER_WORDS_H
#include "stt/number.h"

typedef enum {
	STT_W_NONE, /* not in the vocabulary */
	STT_W_ZERO,
	STT_W_ONES,          /* value 1..19 */
	STT_W_ONES_SUFFIXED, /* value 0..19 and suffix */
	STT_W_TENS,          /* value 20..90 */
	STT_W_TENS_SUFFIXED,
	STT_W_MULTIPLIER, /* 10^value */
	STT_W_MULTIPLIER_SUFFIXED,
	STT_W_SIGN,     /* symbol */
	STT_W_CURRENCY, /* symbol */
	STT_W_PERCENT,
	STT_W_PER,
	STT_W_AND,
	STT_W_DOUBLE,
	STT_W_TRIPLE,
	STT_W_POINT
} stt_word_kind;

typedef struct {
	stt_word_kind kind;
	unsigned value;
	const char *suffix; /* "s", "st", "nd", "rd", "th" */
	uint32_t symbol;
} stt_word;

/* The library does not know "ninth". */
stt_word stt_word_of(plg_text w, stt_dialect d);

#endif
