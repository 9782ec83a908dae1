/* assay score: try a reward model on a file. */
#include <stdlib.h>
#include "cli/cli.h"
#include "crypto/crypto.h"
#include "loop/loop.h"
#include "plugin/plugin.h"

#define INPUT_MAX ((size_t)256 << 20)

typedef struct {
	const char *plugin, *config, *worker;
	bool in_process, explain, text, json;
	uint64_t seed;
} score_args;

/* "{...}" is the document itself, anything else a file that holds it. */
static assay_status read_plugin_config(const char *arg, asy_buf *out, assay_err *err)
{
	if (arg == NULL)
		return ASSAY_OK;
	return arg[0] == '{' ? asy_buf_add_str(out, arg, err)
						 : asy_front_read_file(arg, 1u << 20, out, err);
}

static assay_status open_plugin(const score_args *a, assay_span config, asy_loop *loop,
								asy_logger *log, asy_plugin **out, assay_err *err)
{
	char worker[4096];
	asy_plugin_opts o = {
		.path = a->plugin,
		.config = config,
		.isolation = a->in_process ? ASY_ISOLATION_NONE : ASY_ISOLATION_WORKER,
		.worker_path = a->worker,
		.grant = ASY_PLUGIN_GRANT_DEFAULT,
		.clock = asy_sys_clock(),
		.log = log,
		.loop = loop,
	};
	if (!a->in_process && a->worker == NULL) {
		assay_status st = asy_front_find_program("assay-worker", worker, sizeof worker, err);
		if (st != ASSAY_OK)
			return st;
		o.worker_path = worker;
	}
	return asy_plugin_open(&o, out, err);
}

static assay_status score(asy_plugin *p, const asy_score_set *set, const score_args *a,
						  asy_buf *out, assay_err *err)
{
	const asy_plugin_batch *batch = asy_score_set_batch(set);
	const asy_plugin_about *about = asy_plugin_info(p);
	asy_plugin_round round = {.round = 1};
	asy_plugin_results res = {0};
	asy_put_u64le(round.seed, a->seed);
	res.row = asy_calloc(batch->response_n, sizeof *res.row);
	res.component = asy_calloc(batch->response_n * about->component_n, sizeof *res.component);
	assay_status st = res.row == NULL || res.component == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "%zu rows", batch->response_n)
						  : asy_plugin_score(p, &round, batch, &res, err);
	if (st == ASSAY_OK)
		st = a->text ? asy_score_set_print(set, about, &res, out, err)
					 : asy_score_set_write(set, about, &res, a->explain, a->json ? 0 : 2, out, err);
	free(res.row);
	free(res.component);
	return st;
}

int cmd_score(int argc, char **argv)
{
	score_args a = {0};
	const asy_front_opt opts[] = {
		{"plugin", ASY_FRONT_STR, &a.plugin, "FILE.so", "the reward plugin; required"},
		{"config", ASY_FRONT_STR, &a.config, "JSON|FILE", "its configuration (default {})"},
		{"explain", ASY_FRONT_FLAG, &a.explain, NULL,
		 "components by name, the arithmetic to the score, means"},
		{"text", ASY_FRONT_FLAG, &a.text, NULL, "the arithmetic as lines to read instead of JSON"},
		{"in-process", ASY_FRONT_FLAG, &a.in_process, NULL,
		 "no worker process: faster, a crash is a crash"},
		{"worker", ASY_FRONT_STR, &a.worker, "FILE", "the assay-worker program"},
		{"seed", ASY_FRONT_U64, &a.seed, "N", "seed of the plugin's random stream (default 0)"},
		{"json", ASY_FRONT_FLAG, &a.json, NULL, "compact JSON on one line"},
	};
	const asy_front_usage usage = {
		"assay score --plugin FILE.so [options] INPUT.jsonl",
		"Scores the answers of a JSON Lines file (\"-\" reads standard input) and prints JSON.\n"
		"One challenge per line: {\"challenge_id\", \"prompt\", \"reference\", \"meta\",\n"
		"\"responses\": [{\"miner\", \"status\", \"latency_ms\", \"body\"}]}; see docs/plugins.md.",
		opts, ASY_COUNT(opts)};
	const char *file;
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	if (a.text && a.json)
		return asy_front_misuse("score", "--text and --json exclude each other");
	if (a.plugin == NULL || n != 1)
		return asy_front_misuse("score", "needs --plugin FILE.so and one input file");

	assay_err err = {0};
	asy_buf text = {0}, config = {0}, out = {0};
	asy_score_set *set = NULL;
	asy_loop *loop = NULL;
	asy_plugin *p = NULL;
	asy_logger log = {.out = stderr, .least = ASY_UNUSUAL};
	assay_status st = asy_crypto_init(&err);
	if (st == ASSAY_OK)
		st = read_plugin_config(a.config, &config, &err);
	if (st == ASSAY_OK)
		st = asy_front_read_file(file, INPUT_MAX, &text, &err);
	if (st == ASSAY_OK && (st = asy_score_set_read(asy_buf_span(&text), &set, &err)) != ASSAY_OK)
		st = assay_err_at(&err, st, "%s", asy_front_file_name(file));
	/* from here on: before it there is nothing to wind down. A second Ctrl-C ends a plugin that
	 * hangs in this process, too. */
	if (st == ASSAY_OK)
		st = asy_loop_new(&loop, &err);
	if (st == ASSAY_OK)
		st = asy_loop_watch_signals(loop, &err);
	if (st == ASSAY_OK)
		st = open_plugin(&a, asy_buf_span(&config), loop, &log, &p, &err);
	if (st == ASSAY_OK)
		st = score(p, set, &a, &out, &err);
	if (st == ASSAY_OK)
		st = asy_front_print(&out, &err);
	asy_plugin_close(p);
	asy_loop_free(loop);
	asy_score_set_free(set);
	asy_buf_fini(&text);
	asy_buf_fini(&config);
	asy_buf_fini(&out);
	return st == ASSAY_OK ? 0 : asy_front_fail("score", st, &err);
}
