/* fidelity.h - how near one raster is to another. [pure]
 * All measures take two rasters of equal size (the caller's gate sees to it) and
 * work in double, in an order of summation that does not depend on the machine.
 * The ones with large work poll stop between rows. */
#ifndef PLUGIN_IMAGE_FIDELITY_H
#define PLUGIN_IMAGE_FIDELITY_H
#include "raster.h"

#define IMAGE_SSIM_WINDOW 11
#define IMAGE_MS_SSIM_MIN_SIDE 161 /* four halvings must leave one window */

/* May a long computation go on? NULL fn: always. */
typedef struct {
	bool (*fn)(void *arg);
	void *arg;
} image_stop;

typedef enum { IMAGE_DONE, IMAGE_NOT_APPLICABLE, IMAGE_NOMEM, IMAGE_STOPPED } image_rc;

/* One channel of a raster, or a plane of its own. */
typedef struct {
	uint32_t w, h;
	const uint8_t *u8; /* samples step apart; NULL when f64 is used */
	const double *f64;
	size_t step;
} image_plane;
image_plane image_channel(const image_raster *r, unsigned channel);
/* Luma (19595R + 38470G + 7471B + 32768) >> 16 of every pixel into dst[w * h]. */
void image_luma(const image_raster *r, uint8_t *dst);
image_plane image_grey(const uint8_t *luma, uint32_t w, uint32_t h);

/* Mean squared error over all pixels and channels. */
double image_mse(const image_raster *a, const image_raster *b);
/* 10 log10(255^2 / mse); +infinity for 0. */
double image_psnr(double mse);

/* Means of the structural similarity and of its contrast-structure term over the
 * positions where the 11x11 window fits; window holds one axis of it, which is
 * applied across and down. Not applicable below 11 pixels a side. */
image_rc image_similarity(const double window[IMAGE_SSIM_WINDOW], const image_plane *a,
						  const image_plane *b, image_stop stop, double *ssim, double *cs);

/* SSIM (Wang 2004): the same with the Gaussian of sigma 1.5; rgb is the mean of the
 * three channels. */
image_rc image_ssim_plane(const image_plane *a, const image_plane *b, image_stop stop, double *out);
image_rc image_ssim_rgb(const image_raster *a, const image_raster *b, image_stop stop, double *out);

/* Five levels (Wang, Simoncelli and Bovik 2003); not applicable below 161 pixels a side. */
image_rc image_ms_ssim_plane(const image_plane *a, const image_plane *b, image_stop stop,
							 double *out);
image_rc image_ms_ssim_rgb(const image_raster *a, const image_raster *b, image_stop stop,
						   double *out);

/* 2 <a, b> / (|a|^2 + |b|^2) of the Sobel gradients of the two luma planes: 1 for the same
 * gradients, 0 for none or unrelated ones, -1 for a negative; half the contrast is 0.8.
 * Sees sign and level, unlike the next. Not applicable as the next. */
image_rc image_gradient_likeness(const image_raster *reference, const image_raster *answer,
								 image_stop stop, double *out);

/* Pearson correlation of 3x3 Sobel magnitudes of the two luma planes, on the
 * pixels that have eight neighbours. Not applicable below 3 pixels a side or when
 * reference has no edges; 0 when only the answer has none. */
image_rc image_edge_correlation(const image_raster *reference, const image_raster *answer,
								image_stop stop, double *out);
#endif
