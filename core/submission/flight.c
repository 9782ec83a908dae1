/* A transaction on its way: what commit and reveal share. The order is always sign,
 * record, send, look. What was recorded may have been sent, so every path may be taken
 * twice without a second effect on the chain.
 * Reason to change: the chain's answers mean something else for a transaction. */
#include "submission/impl.h"

#define ATTEMPTS_MAX 20u
/* A pool may lose what it took: a node restarts, or a reorganisation drops it with its block. */
#define OFFER_AGAIN_BLOCKS 4u

asy_flight *asy_flight_of(asy_submission *sub, asy_leg leg)
{
	return leg == ASY_LEG_COMMIT ? &sub->commit : &sub->reveal;
}

static const char *name_of(const asy_submission *sub, asy_leg leg)
{
	if (leg == ASY_LEG_REVEAL)
		return "reveal";
	return sub->scheme == ASY_SEAL_PLAIN ? "weights" : "commit";
}

/* ---- records ---- */

assay_status asy_flight_record(asy_task *task, asy_submission *sub, asy_leg leg, const asy_tx *tx,
							   uint32_t attempt, assay_err *err)
{
	bool commits = leg == ASY_LEG_COMMIT;
	asy_buf payload = {0};
	char hex[65];
	asy_tx_record x = {attempt, *tx}; /* the bytes stay the caller's */
	assay_status st = asy_record_put_tx(&x, &payload, err);
	asy_hex_encode(hex, tx->hash.b, 32);
	const asy_sub_move move = {
		task, sub, commits ? ASY_SUB_SUBMITTED : ASY_SUB_REVEAL_SUBMITTED, asy_span_str(hex),
		NULL, NULL};
	if (st == ASSAY_OK)
		st = asy_submission_record_move(&move, commits ? ASY_REC_SUBMIT : ASY_REC_REVEAL_SUBMIT,
										asy_buf_span(&payload), err);
	asy_buf_fini(&payload);
	return st;
}

assay_status asy_flight_record_block(const asy_sub_move *m, asy_rec_type type,
									 const asy_block_record *x, assay_err *err)
{
	asy_buf payload = {0};
	asy_sub_move move = *m;
	assay_status st = asy_record_put_block(x, &payload, err);
	move.receipt = asy_buf_span(&payload);
	if (st == ASSAY_OK)
		st = asy_submission_record_move(&move, type, asy_buf_span(&payload), err);
	asy_buf_fini(&payload);
	return st;
}

/* ---- signing and sending ---- */

/*~ The node counts nonces by what it has, so from asking for one until the transaction is
 * handed over nobody else of this hotkey may ask. */
assay_status asy_flight_sign_and_send(asy_task *task, asy_submission *sub, asy_leg leg,
									  asy_flight_step *prepare, asy_flight_step *send,
									  assay_err *err)
{
	if (asy_co_lock(task->env.loop, task->means.sending) != ASSAY_OK)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	const asy_flight *f = asy_flight_of(sub, leg);
	assay_status st = prepare(task, sub, err);
	if (st == ASSAY_OK && f->present && !f->sent && !f->included)
		st = send(task, sub, err);
	asy_co_unlock(task->means.sending);
	return st;
}

/* ---- outcomes ---- */

/*~ A window is shorter than an era, so what is in no block is not waited for until its era is over:
 * the same bytes are offered again every few blocks, which a pool that has them just says. */
static void note_offer(asy_flight *f, const asy_tx_outcome *o, uint64_t head)
{
	if (!f->sent)
		f->sent_at = head;
	f->sent =
		f->sent_at == head || o->kind != ASY_TX_PENDING || head < f->sent_at + OFFER_AGAIN_BLOCKS;
}

/*~ Only looking moves scanned_to: the answer to sending says nothing about older blocks,
 * and after a restart the transaction may be in one of them. */
bool asy_flight_judge(asy_submission *sub, asy_leg leg, const asy_tx_outcome *o, char *why,
					  size_t why_cap)
{
	asy_flight *f = asy_flight_of(sub, leg);
	const char *what = name_of(sub, leg);
	uint64_t head = sub->at.head.number;
	switch (o->next) {
	case ASY_NEXT_NONE: /* it is in a block already: watching will find it */
	case ASY_NEXT_POLL:
		note_offer(f, o, head);
		return true;
	case ASY_NEXT_LATER:
		f->sent = false;
		f->not_before = head + 1;
		break;
	case ASY_NEXT_REBUILD:
	case ASY_NEXT_WAIT:
		f->present = false;
		f->not_before = head + (o->wait_blocks != 0 ? o->wait_blocks : 1);
		break;
	case ASY_NEXT_RESEAL: /* not once more, and not for a reveal */
	case ASY_NEXT_GIVE_UP:
		asy_log(&sub->log, ASY_UNUSUAL, "submit.given_up", ASY_STR("what", what),
				ASY_STR("error", o->error), ASY_STR("remedy", o->remedy));
		(void)snprintf(why, why_cap, "the chain refused the %s for good: %s (%s)", what, o->error,
					   o->remedy);
		return false;
	}
	asy_log(&sub->log, ASY_UNUSUAL, "submit.again", ASY_STR("what", what),
			ASY_STR("outcome", asy_tx_kind_name(o->kind)), ASY_STR("error", o->error),
			ASY_STR("remedy", o->remedy), ASY_U64("not_before", f->not_before));
	if (f->attempt < ATTEMPTS_MAX)
		return true;
	(void)snprintf(why, why_cap, "%u attempts to send the %s, the last one ended with %s (%s)",
				   ATTEMPTS_MAX, what, o->error, o->remedy);
	return false;
}

/* ---- looking ---- */

