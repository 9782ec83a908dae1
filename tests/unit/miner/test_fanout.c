/* A whole fan-out over real sockets: every behaviour gets its class, signatures
 * verify on the other side, one deadline ends it, interruption ends it at once,
 * and each query is told exactly once. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "miner/miner.h"
#include "support/http_server.h"
#include "support/test.h"

#define MS 1000000u
#define MAX_BYTES (64u * 1024)

static asy_loop *loop;
static asy_http *http;
static http_server server;
static asy_key *alice, *bob;
static asy_nonce nonce;
static asy_caller caller;

/* ---- the answering side: /auth verifies btauth/1 as a miner would ---- */

static const char *header(const char *request, const char *name, char *out, size_t cap)
{
	const char *p = strcasestr(request, name);
	if (p == NULL)
		return NULL;
	p += strlen(name) + 2;
	size_t n = strcspn(p, "\r");
	if (n >= cap)
		return NULL;
	memcpy(out, p, n);
	out[n] = '\0';
	return out;
}

static assay_status check(const char *request, size_t len, assay_err *err)
{
	static char text[6][256], target[256];
	uint8_t own[32], sender[32];
	const char *body = strstr(request, "\r\n\r\n") + 4;
	const char *at = strchr(request, ' ') + 1;
	asy_clock *clock = asy_sys_clock();
	size_t n = strcspn(at, " ");
	memcpy(target, at, n);
	target[n] = '\0';
	asy_key_public(bob, own);
	asy_btauth1_request r = {.version = header(request, "X-Bittensor-Version", text[0], 256),
							 .hotkey = header(request, "X-Bittensor-Hotkey", text[1], 256),
							 .receiver = header(request, "X-Bittensor-Receiver", text[2], 256),
							 .nonce = header(request, "X-Bittensor-Nonce", text[3], 256),
							 .signature = header(request, "X-Bittensor-Signature", text[4], 256),
							 .method = "POST",
							 .target = target,
							 .body = asy_span(body, len - (size_t)(body - request))};
	return asy_btauth1_verify(&r, own, clock->real_ns(clock), NULL, NULL, sender, err);
}

static int handle(int fd, const char *request, size_t len)
{
	char answer[700];
	assay_err e = {0};
	if (strncmp(request, "POST /auth", 10) != 0)
		return 0;
	assay_status st = check(request, len, &e);
	int n = snprintf(answer, sizeof answer, "HTTP/1.1 %d X\r\n\r\n%s", st == ASSAY_OK ? 200 : 401,
					 st == ASSAY_OK ? "{\"ok\":1}" : e.msg);
	(void)http_write(fd, answer, (size_t)n);
	return 1;
}

static void setup(void)
{
	assay_err e;
	ck_ok(asy_crypto_init(&e), e);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//Alice", &alice, &e), e);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//Bob", &bob, &e), e);
	server = http_server_start_with(handle);
	ck_ok(asy_loop_new(&loop, &e), e);
	ck_ok(asy_http_new(loop, &(asy_http_limits){.total = 64, .per_host = 64}, &http, &e), e);
	asy_caller_init(&caller, alice, &nonce, asy_loop_clock(loop), asy_sys_rng());
}

static void teardown(void)
{
	asy_http_free(http);
	asy_loop_free(loop);
	http_server_stop(&server);
	asy_key_free(alice);
	asy_key_free(bob);
}

static asy_target target(uint16_t uid)
{
	asy_target t = {.uid = uid, .port = server.port, .host = "127.0.0.1"};
	asy_key_public(bob, t.hotkey);
	asy_ss58_encode(t.hotkey, t.ss58);
	t.hotkey[0] = (uint8_t)uid; /* peers apart for us; the address stays Bob's */
	return t;
}

typedef struct {
	size_t told[64];
	asy_reply cls[64];
	asy_why why[64];
	uint64_t latency_ms[64];
	size_t calls, fail_at;
} log_book;

static assay_status on_outcome(void *arg, const asy_outcome *o, assay_err *err)
{
	log_book *b = arg;
	ck_assert_uint_lt(o->tag, 64);
	ck_assert_uint_eq(o->tag, o->query);
	b->told[o->tag]++;
	b->cls[o->tag] = o->cls;
	b->why[o->tag] = o->why;
	b->latency_ms[o->tag] = o->latency_ns / MS;
	ck_assert_uint_le(o->body->len, MAX_BYTES);
	if (++b->calls == b->fail_at)
		return ASSAY_FAIL(err, E_STORE, "disk full");
	return ASSAY_OK;
}

