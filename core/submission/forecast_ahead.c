/*~ The expectation: what will consensus make of a vector that is not even sealed yet? It
 * counts two epochs from now or later, so the epochs in between are run first: bonds move,
 * permits change, and vectors of ours that are on their way take their place. Example with
 * a reveal period of 1: made in epoch 7, sealed in 7, revealed in 8, counted by the epoch
 * that ends 8; the one that ends 7 runs with the vector before.
 *
 * What cannot be known is stated as a band. A validator with a commitment in the queue will
 * replace its row by one that nobody has seen; how far that moves consensus is bounded by
 * asy_yuma_forecast, and what earlier bands missed is added as a margin.
 * Reason to change: something more can be known, or the band turns out wrong. */
#include <stdlib.h>
#include "submission/run.h"
#include "schedule/schedule.h"
#include "yuma/yuma.h"

/* A hidden row is taken to give each miner its stored weight, more or less this part. */
#define HIDDEN_SPREAD (ASSAY_YUMA_ONE / 4)

const char *asy_quantity_name(asy_quantity q)
{
	static const char *const names[] = {"validator_trust", "dividends", "consensus", "incentive"};
	return (unsigned)q < ASY_COUNT(names) ? names[q] : "?";
}

void asy_expectation_fini(asy_expectation *e)
{
	asy_forecast_fini(&e->point);
	*e = (asy_expectation){0};
}

/* ---- the state as it will be ---- */

/* Who votes now goes on voting; so do we from our next transaction on. */
static void restore_activity(assay_snapshot *s, const asy_forecast_plan *p)
{
	uint64_t cutoff = asy_activity_cutoff(&s->hyper, s->epoch.tempo);
	uint64_t least = asy_sat_sub_u64(p->counts_at, cutoff);
	for (size_t i = 0; i < s->n; i++) {
		uint64_t *last = &s->neuron[i].last_update;
		if (asy_sat_add_u64(*last, cutoff) >= s->block.number && *last < least)
			*last = least;
	}
	if (s->neuron[p->uid].last_update < p->last_update)
		s->neuron[p->uid].last_update = p->last_update;
}

/* By the time the vector counts, our commitments up to it are out of the queue. */
static void drop_own_commits(assay_snapshot *s, uint16_t uid)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->commit_n; i++)
		if (!asy_account_eq(&s->commit[i].hotkey, &s->neuron[uid].hotkey))
			s->commit[kept++] = s->commit[i];
	s->commit_n = kept;
}

static asy_own_row row_at(const asy_forecast_plan *p, uint64_t epoch_block)
{
	asy_own_row own = {.uid = p->uid};
	for (size_t i = 0; i < p->row_n && p->row[i].from_block <= epoch_block; i++) {
		const asy_vector *v = &p->row[i].vector;
		own = (asy_own_row){p->uid, v->uids, v->values, v->n};
	}
	return own;
}

