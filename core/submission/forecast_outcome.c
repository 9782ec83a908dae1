/* The outcome of an expectation: how far off it was, whether the stated band held, and
 * what the error consists of. The epoch is run again with what was assumed about rows put
 * back, then with what was assumed about stakes put back too: the steps are the causes.
 * Reason to change: another cause can be told apart. */
#include <math.h>
#include <stdlib.h>
#include "submission/forecast.h"
#include "task/task.h"

/* ---- statistics ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double asy_percentile(double *v, size_t n, unsigned percent)
{
	if (n == 0)
		return 0.0;
	qsort(v, n, sizeof *v, by_value);
	size_t rank = (n * percent + 99) / 100;
	return v[rank > 0 ? rank - 1 : 0];
}

/* ---- the four quantities, side by side ---- */

/* Values of one quantity in a set of vectors; those of an own one start at its uid. */
static const uint16_t *of_forecast(const asy_forecast *f, asy_quantity q, uint16_t uid)
{
	switch (q) {
	case ASY_OWN_VALIDATOR_TRUST:
		return f->validator_trust + uid;
	case ASY_OWN_DIVIDENDS:
		return f->dividends + uid;
	case ASY_EACH_CONSENSUS:
		return f->consensus;
	case ASY_EACH_INCENTIVE:
		return f->incentive;
	case ASY_QUANTITIES:
		break;
	}
	return NULL;
}

static asy_forecast as_forecast(const asy_epoch_outputs *c)
{
	return (asy_forecast){.n = c->n,
						  .consensus = c->consensus,
						  .validator_trust = c->validator_trust,
						  .incentive = c->incentive,
						  .dividends = c->dividends};
}

/* ---- judging ---- */

typedef struct {
	const asy_expectation *e;
	asy_forecast chain, rows, stakes; /* what happened; with assumed rows; and stakes */
	bool has_causes;
	size_t n; /* neurons that both know */
	double *error, *beyond;
} judging;

static void judge_one(judging *j, asy_quantity q, size_t i, asy_forecast_errors *o)
{
	uint16_t uid = j->e->uid;
	const asy_band *b = &j->e->band[q];
	uint16_t was = of_forecast(&j->e->point, q, uid)[i], is = of_forecast(&j->chain, q, uid)[i];
	if (was == 0 && is == 0)
		return;
	j->error[o->n] = fabs((double)is - was);
	j->beyond[o->n] = is < b->low[i] ? b->low[i] - is : is > b->high[i] ? is - b->high[i] : 0;
	o->n++;
	o->in_band += is >= asy_band_low(b, i) && is <= asy_band_high(b, i);
	if (!j->has_causes)
		return;
	uint16_t rows = of_forecast(&j->rows, q, uid)[i], stakes = of_forecast(&j->stakes, q, uid)[i];
	o->rows += fabs((double)is - rows);
	o->stakes += fabs((double)rows - stakes);
	o->rest += fabs((double)stakes - was);
}

static void judge_quantity(judging *j, asy_quantity q, asy_forecast_errors *o)
{
	size_t n = asy_quantity_is_own(q) ? 1 : j->n;
	*o = (asy_forecast_errors){0};
	for (size_t i = 0; i < n; i++)
		judge_one(j, q, i, o);
	if (o->n == 0)
		return;
	o->rows /= (double)o->n;
	o->stakes /= (double)o->n;
	o->rest /= (double)o->n;
	o->beyond = asy_percentile(j->beyond, o->n, 95);
	o->median = asy_percentile(j->error, o->n, 50); /* sorts */
	o->p95 = asy_percentile(j->error, o->n, 95);
	o->max = j->error[o->n - 1];
}

