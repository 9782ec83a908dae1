/* assayd: one subnet, one hotkey, one data directory. This file builds what the driver needs from
 * the configuration and hands it over; it decides nothing about rounds. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "front/front.h"
#include "front/net.h"
#include "round/round.h"

#ifdef ASSAY_TEST_KILL
void assay_test_kill_point(void *arg, const char *point);
#endif

typedef struct {
	const char *config_file;
	asy_config *config;
	const asy_options *o;
	uint64_t rounds, cpu_mask;
	asy_logger log;
	asy_key *key;
	asy_front_net net;
	asy_store *store;
	asy_plugin *plugin;
	asy_dataset *dataset;
	asy_buf config_json;
} daemon_state;

static assay_status path_of(const daemon_state *s, const char *path, char out[4096], assay_err *err)
{
	return asy_front_config_path(s->config_file, path, out, 4096, err);
}

/* ---- plugin and challenges ---- */

static bool interrupted(void *arg)
{
	return asy_loop_interrupted(arg);
}

static assay_status open_plugin(daemon_state *s, assay_err *err)
{
	char plugin[4096], worker[4096];
	const asy_options *o = s->o;
	assay_status st = path_of(s, o->plugin.path, plugin, err);
	if (st == ASSAY_OK)
		st = o->worker_path != NULL
				 ? path_of(s, o->worker_path, worker, err)
				 : asy_front_find_program("assay-worker", worker, sizeof worker, err);
	if (st != ASSAY_OK)
		return st;
	asy_plugin_opts po = {
		.path = plugin,
		.config = asy_span_str(o->plugin.config),
		.isolation =
			o->plugin.isolation == ASY_CFG_IN_PROCESS ? ASY_ISOLATION_NONE : ASY_ISOLATION_WORKER,
		.worker_path = worker,
		.grant = o->plugin.needs_granted | ASY_PLUGIN_GRANT_DEFAULT,
		.soft_ns = (uint64_t)o->plugin.soft_ms * 1000000u,
		.hard_ns = (uint64_t)(o->plugin.hard_ms - o->plugin.soft_ms) * 1000000u + 1,
		.stall_ns = (uint64_t)o->plugin.stall_ms * 1000000u,
		.clock = asy_sys_clock(),
		.log = &s->log,
		.interrupted = interrupted,
		.interrupted_arg = s->net.loop,
	};
	st = asy_plugin_open(&po, &s->plugin, err);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "plugin.path %s", plugin);
}

/* An operator's SIGUSR1. */
static void release_plugin(void *arg)
{
	daemon_state *s = arg;
	asy_plugin_release(s->plugin);
}

/* Where questions come from is known before anything is asked. */
static assay_status check_challenges(const daemon_state *s, assay_err *err)
{
	const asy_plugin_about *a = asy_plugin_info(s->plugin);
	if (s->dataset != NULL || a->makes_challenges)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_CONFIG,
					  "dataset.path is not set and %s makes no challenges of its own; give a "
					  "file of challenges",
					  a->id);
}

static assay_status load_dataset(daemon_state *s, assay_err *err)
{
	char path[4096];
	asy_buf text = {.max = ASY_DATASET_MAX};
	if (s->o->dataset.path == NULL)
		return ASSAY_OK;
	assay_status st = path_of(s, s->o->dataset.path, path, err);
	if (st == ASSAY_OK)
		st = asy_front_read_file(path, ASY_DATASET_MAX, &text, err);
	if (st == ASSAY_OK)
		st = asy_dataset_parse(asy_buf_span(&text), path, &s->dataset, err);
	asy_buf_fini(&text);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "dataset.path");
}

/* ---- store ---- */

static assay_status open_store(daemon_state *s, assay_err *err)
{
	char dir[4096];
	assay_status st = path_of(s, s->o->data_dir, dir, err);
	if (st != ASSAY_OK)
		return st;
	asy_store_options so = {.dir = dir};
#ifdef ASSAY_TEST_KILL
	/* Built into a test's copy of this program only: dies at a chosen commit. */
	so.kill_point = assay_test_kill_point;
#endif
	return asy_store_open(&so, &s->store, err);
}

/* ---- the run ---- */

static assay_status run(daemon_state *s, assay_err *err)
{
	asy_driver *driver = NULL;
	asy_driver_env env = {
		.options = s->o,
		.clock = asy_sys_clock(),
		.rng = asy_sys_rng(),
		.log = &s->log,
		.loop = s->net.loop,
		.http = s->net.http,
		.chain = s->net.chain,
		.store = s->store,
		.plugin = s->plugin,
		.dataset = s->dataset,
		.key = s->key,
		.cpu_mask = s->cpu_mask,
		.rounds = s->rounds,
	};
	assay_status st = asy_config_digest(s->config, env.config_digest, err);
	if (st == ASSAY_OK)
		st = asy_config_canonical(s->config, &s->config_json, err);
	env.config_json = asy_buf_span(&s->config_json);
	if (st == ASSAY_OK)
		st = asy_driver_new(&env, &driver, err);
	if (st == ASSAY_OK) {
		st = asy_driver_run(driver, err);
		asy_driver_totals t = asy_driver_get_totals(driver);
		asy_log(&s->log, ASY_INFO, "daemon.stop", ASY_U64("rounds", t.rounds_begun),
				ASY_U64("counted", t.counted), ASY_U64("missed", t.missed),
				ASY_U64("mismatches", t.mismatches));
		if (st == ASSAY_OK && t.mismatches > 0)
			st = ASSAY_FAIL(err, E_MISMATCH,
							"the chain's epoch differed from ours %" PRIu64
							" times; see the COUNTED records (assay replay)",
							t.mismatches);
	}
	asy_driver_free(driver);
	return st;
}

