/* number: number words to digits ("twenty one dollars" -> "$21"), the state machine
 * of openai/whisper's English normaliser. One word of look-back and look-ahead, never
 * recursive; integers of more than 40 digits are carried as text. */
#ifndef STT_NUMBER_H
#define STT_NUMBER_H
#include "common/text.h"

plg_text stt_number(plg_arena *a, plg_text t);

#endif
