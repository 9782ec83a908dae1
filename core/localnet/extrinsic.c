/* Extrinsic: version 4 framing, the two extension bytes sequences (era, nonce, tip,
 * mode) and the arguments of the served calls, every length bounded.
 * Reason to change: as extrinsic.h. */
#include "localnet/extrinsic.h"
#include "seal/seal.h"

static assay_status get_u16s(asy_scale *in, lnet_u16s *out, assay_err *err)
{
	size_t n;
	assay_span raw;
	assay_status st = asy_scale_count(in, 2, ASY_UIDS_MAX, &n, err);
	if (st == ASSAY_OK)
		st = asy_scale_raw(in, 2 * n, &raw, err);
	if (st == ASSAY_OK)
		*out = (lnet_u16s){raw.ptr, n};
	return st;
}

static assay_status get_hash(asy_scale *in, uint8_t out[32], assay_err *err)
{
	assay_span raw;
	assay_status st = asy_scale_raw(in, 32, &raw, err);
	if (st == ASSAY_OK)
		memcpy(out, raw.ptr, 32);
	return st;
}

/* What one element of a batch list is. */
typedef enum { EL_COMPACT, EL_COMPACT16, EL_HASH, EL_U16S, EL_U64, EL_PAIRS } element;

static assay_status skip_element(asy_scale *in, element kind, assay_err *err)
{
	uint64_t v;
	uint8_t hash[32];
	lnet_u16s list;
	size_t n;
	assay_status st;
	switch (kind) {
	case EL_COMPACT:
		return asy_scale_compact(in, &v, err);
	case EL_COMPACT16:
		st = asy_scale_compact(in, &v, err);
		if (st == ASSAY_OK && v > UINT16_MAX)
			st = ASSAY_FAIL(err, E_FORMAT, "compact %" PRIu64 " in a u16", v);
		return st;
	case EL_HASH:
		return get_hash(in, hash, err);
	case EL_U16S:
		return get_u16s(in, &list, err);
	case EL_U64:
		return asy_scale_u64(in, &v, err);
	case EL_PAIRS:
		st = asy_scale_count(in, 2, ASY_UIDS_MAX, &n, err);
		for (size_t i = 0; st == ASSAY_OK && i < 2 * n; i++)
			st = skip_element(in, EL_COMPACT16, err);
		return st;
	}
	return ASSAY_FAIL(err, E_INTERNAL, "unknown element kind");
}

static assay_status get_list(asy_scale *in, element kind, assay_span *out, assay_err *err)
{
	size_t n, at = in->at;
	assay_status st = asy_scale_count(in, 1, LNET_BATCH_MAX, &n, err);
	for (size_t i = 0; st == ASSAY_OK && i < n; i++)
		st = skip_element(in, kind, err);
	if (st == ASSAY_OK)
		*out = asy_span(in->bytes.ptr + at, in->at - at);
	return st;
}

static assay_status get_vector(asy_scale *in, bool mechanism, lnet_args *a, bool salted,
							   assay_err *err)
{
	assay_status st = asy_scale_u16(in, &a->netuid, err);
	if (st == ASSAY_OK && mechanism)
		st = asy_scale_u8(in, &a->mecid, err);
	if (st == ASSAY_OK)
		st = get_u16s(in, &a->uids, err);
	if (st == ASSAY_OK)
		st = get_u16s(in, &a->values, err);
	if (st == ASSAY_OK && salted)
		st = get_u16s(in, &a->salt, err);
	return st == ASSAY_OK ? asy_scale_u64(in, &a->version_key, err) : st;
}

static assay_status get_commit(asy_scale *in, bool mechanism, lnet_args *a, assay_err *err)
{
	assay_status st = asy_scale_u16(in, &a->netuid, err);
	if (st == ASSAY_OK && mechanism)
		st = asy_scale_u8(in, &a->mecid, err);
	return st == ASSAY_OK ? get_hash(in, a->hash.b, err) : st;
}