/* Cheap and local things first, so that a mistake shows before anything is touched. */
static assay_status build(daemon_state *s, assay_err *err)
{
	assay_status st = asy_front_guard_secrets(err);
	if (st == ASSAY_OK)
		st = asy_crypto_init(err);
	if (st == ASSAY_OK)
		st = asy_front_cpu(s->o->cpu, &s->cpu_mask, err);
	if (st == ASSAY_OK)
		st = asy_front_load_key(s->config_file, s->o, &s->key, err);
	if (st == ASSAY_OK)
		st = load_dataset(s, err);
	if (st == ASSAY_OK)
		st = asy_front_net_loop(&s->net, err);
	if (st == ASSAY_OK)
		st = open_store(s, err);
	if (st == ASSAY_OK)
		st = open_plugin(s, err);
	if (st == ASSAY_OK)
		st = check_challenges(s, err);
	if (st == ASSAY_OK)
		st = asy_loop_on_request(s->net.loop, release_plugin, s, err);
	if (st == ASSAY_OK) {
		asy_front_net_opts wo = {
			.endpoints = s->o->chain.endpoints.at,
			.endpoints_n = s->o->chain.endpoints.n,
			.key = s->key,
			.log = &s->log,
			.call_timeout_ms = s->o->chain.deadline_ms,
			.http_total = s->o->query.concurrency,
			.http_per_host = s->o->query.per_host,
			.wait_for_node = true,
		};
		st = asy_front_net_open(&s->net, &wo, err);
	}
	return st;
}

static void tear_down(daemon_state *s)
{
	asy_plugin_close(s->plugin);
	asy_front_net_close(&s->net);
	asy_store_close(s->store);
	asy_dataset_free(s->dataset);
	asy_key_free(s->key);
	asy_buf_fini(&s->config_json);
	asy_config_free(s->config);
}

int main(int argc, char **argv)
{
	daemon_state s = {0};
	asy_front_list sets = {0};
	bool check = false, version = false;
	const asy_front_opt opts[] = {
		{"config", ASY_FRONT_STR, &s.config_file, "FILE", "the configuration (JSON); required"},
		{"set", ASY_FRONT_LIST, &sets, "PATH=VALUE", "override one option; may be repeated"},
		{"rounds", ASY_FRONT_U64, &s.rounds, "N",
		 "begin N rounds, see them through, exit (default: for ever)"},
		{"check", ASY_FRONT_FLAG, &check, NULL, "check the configuration and exit"},
		{"version", ASY_FRONT_FLAG, &version, NULL, "print the version and exit"},
	};
	const asy_front_usage usage = {
		"assayd --config FILE [options]",
		"Runs the validator of one subnet: asks miners, scores, sets weights by commit and "
		"reveal,\n"
		"and checks every epoch against its own arithmetic. Stop it with Ctrl-C or SIGTERM: all\n"
		"work is on disk, and the next start continues with it.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	assay_err err = {0};

	(void)signal(SIGPIPE, SIG_IGN);
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, &code))
		return code;
	if (version) {
		(void)printf("assayd %s\n", assay_version());
		return 0;
	}
	if (s.config_file == NULL) {
		(void)fprintf(stderr, "assayd: needs --config FILE (assayd --help)\n");
		return assay_status_exit(ASSAY_E_USAGE);
	}
	assay_status st = asy_front_load_config(s.config_file, sets.at, sets.n, &s.config, &err);
	if (st == ASSAY_OK && !check) {
		s.o = asy_config_get(s.config);
		s.log = (asy_logger){.out = stderr,
							 .least = s.o->log.level,
							 .json = s.o->log.format == ASY_CFG_JSON,
							 .clock = asy_sys_clock()};
		st = build(&s, &err);
		if (st == ASSAY_OK)
			st = run(&s, &err);
	}
	/* Being asked to stop is not a failure. */
	if (st == ASSAY_E_CANCELLED && !check)
		st = ASSAY_OK;
	/* The last line is for whoever reads the others. */
	bool for_machines = s.log.out != NULL && s.log.json;
	if (st != ASSAY_OK && for_machines)
		asy_log(&s.log, ASY_BROKEN, "daemon.failed",
				ASY_STR("error", err.msg[0] != '\0' ? err.msg : assay_status_text(st)),
				ASY_I64("exit_code", assay_status_exit(st)));
	tear_down(&s);
	if (st == ASSAY_OK || for_machines)
		return assay_status_exit(st);
	return asy_front_fail(NULL, st, &err);
}
