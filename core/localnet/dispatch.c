/* Dispatch: from a decoded call to its rule, and the checks that the chain makes before
 * it lets a call into the pool.
 * Reason to change: a call is added, or a pool-stage check. */
#include "localnet/runtime.h"
#include "seal/seal.h"

/* Numbers of "Custom error: N", from the chain's transaction_error list. */
enum {
	CUSTOM_STAKE_TOO_LOW = 1,
	CUSTOM_RATE_LIMIT = 6,
	CUSTOM_NOT_REGISTERED = 10,
	CUSTOM_INVALID_IP = 11,
	CUSTOM_SERVING_RATE = 12,
	CUSTOM_INVALID_PORT = 13,
	CUSTOM_INVALID_REVEAL_ROUND = 15,
	CUSTOM_COMMIT_NOT_FOUND = 16,
	CUSTOM_NOT_IN_REVEAL_RANGE = 17,
	CUSTOM_LENGTHS_UNEQUAL = 18,
	CUSTOM_UID_NOT_FOUND = 19,
	CUSTOM_BAD_REQUEST = 255
};

static int check_stake(const lnet_rt *rt, const asy_account *who, uint16_t netuid)
{
	return asy_lnet_stake_suffices(rt->state, netuid, who) ? LNET_OK : CUSTOM_STAKE_TOO_LOW;
}

static int check_rate(const lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	uint16_t uid;
	if (!asy_lnet_uid(rt->state, a->netuid, who, &uid))
		return CUSTOM_UID_NOT_FOUND;
	return asy_lnet_rate_allows(rt->state, a->netuid, a->mecid, uid, rt->block) ? LNET_OK
																				: CUSTOM_RATE_LIMIT;
}

/* One vector of a reveal against the queue as stored, window included. */
static int check_opening(const lnet_rt *rt, uint16_t netuid, const lnet_commits *q,
						 const asy_hash *hash)
{
	for (size_t i = 0; i < q->n; i++) {
		if (!asy_hash_eq(&q->item[i].hash, hash))
			continue;
		uint64_t period = asy_lnet_read1(rt->state, LNET_S_REVEAL_PERIOD, netuid);
		return asy_lnet_lookahead(rt->state, netuid, rt->block) ==
					   asy_sat_add_u64(q->item[i].epoch, period)
				   ? LNET_OK
				   : CUSTOM_NOT_IN_REVEAL_RANGE;
	}
	return CUSTOM_COMMIT_NOT_FOUND;
}

static int check_reveal(const lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	lnet_commits q;
	asy_hash hash;
	uint16_t index = asy_storage_index(a->netuid, a->mecid);
	asy_lnet_commits_get(rt->state, index, who, &q);
	asy_lnet_reveal_hash(who, index, a->uids, a->values, a->salt, a->version_key, &hash);
	return check_opening(rt, a->netuid, &q, &hash);
}

static bool next_list(asy_scale *in, lnet_u16s *out)
{
	size_t n;
	assay_span raw;
	if (asy_scale_count(in, 2, ASY_UIDS_MAX, &n, NULL) != ASSAY_OK ||
		asy_scale_raw(in, 2 * n, &raw, NULL) != ASSAY_OK)
		return false;
	*out = (lnet_u16s){raw.ptr, n};
	return true;
}

static size_t list_n(assay_span list, asy_scale *in)
{
	size_t n;
	*in = asy_scale_in(list);
	return asy_scale_count(in, 1, LNET_BATCH_MAX, &n, NULL) == ASSAY_OK ? n : SIZE_MAX;
}

static int check_batch_reveal(const lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	asy_scale u, v, s, k;
	size_t n = list_n(a->list1, &u);
	lnet_commits q;
	if (list_n(a->list2, &v) != n || list_n(a->list3, &s) != n || list_n(a->list4, &k) != n)
		return CUSTOM_LENGTHS_UNEQUAL;
	asy_lnet_commits_get(rt->state, a->netuid, who, &q);
	for (size_t i = 0; i < n; i++) {
		lnet_u16s uids, values, salt;
		uint64_t key;
		asy_hash hash;
		if (!next_list(&u, &uids) || !next_list(&v, &values) || !next_list(&s, &salt) ||
			asy_scale_u64(&k, &key, NULL) != ASSAY_OK)
			return CUSTOM_BAD_REQUEST;
		asy_lnet_reveal_hash(who, a->netuid, uids, values, salt, key, &hash);
		int c = check_opening(rt, a->netuid, &q, &hash);
		if (c != LNET_OK)
			return c;
	}
	return LNET_OK;
}

/* Lengths, then the stake threshold of every subnet named. */
static int check_batch(const lnet_rt *rt, const asy_account *who, const lnet_args *a, bool set)
{
	asy_scale nets, other;
	size_t n = list_n(a->list1, &nets);
	if (list_n(a->list2, &other) != n || (set && list_n(a->list3, &other) != n))
		return CUSTOM_LENGTHS_UNEQUAL;
	for (size_t i = 0; i < n; i++) {
		uint64_t netuid;
		if (asy_scale_compact(&nets, &netuid, NULL) != ASSAY_OK)
			return CUSTOM_BAD_REQUEST;
		int c = check_stake(rt, who, (uint16_t)netuid);
		if (c != LNET_OK)
			return c;
	}
	return LNET_OK;
}

static int check_serving(const lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	switch (asy_lnet_check_axon(rt, who, a)) {
	case LNET_OK:
		return LNET_OK;
	case LNET_E_HotKeyNotRegisteredInNetwork:
		return CUSTOM_NOT_REGISTERED;
	case LNET_E_InvalidIpAddress:
		return CUSTOM_INVALID_IP;
	case LNET_E_InvalidPort:
		return CUSTOM_INVALID_PORT;
	case LNET_E_ServingRateLimitExceeded:
		return CUSTOM_SERVING_RATE;
	default: /* the ip type */
		return CUSTOM_BAD_REQUEST;
	}
}

