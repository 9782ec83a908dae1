/* The pump: one libuv loop, a deadline, an interrupted flag. Watches are in
 * watch.c, coroutines in co.c. This file is an edge: it reads the clocks and takes signals. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "loop/impl.h"

static uint64_t mono_ns(asy_clock *c)
{
	(void)c;
	return uv_hrtime();
}

static uint64_t real_ns(asy_clock *c)
{
	struct timespec ts;
	(void)c;
	if (clock_gettime(CLOCK_REALTIME, &ts) != 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

assay_status asy_loop_new(asy_loop **out, assay_err *err)
{
	asy_loop *l = calloc(1, sizeof *l);
	if (l == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "event loop");
	int rc = uv_loop_init(&l->uv);
	if (rc == 0 && (rc = asy_lag_init(l)) != 0)
		(void)uv_loop_close(&l->uv);
	if (rc != 0) {
		free(l);
		return ASSAY_FAIL(err, E_IO, "the event loop cannot start: %s", uv_strerror(rc));
	}
	(void)uv_timer_init(&l->uv, &l->wake);
	l->clock.iface = (asy_clock){mono_ns, real_ns};
	*out = l;
	return ASSAY_OK;
}

static void close_if_open(uv_handle_t *h)
{
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

/* ---- interruption ---- */

/*~ The flag is set by the handler itself, not by the pump: pure code that runs for
 * seconds (a plugin's scoring, a big epoch) asks asy_loop_interrupted without pumping,
 * and a second Ctrl-C must end the process whatever it is doing. A handler can reach
 * the loop only through a variable of the process. */
static _Atomic(asy_loop *) watcher;

static void on_signal(int number)
{
	int saved = errno;
	asy_loop *l = atomic_load(&watcher);
	(void)number;
	if (l != NULL) {
		if (atomic_exchange(&l->signalled, true))
			_exit(130); /* asked twice; the journal is safe at any instant */
		atomic_store(&l->interrupted, true);
		(void)uv_async_send(&l->nudge); /* libuv: may be called from a handler */
	}
	errno = saved;
}

static const struct {
	int number;
	const char *name;
} request_signal[ASY_ASKED_KINDS] = {{SIGUSR1, "SIGUSR1"}, {SIGHUP, "SIGHUP"}};

static void on_request(int number)
{
	int saved = errno;
	asy_loop *l = atomic_load(&watcher);
	for (size_t i = 0; l != NULL && i < ASY_ASKED_KINDS; i++) {
		if (request_signal[i].number == number)
			atomic_store(&l->request[i].is_due, true);
	}
	if (l != NULL)
		(void)uv_async_send(&l->nudge);
	errno = saved;
}

static void on_nudge(uv_async_t *a)
{
	asy_loop *l = a->data; /* the pump itself looks at the flag of an interruption */
	for (size_t i = 0; i < ASY_ASKED_KINDS; i++) {
		loop_request *r = &l->request[i];
		if (atomic_exchange(&r->is_due, false) && r->asked != NULL)
			r->asked(r->arg);
	}
}

static void forget_signals(asy_loop *l)
{
	(void)sigaction(SIGINT, &l->was_int, NULL);
	(void)sigaction(SIGTERM, &l->was_term, NULL);
	for (size_t i = 0; i < ASY_ASKED_KINDS; i++) {
		if (l->request[i].asked != NULL)
			(void)sigaction(request_signal[i].number, &l->request[i].was, NULL);
	}
	atomic_store(&watcher, NULL);
	close_if_open((uv_handle_t *)&l->nudge);
	l->has_signals = false;
}

assay_status asy_loop_watch_signals(asy_loop *l, assay_err *err)
{
	asy_loop *nobody = NULL;
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	if (l->has_signals)
		return ASSAY_OK;
	(void)sigemptyset(&sa.sa_mask);
	int rc = uv_async_init(&l->uv, &l->nudge, on_nudge);
	if (rc != 0)
		return ASSAY_FAIL(err, E_IO, "signals cannot be watched: %s", uv_strerror(rc));
	l->nudge.data = l;
	if (!atomic_compare_exchange_strong(&watcher, &nobody, l)) {
		close_if_open((uv_handle_t *)&l->nudge);
		return ASSAY_FAIL(err, E_INTERNAL, "another loop of this process watches signals");
	}
	l->has_signals = true;
	if (sigaction(SIGINT, &sa, &l->was_int) != 0 || sigaction(SIGTERM, &sa, &l->was_term) != 0)
		return ASSAY_FAIL(err, E_IO, "signals cannot be watched: %s", strerror(errno));
	return ASSAY_OK;
}

