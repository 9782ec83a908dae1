/* assay localnet: the development chain, alone or as the whole demo. */
#include <pthread.h>
#include <signal.h>
#include "cli/cli.h"
#include "cli/demo.h"

static int serve(const demo_args *a, uint64_t port, bool json)
{
	assay_err err = {0};
	asy_buf text = {0}, out = {0};
	asy_scenario *sc = NULL;
	asy_localnet *ln = NULL;
	asy_loop *loop = NULL;
	asy_logger log = {.out = stderr, .least = ASY_INFO, .clock = asy_sys_clock()};
	sigset_t all, old;
	asy_localnet_opts lo = {
		.clock = asy_sys_clock(),
		.rng = asy_sys_rng(),
		.log = &log,
		.samples = a->samples,
		.rpc_port = port == UINT64_MAX ? -1 : (int)port,
	};
	assay_status st = asy_crypto_init(&err);
	if (st == ASSAY_OK)
		st = asy_front_read_file(a->scenario, 16u << 20, &text, &err);
	if (st == ASSAY_OK && (st = asy_scenario_parse(asy_buf_span(&text), &sc, &err)) != ASSAY_OK)
		st = assay_err_at(&err, st, "%s", a->scenario);
	if (st == ASSAY_OK)
		st = asy_loop_new(&loop, &err);
	if (st == ASSAY_OK)
		st = asy_loop_watch_signals(loop, &err);
	if (st == ASSAY_OK) {
		(void)sigfillset(&all);
		(void)pthread_sigmask(SIG_SETMASK, &all, &old);
		st = asy_localnet_start(sc, &lo, &ln, &err);
		(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	if (st == ASSAY_OK && json) {
		st = asy_localnet_describe(ln, &out, &err);
		if (st == ASSAY_OK)
			st = asy_front_print(&out, &err);
	} else if (st == ASSAY_OK) {
		(void)printf("development chain at %s; Ctrl-C stops it\n", asy_localnet_url(ln));
		(void)fflush(stdout);
	}
	while (st == ASSAY_OK && asy_loop_sleep(loop, 500) == ASSAY_OK)
		if (!asy_localnet_is_alive(ln, &err))
			st = ASSAY_E_INTERNAL;
	asy_localnet_stop(ln);
	asy_loop_free(loop);
	asy_scenario_free(sc);
	asy_buf_fini(&text);
	asy_buf_fini(&out);
	return st == ASSAY_OK ? 0 : asy_front_fail("localnet", st, &err);
}

int cmd_localnet(int argc, char **argv)
{
	demo_args a = {.rounds = 3, .timeout_s = 600};
	uint64_t port = UINT64_MAX;
	bool demo_wanted = false, describe = false;
	const char *json = NULL;
	const asy_front_opt opts[] = {
		{"scenario", ASY_FRONT_STR, &a.scenario, "FILE", "what the chain begins with; required"},
		{"samples", ASY_FRONT_STR, &a.samples, "DIR", "folder with <task>/samples/<task>.jsonl"},
		{"port", ASY_FRONT_U64, &port, "N", "RPC port (0 = any free one; default: the scenario's)"},
		{"describe", ASY_FRONT_FLAG, &describe, NULL,
		 "print address and neurons as JSON, then serve"},
		{"demo", ASY_FRONT_FLAG, &demo_wanted, NULL,
		 "run a daemon a subnet, check every epoch, then stop"},
		{"plugins", ASY_FRONT_STR, &a.plugins, "DIR", "demo: folder with <task>.so"},
		{"rounds", ASY_FRONT_U64, &a.rounds, "N", "demo: weight submissions a subnet (default 3)"},
		{"json", ASY_FRONT_STR, &json, "FILE",
		 "demo: write the result here (- is standard output)"},
		{"keep", ASY_FRONT_STR, &a.keep, "DIR", "demo: keep configurations, logs and data here"},
		{"timeout", ASY_FRONT_U64, &a.timeout_s, "S",
		 "demo: give up after this many seconds (default 600)"},
		{"quiet", ASY_FRONT_FLAG, &a.quiet, NULL, "demo: no progress lines"},
	};
	const asy_front_usage usage = {
		"assay localnet --scenario FILE [options]\n"
		"       assay localnet --demo --scenario FILE --plugins DIR --samples DIR [options]",
		"Serves a development chain with scripted miners and rival validators on loopback until\n"
		"Ctrl-C; with --demo also runs one assayd a subnet against it, recomputes every epoch and\n"
		"prints one table a subnet. The exit code of the demo is 0 only if everything held.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, &code))
		return code;
	a.json = json;
	if (a.scenario == NULL)
		return asy_front_misuse("localnet", "needs --scenario FILE");
	if (port != UINT64_MAX && port > 65535)
		return asy_front_misuse("localnet", "a port has 16 bits");
	if (!demo_wanted)
		return serve(&a, port, describe);
	if (a.plugins == NULL || a.samples == NULL)
		return asy_front_misuse("localnet", "--demo needs --plugins DIR and --samples DIR");
	if (a.rounds == 0 || a.rounds > 1000)
		return asy_front_misuse("localnet", "--rounds takes 1 to 1000");
	return demo_run(&a);
}
