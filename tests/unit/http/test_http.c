/* The HTTP client against a hostile server on loopback: every answer gets its
 * class, nothing takes longer or holds more memory than it may, and every request
 * completes exactly once. */
#include <sys/resource.h>
#include "http/http.h"
#include "support/http_server.h"
#include "support/test.h"

#define MAX_BYTES (256u * 1024)

static asy_loop *loop;
static asy_http *http;
static http_server server;

static void setup(void)
{
	assay_err e;
	server = http_server_start();
	ck_ok(asy_loop_new(&loop, &e), e);
	ck_ok(asy_http_new(loop, NULL, &http, &e), e);
}

static void teardown(void)
{
	asy_http_free(http);
	asy_loop_free(loop);
	http_server_stop(&server);
}

static const char *url(const char *path)
{
	static char text[8][128];
	static int at;
	at = (at + 1) % 8;
	(void)snprintf(text[at], sizeof text[0], "http://127.0.0.1:%u%s", server.port, path);
	return text[at];
}

static asy_http_result fetch(const asy_http_req *req)
{
	asy_http_result r;
	assay_err e;
	ck_ok(asy_http_run(http, req, NULL, 1, ASY_NEVER, &r, &e), e);
	return r;
}

static asy_http_result get(const char *path)
{
	asy_http_req req = {.url = url(path),
						.timeout_ms = 700,
						.max_response_bytes = MAX_BYTES,
						.allow_private = true};
	return fetch(&req);
}

static long peak_kib(void)
{
	struct rusage u;
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &u), 0);
	return u.ru_maxrss;
}

START_TEST(test_answers_when_hostile_then_classified)
{
	static const struct {
		const char *path;
		asy_http_class cls;
		int status;
	} cases[] = {
		{"/ok", ASY_HTTP_ANSWERED, 200},         {"/empty", ASY_HTTP_ANSWERED, 200},
		{"/status/401", ASY_HTTP_ANSWERED, 401}, {"/status/503", ASY_HTTP_ANSWERED, 503},
		{"/redirect", ASY_HTTP_ANSWERED, 302},   {"/deep", ASY_HTTP_ANSWERED, 200},
		{"/slow/2000", ASY_HTTP_TIMEOUT, 0},     {"/trickle", ASY_HTTP_TIMEOUT, 200},
		{"/silent", ASY_HTTP_TIMEOUT, 0},        {"/halfhead", ASY_HTTP_TIMEOUT, 200},
		{"/garbage", ASY_HTTP_PROTOCOL, 0},      {"/http09", ASY_HTTP_PROTOCOL, 0},
		{"/badgzip", ASY_HTTP_PROTOCOL, 200},    {"/badchunk", ASY_HTTP_PROTOCOL, 200},
		{"/short", ASY_HTTP_CLOSED, 200},        {"/reset", ASY_HTTP_CLOSED, 0},
		{"/close", ASY_HTTP_CLOSED, 0},          {"/huge", ASY_HTTP_TOO_LARGE, 200},
		{"/stream", ASY_HTTP_TOO_LARGE, 200},    {"/unlength", ASY_HTTP_TOO_LARGE, 200},
		{"/headers", ASY_HTTP_TOO_LARGE, 200},   {"/headerline", ASY_HTTP_TOO_LARGE, 200},
		{"/continue", ASY_HTTP_TOO_LARGE, 100},  {"/bomb", ASY_HTTP_TOO_LARGE, 200},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		uint64_t start = asy_loop_now(loop);
		asy_http_result r = get(cases[i].path);
		uint64_t took = (asy_loop_now(loop) - start) / 1000000;
		ck_assert_msg(r.cls == cases[i].cls, "%s: %s (%s)", cases[i].path,
					  asy_http_class_name(r.cls), r.detail);
		ck_assert_msg(r.status == cases[i].status, "%s: status %d", cases[i].path, r.status);
		ck_assert_msg(took < 3000, "%s took %llu ms", cases[i].path, (unsigned long long)took);
		ck_assert_uint_le(r.body.len, MAX_BYTES);
		ck_assert((r.cls == ASY_HTTP_ANSWERED) == (r.detail[0] == '\0'));
		asy_http_result_fini(&r);
	}
}
END_TEST

