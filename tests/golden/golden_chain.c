/* The chain suite: which files it runs, and the helpers of its parts. */
#include <stdlib.h>
#include "golden/golden_chain.h"

const golden_row golden_suite_chain[] = {
	{"chain", "era.json", golden_chain_era},
	{"chain", "extrinsics.json", golden_chain_extrinsics},
	{"chain", "storage-keys.json", golden_chain_storage_keys},
	{"chain", "runtime-api.json", golden_chain_runtime_api},
	{"chain", "spec425-tables.json", golden_chain_tables_425},
	{"chain", "tables-sdk-11.3.0.json", golden_chain_tables_475},
	{"chain", "metadata-devnet.json", golden_chain_metadata},
	{"chain", "metadata-devnet-v14.json", golden_chain_metadata},
	{"chain", "metadata-devnet-v15.json", golden_chain_metadata},
	{"chain", "metadata-finney-spec219-v14.json", golden_chain_metadata},
	{"chain", "metadata-localnet-v14.json", golden_chain_metadata},
	{"chain", "metadata-localnet-v15.json", golden_chain_metadata},
	{"chain", "metadata-localnet-spec461.json", golden_chain_listing},
	{"chain", "metadata-spec240-v15.json", golden_chain_metadata},
	{"commit-reveal", "hash-commit.json", golden_chain_hash_commit},
	{"commit-reveal", "weights-upscale.json", golden_chain_upscale},
	{"commit-reveal", "reveal-round.json", golden_chain_reveal_round},
	{"yuma", "schedule.json", golden_chain_schedule},
	{"yuma", "schedule_475.json", golden_chain_schedule},
	{NULL, NULL, NULL},
};

/* ---- third-party files ---- */

static bool slurp(const char *path, asy_buf *out)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return false;
	uint8_t chunk[65536];
	bool ok = true;
	for (size_t n; ok && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		ok = asy_buf_add(out, chunk, n, NULL) == ASSAY_OK;
	ok = ok && ferror(f) == 0;
	(void)fclose(f);
	return ok;
}

bool chain_read_third_party(const golden *g, const char *name, asy_buf *out)
{
	if (strchr(name, '/') != NULL)
		return false;
	if (slurp(golden_sibling(g, name), out))
		return true;
	char path[4096];
	const char *root = getenv("ASSAY_VECTORS");
	if (root != NULL) {
		(void)snprintf(path, sizeof path, "%s/chain/%s", root, name);
		if (slurp(path, out))
			return true;
	}
	(void)snprintf(path, sizeof path, "%s/../shared/vectors/chain/%s", ASSAY_SOURCE_DIR, name);
	return slurp(path, out);
}

asy_metadata *chain_metadata_for(golden *g, const char *name, size_t cases)
{
	asy_buf bytes = {0};
	assay_err err = {0};
	asy_metadata *m = NULL;
	if (!chain_read_third_party(g, name, &bytes)) {
		char why[160];
		(void)snprintf(why, sizeof why,
					   "%.64s is third-party and not here: set ASSAY_VECTORS to the folder of "
					   "the vectors",
					   name);
		golden_skip(g, cases, why);
	} else if (asy_metadata_parse(asy_buf_span(&bytes), &m, &err) != ASSAY_OK) {
		golden_fail(g, name, "does not parse: %s", err.msg);
	}
	asy_buf_fini(&bytes);
	return m;
}

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
