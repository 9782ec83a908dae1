/* Timelock: commitments that the chain opens by itself, and the beacon that it waits for.
 * The beacon is ours: its secret is known to everybody (core/seal), so a pulse can be had for
 * any round. A pulse is stored when a queued commitment wants it, not before; the last
 * round follows Timestamp.Now with the lag of an ingesting chain.
 * mirrors: subtensor subnets/weights.rs:internal_commit_timelocked_weights and
 * coinbase/reveal_commits.rs, spec 475. A full queue of Null refuses the newcomer; the
 * chain may evict another entry instead.
 * Reason to change: the chain's timelock rules. */
#include <stdlib.h>
#include "localnet/runtime.h"
#include "seal/seal.h"

/* What pallet_drand of a real chain has of quicknet's clock. */
enum { GENESIS_S = 1692803367, PERIOD_S = 3, LAG_ROUNDS = 1 };
enum { NULL_ENTRIES_MAX = 64, NULL_BYTES_MAX = 65536, QUEUE_MAX = 4096 };

/* ---- the beacon ---- */

void asy_lnet_beacon_put(lnet_state *s)
{
	static const char hash[32], scheme[] = "bls-unchained-g1-rfc9380", id[] = "localnet";
	asy_buf v = {0};
	asy_scale_w w = asy_scale_out(&v);
	lnet_key k = asy_lnet_key(LNET_S_BEACON);
	asy_scale_put_bytes(&w, asy_test_beacon_key, ASY_BLS_KEY_LEN);
	asy_scale_put_u32(&w, PERIOD_S);
	asy_scale_put_u32(&w, GENESIS_S);
	asy_scale_put_bytes(&w, hash, sizeof hash);
	asy_scale_put_bytes(&w, hash, sizeof hash);
	asy_scale_put_bytes(&w, scheme, sizeof scheme - 1);
	asy_scale_put_bytes(&w, id, sizeof id - 1);
	if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
		asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_buf_span(&v));
	else
		asy_lnet_state_poison(s);
	asy_buf_fini(&v);
}

void asy_lnet_beacon_step(lnet_rt *rt)
{
	uint64_t now = asy_lnet_read0(rt->state, LNET_S_NOW) / 1000;
	if (rt->pulses_held || now < GENESIS_S)
		return;
	uint64_t last = (now - GENESIS_S) / PERIOD_S + 1;
	last = asy_sat_sub_u64(last, LAG_ROUNDS);
	if (last <= asy_lnet_read0(rt->state, LNET_S_LAST_ROUND))
		return;
	if (asy_lnet_read0(rt->state, LNET_S_OLDEST_ROUND) == 0)
		asy_lnet_write0(rt->state, LNET_S_OLDEST_ROUND, last);
	asy_lnet_write0(rt->state, LNET_S_LAST_ROUND, last);
}

/* The pulse of a round that has come; false: it has not. */
static bool pulse(lnet_rt *rt, uint64_t round, uint8_t signature[ASY_BLS_SIG_LEN])
{
	uint8_t msg[32], random[32];
	if (round > asy_lnet_read0(rt->state, LNET_S_LAST_ROUND))
		return false;
	asy_beacon_message(round, msg);
	asy_buf v = {0};
	asy_scale_w w = asy_scale_out(&v);
	lnet_key k = asy_lnet_key_u64(LNET_S_PULSES, round);
	bool good = asy_bls_sign(asy_test_beacon_secret, asy_span(msg, sizeof msg), signature, NULL) ==
				ASSAY_OK;
	asy_sha256(signature, ASY_BLS_SIG_LEN, random);
	asy_scale_put_u64(&w, round);
	asy_scale_put_bytes(&w, random, sizeof random);
	asy_scale_put_bytes(&w, signature, ASY_BLS_SIG_LEN);
	if (good && asy_scale_out_end(&w, NULL) == ASSAY_OK)
		asy_lnet_state_put(rt->state, asy_lnet_key_span(&k), asy_buf_span(&v));
	else
		asy_lnet_state_poison(rt->state);
	asy_buf_fini(&v);
	return good;
}

/* ---- the queue of one storage index and epoch ---- */

typedef struct {
	asy_account who;
	uint64_t block, round;
	assay_span commit; /* borrowed from bytes */
	bool gone;
} item;
typedef struct {
	item *item;
	size_t n;
	asy_buf bytes;
} queue;

