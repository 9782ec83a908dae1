/* ms_ssim.c - multi-scale structural similarity: the contrast-structure term at
 * four scales and the full index at the fifth, each clipped at 0, multiplied with
 * Wang's exponents. Scales are 2x2 means; an odd side is padded by one zero row
 * and column on both ends and the zeros count, as the reference does. */
#include "fidelity.h"
#include "common/num.h"
#include <stdlib.h>

#define LEVELS 5
/* The Gaussian of sigma 1.5 in single precision, as the reference computes it before
 * it goes on in double. Its sum is short by 3e-8, which on bright flat areas moves
 * the contrast term in the fifth digit: a window that is nearer to the truth would be
 * farther from everyone else's MS-SSIM. */
static const double window[IMAGE_SSIM_WINDOW] = {
	0x1.0d957p-10, 0x1.f1fe02p-8, 0x1.26eb18p-5, 0x1.bff0fep-4, 0x1.b43c3ep-3, 0x1.10656p-2,
	0x1.b43c3ep-3, 0x1.bff0fep-4, 0x1.26eb18p-5, 0x1.f1fe02p-8, 0x1.0d957p-10};
static const double exponent[LEVELS] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

/* x^e for x in [0, 1] and e > 0, with the same bits everywhere. */
static double power(double x, double e)
{
	if (x <= 0)
		return 0;
	return x >= 1 ? 1 : plg_exp2_neg(-e * plg_log2(x));
}

static double sample(const image_plane *p, int64_t x, int64_t y)
{
	if (x < 0 || y < 0 || x >= p->w || y >= p->h)
		return 0;
	size_t at = ((size_t)y * p->w + (size_t)x) * p->step;
	return p->u8 != NULL ? p->u8[at] : p->f64[at];
}

/* *out is a new plane whose samples the caller frees through *owned. */
static bool halve(const image_plane *in, image_plane *out, double **owned)
{
	uint32_t w = (in->w + 1) / 2, h = (in->h + 1) / 2;
	int64_t odd_x = in->w % 2, odd_y = in->h % 2;
	double *f = malloc((size_t)w * h * sizeof *f);
	if (f == NULL)
		return false;
	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++) {
			int64_t left = 2 * (int64_t)x - odd_x, top = 2 * (int64_t)y - odd_y;
			double upper = sample(in, left, top) + sample(in, left + 1, top);
			double lower = sample(in, left, top + 1) + sample(in, left + 1, top + 1);
			f[(size_t)y * w + x] = (upper + lower) / 4;
		}
	*out = (image_plane){.w = w, .h = h, .f64 = f, .step = 1};
	*owned = f;
	return true;
}

image_rc image_ms_ssim_plane(const image_plane *a, const image_plane *b, image_stop stop,
							 double *out)
{
	if (a->w < IMAGE_MS_SSIM_MIN_SIDE || a->h < IMAGE_MS_SSIM_MIN_SIDE)
		return IMAGE_NOT_APPLICABLE;
	image_plane p = *a, q = *b;
	double *p_owned = NULL, *q_owned = NULL;
	double product = 1;
	image_rc rc = IMAGE_DONE;
	for (int level = 0; level < LEVELS && rc == IMAGE_DONE; level++) {
		double ssim, cs;
		rc = image_similarity(window, &p, &q, stop, &ssim, &cs);
		if (rc != IMAGE_DONE)
			break;
		bool last = level == LEVELS - 1;
		product *= power(last ? ssim : cs, exponent[level]);
		if (last)
			break;
		double *p_next = NULL, *q_next = NULL;
		if (!halve(&p, &p, &p_next) || !halve(&q, &q, &q_next))
			rc = IMAGE_NOMEM;
		free(p_owned);
		free(q_owned);
		p_owned = p_next;
		q_owned = q_next;
	}
	free(p_owned);
	free(q_owned);
	if (rc == IMAGE_DONE)
		*out = product;
	return rc;
}

image_rc image_ms_ssim_rgb(const image_raster *a, const image_raster *b, image_stop stop,
						   double *out)
{
	double sum = 0;
	for (unsigned c = 0; c < 3; c++) {
		image_plane p = image_channel(a, c), q = image_channel(b, c);
		double one;
		image_rc rc = image_ms_ssim_plane(&p, &q, stop, &one);
		if (rc != IMAGE_DONE)
			return rc;
		sum += one;
	}
	*out = sum / 3;
	return IMAGE_DONE;
}
