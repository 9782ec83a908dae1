/* The checks of what the chain says: does a node answer, does its time agree with ours, may
 * this hotkey set weights by the rules that the chain will apply, and is there anybody to ask.
 * Reason to change: another rule of the chain that keeps a validator from working. */
#include "front/impl.h"
#include "round/round.h"
#include "submission/submission.h"

/* A miner refuses a request dated more than 2 s ahead of its clock or 10 s behind it. The
 * head is up to a block old and takes time to arrive, so only a head from the future is a
 * sure sign; an old one is either our clock or a node that lags. */
#define HEAD_AHEAD_MAX_S 2
#define HEAD_AGE_MAX_S 60

/* A daemon waits for its node for ever; a check is patient for as long as a node that is
 * just starting takes. */
#define NODE_TRIES 4
#define NODE_PAUSE_MS 700

/* As far apart as nodes of one chain may be. */
#define BEHIND_MAX 20u

#define RAO 1e9 /* of one token */

/* ---- clock ---- */

static void check_clock(asy_front_checks *c, const asy_check_subject *s, const assay_snapshot *snap)
{
	asy_clock *clock = asy_sys_clock();
	int64_t age_ms = (int64_t)(clock->real_ns(clock) / 1000000u) - (int64_t)snap->timestamp_ms;
	double age_s = (double)age_ms / 1000;
	if (snap->timestamp_ms == 0) {
		asy_check_say(c, "clock", ASY_CHECK_NOTE, ASSAY_OK, "the chain tells no time");
	} else if (age_ms >= -HEAD_AHEAD_MAX_S * 1000 && age_ms <= HEAD_AGE_MAX_S * 1000) {
		asy_check_say(c, "clock", ASY_CHECK_OK, ASSAY_OK, "the chain's head is %.0f s old",
					  age_s > 0 ? age_s : 0);
	} else if (s->o->development) {
		asy_check_say(c, "clock", ASY_CHECK_NOTE, ASSAY_OK,
					  "%.0f s %s the chain's head; a development chain keeps its own time",
					  age_s < 0 ? -age_s : age_s, age_s < 0 ? "behind" : "ahead of");
	} else if (age_ms < 0) {
		asy_check_say(c, "clock", ASY_CHECK_BAD, ASSAY_E_CHAIN,
					  "this machine's clock is %.0f s behind the chain's head: miners refuse "
					  "requests that are not of this moment; let NTP set it",
					  -age_s);
	} else {
		asy_check_say(c, "clock", ASY_CHECK_BAD, ASSAY_E_CHAIN,
					  "the chain's head is %.0f s old: either this machine's clock is ahead (let "
					  "NTP set it), or the node is still catching up",
					  age_s);
	}
}

/* ---- standing ---- */

static void check_subnet(asy_front_checks *c, const asy_options *o, const assay_snapshot *snap)
{
	if (snap->epoch.tempo == 0)
		asy_check_say(c, "subnet", ASY_CHECK_BAD, ASSAY_E_CHAIN,
					  "%u is asleep (tempo 0): nothing is asked or sent until its owner sets a "
					  "tempo",
					  o->netuid);
	else
		asy_check_say(c, "subnet", ASY_CHECK_OK, ASSAY_OK, "%u: %zu neurons, tempo %u, %s",
					  o->netuid, snap->n, snap->epoch.tempo,
					  snap->hyper.commit_reveal_enabled ? "weights by commit and reveal"
														: "weights set directly");
}

static void check_registration(asy_front_checks *c, const asy_options *o,
							   const assay_snapshot *snap, const asy_account *hotkey)
{
	char ss58[ASY_SS58_LEN];
	long uid = asy_snapshot_find(snap, hotkey);
	asy_ss58_encode(hotkey->b, ss58);
	if (uid < 0) {
		asy_check_say(c, "registration", ASY_CHECK_BAD, ASSAY_E_CHAIN,
					  "the hotkey %s is not registered in subnet %u: register it, or check "
					  "wallet.hotkey and netuid",
					  ss58, o->netuid);
		return;
	}
	const asy_neuron *n = &snap->neuron[uid];
	assay_err mode = {0};
	if (asy_mode_allows(snap, uid, &mode) != ASSAY_OK) {
		asy_check_say(c, "registration", ASY_CHECK_BAD, ASSAY_E_CHAIN,
					  "uid %ld, but weights will not be sent: %s", uid, mode.msg);
		return;
	}
	bool rich = n->total_stake >= snap->hyper.stake_threshold;
	asy_check_say(c, "registration", n->permit && rich ? ASY_CHECK_OK : ASY_CHECK_BAD,
				  ASSAY_E_CHAIN, "uid %ld, %s, stake weight %.3f, %.3f needed%s", uid,
				  n->permit ? "validator permit" : "NO validator permit",
				  (double)n->total_stake / RAO, (double)snap->hyper.stake_threshold / RAO,
				  n->permit && rich ? "" : ": weights will be refused, add stake");
}

