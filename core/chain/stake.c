/* Stake as the epoch sees it: own stake, less what is lent to child keys, plus what
 * parents lend, in the chain's U96F32 arithmetic, floored to whole rao.
 * mirrors: subtensor staking/stake_utils.rs:get_inherited_for_hotkey_on_subnet and
 * get_tao_inherited_for_hotkey_on_subnet, spec 425.
 * Reason to change: the chain's rule changes. */
#include "chain/impl.h"

__extension__ typedef unsigned __int128 u128;
#define FRAC 32

static u128 add_sat(u128 a, u128 b)
{
	return a + b < a ? ~(u128)0 : a + b;
}

/* a * b in U96F32, saturating; b is at most 1, so nothing overflows in practice. */
static u128 mul(u128 a, u128 b)
{
	u128 r;
	if (__builtin_mul_overflow(a, b, &r))
		return ~(u128)0;
	return r >> FRAC;
}

static u128 share(uint64_t stake, uint64_t proportion)
{
	u128 part = ((u128)proportion << (2 * FRAC)) / ((u128)UINT64_MAX << FRAC);
	return mul((u128)stake << FRAC, part);
}

uint64_t asy_stake_inherited(uint64_t own, const asy_delegation *children, size_t children_n,
							 const asy_delegation *parents, size_t parents_n)
{
	u128 lent = 0, lent_to_us = 0, mine = (u128)own << FRAC;
	for (size_t i = 0; i < children_n; i++)
		lent = add_sat(lent, share(own, children[i].proportion));
	for (size_t i = 0; i < parents_n; i++)
		lent_to_us = add_sat(lent_to_us, share(parents[i].stake, parents[i].proportion));
	u128 rest = mine > lent ? mine - lent : 0;
	u128 whole = add_sat(rest, lent_to_us) >> FRAC;
	return whole > UINT64_MAX ? UINT64_MAX : (uint64_t)whole;
}

uint64_t asy_stake_total(uint64_t alpha, uint64_t tao, uint64_t tao_weight)
{
	/* weight / (2^64 - 1) with 64 fractional bits; all ones means exactly one */
	u128 weighted = tao_weight == UINT64_MAX ? tao : ((u128)tao * tao_weight) >> 64;
	u128 total = (u128)alpha + weighted;
	return total > UINT64_MAX ? UINT64_MAX : (uint64_t)total;
}
