/* Sealing, submitting, revealing. The order is always: sign, record, send, look.
 * What was recorded may have been sent, so every path through here may be taken
 * twice without a second effect on the chain. */
#include <stdlib.h>
#include "round/driver.h"

#define ATTEMPTS_MAX 20u

/* ---- seal ---- */

static assay_status record_seal(asy_driver *d, asy_round *r, assay_span opening,
								const asy_hash *hash, assay_err *err)
{
	asy_buf payload = {0};
	char *text = asy_calloc(asy_base64_encoded_len(opening.len) + 1, 1);
	assay_status st = ASSAY_OK;
	asy_submission sub = {
		.round = r->id,
		.netuid = r->netuid,
		.mecid = r->mecid,
		.scheme = r->plain ? ASY_SCHEME_PLAIN : ASY_SCHEME_HASH,
		.secret = opening,
	};
	if (text == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an opening");
	asy_base64_encode(text, opening);
	asy_jw w = asy_jw_out(&payload, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "scheme", r->plain ? "plain" : asy_seal_scheme_name(ASY_SEAL_HASH));
	asy_jw_khex(&w, "hash", hash->b, 32);
	asy_jw_kstr(&w, "opening", text);
	asy_jw_end_object(&w);
	st = asy_jw_end(&w, err);

	/*~ The secret and the record of it become durable together, before anything is
	 * sent: a salt that is lost is a reveal that is lost. */
	memcpy(sub.hash, hash->b, 32);
	uint64_t now = d->env.clock->real_ns(d->env.clock);
	asy_rec_in rec = {ASY_REC_SEAL, asy_buf_span(&payload)};
	bool open = false;
	if (st == ASSAY_OK)
		st = asy_store_begin(d->env.store, err);
	open = st == ASSAY_OK;
	if (st == ASSAY_OK)
		st = asy_store_append(d->env.store, r->id, now, &rec, 1, NULL, err);
	if (st == ASSAY_OK)
		st = asy_store_submission_put(d->env.store, &sub, now, &r->submission, err);
	if (st == ASSAY_OK) /* the first receipt: sealed, and when */
		st = asy_store_submission_move(d->env.store, r->submission, ASY_SUB_SEALED, now,
									   asy_span_str("opening on disk"), err);
	if (st == ASSAY_OK)
		st = asy_store_commit(d->env.store, err);
	if (st != ASSAY_OK && open)
		asy_store_rollback(d->env.store);
	if (st == ASSAY_OK)
		st = asy_round_fold(r, ASY_REC_SEAL, rec.payload, err);
	asy_wipe(text, strlen(text));
	free(text);
	asy_buf_fini(&payload);
	return st;
}

assay_status asy_act_seal(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_seal_input in = {
		.hotkey = d->self,
		.netuid = r->netuid,
		.mecid = r->mecid,
		.uids = r->uids,
		.values = r->values,
		.n = r->weight_n,
		.version_key = r->version_key,
	};
	asy_opening *opening = NULL;
	asy_buf bytes = {0}, commitment = {0};
	asy_hash hash;
	assay_status st;

	if (r->plain) {
		/* Nothing is hidden; the hash only names this submission in the store. The round
		 * number stands in for the salt, so that equal vectors stay two submissions. */
		uint16_t salt[4];
		for (size_t i = 0; i < 4; i++)
			salt[i] = (uint16_t)(r->id >> (16 * i));
		st = asy_seal_hash(&in, salt, 4, &hash, err);
	} else {
		st = asy_seal(ASY_SEAL_HASH, &in, d->env.rng, &opening, &commitment, err);
		if (st == ASSAY_OK) {
			hash = opening->commit_hash;
			st = asy_opening_encode(opening, &bytes, err);
		}
	}
	if (st == ASSAY_OK)
		st = record_seal(d, r, asy_buf_span(&bytes), &hash, err);
	if (st == ASSAY_OK)
		asy_log(d->env.log, ASY_INFO, "weights.sealed", ASY_U64("uids", r->weight_n),
				ASY_STR("scheme", r->plain ? "plain" : "hash"));
	if (bytes.ptr != NULL)
		asy_wipe(bytes.ptr, bytes.len);
	asy_buf_fini(&bytes);
	asy_buf_fini(&commitment);
	asy_opening_free(opening);
	return st;
}

/* ---- shared by commit and reveal ---- */

static assay_status record_tx(asy_driver *d, asy_round *r, asy_rec_type type, const asy_tx *tx,
							  uint32_t attempt, asy_sub_state to, assay_err *err)
{
	asy_buf payload = {0};
	char hex[65];
	assay_status st = asy_record_tx(tx, attempt, &payload, err);
	asy_hex_encode(hex, tx->hash.b, 32);
	asy_move move = {true, to, asy_span_str(hex)};
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, type, asy_buf_span(&payload), &move, err);
	asy_buf_fini(&payload);
	return st;
}

