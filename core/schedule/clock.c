/* How long a block takes, from the chain's own clock. Refuses answers that no chain
 * can give and returns the caller's fallback instead.
 * Reason to change: a better estimator. */
#include "schedule/schedule.h"

/* Development chains make blocks in tens of milliseconds, none slower than a minute. */
#define BLOCK_TIME_LEAST 0.001
#define BLOCK_TIME_MOST 60.0

double asy_block_time(uint64_t block_a, uint64_t ms_a, uint64_t block_b, uint64_t ms_b,
					  double fallback)
{
	if (block_b <= block_a || ms_b <= ms_a || ms_a == 0)
		return fallback;
	double seconds = (double)(ms_b - ms_a) / 1000.0 / (double)(block_b - block_a);
	return seconds >= BLOCK_TIME_LEAST && seconds <= BLOCK_TIME_MOST ? seconds : fallback;
}
