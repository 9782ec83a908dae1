/* A scripted client: answers come from a function, after a delay on the real
 * loop. Limits apply as in the real client, so that a test of a caller's limits
 * does not need a network. */
#include <stdlib.h>
#include "http/impl.h"

typedef struct {
	asy_http base;
	asy_http_script script;
	call_list calls;
} fake;

typedef struct {
	asy_http_call call;
	asy_watch *timer;
	uint64_t polled_start_ns;
	asy_http_class cls;
	char detail[160];
} fake_call;

#define HEADERS_MAX 64

typedef struct {
	asy_http_headers iface;
	asy_http_header at[HEADERS_MAX];
	char *owned[2 * HEADERS_MAX];
	size_t n;
} header_list;

static assay_status list_add(asy_http_headers *h, const char *name, const char *value,
							 assay_err *err)
{
	header_list *l = (header_list *)h;
	if (l->n == HEADERS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "more than %d headers", HEADERS_MAX);
	char *a = strdup(name), *b = strdup(value);
	l->owned[2 * l->n] = a;
	l->owned[2 * l->n + 1] = b;
	l->at[l->n++] = (asy_http_header){a, b};
	return a != NULL && b != NULL ? ASSAY_OK : ASSAY_FAIL(err, E_NOMEM, "headers");
}

static void finish(fake_call *f, asy_http_class cls, const char *detail)
{
	fake *h = (fake *)f->call.http;
	asy_watch *timer = f->timer;
	f->timer = NULL;
	asy_watch_cancel(timer);
	asy_call_unlink(&h->calls, &f->call);
	f->call.res.total_ns = asy_loop_polled_ns(h->base.loop) - f->polled_start_ns;
	asy_call_tell(&f->call, cls, detail);
	free(f);
}

static void on_due(void *arg, assay_status st)
{
	fake_call *f = arg;
	if (st != ASSAY_OK)
		return; /* finish cancelled it, or the loop is going: then free finishes */
	f->timer = NULL;
	finish(f, f->cls, f->detail);
}

static void cancel(asy_http_call *call, asy_http_class as)
{
	finish((fake_call *)call, as, NULL);
}

/* The script's word, cut by the request's limits. Returns the delay. */
static uint64_t ask(fake *h, const asy_http_req *req, const header_list *l, fake_call *f)
{
	asy_http_result *r = &f->call.res;
	uint64_t timeout = (uint64_t)asy_req_timeout_ms(req) * 1000000u;
	uint64_t delay = h->script.answer(h->script.arg, req, l->at, l->n, r);
	f->cls = r->cls;
	(void)asy_str_copy(f->detail, sizeof f->detail, r->detail);
	r->wire_bytes = r->body.len;
	if (r->cls == ASY_HTTP_ANSWERED && r->body.len > asy_req_max_bytes(req)) {
		f->cls = ASY_HTTP_TOO_LARGE;
		r->body.len = asy_req_max_bytes(req);
	}
	if (delay <= timeout)
		return delay;
	f->cls = ASY_HTTP_TIMEOUT;
	r->status = 0;
	r->body.len = 0;
	return timeout;
}

static assay_status start(asy_http *base, const asy_http_req *req, asy_http_done_fn *done,
						  void *arg, asy_http_call **call, assay_err *err)
{
	fake *h = (fake *)base;
	fake_call *f = calloc(1, sizeof *f);
	header_list l = {.iface = {list_add}};
	uint64_t delay = 0;
	if (f == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "HTTP request");
	f->call = (asy_http_call){.http = base, .done = done, .arg = arg};
	f->call.queued_ns = asy_loop_now(base->loop);
	f->call.res.start_ns = f->call.queued_ns;
	f->polled_start_ns = asy_loop_polled_ns(base->loop);
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < req->headers_n && st == ASSAY_OK; i++)
		st = asy_http_headers_add(&l.iface, req->headers[i].name, req->headers[i].value, err);
	if (st == ASSAY_OK && req->prepare != NULL)
		st = req->prepare(arg, &l.iface, err);
	if (st == ASSAY_OK)
		delay = ask(h, req, &l, f);
	else
		f->cls = ASY_HTTP_INTERNAL;
	for (size_t i = 0; i < 2 * l.n; i++)
		free(l.owned[i]);
	asy_call_append(&h->calls, &f->call);
	st = asy_loop_timer(base->loop, delay, on_due, f, &f->timer, err);
	if (st != ASSAY_OK) {
		asy_call_unlink(&h->calls, &f->call);
		asy_http_result_fini(&f->call.res);
		free(f);
		return st;
	}
	if (call != NULL)
		*call = &f->call;
	return ASSAY_OK;
}

static void fake_free(asy_http *base)
{
	fake *h = (fake *)base;
	while (h->calls.first != NULL)
		cancel(h->calls.first, ASY_HTTP_CANCELLED);
	free(h);
}

assay_status asy_http_fake_new(asy_loop *l, const asy_http_script *script, asy_http **out,
							   assay_err *err)
{
	fake *h = calloc(1, sizeof *h);
	if (h == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "HTTP client");
	h->base = (asy_http){.loop = l, .start = start, .cancel = cancel, .free = fake_free};
	h->script = *script;
	*out = &h->base;
	return ASSAY_OK;
}