/* 3 GiB pass by in the forms that have no announced length. */
START_TEST(test_floods_when_many_at_once_then_memory_is_bounded)
{
	static const char *const paths[] = {"/stream",  "/unlength",   "/bomb",
										"/headers", "/headerline", "/huge"};
	enum { N = 48 };
	asy_http_req reqs[N];
	asy_http_result res[N];
	char urls[N][128];
	assay_err e;
	long before = peak_kib();
	for (size_t i = 0; i < N; i++) {
		(void)asy_str_copy(urls[i], sizeof urls[i], url(paths[i % ASY_COUNT(paths)]));
		reqs[i] = (asy_http_req){.url = urls[i],
								 .timeout_ms = 20000,
								 .max_response_bytes = MAX_BYTES,
								 .allow_private = true};
	}
	ck_ok(asy_http_run(http, reqs, NULL, N, ASY_NEVER, res, &e), e);
	for (size_t i = 0; i < N; i++) {
		ck_assert_msg(res[i].cls == ASY_HTTP_TOO_LARGE, "%s: %s (%s)", urls[i],
					  asy_http_class_name(res[i].cls), res[i].detail);
		asy_http_result_fini(&res[i]);
	}
	long after = peak_kib();
	printf("http floods: peak RSS %ld KiB before, %ld KiB after %d floods (limit %u KiB each)\n",
		   before, after, N, MAX_BYTES / 1024);
#ifndef ASSAY_ASAN
	/* what the bodies may take, and as much again for doubling buffers and libcurl */
	ck_assert_int_lt(after - before, 2 * N * (long)(MAX_BYTES / 1024));
#endif
}
END_TEST

START_TEST(test_private_when_not_allowed_then_nothing_connects)
{
	const char *const hosts[] = {"127.0.0.1",  "localhost",          "[::1]",  "0x7f.1",
								 "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"};
	for (size_t i = 0; i < ASY_COUNT(hosts); i++) {
		char text[128];
		(void)snprintf(text, sizeof text, "http://%s:%u/ok", hosts[i], server.port);
		asy_http_result r = fetch(&(asy_http_req){.url = text, .timeout_ms = 2000});
		ck_assert_msg(r.cls == ASY_HTTP_FORBIDDEN, "%s: %s (%s)", hosts[i],
					  asy_http_class_name(r.cls), r.detail);
		asy_http_result_fini(&r);
	}
	/* unspecified stays forbidden when private is allowed */
	char text[128];
	(void)snprintf(text, sizeof text, "http://0.0.0.0:%u/ok", server.port);
	asy_http_result r =
		fetch(&(asy_http_req){.url = text, .timeout_ms = 2000, .allow_private = true});
	ck_assert_int_eq(r.cls, ASY_HTTP_FORBIDDEN);
	ck_assert_uint_eq(*server.connections, 0);
}
END_TEST

START_TEST(test_urls_when_malformed_then_forbidden)
{
	const char *const urls[] = {"",
								"ftp://127.0.0.1/",
								"file:///etc/passwd",
								"http://",
								"http://a b/",
								"127.0.0.1:1/x y",
								"http://user:pw@127.0.0.1/ok",
								"gopher://127.0.0.1/"};
	for (size_t i = 0; i < ASY_COUNT(urls); i++) {
		asy_http_result r =
			fetch(&(asy_http_req){.url = urls[i], .timeout_ms = 500, .allow_private = true});
		ck_assert_msg(r.cls == ASY_HTTP_FORBIDDEN, "%s: %s (%s)", urls[i],
					  asy_http_class_name(r.cls), r.detail);
		asy_http_result_fini(&r);
	}
}
END_TEST

START_TEST(test_connect_when_nobody_listens_then_unreachable)
{
	http_server gone = http_server_start();
	char text[64];
	(void)snprintf(text, sizeof text, "http://127.0.0.1:%u/", gone.port);
	http_server_stop(&gone);
	asy_http_result r =
		fetch(&(asy_http_req){.url = text, .timeout_ms = 2000, .allow_private = true});
	ck_assert_int_eq(r.cls, ASY_HTTP_UNREACHABLE);
	asy_http_result_fini(&r);
}
END_TEST

typedef struct {
	int calls;
	asy_http_class last;
} seen;

static void on_done(void *arg, asy_http_result *res)
{
	seen *s = arg;
	s->calls++;
	s->last = res->cls;
}

