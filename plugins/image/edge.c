/* edge.c - does the answer have its edges where the original has them, in the same direction
 * and as strong? Blur raises PSNR and leaves edges weak; this notices. */
#include "fidelity.h"
#include <math.h>
#include <stdlib.h>

typedef struct {
	int x, y;
} slope;

/* Sobel gradient at (x, y), which has eight neighbours. */
static slope gradient(const uint8_t *luma, size_t w, size_t x, size_t y)
{
	const uint8_t *u = luma + (y - 1) * w + x, *m = u + w, *d = m + w;
	return (slope){(u[1] + 2 * m[1] + d[1]) - (u[-1] + 2 * m[-1] + d[-1]),
				   (d[-1] + 2 * d[0] + d[1]) - (u[-1] + 2 * u[0] + u[1])};
}

static double magnitude(const uint8_t *luma, size_t w, size_t x, size_t y)
{
	slope g = gradient(luma, w, x, y);
	return sqrt((double)(g.x * g.x + g.y * g.y));
}

static bool stopped(image_stop stop, size_t y)
{
	return y % 16 == 0 && stop.fn != NULL && stop.fn(stop.arg);
}

/* Two passes, recomputing the magnitudes: cheaper than storing two maps of
 * doubles, and free of the cancellation of a single pass. */
static image_rc correlate(const uint8_t *a, const uint8_t *b, size_t w, size_t h, image_stop stop,
						  double *out)
{
	double n = (double)(w - 2) * (double)(h - 2), mean_a = 0, mean_b = 0;
	for (size_t y = 1; y + 1 < h; y++) {
		double row_a = 0, row_b = 0;
		for (size_t x = 1; x + 1 < w; x++) {
			row_a += magnitude(a, w, x, y);
			row_b += magnitude(b, w, x, y);
		}
		mean_a += row_a;
		mean_b += row_b;
		if (stopped(stop, y))
			return IMAGE_STOPPED;
	}
	mean_a /= n;
	mean_b /= n;
	double aa = 0, bb = 0, ab = 0;
	for (size_t y = 1; y + 1 < h; y++) {
		double row_aa = 0, row_bb = 0, row_ab = 0;
		for (size_t x = 1; x + 1 < w; x++) {
			double p = magnitude(a, w, x, y) - mean_a, q = magnitude(b, w, x, y) - mean_b;
			row_aa += p * p;
			row_bb += q * q;
			row_ab += p * q;
		}
		aa += row_aa;
		bb += row_bb;
		ab += row_ab;
		if (stopped(stop, y))
			return IMAGE_STOPPED;
	}
	/* a mean that does not divide evenly leaves specks of variance in a flat map */
	const double flat = 1e-9;
	if (aa / n < flat)
		return IMAGE_NOT_APPLICABLE;
	*out = bb / n < flat ? 0 : ab / sqrt(aa) / sqrt(bb);
	return IMAGE_DONE;
}

/* Whole numbers throughout: exact in any order. */
static image_rc concord(const uint8_t *a, const uint8_t *b, size_t w, size_t h, image_stop stop,
						double *out)
{
	int64_t aa = 0, bb = 0, ab = 0;
	for (size_t y = 1; y + 1 < h; y++) {
		for (size_t x = 1; x + 1 < w; x++) {
			slope p = gradient(a, w, x, y), q = gradient(b, w, x, y);
			aa += p.x * p.x + p.y * p.y;
			bb += q.x * q.x + q.y * q.y;
			ab += p.x * q.x + p.y * q.y;
		}
		if (stopped(stop, y))
			return IMAGE_STOPPED;
	}
	if (aa == 0)
		return IMAGE_NOT_APPLICABLE;
	*out = 2.0 * (double)ab / ((double)aa + (double)bb);
	return IMAGE_DONE;
}

typedef image_rc of_lumas(const uint8_t *, const uint8_t *, size_t, size_t, image_stop, double *);

static image_rc measure(of_lumas *f, const image_raster *reference, const image_raster *answer,
						image_stop stop, double *out)
{
	size_t w = reference->w, h = reference->h;
	if (w < 3 || h < 3)
		return IMAGE_NOT_APPLICABLE;
	uint8_t *a = malloc(w * h), *b = malloc(w * h);
	image_rc rc = IMAGE_NOMEM;
	if (a != NULL && b != NULL) {
		image_luma(reference, a);
		image_luma(answer, b);
		rc = f(a, b, w, h, stop, out);
	}
	free(a);
	free(b);
	return rc;
}

image_rc image_gradient_likeness(const image_raster *reference, const image_raster *answer,
								 image_stop stop, double *out)
{
	return measure(concord, reference, answer, stop, out);
}

image_rc image_edge_correlation(const image_raster *reference, const image_raster *answer,
								image_stop stop, double *out)
{
	image_rc rc = measure(correlate, reference, answer, stop, out);
	if (rc == IMAGE_DONE) /* rounding may carry it past its bounds */
		*out = *out > 1 ? 1 : *out < -1 ? -1 : *out;
	return rc;
}
