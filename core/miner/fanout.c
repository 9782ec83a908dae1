/* All queries of a round: started together, ended by one deadline, each told to
 * the caller soon after it finishes, so that it can be written down before anyone
 * looks at it. The HTTP client bounds how many run at once; the signature is made
 * when a query really starts, so that it is never stale.
 * What takes time (starting, reading and writing down answers) is done in slices, and the
 * sockets are served in between: large answers of some must not delay others.
 * Refuses to understand bodies, to retry, and to decide about scores. */
#include <stdlib.h>
#include "miner/impl.h"

#define SLICE_NS ((uint64_t)5000000)

typedef struct fan fan;
typedef struct slot slot;
struct slot {
	fan *of;
	asy_http_call *call; /* NULL: finished or never started */
	size_t index;
	/* finished, and to be told */
	slot *next;
	asy_http_result res;
	bool was_held_up;
};

struct fan {
	asy_loop *loop;
	const asy_dialect *dialect;
	const asy_caller *caller;
	const asy_query *queries;
	const asy_fanout_opts *opts;
	asy_outcome_fn *on_outcome;
	void *arg;
	asy_fanout_summary *sum;
	slot *slots;
	slot *first, *last; /* to be told, in the order in which they finished */
	size_t n, left;
	uint64_t slice_end;
	assay_status failed; /* of on_outcome */
	assay_err err;
};

static void count(fan *f, const asy_outcome *o)
{
	asy_fanout_summary *s = f->sum;
	bool asked = o->start_ns != 0;
	s->by_class[o->cls]++;
	s->by_why[o->why]++;
	s->asked += asked;
	s->skipped += !asked;
	s->answered += o->http_status >= 200;
	s->ok += o->cls == ASY_REPLY_OK;
	s->wire_bytes += o->wire_bytes;
}

/* The one place where a query ends. */
static void tell(slot *s, asy_http_result *r, asy_reply cls, asy_why why, const char *detail)
{
	fan *f = s->of;
	const asy_query *q = &f->queries[s->index];
	asy_outcome o = {.query = s->index,
					 .tag = q->tag,
					 .uid = q->target->uid,
					 .cls = cls,
					 .why = why,
					 .http_status = r->status,
					 .body = &r->body,
					 .content_type = r->content_type,
					 .chunk = (const void *)r->chunks.ptr,
					 .chunk_n = (uint32_t)(r->chunks.len / sizeof(asy_http_chunk)),
					 .start_ns = r->start_ns,
					 .queue_ns = r->queue_ns,
					 .connect_ns = r->connect_ns,
					 .ttfb_ns = r->ttfb_ns,
					 .latency_ns = r->total_ns,
					 .wire_bytes = r->wire_bytes,
					 .detail = detail};
	memcpy(o.hotkey, q->target->hotkey, sizeof o.hotkey);
	f->left--;
	count(f, &o);
	if (f->failed == ASSAY_OK)
		f->failed = f->on_outcome(f->arg, &o, &f->err);
}

/*~ Did our own loop stand still for more than a quarter of the time that the request had? The
 * client leaves such gaps out of its limits and of total_ns, so the miner had its full time;
 * but whether it is to blame for being late is then not known any more. */
static bool was_held_up(const fan *f, const asy_http_result *r)
{
	uint64_t wall = asy_sat_sub_u64(asy_loop_now(f->loop), r->start_ns);
	uint64_t gap = asy_sat_sub_u64(wall, r->total_ns);
	return r->start_ns != 0 && gap > r->total_ns / 4;
}

/* Keeps the answer as it came. */
static void on_done(void *arg, asy_http_result *r)
{
	slot *s = arg;
	fan *f = s->of;
	s->call = NULL;
	s->res = *r;
	r->body = (asy_buf){0};
	r->chunks = (asy_buf){0};
	s->was_held_up = was_held_up(f, r);
	s->next = NULL;
	if (f->first == NULL)
		f->first = s;
	else
		f->last->next = s;
	f->last = s;
}

static void tell_first(fan *f)
{
	slot *s = f->first;
	asy_http_result *r = &s->res;
	asy_why why;
	asy_reply cls = asy_response_classify(r, f->opts->expect_json, &why);
	f->first = s->next;
	if (cls == ASY_REPLY_TIMEOUT && s->was_held_up) {
		why = ASY_WHY_LAG;
		cls = asy_why_class(why);
	}
	const char *detail = cls == ASY_REPLY_OK    ? NULL
						 : r->detail[0] != '\0' ? r->detail
												: asy_why_name(why);
	tell(s, r, cls, why, detail);
	asy_http_result_fini(r);
}

/* Between two pieces of work: lets the sockets be served when the slice is used up. */
static assay_status breathe(fan *f)
{
	if (asy_loop_now(f->loop) < f->slice_end)
		return ASSAY_OK;
	assay_status st = asy_loop_yield(f->loop);
	f->slice_end = asy_loop_now(f->loop) + SLICE_NS;
	return st;
}

static assay_status on_start(void *arg, asy_http_headers *add, assay_err *err)
{
	slot *s = arg;
	const fan *f = s->of;
	const asy_query *q = &f->queries[s->index];
	return f->dialect->sign(f->caller, q->target, "POST", q->route, q->body, add, err);
}

static void tell_unasked(slot *s, asy_reply cls, asy_why why)
{
	asy_http_result none = {0};
	tell(s, &none, cls, why, asy_why_name(why));
	asy_http_result_fini(&none);
}

