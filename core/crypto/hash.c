/* Hashes under our names: BLAKE2b, SHA-2 and XXH64 from the libraries that do
 * them well. Also the one-time start of libsodium and the wiping of memory.
 * Reason to change: another hash that the chain or a dialect uses. */
#include <sodium.h>
#include <xxhash.h>
#include "crypto/crypto.h"

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(asy_blake2b_state),
			   "asy_blake2b_state must hold libsodium's state");

assay_status asy_crypto_init(assay_err *err)
{
	if (sodium_init() < 0)
		return ASSAY_FAIL(err, E_CRYPTO, "libsodium cannot start on this machine");
	return ASSAY_OK;
}

void asy_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}

void asy_blake2b(const void *data, size_t len, uint8_t *out, size_t out_len)
{
	int rc = crypto_generichash(out, out_len, data, len, NULL, 0);
	ASSERT(rc == 0);
}

static crypto_generichash_state *state_of(asy_blake2b_state *s)
{
	return (crypto_generichash_state *)(void *)s->opaque;
}

void asy_blake2b_init(asy_blake2b_state *s, size_t out_len)
{
	int rc = crypto_generichash_init(state_of(s), NULL, 0, out_len);
	ASSERT(rc == 0);
}

void asy_blake2b_update(asy_blake2b_state *s, const void *data, size_t len)
{
	int rc = crypto_generichash_update(state_of(s), data, len);
	ASSERT(rc == 0);
}

void asy_blake2b_final(asy_blake2b_state *s, uint8_t *out, size_t out_len)
{
	int rc = crypto_generichash_final(state_of(s), out, out_len);
	ASSERT(rc == 0);
}

void asy_sha256(const void *data, size_t len, uint8_t out[32])
{
	(void)crypto_hash_sha256(out, data, len);
}

void asy_twox(const void *data, size_t len, uint8_t *out, unsigned words)
{
	for (unsigned seed = 0; seed < words; seed++)
		asy_put_u64le(out + 8 * seed, XXH64(data, len, seed));
}
