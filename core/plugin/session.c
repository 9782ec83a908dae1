/* One worker from its first message to its last. Waits on everything it can say at
 * once, passes on what it logs within the quota, and treats any message out of
 * place as a broken protocol. Never blocks longer than one tick without looking
 * whether the caller wants to stop. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include "plugin/host.h"

#define OUT_SLOT ((uint64_t)128 << 20)
#define DRAIN_MAX 64             /* messages per wake-up */
#define NOISE_MAX ((size_t)4096) /* bytes of its output per wake-up */
#define EXIT_GRACE_MS 100        /* from closing the channel to being gone */
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

/* ---- listening ---- */

static void flush_noise(asy_plugin *p, asy_session *s)
{
	if (s->line_len != 0)
		asy_plugin_said(p, ASSAY_LOG_WARN, s->line, s->line_len);
	s->line_len = 0;
}

/* What the plugin prints goes to the log line by line, like what it logs. */
static void read_noise(asy_plugin *p, asy_session *s)
{
	char chunk[512];
	for (size_t total = 0; total < NOISE_MAX;) {
		ssize_t n = read(s->noise, chunk, sizeof chunk);
		if (n <= 0)
			return;
		total += (size_t)n;
		for (ssize_t i = 0; i < n; i++) {
			if (chunk[i] != '\n')
				s->line[s->line_len++] = chunk[i];
			if (chunk[i] == '\n' || s->line_len == sizeof s->line)
				flush_noise(p, s);
		}
	}
}

/* The channel closes when the process dies, or when a plugin closes a descriptor
 * that it does not own. Waits for the process to end, then kills it. */
static void await_end(asy_session *s)
{
	struct pollfd pf = {.fd = s->pidfd, .events = POLLIN};
	(void)poll(&pf, 1, EXIT_GRACE_MS);
	asy_session_reap(s, false);
	asy_session_kill(s);
}

/* Handles what is queued. wanted (if not NULL) receives a message of its kind. */
static assay_status read_control(asy_plugin *p, asy_session *s, asy_msg *wanted, bool *got,
								 assay_err *err)
{
	asy_msg m;
	for (int i = 0; i < DRAIN_MAX; i++) {
		bool any;
		assay_status st = asy_msg_recv(s->control, &m, false, &any, err);
		if (st == ASSAY_E_IO) {
			await_end(s);
			return ASSAY_OK;
		}
		if (st != ASSAY_OK)
			return assay_err_at(err, ASSAY_E_PLUGIN, "worker of %s", p->where);
		if (!any)
			return ASSAY_OK;
		if (m.kind == ASY_MSG_LOG) {
			asy_plugin_said(p, m.code, m.text, m.text_len);
		} else if (wanted != NULL && m.kind == wanted->kind) {
			*wanted = m;
			*got = true;
			return ASSAY_OK;
		} else {
			return ASSAY_FAIL(err, E_PLUGIN, "worker of %s sent message %" PRIu32 " out of place",
							  p->where, m.kind);
		}
	}
	return ASSAY_OK;
}

static assay_status pump(asy_plugin *p, asy_session *s, uint64_t timeout_ns, asy_msg *wanted,
						 bool *got, assay_err *err)
{
	struct pollfd pf[] = {
		{.fd = s->door_out, .events = POLLIN},
		{.fd = s->control, .events = POLLIN},
		{.fd = s->pidfd, .events = POLLIN},
		{.fd = s->noise, .events = POLLIN},
		{.fd = p->o.wake_fd > 0 ? p->o.wake_fd : -1, .events = POLLIN},
	};
	uint64_t ns = timeout_ns < ASY_TICK_NS ? timeout_ns : ASY_TICK_NS;
	struct timespec ts = {.tv_nsec = (long)ns};
	uint64_t count;
	/* The last descriptor stays readable until its owner reads it. Once it has
	 * woken us without an interrupt, it is left out, or we would spin. */
	nfds_t n = s->is_wake_muted ? ASY_COUNT(pf) - 1 : ASY_COUNT(pf);

	if (ppoll(pf, n, &ts, NULL) <= 0)
		return ASSAY_OK;
	if ((pf[0].revents & POLLIN) != 0)
		(void)!read(s->door_out, &count, sizeof count);
	if (pf[3].revents != 0)
		read_noise(p, s);
	s->is_wake_muted = s->is_wake_muted || pf[4].revents != 0;
	assay_status st = ASSAY_OK;
	if (pf[1].revents != 0)
		st = read_control(p, s, wanted, got, err);
	if (st == ASSAY_OK && pf[2].revents != 0 && !s->is_dead) {
		/* its last messages are still in the channel; after a wanted message the
		 * next one belongs to the next call */
		if (wanted == NULL || !*got)
			st = read_control(p, s, wanted, got, err);
		asy_session_reap(s, false);
	}
	return st;
}

