/* Localnet: puts the parts together: ports first (genesis names them), then genesis,
 * then the two threads. Everything a caller may know is copied out before they run.
 * Reason to change: the life of a localnet. */
#include <pthread.h>
#include <stdlib.h>
#include "localnet/genesis.h"
#include "localnet/localnet.h"
#include "localnet/rivals.h"
#include "localnet/server.h"

struct asy_localnet {
	const asy_scenario *sc;
	lnet_server server;
	lnet_rivals *rivals;
	pthread_t thread;
	bool running;
	asy_localnet_neuron *neuron;
	asy_account *hotkey;
	size_t neurons_n;
	char url[64];
};

/* ---- who is who ---- */

static const char *behaviour_of(const lnet_neuron *n)
{
	switch (n->role) {
	case ASY_ROLE_VALIDATOR:
		return "validator";
	case ASY_ROLE_RIVAL:
		return asy_lnet_strategy_name(n->strategy);
	case ASY_ROLE_MINER:
		return asy_lnet_behaviour_name(n->behaviour);
	}
	return "";
}

static assay_status list_neurons(asy_localnet *ln, assay_err *err)
{
	const asy_scenario *sc = ln->sc;
	size_t n = asy_lnet_neurons_total(sc), at = 0;
	ln->neuron = asy_calloc(n, sizeof *ln->neuron);
	ln->hotkey = asy_calloc(n, sizeof *ln->hotkey);
	if (ln->neuron == NULL || ln->hotkey == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu neurons", n);
	for (size_t i = 0; i < sc->subnets_n; i++) {
		const lnet_subnet *net = &sc->subnet[i];
		for (size_t u = 0; u < net->neurons_n; u++, at++) {
			const lnet_neuron *spec = &net->neuron[u];
			assay_status st = asy_lnet_account_of(spec->key, &ln->hotkey[at], err);
			if (st != ASSAY_OK)
				return st;
			ln->neuron[at] = (asy_localnet_neuron){.netuid = net->netuid,
												   .uid = (uint16_t)u,
												   .role = spec->role,
												   .task = net->task,
												   .key_uri = spec->key,
												   .behaviour = behaviour_of(spec),
												   .skill = spec->skill};
			memcpy(ln->neuron[at].hotkey, ln->hotkey[at].b, 32);
		}
	}
	ln->neurons_n = n;
	return ASSAY_OK;
}

/* ---- miners ---- */

static bool is_miner(const asy_localnet_neuron *n)
{
	return n->role == ASY_ROLE_MINER;
}

static void miner_seed(const asy_scenario *sc, lnet_miner *m)
{
	asy_blake2b_state h;
	uint8_t number[8];
	asy_put_u64le(number, sc->seed);
	asy_blake2b_init(&h, 32);
	asy_blake2b_update(&h, number, sizeof number);
	asy_blake2b_update(&h, m->hotkey.b, sizeof m->hotkey.b);
	asy_blake2b_final(&h, m->seed, 32);
}

static assay_status make_miners(asy_localnet *ln, assay_err *err)
{
	lnet_server *sv = &ln->server;
	size_t at = 0;
	sv->miner = asy_calloc(ln->neurons_n + 1, sizeof *sv->miner);
	if (sv->miner == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu miners", ln->neurons_n);
	for (size_t i = 0; i < ln->sc->subnets_n; i++) {
		const lnet_subnet *net = &ln->sc->subnet[i];
		for (size_t u = 0; u < net->neurons_n; u++, at++) {
			if (!is_miner(&ln->neuron[at]))
				continue;
			lnet_miner *m = &sv->miner[sv->miners_n++];
			m->spec = &net->neuron[u];
			m->subnet = net;
			m->uid = (uint16_t)u;
			m->hotkey = ln->hotkey[at];
			m->replay = asy_replay_new(0);
			miner_seed(ln->sc, m);
			if (m->replay == NULL)
				return ASSAY_FAIL(err, E_NOMEM, "replay store of a miner");
			if (m->spec->behaviour == LNET_COPIER) {
				assay_status st = asy_key_from_uri(ASY_KEY_SR25519, m->spec->key, &m->key, err);
				if (st != ASSAY_OK)
					return assay_err_at(err, st, "key of a copier");
			}
		}
	}
	return ASSAY_OK;
}

static assay_status find_answers(asy_localnet *ln, const asy_localnet_opts *opts, assay_err *err)
{
	lnet_server *sv = &ln->server;
	const char *samples = opts->samples != NULL ? opts->samples : ln->sc->samples;
	assay_status st = asy_lnet_sources_new(samples, opts->folder != NULL ? opts->folder : ".",
										   opts->log, &sv->sources, err);
	for (size_t i = 0; st == ASSAY_OK && i < sv->miners_n; i++) {
		lnet_miner *m = &sv->miner[i];
		if (asy_lnet_needs_answers(m->spec->behaviour))
			st = asy_lnet_source_of(sv->sources, m->subnet, m->spec, &m->source, err);
	}
	return st;
}

/* ---- life ---- */

static assay_status make_chain(asy_localnet *ln, assay_err *err)
{
	lnet_ledger *ledger = NULL;
	size_t m = 0;
	uint16_t *ports = asy_calloc(ln->neurons_n + 1, sizeof *ports);
	if (ports == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu ports", ln->neurons_n);
	for (size_t i = 0; i < ln->neurons_n; i++)
		if (is_miner(&ln->neuron[i]))
			ln->neuron[i].port = ports[i] = ln->server.miner[m++].port;
	assay_status st = asy_lnet_genesis(ln->sc, ln->hotkey, ports, &ledger, err);
	free(ports);
	return st == ASSAY_OK
			   ? asy_lnet_node_new(ledger, ln->sc->name, ln->sc->block_ms, &ln->server.node, err)
			   : st;
}

static void *serve(void *arg)
{
	asy_lnet_server_run(arg);
	return NULL;
}

static void wake_server(void *arg)
{
	asy_lnet_server_wake(arg);
}

static assay_status begin(asy_localnet *ln, const asy_localnet_opts *opts, assay_err *err)
{
	lnet_server *sv = &ln->server;
	assay_status st = asy_crypto_init(err);
	if (st == ASSAY_OK)
		st = list_neurons(ln, err);
	if (st == ASSAY_OK)
		st = make_miners(ln, err);
	if (st == ASSAY_OK)
		st = find_answers(ln, opts, err);
	if (st == ASSAY_OK)
		st = asy_lnet_server_open(
			sv, opts->rpc_port < 0 ? ln->sc->rpc_port : (uint16_t)opts->rpc_port, err);
	if (st == ASSAY_OK)
		st = make_chain(ln, err);
	if (st == ASSAY_OK)
		st = asy_lnet_sources_start(sv->sources, wake_server, sv, err);
	if (st != ASSAY_OK)
		return st;
	(void)snprintf(ln->url, sizeof ln->url, "http://127.0.0.1:%u", sv->port);
	ln->running = pthread_create(&ln->thread, NULL, serve, sv) == 0;
	if (!ln->running)
		return ASSAY_FAIL(err, E_NOMEM, "cannot start the server's thread");
	if (opts->without_rivals)
		return ASSAY_OK;
	return asy_lnet_rivals_start(ln->sc, ln->url, opts->clock, opts->rng, opts->log, &ln->rivals,
								 err);
}

assay_status asy_localnet_start(const asy_scenario *sc, const asy_localnet_opts *opts,
								asy_localnet **out, assay_err *err)
{
	asy_localnet *ln = asy_calloc(1, sizeof *ln);
	if (ln == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "localnet");
	if (opts->rpc_port > 65535) {
		free(ln);
		return ASSAY_FAIL(err, E_RANGE, "port %d is beyond 65535", opts->rpc_port);
	}
	ln->sc = sc;
	ln->server.scenario = sc;
	ln->server.clock = opts->clock;
	ln->server.rng = opts->rng;
	if (opts->log != NULL)
		ln->server.log = *opts->log;
	assay_status st = begin(ln, opts, err);
	if (st != ASSAY_OK) {
		asy_localnet_stop(ln);
		return st;
	}
	asy_log(opts->log, ASY_INFO, "localnet.started", ASY_STR("url", ln->url),
			ASY_U64("subnets", sc->subnets_n), ASY_U64("neurons", ln->neurons_n));
	*out = ln;
	return ASSAY_OK;
}

void asy_localnet_stop(asy_localnet *ln)
{
	if (ln == NULL)
		return;
	lnet_server *sv = &ln->server;
	/* The rivals first: they wait for answers that only a running server gives. */
	asy_lnet_rivals_stop(ln->rivals);
	if (ln->running) {
		atomic_store(&sv->stop, true);
		asy_lnet_server_wake(sv);
		(void)pthread_join(ln->thread, NULL);
	}
	asy_lnet_sources_stop(sv->sources); /* it wakes the server, so it stops first */
	asy_lnet_server_close(sv);
	asy_lnet_node_free(sv->node);
	asy_lnet_sources_free(sv->sources); /* after the sessions, which point into them */
	for (size_t i = 0; i < sv->miners_n; i++) {
		asy_replay_free(sv->miner[i].replay);
		asy_key_free(sv->miner[i].key);
	}
	free(sv->miner);
	free(ln->neuron);
	free(ln->hotkey);
	free(ln);
}

bool asy_localnet_is_alive(asy_localnet *ln, assay_err *err)
{
	if (!atomic_load(&ln->server.failed))
		return true;
	if (err != NULL)
		*err = ln->server.error;
	return false;
}

const char *asy_localnet_url(const asy_localnet *ln)
{
	return ln->url;
}
uint16_t asy_localnet_port(const asy_localnet *ln)
{
	return ln->server.port;
}

size_t asy_localnet_neurons(const asy_localnet *ln, const asy_localnet_neuron **out)
{
	*out = ln->neuron;
	return ln->neurons_n;
}

/* ---- description ---- */

static void put_neuron(asy_jw *w, const asy_localnet_neuron *n)
{
	static const char *const roles[] = {"validator", "rival", "miner"};
	char address[ASY_SS58_LEN];
	asy_ss58_encode(n->hotkey, address);
	asy_jw_object(w);
	asy_jw_ku64(w, "uid", n->uid);
	asy_jw_kstr(w, "role", roles[n->role]);
	asy_jw_kstr(w, "key", n->key_uri);
	asy_jw_kstr(w, "hotkey", address);
	if (n->role != ASY_ROLE_VALIDATOR)
		asy_jw_kstr(w, "behaviour", n->behaviour);
	if (n->role == ASY_ROLE_MINER) {
		asy_jw_kf64(w, "skill", n->skill);
		asy_jw_ku64(w, "port", n->port);
	}
	asy_jw_end_object(w);
}

assay_status asy_localnet_describe(const asy_localnet *ln, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 2);
	size_t at = 0;
	asy_jw_object(&w);
	asy_jw_kstr(&w, "url", ln->url);
	asy_jw_kstr(&w, "name", ln->sc->name);
	asy_jw_ku64(&w, "block_ms", ln->sc->block_ms);
	asy_jw_khex(&w, "genesis", ln->server.node->ledger->genesis.b, 32);
	asy_jw_key(&w, "subnets");
	asy_jw_array(&w);
	for (size_t i = 0; i < ln->sc->subnets_n; i++) {
		const lnet_subnet *net = &ln->sc->subnet[i];
		asy_jw_object(&w);
		asy_jw_ku64(&w, "netuid", net->netuid);
		asy_jw_kstr(&w, "name", net->name);
		asy_jw_kstr(&w, "task", net->task);
		asy_jw_ku64(&w, "tempo", net->tempo);
		asy_jw_key(&w, "neurons");
		asy_jw_array(&w);
		for (size_t u = 0; u < net->neurons_n; u++)
			put_neuron(&w, &ln->neuron[at++]);
		asy_jw_end_array(&w);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}
