/* Watches: timers, descriptors, children. Each is one allocation that libuv may
 * need a little longer than its owner: it is freed in libuv's close callback,
 * so that ending a watch inside its own callback is safe.
 * Children are watched through a pidfd, not through SIGCHLD: then nobody's
 * waitpid can take another's child. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "loop/impl.h"

typedef enum { W_TIMER, W_FD, W_CHILD } watch_kind;

struct asy_watch {
	asy_loop *loop;
	asy_watch *prev, *next;
	watch_kind kind;
	bool over;     /* completed or cancelled; only the memory is left */
	bool was_late; /* timers: put off once after a gap */
	union {
		uv_handle_t any;
		uv_timer_t timer;
		uv_poll_t poll;
	} h;
	union {
		asy_done_fn *done;
		asy_fd_fn *ready;
		asy_child_fn *child;
	} on;
	void *arg;
	uint64_t due_ns; /* timers, on the polled clock */
	int pid, pidfd;  /* children; pidfd -1 = looked at by a timer */
};

/* How often a child is looked at on a kernel without pidfd_open (before 5.3). */
#define CHILD_POLL_MS 10

static asy_watch *watch_new(asy_loop *l, watch_kind kind, void *arg, assay_err *err)
{
	asy_watch *w = calloc(1, sizeof *w);
	if (w == NULL) {
		(void)ASSAY_FAIL(err, E_NOMEM, "event watch");
		return NULL;
	}
	w->loop = l;
	w->kind = kind;
	w->arg = arg;
	w->pidfd = -1;
	return w;
}

static void watch_link(asy_watch *w)
{
	asy_loop *l = w->loop;
	w->next = l->watches;
	if (w->next != NULL)
		w->next->prev = w;
	l->watches = w;
}

static void on_closed(uv_handle_t *h)
{
	asy_watch *w = h->data;
	if (w->pidfd >= 0)
		(void)close(w->pidfd);
	free(w);
}

/* From here on only libuv knows the watch. */
static void watch_end(asy_watch *w)
{
	w->over = true;
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		w->loop->watches = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	uv_close(&w->h.any, on_closed);
}

void asy_watch_cancel(asy_watch *w)
{
	if (w == NULL || w->over)
		return;
	watch_end(w);
	switch (w->kind) {
	case W_TIMER:
		w->on.done(w->arg, ASSAY_E_CANCELLED);
		break;
	case W_CHILD:
		w->on.child(w->arg, ASSAY_E_CANCELLED, -1);
		break;
	case W_FD:
		break;
	}
}

void asy_watch_cancel_all(asy_loop *l)
{
	while (l->watches != NULL)
		asy_watch_cancel(l->watches);
}

/* ---- timers ---- */

static void on_timer(uv_timer_t *t)
{
	asy_watch *w = t->data;
	uint64_t now = asy_loop_polled_ns(w->loop);
	if (now < w->due_ns) {
		/* There was a gap; and libuv counts whole milliseconds from a cached time. */
		(void)uv_timer_start(t, on_timer, asy_loop_ms(w->due_ns - now), 0);
		return;
	}
	if (asy_loop_is_late(w->loop) && !w->was_late) {
		w->was_late = true; /* descriptors first */
		(void)uv_timer_start(t, on_timer, 1, 0);
		return;
	}
	watch_end(w);
	w->on.done(w->arg, ASSAY_OK);
}

static void arm(asy_watch *w, uint64_t delay_ns)
{
	w->due_ns = asy_sat_add_u64(asy_loop_polled_ns(w->loop), delay_ns);
	w->was_late = false;
	uv_update_time(&w->loop->uv);
	(void)uv_timer_start(&w->h.timer, on_timer, asy_loop_ms(delay_ns), 0);
}

assay_status asy_loop_timer(asy_loop *l, uint64_t delay_ns, asy_done_fn *done, void *arg,
							asy_watch **out, assay_err *err)
{
	asy_watch *w = watch_new(l, W_TIMER, arg, err);
	if (w == NULL)
		return ASSAY_E_NOMEM;
	(void)uv_timer_init(&l->uv, &w->h.timer);
	w->h.any.data = w;
	w->on.done = done;
	arm(w, delay_ns);
	watch_link(w);
	if (out != NULL)
		*out = w;
	return ASSAY_OK;
}

