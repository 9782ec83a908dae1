/* Sending transactions and finding out what became of them. The truth is in blocks:
 * inclusion is an extrinsic with our hash, success is its event; a lost answer, a lost
 * connection or a restart change nothing about that.
 * Reason to change: the chain tells outcomes in another way. */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "chain/impl.h"

#define BLOCKS_A_CALL 64u
#define SEARCH_BLOCKS 512u
#define EXTRINSICS_MAX 20000u
/* What one endpoint has not seen is looked for at another in so many newest blocks. */
#define RECENT_BLOCKS 6u

/* ---- rate limit: how long to wait ---- */

/* Blocks until the weights of tx's mechanism may be set again; at least 1. */
static uint64_t rate_wait(asy_chain *c, const asy_tx *tx, const asy_block_ref *head)
{
	uint16_t uid = 0;
	uint64_t last = 0;
	if (asy_chain_uid(c, tx->netuid, &tx->account, head, &uid, NULL) != ASSAY_OK ||
		asy_chain_last_update(c, tx->netuid, tx->mecid, uid, head, &last, NULL) != ASSAY_OK)
		return 1;
	asy_read r = {.slot = NULL};
	size_t i = asy_read_add_u16(&r, c, ITEM_WEIGHTS_RATE, tx->netuid);
	uint64_t limit = 0;
	if (asy_read_run(&r, c, &head->hash, NULL) == ASSAY_OK)
		limit = asy_read_int(&r, c, i, 0);
	asy_read_fini(&r);
	uint64_t wait = asy_sat_sub_u64(asy_sat_add_u64(last, limit), head->number);
	return wait > 0 ? wait : 1;
}

static void say_rate_wait(asy_chain *c, const asy_tx *tx, asy_tx_outcome *out)
{
	asy_block_ref head;
	if (asy_chain_head(c, &head, NULL) != ASSAY_OK)
		return;
	out->wait_blocks = rate_wait(c, tx, &head);
	(void)snprintf(out->remedy, sizeof out->remedy,
				   "the rate limit of subnet %u: wait %" PRIu64 " blocks", tx->netuid,
				   out->wait_blocks);
}

/* The subnet's switch at the head; false when it cannot be read. */
static bool reads_switch(asy_chain *c, const asy_tx *tx, bool *commit_reveal)
{
	asy_block_ref head;
	asy_read r = {.slot = NULL};
	if (asy_chain_head(c, &head, NULL) != ASSAY_OK)
		return false;
	size_t i = asy_read_add_u16(&r, c, ITEM_COMMIT_REVEAL, tx->netuid);
	bool is_read = asy_read_run(&r, c, &head.hash, NULL) == ASSAY_OK;
	*commit_reveal = is_read && asy_read_int(&r, c, i, 0) != 0;
	asy_read_fini(&r);
	return is_read;
}

/* ---- sending ---- */

static assay_status refused(asy_chain *c, const asy_tx *tx, const asy_rpc_error *e,
							asy_tx_outcome *out, assay_err *err)
{
	asy_tx_outcome o;
	asy_verdict_refused(c->meta, e, &o);
	c->stale = c->stale || e->code == 1001 || e->code == 1002;
	bool commit_reveal = false;
	if (o.custom == 6)
		say_rate_wait(c, tx, &o);
	else if (o.custom == 255 && !reads_switch(c, tx, &commit_reveal))
		o.next = ASY_NEXT_LATER; /* what it means cannot be told yet */
	else
		asy_verdict_of_call(tx->call, commit_reveal, &o);
	/*~ "Outdated" is also what a transaction hears that is already in a block: it used
	 * its own nonce. After a crash between sending and recording that is the normal case,
	 * so the blocks are asked before the refusal is believed. */
	if (strcmp(o.error, "Outdated") == 0 || strcmp(o.error, "BadSignature") == 0) {
		asy_tx_outcome seen;
		assay_status st = asy_chain_outcome(c, tx, asy_sat_add_u64(tx->birth, 1), &seen, err);
		if (st != ASSAY_OK)
			return st;
		if (seen.kind != ASY_TX_PENDING)
			o = seen;
	}
	*out = o;
	return ASSAY_OK;
}

typedef struct {
	const asy_tx *tx;
	assay_span params;
	asy_tx_outcome out;
} sending;

