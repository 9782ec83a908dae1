/* The real client: libcurl's multi handle on our loop, and the queue before it.
 * libcurl has a queue of its own, but it starts a request's clock when the
 * request enters that queue; ours starts the clock when the request starts, so
 * that a miner is never charged for waiting on our side. */
#include <stdlib.h>
#include "http/queue.h"
#include "http/transfer.h"

#define SLICE_NS ((uint64_t)5000000) /* of starting requests, or of reading, between two polls */

typedef struct {
	asy_http base;
	CURLM *multi;
	asy_http_limits limits;
	asy_http_queue queue;
	call_list running;
	asy_watch *timer;           /* libcurl's */
	asy_watch *kick;            /* ours: start what may start, from the loop */
	uint64_t turn, turn_end_ns; /* of the loop: how long sockets are served in it */
	uint64_t skipped_turn;      /* the last one in which some had to wait */
	bool closing;
} client;

static client *client_of(asy_http *h)
{
	return (client *)h;
}

/* ---- lists ---- */

void asy_call_append(call_list *l, asy_http_call *c)
{
	c->prev = l->last;
	c->next = NULL;
	if (l->last != NULL)
		l->last->next = c;
	else
		l->first = c;
	l->last = c;
	l->n++;
}

void asy_call_unlink(call_list *l, asy_http_call *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		l->first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		l->last = c->prev;
	c->prev = c->next = NULL;
	l->n--;
}

void asy_call_tell(asy_http_call *c, asy_http_class cls, const char *detail)
{
	c->res.cls = cls;
	if (cls != ASY_HTTP_ANSWERED)
		(void)asy_str_copy(c->res.detail, sizeof c->res.detail,
						   detail != NULL && *detail != '\0' ? detail : asy_http_class_name(cls));
	c->done(c->arg, &c->res);
	asy_http_result_fini(&c->res);
}

/* ---- completion ---- */

static void kick(client *c);

/* The only way out of a transfer. */
static void finish(client *c, transfer *t, asy_http_class cls, const char *detail)
{
	t->finished = true;
	asy_watch_cancel(t->limit);
	if (t->call.res.start_ns != 0) {
		asy_call_unlink(&c->running, &t->call);
		asy_queue_over(&c->queue, t);
		asy_transfer_timings(t, asy_loop_polled_ns(c->base.loop));
	} else {
		asy_queue_drop(&c->queue, t);
		t->call.res.queue_ns = asy_loop_now(c->base.loop) - t->call.queued_ns;
	}
	if (t->easy != NULL)
		(void)curl_multi_remove_handle(c->multi, t->easy);
	asy_call_tell(&t->call, cls, detail);
	asy_transfer_free(t);
	kick(c);
}

static void cancel(asy_http_call *call, asy_http_class as)
{
	transfer *t = transfer_of(call);
	if (!t->finished)
		finish(client_of(call->http), t, as, NULL);
}

/* Collects what libcurl has finished. A callback may start and cancel others. */
static void collect(client *c)
{
	CURLMsg *m;
	int left;
	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		char *private_data = NULL;
		if (m->msg != CURLMSG_DONE ||
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private_data) != CURLE_OK)
			continue;
		transfer *t = (transfer *)(void *)private_data;
		CURLcode code = m->data.result;
		asy_transfer_timings(t, asy_loop_polled_ns(c->base.loop));
		const char *detail = t->error[0] != '\0' ? t->error : curl_easy_strerror(code);
		finish(c, t, asy_transfer_outcome(t, code), detail);
	}
}

/* ---- start ---- */

static assay_status arm_limit(client *c, transfer *t);

/* Its answer may be among those that had to wait for their turn. Others must not keep it
 * alive for ever by sending much, so a quarter of its time is the most. */
static bool may_be_unread(const client *c, const transfer *t)
{
	uint64_t limit = asy_transfer_limit_ns(t);
	return c->skipped_turn != 0 && asy_loop_turn(c->base.loop) - c->skipped_turn <= 1 &&
		   t->call.res.total_ns < limit + limit / 4;
}