static assay_status list_errors(const judging *j, asy_arena *a, asy_forecast_outcome *out,
								assay_err *err)
{
	out->error = asy_arena_array(a, j->n + 1, sizeof *out->error);
	if (out->error == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu errors", j->n);
	for (size_t i = 0; i < j->n; i++) {
		struct asy_uid_error x = {
			.uid = (uint16_t)i,
			.consensus = (int32_t)j->chain.consensus[i] - j->e->point.consensus[i],
			.incentive = (int32_t)j->chain.incentive[i] - j->e->point.incentive[i]};
		if (x.consensus != 0 || x.incentive != 0)
			out->error[out->error_n++] = x;
	}
	return ASSAY_OK;
}

/* ---- causes ---- */

static bool same_neuron(const assay_snapshot *x, const assay_snapshot *y, size_t uid)
{
	return uid < x->n && uid < y->n &&
		   asy_account_eq(&x->neuron[uid].hotkey, &y->neuron[uid].hotkey);
}

/* The row that was assumed of a neuron: as stored then, where it is still the same one;
 * like ours, where it could vote and had none. */
static const asy_rows *assumed_row(const assay_snapshot *s, const assay_snapshot *made,
								   uint16_t own, size_t *uid)
{
	if (*uid == own || !same_neuron(s, made, *uid))
		return &s->weights;
	if (asy_row_len(&made->weights, *uid) > 0 || !s->neuron[*uid].permit)
		return &made->weights;
	*uid = own;
	return &s->weights;
}

static assay_status assume_rows(assay_snapshot *s, const assay_snapshot *made, uint16_t own,
								asy_arena *work, assay_err *err)
{
	size_t at = 0, entries = 0;
	uint32_t *len = asy_arena_array(work, s->n + 1, sizeof *len);
	for (size_t i = 0; len != NULL && i < s->n; i++) {
		size_t from = i;
		const asy_rows *rows = assumed_row(s, made, own, &from); /* first: it sets from */
		len[i] = (uint32_t)asy_row_len(rows, from);
		entries += len[i];
	}
	asy_entry *e = asy_arena_array(work, entries + 1, sizeof *e);
	if (len == NULL || e == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu weights", entries);
	for (size_t i = 0; i < s->n; at += len[i++]) {
		size_t from = i;
		const asy_rows *rows = assumed_row(s, made, own, &from);
		if (len[i] > 0)
			memcpy(e + at, asy_row(rows, from), len[i] * sizeof *e);
	}
	return asy_snapshot_set_rows(s, &s->weights, len, e, err);
}

static void assume_stakes(assay_snapshot *s, const assay_snapshot *made)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!same_neuron(s, made, i))
			continue;
		s->neuron[i].alpha_stake = made->neuron[i].alpha_stake;
		s->neuron[i].tao_stake = made->neuron[i].tao_stake;
		s->neuron[i].total_stake = made->neuron[i].total_stake;
	}
}

static assay_status find_causes(judging *j, const assay_snapshot *made,
								const assay_snapshot *before, uint64_t counted_at,
								uint64_t cpu_mask, asy_arena *work, assay_err *err)
{
	assay_snapshot *s = NULL;
	assay_status st = asy_snapshot_dup(before, &s, err);
	if (st == ASSAY_OK)
		st = assume_rows(s, made, j->e->uid, work, err);
	if (st == ASSAY_OK)
		st = asy_forecast_run(s, counted_at, NULL, cpu_mask, &j->rows, err);
	if (st == ASSAY_OK) {
		assume_stakes(s, made);
		st = asy_forecast_run(s, counted_at, NULL, cpu_mask, &j->stakes, err);
	}
	asy_snapshot_free(s);
	j->has_causes = st == ASSAY_OK;
	return st;
}

static void fill_own(const judging *j, asy_forecast_outcome *out)
{
	for (int q = 0; q < 2; q++) {
		const asy_band *b = &j->e->band[q];
		out->forecast[q] = *of_forecast(&j->e->point, (asy_quantity)q, j->e->uid);
		out->outcome[q] = *of_forecast(&j->chain, (asy_quantity)q, j->e->uid);
		out->low[q] = asy_band_low(b, 0);
		out->high[q] = asy_band_high(b, 0);
	}
}

