/* Sealing: the vector is frozen with a secret, and both are on disk before anything is
 * sent. */
#include <stdlib.h>
#include "round/driver.h"

static assay_status record_seal(asy_driver *d, asy_round *r, assay_span opening,
								const asy_hash *hash, assay_err *err)
{
	asy_buf payload = {0};
	char *text = asy_calloc(asy_base64_encoded_len(opening.len) + 1, 1);
	assay_status st = ASSAY_OK;
	asy_submission sub = {
		.round = r->id,
		.netuid = r->netuid,
		.mecid = r->mecid,
		.scheme = r->plain ? ASY_SCHEME_PLAIN : ASY_SCHEME_HASH,
		.secret = opening,
	};
	if (text == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an opening");
	asy_base64_encode(text, opening);
	asy_jw w = asy_jw_out(&payload, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "scheme", r->plain ? "plain" : asy_seal_scheme_name(ASY_SEAL_HASH));
	asy_jw_khex(&w, "hash", hash->b, 32);
	asy_jw_kstr(&w, "opening", text);
	asy_jw_end_object(&w);
	st = asy_jw_end(&w, err);

	/*~ The secret and the record of it become durable together, before anything is
	 * sent: a salt that is lost is a reveal that is lost. */
	memcpy(sub.hash, hash->b, 32);
	uint64_t now = d->env.clock->real_ns(d->env.clock);
	asy_rec_in rec = {ASY_REC_SEAL, asy_buf_span(&payload)};
	bool open = false;
	if (st == ASSAY_OK)
		st = asy_store_begin(d->env.store, err);
	open = st == ASSAY_OK;
	if (st == ASSAY_OK)
		st = asy_store_append(d->env.store, r->id, now, &rec, 1, NULL, err);
	if (st == ASSAY_OK)
		st = asy_store_submission_put(d->env.store, &sub, now, &r->submission, err);
	if (st == ASSAY_OK) /* the first receipt: sealed, and when */
		st = asy_store_submission_move(d->env.store, r->submission, ASY_SUB_SEALED, now,
									   asy_span_str("opening on disk"), err);
	if (st == ASSAY_OK)
		st = asy_store_commit(d->env.store, err);
	if (st != ASSAY_OK && open)
		asy_store_rollback(d->env.store);
	if (st == ASSAY_OK) {
		r->sub_state = ASY_SUB_SEALED;
		st = asy_round_fold(r, ASY_REC_SEAL, rec.payload, err);
	}
	asy_wipe(text, strlen(text));
	free(text);
	asy_buf_fini(&payload);
	return st;
}

assay_status asy_act_seal(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_seal_input in = {
		.hotkey = d->self,
		.netuid = r->netuid,
		.mecid = r->mecid,
		.uids = r->uids,
		.values = r->values,
		.n = r->weight_n,
		.version_key = r->version_key,
	};
	asy_opening *opening = NULL;
	asy_buf bytes = {0}, commitment = {0};
	asy_hash hash;
	assay_status st;

	if (r->plain) {
		/* Nothing is hidden; the hash only names this submission in the store. The round
		 * number stands in for the salt, so that equal vectors stay two submissions. */
		uint16_t salt[4];
		for (size_t i = 0; i < 4; i++)
			salt[i] = (uint16_t)(r->id >> (16 * i));
		st = asy_seal_hash(&in, salt, 4, &hash, err);
	} else {
		st = asy_seal(ASY_SEAL_HASH, &in, d->env.rng, &opening, &commitment, err);
		if (st == ASSAY_OK) {
			hash = opening->commit_hash;
			st = asy_opening_encode(opening, &bytes, err);
		}
	}
	if (st == ASSAY_OK)
		st = record_seal(d, r, asy_buf_span(&bytes), &hash, err);
	if (st == ASSAY_OK)
		asy_log(d->env.log, ASY_INFO, "weights.sealed", ASY_U64("uids", r->weight_n),
				ASY_STR("scheme", r->plain ? "plain" : "hash"));
	if (bytes.ptr != NULL)
		asy_wipe(bytes.ptr, bytes.len);
	asy_buf_fini(&bytes);
	asy_buf_fini(&commitment);
	asy_opening_free(opening);
	return st;
}
