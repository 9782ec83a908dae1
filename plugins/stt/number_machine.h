/* number_machine: words of one utterance in, the same with spoken numbers as digits
 * out, joined by single spaces. */
#ifndef STT_NUMBER_MACHINE_H
#define STT_NUMBER_MACHINE_H
#include "stt/number.h"

plg_text stt_words_to_digits(plg_arena *a, plg_text t, stt_dialect d);

#endif
