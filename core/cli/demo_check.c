/* The observer: independent of the daemons it reads the chain before and after every
 * epoch, runs the epoch itself and compares the four vectors of all uids. */
#include <stdlib.h>
#include "cli/demo.h"

static assay_status check_epoch(demo *d, demo_subnet *s, uint64_t block, assay_err *err)
{
	asy_recheck x = {0};
	demo_epoch *more = realloc(s->epoch, (s->epoch_n + 1) * sizeof *more);
	if (more == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "epochs");
	s->epoch = more;
	assay_status st = asy_recheck_epoch(d->net.chain, s->netuid, 0, block, d->cpu_mask, &x, err);
	if (st != ASSAY_OK)
		return st;
	demo_epoch *e = &s->epoch[s->epoch_n++];
	*e = (demo_epoch){.block = block, .equal = x.equal};
	(void)asy_str_copy(e->where, sizeof e->where, x.where);
	if (!e->equal)
		demo_say(d, s->task, "epoch at block %" PRIu64 " DIFFERS: %s", block, e->where);
	asy_recheck_fini(&x);
	return ASSAY_OK;
}

assay_status demo_observe(demo *d, demo_subnet *s, const asy_block_ref *head, assay_err *err)
{
	asy_epoch_state e;
	assay_status st = asy_chain_epoch_state(d->net.chain, s->netuid, head, &e, err);
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
