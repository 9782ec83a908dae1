/* What is the same for every client: handing a request over, and running a set
 * of requests to the end, the deadline or the interruption. */
#include <stdlib.h>
#include "http/impl.h"

asy_loop *asy_http_loop(asy_http *h)
{
	return h->loop;
}

void asy_http_free(asy_http *h)
{
	if (h != NULL)
		h->free(h);
}

void asy_http_set_total(asy_http *h, uint32_t total)
{
	if (h->set_total != NULL)
		h->set_total(h, total);
}

assay_status asy_http_start(asy_http *h, const asy_http_req *req, asy_http_done_fn *done, void *arg,
							asy_http_call **call, assay_err *err)
{
	return h->start(h, req, done, arg, call, err);
}

void asy_http_cancel(asy_http_call *call, asy_http_class as)
{
	if (call != NULL)
		call->http->cancel(call, as);
}

bool asy_http_is_started(const asy_http_call *call)
{
	return call->res.start_ns != 0;
}

typedef struct run run;
typedef struct {
	run *of;
	asy_http_call *call; /* NULL: finished */
	asy_http_result *out;
	const asy_http_req *req;
	void *arg; /* the caller's, for prepare */
} slot;
struct run {
	slot *slots;
	size_t left;
};

static void on_done(void *arg, asy_http_result *res)
{
	slot *s = arg;
	*s->out = *res;
	res->body = (asy_buf){0};
	res->chunks = (asy_buf){0};
	s->call = NULL;
	s->of->left--;
}

/* start's arg is our slot; the caller's prepare wants its own. */
static assay_status on_prepare(void *arg, asy_http_headers *add, assay_err *err)
{
	slot *s = arg;
	return s->req->prepare(s->arg, add, err);
}

static bool all_done(void *arg)
{
	return ((run *)arg)->left == 0;
}

static void start_all(asy_http *h, run *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		slot *s = &r->slots[i];
		asy_http_req req = *s->req;
		if (req.prepare != NULL)
			req.prepare = on_prepare;
		if (asy_http_start(h, &req, on_done, s, &s->call, NULL) != ASSAY_OK) {
			s->out->cls = ASY_HTTP_INTERNAL;
			(void)asy_str_copy(s->out->detail, sizeof s->out->detail, "out of memory");
			r->left--;
		}
	}
}

/* Queued requests first: cancelling a running one would let them start. */
static void stop_all(run *r, size_t n, bool interrupted)
{
	for (int started = 0; started < 2; started++) {
		for (size_t i = 0; i < n; i++) {
			asy_http_call *c = r->slots[i].call;
			if (c == NULL || asy_http_is_started(c) != (started == 1))
				continue;
			asy_http_cancel(c, interrupted    ? ASY_HTTP_CANCELLED
							   : started == 1 ? ASY_HTTP_TIMEOUT
											  : ASY_HTTP_NOT_STARTED);
		}
	}
}

assay_status asy_http_run(asy_http *h, const asy_http_req *reqs, void *const *args, size_t n,
						  uint64_t deadline_mono_ns, asy_http_result *results, assay_err *err)
{
	run r = {.slots = asy_calloc(n, sizeof(slot)), .left = n};
	for (size_t i = 0; i < n; i++)
		results[i] = (asy_http_result){.cls = ASY_HTTP_INTERNAL};
	if (r.slots == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu HTTP requests", n);
	for (size_t i = 0; i < n; i++)
		r.slots[i] = (slot){
			.of = &r, .out = &results[i], .req = &reqs[i], .arg = args != NULL ? args[i] : NULL};
	start_all(h, &r, n);
	assay_status st = asy_loop_await(h->loop, all_done, &r, deadline_mono_ns);
	stop_all(&r, n, st == ASSAY_E_CANCELLED);
	free(r.slots);
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	return ASSAY_OK;
}
