/* The probes of `assay plugin check --deep` and what they share. */
#include <dlfcn.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "plugin/probe_impl.h"

#define OPENINGS 1000u
#define OPENINGS_NS ((uint64_t)5000000000u)
#define ALLOCATIONS_MAX 400u
#define EXTRA 64u /* bytes that a later host appends */

/* ---- the plugin ---- */

static void no_log(void *arg, int32_t level, const char *msg, size_t len)
{
	(void)arg;
	(void)level;
	(void)msg;
	(void)len;
}
static bool never_cancelled(void *arg)
{
	(void)arg;
	return false;
}
static uint64_t clock_ns(void *arg)
{
	asy_clock *c = ((probe *)arg)->o->clock;
	return c->mono_ns(c);
}

assay_status probe_load(const asy_probe_opts *o, probe *p, assay_err *err)
{
	*p = (probe){.o = o};
	p->shim.log = no_log;
	p->shim.is_cancelled = never_cancelled;
	p->shim.mono_ns = clock_ns;
	p->shim.arg = p;
	asy_shim_init(&p->shim, 1, o->cache_dir);
	return asy_tables_load(o->path, "the plugin", &p->t, err);
}

assay_status probe_open(probe *p, assay_plugin **out, assay_err *err)
{
	asy_instance in = {.t = p->t, .shim = &p->shim};
	assay_status st = asy_instance_open(&in, p->o->config, err);
	*out = in.self;
	return st;
}

void probe_close(probe *p, assay_plugin *self)
{
	asy_instance in = {.t = p->t, .shim = &p->shim, .self = self};
	asy_instance_close(&in);
}

int32_t probe_call(probe *p, assay_plugin *self, const probe_job *job)
{
	/* a struct longer than ours is ours with something behind it */
	struct {
		assay_batch b;
		uint8_t more[EXTRA];
	} batch = {.b = {.size = job->batch_size,
					 .challenge_n = (uint32_t)p->o->batch->challenge_n,
					 .response_n = job->n,
					 .challenge = job->challenge,
					 .response = job->response,
					 .challenge_stride = job->challenge_stride,
					 .response_stride = job->response_stride}};
	struct {
		assay_scores s;
		uint8_t more[EXTRA];
	} scores = {.s = {.size = job->scores_size,
					  .component_n = p->t.info.component_n,
					  .score = job->score,
					  .flag = job->flag,
					  .component = job->component}};
	assay_round_info round = {.size = sizeof round, .round = 1, .deadline_ns = UINT64_MAX};
	for (uint64_t i = 0; i < job->n; i++)
		job->score[i] = NAN;
	memset(job->flag, 0, job->n);
	for (uint64_t i = 0; job->component != NULL && i < job->n * p->t.info.component_n; i++)
		job->component[i] = NAN;
	memset(batch.more, 0xa5, sizeof batch.more);
	memset(scores.more, 0xa5, sizeof scores.more);
	asy_shim_enter(&p->shim, round.seed);
	if (p->t.api.state_load != NULL)
		(void)p->t.api.state_load(self, job->state);
	int32_t rc = asy_rc_clean(p->t.api.score_batch(self, &round, &batch.b, &scores.s));
	asy_shim_leave(&p->shim);
	return rc;
}

/* ---- the batch ---- */

static assay_bytes bytes_of(assay_span s)
{
	return (assay_bytes){s.ptr, s.len};
}

/* Strides may be longer than the structs; what lies between is no zero. */
static bool fill(const probe *p, probe_job *job)
{
	const asy_plugin_batch *b = p->o->batch;
	uint32_t cs = job->challenge_stride, rs = job->response_stride;
	uint8_t *c = asy_calloc(b->challenge_n + 1, cs), *r = asy_calloc(b->response_n + 1, rs);
	job->challenge = (void *)c;
	job->response = (void *)r;
	if (c == NULL || r == NULL)
		return false;
	memset(c, 0xa5, b->challenge_n * cs);
	memset(r, 0xa5, b->response_n * rs);
	for (size_t i = 0; i < b->challenge_n; i++) {
		assay_challenge x = {0};
		x.prompt = bytes_of(b->challenge[i].prompt);
		x.reference = bytes_of(b->challenge[i].reference);
		x.meta_json = bytes_of(b->challenge[i].meta_json);
		memcpy(c + i * cs, &x, sizeof x);
	}
	for (size_t i = 0; i < b->response_n; i++) {
		const asy_plugin_response *from = &b->response[i];
		assay_response x = {0};
		x.body = bytes_of(from->body);
		if ((p->o->needs & ASY_NEED_IDENTITY) != 0) {
			x.hotkey = from->who.hotkey;
			x.coldkey = from->who.coldkey;
			x.address = from->who.address;
		}
		x.content_type = bytes_of(from->content_type);
		x.challenge = from->challenge;
		x.miner = from->miner;
		x.status = from->status;
		x.latency_ms = from->latency_ms;
		memcpy(r + i * rs, &x, sizeof x);
	}
	return true;
}