static asy_fanout_opts opts(uint64_t deadline_ms)
{
	return (asy_fanout_opts){.deadline_mono_ns = asy_loop_deadline(loop, deadline_ms),
							 .timeout_ms = 60000,
							 .max_response_bytes = MAX_BYTES,
							 .allow_private = true,
							 .expect_json = true,
							 .round = 1};
}

START_TEST(test_fanout_when_every_behaviour_then_each_has_its_class)
{
	static const struct {
		const char *route;
		asy_reply cls;
		asy_why why;
	} cases[] = {
		{"/ok", ASY_REPLY_OK, ASY_WHY_OK},
		{"/auth?x=1", ASY_REPLY_OK, ASY_WHY_OK},
		{"/empty", ASY_REPLY_EMPTY, ASY_WHY_EMPTY},
		{"/slow/100", ASY_REPLY_OK, ASY_WHY_OK},
		{"/silent", ASY_REPLY_TIMEOUT, ASY_WHY_TIMEOUT},
		{"/trickle", ASY_REPLY_TIMEOUT, ASY_WHY_TIMEOUT},
		{"/huge", ASY_REPLY_TOO_LARGE, ASY_WHY_TOO_LARGE},
		{"/stream", ASY_REPLY_TOO_LARGE, ASY_WHY_TOO_LARGE},
		{"/unlength", ASY_REPLY_TOO_LARGE, ASY_WHY_TOO_LARGE},
		{"/bomb", ASY_REPLY_TOO_LARGE, ASY_WHY_TOO_LARGE},
		{"/headers", ASY_REPLY_TOO_LARGE, ASY_WHY_TOO_LARGE},
		{"/garbage", ASY_REPLY_HTTP, ASY_WHY_PROTOCOL},
		{"/deep", ASY_REPLY_HTTP, ASY_WHY_DECODE},
		{"/redirect", ASY_REPLY_HTTP, ASY_WHY_REDIRECT},
		{"/reset", ASY_REPLY_REFUSED, ASY_WHY_CLOSED},
		{"/status/403", ASY_REPLY_HTTP, ASY_WHY_FORBIDDEN},
		{"/status/429", ASY_REPLY_HTTP, ASY_WHY_BUSY},
		{"/status/500", ASY_REPLY_HTTP, ASY_WHY_STATUS},
	};
	enum { N = sizeof cases / sizeof cases[0] };
	asy_target targets[N];
	asy_query queries[N];
	log_book book = {.calls = 0};
	asy_fanout_summary sum;
	assay_err e;
	struct rusage use;
	for (size_t i = 0; i < N; i++) {
		targets[i] = target((uint16_t)i);
		queries[i] =
			(asy_query){&targets[i], cases[i].route, asy_span_str("{\"prompt\": \"hello\"}"), i};
	}
	asy_fanout_opts o = opts(1500);
	uint64_t start = asy_loop_now(loop);
	ck_ok(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, queries, N, &o, on_outcome,
						 &book, &sum, &e),
		  e);
	ck_assert_uint_lt((asy_loop_now(loop) - start) / MS, 3000);
	for (size_t i = 0; i < N; i++) {
		ck_assert_uint_eq(book.told[i], 1);
		ck_assert_msg(book.cls[i] == cases[i].cls && book.why[i] == cases[i].why,
					  "%s: class %d, %s", cases[i].route, (int)book.cls[i],
					  asy_why_name(book.why[i]));
	}
	ck_assert_uint_eq(sum.asked, N);
	ck_assert_uint_eq(sum.ok, 3);
	(void)getrusage(RUSAGE_SELF, &use);
	printf("fan-out over %d behaviours: peak RSS %ld KiB\n", (int)N, use.ru_maxrss);
}
END_TEST

START_TEST(test_fanout_when_interrupted_then_ends_at_once)
{
	asy_target t = target(1);
	asy_query q[4];
	log_book book = {.calls = 0};
	asy_fanout_summary sum;
	assay_err e;
	for (size_t i = 0; i < 4; i++)
		q[i] = (asy_query){&t, "/silent", asy_span(NULL, 0), i};
	asy_loop_interrupt(loop);
	asy_fanout_opts o = opts(60000);
	uint64_t start = asy_loop_now(loop);
	ck_assert_int_eq(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, q, 4, &o,
									on_outcome, &book, &sum, &e),
					 ASSAY_E_CANCELLED);
	ck_assert_uint_lt((asy_loop_now(loop) - start) / MS, 500);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(book.told[i], 1);
		ck_assert_int_eq(book.why[i], ASY_WHY_CANCELLED);
		ck_assert_int_eq(book.cls[i], ASY_REPLY_INTERNAL);
	}
}
END_TEST

