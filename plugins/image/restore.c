/* restore.c - measuring restored images: PSNR, (MS-)SSIM and gradients, each from the
 * degraded input's. A gain may be negative: a picture that wins in one measure by losing in
 * another has restored nothing. A measure that does not apply (image too small, input
 * already perfect) is left out. */
#include "restore.h"
#include "common/num.h"
#include "own.h"
#include "payload.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PSNR_CAP 60.0
#define PSNR_SPAN 15.0
/* Novelty below this is what filters that are not among the mixes reach. */
#define BY_CHANCE 0.1

static image_row_rc row_rc(image_rc rc)
{
	return rc == IMAGE_NOMEM     ? IMAGE_ROW_NOMEM
		   : rc == IMAGE_STOPPED ? IMAGE_ROW_STOPPED
								 : IMAGE_ROW_DONE;
}

/* NaN where a measure does not apply. */
static image_rc or_nan(image_rc rc, double *v)
{
	if (rc != IMAGE_NOT_APPLICABLE)
		return rc;
	*v = NAN;
	return IMAGE_DONE;
}

static double capped_psnr(double mse)
{
	double v = image_psnr(mse);
	return v < PSNR_CAP ? v : PSNR_CAP;
}

static image_rc likeness(const image_restore *t, const image_raster *x, image_stop stop,
						 image_likeness *out)
{
	const image_raster *o = &t->original;
	image_likeness v;
	v.mse = image_mse(o, x);
	v.psnr = capped_psnr(v.mse);
	image_rc rc = or_nan(t->multi_scale ? image_ms_ssim_rgb(o, x, stop, &v.ssim)
										: image_ssim_rgb(o, x, stop, &v.ssim),
						 &v.ssim);
	if (rc == IMAGE_DONE)
		rc = or_nan(image_gradient_likeness(o, x, stop, &v.gradient), &v.gradient);
	if (rc == IMAGE_DONE)
		rc = or_nan(image_edge_correlation(o, x, stop, &v.edge), &v.edge);
	if (rc == IMAGE_DONE)
		*out = v;
	return rc;
}

static double at_least(double a, double b)
{
	return b > a ? b : a;
}

static image_rc baseline(image_restore *t, const image_settings *cfg, image_stop stop)
{
	uint32_t side = t->original.w < t->original.h ? t->original.w : t->original.h;
	t->multi_scale = side >= IMAGE_MS_SSIM_MIN_SIDE;
	image_rc rc = likeness(t, &t->input, stop, &t->of_input);
	if (rc == IMAGE_DONE && !cfg->parity)
		rc = image_novelty_new(&t->original, &t->input, stop, &t->novelty);
	if (rc == IMAGE_DONE)
		rc = image_own_new(&t->original, &t->input, &t->own);
	return rc;
}

bool image_restore_load(image_restore *t, const image_settings *cfg, const plg_json *prompt,
						assay_bytes reference, image_stop stop, const char **why, image_row_rc *rc)
{
	bool out_of_memory = false, ok = false;
	image_want want = {.max_pixels = cfg->max_pixels};
	*t = (image_restore){0};
	*rc = IMAGE_ROW_DONE;
	*why = "the reference holds no usable image";
	if (image_of_reference(reference, &want, &t->original, &out_of_memory) != IMAGE_GATE_OPEN)
		goto out;
	*why = "the prompt holds no usable image of the original's size";
	want.w = t->original.w;
	want.h = t->original.h;
	if (image_of_member(prompt, &want, &t->input, &out_of_memory) != IMAGE_GATE_OPEN)
		goto out;
	*rc = row_rc(baseline(t, cfg, stop));
	*why = "the degraded input equals the original";
	ok = *rc == IMAGE_ROW_DONE && t->of_input.psnr < PSNR_CAP;
out:
	if (out_of_memory)
		*rc = IMAGE_ROW_NOMEM;
	if (!ok)
		image_restore_fini(t);
	return ok;
}

void image_restore_fini(image_restore *t)
{
	image_raster_fini(&t->original);
	image_raster_fini(&t->input);
	image_novelty_fini(&t->novelty);
	image_own_fini(&t->own);
}

/* How much of the way from the input to perfection was made; below 0: the other way. */
static double gain(double x, double from, double to, double least)
{
	const double no_room = 1e-9;
	if (isnan(x) || isnan(from) || to - from < no_room)
		return NAN;
	return plg_clamp((x - from) / (to - from), least, 1);
}

