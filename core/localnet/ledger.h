/* Ledger: the blocks: executing one on the state, its header and hash, and finding past
 * ones. A line without forks; the last `history` blocks can be asked for.
 * Reason to change: how a block is made or remembered. */
#ifndef ASY_LOCALNET_LEDGER_H
#define ASY_LOCALNET_LEDGER_H
#include "localnet/runtime.h"

typedef struct {
	uint64_t number;
	asy_hash hash, parent, state_root, extrinsics_root;
	asy_buf *extrinsic; /* owned, with the length prefix */
	size_t extrinsics_n;
} lnet_block;

typedef struct {
	lnet_rt rt;
	lnet_block *ring;
	size_t history;
	uint64_t head, finality_lag;
	uint64_t step_ms; /* Timestamp.Now advances by this much per block */
	asy_hash genesis;
	lnet_block building;
} lnet_ledger;

enum { LNET_HASHES_KEPT = 2400, LNET_BLOCK_EXTRINSICS_MAX = 512 };

assay_status asy_lnet_ledger_new(size_t history, lnet_ledger **out, assay_err *err) ASSAY_CHECKED;
void asy_lnet_ledger_free(lnet_ledger *l);

/* Seals block 0 from what genesis wrote into rt.state. */
assay_status asy_lnet_ledger_genesis(lnet_ledger *l, assay_err *err) ASSAY_CHECKED;

/* One block: begin runs on_initialize and the timestamp; apply includes one extrinsic
 * (false: it is not valid now and was left out, or the block is full); end seals. */
assay_status asy_lnet_ledger_begin(lnet_ledger *l, assay_err *err) ASSAY_CHECKED;
bool asy_lnet_ledger_apply(lnet_ledger *l, const lnet_extrinsic *x);
assay_status asy_lnet_ledger_end(lnet_ledger *l, assay_err *err) ASSAY_CHECKED;

/* Would it be valid in the next block? The order of the chain's checks; nonces beyond
 * the account's are LNET_FUTURE. [pure] */
lnet_validity asy_lnet_validate(const lnet_ledger *l, const lnet_extrinsic *x, uint8_t *custom);

/* NULL when unknown or forgotten. */
const lnet_block *asy_lnet_block_at(const lnet_ledger *l, uint64_t number);
const lnet_block *asy_lnet_block_by_hash(const lnet_ledger *l, const asy_hash *hash);
static inline const lnet_block *asy_lnet_head(const lnet_ledger *l)
{
	return asy_lnet_block_at(l, l->head);
}
static inline uint64_t asy_lnet_finalized(const lnet_ledger *l)
{
	return asy_sat_sub_u64(l->head, l->finality_lag);
}
#endif
