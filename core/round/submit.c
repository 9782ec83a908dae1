/* Submitting the commitment, or the vector itself where nothing is sealed, until its
 * block is final. A reorganisation may move it to another block on the way. */
#include "round/impl.h"

#define REASON_MAX 320u

/* ---- inclusion ---- */

/* The epoch of the commitment, as the chain recorded it. */
static assay_status epoch_of_commit(asy_task *task, const asy_round *r, const asy_block_ref *at,
									uint64_t *epoch, assay_err *err)
{
	asy_commit live[ASY_LIVE_COMMITS_MAX];
	size_t n = 0;
	if (r->plain) {
		*epoch = asy_round_epoch_of(&task->world, at->number);
		return ASSAY_OK;
	}
	assay_status st = asy_chain_commits(task->env.chain, r->begin.netuid, r->begin.mecid,
										&task->self, at, live, ASY_COUNT(live), &n, err);
	if (st != ASSAY_OK)
		return st;
	for (size_t i = 0; i < n; i++) {
		if (asy_hash_eq(&live[i].hash, &r->commit_hash)) {
			*epoch = live[i].epoch;
			return ASSAY_OK;
		}
	}
	return ASSAY_FAIL(err, E_FORMAT, "block %" PRIu64 " includes the commit but not its queue",
					  at->number);
}

static assay_status included(asy_task *task, asy_round *r, const asy_block_ref *at, assay_err *err)
{
	uint64_t period = task->world.reveal_period, epoch = 0;
	assay_status st = epoch_of_commit(task, r, at, &epoch, err);
	if (st == ASSAY_OK)
		st = asy_flight_record_block(task, r, ASY_REC_INCLUDED, ASY_SUB_INCLUDED, at, epoch, period,
									 err);
	if (st == ASSAY_OK && !r->plain) {
		asy_reveal_window w = {.first = 0};
		bool known = asy_schedule_reveal_window(&task->world.epoch, task->world.head.number, epoch,
												period, &w, NULL) == ASSAY_OK &&
					 w.end > w.first && w.end <= INT64_MAX;
		st = asy_store_submission_window(task->env.store, r->submission, epoch, at->number,
										 epoch + period, known ? w.first : 0, known ? w.end - 1 : 0,
										 err);
	}
	if (st == ASSAY_OK)
		asy_log(task->env.log, ASY_INFO, "weights.included", ASY_U64("block", at->number),
				ASY_U64("epoch", epoch));
	return st;
}

static assay_status finalised(asy_task *task, asy_round *r, assay_err *err)
{
	const asy_block_ref at = r->commit.block;
	/* What was set directly has nothing to reveal. */
	asy_sub_state to = r->plain ? ASY_SUB_REVEALED : ASY_SUB_FINALISED;
	assay_status st = asy_flight_record_block(task, r, ASY_REC_FINAL, to, &at, r->commit_epoch,
											  r->reveal_period, err);
	if (st == ASSAY_OK)
		asy_log(task->env.log, ASY_INFO, "weights.finalised", ASY_U64("block", at.number));
	return st;
}

/* ---- the chain's state instead of its events ---- */

/*~ The queue of commitments tells what matters even when the transaction cannot be
 * found: because another attempt of ours landed, or because the node has forgotten. */
static assay_status ask_the_queue(asy_task *task, const asy_round *r, asy_tx_outcome *o,
								  assay_err *err)
{
	asy_commitment_state state;
	asy_commit live = {0};
	asy_block_ref at;
	assay_status st = asy_chain_find_commitment(task->env.chain, r->opening, 0, &state, &live, err);
	if (st != ASSAY_OK || state != ASY_COMMITMENT_LIVE)
		return st;
	at.number = live.block;
	st = asy_chain_block_hash(task->env.chain, live.block, &at.hash, err);
	if (st == ASSAY_OK)
		*o = (asy_tx_outcome){.kind = ASY_TX_SUCCESS, .block = at};
	return st;
}

/* The same for weights that were set directly, by the time of our last update. */
static assay_status ask_the_update(asy_task *task, const asy_round *r, asy_tx_outcome *o,
								   assay_err *err)
{
	const asy_tx *tx = &r->commit.tx;
	const asy_block_ref *head = &task->world.head;
	uint16_t uid;
	asy_block_ref at = {.number = 0};
	assay_status st = asy_chain_uid(task->env.chain, r->begin.netuid, &task->self, head, &uid, err);
	if (st == ASSAY_E_NOTFOUND) /* the next look at the rules says what that means */
		st = assay_err_at(err, ASSAY_E_AGAIN, "our last update");
	if (st == ASSAY_OK)
		st = asy_chain_last_update(task->env.chain, r->begin.netuid, r->begin.mecid, uid, head,
								   &at.number, err);
	if (st != ASSAY_OK || at.number <= tx->birth || at.number >= tx->death)
		return st;
	st = asy_chain_block_hash(task->env.chain, at.number, &at.hash, err);
	if (st == ASSAY_OK)
		*o = (asy_tx_outcome){.kind = ASY_TX_SUCCESS, .block = at};
	return st;
}

