/* assayd: one subnet, one hotkey, one data directory. This file builds what the driver needs from
 * the configuration and hands it over; it decides nothing about rounds. */
#include <signal.h>
#include "front/front.h"
#include "front/check.h"
#include "front/net.h"
#include "front/start.h"
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

static assay_status open_challenges(daemon_state *s, assay_err *err)
{
	assay_status st = asy_front_load_dataset(s->config_file, s->o, &s->dataset, err);
	if (st == ASSAY_OK)
		st = asy_front_open_plugin(s->config_file, s->o, &s->log, s->net.loop, &s->plugin, err);
	return st == ASSAY_OK ? asy_front_check_source(s->plugin, s->dataset, err) : st;
}

/* An operator's SIGUSR1. */
static void release_plugin(void *arg)
{
	daemon_state *s = arg;
	asy_plugin_release(s->plugin);
}

static assay_status open_store(daemon_state *s, assay_err *err)
{
	char dir[ASY_FRONT_PATH];
	assay_status st = asy_front_make_data_dir(s->config_file, s->o, dir, sizeof dir, err);
	if (st != ASSAY_OK)
		return st;
	asy_store_options so = {.dir = dir};
#ifdef ASSAY_TEST_KILL
	/* Built into a test's copy of this program only: dies at a chosen commit. */
	so.kill_point = assay_test_kill_point;
#endif
	return asy_store_open(&so, &s->store, err);
}

/* ---- the first line ---- */

/* The next epoch's block, and how far off it is; false where the chain cannot say now. */
static bool next_epoch(asy_chain *c, uint16_t netuid, uint64_t *block, double *minutes)
{
	asy_block_ref head;
	asy_epoch_state e;
	double block_s = 12;
	if (asy_chain_head(c, &head, NULL) != ASSAY_OK ||
		asy_chain_epoch_state(c, netuid, &head, &e, NULL) != ASSAY_OK ||
		asy_schedule_next_epoch(&e, head.number, block, NULL) != ASSAY_OK ||
		asy_chain_block_time(c, &head, block_s, &block_s, NULL) != ASSAY_OK)
		return false;
	*minutes = (double)(*block - head.number) * block_s / 60;
	return true;
}

/* Who runs, with what, where, and until when nothing much will be seen. */
static void announce(daemon_state *s)
{
	char hotkey[ASY_SS58_LEN];
	uint8_t id[32];
	uint64_t block = 0;
	double minutes = 0;
	asy_chain_info chain;
	const asy_plugin_about *plugin = asy_plugin_info(s->plugin);
	bool known = next_epoch(s->net.chain, s->o->netuid, &block, &minutes);
	asy_chain_get_info(s->net.chain, &chain);
	asy_key_public(s->key, id);
	asy_ss58_encode(id, hotkey);
	asy_log(&s->log, ASY_INFO, "daemon.start", ASY_STR("version", assay_version()),
			ASY_U64("netuid", s->o->netuid), ASY_STR("hotkey", hotkey),
			ASY_STR("plugin", plugin->id), ASY_STR("plugin_version", plugin->version),
			ASY_STR("node", chain.endpoint), ASY_IF(known, ASY_U64("next_epoch_block", block)),
			ASY_IF(known, ASY_F64("next_epoch_minutes", minutes)));
}

/* ---- the run ---- */

