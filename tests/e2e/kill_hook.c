/* Kills this process at the n-th commit boundary of the store, counted before and
 * after each commit: KILL_AT=n. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

void assay_test_kill_point(void *arg, const char *point);

void assay_test_kill_point(void *arg, const char *point)
{
	static long seen;
	const char *at = getenv("KILL_AT");
	(void)arg;
	(void)point;
	if (at != NULL && ++seen == atol(at))
		(void)kill(getpid(), SIGKILL);
}
