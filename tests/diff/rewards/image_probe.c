/* The image measures as a filter, for comparing them with other people's libraries:
 *   image_probe pairs   <IN >OUT    IN: w, h, then two RGB rasters. OUT: mse, ssim, ms_ssim,
 *                                   gradient as doubles (NaN: not applicable)
 *   image_probe hashes  <IN >OUT    IN: w, h, one RGB raster. OUT: average, difference,
 *                                   perceptual, wavelet as 64-bit numbers
 *   image_probe detect  <IN >OUT    IN: classes, n, m, then n truths (image, class, x, y, w, h,
 *                                   crowd) and m detections (image, class, x, y, w, h, score), all
 *                                   doubles. OUT: AP, AP50, AP75, AR100 as doubles
 *   image_probe labels  <IN >OUT    IN: n, classes, then n truths and n answers. OUT: accuracy,
 *                                   balanced accuracy, macro-F1, weighted F1, kappa, MCC as doubles
 * Other numbers are 32 bits; everything is little-endian. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "image/coco.h"
#include "image/confusion.h"
#include "image/fidelity.h"
#include "image/hash.h"

static void *take(size_t n)
{
	void *p = calloc(n + 1, 1);
	if (p == NULL)
		exit(2);
	return p;
}

static bool get(void *p, size_t n)
{
	return n == 0 || fread(p, 1, n, stdin) == n;
}

static void must(bool ok)
{
	if (!ok) {
		fprintf(stderr, "image_probe: short input\n");
		exit(1);
	}
}

static void put(const void *p, size_t n)
{
	if (fwrite(p, 1, n, stdout) != n)
		exit(1);
}

static bool raster(image_raster *r, bool first)
{
	uint32_t wh[2];
	if (first) {
		if (!get(wh, sizeof wh))
			return false;
		*r = (image_raster){wh[0], wh[1], 0, NULL};
	}
	r->rgb = take((size_t)r->w * r->h * 3);
	must(get(r->rgb, (size_t)r->w * r->h * 3));
	return true;
}

static void pairs(void)
{
	const image_stop never = {NULL, NULL};
	image_raster a;
	while (raster(&a, true)) {
		image_raster b = {a.w, a.h, 0, NULL};
		(void)raster(&b, false);
		double out[4] = {image_mse(&a, &b), NAN, NAN, NAN};
		(void)image_ssim_rgb(&a, &b, never, &out[1]);
		(void)image_ms_ssim_rgb(&a, &b, never, &out[2]);
		(void)image_gradient_likeness(&a, &b, never, &out[3]);
		put(out, sizeof out);
		free(a.rgb);
		free(b.rgb);
	}
}

static void hashes(void)
{
	image_raster a;
	while (raster(&a, true)) {
		image_hashes h;
		must(image_hash(&a, &h) == IMAGE_DONE);
		const uint64_t out[4] = {h.average, h.difference, h.perceptual, h.wavelet};
		put(out, sizeof out);
		free(a.rgb);
	}
}

static void detect(void)
{
	uint32_t head[3];
	while (get(head, sizeof head)) {
		coco_truth *t = take(head[1] * sizeof *t);
		coco_detection *d = take(head[2] * sizeof *d);
		double v[7], out[4], ar;
		for (size_t i = 0; i < head[1]; i++) {
			must(get(v, sizeof v));
			t[i] = (coco_truth){
				(uint32_t)v[0], (uint32_t)v[1], {v[2], v[3], v[4], v[5]}, v[6] > 0, false};
		}
		for (size_t i = 0; i < head[2]; i++) {
			must(get(v, sizeof v));
			d[i] = (coco_detection){(uint32_t)v[0], (uint32_t)v[1], {v[2], v[3], v[4], v[5]}, v[6]};
		}
		must(coco_evaluate(t, head[1], d, head[2], head[0], &coco_all, 0, 10, &out[0], &out[3],
						   NULL) &&
			 coco_evaluate(t, head[1], d, head[2], head[0], &coco_all, 0, 1, &out[1], &ar, NULL) &&
			 coco_evaluate(t, head[1], d, head[2], head[0], &coco_all, 5, 6, &out[2], &ar, NULL));
		put(out, sizeof out);
		free(t);
		free(d);
	}
}

static void labels(void)
{
	uint32_t head[2];
	while (get(head, sizeof head)) {
		uint32_t *t = take(head[0] * sizeof *t), *s = take(head[0] * sizeof *s);
		double *count = take((size_t)head[1] * head[1] * sizeof *count);
		image_set_measures m;
		must(get(t, head[0] * sizeof *t) && get(s, head[0] * sizeof *s));
		image_confusion(t, s, head[0], head[1], count, &m);
		const double out[6] = {m.accuracy, m.balanced_accuracy, m.f1_macro, m.f1_weighted, m.kappa,
							   m.mcc};
		put(out, sizeof out);
		free(t);
		free(s);
		free(count);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	if (strcmp(what, "pairs") == 0)
		pairs();
	else if (strcmp(what, "hashes") == 0)
		hashes();
	else if (strcmp(what, "detect") == 0)
		detect();
	else if (strcmp(what, "labels") == 0)
		labels();
	else
		return 2;
	return fflush(stdout) == 0 ? 0 : 1;
}
