/* Revealing: in its window, until the block that holds it is final. */
#include "round/impl.h"

#define REASON_MAX 320u
/* Tries within one window when the chain refuses for a reason that may pass. */
#define TRIES_A_WINDOW 16u

assay_status asy_act_prepare_reveal(asy_task *task, asy_round *r, assay_err *err)
{
	asy_tx tx = {0};
	assay_status st = asy_chain_prepare_reveal(task->env.chain, r->opening, &tx, err);
	if (st == ASSAY_OK)
		st = asy_flight_record(task, r, ASY_REC_REVEAL_SUBMIT, &tx, r->reveal.attempt + 1,
							   ASY_SUB_REVEAL_SUBMITTED, err);
	asy_tx_fini(&tx);
	return st;
}

/* ---- in a block ---- */

static assay_status revealed(asy_task *task, asy_round *r, const asy_block_ref *at, assay_err *err)
{
	assay_status st = asy_flight_record_block(task, r, ASY_REC_REVEALED, ASY_SUB_REVEALED, at,
											  r->commit_epoch, r->reveal_period, err);
	if (st == ASSAY_OK)
		asy_log(task->env.log, ASY_INFO, "weights.revealed", ASY_U64("block", at->number));
	return st;
}

/* ---- the chain's state instead of the transaction ---- */

/* Turns o into a success if the commitment is revealed, by whichever of our attempts.
 * When only the stored row tells, the block is not known: the head is taken. */
static assay_status ask_the_queue(asy_task *task, const asy_round *r, asy_tx_outcome *o,
								  asy_commitment_state *state, assay_err *err)
{
	asy_commit at = {0};
	assay_status st = asy_chain_find_commitment(task->env.chain, r->opening, r->commit.block.number,
												state, &at, err);
	if (st == ASSAY_E_GONE)
		st = asy_chain_find_commitment(task->env.chain, r->opening, 0, state, &at, err);
	if (st != ASSAY_OK || *state != ASY_COMMITMENT_REVEALED)
		return st;
	asy_block_ref block = task->world.head;
	if (at.block != 0) {
		block.number = at.block;
		st = asy_chain_block_hash(task->env.chain, at.block, &block.hash, err);
	}
	if (st == ASSAY_OK)
		*o = (asy_tx_outcome){.kind = ASY_TX_SUCCESS, .block = block};
	return st;
}

/*~ A reveal that was refused gets another look before it is given up. The queue of
 * commitments is the truth, and there are three cases. Revealed: a lost answer or a
 * restart made us ask twice. Still queued: what was wrong (stake, permit, commit-reveal
 * switched off) may be put right while the window is open. Neither: it is lost. */
static assay_status refused(asy_task *task, const asy_round *r, asy_tx_outcome *o, assay_err *err)
{
	asy_commitment_state state = ASY_COMMITMENT_ABSENT;
	assay_status st = ask_the_queue(task, r, o, &state, err);
	if (st == ASSAY_OK && state == ASY_COMMITMENT_LIVE &&
		(o->next == ASY_NEXT_GIVE_UP || o->next == ASY_NEXT_RESEAL)) {
		o->next = ASY_NEXT_WAIT;
		o->wait_blocks = 1 + task->world.epoch.tempo / TRIES_A_WINDOW;
	}
	return st;
}

/* ---- sending and watching ---- */

static assay_status settle(asy_task *task, asy_round *r, asy_tx_outcome *o, assay_err *err)
{
	char why[REASON_MAX];
	assay_status st = ASSAY_OK;
	if (o->kind == ASY_TX_REFUSED || o->kind == ASY_TX_FAILED)
		st = refused(task, r, o, err);
	if (st != ASSAY_OK)
		return st;
	if (o->kind == ASY_TX_SUCCESS)
		return revealed(task, r, &o->block, err);
	return asy_flight_judge(task, &r->reveal, o, "reveal", why, sizeof why)
			   ? ASSAY_OK
			   : asy_act_miss(task, r, why, err);
}

assay_status asy_act_send_reveal(asy_task *task, asy_round *r, assay_err *err)
{
	asy_tx_outcome o = {0};
	assay_status st = asy_chain_send(task->env.chain, &r->reveal.tx, &o, err);
	return st == ASSAY_OK ? settle(task, r, &o, err) : st;
}

static assay_status look_for_it(asy_task *task, const asy_round *r, asy_tx_outcome *o,
								assay_err *err)
{
	bool forgotten = false;
	asy_commitment_state state;
	assay_status st = asy_flight_look(task, &r->reveal, o, &forgotten, err);
	return st == ASSAY_OK && forgotten ? ask_the_queue(task, r, o, &state, err) : st;
}

/* It was in a block and is not any more: the same bytes are offered again at once. */
static assay_status taken_back(asy_task *task, asy_round *r, asy_tx_outcome *o, assay_err *err)
{
	asy_flight *f = &r->reveal;
	if (!f->missing)
		asy_log(task->env.log, ASY_UNUSUAL, "reveal.reorganised",
				ASY_U64("block", f->block.number));
	f->missing = true;
	f->scanned_to = task->world.head.number;
	assay_status st = settle(task, r, o, err);
	f->sent = false;
	return st;
}

assay_status asy_act_watch_reveal(asy_task *task, asy_round *r, assay_err *err)
{
	asy_tx_outcome o = {0};
	asy_flight *f = &r->reveal;
	bool stands = false;
	assay_status st = ASSAY_OK;
	if (f->included)
		st = asy_flight_stands(task, f, &stands, &f->finalized, err);
	if (st == ASSAY_OK && stands) {
		f->missing = false;
		f->scanned_to = task->world.head.number;
		return ASSAY_OK;
	}
	if (st == ASSAY_OK)
		st = look_for_it(task, r, &o, err);
	if (st != ASSAY_OK)
		return st;
	if (o.kind != ASY_TX_SUCCESS && f->included)
		return taken_back(task, r, &o, err);
	f->sent = true;
	if (o.scanned_to > f->scanned_to)
		f->scanned_to = o.scanned_to;
	return settle(task, r, &o, err);
}
