/* The parallel for: every job once, reports in the caller's thread, stopping. */
#include <stdatomic.h>
#include <pthread.h>
#include "research/jobs.h"
#include "support/test.h"

#define JOBS 500u

typedef struct {
	atomic_uint ran[JOBS];
	unsigned reported[JOBS];
	pthread_t caller;
	size_t stop_after, reports;
	atomic_bool is_shared; /* a worker's place was used by two at once */
	atomic_uint busy[ASY_JOBS_THREADS_MAX];
} record;

static void run(void *arg, unsigned worker, size_t i)
{
	record *r = arg;
	/* no assertion here: Check's messages are for one thread */
	if (atomic_fetch_add(&r->busy[worker], 1) != 0)
		atomic_store(&r->is_shared, true);
	(void)atomic_fetch_add(&r->ran[i], 1);
	(void)atomic_fetch_sub(&r->busy[worker], 1);
}

static assay_status done(void *arg, size_t i, assay_err *err)
{
	record *r = arg;
	ck_assert(pthread_equal(pthread_self(), r->caller));
	ck_assert_uint_eq(atomic_load(&r->ran[i]), 1);
	r->reported[i]++;
	return ++r->reports >= r->stop_after ? ASSAY_FAIL(err, E_CANCELLED, "stopped at %zu", i)
										 : ASSAY_OK;
}

static record *start(size_t stop_after)
{
	record *r = calloc(1, sizeof *r);
	ck_assert_ptr_nonnull(r);
	r->caller = pthread_self();
	r->stop_after = stop_after;
	return r;
}

START_TEST(test_jobs_on_any_number_of_threads_each_runs_and_is_reported_once)
{
	static const unsigned threads[] = {0, 1, 2, 7, 64, 1000};
	for (size_t t = 0; t < ASY_COUNT(threads); t++) {
		record *r = start(SIZE_MAX);
		assay_err err = {0};
		ck_ok(asy_jobs_run(&(asy_jobs){JOBS, threads[t], run, done, r}, &err), err);
		for (size_t i = 0; i < JOBS; i++) {
			ck_assert_uint_eq(atomic_load(&r->ran[i]), 1);
			ck_assert_uint_eq(r->reported[i], 1);
		}
		ck_assert(!atomic_load(&r->is_shared));
		free(r);
	}
}
END_TEST

START_TEST(test_jobs_when_a_report_fails_then_no_more_begin_and_what_ran_is_reported)
{
	static const unsigned threads[] = {1, 2, 5};
	for (size_t t = 0; t < ASY_COUNT(threads); t++) {
		record *r = start(10);
		assay_err err = {0};
		ck_assert_int_eq(asy_jobs_run(&(asy_jobs){JOBS, threads[t], run, done, r}, &err),
						 ASSAY_E_CANCELLED);
		ck_assert_ptr_nonnull(strstr(err.msg, "stopped at"));
		ck_assert_uint_ge(r->reports, 10);
		for (size_t i = 0; i < JOBS; i++)
			ck_assert_uint_eq(atomic_load(&r->ran[i]), r->reported[i]);
		free(r);
	}
}
END_TEST

START_TEST(test_jobs_when_there_are_none_then_nothing_is_called)
{
	record *r = start(1);
	assay_err err = {0};
	ck_ok(asy_jobs_run(&(asy_jobs){0, 4, run, done, r}, &err), err);
	ck_assert_uint_eq(r->reports, 0);
	free(r);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_jobs_on_any_number_of_threads_each_runs_and_is_reported_once);
	tcase_add_test(tc, test_jobs_when_a_report_fails_then_no_more_begin_and_what_ran_is_reported);
	tcase_add_test(tc, test_jobs_when_there_are_none_then_nothing_is_called);
}

int main(void)
{
	return test_main("research_jobs", fill, 30);
}
