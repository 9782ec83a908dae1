/* sr25519 as schnorrkel defines it: group arithmetic from libsodium, transcripts
 * from merlin.c. Signatures are under the context "substrate".
 * Operations on secrets use libsodium's constant-time primitives and no branch
 * of our own. Verification handles public data and may branch. */
#include <sodium.h>
#include "crypto/impl.h"

/* libsodium answers -1 where the result is the identity; its encoding is zero. */
static void mul_base(uint8_t out[32], const uint8_t scalar[32])
{
	if (crypto_scalarmult_ristretto255_base(out, scalar) != 0)
		memset(out, 0, 32);
}

static bool is_canonical(const uint8_t scalar[32])
{
	uint8_t wide[64] = {0}, reduced[32];
	memcpy(wide, scalar, 32);
	crypto_core_ristretto255_scalar_reduce(reduced, wide);
	bool same = sodium_memcmp(reduced, scalar, 32) == 0;
	sodium_memzero(wide, sizeof wide);
	sodium_memzero(reduced, sizeof reduced);
	return same;
}

bool asy_sr_public(const uint8_t scalar[32], uint8_t public_key[32])
{
	return is_canonical(scalar) && crypto_scalarmult_ristretto255_base(public_key, scalar) == 0;
}

void asy_sr_expand(const uint8_t mini[32], asy_sr_secret *out)
{
	uint8_t h[64];
	crypto_hash_sha512(h, mini, 32);
	h[0] &= 0xf8;
	h[31] &= 0x3f;
	h[31] |= 0x40;
	/* The clamped value is a multiple of 8; ristretto scalars leave the cofactor out. */
	for (size_t i = 0; i < 32; i++)
		out->scalar[i] = (uint8_t)(h[i] >> 3 | (i < 31 ? h[i + 1] << 5 : 0));
	memcpy(out->nonce, h + 32, 32);
	mul_base(out->public_key, out->scalar);
	sodium_memzero(h, sizeof h);
}

static void begin_derive(asy_merlin *t, const uint8_t chain_code[32])
{
	asy_merlin_init(t, "SchnorrRistrettoHDKD");
	asy_merlin_append(t, "sign-bytes", "", 0);
	asy_merlin_append(t, "chain-code", chain_code, 32);
}

void asy_sr_derive_hard(asy_sr_secret *s, const uint8_t chain_code[32])
{
	asy_merlin t;
	uint8_t mini[32];
	begin_derive(&t, chain_code);
	asy_merlin_append(&t, "secret-key", s->scalar, 32);
	asy_merlin_challenge(&t, "HDKD-hard", mini, sizeof mini);
	asy_sr_expand(mini, s);
	sodium_memzero(mini, sizeof mini);
	sodium_memzero(&t, sizeof t);
}

void asy_sr_derive_soft(asy_sr_secret *s, const uint8_t chain_code[32])
{
	asy_merlin t;
	uint8_t wide[64], delta[32], nonce[32];
	begin_derive(&t, chain_code);
	asy_merlin_append(&t, "public-key", s->public_key, 32);
	asy_merlin_challenge(&t, "HDKD-scalar", wide, sizeof wide);
	crypto_core_ristretto255_scalar_reduce(delta, wide);
	crypto_core_ristretto255_scalar_add(s->scalar, s->scalar, delta);
	mul_base(s->public_key, s->scalar);
	/* schnorrkel draws the child's nonce seed at random. Deriving it keeps a key a
	 * function of its URI; it must only be secret and unique. */
	crypto_generichash(nonce, sizeof nonce, s->scalar, 32, s->nonce, 32);
	memcpy(s->nonce, nonce, sizeof nonce);
	sodium_memzero(nonce, sizeof nonce);
	sodium_memzero(wide, sizeof wide);
	sodium_memzero(delta, sizeof delta);
	sodium_memzero(&t, sizeof t);
}

static void begin_signing(asy_merlin *t, const void *msg, size_t len, const uint8_t public_key[32])
{
	asy_merlin_init(t, "SigningContext");
	asy_merlin_append(t, "", "substrate", 9);
	asy_merlin_append(t, "sign-bytes", msg, len);
	asy_merlin_append(t, "proto-name", "Schnorr-sig", 11);
	asy_merlin_append(t, "sign:pk", public_key, 32);
}

static void challenge(asy_merlin *t, const uint8_t r_point[32], uint8_t k[32])
{
	uint8_t wide[64];
	asy_merlin_append(t, "sign:R", r_point, 32);
	asy_merlin_challenge(t, "sign:c", wide, sizeof wide);
	crypto_core_ristretto255_scalar_reduce(k, wide);
}

void asy_sr_sign(const asy_sr_secret *s, const void *msg, size_t len, const uint8_t random[32],
				 uint8_t sig[64])
{
	asy_merlin t;
	uint8_t wide[64], r[32], k[32], out[64];

	begin_signing(&t, msg, len, s->public_key);
	asy_merlin_witness(&t, "signing", s->nonce, random, wide, sizeof wide);
	crypto_core_ristretto255_scalar_reduce(r, wide);
	mul_base(out, r);
	challenge(&t, out, k);
	crypto_core_ristretto255_scalar_mul(k, k, s->scalar);
	crypto_core_ristretto255_scalar_add(out + 32, k, r);
	/* The marker that tells schnorrkel signatures from ed25519 ones. */
	out[63] |= 0x80;
	memcpy(sig, out, sizeof out);
	sodium_memzero(wide, sizeof wide);
	sodium_memzero(r, sizeof r);
	sodium_memzero(k, sizeof k);
}

bool asy_sr_verify(const uint8_t public_key[32], const void *msg, size_t len, const uint8_t sig[64])
{
	asy_merlin t;
	uint8_t s[32], k[32], s_base[32], k_key[32], r_point[32];

	memcpy(s, sig + 32, sizeof s);
	if ((s[31] & 0x80) == 0)
		return false;
	s[31] &= 0x7f;
	if (!is_canonical(s))
		return false;
	begin_signing(&t, msg, len, public_key);
	challenge(&t, sig, k);
	/* Refuses an invalid encoding and the identity as a key. */
	if (crypto_scalarmult_ristretto255(k_key, k, public_key) != 0)
		return false;
	mul_base(s_base, s);
	if (crypto_core_ristretto255_sub(r_point, s_base, k_key) != 0)
		return false;
	return memcmp(r_point, sig, 32) == 0;
}
