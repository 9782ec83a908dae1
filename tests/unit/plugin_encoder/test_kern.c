/* The kernels: every variant gives the scalar one's bits for any shape, and the scalar
 * one is right. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "encoder/kern.h"
#include "support/test.h"

static const enc_cpu others[] = {ENC_CPU_AVX2, ENC_CPU_AVX512};
enum { M = 37, N = 83, K = 129, ROOM = 132 };

static float *floats(size_t n, uint32_t seed)
{
	float *p = calloc(n, sizeof *p);
	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		p[i] = (float)(int32_t)seed * 0x1p-30f;
	}
	return p;
}

typedef struct {
	size_t m, n, k;
	enc_dtype dtype;
	enc_then then;
	bool transposed, skewed; /* w rather than b; bytes that are not aligned */
} shape;

/* m x n floats, ROOM apart, on a background that must stay where no result goes. */
static float *multiply(const enc_kern *k, const shape *s)
{
	float *a = floats(M * (size_t)ROOM, 1), *b = floats((size_t)ROOM * ROOM, 2),
		  *bias = floats(ROOM, 3), *c = floats(M * (size_t)ROOM, 4),
		  *panel = floats((size_t)ENC_PANEL * ROOM, 5);
	uint8_t *raw = calloc(1, sizeof(float) * ROOM * ROOM + 1);
	ck_assert_ptr_nonnull(raw);
	memcpy(raw + s->skewed, b, sizeof(float) * ROOM * ROOM);
	for (size_t i = 1; s->dtype != ENC_F32 && i < sizeof(float) * ROOM * ROOM; i += 2)
		raw[i + s->skewed] = (uint8_t)((raw[i + s->skewed] & 0x83) | 0x3c); /* about 1 */
	const enc_mat w = {raw + s->skewed, s->dtype, s->n, s->k, s->k * enc_dtype_size(s->dtype)};
	k->product(&(enc_product){.m = s->m,
							  .n = s->n,
							  .k = s->k,
							  .a = a,
							  .lda = ROOM,
							  .w = s->transposed ? &w : NULL,
							  .panel = panel,
							  .b = b,
							  .ldb = s->n + ENC_PANEL,
							  .bias = s->then == ENC_PLAIN ? NULL : bias,
							  .add = s->then == ENC_THEN_GELU ? c : NULL,
							  .then = s->then,
							  .c = c,
							  .ldc = ROOM});
	free(a);
	free(b);
	free(bias);
	free(panel);
	free(raw);
	return c;
}

static void check_shape(const shape *s)
{
	float *want = multiply(enc_kern_of(ENC_CPU_SCALAR), s), *rest = floats(M * (size_t)ROOM, 4);
	bool in_place = true;
	for (size_t i = 0; i < M; i++) {
		for (size_t j = 0; j < ROOM; j++)
			in_place &= i < s->m && j < s->n ? isfinite(want[i * ROOM + j])
											 : want[i * ROOM + j] == rest[i * ROOM + j];
	}
	ck_assert(in_place);
	for (size_t v = 0; v < sizeof others / sizeof *others; v++) {
		float *got = multiply(enc_kern_of(others[v]), s);
		ck_assert_msg(memcmp(got, want, M * (size_t)ROOM * sizeof *got) == 0,
					  "%s: %zu x %zu x %zu dtype %d then %d", enc_kern_of(others[v])->name, s->m,
					  s->n, s->k, (int)s->dtype, (int)s->then);
		free(got);
	}
	free(rest);
	free(want);
}

START_TEST(test_product_when_any_shape_then_the_same_bits)
{
	static const size_t ms[] = {1, 2, 5, 6, 7, 8, 9, 12, 37},
						ns[] = {1, 15, 16, 17, 31, 32, 33, 83}, ks[] = {1, 7, 8, 9, 64, 129};
	for (size_t i = 0; i < sizeof ms / sizeof *ms; i++) {
		for (size_t j = 0; j < sizeof ns / sizeof *ns; j++) {
			for (size_t l = 0; l < sizeof ks / sizeof *ks; l++) {
				for (int t = 0; t < 2; t++)
					check_shape(&(shape){ms[i], ns[j], ks[l], ENC_F32, ENC_PLAIN, t, false});
			}
		}
	}
}
END_TEST

START_TEST(test_product_when_any_type_and_function_then_the_same_bits)
{
	static const enc_dtype types[] = {ENC_F32, ENC_F16, ENC_BF16};
	for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
		for (int then = ENC_PLAIN; then <= ENC_THEN_TANH; then++) {
			for (int skewed = 0; skewed < 2; skewed++)
				check_shape(&(shape){9, 40, 65, types[t], (enc_then)then, true, skewed});
		}
	}
}
END_TEST

