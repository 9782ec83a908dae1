/* Subscriptions of the development chain, without a socket: what is told, in which order. */
#include "localnet/subscribe.h"
#include "unit/localnet/world.h"

typedef struct {
	char *text[64];
	size_t n;
} heard;

static void hear(void *arg, assay_span message)
{
	heard *h = arg;
	ck_assert_uint_lt(h->n, ASY_COUNT(h->text));
	h->text[h->n] = strndup((const char *)message.ptr, message.len);
	h->n++;
}

static void forget(heard *h)
{
	while (h->n > 0)
		free(h->text[--h->n]);
}

typedef struct {
	world w;
	lnet_subscriber s;
	heard h;
} room;

static room *room_new(void)
{
	room *r = asy_calloc(1, sizeof *r);
	ck_assert_ptr_nonnull(r);
	r->w = world_new(WORLD_SCENARIO);
	asy_lnet_subscriber_init(&r->s, r->w.node, hear, &r->h);
	return r;
}

static void room_free(room *r)
{
	asy_lnet_subscriber_fini(&r->s);
	forget(&r->h);
	world_free(&r->w);
	free(r);
}

/* The reply's text; freed by the caller. */
static char *call(room *r, const char *method, const char *params)
{
	char request[512];
	asy_buf out = {0};
	lnet_wire wire;
	assay_err err;
	(void)snprintf(request, sizeof request, "{\"id\":1,\"method\":\"%s\",\"params\":[%s]}", method,
				   params);
	r->w.node->subscriber = &r->s;
	ck_ok(asy_lnet_rpc(r->w.node, asy_span_str(request), &out, &wire, &err), err);
	r->w.node->subscriber = NULL;
	char *text = strdup(asy_buf_cstr(&out));
	asy_buf_fini(&out);
	return text;
}

static void expect(room *r, const char *method, const char *params, const char *part)
{
	char *text = call(r, method, params);
	ck_assert_msg(strstr(text, part) != NULL, "%s: %s", method, text);
	free(text);
}

START_TEST(test_heads_when_blocks_come_then_each_is_told_once_in_order)
{
	room *r = room_new();
	expect(r, "chain_subscribeNewHeads", "", "\"result\":\"assay1\"");
	ck_assert_uint_eq(r->h.n, 0); /* the reply comes first */
	asy_lnet_subscriber_news(&r->s);
	ck_assert_uint_eq(r->h.n, 1);
	world_blocks(&r->w, 3);
	asy_lnet_subscriber_news(&r->s);
	asy_lnet_subscriber_news(&r->s);
	ck_assert_uint_eq(r->h.n, 4);
	static const char *const numbers[] = {"\"0x0\"", "\"0x1\"", "\"0x2\"", "\"0x3\""};
	for (size_t i = 0; i < r->h.n; i++) {
		ck_assert_ptr_nonnull(strstr(r->h.text[i], "\"method\":\"chain_newHead\""));
		ck_assert_ptr_nonnull(strstr(r->h.text[i], numbers[i]));
	}
	expect(r, "chain_unsubscribeNewHeads", "\"assay1\"", "\"result\":true");
	expect(r, "chain_unsubscribeNewHeads", "\"assay1\"", "\"result\":false");
	world_blocks(&r->w, 1);
	asy_lnet_subscriber_news(&r->s);
	ck_assert_uint_eq(r->h.n, 4);
	room_free(r);
}
END_TEST

START_TEST(test_final_heads_then_behind_by_the_lag)
{
	room *r = room_new();
	world_blocks(&r->w, 5);
	expect(r, "chain_subscribeFinalizedHeads", "", "assay1");
	asy_lnet_subscriber_news(&r->s);
	ck_assert_ptr_nonnull(strstr(r->h.text[0], "\"0x3\""));
	ck_assert_ptr_nonnull(strstr(r->h.text[0], "chain_finalizedHead"));
	room_free(r);
}
END_TEST

/* Timestamp.Now changes with every block, Tempo of subnet 1 does not. */
START_TEST(test_storage_then_told_at_once_and_when_it_changes)
{
	room *r = room_new();
	expect(r, "state_subscribeStorage",
		   "[\"0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb\"]", "assay1");
	expect(r, "state_subscribeStorage", "[\"0x00\"]", "assay2");
	asy_lnet_subscriber_news(&r->s);
	ck_assert_uint_eq(r->h.n, 2);
	ck_assert_ptr_nonnull(strstr(r->h.text[1], "[\"0x00\",null]"));
	world_blocks(&r->w, 1);
	asy_lnet_subscriber_news(&r->s);
	ck_assert_uint_eq(r->h.n, 3);
	ck_assert_ptr_nonnull(strstr(r->h.text[2], "\"assay1\""));
	expect(r, "state_subscribeStorage", "7", "-32602");
	expect(r, "state_subscribeStorage", "[\"x\"]", "-32602");
	room_free(r);
}
END_TEST

START_TEST(test_too_many_then_refused_and_the_others_stay)
{
	room *r = room_new();
	for (unsigned i = 0; i < LNET_SUBSCRIPTIONS_MAX; i++)
		expect(r, "state_subscribeRuntimeVersion", "", "assay");
	expect(r, "state_subscribeRuntimeVersion", "", "-32006");
	expect(r, "state_unsubscribeRuntimeVersion", "\"assay7\"", "true");
	expect(r, "state_subscribeRuntimeVersion", "", "assay257");
	room_free(r);
}
END_TEST

START_TEST(test_over_http_then_no_such_method)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf out = {0};
	lnet_wire wire;
	assay_err err;
	ck_ok(asy_lnet_rpc(
			  w.node,
			  asy_span_str("{\"id\":1,\"method\":\"chain_subscribeNewHeads\",\"params\":[]}"), &out,
			  &wire, &err),
		  err);
	ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&out), "-32601"));
	asy_buf_fini(&out);
	world_free(&w);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_heads_when_blocks_come_then_each_is_told_once_in_order);
	tcase_add_test(tc, test_final_heads_then_behind_by_the_lag);
	tcase_add_test(tc, test_storage_then_told_at_once_and_when_it_changes);
	tcase_add_test(tc, test_too_many_then_refused_and_the_others_stay);
	tcase_add_test(tc, test_over_http_then_no_such_method);
}

int main(void)
{
	return test_main("localnet-subscribe", cases, 30);
}
