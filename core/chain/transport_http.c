/* The transport over core/http: a POST per request, JSON in and out.
 * Reason to change: how the HTTP client is asked. */
#include "http/http.h"
#include "chain/impl.h"

static assay_status status_of(const asy_http_result *res, assay_err *err)
{
	const char *why = res->detail[0] != '\0' ? res->detail : asy_http_class_name(res->cls);
	switch (res->cls) {
	case ASY_HTTP_ANSWERED:
		return res->status == 200 ? ASSAY_OK
								  : ASSAY_FAIL(err, E_NET, "HTTP status %d", res->status);
	case ASY_HTTP_CANCELLED:
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	case ASY_HTTP_TIMEOUT:
	case ASY_HTTP_TIMEOUT_CONNECT:
	case ASY_HTTP_NOT_STARTED:
		return ASSAY_FAIL(err, E_TIMEOUT, "%s", why);
	default:
		return ASSAY_FAIL(err, E_NET, "%s", why);
	}
}

static assay_status http_send_many(asy_rpc_transport *t, const char *url, asy_rpc_post *posts,
								   size_t n, uint64_t deadline_ns, assay_err *err)
{
	static const asy_http_header json = {"Content-Type", "application/json"};
	asy_rpc_http *h = (asy_rpc_http *)t; /* iface is the first member */
	/* the deadline is on the chain's clock, the client waits on its loop's */
	uint64_t left = asy_sat_sub_u64(deadline_ns, h->clock->mono_ns(h->clock));
	uint64_t ms = left / 1000000u;
	uint64_t until = asy_sat_add_u64(asy_loop_now(asy_http_loop(h->http)), left);
	asy_http_req reqs[ASY_RPC_ASKS_MAX];
	asy_http_result res[ASY_RPC_ASKS_MAX];
	ASSERT(n <= ASY_COUNT(reqs));
	if (ms == 0)
		return ASSAY_FAIL(err, E_TIMEOUT, "no time left");
	for (size_t i = 0; i < n; i++)
		reqs[i] = (asy_http_req){
			.method = "POST",
			.url = url,
			.headers = &json,
			.headers_n = 1,
			.body = posts[i].body,
			.timeout_ms = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms,
			.max_response_bytes = posts[i].reply.max,
			.ca_file = h->ca_file,
			.allow_private = true, /* the operator wrote the address down */
			.reuse = true,         /* a call repeated on a new connection does no harm */
		};
	assay_status st = asy_http_run(h->http, reqs, NULL, n, until, res, err);
	for (size_t i = 0; i < n; i++) {
		if (st == ASSAY_OK)
			st = status_of(&res[i], err);
		if (st == ASSAY_OK)
			st = asy_buf_add(&posts[i].reply, res[i].body.ptr, res[i].body.len, err);
		asy_http_result_fini(&res[i]);
	}
	return st;
}

static assay_status http_send(asy_rpc_transport *t, const char *url, assay_span body, asy_buf *out,
							  uint64_t deadline_ns, assay_err *err)
{
	asy_rpc_post post = {.body = body, .reply = *out};
	assay_status st = http_send_many(t, url, &post, 1, deadline_ns, err);
	*out = post.reply;
	return st;
}

void asy_rpc_http_init(asy_rpc_http *t, struct asy_http *http, asy_clock *clock)
{
	*t = (asy_rpc_http){
		.iface = {.send = http_send, .send_many = http_send_many}, .http = http, .clock = clock};
}