/* ---- who else ---- */

/* Younger than an epoch and a half: whoever made it may still be at work. */
static void say_other(asy_front_checks *c, const assay_snapshot *snap, const asy_other_sign *x)
{
	uint64_t age = asy_sat_sub_u64(snap->block.number, x->block), tempo = snap->epoch.tempo;
	if (x->block == 0)
		asy_check_say(c, "hotkey_use", ASY_CHECK_OK, ASSAY_OK,
					  "the chain shows nothing of the hotkey that data_dir does not know");
	else
		asy_check_say(c, "hotkey_use", ASY_CHECK_NOTE, ASSAY_OK,
					  "%s of block %" PRIu64 " was not made from data_dir, %" PRIu64
					  " blocks ago%s",
					  x->is_commitment ? "a commitment" : "an update of our weights", x->block, age,
					  age <= tempo + tempo / 2
						  ? ": does another validator run with this hotkey? stop it, and move its "
							"data_dir here if this one is to take over"
						  : "");
}

static void check_other(asy_front_checks *c, const asy_check_subject *s, const assay_snapshot *snap,
						const asy_account *hotkey)
{
	char dir[ASY_FRONT_PATH];
	asy_store *store = NULL;
	assay_err err = {0};
	asy_other_sign x;
	const asy_store_options so = {.dir = dir, .read_only = true};
	assay_status st = asy_front_config_path(s->file, s->o->data_dir, dir, sizeof dir, &err);
	if (st == ASSAY_OK)
		st = asy_store_open(&so, &store, &err);
	if (st == ASSAY_OK)
		st = asy_submission_other_sign(store, NULL, snap, hotkey, 0, &x, &err);
	if (st == ASSAY_OK) /* one without a store is a new one: the daemon waits as it must */
		say_other(c, snap, &x);
	asy_store_close(store);
}

/* ---- miners ---- */

static void check_miners(asy_front_checks *c, const asy_options *o, const assay_snapshot *snap,
						 const asy_account *hotkey)
{
	size_t by_reach[4] = {0}, others = 0;
	for (size_t i = 0; i < snap->n; i++) {
		asy_target t;
		if (hotkey != NULL && asy_account_eq(&snap->neuron[i].hotkey, hotkey))
			continue;
		others++;
		by_reach[asy_round_reach(&snap->neuron[i], (uint16_t)i, o->query.allow_private, &t)]++;
	}
	if (by_reach[ASY_REACH_OK] > 0)
		asy_check_say(c, "miners", ASY_CHECK_OK, ASSAY_OK, "%zu of %zu announce an address to ask",
					  by_reach[ASY_REACH_OK], others);
	else
		asy_check_say(c, "miners", ASY_CHECK_BAD, ASSAY_E_CHAIN,
					  "none of %zu can be asked: %zu announce no address, %zu an impossible one, "
					  "%zu a private one%s",
					  others, by_reach[ASY_REACH_NOT_SERVING], by_reach[ASY_REACH_BAD_ADDRESS],
					  by_reach[ASY_REACH_PRIVATE],
					  by_reach[ASY_REACH_PRIVATE] > 0
						  ? " (on a network of your own, set query.allow_private)"
						  : "");
}

/* ---- all of it ---- */

static void check_at(asy_front_checks *c, asy_check_subject *s, asy_front_net *net,
					 const asy_block_ref *head)
{
	assay_snapshot *snap = NULL;
	assay_err err = {0};
	asy_account hotkey = {{0}};
	if (s->key != NULL)
		asy_key_public(s->key, hotkey.b);
	assay_status st = asy_chain_snapshot(net->chain, s->o->netuid, s->o->mecid, head, &snap, &err);
	if (st != ASSAY_OK) {
		(void)asy_check_result(c, "subnet", st, "", &err);
		return;
	}
	check_clock(c, s, snap);
	check_subnet(c, s->o, snap);
	if (s->key != NULL) {
		check_registration(c, s->o, snap, &hotkey);
		check_other(c, s, snap, &hotkey);
	}
	check_miners(c, s->o, snap, s->key != NULL ? &hotkey : NULL);
	if (s->probe && s->key != NULL && s->source_ok && s->plugin != NULL)
		asy_check_probe(c, s, net, snap);
	else if (s->probe)
		asy_check_say(c, "probe", ASY_CHECK_NOTE, ASSAY_OK,
					  "not made: it needs the hotkey, the plugin and a challenge");
	asy_snapshot_free(snap);
}

