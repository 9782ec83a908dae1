/* Perceptual hashes against ImageHash: the intermediates exactly, the resize within one
 * level, the bits within two, as the vectors' note says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "golden/golden_image.h"
#include "image/hash.h"
#include "image/read.h"

static const char *text_of(asy_jv v)
{
	const char *s;
	size_t n;
	return asy_jv_str(v, &s, &n, NULL) == ASSAY_OK ? s : "";
}

static bool load(golden *g, const char *name, image_raster *out)
{
	static uint8_t bytes[1 << 20];
	const image_want any = {IMAGE_MAX_PIXELS, 0, 0, false};
	bool out_of_memory;
	FILE *f = fopen(golden_sibling(g, name), "rb"); /* edge: a test reads its vectors */
	size_t n = f != NULL ? fread(bytes, 1, sizeof bytes, f) : 0;
	if (f != NULL)
		(void)fclose(f);
	if (image_read(bytes, n, &any, out, &out_of_memory) == IMAGE_GATE_OPEN)
		return true;
	golden_fail(g, name, "cannot be read");
	return false;
}

/* A matrix of the file as doubles; the number of elements read. */
static size_t matrix(asy_jv m, double *out, size_t most)
{
	size_t n = 0;
	for (size_t y = 0; y < asy_jv_size(m); y++)
		for (size_t x = 0; x < asy_jv_size(asy_jv_at(m, y)) && n < most; x++)
			if (asy_jv_f64(asy_jv_at(asy_jv_at(m, y), x), &out[n], NULL) == ASSAY_OK)
				n++;
	return n;
}

static void resized(golden *g, const char *id, asy_jv e, const char *name, const image_raster *r,
					uint32_t w, uint32_t h)
{
	double want[32 * 32], most = 0;
	uint8_t got[32 * 32], *grey = malloc((size_t)r->w * r->h);
	size_t n = matrix(asy_jv_get(e, name), want, sizeof want / sizeof *want);
	if (grey == NULL || n != (size_t)w * h) {
		golden_fail(g, id, "%s: not %u x %u", name, w, h);
		free(grey);
		return;
	}
	image_luma(r, grey);
	bool ok = image_lanczos(grey, r->w, r->h, w, h, got) == IMAGE_DONE;
	for (size_t i = 0; ok && i < n; i++)
		most = fmax(most, fabs(got[i] - want[i]));
	free(grey);
	if (ok && most <= 1)
		golden_pass(g);
	else
		golden_fail(g, id, "%s differs by %g levels", name, most);
}

static void bits(golden *g, const char *id, asy_jv e, const char *name, uint64_t got, unsigned most)
{
	uint64_t want = strtoull(text_of(asy_jv_get(e, name)), NULL, 16);
	if (image_hash_distance(got, want) <= most)
		golden_pass(g);
	else
		golden_fail(g, id, "%s is %016llx, expected %016llx", name, (unsigned long long)got,
					(unsigned long long)want);
}

/* From the library's own 32x32 plane: coefficients to nine digits, bits exactly. */
static void from_plane(golden *g, const char *id, asy_jv e)
{
	double plane[32 * 32], want[64], got[64], most = 0;
	uint8_t p[32 * 32];
	if (matrix(asy_jv_get(e, "lanczos_32x32"), plane, 32 * 32) != 32 * 32 ||
		matrix(asy_jv_get(e, "dct_8x8"), want, 64) != 64) {
		golden_fail(g, id, "no plane or no coefficients");
		return;
	}
	for (size_t i = 0; i < 32 * 32; i++)
		p[i] = (uint8_t)plane[i];
	image_dct_8(p, got);
	for (size_t i = 0; i < 64; i++)
		most = fmax(most, fabs(got[i] - want[i]));
	if (most <= 1e-3)
		golden_pass(g);
	else
		golden_fail(g, id, "dct_8x8 differs by %g", most);
	bits(g, id, e, "phash", image_bits_of_dct(got), 0);
}

void golden_image_hashes(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases"), pairs = asy_jv_get(root, "hamming_pairs");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i), e = asy_jv_get(c, "expected");
		const char *id = text_of(asy_jv_get(c, "id"));
		image_raster r = {0};
		image_hashes h;
		if (!load(g, text_of(asy_jv_get(c, "input")), &r))
			continue;
		resized(g, id, e, "lanczos_32x32", &r, 32, 32);
		resized(g, id, e, "lanczos_9x8", &r, 9, 8);
		resized(g, id, e, "lanczos_8x8", &r, 8, 8);
		from_plane(g, id, e);
		if (image_hash(&r, &h) != IMAGE_DONE) {
			golden_fail(g, id, "out of memory");
		} else {
			bits(g, id, e, "phash", h.perceptual, 2);
			bits(g, id, e, "dhash", h.difference, 2);
			bits(g, id, e, "average_hash", h.average, 2);
			bits(g, id, e, "whash", h.wavelet, 2);
		}
		image_raster_fini(&r);
	}
	for (size_t i = 0; i < asy_jv_size(pairs); i++) {
		asy_jv c = asy_jv_at(pairs, i);
		image_raster a = {0}, b = {0};
		image_hashes p, q;
		int64_t want = -1;
		const char *id = text_of(asy_jv_get(c, "a"));
		if (load(g, id, &a) && load(g, text_of(asy_jv_get(c, "b")), &b) &&
			image_hash(&a, &p) == IMAGE_DONE && image_hash(&b, &q) == IMAGE_DONE &&
			asy_jv_i64(asy_jv_get(c, "phash"), &want, NULL) == ASSAY_OK) {
			int64_t got = image_hash_distance(p.perceptual, q.perceptual);
			if (got - want <= 4 && want - got <= 4)
				golden_pass(g);
			else
				golden_fail(g, id, "distance %d, expected %d", (int)got, (int)want);
		}
		image_raster_fini(&a);
		image_raster_fini(&b);
	}
}
