/* Coroutines of the loop, its polled clock and its lag. Gaps are made by blocking the loop or
 * by stopping the process; nothing here depends on how fast the machine is. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "loop/loop.h"
#include "support/test.h"

#define MS ((uint64_t)1000000)
#define GAP_MS 700 /* more than what the loop takes for a gap */

static asy_loop *loop_new(void)
{
	asy_loop *l = NULL;
	assay_err e;
	ck_ok(asy_loop_new(&l, &e), e);
	return l;
}

static asy_co *start(asy_loop *l, asy_co_fn *fn, void *arg)
{
	asy_co *co = NULL;
	assay_err e;
	ck_ok(asy_co_start(l, fn, arg, &co, &e), e);
	return co;
}

static void finish(asy_loop *l, asy_co *co)
{
	ck_assert_int_eq(asy_loop_run_until(l, asy_co_is_over, co, asy_loop_deadline(l, 20000)),
					 ASSAY_OK);
	asy_co_free(co);
}

static bool is_set(void *arg)
{
	return *(bool *)arg;
}

/* ---- life ---- */

typedef struct {
	asy_loop *l;
	bool flag;
	uint64_t deadline;
	assay_status st, again;
	int steps;
	char order[64];
} story;

static void wait_for_flag(void *arg)
{
	story *s = arg;
	s->steps++;
	s->st = asy_loop_await(s->l, is_set, &s->flag, s->deadline);
	s->steps++;
	s->again = asy_loop_await(s->l, is_set, &s->flag, s->deadline);
	s->steps++;
}

static void on_set(void *arg, assay_status st)
{
	if (st == ASSAY_OK)
		*(bool *)arg = true;
}

START_TEST(test_co_when_started_then_begins_in_the_pump_and_ends_once)
{
	asy_loop *l = loop_new();
	assay_err e;
	story s = {.l = l, .deadline = ASY_NEVER};
	asy_co *co = start(l, wait_for_flag, &s);
	ck_assert_int_eq(s.steps, 0);
	ck_assert_int_eq(asy_loop_run_until(l, NULL, NULL, ASY_NEVER), ASSAY_E_INTERNAL);
	ck_assert_int_eq(s.steps, 1);
	ck_assert(!asy_co_is_over(co));
	ck_ok(asy_loop_timer(l, 5 * MS, on_set, &s.flag, NULL, &e), e);
	finish(l, co);
	ck_assert_int_eq(s.steps, 3);
	ck_assert_int_eq(s.st, ASSAY_OK);
	ck_assert_int_eq(s.again, ASSAY_OK);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_await_when_deadline_then_timeout_and_not_early)
{
	asy_loop *l = loop_new();
	story s = {.l = l, .deadline = asy_loop_deadline(l, 30)};
	finish(l, start(l, wait_for_flag, &s));
	ck_assert(asy_loop_now(l) >= s.deadline);
	ck_assert_int_eq(s.st, ASSAY_E_TIMEOUT);
	ck_assert_int_eq(s.again, ASSAY_E_TIMEOUT);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_await_when_cancelled_then_now_and_ever_after)
{
	asy_loop *l = loop_new();
	story s = {.l = l, .deadline = ASY_NEVER}, fresh = s;
	asy_co *co = start(l, wait_for_flag, &s);
	ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
	asy_co_cancel(co);
	ck_assert_int_eq(s.steps, 1); /* from the loop, not from here */
	finish(l, co);
	ck_assert_int_eq(s.st, ASSAY_E_CANCELLED);
	ck_assert_int_eq(s.again, ASSAY_E_CANCELLED);
	co = start(l, wait_for_flag, &fresh);
	asy_co_cancel(co);
	finish(l, co);
	ck_assert_int_eq(fresh.steps, 3);
	ck_assert_int_eq(fresh.st, ASSAY_E_CANCELLED);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_await_when_interrupted_then_all_are_told)
{
	asy_loop *l = loop_new();
	story s[3];
	asy_co *co[3];
	for (size_t i = 0; i < 3; i++) {
		s[i] = (story){.l = l, .deadline = ASY_NEVER};
		co[i] = start(l, wait_for_flag, &s[i]);
	}
	ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
	asy_loop_interrupt(l);
	ck_assert_int_eq(asy_loop_run_until(l, NULL, NULL, ASY_NEVER), ASSAY_E_CANCELLED);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(asy_co_is_over(co[i]));
		ck_assert_int_eq(s[i].st, ASSAY_E_CANCELLED);
		asy_co_free(co[i]);
	}
	asy_loop_free(l);
}
END_TEST

