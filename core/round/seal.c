/* Sealing: the vector is frozen with a secret, and both are on disk before anything is
 * sent. */
#include <stdlib.h>
#include "round/impl.h"

typedef struct {
	bool plain;
	assay_span opening;
	const asy_hash *hash;
} sealed;

static assay_status put_submission(asy_task *task, asy_round *r, uint64_t now, void *arg,
								   assay_err *err)
{
	const sealed *x = arg;
	asy_submission sub = {
		.round = r->id,
		.netuid = r->begin.netuid,
		.mecid = r->begin.mecid,
		.scheme = x->plain ? ASY_SCHEME_PLAIN : ASY_SCHEME_HASH,
		.secret = x->opening,
	};
	memcpy(sub.hash, x->hash->b, 32);
	assay_status st = ASSAY_OK;
	if (r->submission != 0) /* sealed anew */
		st = asy_store_submission_move(task->env.store, r->submission, ASY_SUB_MISSED, now,
									   asy_span_str("the commit-reveal switch was turned"), err);
	if (st == ASSAY_OK)
		st = asy_store_submission_put(task->env.store, &sub, now, &r->submission, err);
	if (st == ASSAY_OK) /* the first receipt: sealed, and when */
		st = asy_store_submission_move(task->env.store, r->submission, ASY_SUB_SEALED, now,
									   asy_span_str("opening on disk"), err);
	r->sub_state = ASY_SUB_SEALED;
	return st;
}

/*~ The secret and the record of it become durable together, before anything is sent: a
 * salt that is lost is a reveal that is lost. */
static assay_status record_seal(asy_task *task, asy_round *r, const sealed *what, assay_err *err)
{
	asy_buf payload = {0};
	asy_seal_record x = {.plain = what->plain, .hash = *what->hash, .opening = what->opening};
	assay_status st = asy_record_put_seal(&x, &payload, err);
	if (st == ASSAY_OK)
		st = asy_task_record(task, r, ASY_REC_SEAL, asy_buf_span(&payload), put_submission,
							 (void *)what, err);
	if (payload.ptr != NULL)
		asy_wipe(payload.ptr, payload.len);
	asy_buf_fini(&payload);
	return st;
}

static assay_status seal_as(asy_task *task, asy_round *r, bool plain, assay_err *err)
{
	asy_seal_input in = {
		.hotkey = task->self,
		.netuid = r->begin.netuid,
		.mecid = r->begin.mecid,
		.uids = r->uids,
		.values = r->values,
		.n = r->weight_n,
		.version_key = r->version_key,
	};
	asy_opening *opening = NULL;
	asy_buf bytes = {0};
	asy_hash hash;
	assay_status st;

	if (plain) {
		/* Nothing is hidden; the hash only names this submission in the store. The round
		 * number stands in for the salt, so that equal vectors stay two submissions. */
		uint16_t salt[4];
		for (size_t i = 0; i < 4; i++)
			salt[i] = (uint16_t)(r->id >> (16 * i));
		st = asy_seal_hash(&in, salt, 4, &hash, err);
	} else {
		st = asy_seal(ASY_SEAL_HASH, &in, task->env.rng, &opening, err);
		if (st == ASSAY_OK) {
			hash = opening->commit_hash;
			st = asy_opening_encode(opening, &bytes, err);
		}
	}
	const sealed what = {plain, asy_buf_span(&bytes), &hash};
	if (st == ASSAY_OK)
		st = record_seal(task, r, &what, err);
	if (st == ASSAY_OK)
		asy_log(task->env.log, ASY_INFO, "weights.sealed", ASY_U64("uids", r->weight_n),
				ASY_STR("scheme", plain ? "plain" : "hash"));
	if (bytes.ptr != NULL)
		asy_wipe(bytes.ptr, bytes.len);
	asy_buf_fini(&bytes);
	asy_opening_free(opening);
	return st;
}

assay_status asy_act_seal(asy_task *task, asy_round *r, assay_err *err)
{
	return seal_as(task, r, r->plain, err);
}

assay_status asy_act_reseal(asy_task *task, asy_round *r, assay_err *err)
{
	bool to_plain = !r->plain;
	asy_log(task->env.log, ASY_UNUSUAL, "weights.resealed",
			ASY_STR("why", to_plain ? "the subnet switched commit-reveal off: set directly"
									: "the subnet switched commit-reveal on: committed"));
	return seal_as(task, r, to_plain, err);
}
