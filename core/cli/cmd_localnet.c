/* assay localnet: the development chain, alone or as the whole demo, and the
 * configuration of a validator for it. */
#include <pthread.h>
#include <signal.h>
#include "cli/cli.h"
#include "cli/demo.h"
#include "cli/localnet_config.h"

#define PORT_UNSAID UINT64_MAX

typedef struct {
	demo_args demo;
	uint64_t port, print_config; /* print_config: a netuid, 0 = not asked for */
	bool is_demo, describe;
	char scenario[LOCALNET_PATH_MAX];
	localnet_folders folders;
} localnet_args;

static assay_status read_scenario(const char *path, asy_scenario **out, assay_err *err)
{
	asy_buf text = {0};
	assay_status st = asy_front_read_file(path, 16u << 20, &text, err);
	if (st == ASSAY_OK && (st = asy_scenario_parse(asy_buf_span(&text), out, err)) != ASSAY_OK)
		st = assay_err_at(err, st, "%s", path);
	asy_buf_fini(&text);
	return st;
}

/* ---- --print-config ---- */

static assay_status config_for(const localnet_args *a, const asy_scenario *sc, assay_err *err)
{
	asy_scenario_subnet net;
	char url[64], data_dir[32];
	asy_buf out = {0};
	assay_status st = asy_scenario_find(sc, a->print_config, &net, err);
	if (st != ASSAY_OK)
		return st;
	uint64_t port = a->port != PORT_UNSAID ? a->port : net.rpc_port;
	if (port == 0)
		return ASSAY_FAIL(err, E_USAGE,
						  "the port of the chain is not known before it runs; give both commands "
						  "the same --port N");
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%" PRIu64, port);
	(void)snprintf(data_dir, sizeof data_dir, "localnet-%u", net.netuid);
	const localnet_validator v = {
		.net = &net, .folders = &a->folders, .url = url, .data_dir = data_dir};
	st = localnet_config_text(&v, &out, err);
	if (st == ASSAY_OK)
		st = asy_front_print(&out, err);
	asy_buf_fini(&out);
	return st;
}

static int print_config(const localnet_args *a)
{
	assay_err err = {0};
	asy_scenario *sc = NULL;
	assay_status st = read_scenario(a->demo.scenario, &sc, &err);
	if (st == ASSAY_OK)
		st = config_for(a, sc, &err);
	asy_scenario_free(sc);
	return st == ASSAY_OK ? 0 : asy_front_fail("localnet", st, &err);
}

/* ---- serving ---- */

static assay_status announce(const localnet_args *a, const asy_localnet *ln, assay_err *err)
{
	asy_buf out = {0};
	if (!a->describe) {
		(void)printf("development chain at %s; Ctrl-C stops it\n"
					 "a configuration for a validator of it: assay localnet --print-config NETUID "
					 "--port %u\n",
					 asy_localnet_url(ln), asy_localnet_port(ln));
		(void)fflush(stdout);
		return ASSAY_OK;
	}
	assay_status st = asy_localnet_describe(ln, &out, err);
	if (st == ASSAY_OK)
		st = asy_front_print(&out, err);
	asy_buf_fini(&out);
	return st;
}

static assay_status start(const asy_scenario *sc, const asy_localnet_opts *lo, asy_localnet **ln,
						  assay_err *err)
{
	sigset_t all, old;
	(void)sigfillset(&all); /* Ctrl-C belongs to this thread */
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	assay_status st = asy_localnet_start(sc, lo, ln, err);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return st;
}

static int serve(const localnet_args *a)
{
	assay_err err = {0};
	asy_scenario *sc = NULL;
	asy_localnet *ln = NULL;
	asy_loop *loop = NULL;
	asy_logger log = {.out = stderr, .least = ASY_INFO, .clock = asy_sys_clock()};
	const asy_localnet_opts lo =
		localnet_opts(&a->folders, &log, a->port == PORT_UNSAID ? -1 : (int)a->port);
	assay_status st = asy_crypto_init(&err);
	if (st == ASSAY_OK)
		st = read_scenario(a->demo.scenario, &sc, &err);
	if (st == ASSAY_OK)
		st = asy_loop_new(&loop, &err);
	if (st == ASSAY_OK)
		st = asy_loop_watch_signals(loop, &err);
	if (st == ASSAY_OK)
		st = start(sc, &lo, &ln, &err);
	if (st == ASSAY_OK)
		st = announce(a, ln, &err);
	while (st == ASSAY_OK && asy_loop_sleep(loop, 500) == ASSAY_OK)
		if (!asy_localnet_is_alive(ln, &err))
			st = ASSAY_E_INTERNAL;
	asy_localnet_stop(ln);
	asy_loop_free(loop);
	asy_scenario_free(sc);
	return st == ASSAY_OK ? 0 : asy_front_fail("localnet", st, &err);
}

