/* The end of an epoch: shares become rao, fixed values become what is stored, and
 * the caller's arrays are filled, each only when wanted.
 * mirrors: subtensor epoch/run_epoch.rs (emission, value storage) @14bc6f9 */
#include "yuma/kern.h"

static int64_t part_of(int64_t x, int64_t sum, bool plain)
{
	if (x == 0)
		return 0;
	return plain && x > 0 && x <= sum ? fx_ratio(x, sum) : fx_div(x, sum);
}

void asy_yuma_emission(asy_yuma_run *r)
{
	const size_t n = r->n;
	int64_t sum = 0, active_sum = 0;
	uint64_t bits = 0; /* of the parts: whether any is negative or large */
	for (size_t i = 0; i < n; i++) {
		r->combined[i] = fx_add(r->incentive[i], r->dividends[i]);
		sum = fx_wrap_add(sum, r->combined[i]);
		bits |= (uint64_t)r->incentive[i] | (uint64_t)r->dividends[i] | (uint64_t)r->combined[i];
		active_sum = fx_wrap_add(active_sum, r->active_stake[i]);
	}
	if (sum == 0) {
		/* nobody earned: validators are paid by stake, active or not */
		const int64_t *share = active_sum == 0 ? r->stake : r->active_stake;
		memset(r->server, 0, n * sizeof *r->server);
		memcpy(r->validator, share, n * sizeof *share);
		memcpy(r->combined, share, n * sizeof *share);
		return;
	}
	memcpy(r->server, r->incentive, n * sizeof *r->server);
	memcpy(r->validator, r->dividends, n * sizeof *r->validator);
	if (r->kern != NULL && sum > 0 && sum < (int64_t)1 << 49 && bits >> 34 == 0) {
		r->kern->ratio(r->server, n, sum);
		r->kern->ratio(r->validator, n, sum);
		r->kern->ratio(r->combined, n, sum);
		return;
	}
	const bool plain = sum > 0 && sum < (int64_t)1 << 62;
	for (size_t i = 0; i < n; i++) {
		r->server[i] = part_of(r->server[i], sum, plain);
		r->validator[i] = part_of(r->validator[i], sum, plain);
		r->combined[i] = part_of(r->combined[i], sum, plain);
	}
}

static void put_u16p(uint16_t *out, const int64_t *v, size_t n)
{
	if (out == NULL)
		return;
	uint64_t all = 0;
	for (size_t i = 0; i < n; i++)
		all |= (uint64_t)v[i];
	if (all >> 33 != 0) { /* outside [0, 2): only with a negative EMA factor */
		for (size_t i = 0; i < n; i++)
			out[i] = fx_to_u16p(v[i]);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t x = (((uint64_t)v[i] << 16) - (uint64_t)v[i]) >> 32;
		out[i] = (uint16_t)(x < UINT16_MAX ? x : UINT16_MAX);
	}
}

static void put_share(uint64_t *out, const int64_t *v, size_t n, uint64_t rao)
{
	if (out == NULL)
		return;
	uint64_t all = 0;
	for (size_t i = 0; i < n; i++)
		all |= (uint64_t)v[i];
	if (all >> 33 == 0 && rao >> 31 == 0) { /* the usual amounts: 64 bits suffice */
		for (size_t i = 0; i < n; i++)
			out[i] = ((uint64_t)v[i] * rao) >> 32;
		return;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = v[i] == 0 ? 0 : fx_share(v[i], rao);
}

static void put_u128(uint64_t *out, size_t i, asy_i128 v)
{
	out[2 * i] = (uint64_t)v;
	out[2 * i + 1] = (uint64_t)((asy_u128)v >> 64);
}

void asy_yuma_trace_vec(int64_t *out, const int64_t *v, size_t n)
{
	if (out != NULL && n > 0)
		memcpy(out, v, n * sizeof *v);
}

void asy_yuma_trace_mat(const assay_yuma_matrix_out *out, const asy_ymat *m, size_t n)
{
	if (out == NULL || out->offset == NULL)
		return;
	memcpy(out->offset, m->off, (n + 1) * sizeof *m->off);
	if (m->off[n] == 0)
		return;
	memcpy(out->col, m->col, m->off[n] * sizeof *m->col);
	memcpy(out->bits, m->bits, m->off[n] * sizeof *m->bits);
}

static void write_trace(const asy_yuma_run *r, const assay_yuma_trace *t)
{
	const size_t n = r->n;
	for (size_t i = 0; i < n; i++) {
		if (t->inactive != NULL)
			t->inactive[i] = !r->active[i];
		if (t->total_stake != NULL)
			put_u128(t->total_stake, i, r->total[i]);
		if (t->filtered_stake != NULL)
			put_u128(t->filtered_stake, i, asy_yuma_filtered(r, i));
	}
	asy_yuma_trace_vec(t->stake, r->stake, n);
	asy_yuma_trace_vec(t->active_stake, r->active_stake, n);
	asy_yuma_trace_vec(t->consensus, r->consensus, n);
	asy_yuma_trace_vec(t->validator_trust, r->vtrust, n);
	asy_yuma_trace_vec(t->rank, r->rank, n);
	asy_yuma_trace_vec(t->incentive, r->incentive, n);
	asy_yuma_trace_vec(t->dividends, r->dividends, n);
	if (r->in->yuma3)
		asy_yuma_trace_vec(t->total_bonds_per_validator, r->bonds_total, n);
	asy_yuma_trace_vec(t->server_emission, r->server, n);
	asy_yuma_trace_vec(t->validator_emission, r->validator, n);
	asy_yuma_trace_vec(t->combined_emission, r->combined, n);
	asy_yuma_trace_vec(t->kappa, &r->kappa, 1);
	asy_yuma_trace_vec(t->bonds_penalty, &r->penalty, 1);
	asy_yuma_trace_vec(t->alpha, &r->alpha, 1);
	if (t->liquid_alpha_used != NULL)
		*t->liquid_alpha_used = r->liquid;
}

void asy_yuma_write(const asy_yuma_run *r, const assay_yuma_out *out)
{
	const size_t n = r->n;
	if (out->active != NULL && n > 0)
		memcpy(out->active, r->active, n);
	if (out->validator_permit != NULL && n > 0)
		memcpy(out->validator_permit, r->new_permit, n);
	put_u16p(out->stake_weight, r->stake, n);
	put_u16p(out->consensus, r->consensus, n);
	put_u16p(out->validator_trust, r->vtrust, n);
	put_u16p(out->incentive, r->incentive, n);
	put_u16p(out->dividends, r->dividends, n);
	put_share(out->emission, r->combined, n, r->in->rao_emission);
	put_share(out->server_emission, r->server, n, r->in->rao_emission);
	put_share(out->validator_emission, r->validator, n, r->in->rao_emission);
	for (size_t i = 0; out->stake != NULL && i < n; i++)
		out->stake[i] = fx64_to_u64(r->total[i]);
	if (out->trace != NULL)
		write_trace(r, out->trace);
}

void asy_yuma_write_bonds(const asy_yuma_run *r, const assay_yuma_rows_out *out)
{
	if (out->offset == NULL)
		return;
	size_t at = 0;
	for (size_t i = 0; i < r->n; i++) {
		out->offset[i] = at;
		if (!r->new_permit[i])
			continue;
		for (size_t k = r->ema.off[i]; k < r->ema.off[i + 1]; k++, at++) {
			out->uid[at] = r->ema.col[k];
			out->value[at] = fx_to_u16p(r->ema.bits[k]);
		}
	}
	out->offset[r->n] = at;
}
