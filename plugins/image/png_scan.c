/* png_scan.c - the structure of a PNG file, read before anything is inflated.
 * Enforces the limits of the specification on sides, pixels, raster bytes, chunk
 * count and metadata; checks the check sums of critical chunks; notes what the
 * decoder will be given. Refuses animations, other formats, and anything that the
 * file announces but does not contain. Allocates nothing. */
#include "exif.h"
#include "png_read.h"
#include <string.h>
#include <zlib.h>

#define CHUNK(a, b, c, d)                                                                          \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

/* Where the walk stands; what came before decides what may come next. */
typedef struct {
	const uint8_t *bytes;
	size_t len, at;
	size_t ancillary, seen;
	bool palette, data, data_closed, end;
} walk;

static uint32_t channels(uint8_t colour)
{
	switch (colour) {
	case 0:
	case 3:
		return 1;
	case 2:
		return 3;
	case 4:
		return 2;
	case 6:
		return 4;
	default:
		return 0;
	}
}

static bool depth_fits(uint8_t colour, uint8_t depth)
{
	bool power = depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
	if (colour == 0)
		return power;
	if (colour == 3)
		return power && depth != 16;
	return depth == 8 || depth == 16;
}

/* What the header alone can break. */
static image_gate check_header(const image_png_scan *s, size_t len, const image_want *want)
{
	if (s->w == 0 || s->h == 0 || !depth_fits(s->colour, s->depth) || s->interlace > 1)
		return IMAGE_GATE_DAMAGED;
	uint64_t row = ((uint64_t)s->w * channels(s->colour) * s->depth + 7) / 8;
	return image_limits(s->w, s->h, row * s->h, len, want);
}

static bool keep(image_png_scan *s, size_t at, size_t len)
{
	if (s->chunk_n == IMAGE_PNG_MAX_CHUNKS)
		return false;
	s->chunk[s->chunk_n++] = (image_png_chunk){at, len};
	return true;
}

/* A chunk of a kind that the raster needs. at is where its length field starts. */
static image_gate critical(walk *w, image_png_scan *s, uint32_t type, size_t at, size_t len)
{
	const uint8_t *body = w->bytes + at + 8;
	if (be32(body + len) != (uint32_t)crc32(0, body - 4, (uInt)len + 4))
		return IMAGE_GATE_DAMAGED;
	switch (type) {
	case CHUNK('P', 'L', 'T', 'E'):
		if (w->palette || w->data || s->colour == 0 || s->colour == 4 || len == 0 || len > 768 ||
			len % 3 != 0)
			return IMAGE_GATE_DAMAGED;
		w->palette = true;
		break;
	case CHUNK('I', 'D', 'A', 'T'):
		if (w->data_closed || (s->colour == 3 && !w->palette))
			return IMAGE_GATE_DAMAGED;
		w->data = true;
		break;
	case CHUNK('I', 'E', 'N', 'D'):
		w->end = true;
		return w->data && len == 0 ? IMAGE_GATE_OPEN : IMAGE_GATE_DAMAGED;
	default: /* a second header, or a critical chunk that nobody has defined */
		return IMAGE_GATE_DAMAGED;
	}
	return keep(s, at, len + 12) ? IMAGE_GATE_OPEN : IMAGE_GATE_LIMIT;
}

/* Metadata is counted and passed over, never inflated. Transparency is the one
 * ancillary chunk that changes pixels, so it alone must be sound. */
