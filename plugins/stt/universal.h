/* universal: the default profile's normaliser for every language but English. Keeps what
 * is pronounced or changes a value (signs, decimals, percent, currencies, combining
 * marks); everything else that is no letter or digit becomes a space. */
#ifndef STT_UNIVERSAL_H
#define STT_UNIVERSAL_H
#include "common/text.h"

/* t is in lower case and without tags. cp NULL when out of memory. */
plg_text stt_universal(plg_arena *a, plg_text t);

#endif
