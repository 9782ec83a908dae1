/* round/impl.h - what the files of round share: the one way to put a record on disk, and
 * the actions. Not for other modules. */
#ifndef ASY_ROUND_IMPL_H
#define ASY_ROUND_IMPL_H
#include "round/round.h"

/* Appends a record to r's journal and folds it. also may be NULL. */
assay_status asy_round_record(asy_task *task, asy_round *r, asy_rec_type type, assay_span payload,
							  asy_also *also, void *arg, assay_err *err) ASSAY_CHECKED;

/* ---- suspect.c: may the answers be believed? ---- */
/* The verdict on the round's answers, which costs or gives credit. */
assay_status asy_round_suspect(asy_task *task, const asy_round *r, asy_suspicion *out,
							   assay_err *err) ASSAY_CHECKED;
/* After QUERY_END: one line when something is strange, and what the breaker may learn. */
void asy_round_after_verdict(asy_task *task, asy_round *r, const asy_suspicion *s);

/* ---- remember.c: a plugin with state ---- */
/* Once: gives the plugin the newest state that the journal has. */
assay_status asy_round_restore_state(asy_task *task, assay_err *err) ASSAY_CHECKED;
/* The state as it is now, as records name it. */
asy_kept_state asy_round_kept_state(const asy_task *task);
/* Its bytes, for as long as the round's records are kept. */
assay_status asy_round_put_state(asy_store *store, uint64_t round, assay_span state,
								 assay_err *err) ASSAY_CHECKED;

/* Each performs one asy_round_do and records what it did. */
assay_status asy_round_challenge(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_round_ask(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_round_score(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_round_track(asy_task *task, asy_round *r, assay_err *err) ASSAY_CHECKED;
#endif
