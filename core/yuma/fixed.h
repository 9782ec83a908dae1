/* The chain's fixed-point numbers: saturation, checking and rounding as in
 * encointer/substrate-fixed v0.6.0 and subtensor primitives/safe-math @14bc6f9.
 * Multiplication floors, division truncates, a division that overflows or divides
 * by zero gives 0. Everything here is a few instructions; the longer functions
 * (128-bit formats, exponential, logarithm) are in fixed.c.
 * Refuses to know anything about subnets. */
#ifndef ASY_YUMA_FIXED_H
#define ASY_YUMA_FIXED_H
#include "base/base.h"

__extension__ typedef __int128 asy_i128;
__extension__ typedef unsigned __int128 asy_u128;

#define FX_ONE ((int64_t)1 << 32)

static inline int64_t fx_add(int64_t a, int64_t b)
{
	int64_t r;
	if (!__builtin_add_overflow(a, b, &r))
		return r;
	return b < 0 ? INT64_MIN : INT64_MAX;
}

static inline int64_t fx_sub(int64_t a, int64_t b)
{
	int64_t r;
	if (!__builtin_sub_overflow(a, b, &r))
		return r;
	return b > 0 ? INT64_MIN : INT64_MAX;
}

/* Plain + of the runtime, which is built without overflow checks. */
static inline int64_t fx_wrap_add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* floor(a * b / 2^32), clamped; the arithmetic shift of the exact product is what
 * makes it a floor for negative operands. */
static inline int64_t fx_mul(int64_t a, int64_t b)
{
	asy_i128 p = ((asy_i128)a * b) >> 32;
	if (p > INT64_MAX)
		return INT64_MAX;
	if (p < INT64_MIN)
		return INT64_MIN;
	return (int64_t)p;
}

/* The same value, but 0 instead of clamping. */
static inline int64_t fx_cmul(int64_t a, int64_t b)
{
	asy_i128 p = ((asy_i128)a * b) >> 32;
	return p > INT64_MAX || p < INT64_MIN ? 0 : (int64_t)p;
}

/* trunc(a * 2^32 / b); 0 when b is 0 or the quotient does not fit. */
static inline int64_t fx_div(int64_t a, int64_t b)
{
	if (b == 0)
		return 0;
	asy_i128 q = ((asy_i128)a * FX_ONE) / b;
	return q > INT64_MAX || q < INT64_MIN ? 0 : (int64_t)q;
}

/* trunc(a * 2^32 / b), clamped; b must not be 0. */
static inline int64_t fx_sdiv(int64_t a, int64_t b)
{
	asy_i128 q = ((asy_i128)a * FX_ONE) / b;
	if (q > INT64_MAX)
		return INT64_MAX;
	if (q < INT64_MIN)
		return INT64_MIN;
	return (int64_t)q;
}

static inline int64_t fx_min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}
static inline int64_t fx_max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}
static inline int64_t fx_clamp(int64_t x, int64_t lo, int64_t hi)
{
	return fx_max(fx_min(x, hi), lo);
}

/* A u16 as a number, not as a proportion. */
static inline int64_t fx_from_u16(uint16_t x)
{
	return (int64_t)x << 32;
}

/* floor(x * 2^32 / 65535). As 2^32 = 65535 * 65537 + 1 the quotient is x * 65537,
 * plus one only for x = 65535. */
static inline int64_t fx_from_u16p(uint16_t x)
{
	return (int64_t)x * 65537 + (x == UINT16_MAX ? 1 : 0);
}

/* u16 of a number: floor, clamped to 0 .. 65535. */
static inline uint16_t fx_to_u16(int64_t x)
{
	int64_t v = x >> 32;
	return v < 0 ? 0 : v > UINT16_MAX ? UINT16_MAX : (uint16_t)v;
}

/* u16 of a proportion: floor(x * 65535 / 2^32), never rounded. */
static inline uint16_t fx_to_u16p(int64_t x)
{
	return fx_to_u16(fx_mul(x, fx_from_u16(65535)));
}

/* Share of an amount: floor(x * amount / 2^32) for 0 <= x <= ONE (I96F32 there). */
static inline uint64_t fx_share(int64_t x, uint64_t amount)
{
	asy_u128 p = ((asy_u128)(uint64_t)(x < 0 ? 0 : x) * amount) >> 32;
	return p > UINT64_MAX ? UINT64_MAX : (uint64_t)p;
}

/* floor(a * 2^32 / b) for 0 <= a <= b, b > 0: the I64F64 quotient floored to
 * I32F32, without the 192-bit division. */
static inline uint64_t fx_ratio_u128(asy_u128 a, asy_u128 b)
{
	/* The estimate is off by less than one: the double quotient carries a relative
	 * error below 2^-50 and is at most 2^32. The remainder is then exact modulo
	 * 2^128, which is enough as it lies in (-b, 2b) and b < 2^126. */
	uint64_t q = (uint64_t)((double)a * 4294967296.0 / (double)b);
	asy_i128 r = (asy_i128)((a << 32) - (asy_u128)q * b);
	if (r < 0)
		return q - 1;
	return (asy_u128)r >= b ? q + 1 : q;
}

/* floor(a * 2^32 / b) for 0 <= a <= b, 0 < b < 2^62; the same method in 64 bits. */
static inline int64_t fx_ratio(int64_t a, int64_t b)
{
	int64_t q = (int64_t)((double)a * 4294967296.0 / (double)b);
	int64_t r = (int64_t)(((uint64_t)a << 32) - (uint64_t)q * (uint64_t)b);
	return r < 0 ? q - 1 : r >= b ? q + 1 : q;
}

/* ---- I64F64 (fixed.c) ---- */

/* Floor, clamped. */
static inline uint64_t fx64_to_u64(asy_i128 x)
{
	return x < 0 ? 0 : (uint64_t)((asy_u128)x >> 64);
}
asy_i128 fx64_from_u64(uint64_t x);            /* saturating at 2^127 - 1 */
int64_t fx64_to_fx32(asy_i128 x);              /* floor, clamped */
asy_i128 fx64_add(asy_i128 a, asy_i128 b);     /* clamped */
asy_i128 fx64_mul(asy_i128 a, asy_i128 b);     /* floor, clamped */
asy_i128 fx64_div(asy_i128 a, asy_i128 b);     /* trunc; 0 on overflow or b = 0 */
asy_i128 fx64_weight(uint64_t tao_weight);     /* the TaoWeight as a number */
int64_t fx_ema_alpha(uint64_t moving_average); /* 1 - millionths */

/* ---- transcendentals of substrate-fixed (fixed.c) ---- */

int64_t fx_exp_safe(int64_t x);
int64_t fx_ln_safe(int64_t x); /* 0 for x <= 2 raw; kept for completeness */

#endif
