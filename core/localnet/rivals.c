/* Rivals: once an epoch reveal what the last one committed, then commit anew. One
 * transaction of a rival is under way at a time, so nonces never race; a transaction
 * that the chain refuses is noted and the rival goes on with the next epoch.
 * Reason to change: as rivals.h. */
#include <pthread.h>
#include <stdlib.h>
#include "chain/chain.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "localnet/rivals.h"
#include "schedule/schedule.h"
#include "seal/seal.h"

/* Refused three times, an epoch is given up: something else is wrong. */
enum { TRIES_MAX = 3, SEALED_MAX = 4, TICK_MS_MIN = 20, TICK_MS_MAX = 500 };

typedef enum { IDLE, COMMITTING, REVEALING } stage;

typedef struct {
	asy_opening *opening;
	uint64_t epoch; /* in which it was committed */
} sealed;

typedef struct {
	const lnet_subnet *net;
	const lnet_neuron *spec;
	asy_key *key;
	asy_chain *chain;
	asy_account account;
	stage stage;
	asy_tx tx;
	uint64_t scanned;
	asy_opening *made; /* of the commit under way */
	uint64_t made_epoch;
	sealed queue[SEALED_MAX]; /* committed, oldest first */
	size_t queue_n;
	uint64_t done_epoch, tries; /* last epoch committed for, + 1; tries in this one */
} rival;

struct lnet_rivals {
	const asy_scenario *sc;
	char url[64];
	asy_clock *clock;
	asy_rng *rng;
	asy_logger log; /* a copy: the counts of a logger are its thread's */
	asy_loop *loop;
	asy_http *http;
	asy_rpc_http transport;
	rival *item;
	size_t n;
	pthread_t thread;
	bool started;
	atomic_bool stop;
	asy_complaint trouble;
};

/* ---- what a rival thinks ---- */

/* How good a miner's answers are, by the script. */
static double expectation(const lnet_subnet *net, const lnet_neuron *miner)
{
	switch (miner->behaviour) {
	case LNET_HONEST:
		return miner->skill;
	case LNET_COPIER:
		return expectation(net, &net->neuron[net->miners_at + miner->copies]);
	case LNET_LAZY:
	case LNET_GARBAGE:
	case LNET_SLOW:
	case LNET_OVERSIZED:
	case LNET_SILENT:
	case LNET_DEEP:
	case LNET_TRUNCATED:
	case LNET_PADDED:
	case LNET_TWISTED:
		break;
	}
	return 0;
}

void asy_lnet_rival_weights(const lnet_subnet *net, const lnet_neuron *who, uint64_t seed,
							uint64_t epoch, const uint16_t *consensus, size_t consensus_n,
							uint16_t *values)
{
	size_t miners = net->neurons_n - net->miners_at;
	asy_blake2b_state h;
	asy_seeded_rng rng;
	uint8_t stream[32], number[16];
	bool agreed = false; /* is there a consensus to copy? */
	for (size_t uid = net->miners_at; uid < consensus_n && uid < net->neurons_n; uid++)
		agreed = agreed || consensus[uid] != 0;
	asy_put_u64le(number, seed);
	asy_put_u64le(number + 8, epoch);
	asy_blake2b_init(&h, 32);
	asy_blake2b_update(&h, number, sizeof number);
	asy_blake2b_update(&h, who->key, strlen(who->key));
	asy_blake2b_final(&h, stream, 32);
	asy_seeded_rng_init(&rng, stream);
	for (size_t i = 0; i < miners; i++) {
		size_t uid = net->miners_at + i;
		double u = (double)asy_rng_below(&rng.iface, 65537) / 32768.0 - 1.0;
		double v = expectation(net, &net->neuron[uid]) * (1 + who->noise * u);
		if (who->strategy == LNET_RIVAL_BIASED && i == who->favours)
			v = 3;
		else if (who->strategy == LNET_RIVAL_BIASED)
			v *= 0.5;
		if (who->strategy == LNET_RIVAL_COPIER && agreed)
			v = uid < consensus_n ? (double)consensus[uid] / 65535.0 : 0;
		v *= 16384; /* room for a favourite; the chain scales the row up anyway */
		values[i] = v <= 0 ? 0 : v > 65535 ? 65535 : (uint16_t)v;
	}
}

