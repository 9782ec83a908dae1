/* Eras and whole extrinsics: the call from its arguments, the payload, the framing. */
#include <stdlib.h>
#include "golden/golden_chain.h"
#include "support/value_encode.h"

void golden_chain_era(golden *g, asy_jv root)
{
	asy_era forever = asy_era_immortal();
	if (chain_same_hex(asy_jv_get(root, "immortal"), asy_span(forever.bytes, forever.len)))
		golden_pass(g);
	else
		golden_fail(g, "immortal", "the bytes differ");
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		asy_era e = asy_era_mortal(chain_u64(c, "requested_period"), chain_u64(c, "current_block"));
		if (chain_same_hex(asy_jv_get(c, "encoded"), asy_span(e.bytes, e.len)) &&
			e.period == chain_u64(c, "period") && e.phase == chain_u64(c, "phase") &&
			e.birth == chain_u64(c, "birth") && e.death == chain_u64(c, "death"))
			golden_pass(g);
		else
			golden_fail(g, chain_str(c, "encoded"),
						"period %" PRIu64 " phase %" PRIu64 " birth %" PRIu64, e.period, e.phase,
						e.birth);
	}
}

/* The call from its JSON arguments, by the types that metadata gives. */
static assay_status build_call(const asy_metadata *m, asy_jv c, asy_buf *out, assay_err *err)
{
	char name[96];
	const char *pallet = "SubtensorModule", *call = name;
	(void)asy_str_copy(name, sizeof name, chain_str(c, "name"));
	name[strcspn(name, ":")] = '\0';
	if (strncmp(name, "system.", 7) == 0) {
		pallet = "System";
		call = name + 7;
	}
	uint8_t index = 0;
	const asy_type_variant *v = asy_metadata_call(m, pallet, call, &index);
	if (v == NULL)
		return ASSAY_FAIL(err, E_NOTFOUND, "no call %s.%s", pallet, call);
	const uint8_t head[2] = {index, v->index};
	assay_status st = asy_buf_add(out, head, sizeof head, err);
	for (uint32_t i = 0; i < v->fields_n && st == ASSAY_OK; i++)
		st = value_encode(m, v->fields[i].type,
						  asy_jv_get(asy_jv_get(c, "call_args"), v->fields[i].name), out, err);
	return st;
}

static bool hash_of(asy_jv v, asy_hash *out)
{
	asy_buf b = {0};
	bool ok = chain_hex(v, &b) && b.len == 32;
	if (ok)
		memcpy(out->b, b.ptr, 32);
	asy_buf_fini(&b);
	return ok;
}

static bool params_of(asy_jv c, asy_sign_params *p)
{
	asy_jv era = asy_jv_get(c, "era");
	bool immortal = false;
	(void)!asy_jv_bool(asy_jv_get(era, "immortal"), &immortal, NULL);
	p->era = immortal ? asy_era_immortal()
					  : asy_era_mortal(chain_u64(era, "period"), chain_u64(era, "current_block"));
	p->nonce = (uint32_t)chain_u64(c, "nonce");
	p->tip = chain_u64(c, "tip");
	p->spec_version = (uint32_t)chain_u64(c, "spec_version");
	p->tx_version = (uint32_t)chain_u64(c, "transaction_version");
	return hash_of(asy_jv_get(c, "genesis_hash"), &p->genesis) &&
		   hash_of(asy_jv_get(c, "block_hash"), &p->birth_hash) &&
		   chain_same_hex(asy_jv_get(era, "encoded"), asy_span(p->era.bytes, p->era.len));
}

/* The hand-written call of the validator's own calls must equal the generic one. */
static bool own_call_agrees(const asy_metadata *m, asy_jv c, assay_span want)
{
	asy_jv args = asy_jv_get(c, "call_args");
	asy_buf out = {0};
	assay_err err;
	asy_hash h;
	assay_status st;
	const char *name = chain_str(c, "name");
	uint16_t netuid = (uint16_t)chain_u64(args, "netuid");
	uint8_t mecid = (uint8_t)chain_u64(args, "mecid");
	if (strcmp(name, "commit_weights") == 0 || strcmp(name, "commit_mechanism_weights") == 0)
		st = hash_of(asy_jv_get(args, "commit_hash"), &h)
				 ? asy_call_commit(m, netuid, mecid, &h, &out, &err)
				 : ASSAY_E_INPUT;
	else
		return true;
	bool same = st == ASSAY_OK && asy_span_eq(asy_buf_span(&out), want);
	asy_buf_fini(&out);
	return same;
}

