/* One worker from its first message to its last, on the loop: its doorbell, its control
 * channel, its end and what it prints are watches that take in what there is, pass on
 * what it logs within the quota, and treat any message out of place as a broken
 * protocol. Calls await news from them. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "plugin/host.h"

#define OUT_SLOT ((uint64_t)128 << 20)
#define DRAIN_MAX 64                        /* messages per wake-up */
#define NOISE_MAX ((size_t)4096)            /* bytes of its output per wake-up */
#define EXIT_GRACE_NS ((uint64_t)100000000) /* from closing the channel to being gone */
#define UNMAP_BYTES ((uint64_t)32 << 20)    /* given back before the loop has its turn */
#define BYE_NS ((uint64_t)500000000)

uint64_t asy_session_in_at(const asy_plugin *p, unsigned slot)
{
	return ASY_RING_HEAD + slot * p->o.input_max;
}

uint64_t asy_session_out_at(const asy_plugin *p, unsigned slot)
{
	(void)p;
	return ASY_RING_HEAD + slot * OUT_SLOT;
}

/* ---- jobs ---- */

static void ring(int door)
{
	uint64_t one = 1;
	ssize_t n;
	do
		n = write(door, &one, sizeof one);
	while (n < 0 && errno == EINTR);
}

uint64_t asy_session_submit(asy_session *s, unsigned slot, const asy_ring_job *job)
{
	asy_slot_in *in = &asy_session_in(s)->slot[slot];
	in->job = *job;
	atomic_store_explicit(&in->gen, ++s->gen, memory_order_release);
	ring(s->door_in);
	return s->gen;
}

void asy_session_cancel(asy_session *s)
{
	atomic_store_explicit(&asy_session_in(s)->cancel, s->gen, memory_order_release);
}

/* ---- listening: the callbacks of the loop ---- */

static void drop(asy_watch **w)
{
	asy_watch_cancel(*w);
	*w = NULL;
}

static void deafen(asy_session *s)
{
	drop(&s->on_door);
	drop(&s->on_control);
	drop(&s->on_exit);
	drop(&s->on_noise);
	drop(&s->on_grace);
}

static void on_door(void *arg, int events)
{
	asy_session *s = arg;
	uint64_t count;
	(void)events;
	(void)!read(s->door_out, &count, sizeof count);
	s->has_news = true;
}

static void flush_noise(asy_session *s)
{
	if (s->line_len != 0)
		asy_plugin_said(s->p, ASSAY_LOG_WARN, s->line, s->line_len);
	s->line_len = 0;
}

/* What the plugin prints goes to the log line by line, like what it logs. False: it has
 * closed its end. */
static bool read_noise(asy_session *s)
{
	char chunk[512];
	for (size_t total = 0; total < NOISE_MAX;) {
		ssize_t n = read(s->noise, chunk, sizeof chunk);
		if (n <= 0)
			return n != 0;
		total += (size_t)n;
		for (ssize_t i = 0; i < n; i++) {
			if (chunk[i] != '\n')
				s->line[s->line_len++] = chunk[i];
			if (chunk[i] == '\n' || s->line_len == sizeof s->line)
				flush_noise(s);
		}
	}
	return true;
}

static void on_noise(void *arg, int events)
{
	asy_session *s = arg;
	(void)events;
	if (!read_noise(s))
		drop(&s->on_noise);
}

static void on_grace(void *arg, assay_status st)
{
	asy_session *s = arg;
	s->on_grace = NULL;
	if (st == ASSAY_OK)
		asy_session_kill(s);
}

/* The channel closes when the process dies, or when a plugin closes a descriptor
 * that it does not own. The process has a moment to end by itself. */
static void on_closed(asy_session *s)
{
	s->is_closed = true;
	drop(&s->on_control);
	if (!s->is_dead &&
		asy_loop_timer(s->p->loop, EXIT_GRACE_NS, on_grace, s, &s->on_grace, NULL) != ASSAY_OK)
		asy_session_kill(s);
}

static void break_off(asy_session *s)
{
	s->has_news = true;
	drop(&s->on_control);
}