static void queue_fini(queue *q)
{
	free(q->item);
	asy_buf_fini(&q->bytes);
	*q = (queue){0};
}

static bool get_item(asy_scale *in, item *out)
{
	assay_span who;
	*out = (item){.gone = false};
	if (asy_scale_raw(in, 32, &who, NULL) != ASSAY_OK ||
		asy_scale_u64(in, &out->block, NULL) != ASSAY_OK ||
		asy_scale_bytes(in, ASY_SEAL_COMMIT_LIMIT, &out->commit, NULL) != ASSAY_OK ||
		asy_scale_u64(in, &out->round, NULL) != ASSAY_OK)
		return false;
	memcpy(out->who.b, who.ptr, 32);
	return true;
}

/* Bytes are copied first: writes to the state end what it lent. False: no memory. */
static bool queue_get(const lnet_state *s, uint16_t index, uint64_t epoch, queue *q)
{
	lnet_key k = asy_lnet_key_u16_u64(LNET_S_TIMELOCK_COMMITS, index, epoch);
	assay_span v;
	size_t n = 0;
	*q = (queue){0};
	if (!asy_lnet_state_get(s, asy_lnet_key_span(&k), &v))
		return true;
	if (asy_buf_add(&q->bytes, v.ptr, v.len, NULL) != ASSAY_OK)
		return false;
	asy_scale in = asy_scale_in(asy_buf_span(&q->bytes));
	if (asy_scale_count(&in, 49, QUEUE_MAX, &n, NULL) != ASSAY_OK)
		n = 0;
	q->item = asy_calloc(n + 1, sizeof *q->item);
	if (q->item == NULL) {
		queue_fini(q);
		return false;
	}
	while (q->n < n && get_item(&in, &q->item[q->n]))
		q->n++;
	return true;
}

static void queue_put(lnet_state *s, uint16_t index, uint64_t epoch, const queue *q,
					  const item *added)
{
	lnet_key k = asy_lnet_key_u16_u64(LNET_S_TIMELOCK_COMMITS, index, epoch);
	asy_buf out = {0};
	asy_scale_w w = asy_scale_out(&out);
	size_t n = added != NULL;
	for (size_t i = 0; i < q->n; i++)
		n += !q->item[i].gone;
	asy_scale_put_compact(&w, n);
	for (size_t i = 0; i <= q->n; i++) {
		const item *x = i < q->n ? &q->item[i] : added;
		if (x == NULL || x->gone)
			continue;
		asy_scale_put_raw(&w, x->who.b, 32);
		asy_scale_put_u64(&w, x->block);
		asy_scale_put_bytes(&w, x->commit.ptr, x->commit.len);
		asy_scale_put_u64(&w, x->round);
	}
	if (asy_scale_out_end(&w, NULL) != ASSAY_OK)
		asy_lnet_state_poison(s);
	else if (n == 0)
		asy_lnet_state_del(s, asy_lnet_key_span(&k));
	else
		asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_buf_span(&out));
	asy_buf_fini(&out);
}

/* The epochs that a storage index has a queue for, oldest first. */
typedef struct {
	uint64_t epoch[64];
	size_t n;
} epochs;

static bool note_epoch(void *arg, assay_span key, assay_span value)
{
	epochs *e = arg;
	(void)value;
	uint64_t epoch = asy_get_u64le(key.ptr + key.len - 8);
	size_t at = e->n;
	while (at > 0 && e->epoch[at - 1] > epoch)
		at--;
	memmove(e->epoch + at + 1, e->epoch + at, (e->n - at) * sizeof epoch);
	e->epoch[at] = epoch;
	return ++e->n < ASY_COUNT(e->epoch);
}

static void queued_epochs(const lnet_state *s, uint16_t index, epochs *out)
{
	lnet_key k = asy_lnet_key_u16(LNET_S_TIMELOCK_COMMITS, index);
	out->n = 0;
	asy_lnet_state_scan(s, asy_lnet_state_block(s), asy_lnet_key_span(&k), asy_span(NULL, 0),
						ASY_COUNT(out->epoch), note_epoch, out);
}

/* ---- committing ---- */

static bool is_null(const lnet_state *s, uint16_t netuid)
{
	return asy_lnet_read1(s, LNET_S_EPOCH_CONSENSUS, netuid) == 1;
}

