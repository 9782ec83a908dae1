/* Storage: the chain's key-value state, with every version of the last blocks kept,
 * so that a reader can ask what a key held at any of them. One block is under
 * construction at a time; writes go to it, can be undone back to a mark (a dispatch
 * that fails), and become history when it is sealed.
 * Knows bytes only: what keys mean is keys.h, what values mean is runtime.h.
 * Reason to change: how versions are kept. */
#ifndef ASY_LOCALNET_STORAGE_H
#define ASY_LOCALNET_STORAGE_H
#include "base/base.h"

typedef struct lnet_state lnet_state;

/* history: sealed blocks whose state stays answerable (at least 2). NULL: no memory. */
lnet_state *asy_lnet_state_new(size_t history);
void asy_lnet_state_free(lnet_state *s);

/* The runtime whose rules hold; the newest until another is set. */
struct lnet_generation;
const struct lnet_generation *asy_lnet_state_generation(const lnet_state *s);
void asy_lnet_state_set_generation(lnet_state *s, const struct lnet_generation *g);

/* The block under construction; 0 is genesis. */
uint64_t asy_lnet_state_block(const lnet_state *s);
/* Oldest sealed block that can still be read. */
uint64_t asy_lnet_state_oldest(const lnet_state *s);
size_t asy_lnet_state_keys_n(const lnet_state *s); /* live and historic keys, for limits */

/* Value including the writes of the block under construction. False: absent. The
 * span is borrowed until the next write. */
bool asy_lnet_state_get(const lnet_state *s, assay_span key, assay_span *out);
/* Value after a sealed block; the caller has checked the range. */
bool asy_lnet_state_get_at(const lnet_state *s, uint64_t block, assay_span key, assay_span *out);

/* Makes asy_lnet_state_get read as of a sealed block; UINT64_MAX ends it. No write may
 * happen in between. */
void asy_lnet_state_view(lnet_state *s, uint64_t block);

/* Writes. Lack of memory poisons the state: every later read and write is a no-op
 * and asy_lnet_state_seal reports it. */
void asy_lnet_state_put(lnet_state *s, assay_span key, assay_span value);
void asy_lnet_state_del(lnet_state *s, assay_span key);

/* A caller that could not build a value says so. */
void asy_lnet_state_poison(lnet_state *s);

/* Nested undo: rollback restores what the writes since the mark replaced. */
size_t asy_lnet_state_mark(const lnet_state *s);
void asy_lnet_state_rollback(lnet_state *s, size_t mark);

/* Ends the block: folds its changes, in key order, into the running state digest
 * (root), forgets versions older than the history, begins the next block. */
assay_status asy_lnet_state_seal(lnet_state *s, uint8_t root[32], assay_err *err) ASSAY_CHECKED;

/* Calls visit for keys with the prefix, in order, strictly after `after` (empty = from
 * the start), that hold a value at the block; stops after max or when visit returns
 * false. */
typedef bool lnet_visit(void *arg, assay_span key, assay_span value);
void asy_lnet_state_scan(const lnet_state *s, uint64_t block, assay_span prefix, assay_span after,
						 size_t max, lnet_visit *visit, void *arg);
#endif
