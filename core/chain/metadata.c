/* Runtime metadata: pallets, extrinsic format and runtime APIs of versions 14, 15 and
 * 16. Refuses other versions, map items whose hashers and key type do not pair,
 * references outside the registry, and left-over bytes.
 * Reason to change: a metadata version is added. */
#include "chain/metadata_in.h"

#define METADATA_ARENA_MAX ((size_t)24 << 20)

static void check_ref(md_in *r, const asy_metadata *m, uint32_t id, const char *what)
{
	if (r->st == ASSAY_OK && id >= m->types_n)
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "%s has type %" PRIu32 " of %" PRIu32, what, id,
						   m->types_n);
}

static uint32_t get_ref(md_in *r, const asy_metadata *m, const char *what)
{
	uint32_t id = asy_md_id(r);
	check_ref(r, m, id, what);
	return id;
}

/* ---- deprecation notes of V16 ---- */

static void skip_note(md_in *r)
{
	(void)asy_md_text(r);
	if (asy_md_option(r))
		(void)asy_md_text(r);
}

static void skip_deprecation(md_in *r)
{
	uint8_t tag = asy_md_u8(r);
	if (r->st == ASSAY_OK && tag > 2)
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "deprecation tag %u at offset %zu", tag, r->in.at);
	if (tag == 2)
		skip_note(r);
}

static void skip_variant_deprecations(md_in *r)
{
	uint32_t n = asy_md_count(r, 2);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		(void)asy_md_u8(r);
		uint8_t tag = asy_md_u8(r);
		if (r->st == ASSAY_OK && tag != 1 && tag != 2)
			r->st = ASSAY_FAIL(r->err, E_FORMAT, "deprecation tag %u at offset %zu", tag, r->in.at);
		if (tag == 2)
			skip_note(r);
	}
}

/* ---- storage ---- */

/* Several hashers pair with the elements of a tuple key; one hasher takes it whole. */
static void pair_hashers(md_in *r, const asy_metadata *m, asy_storage_item *it)
{
	const asy_type *key = &m->types[it->key];
	if (it->keys_n == 1) {
		it->key_type[0] = it->key;
		return;
	}
	if (key->kind != ASY_TYPE_TUPLE || key->count != it->keys_n) {
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "storage %s: %u hashers do not pair with its key type",
						   it->name, it->keys_n);
		return;
	}
	for (uint8_t i = 0; i < it->keys_n; i++)
		it->key_type[i] = key->fields[i].type;
}

static void get_map(md_in *r, const asy_metadata *m, asy_storage_item *it)
{
	uint32_t n = asy_md_count(r, 1);
	if (r->st == ASSAY_OK && (n == 0 || n > ASY_MAP_KEYS_MAX))
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "storage %s has %" PRIu32 " hashers, limit %d",
						   it->name, n, ASY_MAP_KEYS_MAX);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		it->hasher[i] = asy_md_u8(r);
		if (r->st == ASSAY_OK && it->hasher[i] > ASY_HASH_IDENTITY)
			r->st =
				ASSAY_FAIL(r->err, E_FORMAT, "storage %s uses hasher %u", it->name, it->hasher[i]);
	}
	it->key = get_ref(r, m, it->name);
	it->value = get_ref(r, m, it->name);
	it->keys_n = (uint8_t)n;
	if (r->st == ASSAY_OK)
		pair_hashers(r, m, it);
}

static void get_item(md_in *r, const asy_metadata *m, asy_storage_item *it)
{
	it->name = asy_md_text(r);
	uint8_t modifier = asy_md_u8(r);
	uint8_t kind = asy_md_u8(r);
	if (r->st == ASSAY_OK && (modifier > 1 || kind > 1))
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "storage %s: modifier %u, kind %u", it->name, modifier,
						   kind);
	it->optional = modifier == 0;
	it->key = ASY_TYPE_NONE;
	if (kind == 1)
		get_map(r, m, it);
	else
		it->value = get_ref(r, m, it->name);
	it->fallback = asy_md_bytes(r);
	asy_md_skip_texts(r);
	if (m->version >= 16)
		skip_deprecation(r);
}