/*~ Only looking moves scanned_to: the answer to sending says nothing about older blocks,
 * and after a restart the transaction may be in one of them. */
/* What an outcome that is not a success means for the flight. Returns a reason to give
 * the submission up, or NULL. */
static const char *judge(asy_driver *d, asy_flight *f, const asy_tx_outcome *o, const char *what)
{
	uint64_t head = d->world.head.number;
	switch (o->next) {
	case ASY_NEXT_NONE: /* it is in a block already: watching will find it */
	case ASY_NEXT_POLL:
		f->sent = true;
		return NULL;
	case ASY_NEXT_LATER:
		f->sent = false;
		f->not_before = head + 1;
		break;
	case ASY_NEXT_REBUILD:
	case ASY_NEXT_WAIT:
		f->present = false;
		f->not_before = head + (o->wait_blocks != 0 ? o->wait_blocks : 1);
		break;
	case ASY_NEXT_GIVE_UP:
		asy_log(d->env.log, ASY_UNUSUAL, "submit.given_up", ASY_STR("what", what),
				ASY_STR("error", o->error), ASY_STR("remedy", o->remedy));
		return "the chain refused it for good";
	}
	asy_log(d->env.log, ASY_UNUSUAL, "submit.again", ASY_STR("what", what),
			ASY_STR("outcome", asy_tx_kind_name(o->kind)), ASY_STR("error", o->error),
			ASY_STR("remedy", o->remedy), ASY_U64("not_before", f->not_before));
	return f->attempt >= ATTEMPTS_MAX ? "too many attempts" : NULL;
}

/* The commitment's epoch, as the chain recorded it. */
static assay_status included(asy_driver *d, asy_round *r, const asy_block_ref *at, assay_err *err)
{
	asy_buf payload = {0};
	uint64_t epoch = 0;
	assay_status st = ASSAY_OK;
	if (!r->plain) {
		asy_commit live[ASY_LIVE_COMMITS_MAX];
		size_t n = 0;
		bool found = false;
		st = asy_chain_commits(d->env.chain, r->netuid, r->mecid, &d->self, at, live,
							   ASY_COUNT(live), &n, err);
		for (size_t i = 0; st == ASSAY_OK && i < n; i++) {
			if (asy_hash_eq(&live[i].hash, &r->commit_hash)) {
				epoch = live[i].epoch;
				found = true;
			}
		}
		if (st == ASSAY_OK && !found)
			st = ASSAY_FAIL(err, E_CHAIN, "block %" PRIu64 " includes the commit but not its queue",
							at->number);
	}
	if (st == ASSAY_OK)
		st = asy_record_block(at, epoch, d->world.reveal_period, &payload, err);
	if (st == ASSAY_OK) {
		asy_move move = {true, ASY_SUB_INCLUDED, asy_buf_span(&payload)};
		st = asy_driver_record(d, r, ASY_REC_INCLUDED, asy_buf_span(&payload), &move, err);
	}
	if (st == ASSAY_OK && !r->plain)
		st = asy_store_submission_window(d->env.store, r->submission, epoch, at->number,
										 epoch + d->world.reveal_period, 0, 0, err);
	if (st == ASSAY_OK && r->plain) {
		/* set_weights: included is as good as revealed */
		asy_move move = {true, ASY_SUB_REVEALED, asy_buf_span(&payload)};
		st = asy_driver_record(d, r, ASY_REC_REVEALED, asy_buf_span(&payload), &move, err);
	}
	asy_buf_fini(&payload);
	if (st == ASSAY_OK)
		asy_log(d->env.log, ASY_INFO, "weights.included", ASY_U64("block", at->number),
				ASY_U64("epoch", epoch));
	return st;
}

