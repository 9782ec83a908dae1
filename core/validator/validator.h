/* validator: many tasks of one hotkey on one chain. It watches the head, asks every open
 * story what comes next, oldest first, and has it performed in a coroutine of its own; so
 * nothing that takes long holds up anything else. Nothing else in the tree sequences two
 * modules. It makes no chain calls and no SQL of its own, besides the head.
 * Reason to change: what a main gives the validator, or may ask of it. */
#ifndef ASY_VALIDATOR_H
#define ASY_VALIDATOR_H
#include "base/base.h"
#include "chain/chain.h"
#include "loop/loop.h"
#include "task/task.h"

/* Everything is borrowed and outlives the validator. The chain signs with the hotkey of all
 * its tasks: one queue of nonces. */
typedef struct {
	asy_clock *clock;
	asy_logger *log;
	asy_loop *loop;
	asy_chain *chain;
} asy_validator_env;

typedef struct asy_validator asy_validator;
assay_status asy_validator_new(const asy_validator_env *env, asy_validator **out,
							   assay_err *err) ASSAY_CHECKED;
/* No task is served any more. NULL is fine. */
void asy_validator_free(asy_validator *v);

/* Serves a task: loads its per-miner memory and every unfinished story from its store, and
 * returns when it is over. Nothing is written when that fails. Awaits, so that every task
 * may be served from a coroutine of its own; one that stops or is cancelled disturbs no
 * other. Afterwards nothing of env is used any more, and the task may be served again.
 * ASSAY_OK: the wanted rounds are over and what they found out was sent, or the task was
 * told to leave and has finished what was open. ASSAY_E_CANCELLED: everything is on disk.
 * Anything else is what waiting will not fix; a chain that does not answer is waited for,
 * with one complaint at growing intervals. totals may be NULL and is written in any case. */
assay_status asy_validator_serve(asy_validator *v, const asy_task_env *env, asy_task_totals *totals,
								 assay_err *err) ASSAY_CHECKED;
/* The task of this name begins nothing new: its rounds rest where they are, its submissions
 * are seen through, then serve returns. Unknown names are ignored. */
void asy_validator_leave(asy_validator *v, const char *name);
#endif
