/* hash.c - perceptual hashes. Sine and cosine are our own, so that the same picture has
 * the same bits on every processor. */
#include "hash.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

/* sin(pi x) by its series after reduction to |x| <= 1/2; good to the last digits. */
static double sin_pi(double x)
{
	double whole = floor(x + 0.5), t = (x - whole) * PI, t2 = t * t, term = t, sum = 0;
	for (int k = 1; k <= 25; k += 2) {
		sum += term;
		term *= -t2 / ((k + 1) * (k + 2));
	}
	bool odd = fmod(whole, 2) > 0.5 || fmod(whole, 2) < -0.5;
	return odd ? -sum : sum;
}

static double cos_pi(double x)
{
	return sin_pi(x + 0.5);
}

static double sinc(double x)
{
	return x > 0 || x < 0 ? sin_pi(x) / (PI * x) : 1;
}

static double lanczos3(double x)
{
	return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

/* mirrors: Pillow src/libImaging/Resample.c:precompute_coeffs, normalize_coeffs_8bpc:
 * the taps of one output sample, in fixed point with 22 bits. */
#define FIXED 22
typedef struct {
	uint32_t from, n;
} span_of_taps;

static span_of_taps taps(uint32_t in, uint32_t out, uint32_t i, double *work, int32_t *fixed)
{
	double scale = (double)in / out, widen = scale < 1 ? 1 : scale, support = 3 * widen;
	double centre = (i + 0.5) * scale, sum = 0;
	double low = floor(centre - support + 0.5), high = floor(centre + support + 0.5);
	uint32_t from = low < 0 ? 0 : (uint32_t)low, to = high > in ? in : (uint32_t)high;
	for (uint32_t x = from; x < to; x++) {
		work[x - from] = lanczos3((x - centre + 0.5) * (1 / widen));
		sum += work[x - from];
	}
	for (uint32_t k = 0; k < to - from; k++) {
		double v = work[k] * (sum > 0 || sum < 0 ? 1 / sum : 1) * (1 << FIXED);
		fixed[k] = (int32_t)(v < 0 ? v - 0.5 : v + 0.5);
	}
	return (span_of_taps){from, to - from};
}

static uint8_t clip8(int64_t v)
{
	v >>= FIXED;
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* One direction: lines of in samples, step apart, to lines of out samples. */
typedef struct {
	uint32_t in, out, lines;
	size_t step, line;       /* of the source */
	size_t to_step, to_line; /* of the destination */
} direction;

static bool resample(const uint8_t *src, uint8_t *dst, const direction *d)
{
	double widen = d->in > d->out ? (double)d->in / d->out : 1;
	size_t most = (size_t)ceil(3 * widen) * 2 + 1;
	double *work = malloc(most * sizeof *work);
	int32_t *fixed = malloc(most * sizeof *fixed);
	bool ok = work != NULL && fixed != NULL;
	for (uint32_t i = 0; ok && i < d->out; i++) {
		span_of_taps t = taps(d->in, d->out, i, work, fixed);
		for (uint32_t l = 0; l < d->lines; l++) {
			const uint8_t *p = src + l * d->line + t.from * d->step;
			int64_t sum = 1 << (FIXED - 1);
			for (uint32_t k = 0; k < t.n; k++)
				sum += (int64_t)fixed[k] * p[k * d->step];
			dst[l * d->to_line + i * d->to_step] = clip8(sum);
		}
	}
	free(work);
	free(fixed);
	return ok;
}

image_rc image_lanczos(const uint8_t *grey, uint32_t w, uint32_t h, uint32_t to_w, uint32_t to_h,
					   uint8_t *out)
{
	uint8_t *narrow = malloc((size_t)to_w * h);
	if (narrow == NULL)
		return IMAGE_NOMEM;
	const direction across = {w, to_w, h, 1, w, 1, to_w};
	const direction down = {h, to_h, to_w, to_w, 1, to_w, 1};
	bool ok = true;
	if (w == to_w)
		memcpy(narrow, grey, (size_t)w * h);
	else
		ok = resample(grey, narrow, &across);
	if (h == to_h)
		memcpy(out, narrow, (size_t)to_w * h);
	else
		ok = ok && resample(narrow, out, &down);
	free(narrow);
	return ok ? IMAGE_DONE : IMAGE_NOMEM;
}

void image_dct_8(const uint8_t plane[32 * 32], double out[64])
{
	double wave[8][32], column[8][32];
	for (int k = 0; k < 8; k++)
		for (int n = 0; n < 32; n++)
			wave[k][n] = 2 * cos_pi(k * (2 * n + 1) / 64.0);
	for (int k = 0; k < 8; k++)
		for (int x = 0; x < 32; x++) {
			double sum = 0;
			for (int y = 0; y < 32; y++)
				sum += plane[32 * y + x] * wave[k][y];
			column[k][x] = sum;
		}
	for (int k = 0; k < 8; k++)
		for (int m = 0; m < 8; m++) {
			double sum = 0;
			for (int x = 0; x < 32; x++)
				sum += column[k][x] * wave[m][x];
			out[8 * k + m] = sum;
		}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static uint64_t above_median(const double v[64])
{
	double sorted[64];
	memcpy(sorted, v, sizeof sorted);
	qsort(sorted, 64, sizeof *sorted, by_value);
	double median = (sorted[31] + sorted[32]) / 2;
	uint64_t bits = 0;
	for (int i = 0; i < 64; i++)
		bits = bits << 1 | (v[i] > median);
	return bits;
}

/* Rounded to thousandths first: otherwise noise of the last digits decides the bits of
 * flat and periodic pictures. */
uint64_t image_bits_of_dct(const double dct[64])
{
	double rounded[64];
	for (int i = 0; i < 64; i++)
		rounded[i] = floor(dct[i] * 1000 + 0.5) / 1000;
	return above_median(rounded);
}

/* mirrors: imagehash whash, mode haar: the approximation at 8x8, whose mean is removed
 * first, which changes no comparison. Block sums are exact. */
static image_rc wavelet(const uint8_t *grey, uint32_t w, uint32_t h, uint64_t *out)
{
	uint32_t side = 1, shorter = w < h ? w : h;
	while (side * 2 <= shorter)
		side *= 2;
	side = side < 8 ? 8 : side;
	uint8_t *square = malloc((size_t)side * side);
	if (square == NULL)
		return IMAGE_NOMEM;
	image_rc rc = image_lanczos(grey, w, h, side, side, square);
	double block[64] = {0};
	for (uint32_t y = 0; rc == IMAGE_DONE && y < side; y++)
		for (uint32_t x = 0; x < side; x++)
			block[y / (side / 8) * 8 + x / (side / 8)] += square[(size_t)y * side + x];
	free(square);
	if (rc == IMAGE_DONE)
		*out = above_median(block);
	return rc;
}

static uint64_t average(const uint8_t p[64])
{
	unsigned sum = 0;
	uint64_t bits = 0;
	for (int i = 0; i < 64; i++)
		sum += p[i];
	for (int i = 0; i < 64; i++)
		bits = bits << 1 | (64u * p[i] > sum);
	return bits;
}

static uint64_t difference(const uint8_t p[72])
{
	uint64_t bits = 0;
	for (int y = 0; y < 8; y++)
		for (int x = 0; x < 8; x++)
			bits = bits << 1 | (p[9 * y + x + 1] > p[9 * y + x]);
	return bits;
}

static bool is_flat(const uint8_t *grey, size_t n)
{
	uint64_t sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		sum += grey[i];
		squares += (uint64_t)grey[i] * grey[i];
	}
	double mean = (double)sum / (double)n;
	return (double)squares / (double)n - mean * mean < 4;
}

image_rc image_hash(const image_raster *r, image_hashes *out)
{
	uint8_t small[32 * 32];
	double dct[64];
	uint8_t *grey = malloc((size_t)r->w * r->h);
	if (grey == NULL)
		return IMAGE_NOMEM;
	image_luma(r, grey);
	image_hashes h = {.flat = is_flat(grey, (size_t)r->w * r->h)};
	image_rc rc = image_lanczos(grey, r->w, r->h, 8, 8, small);
	if (rc == IMAGE_DONE) {
		h.average = average(small);
		rc = image_lanczos(grey, r->w, r->h, 9, 8, small);
	}
	if (rc == IMAGE_DONE) {
		h.difference = difference(small);
		rc = image_lanczos(grey, r->w, r->h, 32, 32, small);
	}
	if (rc == IMAGE_DONE) {
		image_dct_8(small, dct);
		h.perceptual = image_bits_of_dct(dct);
		rc = wavelet(grey, r->w, r->h, &h.wavelet);
	}
	free(grey);
	if (rc == IMAGE_DONE)
		*out = h;
	return rc;
}

unsigned image_hash_distance(uint64_t a, uint64_t b)
{
	unsigned n = 0;
	for (uint64_t x = a ^ b; x != 0; x &= x - 1)
		n++;
	return n;
}

bool image_hash_same(const image_hashes *a, const image_hashes *b)
{
	return !a->flat && !b->flat && image_hash_distance(a->perceptual, b->perceptual) <= 6 &&
		   image_hash_distance(a->difference, b->difference) <= 8;
}
