/* PREDICT and COUNTED: each written and read here. */
#include "submission/record.h"

/* ---- the four vectors ---- */

static void put_vectors(asy_jw *w, const asy_forecast *f)
{
	asy_rj_put_u16s(w, "consensus", f->consensus, f->n);
	asy_rj_put_u16s(w, "validator_trust", f->validator_trust, f->n);
	asy_rj_put_u16s(w, "incentive", f->incentive, f->n);
	asy_rj_put_u16s(w, "dividends", f->dividends, f->n);
}

static assay_status get_vectors(asy_jv v, asy_arena *a, asy_forecast *f, assay_err *err)
{
	f->n = SIZE_MAX;
	TRY(asy_rj_u16s(asy_jv_get(v, "consensus"), a, &f->n, &f->consensus, err));
	TRY(asy_rj_u16s(asy_jv_get(v, "validator_trust"), a, &f->n, &f->validator_trust, err));
	TRY(asy_rj_u16s(asy_jv_get(v, "incentive"), a, &f->n, &f->incentive, err));
	return asy_rj_u16s(asy_jv_get(v, "dividends"), a, &f->n, &f->dividends, err);
}

/* ---- PREDICT ---- */

static void put_band(asy_jw *w, const asy_expectation *e)
{
	asy_jw_key(w, "band");
	asy_jw_object(w);
	asy_jw_ku64(w, "hidden_rows", e->hidden_n);
	asy_jw_ki64(w, "hidden_stake", e->hidden_stake);
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		const asy_band *b = &e->band[q];
		size_t n = asy_quantity_is_own((asy_quantity)q) ? 1 : e->point.n;
		asy_jw_key(w, asy_quantity_name((asy_quantity)q));
		asy_jw_object(w);
		asy_jw_ku64(w, "margin", b->margin);
		asy_rj_put_u16s(w, "low", b->low, n);
		asy_rj_put_u16s(w, "high", b->high, n);
		asy_jw_end_object(w);
	}
	asy_jw_end_object(w);
}

