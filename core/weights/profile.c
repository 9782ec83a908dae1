/* What the 10.x SDK makes of scores, exactly as published: float32, with its uniform and
 * backfill branches. What it silently degrades is refused one level up (policy.c). */
#include <math.h>
#include <stdlib.h>
#include "weights/weights.h"

assay_status asy_drow_init(asy_drow *r, size_t n, assay_err *err)
{
	asy_drow fresh = {asy_calloc(n, sizeof *fresh.uids), asy_calloc(n, sizeof *fresh.weights), n};
	if (fresh.uids == NULL || fresh.weights == NULL) {
		asy_drow_fini(&fresh);
		return ASSAY_FAIL(err, E_NOMEM, "a row of %zu weights: out of memory", n);
	}
	*r = fresh;
	return ASSAY_OK;
}

void asy_drow_fini(asy_drow *r)
{
	free(r->uids);
	free(r->weights);
	*r = (asy_drow){0};
}

static double f32(double x)
{
	return (double)(float)x;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* mirrors: numpy 2 quantile, method linear, on float32 data. sorted is ascending. */
static double quantile_f32(const double *sorted, size_t n, double level)
{
	double last = f32((double)(n - 1)), v = f32(last * f32(level));
	if (v >= last)
		return sorted[n - 1];
	double i = floor(v), g = f32(v - i);
	double a = sorted[(size_t)i], b = sorted[(size_t)i + 1], d = f32(b - a);
	if (g < 0.5)
		return f32(a + f32(d * g));
	return f32(b - f32(d * f32(1 - g)));
}

static void all_equal(asy_drow *out, size_t n, double w)
{
	for (size_t i = 0; i < n; i++) {
		out->uids[i] = (int64_t)i;
		out->weights[i] = w;
	}
	out->n = n;
}

static assay_status backfill(const asy_drow *in, size_t n, double limit, asy_drow *out,
							 double *scratch, asy_weights_trace *trace, assay_err *err)
{
	all_equal(out, n, 1e-5);
	for (size_t i = 0; i < in->n; i++) {
		double w = f32(in->weights[i]);
		if (!(w > 0))
			continue;
		/* by position, as the mirrored code does; it fails there too */
		if (i >= n)
			return ASSAY_FAIL(err, E_INPUT, "weight %zu has no place among %zu neurons", i, n);
		out->weights[i] += w;
	}
	asy_weights_clip(out->weights, n, limit, false, scratch, trace);
	return ASSAY_OK;
}

/* Keeps the positives at or above the quantile; sorted is scratch for k of them. */
static void keep_best(const asy_drow *in, asy_drow *out, size_t k, uint32_t min_allowed,
					  double quantile, double *sorted, asy_weights_trace *trace)
{
	double spare = k > min_allowed ? (double)(k - min_allowed) / (double)k : 0;
	size_t at = 0;
	trace->quantile = quantile < spare ? quantile : spare;
	for (size_t i = 0; i < in->n; i++) {
		if (f32(in->weights[i]) > 0)
			sorted[at++] = f32(in->weights[i]);
	}
	qsort(sorted, k, sizeof *sorted, ascending);
	trace->lowest = quantile_f32(sorted, k, trace->quantile);
	at = 0;
	for (size_t i = 0; i < in->n; i++) {
		double w = f32(in->weights[i]);
		if (!(w > 0) || !(w >= trace->lowest)) /* NaN keeps nobody */
			continue;
		out->uids[at] = in->uids[i];
		out->weights[at++] = w;
	}
	out->n = trace->kept = at;
}

assay_status asy_weights_v10(const asy_drow *in, const assay_weights_limits *limits, double limit,
							 asy_drow *out, asy_weights_trace *trace, assay_err *err)
{
	size_t k = 0, n = limits->neurons;
	asy_drow row = {0};
	asy_weights_trace t = {0};
	for (size_t i = 0; i < in->n; i++)
		k += f32(in->weights[i]) > 0;
	size_t room = n > in->n ? n : in->n;
	assay_status st = asy_drow_init(&row, room, err);
	double *scratch = asy_calloc(3, (room + 1) * sizeof *scratch);
	if (st == ASSAY_OK && scratch == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "a row of %zu weights: out of memory", room);
	t.non_zero = k;
	if (st != ASSAY_OK) {
		/* nothing was computed */
	} else if (k == 0 || n < limits->min_allowed) {
		t.branch = ASY_BRANCH_UNIFORM;
		all_equal(&row, n, n != 0 ? 1 / (double)n : 0);
	} else if (k < limits->min_allowed) {
		t.branch = ASY_BRANCH_BACKFILL;
		st = backfill(in, n, limit, &row, scratch, &t, err);
	} else {
		t.branch = ASY_BRANCH_MAIN;
		keep_best(in, &row, k, limits->min_allowed, limits->exclude_quantile / 65535.0, scratch,
				  &t);
		asy_weights_clip(row.weights, row.n, limit, true, scratch, &t);
	}
	free(scratch);
	if (st != ASSAY_OK) {
		asy_drow_fini(&row);
		return st;
	}
	*out = row;
	*trace = t;
	return ASSAY_OK;
}
