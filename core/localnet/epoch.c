/* Epoch: what every block begins with: emission flows in, the subnets' clocks advance
 * in the chain's order under its cap, and where a slot is consumed the epoch runs on
 * the stored state with the same Yuma that the prediction uses.
 * Differs from the chain on purpose in one thing: emission is recorded, not paid out,
 * so stakes stay as the scenario set them (docs/localnet.md).
 * Reason to change: the chain's epoch step. */
#include <stdlib.h>
#include "assay/yuma.h"
#include "localnet/runtime.h"

enum { SUBNETS_MAX = 256 };

void asy_lnet_epoch_state(const lnet_state *s, uint16_t netuid, asy_epoch_state *out)
{
	*out = (asy_epoch_state){
		.netuid = netuid,
		.tempo = (uint16_t)asy_lnet_read1(s, LNET_S_TEMPO, netuid),
		.stateful = true,
		.max_epochs_per_block = (uint8_t)asy_lnet_read0(s, LNET_S_MAX_EPOCHS),
		.last_epoch_block = asy_lnet_read1(s, LNET_S_LAST_EPOCH, netuid),
		.pending_epoch_at = asy_lnet_read1(s, LNET_S_PENDING_EPOCH, netuid),
		.subnet_epoch_index = asy_lnet_read1(s, LNET_S_EPOCH_INDEX, netuid),
		.blocks_since_last_step = asy_lnet_read1(s, LNET_S_SINCE_STEP, netuid),
		.last_mechanism_step_block = asy_lnet_read1(s, LNET_S_LAST_STEP, netuid),
		.net_by_tempo = asy_lnet_state_generation(s)->liquid_mode,
		.is_null = asy_lnet_state_generation(s)->null_mode &&
				   asy_lnet_read1(s, LNET_S_EPOCH_CONSENSUS, netuid) == 1,
	};
}

static void epoch_state_put(lnet_state *s, const asy_epoch_state *e)
{
	asy_lnet_write1(s, LNET_S_LAST_EPOCH, e->netuid, e->last_epoch_block);
	asy_lnet_write1(s, LNET_S_PENDING_EPOCH, e->netuid, e->pending_epoch_at);
	asy_lnet_write1(s, LNET_S_EPOCH_INDEX, e->netuid, e->subnet_epoch_index);
	asy_lnet_write1(s, LNET_S_SINCE_STEP, e->netuid, e->blocks_since_last_step);
}

uint64_t asy_lnet_lookahead(const lnet_state *s, uint16_t netuid, uint64_t block)
{
	asy_epoch_state e;
	asy_lnet_epoch_state(s, netuid, &e);
	return asy_schedule_lookahead(&e, block);
}

typedef struct {
	uint16_t *out;
	size_t n, cap;
} subnet_list;

/* The netuid is the end of an identity-hashed key. */
static bool add_subnet(void *arg, assay_span key, assay_span value)
{
	subnet_list *l = arg;
	if (l->n < l->cap && value.len == 1 && value.ptr[0] == 1 && key.len >= 2)
		l->out[l->n++] = asy_get_u16le(key.ptr + key.len - 2);
	return true;
}

size_t asy_lnet_subnets(const lnet_state *s, uint16_t *out, size_t cap)
{
	lnet_key prefix = asy_lnet_key(LNET_S_NETWORKS_ADDED);
	subnet_list l = {out, 0, cap};
	asy_lnet_state_scan(s, asy_lnet_state_block(s), asy_lnet_key_span(&prefix), asy_span(NULL, 0),
						SIZE_MAX, add_subnet, &l);
	return l.n;
}

/* ---- gathering the input of one epoch ---- */

typedef struct {
	const lnet_state *s;
	uint16_t netuid;
	assay_yuma_input in;
	assay_yuma_commit *commits;
	size_t commits_n, commits_cap;
	asy_arena *arena;
} gather;

static bool add_commits(void *arg, assay_span key, assay_span value)
{
	gather *g = arg;
	asy_account who;
	lnet_commits q;
	uint16_t uid;
	if (key.len < 32 || g->commits_n + LNET_COMMITS_MAX > g->commits_cap)
		return true;
	(void)value; /* read again below, through the one decoder */
	memcpy(who.b, key.ptr + key.len - 32, 32);
	if (!asy_lnet_uid(g->s, g->netuid, &who, &uid))
		return true;
	asy_lnet_commits_get(g->s, g->netuid, &who, &q);
	for (size_t i = 0; i < q.n; i++)
		g->commits[g->commits_n++] = (assay_yuma_commit){
			.epoch = q.item[i].epoch, .block = q.item[i].block, .uid = uid, .timelock = false};
	return true;
}

