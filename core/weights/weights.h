/* weights, inside libassay: the public face plus the arithmetic of each profile, which
 * the vectors pin number for number. Pure: no clock, no I/O, no log. */
#ifndef ASY_WEIGHTS_H
#define ASY_WEIGHTS_H
#include "assay/weights.h"
#include "base/base.h"

/* ---- the arithmetic of the profiles (profile.c, normalize.c, quantize.c) ----
 * uids are wide here so that a caller's negative or too large one is refused by name
 * instead of being cut. Rows keep the order of the input. */

typedef enum { ASY_BRANCH_UNIFORM, ASY_BRANCH_BACKFILL, ASY_BRANCH_MAIN } asy_branch;
typedef enum {
	ASY_NORM_PLAIN,
	ASY_NORM_CAPPED,
	ASY_NORM_LIMIT_INFEASIBLE, /* n * limit <= 1: uniform */
	ASY_NORM_ZERO_SUM          /* uniform */
} asy_norm;

typedef struct {
	asy_branch branch;
	size_t non_zero, kept;
	double quantile, lowest;
	asy_norm normalize;
	size_t n_values; /* CAPPED only, like cutoff */
	double cutoff;
} asy_weights_trace;

typedef struct { /* heap; zero-initialise, free with asy_drow_fini */
	int64_t *uids;
	double *weights;
	size_t n;
} asy_drow;
assay_status asy_drow_init(asy_drow *r, size_t n, assay_err *err) ASSAY_CHECKED;
void asy_drow_fini(asy_drow *r);

/* mirrors: bittensor 10.2.0 weight_utils.py:process_weights. limit is the double that
 * the caller of the SDK passes, usually stored / 65535. out must be zeroed. */
assay_status asy_weights_v10(const asy_drow *in, const assay_weights_limits *limits, double limit,
							 asy_drow *out, asy_weights_trace *trace, assay_err *err) ASSAY_CHECKED;

/* The clip of spec 6.4 in place; single rounds every step to float32. scratch has 3*n. */
void asy_weights_clip(double *x, size_t n, double limit, bool single, double *scratch,
					  asy_weights_trace *trace);

/* Double weights -> u16, zeros dropped, order kept; uids and values have in->n entries.
 * An all-zero row gives *n = 0. mirrors: convert_weights_and_uids_for_emit. */
assay_status asy_weights_emit(const asy_drow *in, uint16_t *uids, uint16_t *values, size_t *n,
							  assay_err *err) ASSAY_CHECKED;

/* fiber: factor to the maximum; entries that round to 0 stay. */
assay_status asy_weights_fiber(const asy_drow *in, uint16_t *uids, uint16_t *values, size_t *n,
							   assay_err *err) ASSAY_CHECKED;

/* max / sum <= limit / 65535 in the chain's fixed point, 32 fractional bits. */
bool asy_weights_cap_holds(const uint16_t *values, size_t n, uint16_t limit);

/* ---- memory ---- */

/* A copy with a memory of its own. [pure] */
assay_status asy_tracker_dup(const assay_tracker *t, assay_tracker **out,
							 assay_err *err) ASSAY_CHECKED;

/* When each of who was last heard of, 0 = never (fresh.c). Keyed by hotkey; the uid is only
 * where to look first. [pure] */
assay_status asy_tracker_last_heard(const assay_tracker *t, const assay_member *who, size_t n,
									uint64_t *last_ns, assay_err *err) ASSAY_CHECKED;

/* ema.c */

/* 2^-x for x >= 0, the same bits on every machine (libm's is not). */
double asy_half_power(double x);
#endif
