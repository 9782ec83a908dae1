/* generate.c - the same generation or not. Hashes alone can be hit by junk that has the
 * right low frequencies, so the structure must agree too; short of that, likeness earns a
 * part and never all. */
#include "generate.h"
#include "common/num.h"
#include "payload.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME_SSIM 0.85
#define MOST_UNLESS_SAME 0.7
#define MOST_OF_ONE_COLOUR 0.6
#define LEAST_ENTROPY 3.0 /* bits of the luma histogram    */
#define LEAST_DEVIATION 4 /* of luma                       */

static int by_colour(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Share of the commonest colour; -1 when out of memory. */
static double commonest_colour(const image_raster *r)
{
	size_t n = (size_t)r->w * r->h, most = 0, run = 0;
	uint32_t *c = malloc(n * sizeof *c);
	if (c == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		c[i] = (uint32_t)r->rgb[3 * i] << 16 | (uint32_t)r->rgb[3 * i + 1] << 8 | r->rgb[3 * i + 2];
	qsort(c, n, sizeof *c, by_colour);
	for (size_t i = 0; i < n; i++) {
		run = i > 0 && c[i] == c[i - 1] ? run + 1 : 1;
		most = run > most ? run : most;
	}
	free(c);
	return (double)most / (double)n;
}

/* Pictures of something have contrast and more than a few shades. */
static bool is_sane(const uint8_t *luma, size_t n)
{
	size_t count[256] = {0};
	double mean = 0, square = 0, entropy = 0;
	for (size_t i = 0; i < n; i++)
		count[luma[i]]++;
	for (int v = 0; v < 256; v++) {
		double p = (double)count[v] / (double)n;
		mean += p * v;
		square += p * v * v;
		if (p > 0)
			entropy -= p * plg_log2(p);
	}
	double variance = square - mean * mean;
	return variance >= LEAST_DEVIATION * LEAST_DEVIATION && entropy >= LEAST_ENTROPY;
}

bool image_generate_load(image_generate *t, const image_settings *cfg, assay_bytes reference,
						 const char **why, image_row_rc *rc)
{
	bool out_of_memory;
	const image_want want = {.max_pixels = cfg->max_pixels, .turn = true};
	*t = (image_generate){0};
	*rc = IMAGE_ROW_DONE;
	*why = "the reference holds no usable image";
	image_gate gate = image_of_reference(reference, &want, &t->reference, &out_of_memory);
	if (out_of_memory)
		*rc = IMAGE_ROW_NOMEM;
	if (gate != IMAGE_GATE_OPEN)
		return false;
	t->commonest = commonest_colour(&t->reference);
	if (t->commonest < 0 || image_hash(&t->reference, &t->hashes) != IMAGE_DONE)
		*rc = IMAGE_ROW_NOMEM;
	*why = "the reference is flat: nothing tells it from another flat picture";
	if (*rc == IMAGE_ROW_DONE && !t->hashes.flat)
		return true;
	image_generate_fini(t);
	return false;
}

void image_generate_fini(image_generate *t)
{
	image_raster_fini(&t->reference);
}

static image_rc compare(const image_generate *t, const image_raster *x, image_stop stop, bool *sane,
						image_hashes *h, double *ssim)
{
	size_t n = (size_t)x->w * x->h;
	uint8_t *a = malloc(n), *b = malloc(n);
	double commonest = commonest_colour(x);
	image_rc rc = a == NULL || b == NULL || commonest < 0 ? IMAGE_NOMEM : image_hash(x, h);
	if (rc == IMAGE_DONE) {
		image_luma(&t->reference, a);
		image_luma(x, b);
		image_plane p = image_grey(a, x->w, x->h), q = image_grey(b, x->w, x->h);
		/* the reference may be a drawing of few colours; the answer may be as plain */
		*sane = (is_sane(b, n) || !is_sane(a, n)) &&
				commonest <= (t->commonest > MOST_OF_ONE_COLOUR ? 1 : MOST_OF_ONE_COLOUR);
		rc = image_ssim_plane(&p, &q, stop, ssim);
	}
	free(a);
	free(b);
	return rc;
}

image_row_rc image_generate_score(const image_generate *t, const image_settings *cfg,
								  assay_bytes body, image_stop stop, image_raster *answer,
								  double *c)
{
	const image_want want = {IMAGE_MAX_PIXELS, t->reference.w, t->reference.h, true};
	bool out_of_memory = false, sane = false;
	double ssim = NAN;
	image_hashes h;
	image_gate gate = image_of_body(body, cfg->max_body_bytes, &want, answer, &out_of_memory);
	if (out_of_memory)
		return IMAGE_ROW_NOMEM;
	c[IMAGE_C_GATE] = gate;
	if (gate != IMAGE_GATE_OPEN)
		return IMAGE_ROW_DONE;
	image_rc rc = compare(t, answer, stop, &sane, &h, &ssim);
	if (rc == IMAGE_NOMEM || rc == IMAGE_STOPPED)
		return rc == IMAGE_NOMEM ? IMAGE_ROW_NOMEM : IMAGE_ROW_STOPPED;
	if (rc == IMAGE_NOT_APPLICABLE) /* too small to tell */
		sane = false;
	if (!sane) {
		c[IMAGE_C_GATE] = IMAGE_GATE_INSANE;
		return IMAGE_ROW_DONE;
	}
	c[IMAGE_C_FLAGS] = answer->flags;
	c[IMAGE_C_SSIM] = ssim;
	c[IMAGE_C_PHASH] = image_hash_distance(h.perceptual, t->hashes.perceptual);
	c[IMAGE_C_DHASH] = image_hash_distance(h.difference, t->hashes.difference);
	double likeness = ssim > 0 ? ssim * ssim : 0;
	bool same = image_hash_same(&h, &t->hashes) && ssim >= SAME_SSIM;
	c[IMAGE_C_MATCH] = same ? 1 : MOST_UNLESS_SAME * likeness;
	return IMAGE_ROW_DONE;
}
