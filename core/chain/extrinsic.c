/* Extrinsics, format version 4: era, signed payload, signature, framing. The list and
 * order of extensions come from metadata; one that we neither know nor may skip (it
 * would add bytes) stops the signing.
 * Reason to change: a runtime brings an extension that has to be understood. */
#include "codec/codec.h"
#include "chain/extrinsic.h"

/* ---- eras ---- */

asy_era asy_era_immortal(void)
{
	return (asy_era){.len = 1, .death = UINT64_MAX};
}

asy_era asy_era_mortal(uint64_t period, uint64_t current)
{
	unsigned log = 2;
	while (log < 16 && ((uint64_t)1 << log) < period)
		log++;
	asy_era e = {.len = 2, .period = (uint64_t)1 << log};
	uint64_t quantum = e.period >> 12 > 1 ? e.period >> 12 : 1;
	e.phase = current % e.period / quantum * quantum;
	unsigned code = log - 1 > 15 ? 15 : log - 1;
	asy_put_u16le(e.bytes, (uint16_t)(code | (unsigned)(e.phase / quantum) << 4));
	uint64_t from = current > e.phase ? current - e.phase : 0;
	e.birth = from / e.period * e.period + e.phase;
	e.death = asy_sat_add_u64(e.birth, e.period);
	return e;
}

/* ---- extensions ---- */

/* What an extension puts into the extrinsic and into the signed payload only. */
typedef enum {
	EXT_NONE,
	EXT_SPEC,
	EXT_TX,
	EXT_GENESIS,
	EXT_ERA,
	EXT_NONCE,
	EXT_TIP,
	EXT_METADATA
} ext_role;
static const struct {
	const char *identifier;
	ext_role role;
	const char *extra, *additional; /* shapes; NULL = the era's, see era_shape */
} known_ext[] = {
	{"CheckNonZeroSender", EXT_NONE, "()", "()"},
	{"CheckSpecVersion", EXT_SPEC, "()", "u32"},
	{"CheckTxVersion", EXT_TX, "()", "u32"},
	{"CheckGenesis", EXT_GENESIS, "()", "[u8;32]"},
	{"CheckMortality", EXT_ERA, NULL, "[u8;32]"},
	{"CheckNonce", EXT_NONCE, "Compact<u32>", "()"},
	{"CheckWeight", EXT_NONE, "()", "()"},
	{"ChargeTransactionPayment", EXT_TIP, "Compact<u64>", "()"},
	{"CheckMetadataHash", EXT_METADATA, "enum{0|1}", "Option<[u8;32]>"},
};

/* The era is an enum whose first byte carries half the value: 0, or 1(u8) .. 255(u8). */
static assay_status expect_era(const asy_metadata *m, uint32_t type, assay_err *err)
{
	asy_buf shape = {0};
	assay_status st = asy_buf_add_str(&shape, "enum{0", err);
	for (unsigned i = 1; i < 256 && st == ASSAY_OK; i++)
		st = asy_buf_printf(&shape, err, "|%u(u8)", i);
	if (st == ASSAY_OK)
		st = asy_buf_add_str(&shape, "}", err);
	const char *text = st == ASSAY_OK ? asy_buf_cstr(&shape) : NULL;
	if (st == ASSAY_OK && text == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "the shape of an era");
	if (st == ASSAY_OK)
		st = asy_metadata_expect(m, type, text, "the era", err);
	asy_buf_fini(&shape);
	return st;
}

/* Nothing but brackets: no bytes on the wire. */
static assay_status is_empty_type(const asy_metadata *m, uint32_t type, bool *empty, assay_err *err)
{
	asy_buf shape = {0};
	assay_status st = asy_metadata_shape(m, type, &shape, err);
	*empty = st == ASSAY_OK;
	for (size_t i = 0; i < shape.len && *empty; i++)
		*empty = shape.ptr[i] == '(' || shape.ptr[i] == ')' || shape.ptr[i] == ',';
	asy_buf_fini(&shape);
	return st;
}

static assay_status role_of(const asy_metadata *m, const asy_extension *x, ext_role *role,
							assay_err *err)
{
	for (size_t i = 0; i < ASY_COUNT(known_ext); i++) {
		if (strcmp(known_ext[i].identifier, x->identifier) != 0)
			continue;
		assay_status st =
			known_ext[i].extra == NULL
				? expect_era(m, x->extra, err)
				: asy_metadata_expect(m, x->extra, known_ext[i].extra, x->identifier, err);
		if (st == ASSAY_OK)
			st = asy_metadata_expect(m, x->additional, known_ext[i].additional, x->identifier, err);
		*role = known_ext[i].role;
		return st;
	}
	bool extra = false, additional = false;
	assay_status st = is_empty_type(m, x->extra, &extra, err);
	if (st == ASSAY_OK)
		st = is_empty_type(m, x->additional, &additional, err);
	if (st == ASSAY_OK && !(extra && additional))
		st = ASSAY_FAIL(err, E_UNSUPPORTED,
						"the runtime wants transaction extension %.64s, which this program does "
						"not know: nothing is signed until there is a version of Assay for it",
						x->identifier);
	*role = EXT_NONE;
	return st;
}

