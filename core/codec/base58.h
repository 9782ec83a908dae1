/* base58, as addresses use it; private to codec. */
#ifndef ASY_CODEC_BASE58_H
#define ASY_CODEC_BASE58_H
#include "base/base.h"

#define ASY_BASE58_BYTES_MAX 64

/* dst gets at most cap bytes with NUL; the length without NUL, or -1 when the
 * input is over ASY_BASE58_BYTES_MAX or dst is too small. */
long asy_base58_encode(char *dst, size_t cap, assay_span bytes);
/* The byte count, or -1: a character outside the alphabet, or over max. */
long asy_base58_decode(const char *text, size_t text_len, uint8_t *dst, size_t max);
#endif
