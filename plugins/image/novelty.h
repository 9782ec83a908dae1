/*~ novelty.h - what an answer knows that anybody could not have made from the input.
 *
 * A blurred noisy picture is nearer to its original than the noisy one, a grey card is nearer
 * to it than static, and neither takes skill. So before answers are looked at, the original
 * is split in two: the part that some linear mix of the input, four blurs and a median of it
 * (each in three colours) and a constant can make, and the rest. Only agreement with the
 * rest is news. Blurring, darkening, negatives, grey, sharpening and every mix of them are
 * in the first part and so have novelty 0, whatever their numbers; an answer that goes a
 * share a of the way from the input to the original has novelty a. [pure] */
#ifndef PLUGIN_IMAGE_NOVELTY_H
#define PLUGIN_IMAGE_NOVELTY_H
#include "fidelity.h"

typedef struct {
	float *rest; /* [w * h * 3], owned; NULL: not applicable */
	double square;
} image_novelty;

/* Not applicable (rest NULL, IMAGE_DONE) when the picture is below 20 x 20 or the rest is
 * less than one level in the mean: then the input's own mixes restore it. */
image_rc image_novelty_new(const image_raster *original, const image_raster *input, image_stop stop,
						   image_novelty *out);
void image_novelty_fini(image_novelty *n);

/* 1 for the original, 0 for every mix; may be below 0. NaN when not applicable. */
double image_novelty_of(const image_novelty *n, const image_raster *answer);

/* Fills out with the i-th picture that anybody can make, i < IMAGE_MIXED; for tests. */
#define IMAGE_MIXED 5
image_rc image_mixed(const image_raster *input, unsigned i, image_raster *out);
#endif
