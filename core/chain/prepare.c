/* Making transactions: nonce, era, versions and signature, all fresh; and their bytes
 * for the journal. Nothing here sends. Refuses to sign without a key and against a
 * runtime whose calls or extensions differ from what is known.
 * Reason to change: another transaction is needed, or the journal's form changes. */
#include <stdlib.h>
#include "chain/impl.h"

static const uint8_t tx_magic[4] = {'A', 'S', 'T', 'X'};
#define TX_VERSION 1u
#define TX_BYTES_MAX ((size_t)1 << 20)

void asy_tx_fini(asy_tx *tx)
{
	free(tx->bytes);
	*tx = (asy_tx){.bytes = NULL};
}

/* ---- for the journal ---- */

assay_status asy_tx_encode(const asy_tx *tx, asy_buf *out, assay_err *err)
{
	asy_scale_w w = asy_scale_out(out);
	asy_scale_put_raw(&w, tx_magic, sizeof tx_magic);
	asy_scale_put_u8(&w, TX_VERSION);
	asy_scale_put_bytes(&w, tx->bytes, tx->len);
	asy_scale_put_raw(&w, tx->account.b, sizeof tx->account.b);
	asy_scale_put_u32(&w, tx->nonce);
	asy_scale_put_u32(&w, tx->spec_version);
	asy_scale_put_u16(&w, tx->netuid);
	asy_scale_put_u8(&w, tx->mecid);
	asy_scale_put_u64(&w, tx->birth);
	asy_scale_put_u64(&w, tx->death);
	asy_scale_put_bytes(&w, tx->call, strlen(tx->call));
	return asy_scale_out_end(&w, err);
}

static assay_status take_fields(asy_scale *in, asy_tx *tx, assay_span *bytes, assay_err *err)
{
	assay_span magic, account, call;
	uint8_t version = 0;
	assay_status st = asy_scale_raw(in, sizeof tx_magic, &magic, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &version, err);
	if (st == ASSAY_OK &&
		(memcmp(magic.ptr, tx_magic, sizeof tx_magic) != 0 || version != TX_VERSION))
		st =
			ASSAY_FAIL(err, E_FORMAT, "these bytes are not a transaction of format %u", TX_VERSION);
	if (st == ASSAY_OK)
		st = asy_scale_bytes(in, TX_BYTES_MAX, bytes, err);
	if (st == ASSAY_OK)
		st = asy_scale_raw(in, sizeof tx->account.b, &account, err);
	if (st == ASSAY_OK)
		memcpy(tx->account.b, account.ptr, sizeof tx->account.b);
	if (st == ASSAY_OK)
		st = asy_scale_u32(in, &tx->nonce, err);
	if (st == ASSAY_OK)
		st = asy_scale_u32(in, &tx->spec_version, err);
	if (st == ASSAY_OK)
		st = asy_scale_u16(in, &tx->netuid, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &tx->mecid, err);
	if (st == ASSAY_OK)
		st = asy_scale_u64(in, &tx->birth, err);
	if (st == ASSAY_OK)
		st = asy_scale_u64(in, &tx->death, err);
	if (st == ASSAY_OK)
		st = asy_scale_bytes(in, sizeof tx->call - 1, &call, err);
	if (st == ASSAY_OK && call.len > 0)
		memcpy(tx->call, call.ptr, call.len);
	if (st == ASSAY_OK)
		st = asy_scale_end(in, err);
	return st;
}

assay_status asy_tx_decode(assay_span bytes, asy_tx *out, assay_err *err)
{
	asy_scale in = asy_scale_in(bytes);
	asy_tx tx = {.bytes = NULL};
	assay_span raw = {NULL, 0};
	assay_status st = take_fields(&in, &tx, &raw, err);
	if (st == ASSAY_OK && raw.len == 0)
		st = ASSAY_FAIL(err, E_FORMAT, "a transaction without bytes");
	if (st == ASSAY_OK) {
		tx.bytes = asy_calloc(raw.len, 1);
		if (tx.bytes == NULL)
			st = ASSAY_FAIL(err, E_NOMEM, "a transaction of %zu bytes", raw.len);
	}
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "reading a transaction");
	memcpy(tx.bytes, raw.ptr, raw.len);
	tx.len = raw.len;
	tx.hash = asy_extrinsic_hash(raw);
	*out = tx;
	return ASSAY_OK;
}

