/* What the plugin tests share: opening a test plugin in either host, building a
 * batch from bodies, and counting what happened. */
#ifndef ASSAY_TESTS_PLUGIN_WORLD_H
#define ASSAY_TESTS_PLUGIN_WORLD_H
#include <math.h>
#include "plugin/plugin.h"
#include "support/test.h"

#define MS ((uint64_t)1000000)
#define ROWS_MAX 4096
#define WORKER ASSAY_BINARY_DIR "/bin/assay-worker"
#define TRICK ASSAY_BINARY_DIR "/test-plugins/trick.so"
#define TRICK_WHOLE ASSAY_BINARY_DIR "/test-plugins/trick-whole.so"
#define TRICK_IDENTITY ASSAY_BINARY_DIR "/test-plugins/trick-identity.so"

/* A sanitizer's worker starts, and dies, an order of magnitude slower. */
#if defined(ASSAY_ASAN) || defined(ASSAY_TSAN)
#define SLOW 10u
#else
#define SLOW 1u
#endif

typedef struct {
	asy_plugin_challenge challenge[4];
	asy_plugin_response response[ROWS_MAX];
	char text[ROWS_MAX][48];
	asy_plugin_batch batch;
	asy_plugin_row row[ROWS_MAX];
	double component[ROWS_MAX * 2];
	asy_plugin_results res;
	asy_plugin_round round;
	unsigned reports[ROWS_MAX];    /* times a row was reported as final */
	unsigned events[16];           /* by kind */
	char last_text[16][256];       /* by kind */
	uint64_t rows_at[16];          /* ev.rows of the last of a kind */
	size_t reported, refuse_after; /* on_rows fails once reported >= refuse_after; 0 = never */
	assay_err err;
} world;

static inline void world_event(void *arg, const asy_plugin_event *ev)
{
	world *w = arg;
	w->events[ev->kind]++;
	w->rows_at[ev->kind] = ev->rows;
	(void)asy_str_copy(w->last_text[ev->kind], sizeof w->last_text[0], ev->text);
}

static inline assay_status world_rows(void *arg, const size_t *rows, size_t n, assay_err *err)
{
	world *w = arg;
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_ne(w->row[rows[i]].flag, ASY_ROW_PENDING);
		w->reports[rows[i]]++;
	}
	w->reported += n;
	if (w->refuse_after != 0 && w->reported >= w->refuse_after)
		return ASSAY_FAIL(err, E_STORE, "the journal is full");
	return ASSAY_OK;
}

/* n rows "answer i" to two challenges, by miners 100 + i % 7. */
static inline world *world_new(size_t n)
{
	world *w = calloc(1, sizeof *w);
	ck_assert(w != NULL && n <= ROWS_MAX);
	w->challenge[0].prompt = asy_span_str("first question");
	w->challenge[0].reference = asy_span_str("reference");
	w->challenge[1].prompt = asy_span_str("second question");
	w->challenge[1].meta_json = asy_span_str("{\"k\":1}");
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(w->text[i], sizeof w->text[i], "answer %zu", i);
		w->response[i].body = asy_span_str(w->text[i]);
		w->response[i].challenge = i % 2;
		w->response[i].miner = (uint32_t)(100 + i % 7);
	}
	w->batch = (asy_plugin_batch){w->challenge, 2, w->response, n};
	w->res = (asy_plugin_results){
		.row = w->row, .component = w->component, .on_rows = world_rows, .arg = w};
	w->round.round = 7;
	memset(w->round.seed, 0x5a, sizeof w->round.seed);
	return w;
}

static inline void world_say(world *w, size_t row, const char *body)
{
	w->response[row].body = asy_span_str(body);
}

static inline asy_plugin_opts world_opts(world *w, const char *path, asy_isolation isolation)
{
	return (asy_plugin_opts){
		.path = path,
		.isolation = isolation,
		.worker_path = WORKER,
		.grant = ASY_PLUGIN_GRANT_DEFAULT,
		.clock = asy_sys_clock(),
		.on_event = world_event,
		.on_event_arg = w,
		.backoff_ns = MS,
		.backoff_max_ns = 5 * MS,
		.faults_max = 1000,
	};
}

static inline asy_plugin *world_open(world *w, const char *path, asy_isolation isolation)
{
	asy_plugin_opts o = world_opts(w, path, isolation);
	asy_plugin *p = NULL;
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	return p;
}

static inline void world_score(world *w, asy_plugin *p)
{
	ck_ok(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err), w->err);
}

/* Same flags, causes, bits of scores, values and components. */
static inline void world_same(const world *a, const world *b)
{
	ck_assert_uint_eq(a->batch.response_n, b->batch.response_n);
	for (size_t i = 0; i < a->batch.response_n; i++) {
		ck_assert_msg(memcmp(&a->row[i].score, &b->row[i].score, 8) == 0 &&
						  memcmp(&a->row[i].value, &b->row[i].value, 8) == 0 &&
						  a->row[i].flag == b->row[i].flag && a->row[i].cause == b->row[i].cause,
					  "row %zu: %.17g/%s and %.17g/%s", i, a->row[i].score,
					  asy_row_flag_name(a->row[i].flag), b->row[i].score,
					  asy_row_flag_name(b->row[i].flag));
		ck_assert(memcmp(&a->component[i * 2], &b->component[i * 2], 16) == 0);
	}
}

static inline uint64_t world_now(void)
{
	return asy_sys_clock()->mono_ns(asy_sys_clock());
}
#endif
