/* Serve: publishing an endpoint, and registering a new neuron. Registration here is
 * the burn kind only; pruning takes the lowest emission that is out of immunity.
 * Reason to change: the chain's serving or registration rules. */
#include "localnet/runtime.h"

enum { AXON_LEN = 34 }; /* 8 + 4 + 16 + 2 + 4 */

/* IPv4: not loopback, not broadcast. IPv6: not ::1, not all ones. Zero is allowed. */
static bool ip_is_valid(const lnet_args *a)
{
	if (a->ip_type == 4)
		return (uint32_t)a->ip[0] != 0x7f000001u && (uint32_t)a->ip[0] != UINT32_MAX;
	return !(a->ip[0] == 1 && a->ip[1] == 0) && !(a->ip[0] == UINT64_MAX && a->ip[1] == UINT64_MAX);
}

int asy_lnet_check_axon(const lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	lnet_key member = asy_lnet_key_account_u16(LNET_S_IS_MEMBER, who, a->netuid);
	lnet_key axon = asy_lnet_key_u16_account(LNET_S_AXONS, a->netuid, who);
	assay_span v;
	if (asy_lnet_read(rt->state, LNET_S_IS_MEMBER, member) == 0)
		return LNET_E_HotKeyNotRegisteredInNetwork;
	if (a->ip_type != 4 && a->ip_type != 6)
		return LNET_E_InvalidIpType;
	if (!ip_is_valid(a))
		return LNET_E_InvalidIpAddress;
	if (a->port == 0)
		return LNET_E_InvalidPort;
	uint64_t last = asy_lnet_state_get(rt->state, asy_lnet_key_span(&axon), &v) && v.len == AXON_LEN
						? asy_get_u64le(v.ptr)
						: 0;
	if (last != 0 && asy_sat_sub_u64(rt->block, last) <
						 asy_lnet_read1(rt->state, LNET_S_SERVING_RATE, a->netuid))
		return LNET_E_ServingRateLimitExceeded;
	return LNET_OK;
}

void asy_lnet_axon_put(lnet_state *s, const asy_account *who, uint64_t block, const lnet_args *a)
{
	lnet_key k = asy_lnet_key_u16_account(LNET_S_AXONS, a->netuid, who);
	uint8_t v[AXON_LEN];
	asy_put_u64le(v, block);
	asy_put_u32le(v + 8, a->version);
	asy_put_u64le(v + 12, a->ip[0]);
	asy_put_u64le(v + 20, a->ip[1]);
	asy_put_u16le(v + 28, a->port);
	v[30] = a->ip_type;
	v[31] = a->protocol;
	v[32] = a->placeholder1;
	v[33] = a->placeholder2;
	asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_span(v, sizeof v));
}

int asy_lnet_serve_axon(lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	uint8_t f[34];
	int e = asy_lnet_check_axon(rt, who, a);
	if (e != LNET_OK)
		return e;
	asy_lnet_axon_put(rt->state, who, rt->block, a);
	asy_put_u16le(f, a->netuid);
	memcpy(f + 2, who->b, 32);
	asy_lnet_event(rt, LNET_EV_AXON_SERVED, asy_span(f, sizeof f));
	return LNET_OK;
}

/* Element i of a vector item becomes zero; the vector grows to hold it. */
static void zero_element(lnet_state *s, lnet_item item, uint16_t index, size_t i, size_t size)
{
	lnet_key k = asy_lnet_key_u16(item, index);
	assay_span v = {NULL, 0};
	size_t n = 0, at = 0;
	if (asy_lnet_state_get(s, asy_lnet_key_span(&k), &v)) {
		asy_scale in = asy_scale_in(v);
		if (asy_scale_count(&in, size, ASY_UIDS_MAX, &n, NULL) != ASSAY_OK)
			n = 0;
		at = in.at;
	}
	asy_buf out = {0};
	asy_scale_w w = asy_scale_out(&out);
	size_t want = i < n ? n : i + 1;
	asy_scale_put_compact(&w, want);
	for (size_t e = 0; e < want; e++) {
		static const uint8_t zeros[8];
		asy_scale_put_raw(&w, e < n && e != i ? v.ptr + at + e * size : zeros, size);
	}
	if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
		asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_buf_span(&out));
	else
		asy_lnet_state_poison(s);
	asy_buf_fini(&out);
}

static void forget_previous(lnet_state *s, uint16_t netuid, uint16_t uid)
{
	lnet_key keys = asy_lnet_key_u16x2(LNET_S_KEYS, netuid, uid), k;
	assay_span v;
	if (!asy_lnet_state_get(s, asy_lnet_key_span(&keys), &v))
		return;
	asy_account old = asy_lnet_read_account(s, keys);
	k = asy_lnet_key_u16_account(LNET_S_UIDS, netuid, &old);
	asy_lnet_state_del(s, asy_lnet_key_span(&k));
	k = asy_lnet_key_account_u16(LNET_S_IS_MEMBER, &old, netuid);
	asy_lnet_state_del(s, asy_lnet_key_span(&k));
	k = asy_lnet_key_u16_account(LNET_S_AXONS, netuid, &old);
	asy_lnet_state_del(s, asy_lnet_key_span(&k));
	k = asy_lnet_key_u16x2(LNET_S_WEIGHTS, netuid, uid);
	asy_lnet_state_del(s, asy_lnet_key_span(&k));
	k = asy_lnet_key_u16x2(LNET_S_BONDS, netuid, uid);
	asy_lnet_state_del(s, asy_lnet_key_span(&k));
}