static void get_storage(md_in *r, const asy_metadata *m, asy_pallet *p)
{
	if (!asy_md_option(r))
		return;
	p->prefix = asy_md_text(r);
	uint32_t n = asy_md_count(r, 6);
	asy_storage_item *items = asy_md_array(r, n, sizeof *items);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++)
		get_item(r, m, &items[i]);
	p->items = items;
	p->items_n = r->st == ASSAY_OK ? n : 0;
}

/* ---- pallets ---- */

/* calls, events, errors: an enum, whose index is the number on the wire. */
static uint32_t get_enum(md_in *r, const asy_metadata *m, const char *what)
{
	if (!asy_md_option(r))
		return ASY_TYPE_NONE;
	uint32_t id = get_ref(r, m, what);
	if (m->version >= 16)
		skip_variant_deprecations(r);
	if (r->st == ASSAY_OK && m->types[id].kind != ASY_TYPE_VARIANT)
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "the %s of a pallet are not an enum", what);
	return id;
}

static void get_constants(md_in *r, const asy_metadata *m, asy_pallet *p)
{
	uint32_t n = asy_md_count(r, 4);
	asy_constant *c = asy_md_array(r, n, sizeof *c);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		c[i].name = asy_md_text(r);
		c[i].type = get_ref(r, m, c[i].name);
		c[i].value = asy_md_bytes(r);
		asy_md_skip_texts(r);
		if (m->version >= 16)
			skip_deprecation(r);
	}
	p->constants = c;
	p->constants_n = r->st == ASSAY_OK ? n : 0;
}

static void skip_associated_types(md_in *r)
{
	uint32_t n = asy_md_count(r, 3);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		(void)asy_md_text(r);
		(void)asy_md_id(r);
		asy_md_skip_texts(r);
	}
}

static void skip_view_functions(md_in *r)
{
	uint32_t n = asy_md_count(r, 37);
	assay_span id;
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		r->st = asy_scale_raw(&r->in, 32, &id, r->err);
		(void)asy_md_text(r);
		uint32_t inputs = asy_md_count(r, 2);
		for (uint32_t k = 0; k < inputs && r->st == ASSAY_OK; k++) {
			(void)asy_md_text(r);
			(void)asy_md_id(r);
		}
		(void)asy_md_id(r);
		asy_md_skip_texts(r);
		skip_deprecation(r);
	}
}

static void get_pallet(md_in *r, const asy_metadata *m, asy_pallet *p)
{
	p->name = asy_md_text(r);
	get_storage(r, m, p);
	p->calls = get_enum(r, m, "calls");
	p->events = get_enum(r, m, "events");
	get_constants(r, m, p);
	p->errors = get_enum(r, m, "errors");
	if (m->version >= 16) {
		skip_associated_types(r);
		skip_view_functions(r);
	}
	p->index = asy_md_u8(r);
	if (m->version >= 15)
		asy_md_skip_texts(r);
	if (m->version >= 16)
		skip_deprecation(r);
}

static void get_pallets(md_in *r, asy_metadata *m)
{
	uint32_t n = asy_md_count(r, 7);
	if (r->st == ASSAY_OK && n > 256)
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "%" PRIu32 " pallets: the index is one byte", n);
	asy_pallet *p = asy_md_array(r, n, sizeof *p);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		get_pallet(r, m, &p[i]);
		if (r->st != ASSAY_OK)
			(void)assay_err_at(r->err, r->st, "pallet %s", p[i].name);
	}
	m->pallets = p;
	m->pallets_n = r->st == ASSAY_OK ? n : 0;
}

/* ---- the extrinsic ---- */

