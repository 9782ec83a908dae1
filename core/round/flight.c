/* A transaction on its way: what commit and reveal share. The order is always sign,
 * record, send, look. What was recorded may have been sent, so every path may be taken
 * twice without a second effect on the chain.
 * Reason to change: the chain's answers mean something else for a transaction. */
#include "round/impl.h"

#define ATTEMPTS_MAX 20u

assay_status asy_flight_record(asy_task *task, asy_round *r, asy_rec_type type, const asy_tx *tx,
							   uint32_t attempt, asy_sub_state to, assay_err *err)
{
	asy_buf payload = {0};
	char hex[65];
	asy_tx_record x = {attempt, *tx}; /* the bytes stay the caller's */
	assay_status st = asy_record_put_tx(&x, &payload, err);
	asy_hex_encode(hex, tx->hash.b, 32);
	asy_move move = {to, asy_span_str(hex)};
	if (st == ASSAY_OK)
		st = asy_task_record(task, r, type, asy_buf_span(&payload), asy_also_move, &move, err);
	asy_buf_fini(&payload);
	return st;
}

assay_status asy_flight_record_block(asy_task *task, asy_round *r, asy_rec_type type,
									 asy_sub_state to, const asy_block_ref *at,
									 uint64_t commit_epoch, uint64_t reveal_period, assay_err *err)
{
	asy_buf payload = {0};
	asy_block_record x = {*at, commit_epoch, reveal_period};
	assay_status st = asy_record_put_block(&x, &payload, err);
	asy_move move = {to, asy_buf_span(&payload)};
	if (st == ASSAY_OK)
		st = asy_task_record(task, r, type, asy_buf_span(&payload), asy_also_move, &move, err);
	asy_buf_fini(&payload);
	return st;
}

/*~ Only looking moves scanned_to: the answer to sending says nothing about older blocks,
 * and after a restart the transaction may be in one of them. */
bool asy_flight_judge(asy_task *task, asy_flight *f, const asy_tx_outcome *o, const char *what,
					  char *why, size_t why_cap)
{
	uint64_t head = task->world.head.number;
	switch (o->next) {
	case ASY_NEXT_NONE: /* it is in a block already: watching will find it */
	case ASY_NEXT_POLL:
		f->sent = true;
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
		asy_log(task->env.log, ASY_UNUSUAL, "submit.given_up", ASY_STR("what", what),
				ASY_STR("error", o->error), ASY_STR("remedy", o->remedy));
		(void)snprintf(why, why_cap, "the chain refused the %s for good: %s (%s)", what, o->error,
					   o->remedy);
		return false;
	}
	asy_log(task->env.log, ASY_UNUSUAL, "submit.again", ASY_STR("what", what),
			ASY_STR("outcome", asy_tx_kind_name(o->kind)), ASY_STR("error", o->error),
			ASY_STR("remedy", o->remedy), ASY_U64("not_before", f->not_before));
	if (f->attempt < ATTEMPTS_MAX)
		return true;
	(void)snprintf(why, why_cap, "%u attempts to send the %s, the last one ended with %s (%s)",
				   ATTEMPTS_MAX, what, o->error, o->remedy);
	return false;
}

assay_status asy_flight_look(asy_task *task, const asy_flight *f, asy_tx_outcome *o,
							 bool *forgotten, assay_err *err)
{
	uint64_t head = task->world.head.number;
	uint64_t from = f->included || f->scanned_to == 0 ? f->tx.birth + 1 : f->scanned_to + 1;
	/* after damage its bytes may be gone: then only the chain's state can tell */
	assay_status st = f->tx.bytes == NULL
						  ? ASSAY_E_GONE
						  : asy_chain_outcome(task->env.chain, &f->tx, from, o, err);
	bool is_over = head >= f->tx.death;
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

assay_status asy_flight_stands(asy_task *task, const asy_flight *f, bool *stands, bool *final,
							   assay_err *err)
{
	asy_block_ref last;
	asy_hash now;
	assay_status st = asy_chain_finalized(task->env.chain, &last, err);
	if (st != ASSAY_OK)
		return st;
	st = asy_chain_block_hash(task->env.chain, f->block.number, &now, err);
	if (st != ASSAY_OK && st != ASSAY_E_GONE)
		return st;
	*stands = st == ASSAY_OK && asy_hash_eq(&now, &f->block.hash);
	*final = *stands && last.number >= f->block.number;
	return ASSAY_OK;
}
