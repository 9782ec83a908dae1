/*~ Starting again: an unfinished submission comes back from its journal before anything is
 * sent. A damaged record must not keep the others from going on, and what was sealed must
 * still be revealed: the opening is kept twice, in the SEAL record and in the store's row.
 * So a sealed submission is rebuilt from the records that are sound; one that is not sealed
 * yet ends, since nothing can be built on a hole. Nothing is written here.
 * Reason to change: a record after SEAL says something that cannot be found again. */
#include "submission/impl.h"

/* ---- under what it was begun ---- */

typedef struct {
	asy_arena *arena;
	asy_under *out;
	bool found;
} older;

static assay_status on_begin(void *arg, const asy_rec *rec, assay_err *err)
{
	older *x = arg;
	asy_json *doc = NULL;
	if (rec->type != ASY_REC_BEGIN)
		return ASSAY_OK;
	assay_status st = asy_record_parse(rec->payload, &doc, err);
	if (st == ASSAY_OK)
		st = asy_under_get(asy_json_root(doc), x->arena, x->out, err);
	x->found = st == ASSAY_OK;
	asy_json_free(doc);
	return st;
}

assay_status asy_submission_under(asy_store *s, uint64_t round, asy_arena *a, asy_under *out,
								  assay_err *err)
{
	older x = {.arena = a, .out = out};
	uint32_t passed;
	TRY(asy_store_sound_records(s, round, &passed, on_begin, &x, err));
	return x.found ? ASSAY_OK
				   : ASSAY_FAIL(err, E_NOTFOUND, "round %" PRIu64 " has no BEGIN record", round);
}

/* ---- the store's row ---- */

typedef struct {
	asy_submission *sub;
	uint64_t round;
	uint16_t netuid;
	uint8_t mecid;
	bool is_sealed, fills; /* fills: what records do not say is taken from it */
} from_row;

/* What the row knows of a sealed vector, where the records do not. */
static void fill_in(asy_submission *sub, const asy_sub_row *row)
{
	sub->scheme = (asy_seal_scheme)row->scheme; /* the numbers are the same */
	memcpy(sub->commit_hash.b, row->hash, 32);
	if (sub->opening == NULL && sub->scheme != ASY_SEAL_PLAIN &&
		asy_opening_decode(row->secret, &sub->opening, NULL) != ASSAY_OK)
		sub->opening = NULL; /* both copies are gone: nothing is left to reveal */
	if (sub->uids == NULL && sub->opening != NULL) {
		sub->uids = sub->opening->uids;
		sub->values = sub->opening->values;
		sub->weight_n = sub->opening->n;
		sub->version_key = sub->opening->version_key;
	}
}

static assay_status on_row(void *arg, const asy_sub_row *row, assay_err *err)
{
	from_row *x = arg;
	(void)err;
	x->sub->row_state = row->state;
	x->round = row->round;
	x->netuid = row->netuid;
	x->mecid = row->mecid;
	x->is_sealed = row->is_sealed;
	if (x->fills && row->is_sealed)
		fill_in(x->sub, row);
	return ASSAY_OK;
}

/* ---- sound records only ---- */

/* The phase in which a record of that type is expected, if all before it were there. */
static asy_submission_phase phase_before(asy_rec_type type)
{
	switch (type) {
	case ASY_REC_WEIGHTS:
		return ASY_SUBMISSION_NEW;
	case ASY_REC_PREDICT:
		return ASY_SUBMISSION_WEIGHED;
	case ASY_REC_SEAL:
		return ASY_SUBMISSION_PREDICTED;
	case ASY_REC_SUBMIT:
	case ASY_REC_INCLUDED:
		return ASY_SUBMISSION_SEALED;
	case ASY_REC_FINAL:
	case ASY_REC_REVEAL_SUBMIT:
	case ASY_REC_REVEALED:
		return ASY_SUBMISSION_INCLUDED;
	case ASY_REC_COUNTED:
	case ASY_REC_MISSED:
		return ASY_SUBMISSION_REVEALED;
	case ASY_REC_BEGIN:
	case ASY_REC_CHALLENGE:
	case ASY_REC_RESPONSE:
	case ASY_REC_QUERY_END:
	case ASY_REC_SCORES:
	case ASY_REC_TRACK:
	case ASY_REC_END:
		break;
	}
	return ASY_SUBMISSION_ENDED; /* not needed */
}

static assay_status fold_sound(void *arg, const asy_rec *rec, assay_err *err)
{
	asy_submission *sub = arg;
	asy_submission_phase before = phase_before(rec->type), stood = sub->phase;
	(void)err;
	if (before == ASY_SUBMISSION_ENDED)
		return ASSAY_OK;
	if (sub->phase < before)
		sub->phase = before;
	if (asy_submission_fold(sub, rec->type, rec->payload, NULL) != ASSAY_OK)
		sub->phase = stood; /* passed over, too */
	return ASSAY_OK;
}