/* ---- commit ---- */

assay_status asy_act_prepare(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_tx tx = {0};
	assay_status st;
	uint32_t attempt = r->commit.attempt + 1;

	if (!r->plain && r->commit.attempt > 0) {
		/* An earlier attempt may have landed without our seeing it. */
		asy_commitment_state state = ASY_COMMITMENT_ABSENT;
		asy_commit live = {0};
		st = asy_chain_find_commitment(d->env.chain, r->opening, 0, &state, &live, err);
		if (st != ASSAY_OK)
			return st;
		if (state == ASY_COMMITMENT_LIVE) {
			asy_block_ref at = {.number = live.block};
			st = asy_chain_block_hash(d->env.chain, live.block, &at.hash, err);
			return st == ASSAY_OK ? included(d, r, &at, err) : st;
		}
	}
	st = r->plain ? asy_chain_prepare_set_weights(d->env.chain, r->netuid, r->mecid, r->uids,
												  r->values, r->weight_n, r->version_key, &tx, err)
				  : asy_chain_prepare_commit(d->env.chain, r->opening, &tx, err);
	if (st == ASSAY_OK)
		st = record_tx(d, r, ASY_REC_SUBMIT, &tx, attempt, ASY_SUB_SUBMITTED, err);
	asy_tx_fini(&tx);
	return st;
}

assay_status asy_act_send(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_tx_outcome o = {0};
	assay_status st = asy_chain_send(d->env.chain, &r->commit.tx, &o, err);
	if (st != ASSAY_OK)
		return st;
	const char *why = judge(d, &r->commit, &o, "commit");
	if (why != NULL)
		return asy_act_miss(d, r, why, err);
	if (r->commit.sent)
		asy_log(d->env.log, ASY_INFO, "weights.submitted", ASY_U64("attempt", r->commit.attempt),
				ASY_U64("nonce", r->commit.tx.nonce));
	return ASSAY_OK;
}

static assay_status finalised(asy_driver *d, asy_round *r, const asy_tx_outcome *o, assay_err *err)
{
	asy_buf payload = {0};
	assay_status st = asy_record_block(&o->block, r->commit_epoch, r->reveal_period, &payload, err);
	/* Late finality does not move the submission back from where it is by now. */
	asy_move move = {r->phase == ASY_PHASE_INCLUDED, ASY_SUB_FINALISED, asy_buf_span(&payload)};
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, ASY_REC_FINAL, asy_buf_span(&payload), &move, err);
	asy_buf_fini(&payload);
	if (st == ASSAY_OK)
		asy_log(d->env.log, ASY_INFO, "weights.finalised", ASY_U64("block", o->block.number));
	return st;
}

