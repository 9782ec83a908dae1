/* The kernels, written once over sixteen lanes (v16). A variant's file defines the
 * lanes, transpose(), ROWS and COLS (the tile: ROWS x 16*COLS), and includes this. */

enum { WIDTH = 16 * COLS, BLOCK = 64 };

/* ---- functions of one value ---- */

static inline v16 v_poly(v16 x, const float *c, int n) /* c[n-1] x^(n-1) + ... + c[0] */
{
	v16 y = v_set(c[n - 1]);
	for (int i = n - 2; i >= 0; i--)
		y = v_fma(y, x, v_set(c[i]));
	return y;
}

/* e^x = 2^n e^r with |r| <= ln(2)/2; the polynomial is a least-maximum fit, 3e-9. */
static inline v16 v_exp(v16 x)
{
	static const float c[] = {1,
							  1,
							  0.4999999403953552f,
							  0.1666652113199234f,
							  0.04166838899254799f,
							  0.008368710055947304f,
							  0.001381461275741458f};
	x = v_min(v_max(x, v_set(-87)), v_set(88));
	v16 n = v_round(v_mul(x, v_set(1.44269504f)));
	v16 r = v_fma(n, v_set(-0.693359375f), x);
	r = v_fma(n, v_set(2.12194440e-4f), r);
	return v_mul(v_poly(r, c, 7), v_exp2i(n));
}

/* A rational least-maximum fit over |z| <= 3.84, where erf is 1 to a float's precision:
 * 3.6e-7 at most. */
static inline v16 v_erf(v16 z)
{
	static const float p[] = {1.1283791065216064f,    0.18958236277103424f,
							  0.0527048297226429f,    0.003747889306396246f,
							  0.0002876482903957367f, 2.0987947664252715e-06f};
	static const float q[] = {1.0f,
							  0.5013450980186462f,
							  0.11382816731929779f,
							  0.014931144192814827f,
							  0.00116410490591079f,
							  3.873811510857195e-05f};
	z = v_min(v_max(z, v_set(-3.84f)), v_set(3.84f));
	v16 t = v_mul(z, z);
	return v_div(v_mul(z, v_poly(t, p, 6)), v_poly(t, q, 6));
}

static inline v16 v_tanh(v16 x)
{
	x = v_min(v_max(x, v_set(-9.5f)), v_set(9.5f));
	v16 e = v_exp(v_add(x, x));
	return v_sub(v_set(1), v_div(v_set(2), v_add(e, v_set(1))));
}

static inline v16 v_gelu(v16 x)
{
	v16 half = v_mul(x, v_set(0.5f));
	return v_fma(half, v_erf(v_mul(x, v_set(0.70710678f))), half);
}

static inline v16 v_gelu_tanh(v16 x)
{
	v16 half = v_mul(x, v_set(0.5f)), cube = v_mul(v_mul(x, x), x);
	v16 u = v_mul(v_fma(cube, v_set(0.044715f), x), v_set(0.79788456f));
	return v_fma(half, v_tanh(u), half);
}

static inline v16 apply(enc_then then, v16 x)
{
	switch (then) {
	case ENC_THEN_GELU:
		return v_gelu(x);
	case ENC_THEN_GELU_TANH:
		return v_gelu_tanh(x);
	case ENC_THEN_RELU:
		return v_max(x, v_set(0));
	case ENC_THEN_TANH:
		return v_tanh(x);
	case ENC_PLAIN:
		break;
	}
	return x;
}

/* ---- sums over lanes ---- */

static float lanes_sum(v16 v)
{
	float x[16];
	v_store(x, v);
	for (int n = 8; n > 0; n /= 2) {
		for (int i = 0; i < n; i++)
			x[i] += x[i + n];
	}
	return x[0];
}

static float lanes_max(v16 v)
{
	float x[16];
	v_store(x, v);
	for (int i = 1; i < 16; i++)
		x[0] = x[i] > x[0] ? x[i] : x[0];
	return x[0];
}

/* ---- products ---- */

/* Columns j.. of w as panel[k][WIDTH], zero behind the last. */
static void pack(const enc_product *p, size_t j)
{
	const enc_mat *w = p->w;
	float block[WIDTH][BLOCK];
	const uint8_t *first = w->data + j * w->stride;
	if (w->dtype == ENC_F32 && j + WIDTH <= p->n && (uintptr_t)first % 4 == 0 &&
		w->stride % 4 == 0) {
		transpose(p->panel, WIDTH, (const float *)(const void *)first, w->stride / 4, p->k);
		return;
	}
	for (size_t at = 0; at < p->k; at += BLOCK) {
		size_t n = p->k - at < BLOCK ? p->k - at : BLOCK;
		for (size_t i = 0; i < WIDTH; i++) {
			if (j + i < p->n)
				enc_mat_floats(w, j + i, at, n, block[i]);
			else
				memset(block[i], 0, sizeof block[i]);
		}
		transpose(p->panel + at * WIDTH, WIDTH, block[0], BLOCK, n);
	}
}

