/* Coroutines: who waits for what, and the mutex. How stacks are switched is in
 * context.c. The pump asks every waiter after every poll; there are few. */
#include <stdlib.h>
#include "loop/impl.h"

struct asy_co {
	asy_loop *l;
	asy_co *prev, *next; /* among the loop's waiters */
	asy_co_fn *fn;
	void *arg;
	loop_stack *stack;
	loop_context context;
	bool has_begun, is_over, is_cancelled, is_urgent;
	/* what it waits for */
	bool (*done)(void *arg);
	void *done_arg;
	uint64_t due;  /* on the polled clock */
	bool stubborn; /* neither cancellation nor interruption ends this wait */
	assay_status result;
};

static void append(asy_co *c)
{
	asy_loop *l = c->l;
	c->prev = l->last_waiter;
	c->next = NULL;
	if (c->prev != NULL)
		c->prev->next = c;
	else
		l->first_waiter = c;
	l->last_waiter = c;
}

static void unlink_waiter(asy_co *c)
{
	asy_loop *l = c->l;
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		l->first_waiter = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		l->last_waiter = c->prev;
}

/* ---- life ---- */

static void live(void *arg)
{
	asy_co *c = arg;
	c->fn(c->arg);
	c->is_over = true;
	asy_context_leave(&c->l->pump);
}

assay_status asy_co_start(asy_loop *l, asy_co_fn *fn, void *arg, asy_co **out, assay_err *err)
{
	asy_co *c = calloc(1, sizeof *c);
	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "coroutine");
	*c = (asy_co){.l = l, .fn = fn, .arg = arg};
	c->stack = asy_context_new(l, &c->context, live, c);
	if (c->stack == NULL) {
		free(c);
		return ASSAY_FAIL(err, E_NOMEM, "stack of a coroutine");
	}
	append(c);
	*out = c;
	return ASSAY_OK;
}

void asy_co_cancel(asy_co *co)
{
	co->is_cancelled = true;
}

void asy_co_urge(asy_co *co)
{
	co->is_urgent = true;
}

bool asy_co_is_over(void *co)
{
	return ((asy_co *)co)->is_over;
}

bool asy_loop_is_stopping(const asy_loop *l)
{
	return asy_loop_interrupted(l) || (l->current != NULL && l->current->is_cancelled);
}

void asy_co_free(asy_co *co)
{
	if (co == NULL)
		return;
	ASSERT(co->is_over);
	free(co);
}

/* ---- the pump's side ---- */

static bool is_ready(asy_co *c)
{
	asy_loop *l = c->l;
	if (!c->has_begun)
		return true;
	c->result = ASSAY_OK;
	if (!c->stubborn && (c->is_cancelled || asy_loop_interrupted(l)))
		c->result = ASSAY_E_CANCELLED;
	else if (c->done != NULL && c->done(c->done_arg))
		c->result = ASSAY_OK;
	else if (asy_loop_polled_ns(l) >= c->due && !asy_loop_is_late(l))
		c->result = ASSAY_E_TIMEOUT;
	else
		return false;
	return true;
}

static void resume(asy_co *c)
{
	asy_loop *l = c->l;
	unlink_waiter(c);
	c->has_begun = true;
	l->current = c;
	asy_context_switch(&l->pump, &c->context);
	l->current = NULL;
	if (c->is_over)
		asy_context_end(l, &c->context, c->stack);
}

/* Only this takes waiters out of the list; those who run meanwhile append. */
bool asy_co_pass(asy_loop *l)
{
	bool ran = false;
	asy_co *last = l->last_waiter, *next = NULL;
	for (asy_co *c = l->first_waiter; c != NULL; c = next) {
		bool is_last = c == last;
		next = c->next;
		if (is_ready(c)) {
			resume(c);
			ran = true;
		}
		if (is_last)
			break;
	}
	return ran;
}

uint64_t asy_co_next_due(const asy_loop *l)
{
	uint64_t due = ASY_NEVER;
	for (const asy_co *c = l->first_waiter; c != NULL; c = c->next)
		if (c->due < due)
			due = c->due;
	return due;
}

/* ---- awaiting ---- */

