/* Sixteen lanes as one AVX-512 register. The only file with these instructions. */
#include "encoder/kern.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

typedef __m512 v16;

static inline v16 v_load(const float *p)
{
	return _mm512_loadu_ps(p);
}
static inline v16 v_set(float f)
{
	return _mm512_set1_ps(f);
}
static inline v16 v_add(v16 a, v16 b)
{
	return _mm512_add_ps(a, b);
}
static inline v16 v_sub(v16 a, v16 b)
{
	return _mm512_sub_ps(a, b);
}
static inline v16 v_mul(v16 a, v16 b)
{
	return _mm512_mul_ps(a, b);
}
static inline v16 v_div(v16 a, v16 b)
{
	return _mm512_div_ps(a, b);
}
static inline v16 v_max(v16 a, v16 b)
{
	return _mm512_max_ps(a, b);
}
static inline v16 v_min(v16 a, v16 b)
{
	return _mm512_min_ps(a, b);
}
static inline v16 v_fma(v16 a, v16 b, v16 c)
{
	return _mm512_fmadd_ps(a, b, c);
}

static inline v16 v_round(v16 a)
{
	return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

static inline __mmask16 first_lanes(size_t n)
{
	return (__mmask16)((1u << n) - 1);
}

static inline v16 v_load_n(const float *p, size_t n)
{
	return _mm512_maskz_loadu_ps(first_lanes(n), p);
}

static inline v16 v_keep(v16 a, size_t n)
{
	return _mm512_maskz_mov_ps(first_lanes(n), a);
}

static inline void v_store(float *p, v16 a)
{
	_mm512_storeu_ps(p, a);
}

static inline void v_store_n(float *p, v16 a, size_t n)
{
	_mm512_mask_storeu_ps(p, first_lanes(n), a);
}

static inline v16 v_exp2i(v16 n)
{
	__m512i bits = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
	return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 23));
}

#define ROWS 8
#define COLS 2
#define VARIANT enc_kern_avx512
#define VARIANT_NAME "avx512"
#include "encoder/kern_pack8.h"
#include "encoder/kern_body.h"