static asy_extension *get_extensions(md_in *r, const asy_metadata *m, uint32_t *n)
{
	uint32_t count = asy_md_count(r, 3);
	asy_extension *e = asy_md_array(r, count, sizeof *e);
	for (uint32_t i = 0; i < count && r->st == ASSAY_OK; i++) {
		e[i].identifier = asy_md_text(r);
		e[i].extra = get_ref(r, m, e[i].identifier);
		e[i].additional = get_ref(r, m, e[i].identifier);
	}
	*n = r->st == ASSAY_OK ? count : 0;
	return e;
}

/* V14 names only the whole type; its generic parameters name the parts. */
static void parts_of_extrinsic(asy_metadata *m, uint32_t extrinsic)
{
	const asy_type *t = &m->types[extrinsic];
	for (uint32_t i = 0; i < t->params_n; i++) {
		if (strcmp(t->params[i].name, "Address") == 0)
			m->address_type = t->params[i].type;
		else if (strcmp(t->params[i].name, "Signature") == 0)
			m->signature_type = t->params[i].type;
	}
}

/* V16 lists extensions once and says by version which apply, in which order. A format-4
 * extrinsic uses those of its own number, or of version 0 where versions count extensions. */
static void select_extensions(md_in *r, uint32_t **order, uint32_t *order_n)
{
	uint32_t groups = asy_md_count(r, 2);
	for (uint32_t g = 0; g < groups && r->st == ASSAY_OK; g++) {
		uint8_t version = asy_md_u8(r);
		uint32_t n = asy_md_count(r, 1);
		uint32_t *ids = asy_md_array(r, n, sizeof *ids);
		for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++)
			ids[i] = asy_md_id(r);
		if (version == 4 || (version == 0 && *order == NULL)) {
			*order = ids;
			*order_n = n;
		}
	}
}

static void order_extensions(md_in *r, asy_metadata *m, const uint32_t *order, uint32_t n)
{
	asy_extension *e = asy_md_array(r, n, sizeof *e);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		if (order[i] >= m->extensions_n)
			r->st = ASSAY_FAIL(r->err, E_FORMAT, "extension %" PRIu32 " of %" PRIu32, order[i],
							   m->extensions_n);
		else
			e[i] = m->extensions[order[i]];
	}
	m->extensions = e;
	m->extensions_n = r->st == ASSAY_OK ? n : 0;
}

static void get_extrinsic(md_in *r, asy_metadata *m)
{
	uint32_t *order = NULL, order_n = 0;
	m->address_type = m->signature_type = ASY_TYPE_NONE;
	m->extrinsic_versions_n = 1;
	if (m->version == 14) {
		uint32_t whole = get_ref(r, m, "the extrinsic");
		if (r->st == ASSAY_OK)
			parts_of_extrinsic(m, whole);
		m->extrinsic_versions[0] = asy_md_u8(r);
	} else {
		if (m->version >= 16) {
			uint32_t n = asy_md_count(r, 1);
			if (r->st == ASSAY_OK && n > ASY_COUNT(m->extrinsic_versions))
				r->st = ASSAY_FAIL(r->err, E_FORMAT, "%" PRIu32 " extrinsic versions", n);
			for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++)
				m->extrinsic_versions[i] = asy_md_u8(r);
			m->extrinsic_versions_n = (uint8_t)n;
		} else {
			m->extrinsic_versions[0] = asy_md_u8(r);
		}
		m->address_type = get_ref(r, m, "the address");
		(void)get_ref(r, m, "the call");
		m->signature_type = get_ref(r, m, "the signature");
		if (m->version >= 16)
			select_extensions(r, &order, &order_n);
		else
			(void)get_ref(r, m, "the extensions");
	}
	m->extensions = get_extensions(r, m, &m->extensions_n);
	if (order != NULL && r->st == ASSAY_OK)
		order_extensions(r, m, order, order_n);
}

/* ---- runtime APIs ---- */