/* The chain's own bound on what it decodes; how much it takes is checked in the dispatch. */
static assay_status get_timelock(asy_scale *in, bool mechanism, lnet_args *a, assay_err *err)
{
	assay_status st = asy_scale_u16(in, &a->netuid, err);
	if (st == ASSAY_OK && mechanism)
		st = asy_scale_u8(in, &a->mecid, err);
	if (st == ASSAY_OK)
		st = asy_scale_bytes(in, ASY_SEAL_COMMIT_LIMIT, &a->commit, err);
	if (st == ASSAY_OK)
		st = asy_scale_u64(in, &a->reveal_round, err);
	return st == ASSAY_OK ? asy_scale_u16(in, &a->commit_version, err) : st;
}

static assay_status get_axon(asy_scale *in, lnet_args *a, assay_err *err)
{
	assay_status st = asy_scale_u16(in, &a->netuid, err);
	if (st == ASSAY_OK)
		st = asy_scale_u32(in, &a->version, err);
	if (st == ASSAY_OK)
		st = asy_scale_u128(in, a->ip, err);
	if (st == ASSAY_OK)
		st = asy_scale_u16(in, &a->port, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &a->ip_type, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &a->protocol, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &a->placeholder1, err);
	return st == ASSAY_OK ? asy_scale_u8(in, &a->placeholder2, err) : st;
}

static assay_status get_args(asy_scale *in, lnet_call call, lnet_args *a, assay_err *err)
{
	assay_status st;
	switch (call) {
	case LNET_C_TIMESTAMP_SET:
		return asy_scale_compact(in, &a->now, err);
	case LNET_C_SET_WEIGHTS:
	case LNET_C_SET_MECHANISM_WEIGHTS:
		return get_vector(in, call == LNET_C_SET_MECHANISM_WEIGHTS, a, false, err);
	case LNET_C_REVEAL_WEIGHTS:
	case LNET_C_REVEAL_MECHANISM_WEIGHTS:
		return get_vector(in, call == LNET_C_REVEAL_MECHANISM_WEIGHTS, a, true, err);
	case LNET_C_COMMIT_WEIGHTS:
	case LNET_C_COMMIT_MECHANISM_WEIGHTS:
		return get_commit(in, call == LNET_C_COMMIT_MECHANISM_WEIGHTS, a, err);
	case LNET_C_COMMIT_TIMELOCKED_WEIGHTS:
	case LNET_C_COMMIT_TIMELOCKED_MECHANISM_WEIGHTS:
		return get_timelock(in, call == LNET_C_COMMIT_TIMELOCKED_MECHANISM_WEIGHTS, a, err);
	case LNET_C_SERVE_AXON:
		return get_axon(in, a, err);
	case LNET_C_BURNED_REGISTER:
		st = asy_scale_u16(in, &a->netuid, err);
		return st == ASSAY_OK ? get_hash(in, a->hotkey.b, err) : st;
	case LNET_C_BATCH_SET_WEIGHTS:
		st = get_list(in, EL_COMPACT16, &a->list1, err);
		if (st == ASSAY_OK)
			st = get_list(in, EL_PAIRS, &a->list2, err);
		return st == ASSAY_OK ? get_list(in, EL_COMPACT, &a->list3, err) : st;
	case LNET_C_BATCH_COMMIT_WEIGHTS:
		st = get_list(in, EL_COMPACT16, &a->list1, err);
		return st == ASSAY_OK ? get_list(in, EL_HASH, &a->list2, err) : st;
	case LNET_C_BATCH_REVEAL_WEIGHTS:
		st = asy_scale_u16(in, &a->netuid, err);
		if (st == ASSAY_OK)
			st = get_list(in, EL_U16S, &a->list1, err);
		if (st == ASSAY_OK)
			st = get_list(in, EL_U16S, &a->list2, err);
		if (st == ASSAY_OK)
			st = get_list(in, EL_U16S, &a->list3, err);
		return st == ASSAY_OK ? get_list(in, EL_U64, &a->list4, err) : st;
	case LNET_C_N:
		break;
	}
	return ASSAY_FAIL(err, E_INPUT, "no such call");
}