/* Takes in what is queued, up to a message that is wanted: the next one belongs to the
 * next step. */
static void read_control(asy_session *s)
{
	for (int i = 0; i < DRAIN_MAX && !s->has_wanted && s->broken.status == ASSAY_OK; i++) {
		bool any;
		assay_status st = asy_msg_recv(s->control, &s->msg, false, &any, &s->broken);
		if (st == ASSAY_E_IO) {
			s->broken = (assay_err){0};
			on_closed(s);
			return;
		}
		if (st == ASSAY_OK && !any)
			return;
		if (st != ASSAY_OK)
			(void)!assay_err_at(&s->broken, ASSAY_E_PLUGIN, "worker of %s", s->p->where);
		else if (s->msg.kind == ASY_MSG_LOG)
			asy_plugin_said(s->p, s->msg.code, s->msg.text, s->msg.text_len);
		else if (s->msg.kind == s->wanted)
			s->has_wanted = s->has_news = true;
		else
			(void)!ASSAY_FAIL(&s->broken, E_PLUGIN,
							  "worker of %s sent message %" PRIu32 " out of place", s->p->where,
							  s->msg.kind);
	}
	if (s->broken.status != ASSAY_OK)
		break_off(s);
}

static void on_control(void *arg, int events)
{
	asy_session *s = arg;
	(void)events;
	read_control(s);
	if (s->has_wanted && asy_watch_events(s->on_control, 0, NULL) != ASSAY_OK)
		break_off(s);
}

/* Its last messages are still in the channel. */
static void on_exit_seen(void *arg, int events)
{
	asy_session *s = arg;
	(void)events;
	if (!s->is_closed)
		read_control(s);
	asy_session_reap(s, false);
	if (!s->is_dead)
		return;
	(void)read_noise(s);
	flush_noise(s);
	deafen(s);
	s->has_news = true;
}

static assay_status listen_to(asy_plugin *p, asy_session *s, assay_err *err)
{
	asy_loop *l = p->loop;
	s->p = p;
	assay_status st = asy_loop_fd(l, s->door_out, ASY_READABLE, on_door, s, &s->on_door, err);
	if (st == ASSAY_OK)
		st = asy_loop_fd(l, s->control, ASY_READABLE, on_control, s, &s->on_control, err);
	if (st == ASSAY_OK)
		st = asy_loop_fd(l, s->pidfd, ASY_READABLE, on_exit_seen, s, &s->on_exit, err);
	if (st == ASSAY_OK)
		st = asy_loop_fd(l, s->noise, ASY_READABLE, on_noise, s, &s->on_noise, err);
	return st;
}

/* ---- waiting ---- */

static bool has_news(void *arg)
{
	return ((asy_session *)arg)->has_news;
}

static bool is_gone(void *arg)
{
	return ((asy_session *)arg)->is_dead;
}

/* until, on the loop's clock. */
static uint64_t deadline(const asy_session *s, uint64_t until)
{
	uint64_t left = asy_sat_sub_u64(until, asy_plugin_now(s->p));
	return asy_sat_add_u64(asy_loop_now(s->p->loop), left);
}

static assay_status take_news(asy_session *s, assay_status st, assay_err *err)
{
	s->has_news = false;
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	if (s->broken.status != ASSAY_OK && err != NULL)
		*err = s->broken;
	return s->broken.status;
}

assay_status asy_session_wait(asy_session *s, uint64_t until, assay_err *err)
{
	return take_news(s, asy_loop_await(s->p->loop, has_news, s, deadline(s, until)), err);
}

assay_status asy_session_wait_end(asy_session *s, uint64_t until, assay_err *err)
{
	return take_news(s, asy_loop_await_end(s->p->loop, has_news, s, deadline(s, until)), err);
}

/* Before the worker's end, so that the system takes back the pages of a big input there and not
 * in us, who would stand still meanwhile. */
static void let_go_of_input(asy_session *s)
{
	uint64_t step = s->job_bytes > UNMAP_BYTES ? UNMAP_BYTES : s->in_size;
	uint8_t *in = s->in;
	s->in = NULL;
	for (uint64_t at = 0; in != NULL && at < s->in_size; at += step) {
		uint64_t left = s->in_size - at;
		(void)munmap(in + at, (size_t)(left < step ? left : step));
		if (left > step)
			(void)!asy_loop_yield(s->p->loop);
	}
}

