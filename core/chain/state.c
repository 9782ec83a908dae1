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

/* What the first round of requests reads. */
static const asy_item first_items[] = {
	ITEM_NOW,
	ITEM_NETWORKS_ADDED,
	ITEM_SUBNETWORK_N,
	ITEM_OWNER_HOTKEY,
	ITEM_LAST_UPDATE,
	ITEM_INCENTIVE,
	ITEM_ACTIVE,
	ITEM_PERMIT,
	ITEM_CONSENSUS,
	ITEM_DIVIDENDS,
	ITEM_VTRUST,
	ITEM_STAKE_WEIGHT,
	ITEM_EMISSION,
	ITEM_TEMPO,
	ITEM_SINCE_STEP,
	ITEM_LAST_STEP,
	ITEM_LAST_EPOCH,
	ITEM_PENDING_EPOCH,
	ITEM_EPOCH_INDEX,
	ITEM_MAX_EPOCHS,
	ITEM_CUTOFF_FACTOR,
	ITEM_CUTOFF,
	ITEM_KAPPA,
	ITEM_RHO,
	ITEM_BONDS_AVERAGE,
	ITEM_BONDS_PENALTY,
	ITEM_BONDS_RESET,
	ITEM_LIQUID_ALPHA,
	ITEM_YUMA3,
	ITEM_ALPHA_VALUES,
	ITEM_STEEPNESS,
	ITEM_MIN_WEIGHTS,
	ITEM_MAX_WEIGHT,
	ITEM_VERSION_KEY,
	ITEM_WEIGHTS_RATE,
	ITEM_COMMIT_REVEAL,
	ITEM_REVEAL_PERIOD,
	ITEM_MAX_VALIDATORS,
	ITEM_SERVING_RATE,
	ITEM_COMMIT_VERSION,
	ITEM_STAKE_THRESHOLD,
	ITEM_TAO_WEIGHT,
	ITEM_FREEZE_WINDOW,
	ITEM_MECHANISMS,
	ITEM_IMMUNITY,
	ITEM_MAX_UIDS,
	ITEM_PENDING_SERVER,
	ITEM_PENDING_VALIDATOR,
	ITEM_PENDING_ROOT,
	ITEM_ALPHA_OUT,
	ITEM_LIQUID_MODE,
	ITEM_EPOCH_CONSENSUS,
	ITEM_STORED_CONSENSUS,
	ITEM_LAST_YUMA_STEP,
};
/* Lists with an entry for each uid. */
static const asy_item uid_lists[] = {
	ITEM_LAST_UPDATE, ITEM_INCENTIVE, ITEM_ACTIVE,       ITEM_PERMIT,   ITEM_CONSENSUS,
	ITEM_DIVIDENDS,   ITEM_VTRUST,    ITEM_STAKE_WEIGHT, ITEM_EMISSION,
};
static const asy_item epoch_items[] = {
	ITEM_TEMPO,      ITEM_SINCE_STEP,      ITEM_LAST_STEP,
	ITEM_LAST_EPOCH, ITEM_PENDING_EPOCH,   ITEM_EPOCH_INDEX,
	ITEM_MAX_EPOCHS, ITEM_EPOCH_CONSENSUS, ITEM_LAST_YUMA_STEP,
};

/* Answers by item: where in a read each one was asked for. */
typedef struct {
	size_t at[ITEM_N];
} places;

/* Asks for one item: of the whole chain, of the mechanism, or of the subnet. */
static void ask(asy_read *r, const asy_chain *c, asy_item item, uint16_t netuid, uint8_t mecid,
				places *p)
{
	if (item == ITEM_NOW || item == ITEM_MAX_EPOCHS || item == ITEM_COMMIT_VERSION ||
		item == ITEM_STAKE_THRESHOLD || item == ITEM_TAO_WEIGHT || item == ITEM_FREEZE_WINDOW)
		p->at[item] = asy_read_add0(r, c, item);
	else if (item == ITEM_LAST_UPDATE || item == ITEM_INCENTIVE || item == ITEM_STORED_CONSENSUS)
		p->at[item] = asy_read_add_u16(r, c, item, asy_storage_index(netuid, mecid));
	else
		p->at[item] = asy_read_add_u16(r, c, item, netuid);
}

/* The value of an item that was asked for; empty where there is none. */
static assay_span answer(const asy_read *r, const asy_chain *c, const places *p, asy_item item)
{
	assay_span bytes = {NULL, 0};
	return asy_read_get(r, c, p->at[item], &bytes) ? bytes : (assay_span){NULL, 0};
}

/* An enum without fields: one byte, 0 on runtimes without the item. Anything else is a
 * variant that nobody knows. */
