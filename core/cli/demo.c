/* The demo: a development chain with scripted miners and rivals, one real daemon
 * per subnet, and an observer that recomputes every epoch from the chain. It exits 0 only
 * if every commitment counted, every epoch equalled the prediction bit for bit, and
 * honest miners outweigh the bad. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/demo.h"

static assay_status make_dir(demo *d, assay_err *err)
{
	if (d->args.keep != NULL) {
		if (mkdir(d->args.keep, 0700) != 0 && errno != EEXIST)
			return ASSAY_FAIL(err, E_IO, "cannot create %s: %s", d->args.keep, strerror(errno));
		if (realpath(d->args.keep, d->dir) == NULL)
			return ASSAY_FAIL(err, E_IO, "cannot use %s: %s", d->args.keep, strerror(errno));
		return ASSAY_OK;
	}
	const char *tmp = getenv("TMPDIR"); /* edge: a main reads its environment */
	(void)snprintf(d->dir, sizeof d->dir, "%s/assay-demo-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(d->dir) == NULL)
		return ASSAY_FAIL(err, E_IO, "cannot create a folder like %s: %s", d->dir, strerror(errno));
	d->own_dir = true;
	return ASSAY_OK;
}

static void remove_dir(const demo *d)
{
	static const char *const files[] = {
		"assayd.json",       "assayd.log", "data/assay.db", "data/assay.db-wal",
		"data/assay.db-shm", "data/lock",  "data",          ""};
	char path[4400];
	if (!d->own_dir)
		return;
	for (size_t i = 0; i < d->subnet_n; i++) {
		for (size_t f = 0; f < ASY_COUNT(files); f++) {
			(void)snprintf(path, sizeof path, "%s/%s", d->subnet[i].dir, files[f]);
			(void)remove(path);
		}
	}
	(void)rmdir(d->dir);
}

/* Said before the demo runs, not after. */
static assay_status check_json_path(const char *path, assay_err *err)
{
	char dir[4096];
	struct stat info;
	if (path == NULL || strcmp(path, "-") == 0)
		return ASSAY_OK;
	if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
		return ASSAY_FAIL(err, E_IO, "cannot write the result to %s: not a file", path);
	const char *slash = strrchr(path, '/');
	(void)snprintf(dir, sizeof dir, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1,
				   slash != NULL ? path : ".");
	if (access(dir, W_OK | X_OK) != 0)
		return ASSAY_FAIL(err, E_IO, "cannot write the result to %s: %s", path, strerror(errno));
	return ASSAY_OK;
}

static assay_status start_chain(demo *d, assay_err *err)
{
	asy_buf text = {0};
	sigset_t all, old;
	assay_status st = asy_front_read_file(d->args.scenario, 16u << 20, &text, err);
	if (st == ASSAY_OK &&
		(st = asy_scenario_parse(asy_buf_span(&text), &d->scenario, err)) != ASSAY_OK)
		st = assay_err_at(err, st, "%s", d->args.scenario);
	asy_buf_fini(&text);
	if (st != ASSAY_OK)
		return st;
	const asy_localnet_opts lo = localnet_opts(d->args.folders, &d->log, d->args.port);
	/* Ctrl-C belongs to this thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	st = asy_localnet_start(d->scenario, &lo, &d->localnet, err);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (st == ASSAY_OK)
		d->neuron_n = asy_localnet_neurons(d->localnet, &d->neuron);
	return st;
}

/* Our validator in each subnet of the scenario. */
static assay_status find_subnets(demo *d, assay_err *err)
{
	for (size_t i = 0; i < d->neuron_n; i++) {
		const asy_localnet_neuron *n = &d->neuron[i];
		if (n->role != ASY_ROLE_VALIDATOR)
			continue;
		if (d->subnet_n == DEMO_SUBNETS_MAX)
			return ASSAY_FAIL(err, E_LIMIT, "more than %u subnets", DEMO_SUBNETS_MAX);
		demo_subnet *s = &d->subnet[d->subnet_n++];
		s->netuid = n->netuid;
		s->uid = n->uid;
		s->task = n->task;
		s->key_uri = n->key_uri;
		memcpy(s->hotkey, n->hotkey, 32);
	}
	if (d->subnet_n == 0)
		return ASSAY_FAIL(err, E_CONFIG, "the scenario names no validator of ours");
	return ASSAY_OK;
}

static assay_status open_observer(demo *d, assay_err *err)
{
	const char *url = asy_localnet_url(d->localnet);
	asy_front_net_opts wo = {
		.endpoints = &url, .endpoints_n = 1, .log = &d->log, .call_timeout_ms = 10000};
	return asy_front_net_open(&d->net, &wo, err);
}

static bool all_exited(const demo *d)
{
	for (size_t i = 0; i < d->subnet_n; i++)
		if (!d->subnet[i].exited)
			return false;
	return true;
}

static bool some_failed(const demo *d)
{
	for (size_t i = 0; i < d->subnet_n; i++)
		if (d->subnet[i].exited && d->subnet[i].exit_code != 0)
			return true;
	return false;
}

static assay_status watch(demo *d, assay_err *err)
{
	uint64_t deadline = d->started_ns + d->args.timeout_s * 1000000000u;
	while (!all_exited(d) && !some_failed(d)) {
		asy_block_ref head;
		assay_status st = asy_chain_head(d->net.chain, &head, err);
		for (size_t i = 0; st == ASSAY_OK && i < d->subnet_n; i++)
			st = demo_observe(d, &d->subnet[i], &head, err);
		for (size_t i = 0; i < d->subnet_n; i++)
			demo_follow(d, &d->subnet[i]);
		if (st == ASSAY_OK)
			demo_progress(d, head.number);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "observing the chain");
		if (!asy_localnet_is_alive(d->localnet, err))
			return assay_err_at(err, ASSAY_E_INTERNAL, "the development chain stopped");
		if (asy_sys_clock()->mono_ns(asy_sys_clock()) > deadline)
			return ASSAY_FAIL(err, E_TIMEOUT,
							  "not finished after %" PRIu64
							  " s; --keep DIR and look at the logs, or "
							  "raise --timeout",
							  d->args.timeout_s);
		if (asy_loop_sleep(d->net.loop, 100) != ASSAY_OK)
			return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	}
	for (size_t i = 0; i < d->subnet_n; i++)
		demo_follow(d, &d->subnet[i]);
	for (size_t i = 0; i < d->subnet_n; i++)
		if (d->subnet[i].exited && d->subnet[i].exit_code != 0)
			return ASSAY_FAIL(
				err, E_INTERNAL, "assayd of subnet %u (%s) ended with status %d; its log is %s",
				d->subnet[i].netuid, d->subnet[i].task, d->subnet[i].exit_code,
				d->args.keep != NULL ? d->subnet[i].log_path : "gone: repeat with --keep DIR");
	return ASSAY_OK;
}

