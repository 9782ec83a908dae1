/* assay yuma guarantees: the Monte-Carlo map of the consensus guarantees. Options make
 * the plan; the run shows its progress, can be interrupted and continued; the result is
 * compared with the published numbers. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/guarantees_state.h"
#include "cli/yuma_file.h"
#include "research/guarantees.h"

#define LIST_MAX 64u

typedef struct {
	double at[LIST_MAX];
	size_t n;
} reals;

typedef struct {
	const char *stakes, *sigmas, *penalties, *kappas, *bonds, *seeds;
	const char *state, *csv, *html, *cpu;
	double step, cabal_step;
	uint64_t threads;
	bool check, json, quiet;
} guarantees_options;

/* ---- the plan ---- */

/* "0.6,0.7"; all in low .. high. */
static assay_status read_reals(const char *option, const char *text, double low, double high,
							   reals *out, assay_err *err)
{
	out->n = 0;
	for (const char *at = text;;) {
		char *end = NULL;
		errno = 0;
		double x = strtod(at, &end);
		if (end == at || errno != 0 || (*end != ',' && *end != '\0'))
			return ASSAY_FAIL(err, E_USAGE, "--%s %s: not numbers with commas between", option,
							  text);
		if (!(x >= low && x <= high))
			return ASSAY_FAIL(err, E_USAGE, "--%s: %g is not in %g .. %g", option, x, low, high);
		if (out->n == LIST_MAX)
			return ASSAY_FAIL(err, E_USAGE, "--%s: more than %u numbers", option, LIST_MAX);
		out->at[out->n++] = x;
		if (*end == '\0')
			return ASSAY_OK;
		at = end + 1;
	}
}

/* "0,3,5-8" */
static assay_status read_seeds(const char *text, uint64_t *out, size_t max, size_t *n,
							   assay_err *err)
{
	for (const char *at = text;;) {
		char *end = NULL;
		errno = 0;
		uint64_t from = strtoull(at, &end, 10), to = from;
		bool ok = end != at && errno == 0 && *at >= '0' && *at <= '9';
		if (ok && *end == '-') {
			const char *second = end + 1;
			to = strtoull(second, &end, 10);
			ok = end != second && errno == 0 && *second >= '0' && *second <= '9' && to >= from;
		}
		if (!ok || (*end != ',' && *end != '\0'))
			return ASSAY_FAIL(err, E_USAGE, "--seeds %s: not like 0,3,5-8", text);
		if (to - from >= max - *n)
			return ASSAY_FAIL(err, E_USAGE, "--seeds: more than %zu", max);
		for (uint64_t s = from; s <= to; s++)
			out[(*n)++] = s;
		if (*end == '\0')
			return ASSAY_OK;
		at = end + 1;
	}
}

/* The published proportions: kappa of 65535, the penalty of 65534. */
static uint16_t proportion(double x, double whole)
{
	return (uint16_t)floor(x * whole + 1e-6);
}

static assay_status cross(const guarantees_options *o, asy_guar_setting *out, size_t max, size_t *n,
						  assay_err *err)
{
	reals stakes, sigmas, penalties, kappas, bonds;
	assay_status st = read_reals(
		"honest-stake",
		o->stakes != NULL ? o->stakes : "0.51,0.55,0.6,0.65,0.7,0.75,0.8,0.85,0.9,0.95,0.99", 0.001,
		0.999, &stakes, err);
	if (st == ASSAY_OK)
		st = read_reals("sigma", o->sigmas != NULL ? o->sigmas : "0.4", 0, 16, &sigmas, err);
	if (st == ASSAY_OK)
		st =
			read_reals("penalty", o->penalties != NULL ? o->penalties : "1", 0, 1, &penalties, err);
	if (st == ASSAY_OK)
		st = read_reals("kappa", o->kappas != NULL ? o->kappas : "0.5", 0, 1, &kappas, err);
	if (st == ASSAY_OK)
		st = read_reals("bonds", o->bonds != NULL ? o->bonds : "2", 2, 3, &bonds, err);
	if (st != ASSAY_OK)
		return st;
	*n = 0;
	for (size_t b = 0; b < bonds.n; b++)
		for (size_t k = 0; k < kappas.n; k++)
			for (size_t p = 0; p < penalties.n; p++)
				for (size_t g = 0; g < sigmas.n; g++)
					for (size_t s = 0; s < stakes.n; s++) {
						if (*n == max)
							return ASSAY_FAIL(err, E_USAGE, "more than %zu maps", max);
						out[(*n)++] = (asy_guar_setting){
							stakes.at[s], sigmas.at[g], proportion(kappas.at[k], 65535),
							proportion(penalties.at[p], 65534), bonds.at[b] > 2.5};
					}
	return ASSAY_OK;
}

