/* The order of the steps, and the memory they run in. The steps themselves are in
 * the files named after them; nothing is computed here.
 * mirrors: subtensor epoch/run_epoch.rs:epoch_mechanism @14bc6f9 */
#include "yuma/kern.h"

void asy_yuma_measure(const assay_yuma_input *in, asy_yuma_sizes *out)
{
	*out = (asy_yuma_sizes){0};
	const bool all_open = in->validator_permit_n == 0;
	for (size_t i = 0; i < in->n; i++) {
		const size_t w = asy_yuma_row_at(&in->weights, i).len;
		const size_t b = asy_yuma_row_at(&in->bonds, i).len;
		if (w + b == 0)
			continue;
		out->weights += w;
		out->bonds += b;
		out->cap += w + b < in->n ? w + b : in->n;
		bool open = all_open || (i < in->validator_permit_n &&
								 (in->validator_permit[i] != 0 || (int64_t)i == in->owner_uid));
		size_t held = (open ? w : 0) + b;
		out->entries += held;
		out->lane_rows += held != 0;
	}
}

void asy_yuma_plan_frame(asy_yuma_run *r, asy_bump *b)
{
	const size_t n = r->n;
	r->total = ASY_BUMP_ARRAY(b, asy_i128, n);
	r->w_kind = ASY_BUMP_ARRAY(b, uint8_t, n);
	r->b_kind = ASY_BUMP_ARRAY(b, uint8_t, n);
	r->active = ASY_BUMP_ARRAY(b, uint8_t, n);
	r->permit = ASY_BUMP_ARRAY(b, uint8_t, n);
	r->new_permit = ASY_BUMP_ARRAY(b, uint8_t, n);
	r->last_update = ASY_BUMP_ARRAY(b, uint64_t, n);
	r->commit_block = r->in->commit_reveal ? ASY_BUMP_ARRAY(b, uint64_t, n) : NULL;
	r->keys = ASY_BUMP_ARRAY(b, uint64_t, n);
	int64_t **vectors[] = {
		&r->stake,     &r->active_stake, &r->consensus,   &r->vtrust, &r->rank,
		&r->incentive, &r->dividends,    &r->bonds_total, &r->server, &r->validator,
		&r->combined,  &r->acc,          &r->walk_w,      &r->walk_b, &r->previous,
	};
	for (size_t k = 0; k < ASY_COUNT(vectors); k++)
		*vectors[k] = ASY_BUMP_ARRAY(b, int64_t, n);
}

static void plan_mat(asy_ymat *m, asy_bump *b, size_t n, size_t entries)
{
	m->off = ASY_BUMP_ARRAY(b, size_t, n + 1);
	m->col = ASY_BUMP_ARRAY(b, uint16_t, entries);
	m->bits = ASY_BUMP_ARRAY(b, int64_t, entries);
}

void asy_yuma_plan_sparse(asy_yuma_run *r, asy_bump *b)
{
	const size_t n = r->n;
	const size_t weights = r->sizes.weights, bonds = r->sizes.bonds, fresh = r->sizes.cap;
	plan_mat(&r->w, b, n, weights);
	plan_mat(&r->c, b, n, weights);
	plan_mat(&r->wb, b, n, weights);
	plan_mat(&r->b, b, n, bonds);
	plan_mat(&r->ema, b, n, fresh);
	if (r->in->yuma3)
		plan_mat(&r->norm, b, n, fresh);
	else
		plan_mat(&r->delta, b, n, weights);
	r->col_off = ASY_BUMP_ARRAY(b, size_t, n + 1);
	r->col_score = ASY_BUMP_ARRAY(b, int64_t, weights);
	r->col_stake = ASY_BUMP_ARRAY(b, int64_t, weights);
}

size_t assay_yuma_bonds_cap(const assay_yuma_input *in)
{
	asy_yuma_sizes sizes;
	asy_yuma_measure(in, &sizes);
	return sizes.cap;
}

size_t assay_yuma_matrix_cap(const assay_yuma_input *in)
{
	asy_yuma_sizes sizes;
	asy_yuma_measure(in, &sizes);
	return sizes.weights + sizes.bonds;
}

