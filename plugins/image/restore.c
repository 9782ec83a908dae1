/* restore.c - scoring of restored images: PSNR gain 0.4, (MS-)SSIM gain 0.5, edge
 * gain 0.1, each measured from the degraded input. A measure that does not apply
 * (image too small, input already perfect) is left out. */
#include "restore.h"
#include "common/num.h"
#include "payload.h"
#include <stdlib.h>
#include <string.h>

#define PSNR_CAP 60.0
#define PSNR_SPAN 15.0

static image_row_rc row_rc(image_rc rc)
{
	return rc == IMAGE_NOMEM     ? IMAGE_ROW_NOMEM
		   : rc == IMAGE_STOPPED ? IMAGE_ROW_STOPPED
								 : IMAGE_ROW_DONE;
}

/* The structural measure, as the task uses it: not below 0, NaN where it does not apply. */
static image_rc structure(const image_raster *original, const image_raster *x, bool multi_scale,
						  image_stop stop, double *out)
{
	image_rc rc = multi_scale ? image_ms_ssim_rgb(original, x, stop, out)
							  : image_ssim_rgb(original, x, stop, out);
	if (rc == IMAGE_NOT_APPLICABLE) {
		*out = NAN;
		return IMAGE_DONE;
	}
	if (rc == IMAGE_DONE && *out < 0)
		*out = 0;
	return rc;
}

static image_rc edges(const image_raster *original, const image_raster *x, image_stop stop,
					  double *out)
{
	image_rc rc = image_edge_correlation(original, x, stop, out);
	if (rc == IMAGE_NOT_APPLICABLE) {
		*out = NAN;
		return IMAGE_DONE;
	}
	if (rc == IMAGE_DONE && *out < 0)
		*out = 0;
	return rc;
}

static double capped_psnr(double mse)
{
	double v = image_psnr(mse);
	return v < PSNR_CAP ? v : PSNR_CAP;
}

/* How much of the way from the input's value to perfection was made. */
static double gain(double x, double from, double to)
{
	const double no_room = 1e-9;
	if (isnan(x) || isnan(from) || to - from < no_room)
		return NAN;
	return plg_clamp((x - from) / (to - from), 0, 1);
}

static image_rc baseline(image_restore *t, const image_raster *input, image_stop stop)
{
	uint32_t side = t->original.w < t->original.h ? t->original.w : t->original.h;
	t->multi_scale = side >= IMAGE_MS_SSIM_MIN_SIDE;
	t->psnr = capped_psnr(image_mse(&t->original, input));
	image_rc rc = structure(&t->original, input, t->multi_scale, stop, &t->ssim);
	if (rc == IMAGE_DONE)
		rc = edges(&t->original, input, stop, &t->edge);
	return rc;
}

bool image_restore_load(image_restore *t, const image_settings *cfg, const plg_json *prompt,
						assay_bytes reference, image_stop stop, const char **why, image_row_rc *rc)
{
	image_raster input = {0};
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
	if (image_of_member(prompt, &want, &input, &out_of_memory) != IMAGE_GATE_OPEN)
		goto out;
	*rc = row_rc(baseline(t, &input, stop));
	*why = "the degraded input equals the original";
	ok = *rc == IMAGE_ROW_DONE && t->psnr < PSNR_CAP;
out:
	if (out_of_memory)
		*rc = IMAGE_ROW_NOMEM;
	image_raster_fini(&input);
	if (!ok)
		image_restore_fini(t);
	return ok;
}

void image_restore_fini(image_restore *t)
{
	image_raster_fini(&t->original);
}

image_row_rc image_restore_score(const image_restore *t, const image_settings *cfg,
								 assay_bytes body, image_stop stop, image_row *row)
{
	image_raster answer = {0};
	bool out_of_memory = false;
	double *c = row->component;
	const image_want want = {IMAGE_MAX_PIXELS, t->original.w, t->original.h, false};
	image_gate gate = image_of_body(body, cfg->max_body_bytes, &want, &answer, &out_of_memory);
	c[IMAGE_C_GATE] = gate;
	if (out_of_memory)
		return IMAGE_ROW_NOMEM;
	if (gate != IMAGE_GATE_OPEN)
		return IMAGE_ROW_DONE;
	double mse = image_mse(&t->original, &answer);
	c[IMAGE_C_MSE] = mse;
	c[IMAGE_C_PSNR] = capped_psnr(mse);
	c[IMAGE_C_FLAGS] = answer.flags | (mse <= 0 ? IMAGE_FLAG_LEAK : 0);
	image_rc rc = structure(&t->original, &answer, t->multi_scale, stop, &c[IMAGE_C_SSIM]);
	if (rc == IMAGE_DONE)
		rc = edges(&t->original, &answer, stop, &c[IMAGE_C_EDGE]);
	image_raster_fini(&answer);
	if (rc != IMAGE_DONE)
		return row_rc(rc);
	double top = t->psnr + PSNR_SPAN < PSNR_CAP ? t->psnr + PSNR_SPAN : PSNR_CAP;
	c[IMAGE_C_PSNR_GAIN] = gain(c[IMAGE_C_PSNR], t->psnr, top);
	c[IMAGE_C_SSIM_GAIN] = gain(c[IMAGE_C_SSIM], t->ssim, 1);
	c[IMAGE_C_EDGE_GAIN] = gain(c[IMAGE_C_EDGE], t->edge, 1);
	image_mean m = {0, 0};
	image_mean_add(&m, c[IMAGE_C_PSNR_GAIN], 0.4);
	image_mean_add(&m, c[IMAGE_C_SSIM_GAIN], 0.5);
	image_mean_add(&m, c[IMAGE_C_EDGE_GAIN], 0.1);
	c[IMAGE_C_QUALITY] = image_mean_get(&m);
	return IMAGE_ROW_DONE;
}
