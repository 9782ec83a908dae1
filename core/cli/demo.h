/* cli/demo.h - the demo's shared state: one development chain, one daemon per subnet,
 * and an observer that checks every epoch on its own.
 * Reason to change: what the demo keeps about a subnet. */
#ifndef ASY_CLI_DEMO_H
#define ASY_CLI_DEMO_H
#include <stdio.h>
#include "cli/localnet_config.h"
#include "cli/forecasts.h"
#include "front/front.h"
#include "front/net.h"
#include "localnet/localnet.h"
#include "submission/submission.h"
#include "store/store.h"

#define DEMO_SUBNETS_MAX 16u
#define DEMO_EPOCHS_MAX 4096u

typedef struct {
	const char *scenario, *plugins, *samples, *json, *keep;
	uint64_t rounds, timeout_s;
	int port; /* of the chain; 0 = any free one */
	bool quiet;
	const localnet_folders *folders;
} demo_args;

/* One epoch of one subnet, checked by the observer from the chain alone. */
typedef struct {
	uint64_t block;
	bool equal;
	char where[128];
} demo_epoch;

/* One miner's line of the final table. */
typedef struct {
	uint16_t uid;
	const char *behaviour;
	double skill;
	double score;                /* that the weight was made from; NaN: no observation */
	uint16_t weight;             /* as stored, 0 = not in the row */
	int64_t share, clipped;      /* I32F32 */
	uint16_t verified, on_chain; /* consensus: computed here, and the chain's */
} demo_row;

/* One sealed vector and how far it came, from the daemon's own store. */
#define DEMO_RECEIPTS_MAX 16u
typedef struct {
	uint64_t id, round; /* round: the newest one that it was made from */
	char hash[65];
	asy_sub_state state;
	struct {
		asy_sub_state state;
		uint64_t time_ns;
	} receipt[DEMO_RECEIPTS_MAX];
	size_t receipt_n;
} demo_submission;

typedef struct {
	uint16_t netuid, uid; /* uid: our validator's */
	const char *task, *key_uri;
	uint8_t hotkey[32];
	char dir[4096], log_path[4200];
	int pid;
	bool exited;
	int exit_code;
	FILE *log; /* read side, for progress */
	uint64_t last_step;
	uint64_t counted; /* vectors, as the log says while it runs */
	demo_epoch *epoch;
	size_t epoch_n;
	demo_submission *submission;
	size_t submission_n;
	demo_row *row;
	size_t row_n;
	uint64_t table_block;    /* the epoch shown in the table */
	cli_forecasts forecasts; /* made before sealing, and what came */
	bool all_counted, all_equal, ranked;
	char ranked_why[160];
} demo_subnet;

typedef struct {
	demo_args args;
	asy_scenario *scenario;
	asy_localnet *localnet;
	const asy_localnet_neuron *neuron;
	size_t neuron_n;
	asy_front_net net;
	asy_logger log;
	char dir[4096]; /* absolute */
	bool own_dir;   /* made by us: removed at the end unless --keep */
	demo_subnet subnet[DEMO_SUBNETS_MAX];
	size_t subnet_n;
	uint64_t started_ns;
	uint64_t cpu_mask;
	FILE *out; /* progress and tables: standard error when the JSON goes to standard output */
	bool is_terminal;
} demo;

/* demo_daemon.c: writes the configuration, starts assayd, follows its log. */
assay_status demo_start_daemon(demo *d, demo_subnet *s, assay_err *err) ASSAY_CHECKED;
void demo_follow(demo *d, demo_subnet *s);
void demo_stop_daemons(demo *d);
/* demo_check.c: the observer. */
assay_status demo_observe(demo *d, demo_subnet *s, const asy_block_ref *head,
						  assay_err *err) ASSAY_CHECKED;
/* demo_table.c: after the run, from the chain and the daemon's store. */
assay_status demo_collect(demo *d, demo_subnet *s, assay_err *err) ASSAY_CHECKED;
assay_status demo_json(const demo *d, bool ok, asy_buf *out, assay_err *err) ASSAY_CHECKED;

/* demo_print.c. "[  12.3 s] text     round 2 revealed" on d->out. */
void demo_say(const demo *d, const char *who, const char *fmt, ...) ASSAY_PRINTF(3, 4);
void demo_progress(const demo *d, uint64_t block);
void demo_progress_end(const demo *d);
void demo_print(const demo *d, const demo_subnet *s);
void demo_print_summary(const demo *d);

/* The whole demo; returns the exit code. */
int demo_run(const demo_args *args);
#endif
