/* Sealing: the vector is frozen with a secret, and both are on disk before anything is
 * sent. */
#include <stdlib.h>
#include "submission/impl.h"

typedef struct {
	asy_task *task;
	asy_submission *sub;
	asy_seal_record record;
} sealing;

static assay_status put_row(void *arg, uint64_t now, assay_err *err)
{
	const sealing *x = arg;
	asy_sub_row row = {
		.id = x->sub->id,
		.netuid = x->sub->under.netuid,
		.mecid = x->sub->under.mecid,
		.scheme = (asy_sub_scheme)x->record.scheme, /* the numbers are the same */
		.secret = x->record.opening,
	};
	memcpy(row.hash, x->record.hash.b, 32);
	return asy_store_submission_seal(x->task->env.store, &row, now, err);
}

/*~ The secret and the record of it become durable together, before anything is sent: a
 * salt that is lost is a reveal that is lost. */
static assay_status record_seal(sealing *x, assay_err *err)
{
	asy_buf payload = {0};
	assay_status st = asy_record_put_seal(&x->record, &payload, err);
	if (st == ASSAY_OK)
		st = asy_submission_record(x->task, x->sub, ASY_REC_SEAL, asy_buf_span(&payload), put_row,
								   x, err);
	if (st == ASSAY_OK)
		x->sub->row_state = ASY_SUB_SEALED;
	if (payload.ptr != NULL)
		asy_wipe(payload.ptr, payload.len);
	asy_buf_fini(&payload);
	return st;
}

/* Nothing is hidden; the hash only names this submission in the store. Its number stands in
 * for the salt, so that equal vectors stay two submissions. */
static assay_status name_plain(const asy_submission *sub, const asy_seal_input *in, asy_hash *out,
							   assay_err *err)
{
	uint16_t salt[4];
	for (size_t i = 0; i < 4; i++)
		salt[i] = (uint16_t)(sub->id >> (16 * i));
	return asy_seal_hash(in, salt, 4, out, err);
}

static assay_status seal_as(asy_task *task, asy_submission *sub, const asy_scheme_choice *how,
							assay_err *err)
{
	sealing x = {task, sub, {.scheme = how->scheme, .planned = how->planned}};
	const asy_seal_input in = {
		.hotkey = task->self,
		.netuid = sub->under.netuid,
		.mecid = sub->under.mecid,
		.uids = sub->uids,
		.values = sub->values,
		.n = sub->weight_n,
		.version_key = sub->version_key,
		.reveal_round = how->planned.round,
		.beacon_key = how->beacon_key,
		.commit_max = how->commit_max,
	};
	asy_opening *opening = NULL;
	asy_buf bytes = {0};
	assay_status st;

	if (how->scheme == ASY_SEAL_PLAIN) {
		st = name_plain(sub, &in, &x.record.hash, err);
	} else {
		st = asy_seal(how->scheme, &in, task->env.rng, &opening, err);
		if (st == ASSAY_OK) {
			x.record.hash = opening->commit_hash;
			st = asy_opening_encode(opening, &bytes, err);
		}
	}
	x.record.opening = asy_buf_span(&bytes);
	if (st == ASSAY_OK)
		st = record_seal(&x, err);
	if (st == ASSAY_OK)
		asy_log(&sub->log, ASY_INFO, "weights.sealed", ASY_U64("uids", sub->weight_n),
				ASY_STR("scheme", asy_seal_scheme_name(how->scheme)),
				ASY_IF(how->planned.block != 0, ASY_U64("reveal_block", how->planned.block)),
				ASY_IF(how->planned.block != 0, ASY_U64("round", how->planned.round)));
	if (bytes.ptr != NULL)
		asy_wipe(bytes.ptr, bytes.len);
	asy_buf_fini(&bytes);
	asy_opening_free(opening);
	return st;
}

static assay_status seal_now(asy_task *task, asy_submission *sub, bool is_plain, assay_err *err)
{
	asy_scheme_choice how = {.scheme = ASY_SEAL_PLAIN};
	if (!is_plain)
		TRY(asy_submission_choose(task, sub, &how, err));
	return seal_as(task, sub, &how, err);
}

assay_status asy_submission_seal(asy_task *task, asy_submission *sub, assay_err *err)
{
	return seal_now(task, sub, sub->scheme == ASY_SEAL_PLAIN, err);
}

/* What the chain says of a timelock commitment, when it still wants one. */
static bool wants_another_pulse(const asy_tx_outcome *o)
{
	return strstr(o->error, "InvalidRevealRound") != NULL ||
		   strstr(o->error, "IncorrectCommitRevealVersion") != NULL;
}

assay_status asy_submission_reseal(asy_task *task, asy_submission *sub, const asy_tx_outcome *o,
								   assay_err *err)
{
	bool was_plain = sub->scheme == ASY_SEAL_PLAIN;
	bool to_plain = !was_plain && !wants_another_pulse(o);
	TRY(seal_now(task, sub, to_plain, err));
	asy_log(&sub->log, ASY_UNUSUAL, "weights.resealed",
			ASY_STR("why", to_plain ? "the subnet switched commit-reveal off: set directly"
						   : was_plain
							   ? "the subnet switched commit-reveal on: committed"
							   : "the chain wants another pulse or version: committed anew"));
	return ASSAY_OK;
}
