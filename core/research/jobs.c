/* A parallel for. Threads take the next index from one counter; what has finished
 * goes through one queue to the caller's thread, which alone does any input and output.
 * Research owns threads because it runs in commands, without an event loop
 * (docs/decisions/0005-threads-in-research.md). */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "research/jobs.h"

typedef struct {
	const asy_jobs *jobs;
	atomic_size_t next;
	pthread_mutex_t lock;
	pthread_cond_t more;
	size_t *finished; /* indices, in the order of finishing */
	size_t finished_n;
	unsigned alive;
} pool;

typedef struct {
	pool *pool;
	unsigned worker;
	pthread_t thread;
} worker;

static void *work(void *arg)
{
	worker *w = arg;
	pool *p = w->pool;
	size_t i;
	while ((i = atomic_fetch_add(&p->next, 1)) < p->jobs->n) {
		p->jobs->run(p->jobs->arg, w->worker, i);
		(void)pthread_mutex_lock(&p->lock);
		p->finished[p->finished_n++] = i;
		(void)pthread_cond_signal(&p->more);
		(void)pthread_mutex_unlock(&p->lock);
	}
	(void)pthread_mutex_lock(&p->lock);
	p->alive--;
	(void)pthread_cond_signal(&p->more);
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* The caller's side: reports until every worker has left and the queue is empty. */
static assay_status collect(pool *p, assay_err *err)
{
	assay_status st = ASSAY_OK;
	size_t at = 0;
	(void)pthread_mutex_lock(&p->lock);
	while (at < p->finished_n || p->alive > 0) {
		if (at == p->finished_n) {
			(void)pthread_cond_wait(&p->more, &p->lock);
			continue;
		}
		size_t i = p->finished[at++];
		(void)pthread_mutex_unlock(&p->lock);
		assay_status one = p->jobs->done(p->jobs->arg, i, st == ASSAY_OK ? err : NULL);
		if (one != ASSAY_OK && st == ASSAY_OK) {
			st = one;
			/* what is under way finishes; nothing new begins */
			atomic_store(&p->next, p->jobs->n);
		}
		(void)pthread_mutex_lock(&p->lock);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return st;
}

static assay_status run_here(const asy_jobs *j, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < j->n && st == ASSAY_OK; i++) {
		j->run(j->arg, 0, i);
		st = j->done(j->arg, i, err);
	}
	return st;
}

assay_status asy_jobs_run(const asy_jobs *j, assay_err *err)
{
	worker workers[ASY_JOBS_THREADS_MAX];
	size_t want = j->threads < ASY_JOBS_THREADS_MAX ? j->threads : ASY_JOBS_THREADS_MAX;
	want = want < j->n ? want : j->n;
	if (want <= 1)
		return run_here(j, err);
	pool p = {.jobs = j,
			  .lock = PTHREAD_MUTEX_INITIALIZER,
			  .more = PTHREAD_COND_INITIALIZER,
			  .finished = asy_calloc(j->n, sizeof *p.finished)};
	if (p.finished == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a queue of %zu jobs", j->n);
	size_t started = 0;
	/* Nobody may see alive drop to zero while threads are still being made. */
	(void)pthread_mutex_lock(&p.lock);
	for (; started < want; started++) {
		workers[started] = (worker){.pool = &p, .worker = (unsigned)started};
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
			break;
		p.alive++;
	}
	(void)pthread_mutex_unlock(&p.lock);
	assay_status st = started == 0 ? run_here(j, err) : collect(&p, err);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
	(void)pthread_cond_destroy(&p.more);
	(void)pthread_mutex_destroy(&p.lock);
	free(p.finished);
	return st;
}