/* Seals this epoch's vector into made. */
static assay_status decide(lnet_rivals *r, rival *v, uint64_t epoch, const asy_block_ref *at,
						   assay_err *err)
{
	size_t miners = v->net->neurons_n - v->net->miners_at, n = 0;
	uint16_t values[LNET_NEURONS_MAX], uids[LNET_NEURONS_MAX];
	asy_epoch_outputs outputs = {0};
	bool copies = v->spec->strategy == LNET_RIVAL_COPIER && epoch > 0;
	assay_status st = ASSAY_OK;
	if (copies)
		st = asy_chain_outputs(v->chain, v->net->netuid, 0, at, &outputs, err);
	if (st != ASSAY_OK)
		return st;
	asy_lnet_rival_weights(v->net, v->spec, r->sc->seed, epoch, copies ? outputs.consensus : NULL,
						   outputs.n, values);
	for (size_t i = 0; i < miners; i++) {
		if (values[i] == 0)
			continue;
		values[n] = values[i];
		uids[n++] = (uint16_t)(v->net->miners_at + i);
	}
	if (copies)
		asy_epoch_outputs_fini(&outputs);
	if (n == 0)
		return ASSAY_FAIL(err, E_EMPTY, "no miner deserves a weight");
	const asy_seal_input in = {.hotkey = v->account,
							   .netuid = v->net->netuid,
							   .uids = uids,
							   .values = values,
							   .n = n,
							   .version_key = v->net->hyper[LNET_HYPER_VERSION_KEY]};
	st = asy_seal(ASY_SEAL_HASH, &in, r->rng, &v->made, err);
	v->made_epoch = epoch;
	return st;
}

/* ---- what a rival does ---- */

static void note(lnet_rivals *r, const rival *v, const char *event, const char *why)
{
	if (asy_complain_due(&r->trouble))
		asy_log(&r->log, ASY_UNUSUAL, event, ASY_STR("key", v->spec->key),
				ASY_U64("netuid", v->net->netuid), ASY_STR("why", why));
}

static void drop_oldest(rival *v)
{
	asy_opening_free(v->queue[0].opening);
	memmove(v->queue, v->queue + 1, (v->queue_n - 1) * sizeof *v->queue);
	v->queue_n--;
}

static void end_tx(rival *v)
{
	asy_tx_fini(&v->tx);
	memset(&v->tx, 0, sizeof v->tx);
	v->stage = IDLE;
}

/* A commit on the chain: its opening waits for the epoch that accepts it. */
static void committed(rival *v)
{
	if (v->queue_n == SEALED_MAX)
		drop_oldest(v);
	v->queue[v->queue_n++] = (sealed){v->made, v->made_epoch};
	v->made = NULL;
	v->done_epoch = v->made_epoch + 1;
}

static void follow(lnet_rivals *r, rival *v)
{
	asy_tx_outcome o = {.kind = ASY_TX_PENDING};
	assay_err err = {0};
	if (asy_chain_outcome(v->chain, &v->tx, v->scanned + 1, &o, &err) != ASSAY_OK) {
		note(r, v, "rival.outcome_unknown", err.msg);
		return;
	}
	v->scanned = o.scanned_to > 0 ? o.scanned_to - 1 : v->scanned;
	if (o.kind == ASY_TX_PENDING)
		return;
	bool success = o.kind == ASY_TX_SUCCESS;
	if (!success)
		note(r, v, v->stage == COMMITTING ? "rival.commit_failed" : "rival.reveal_failed", o.error);
	if (v->stage == REVEALING) {
		drop_oldest(v);
	} else if (success) {
		committed(v);
	} else {
		asy_opening_free(v->made);
		v->made = NULL;
	}
	end_tx(v);
}

