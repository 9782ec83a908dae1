/* The observer: independent of the daemons it reads the chain before and after every
 * epoch, runs the epoch itself and compares the four vectors of all uids. */
#include <stdlib.h>
#include "cli/demo.h"

static assay_status check_epoch(demo *d, demo_subnet *s, uint64_t block, assay_err *err)
{
	asy_block_ref before = {.number = block - 1}, after = {.number = block};
	assay_snapshot *snap = NULL;
	asy_epoch_outputs chain = {0};
	asy_forecast f = {0};
	asy_chain *c = d->world.chain;
	assay_status st = asy_chain_block_hash(c, before.number, &before.hash, err);
	if (st == ASSAY_OK)
		st = asy_chain_block_hash(c, after.number, &after.hash, err);
	if (st == ASSAY_OK)
		st = asy_chain_snapshot(c, s->netuid, 0, &before, &snap, err);
	if (st == ASSAY_OK)
		st = asy_chain_outputs(c, s->netuid, 0, &after, &chain, err);
	if (st == ASSAY_OK)
		st = asy_forecast_run(snap, block, NULL, d->cpu_mask, &f, err);
	if (st == ASSAY_OK) {
		demo_epoch *more = realloc(s->epoch, (s->epoch_n + 1) * sizeof *more);
		if (more == NULL) {
			st = ASSAY_FAIL(err, E_NOMEM, "epochs");
		} else {
			s->epoch = more;
			demo_epoch *e = &s->epoch[s->epoch_n++];
			*e = (demo_epoch){.block = block};
			e->equal = asy_forecast_equals(&f, &chain, e->where, sizeof e->where);
			if (!e->equal)
				demo_say(d, s->task, "epoch at block %" PRIu64 " DIFFERS: %s", block, e->where);
		}
	}
	asy_forecast_fini(&f);
	asy_epoch_outputs_fini(&chain);
	asy_snapshot_free(snap);
	return st;
}

assay_status demo_observe(demo *d, demo_subnet *s, const asy_block_ref *head, assay_err *err)
{
	asy_epoch_state e;
	assay_status st = asy_chain_epoch_state(d->world.chain, s->netuid, head, &e, err);
	if (st != ASSAY_OK)
		return st;
	if (e.last_mechanism_step_block == s->last_step || e.last_mechanism_step_block == 0 ||
		s->epoch_n >= DEMO_EPOCHS_MAX)
		return ASSAY_OK;
	st = check_epoch(d, s, e.last_mechanism_step_block, err);
	if (st == ASSAY_OK)
		s->last_step = e.last_mechanism_step_block;
	return st;
}
