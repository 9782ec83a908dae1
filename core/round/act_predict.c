/* Before sealing: what would the consensus do with this vector. After the epoch: did
 * the chain do what the same arithmetic says, on the inputs of that very epoch. The
 * prediction explains; it never feeds back into the weights. */
#include <stdlib.h>
#include "round/driver.h"
#include "round/recheck.h"

static void put_u16s(asy_jw *w, const char *key, const uint16_t *v, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}

static void put_forecast(asy_jw *w, const asy_forecast *f)
{
	put_u16s(w, "consensus", f->consensus, f->n);
	put_u16s(w, "validator_trust", f->validator_trust, f->n);
	put_u16s(w, "incentive", f->incentive, f->n);
	put_u16s(w, "dividends", f->dividends, f->n);
}

static assay_status put_snapshot(asy_jw *w, const assay_snapshot *s, assay_err *err)
{
	asy_buf packed = {0};
	assay_status st = asy_snapshot_pack(s, &packed, err);
	char *text = NULL;
	if (st == ASSAY_OK) {
		size_t len = asy_base64_encoded_len(packed.len);
		text = asy_calloc(len + 1, 1);
		if (text == NULL) {
			st = ASSAY_FAIL(err, E_NOMEM, "a snapshot of %zu bytes", packed.len);
		} else {
			asy_base64_encode(text, asy_buf_span(&packed));
			asy_jw_key(w, "snapshot");
			asy_jw_strn(w, text, len);
		}
	}
	free(text);
	asy_buf_fini(&packed);
	return st;
}

static assay_status predict_payload(const assay_snapshot *s, const asy_forecast *f,
									const asy_own_row *own, asy_buf *out, assay_err *err)
{
	asy_clip *clip = asy_calloc(own->n, sizeof *clip);
	if (clip == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu entries", own->n);
	asy_forecast_clip(f, own, clip);
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "block", s->block.number);
	asy_jw_ku64(&w, "epoch_block", f->epoch_block);
	asy_jw_ku64(&w, "uid", own->uid);
	asy_jw_kstr(&w, "assumes", "every other row stays as stored at this block");
	put_forecast(&w, f);
	asy_jw_key(&w, "clipped");
	asy_jw_array(&w);
	for (size_t i = 0; i < own->n; i++) {
		if (clip[i].clipped == 0)
			continue;
		asy_jw_object(&w);
		asy_jw_ku64(&w, "uid", own->uids[i]);
		asy_jw_ki64(&w, "share", clip[i].share);
		asy_jw_ki64(&w, "allowed", clip[i].allowed);
		asy_jw_ki64(&w, "clipped", clip[i].clipped);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	assay_status st = put_snapshot(&w, s, err);
	asy_jw_end_object(&w);
	assay_status end = asy_jw_end(&w, st == ASSAY_OK ? err : NULL);
	free(clip);
	return st != ASSAY_OK ? st : end;
}

assay_status asy_act_predict(asy_driver *d, asy_round *r, assay_err *err)
{
	const assay_snapshot *s;
	asy_forecast f = {0};
	asy_buf payload = {0};
	uint64_t epoch_block;
	assay_status st = asy_driver_snapshot(d, &s, err);
	if (st != ASSAY_OK)
		return st;
	long uid = asy_snapshot_find(s, &d->self);
	if (uid < 0)
		return ASSAY_FAIL(err, E_CHAIN, "our hotkey left subnet %u while its weights were made",
						  r->netuid);
	asy_own_row own = {(uint16_t)uid, r->uids, r->values, r->weight_n};
	st = asy_schedule_next_epoch(&d->world.epoch, s->block.number, &epoch_block, err);
	if (st == ASSAY_OK)
		st = asy_forecast_run(s, epoch_block, &own, d->env.cpu_mask, &f, err);
	if (st == ASSAY_OK)
		st = predict_payload(s, &f, &own, &payload, err);
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, ASY_REC_PREDICT, asy_buf_span(&payload), NULL, err);
	if (st == ASSAY_OK)
		asy_log(d->env.log, ASY_INFO, "consensus.predicted",
				ASY_F64("vtrust", f.validator_trust[uid] / 65535.0),
				ASY_F64("dividends", f.dividends[uid] / 65535.0));
	asy_buf_fini(&payload);
	asy_forecast_fini(&f);
	return st;
}

/* ---- after the epoch ---- */