/* *forgotten: the node cannot tell, and o is what its era alone says. */
static assay_status look(asy_task *task, const asy_submission *sub, const asy_flight *f,
						 asy_tx_outcome *o, bool *forgotten, assay_err *err)
{
	uint64_t head = sub->at.head.number;
	bool is_over = head >= f->tx.death;
	/* Once its era is over all of it is looked through again: a reorganisation may have put it
	 * into a block older than those that were seen. */
	bool anew = is_over || f->included || f->scanned_to == 0;
	uint64_t from = anew ? f->tx.birth + 1 : f->scanned_to + 1;
	/* after damage its bytes may be gone: then only the chain's state can tell */
	assay_status st = f->tx.bytes == NULL
						  ? ASSAY_E_GONE
						  : asy_chain_outcome(task->means.chain, &f->tx, from, o, err);
	/* once the era is over only old blocks can tell, and a node that fails on them is no
	 * better than one that says it forgot them */
	*forgotten = st == ASSAY_E_GONE || (st == ASSAY_E_AGAIN && is_over);
	if (!*forgotten)
		return st;
	*o = (asy_tx_outcome){.kind = is_over ? ASY_TX_EXPIRED : ASY_TX_PENDING,
						  .next = is_over ? ASY_NEXT_REBUILD : ASY_NEXT_POLL,
						  .scanned_to = head,
						  .error = "NodeForgot",
						  .remedy = "the node no longer knows its block: built anew"};
	return ASSAY_OK;
}

static assay_status success_at(asy_task *task, uint64_t number, const asy_block_ref *otherwise,
							   asy_tx_outcome *o, assay_err *err)
{
	asy_block_ref block = *otherwise;
	if (number != 0) {
		block.number = number;
		TRY(asy_chain_block_hash(task->means.chain, number, &block.hash, err));
	}
	*o = (asy_tx_outcome){.kind = ASY_TX_SUCCESS, .block = block};
	return ASSAY_OK;
}

/* When only the stored row tells that it was revealed, the block is not known: the head is
 * taken. */
assay_status asy_flight_ask_the_queue(asy_task *task, const asy_submission *sub, asy_leg leg,
									  asy_tx_outcome *o, asy_commitment_state *state,
									  assay_err *err)
{
	asy_commit at = {0};
	bool commits = leg == ASY_LEG_COMMIT;
	asy_commitment_state wanted = commits ? ASY_COMMITMENT_LIVE : ASY_COMMITMENT_REVEALED;
	uint64_t since = commits ? 0 : sub->commit.block.number;
	assay_status st =
		asy_chain_find_commitment(task->means.chain, sub->opening, since, state, &at, err);
	if (st == ASSAY_E_GONE && since != 0)
		st = asy_chain_find_commitment(task->means.chain, sub->opening, 0, state, &at, err);
	if (st != ASSAY_OK || *state != wanted)
		return st;
	return success_at(task, at.block, &sub->at.head, o, err);
}

/* The same for weights that were set directly, by the time of our last update. */
static assay_status ask_the_update(asy_task *task, const asy_submission *sub, asy_tx_outcome *o,
								   assay_err *err)
{
	const asy_tx *tx = &sub->commit.tx;
	const asy_block_ref *head = &sub->at.head;
	uint16_t uid;
	uint64_t at = 0;
	assay_status st =
		asy_chain_uid(task->means.chain, sub->under.netuid, &task->self, head, &uid, err);
	if (st == ASSAY_E_NOTFOUND) /* the next look at the rules says what that means */
		st = assay_err_at(err, ASSAY_E_AGAIN, "our last update");
	if (st == ASSAY_OK)
		st = asy_chain_last_update(task->means.chain, sub->under.netuid, sub->under.mecid, uid,
								   head, &at, err);
	if (st != ASSAY_OK || at <= tx->birth || at >= tx->death)
		return st;
	return success_at(task, at, head, o, err);
}

assay_status asy_flight_look_for_it(asy_task *task, asy_submission *sub, asy_leg leg,
									asy_tx_outcome *o, assay_err *err)
{
	const asy_flight *f = asy_flight_of(sub, leg);
	bool forgotten = false, commits = leg == ASY_LEG_COMMIT;
	asy_commitment_state state;
	TRY(look(task, sub, f, o, &forgotten, err));
	if (o->kind == ASY_TX_SUCCESS)
		return ASSAY_OK;
	if (sub->scheme == ASY_SEAL_PLAIN)
		return forgotten ? ask_the_update(task, sub, o, err) : ASSAY_OK;
	return forgotten || (commits && f->included)
			   ? asy_flight_ask_the_queue(task, sub, leg, o, &state, err)
			   : ASSAY_OK;
}

void asy_flight_taken_back(asy_submission *sub, asy_leg leg)
{
	asy_flight *f = asy_flight_of(sub, leg);
	if (!f->missing)
		asy_log(&sub->log, ASY_UNUSUAL,
				leg == ASY_LEG_COMMIT ? "weights.reorganised" : "reveal.reorganised",
				ASY_U64("block", f->block.number));
	f->missing = true;
	f->scanned_to = sub->at.head.number;
}

assay_status asy_flight_stands(asy_task *task, const asy_flight *f, bool *stands, bool *final,
							   assay_err *err)
{
	asy_block_ref last;
	asy_hash now;
	assay_status st = asy_chain_finalized(task->means.chain, &last, err);
	if (st != ASSAY_OK)
		return st;
	st = asy_chain_block_hash(task->means.chain, f->block.number, &now, err);
	if (st != ASSAY_OK && st != ASSAY_E_GONE)
		return st;
	*stands = st == ASSAY_OK && asy_hash_eq(&now, &f->block.hash);
	*final = *stands && last.number >= f->block.number;
	return ASSAY_OK;
}
