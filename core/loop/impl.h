/* What the files of loop share; private to loop. */
#ifndef ASY_LOOP_IMPL_H
#define ASY_LOOP_IMPL_H
#include <signal.h>
#include <stdatomic.h>
#include <ucontext.h>
#include <uv.h>
#include "loop/loop.h"

typedef struct { /* lives in asy_loop, whose clock it is */
	asy_clock iface;
} loop_clock;

/* A place where execution can be taken up again, with what sanitizers want to know. */
typedef struct {
	ucontext_t at;
	const void *stack; /* lowest byte */
	size_t size;
	void *fake_stack, *fiber;
} loop_context;

typedef struct loop_stack loop_stack; /* at the top of its own memory */

/* When the loop was last seen polling, and what that adds up to (lag.c). */
typedef struct {
	uv_prepare_t before;
	uv_check_t after;
	uint64_t marked_ns, polled_ns; /* the clock, and what of it counts as polled */
	uint64_t poll_ns, idle_ns;     /* begin of the last poll, and idle time until then */
	bool is_late;                  /* a gap ended; nothing runs out before one more poll */
	asy_lag lag;
	uint64_t turns; /* polls so far */
} loop_lag;

typedef struct {
	void (*asked)(void *arg); /* NULL = not watched */
	void *arg;
	struct sigaction was;
	atomic_bool is_due; /* set by a signal handler */
} loop_request;

struct asy_loop {
	uv_loop_t uv;
	loop_clock clock;
	loop_lag lag;
	asy_watch *watches;    /* all that have not completed */
	uv_timer_t wake;       /* ends a wait at the pump's deadline */
	uv_async_t nudge;      /* wakes the pump when a signal came */
	struct loop_end *ends; /* what asy_loop_free calls at last */
	struct sigaction was_int, was_term;
	loop_request request[ASY_ASKED_KINDS];
	bool has_signals, running;
	atomic_bool signalled, interrupted; /* set by a signal handler */

	asy_co *current;                    /* runs now; NULL: the pump itself */
	asy_co *first_waiter, *last_waiter; /* every coroutine that is not over and does not run */
	loop_context pump;                  /* where a coroutine goes back to */
	loop_stack *stacks;                 /* to be used again */
	size_t stacks_n;
};

/* Cancels everything that is left. */
void asy_watch_cancel_all(asy_loop *l);
/* ns -> ms, rounded up and bounded so that libuv's sums cannot overflow. */
uint64_t asy_loop_ms(uint64_t ns);

/* ---- loop.c ---- */
/* The pump. stubborn: interruption does not end it. */
assay_status asy_loop_pump(asy_loop *l, bool (*done)(void *), void *arg, uint64_t deadline_mono_ns,
						   bool stubborn) ASSAY_CHECKED;

/* ---- lag.c ---- */
#define LOOP_GAP_NS ((uint64_t)250000000)  /* more than this without a poll does not count */
#define LOOP_BEAT_NS ((uint64_t)100000000) /* a pump polls at least this often */
int asy_lag_init(asy_loop *l);
void asy_lag_close(asy_loop *l);
/* The deadline of a caller, on the polled clock. */
uint64_t asy_loop_due(asy_loop *l, uint64_t deadline_mono_ns);
/* Was there a gap since the last poll that nothing has looked after? */
bool asy_loop_is_late(asy_loop *l);

/* ---- co.c ---- */
/* Runs every coroutine that need not wait any longer, once each; true when one ran. */
bool asy_co_pass(asy_loop *l);
/* The earliest due of those that wait; ASY_NEVER = none. */
uint64_t asy_co_next_due(const asy_loop *l);

/* ---- context.c ---- */
/* A context that begins with fn(arg), which never returns. NULL: no memory. */
loop_stack *asy_context_new(asy_loop *l, loop_context *c, void (*fn)(void *arg), void *arg);
/* Leaves from and goes on at to; returns when somebody switches back. */
void asy_context_switch(loop_context *from, loop_context *to);
/* The same for the last time. */
_Noreturn void asy_context_leave(loop_context *to);
void asy_context_end(asy_loop *l, loop_context *c, loop_stack *s);
void asy_context_free_stacks(asy_loop *l);
#endif
