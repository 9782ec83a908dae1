/* How far consensus can move while some validators' rows are sealed. A weighted median
 * never falls when a vote rises, so the two ends are the medians with every unknown
 * vote at its lower and at its upper bound. The assumptions are the caller's and are
 * stated in yuma.h; nothing else is assumed. */
#include <stdlib.h>
#include "yuma/run.h"

void asy_yuma_stale_rows(const assay_yuma_input *in, uint8_t *flags)
{
	if (in->n > 0)
		memset(flags, 0, in->n);
	for (size_t k = 0; k < in->commits_n; k++) {
		const assay_yuma_commit *c = &in->commits[k];
		bool expired = in->current_epoch > asy_sat_add_u64(c->epoch, in->commit_reveal_period);
		if (c->uid < in->n && !expired)
			flags[c->uid] = 1;
	}
}

/* What the forecast works on: the epoch's own W, voters and minority. */
typedef struct {
	size_t n, cap;
	int64_t *active, *score, *stake;
	assay_yuma_matrix_out w;
	int64_t *own, *columns; /* the asking row; voters * n bounds of one side */
	uint16_t *voter;
	size_t voters;
} work;

static assay_status run(asy_arena *a, const assay_yuma_input *in, work *w, assay_err *err)
{
	const size_t n = in->n, need = assay_yuma_scratch_len(in), cap = assay_yuma_matrix_cap(in);
	uint8_t *scratch = need == 0 ? NULL : malloc(need);
	*w = (work){.n = n,
				.cap = cap,
				.active = asy_arena_array(a, n + 1, sizeof(int64_t)),
				.score = asy_arena_array(a, n + 1, sizeof(int64_t)),
				.stake = asy_arena_array(a, n + 1, sizeof(int64_t)),
				.own = asy_arena_array(a, n + 1, sizeof(int64_t)),
				.voter = asy_arena_array(a, n + 1, sizeof(uint16_t)),
				.w = {asy_arena_array(a, n + 1, sizeof(size_t)),
					  asy_arena_array(a, cap + 1, sizeof(uint16_t)),
					  asy_arena_array(a, cap + 1, sizeof(int64_t)), cap}};
	if (scratch == NULL || w->active == NULL || w->score == NULL || w->stake == NULL ||
		w->own == NULL || w->voter == NULL || w->w.offset == NULL || w->w.col == NULL ||
		w->w.bits == NULL) {
		free(scratch);
		return ASSAY_FAIL(err, E_NOMEM, "a forecast over %zu neurons", n);
	}
	const assay_yuma_trace t = {.active_stake = w->active, .weights = w->w};
	const assay_yuma_out out = {.trace = &t};
	assay_status st = assay_yuma_epoch(in, (assay_mut){scratch, need}, &out, err);
	free(scratch);
	if (st != ASSAY_OK)
		return st;
	asy_yuma_normalise(w->active, n); /* now shares of voting stake */
	for (size_t i = 0; i < n; i++)
		if (w->active[i] > 0)
			w->voter[w->voters++] = (uint16_t)i;
	w->columns = asy_arena_array(a, w->voters * n + 1, sizeof(int64_t));
	return w->columns != NULL ? ASSAY_OK
							  : ASSAY_FAIL(err, E_NOMEM, "a forecast over %zu neurons", n);
}

/* An unknown vote's bound on one side, from the stored one. */
static int64_t bound(int64_t stored, int64_t spread, bool upper)
{
	if (spread < 0)
		return upper ? FX_ONE : 0;
	int64_t off = fx_mul(stored, spread);
	return fx_clamp(upper ? stored + off : stored - off, 0, FX_ONE);
}

static void medians(work *w, const assay_yuma_input *in, const asy_yuma_band_query *q, bool upper,
					int64_t *out)
{
	const size_t n = w->n;
	int64_t total = 0;
	memset(w->columns, 0, w->voters * n * sizeof *w->columns);
	for (size_t v = 0; v < w->voters; v++) {
		const size_t i = w->voter[v];
		int64_t *row = w->columns + v * n;
		total += w->active[i];
		for (size_t k = w->w.offset[i]; k < w->w.offset[i + 1]; k++)
			row[w->w.col[k]] = w->w.bits[k];
		if (q->unknown[i] && i != q->uid)
			for (size_t j = 0; j < n; j++)
				row[j] = bound(row[j], q->spread, upper);
	}
	const int64_t minority = fx_sub(total, fx_from_u16p(in->kappa));
	for (size_t j = 0; j < n; j++) {
		size_t m = 0;
		int64_t zeros = 0;
		for (size_t v = 0; v < w->voters; v++) {
			const int64_t x = w->columns[v * n + j], s = w->active[w->voter[v]];
			if (x == 0) {
				zeros += s;
				continue;
			}
			w->score[m] = x;
			w->stake[m++] = s;
		}
		out[j] = asy_yuma_median(w->score, w->stake, m, m < w->voters, zeros, minority);
	}
}

assay_status asy_yuma_forecast(const assay_yuma_input *in, const asy_yuma_band_query *q,
							   asy_yuma_band *out, assay_err *err)
{
	if (q->uid >= in->n || q->unknown == NULL || out->low == NULL || out->high == NULL)
		return ASSAY_FAIL(err, E_INPUT, "a forecast needs a uid below %zu, flags and room", in->n);
	if (q->spread > FX_ONE * 65535)
		return ASSAY_FAIL(err, E_RANGE, "the spread is above 65535");
	asy_arena *a = asy_arena_new(0);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a forecast");
	work w;
	assay_status st = run(a, in, &w, err);
	if (st == ASSAY_OK) {
		medians(&w, in, q, false, out->low);
		medians(&w, in, q, true, out->high);
		out->trust_low = out->trust_high = out->unknown_stake = 0;
		out->unknown_n = 0;
		for (size_t k = w.w.offset[q->uid]; k < w.w.offset[q->uid + 1u]; k++) {
			const size_t j = w.w.col[k];
			out->trust_low += fx_min(w.w.bits[k], out->low[j]);
			out->trust_high += fx_min(w.w.bits[k], out->high[j]);
		}
		for (size_t v = 0; v < w.voters; v++) {
			if (!q->unknown[w.voter[v]] || w.voter[v] == q->uid)
				continue;
			out->unknown_n++;
			out->unknown_stake += w.active[w.voter[v]];
		}
	}
	asy_arena_free(a);
	return st;
}
