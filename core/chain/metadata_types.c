/* The type registry of runtime metadata (scale-info portable registry), the same in
 * versions 14, 15 and 16. Refuses ids out of order, references outside the registry,
 * unknown kinds, and names with NUL bytes.
 * Reason to change: the registry's layout changes. */
#include "chain/metadata_in.h"

#define TEXT_MAX ((size_t)1 << 16)

/* ---- the reader ---- */

uint8_t asy_md_u8(md_in *r)
{
	uint8_t v = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_u8(&r->in, &v, r->err);
	return v;
}

uint32_t asy_md_u32(md_in *r)
{
	uint32_t v = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_u32(&r->in, &v, r->err);
	return v;
}

uint32_t asy_md_id(md_in *r)
{
	uint64_t v = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_compact(&r->in, &v, r->err);
	if (r->st == ASSAY_OK && v >= ASY_TYPE_NONE)
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "type id %" PRIu64 " at offset %zu", v, r->in.at);
	return r->st == ASSAY_OK ? (uint32_t)v : ASY_TYPE_NONE;
}

bool asy_md_option(md_in *r)
{
	bool some = false;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_option(&r->in, &some, r->err);
	return r->st == ASSAY_OK && some;
}

uint32_t asy_md_count(md_in *r, size_t min_item)
{
	size_t n = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_count(&r->in, min_item, ASY_METADATA_MAX_BYTES, &n, r->err);
	return r->st == ASSAY_OK ? (uint32_t)n : 0;
}

const char *asy_md_text(md_in *r)
{
	assay_span s = {NULL, 0};
	if (r->st == ASSAY_OK)
		r->st = asy_scale_bytes(&r->in, TEXT_MAX, &s, r->err);
	if (r->st != ASSAY_OK)
		return "";
	if (s.len > 0 && memchr(s.ptr, 0, s.len) != NULL) {
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "a name with a NUL byte before offset %zu", r->in.at);
		return "";
	}
	char *copy = asy_md_array(r, s.len + 1, 1);
	if (copy == NULL)
		return "";
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

assay_span asy_md_bytes(md_in *r)
{
	assay_span s = {NULL, 0};
	if (r->st == ASSAY_OK)
		r->st = asy_scale_bytes(&r->in, ASY_METADATA_MAX_BYTES, &s, r->err);
	if (r->st != ASSAY_OK || s.len == 0)
		return (assay_span){NULL, 0};
	uint8_t *copy = asy_md_array(r, s.len, 1);
	if (copy == NULL)
		return (assay_span){NULL, 0};
	memcpy(copy, s.ptr, s.len);
	return asy_span(copy, s.len);
}

void asy_md_skip_texts(md_in *r)
{
	uint32_t n = asy_md_count(r, 1);
	assay_span s;
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++)
		r->st = asy_scale_bytes(&r->in, TEXT_MAX, &s, r->err);
}

void *asy_md_array(md_in *r, size_t n, size_t size)
{
	if (r->st != ASSAY_OK)
		return NULL;
	void *p = asy_arena_array(r->arena, n > 0 ? n : 1, size);
	if (p == NULL)
		r->st = ASSAY_FAIL(r->err, E_LIMIT,
						   "metadata: %zu items of %zu bytes more than it may take", n, size);
	return p;
}

/* ---- definitions ---- */

static const asy_type_field *get_fields(md_in *r, uint32_t *n)
{
	uint32_t count = asy_md_count(r, 4);
	asy_type_field *f = asy_md_array(r, count, sizeof *f);
	for (uint32_t i = 0; i < count && r->st == ASSAY_OK; i++) {
		f[i].name = asy_md_option(r) ? asy_md_text(r) : NULL;
		f[i].type = asy_md_id(r);
		if (asy_md_option(r))
			(void)asy_md_text(r); /* the source's name for the type */
		asy_md_skip_texts(r);
	}
	*n = r->st == ASSAY_OK ? count : 0;
	return f;
}

static void get_variants(md_in *r, asy_type *t)
{
	uint32_t count = asy_md_count(r, 4);
	asy_type_variant *v = asy_md_array(r, count, sizeof *v);
	for (uint32_t i = 0; i < count && r->st == ASSAY_OK; i++) {
		v[i].name = asy_md_text(r);
		v[i].fields = get_fields(r, &v[i].fields_n);
		v[i].index = asy_md_u8(r);
		asy_md_skip_texts(r);
	}
	t->variants = v;
	t->count = r->st == ASSAY_OK ? count : 0;
}

static void get_tuple(md_in *r, asy_type *t)
{
	uint32_t count = asy_md_count(r, 1);
	asy_type_field *f = asy_md_array(r, count, sizeof *f);
	for (uint32_t i = 0; i < count && r->st == ASSAY_OK; i++)
		f[i].type = asy_md_id(r);
	t->fields = f;
	t->count = r->st == ASSAY_OK ? count : 0;
}