/* Hands the bytes to the endpoint in use. */
static assay_status send_here(asy_chain *c, void *arg, assay_err *err)
{
	sending *s = arg;
	asy_rpc_reply reply = {.doc = NULL};
	asy_hash hash;
	assay_status st = asy_rpc_call(c, "author_submitExtrinsic", s->params, &reply, err);
	if (st == ASSAY_E_AGAIN && reply.error.code != 0) {
		st = refused(c, s->tx, &reply.error, &s->out, err);
	} else if (st == ASSAY_OK) {
		st = asy_rpc_hash(reply.result, &hash, err);
		if (st == ASSAY_E_GONE || (st == ASSAY_OK && !asy_hash_eq(&hash, &s->tx->hash)))
			st = ASSAY_FAIL(err, E_FORMAT, "the node took a transaction with another hash");
		if (st == ASSAY_OK)
			s->out = (asy_tx_outcome){.kind = ASY_TX_PENDING, .next = ASY_NEXT_POLL, .custom = -1};
	}
	asy_rpc_reply_fini(&reply);
	return st;
}

static bool is_in(const asy_tx_outcome *o)
{
	return o->kind == ASY_TX_SUCCESS || o->kind == ASY_TX_FAILED;
}

/* Of two endpoints' verdicts the one that costs less if it is wrong: waiting for a
 * transaction that is lost costs blocks, giving up one that is not costs the vector. */
static const asy_tx_outcome *milder(const asy_tx_outcome *a, const asy_tx_outcome *b)
{
	if (a->kind == ASY_TX_PENDING || b->kind == ASY_TX_PENDING)
		return a->kind == ASY_TX_PENDING ? a : b;
	if (is_in(a) || is_in(b))
		return is_in(a) ? a : b;
	return a->next == ASY_NEXT_GIVE_UP ? b : a;
}

/*~ Bytes are sent to two endpoints where there are two: the chain takes them once, and one
 * node alone can neither swallow nor condemn them. */
static assay_status send_to_two(asy_chain *c, sending *s, assay_err *err)
{
	sending other = *s;
	assay_err why = {0};
	assay_status st = send_here(c, s, err);
	if (c->ep_n == 1 || st == ASSAY_E_CANCELLED || st == ASSAY_E_NOMEM)
		return st;
	assay_status also = asy_ask_other(c, send_here, &other, &why);
	if (also == ASSAY_OK) {
		s->out = st == ASSAY_OK ? *milder(&s->out, &other.out) : other.out;
		return ASSAY_OK;
	}
	if (also == ASSAY_E_CANCELLED || also == ASSAY_E_NOMEM) {
		if (err != NULL)
			*err = why;
		return also;
	}
	if (st == ASSAY_OK && s->out.next == ASY_NEXT_GIVE_UP) {
		s->out.next = ASY_NEXT_LATER;
		s->out.wait_blocks = 1;
	}
	return st;
}

static assay_status send_it(asy_chain *c, const asy_tx *tx, asy_tx_outcome *out, assay_err *err)
{
	asy_buf params = {0};
	sending s = {.tx = tx};
	assay_status st = asy_buf_add_str(&params, "[\"0x", err);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(&params, 2 * tx->len + 3, err);
	if (st == ASSAY_OK) {
		asy_hex_encode((char *)params.ptr + params.len, tx->bytes, tx->len);
		params.len += 2 * tx->len;
		st = asy_buf_add_str(&params, "\"]", err);
	}
	s.params = asy_buf_span(&params);
	if (st == ASSAY_OK)
		st = send_to_two(c, &s, err);
	asy_buf_fini(&params);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "sending %s (its outcome is unknown)", tx->call);
	if (s.out.kind == ASY_TX_PENDING) {
		c->local_nonce = tx->nonce + 1;
		c->local_until = tx->death;
		c->local_at = c->at;
	}
	*out = s.out;
	return ASSAY_OK;
}

assay_status asy_chain_send(asy_chain *c, const asy_tx *tx, asy_tx_outcome *out, assay_err *err)
{
	return ASY_ASK(c, err, send_it(c, tx, out, err));
}

/* ---- looking ---- */

