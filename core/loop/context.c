/* Switching stacks: ucontext, stacks with a guard that are used again, and what the
 * sanitizers must be told. This file is an edge: it maps memory.
 * Reason to change: another way to switch, another sanitizer. */
#include <sys/mman.h>
#include "loop/impl.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_TSAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#endif
#ifdef HAS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#define GUARD ((size_t)64 << 10) /* a multiple of every page size */
#define KEEP 16                  /* stacks that wait for their next use */

struct loop_stack {
	loop_stack *next;
	void (*fn)(void *arg);
	void *arg;
	loop_context *context;
	loop_context *came_from;
};

/* ---- sanitizers: nothing in other builds ---- */

static void before_switch(loop_context *from, const loop_context *to)
{
#ifdef HAS_ASAN
	__sanitizer_start_switch_fiber(from != NULL ? &from->fake_stack : NULL, to->stack, to->size);
#endif
#ifdef HAS_TSAN
	if (from != NULL)
		from->fiber = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(to->fiber, 0);
#endif
	(void)from;
	(void)to;
}

/* here: where we are now; from: where we came from, whose stack is learned. */
static void after_switch(loop_context *here, loop_context *from)
{
#ifdef HAS_ASAN
	__sanitizer_finish_switch_fiber(here->fake_stack, &from->stack, &from->size);
#endif
	(void)here;
	(void)from;
}

/* ---- stacks ---- */

/* The bookkeeping of a stack lies at its upper end. */
static char *bottom_of(loop_stack *s)
{
	return (char *)(s + 1) - ASY_CO_STACK;
}

static loop_stack *stack_new(void)
{
	char *p = mmap(NULL, GUARD + ASY_CO_STACK, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p + GUARD, ASY_CO_STACK, PROT_READ | PROT_WRITE) != 0) {
		(void)munmap(p, GUARD + ASY_CO_STACK);
		return NULL;
	}
	return (loop_stack *)(void *)(p + GUARD + ASY_CO_STACK) - 1;
}

static loop_stack *stack_take(asy_loop *l)
{
	loop_stack *s = l->stacks;
	if (s == NULL)
		return stack_new();
	l->stacks = s->next;
	l->stacks_n--;
	return s;
}

static void stack_free(loop_stack *s)
{
	(void)munmap(bottom_of(s) - GUARD, GUARD + ASY_CO_STACK);
}

void asy_context_free_stacks(asy_loop *l)
{
	while (l->stacks != NULL) {
		loop_stack *s = l->stacks;
		l->stacks = s->next;
		stack_free(s);
	}
	l->stacks_n = 0;
}

void asy_context_end(asy_loop *l, loop_context *c, loop_stack *s)
{
#ifdef HAS_TSAN
	__tsan_destroy_fiber(c->fiber);
#endif
	(void)c;
	if (l->stacks_n == KEEP) {
		stack_free(s);
		return;
	}
	/* its memory goes back to the system, its addresses stay */
	(void)madvise(bottom_of(s), ASY_CO_STACK, MADV_DONTNEED);
	s->next = l->stacks;
	l->stacks = s;
	l->stacks_n++;
}

/* ---- switching ---- */

static void begin(unsigned high, unsigned low)
{
	loop_stack *s = (loop_stack *)(((uintptr_t)high << 16 << 16) | low);
	after_switch(s->context, s->came_from);
	s->fn(s->arg);
}

/* A function of its own: getcontext may return twice, and its caller should hold nothing. */
__attribute__((noinline)) static void aim(loop_context *c, loop_stack *s)
{
	(void)getcontext(&c->at);
	c->at.uc_stack.ss_sp = bottom_of(s);
	c->at.uc_stack.ss_size = c->size;
	c->at.uc_link = NULL;
	/* makecontext passes ints */
	makecontext(&c->at, (void (*)(void))begin, 2, (unsigned)((uintptr_t)s >> 16 >> 16),
				(unsigned)(uintptr_t)s);
}

loop_stack *asy_context_new(asy_loop *l, loop_context *c, void (*fn)(void *arg), void *arg)
{
	loop_stack *const s = stack_take(l);
	if (s == NULL)
		return NULL;
#ifdef HAS_ASAN
	__asan_unpoison_memory_region(bottom_of(s), ASY_CO_STACK); /* left by who was here before */
#endif
	*s = (loop_stack){.fn = fn, .arg = arg, .context = c, .came_from = &l->pump};
	c->stack = bottom_of(s);
	c->size = ASY_CO_STACK - sizeof *s;
	aim(c, s);
#ifdef HAS_TSAN
	c->fiber = __tsan_create_fiber(0);
#endif
	return s;
}

/*~ Not swapcontext: AddressSanitizer replaces it and prints a warning, because it cannot know
 * that we tell it about our stacks. getcontext returns a second time when somebody goes on
 * here; the flag lives on this stack, in memory. */
void asy_context_switch(loop_context *from, loop_context *to)
{
	volatile bool is_back = false;
	(void)getcontext(&from->at);
	if (!is_back) {
		is_back = true;
		before_switch(from, to);
		(void)setcontext(&to->at);
	}
	after_switch(from, to);
}

void asy_context_leave(loop_context *to)
{
	before_switch(NULL, to);
	(void)setcontext(&to->at);
	asy_assert_fail("a context can be taken up again", __FILE__, __LINE__);
}
