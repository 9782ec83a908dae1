/* A recorded round's answers through a plugin once more, and what another plugin than the one
 * that judged then would have made of them.
 * Reason to change: another question about two plugins and the same answers. */
#include "research/rescore.h"
#include <math.h>
#include <stdlib.h>
#include "research/research.h"

void asy_rescored_fini(asy_rescored *b)
{
	free(b->challenge);
	free(b->response);
	free(b->row);
	free(b->slot);
}

/* The plugin remembers what it, or the one before it, remembered then. */
static assay_status restore_state(const asy_round *r, asy_store *store, asy_plugin *plugin,
								  assay_err *err)
{
	asy_buf bytes = {.max = ASY_PLUGIN_STATE_MAX};
	assay_status st = ASSAY_OK;
	if (r->state_before.present)
		st = asy_store_blob_get(store, r->state_before.b, &bytes, err);
	if (st == ASSAY_OK)
		st = asy_plugin_set_state(plugin, asy_buf_span(&bytes), err);
	asy_buf_fini(&bytes);
	return st;
}

assay_status asy_rescore(asy_round *r, asy_store *store, asy_plugin *plugin, asy_rescored *out,
						 assay_err *err)
{
	size_t all = asy_round_slots(r);
	assay_status st = ASSAY_OK;
	*out = (asy_rescored){.challenge = asy_calloc(r->question_n, sizeof *out->challenge),
						  .response = asy_calloc(all, sizeof *out->response),
						  .row = asy_calloc(all, sizeof *out->row),
						  .slot = asy_calloc(all, sizeof *out->slot)};
	if (out->challenge == NULL || out->response == NULL || out->row == NULL || out->slot == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu rows", all);
	for (size_t i = 0; st == ASSAY_OK && i < all; i++)
		st = asy_round_load_body(r, i, store, err);
	if (st == ASSAY_OK)
		st = restore_state(r, store, plugin, err);
	if (st != ASSAY_OK)
		return st;
	out->n = asy_round_batch(r, out->challenge, out->response, out->slot);
	asy_plugin_round round = asy_round_for_plugin(r);
	asy_plugin_batch in = {out->challenge, r->question_n, out->response, out->n};
	asy_plugin_results res = {.row = out->row};
	st = asy_plugin_score(plugin, &round, &in, &res, err);
	out->stats = res.stats;
	return st;
}

/* ---- ranks ---- */

typedef struct {
	double value, rank;
	size_t at;
} ranked;

static int by_value(const void *a, const void *b)
{
	const ranked *x = a, *y = b;
	return (x->value > y->value) - (x->value < y->value);
}

static int by_place(const void *a, const void *b)
{
	const ranked *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

/* Equal values share the mean of their ranks. */
static void rank(ranked *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && v[end].value == v[i].value; end++)
			;
		for (size_t k = i; k < end; k++)
			v[k].rank = (double)(i + end - 1) / 2;
	}
	qsort(v, n, sizeof *v, by_place);
}

/* Spearman's; NaN where one side knows no order. */
static double rank_correlation(ranked *a, ranked *b, size_t n)
{
	double mean = n != 0 ? (double)(n - 1) / 2 : 0, ab = 0, aa = 0, bb = 0;
	rank(a, n);
	rank(b, n);
	for (size_t i = 0; i < n; i++) {
		double x = a[i].rank - mean, y = b[i].rank - mean;
		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : NAN;
}

/* ---- then and now ---- */

static assay_status compare(const asy_round *r, const asy_rescored *b, asy_shadow *out,
							assay_err *err)
{
	ranked *was = asy_calloc(b->n, sizeof *was), *now = asy_calloc(b->n, sizeof *now);
	size_t n = 0;
	assay_status st =
		was == NULL || now == NULL ? ASSAY_FAIL(err, E_NOMEM, "%zu ranks", b->n) : ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < b->n; i++) {
		const asy_plugin_row *old = &r->row[b->slot[i]];
		if (old->flag != ASY_ROW_SCORED)
			continue;
		out->rows++;
		if (b->row[i].flag != ASY_ROW_SCORED) {
			out->unscored++;
			out->differ++;
			continue;
		}
		double off = fabs(b->row[i].value - old->value);
		out->differ += off > 0;
		out->largest = off > out->largest ? off : out->largest;
		was[n] = (ranked){.value = old->value, .at = n};
		now[n] = (ranked){.value = b->row[i].value, .at = n};
		n++;
	}
	if (st == ASSAY_OK)
		out->rank_correlation = rank_correlation(was, now, n);
	free(was);
	free(now);
	return st;
}

static assay_status fold(void *arg, const asy_rec *rec, assay_err *err)
{
	return asy_round_fold(arg, rec->type, rec->payload, err);
}

assay_status asy_research_shadow(asy_store *store, uint64_t round, asy_plugin *plugin,
								 asy_shadow *out, assay_err *err)
{
	asy_round *r = NULL;
	asy_rescored b = {0};
	asy_shadow s = {.round = round};
	assay_status st = asy_round_new(round, &r, err);
	if (st == ASSAY_OK) {
		r->keep_answers = true;
		st = asy_store_records(store, round, 0, fold, r, err);
	}
	if (st == ASSAY_OK)
		st = asy_rescore(r, store, plugin, &b, err);
	if (st == ASSAY_OK)
		st = compare(r, &b, &s, err);
	if (st == ASSAY_OK) {
		s.deaths = b.stats.crashes + b.stats.stalls;
		*out = s;
	}
	asy_rescored_fini(&b);
	asy_round_free(r);
	return st;
}
