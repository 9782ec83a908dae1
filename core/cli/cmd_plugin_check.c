/* assay plugin check: is this plugin fit to judge anybody? Runs every check, tells each in a
 * line, and ends with a verdict. */
#include <limits.h>
#include <stdlib.h>
#include "cli/cmd_plugin.h"
#include "cli/plugin_check.h"

static const char *const level_names[] = {"ok", "note", "skipped", "warning", "error"};

/* ---- findings ---- */

void check_say(check *c, const char *id, check_level level, const char *fmt, ...)
{
	char text[600];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->count[level]++;
	if (c->finding_n == CHECK_FINDINGS_MAX)
		return;
	check_finding *f = &c->finding[c->finding_n++];
	(void)asy_str_copy(f->id, sizeof f->id, id);
	f->level = level;
	f->text = strdup(text);
}

bool check_result(check *c, const char *id, check_level level, assay_status st,
				  const assay_err *err, const char *text)
{
	check_say(c, id, st == ASSAY_OK ? CHECK_OK : level, "%s", st == ASSAY_OK ? text : err->msg);
	return st == ASSAY_OK;
}

/* In the order of docs/plugins.md: by letter as there, then by number, then as found. */
static unsigned place(const char *id)
{
	static const char letters[] = "FDLSNTX";
	const char *at = strchr(letters, id[0]);
	return (unsigned)(at != NULL ? at - letters : 9) * 100 + (unsigned)(id[1] - '0') * 10 +
		   (unsigned)(id[2] - '0');
}

static void sort(check *c)
{
	for (size_t i = 1; i < c->finding_n; i++) {
		check_finding f = c->finding[i];
		size_t k = i;
		for (; k > 0 && place(c->finding[k - 1].id) > place(f.id); k--)
			c->finding[k] = c->finding[k - 1];
		c->finding[k] = f;
	}
}

/* ---- the plugin in a worker ---- */

#define RESTARTS_MAX 16u /* what dies more often has said enough */

static void on_event(void *arg, const asy_plugin_event *ev)
{
	check_seen *s = &((check *)arg)->seen;
	bool is_death = ev->kind == ASY_PLUGIN_EV_CRASHED || ev->kind == ASY_PLUGIN_EV_PROTOCOL;
	if (ev->kind == ASY_PLUGIN_EV_STARTED)
		s->pid = ev->pid;
	s->crashes += is_death;
	s->stalls += ev->kind == ASY_PLUGIN_EV_STALLED;
	s->deadlines += ev->kind == ASY_PLUGIN_EV_DEADLINE;
	s->broken += ev->kind == ASY_PLUGIN_EV_BROKEN;
	if (ev->signal != 0)
		s->signal = ev->signal;
	if (is_death || ev->kind == ASY_PLUGIN_EV_STALLED)
		(void)asy_str_copy(s->text, sizeof s->text, ev->text);
}

bool check_died(const check *c, char what[200])
{
	const check_seen *s = &c->seen;
	what[0] = '\0';
	if (s->crashes != 0)
		(void)snprintf(what, 200, "its worker died %" PRIu64 " times, signal %d: %.120s",
					   s->crashes, s->signal, s->text);
	else if (s->stalls != 0)
		(void)snprintf(what, 200, "it hung %" PRIu64 " times", s->stalls);
	return what[0] != '\0';
}

/* All that a plugin may need; what this host cannot give is refused by opening. */
#define ALL_NEEDS ((uint32_t)(ASY_NEED_INEXACT << 1) - 1u)

assay_status check_open(check *c, const check_how *how, asy_plugin **out, assay_err *err)
{
	const asy_plugin_opts o = {
		.path = c->real,
		.config = how->config != NULL ? asy_span_str(how->config) : asy_buf_span(&c->config_text),
		.isolation = how->in_process ? ASY_ISOLATION_NONE : ASY_ISOLATION_WORKER,
		.worker_path = c->worker,
		.grant = ALL_NEEDS,
		.cache_dir = c->cache,
		.threads = how->threads,
		.sub_batch = how->sub_batch,
		.soft_ns = how->soft_ns,
		.hard_ns = how->hard_ns,
		.stall_ns = how->stall_ns,
		.restarts_max = RESTARTS_MAX,
		.clock = asy_sys_clock(),
		.loop = how->in_process ? NULL : c->loop,
		.on_event = on_event,
		.on_event_arg = c,
	};
	return asy_plugin_open(&o, out, err);
}

