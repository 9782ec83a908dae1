/* AVX2 and FMA: the operations that kern_body.h is written over. The only file
 * compiled with these instructions, and it exports nothing but its table, so that
 * none of its code runs on a processor without them. */
#include "yuma/kern.h"
#if defined(__x86_64__) && defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#define W16 16
#define W32 8
#define W64 4
#define MAGIC 4503599627370496.0 /* 2^52 */

typedef __m256i v16, v32, v64;
typedef __m256d vd;

static inline v16 v16_set1(uint16_t x)
{
	return _mm256_set1_epi16((short)x);
}
static inline v16 v16_load(const uint16_t *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}
static inline void v16_store(uint16_t *p, v16 x)
{
	_mm256_storeu_si256((__m256i *)p, x);
}
static inline v16 v16_max(v16 a, v16 b)
{
	return _mm256_max_epu16(a, b);
}
static inline v16 v16_add(v16 a, v16 b)
{
	return _mm256_add_epi16(a, b);
}
static inline v16 v16_or(v16 a, v16 b)
{
	return _mm256_or_si256(a, b);
}
static inline v16 v16_xor(v16 a, v16 b)
{
	return _mm256_xor_si256(a, b);
}
static inline v16 v16_iota(void)
{
	return _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
/* Not zero where a >= b. */
static inline v16 v16_geu(v16 a, v16 b)
{
	return _mm256_cmpeq_epi16(_mm256_subs_epu16(b, a), _mm256_setzero_si256());
}
static inline bool v16_is_zero(v16 a)
{
	return _mm256_testz_si256(a, a) != 0;
}
static inline bool v16_has_max(v16 x)
{
	return _mm256_movemask_epi8(_mm256_cmpeq_epi16(x, _mm256_set1_epi16(-1))) != 0;
}
/* Sums of neighbours. */
static inline v32 v16_pair_sum(v16 x)
{
	return _mm256_add_epi32(_mm256_and_si256(x, _mm256_set1_epi32(0xffff)),
							_mm256_srli_epi32(x, 16));
}

static inline v32 v32_set1(uint32_t x)
{
	return _mm256_set1_epi32((int)x);
}
static inline v32 v32_bcast(const uint32_t *p)
{
	return _mm256_set1_epi32((int)*p);
}
static inline v32 v32_load(const uint32_t *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}
static inline void v32_store(uint32_t *p, v32 x)
{
	_mm256_storeu_si256((__m256i *)p, x);
}
static inline v32 v32_add(v32 a, v32 b)
{
	return _mm256_add_epi32(a, b);
}
static inline v32 v32_sub(v32 a, v32 b)
{
	return _mm256_sub_epi32(a, b);
}
static inline v32 v32_and(v32 a, v32 b)
{
	return _mm256_and_si256(a, b);
}
static inline v32 v32_or(v32 a, v32 b)
{
	return _mm256_or_si256(a, b);
}
static inline v32 v32_xor(v32 a, v32 b)
{
	return _mm256_xor_si256(a, b);
}
static inline v32 v32_srl1(v32 a)
{
	return _mm256_srli_epi32(a, 1);
}
static inline v32 v32_minu(v32 a, v32 b)
{
	return _mm256_min_epu32(a, b);
}
static inline v32 v32_mins(v32 a, v32 b)
{
	return _mm256_min_epi32(a, b);
}
static inline v32 v32_maxs(v32 a, v32 b)
{
	return _mm256_max_epi32(a, b);
}
static inline v32 v32_gts(v32 a, v32 b)
{
	return _mm256_cmpgt_epi32(a, b);
}
static inline v32 v32_eq(v32 a, v32 b)
{
	return _mm256_cmpeq_epi32(a, b);
}
/* b where the mask is set, else a. */
static inline v32 v32_blend(v32 a, v32 b, v32 mask)
{
	return _mm256_blendv_epi8(a, b, mask);
}
static inline bool v32_is_zero(v32 a)
{
	return _mm256_testz_si256(a, a) != 0;
}
/* Sums of neighbours, in 64 bits. */
static inline v64 v32_pair_sum(v32 x)
{
	return _mm256_add_epi64(_mm256_and_si256(x, _mm256_set1_epi64x(0xffffffff)),
							_mm256_srli_epi64(x, 32));
}
/* floor(x * a / 2^32), a in the low half of every 64 bits. */
static inline v32 v32_mul_high(v32 x, v64 a)
{
	__m256i even = _mm256_srli_epi64(_mm256_mul_epu32(x, a), 32);
	__m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), a);
	return _mm256_blend_epi32(even, odd, 0xaa);
}