/* Writes rows as an epoch left them into a snapshot. */
static assay_status set_bonds(assay_snapshot *s, const assay_yuma_rows_out *b, asy_arena *work,
							  assay_err *err)
{
	size_t entries = b->offset[s->n];
	uint32_t *len = asy_arena_array(work, s->n + 1, sizeof *len);
	asy_entry *e = asy_arena_array(work, entries + 1, sizeof *e);
	if (len == NULL || e == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu bonds", entries);
	for (size_t i = 0; i < s->n; i++)
		len[i] = (uint32_t)(b->offset[i + 1] - b->offset[i]);
	for (size_t k = 0; k < entries; k++)
		e[k] = (asy_entry){b->uid[k], b->value[k]};
	return asy_snapshot_set_rows(s, &s->bonds, len, e, err);
}

/* Runs the epoch at that block and leaves in *s what the next one will read. */
static assay_status pass_epoch(assay_snapshot **s, const asy_forecast_plan *p, uint64_t block,
							   uint64_t cpu_mask, assay_err *err)
{
	assay_yuma_input in;
	asy_run_next next;
	assay_snapshot *after = NULL;
	asy_arena *work = asy_arena_new(0);
	if (work == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an epoch");
	asy_forecast f = {.n = (*s)->n, .epoch_block = block, .arena = work};
	asy_own_row own = row_at(p, block);
	assay_status st = asy_run_input(*s, block, own.n > 0 ? &own : NULL, cpu_mask, work, &in, err);
	if (st == ASSAY_OK)
		st = asy_run_epoch(&in, work, &f, &next, err);
	if (st == ASSAY_OK)
		st = set_bonds(*s, &next.bonds, work, err);
	if (st == ASSAY_OK)
		st = asy_snapshot_set_consensus(*s, f.consensus, f.n, err);
	for (size_t i = 0; st == ASSAY_OK && i < (*s)->n; i++)
		(*s)->neuron[i].permit = next.permit[i] != 0;
	if (st == ASSAY_OK) {
		asy_schedule_ran(&(*s)->epoch, block);
		st = asy_snapshot_dup(*s, &after, err); /* drops the bonds of before */
	}
	if (st == ASSAY_OK) {
		asy_snapshot_free(*s);
		*s = after;
	}
	asy_arena_free(work);
	return st;
}

/* The state that the epoch at counts_at will read. */
static assay_status walk(const assay_snapshot *from, const asy_forecast_plan *p, uint64_t cpu_mask,
						 assay_snapshot **out, assay_err *err)
{
	assay_snapshot *s = NULL;
	uint64_t block = from->block.number;
	assay_status st = asy_snapshot_dup(from, &s, err);
	if (st != ASSAY_OK)
		return st;
	restore_activity(s, p);
	for (;;) {
		st = asy_schedule_next_epoch(&s->epoch, block, &block, err);
		if (st != ASSAY_OK || block >= p->counts_at)
			break;
		st = pass_epoch(&s, p, block, cpu_mask, err);
		if (st != ASSAY_OK)
			break;
	}
	if (st != ASSAY_OK) {
		asy_snapshot_free(s);
		return st;
	}
	drop_own_commits(s, p->uid);
	*out = s;
	return ASSAY_OK;
}

/* ---- the band ---- */

typedef struct {
	uint8_t *flag;  /* of n: hidden */
	uint8_t *empty; /* hidden, and nothing is stored to start from */
	bool is_any_empty;
} hidden_rows;

/* Rows that will be replaced before the epoch: a commitment is queued, or there is
 * none yet from a validator that may set weights. */
static void find_hidden(const assay_snapshot *now, const assay_snapshot *then, uint16_t own,
						const assay_yuma_input *in, hidden_rows *h)
{
	asy_yuma_stale_rows(in, h->flag);
	for (size_t i = 0; i < now->n; i++) {
		bool is_voter = then->neuron[i].permit;
		bool is_empty = asy_row_len(&now->weights, i) == 0;
		h->flag[i] = i != own && is_voter && (h->flag[i] != 0 || is_empty);
		h->empty[i] = h->flag[i] && is_empty;
		h->is_any_empty = h->is_any_empty || h->empty[i] != 0;
	}
}

/* The rows that are flagged become like ours. */
static assay_status agree(assay_snapshot *s, const uint8_t *flag, const asy_own_row *own,
						  asy_arena *work, assay_err *err)
{
	size_t entries = s->weights.start[s->n], at = 0;
	for (size_t i = 0; i < s->n; i++)
		entries += flag[i] ? own->n : 0;
	uint32_t *len = asy_arena_array(work, s->n + 1, sizeof *len);
	asy_entry *e = asy_arena_array(work, entries + 1, sizeof *e);
	uint16_t *up = asy_arena_array(work, own->n + 1, sizeof *up);
	if (len == NULL || e == NULL || up == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu weights", entries);
	asy_max_upscale(own->values, own->n, up);
	for (size_t i = 0; i < s->n; i++) {
		size_t stored = asy_row_len(&s->weights, i);
		len[i] = (uint32_t)(flag[i] ? own->n : stored);
		if (!flag[i] && stored > 0)
			memcpy(e + at, asy_row(&s->weights, i), stored * sizeof *e);
		for (size_t k = 0; flag[i] && k < own->n; k++)
			e[at + k] = (asy_entry){own->uids[k], up[k]};
		at += len[i];
	}
	return asy_snapshot_set_rows(s, &s->weights, len, e, err);
}

static uint16_t clamp_u16(int64_t fixed)
{
	return asy_yuma_to_u16p(fixed < 0 ? 0 : fixed > ASSAY_YUMA_ONE ? ASSAY_YUMA_ONE : fixed);
}

static void widen(asy_band *b, size_t i, uint16_t x)
{
	b->low[i] = x < b->low[i] ? x : b->low[i];
	b->high[i] = x > b->high[i] ? x : b->high[i];
}

/* Every band begins as the forecast itself. */
static bool take_band(asy_expectation *e)
{
	const asy_forecast *f = &e->point;
	const uint16_t *from[ASY_QUANTITIES] = {f->validator_trust + e->uid, f->dividends + e->uid,
											f->consensus, f->incentive};
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		size_t n = asy_quantity_is_own((asy_quantity)q) ? 1 : f->n;
		e->band[q].low = asy_arena_dup(f->arena, from[q], n * sizeof(uint16_t));
		e->band[q].high = asy_arena_dup(f->arena, from[q], n * sizeof(uint16_t));
		if (e->band[q].low == NULL || e->band[q].high == NULL)
			return false;
	}
	return true;
}

/* Consensus and trust: exact ends for rows that stay near the stored ones. */
static assay_status bound_consensus(asy_expectation *e, const assay_yuma_input *in,
									const hidden_rows *h, asy_arena *work, assay_err *err)
{
	asy_yuma_band_query q = {h->flag, h->is_any_empty ? -1 : HIDDEN_SPREAD, e->uid};
	asy_yuma_band b = {.low = asy_arena_array(work, in->n + 1, sizeof(int64_t)),
					   .high = asy_arena_array(work, in->n + 1, sizeof(int64_t))};
	if (b.low == NULL || b.high == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a band over %zu neurons", in->n);
	assay_status st = asy_yuma_forecast(in, &q, &b, err);
	if (st != ASSAY_OK)
		return st;
	for (size_t i = 0; i < in->n; i++) {
		widen(&e->band[ASY_EACH_CONSENSUS], i, clamp_u16(b.low[i]));
		widen(&e->band[ASY_EACH_CONSENSUS], i, clamp_u16(b.high[i]));
	}
	widen(&e->band[ASY_OWN_VALIDATOR_TRUST], 0, clamp_u16(b.trust_low));
	widen(&e->band[ASY_OWN_VALIDATOR_TRUST], 0, clamp_u16(b.trust_high));
	e->hidden_n = (uint32_t)b.unknown_n;
	e->hidden_stake = b.unknown_stake;
	return ASSAY_OK;
}

/* Dividends and incentive depend on all bonds, so no exact end is known: what they are
 * in another case of the hidden rows has to be inside. */
static assay_status bound_payment(asy_expectation *e, const assay_snapshot *then,
								  const asy_own_row *own, uint64_t cpu_mask, assay_err *err)
{
	asy_forecast f;
	assay_status st = asy_forecast_run(then, e->point.epoch_block, own, cpu_mask, &f, err);
	if (st != ASSAY_OK)
		return st;
	for (size_t i = 0; i < f.n; i++)
		widen(&e->band[ASY_EACH_INCENTIVE], i, f.incentive[i]);
	widen(&e->band[ASY_OWN_DIVIDENDS], 0, f.dividends[e->uid]);
	asy_forecast_fini(&f);
	return ASSAY_OK;
}

/* The forecast itself, between the two other cases: hidden rows as stored, and all of
 * them like ours. A hidden row with nothing stored is taken to be like ours. */
static assay_status expect(asy_expectation *e, const assay_snapshot *now, assay_snapshot *then,
						   const asy_forecast_plan *p, uint64_t cpu_mask, asy_arena *work,
						   assay_err *err)
{
	assay_yuma_input in;
	asy_own_row own = row_at(p, p->counts_at);
	asy_forecast stored = {0};
	hidden_rows h = {.flag = asy_arena_array(work, now->n + 1, 1),
					 .empty = asy_arena_array(work, now->n + 1, 1)};
	if (h.flag == NULL || h.empty == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a band");
	assay_status st = asy_run_input(now, now->block.number + 1, NULL, cpu_mask, work, &in, err);
	if (st != ASSAY_OK)
		return st;
	find_hidden(now, then, e->uid, &in, &h);
	if (h.is_any_empty) {
		st = asy_forecast_run(then, p->counts_at, &own, cpu_mask, &stored, err);
		if (st == ASSAY_OK)
			st = agree(then, h.empty, &own, work, err);
	}
	if (st == ASSAY_OK)
		st = asy_forecast_run(then, p->counts_at, &own, cpu_mask, &e->point, err);
	if (st == ASSAY_OK && !take_band(e))
		st = ASSAY_FAIL(err, E_NOMEM, "a band");
	for (size_t i = 0; st == ASSAY_OK && i < stored.n; i++)
		widen(&e->band[ASY_EACH_INCENTIVE], i, stored.incentive[i]);
	if (st == ASSAY_OK && stored.n > 0)
		widen(&e->band[ASY_OWN_DIVIDENDS], 0, stored.dividends[e->uid]);
	asy_forecast_fini(&stored);
	if (st == ASSAY_OK)
		st = asy_run_input(then, p->counts_at, &own, cpu_mask, work, &in, err);
	if (st == ASSAY_OK)
		st = bound_consensus(e, &in, &h, work, err);
	if (st == ASSAY_OK)
		st = agree(then, h.flag, &own, work, err);
	return st == ASSAY_OK ? bound_payment(e, then, &own, cpu_mask, err) : st;
}

assay_status asy_forecast_ahead(const assay_snapshot *s, const asy_forecast_plan *plan,
								const uint16_t *margin, uint64_t cpu_mask, asy_expectation *out,
								assay_err *err)
{
	assay_snapshot *then = NULL;
	asy_expectation e = {.made_at = s->block.number, .uid = plan->uid};
	asy_arena *work = asy_arena_new(0);
	if (s->epoch.is_null) {
		asy_arena_free(work);
		return ASSAY_FAIL(err, E_UNSUPPORTED,
						  "subnet %u pays by Null consensus: one validator's row is paid as it is, "
						  "there is nothing to forecast",
						  s->netuid);
	}
	if (plan->uid >= s->n || plan->row_n == 0 || work == NULL) {
		asy_arena_free(work);
		return ASSAY_FAIL(err, E_INPUT, "a forecast needs a vector and a uid below %zu", s->n);
	}
	assay_status st = walk(s, plan, cpu_mask, &then, err);
	if (st == ASSAY_OK)
		st = expect(&e, s, then, plan, cpu_mask, work, err);
	for (int q = 0; q < ASY_QUANTITIES; q++)
		e.band[q].margin = margin[q];
	e.has_band = st == ASSAY_OK;
	asy_snapshot_free(then);
	asy_arena_free(work);
	if (st == ASSAY_OK)
		*out = e;
	else
		asy_expectation_fini(&e);
	return st;
}