static uint8_t variant(const asy_read *r, const asy_chain *c, const places *p, asy_item item)
{
	assay_span bytes;
	if (c->items.strange[item][0] != '\0')
		return UINT8_MAX;
	if (!asy_read_get(r, c, p->at[item], &bytes))
		return 0;
	return bytes.len == 1 ? bytes.ptr[0] : UINT8_MAX;
}

static void take_epoch(const asy_read *r, const asy_chain *c, const places *p, uint16_t netuid,
					   asy_epoch_state *e)
{
	assay_span yuma = answer(r, c, p, ITEM_LAST_YUMA_STEP);
	*e = (asy_epoch_state){
		.netuid = netuid,
		.tempo = (uint16_t)asy_read_int(r, c, p->at[ITEM_TEMPO], 0),
		.stateful = c->items.item[ITEM_EPOCH_INDEX] != NULL,
		.max_epochs_per_block = (uint8_t)asy_read_int(r, c, p->at[ITEM_MAX_EPOCHS], 0),
		.last_epoch_block = asy_read_int(r, c, p->at[ITEM_LAST_EPOCH], 0),
		.pending_epoch_at = asy_read_int(r, c, p->at[ITEM_PENDING_EPOCH], 0),
		.subnet_epoch_index = asy_read_int(r, c, p->at[ITEM_EPOCH_INDEX], 0),
		.blocks_since_last_step = asy_read_int(r, c, p->at[ITEM_SINCE_STEP], 0),
		.last_mechanism_step_block = asy_read_int(r, c, p->at[ITEM_LAST_STEP], 0),
		/* the clock's rule is not in metadata; it came between the release that has this
		 * item and the ones before */
		.net_by_tempo = c->items.item[ITEM_LIQUID_MODE] != NULL,
		.is_null = variant(r, c, p, ITEM_EPOCH_CONSENSUS) == ASY_CONSENSUS_NULL,
		.has_yuma_step = yuma.len == 8,
		.last_yuma_step_block = asy_read_int(r, c, p->at[ITEM_LAST_YUMA_STEP], 0),
	};
}

static void take_hyper(const asy_read *r, const asy_chain *c, const places *p, asy_hyper *h)
{
	uint64_t alphas = asy_read_int(r, c, p->at[ITEM_ALPHA_VALUES], 0); /* two u16, low first */
	*h = (asy_hyper){
		.kappa = (uint16_t)asy_read_int(r, c, p->at[ITEM_KAPPA], 0),
		.bonds_penalty = (uint16_t)asy_read_int(r, c, p->at[ITEM_BONDS_PENALTY], UINT16_MAX),
		.rho = (uint16_t)asy_read_int(r, c, p->at[ITEM_RHO], 0),
		.bonds_moving_average = asy_read_int(r, c, p->at[ITEM_BONDS_AVERAGE], 0),
		.bonds_reset_on = is_set(r, c, p->at[ITEM_BONDS_RESET]),
		.yuma3_on = is_set(r, c, p->at[ITEM_YUMA3]),
		.liquid_alpha_on = is_set(r, c, p->at[ITEM_LIQUID_ALPHA]),
		.alpha_low = (uint16_t)alphas,
		.alpha_high = (uint16_t)(alphas >> 16),
		.alpha_sigmoid_steepness =
			(int16_t)(uint16_t)asy_read_int(r, c, p->at[ITEM_STEEPNESS], 1000),
		.activity_cutoff_factor_milli = (uint32_t)asy_read_int(r, c, p->at[ITEM_CUTOFF_FACTOR], 0),
		.activity_cutoff = (uint16_t)asy_read_int(r, c, p->at[ITEM_CUTOFF], 0),
		.min_allowed_weights = (uint16_t)asy_read_int(r, c, p->at[ITEM_MIN_WEIGHTS], 0),
		.max_weights_limit = (uint16_t)asy_read_int(r, c, p->at[ITEM_MAX_WEIGHT], UINT16_MAX),
		.weights_version_key = asy_read_int(r, c, p->at[ITEM_VERSION_KEY], 0),
		.weights_set_rate_limit = asy_read_int(r, c, p->at[ITEM_WEIGHTS_RATE], 0),
		.commit_reveal_enabled = is_set(r, c, p->at[ITEM_COMMIT_REVEAL]),
		.commit_reveal_version = (uint16_t)asy_read_int(r, c, p->at[ITEM_COMMIT_VERSION], 0),
		.reveal_period_epochs = asy_read_int(r, c, p->at[ITEM_REVEAL_PERIOD], 1),
		.max_allowed_validators = (uint16_t)asy_read_int(r, c, p->at[ITEM_MAX_VALIDATORS], 0),
		.immunity_period = (uint16_t)asy_read_int(r, c, p->at[ITEM_IMMUNITY], 0),
		.max_allowed_uids = (uint16_t)asy_read_int(r, c, p->at[ITEM_MAX_UIDS], 0),
		.serving_rate_limit = asy_read_int(r, c, p->at[ITEM_SERVING_RATE], 0),
		.stake_threshold = asy_read_int(r, c, p->at[ITEM_STAKE_THRESHOLD], 0),
		.tao_weight = asy_read_int(r, c, p->at[ITEM_TAO_WEIGHT], 0),
		.admin_freeze_window = (uint16_t)asy_read_int(r, c, p->at[ITEM_FREEZE_WINDOW], 0),
		.mechanism_count = (uint8_t)asy_read_int(r, c, p->at[ITEM_MECHANISMS], 1),
		.liquid_consensus_mode = variant(r, c, p, ITEM_LIQUID_MODE),
		.epoch_consensus = variant(r, c, p, ITEM_EPOCH_CONSENSUS),
	};
}