/* The chain reveals in the same block before the epoch: what is still queued masks. */
static assay_status add_timelocked(gather *g, assay_err *err)
{
	size_t cap = g->commits_cap - g->commits_n;
	lnet_timelocked *list = asy_arena_array(g->arena, cap + 1, sizeof *list);
	if (list == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu timelock commits", cap);
	size_t n = asy_lnet_timelock_list(g->s, g->netuid, list, cap);
	for (size_t i = 0; i < n; i++) {
		uint16_t uid;
		if (asy_lnet_uid(g->s, g->netuid, &list[i].who, &uid))
			g->commits[g->commits_n++] = (assay_yuma_commit){
				.epoch = list[i].epoch, .block = list[i].block, .uid = uid, .timelock = true};
	}
	return ASSAY_OK;
}

static assay_status get_rows(gather *g, lnet_item item, assay_yuma_rows *out, assay_err *err)
{
	size_t n = g->in.n, total = 0;
	size_t *offset = asy_arena_array(g->arena, n + 1, sizeof *offset);
	if (offset == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "rows of %zu uids", n);
	for (size_t pass = 0; pass < 2; pass++) {
		uint16_t *uid = NULL, *value = NULL;
		if (pass == 1) {
			uid = asy_arena_array(g->arena, total + 1, sizeof *uid);
			value = asy_arena_array(g->arena, total + 1, sizeof *value);
			if (uid == NULL || value == NULL)
				return ASSAY_FAIL(err, E_NOMEM, "%zu entries", total);
			*out = (assay_yuma_rows){offset, uid, value, n};
		}
		size_t at = 0;
		for (size_t i = 0; i < n; i++) {
			lnet_key k = asy_lnet_key_u16x2(item, g->netuid, (uint16_t)i);
			assay_span v;
			size_t len = 0;
			asy_scale c = {{NULL, 0}, 0};
			if (asy_lnet_state_get(g->s, asy_lnet_key_span(&k), &v)) {
				c = asy_scale_in(v);
				if (asy_scale_count(&c, 4, ASY_UIDS_MAX, &len, NULL) != ASSAY_OK)
					len = 0;
			}
			for (size_t e = 0; pass == 1 && e < len; e++) {
				uid[at + e] = asy_get_u16le(v.ptr + c.at + 4 * e);
				value[at + e] = asy_get_u16le(v.ptr + c.at + 4 * e + 2);
			}
			offset[i] = at;
			at += len;
		}
		offset[n] = at;
		total = at;
	}
	return ASSAY_OK;
}

static assay_status get_neurons(gather *g, assay_err *err)
{
	size_t n = g->in.n;
	uint64_t *last = asy_arena_array(g->arena, n + 1, sizeof *last),
			 *registered = asy_arena_array(g->arena, n + 1, sizeof *registered),
			 *alpha = asy_arena_array(g->arena, n + 1, sizeof *alpha),
			 *tao = asy_arena_array(g->arena, n + 1, sizeof *tao);
	uint8_t *permit = asy_arena_array(g->arena, n + 1, 1);
	if (last == NULL || registered == NULL || alpha == NULL || tao == NULL || permit == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu neurons", n);
	asy_account owner =
		asy_lnet_read_account(g->s, asy_lnet_key_u16(LNET_S_SUBNET_OWNER_HOTKEY, g->netuid));
	g->in.owner_uid = -1;
	for (size_t i = 0; i < n; i++) {
		uint16_t uid = (uint16_t)i;
		uint64_t total;
		asy_account hotkey =
			asy_lnet_read_account(g->s, asy_lnet_key_u16x2(LNET_S_KEYS, g->netuid, uid));
		asy_lnet_stake(g->s, g->netuid, &hotkey, &alpha[i], &tao[i], &total);
		last[i] = asy_lnet_vec_u64_at(g->s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, g->netuid), i);
		registered[i] = asy_lnet_read(g->s, LNET_S_REGISTERED_AT,
									  asy_lnet_key_u16x2(LNET_S_REGISTERED_AT, g->netuid, uid));
		permit[i] = asy_lnet_vec_bool_at(g->s, asy_lnet_key_u16(LNET_S_PERMIT, g->netuid), i);
		if (asy_account_eq(&owner, &hotkey))
			g->in.owner_uid = (int32_t)i;
	}
	g->in.last_update = last;
	g->in.last_update_n = n;
	g->in.block_at_registration = registered;
	g->in.alpha_stake = alpha;
	g->in.tao_stake = tao;
	g->in.validator_permit = permit;
	g->in.validator_permit_n = n;
	return ASSAY_OK;
}

static uint64_t last_yuma_step(const lnet_state *s, uint16_t netuid)
{
	lnet_key k = asy_lnet_key_u16(LNET_S_LAST_YUMA_STEP, netuid);
	assay_span v;
	bool is_there = asy_lnet_state_get(s, asy_lnet_key_span(&k), &v);
	return asy_lnet_read1(s, is_there ? LNET_S_LAST_YUMA_STEP : LNET_S_LAST_STEP, netuid);
}

/* What the epoch before stored of its consensus; none before the first. */
static assay_status get_consensus(gather *g, assay_err *err)
{
	lnet_key k = asy_lnet_key_u16(LNET_S_STORED_CONSENSUS, g->netuid);
	assay_span v;
	size_t n = 0;
	if (!asy_lnet_state_get(g->s, asy_lnet_key_span(&k), &v))
		return ASSAY_OK;
	asy_scale in = asy_scale_in(v);
	TRY(asy_scale_count(&in, 2, ASY_UIDS_MAX, &n, err));
	uint16_t *list = asy_arena_array(g->arena, n + 1, sizeof *list);
	if (list == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a stored consensus of %zu uids", n);
	for (size_t i = 0; i < n; i++)
		list[i] = asy_get_u16le(v.ptr + in.at + 2 * i);
	g->in.previous_consensus = list;
	g->in.previous_consensus_n = n;
	return ASSAY_OK;
}

static assay_status get_input(gather *g, const asy_epoch_state *e, uint64_t block, uint64_t rao,
							  assay_err *err)
{
	const lnet_state *s = g->s;
	uint16_t net = g->netuid;
	assay_span v;
	lnet_key k = asy_lnet_key_u16(LNET_S_ALPHA_VALUES, net),
			 commits = asy_lnet_key_u16(LNET_S_WEIGHT_COMMITS, net);
	g->in = (assay_yuma_input){
		.n = asy_lnet_read1(s, LNET_S_SUBNETWORK_N, net),
		.current_block = block,
		/* Stored: the clock in e already counts this epoch. */
		.last_mechanism_step_block = last_yuma_step(s, net),
		.activity_cutoff_factor_milli = (uint32_t)asy_lnet_read1(s, LNET_S_CUTOFF_FACTOR, net),
		.tempo = e->tempo,
		.tao_weight = asy_lnet_read0(s, LNET_S_TAO_WEIGHT),
		.stake_threshold = asy_lnet_read0(s, LNET_S_STAKE_THRESHOLD),
		.max_allowed_validators = (uint16_t)asy_lnet_read1(s, LNET_S_MAX_VALIDATORS, net),
		.kappa = (uint16_t)asy_lnet_read1(s, LNET_S_KAPPA, net),
		.bonds_penalty = (uint16_t)asy_lnet_read1(s, LNET_S_BONDS_PENALTY, net),
		.bonds_moving_average = asy_lnet_read1(s, LNET_S_BONDS_MOVING_AVERAGE, net),
		.yuma3 = asy_lnet_read1(s, LNET_S_YUMA3, net) != 0,
		.liquid_alpha = asy_lnet_read1(s, LNET_S_LIQUID_ALPHA, net) != 0,
		.alpha_low = 45875,
		.alpha_high = 58982,
		.alpha_sigmoid_steepness = (int16_t)asy_lnet_read1(s, LNET_S_ALPHA_STEEPNESS, net),
		.liquid_consensus_mode = asy_lnet_state_generation(s)->liquid_mode
									 ? (uint8_t)asy_lnet_read1(s, LNET_S_LIQUID_MODE, net)
									 : 0,
		.commit_reveal = asy_lnet_read1(s, LNET_S_COMMIT_REVEAL, net) != 0,
		.commit_reveal_period = asy_lnet_read1(s, LNET_S_REVEAL_PERIOD, net),
		.current_epoch = e->subnet_epoch_index,
		.rao_emission = rao,
		.cpu_mask = ASSAY_YUMA_CPU_AUTO,
	};
	if (asy_lnet_state_get(s, asy_lnet_key_span(&k), &v) && v.len == 4) {
		g->in.alpha_low = asy_get_u16le(v.ptr);
		g->in.alpha_high = asy_get_u16le(v.ptr + 2);
	}
	g->commits_cap = (g->in.n + 1) * LNET_COMMITS_MAX * 4; /* both kinds, some epochs */
	g->commits = asy_arena_array(g->arena, g->commits_cap, sizeof *g->commits);
	if (g->commits == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu commits", g->commits_cap);
	asy_lnet_state_scan(s, asy_lnet_state_block(s), asy_lnet_key_span(&commits), asy_span(NULL, 0),
						SIZE_MAX, add_commits, g);
	TRY(add_timelocked(g, err));
	g->in.commits = g->commits;
	g->in.commits_n = g->commits_n;
	assay_status st = get_neurons(g, err);
	if (st == ASSAY_OK)
		st = get_consensus(g, err);
	if (st == ASSAY_OK)
		st = get_rows(g, LNET_S_WEIGHTS, &g->in.weights, err);
	return st == ASSAY_OK ? get_rows(g, LNET_S_BONDS, &g->in.bonds, err) : st;
}

/* ---- storing the results ---- */

typedef enum { V_BOOL, V_U16, V_U64 } vector_kind;

static void put_vector(lnet_state *s, lnet_item item, uint16_t netuid, vector_kind kind,
					   const void *p, size_t n)
{
	lnet_key k = asy_lnet_key_u16(item, netuid);
	asy_buf out = {0};
	asy_scale_w w = asy_scale_out(&out);
	asy_scale_put_compact(&w, n);
	for (size_t i = 0; i < n; i++) {
		if (kind == V_BOOL)
			asy_scale_put_bool(&w, ((const uint8_t *)p)[i] != 0);
		else if (kind == V_U16)
			asy_scale_put_u16(&w, ((const uint16_t *)p)[i]);
		else
			asy_scale_put_u64(&w, ((const uint64_t *)p)[i]);
	}
	if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
		asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_buf_span(&out));
	else
		asy_lnet_state_poison(s);
	asy_buf_fini(&out);
}

static void put_bonds(lnet_state *s, uint16_t netuid, const assay_yuma_rows_out *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		lnet_key k = asy_lnet_key_u16x2(LNET_S_BONDS, netuid, (uint16_t)i);
		asy_buf out = {0};
		asy_scale_w w = asy_scale_out(&out);
		asy_scale_put_compact(&w, rows->offset[i + 1] - rows->offset[i]);
		for (size_t e = rows->offset[i]; e < rows->offset[i + 1]; e++) {
			asy_scale_put_u16(&w, rows->uid[e]);
			asy_scale_put_u16(&w, rows->value[e]);
		}
		if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
			asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_buf_span(&out));
		else
			asy_lnet_state_poison(s);
		asy_buf_fini(&out);
	}
}