/* Is what we revealed what the chain held for us when the epoch ran? */
static bool row_in_place(const assay_snapshot *s, long uid, const asy_round *r)
{
	bool same = false;
	if (uid < 0 || asy_row_len(&s->weights, (size_t)uid) != r->weight_n)
		return false;
	uint16_t *stored = asy_calloc(r->weight_n, sizeof *stored);
	if (stored != NULL) {
		const asy_entry *e = asy_row(&s->weights, (size_t)uid);
		asy_max_upscale(r->values, r->weight_n, stored);
		same = true;
		for (size_t i = 0; i < r->weight_n; i++)
			same = same && e[i].uid == r->uids[i] && e[i].value == stored[i];
	}
	free(stored);
	return same;
}

/* What became of a row, and on whose word. */
typedef struct {
	uint64_t epoch_block;
	bool verified, equal, in_place;
	char where[256]; /* the first difference, or why it could not be verified */
} verdict;

static assay_status record_count(asy_driver *d, asy_round *r, const verdict *v,
								 const asy_forecast *f, assay_err *err)
{
	asy_buf payload = {0};
	char receipt[64];
	asy_jw w = asy_jw_out(&payload, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "epoch_block", v->epoch_block);
	asy_jw_kbool(&w, "verified", v->verified);
	asy_jw_kbool(&w, "equal", v->equal);
	asy_jw_kbool(&w, "row_in_place", v->in_place);
	asy_jw_kstr(&w, "difference", v->where);
	if (f != NULL)
		put_forecast(&w, f);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, err);
	(void)snprintf(receipt, sizeof receipt, "epoch block %" PRIu64, v->epoch_block);
	asy_move move = {ASY_SUB_COUNTED, asy_span_str(receipt)};
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, ASY_REC_COUNTED, asy_buf_span(&payload), &move, err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK)
		return st;
	d->totals.counted++;
	d->totals.mismatches += v->verified && !v->equal;
	if (!v->verified)
		asy_log(d->env.log, ASY_UNUSUAL, "weights.unverified",
				ASY_U64("epoch_block", v->epoch_block), ASY_STR("why", v->where));
	else
		asy_log(d->env.log, v->equal ? ASY_INFO : ASY_BROKEN,
				v->equal ? "weights.counted" : "consensus.differs",
				ASY_U64("epoch_block", v->epoch_block), ASY_STR("difference", v->where));
	if (v->verified && !v->in_place)
		asy_log(d->env.log, ASY_UNUSUAL, "weights.replaced", ASY_U64("epoch_block", v->epoch_block),
				ASY_STR("why", "the epoch ran with another row of ours than this round's"));
	return ASSAY_OK;
}

static assay_status verify(asy_driver *d, asy_round *r, uint64_t at, assay_err *err)
{
	verdict v = {.epoch_block = at, .verified = true};
	asy_recheck x = {0};
	assay_status st =
		asy_recheck_epoch(d->env.chain, r->netuid, r->mecid, at, d->env.cpu_mask, &x, err);
	if (st != ASSAY_OK)
		return st;
	v.equal = x.equal;
	(void)asy_str_copy(v.where, sizeof v.where, x.where);
	v.in_place = row_in_place(x.before, asy_snapshot_find(x.before, &d->self), r);
	st = record_count(d, r, &v, &x.ours, err);
	asy_recheck_fini(&x);
	return st;
}

/* Blocks for which a node that answers, but not this, is asked again. */
#define VERIFY_BLOCKS 10u

/*~ Nodes forget states. An epoch that cannot be looked at any more has run all the same:
 * after a while the round ends as counted but unverified, rather than staying open for
 * ever. */
assay_status asy_act_count(asy_driver *d, asy_round *r, assay_err *err)
{
	assay_err why = {0};
	uint64_t at = d->world.epoch.last_mechanism_step_block;
	assay_status st = verify(d, r, at, &why);
	if ((st != ASSAY_E_GONE && st != ASSAY_E_AGAIN) || r->trouble_since == 0 ||
		d->world.head.number < r->trouble_since + VERIFY_BLOCKS) {
		if (st != ASSAY_OK && err != NULL)
			*err = why;
		return st;
	}
	verdict v = {.epoch_block = at};
	(void)asy_str_copy(v.where, sizeof v.where, why.msg);
	return record_count(d, r, &v, NULL, err);
}
