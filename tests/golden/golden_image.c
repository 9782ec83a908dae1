/* Golden suite of the image plugin: decoding, fidelity and recognition against
 * Pillow, scikit-image, pytorch-msssim and scikit-learn. One outcome a figure (an
 * expected number or verdict), so that a file which is only partly covered says
 * exactly how much. It drives the same objects that image.so is made of. */
#include <math.h>
#include <stdlib.h>
#include "crypto/crypto.h"
#include "golden/golden.h"
#include "golden/golden_image.h"
#include "image/confusion.h"
#include "image/fidelity.h"
#include "image/read.h"
#include "image/recognise.h"

static const image_stop never = {NULL, NULL};
static const image_want any = {IMAGE_MAX_PIXELS, 0, 0, false};

static const char *id_of(asy_jv c)
{
	const char *s;
	size_t n;
	return asy_jv_str(asy_jv_get(c, "id"), &s, &n, NULL) == ASSAY_OK ? s : NULL;
}

static double number(asy_jv v, double absent)
{
	double d;
	const char *s;
	size_t n;
	if (asy_jv_f64(v, &d, NULL) == ASSAY_OK)
		return d;
	if (asy_jv_str(v, &s, &n, NULL) == ASSAY_OK && strcmp(s, "inf") == 0)
		return INFINITY;
	return absent;
}

/* Compares one figure, when the file expects it. */
static void check(golden *g, asy_jv c, asy_jv expected, const char *name, double got, double tol)
{
	asy_jv v = asy_jv_get(expected, name);
	double want = number(v, NAN);
	if (asy_jv_is_null(v))
		return;
	if (fabs(got - want) <= tol || (isinf(got) && isinf(want) && got > 0))
		golden_pass(g);
	else
		golden_fail(g, id_of(c), "%s is %.17g, expected %.17g", name, got, want);
}

static void skip_named(golden *g, asy_jv expected, const char *const *names, size_t n,
					   const char *why)
{
	size_t have = 0;
	for (size_t i = 0; i < n; i++)
		have += !asy_jv_is_null(asy_jv_get(expected, names[i]));
	if (have > 0)
		golden_skip(g, have, why);
}

/* The bytes of a companion file; NULL with a recorded failure. */
static uint8_t *slurp(golden *g, asy_jv c, const char *key, size_t *len)
{
	const char *name;
	size_t n;
	uint8_t *bytes = NULL;
	*len = 0;
	FILE *f = NULL;
	if (asy_jv_str(asy_jv_get(c, key), &name, &n, NULL) == ASSAY_OK)
		f = fopen(golden_sibling(g, name), "rb"); /* edge: a test reads its vectors */
	if (f != NULL && fseek(f, 0, SEEK_END) == 0) {
		long size = ftell(f);
		rewind(f);
		bytes = size < 0 ? NULL : malloc((size_t)size + 1);
		if (bytes != NULL)
			*len = fread(bytes, 1, (size_t)size, f);
	}
	if (f != NULL)
		(void)fclose(f);
	if (bytes == NULL)
		golden_fail(g, id_of(c), "cannot read the file named by %s", key);
	return bytes;
}

static bool load(golden *g, asy_jv c, const char *key, image_raster *out)
{
	size_t len;
	bool out_of_memory;
	uint8_t *bytes = slurp(g, c, key, &len);
	if (bytes == NULL)
		return false;
	image_gate gate = image_read(bytes, len, &any, out, &out_of_memory);
	free(bytes);
	if (gate != IMAGE_GATE_OPEN)
		golden_fail(g, id_of(c), "image %s refused with gate %d", key, (int)gate);
	return gate == IMAGE_GATE_OPEN;
}

/* ---- fidelity.json ---- */

typedef image_rc plane_measure(const image_plane *, const image_plane *, image_stop, double *);
typedef image_rc raster_measure(const image_raster *, const image_raster *, image_stop, double *);

/* NAN where the measure does not apply, which no figure equals. */
static double of_planes(plane_measure *f, const image_plane *a, const image_plane *b)
{
	double v;
	return f(a, b, never, &v) == IMAGE_DONE ? v : NAN;
}

