/* The longer half of the chain's fixed-point arithmetic: I64F64 with its 256-bit
 * intermediates, and the two transcendental functions that substrate-fixed
 * computes by series. Copied in meaning, not replaced by better mathematics: a
 * truncated series that falls short of e^x must fall short here by the same bits.
 * mirrors: substrate-fixed src/arith.rs, src/transcendental.rs @d5f7036 */
#include "yuma/fixed.h"

#define I128_MAX ((asy_i128)(~(asy_u128)0 >> 1))
#define I128_MIN (-I128_MAX - 1)

asy_i128 fx64_from_u64(uint64_t x)
{
	return x >= (uint64_t)1 << 63 ? I128_MAX : (asy_i128)x << 64;
}

int64_t fx64_to_fx32(asy_i128 x)
{
	asy_i128 v = x >> 32;
	return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : (int64_t)v;
}

asy_i128 fx64_add(asy_i128 a, asy_i128 b)
{
	asy_i128 r;
	if (!__builtin_add_overflow(a, b, &r))
		return r;
	return b < 0 ? I128_MIN : I128_MAX;
}

static asy_u128 magnitude(asy_i128 x)
{
	return x < 0 ? ~(asy_u128)x + 1 : (asy_u128)x;
}

/* a * b as 256 bits. */
static void mul_wide(asy_u128 a, asy_u128 b, asy_u128 *hi, asy_u128 *lo)
{
	uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64);
	uint64_t b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
	asy_u128 p00 = (asy_u128)a0 * b0, p01 = (asy_u128)a0 * b1;
	asy_u128 p10 = (asy_u128)a1 * b0, p11 = (asy_u128)a1 * b1;
	asy_u128 mid = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
	*lo = (mid << 64) | (uint64_t)p00;
	*hi = p11 + (p01 >> 64) + (p10 >> 64) + (mid >> 64);
}

asy_i128 fx64_mul(asy_i128 a, asy_i128 b)
{
	bool negative = (a < 0) != (b < 0);
	asy_u128 hi, lo;
	mul_wide(magnitude(a), magnitude(b), &hi, &lo);
	asy_u128 q = (hi << 64) | (lo >> 64);
	bool over = (hi >> 64) != 0;
	/* a floor: a negative product with bits cut off lies one further down */
	if (negative && (uint64_t)lo != 0 && ++q == 0)
		over = true;
	if (negative)
		return over || q > (asy_u128)1 << 127 ? I128_MIN : (asy_i128)(~q + 1);
	return over || q > (asy_u128)I128_MAX ? I128_MAX : (asy_i128)q;
}

asy_i128 fx64_div(asy_i128 a, asy_i128 b)
{
	if (b == 0)
		return 0;
	bool negative = (a < 0) != (b < 0);
	asy_u128 n = magnitude(a), d = magnitude(b);
	/* (n * 2^64) / d: the integer part first, then 64 fraction bits one at a time.
	 * Only a subnet whose stakes saturate needs this (fx_ratio_u128). */
	asy_u128 q = n / d, r = n % d;
	if (q >> 64 != 0)
		return 0;
	for (int i = 0; i < 64; i++) {
		bool carry = r >> 127 != 0;
		r <<= 1;
		q <<= 1;
		if (carry || r >= d) {
			r -= d;
			q |= 1;
		}
	}
	if (negative)
		return q > (asy_u128)1 << 127 ? 0 : (asy_i128)(~q + 1);
	return q > (asy_u128)I128_MAX ? 0 : (asy_i128)q;
}

asy_i128 fx64_weight(uint64_t tao_weight)
{
	/* U96F32 on chain: 32 fraction bits carry information, 64 are stored. */
	asy_u128 w = ((asy_u128)tao_weight << 32) / UINT64_MAX;
	return (asy_i128)(w << 32);
}

int64_t fx_ema_alpha(uint64_t moving_average)
{
	asy_i128 m = fx64_div(fx64_from_u64(moving_average), fx64_from_u64(1000000));
	return fx_sub(FX_ONE, fx64_to_fx32(m));
}

/* e, cut to 23 fraction bits by the library's constant. */
#define EXP_ONE ((int64_t)22802600 << 9)
/* log2(e), the same way: floor(1.4426950408889634 * 2^23) * 2^9. */
#define LOG2_E ((int64_t)12102203 << 9)

int64_t fx_exp_safe(int64_t x)
{
	const int64_t limit = 20 * FX_ONE;
	x = fx_clamp(x, -limit, limit);
	if (x == 0)
		return FX_ONE;
	if (x == FX_ONE)
		return EXP_ONE;
	uint64_t y = (uint64_t)(x < 0 ? -x : x);
	uint64_t sum = y + (uint64_t)FX_ONE, term = y;
	for (uint64_t i = 2; i <= 31; i++) {
		/* floor(floor(t y / 2^32) / i), two floors as there */
		term = (uint64_t)(((asy_u128)term * y) >> 32) / i;
		if (term == 0)
			break;
		sum += term;
	}
	if (x < 0)
		sum = (uint64_t)(((asy_u128)1 << 64) / sum);
	return (int64_t)sum;
}

/* log2 of x >= ONE. */
static int64_t log2_above(uint64_t x)
{
	const uint64_t one = (uint64_t)FX_ONE;
	int64_t whole = 0;
	while (x >= 2 * one) {
		whole++;
		x = (x >> 1) + (x & 1);
	}
	if (x == one)
		return whole * FX_ONE;
	for (int i = 0; i < 32; i++) {
		x = (uint64_t)(((asy_u128)x * x) >> 32);
		whole <<= 1;
		if (x >= 2 * one) {
			whole |= 1;
			x = (x >> 1) + (x & 1);
		}
	}
	return whole;
}

int64_t fx_ln_safe(int64_t x)
{
	if (x <= 2)
		return 0;
	int64_t l = x >= FX_ONE ? log2_above((uint64_t)x)
							: -log2_above((uint64_t)(((asy_u128)1 << 64) / (asy_u128)(uint64_t)x));
	return fx_div(l, LOG2_E);
}
