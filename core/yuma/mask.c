/* Which stored entries count: permits, the diagonal, weights older than their
 * target, commits older than their target, bonds of re-registered miners. Then the
 * matrices of the sparse path are built from what is left, order kept.
 * mirrors: subtensor epoch/run_epoch.rs (weights, commit-reveal column mask, bonds),
 * epoch/math.rs:mask_rows_sparse, mask_diag_sparse_except_index,
 * vec_mask_sparse_matrix, inplace_row_normalize_sparse @14bc6f9 */
#include "yuma/run.h"

void asy_yuma_commit_blocks(asy_yuma_run *r)
{
	const assay_yuma_input *in = r->in;
	if (r->commit_block == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		r->commit_block[i] = UINT64_MAX;
	/* walk_b serves as "this hotkey's queue has had its first unexpired entry" */
	for (size_t k = 0; k < in->commits_n; k++) {
		const assay_yuma_commit *c = &in->commits[k];
		bool expired = in->current_epoch > asy_sat_add_u64(c->epoch, in->commit_reveal_period);
		if (c->uid >= r->n || expired || (!c->timelock && r->walk_b[c->uid] != 0))
			continue;
		if (!c->timelock)
			r->walk_b[c->uid] = 1;
		if (c->block < r->commit_block[c->uid])
			r->commit_block[c->uid] = c->block;
	}
	memset(r->walk_b, 0, r->n * sizeof *r->walk_b);
}

bool asy_yuma_row_open(const asy_yuma_run *r, size_t uid)
{
	return !r->permit_masks || r->permit[uid];
}

bool asy_yuma_weight_kept(const asy_yuma_run *r, size_t i, size_t j)
{
	if (j >= r->n || (i == j && (r->in->owner_uid < 0 || (size_t)r->in->owner_uid != i)))
		return false;
	uint64_t registered = r->in->block_at_registration[j];
	if (r->last_update[i] <= registered)
		return false;
	return r->commit_block == NULL || r->commit_block[i] >= registered;
}

bool asy_yuma_bond_kept(const asy_yuma_run *r, size_t j)
{
	/* a target beyond n counts as registered at block 0 */
	return r->last_tempo > (j < r->n ? r->in->block_at_registration[j] : 0);
}

void asy_yuma_weights(asy_yuma_run *r)
{
	asy_ymat *w = &r->w;
	size_t at = 0;
	for (size_t i = 0; i < r->n; i++) {
		w->off[i] = at;
		asy_yuma_row row = asy_yuma_rows_get(&r->in->weights, i);
		if (!asy_yuma_row_open(r, i))
			continue;
		int64_t sum = 0;
		for (size_t k = 0; k < row.len; k++) {
			if (!asy_yuma_weight_kept(r, i, row.uid[k]))
				continue;
			w->col[at] = row.uid[k];
			w->bits[at] = fx_from_u16(row.value[k]);
			sum = fx_wrap_add(sum, w->bits[at++]);
		}
		/* a sum that wrapped is negative and leaves the row as it is */
		for (size_t k = w->off[i]; sum > 0 && k < at; k++)
			w->bits[k] =
				sum < (int64_t)1 << 62 ? fx_ratio(w->bits[k], sum) : fx_div(w->bits[k], sum);
	}
	w->off[r->n] = at;
}

void asy_yuma_old_bonds(asy_yuma_run *r)
{
	asy_ymat *b = &r->b;
	size_t at = 0;
	for (size_t i = 0; i < r->n; i++) {
		b->off[i] = at;
		asy_yuma_row row = asy_yuma_rows_get(&r->in->bonds, i);
		for (size_t k = 0; k < row.len; k++) {
			if (!asy_yuma_bond_kept(r, row.uid[k]))
				continue;
			b->col[at] = row.uid[k];
			b->bits[at++] = r->in->yuma3 ? fx_from_u16p(row.value[k]) : fx_from_u16(row.value[k]);
		}
	}
	b->off[r->n] = at;
}