START_TEST(test_product_is_the_product)
{
	const shape s = {M, N, K, ENC_F32, ENC_PLAIN, true, false};
	float *a = floats(M * (size_t)ROOM, 1), *w = floats((size_t)ROOM * ROOM, 2),
		  *c = multiply(enc_kern_of(ENC_CPU_AUTO), &s);
	for (size_t i = 0; i < M; i++) {
		for (size_t j = 0; j < N; j++) {
			double sum = 0;
			for (size_t k = 0; k < K; k++)
				sum += (double)a[i * ROOM + k] * (double)w[j * K + k];
			ck_assert_double_eq_tol((double)c[i * ROOM + j], sum, 1e-4);
		}
	}
	free(a);
	free(w);
	free(c);
}
END_TEST

static float through(enc_cpu cpu, enc_then then, float x)
{
	const float one = 1;
	float c = 0, panel[ENC_PANEL];
	const enc_mat w = {(const uint8_t *)&one, ENC_F32, 1, 1, 4};
	enc_kern_of(cpu)->product(&(enc_product){.m = 1,
											 .n = 1,
											 .k = 1,
											 .a = &x,
											 .lda = 1,
											 .w = &w,
											 .panel = panel,
											 .then = then,
											 .c = &c,
											 .ldc = 1});
	return c;
}

START_TEST(test_functions_are_right)
{
	for (double x = -12; x < 12; x += 0.00371) {
		float f = (float)x;
		double d = (double)f, u = 0.7978845608028654 * (d + 0.044715 * d * d * d);
		ck_assert_double_eq_tol((double)through(ENC_CPU_AUTO, ENC_THEN_GELU, f),
								d * 0.5 * (1 + erf(d * 0.7071067811865476)), 2e-6);
		ck_assert_double_eq_tol((double)through(ENC_CPU_AUTO, ENC_THEN_GELU_TANH, f),
								d * 0.5 * (1 + tanh(u)), 2e-6);
		ck_assert_double_eq_tol((double)through(ENC_CPU_AUTO, ENC_THEN_TANH, f), tanh(d), 3e-7);
		ck_assert_float_eq(through(ENC_CPU_AUTO, ENC_THEN_RELU, f), f > 0 ? f : 0);
	}
}
END_TEST

START_TEST(test_softmax_when_any_length_then_sums_to_one_in_the_same_bits)
{
	for (size_t n = 1; n <= 70; n++) {
		float *a = floats(ROOM, (uint32_t)n), *b = floats(ROOM, (uint32_t)n),
			  *x = floats(ROOM, (uint32_t)n);
		double most = -100, sum = 0, total = 0;
		enc_kern_of(ENC_CPU_SCALAR)->softmax(a, 1, n, ROOM, 5);
		for (size_t v = 0; v < sizeof others / sizeof *others; v++) {
			float *c = floats(ROOM, (uint32_t)n);
			enc_kern_of(others[v])->softmax(c, 1, n, ROOM, 5);
			ck_assert_mem_eq(a, c, ROOM * sizeof *a);
			free(c);
		}
		for (size_t i = 0; i < n; i++)
			most = fmax(most, (double)x[i]);
		for (size_t i = 0; i < n; i++)
			sum += exp(5 * ((double)x[i] - most));
		for (size_t i = 0; i < n; i++) {
			ck_assert_double_eq_tol((double)a[i], exp(5 * ((double)x[i] - most)) / sum, 1e-6);
			total += (double)a[i];
		}
		ck_assert_double_eq_tol(total, 1, 1e-5);
		ck_assert_float_eq(a[n], b[n]); /* nothing behind the row is touched */
		free(a);
		free(b);
		free(x);
	}
}
END_TEST

START_TEST(test_softmax_when_values_are_extreme_then_finite)
{
	float s[3] = {-3e38f, 3e38f, 0}, far[2] = {-1000, -2000};
	enc_kern_of(ENC_CPU_AUTO)->softmax(s, 1, 3, 3, 1);
	ck_assert_float_eq_tol(s[1], 1, 1e-6f);
	enc_kern_of(ENC_CPU_AUTO)->softmax(far, 1, 2, 2, 1);
	ck_assert_float_eq_tol(far[0], 1, 1e-6f);
}
END_TEST