static void gains(const image_restore *t, const image_settings *cfg, const image_likeness *v,
				  const image_raster *answer, double *c)
{
	double top = t->of_input.psnr + PSNR_SPAN < PSNR_CAP ? t->of_input.psnr + PSNR_SPAN : PSNR_CAP;
	/* parity: the specification's gains, which are never below 0, and edges without sign */
	double least = cfg->parity ? 0 : -1, zero = cfg->parity ? 0 : -1;
	double ssim = at_least(v->ssim, zero), from = at_least(t->of_input.ssim, zero);
	c[IMAGE_C_MSE] = v->mse;
	c[IMAGE_C_PSNR] = v->psnr;
	c[IMAGE_C_SSIM] = v->ssim;
	c[IMAGE_C_PSNR_GAIN] = gain(v->psnr, t->of_input.psnr, top, least);
	c[IMAGE_C_SSIM_GAIN] = isnan(v->ssim) ? NAN : gain(ssim, from, 1, least);
	if (cfg->parity) {
		c[IMAGE_C_EDGE] = v->edge;
		c[IMAGE_C_GRADIENT_GAIN] =
			isnan(v->edge) ? NAN : gain(at_least(v->edge, 0), at_least(t->of_input.edge, 0), 1, 0);
		return;
	}
	c[IMAGE_C_GRADIENT] = v->gradient;
	c[IMAGE_C_GRADIENT_GAIN] = gain(v->gradient, t->of_input.gradient, 1, least);
	bool worse = v->psnr < t->of_input.psnr || v->ssim < t->of_input.ssim;
	double novelty = image_novelty_of(&t->novelty, answer);
	c[IMAGE_C_HARMLESS_FACTOR] = worse ? 0 : 1;
	c[IMAGE_C_NOVELTY_FACTOR] =
		isnan(novelty) ? NAN : plg_clamp((novelty - BY_CHANCE) / (1 - BY_CHANCE), 0, 1);
}

image_row_rc image_restore_score(const image_restore *t, const image_settings *cfg,
								 assay_bytes body, image_stop stop, image_raster *answer, double *c)
{
	bool out_of_memory = false;
	const image_want want = {IMAGE_MAX_PIXELS, t->original.w, t->original.h, false};
	image_likeness v;
	image_gate gate = image_of_body(body, cfg->max_body_bytes, &want, answer, &out_of_memory);
	if (out_of_memory)
		return IMAGE_ROW_NOMEM;
	c[IMAGE_C_GATE] = gate;
	if (gate != IMAGE_GATE_OPEN)
		return IMAGE_ROW_DONE;
	image_rc rc = likeness(t, answer, stop, &v);
	if (rc != IMAGE_DONE)
		return row_rc(rc);
	c[IMAGE_C_FLAGS] = answer->flags | (v.mse <= 0 ? IMAGE_FLAG_LEAK : 0);
	gains(t, cfg, &v, answer, c);
	return IMAGE_ROW_DONE;
}

#define BLOCK 8

/* The pixels of one block, row by row; their number of bytes. */
static size_t block_of(const image_raster *r, uint32_t x0, uint32_t y0, uint8_t *out)
{
	size_t n = 0;
	for (uint32_t y = y0; y < y0 + BLOCK && y < r->h; y++)
		for (uint32_t x = x0; x < x0 + BLOCK && x < r->w; x++) {
			memcpy(out + n, r->rgb + ((size_t)y * r->w + x) * 3, 3);
			n += 3;
		}
	return n;
}

bool image_restore_print(const image_restore *t, const image_raster *answer, plg_arena *a,
						 uint64_t key, plg_print *out)
{
	uint32_t *sketch = plg_arena_take(a, PLG_SKETCH, sizeof *sketch);
	uint64_t own = 0;
	if (sketch == NULL)
		return false;
	plg_sketch_begin(sketch);
	for (uint32_t y = 0; y < answer->h; y += BLOCK)
		for (uint32_t x = 0; x < answer->w; x += BLOCK) {
			uint8_t mine[BLOCK * BLOCK * 3], other[BLOCK * BLOCK * 3];
			uint64_t exact[2];
			size_t n = block_of(answer, x, y, mine);
			(void)block_of(&t->input, x, y, other);
			if (memcmp(mine, other, n) == 0)
				continue;
			(void)block_of(&t->original, x, y, other);
			if (memcmp(mine, other, n) == 0)
				continue;
			plg_print_bytes(key, mine, n, exact);
			plg_sketch_add(sketch, key, exact[0] ^ plg_mix((uint64_t)y << 32 | x));
			own++;
		}
	plg_print_bytes(key, answer->rgb, (size_t)answer->w * answer->h * 3, out->exact);
	/* one bit for each block: two programs round apart long before that many agree */
	out->bits = 16.0 * (double)own;
	out->sketch = own >= 16 && plg_sketch_end(sketch, key) ? sketch : NULL;
	out->own = image_own_of(&t->own, a, answer, &out->own_n);
	return !plg_arena_failed(a);
}
