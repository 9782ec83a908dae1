/* A record becomes state. The daemon folds each record right after it is on disk, a
 * restart folds all records of an unfinished submission, and replay does the same: one
 * reading of the journal, so the three cannot disagree. */
#include "submission/state.h"

/*~ Which record may follow which phase. A journal that breaks this order was not
 * written by us, and going on from it could submit something twice. */
static bool fits(asy_submission_phase p, asy_rec_type type)
{
	switch (type) {
	case ASY_REC_WEIGHTS:
		return p == ASY_SUBMISSION_NEW;
	case ASY_REC_PREDICT:
		return p == ASY_SUBMISSION_WEIGHED;
	case ASY_REC_SEAL: /* without PREDICT where no forecast can be made; again, see fold_seal */
		return p >= ASY_SUBMISSION_WEIGHED && p <= ASY_SUBMISSION_SENT;
	case ASY_REC_SUBMIT: /* again after an expired era or a reorganisation */
		return p >= ASY_SUBMISSION_SEALED && p <= ASY_SUBMISSION_INCLUDED;
	case ASY_REC_INCLUDED: /* again when a reorganisation moved it to another block */
		return p >= ASY_SUBMISSION_SEALED && p <= ASY_SUBMISSION_REVEALED;
	case ASY_REC_FINAL:
		return p >= ASY_SUBMISSION_INCLUDED && p <= ASY_SUBMISSION_COUNTED;
	case ASY_REC_REVEAL_SUBMIT:
	case ASY_REC_REVEALED: /* both again after a reorganisation */
		return p >= ASY_SUBMISSION_INCLUDED && p <= ASY_SUBMISSION_REVEALED;
	case ASY_REC_COUNTED:
		return p == ASY_SUBMISSION_REVEALED;
	case ASY_REC_MISSED:
		return p >= ASY_SUBMISSION_SEALED && p < ASY_SUBMISSION_COUNTED;
	case ASY_REC_END:
		return p == ASY_SUBMISSION_WEIGHED || p == ASY_SUBMISSION_PREDICTED ||
			   p == ASY_SUBMISSION_COUNTED || p == ASY_SUBMISSION_MISSED;
	case ASY_REC_BEGIN:
	case ASY_REC_CHALLENGE:
	case ASY_REC_RESPONSE:
	case ASY_REC_QUERY_END:
	case ASY_REC_SCORES:
	case ASY_REC_TRACK:
		break; /* a round's */
	}
	return false;
}

/* ---- one function for each record ---- */

static assay_status fold_weights(asy_submission *sub, asy_jv v, assay_err *err)
{
	asy_weights_record x = {0};
	TRY(asy_record_get_weights(v, sub->arena, &x, err));
	(void)asy_str_copy(sub->note, sizeof sub->note, x.note);
	sub->has_under = x.has_under;
	if (x.has_under)
		sub->under = x.under;
	sub->version = x.version;
	sub->refused = x.refused;
	sub->scheme = x.plain ? ASY_SEAL_PLAIN : ASY_SEAL_HASH;
	sub->uids = x.row.uids;
	sub->values = x.row.values;
	sub->weight_n = x.row.n;
	sub->version_key = x.version_key;
	sub->weigh_block = x.block;
	sub->phase = ASY_SUBMISSION_WEIGHED;
	return ASSAY_OK;
}

static assay_status fold_predict(asy_submission *sub, asy_jv v, assay_err *err)
{
	asy_predict_record x;
	TRY(asy_record_get_predict(v, sub->arena, &x, err));
	sub->expected = x.expected;
	sub->predicted_from = x.snapshot;
	sub->phase = ASY_SUBMISSION_PREDICTED;
	return ASSAY_OK;
}

/* Sealed anew, once, because the subnet wants it the other way now, or because the pulse that
 * it was sealed to has passed. What was sent the first way is no part of the submission any
 * more. */
static assay_status fold_reseal(asy_submission *sub, const asy_seal_record *x, assay_err *err)
{
	bool is_same = x->scheme == sub->scheme && x->scheme != ASY_SEAL_TIMELOCK;
	if (sub->resealed || is_same || sub->commit.included)
		return ASSAY_FAIL(err, E_STORE, "sealed twice");
	asy_tx_fini(&sub->commit.tx);
	sub->commit = (asy_flight){.present = false};
	asy_opening_free(sub->opening);
	sub->opening = NULL;
	sub->scheme = x->scheme;
	sub->resealed = true;
	return ASSAY_OK;
}

static assay_status fold_seal(asy_submission *sub, asy_jv v, assay_err *err)
{
	asy_seal_record x;
	TRY(asy_record_get_seal(v, sub->arena, &x, err));
	if (sub->phase >= ASY_SUBMISSION_SEALED)
		TRY(fold_reseal(sub, &x, err));
	if ((x.scheme == ASY_SEAL_PLAIN) != (sub->scheme == ASY_SEAL_PLAIN))
		return ASSAY_FAIL(err, E_STORE, "sealed by another scheme than its weights say");
	sub->scheme = x.scheme;
	sub->planned = x.planned;
	sub->commit_hash = x.hash;
	if (x.scheme != ASY_SEAL_PLAIN)
		TRY(asy_opening_decode(x.opening, &sub->opening, err));
	if (sub->opening != NULL && sub->opening->scheme != x.scheme)
		return ASSAY_FAIL(err, E_STORE, "its opening is of another scheme");
	sub->phase = ASY_SUBMISSION_SEALED;
	return ASSAY_OK;
}

