/* Runtime APIs: the functions behind state_call, each a SCALE encoding of state at one
 * block. What is not listed is answered as a node answers an unknown function.
 * Reason to change: another runtime API. */
#include "localnet/node.h"

typedef struct {
	lnet_node *node;
	const lnet_state *s; /* reads at the block asked for */
	const lnet_block *at;
	asy_scale in;
	asy_scale_w out;
} api_call;
typedef assay_status api_fn(api_call *c, assay_err *err);

static assay_status core_version(api_call *c, assay_err *err)
{
	return asy_lnet_version_encode(asy_lnet_state_generation(c->s), c->out.buf, err);
}

/* OpaqueMetadata: the bytes with a length in front. */
static assay_status metadata_v14(api_call *c, assay_err *err)
{
	(void)err;
	asy_scale_put_bytes(&c->out, c->node->metadata.ptr, c->node->metadata.len);
	return ASSAY_OK;
}

static assay_status metadata_versions(api_call *c, assay_err *err)
{
	(void)err;
	asy_scale_put_compact(&c->out, 1);
	asy_scale_put_u32(&c->out, 14);
	return ASSAY_OK;
}

static assay_status metadata_at_version(api_call *c, assay_err *err)
{
	uint32_t version;
	assay_status st = asy_scale_u32(&c->in, &version, err);
	if (st != ASSAY_OK)
		return st;
	asy_scale_put_u8(&c->out, version == 14);
	return version == 14 ? metadata_v14(c, err) : ASSAY_OK;
}

static assay_status account_nonce(api_call *c, assay_err *err)
{
	assay_span raw;
	asy_account who;
	assay_status st = asy_scale_raw(&c->in, 32, &raw, err);
	if (st != ASSAY_OK)
		return st;
	memcpy(who.b, raw.ptr, 32);
	asy_scale_put_u32(&c->out, asy_lnet_account_get(c->s, &who).nonce);
	return ASSAY_OK;
}

static assay_status next_epoch(api_call *c, assay_err *err)
{
	uint16_t netuid;
	asy_epoch_state e;
	uint64_t block;
	assay_status st = asy_scale_u16(&c->in, &netuid, err);
	if (st != ASSAY_OK)
		return st;
	asy_lnet_epoch_state(c->s, netuid, &e);
	bool some = asy_lnet_read1(c->s, LNET_S_NETWORKS_ADDED, netuid) != 0 &&
				asy_schedule_next_start(&e, &block);
	asy_scale_put_u8(&c->out, some);
	if (some)
		asy_scale_put_u64(&c->out, block);
	return ASSAY_OK;
}

static void compact1(api_call *c, lnet_item item, uint16_t netuid)
{
	asy_scale_put_compact(&c->out, asy_lnet_read1(c->s, item, netuid));
}