static double of_rasters(raster_measure *f, const image_raster *a, const image_raster *b)
{
	double v;
	return f(a, b, never, &v) == IMAGE_DONE ? v : NAN;
}

/* scikit-image's own default, which the plugin does not use: means over 7x7 where the window
 * fits, sample covariance. */
static double ssim_uniform(const uint8_t *a, const uint8_t *b, uint32_t w, uint32_t h)
{
	enum { SIDE = 7, CELLS = SIDE * SIDE };
	const double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;
	double total = 0, n = 0;
	for (size_t y = 0; y + SIDE <= h; y++)
		for (size_t x = 0; x + SIDE <= w; x++, n++) {
			double sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
			for (size_t i = 0; i < CELLS; i++) {
				size_t at = (y + i / SIDE) * w + x + i % SIDE;
				double p = a[at], q = b[at];
				sa += p, sb += q, aa += p * p, bb += q * q, ab += p * q;
			}
			double va = (aa - sa * sa / CELLS) / (CELLS - 1);
			double vb = (bb - sb * sb / CELLS) / (CELLS - 1);
			double cov = (ab - sa * sb / CELLS) / (CELLS - 1);
			double ma = sa / CELLS, mb = sb / CELLS;
			total +=
				(2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
		}
	return n > 0 ? total / n : (double)NAN;
}

static void luma_figures(golden *g, asy_jv c, asy_jv e, const image_raster *a,
						 const image_raster *b, double ssim_tol, double ms_tol)
{
	size_t n = (size_t)a->w * a->h;
	uint8_t *both = malloc(2 * n);
	if (both == NULL)
		return;
	image_luma(a, both);
	image_luma(b, both + n);
	image_plane p = image_grey(both, a->w, a->h), q = image_grey(both + n, a->w, a->h);
	check(g, c, e, "ssim_wang_L", of_planes(image_ssim_plane, &p, &q), ssim_tol);
	check(g, c, e, "ms_ssim_L", of_planes(image_ms_ssim_plane, &p, &q), ms_tol);
	check(g, c, e, "ssim_uniform7_L", ssim_uniform(both, both + n, a->w, a->h), ssim_tol);
	free(both);
}

static void fidelity_case(golden *g, asy_jv c, asy_jv tol)
{
	static const char *const others[] = {"torchmetrics_ms_ssim_L_relu",
										 "torchmetrics_ms_ssim_rgb_None",
										 "torchmetrics_ms_ssim_rgb_relu"};
	image_raster a = {0}, b = {0};
	asy_jv e = asy_jv_get(c, "expected");
	double psnr_tol = number(asy_jv_get(tol, "psnr"), 1e-9);
	double ssim_tol = number(asy_jv_get(tol, "ssim"), 1e-7);
	double ms_tol = number(asy_jv_get(tol, "ms_ssim"), 1e-6);
	if (!load(g, c, "a", &a) || !load(g, c, "b", &b))
		goto out;
	if (a.w != b.w || a.h != b.h) {
		golden_fail(g, id_of(c), "the two images differ in size");
		goto out;
	}
	double mse = image_mse(&a, &b);
	check(g, c, e, "mse", mse, 1e-9 * (1 + mse));
	check(g, c, e, "psnr", image_psnr(mse), psnr_tol);
	check(g, c, e, "ssim_wang_rgb_mean", of_rasters(image_ssim_rgb, &a, &b), ssim_tol);
	asy_jv per = asy_jv_get(e, "ssim_wang_per_channel");
	for (unsigned i = 0; i < 3 && i < asy_jv_size(per); i++) {
		image_plane p = image_channel(&a, i), q = image_channel(&b, i);
		double got = of_planes(image_ssim_plane, &p, &q);
		double want = number(asy_jv_at(per, i), NAN);
		if (fabs(got - want) <= ssim_tol)
			golden_pass(g);
		else
			golden_fail(g, id_of(c), "SSIM of channel %u is %.17g, expected %.17g", i, got, want);
	}
	check(g, c, e, "ms_ssim_rgb", of_rasters(image_ms_ssim_rgb, &a, &b), ms_tol);
	luma_figures(g, c, e, &a, &b, ssim_tol, ms_tol);
	skip_named(g, e, others, ASY_COUNT(others),
			   "MS-SSIM over a padded last level, which the file gives for information");
out:
	image_raster_fini(&a);
	image_raster_fini(&b);
}

static void run_fidelity(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++)
		fidelity_case(g, asy_jv_at(cases, i), asy_jv_get(root, "tolerance"));
}

