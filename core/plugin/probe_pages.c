/* Scores a batch whose spans end, and whose output arrays begin and end, at pages that do not
 * exist: what reads or writes one byte too far dies of it, instead of once in a hundred rounds. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "plugin/probe_impl.h"

/* len bytes that end (or begin) at a page without access; never given back. */
static uint8_t *fenced(size_t len, bool at_start)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (len + page - 1) / page * page;
	uint8_t *p = mmap(NULL, room + 2 * page, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED || mprotect(p, page, PROT_NONE) != 0 ||
		mprotect(p + page + room, page, PROT_NONE) != 0)
		return NULL;
	return p + page + (at_start ? 0 : room - len);
}

/* The same bytes, read-only. An empty span stays one. */
static bool move_span(assay_bytes *b)
{
	if (b->len == 0)
		return true;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *to = fenced((size_t)b->len, false);
	if (to == NULL)
		return false;
	memcpy(to, b->ptr, (size_t)b->len);
	uintptr_t first = (uintptr_t)to & ~((uintptr_t)page - 1);
	b->ptr = to;
	return mprotect((void *)first, (uintptr_t)to + b->len - first, PROT_READ) == 0;
}

static bool move_inputs(const probe *p, probe_job *job)
{
	assay_challenge *c = (void *)(uintptr_t)job->challenge;
	assay_response *r = (void *)(uintptr_t)job->response;
	bool ok = true;
	for (size_t i = 0; ok && i < p->o->batch->challenge_n; i++)
		ok = move_span(&c[i].prompt) && move_span(&c[i].reference) && move_span(&c[i].meta_json);
	for (size_t i = 0; ok && i < job->n; i++)
		ok = move_span(&r[i].body) && move_span(&r[i].content_type);
	return ok;
}

static bool move_outputs(const probe *p, probe_job *job, bool at_start)
{
	size_t n = (size_t)job->n, components = p->t.info.component_n;
	job->score = (void *)fenced(n * sizeof(double), at_start);
	job->flag = fenced(n, at_start);
	if (components != 0)
		job->component = (void *)fenced(n * components * sizeof(double), at_start);
	return job->score != NULL && job->flag != NULL && (components == 0 || job->component != NULL);
}

assay_status probe_at_page_ends(probe *p, assay_err *err)
{
	probe_job plain, job;
	bool ok = probe_job_init(p, &plain) && probe_job_init(p, &job);
	assay_status st = ok ? probe_score_fresh(p, &plain, err) : ASSAY_FAIL(err, E_NOMEM, "rows");
	if (st == ASSAY_OK && !move_inputs(p, &job))
		st = ASSAY_FAIL(err, E_NOMEM, "pages for %" PRIu64 " rows", job.n);
	for (int at_start = 0; st == ASSAY_OK && at_start < 2; at_start++) {
		*p->o->step = (uint32_t)at_start + 1;
		st = move_outputs(p, &job, at_start != 0) ? probe_score_fresh(p, &job, err)
												  : ASSAY_FAIL(err, E_NOMEM, "pages for outputs");
		if (st == ASSAY_OK)
			st = probe_same(&plain, &job, err);
	}
	return st == ASSAY_OK ? ASSAY_FAIL(err, OK, "reads and writes no byte outside what it is given")
						  : st;
}
