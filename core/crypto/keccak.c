/* Keccak-f[1600], 24 rounds, the plain form of FIPS 202: theta, rho and pi
 * together, chi, iota. Only values depend on the data, never a branch or an index. */
#include "crypto/impl.h"

static uint64_t rotl(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

void asy_keccak_f1600(uint8_t state[ASY_KECCAK_LEN])
{
	static const uint64_t iota[24] = {
		0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
		0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
		0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
		0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
		0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
		0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
	/* The walk of rho and pi: the lane visited k-th, and its rotation. */
	static const uint8_t lane[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
									 15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
	static const uint8_t turn[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
									 27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
	uint64_t a[25], c[5];

	for (size_t i = 0; i < 25; i++)
		a[i] = asy_get_u64le(state + 8 * i);
	for (size_t round = 0; round < 24; round++) {
		for (size_t x = 0; x < 5; x++)
			c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
		for (size_t x = 0; x < 5; x++) {
			uint64_t d = c[(x + 4) % 5] ^ rotl(c[(x + 1) % 5], 1);
			for (size_t y = 0; y < 25; y += 5)
				a[y + x] ^= d;
		}
		uint64_t carried = a[1];
		for (size_t k = 0; k < 24; k++) {
			uint64_t next = a[lane[k]];
			a[lane[k]] = rotl(carried, turn[k]);
			carried = next;
		}
		for (size_t y = 0; y < 25; y += 5) {
			for (size_t x = 0; x < 5; x++)
				c[x] = a[y + x];
			for (size_t x = 0; x < 5; x++)
				a[y + x] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
		}
		a[0] ^= iota[round];
	}
	for (size_t i = 0; i < 25; i++)
		asy_put_u64le(state + 8 * i, a[i]);
}
