/*~ A round with a damaged record. It must not keep the others from going on, and what it
 * sealed must still be revealed: by then most of its bytes (answers, scores) are of no
 * further use, and the opening is kept twice, in the SEAL record and with the submission.
 * So a sealed round is rebuilt from the records that are sound; one that is not sealed yet
 * ends, since nothing can be built on a hole.
 * Reason to change: a record after SEAL says something that cannot be found again. */
#include "round/impl.h"

typedef struct {
	asy_task *task;
	asy_round *r;
	bool has_submission;
} rebuilding;

/* The phase in which a record of that type is expected, if all before it were there. */
static asy_phase phase_before(asy_rec_type type)
{
	switch (type) {
	case ASY_REC_BEGIN:
		return ASY_PHASE_NEW;
	case ASY_REC_WEIGHTS:
		return ASY_PHASE_TRACKED;
	case ASY_REC_PREDICT:
		return ASY_PHASE_WEIGHED;
	case ASY_REC_SEAL:
		return ASY_PHASE_PREDICTED;
	case ASY_REC_SUBMIT:
	case ASY_REC_INCLUDED:
		return ASY_PHASE_SEALED;
	case ASY_REC_FINAL:
	case ASY_REC_REVEAL_SUBMIT:
	case ASY_REC_REVEALED:
		return ASY_PHASE_INCLUDED;
	case ASY_REC_COUNTED:
	case ASY_REC_MISSED:
		return ASY_PHASE_REVEALED;
	case ASY_REC_CHALLENGE:
	case ASY_REC_RESPONSE:
	case ASY_REC_QUERY_END:
	case ASY_REC_SCORES:
	case ASY_REC_TRACK:
	case ASY_REC_END:
		break;
	}
	return ASY_PHASE_ENDED; /* not needed */
}

static assay_status fold_sound(void *arg, const asy_rec *rec, assay_err *err)
{
	asy_round *r = ((rebuilding *)arg)->r;
	asy_phase before = phase_before(rec->type), stood = r->phase;
	(void)err;
	if (before == ASY_PHASE_ENDED)
		return ASSAY_OK;
	if (r->phase < before)
		r->phase = before;
	if (asy_round_fold(r, rec->type, rec->payload, NULL) != ASSAY_OK)
		r->phase = stood; /* passed over, too */
	return ASSAY_OK;
}

/* What the submission knows of a sealed vector, where the records do not. */
static assay_status fill_in(void *arg, const asy_submission *sub, assay_err *err)
{
	rebuilding *b = arg;
	asy_round *r = b->r;
	asy_chain_info chain;
	(void)err;
	asy_chain_get_info(b->task->env.chain, &chain);
	b->has_submission = true;
	r->submission = sub->id;
	r->sub_state = sub->state;
	r->plain = sub->scheme == ASY_SCHEME_PLAIN;
	memcpy(r->commit_hash.b, sub->hash, 32);
	if (r->begin.netuid == 0) { /* no BEGIN: what is sealed is for the chain we are on */
		r->begin.netuid = sub->netuid;
		r->begin.mecid = sub->mecid;
		r->begin.genesis = chain.genesis;
	}
	if (r->opening == NULL && !r->plain &&
		asy_opening_decode(sub->secret, &r->opening, NULL) != ASSAY_OK)
		r->opening = NULL; /* both copies are gone: nothing is left to reveal */
	if (r->uids == NULL && r->opening != NULL) {
		r->uids = r->opening->uids;
		r->values = r->opening->values;
		r->weight_n = r->opening->n;
		r->version_key = r->opening->version_key;
	}
	return ASSAY_OK;
}

/* A round that was already sealed goes on where its sound records leave it. */
static void stand_up(asy_round *r)
{
	if (r->phase < ASY_PHASE_SEALED)
		r->phase = ASY_PHASE_SEALED;
	/* Something may have been sent that no record tells of any more: the chain is asked
	 * before anything is signed. */
	if (!r->commit.present && r->commit.attempt == 0)
		r->commit.attempt = 1;
	if (r->weigh_block == 0)
		r->weigh_block = r->begin.block.number;
}

assay_status asy_resume_damaged(asy_task *task, asy_round **round, const assay_err *why,
								assay_err *err)
{
	rebuilding b = {.task = task};
	uint32_t passed = 0;
	uint64_t id = (*round)->id;
	assay_status st = asy_round_new(id, &b.r, err);
	if (st == ASSAY_OK)
		st = asy_store_sound_records(task->env.store, id, &passed, fold_sound, &b, err);
	if (st == ASSAY_OK)
		st = asy_store_submissions(task->env.store, id, fill_in, &b, err);
	if (st != ASSAY_OK) {
		asy_round_free(b.r);
		return st;
	}
	bool is_rebuilt = b.has_submission && b.r->uids != NULL;
	if (is_rebuilt) {
		stand_up(b.r);
	} else {
		b.r->phase = ASY_PHASE_BEGUN;
		(void)snprintf(b.r->dead_end, sizeof b.r->dead_end, "a damaged record: %.200s", why->msg);
	}
	asy_log(task->env.log, ASY_BROKEN, "round.damaged", ASY_U64("id", id),
			ASY_STR("error", why->msg), ASY_U64("records_lost", passed),
			ASY_STR("then", is_rebuilt ? "its sealed weights are seen through" : "it ends"),
			ASY_STR("remedy", "check the disk; the other rounds go on"));
	asy_round_free(*round);
	*round = b.r;
	return ASSAY_OK;
}
