/* submission/step.h - what to do next with a submission, and when one begins: pure
 * functions of it and of what is known about the world. No clock, no chain, no disk.
 * Reason to change: the order or the timing of a vector's way. */
#ifndef ASY_SUBMISSION_STEP_H
#define ASY_SUBMISSION_STEP_H
#include "submission/state.h"

typedef enum {
	ASY_SUBMISSION_DO_WAIT,           /* nothing until the next block */
	ASY_SUBMISSION_DO_PREDICT,        /* run the epoch with it */
	ASY_SUBMISSION_DO_SEAL,           /* freeze it with a secret */
	ASY_SUBMISSION_DO_PREPARE,        /* sign the commit (or set_weights), record and send it */
	ASY_SUBMISSION_DO_SEND,           /* hand the recorded commit to the node */
	ASY_SUBMISSION_DO_WATCH,          /* look for the commit in blocks */
	ASY_SUBMISSION_DO_PREPARE_REVEAL, /* sign the reveal, record and send it */
	ASY_SUBMISSION_DO_SEND_REVEAL,
	ASY_SUBMISSION_DO_WATCH_REVEAL,
	ASY_SUBMISSION_DO_COUNT, /* an epoch ran with it: compare */
	ASY_SUBMISSION_DO_MISS,  /* it cannot count any more; reason is set */
	ASY_SUBMISSION_DO_END
} asy_submission_do;
const char *asy_submission_do_name(asy_submission_do d);

typedef struct {
	asy_submission_do what;
	/* One sentence, static or the submission's; for WAIT, MISS, and an END before SEAL. */
	const char *reason;
} asy_submission_action;

/* [pure] */
asy_submission_action asy_submission_next(const asy_submission *sub, const asy_world *w);

/* What decides about a new submission, besides the world. */
typedef struct {
	uint64_t version; /* of the memory as it stands */
	/* Of the newest submission: the version it used, and the epoch it began in when this
	 * process began it; has_epoch false = not in this life. */
	uint64_t last_version, last_epoch;
	bool has_epoch;
	/* An open one is not sealed yet, or holds a vector for the epoch that extrinsics now
	 * belong to: the chain would use only the last one. */
	bool is_taken;
} asy_submissions_now;
/* Does this open submission take the present epoch? [pure] */
bool asy_submission_takes_epoch(const asy_submission *sub, const asy_world *w);
/* Should a new one begin? From the target block on, once each epoch, from whatever the
 * memory is then: also from one that has not changed, since every epoch without weights
 * costs dividends. Within an epoch a second attempt is made only for a new version. While
 * draining, only for a new version. [pure] */
bool asy_submission_may_begin(const asy_world *w, const asy_submissions_now *x);
/* First block at which weights are wanted for the epoch that runs next; UINT64_MAX when
 * none will (tempo 0). [pure] */
uint64_t asy_submission_target_block(const asy_world *w);
#endif
