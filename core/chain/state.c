/* One block becomes one snapshot: everything a round needs, read at one block hash in
 * four rounds of requests (what the subnet is; who is in it; what belongs to them; who
 * lends them stake). Refuses a subnet that does not exist and lists that cannot be.
 * Reason to change: a reader of snapshots needs another value. */
#include <stdlib.h>
#include "schedule/schedule.h"
#include "chain/impl.h"

/* ---- single values ---- */

static bool is_set(const asy_read *r, const asy_chain *c, size_t i)
{
	return asy_read_int(r, c, i, 0) != 0;
}

/* The k-th item of a Vec of fixed-size integers; what lies beyond the list is 0. */
static uint64_t list_int(assay_span list, size_t size, size_t k)
{
	asy_scale in = asy_scale_in(list);
	size_t n = 0;
	if (asy_scale_count(&in, size, ASY_UIDS_MAX, &n, NULL) != ASSAY_OK || k >= n)
		return 0;
	uint64_t v = 0;
	for (size_t b = size; b > 0; b--)
		v = v << 8 | list.ptr[in.at + k * size + b - 1];
	return v;
}

/* ---- the subnet ---- */

enum {
	Q_NOW,
	Q_ADDED,
	Q_N,
	Q_OWNER,
	Q_LAST_UPDATE,
	Q_INCENTIVE,
	Q_ACTIVE,
	Q_PERMIT,
	Q_CONSENSUS,
	Q_DIVIDENDS,
	Q_VTRUST,
	Q_STAKE_WEIGHT,
	Q_EMISSION,
	Q_TEMPO,
	Q_SINCE,
	Q_STEP,
	Q_LAST_EPOCH,
	Q_PENDING,
	Q_INDEX,
	Q_CAP,
	Q_FACTOR,
	Q_CUTOFF,
	Q_KAPPA,
	Q_RHO,
	Q_AVERAGE,
	Q_PENALTY,
	Q_RESET,
	Q_LIQUID,
	Q_YUMA3,
	Q_ALPHAS,
	Q_STEEPNESS,
	Q_MIN,
	Q_MAX,
	Q_VERSION_KEY,
	Q_RATE,
	Q_REVEAL,
	Q_PERIOD,
	Q_VALIDATORS,
	Q_SERVING,
	Q_COMMIT_VERSION,
	Q_THRESHOLD,
	Q_TAO,
	Q_FREEZE,
	Q_MECHANISMS,
	Q_IMMUNITY,
	Q_MAX_UIDS,
	Q_SERVER_RAO,
	Q_VALIDATOR_RAO,
	Q_ROOT_RAO,
	Q_OUT_RAO,
	Q_COUNT
};
/* Which item each question reads, and by what: nothing, the netuid, the storage index. */
typedef enum { BY_NOTHING, BY_NETUID, BY_INDEX } keyed;
static const struct {
	asy_item item;
	keyed by;
} questions[Q_COUNT] = {
	[Q_NOW] = {ITEM_NOW, BY_NOTHING},
	[Q_ADDED] = {ITEM_NETWORKS_ADDED, BY_NETUID},
	[Q_N] = {ITEM_SUBNETWORK_N, BY_NETUID},
	[Q_OWNER] = {ITEM_OWNER_HOTKEY, BY_NETUID},
	[Q_LAST_UPDATE] = {ITEM_LAST_UPDATE, BY_INDEX},
	[Q_INCENTIVE] = {ITEM_INCENTIVE, BY_INDEX},
	[Q_ACTIVE] = {ITEM_ACTIVE, BY_NETUID},
	[Q_PERMIT] = {ITEM_PERMIT, BY_NETUID},
	[Q_CONSENSUS] = {ITEM_CONSENSUS, BY_NETUID},
	[Q_DIVIDENDS] = {ITEM_DIVIDENDS, BY_NETUID},
	[Q_VTRUST] = {ITEM_VTRUST, BY_NETUID},
	[Q_STAKE_WEIGHT] = {ITEM_STAKE_WEIGHT, BY_NETUID},
	[Q_EMISSION] = {ITEM_EMISSION, BY_NETUID},
	[Q_TEMPO] = {ITEM_TEMPO, BY_NETUID},
	[Q_SINCE] = {ITEM_SINCE_STEP, BY_NETUID},
	[Q_STEP] = {ITEM_LAST_STEP, BY_NETUID},
	[Q_LAST_EPOCH] = {ITEM_LAST_EPOCH, BY_NETUID},
	[Q_PENDING] = {ITEM_PENDING_EPOCH, BY_NETUID},
	[Q_INDEX] = {ITEM_EPOCH_INDEX, BY_NETUID},
	[Q_CAP] = {ITEM_MAX_EPOCHS, BY_NOTHING},
	[Q_FACTOR] = {ITEM_CUTOFF_FACTOR, BY_NETUID},
	[Q_CUTOFF] = {ITEM_CUTOFF, BY_NETUID},
	[Q_KAPPA] = {ITEM_KAPPA, BY_NETUID},
	[Q_RHO] = {ITEM_RHO, BY_NETUID},
	[Q_AVERAGE] = {ITEM_BONDS_AVERAGE, BY_NETUID},
	[Q_PENALTY] = {ITEM_BONDS_PENALTY, BY_NETUID},
	[Q_RESET] = {ITEM_BONDS_RESET, BY_NETUID},
	[Q_LIQUID] = {ITEM_LIQUID_ALPHA, BY_NETUID},
	[Q_YUMA3] = {ITEM_YUMA3, BY_NETUID},
	[Q_ALPHAS] = {ITEM_ALPHA_VALUES, BY_NETUID},
	[Q_STEEPNESS] = {ITEM_STEEPNESS, BY_NETUID},
	[Q_MIN] = {ITEM_MIN_WEIGHTS, BY_NETUID},
	[Q_MAX] = {ITEM_MAX_WEIGHT, BY_NETUID},
	[Q_VERSION_KEY] = {ITEM_VERSION_KEY, BY_NETUID},
	[Q_RATE] = {ITEM_WEIGHTS_RATE, BY_NETUID},
	[Q_REVEAL] = {ITEM_COMMIT_REVEAL, BY_NETUID},
	[Q_PERIOD] = {ITEM_REVEAL_PERIOD, BY_NETUID},
	[Q_VALIDATORS] = {ITEM_MAX_VALIDATORS, BY_NETUID},
	[Q_SERVING] = {ITEM_SERVING_RATE, BY_NETUID},
	[Q_COMMIT_VERSION] = {ITEM_COMMIT_VERSION, BY_NOTHING},
	[Q_THRESHOLD] = {ITEM_STAKE_THRESHOLD, BY_NOTHING},
	[Q_TAO] = {ITEM_TAO_WEIGHT, BY_NOTHING},
	[Q_FREEZE] = {ITEM_FREEZE_WINDOW, BY_NOTHING},
	[Q_MECHANISMS] = {ITEM_MECHANISMS, BY_NETUID},
	[Q_IMMUNITY] = {ITEM_IMMUNITY, BY_NETUID},
	[Q_MAX_UIDS] = {ITEM_MAX_UIDS, BY_NETUID},
	[Q_SERVER_RAO] = {ITEM_PENDING_SERVER, BY_NETUID},
	[Q_VALIDATOR_RAO] = {ITEM_PENDING_VALIDATOR, BY_NETUID},
	[Q_ROOT_RAO] = {ITEM_PENDING_ROOT, BY_NETUID},
	[Q_OUT_RAO] = {ITEM_ALPHA_OUT, BY_NETUID},
};

