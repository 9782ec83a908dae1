/* The loop: everything completes exactly once, deadlines and interruption are
 * heeded at once. Times are compared with generous upper bounds. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "loop/loop.h"
#include "support/test.h"

#define MS 1000000u

static asy_loop *loop_new(void)
{
	asy_loop *l = NULL;
	assay_err e;
	ck_ok(asy_loop_new(&l, &e), e);
	return l;
}

typedef struct {
	int calls;
	assay_status last;
	int wait_status;
} seen;

static void on_done(void *arg, assay_status st)
{
	seen *s = arg;
	s->calls++;
	s->last = st;
}

static void on_child(void *arg, assay_status st, int wait_status)
{
	on_done(arg, st);
	((seen *)arg)->wait_status = wait_status;
}

static bool was_called(void *arg)
{
	return ((seen *)arg)->calls > 0;
}

START_TEST(test_timer_when_due_then_once_and_not_early)
{
	asy_loop *l = loop_new();
	seen s = {0};
	assay_err e;
	uint64_t start = asy_loop_now(l);
	ck_ok(asy_loop_timer(l, 20 * MS, on_done, &s, NULL, &e), e);
	ck_assert_int_eq(asy_loop_run_until(l, was_called, &s, asy_loop_deadline(l, 5000)), ASSAY_OK);
	uint64_t took = asy_loop_now(l) - start;
	ck_assert_msg(took >= 20 * MS && took < 2000 * (uint64_t)MS, "%llu", (unsigned long long)took);
	ck_assert_int_eq(asy_loop_sleep(l, 40), ASSAY_OK);
	ck_assert_int_eq(s.calls, 1);
	ck_assert_int_eq(s.last, ASSAY_OK);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_timer_when_cancelled_or_loop_freed_then_told_once)
{
	asy_loop *l = loop_new();
	seen a = {0}, b = {0};
	asy_watch *w = NULL;
	assay_err e;
	ck_ok(asy_loop_timer(l, 10 * MS, on_done, &a, &w, &e), e);
	ck_ok(asy_loop_timer(l, 3600000 * (uint64_t)MS, on_done, &b, NULL, &e), e);
	asy_watch_cancel(w);
	ck_assert_int_eq(a.calls, 1);
	ck_assert_int_eq(a.last, ASSAY_E_CANCELLED);
	ck_assert_int_eq(asy_loop_sleep(l, 30), ASSAY_OK);
	ck_assert_int_eq(a.calls, 1);
	asy_loop_free(l);
	ck_assert_int_eq(b.calls, 1);
	ck_assert_int_eq(b.last, ASSAY_E_CANCELLED);
}
END_TEST

START_TEST(test_run_when_nothing_to_wait_for_then_says_so)
{
	asy_loop *l = loop_new();
	ck_assert_int_eq(asy_loop_run_until(l, NULL, NULL, ASY_NEVER), ASSAY_E_INTERNAL);
	ck_assert_int_eq(asy_loop_run_until(l, NULL, NULL, asy_loop_deadline(l, 5)), ASSAY_E_TIMEOUT);
	ck_assert_int_eq(asy_loop_run_until(l, NULL, NULL, 0), ASSAY_E_TIMEOUT);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_interrupt_when_signalled_then_every_pump_returns_at_once)
{
	asy_loop *l = loop_new();
	assay_err e;
	seen s = {.calls = 1};
	ck_ok(asy_loop_watch_signals(l, &e), e);
	ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
	uint64_t start = asy_loop_now(l);
	ck_assert_int_eq(asy_loop_run_until(l, NULL, NULL, ASY_NEVER), ASSAY_E_CANCELLED);
	ck_assert_int_eq(asy_loop_run_until(l, was_called, &s, ASY_NEVER), ASSAY_E_CANCELLED);
	ck_assert_int_eq(asy_loop_sleep(l, 60000), ASSAY_E_CANCELLED);
	ck_assert(asy_loop_now(l) - start < 1000 * (uint64_t)MS);
	ck_assert(asy_loop_interrupted(l));
	asy_loop_calm(l);
	ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_interrupt_when_signalled_between_pumps_then_is_seen_without_one)
{
	asy_loop *l = loop_new();
	assay_err e;
	ck_ok(asy_loop_watch_signals(l, &e), e);
	ck_assert_int_eq(raise(SIGINT), 0);
	ck_assert(asy_loop_interrupted(l));
	asy_loop_free(l);
	/* and the next loop of the process starts afresh */
	l = loop_new();
	ck_ok(asy_loop_watch_signals(l, &e), e);
	ck_assert(!asy_loop_interrupted(l));
	asy_loop_free(l);
}
END_TEST

static void on_asked(void *arg)
{
	++*(int *)arg;
}

START_TEST(test_request_when_signalled_then_told_once_from_a_pump)
{
	static const int number[] = {SIGUSR1, SIGHUP};
	asy_loop *l = loop_new();
	assay_err e;
	int asked[ASY_ASKED_KINDS] = {0};
	ck_assert_int_eq(asy_loop_on_request(l, 0, on_asked, &asked[0], &e), ASSAY_E_INTERNAL);
	ck_ok(asy_loop_watch_signals(l, &e), e);
	for (int k = 0; k < ASY_ASKED_KINDS; k++) {
		ck_ok(asy_loop_on_request(l, k, on_asked, &asked[k], &e), e);
		ck_assert_int_eq(asy_loop_on_request(l, k, on_asked, &asked[k], &e), ASSAY_E_INTERNAL);
		ck_assert_int_eq(raise(number[k]), 0);
		ck_assert_int_eq(raise(number[k]), 0);
		ck_assert_int_eq(asked[k], 0); /* never from the handler */
		ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
		ck_assert_int_eq(asked[k], 1);
		ck_assert(!asy_loop_interrupted(l));
		ck_assert_int_eq(raise(number[k]), 0);
		ck_assert_int_eq(asy_loop_sleep(l, 1), ASSAY_OK);
		ck_assert_int_eq(asked[k], 2);
	}
	ck_assert_int_eq(asked[ASY_ASKED_RELEASE], 2);
	asy_loop_free(l);
}
END_TEST

