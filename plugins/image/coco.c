/* coco.c - matching and average precision. Work is (detections + truth) per pair of image
 * and category; callers bound both. */
#include "coco.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const coco_slice coco_all = {0, 1e10, 100};

double coco_iou(const coco_box *d, const coco_box *g, bool crowd)
{
	double w = fmin(d->x + d->w, g->x + g->w) - fmax(d->x, g->x);
	double h = fmin(d->y + d->h, g->y + g->h) - fmax(d->y, g->y);
	if (!(w > 0) || !(h > 0))
		return 0;
	double inter = w * h, mine = d->w * d->h;
	double whole = crowd ? mine : mine + g->w * g->h - inter;
	return whole > 0 ? inter / whole : 0;
}

/* One detection after matching, for every threshold. */
typedef struct {
	double score;
	uint32_t category, image;
	size_t at; /* in the caller's list: the tie-break */
	uint16_t matched, ignored;
} outcome;

typedef struct {
	const coco_truth *t;
	bool ignored;
	uint16_t taken;
} candidate;

static int by_place(const void *a, const void *b)
{
	const outcome *x = a, *y = b;
	if (x->category != y->category)
		return x->category < y->category ? -1 : 1;
	if (x->image != y->image)
		return x->image < y->image ? -1 : 1;
	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Within a category by score; equal scores stay in the order of images, then of place. */
static int by_score(const void *a, const void *b)
{
	const outcome *x = a, *y = b;
	if (x->category != y->category)
		return x->category < y->category ? -1 : 1;
	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	if (x->image != y->image)
		return x->image < y->image ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int by_truth(const void *a, const void *b)
{
	const candidate *x = a, *y = b;
	if (x->t->category != y->t->category)
		return x->t->category < y->t->category ? -1 : 1;
	if (x->t->image != y->t->image)
		return x->t->image < y->t->image ? -1 : 1;
	if (x->ignored != y->ignored)
		return x->ignored ? 1 : -1;
	return x->t < y->t ? -1 : x->t > y->t;
}

static double threshold(unsigned i)
{
	return 0.5 + (0.95 - 0.5) / 9 * i; /* as numpy.linspace makes them */
}

/* The truth that one detection takes at one threshold: the best overlap, the later one of
 * equals; an ordinary one is never given up for an ignored one. */
static candidate *take(candidate *c, size_t n, unsigned t, const double *iou)
{
	double best = fmin(threshold(t), 1 - 1e-10);
	candidate *hit = NULL;
	for (size_t i = 0; i < n; i++) {
		if ((c[i].taken >> t & 1) != 0 && !c[i].t->crowd)
			continue;
		if (hit != NULL && !hit->ignored && c[i].ignored)
			break;
		if (iou[i] < best)
			continue;
		best = iou[i];
		hit = &c[i];
	}
	return hit;
}

static void match(const coco_detection *d, outcome *o, candidate *c, size_t n,
				  const coco_slice *slice, double *iou)
{
	double area = d->box.w * d->box.h;
	bool outside = area < slice->low || area > slice->high;
	for (size_t i = 0; i < n; i++)
		iou[i] = coco_iou(&d->box, &c[i].t->box, c[i].t->crowd);
	for (unsigned t = 0; t < COCO_THRESHOLDS; t++) {
		candidate *hit = take(c, n, t, iou);
		uint16_t bit = (uint16_t)(1u << t);
		if (hit != NULL) {
			hit->taken |= bit;
			o->matched |= bit;
		}
		if (hit != NULL ? hit->ignored : outside)
			o->ignored |= bit;
	}
}

/* AP and final recall of one category at one threshold, from outcomes in order of score. */
static void curve(const outcome *o, size_t n, size_t positives, unsigned t, double *precision,
				  double *ap, double *recall)
{
	double tp = 0, fp = 0, sum = 0;
	size_t k = 0, r = 0;
	double *at = precision + n;
	for (size_t i = 0; i < n; i++) {
		if ((o[i].ignored >> t & 1) != 0)
			continue;
		bool hit = (o[i].matched >> t & 1) != 0;
		tp += hit;
		fp += !hit;
		precision[k] = tp / (tp + fp + 0x1p-52);
		at[k++] = tp / (double)positives;
	}
	for (size_t i = k; i-- > 1;)
		if (precision[i] > precision[i - 1])
			precision[i - 1] = precision[i];
	for (size_t p = 0; p < COCO_RECALLS; p++) {
		while (r < k && at[r] < (double)p * 0.01)
			r++;
		if (r == k)
			break;
		sum += precision[r];
	}
	*ap = sum / COCO_RECALLS;
	*recall = k > 0 ? at[k - 1] : 0;
}

typedef struct {
	outcome *o;
	size_t o_n;
	candidate *c;
	size_t c_n;
	double *iou, *precision;
} work;

/* Keeps the best most of every image and category, and matches them. */
static void match_all(work *w, const coco_detection *det, const coco_slice *slice)
{
	size_t kept = 0, c = 0;
	qsort(w->o, w->o_n, sizeof *w->o, by_place);
	qsort(w->c, w->c_n, sizeof *w->c, by_truth);
	for (size_t i = 0; i < w->o_n;) {
		size_t j = i, from;
		uint32_t category = w->o[i].category, image = w->o[i].image;
		while (c < w->c_n && (w->c[c].t->category < category ||
							  (w->c[c].t->category == category && w->c[c].t->image < image)))
			c++;
		from = c;
		while (c < w->c_n && w->c[c].t->category == category && w->c[c].t->image == image)
			c++;
		for (; j < w->o_n && w->o[j].category == category && w->o[j].image == image; j++) {
			if (j - i >= slice->most)
				continue;
			match(&det[w->o[j].at], &w->o[j], w->c + from, c - from, slice, w->iou);
			w->o[kept++] = w->o[j];
		}
		i = j;
	}
	w->o_n = kept;
	qsort(w->o, w->o_n, sizeof *w->o, by_score);
}

static void summarise(const work *w, uint32_t category_n, unsigned from, unsigned to, double *ap,
					  double *ar, double *per_category)
{
	double ap_sum = 0, ar_sum = 0;
	size_t n = 0, o = 0, c = 0;
	for (uint32_t k = 0; k < category_n; k++) {
		size_t first = o, positives = 0;
		double sum = 0, recalls = 0;
		while (o < w->o_n && w->o[o].category == k)
			o++;
		for (; c < w->c_n && w->c[c].t->category == k; c++)
			positives += !w->c[c].ignored;
		if (per_category != NULL)
			per_category[k] = -1;
		if (positives == 0)
			continue;
		for (unsigned t = from; t < to; t++) {
			double one, recall;
			curve(w->o + first, o - first, positives, t, w->precision, &one, &recall);
			sum += one;
			recalls += recall;
		}
		n++;
		ap_sum += sum / (to - from);
		ar_sum += recalls / (to - from);
		if (per_category != NULL)
			per_category[k] = sum / (to - from);
	}
	*ap = n > 0 ? ap_sum / (double)n : -1;
	*ar = n > 0 ? ar_sum / (double)n : -1;
}

bool coco_evaluate(const coco_truth *truth, size_t truth_n, const coco_detection *det, size_t det_n,
				   uint32_t category_n, const coco_slice *slice, unsigned from, unsigned to,
				   double *ap, double *ar, double *per_category)
{
	work w = {.o = calloc(det_n + 1, sizeof *w.o),
			  .c = calloc(truth_n + 1, sizeof *w.c),
			  .iou = malloc((truth_n + 1) * sizeof *w.iou),
			  .precision = malloc((det_n + 1) * 2 * sizeof *w.precision)};
	bool ok = w.o != NULL && w.c != NULL && w.iou != NULL && w.precision != NULL;
	if (ok) {
		for (size_t i = 0; i < det_n; i++)
			w.o[w.o_n++] = (outcome){det[i].score, det[i].category, det[i].image, i, 0, 0};
		for (size_t i = 0; i < truth_n; i++) {
			double area = truth[i].box.w * truth[i].box.h;
			bool ignored =
				truth[i].crowd || truth[i].ignore || area < slice->low || area > slice->high;
			w.c[w.c_n++] = (candidate){&truth[i], ignored, 0};
		}
		match_all(&w, det, slice);
		summarise(&w, category_n, from, to, ap, ar, per_category);
	}
	free(w.o);
	free(w.c);
	free(w.iou);
	free(w.precision);
	return ok;
}