/* ---- the command line ---- */

/* False: *code is the exit code. */
static bool parse(localnet_args *a, int argc, char **argv, int *code)
{
	demo_args *d = &a->demo;
	const asy_front_opt opts[] = {
		{"scenario", ASY_FRONT_STR, &d->scenario, "FILE",
		 "what the chain begins with (default: the installed one)"},
		{"samples", ASY_FRONT_STR, &d->samples, "DIR",
		 "folder with <task>.jsonl (default: the installed one)"},
		{"plugins", ASY_FRONT_STR, &d->plugins, "DIR",
		 "folder with <task>.so (default: the installed one)"},
		{"port", ASY_FRONT_U64, &a->port, "N",
		 "RPC port, 0 = any free one (default: the scenario's)"},
		{"print-config", ASY_FRONT_U64, &a->print_config, "NETUID",
		 "print a validator's configuration, then stop"},
		{"describe", ASY_FRONT_FLAG, &a->describe, NULL,
		 "print address and neurons as JSON, then serve"},
		{"demo", ASY_FRONT_FLAG, &a->is_demo, NULL, "run the demo, then stop"},
		{"rounds", ASY_FRONT_U64, &d->rounds, "N", "demo: vectors per subnet (default 3)"},
		{"json", ASY_FRONT_STR, &d->json, "FILE", "demo: write the result here (- is stdout)"},
		{"keep", ASY_FRONT_STR, &d->keep, "DIR", "demo: keep configurations, logs and data"},
		{"timeout", ASY_FRONT_U64, &d->timeout_s, "S", "demo: give up after this (default 600)"},
		{"quiet", ASY_FRONT_FLAG, &d->quiet, NULL, "demo: no progress lines"},
	};
	const asy_front_usage usage = {
		"assay localnet [--scenario FILE] [--port N]\n"
		"       assay localnet --print-config NETUID [--port N] > assayd.json\n"
		"       assay localnet --demo [options]",
		"Serves a development chain with scripted miners and rival validators on loopback\n"
		"until Ctrl-C. --print-config prints the configuration with which `assayd --config`\n"
		"validates a subnet of it. --demo runs one assayd per subnet against it, recomputes\n"
		"every epoch and prints a table per subnet; its exit code is 0 only if every vector\n"
		"counted, every epoch was equal and honest miners earned the most.",
		opts, ASY_COUNT(opts)};
	size_t n;
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, code))
		return false;
	*code = 0;
	if (a->port != PORT_UNSAID && a->port > 65535)
		*code = asy_front_misuse("localnet", "--port takes 0 to 65535");
	else if (a->is_demo && a->print_config != 0)
		*code = asy_front_misuse("localnet", "--demo and --print-config exclude each other");
	else if (d->rounds == 0 || d->rounds > 1000)
		*code = asy_front_misuse("localnet", "--rounds takes 1 to 1000");
	else if (d->timeout_s == 0 || d->timeout_s > 86400)
		*code = asy_front_misuse("localnet", "--timeout takes 1 to 86400 seconds");
	return *code == 0;
}

int cmd_localnet(int argc, char **argv)
{
	static localnet_args a; /* paths: too large for the stack */
	assay_err err = {0};
	int code;
	a = (localnet_args){.demo = {.rounds = 3, .timeout_s = 600}, .port = PORT_UNSAID};
	if (!parse(&a, argc, argv, &code))
		return code;
	assay_status st = ASSAY_OK;
	if (a.demo.scenario == NULL) {
		st = localnet_default_scenario(a.scenario, sizeof a.scenario, &err);
		a.demo.scenario = a.scenario;
	}
	if (st == ASSAY_OK)
		st = localnet_folders_find(a.demo.plugins, a.demo.samples, a.demo.scenario, &a.folders,
								   &err);
	if (st != ASSAY_OK)
		return asy_front_fail("localnet", st, &err);
	if (a.print_config != 0)
		return print_config(&a);
	if (!a.is_demo)
		return serve(&a);
	a.demo.port = a.port == PORT_UNSAID ? 0 : (int)a.port;
	a.demo.folders = &a.folders;
	return demo_run(&a.demo);
}
