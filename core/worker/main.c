/* assay-worker: one reward plugin in a process of its own. Born with descriptors
 * 3..8 and nothing else; loads the plugin, opens it, scores what the host puts into
 * shared memory, and leaves when told to or when the host is gone. Started by the
 * host only; it has no options and reads no file by name.
 *
 * The order of main is the order of trust: the cage first, then code of the plugin,
 * then its open with a configuration, then the rest of the cage, then miners' bytes. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "worker/cage.h"

/* Exit codes that the host reports: 64 wrong start, 70 own failure. */
enum { EXIT_START = 64, EXIT_OWN = 70 };

#define LOG_LINES_MAX 256 /* a job; the host has its own quota, this one saves the trip */

typedef struct {
	const uint8_t *in;
	uint8_t *out;
	uint64_t in_size, out_size;
	asy_shim shim;
	asy_instance inst;
	worker_cage cage;
	_Atomic uint64_t running; /* generation of the job in hand; 0 = none */
	_Atomic uint32_t lines;
	asy_slot_out *slot;   /* of the job in hand */
	asy_run_state *state; /* likewise; NULL: none */
	uint32_t seq;
} worker;

static const asy_ring_in *host_words(const worker *w)
{
	return (const void *)w->in;
}
static asy_ring_out *own_words(const worker *w)
{
	return (void *)w->out;
}

/* ---- what the plugin can reach ---- */