static assay_status check_query(const asy_query *q, assay_err *err)
{
	if (q->route == NULL || q->route[0] != '/')
		return ASSAY_FAIL(err, E_INPUT, "query route does not begin with /");
	for (const char *p = q->route; *p != '\0'; p++)
		if ((uint8_t)*p <= 0x20 || (uint8_t)*p >= 0x7f || *p == '#')
			return ASSAY_FAIL(err, E_INPUT,
							  "query route has a character that a request line cannot carry; "
							  "percent-encode it");
	return ASSAY_OK;
}

static void start_one(fan *f, asy_http *http, slot *s, asy_buf *url)
{
	const asy_query *q = &f->queries[s->index];
	const asy_fanout_opts *o = f->opts;
	const asy_http_header type = {"Content-Type",
								  o->content_type != NULL ? o->content_type : "application/json"};

	if (o->breaker != NULL && !asy_breaker_allows(o->breaker, q->target->hotkey, o->round)) {
		tell_unasked(s, ASY_REPLY_REFUSED, ASY_WHY_BREAKER);
		return;
	}
	asy_buf_reset(url);
	assay_status st = asy_buf_printf(url, NULL, "http://%s:%u%s", q->target->host,
									 (unsigned)q->target->port, q->route);
	const char *text = asy_buf_cstr(url);
	asy_http_req req = {.method = "POST",
						.url = text,
						.headers = &type,
						.headers_n = 1,
						.body = q->body,
						.connect_timeout_ms = o->connect_timeout_ms,
						.timeout_ms = o->timeout_ms,
						.max_response_bytes = o->max_response_bytes,
						.allow_private = o->allow_private,
						.prepare = on_start};
	if (st == ASSAY_OK && text != NULL)
		st = asy_http_start(http, &req, on_done, s, &s->call, NULL);
	if (st != ASSAY_OK || text == NULL)
		tell_unasked(s, ASY_REPLY_INTERNAL, ASY_WHY_INTERNAL);
}

static bool has_news(void *arg)
{
	const fan *f = arg;
	return f->first != NULL || f->left == 0;
}

/* Tells of answers as they come, until all have, the deadline, or an end before it. */
static assay_status listen(fan *f, uint64_t deadline)
{
	uint64_t left = asy_sat_sub_u64(deadline, asy_loop_now(f->loop));
	uint64_t due = asy_sat_add_u64(asy_loop_polled_ns(f->loop), left);
	assay_status st = ASSAY_OK;
	while (st == ASSAY_OK && f->left > 0 && f->failed == ASSAY_OK) {
		st = asy_loop_await(f->loop, has_news, f, deadline);
		if (st != ASSAY_OK || f->first == NULL)
			continue;
		tell_first(f);
		st = breathe(f);
		if (st == ASSAY_OK && asy_loop_polled_ns(f->loop) >= due)
			st = ASSAY_E_TIMEOUT; /* also while answers come without end */
	}
	return st;
}

/* Ends what is left. Waiting queries first: ending a running one would start them. */
static void end_all(fan *f, bool cancelled)
{
	for (int started = 0; started < 2; started++) {
		for (size_t i = 0; i < f->n; i++) {
			asy_http_call *c = f->slots[i].call;
			if (c == NULL || asy_http_is_started(c) != (started == 1))
				continue;
			asy_http_cancel(c, cancelled      ? ASY_HTTP_CANCELLED
							   : started == 1 ? ASY_HTTP_TIMEOUT
											  : ASY_HTTP_NOT_STARTED);
		}
	}
}

assay_status asy_fanout_run(asy_http *http, const asy_dialect *dialect, const asy_caller *caller,
							const asy_query *queries, size_t n, const asy_fanout_opts *opts,
							asy_outcome_fn *on_outcome, void *arg, asy_fanout_summary *summary,
							assay_err *err)
{
	fan f = {.loop = asy_http_loop(http),
			 .dialect = dialect,
			 .caller = caller,
			 .queries = queries,
			 .opts = opts,
			 .on_outcome = on_outcome,
			 .arg = arg,
			 .sum = summary,
			 .n = n,
			 .left = n};
	asy_buf url = {0};

	*summary = (asy_fanout_summary){0};
	for (size_t i = 0; i < n; i++) {
		assay_status st = check_query(&queries[i], err);
		if (st != ASSAY_OK)
			return st;
	}
	f.slots = asy_calloc(n, sizeof *f.slots);
	if (f.slots == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu queries", n);
	assay_status st = ASSAY_OK;
	f.slice_end = asy_loop_now(f.loop) + SLICE_NS;
	for (size_t i = 0; i < n; i++) {
		f.slots[i] = (slot){.of = &f, .index = i};
		if (st == ASSAY_OK && f.failed == ASSAY_OK) {
			start_one(&f, http, &f.slots[i], &url);
			st = breathe(&f);
		} else {
			tell_unasked(&f.slots[i], asy_why_class(ASY_WHY_CANCELLED), ASY_WHY_CANCELLED);
		}
	}
	asy_buf_fini(&url);
	if (st == ASSAY_OK)
		st = listen(&f, opts->deadline_mono_ns);
	end_all(&f, st == ASSAY_E_CANCELLED || f.failed != ASSAY_OK);
	while (f.first != NULL) {
		tell_first(&f);
		if (st != ASSAY_E_CANCELLED && f.failed == ASSAY_OK)
			st = breathe(&f);
	}
	free(f.slots);
	if (f.failed != ASSAY_OK) {
		if (err != NULL)
			*err = f.err;
		return f.failed;
	}
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted while querying miners");
	return ASSAY_OK;
}