/* Asks question q; answers come back under the index returned. */
static size_t ask(asy_read *r, const asy_chain *c, int q, uint16_t netuid, uint8_t mecid)
{
	switch (questions[q].by) {
	case BY_NOTHING:
		return asy_read_add0(r, c, questions[q].item);
	case BY_NETUID:
		return asy_read_add_u16(r, c, questions[q].item, netuid);
	case BY_INDEX:
		return asy_read_add_u16(r, c, questions[q].item, asy_storage_index(netuid, mecid));
	}
	return 0;
}

static void take_epoch(const asy_read *r, const asy_chain *c, const size_t at[Q_COUNT],
					   uint16_t netuid, asy_epoch_state *e)
{
	*e = (asy_epoch_state){
		.netuid = netuid,
		.tempo = (uint16_t)asy_read_int(r, c, at[Q_TEMPO], 0),
		.stateful = c->items.item[ITEM_EPOCH_INDEX] != NULL,
		.max_epochs_per_block = (uint8_t)asy_read_int(r, c, at[Q_CAP], 0),
		.last_epoch_block = asy_read_int(r, c, at[Q_LAST_EPOCH], 0),
		.pending_epoch_at = asy_read_int(r, c, at[Q_PENDING], 0),
		.subnet_epoch_index = asy_read_int(r, c, at[Q_INDEX], 0),
		.blocks_since_last_step = asy_read_int(r, c, at[Q_SINCE], 0),
		.last_mechanism_step_block = asy_read_int(r, c, at[Q_STEP], 0),
	};
}

