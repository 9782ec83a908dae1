/* What the process boundary costs: one JSON object on stdout.
 *
 *   bench_worker [--quick]
 *
 * Medians with the 10th and 90th percentile, in microseconds, of whole calls of
 * asy_plugin_score: shuffle, copy in, wake-ups, scoring, copy out, judging. "warm"
 * calls follow each other; "cold" ones after 2 ms of sleep, when a core must wake.
 * The same rows go through both hosts and their bits are compared. Noise: other
 * load on the machine shows in p90; run on an idle one. */
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include "codec/codec.h"
#include "plugin/plugin.h"

#define DIE(err) (void)(fprintf(stderr, "bench_worker: %s\n", (err).msg), exit(EXIT_FAILURE))

static uint64_t now_ns(void)
{
	return asy_sys_clock()->mono_ns(asy_sys_clock());
}

static void nap_ms(long ms)
{
	struct timespec ts = {.tv_nsec = ms * 1000000};
	(void)nanosleep(&ts, NULL);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void put_spread(asy_jw *w, const char *key, double *us, size_t n)
{
	qsort(us, n, sizeof *us, by_value);
	asy_jw_key(w, key);
	asy_jw_object(w);
	asy_jw_kf64(w, "median_us", us[n / 2]);
	asy_jw_kf64(w, "p10_us", us[n / 10]);
	asy_jw_kf64(w, "p90_us", us[n - 1 - n / 10]);
	asy_jw_ku64(w, "runs", n);
	asy_jw_end_object(w);
}

/* ---- opening ---- */

typedef struct {
	uint64_t died_at;
} watch;

static void on_event(void *arg, const asy_plugin_event *ev)
{
	watch *w = arg;
	if (ev->kind == ASY_PLUGIN_EV_CRASHED && w->died_at == 0)
		w->died_at = now_ns();
}

static asy_plugin *open_hash(asy_isolation isolation, watch *w)
{
	assay_err err;
	asy_plugin *p = NULL;
	asy_plugin_opts o = {.path = BENCH_PLUGIN,
						 .worker_path = BENCH_WORKER,
						 .isolation = isolation,
						 .clock = asy_sys_clock(),
						 .on_event = on_event,
						 .on_event_arg = w,
						 .backoff_ns = 1,
						 .backoff_max_ns = 1,
						 .faults_max = UINT32_MAX};
	if (asy_plugin_open(&o, &p, &err) != ASSAY_OK)
		DIE(err);
	return p;
}

static void bench_start(asy_jw *w, size_t runs)
{
	double us[256];
	watch none = {0};
	for (size_t i = 0; i < runs; i++) {
		uint64_t t = now_ns();
		asy_plugin *p = open_hash(ASY_ISOLATION_WORKER, &none);
		us[i] = (double)(now_ns() - t) / 1e3;
		asy_plugin_close(p);
	}
	put_spread(w, "start_to_ready", us, runs);
}

/* ---- scoring ---- */

typedef struct {
	size_t rows, bytes;
	asy_plugin_challenge challenge;
	asy_plugin_response *response;
	asy_plugin_row *row[2];
	uint8_t *body;
} load;

static load load_new(size_t rows, size_t bytes)
{
	load l = {.rows = rows, .bytes = bytes};
	l.response = calloc(rows, sizeof *l.response);
	l.row[0] = calloc(rows, sizeof *l.row[0]);
	l.row[1] = calloc(rows, sizeof *l.row[1]);
	l.body = malloc(rows * bytes);
	if (l.response == NULL || l.row[0] == NULL || l.row[1] == NULL || l.body == NULL)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < rows * bytes; i++)
		l.body[i] = (uint8_t)(i * 2654435761u >> 24 | 0x80);
	for (size_t i = 0; i < rows; i++) {
		l.response[i].body = asy_span(l.body + i * bytes, bytes);
		l.response[i].miner = (uint32_t)i;
	}
	return l;
}

static void load_free(load *l)
{
	free(l->response);
	free(l->row[0]);
	free(l->row[1]);
	free(l->body);
}