/* ---- decode.json: the library says what is in a file, the policy what is let in ---- */

/* May a decodable image be let in? Stills of three formats within the limits, not turned. */
static bool policy_admits(asy_jv pillow)
{
	double w = number(asy_jv_at(asy_jv_get(pillow, "size"), 0), 0);
	double h = number(asy_jv_at(asy_jv_get(pillow, "size"), 1), 0);
	const char *format = "";
	size_t n;
	bool decodes = false;
	if (asy_jv_bool(asy_jv_get(pillow, "decodes"), &decodes, NULL) != ASSAY_OK || !decodes ||
		asy_jv_str(asy_jv_get(pillow, "format"), &format, &n, NULL) != ASSAY_OK)
		return false;
	bool known =
		strcmp(format, "PNG") == 0 || strcmp(format, "JPEG") == 0 || strcmp(format, "WEBP") == 0;
	return known && number(asy_jv_get(pillow, "frames"), 1) <= 1 && w <= IMAGE_MAX_SIDE &&
		   h <= IMAGE_MAX_SIDE && w * h <= IMAGE_MAX_PIXELS &&
		   fmax(w, h) <= IMAGE_MAX_ASPECT * fmin(w, h);
}

/* Lossy formats: two levels per sample, half a level in the mean; decoders round apart. */
static bool near_pixels(golden *g, asy_jv c, const image_raster *r)
{
	asy_jv pillow = asy_jv_get(c, "pillow"), row = asy_jv_get(pillow, "rgb_first_row_16px");
	for (size_t i = 0; i < asy_jv_size(row) && i < (size_t)r->w * 3; i++)
		if (fabs(number(asy_jv_at(row, i), NAN) - r->rgb[i]) > 2) {
			golden_fail(g, id_of(c), "sample %zu is %u", i, r->rgb[i]);
			return false;
		}
	for (size_t k = 0; k < 3; k++) {
		double sum = 0, n = (double)r->w * r->h;
		for (size_t i = 0; i < (size_t)r->w * r->h; i++)
			sum += r->rgb[3 * i + k];
		if (fabs(sum / n - number(asy_jv_at(asy_jv_get(pillow, "rgb_mean"), k), NAN)) > 0.5) {
			golden_fail(g, id_of(c), "mean of channel %zu is %g", k, sum / n);
			return false;
		}
	}
	return true;
}

static bool same_pixels(golden *g, asy_jv c, const image_raster *r)
{
	asy_jv pillow = asy_jv_get(c, "pillow"), row = asy_jv_get(pillow, "rgb_first_row_16px");
	uint8_t digest[32], want[32];
	const char *hex;
	size_t n;
	for (size_t i = 0; i < asy_jv_size(row) && i < (size_t)r->w * 3; i++)
		if (fabs(number(asy_jv_at(row, i), NAN) - r->rgb[i]) > 0) {
			golden_fail(g, id_of(c), "sample %zu is %u", i, r->rgb[i]);
			return false;
		}
	if (asy_jv_str(asy_jv_get(pillow, "rgb_sha256"), &hex, &n, NULL) != ASSAY_OK ||
		!asy_hex_decode(hex, want, sizeof want))
		return true;
	asy_sha256(r->rgb, (size_t)r->w * r->h * 3, digest);
	if (memcmp(digest, want, sizeof want) != 0) {
		golden_fail(g, id_of(c), "the SHA-256 of the pixels differs");
		return false;
	}
	return true;
}

