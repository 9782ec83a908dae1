/* From scores to shares, and to what the profile is given: exclusions, freshness, power, count, floor. Ties are broken by
 * the lower uid, sums run by ascending uid, so equal inputs give equal bits. It refuses
 * infinite scores and rows that would rest on too few positive ones. */
#include <math.h>
#include <stdlib.h>
#include "weights/impl.h"

static assay_status check_policy(const assay_weights_plan *p, assay_err *err)
{
	const assay_weights_policy *o = &p->policy;
	if (!(o->power > 0) || !isfinite(o->power))
		return ASSAY_FAIL(err, E_RANGE, "weights power %g: it must be a positive number", o->power);
	if (!(o->floor >= 0 && o->floor < 1))
		return ASSAY_FAIL(err, E_RANGE, "weights floor %g is not in [0, 1)", o->floor);
	if (!(o->max_weight > 0 && o->max_weight <= 1))
		return ASSAY_FAIL(err, E_RANGE, "weights max_weight %g is not in (0, 1]", o->max_weight);
	if (!(o->max_dropped >= 0 && o->max_dropped <= 1))
		return ASSAY_FAIL(err, E_RANGE, "weights max_dropped %g is not in [0, 1]", o->max_dropped);
	if (!(o->reserve_share >= 0 && o->reserve_share <= 1))
		return ASSAY_FAIL(err, E_RANGE, "weights reserve_share %g is not in [0, 1]",
						  o->reserve_share);
	if (o->reserve_share > 0 && o->reserve_uid >= p->limits.neurons)
		return ASSAY_FAIL(err, E_INPUT, "weights reserve_uid %u does not exist", o->reserve_uid);
	if (p->limits.neurons == 0 || p->limits.neurons > 65536)
		return ASSAY_FAIL(err, E_RANGE, "a subnet of %" PRIu32 " neurons", p->limits.neurons);
	return ASSAY_OK;
}

static assay_status take_candidates(assay_weights_plan *p, const assay_candidate *c, size_t n,
									assay_err *err)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t uid = c[i].uid;
		if (uid >= p->lines_n)
			return ASSAY_FAIL(err, E_INPUT, "uid %u does not exist, the subnet has %zu neurons",
							  uid, p->lines_n);
		if (p->known[uid])
			return ASSAY_FAIL(err, E_INPUT, "uid %u is given twice", uid);
		assay_weights_line *l = &p->lines[uid];
		p->known[uid] = 1;
		l->score = c[i].score;
		memcpy(l->hotkey, c[i].hotkey, sizeof l->hotkey);
		if ((c[i].marks & ASSAY_MARK_NEW) != 0)
			l->why |= ASSAY_WHY_NEW;
		if ((c[i].marks & ASSAY_MARK_STALE) != 0)
			l->why |= ASSAY_WHY_STALE;
	}
	for (size_t i = 0; i < p->policy.exclude_n; i++) {
		if (p->policy.exclude[i] < p->lines_n)
			p->lines[p->policy.exclude[i]].why |= ASSAY_WHY_EXCLUDED;
	}
	if (p->policy.reserve_share > 0)
		p->lines[p->policy.reserve_uid].why |= ASSAY_WHY_RESERVED;
	return ASSAY_OK;
}

/* NaN says that nobody could judge and counts as no score; infinity says that a reward
 * model is broken, and one such value would own the whole row. */
static assay_status check_scores(const assay_weights_plan *p, assay_err *err)
{
	for (size_t i = 0; i < p->lines_n; i++) {
		if (isinf(p->lines[i].score))
			return ASSAY_FAIL(
				err, E_REFUSED,
				"uid %zu has an infinite score; look at the reward model that gave it", i);
	}
	return ASSAY_OK;
}

static bool is_barred(const assay_weights_plan *p, const assay_weights_line *l)
{
	uint32_t bars = ASSAY_WHY_EXCLUDED | ASSAY_WHY_NEW | ASSAY_WHY_RESERVED;
	if (!p->policy.stale_counts)
		bars |= ASSAY_WHY_STALE;
	return (l->why & bars) != 0;
}

static double total(const assay_weights_plan *p)
{
	double sum = 0;
	for (size_t i = 0; i < p->lines_n; i++)
		sum += p->lines[i].policy;
	return sum;
}

static void rescale(assay_weights_plan *p)
{
	double sum = total(p);
	for (size_t i = 0; i < p->lines_n && sum > 0; i++)
		p->lines[i].policy /= sum;
}

static size_t count_positives(const assay_weights_plan *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->lines_n; i++)
		n += p->lines[i].policy > 0;
	return n;
}

/* Whole powers by multiplication: the same bits whatever libm the machine has. */
static double raise(double x, double power)
{
	if (power != floor(power) || power > 64)
		return pow(x, power);
	double r = x;
	for (int k = (int)power; k > 1; k--)
		r *= x;
	return r;
}