static void get_def(md_in *r, asy_type *t)
{
	uint8_t kind = asy_md_u8(r), prim;
	t->kind = (asy_type_kind)kind;
	if (r->st != ASSAY_OK)
		return;
	switch (kind) {
	case ASY_TYPE_COMPOSITE:
		t->fields = get_fields(r, &t->count);
		break;
	case ASY_TYPE_VARIANT:
		get_variants(r, t);
		break;
	case ASY_TYPE_ARRAY:
		t->count = asy_md_u32(r);
		t->inner = asy_md_id(r);
		break;
	case ASY_TYPE_SEQUENCE:
	case ASY_TYPE_COMPACT:
		t->inner = asy_md_id(r);
		break;
	case ASY_TYPE_TUPLE:
		get_tuple(r, t);
		break;
	case ASY_TYPE_PRIMITIVE:
		prim = asy_md_u8(r);
		if (r->st == ASSAY_OK && prim > ASY_PRIM_I256)
			r->st = ASSAY_FAIL(r->err, E_FORMAT, "primitive %u at offset %zu", prim, r->in.at);
		t->prim = (asy_primitive)prim;
		break;
	case ASY_TYPE_BITS:
		t->inner = asy_md_id(r);
		(void)asy_md_id(r); /* bit order */
		break;
	default:
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "type kind %u at offset %zu", kind, r->in.at);
	}
}

static void get_type(md_in *r, asy_type *t)
{
	t->path_n = asy_md_count(r, 1);
	const char **path = asy_md_array(r, t->path_n, sizeof *path);
	for (uint32_t i = 0; i < t->path_n && r->st == ASSAY_OK; i++)
		path[i] = asy_md_text(r);
	t->path = path;
	t->name = r->st == ASSAY_OK && t->path_n > 0 ? path[t->path_n - 1] : NULL;
	t->params_n = asy_md_count(r, 2);
	asy_type_field *params = asy_md_array(r, t->params_n, sizeof *params);
	for (uint32_t i = 0; i < t->params_n && r->st == ASSAY_OK; i++) {
		params[i].name = asy_md_text(r);
		params[i].type = asy_md_option(r) ? asy_md_id(r) : ASY_TYPE_NONE;
	}
	t->params = params;
	get_def(r, t);
	asy_md_skip_texts(r);
}

/* ---- references, once all types are known ---- */

static void check_id(md_in *r, const asy_metadata *m, uint32_t id, uint32_t from)
{
	if (r->st == ASSAY_OK && id >= m->types_n)
		r->st =
			ASSAY_FAIL(r->err, E_FORMAT, "type %" PRIu32 " refers to type %" PRIu32 " of %" PRIu32,
					   from, id, m->types_n);
}

static void check_type(md_in *r, const asy_metadata *m, uint32_t id)
{
	const asy_type *t = &m->types[id];
	for (uint32_t i = 0; i < t->params_n; i++)
		if (t->params[i].type != ASY_TYPE_NONE)
			check_id(r, m, t->params[i].type, id);
	switch (t->kind) {
	case ASY_TYPE_COMPOSITE:
	case ASY_TYPE_TUPLE:
		for (uint32_t i = 0; i < t->count; i++)
			check_id(r, m, t->fields[i].type, id);
		break;
	case ASY_TYPE_VARIANT:
		for (uint32_t i = 0; i < t->count; i++)
			for (uint32_t k = 0; k < t->variants[i].fields_n; k++)
				check_id(r, m, t->variants[i].fields[k].type, id);
		break;
	case ASY_TYPE_SEQUENCE:
	case ASY_TYPE_ARRAY:
	case ASY_TYPE_COMPACT:
	case ASY_TYPE_BITS:
		check_id(r, m, t->inner, id);
		break;
	case ASY_TYPE_PRIMITIVE:
		break;
	}
}

void asy_md_registry(md_in *r, asy_metadata *m)
{
	uint32_t n = asy_md_count(r, 6);
	asy_type *types = asy_md_array(r, n, sizeof *types);
	for (uint32_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		uint32_t id = asy_md_id(r);
		if (r->st == ASSAY_OK && id != i)
			r->st = ASSAY_FAIL(r->err, E_FORMAT, "type id %" PRIu32 " in place %" PRIu32, id, i);
		else if (r->st == ASSAY_OK)
			get_type(r, &types[i]);
	}
	if (r->st != ASSAY_OK)
		return;
	m->types = types;
	m->types_n = n;
	for (uint32_t i = 0; i < n; i++)
		check_type(r, m, i);
}
