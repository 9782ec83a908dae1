/* Who counts and with how much: activity, total stake, permits, active stake.
 * mirrors: subtensor epoch/run_epoch.rs (stake, permits, active stake),
 * staking/stake_utils.rs:get_stake_weights_for_network, epoch/math.rs
 * is_topk_nonzero, inplace_normalize(_64) @14bc6f9 */
#include "yuma/kern.h"

void asy_yuma_activity(asy_yuma_run *r)
{
	const assay_yuma_input *in = r->in;
	uint64_t cutoff = asy_yuma_activity_cutoff(in->activity_cutoff_factor_milli, in->tempo);
	for (size_t i = 0; i < r->n; i++) {
		r->last_update[i] = i < in->last_update_n ? in->last_update[i] : 0;
		if (in->block_at_registration[i] > r->last_registration)
			r->last_registration = in->block_at_registration[i];
		r->active[i] = asy_sat_add_u64(r->last_update[i], cutoff) >= in->current_block;
	}
}

/* total'[i] of the spec: what is left of the stake after the threshold. */
asy_i128 asy_yuma_filtered(const asy_yuma_run *r, size_t i)
{
	bool is_owner = r->in->owner_uid >= 0 && (size_t)r->in->owner_uid == i;
	return fx64_to_u64(r->total[i]) < r->in->stake_threshold && !is_owner ? 0 : r->total[i];
}

void asy_yuma_stake(asy_yuma_run *r)
{
	const assay_yuma_input *in = r->in;
	const asy_i128 weight = fx64_weight(in->tao_weight);
	const asy_i128 safe = (asy_i128)1 << 126;
	asy_u128 sum = 0;
	bool plain = true; /* no saturation, no wrap: the short division is exact */
	for (size_t i = 0; i < r->n; i++) {
		r->total[i] = 0;
		if ((in->alpha_stake[i] | in->tao_stake[i]) == 0)
			continue; /* most miners */
		asy_i128 tao =
			in->tao_stake[i] == 0 ? 0 : fx64_mul(fx64_from_u64(in->tao_stake[i]), weight);
		r->total[i] = fx64_add(fx64_from_u64(in->alpha_stake[i]), tao);
		asy_i128 t = asy_yuma_filtered(r, i);
		sum += (asy_u128)t; /* wraps, as there */
		plain = plain && t < safe && sum < (asy_u128)safe;
	}
	for (size_t i = 0; i < r->n; i++) {
		asy_i128 t = r->total[i] == 0 ? 0 : asy_yuma_filtered(r, i);
		if (t == 0)
			r->stake[i] = 0;
		else if (plain)
			r->stake[i] = (int64_t)fx_ratio_u128((asy_u128)t, sum);
		else
			r->stake[i] = fx64_to_fx32(sum == 0 ? t : fx64_div(t, (asy_i128)sum));
	}
}

/* The key of a stable ascending sort: the value, then the index. Bit 79 down to 16
 * are the value's (its sign turned, as they are compared unsigned). */
static bool rank_bit(const int64_t *v, uint64_t i, unsigned bit)
{
	uint64_t biased = (uint64_t)v[i] ^ (uint64_t)1 << 63;
	return (bit < 16 ? i >> bit : biased >> (bit - 16)) & 1;
}

/* Moves the indices with the given bit set behind the others; returns where they
 * begin. */
static size_t split_by_bit(const int64_t *v, uint64_t *keys, size_t n, unsigned bit)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		uint64_t k = keys[lo];
		if (!rank_bit(v, k, bit)) {
			lo++;
		} else {
			keys[lo] = keys[--hi];
			keys[hi] = k;
		}
	}
	return lo;
}

void asy_yuma_topk(const int64_t *v, size_t n, size_t k, uint8_t *out, uint64_t *keys)
{
	size_t m = 0;
	bool negative = false; /* only when the chain's sum of stakes wrapped */
	for (size_t i = 0; i < n; i++)
		negative = negative || v[i] < 0;
	for (size_t i = 0; i < n; i++) {
		out[i] = v[i] != 0;
		if (out[i] || negative)
			keys[m++] = i;
	}
	/* A sort of all n would clear the zeros first, so only the order among the others
	 * matters: select by bits, largest kept. */
	uint64_t *lo = keys;
	for (unsigned bit = 80; m > k && bit-- > 0;) {
		size_t upper = split_by_bit(v, lo, m, bit);
		size_t above = m - upper;
		if (above <= k) {
			k -= above; /* all of them stay: decide among the lower ones */
			m = upper;
		} else {
			for (size_t i = 0; i < upper; i++)
				out[lo[i]] = 0;
			lo += upper;
			m = above;
		}
	}
	for (size_t i = 0; m > k && i < m; i++)
		out[lo[i]] = 0;
}

void asy_yuma_permits(asy_yuma_run *r)
{
	const assay_yuma_input *in = r->in;
	/* Without any stored permit the chain masks nothing by permit. */
	r->permit_masks = in->validator_permit_n != 0;
	for (size_t i = 0; i < r->n; i++)
		r->permit[i] = i < in->validator_permit_n && in->validator_permit[i] != 0;
	asy_yuma_topk(r->stake, r->n, in->max_allowed_validators, r->new_permit, r->keys);
	if (in->owner_uid >= 0 && (size_t)in->owner_uid < r->n) {
		r->new_permit[in->owner_uid] = 1;
		/* the entry must exist to be forced: a short stored vector stays short */
		if ((size_t)in->owner_uid < in->validator_permit_n)
			r->permit[in->owner_uid] = 1;
	}
}

void asy_yuma_normalise_by(const asy_yuma_kern *kern, int64_t *v, size_t n)
{
	int64_t sum = 0;
	uint64_t bits = 0;
	for (size_t i = 0; i < n; i++) {
		sum = fx_wrap_add(sum, v[i]);
		bits |= (uint64_t)v[i];
	}
	if (sum == 0)
		return;
	/* parts below 2^33, at most 2^16 of them: neither negative nor wrapped */
	if (kern != NULL && bits >> 33 == 0) {
		kern->ratio(v, n, sum);
		return;
	}
	const bool plain = bits >> 45 == 0;
	for (size_t i = 0; i < n; i++)
		if (v[i] != 0)
			v[i] = plain ? fx_ratio(v[i], sum) : fx_div(v[i], sum);
}

void asy_yuma_normalise(int64_t *v, size_t n)
{
	asy_yuma_normalise_by(NULL, v, n);
}

void asy_yuma_active_stake(asy_yuma_run *r)
{
	for (size_t i = 0; i < r->n; i++) {
		bool counts = r->active[i] && (!r->permit_masks || r->permit[i]);
		r->active_stake[i] = counts ? r->stake[i] : 0;
	}
	asy_yuma_normalise_by(r->kern, r->active_stake, r->n);
}