void asy_yuma_front(asy_yuma_run *r)
{
	const assay_yuma_input *in = r->in;
	r->kappa = fx_from_u16p(in->kappa);
	r->penalty = fx_from_u16p(in->bonds_penalty);
	r->alpha = fx_ema_alpha(in->bonds_moving_average);
	r->last_tempo = in->last_mechanism_step_block == 0
						? asy_sat_sub_u64(in->current_block, in->tempo)
						: asy_sat_add_u64(in->last_mechanism_step_block, 1);
	int64_t *zero[] = {r->acc, r->walk_w, r->walk_b, r->bonds_total};
	for (size_t k = 0; k < ASY_COUNT(zero) && r->n > 0; k++)
		memset(zero[k], 0, r->n * sizeof(int64_t));
	asy_yuma_activity(r);
	asy_yuma_stake(r);
	asy_yuma_permits(r);
	asy_yuma_active_stake(r);
	asy_yuma_commit_blocks(r);
}

bool asy_yuma_any(const int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] != 0)
			return true;
	return false;
}

static void sparse_path(asy_yuma_run *r, const assay_yuma_out *out)
{
	const assay_yuma_trace *t = out->trace;
	const size_t n = r->n;
	asy_yuma_weights(r);
	asy_yuma_trace_mat(t != NULL ? &t->weights : NULL, &r->w, n);
	asy_yuma_consensus(r);
	asy_yuma_clip(r);
	asy_yuma_trace_mat(t != NULL ? &t->clipped_weights : NULL, &r->c, n);
	asy_yuma_row_sums(&r->c, n, r->vtrust);
	asy_yuma_col_products(&r->c, r->active_stake, n, r->rank);
	if (t != NULL && (t->prerank != NULL || t->trust != NULL)) {
		asy_yuma_col_products(&r->w, r->active_stake, n, r->acc);
		asy_yuma_trace_vec(t->prerank, r->acc, n);
		for (size_t j = 0; t->trust != NULL && j < n; j++)
			t->trust[j] = fx_div(r->rank[j], r->acc[j]);
		memset(r->acc, 0, n * sizeof *r->acc);
	}
	memcpy(r->incentive, r->rank, n * sizeof *r->rank);
	asy_yuma_normalise(r->incentive, n);
	asy_yuma_weights_for_bonds(r);
	asy_yuma_trace_mat(t != NULL ? &t->weights_for_bonds : NULL, &r->wb, n);
	asy_yuma_old_bonds(r);
	asy_yuma_choose_consensus(r);
	if (r->in->yuma3)
		asy_yuma_bonds_fractional(r, t);
	else
		asy_yuma_bonds_legacy(r, t);
	asy_yuma_write_bonds(r, &out->bonds);
}

/* A matrix, or what is computed from one, exists on the sparse path only. */
bool asy_yuma_wants_matrices(const assay_yuma_trace *t)
{
	return t != NULL && (t->prerank != NULL || t->trust != NULL || t->alphas != NULL ||
						 t->weights.offset != NULL || t->clipped_weights.offset != NULL ||
						 t->weights_for_bonds.offset != NULL || t->bonds_masked.offset != NULL ||
						 t->bonds_norm.offset != NULL || t->bonds_delta.offset != NULL ||
						 t->bonds_delta_norm.offset != NULL || t->ema_bonds_raw.offset != NULL ||
						 t->ema_bonds_stored.offset != NULL || t->ema_bonds.offset != NULL ||
						 t->ema_bonds_norm.offset != NULL);
}

/* The two paths never run at once: they share the scratch behind the frame. */
static void plan(asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern, asy_bump *b)
{
	asy_yuma_plan_frame(r, b);
	asy_bump lanes = *b;
	if (kern != NULL && asy_yuma_lanes_fit(r))
		asy_yuma_plan_lanes(r, l, &lanes);
	asy_yuma_plan_sparse(r, b);
	if (lanes.used > b->used)
		b->used = lanes.used;
	b->overflow = b->overflow || lanes.overflow;
}