START_TEST(test_fanout_when_journal_fails_then_stops_and_says_why)
{
	asy_target t = target(1);
	asy_query q[10];
	log_book book = {.fail_at = 2};
	asy_fanout_summary sum;
	assay_err e;
	for (size_t i = 0; i < 10; i++)
		q[i] = (asy_query){&t, i < 2 ? "/ok" : "/silent", asy_span(NULL, 0), i};
	asy_fanout_opts o = opts(30000);
	ck_assert_int_eq(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, q, 10, &o,
									on_outcome, &book, &sum, &e),
					 ASSAY_E_STORE);
	ck_assert_str_eq(e.msg, "disk full");
	ck_assert_uint_eq(book.calls, 2);
}
END_TEST

START_TEST(test_fanout_when_waiting_for_a_place_then_latency_is_not_charged)
{
	asy_http *narrow = NULL;
	asy_target t = target(1);
	asy_query q[6];
	log_book book = {.calls = 0};
	asy_fanout_summary sum;
	assay_err e;
	ck_ok(asy_http_new(loop, &(asy_http_limits){.total = 2}, &narrow, &e), e);
	for (size_t i = 0; i < 6; i++)
		q[i] = (asy_query){&t, "/slow/300", asy_span(NULL, 0), i};
	asy_fanout_opts o = opts(20000);
	ck_ok(asy_fanout_run(narrow, asy_dialect_find("btauth1"), &caller, q, 6, &o, on_outcome, &book,
						 &sum, &e),
		  e);
	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(book.cls[i], ASY_REPLY_OK);
		ck_assert_msg(book.latency_ms[i] >= 300 && book.latency_ms[i] < 850, "%zu: %llu ms", i,
					  (unsigned long long)book.latency_ms[i]);
	}
	asy_http_free(narrow);
}
END_TEST

/* Stops its parent for three seconds, soon. */
static pid_t stopper_start(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		(void)usleep(100000);
		(void)kill(getppid(), SIGSTOP);
		(void)sleep(3);
		(void)kill(getppid(), SIGCONT);
		_exit(0);
	}
	return pid;
}

/* The answers came while we did not look: nobody is late. Of the one that stays silent
 * nobody can say whose fault it was. */
START_TEST(test_fanout_when_we_are_stopped_then_no_miner_is_late)
{
	enum { N = 24 };
	asy_target t[N];
	asy_query q[N];
	log_book book = {.calls = 0};
	asy_fanout_summary sum;
	assay_err e;
	for (size_t i = 0; i < N; i++) {
		t[i] = target((uint16_t)i);
		q[i] = (asy_query){&t[i], i == 0 ? "/silent" : "/slow/400", asy_span(NULL, 0), i};
	}
	for (int by_deadline = 0; by_deadline < 2; by_deadline++) {
		asy_fanout_opts o = opts(by_deadline ? 1200 : 60000);
		o.timeout_ms = by_deadline ? 60000 : 1200;
		o.connect_timeout_ms = 1000;
		book = (log_book){.calls = 0};
		pid_t stopper = stopper_start();
		ck_ok(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, q, N, &o, on_outcome,
							 &book, &sum, &e),
			  e);
		ck_assert_int_eq(book.why[0], ASY_WHY_LAG);
		for (size_t i = 1; i < N; i++) {
			ck_assert_msg(book.cls[i] == ASY_REPLY_OK, "%zu: %d", i, (int)book.cls[i]);
			ck_assert_msg(book.latency_ms[i] < 3000, "%llu",
						  (unsigned long long)book.latency_ms[i]);
		}
		ck_assert_int_eq(waitpid(stopper, NULL, 0), stopper);
	}
	ck_assert(asy_loop_lag(loop).max_ns > 2000 * (uint64_t)MS);
}
END_TEST

typedef struct {
	asy_watch *timer;
	unsigned ticks, told;
} heart;

static void beat(void *arg, assay_status st)
{
	heart *h = arg;
	h->ticks++;
	h->timer = NULL;
	if (st == ASSAY_OK)
		(void)!asy_loop_timer(loop, MS, beat, h, &h->timer, NULL);
}