static assay_status fiftieths(const char *option, double step, unsigned *out, assay_err *err)
{
	double n = step * ASY_GUAR_WHOLE;
	*out = (unsigned)(n + 0.5);
	if (!(n > 0.5 && n <= ASY_GUAR_WHOLE) || fabs(n - *out) > 1e-9)
		return ASSAY_FAIL(err, E_USAGE, "--%s %g: a multiple of 0.02, at most 1", option, step);
	return ASSAY_OK;
}

static assay_status make_plan(const guarantees_options *o, asy_guar **out, assay_err *err)
{
	asy_guar_setting *setting = asy_calloc(ASY_GUAR_SETTINGS_MAX, sizeof *setting);
	uint64_t *seed = asy_calloc(ASY_GUAR_SEEDS_MAX, sizeof *seed);
	asy_guar_plan plan = {.setting = setting, .seed = seed};
	assay_status st = setting == NULL || seed == NULL ? ASSAY_FAIL(err, E_NOMEM, "a plan")
													  : asy_front_cpu(o->cpu, &plan.cpu_mask, err);
	bool chosen = o->stakes != NULL || o->sigmas != NULL || o->penalties != NULL ||
				  o->kappas != NULL || o->bonds != NULL;
	if (st == ASSAY_OK && o->check && !chosen) {
		const asy_guar_published *row = asy_guar_published_get(&plan.setting_n);
		for (size_t i = 0; i < plan.setting_n; i++)
			setting[i] = row[i].setting;
	} else if (st == ASSAY_OK) {
		st = cross(o, setting, ASY_GUAR_SETTINGS_MAX, &plan.setting_n, err);
	}
	if (st == ASSAY_OK)
		st = read_seeds(o->seeds, seed, ASY_GUAR_SEEDS_MAX, &plan.seed_n, err);
	if (st == ASSAY_OK)
		st = fiftieths("step", o->step, &plan.honest_step, err);
	if (st == ASSAY_OK)
		st = fiftieths("cabal-step", o->cabal_step > 0 ? o->cabal_step : o->step, &plan.cabal_step,
					   err);
	if (st == ASSAY_OK)
		st = asy_guar_new(&plan, out, err);
	free(setting);
	free(seed);
	return st;
}

/* ---- the run ---- */

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* The first asks politely; SA_RESETHAND lets a second one end the process. */
static void watch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
}

typedef struct {
	asy_guar *g;
	guar_state *state;
	asy_clock *clock;
	uint64_t begin_ns, shown_ns;
	size_t before; /* units known when the run began */
	bool quiet, is_terminal;
} progress;

static double seconds(const progress *p)
{
	return (double)(p->clock->mono_ns(p->clock) - p->begin_ns) / 1e9;
}

static uint64_t epochs(const progress *p)
{
	return (uint64_t)(asy_guar_known(p->g) - p->before) * asy_guar_honest_n(p->g);
}

static void show(progress *p, bool is_last)
{
	uint64_t now = p->clock->mono_ns(p->clock);
	uint64_t pause = p->is_terminal ? 100000000u : 10000000000u;
	if (p->quiet || (!is_last && now - p->shown_ns < pause))
		return;
	p->shown_ns = now;
	double s = seconds(p), rate = s > 0 ? (double)epochs(p) / s : 0;
	size_t left = asy_guar_units(p->g) - asy_guar_known(p->g);
	double eta = rate > 0 ? (double)left * (double)asy_guar_honest_n(p->g) / rate : 0;
	(void)fprintf(stderr, "%s%zu of %zu lines of the map, %.0f epochs/s, %.0f s to go%s",
				  p->is_terminal ? "\r\033[K" : "", asy_guar_known(p->g), asy_guar_units(p->g),
				  rate, eta, p->is_terminal && !is_last ? "" : "\n");
	(void)fflush(stderr);
}

static assay_status keep(void *arg, assay_span line, assay_err *err)
{
	progress *p = arg;
	assay_status st = guar_state_add(p->state, line, err);
	if (st == ASSAY_OK && interrupted)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	show(p, false);
	return st;
}