assay_status check_score(const check *c, asy_plugin *p, uint64_t seed, const asy_plugin_batch *b,
						 check_scores *out, assay_err *err)
{
	size_t n = b->response_n, components = c->about->component_n;
	asy_plugin_round round = {.round = 1};
	asy_plugin_results res = {.row = asy_calloc(n + 1, sizeof *res.row)};
	*out = (check_scores){.score = asy_calloc(n + 1, sizeof(double)),
						  .flag = asy_calloc(n + 1, 1),
						  .component = asy_calloc(n * components + 1, sizeof(double))};
	asy_put_u64le(round.seed, seed);
	res.component = components != 0 ? out->component : NULL;
	assay_status st =
		res.row == NULL || out->score == NULL || out->flag == NULL || out->component == NULL
			? ASSAY_FAIL(err, E_NOMEM, "%zu rows", n)
			: asy_plugin_score(p, &round, b, &res, err);
	for (size_t i = 0; st == ASSAY_OK && i < n; i++) {
		out->score[i] = res.row[i].score;
		out->flag[i] = res.row[i].flag;
	}
	out->stats = res.stats;
	free(res.row);
	return st;
}

assay_status check_fresh(check *c, const check_how *how, const asy_plugin_batch *b,
						 check_scores *out, assay_err *err)
{
	asy_plugin *p = NULL;
	*out = (check_scores){NULL, NULL, NULL, {0}};
	assay_status st = check_open(c, how, &p, err);
	if (st == ASSAY_OK)
		st = check_score(c, p, how->seed, b, out, err);
	asy_plugin_close(p);
	return st;
}

void check_scores_fini(check_scores *s)
{
	free(s->score);
	free(s->flag);
	free(s->component);
	*s = (check_scores){NULL, NULL, NULL, {0}};
}

/* ---- the run ---- */

static assay_status prepare(check *c, char *worker, size_t cap, assay_err *err)
{
	char *real = realpath(c->path, NULL);
	bool fits = real != NULL && asy_str_copy(c->real, sizeof c->real, real);
	free(real);
	if (!fits)
		return ASSAY_FAIL(err, E_NOTFOUND, "no such file: %s", c->path);
	assay_status st = asy_crypto_init(err);
	if (st == ASSAY_OK && c->worker == NULL) {
		st = asy_front_find_program("assay-worker", worker, cap, err);
		c->worker = worker;
	}
	if (st == ASSAY_OK && c->config != NULL)
		st = c->config[0] == '{' ? asy_buf_add_str(&c->config_text, c->config, err)
								 : asy_front_read_file(c->config, 1u << 20, &c->config_text, err);
	if (st == ASSAY_OK)
		st = check_read_examples(c, err);
	if (st == ASSAY_OK)
		st = check_make_batch(c, err);
	if (st == ASSAY_OK)
		st = asy_loop_new(&c->loop, err);
	return st == ASSAY_OK ? asy_loop_watch_signals(c->loop, err) : st;
}

static void run(check *c)
{
	if (!check_file(c) || !check_descriptor(c))
		return;
	check_config(c);
	check_deep(c);
	if (!check_scoring(c))
		return;
	check_determinism(c);
	check_limits(c);
	check_sense(c);
}