START_TEST(test_requests_when_cancelled_or_client_freed_then_told_once)
{
	seen s[20] = {{0, 0}};
	asy_http_call *calls[20];
	assay_err e;
	asy_http_req req = {.url = url("/silent"), .timeout_ms = 60000, .allow_private = true};
	for (int i = 0; i < 20; i++) /* 8 run, 12 wait: one host */
		ck_ok(asy_http_start(http, &req, on_done, &s[i], &calls[i], &e), e);
	ck_assert_int_eq(asy_loop_sleep(loop, 100), ASSAY_OK);
	asy_http_cancel(calls[0], ASY_HTTP_CANCELLED);
	asy_http_cancel(calls[19], ASY_HTTP_NOT_STARTED);
	ck_assert_int_eq(s[0].calls, 1);
	ck_assert_int_eq(s[19].last, ASY_HTTP_NOT_STARTED);
	ck_assert_int_eq(asy_loop_sleep(loop, 100), ASSAY_OK);
	ck_assert_uint_eq(*server.connections, 9);
	asy_http_free(http);
	http = NULL;
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(s[i].calls, 1);
	ck_assert_int_eq(s[5].last, ASY_HTTP_CANCELLED);
}
END_TEST

START_TEST(test_run_when_deadline_passes_then_waiting_ones_are_not_blamed)
{
	enum { N = 12 };
	asy_http_req reqs[N];
	asy_http_result res[N];
	assay_err e;
	for (size_t i = 0; i < N; i++)
		reqs[i] = (asy_http_req){.url = url("/silent"), .timeout_ms = 60000, .allow_private = true};
	ck_ok(asy_http_run(http, reqs, NULL, N, asy_loop_deadline(loop, 300), res, &e), e);
	size_t timeout = 0, waiting = 0;
	for (size_t i = 0; i < N; i++) {
		timeout += res[i].cls == ASY_HTTP_TIMEOUT;
		waiting += res[i].cls == ASY_HTTP_NOT_STARTED;
		asy_http_result_fini(&res[i]);
	}
	ck_assert_uint_eq(timeout, 8);
	ck_assert_uint_eq(waiting, 4);
}
END_TEST

static void interrupt_soon(void *arg, assay_status st)
{
	if (st == ASSAY_OK)
		asy_loop_interrupt(arg);
}

START_TEST(test_run_when_interrupted_then_returns_at_once)
{
	asy_http_req req = {.url = url("/silent"), .timeout_ms = 60000, .allow_private = true};
	asy_http_result r;
	assay_err e;
	ck_ok(asy_loop_timer(loop, 50 * 1000000u, interrupt_soon, loop, NULL, &e), e);
	uint64_t start = asy_loop_now(loop);
	ck_assert_int_eq(asy_http_run(http, &req, NULL, 1, ASY_NEVER, &r, &e), ASSAY_E_CANCELLED);
	ck_assert_uint_lt((asy_loop_now(loop) - start) / 1000000, 2000);
	ck_assert_int_eq(r.cls, ASY_HTTP_CANCELLED);
	asy_http_result_fini(&r);
}
END_TEST

/* One place: the second request's clock starts when the first is done. */
START_TEST(test_clock_when_queued_then_waiting_is_not_charged)
{
	asy_http *narrow = NULL;
	assay_err e;
	asy_http_req reqs[3];
	asy_http_result res[3];
	ck_ok(asy_http_new(loop, &(asy_http_limits){.total = 1}, &narrow, &e), e);
	for (size_t i = 0; i < 3; i++)
		reqs[i] =
			(asy_http_req){.url = url("/slow/200"), .timeout_ms = 1500, .allow_private = true};
	ck_ok(asy_http_run(narrow, reqs, NULL, 3, ASY_NEVER, res, &e), e);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(res[i].cls, ASY_HTTP_ANSWERED);
		ck_assert_uint_lt(res[i].total_ns, 1000u * 1000000u);
		ck_assert_uint_ge(res[i].total_ns, 200u * 1000000u);
		ck_assert(res[i].connect_ns > 0 && res[i].ttfb_ns >= res[i].connect_ns &&
				  res[i].total_ns >= res[i].ttfb_ns);
		asy_http_result_fini(&res[i]);
	}
	ck_assert_uint_ge(res[2].queue_ns, 400u * 1000000u);
	asy_http_free(narrow);
}
END_TEST

