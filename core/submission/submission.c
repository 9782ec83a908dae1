/* Performing a submission's actions, and recording: the one place where its records reach
 * the disk and then the state, and where the store's row follows. */
#include "submission/impl.h"

/* ---- records ---- */

assay_status asy_submission_record(asy_task *task, asy_submission *sub, asy_rec_type type,
								   assay_span payload, asy_also *also, void *arg, assay_err *err)
{
	TRY(asy_task_append(task, sub->id, type, payload, also, arg, err));
	TRY(asy_store_settle(task->env.store, err));
	return asy_submission_fold(sub, type, payload, err);
}

/* The row follows the journal. Backwards it goes only when a reorganisation undid what was
 * sent, and never from "revealed": the secret is out. */
static bool is_followed(const asy_sub_move *m)
{
	return m->to >= m->sub->row_state || m->sub->row_state == ASY_SUB_INCLUDED;
}

static assay_status also_move(void *arg, uint64_t now, assay_err *err)
{
	const asy_sub_move *m = arg;
	asy_store *store = m->task->env.store;
	uint64_t id = m->sub->id;
	if (m->more != NULL)
		TRY(m->more(m->more_arg, now, err));
	if (!is_followed(m))
		return ASSAY_OK;
	if (m->to < m->sub->row_state)
		TRY(asy_store_submission_retract(store, id, now,
										 asy_span_str("taken back by a reorganisation"), err));
	return asy_store_submission_move(store, id, m->to, now, m->receipt, err);
}

assay_status asy_submission_record_move(const asy_sub_move *m, asy_rec_type type,
										assay_span payload, assay_err *err)
{
	asy_sub_move copy = *m;
	bool follows = is_followed(m);
	TRY(asy_submission_record(m->task, m->sub, type, payload, also_move, &copy, err));
	if (follows)
		m->sub->row_state = m->to;
	return ASSAY_OK;
}

/* ---- ends ---- */

assay_status asy_submission_miss(asy_task *task, asy_submission *sub, const char *reason,
								 assay_err *err)
{
	asy_buf payload = {0};
	const asy_sub_move move = {task, sub, ASY_SUB_MISSED, asy_span_str(reason), NULL, NULL};
	assay_status st = asy_record_put_reason(reason, &payload, err);
	if (st == ASSAY_OK)
		st = asy_submission_record_move(&move, ASY_REC_MISSED, asy_buf_span(&payload), err);
	asy_buf_fini(&payload);
	if (st == ASSAY_OK) {
		task->totals.missed++;
		asy_log(&sub->log, ASY_UNUSUAL, "weights.missed", ASY_STR("reason", reason));
	}
	return st;
}

/*~ A vector that is given up before anything is sealed says why, at a level that every log
 * shows: a validator that earns nothing must not have to search. */
static void log_end(const asy_submission *sub, bool is_unsent, const char *reason)
{
	asy_logger lg = sub->log;
	if (is_unsent)
		asy_log(&lg, ASY_UNUSUAL, "weights.unsent", ASY_STR("reason", reason));
	else
		asy_log(&lg, ASY_DEBUG, "submission.ended");
}

static assay_status end(asy_task *task, asy_submission *sub, const char *reason, assay_err *err)
{
	asy_buf payload = {0};
	bool is_unsent = sub->phase < ASY_SUBMISSION_SEALED;
	const asy_sub_move move = {task,
							   sub,
							   is_unsent ? ASY_SUB_UNSENT : sub->row_state,
							   is_unsent ? asy_span_str(reason) : (assay_span){0},
							   NULL,
							   NULL};
	assay_status st = asy_record_put_reason(reason, &payload, err);
	if (st == ASSAY_OK)
		st = asy_submission_record_move(&move, ASY_REC_END, asy_buf_span(&payload), err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK)
		return st;
	log_end(sub, is_unsent, reason);
	return asy_task_prune(task, err);
}

/* ---- performing ---- */

assay_status asy_submission_perform(asy_task *task, asy_submission *sub, asy_submission_action a,
									const asy_submissions *open, assay_err *err)
{
	switch (a.what) {
	case ASY_SUBMISSION_DO_WAIT:
		return ASSAY_OK;
	case ASY_SUBMISSION_DO_PREDICT:
		return asy_submission_predict(task, sub, open, err);
	case ASY_SUBMISSION_DO_SEAL:
		return asy_submission_seal(task, sub, err);
	case ASY_SUBMISSION_DO_PREPARE:
		return asy_submission_prepare(task, sub, err);
	case ASY_SUBMISSION_DO_SEND:
		return asy_submission_send(task, sub, err);
	case ASY_SUBMISSION_DO_WATCH:
		return asy_submission_watch(task, sub, err);
	case ASY_SUBMISSION_DO_PREPARE_REVEAL:
		return asy_submission_prepare_reveal(task, sub, err);
	case ASY_SUBMISSION_DO_SEND_REVEAL:
		return asy_submission_send_reveal(task, sub, err);
	case ASY_SUBMISSION_DO_WATCH_REVEAL:
		return asy_submission_watch_reveal(task, sub, err);
	case ASY_SUBMISSION_DO_COUNT:
		return asy_submission_count(task, sub, err);
	case ASY_SUBMISSION_DO_MISS:
		return asy_submission_miss(task, sub, a.reason, err);
	case ASY_SUBMISSION_DO_END:
		return end(task, sub, a.reason != NULL ? a.reason : "", err);
	}
	return ASSAY_FAIL(err, E_INTERNAL, "unknown action");
}