/* ---- many, nested ---- */

#define MANY 300
typedef struct {
	asy_loop *l;
	uint64_t sum;
	uint32_t i;
} one;

static void add_slowly(void *arg)
{
	one *o = arg;
	uint8_t deep[20000];
	memset(deep, (int)o->i, sizeof deep);
	for (uint32_t k = 0; k < 3; k++) {
		ck_assert_int_eq(asy_loop_sleep(o->l, o->i % 7), ASSAY_OK);
		o->sum += deep[o->i * 60 % sizeof deep];
	}
}

START_TEST(test_co_when_many_then_each_keeps_its_stack)
{
	asy_loop *l = loop_new();
	static one o[MANY];
	asy_co *co[MANY];
	for (int again = 0; again < 2; again++) { /* the second time on used stacks */
		for (uint32_t i = 0; i < MANY; i++) {
			o[i] = (one){.l = l, .i = i};
			co[i] = start(l, add_slowly, &o[i]);
		}
		for (uint32_t i = 0; i < MANY; i++) {
			finish(l, co[i]);
			ck_assert_uint_eq(o[i].sum, 3u * (uint8_t)i);
		}
	}
	asy_loop_free(l);
}
END_TEST

typedef struct {
	asy_loop *l;
	int depth;
	assay_status st;
	uint64_t limit_ms;
} nest;

static void go_down(void *arg)
{
	nest *n = arg;
	nest below = {.l = n->l, .depth = n->depth - 1, .limit_ms = n->limit_ms};
	assay_err e;
	asy_co *co = NULL;
	if (n->depth == 0) {
		n->st = asy_loop_sleep(n->l, n->limit_ms);
		return;
	}
	ck_ok(asy_co_start(n->l, go_down, &below, &co, &e), e);
	n->st = asy_loop_await(n->l, asy_co_is_over, co, ASY_NEVER);
	asy_co_end(co); /* it lives on our stack's data */
	if (n->st == ASSAY_OK)
		n->st = below.st;
	else
		ck_assert_int_eq(below.st, ASSAY_E_CANCELLED);
}

START_TEST(test_co_when_nested_then_ends_from_the_inside_out)
{
	asy_loop *l = loop_new();
	nest n = {.l = l, .depth = 9, .limit_ms = 2},
		 stopped = {.l = l, .depth = 9, .limit_ms = 3600000};
	finish(l, start(l, go_down, &n));
	ck_assert_int_eq(n.st, ASSAY_OK);
	asy_co *co = start(l, go_down, &stopped);
	ck_assert_int_eq(asy_loop_sleep(l, 5), ASSAY_OK);
	asy_loop_interrupt(l);
	asy_co_end(co); /* through the interruption */
	ck_assert_int_eq(stopped.st, ASSAY_E_CANCELLED);
	asy_loop_free(l);
}
END_TEST

static void await_in_turn(void *arg)
{
	story *s = arg;
	for (int i = 0; i < 20; i++)
		if (asy_loop_sleep(s->l, 0) == ASSAY_OK)
			s->steps++;
}

static void never_pump(void *arg)
{
	story *s = arg;
	(void)!asy_loop_run_until(s->l, NULL, NULL, ASY_NEVER);
}

static void recurse(void *arg)
{
	volatile char page[4096];
	page[0] = page[4095] = 1;
	if (arg != NULL && page[0] == 1)
		recurse(arg);
	page[1] = page[0];
}

/* The fate of a process in which fn is a coroutine. */
static int fate(asy_co_fn *fn)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		asy_loop *l = loop_new();
		story s = {.l = l};
		(void)close(STDERR_FILENO);
		finish(l, start(l, fn, &s));
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(test_co_when_misused_then_process_ends)
{
	ck_assert_int_eq(fate(await_in_turn), 0);
	ck_assert_int_ne(fate(never_pump), 0); /* a pump within a pump */
	ck_assert_int_ne(fate(recurse), 0);    /* the guard below the stack */
}
END_TEST

