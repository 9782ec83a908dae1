/* A run: a snapshot through assay_yuma_epoch, and the comparison with what the chain
 * wrote. Pure; the snapshot is borrowed. */
#include <stdlib.h>
#include "submission/forecast.h"
#include "submission/run.h"
#include "schedule/schedule.h"
#include "yuma/yuma.h"

/* One more than asked for, so that an empty subnet still has arrays. */
#define TAKE(a, n, ptr) ((ptr) = asy_arena_array((a), (n) + 1, sizeof *(ptr)))

/* Stored rows as the epoch wants them, with own in place of one of them. */
static bool pack_rows(asy_arena *a, const assay_snapshot *s, const asy_rows *rows,
					  const asy_own_row *own, assay_yuma_rows *out)
{
	asy_yuma_row *list;
	uint16_t *uid, *value, *packed_uid, *packed_value, *upscaled;
	size_t *offset, at = 0, entries = rows->start[s->n];
	if (!TAKE(a, s->n, list) || !TAKE(a, entries, uid) || !TAKE(a, entries, value))
		return false;
	for (size_t i = 0; i < s->n; i++) {
		size_t len = asy_row_len(rows, i);
		const asy_entry *e = asy_row(rows, i);
		list[i] = (asy_yuma_row){uid + at, value + at, len};
		for (size_t k = 0; k < len; k++, at++) {
			uid[at] = e[k].uid;
			value[at] = e[k].value;
		}
	}
	if (own != NULL) {
		if (!TAKE(a, own->n, upscaled))
			return false;
		if (s->epoch.is_null) /* stored as sent */
			memcpy(upscaled, own->values, own->n * sizeof *upscaled);
		else
			asy_max_upscale(own->values, own->n, upscaled);
		list[own->uid] = (asy_yuma_row){own->uids, upscaled, own->n};
	}
	size_t total = asy_yuma_rows_len(list, s->n);
	if (!TAKE(a, s->n, offset) || !TAKE(a, total, packed_uid) || !TAKE(a, total, packed_value))
		return false;
	asy_yuma_rows_pack(list, s->n, offset, packed_uid, packed_value, out);
	return true;
}

static bool pack_commits(asy_arena *a, const assay_snapshot *s, assay_yuma_input *in)
{
	assay_yuma_commit *c;
	asy_uid_index *index;
	if (!TAKE(a, s->commit_n, c) || asy_uid_index_new(s, &index, NULL) != ASSAY_OK)
		return false;
	for (size_t i = 0; i < s->commit_n; i++) {
		long uid = asy_uid_index_find(index, &s->commit[i].hotkey);
		c[i] = (assay_yuma_commit){
			.epoch = s->commit[i].epoch,
			.block = s->commit[i].block,
			.uid = uid >= 0 ? (uint16_t)uid : UINT16_MAX,
			.timelock = s->commit[i].kind == ASY_COMMIT_TIMELOCK,
		};
	}
	asy_uid_index_free(index);
	in->commits = c;
	in->commits_n = s->commit_n;
	return true;
}

/* The block of the last Yuma epoch, from which bonds of older registrations count. */
static uint64_t last_yuma_step(const asy_epoch_state *e)
{
	return e->has_yuma_step ? e->last_yuma_step_block : e->last_mechanism_step_block;
}

/* What we would have to guess. */
static assay_status check_modes(const assay_snapshot *s, assay_err *err)
{
	const asy_hyper *h = &s->hyper;
	if (s->no_forecast)
		return ASSAY_FAIL(err, E_UNSUPPORTED,
						  "this runtime keeps something that the epoch is made from in a form that "
						  "Assay cannot read (see chain.item_unknown): no forecast");
	if (h->epoch_consensus > ASY_CONSENSUS_NULL)
		return ASSAY_FAIL(
			err, E_UNSUPPORTED,
			"subnet %u pays by consensus mode %u, which this version of Assay does not "
			"know (0 Yuma, 1 Null): no forecast until it is updated",
			s->netuid, h->epoch_consensus);
	if (h->liquid_alpha_on && h->liquid_consensus_mode > ASSAY_YUMA_CONSENSUS_AUTO)
		return ASSAY_FAIL(
			err, E_UNSUPPORTED,
			"liquid alpha of subnet %u is in mode %u, which this version of Assay does "
			"not know (0 current, 1 previous, 2 auto): no forecast until it is updated",
			s->netuid, h->liquid_consensus_mode);
	return ASSAY_OK;
}

