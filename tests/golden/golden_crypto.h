/* Shared by the files of the suite `crypto`. */
#ifndef ASSAY_TESTS_GOLDEN_CRYPTO_H
#define ASSAY_TESTS_GOLDEN_CRYPTO_H
#include "golden/golden.h"
/* The string member, or "" when it is absent. */
const char *gc_str(asy_jv v, const char *key);
/* Hex member of exactly len bytes. */
bool gc_hex(asy_jv v, const char *key, uint8_t *dst, size_t len);
#endif
