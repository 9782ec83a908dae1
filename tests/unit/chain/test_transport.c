/* The transport over the HTTP client, with scripted answers. */
#include "support/test.h"
#include "chain/chain.h"
#include "http/http.h"

typedef struct {
	asy_http_class cls;
	int status;
	const char *body;
	char sent[64];
	bool json;
} script;

static uint64_t answer(void *arg, const asy_http_req *req, const asy_http_header *headers,
					   size_t headers_n, asy_http_result *out)
{
	script *s = arg;
	size_t n = req->body.len < sizeof s->sent - 1 ? req->body.len : sizeof s->sent - 1;
	memcpy(s->sent, req->body.ptr, n);
	s->sent[n] = '\0';
	for (size_t i = 0; i < headers_n; i++)
		s->json = s->json || strcmp(headers[i].value, "application/json") == 0;
	out->cls = s->cls;
	out->status = s->status;
	if (s->body != NULL)
		(void)!asy_buf_add_str(&out->body, s->body, NULL);
	return 1000000;
}

static assay_status post(script *s, asy_buf *out, assay_err *err)
{
	asy_loop *loop = NULL;
	asy_http *http = NULL;
	asy_rpc_http t;
	const asy_http_script sc = {answer, s};
	ck_ok(asy_loop_new(&loop, err), *err);
	ck_ok(asy_http_fake_new(loop, &sc, &http, err), *err);
	asy_clock *clock = asy_loop_clock(loop);
	asy_rpc_http_init(&t, http, clock);
	assay_status st = t.iface.send(&t.iface, "http://127.0.0.1:1", asy_span_str("{\"id\":1}"), out,
								   clock->mono_ns(clock) + UINT64_C(2000000000), err);
	asy_http_free(http);
	asy_loop_free(loop);
	return st;
}

START_TEST(test_answered_then_the_body)
{
	script s = {.cls = ASY_HTTP_ANSWERED, .status = 200, .body = "{\"result\":1}"};
	asy_buf out = {0};
	assay_err err;
	ck_ok(post(&s, &out, &err), err);
	ck_assert_str_eq(asy_buf_cstr(&out), "{\"result\":1}");
	ck_assert_str_eq(s.sent, "{\"id\":1}");
	ck_assert(s.json);
	asy_buf_fini(&out);
}
END_TEST

START_TEST(test_failures_then_their_status)
{
	static const struct {
		asy_http_class cls;
		int status;
		assay_status want;
	} rows[] = {
		{ASY_HTTP_ANSWERED, 503, ASSAY_E_NET},          {ASY_HTTP_ANSWERED, 301, ASSAY_E_NET},
		{ASY_HTTP_UNREACHABLE, 0, ASSAY_E_NET},         {ASY_HTTP_CLOSED, 200, ASSAY_E_NET},
		{ASY_HTTP_TOO_LARGE, 200, ASSAY_E_NET},         {ASY_HTTP_TIMEOUT, 0, ASSAY_E_TIMEOUT},
		{ASY_HTTP_TIMEOUT_CONNECT, 0, ASSAY_E_TIMEOUT}, {ASY_HTTP_CANCELLED, 0, ASSAY_E_CANCELLED}};
	for (size_t i = 0; i < ASY_COUNT(rows); i++) {
		script s = {.cls = rows[i].cls, .status = rows[i].status, .body = "x"};
		asy_buf out = {0};
		assay_err err = {.status = ASSAY_OK};
		ck_assert_int_eq(post(&s, &out, &err), rows[i].want);
		ck_assert_uint_gt(strlen(err.msg), 5);
		ck_assert_uint_eq(out.len, 0);
		asy_buf_fini(&out);
	}
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_answered_then_the_body);
	tcase_add_test(tc, test_failures_then_their_status);
}

int main(void)
{
	return test_main("transport", cases, 30);
}
