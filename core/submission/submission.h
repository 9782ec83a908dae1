/* submission: one vector on its way, from weighing to counted. States and their fold
 * (state.h), the decision of what comes next (step.h), and the actions, each of which
 * records what it did. It is made from the per-miner memory as that stands; which rounds
 * are open does not matter here.
 * Reason to change: what the validator may ask of a submission. */
#ifndef ASY_SUBMISSION_H
#define ASY_SUBMISSION_H
#include "submission/forecast.h"
#include "submission/recheck.h"
#include "submission/record.h"
#include "submission/state.h"
#include "submission/step.h"
#include "task/task.h"

/* The weights policy that a configuration asks for. [pure] */
assay_weights_policy asy_submission_policy(const asy_options *o);
/* The memory's members as candidates for weights; out has assay_tracker_count entries.
 * [pure] */
void asy_submission_candidates(const assay_tracker *t, uint64_t now_ns, assay_candidate *out);
/* The plan from a record's inputs. [pure] */
assay_status asy_submission_plan(const asy_weights_record *x, const asy_options *o,
								 assay_weights_plan **plan, assay_err *err) ASSAY_CHECKED;

/* Those of a task that have not ended, oldest first; the owner frees them. */
#define ASY_SUBMISSIONS_OPEN_MAX 64u
typedef struct {
	asy_submission *at[ASY_SUBMISSIONS_OPEN_MAX];
	size_t n;
} asy_submissions;

/* Makes a vector of the memory as it stands, in that world; may await. */
assay_status asy_submission_begin(asy_task *task, const asy_world *w, asy_submission **out,
								  assay_err *err) ASSAY_CHECKED;
/* Performs what asy_submission_next said in the world sub->at; may await. open: the task's,
 * sub among them; a forecast knows of the vectors before it. */
assay_status asy_submission_perform(asy_task *task, asy_submission *sub, asy_submission_action a,
									const asy_submissions *open, assay_err *err) ASSAY_CHECKED;
/* What the chain shows of our hotkey that a data directory did not make: the newest of it that
 * is younger than block `known`. block 0: nothing. open may be NULL. (others.c) */
typedef struct {
	bool is_commitment;
	asy_hash hash; /* of a commitment */
	uint64_t block;
} asy_other_sign;
assay_status asy_submission_other_sign(asy_store *store, const asy_submissions *open,
									   const assay_snapshot *s, const asy_account *self,
									   uint64_t known, asy_other_sign *out,
									   assay_err *err) ASSAY_CHECKED;
/* Is another validator at work with our hotkey, by what that snapshot shows? What follows from
 * it is in task->others, and events say it. open: the task's. (others.c) */
assay_status asy_submission_look_for_others(asy_task *task, const asy_submissions *open,
											const assay_snapshot *s, assay_err *err) ASSAY_CHECKED;

/* ---- a start (resume.c) ---- */

/* The submission as the journal left it. A damaged one that was sealed is rebuilt from
 * what is sound, and revealed; one that was not sealed ends. ASSAY_E_STORE: it belongs to
 * another subnet, chain or hotkey. */
assay_status asy_submission_resume(asy_task *task, uint64_t id, asy_submission **out,
								   assay_err *err) ASSAY_CHECKED;
/* What a submission was begun under: of older ones, what their round's BEGIN says. config
 * is copied to a; ASSAY_E_STORE or ASSAY_E_NOTFOUND where that is gone. */
assay_status asy_submission_under(asy_store *s, uint64_t round, asy_arena *a, asy_under *out,
								  assay_err *err) ASSAY_CHECKED;
#endif
