/* png_scan.c - the structure of a PNG file, read before anything is inflated.
 * Enforces the limits of the specification on sides, pixels, raster bytes, chunk
 * count and metadata; checks the check sums of critical chunks; notes what the
 * decoder will be given. Refuses animations, other formats, and anything that the
 * file announces but does not contain. Allocates nothing. */
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

/* The limits that the header alone can break. want comes first: for a restored
 * image every other question is settled once the size is known to be ours. */
static image_gate check_header(const image_png_scan *s, size_t len, uint32_t max_pixels,
							   uint32_t want_w, uint32_t want_h)
{
	if (s->w == 0 || s->h == 0 || !depth_fits(s->colour, s->depth) || s->interlace > 1)
		return IMAGE_GATE_DAMAGED;
	if (s->w > IMAGE_MAX_SIDE || s->h > IMAGE_MAX_SIDE)
		return IMAGE_GATE_LIMIT;
	uint64_t pixels = (uint64_t)s->w * s->h;
	uint64_t row = ((uint64_t)s->w * channels(s->colour) * s->depth + 7) / 8;
	uint64_t raw = row * s->h;
	uint32_t longer = s->w > s->h ? s->w : s->h, shorter = s->w > s->h ? s->h : s->w;
	if (pixels > max_pixels || raw > IMAGE_MAX_RAW || longer > (uint64_t)shorter * IMAGE_MAX_ASPECT)
		return IMAGE_GATE_LIMIT;
	if (pixels > 1000000 && raw > (uint64_t)len * IMAGE_MAX_RATIO)
		return IMAGE_GATE_LIMIT;
	if ((want_w != 0 && s->w != want_w) || (want_h != 0 && s->h != want_h))
		return IMAGE_GATE_SIZE;
	return IMAGE_GATE_OPEN;
}

/* Orientation (tag 0x0112) from the first directory of a TIFF block; 1 when the
 * block is too odd to tell, as every reader treats it. */
static uint32_t exif_orientation(const uint8_t *p, size_t n)
{
	if (n < 8 || (memcmp(p, "II*\0", 4) != 0 && memcmp(p, "MM\0*", 4) != 0))
		return 1;
	bool big = p[0] == 'M';
	size_t dir =
		big ? be32(p + 4) : ((size_t)p[7] << 24 | (size_t)p[6] << 16 | (size_t)p[5] << 8 | p[4]);
	if (dir > n - 2)
		return 1;
	size_t entries = big ? (size_t)p[dir] << 8 | p[dir + 1] : (size_t)p[dir + 1] << 8 | p[dir];
	for (size_t i = 0, at = dir + 2; i < entries && n - at >= 12; i++, at += 12) {
		const uint8_t *e = p + at;
		uint32_t tag = big ? (uint32_t)e[0] << 8 | e[1] : (uint32_t)e[1] << 8 | e[0];
		if (tag == 0x0112)
			return big ? (uint32_t)e[8] << 8 | e[9] : (uint32_t)e[9] << 8 | e[8];
	}
	return 1;
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
		s->orientation = exif_orientation(body, len);
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
		return IMAGE_GATE_NOT_PNG;
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

image_gate image_png_scan_bytes(const uint8_t *bytes, size_t len, uint32_t max_pixels,
								uint32_t want_w, uint32_t want_h, image_png_scan *scan)
{
	walk w = {.bytes = bytes, .len = len};
	scan->flags = 0;
	scan->chunk_n = 0;
	scan->orientation = 1;
	if (len > IMAGE_MAX_BYTES)
		return IMAGE_GATE_LIMIT;
	image_gate gate = header(&w, scan);
	if (gate == IMAGE_GATE_OPEN)
		gate = check_header(scan, len, max_pixels, want_w, want_h);
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
