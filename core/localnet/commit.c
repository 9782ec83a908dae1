/* Commit: the hash-commit queue: append, expire, reveal. One queue per hotkey
 * and storage index; expired entries are always at its front.
 * Reason to change: the chain's hash commit rules. */
#include <stdlib.h>
#include "localnet/runtime.h"

enum { ITEM_LEN = 32 + 3 * 8 };

void asy_lnet_commits_get(const lnet_state *s, uint16_t index, const asy_account *who,
						  lnet_commits *out)
{
	lnet_key k = asy_lnet_key_u16_account(LNET_S_WEIGHT_COMMITS, index, who);
	assay_span v;
	out->n = 0;
	if (!asy_lnet_state_get(s, asy_lnet_key_span(&k), &v))
		return;
	asy_scale in = asy_scale_in(v);
	size_t n;
	if (asy_scale_count(&in, ITEM_LEN, LNET_COMMITS_MAX, &n, NULL) != ASSAY_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = v.ptr + in.at + ITEM_LEN * i;
		lnet_commit *c = &out->item[out->n++];
		memcpy(c->hash.b, p, 32);
		c->epoch = asy_get_u64le(p + 32);
		c->block = asy_get_u64le(p + 40);
		c->unused = asy_get_u64le(p + 48);
	}
}

static void commits_put(lnet_state *s, uint16_t index, const asy_account *who,
						const lnet_commits *q)
{
	lnet_key k = asy_lnet_key_u16_account(LNET_S_WEIGHT_COMMITS, index, who);
	asy_buf out = {0};
	asy_scale_w w = asy_scale_out(&out);
	if (q->n == 0) {
		asy_lnet_state_del(s, asy_lnet_key_span(&k));
		return;
	}
	asy_scale_put_compact(&w, q->n);
	for (size_t i = 0; i < q->n; i++) {
		asy_scale_put_raw(&w, q->item[i].hash.b, 32);
		asy_scale_put_u64(&w, q->item[i].epoch);
		asy_scale_put_u64(&w, q->item[i].block);
		asy_scale_put_u64(&w, q->item[i].unused);
	}
	if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
		asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_buf_span(&out));
	else
		asy_lnet_state_poison(s);
	asy_buf_fini(&out);
}

static void drop(lnet_commits *q, size_t from, size_t n)
{
	memmove(q->item + from, q->item + from + n, (q->n - from - n) * sizeof *q->item);
	q->n -= n;
}

/* Moves the expired front of the queue into gone. */
static void expire(lnet_commits *q, lnet_commits *gone, uint64_t epoch, uint64_t period)
{
	gone->n = 0;
	while (gone->n < q->n && epoch > asy_sat_add_u64(q->item[gone->n].epoch, period)) {
		gone->item[gone->n] = q->item[gone->n];
		gone->n++;
	}
	drop(q, 0, gone->n);
}

static size_t position(const lnet_commits *q, const asy_hash *hash)
{
	size_t i = 0;
	while (i < q->n && !asy_hash_eq(&q->item[i].hash, hash))
		i++;
	return i;
}

/* Compact form of a list length; lists are far shorter than 2^30. */
static size_t compact_len(size_t n, uint8_t out[4])
{
	size_t len = n < 64 ? 1 : n < 16384 ? 2 : 4;
	asy_put_u32le(out, (uint32_t)(n << 2 | len >> 1));
	return len;
}

void asy_lnet_reveal_hash(const asy_account *who, uint16_t index, lnet_u16s uids, lnet_u16s values,
						  lnet_u16s salt, uint64_t version_key, asy_hash *out)
{
	const lnet_u16s *lists[3] = {&uids, &values, &salt};
	asy_blake2b_state h;
	uint8_t b[8];
	asy_blake2b_init(&h, 32);
	asy_blake2b_update(&h, who->b, 32);
	asy_put_u16le(b, index);
	asy_blake2b_update(&h, b, 2);
	for (size_t i = 0; i < 3; i++) {
		asy_blake2b_update(&h, b, compact_len(lists[i]->n, b));
		asy_blake2b_update(&h, lists[i]->p, 2 * lists[i]->n);
	}
	asy_put_u64le(b, version_key);
	asy_blake2b_update(&h, b, 8);
	asy_blake2b_final(&h, out->b, 32);
}

