/* Genesis: accounts, subnets and neurons written with the same functions that the
 * running chain uses. Endpoints of scripted miners are written directly, since the
 * chain's own rule refuses loopback addresses.
 * Reason to change: as genesis.h. */
#include "localnet/genesis.h"

assay_status asy_lnet_account_of(const char *uri, asy_account *out, assay_err *err)
{
	asy_key *key = NULL;
	assay_status st = asy_key_from_uri(ASY_KEY_SR25519, uri, &key, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, ASSAY_E_CONFIG, "key \"%.80s\"", uri);
	asy_key_public(key, out->b);
	asy_key_free(key);
	return ASSAY_OK;
}

size_t asy_lnet_neurons_total(const asy_scenario *sc)
{
	size_t n = 0;
	for (size_t i = 0; i < sc->subnets_n; i++)
		n += sc->subnet[i].neurons_n;
	return n;
}

static void fund(lnet_state *s, const asy_account *who, uint64_t balance)
{
	lnet_account a = {.providers = 1, .free = balance};
	asy_lnet_account_put(s, who, &a);
}

static void put_bytes(lnet_state *s, lnet_key k, const void *p, size_t len)
{
	asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_span(p, len));
}

static assay_status put_subnet(lnet_state *s, const lnet_subnet *net, assay_err *err)
{
	asy_account owner;
	uint8_t alphas[4];
	assay_status st = asy_lnet_account_of(net->owner, &owner, err);
	if (st != ASSAY_OK)
		return st;
	for (size_t i = 0; i < LNET_HYPER_N; i++) {
		lnet_key k = asy_lnet_key_u16(asy_lnet_hyper[i].item, net->netuid);
		asy_lnet_write(s, asy_lnet_hyper[i].item, k, net->hyper[i]);
	}
	asy_put_u16le(alphas, net->alpha_low);
	asy_put_u16le(alphas + 2, net->alpha_high);
	put_bytes(s, asy_lnet_key_u16(LNET_S_ALPHA_VALUES, net->netuid), alphas, sizeof alphas);
	asy_lnet_write1(s, LNET_S_NETWORKS_ADDED, net->netuid, 1);
	asy_lnet_write1(s, LNET_S_TEMPO, net->netuid, net->tempo);
	asy_lnet_write1(s, LNET_S_ALPHA_OUT_EMISSION, net->netuid, net->emission);
	asy_lnet_write1(s, LNET_S_LAST_EPOCH, net->netuid, 0);
	put_bytes(s, asy_lnet_key_u16(LNET_S_SUBNET_OWNER, net->netuid), owner.b, 32);
	put_bytes(s, asy_lnet_key_u16(LNET_S_SUBNET_OWNER_HOTKEY, net->netuid), owner.b, 32);
	return ASSAY_OK;
}

/* The permits of all neurons of a subnet, as the previous epoch would have left them. */
static void put_permits(lnet_state *s, const lnet_subnet *net)
{
	asy_buf out = {0};
	asy_scale_w w = asy_scale_out(&out);
	asy_scale_put_compact(&w, net->neurons_n);
	for (size_t i = 0; i < net->neurons_n; i++)
		asy_scale_put_bool(&w, net->neuron[i].permit);
	if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
		put_bytes(s, asy_lnet_key_u16(LNET_S_PERMIT, net->netuid), out.ptr, out.len);
	else
		asy_lnet_state_poison(s);
	asy_buf_fini(&out);
}

