/* signs: characters that are pronounced, as the words they stand for, and separators
 * inside numbers, which are not pronounced. English only. */
#ifndef STT_SIGNS_H
#define STT_SIGNS_H
#include "common/text.h"

/* "-5" is "minus 5", "5%" is "5 percent", "20 \u20ac" is "20 euros", "3/4" is "three
 * quarters", "2\u00bd" is "2.5", "1,234" is "1234", "6:00" is "6", "p.m." is "pm". t is in
 * lower case. cp NULL when out of memory. */
plg_text stt_signs(plg_arena *a, plg_text t);

/* Where a separator at at stands between groups of digits ("1,234,567", "1,00,000"), the
 * first digit after it, else at. */
size_t stt_thousands(plg_text t, size_t at, uint32_t separator);

#endif
