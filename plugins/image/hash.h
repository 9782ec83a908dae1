/* hash.h - perceptual hashes: 64 bits that stay nearly the same when a picture is
 * compressed, scaled or brightened. Equal to ImageHash 4.3 over Pillow's grey conversion
 * and Lanczos filter (hash size 8). [pure] */
#ifndef PLUGIN_IMAGE_HASH_H
#define PLUGIN_IMAGE_HASH_H
#include "fidelity.h"

typedef struct {
	uint64_t average;    /* 8x8, brighter than the mean                         */
	uint64_t difference; /* 9x8, brighter than the left neighbour               */
	uint64_t perceptual; /* 32x32, low frequencies of the DCT above the median   */
	uint64_t wavelet;    /* 8x8 of the Haar transform above the median          */
	bool flat;           /* deviation of luma below 2: the bits say nothing      */
} image_hashes;

/* Of a raster of any size from 1x1. */
image_rc image_hash(const image_raster *r, image_hashes *out);

/* Bits that differ, 0 to 64. */
unsigned image_hash_distance(uint64_t a, uint64_t b);

/* The same picture by both hashes: pHash distance <= 6 and dHash distance <= 8, neither flat. */
bool image_hash_same(const image_hashes *a, const image_hashes *b);

/* The parts, for tests against the library's own intermediates. */
/* Grey plane of w x h to out[to_w * to_h] by Lanczos-3, 8-bit after each direction. */
image_rc image_lanczos(const uint8_t *grey, uint32_t w, uint32_t h, uint32_t to_w, uint32_t to_h,
					   uint8_t *out);
/* Top-left 8x8 of the unnormalised DCT-II of a 32x32 plane, row by row. */
void image_dct_8(const uint8_t plane[32 * 32], double out[64]);
uint64_t image_bits_of_dct(const double dct[64]);
#endif