/* The place of an extrinsic with this hash in a block, or -1. */
static assay_status find_in_block(asy_chain *c, const asy_hash *block, const asy_hash *want,
								  long *index, assay_err *err)
{
	asy_buf params = {0}, bytes = {0};
	asy_rpc_reply reply = {.doc = NULL};
	asy_jw w = asy_jw_out(&params, 0);
	*index = -1;
	asy_jw_array(&w);
	asy_jw_hash(&w, block);
	asy_jw_end_array(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_rpc_call(c, "chain_getBlock", asy_buf_span(&params), &reply, err);
	if (st == ASSAY_OK && asy_jv_is_null(reply.result))
		st = ASSAY_FAIL(err, E_GONE, "chain_getBlock: the node has no such block");
	asy_jv list = asy_jv_get(asy_jv_get(reply.result, "block"), "extrinsics");
	if (st == ASSAY_OK && (asy_jv_kind(list) != ASY_J_ARRAY || asy_jv_size(list) > EXTRINSICS_MAX))
		st = ASSAY_FAIL(err, E_FORMAT, "chain_getBlock: no list of extrinsics");
	for (size_t i = 0; st == ASSAY_OK && i < asy_jv_size(list) && *index < 0; i++) {
		bool some = false;
		asy_buf_reset(&bytes);
		st = asy_rpc_hex(asy_jv_at(list, i), &bytes, &some, err);
		asy_hash h = asy_extrinsic_hash(asy_buf_span(&bytes));
		if (st == ASSAY_OK && asy_hash_eq(&h, want))
			*index = (long)i;
	}
	asy_rpc_reply_fini(&reply);
	asy_buf_fini(&bytes);
	asy_buf_fini(&params);
	return st;
}

static assay_status read_events(asy_chain *c, const asy_hash *block, asy_read *r, assay_span *out,
								assay_err *err)
{
	static const asy_item needed[] = {ITEM_EVENTS};
	size_t i = asy_read_add0(r, c, ITEM_EVENTS);
	assay_status st = asy_items_need(&c->items, needed, ASY_COUNT(needed), err);
	if (st == ASSAY_OK)
		st = asy_read_run(r, c, block, err);
	if (st == ASSAY_OK && !asy_read_get(r, c, i, out))
		st = ASSAY_FAIL(err, E_FORMAT, "a block without events");
	return st;
}

/* The extrinsic is in block at index: success or failure, by its event. */
static assay_status judge_included(asy_chain *c, const asy_tx *tx, const asy_block_ref *block,
								   uint32_t index, bool finalized, asy_tx_outcome *out,
								   assay_err *err)
{
	asy_read r = {.slot = NULL};
	assay_span events;
	asy_dispatch d = {.found = false};
	assay_status st = read_events(c, &block->hash, &r, &events, err);
	if (st == ASSAY_OK)
		st = asy_events_dispatch(c->meta, events, index, &d, err);
	if (st == ASSAY_OK && !d.found)
		st = ASSAY_FAIL(err, E_FORMAT, "extrinsic %" PRIu32 " of block %" PRIu64 " has no outcome",
						index, block->number);
	asy_read_fini(&r);
	if (st != ASSAY_OK)
		return st;
	asy_tx_outcome o = {.custom = -1};
	if (d.success) {
		o.kind = ASY_TX_SUCCESS;
		o.next = finalized ? ASY_NEXT_NONE : ASY_NEXT_POLL;
	} else {
		asy_verdict_failed(&d, &o);
		if (strcmp(d.name, "CommittingWeightsTooFast") == 0 ||
			strcmp(d.name, "SettingWeightsTooFast") == 0)
			say_rate_wait(c, tx, &o);
	}
	o.finalized = finalized;
	o.block = *block;
	o.index = index;
	o.scanned_to = block->number;
	*out = o;
	return ASSAY_OK;
}

static assay_status look_for(asy_chain *c, const asy_tx *tx, uint64_t from, asy_tx_outcome *out,
							 assay_err *err)
{
	asy_block_ref head, final, at = {0};
	long index = -1;
	assay_status st = asy_chain_head(c, &head, err);
	if (st == ASSAY_OK)
		st = asy_chain_finalized(c, &final, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "looking for %s", tx->call);
	const uint64_t first = asy_sat_add_u64(tx->birth, 1);
	uint64_t begin = from < first ? first : from;
	if (begin > asy_sat_add_u64(final.number, 1)) /* not final: may have been replaced */
		begin = final.number + 1 > first ? final.number + 1 : first;
	uint64_t end = tx->death > 0 ? tx->death - 1 : 0; /* the last block that can hold it */
	if (end > head.number)
		end = head.number;
	if (end >= begin && end - begin >= BLOCKS_A_CALL)
		end = begin + BLOCKS_A_CALL - 1;
	for (uint64_t b = begin; b <= end && index < 0 && st == ASSAY_OK; b++) {
		if (b > begin && !asy_ask_has_time(c)) {
			end = b - 1; /* the caller goes on from there */
			break;
		}
		at.number = b;
		st = asy_chain_block_hash(c, b, &at.hash, err);
		if (st == ASSAY_OK)
			st = find_in_block(c, &at.hash, &tx->hash, &index, err);
	}
	if (st == ASSAY_OK && index >= 0)
		st = judge_included(c, tx, &at, (uint32_t)index, at.number <= final.number, out, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "looking for %s", tx->call);
	if (index >= 0)
		return ASSAY_OK;
	asy_tx_outcome o = {.kind = ASY_TX_PENDING, .next = ASY_NEXT_POLL, .custom = -1};
	o.scanned_to = end >= begin ? end : begin - 1;
	/* all blocks of its era have been seen, and no later one can take it */
	if (head.number >= tx->death && asy_sat_add_u64(o.scanned_to, 1) >= tx->death) {
		o.kind = ASY_TX_EXPIRED;
		o.next = ASY_NEXT_REBUILD;
		(void)asy_str_copy(o.error, sizeof o.error, "EraEnded");
		(void)asy_str_copy(o.remedy, sizeof o.remedy,
						   "its era ended without inclusion: built anew");
	}
	*out = o;
	return ASSAY_OK;
}

typedef struct {
	const asy_tx *tx;
	uint64_t from;
	asy_tx_outcome out;
} looking;

static assay_status look_here(asy_chain *c, void *arg, assay_err *err)
{
	looking *l = arg;
	return look_for(c, l->tx, l->from, &l->out, err);
}

static assay_status same_block(asy_chain *c, void *arg, assay_err *err)
{
	const asy_block_ref *b = arg;
	asy_hash hash;
	assay_status st = asy_chain_block_hash(c, b->number, &hash, err);
	if (st == ASSAY_OK && !asy_hash_eq(&hash, &b->hash))
		st = ASSAY_FAIL(err, E_MISMATCH, "another block %" PRIu64, b->number);
	return st;
}

static bool is_included(const asy_tx_outcome *o)
{
	return o->kind == ASY_TX_SUCCESS || o->kind == ASY_TX_FAILED;
}

/* Not found here: perhaps this endpoint does not tell, or does not know. */
static assay_status look_elsewhere(asy_chain *c, const asy_tx *tx, uint64_t from,
								   asy_tx_outcome *out, assay_err *err)
{
	const uint64_t recent = asy_sat_sub_u64(out->scanned_to, RECENT_BLOCKS);
	looking l = {.tx = tx, .from = from};
	assay_err why = {0};
	if (out->kind == ASY_TX_EXPIRED)
		l.from = 0;
	else if (recent > from)
		l.from = recent;
	assay_status st = asy_ask_other(c, look_here, &l, &why);
	if (st == ASSAY_OK && is_included(&l.out)) {
		*out = l.out;
	} else if (st == ASSAY_OK && out->kind == ASY_TX_EXPIRED && l.out.kind == ASY_TX_PENDING) {
		*out = l.out; /* the other one's head is not there yet */
	} else if (st == ASSAY_E_CANCELLED || st == ASSAY_E_NOMEM) {
		return asy_err_set(err, st, "%s", why.msg);
	}
	return ASSAY_OK;
}

/*~ One endpoint's word on what became of a transaction is compared with another's: that it is
 * in a block, when the other one has another block there, is not believed yet; that it is
 * not, is asked there as well. A failure that would end the vector must be final. */
static assay_status look_at_two(asy_chain *c, const asy_tx *tx, uint64_t from, asy_tx_outcome *out,
								assay_err *err)
{
	looking l = {.tx = tx, .from = from};
	assay_status st = look_here(c, &l, err);
	if (st == ASSAY_OK && c->ep_n > 1 && !is_included(&l.out))
		st = look_elsewhere(c, tx, from, &l.out, err);
	if (st != ASSAY_OK)
		return st;
	bool undecided = l.out.next == ASY_NEXT_GIVE_UP && !l.out.finalized;
	if (is_included(&l.out) && c->ep_n > 1) {
		st = asy_ask_other(c, same_block, &l.out.block, NULL);
		if (st == ASSAY_E_CANCELLED || st == ASSAY_E_NOMEM)
			return asy_err_set(err, st, "looking for %s", tx->call);
		undecided = undecided || st == ASSAY_E_MISMATCH;
	}
	if (undecided) {
		l.out.scanned_to = asy_sat_sub_u64(l.out.block.number, 1);
		l.out.kind = ASY_TX_PENDING;
		l.out.next = ASY_NEXT_POLL;
	}
	*out = l.out;
	return ASSAY_OK;
}

assay_status asy_chain_outcome(asy_chain *c, const asy_tx *tx, uint64_t from, asy_tx_outcome *out,
							   assay_err *err)
{
	return ASY_ASK(c, err, look_at_two(c, tx, from, out, err));
}

/* ---- where a commitment stands ---- */

static assay_status is_queued(asy_chain *c, const asy_opening *o, const asy_block_ref *at,
							  asy_commit *commit, bool *queued, assay_err *err)
{
	asy_commit live[ASY_LIVE_COMMITS_MAX];
	size_t n = 0;
	assay_status st = o->scheme == ASY_SEAL_TIMELOCK
						  ? asy_chain_timelocked(c, o->netuid, o->mecid, &o->hotkey, at, live,
												 ASY_COUNT(live), &n, err)
						  : asy_chain_commits(c, o->netuid, o->mecid, &o->hotkey, at, live,
											  ASY_COUNT(live), &n, err);
	*queued = false;
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		if (asy_hash_eq(&live[i].hash, &o->commit_hash)) {
			*commit = live[i];
			*queued = true;
		}
	}
	return st;
}