/* Signs again with the development key named and compares or verifies. */
static const char *sign_again(const asy_metadata *m, asy_jv c, assay_span call,
							  const asy_sign_params *p, assay_span want)
{
	asy_key_scheme scheme =
		strcmp(chain_str(c, "scheme"), "sr25519") == 0 ? ASY_KEY_SR25519 : ASY_KEY_ED25519;
	asy_key *key = NULL;
	asy_buf out = {0};
	asy_seeded_rng rng;
	assay_err err;
	static const uint8_t seed[32] = {1};
	const char *wrong = NULL;
	asy_seeded_rng_init(&rng, seed);
	if (asy_key_from_uri(scheme, chain_str(c, "signer"), &key, &err) != ASSAY_OK)
		return "the signer's key";
	if (asy_extrinsic_sign(m, call, p, key, &rng.iface, &out, &err) != ASSAY_OK)
		wrong = "signing";
	else if (scheme == ASY_KEY_ED25519 && !asy_span_eq(asy_buf_span(&out), want))
		wrong = "the ed25519 extrinsic signed here";
	else if (out.len != want.len)
		wrong = "the length of the extrinsic signed here";
	asy_buf_fini(&out);
	asy_key_free(key);
	return wrong;
}

static const char *extrinsic_case(const asy_metadata *m, asy_jv c)
{
	asy_buf call = {0}, payload = {0}, sig = {0}, account = {0}, out = {0};
	asy_sign_params p = {.tip = 0};
	asy_signed_bytes what;
	asy_account signer;
	assay_err err;
	const char *wrong = NULL;
	asy_key_scheme scheme =
		strcmp(chain_str(c, "scheme"), "sr25519") == 0 ? ASY_KEY_SR25519 : ASY_KEY_ED25519;
	if (!params_of(c, &p) || !chain_hex(asy_jv_get(c, "signature"), &sig) || sig.len != 64 ||
		!chain_hex(asy_jv_get(c, "public_key"), &account) || account.len != 32) {
		wrong = "the case cannot be read, or its era";
		goto out;
	}
	memcpy(signer.b, account.ptr, 32);
	if (build_call(m, c, &call, &err) != ASSAY_OK ||
		!chain_same_hex(asy_jv_get(c, "call"), asy_buf_span(&call))) {
		wrong = "the call";
		goto out;
	}
	if (!own_call_agrees(m, c, asy_buf_span(&call)))
		wrong = "the call as a validator builds it";
	else if (asy_extrinsic_payload(m, asy_buf_span(&call), &p, &payload, &err) != ASSAY_OK ||
			 !chain_same_hex(asy_jv_get(c, "signing_payload"), asy_buf_span(&payload)))
		wrong = "the payload";
	if (wrong != NULL)
		goto out;
	asy_extrinsic_to_sign(asy_buf_span(&payload), &what);
	if (!chain_same_hex(asy_jv_get(c, "signed_bytes"), asy_span(what.bytes, what.len)))
		wrong = "the bytes that are signed";
	else if (!asy_verify(scheme, signer.b, what.bytes, what.len, sig.ptr))
		wrong = "the signature does not verify";
	else if (asy_extrinsic_assemble(m, asy_buf_span(&call), &p, scheme, &signer, sig.ptr, &out,
									&err) != ASSAY_OK ||
			 !chain_same_hex(asy_jv_get(c, "signed_extrinsic"), asy_buf_span(&out)))
		wrong = "the extrinsic";
	else {
		asy_hash h = asy_extrinsic_hash(asy_buf_span(&out));
		if (!chain_same_hex(asy_jv_get(c, "extrinsic_hash"), asy_span(h.b, 32)))
			wrong = "the hash";
		else
			wrong = sign_again(m, c, asy_buf_span(&call), &p, asy_buf_span(&out));
	}
out:
	asy_buf_fini(&out);
	asy_buf_fini(&account);
	asy_buf_fini(&sig);
	asy_buf_fini(&payload);
	asy_buf_fini(&call);
	return wrong;
}

/* The same extensions in the same order, at the same spec. */
static bool signs_so(const asy_metadata *m, size_t bytes, asy_jv root)
{
	(void)bytes;
	asy_jv list = asy_jv_get(root, "transaction_extensions");
	uint64_t spec = chain_u64(asy_jv_at(asy_jv_get(root, "cases"), 0), "spec_version");
	bool same = spec == chain_spec_version(m) && asy_jv_size(list) == m->extensions_n;
	for (size_t i = 0; same && i < asy_jv_size(list); i++) {
		const char *name = "";
		size_t len;
		same = asy_jv_str(asy_jv_at(list, i), &name, &len, NULL) == ASSAY_OK &&
			   strcmp(name, m->extensions[i].identifier) == 0;
	}
	return same;
}

void golden_chain_extrinsics(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	asy_metadata *m =
		chain_blob_for(g, root, chain_str(root, "metadata"), signs_so, asy_jv_size(cases));
	assay_err err = {0};
	if (m != NULL && asy_crypto_init(&err) != ASSAY_OK) {
		golden_fail(g, NULL, "%s", err.msg);
		asy_metadata_free(m);
		return;
	}
	for (size_t i = 0; m != NULL && i < asy_jv_size(cases); i++) {
		const char *wrong = extrinsic_case(m, asy_jv_at(cases, i));
		if (wrong == NULL)
			golden_pass(g);
		else
			golden_fail(g, chain_str(asy_jv_at(cases, i), "name"), "%s", wrong);
	}
	asy_metadata_free(m);
}
