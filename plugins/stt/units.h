/* units: the ways to write a unit of measure after a number. */
#ifndef STT_UNITS_H
#define STT_UNITS_H
#include "common/text.h"

/* One form for the unit that the words begin with ("millimetres", "mm"); how many words
 * it took. NULL: no unit. Singular and plural are one: "a 20 metre rope", "20 m". */
const char *stt_unit(const plg_text *word, size_t n, size_t *used);

#endif