/* ---- mutex ---- */

typedef struct {
	asy_loop *l;
	asy_co_mutex m;
	char order[32];
	size_t n;
	int inside;
} shared;
typedef struct {
	shared *s;
	char name;
	assay_status st;
} user;

static void use_it(void *arg)
{
	user *u = arg;
	shared *s = u->s;
	u->st = asy_co_lock(s->l, &s->m);
	if (u->st != ASSAY_OK)
		return;
	ck_assert_int_eq(s->inside++, 0);
	(void)!asy_loop_sleep(s->l, 3);
	s->order[s->n++] = u->name;
	s->inside--;
	asy_co_unlock(&s->m);
}

START_TEST(test_mutex_when_many_want_it_then_first_come_first_served)
{
	asy_loop *l = loop_new();
	shared s = {.l = l};
	user u[6];
	asy_co *co[6];
	for (size_t i = 0; i < 6; i++) {
		u[i] = (user){.s = &s, .name = (char)('a' + i)};
		co[i] = start(l, use_it, &u[i]);
	}
	ck_assert_int_eq(asy_loop_sleep(l, 0), ASSAY_OK);
	ck_assert_int_eq(asy_loop_run_until(l, NULL, NULL, asy_loop_deadline(l, 1)), ASSAY_E_TIMEOUT);
	asy_co_cancel(co[2]);
	asy_co_cancel(co[5]); /* the last in the line */
	/* outside coroutines it is the same lock */
	ck_assert_int_eq(asy_co_lock(l, &s.m), ASSAY_OK);
	ck_assert_str_eq(s.order, "abde");
	asy_co_unlock(&s.m);
	for (size_t i = 0; i < 6; i++) {
		finish(l, co[i]);
		ck_assert_int_eq(u[i].st, i == 2 || i == 5 ? ASSAY_E_CANCELLED : ASSAY_OK);
	}
	ck_assert(!s.m.is_held);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_mutex_when_some_are_urgent_then_they_are_served_first)
{
	asy_loop *l = loop_new();
	shared s = {.l = l};
	user u[7];
	asy_co *co[7];
	ck_assert_int_eq(asy_co_lock(l, &s.m), ASSAY_OK);
	for (size_t i = 0; i < 7; i++) {
		u[i] = (user){.s = &s, .name = (char)('a' + i)};
		co[i] = start(l, use_it, &u[i]);
		if (i == 2 || i == 4 || i == 6)
			asy_co_urge(co[i]);
	}
	ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
	asy_co_cancel(co[4]); /* in the middle of the urgent, and the first of the others */
	asy_co_cancel(co[0]);
	finish(l, co[4]);
	finish(l, co[0]);
	asy_co_unlock(&s.m);
	for (size_t i = 0; i < 7; i++)
		if (i != 0 && i != 4)
			finish(l, co[i]);
	ck_assert_str_eq(s.order, "cgbdf");
	ck_assert(!s.m.is_held);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_mutex_when_given_and_cancelled_at_once_then_goes_on)
{
	asy_loop *l = loop_new();
	shared s = {.l = l};
	user u[2] = {{.s = &s, .name = 'a'}, {.s = &s, .name = 'b'}};
	ck_assert_int_eq(asy_co_lock(l, &s.m), ASSAY_OK);
	asy_co *a = start(l, use_it, &u[0]), *b = start(l, use_it, &u[1]);
	ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
	asy_co_unlock(&s.m); /* it is a's */
	asy_co_cancel(a);
	finish(l, a);
	finish(l, b);
	ck_assert_int_eq(u[0].st, ASSAY_E_CANCELLED);
	ck_assert_str_eq(s.order, "b");
	asy_loop_free(l);
}
END_TEST

static void take_turns(void *arg)
{
	user *u = arg;
	for (int i = 0; i < 4; i++) {
		u->s->order[u->s->n++] = u->name;
		u->st = asy_loop_yield(u->s->l);
	}
}