static assay_status verdict(demo *d, bool *ok, assay_err *err)
{
	asy_buf json = {0};
	assay_status st = ASSAY_OK;
	*ok = true;
	for (size_t i = 0; st == ASSAY_OK && i < d->subnet_n; i++) {
		demo_subnet *s = &d->subnet[i];
		st = demo_collect(d, s, err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "subnet %u (%s)", s->netuid, s->task);
		*ok = *ok && s->all_counted && s->all_equal && s->ranked;
		demo_print(d, s);
	}
	demo_print_summary(d);
	if (d->args.json != NULL) {
		st = demo_json(d, *ok, &json, err);
		if (st == ASSAY_OK)
			st = asy_front_write_file(d->args.json, asy_buf_span(&json), err);
		asy_buf_fini(&json);
	}
	return st;
}

int demo_run(const demo_args *args)
{
	assay_err err = {0};
	bool ok = false;
	demo *d = asy_calloc(1, sizeof *d);
	if (d == NULL)
		return asy_front_fail("localnet", ASSAY_E_NOMEM, NULL);
	d->args = *args;
	d->out = args->json != NULL && strcmp(args->json, "-") == 0 ? stderr : stdout;
	d->is_terminal = isatty(fileno(d->out)) == 1;
	d->log = (asy_logger){.out = stderr, .least = ASY_UNUSUAL};
	d->cpu_mask = asy_cpu_detect();
	d->started_ns = asy_sys_clock()->mono_ns(asy_sys_clock());

	assay_status st = asy_crypto_init(&err);
	if (st == ASSAY_OK)
		st = check_json_path(d->args.json, &err);
	/* From here on Ctrl-C is handled: there is a folder to remove. */
	if (st == ASSAY_OK)
		st = asy_front_net_loop(&d->net, &err);
	if (st == ASSAY_OK)
		st = make_dir(d, &err);
	if (st == ASSAY_OK)
		st = start_chain(d, &err);
	if (st == ASSAY_OK)
		st = find_subnets(d, &err);
	if (st == ASSAY_OK)
		st = open_observer(d, &err);
	if (st == ASSAY_OK)
		demo_say(d, "chain", "%s: %zu subnets, %zu neurons", asy_localnet_url(d->localnet),
				 d->subnet_n, d->neuron_n);
	for (size_t i = 0; st == ASSAY_OK && i < d->subnet_n; i++)
		st = demo_start_daemon(d, &d->subnet[i], &err);
	if (st == ASSAY_OK)
		st = watch(d, &err);
	demo_progress_end(d);
	if (st == ASSAY_OK)
		st = verdict(d, &ok, &err);
	demo_stop_daemons(d);
	asy_front_net_close(&d->net);
	asy_localnet_stop(d->localnet);
	asy_scenario_free(d->scenario);
	remove_dir(d);
	if (st == ASSAY_OK)
		(void)fprintf(d->out, "\n%s in %.1f s\n", ok ? "demo passed" : "DEMO FAILED",
					  (double)(asy_sys_clock()->mono_ns(asy_sys_clock()) - d->started_ns) / 1e9);
	if (st == ASSAY_E_CANCELLED) /* wherever it was noticed */
		st = ASSAY_FAIL(&err, E_CANCELLED, "interrupted; all that it started is stopped");
	int code = st != ASSAY_OK ? asy_front_fail("localnet", st, &err)
			   : ok           ? 0
							  : assay_status_exit(ASSAY_E_MISMATCH);
	for (size_t i = 0; i < d->subnet_n; i++) {
		free(d->subnet[i].epoch);
		free(d->subnet[i].submission);
		free(d->subnet[i].row);
		cli_forecasts_fini(&d->subnet[i].forecasts);
	}
	free(d);
	return code;
}