static assay_status take_out(asy_arena *a, const assay_yuma_input *in, assay_yuma_out *out,
							 assay_err *err)
{
	size_t n = in->n + 1, cap = assay_yuma_bonds_cap(in);
	*out = (assay_yuma_out){
		.active = asy_arena_array(a, n, 1),
		.validator_permit = asy_arena_array(a, n, 1),
		.stake_weight = asy_arena_array(a, n, 2),
		.consensus = asy_arena_array(a, n, 2),
		.validator_trust = asy_arena_array(a, n, 2),
		.incentive = asy_arena_array(a, n, 2),
		.dividends = asy_arena_array(a, n, 2),
		.emission = asy_arena_array(a, n, 8),
		.bonds = {.offset = asy_arena_array(a, n + 1, sizeof(size_t)),
				  .uid = asy_arena_array(a, cap + 1, 2),
				  .value = asy_arena_array(a, cap + 1, 2),
				  .cap = cap},
	};
	if (out->active == NULL || out->validator_permit == NULL || out->stake_weight == NULL ||
		out->consensus == NULL || out->validator_trust == NULL || out->incentive == NULL ||
		out->dividends == NULL || out->emission == NULL || out->bonds.offset == NULL ||
		out->bonds.uid == NULL || out->bonds.value == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "epoch results of %zu uids", in->n);
	return ASSAY_OK;
}

