/* The real clock and entropy. Only mains name these; everything else takes the
 * interface, so that tests and replay can pass other ones. */
#include <errno.h>
#include <malloc.h>
#include <sys/random.h>
#include <time.h>
#include "base/base.h"

static uint64_t read_clock(clockid_t id)
{
	struct timespec ts;
	int rc = clock_gettime(id, &ts); /* edge: this is the edge */
	ASSERT(rc == 0);
	if (ts.tv_sec < 0) /* before 1970; unsigned, it would lie centuries ahead */
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t sys_mono(asy_clock *c)
{
	(void)c;
	return read_clock(CLOCK_MONOTONIC);
}

static uint64_t sys_real(asy_clock *c)
{
	(void)c;
	return read_clock(CLOCK_REALTIME);
}

static void sys_fill(asy_rng *r, void *dst, size_t len)
{
	uint8_t *p = dst;
	(void)r;
	while (len > 0) {
		size_t want = len < 256 ? len : 256;
		ssize_t n = getrandom(p, want, 0); /* edge: this is the edge */
		if (n < 0) {
			ASSERT(errno == EINTR);
			continue;
		}
		p += n;
		len -= (size_t)n;
	}
}

asy_clock *asy_sys_clock(void)
{
	static asy_clock c = {sys_mono, sys_real};
	return &c;
}

asy_rng *asy_sys_rng(void)
{
	static asy_rng r = {sys_fill};
	return &r;
}

void asy_sys_trim(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}