assay_status asy_session_wait(asy_plugin *p, uint64_t timeout_ns, assay_err *err)
{
	assay_status st = pump(p, p->session, timeout_ns, NULL, NULL, err);
	if (p->session->is_dead) {
		read_noise(p, p->session);
		flush_noise(p, p->session);
	}
	return st;
}

/* ---- starting ---- */

static assay_status expect(asy_plugin *p, asy_session *s, uint32_t kind, uint64_t until,
						   const char *step, asy_msg *m, assay_err *err)
{
	bool got = false;
	m->kind = kind;
	while (!got) {
		uint64_t now = asy_plugin_now(p);
		if (asy_plugin_is_interrupted(p))
			return ASSAY_FAIL(err, E_CANCELLED, "interrupted while starting %s", p->where);
		if (now >= until)
			return ASSAY_FAIL(err, E_TIMEOUT, "%s took longer than %" PRIu64 " ms %s", p->where,
							  p->o.open_ns / 1000000u, step);
		assay_status st = pump(p, s, until - now, m, &got, err);
		if (st != ASSAY_OK)
			return st;
		if (!got && s->is_dead) {
			char fate[80];
			read_noise(p, s);
			flush_noise(p, s);
			asy_session_fate(s, fate, sizeof fate);
			return ASSAY_FAIL(err, E_PLUGIN, "%s: the worker ended with %s %s", p->where, fate,
							  step);
		}
	}
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

static assay_status shake_hands(asy_plugin *p, asy_session *s, assay_err *err)
{
	asy_msg m = {0};
	uint64_t until = asy_sat_add_u64(asy_plugin_now(p), p->o.open_ns);

	assay_status st = expect(p, s, ASY_MSG_HELLO, until, "starting", &m, err);
	if (st == ASSAY_OK && m.arg != ASY_PROTO_VERSION)
		st = ASSAY_FAIL(err, E_UNSUPPORTED,
						"%s speaks worker protocol %" PRIu32 ", this program %u: install both from "
						"one build",
						p->o.worker_path, m.arg, ASY_PROTO_VERSION);
	if (st == ASSAY_OK)
		asy_plugin_caged(p, &m);
	if (st == ASSAY_OK)
		st = expect(p, s, ASY_MSG_LOADED, until, "loading the plugin", &m, err);
	if (st == ASSAY_OK)
		st = take_description(p, s, &m, err);
	if (st == ASSAY_OK)
		st = send_open(p, s, err);
	if (st == ASSAY_OK)
		st = expect(p, s, ASY_MSG_READY, until, "opening the plugin", &m, err);
	if (st == ASSAY_OK && m.code != ASSAY_OK)
		st = refusal(&m, err);
	return st;
}

assay_status asy_session_start(asy_plugin *p, assay_err *err)
{
	asy_session *s = NULL;
	uint64_t in_size = ASY_RING_HEAD + ASY_RING_SLOTS * p->o.input_max;
	uint64_t out_size = ASY_RING_HEAD + ASY_RING_SLOTS * OUT_SLOT;

	assay_status st = asy_spawn(p, in_size, out_size, &s, err);
	if (st == ASSAY_OK)
		st = shake_hands(p, s, err);
	if (st != ASSAY_OK) {
		asy_session_free(s);
		return st;
	}
	p->session = s;
	asy_plugin_emit(p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_STARTED, .pid = s->pid});
	return ASSAY_OK;
}

void asy_session_stop(asy_plugin *p)
{
	asy_session *s = p->session;
	asy_msg m = {.kind = ASY_MSG_DRAIN}, bye = {.kind = ASY_MSG_BYE};
	bool got = false;

	p->session = NULL;
	if (s == NULL)
		return;
	m.seq = ++s->seq;
	if (!s->is_dead && asy_msg_send(s->control, &m, false, NULL) == ASSAY_OK) {
		uint64_t until = asy_sat_add_u64(asy_plugin_now(p), BYE_NS);
		for (uint64_t now; !s->is_dead && (now = asy_plugin_now(p)) < until;) {
			if (asy_plugin_is_interrupted(p) && until - now > ASY_GRACE_NS)
				until = now + ASY_GRACE_NS;
			if (pump(p, s, until - now, &bye, &got, NULL) != ASSAY_OK)
				break;
		}
		read_noise(p, s);
		flush_noise(p, s);
	}
	asy_session_free(s);
}