static assay_status put_neuron(lnet_rt *rt, const asy_scenario *sc, const lnet_subnet *net,
							   uint16_t uid, const asy_account *hotkey, uint16_t port,
							   assay_err *err)
{
	const lnet_neuron *n = &net->neuron[uid];
	lnet_state *s = rt->state;
	asy_account coldkey;
	char uri[LNET_KEY_MAX + 8];
	(void)snprintf(uri, sizeof uri, "%s//cold", n->key);
	assay_status st = asy_lnet_account_of(n->coldkey[0] != '\0' ? n->coldkey : uri, &coldkey, err);
	if (st != ASSAY_OK)
		return st;
	fund(s, hotkey, sc->balance);
	fund(s, &coldkey, sc->balance);
	asy_lnet_install(rt, net->netuid, uid, hotkey, &coldkey);
	asy_lnet_write(s, LNET_S_HOTKEY_ALPHA,
				   asy_lnet_key_account_u16(LNET_S_HOTKEY_ALPHA, hotkey, net->netuid), n->alpha);
	/* Root stake is one number per hotkey, shared by all its subnets. */
	if (n->tao != 0)
		asy_lnet_write(s, LNET_S_HOTKEY_ALPHA,
					   asy_lnet_key_account_u16(LNET_S_HOTKEY_ALPHA, hotkey, 0), n->tao);
	if (port != 0) {
		lnet_args a = {.netuid = net->netuid,
					   .port = port,
					   .ip = {0x7f000001u, 0},
					   .ip_type = 4,
					   .protocol = 4};
		asy_lnet_axon_put(s, hotkey, 0, &a);
	}
	return ASSAY_OK;
}

static void put_globals(lnet_state *s, const asy_scenario *sc)
{
	asy_lnet_write0(s, LNET_S_NOW, sc->genesis_ms);
	asy_lnet_beacon_put(s);
	asy_lnet_write0(s, LNET_S_STAKE_THRESHOLD, sc->stake_threshold);
	asy_lnet_write0(s, LNET_S_TAO_WEIGHT, sc->tao_weight);
	asy_lnet_write0(s, LNET_S_MAX_EPOCHS, sc->max_epochs);
	asy_lnet_write0(s, LNET_S_TOTAL_NETWORKS, sc->subnets_n + 1);
	asy_lnet_write1(s, LNET_S_NETWORKS_ADDED, 0, 1); /* root exists, and never runs */
	asy_lnet_write1(s, LNET_S_TEMPO, 0, 0);
}

assay_status asy_lnet_genesis(const asy_scenario *sc, const asy_account *hotkeys,
							  const uint16_t *ports, lnet_ledger **out, assay_err *err)
{
	lnet_ledger *l = NULL;
	assay_status st = asy_crypto_init(err);
	if (st == ASSAY_OK)
		st = asy_lnet_ledger_new(sc->history, &l, err);
	if (st != ASSAY_OK)
		return st;
	lnet_rt rt = {.state = l->rt.state, .block = 0};
	l->finality_lag = sc->finality_lag;
	l->step_ms = sc->timestamp_step_ms;
	asy_lnet_state_set_generation(rt.state, asy_lnet_generation(sc->spec));
	put_globals(rt.state, sc);
	size_t at = 0;
	for (size_t i = 0; st == ASSAY_OK && i < sc->subnets_n; i++) {
		const lnet_subnet *net = &sc->subnet[i];
		st = put_subnet(rt.state, net, err);
		for (size_t u = 0; st == ASSAY_OK && u < net->neurons_n; u++, at++) {
			asy_account hotkey;
			if (hotkeys != NULL)
				hotkey = hotkeys[at];
			else
				st = asy_lnet_account_of(net->neuron[u].key, &hotkey, err);
			if (st == ASSAY_OK)
				st = put_neuron(&rt, sc, net, (uint16_t)u, &hotkey, ports != NULL ? ports[at] : 0,
								err);
		}
		if (st == ASSAY_OK)
			put_permits(rt.state, net);
	}
	asy_buf_fini(&rt.events);
	if (st == ASSAY_OK)
		st = asy_lnet_ledger_genesis(l, err);
	if (st != ASSAY_OK) {
		asy_lnet_ledger_free(l);
		return assay_err_at(err, st, "genesis of \"%s\"", sc->name);
	}
	*out = l;
	return ASSAY_OK;
}
