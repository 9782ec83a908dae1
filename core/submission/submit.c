/* Submitting the commitment, or the vector itself where nothing is sealed, until its
 * block is final. A reorganisation may move it to another block on the way. */
#include "submission/impl.h"

#define REASON_MAX 320u

/* ---- inclusion ---- */

/* The epoch of the commitment, as the chain recorded it. */
static assay_status epoch_of_commit(asy_task *task, const asy_submission *sub,
									const asy_block_ref *at, uint64_t *epoch, assay_err *err)
{
	asy_commit live;
	if (sub->scheme == ASY_SEAL_PLAIN) {
		*epoch = asy_world_epoch_of(&sub->at, at->number);
		return ASSAY_OK;
	}
	assay_status st = asy_chain_queued(task->means.chain, sub->opening, at, &live, err);
	if (st == ASSAY_E_NOTFOUND)
		return ASSAY_FAIL(err, E_FORMAT, "block %" PRIu64 " includes the commit but not its queue",
						  at->number);
	if (st == ASSAY_OK)
		*epoch = live.epoch;
	return st;
}

/* Where it may be opened, for whoever reads the store. */
typedef struct {
	asy_task *task;
	const asy_submission *sub;
	const asy_block_record *at;
} window;

static assay_status put_window(void *arg, uint64_t now, assay_err *err)
{
	const window *x = arg;
	const asy_world *world = &x->sub->at;
	uint64_t epoch = x->at->commit_epoch, period = x->at->reveal_period;
	asy_reveal_window w = {.first = 0};
	(void)now;
	bool known = asy_schedule_reveal_window(&world->epoch, world->head.number, epoch, period, &w,
											NULL) == ASSAY_OK &&
				 w.end > w.first && w.end <= INT64_MAX;
	return asy_store_submission_window(x->task->env.store, x->sub->id, epoch, x->at->block.number,
									   epoch + period, known ? w.first : 0, known ? w.end - 1 : 0,
									   err);
}

static assay_status included(asy_task *task, asy_submission *sub, const asy_block_ref *at,
							 assay_err *err)
{
	asy_block_record x = {.block = *at, .reveal_period = sub->at.reveal_period};
	window w = {task, sub, &x};
	const asy_sub_move move = {.task = task,
							   .sub = sub,
							   .to = ASY_SUB_INCLUDED,
							   .more = sub->scheme == ASY_SEAL_PLAIN ? NULL : put_window,
							   .more_arg = &w};
	TRY(epoch_of_commit(task, sub, at, &x.commit_epoch, err));
	TRY(asy_flight_record_block(&move, ASY_REC_INCLUDED, &x, err));
	asy_log(&sub->log, ASY_INFO, "weights.included", ASY_U64("block", at->number),
			ASY_U64("epoch", x.commit_epoch));
	return ASSAY_OK;
}

static assay_status finalised(asy_task *task, asy_submission *sub, assay_err *err)
{
	const asy_block_record x = {sub->commit.block, sub->commit_epoch, sub->reveal_period};
	/* What was set directly has nothing to reveal. */
	bool is_plain = sub->scheme == ASY_SEAL_PLAIN;
	const asy_sub_move move = {
		.task = task, .sub = sub, .to = is_plain ? ASY_SUB_REVEALED : ASY_SUB_FINALISED};
	TRY(asy_flight_record_block(&move, ASY_REC_FINAL, &x, err));
	asy_log(&sub->log, ASY_INFO, "weights.finalised", ASY_U64("block", x.block.number));
	return ASSAY_OK;
}

/* ---- sending ---- */