assay_status asy_forecast_judge(const asy_expectation *e, const assay_snapshot *made,
								const assay_snapshot *before, const asy_epoch_outputs *chain,
								uint64_t cpu_mask, asy_arena *a, asy_forecast_outcome *out,
								assay_err *err)
{
	asy_forecast_outcome x = {.made_at = e->made_at,
							  .expected_at = e->point.epoch_block,
							  .counted_at = chain->last_mechanism_step_block,
							  .uid = e->uid};
	bool is_merged = before->hyper.mechanism_count > 1;
	judging j = {.e = e, .chain = as_forecast(chain)};
	asy_arena *work = asy_arena_new(0);
	j.n = e->point.n < chain->n ? e->point.n : chain->n;
	if (!e->has_band || e->uid >= j.n) {
		asy_arena_free(work);
		return ASSAY_FAIL(err, E_INPUT, "there is no forecast to compare with");
	}
	j.error = work != NULL ? asy_arena_array(work, j.n + 1, sizeof *j.error) : NULL;
	j.beyond = work != NULL ? asy_arena_array(work, j.n + 1, sizeof *j.beyond) : NULL;
	assay_status st = j.error == NULL || j.beyond == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "%zu errors", j.n)
						  : ASSAY_OK;
	/* a subnet that shrank or grew in between cannot be put back */
	if (st == ASSAY_OK && made != NULL && before->n >= j.n)
		st = find_causes(&j, made, before, x.counted_at, cpu_mask, work, err);
	x.has_causes = j.has_causes;
	for (int q = 0; st == ASSAY_OK && q < ASY_QUANTITIES; q++)
		if (!is_merged || q == ASY_EACH_INCENTIVE)
			judge_quantity(&j, (asy_quantity)q, &x.of[q]);
	if (st == ASSAY_OK) {
		fill_own(&j, &x);
		st = list_errors(&j, a, &x, err);
	}
	asy_forecast_fini(&j.rows);
	asy_forecast_fini(&j.stakes);
	asy_arena_free(work);
	if (st == ASSAY_OK)
		*out = x;
	return st;
}

/* ---- JSON ---- */

static void put_of(asy_jw *w, const asy_forecast_outcome *x, asy_quantity q)
{
	const asy_forecast_errors *o = &x->of[q];
	asy_jw_key(w, asy_quantity_name(q));
	asy_jw_object(w);
	if (asy_quantity_is_own(q)) {
		asy_jw_ku64(w, "forecast", x->forecast[q]);
		asy_jw_ku64(w, "low", x->low[q]);
		asy_jw_ku64(w, "high", x->high[q]);
		asy_jw_ku64(w, "outcome", x->outcome[q]);
	}
	asy_jw_ku64(w, "values", o->n);
	asy_jw_ku64(w, "in_band", o->in_band);
	asy_jw_kf64(w, "median", o->median);
	asy_jw_kf64(w, "p95", o->p95);
	asy_jw_kf64(w, "max", o->max);
	asy_jw_kf64(w, "beyond", o->beyond);
	if (x->has_causes) {
		asy_jw_kf64(w, "rows", o->rows);
		asy_jw_kf64(w, "stakes", o->stakes);
		asy_jw_kf64(w, "rest", o->rest);
	}
	asy_jw_end_object(w);
}

