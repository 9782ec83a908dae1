/* Sixteen lanes in plain C. fmaf is exact on every machine, slow where the processor
 * has no such instruction: the reference for the others, and the last resort. */
#include "encoder/kern.h"
#include <math.h>
#include <string.h>

typedef struct {
	float x[16];
} v16;

#define EACH(expression)                                                                           \
	v16 r;                                                                                         \
	for (int i = 0; i < 16; i++)                                                                   \
		r.x[i] = (expression);                                                                     \
	return r

static inline v16 v_load(const float *p)
{
	EACH(p[i]);
}
static inline v16 v_load_n(const float *p, size_t n)
{
	EACH((size_t)i < n ? p[i] : 0);
}
static inline v16 v_set(float f)
{
	EACH(f);
}
static inline v16 v_add(v16 a, v16 b)
{
	EACH(a.x[i] + b.x[i]);
}
static inline v16 v_sub(v16 a, v16 b)
{
	EACH(a.x[i] - b.x[i]);
}
static inline v16 v_mul(v16 a, v16 b)
{
	EACH(a.x[i] * b.x[i]);
}
static inline v16 v_div(v16 a, v16 b)
{
	EACH(a.x[i] / b.x[i]);
}
static inline v16 v_max(v16 a, v16 b)
{
	EACH(a.x[i] > b.x[i] ? a.x[i] : b.x[i]);
}
static inline v16 v_min(v16 a, v16 b)
{
	EACH(a.x[i] < b.x[i] ? a.x[i] : b.x[i]);
}
static inline v16 v_fma(v16 a, v16 b, v16 c)
{
	EACH(fmaf(a.x[i], b.x[i], c.x[i]));
}
static inline v16 v_round(v16 a)
{
	EACH(rintf(a.x[i]));
}
/* the first n lanes, zero behind */
static inline v16 v_keep(v16 a, size_t n)
{
	EACH((size_t)i < n ? a.x[i] : 0);
}

static inline void v_store(float *p, v16 a)
{
	memcpy(p, a.x, sizeof a.x);
}

static inline void v_store_n(float *p, v16 a, size_t n)
{
	memcpy(p, a.x, n * sizeof *p);
}

/* 2^n for whole n from -126 to 127 */
static inline v16 v_exp2i(v16 n)
{
	v16 r;
	for (int i = 0; i < 16; i++) {
		uint32_t bits = (uint32_t)((int32_t)n.x[i] + 127) << 23;
		memcpy(&r.x[i], &bits, sizeof bits);
	}
	return r;
}

/* panel[k][width] from `width` rows of k floats, stride floats apart */
static void transpose(float *panel, size_t width, const float *rows, size_t stride, size_t k)
{
	for (size_t j = 0; j < width; j++) {
		for (size_t i = 0; i < k; i++)
			panel[i * width + j] = rows[j * stride + i];
	}
}

#define ROWS 4
#define COLS 1
#define VARIANT enc_kern_scalar
#define VARIANT_NAME "scalar"
#include "encoder/kern_body.h"
