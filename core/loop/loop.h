/* loop: one thread's event loop, a thin face over libuv (its only user): timers,
 * descriptors, children, interruption, coroutines (co.h). Tags: everything here is [loop], called
 * from the thread that made the loop.
 *
 * The contract that the rest of the program leans on:
 * - A watch that completes (timer, child) calls back exactly once: with ASSAY_OK
 *   when it happened, with ASSAY_E_CANCELLED when it was cancelled, also by
 *   asy_loop_free. After that the watch is gone.
 * - A descriptor watch calls back as often as there is something, until closed.
 * - Callbacks and coroutines run only inside a pump (asy_loop_run_until, or an await
 *   outside coroutines); callbacks also inside the cancel that ends them. A pump is not
 *   re-entrant: only mains and tests pump, callbacks and coroutines never.
 * - What runs out (timers, deadlines) is judged on the polled clock: see asy_loop_polled_ns.
 * - After SIGINT or SIGTERM (asy_loop_watch_signals) every pump returns
 *   ASSAY_E_CANCELLED at once, until asy_loop_calm. */
#ifndef ASY_LOOP_H
#define ASY_LOOP_H
#include "base/base.h"

typedef struct asy_loop asy_loop;
typedef struct asy_watch asy_watch;

#define ASY_NEVER UINT64_MAX /* as a deadline: none */

assay_status asy_loop_new(asy_loop **out, assay_err *err) ASSAY_CHECKED;
/* Cancels every watch that is left (their callbacks run). NULL is fine. */
void asy_loop_free(asy_loop *l);
/* The clock that deadlines are given on; valid while l lives. */
asy_clock *asy_loop_clock(asy_loop *l);
static inline uint64_t asy_loop_now(asy_loop *l)
{
	asy_clock *c = asy_loop_clock(l);
	return c->mono_ns(c);
}
/* now + ms, saturating. */
uint64_t asy_loop_deadline(asy_loop *l, uint64_t ms);

/* Pumps until done(arg) is true (ASSAY_OK), the deadline on the loop's monotonic
 * clock passes (ASSAY_E_TIMEOUT), or interruption (ASSAY_E_CANCELLED). done may be
 * NULL: run to the deadline. done is asked before the first wait and after every
 * event. ASSAY_E_INTERNAL: nothing is watched and there is no deadline. For mains and
 * tests; whatever a coroutine may call awaits instead (co.h). */
assay_status asy_loop_run_until(asy_loop *l, bool (*done)(void *), void *arg,
								uint64_t deadline_mono_ns) ASSAY_CHECKED;

/* ---- lag (lag.c) ---- */
/* Monotonic time without the gaps: of a stretch in which the loop did not poll, no more
 * than 250 ms count. Timers and deadlines run out on this clock, and after a gap not
 * before descriptors were served once: a pause of our machine times nobody out. */
uint64_t asy_loop_polled_ns(const asy_loop *l);
typedef struct {
	uint64_t last_ns, max_ns; /* between two polls; max: since this was last asked */
} asy_lag;
asy_lag asy_loop_lag(asy_loop *l);
/* Polls so far: two callbacks of descriptors with the same number were due at once. */
uint64_t asy_loop_turn(const asy_loop *l);

/* ---- interruption ---- */
/* SIGINT and SIGTERM set the flag, at once and without a pump. A second one (calmed or
 * not) ends the process with status 130: waiting will not end what hangs then. Only
 * one loop per process may do this. */
assay_status asy_loop_watch_signals(asy_loop *l, assay_err *err) ASSAY_CHECKED;
void asy_loop_interrupt(asy_loop *l);
bool asy_loop_interrupted(const asy_loop *l); /* [any] */
/* Clears the flag, so that an orderly shutdown can pump again. */
void asy_loop_calm(asy_loop *l);

/* An operator's requests. All signals of a kind since the last call become one call, from the
 * running pump or from the next one. Needs asy_loop_watch_signals. */
typedef enum {
	ASY_ASKED_RELEASE, /* SIGUSR1 */
	ASY_ASKED_RELOAD,  /* SIGHUP  */
	ASY_ASKED_KINDS
} asy_asked_kind;
assay_status asy_loop_on_request(asy_loop *l, asy_asked_kind kind, void (*asked)(void *arg),
								 void *arg, assay_err *err) ASSAY_CHECKED;

/* ---- watches ---- */
typedef void asy_done_fn(void *arg, assay_status st);
/* One shot after delay_ns (rounded up to a millisecond) of the polled clock. */
assay_status asy_loop_timer(asy_loop *l, uint64_t delay_ns, asy_done_fn *done, void *arg,
							asy_watch **out, assay_err *err) ASSAY_CHECKED;
/* Timers only: fires later or sooner than first said. */
void asy_watch_again(asy_watch *w, uint64_t delay_ns);

enum { ASY_READABLE = 1, ASY_WRITABLE = 2, ASY_HANGUP = 4 };
typedef void asy_fd_fn(void *arg, int events);
/* events is a mask; ASY_HANGUP may come unasked. The descriptor stays the caller's
 * and must stay open until the watch is cancelled. */
assay_status asy_loop_fd(asy_loop *l, int fd, int events, asy_fd_fn *ready, void *arg,
						 asy_watch **out, assay_err *err) ASSAY_CHECKED;
assay_status asy_watch_events(asy_watch *w, int events, assay_err *err) ASSAY_CHECKED;

/* Exit of a child of this process; reaps it. wait_status is as waitpid gives it, or
 * -1 with ASSAY_E_CANCELLED (then it is not reaped). */
typedef void asy_child_fn(void *arg, assay_status st, int wait_status);
assay_status asy_loop_child(asy_loop *l, int pid, asy_child_fn *done, void *arg, asy_watch **out,
							assay_err *err) ASSAY_CHECKED;

/* Ends a watch; a one-shot that has not happened calls back with
 * ASSAY_E_CANCELLED before this returns. NULL is fine. */
void asy_watch_cancel(asy_watch *w);

/* ---- names (resolve.c) ---- */
typedef struct asy_resolve asy_resolve;
/* address: numeric text, borrowed for the call; "" unless ASSAY_OK. */
typedef void asy_resolve_fn(void *arg, assay_status st, const char *address);
/* done runs once, from the loop, unless cancelled before. */
assay_status asy_loop_resolve(asy_loop *l, const char *host, asy_resolve_fn *done, void *arg,
							  asy_resolve **out, assay_err *err) ASSAY_CHECKED;
/* done will not run. NULL is fine. */
void asy_resolve_cancel(asy_resolve *r);

/* ---- work (work.c) ---- */
typedef void asy_work_fn(void *arg);
/* work(arg) runs on a thread of the pool and touches nothing that the loop touches; then
 * done(arg) runs once, from the loop. It cannot be cancelled: what arg points to lives until
 * done. For what would block (a disk); long sums yield instead. */
assay_status asy_loop_work(asy_loop *l, asy_work_fn *work, asy_work_fn *done, void *arg,
						   assay_err *err) ASSAY_CHECKED;

/* libuv's loop, for a library that brings its own bindings to it (ws). */
void *asy_loop_native(asy_loop *l);
/* fn runs once, in asy_loop_free, when every handle is closed: such a library's last step. */
assay_status asy_loop_at_end(asy_loop *l, void (*fn)(void *arg), void *arg,
							 assay_err *err) ASSAY_CHECKED;

#include "loop/co.h"
#endif