static void neuron_lite(api_call *c, uint16_t netuid, uint16_t uid)
{
	const lnet_state *s = c->s;
	static const uint8_t no_axon[34], no_prometheus[31];
	asy_account hotkey = asy_lnet_read_account(s, asy_lnet_key_u16x2(LNET_S_KEYS, netuid, uid));
	asy_account coldkey = asy_lnet_read_account(s, asy_lnet_key_account(LNET_S_OWNER, &hotkey));
	lnet_key axon = asy_lnet_key_u16_account(LNET_S_AXONS, netuid, &hotkey);
	assay_span v;
	lnet_key alpha = asy_lnet_key_account_u16(LNET_S_HOTKEY_ALPHA, &hotkey, netuid);
	asy_scale_w *w = &c->out;
	asy_scale_put_raw(w, hotkey.b, 32);
	asy_scale_put_raw(w, coldkey.b, 32);
	asy_scale_put_compact(w, uid);
	asy_scale_put_compact(w, netuid);
	asy_scale_put_bool(w, asy_lnet_vec_bool_at(s, asy_lnet_key_u16(LNET_S_ACTIVE, netuid), uid));
	bool served = asy_lnet_state_get(s, asy_lnet_key_span(&axon), &v) && v.len == sizeof no_axon;
	asy_scale_put_raw(w, served ? v.ptr : no_axon, sizeof no_axon);
	asy_scale_put_raw(w, no_prometheus, sizeof no_prometheus);
	asy_scale_put_compact(w, 1);
	asy_scale_put_raw(w, coldkey.b, 32);
	asy_scale_put_compact(w, asy_lnet_read(s, LNET_S_HOTKEY_ALPHA, alpha));
	asy_scale_put_compact(w, 0); /* rank: gone, the field stays */
	asy_scale_put_compact(w,
						  asy_lnet_vec_u64_at(s, asy_lnet_key_u16(LNET_S_EMISSION, netuid), uid));
	asy_scale_put_compact(w,
						  asy_lnet_vec_u16_at(s, asy_lnet_key_u16(LNET_S_INCENTIVE, netuid), uid));
	asy_scale_put_compact(w,
						  asy_lnet_vec_u16_at(s, asy_lnet_key_u16(LNET_S_CONSENSUS, netuid), uid));
	asy_scale_put_compact(w, 0); /* trust */
	asy_scale_put_compact(w, asy_lnet_vec_u16_at(s, asy_lnet_key_u16(LNET_S_VTRUST, netuid), uid));
	asy_scale_put_compact(w,
						  asy_lnet_vec_u16_at(s, asy_lnet_key_u16(LNET_S_DIVIDENDS, netuid), uid));
	asy_scale_put_compact(
		w, asy_lnet_vec_u64_at(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, netuid), uid));
	asy_scale_put_bool(w, asy_lnet_vec_bool_at(s, asy_lnet_key_u16(LNET_S_PERMIT, netuid), uid));
	asy_scale_put_compact(w, 0); /* pruning score */
}

static assay_status neurons_lite(api_call *c, assay_err *err)
{
	uint16_t netuid;
	assay_status st = asy_scale_u16(&c->in, &netuid, err);
	if (st != ASSAY_OK)
		return st;
	uint64_t n = asy_lnet_read1(c->s, LNET_S_SUBNETWORK_N, netuid);
	asy_scale_put_compact(&c->out, n);
	for (uint16_t u = 0; u < n; u++)
		neuron_lite(c, netuid, u);
	return ASSAY_OK;
}

static assay_status one_neuron_lite(api_call *c, assay_err *err)
{
	uint16_t netuid, uid;
	assay_status st = asy_scale_u16(&c->in, &netuid, err);
	if (st == ASSAY_OK)
		st = asy_scale_u16(&c->in, &uid, err);
	if (st != ASSAY_OK)
		return st;
	bool some = uid < asy_lnet_read1(c->s, LNET_S_SUBNETWORK_N, netuid);
	asy_scale_put_u8(&c->out, some);
	if (some)
		neuron_lite(c, netuid, uid);
	return ASSAY_OK;
}

/* Option<SubnetHyperparams>. Fields without a storage row here are written with the
 * runtime's defaults: proof of work and burn bounds have no part in this chain. */
