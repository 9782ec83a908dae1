/* confusion.c - everything from one table of counts. */
#include "confusion.h"
#include "common/num.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	double truth, said, hit;
} margins;

static margins of_class(const double *count, size_t classes, size_t k)
{
	margins m = {.hit = count[k * classes + k]};
	for (size_t j = 0; j < classes; j++) {
		m.truth += count[k * classes + j];
		m.said += count[j * classes + k];
	}
	return m;
}

/* Cohen's kappa and Matthews' correlation of the whole table. */
static void agreement(const double *count, size_t classes, double n, double hits,
					  image_set_measures *out)
{
	double expected = 0, truth2 = 0, said2 = 0;
	for (size_t k = 0; k < classes; k++) {
		margins m = of_class(count, classes, k);
		expected += m.truth * m.said;
		truth2 += m.truth * m.truth;
		said2 += m.said * m.said;
	}
	double among = n * n - expected;
	out->kappa = among > 0 ? 1 - (n * n - n * hits) / among : NAN;
	double spread = (n * n - truth2) * (n * n - said2);
	out->mcc = spread > 0 ? (hits * n - expected) / sqrt(spread) : 0;
}

void image_confusion(const uint32_t *truth, const uint32_t *said, size_t n, size_t classes,
					 double *count, image_set_measures *out)
{
	image_set_measures s = {0};
	double hits = 0, total = (double)n, present = 0, either = 0, recalls = 0;
	memset(count, 0, classes * classes * sizeof *count);
	for (size_t i = 0; i < n; i++)
		count[truth[i] * classes + said[i]] += 1;
	for (size_t k = 0; k < classes; k++) {
		margins m = of_class(count, classes, k);
		double p = plg_ratio(m.hit, m.said), r = plg_ratio(m.hit, m.truth), f = plg_f1(p, r);
		hits += m.hit;
		present += m.truth > 0;
		either += m.truth > 0 || m.said > 0;
		recalls += m.truth > 0 ? r : 0;
		s.precision_macro += p / (double)classes;
		s.recall_macro += r / (double)classes;
		s.f1_macro += f / (double)classes;
		s.f1_macro_present += f;
		s.precision_weighted += p * m.truth / total;
		s.recall_weighted += r * m.truth / total;
		s.f1_weighted += f * m.truth / total;
	}
	s.f1_macro_present = plg_ratio(s.f1_macro_present, either);
	s.f1_weighted_present = s.f1_weighted;
	s.accuracy = hits / total;
	s.balanced_accuracy = plg_ratio(recalls, present);
	agreement(count, classes, total, hits, &s);
	*out = s;
}

typedef struct {
	double score;
	bool positive;
} mark;

static int falling(const void *a, const void *b)
{
	double x = ((const mark *)a)->score, y = ((const mark *)b)->score;
	return (x < y) - (x > y);
}

bool image_binary_areas(const bool *positive, const double *score, size_t n,
						double *average_precision, double *roc_auc)
{
	mark *m = malloc((n + 1) * sizeof *m);
	double positives = 0, tp = 0, fp = 0, ap = 0, area = 0;
	if (m == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		m[i] = (mark){score[i], positive[i]};
		positives += positive[i];
	}
	double negatives = (double)n - positives;
	qsort(m, n, sizeof *m, falling);
	for (size_t i = 0; i < n;) {
		double before_tp = tp, before_fp = fp, at = m[i].score;
		for (; i < n && !(m[i].score < at); i++) {
			tp += m[i].positive;
			fp += !m[i].positive;
		}
		ap += (tp - before_tp) / positives * (tp / (tp + fp));
		area += (fp - before_fp) * (tp + before_tp) / 2;
	}
	free(m);
	if (!(positives > 0) || !(negatives > 0))
		return false;
	*average_precision = ap;
	*roc_auc = area / (positives * negatives);
	return true;
}