void asy_lnet_install(lnet_rt *rt, uint16_t netuid, uint16_t uid, const asy_account *hotkey,
					  const asy_account *coldkey)
{
	static const struct {
		lnet_item item;
		size_t size;
	} vectors[] = {{LNET_S_INCENTIVE, 2}, {LNET_S_ACTIVE, 1},      {LNET_S_PERMIT, 1},
				   {LNET_S_CONSENSUS, 2}, {LNET_S_DIVIDENDS, 2},   {LNET_S_VTRUST, 2},
				   {LNET_S_EMISSION, 8},  {LNET_S_STAKE_WEIGHT, 2}};
	lnet_state *s = rt->state;
	uint8_t id[2];
	assay_span stored;
	forget_previous(s, netuid, uid);
	lnet_key k = asy_lnet_key_u16x2(LNET_S_KEYS, netuid, uid);
	asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_span(hotkey->b, 32));
	asy_put_u16le(id, uid);
	k = asy_lnet_key_u16_account(LNET_S_UIDS, netuid, hotkey);
	asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_span(id, sizeof id));
	asy_lnet_write(s, LNET_S_IS_MEMBER, asy_lnet_key_account_u16(LNET_S_IS_MEMBER, hotkey, netuid),
				   1);
	k = asy_lnet_key_account(LNET_S_OWNER, hotkey);
	asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_span(coldkey->b, 32));
	asy_lnet_write(s, LNET_S_REGISTERED_AT, asy_lnet_key_u16x2(LNET_S_REGISTERED_AT, netuid, uid),
				   rt->block);
	for (size_t i = 0; i < ASY_COUNT(vectors); i++)
		zero_element(s, vectors[i].item, netuid, uid, vectors[i].size);
	k = asy_lnet_key_u16(LNET_S_STORED_CONSENSUS, netuid);
	if (asy_lnet_state_get(s, asy_lnet_key_span(&k), &stored)) /* before the first epoch: none */
		zero_element(s, LNET_S_STORED_CONSENSUS, netuid, uid, 2);
	asy_lnet_vec_u64_set(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, netuid), uid, rt->block);
	if (uid >= asy_lnet_read1(s, LNET_S_SUBNETWORK_N, netuid))
		asy_lnet_write1(s, LNET_S_SUBNETWORK_N, netuid, uid + 1u);
}

/* The uid to give away: lowest emission, then oldest registration, among those out of
 * immunity; among all when every one is immune. The owner's hotkey never is. */
static bool uid_to_prune(const lnet_rt *rt, uint16_t netuid, uint16_t n, uint16_t *out)
{
	const lnet_state *s = rt->state;
	uint64_t immunity = asy_lnet_read1(s, LNET_S_IMMUNITY_PERIOD, netuid);
	asy_account owner =
		asy_lnet_read_account(s, asy_lnet_key_u16(LNET_S_SUBNET_OWNER_HOTKEY, netuid));
	uint64_t best[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
	bool found = false;
	for (uint16_t u = 0; u < n; u++) {
		asy_account hotkey = asy_lnet_read_account(s, asy_lnet_key_u16x2(LNET_S_KEYS, netuid, u));
		uint64_t at = asy_lnet_read(s, LNET_S_REGISTERED_AT,
									asy_lnet_key_u16x2(LNET_S_REGISTERED_AT, netuid, u));
		uint64_t rank[3] = {asy_sat_sub_u64(rt->block, at) < immunity,
							asy_lnet_vec_u64_at(s, asy_lnet_key_u16(LNET_S_EMISSION, netuid), u),
							at};
		size_t i = 0;
		while (i < 2 && rank[i] == best[i])
			i++;
		if (asy_account_eq(&hotkey, &owner) || (found && rank[i] >= best[i]))
			continue;
		memcpy(best, rank, sizeof best);
		*out = u;
		found = true;
	}
	return found;
}

int asy_lnet_burned_register(lnet_rt *rt, const asy_account *who, const lnet_args *a)
{
	lnet_state *s = rt->state;
	asy_account none = {{0}},
				coldkey = asy_lnet_read_account(s, asy_lnet_key_account(LNET_S_OWNER, &a->hotkey));
	lnet_account payer = asy_lnet_account_get(s, who);
	uint64_t burn = asy_lnet_read1(s, LNET_S_BURN, a->netuid);
	uint16_t uid, n = (uint16_t)asy_lnet_read1(s, LNET_S_SUBNETWORK_N, a->netuid);
	uint8_t f[36];
	if (a->netuid == 0)
		return LNET_E_RegistrationNotPermittedOnRootSubnet;
	if (asy_lnet_read1(s, LNET_S_NETWORKS_ADDED, a->netuid) == 0)
		return LNET_E_SubnetNotExists;
	if (asy_lnet_read1(s, LNET_S_REGISTRATION_ALLOWED, a->netuid) == 0)
		return LNET_E_SubNetRegistrationDisabled;
	if (asy_lnet_uid(s, a->netuid, &a->hotkey, &uid))
		return LNET_E_HotKeyAlreadyRegisteredInSubNet;
	if (payer.free < burn)
		return LNET_E_NotEnoughBalanceToStake;
	if (!asy_account_eq(&coldkey, &none) && !asy_account_eq(&coldkey, who))
		return LNET_E_NonAssociatedColdKey;
	uid = n;
	if (n >= asy_lnet_read1(s, LNET_S_MAX_UIDS, a->netuid) && !uid_to_prune(rt, a->netuid, n, &uid))
		return LNET_E_NoNeuronIdAvailable;
	payer.free -= burn;
	asy_lnet_account_put(s, who, &payer);
	asy_lnet_install(rt, a->netuid, uid, &a->hotkey, who);
	asy_put_u16le(f, a->netuid);
	asy_put_u16le(f + 2, uid);
	memcpy(f + 4, a->hotkey.b, 32);
	asy_lnet_event(rt, LNET_EV_NEURON_REGISTERED, asy_span(f, sizeof f));
	return LNET_OK;
}