static uint64_t clock_ns(void *arg)
{
	struct timespec ts;
	(void)arg;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* edge: the worker is one */
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static bool is_cancelled(void *arg)
{
	const worker *w = arg;
	uint64_t running = atomic_load_explicit(&w->running, memory_order_relaxed);
	return running != 0 &&
		   atomic_load_explicit(&host_words(w)->cancel, memory_order_acquire) >= running;
}

/* Any thread; one packet is atomic. A full channel drops the line: logging must
 * not be able to slow scoring down. */
static void send_log(void *arg, int32_t level, const char *msg, size_t len)
{
	worker *w = arg;
	asy_msg m = {.kind = ASY_MSG_LOG, .code = level};
	if (atomic_fetch_add(&w->lines, 1) >= LOG_LINES_MAX)
		return;
	asy_msg_set_text(&m, msg, len);
	(void)!asy_msg_send(ASY_FD_CONTROL, &m, false, NULL);
}

/* ---- control ---- */

static bool say(worker *w, asy_msg *m)
{
	m->seq = ++w->seq;
	return asy_msg_send(ASY_FD_CONTROL, m, true, NULL) == ASSAY_OK;
}

static bool say_result(worker *w, uint32_t kind, assay_status st, const assay_err *err,
					   uint64_t len)
{
	asy_msg m = {.kind = kind, .code = (int32_t)st, .len = len};
	if (st != ASSAY_OK)
		asy_msg_set_text(&m, err->msg, strlen(err->msg));
	return say(w, &m);
}

/* ---- start-up ---- */

static bool map_files(worker *w)
{
	struct stat in, out;
	if (fstat(ASY_FD_INPUT, &in) != 0 || fstat(ASY_FD_OUTPUT, &out) != 0 ||
		(uint64_t)in.st_size < ASY_RING_HEAD || (uint64_t)out.st_size < ASY_RING_HEAD)
		return false;
	w->in_size = (uint64_t)in.st_size;
	w->out_size = (uint64_t)out.st_size;
	void *p = mmap(NULL, w->in_size, PROT_READ, MAP_SHARED | MAP_NORESERVE, ASY_FD_INPUT, 0);
	void *q = mmap(NULL, w->out_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
				   ASY_FD_OUTPUT, 0);
	if (p == MAP_FAILED || q == MAP_FAILED)
		return false;
	w->in = p;
	w->out = q;
	const asy_ring_in *head = host_words(w);
	w->cage.want = head->cage;
	w->cage.in = asy_span(w->in, (size_t)w->in_size);
	return head->magic == ASY_PROTO_MAGIC && head->version == ASY_PROTO_VERSION &&
		   head->in_size == w->in_size && head->out_size == w->out_size;
}

static assay_status load(worker *w, uint64_t *len, assay_err *err)
{
	char file[32];
	asy_buf blob = {.max = ASY_INFO_BLOB_MAX};

	(void)snprintf(file, sizeof file, "/proc/self/fd/%d", ASY_FD_PLUGIN);
	assay_status st = asy_tables_load(file, "the plugin", &w->inst.t, err);
	if (st == ASSAY_OK)
		st = asy_info_encode(&w->inst.t.info, &blob, err);
	if (st == ASSAY_OK && blob.len > w->out_size - ASY_RING_HEAD)
		st = ASSAY_FAIL(err, E_LIMIT, "description of %zu bytes", blob.len);
	if (st == ASSAY_OK) {
		memcpy(w->out + ASY_RING_HEAD, blob.ptr, blob.len);
		*len = blob.len;
	}
	asy_buf_fini(&blob);
	return st;
}

static assay_status open_plugin(worker *w, const asy_msg *m, assay_err *err)
{
	if (m->off > w->in_size || m->len > w->in_size - m->off)
		return ASSAY_FAIL(err, E_FORMAT, "configuration outside the shared memory");
	w->shim.log = send_log;
	w->shim.is_cancelled = is_cancelled;
	w->shim.mono_ns = clock_ns;
	w->shim.arg = w;
	asy_shim_init(&w->shim, m->arg, m->text_len != 0 ? m->text : NULL);
	w->inst.shim = &w->shim;
	assay_status st = asy_instance_open(&w->inst, asy_span(w->in + m->off, (size_t)m->len), err);
	if (st != ASSAY_OK)
		return st;
	asy_cage_shrink(&w->cage, w->inst.t.info.mem_hint);
	return asy_cage_close(&w->cage, err);
}

/* In the first message, while this process is still nobody's but ours. */
static bool say_hello(worker *w)
{
	const asy_cage *c = &w->cage.got;
	asy_msg m = {
		.kind = ASY_MSG_HELLO, .arg = ASY_PROTO_VERSION, .off = c->parts, .len = c->landlock};
	asy_msg_set_text(&m, c->why, strlen(c->why));
	return say(w, &m);
}

static assay_status check_cage(const worker_cage *c, assay_err *err)
{
	if ((c->got.parts & (ASY_CAGE_CALLS | ASY_CAGE_INSTRUMENTED)) != 0 || c->want.may_lack_calls)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_UNSUPPORTED,
					  "system calls cannot be filtered here (%s), so nothing would keep the plugin "
					  "from what its user can do",
					  c->got.why);
}

/* HELLO, LOADED, wait for OPEN, READY. False: leave. */
static bool start(worker *w)
{
	assay_err err = {0};
	asy_msg m;
	uint64_t len = 0;
	bool got;

	if (!say_hello(w))
		return false;
	assay_status st = check_cage(&w->cage, &err);
	if (st == ASSAY_OK)
		st = load(w, &len, &err);
	if (!say_result(w, ASY_MSG_LOADED, st, &err, len) || st != ASSAY_OK)
		return false;
	if (asy_msg_recv(ASY_FD_CONTROL, &m, true, &got, NULL) != ASSAY_OK || !got ||
		m.kind != ASY_MSG_OPEN)
		return false;
	st = open_plugin(w, &m, &err);
	return say_result(w, ASY_MSG_READY, st, &err, 0) && st == ASSAY_OK;
}

/* ---- jobs ---- */

static void ring_host(void)
{
	uint64_t one = 1;
	ssize_t n;
	do
		n = write(ASY_FD_DOOR_OUT, &one, sizeof one);
	while (n < 0 && errno == EINTR);
}

