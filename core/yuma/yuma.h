/* yuma: the epoch, bit for bit. This header adds to assay/yuma.h what other
 * modules of the core need: conversions of stored values, the chain's treatment
 * of submitted weights, packing of rows.
 *
 * From a subnet snapshot to an input: point n, the parameters and the per-uid
 * vectors at the snapshot's arrays (they are borrowed), and pack the stored rows
 * with asy_yuma_rows_pack, one asy_yuma_row per uid (len 0 = no row). */
#ifndef ASY_YUMA_H
#define ASY_YUMA_H
#include "base/base.h"
#include "codec/codec.h"
#include "assay/yuma.h"

/* ---- stored values ---- */

/* Fixed proportion to u16: floor(x * 65535 / 2^32), clamped to 0 .. 65535. */
uint16_t asy_yuma_to_u16p(int64_t x);

/* Max-upscale as set_weights and reveals store it: in place or not, in caller's
 * order; all-zero rows stay. out may equal in. */
void asy_yuma_max_upscale_u16(const uint16_t *in, size_t n, uint16_t *out);

/* ---- rows ---- */

typedef assay_yuma_row asy_yuma_row;

/* Sum of the lengths: the size of the arrays below. */
size_t asy_yuma_rows_len(const asy_yuma_row *rows, size_t rows_n);
/* Copies rows (one per uid) into the caller's arrays: offset rows_n + 1 entries, uid
 * and value asy_yuma_rows_len entries; out borrows them. */
void asy_yuma_rows_pack(const asy_yuma_row *rows, size_t rows_n, size_t *offset, uint16_t *uid,
						uint16_t *value, assay_yuma_rows *out);
/* The row of one uid; len 0 when it has none. */
asy_yuma_row asy_yuma_rows_get(const assay_yuma_rows *rows, size_t uid);

/* ---- input from JSON (input_json.c) ---- */

/* One epoch's input with the memory it borrows. The object has the keys of the
 * published vectors' `input`; activity_cutoff_blocks and commit_reveal may be
 * absent. Errors name the path. cpu_mask is set to ASSAY_YUMA_CPU_AUTO. */
typedef struct asy_yuma_owned asy_yuma_owned;
assay_status asy_yuma_input_read(asy_jv v, asy_yuma_owned **out, assay_err *err) ASSAY_CHECKED;
/* Borrowed until the owner is freed; fields may be changed, arrays replaced. */
assay_yuma_input *asy_yuma_input_get(asy_yuma_owned *o);
void asy_yuma_input_free(asy_yuma_owned *o);

/* ---- why: one epoch explained (explain.c, explain_text.c) ----
 * Reports on what an epoch did with a neuron's weights. It explains; nothing here may
 * feed back into weights. All amounts are fixed values unless said otherwise. */

/* What one validator's weight on one miner met. */
typedef struct {
	uint16_t miner;
	uint16_t stored;           /* the stored u16 */
	int64_t weight;            /* share of the row after masks; 0 when a mask removed it */
	int64_t consensus;         /* of the miner */
	int64_t clipped_by;        /* weight above consensus, cut off */
	int64_t support;           /* share of voting stake that gives at least this weight */
	int64_t support_consensus; /* share of voting stake that gives at least consensus */
	int64_t stake_above, stake_equal, stake_below; /* of the other voters */
	uint16_t above, equal, below;                  /* other voters */
	int64_t bond;                                  /* this validator's share of the miner's bonds */
	int64_t dividend_part;                         /* of total_bonds below: bond times incentive */
	bool has_previous;
	int64_t weight_before, consensus_before; /* in the epoch before, if given */
} asy_yuma_why;

/* One voter as a miner sees it. */
typedef struct {
	uint16_t validator;
	int64_t stake;  /* share of voting stake */
	int64_t weight; /* as submitted, normalised */
	int side;       /* 1 above consensus (clipped), 0 at it, -1 below */
} asy_yuma_vote;

typedef struct {
	uint16_t uid;
	bool active, permitted, permit_next;
	int64_t stake, active_stake;
	int64_t consensus, incentive;      /* as a miner */
	int64_t validator_trust, dividend; /* as a validator */
	int64_t total_bonds;               /* sum of the dividend parts, before stake and scaling */
	uint64_t server_emission, validator_emission; /* rao */
	bool has_previous;
	int64_t incentive_before, validator_trust_before, dividend_before;
	size_t why_n, votes_n;
} asy_yuma_summary;