/* One that was already sealed goes on where its sound records leave it. */
static void stand_up(asy_submission *sub)
{
	if (sub->phase < ASY_SUBMISSION_SEALED)
		sub->phase = ASY_SUBMISSION_SEALED;
	/* Something may have been sent that no record tells of any more: the chain is asked
	 * before anything is signed. */
	if (!sub->commit.present && sub->commit.attempt == 0)
		sub->commit.attempt = 1;
	if (sub->weigh_block == 0)
		sub->weigh_block = UINT64_MAX; /* not known: not too old */
}

static assay_status rebuild(asy_task *task, asy_submission **out, const assay_err *why,
							assay_err *err)
{
	from_row row = {.fills = true};
	uint32_t passed = 0;
	uint64_t id = (*out)->id;
	TRY(asy_submission_new(id, &row.sub, err));
	asy_submission *sub = row.sub;
	sub->log = (*out)->log;
	assay_status st = asy_store_sound_records(task->env.store, id, &passed, fold_sound, sub, err);
	if (st == ASSAY_OK)
		st = asy_store_submission(task->env.store, id, on_row, &row, err);
	if (st != ASSAY_OK) {
		asy_submission_free(sub);
		return st;
	}
	bool is_rebuilt = row.is_sealed && sub->uids != NULL;
	if (is_rebuilt) {
		stand_up(sub);
	} else {
		sub->phase = ASY_SUBMISSION_WEIGHED;
		(void)snprintf(sub->dead_end, sizeof sub->dead_end, "a damaged record: %.200s", why->msg);
	}
	asy_log(&sub->log, ASY_BROKEN, "submission.damaged", ASY_U64("id", id),
			ASY_STR("error", why->msg), ASY_U64("records_lost", passed),
			ASY_STR("then", is_rebuilt ? "its sealed weights are seen through" : "it ends"),
			ASY_STR("remedy", "check the disk; the others go on"));
	asy_submission_free(*out);
	*out = sub;
	return ASSAY_OK;
}

/* ---- all of it ---- */

static assay_status on_record(void *arg, const asy_rec *rec, assay_err *err)
{
	return asy_submission_fold(arg, rec->type, rec->payload, err);
}

/* Older ones were begun by a round. Where that cannot tell any more, what was sealed is for
 * the chain we are on. */
static void find_under(asy_task *task, asy_submission *sub, const from_row *row)
{
	if (sub->has_under)
		return;
	if (asy_submission_under(task->env.store, row->round, sub->arena, &sub->under, NULL) !=
		ASSAY_OK) {
		sub->under = asy_task_under(task);
		if (row->is_sealed) {
			sub->under.netuid = row->netuid;
			sub->under.mecid = row->mecid;
		}
	}
	sub->has_under = true;
}

/* Weights that another hotkey sealed cannot be revealed by this one. */
static assay_status check_hotkey(const asy_task *task, const asy_submission *sub, assay_err *err)
{
	char ss58[ASY_SS58_LEN];
	if (sub->opening == NULL || sub->phase >= ASY_SUBMISSION_REVEALED ||
		asy_account_eq(&sub->opening->hotkey, &task->self))
		return ASSAY_OK;
	asy_ss58_encode(sub->opening->hotkey.b, ss58);
	return ASSAY_FAIL(err, E_STORE,
					  "the data directory holds weights that hotkey %s sealed and has not "
					  "revealed: run with that wallet.hotkey until they are, or use another "
					  "data_dir",
					  ss58);
}

static assay_status load(asy_task *task, asy_submission **sub, assay_err *err)
{
	assay_err why = {0};
	from_row row = {.sub = *sub};
	assay_status st = asy_store_records(task->env.store, (*sub)->id, 0, on_record, *sub, &why);
	if (st == ASSAY_OK && (*sub)->phase == ASY_SUBMISSION_NEW)
		st = ASSAY_FAIL(&why, E_STORE, "submission %" PRIu64 " has no records", (*sub)->id);
	if (st != ASSAY_OK && asy_is_ours_to_mend(st) && err != NULL)
		*err = why;
	else if (st != ASSAY_OK && !asy_is_ours_to_mend(st))
		st = rebuild(task, sub, &why, err);
	if (st != ASSAY_OK)
		return st;
	row.sub = *sub;
	TRY(asy_store_submission(task->env.store, (*sub)->id, on_row, &row, err));
	find_under(task, *sub, &row);
	if ((*sub)->dead_end[0] != '\0')
		return ASSAY_OK;
	TRY(asy_under_check(task, &(*sub)->under, "submission", err));
	return check_hotkey(task, *sub, err);
}

assay_status asy_submission_resume(asy_task *task, uint64_t id, asy_submission **out,
								   assay_err *err)
{
	asy_submission *sub = NULL;
	TRY(asy_submission_new(id, &sub, err));
	sub->log = asy_task_logger(task, ASY_STORY_SUBMISSION, id);
	assay_status st = load(task, &sub, err);
	if (st != ASSAY_OK) {
		asy_submission_free(sub);
		return assay_err_at(err, st, "resuming submission %" PRIu64, id);
	}
	asy_log(&sub->log, ASY_INFO, "submission.resumed", ASY_U64("id", id),
			ASY_STR("phase", asy_submission_phase_name(sub->phase)));
	*out = sub;
	return ASSAY_OK;
}