void asy_session_finish(asy_session *s)
{
	let_go_of_input(s);
	asy_session_kill(s);
	if (!s->is_dead && s->on_exit != NULL &&
		asy_loop_await_end(s->p->loop, is_gone, s, ASY_NEVER) != ASSAY_OK)
		asy_session_reap(s, true); /* nothing tells us: block */
	deafen(s);
}

void asy_session_discard(asy_session *s)
{
	asy_session_finish(s);
	asy_session_free(s);
}

void asy_session_end(asy_plugin *p)
{
	asy_session *s = p->session;
	p->session = NULL;
	if (s != NULL)
		asy_session_discard(s);
}

/* From now on a message of this kind may come, once; it may be there already. */
static void want(asy_session *s, uint32_t kind)
{
	s->wanted = kind;
	s->has_wanted = false;
	if (!s->is_closed)
		read_control(s);
	if (!s->has_wanted && s->on_control != NULL &&
		asy_watch_events(s->on_control, ASY_READABLE, NULL) != ASSAY_OK)
		break_off(s);
}

/* ---- starting ---- */

static assay_status expect(asy_session *s, uint32_t kind, uint64_t until, const char *step,
						   assay_err *err)
{
	const asy_plugin *p = s->p;
	want(s, kind);
	while (!s->has_wanted) {
		char fate[80];
		if (s->is_dead) {
			asy_session_fate(s, fate, sizeof fate);
			return ASSAY_FAIL(err, E_PLUGIN, "%s: the worker ended with %s %s", p->where, fate,
							  step);
		}
		if (asy_plugin_now(p) >= until)
			return ASSAY_FAIL(err, E_TIMEOUT, "%s took longer than %" PRIu64 " ms %s", p->where,
							  p->o.open_ns / 1000000u, step);
		assay_status st = asy_session_wait(s, until, err);
		if (st == ASSAY_E_CANCELLED)
			return ASSAY_FAIL(err, E_CANCELLED, "interrupted while starting %s", p->where);
		if (st != ASSAY_OK)
			return st;
	}
	s->wanted = 0;
	return ASSAY_OK;
}

/* A refusal that the worker put into words; its status must be one that exists. */
static assay_status refusal(asy_msg *m, assay_err *err)
{
	asy_printable(m->text, m->text_len);
	assay_status st = m->code > ASSAY_OK && m->code < (int32_t)ASSAY_STATUS_N
						  ? (assay_status)m->code
						  : ASSAY_E_PLUGIN;
	return asy_err_set(err, st, "%s", m->text);
}

static assay_status describe(asy_plugin *p, const asy_buf *blob, assay_err *err)
{
	assay_status st = asy_info_decode(asy_buf_span(blob), p->arena, &p->about, err);
	if (st == ASSAY_OK)
		st = asy_info_grant(&p->about, p->o.grant, p->o.cache_dir, err);
	if (st == ASSAY_OK)
		st = asy_plugin_config(asy_span_str(p->about.config_schema), p->o.config, &p->config, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "%s", p->where);
	return asy_buf_add(&p->blob, blob->ptr, blob->len, err);
}

static assay_status take_description(asy_plugin *p, asy_session *s, asy_msg *m, assay_err *err)
{
	asy_buf copy = {0};
	if (m->code != ASSAY_OK)
		return refusal(m, err);
	if (m->len > ASY_INFO_BLOB_MAX)
		return ASSAY_FAIL(err, E_PLUGIN, "%s: description of %" PRIu64 " bytes", p->where, m->len);
	/* copy first, check after, from the copy only */
	assay_status st = asy_buf_add(&copy, s->out + asy_session_out_at(p, 0), (size_t)m->len, err);
	if (st == ASSAY_OK && p->blob.len == 0)
		st = describe(p, &copy, err);
	else if (st == ASSAY_OK && !asy_span_eq(asy_buf_span(&copy), asy_buf_span(&p->blob)))
		st = ASSAY_FAIL(err, E_PLUGIN, "%s describes itself differently than at its first start",
						p->where);
	asy_buf_fini(&copy);
	return st;
}