/* ---- sending ---- */

assay_status asy_act_prepare(asy_task *task, asy_round *r, assay_err *err)
{
	asy_tx tx = {0};
	asy_tx_outcome o = {.kind = ASY_TX_PENDING};
	assay_status st = ASSAY_OK;
	uint32_t attempt = r->commit.attempt + 1;

	if (!r->plain && attempt > 1) /* an earlier attempt may have landed without our seeing it */
		st = ask_the_queue(task, r, &o, err);
	if (st != ASSAY_OK)
		return st;
	if (o.kind == ASY_TX_SUCCESS) {
		r->commit.present = true;
		return included(task, r, &o.block, err);
	}
	st = r->plain ? asy_chain_prepare_set_weights(task->env.chain, r->begin.netuid, r->begin.mecid,
												  r->uids, r->values, r->weight_n, r->version_key,
												  &tx, err)
				  : asy_chain_prepare_commit(task->env.chain, r->opening, &tx, err);
	if (st == ASSAY_OK)
		st = asy_flight_record(task, r, ASY_REC_SUBMIT, &tx, attempt, ASY_SUB_SUBMITTED, err);
	asy_tx_fini(&tx);
	return st;
}

static assay_status judge(asy_task *task, asy_round *r, const asy_tx_outcome *o, assay_err *err)
{
	char why[REASON_MAX];
	if (o->next == ASY_NEXT_RESEAL && !r->resealed && !r->commit.included)
		return asy_act_reseal(task, r, err);
	return asy_flight_judge(task, &r->commit, o, r->plain ? "weights" : "commit", why, sizeof why)
			   ? ASSAY_OK
			   : asy_act_miss(task, r, why, err);
}

assay_status asy_act_send(asy_task *task, asy_round *r, assay_err *err)
{
	asy_tx_outcome o = {0};
	assay_status st = asy_chain_send(task->env.chain, &r->commit.tx, &o, err);
	if (st == ASSAY_OK)
		st = judge(task, r, &o, err);
	if (st == ASSAY_OK && r->commit.sent)
		asy_log(task->env.log, ASY_INFO, "weights.submitted", ASY_U64("attempt", r->commit.attempt),
				ASY_U64("nonce", r->commit.tx.nonce));
	return st;
}

/* ---- watching ---- */

static assay_status look_for_it(asy_task *task, const asy_round *r, asy_tx_outcome *o,
								assay_err *err)
{
	bool forgotten = false;
	assay_status st = asy_flight_look(task, &r->commit, o, &forgotten, err);
	if (st != ASSAY_OK || o->kind == ASY_TX_SUCCESS)
		return st;
	if (r->plain)
		return forgotten ? ask_the_update(task, r, o, err) : ASSAY_OK;
	return forgotten || r->commit.included ? ask_the_queue(task, r, o, err) : ASSAY_OK;
}

/* It was in a block and is not any more. The same bytes are offered again at once: a
 * pool that still has them says so; when their era is over others are signed. */
static assay_status taken_back(asy_task *task, asy_round *r, const asy_tx_outcome *o,
							   assay_err *err)
{
	asy_flight *f = &r->commit;
	if (!f->missing)
		asy_log(task->env.log, ASY_UNUSUAL, "weights.reorganised",
				ASY_U64("block", f->block.number));
	f->missing = true;
	f->scanned_to = task->world.head.number;
	if (r->phase != ASY_PHASE_INCLUDED)
		return ASSAY_OK; /* its reveal is on the way: that fails or succeeds by itself */
	assay_status st = judge(task, r, o, err);
	f->sent = false;
	return st;
}

static assay_status look_again(asy_task *task, asy_round *r, assay_err *err)
{
	asy_flight *f = &r->commit;
	bool stands, final;
	assay_status st = asy_flight_stands(task, f, &stands, &final, err);
	if (st == ASSAY_OK && final && !f->finalized)
		st = finalised(task, r, err);
	if (st == ASSAY_OK && stands) {
		f->missing = false;
		f->scanned_to = task->world.head.number;
		return ASSAY_OK;
	}
	asy_tx_outcome o = {0};
	if (st == ASSAY_OK)
		st = look_for_it(task, r, &o, err);
	if (st != ASSAY_OK)
		return st;
	return o.kind == ASY_TX_SUCCESS ? included(task, r, &o.block, err)
									: taken_back(task, r, &o, err);
}

assay_status asy_act_watch(asy_task *task, asy_round *r, assay_err *err)
{
	asy_tx_outcome o = {0};
	asy_flight *f = &r->commit;
	if (f->included)
		return look_again(task, r, err);
	assay_status st = look_for_it(task, r, &o, err);
	if (st != ASSAY_OK)
		return st;
	if (o.kind == ASY_TX_SUCCESS)
		return included(task, r, &o.block, err); /* and asked about finality at once */
	if (o.scanned_to > f->scanned_to)
		f->scanned_to = o.scanned_to;
	return judge(task, r, &o, err);
}
