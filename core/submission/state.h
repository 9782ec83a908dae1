/* submission/state.h - one vector's way as data, from weighing to counted. A submission is
 * the fold of its journal records: the live daemon, a restart and `assay replay` all build
 * this struct the same way, by asy_submission_fold. Nothing here performs anything.
 * Reason to change: a new record, or a new fact that a record carries. */
#ifndef ASY_SUBMISSION_STATE_H
#define ASY_SUBMISSION_STATE_H
#include "seal/seal.h"
#include "submission/record.h"
#include "task/task.h"

/*~ As in a round, a phase names what is already in the journal. Two phases are left
 * without anything of ours on the chain: a submission that ends as WEIGHED or PREDICTED
 * never sealed anything. */
typedef enum {
	ASY_SUBMISSION_NEW,       /* nothing recorded                                          */
	ASY_SUBMISSION_WEIGHED,   /* WEIGHTS: the integer vector                               */
	ASY_SUBMISSION_PREDICTED, /* PREDICT: what the consensus would do with it              */
	ASY_SUBMISSION_SEALED,    /* SEAL: the opening is on disk                              */
	ASY_SUBMISSION_SENT,      /* SUBMIT: a signed transaction is on disk and may be sent   */
	ASY_SUBMISSION_INCLUDED,  /* INCLUDED: a block holds it                                */
	ASY_SUBMISSION_REVEALING, /* REVEAL_SUBMIT: the reveal is on disk and may be sent      */
	ASY_SUBMISSION_REVEALED,  /* REVEALED, by us or by the chain: the stored row is ours;
							   * FINAL when set directly                                   */
	ASY_SUBMISSION_COUNTED,   /* COUNTED: an epoch ran with it, compared with our own      */
	ASY_SUBMISSION_MISSED,    /* MISSED: it cannot count any more, and why                 */
	ASY_SUBMISSION_ENDED      /* END                                                       */
} asy_submission_phase;
const char *asy_submission_phase_name(asy_submission_phase p);

/* A transaction in flight: the bytes are in the journal before they are sent. */
typedef struct {
	bool present; /* tx is valid */
	uint32_t attempt;
	asy_tx tx;
	bool included;
	asy_block_ref block;
	bool finalized; /* of a reveal not journalled: a restart looks again */
	/* Not journalled: a restart sends again (harmless) and looks again. */
	bool sent;
	bool missing;        /* was included, and a reorganisation took it back */
	uint64_t sent_at;    /* the head when it was last handed over, 0 = never */
	uint64_t scanned_to; /* blocks looked through for it, 0 = none */
	uint64_t not_before; /* do not try again before this block   */
} asy_flight;

typedef struct asy_submission asy_submission;
struct asy_submission {
	uint64_t id;
	asy_submission_phase phase;
	asy_arena *arena; /* owns every pointer below, except the opening and transactions */

	/* WEIGHTS */
	asy_under under; /* older records have none: resume.c takes it from their round */
	bool has_under;
	uint64_t version; /* of the memory that it was made from */
	uint16_t *uids, *values;
	size_t weight_n;
	uint64_t version_key;
	uint64_t weigh_block; /* the head they were made at */
	bool refused;         /* the policy refused to set weights; why is in note */
	char note[256];

	/* PREDICT: what was forecast, and where the snapshot of it is */
	asy_expectation expected;
	asy_blob_name predicted_from;

	/* SEAL */
	asy_opening *opening;   /* owned, freed with the submission */
	asy_seal_scheme scheme; /* before SEAL only whether it is plain */
	bool resealed;          /* the chain wanted another seal after the first one */
	asy_hash commit_hash;   /* of the opening; of the vector's bytes when plain */
	asy_planned planned;    /* timelock: where the chain is expected to reveal */

	/* SUBMIT .. REVEALED */
	asy_flight commit, reveal;
	uint64_t commit_epoch, reveal_period;

	/* The state of the store's row: it follows the journal, with one exception. A reveal
	 * that a reorganisation took back stays "revealed", since its secret is out. */
	asy_sub_state row_state;

	/* Not journalled: it may not go on, for this reason; "" = it may. */
	char dead_end[256];
	/* Not journalled: the node could not answer for this submission. */
	uint64_t quiet_until;   /* no action before this head */
	uint64_t trouble_since; /* the head at which that began, 0 = never */
	asy_complaint trouble;
	asy_world at;   /* the world in which its present action was chosen */
	asy_logger log; /* lines with the submission's id */
};

assay_status asy_submission_new(uint64_t id, asy_submission **out, assay_err *err) ASSAY_CHECKED;
void asy_submission_free(asy_submission *sub);

/* Folds one record. Records come in journal order; one that does not fit the phase, or is
 * malformed, is ASSAY_E_STORE with the reason, and the submission must not be used any
 * further. payload is borrowed for the call. [pure] */
assay_status asy_submission_fold(asy_submission *sub, asy_rec_type type, assay_span payload,
								 assay_err *err) ASSAY_CHECKED;
#endif
