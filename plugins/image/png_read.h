/* png_read.h - PNG bytes from a stranger to an RGB raster. [pure]
 * Two steps on purpose: the scan reads structure and decides from numbers alone,
 * the decode allocates and inflates. A bomb never reaches the second step. */
#ifndef PLUGIN_IMAGE_PNG_READ_H
#define PLUGIN_IMAGE_PNG_READ_H
#include "read.h"

#define IMAGE_PNG_MAX_CHUNKS 1000u

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

/* Walks the chunks of len bytes without inflating any. *scan is meaningful only when
 * IMAGE_GATE_OPEN is returned. */
image_gate image_png_scan_bytes(const uint8_t *bytes, size_t len, const image_want *want,
								image_png_scan *scan);

/* Inflates what the scan of the same bytes accepted. *out_of_memory tells a full
 * machine (the validator's failure) from a bad image (the miner's). On any return
 * but IMAGE_GATE_OPEN *out is untouched. */
image_gate image_png_decode(const uint8_t *bytes, const image_png_scan *scan, image_raster *out,
							bool *out_of_memory);
#endif