typedef struct {
	uint64_t server, validator, root;
} pools;

static uint64_t pools_sum(const pools *p)
{
	return asy_sat_add_u64(asy_sat_add_u64(p->server, p->validator), p->root);
}

/* Null consensus: one row is paid as it is; bonds and the block of the last Yuma epoch
 * stay as they are, and consensus is 0. */
static assay_status null_epoch(const gather *g, const pools *p, const assay_yuma_out *out,
							   assay_err *err)
{
	size_t need = assay_yuma_null_scratch_len(&g->in);
	void *scratch = asy_arena_take(g->arena, need + 1, 64);
	const assay_yuma_null_budget budget = {p->server, asy_sat_add_u64(p->validator, p->root),
										   asy_sat_add_u64(p->server, p->validator)};
	const assay_yuma_null_out o = {.validator_permit = out->validator_permit,
								   .active = out->active,
								   .stake_weight = out->stake_weight,
								   .incentive = out->incentive,
								   .dividends = out->dividends,
								   .emission = out->emission};
	if (scratch == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "scratch of %zu bytes", need);
	return assay_yuma_null_epoch(&g->in, &budget, (assay_mut){scratch, need}, &o, err);
}

static assay_status yuma_epoch(const gather *g, assay_yuma_out *out, assay_err *err)
{
	size_t need = assay_yuma_scratch_len(&g->in);
	void *scratch = asy_arena_take(g->arena, need + 1, 64);
	return scratch == NULL ? ASSAY_FAIL(err, E_NOMEM, "yuma scratch of %zu bytes", need)
						   : assay_yuma_epoch(&g->in, (assay_mut){scratch, need}, out, err);
}