/* Runs live in a process of its own; its wait status. */
static int status_of(void (*live)(asy_loop *l))
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		asy_loop *l = loop_new();
		assay_err e;
		if (asy_loop_watch_signals(l, &e) != ASSAY_OK)
			_exit(1);
		live(l);
		_exit(3);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static void twice_without_a_pump(asy_loop *l)
{
	(void)l;
	(void)raise(SIGTERM);
	(void)raise(SIGINT);
}

static void twice_with_pumps(asy_loop *l)
{
	(void)kill(getpid(), SIGINT);
	(void)!asy_loop_sleep(l, 1000);
	asy_loop_calm(l); /* an orderly shutdown pumps on, and is stopped in turn */
	(void)kill(getpid(), SIGINT);
	(void)!asy_loop_sleep(l, 1000);
}

START_TEST(test_interrupt_when_signalled_twice_then_process_ends_with_130)
{
	void (*const lives[])(asy_loop *) = {twice_without_a_pump, twice_with_pumps};
	for (size_t i = 0; i < ASY_COUNT(lives); i++) {
		int status = status_of(lives[i]);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), 130);
	}
}
END_TEST

static void on_readable(void *arg, int events)
{
	seen *s = arg;
	s->calls++;
	s->last = (assay_status)events;
}

START_TEST(test_fd_when_readable_then_called_until_cancelled)
{
	asy_loop *l = loop_new();
	seen s = {0};
	asy_watch *w = NULL;
	assay_err e;
	int p[2];
	ck_assert_int_eq(pipe(p), 0);
	ck_ok(asy_loop_fd(l, p[0], ASY_READABLE, on_readable, &s, &w, &e), e);
	ck_assert_int_eq(asy_loop_sleep(l, 10), ASSAY_OK);
	ck_assert_int_eq(s.calls, 0);
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	ck_assert_int_eq(asy_loop_run_until(l, was_called, &s, asy_loop_deadline(l, 5000)), ASSAY_OK);
	ck_assert_int_eq((int)s.last, ASY_READABLE);
	asy_watch_cancel(w);
	s.calls = 0;
	ck_assert_int_eq(asy_loop_sleep(l, 10), ASSAY_OK);
	ck_assert_int_eq(s.calls, 0);
	ck_assert_int_eq(asy_loop_fd(l, -1, ASY_READABLE, on_readable, &s, &w, &e), ASSAY_E_IO);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_child_when_it_ends_then_status_is_told)
{
	asy_loop *l = loop_new();
	seen a = {0}, b = {0}, c = {0};
	assay_err e;
	pid_t quick = fork();
	if (quick == 0)
		_exit(7);
	pid_t slow = fork();
	if (slow == 0) {
		(void)pause();
		_exit(0);
	}
	ck_ok(asy_loop_child(l, quick, on_child, &a, NULL, &e), e);
	ck_ok(asy_loop_child(l, slow, on_child, &b, NULL, &e), e);
	ck_assert_int_eq(asy_loop_run_until(l, was_called, &a, asy_loop_deadline(l, 5000)), ASSAY_OK);
	ck_assert_int_eq(a.last, ASSAY_OK);
	ck_assert(WIFEXITED(a.wait_status) && WEXITSTATUS(a.wait_status) == 7);
	ck_assert_int_eq(b.calls, 0);
	ck_assert_int_eq(kill(slow, SIGKILL), 0);
	ck_assert_int_eq(asy_loop_run_until(l, was_called, &b, asy_loop_deadline(l, 5000)), ASSAY_OK);
	ck_assert(WIFSIGNALED(b.wait_status) && WTERMSIG(b.wait_status) == SIGKILL);
	pid_t left = fork();
	if (left == 0) {
		(void)pause();
		_exit(0);
	}
	ck_ok(asy_loop_child(l, left, on_child, &c, NULL, &e), e);
	asy_loop_free(l);
	ck_assert_int_eq(c.calls, 1);
	ck_assert_int_eq(c.last, ASSAY_E_CANCELLED);
	ck_assert_int_eq(kill(left, SIGKILL), 0);
	ck_assert_int_eq(waitpid(left, NULL, 0), left);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_timer_when_due_then_once_and_not_early);
	tcase_add_test(tc, test_timer_when_cancelled_or_loop_freed_then_told_once);
	tcase_add_test(tc, test_run_when_nothing_to_wait_for_then_says_so);
	tcase_add_test(tc, test_interrupt_when_signalled_then_every_pump_returns_at_once);
	tcase_add_test(tc, test_interrupt_when_signalled_between_pumps_then_is_seen_without_one);
	tcase_add_test(tc, test_interrupt_when_signalled_twice_then_process_ends_with_130);
	tcase_add_test(tc, test_request_when_signalled_then_told_once_from_a_pump);
	tcase_add_test(tc, test_fd_when_readable_then_called_until_cancelled);
	tcase_add_test(tc, test_child_when_it_ends_then_status_is_told);
}

int main(void)
{
	return test_main("loop", fill, 30);
}
