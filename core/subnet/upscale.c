/* What the chain does to a weight vector before it stores it. The only copy of this
 * rule: the local acceptance checks, the what-if of the epoch and the development
 * chain all call it. Refuses nothing; every u16 vector has a result.
 * Reason to change: the chain's pallet changes math.rs:max_upscale. */
#include "subnet/subnet.h"

/* I32F32 rounding of a non-negative value: half away from zero, clamped to u16. */
static uint16_t round_fixed(uint64_t bits)
{
	uint64_t whole = (bits + ((uint64_t)1 << 31)) >> 32;
	return whole > UINT16_MAX ? UINT16_MAX : (uint16_t)whole;
}

/* mirrors: subtensor epoch/math.rs:vec_u16_max_upscale_to_u16, spec 425. Two paths
 * that round differently: above 32768 the reciprocal is truncated to 32 fractional
 * bits first, so an exact tie comes out one lower. */
void asy_max_upscale(const uint16_t *in, size_t n, uint16_t *out)
{
	uint16_t max = 0;
	for (size_t i = 0; i < n; i++)
		max = in[i] > max ? in[i] : max;
	if (max == 0) {
		if (in != out && n > 0)
			memcpy(out, in, n * sizeof *out);
		return;
	}
	const uint64_t top = (uint64_t)UINT16_MAX << 32;
	const uint64_t reciprocal = top / max;
	for (size_t i = 0; i < n; i++) {
		/* v * 65535 < 2^32, and 32768 * 65535 fits I32F32's 31 whole bits */
		uint64_t bits =
			max > 32768 ? in[i] * reciprocal : ((uint64_t)in[i] * UINT16_MAX << 32) / max;
		out[i] = round_fixed(bits);
	}
}