static assay_status run(daemon_state *s, assay_err *err)
{
	asy_task *driver = NULL;
	asy_task_env env = {
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
		st = asy_task_new(&env, &driver, err);
	if (st == ASSAY_OK) {
		announce(s);
		st = asy_task_run(driver, err);
		asy_task_totals t = asy_task_get_totals(driver);
		asy_log(&s->log, ASY_INFO, "daemon.stop", ASY_U64("rounds", t.rounds_begun),
				ASY_U64("counted", t.counted), ASY_U64("missed", t.missed),
				ASY_U64("mismatches", t.mismatches));
		if (st == ASSAY_OK && t.mismatches > 0)
			st = ASSAY_FAIL(err, E_MISMATCH,
							"the chain's epoch differed from ours %" PRIu64
							" times; see the COUNTED records (assay replay)",
							t.mismatches);
	}
	asy_task_free(driver);
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
		st = asy_front_net_loop(&s->net, err);
	if (st == ASSAY_OK)
		st = open_challenges(s, err);
	if (st == ASSAY_OK)
		st = asy_loop_on_request(s->net.loop, release_plugin, s, err);
	if (st == ASSAY_OK)
		st = open_store(s, err);
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

/* What a start needs, without starting. */
static int check_only(const daemon_state *s, const asy_front_list *sets, bool probe, bool json)
{
	asy_front_checks c;
	asy_front_checks_begin(&c, json);
	asy_front_check_machine(&c);
	asy_front_check_config(&c, s->config_file, sets->at, sets->n, probe);
	return asy_front_checks_end(&c);
}

static assay_status start(daemon_state *s, const asy_front_list *sets, assay_err *err)
{
	assay_status st = asy_front_load_config(s->config_file, sets->at, sets->n, &s->config, err);
	if (st != ASSAY_OK)
		return st;
	s->o = asy_config_get(s->config);
	s->log = (asy_logger){.out = stderr,
						  .least = s->o->log.level,
						  .json = s->o->log.format == ASY_CFG_JSON,
						  .clock = asy_sys_clock()};
	st = build(s, err);
	if (st == ASSAY_OK)
		st = run(s, err);
	/* Being asked to stop is not a failure. */
	return st == ASSAY_E_CANCELLED ? ASSAY_OK : st;
}

/* The last line is for whoever reads the others. */
static int end(daemon_state *s, assay_status st, const assay_err *err)
{
	bool for_machines = s->log.out != NULL && s->log.json;
	if (st != ASSAY_OK && for_machines)
		asy_log(&s->log, ASY_BROKEN, "daemon.failed",
				ASY_STR("error", err->msg[0] != '\0' ? err->msg : assay_status_text(st)),
				ASY_I64("exit_code", assay_status_exit(st)));
	tear_down(s);
	if (st == ASSAY_OK || for_machines)
		return assay_status_exit(st);
	return asy_front_fail(NULL, st, err);
}

int main(int argc, char **argv)
{
	daemon_state s = {0};
	asy_front_list sets = {0};
	bool check = false, probe = false, json = false, version = false;
	const asy_front_opt opts[] = {
		{"config", ASY_FRONT_STR, &s.config_file, "FILE", "the configuration (JSON); required"},
		{"set", ASY_FRONT_LIST, &sets, "PATH=VALUE", "override one option; may be repeated"},
		{"rounds", ASY_FRONT_U64, &s.rounds, "N",
		 "begin N rounds, see them through, exit (default: for ever)"},
		{"check", ASY_FRONT_FLAG, &check, NULL,
		 "check all that a start needs, here and on the chain, and exit; as `assay doctor`"},
		{"probe", ASY_FRONT_FLAG, &probe, NULL,
		 "with --check: also ask up to 16 miners one challenge"},
		{"json", ASY_FRONT_FLAG, &json, NULL, "with --check: machine-readable"},
		{"version", ASY_FRONT_FLAG, &version, NULL, "print the version and exit"},
	};
	const asy_front_usage usage = {
		"assayd --config FILE [options]",
		"Runs the validator of one subnet: asks miners, scores, sets weights by commit and "
		"reveal, and checks every epoch against its own arithmetic. Stop it with Ctrl-C or "
		"SIGTERM: all work is on disk, and the next start continues with it.",
		opts, ASY_COUNT(opts)};
	const char *file;
	size_t n;
	int code;
	assay_err err = {0};

	(void)signal(SIGPIPE, SIG_IGN);
	if (!asy_front_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	if (n > 0)
		return asy_front_misuse(NULL, "unexpected argument '%s'; did you mean --config %s?", file,
								file);
	if (version) {
		(void)printf("assayd %s\n", assay_version());
		return 0;
	}
	if (s.config_file == NULL)
		return asy_front_misuse(NULL, "needs --config FILE");
	if ((probe || json) && !check)
		return asy_front_misuse(NULL, "--probe and --json go with --check");
	if (check)
		return check_only(&s, &sets, probe, json);
	assay_status st = start(&s, &sets, &err);
	return end(&s, st, &err);
}