/* ---- nonce and era ---- */

static assay_status next_nonce(asy_chain *c, const asy_account *who, uint64_t head, uint32_t *out,
							   assay_err *err)
{
	char params[ASY_SS58_LEN + 8], address[ASY_SS58_LEN];
	asy_rpc_reply reply = {.doc = NULL};
	uint64_t nonce = 0;
	asy_ss58_encode(who->b, address);
	(void)snprintf(params, sizeof params, "[\"%s\"]", address);
	assay_status st = asy_rpc_call(c, "system_accountNextIndex", asy_span_str(params), &reply, err);
	if (st == ASSAY_OK)
		st = asy_jv_u64(reply.result, &nonce, err);
	asy_rpc_reply_fini(&reply);
	if (st == ASSAY_OK && nonce > UINT32_MAX)
		st = ASSAY_FAIL(err, E_FORMAT, "the node counts %" PRIu64 " transactions", nonce);
	if (st != ASSAY_OK)
		return st;
	/* another node may not have heard of our last one yet; the node that took it has */
	if (c->at != c->local_at && head < c->local_until && c->local_nonce > nonce)
		nonce = c->local_nonce;
	*out = (uint32_t)nonce;
	return ASSAY_OK;
}

/* The era begins at the finalised head, which no reorganisation can take away, unless
 * finality lags so far that too little of the era would be left. */
static assay_status fresh_era(asy_chain *c, asy_sign_params *p, uint64_t *head_number,
							  assay_err *err)
{
	asy_block_ref head, final, *birth = &head;
	assay_status st = asy_chain_head(c, &head, err);
	if (st == ASSAY_OK)
		st = asy_chain_finalized(c, &final, err);
	if (st != ASSAY_OK)
		return st;
	if (final.number <= head.number && head.number - final.number <= c->cfg.era_period / 4)
		birth = &final;
	p->era = asy_era_mortal(c->cfg.era_period, birth->number);
	p->birth_hash = birth->hash;
	if (p->era.birth != birth->number)
		return ASSAY_FAIL(err, E_INTERNAL,
						  "an era of %" PRIu64 " blocks begins at %" PRIu64 ", not at %" PRIu64,
						  p->era.period, p->era.birth, birth->number);
	*head_number = head.number;
	return ASSAY_OK;
}

/* ---- signing ---- */

static assay_status need_key(const asy_chain *c, const asy_account *want, assay_err *err)
{
	if (c->cfg.key == NULL)
		return ASSAY_FAIL(err, E_CONFIG, "no hotkey is configured: this connection only reads");
	asy_account have;
	asy_key_public(c->cfg.key, have.b);
	if (want != NULL && !asy_account_eq(&have, want))
		return ASSAY_FAIL(err, E_MISMATCH,
						  "the opening was sealed by another hotkey than the configured one");
	return ASSAY_OK;
}

/* Everything after the call: call is consumed. */
static assay_status sign(asy_chain *c, const asy_buf *call, const char *name, uint16_t netuid,
						 uint8_t mecid, asy_tx *tx, assay_err *err)
{
	asy_sign_params p = {.tip = 0};
	asy_buf bytes = {0};
	asy_tx t = {.netuid = netuid, .mecid = mecid};
	uint64_t head = 0;
	asy_key_public(c->cfg.key, t.account.b);
	p.genesis = c->genesis;
	p.spec_version = c->spec_version;
	p.tx_version = c->tx_version;
	assay_status st = fresh_era(c, &p, &head, err);
	if (st == ASSAY_OK)
		st = next_nonce(c, &t.account, head, &p.nonce, err);
	if (st == ASSAY_OK)
		st = asy_extrinsic_sign(c->meta, asy_buf_span(call), &p, c->cfg.key, c->cfg.rng, &bytes,
								err);
	if (st != ASSAY_OK) {
		asy_buf_fini(&bytes);
		return assay_err_at(err, st, "preparing %s", name);
	}
	t.hash = asy_extrinsic_hash(asy_buf_span(&bytes));
	t.bytes = bytes.ptr; /* moved */
	t.len = bytes.len;
	t.nonce = p.nonce;
	t.spec_version = p.spec_version;
	t.birth = p.era.birth;
	t.death = p.era.death;
	(void)snprintf(t.call, sizeof t.call, "SubtensorModule.%s", name);
	*tx = t;
	return ASSAY_OK;
}