static void take_hyper(const asy_read *r, const asy_chain *c, const size_t at[Q_COUNT],
					   asy_hyper *h)
{
	uint64_t alphas = asy_read_int(r, c, at[Q_ALPHAS], 0); /* two u16, low first */
	*h = (asy_hyper){
		.kappa = (uint16_t)asy_read_int(r, c, at[Q_KAPPA], 0),
		.bonds_penalty = (uint16_t)asy_read_int(r, c, at[Q_PENALTY], UINT16_MAX),
		.rho = (uint16_t)asy_read_int(r, c, at[Q_RHO], 0),
		.bonds_moving_average = asy_read_int(r, c, at[Q_AVERAGE], 0),
		.bonds_reset_on = is_set(r, c, at[Q_RESET]),
		.yuma3_on = is_set(r, c, at[Q_YUMA3]),
		.liquid_alpha_on = is_set(r, c, at[Q_LIQUID]),
		.alpha_low = (uint16_t)alphas,
		.alpha_high = (uint16_t)(alphas >> 16),
		.alpha_sigmoid_steepness = (int16_t)(uint16_t)asy_read_int(r, c, at[Q_STEEPNESS], 1000),
		.activity_cutoff_factor_milli = (uint32_t)asy_read_int(r, c, at[Q_FACTOR], 0),
		.activity_cutoff = (uint16_t)asy_read_int(r, c, at[Q_CUTOFF], 0),
		.min_allowed_weights = (uint16_t)asy_read_int(r, c, at[Q_MIN], 0),
		.max_weights_limit = (uint16_t)asy_read_int(r, c, at[Q_MAX], UINT16_MAX),
		.weights_version_key = asy_read_int(r, c, at[Q_VERSION_KEY], 0),
		.weights_set_rate_limit = asy_read_int(r, c, at[Q_RATE], 0),
		.commit_reveal_enabled = is_set(r, c, at[Q_REVEAL]),
		.commit_reveal_version = (uint16_t)asy_read_int(r, c, at[Q_COMMIT_VERSION], 0),
		.reveal_period_epochs = asy_read_int(r, c, at[Q_PERIOD], 1),
		.max_allowed_validators = (uint16_t)asy_read_int(r, c, at[Q_VALIDATORS], 0),
		.immunity_period = (uint16_t)asy_read_int(r, c, at[Q_IMMUNITY], 0),
		.max_allowed_uids = (uint16_t)asy_read_int(r, c, at[Q_MAX_UIDS], 0),
		.serving_rate_limit = asy_read_int(r, c, at[Q_SERVING], 0),
		.stake_threshold = asy_read_int(r, c, at[Q_THRESHOLD], 0),
		.tao_weight = asy_read_int(r, c, at[Q_TAO], 0),
		.admin_freeze_window = (uint16_t)asy_read_int(r, c, at[Q_FREEZE], 0),
		.mechanism_count = (uint8_t)asy_read_int(r, c, at[Q_MECHANISMS], 1),
	};
}

static void take_lists(const asy_read *r, const asy_chain *c, const size_t at[Q_COUNT],
					   assay_snapshot *s)
{
	assay_span list[Q_COUNT] = {{NULL, 0}};
	for (int q = Q_LAST_UPDATE; q <= Q_EMISSION; q++)
		if (!asy_read_get(r, c, at[q], &list[q]))
			list[q] = (assay_span){NULL, 0};
	for (size_t i = 0; i < s->n; i++) {
		asy_neuron *n = &s->neuron[i];
		n->last_update = list_int(list[Q_LAST_UPDATE], 8, i);
		n->incentive = (uint16_t)list_int(list[Q_INCENTIVE], 2, i);
		n->active = list_int(list[Q_ACTIVE], 1, i) != 0;
		n->permit = list_int(list[Q_PERMIT], 1, i) != 0;
		n->consensus = (uint16_t)list_int(list[Q_CONSENSUS], 2, i);
		n->dividends = (uint16_t)list_int(list[Q_DIVIDENDS], 2, i);
		n->validator_trust = (uint16_t)list_int(list[Q_VTRUST], 2, i);
		n->stake_weight = (uint16_t)list_int(list[Q_STAKE_WEIGHT], 2, i);
		n->emission = list_int(list[Q_EMISSION], 8, i);
	}
}

