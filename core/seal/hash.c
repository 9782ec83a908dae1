/* The hash scheme: BLAKE2b-256 over account, storage index, uids, values, salt and
 * version key (mirrors: subtensor subnets/weights.rs:get_commit_hash, specs 425 and 475).
 * Seals exactly what it is given.
 * Reason to change: the preimage changes. */
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "seal/impl.h"

assay_status asy_seal_check_place(const asy_seal_input *in, assay_err *err)
{
	if (in->netuid > ASY_NETUID_MAX || in->mecid > ASY_MECID_MAX)
		return ASSAY_FAIL(err, E_RANGE, "netuid %u mechanism %u, limits %u and %u", in->netuid,
						  in->mecid, ASY_NETUID_MAX, ASY_MECID_MAX);
	return ASSAY_OK;
}

assay_status asy_seal_preimage(const asy_seal_input *in, const uint16_t *salt, size_t salt_n,
							   asy_buf *out, assay_err *err)
{
	TRY(asy_seal_check_place(in, err));
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
