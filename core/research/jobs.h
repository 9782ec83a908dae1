/* jobs: a parallel for over pure functions. Private to research.
 * Reason to change: how independent jobs are spread over threads. */
#ifndef ASY_RESEARCH_JOBS_H
#define ASY_RESEARCH_JOBS_H
#include "base/base.h"

#define ASY_JOBS_THREADS_MAX 256u

typedef struct {
	size_t n;
	unsigned threads; /* 0 and 1 run in the caller's thread */
	/* Job i, on some thread. worker < threads tells concurrent calls apart, so that
	 * there can be one scratch memory per worker. Reads what is immutable, writes what only
	 * job i owns; its failure is a value in that place. */
	void (*run)(void *arg, unsigned worker, size_t i);
	/* Job i has run; in the caller's thread, one at a time, in the order of finishing.
	 * A failure stops the beginning of further jobs; for those that run it is called
	 * all the same. */
	assay_status (*done)(void *arg, size_t i, assay_err *err);
	void *arg;
} asy_jobs;

/* The first failure of done, after every job that began has been reported. Where the
 * machine grants fewer threads, those are used. E_NOMEM. */
assay_status asy_jobs_run(const asy_jobs *j, assay_err *err) ASSAY_CHECKED;
#endif
