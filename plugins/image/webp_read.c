/* webp_read.c - still WebP, lossy and lossless. The container is walked before libwebp
 * sees a byte of it: sizes, animation, metadata. */
#include "exif.h"
#include "read.h"
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool is_tag(const uint8_t *p, const char *tag)
{
	return memcmp(p, tag, 4) == 0;
}

/* Chunks of the container; len is cut to what the container says it holds. */
static image_gate walk(const uint8_t *bytes, size_t *len, uint32_t *orientation, uint32_t *flags)
{
	size_t says = (size_t)le32(bytes + 4) + 8, metadata = 0;
	if (says < 20 || says > *len)
		return IMAGE_GATE_DAMAGED;
	if (*len - says > IMAGE_MAX_TRAILING)
		return IMAGE_GATE_LIMIT;
	if (*len > says)
		*flags |= IMAGE_FLAG_TRAILING;
	*len = says;
	for (size_t at = 12; at < says;) {
		if (says - at < 8)
			return IMAGE_GATE_DAMAGED;
		size_t n = le32(bytes + at + 4), body = at + 8;
		if (n > says - body)
			return IMAGE_GATE_DAMAGED;
		if (is_tag(bytes + at, "ANIM") || is_tag(bytes + at, "ANMF"))
			return IMAGE_GATE_ANIMATED;
		if (!is_tag(bytes + at, "VP8 ") && !is_tag(bytes + at, "VP8L") &&
			!is_tag(bytes + at, "ALPH"))
			metadata += n + 8;
		if (metadata > IMAGE_MAX_ANCILLARY)
			return IMAGE_GATE_LIMIT;
		if (is_tag(bytes + at, "EXIF")) {
			size_t skip = n > 6 && memcmp(bytes + body, "Exif\0\0", 6) == 0 ? 6 : 0;
			*orientation = image_exif_orientation(bytes + body + skip, n - skip);
		}
		at = body + n + (n & 1);
	}
	return IMAGE_GATE_OPEN;
}

image_gate image_webp_read(const uint8_t *bytes, size_t len, const image_want *want,
						   image_raster *out, uint32_t *orientation, bool *out_of_memory)
{
	uint32_t flags = 0;
	WebPBitstreamFeatures f;
	*orientation = 1;
	*out_of_memory = false;
	image_gate gate = len < 20 ? IMAGE_GATE_DAMAGED : walk(bytes, &len, orientation, &flags);
	if (gate != IMAGE_GATE_OPEN)
		return gate;
	if (WebPGetFeatures(bytes, len, &f) != VP8_STATUS_OK || f.width <= 0 || f.height <= 0)
		return IMAGE_GATE_DAMAGED;
	if (f.has_animation)
		return IMAGE_GATE_ANIMATED;
	uint32_t w = (uint32_t)f.width, h = (uint32_t)f.height;
	gate = image_limits(w, h, (uint64_t)w * h * (f.has_alpha ? 4 : 3), len, want);
	if (gate == IMAGE_GATE_OPEN && !want->turn && *orientation != 1)
		gate = IMAGE_GATE_ROTATED;
	if (gate != IMAGE_GATE_OPEN)
		return gate;
	size_t size = (size_t)w * h * 4;
	uint8_t *px = malloc(size);
	*out_of_memory = px == NULL;
	if (px == NULL)
		return IMAGE_GATE_DAMAGED;
	if (WebPDecodeRGBAInto(bytes, len, px, size, (int)w * 4) == NULL) {
		free(px);
		return IMAGE_GATE_DAMAGED;
	}
	if (image_compose(px, (size_t)w * h))
		flags |= IMAGE_FLAG_ALPHA;
	uint8_t *smaller = realloc(px, (size_t)w * h * 3);
	*out = (image_raster){w, h, flags, smaller != NULL ? smaller : px};
	return IMAGE_GATE_OPEN;
}
