/* Reading a finished map: ratios, retention lines, headline numbers, and how they
 * compare with the published ones. */
#include <math.h>
#include "research/guarantees.h"

double asy_guar_ratio(const asy_guar_point *p)
{
	double all = (double)(p->honest_emission + p->cabal_emission);
	return all > 0 ? (double)p->honest_emission / all : 0;
}

void asy_guar_spread(const asy_guar *g, size_t setting, size_t i, size_t k, double *mean,
					 double *sd)
{
	size_t n = asy_guar_plan_get(g)->seed_n;
	double sum = 0, squares = 0;
	for (size_t s = 0; s < n; s++)
		sum += asy_guar_ratio(asy_guar_at(g, setting, s, i, k));
	*mean = sum / (double)n;
	for (size_t s = 0; s < n; s++) {
		double d = asy_guar_ratio(asy_guar_at(g, setting, s, i, k)) - *mean;
		squares += d * d;
	}
	*sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
}

bool asy_guar_line(const asy_guar *g, size_t setting, size_t seed, size_t k, double *honest_weight)
{
	double stake = asy_guar_plan_get(g)->setting[setting].honest_stake;
	double above = asy_guar_ratio(asy_guar_at(g, setting, seed, 0, k));
	*honest_weight = 1;
	if (above < stake)
		return false;
	for (size_t i = 1; i < asy_guar_honest_n(g); i++) {
		double below = asy_guar_ratio(asy_guar_at(g, setting, seed, i, k));
		double x = asy_guar_honest_weight(g, i);
		if (below < stake) {
			double step = asy_guar_honest_weight(g, i - 1) - x;
			*honest_weight = x + (stake - below) / (above - below) * step;
			return true;
		}
		*honest_weight = x;
		above = below;
	}
	return true;
}

asy_guar_headline asy_guar_worst(const asy_guar *g, size_t setting, size_t seed)
{
	asy_guar_headline h = {.honest_weight = -1, .is_kept = true};
	for (size_t k = 0; k < asy_guar_cabal_n(g); k++) {
		double x = 0;
		bool kept = asy_guar_line(g, setting, seed, k, &x);
		if (x > h.honest_weight || (!kept && h.is_kept)) {
			h.honest_weight = x;
			h.cabal_weight = asy_guar_cabal_weight(g, k);
		}
		h.is_kept = h.is_kept && kept;
	}
	return h;
}

asy_guar_summary asy_guar_summarise(const asy_guar *g, size_t setting)
{
	size_t n = asy_guar_plan_get(g)->seed_n;
	asy_guar_summary s = {.min = 2, .max = -1, .is_kept = true};
	double squares = 0;
	for (size_t i = 0; i < n; i++) {
		asy_guar_headline h = asy_guar_worst(g, setting, i);
		s.mean += h.honest_weight / (double)n;
		s.min = fmin(s.min, h.honest_weight);
		s.max = fmax(s.max, h.honest_weight);
		s.is_kept = s.is_kept && h.is_kept;
		if (i == 0)
			s.cabal_weight = h.cabal_weight;
	}
	for (size_t i = 0; i < n; i++) {
		double d = asy_guar_worst(g, setting, i).honest_weight - s.mean;
		squares += d * d;
	}
	s.sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
	return s;
}

/* ---- the published numbers: docs/yuma.md says where they come from ---- */

#define MAP(yuma, sigma, penalty, kappa, stake, headline, at, cited)                               \
	{                                                                                              \
		{(stake), (sigma), (kappa), (penalty), (yuma) == 3}, (headline), (at), (cited)             \
	}
