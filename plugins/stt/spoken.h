/* spoken: English as it is heard: the default profile's normaliser. What sounds alike is
 * written alike, in words or digits, with any sign, unit, currency or apostrophe. */
#ifndef STT_SPOKEN_H
#define STT_SPOKEN_H
#include "common/text.h"
#include "stt/spelling.h"

/* t is in lower case and without tags. spelling may be NULL. cp NULL when out of
 * memory. */
plg_text stt_spoken(plg_arena *a, plg_text t, const stt_spelling *spelling);

#endif