static bool init_job(const probe *p, uint32_t extra, probe_job *job)
{
	size_t n = p->o->batch->response_n, components = p->t.info.component_n;
	*job = (probe_job){.challenge_stride = (uint32_t)sizeof(assay_challenge) + extra,
					   .response_stride = (uint32_t)sizeof(assay_response) + extra,
					   .batch_size = (uint32_t)sizeof(assay_batch) + extra,
					   .scores_size = (uint32_t)sizeof(assay_scores) + extra,
					   .n = n,
					   .score = asy_calloc(n + 1, sizeof(double)),
					   .flag = asy_calloc(n + 1, 1),
					   .component = components != 0 ? asy_calloc(n * components + 1, 8) : NULL};
	return fill(p, job) && job->score != NULL && job->flag != NULL &&
		   (components == 0 || job->component != NULL);
}

bool probe_job_init(const probe *p, probe_job *job)
{
	return init_job(p, 0, job);
}

void probe_job_fini(probe_job *job)
{
	free((void *)(uintptr_t)job->challenge);
	free((void *)(uintptr_t)job->response);
	free(job->score);
	free(job->flag);
	free(job->component);
}

assay_status probe_score_fresh(probe *p, const probe_job *job, assay_err *err)
{
	assay_plugin *self = NULL;
	assay_status st = probe_open(p, &self, err);
	if (st != ASSAY_OK)
		return st;
	int32_t rc = probe_call(p, self, job);
	probe_close(p, self);
	return rc == ASSAY_RC_OK
			   ? ASSAY_OK
			   : ASSAY_FAIL(err, E_PLUGIN, "score_batch returned %s", asy_rc_name(rc));
}

assay_status probe_same(const probe_job *a, const probe_job *b, assay_err *err)
{
	for (uint64_t i = 0; i < a->n; i++)
		if (a->flag[i] != b->flag[i] ||
			(a->flag[i] == ASSAY_ROW_SCORED && memcmp(&a->score[i], &b->score[i], 8) != 0))
			return ASSAY_FAIL(err, E_MISMATCH,
							  "row %" PRIu64 " has %.17g (flag %u) in the place of %.17g (flag %u)",
							  i, b->score[i], b->flag[i], a->score[i], a->flag[i]);
	return ASSAY_OK;
}

/* ---- descriptor ---- */

static void *ask_entry(void *arg)
{
	void *symbol = arg;
	assay_plugin_entry_fn *entry;
	memcpy(&entry, &symbol, sizeof entry);
	return (void *)(uintptr_t)entry();
}

static assay_status entry_is_constant(probe *p, assay_err *err)
{
	void *lib = dlopen(p->o->path, RTLD_NOW | RTLD_LOCAL), *first, *second;
	void *symbol = lib != NULL ? dlsym(lib, "assay_plugin_entry_v1") : NULL;
	pthread_t a, b;
	if (symbol == NULL || pthread_create(&a, NULL, ask_entry, symbol) != 0)
		return ASSAY_FAIL(err, E_IO, "cannot ask the entry");
	if (pthread_create(&b, NULL, ask_entry, symbol) != 0) {
		(void)pthread_join(a, NULL);
		return ASSAY_FAIL(err, E_IO, "cannot ask the entry from two threads");
	}
	(void)pthread_join(a, &first);
	(void)pthread_join(b, &second);
	if (first != second || first != ask_entry(symbol))
		return ASSAY_FAIL(err, E_PLUGIN, "the entry returns another pointer the second time");
	return ASSAY_FAIL(err, OK, "the entry returns one pointer, from two threads");
}

/* ---- lifecycle ---- */