static assay_status fold_tx(asy_submission *sub, asy_flight *f, asy_jv v, asy_submission_phase next,
							assay_err *err)
{
	asy_tx_record x = {0};
	TRY(asy_record_get_tx(v, sub->arena, &x, err));
	asy_tx_fini(&f->tx);
	*f = (asy_flight){.present = true, .attempt = x.attempt, .tx = x.tx};
	sub->phase = next;
	return ASSAY_OK;
}

static assay_status fold_included(asy_submission *sub, asy_jv v, assay_err *err)
{
	asy_block_record x;
	TRY(asy_record_get_block(v, &x, err));
	sub->commit.block = x.block;
	sub->commit_epoch = x.commit_epoch;
	sub->reveal_period = x.reveal_period;
	sub->commit.present = true; /* also when the node no longer wanted its bytes */
	sub->commit.included = true;
	sub->commit.missing = false;
	if (sub->phase < ASY_SUBMISSION_INCLUDED)
		sub->phase = ASY_SUBMISSION_INCLUDED;
	return ASSAY_OK;
}

/* Weights that were set directly are in place once their block is final. */
static assay_status fold_final(asy_submission *sub)
{
	sub->commit.finalized = true;
	if (sub->scheme == ASY_SEAL_PLAIN && sub->phase == ASY_SUBMISSION_INCLUDED) {
		sub->reveal.block = sub->commit.block;
		sub->phase = ASY_SUBMISSION_REVEALED;
	}
	return ASSAY_OK;
}

static assay_status fold_revealed(asy_submission *sub, asy_jv v, assay_err *err)
{
	asy_block_record x;
	TRY(asy_record_get_block(v, &x, err));
	sub->reveal.block = x.block;
	sub->reveal.included = true;
	sub->reveal.missing = false;
	sub->phase = ASY_SUBMISSION_REVEALED;
	return ASSAY_OK;
}

static assay_status fold_reason(asy_submission *sub, asy_jv v, asy_submission_phase next,
								assay_err *err)
{
	const char *reason;
	TRY(asy_record_get_reason(v, &reason, err));
	if (reason[0] != '\0')
		(void)asy_str_copy(sub->note, sizeof sub->note, reason);
	sub->phase = next;
	return ASSAY_OK;
}

static assay_status fold_one(asy_submission *sub, asy_rec_type type, asy_jv v, assay_err *err)
{
	switch (type) {
	case ASY_REC_WEIGHTS:
		return fold_weights(sub, v, err);
	case ASY_REC_PREDICT:
		return fold_predict(sub, v, err);
	case ASY_REC_SEAL:
		return fold_seal(sub, v, err);
	case ASY_REC_SUBMIT:
		return fold_tx(sub, &sub->commit, v, ASY_SUBMISSION_SENT, err);
	case ASY_REC_INCLUDED:
		return fold_included(sub, v, err);
	case ASY_REC_FINAL:
		return fold_final(sub);
	case ASY_REC_REVEAL_SUBMIT:
		return fold_tx(sub, &sub->reveal, v, ASY_SUBMISSION_REVEALING, err);
	case ASY_REC_REVEALED:
		return fold_revealed(sub, v, err);
	case ASY_REC_COUNTED:
		sub->phase = ASY_SUBMISSION_COUNTED;
		return ASSAY_OK;
	case ASY_REC_MISSED:
		return fold_reason(sub, v, ASY_SUBMISSION_MISSED, err);
	case ASY_REC_END:
		return fold_reason(sub, v, ASY_SUBMISSION_ENDED, err);
	case ASY_REC_BEGIN:
	case ASY_REC_CHALLENGE:
	case ASY_REC_RESPONSE:
	case ASY_REC_QUERY_END:
	case ASY_REC_SCORES:
	case ASY_REC_TRACK:
		break; /* fits no phase */
	}
	return ASSAY_FAIL(err, E_STORE, "not a submission's record");
}

assay_status asy_submission_fold(asy_submission *sub, asy_rec_type type, assay_span payload,
								 assay_err *err)
{
	asy_json *doc = NULL;
	if (!fits(sub->phase, type))
		return ASSAY_FAIL(err, E_STORE, "submission %" PRIu64 ": a %s record in phase %s", sub->id,
						  asy_rec_name(type), asy_submission_phase_name(sub->phase));
	assay_status st = asy_record_parse(payload, &doc, err);
	if (st == ASSAY_OK)
		st = fold_one(sub, type, asy_json_root(doc), err);
	asy_json_free(doc);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "submission %" PRIu64 ", %s record", sub->id,
							asy_rec_name(type));
	return ASSAY_OK;
}
