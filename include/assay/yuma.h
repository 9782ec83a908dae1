/* assay/yuma.h - the chain's epoch, bit for bit, on the caller's memory.
 *
 * One call turns what a subnet stores (weights, bonds, stakes, parameters) into
 * what the chain will store next: consensus, validator trust, incentive,
 * dividends, emission, permits and bonds, and every intermediate value on
 * request. Nothing here allocates per call, reads a clock or keeps state.
 * Compiles alone, as C17 and as C++17.
 *
 * Units. rao: the chain's smallest coin unit. A *fixed* value is a signed 64-bit
 * integer v that means v / 2^32 (I32F32); ASSAY_YUMA_ONE is 1.0. A *proportion*
 * is a u16 that means v / 65535. Millionths and per mille where said so. */
#ifndef ASSAY_YUMA_H
#define ASSAY_YUMA_H
#include <stdbool.h>
#include "assay/base.h"
#ifdef __cplusplus
extern "C" {
#endif

#define ASSAY_YUMA_ONE ((int64_t)1 << 32)
#define ASSAY_YUMA_UIDS_MAX 65535u
/* For assay_yuma_input.cpu_mask: the best variant that this machine runs. */
#define ASSAY_YUMA_CPU_AUTO UINT64_MAX

/* ---- input ---- */

/* Stored rows of (uid, u16), one per uid, compressed: the entries of uid i are
 * offset[i] <= k < offset[i + 1], in the order the chain stores them (the order
 * matters: never sort). uids >= rows_n have no row; rows of uids >= n are
 * ignored, as on chain. rows_n 0 needs no arrays. All borrowed. */
typedef struct {
	const size_t *offset;  /* rows_n + 1, ascending from 0 */
	const uint16_t *uid;   /* offset[rows_n] target uids; none twice in a row */
	const uint16_t *value; /* offset[rows_n] */
	size_t rows_n;
} assay_yuma_rows;

/* One unrevealed commit. Those of a hotkey are given in queue order. */
typedef struct {
	uint64_t epoch; /* epoch counter at the commit */
	uint64_t block; /* block of the commit */
	uint16_t uid;   /* a uid >= n stands for an unknown hotkey and is ignored */
	bool timelock;  /* false: hash commit (the first unexpired of a uid counts) */
} assay_yuma_commit;

/* Which consensus liquid alpha looks at, as the chain numbers it. */
enum {
	ASSAY_YUMA_CONSENSUS_CURRENT = 0,
	ASSAY_YUMA_CONSENSUS_PREVIOUS = 1,
	ASSAY_YUMA_CONSENSUS_AUTO = 2 /* previous when bonds_penalty is 65535, else current */
};

/* Everything that one epoch of one mechanism reads. All arrays are borrowed for
 * the call; those of n entries may be NULL only when n is 0. */
typedef struct {
	size_t n; /* neurons, uid 0 .. n-1; at most ASSAY_YUMA_UIDS_MAX */
	uint64_t current_block;
	uint64_t last_mechanism_step_block;    /* of the previous executed epoch; 0 = none */
	uint32_t activity_cutoff_factor_milli; /* per mille of tempo */
	uint16_t tempo;
	const uint64_t *last_update; /* last_update_n: shorter is padded with 0, longer is cut */
	size_t last_update_n;
	const uint64_t *block_at_registration; /* n */
	const uint64_t *alpha_stake;           /* n, inherited, rao */
	const uint64_t *tao_stake;             /* n, inherited, rao */
	uint64_t tao_weight;                   /* of 2^64 - 1 */
	uint64_t stake_threshold;              /* rao */
	int32_t owner_uid;                     /* -1 = the owner is not registered */
	uint16_t max_allowed_validators;
	const uint8_t *validator_permit; /* 0/1, validator_permit_n: uids beyond have none */
	size_t validator_permit_n;
	uint16_t kappa;                /* proportion */
	uint16_t bonds_penalty;        /* proportion */
	uint64_t bonds_moving_average; /* millionths */
	bool yuma3;
	bool liquid_alpha;              /* acts only with yuma3 */
	uint16_t alpha_low, alpha_high; /* proportions */
	int16_t alpha_sigmoid_steepness;
	/* Liquid alpha measures weights against this epoch's consensus, or (from about spec 444
	 * on) against the one that the epoch before stored for this mechanism. */
	uint8_t liquid_consensus_mode;      /* ASSAY_YUMA_CONSENSUS_* */
	const uint16_t *previous_consensus; /* previous_consensus_n proportions: shorter is padded
										 * with 0, longer is cut, none means this epoch's */
	size_t previous_consensus_n;
	bool commit_reveal;                           /* whether the column mask applies */
	uint64_t commit_reveal_period, current_epoch; /* counter as advanced for this epoch */
	const assay_yuma_commit *commits;             /* commits_n */
	size_t commits_n;
	assay_yuma_rows weights, bonds;
	uint64_t rao_emission; /* of this mechanism for this epoch */
	uint64_t cpu_mask;     /* 0 = scalar reference; ASSAY_YUMA_CPU_AUTO; a mask is narrowed
							* to what the machine supports. Never changes a result. */
} assay_yuma_input;

/* ---- output: the caller's arrays; a NULL pointer means "not wanted" ---- */

/* Rows to be written: offset n + 1 entries, uid and value cap entries each. */
typedef struct {
	size_t *offset;
	uint16_t *uid, *value;
	size_t cap; /* entries; assay_yuma_bonds_cap() is always enough */
} assay_yuma_rows_out;

/* A sparse fixed-point matrix to be written: offset n + 1, col and bits cap. */
typedef struct {
	size_t *offset;
	uint16_t *col;
	int64_t *bits;
	size_t cap; /* entries; assay_yuma_matrix_cap() is always enough */
} assay_yuma_matrix_out;

/* Intermediate values, as the pallet computes them. Vectors have n entries and
 * are fixed values unless said otherwise. Asking for a matrix, prerank, trust or
 * alphas takes the scalar path (same bits, slower). */
typedef struct {
	uint8_t *inactive;
	/* I64F64 as two words, low first: 2 n entries */
	uint64_t *total_stake, *filtered_stake;
	int64_t *stake, *active_stake;
	int64_t *consensus, *validator_trust, *rank, *incentive, *dividends;
	int64_t *prerank, *trust;           /* no longer computed on chain; for reports */
	int64_t *total_bonds_per_validator; /* Yuma 3 */
	int64_t *server_emission, *validator_emission, *combined_emission; /* normalised */
	/* scalars: one entry */
	int64_t *kappa, *bonds_penalty, *alpha;
	bool *liquid_alpha_used; /* whether alphas were computed per bond */
	assay_yuma_matrix_out weights, clipped_weights, weights_for_bonds, bonds_masked;
	assay_yuma_matrix_out bonds_norm, bonds_delta, bonds_delta_norm; /* Yuma 2 only */
	assay_yuma_matrix_out ema_bonds_raw, ema_bonds_stored;           /* Yuma 2 only */
	assay_yuma_matrix_out ema_bonds;
	assay_yuma_matrix_out ema_bonds_norm; /* Yuma 3 only */
	int64_t *alphas; /* n * n, row-major; written only when liquid_alpha_used */
} assay_yuma_trace;

/* What the chain stores or returns; n entries each. */
typedef struct {
	uint8_t *active, *validator_permit; /* 0/1; the permits are the new ones */
	uint16_t *stake_weight, *consensus, *validator_trust, *incentive, *dividends;
	uint64_t *emission, *server_emission, *validator_emission; /* rao */
	uint64_t *stake;                                           /* total, rao */
	assay_yuma_rows_out bonds;     /* offset NULL = not wanted; one row a uid */
	const assay_yuma_trace *trace; /* NULL = none */
} assay_yuma_out;

/* Bytes of scratch that an epoch over this input needs, at any alignment; 0 when
 * the input is too large to be one. Reads only n, the flags and the row offsets.
 * [pure] */
ASSAY_API size_t assay_yuma_scratch_len(const assay_yuma_input *in);
/* Entries that the stored bonds, or any one matrix of the trace, can have. [pure] */
ASSAY_API size_t assay_yuma_bonds_cap(const assay_yuma_input *in);
ASSAY_API size_t assay_yuma_matrix_cap(const assay_yuma_input *in);

/* Refuses input that no chain state can hold and names the place: a uid twice in a
 * row, a row longer than the uid space, offsets that descend, n beyond the limit,
 * an owner that is not a uid, a missing array. What the chain tolerates is
 * accepted and treated as the chain does: targets >= n, a last_update or permit
 * vector of another length, stakes that saturate. E_INPUT, E_RANGE. [pure] */
ASSAY_API assay_status assay_yuma_check(const assay_yuma_input *in, assay_err *err) ASSAY_CHECKED;

/* Runs one epoch. Checks the input first (as assay_yuma_check); on failure out is
 * untouched. E_LIMIT: scratch or a row output is too small. [pure] */
ASSAY_API assay_status assay_yuma_epoch(const assay_yuma_input *in, assay_mut scratch,
										const assay_yuma_out *out, assay_err *err) ASSAY_CHECKED;

/* ---- what if: one change to a prepared epoch ----
 * A prepared epoch keeps what a change does not touch. Every answer equals a full
 * epoch over the changed input, bit for bit; what cannot be had incrementally (stored
 * bonds after a changed row, matrices, inputs that take the scalar path) is simply
 * computed in full. Not shared between threads. The calls allocate only when a row
 * makes the subnet larger than it was prepared. */

typedef struct assay_yuma_prep assay_yuma_prep;
/* Runs the epoch over in and keeps it. in is copied, the arrays it points at are
 * borrowed until the prepared epoch is freed. Errors as assay_yuma_epoch, E_NOMEM. */
ASSAY_API assay_status assay_yuma_prep_new(const assay_yuma_input *in, assay_yuma_prep **out,
										   assay_err *err) ASSAY_CHECKED;
ASSAY_API void assay_yuma_prep_free(assay_yuma_prep *p);

/* One candidate row: as the chain would store it (max-upscaled), in order. */
typedef struct {
	const uint16_t *uid, *value;
	size_t len;
} assay_yuma_row;

/* The epoch with uid's weights replaced by row. Without dividends and emissions among
 * what is wanted, the bonds are not computed, which is most of the work. The first call for another uid costs
 * two more medians. E_INPUT (a uid twice), E_RANGE (uid >= n). */
ASSAY_API assay_status assay_yuma_prep_row(assay_yuma_prep *p, uint16_t uid,
										   const assay_yuma_row *row, const assay_yuma_out *out,
										   assay_err *err) ASSAY_CHECKED;
/* Many candidates for one uid; out[k] answers rows[k]. Stops at the first error. */
ASSAY_API assay_status assay_yuma_prep_rows(assay_yuma_prep *p, uint16_t uid,
											const assay_yuma_row *rows, size_t rows_n,
											const assay_yuma_out *out,
											assay_err *err) ASSAY_CHECKED;
/* The epoch under another kappa. */
ASSAY_API assay_status assay_yuma_prep_kappa(assay_yuma_prep *p, uint16_t kappa,
											 const assay_yuma_out *out,
											 assay_err *err) ASSAY_CHECKED;
/* The epoch with other stakes: n entries each. */
ASSAY_API assay_status assay_yuma_prep_stakes(assay_yuma_prep *p, const uint64_t *alpha_stake,
											  const uint64_t *tao_stake, const assay_yuma_out *out,
											  assay_err *err) ASSAY_CHECKED;

/* Many epochs on one scratch, which must suffice for each; stops at the first error
 * and says which input it was. [pure] */
ASSAY_API assay_status assay_yuma_epochs(const assay_yuma_input *in, size_t in_n, assay_mut scratch,
										 const assay_yuma_out *out, assay_err *err) ASSAY_CHECKED;

/* ---- mechanisms: one epoch each, merged per neuron ---- */

#define ASSAY_YUMA_MECHANISMS_MAX 16

/* Splits the emission of a subnet: floor(total * share / 65535) each, the remainder
 * to mechanism 0. shares are mechanisms_n proportions that sum to 65535, or NULL for
 * an even split. E_RANGE, E_INPUT. [pure] */
ASSAY_API assay_status assay_yuma_split(uint64_t total, const uint16_t *shares, size_t mechanisms_n,
										uint64_t *out, assay_err *err) ASSAY_CHECKED;

typedef struct {
	uint64_t emission; /* this mechanism's part of the total */
	const assay_yuma_out *out;
} assay_yuma_mechanism;

/* Merges the epochs of a subnet's mechanisms, given in order: emissions of servers
 * and validators add up, flags OR, and dividends, stake weight, consensus, validator
 * trust and emission accumulate by the mechanism's share of total. incentive, stake
 * and bonds stay per mechanism and are not touched. Every array that merged wants
 * must be there in each mechanism. E_INPUT, E_RANGE. [pure] */
ASSAY_API assay_status assay_yuma_merge(const assay_yuma_mechanism *mechanisms, size_t mechanisms_n,
										size_t n, uint64_t total, const assay_yuma_out *merged,
										assay_err *err) ASSAY_CHECKED;

/* ---- Null consensus: an epoch without Yuma (from spec 474 on) ---- */

#define ASSAY_YUMA_NULL_UIDS_MAX 2500u

/* What the epoch pays, in rao: to miners by the deciding row, to holders of stake by stake;
 * fallback is what miners get instead of mining when nobody holds any stake. Of the chain's
 * pools S (server), L (validator) and R (root): S, L + R and S + L. */
typedef struct {
	uint64_t mining, dividend, fallback;
} assay_yuma_null_budget;

/* n entries each, except winner; NULL = not wanted. Consensus and validator trust are all
 * zero, bonds are left as they are. */
typedef struct {
	uint16_t *winner;          /* one: the uid whose row decides; the only new permit */
	uint8_t *validator_permit; /* 0/1 */
	uint8_t *active;
	uint16_t *stake_weight, *incentive, *dividends; /* proportions */
	uint64_t *server_emission, *validator_emission, *emission;
} assay_yuma_null_out;

/* 0 when n is beyond the limit. [pure] */
ASSAY_API size_t assay_yuma_null_scratch_len(const assay_yuma_input *in);
/* Reads of the input what the chain reads: stakes, registrations, updates, commits, the
 * winner's row. E_INPUT and E_RANGE as assay_yuma_check, E_LIMIT (scratch). [pure] */
ASSAY_API assay_status assay_yuma_null_epoch(const assay_yuma_input *in,
											 const assay_yuma_null_budget *budget,
											 assay_mut scratch, const assay_yuma_null_out *out,
											 assay_err *err) ASSAY_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