assay_status asy_act_watch(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_tx_outcome o = {0};
	asy_flight *f = &r->commit;
	uint64_t from = f->included          ? f->block.number
					: f->scanned_to != 0 ? f->scanned_to + 1
										 : f->tx.birth + 1;
	assay_status st = asy_chain_outcome(d->env.chain, &f->tx, from, &o, err);
	if (st != ASSAY_OK)
		return st;
	if (o.kind == ASY_TX_SUCCESS) {
		if (o.scanned_to > f->scanned_to)
			f->scanned_to = o.scanned_to;
		if (!f->included)
			st = included(d, r, &o.block, err);
		if (st == ASSAY_OK && o.finalized && !f->finalized)
			st = finalised(d, r, &o, err);
		f->scanned_to = d->world.head.number;
		return st;
	}
	if (f->included) {
		/* It was in a block and is not any more: a reorganisation. The node's pool
		 * usually takes it again; otherwise the era ends and a new one is signed. */
		if (o.scanned_to > f->scanned_to)
			f->scanned_to = o.scanned_to;
		asy_log(d->env.log, ASY_UNUSUAL, "weights.reorganised", ASY_U64("block", f->block.number));
		return ASSAY_OK;
	}
	if (o.scanned_to > f->scanned_to)
		f->scanned_to = o.scanned_to;
	const char *why = judge(d, f, &o, "commit");
	return why != NULL ? asy_act_miss(d, r, why, err) : ASSAY_OK;
}

/* ---- reveal ---- */

assay_status asy_act_prepare_reveal(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_tx tx = {0};
	assay_status st = asy_chain_prepare_reveal(d->env.chain, r->opening, &tx, err);
	if (st == ASSAY_OK)
		st = record_tx(d, r, ASY_REC_REVEAL_SUBMIT, &tx, r->reveal.attempt + 1,
					   ASY_SUB_REVEAL_SUBMITTED, err);
	asy_tx_fini(&tx);
	return st;
}

assay_status asy_act_send_reveal(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_tx_outcome o = {0};
	assay_status st = asy_chain_send(d->env.chain, &r->reveal.tx, &o, err);
	if (st != ASSAY_OK)
		return st;
	if (o.kind == ASY_TX_REFUSED) {
		/* After a restart the reveal may be on the chain already, and sending it again
		 * is then refused for good: look before believing the refusal. */
		asy_commitment_state state = ASY_COMMITMENT_ABSENT;
		asy_commit live;
		st = asy_chain_find_commitment(d->env.chain, r->opening, r->commit.block.number, &state,
									   &live, err);
		if (st != ASSAY_OK)
			return st;
		if (state == ASY_COMMITMENT_REVEALED) {
			r->reveal.sent = true; /* watch will find the block */
			return ASSAY_OK;
		}
	}
	const char *why = judge(d, &r->reveal, &o, "reveal");
	return why != NULL ? asy_act_miss(d, r, why, err) : ASSAY_OK;
}

assay_status asy_act_watch_reveal(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_tx_outcome o = {0};
	asy_flight *f = &r->reveal;
	uint64_t from = f->scanned_to != 0 ? f->scanned_to + 1 : f->tx.birth + 1;
	assay_status st = asy_chain_outcome(d->env.chain, &f->tx, from, &o, err);
	if (st != ASSAY_OK)
		return st;
	if (o.kind == ASY_TX_SUCCESS) {
		asy_buf payload = {0};
		st = asy_record_block(&o.block, r->commit_epoch, r->reveal_period, &payload, err);
		asy_move move = {true, ASY_SUB_REVEALED, asy_buf_span(&payload)};
		if (st == ASSAY_OK)
			st = asy_driver_record(d, r, ASY_REC_REVEALED, asy_buf_span(&payload), &move, err);
		asy_buf_fini(&payload);
		if (st == ASSAY_OK)
			asy_log(d->env.log, ASY_INFO, "weights.revealed", ASY_U64("block", o.block.number));
		return st;
	}
	f->sent = true;
	if (o.scanned_to > f->scanned_to)
		f->scanned_to = o.scanned_to;
	const char *why = judge(d, f, &o, "reveal");
	return why != NULL ? asy_act_miss(d, r, why, err) : ASSAY_OK;
}