static void decode_case(golden *g, asy_jv c)
{
	asy_jv pillow = asy_jv_get(c, "pillow");
	image_raster r = {0};
	size_t len, n;
	bool out_of_memory, admits = policy_admits(pillow);
	const char *mode = "";
	uint8_t *bytes = slurp(g, c, "input", &len);
	if (bytes == NULL)
		return;
	/* the library shows a raster as it lies in the file; whether it may be turned is the task's */
	image_gate gate = image_read(bytes, len, &any, &r, &out_of_memory);
	bool turned = gate == IMAGE_GATE_ROTATED;
	bool lossy = len > 16 && (bytes[0] == 0xff || memcmp(bytes + 8, "WEBPVP8 ", 8) == 0);
	free(bytes);
	if (asy_jv_str(asy_jv_get(pillow, "mode"), &mode, &n, NULL) != ASSAY_OK)
		mode = "";
	/* Pillow clips 16-bit grey, and drops transparency where we compose over white */
	bool comparable = mode[0] != 'I' && (r.flags & IMAGE_FLAG_ALPHA) == 0;
	if (turned)
		golden_pass(g);
	else if (admits != (gate == IMAGE_GATE_OPEN))
		golden_fail(g, id_of(c), "gate %d, but the policy %s it", (int)gate,
					admits ? "admits" : "refuses");
	else if (admits && (fabs(number(asy_jv_at(asy_jv_get(pillow, "size"), 0), 0) - r.w) > 0 ||
						fabs(number(asy_jv_at(asy_jv_get(pillow, "size"), 1), 0) - r.h) > 0))
		golden_fail(g, id_of(c), "size is %ux%u", r.w, r.h);
	else if (!admits || !comparable || (lossy ? near_pixels(g, c, &r) : same_pixels(g, c, &r)))
		golden_pass(g);
	image_raster_fini(&r);
}

static void run_decode(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++)
		decode_case(g, asy_jv_at(cases, i));
}

/* ---- classification.json ---- */

#define MAX_CLASSES 256

/* scikit-learn lets the higher index win a tie where the plugin counts a fraction:
 * replace every score by its place in that order, then no tie is left. */
static void break_ties(const double *score, size_t n, double *place)
{
	for (size_t i = 0; i < n; i++) {
		place[i] = 0;
		for (size_t j = 0; j < n; j++)
			place[i] += score[j] < score[i] || (!(score[j] > score[i]) && j < i);
	}
}

static void multiclass_case(golden *g, asy_jv c, double tol)
{
	asy_jv truth = asy_jv_get(c, "y_true"), rows = asy_jv_get(c, "scores");
	asy_jv e = asy_jv_get(c, "expected");
	size_t rows_n = asy_jv_size(rows);
	double top[3] = {0, 0, 0}, loss = 0;
	for (size_t r = 0; r < rows_n; r++) {
		double p[MAX_CLASSES], place[MAX_CLASSES], sum = 0;
		bool right[MAX_CLASSES];
		asy_jv row = asy_jv_at(rows, r);
		size_t n = asy_jv_size(row);
		if (n == 0 || n > MAX_CLASSES) {
			golden_fail(g, id_of(c), "row %zu has %zu classes", r, n);
			return;
		}
		for (size_t i = 0; i < n; i++) {
			p[i] = number(asy_jv_at(row, i), 0);
			sum += p[i];
			right[i] = !(fabs(number(asy_jv_at(truth, r), -1) - (double)i) > 0);
		}
		break_ties(p, n, place);
		for (size_t i = 0; i < n; i++)
			p[i] /= sum;
		for (size_t k = 1; k <= 3; k++)
			top[k - 1] += image_top_k(place, right, n, k);
		loss += image_log_loss(p, right, n);
	}
	check(g, c, e, "top1", top[0] / (double)rows_n, tol);
	check(g, c, e, "top2", top[1] / (double)rows_n, tol);
	check(g, c, e, "top3", top[2] / (double)rows_n, tol);
	check(g, c, e, "log_loss", loss / (double)rows_n, tol);
}

/* scores hold the probability of class 1; its Brier score is 1 minus ours. */
static void binary_case(golden *g, asy_jv c, double tol)
{
	asy_jv truth = asy_jv_get(c, "y_true"), scores = asy_jv_get(c, "scores");
	size_t n = asy_jv_size(scores);
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		double one = number(asy_jv_at(scores, i), 0), p[2] = {1 - one, one};
		bool is_one = number(asy_jv_at(truth, i), 0) > 0, right[2] = {!is_one, is_one};
		sum += 1 - image_brier(p, right, 2);
	}
	check(g, c, asy_jv_get(c, "expected"), "brier", sum / (double)n, tol);
}

