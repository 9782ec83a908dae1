/* The hash scheme: BLAKE2b-256 over account, storage index, uids, values, salt and
 * version key (mirrors: subtensor subnets/weights.rs:get_commit_hash, spec 425).
 * Seals exactly what it is given; a vector the chain would refuse at the reveal is
 * refused here, before the commitment exists.
 * Reason to change: a scheme is added, or the preimage of this one changes. */
#include <stdlib.h>
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "seal/seal.h"

const char *asy_seal_scheme_name(asy_seal_scheme s)
{
	switch (s) {
	case ASY_SEAL_HASH:
		return "hash";
	case ASY_SEAL_TIMELOCK:
		return "timelock";
	}
	return "?";
}

assay_status asy_seal_preimage(const asy_seal_input *in, const uint16_t *salt, size_t salt_n,
							   asy_buf *out, assay_err *err)
{
	if (in->netuid > ASY_NETUID_MAX || in->mecid > ASY_MECID_MAX)
		return ASSAY_FAIL(err, E_RANGE, "netuid %u mechanism %u, limits %u and %u", in->netuid,
						  in->mecid, ASY_NETUID_MAX, ASY_MECID_MAX);
	if (in->n > ASY_UIDS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu uids, limit %u", in->n, ASY_UIDS_MAX);
	if (salt_n > ASY_SEAL_SALT_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "a salt of %zu words, limit %d", salt_n, ASY_SEAL_SALT_MAX);
	asy_scale_w w = asy_scale_out(out);
	asy_scale_put_raw(&w, in->hotkey.b, sizeof in->hotkey.b);
	asy_scale_put_u16(&w, asy_storage_index(in->netuid, in->mecid));
	asy_scale_put_u16s(&w, in->uids, in->n);
	asy_scale_put_u16s(&w, in->values, in->n);
	asy_scale_put_u16s(&w, salt, salt_n);
	asy_scale_put_u64(&w, in->version_key);
	return asy_scale_out_end(&w, err);
}

assay_status asy_seal_hash(const asy_seal_input *in, const uint16_t *salt, size_t salt_n,
						   asy_hash *out, assay_err *err)
{
	asy_buf preimage = {0};
	assay_status st = asy_seal_preimage(in, salt, salt_n, &preimage, err);
	if (st == ASSAY_OK)
		asy_blake2b(preimage.ptr, preimage.len, out->b, sizeof out->b);
	if (preimage.ptr != NULL)
		asy_wipe(preimage.ptr, preimage.len); /* it holds the salt */
	asy_buf_fini(&preimage);
	return st;
}

/* What the chain checks only when the vector is revealed, long after the commit. */
static assay_status check_vector(const asy_seal_input *in, assay_err *err)
{
	if (in->n == 0)
		return ASSAY_FAIL(err, E_EMPTY, "no weights to seal");
	if (in->n > ASY_UIDS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu uids, limit %u", in->n, ASY_UIDS_MAX);
	uint8_t seen[65536 / 8] = {0};
	bool any = false;
	for (size_t i = 0; i < in->n; i++) {
		uint16_t uid = in->uids[i];
		if ((seen[uid >> 3] >> (uid & 7) & 1) != 0)
			return ASSAY_FAIL(err, E_INPUT, "uid %u is in the vector twice", uid);
		seen[uid >> 3] = (uint8_t)(seen[uid >> 3] | 1u << (uid & 7));
		any = any || in->values[i] != 0;
	}
	if (!any)
		return ASSAY_FAIL(err, E_INPUT, "all %zu weights are zero", in->n);
	return ASSAY_OK;
}

static assay_status freeze(const asy_seal_input *in, asy_rng *rng, asy_opening **out,
						   assay_err *err)
{
	asy_opening *o = asy_calloc(1, sizeof *o);
	if (o == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an opening of %zu weights", in->n);
	o->scheme = ASY_SEAL_HASH;
	o->hotkey = in->hotkey;
	o->netuid = in->netuid;
	o->mecid = in->mecid;
	o->version_key = in->version_key;
	o->n = in->n;
	o->salt_n = ASY_SEAL_SALT_LEN;
	o->uids = asy_calloc(in->n, sizeof *o->uids);
	o->values = asy_calloc(in->n, sizeof *o->values);
	o->salt = asy_calloc(o->salt_n, sizeof *o->salt);
	if (o->uids == NULL || o->values == NULL || o->salt == NULL) {
		asy_opening_free(o);
		return ASSAY_FAIL(err, E_NOMEM, "an opening of %zu weights", in->n);
	}
	memcpy(o->uids, in->uids, in->n * sizeof *o->uids);
	memcpy(o->values, in->values, in->n * sizeof *o->values);
	uint8_t words[ASY_SEAL_SALT_LEN * 2]; /* by bytes, so that every host draws the same salt */
	rng->fill(rng, words, sizeof words);
	for (size_t i = 0; i < o->salt_n; i++)
		o->salt[i] = asy_get_u16le(words + 2 * i);
	asy_wipe(words, sizeof words);
	*out = o;
	return ASSAY_OK;
}

assay_status asy_seal(asy_seal_scheme scheme, const asy_seal_input *in, asy_rng *rng,
					  asy_opening **out, asy_buf *commitment, assay_err *err)
{
	if (scheme != ASY_SEAL_HASH)
		return ASSAY_FAIL(err, E_UNSUPPORTED,
						  "this build seals with scheme \"hash\" only, not \"%s\"",
						  asy_seal_scheme_name(scheme));
	asy_opening *o = NULL;
	asy_hash again;
	assay_status st = check_vector(in, err);
	if (st == ASSAY_OK)
		st = freeze(in, rng, &o, err);
	if (st == ASSAY_OK)
		st = asy_seal_hash(in, o->salt, o->salt_n, &o->commit_hash, err);
	if (st != ASSAY_OK)
		goto out;
	/* from the copies this time: what will be revealed, not what was handed in */
	const asy_seal_input frozen = {o->hotkey, o->netuid, o->mecid,      o->uids,
								   o->values, o->n,      o->version_key};
	st = asy_seal_hash(&frozen, o->salt, o->salt_n, &again, err);
	if (st == ASSAY_OK && !asy_hash_eq(&again, &o->commit_hash))
		st = ASSAY_FAIL(err, E_INTERNAL, "the frozen opening does not match its commitment");
	if (st == ASSAY_OK)
		st = asy_buf_add(commitment, o->commit_hash.b, sizeof o->commit_hash.b, err);
	if (st == ASSAY_OK) {
		*out = o;
		o = NULL;
	}
out:
	asy_opening_free(o);
	return st;
}