static assay_status instances_are_independent(probe *p, assay_err *err)
{
	probe_job alone, first, second;
	assay_plugin *a = NULL, *b = NULL;
	bool ok = probe_job_init(p, &alone) && probe_job_init(p, &first) && probe_job_init(p, &second);
	assay_status st = ok ? probe_score_fresh(p, &alone, err) : ASSAY_FAIL(err, E_NOMEM, "rows");
	if (st == ASSAY_OK)
		st = probe_open(p, &a, err);
	if (st == ASSAY_OK)
		st = probe_open(p, &b, err);
	if (st == ASSAY_OK) {
		(void)probe_call(p, a, &first);
		(void)probe_call(p, b, &second);
		st = probe_same(&alone, &first, err);
	}
	if (st == ASSAY_OK)
		st = probe_same(&alone, &second, err);
	if (b != NULL) { /* the other one must outlive it */
		probe_close(p, b);
		(void)probe_call(p, a, &first);
		if (st == ASSAY_OK)
			st = probe_same(&alone, &first, err);
	}
	probe_close(p, a);
	return st == ASSAY_OK ? ASSAY_FAIL(err, OK, "two instances score as one does alone") : st;
}

typedef struct {
	size_t memory;
	unsigned files;
} usage;

static usage measure(void)
{
	struct mallinfo2 m = mallinfo2();
	usage u = {m.uordblks + m.hblkhd, 0};
	for (int fd = 0; fd < 1024; fd++)
		u.files += fcntl(fd, F_GETFD) != -1;
	return u;
}

static assay_status openings_leave_nothing(probe *p, assay_err *err)
{
	usage before = {0}, after;
	uint32_t n = 0, warm = 50;
	uint64_t until = clock_ns(p) + OPENINGS_NS;
	for (; n < OPENINGS && (n < warm + 2 || clock_ns(p) < until); n++) {
		assay_plugin *self = NULL;
		*p->o->step = n;
		assay_status st = probe_open(p, &self, err);
		if (st != ASSAY_OK)
			return st;
		probe_close(p, self);
		if (n == warm || (n < warm && clock_ns(p) > until - OPENINGS_NS / 2)) {
			warm = n;
			before = measure();
		}
	}
	after = measure();
	if (after.files > before.files)
		return ASSAY_FAIL(err, E_PLUGIN, "%u descriptors are left open after %" PRIu32 " openings",
						  after.files - before.files, n - warm);
	if (after.memory > before.memory + (size_t)16 * (n - warm))
		return ASSAY_FAIL(err, E_PLUGIN, "%zu bytes are left after %" PRIu32 " openings",
						  after.memory - before.memory, n - warm);
	return ASSAY_FAIL(err, OK, "opened and closed %" PRIu32 " times, nothing is left", n);
}

static assay_status no_rows(probe *p, assay_err *err)
{
	probe_job job;
	assay_plugin *self = NULL;
	if (!probe_job_init(p, &job))
		return ASSAY_FAIL(err, E_NOMEM, "rows");
	job.n = 0;
	assay_status st = probe_open(p, &self, err);
	if (st != ASSAY_OK)
		return st;
	int32_t rc = probe_call(p, self, &job);
	probe_close(p, self);
	if (rc != ASSAY_RC_OK)
		return ASSAY_FAIL(err, E_PLUGIN, "a batch without rows gives %s", asy_rc_name(rc));
	return ASSAY_FAIL(err, OK, "a batch without rows is fine");
}

static assay_status allocations_fail(probe *p, assay_err *err)
{
	probe_job job;
	uint32_t n = 1;
	assay_status st =
		probe_job_init(p, &job) ? probe_fail_allocations(p, err) : ASSAY_FAIL(err, E_NOMEM, "rows");
	for (bool failed = true; st == ASSAY_OK && failed && n <= ALLOCATIONS_MAX; n++) {
		assay_plugin *self = NULL;
		*p->o->step = n;
		probe_fail_at(n);
		if (probe_open(p, &self, NULL) == ASSAY_OK) {
			(void)probe_call(p, self, &job);
			probe_close(p, self);
		}
		failed = probe_has_failed();
	}
	probe_fail_at(0);
	return st == ASSAY_OK
			   ? ASSAY_FAIL(err, OK, "each of %" PRIu32 " allocations failed once: no crash", n - 2)
			   : st;
}

/* ---- scoring ---- */

/* Longer structs and strides, as of a later host. */
static assay_status later_host(probe *p, assay_err *err)
{
	probe_job now, later;
	bool ok = probe_job_init(p, &now) && init_job(p, EXTRA, &later);
	assay_status st = ok ? probe_score_fresh(p, &now, err) : ASSAY_FAIL(err, E_NOMEM, "rows");
	if (st == ASSAY_OK)
		st = probe_score_fresh(p, &later, err);
	if (st == ASSAY_OK)
		st = probe_same(&now, &later, err);
	return st == ASSAY_OK
			   ? ASSAY_FAIL(err, OK, "rows and structs %u bytes longer give the same bits", EXTRA)
			   : st;
}

