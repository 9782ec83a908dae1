/* round/step.h - what to do next with a round: a pure function of the round and of
 * what is known about the world. No clock, no chain, no disk.
 * Reason to change: the order or the timing of the story. */
#ifndef ASY_ROUND_STEP_H
#define ASY_ROUND_STEP_H
#include "round/state.h"
#include "schedule/schedule.h"

/* What the driver knows, all of it at one head. */
typedef struct {
	asy_block_ref head;
	asy_epoch_state epoch; /* stored at head */
	uint64_t reveal_period;
	uint64_t rate_limit, last_update; /* of our own uid */
	uint32_t lead_blocks;             /* send weights this many blocks before the epoch's end */
	uint64_t period_ns, now_ns;       /* wanted distance of rounds; mono */
	uint64_t round_began_ns;          /* mono; when the round in question began here */
	bool draining;                    /* no new rounds: finish what is open */
	bool sent_this_epoch;             /* another round already has a commitment for this epoch */
	bool begun_this_epoch;            /* a round was begun in this epoch, by this process */
} asy_world;

typedef enum {
	ASY_DO_WAIT,           /* nothing until the next block */
	ASY_DO_CHALLENGE,      /* choose questions and miners */
	ASY_DO_QUERY,          /* ask those that have not answered; then QUERY_END */
	ASY_DO_SCORE,          /* score the rows that are not decided */
	ASY_DO_TRACK,          /* fold into the per-miner memory */
	ASY_DO_WEIGH,          /* make the vector */
	ASY_DO_PREDICT,        /* run the epoch with it */
	ASY_DO_SEAL,           /* freeze it with a secret */
	ASY_DO_PREPARE,        /* sign the commit (or set_weights) and record it */
	ASY_DO_SEND,           /* hand the recorded commit to the node */
	ASY_DO_WATCH,          /* look for the commit in blocks */
	ASY_DO_PREPARE_REVEAL, /* sign the reveal and record it */
	ASY_DO_SEND_REVEAL,
	ASY_DO_WATCH_REVEAL,
	ASY_DO_COUNT, /* an epoch ran with it: compare */
	ASY_DO_MISS,  /* it cannot count any more; reason is set */
	ASY_DO_END
} asy_do;

typedef struct {
	asy_do what;
	/* One sentence, static or the round's; for WAIT, MISS, and an END before weights. */
	const char *reason;
	bool is_planned; /* an END before weights that is no failure */
} asy_action;
const char *asy_do_name(asy_do d);

/* [pure] */
asy_action asy_round_next(const asy_round *r, const asy_world *w);
/* Should a new round begin, when no round is before its seal? With a period: when it
 * is over. Without: once per epoch, while there is time to score before the weights
 * are due. [pure] */
bool asy_round_may_begin(const asy_world *w, uint64_t last_began_ns);
/* First block at which weights are wanted for the epoch that runs next; UINT64_MAX when
 * none will (tempo 0). [pure] */
uint64_t asy_round_target_block(const asy_world *w);
/* The epoch that an extrinsic of block head + 1 belongs to, and the one that those of a
 * block up to the head belong to (no more than one epoch back). [pure] */
uint64_t asy_round_epoch_now(const asy_world *w);
uint64_t asy_round_epoch_of(const asy_world *w, uint64_t block);
#endif