static assay_status send_open(asy_plugin *p, asy_session *s, assay_err *err)
{
	asy_msg m = {.kind = ASY_MSG_OPEN, .seq = ++s->seq, .arg = p->o.threads};
	bool has_cache = (p->about.needs & ASY_NEED_CACHE) != 0 && p->o.cache_dir != NULL;
	if (p->config.len > p->o.input_max)
		return ASSAY_FAIL(err, E_LIMIT, "%s: configuration of %zu bytes does not fit", p->where,
						  p->config.len);
	m.off = asy_session_in_at(p, 0);
	m.len = p->config.len;
	memcpy(s->in + m.off, p->config.ptr, p->config.len);
	if (has_cache)
		asy_msg_set_text(&m, p->o.cache_dir, strlen(p->o.cache_dir));
	return asy_msg_send(s->control, &m, true, err);
}

assay_status asy_session_greet(asy_plugin *p, asy_session *s, uint64_t until, assay_err *err)
{
	assay_status st = listen_to(p, s, err);
	if (st == ASSAY_OK)
		st = expect(s, ASY_MSG_HELLO, until, "starting", err);
	if (st == ASSAY_OK && s->msg.arg != ASY_PROTO_VERSION)
		st = ASSAY_FAIL(err, E_UNSUPPORTED,
						"%s speaks worker protocol %" PRIu32 ", this program %u: install both from "
						"one build",
						p->o.worker_path, s->msg.arg, ASY_PROTO_VERSION);
	return st;
}

static assay_status shake_hands(asy_plugin *p, asy_session *s, assay_err *err)
{
	uint64_t until = asy_sat_add_u64(asy_plugin_now(p), p->o.open_ns);

	assay_status st = asy_session_greet(p, s, until, err);
	if (st == ASSAY_OK)
		asy_plugin_caged(p, &s->msg);
	if (st == ASSAY_OK)
		st = expect(s, ASY_MSG_LOADED, until, "loading the plugin", err);
	if (st == ASSAY_OK)
		st = take_description(p, s, &s->msg, err);
	if (st == ASSAY_OK)
		st = send_open(p, s, err);
	if (st == ASSAY_OK)
		st = expect(s, ASY_MSG_READY, until, "opening the plugin", err);
	if (st == ASSAY_OK && s->msg.code != ASSAY_OK)
		st = refusal(&s->msg, err);
	if (st == ASSAY_OK)
		want(s, 0);
	return st;
}

assay_status asy_session_start(asy_plugin *p, assay_err *err)
{
	asy_session *s = NULL;
	uint64_t in_size = ASY_RING_HEAD + ASY_RING_SLOTS * p->o.input_max;
	uint64_t out_size = ASY_RING_HEAD + ASY_RING_SLOTS * OUT_SLOT;

	assay_status st = asy_spawn(p, in_size, out_size, &s, err);
	if (st != ASSAY_OK)
		return st;
	st = shake_hands(p, s, err);
	if (st != ASSAY_OK) {
		asy_session_discard(s);
		return st;
	}
	p->session = s;
	asy_plugin_emit(p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_STARTED, .pid = s->pid});
	return ASSAY_OK;
}

void asy_session_stop(asy_plugin *p)
{
	asy_session *s = p->session;
	asy_msg m = {.kind = ASY_MSG_DRAIN};

	if (s == NULL)
		return;
	m.seq = ++s->seq;
	if (!s->is_dead && asy_msg_send(s->control, &m, false, NULL) == ASSAY_OK) {
		uint64_t until = asy_sat_add_u64(asy_plugin_now(p),
										 asy_plugin_is_interrupted(p) ? ASY_GRACE_NS : BYE_NS);
		want(s, ASY_MSG_BYE);
		while (!s->is_dead && asy_plugin_now(p) < until)
			if (asy_session_wait_end(s, until, NULL) != ASSAY_OK)
				break;
	}
	asy_session_end(p);
}
