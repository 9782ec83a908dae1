/* What loop.c and watch.c share; private to loop. */
#ifndef ASY_LOOP_IMPL_H
#define ASY_LOOP_IMPL_H
#include <signal.h>
#include <stdatomic.h>
#include <uv.h>
#include "loop/loop.h"

typedef struct { /* lives in asy_loop, whose clock it is */
	asy_clock iface;
} loop_clock;

struct asy_loop {
	uv_loop_t uv;
	loop_clock clock;
	asy_watch *watches; /* all that have not completed */
	uv_timer_t wake;    /* ends a wait at the pump's deadline */
	uv_async_t nudge;   /* wakes the pump when a signal came */
	struct sigaction was_int, was_term, was_usr1;
	void (*asked)(void *arg); /* SIGUSR1; NULL = not watched */
	void *asked_arg;
	bool has_signals, running;
	atomic_bool signalled, interrupted, requested; /* set by a signal handler */
};

/* Cancels everything that is left. */
void asy_watch_cancel_all(asy_loop *l);
/* ns -> ms, rounded up and bounded so that libuv's sums cannot overflow. */
uint64_t asy_loop_ms(uint64_t ns);
#endif
