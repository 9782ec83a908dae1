/* The hotkeys that tasks sign with. Tasks of one hotkey share it and its connection to the
 * chain; whether two wallets hold one key shows only when both are open. */
#include <stdlib.h>
#include "daemon/daemon.h"

static daemon_hotkey *known(const daemon_state *d, const uint8_t id[32])
{
	daemon_hotkey *k = d->hotkeys;
	while (k != NULL && memcmp(k->id, id, 32) != 0)
		k = k->next;
	return k;
}

assay_status daemon_load_hotkey(daemon_entry *e, assay_err *err)
{
	asy_key *key = NULL;
	uint8_t id[32];
	assay_status st = asy_front_load_key(e->d->config_file, e->o, &key, err);
	if (st != ASSAY_OK)
		return st;
	asy_key_public(key, id);
	e->hotkey = known(e->d, id);
	if (e->hotkey != NULL) {
		asy_key_free(key);
		return ASSAY_OK;
	}
	daemon_hotkey *k = asy_calloc(1, sizeof *k);
	if (k == NULL) {
		asy_key_free(key);
		return ASSAY_FAIL(err, E_NOMEM, "a hotkey");
	}
	k->key = key;
	memcpy(k->id, id, 32);
	k->next = e->d->hotkeys;
	e->hotkey = e->d->hotkeys = k;
	return ASSAY_OK;
}

assay_status daemon_open_chain(daemon_entry *e, assay_err *err)
{
	daemon_state *d = e->d;
	daemon_hotkey *k = e->hotkey;
	const asy_front_net_opts co = {
		.endpoints = e->o->chain.endpoints.at,
		.endpoints_n = e->o->chain.endpoints.n,
		.key = k->key,
		.log = &d->log,
		.call_timeout_ms = e->o->chain.deadline_ms,
		.wait_for_node = true,
	};
	if (asy_co_lock(d->net.loop, &k->opening) != ASSAY_OK)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted while waiting for the node");
	assay_status st =
		k->chain != NULL ? ASSAY_OK : asy_front_open_chain(&d->net, &co, &k->chain, err);
	const asy_validator_env ve = {
		.clock = asy_sys_clock(), .log = &d->log, .loop = d->net.loop, .chain = k->chain};
	if (st == ASSAY_OK && k->validator == NULL)
		st = asy_validator_new(&ve, &k->validator, err);
	asy_co_unlock(&k->opening);
	return st;
}

void daemon_free_hotkeys(daemon_state *d)
{
	while (d->hotkeys != NULL) {
		daemon_hotkey *k = d->hotkeys;
		d->hotkeys = k->next;
		asy_validator_free(k->validator);
		asy_chain_close(k->chain);
		asy_key_free(k->key);
		free(k);
	}
}
