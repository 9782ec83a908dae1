/* validator/impl.h - what the files of validator share: a task with its open stories, each
 * with the action that is under way. Not for other modules. */
#ifndef ASY_VALIDATOR_IMPL_H
#define ASY_VALIDATOR_IMPL_H
#include "round/round.h"
#include "submission/submission.h"
#include "validator/validator.h"

typedef struct vtask vtask;
typedef struct vstory vstory;

/* An open story. While it begins it is neither a round nor a submission yet. */
struct vstory {
	vstory *next; /* younger */
	vtask *t;
	asy_story_kind kind;
	asy_round *round;
	asy_submission *sub;
	/* The action: performed by co, and by nobody else, until that is over. */
	asy_co *co; /* NULL: idle */
	asy_round_action round_action;
	asy_submission_action sub_action;
	asy_world at; /* the world in which it begins */
	assay_status st;
	assay_err err;
	bool is_cancelled; /* by us, and not by an interruption of the process */
	bool is_stalled;   /* the network failed: not asked before a look has succeeded */
	unsigned failed_n; /* actions in a row that failed for another reason */
};

struct vtask {
	vtask *next;
	asy_validator *v;
	char *name;
	asy_logger log; /* that of env */
	asy_task_env env;
	asy_task *task;
	vstory *story; /* oldest first; submissions and rounds have one sequence of ids */
	asy_submissions open;
	uint64_t begin_after; /* nothing begins before this head: the last attempt failed */
	asy_submissions_now subs;
	asy_rounds_now rounds;
	asy_co *look;    /* its look at the head, while that is under way */
	bool is_leaving; /* nothing new, and its rounds rest */
	bool is_over;
	assay_status st; /* why it is over */
	assay_err why;
	asy_complaint trouble, tight;
};

struct asy_validator {
	asy_validator_env env;
	asy_snapshots *snapshots;
	asy_co_mutex sending; /* one hotkey for all: one nonce queue */
	vtask *first;         /* in order of coming */
	asy_co *co;           /* that looks and advances; NULL before the first task */
	/* the head (look.c) */
	asy_block_ref head;
	bool has_head;
	uint64_t news_ns, block_ns, pause_ns; /* last new head, time per block, next pause */
	uint64_t look_ns;                     /* when the next look is due; on the loop's clock */
	asy_complaint chain_trouble;
	bool is_woken, is_interrupted;
};

/* ---- look.c ---- */
/* Brings the head up to date, and begins every task's look at it. What one task cannot see
 * is its own trouble; the head itself is everybody's. */
assay_status asy_validator_look(asy_validator *v, assay_err *err) ASSAY_CHECKED;
/* Nanoseconds until the next look. */
uint64_t asy_validator_pause(asy_validator *v, bool trouble);

/* Takes the end of a look. */
void asy_vtask_take_look(vtask *t);

/* ---- task.c ---- */
assay_status asy_vtask_new(asy_validator *v, const asy_task_env *env, vtask **out,
						   assay_err *err) ASSAY_CHECKED;
/* Ends its coroutines; everything is on disk. */
void asy_vtask_end(vtask *t);
void asy_vtask_free(vtask *t);
/* It stops: everything under way is cancelled, nothing more begins. */
void asy_vtask_stop(vtask *t, assay_status st, const assay_err *why);
/* Its rounds end where they are; they go on when the task is loaded again. */
void asy_vtask_leave(vtask *t);
/* The highest block that an open story knows of. */
uint64_t asy_vtask_known_block(const vtask *t);

/* ---- story.c ---- */
void asy_vstory_free(vstory *s);
vstory *asy_vstory_add(vtask *t, asy_story_kind kind, assay_err *err);
/* Takes what completed actions have to say, asks every idle story what comes next, oldest
 * first, and starts it; then what may begin. */
void asy_vtask_advance(vtask *t);
/* Is there something to take? Is an action under way? */
bool asy_vtask_has_news(const vtask *t);
bool asy_vtask_is_busy(const vtask *t);
#endif