/* Rows i.. (as many as `rows`, at most ROWS) by columns j.. (at most WIDTH). */
static void tile(const enc_product *p, const float *b, size_t ldb, size_t i, size_t rows, size_t j)
{
	v16 acc[ROWS][COLS];
	const float *a[ROWS];
	for (size_t r = 0; r < ROWS; r++) {
		a[r] = p->a + (i + (r < rows ? r : rows - 1)) * p->lda;
		for (size_t c = 0; c < COLS; c++)
			acc[r][c] = v_set(0);
	}
	for (size_t k = 0; k < p->k; k++, b += ldb) {
		v16 column[COLS];
#pragma GCC unroll 4
		for (size_t c = 0; c < COLS; c++)
			column[c] = v_load(b + 16 * c);
#pragma GCC unroll 16
		for (size_t r = 0; r < ROWS; r++) {
			v16 x = v_set(a[r][k]);
#pragma GCC unroll 4
			for (size_t c = 0; c < COLS; c++)
				acc[r][c] = v_fma(x, column[c], acc[r][c]);
		}
	}
	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < COLS && j + 16 * c < p->n; c++) {
			size_t at = j + 16 * c, n = p->n - at < 16 ? p->n - at : 16;
			v16 y = acc[r][c];
			if (p->bias != NULL)
				y = v_add(y, v_load_n(p->bias + at, n));
			y = apply(p->then, y);
			if (p->add != NULL)
				y = v_add(y, v_load_n(p->add + (i + r) * p->ldc + at, n));
			if (n == 16)
				v_store(p->c + (i + r) * p->ldc + at, y);
			else
				v_store_n(p->c + (i + r) * p->ldc + at, y, n);
		}
	}
}

/* Asks for the share of tile row i of the panel behind column j: its bytes lie in one
 * piece in the file, and arrive from memory while the tiles of this panel are computed. */
static void fetch_ahead(const enc_product *p, size_t i, size_t j)
{
	size_t rows = j < p->n ? (p->n - j < WIDTH ? p->n - j : WIDTH) : 0;
	size_t all = p->w != NULL ? rows * p->w->stride : 0;
	size_t share = all * ROWS / p->m + 64;
	const uint8_t *at = p->w != NULL ? p->w->data + j * p->w->stride : NULL;
	for (size_t k = i / ROWS * share; k < (i / ROWS + 1) * share && k < all; k += 64)
		__builtin_prefetch(at + k, 0, 2);
}

static void product(const enc_product *p)
{
	for (size_t j = 0; j < p->n; j += WIDTH) {
		const float *b = p->panel;
		size_t ldb = WIDTH;
		if (p->w != NULL) {
			pack(p, j);
		} else {
			b = p->b + j;
			ldb = p->ldb;
		}
		for (size_t i = 0; i < p->m; i += ROWS) {
			fetch_ahead(p, i, j + WIDTH);
			tile(p, b, ldb, i, p->m - i < ROWS ? p->m - i : ROWS, j);
		}
	}
}

/* ---- rows ---- */

static float row_max(const float *s, size_t n)
{
	v16 most = v_set(s[0]);
	for (size_t i = 0; i + 16 <= n; i += 16)
		most = v_max(most, v_load(s + i));
	float x = lanes_max(most);
	for (size_t i = n / 16 * 16; i < n; i++)
		x = s[i] > x ? s[i] : x;
	return x;
}

static void softmax_row(float *s, size_t n, float scale)
{
	v16 most = v_set(row_max(s, n)), by = v_set(scale), sum = v_set(0);
	for (size_t i = 0; i < n; i += 16) {
		size_t left = n - i < 16 ? n - i : 16;
		v16 e = v_exp(v_mul(v_sub(v_load_n(s + i, left), most), by));
		e = v_keep(e, left);
		sum = v_add(sum, e);
		v_store_n(s + i, e, left);
	}
	v16 part = v_set(1.0f / lanes_sum(sum));
	for (size_t i = 0; i < n; i += 16) {
		size_t left = n - i < 16 ? n - i : 16;
		v_store_n(s + i, v_mul(v_load_n(s + i, left), part), left);
	}
}

static void softmax(float *s, size_t rows, size_t n, size_t stride, float scale)
{
	for (size_t i = 0; i < rows; i++)
		softmax_row(s + i * stride, n, scale);
}

static void norm_row(float *x, size_t n, const float *gamma, const float *beta, float eps)
{
	v16 sum = v_set(0), squares = v_set(0);
	for (size_t i = 0; i < n; i += 16)
		sum = v_add(sum, v_load_n(x + i, n - i < 16 ? n - i : 16));
	v16 mean = v_set(lanes_sum(sum) / (float)n);
	for (size_t i = 0; i < n; i += 16) {
		size_t left = n - i < 16 ? n - i : 16;
		v16 d = v_keep(v_sub(v_load_n(x + i, left), mean), left);
		squares = v_fma(d, d, squares);
	}
	v16 by = v_set(1.0f / sqrtf(lanes_sum(squares) / (float)n + eps));
	for (size_t i = 0; i < n; i += 16) {
		size_t left = n - i < 16 ? n - i : 16;
		v16 d = v_mul(v_sub(v_load_n(x + i, left), mean), by);
		v_store_n(x + i, v_fma(d, v_load_n(gamma + i, left), v_load_n(beta + i, left)), left);
	}
}

static void norm(float *x, size_t rows, size_t n, size_t stride, const float *gamma,
				 const float *beta, float eps)
{
	for (size_t i = 0; i < rows; i++)
		norm_row(x + i * stride, n, gamma, beta, eps);
}

const enc_kern VARIANT = {VARIANT_NAME, product, softmax, norm};
