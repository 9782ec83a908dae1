/* From scores to the row: the profile's clip, the reserved part, integers, and the
 * guard that repairs a row which rounding pushed over the cap. It refuses a cap that no
 * row can meet and a row that lost too many entries to rounding. */
#include <math.h>
#include <stdlib.h>
#include "weights/impl.h"

#define GUARD_STEPS 64u

/* The scores as the profile takes them: v10 wants every neuron (it fills gaps by
 * position), the others the positives only: passing zeros is v11's quirk. */
static assay_status gather(const assay_weights_plan *p, asy_drow *out, assay_err *err)
{
	bool all = p->policy.profile == ASSAY_PROFILE_V10;
	size_t at = 0;
	assay_status st = asy_drow_init(out, p->lines_n + 1, err); /* room for the reserved one */
	if (st != ASSAY_OK)
		return st;
	for (size_t i = 0; i < p->lines_n; i++) {
		if (!all && !(p->raw[i] > 0))
			continue;
		out->uids[at] = (int64_t)i;
		out->weights[at++] = p->raw[i];
	}
	out->n = at;
	return ASSAY_OK;
}

/* The clip for one value of the cap. A clipped row sums to about 1; one that needs no clip
 * keeps the scale of the scores, as upstream. */
static assay_status clip(assay_weights_plan *p, asy_drow *row, double limit, double *scratch,
						 assay_err *err)
{
	asy_drow out = {0};
	switch (p->policy.profile) {
	case ASSAY_PROFILE_FIBER:
		return ASSAY_OK;
	case ASSAY_PROFILE_V11:
		p->trace =
			(asy_weights_trace){.branch = ASY_BRANCH_MAIN, .non_zero = row->n, .kept = row->n};
		if (limit < 1)
			asy_weights_clip(row->weights, row->n, limit, false, scratch, &p->trace);
		return ASSAY_OK;
	case ASSAY_PROFILE_V10:
		break;
	}
	assay_status st = asy_weights_v10(row, &p->limits, limit, &out, &p->trace, err);
	if (st != ASSAY_OK)
		return st;
	memcpy(row->uids, out.uids, out.n * sizeof *row->uids);
	memcpy(row->weights, out.weights, out.n * sizeof *row->weights);
	row->n = out.n;
	asy_drow_fini(&out);
	return ASSAY_OK;
}

/* Gives reserve_uid its part of the whole, last, so that no earlier step changes it. */
static void reserve(const assay_weights_plan *p, asy_drow *row)
{
	double r = p->policy.reserve_share, sum = 0;
	size_t at = row->n;
	if (!(r > 0))
		return;
	for (size_t i = 0; i < row->n; i++) {
		if (row->uids[i] == p->policy.reserve_uid) {
			row->weights[i] = 0; /* v10 may have backfilled it */
			at = i;
		}
		sum += row->weights[i];
	}
	for (size_t i = 0; i < row->n && sum > 0; i++)
		row->weights[i] = row->weights[i] / sum * (1 - r);
	if (at == row->n) {
		row->uids[at] = p->policy.reserve_uid;
		row->n++;
	}
	row->weights[at] = r;
}

/* Shares of the row before rounding, whatever its scale. */
static void keep_shares(assay_weights_plan *p, const asy_drow *row)
{
	double sum = 0;
	for (size_t i = 0; i < p->lines_n; i++)
		p->lines[i].weight = 0;
	for (size_t i = 0; i < row->n; i++)
		sum += row->weights[i];
	for (size_t i = 0; i < row->n && sum > 0; i++)
		p->lines[row->uids[i]].weight = row->weights[i] / sum;
}

/* One attempt under one cap, into lines[].weight and the row. */
static assay_status attempt(assay_weights_plan *p, double limit, double *scratch, assay_err *err)
{
	asy_drow row = {0};
	assay_status st = gather(p, &row, err);
	if (st == ASSAY_OK)
		st = clip(p, &row, limit, scratch, err);
	if (st == ASSAY_OK) {
		reserve(p, &row);
		st = p->policy.profile == ASSAY_PROFILE_FIBER
				 ? asy_weights_fiber(&row, p->uids, p->values, &p->n, err)
				 : asy_weights_emit(&row, p->uids, p->values, &p->n, err);
	}
	if (st == ASSAY_OK)
		keep_shares(p, &row);
	asy_drow_fini(&row);
	return st;
}

static size_t count_positive(const assay_weights_plan *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->lines_n; i++)
		n += p->lines[i].policy > 0;
	return n;
}