static void take_lists(const asy_read *r, const asy_chain *c, const places *p, assay_snapshot *s)
{
	assay_span list[ITEM_N];
	for (size_t k = 0; k < ASY_COUNT(uid_lists); k++)
		list[uid_lists[k]] = answer(r, c, p, uid_lists[k]);
	for (size_t i = 0; i < s->n; i++) {
		asy_neuron *n = &s->neuron[i];
		n->last_update = list_int(list[ITEM_LAST_UPDATE], 8, i);
		n->incentive = (uint16_t)list_int(list[ITEM_INCENTIVE], 2, i);
		n->active = list_int(list[ITEM_ACTIVE], 1, i) != 0;
		n->permit = list_int(list[ITEM_PERMIT], 1, i) != 0;
		n->consensus = (uint16_t)list_int(list[ITEM_CONSENSUS], 2, i);
		n->dividends = (uint16_t)list_int(list[ITEM_DIVIDENDS], 2, i);
		n->validator_trust = (uint16_t)list_int(list[ITEM_VTRUST], 2, i);
		n->stake_weight = (uint16_t)list_int(list[ITEM_STAKE_WEIGHT], 2, i);
		n->emission = list_int(list[ITEM_EMISSION], 8, i);
	}
}

static assay_status take_consensus(assay_span bytes, assay_snapshot *s, assay_err *err)
{
	asy_scale in = asy_scale_in(bytes);
	size_t n = 0;
	assay_status st = bytes.len == 0 ? ASSAY_OK : asy_scale_count(&in, 2, ASY_UIDS_MAX, &n, err);
	if (st == ASSAY_OK && n * 2 != asy_scale_left(&in))
		st = ASSAY_FAIL(err, E_FORMAT, "%zu entries in %zu bytes", n, bytes.len);
	uint16_t *list = st == ASSAY_OK ? asy_calloc(n + 1, sizeof *list) : NULL;
	if (st == ASSAY_OK && list == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "%zu entries", n);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		list[i] = asy_get_u16le(bytes.ptr + in.at + 2 * i);
	if (st == ASSAY_OK)
		st = asy_snapshot_set_consensus(s, list, n, err);
	free(list);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "the stored consensus");
}