static assay_status get_call(asy_scale *in, lnet_extrinsic *x, assay_err *err)
{
	uint8_t pallet, index;
	size_t at = in->at;
	assay_status st = asy_scale_u8(in, &pallet, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &index, err);
	if (st != ASSAY_OK)
		return st;
	size_t c = 0;
	while (c < LNET_C_N && (asy_lnet_calls[c].pallet != pallet || asy_lnet_calls[c].index != index))
		c++;
	if (c == LNET_C_N)
		return ASSAY_FAIL(err, E_INPUT, "no call %u of pallet %u", index, pallet);
	x->call = (lnet_call)c;
	st = get_args(in, x->call, &x->args, err);
	if (st == ASSAY_OK)
		st = asy_scale_end(in, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "arguments of %s", asy_lnet_calls[c].name);
	x->call_bytes = asy_span(in->bytes.ptr + at, in->bytes.len - at);
	return ASSAY_OK;
}

/* Era: 0 = immortal; otherwise two bytes: low four bits log2(period) - 1, the rest
 * the phase in steps of max(period / 4096, 1). */
static assay_status get_era(asy_scale *in, lnet_extrinsic *x, assay_err *err)
{
	uint8_t a, b;
	assay_status st = asy_scale_u8(in, &a, err);
	x->mortal = st == ASSAY_OK && a != 0;
	if (!x->mortal)
		return st;
	st = asy_scale_u8(in, &b, err);
	if (st != ASSAY_OK)
		return st;
	uint32_t v = a | (uint32_t)b << 8;
	x->period = UINT64_C(2) << (v % 16);
	uint64_t step = x->period >> 12 == 0 ? 1 : x->period >> 12;
	x->phase = (v >> 4) * step;
	if (x->period < 4 || x->phase >= x->period)
		return ASSAY_FAIL(err, E_INPUT, "era with phase %" PRIu64 " in period %" PRIu64, x->phase,
						  x->period);
	return ASSAY_OK;
}

static assay_status get_extra(asy_scale *in, lnet_extrinsic *x, assay_err *err)
{
	size_t at = in->at;
	uint64_t nonce;
	uint8_t mode;
	assay_status st = get_era(in, x, err);
	if (st == ASSAY_OK)
		st = asy_scale_compact(in, &nonce, err);
	if (st == ASSAY_OK && nonce > UINT32_MAX)
		st = ASSAY_FAIL(err, E_INPUT, "nonce %" PRIu64 " beyond 32 bits", nonce);
	if (st != ASSAY_OK)
		return st;
	x->nonce = (uint32_t)nonce;
	st = asy_scale_compact(in, &x->tip, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &mode, err);
	if (st != ASSAY_OK)
		return st;
	if (mode > 1)
		return ASSAY_FAIL(err, E_INPUT, "metadata hash mode %u", mode);
	x->metadata_hash = mode == 1;
	x->extra = asy_span(in->bytes.ptr + at, in->at - at);
	return ASSAY_OK;
}

static assay_status get_signature(asy_scale *in, lnet_extrinsic *x, assay_err *err)
{
	uint8_t address;
	assay_span raw;
	assay_status st = asy_scale_u8(in, &address, err);
	if (st == ASSAY_OK && address != 0)
		st = ASSAY_FAIL(err, E_INPUT, "address kind %u; only Id (0) is served", address);
	if (st == ASSAY_OK)
		st = get_hash(in, x->signer.b, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &x->scheme, err);
	if (st == ASSAY_OK && x->scheme > 1)
		st = ASSAY_FAIL(err, E_INPUT, "signature kind %u; served are 0 and 1", x->scheme);
	if (st == ASSAY_OK)
		st = asy_scale_raw(in, 64, &raw, err);
	if (st == ASSAY_OK)
		memcpy(x->signature, raw.ptr, 64);
	return st == ASSAY_OK ? get_extra(in, x, err) : st;
}

