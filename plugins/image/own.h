/*~ own.h - what a restored picture has of its own: neither the truth nor the input.
 *
 * Two honest restorations of one scene look alike, for both are near the original; copies
 * of one with noise, other light or another encoding look alike too. What tells them apart
 * are the mistakes. In small blocks everything that some mix of the original, the input,
 * blurs of both and a constant explains is taken away; what is left of independent
 * programs has little in common, what is left of copies is the same mistake. [pure] */
#ifndef PLUGIN_IMAGE_OWN_H
#define PLUGIN_IMAGE_OWN_H
#include "common/text.h"
#include "fidelity.h"

#define IMAGE_OWN_BLOCK 8
#define IMAGE_OWN_BLOCKS 128 /* of a picture, spread over it */

/* What explains a block: unit columns at right angles to each other. */
typedef struct image_own_block image_own_block;
typedef struct {
	image_own_block *block; /* [n], owned; NULL: smaller than a block */
	size_t n;
} image_own;

/* Of two rasters of one size. */
image_rc image_own_new(const image_raster *original, const image_raster *input, image_own *out);
void image_own_fini(image_own *o);

/* A unit vector in a, of *n numbers, for an answer of that size. NULL where too little is
 * left to say whose it is, or when a is out of memory. */
const float *image_own_of(const image_own *o, plg_arena *a, const image_raster *answer, size_t *n);
#endif
