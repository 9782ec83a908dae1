/* Bonds and dividends in both forms: the legacy ones (Yuma 2), where a bond is a
 * share of its column, and the fractional ones (Yuma 3), where it is a part of a
 * full bond that builds up and decays on its own.
 * mirrors: subtensor epoch/run_epoch.rs (bonds and dividends, compute_bonds_sparse),
 * epoch/math.rs:mat_ema_sparse, row_hadamard_sparse, inplace_col_max_upscale_sparse
 * @14bc6f9 */
#include "yuma/run.h"

static void copy(const asy_ymat *from, asy_ymat *to, size_t n)
{
	memcpy(to->off, from->off, (n + 1) * sizeof *to->off);
	memcpy(to->col, from->col, from->off[n] * sizeof *to->col);
	memcpy(to->bits, from->bits, from->off[n] * sizeof *to->bits);
}

/* r->ema = alpha * fresh + (1 - alpha) * old, two floors, positives only, ascending. */
static void ema(asy_yuma_run *r, const asy_ymat *fresh, const asy_ymat *old)
{
	const int64_t rest = fx_sub(FX_ONE, r->alpha);
	int64_t *acc = r->acc;
	size_t at = 0;
	for (size_t i = 0; i < r->n; i++) {
		r->ema.off[i] = at;
		if (fresh->off[i] == fresh->off[i + 1] && old->off[i] == old->off[i + 1])
			continue;
		for (size_t k = fresh->off[i]; k < fresh->off[i + 1]; k++)
			acc[fresh->col[k]] = fx_add(acc[fresh->col[k]], fx_mul(r->alpha, fresh->bits[k]));
		for (size_t k = old->off[i]; k < old->off[i + 1]; k++)
			if (old->col[k] < r->n)
				acc[old->col[k]] = fx_add(acc[old->col[k]], fx_mul(rest, old->bits[k]));
		for (size_t j = 0; j < r->n; j++) {
			if (acc[j] > 0) {
				r->ema.col[at] = (uint16_t)j;
				r->ema.bits[at++] = acc[j];
			}
			acc[j] = 0;
		}
	}
	r->ema.off[r->n] = at;
}

static void col_max_upscale(asy_ymat *m, size_t n, int64_t *max)
{
	for (size_t k = 0; k < m->off[n]; k++)
		max[m->col[k]] = fx_max(max[m->col[k]], m->bits[k]);
	for (size_t k = 0; k < m->off[n]; k++)
		if (max[m->col[k]] != 0)
			m->bits[k] = fx_div(m->bits[k], max[m->col[k]]);
	memset(max, 0, n * sizeof *max);
}

void asy_yuma_bonds_legacy(asy_yuma_run *r, const assay_yuma_trace *t)
{
	const size_t n = r->n;
	asy_yuma_trace_mat(t != NULL ? &t->bonds_masked : NULL, &r->b, n);
	asy_yuma_col_normalise(&r->b, n, r->acc);
	asy_yuma_trace_mat(t != NULL ? &t->bonds_norm : NULL, &r->b, n);

	copy(&r->wb, &r->delta, n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = r->delta.off[i]; k < r->delta.off[i + 1]; k++)
			r->delta.bits[k] = fx_mul(r->delta.bits[k], r->active_stake[i]);
	asy_yuma_trace_mat(t != NULL ? &t->bonds_delta : NULL, &r->delta, n);
	asy_yuma_col_normalise(&r->delta, n, r->acc);
	asy_yuma_trace_mat(t != NULL ? &t->bonds_delta_norm : NULL, &r->delta, n);

	ema(r, &r->delta, &r->b);
	asy_yuma_trace_mat(t != NULL ? &t->ema_bonds_raw : NULL, &r->ema, n);
	asy_yuma_col_normalise(&r->ema, n, r->acc);
	asy_yuma_trace_mat(t != NULL ? &t->ema_bonds : NULL, &r->ema, n);

	for (size_t i = 0; i < n; i++)
		r->dividends[i] = asy_yuma_row_product(&r->ema, i, r->incentive, n);
	asy_yuma_normalise(r->dividends, n);
	col_max_upscale(&r->ema, n, r->acc);
	asy_yuma_trace_mat(t != NULL ? &t->ema_bonds_stored : NULL, &r->ema, n);
}

void asy_yuma_bonds_fractional(asy_yuma_run *r, const assay_yuma_trace *t)
{
	const size_t n = r->n;
	asy_yuma_trace_mat(t != NULL ? &t->bonds_masked : NULL, &r->b, n);
	if (r->liquid)
		asy_yuma_ema_liquid(r, t);
	else
		ema(r, &r->wb, &r->b);
	asy_yuma_trace_mat(t != NULL ? &t->ema_bonds : NULL, &r->ema, n);

	copy(&r->ema, &r->norm, n);
	asy_yuma_col_normalise(&r->norm, n, r->acc);
	asy_yuma_trace_mat(t != NULL ? &t->ema_bonds_norm : NULL, &r->norm, n);
	for (size_t i = 0; i < n; i++) {
		int64_t sum = 0;
		for (size_t k = r->norm.off[i]; k < r->norm.off[i + 1]; k++)
			sum = fx_wrap_add(sum, fx_mul(r->norm.bits[k], r->incentive[r->norm.col[k]]));
		r->bonds_total[i] = sum;
		r->dividends[i] = fx_cmul(sum, r->active_stake[i]);
	}
	asy_yuma_normalise(r->dividends, n);
}