/* One place: hosts take turns, and at one host the first to come is the first to go. */
START_TEST(test_queue_when_one_host_has_many_then_another_need_not_wait_for_all)
{
	http_server other = http_server_start();
	asy_http *narrow = NULL;
	assay_err e;
	char far[64];
	asy_http_req reqs[5];
	asy_http_result res[5];
	ck_ok(asy_http_new(loop, &(asy_http_limits){.total = 1}, &narrow, &e), e);
	(void)snprintf(far, sizeof far, "http://127.0.0.1:%u/ok", other.port);
	for (size_t i = 0; i < 5; i++)
		reqs[i] = (asy_http_req){
			.url = i == 3 ? far : url("/ok"), .timeout_ms = 5000, .allow_private = true};
	ck_ok(asy_http_run(narrow, reqs, NULL, 5, ASY_NEVER, res, &e), e);
	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(res[i].cls, ASY_HTTP_ANSWERED);
	ck_assert_uint_lt(res[0].start_ns, res[3].start_ns);
	ck_assert_uint_lt(res[3].start_ns, res[1].start_ns);
	ck_assert_uint_lt(res[1].start_ns, res[2].start_ns);
	ck_assert_uint_lt(res[2].start_ns, res[4].start_ns);
	for (size_t i = 0; i < 5; i++)
		asy_http_result_fini(&res[i]);
	asy_http_free(narrow);
	http_server_stop(&other);
}
END_TEST

static assay_status sign(void *arg, asy_http_headers *add, assay_err *err)
{
	(void)arg;
	return asy_http_headers_add(add, "X-Signed", "yes", err);
}

static assay_status inject(void *arg, asy_http_headers *add, assay_err *err)
{
	(void)arg;
	return asy_http_headers_add(add, "X-Signed", "yes\r\nX-More: 1", err);
}

/* A host that is slow and has much waiting keeps half of the places at most: the other's
 * requests all end before its first. */
START_TEST(test_queue_when_one_host_is_slow_then_it_takes_no_places_of_others)
{
	enum { SLOW = 12, FAST = 12 };
	asy_http *four = NULL;
	http_server other = http_server_start();
	asy_http_req req[SLOW + FAST];
	asy_http_result r[SLOW + FAST];
	char text[SLOW + FAST][64];
	assay_err e;
	ck_ok(asy_http_new(loop, &(asy_http_limits){.total = 4, .per_host = 4}, &four, &e), e);
	for (size_t i = 0; i < SLOW + FAST; i++) {
		bool is_slow = i < SLOW;
		(void)snprintf(text[i], sizeof text[i], "http://127.0.0.1:%u%s",
					   is_slow ? server.port : other.port, is_slow ? "/slow/1000" : "/ok");
		req[i] = (asy_http_req){.url = text[i], .allow_private = true};
	}
	ck_ok(asy_http_run(four, req, NULL, SLOW + FAST, ASY_NEVER, r, &e), e);
	for (size_t i = SLOW; i < SLOW + FAST; i++)
		for (size_t k = 0; k < SLOW; k++)
			ck_assert_uint_lt(r[i].start_ns + r[i].total_ns, r[k].start_ns + r[k].total_ns);
	for (size_t i = 0; i < SLOW + FAST; i++)
		asy_http_result_fini(&r[i]);
	asy_http_free(four);
	http_server_stop(&other);
}
END_TEST

START_TEST(test_request_when_sent_then_exactly_what_was_asked)
{
	const asy_http_header headers[] = {{"X-One", "1"}, {"X-Empty", ""}};
	asy_http_req req = {.url = url("/echo/../a%2Fb?x=/../1"),
						.headers = headers,
						.headers_n = 2,
						.body = asy_span_str("{\"a\": 1}"),
						.timeout_ms = 2000,
						.allow_private = true,
						.prepare = sign};
	asy_http_result r = fetch(&req);
	/* nobody normalised the path, so the server does not know it: it closes */
	ck_assert_int_eq(r.cls, ASY_HTTP_ANSWERED);
	const char *text = asy_buf_cstr(&r.body);
	ck_assert_ptr_nonnull(strstr(text, "POST /echo/../a%2Fb?x=/../1 HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nX-One: 1\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nX-Empty:\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nX-Signed: yes\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\n{\"a\": 1}"));
	ck_assert_ptr_null(strcasestr(text, "Expect:"));
	ck_assert_ptr_null(strcasestr(text, "Cookie"));
	ck_assert_ptr_null(strcasestr(text, "x-www-form"));
	asy_http_result_fini(&r);
	req.prepare = inject;
	r = fetch(&req);
	ck_assert_int_eq(r.cls, ASY_HTTP_INTERNAL);
	ck_assert_uint_eq(*server.requests, 1);
}
END_TEST

START_TEST(test_environment_when_it_names_a_proxy_then_ignored)
{
	ck_assert_int_eq(setenv("http_proxy", "http://127.0.0.1:9", 1), 0);
	ck_assert_int_eq(setenv("ALL_PROXY", "http://127.0.0.1:9", 1), 0);
	asy_http_result r = get("/ok");
	ck_assert_int_eq(r.cls, ASY_HTTP_ANSWERED);
	asy_http_result_fini(&r);
}
END_TEST