int asy_lnet_commit(lnet_rt *rt, const asy_account *who, uint16_t netuid, uint8_t mecid,
					const asy_hash *hash)
{
	lnet_state *s = rt->state;
	uint16_t uid, index = asy_storage_index(netuid, mecid);
	if (!asy_lnet_mechanism_exists(s, netuid, mecid))
		return LNET_E_MechanismDoesNotExist;
	if (asy_lnet_read1(s, LNET_S_COMMIT_REVEAL, netuid) == 0)
		return LNET_E_CommitRevealDisabled;
	if (!asy_lnet_uid(s, netuid, who, &uid))
		return LNET_E_HotKeyNotRegisteredInSubNet;
	if (!asy_lnet_rate_allows(s, netuid, mecid, uid, rt->block))
		return LNET_E_CommittingWeightsTooFast;
	lnet_commits q, gone;
	uint64_t epoch = asy_lnet_lookahead(s, netuid, rt->block);
	asy_lnet_commits_get(s, index, who, &q);
	expire(&q, &gone, epoch, asy_lnet_read1(s, LNET_S_REVEAL_PERIOD, netuid));
	if (q.n >= LNET_COMMITS_MAX)
		return LNET_E_TooManyUnrevealedCommits;
	q.item[q.n++] = (lnet_commit){*hash, epoch, rt->block, 0};
	commits_put(s, index, who, &q);
	asy_lnet_event_who(rt, LNET_EV_WEIGHTS_COMMITTED, who, index, hash);
	asy_lnet_vec_u64_set(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, index), uid, rt->block);
	return LNET_OK;
}

int asy_lnet_batch_commit(lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	asy_scale nets = asy_scale_in(a->list1), hashes = asy_scale_in(a->list2);
	size_t n, hashes_n;
	if (asy_scale_count(&nets, 1, LNET_BATCH_MAX, &n, NULL) != ASSAY_OK ||
		asy_scale_count(&hashes, 32, LNET_BATCH_MAX, &hashes_n, NULL) != ASSAY_OK || n != hashes_n)
		return LNET_E_InputLengthsUnequal;
	bool failed = false;
	for (size_t i = 0; i < n; i++) {
		uint64_t netuid;
		assay_span raw;
		asy_hash hash;
		if (asy_scale_compact(&nets, &netuid, NULL) != ASSAY_OK ||
			asy_scale_raw(&hashes, 32, &raw, NULL) != ASSAY_OK)
			return LNET_E_InputLengthsUnequal;
		memcpy(hash.b, raw.ptr, 32);
		size_t mark = asy_lnet_state_mark(rt->state);
		int e = asy_lnet_commit(rt, who, (uint16_t)netuid, 0, &hash);
		if (e != LNET_OK) {
			asy_lnet_state_rollback(rt->state, mark);
			asy_lnet_event_item_failed(rt, e);
			failed = true;
		}
	}
	asy_lnet_event_batch(rt, failed, a->list1, who);
	return LNET_OK;
}

/* Finds the commit that a vector opens and checks its window; at gets its place. */
static int match(const lnet_rt *rt, uint16_t netuid, const lnet_commits *q,
				 const lnet_commits *gone, const asy_hash *hash, size_t *at)
{
	*at = position(q, hash);
	if (*at == q->n)
		return position(gone, hash) < gone->n ? LNET_E_ExpiredWeightCommit
											  : LNET_E_InvalidRevealCommitHashNotMatch;
	uint64_t epoch = asy_lnet_lookahead(rt->state, netuid, rt->block);
	uint64_t opens = asy_sat_add_u64(q->item[*at].epoch,
									 asy_lnet_read1(rt->state, LNET_S_REVEAL_PERIOD, netuid));
	/* Only the front can be expired: commits are queued by epoch. */
	return epoch == opens ? LNET_OK
						  : (epoch < opens ? LNET_E_RevealTooEarly : LNET_E_ExpiredWeightCommit);
}

static int open_queue(const lnet_rt *rt, const asy_account *who, uint16_t netuid, uint8_t mecid,
					  lnet_commits *q, lnet_commits *gone)
{
	const lnet_state *s = rt->state;
	if (!asy_lnet_mechanism_exists(s, netuid, mecid))
		return LNET_E_MechanismDoesNotExist;
	if (asy_lnet_read1(s, LNET_S_COMMIT_REVEAL, netuid) == 0)
		return LNET_E_CommitRevealDisabled;
	asy_lnet_commits_get(s, asy_storage_index(netuid, mecid), who, q);
	if (q->n == 0)
		return LNET_E_NoWeightsCommitFound;
	expire(q, gone, asy_lnet_lookahead(s, netuid, rt->block),
		   asy_lnet_read1(s, LNET_S_REVEAL_PERIOD, netuid));
	return LNET_OK;
}