/* WeightsRevealed(account, storage index, hash), TimelockedWeightsRevealed(storage index,
 * account). */
static assay_status find_reveal(const asy_chain *c, const asy_opening *o, assay_span events,
								bool *revealed, assay_err *err)
{
	uint8_t who[34];
	if (o->scheme == ASY_SEAL_HASH)
		return asy_events_find(c->meta, events, "WeightsRevealed", 66, 34,
							   asy_span(o->commit_hash.b, sizeof o->commit_hash.b), revealed, err);
	asy_put_u16le(who, asy_storage_index(o->netuid, o->mecid));
	memcpy(who + 2, o->hotkey.b, 32);
	return asy_events_find(c->meta, events, "TimelockedWeightsRevealed", sizeof who, 0,
						   asy_span(who, sizeof who), revealed, err);
}

static assay_status revealed_in(asy_chain *c, const asy_opening *o, uint64_t number, bool *revealed,
								assay_err *err)
{
	asy_block_ref at = {.number = number};
	asy_read r = {.slot = NULL};
	assay_span events;
	assay_status st = asy_chain_block_hash(c, number, &at.hash, err);
	if (st == ASSAY_OK)
		st = read_events(c, &at.hash, &r, &events, err);
	if (st == ASSAY_OK)
		st = find_reveal(c, o, events, revealed, err);
	asy_read_fini(&r);
	return st;
}

