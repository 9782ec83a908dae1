/* detect.c - detections of one image: half COCO's AP, half F1 at an overlap of one half,
 * because AP alone does not mind boxes that are wrong with little confidence. */
#include "detect.h"
#include "common/num.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ARENA ((size_t)32 << 20)
#define SURE 0.5 /* detections with less confidence are no claims for F1 */

static bool numbers(const plg_json *list, size_t n, double *out)
{
	if (plg_json_type(list) != PLG_J_ARRAY || plg_json_size(list) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!plg_json_num(plg_json_at(list, i), &out[i]) || !isfinite(out[i]))
			return false;
	return true;
}

/* A box with an area, that touches the image where its size is known. */
static bool read_box(const image_detect *t, const plg_json *v, coco_box *out)
{
	double n[4];
	if (!numbers(plg_json_get(v, "box"), 4, n) || !(n[2] > 0) || !(n[3] > 0) || n[2] > 1e6 ||
		n[3] > 1e6 || fabs(n[0]) > 1e6 || fabs(n[1]) > 1e6)
		return false;
	*out = (coco_box){n[0], n[1], n[2], n[3]};
	return !(t->w > 0) || (n[0] < t->w && n[1] < t->h && n[0] + n[2] > 0 && n[1] + n[3] > 0);
}

static bool read_label(const image_detect *t, plg_arena *a, const plg_json *v, uint32_t *out)
{
	plg_text s;
	size_t at;
	if (!image_label(a, plg_json_get(v, "label"), &s) ||
		!image_labels_have(t->label, t->label_n, s, &at))
		return false;
	*out = (uint32_t)at;
	return true;
}

static bool read_truth(image_detect *t, const plg_json *doc)
{
	const plg_json *list = plg_json_get(doc, "boxes"), *size = plg_json_get(doc, "size");
	double wh[2];
	if (size != NULL) {
		if (!numbers(size, 2, wh) || !(wh[0] > 0) || !(wh[1] > 0))
			return false;
		t->w = wh[0];
		t->h = wh[1];
	}
	t->truth_n = plg_json_size(list);
	if (plg_json_type(list) != PLG_J_ARRAY || t->truth_n > IMAGE_MAX_TRUTH)
		return false;
	t->truth = plg_arena_take(t->arena, t->truth_n + 1, sizeof *t->truth);
	for (size_t i = 0; t->truth != NULL && i < t->truth_n; i++) {
		const plg_json *v = plg_json_at(list, i);
		coco_truth *x = &t->truth[i];
		*x = (coco_truth){0};
		if (!read_box(t, v, &x->box) || !read_label(t, t->arena, v, &x->category))
			return false;
		(void)plg_json_bool(plg_json_get(v, "crowd"), &x->crowd);
		(void)plg_json_bool(plg_json_get(v, "ignore"), &x->ignore);
	}
	return t->truth != NULL;
}

bool image_detect_load(image_detect *t, const plg_json *prompt, assay_bytes reference,
					   const char **why)
{
	*t = (image_detect){.arena = plg_arena_new(MAX_ARENA)};
	*why = "out of memory";
	if (t->arena == NULL)
		return false;
	*why = "the prompt's labels are not a list of 1 to 256 different names";
	t->label = image_labels(t->arena, plg_json_get(prompt, "labels"), &t->label_n);
	bool ok = t->label != NULL && !image_labels_repeat(t->label, t->label_n);
	if (ok) {
		plg_json *doc = plg_json_parse(reference, (size_t)4 << 20, NULL);
		*why = "the reference has no list of at most 1000 boxes with labels of the prompt";
		ok = read_truth(t, doc);
		plg_json_free(doc);
	}
	if (!ok)
		image_detect_fini(t);
	return ok;
}

void image_detect_fini(image_detect *t)
{
	plg_arena_free(t->arena);
	*t = (image_detect){0};
}

static int best_first(const void *a, const void *b)
{
	const coco_detection *x = a, *y = b;
	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	/* equal scores in an order that does not depend on the answer's */
	int c = memcmp(&x->box, &y->box, sizeof x->box);
	return c != 0 ? c : (x->category > y->category) - (x->category < y->category);
}

