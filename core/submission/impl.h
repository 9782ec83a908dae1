/* submission/impl.h - what the files of submission share: the one way to put a record on
 * disk, what commit and reveal have in common, and the actions. Not for other modules. */
#ifndef ASY_SUBMISSION_IMPL_H
#define ASY_SUBMISSION_IMPL_H
#include "submission/submission.h"

/* Appends a record to the journal, waits until it is on disk and folds it. also may be
 * NULL. */
assay_status asy_submission_record(asy_task *task, asy_submission *sub, asy_rec_type type,
								   assay_span payload, asy_also *also, void *arg,
								   assay_err *err) ASSAY_CHECKED;

/* A record together with a move of the store's row; more (may be NULL) goes into the same
 * transaction. */
typedef struct {
	asy_task *task;
	asy_submission *sub;
	asy_sub_state to;
	assay_span receipt;
	asy_also *more;
	void *more_arg;
} asy_sub_move;
assay_status asy_submission_record_move(const asy_sub_move *m, asy_rec_type type,
										assay_span payload, assay_err *err) ASSAY_CHECKED;

/* ---- what commit and reveal share (flight.c) ---- */

typedef enum { ASY_LEG_COMMIT, ASY_LEG_REVEAL } asy_leg;
asy_flight *asy_flight_of(asy_submission *sub, asy_leg leg);
/* Records a signed transaction. */
assay_status asy_flight_record(asy_task *task, asy_submission *sub, asy_leg leg, const asy_tx *tx,
							   uint32_t attempt, assay_err *err) ASSAY_CHECKED;
/* Records where a transaction stands: INCLUDED, FINAL, REVEALED. more as above. */
assay_status asy_flight_record_block(const asy_sub_move *m, asy_rec_type type,
									 const asy_block_record *x, assay_err *err) ASSAY_CHECKED;
/* What an outcome that is no success means for the flight. False: give it up, why gets
 * the reason. */
bool asy_flight_judge(asy_submission *sub, asy_leg leg, const asy_tx_outcome *o, char *why,
					  size_t why_cap);
/* Turns o into a success if the chain's own state says that it happened, by whichever of
 * our attempts: the queue of commitments tells what matters even when the transaction
 * cannot be found. */
assay_status asy_flight_ask_the_queue(asy_task *task, const asy_submission *sub, asy_leg leg,
									  asy_tx_outcome *o, asy_commitment_state *state,
									  assay_err *err) ASSAY_CHECKED;
/* Looks for the transaction in the blocks not looked through yet, in all of its era once
 * it was included; then asks the chain's state where that can tell more. */
assay_status asy_flight_look_for_it(asy_task *task, asy_submission *sub, asy_leg leg,
									asy_tx_outcome *o, assay_err *err) ASSAY_CHECKED;
/* Is the block of an included flight still a block of the chain, and is it final? Asks
 * for hashes only, which every node keeps. */
assay_status asy_flight_stands(asy_task *task, const asy_flight *f, bool *stands, bool *final,
							   assay_err *err) ASSAY_CHECKED;
/* It was in a block and is not any more: said once. */
void asy_flight_taken_back(asy_submission *sub, asy_leg leg);
/* Runs prepare, then send, as the only one who uses the hotkey's nonce. */
typedef assay_status asy_flight_step(asy_task *task, asy_submission *sub, assay_err *err);
assay_status asy_flight_sign_and_send(asy_task *task, asy_submission *sub, asy_leg leg,
									  asy_flight_step *prepare, asy_flight_step *send,
									  assay_err *err) ASSAY_CHECKED;

/* ---- the actions: each performs one asy_submission_do and records what it did ---- */
assay_status asy_submission_predict(asy_task *task, asy_submission *sub,
									const asy_submissions *open, assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_seal(asy_task *task, asy_submission *sub, assay_err *err) ASSAY_CHECKED;
/* The same vector as the chain wants it now: for the other position of the subnet's
 * commit-reveal switch, or to a later pulse; once. */
assay_status asy_submission_reseal(asy_task *task, asy_submission *sub, const asy_tx_outcome *o,
								   assay_err *err) ASSAY_CHECKED;
/* By which scheme a vector is committed to now, and for timelock to which pulse. (scheme.c) */
typedef struct {
	asy_seal_scheme scheme;
	asy_planned planned;
	uint8_t beacon_key[ASY_BLS_KEY_LEN];
	size_t commit_max;
} asy_scheme_choice;
assay_status asy_submission_choose(asy_task *task, asy_submission *sub, asy_scheme_choice *out,
								   assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_prepare(asy_task *task, asy_submission *sub,
									assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_send(asy_task *task, asy_submission *sub, assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_watch(asy_task *task, asy_submission *sub,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_prepare_reveal(asy_task *task, asy_submission *sub,
										   assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_send_reveal(asy_task *task, asy_submission *sub,
										assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_watch_reveal(asy_task *task, asy_submission *sub,
										 assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_count(asy_task *task, asy_submission *sub,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_submission_miss(asy_task *task, asy_submission *sub, const char *reason,
								 assay_err *err) ASSAY_CHECKED;
#endif