static int best_first(const void *a, const void *b)
{
	const assay_weights_line *x = *(const assay_weights_line *const *)a;
	const assay_weights_line *y = *(const assay_weights_line *const *)b;
	if (x->policy != y->policy)
		return x->policy < y->policy ? 1 : -1;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

static assay_status keep_best(assay_weights_plan *p, assay_err *err)
{
	size_t max = p->policy.max_count;
	if (max == 0 || max >= count_positives(p))
		return ASSAY_OK;
	assay_weights_line **order = asy_calloc(p->lines_n, sizeof *order);
	if (order == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "weights of %zu neurons: out of memory", p->lines_n);
	for (size_t i = 0; i < p->lines_n; i++)
		order[i] = &p->lines[i];
	qsort(order, p->lines_n, sizeof *order, best_first);
	for (size_t i = max; i < p->lines_n; i++) {
		if (order[i]->policy > 0)
			order[i]->why |= ASSAY_WHY_BEYOND_COUNT;
		order[i]->policy = 0;
	}
	free(order);
	rescale(p);
	return ASSAY_OK;
}

/* lines[].share, and the shares after power. */
static void first_shares(assay_weights_plan *p)
{
	double biggest = 0;
	int exponent = 0;
	for (size_t i = 0; i < p->lines_n; i++) {
		assay_weights_line *l = &p->lines[i];
		bool positive = l->score > 0; /* false for NaN */
		if (!positive && (l->why & ASSAY_WHY_RESERVED) == 0)
			l->why |= ASSAY_WHY_NO_SCORE;
		l->policy = positive && !is_barred(p, l) ? l->score : 0;
		if (l->policy > biggest)
			biggest = l->policy;
	}
	/* a sum of huge scores must not overflow; a power of two changes no ratio */
	(void)frexp(biggest, &exponent);
	for (size_t i = 0; i < p->lines_n; i++)
		p->lines[i].policy = ldexp(p->lines[i].policy, -exponent);
	rescale(p);
	for (size_t i = 0; i < p->lines_n; i++)
		p->lines[i].share = p->lines[i].policy;
	if (p->policy.power == 1)
		return;
	for (size_t i = 0; i < p->lines_n; i++)
		p->lines[i].policy = raise(p->lines[i].policy, p->policy.power);
	rescale(p);
}

/* What the profile is given: the scores themselves, so that its rounding is the one of the
 * published arithmetic and not that of a share of a share. Only a scale at which float32 or
 * a sum would overflow is moved, by a power of two, which changes no ratio; and a power
 * other than 1 needs relative scores. */
static void set_raw(assay_weights_plan *p)
{
	double biggest = 0;
	int exponent = 0;
	for (size_t i = 0; i < p->lines_n; i++) {
		if (p->lines[i].policy > 0 && p->lines[i].score > biggest)
			biggest = p->lines[i].score;
	}
	(void)frexp(biggest, &exponent);
	int shift = exponent > 100 || exponent < -140 ? -exponent : 0;
	for (size_t i = 0; i < p->lines_n; i++) {
		const assay_weights_line *l = &p->lines[i];
		if (!(l->policy > 0))
			p->raw[i] = 0;
		else if (p->policy.power != 1)
			p->raw[i] = raise(l->score / biggest, p->policy.power);
		else
			p->raw[i] = ldexp(l->score, shift);
	}
}

static void drop_below_floor(assay_weights_plan *p)
{
	bool dropped = false;
	for (size_t i = 0; i < p->lines_n; i++) {
		assay_weights_line *l = &p->lines[i];
		if (l->policy > 0 && l->policy < p->policy.floor) {
			l->policy = 0;
			l->why |= ASSAY_WHY_BELOW_FLOOR;
			dropped = true;
		}
	}
	if (dropped)
		rescale(p);
}

static assay_status check_count(const assay_weights_plan *p, size_t positives, assay_err *err)
{
	size_t with_reserve = positives + (p->policy.reserve_share > 0);
	/* everything reserved: nobody's score is needed */
	if (p->policy.reserve_share >= 1)
		return ASSAY_OK;
	if (positives == 0)
		return ASSAY_FAIL(err, E_REFUSED,
						  "all scores are zero, unknown or excluded; check that miners answer and "
						  "that the reward model works, or choose a weights.policy");
	if (positives < p->policy.min_count)
		return ASSAY_FAIL(err, E_REFUSED,
						  "%zu miners have a positive score, weights.min_count asks for %" PRIu32,
						  positives, p->policy.min_count);
	bool upstream =
		p->policy.profile == ASSAY_PROFILE_V10 && p->policy.fallback == ASSAY_FALLBACK_UNIFORM;
	if (with_reserve < asy_plan_least(p) && !upstream)
		return ASSAY_FAIL(err, E_REFUSED,
						  "%zu miners have a positive score, the subnet asks for at least %" PRIu32
						  "; score more miners or choose a weights.policy",
						  positives, asy_plan_least(p));
	return ASSAY_OK;
}

assay_status asy_plan_shares(assay_weights_plan *p, const assay_candidate *c, size_t n,
							 assay_err *err)
{
	assay_status st = check_policy(p, err);
	if (st == ASSAY_OK)
		st = take_candidates(p, c, n, err);
	if (st == ASSAY_OK)
		st = check_scores(p, err);
	if (st != ASSAY_OK)
		return st;
	first_shares(p);
	st = keep_best(p, err);
	if (st != ASSAY_OK)
		return st;
	drop_below_floor(p);
	set_raw(p);
	return check_count(p, count_positives(p), err);
}
