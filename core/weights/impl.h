/* What the files of weights share; private to it: the tracker's memory, and a plan in the
 * making. */
#ifndef ASY_WEIGHTS_IMPL_H
#define ASY_WEIGHTS_IMPL_H
#include "weights/weights.h"

/* ---- the tracker (track.c, fresh.c, state.c) ---- */

typedef struct {
	uint16_t uid;
	uint8_t hotkey[32];
	uint64_t registered_block;
	double score, mass;
	uint64_t last_ns;
	uint64_t observed_n, failed_n, missing_n;
	uint32_t fail_streak;
} member;

struct assay_tracker {
	assay_tracker_options options;
	member *members; /* ascending uid */
	size_t members_n;
	uint64_t folds, last_fold_ns;
	double mass; /* decay form with a half-life: one age for all */
};

/* The place of a uid among the members, members_n when nobody sits there. */
size_t asy_tracker_find_uid(const assay_tracker *t, uint16_t uid);

/* ASSAY_E_INPUT when a uid or hotkey occurs twice; members are ascending by uid. */
assay_status asy_tracker_check_distinct(const member *members, size_t n,
										assay_err *err) ASSAY_CHECKED;

/* ---- the plan (plan.c, policy.c, round.c, explain.c) ----
 * Lines are dense: one for each neuron, the index is the uid. */

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