assay_status asy_forecast_outcome_put(const asy_forecast_outcome *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "made_at", x->made_at);
	asy_jw_ku64(&w, "expected_at", x->expected_at);
	asy_jw_ku64(&w, "counted_at", x->counted_at);
	asy_jw_ku64(&w, "uid", x->uid);
	asy_jw_kbool(&w, "causes", x->has_causes);
	for (int q = 0; q < ASY_QUANTITIES; q++)
		put_of(&w, x, (asy_quantity)q);
	asy_jw_key(&w, "errors"); /* uid, consensus, incentive: outcome - forecast */
	asy_jw_array(&w);
	for (size_t i = 0; i < x->error_n; i++) {
		asy_jw_array(&w);
		asy_jw_u64(&w, x->error[i].uid);
		asy_jw_i64(&w, x->error[i].consensus);
		asy_jw_i64(&w, x->error[i].incentive);
		asy_jw_end_array(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status get_of(asy_jv v, asy_forecast_outcome *x, asy_quantity q, assay_err *err)
{
	asy_forecast_errors *o = &x->of[q];
	uint64_t n, in_band;
	v = asy_jv_get(v, asy_quantity_name(q));
	if (asy_quantity_is_own(q)) {
		TRY(asy_jv_u16(asy_jv_get(v, "forecast"), &x->forecast[q], err));
		TRY(asy_jv_u16(asy_jv_get(v, "low"), &x->low[q], err));
		TRY(asy_jv_u16(asy_jv_get(v, "high"), &x->high[q], err));
		TRY(asy_jv_u16(asy_jv_get(v, "outcome"), &x->outcome[q], err));
	}
	TRY(asy_jv_u64(asy_jv_get(v, "values"), &n, err));
	TRY(asy_jv_u64(asy_jv_get(v, "in_band"), &in_band, err));
	TRY(asy_jv_f64(asy_jv_get(v, "median"), &o->median, err));
	TRY(asy_jv_f64(asy_jv_get(v, "p95"), &o->p95, err));
	TRY(asy_jv_f64(asy_jv_get(v, "max"), &o->max, err));
	TRY(asy_jv_f64(asy_jv_get(v, "beyond"), &o->beyond, err));
	if (n > ASY_UIDS_MAX || in_band > n)
		return ASSAY_FAIL(err, E_STORE, "%s: counts out of range", asy_quantity_name(q));
	o->n = (size_t)n;
	o->in_band = (size_t)in_band;
	if (!x->has_causes)
		return ASSAY_OK;
	TRY(asy_jv_f64(asy_jv_get(v, "rows"), &o->rows, err));
	TRY(asy_jv_f64(asy_jv_get(v, "stakes"), &o->stakes, err));
	return asy_jv_f64(asy_jv_get(v, "rest"), &o->rest, err);
}

static assay_status get_errors(asy_jv list, asy_arena *a, asy_forecast_outcome *x, assay_err *err)
{
	size_t n = asy_jv_size(list);
	x->error = asy_arena_array(a, n + 1, sizeof *x->error);
	if (x->error == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu errors", n);
	for (size_t i = 0; i < n; i++) {
		asy_jv v = asy_jv_at(list, i);
		int64_t consensus, incentive;
		TRY(asy_jv_u16(asy_jv_at(v, 0), &x->error[i].uid, err));
		TRY(asy_jv_i64(asy_jv_at(v, 1), &consensus, err));
		TRY(asy_jv_i64(asy_jv_at(v, 2), &incentive, err));
		if (consensus < -65535 || consensus > 65535 || incentive < -65535 || incentive > 65535)
			return ASSAY_FAIL(err, E_STORE, "errors: out of range");
		x->error[i].consensus = (int32_t)consensus;
		x->error[i].incentive = (int32_t)incentive;
	}
	x->error_n = n;
	return ASSAY_OK;
}

static assay_status get_outcome(asy_jv v, asy_arena *a, asy_forecast_outcome *x, assay_err *err)
{
	TRY(asy_jv_u64(asy_jv_get(v, "made_at"), &x->made_at, err));
	TRY(asy_jv_u64(asy_jv_get(v, "expected_at"), &x->expected_at, err));
	TRY(asy_jv_u64(asy_jv_get(v, "counted_at"), &x->counted_at, err));
	TRY(asy_jv_u16(asy_jv_get(v, "uid"), &x->uid, err));
	TRY(asy_jv_bool(asy_jv_get(v, "causes"), &x->has_causes, err));
	for (int q = 0; q < ASY_QUANTITIES; q++)
		TRY(get_of(v, x, (asy_quantity)q, err));
	return get_errors(asy_jv_get(v, "errors"), a, x, err);
}

assay_status asy_forecast_outcome_get(assay_span json, asy_arena *a, asy_forecast_outcome *x,
									  assay_err *err)
{
	asy_json *doc = NULL;
	asy_forecast_outcome got = {0};
	assay_status st = asy_record_parse(json, &doc, err);
	if (st == ASSAY_OK)
		st = get_outcome(asy_json_root(doc), a, &got, err);
	asy_json_free(doc);
	if (st == ASSAY_OK)
		*x = got;
	return st;
}
