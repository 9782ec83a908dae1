/* Runtime: the rules that the chain enforces, as functions of state. Every rule reads
 * and writes through one context; a failing call is rolled back by its caller. No
 * clock, no I/O, no randomness: the same extrinsics give the same state anywhere.
 * Mirrors subtensor spec 475 (subnets/weights.rs, guards/check_weights.rs,
 * subnets/serving.rs, coinbase/run_coinbase.rs); the numbers of errors and events are
 * those of tables.h.
 * Reason to change: a rule of the chain. */
#ifndef ASY_LOCALNET_RUNTIME_H
#define ASY_LOCALNET_RUNTIME_H
#include "localnet/extrinsic.h"
#include "localnet/keys.h"
#include "schedule/schedule.h"

/* A dispatch ends well or with a number of SubtensorModule's error list. */
#define LNET_OK (-1)

/* The block being executed, or the head when validating for the pool. */
typedef struct {
	lnet_state *state;
	uint64_t block; /* number that the rules see as the current one */
	asy_buf events; /* records so far, without the count */
	uint32_t events_n;
	int64_t extrinsic; /* index for the phase; -1 = initialization */
	bool pulses_held;  /* the beacon's pulses do not arrive */
} lnet_rt;

/* ---- system.c ---- */

typedef struct {
	uint32_t nonce, consumers, providers, sufficients;
	uint64_t free, reserved, frozen;
} lnet_account;
lnet_account asy_lnet_account_get(const lnet_state *s, const asy_account *who);
void asy_lnet_account_put(lnet_state *s, const asy_account *who, const lnet_account *a);
/* Appends one event record; fields are the SCALE of the event's fields. */
void asy_lnet_event(lnet_rt *rt, lnet_event ev, assay_span fields);
/* The common shapes: account and u16; two u16; account, u16, hash. */
void asy_lnet_event_u16s(lnet_rt *rt, lnet_event ev, uint16_t a, uint16_t b);
void asy_lnet_event_who(lnet_rt *rt, lnet_event ev, const asy_account *who, uint16_t index,
						const asy_hash *hash);
/* A batch item that failed with a module error; and the end of a batch. */
void asy_lnet_event_item_failed(lnet_rt *rt, int error);
void asy_lnet_event_batch(lnet_rt *rt, bool failed, assay_span netuids, const asy_account *who);
/* System.ExtrinsicSuccess, or ExtrinsicFailed with a module error. */
void asy_lnet_event_outcome(lnet_rt *rt, int error, bool mandatory, bool pays);

/* ---- stake.c ---- */

/* Inherited stakes as the epoch sees them, and their weighted total, in rao. */
void asy_lnet_stake(const lnet_state *s, uint16_t netuid, const asy_account *hotkey,
					uint64_t *alpha, uint64_t *tao, uint64_t *total);
/* Total at least StakeThreshold, or the subnet owner's hotkey. */
bool asy_lnet_stake_suffices(const lnet_state *s, uint16_t netuid, const asy_account *hotkey);

/* ---- weights.c: what set, commit and reveal share, and setting ---- */

bool asy_lnet_mechanism_exists(const lnet_state *s, uint16_t netuid, uint8_t mecid);
bool asy_lnet_rate_allows(const lnet_state *s, uint16_t netuid, uint8_t mecid, uint16_t uid,
						  uint64_t block);
/* LNET_OK or the error number. A reveal skips the rate limit and LastUpdate. */
int asy_lnet_store_weights(lnet_rt *rt, const asy_account *who, uint16_t netuid, uint8_t mecid,
						   lnet_u16s uids, lnet_u16s values, uint64_t version_key);
int asy_lnet_set_weights(lnet_rt *rt, const asy_account *who, const lnet_args *a);
int asy_lnet_batch_set_weights(lnet_rt *rt, const asy_account *who, const lnet_args *a);

/* ---- commit.c ---- */