static assay_status open_node(asy_front_net *net, const asy_front_net_opts *no, asy_block_ref *head,
							  assay_err *err)
{
	assay_status st = asy_front_net_loop(net, err);
	if (st == ASSAY_OK)
		st = asy_front_net_open(net, no, err);
	for (int i = 1; i < NODE_TRIES && st == ASSAY_E_NET; i++) {
		if (asy_loop_sleep(net->loop, NODE_PAUSE_MS) != ASSAY_OK)
			return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
		st = asy_front_net_retry(net, no, err);
	}
	return st == ASSAY_OK ? asy_chain_head(net->chain, head, err) : st;
}

/* One that does not answer is no harm while others do, but nobody would know. */
static void check_endpoints(asy_front_checks *c, asy_check_node *node)
{
	asy_chain_endpoint all[ASY_ENDPOINTS_MAX];
	size_t n = 0;
	uint64_t highest = 0;
	assay_err err = {0};
	assay_status st = asy_chain_survey(node->net.chain, all, &n, &err);
	if (st != ASSAY_OK) {
		(void)asy_check_result(c, "endpoint", st, "", &err);
		return;
	}
	for (size_t i = 0; i < n; i++)
		highest = all[i].height > highest ? all[i].height : highest;
	for (size_t i = 0; i < n; i++) {
		const asy_chain_endpoint *e = &all[i];
		uint64_t behind = highest - e->height;
		if (!e->answers)
			asy_check_say(c, "endpoint", ASY_CHECK_NOTE, ASSAY_OK, "%s does not answer: %s", e->url,
						  e->why);
		else if (behind > BEHIND_MAX)
			asy_check_say(c, "endpoint", ASY_CHECK_NOTE, ASSAY_OK,
						  "%s: block %" PRIu64 ", %" PRIu64 " behind another one", e->url,
						  e->height, behind);
		else
			asy_check_say(c, "endpoint", ASY_CHECK_OK, ASSAY_OK,
						  "%s: block %" PRIu64 ", answers in %.1f ms", e->url, e->height,
						  (double)e->latency_us / 1000);
	}
}

/* True when a node answers; what it says is told once. */
static bool check_node(asy_front_checks *c, const asy_check_subject *s, asy_check_node *node)
{
	const asy_options *o = s->o;
	char ca_file[4096];
	assay_err err = {0};
	asy_chain_info info = {0};
	char text[400] = "", spec[sizeof info.spec_name * 4];
	const asy_front_net_opts no = {
		.endpoints = o->chain.endpoints.at,
		.endpoints_n = o->chain.endpoints.n,
		.call_timeout_ms = o->chain.deadline_ms,
		.http_total = o->query.concurrency,
		.http_per_host = o->query.per_host,
		.ca_file = o->chain.ca_file != NULL ? ca_file : NULL,
	};
	node->tried = true;
	assay_status st = asy_front_ca_file(s->file, o, ca_file, sizeof ca_file, &err);
	if (st == ASSAY_OK)
		st = open_node(&node->net, &no, &node->head, &err);
	if (st == ASSAY_OK) {
		asy_chain_get_info(node->net.chain, &info);
		asy_str_escape(spec, sizeof spec, asy_span_str(info.spec_name)); /* the node's words */
		(void)snprintf(text, sizeof text, "%s %s spec %u, block %" PRIu64, info.endpoint, spec,
					   info.spec_version, node->head.number);
	}
	if (st != ASSAY_E_NET && st != ASSAY_E_TIMEOUT)
		return asy_check_result(c, "chain", st, text, &err);
	asy_check_say(c, "chain", ASY_CHECK_BAD, st, "%s; is the node up, and chain.endpoints right?",
				  err.msg);
	return false;
}

void asy_check_chain(asy_front_checks *c, asy_check_subject *s, asy_check_node *node)
{
	if (!node->tried) {
		node->ok = check_node(c, s, node);
		if (node->ok)
			check_endpoints(c, node);
	}
	if (node->ok)
		check_at(c, s, &node->net, &node->head);
}
