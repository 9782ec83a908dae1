/* Merlin transcripts over STROBE-128, as far as schnorrkel uses them; private
 * to crypto and its tests. A transcript is a value: copy it to clone it. */
#ifndef ASY_CRYPTO_MERLIN_H
#define ASY_CRYPTO_MERLIN_H
#include "crypto/keccak.h"

typedef struct {
	uint8_t state[ASY_KECCAK_LEN];
	uint8_t pos, pos_begin, flags;
} asy_merlin;

void asy_merlin_init(asy_merlin *t, const char *label);
void asy_merlin_append(asy_merlin *t, const char *label, const void *msg, size_t len);
void asy_merlin_challenge(asy_merlin *t, const char *label, void *out, size_t len);
/* schnorrkel's witness: secret bytes that depend on the transcript, on the
 * signer's nonce seed and on fresh randomness. t is left as it was. */
void asy_merlin_witness(const asy_merlin *t, const char *label, const uint8_t nonce[32],
						const uint8_t random[32], void *out, size_t len);
#endif
