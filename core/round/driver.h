/* round/driver.h - what the files of the driver share: the object, the one way to
 * put a record on disk, and the actions. Not for other modules. */
#ifndef ASY_ROUND_DRIVER_H
#define ASY_ROUND_DRIVER_H
#include "assay/weights.h"
#include "miner/miner.h"
#include "round/round.h"

#define OPEN_ROUNDS_MAX 64u

struct asy_driver {
	asy_driver_env env;
	asy_account self;
	uint8_t salt[32]; /* key-derived: round seeds cannot be guessed from the chain */
	assay_tracker *tracker;
	asy_round *open[OPEN_ROUNDS_MAX]; /* oldest first */
	size_t open_n;
	uint64_t began_ns;        /* mono, when the newest round began here; 0 = none */
	uint64_t began_epoch;     /* the epoch it began in */
	assay_snapshot *snapshot; /* of the newest head asked for, or NULL */
	asy_world world;
	bool has_world;
	asy_breaker *breaker;
	asy_nonce nonce;
	asy_complaint chain_trouble, rate, refusal;
	asy_driver_totals totals;
};

/* Appends records to r's journal and folds them. With a submission move they are one
 * transaction. time is taken here. */
typedef struct {
	bool move;
	asy_sub_state to;
	assay_span receipt;
} asy_move;
assay_status asy_driver_record(asy_driver *d, asy_round *r, asy_rec_type type, assay_span payload,
							   const asy_move *move, assay_err *err) ASSAY_CHECKED;

/* A snapshot at the world's head, read once a head. Borrowed. */
assay_status asy_driver_snapshot(asy_driver *d, const assay_snapshot **out,
								 assay_err *err) ASSAY_CHECKED;
assay_tracker_options asy_driver_tracker_options(const asy_options *o);

/* Slots of r as observations, in slot order; out has room for asy_round_slots. [pure] */
size_t asy_round_observations(const asy_round *r, const char *source, assay_obs *out);

/* act_*.c: each performs one asy_do and records what it did. */
assay_status asy_act_begin(asy_driver *d, asy_round **out, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_challenge(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_query(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_score(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_track(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_weigh(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_predict(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_seal(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_prepare(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_send(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_watch(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_prepare_reveal(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_send_reveal(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_watch_reveal(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_count(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_miss(asy_driver *d, asy_round *r, const char *reason,
						  assay_err *err) ASSAY_CHECKED;
assay_status asy_act_end(asy_driver *d, asy_round *r, assay_err *err) ASSAY_CHECKED;
#endif
