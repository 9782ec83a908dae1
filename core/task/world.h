/* task/world.h - what is known about the chain, all of it at one head. Plain values and
 * pure questions about them: both stories decide from this and from themselves.
 * Reason to change: a decision needs to know something else about the chain. */
#ifndef ASY_TASK_WORLD_H
#define ASY_TASK_WORLD_H
#include "base/base.h"
#include "schedule/schedule.h"
#include "subnet/subnet.h"

typedef struct {
	asy_block_ref head;
	asy_epoch_state epoch; /* stored at head */
	uint64_t reveal_period;
	uint64_t rate_limit, last_update; /* of our own uid */
	uint32_t lead_blocks;             /* send weights this many blocks before the epoch's end */
	uint64_t block_ns;                /* the pace of blocks as seen so far, 0 = not yet */
	uint64_t now_ns;                  /* mono */
	bool draining;                    /* no new rounds: finish what is open */
	bool is_held; /* another validator may be at work with our hotkey: seal nothing */
} asy_world;

/* The epoch that an extrinsic of block head + 1 belongs to, and the one that those of a
 * block up to the head belong to (no more than one epoch back). [pure] */
uint64_t asy_world_epoch_now(const asy_world *w);
uint64_t asy_world_epoch_of(const asy_world *w, uint64_t block);
/* Does the chain refuse another update of ours in the next block? [pure] */
bool asy_world_is_rate_limited(const asy_world *w);
#endif
