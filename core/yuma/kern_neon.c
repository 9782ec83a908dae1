/* NEON (AArch64): the operations that kern_body.h is written over. Part of the base
 * architecture there, so it needs no flags of its own; tested under qemu-user. */
#include "yuma/kern.h"
#if defined(__aarch64__)
#include <arm_neon.h>

#define W16 8
#define W32 4
#define W64 2
#define MAGIC 4503599627370496.0 /* 2^52 */

typedef uint16x8_t v16;
typedef uint32x4_t v32;
typedef uint64x2_t v64;
typedef float64x2_t vd;

static inline v16 v16_set1(uint16_t x)
{
	return vdupq_n_u16(x);
}
static inline v16 v16_load(const uint16_t *p)
{
	return vld1q_u16(p);
}
static inline void v16_store(uint16_t *p, v16 x)
{
	vst1q_u16(p, x);
}
static inline v16 v16_max(v16 a, v16 b)
{
	return vmaxq_u16(a, b);
}
static inline v16 v16_add(v16 a, v16 b)
{
	return vaddq_u16(a, b);
}
static inline v16 v16_or(v16 a, v16 b)
{
	return vorrq_u16(a, b);
}
static inline v16 v16_xor(v16 a, v16 b)
{
	return veorq_u16(a, b);
}
static inline v16 v16_iota(void)
{
	return (v16){0, 1, 2, 3, 4, 5, 6, 7};
}
/* Not zero where a >= b. */
static inline v16 v16_geu(v16 a, v16 b)
{
	return vcgeq_u16(a, b);
}
static inline bool v16_is_zero(v16 a)
{
	return vmaxvq_u16(a) == 0;
}
static inline bool v16_has_max(v16 x)
{
	return vmaxvq_u16(x) == UINT16_MAX;
}
/* Sums of neighbours. */
static inline v32 v16_pair_sum(v16 x)
{
	return vpaddlq_u16(x);
}

static inline v32 v32_set1(uint32_t x)
{
	return vdupq_n_u32(x);
}
static inline v32 v32_bcast(const uint32_t *p)
{
	return vld1q_dup_u32(p);
}
static inline v32 v32_load(const uint32_t *p)
{
	return vld1q_u32(p);
}
static inline void v32_store(uint32_t *p, v32 x)
{
	vst1q_u32(p, x);
}
static inline v32 v32_add(v32 a, v32 b)
{
	return vaddq_u32(a, b);
}
static inline v32 v32_sub(v32 a, v32 b)
{
	return vsubq_u32(a, b);
}
static inline v32 v32_and(v32 a, v32 b)
{
	return vandq_u32(a, b);
}
static inline v32 v32_or(v32 a, v32 b)
{
	return vorrq_u32(a, b);
}
static inline v32 v32_xor(v32 a, v32 b)
{
	return veorq_u32(a, b);
}
static inline v32 v32_srl1(v32 a)
{
	return vshrq_n_u32(a, 1);
}
static inline v32 v32_minu(v32 a, v32 b)
{
	return vminq_u32(a, b);
}
static inline v32 v32_mins(v32 a, v32 b)
{
	return vreinterpretq_u32_s32(vminq_s32(vreinterpretq_s32_u32(a), vreinterpretq_s32_u32(b)));
}
static inline v32 v32_maxs(v32 a, v32 b)
{
	return vreinterpretq_u32_s32(vmaxq_s32(vreinterpretq_s32_u32(a), vreinterpretq_s32_u32(b)));
}
static inline v32 v32_gts(v32 a, v32 b)
{
	return vcgtq_s32(vreinterpretq_s32_u32(a), vreinterpretq_s32_u32(b));
}
static inline v32 v32_eq(v32 a, v32 b)
{
	return vceqq_u32(a, b);
}
/* b where the mask is set, else a. */
static inline v32 v32_blend(v32 a, v32 b, v32 mask)
{
	return vbslq_u32(mask, b, a);
}
static inline bool v32_is_zero(v32 a)
{
	return vmaxvq_u32(a) == 0;
}
/* Sums of neighbours, in 64 bits. */
static inline v64 v32_pair_sum(v32 x)
{
	return vpaddlq_u32(x);
}
/* floor(x * a / 2^32), a in the low half of every 64 bits. */
static inline v32 v32_mul_high(v32 x, v64 a)
{
	uint32x2_t f = vmovn_u64(a);
	return vuzp2q_u32(vreinterpretq_u32_u64(vmull_u32(vget_low_u32(x), f)),
					  vreinterpretq_u32_u64(vmull_u32(vget_high_u32(x), f)));
}

