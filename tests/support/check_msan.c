/* The few functions of Check that our tests call, for builds under MemorySanitizer:
 * the packaged library is not instrumented, so everything it writes would be reported.
 * One case, each test in a process of its own, a timeout, the closing line that Check
 * prints. A test that needs more than this does not link. Also says of libsodium's
 * BLAKE2b, which pure modules use for digests, what it has written. */
#include <check.h>
#include <sanitizer/msan_interface.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TESTS_MAX = 512 };

struct TCase {
	const TTest *test[TESTS_MAX];
	struct expected {
		int signal, exit;
	} expected[TESTS_MAX];
	int n;
	double timeout_s;
};
struct Suite {
	const char *name;
	TCase *tcase;
};
struct SRunner {
	Suite *suite;
	int failed;
};

static const char *last_file = "";
static int last_line;

/* Running out of memory here ends the program; there is nothing to save. */
static void *take(size_t size)
{
	void *p = calloc(1, size);
	if (p == NULL)
		abort();
	return p;
}

Suite *suite_create(const char *name)
{
	Suite *s = take(sizeof *s);
	s->name = name;
	return s;
}

TCase *tcase_create(const char *name)
{
	(void)name;
	TCase *tc = take(sizeof *tc);
	tc->timeout_s = 4;
	return tc;
}

void tcase_set_timeout(TCase *tc, double timeout)
{
	tc->timeout_s = timeout;
}

void suite_add_tcase(Suite *s, TCase *tc)
{
	s->tcase = tc;
}

void _tcase_add_test(TCase *tc, const TTest *test, int signal, int allowed_exit, int start, int end)
{
	if (tc->n == TESTS_MAX || start != 0 || end != 1)
		abort();
	tc->test[tc->n] = test;
	tc->expected[tc->n++] = (struct expected){signal, allowed_exit};
}

SRunner *srunner_create(Suite *s)
{
	SRunner *sr = take(sizeof *sr);
	sr->suite = s;
	return sr;
}

void _mark_point(const char *file, int line)
{
	last_file = file;
	last_line = line;
}

void _ck_assert_failed(const char *file, int line, const char *expr, const char *msg, ...)
{
	va_list ap;
	va_start(ap, msg);
	printf("%s:%d: %s", file, line, msg == NULL ? expr : "");
	if (msg != NULL)
		(void)vprintf(msg, ap);
	va_end(ap);
	printf("\n");
	(void)fflush(stdout);
	_exit(1);
}

static int run_one(const TTest *t, const struct expected *want, double timeout_s)
{
	(void)fflush(stdout);
	pid_t pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		(void)alarm((unsigned)timeout_s + 1);
		t->fn(0);
		(void)fflush(stdout);
		_exit(0);
	}
	int status = 0;
	if (waitpid(pid, &status, 0) != pid)
		abort();
	int ok = want->signal != 0 ? WIFSIGNALED(status) && WTERMSIG(status) == want->signal
							   : WIFEXITED(status) && WEXITSTATUS(status) == want->exit;
	if (!ok)
		printf("%s:%d:%s: failed, wait status %d\n", t->file, t->line, t->name, status);
	return ok;
}

void srunner_run_all(SRunner *sr, enum print_output mode)
{
	(void)mode;
	TCase *tc = sr->suite->tcase;
	for (int i = 0; i < tc->n; i++)
		sr->failed += !run_one(tc->test[i], &tc->expected[i], tc->timeout_s);
	printf("%d%%: Checks: %d, Failures: %d, Errors: 0\n",
		   tc->n == 0 ? 0 : 100 * (tc->n - sr->failed) / tc->n, tc->n, sr->failed);
}

int srunner_ntests_failed(SRunner *sr)
{
	return sr->failed;
}

void srunner_free(SRunner *sr)
{
	free(sr->suite->tcase);
	free(sr->suite);
	free(sr);
}

/* The linker sends every call of NAME to __wrap_NAME, and __real_NAME to the library. */
int __real_crypto_generichash_init(crypto_generichash_state *s, const unsigned char *key,
								   size_t key_len, size_t out_len);
int __wrap_crypto_generichash_init(crypto_generichash_state *s, const unsigned char *key,
								   size_t key_len, size_t out_len);
int __wrap_crypto_generichash_init(crypto_generichash_state *s, const unsigned char *key,
								   size_t key_len, size_t out_len)
{
	int rc = __real_crypto_generichash_init(s, key, key_len, out_len);
	__msan_unpoison(s, sizeof *s);
	return rc;
}

int __real_crypto_generichash_final(crypto_generichash_state *s, unsigned char *out,
									size_t out_len);
int __wrap_crypto_generichash_final(crypto_generichash_state *s, unsigned char *out,
									size_t out_len);
int __wrap_crypto_generichash_final(crypto_generichash_state *s, unsigned char *out, size_t out_len)
{
	int rc = __real_crypto_generichash_final(s, out, out_len);
	__msan_unpoison(out, out_len);
	return rc;
}

int __real_crypto_generichash(unsigned char *out, size_t out_len, const unsigned char *in,
							  unsigned long long len, const unsigned char *key, size_t key_len);
int __wrap_crypto_generichash(unsigned char *out, size_t out_len, const unsigned char *in,
							  unsigned long long len, const unsigned char *key, size_t key_len);
int __wrap_crypto_generichash(unsigned char *out, size_t out_len, const unsigned char *in,
							  unsigned long long len, const unsigned char *key, size_t key_len)
{
	int rc = __real_crypto_generichash(out, out_len, in, len, key, key_len);
	__msan_unpoison(out, out_len);
	return rc;
}
