/* What happened to a transfer, in our words. libcurl's codes say where it was
 * when it stopped; the flags of our own callbacks say why. The line that matters
 * most: never blame the peer for what this machine did. */
#include "http/transfer.h"

#define CODE_TOO_LARGE 100 /* CURLE_TOO_LARGE, which libcurl 8.6 added */

const char *asy_http_class_name(asy_http_class c)
{
	switch (c) {
	case ASY_HTTP_ANSWERED:
		return "answered";
	case ASY_HTTP_TIMEOUT_CONNECT:
		return "timeout_connect";
	case ASY_HTTP_TIMEOUT:
		return "timeout";
	case ASY_HTTP_UNREACHABLE:
		return "unreachable";
	case ASY_HTTP_FORBIDDEN:
		return "forbidden";
	case ASY_HTTP_CLOSED:
		return "closed";
	case ASY_HTTP_TOO_LARGE:
		return "too_large";
	case ASY_HTTP_PROTOCOL:
		return "protocol";
	case ASY_HTTP_NOT_STARTED:
		return "not_started";
	case ASY_HTTP_CANCELLED:
		return "cancelled";
	case ASY_HTTP_INTERNAL:
		return "internal";
	}
	return "unknown";
}

void asy_http_result_fini(asy_http_result *r)
{
	if (r == NULL)
		return;
	asy_buf_fini(&r->body);
	asy_buf_fini(&r->chunks);
}

static curl_off_t info(transfer *t, CURLINFO what)
{
	curl_off_t v = 0;
	return curl_easy_getinfo(t->easy, what, &v) == CURLE_OK && v > 0 ? v : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* libcurl's clock knows nothing of our gaps: what it measured is at most the whole. */
static void take_content_type(transfer *t)
{
	asy_http_result *r = &t->call.res;
	const char *type = NULL;
	if (curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type) != CURLE_OK || type == NULL ||
		!asy_str_copy(r->content_type, sizeof r->content_type, type))
		r->content_type[0] = '\0';
	for (char *p = r->content_type; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
}

void asy_transfer_timings(transfer *t, uint64_t polled_ns)
{
	asy_http_result *r = &t->call.res;
	long status = 0;
	if (t->easy == NULL)
		return;
	take_content_type(t);
	if (curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		r->status = (int)status;
	uint64_t total = asy_sat_sub_u64(polled_ns, t->polled_start_ns);
	r->connect_ns = least((uint64_t)info(t, CURLINFO_CONNECT_TIME_T) * 1000u, total);
	r->ttfb_ns = least((uint64_t)info(t, CURLINFO_STARTTRANSFER_TIME_T) * 1000u, total);
	r->wire_bytes = (uint64_t)info(t, CURLINFO_SIZE_DOWNLOAD_T);
	r->sent_bytes = (uint64_t)info(t, CURLINFO_SIZE_UPLOAD_T);
	if (r->start_ns != 0)
		r->total_ns = total;
}

static uint64_t ns(uint32_t ms)
{
	return (uint64_t)ms * 1000000u;
}

uint64_t asy_transfer_limit_ns(const transfer *t)
{
	uint64_t all = ns(asy_req_timeout_ms(&t->req));
	curl_off_t ready = 0; /* connected, and TLS if there is any */
	if (t->req.connect_timeout_ms == 0 ||
		(curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &ready) == CURLE_OK && ready > 0))
		return all;
	return least(ns(t->req.connect_timeout_ms), all);
}

/* libcurl stopped because one of our callbacks told it to, or for want of memory
 * (which is also what it says of one header line beyond its own limit). */
static asy_http_class stopped_by_us(const transfer *t, asy_http_class otherwise)
{
	if (t->header_over || t->body_over)
		return ASY_HTTP_TOO_LARGE;
	return t->out_of_memory ? ASY_HTTP_INTERNAL : otherwise;
}

static long system_error(transfer *t)
{
	long code = 0;
	return curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &code) == CURLE_OK ? code : 0;
}

asy_http_class asy_transfer_outcome(transfer *t, CURLcode code)
{
	bool connected = t->call.res.connect_ns != 0;

	switch ((int)code) {
	case CURLE_OK:
		return ASY_HTTP_ANSWERED;
	case CURLE_OPERATION_TIMEDOUT:
		return connected ? ASY_HTTP_TIMEOUT : ASY_HTTP_TIMEOUT_CONNECT;
	case CURLE_COULDNT_CONNECT:
		if (t->address_refused)
			return ASY_HTTP_FORBIDDEN;
		return t->socket_failed ? ASY_HTTP_INTERNAL : ASY_HTTP_UNREACHABLE;
	case CURLE_COULDNT_RESOLVE_HOST:
		return ASY_HTTP_UNREACHABLE;
	case CURLE_URL_MALFORMAT:
		return ASY_HTTP_FORBIDDEN;
	case CURLE_UNSUPPORTED_PROTOCOL: /* also HTTP/0.9, which is any text at all */
		return connected ? ASY_HTTP_PROTOCOL : ASY_HTTP_FORBIDDEN;
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_ERROR:
		return ASY_HTTP_CLOSED;
	case CURLE_RECV_ERROR: /* the system's error, or a broken chunk without one */
		return system_error(t) != 0 ? ASY_HTTP_CLOSED : ASY_HTTP_PROTOCOL;
	case CURLE_FILESIZE_EXCEEDED:
	case CODE_TOO_LARGE:
		return ASY_HTTP_TOO_LARGE;
	case CURLE_OUT_OF_MEMORY:
		return stopped_by_us(t, connected ? ASY_HTTP_TOO_LARGE : ASY_HTTP_INTERNAL);
	case CURLE_WRITE_ERROR:
		return stopped_by_us(t, ASY_HTTP_PROTOCOL);
	default:
		return connected ? ASY_HTTP_PROTOCOL : ASY_HTTP_INTERNAL;
	}
}