static assay_status hyperparams(api_call *c, assay_err *err)
{
	uint16_t netuid;
	lnet_key alphas;
	assay_span v;
	assay_status st = asy_scale_u16(&c->in, &netuid, err);
	if (st != ASSAY_OK)
		return st;
	asy_scale_w *w = &c->out;
	bool some = asy_lnet_read1(c->s, LNET_S_NETWORKS_ADDED, netuid) != 0;
	asy_scale_put_u8(w, some);
	if (!some)
		return ASSAY_OK;
	compact1(c, LNET_S_RHO, netuid);
	compact1(c, LNET_S_KAPPA, netuid);
	compact1(c, LNET_S_IMMUNITY_PERIOD, netuid);
	compact1(c, LNET_S_MIN_WEIGHTS, netuid);
	compact1(c, LNET_S_MAX_WEIGHT_LIMIT, netuid);
	compact1(c, LNET_S_TEMPO, netuid);
	asy_scale_put_compact(w, 10000000);                      /* min difficulty */
	asy_scale_put_compact(w, UINT64_C(4611686018427387903)); /* max difficulty */
	compact1(c, LNET_S_VERSION_KEY, netuid);
	compact1(c, LNET_S_WEIGHTS_RATE, netuid);
	asy_scale_put_compact(w, 100); /* adjustment interval */
	asy_scale_put_compact(w, asy_lnet_read1(c->s, LNET_S_CUTOFF, netuid));
	asy_scale_put_bool(w, asy_lnet_read1(c->s, LNET_S_REGISTRATION_ALLOWED, netuid) != 0);
	asy_scale_put_compact(w, 2); /* target registrations per interval */
	asy_scale_put_compact(w, 500000);
	asy_scale_put_compact(w, UINT64_C(100000000000)); /* burn bounds */
	compact1(c, LNET_S_BONDS_MOVING_AVERAGE, netuid);
	asy_scale_put_compact(w, 1); /* registrations per block */
	compact1(c, LNET_S_SERVING_RATE, netuid);
	compact1(c, LNET_S_MAX_VALIDATORS, netuid);
	asy_scale_put_compact(w, 0);        /* adjustment alpha */
	asy_scale_put_compact(w, 10000000); /* difficulty */
	compact1(c, LNET_S_REVEAL_PERIOD, netuid);
	asy_scale_put_bool(w, asy_lnet_read1(c->s, LNET_S_COMMIT_REVEAL, netuid) != 0);
	alphas = asy_lnet_key_u16(LNET_S_ALPHA_VALUES, netuid);
	bool own = asy_lnet_state_get(c->s, asy_lnet_key_span(&alphas), &v) && v.len == 4;
	asy_scale_put_compact(w, own ? asy_get_u16le(v.ptr + 2) : 58982);
	asy_scale_put_compact(w, own ? asy_get_u16le(v.ptr) : 45875);
	asy_scale_put_bool(w, asy_lnet_read1(c->s, LNET_S_LIQUID_ALPHA, netuid) != 0);
	return ASSAY_OK;
}

static const struct {
	const char *name;
	api_fn *run;
} functions[] = {
	{"Core_version", core_version},
	{"Metadata_metadata", metadata_v14},
	{"Metadata_metadata_versions", metadata_versions},
	{"Metadata_metadata_at_version", metadata_at_version},
	{"AccountNonceApi_account_nonce", account_nonce},
	{"NeuronInfoRuntimeApi_get_neurons_lite", neurons_lite},
	{"NeuronInfoRuntimeApi_get_neuron_lite", one_neuron_lite},
	{"SubnetInfoRuntimeApi_get_next_epoch_start_block", next_epoch},
	{"SubnetInfoRuntimeApi_get_subnet_hyperparams", hyperparams},
};

assay_status asy_lnet_api_call(lnet_node *n, const lnet_block *at, const char *name,
							   assay_span args, asy_buf *out, assay_err *err)
{
	size_t i = 0;
	while (i < ASY_COUNT(functions) && strcmp(functions[i].name, name) != 0)
		i++;
	if (i == ASY_COUNT(functions))
		return ASSAY_FAIL(err, E_NOTFOUND, "Exported method %.64s is not found", name);
	lnet_state *s = n->ledger->rt.state;
	api_call c = {n, s, at, asy_scale_in(args), asy_scale_out(out)};
	asy_lnet_state_view(s, at->number);
	assay_status st = functions[i].run(&c, err);
	asy_lnet_state_view(s, UINT64_MAX);
	if (st == ASSAY_OK)
		st = asy_scale_end(&c.in, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "Bad input data provided to %s", functions[i].name);
	return asy_scale_out_end(&c.out, err);
}
