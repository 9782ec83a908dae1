/* The opening as bytes for the store, and back. Decoding recomputes the commitment, so
 * that a damaged opening is found at start, not in the one epoch that accepts it.
 * Refuses other versions, unknown schemes, unequal lists and left-over bytes.
 * Reason to change: a scheme keeps something more; then the version goes up. */
#include <stdlib.h>
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "seal/seal.h"

static const uint8_t opening_magic[4] = {'A', 'S', 'O', 'P'};
/* The version follows from the scheme, so that hash openings stay readable by older programs. */
enum { VERSION_HASH = 1, VERSION_TIMELOCK = 2, CHECK_LEN = 16 };

void asy_opening_free(asy_opening *o)
{
	if (o == NULL)
		return;
	if (o->salt != NULL)
		asy_wipe(o->salt, o->salt_n * sizeof *o->salt);
	free(o->salt);
	free(o->sealed);
	free(o->values);
	free(o->uids);
	free(o);
}

assay_status asy_opening_encode(const asy_opening *o, asy_buf *out, assay_err *err)
{
	asy_scale_w w = asy_scale_out(out);
	size_t start = out->len;
	uint8_t check[CHECK_LEN];
	asy_scale_put_raw(&w, opening_magic, sizeof opening_magic);
	asy_scale_put_u8(&w, o->scheme == ASY_SEAL_TIMELOCK ? VERSION_TIMELOCK : VERSION_HASH);
	asy_scale_put_u8(&w, (uint8_t)o->scheme);
	asy_scale_put_raw(&w, o->hotkey.b, sizeof o->hotkey.b);
	asy_scale_put_u16(&w, o->netuid);
	asy_scale_put_u8(&w, o->mecid);
	asy_scale_put_u16s(&w, o->uids, o->n);
	asy_scale_put_u16s(&w, o->values, o->n);
	asy_scale_put_u16s(&w, o->salt, o->salt_n);
	asy_scale_put_u64(&w, o->version_key);
	asy_scale_put_raw(&w, o->commit_hash.b, sizeof o->commit_hash.b);
	asy_scale_put_u64(&w, o->reveal_round);
	if (o->scheme == ASY_SEAL_TIMELOCK) {
		asy_scale_put_bytes(&w, o->sealed, o->sealed_len);
		TRY(asy_scale_out_end(&w, err));
		asy_blake2b(out->ptr + start, out->len - start, check, sizeof check);
		asy_scale_put_raw(&w, check, sizeof check);
	}
	return asy_scale_out_end(&w, err);
}

static assay_status get_u16s(asy_scale *in, size_t max, uint16_t **out, size_t *n, assay_err *err)
{
	size_t count;
	assay_status st = asy_scale_count(in, 2, max, &count, err);
	if (st != ASSAY_OK)
		return st;
	uint16_t *v = asy_calloc(count > 0 ? count : 1, sizeof *v);
	if (v == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu words", count);
	for (size_t i = 0; i < count && st == ASSAY_OK; i++)
		st = asy_scale_u16(in, &v[i], err);
	if (st != ASSAY_OK) {
		free(v);
		return st;
	}
	*out = v;
	*n = count;
	return ASSAY_OK;
}

static assay_status get_head(asy_scale *in, asy_opening *o, assay_err *err)
{
	assay_span magic, hotkey;
	uint8_t version = 0, scheme = 0;
	assay_status st = asy_scale_raw(in, sizeof opening_magic, &magic, err);
	if (st != ASSAY_OK)
		return st;
	if (memcmp(magic.ptr, opening_magic, sizeof opening_magic) != 0)
		return ASSAY_FAIL(err, E_FORMAT, "these bytes are not an opening");
	st = asy_scale_u8(in, &version, err);
	if (st == ASSAY_OK && version != VERSION_HASH && version != VERSION_TIMELOCK)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "opening format %u, this program reads up to %u",
						  version, VERSION_TIMELOCK);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &scheme, err);
	if (st == ASSAY_OK && scheme != (version == VERSION_HASH ? ASY_SEAL_HASH : ASY_SEAL_TIMELOCK))
		return ASSAY_FAIL(err, E_UNSUPPORTED, "opening of scheme %u in format %u", scheme, version);
	o->scheme = (asy_seal_scheme)scheme;
	if (st == ASSAY_OK)
		st = asy_scale_raw(in, sizeof o->hotkey.b, &hotkey, err);
	if (st == ASSAY_OK)
		memcpy(o->hotkey.b, hotkey.ptr, sizeof o->hotkey.b);
	if (st == ASSAY_OK)
		st = asy_scale_u16(in, &o->netuid, err);
	if (st == ASSAY_OK)
		st = asy_scale_u8(in, &o->mecid, err);
	return st;
}