assay_status asy_lnet_extrinsic_decode(assay_span bytes, lnet_extrinsic *out, assay_err *err)
{
	lnet_extrinsic x = {.bytes = bytes};
	asy_scale in = asy_scale_in(bytes);
	uint64_t len;
	uint8_t version;
	if (bytes.len > LNET_EXTRINSIC_MAX)
		return ASSAY_FAIL(err, E_FORMAT, "%zu bytes, limit %d", bytes.len, LNET_EXTRINSIC_MAX);
	if (asy_scale_compact(&in, &len, err) != ASSAY_OK || len != asy_scale_left(&in) || len == 0)
		return ASSAY_FAIL(err, E_FORMAT, "the length prefix does not fit %zu bytes", bytes.len);
	assay_status st = asy_scale_u8(&in, &version, err);
	if (st == ASSAY_OK && version != 0x84 && version != 0x04)
		st = ASSAY_FAIL(err, E_INPUT, "extrinsic version byte 0x%02x", version);
	if (st == ASSAY_OK && version == 0x84) {
		x.is_signed = true;
		st = get_signature(&in, &x, err);
	}
	if (st == ASSAY_OK)
		st = get_call(&in, &x, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, ASSAY_E_INPUT, "undecodable extrinsic");
	asy_blake2b(bytes.ptr, bytes.len, x.hash.b, sizeof x.hash.b);
	*out = x;
	return ASSAY_OK;
}

uint64_t asy_lnet_era_birth(const lnet_extrinsic *x, uint64_t current)
{
	uint64_t c = current > x->phase ? current : x->phase;
	return (c - x->phase) / x->period * x->period + x->phase;
}

bool asy_lnet_extrinsic_verify(const lnet_extrinsic *x, uint32_t spec, const asy_hash *genesis,
							   const asy_hash *birth)
{
	uint8_t extra[4 + 4 + 32 + 32 + 1], digest[32];
	asy_buf payload = {0};
	/* Mode 1 would sign a metadata digest that this runtime does not have. */
	if (!x->is_signed || x->metadata_hash)
		return false;
	asy_put_u32le(extra, spec);
	asy_put_u32le(extra + 4, LNET_TX_VERSION);
	memcpy(extra + 8, genesis->b, 32);
	memcpy(extra + 40, birth->b, 32);
	extra[72] = 0;
	bool ok = asy_buf_add(&payload, x->call_bytes.ptr, x->call_bytes.len, NULL) == ASSAY_OK &&
			  asy_buf_add(&payload, x->extra.ptr, x->extra.len, NULL) == ASSAY_OK &&
			  asy_buf_add(&payload, extra, sizeof extra, NULL) == ASSAY_OK;
	assay_span msg = asy_buf_span(&payload);
	if (ok && msg.len > 256) {
		asy_blake2b(msg.ptr, msg.len, digest, sizeof digest);
		msg = asy_span(digest, sizeof digest);
	}
	ok = ok && asy_verify(x->scheme == 1 ? ASY_KEY_SR25519 : ASY_KEY_ED25519, x->signer.b, msg.ptr,
						  msg.len, x->signature);
	asy_buf_fini(&payload);
	return ok;
}

assay_status asy_lnet_inherent_encode(uint64_t now_ms, asy_buf *out, assay_err *err)
{
	asy_buf body = {0};
	asy_scale_w w = asy_scale_out(&body);
	asy_scale_put_u8(&w, 0x04);
	asy_scale_put_u8(&w, asy_lnet_calls[LNET_C_TIMESTAMP_SET].pallet);
	asy_scale_put_u8(&w, asy_lnet_calls[LNET_C_TIMESTAMP_SET].index);
	asy_scale_put_compact(&w, now_ms);
	assay_status st = asy_scale_out_end(&w, err);
	if (st == ASSAY_OK) {
		asy_scale_w o = asy_scale_out(out);
		asy_scale_put_bytes(&o, body.ptr, body.len);
		st = asy_scale_out_end(&o, err);
	}
	asy_buf_fini(&body);
	return st;
}