static void put_fail(asy_slot_out *o, assay_span fail)
{
	o->fail_len = fail.len < ASY_FAIL_MAX ? (uint32_t)fail.len : ASY_FAIL_MAX;
	memcpy(o->fail, fail.ptr, o->fail_len);
}

static asy_run_state state_of(worker *w, const asy_ring_job *job, const asy_job_view *view)
{
	return (asy_run_state){.before = asy_span(view->state.ptr, (size_t)view->state.len),
						   .after = w->out + job->state_at,
						   .cap = ASSAY_STATE_MAX,
						   .phase = &w->slot->phase};
}

static void tell_state(const worker *w, const asy_run_state *s)
{
	asy_slot_out *o = w->slot;
	o->state_flags = (s->is_saved ? ASY_STATE_SAVED : 0) | (s->is_anew ? ASY_STATE_ANEW : 0) |
					 (s->is_unsaved ? ASY_STATE_UNSAVED : 0);
	o->state_len = s->len;
	o->state_why_len = (uint32_t)s->why_len;
	memcpy(o->state_why, s->why, s->why_len);
}

static void on_progress(void *arg, uint64_t done, assay_span fail)
{
	worker *w = arg;
	if (w->state != NULL)
		tell_state(w, w->state);
	if (fail.ptr != NULL) {
		put_fail(w->slot, fail);
		atomic_store_explicit(&w->slot->fail_at, done, memory_order_relaxed);
	}
	atomic_store_explicit(&w->slot->watermark, done, memory_order_release);
	/* the last one is announced with DONE, by one bell instead of two */
	if (done < host_words(w)->slot[w->slot - own_words(w)->slot].job.response_n)
		ring_host();
}

static assay_round_info round_info(const asy_ring_job *job)
{
	assay_round_info info = {.size = sizeof info,
							 .round = job->round,
							 .block = job->block,
							 .deadline_ns = asy_sat_add_u64(clock_ns(NULL), job->budget_ns)};
	memcpy(info.seed, job->seed, sizeof info.seed);
	return info;
}

static void run_score(worker *w, const asy_ring_job *job, const asy_job_view *view)
{
	asy_run run = {
		.challenge = view->challenge,
		.challenge_n = job->challenge_n,
		.response = view->response,
		.response_n = job->response_n,
		.step = job->step,
		.round = round_info(job),
		.score = (void *)(w->out + job->score_at),
		.flag = w->out + job->flag_at,
		.component = job->component_at != 0 ? (void *)(w->out + job->component_at) : NULL,
		.rc = w->out + job->rc_at,
		.progress = on_progress,
		.arg = w,
		.state = w->state,
	};
	(void)asy_run_score(&w->inst, &run);
}

static assay_status run_make(worker *w, const asy_ring_job *job, assay_err *err)
{
	assay_round_info info = round_info(job);
	assay_challenge *c = NULL;
	uint32_t made = 0;
	uint64_t used = 0;

	if (w->inst.t.api.make_challenges == NULL)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "the plugin makes no challenges");
	assay_status st = asy_run_make(&w->inst, &info, w->state, job->want, &c, &made, err);
	if (st == ASSAY_OK)
		st = asy_ring_made_write(c, made, w->out + job->made_at, job->made_cap, &used, err);
	free(c);
	if (w->state != NULL)
		tell_state(w, w->state);
	if (st == ASSAY_OK) {
		w->slot->made_bytes = used;
		atomic_store_explicit(&w->slot->watermark, made, memory_order_release);
	}
	return st;
}

