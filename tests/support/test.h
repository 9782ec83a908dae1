/* What every Check program shares: one suite, fork mode, a timeout, and a seed
 * that is printed and can be repeated with ASSAY_TEST_SEED. */
#ifndef ASSAY_TESTS_SUPPORT_TEST_H
#define ASSAY_TESTS_SUPPORT_TEST_H
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/base.h"

/* The run's seed: ASSAY_TEST_SEED or the time; printed once by test_main. */
static inline uint64_t test_seed(void)
{
	const char *s = getenv("ASSAY_TEST_SEED");
	uint64_t v;
	if (s != NULL && asy_str_u64(s, &v))
		return v;
	return (uint64_t)time(NULL);
}

/* A small deterministic generator for tests (splitmix64). */
typedef struct {
	uint64_t s;
} test_rng;
static inline uint64_t test_next(test_rng *r)
{
	uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}
static inline uint64_t test_below(test_rng *r, uint64_t n)
{
	return test_next(r) % n;
}

/* Fails with the error's own sentence. */
#define ck_ok(expr, err)                                                                           \
	do {                                                                                           \
		assay_status ck_st = (expr);                                                               \
		ck_assert_msg(ck_st == ASSAY_OK, "%s: %s: %s", #expr, assay_status_name(ck_st),            \
					  (err).msg);                                                                  \
	} while (0)

/* Runs one suite whose cases are added by fill; returns the process exit code. */
static inline int test_main(const char *name, void (*fill)(TCase *), double timeout_s)
{
	Suite *s = suite_create(name);
	TCase *tc = tcase_create(name);
	tcase_set_timeout(tc, timeout_s);
	fill(tc);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	printf("%s: ASSAY_TEST_SEED=%llu\n", name, (unsigned long long)test_seed());
	(void)fflush(stdout);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
