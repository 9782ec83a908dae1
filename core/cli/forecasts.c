/* The history of forecasts as a list and in sum: what was expected before sealing, what
 * came, whether it lay in the stated band, and what the error consists of. */
#include <math.h>
#include <stdlib.h>
#include "cli/cli.h"
#include "cli/forecasts.h"

typedef struct {
	cli_forecasts *f;
	size_t cap;
} reading;

static assay_status on_row(void *arg, const asy_forecast_row *row, assay_err *err)
{
	reading *r = arg;
	cli_forecasts *f = r->f;
	if (f->n == r->cap) {
		size_t cap = r->cap == 0 ? 64 : 2 * r->cap;
		cli_forecast *more = realloc(f->item, cap * sizeof *more);
		if (more == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "%zu forecasts", cap);
		f->item = more;
		r->cap = cap;
	}
	f->item[f->n].round = row->round;
	assay_status st = asy_forecast_outcome_get(row->outcome, f->arena, &f->item[f->n].x, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the forecast of submission %" PRIu64, row->submission);
	f->n++;
	return ASSAY_OK;
}

/* ---- all rounds together ---- */

/* Absolute errors of one round; those that are not listed are zero. */
static size_t errors_of(const asy_forecast_outcome *x, asy_quantity q, double *out)
{
	size_t n = 0, want = x->of[q].n;
	if (asy_quantity_is_own(q) && want > 0)
		out[n++] = fabs((double)x->outcome[q] - x->forecast[q]);
	for (size_t i = 0; !asy_quantity_is_own(q) && i < x->error_n && n < want; i++) {
		int32_t e = q == ASY_EACH_CONSENSUS ? x->error[i].consensus : x->error[i].incentive;
		if (e != 0)
			out[n++] = fabs((double)e);
	}
	while (n < want)
		out[n++] = 0.0;
	return n;
}

static assay_status sum_up(cli_forecasts *f, asy_quantity q, assay_err *err)
{
	cli_forecast_sum *s = &f->sum[q];
	size_t at = 0;
	for (size_t i = 0; i < f->n; i++)
		s->values += f->item[i].x.of[q].n;
	double *all = asy_calloc(s->values, sizeof *all);
	if (all == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu errors", s->values);
	for (size_t i = 0; i < f->n; i++) {
		const asy_forecast_errors *e = &f->item[i].x.of[q];
		at += errors_of(&f->item[i].x, q, all + at);
		s->in_band += e->in_band;
		s->rows += e->rows * (double)e->n / (double)s->values;
		s->stakes += e->stakes * (double)e->n / (double)s->values;
		s->rest += e->rest * (double)e->n / (double)s->values;
	}
	s->median = asy_percentile(all, at, 50);
	s->p95 = asy_percentile(all, at, 95);
	free(all);
	return ASSAY_OK;
}

static void oldest_first(cli_forecasts *f)
{
	for (size_t i = 0; i < f->n / 2; i++) {
		cli_forecast x = f->item[i];
		f->item[i] = f->item[f->n - 1 - i];
		f->item[f->n - 1 - i] = x;
	}
}

assay_status cli_forecasts_read(asy_store *s, cli_forecasts *out, assay_err *err)
{
	cli_forecasts f = {.arena = asy_arena_new(0)};
	reading r = {.f = &f};
	assay_status st = f.arena == NULL ? ASSAY_FAIL(err, E_NOMEM, "forecasts")
									  : asy_store_forecasts(s, 0, on_row, &r, err);
	if (st == ASSAY_OK)
		oldest_first(&f);
	for (int q = 0; st == ASSAY_OK && q < ASY_QUANTITIES; q++)
		st = sum_up(&f, (asy_quantity)q, err);
	if (st == ASSAY_OK)
		*out = f;
	else
		cli_forecasts_fini(&f);
	return st;
}

void cli_forecasts_fini(cli_forecasts *f)
{
	asy_arena_free(f->arena);
	free(f->item);
	*f = (cli_forecasts){0};
}

/* ---- for machines ---- */

static assay_status put_one(asy_jw *w, const cli_forecast *f, assay_err *err)
{
	asy_buf text = {0};
	assay_status st = asy_forecast_outcome_put(&f->x, &text, err);
	if (st == ASSAY_OK) {
		asy_jw_object(w);
		asy_jw_ku64(w, "round", f->round);
		asy_jw_key(w, "outcome");
		asy_jw_raw(w, asy_buf_span(&text));
		asy_jw_end_object(w);
	}
	asy_buf_fini(&text);
	return st;
}

assay_status cli_forecasts_json(const cli_forecasts *f, asy_jw *w, assay_err *err)
{
	assay_status st = ASSAY_OK;
	asy_jw_key(w, "forecasts");
	asy_jw_array(w);
	for (size_t i = 0; st == ASSAY_OK && i < f->n; i++)
		st = put_one(w, &f->item[i], err);
	asy_jw_end_array(w);
	asy_jw_key(w, "forecast_errors");
	asy_jw_object(w);
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		const cli_forecast_sum *s = &f->sum[q];
		asy_jw_key(w, asy_quantity_name((asy_quantity)q));
		asy_jw_object(w);
		asy_jw_ku64(w, "values", s->values);
		asy_jw_ku64(w, "in_band", s->in_band);
		asy_jw_kf64(w, "median", s->median);
		asy_jw_kf64(w, "p95", s->p95);
		asy_jw_kf64(w, "by_rows", s->rows);
		asy_jw_kf64(w, "by_stakes", s->stakes);
		asy_jw_kf64(w, "by_rest", s->rest);
		asy_jw_end_object(w);
	}
	asy_jw_end_object(w);
	return st;
}

/* ---- for people ---- */

static double percent(double units)
{
	return 100.0 * units / 65535.0;
}

static void print_own(FILE *out, const asy_forecast_outcome *x, int q)
{
	if (x->of[q].n == 0) /* shared with other mechanisms, or zero as expected */
		(void)fprintf(out, "  %28s", "-");
	else
		(void)fprintf(out, "  %6.2f (%5.1f..%5.1f) %6.2f", percent(x->forecast[q]),
					  percent(x->low[q]), percent(x->high[q]), percent(x->outcome[q]));
}

void cli_forecasts_print(const cli_forecasts *f, FILE *out)
{
	if (f->n == 0) {
		(void)fprintf(out, "no forecast has been counted yet\n");
		return;
	}
	(void)fprintf(out, "%17s%-30s%s\n", "", "our trust, in %", "our dividends, in %");
	(void)fprintf(out, "%5s %8s  %-28s  %s\n", "round", "counted", "before (    band    )  after",
				  "before (    band    )  after");
	for (size_t i = 0; i < f->n; i++) {
		(void)fprintf(out, "%5" PRIu64 " %8" PRIu64, f->item[i].round, f->item[i].x.counted_at);
		print_own(out, &f->item[i].x, 0);
		print_own(out, &f->item[i].x, 1);
		(void)fputc('\n', out);
	}
	(void)fprintf(out, "\nerror, in %%        values  in band  median     95%%    by rows  stakes"
					   "    rest\n");
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		const cli_forecast_sum *s = &f->sum[q];
		(void)fprintf(out, "%-17s %7zu  %6.1f%%  %6.3f  %6.3f     %6.3f  %6.3f  %6.3f\n",
					  asy_quantity_name((asy_quantity)q), s->values,
					  s->values > 0 ? 100.0 * (double)s->in_band / (double)s->values : 0.0,
					  percent(s->median), percent(s->p95), percent(s->rows), percent(s->stakes),
					  percent(s->rest));
	}
}
