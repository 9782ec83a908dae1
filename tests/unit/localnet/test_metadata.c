/* The metadata that localnet writes, read back by the chain client's decoder and
 * compared with the listings: every pallet, item, call, event, error, constant and
 * extension served must have the number, hasher and type of the real runtime. */
#include "support/test.h"
#include "chain/metadata.h"
#include "codec/codec.h"
#include "localnet/tables.h"

static asy_json *load(const char *name)
{
	char path[512];
	asy_buf text = {0};
	asy_json *doc = NULL;
	assay_err err;
	const asy_json_limits limits = {.max_bytes = 8u << 20, .max_depth = 32};
	uint8_t block[65536];
	size_t n;
	(void)snprintf(path, sizeof path, "%s/tests/%s", ASSAY_SOURCE_DIR, name);
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "cannot open %s", path);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		ck_ok(asy_buf_add(&text, block, n, &err), err);
	(void)fclose(f);
	ck_ok(asy_json_parse(asy_buf_span(&text), &limits, &doc, &err), err);
	asy_buf_fini(&text);
	return doc;
}

static const char *str(asy_jv v)
{
	const char *s = NULL;
	size_t len;
	assay_err err;
	ck_ok(asy_jv_str(v, &s, &len, &err), err);
	return s;
}

static uint64_t num(asy_jv v)
{
	uint64_t n = 0;
	assay_err err;
	ck_ok(asy_jv_u64(v, &n, &err), err);
	return n;
}

/* The element of an array of objects whose name is so. */
static asy_jv named(asy_jv list, const char *name)
{
	for (size_t i = 0; i < asy_jv_size(list); i++)
		if (strcmp(str(asy_jv_get(asy_jv_at(list, i), "name")), name) == 0)
			return asy_jv_at(list, i);
	return asy_jv_get(list, "no such key");
}

static asy_metadata *ours(void)
{
	asy_buf bytes = {0};
	asy_metadata *m = NULL;
	assay_err err;
	ck_ok(asy_lnet_metadata_encode(asy_lnet_generation(LNET_SPEC_VERSION), &bytes, &err), err);
	ck_ok(asy_metadata_parse(asy_buf_span(&bytes), &m, &err), err);
	printf("metadata: %zu bytes, %u types\n", bytes.len, m->types_n);
	asy_buf_fini(&bytes);
	return m;
}

/* Outer enums are smaller than the runtime's since fewer pallets are served; their
 * place in a type text is normalised before comparing. */
static void normal(const char *in, char *out, size_t cap)
{
	size_t n = 0;
	while (*in != '\0' && n + 1 < cap) {
		if (strncmp(in, "RuntimeEvent(enum ", 18) == 0) {
			n += (size_t)snprintf(out + n, cap - n, "RuntimeEvent(enum)");
			in = strchr(in, ')') + 1;
		} else if (strncmp(in, "RuntimeEvent<", 13) == 0) {
			size_t depth = 0;
			n += (size_t)snprintf(out + n, cap - n, "RuntimeEvent(enum)");
			in += 12;
			do {
				depth += *in == '<';
				depth -= *in == '>';
			} while (*in++ != '>' || depth > 0);
		} else {
			out[n++] = *in++;
		}
	}
	out[n] = '\0';
}

static void same_type(const asy_metadata *m, uint32_t type, const char *want, const char *what)
{
	asy_buf text = {0};
	assay_err err;
	char a[4096], b[4096];
	ck_ok(asy_metadata_describe(m, type, &text, &err), err);
	normal(asy_buf_cstr(&text), a, sizeof a);
	normal(want, b, sizeof b);
	ck_assert_msg(strcmp(a, b) == 0, "%s: %s, listing says %s", what, a, b);
	asy_buf_fini(&text);
}

static void same_hex(assay_span have, const char *want, const char *what)
{
	char text[1024] = "0x";
	ck_assert_msg(have.len * 2 + 3 < sizeof text, "%s is long", what);
	asy_hex_encode(text + 2, have.ptr, have.len);
	ck_assert_msg(strcmp(text, want) == 0, "%s: %s, listing says %s", what, text, want);
}

static const char *const hashers[] = {"Blake2_128", "Blake2_256",   "Blake2_128Concat", "Twox128",
									  "Twox256",    "Twox64Concat", "Identity"};

static void check_item(const asy_metadata *m, const asy_storage_item *it, asy_jv want)
{
	ck_assert_msg(want.node != NULL, "%s is not in the listing", it->name);
	ck_assert_msg(it->optional == (strcmp(str(asy_jv_get(want, "modifier")), "Optional") == 0),
				  "%s: modifier", it->name);
	asy_jv hs = asy_jv_get(want, "hashers"), ks = asy_jv_get(want, "key_types");
	ck_assert_msg(asy_jv_size(hs) == it->keys_n, "%s: %u keys", it->name, it->keys_n);
	for (size_t i = 0; i < it->keys_n; i++) {
		ck_assert_str_eq(hashers[it->hasher[i]], str(asy_jv_at(hs, i)));
		same_type(m, it->key_type[i], str(asy_jv_at(ks, i)), it->name);
	}
	same_type(m, it->value, str(asy_jv_get(want, "value_type")), it->name);
	same_hex(it->fallback, str(asy_jv_get(want, "default")), it->name);
}

