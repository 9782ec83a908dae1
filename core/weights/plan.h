/* A plan in the making, shared by the files that decide, round and explain it. Lines
 * are dense: one per neuron, the index is the uid. */
#ifndef ASY_WEIGHTS_PLAN_H
#define ASY_WEIGHTS_PLAN_H
#include "weights/weights.h"

struct assay_weights_plan {
	assay_weights_limits limits;
	assay_weights_policy policy; /* exclude is not kept: the lines carry it */
	assay_weights_line *lines;
	double *raw;    /* [lines_n] what the profile is given: unscaled scores; see policy.c */
	uint8_t *known; /* a candidate was given for this uid */
	size_t lines_n;
	uint16_t *uids, *values;
	size_t n;
	asy_weights_trace trace;
	double limit;       /* the cap in force, as a share */
	unsigned lowered;   /* guarded mode: by how many 2^-16 steps the cap was lowered */
	double reserved;    /* share of reserve_uid after rounding */
	char fallback[512]; /* the refusal that a fallback replaced; empty = none */
	asy_buf json;
};

/* policy.c: scores -> lines[].policy, the shares, and raw, what the profile is given. */
assay_status asy_plan_shares(assay_weights_plan *p, const assay_candidate *c, size_t n,
							 assay_err *err) ASSAY_CHECKED;
/* round.c: raw -> the row. */
assay_status asy_plan_round(assay_weights_plan *p, assay_err *err) ASSAY_CHECKED;
/* explain.c: the plan's JSON text. */
assay_status asy_plan_explain(assay_weights_plan *p, assay_err *err) ASSAY_CHECKED;

/* Entries the chain asks for at least. */
static inline uint32_t asy_plan_least(const assay_weights_plan *p)
{
	uint32_t m = p->limits.min_allowed, n = p->limits.neurons;
	return m < n ? m : n;
}
#endif
