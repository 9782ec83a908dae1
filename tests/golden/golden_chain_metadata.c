/* Runtime metadata against its listings, and storage keys. */
#include <stdlib.h>
#include "golden/golden_chain.h"
#include "support/value_encode.h"
#include "crypto/crypto.h"

/* ---- one listed thing at a time ---- */

typedef struct {
	golden *g;
	const asy_metadata *m;
	char id[160];
} ctx;

static void verdict(ctx *c, const char *kind, const char *pallet, const char *name,
					const char *wrong)
{
	if (wrong == NULL) {
		golden_pass(c->g);
		return;
	}
	(void)snprintf(c->id, sizeof c->id, "%s %s.%s", kind, pallet, name);
	golden_fail(c->g, c->id, "%s", wrong);
}

static bool described(const asy_metadata *m, uint32_t type, const char *want)
{
	asy_buf text = {0};
	assay_err err;
	bool same = asy_metadata_describe(m, type, &text, &err) == ASSAY_OK &&
				asy_span_eq(asy_buf_span(&text), asy_span_str(want));
	if (!same && getenv("ASSAY_TEST_VERBOSE") != NULL)
		(void)fprintf(stderr, "have %.400s\nwant %.400s\n", asy_buf_cstr(&text), want);
	asy_buf_fini(&text);
	return same;
}

static bool fields_match(const asy_metadata *m, const asy_type_field *f, uint32_t n, asy_jv list)
{
	if (asy_jv_size(list) != n)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		asy_jv row = asy_jv_at(list, i);
		const char *name = chain_str(row, "name");
		if (strcmp(name, f[i].name != NULL ? f[i].name : "") != 0 ||
			(!asy_jv_is_null(asy_jv_get(row, "type_id")) &&
			 chain_u64(row, "type_id") != f[i].type) ||
			!described(m, f[i].type, chain_str(row, "type")))
			return false;
	}
	return true;
}

static const char *item_differs(const asy_metadata *m, const asy_pallet *p,
								const asy_storage_item *it, asy_jv row)
{
	uint8_t prefix[32];
	if (it == NULL)
		return "not found";
	if (it->optional != (strcmp(chain_str(row, "modifier"), "Optional") == 0))
		return "modifier";
	asy_storage_prefix(p->prefix, it->name, prefix);
	if (!chain_same_hex(asy_jv_get(row, "prefix_key"), asy_span(prefix, 32)))
		return "prefix";
	if (!chain_same_hashers(it, asy_jv_get(row, "hashers")))
		return "hashers";
	for (uint8_t i = 0; i < it->keys_n; i++) {
		const char *t = "";
		size_t len;
		uint64_t id = 0;
		(void)!asy_jv_str(asy_jv_at(asy_jv_get(row, "key_types"), i), &t, &len, NULL);
		(void)!asy_jv_u64(asy_jv_at(asy_jv_get(row, "key_type_ids"), i), &id, NULL);
		if (id != it->key_type[i] || !described(m, it->key_type[i], t))
			return "a map key";
	}
	if (chain_u64(row, "value_type_id") != it->value ||
		!described(m, it->value, chain_str(row, "value_type")))
		return "value type";
	return chain_same_hex(asy_jv_get(row, "default"), it->fallback) ? NULL : "default";
}

static void variants(ctx *c, const char *kind, const char *pallet, uint32_t type, asy_jv list,
					 const char *fields_key)
{
	const asy_type *t = asy_metadata_type(c->m, type);
	if (t == NULL && asy_jv_size(list) > 0)
		golden_fail(c->g, pallet, "no %s", kind);
	for (size_t i = 0; t != NULL && i < asy_jv_size(list); i++) {
		asy_jv row = asy_jv_at(list, i);
		const asy_type_variant *v =
			asy_metadata_variant_at(c->m, type, (uint8_t)chain_u64(row, "index"));
		const char *wrong = NULL;
		if (v == NULL || strcmp(v->name, chain_str(row, "name")) != 0)
			wrong = "another name at this number";
		else if (fields_key != NULL &&
				 !fields_match(c->m, v->fields, v->fields_n, asy_jv_get(row, fields_key)))
			wrong = "fields";
		verdict(c, kind, pallet, chain_str(row, "name"), wrong);
	}
	if (t != NULL && t->count != asy_jv_size(list))
		golden_fail(c->g, pallet, "%" PRIu32 " %s, listed %zu", t->count, kind, asy_jv_size(list));
}

