/* The transport over core/http: one POST, JSON in and out.
 * Reason to change: how the HTTP client is asked. */
#include "http/http.h"
#include "chain/chain.h"

static assay_status http_send(asy_rpc_transport *t, const char *url, assay_span body, asy_buf *out,
							  uint64_t deadline_ns, assay_err *err)
{
	static const asy_http_header json = {"Content-Type", "application/json"};
	asy_rpc_http *h = (asy_rpc_http *)t; /* iface is the first member */
	/* the deadline is on the chain's clock, the client waits on its loop's */
	uint64_t left = asy_sat_sub_u64(deadline_ns, h->clock->mono_ns(h->clock));
	uint64_t ms = left / 1000000u;
	uint64_t until = asy_sat_add_u64(asy_loop_now(asy_http_loop(h->http)), left);
	if (ms == 0)
		return ASSAY_FAIL(err, E_TIMEOUT, "no time left");
	const asy_http_req req = {
		.method = "POST",
		.url = url,
		.headers = &json,
		.headers_n = 1,
		.body = body,
		.timeout_ms = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms,
		.max_response_bytes = out->max,
		.allow_private = true, /* the operator wrote the address down */
		.reuse = true,         /* a call repeated on a new connection does no harm */
	};
	asy_http_result res = {.status = 0};
	assay_status st = asy_http_run(h->http, &req, NULL, 1, until, &res, err);
	if (st == ASSAY_OK && res.cls != ASY_HTTP_ANSWERED) {
		const char *why = res.detail[0] != '\0' ? res.detail : asy_http_class_name(res.cls);
		bool late = res.cls == ASY_HTTP_TIMEOUT || res.cls == ASY_HTTP_TIMEOUT_CONNECT ||
					res.cls == ASY_HTTP_NOT_STARTED;
		st = res.cls == ASY_HTTP_CANCELLED ? ASSAY_FAIL(err, E_CANCELLED, "interrupted")
			 : late                        ? ASSAY_FAIL(err, E_TIMEOUT, "%s", why)
										   : ASSAY_FAIL(err, E_NET, "%s", why);
	}
	if (st == ASSAY_OK && res.status != 200)
		st = ASSAY_FAIL(err, E_NET, "HTTP status %d", res.status);
	if (st == ASSAY_OK)
		st = asy_buf_add(out, res.body.ptr, res.body.len, err);
	asy_http_result_fini(&res);
	return st;
}

void asy_rpc_http_init(asy_rpc_http *t, struct asy_http *http, asy_clock *clock)
{
	*t = (asy_rpc_http){.iface = {http_send}, .http = http, .clock = clock};
}
