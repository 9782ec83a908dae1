/* read.c - which decoder, the limits that all formats share, and the turning of rasters
 * whose metadata says that they lie on a side. */
#include "read.h"
#include "png_read.h"
#include <stdlib.h>
#include <string.h>

image_gate image_limits(uint32_t w, uint32_t h, uint64_t raw, size_t len, const image_want *want)
{
	if (w == 0 || h == 0)
		return IMAGE_GATE_DAMAGED;
	if (w > IMAGE_MAX_SIDE || h > IMAGE_MAX_SIDE)
		return IMAGE_GATE_LIMIT;
	uint64_t pixels = (uint64_t)w * h;
	uint32_t longer = w > h ? w : h, shorter = w > h ? h : w;
	if (pixels > want->max_pixels || raw > IMAGE_MAX_RAW ||
		longer > (uint64_t)shorter * IMAGE_MAX_ASPECT)
		return IMAGE_GATE_LIMIT;
	if (pixels > 1000000 && raw > (uint64_t)len * IMAGE_MAX_RATIO)
		return IMAGE_GATE_LIMIT;
	/* for an image whose size is known, every other question comes after this one */
	if (!want->turn && ((want->w != 0 && w != want->w) || (want->h != 0 && h != want->h)))
		return IMAGE_GATE_SIZE;
	return IMAGE_GATE_OPEN;
}

bool image_compose(uint8_t *px, size_t n)
{
	bool seen = false;
	for (size_t i = 0; i < n; i++) { /* the write never overtakes the read */
		unsigned a = px[4 * i + 3];
		seen |= a < 255;
		for (size_t c = 0; c < 3; c++)
			px[3 * i + c] = (uint8_t)((px[4 * i + c] * a + 255 * (255 - a) + 127) / 255);
	}
	return seen;
}

static image_gate png_read(const uint8_t *bytes, size_t len, const image_want *want,
						   image_raster *out, uint32_t *orientation, bool *out_of_memory)
{
	image_png_scan *scan = malloc(sizeof *scan);
	*out_of_memory = scan == NULL;
	if (scan == NULL)
		return IMAGE_GATE_DAMAGED;
	image_gate gate = image_png_scan_bytes(bytes, len, want, scan);
	*orientation = scan->orientation;
	if (gate == IMAGE_GATE_OPEN && !want->turn && scan->orientation != 1)
		gate = IMAGE_GATE_ROTATED;
	if (gate == IMAGE_GATE_OPEN)
		gate = image_png_decode(bytes, scan, out, out_of_memory);
	free(scan);
	return gate;
}

/* Where the pixel (x, y) of the turned raster lies in the w x h one of the file. */
static size_t source(uint32_t orientation, uint32_t w, uint32_t h, uint32_t x, uint32_t y)
{
	bool swapped = orientation >= 5;
	uint32_t sx = swapped ? y : x, sy = swapped ? x : y;
	if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
		sx = w - 1 - sx;
	if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
		sy = h - 1 - sy;
	return (size_t)sy * w + sx;
}

static bool turn(image_raster *r, uint32_t orientation)
{
	if (orientation == 1)
		return true;
	uint8_t *rgb = malloc((size_t)r->w * r->h * 3);
	if (rgb == NULL)
		return false;
	uint32_t w = orientation >= 5 ? r->h : r->w, h = orientation >= 5 ? r->w : r->h;
	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++)
			memcpy(rgb + ((size_t)y * w + x) * 3,
				   r->rgb + source(orientation, r->w, r->h, x, y) * 3, 3);
	free(r->rgb);
	*r = (image_raster){w, h, r->flags, rgb};
	return true;
}

image_gate image_read(const uint8_t *bytes, size_t len, const image_want *want, image_raster *out,
					  bool *out_of_memory)
{
	image_raster r = {0};
	uint32_t orientation = 1;
	image_gate gate = IMAGE_GATE_FORMAT;
	*out_of_memory = false;
	if (len > IMAGE_MAX_BYTES)
		return IMAGE_GATE_LIMIT;
	if (len >= 4 && memcmp(bytes, "\x89PNG", 4) == 0)
		gate = png_read(bytes, len, want, &r, &orientation, out_of_memory);
	else if (len >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
		gate = image_jpeg_read(bytes, len, want, &r, &orientation, out_of_memory);
	else if (len >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0)
		gate = image_webp_read(bytes, len, want, &r, &orientation, out_of_memory);
	if (gate != IMAGE_GATE_OPEN)
		return gate;
	if (!turn(&r, orientation)) {
		*out_of_memory = true;
		gate = IMAGE_GATE_DAMAGED;
	} else if ((want->w != 0 && r.w != want->w) || (want->h != 0 && r.h != want->h)) {
		gate = IMAGE_GATE_SIZE;
	}
	if (gate == IMAGE_GATE_OPEN)
		*out = r;
	else
		image_raster_fini(&r);
	return gate;
}
