/* Commitments that the chain opens itself: whether this runtime takes them as we write them,
 * which beacon it waits for, and what is queued. The queue is kept by epoch.
 * Reason to change: the chain changes its queue or its beacon. */
#include <stdlib.h>
#include "chain/impl.h"
#include "codec/codec.h"
#include "schedule/schedule.h"

/* ---- the queue ---- */

void asy_ask_timelocked(asy_read *r, const asy_chain *c, uint16_t netuid, uint8_t mecid,
						const asy_epoch_state *epoch, uint64_t period, uint64_t at, uint64_t *first,
						uint64_t *count)
{
	uint64_t now = asy_schedule_lookahead(epoch, at);
	*first = *count = 0;
	if (c->items.item[ITEM_TIMELOCKED] == NULL)
		return;
	/* From the last unexpired epoch to the one after the running one. */
	*first = asy_sat_sub_u64(now, period < ASY_REVEAL_PERIOD_MAX ? period : ASY_REVEAL_PERIOD_MAX);
	*count = asy_sat_add_u64(now, 1) - *first + 1;
	for (uint64_t e = *first; e < *first + *count; e++) {
		uint8_t le[10];
		asy_put_u16le(le, asy_storage_index(netuid, mecid));
		asy_put_u64le(le + 2, e);
		const assay_span keys[2] = {asy_span(le, 2), asy_span(le + 2, 8)};
		(void)asy_read_add(r, c, ITEM_TIMELOCKED, keys, 2);
	}
}

assay_status asy_decode_timelocked(assay_span bytes, uint64_t epoch, asy_buf *out, assay_err *err)
{
	asy_scale in = asy_scale_in(bytes);
	size_t n = 0;
	assay_span who, body;
	TRY(asy_scale_count(&in, 49, ASY_COMMITS_MAX, &n, err));
	for (size_t i = 0; i < n; i++) {
		asy_commit c = {.kind = ASY_COMMIT_TIMELOCK, .epoch = epoch};
		TRY(asy_scale_raw(&in, 32, &who, err));
		TRY(asy_scale_u64(&in, &c.block, err));
		TRY(asy_scale_bytes(&in, ASY_SEAL_COMMIT_LIMIT, &body, err));
		TRY(asy_scale_u64(&in, &c.reveal_round, err));
		memcpy(c.hotkey.b, who.ptr, 32);
		asy_blake2b(body.ptr, body.len, c.hash.b, sizeof c.hash.b);
		TRY(asy_buf_add(out, &c, sizeof c, err));
	}
	return ASSAY_OK;
}

static assay_status read_queue(asy_chain *c, uint16_t netuid, uint8_t mecid,
							   const asy_block_ref *at, const asy_epoch_state *epoch,
							   uint64_t period, asy_buf *list, assay_err *err)
{
	asy_read r = {.slot = NULL};
	uint64_t first = 0, count = 0;
	assay_span bytes;
	asy_ask_timelocked(&r, c, netuid, mecid, epoch, period, at->number, &first, &count);
	assay_status st = asy_read_run(&r, c, &at->hash, err);
	for (uint64_t e = 0; e < count && st == ASSAY_OK; e++)
		if (asy_read_get(&r, c, (size_t)e, &bytes))
			st = asy_decode_timelocked(bytes, first + e, list, err);
	asy_read_fini(&r);
	return st;
}

static assay_status read_period(asy_chain *c, uint16_t netuid, const asy_block_ref *at,
								uint64_t *period, assay_err *err)
{
	asy_read r = {.slot = NULL};
	size_t i = asy_read_add_u16(&r, c, ITEM_REVEAL_PERIOD, netuid);
	assay_status st = asy_read_run(&r, c, &at->hash, err);
	*period = st == ASSAY_OK ? asy_read_int(&r, c, i, 1) : 1;
	asy_read_fini(&r);
	return st;
}

