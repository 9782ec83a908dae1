/* submission/recheck.h - an epoch that has run, recomputed from the chain's own state before
 * it and compared with what the chain wrote. The daemon does this after every epoch
 * that counted its weights; the demo's observer does it for all. */
#ifndef ASY_SUBMISSION_RECHECK_H
#define ASY_SUBMISSION_RECHECK_H
#include "submission/forecast.h"

typedef struct {
	assay_snapshot *before; /* state after the block before the epoch */
	asy_epoch_outputs chain;
	asy_forecast ours;
	bool equal;
	char where[128]; /* the first difference, "" when equal */
} asy_recheck;

/* The epoch that ran at block. Fails as the chain's reads do: ASSAY_E_GONE when the node
 * has pruned that state. */
assay_status asy_recheck_epoch(asy_chain *c, uint16_t netuid, uint8_t mecid, uint64_t block,
							   uint64_t cpu_mask, asy_recheck *out, assay_err *err) ASSAY_CHECKED;
void asy_recheck_fini(asy_recheck *r);
#endif