START_TEST(test_yield_when_others_are_ready_then_they_run_in_between)
{
	asy_loop *l = loop_new();
	shared s = {.l = l};
	user u[2] = {{.s = &s, .name = 'a'}, {.s = &s, .name = 'b'}};
	asy_co *a = start(l, take_turns, &u[0]), *b = start(l, take_turns, &u[1]);
	finish(l, a);
	finish(l, b);
	ck_assert_str_eq(s.order, "abababab");
	ck_assert_int_eq(u[0].st, ASSAY_OK);
	ck_assert_int_eq(asy_loop_yield(l), ASSAY_OK);
	asy_loop_interrupt(l);
	ck_assert_int_eq(asy_loop_yield(l), ASSAY_E_CANCELLED);
	asy_loop_free(l);
}
END_TEST

/* ---- gaps ---- */

static void block(uint64_t ms)
{
	struct timespec ts = {(time_t)(ms / 1000), (long)(ms % 1000 * MS)};
	while (nanosleep(&ts, &ts) != 0)
		;
}

typedef struct {
	int pipe[2];
	bool has_data, ran_out, data_first;
} race;

static void on_data(void *arg, int events)
{
	race *r = arg;
	char c;
	(void)events;
	ck_assert_int_eq(read(r->pipe[0], &c, 1), 1);
	r->has_data = true;
	r->data_first = !r->ran_out;
}

static void on_ran_out(void *arg, assay_status st)
{
	if (st == ASSAY_OK)
		((race *)arg)->ran_out = true;
}

static void block_then_write(void *arg, assay_status st)
{
	race *r = arg;
	if (st != ASSAY_OK)
		return;
	block(GAP_MS);
	ck_assert_int_eq(write(r->pipe[1], "x", 1), 1);
}

static bool has_data(void *arg)
{
	return ((race *)arg)->has_data;
}

typedef struct {
	asy_loop *l;
	race r;
	assay_status st;
} waiter;

static void await_data(void *arg)
{
	waiter *w = arg;
	w->st = asy_loop_await(w->l, has_data, &w->r, asy_loop_deadline(w->l, GAP_MS / 2));
}

START_TEST(test_gap_when_loop_blocked_then_data_comes_before_time_outs)
{
	asy_loop *l = loop_new();
	assay_err e;
	waiter w = {.l = l};
	ck_assert_int_eq(pipe(w.r.pipe), 0);
	ck_ok(asy_loop_fd(l, w.r.pipe[0], ASY_READABLE, on_data, &w.r, NULL, &e), e);
	ck_ok(asy_loop_timer(l, GAP_MS / 2 * MS, on_ran_out, &w.r, NULL, &e), e);
	asy_co *co = start(l, await_data, &w);
	ck_ok(asy_loop_timer(l, MS, block_then_write, &w.r, NULL, &e), e);
	finish(l, co);
	ck_assert_int_eq(w.st, ASSAY_OK);
	ck_assert(w.r.data_first);
	asy_lag lag = asy_loop_lag(l);
	ck_assert(lag.max_ns >= GAP_MS * MS);
	ck_assert_uint_eq(asy_loop_lag(l).max_ns, 0); /* since it was last asked */
	asy_loop_free(l);
}
END_TEST

START_TEST(test_polled_when_blocked_then_the_gap_does_not_count)
{
	asy_loop *l = loop_new();
	ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
	uint64_t mono = asy_loop_now(l), polled = asy_loop_polled_ns(l);
	for (int i = 0; i < 2; i++) {
		block(GAP_MS);
		ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
	}
	mono = asy_loop_now(l) - mono;
	polled = asy_loop_polled_ns(l) - polled;
	ck_assert(mono >= 2 * GAP_MS * MS);
	ck_assert(mono - polled >= 2 * (GAP_MS - 250) * MS);
	/* and it goes with the other one while the loop is polled */
	uint64_t before = asy_loop_polled_ns(l);
	ck_assert_int_eq(asy_loop_sleep(l, 300), ASSAY_OK);
	ck_assert(asy_loop_polled_ns(l) - before >= 300 * MS);
	asy_loop_free(l);
}
END_TEST