static void pallet(ctx *c, asy_jv row)
{
	const char *name = chain_str(row, "name");
	const asy_pallet *p = asy_metadata_pallet(c->m, name);
	if (p == NULL || p->index != chain_u64(row, "index") || p->prefix == NULL ||
		strcmp(p->prefix, chain_str(row, "storage_prefix")) != 0) {
		golden_fail(c->g, name, "the pallet is missing or has another number or prefix");
		return;
	}
	asy_jv storage = asy_jv_get(row, "storage"), constants = asy_jv_get(row, "constants");
	for (size_t i = 0; i < asy_jv_size(storage); i++) {
		asy_jv s = asy_jv_at(storage, i);
		const asy_storage_item *it = asy_metadata_item(c->m, name, chain_str(s, "name"), NULL);
		verdict(c, "storage", name, chain_str(s, "name"), item_differs(c->m, p, it, s));
	}
	if (p->items_n != asy_jv_size(storage))
		golden_fail(c->g, name, "%" PRIu32 " storage items, listed %zu", p->items_n,
					asy_jv_size(storage));
	variants(c, "calls", name, p->calls, asy_jv_get(row, "calls"), "args");
	variants(c, "errors", name, p->errors, asy_jv_get(row, "errors"), NULL);
	variants(c, "events", name, p->events, asy_jv_get(row, "events"), "fields");
	for (size_t i = 0; i < asy_jv_size(constants); i++) {
		asy_jv k = asy_jv_at(constants, i);
		const asy_constant *have = asy_metadata_constant(c->m, name, chain_str(k, "name"));
		bool same = have != NULL && described(c->m, have->type, chain_str(k, "type")) &&
					chain_same_hex(asy_jv_get(k, "value"), have->value);
		verdict(c, "constant", name, chain_str(k, "name"), same ? NULL : "missing, type or value");
	}
}

static void extrinsic_format(ctx *c, asy_jv row)
{
	asy_jv versions = asy_jv_get(row, "versions"), ext = asy_jv_get(row, "transaction_extensions");
	bool same = asy_jv_size(versions) == c->m->extrinsic_versions_n;
	for (size_t i = 0; same && i < asy_jv_size(versions); i++) {
		uint64_t v = 0;
		(void)!asy_jv_u64(asy_jv_at(versions, i), &v, NULL);
		same = v == c->m->extrinsic_versions[i];
	}
	verdict(c, "extrinsic", "", "versions", same ? NULL : "other versions");
	verdict(c, "extrinsic", "", "extensions",
			asy_jv_size(ext) == c->m->extensions_n ? NULL : "another number of extensions");
	for (size_t i = 0; i < asy_jv_size(ext) && i < c->m->extensions_n; i++) {
		asy_jv x = asy_jv_at(ext, i);
		const asy_extension *e = &c->m->extensions[i];
		same = strcmp(e->identifier, chain_str(x, "identifier")) == 0 &&
			   e->extra == chain_u64(x, "extra_type_id") &&
			   e->additional == chain_u64(x, "additional_type_id") &&
			   described(c->m, e->extra, chain_str(x, "extra")) &&
			   described(c->m, e->additional, chain_str(x, "additional"));
		verdict(c, "extension", "", e->identifier, same ? NULL : "name or types");
	}
}

static void apis(ctx *c, asy_jv list)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv a = asy_jv_at(list, i), methods = asy_jv_get(a, "methods");
		const char *api = chain_str(a, "name");
		for (size_t k = 0; k < asy_jv_size(methods); k++) {
			asy_jv row = asy_jv_at(methods, k);
			const asy_api_method *m = asy_metadata_api(c->m, api, chain_str(row, "name"));
			const char *wrong = NULL;
			if (m == NULL)
				wrong = "not found";
			else if (!fields_match(c->m, m->inputs, m->inputs_n, asy_jv_get(row, "inputs")))
				wrong = "inputs";
			else if (m->output != chain_u64(row, "output_type_id") ||
					 !described(c->m, m->output, chain_str(row, "output")))
				wrong = "output";
			verdict(c, "api", api, chain_str(row, "name"), wrong);
		}
	}
}