/* The hash of a timelock commitment says nothing of the vector, so that all bytes before are
 * checked by a digest at the end. */
static assay_status get_sealed(asy_scale *in, asy_opening *o, assay_err *err)
{
	assay_span sealed, check;
	uint8_t again[CHECK_LEN];
	TRY(asy_scale_bytes(in, ASY_SEAL_COMMIT_LIMIT, &sealed, err));
	o->sealed = asy_calloc(sealed.len > 0 ? sealed.len : 1, 1);
	if (o->sealed == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a commitment of %zu bytes", sealed.len);
	memcpy(o->sealed, sealed.ptr, sealed.len);
	o->sealed_len = sealed.len;
	asy_blake2b(in->bytes.ptr, in->at, again, sizeof again);
	TRY(asy_scale_raw(in, CHECK_LEN, &check, err));
	if (memcmp(check.ptr, again, sizeof again) != 0)
		return ASSAY_FAIL(err, E_MISMATCH, "the stored opening was changed");
	return ASSAY_OK;
}

static assay_status get_body(asy_scale *in, asy_opening *o, assay_err *err)
{
	size_t values_n = 0;
	assay_span hash;
	TRY(get_u16s(in, ASY_UIDS_MAX, &o->uids, &o->n, err));
	TRY(get_u16s(in, ASY_UIDS_MAX, &o->values, &values_n, err));
	if (values_n != o->n)
		return ASSAY_FAIL(err, E_FORMAT, "%zu uids but %zu values", o->n, values_n);
	TRY(get_u16s(in, ASY_SEAL_SALT_MAX, &o->salt, &o->salt_n, err));
	TRY(asy_scale_u64(in, &o->version_key, err));
	TRY(asy_scale_raw(in, sizeof o->commit_hash.b, &hash, err));
	memcpy(o->commit_hash.b, hash.ptr, sizeof o->commit_hash.b);
	TRY(asy_scale_u64(in, &o->reveal_round, err));
	if (o->scheme == ASY_SEAL_TIMELOCK)
		TRY(get_sealed(in, o, err));
	else if (o->reveal_round != 0)
		return ASSAY_FAIL(err, E_FORMAT, "a hash commitment with a drand round");
	return asy_scale_end(in, err);
}

assay_status asy_opening_hash(const asy_opening *o, asy_hash *out, assay_err *err)
{
	const asy_seal_input sealed = {.hotkey = o->hotkey,
								   .netuid = o->netuid,
								   .mecid = o->mecid,
								   .uids = o->uids,
								   .values = o->values,
								   .n = o->n,
								   .version_key = o->version_key};
	if (o->scheme == ASY_SEAL_HASH)
		return asy_seal_hash(&sealed, o->salt, o->salt_n, out, err);
	asy_blake2b(o->sealed, o->sealed_len, out->b, sizeof out->b);
	return ASSAY_OK;
}

assay_status asy_opening_decode(assay_span bytes, asy_opening **out, assay_err *err)
{
	asy_scale in = asy_scale_in(bytes);
	asy_hash again;
	asy_opening *o = asy_calloc(1, sizeof *o);
	if (o == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an opening");
	assay_status st = get_head(&in, o, err);
	if (st == ASSAY_OK)
		st = get_body(&in, o, err);
	if (st == ASSAY_OK)
		st = asy_opening_hash(o, &again, err);
	if (st == ASSAY_OK && !asy_hash_eq(&again, &o->commit_hash))
		st =
			ASSAY_FAIL(err, E_MISMATCH,
					   "the stored opening does not hash to its commitment: it cannot be revealed");
	if (st != ASSAY_OK) {
		asy_opening_free(o);
		return assay_err_at(err, st, "reading an opening");
	}
	*out = o;
	return ASSAY_OK;
}
