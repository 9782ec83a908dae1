/* Two hundred miners with large answers beside eight honest ones, over real sockets into a
 * real store: the honest are heard, all of them, and pay nothing for the others. Latencies are
 * printed and not judged. */
#include <stdlib.h>
#include "http/http.h"
#include "round/intake.h"
#include "support/many_server.h"
#include "unit/store/scratch.h"

#define HONEST 8u
#define CROWD 200u
#define ALL (HONEST + CROWD)
#define LARGE ((size_t)1 << 20)
#define ROOM ((size_t)256 << 20)

typedef struct {
	asy_intake *in;
	size_t questions;
	uint64_t latency_ns[HONEST * 4]; /* of the honest, in the order of arrival */
	size_t n;
} asking;

static assay_status on_outcome(void *arg, const asy_outcome *o, assay_err *err)
{
	asking *a = arg;
	const asy_answer x = {.why = o->why, .latency_ns = o->latency_ns, .cause = ""};
	if (o->tag / a->questions < HONEST)
		a->latency_ns[a->n++] = o->latency_ns;
	return asy_intake_add(a->in, (size_t)o->tag, &x, o->cls == ASY_REPLY_OK ? o->body : NULL, err);
}

static asy_round *round_of(asy_store *store, size_t n, size_t questions)
{
	assay_err e = {0};
	asy_buf begin = {0}, challenge = {0};
	asy_round *r = NULL;
	uint64_t id = 0;
	asy_begin_record b = {.plugin_id = "org.assay.test", .plugin_version = "1.0.0"};
	asy_question q[4] = {{.id = "a"}, {.id = "b"}, {.id = "c"}, {.id = "d"}};
	asy_asked t[ALL] = {{.uid = 0}};
	for (size_t i = 0; i < n; i++)
		t[i] = (asy_asked){.uid = (uint16_t)i, .hotkey.b = {(uint8_t)i, 1}};
	ck_ok(asy_record_put_begin(&b, &begin, &e), e);
	ck_ok(asy_record_put_challenge(&(asy_challenge_record){q, questions, t, n}, &challenge, &e), e);
	ck_ok(asy_store_round_begin(store, 1, asy_buf_span(&begin), &id, &e), e);
	ck_ok(asy_round_new(id, &r, &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_BEGIN, asy_buf_span(&begin), &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_CHALLENGE, asy_buf_span(&challenge), &e), e);
	asy_buf_fini(&begin);
	asy_buf_fini(&challenge);
	return r;
}

typedef struct {
	asy_loop *loop;
	asy_http *http;
	asy_store *store;
	asy_key *key;
	char dir[64];
} net;

static net net_new(void)
{
	assay_err e = {0};
	net w = {.loop = NULL};
	ck_ok(asy_crypto_init(&e), e);
	scratch_make(w.dir);
	w.store = scratch_open(w.dir);
	ck_ok(asy_loop_new(&w.loop, &e), e);
	ck_ok(asy_http_new(w.loop, &(asy_http_limits){.total = 256, .per_host = 8}, &w.http, &e), e);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//Alice", &w.key, &e), e);
	return w;
}