#define LNET_COMMITS_MAX 10
typedef struct {
	asy_hash hash;
	uint64_t epoch, block, unused;
} lnet_commit;
typedef struct {
	lnet_commit item[LNET_COMMITS_MAX];
	size_t n;
} lnet_commits;
/* The queue as stored. */
void asy_lnet_commits_get(const lnet_state *s, uint16_t index, const asy_account *who,
						  lnet_commits *out);
void asy_lnet_reveal_hash(const asy_account *who, uint16_t index, lnet_u16s uids, lnet_u16s values,
						  lnet_u16s salt, uint64_t version_key, asy_hash *out);
int asy_lnet_commit(lnet_rt *rt, const asy_account *who, uint16_t netuid, uint8_t mecid,
					const asy_hash *hash);
int asy_lnet_batch_commit(lnet_rt *rt, const asy_account *who, const lnet_args *a);
int asy_lnet_reveal(lnet_rt *rt, const asy_account *who, const lnet_args *a);
int asy_lnet_batch_reveal(lnet_rt *rt, const asy_account *who, const lnet_args *a);

/* ---- timelock.c ---- */

/* The development beacon's key and clock, at genesis; and its rounds that have come. */
void asy_lnet_beacon_put(lnet_state *s);
void asy_lnet_beacon_step(lnet_rt *rt);
int asy_lnet_timelock_commit(lnet_rt *rt, const asy_account *who, const lnet_args *a);
/* The reveal phase of one subnet, before its clock advances. */
void asy_lnet_timelock_reveal(lnet_rt *rt, uint16_t netuid);
/* Queued commitments, oldest epoch first; at most cap. */
typedef struct {
	asy_account who;
	uint64_t epoch, block;
} lnet_timelocked;
size_t asy_lnet_timelock_list(const lnet_state *s, uint16_t index, lnet_timelocked *out,
							  size_t cap);

/* ---- serve.c ---- */

int asy_lnet_check_axon(const lnet_rt *rt, const asy_account *who, const lnet_args *a);
void asy_lnet_axon_put(lnet_state *s, const asy_account *who, uint64_t block, const lnet_args *a);
int asy_lnet_serve_axon(lnet_rt *rt, const asy_account *who, const lnet_args *a);
int asy_lnet_burned_register(lnet_rt *rt, const asy_account *who, const lnet_args *a);
/* Puts a hotkey onto a uid, clearing what a previous owner of the uid left behind. */
void asy_lnet_install(lnet_rt *rt, uint16_t netuid, uint16_t uid, const asy_account *hotkey,
					  const asy_account *coldkey);

/* ---- epoch.c ---- */

void asy_lnet_epoch_state(const lnet_state *s, uint16_t netuid, asy_epoch_state *out);
uint64_t asy_lnet_lookahead(const lnet_state *s, uint16_t netuid, uint64_t block);
/* netuids in the chain's iteration order; at most cap. */
size_t asy_lnet_subnets(const lnet_state *s, uint16_t *out, size_t cap);
/* on_initialize: pulses, timelock reveals, emission, the clocks, the epochs that are due. */
assay_status asy_lnet_on_initialize(lnet_rt *rt, assay_err *err) ASSAY_CHECKED;

/* ---- dispatch.c ---- */

/* Why the pool refuses; custom holds N of "Custom error: N". */
typedef enum {
	LNET_VALID,
	LNET_FUTURE,
	LNET_STALE,
	LNET_BAD_SIGNATURE,
	LNET_ANCIENT,
	LNET_PAYMENT,
	LNET_UNSIGNED,
	LNET_CUSTOM
} lnet_validity;
/* The checks of the subtensor extension that depend on the call. [pure] */
lnet_validity asy_lnet_check_call(const lnet_rt *rt, const lnet_extrinsic *x, uint8_t *custom);
/* Runs the call; rolls back and reports the error number on failure. */
int asy_lnet_dispatch(lnet_rt *rt, const lnet_extrinsic *x);
#endif