static image_gate ancillary(walk *w, image_png_scan *s, uint32_t type, size_t at, size_t len)
{
	const uint8_t *body = w->bytes + at + 8;
	w->ancillary += len;
	if (w->ancillary > IMAGE_MAX_ANCILLARY)
		return IMAGE_GATE_LIMIT;
	if (type == CHUNK('a', 'c', 'T', 'L') || type == CHUNK('f', 'c', 'T', 'L') ||
		type == CHUNK('f', 'd', 'A', 'T'))
		return IMAGE_GATE_ANIMATED;
	if (type == CHUNK('e', 'X', 'I', 'f'))
		s->orientation = image_exif_orientation(body, len);
	if (type != CHUNK('t', 'R', 'N', 'S'))
		return IMAGE_GATE_OPEN;
	if (w->data || s->colour == 4 || s->colour == 6 || (s->colour == 3 && !w->palette) ||
		be32(body + len) != (uint32_t)crc32(0, body - 4, (uInt)len + 4))
		return IMAGE_GATE_DAMAGED;
	return keep(s, at, len + 12) ? IMAGE_GATE_OPEN : IMAGE_GATE_LIMIT;
}

static image_gate next_chunk(walk *w, image_png_scan *s)
{
	size_t left = w->len - w->at;
	if (left < 12)
		return IMAGE_GATE_DAMAGED;
	size_t at = w->at, len = be32(w->bytes + at);
	uint32_t type = be32(w->bytes + at + 4);
	for (size_t i = 4; i < 8; i++) {
		uint8_t c = w->bytes[at + i] | 0x20;
		if (c < 'a' || c > 'z')
			return IMAGE_GATE_DAMAGED;
	}
	if (len > left - 12)
		return IMAGE_GATE_DAMAGED;
	if (++w->seen > IMAGE_PNG_MAX_CHUNKS)
		return IMAGE_GATE_LIMIT;
	w->at += len + 12;
	if (type != CHUNK('I', 'D', 'A', 'T') && w->data)
		w->data_closed = true;
	/* bit 5 of the first letter: the file's own word for "may be ignored" */
	if ((w->bytes[at + 4] & 0x20) != 0)
		return ancillary(w, s, type, at, len);
	return critical(w, s, type, at, len);
}

static image_gate header(walk *w, image_png_scan *s)
{
	if (w->len < sizeof signature || memcmp(w->bytes, signature, sizeof signature) != 0)
		return IMAGE_GATE_FORMAT;
	if (w->len < sizeof signature + 25)
		return IMAGE_GATE_DAMAGED;
	const uint8_t *p = w->bytes + sizeof signature;
	if (be32(p) != 13 || be32(p + 4) != CHUNK('I', 'H', 'D', 'R') || p[18] != 0 || p[19] != 0 ||
		be32(p + 21) != (uint32_t)crc32(0, p + 4, 17))
		return IMAGE_GATE_DAMAGED;
	s->w = be32(p + 8);
	s->h = be32(p + 12);
	s->depth = p[16];
	s->colour = p[17];
	s->interlace = p[20];
	w->at = sizeof signature + 25;
	w->seen = 1;
	(void)keep(s, sizeof signature, 25);
	return IMAGE_GATE_OPEN;
}

image_gate image_png_scan_bytes(const uint8_t *bytes, size_t len, const image_want *want,
								image_png_scan *scan)
{
	walk w = {.bytes = bytes, .len = len};
	scan->flags = 0;
	scan->chunk_n = 0;
	scan->orientation = 1;
	if (len > IMAGE_MAX_BYTES)
		return IMAGE_GATE_LIMIT;
	image_gate gate = header(&w, scan);
	if (gate == IMAGE_GATE_OPEN)
		gate = check_header(scan, len, want);
	while (gate == IMAGE_GATE_OPEN && !w.end && w.at < w.len)
		gate = next_chunk(&w, scan);
	if (gate != IMAGE_GATE_OPEN)
		return gate;
	if (!w.data)
		return IMAGE_GATE_DAMAGED;
	if (!w.end)
		scan->flags |= IMAGE_FLAG_NO_END;
	if (w.len - w.at > IMAGE_MAX_TRAILING)
		return IMAGE_GATE_LIMIT;
	if (w.at < w.len)
		scan->flags |= IMAGE_FLAG_TRAILING;
	return IMAGE_GATE_OPEN;
}