static const asy_type_field *get_inputs(md_in *r, const asy_metadata *m, uint32_t *n)
{
	uint32_t count = asy_md_count(r, 2);
	asy_type_field *f = asy_md_array(r, count, sizeof *f);
	for (uint32_t i = 0; i < count && r->st == ASSAY_OK; i++) {
		f[i].name = asy_md_text(r);
		f[i].type = get_ref(r, m, f[i].name);
	}
	*n = r->st == ASSAY_OK ? count : 0;
	return f;
}

static void get_api(md_in *r, const asy_metadata *m, asy_api *a)
{
	a->name = asy_md_text(r);
	uint32_t n = asy_md_count(r, 4);
	asy_api_method *methods = asy_md_array(r, n, sizeof *methods);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		methods[i].name = asy_md_text(r);
		methods[i].inputs = get_inputs(r, m, &methods[i].inputs_n);
		methods[i].output = get_ref(r, m, methods[i].name);
		asy_md_skip_texts(r);
		if (m->version >= 16)
			skip_deprecation(r);
	}
	a->methods = methods;
	a->methods_n = r->st == ASSAY_OK ? n : 0;
	asy_md_skip_texts(r);
	if (m->version >= 16) {
		(void)asy_md_id(r); /* the API's own version */
		skip_deprecation(r);
	}
}

static void get_tail(md_in *r, asy_metadata *m)
{
	if (m->version < 16)
		(void)get_ref(r, m, "the runtime");
	if (m->version < 15)
		return;
	uint32_t n = asy_md_count(r, 3);
	asy_api *apis = asy_md_array(r, n, sizeof *apis);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++)
		get_api(r, m, &apis[i]);
	m->apis = apis;
	m->apis_n = r->st == ASSAY_OK ? n : 0;
	for (int i = 0; i < 3; i++)
		(void)asy_md_id(r); /* outer enums: call, event, error */
	uint32_t custom = asy_md_count(r, 3);
	assay_span value;
	for (uint32_t i = 0; i < custom && r->st == ASSAY_OK; i++) {
		(void)asy_md_text(r);
		(void)asy_md_id(r);
		if (r->st == ASSAY_OK)
			r->st = asy_scale_bytes(&r->in, ASY_METADATA_MAX_BYTES, &value, r->err);
	}
}

assay_status asy_metadata_parse(assay_span bytes, asy_metadata **out, assay_err *err)
{
	static const uint8_t magic[4] = {'m', 'e', 't', 'a'};
	if (bytes.len > ASY_METADATA_MAX_BYTES)
		return ASSAY_FAIL(err, E_LIMIT, "metadata of %zu bytes, limit %zu", bytes.len,
						  ASY_METADATA_MAX_BYTES);
	if (bytes.len < 5 || memcmp(bytes.ptr, magic, sizeof magic) != 0)
		return ASSAY_FAIL(err, E_FORMAT, "these bytes are not runtime metadata");
	if (bytes.ptr[4] < 14 || bytes.ptr[4] > 16)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "metadata version %u, this program reads 14 to 16",
						  bytes.ptr[4]);
	asy_arena *arena = asy_arena_new(METADATA_ARENA_MAX);
	asy_metadata *m = arena == NULL ? NULL : asy_arena_take(arena, sizeof *m, 16);
	if (m == NULL) {
		asy_arena_free(arena);
		return ASSAY_FAIL(err, E_NOMEM, "metadata");
	}
	m->arena = arena;
	m->version = bytes.ptr[4];
	md_in r = {asy_scale_in(bytes), arena, err, ASSAY_OK};
	r.in.at = 5;
	asy_md_registry(&r, m);
	get_pallets(&r, m);
	get_extrinsic(&r, m);
	get_tail(&r, m);
	if (r.st == ASSAY_OK)
		r.st = asy_scale_end(&r.in, err);
	if (r.st != ASSAY_OK) {
		assay_status st = assay_err_at(err, r.st, "metadata version %u", m->version);
		asy_arena_free(arena);
		return st;
	}
	*out = m;
	return ASSAY_OK;
}

void asy_metadata_free(asy_metadata *m)
{
	if (m != NULL)
		asy_arena_free(m->arena); /* the struct itself lives in it */
}
