/* jpeg_read.c - baseline and progressive JPEG. The scan walks the markers and decides
 * from numbers alone; libjpeg then decodes, with every warning an error. */
#include "exif.h"
#include "read.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

#define MAX_SCANS 100u
/* Every scan of a progressive file visits every pixel. */
#define MAX_SCANNED ((uint64_t)250 * 1000 * 1000)

enum { M_SOF0 = 0xc0, M_DHT = 0xc4, M_SOF15 = 0xcf, M_JPG = 0xc8, M_DAC = 0xcc };
enum { M_RST0 = 0xd0, M_RST7 = 0xd7, M_SOI = 0xd8, M_EOI = 0xd9, M_SOS = 0xda };
enum { M_APP0 = 0xe0, M_APP1 = 0xe1, M_APP15 = 0xef, M_COM = 0xfe, M_TEM = 0x01 };

typedef struct {
	const uint8_t *bytes;
	size_t len, at;
	uint32_t w, h, components, scans, orientation, flags;
	size_t metadata;
	bool end;
} walk;

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static bool is_frame(uint8_t m)
{
	return m >= M_SOF0 && m <= M_SOF15 && m != M_DHT && m != M_JPG && m != M_DAC;
}

/* Baseline, extended and progressive with Huffman coding, 8 bits, one frame. */
static image_gate frame(walk *w, uint8_t marker, const uint8_t *body, size_t n,
						const image_want *want)
{
	if (marker > M_SOF0 + 2 || w->w != 0 || n < 6 || body[0] != 8)
		return IMAGE_GATE_DAMAGED;
	w->h = be16(body + 1);
	w->w = be16(body + 3);
	w->components = body[5];
	if (w->components != 1 && w->components != 3 && w->components != 4)
		return IMAGE_GATE_DAMAGED;
	return image_limits(w->w, w->h, (uint64_t)w->w * w->h * 3, w->len, want);
}

/* Passes over entropy-coded data, to the marker that ends it. */
static void skip_coded(walk *w)
{
	while (w->at + 1 < w->len) {
		const uint8_t *p = memchr(w->bytes + w->at, 0xff, w->len - 1 - w->at);
		if (p == NULL)
			break;
		w->at = (size_t)(p - w->bytes);
		if (p[1] != 0 && (p[1] < M_RST0 || p[1] > M_RST7))
			return;
		w->at += 2;
	}
	w->at = w->len;
}

static image_gate segment(walk *w, uint8_t marker, const image_want *want)
{
	if (w->len - w->at < 2)
		return IMAGE_GATE_DAMAGED;
	size_t n = be16(w->bytes + w->at);
	const uint8_t *body = w->bytes + w->at + 2;
	if (n < 2 || n > w->len - w->at)
		return IMAGE_GATE_DAMAGED;
	w->at += n;
	n -= 2;
	if (is_frame(marker))
		return frame(w, marker, body, n, want);
	if ((marker >= M_APP0 && marker <= M_APP15) || marker == M_COM) {
		w->metadata += n;
		if (w->metadata > IMAGE_MAX_ANCILLARY)
			return IMAGE_GATE_LIMIT;
		if (marker == M_APP1 && n > 6 && memcmp(body, "Exif\0\0", 6) == 0)
			w->orientation = image_exif_orientation(body + 6, n - 6);
	} else if (marker == M_SOS) {
		if (w->w == 0)
			return IMAGE_GATE_DAMAGED;
		if (++w->scans > MAX_SCANS || (uint64_t)w->scans * w->w * w->h > MAX_SCANNED)
			return IMAGE_GATE_LIMIT;
		skip_coded(w);
	}
	return IMAGE_GATE_OPEN;
}

