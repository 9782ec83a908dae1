/* fidelity.c - MSE, PSNR and SSIM.
 * SSIM streams: eleven filtered rows of five maps are all it keeps, so memory
 * follows the width of an image and not its area. Nothing here knows about
 * scores or answers. */
#include "fidelity.h"
#include "common/num.h"
#include <math.h>
#include <stdlib.h>

#define WINDOW IMAGE_SSIM_WINDOW
#define MAPS 5                                 /* x, y, xx, yy, xy */
static const double c1 = 6.5025, c2 = 58.5225; /* (0.01 * 255)^2, (0.03 * 255)^2 */

image_plane image_channel(const image_raster *r, unsigned channel)
{
	return (image_plane){.w = r->w, .h = r->h, .u8 = r->rgb + channel, .step = 3};
}

image_plane image_grey(const uint8_t *luma, uint32_t w, uint32_t h)
{
	return (image_plane){.w = w, .h = h, .u8 = luma, .step = 1};
}

void image_luma(const image_raster *r, uint8_t *dst)
{
	size_t n = (size_t)r->w * r->h;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = r->rgb + 3 * i;
		dst[i] = (uint8_t)((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >> 16);
	}
}

/* Exact: 25 million pixels of the largest difference stay below 2^43. */
double image_mse(const image_raster *a, const image_raster *b)
{
	size_t n = (size_t)a->w * a->h * 3;
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++) {
		int d = a->rgb[i] - b->rgb[i];
		sum += (uint64_t)(d * d);
	}
	return (double)sum / (double)n;
}

double image_psnr(double mse)
{
	const double log10_of_2 = 0.30102999566398119521;
	if (mse <= 0)
		return INFINITY;
	return 10 * log10_of_2 * plg_log2(255.0 * 255.0 / mse);
}

/* Normalised exp(-d^2 / (2 * 1.5^2)), written with our own exp2 so that every
 * machine filters with the same bits. */
static void gaussian(double g[WINDOW])
{
	const double log2_of_e = 1.44269504088896340736;
	double sum = 0;
	for (int t = 0; t < WINDOW; t++) {
		double d = t - WINDOW / 2;
		g[t] = plg_exp2_neg(d * d / 4.5 * log2_of_e);
		sum += g[t];
	}
	for (int t = 0; t < WINDOW; t++)
		g[t] /= sum;
}

static void load_row(const image_plane *p, size_t y, double *dst)
{
	size_t at = y * p->w * p->step;
	if (p->u8 != NULL)
		for (size_t x = 0; x < p->w; x++)
			dst[x] = p->u8[at + x * p->step];
	else
		for (size_t x = 0; x < p->w; x++)
			dst[x] = p->f64[at + x];
}

/* dst[i] += weight * src[i]: the whole filter is made of this loop, which
 * vectorises without reordering any sum. */
static void add_scaled(double *restrict dst, const double *restrict src, double weight, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dst[i] += weight * src[i];
}

static void clear(double *dst, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dst[i] = 0;
}

typedef struct {
	size_t w, n;          /* input columns; columns where the window fits */
	const double *g;      /* the window, one axis                     */
	double *in[MAPS];     /* one unfiltered row of each map, w        */
	double *ring[MAPS];   /* WINDOW rows filtered across, n each      */
	double *moment[MAPS]; /* the current row filtered both ways, n    */
} filter;

static bool filter_init(filter *f, const double window[WINDOW], size_t w)
{
	f->g = window;
	f->w = w;
	f->n = w - WINDOW + 1;
	/* at most 5 * 13 * 8192 doubles: the products cannot overflow */
	double *all = malloc(MAPS * (f->w + (WINDOW + 1) * f->n) * sizeof *all);
	if (all == NULL)
		return false;
	for (int m = 0; m < MAPS; m++) {
		f->in[m] = all + (size_t)m * f->w;
		f->ring[m] = all + MAPS * f->w + (size_t)m * WINDOW * f->n;
		f->moment[m] = all + MAPS * (f->w + WINDOW * f->n) + (size_t)m * f->n;
	}
	return true;
}

