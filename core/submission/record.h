/* submission/record.h - what the records of a submission say. For each type a struct, the
 * function that writes it and the one that reads it; the two stand side by side in a
 * record_*.c. Payloads are JSON, so that anyone can read a data directory with any SQLite
 * tool, and doubles are printed so that they read back to the same bits. Large values that
 * are not text (the per-miner memory, snapshots) are blobs of the store, named by their
 * digest. Readers accept what every earlier version wrote.
 * Reason to change: a record says something more. */
#ifndef ASY_SUBMISSION_RECORD_H
#define ASY_SUBMISSION_RECORD_H
#include "assay/weights.h"
#include "seal/seal.h"
#include "submission/forecast.h"
#include "task/task.h"

/* ---- the vector (record_weigh.c) ---- */

typedef struct {    /* WEIGHTS */
	bool has_under; /* older records have not: their round says it */
	asy_under under;
	uint64_t block, time_ns, version_key;
	bool refused; /* the policy or the chain's rules forbid a vector; note says why */
	bool plain;   /* commit-reveal is off: the vector is set directly */
	const char *note;
	asy_vector row;
	/* Everything that the plan was made from, so that it can be made again. */
	asy_blob_name memory;
	uint64_t version; /* of the memory; 0 in older records */
	/* The rounds that the memory folded since the submission before; of very many the
	 * newest. */
	uint64_t *round;
	size_t round_n;
	assay_candidate *candidate;
	size_t candidate_n;
	assay_weights_limits limits;
	asy_vector previous;
	const char *plan_json; /* the reasoning; written, not read */
} asy_weights_record;

assay_status asy_record_put_weights(const asy_weights_record *x, asy_buf *out,
									assay_err *err) ASSAY_CHECKED;
/* The vector alone, as the submission needs it, or with the inputs of the plan. */
assay_status asy_record_get_weights(asy_jv v, asy_arena *a, asy_weights_record *x,
									assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_weights_inputs(asy_jv v, asy_arena *a, asy_weights_record *x,
										   assay_err *err) ASSAY_CHECKED;

/* ---- what consensus makes of it (record_consensus.c) ---- */

typedef struct {                /* PREDICT */
	asy_expectation expected;   /* of older records: one epoch ahead, without a band */
	asy_forecast_plan plan;     /* plan.row is in the arena */
	asy_blob_name snapshot;     /* what it was made from */
	assay_span inline_snapshot; /* of older records: the same, in the record itself */
	const asy_clip *clip;       /* written, not read: one for each entry of the vector */
} asy_predict_record;

typedef struct { /* COUNTED */
	uint64_t epoch_block;
	bool verified, equal, row_in_place;
	const char *where;        /* the first difference, or why it could not be verified */
	const asy_forecast *ours; /* NULL when not verified */
	const asy_epoch_outputs *chain;
	asy_blob_name before; /* the snapshot that ours was computed from */
	assay_span outcome;   /* JSON of asy_forecast_outcome; empty = there was no forecast */
} asy_counted_record;

assay_status asy_record_put_predict(const asy_predict_record *x, asy_buf *out,
									assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_predict(asy_jv v, asy_arena *a, asy_predict_record *x,
									assay_err *err) ASSAY_CHECKED;
assay_status asy_record_put_counted(const asy_counted_record *x, asy_buf *out,
									assay_err *err) ASSAY_CHECKED;
/* ours and chain are in the arena; chain is NULL in older records. */
assay_status asy_record_get_counted(asy_jv v, asy_arena *a, asy_counted_record *x,
									assay_err *err) ASSAY_CHECKED;

/* ---- sending it (record_send.c) ---- */

typedef struct { /* of a timelock commitment; block 0 = not known */
	uint64_t round, block;
	uint64_t uncertain; /* blocks by which that may be wrong */
} asy_planned;
typedef struct { /* SEAL */
	asy_seal_scheme scheme;
	asy_hash hash;      /* of the opening; of the vector when plain */
	assay_span opening; /* encoded; empty when plain. Secret until revealed */
	asy_planned planned;
} asy_seal_record;

typedef struct { /* SUBMIT, REVEAL_SUBMIT; tx is owned by whom it was read for */
	uint32_t attempt;
	asy_tx tx;
} asy_tx_record;

typedef struct { /* INCLUDED, FINAL, REVEALED */
	asy_block_ref block;
	uint64_t commit_epoch, reveal_period;
} asy_block_record;

assay_status asy_record_put_seal(const asy_seal_record *x, asy_buf *out,
								 assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_seal(asy_jv v, asy_arena *a, asy_seal_record *x,
								 assay_err *err) ASSAY_CHECKED;
assay_status asy_record_put_tx(const asy_tx_record *x, asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_tx(asy_jv v, asy_arena *a, asy_tx_record *x,
							   assay_err *err) ASSAY_CHECKED;
assay_status asy_record_put_block(const asy_block_record *x, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_block(asy_jv v, asy_block_record *x, assay_err *err) ASSAY_CHECKED;
#endif