/* Sends what was prepared; true if the node took it. */
static bool dispatch(lnet_rivals *r, rival *v, stage next)
{
	asy_tx_outcome o = {.kind = ASY_TX_PENDING};
	assay_err err = {0};
	assay_status st = asy_chain_send(v->chain, &v->tx, &o, &err);
	if (st == ASSAY_OK && o.kind == ASY_TX_PENDING) {
		v->stage = next;
		v->scanned = v->tx.birth;
		return true;
	}
	note(r, v, next == COMMITTING ? "rival.commit_refused" : "rival.reveal_refused",
		 st == ASSAY_OK ? o.error : err.msg);
	end_tx(v);
	return false;
}

static void reveal(lnet_rivals *r, rival *v)
{
	assay_err err = {0};
	if (asy_chain_prepare_reveal(v->chain, v->queue[0].opening, &v->tx, &err) != ASSAY_OK) {
		note(r, v, "rival.reveal_failed", err.msg);
		return;
	}
	if (!dispatch(r, v, REVEALING) && ++v->tries >= TRIES_MAX)
		drop_oldest(v);
}

static void commit(lnet_rivals *r, rival *v, uint64_t epoch, const asy_block_ref *at)
{
	assay_err err = {0};
	if (v->made_epoch != epoch || v->made == NULL) {
		asy_opening_free(v->made);
		v->made = NULL;
	}
	if (v->made == NULL && decide(r, v, epoch, at, &err) != ASSAY_OK) {
		note(r, v, "rival.undecided", err.msg);
		v->done_epoch = epoch + 1;
		return;
	}
	if (asy_chain_prepare_commit(v->chain, v->made, &v->tx, &err) != ASSAY_OK) {
		note(r, v, "rival.commit_failed", err.msg);
		return;
	}
	if (!dispatch(r, v, COMMITTING) && ++v->tries >= TRIES_MAX)
		v->done_epoch = epoch + 1;
}

/* Subnets without commit-reveal take the row directly, once an epoch. */
static void set_directly(lnet_rivals *r, rival *v, uint64_t epoch, const asy_block_ref *at)
{
	assay_err err = {0};
	if (decide(r, v, epoch, at, &err) == ASSAY_OK &&
		asy_chain_prepare_set_weights(v->chain, v->net->netuid, 0, v->made->uids, v->made->values,
									  v->made->n, v->made->version_key, &v->tx, &err) == ASSAY_OK) {
		asy_tx_outcome o = {.kind = ASY_TX_REFUSED};
		assay_status st = asy_chain_send(v->chain, &v->tx, &o, &err);
		if (st != ASSAY_OK || o.kind != ASY_TX_PENDING)
			note(r, v, "rival.set_refused", st == ASSAY_OK ? o.error : err.msg);
	} else {
		note(r, v, "rival.undecided", err.msg);
	}
	asy_opening_free(v->made);
	v->made = NULL;
	v->done_epoch = epoch + 1;
	end_tx(v);
}

static void act(lnet_rivals *r, rival *v, const asy_block_ref *head)
{
	asy_epoch_state e;
	assay_err err = {0};
	if (v->stage != IDLE) {
		follow(r, v);
		return;
	}
	if (asy_chain_epoch_state(v->chain, v->net->netuid, head, &e, &err) != ASSAY_OK) {
		note(r, v, "rival.blind", err.msg);
		return;
	}
	uint64_t epoch = asy_schedule_lookahead(&e, head->number + 1);
	uint64_t period = v->net->hyper[LNET_HYPER_REVEAL_PERIOD];
	bool sealed_subnet = v->net->hyper[LNET_HYPER_COMMIT_REVEAL] != 0;
	while (v->queue_n > 0 && v->queue[0].epoch + period < epoch)
		drop_oldest(v); /* its window is over */
	if (v->made_epoch != epoch)
		v->tries = 0;
	if (!sealed_subnet) {
		if (v->done_epoch <= epoch)
			set_directly(r, v, epoch, head);
	} else if (v->queue_n > 0 && v->queue[0].epoch + period == epoch) {
		reveal(r, v);
	} else if (v->done_epoch <= epoch) {
		commit(r, v, epoch, head);
	}
}

/* ---- the thread ---- */

static assay_status open_rival(lnet_rivals *r, rival *v, assay_err *err)
{
	const char *endpoint = r->url;
	const asy_chain_config cfg = {.endpoints = &endpoint,
								  .endpoints_n = 1,
								  .transport = &r->transport.iface,
								  .clock = r->clock,
								  .rng = r->rng,
								  .key = v->key,
								  .call_timeout_ms = 5000};
	return asy_chain_open(&cfg, &v->chain, err);
}