static void filter_fini(filter *f)
{
	free(f->in[0]);
}

/* Input row y of both planes into its place of the ring. */
static void filter_across(filter *f, const image_plane *a, const image_plane *b, size_t y)
{
	load_row(a, y, f->in[0]);
	load_row(b, y, f->in[1]);
	for (size_t x = 0; x < f->w; x++) {
		double p = f->in[0][x], q = f->in[1][x];
		f->in[2][x] = p * p;
		f->in[3][x] = q * q;
		f->in[4][x] = p * q;
	}
	for (int m = 0; m < MAPS; m++) {
		double *dst = f->ring[m] + y % WINDOW * f->n;
		clear(dst, f->n);
		for (size_t t = 0; t < WINDOW; t++)
			add_scaled(dst, f->in[m] + t, f->g[t], f->n);
	}
}

/* The moments of the windows whose top row is y. */
static void filter_down(filter *f, size_t y)
{
	for (int m = 0; m < MAPS; m++) {
		clear(f->moment[m], f->n);
		for (size_t t = 0; t < WINDOW; t++)
			add_scaled(f->moment[m], f->ring[m] + (y + t) % WINDOW * f->n, f->g[t], f->n);
	}
}

static void row_sums(const filter *f, double *ssim, double *cs)
{
	double row_ssim = 0, row_cs = 0;
	for (size_t i = 0; i < f->n; i++) {
		double x = f->moment[0][i], y = f->moment[1][i];
		double sx = f->moment[2][i] - x * x, sy = f->moment[3][i] - y * y;
		double sxy = f->moment[4][i] - x * y;
		double term = (2 * sxy + c2) / (sx + sy + c2);
		row_cs += term;
		row_ssim += (2 * x * y + c1) / (x * x + y * y + c1) * term;
	}
	*ssim += row_ssim;
	*cs += row_cs;
}

image_rc image_similarity(const double window[WINDOW], const image_plane *a, const image_plane *b,
						  image_stop stop, double *ssim, double *cs)
{
	if (a->w < WINDOW || a->h < WINDOW)
		return IMAGE_NOT_APPLICABLE;
	filter f;
	if (!filter_init(&f, window, a->w))
		return IMAGE_NOMEM;
	image_rc rc = IMAGE_DONE;
	double sum = 0, sum_cs = 0;
	for (size_t y = 0; y < a->h && rc == IMAGE_DONE; y++) {
		filter_across(&f, a, b, y);
		if (y + 1 < WINDOW)
			continue;
		filter_down(&f, y + 1 - WINDOW);
		row_sums(&f, &sum, &sum_cs);
		if (y % 16 == 0 && stop.fn != NULL && stop.fn(stop.arg))
			rc = IMAGE_STOPPED;
	}
	double n = (double)f.n * (double)(a->h - WINDOW + 1);
	filter_fini(&f);
	if (rc != IMAGE_DONE)
		return rc;
	*ssim = sum / n;
	*cs = sum_cs / n;
	return IMAGE_DONE;
}

image_rc image_ssim_plane(const image_plane *a, const image_plane *b, image_stop stop, double *out)
{
	double window[WINDOW], cs;
	gaussian(window);
	return image_similarity(window, a, b, stop, out, &cs);
}

image_rc image_ssim_rgb(const image_raster *a, const image_raster *b, image_stop stop, double *out)
{
	double sum = 0;
	for (unsigned c = 0; c < 3; c++) {
		image_plane p = image_channel(a, c), q = image_channel(b, c);
		double one;
		image_rc rc = image_ssim_plane(&p, &q, stop, &one);
		if (rc != IMAGE_DONE)
			return rc;
		sum += one;
	}
	*out = sum / 3;
	return IMAGE_DONE;
}
