/* round/step.h - what to do next with a round: a pure function of the round and of
 * what is known about the world. No clock, no chain, no disk.
 * Reason to change: the order or the timing of asking and judging. */
#ifndef ASY_ROUND_STEP_H
#define ASY_ROUND_STEP_H
#include "round/state.h"

typedef enum {
	ASY_ROUND_DO_WAIT,      /* nothing until the next block */
	ASY_ROUND_DO_CHALLENGE, /* choose questions and miners */
	ASY_ROUND_DO_ASK,       /* ask those that have not answered; then QUERY_END */
	ASY_ROUND_DO_SCORE,     /* score the rows that are not decided */
	ASY_ROUND_DO_TRACK,     /* fold into the per-miner memory */
	ASY_ROUND_DO_END
} asy_round_do;
const char *asy_round_do_name(asy_round_do d);

typedef struct {
	asy_round_do what;
	const char *reason; /* of WAIT, and of an END before TRACK: one sentence */
} asy_round_action;

/* [pure] */
asy_round_action asy_round_next(const asy_round *r, const asy_world *w);

/* One round may be asked while another is scored: with more, the answers of the first
 * would grow old before anybody looks at them. */
#define ASY_ROUNDS_OPEN_MAX 2u

/* What decides about a new round, besides the world. */
typedef struct {
	size_t open_n;          /* rounds that have not ended */
	bool is_asking;         /* one of them has not asked everybody */
	uint64_t period_ns;     /* wanted distance; 0 = one each epoch */
	uint64_t last_began_ns; /* mono, of the newest that this process began; 0 = none */
	uint64_t last_epoch;    /* the epoch it began in */
} asy_rounds_now;
/* Should a new round begin? With a period: when it is over. Without: once each epoch.
 * Whether weights are due does not matter here. [pure] */
bool asy_round_may_begin(const asy_world *w, const asy_rounds_now *x);
#endif
