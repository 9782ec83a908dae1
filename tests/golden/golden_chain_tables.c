/* Tables of a runtime whose metadata nobody has: names, numbers and types, read from source.
 * Metadata is made from them in every version of the format, and every row is found in it
 * again by our decoder. Real blobs of the same spec, and what the development chain announces,
 * must not contradict the table. */
#include <stdlib.h>
#include "golden/golden_chain.h"
#include "localnet/tables.h"
#include "support/metadata_build.h"

#define PALLETS_MAX 64

typedef struct {
	golden *g;
	mb_pallet pallet[PALLETS_MAX];
	size_t n;
	asy_arena *arena; /* the arrays of the pallets */
	mb_registry *types;
	const asy_metadata *made; /* of the version that is looked at */
	uint32_t spec, spec_before;
} tables;

static tables t_of_file; /* one process runs one file */

/* ---- rows to what the builder takes ---- */

static void *array(tables *t, size_t n, size_t size)
{
	void *p = asy_arena_take(t->arena, (n > 0 ? n : 1) * size, 16);
	ASSERT(p != NULL);
	memset(p, 0, (n > 0 ? n : 1) * size);
	return p;
}

/* "(A, B)" in so many parts; a part that is not there is named so. */
static void split_key(tables *t, const char *key, mb_item *it)
{
	int depth = 0;
	size_t n = 0;
	char *copy = array(t, strlen(key) + 1, 1);
	(void)asy_str_copy(copy, strlen(key) + 1, key);
	if (it->keys_n == 1) {
		it->keys[0] = copy;
		return;
	}
	for (char *p = copy, *start = copy + 1; *p != '\0' && n < it->keys_n; p++) {
		depth += (*p == '(' || *p == '<' || *p == '[') - (*p == ')' || *p == '>' || *p == ']');
		if ((*p == ',' && depth == 1) || depth == 0) {
			*p = '\0';
			it->keys[n++] = start;
			start = p + 1;
		}
	}
	while (n < it->keys_n)
		it->keys[n++] = "Unknown";
}

static void item_of(tables *t, asy_jv row, mb_item *it)
{
	asy_jv hashers = asy_jv_get(row, "hashers"), keys = asy_jv_get(row, "keys");
	it->name = chain_str(row, "name");
	it->value = chain_str(row, "value");
	if (it->value[0] == '\0')
		it->value = chain_str(row, "value_ident");
	it->optional = strcmp(chain_str(row, "modifier"), "Optional") == 0;
	for (size_t i = 0; i < asy_jv_size(hashers) && i < MB_KEYS_MAX; i++) {
		const char *name = "";
		size_t len;
		asy_hasher h = ASY_HASH_IDENTITY;
		(void)!asy_jv_str(asy_jv_at(hashers, i), &name, &len, NULL);
		if (!chain_hasher(name, &h))
			golden_fail(t->g, it->name, "hasher %s", name);
		it->hashers[it->keys_n++] = (uint8_t)h;
	}
	if (asy_jv_size(keys) == 0)
		split_key(t, chain_str(row, "key"), it);
	for (size_t i = 0; i < it->keys_n && i < asy_jv_size(keys); i++) {
		size_t len;
		(void)!asy_jv_str(asy_jv_at(keys, i), &it->keys[i], &len, NULL);
	}
}

/* A call that the source of the table did not number takes a free number from the end. */
static mb_variant *variants_of(tables *t, asy_jv list, size_t *n)
{
	mb_variant *v = array(t, asy_jv_size(list), sizeof *v);
	uint8_t free_number = 255;
	*n = asy_jv_size(list);
	for (size_t i = 0; i < *n; i++) {
		asy_jv row = asy_jv_at(list, i), args = asy_jv_get(row, "args");
		bool numbered = !asy_jv_is_null(asy_jv_get(row, "index"));
		mb_field *f = array(t, asy_jv_size(args), sizeof *f);
		for (size_t k = 0; k < asy_jv_size(args); k++) {
			asy_jv a = asy_jv_at(args, k);
			f[k].type = chain_str(a, "type");
			f[k].name = asy_jv_is_null(asy_jv_get(a, "name")) ? NULL : chain_str(a, "name");
		}
		v[i] = (mb_variant){chain_str(row, "name"),
							numbered ? (uint8_t)chain_u64(row, "index") : free_number, f,
							asy_jv_size(args)};
		free_number = (uint8_t)(free_number - !numbered);
	}
	return v;
}

