/* Mnemonic -> mini secret, by substrate-bip39; private to crypto. */
#ifndef ASY_CRYPTO_MNEMONIC_H
#define ASY_CRYPTO_MNEMONIC_H
#include "crypto/crypto.h"

/* words may be NULL: then only the public development phrase is known. */
assay_status asy_mnemonic_seed(const char *phrase, size_t phrase_len, const char *password,
							   const asy_wordlist *words, uint8_t mini[32],
							   assay_err *err) ASSAY_CHECKED;
#endif
