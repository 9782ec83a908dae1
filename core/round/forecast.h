/* round/forecast.h - a snapshot run through the epoch: what the chain will write if
 * nothing else changes, and whether it did. Used before sealing, after every epoch,
 * and by the demo's verdict. */
#ifndef ASY_ROUND_FORECAST_H
#define ASY_ROUND_FORECAST_H
#include "assay/yuma.h"
#include "chain/chain.h"
#include "subnet/subnet.h"

/* Arrays of n, owned by the arena. */
typedef struct {
	size_t n;
	uint64_t epoch_block;
	uint16_t *consensus, *validator_trust, *incentive, *dividends;
	int64_t *consensus_fixed; /* I32F32 */
	asy_arena *arena;
} asy_forecast;

/* A row to put in place of what one uid has stored; values are max-upscaled as the
 * chain would store them. */
typedef struct {
	uint16_t uid;
	const uint16_t *uids, *values;
	size_t n;
} asy_own_row;

/* Runs the epoch that fires at epoch_block over the state in s (stored at any block
 * before it), with own (may be NULL) in place. [pure] */
assay_status asy_forecast_run(const assay_snapshot *s, uint64_t epoch_block, const asy_own_row *own,
							  uint64_t cpu_mask, asy_forecast *out, assay_err *err) ASSAY_CHECKED;
void asy_forecast_fini(asy_forecast *f);

/* Bit for bit, all uids, the four vectors. On a difference where gets
 * "incentive of uid 3: ours 17, chain 18". A subnet with several mechanisms stores
 * incentive for each and the other vectors merged (is_merged): there one mechanism's
 * forecast can be held against incentive only. [pure] */
bool asy_forecast_equals(const asy_forecast *f, const asy_epoch_outputs *chain, bool is_merged,
						 char *where, size_t cap);

/* How much of a row the consensus takes away: for entry i the share given, the share
 * that consensus allows and the difference, all I32F32. Arrays of row->n. [pure] */
typedef struct {
	int64_t share, allowed, clipped;
} asy_clip;
void asy_forecast_clip(const asy_forecast *f, const asy_own_row *row, asy_clip *out);
#endif