static void net_free(net *w)
{
	asy_http_free(w->http);
	asy_loop_free(w->loop);
	asy_store_close(w->store);
	asy_key_free(w->key);
	scratch_remove(w->dir);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* One query phase; the median latency of the honest in milliseconds. */
static double phase(net *w, size_t n, size_t questions, unsigned delay_ms, const char *name)
{
	static many_answer answers[ALL];
	static asy_target target[ALL];
	static asy_query query[ALL * 4];
	asking a = {.questions = questions};
	asy_nonce nonce = {0};
	asy_caller caller;
	asy_fanout_summary sum;
	assay_err e = {0};
	for (size_t i = 0; i < n; i++)
		answers[i] = (many_answer){i < HONEST ? 600 : LARGE, delay_ms};
	/* a process of their own: the crowd's sending must not delay theirs */
	many_server honest = many_server_start(answers, HONEST);
	many_server crowd = many_server_start(answers + HONEST, n - HONEST);
	asy_round *r = round_of(w->store, n, questions);
	for (size_t i = 0; i < n; i++) {
		target[i] = (asy_target){.uid = (uint16_t)i,
								 .port = i < HONEST ? honest.port[i] : crowd.port[i - HONEST],
								 .host = "127.0.0.1"};
		memcpy(target[i].hotkey, r->target[i].hotkey.b, 32);
		asy_ss58_encode(target[i].hotkey, target[i].ss58);
	}
	for (size_t i = 0; i < n * questions; i++)
		query[i] = (asy_query){&target[i / questions], "/text", asy_span_str("{}"), i};
	const asy_intake_opts io = {w->store, w->loop, asy_loop_clock(w->loop), ROOM};
	const asy_fanout_opts fo = {
		.deadline_mono_ns = ASY_NEVER,
		.timeout_ms = 60000, /* the machine may be busy; nobody is judged by time here */
		.connect_timeout_ms = 60000,
		.max_response_bytes = LARGE,
		.allow_private = true};
	asy_caller_init(&caller, w->key, &nonce, asy_loop_clock(w->loop), asy_sys_rng());
	ck_ok(asy_intake_new(r, &io, &a.in, &e), e);
	(void)asy_loop_lag(w->loop);
	ck_ok(asy_fanout_run(w->http, asy_dialect_find("btauth1"), &caller, query, n * questions, &fo,
						 on_outcome, &a, &sum, &e),
		  e);
	ck_ok(asy_intake_end(a.in, &e), e);
	asy_intake_stats stats = asy_intake_get_stats(a.in);
	double lag_ms = (double)asy_loop_lag(w->loop).max_ns / 1e6;
	asy_intake_free(a.in);
	many_server_stop(&honest);
	many_server_stop(&crowd);
	ck_assert_uint_eq(a.n, HONEST * questions);
	for (size_t i = 0; i < HONEST * questions; i++) {
		ck_assert_msg(r->answer[i] != NULL && r->answer[i]->why == ASY_WHY_OK, "honest %zu: %s", i,
					  r->answer[i] == NULL ? "none" : asy_why_word(r->answer[i]->why));
		ck_assert_uint_eq(r->answer[i]->body.len, 600);
	}
	ck_assert_uint_le(r->answer_bytes, ROOM);
	qsort(a.latency_ns, a.n, sizeof a.latency_ns[0], by_size);
	double median = (double)a.latency_ns[a.n / 2] / 1e6;
	(void)printf("%s: %zu miners, %zu questions, after %u ms: honest median %.0f ms, most %.0f ms; "
				 "%zu MB kept, %zu dropped; longest slice %.1f ms, loop away for %.1f ms at most\n",
				 name, n, questions, delay_ms, median, (double)a.latency_ns[a.n - 1] / 1e6,
				 r->answer_bytes >> 20, stats.dropped, (double)stats.longest_ns / 1e6, lag_ms);
	(void)fflush(stdout);
	asy_round_free(r);
	return median;
}

START_TEST(test_crowd_when_large_answers_come_then_the_honest_are_all_heard)
{
	static const struct {
		size_t questions;
		unsigned delay_ms;
	} cases[] = {{1, 1000}, {4, 1000}, {1, 6000}, {4, 6000}};
	net w = net_new();
	double quiet = phase(&w, HONEST, cases[_i].questions, cases[_i].delay_ms, "quiet");
	double crowd = phase(&w, ALL, cases[_i].questions, cases[_i].delay_ms, "crowd");
	(void)printf("honest latency in the crowd: %+.1f %%\n", (crowd / quiet - 1) * 100);
	net_free(&w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, test_crowd_when_large_answers_come_then_the_honest_are_all_heard, 0, 4);
}

int main(void)
{
	return test_main("crowd", fill, 120);
}
