/* novelty.c - least squares over what anybody can make; the rest is kept. Window borders
 * repeat the edge pixel. */
#include "novelty.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t clamped(int64_t at, uint32_t n)
{
	return at < 0 ? 0 : at >= n ? n - 1 : (size_t)at;
}

static uint8_t to_byte(double v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

/* One axis of a Gaussian, cut at three deviations; weights are fixed numbers so that no
 * exponential of a library decides a bit. */
#define MOST_TAPS 16
typedef struct {
	int radius;
	double w[MOST_TAPS]; /* from the middle outwards; not normalised */
} taps;
static const taps gauss[] = {
	{2, {1, 0.36044779, 0.01687989}},                         /* deviation 0.7 */
	{4, {1, 0.70664828, 0.24935221, 0.04393693, 0.00386592}}, /* 1.2 */
	{7,
	 {1, 0.92311635, 0.72614904, 0.48675226, 0.27803730, 0.13533528, 0.05613476,
	  0.01984109}}, /* 2.5 */
	{15,
	 {1, 0.98019867, 0.92311635, 0.83527021, 0.72614904, 0.60653066, 0.48675226, 0.37531110,
	  0.27803730, 0.19789870, 0.13533528, 0.08892162, 0.05613476, 0.03404745, 0.01984109,
	  0.01110900}}, /* 5 */
};
#define BLURS (sizeof gauss / sizeof *gauss)

/* Across and then down, by floating point and one rounding at the end. */
static bool blur(const image_raster *in, const taps *t, uint8_t *out)
{
	size_t n = (size_t)in->w * in->h * 3;
	double *mid = malloc(n * sizeof *mid), sum = t->w[0];
	if (mid == NULL)
		return false;
	for (int k = 1; k <= t->radius; k++)
		sum += 2 * t->w[k];
	for (uint32_t y = 0; y < in->h; y++)
		for (uint32_t x = 0; x < in->w; x++)
			for (size_t c = 0; c < 3; c++) {
				const uint8_t *row = in->rgb + (size_t)y * in->w * 3 + c;
				double v = t->w[0] * row[3 * (size_t)x];
				for (int k = 1; k <= t->radius; k++)
					v += t->w[k] * (row[3 * clamped((int64_t)x - k, in->w)] +
									row[3 * clamped((int64_t)x + k, in->w)]);
				mid[((size_t)y * in->w + x) * 3 + c] = v / sum;
			}
	size_t line = (size_t)in->w * 3;
	for (uint32_t y = 0; y < in->h; y++)
		for (size_t i = 0; i < line; i++) {
			double v = t->w[0] * mid[y * line + i];
			for (int k = 1; k <= t->radius; k++)
				v += t->w[k] * (mid[clamped((int64_t)y - k, in->h) * line + i] +
								mid[clamped((int64_t)y + k, in->h) * line + i]);
			out[y * line + i] = to_byte(v / sum);
		}
	free(mid);
	return true;
}

static int by_value(const void *a, const void *b)
{
	return *(const uint8_t *)a - *(const uint8_t *)b;
}

static void median(const image_raster *in, uint8_t *out)
{
	for (uint32_t y = 0; y < in->h; y++)
		for (uint32_t x = 0; x < in->w; x++)
			for (size_t c = 0; c < 3; c++) {
				uint8_t v[9];
				size_t n = 0;
				for (int dy = -1; dy <= 1; dy++)
					for (int dx = -1; dx <= 1; dx++)
						v[n++] = in->rgb[(clamped((int64_t)y + dy, in->h) * in->w +
										  clamped((int64_t)x + dx, in->w)) *
											 3 +
										 c];
				qsort(v, 9, 1, by_value);
				out[((size_t)y * in->w + x) * 3 + c] = v[4];
			}
}

image_rc image_mixed(const image_raster *input, unsigned i, image_raster *out)
{
	uint8_t *px = malloc((size_t)input->w * input->h * 3);
	if (px == NULL)
		return IMAGE_NOMEM;
	if (i >= BLURS) {
		median(input, px);
	} else if (!blur(input, &gauss[i], px)) {
		free(px);
		return IMAGE_NOMEM;
	}
	*out = (image_raster){input->w, input->h, 0, px};
	return IMAGE_DONE;
}

/* A constant, and three colours of the input and of each picture made from it. */
#define TERMS (1 + 3 * (1 + IMAGE_MIXED))
typedef struct {
	image_raster made[1 + IMAGE_MIXED]; /* the first is the input, borrowed */
	double a[TERMS][TERMS], b[3][TERMS];
} fit;

static void terms(const fit *f, size_t at, double out[TERMS])
{
	size_t n = 0;
	out[n++] = 1;
	for (size_t i = 0; i < 1 + IMAGE_MIXED; i++)
		for (size_t c = 0; c < 3; c++)
			out[n++] = f->made[i].rgb[3 * at + c] / 256.0;
}

static void accumulate(fit *f, const image_raster *original)
{
	double t[TERMS];
	for (size_t at = 0; at < (size_t)original->w * original->h; at++) {
		terms(f, at, t);
		for (size_t i = 0; i < TERMS; i++) {
			for (size_t j = 0; j <= i; j++)
				f->a[i][j] += t[i] * t[j];
			for (size_t c = 0; c < 3; c++)
				f->b[c][i] += t[i] * original->rgb[3 * at + c];
		}
	}
}

/* Cholesky in place; the little ridge keeps equal colours (a grey input) solvable. */
static void solve(fit *f)
{
	double ridge = 0;
	for (size_t i = 0; i < TERMS; i++)
		ridge += f->a[i][i];
	ridge *= 1e-9;
	for (size_t i = 0; i < TERMS; i++) {
		for (size_t j = 0; j <= i; j++) {
			double v = f->a[i][j] + (i == j ? ridge : 0);
			for (size_t k = 0; k < j; k++)
				v -= f->a[i][k] * f->a[j][k];
			f->a[i][j] =
				i == j ? sqrt(v > ridge * 1e-3 ? v : ridge * 1e-3 + 1e-300) : v / f->a[j][j];
		}
	}
	for (size_t c = 0; c < 3; c++) {
		double *x = f->b[c];
		for (size_t i = 0; i < TERMS; i++) {
			for (size_t k = 0; k < i; k++)
				x[i] -= f->a[i][k] * x[k];
			x[i] /= f->a[i][i];
		}
		for (size_t i = TERMS; i-- > 0;) {
			for (size_t k = i + 1; k < TERMS; k++)
				x[i] -= f->a[k][i] * x[k];
			x[i] /= f->a[i][i];
		}
	}
}

static double rest_of(const fit *f, const image_raster *original, float *rest)
{
	double t[TERMS], square = 0;
	for (size_t at = 0; at < (size_t)original->w * original->h; at++) {
		terms(f, at, t);
		for (size_t c = 0; c < 3; c++) {
			double v = original->rgb[3 * at + c];
			for (size_t i = 0; i < TERMS; i++)
				v -= f->b[c][i] * t[i];
			rest[3 * at + c] = (float)v;
			square += (double)rest[3 * at + c] * original->rgb[3 * at + c];
		}
	}
	return square;
}

image_rc image_novelty_new(const image_raster *original, const image_raster *input, image_stop stop,
						   image_novelty *out)
{
	size_t n = (size_t)original->w * original->h;
	fit *f = calloc(1, sizeof *f);
	float *rest = malloc(n * 3 * sizeof *rest);
	image_rc rc = f != NULL && rest != NULL ? IMAGE_DONE : IMAGE_NOMEM;
	*out = (image_novelty){0};
	if (rc == IMAGE_DONE && n >= 400) {
		f->made[0] = *input;
		for (unsigned i = 0; i < IMAGE_MIXED && rc == IMAGE_DONE; i++) {
			rc = image_mixed(input, i, &f->made[1 + i]);
			if (rc == IMAGE_DONE && stop.fn != NULL && stop.fn(stop.arg))
				rc = IMAGE_STOPPED;
		}
		if (rc == IMAGE_DONE) {
			accumulate(f, original);
			solve(f);
			double square = rest_of(f, original, rest);
			if (square >= (double)n * 3)
				*out = (image_novelty){rest, square};
		}
		for (unsigned i = 0; i < IMAGE_MIXED; i++)
			image_raster_fini(&f->made[1 + i]);
	}
	free(f);
	if (out->rest == NULL)
		free(rest);
	return rc;
}

void image_novelty_fini(image_novelty *n)
{
	free(n->rest);
	*n = (image_novelty){0};
}

/* The rest is at right angles to every mix, so one product tells all. */
double image_novelty_of(const image_novelty *n, const image_raster *answer)
{
	double sum = 0;
	if (n->rest == NULL)
		return NAN;
	for (uint32_t y = 0; y < answer->h; y++) {
		const float *r = n->rest + (size_t)y * answer->w * 3;
		const uint8_t *p = answer->rgb + (size_t)y * answer->w * 3;
		double row = 0;
		for (size_t i = 0; i < (size_t)answer->w * 3; i++)
			row += (double)r[i] * p[i];
		sum += row;
	}
	return sum / n->square;
}
