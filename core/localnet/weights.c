/* Weights: setting a row, directly or from a reveal. Checks in the chain's order,
 * because the first failing one decides the error that a client sees.
 * Reason to change: the chain's set-weights rules. */
#include <stdlib.h>
#include "localnet/runtime.h"

bool asy_lnet_mechanism_exists(const lnet_state *s, uint16_t netuid, uint8_t mecid)
{
	return asy_lnet_read1(s, LNET_S_NETWORKS_ADDED, netuid) != 0 &&
		   mecid < asy_lnet_read1(s, LNET_S_MECHANISMS, netuid);
}

bool asy_lnet_rate_allows(const lnet_state *s, uint16_t netuid, uint8_t mecid, uint16_t uid,
						  uint64_t block)
{
	uint64_t last = asy_lnet_vec_u64_at(
		s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, asy_storage_index(netuid, mecid)), uid);
	return last == 0 ||
		   asy_sat_sub_u64(block, last) >= asy_lnet_read1(s, LNET_S_WEIGHTS_RATE, netuid);
}

static bool has_duplicates(lnet_u16s uids)
{
	uint8_t seen[8192] = {0};
	for (size_t i = 0; i < uids.n; i++) {
		uint16_t u = asy_lnet_u16_at(uids, i);
		if (seen[u / 8] & (1u << (u % 8)))
			return true;
		seen[u / 8] |= (uint8_t)(1u << (u % 8));
	}
	return false;
}

static int check_vector(const lnet_rt *rt, uint16_t netuid, uint16_t uid, uint16_t n,
						lnet_u16s uids)
{
	bool self = uids.n == 1 && asy_lnet_u16_at(uids, 0) == uid;
	if (has_duplicates(uids))
		return LNET_E_DuplicateUids;
	for (size_t i = 0; i < uids.n; i++)
		if (asy_lnet_u16_at(uids, i) >= n)
			return LNET_E_UidVecContainInvalidOne;
	uint64_t least = asy_lnet_read1(rt->state, LNET_S_MIN_WEIGHTS, netuid);
	if (!self && uids.n < (least < n ? least : n))
		return LNET_E_WeightVecLengthIsLow;
	return LNET_OK;
}

/* Who may write at all: registration, stake, version key, pace, permit. */
static int check_writer(const lnet_rt *rt, const asy_account *who, uint16_t netuid, uint8_t mecid,
						lnet_u16s uids, uint64_t version_key, uint16_t *uid)
{
	const lnet_state *s = rt->state;
	if (!asy_lnet_uid(s, netuid, who, uid))
		return LNET_E_HotKeyNotRegisteredInSubNet;
	if (!asy_lnet_stake_suffices(s, netuid, who))
		return LNET_E_NotEnoughStakeToSetWeights;
	uint64_t key = asy_lnet_read1(s, LNET_S_VERSION_KEY, netuid);
	if (key != 0 && version_key < key)
		return LNET_E_IncorrectWeightVersionKey;
	if (asy_lnet_read1(s, LNET_S_COMMIT_REVEAL, netuid) == 0 &&
		!asy_lnet_rate_allows(s, netuid, mecid, *uid, rt->block))
		return LNET_E_SettingWeightsTooFast;
	asy_account owner =
		asy_lnet_read_account(s, asy_lnet_key_u16(LNET_S_SUBNET_OWNER_HOTKEY, netuid));
	/* In Null one validator decides: no exception for the owner or for oneself. */
	bool is_null = asy_lnet_read1(s, LNET_S_EPOCH_CONSENSUS, netuid) == 1;
	bool self = uids.n == 1 && asy_lnet_u16_at(uids, 0) == *uid;
	if ((is_null || (!self && !asy_account_eq(&owner, who))) &&
		!asy_lnet_vec_bool_at(s, asy_lnet_key_u16(LNET_S_PERMIT, netuid), *uid))
		return LNET_E_NeuronNoValidatorPermit;
	return LNET_OK;
}

static void put_row(lnet_rt *rt, uint16_t index, uint16_t uid, lnet_u16s uids, lnet_u16s values,
					bool as_sent)
{
	asy_buf out = {0};
	asy_scale_w w = asy_scale_out(&out);
	uint16_t *v = asy_calloc(values.n + 1, sizeof *v);
	if (v == NULL) {
		asy_lnet_state_poison(rt->state);
		return;
	}
	for (size_t i = 0; i < values.n; i++)
		v[i] = asy_lnet_u16_at(values, i);
	if (!as_sent)
		asy_max_upscale(v, values.n, v);
	asy_scale_put_compact(&w, values.n);
	for (size_t i = 0; i < values.n; i++) {
		asy_scale_put_u16(&w, asy_lnet_u16_at(uids, i));
		asy_scale_put_u16(&w, v[i]);
	}
	if (asy_scale_out_end(&w, NULL) == ASSAY_OK) {
		lnet_key k = asy_lnet_key_u16x2(LNET_S_WEIGHTS, index, uid);
		asy_lnet_state_put(rt->state, asy_lnet_key_span(&k), asy_buf_span(&out));
	} else {
		asy_lnet_state_poison(rt->state);
	}
	asy_buf_fini(&out);
	free(v);
}