static assay_status run_epoch(lnet_rt *rt, const asy_epoch_state *e, const pools *p, assay_err *err)
{
	gather g = {.s = rt->state, .netuid = e->netuid, .arena = asy_arena_new((size_t)1 << 30)};
	assay_yuma_out out;
	assay_status st = g.arena != NULL ? ASSAY_OK : ASSAY_FAIL(err, E_NOMEM, "epoch arena");
	if (st == ASSAY_OK)
		st = get_input(&g, e, rt->block, pools_sum(p), err);
	if (st == ASSAY_OK)
		st = take_out(g.arena, &g.in, &out, err);
	if (st == ASSAY_OK)
		st = e->is_null ? null_epoch(&g, p, &out, err) : yuma_epoch(&g, &out, err);
	if (st == ASSAY_OK) {
		lnet_state *s = rt->state;
		size_t n = g.in.n;
		put_vector(s, LNET_S_ACTIVE, e->netuid, V_BOOL, out.active, n);
		put_vector(s, LNET_S_PERMIT, e->netuid, V_BOOL, out.validator_permit, n);
		put_vector(s, LNET_S_STAKE_WEIGHT, e->netuid, V_U16, out.stake_weight, n);
		put_vector(s, LNET_S_CONSENSUS, e->netuid, V_U16, out.consensus, n);
		put_vector(s, LNET_S_VTRUST, e->netuid, V_U16, out.validator_trust, n);
		put_vector(s, LNET_S_INCENTIVE, e->netuid, V_U16, out.incentive, n);
		put_vector(s, LNET_S_DIVIDENDS, e->netuid, V_U16, out.dividends, n);
		put_vector(s, LNET_S_EMISSION, e->netuid, V_U64, out.emission, n);
		if (!e->is_null)
			put_bonds(s, e->netuid, &out.bonds, n);
		if (asy_lnet_state_generation(s)->liquid_mode)
			put_vector(s, LNET_S_STORED_CONSENSUS, e->netuid, V_U16, out.consensus, n);
		asy_lnet_write1(s, LNET_S_LAST_STEP, e->netuid, rt->block);
		if (!e->is_null && asy_lnet_state_generation(s)->null_mode)
			asy_lnet_write1(s, LNET_S_LAST_YUMA_STEP, e->netuid, rt->block);
	}
	asy_arena_free(g.arena);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "epoch of subnet %u", e->netuid);
}

/* ---- the step of a block ---- */

