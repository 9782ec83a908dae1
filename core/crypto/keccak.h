/* Keccak-f[1600] and, on top of it, STROBE-128 as far as merlin transcripts use
 * it; private to crypto. */
#ifndef ASY_CRYPTO_KECCAK_H
#define ASY_CRYPTO_KECCAK_H
#include "base/base.h"

#define ASY_KECCAK_LEN 200

/* 25 lanes, little-endian bytes. Constant time: no branch or index on data. */
void asy_keccak_f1600(uint8_t state[ASY_KECCAK_LEN]);
#endif