/* First round: what the subnet is. Makes the snapshot. */
static assay_status read_subnet(asy_chain *c, uint16_t netuid, uint8_t mecid,
								const asy_block_ref *block, assay_snapshot **out,
								asy_account *owner, assay_err *err)
{
	asy_read r = {.slot = NULL};
	assay_snapshot *s = NULL;
	size_t at[Q_COUNT];
	assay_span bytes;
	for (int q = 0; q < Q_COUNT; q++)
		at[q] = ask(&r, c, q, netuid, mecid);
	assay_status st = asy_read_run(&r, c, &block->hash, err);
	if (st == ASSAY_OK && !is_set(&r, c, at[Q_ADDED]))
		st = ASSAY_FAIL(err, E_NOTFOUND,
						"subnet %u does not exist at block %" PRIu64
						": check netuid in the configuration",
						netuid, block->number);
	if (st == ASSAY_OK && mecid >= asy_read_int(&r, c, at[Q_MECHANISMS], 1))
		st = ASSAY_FAIL(err, E_NOTFOUND,
						"subnet %u has %" PRIu64 " mechanisms, there is no number %u", netuid,
						asy_read_int(&r, c, at[Q_MECHANISMS], 1), mecid);
	if (st == ASSAY_OK)
		st = asy_snapshot_new((size_t)asy_read_int(&r, c, at[Q_N], 0), &s, err);
	if (st == ASSAY_OK) {
		s->block = *block;
		s->spec_version = c->spec_version;
		s->timestamp_ms = asy_read_int(&r, c, at[Q_NOW], 0);
		s->netuid = netuid;
		s->mecid = mecid;
		s->emission = (asy_emission){
			asy_read_int(&r, c, at[Q_SERVER_RAO], 0), asy_read_int(&r, c, at[Q_VALIDATOR_RAO], 0),
			asy_read_int(&r, c, at[Q_ROOT_RAO], 0), asy_read_int(&r, c, at[Q_OUT_RAO], 0)};
		take_epoch(&r, c, at, netuid, &s->epoch);
		take_hyper(&r, c, at, &s->hyper);
		take_lists(&r, c, at, s);
		memset(owner->b, 0, sizeof owner->b);
		if (asy_read_get(&r, c, at[Q_OWNER], &bytes) && bytes.len == sizeof owner->b)
			memcpy(owner->b, bytes.ptr, bytes.len);
		*out = s;
	}
	asy_read_fini(&r);
	return st;
}

/* ---- who is in it ---- */

static assay_status take_rows(const asy_read *r, const asy_chain *c, size_t first, size_t step,
							  assay_snapshot *s, asy_rows *which, assay_err *err)
{
	asy_buf entries = {0};
	uint32_t *len = asy_calloc(s->n > 0 ? s->n : 1, sizeof *len);
	assay_status st = len != NULL ? ASSAY_OK : ASSAY_FAIL(err, E_NOMEM, "%zu rows", s->n);
	assay_span bytes;
	for (size_t i = 0; i < s->n && st == ASSAY_OK; i++) {
		if (!asy_read_get(r, c, first + i * step, &bytes))
			continue;
		st = asy_decode_row(bytes, &entries, &len[i], err);
		if (st != ASSAY_OK)
			(void)assay_err_at(err, st, "the row of uid %zu", i);
	}
	if (st == ASSAY_OK)
		st =
			asy_snapshot_set_rows(s, which, len, (const asy_entry *)(const void *)entries.ptr, err);
	asy_buf_fini(&entries);
	free(len);
	return st;
}

