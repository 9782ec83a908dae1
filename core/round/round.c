/* Performing a round's actions, and recording: the one place where a round's record reaches
 * the journal and then the state. Of a round only questions leave this machine, so only
 * asking waits for the disk, and the fold, which many rounds stand on. */
#include "round/impl.h"

assay_status asy_round_record(asy_task *task, asy_round *r, asy_rec_type type, assay_span payload,
							  asy_also *also, void *arg, assay_err *err)
{
	TRY(asy_task_append(task, r->id, type, payload, also, arg, err));
	return asy_round_fold(r, type, payload, err);
}

assay_status asy_round_end(asy_task *task, asy_round *r, const char *reason, assay_err *err)
{
	asy_buf payload = {0};
	assay_status st = asy_record_put_reason(reason, &payload, err);
	if (st == ASSAY_OK)
		st = asy_round_record(task, r, ASY_REC_END, asy_buf_span(&payload), NULL, NULL, err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK)
		return st;
	task->totals.rounds_ended++;
	if (reason[0] == '\0')
		asy_log(&r->log, ASY_DEBUG, "round.ended");
	else
		asy_log(&r->log, ASY_UNUSUAL, "round.without_scores", ASY_STR("reason", reason));
	return asy_task_prune(task, err);
}

assay_status asy_round_perform(asy_task *task, asy_round *r, asy_round_action a, assay_err *err)
{
	switch (a.what) {
	case ASY_ROUND_DO_WAIT:
		return ASSAY_OK;
	case ASY_ROUND_DO_CHALLENGE:
		return asy_round_challenge(task, r, err);
	case ASY_ROUND_DO_ASK:
		return asy_round_ask(task, r, err);
	case ASY_ROUND_DO_SCORE:
		return asy_round_score(task, r, err);
	case ASY_ROUND_DO_TRACK:
		return asy_round_track(task, r, err);
	case ASY_ROUND_DO_END:
		return asy_round_end(task, r, a.reason != NULL ? a.reason : "", err);
	}
	return ASSAY_FAIL(err, E_INTERNAL, "unknown action");
}