assay_status asy_chain_timelocked(asy_chain *c, uint16_t netuid, uint8_t mecid,
								  const asy_account *hotkey, const asy_block_ref *at,
								  asy_commit *out, size_t cap, size_t *n, assay_err *err)
{
	asy_epoch_state epoch;
	uint64_t period;
	asy_buf list = {0};
	*n = 0;
	TRY(asy_chain_epoch_state(c, netuid, at, &epoch, err));
	TRY(read_period(c, netuid, at, &period, err));
	assay_status st = read_queue(c, netuid, mecid, at, &epoch, period, &list, err);
	const asy_commit *all = (const asy_commit *)(const void *)list.ptr;
	for (size_t i = 0; st == ASSAY_OK && i < list.len / sizeof *all && *n < cap; i++)
		if (asy_account_eq(&all[i].hotkey, hotkey))
			out[(*n)++] = all[i];
	asy_buf_fini(&list);
	return st;
}

/* ---- what a block revealed before its epoch ---- */

/* The uids whose commitments the chain opened in that block: sets revealed[uid]. */
static assay_status find_revealed(asy_chain *c, const asy_block_ref *block, const assay_snapshot *s,
								  bool *revealed, bool *any, assay_err *err)
{
	asy_read r = {.slot = NULL};
	assay_span events;
	uint8_t who[34];
	size_t i = asy_read_add0(&r, c, ITEM_EVENTS);
	assay_status st = asy_read_run(&r, c, &block->hash, err);
	if (st == ASSAY_OK && !asy_read_get(&r, c, i, &events))
		st = ASSAY_FAIL(err, E_FORMAT, "a block without events");
	asy_put_u16le(who, asy_storage_index(s->netuid, s->mecid));
	for (size_t k = 0; k < s->commit_n && st == ASSAY_OK; k++) {
		long uid = s->commit[k].kind == ASY_COMMIT_TIMELOCK
					   ? asy_snapshot_find(s, &s->commit[k].hotkey)
					   : -1;
		if (uid < 0 || revealed[uid])
			continue;
		memcpy(who + 2, s->commit[k].hotkey.b, 32);
		st = asy_events_find(c->meta, events, "TimelockedWeightsRevealed", sizeof who, 0,
							 asy_span(who, sizeof who), &revealed[uid], err);
		*any = *any || revealed[uid];
	}
	asy_read_fini(&r);
	return st;
}