static void print_text(const check *c)
{
	for (size_t i = 0; i < c->finding_n; i++) {
		const check_finding *f = &c->finding[i];
		(void)printf("%s  %-8s", f->id, level_names[f->level]);
		asy_front_print_wrapped(stdout, 13, 13, f->text != NULL ? f->text : "");
	}
	(void)printf("%s: %zu ok, %zu notes, %zu skipped, %zu warnings, %zu errors\n",
				 c->count[CHECK_ERROR] == 0 ? "fit" : "NOT FIT", c->count[CHECK_OK],
				 c->count[CHECK_NOTE], c->count[CHECK_SKIPPED], c->count[CHECK_WARNING],
				 c->count[CHECK_ERROR]);
}

static assay_status print_json(const check *c, assay_err *err)
{
	asy_buf out = {0};
	asy_jw w = asy_jw_out(&out, 0);
	asy_jw_object(&w);
	asy_jw_kbool(&w, "fit", c->count[CHECK_ERROR] == 0);
	for (size_t i = 0; i < CHECK_LEVELS; i++)
		asy_jw_ku64(&w, level_names[i], c->count[i]);
	asy_jw_key(&w, "checks");
	asy_jw_array(&w);
	for (size_t i = 0; i < c->finding_n; i++) {
		asy_jw_object(&w);
		asy_jw_kstr(&w, "id", c->finding[i].id);
		asy_jw_kstr(&w, "level", level_names[c->finding[i].level]);
		asy_jw_kstr(&w, "text", c->finding[i].text != NULL ? c->finding[i].text : "");
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_front_print(&out, err);
	asy_buf_fini(&out);
	return st;
}

static void clear(check *c)
{
	asy_plugin_close(c->p);
	asy_loop_free(c->loop);
	asy_score_set_free(c->set);
	asy_buf_fini(&c->file);
	asy_buf_fini(&c->config_text);
	asy_buf_fini(&c->example_text);
	free(c->hope);
	free(c->challenge);
	free(c->response);
	for (size_t i = 0; i < c->finding_n; i++)
		free(c->finding[i].text);
}

int cmd_plugin_check(int argc, char **argv)
{
	check c = {.finding_n = 0};
	const asy_front_opt opts[] = {
		{"config", ASY_FRONT_STR, &c.config, "JSON|FILE", "its configuration (default {})"},
		{"examples", ASY_FRONT_STR, &c.examples, "FILE",
		 "examples (default examples.jsonl beside it, or one folder up)"},
		{"deep", ASY_FRONT_FLAG, &c.deep, NULL,
		 "also checks that need it in a process without a cage"},
		{"fuzz", ASY_FRONT_U64, &c.fuzz_s, "SECONDS", "changed examples for so long"},
		{"cache", ASY_FRONT_STR, &c.cache, "DIR", "the cache directory, if it needs one"},
		{"worker", ASY_FRONT_STR, &c.worker, "FILE", "the assay-worker program"},
		{"json", ASY_FRONT_FLAG, &c.json, NULL, "machine-readable"},
	};
	const asy_front_usage usage = {
		"assay plugin check FILE.so [options]",
		"Is this plugin fit to judge? Reads the file, opens it in a worker with every bound of its "
		"configuration, scores examples, hostile bytes and cheap tricks, and compares bits over "
		"orders, batch sizes, threads and processes. docs/plugins.md lists the checks.\n"
		"--deep loads the plugin as your own user, without a cage: for plugins that you built.\n"
		"The exit code is not 0 when a check is an error; warnings do not change it.",
		opts, ASY_COUNT(opts)};
	char worker[ASY_FRONT_PATH];
	assay_err err = {0};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &c.path, 1, &n, &code))
		return code;
	if (n != 1)
		return asy_front_misuse("plugin check", "needs one plugin file");
	assay_status st = prepare(&c, worker, sizeof worker, &err);
	if (st == ASSAY_OK) {
		run(&c);
		sort(&c);
	}
	if (st == ASSAY_OK && c.json)
		st = print_json(&c, &err);
	else if (st == ASSAY_OK)
		print_text(&c);
	bool is_fit = c.count[CHECK_ERROR] == 0;
	clear(&c);
	if (st != ASSAY_OK)
		return asy_front_fail("plugin check", st, &err);
	return is_fit ? 0 : assay_status_exit(ASSAY_E_PLUGIN);
}