static assay_status read_neurons(asy_chain *c, assay_snapshot *s, assay_err *err)
{
	enum { KEY, BORN, WEIGHTS, BONDS, STEP };
	asy_read r = {.slot = NULL};
	const uint16_t index = asy_storage_index(s->netuid, s->mecid);
	assay_span bytes;
	for (size_t i = 0; i < s->n; i++) {
		(void)asy_read_add_u16_u16(&r, c, ITEM_KEYS, s->netuid, (uint16_t)i);
		(void)asy_read_add_u16_u16(&r, c, ITEM_REGISTERED_AT, s->netuid, (uint16_t)i);
		(void)asy_read_add_u16_u16(&r, c, ITEM_WEIGHTS, index, (uint16_t)i);
		(void)asy_read_add_u16_u16(&r, c, ITEM_BONDS, index, (uint16_t)i);
	}
	assay_status st = asy_read_run(&r, c, &s->block.hash, err);
	for (size_t i = 0; i < s->n && st == ASSAY_OK; i++) {
		if (!asy_read_get(&r, c, i * STEP + KEY, &bytes) || bytes.len != 32)
			st = ASSAY_FAIL(err, E_FORMAT, "uid %zu has no hotkey", i);
		else
			memcpy(s->neuron[i].hotkey.b, bytes.ptr, 32);
		s->neuron[i].registered_at = asy_read_int(&r, c, i * STEP + BORN, 0);
	}
	if (st == ASSAY_OK)
		st = take_rows(&r, c, WEIGHTS, STEP, s, &s->weights, err);
	if (st == ASSAY_OK)
		st = take_rows(&r, c, BONDS, STEP, s, &s->bonds, err);
	asy_read_fini(&r);
	return st;
}

/* ---- the whole ---- */

static assay_status read_snapshot(asy_chain *c, uint16_t netuid, uint8_t mecid,
								  const asy_block_ref *at, assay_snapshot **out, assay_err *err)
{
	assay_snapshot *s = NULL;
	asy_account owner;
	assay_status st;
	if (netuid > ASY_NETUID_MAX || mecid > ASY_MECID_MAX)
		return ASSAY_FAIL(err, E_RANGE, "netuid %u mechanism %u, limits %u and %u", netuid, mecid,
						  ASY_NETUID_MAX, ASY_MECID_MAX);
	st = asy_chain_refresh(c, NULL, err);
	if (st == ASSAY_OK)
		st = read_subnet(c, netuid, mecid, at, &s, &owner, err);
	if (st == ASSAY_OK)
		st = read_neurons(c, s, err);
	if (st == ASSAY_OK)
		st = asy_read_members(c, s, err);
	if (st == ASSAY_OK) {
		long uid = asy_snapshot_find(s, &owner);
		s->has_owner_uid = uid >= 0;
		s->owner_uid = uid >= 0 ? (uint16_t)uid : 0;
		st = asy_snapshot_check(s, err);
		if (st == ASSAY_E_INPUT) /* it came from the node */
			st = assay_err_at(err, ASSAY_E_FORMAT, "what was read");
	}
	if (st != ASSAY_OK) {
		asy_snapshot_free(s);
		return assay_err_at(err, st, "reading subnet %u at block %" PRIu64, netuid, at->number);
	}
	*out = s;
	return ASSAY_OK;
}

assay_status asy_chain_snapshot(asy_chain *c, uint16_t netuid, uint8_t mecid,
								const asy_block_ref *at, assay_snapshot **out, assay_err *err)
{
	return ASY_ASK(c, err, read_snapshot(c, netuid, mecid, at, out, err));
}

static assay_status read_epoch_state(asy_chain *c, uint16_t netuid, const asy_block_ref *block,
									 asy_epoch_state *out, assay_err *err)
{
	asy_read r = {.slot = NULL};
	size_t at[Q_COUNT] = {0};
	for (int q = Q_TEMPO; q <= Q_CAP; q++)
		at[q] = ask(&r, c, q, netuid, 0);
	assay_status st = asy_read_run(&r, c, &block->hash, err);
	if (st == ASSAY_OK)
		take_epoch(&r, c, at, netuid, out);
	asy_read_fini(&r);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the epoch clock of subnet %u", netuid);
	return ASSAY_OK;
}

assay_status asy_chain_epoch_state(asy_chain *c, uint16_t netuid, const asy_block_ref *block,
								   asy_epoch_state *out, assay_err *err)
{
	return ASY_ASK(c, err, read_epoch_state(c, netuid, block, out, err));
}

