/* Stake: what a hotkey's stake counts for in a subnet: its own, less what it lends to
 * child keys, plus what parents lend it, with root stake weighed by TaoWeight.
 * Mirrors subtensor staking/stake_utils.rs:get_inherited_for_hotkey_on_subnet. Proportions
 * are taken in U96F32, as the chain does.
 * Reason to change: the chain's stake inheritance. */
#include "localnet/runtime.h"

__extension__ typedef unsigned __int128 u128;

/* floor(p * 2^32 / (2^64 - 1)): a u64 proportion with 32 fractional bits. */
static uint64_t fraction(uint64_t p)
{
	return (uint64_t)(((u128)p << 32) / UINT64_MAX);
}

/* own stake times proportion, with 32 fractional bits. */
static u128 share(uint64_t stake, uint64_t proportion)
{
	return (u128)stake * fraction(proportion);
}

static uint64_t own(const lnet_state *s, const asy_account *hotkey, uint16_t netuid)
{
	return asy_lnet_read(s, LNET_S_HOTKEY_ALPHA,
						 asy_lnet_key_account_u16(LNET_S_HOTKEY_ALPHA, hotkey, netuid));
}

/* Under the threshold: its child relations count nowhere but where it owns the subnet. */
static bool is_suspended(const lnet_state *s, const asy_account *hotkey, uint16_t netuid)
{
	lnet_key k = asy_lnet_key_account(LNET_S_SUSPENDED, hotkey);
	asy_account owner =
		asy_lnet_read_account(s, asy_lnet_key_u16(LNET_S_SUBNET_OWNER_HOTKEY, netuid));
	assay_span v;
	return asy_lnet_state_generation(s)->liquid_mode &&
		   asy_lnet_state_get(s, asy_lnet_key_span(&k), &v) && !asy_account_eq(&owner, hotkey);
}

/* Sum over the (proportion, account) list of an item: lent by this stake, or borrowed
 * from the stake of the listed accounts. */
static u128 lent(const lnet_state *s, lnet_item item, const asy_account *hotkey, uint16_t netuid,
				 uint16_t stake_netuid)
{
	lnet_key k = asy_lnet_key_account_u16(item, hotkey, netuid);
	assay_span v;
	u128 sum = 0;
	size_t n;
	if (!asy_lnet_state_get(s, asy_lnet_key_span(&k), &v))
		return 0;
	asy_scale in = asy_scale_in(v);
	if (asy_scale_count(&in, 40, 1024, &n, NULL) != ASSAY_OK)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = v.ptr + in.at + 40 * i;
		asy_account other;
		memcpy(other.b, p + 8, 32);
		if (is_suspended(s, item == LNET_S_PARENT_KEYS ? &other : hotkey, netuid))
			continue;
		sum += share(own(s, item == LNET_S_PARENT_KEYS ? &other : hotkey, stake_netuid),
					 asy_get_u64le(p));
	}
	return sum;
}

/* Parents and children are those of netuid also for root stake. */
static uint64_t inherited(const lnet_state *s, const asy_account *hotkey, uint16_t netuid,
						  uint16_t stake_netuid)
{
	u128 have = (u128)own(s, hotkey, stake_netuid) << 32;
	u128 out = lent(s, LNET_S_CHILD_KEYS, hotkey, netuid, stake_netuid);
	u128 in = lent(s, LNET_S_PARENT_KEYS, hotkey, netuid, stake_netuid);
	u128 bits = (have > out ? have - out : 0) + in;
	bits >>= 32;
	return bits > UINT64_MAX ? UINT64_MAX : (uint64_t)bits;
}

void asy_lnet_stake(const lnet_state *s, uint16_t netuid, const asy_account *hotkey,
					uint64_t *alpha, uint64_t *tao, uint64_t *total)
{
	*alpha = inherited(s, hotkey, netuid, netuid);
	*tao = inherited(s, hotkey, netuid, 0);
	u128 weighed = share(*tao, asy_lnet_read0(s, LNET_S_TAO_WEIGHT)) >> 32;
	u128 sum = (u128)*alpha + weighed;
	*total = sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

bool asy_lnet_stake_suffices(const lnet_state *s, uint16_t netuid, const asy_account *hotkey)
{
	uint64_t alpha, tao, total;
	asy_account owner =
		asy_lnet_read_account(s, asy_lnet_key_u16(LNET_S_SUBNET_OWNER_HOTKEY, netuid));
	asy_lnet_stake(s, netuid, hotkey, &alpha, &tao, &total);
	return total >= asy_lnet_read0(s, LNET_S_STAKE_THRESHOLD) || asy_account_eq(&owner, hotkey);
}
