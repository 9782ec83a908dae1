/* Pictures for the tests of the image plugin: drawn from a seed, written by libpng,
 * wrapped as answers. */
#ifndef TEST_IMAGE_PICTURES_H
#define TEST_IMAGE_PICTURES_H
#include <png.h>
#include "codec/codec.h"
#include "image/raster.h"
#include "support/test.h"

static inline image_raster picture_random(test_rng *r, uint32_t w, uint32_t h)
{
	image_raster p = {.w = w, .h = h, .rgb = malloc((size_t)w * h * 3)};
	ck_assert_ptr_nonnull(p.rgb);
	for (size_t i = 0; i < (size_t)w * h * 3; i++)
		p.rgb[i] = (uint8_t)test_next(r);
	return p;
}

/* Smooth colours with an edge or two: something a measure can hold on to. */
static inline image_raster picture_scene(uint32_t w, uint32_t h)
{
	image_raster p = {.w = w, .h = h, .rgb = malloc((size_t)w * h * 3)};
	ck_assert_ptr_nonnull(p.rgb);
	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++)
			for (uint32_t c = 0; c < 3; c++) {
				uint32_t v = (x * 5 + y * 3 + c * 40) % 256, inside = x > w / 3 && y > h / 4;
				p.rgb[((size_t)y * w + x) * 3 + c] = (uint8_t)(inside ? 255 - v / 2 : v / 3);
			}
	return p;
}

/* a + (b - a) * share / 100, plus noise of up to +-amplitude. */
static inline image_raster picture_blend(const image_raster *a, const image_raster *b, int share,
										 int amplitude, test_rng *r)
{
	image_raster p = {.w = a->w, .h = a->h, .rgb = malloc((size_t)a->w * a->h * 3)};
	ck_assert_ptr_nonnull(p.rgb);
	for (size_t i = 0; i < (size_t)a->w * a->h * 3; i++) {
		int v = a->rgb[i] + (b->rgb[i] - a->rgb[i]) * share / 100;
		if (amplitude > 0)
			v += (int)test_below(r, (uint64_t)(2 * amplitude + 1)) - amplitude;
		p.rgb[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
	return p;
}

/* A PNG of raw rows (row_len bytes each) in any colour type, depth and interlace. */
static inline void picture_png_put(png_structp png, png_bytep data, png_size_t n)
{
	assay_err err;
	ck_ok(asy_buf_add(png_get_io_ptr(png), data, n, &err), err);
}
static inline void picture_png_flush(png_structp png)
{
	(void)png;
}
static inline void picture_write(asy_buf *out, uint32_t w, uint32_t h, int colour, int depth,
								 int interlace, const uint8_t *rows, size_t row_len)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	ck_assert(png != NULL && info != NULL);
	if (setjmp(png_jmpbuf(png)) != 0)
		ck_abort_msg("libpng cannot write the test's picture");
	png_set_write_fn(png, out, picture_png_put, picture_png_flush);
	png_set_IHDR(png, info, w, h, depth, colour, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
				 PNG_FILTER_TYPE_DEFAULT);
	if (colour == PNG_COLOR_TYPE_PALETTE) {
		png_color palette[4] = {{10, 20, 30}, {200, 100, 50}, {0, 255, 0}, {255, 255, 255}};
		png_set_PLTE(png, info, palette, 4);
	}
	/* libpng's own 8 KiB make more than 1000 data chunks of 8 MiB */
	png_set_compression_buffer_size(png, 65536);
	png_write_info(png, info);
	int passes = png_set_interlace_handling(png);
	for (int p = 0; p < passes; p++)
		for (uint32_t y = 0; y < h; y++)
			png_write_row(png, rows + y * row_len);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
}

static inline void picture_png(asy_buf *out, const image_raster *p)
{
	picture_write(out, p->w, p->h, PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, p->rgb,
				  (size_t)p->w * 3);
}

/* {"png": "<base64>"} around any bytes, followed by more members if given. */
static inline void picture_answer(asy_buf *out, assay_span bytes, const char *more)
{
	assay_err err;
	size_t len = asy_base64_encoded_len(bytes.len);
	char *text = malloc(len + 1);
	ck_assert_ptr_nonnull(text);
	asy_base64_encode(text, bytes);
	ck_ok(asy_buf_add_str(out, "{\"png\": \"", &err), err);
	ck_ok(asy_buf_add(out, text, len, &err), err);
	ck_ok(asy_buf_printf(out, &err, "\"%s}", more), err);
	free(text);
}
#endif