/* Queued at low, not queued at high: the block where it left the queue. */
static assay_status left_queue_at(asy_chain *c, const asy_opening *o, uint64_t low, uint64_t high,
								  uint64_t *out, assay_err *err)
{
	asy_commit ignored;
	while (high - low > 1) {
		asy_block_ref mid = {.number = low + (high - low) / 2};
		bool queued = false;
		assay_status st = asy_chain_block_hash(c, mid.number, &mid.hash, err);
		if (st == ASSAY_OK)
			st = is_queued(c, o, &mid, &ignored, &queued, err);
		if (st != ASSAY_OK)
			return st;
		if (queued)
			low = mid.number;
		else
			high = mid.number;
	}
	*out = high;
	return ASSAY_OK;
}

/* Sets *revealed from events, and *where to their block; *sure is false when not every
 * block could be looked at. */
static assay_status search_events(asy_chain *c, const asy_opening *o, uint64_t from,
								  const asy_block_ref *head, bool *revealed, uint64_t *where,
								  bool *sure, assay_err *err)
{
	asy_block_ref start = {.number = from};
	asy_commit ignored;
	bool queued = false;
	*revealed = false;
	*sure = true;
	assay_status st = asy_chain_block_hash(c, from, &start.hash, err);
	if (st == ASSAY_OK)
		st = is_queued(c, o, &start, &ignored, &queued, err);
	if (st == ASSAY_OK && queued) {
		st = left_queue_at(c, o, from, head->number, where, err);
		return st == ASSAY_OK ? revealed_in(c, o, *where, revealed, err) : st;
	}
	uint64_t b = head->number;
	for (unsigned k = 0;
		 k < SEARCH_BLOCKS && b >= from && !*revealed && st == ASSAY_OK && asy_ask_has_time(c);
		 k++, b--) {
		*where = b;
		st = revealed_in(c, o, b, revealed, err);
	}
	*sure = *revealed || b < from;
	return st;
}