typedef struct asy_yuma_report asy_yuma_report;
/* Runs the epoch (and the one before, when previous is not NULL) with every
 * intermediate value. Nothing is borrowed afterwards. */
assay_status asy_yuma_report_new(const assay_yuma_input *in, const assay_yuma_input *previous,
								 asy_yuma_report **out, assay_err *err) ASSAY_CHECKED;
void asy_yuma_report_free(asy_yuma_report *r);
/* The neuron's summary; the arrays are owned by the report and valid until the next
 * call: why_n rows (its own weights, stored order) and votes_n rows (who voted on it,
 * heaviest stake first). E_RANGE. */
assay_status asy_yuma_report_uid(asy_yuma_report *r, uint16_t uid, asy_yuma_summary *out,
								 const asy_yuma_why **why, const asy_yuma_vote **votes,
								 assay_err *err) ASSAY_CHECKED;
/* One object / a page for people. */
assay_status asy_yuma_report_json(asy_yuma_report *r, uint16_t uid, asy_jw *w,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_yuma_report_text(asy_yuma_report *r, uint16_t uid, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;

/* Which stored rows are stale: a commit that is not expired will replace them. n flags. */
void asy_yuma_stale_rows(const assay_yuma_input *in, uint8_t *flags);

/* The band in which consensus lies while some rows are unknown. Assumption: everything
 * else in the input holds (stakes, activity, permits, the known rows), and each unknown
 * validator's weight on each miner lies within spread of its stored one, as a fraction
 * of it; spread < 0 assumes nothing: anything from 0 to 1. A median is monotone in every
 * vote, so the ends are exact. Dividends are not bounded: they depend on all bonds. */
typedef struct {
	const uint8_t *unknown; /* n flags */
	int64_t spread;         /* fixed; < 0 = anything */
	uint16_t uid;           /* whose validator trust is bounded; its row counts as known */
} asy_yuma_band_query;
typedef struct {
	int64_t *low, *high;           /* n each, the caller's: consensus */
	int64_t trust_low, trust_high; /* of uid */
	int64_t unknown_stake;         /* share of voting stake that is unknown */
	size_t unknown_n;              /* voters among them */
} asy_yuma_band;
assay_status asy_yuma_forecast(const assay_yuma_input *in, const asy_yuma_band_query *q,
							   asy_yuma_band *out, assay_err *err) ASSAY_CHECKED;

/* ---- the split network of the consensus guarantees (guarantee.c) ----
 * 64 validators and 448 servers, honest ones first, sampled once for one honest
 * stake share and weight spread; then any number of points. A point is one epoch
 * without old bonds. Not shared between threads; one per thread is cheap. */
#define ASY_YUMA_SPLIT_NEURONS 512
#define ASY_YUMA_SPLIT_VALIDATORS 64
typedef struct asy_yuma_split asy_yuma_split;
typedef struct {
	int64_t honest_weight, cabal_weight; /* fixed, 0 .. ONE: weight put on one's own side */
	uint16_t kappa, bonds_penalty;       /* proportions */
	bool yuma3;
	uint64_t cpu_mask; /* as in assay_yuma_input */
} asy_yuma_split_point;
typedef struct {
	uint64_t honest_emission, cabal_emission; /* of 10^9 */
	int64_t ratio, deviation;                 /* fixed: honest share; average weight deviation */
} asy_yuma_split_result;
/* The published maps use seed 0 and spread 0, 0.2 or 0.4. E_RANGE, E_NOMEM. */
assay_status asy_yuma_split_new(double honest_stake, double spread, uint64_t seed,
								asy_yuma_split **out, assay_err *err) ASSAY_CHECKED;
void asy_yuma_split_free(asy_yuma_split *s);
assay_status asy_yuma_split_run(asy_yuma_split *s, const asy_yuma_split_point *p,
								asy_yuma_split_result *out, assay_err *err) ASSAY_CHECKED;

/* Blocks without an update after which a neuron is inactive. */
uint64_t asy_yuma_activity_cutoff(uint32_t factor_milli, uint16_t tempo);

#endif