static assay_status sign(asy_task *task, asy_submission *sub, assay_err *err)
{
	asy_tx tx = {0};
	asy_tx_outcome o = {.kind = ASY_TX_PENDING};
	asy_commitment_state state;
	asy_chain *chain = task->means.chain;
	uint32_t attempt = sub->commit.attempt + 1;
	bool is_plain = sub->scheme == ASY_SEAL_PLAIN;

	if (!is_plain && attempt > 1) /* an earlier attempt may have landed without our seeing it */
		TRY(asy_flight_ask_the_queue(task, sub, ASY_LEG_COMMIT, &o, &state, err));
	if (o.kind == ASY_TX_SUCCESS) {
		sub->commit.present = true;
		return included(task, sub, &o.block, err);
	}
	assay_status st =
		is_plain
			? asy_chain_prepare_set_weights(chain, sub->under.netuid, sub->under.mecid, sub->uids,
											sub->values, sub->weight_n, sub->version_key, &tx, err)
			: asy_chain_prepare_commit(chain, sub->opening, &tx, err);
	if (st == ASSAY_OK)
		st = asy_flight_record(task, sub, ASY_LEG_COMMIT, &tx, attempt, err);
	asy_tx_fini(&tx);
	return st;
}

assay_status asy_submission_prepare(asy_task *task, asy_submission *sub, assay_err *err)
{
	return asy_flight_sign_and_send(task, sub, ASY_LEG_COMMIT, sign, asy_submission_send, err);
}

static assay_status judge(asy_task *task, asy_submission *sub, const asy_tx_outcome *o,
						  assay_err *err)
{
	char why[REASON_MAX];
	if (o->next == ASY_NEXT_RESEAL && !sub->resealed && !sub->commit.included)
		return asy_submission_reseal(task, sub, o, err);
	return asy_flight_judge(sub, ASY_LEG_COMMIT, o, why, sizeof why)
			   ? ASSAY_OK
			   : asy_submission_miss(task, sub, why, err);
}

assay_status asy_submission_send(asy_task *task, asy_submission *sub, assay_err *err)
{
	asy_tx_outcome o = {0};
	bool again = sub->commit.sent_at != 0;
	TRY(asy_store_settle(task->env.store, err));
	assay_status st = asy_chain_send(task->means.chain, &sub->commit.tx, &o, err);
	if (st == ASSAY_OK)
		st = judge(task, sub, &o, err);
	if (st == ASSAY_OK && sub->commit.sent && !again)
		asy_log(&sub->log, ASY_INFO, "weights.submitted", ASY_U64("attempt", sub->commit.attempt),
				ASY_U64("nonce", sub->commit.tx.nonce));
	return st;
}

/* ---- watching ---- */

/* The same bytes are offered again at once: a pool that still has them says so; when their
 * era is over others are signed. */
static assay_status offer_again(asy_task *task, asy_submission *sub, const asy_tx_outcome *o,
								assay_err *err)
{
	asy_flight_taken_back(sub, ASY_LEG_COMMIT);
	if (sub->phase != ASY_SUBMISSION_INCLUDED)
		return ASSAY_OK; /* its reveal is on the way: that fails or succeeds by itself */
	assay_status st = judge(task, sub, o, err);
	sub->commit.sent = false;
	return st;
}

static assay_status look_again(asy_task *task, asy_submission *sub, assay_err *err)
{
	asy_flight *f = &sub->commit;
	asy_tx_outcome o = {0};
	bool stands, final;
	TRY(asy_flight_stands(task, f, &stands, &final, err));
	if (final && !f->finalized)
		TRY(finalised(task, sub, err));
	if (stands) {
		f->missing = false;
		f->scanned_to = sub->at.head.number;
		return ASSAY_OK;
	}
	TRY(asy_flight_look_for_it(task, sub, ASY_LEG_COMMIT, &o, err));
	return o.kind == ASY_TX_SUCCESS ? included(task, sub, &o.block, err)
									: offer_again(task, sub, &o, err);
}

assay_status asy_submission_watch(asy_task *task, asy_submission *sub, assay_err *err)
{
	asy_tx_outcome o = {0};
	asy_flight *f = &sub->commit;
	if (f->included)
		return look_again(task, sub, err);
	TRY(asy_flight_look_for_it(task, sub, ASY_LEG_COMMIT, &o, err));
	if (o.kind == ASY_TX_SUCCESS)
		return included(task, sub, &o.block, err); /* and asked about finality at once */
	/* once its era is over, all of it has been looked through */
	uint64_t seen = o.kind == ASY_TX_EXPIRED ? sub->at.head.number : o.scanned_to;
	if (seen > f->scanned_to)
		f->scanned_to = seen;
	return judge(task, sub, &o, err);
}
