/* Sealing: the vector is frozen with a secret, and both are on disk before anything is
 * sent. */
#include <stdlib.h>
#include "submission/impl.h"

typedef struct {
	asy_task *task;
	asy_submission *sub;
	bool plain;
	assay_span opening;
	const asy_hash *hash;
} sealed;

static assay_status put_row(void *arg, uint64_t now, assay_err *err)
{
	const sealed *x = arg;
	asy_sub_row row = {
		.id = x->sub->id,
		.netuid = x->sub->under.netuid,
		.mecid = x->sub->under.mecid,
		.scheme = x->plain ? ASY_SCHEME_PLAIN : ASY_SCHEME_HASH,
		.secret = x->opening,
	};
	memcpy(row.hash, x->hash->b, 32);
	return asy_store_submission_seal(x->task->env.store, &row, now, err);
}

/*~ The secret and the record of it become durable together, before anything is sent: a
 * salt that is lost is a reveal that is lost. */
static assay_status record_seal(const sealed *what, assay_err *err)
{
	asy_buf payload = {0};
	sealed copy = *what;
	asy_seal_record x = {.plain = what->plain, .hash = *what->hash, .opening = what->opening};
	assay_status st = asy_record_put_seal(&x, &payload, err);
	if (st == ASSAY_OK)
		st = asy_submission_record(what->task, what->sub, ASY_REC_SEAL, asy_buf_span(&payload),
								   put_row, &copy, err);
	if (st == ASSAY_OK)
		what->sub->row_state = ASY_SUB_SEALED;
	if (payload.ptr != NULL)
		asy_wipe(payload.ptr, payload.len);
	asy_buf_fini(&payload);
	return st;
}

static assay_status seal_as(asy_task *task, asy_submission *sub, bool plain, assay_err *err)
{
	asy_seal_input in = {
		.hotkey = task->self,
		.netuid = sub->under.netuid,
		.mecid = sub->under.mecid,
		.uids = sub->uids,
		.values = sub->values,
		.n = sub->weight_n,
		.version_key = sub->version_key,
	};
	asy_opening *opening = NULL;
	asy_buf bytes = {0};
	asy_hash hash;
	assay_status st;

	if (plain) {
		/* Nothing is hidden; the hash only names this submission in the store. Its
		 * number stands in for the salt, so that equal vectors stay two submissions. */
		uint16_t salt[4];
		for (size_t i = 0; i < 4; i++)
			salt[i] = (uint16_t)(sub->id >> (16 * i));
		st = asy_seal_hash(&in, salt, 4, &hash, err);
	} else {
		st = asy_seal(ASY_SEAL_HASH, &in, task->env.rng, &opening, err);
		if (st == ASSAY_OK) {
			hash = opening->commit_hash;
			st = asy_opening_encode(opening, &bytes, err);
		}
	}
	const sealed what = {task, sub, plain, asy_buf_span(&bytes), &hash};
	if (st == ASSAY_OK)
		st = record_seal(&what, err);
	if (st == ASSAY_OK)
		asy_log(&sub->log, ASY_INFO, "weights.sealed", ASY_U64("uids", sub->weight_n),
				ASY_STR("scheme", plain ? "plain" : "hash"));
	if (bytes.ptr != NULL)
		asy_wipe(bytes.ptr, bytes.len);
	asy_buf_fini(&bytes);
	asy_opening_free(opening);
	return st;
}

assay_status asy_submission_seal(asy_task *task, asy_submission *sub, assay_err *err)
{
	return seal_as(task, sub, sub->plain, err);
}

assay_status asy_submission_reseal(asy_task *task, asy_submission *sub, assay_err *err)
{
	bool to_plain = !sub->plain;
	asy_log(&sub->log, ASY_UNUSUAL, "weights.resealed",
			ASY_STR("why", to_plain ? "the subnet switched commit-reveal off: set directly"
									: "the subnet switched commit-reveal on: committed"));
	return seal_as(task, sub, to_plain, err);
}