static void add_pallet(tables *t, const char *name, uint8_t index, asy_jv row)
{
	asy_jv storage = asy_jv_get(row, "storage"), constants = asy_jv_get(row, "constants");
	if (t->n == PALLETS_MAX) {
		golden_fail(t->g, name, "more pallets than this suite holds");
		return;
	}
	mb_item *items = array(t, asy_jv_size(storage), sizeof *items);
	mb_field *known = array(t, asy_jv_size(constants), sizeof *known);
	for (size_t i = 0; i < asy_jv_size(storage); i++)
		item_of(t, asy_jv_at(storage, i), &items[i]);
	for (size_t i = 0; i < asy_jv_size(constants); i++)
		known[i] = (mb_field){chain_str(asy_jv_at(constants, i), "name"),
							  chain_str(asy_jv_at(constants, i), "type")};
	mb_pallet *p = &t->pallet[t->n];
	*p = (mb_pallet){.name = name,
					 .index = index,
					 .items = items,
					 .items_n = asy_jv_size(storage),
					 .constants = known,
					 .constants_n = asy_jv_size(constants)};
	p->calls = variants_of(t, asy_jv_get(row, "calls"), &p->calls_n);
	p->events = variants_of(t, asy_jv_get(row, "events"), &p->events_n);
	p->errors = variants_of(t, asy_jv_get(row, "errors"), &p->errors_n);
	t->n++;
}

/* ---- every row, in what was made and in what is real ---- */

static const char *item_wrong(const tables *t, const char *pallet, const mb_item *want)
{
	const asy_storage_item *it = asy_metadata_item(t->made, pallet, want->name, NULL);
	if (it == NULL)
		return "is not found";
	if (it->optional != want->optional || it->keys_n != want->keys_n)
		return "modifier or keys";
	for (size_t i = 0; i < want->keys_n; i++)
		if (it->hasher[i] != want->hashers[i] ||
			it->key_type[i] != mb_type(t->types, want->keys[i]))
			return "a key";
	return it->value == mb_type(t->types, want->value) ? NULL : "the value's type";
}

static const char *variant_wrong(const tables *t, uint32_t type, const mb_variant *want)
{
	const asy_type_variant *v = asy_metadata_variant_at(t->made, type, want->index);
	if (v == NULL || strcmp(v->name, want->name) != 0)
		return "another name at this number";
	if (v->fields_n != want->fields_n)
		return "fields";
	for (size_t i = 0; i < want->fields_n; i++) {
		const char *have = v->fields[i].name, *name = want->fields[i].name;
		if ((have == NULL) != (name == NULL) || (have != NULL && strcmp(have, name) != 0) ||
			v->fields[i].type != mb_type(t->types, want->fields[i].type))
			return "a field";
	}
	return NULL;
}

static void say(const tables *t, const char *pallet, const char *name, const char *wrong)
{
	char id[160];
	(void)snprintf(id, sizeof id, "V%u %s.%s", t->made->version, pallet, name);
	if (wrong == NULL)
		golden_pass(t->g);
	else
		golden_fail(t->g, id, "%s", wrong);
}

static void check_variants(const tables *t, const char *pallet, uint32_t type, const mb_variant *v,
						   size_t n)
{
	for (size_t i = 0; i < n; i++)
		say(t, pallet, v[i].name, variant_wrong(t, type, &v[i]));
}

static void check_pallet(const tables *t, const mb_pallet *p)
{
	const asy_pallet *made = asy_metadata_pallet(t->made, p->name);
	if (made == NULL || made->index != p->index || made->items_n != p->items_n) {
		golden_fail(t->g, p->name, "the pallet is missing or has another number");
		return;
	}
	for (size_t i = 0; i < p->items_n; i++)
		say(t, p->name, p->items[i].name, item_wrong(t, p->name, &p->items[i]));
	check_variants(t, p->name, made->calls, p->calls, p->calls_n);
	check_variants(t, p->name, made->errors, p->errors, p->errors_n);
	check_variants(t, p->name, made->events, p->events, p->events_n);
	for (size_t i = 0; i < p->constants_n; i++) {
		const asy_constant *c = asy_metadata_constant(t->made, p->name, p->constants[i].name);
		bool same = c != NULL && c->type == mb_type(t->types, p->constants[i].type);
		say(t, p->name, p->constants[i].name, same ? NULL : "the constant");
	}
}

static void check_version(tables *t, unsigned version)
{
	asy_buf bytes = {0};
	asy_metadata *m = NULL;
	assay_err err = {0};
	assay_status st = mb_build(t->types, version, t->pallet, t->n, &bytes, &err);
	if (st == ASSAY_OK)
		st = asy_metadata_parse(asy_buf_span(&bytes), &m, &err);
	asy_buf_fini(&bytes);
	if (st != ASSAY_OK) {
		golden_fail(t->g, NULL, "V%u made of the table: %s", version, err.msg);
		return;
	}
	t->made = m;
	for (size_t i = 0; i < t->n; i++)
		check_pallet(t, &t->pallet[i]);
	bool order = m->extensions_n == 2 &&
				 strcmp(m->extensions[0].identifier, "CheckSpecVersion") == 0 &&
				 strcmp(m->extensions[1].identifier, "CheckGenesis") == 0;
	say(t, "extensions", "order", order ? NULL : "another order");
	if (version > 14)
		say(t, "Core", "version",
			asy_metadata_api(m, "Core", "version") != NULL ? NULL : "no such method");
	asy_metadata_free(m);
	t->made = NULL;
}