int asy_lnet_reveal(lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	uint16_t index = asy_storage_index(a->netuid, a->mecid);
	lnet_commits q, gone;
	asy_hash hash;
	size_t at;
	int e = open_queue(rt, who, a->netuid, a->mecid, &q, &gone);
	if (e != LNET_OK)
		return e;
	asy_lnet_reveal_hash(who, index, a->uids, a->values, a->salt, a->version_key, &hash);
	e = match(rt, a->netuid, &q, &gone, &hash, &at);
	if (e != LNET_OK)
		return e;
	drop(&q, 0, at + 1); /* earlier commits are forfeited */
	commits_put(rt->state, index, who, &q);
	e = asy_lnet_store_weights(rt, who, a->netuid, a->mecid, a->uids, a->values, a->version_key);
	if (e == LNET_OK)
		asy_lnet_event_who(rt, LNET_EV_WEIGHTS_REVEALED, who, index, &hash);
	return e;
}

static int next_u16s(asy_scale *in, lnet_u16s *out)
{
	size_t n;
	assay_span raw;
	if (asy_scale_count(in, 2, ASY_UIDS_MAX, &n, NULL) != ASSAY_OK ||
		asy_scale_raw(in, 2 * n, &raw, NULL) != ASSAY_OK)
		return LNET_E_InputLengthsUnequal;
	*out = (lnet_u16s){raw.ptr, n};
	return LNET_OK;
}

/* One item: match, take it from the queue, store the row. */
static int reveal_item(lnet_rt *rt, const asy_account *who, uint16_t netuid, asy_scale in[4],
					   lnet_commits *q, const lnet_commits *gone, asy_hash *hash)
{
	lnet_u16s uids, values, salt;
	uint64_t key;
	size_t at;
	if (next_u16s(&in[0], &uids) != LNET_OK || next_u16s(&in[1], &values) != LNET_OK ||
		next_u16s(&in[2], &salt) != LNET_OK || asy_scale_u64(&in[3], &key, NULL) != ASSAY_OK)
		return LNET_E_InputLengthsUnequal;
	asy_lnet_reveal_hash(who, netuid, uids, values, salt, key, hash);
	int e = match(rt, netuid, q, gone, hash, &at);
	if (e != LNET_OK)
		return e;
	drop(q, at, 1); /* the others stay queued */
	return asy_lnet_store_weights(rt, who, netuid, 0, uids, values, key);
}

int asy_lnet_batch_reveal(lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	asy_scale in[4] = {asy_scale_in(a->list1), asy_scale_in(a->list2), asy_scale_in(a->list3),
					   asy_scale_in(a->list4)};
	lnet_commits q, gone;
	size_t n[4];
	for (size_t i = 0; i < 4; i++)
		if (asy_scale_count(&in[i], 1, LNET_BATCH_MAX, &n[i], NULL) != ASSAY_OK || n[i] != n[0])
			return LNET_E_InputLengthsUnequal;
	int e = open_queue(rt, who, a->netuid, 0, &q, &gone);
	asy_hash *hashes = asy_calloc(n[0] + 1, sizeof *hashes);
	if (hashes == NULL) {
		asy_lnet_state_poison(rt->state);
		return LNET_OK;
	}
	for (size_t i = 0; e == LNET_OK && i < n[0]; i++)
		e = reveal_item(rt, who, a->netuid, in, &q, &gone, &hashes[i]);
	if (e == LNET_OK) {
		asy_buf f = {0};
		asy_scale_w w = asy_scale_out(&f);
		commits_put(rt->state, a->netuid, who, &q);
		asy_scale_put_raw(&w, who->b, 32);
		asy_scale_put_u16(&w, a->netuid);
		asy_scale_put_compact(&w, n[0]);
		for (size_t i = 0; i < n[0]; i++)
			asy_scale_put_raw(&w, hashes[i].b, 32);
		if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
			asy_lnet_event(rt, LNET_EV_BATCH_REVEALED, asy_buf_span(&f));
		else
			asy_lnet_state_poison(rt->state);
		asy_buf_fini(&f);
	}
	free(hashes);
	return e;
}