static assay_status await(asy_co *c, bool (*done)(void *), void *arg, uint64_t deadline,
						  bool stubborn)
{
	asy_loop *l = c->l;
	if (!stubborn && asy_loop_is_stopping(l))
		return ASSAY_E_CANCELLED;
	if (done != NULL && done(arg))
		return ASSAY_OK;
	if (asy_loop_now(l) >= deadline)
		return ASSAY_E_TIMEOUT;
	c->done = done;
	c->done_arg = arg;
	c->due = asy_loop_due(l, deadline);
	c->stubborn = stubborn;
	append(c);
	asy_context_switch(&c->context, &l->pump);
	return c->result;
}

assay_status asy_loop_await(asy_loop *l, bool (*done)(void *), void *arg, uint64_t deadline)
{
	if (l->current != NULL)
		return await(l->current, done, arg, deadline, false);
	return asy_loop_pump(l, done, arg, deadline, false);
}

assay_status asy_loop_await_end(asy_loop *l, bool (*done)(void *), void *arg, uint64_t deadline)
{
	if (l->current != NULL)
		return await(l->current, done, arg, deadline, true);
	return asy_loop_pump(l, done, arg, deadline, true);
}

static bool is_second_time(void *arg)
{
	bool *was_asked = arg, was = *was_asked;
	*was_asked = true;
	return was;
}

assay_status asy_loop_yield(asy_loop *l)
{
	bool was_asked = false;
	assay_status st = asy_loop_await(l, is_second_time, &was_asked, asy_loop_deadline(l, 1));
	return st == ASSAY_E_CANCELLED ? st : ASSAY_OK;
}

assay_status asy_loop_sleep(asy_loop *l, uint64_t ms)
{
	assay_status st = asy_loop_await(l, NULL, NULL, asy_loop_deadline(l, ms));
	return st == ASSAY_E_TIMEOUT ? ASSAY_OK : st;
}

void asy_co_end(asy_co *co)
{
	if (co == NULL)
		return;
	asy_co_cancel(co);
	assay_status st = asy_loop_await_end(co->l, asy_co_is_over, co, ASY_NEVER);
	ASSERT(st == ASSAY_OK);
	asy_co_free(co);
}

/* ---- mutex ---- */

struct asy_co_turn { /* on the stack of who waits */
	asy_co_turn *next;
	const asy_co *who;
	bool is_urgent, is_mine;
};

static bool is_my_turn(void *arg)
{
	return ((asy_co_turn *)arg)->is_mine;
}

/* The place in the line: before the first turn that may wait longer than this one. */
static void line_up(asy_co_mutex *m, asy_co_turn *t)
{
	asy_co_turn **at = &m->first;
	while (*at != NULL && ((*at)->is_urgent || !t->is_urgent))
		at = &(*at)->next;
	t->next = *at;
	*at = t;
}

static void give_up(asy_co_mutex *m, const asy_co_turn *t)
{
	asy_co_turn **at = &m->first;
	if (t->is_mine) { /* it came in the same moment */
		asy_co_unlock(m);
		return;
	}
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
}

bool asy_co_holds(const asy_loop *l, const asy_co_mutex *m)
{
	return m->is_held && m->holder == l->current;
}

assay_status asy_co_lock(asy_loop *l, asy_co_mutex *m)
{
	asy_co_turn turn = {.who = l->current,
						.is_urgent = l->current != NULL && l->current->is_urgent};
	if (!m->is_held) {
		m->is_held = true;
		m->holder = l->current;
		return ASSAY_OK;
	}
	ASSERT(m->holder != l->current); /* it would wait for itself */
	line_up(m, &turn);
	assay_status st = asy_loop_await(l, is_my_turn, &turn, ASY_NEVER);
	if (st != ASSAY_OK)
		give_up(m, &turn);
	return st;
}

void asy_co_unlock(asy_co_mutex *m)
{
	asy_co_turn *t = m->first;
	ASSERT(m->is_held);
	m->is_held = t != NULL;
	m->holder = t != NULL ? t->who : NULL;
	if (t == NULL)
		return;
	m->first = t->next;
	t->is_mine = true;
}
