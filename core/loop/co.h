/* Coroutines of the loop: a step that takes long is written from top to bottom and
 * awaits; other coroutines and callbacks run meanwhile. Included by loop.h. [loop]
 *
 * - A coroutine runs only inside a pump, and only until it awaits. There is no
 *   preemption: what it sees between two awaits nobody else changes.
 * - It completes exactly once, when its function returns; always from the loop,
 *   never inside start, cancel or an await of another.
 * - Interruption and cancellation reach it at its present await and at every later
 *   one: they return ASSAY_E_CANCELLED at once. It then cleans up and returns.
 * - The same functions serve tools and tests: outside a coroutine an await pumps.
 * - Never await in a callback of the loop, nor in a done function. */
#ifndef ASY_CO_H
#define ASY_CO_H
#include "loop/loop.h"

typedef struct asy_co asy_co;
typedef void asy_co_fn(void *arg);

/* Bytes of stack that a coroutine has, above a guard that ends the process. */
#define ASY_CO_STACK ((size_t)1 << 20)

/* fn begins in the next pump. The caller frees *out. */
assay_status asy_co_start(asy_loop *l, asy_co_fn *fn, void *arg, asy_co **out,
						  assay_err *err) ASSAY_CHECKED;
/* Also while it has not begun: fn then runs, and its first await is cancelled. */
void asy_co_cancel(asy_co *co);
/* From now on it is served before others wherever it waits for a mutex: for what has a
 * deadline of the chain. One that is always waiting would starve the others. */
void asy_co_urge(asy_co *co);
/* A done function for awaits: true when fn has returned. */
bool asy_co_is_over(void *co);
/* Is the running coroutine cancelled, or the loop interrupted? Long work without an
 * await looks here. */
bool asy_loop_is_stopping(const asy_loop *l);
/* Of a coroutine that is over. NULL is fine. */
void asy_co_free(asy_co *co);
/* Cancels it, waits until it is over (through interruption and our own cancellation)
 * and frees it. NULL is fine. */
void asy_co_end(asy_co *co);

/* Suspends until done(arg) is true (ASSAY_OK), the deadline (ASSAY_E_TIMEOUT), or
 * cancellation or interruption (ASSAY_E_CANCELLED); see asy_loop_run_until for what done and
 * the deadline mean. done is asked at once, and after every event and every run of another
 * coroutine; it runs on the pump's stack. */
assay_status asy_loop_await(asy_loop *l, bool (*done)(void *), void *arg,
							uint64_t deadline_mono_ns) ASSAY_CHECKED;
/* The same for what we have ended already and what will surely come, as the exit of a child
 * that was killed: neither cancellation nor interruption stops it. For cleaning up. */
assay_status asy_loop_await_end(asy_loop *l, bool (*done)(void *), void *arg,
								uint64_t deadline_mono_ns) ASSAY_CHECKED;
/* Lets everything else that is ready have its turn, once: for long work, between two slices of
 * it. ASSAY_OK or ASSAY_E_CANCELLED. */
assay_status asy_loop_yield(asy_loop *l) ASSAY_CHECKED;
/* Sleeps, serving the loop: ASSAY_OK when the time is over, or ASSAY_E_CANCELLED. */
assay_status asy_loop_sleep(asy_loop *l, uint64_t ms) ASSAY_CHECKED;

/* ---- something that one may use at a time ---- */
typedef struct asy_co_turn asy_co_turn;
typedef struct { /* {0} is a free one */
	bool is_held;
	const asy_co *holder; /* NULL: held outside coroutines */
	asy_co_turn *first;   /* in the order of their turns */
} asy_co_mutex;
/* First come, first served; the urgent before all others. ASSAY_E_CANCELLED: had to wait and
 * was cancelled; not held. */
assay_status asy_co_lock(asy_loop *l, asy_co_mutex *m) ASSAY_CHECKED;
void asy_co_unlock(asy_co_mutex *m);
/* Is it held by the running coroutine (outside coroutines: by the pump's side)? */
bool asy_co_holds(const asy_loop *l, const asy_co_mutex *m);
#endif
