/* assayd: a validator of one subnet or of many, in one process. This file is its command line,
 * its start and its end; entry.c has the life of a task, and nothing here decides anything about
 * rounds or weights. */
#include <signal.h>
#include "daemon/daemon.h"
#include "front/check.h"
#include "seal/seal.h"

/* ---- start ---- */

static assay_status make_entries(daemon_state *d, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < asy_config_task_n(d->config); i++) {
		daemon_entry *e;
		if (asy_front_wants(d->wanted, asy_config_task_name(d->config, i)))
			st = daemon_entry_new(d, d->config, i, &e, err);
	}
	return st;
}

/* All of them before the password is forgotten. One that cannot be loaded is its task's
 * trouble, told when the task is opened. */
static void load_hotkeys(daemon_state *d)
{
	for (daemon_entry *e = d->entries; e != NULL; e = e->next)
		e->key_st = daemon_load_hotkey(e, &e->err);
	asy_front_forget_password();
}

/* An operator's SIGUSR1. */
static void release_plugins(void *arg)
{
	for (daemon_entry *e = ((daemon_state *)arg)->entries; e != NULL; e = e->next) {
		if (e->plugin != NULL)
			asy_plugin_release(e->plugin);
	}
}

static assay_status begin(daemon_state *d, assay_err *err)
{
	const asy_options *o = asy_config_get(d->config);
	char ca_file[4096];
	const asy_front_net_opts no = {.http_total = 64,
								   .http_per_host = 16,
								   .ca_file = o->chain.ca_file != NULL ? ca_file : NULL};
	assay_status st = asy_front_guard_secrets(err);
	if (st == ASSAY_OK)
		st = asy_crypto_init(err);
	if (st == ASSAY_OK)
		st = asy_timelock_self_test(err);
	if (st == ASSAY_OK)
		st = asy_front_cpu(o->cpu, &d->cpu_mask, err);
	if (st == ASSAY_OK)
		st = asy_front_check_wanted(d->config, d->wanted, err);
	if (st == ASSAY_OK)
		st = asy_front_ca_file(d->config_file, o, ca_file, sizeof ca_file, err);
	if (st == ASSAY_OK)
		st = asy_front_net_loop(&d->net, err);
	if (st == ASSAY_OK)
		st = asy_front_net_http(&d->net, &no, err);
	if (st == ASSAY_OK)
		st = make_entries(d, err);
	if (st != ASSAY_OK)
		return st;
	load_hotkeys(d);
	st = asy_loop_on_request(d->net.loop, ASY_ASKED_RELEASE, release_plugins, d, err);
	if (st == ASSAY_OK)
		st = daemon_watch_reload(d, err);
	if (st == ASSAY_OK)
		st = daemon_watch_lag(d, err);
	for (daemon_entry *e = d->entries; st == ASSAY_OK && e != NULL; e = e->next)
		st = daemon_entry_begin(e, err);
	return st;
}

/* ---- the run ---- */

/* Over, or never once open: then nothing is left to wait for. A task that is being changed has
 * no life for a moment. */
static bool is_done(void *arg)
{
	const daemon_state *d = arg;
	bool over = !d->is_reloading, hopeless = !d->is_reloading;
	for (const daemon_entry *e = d->entries; e != NULL; e = e->next) {
		over = over && daemon_entry_is_over(e);
		hopeless = hopeless && e->failures > 0 && !e->was_running;
	}
	return over || hopeless;
}

/* The first task that failed speaks for all. */
static assay_status outcome(const daemon_state *d, assay_err *err)
{
	uint64_t mismatches = 0;
	for (const daemon_entry *e = d->entries; e != NULL; e = e->next) {
		mismatches += e->totals.mismatches;
		if (e->st == ASSAY_OK)
			continue;
		*err = e->err;
		return asy_config_has_tasks(d->config) ? assay_err_at(err, e->st, "task %s", e->name)
											   : e->st;
	}
	if (mismatches > 0)
		return ASSAY_FAIL(err, E_MISMATCH,
						  "the chain's epoch differed from ours %" PRIu64
						  " times; see the COUNTED records (assay replay)",
						  mismatches);
	return ASSAY_OK;
}

