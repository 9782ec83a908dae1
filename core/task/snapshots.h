/* task/snapshots.h - one snapshot for each subnet and block, read once and shared by all
 * who need it at the same time. */
#ifndef ASY_TASK_SNAPSHOTS_H
#define ASY_TASK_SNAPSHOTS_H
#include "chain/chain.h"
#include "loop/loop.h"

typedef struct asy_snapshots asy_snapshots;
/* chain and loop are borrowed. NULL: no memory. */
asy_snapshots *asy_snapshots_new(asy_chain *chain, asy_loop *loop);
void asy_snapshots_free(asy_snapshots *x);
/* Who comes while another reads the same one waits for it. Every snapshot that was got is
 * released; it stays as it is until then. */
assay_status asy_snapshots_get(asy_snapshots *x, uint16_t netuid, uint8_t mecid,
							   const asy_block_ref *at, const assay_snapshot **out,
							   assay_err *err) ASSAY_CHECKED;
void asy_snapshots_release(asy_snapshots *x, const assay_snapshot *s); /* NULL is fine */
/* Drops what nobody uses and is not of this head. */
void asy_snapshots_trim(asy_snapshots *x, const asy_block_ref *head);
#endif
