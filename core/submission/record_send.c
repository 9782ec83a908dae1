/* SEAL, SUBMIT, INCLUDED, FINAL, REVEAL_SUBMIT and REVEALED: each written and read here. */
#include "submission/record.h"

/* ---- SEAL ---- */

assay_status asy_record_put_seal(const asy_seal_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "scheme", asy_seal_scheme_name(x->scheme));
	asy_jw_khex(&w, "hash", x->hash.b, 32);
	if (x->scheme == ASY_SEAL_TIMELOCK) {
		asy_jw_ku64(&w, "reveal_round", x->planned.round);
		asy_jw_ku64(&w, "reveal_block", x->planned.block);
		asy_jw_ku64(&w, "uncertain", x->planned.uncertain);
	}
	assay_status st = asy_rj_put_base64(&w, "opening", x->opening, err);
	asy_jw_end_object(&w);
	assay_status end = asy_jw_end(&w, st == ASSAY_OK ? err : NULL);
	return st != ASSAY_OK ? st : end;
}

static assay_status get_planned(asy_jv v, asy_planned *x, assay_err *err)
{
	TRY(asy_jv_u64(asy_jv_get(v, "reveal_round"), &x->round, err));
	TRY(asy_jv_u64(asy_jv_get(v, "reveal_block"), &x->block, err));
	return asy_jv_u64(asy_jv_get(v, "uncertain"), &x->uncertain, err);
}

assay_status asy_record_get_seal(asy_jv v, asy_arena *a, asy_seal_record *x, assay_err *err)
{
	const char *scheme;
	TRY(asy_jv_str(asy_jv_get(v, "scheme"), &scheme, NULL, err));
	x->planned = (asy_planned){0};
	if (!asy_seal_scheme_find(scheme, &x->scheme))
		return ASSAY_FAIL(err, E_UNSUPPORTED, "this program does not know the scheme \"%s\"",
						  scheme);
	if (x->scheme == ASY_SEAL_TIMELOCK)
		TRY(get_planned(v, &x->planned, err));
	TRY(asy_rj_hash(asy_jv_get(v, "hash"), x->hash.b, err));
	return asy_rj_base64(asy_jv_get(v, "opening"), a, &x->opening, err);
}

/* ---- SUBMIT, REVEAL_SUBMIT ---- */

assay_status asy_record_put_tx(const asy_tx_record *x, asy_buf *out, assay_err *err)
{
	asy_buf bytes = {0};
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "attempt", x->attempt);
	asy_jw_kstr(&w, "call", x->tx.call);
	asy_jw_khex(&w, "hash", x->tx.hash.b, 32);
	asy_jw_ku64(&w, "nonce", x->tx.nonce);
	assay_status st = asy_tx_encode(&x->tx, &bytes, err);
	if (st == ASSAY_OK)
		st = asy_rj_put_base64(&w, "tx", asy_buf_span(&bytes), err);
	asy_buf_fini(&bytes);
	asy_jw_end_object(&w);
	assay_status end = asy_jw_end(&w, st == ASSAY_OK ? err : NULL);
	return st != ASSAY_OK ? st : end;
}

assay_status asy_record_get_tx(asy_jv v, asy_arena *a, asy_tx_record *x, assay_err *err)
{
	assay_span bytes;
	TRY(asy_rj_u32(asy_jv_get(v, "attempt"), &x->attempt, err));
	TRY(asy_rj_base64(asy_jv_get(v, "tx"), a, &bytes, err));
	return asy_tx_decode(bytes, &x->tx, err);
}

/* ---- INCLUDED, FINAL, REVEALED ---- */

assay_status asy_record_put_block(const asy_block_record *x, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_rj_put_block(&w, &x->block);
	asy_jw_ku64(&w, "commit_epoch", x->commit_epoch);
	asy_jw_ku64(&w, "reveal_period", x->reveal_period);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_record_get_block(asy_jv v, asy_block_record *x, assay_err *err)
{
	TRY(asy_rj_block(v, &x->block, err));
	TRY(asy_jv_u64(asy_jv_get(v, "commit_epoch"), &x->commit_epoch, err));
	return asy_jv_u64(asy_jv_get(v, "reveal_period"), &x->reveal_period, err);
}