/* On the polled clock, and after the sockets were served: see asy_loop_polled_ns. */
static void on_limit(void *arg, assay_status st)
{
	transfer *t = arg;
	client *c = client_of(t->call.http);
	t->limit = NULL;
	if (st != ASSAY_OK)
		return;
	asy_transfer_timings(t, asy_loop_polled_ns(c->base.loop));
	if (t->call.res.total_ns >= asy_transfer_limit_ns(t) && !may_be_unread(c, t))
		finish(c, t, asy_transfer_outcome(t, CURLE_OPERATION_TIMEDOUT), NULL);
	else if (arm_limit(c, t) != ASSAY_OK)
		finish(c, t, ASY_HTTP_INTERNAL, "out of memory");
}

static assay_status arm_limit(client *c, transfer *t)
{
	uint64_t at = t->polled_start_ns + asy_transfer_limit_ns(t);
	uint64_t left = asy_sat_sub_u64(at, asy_loop_polled_ns(c->base.loop));
	return asy_loop_timer(c->base.loop, left > 0 ? left : 1, on_limit, t, &t->limit, NULL);
}

static void start_now(client *c, transfer *t)
{
	assay_err e = {0};
	uint64_t now = asy_loop_now(c->base.loop);
	assay_status st = asy_transfer_open(t, &e);
	if (st != ASSAY_OK) {
		finish(c, t,
			   st == ASSAY_E_INPUT && t->host == NULL ? ASY_HTTP_FORBIDDEN : ASY_HTTP_INTERNAL,
			   e.msg);
		return;
	}
	asy_queue_start(&c->queue, t);
	asy_call_append(&c->running, &t->call);
	t->call.res.start_ns = now;
	t->call.res.queue_ns = now - t->call.queued_ns;
	t->polled_start_ns = asy_loop_polled_ns(c->base.loop);
	if (arm_limit(c, t) != ASSAY_OK)
		finish(c, t, ASY_HTTP_INTERNAL, "out of memory");
	else if (curl_multi_add_handle(c->multi, t->easy) != CURLM_OK)
		finish(c, t, ASY_HTTP_INTERNAL, "libcurl takes no more requests");
}

/* A few at a time: signing and connecting for all would keep those that run waiting. */
static void on_kick(void *arg, assay_status st)
{
	client *c = arg;
	transfer *t;
	c->kick = NULL;
	if (st != ASSAY_OK)
		return;
	uint64_t until = asy_loop_now(c->base.loop) + SLICE_NS;
	while (!c->closing && c->running.n < c->limits.total &&
		   (t = asy_queue_next(&c->queue)) != NULL) {
		start_now(c, t);
		if (asy_loop_now(c->base.loop) >= until) {
			kick(c);
			return;
		}
	}
}

static void kick(client *c)
{
	if (c->kick != NULL || c->closing || c->queue.n == 0)
		return;
	/* Without memory for a timer the queue moves on at the next completion. */
	(void)!asy_loop_timer(c->base.loop, 0, on_kick, c, &c->kick, NULL);
}

static assay_status start(asy_http *h, const asy_http_req *req, asy_http_done_fn *done, void *arg,
						  asy_http_call **call, assay_err *err)
{
	client *c = client_of(h);
	transfer *t = asy_transfer_new(req);
	if (t == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "HTTP request");
	t->call.http = h;
	t->call.done = done;
	t->call.arg = arg;
	t->call.queued_ns = asy_loop_now(h->loop);
	if (!asy_queue_add(&c->queue, t)) {
		asy_transfer_free(t);
		return ASSAY_FAIL(err, E_NOMEM, "HTTP request");
	}
	kick(c);
	if (c->kick == NULL) {
		asy_queue_drop(&c->queue, t);
		asy_transfer_free(t);
		return ASSAY_FAIL(err, E_NOMEM, "HTTP request");
	}
	if (call != NULL)
		*call = &t->call;
	return ASSAY_OK;
}

/* ---- libcurl's two wishes: a timer and descriptors ---- */

typedef struct {
	client *c;
	asy_watch *watch;
	curl_socket_t fd;
} sock;

static void act(client *c, curl_socket_t fd, int events)
{
	int running;
	(void)curl_multi_socket_action(c->multi, fd, events, &running);
	collect(c);
}

static void on_timer(void *arg, assay_status st)
{
	client *c = arg;
	c->timer = NULL;
	if (st == ASSAY_OK)
		act(c, CURL_SOCKET_TIMEOUT, 0);
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
	client *c = arg;
	(void)multi;
	if (ms < 0) {
		asy_watch_cancel(c->timer);
		return 0;
	}
	uint64_t ns = (uint64_t)ms * 1000000u;
	if (c->timer != NULL) {
		asy_watch_again(c->timer, ns);
		return 0;
	}
	return asy_loop_timer(c->base.loop, ns, on_timer, c, &c->timer, NULL) == ASSAY_OK ? 0 : -1;
}