static inline v64 v64_set1(uint64_t x)
{
	return _mm256_set1_epi64x((long long)x);
}
static inline v64 v64_bcast(const uint64_t *p)
{
	return _mm256_set1_epi64x((long long)*p);
}
static inline v64 v64_load(const uint64_t *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}
static inline void v64_store(uint64_t *p, v64 x)
{
	_mm256_storeu_si256((__m256i *)p, x);
}
static inline v64 v64_add(v64 a, v64 b)
{
	return _mm256_add_epi64(a, b);
}
static inline v64 v64_sub(v64 a, v64 b)
{
	return _mm256_sub_epi64(a, b);
}
static inline v64 v64_or(v64 a, v64 b)
{
	return _mm256_or_si256(a, b);
}
/* not a, and b */
static inline v64 v64_andnot(v64 a, v64 b)
{
	return _mm256_andnot_si256(a, b);
}
static inline v64 v64_eq(v64 a, v64 b)
{
	return _mm256_cmpeq_epi64(a, b);
}
static inline v64 v64_mul(v64 a, v64 b)
{
	return _mm256_mul_epu32(a, b);
}
static inline v64 v64_srl(v64 a, unsigned n)
{
	return _mm256_srli_epi64(a, (int)n);
}
static inline v64 v64_sll(v64 a, unsigned n)
{
	return _mm256_slli_epi64(a, (int)n);
}
static inline bool v64_any_bit32(v64 a)
{
	return _mm256_testz_si256(a, _mm256_set1_epi64x((long long)1 << 32)) == 0;
}
static inline v64 v64_load16(const uint16_t *p)
{
	return _mm256_cvtepu16_epi64(_mm_loadl_epi64((const __m128i *)p));
}
static inline v64 v64_load32(const uint32_t *p)
{
	return _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)p));
}
static inline v64 v64_load32_min(const uint32_t *p, const uint32_t *q)
{
	return _mm256_cvtepu32_epi64(
		_mm_min_epu32(_mm_loadu_si128((const __m128i *)p), _mm_loadu_si128((const __m128i *)q)));
}
/* The low halves of a, then of b. */
static inline void v64_store32(uint32_t *p, v64 a, v64 b)
{
	__m256 x = _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88);
	_mm256_storeu_si256((__m256i *)p, _mm256_permute4x64_epi64(_mm256_castps_si256(x), 0xd8));
}
/* Eight values below 2^16. */
static inline void v64_store16(uint16_t *p, const v64 x[2])
{
	__m256i pairs = _mm256_packus_epi32(x[0], x[1]);
	__m256i quads = _mm256_packus_epi32(pairs, pairs);
	const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 0, 0, 0, 0);
	_mm_storeu_si128((__m128i *)p,
					 _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(quads, order)));
}

static inline vd vd_set1(double x)
{
	return _mm256_set1_pd(x);
}
static inline vd vd_load(const double *p)
{
	return _mm256_loadu_pd(p);
}
static inline void vd_store(double *p, vd x)
{
	_mm256_storeu_pd(p, x);
}
static inline vd vd_add(vd a, vd b)
{
	return _mm256_add_pd(a, b);
}
static inline vd vd_sub(vd a, vd b)
{
	return _mm256_sub_pd(a, b);
}
static inline vd vd_mul(vd a, vd b)
{
	return _mm256_mul_pd(a, b);
}
static inline vd vd_div(vd a, vd b)
{
	return _mm256_div_pd(a, b);
}
static inline vd vd_fma(vd a, vd b, vd c)
{
	return _mm256_fmadd_pd(a, b, c);
}
/* c - a * b */
static inline vd vd_fnma(vd a, vd b, vd c)
{
	return _mm256_fnmadd_pd(a, b, c);
}
static inline vd vd_min(vd a, vd b)
{
	return _mm256_min_pd(a, b);
}
static inline vd vd_max(vd a, vd b)
{
	return _mm256_max_pd(a, b);
}
static inline vd vd_floor(vd a)
{
	return _mm256_floor_pd(a);
}
static inline vd vd_lt(vd a, vd b)
{
	return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
}
static inline vd vd_eq(vd a, vd b)
{
	return _mm256_cmp_pd(a, b, _CMP_EQ_OQ);
}
static inline vd vd_and(vd a, vd b)
{
	return _mm256_and_pd(a, b);
}
static inline vd vd_or(vd a, vd b)
{
	return _mm256_or_pd(a, b);
}
static inline vd vd_andnot(vd a, vd b)
{
	return _mm256_andnot_pd(a, b);
}
static inline vd vd_blend(vd a, vd b, vd mask)
{
	return _mm256_blendv_pd(a, b, mask);
}
static inline unsigned vd_mask(vd a)
{
	return (unsigned)_mm256_movemask_pd(a);
}
static inline unsigned vd_positive(vd a)
{
	return vd_mask(vd_lt(_mm256_setzero_pd(), a));
}
static inline v64 vd_bits(vd a)
{
	return _mm256_castpd_si256(a);
}
static inline vd v64_double(v64 a)
{
	return _mm256_castsi256_pd(a);
}
static inline vd vd_load16(const uint16_t *p)
{
	return _mm256_cvtepi32_pd(_mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)p)));
}

#include "yuma/kern_body.h"

const asy_yuma_kern asy_yuma_kern_avx2 = {
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
extern const int asy_yuma_kern_avx2_absent; /* ISO C wants something here */
const int asy_yuma_kern_avx2_absent = 1;
#endif
