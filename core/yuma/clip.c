/* What consensus does to the weights: clipping, the weights that bonds are made
 * of, and the sums and products over rows and columns that every later step uses.
 * mirrors: subtensor epoch/math.rs:col_clip_sparse, interpolate_sparse,
 * row_sum_sparse, matmul_sparse, matmul_transpose_sparse,
 * inplace_col_normalize_sparse @14bc6f9 */
#include "yuma/run.h"

void asy_yuma_clip(asy_yuma_run *r)
{
	const asy_ymat *w = &r->w;
	size_t at = 0;
	for (size_t i = 0; i < r->n; i++) {
		r->c.off[i] = at;
		for (size_t k = w->off[i]; k < w->off[i + 1]; k++) {
			int64_t x = w->bits[k], limit = r->consensus[w->col[k]];
			if (limit < x) {
				if (limit <= 0)
					continue; /* dropped; explicit zeros never get here and stay */
				x = limit;
			}
			r->c.col[at] = w->col[k];
			r->c.bits[at++] = x;
		}
	}
	r->c.off[r->n] = at;
}

void asy_yuma_weights_for_bonds(asy_yuma_run *r)
{
	const asy_ymat *w = &r->w, *c = &r->c;
	/* The ends are not just the generic formula evaluated there: they keep the
	 * order of the entries and the explicit zeros, which decide what survives
	 * under liquid alpha. */
	if (r->penalty == 0 || r->penalty == FX_ONE) {
		r->wb = r->penalty == 0 ? r->w : r->c;
		return;
	}
	int64_t *row = r->acc, *clipped = r->walk_w;
	size_t at = 0;
	for (size_t i = 0; i < r->n; i++) {
		r->wb.off[i] = at;
		if (w->off[i] == w->off[i + 1])
			continue;
		for (size_t k = w->off[i]; k < w->off[i + 1]; k++)
			row[w->col[k]] = w->bits[k];
		for (size_t k = c->off[i]; k < c->off[i + 1]; k++)
			clipped[c->col[k]] = c->bits[k];
		for (size_t j = 0; j < r->n; j++) {
			if (row[j] == 0 && clipped[j] == 0)
				continue;
			int64_t x = fx_add(row[j], fx_mul(r->penalty, fx_sub(clipped[j], row[j])));
			if (x > 0) {
				r->wb.col[at] = (uint16_t)j;
				r->wb.bits[at++] = x;
			}
		}
		for (size_t k = w->off[i]; k < w->off[i + 1]; k++)
			row[w->col[k]] = clipped[w->col[k]] = 0;
	}
	r->wb.off[r->n] = at;
}

void asy_yuma_row_sums(const asy_ymat *m, size_t n, int64_t *out)
{
	for (size_t i = 0; i < n; i++) {
		out[i] = 0;
		for (size_t k = m->off[i]; k < m->off[i + 1]; k++)
			out[i] = fx_wrap_add(out[i], m->bits[k]);
	}
}

void asy_yuma_col_products(const asy_ymat *m, const int64_t *scale, size_t n, int64_t *out)
{
	memset(out, 0, n * sizeof *out);
	for (size_t i = 0; i < n; i++)
		for (size_t k = m->off[i]; k < m->off[i + 1]; k++)
			out[m->col[k]] = fx_add(out[m->col[k]], fx_mul(scale[i], m->bits[k]));
}

int64_t asy_yuma_row_product(const asy_ymat *m, size_t i, const int64_t *v, size_t n)
{
	int64_t sum = 0;
	for (size_t k = m->off[i]; k < m->off[i + 1]; k++)
		if (m->col[k] < n)
			sum = fx_add(sum, fx_mul(m->bits[k], v[m->col[k]]));
	return sum;
}

void asy_yuma_col_normalise(asy_ymat *m, size_t n, int64_t *sums)
{
	memset(sums, 0, n * sizeof *sums);
	for (size_t k = 0; k < m->off[n]; k++)
		if (m->col[k] < n)
			sums[m->col[k]] = fx_add(sums[m->col[k]], m->bits[k]);
	for (size_t k = 0; k < m->off[n]; k++) {
		if (m->col[k] >= n || sums[m->col[k]] == 0)
			continue;
		int64_t s = sums[m->col[k]];
		/* entries are never negative, so each is a part of its sum */
		m->bits[k] = s < (int64_t)1 << 62 ? fx_ratio(m->bits[k], s) : fx_div(m->bits[k], s);
	}
	memset(sums, 0, n * sizeof *sums);
}
