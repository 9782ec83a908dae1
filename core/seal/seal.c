/* Sealing by either scheme: the vector is checked, frozen and committed to, and the
 * commitment is checked against the frozen copy. A vector the chain would refuse at the
 * reveal is refused here, before the commitment exists.
 * Reason to change: a scheme is added. */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "seal/impl.h"

const char *asy_seal_scheme_name(asy_seal_scheme s)
{
	switch (s) {
	case ASY_SEAL_PLAIN:
		return "plain";
	case ASY_SEAL_HASH:
		return "hash";
	case ASY_SEAL_TIMELOCK:
		return "timelock";
	}
	return "?";
}

bool asy_seal_scheme_find(const char *name, asy_seal_scheme *out)
{
	for (int s = ASY_SEAL_PLAIN; s <= ASY_SEAL_TIMELOCK; s++) {
		if (strcmp(name, asy_seal_scheme_name((asy_seal_scheme)s)) == 0) {
			*out = (asy_seal_scheme)s;
			return true;
		}
	}
	return false;
}

/* What the chain checks only when the vector is revealed, long after the commit. */
static assay_status check_vector(const asy_seal_input *in, assay_err *err)
{
	if (in->n == 0)
		return ASSAY_FAIL(err, E_EMPTY, "no weights to seal");
	if (in->n > ASY_UIDS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu uids, limit %u", in->n, ASY_UIDS_MAX);
	TRY(asy_seal_check_place(in, err));
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

static assay_status freeze(asy_seal_scheme scheme, const asy_seal_input *in, asy_opening **out,
						   assay_err *err)
{
	asy_opening *o = asy_calloc(1, sizeof *o);
	if (o == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an opening of %zu weights", in->n);
	o->scheme = scheme;
	o->hotkey = in->hotkey;
	o->netuid = in->netuid;
	o->mecid = in->mecid;
	o->version_key = in->version_key;
	o->n = in->n;
	o->uids = asy_calloc(in->n, sizeof *o->uids);
	o->values = asy_calloc(in->n, sizeof *o->values);
	if (o->uids == NULL || o->values == NULL) {
		asy_opening_free(o);
		return ASSAY_FAIL(err, E_NOMEM, "an opening of %zu weights", in->n);
	}
	memcpy(o->uids, in->uids, in->n * sizeof *o->uids);
	memcpy(o->values, in->values, in->n * sizeof *o->values);
	*out = o;
	return ASSAY_OK;
}

static assay_status draw_salt(asy_opening *o, asy_rng *rng, assay_err *err)
{
	uint8_t words[ASY_SEAL_SALT_LEN * 2]; /* by bytes, so that every host draws the same salt */
	o->salt = asy_calloc(ASY_SEAL_SALT_LEN, sizeof *o->salt);
	if (o->salt == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a salt");
	o->salt_n = ASY_SEAL_SALT_LEN;
	rng->fill(rng, words, sizeof words);
	for (size_t i = 0; i < o->salt_n; i++)
		o->salt[i] = asy_get_u16le(words + 2 * i);
	asy_wipe(words, sizeof words);
	return ASSAY_OK;
}

static assay_status seal_hash(const asy_seal_input *in, asy_rng *rng, asy_opening *o,
							  assay_err *err)
{
	asy_hash again;
	TRY(draw_salt(o, rng, err));
	TRY(asy_seal_hash(in, o->salt, o->salt_n, &o->commit_hash, err));
	/* from the copies this time: what will be revealed, not what was handed in */
	const asy_seal_input frozen = {.hotkey = o->hotkey,
								   .netuid = o->netuid,
								   .mecid = o->mecid,
								   .uids = o->uids,
								   .values = o->values,
								   .n = o->n,
								   .version_key = o->version_key};
	TRY(asy_seal_hash(&frozen, o->salt, o->salt_n, &again, err));
	if (!asy_hash_eq(&again, &o->commit_hash))
		return ASSAY_FAIL(err, E_INTERNAL, "the frozen opening does not match its commitment");
	return ASSAY_OK;
}

assay_span asy_opening_commitment(const asy_opening *o)
{
	return o->scheme == ASY_SEAL_TIMELOCK ? asy_span(o->sealed, o->sealed_len)
										  : asy_span(o->commit_hash.b, sizeof o->commit_hash.b);
}

assay_status asy_seal(asy_seal_scheme scheme, const asy_seal_input *in, asy_rng *rng,
					  asy_opening **out, assay_err *err)
{
	asy_opening *o = NULL;
	ASSERT(scheme != ASY_SEAL_PLAIN);
	assay_status st = check_vector(in, err);
	if (st == ASSAY_OK)
		st = freeze(scheme, in, &o, err);
	if (st == ASSAY_OK)
		st = scheme == ASY_SEAL_TIMELOCK ? asy_timelock_seal(in, rng, o, err)
										 : seal_hash(in, rng, o, err);
	if (st == ASSAY_OK) {
		*out = o;
		o = NULL;
	}
	asy_opening_free(o);
	return st;
}