START_TEST(test_connections_when_not_reused_then_one_a_request)
{
	for (int i = 0; i < 3; i++) {
		asy_http_result r = get("/ok");
		asy_http_result_fini(&r);
	}
	ck_assert_uint_eq(*server.connections, 3);
	ck_assert_uint_eq(*server.requests, 3);
}
END_TEST

START_TEST(test_reuse_when_the_server_closed_then_answered_on_a_new_connection)
{
	asy_http_req req = {
		.url = url("/ok"), .timeout_ms = 2000, .allow_private = true, .reuse = true};
	for (int i = 0; i < 5; i++) {
		asy_http_result r = fetch(&req);
		ck_assert_msg(r.cls == ASY_HTTP_ANSWERED, "%s", r.detail);
		asy_http_result_fini(&r);
	}
	ck_assert_uint_eq(*server.requests, 5);
}
END_TEST

static uint64_t scripted(void *arg, const asy_http_req *req, const asy_http_header *headers,
						 size_t headers_n, asy_http_result *out)
{
	(void)arg;
	out->cls = ASY_HTTP_ANSWERED;
	out->status = 200;
	for (size_t i = 0; i < headers_n; i++)
		if (asy_buf_printf(&out->body, NULL, "%s=%s;", headers[i].name, headers[i].value) !=
			ASSAY_OK)
			out->cls = ASY_HTTP_INTERNAL;
	return strstr(req->url, "slow") != NULL ? 3600u * (uint64_t)1000000000 : 1000000;
}

START_TEST(test_fake_when_scripted_then_limits_apply_too)
{
	asy_http *f = NULL;
	assay_err e;
	asy_http_script script = {scripted, NULL};
	asy_http_req reqs[3] = {{.url = "http://x/a", .prepare = sign},
							{.url = "http://x/slow", .timeout_ms = 20},
							{.url = "http://x/b", .prepare = sign, .max_response_bytes = 4}};
	asy_http_result res[3];
	ck_ok(asy_http_fake_new(loop, &script, &f, &e), e);
	ck_ok(asy_http_run(f, reqs, NULL, 3, ASY_NEVER, res, &e), e);
	ck_assert_int_eq(res[0].cls, ASY_HTTP_ANSWERED);
	ck_assert_str_eq(asy_buf_cstr(&res[0].body), "X-Signed=yes;");
	ck_assert_int_eq(res[1].cls, ASY_HTTP_TIMEOUT);
	ck_assert_int_eq(res[2].cls, ASY_HTTP_TOO_LARGE);
	for (size_t i = 0; i < 3; i++)
		asy_http_result_fini(&res[i]);
	seen s = {0, 0};
	ck_ok(asy_http_start(f, &reqs[1], on_done, &s, NULL, &e), e);
	asy_http_free(f);
	ck_assert_int_eq(s.calls, 1);
	ck_assert_int_eq(s.last, ASY_HTTP_CANCELLED);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_answers_when_hostile_then_classified);
	tcase_add_test(tc, test_floods_when_many_at_once_then_memory_is_bounded);
	tcase_add_test(tc, test_private_when_not_allowed_then_nothing_connects);
	tcase_add_test(tc, test_urls_when_malformed_then_forbidden);
	tcase_add_test(tc, test_connect_when_nobody_listens_then_unreachable);
	tcase_add_test(tc, test_requests_when_cancelled_or_client_freed_then_told_once);
	tcase_add_test(tc, test_run_when_deadline_passes_then_waiting_ones_are_not_blamed);
	tcase_add_test(tc, test_run_when_interrupted_then_returns_at_once);
	tcase_add_test(tc, test_clock_when_queued_then_waiting_is_not_charged);
	tcase_add_test(tc, test_queue_when_one_host_has_many_then_another_need_not_wait_for_all);
	tcase_add_test(tc, test_queue_when_one_host_is_slow_then_it_takes_no_places_of_others);
	tcase_add_test(tc, test_request_when_sent_then_exactly_what_was_asked);
	tcase_add_test(tc, test_environment_when_it_names_a_proxy_then_ignored);
	tcase_add_test(tc, test_connections_when_not_reused_then_one_a_request);
	tcase_add_test(tc, test_reuse_when_the_server_closed_then_answered_on_a_new_connection);
	tcase_add_test(tc, test_fake_when_scripted_then_limits_apply_too);
}

int main(void)
{
	return test_main("http", fill, 60);
}
