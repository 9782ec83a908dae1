/* png_decode.c - a scanned PNG into 8-bit RGB, through libpng.
 * libpng is handed only the chunks that make pixels (header, palette,
 * transparency, data and an end of our own), so that no profile, text or time
 * stamp of a stranger is ever parsed, and every warning is an error. Palette and
 * grey are expanded, 16-bit samples keep their high byte, transparency is
 * composed over white. Refuses a raster that is short or long of its header. */
#include "png_read.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

void image_raster_fini(image_raster *r)
{
	free(r->rgb);
	*r = (image_raster){0};
}

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
static const uint8_t end_chunk[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};

/* The pieces in the order in which libpng reads them: signature, kept chunks, end. */
typedef struct {
	const uint8_t *bytes;
	const image_png_scan *scan;
	size_t piece, at;
} feed;

/* Everything that must survive a longjmp lives here, behind a pointer. */
typedef struct {
	png_structp png;
	png_infop info;
	uint8_t *pixels; /* w * h * channels */
	feed in;
	uint32_t channels;
	bool out_of_memory;
} job;

static const uint8_t *piece(const feed *f, size_t *len)
{
	if (f->piece == 0) {
		*len = sizeof signature;
		return signature;
	}
	if (f->piece <= f->scan->chunk_n) {
		const image_png_chunk *c = &f->scan->chunk[f->piece - 1];
		*len = c->len;
		return f->bytes + c->at;
	}
	*len = f->piece == (size_t)f->scan->chunk_n + 1 ? sizeof end_chunk : 0;
	return end_chunk;
}

static void on_read(png_structp png, png_bytep dst, size_t want)
{
	feed *f = png_get_io_ptr(png);
	while (want > 0) {
		size_t len;
		const uint8_t *p = piece(f, &len);
		if (len == 0)
			png_error(png, "end of data");
		size_t n = len - f->at < want ? len - f->at : want;
		memcpy(dst, p + f->at, n);
		dst += n;
		want -= n;
		f->at += n;
		if (f->at == len) {
			f->piece++;
			f->at = 0;
		}
	}
}

static _Noreturn void on_error(png_structp png, png_const_charp msg)
{
	(void)msg;
	png_longjmp(png, 1);
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t n)
{
	job *j = png_get_mem_ptr(png);
	void *p = malloc(n != 0 ? n : 1);
	if (p == NULL)
		j->out_of_memory = true;
	return p;
}

static void on_free(png_structp png, png_voidp p)
{
	(void)png;
	free(p);
}

static void set_transforms(png_structp png, const image_png_scan *s, bool alpha)
{
	if (s->colour == PNG_COLOR_TYPE_PALETTE)
		png_set_palette_to_rgb(png);
	if (s->colour == PNG_COLOR_TYPE_GRAY && s->depth < 8)
		png_set_expand_gray_1_2_4_to_8(png);
	if (alpha && s->colour != PNG_COLOR_TYPE_GRAY_ALPHA && s->colour != PNG_COLOR_TYPE_RGB_ALPHA)
		png_set_tRNS_to_alpha(png);
	if (s->depth == 16)
		png_set_strip_16(png);
	if (s->colour == PNG_COLOR_TYPE_GRAY || s->colour == PNG_COLOR_TYPE_GRAY_ALPHA)
		png_set_gray_to_rgb(png);
}

/* The part that libpng may leave by longjmp. Nothing is owned here. */
static bool run(job *j)
{
	const image_png_scan *s = j->in.scan;
	if (setjmp(png_jmpbuf(j->png)) != 0)
		return false;
	png_set_read_fn(j->png, &j->in, on_read);
	png_set_user_limits(j->png, IMAGE_MAX_SIDE, IMAGE_MAX_SIDE);
	png_set_crc_action(j->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
	png_set_benign_errors(j->png, 0); /* too little or too much data is an error */
	png_read_info(j->png, j->info);
	bool alpha = (s->colour & PNG_COLOR_MASK_ALPHA) != 0 ||
				 png_get_valid(j->png, j->info, PNG_INFO_tRNS) != 0;
	set_transforms(j->png, s, alpha);
	int passes = png_set_interlace_handling(j->png);
	png_read_update_info(j->png, j->info);
	j->channels = alpha ? 4 : 3;
	size_t row = (size_t)s->w * j->channels;
	if (png_get_rowbytes(j->png, j->info) != row)
		return false;
	j->pixels = malloc(row * s->h);
	if (j->pixels == NULL) {
		j->out_of_memory = true;
		return false;
	}
	/* Adam7 leaves early passes to be filled in later: start from known bytes. */
	if (passes > 1)
		memset(j->pixels, 0, row * s->h);
	for (int p = 0; p < passes; p++)
		for (uint32_t y = 0; y < s->h; y++)
			png_read_row(j->png, j->pixels + y * row, NULL);
	png_read_end(j->png, NULL);
	return true;
}

image_gate image_png_decode(const uint8_t *bytes, const image_png_scan *scan, image_raster *out,
							bool *out_of_memory)
{
	job j = {.in = {.bytes = bytes, .scan = scan}};
	image_gate gate = IMAGE_GATE_DAMAGED;
	j.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, NULL, on_error, on_error, &j, on_malloc,
									 on_free);
	if (j.png != NULL)
		j.info = png_create_info_struct(j.png);
	if (j.info == NULL) {
		j.out_of_memory = true;
		goto out;
	}
	if (!run(&j))
		goto out;
	uint32_t flags = scan->flags;
	size_t n = (size_t)scan->w * scan->h;
	if (j.channels == 4) {
		if (image_compose(j.pixels, n))
			flags |= IMAGE_FLAG_ALPHA;
		uint8_t *smaller = realloc(j.pixels, n * 3);
		if (smaller != NULL)
			j.pixels = smaller;
	}
	*out = (image_raster){.w = scan->w, .h = scan->h, .flags = flags, .rgb = j.pixels};
	j.pixels = NULL;
	gate = IMAGE_GATE_OPEN;
out:
	*out_of_memory = j.out_of_memory;
	free(j.pixels);
	png_destroy_read_struct(&j.png, &j.info, NULL);
	return gate;
}