static assay_status slow_book(void *arg, const asy_outcome *o, assay_err *err)
{
	(void)o;
	(void)err;
	((heart *)arg)->told++;
	(void)usleep(20000); /* a large answer is written down */
	return ASSAY_OK;
}

START_TEST(test_fanout_when_answers_take_long_to_keep_then_the_loop_goes_on)
{
	enum { N = 40 };
	asy_target t = target(1);
	asy_query q[N];
	heart h = {.ticks = 0};
	asy_fanout_summary sum;
	assay_err e;
	for (size_t i = 0; i < N; i++)
		q[i] = (asy_query){&t, "/ok", asy_span(NULL, 0), i};
	beat(&h, ASSAY_OK);
	asy_fanout_opts o = opts(60000);
	ck_ok(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, q, N, &o, slow_book, &h, &sum,
						 &e),
		  e);
	ck_assert_uint_eq(h.told, N);
	ck_assert_uint_eq(sum.ok, N);
	ck_assert_uint_ge(h.ticks, N); /* the answers all came at once, and were told one by one */
}
END_TEST

START_TEST(test_fanout_when_peer_is_dead_then_breaker_spares_the_next_rounds)
{
	asy_breaker *b = asy_breaker_new(&(asy_breaker_rules){.failures = 1});
	asy_target t = target(1);
	asy_query q[3];
	asy_fanout_summary sum;
	assay_err e;
	t.port = 1; /* nobody listens there */
	for (size_t i = 0; i < 3; i++)
		q[i] = (asy_query){&t, "/ok", asy_span(NULL, 0), i};
	for (uint64_t round = 1; round <= 3; round++) {
		log_book book = {.calls = 0};
		asy_fanout_opts o = opts(5000);
		o.breaker = b;
		o.round = round;
		ck_ok(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, q, 3, &o, on_outcome,
							 &book, &sum, &e),
			  e);
		ck_assert_uint_eq(book.calls, 3);
		ck_assert_int_eq(book.cls[0], ASY_REPLY_REFUSED);
		ck_assert_int_eq(book.why[0], round == 2 ? ASY_WHY_BREAKER : ASY_WHY_UNREACHABLE);
		ck_assert_uint_eq(sum.asked, round == 2 ? 0 : 3);
		/* the fan-out asks it only; the round's verdict is what teaches it */
		ck_assert(asy_breaker_allows(b, t.hotkey, round + 1));
		if (round == 1)
			ck_assert(asy_breaker_fold(b, t.hotkey, round, false));
	}
	asy_breaker_free(b);
}
END_TEST

START_TEST(test_fanout_when_nothing_or_nonsense_to_ask_then_clear)
{
	asy_target t = target(1);
	asy_query bad[] = {{&t, "no-slash", {NULL, 0}, 0},
					   {&t, "/a b", {NULL, 0}, 0},
					   {&t, "/a\r\nHost: x", {NULL, 0}, 0}};
	log_book book = {.calls = 0};
	asy_fanout_summary sum;
	assay_err e;
	asy_fanout_opts o = opts(1000);
	ck_ok(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, NULL, 0, &o, on_outcome, &book,
						 &sum, &e),
		  e);
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		ck_assert_int_eq(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, &bad[i], 1, &o,
										on_outcome, &book, &sum, &e),
						 ASSAY_E_INPUT);
	ck_assert_uint_eq(book.calls, 0);
	ck_assert_ptr_null(asy_dialect_find("btauth2"));
	ck_assert_str_eq(asy_dialect_name(0), "btauth1");
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_fanout_when_every_behaviour_then_each_has_its_class);
	tcase_add_test(tc, test_fanout_when_interrupted_then_ends_at_once);
	tcase_add_test(tc, test_fanout_when_journal_fails_then_stops_and_says_why);
	tcase_add_test(tc, test_fanout_when_waiting_for_a_place_then_latency_is_not_charged);
	tcase_add_test(tc, test_fanout_when_we_are_stopped_then_no_miner_is_late);
	tcase_add_test(tc, test_fanout_when_answers_take_long_to_keep_then_the_loop_goes_on);
	tcase_add_test(tc, test_fanout_when_peer_is_dead_then_breaker_spares_the_next_rounds);
	tcase_add_test(tc, test_fanout_when_nothing_or_nonsense_to_ask_then_clear);
}

int main(void)
{
	return test_main("miner.fanout", fill, 60);
}
