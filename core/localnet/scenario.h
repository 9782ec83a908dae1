/* Scenario: the parsed description of a development chain and its inhabitants, for
 * the files of this module. The schema is documented in docs/localnet.md; the tables
 * in scenario.c are its source.
 * Reason to change: something new that a scenario can say. */
#ifndef ASY_LOCALNET_SCENARIO_H
#define ASY_LOCALNET_SCENARIO_H
#include "localnet/localnet.h"
#include "localnet/tables.h"

enum {
	LNET_SUBNETS_MAX = 64,
	LNET_NEURONS_MAX = 256, /* of one subnet, as on the chain today */
	LNET_KEY_MAX = 96,
	LNET_TASK_MAX = 32,
	LNET_PATH_MAX = 1024,
	LNET_ANSWERS_MAX = 2048,
	LNET_WORDS_MAX = 32, /* of a command */
	LNET_HYPER_N = 20,
	/* rows of asy_lnet_hyper that others look at */
	LNET_HYPER_VERSION_KEY = 9,
	LNET_HYPER_COMMIT_REVEAL = 11,
	LNET_HYPER_REVEAL_PERIOD = 12,
	LNET_HYPER_MAX_UIDS = 14
};

typedef enum {
	LNET_HONEST,    /* the reference answer, degraded by (1 - skill) */
	LNET_LAZY,      /* the same answer to everything                 */
	LNET_COPIER,    /* asks another miner and relays its answer      */
	LNET_GARBAGE,   /* 2 KiB of random bytes                         */
	LNET_SLOW,      /* a good answer after delay_ms                  */
	LNET_OVERSIZED, /* streams up to 1 GB                            */
	LNET_SILENT,    /* accepts and never answers                     */
	LNET_DEEP,      /* JSON nested 10,000 levels                     */
	LNET_TRUNCATED, /* the first half of a good answer               */
	LNET_PADDED,    /* a good answer, its texts blown up to 64 KiB   */
	LNET_TWISTED    /* the shape of a good answer with absurd values */
} lnet_behaviour;
const char *asy_lnet_behaviour_name(lnet_behaviour b);

typedef enum {
	LNET_RIVAL_HONEST, /* weights from the skills of the scenario, with noise   */
	LNET_RIVAL_COPIER, /* last epoch's consensus                                */
	LNET_RIVAL_BIASED  /* honest, but one favourite gets far more: to be clipped */
} lnet_strategy;
const char *asy_lnet_strategy_name(lnet_strategy s);

/* Where the right answers of scripted miners come from. */
typedef enum {
	LNET_ANSWERS_FILE,    /* lines with prompt and answer */
	LNET_ANSWERS_COMMAND, /* a program: the request on its standard input, the answer on its
						   * standard output */
	LNET_ANSWERS_UPSTREAM /* an HTTP server: POST of the request, the answer as its body */
} lnet_answers_kind;
typedef struct {
	lnet_answers_kind kind;
	char text[LNET_ANSWERS_MAX]; /* path, URL, or arguments, each ended by a NUL */
	size_t words;                /* command: how many arguments */
	uint32_t timeout_ms;
} lnet_answers_spec;

typedef struct {
	char key[LNET_KEY_MAX], coldkey[LNET_KEY_MAX];
	asy_localnet_role role;
	uint64_t alpha, tao; /* stake, rao */
	uint16_t port;       /* miners; 0 = any free one */
	/* miners */
	lnet_behaviour behaviour;
	double skill;
	uint32_t copies, delay_ms;  /* copies: index among the miners */
	lnet_answers_spec *answers; /* owned; NULL = as the subnet */
	/* validators and rivals */
	bool permit;
	lnet_strategy strategy;
	double noise;
	uint32_t favours; /* index among the miners */
} lnet_neuron;

typedef struct {
	uint16_t netuid, tempo;
	char name[64], task[LNET_TASK_MAX], owner[LNET_KEY_MAX];
	char plugin[LNET_PATH_MAX], dataset[LNET_PATH_MAX]; /* "" = by the task's name */
	char *plugin_config;                                /* canonical JSON, owned; NULL = none */
	lnet_answers_spec *answers;                         /* owned; NULL = the samples of the task */
	uint64_t emission;                                  /* alpha per block, rao */
	uint64_t hyper[LNET_HYPER_N];
	uint16_t alpha_low, alpha_high;
	lnet_neuron *neuron; /* by uid: validators, rivals, miners */
	size_t neurons_n, miners_at;
	bool one_port; /* its miners share one */
} lnet_subnet;

struct asy_scenario {
	char name[64], samples[256];
	uint64_t spec, seed, block_ms, timestamp_step_ms, genesis_ms, finality_lag, history;
	uint64_t stake_threshold, tao_weight, max_epochs, balance;
	uint16_t rpc_port;
	lnet_subnet *subnet;
	size_t subnets_n;
};

/* Which storage item hyper[i] is, and what a scenario calls it. */
typedef struct {
	const char *key;
	lnet_item item;
	uint64_t least, most, standard;
} lnet_hyper_row;
extern const lnet_hyper_row asy_lnet_hyper[LNET_HYPER_N];
#endif
