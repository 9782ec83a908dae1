/* read.h - image bytes from a stranger to an RGB raster. [pure]
 * PNG, JPEG and WebP, told apart by their first bytes and never by a declared type. Every
 * limit is checked from the header before anything of that size is allocated. */
#ifndef PLUGIN_IMAGE_READ_H
#define PLUGIN_IMAGE_READ_H
#include "raster.h"

/* Limits of the reward specification; max_pixels may be lowered by configuration. */
#define IMAGE_MAX_BYTES ((size_t)16 << 20)
#define IMAGE_MAX_SIDE 8192u
#define IMAGE_MAX_PIXELS 25000000u
#define IMAGE_MAX_RAW ((uint64_t)200 * 1000 * 1000)
#define IMAGE_MAX_ASPECT 32u
#define IMAGE_MAX_RATIO 5000u
#define IMAGE_MAX_ANCILLARY ((size_t)1 << 20)
#define IMAGE_MAX_TRAILING ((size_t)4096)

/* What an image may be. w, h: the exact size asked for, or 0 for any. */
typedef struct {
	uint32_t max_pixels; /* at most IMAGE_MAX_PIXELS */
	uint32_t w, h;
	bool turn; /* follow the EXIF orientation; otherwise another than upright is refused */
} image_want;

/* The limits that a header alone can break. raw: bytes of the decoded raster; len: of the
 * file. */
image_gate image_limits(uint32_t w, uint32_t h, uint64_t raw, size_t len, const image_want *want);

/* Decodes len bytes. *out_of_memory tells a full machine (the validator's failure) from a
 * bad image (the miner's). On any return but IMAGE_GATE_OPEN *out is untouched. */
image_gate image_read(const uint8_t *bytes, size_t len, const image_want *want, image_raster *out,
					  bool *out_of_memory);

/* One decoder per format, for image_read. *orientation is 1 to 8; the raster is as it lies
 * in the file. */
image_gate image_jpeg_read(const uint8_t *bytes, size_t len, const image_want *want,
						   image_raster *out, uint32_t *orientation, bool *out_of_memory);
image_gate image_webp_read(const uint8_t *bytes, size_t len, const image_want *want,
						   image_raster *out, uint32_t *orientation, bool *out_of_memory);

/* RGBA to RGB over white, in place, n pixels; true when any was not opaque. */
bool image_compose(uint8_t *px, size_t n);
#endif
