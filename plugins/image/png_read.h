/* png_read.h - PNG bytes from a stranger to an RGB raster. [pure]
 * Two steps on purpose: the scan reads structure and decides from numbers alone,
 * the decode allocates and inflates. A bomb never reaches the second step. */
#ifndef PLUGIN_IMAGE_PNG_READ_H
#define PLUGIN_IMAGE_PNG_READ_H
#include "raster.h"

#define IMAGE_PNG_MAX_CHUNKS 1000u

/* Limits of the reward specification; max_pixels may be lowered by configuration. */
#define IMAGE_MAX_BYTES ((size_t)16 << 20)
#define IMAGE_MAX_SIDE 8192u
#define IMAGE_MAX_PIXELS 25000000u
#define IMAGE_MAX_RAW ((uint64_t)200 * 1000 * 1000)
#define IMAGE_MAX_ASPECT 32u
#define IMAGE_MAX_RATIO 5000u
#define IMAGE_MAX_ANCILLARY ((size_t)1 << 20)
#define IMAGE_MAX_TRAILING ((size_t)4096)

/* One chunk that the decoder needs: its whole bytes, length to check sum. */
typedef struct {
	size_t at, len;
} image_png_chunk;

typedef struct {
	uint32_t w, h;
	uint8_t depth, colour, interlace;
	uint32_t flags;       /* IMAGE_FLAG_NO_END, IMAGE_FLAG_TRAILING          */
	uint32_t orientation; /* of an eXIf chunk, 1 (upright) when there is none */
	uint32_t chunk_n;
	image_png_chunk chunk[IMAGE_PNG_MAX_CHUNKS]; /* IHDR PLTE tRNS IDAT…     */
} image_png_scan;

/* Walks the chunks of len bytes without inflating any. want_w, want_h: the exact
 * size asked for, or 0 for any; a wrong size is refused before anything else is
 * looked at. max_pixels is at most IMAGE_MAX_PIXELS. *scan is meaningful only
 * when IMAGE_GATE_OPEN is returned. */
image_gate image_png_scan_bytes(const uint8_t *bytes, size_t len, uint32_t max_pixels,
								uint32_t want_w, uint32_t want_h, image_png_scan *scan);

/* Inflates what the scan of the same bytes accepted. *out_of_memory tells a full
 * machine (the validator's failure) from a bad image (the miner's). On any return
 * but IMAGE_GATE_OPEN *out is untouched. */
image_gate image_png_decode(const uint8_t *bytes, const image_png_scan *scan, image_raster *out,
							bool *out_of_memory);

/* Both steps; an orientation other than upright is refused between them. */
image_gate image_png_read(const uint8_t *bytes, size_t len, uint32_t max_pixels, uint32_t want_w,
						  uint32_t want_h, image_raster *out, bool *out_of_memory);
#endif