static bool is_listed(const asy_metadata *m, size_t bytes, asy_jv root)
{
	uint64_t spec = chain_u64(asy_jv_get(root, "runtime"), "spec_version");
	return bytes == chain_u64(root, "byte_length") &&
		   m->version == chain_u64(root, "metadata_version") &&
		   (spec == 0 || spec == chain_spec_version(m));
}

void golden_chain_metadata(golden *g, asy_jv root)
{
	size_t cases = 0;
	asy_jv list = asy_jv_get(root, "pallets");
	for (size_t i = 0; i < asy_jv_size(list); i++)
		cases += asy_jv_size(asy_jv_get(asy_jv_at(list, i), "storage"));
	asy_metadata *m = chain_blob_for(g, root, "", is_listed, cases);
	if (m == NULL)
		return;
	ctx c = {g, m, ""};
	verdict(&c, "metadata", "", "version",
			m->version == chain_u64(root, "metadata_version") ? NULL : "another version");
	verdict(&c, "metadata", "", "types",
			m->types_n == chain_u64(root, "type_count") ? NULL : "another number of types");
	asy_jv indices = asy_jv_get(root, "pallet_indices");
	bool same = asy_jv_size(indices) == m->pallets_n;
	for (size_t i = 0; same && i < asy_jv_size(indices); i++) {
		const asy_pallet *p = asy_metadata_pallet(m, asy_jv_key(indices, i));
		uint64_t index = 0;
		same = p != NULL && asy_jv_u64(asy_jv_value(indices, i), &index, NULL) == ASSAY_OK &&
			   index == p->index;
	}
	verdict(&c, "metadata", "", "pallets", same ? NULL : "other pallets or numbers");
	extrinsic_format(&c, asy_jv_get(root, "extrinsic"));
	for (size_t i = 0; i < asy_jv_size(list); i++)
		pallet(&c, asy_jv_at(list, i));
	apis(&c, asy_jv_get(root, "runtime_apis"));
	asy_metadata_free(m);
}

/* ---- storage-keys.json ---- */

static const char *key_case(const asy_metadata *m, asy_jv c)
{
	const asy_pallet *p = NULL;
	const asy_storage_item *it =
		asy_metadata_item(m, chain_str(c, "pallet_name"), chain_str(c, "item_name"), &p);
	asy_jv args = asy_jv_get(c, "args");
	asy_buf encoded[ASY_MAP_KEYS_MAX] = {{0}}, key = {0};
	assay_span keys[ASY_MAP_KEYS_MAX];
	assay_err err;
	size_t n = asy_jv_size(args);
	const char *wrong = NULL;
	if (it == NULL || n > it->keys_n)
		return "the item is missing or takes fewer keys";
	for (size_t i = 0; i < n && wrong == NULL; i++) {
		if (value_encode(m, it->key_type[i], asy_jv_at(args, i), &encoded[i], &err) != ASSAY_OK)
			wrong = "an argument does not encode";
		keys[i] = asy_buf_span(&encoded[i]);
	}
	if (wrong == NULL && (asy_storage_key(p, it, keys, n, &key, &err) != ASSAY_OK ||
						  !chain_same_hex(asy_jv_get(c, "key"), asy_buf_span(&key))))
		wrong = "the key differs";
	for (size_t i = 0; i < ASY_MAP_KEYS_MAX; i++)
		asy_buf_fini(&encoded[i]);
	asy_buf_fini(&key);
	return wrong;
}