static const char *commit_name(const asy_opening *o)
{
	if (o->scheme == ASY_SEAL_TIMELOCK)
		return o->mecid == 0 ? "commit_timelocked_weights" : "commit_timelocked_mechanism_weights";
	return o->mecid == 0 ? "commit_weights" : "commit_mechanism_weights";
}

static assay_status commit_call(const asy_chain *c, const asy_opening *o, asy_buf *call,
								assay_err *err)
{
	if (o->scheme == ASY_SEAL_TIMELOCK)
		return asy_call_commit_timelocked(c->meta, o->netuid, o->mecid, asy_opening_commitment(o),
										  o->reveal_round, call, err);
	return asy_call_commit(c->meta, o->netuid, o->mecid, &o->commit_hash, call, err);
}

static assay_status prepare_commit(asy_chain *c, const asy_opening *o, asy_tx *tx, assay_err *err)
{
	asy_buf call = {0};
	assay_status st = asy_chain_refresh(c, NULL, err);
	if (st == ASSAY_OK)
		st = commit_call(c, o, &call, err);
	if (st == ASSAY_OK)
		st = sign(c, &call, commit_name(o), o->netuid, o->mecid, tx, err);
	asy_buf_fini(&call);
	return st;
}

assay_status asy_chain_prepare_commit(asy_chain *c, const asy_opening *o, asy_tx *tx,
									  assay_err *err)
{
	TRY(need_key(c, &o->hotkey, err));
	return ASY_ASK(c, err, prepare_commit(c, o, tx, err));
}

static assay_status prepare_reveal(asy_chain *c, const asy_opening *o, asy_tx *tx, assay_err *err)
{
	asy_buf call = {0};
	const asy_reveal_args args = {o->uids, o->values, o->n, o->salt, o->salt_n, o->version_key};
	assay_status st = asy_chain_refresh(c, NULL, err);
	if (st == ASSAY_OK)
		st = asy_call_reveal(c->meta, o->netuid, o->mecid, &args, &call, err);
	if (st == ASSAY_OK)
		st = sign(c, &call, o->mecid == 0 ? "reveal_weights" : "reveal_mechanism_weights",
				  o->netuid, o->mecid, tx, err);
	if (call.ptr != NULL)
		asy_wipe(call.ptr, call.len); /* it holds the salt, which nothing needs twice */
	asy_buf_fini(&call);
	return st;
}

assay_status asy_chain_prepare_reveal(asy_chain *c, const asy_opening *o, asy_tx *tx,
									  assay_err *err)
{
	assay_status st = need_key(c, &o->hotkey, err);
	if (st == ASSAY_OK && o->scheme != ASY_SEAL_HASH)
		st = ASSAY_FAIL(err, E_REFUSED, "the chain itself opens scheme \"%s\"",
						asy_seal_scheme_name(o->scheme));
	if (st != ASSAY_OK)
		return st;
	return ASY_ASK(c, err, prepare_reveal(c, o, tx, err));
}

static assay_status prepare_set_weights(asy_chain *c, uint16_t netuid, uint8_t mecid,
										const uint16_t *uids, const uint16_t *values, size_t n,
										uint64_t version_key, asy_tx *tx, assay_err *err)
{
	asy_buf call = {0};
	assay_status st = asy_chain_refresh(c, NULL, err);
	if (st == ASSAY_OK)
		st = asy_call_set_weights(c->meta, netuid, mecid, uids, values, n, version_key, &call, err);
	if (st == ASSAY_OK)
		st = sign(c, &call, mecid == 0 ? "set_weights" : "set_mechanism_weights", netuid, mecid, tx,
				  err);
	asy_buf_fini(&call);
	return st;
}

assay_status asy_chain_prepare_set_weights(asy_chain *c, uint16_t netuid, uint8_t mecid,
										   const uint16_t *uids, const uint16_t *values, size_t n,
										   uint64_t version_key, asy_tx *tx, assay_err *err)
{
	assay_status st = need_key(c, NULL, err);
	if (st != ASSAY_OK)
		return st;
	return ASY_ASK(c, err,
				   prepare_set_weights(c, netuid, mecid, uids, values, n, version_key, tx, err));
}