/* Writes extra or additional of all extensions, in the runtime's order. */
static assay_status put_extensions(const asy_metadata *m, const asy_sign_params *p, bool extra,
								   asy_scale_w *w, assay_err *err)
{
	for (uint32_t i = 0; i < m->extensions_n; i++) {
		ext_role role = EXT_NONE;
		assay_status st = role_of(m, &m->extensions[i], &role, err);
		if (st != ASSAY_OK)
			return st;
		switch (role) {
		case EXT_NONE:
			break;
		case EXT_SPEC:
			if (!extra)
				asy_scale_put_u32(w, p->spec_version);
			break;
		case EXT_TX:
			if (!extra)
				asy_scale_put_u32(w, p->tx_version);
			break;
		case EXT_GENESIS:
			if (!extra)
				asy_scale_put_raw(w, p->genesis.b, 32);
			break;
		case EXT_ERA:
			if (extra)
				asy_scale_put_raw(w, p->era.bytes, p->era.len);
			else
				asy_scale_put_raw(w, p->birth_hash.b, 32);
			break;
		case EXT_NONCE:
			if (extra)
				asy_scale_put_compact(w, p->nonce);
			break;
		case EXT_TIP:
			if (extra)
				asy_scale_put_compact(w, p->tip);
			break;
		case EXT_METADATA: /* mode disabled, no digest */
			asy_scale_put_u8(w, 0);
			break;
		}
	}
	return ASSAY_OK;
}

assay_status asy_extrinsic_payload(const asy_metadata *m, assay_span call, const asy_sign_params *p,
								   asy_buf *out, assay_err *err)
{
	asy_scale_w w = asy_scale_out(out);
	asy_scale_put_raw(&w, call.ptr, call.len);
	assay_status st = put_extensions(m, p, true, &w, err);
	if (st == ASSAY_OK)
		st = put_extensions(m, p, false, &w, err);
	return st == ASSAY_OK ? asy_scale_out_end(&w, err) : st;
}

void asy_extrinsic_to_sign(assay_span payload, asy_signed_bytes *out)
{
	if (payload.len > sizeof out->bytes) {
		out->len = 32;
		asy_blake2b(payload.ptr, payload.len, out->bytes, out->len);
		return;
	}
	out->len = payload.len;
	memcpy(out->bytes, payload.ptr, payload.len);
}

/* ---- framing ---- */

/* The address must have variant 0 = Id(account), the signature the scheme's variant. */
static assay_status check_envelope(const asy_metadata *m, asy_key_scheme scheme, assay_err *err)
{
	bool has_v4 = false;
	for (uint8_t i = 0; i < m->extrinsic_versions_n; i++)
		has_v4 = has_v4 || m->extrinsic_versions[i] == 4;
	if (!has_v4)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "the runtime takes no extrinsics of version 4");
	const asy_type_variant *id = asy_metadata_variant_at(m, m->address_type, 0);
	if (id == NULL || strcmp(id->name, "Id") != 0 || id->fields_n != 1)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "the runtime's address is not a MultiAddress");
	const asy_type_variant *sig = asy_metadata_variant_at(m, m->signature_type, (uint8_t)scheme);
	const char *want = scheme == ASY_KEY_SR25519 ? "Sr25519" : "Ed25519";
	if (sig == NULL || strcmp(sig->name, want) != 0 || sig->fields_n != 1)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "the runtime takes no %s signatures", want);
	assay_status st = asy_metadata_expect(m, id->fields[0].type, "[u8;32]", "an account", err);
	if (st == ASSAY_OK)
		st = asy_metadata_expect(m, sig->fields[0].type, "[u8;64]", "a signature", err);
	return st;
}

assay_status asy_extrinsic_assemble(const asy_metadata *m, assay_span call,
									const asy_sign_params *p, asy_key_scheme scheme,
									const asy_account *signer, const uint8_t signature[64],
									asy_buf *out, assay_err *err)
{
	asy_buf body = {0};
	asy_scale_w w = asy_scale_out(&body);
	assay_status st = check_envelope(m, scheme, err);
	asy_scale_put_u8(&w, 0x84); /* signed, version 4 */
	asy_scale_put_u8(&w, 0);    /* MultiAddress::Id */
	asy_scale_put_raw(&w, signer->b, 32);
	asy_scale_put_u8(&w, (uint8_t)scheme);
	asy_scale_put_raw(&w, signature, 64);
	if (st == ASSAY_OK)
		st = put_extensions(m, p, true, &w, err);
	asy_scale_put_raw(&w, call.ptr, call.len);
	if (st == ASSAY_OK)
		st = asy_scale_out_end(&w, err);
	if (st == ASSAY_OK) {
		asy_scale_w framed = asy_scale_out(out);
		asy_scale_put_bytes(&framed, body.ptr, body.len);
		st = asy_scale_out_end(&framed, err);
	}
	asy_buf_fini(&body);
	return st;
}

assay_status asy_extrinsic_sign(const asy_metadata *m, assay_span call, const asy_sign_params *p,
								const asy_key *key, asy_rng *rng, asy_buf *out, assay_err *err)
{
	asy_buf payload = {0};
	asy_signed_bytes what;
	asy_account signer;
	uint8_t sig[64];
	asy_key_scheme scheme = asy_key_kind(key);
	asy_key_public(key, signer.b);
	assay_status st = asy_extrinsic_payload(m, call, p, &payload, err);
	if (st != ASSAY_OK)
		goto out;
	asy_extrinsic_to_sign(asy_buf_span(&payload), &what);
	st = asy_key_sign(key, what.bytes, what.len, rng, sig, err);
	/* a wrong signature that got out would look like a wrong runtime version */
	if (st == ASSAY_OK && !asy_verify(scheme, signer.b, what.bytes, what.len, sig))
		st = ASSAY_FAIL(err, E_CRYPTO, "the signature just made does not verify");
	if (st == ASSAY_OK)
		st = asy_extrinsic_assemble(m, call, p, scheme, &signer, sig, out, err);
out:
	asy_buf_fini(&payload);
	return st;
}

asy_hash asy_extrinsic_hash(assay_span bytes)
{
	asy_hash h;
	asy_blake2b(bytes.ptr, bytes.len, h.b, sizeof h.b);
	return h;
}
