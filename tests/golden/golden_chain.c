/* The chain suite: which files it runs, and the helpers of its parts. */
#include <stdlib.h>
#include "golden/golden_chain.h"

const golden_row golden_suite_chain[] = {
	{NULL, "cases.requested_period", golden_chain_era},
	{NULL, "cases.call_args cases.signed_extrinsic", golden_chain_extrinsics},
	{NULL, "keys.item_name hashers", golden_chain_storage_keys},
	{NULL, "cases.state_call", golden_chain_runtime_api},
	{NULL, "pallet_index storage errors calls events", golden_chain_tables_one},
	{NULL, "spec_sdk pallets", golden_chain_tables_all},
	{NULL, "metadata_version type_count pallets", golden_chain_metadata},
	{NULL, "metadata_version extensions pallets", golden_chain_listing},
	{NULL, "cases.commit_hash", golden_chain_hash_commit},
	{NULL, "cases.in cases.out rule", golden_chain_upscale},
	{NULL, "stateful_v2", golden_chain_reveal_round},
	{NULL, "modulo_v1", golden_chain_reveal_round},
	{NULL, "scenarios.log", golden_chain_schedule},
	{NULL, "by_type_id.cases", golden_chain_scale},
	{NULL, "compact.encoded", golden_chain_scale},
	{NULL, "values.encoded values.type", golden_chain_scale},
	{NULL, NULL, NULL},
};

/* ---- fields ---- */

bool chain_hex(asy_jv v, asy_buf *out)
{
	const char *s;
	size_t len;
	asy_buf_reset(out);
	if (asy_jv_str(v, &s, &len, NULL) != ASSAY_OK)
		return false;
	if (len >= 2 && s[0] == '0' && s[1] == 'x') {
		s += 2;
		len -= 2;
	}
	if (asy_buf_reserve(out, len / 2 + 1, NULL) != ASSAY_OK)
		return false;
	long n = asy_hex_decode_any(s, len, out->ptr, len / 2);
	if (n < 0)
		return false;
	out->len = (size_t)n;
	return true;
}

const char *chain_str(asy_jv v, const char *key)
{
	const char *s = "";
	size_t len;
	return asy_jv_str(asy_jv_get(v, key), &s, &len, NULL) == ASSAY_OK ? s : "";
}

uint64_t chain_u64(asy_jv v, const char *key)
{
	uint64_t n = 0;
	asy_jv field = asy_jv_get(v, key);
	const char *s;
	size_t len;
	if (asy_jv_u64(field, &n, NULL) == ASSAY_OK)
		return n;
	if (asy_jv_str(field, &s, &len, NULL) == ASSAY_OK && asy_str_u64(s, &n))
		return n;
	return 0;
}

bool chain_same_hex(asy_jv v, assay_span bytes)
{
	asy_buf want = {0};
	bool same = chain_hex(v, &want) && asy_span_eq(asy_buf_span(&want), bytes);
	asy_buf_fini(&want);
	return same;
}

bool chain_hasher(const char *name, asy_hasher *out)
{
	static const char *const known[] = {"Blake2_128", "Blake2_256",   "Blake2_128Concat", "Twox128",
										"Twox256",    "Twox64Concat", "Identity"};
	for (size_t i = 0; i < ASY_COUNT(known); i++) {
		*out = (asy_hasher)i;
		if (strcmp(known[i], name) == 0)
			return true;
	}
	return false;
}

bool chain_same_hashers(const asy_storage_item *it, asy_jv names)
{
	bool same = asy_jv_size(names) == it->keys_n;
	for (uint8_t i = 0; same && i < it->keys_n; i++) {
		const char *name = "";
		size_t len;
		asy_hasher h;
		(void)!asy_jv_str(asy_jv_at(names, i), &name, &len, NULL);
		same = chain_hasher(name, &h) && h == it->hasher[i];
	}
	return same;
}
