/* Runtime metadata against a listing of a whole runtime that names things without type ids. */
#include <stdlib.h>
#include "golden/golden_chain.h"

static void verdict(golden *g, const char *pallet, const char *name, const char *wrong)
{
	char id[160];
	if (wrong == NULL) {
		golden_pass(g);
		return;
	}
	(void)snprintf(id, sizeof id, "%s.%s", pallet, name);
	golden_fail(g, id, "%s", wrong);
}

/* ---- single things ---- */

#define LISTED_BYTES 40u /* longer values are listed by as many of their first bytes */

static bool same_value(asy_jv hex, assay_span bytes)
{
	asy_buf listed = {0};
	bool same = chain_hex(hex, &listed);
	if (same && listed.len == LISTED_BYTES && bytes.len > LISTED_BYTES)
		bytes.len = LISTED_BYTES;
	same = same && asy_span_eq(asy_buf_span(&listed), bytes);
	asy_buf_fini(&listed);
	return same;
}

static const char *item_differs(const asy_metadata *m, const char *pallet, asy_jv row)
{
	const asy_storage_item *it = asy_metadata_item(m, pallet, chain_str(row, "name"), NULL);
	if (it == NULL)
		return "no such item";
	if (it->optional != (strcmp(chain_str(row, "modifier"), "Optional") == 0))
		return "modifier";
	if (!chain_same_hashers(it, asy_jv_get(row, "hashers")))
		return "hashers";
	bool has = !asy_jv_is_null(asy_jv_get(row, "default"));
	return !has || same_value(asy_jv_get(row, "default"), it->fallback) ? NULL : "default";
}

static bool same_fields(const asy_type_variant *v, asy_jv list)
{
	if (asy_jv_size(list) != v->fields_n)
		return false;
	for (uint32_t i = 0; i < v->fields_n; i++) {
		const char *have = v->fields[i].name != NULL ? v->fields[i].name : "";
		asy_jv name = asy_jv_get(asy_jv_at(list, i), "name");
		const char *want = "";
		size_t len;
		if (!asy_jv_is_null(name))
			(void)!asy_jv_str(name, &want, &len, NULL);
		if (strcmp(have, want) != 0)
			return false;
	}
	return true;
}

/* A variant of a pallet's calls, errors or events: its number and its fields. */
static const char *variant_differs(const asy_metadata *m, uint32_t type, asy_jv row)
{
	const asy_type_variant *v = asy_metadata_variant_at(m, type, (uint8_t)chain_u64(row, "index"));
	if (v == NULL || strcmp(v->name, chain_str(row, "name")) != 0)
		return "another name at this number";
	asy_jv args = asy_jv_get(row, "args");
	return asy_jv_is_null(args) || same_fields(v, args) ? NULL : "fields";
}

/* ---- the whole runtime ---- */

static void variants(golden *g, const asy_metadata *m, const char *pallet, uint32_t type,
					 asy_jv list)
{
	const asy_type *t = asy_metadata_type(m, type);
	size_t have = t == NULL ? 0 : t->count;
	if (have != asy_jv_size(list))
		golden_fail(g, pallet, "%zu variants, listed %zu", have, asy_jv_size(list));
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv row = asy_jv_at(list, i);
		verdict(g, pallet, chain_str(row, "name"), variant_differs(m, type, row));
	}
}