static void figures_of_set(golden *g, asy_jv c, double tol)
{
	static double count[MAX_CLASSES * MAX_CLASSES];
	static uint32_t truth[4096], said[4096];
	asy_jv t = asy_jv_get(c, "y_true"), p = asy_jv_get(c, "y_pred"), e = asy_jv_get(c, "expected");
	asy_jv table = asy_jv_get(e, "confusion");
	size_t n = asy_jv_size(t), classes = asy_jv_size(asy_jv_at(asy_jv_get(c, "scores"), 0));
	if (n == 0 || n > ASY_COUNT(truth) || classes > MAX_CLASSES) {
		golden_fail(g, id_of(c), "%zu images of %zu classes", n, classes);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		truth[i] = (uint32_t)number(asy_jv_at(t, i), 0);
		said[i] = (uint32_t)number(asy_jv_at(p, i), 0);
	}
	image_set_measures m;
	image_confusion(truth, said, n, classes, count, &m);
	const struct {
		const char *name;
		double got;
	} row[] = {
		{"accuracy", m.accuracy},
		{"balanced", m.balanced_accuracy},
		{"precision_macro", m.precision_macro},
		{"recall_macro", m.recall_macro},
		{"f1_macro", m.f1_macro},
		{"f1_macro_present_labels", m.f1_macro_present},
		{"precision_weighted", m.precision_weighted},
		{"recall_weighted", m.recall_weighted},
		{"f1_weighted", m.f1_weighted},
		{"f1_weighted_present_labels", m.f1_weighted},
		{"precision_micro", m.accuracy},
		{"recall_micro", m.accuracy},
		{"f1_micro", m.accuracy},
		{"f1_micro_present_labels", m.accuracy},
		{"kappa", m.kappa},
		{"mcc", m.mcc},
	};
	for (size_t i = 0; i < ASY_COUNT(row); i++)
		check(g, c, e, row[i].name, row[i].got, tol);
	double most = asy_jv_size(table) == classes ? 0 : INFINITY;
	for (size_t i = 0; i < classes && asy_jv_size(table) == classes; i++)
		for (size_t k = 0; k < classes; k++)
			most = fmax(most, fabs(count[i * classes + k] -
								   number(asy_jv_at(asy_jv_at(table, i), k), INFINITY)));
	if (most > 0)
		golden_fail(g, id_of(c), "confusion differs by %g", most);
	else
		golden_pass(g);
}

static void areas_case(golden *g, asy_jv c, double tol)
{
	bool positive[4096];
	double score[4096], ap = NAN, auc = NAN;
	asy_jv t = asy_jv_get(c, "y_true"), p = asy_jv_get(c, "scores"), e = asy_jv_get(c, "expected");
	size_t n = asy_jv_size(t);
	for (size_t i = 0; i < n && i < ASY_COUNT(score); i++) {
		positive[i] = number(asy_jv_at(t, i), 0) > 0;
		score[i] = number(asy_jv_at(p, i), NAN);
	}
	(void)image_binary_areas(positive, score, n, &ap, &auc);
	check(g, c, e, "average_precision", ap, tol);
	check(g, c, e, "roc_auc", auc, tol);
}

static void run_classification(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	double tol = number(asy_jv_get(root, "tolerance"), 1e-9);
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		bool many = asy_jv_kind(asy_jv_at(asy_jv_get(c, "scores"), 0)) == ASY_J_ARRAY;
		if (many)
			multiclass_case(g, c, tol);
		else
			binary_case(g, c, tol);
		if (!many)
			areas_case(g, c, tol);
		else if (asy_jv_size(asy_jv_get(c, "y_pred")) > 0)
			figures_of_set(g, c, tol);
	}
}

extern const golden_row golden_suite_image[];
const golden_row golden_suite_image[] = {
	{NULL, "cases.a cases.b cases.expected.mse", run_fidelity},
	{NULL, "cases.input cases.pillow", run_decode},
	{NULL, "cases.y_true cases.scores cases.expected", run_classification},
	{NULL, "cases.input cases.expected.phash", golden_image_hashes},
	{NULL, "cases.gt cases.dt cases.categories", golden_image_detection},
	{NULL, "cases.gt cases.dt cases.iscrowd", golden_image_iou},
	{NULL, NULL, NULL},
};