/* Items that came after the listing's runtime, as metadata of spec 461 and tables of spec 475
 * have them. The mode is an enum there: one byte in state. */
static bool check_newer(const asy_metadata *m, const asy_storage_item *it)
{
	static const struct {
		const char *name;
		bool optional;
		const char *hasher, *key, *value, *fallback;
	} newer[] = {{"LiquidAlphaConsensusMode", false, "Identity", "u16", "u8", "0x02"},
				 {"ConsensusByMechanism", false, "Identity", "u16", "Vec<u16>", "0x00"},
				 {"SubnetEpochConsensus", false, "Identity", "u16", "u8", "0x00"},
				 {"LastYumaStepBlock", true, "Identity", "u16", "u64", "0x00"},
				 {"ChildkeyThresholdSuspended", true, "Blake2_128Concat", "AccountId32{[u8; 32]}",
				  "()", "0x00"}};
	for (size_t i = 0; i < ASY_COUNT(newer); i++) {
		if (strcmp(newer[i].name, it->name) != 0)
			continue;
		ck_assert(it->optional == newer[i].optional);
		ck_assert_uint_eq(it->keys_n, 1);
		ck_assert_str_eq(hashers[it->hasher[0]], newer[i].hasher);
		same_type(m, it->key_type[0], newer[i].key, it->name);
		same_type(m, it->value, newer[i].value, it->name);
		same_hex(it->fallback, newer[i].fallback, it->name);
		return true;
	}
	return false;
}

START_TEST(test_storage_when_compared_with_the_listing_then_hashers_types_defaults_agree)
{
	asy_json *doc = load("golden/chain/metadata-localnet-v14.json");
	asy_metadata *m = ours();
	asy_jv pallets = asy_jv_get(asy_json_root(doc), "pallets");
	size_t seen = 0;
	for (size_t p = 0; p < m->pallets_n; p++) {
		const asy_pallet *pl = &m->pallets[p];
		asy_jv want = named(pallets, pl->name);
		ck_assert_uint_eq(pl->index, num(asy_jv_get(want, "index")));
		ck_assert_str_eq(pl->prefix, str(asy_jv_get(want, "storage_prefix")));
		for (size_t i = 0; i < pl->items_n; i++, seen++)
			if (!check_newer(m, &pl->items[i]))
				check_item(m, &pl->items[i], named(asy_jv_get(want, "storage"), pl->items[i].name));
	}
	ck_assert_uint_eq(seen, LNET_S_N);
	asy_metadata_free(m);
	asy_json_free(doc);
}
END_TEST

static void check_fields(const asy_metadata *m, const asy_type_variant *v, asy_jv fields)
{
	ck_assert_msg(asy_jv_size(fields) == v->fields_n, "%s has %u fields", v->name, v->fields_n);
	for (size_t i = 0; i < v->fields_n; i++) {
		asy_jv f = asy_jv_at(fields, i), name = asy_jv_get(f, "name");
		if (asy_jv_is_null(name))
			ck_assert_ptr_null(v->fields[i].name);
		else
			ck_assert_str_eq(v->fields[i].name, str(name));
		same_type(m, v->fields[i].type, str(asy_jv_get(f, "type")), v->name);
	}
}

START_TEST(test_calls_when_compared_with_the_listings_then_numbers_and_arguments_agree)
{
	asy_json *doc = load("golden/chain/metadata-localnet-v14.json"),
			 *spec = load("unit/localnet/spec475-numbers.json");
	asy_metadata *m = ours();
	asy_jv pallets = asy_jv_get(asy_json_root(doc), "pallets");
	for (size_t i = 0; i < LNET_C_N; i++) {
		uint8_t pallet;
		const char *pn =
			asy_lnet_calls[i].pallet == LNET_TIMESTAMP ? "Timestamp" : "SubtensorModule";
		const asy_type_variant *v = asy_metadata_call(m, pn, asy_lnet_calls[i].name, &pallet);
		asy_jv want = named(asy_jv_get(named(pallets, pn), "calls"), asy_lnet_calls[i].name);
		ck_assert_ptr_nonnull(v);
		ck_assert_uint_eq(v->index, num(asy_jv_get(want, "index")));
		check_fields(m, v, asy_jv_get(want, "args"));
		if (asy_lnet_calls[i].pallet == LNET_SUBTENSOR) {
			asy_jv row = named(asy_jv_get(asy_json_root(spec), "calls"), asy_lnet_calls[i].name);
			ck_assert_uint_eq(v->index, num(asy_jv_get(row, "index")));
		}
	}
	asy_metadata_free(m);
	asy_json_free(spec);
	asy_json_free(doc);
}
END_TEST

