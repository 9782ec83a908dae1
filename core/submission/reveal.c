/* Revealing: in its window, until the block that holds it is final. */
#include "submission/impl.h"

#define REASON_MAX 320u
/* Tries within one window when the chain refuses for a reason that may pass. */
#define TRIES_A_WINDOW 16u

/*~ A disk that takes no record does not cost the vector: a reveal may be sent twice, the chain
 * takes one. What is not on disk is not folded, so the failure stays one. */
static void send_unrecorded(asy_task *task, asy_submission *sub, const asy_tx *tx)
{
	asy_tx_outcome o = {0};
	assay_err err = {0};
	assay_status st = asy_chain_send(task->means.chain, tx, &o, &err);
	asy_log(&sub->log, ASY_BROKEN, "reveal.unrecorded",
			ASY_STR("outcome", st == ASSAY_OK ? asy_tx_kind_name(o.kind) : err.msg),
			ASY_STR("remedy", "free space on the disk of data_dir"));
}

static assay_status sign(asy_task *task, asy_submission *sub, assay_err *err)
{
	asy_tx tx = {0};
	assay_status st = asy_chain_prepare_reveal(task->means.chain, sub->opening, &tx, err);
	if (st == ASSAY_OK)
		st = asy_flight_record(task, sub, ASY_LEG_REVEAL, &tx, sub->reveal.attempt + 1, err);
	if (st == ASSAY_E_IO && tx.bytes != NULL)
		send_unrecorded(task, sub, &tx);
	asy_tx_fini(&tx);
	return st;
}

assay_status asy_submission_prepare_reveal(asy_task *task, asy_submission *sub, assay_err *err)
{
	return asy_flight_sign_and_send(task, sub, ASY_LEG_REVEAL, sign, asy_submission_send_reveal,
									err);
}

/* ---- in a block ---- */

static assay_status revealed(asy_task *task, asy_submission *sub, const asy_block_ref *at,
							 assay_err *err)
{
	const asy_block_record x = {*at, sub->commit_epoch, sub->reveal_period};
	const asy_sub_move move = {.task = task, .sub = sub, .to = ASY_SUB_REVEALED};
	TRY(asy_flight_record_block(&move, ASY_REC_REVEALED, &x, err));
	asy_log(&sub->log, ASY_INFO, "weights.revealed", ASY_U64("block", at->number));
	return ASSAY_OK;
}

/*~ A reveal that was refused gets another look before it is given up. The queue of
 * commitments is the truth, and there are three cases. Revealed: a lost answer or a
 * restart made us ask twice. Still queued: what was wrong (stake, permit, commit-reveal
 * switched off) may be put right while the window is open. Neither: it is lost. */
static assay_status refused(asy_task *task, const asy_submission *sub, asy_tx_outcome *o,
							assay_err *err)
{
	asy_commitment_state state = ASY_COMMITMENT_ABSENT;
	assay_status st = asy_flight_ask_the_queue(task, sub, ASY_LEG_REVEAL, o, &state, err);
	if (st == ASSAY_OK && state == ASY_COMMITMENT_LIVE &&
		(o->next == ASY_NEXT_GIVE_UP || o->next == ASY_NEXT_RESEAL)) {
		o->next = ASY_NEXT_WAIT;
		o->wait_blocks = 1 + sub->at.epoch.tempo / TRIES_A_WINDOW;
	}
	return st;
}

/* ---- sending and watching ---- */

static assay_status settle(asy_task *task, asy_submission *sub, asy_tx_outcome *o, assay_err *err)
{
	char why[REASON_MAX];
	assay_status st = ASSAY_OK;
	if (o->kind == ASY_TX_REFUSED || o->kind == ASY_TX_FAILED)
		st = refused(task, sub, o, err);
	if (st != ASSAY_OK)
		return st;
	if (o->kind == ASY_TX_SUCCESS)
		return revealed(task, sub, &o->block, err);
	return asy_flight_judge(sub, ASY_LEG_REVEAL, o, why, sizeof why)
			   ? ASSAY_OK
			   : asy_submission_miss(task, sub, why, err);
}

assay_status asy_submission_send_reveal(asy_task *task, asy_submission *sub, assay_err *err)
{
	asy_tx_outcome o = {0};
	TRY(asy_store_settle(task->env.store, err));
	assay_status st = asy_chain_send(task->means.chain, &sub->reveal.tx, &o, err);
	return st == ASSAY_OK ? settle(task, sub, &o, err) : st;
}

/* The same bytes are offered again at once. */
static assay_status offer_again(asy_task *task, asy_submission *sub, asy_tx_outcome *o,
								assay_err *err)
{
	asy_flight_taken_back(sub, ASY_LEG_REVEAL);
	assay_status st = settle(task, sub, o, err);
	sub->reveal.sent = false;
	return st;
}

/* ---- what the chain opens itself ---- */

/* How far off the plan was: for whoever tunes it. */
static void compare(asy_submission *sub)
{
	const asy_planned *p = &sub->planned;
	uint64_t at = sub->reveal.block.number;
	if (p->block == 0)
		return;
	uint64_t off = at > p->block ? at - p->block : p->block - at;
	asy_log(&sub->log, off > p->uncertain ? ASY_UNUSUAL : ASY_INFO, "reveal.compared",
			ASY_U64("block", at), ASY_U64("planned", p->block),
			ASY_I64("off", (int64_t)(at - p->block)), ASY_U64("uncertain", p->uncertain));
}

/*~ No word from the chain when it drops a commitment: it is gone from the queue and there is
 * no event. Before the commitment is final that may also be a reorganisation's doing. */
static assay_status watch_the_chain(asy_task *task, asy_submission *sub, assay_err *err)
{
	asy_tx_outcome o = {0};
	asy_commitment_state state = ASY_COMMITMENT_ABSENT;
	asy_flight *f = &sub->reveal;
	TRY(asy_flight_ask_the_queue(task, sub, ASY_LEG_REVEAL, &o, &state, err));
	if (state == ASY_COMMITMENT_REVEALED) {
		TRY(revealed(task, sub, &o.block, err));
		compare(sub);
		return ASSAY_OK;
	}
	if (f->included)
		asy_flight_taken_back(sub, ASY_LEG_REVEAL);
	f->scanned_to = sub->at.head.number;
	if (state == ASY_COMMITMENT_LIVE || !sub->commit.finalized)
		return ASSAY_OK;
	return asy_submission_miss(task, sub,
							   "the chain dropped the commitment, or its window passed before the "
							   "pulse came",
							   err);
}

assay_status asy_submission_watch_reveal(asy_task *task, asy_submission *sub, assay_err *err)
{
	asy_tx_outcome o = {0};
	asy_flight *f = &sub->reveal;
	bool stands = false;
	assay_status st = ASSAY_OK;
	if (f->included)
		st = asy_flight_stands(task, f, &stands, &f->finalized, err);
	if (st == ASSAY_OK && stands) {
		f->missing = false;
		f->scanned_to = sub->at.head.number;
		return ASSAY_OK;
	}
	if (st == ASSAY_OK && sub->scheme == ASY_SEAL_TIMELOCK)
		return watch_the_chain(task, sub, err);
	if (st == ASSAY_OK)
		st = asy_flight_look_for_it(task, sub, ASY_LEG_REVEAL, &o, err);
	if (st != ASSAY_OK)
		return st;
	if (o.kind != ASY_TX_SUCCESS && f->included)
		return offer_again(task, sub, &o, err);
	f->sent = true;
	if (o.scanned_to > f->scanned_to)
		f->scanned_to = o.scanned_to;
	return settle(task, sub, &o, err);
}