START_TEST(test_norm_when_any_length_then_right_in_the_same_bits)
{
	float *gamma = floats(ROOM, 8), *beta = floats(ROOM, 9);
	for (size_t n = 1; n <= 70; n++) {
		float *x = floats(ROOM, (uint32_t)n), *a = floats(ROOM, (uint32_t)n);
		double mean = 0, variance = 0;
		enc_kern_of(ENC_CPU_SCALAR)->norm(a, 1, n, ROOM, gamma, beta, 1e-5f);
		for (size_t v = 0; v < sizeof others / sizeof *others; v++) {
			float *c = floats(ROOM, (uint32_t)n);
			enc_kern_of(others[v])->norm(c, 1, n, ROOM, gamma, beta, 1e-5f);
			ck_assert_mem_eq(a, c, ROOM * sizeof *a);
			free(c);
		}
		for (size_t i = 0; i < n; i++)
			mean += (double)x[i] / (double)n;
		for (size_t i = 0; i < n; i++)
			variance += ((double)x[i] - mean) * ((double)x[i] - mean) / (double)n;
		for (size_t i = 0; i < n; i++)
			ck_assert_double_eq_tol(
				(double)a[i],
				((double)x[i] - mean) / sqrt(variance + 1e-5) * (double)gamma[i] + (double)beta[i],
				2e-5);
		free(x);
		free(a);
	}
	free(gamma);
	free(beta);
}
END_TEST

/* ---- the same on every machine ---- */

typedef struct {
	uint64_t hash; /* FNV-1a */
} digest;

static void add(digest *d, const float *p, size_t n)
{
	const uint8_t *b = (const uint8_t *)p;
	for (size_t i = 0; i < n * sizeof *p; i++)
		d->hash = (d->hash ^ b[i]) * 0x100000001b3u;
}

static uint64_t digest_of(const enc_kern *k)
{
	enum { WIDE = 200, ROWS = 61, OUT = 150, IN = 130 };
	digest d = {0xcbf29ce484222325u};
	float *a = floats(64 * (size_t)WIDE, 1), *w = floats((size_t)WIDE * WIDE, 2),
		  *bias = floats(WIDE, 3), *panel = floats((size_t)ENC_PANEL * WIDE, 4),
		  *c = calloc(64 * (size_t)WIDE, sizeof *c);
	uint16_t *half = calloc((size_t)WIDE * WIDE, sizeof *half);
	ck_assert(c != NULL && half != NULL);
	for (uint32_t i = 0; i < WIDE * WIDE; i++)
		half[i] = (uint16_t)(((i * 7919u) & 0x83ffu) | 0x3000u);
	for (int t = 0; t < 3 * (ENC_THEN_TANH + 1); t++) {
		enc_dtype type = (enc_dtype)(t % 3);
		const enc_mat m = {type == ENC_F32 ? (const uint8_t *)w : (const uint8_t *)half, type, OUT,
						   IN, IN * enc_dtype_size(type)};
		k->product(&(enc_product){.m = ROWS,
								  .n = OUT,
								  .k = IN,
								  .a = a,
								  .lda = WIDE,
								  .w = &m,
								  .panel = panel,
								  .bias = bias,
								  .add = a,
								  .then = (enc_then)(t / 3),
								  .c = c,
								  .ldc = WIDE});
		add(&d, c, 64 * (size_t)WIDE);
	}
	k->softmax(c, ROWS, 133, WIDE, 0.3f);
	k->norm(a, ROWS, 133, WIDE, bias, w, 1e-12f);
	add(&d, c, 64 * (size_t)WIDE);
	add(&d, a, 64 * (size_t)WIDE);
	free(a);
	free(w);
	free(bias);
	free(panel);
	free(c);
	free(half);
	return d.hash;
}

/* Seen on x86-64 (all variants) and on aarch64 under qemu. */
START_TEST(test_bits_are_those_of_every_machine)
{
	static const enc_cpu all[] = {ENC_CPU_SCALAR, ENC_CPU_AVX2, ENC_CPU_AVX512, ENC_CPU_AUTO};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		ck_assert_uint_eq(digest_of(enc_kern_of(all[i])), 0x6f31ca8b2826be4eu);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_product_when_any_shape_then_the_same_bits);
	tcase_add_test(tc, test_product_when_any_type_and_function_then_the_same_bits);
	tcase_add_test(tc, test_product_is_the_product);
	tcase_add_test(tc, test_functions_are_right);
	tcase_add_test(tc, test_softmax_when_any_length_then_sums_to_one_in_the_same_bits);
	tcase_add_test(tc, test_softmax_when_values_are_extreme_then_finite);
	tcase_add_test(tc, test_bits_are_those_of_every_machine);
	tcase_add_test(tc, test_norm_when_any_length_then_right_in_the_same_bits);
}

int main(void)
{
	return test_main("encoder kernels", fill, 60);
}