/*~ libcurl reads a socket until there is nothing left. When two hundred large answers come at
 * once that is half a second of one turn of the loop, and nobody else is served meanwhile. So
 * a turn reads for some milliseconds; the other sockets stay readable and are told of
 * again in the next one. */
static bool is_turn_over(client *c)
{
	uint64_t turn = asy_loop_turn(c->base.loop), now = asy_loop_now(c->base.loop);
	if (turn != c->turn) {
		c->turn = turn;
		c->turn_end_ns = now + SLICE_NS;
	}
	if (now < c->turn_end_ns)
		return false;
	c->skipped_turn = turn;
	return true;
}

static void on_ready(void *arg, int events)
{
	sock *s = arg;
	if (is_turn_over(s->c))
		return;
	/* A socket in error is readable: libcurl must find the error itself. With
	 * CURL_CSELECT_ERR it would give up a kept connection that the peer has closed
	 * instead of dialling again. */
	if ((events & ASY_HANGUP) != 0)
		events |= ASY_READABLE | ASY_WRITABLE;
	int flags = ((events & ASY_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
				((events & ASY_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);
	act(s->c, s->fd, flags); /* s may be gone after this */
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	client *c = arg;
	sock *s = known;
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s != NULL) {
			asy_watch_cancel(s->watch);
			(void)curl_multi_assign(c->multi, fd, NULL);
			free(s);
		}
		return 0;
	}
	int events = ((what & CURL_POLL_IN) != 0 ? ASY_READABLE : 0) |
				 ((what & CURL_POLL_OUT) != 0 ? ASY_WRITABLE : 0);
	if (s != NULL)
		return asy_watch_events(s->watch, events, NULL) == ASSAY_OK ? 0 : -1;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return -1;
	s->c = c;
	s->fd = fd;
	if (asy_loop_fd(c->base.loop, fd, events, on_ready, s, &s->watch, NULL) != ASSAY_OK) {
		free(s);
		return -1;
	}
	(void)curl_multi_assign(c->multi, fd, s);
	return 0;
}

/* ---- life ---- */

static void client_free(asy_http *h)
{
	client *c = client_of(h);
	c->closing = true;
	transfer *t;
	while ((t = asy_queue_any(&c->queue)) != NULL)
		cancel(&t->call, ASY_HTTP_CANCELLED);
	while (c->running.first != NULL)
		cancel(c->running.first, ASY_HTTP_CANCELLED);
	(void)curl_multi_cleanup(c->multi); /* still speaks to want_socket about kept connections */
	asy_watch_cancel(c->timer);
	asy_watch_cancel(c->kick);
	curl_global_cleanup();
	free(c);
}

static bool multi_setup(client *c)
{
	return curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, want_socket) == CURLM_OK &&
		   curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c) == CURLM_OK &&
		   curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, want_timer) == CURLM_OK &&
		   curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c) == CURLM_OK &&
		   curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, 8L) == CURLM_OK;
}

static void set_total(asy_http *h, uint32_t total)
{
	client *c = client_of(h);
	c->limits.total = total;
	kick(c);
}

assay_status asy_http_new(asy_loop *l, const asy_http_limits *limits, asy_http **out,
						  assay_err *err)
{
	asy_http_limits asked = limits != NULL ? *limits : (asy_http_limits){0, 0};
	client *c = calloc(1, sizeof *c);
	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "HTTP client");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(c);
		return ASSAY_FAIL(err, E_INTERNAL, "libcurl cannot start");
	}
	c->base = (asy_http){
		.loop = l, .start = start, .cancel = cancel, .set_total = set_total, .free = client_free};
	c->limits.total = asked.total != 0 ? asked.total : 64;
	c->limits.per_host = asked.per_host != 0 ? asked.per_host : 8;
	c->queue.per_host = c->limits.per_host;
	c->multi = curl_multi_init();
	if (c->multi == NULL || !multi_setup(c)) {
		(void)curl_multi_cleanup(c->multi);
		curl_global_cleanup();
		free(c);
		return ASSAY_FAIL(err, E_NOMEM, "HTTP client");
	}
	*out = &c->base;
	return ASSAY_OK;
}