static unsigned processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > 256 ? 256 : (unsigned)n;
}

static assay_status run(const guarantees_options *o, asy_guar *g, asy_guar_cost *cost,
						assay_err *err)
{
	guar_state state;
	assay_status st = guar_state_open(o->state, g, &state, err);
	if (st != ASSAY_OK)
		return st;
	progress p = {.g = g,
				  .state = &state,
				  .clock = asy_sys_clock(),
				  .before = asy_guar_known(g),
				  .quiet = o->quiet,
				  .is_terminal = isatty(STDERR_FILENO) == 1};
	p.begin_ns = p.shown_ns = p.clock->mono_ns(p.clock);
	if (p.before > 0 && !p.quiet)
		(void)fprintf(stderr, "%zu of %zu lines of the map are already in %s\n", p.before,
					  asy_guar_units(g), o->state);
	cost->threads = o->threads == 0 ? processors() : (unsigned)o->threads;
	watch_signals();
	st = asy_guar_run(g, cost->threads, keep, &p, err);
	cost->wall_s = seconds(&p);
	cost->epochs = epochs(&p);
	show(&p, true);
	guar_state_close(&state);
	if (st == ASSAY_E_CANCELLED && o->state != NULL)
		return ASSAY_FAIL(err, E_CANCELLED,
						  "interrupted; %zu of %zu lines of the map are in %s, and the same "
						  "command goes on from there",
						  asy_guar_known(g), asy_guar_units(g), o->state);
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED,
						  "interrupted; nothing is kept (--state FILE would keep it)");
	return st;
}

/* ---- the report ---- */

static void print_text(const asy_guar *g, const asy_guar_cost *cost)
{
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	(void)printf("yuma sigma penalty kappa honest     W_H  s.dev  W_C  table off by  allow\n");
	for (size_t m = 0; m < plan->setting_n; m++) {
		const asy_guar_setting *s = &plan->setting[m];
		asy_guar_summary sum = asy_guar_summarise(g, m);
		asy_guar_verdict v = asy_guar_check(g, m);
		(void)printf("%4d %5g %7u %5u %6g ", s->yuma3 ? 3 : 2, s->spread, s->bonds_penalty,
					 s->kappa, s->honest_stake);
		if (sum.is_kept)
			(void)printf("%7.4f ", sum.mean);
		else
			(void)printf("%7s ", "lost");
		if (plan->seed_n > 1)
			(void)printf("%6.4f %4.2f", sum.sd, sum.cabal_weight);
		else
			(void)printf("%6s %4.2f", "-", sum.cabal_weight);
		if (v.row != NULL)
			(void)printf("  %5.3f %6.4f %6.4f %s", v.row->headline, v.worst, v.tolerance,
						 v.is_within ? "within" : "OUTSIDE");
		(void)putchar('\n');
	}
	(void)printf(
		"\nhonest: the honest stake; W_H: the largest on the line, at this W_C (lost: even\n"
		"W_H = 1 does not keep the share); table: as published, off by so much, where so\n"
		"much is allowed\n");
	(void)printf("grid %zu x %zu, %zu seed%s (%" PRIu64 "%s), %" PRIu64
				 " epochs in %.1f s on %u thread%s: %.0f epochs/s\n",
				 asy_guar_honest_n(g), asy_guar_cabal_n(g), plan->seed_n,
				 plan->seed_n == 1 ? "" : "s", plan->seed[0], plan->seed_n == 1 ? "" : ", ...",
				 cost->epochs, cost->wall_s, cost->threads, cost->threads == 1 ? "" : "s",
				 cost->wall_s > 0 ? (double)cost->epochs / cost->wall_s : 0);
}

static assay_status write_file(const char *path, asy_buf *text, assay_status st, assay_err *err)
{
	if (st == ASSAY_OK)
		st = asy_front_write_file(path, asy_buf_span(text), err);
	asy_buf_reset(text);
	return st;
}

static bool is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

static assay_status report(const guarantees_options *o, const asy_guar *g,
						   const asy_guar_cost *cost, assay_err *err)
{
	asy_buf text = {0};
	assay_status st = ASSAY_OK;
	if (o->csv != NULL)
		st = write_file(o->csv, &text, asy_guar_csv(g, &text, err), err);
	if (st == ASSAY_OK && o->html != NULL)
		st = write_file(o->html, &text, asy_guar_html(g, cost, &text, err), err);
	if (st == ASSAY_OK && o->json) {
		st = asy_guar_json(g, cost, &text, err);
		if (st == ASSAY_OK)
			st = asy_front_print(&text, err);
	} else if (st == ASSAY_OK && !is_stdout(o->csv) && !is_stdout(o->html)) {
		print_text(g, cost);
	}
	asy_buf_fini(&text);
	return st;
}