/* Null: one commitment of a hotkey and mechanism, a new one takes the place of the old. */
static void forget_older(lnet_state *s, uint16_t index, const asy_account *who)
{
	epochs e;
	queued_epochs(s, index, &e);
	for (size_t i = 0; i < e.n; i++) {
		queue q;
		if (!queue_get(s, index, e.epoch[i], &q)) {
			asy_lnet_state_poison(s);
			return;
		}
		for (size_t k = 0; k < q.n; k++)
			q.item[k].gone = asy_account_eq(&q.item[k].who, who);
		queue_put(s, index, e.epoch[i], &q, NULL);
		queue_fini(&q);
	}
}

/* Null: entries and bytes of an epoch, over all mechanisms of the subnet. */
static bool null_has_room(const lnet_state *s, uint16_t netuid, uint64_t epoch, size_t len)
{
	size_t entries = 1, bytes = len;
	uint64_t mechanisms = asy_lnet_read1(s, LNET_S_MECHANISMS, netuid);
	for (uint8_t m = 0; m < mechanisms; m++) {
		queue q;
		if (!queue_get(s, asy_storage_index(netuid, m), epoch, &q))
			return false;
		entries += q.n;
		for (size_t i = 0; i < q.n; i++)
			bytes += q.item[i].commit.len;
		queue_fini(&q);
	}
	return entries <= NULL_ENTRIES_MAX && bytes <= NULL_BYTES_MAX;
}

static int check_queue(lnet_rt *rt, const asy_account *who, const lnet_args *a, uint64_t epoch,
					   const queue *q)
{
	size_t mine = 0;
	if (is_null(rt->state, a->netuid))
		return null_has_room(rt->state, a->netuid, epoch, a->commit.len) ? LNET_OK
																		 : LNET_E_CommitQueueFull;
	for (size_t i = 0; i < q->n; i++)
		mine += asy_account_eq(&q->item[i].who, who);
	return mine < LNET_COMMITS_MAX ? LNET_OK : LNET_E_TooManyUnrevealedCommits;
}

static int check_commit(const lnet_rt *rt, const asy_account *who, const lnet_args *a,
						uint16_t *uid)
{
	const lnet_state *s = rt->state;
	unsigned mechanisms = (unsigned)asy_lnet_read1(s, LNET_S_MECHANISMS, a->netuid);
	if (!asy_lnet_mechanism_exists(s, a->netuid, a->mecid))
		return LNET_E_MechanismDoesNotExist;
	if (asy_lnet_read1(s, LNET_S_COMMIT_REVEAL, a->netuid) == 0)
		return LNET_E_CommitRevealDisabled;
	if (a->commit_version != asy_lnet_read0(s, LNET_S_COMMIT_VERSION))
		return LNET_E_IncorrectCommitRevealVersion;
	if (!asy_lnet_uid(s, a->netuid, who, uid))
		return LNET_E_HotKeyNotRegisteredInSubNet;
	if (!asy_lnet_rate_allows(s, a->netuid, a->mecid, *uid, rt->block))
		return LNET_E_CommittingWeightsTooFast;
	if (is_null(s, a->netuid) &&
		!asy_lnet_vec_bool_at(s, asy_lnet_key_u16(LNET_S_PERMIT, a->netuid), *uid))
		return LNET_E_NeuronNoValidatorPermit;
	return a->commit.len <= asy_timelock_commit_max(is_null(s, a->netuid), mechanisms)
			   ? LNET_OK
			   : LNET_E_CommitPayloadTooLarge;
}

static void committed(lnet_rt *rt, const asy_account *who, uint16_t index, const lnet_args *a)
{
	uint8_t f[74];
	memcpy(f, who->b, 32);
	asy_put_u16le(f + 32, index);
	asy_blake2b(a->commit.ptr, a->commit.len, f + 34, 32);
	asy_put_u64le(f + 66, a->reveal_round);
	asy_lnet_event(rt, LNET_EV_TIMELOCK_COMMITTED, asy_span(f, sizeof f));
}

