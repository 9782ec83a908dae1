/* localnet: a development chain in one process, with scripted miners and rival
 * validators that talk over the real protocols. It imitates a subtensor node at
 * spec version 475 on loopback: JSON-RPC over HTTP POST, SCALE state, signed
 * extrinsics, hash commit-reveal, epochs by the same Yuma as the prediction.
 * It refuses to be a public node: it listens on loopback only and keeps nothing
 * on disk. What it serves, the scenario schema and the behaviours of the scripted
 * miners are documented in docs/localnet.md.
 * Reason to change: what `assay localnet` and the tests may ask of it. */
#ifndef ASY_LOCALNET_H
#define ASY_LOCALNET_H
#include "base/base.h"

/* ---- scenario (scenario.c): what the chain begins with and who lives on it ----
 * Strict JSON: an unknown key is an error that names the nearest known one; every
 * number has a range. The object is immutable after parsing. */

typedef struct asy_scenario asy_scenario;
/* text is borrowed for the call. ASSAY_E_CONFIG with the path of the offence. [pure] */
assay_status asy_scenario_parse(assay_span text, asy_scenario **out, assay_err *err) ASSAY_CHECKED;
void asy_scenario_free(asy_scenario *s);

/* What a validator of a subnet must know. Texts are borrowed from the scenario. */
typedef struct {
	uint16_t netuid, tempo;
	uint16_t rpc_port;         /* of the chain; 0 = known only once it runs */
	uint64_t block_ms;         /* 0 = blocks on request only */
	const char *task;          /* "text": names route, plugin and sample challenges */
	const char *plugin;        /* "" = <task>.so; a name, or a path with a slash */
	const char *plugin_config; /* JSON; NULL = none */
	const char *dataset;       /* path; "" = the samples of the task */
	bool answers_anything;     /* miners answer by a program or server: any question will do */
	const char *samples;       /* folder of sample challenges */
	const char *validator;     /* key of the first neuron that nobody plays; NULL = none */
} asy_scenario_subnet;
/* ASSAY_E_NOTFOUND names the subnets that there are. */
assay_status asy_scenario_find(const asy_scenario *s, uint64_t netuid, asy_scenario_subnet *out,
							   assay_err *err) ASSAY_CHECKED;

/* ---- the running localnet (localnet.c) ---- */

typedef struct asy_localnet asy_localnet;

typedef struct {
	asy_clock *clock;    /* required: freshness of requests, log stamps            */
	asy_rng *rng;        /* required: nonces of the rivals' signatures             */
	asy_logger *log;     /* may be NULL                                            */
	const char *samples; /* folder of sample sets; NULL = as the scenario says */
	const char *folder;  /* what relative paths of the scenario start from; NULL = "." */
	int rpc_port;        /* -1 = as the scenario says, 0 = any free one            */
	bool without_rivals; /* rival validators stay registered but never act         */
} asy_localnet_opts;

typedef enum { ASY_ROLE_VALIDATOR, ASY_ROLE_RIVAL, ASY_ROLE_MINER } asy_localnet_role;

/* One row per neuron, in (netuid, uid) order: enough for a table of who is who. */
typedef struct {
	uint16_t netuid, uid, port; /* port 0: not a miner */
	asy_localnet_role role;
	const char *task;      /* of the subnet: "text", "stt", ...                  */
	const char *key_uri;   /* development key, e.g. "//Alice//text//v0"         */
	const char *behaviour; /* miner: "honest", "lazy", ...; rival: its strategy */
	double skill;          /* miner, 0..1                                       */
	uint8_t hotkey[32];
} asy_localnet_neuron;

/* Builds genesis, binds every port on 127.0.0.1 and starts the two threads (one
 * serves the chain and the miners, one plays the rivals). When it returns the
 * node answers. Signals stay with the caller: block them before the call if the
 * threads must not see them. sc is borrowed until stop. [any] */
assay_status asy_localnet_start(const asy_scenario *sc, const asy_localnet_opts *opts,
								asy_localnet **out, assay_err *err) ASSAY_CHECKED;
/* Stops block production, closes every socket, joins the threads and frees; at once,
 * also with requests in flight. NULL is fine. */
void asy_localnet_stop(asy_localnet *ln);
/* False once a thread had to give up; the reason goes to err. */
bool asy_localnet_is_alive(asy_localnet *ln, assay_err *err);

/* "http://127.0.0.1:PORT"; borrowed. */
const char *asy_localnet_url(const asy_localnet *ln);
uint16_t asy_localnet_port(const asy_localnet *ln);
/* Borrowed rows. */
size_t asy_localnet_neurons(const asy_localnet *ln, const asy_localnet_neuron **out);
/* The same as JSON: {"url", "block_ms", "subnets": [{"netuid", "task", "tempo",
 * "neurons": [...]}]}. */
assay_status asy_localnet_describe(const asy_localnet *ln, asy_buf *out,
								   assay_err *err) ASSAY_CHECKED;
#endif