/* ---- outputs of the last epoch ---- */

void asy_epoch_outputs_fini(asy_epoch_outputs *o)
{
	asy_arena_free(o->arena);
	*o = (asy_epoch_outputs){.n = 0};
}

static assay_status read_outputs(asy_chain *c, uint16_t netuid, uint8_t mecid,
								 const asy_block_ref *block, asy_epoch_outputs *out, assay_err *err)
{
	static const int wanted[] = {Q_N,        Q_LAST_UPDATE, Q_INCENTIVE, Q_ACTIVE,
								 Q_PERMIT,   Q_CONSENSUS,   Q_DIVIDENDS, Q_VTRUST,
								 Q_EMISSION, Q_STEP,        Q_INDEX};
	asy_read r = {.slot = NULL};
	asy_epoch_outputs o = {.n = 0};
	size_t at[Q_COUNT] = {0};
	assay_span list[Q_COUNT] = {{NULL, 0}};
	for (size_t i = 0; i < ASY_COUNT(wanted); i++)
		at[wanted[i]] = ask(&r, c, wanted[i], netuid, mecid);
	assay_status st = asy_read_run(&r, c, &block->hash, err);
	if (st != ASSAY_OK)
		goto out;
	for (size_t i = 0; i < ASY_COUNT(wanted); i++)
		if (!asy_read_get(&r, c, at[wanted[i]], &list[wanted[i]]))
			list[wanted[i]] = (assay_span){NULL, 0};
	o.n = (size_t)asy_read_int(&r, c, at[Q_N], 0);
	o.last_mechanism_step_block = asy_read_int(&r, c, at[Q_STEP], 0);
	o.subnet_epoch_index = asy_read_int(&r, c, at[Q_INDEX], 0);
	o.arena = asy_arena_new((size_t)16 << 20);
	if (o.arena != NULL) {
		o.consensus = asy_arena_array(o.arena, o.n + 1, sizeof *o.consensus);
		o.validator_trust = asy_arena_array(o.arena, o.n + 1, sizeof *o.validator_trust);
		o.incentive = asy_arena_array(o.arena, o.n + 1, sizeof *o.incentive);
		o.dividends = asy_arena_array(o.arena, o.n + 1, sizeof *o.dividends);
		o.emission = asy_arena_array(o.arena, o.n + 1, sizeof *o.emission);
		o.last_update = asy_arena_array(o.arena, o.n + 1, sizeof *o.last_update);
		o.active = asy_arena_array(o.arena, o.n + 1, sizeof *o.active);
		o.permit = asy_arena_array(o.arena, o.n + 1, sizeof *o.permit);
	}
	if (o.arena == NULL || o.consensus == NULL || o.validator_trust == NULL ||
		o.incentive == NULL || o.dividends == NULL || o.emission == NULL || o.last_update == NULL ||
		o.active == NULL || o.permit == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "the outputs of %zu neurons", o.n);
		goto out;
	}
	for (size_t i = 0; i < o.n; i++) {
		o.consensus[i] = (uint16_t)list_int(list[Q_CONSENSUS], 2, i);
		o.validator_trust[i] = (uint16_t)list_int(list[Q_VTRUST], 2, i);
		o.incentive[i] = (uint16_t)list_int(list[Q_INCENTIVE], 2, i);
		o.dividends[i] = (uint16_t)list_int(list[Q_DIVIDENDS], 2, i);
		o.emission[i] = list_int(list[Q_EMISSION], 8, i);
		o.last_update[i] = list_int(list[Q_LAST_UPDATE], 8, i);
		o.active[i] = list_int(list[Q_ACTIVE], 1, i) != 0;
		o.permit[i] = list_int(list[Q_PERMIT], 1, i) != 0;
	}
	*out = o;
	o.arena = NULL;
out:
	asy_read_fini(&r);
	asy_epoch_outputs_fini(&o);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the epoch's outputs of subnet %u", netuid);
	return ASSAY_OK;
}

assay_status asy_chain_outputs(asy_chain *c, uint16_t netuid, uint8_t mecid,
							   const asy_block_ref *block, asy_epoch_outputs *out, assay_err *err)
{
	return ASY_ASK(c, err, read_outputs(c, netuid, mecid, block, out, err));
}
