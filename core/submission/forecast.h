/* submission/forecast.h - what the chain will write, and whether it did. Three things with
 * three names:
 * - a *run* is one epoch over one snapshot, bit for bit what the chain computes from that
 *   state (forecast.c);
 * - an *expectation* is made before sealing: the epoch in which the vector will count,
 *   usually more than one ahead, with a band (forecast_ahead.c). It can be wrong, since
 *   rows of others are hidden and stakes move. Its *outcome* says by how much (forecast_outcome.c);
 * - a *recheck* is made after an epoch, from the state that this very epoch read
 *   (recheck.h). It must be equal bit for bit. */
#ifndef ASY_SUBMISSION_FORECAST_H
#define ASY_SUBMISSION_FORECAST_H
#include "assay/yuma.h"
#include "chain/chain.h"
#include "subnet/subnet.h"

/* Arrays of n, owned by the arena. */
typedef struct {
	size_t n;
	uint64_t epoch_block;
	uint16_t *consensus, *validator_trust, *incentive, *dividends;
	int64_t *consensus_fixed; /* I32F32; NULL when read from a record */
	asy_arena *arena;
} asy_forecast;

/* A row to put in place of what one uid has stored; values are max-upscaled as the
 * chain would store them. */
typedef struct {
	uint16_t uid;
	const uint16_t *uids, *values;
	size_t n;
} asy_own_row;

/* Runs the epoch that fires at epoch_block over the state in s (stored at any block
 * before it), with own (may be NULL) in place. [pure] */
assay_status asy_forecast_run(const assay_snapshot *s, uint64_t epoch_block, const asy_own_row *own,
							  uint64_t cpu_mask, asy_forecast *out, assay_err *err) ASSAY_CHECKED;
void asy_forecast_fini(asy_forecast *f);

/* Bit for bit, all uids, the four vectors. On a difference where gets
 * "incentive of uid 3: ours 17, chain 18". A subnet with several mechanisms stores
 * incentive for each and the other vectors merged (is_merged): there one mechanism's
 * forecast can be held against incentive only. [pure] */
bool asy_forecast_equals(const asy_forecast *f, const asy_epoch_outputs *chain, bool is_merged,
						 char *where, size_t cap);

/* How much of a row the consensus takes away: for entry i the share given, the share
 * that consensus allows and the difference, all I32F32. Arrays of row->n. [pure] */
typedef struct {
	int64_t share, allowed, clipped;
} asy_clip;
void asy_forecast_clip(const asy_forecast *f, const asy_own_row *row, asy_clip *out);

/* ---- the expectation ---- */

typedef struct {
	uint16_t *uids, *values;
	size_t n;
} asy_vector;

/* What we know that the chain does not yet show. */
typedef struct {
	uint64_t from_block; /* in place from the epoch at this block on */
	asy_vector vector;
} asy_planned_row;
typedef struct {
	uint16_t uid;
	uint64_t last_update;       /* ours as it will be: the block of the next transaction */
	uint64_t counts_at;         /* the epoch at this block is the first with the last row */
	const asy_planned_row *row; /* by from_block; the last one is the vector itself */
	size_t row_n;
} asy_forecast_plan;

/* Own ones have one value, the others one for each uid. */
typedef enum {
	ASY_OWN_VALIDATOR_TRUST,
	ASY_OWN_DIVIDENDS,
	ASY_EACH_CONSENSUS,
	ASY_EACH_INCENTIVE,
	ASY_QUANTITIES
} asy_quantity;
static inline bool asy_quantity_is_own(asy_quantity q)
{
	return q < ASY_EACH_CONSENSUS;
}
const char *asy_quantity_name(asy_quantity q); /* "validator_trust" ... */

/* low and high follow from the hidden rows; margin is added on both sides, from what
 * earlier bands missed by. */
typedef struct {
	uint16_t *low, *high;
	uint16_t margin;
} asy_band;
/* What is stated. */
static inline uint16_t asy_band_low(const asy_band *b, size_t i)
{
	return b->low[i] > b->margin ? (uint16_t)(b->low[i] - b->margin) : 0;
}
static inline uint16_t asy_band_high(const asy_band *b, size_t i)
{
	return b->high[i] < 65535 - b->margin ? (uint16_t)(b->high[i] + b->margin) : 65535;
}

typedef struct {
	uint64_t made_at; /* block of the snapshot */
	uint16_t uid;
	asy_forecast point;
	bool has_band;
	asy_band band[ASY_QUANTITIES];
	uint32_t hidden_n;    /* validators whose row is hidden now */
	int64_t hidden_stake; /* their share of the voting stake, I32F32 */
} asy_expectation;

/* Walks s from its block to the epoch at plan->counts_at, epoch by epoch: bonds and
 * permits follow from one to the next. Validators that are active stay active, we are
 * active from our next transaction on, rows of others stay as stored; the band says what
 * hidden rows may change. margin has ASY_QUANTITIES values. Arrays are owned by
 * out->point.arena. [pure] */
assay_status asy_forecast_ahead(const assay_snapshot *s, const asy_forecast_plan *plan,
								const uint16_t *margin, uint64_t cpu_mask, asy_expectation *out,
								assay_err *err) ASSAY_CHECKED;
void asy_expectation_fini(asy_expectation *e);

/* ---- the outcome ---- */

/* Errors are in units of 1/65535. Zeros that were expected to be zero are not counted:
 * most of a subnet would flatter the figures. */
typedef struct {
	size_t n, in_band;       /* values judged; inside the stated band */
	double median, p95, max; /* of the absolute error */
	double beyond;           /* 95th percentile of how far outside low .. high */
	/* Mean absolute contribution: rows of others that changed, stakes that changed, all
	 * else (registrations, parameters, a row of ours that came later). */
	double rows, stakes, rest;
} asy_forecast_errors;

typedef struct {
	uint64_t made_at, expected_at, counted_at;
	uint16_t uid;
	bool has_causes;
	uint16_t forecast[2], low[2], high[2], outcome[2]; /* of the own quantities */
	asy_forecast_errors of[ASY_QUANTITIES];
	/* outcome - forecast of each uid where one of the two is not 0 */
	struct asy_uid_error {
		uint16_t uid;
		int32_t consensus, incentive;
	} * error;
	size_t error_n;
} asy_forecast_outcome;

/* Compares; lists live in the arena. made may be NULL: then without causes. is_merged as
 * above: only incentive is judged. [pure] */
assay_status asy_forecast_judge(const asy_expectation *e, const assay_snapshot *made,
								const assay_snapshot *before, const asy_epoch_outputs *chain,
								uint64_t cpu_mask, asy_arena *a, asy_forecast_outcome *out,
								assay_err *err) ASSAY_CHECKED;
/* As JSON, for the record and the store's history. */
assay_status asy_forecast_outcome_put(const asy_forecast_outcome *x, asy_buf *out,
									  assay_err *err) ASSAY_CHECKED;
assay_status asy_forecast_outcome_get(assay_span json, asy_arena *a, asy_forecast_outcome *x,
									  assay_err *err) ASSAY_CHECKED;
/* Nearest rank, of n unsorted values that are sorted in place; 0 for none. */
double asy_percentile(double *v, size_t n, unsigned percent);
#endif
