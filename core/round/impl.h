/* round/impl.h - what the files of the driver share: the object, the one way to
 * put a record on disk, and the actions. Not for other modules. */
#ifndef ASY_ROUND_IMPL_H
#define ASY_ROUND_IMPL_H
#include "assay/weights.h"
#include "miner/miner.h"
#include "round/round.h"

#define OPEN_ROUNDS_MAX 64u

struct asy_task {
	asy_task_env env;
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
	uint64_t rules_at;                    /* head at which the subnet's rules were read */
	uint64_t news_ns, block_ns, pause_ns; /* last new head, time per block, next pause */
	asy_breaker *breaker;
	asy_credit credit;
	asy_nonce nonce;
	asy_complaint chain_trouble, refused, nobody, asleep, overdue, not_allowed, outside;
	bool is_outside;  /* the chain does not know our hotkey in this subnet */
	bool is_doubting; /* it does not let us set weights; another endpoint is asked next */
	bool told_of_first;
	bool draining; /* asked for */
	asy_task_totals totals;
};

/* What else becomes durable together with a record: in the same transaction or not at
 * all. It may change r->submission and r->sub_state; both are put back on failure. */
typedef assay_status (*asy_also)(asy_task *task, asy_round *r, uint64_t now, void *arg,
								 assay_err *err);
/* Appends a record to r's journal and folds it. also may be NULL. */
assay_status asy_task_record(asy_task *task, asy_round *r, asy_rec_type type, assay_span payload,
							 asy_also also, void *arg, assay_err *err) ASSAY_CHECKED;

/* The submission follows the journal, with one exception: a reveal that a reorganisation
 * took back stays "revealed", since its secret is out. */
typedef struct {
	asy_sub_state to;
	assay_span receipt;
} asy_move;
assay_status asy_also_move(asy_task *task, asy_round *r, uint64_t now, void *move,
						   assay_err *err) ASSAY_CHECKED;

/* ---- suspect.c: may the answers be believed? ---- */
/* The verdict on the round's answers, which costs or gives credit. */
assay_status asy_round_suspect(asy_task *task, const asy_round *r, asy_suspicion *out,
							   assay_err *err) ASSAY_CHECKED;
/* After QUERY_END: one line when something is strange, and what the breaker may learn. */
void asy_round_after_verdict(asy_task *task, const asy_round *r, const asy_suspicion *s);

/* No new rounds: what is open is finished. */
bool asy_task_is_draining(const asy_task *task);

/* ---- look.c ---- */
/* Brings task->world up to the head, if there is a new one. */
assay_status asy_task_look(asy_task *task, assay_err *err) ASSAY_CHECKED;
/* Nanoseconds until the next look. */
uint64_t asy_task_pause(asy_task *task, bool trouble);

/* A snapshot at the world's head, read once per head. Borrowed. */
assay_status asy_task_snapshot(asy_task *task, const assay_snapshot **out,
							   assay_err *err) ASSAY_CHECKED;
/* From now on the memory knows the neurons of s and nobody else. */
assay_status asy_task_sync_members(asy_task *task, const assay_snapshot *s,
								   assay_err *err) ASSAY_CHECKED;
/* The memory as bytes, appended to out. */
assay_status asy_memory_encode(const assay_tracker *t, asy_buf *out, assay_err *err) ASSAY_CHECKED;

/* ---- what commit and reveal share (flight.c) ---- */
/* Records a signed transaction. */
assay_status asy_flight_record(asy_task *task, asy_round *r, asy_rec_type type, const asy_tx *tx,
							   uint32_t attempt, asy_sub_state to, assay_err *err) ASSAY_CHECKED;
/* Records where a transaction stands: INCLUDED, FINAL, REVEALED. */
assay_status asy_flight_record_block(asy_task *task, asy_round *r, asy_rec_type type,
									 asy_sub_state to, const asy_block_ref *at,
									 uint64_t commit_epoch, uint64_t reveal_period,
									 assay_err *err) ASSAY_CHECKED;
/* What an outcome that is no success means for the flight. False: give it up, why gets
 * the reason. */
bool asy_flight_judge(asy_task *task, asy_flight *f, const asy_tx_outcome *o, const char *what,
					  char *why, size_t why_cap);
/* Looks for the transaction in the blocks not looked through yet, in all of its era once
 * it was included. *forgotten: the node cannot tell, and o is what its era alone says. */
assay_status asy_flight_look(asy_task *task, const asy_flight *f, asy_tx_outcome *o,
							 bool *forgotten, assay_err *err) ASSAY_CHECKED;
/* Is the block of an included flight still a block of the chain, and is it final? Asks
 * for hashes only, which every node keeps. */
assay_status asy_flight_stands(asy_task *task, const asy_flight *f, bool *stands, bool *final,
							   assay_err *err) ASSAY_CHECKED;

/* ---- a start ---- */
/* False: why gets a sentence. [pure] */
bool asy_resume_may_go_on(const asy_round *r, const asy_begin_record *now, char *why, size_t cap);
/* Replaces a round that could not be folded by what can be rebuilt of it. */
assay_status asy_resume_damaged(asy_task *task, asy_round **round, const assay_err *why,
								assay_err *err) ASSAY_CHECKED;

/* act_*.c: each performs one asy_do and records what it did. */
assay_status asy_round_begin(asy_task *task, asy_round **out, assay_err *err) ASSAY_CHECKED;
assay_status asy_round_challenge(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_round_ask(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_round_score(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_round_track(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_weigh(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_predict(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_seal(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
/* The same vector for the other position of the subnet's commit-reveal switch; once. */
assay_status asy_act_reseal(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_prepare(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_send(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_watch(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_prepare_reveal(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_send_reveal(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_watch_reveal(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_count(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_act_miss(asy_task *task, asy_round *r, const char *reason,
						  assay_err *err) ASSAY_CHECKED;
#endif
