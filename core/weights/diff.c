/* Two rows compared by share: what came, what went, what moved most. Shares, not raw
 * integers, because a row's scale is its largest entry's. */
#include <math.h>
#include <stdlib.h>
#include "weights/weights.h"

typedef struct {
	uint16_t uid;
	uint16_t value;
} entry;

static int by_uid(const void *a, const void *b)
{
	const entry *x = a, *y = b;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

static assay_status sorted(const assay_weights_row *r, entry **out, uint64_t *sum, assay_err *err)
{
	entry *e = asy_calloc(r->n, sizeof *e);
	uint64_t s = 0;
	bool ascends = true; /* nearly always */
	if (e == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "comparing rows: out of memory");
	for (size_t i = 0; i < r->n; i++) {
		e[i] = (entry){r->uids[i], r->values[i]};
		s += r->values[i];
		ascends = ascends && (i == 0 || e[i - 1].uid <= e[i].uid);
	}
	if (!ascends)
		qsort(e, r->n, sizeof *e, by_uid);
	for (size_t i = 1; i < r->n; i++) {
		if (e[i - 1].uid == e[i].uid) {
			assay_status st = ASSAY_FAIL(err, E_INPUT, "uid %u occurs twice in a row", e[i].uid);
			free(e);
			return st;
		}
	}
	*out = e;
	*sum = s;
	return ASSAY_OK;
}

static double share(uint16_t v, uint64_t sum)
{
	return sum != 0 ? (double)v / (double)sum : 0;
}

static void note(assay_row_diff *d, double *total, uint16_t uid, double delta)
{
	*total += fabs(delta);
	if (fabs(delta) > fabs(d->most_delta)) {
		d->most_delta = delta;
		d->most_uid = uid;
	}
}

assay_status assay_weights_diff(const assay_weights_row *a, const assay_weights_row *b,
								assay_row_diff *out, assay_err *err)
{
	entry *x = NULL, *y = NULL;
	uint64_t xs = 0, ys = 0;
	assay_row_diff d = {0};
	double total = 0;
	assay_status st = sorted(a, &x, &xs, err);
	if (st == ASSAY_OK)
		st = sorted(b, &y, &ys, err);
	for (size_t i = 0, j = 0; st == ASSAY_OK && (i < a->n || j < b->n);) {
		if (j == b->n || (i < a->n && x[i].uid < y[j].uid)) {
			d.dropped++;
			note(&d, &total, x[i].uid, -share(x[i].value, xs));
			i++;
		} else if (i == a->n || y[j].uid < x[i].uid) {
			d.added++;
			note(&d, &total, y[j].uid, share(y[j].value, ys));
			j++;
		} else {
			d.common++;
			note(&d, &total, x[i].uid, share(y[j].value, ys) - share(x[i].value, xs));
			i++;
			j++;
		}
	}
	if (st == ASSAY_OK) {
		d.distance = total / 2;
		d.dropped_share = a->n != 0 ? (double)d.dropped / (double)a->n : 0;
		*out = d;
	}
	free(x);
	free(y);
	return st;
}