int asy_lnet_timelock_commit(lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	lnet_state *s = rt->state;
	uint16_t uid, index = asy_storage_index(a->netuid, a->mecid);
	uint64_t epoch = asy_lnet_lookahead(s, a->netuid, rt->block);
	queue q;
	int e = check_commit(rt, who, a, &uid);
	if (e != LNET_OK)
		return e;
	if (is_null(s, a->netuid))
		forget_older(s, index, who);
	if (!queue_get(s, index, epoch, &q)) {
		asy_lnet_state_poison(s);
		return LNET_OK;
	}
	e = check_queue(rt, who, a, epoch, &q);
	if (e == LNET_OK) {
		const item mine = {*who, rt->block, a->reveal_round, a->commit, false};
		queue_put(s, index, epoch, &q, &mine);
		committed(rt, who, index, a);
		asy_lnet_vec_u64_set(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, index), uid, rt->block);
	}
	queue_fini(&q);
	return e;
}

size_t asy_lnet_timelock_list(const lnet_state *s, uint16_t index, lnet_timelocked *out, size_t cap)
{
	epochs e;
	size_t n = 0;
	queued_epochs(s, index, &e);
	for (size_t i = 0; i < e.n; i++) {
		queue q;
		if (!queue_get(s, index, e.epoch[i], &q))
			break;
		for (size_t k = 0; k < q.n && n < cap; k++)
			out[n++] = (lnet_timelocked){q.item[k].who, e.epoch[i], q.item[k].block};
		queue_fini(&q);
	}
	return n;
}

/* ---- revealing ---- */

/* Writes the row that a commitment holds; what is wrong with it is not said. */
static bool open_item(lnet_rt *rt, const item *x, const uint8_t signature[ASY_BLS_SIG_LEN],
					  uint16_t netuid, uint8_t mecid)
{
	asy_buf plain = {0};
	asy_timelock_vector v;
	bool good = asy_timelock_open(x->commit, signature, &plain, NULL) == ASSAY_OK &&
				asy_timelock_vector_read(asy_buf_span(&plain), &v, NULL) == ASSAY_OK &&
				(!v.has_hotkey || asy_account_eq(&v.hotkey, &x->who));
	if (good) {
		size_t mark = asy_lnet_state_mark(rt->state);
		good = asy_lnet_store_weights(
				   rt, &x->who, netuid, mecid, (lnet_u16s){v.uids.ptr, v.uids.len / 2},
				   (lnet_u16s){v.values.ptr, v.values.len / 2}, v.version_key) == LNET_OK;
		if (!good)
			asy_lnet_state_rollback(rt->state, mark);
	}
	asy_buf_fini(&plain);
	return good;
}

static void reveal_queue(lnet_rt *rt, uint16_t netuid, uint8_t mecid, uint64_t epoch)
{
	uint16_t index = asy_storage_index(netuid, mecid);
	queue q;
	bool changed = false;
	if (!queue_get(rt->state, index, epoch, &q)) {
		asy_lnet_state_poison(rt->state);
		return;
	}
	for (size_t i = 0; i < q.n; i++) {
		uint8_t signature[ASY_BLS_SIG_LEN], f[34];
		if (!pulse(rt, q.item[i].round, signature))
			continue; /* tried again in every block of this epoch */
		q.item[i].gone = changed = true;
		if (!open_item(rt, &q.item[i], signature, netuid, mecid))
			continue;
		asy_put_u16le(f, index);
		memcpy(f + 2, q.item[i].who.b, 32);
		asy_lnet_event(rt, LNET_EV_TIMELOCK_REVEALED, asy_span(f, sizeof f));
	}
	if (changed)
		queue_put(rt->state, index, epoch, &q, NULL);
	queue_fini(&q);
}

void asy_lnet_timelock_reveal(lnet_rt *rt, uint16_t netuid)
{
	uint64_t now = asy_lnet_lookahead(rt->state, netuid, rt->block),
			 period = asy_lnet_read1(rt->state, LNET_S_REVEAL_PERIOD, netuid),
			 mechanisms = asy_lnet_read1(rt->state, LNET_S_MECHANISMS, netuid);
	for (uint8_t m = 0; m < mechanisms; m++) {
		uint16_t index = asy_storage_index(netuid, m);
		epochs e;
		queued_epochs(rt->state, index, &e);
		for (size_t i = 0; i < e.n && e.epoch[i] < asy_sat_sub_u64(now, period); i++) {
			lnet_key k = asy_lnet_key_u16_u64(LNET_S_TIMELOCK_COMMITS, index, e.epoch[i]);
			asy_lnet_state_del(rt->state, asy_lnet_key_span(&k)); /* expired, never revealed */
		}
		if (now >= period)
			reveal_queue(rt, netuid, m, now - period);
	}
}
