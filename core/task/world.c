/* Pure questions about the world: epochs and limits, as the chain counts them. */
#include "task/world.h"

uint64_t asy_world_epoch_now(const asy_world *w)
{
	return asy_schedule_lookahead(&w->epoch, w->head.number + 1);
}

uint64_t asy_world_epoch_of(const asy_world *w, uint64_t block)
{
	if (!w->epoch.stateful)
		return asy_schedule_lookahead(&w->epoch, block);
	return asy_sat_sub_u64(w->epoch.subnet_epoch_index, block < w->epoch.last_epoch_block);
}

bool asy_world_is_rate_limited(const asy_world *w)
{
	/* The chain lets the first update of a neuron through. The transaction is included
	 * in head + 1 at the earliest. */
	return w->last_update != 0 && w->head.number + 1 < w->last_update + w->rate_limit;
}
