/* Detection measures against pycocotools. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "golden/golden_image.h"
#include "image/coco.h"

#define MAX_BOXES 4096
#define MAX_IDS 64

static double num(asy_jv v)
{
	double d;
	return asy_jv_f64(v, &d, NULL) == ASSAY_OK ? d : NAN;
}

static const char *id_of(asy_jv c)
{
	const char *s;
	size_t n;
	return asy_jv_str(asy_jv_get(c, "id"), &s, &n, NULL) == ASSAY_OK ? s : "?";
}

static coco_box box_of(asy_jv b)
{
	return (coco_box){num(asy_jv_at(b, 0)), num(asy_jv_at(b, 1)), num(asy_jv_at(b, 2)),
					  num(asy_jv_at(b, 3))};
}

static uint32_t index_of(asy_jv ids, asy_jv id)
{
	for (size_t i = 0; i < asy_jv_size(ids); i++)
		if (!(fabs(num(asy_jv_at(ids, i)) - num(id)) > 0))
			return (uint32_t)i;
	return UINT32_MAX;
}

void golden_image_iou(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i), dt = asy_jv_get(c, "dt"), gt = asy_jv_get(c, "gt");
		asy_jv want = asy_jv_get(c, "expected"), crowd = asy_jv_get(c, "iscrowd");
		bool ok = true;
		for (size_t d = 0; d < asy_jv_size(dt); d++)
			for (size_t t = 0; t < asy_jv_size(gt); t++) {
				coco_box a = box_of(asy_jv_at(dt, d)), b = box_of(asy_jv_at(gt, t));
				double w = num(asy_jv_at(asy_jv_at(want, d), t));
				double got = coco_iou(&a, &b, num(asy_jv_at(crowd, t)) > 0);
				ok = ok && fabs(got - (isnan(w) ? 0 : w)) <= 1e-12;
			}
		if (ok)
			golden_pass(g);
		else
			golden_fail(g, id_of(c), "an overlap differs");
	}
}

typedef struct {
	coco_truth truth[MAX_BOXES];
	coco_detection det[MAX_BOXES];
	size_t truth_n, det_n;
	uint32_t category_n;
} scene;

static bool read_scene(asy_jv c, scene *s)
{
	asy_jv gt = asy_jv_get(c, "gt"), dt = asy_jv_get(c, "dt");
	asy_jv images = asy_jv_get(c, "images"), categories = asy_jv_get(c, "categories");
	s->truth_n = asy_jv_size(gt);
	s->det_n = asy_jv_size(dt);
	s->category_n = (uint32_t)asy_jv_size(categories);
	if (s->truth_n > MAX_BOXES || s->det_n > MAX_BOXES || s->category_n > MAX_IDS)
		return false;
	for (size_t i = 0; i < s->truth_n; i++) {
		asy_jv r = asy_jv_at(gt, i);
		s->truth[i] = (coco_truth){index_of(images, asy_jv_at(r, 0)),
								   index_of(categories, asy_jv_at(r, 1)), box_of(asy_jv_at(r, 2)),
								   asy_jv_size(r) > 3 && num(asy_jv_at(r, 3)) > 0, false};
	}
	for (size_t i = 0; i < s->det_n; i++) {
		asy_jv r = asy_jv_at(dt, i);
		s->det[i] = (coco_detection){index_of(images, asy_jv_at(r, 0)),
									 index_of(categories, asy_jv_at(r, 1)), box_of(asy_jv_at(r, 2)),
									 num(asy_jv_at(r, 3))};
	}
	return true;
}

static void figure(golden *g, asy_jv c, const char *name, double got, double want, double tol)
{
	if (fabs(got - want) <= tol)
		golden_pass(g);
	else
		golden_fail(g, id_of(c), "%s is %.17g, expected %.17g", name, got, want);
}

static void detection_case(golden *g, asy_jv c, double tol)
{
	static scene s;
	static const struct {
		const char *name;
		coco_slice slice;
		unsigned from, to;
		bool recall;
	} row[] = {
		{"AP", {0, 1e10, 100}, 0, 10, false},
		{"AP50", {0, 1e10, 100}, 0, 1, false},
		{"AP75", {0, 1e10, 100}, 5, 6, false},
		{"AP_small", {0, 1024, 100}, 0, 10, false},
		{"AP_medium", {1024, 9216, 100}, 0, 10, false},
		{"AP_large", {9216, 1e10, 100}, 0, 10, false},
		{"AR1", {0, 1e10, 1}, 0, 10, true},
		{"AR10", {0, 1e10, 10}, 0, 10, true},
		{"AR100", {0, 1e10, 100}, 0, 10, true},
		{"AR_small", {0, 1024, 100}, 0, 10, true},
		{"AR_medium", {1024, 9216, 100}, 0, 10, true},
		{"AR_large", {9216, 1e10, 100}, 0, 10, true},
	};
	asy_jv e = asy_jv_get(c, "expected"), stats = asy_jv_get(e, "stats");
	asy_jv categories = asy_jv_get(c, "categories"), per = asy_jv_get(e, "per_category_AP");
	double ap, ar, each[MAX_IDS];
	if (!read_scene(c, &s)) {
		golden_fail(g, id_of(c), "too many boxes");
		return;
	}
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (!coco_evaluate(s.truth, s.truth_n, s.det, s.det_n, s.category_n, &row[i].slice,
						   row[i].from, row[i].to, &ap, &ar, i == 0 ? each : NULL))
			golden_fail(g, id_of(c), "out of memory");
		else
			figure(g, c, row[i].name, row[i].recall ? ar : ap, num(asy_jv_get(stats, row[i].name)),
				   tol);
	}
	for (size_t k = 0; k < s.category_n; k++) {
		char name[32];
		(void)snprintf(name, sizeof name, "%g", num(asy_jv_at(categories, k)));
		if (!asy_jv_is_null(asy_jv_get(per, name)))
			figure(g, c, "per_category_AP", each[k], num(asy_jv_get(per, name)), tol);
	}
	asy_jv by_iou = asy_jv_get(e, "per_iou_AP");
	for (unsigned t = 0; t < asy_jv_size(by_iou) && t < COCO_THRESHOLDS; t++)
		if (coco_evaluate(s.truth, s.truth_n, s.det, s.det_n, s.category_n, &coco_all, t, t + 1,
						  &ap, &ar, NULL))
			figure(g, c, "per_iou_AP", ap, num(asy_jv_at(by_iou, t)), tol);
}

void golden_image_detection(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	double tol = num(asy_jv_get(root, "tolerance"));
	for (size_t i = 0; i < asy_jv_size(cases); i++)
		detection_case(g, asy_jv_at(cases, i), tol);
}