static const asy_guar_published PUBLISHED[] = {
	MAP(2, 0.4, 65534, 32767, 0.51, 0.886, 1.00, 0),
	MAP(2, 0.4, 65534, 32767, 0.55, 0.764, 0.88, 0),
	MAP(2, 0.4, 65534, 32767, 0.60, 0.732, 0.80, 73),
	MAP(2, 0.4, 65534, 32767, 0.65, 0.732, 0.72, 0),
	MAP(2, 0.4, 65534, 32767, 0.70, 0.749, 0.64, 0),
	MAP(2, 0.4, 65534, 32767, 0.75, 0.776, 0.52, 0),
	MAP(2, 0.4, 65534, 32767, 0.80, 0.813, 0.36, 0),
	MAP(2, 0.4, 65534, 32767, 0.85, 0.856, 0.28, 0),
	MAP(2, 0.4, 65534, 32767, 0.90, 0.903, 0.16, 0),
	MAP(2, 0.4, 65534, 32767, 0.95, 0.951, 0.08, 0),
	MAP(2, 0.4, 65534, 32767, 0.99, 0.990, 0.04, 0),
	MAP(2, 0.0, 65534, 32767, 0.60, 0.600, 0.40, 60),
	MAP(2, 0.2, 65534, 32767, 0.60, 0.667, 0.64, 67),
	MAP(2, 0.4, 0, 32767, 0.60, 0.787, 1.00, 78),
	MAP(2, 0.4, 32767, 32767, 0.60, 0.768, 1.00, 76),
	MAP(2, 0.4, 65534, 26214, 0.55, 0.775, 1.00, 0),
	MAP(2, 0.4, 65534, 26214, 0.60, 0.711, 0.80, 0),
	MAP(2, 0.4, 65534, 39321, 0.55, 1.000, 1.00, 0),
	MAP(2, 0.4, 65534, 39321, 0.60, 1.000, 1.00, 0),
	MAP(3, 0.4, 65534, 32767, 0.60, 0.732, 0.80, 0),
	MAP(3, 0.4, 65534, 32767, 0.70, 0.749, 0.64, 0),
	MAP(3, 0.0, 65534, 32767, 0.60, 0.600, 0.40, 0),
};
#undef MAP

/* The table's standard deviation of the headline over eight seeds, by S_H. */
static const struct {
	double stake, sd;
} SPREAD[] = {
	{0.51, 0.0060}, {0.55, 0.0048}, {0.60, 0.0027}, {0.70, 0.0015}, {0.80, 0.0007}, {0.90, 0.0007},
};

const asy_guar_published *asy_guar_published_get(size_t *n)
{
	*n = ASY_COUNT(PUBLISHED);
	return PUBLISHED;
}

const asy_guar_published *asy_guar_published_find(const asy_guar_setting *s)
{
	for (size_t i = 0; i < ASY_COUNT(PUBLISHED); i++) {
		const asy_guar_setting *p = &PUBLISHED[i].setting;
		if (fabs(p->honest_stake - s->honest_stake) < 1e-9 && fabs(p->spread - s->spread) < 1e-9 &&
			p->kappa == s->kappa && p->bonds_penalty == s->bonds_penalty && p->yuma3 == s->yuma3)
			return &PUBLISHED[i];
	}
	return NULL;
}

/* Between two rows of the spread table the larger of both counts. */
static double spread_at(double stake)
{
	size_t n = ASY_COUNT(SPREAD);
	for (size_t i = 0; i < n; i++) {
		if (fabs(SPREAD[i].stake - stake) < 1e-9)
			return SPREAD[i].sd;
		if (SPREAD[i].stake > stake)
			return SPREAD[i == 0 ? 0 : i - 1].sd;
	}
	return SPREAD[n - 1].sd;
}

#define TABLE_STEP 2u /* fiftieths: the table's 26 x 26 grid */

double asy_guar_tolerance(const asy_guar_plan *plan, const asy_guar_published *p, uint64_t seed)
{
	bool same_grid = plan->honest_step == TABLE_STEP && plan->cabal_step == TABLE_STEP;
	if (seed == 0 && same_grid)
		return 0.0005 + 1e-9;
	return 4 * spread_at(p->setting.honest_stake);
}

asy_guar_verdict asy_guar_check(const asy_guar *g, size_t setting)
{
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	asy_guar_verdict v = {.row = asy_guar_published_find(&plan->setting[setting]),
						  .is_within = true};
	double furthest = -1;
	for (size_t s = 0; s < plan->seed_n && v.row != NULL; s++) {
		double tolerance = asy_guar_tolerance(plan, v.row, plan->seed[s]);
		double off = fabs(asy_guar_worst(g, setting, s).honest_weight - v.row->headline);
		v.is_within = v.is_within && off <= tolerance;
		if (off / tolerance > furthest) {
			furthest = off / tolerance;
			v.worst = off;
			v.tolerance = tolerance;
			v.seed = plan->seed[s];
		}
	}
	return v;
}