/* Items that no metadata file has: the listing itself names the hashers; keys are u16. */
static const char *newer_case(asy_jv c)
{
	asy_buf key = {0};
	assay_err err;
	uint8_t prefix[32];
	asy_storage_prefix(chain_str(c, "pallet_name"), chain_str(c, "item_name"), prefix);
	bool ok = asy_buf_add(&key, prefix, 32, &err) == ASSAY_OK;
	asy_jv args = asy_jv_get(c, "args"), hashers = asy_jv_get(c, "hashers");
	for (size_t i = 0; ok && i < asy_jv_size(args); i++) {
		uint16_t v = 0;
		uint8_t le[2];
		const char *h = "";
		size_t len;
		asy_hasher hasher;
		ok = asy_jv_u16(asy_jv_at(args, i), &v, NULL) == ASSAY_OK &&
			 asy_jv_str(asy_jv_at(hashers, i), &h, &len, NULL) == ASSAY_OK;
		asy_put_u16le(le, v);
		ok = ok && chain_hasher(h, &hasher) &&
			 asy_storage_key_add(hasher, asy_span(le, 2), &key, &err) == ASSAY_OK;
	}
	ok = ok && chain_same_hex(asy_jv_get(c, "key"), asy_buf_span(&key));
	asy_buf_fini(&key);
	return ok ? NULL : "the key differs";
}

static const char *hash_bytes(asy_jv c, const void *text, size_t len)
{
	uint8_t out[32];
	asy_twox(text, len, out, 1);
	if (!chain_same_hex(asy_jv_get(c, "twox64"), asy_span(out, 8)))
		return "twox64";
	asy_twox(text, len, out, 2);
	if (!chain_same_hex(asy_jv_get(c, "twox128"), asy_span(out, 16)))
		return "twox128";
	asy_twox(text, len, out, 4);
	if (!chain_same_hex(asy_jv_get(c, "twox256"), asy_span(out, 32)))
		return "twox256";
	asy_blake2b(text, len, out, 16);
	if (!chain_same_hex(asy_jv_get(c, "blake2_128"), asy_span(out, 16)))
		return "blake2_128";
	asy_blake2b(text, len, out, 32);
	return chain_same_hex(asy_jv_get(c, "blake2_256"), asy_span(out, 32)) ? NULL : "blake2_256";
}

static const char *hash_case(asy_jv c)
{
	asy_buf data = {0};
	const char *text = chain_str(c, "text"), *wrong;
	if (chain_hex(asy_jv_get(c, "data"), &data))
		wrong = hash_bytes(c, data.ptr, data.len);
	else
		wrong = hash_bytes(c, text, strlen(text));
	asy_buf_fini(&data);
	return wrong;
}

static bool has_items(const asy_metadata *m, size_t bytes, asy_jv root)
{
	(void)bytes;
	asy_jv keys = asy_jv_get(root, "keys");
	uint32_t spec = chain_number_after(chain_str(root, "runtime"), "(spec ");
	if (spec != 0 && spec != chain_spec_version(m))
		return false;
	for (size_t i = 0; i < asy_jv_size(keys); i++) {
		asy_jv c = asy_jv_at(keys, i);
		const asy_storage_item *it =
			asy_metadata_item(m, chain_str(c, "pallet_name"), chain_str(c, "item_name"), NULL);
		if (it == NULL || !chain_same_hashers(it, asy_jv_get(c, "hashers")))
			return false;
	}
	return true;
}

void golden_chain_storage_keys(golden *g, asy_jv root)
{
	asy_jv keys = asy_jv_get(root, "keys"), hashers = asy_jv_get(root, "hashers");
	asy_jv newer = asy_jv_get(root, "newer_items");
	asy_metadata *m =
		chain_blob_for(g, root, chain_str(root, "runtime"), has_items, asy_jv_size(keys));
	for (size_t i = 0; m != NULL && i < asy_jv_size(keys); i++) {
		const char *wrong = key_case(m, asy_jv_at(keys, i));
		if (wrong == NULL)
			golden_pass(g);
		else
			golden_fail(g, chain_str(asy_jv_at(keys, i), "item_name"), "%s", wrong);
	}
	for (size_t i = 0; i < asy_jv_size(hashers) + asy_jv_size(newer); i++) {
		bool hash = i < asy_jv_size(hashers);
		asy_jv c = hash ? asy_jv_at(hashers, i) : asy_jv_at(newer, i - asy_jv_size(hashers));
		const char *wrong = hash ? hash_case(c) : newer_case(c);
		if (wrong == NULL)
			golden_pass(g);
		else
			golden_fail(g, chain_str(c, hash ? "text" : "item_name"), "%s", wrong);
	}
	asy_metadata_free(m);
}