static assay_status check(const asy_guar *g, assay_err *err)
{
	size_t compared = 0, outside = 0, n = asy_guar_plan_get(g)->setting_n;
	for (size_t m = 0; m < n; m++) {
		asy_guar_verdict v = asy_guar_check(g, m);
		compared += v.row != NULL;
		outside += v.row != NULL && !v.is_within;
	}
	if (compared == 0)
		return ASSAY_FAIL(err, E_EMPTY, "no number is published for these settings");
	if (outside > 0)
		return ASSAY_FAIL(err, E_MISMATCH, "%zu of %zu headline numbers are outside the tolerance",
						  outside, compared);
	(void)fprintf(stderr, "%zu headline numbers, all within the tolerance\n", compared);
	return ASSAY_OK;
}

int cmd_yuma_guarantees(int argc, char **argv)
{
	guarantees_options o = {.seeds = "0", .step = 0.04};
	const asy_front_opt opts[] = {
		{"honest-stake", ASY_FRONT_STR, &o.stakes, "LIST", "S_H (default: the eleven published)"},
		{"sigma", ASY_FRONT_STR, &o.sigmas, "LIST", "spread of the weights (default 0.4)"},
		{"penalty", ASY_FRONT_STR, &o.penalties, "LIST", "bonds penalty, 0 to 1 (default 1)"},
		{"kappa", ASY_FRONT_STR, &o.kappas, "LIST", "0 to 1 (default 0.5)"},
		{"bonds", ASY_FRONT_STR, &o.bonds, "LIST", "2: legacy, 3: Yuma 3 (default 2)"},
		{"seeds", ASY_FRONT_STR, &o.seeds, "LIST",
		 "like 0,3,5-8 (default 0, the published sample)"},
		{"step", ASY_FRONT_F64, &o.step, "X", "between grid points, k/50 (default 0.04)"},
		{"cabal-step", ASY_FRONT_F64, &o.cabal_step, "X", "the same for W_C (default: as --step)"},
		{"check", ASY_FRONT_FLAG, &o.check, NULL, "compare with the published table, fail outside"},
		{"state", ASY_FRONT_STR, &o.state, "FILE", "keep what is done; go on from it next time"},
		{"threads", ASY_FRONT_U64, &o.threads, "N",
		 "default: one per processor; never changes a result"},
		{"csv", ASY_FRONT_STR, &o.csv, "FILE",
		 "one row per point and seed (\"-\": standard output)"},
		{"html", ASY_FRONT_STR, &o.html, "FILE", "one page: lines, maps, the table"},
		{"quiet", ASY_FRONT_FLAG, &o.quiet, NULL, "no progress on standard error"},
		{"cpu", ASY_FRONT_STR, &o.cpu, "NAME",
		 "auto, scalar, avx2, avx512, neon; never changes a result"},
		{"json", ASY_FRONT_FLAG, &o.json, NULL, "everything as JSON on standard output"},
	};
	const asy_front_usage usage = {
		"assay yuma guarantees [options]",
		"How much of its weight an honest majority must put on honest miners to keep its share\n"
		"of the stake against one cabal: the published Monte-Carlo map, recomputed. Lists are\n"
		"combined with each other. With --check alone, all published settings.",
		opts, ASY_COUNT(opts)};
	const char *extra;
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &extra, 0, &n, &code))
		return code;
	if (o.threads > 256)
		return asy_front_misuse("yuma guarantees", "at most 256 threads");
	assay_err err = {0};
	asy_guar *g = NULL;
	asy_guar_cost cost = {0};
	assay_status st = make_plan(&o, &g, &err);
	if (st == ASSAY_OK)
		st = run(&o, g, &cost, &err);
	if (st == ASSAY_OK)
		st = report(&o, g, &cost, &err);
	if (st == ASSAY_OK && o.check)
		st = check(g, &err);
	asy_guar_free(g);
	return st == ASSAY_OK ? 0 : asy_front_fail("yuma guarantees", st, &err);
}
