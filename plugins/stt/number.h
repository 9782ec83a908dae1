/* number: number words to digits ("twenty one dollars" -> "$21"), the state machine of
 * openai/whisper's English normaliser, and what speech needs beyond it. One word of
 * look-back and look-ahead, never recursive; integers of more than 40 digits are carried
 * as text. */
#ifndef STT_NUMBER_H
#define STT_NUMBER_H
#include "common/text.h"

typedef enum {
	STT_AS_WHISPER, /* to the letter */
	/* "ninth" is an ordinal, "7.0" keeps its fraction, signs stay words ("minus 5"), one
	 * way to write an amount, and digits that stand side by side are one number. */
	STT_AS_SPOKEN
} stt_dialect;

plg_text stt_number(plg_arena *a, plg_text t, stt_dialect d);
/* A space between letters and digits, except before an ordinal or plural ending. */
plg_text stt_split_letters_digits(plg_arena *a, plg_text t);

#endif
