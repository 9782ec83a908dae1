/* sr25519: Schnorr over ristretto255 with merlin transcripts, and its key
 * derivation; private to crypto. Secrets are plain arrays here: key.c owns them
 * in locked memory and hands them down. */
#ifndef ASY_CRYPTO_SR25519_H
#define ASY_CRYPTO_SR25519_H
#include "base/base.h"

typedef struct {
	uint8_t scalar[32]; /* canonical, below the group order */
	uint8_t nonce[32];
	uint8_t public_key[32];
} asy_sr_secret;

/* Ed25519-style expansion of a mini secret, the only mode Substrate uses. */
void asy_sr_expand(const uint8_t mini[32], asy_sr_secret *out);
/* false: the scalar is zero or not canonical, so there is no public key. */
bool asy_sr_public(const uint8_t scalar[32], uint8_t public_key[32]);
/* In place. */
void asy_sr_derive_hard(asy_sr_secret *s, const uint8_t chain_code[32]);
void asy_sr_derive_soft(asy_sr_secret *s, const uint8_t chain_code[32]);
void asy_sr_sign(const asy_sr_secret *s, const void *msg, size_t len, const uint8_t random[32],
				 uint8_t sig[64]);
bool asy_sr_verify(const uint8_t public_key[32], const void *msg, size_t len,
				   const uint8_t sig[64]);
#endif
