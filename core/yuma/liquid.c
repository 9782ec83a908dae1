/* Liquid alpha: every bond has its own EMA factor, from how far the weight lies
 * from consensus (buying) or under the bond (selling).
 *
 * The pallet evaluates all n * n pairs; only pairs with a weight have an effect,
 * so only those are evaluated here unless the trace asks for all.
 * mirrors: subtensor epoch/run_epoch.rs:compute_liquid_alpha_values_sparse,
 * alpha_sigmoid, epoch/math.rs:mat_ema_alpha_sparse, sigmoid helpers @14bc6f9 */
#include "yuma/run.h"

int64_t asy_yuma_bond_alpha(int64_t consensus, int64_t weight, int64_t bond, int64_t lo, int64_t hi,
							int64_t steepness)
{
	int64_t buy = fx_clamp(fx_sub(weight, consensus), 0, FX_ONE);
	int64_t sell = fx_clamp(fx_sub(bond, weight), 0, FX_ONE);
	int64_t d = weight >= bond ? buy : sell;
	int64_t a = fx_sdiv(steepness, -100 * FX_ONE);
	int64_t arg = fx_mul(a, fx_sub(d, FX_ONE / 2));
	int64_t sigma = fx_sdiv(FX_ONE, fx_add(FX_ONE, fx_exp_safe(arg)));
	return fx_clamp(fx_add(lo, fx_mul(sigma, fx_sub(hi, lo))), lo, hi);
}

/* mirrors: subtensor epoch/run_epoch.rs, the choice of consensus for liquid alpha @02214123 */
void asy_yuma_choose_consensus(asy_yuma_run *r)
{
	const assay_yuma_input *in = r->in;
	bool previous =
		in->liquid_consensus_mode == ASSAY_YUMA_CONSENSUS_PREVIOUS ||
		(in->liquid_consensus_mode == ASSAY_YUMA_CONSENSUS_AUTO && in->bonds_penalty == UINT16_MAX);
	r->chosen = r->consensus;
	if (previous && in->previous_consensus_n > 0) {
		for (size_t j = 0; j < r->n; j++)
			r->previous[j] =
				j < in->previous_consensus_n ? fx_from_u16p(in->previous_consensus[j]) : 0;
		r->chosen = r->previous;
	}
	r->liquid = in->yuma3 && in->liquid_alpha && asy_yuma_any(r->chosen, r->n);
}

/*~ The pallet walks a row with one cursor while j ascends: an entry is seen only if
 * no larger uid stood before it. In a row that is not sorted the rest is missed
 * here although it takes part in the EMA. Writes the seen values into dense. */
static void walk(const asy_ymat *m, size_t i, size_t n, int64_t *dense)
{
	size_t next = 0;
	for (size_t k = m->off[i]; k < m->off[i + 1] && next < n; k++) {
		if (m->col[k] < next)
			continue;
		if (m->col[k] < n)
			dense[m->col[k]] = m->bits[k];
		next = (size_t)m->col[k] + 1;
	}
}

static void clear(const asy_ymat *m, size_t i, size_t n, int64_t *dense)
{
	for (size_t k = m->off[i]; k < m->off[i + 1]; k++)
		if (m->col[k] < n)
			dense[m->col[k]] = 0;
}

void asy_yuma_ema_liquid(asy_yuma_run *r, const assay_yuma_trace *t)
{
	const size_t n = r->n;
	const int64_t lo = fx_from_u16p(r->in->alpha_low), hi = fx_from_u16p(r->in->alpha_high);
	const int64_t steepness = (int64_t)r->in->alpha_sigmoid_steepness * FX_ONE;
	int64_t *alphas = t != NULL ? t->alphas : NULL;
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		r->ema.off[i] = at;
		walk(&r->wb, i, n, r->walk_w);
		walk(&r->b, i, n, r->walk_b);
		for (size_t j = 0; alphas != NULL && j < n; j++)
			alphas[i * n + j] =
				asy_yuma_bond_alpha(r->chosen[j], r->walk_w[j], r->walk_b[j], lo, hi, steepness);
		for (size_t k = r->b.off[i]; k < r->b.off[i + 1]; k++)
			if (r->b.col[k] < n)
				r->acc[r->b.col[k]] = r->b.bits[k];
		/* A bond whose column has no entry here is lost at once; an explicit zero
		 * keeps it decaying. */
		for (size_t k = r->wb.off[i]; k < r->wb.off[i + 1]; k++) {
			size_t j = r->wb.col[k];
			int64_t alpha =
				asy_yuma_bond_alpha(r->chosen[j], r->walk_w[j], r->walk_b[j], lo, hi, steepness);
			int64_t old = fx_mul(fx_sub(FX_ONE, alpha), r->acc[j]);
			int64_t fresh = fx_max(fx_mul(alpha, r->wb.bits[k]), 0);
			int64_t v = fx_min(fx_add(old, fresh), FX_ONE);
			if (v > 0) {
				r->ema.col[at] = (uint16_t)j;
				r->ema.bits[at++] = v;
			}
		}
		clear(&r->wb, i, n, r->walk_w);
		clear(&r->b, i, n, r->walk_b);
		clear(&r->b, i, n, r->acc);
	}
	r->ema.off[n] = at;
}
