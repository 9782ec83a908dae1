/* golden_ranking.h - the parts of the ranking suite and what they share. */
#ifndef ASSAY_GOLDEN_RANKING_H
#define ASSAY_GOLDEN_RANKING_H
#include <math.h>
#include "golden/golden.h"

#define MAX_ITEMS 4096

static inline const char *text(asy_jv v)
{
	const char *s;
	size_t n;
	return asy_jv_str(v, &s, &n, NULL) == ASSAY_OK ? s : "";
}

static inline double number(asy_jv v, double absent)
{
	double d;
	return asy_jv_f64(v, &d, NULL) == ASSAY_OK ? d : absent;
}

static inline void compare(golden *g, asy_jv c, const char *name, double got, double want,
						   double tol)
{
	if (fabs(got - want) <= tol)
		golden_pass(g);
	else
		golden_fail(g, text(asy_jv_get(c, "id")), "%s is %.17g, expected %.17g", name, got, want);
}

static inline int falling(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x < y) - (x > y);
}

void golden_ranking_trec(golden *g, asy_jv root);
#endif
