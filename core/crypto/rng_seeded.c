/* The random stream of a round: ChaCha20 (64-bit nonce of zero) keyed with the
 * seed, so that 32 bytes reproduce everything random in a round. Reading n bytes at
 * once or one by one gives the same stream. */
#include <sodium.h>
#include "crypto/crypto.h"

static void refill(asy_seeded_rng *r)
{
	static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = {0};
	memset(r->block, 0, sizeof r->block);
	(void)crypto_stream_chacha20_xor_ic(r->block, r->block, sizeof r->block, nonce, r->counter,
										r->seed);
	r->counter += sizeof r->block / 64;
	r->used = 0;
}

static void fill(asy_rng *iface, void *dst, size_t len)
{
	asy_seeded_rng *r = (asy_seeded_rng *)iface; /* iface is its first member */
	uint8_t *p = dst;
	while (len > 0) {
		if (r->used == sizeof r->block)
			refill(r);
		size_t n = sizeof r->block - r->used < len ? sizeof r->block - r->used : len;
		memcpy(p, r->block + r->used, n);
		r->used += n;
		p += n;
		len -= n;
	}
}

void asy_seeded_rng_init(asy_seeded_rng *r, const uint8_t seed[32])
{
	*r = (asy_seeded_rng){.iface = {fill}, .used = sizeof r->block};
	memcpy(r->seed, seed, sizeof r->seed);
}
