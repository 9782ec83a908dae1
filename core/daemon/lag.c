/* daemon/lag.c - tells when the loop stood still: what has a deadline, ours or a miner's, waited
 * then. Time-outs leave such gaps out, so nobody is blamed; but an operator should know of a
 * disk or a machine that is too slow.
 * Reason to change: another measure of how busy the process is. */
#include "daemon/daemon.h"

#define LOOK_MS 1000u
#define PAUSE_LOOKS 60u                            /* at most one line a minute */
#define WORTH_TELLING_NS ((uint64_t)250 * 1000000) /* what the loop takes for a gap */

static uint64_t ms(uint64_t ns)
{
	return ns / 1000000u;
}

static void watch(void *arg)
{
	daemon_state *d = arg;
	uint64_t worst = 0;
	unsigned looks = PAUSE_LOOKS;
	while (asy_loop_sleep(d->net.loop, LOOK_MS) == ASSAY_OK) {
		uint64_t ns = asy_loop_lag(d->net.loop).max_ns;
		worst = ns > worst ? ns : worst;
		d->longest_block_ns = ns > d->longest_block_ns ? ns : d->longest_block_ns;
		if (++looks <= PAUSE_LOOKS || worst < WORTH_TELLING_NS)
			continue;
		asy_log(
			&d->log, ASY_UNUSUAL, "loop.blocked", ASY_U64("ms", ms(worst)),
			ASY_STR("remedy", "if it comes again: a faster disk, or less else on this machine"));
		worst = 0;
		looks = 0;
	}
}

assay_status daemon_watch_lag(daemon_state *d, assay_err *err)
{
	(void)asy_loop_lag(d->net.loop); /* the start does not count */
	return asy_co_start(d->net.loop, watch, d, &d->lag, err);
}

void daemon_end_lag(daemon_state *d)
{
	if (d->lag == NULL)
		return;
	asy_co_end(d->lag);
	d->lag = NULL;
	uint64_t ns = asy_loop_lag(d->net.loop).max_ns;
	asy_log(&d->log, ASY_INFO, "loop.longest",
			ASY_U64("ms", ms(ns > d->longest_block_ns ? ns : d->longest_block_ns)));
}