/* Bytes behind an aligned base, 0 when they cannot be. */
static size_t plan_len(asy_yuma_run *r, const asy_yuma_kern *kern)
{
	asy_yuma_lanes l = {0};
	asy_bump b = {0};
	plan(r, &l, kern, &b);
	return b.overflow || b.used > SIZE_MAX - ASY_BUMP_ALIGN ? 0 : b.used + ASY_BUMP_ALIGN;
}

asy_yuma_run asy_yuma_run_of(const assay_yuma_input *in)
{
	asy_yuma_run r = {.in = in, .n = in->n, .kern = asy_yuma_kern_of(in->cpu_mask)};
	asy_yuma_measure(in, &r.sizes);
	return r;
}

size_t assay_yuma_scratch_len(const assay_yuma_input *in)
{
	asy_yuma_run r = asy_yuma_run_of(in);
	return plan_len(&r, asy_yuma_kern_of(in->cpu_mask));
}

assay_status asy_yuma_check_out(const asy_yuma_run *r, const assay_yuma_out *out, assay_err *err)
{
	const assay_yuma_trace *t = out->trace;
	const size_t entries = r->sizes.weights + r->sizes.bonds;
	if (out->bonds.offset != NULL && out->bonds.cap < r->sizes.cap)
		return ASSAY_FAIL(err, E_LIMIT, "room for %zu bonds, %zu are possible", out->bonds.cap,
						  r->sizes.cap);
	if (t == NULL)
		return ASSAY_OK;
	const assay_yuma_matrix_out *m[] = {
		&t->weights,          &t->clipped_weights, &t->weights_for_bonds, &t->bonds_masked,
		&t->bonds_norm,       &t->bonds_delta,     &t->bonds_delta_norm,  &t->ema_bonds_raw,
		&t->ema_bonds_stored, &t->ema_bonds,       &t->ema_bonds_norm,
	};
	for (size_t k = 0; k < ASY_COUNT(m); k++)
		if (m[k]->offset != NULL && m[k]->cap < entries)
			return ASSAY_FAIL(err, E_LIMIT,
							  "room for %zu entries in a trace matrix, %zu are possible", m[k]->cap,
							  entries);
	return ASSAY_OK;
}

assay_status assay_yuma_epoch(const assay_yuma_input *in, assay_mut scratch,
							  const assay_yuma_out *out, assay_err *err)
{
	assay_status st = asy_yuma_check_shape(in, err);
	if (st != ASSAY_OK)
		return st;
	asy_yuma_run r = asy_yuma_run_of(in);
	st = asy_yuma_check_out(&r, out, err);
	if (st != ASSAY_OK)
		return st;
	const asy_yuma_kern *kern = asy_yuma_kern_of(in->cpu_mask);
	const size_t need = plan_len(&r, kern);
	if (need == 0)
		return ASSAY_FAIL(err, E_LIMIT, "an epoch of this size does not fit the address space");
	if (scratch.ptr == NULL || scratch.len < need)
		return ASSAY_FAIL(err, E_LIMIT, "scratch of %zu bytes, %zu needed", scratch.len, need);

	asy_yuma_lanes l = {0};
	size_t skew = (ASY_BUMP_ALIGN - (uintptr_t)scratch.ptr % ASY_BUMP_ALIGN) % ASY_BUMP_ALIGN;
	asy_bump b = {.base = scratch.ptr + skew};
	plan(&r, &l, kern, &b);
	st = asy_yuma_check_rows(in, r.w_kind, r.b_kind, err);
	if (st != ASSAY_OK)
		return st;
	asy_yuma_front(&r);
	/* a planned lane path has tiles */
	if (l.w == NULL || asy_yuma_wants_matrices(out->trace) ||
		!asy_yuma_lanes_run(&r, &l, kern, &out->bonds))
		sparse_path(&r, out);
	asy_yuma_emission(&r);
	asy_yuma_write(&r, out);
	return ASSAY_OK;
}

assay_status assay_yuma_epochs(const assay_yuma_input *in, size_t in_n, assay_mut scratch,
							   const assay_yuma_out *out, assay_err *err)
{
	for (size_t k = 0; k < in_n; k++) {
		assay_status st = assay_yuma_epoch(&in[k], scratch, &out[k], err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "input %zu", k);
	}
	return ASSAY_OK;
}
