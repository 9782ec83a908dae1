/* Reads the chain before and after an epoch, runs the epoch in between, compares. */
#include "submission/recheck.h"

void asy_recheck_fini(asy_recheck *r)
{
	asy_forecast_fini(&r->ours);
	asy_epoch_outputs_fini(&r->chain);
	asy_snapshot_free(r->before);
	*r = (asy_recheck){0};
}

assay_status asy_recheck_epoch(asy_chain *c, uint16_t netuid, uint8_t mecid, uint64_t block,
							   uint64_t cpu_mask, asy_recheck *out, assay_err *err)
{
	asy_block_ref before = {.number = asy_sat_sub_u64(block, 1)}, after = {.number = block};
	asy_recheck r = {0};
	assay_status st = asy_chain_block_hash(c, before.number, &before.hash, err);
	if (st == ASSAY_OK)
		st = asy_chain_block_hash(c, after.number, &after.hash, err);
	if (st == ASSAY_OK)
		st = asy_chain_snapshot(c, netuid, mecid, &before, &r.before, err);
	if (st == ASSAY_E_NOTFOUND) /* it is there now, so that block is not the one we mean */
		st = assay_err_at(err, ASSAY_E_GONE, "before the epoch");
	if (st == ASSAY_OK)
		st = asy_chain_apply_reveals(c, &after, r.before, err);
	if (st == ASSAY_OK)
		st = asy_chain_outputs(c, netuid, mecid, &after, &r.chain, err);
	if (st == ASSAY_OK)
		st = asy_forecast_run(r.before, block, NULL, cpu_mask, &r.ours, err);
	if (st != ASSAY_OK) {
		asy_recheck_fini(&r);
		return st;
	}
	bool is_merged = r.before->hyper.mechanism_count > 1;
	r.equal = asy_forecast_equals(&r.ours, &r.chain, is_merged, r.where, sizeof r.where);
	*out = r;
	return ASSAY_OK;
}