/* Boxes that cannot be are dropped and counted; more than a tenth of them closes a gate. */
static image_gate read_answer(const image_detect *t, plg_arena *a, const plg_json *list,
							  image_detections *r, double *flags)
{
	size_t n = plg_json_size(list);
	if (plg_json_type(list) != PLG_J_ARRAY)
		return IMAGE_GATE_MALFORMED;
	if (n > IMAGE_MAX_BOXES)
		return IMAGE_GATE_LIMIT;
	r->d = plg_arena_take(a, n + 1, sizeof *r->d);
	for (size_t i = 0; r->d != NULL && i < n; i++) {
		const plg_json *v = plg_json_at(list, i);
		coco_detection x = {0};
		if (!read_box(t, v, &x.box) || !read_label(t, a, v, &x.category) ||
			!plg_json_num(plg_json_get(v, "score"), &x.score) || !(x.score >= 0) || x.score > 1)
			r->invalid++;
		else
			r->d[r->n++] = x;
	}
	if (r->d == NULL)
		return IMAGE_GATE_MALFORMED;
	if (r->invalid * 10 > n)
		return IMAGE_GATE_BOXES;
	qsort(r->d, r->n, sizeof *r->d, best_first);
	if (r->n > IMAGE_MAX_DETECTIONS) {
		r->n = IMAGE_MAX_DETECTIONS;
		*flags = IMAGE_FLAG_CUT;
	}
	return IMAGE_GATE_OPEN;
}

/* F1 of the sure detections over all classes at an overlap of one half. An ignored or
 * crowded truth is neither missed nor hit. */
static double f1(const image_detect *t, const image_detections *r)
{
	bool taken[IMAGE_MAX_TRUTH] = {false};
	double tp = 0, fp = 0, positives = 0;
	for (size_t i = 0; i < t->truth_n; i++)
		positives += !t->truth[i].crowd && !t->truth[i].ignore;
	for (size_t i = 0; i < r->n && r->d[i].score >= SURE; i++) {
		double best = SURE;
		size_t hit = t->truth_n;
		bool excused = false;
		for (size_t k = 0; k < t->truth_n; k++) {
			const coco_truth *x = &t->truth[k];
			bool aside = x->crowd || x->ignore;
			double iou =
				x->category == r->d[i].category ? coco_iou(&r->d[i].box, &x->box, x->crowd) : 0;
			excused |= aside && iou >= SURE;
			if (aside || taken[k] || iou < best)
				continue;
			best = iou;
			hit = k;
		}
		if (hit < t->truth_n) {
			taken[hit] = true;
			tp++;
		} else if (!excused) {
			fp++;
		}
	}
	return plg_f1(plg_ratio(tp, tp + fp), plg_ratio(tp, positives));
}

/* Nothing to find: every sure detection costs a quarter. */
static double nothing_there(const image_detections *r)
{
	double claims = 0;
	for (size_t i = 0; i < r->n; i++)
		claims += r->d[i].score >= SURE;
	return plg_clamp(1 - 0.25 * claims, 0, 1);
}

image_row_rc image_detect_score(const image_detect *t, const image_settings *cfg,
								plg_arena *scratch, assay_bytes body, image_detections *seen,
								double *c)
{
	image_detections r = {0};
	double ap, ar, flags = 0;
	plg_arena_reset(scratch);
	plg_json *doc = plg_json_parse(body, cfg->max_body_bytes, NULL);
	image_gate gate = read_answer(t, scratch, plg_json_get(doc, "detections"), &r, &flags);
	plg_json_free(doc);
	if (plg_arena_failed(scratch))
		return IMAGE_ROW_NOMEM;
	c[IMAGE_C_GATE] = gate;
	if (gate != IMAGE_GATE_OPEN)
		return IMAGE_ROW_DONE;
	*seen = r;
	c[IMAGE_C_FLAGS] = flags;
	c[IMAGE_C_INVALID] = (double)r.invalid;
	if (!coco_evaluate(t->truth, t->truth_n, r.d, r.n, (uint32_t)t->label_n, &coco_all, 0,
					   COCO_THRESHOLDS, &ap, &ar, NULL))
		return IMAGE_ROW_NOMEM;
	bool empty = ap < 0; /* no truth that counts */
	c[IMAGE_C_AP] = empty ? nothing_there(&r) : plg_clamp(ap, 0, 1);
	c[IMAGE_C_F1] = empty ? nothing_there(&r) : f1(t, &r);
	return IMAGE_ROW_DONE;
}

void image_detect_print(const image_detections *seen, uint64_t key, plg_print *out)
{
	plg_print_bytes(key, seen->d, seen->n * sizeof *seen->d, out->exact);
	out->bits = 16.0 * (double)seen->n;
}
