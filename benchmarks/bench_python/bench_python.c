/* What it costs that a model is a file of Python's: one JSON object on stdout.
 *
 *   bench_python [--quick]
 *
 * The same scoring in C and in Python, both in a worker, and a Python file that scores
 * nothing; rows a second of whole calls of asy_plugin_score, median of the runs, and
 * the time from spawn to ready. The bits of C and Python are compared. Noise: other load
 * on the machine; run on an idle one. */
#include <stdlib.h>
#include "codec/codec.h"
#include "plugin/plugin.h"

#define DIE(err) (void)(fprintf(stderr, "bench_python: %s\n", (err).msg), exit(EXIT_FAILURE))
#define ROWS_MAX 256u
#define RUNS_MAX 200u

static const struct {
	const char *key, *so, *config;
} model[] = {
	{"c", BENCH_C, "{}"},
	{"python", BENCH_PYTHON, "{\"script\":\"" BENCH_SCRIPTS "/distinct.py\"}"},
	{"python_nothing", BENCH_PYTHON, "{\"script\":\"" BENCH_SCRIPTS "/nothing.py\"}"},
};

static double now_s(void)
{
	return (double)asy_sys_clock()->mono_ns(asy_sys_clock()) / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return v[n / 2];
}

static asy_plugin *open_model(size_t which)
{
	assay_err err;
	asy_plugin *p = NULL;
	asy_plugin_opts o = {.path = model[which].so,
						 .config = asy_span_str(model[which].config),
						 .worker_path = BENCH_WORKER,
						 .clock = asy_sys_clock()};
	if (asy_plugin_open(&o, &p, &err) != ASSAY_OK)
		DIE(err);
	return p;
}

typedef struct {
	asy_plugin_challenge challenge;
	asy_plugin_response response[ROWS_MAX];
	asy_plugin_row row[ASY_COUNT(model)][ROWS_MAX];
	uint8_t *body;
} load;

static void measure(asy_jw *w, load *l, size_t which, size_t runs)
{
	double s[RUNS_MAX];
	assay_err err;
	const asy_plugin_round round = {.round = 1};
	const asy_plugin_batch batch = {&l->challenge, 1, l->response, ROWS_MAX};
	asy_plugin *p = open_model(which);
	for (size_t i = 0; i <= runs; i++) {
		asy_plugin_results res = {.row = l->row[which]};
		memset(l->row[which], 0, sizeof l->row[which]);
		double t = now_s();
		if (asy_plugin_score(p, &round, &batch, &res, &err) != ASSAY_OK)
			DIE(err);
		s[i == 0 ? 0 : i - 1] = now_s() - t; /* the first call is for warming up */
	}
	asy_plugin_close(p);
	asy_jw_kf64(w, model[which].key, ROWS_MAX / median(s, runs));
}

static bool bench_load(asy_jw *w, size_t bytes, size_t runs)
{
	load *l = calloc(1, sizeof *l);
	if (l == NULL || (l->body = malloc(ROWS_MAX * bytes)) == NULL)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < ROWS_MAX * bytes; i++)
		l->body[i] = (uint8_t)(i * 2654435761u >> 24);
	for (uint32_t i = 0; i < ROWS_MAX; i++)
		l->response[i] =
			(asy_plugin_response){.body = asy_span(l->body + i * bytes, bytes), .miner = i};
	asy_jw_object(w);
	asy_jw_ku64(w, "bytes_a_row", bytes);
	for (size_t k = 0; k < ASY_COUNT(model); k++)
		measure(w, l, k, runs);
	bool same = memcmp(l->row[0], l->row[1], sizeof l->row[0]) == 0;
	asy_jw_kbool(w, "equal_bits", same);
	asy_jw_end_object(w);
	free(l->body);
	free(l);
	return same;
}

static void bench_start(asy_jw *w, const char *key, size_t which, size_t runs)
{
	double ms[RUNS_MAX];
	for (size_t i = 0; i < runs; i++) {
		double t = now_s();
		asy_plugin *p = open_model(which);
		ms[i] = (now_s() - t) * 1e3;
		asy_plugin_close(p);
	}
	asy_jw_kf64(w, key, median(ms, runs));
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {64, 2048, 65536};
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0, same = true;
	asy_buf out = {0};
	assay_err err;
	asy_jw w = asy_jw_out(&out, 2);

	asy_jw_object(&w);
	asy_jw_kstr(&w, "benchmark", "python");
	asy_jw_kstr(&w, "version", assay_version());
	bench_start(&w, "c_start_to_ready_ms", 0, quick ? 2 : 20);
	bench_start(&w, "python_start_to_ready_ms", 1, quick ? 2 : 20);
	asy_jw_key(&w, "rows_per_second");
	asy_jw_array(&w);
	for (size_t i = 0; i < ASY_COUNT(sizes); i++)
		same &= bench_load(&w, sizes[i], quick ? 3 : RUNS_MAX);
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
