/* kern: the arithmetic of the encoder. One table for each set of vector instructions;
 * all tables give the same bits: every sum has one order (a product's terms one after
 * the other, each by a fused multiply-add; a row's in sixteen lanes and then a fixed
 * tree), and nothing depends on how many rows a call has. That is also why no BLAS is
 * used here: its order changes with the shape of the call and with the processor. */
#ifndef ENC_KERN_H
#define ENC_KERN_H
#include "encoder/layout.h"
#include "encoder/safetensors.h"

typedef struct { /* rows x cols, rows contiguous, any alignment */
	const uint8_t *data;
	enc_dtype dtype;
	size_t rows, cols;
	size_t stride; /* bytes from row to row */
} enc_mat;

/* n values of a row from column `from` on. */
void enc_mat_floats(const enc_mat *w, size_t row, size_t from, size_t n, float *out);

typedef enum {
	ENC_PLAIN,
	ENC_THEN_GELU,
	ENC_THEN_GELU_TANH,
	ENC_THEN_RELU,
	ENC_THEN_TANH
} enc_then;

/* c[m][n] = then(a[m][k] b + bias[n]) + add[m][n], where b is w transposed (w is n x k),
 * or, when w is NULL, the k x n floats at b. */
typedef struct {
	size_t m, n, k;
	const float *a;
	size_t lda;
	const enc_mat *w;
	float *panel; /* room for k * ENC_PANEL floats; w only */
	const float *b;
	size_t ldb;        /* b only; a row may be read up to ENC_PANEL floats past its start */
	const float *bias; /* NULL: none */
	const float *add;  /* NULL: none; rows ldc apart */
	enc_then then;
	float *c;
	size_t ldc;
} enc_product;

enum { ENC_PANEL = 32 }; /* columns of the widest variant */

typedef struct {
	const char *name;
	void (*product)(const enc_product *p);
	/* softmax(scale * row) of each row's first n values, in place. */
	void (*softmax)(float *s, size_t rows, size_t n, size_t stride, float scale);
	/* (x - mean) / sqrt(variance + eps) * gamma + beta of each row, in place. */
	void (*norm)(float *x, size_t rows, size_t n, size_t stride, const float *gamma,
				 const float *beta, float eps);
} enc_kern;

extern const enc_kern enc_kern_scalar, enc_kern_avx2, enc_kern_avx512;

/* The best variant that this machine runs and cpu allows. */
const enc_kern *enc_kern_of(enc_cpu cpu);

#endif