static void run_job(worker *w, unsigned slot, uint64_t gen)
{
	/* a copy: what was checked is what is used, whoever else maps the file */
	const asy_ring_job job = host_words(w)->slot[slot].job;
	asy_slot_out *o = &own_words(w)->slot[slot];
	asy_job_view view = {0};
	assay_err err = {0};
	uint32_t component_n = w->inst.t.info.component_n;
	asy_run_state state;

	w->slot = o;
	atomic_store(&w->lines, 0);
	atomic_store(&w->running, gen);
	o->fail_len = 0;
	o->state_flags = 0;
	atomic_store_explicit(&o->phase, ASY_PHASE_CALL, memory_order_relaxed);
	atomic_store_explicit(&o->fail_at, 0, memory_order_relaxed);
	atomic_store_explicit(&o->watermark, 0, memory_order_relaxed);
	atomic_store_explicit(&o->state, ASY_SLOT_RUNNING, memory_order_relaxed);
	atomic_store_explicit(&o->gen, gen, memory_order_release);
	assay_status st =
		asy_ring_job_read(asy_span(w->in, w->in_size), w->out_size, &job, component_n, &view, &err);
	if (st == ASSAY_OK && job.has_state != 0 && w->inst.t.api.state_load != NULL) {
		state = state_of(w, &job, &view);
		w->state = &state;
	}
	if (st == ASSAY_OK && job.kind == ASY_JOB_MAKE)
		st = run_make(w, &job, &err);
	else if (st == ASSAY_OK)
		run_score(w, &job, &view);
	if (st != ASSAY_OK)
		put_fail(o, asy_span_str(err.msg));
	w->state = NULL;
	asy_job_view_fini(&view);
	atomic_store(&w->running, 0);
	atomic_store_explicit(&o->state, st == ASSAY_OK ? ASY_SLOT_DONE : ASY_SLOT_FAILED,
						  memory_order_release);
	ring_host();
}

/* The oldest job that was given and not begun; false when there is none. */
static bool next_job(const worker *w, unsigned *slot, uint64_t *gen)
{
	*gen = UINT64_MAX;
	for (unsigned i = 0; i < ASY_RING_SLOTS; i++) {
		uint64_t given = atomic_load_explicit(&host_words(w)->slot[i].gen, memory_order_acquire);
		uint64_t begun = atomic_load_explicit(&own_words(w)->slot[i].gen, memory_order_relaxed);
		if (given > begun && given < *gen) {
			*slot = i;
			*gen = given;
		}
	}
	return *gen != UINT64_MAX;
}

/* ---- the loop ---- */

/* False: told to leave, or nobody is there any more. */
static bool obey(worker *w)
{
	asy_msg m;
	bool got;
	if (asy_msg_recv(ASY_FD_CONTROL, &m, false, &got, NULL) != ASSAY_OK)
		return false;
	if (!got)
		return true;
	if (m.kind == ASY_MSG_DRAIN) {
		asy_msg bye = {.kind = ASY_MSG_BYE};
		asy_instance_close(&w->inst);
		(void)say(w, &bye);
	}
	return false;
}

static void serve(worker *w)
{
	struct pollfd pf[] = {{.fd = ASY_FD_CONTROL, .events = POLLIN},
						  {.fd = ASY_FD_DOOR_IN, .events = POLLIN}};
	for (;;) {
		uint64_t gen, count;
		unsigned slot = 0;
		while (next_job(w, &slot, &gen))
			run_job(w, slot, gen);
		if (poll(pf, ASY_COUNT(pf), -1) < 0 && errno != EINTR)
			return;
		if ((pf[1].revents & POLLIN) != 0)
			(void)!read(ASY_FD_DOOR_IN, &count, sizeof count);
		if (pf[0].revents != 0 && !obey(w))
			return;
	}
}

int main(void)
{
	static worker w; /* large, and the plugin may use what stack it likes */
	assay_err err;

	if (!map_files(&w)) {
		(void)fputs("assay-worker is started by assayd and assay; it does nothing by itself\n",
					stderr);
		return EXIT_START;
	}
	if (asy_crypto_init(&err) != ASSAY_OK || !asy_cage_process(&w.cage))
		return EXIT_OWN;
	asy_cage_files(&w.cage);
	asy_cage_calls(&w.cage);
	if (!start(&w))
		return EXIT_SUCCESS; /* the host knows why */
	serve(&w);
	return EXIT_SUCCESS;
}