static void tick(lnet_rivals *r)
{
	for (size_t i = 0; i < r->n && !atomic_load(&r->stop); i++) {
		rival *v = &r->item[i];
		asy_block_ref head;
		assay_err err = {0};
		if (v->chain == NULL && open_rival(r, v, &err) != ASSAY_OK)
			note(r, v, "rival.offline", err.msg);
		else if (asy_chain_head(v->chain, &head, &err) != ASSAY_OK)
			note(r, v, "rival.offline", err.msg);
		else
			act(r, v, &head);
	}
}

static void *run(void *arg)
{
	lnet_rivals *r = arg;
	uint64_t ms = r->sc->block_ms / 2;
	ms = ms < TICK_MS_MIN ? TICK_MS_MIN : ms > TICK_MS_MAX ? TICK_MS_MAX : ms;
	while (!atomic_load(&r->stop)) {
		tick(r);
		if (asy_loop_sleep(r->loop, ms) == ASSAY_E_CANCELLED)
			break;
	}
	return NULL;
}

static void rivals_free(lnet_rivals *r)
{
	for (size_t i = 0; i < r->n; i++) {
		rival *v = &r->item[i];
		while (v->queue_n > 0)
			drop_oldest(v);
		asy_opening_free(v->made);
		asy_tx_fini(&v->tx);
		asy_chain_close(v->chain);
		asy_key_free(v->key);
	}
	free(r->item);
	asy_http_free(r->http);
	asy_loop_free(r->loop);
	free(r);
}

static assay_status add_rivals(lnet_rivals *r, assay_err *err)
{
	size_t total = 0;
	for (size_t i = 0; i < r->sc->subnets_n; i++)
		total += r->sc->subnet[i].neurons_n;
	r->item = asy_calloc(total + 1, sizeof *r->item);
	if (r->item == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu rivals", total);
	for (size_t i = 0; i < r->sc->subnets_n; i++) {
		const lnet_subnet *net = &r->sc->subnet[i];
		for (size_t u = 0; u < net->neurons_n; u++) {
			if (net->neuron[u].role != ASY_ROLE_RIVAL)
				continue;
			rival *v = &r->item[r->n++];
			v->net = net;
			v->spec = &net->neuron[u];
			assay_status st = asy_key_from_uri(ASY_KEY_SR25519, v->spec->key, &v->key, err);
			if (st != ASSAY_OK)
				return assay_err_at(err, st, "key of a rival");
			asy_key_public(v->key, v->account.b);
		}
	}
	return ASSAY_OK;
}

assay_status asy_lnet_rivals_start(const asy_scenario *sc, const char *url, asy_clock *clock,
								   asy_rng *rng, asy_logger *log, lnet_rivals **out, assay_err *err)
{
	lnet_rivals *r = asy_calloc(1, sizeof *r);
	if (r == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "rivals");
	r->sc = sc;
	r->clock = clock;
	r->rng = rng;
	if (log != NULL)
		r->log = *log;
	(void)asy_str_copy(r->url, sizeof r->url, url);
	assay_status st = add_rivals(r, err);
	if (st == ASSAY_OK)
		st = asy_loop_new(&r->loop, err);
	if (st == ASSAY_OK)
		st = asy_http_new(r->loop, NULL, &r->http, err);
	if (st == ASSAY_OK) {
		asy_rpc_http_init(&r->transport, r->http, clock);
		r->started = pthread_create(&r->thread, NULL, run, r) == 0;
		if (!r->started)
			st = ASSAY_FAIL(err, E_NOMEM, "cannot start the rivals' thread");
	}
	if (st != ASSAY_OK) {
		rivals_free(r);
		return st;
	}
	*out = r;
	return ASSAY_OK;
}

void asy_lnet_rivals_stop(lnet_rivals *r)
{
	if (r == NULL)
		return;
	atomic_store(&r->stop, true);
	(void)pthread_join(r->thread, NULL);
	rivals_free(r);
}