/* ---- determinism ---- */

static assay_status surroundings(probe *p, assay_err *err)
{
	probe_job before, after;
	bool ok = probe_job_init(p, &before) && probe_job_init(p, &after);
	assay_status st = ok ? probe_score_fresh(p, &before, err) : ASSAY_FAIL(err, E_NOMEM, "rows");
	if (st != ASSAY_OK)
		return st;
	ok = setenv("TZ", "Pacific/Kiritimati", 1) == 0 && setenv("HOME", "/nowhere", 1) == 0 &&
		 setenv("OMP_NUM_THREADS", "3", 1) == 0 && chdir("/") == 0;
	const char *locale = setlocale(LC_ALL, "de_DE.UTF-8");
	if (locale == NULL)
		locale = setlocale(LC_ALL, "C.UTF-8");
	st = ok ? probe_score_fresh(p, &after, err) : ASSAY_FAIL(err, E_IO, "cannot change them");
	if (st == ASSAY_OK)
		st = probe_same(&before, &after, err);
	return st == ASSAY_OK ? ASSAY_FAIL(err, OK,
									   "same bits in another folder, time zone, environment and "
									   "locale (%s)",
									   locale != NULL ? locale : "C")
						  : st;
}

/* What an instance says of itself; the caller frees. */
static assay_status save(probe *p, assay_plugin *self, assay_bytes *out, assay_err *err)
{
	uint64_t need = 0, again = 0;
	asy_shim_enter(&p->shim, NULL);
	int32_t rc = asy_rc_clean(p->t.api.state_save(self, NULL, 0, &need));
	uint8_t *b =
		rc == ASSAY_RC_OK && need <= ASSAY_STATE_MAX ? asy_calloc((size_t)need + 1, 1) : NULL;
	if (b != NULL)
		rc = asy_rc_clean(p->t.api.state_save(self, b, need, &again));
	asy_shim_leave(&p->shim);
	*out = (assay_bytes){need != 0 ? b : NULL, need};
	if (rc == ASSAY_RC_OK && b != NULL && again == need)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_PLUGIN, "state_save gives %s, %" PRIu64 " bytes and then %" PRIu64,
					  asy_rc_name(rc), need, again);
}

/* A second round in the instance that had the first, and in one that got its state. */
static assay_status state_is_all(probe *p, assay_err *err)
{
	probe_job straight, moved;
	assay_plugin *a = NULL, *b = NULL;
	if (p->t.api.state_save == NULL || p->t.api.state_load == NULL)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "it keeps no state");
	bool ok = probe_job_init(p, &straight) && probe_job_init(p, &moved);
	assay_status st = ok ? probe_open(p, &a, err) : ASSAY_FAIL(err, E_NOMEM, "rows");
	if (st == ASSAY_OK)
		st = probe_open(p, &b, err);
	if (st == ASSAY_OK) {
		(void)probe_call(p, a, &straight);
		st = save(p, a, &straight.state, err);
	}
	if (st == ASSAY_OK) {
		moved.state = straight.state;
		(void)probe_call(p, a, &straight);
		(void)probe_call(p, b, &moved);
		st = probe_same(&straight, &moved, err);
	}
	return st == ASSAY_OK
			   ? ASSAY_FAIL(err, OK, "%" PRIu64 " bytes of state are all of it", straight.state.len)
			   : st;
}

static const struct {
	const char *id;
	assay_status (*run)(probe *p, assay_err *err);
} probes[] = {
	{"D08", entry_is_constant},
	{"L04", instances_are_independent},
	{"L05", openings_leave_nothing},
	{"L06", no_rows},
	{"L07", allocations_fail},
	{"S02", probe_at_page_ends},
	{"S04", later_host},
	{"N06", surroundings},
	{"N10", state_is_all},
};

const char *asy_probe_id(size_t i)
{
	return i < ASY_COUNT(probes) ? probes[i].id : NULL;
}

assay_status asy_probe_run(size_t i, const asy_probe_opts *o, assay_err *err)
{
	static probe p; /* large */
	assay_status st = probe_load(o, &p, err);
	return st == ASSAY_OK ? probes[i].run(&p, err) : st;
}