/* First round: what the subnet is. Makes the snapshot. */
static assay_status read_subnet(asy_chain *c, uint16_t netuid, uint8_t mecid,
								const asy_block_ref *block, assay_snapshot **out,
								asy_account *owner, assay_err *err)
{
	asy_read r = {.slot = NULL};
	assay_snapshot *s = NULL;
	places p;
	assay_span bytes;
	static const asy_item needed[] = {ITEM_NETWORKS_ADDED, ITEM_SUBNETWORK_N, ITEM_KEYS,
									  ITEM_TEMPO};
	for (size_t i = 0; i < ASY_COUNT(first_items); i++)
		ask(&r, c, first_items[i], netuid, mecid, &p);
	assay_status st = asy_items_need(&c->items, needed, ASY_COUNT(needed), err);
	if (st == ASSAY_OK)
		st = asy_read_run(&r, c, &block->hash, err);
	if (st == ASSAY_OK && !is_set(&r, c, p.at[ITEM_NETWORKS_ADDED]))
		st = ASSAY_FAIL(err, E_NOTFOUND,
						"subnet %u does not exist at block %" PRIu64
						": check netuid in the configuration",
						netuid, block->number);
	if (st == ASSAY_OK && mecid >= asy_read_int(&r, c, p.at[ITEM_MECHANISMS], 1))
		st = ASSAY_FAIL(err, E_NOTFOUND,
						"subnet %u has %" PRIu64 " mechanisms, there is no number %u", netuid,
						asy_read_int(&r, c, p.at[ITEM_MECHANISMS], 1), mecid);
	if (st == ASSAY_OK)
		st = asy_snapshot_new((size_t)asy_read_int(&r, c, p.at[ITEM_SUBNETWORK_N], 0), &s, err);
	if (st == ASSAY_OK) {
		s->block = *block;
		s->spec_version = c->spec_version;
		s->no_forecast = !asy_items_forecast(&c->items);
		s->timestamp_ms = asy_read_int(&r, c, p.at[ITEM_NOW], 0);
		s->netuid = netuid;
		s->mecid = mecid;
		s->emission = (asy_emission){asy_read_int(&r, c, p.at[ITEM_PENDING_SERVER], 0),
									 asy_read_int(&r, c, p.at[ITEM_PENDING_VALIDATOR], 0),
									 asy_read_int(&r, c, p.at[ITEM_PENDING_ROOT], 0),
									 asy_read_int(&r, c, p.at[ITEM_ALPHA_OUT], 0)};
		take_epoch(&r, c, &p, netuid, &s->epoch);
		take_hyper(&r, c, &p, &s->hyper);
		take_lists(&r, c, &p, s);
		memset(owner->b, 0, sizeof owner->b);
		if (asy_read_get(&r, c, p.at[ITEM_OWNER_HOTKEY], &bytes) && bytes.len == sizeof owner->b)
			memcpy(owner->b, bytes.ptr, bytes.len);
		*out = s;
		st = take_consensus(answer(&r, c, &p, ITEM_STORED_CONSENSUS), s, err);
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
	asy_read r = {.rows_of = s->n};
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
	assay_status st = asy_chain_refresh(c, NULL, err);
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

size_t asy_epoch_ask(asy_read *r, const asy_chain *c, uint16_t netuid)
{
	places p;
	for (size_t i = 0; i < ASY_COUNT(epoch_items); i++)
		ask(r, c, epoch_items[i], netuid, 0, &p);
	return p.at[epoch_items[0]];
}

void asy_epoch_take(const asy_read *r, const asy_chain *c, size_t first, uint16_t netuid,
					asy_epoch_state *out)
{
	places p;
	for (size_t i = 0; i < ASY_COUNT(epoch_items); i++)
		p.at[epoch_items[i]] = first + i;
	take_epoch(r, c, &p, netuid, out);
}

assay_status asy_chain_epoch_state(asy_chain *c, uint16_t netuid, const asy_block_ref *block,
								   asy_epoch_state *out, assay_err *err)
{
	return ASY_ASK(c, err, asy_clock_read(c, netuid, block, out, err));
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
	static const asy_item wanted[] = {ITEM_SUBNETWORK_N, ITEM_LAST_UPDATE, ITEM_INCENTIVE,
									  ITEM_ACTIVE,       ITEM_PERMIT,      ITEM_CONSENSUS,
									  ITEM_DIVIDENDS,    ITEM_VTRUST,      ITEM_EMISSION,
									  ITEM_LAST_STEP,    ITEM_EPOCH_INDEX};
	asy_read r = {.slot = NULL};
	asy_epoch_outputs o = {.n = 0};
	places p;
	assay_span list[ITEM_N];
	for (size_t i = 0; i < ASY_COUNT(wanted); i++)
		ask(&r, c, wanted[i], netuid, mecid, &p);
	assay_status st = asy_read_run(&r, c, &block->hash, err);
	if (st != ASSAY_OK)
		goto out;
	for (size_t i = 0; i < ASY_COUNT(wanted); i++)
		list[wanted[i]] = answer(&r, c, &p, wanted[i]);
	o.n = (size_t)asy_read_int(&r, c, p.at[ITEM_SUBNETWORK_N], 0);
	o.last_mechanism_step_block = asy_read_int(&r, c, p.at[ITEM_LAST_STEP], 0);
	o.subnet_epoch_index = asy_read_int(&r, c, p.at[ITEM_EPOCH_INDEX], 0);
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
		o.consensus[i] = (uint16_t)list_int(list[ITEM_CONSENSUS], 2, i);
		o.validator_trust[i] = (uint16_t)list_int(list[ITEM_VTRUST], 2, i);
		o.incentive[i] = (uint16_t)list_int(list[ITEM_INCENTIVE], 2, i);
		o.dividends[i] = (uint16_t)list_int(list[ITEM_DIVIDENDS], 2, i);
		o.emission[i] = list_int(list[ITEM_EMISSION], 8, i);
		o.last_update[i] = list_int(list[ITEM_LAST_UPDATE], 8, i);
		o.active[i] = list_int(list[ITEM_ACTIVE], 1, i) != 0;
		o.permit[i] = list_int(list[ITEM_PERMIT], 1, i) != 0;
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