/* Half of what is paid out goes to servers, half to validators. */
static void flow(lnet_state *s, uint16_t netuid)
{
	uint64_t out = asy_lnet_read1(s, LNET_S_ALPHA_OUT_EMISSION, netuid), server = out / 2;
	asy_lnet_write1(s, LNET_S_PENDING_SERVER, netuid,
					asy_sat_add_u64(asy_lnet_read1(s, LNET_S_PENDING_SERVER, netuid), server));
	asy_lnet_write1(
		s, LNET_S_PENDING_VALIDATOR, netuid,
		asy_sat_add_u64(asy_lnet_read1(s, LNET_S_PENDING_VALIDATOR, netuid), out - server));
}

static pools drain(lnet_state *s, uint16_t netuid)
{
	const pools p = {asy_lnet_read1(s, LNET_S_PENDING_SERVER, netuid),
					 asy_lnet_read1(s, LNET_S_PENDING_VALIDATOR, netuid),
					 asy_lnet_read1(s, LNET_S_PENDING_ROOT, netuid)};
	asy_lnet_write1(s, LNET_S_PENDING_SERVER, netuid, 0);
	asy_lnet_write1(s, LNET_S_PENDING_VALIDATOR, netuid, 0);
	asy_lnet_write1(s, LNET_S_PENDING_ROOT, netuid, 0);
	return p;
}

/* No hotkey has two uids: Uids must agree with Keys. */
static bool keys_agree(const lnet_state *s, uint16_t netuid)
{
	uint64_t n = asy_lnet_read1(s, LNET_S_SUBNETWORK_N, netuid);
	for (uint16_t u = 0; u < n; u++) {
		uint16_t back;
		asy_account hotkey = asy_lnet_read_account(s, asy_lnet_key_u16x2(LNET_S_KEYS, netuid, u));
		if (!asy_lnet_uid(s, netuid, &hotkey, &back) || back != u)
			return false;
	}
	return true;
}

/* The reveal phase sees the clocks before they advance, and skips who will be deferred. */
static void reveal_phase(lnet_rt *rt, const asy_epoch_state *state, const bool *consistent,
						 size_t n, unsigned cap)
{
	asy_epoch_state copy[SUBNETS_MAX], *order[SUBNETS_MAX];
	asy_slot slot[SUBNETS_MAX];
	for (size_t i = 0; i < n; i++) {
		copy[i] = state[i];
		order[i] = &copy[i];
	}
	asy_schedule_block(order, consistent, n, cap, rt->block, slot);
	for (size_t i = 0; i < n; i++)
		if (slot[i] != ASY_SLOT_DEFERRED)
			asy_lnet_timelock_reveal(rt, state[i].netuid);
}

assay_status asy_lnet_on_initialize(lnet_rt *rt, assay_err *err)
{
	uint16_t netuid[SUBNETS_MAX];
	asy_epoch_state state[SUBNETS_MAX], *order[SUBNETS_MAX];
	bool consistent[SUBNETS_MAX];
	asy_slot slot[SUBNETS_MAX];
	unsigned cap = (unsigned)asy_lnet_read0(rt->state, LNET_S_MAX_EPOCHS);
	size_t n = 0, all = asy_lnet_subnets(rt->state, netuid, SUBNETS_MAX);
	asy_lnet_beacon_step(rt);
	for (size_t i = 0; i < all; i++) {
		if (netuid[i] == 0)
			continue;
		asy_lnet_epoch_state(rt->state, netuid[i], &state[n]);
		order[n] = &state[n];
		/* Only a subnet whose slot may be consumed needs the look at its keys. */
		asy_epoch_state next = state[n];
		next.blocks_since_last_step++;
		consistent[n] = !asy_schedule_due(&next, rt->block) || keys_agree(rt->state, netuid[i]);
		n++;
	}
	reveal_phase(rt, state, consistent, n, cap);
	for (size_t i = 0; i < n; i++)
		flow(rt->state, state[i].netuid);
	asy_schedule_block(order, consistent, n, cap, rt->block, slot);
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < n; i++) {
		epoch_state_put(rt->state, &state[i]);
		if (slot[i] != ASY_SLOT_RAN)
			continue;
		const pools p = drain(rt->state, state[i].netuid);
		st = run_epoch(rt, &state[i], &p, err);
	}
	return st;
}