/* ---- what is real may not contradict ---- */

static const asy_type_variant *called(const asy_metadata *m, uint32_t type, const char *name)
{
	const asy_type *e = asy_metadata_type(m, type);
	for (uint32_t i = 0; e != NULL && i < e->count; i++)
		if (strcmp(e->variants[i].name, name) == 0)
			return &e->variants[i];
	return NULL;
}

static void compare_items(const tables *t, const asy_metadata *real, const mb_pallet *p)
{
	for (size_t i = 0; i < p->items_n; i++) {
		const mb_item *want = &p->items[i];
		const asy_storage_item *it = asy_metadata_item(real, p->name, want->name, NULL);
		if (it == NULL || want->keys_n == 0)
			continue;
		if (it->keys_n == want->keys_n && memcmp(it->hasher, want->hashers, it->keys_n) == 0)
			golden_pass(t->g);
		else
			golden_fail(t->g, want->name, "hashers of a runtime of this spec");
	}
}

static void compare_variants(const tables *t, const asy_metadata *real, uint32_t type,
							 const mb_variant *want, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const asy_type_variant *v = called(real, type, want[i].name);
		if (v == NULL || asy_metadata_variant_at(real, type, v->index) != v)
			continue;
		if (v->index == want[i].index)
			golden_pass(t->g);
		else
			golden_fail(t->g, want[i].name, "number %u in a runtime of this spec", v->index);
	}
}

/* all: errors and events too, whose numbers move between runtimes. */
static void compare(const tables *t, const asy_metadata *real, bool all)
{
	for (size_t i = 0; i < t->n; i++) {
		const mb_pallet *p = &t->pallet[i];
		const asy_pallet *have = asy_metadata_pallet(real, p->name);
		if (have == NULL)
			continue;
		compare_items(t, real, p);
		compare_variants(t, real, have->calls, p->calls, p->calls_n);
		if (all) {
			compare_variants(t, real, have->errors, p->errors, p->errors_n);
			compare_variants(t, real, have->events, p->events, p->events_n);
		}
	}
}

/* What the development chain announces when it is of that spec. */
static void compare_development(const tables *t)
{
	asy_buf bytes = {0};
	asy_metadata *m = NULL;
	const lnet_generation *own = asy_lnet_generation(t->spec);
	if (own == NULL)
		return;
	if (asy_lnet_metadata_encode(own, &bytes, NULL) != ASSAY_OK ||
		asy_metadata_parse(asy_buf_span(&bytes), &m, NULL) != ASSAY_OK)
		golden_fail(t->g, NULL, "the development chain's metadata does not parse");
	else
		compare(t, m, true);
	asy_metadata_free(m);
	asy_buf_fini(&bytes);
}

static bool is_near(const asy_metadata *m, size_t bytes, asy_jv root)
{
	uint32_t spec = chain_spec_version(m);
	(void)bytes;
	(void)root;
	return spec != 0 && (spec == t_of_file.spec || spec == t_of_file.spec_before);
}

/* Blobs made for a spec carry the error numbers of the one before. */
static void compare_blob(golden *g, const asy_metadata *m, asy_jv root)
{
	(void)g;
	(void)root;
	compare(&t_of_file, m, false);
}

/* ---- a whole file ---- */

static void run(tables *t, asy_jv root)
{
	for (unsigned version = 14; version <= 16; version++)
		check_version(t, version);
	compare_development(t);
	(void)chain_blobs_each(t->g, root, is_near, compare_blob);
}

static bool begin(tables *t, golden *g)
{
	*t = (tables){.g = g, .arena = asy_arena_new(0), .types = mb_registry_new()};
	if (t->arena == NULL || t->types == NULL)
		golden_fail(g, NULL, "out of memory");
	return t->arena != NULL && t->types != NULL;
}

static void finish(tables *t)
{
	mb_registry_free(t->types);
	asy_arena_free(t->arena);
}

/* One pallet. */
void golden_chain_tables_one(golden *g, asy_jv root)
{
	tables *t = &t_of_file;
	if (begin(t, g)) {
		t->spec = chain_number_after(chain_str(root, "note"), "spec version ");
		add_pallet(t, chain_str(root, "pallet"), (uint8_t)chain_u64(root, "pallet_index"), root);
		run(t, root);
	}
	finish(t);
}

/* All pallets. */
void golden_chain_tables_all(golden *g, asy_jv root)
{
	tables *t = &t_of_file;
	asy_jv pallets = asy_jv_get(root, "pallets");
	if (begin(t, g)) {
		t->spec = (uint32_t)chain_u64(root, "spec_sdk");
		t->spec_before = (uint32_t)chain_u64(root, "spec_metadata");
		for (size_t i = 0; i < asy_jv_size(pallets); i++) {
			asy_jv row = asy_jv_value(pallets, i);
			add_pallet(t, asy_jv_key(pallets, i), (uint8_t)chain_u64(row, "index"), row);
		}
		run(t, root);
	}
	finish(t);
}