/* Numbers are those of spec 475; fields are those of the listing, whose numbers are
 * older. */
START_TEST(test_events_and_errors_when_compared_with_spec_475_then_numbers_agree)
{
	asy_json *doc = load("golden/chain/metadata-localnet-v14.json"),
			 *spec = load("unit/localnet/spec475-numbers.json");
	asy_metadata *m = ours();
	asy_jv pallets = asy_jv_get(asy_json_root(doc), "pallets"), root = asy_json_root(spec);
	for (size_t p = 0; p < m->pallets_n; p++) {
		const asy_pallet *pl = &m->pallets[p];
		bool ours_is_new = pl->index == LNET_SUBTENSOR;
		asy_jv old = named(pallets, pl->name);
		for (int errors = 0; errors < 2; errors++) {
			uint32_t id = errors ? pl->errors : pl->events;
			const char *list = errors ? "errors" : "events";
			const asy_type *t = id == ASY_TYPE_NONE ? NULL : asy_metadata_type(m, id);
			for (size_t i = 0; t != NULL && i < t->count; i++) {
				const asy_type_variant *v = &t->variants[i];
				asy_jv row = named(asy_jv_get(ours_is_new ? root : old, list), v->name);
				ck_assert_msg(row.node != NULL, "%s is not in the listing", v->name);
				ck_assert_uint_eq(v->index, num(asy_jv_get(row, "index")));
				if (!errors)
					check_fields(m, v, asy_jv_get(named(asy_jv_get(old, list), v->name), "fields"));
			}
		}
	}
	ck_assert_uint_eq(asy_jv_size(asy_jv_get(root, "errors")), LNET_E_N);
	ck_assert_int_eq(LNET_E_CommitRevealEnabled, 53);
	ck_assert_int_eq(LNET_E_CommittingWeightsTooFast, 81);
	asy_metadata_free(m);
	asy_json_free(spec);
	asy_json_free(doc);
}
END_TEST

START_TEST(test_extensions_when_compared_with_the_listing_then_order_and_types_agree)
{
	asy_json *doc = load("golden/chain/metadata-localnet-v14.json");
	asy_metadata *m = ours();
	asy_jv want = asy_jv_get(asy_jv_get(asy_json_root(doc), "extrinsic"), "transaction_extensions");
	ck_assert_uint_eq(m->extensions_n, asy_jv_size(want));
	for (size_t i = 0; i < m->extensions_n; i++) {
		asy_jv row = asy_jv_at(want, i);
		const char *name = str(asy_jv_get(row, "identifier"));
		ck_assert_str_eq(m->extensions[i].identifier, name);
		same_type(m, m->extensions[i].extra, str(asy_jv_get(row, "extra")), name);
		same_type(m, m->extensions[i].additional, str(asy_jv_get(row, "additional")), name);
	}
	ck_assert_uint_eq(m->extrinsic_versions[0], 4);
	asy_metadata_free(m);
	asy_json_free(doc);
}
END_TEST

START_TEST(test_constants_when_compared_with_the_listing_then_types_and_values_agree)
{
	asy_json *doc = load("golden/chain/metadata-localnet-v14.json");
	asy_metadata *m = ours();
	asy_jv pallets = asy_jv_get(asy_json_root(doc), "pallets");
	for (size_t p = 0; p < m->pallets_n; p++) {
		const asy_pallet *pl = &m->pallets[p];
		asy_jv list = asy_jv_get(named(pallets, pl->name), "constants");
		for (size_t i = 0; i < pl->constants_n; i++) {
			const asy_constant *k = &pl->constants[i];
			asy_jv row = named(list, k->name);
			same_type(m, k->type, str(asy_jv_get(row, "type")), k->name);
			if (strcmp(k->name, "Version") != 0) /* ours announces fewer runtime APIs */
				same_hex(k->value, str(asy_jv_get(row, "value")), k->name);
		}
	}
	asy_metadata_free(m);
	asy_json_free(doc);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc,
				   test_storage_when_compared_with_the_listing_then_hashers_types_defaults_agree);
	tcase_add_test(tc, test_calls_when_compared_with_the_listings_then_numbers_and_arguments_agree);
	tcase_add_test(tc, test_events_and_errors_when_compared_with_spec_475_then_numbers_agree);
	tcase_add_test(tc, test_extensions_when_compared_with_the_listing_then_order_and_types_agree);
	tcase_add_test(tc, test_constants_when_compared_with_the_listing_then_types_and_values_agree);
}

int main(void)
{
	return test_main("localnet_metadata", fill, 30);
}
