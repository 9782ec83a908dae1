/* Spoiling an image: what a scripted miner of limited skill returns as its
 * restoration: the reference with noise. The only user of libpng here; it reads our
 * own sample sets, never a stranger's bytes, and is bounded all the same.
 * Reason to change: another way to spoil an image. */
#include <png.h>
#include <stdlib.h>
#include "localnet/answers.h"

enum { SIDE_MAX = 4096 };

static uint8_t shift(uint8_t v, double amplitude, asy_rng *rng)
{
	double u = (double)asy_rng_below(rng, 65537) / 32768.0 - 1.0;
	double x = (double)v + u * amplitude + 0.5;
	return x < 0 ? 0 : x > 255 ? 255 : (uint8_t)x;
}

assay_status asy_lnet_spoil_png(assay_span png, double amplitude, asy_rng *rng, asy_buf *out,
								assay_err *err)
{
	png_image im = {.version = PNG_IMAGE_VERSION};
	png_alloc_size_t need = 0;
	uint8_t *pixels = NULL;
	assay_status st = ASSAY_OK;
	if (amplitude <= 0)
		return asy_buf_add(out, png.ptr, png.len, err);
	if (!png_image_begin_read_from_memory(&im, png.ptr, png.len))
		return ASSAY_FAIL(err, E_FORMAT, "png: %s", im.message);
	if (im.width > SIDE_MAX || im.height > SIDE_MAX) {
		st = ASSAY_FAIL(err, E_LIMIT, "png of %u x %u, limit %d", im.width, im.height, SIDE_MAX);
		goto out;
	}
	im.format = (im.format & PNG_FORMAT_FLAG_COLOR) != 0 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
	pixels = asy_calloc(PNG_IMAGE_SIZE(im), 1);
	if (pixels == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "%u x %u pixels", im.width, im.height);
		goto out;
	}
	if (!png_image_finish_read(&im, NULL, pixels, 0, NULL)) {
		st = ASSAY_FAIL(err, E_FORMAT, "png: %s", im.message);
		goto out;
	}
	for (size_t i = 0; i < PNG_IMAGE_SIZE(im); i++)
		pixels[i] = shift(pixels[i], amplitude, rng);
	need = PNG_IMAGE_PNG_SIZE_MAX(im);
	st = asy_buf_reserve(out, need, err);
	if (st == ASSAY_OK &&
		!png_image_write_to_memory(&im, out->ptr + out->len, &need, 0, pixels, 0, NULL))
		st = ASSAY_FAIL(err, E_INTERNAL, "png: %s", im.message);
	if (st == ASSAY_OK)
		out->len += need;
out:
	png_image_free(&im);
	free(pixels);
	return st;
}