static void listed_pallet(golden *g, const asy_metadata *m, const char *name, asy_jv row)
{
	const asy_pallet *p = asy_metadata_pallet(m, name);
	if (p == NULL || p->index != chain_u64(row, "index")) {
		golden_fail(g, name, "the pallet is missing or has another number");
		return;
	}
	asy_jv storage = asy_jv_get(row, "storage"), constants = asy_jv_get(row, "constants");
	if (p->items_n != asy_jv_size(storage))
		golden_fail(g, name, "%" PRIu32 " storage items, listed %zu", p->items_n,
					asy_jv_size(storage));
	for (size_t i = 0; i < asy_jv_size(storage); i++) {
		asy_jv item = asy_jv_at(storage, i);
		verdict(g, name, chain_str(item, "name"), item_differs(m, name, item));
	}
	variants(g, m, name, p->calls, asy_jv_get(row, "calls"));
	variants(g, m, name, p->errors, asy_jv_get(row, "errors"));
	variants(g, m, name, p->events, asy_jv_get(row, "events"));
	for (size_t i = 0; i < asy_jv_size(constants); i++) {
		asy_jv k = asy_jv_at(constants, i);
		const asy_constant *have = asy_metadata_constant(m, name, chain_str(k, "name"));
		bool same = have != NULL && same_value(asy_jv_get(k, "value"), have->value);
		verdict(g, name, chain_str(k, "name"), same ? NULL : "missing or another value");
	}
}

static void listed_apis(golden *g, const asy_metadata *m, asy_jv list)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv a = asy_jv_at(list, i), methods = asy_jv_get(a, "methods");
		const char *api = chain_str(a, "name");
		for (size_t k = 0; k < asy_jv_size(methods); k++) {
			asy_jv row = asy_jv_at(methods, k);
			const asy_api_method *have = asy_metadata_api(m, api, chain_str(row, "name"));
			bool same = have != NULL && have->inputs_n == asy_jv_size(asy_jv_get(row, "inputs"));
			verdict(g, api, chain_str(row, "name"), same ? NULL : "missing or other inputs");
		}
	}
}

static void listed_extensions(golden *g, const asy_metadata *m, asy_jv list)
{
	if (m->extensions_n != asy_jv_size(list))
		golden_fail(g, "extensions", "%" PRIu32 ", listed %zu", (uint32_t)m->extensions_n,
					asy_jv_size(list));
	for (size_t i = 0; i < asy_jv_size(list) && i < m->extensions_n; i++) {
		const char *want = chain_str(asy_jv_at(list, i), "name");
		verdict(g, "extension", want,
				strcmp(m->extensions[i].identifier, want) == 0 ? NULL : "another in this place");
	}
}

static void listed(golden *g, const asy_metadata *m, asy_jv root)
{
	asy_jv pallets = asy_jv_get(root, "pallets");
	if (m->pallets_n != asy_jv_size(pallets))
		golden_fail(g, NULL, "%" PRIu32 " pallets, listed %zu", (uint32_t)m->pallets_n,
					asy_jv_size(pallets));
	for (size_t i = 0; i < asy_jv_size(pallets); i++)
		listed_pallet(g, m, asy_jv_key(pallets, i), asy_jv_value(pallets, i));
	listed_extensions(g, m, asy_jv_get(root, "extensions"));
	if (m->version >= 15) /* version 14 does not describe them */
		listed_apis(g, m, asy_jv_get(root, "runtime_apis"));
}

/* The listing names no spec: it is the runtime with these pallets, each of as many items. */
static bool is_listed(const asy_metadata *m, size_t bytes, asy_jv root)
{
	asy_jv pallets = asy_jv_get(root, "pallets");
	(void)bytes;
	if (m->pallets_n != asy_jv_size(pallets))
		return false;
	for (size_t i = 0; i < asy_jv_size(pallets); i++) {
		const asy_pallet *p = asy_metadata_pallet(m, asy_jv_key(pallets, i));
		if (p == NULL || p->index != chain_u64(asy_jv_value(pallets, i), "index") ||
			p->items_n != asy_jv_size(asy_jv_get(asy_jv_value(pallets, i), "storage")))
			return false;
	}
	return true;
}

/* One runtime may be here in several versions of the format. */
void golden_chain_listing(golden *g, asy_jv root)
{
	if (chain_blobs_each(g, root, is_listed, listed) == 0)
		golden_skip(g, asy_jv_size(asy_jv_get(root, "pallets")),
					"no metadata blob here is the one that this file is about");
}