static bool pack_vectors(asy_arena *a, const assay_snapshot *s, assay_yuma_input *in)
{
	uint64_t *updated, *registered, *alpha, *tao;
	uint8_t *permit;
	if (!TAKE(a, s->n, updated) || !TAKE(a, s->n, registered) || !TAKE(a, s->n, alpha) ||
		!TAKE(a, s->n, tao) || !TAKE(a, s->n, permit))
		return false;
	for (size_t i = 0; i < s->n; i++) {
		updated[i] = s->neuron[i].last_update;
		registered[i] = s->neuron[i].registered_at;
		alpha[i] = s->neuron[i].alpha_stake;
		tao[i] = s->neuron[i].tao_stake;
		permit[i] = s->neuron[i].permit;
	}
	in->last_update = updated;
	in->block_at_registration = registered;
	in->alpha_stake = alpha;
	in->tao_stake = tao;
	in->validator_permit = permit;
	in->last_update_n = in->validator_permit_n = s->n;
	return true;
}

/* What the epoch at epoch_block reads: the state in s, the block number of that block,
 * and the epoch counter as the chain has advanced it by then. */
assay_status asy_run_input(const assay_snapshot *s, uint64_t epoch_block, const asy_own_row *own,
						   uint64_t cpu_mask, asy_arena *a, assay_yuma_input *in, assay_err *err)
{
	const asy_hyper *h = &s->hyper;
	*in = (assay_yuma_input){
		.n = s->n,
		.current_block = epoch_block,
		.last_mechanism_step_block = last_yuma_step(&s->epoch),
		.activity_cutoff_factor_milli = h->activity_cutoff_factor_milli,
		.tempo = s->epoch.tempo,
		.tao_weight = h->tao_weight,
		.stake_threshold = h->stake_threshold,
		.owner_uid = s->has_owner_uid ? (int32_t)s->owner_uid : -1,
		.max_allowed_validators = h->max_allowed_validators,
		.kappa = h->kappa,
		.bonds_penalty = h->bonds_penalty,
		.bonds_moving_average = h->bonds_moving_average,
		.yuma3 = h->yuma3_on,
		.liquid_alpha = h->liquid_alpha_on,
		.alpha_low = h->alpha_low,
		.alpha_high = h->alpha_high,
		.alpha_sigmoid_steepness = h->alpha_sigmoid_steepness,
		/* without liquid alpha nobody asks for it, so an unknown one does not matter */
		.liquid_consensus_mode =
			h->liquid_alpha_on ? h->liquid_consensus_mode : (uint8_t)ASSAY_YUMA_CONSENSUS_CURRENT,
		.previous_consensus = s->previous_consensus,
		.previous_consensus_n = s->previous_consensus_n,
		.commit_reveal = h->commit_reveal_enabled,
		.commit_reveal_period = h->reveal_period_epochs,
		.current_epoch = s->epoch.stateful ? s->epoch.subnet_epoch_index + 1
										   : asy_schedule_lookahead(&s->epoch, epoch_block),
		.rao_emission =
			s->emission.pending_server + s->emission.pending_validator + s->emission.pending_root,
		.cpu_mask = cpu_mask,
	};
	TRY(check_modes(s, err));
	if (own != NULL && own->uid >= s->n)
		return ASSAY_FAIL(err, E_INPUT, "uid %u is not in a subnet of %zu neurons", own->uid, s->n);
	if (!pack_vectors(a, s, in) || !pack_commits(a, s, in) ||
		!pack_rows(a, s, &s->weights, own, &in->weights) ||
		!pack_rows(a, s, &s->bonds, NULL, &in->bonds))
		return ASSAY_FAIL(err, E_NOMEM, "an epoch over %zu neurons", s->n);
	return ASSAY_OK;
}

static bool take_vectors(asy_forecast *f, size_t n)
{
	return TAKE(f->arena, n, f->consensus) && TAKE(f->arena, n, f->validator_trust) &&
		   TAKE(f->arena, n, f->incentive) && TAKE(f->arena, n, f->dividends) &&
		   TAKE(f->arena, n, f->consensus_fixed);
}

static bool take_next(asy_arena *a, const assay_yuma_input *in, asy_run_next *next)
{
	next->bonds.cap = assay_yuma_bonds_cap(in);
	return TAKE(a, in->n + 1, next->bonds.offset) && TAKE(a, next->bonds.cap, next->bonds.uid) &&
		   TAKE(a, next->bonds.cap, next->bonds.value) && TAKE(a, in->n, next->permit);
}