static image_gate scan(walk *w, const image_want *want)
{
	image_gate gate = IMAGE_GATE_OPEN;
	w->at = 2;
	while (gate == IMAGE_GATE_OPEN && !w->end) {
		while (w->at + 1 < w->len && w->bytes[w->at] == 0xff && w->bytes[w->at + 1] == 0xff)
			w->at++; /* fill bytes */
		if (w->at + 1 >= w->len || w->bytes[w->at] != 0xff)
			return IMAGE_GATE_DAMAGED;
		uint8_t marker = w->bytes[w->at + 1];
		w->at += 2;
		if (marker == M_EOI)
			w->end = true;
		else if (marker == 0 || marker == M_SOI || marker == M_TEM ||
				 (marker >= M_RST0 && marker <= M_RST7))
			return IMAGE_GATE_DAMAGED;
		else
			gate = segment(w, marker, want);
	}
	if (gate != IMAGE_GATE_OPEN)
		return gate;
	if (w->scans == 0)
		return IMAGE_GATE_DAMAGED;
	if (w->len - w->at > IMAGE_MAX_TRAILING)
		return IMAGE_GATE_LIMIT;
	if (w->at < w->len)
		w->flags |= IMAGE_FLAG_TRAILING;
	return IMAGE_GATE_OPEN;
}

typedef struct {
	struct jpeg_error_mgr mgr; /* first: libjpeg hands back its address */
	jmp_buf jump;
	bool out_of_memory;
} errors;

static void on_error(j_common_ptr c)
{
	errors *e = (errors *)(void *)c->err;
	e->out_of_memory = c->err->msg_code == JERR_OUT_OF_MEMORY;
	longjmp(e->jump, 1);
}

/* Level -1 is a warning: the data is not what it should be. */
static void on_message(j_common_ptr c, int level)
{
	if (level < 0)
		on_error(c);
}

/* Inks to light. Files that Adobe programs made hold them inverted. */
static void from_inks(uint8_t *px, size_t n, bool inverted)
{
	for (size_t i = 0; i < n; i++) {
		unsigned k = inverted ? px[4 * i + 3] : 255u - px[4 * i + 3];
		for (size_t c = 0; c < 3; c++) {
			unsigned v = inverted ? px[4 * i + c] : 255u - px[4 * i + c];
			px[3 * i + c] = (uint8_t)((v * k + 127) / 255);
		}
	}
}

/* Everything that libjpeg may leave by a jump; what it owns is in *d and *rgb. */
static bool decode(struct jpeg_decompress_struct *d, errors *e, const walk *w, uint8_t **rgb)
{
	if (setjmp(e->jump) != 0)
		return false;
	jpeg_create_decompress(d);
	jpeg_mem_src(d, w->bytes, (unsigned long)w->len);
	if (jpeg_read_header(d, TRUE) != JPEG_HEADER_OK || d->image_width != w->w ||
		d->image_height != w->h)
		return false;
	bool inks = d->num_components == 4;
	d->out_color_space = inks ? JCS_CMYK : JCS_RGB;
	size_t row = (size_t)w->w * (inks ? 4 : 3);
	*rgb = malloc(row * w->h);
	if (*rgb == NULL) {
		e->out_of_memory = true;
		return false;
	}
	(void)jpeg_start_decompress(d);
	while (d->output_scanline < d->output_height) {
		JSAMPROW line = *rgb + row * d->output_scanline;
		(void)jpeg_read_scanlines(d, &line, 1);
	}
	(void)jpeg_finish_decompress(d);
	if (inks)
		from_inks(*rgb, (size_t)w->w * w->h, d->saw_Adobe_marker);
	return true;
}

image_gate image_jpeg_read(const uint8_t *bytes, size_t len, const image_want *want,
						   image_raster *out, uint32_t *orientation, bool *out_of_memory)
{
	walk w = {.bytes = bytes, .len = len, .orientation = 1};
	*out_of_memory = false;
	image_gate gate = scan(&w, want);
	*orientation = w.orientation;
	if (gate == IMAGE_GATE_OPEN && !want->turn && w.orientation != 1)
		gate = IMAGE_GATE_ROTATED;
	if (gate != IMAGE_GATE_OPEN)
		return gate;
	struct jpeg_decompress_struct d = {0};
	errors e = {0};
	uint8_t *rgb = NULL;
	d.err = jpeg_std_error(&e.mgr);
	e.mgr.error_exit = on_error;
	e.mgr.emit_message = on_message;
	bool ok = decode(&d, &e, &w, &rgb);
	jpeg_destroy_decompress(&d);
	if (ok) {
		uint32_t flags = w.flags | (w.components == 4 ? IMAGE_FLAG_CMYK : 0u);
		*out = (image_raster){w.w, w.h, flags, rgb};
		return IMAGE_GATE_OPEN;
	}
	free(rgb);
	*out_of_memory = e.out_of_memory;
	return IMAGE_GATE_DAMAGED;
}
