/* Sixteen lanes as two AVX2 registers. The only file with these instructions. */
#include "encoder/kern.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

typedef struct {
	__m256 a, b;
} v16;

static inline v16 v_load(const float *p)
{
	return (v16){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}

static inline v16 v_set(float f)
{
	return (v16){_mm256_set1_ps(f), _mm256_set1_ps(f)};
}

#define PAIR(name, call)                                                                           \
	static inline v16 name(v16 x, v16 y)                                                           \
	{                                                                                              \
		return (v16){call(x.a, y.a), call(x.b, y.b)};                                              \
	}
PAIR(v_add, _mm256_add_ps)
PAIR(v_sub, _mm256_sub_ps)
PAIR(v_mul, _mm256_mul_ps)
PAIR(v_div, _mm256_div_ps)
PAIR(v_max, _mm256_max_ps)
PAIR(v_min, _mm256_min_ps)

static inline v16 v_fma(v16 x, v16 y, v16 z)
{
	return (v16){_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}

static inline v16 v_round(v16 x)
{
	return (v16){_mm256_round_ps(x.a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
				 _mm256_round_ps(x.b, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

static inline __m256i first_lanes(size_t n, int from)
{
	const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
	return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n - from), lane);
}

static inline v16 v_load_n(const float *p, size_t n)
{
	return (v16){_mm256_maskload_ps(p, first_lanes(n, 0)),
				 _mm256_maskload_ps(p + 8, first_lanes(n, 8))};
}

static inline v16 v_keep(v16 x, size_t n)
{
	return (v16){_mm256_and_ps(x.a, _mm256_castsi256_ps(first_lanes(n, 0))),
				 _mm256_and_ps(x.b, _mm256_castsi256_ps(first_lanes(n, 8)))};
}

static inline void v_store(float *p, v16 x)
{
	_mm256_storeu_ps(p, x.a);
	_mm256_storeu_ps(p + 8, x.b);
}

static inline void v_store_n(float *p, v16 x, size_t n)
{
	_mm256_maskstore_ps(p, first_lanes(n, 0), x.a);
	_mm256_maskstore_ps(p + 8, first_lanes(n, 8), x.b);
}

static inline __m256 exp2i(__m256 n)
{
	__m256i bits = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
	return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 23));
}

static inline v16 v_exp2i(v16 n)
{
	return (v16){exp2i(n.a), exp2i(n.b)};
}

#define ROWS 6
#define COLS 1
#define VARIANT enc_kern_avx2
#define VARIANT_NAME "avx2"
#include "encoder/kern_pack8.h"
#include "encoder/kern_body.h"