static void put_plan(asy_jw *w, const asy_forecast_plan *p)
{
	asy_jw_ku64(w, "last_update", p->last_update);
	asy_jw_key(w, "before_it"); /* rows of ours in the epochs in between */
	asy_jw_array(w);
	for (size_t i = 0; i + 1 < p->row_n; i++) {
		asy_jw_object(w);
		asy_jw_ku64(w, "from_block", p->row[i].from_block);
		asy_rj_put_u16s(w, "uids", p->row[i].vector.uids, p->row[i].vector.n);
		asy_rj_put_u16s(w, "values", p->row[i].vector.values, p->row[i].vector.n);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

static void put_clip(asy_jw *w, const asy_predict_record *x)
{
	const asy_vector *v = &x->plan.row[x->plan.row_n - 1].vector;
	asy_jw_key(w, "clipped");
	asy_jw_array(w);
	for (size_t i = 0; i < v->n; i++) {
		if (x->clip[i].clipped == 0)
			continue;
		asy_jw_object(w);
		asy_jw_ku64(w, "uid", v->uids[i]);
		asy_jw_ki64(w, "share", x->clip[i].share);
		asy_jw_ki64(w, "allowed", x->clip[i].allowed);
		asy_jw_ki64(w, "clipped", x->clip[i].clipped);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

assay_status asy_record_put_predict(const asy_predict_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "block", x->expected.made_at);
	asy_jw_ku64(&w, "epoch_block", x->expected.point.epoch_block);
	asy_jw_ku64(&w, "uid", x->expected.uid);
	put_plan(&w, &x->plan);
	put_vectors(&w, &x->expected.point);
	put_band(&w, &x->expected);
	put_clip(&w, x);
	asy_rj_put_blob(&w, "snapshot_digest", &x->snapshot);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status get_band(asy_jv v, asy_arena *a, asy_expectation *e, assay_err *err)
{
	TRY(asy_rj_u32(asy_jv_get(v, "hidden_rows"), &e->hidden_n, err));
	TRY(asy_jv_i64(asy_jv_get(v, "hidden_stake"), &e->hidden_stake, err));
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		asy_jv one = asy_jv_get(v, asy_quantity_name((asy_quantity)q));
		asy_band *b = &e->band[q];
		size_t n = asy_quantity_is_own((asy_quantity)q) ? 1 : e->point.n;
		TRY(asy_jv_u16(asy_jv_get(one, "margin"), &b->margin, err));
		TRY(asy_rj_u16s(asy_jv_get(one, "low"), a, &n, &b->low, err));
		TRY(asy_rj_u16s(asy_jv_get(one, "high"), a, &n, &b->high, err));
	}
	e->has_band = true;
	return ASSAY_OK;
}

static assay_status get_plan(asy_jv v, asy_arena *a, asy_forecast_plan *p, assay_err *err)
{
	asy_jv list = asy_jv_get(v, "before_it");
	size_t n = asy_jv_size(list);
	asy_planned_row *row = asy_arena_array(a, n + 1, sizeof *row);
	if (row == NULL)
		return asy_rj_no_memory(err);
	TRY(asy_jv_u64(asy_jv_get(v, "last_update"), &p->last_update, err));
	for (size_t i = 0; i < n; i++) {
		asy_jv one = asy_jv_at(list, i);
		asy_vector *x = &row[i].vector;
		x->n = SIZE_MAX;
		TRY(asy_jv_u64(asy_jv_get(one, "from_block"), &row[i].from_block, err));
		TRY(asy_rj_u16s(asy_jv_get(one, "uids"), a, &x->n, &x->uids, err));
		TRY(asy_rj_u16s(asy_jv_get(one, "values"), a, &x->n, &x->values, err));
	}
	row[n] = (asy_planned_row){.from_block = p->counts_at}; /* its vector is the round's own */
	p->row = row;
	p->row_n = n + 1;
	return ASSAY_OK;
}

assay_status asy_record_get_predict(asy_jv v, asy_arena *a, asy_predict_record *x, assay_err *err)
{
	asy_expectation *e = &x->expected;
	*x = (asy_predict_record){0};
	TRY(asy_jv_u64(asy_jv_get(v, "block"), &e->made_at, err));
	TRY(asy_jv_u64(asy_jv_get(v, "epoch_block"), &e->point.epoch_block, err));
	TRY(asy_jv_u16(asy_jv_get(v, "uid"), &e->uid, err));
	TRY(get_vectors(v, a, &e->point, err));
	if (e->uid >= e->point.n)
		return ASSAY_FAIL(err, E_STORE, "uid %u of %zu neurons", e->uid, e->point.n);
	x->plan.uid = e->uid;
	x->plan.counts_at = e->point.epoch_block;
	if (asy_jv_is_null(asy_jv_get(v, "band"))) /* an older record */
		return asy_rj_base64(asy_jv_get(v, "snapshot"), a, &x->inline_snapshot, err);
	TRY(get_band(asy_jv_get(v, "band"), a, e, err));
	TRY(get_plan(v, a, &x->plan, err));
	return asy_rj_blob(asy_jv_get(v, "snapshot_digest"), &x->snapshot, err);
}

/* ---- COUNTED ---- */

static void put_chain(asy_jw *w, const asy_epoch_outputs *c)
{
	const asy_forecast f = {.n = c->n,
							.consensus = c->consensus,
							.validator_trust = c->validator_trust,
							.incentive = c->incentive,
							.dividends = c->dividends};
	asy_jw_key(w, "chain");
	asy_jw_object(w);
	put_vectors(w, &f);
	asy_jw_end_object(w);
}

assay_status asy_record_put_counted(const asy_counted_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "epoch_block", x->epoch_block);
	asy_jw_kbool(&w, "verified", x->verified);
	asy_jw_kbool(&w, "equal", x->equal);
	asy_jw_kbool(&w, "row_in_place", x->row_in_place);
	asy_jw_kstr(&w, "difference", x->where);
	if (x->ours != NULL)
		put_vectors(&w, x->ours);
	if (x->chain != NULL)
		put_chain(&w, x->chain);
	asy_rj_put_blob(&w, "before", &x->before);
	if (x->outcome.len != 0)
		asy_rj_put_json(&w, "forecast", x->outcome);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status get_chain(asy_jv v, asy_arena *a, asy_counted_record *x, assay_err *err)
{
	asy_epoch_outputs *c = asy_arena_take(a, sizeof *c, 8);
	asy_forecast f = {0};
	if (c == NULL)
		return asy_rj_no_memory(err);
	TRY(get_vectors(v, a, &f, err));
	*c = (asy_epoch_outputs){.n = f.n,
							 .last_mechanism_step_block = x->epoch_block,
							 .consensus = f.consensus,
							 .validator_trust = f.validator_trust,
							 .incentive = f.incentive,
							 .dividends = f.dividends};
	x->chain = c;
	return ASSAY_OK;
}

static assay_status get_ours(asy_jv v, asy_arena *a, asy_counted_record *x, assay_err *err)
{
	asy_forecast *f = asy_arena_take(a, sizeof *f, 8);
	if (f == NULL)
		return asy_rj_no_memory(err);
	*f = (asy_forecast){.epoch_block = x->epoch_block};
	TRY(get_vectors(v, a, f, err));
	x->ours = f;
	return ASSAY_OK;
}

assay_status asy_record_get_counted(asy_jv v, asy_arena *a, asy_counted_record *x, assay_err *err)
{
	asy_jv chain = asy_jv_get(v, "chain");
	*x = (asy_counted_record){0};
	TRY(asy_jv_u64(asy_jv_get(v, "epoch_block"), &x->epoch_block, err));
	TRY(asy_jv_bool(asy_jv_get(v, "verified"), &x->verified, err));
	TRY(asy_jv_bool(asy_jv_get(v, "equal"), &x->equal, err));
	TRY(asy_jv_bool(asy_jv_get(v, "row_in_place"), &x->row_in_place, err));
	TRY(asy_rj_text(asy_jv_get(v, "difference"), a, &x->where, err));
	TRY(asy_rj_blob(asy_jv_get(v, "before"), &x->before, err));
	TRY(asy_rj_canonical(asy_jv_get(v, "forecast"), a, &x->outcome, err));
	if (!asy_jv_is_null(asy_jv_get(v, "consensus")))
		TRY(get_ours(v, a, x, err));
	return asy_jv_is_null(chain) ? ASSAY_OK : get_chain(chain, a, x, err);
}