/* Rows as before, but those revealed as they are stored after the block. */
static assay_status take_rows(asy_chain *c, const asy_block_ref *block, assay_snapshot *s,
							  const bool *revealed, assay_err *err)
{
	asy_buf entries = {0};
	assay_status st = ASSAY_OK;
	uint32_t *len = asy_calloc(s->n + 1, sizeof *len);
	if (len == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu rows", s->n);
	for (size_t i = 0; i < s->n && st == ASSAY_OK; i++) {
		const asy_entry *row = asy_row(&s->weights, i);
		asy_entry *read = NULL;
		size_t n = asy_row_len(&s->weights, i);
		if (revealed[i]) {
			st = asy_chain_weights_row(c, s->netuid, s->mecid, (uint16_t)i, block, &read, &n, err);
			row = read;
		}
		if (st == ASSAY_OK && n > 0)
			st = asy_buf_add(&entries, row, n * sizeof *row, err);
		len[i] = (uint32_t)n;
		free(read);
	}
	if (st == ASSAY_OK)
		st = asy_snapshot_set_rows(s, &s->weights, len,
								   (const asy_entry *)(const void *)entries.ptr, err);
	asy_buf_fini(&entries);
	free(len);
	return st;
}

/* The queue as the epoch saw it: after the reveals, without what the block itself added. */
static assay_status take_queue(asy_chain *c, const asy_block_ref *block, assay_snapshot *s,
							   assay_err *err)
{
	asy_epoch_state epoch;
	asy_buf queue = {0}, list = {0};
	assay_status st = asy_chain_epoch_state(c, s->netuid, block, &epoch, err);
	if (st == ASSAY_OK)
		st = read_queue(c, s->netuid, s->mecid, block, &epoch, s->hyper.reveal_period_epochs,
						&queue, err);
	for (size_t i = 0; i < s->commit_n && st == ASSAY_OK; i++)
		if (s->commit[i].kind != ASY_COMMIT_TIMELOCK)
			st = asy_buf_add(&list, &s->commit[i], sizeof *s->commit, err);
	const asy_commit *q = (const asy_commit *)(const void *)queue.ptr;
	for (size_t i = 0; i < queue.len / sizeof *q && st == ASSAY_OK; i++)
		if (q[i].block < block->number)
			st = asy_buf_add(&list, &q[i], sizeof q[i], err);
	if (st == ASSAY_OK)
		st = asy_snapshot_set_commits(s, (const asy_commit *)(const void *)list.ptr,
									  list.len / sizeof *q, err);
	asy_buf_fini(&list);
	asy_buf_fini(&queue);
	return st;
}

static bool has_timelocked(const assay_snapshot *s)
{
	for (size_t i = 0; i < s->commit_n; i++)
		if (s->commit[i].kind == ASY_COMMIT_TIMELOCK)
			return true;
	return false;
}

static assay_status apply_reveals(asy_chain *c, const asy_block_ref *block, assay_snapshot *s,
								  assay_err *err)
{
	bool any = false, *revealed = NULL;
	if (!has_timelocked(s))
		return ASSAY_OK;
	revealed = asy_calloc(s->n + 1, sizeof *revealed);
	if (revealed == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu uids", s->n);
	assay_status st = find_revealed(c, block, s, revealed, &any, err);
	if (st == ASSAY_OK && any)
		st = take_rows(c, block, s, revealed, err);
	if (st == ASSAY_OK)
		st = take_queue(c, block, s, err);
	free(revealed);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "what a block revealed before its epoch");
}

assay_status asy_chain_apply_reveals(asy_chain *c, const asy_block_ref *block, assay_snapshot *s,
									 assay_err *err)
{
	return ASY_ASK(c, err, apply_reveals(c, block, s, err));
}

/* ---- the beacon ---- */

bool asy_chain_takes_timelock(const asy_chain *c, uint8_t mecid)
{
	asy_buf call = {0};
	bool good = c->items.item[ITEM_TIMELOCKED] != NULL &&
				asy_call_commit_timelocked(c->meta, 1, mecid, asy_span(NULL, 0), 1, &call, NULL) ==
					ASSAY_OK;
	asy_buf_fini(&call);
	return good;
}

/* Public key, period and genesis come first in the beacon's configuration. */
static bool take_beacon(assay_span bytes, asy_chain_beacon *out)
{
	asy_scale in = asy_scale_in(bytes);
	assay_span key;
	uint32_t period, genesis;
	if (asy_scale_bytes(&in, ASY_BLS_KEY_LEN, &key, NULL) != ASSAY_OK ||
		key.len != ASY_BLS_KEY_LEN || asy_scale_u32(&in, &period, NULL) != ASSAY_OK ||
		asy_scale_u32(&in, &genesis, NULL) != ASSAY_OK || period == 0)
		return false;
	memcpy(out->key, key.ptr, key.len);
	out->period = period;
	out->genesis_time = genesis;
	return true;
}

static assay_status read_beacon(asy_chain *c, const asy_block_ref *at, asy_chain_beacon *out,
								assay_err *err)
{
	asy_read r = {.slot = NULL};
	asy_chain_beacon b = {.is_known = false};
	assay_span bytes;
	size_t config = asy_read_add0(&r, c, ITEM_BEACON), last = asy_read_add0(&r, c, ITEM_LAST_ROUND);
	assay_status st = asy_read_run(&r, c, &at->hash, err);
	if (st == ASSAY_OK) {
		b.is_known = asy_read_get(&r, c, config, &bytes) && take_beacon(bytes, &b);
		b.last_round = asy_read_int(&r, c, last, 0);
		*out = b;
	}
	asy_read_fini(&r);
	return st;
}

assay_status asy_chain_read_beacon(asy_chain *c, const asy_block_ref *at, asy_chain_beacon *out,
								   assay_err *err)
{
	return ASY_ASK(c, err, read_beacon(c, at, out, err));
}