void asy_watch_again(asy_watch *w, uint64_t delay_ns)
{
	ASSERT(w->kind == W_TIMER && !w->over);
	arm(w, delay_ns);
}

/* ---- descriptors ---- */

static void on_poll(uv_poll_t *p, int status, int uv_events)
{
	asy_watch *w = p->data;
	int events = 0;
	if ((uv_events & UV_READABLE) != 0)
		events |= ASY_READABLE;
	if ((uv_events & UV_WRITABLE) != 0)
		events |= ASY_WRITABLE;
	if ((uv_events & UV_DISCONNECT) != 0 || status < 0)
		events |= ASY_HANGUP;
	w->on.ready(w->arg, events);
}

static int poll_start(asy_watch *w, int events)
{
	int uv_events = ((events & ASY_READABLE) != 0 ? UV_READABLE : 0) |
					((events & ASY_WRITABLE) != 0 ? UV_WRITABLE : 0) |
					((events & ASY_HANGUP) != 0 ? UV_DISCONNECT : 0);
	if (uv_events == 0)
		return uv_poll_stop(&w->h.poll);
	return uv_poll_start(&w->h.poll, uv_events, on_poll);
}

assay_status asy_watch_events(asy_watch *w, int events, assay_err *err)
{
	ASSERT(w->kind == W_FD && !w->over);
	int rc = poll_start(w, events);
	if (rc != 0)
		return ASSAY_FAIL(err, E_IO, "descriptor cannot be watched: %s", uv_strerror(rc));
	return ASSAY_OK;
}

assay_status asy_loop_fd(asy_loop *l, int fd, int events, asy_fd_fn *ready, void *arg,
						 asy_watch **out, assay_err *err)
{
	asy_watch *w = watch_new(l, W_FD, arg, err);
	if (w == NULL)
		return ASSAY_E_NOMEM;
	w->on.ready = ready;
	int rc = uv_poll_init(&l->uv, &w->h.poll, fd);
	if (rc != 0) {
		free(w);
		return ASSAY_FAIL(err, E_IO, "descriptor %d cannot be watched: %s", fd, uv_strerror(rc));
	}
	w->h.any.data = w;
	watch_link(w);
	assay_status st = asy_watch_events(w, events, err);
	if (st != ASSAY_OK)
		asy_watch_cancel(w);
	else if (out != NULL)
		*out = w;
	return st;
}

/* ---- children ---- */

/* true when the child is gone and its owner has been told. */
static bool look_at_child(asy_watch *w)
{
	int wait_status = 0;
	pid_t got;
	do {
		got = waitpid(w->pid, &wait_status, WNOHANG);
	} while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	watch_end(w);
	if (got < 0)
		w->on.child(w->arg, ASSAY_E_IO, -1); /* reaped by somebody else */
	else
		w->on.child(w->arg, ASSAY_OK, wait_status);
	return true;
}

static void on_pidfd(uv_poll_t *p, int status, int events)
{
	(void)status;
	(void)events;
	(void)look_at_child(p->data);
}

static void on_child_timer(uv_timer_t *t)
{
	(void)look_at_child(t->data);
}

static int open_pidfd(int pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

assay_status asy_loop_child(asy_loop *l, int pid, asy_child_fn *done, void *arg, asy_watch **out,
							assay_err *err)
{
	asy_watch *w = watch_new(l, W_CHILD, arg, err);
	if (w == NULL)
		return ASSAY_E_NOMEM;
	w->on.child = done;
	w->pid = pid;
	w->pidfd = open_pidfd(pid);
	int rc = 0;
	if (w->pidfd >= 0) {
		rc = uv_poll_init(&l->uv, &w->h.poll, w->pidfd);
		if (rc != 0) {
			(void)close(w->pidfd);
			free(w);
			return ASSAY_FAIL(err, E_IO, "child %d cannot be watched: %s", pid, uv_strerror(rc));
		}
		(void)uv_poll_start(&w->h.poll, UV_READABLE, on_pidfd);
	} else {
		(void)uv_timer_init(&l->uv, &w->h.timer);
		(void)uv_timer_start(&w->h.timer, on_child_timer, 0, CHILD_POLL_MS);
	}
	w->h.any.data = w;
	watch_link(w);
	if (out != NULL)
		*out = w;
	return ASSAY_OK;
}