/* The whole process is stopped in the middle of a poll; its data comes meanwhile. */
static void live_through_a_stop(const race *given)
{
	asy_loop *l = loop_new();
	assay_err e;
	waiter w = {.l = l, .r = *given};
	if (asy_loop_fd(l, w.r.pipe[0], ASY_READABLE, on_data, &w.r, NULL, &e) != ASSAY_OK ||
		asy_loop_timer(l, GAP_MS / 2 * MS, on_ran_out, &w.r, NULL, &e) != ASSAY_OK)
		_exit(10);
	asy_co *co = start(l, await_data, &w);
	(void)!asy_loop_sleep(l, 20);
	pid_t stopper = fork();
	if (stopper == 0) {
		block(5); /* we are polling by then, or not: both must do */
		(void)kill(getppid(), SIGSTOP);
		_exit(0);
	}
	finish(l, co);
	if (w.st != ASSAY_OK || !w.r.data_first)
		_exit(11);
	_exit(asy_loop_lag(l).max_ns >= (GAP_MS - 100) * MS ? 0 : 12);
}

START_TEST(test_gap_when_process_stopped_then_data_comes_before_time_outs)
{
	race r = {0};
	int status = 0;
	ck_assert_int_eq(pipe(r.pipe), 0);
	pid_t pid = fork();
	if (pid == 0)
		live_through_a_stop(&r);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_msg(WIFSTOPPED(status), "%x", (unsigned)status);
	ck_assert_int_eq(write(r.pipe[1], "x", 1), 1);
	block(GAP_MS);
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
}
END_TEST

static void always_late(void *arg)
{
	story *s = arg;
	while (s->steps < 6 &&
		   asy_loop_await(s->l, NULL, NULL, asy_loop_deadline(s->l, 0)) != ASSAY_OK) {
		block(300);
		s->steps++;
		if (asy_loop_sleep(s->l, 1) != ASSAY_OK)
			break;
	}
}

START_TEST(test_gap_when_loop_is_always_late_then_time_runs_out_all_the_same)
{
	asy_loop *l = loop_new();
	assay_err e;
	bool ran_out = false;
	story s = {.l = l}, t = {.l = l, .deadline = asy_loop_deadline(l, 400)};
	ck_ok(asy_loop_timer(l, 400 * MS, on_set, &ran_out, NULL, &e), e);
	asy_co *late = start(l, always_late, &s), *co = start(l, wait_for_flag, &t);
	finish(l, late);
	ck_assert_int_eq(s.steps, 6);
	ck_assert(ran_out);
	ck_assert(asy_co_is_over(co));
	ck_assert_int_eq(t.st, ASSAY_E_TIMEOUT);
	asy_co_free(co);
	asy_loop_free(l);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_co_when_started_then_begins_in_the_pump_and_ends_once);
	tcase_add_test(tc, test_await_when_deadline_then_timeout_and_not_early);
	tcase_add_test(tc, test_await_when_cancelled_then_now_and_ever_after);
	tcase_add_test(tc, test_await_when_interrupted_then_all_are_told);
	tcase_add_test(tc, test_co_when_many_then_each_keeps_its_stack);
	tcase_add_test(tc, test_co_when_nested_then_ends_from_the_inside_out);
	tcase_add_test(tc, test_co_when_misused_then_process_ends);
	tcase_add_test(tc, test_mutex_when_many_want_it_then_first_come_first_served);
	tcase_add_test(tc, test_mutex_when_some_are_urgent_then_they_are_served_first);
	tcase_add_test(tc, test_mutex_when_given_and_cancelled_at_once_then_goes_on);
	tcase_add_test(tc, test_yield_when_others_are_ready_then_they_run_in_between);
	tcase_add_test(tc, test_gap_when_loop_blocked_then_data_comes_before_time_outs);
	tcase_add_test(tc, test_polled_when_blocked_then_the_gap_does_not_count);
	tcase_add_test(tc, test_gap_when_process_stopped_then_data_comes_before_time_outs);
	tcase_add_test(tc, test_gap_when_loop_is_always_late_then_time_runs_out_all_the_same);
}

int main(void)
{
	return test_main("loop_co", fill, 60);
}