assay_status asy_loop_on_request(asy_loop *l, asy_asked_kind kind, void (*asked)(void *arg),
								 void *arg, assay_err *err)
{
	struct sigaction sa = {.sa_handler = on_request, .sa_flags = SA_RESTART};
	loop_request *r = &l->request[kind];
	if (!l->has_signals || r->asked != NULL)
		return ASSAY_FAIL(err, E_INTERNAL, "requests are watched once, after the other signals");
	(void)sigemptyset(&sa.sa_mask);
	if (sigaction(request_signal[kind].number, &sa, &r->was) != 0)
		return ASSAY_FAIL(err, E_IO, "%s cannot be watched: %s", request_signal[kind].name,
						  strerror(errno));
	r->asked = asked;
	r->arg = arg;
	return ASSAY_OK;
}

struct loop_end {
	struct loop_end *next;
	void (*fn)(void *arg);
	void *arg;
};

assay_status asy_loop_at_end(asy_loop *l, void (*fn)(void *arg), void *arg, assay_err *err)
{
	struct loop_end *e = calloc(1, sizeof *e);
	if (e == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "the end of a loop");
	*e = (struct loop_end){l->ends, fn, arg};
	l->ends = e;
	return ASSAY_OK;
}

static void run_ends(asy_loop *l)
{
	while (l->ends != NULL) {
		struct loop_end *e = l->ends;
		l->ends = e->next;
		e->fn(e->arg);
		free(e);
	}
}

void asy_loop_free(asy_loop *l)
{
	if (l == NULL)
		return;
	ASSERT(!l->running);
	ASSERT(l->first_waiter == NULL); /* coroutines end before their loop */
	asy_watch_cancel_all(l);
	asy_lag_close(l);
	close_if_open((uv_handle_t *)&l->wake);
	if (l->has_signals)
		forget_signals(l);
	/* Only closing handles are left: this ends by itself. */
	(void)uv_run(&l->uv, UV_RUN_DEFAULT);
	run_ends(l);
	int rc = uv_loop_close(&l->uv);
	ASSERT(rc == 0);
	asy_context_free_stacks(l);
	free(l);
}

void *asy_loop_native(asy_loop *l)
{
	return &l->uv;
}

asy_clock *asy_loop_clock(asy_loop *l)
{
	return &l->clock.iface;
}

uint64_t asy_loop_deadline(asy_loop *l, uint64_t ms)
{
	uint64_t ns;
	if (!asy_mul_u64(ms, 1000000, &ns))
		return ASY_NEVER;
	return asy_sat_add_u64(asy_loop_now(l), ns);
}

uint64_t asy_loop_ms(uint64_t ns)
{
	const uint64_t year = (uint64_t)365 * 24 * 3600 * 1000;
	uint64_t ms = ns / 1000000 + (ns % 1000000 != 0);
	return ms < year ? ms : year;
}

static void on_wake(uv_timer_t *t)
{
	(void)t;
}

/* Polls once, at most until due on the polled clock. The repeat keeps a poll from waiting for
 * ever when libuv runs the timer just before it. */
static void poll_once(asy_loop *l, uint64_t due, bool may_wait)
{
	uint64_t now = asy_loop_polled_ns(l);
	uint64_t wait = due > now ? due - now : 0;
	if (wait > LOOP_BEAT_NS)
		wait = LOOP_BEAT_NS;
	uv_update_time(&l->uv);
	(void)uv_timer_start(&l->wake, on_wake, asy_loop_ms(wait), asy_loop_ms(LOOP_BEAT_NS));
	(void)uv_run(&l->uv, may_wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
	(void)uv_timer_stop(&l->wake);
}

assay_status asy_loop_pump(asy_loop *l, bool (*done)(void *), void *arg, uint64_t deadline,
						   bool stubborn)
{
	uint64_t due = asy_loop_due(l, deadline);
	assay_status st = ASSAY_OK;

	ASSERT(!l->running);
	l->running = true;
	for (;;) {
		bool is_stopping = atomic_load(&l->interrupted) && !stubborn;
		if (!is_stopping && done != NULL && done(arg))
			break;
		bool is_late = asy_loop_is_late(l);
		bool ran = asy_co_pass(l);
		if (is_stopping) { /* and the coroutines know */
			st = ASSAY_E_CANCELLED;
			break;
		}
		if (!is_late && !ran && asy_loop_polled_ns(l) >= due) {
			st = ASSAY_E_TIMEOUT;
			break;
		}
		uint64_t next = asy_co_next_due(l);
		next = next < due ? next : due;
		if (next == ASY_NEVER && !ran && !uv_loop_alive(&l->uv)) {
			st = ASSAY_E_INTERNAL;
			break;
		}
		poll_once(l, next, !ran && !is_late);
	}
	l->running = false;
	return st;
}

assay_status asy_loop_run_until(asy_loop *l, bool (*done)(void *), void *arg, uint64_t deadline)
{
	return asy_loop_pump(l, done, arg, deadline, false);
}

void asy_loop_interrupt(asy_loop *l)
{
	atomic_store(&l->interrupted, true);
}
bool asy_loop_interrupted(const asy_loop *l)
{
	return atomic_load(&l->interrupted);
}
void asy_loop_calm(asy_loop *l)
{
	atomic_store(&l->interrupted, false);
}
