/* What a node's answer may cost in memory: at most eight times the bytes that its method allows,
 * 4 MiB where a header is expected, whatever it is made of, from its text to its value. */
#include <sys/resource.h>
#include "chain/chain.h"
#include "chain/impl.h"
#include "support/test.h"

#define TIMES 8u
#define HEADER_MAX_KB (4L << 10)

static const char *const methods[] = {"chain_getHeader", "chain_getBlock", "state_call",
									  "state_queryStorageAt"};

typedef enum { ONE_TEXT, NUMBERS, AS_MANY_AS_ALLOWED } shape;
static const char *const shape_names[] = {"one text", "numbers", "as many as allowed"};

/* There is room. */
static void add(asy_buf *b, const char *text)
{
	if (asy_buf_add_str(b, text, NULL) != ASSAY_OK)
		abort();
}

/* An answer of as many bytes as the method allows. */
static void fill(asy_buf *b, shape s, const asy_rpc_bounds *bounds)
{
	assay_err err = {0};
	ck_ok(asy_buf_reserve(b, bounds->bytes, &err), err);
	add(b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":");
	if (s == NUMBERS) {
		add(b, "[1");
		while (b->len + 4 <= bounds->bytes)
			add(b, ",1");
		add(b, "]}");
		return;
	}
	if (s == AS_MANY_AS_ALLOWED) {
		add(b, "[");
		for (size_t i = 0; i < bounds->values / 2 - 8; i++)
			add(b, i % 2 == 0 ? "{}," : "[],");
	}
	add(b, "\"0x");
	while (b->len + 5 <= bounds->bytes)
		add(b, "a5");
	add(b, s == AS_MANY_AS_ALLOWED ? "\"]}" : "\"}");
}

static long rss_kb(void)
{
	struct rusage use;
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &use), 0);
	return use.ru_maxrss;
}

START_TEST(test_answer_as_large_as_its_method_allows_then_few_times_its_bytes)
{
	const char *method = methods[(size_t)_i / ASY_COUNT(shape_names)];
	const shape k = (shape)((size_t)_i % ASY_COUNT(shape_names));
	const asy_rpc_bounds *bounds = asy_rpc_bounds_of(method);
	asy_buf body = {0}, bytes = {0};
	asy_rpc_reply reply = {.doc = NULL};
	assay_err err = {0};
	bool some = false;
	long before = rss_kb();
	fill(&body, k, bounds);
	assay_status st = asy_rpc_decode(asy_buf_span(&body), 1, bounds->values, &reply, &err);
	ck_assert_msg(st == (k == NUMBERS ? ASSAY_E_FORMAT : ASSAY_OK), "%s: %s", method, err.msg);
	if (st == ASSAY_OK)
		(void)!asy_rpc_hex(reply.result, &bytes, &some, &err);
	long cost = rss_kb() - before;
	(void)printf("%-24s %-20s %9zu bytes: %6ld KiB\n", method, shape_names[k], body.len, cost);
	/* pages of code that were not in memory before are no part of the answer */
	long most = (long)(TIMES * bounds->bytes >> 10) + 1024;
	if (strcmp(method, "chain_getHeader") == 0)
		most = HEADER_MAX_KB;
#if defined(ASSAY_ASAN) || defined(ASSAY_TSAN) /* they keep books of memory in memory */
	most = cost;
#endif
	ck_assert_int_le(cost, most);
	asy_rpc_reply_fini(&reply);
	asy_buf_fini(&bytes);
	asy_buf_fini(&body);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_loop_test(tc, test_answer_as_large_as_its_method_allows_then_few_times_its_bytes, 0,
						(int)(ASY_COUNT(methods) * ASY_COUNT(shape_names)));
}

int main(void)
{
	return test_main("chain-memory", cases, 60);
}
