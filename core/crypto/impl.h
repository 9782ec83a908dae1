/* What the files of crypto share; private to crypto and its tests: the Keccak
 * permutation, merlin transcripts over it, sr25519 over those, mnemonics. Secrets
 * are plain arrays here: key.c owns them in locked memory and hands them down. */
#ifndef ASY_CRYPTO_IMPL_H
#define ASY_CRYPTO_IMPL_H
#include "crypto/crypto.h"

/* ---- keccak.c ---- */
#define ASY_KECCAK_LEN 200

/* 25 lanes, little-endian bytes. Constant time: no branch or index on data. */
void asy_keccak_f1600(uint8_t state[ASY_KECCAK_LEN]);

/* ---- merlin.c: transcripts over STROBE-128, as far as schnorrkel uses them ----
 * A transcript is a value: copy it to clone it. */
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

/* ---- sr25519.c: Schnorr over ristretto255, and its key derivation ---- */
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

/* ---- mnemonic.c: phrase -> mini secret, by substrate-bip39 ---- */
/* words may be NULL: then only the public development phrase is known. */
assay_status asy_mnemonic_seed(const char *phrase, size_t phrase_len, const char *password,
							   const asy_wordlist *words, uint8_t mini[32],
							   assay_err *err) ASSAY_CHECKED;
#endif