static inline v64 v64_set1(uint64_t x)
{
	return vdupq_n_u64(x);
}
static inline v64 v64_bcast(const uint64_t *p)
{
	return vld1q_dup_u64(p);
}
static inline v64 v64_load(const uint64_t *p)
{
	return vld1q_u64(p);
}
static inline void v64_store(uint64_t *p, v64 x)
{
	vst1q_u64(p, x);
}
static inline v64 v64_add(v64 a, v64 b)
{
	return vaddq_u64(a, b);
}
static inline v64 v64_sub(v64 a, v64 b)
{
	return vsubq_u64(a, b);
}
static inline v64 v64_or(v64 a, v64 b)
{
	return vorrq_u64(a, b);
}
/* not a, and b */
static inline v64 v64_andnot(v64 a, v64 b)
{
	return vbicq_u64(b, a);
}
static inline v64 v64_eq(v64 a, v64 b)
{
	return vceqq_u64(a, b);
}
static inline v64 v64_mul(v64 a, v64 b)
{
	return vmull_u32(vmovn_u64(a), vmovn_u64(b));
}
static inline v64 v64_srl(v64 a, unsigned n)
{
	return vshlq_u64(a, vdupq_n_s64(-(int64_t)n));
}
static inline v64 v64_sll(v64 a, unsigned n)
{
	return vshlq_u64(a, vdupq_n_s64((int64_t)n));
}
static inline bool v64_any_bit32(v64 a)
{
	return ((vgetq_lane_u64(a, 0) | vgetq_lane_u64(a, 1)) >> 32 & 1) != 0;
}
static inline v64 v64_load16(const uint16_t *p)
{
	return (v64){p[0], p[1]};
}
static inline v64 v64_load32(const uint32_t *p)
{
	return vmovl_u32(vld1_u32(p));
}
static inline v64 v64_load32_min(const uint32_t *p, const uint32_t *q)
{
	return vmovl_u32(vmin_u32(vld1_u32(p), vld1_u32(q)));
}
/* The low halves of a, then of b. */
static inline void v64_store32(uint32_t *p, v64 a, v64 b)
{
	vst1q_u32(p, vcombine_u32(vmovn_u64(a), vmovn_u64(b)));
}
/* Eight values below 2^16. */
static inline void v64_store16(uint16_t *p, const v64 x[4])
{
	uint32x4_t lo = vcombine_u32(vmovn_u64(x[0]), vmovn_u64(x[1]));
	uint32x4_t hi = vcombine_u32(vmovn_u64(x[2]), vmovn_u64(x[3]));
	vst1q_u16(p, vcombine_u16(vmovn_u32(lo), vmovn_u32(hi)));
}

static inline vd vd_set1(double x)
{
	return vdupq_n_f64(x);
}
static inline vd vd_load(const double *p)
{
	return vld1q_f64(p);
}
static inline void vd_store(double *p, vd x)
{
	vst1q_f64(p, x);
}
static inline vd vd_add(vd a, vd b)
{
	return vaddq_f64(a, b);
}
static inline vd vd_sub(vd a, vd b)
{
	return vsubq_f64(a, b);
}
static inline vd vd_mul(vd a, vd b)
{
	return vmulq_f64(a, b);
}
static inline vd vd_div(vd a, vd b)
{
	return vdivq_f64(a, b);
}
static inline vd vd_fma(vd a, vd b, vd c)
{
	return vfmaq_f64(c, a, b);
}
/* c - a * b */
static inline vd vd_fnma(vd a, vd b, vd c)
{
	return vfmsq_f64(c, a, b);
}
static inline vd vd_min(vd a, vd b)
{
	return vminq_f64(a, b);
}
static inline vd vd_max(vd a, vd b)
{
	return vmaxq_f64(a, b);
}
static inline vd vd_floor(vd a)
{
	return vrndmq_f64(a);
}
static inline v64 vd_bits(vd a)
{
	return vreinterpretq_u64_f64(a);
}
static inline vd v64_double(v64 a)
{
	return vreinterpretq_f64_u64(a);
}
static inline vd vd_lt(vd a, vd b)
{
	return v64_double(vcltq_f64(a, b));
}
static inline vd vd_eq(vd a, vd b)
{
	return v64_double(vceqq_f64(a, b));
}
static inline vd vd_and(vd a, vd b)
{
	return v64_double(vandq_u64(vd_bits(a), vd_bits(b)));
}
static inline vd vd_or(vd a, vd b)
{
	return v64_double(vorrq_u64(vd_bits(a), vd_bits(b)));
}
static inline vd vd_andnot(vd a, vd b)
{
	return v64_double(vbicq_u64(vd_bits(b), vd_bits(a)));
}
static inline vd vd_blend(vd a, vd b, vd mask)
{
	return vbslq_f64(vd_bits(mask), b, a);
}
static inline unsigned vd_mask(vd a)
{
	return (unsigned)(vgetq_lane_u64(vd_bits(a), 0) >> 63) |
		   (unsigned)(vgetq_lane_u64(vd_bits(a), 1) >> 63) << 1;
}
static inline unsigned vd_positive(vd a)
{
	return vd_mask(vd_lt(vdupq_n_f64(0), a));
}
static inline vd vd_load16(const uint16_t *p)
{
	return (vd){p[0], p[1]};
}

#include "yuma/kern_body.h"

const asy_yuma_kern asy_yuma_kern_neon = {
	.ratio = ratio,
	.row_kind = row_kind,
	.row_sum = row_sum,
	.row_scale = row_scale,
	.median = median,
	.clip = clip,
	.legacy = legacy,
	.ema = ema,
	.shares = shares,
};
#else
extern const int asy_yuma_kern_neon_absent; /* ISO C wants something here */
const int asy_yuma_kern_neon_absent = 1;
#endif
