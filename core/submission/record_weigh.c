/* WEIGHTS: written and read here. */
#include "submission/record.h"

static void put_row(asy_jw *w, const asy_vector *row)
{
	asy_rj_put_u16s(w, "uids", row->uids, row->n);
	asy_rj_put_u16s(w, "values", row->values, row->n);
}

static void put_inputs(asy_jw *w, const asy_weights_record *x)
{
	asy_jw_key(w, "inputs");
	asy_jw_object(w);
	asy_jw_ku64(w, "neurons", x->limits.neurons);
	asy_jw_ku64(w, "min_allowed", x->limits.min_allowed);
	asy_jw_ku64(w, "max_limit", x->limits.max_limit);
	asy_jw_key(w, "candidates");
	asy_jw_array(w);
	for (size_t i = 0; i < x->candidate_n; i++) {
		const assay_candidate *c = &x->candidate[i];
		asy_jw_object(w);
		asy_jw_ku64(w, "uid", c->uid);
		asy_jw_khex(w, "hotkey", c->hotkey, 32);
		asy_jw_kf64(w, "score", c->score);
		asy_jw_ku64(w, "marks", c->marks);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
	asy_jw_key(w, "previous");
	asy_jw_object(w);
	put_row(w, &x->previous);
	asy_jw_end_object(w);
	asy_jw_end_object(w);
}

static void put_memory(asy_jw *w, const asy_weights_record *x)
{
	asy_rj_put_blob(w, "memory", &x->memory);
	asy_jw_ku64(w, "memory_version", x->version);
	asy_jw_key(w, "rounds");
	asy_jw_array(w);
	for (size_t i = 0; i < x->round_n; i++)
		asy_jw_u64(w, x->round[i]);
	asy_jw_end_array(w);
}

assay_status asy_record_put_weights(const asy_weights_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_under_put(&x->under, &w);
	asy_jw_kbool(&w, "refused", x->refused);
	asy_jw_kstr(&w, "note", x->note);
	asy_jw_kbool(&w, "plain", x->plain);
	asy_jw_ku64(&w, "block", x->block);
	asy_jw_ku64(&w, "time_ns", x->time_ns);
	asy_jw_ku64(&w, "version_key", x->version_key);
	put_memory(&w, x);
	put_row(&w, &x->row);
	put_inputs(&w, x);
	if (x->plan_json != NULL) {
		asy_jw_key(&w, "plan");
		asy_jw_raw(&w, asy_span_str(x->plan_json));
	}
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status get_row(asy_jv v, asy_arena *a, asy_vector *row, assay_err *err)
{
	row->n = SIZE_MAX;
	TRY(asy_rj_u16s(asy_jv_get(v, "uids"), a, &row->n, &row->uids, err));
	return asy_rj_u16s(asy_jv_get(v, "values"), a, &row->n, &row->values, err);
}

static assay_status get_memory(asy_jv v, asy_arena *a, asy_weights_record *x, assay_err *err)
{
	asy_jv version = asy_jv_get(v, "memory_version"), list = asy_jv_get(v, "rounds");
	TRY(asy_rj_blob(asy_jv_get(v, "memory"), &x->memory, err));
	x->version = 0;
	if (!asy_jv_is_null(version))
		TRY(asy_jv_u64(version, &x->version, err));
	x->round_n = asy_jv_size(list);
	x->round = asy_arena_array(a, x->round_n + 1, sizeof *x->round);
	if (x->round == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < x->round_n; i++)
		TRY(asy_jv_u64(asy_jv_at(list, i), &x->round[i], err));
	return ASSAY_OK;
}

assay_status asy_record_get_weights(asy_jv v, asy_arena *a, asy_weights_record *x, assay_err *err)
{
	asy_jv time = asy_jv_get(v, "time_ns");
	x->has_under = !asy_jv_is_null(asy_jv_get(v, "genesis"));
	if (x->has_under)
		TRY(asy_under_get(v, a, &x->under, err));
	TRY(asy_jv_bool(asy_jv_get(v, "refused"), &x->refused, err));
	TRY(asy_rj_text(asy_jv_get(v, "note"), a, &x->note, err));
	TRY(asy_jv_bool(asy_jv_get(v, "plain"), &x->plain, err));
	TRY(asy_jv_u64(asy_jv_get(v, "block"), &x->block, err));
	x->time_ns = 0;
	if (!asy_jv_is_null(time)) /* older records have none */
		TRY(asy_jv_u64(time, &x->time_ns, err));
	TRY(asy_jv_u64(asy_jv_get(v, "version_key"), &x->version_key, err));
	TRY(get_memory(v, a, x, err));
	return get_row(v, a, &x->row, err);
}

static assay_status get_candidate(asy_jv v, assay_candidate *c, assay_err *err)
{
	TRY(asy_jv_u16(asy_jv_get(v, "uid"), &c->uid, err));
	TRY(asy_rj_u32(asy_jv_get(v, "marks"), &c->marks, err));
	TRY(asy_rj_hash(asy_jv_get(v, "hotkey"), c->hotkey, err));
	return asy_rj_f64(asy_jv_get(v, "score"), &c->score, err);
}

assay_status asy_record_get_weights_inputs(asy_jv v, asy_arena *a, asy_weights_record *x,
										   assay_err *err)
{
	asy_jv in = asy_jv_get(v, "inputs"), list = asy_jv_get(in, "candidates");
	x->candidate_n = asy_jv_size(list);
	x->candidate = asy_arena_array(a, x->candidate_n + 1, sizeof *x->candidate);
	if (x->candidate == NULL)
		return asy_rj_no_memory(err);
	for (size_t i = 0; i < x->candidate_n; i++)
		TRY(get_candidate(asy_jv_at(list, i), &x->candidate[i], err));
	TRY(asy_rj_u32(asy_jv_get(in, "neurons"), &x->limits.neurons, err));
	TRY(asy_rj_u32(asy_jv_get(in, "min_allowed"), &x->limits.min_allowed, err));
	TRY(asy_jv_u16(asy_jv_get(in, "max_limit"), &x->limits.max_limit, err));
	return get_row(asy_jv_get(in, "previous"), a, &x->previous, err);
}