/* A cap c needs more than 1/c entries: otherwise every row breaks it. */
static assay_status check_feasible(const assay_weights_plan *p, double limit, assay_err *err)
{
	size_t k = count_positive(p);
	if (p->policy.profile == ASSAY_PROFILE_FIBER || limit >= 1 || (double)k * limit > 1)
		return ASSAY_OK;
	if (p->policy.profile == ASSAY_PROFILE_V10 && p->policy.fallback == ASSAY_FALLBACK_UNIFORM)
		return ASSAY_OK; /* upstream's answer was asked for: equal weights */
	return ASSAY_FAIL(err, E_REFUSED,
					  "%zu positive scores cannot keep every share under the cap of %.6g; it takes "
					  "more than %.0f. Score more miners or raise weights.max_weight",
					  k, limit, floor(1 / limit));
}

/* The integer form of the cap, as the chain would check it. */
static uint16_t cap_u16(const assay_weights_plan *p)
{
	double own = floor(p->policy.max_weight * 65535.0);
	return own < p->limits.max_limit ? (uint16_t)own : p->limits.max_limit;
}

static assay_status guarded(assay_weights_plan *p, double limit, double *scratch, assay_err *err)
{
	uint16_t cap = cap_u16(p);
	assay_status st = attempt(p, limit, scratch, err);
	if (!p->policy.guarded || cap == 65535)
		return st;
	while (st == ASSAY_OK && p->n > 1 && !asy_weights_cap_holds(p->values, p->n, cap)) {
		if (++p->lowered > GUARD_STEPS)
			return ASSAY_FAIL(
				err, E_REFUSED, "the row cannot be brought under the cap of %u/65535%s", cap,
				p->policy.reserve_share > 0 ? "; weights.reserve_share is above it" : "");
		st = attempt(p, limit * (1 - p->lowered / 65536.0), scratch, err);
	}
	return st;
}

static void mark_lines(assay_weights_plan *p)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < p->n; i++) {
		p->lines[p->uids[i]].value = p->values[i];
		sum += p->values[i];
	}
	for (size_t i = 0; i < p->lines_n; i++) {
		assay_weights_line *l = &p->lines[i];
		bool reserved = (l->why & ASSAY_WHY_RESERVED) != 0;
		if (l->policy > 0 && !(l->weight > 0))
			l->why |= ASSAY_WHY_BELOW_QUANTILE;
		else if (l->weight > 0 && l->value == 0)
			l->why |= ASSAY_WHY_ROUNDED_AWAY;
		else if (!reserved && l->weight > 0 && !(l->policy > 0))
			l->why |= ASSAY_WHY_BACKFILLED;
		/* the tightest cap that can be met makes all equal: then whoever lost was capped */
		bool above = p->trace.normalize == ASY_NORM_CAPPED ? p->raw[i] > p->trace.cutoff
														   : l->policy > l->weight;
		if (l->value != 0 && above &&
			(p->trace.normalize == ASY_NORM_CAPPED ||
			 p->trace.normalize == ASY_NORM_LIMIT_INFEASIBLE))
			l->why |= ASSAY_WHY_CAPPED;
		if (reserved && sum != 0)
			p->reserved = (double)l->value / (double)sum;
	}
}

assay_status asy_plan_round(assay_weights_plan *p, assay_err *err)
{
	double rest = 1 - p->policy.reserve_share;
	double stored = p->limits.max_limit / 65535.0;
	p->limit = p->policy.max_weight < stored ? p->policy.max_weight : stored;
	/* the others share only what is not reserved, so among themselves they may take more */
	double limit = rest > 0 && p->limit < rest ? p->limit / rest : 1;
	assay_status st = rest > 0 ? check_feasible(p, limit, err) : ASSAY_OK;
	double *scratch = asy_calloc(3, (p->lines_n + 1) * sizeof *scratch);
	if (st == ASSAY_OK && scratch == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "weights of %zu neurons: out of memory", p->lines_n);
	if (st == ASSAY_OK)
		st = guarded(p, limit, scratch, err);
	free(scratch);
	if (st != ASSAY_OK)
		return st;
	if (p->n < asy_plan_least(p))
		return ASSAY_FAIL(err, E_REFUSED,
						  "%zu weights are left after rounding to 16 bits, the subnet asks for at "
						  "least %" PRIu32 "; the scores are too far apart, try a lower "
						  "weights.power",
						  p->n, asy_plan_least(p));
	mark_lines(p);
	return ASSAY_OK;
}
