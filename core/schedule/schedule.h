/* schedule: when the next epoch, commit window and reveal are. Pure: from the epoch
 * state stored at one block (an asy_epoch_state) and nothing else.
 * Mirrors subtensor spec 425 (coinbase/run_coinbase.rs, subnets/weights.rs) and, for
 * drand rounds, bittensor-drand 2.0. "Stored at head" means after block head. */
#ifndef ASY_SCHEDULE_H
#define ASY_SCHEDULE_H
#include "base/base.h"
#include "subnet/subnet.h"

#define ASY_MAX_TEMPO 50400u       /* the safety net, and the bound of every search */
#define ASY_REVEAL_PERIOD_MAX 100u /* the chain refuses longer ones */

/* ---- the chain's own step (epoch.c) ---- */

/* Is an epoch due at that block, given the state as it stands? [pure] */
bool asy_schedule_due(const asy_epoch_state *s, uint64_t block);
/* The epoch a commit or reveal in that block belongs to. For the modulo clock the
 * answer depends on block alone. [pure] */
uint64_t asy_schedule_lookahead(const asy_epoch_state *s, uint64_t block);
/* Advances s over block as the chain does before extrinsics; true if the slot was
 * consumed. Ignores the per-block cap. [pure] */
bool asy_schedule_step(asy_epoch_state *s, uint64_t block);
/* The clock after an epoch ran at that block, whatever made it due: for looking ahead.
 * [pure] */
void asy_schedule_ran(asy_epoch_state *s, uint64_t block);

/* The same for all subnets of a chain, in processing order, with the cap: what a
 * simulated chain runs. consistent[i] false = the key map of subnet i is broken, the
 * slot is consumed without an epoch. outcome[i] says what happened. [pure] */
typedef enum { ASY_SLOT_IDLE, ASY_SLOT_RAN, ASY_SLOT_DEFERRED, ASY_SLOT_SKIPPED } asy_slot;
void asy_schedule_block(asy_epoch_state *const *subnets, const bool *consistent, size_t n,
						unsigned cap, uint64_t block, asy_slot *outcome);
/* Owner actions on the clock; NULL on success, else the chain's error name. [pure] */
const char *asy_schedule_set_tempo(asy_epoch_state *s, uint16_t tempo, uint64_t block,
								   uint16_t freeze_window);
const char *asy_schedule_trigger(asy_epoch_state *s, uint64_t block, uint16_t freeze_window,
								 bool commit_reveal_enabled);

/* ---- looking ahead (epoch.c) ---- */

/* What the runtime API get_next_epoch_start_block answers: false = never (tempo 0).
 * May lie at or before the head when an epoch was deferred. [pure] */
bool asy_schedule_next_start(const asy_epoch_state *s, uint64_t *block);
/* The chain's admin freeze window: hyperparameters and trigger refused. [pure] */
bool asy_schedule_frozen(const asy_epoch_state *s, uint64_t block, uint16_t window);
/* First block after head in which an epoch fires, deferral by the cap aside (it only
 * moves later). ASSAY_E_CHAIN when tempo is 0. [pure] */
assay_status asy_schedule_next_epoch(const asy_epoch_state *s, uint64_t head, uint64_t *block,
									 assay_err *err) ASSAY_CHECKED;
/* First block after head whose epoch number (the one its extrinsics see) is at least
 * epoch; head + 1 when it already is. [pure] */
assay_status asy_schedule_epoch_start(const asy_epoch_state *s, uint64_t head, uint64_t epoch,
									  uint64_t *block, assay_err *err) ASSAY_CHECKED;

/* ---- commit and reveal (reveal.c) ---- */

/* Where a commit of commit_epoch stands, seen from the state stored at head, for a
 * reveal included in block head + 1 or later. */
typedef enum { ASY_REVEAL_EARLY, ASY_REVEAL_OPEN, ASY_REVEAL_EXPIRED } asy_reveal_phase;
typedef struct {
	asy_reveal_phase phase; /* at block head + 1 */
	uint64_t epoch;         /* commit_epoch + reveal period: the only epoch that accepts it */
	uint64_t first;         /* first block of the window (head + 1 when open)  */
	uint64_t end;           /* first block after it; both 0 when expired       */
} asy_reveal_window;
/* ASSAY_E_CHAIN when tempo is 0 and the window has not come. [pure] */
assay_status asy_schedule_reveal_window(const asy_epoch_state *s, uint64_t head,
										uint64_t commit_epoch, uint64_t reveal_period,
										asy_reveal_window *out, assay_err *err) ASSAY_CHECKED;

/* The epoch that a commit included in block head + 1 gets, and the block where its
 * window opens: what a client knows before it commits. [pure] */
typedef struct {
	uint64_t commit_epoch, reveal_epoch, first_reveal_block;
} asy_commit_plan;
assay_status asy_schedule_plan_commit(const asy_epoch_state *s, uint64_t head,
									  uint64_t reveal_period, asy_commit_plan *out,
									  assay_err *err) ASSAY_CHECKED;

/* The drand round to encrypt to, by the reference rule: three blocks after the
 * window opens. Times in seconds since 1970; block_time in seconds. [pure] */
typedef struct {
	uint64_t genesis_time, period; /* of the beacon; quicknet: 1692803367, 3 */
} asy_beacon_clock;
assay_status asy_schedule_reveal_round(const asy_beacon_clock *beacon, uint64_t first_reveal_block,
									   uint64_t head, double now, double block_time,
									   uint64_t *round, assay_err *err) ASSAY_CHECKED;

/* What a timelock commit made now will get. The pulse is wanted three blocks after the window
 * opens, as the reference client does, or in its middle where it is too short for that: later
 * than the end loses the weights, sooner than the beginning shows them to copiers. */
typedef struct {
	asy_commit_plan commit;
	uint64_t end;       /* first block after the window */
	uint64_t round;     /* to encrypt to */
	uint64_t block;     /* where the chain is expected to reveal */
	uint64_t uncertain; /* blocks by which that may be wrong: block time, inclusion, deferral */
	bool is_tight;      /* the window is no wider than that uncertainty */
} asy_reveal_plan;
assay_status asy_schedule_plan_reveal(const asy_epoch_state *s, uint64_t head,
									  uint64_t reveal_period, const asy_beacon_clock *beacon,
									  double now, double block_time, asy_reveal_plan *out,
									  assay_err *err) ASSAY_CHECKED;

/* ---- block time (clock.c) ---- */

/* Seconds per block from two (number, Timestamp.Now) readings, or fallback when they
 * cannot tell (same block, clock going backwards, absurd). [pure] */
double asy_block_time(uint64_t block_a, uint64_t ms_a, uint64_t block_b, uint64_t ms_b,
					  double fallback);
#endif
