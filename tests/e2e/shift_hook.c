/* The wall clock of this program, wrong by CLOCK_SHIFT_S seconds; the monotonic one is
 * right. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *t)
{
	const char *shift = getenv("CLOCK_SHIFT_S");
	int rc = (int)syscall(SYS_clock_gettime, clock, t);
	if (rc == 0 && clock == CLOCK_REALTIME && shift != NULL)
		t->tv_sec += strtol(shift, NULL, 10);
	return rc;
}