static assay_status row_equals(asy_chain *c, const asy_opening *o, const asy_block_ref *at,
							   bool *equal, assay_err *err)
{
	uint16_t uid = 0;
	asy_entry *row = NULL;
	size_t n = 0;
	*equal = false;
	assay_status st = asy_chain_uid(c, o->netuid, &o->hotkey, at, &uid, err);
	if (st == ASSAY_E_NOTFOUND)
		return ASSAY_OK; /* not registered: nothing of ours is stored */
	if (st == ASSAY_OK)
		st = asy_chain_weights_row(c, o->netuid, o->mecid, uid, at, &row, &n, err);
	uint16_t *stored = st == ASSAY_OK ? asy_calloc(o->n > 0 ? o->n : 1, sizeof *stored) : NULL;
	if (st == ASSAY_OK && stored == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "a vector of %zu weights", o->n);
	if (st == ASSAY_OK && n == o->n && n > 0) {
		asy_max_upscale(o->values, o->n, stored);
		*equal = true;
		for (size_t i = 0; i < n && *equal; i++)
			*equal = row[i].uid == o->uids[i] && row[i].value == stored[i];
	}
	free(stored);
	free(row);
	return st;
}

static assay_status queued(asy_chain *c, const asy_opening *o, const asy_block_ref *at,
						   asy_commit *commit, assay_err *err)
{
	bool is_there = false;
	TRY(is_queued(c, o, at, commit, &is_there, err));
	return is_there ? ASSAY_OK : ASSAY_FAIL(err, E_NOTFOUND, "the commitment is not queued");
}

assay_status asy_chain_queued(asy_chain *c, const asy_opening *o, const asy_block_ref *at,
							  asy_commit *commit, assay_err *err)
{
	return ASY_ASK(c, err, queued(c, o, at, commit, err));
}

static assay_status find_commitment(asy_chain *c, const asy_opening *o, uint64_t from,
									asy_commitment_state *state, asy_commit *commit, assay_err *err)
{
	asy_block_ref head;
	asy_commit found = {.epoch = 0};
	bool queued = false, revealed = false, sure = false;
	uint64_t where = 0;
	assay_status st = asy_chain_head(c, &head, err);
	if (st == ASSAY_OK)
		st = is_queued(c, o, &head, &found, &queued, err);
	if (st == ASSAY_OK && !queued && from > 0 && from <= head.number)
		st = search_events(c, o, from, &head, &revealed, &where, &sure, err);
	if (revealed)
		found.block = where;
	if (st == ASSAY_OK && !queued && !revealed && !sure)
		st = row_equals(c, o, &head, &revealed, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "looking for a commitment");
	*state = queued     ? ASY_COMMITMENT_LIVE
			 : revealed ? ASY_COMMITMENT_REVEALED
						: ASY_COMMITMENT_ABSENT;
	*commit = found;
	return ASSAY_OK;
}

typedef struct {
	const asy_opening *o;
	uint64_t from;
	asy_commitment_state state;
	asy_commit commit;
} finding;

static assay_status find_here(asy_chain *c, void *arg, assay_err *err)
{
	finding *f = arg;
	return find_commitment(c, f->o, f->from, &f->state, &f->commit, err);
}

/* That a commitment is not there is believed when two endpoints say so. */
static assay_status find_at_two(asy_chain *c, finding *f, assay_err *err)
{
	assay_status st = find_here(c, f, err);
	if (st != ASSAY_OK || c->ep_n == 1 || f->state != ASY_COMMITMENT_ABSENT)
		return st;
	st = asy_ask_other(c, find_here, f, err);
	return asy_may_mend(st)
			   ? assay_err_at(err, ASSAY_E_AGAIN, "one endpoint has no such commitment, another")
			   : st;
}

assay_status asy_chain_find_commitment(asy_chain *c, const asy_opening *o, uint64_t from,
									   asy_commitment_state *state, asy_commit *commit,
									   assay_err *err)
{
	finding f = {.o = o, .from = from};
	assay_status st = ASY_ASK(c, err, find_at_two(c, &f, err));
	if (st == ASSAY_OK) {
		*state = f.state;
		*commit = f.commit;
	}
	return st;
}