static void tear_down(daemon_state *d)
{
	asy_co_end(d->reloading);
	daemon_end_lag(d);
	while (d->entries != NULL) {
		daemon_entry *e = d->entries;
		d->entries = e->next;
		daemon_entry_free(e);
	}
	daemon_free_hotkeys(d);
	asy_front_net_close(&d->net);
	asy_config_free(d->config);
}

/* What a start needs, without starting. */
static int check_only(const daemon_state *d, bool probe, bool json)
{
	const asy_front_check_what what = {d->config_file, d->sets, d->wanted, probe};
	asy_front_checks c;
	asy_front_checks_begin(&c, json);
	asy_front_check_machine(&c);
	asy_front_check_config(&c, &what);
	return asy_front_checks_end(&c);
}

static assay_status run(daemon_state *d, assay_err *err)
{
	assay_status st =
		asy_front_load_config(d->config_file, d->sets->at, d->sets->n, &d->config, err);
	if (st != ASSAY_OK)
		return st;
	const asy_options *o = asy_config_get(d->config);
	d->log = (asy_logger){.out = stderr,
						  .least = o->log.level,
						  .json = o->log.format == ASY_CFG_JSON,
						  .clock = asy_sys_clock()};
	st = begin(d, err);
	if (st == ASSAY_OK)
		st = asy_loop_run_until(d->net.loop, is_done, d, ASY_NEVER);
	/* Being asked to stop is not a failure. */
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_OK;
	return st == ASSAY_OK ? outcome(d, err) : st;
}

/* The last line is for whoever reads the others. */
static int end(daemon_state *d, assay_status st, const assay_err *err)
{
	bool for_machines = d->log.out != NULL && d->log.json;
	if (st != ASSAY_OK && for_machines)
		asy_log(&d->log, ASY_BROKEN, "daemon.failed",
				ASY_STR("error", err->msg[0] != '\0' ? err->msg : assay_status_text(st)),
				ASY_I64("exit_code", assay_status_exit(st)));
	tear_down(d);
	if (st == ASSAY_OK || for_machines)
		return assay_status_exit(st);
	return asy_front_fail(NULL, st, err);
}

int main(int argc, char **argv)
{
	asy_front_list sets = {0}, tasks = {0};
	daemon_state d = {.sets = &sets, .wanted = &tasks};
	bool check = false, probe = false, json = false, version = false;
	const asy_front_opt opts[] = {
		{"config", ASY_FRONT_STR, &d.config_file, "FILE", "the configuration (JSON); required"},
		{"set", ASY_FRONT_LIST, &sets, "PATH=VALUE", "override one option; may be repeated"},
		{"task", ASY_FRONT_LIST, &tasks, "NAME",
		 "run only this task of the configuration's list; may be repeated"},
		{"rounds", ASY_FRONT_U64, &d.rounds, "N",
		 "begin N rounds in each task, see them through, exit (default: for ever)"},
		{"check", ASY_FRONT_FLAG, &check, NULL,
		 "check all that a start needs, here and on the chain, and exit; as `assay doctor`"},
		{"probe", ASY_FRONT_FLAG, &probe, NULL,
		 "with --check: also ask up to 16 miners one challenge"},
		{"json", ASY_FRONT_FLAG, &json, NULL, "with --check: machine-readable"},
		{"version", ASY_FRONT_FLAG, &version, NULL, "print the version and exit"},
	};
	const asy_front_usage usage = {
		"assayd --config FILE [options]",
		"Runs the validator of one subnet, or of each task that the configuration lists: asks "
		"miners, scores, sets weights by commit and reveal, and checks every epoch against its "
		"own arithmetic. Stop it with Ctrl-C or SIGTERM: all work is on disk, and the next start "
		"continues with it. SIGHUP reads the configuration again.",
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
	if (d.config_file == NULL)
		return asy_front_misuse(NULL, "needs --config FILE");
	if ((probe || json) && !check)
		return asy_front_misuse(NULL, "--probe and --json go with --check");
	if (check)
		return check_only(&d, probe, json);
	assay_status st = run(&d, &err);
	return end(&d, st, &err);
}