assay_status asy_run_epoch(const assay_yuma_input *in, asy_arena *work, asy_forecast *f,
						   asy_run_next *next, assay_err *err)
{
	size_t need = assay_yuma_scratch_len(in);
	uint8_t *scratch = asy_arena_take(work, need, 64);
	if (scratch == NULL || !take_vectors(f, in->n) || (next != NULL && !take_next(work, in, next)))
		return ASSAY_FAIL(err, E_NOMEM, "an epoch over %zu neurons", in->n);
	assay_yuma_trace trace = {.consensus = f->consensus_fixed};
	assay_yuma_out o = {
		.consensus = f->consensus,
		.validator_trust = f->validator_trust,
		.incentive = f->incentive,
		.dividends = f->dividends,
		.trace = &trace,
	};
	if (next != NULL) {
		o.bonds = next->bonds;
		o.validator_permit = next->permit;
	}
	return assay_yuma_epoch(in, (assay_mut){scratch, need}, &o, err);
}

/* Consensus and trust stay 0. The pools are those of all mechanisms; for the shares, which
 * are all that is asked here, their size does not matter. */
static assay_status run_null(const assay_yuma_input *in, const asy_emission *e, asy_arena *work,
							 asy_forecast *f, assay_err *err)
{
	size_t need = assay_yuma_null_scratch_len(in);
	uint8_t *scratch = asy_arena_take(work, need + 1, 64);
	if (scratch == NULL || !take_vectors(f, in->n))
		return ASSAY_FAIL(err, E_NOMEM, "a Null epoch over %zu neurons", in->n);
	const assay_yuma_null_budget pools = {e->pending_server,
										  asy_sat_add_u64(e->pending_validator, e->pending_root),
										  asy_sat_add_u64(e->pending_server, e->pending_validator)};
	const assay_yuma_null_out o = {.incentive = f->incentive, .dividends = f->dividends};
	return assay_yuma_null_epoch(in, &pools, (assay_mut){scratch, need}, &o, err);
}

assay_status asy_forecast_run(const assay_snapshot *s, uint64_t epoch_block, const asy_own_row *own,
							  uint64_t cpu_mask, asy_forecast *out, assay_err *err)
{
	assay_yuma_input in;
	asy_forecast f = {.n = s->n, .epoch_block = epoch_block};
	asy_arena *work = asy_arena_new(0);
	f.arena = asy_arena_new(0);
	assay_status st = work == NULL || f.arena == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "an epoch")
						  : asy_run_input(s, epoch_block, own, cpu_mask, work, &in, err);
	if (st == ASSAY_OK)
		st = s->epoch.is_null ? run_null(&in, &s->emission, work, &f, err)
							  : asy_run_epoch(&in, work, &f, NULL, err);
	asy_arena_free(work);
	if (st != ASSAY_OK) {
		asy_arena_free(f.arena);
		return assay_err_at(err, st, "the epoch at block %" PRIu64, epoch_block);
	}
	*out = f;
	return ASSAY_OK;
}

void asy_forecast_fini(asy_forecast *f)
{
	asy_arena_free(f->arena);
	*f = (asy_forecast){0};
}

static bool same(const char *what, const uint16_t *ours, const uint16_t *chain, size_t n,
				 char *where, size_t cap)
{
	for (size_t i = 0; i < n; i++) {
		if (ours[i] == chain[i])
			continue;
		(void)snprintf(where, cap, "%s of uid %zu: ours %u, chain %u", what, i, ours[i], chain[i]);
		return false;
	}
	return true;
}

bool asy_forecast_equals(const asy_forecast *f, const asy_epoch_outputs *chain, bool is_merged,
						 char *where, size_t cap)
{
	if (f->n != chain->n) {
		(void)snprintf(where, cap, "ours has %zu neurons, the chain %zu", f->n, chain->n);
		return false;
	}
	if (!same("incentive", f->incentive, chain->incentive, f->n, where, cap))
		return false;
	if (!is_merged &&
		(!same("consensus", f->consensus, chain->consensus, f->n, where, cap) ||
		 !same("validator trust", f->validator_trust, chain->validator_trust, f->n, where, cap) ||
		 !same("dividends", f->dividends, chain->dividends, f->n, where, cap)))
		return false;
	if (cap > 0)
		where[0] = '\0';
	return true;
}

void asy_forecast_clip(const asy_forecast *f, const asy_own_row *row, asy_clip *out)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < row->n; i++)
		sum += row->values[i];
	for (size_t i = 0; i < row->n; i++) {
		int64_t share = sum != 0 ? (int64_t)(((uint64_t)row->values[i] << 32) / sum) : 0;
		int64_t allowed = row->uids[i] < f->n ? f->consensus_fixed[row->uids[i]] : 0;
		out[i] = (asy_clip){share, allowed, share > allowed ? share - allowed : 0};
	}
}