/* The pool of spec 475 turns away what would fail for a reason that it knows. */
static int check_commit(const lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	int c = check_stake(rt, who, a->netuid);
	return c == LNET_OK ? check_rate(rt, who, a) : c;
}

static int check_timelock(const lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	bool guarded = asy_lnet_state_generation(rt->state)->pool_guards;
	int c = guarded ? check_commit(rt, who, a) : check_stake(rt, who, a->netuid);
	if (!guarded && a->commit.len > asy_timelock_commit_max(false, 1))
		c = CUSTOM_BAD_REQUEST; /* the argument itself was bounded then */
	if (c == LNET_OK && a->reveal_round < asy_lnet_read0(rt->state, LNET_S_LAST_ROUND))
		c = CUSTOM_INVALID_REVEAL_ROUND;
	return c;
}

static int check_set(const lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	int c = check_stake(rt, who, a->netuid);
	if (c != LNET_OK)
		return c;
	if (asy_lnet_state_generation(rt->state)->pool_guards &&
		asy_lnet_read1(rt->state, LNET_S_COMMIT_REVEAL, a->netuid) != 0)
		return CUSTOM_BAD_REQUEST;
	return check_rate(rt, who, a);
}

static int check(const lnet_rt *rt, const lnet_extrinsic *x)
{
	const lnet_args *a = &x->args;
	const asy_account *who = &x->signer;
	int c = LNET_OK;
	switch (x->call) {
	case LNET_C_SET_WEIGHTS:
	case LNET_C_SET_MECHANISM_WEIGHTS:
		return check_set(rt, who, a);
	case LNET_C_COMMIT_WEIGHTS:
	case LNET_C_COMMIT_MECHANISM_WEIGHTS:
		return check_commit(rt, who, a);
	case LNET_C_COMMIT_TIMELOCKED_WEIGHTS:
	case LNET_C_COMMIT_TIMELOCKED_MECHANISM_WEIGHTS:
		return check_timelock(rt, who, a);
	case LNET_C_REVEAL_WEIGHTS:
	case LNET_C_REVEAL_MECHANISM_WEIGHTS:
		c = check_stake(rt, who, a->netuid);
		return c == LNET_OK ? check_reveal(rt, who, a) : c;
	case LNET_C_BATCH_REVEAL_WEIGHTS:
		c = check_stake(rt, who, a->netuid);
		return c == LNET_OK ? check_batch_reveal(rt, who, a) : c;
	case LNET_C_BATCH_SET_WEIGHTS:
		return check_batch(rt, who, a, true);
	case LNET_C_BATCH_COMMIT_WEIGHTS:
		return check_batch(rt, who, a, false);
	case LNET_C_SERVE_AXON:
		return check_serving(rt, who, a);
	case LNET_C_BURNED_REGISTER:
	case LNET_C_TIMESTAMP_SET:
	case LNET_C_N:
		break;
	}
	return c;
}

lnet_validity asy_lnet_check_call(const lnet_rt *rt, const lnet_extrinsic *x, uint8_t *custom)
{
	int c = check(rt, x);
	if (c == LNET_OK)
		return LNET_VALID;
	*custom = (uint8_t)c;
	return LNET_CUSTOM;
}

static int run(lnet_rt *rt, const lnet_extrinsic *x)
{
	const asy_account *who = &x->signer;
	switch (x->call) {
	case LNET_C_SET_WEIGHTS:
	case LNET_C_SET_MECHANISM_WEIGHTS:
		return asy_lnet_set_weights(rt, who, &x->args);
	case LNET_C_BATCH_SET_WEIGHTS:
		return asy_lnet_batch_set_weights(rt, who, &x->args);
	case LNET_C_COMMIT_WEIGHTS:
	case LNET_C_COMMIT_MECHANISM_WEIGHTS:
		return asy_lnet_commit(rt, who, x->args.netuid, x->args.mecid, &x->args.hash);
	case LNET_C_COMMIT_TIMELOCKED_WEIGHTS:
	case LNET_C_COMMIT_TIMELOCKED_MECHANISM_WEIGHTS:
		return asy_lnet_timelock_commit(rt, who, &x->args);
	case LNET_C_BATCH_COMMIT_WEIGHTS:
		return asy_lnet_batch_commit(rt, who, &x->args);
	case LNET_C_REVEAL_WEIGHTS:
	case LNET_C_REVEAL_MECHANISM_WEIGHTS:
		return asy_lnet_reveal(rt, who, &x->args);
	case LNET_C_BATCH_REVEAL_WEIGHTS:
		return asy_lnet_batch_reveal(rt, who, &x->args);
	case LNET_C_SERVE_AXON:
		return asy_lnet_serve_axon(rt, who, &x->args);
	case LNET_C_BURNED_REGISTER:
		return asy_lnet_burned_register(rt, who, &x->args);
	case LNET_C_TIMESTAMP_SET:
		asy_lnet_write0(rt->state, LNET_S_NOW, x->args.now);
		return LNET_OK;
	case LNET_C_N:
		break;
	}
	return LNET_OK;
}

int asy_lnet_dispatch(lnet_rt *rt, const lnet_extrinsic *x)
{
	size_t mark = asy_lnet_state_mark(rt->state), events = rt->events.len;
	uint32_t events_n = rt->events_n;
	int e = run(rt, x);
	if (e != LNET_OK) {
		asy_lnet_state_rollback(rt->state, mark);
		rt->events.len = events;
		rt->events_n = events_n;
	}
	return e;
}