int asy_lnet_store_weights(lnet_rt *rt, const asy_account *who, uint16_t netuid, uint8_t mecid,
						   lnet_u16s uids, lnet_u16s values, uint64_t version_key)
{
	uint16_t uid, index = asy_storage_index(netuid, mecid);
	uint16_t n = (uint16_t)asy_lnet_read1(rt->state, LNET_S_SUBNETWORK_N, netuid);
	if (netuid == 0)
		return LNET_E_CanNotSetRootNetworkWeights;
	if (uids.n != values.n)
		return LNET_E_WeightVecNotEqualSize;
	if (!asy_lnet_mechanism_exists(rt->state, netuid, mecid))
		return LNET_E_MechanismDoesNotExist;
	if (uids.n > n)
		return LNET_E_UidsLengthExceedUidsInSubNet;
	int e = check_writer(rt, who, netuid, mecid, uids, version_key, &uid);
	if (e == LNET_OK)
		e = check_vector(rt, netuid, uid, n, uids);
	if (e != LNET_OK)
		return e;
	put_row(rt, index, uid, uids, values,
			asy_lnet_read1(rt->state, LNET_S_EPOCH_CONSENSUS, netuid) == 1);
	if (asy_lnet_read1(rt->state, LNET_S_COMMIT_REVEAL, netuid) == 0)
		asy_lnet_vec_u64_set(rt->state, asy_lnet_key_u16(LNET_S_LAST_UPDATE, index), uid,
							 rt->block);
	asy_lnet_event_u16s(rt, LNET_EV_WEIGHTS_SET, index, uid);
	return LNET_OK;
}

int asy_lnet_set_weights(lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	if (asy_lnet_read1(rt->state, LNET_S_COMMIT_REVEAL, a->netuid) != 0)
		return LNET_E_CommitRevealEnabled;
	return asy_lnet_store_weights(rt, who, a->netuid, a->mecid, a->uids, a->values, a->version_key);
}

/* One item of a batch; its pairs are decoded into two plain arrays. */
static int set_item(lnet_rt *rt, const asy_account *who, uint16_t netuid, asy_scale *pairs,
					uint64_t version_key)
{
	size_t n;
	uint64_t v;
	if (asy_scale_count(pairs, 2, ASY_UIDS_MAX, &n, NULL) != ASSAY_OK)
		return LNET_E_InputLengthsUnequal;
	uint8_t *raw = asy_calloc(4, n + 1);
	if (raw == NULL) {
		asy_lnet_state_poison(rt->state);
		return LNET_OK;
	}
	for (size_t i = 0; i < n; i++) {
		/* The decoder has been here: both reads succeed. */
		if (asy_scale_compact(pairs, &v, NULL) == ASSAY_OK)
			asy_put_u16le(raw + 2 * i, (uint16_t)v);
		if (asy_scale_compact(pairs, &v, NULL) == ASSAY_OK)
			asy_put_u16le(raw + 2 * n + 2 * i, (uint16_t)v);
	}
	int e = LNET_E_CommitRevealEnabled;
	if (asy_lnet_read1(rt->state, LNET_S_COMMIT_REVEAL, netuid) == 0)
		e = asy_lnet_store_weights(rt, who, netuid, 0, (lnet_u16s){raw, n},
								   (lnet_u16s){raw + 2 * n, n}, version_key);
	free(raw);
	return e;
}

int asy_lnet_batch_set_weights(lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	asy_scale nets = asy_scale_in(a->list1), rows = asy_scale_in(a->list2),
			  keys = asy_scale_in(a->list3);
	size_t n, rows_n, keys_n;
	uint64_t netuid, key;
	if (asy_scale_count(&nets, 1, LNET_BATCH_MAX, &n, NULL) != ASSAY_OK ||
		asy_scale_count(&rows, 1, LNET_BATCH_MAX, &rows_n, NULL) != ASSAY_OK ||
		asy_scale_count(&keys, 1, LNET_BATCH_MAX, &keys_n, NULL) != ASSAY_OK || n != rows_n ||
		n != keys_n)
		return LNET_E_InputLengthsUnequal;
	bool failed = false;
	for (size_t i = 0; i < n; i++) {
		if (asy_scale_compact(&nets, &netuid, NULL) != ASSAY_OK ||
			asy_scale_compact(&keys, &key, NULL) != ASSAY_OK)
			return LNET_E_InputLengthsUnequal;
		size_t mark = asy_lnet_state_mark(rt->state);
		int e = set_item(rt, who, (uint16_t)netuid, &rows, key);
		if (e != LNET_OK) {
			asy_lnet_state_rollback(rt->state, mark);
			asy_lnet_event_item_failed(rt, e);
			failed = true;
		}
	}
	asy_lnet_event_batch(rt, failed, a->list1, who);
	return LNET_OK;
}