static double score_once(asy_plugin *p, load *l, int which)
{
	assay_err err;
	const asy_plugin_round round = {.round = 1};
	const asy_plugin_batch batch = {&l->challenge, 1, l->response, l->rows};
	asy_plugin_results res = {.row = l->row[which]};
	memset(l->row[which], 0, l->rows * sizeof *l->row[which]);
	uint64_t t = now_ns();
	if (asy_plugin_score(p, &round, &batch, &res, &err) != ASSAY_OK)
		DIE(err);
	return (double)(now_ns() - t) / 1e3;
}

static void measure(asy_jw *w, const char *key, asy_plugin *p, load *l, int which, size_t runs,
					bool cold)
{
	double us[4096];
	(void)score_once(p, l, which);
	for (size_t i = 0; i < runs; i++) {
		if (cold)
			nap_ms(2);
		us[i] = score_once(p, l, which);
	}
	put_spread(w, key, us, runs);
}

static bool bench_load(asy_jw *w, size_t rows, size_t bytes, size_t runs)
{
	load l = load_new(rows, bytes);
	watch none = {0};
	asy_plugin *inside = open_hash(ASY_ISOLATION_NONE, &none);
	asy_plugin *outside = open_hash(ASY_ISOLATION_WORKER, &none);
	asy_jw_object(w);
	asy_jw_ku64(w, "rows", rows);
	asy_jw_ku64(w, "bytes_a_row", bytes);
	measure(w, "in_process", inside, &l, 0, runs, false);
	measure(w, "worker_warm", outside, &l, 1, runs, false);
	measure(w, "worker_cold", outside, &l, 1, runs / 4 + 1, true);
	bool same = memcmp(l.row[0], l.row[1], rows * sizeof *l.row[0]) == 0;
	asy_jw_kbool(w, "equal_bits", same);
	asy_jw_end_object(w);
	asy_plugin_close(inside);
	asy_plugin_close(outside);
	load_free(&l);
	return same;
}

/* From the call to the event, of a row that kills at once; then until the round is
 * over, which includes a fresh worker, a second death and the verdict. */
static void bench_death(asy_jw *w, size_t runs)
{
	double noticed[256], over[256];
	load l = load_new(1, 64);
	watch seen = {0};
	asy_plugin *p = open_hash(ASY_ISOLATION_WORKER, &seen);
	l.body[0] = '!';
	(void)score_once(p, &l, 0); /* from here on every round begins with a new worker */
	for (size_t i = 0; i < runs; i++) {
		l.body[0] = 'x';
		(void)score_once(p, &l, 0);
		l.body[0] = '!';
		seen.died_at = 0;
		uint64_t t = now_ns();
		over[i] = score_once(p, &l, 0);
		noticed[i] = (double)(seen.died_at - t) / 1e3;
	}
	put_spread(w, "death_noticed", noticed, runs);
	put_spread(w, "poison_verdict", over, runs);
	asy_plugin_close(p);
	load_free(&l);
}

int main(int argc, char **argv)
{
	static const struct {
		size_t rows, bytes, runs;
	} loads[] = {{1, 64, 2000}, {256, 64, 1000}, {256, 2048, 300}, {256, 65536, 40}};
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0, same = true;
	asy_buf out = {0};
	assay_err err;
	struct utsname un;
	asy_jw w = asy_jw_out(&out, 2);

	asy_jw_object(&w);
	asy_jw_kstr(&w, "benchmark", "worker");
	asy_jw_kstr(&w, "version", assay_version());
	asy_jw_kstr(&w, "kernel", uname(&un) == 0 ? un.release : "unknown");
	bench_start(&w, quick ? 5 : 50);
	bench_death(&w, quick ? 3 : 50);
	asy_jw_key(&w, "loads");
	asy_jw_array(&w);
	for (size_t i = 0; i < ASY_COUNT(loads); i++)
		same &= bench_load(&w, loads[i].rows, loads[i].bytes, quick ? 4 : loads[i].runs);
	asy_jw_end_array(&w);
	asy_jw_kbool(&w, "equal_bits", same);
	asy_jw_end_object(&w);
	if (asy_jw_end(&w, &err) != ASSAY_OK)
		DIE(err);
	(void)fwrite(out.ptr, 1, out.len, stdout);
	(void)fputc('\n', stdout);
	asy_buf_fini(&out);
	return same ? EXIT_SUCCESS : EXIT_FAILURE;
}
