/* Metadata out: the tables as V14 metadata, the bytes a client reads to learn the
 * runtime. No foreign blob is involved; what has no row is not announced.
 * Reason to change: another metadata version. */
#include "localnet/registry.h"
#include <stdlib.h>
#include "codec/codec.h"

static void put_text(asy_scale_w *w, const char *s)
{
	asy_scale_put_bytes(w, s, strlen(s));
}

static void put_hex(asy_scale_w *w, const char *hex)
{
	uint8_t raw[512];
	long n = asy_hex_decode_any(hex, strlen(hex), raw, sizeof raw);
	ASSERT(n >= 0);
	asy_scale_put_bytes(w, raw, (size_t)n);
}

static void put_path(asy_scale_w *w, const char *path)
{
	size_t n = path[0] != '\0';
	for (const char *p = path; (p = strstr(p, "::")) != NULL; p += 2)
		n++;
	asy_scale_put_compact(w, n);
	for (size_t i = 0; i < n; i++) {
		const char *end = strstr(path, "::");
		size_t len = end != NULL ? (size_t)(end - path) : strlen(path);
		asy_scale_put_bytes(w, path, len);
		path += end != NULL ? len + 2 : len;
	}
}

static void put_field(asy_scale_w *w, const reg_field *f)
{
	asy_scale_put_u8(w, f->name[0] != '\0');
	if (f->name[0] != '\0')
		put_text(w, f->name);
	asy_scale_put_compact(w, f->type);
	asy_scale_put_u8(w, 0);      /* type name: none */
	asy_scale_put_compact(w, 0); /* docs */
}

static void put_def(asy_scale_w *w, const reg *r, const reg_type *t)
{
	asy_scale_put_u8(w, (uint8_t)t->kind);
	switch (t->kind) {
	case REG_COMPOSITE:
		asy_scale_put_compact(w, t->n);
		for (uint32_t i = 0; i < t->n; i++)
			put_field(w, &r->field[t->first + i]);
		break;
	case REG_VARIANT:
		asy_scale_put_compact(w, t->n);
		for (uint32_t i = 0; i < t->n; i++) {
			const reg_variant *v = &r->variant[t->first + i];
			put_text(w, v->name);
			asy_scale_put_compact(w, v->fields_n);
			for (uint32_t k = 0; k < v->fields_n; k++)
				put_field(w, &r->field[v->field + k]);
			asy_scale_put_u8(w, v->index);
			asy_scale_put_compact(w, 0);
		}
		break;
	case REG_ARRAY:
		asy_scale_put_u32(w, t->n);
		asy_scale_put_compact(w, t->inner);
		break;
	case REG_TUPLE:
		asy_scale_put_compact(w, t->n);
		for (uint32_t i = 0; i < t->n; i++)
			asy_scale_put_compact(w, r->field[t->first + i].type);
		break;
	case REG_PRIMITIVE:
		asy_scale_put_u8(w, (uint8_t)t->inner);
		break;
	case REG_SEQUENCE:
	case REG_COMPACT:
		asy_scale_put_compact(w, t->inner);
		break;
	}
}

static void put_types(asy_scale_w *w, const reg *r)
{
	asy_scale_put_compact(w, r->types_n);
	for (uint32_t i = 0; i < r->types_n; i++) {
		const reg_type *t = &r->type[i];
		asy_scale_put_compact(w, i);
		put_path(w, t->path);
		asy_scale_put_compact(w, t->params_n);
		for (uint32_t k = 0; k < t->params_n; k++) {
			const reg_field *p = &r->field[t->param + k];
			put_text(w, p->name);
			asy_scale_put_u8(w, p->type != UINT32_MAX);
			if (p->type != UINT32_MAX)
				asy_scale_put_compact(w, p->type);
		}
		put_def(w, r, t);
		asy_scale_put_compact(w, 0);
	}
}

static void put_optional_type(asy_scale_w *w, uint32_t id)
{
	asy_scale_put_u8(w, id != UINT32_MAX);
	if (id != UINT32_MAX)
		asy_scale_put_compact(w, id);
}

/* The key of a map with several hashers is a tuple. */
static uint32_t key_type(reg *r, const lnet_storage_row *s)
{
	char tuple[96];
	if (strlen(s->hashers) == 1)
		return asy_lnet_reg_type(r, s->keys);
	(void)snprintf(tuple, sizeof tuple, "(%s)", s->keys);
	return asy_lnet_reg_type(r, tuple);
}

static void put_item(asy_scale_w *w, reg *r, const lnet_storage_row *s)
{
	put_text(w, s->name);
	asy_scale_put_u8(w, s->modifier == 'D');
	size_t n = strlen(s->hashers);
	asy_scale_put_u8(w, n != 0);
	if (n != 0) {
		asy_scale_put_compact(w, n);
		for (size_t i = 0; i < n; i++)
			asy_scale_put_u8(w, s->hashers[i] == 'I' ? 6 : s->hashers[i] == 'T' ? 5 : 2);
		asy_scale_put_compact(w, key_type(r, s));
	}
	asy_scale_put_compact(w, asy_lnet_reg_type(r, s->value));
	put_hex(w, s->fallback);
	asy_scale_put_compact(w, 0);
}

static void put_constants(asy_scale_w *w, reg *r, uint8_t pallet, assay_span version)
{
	size_t n = pallet == LNET_SYSTEM;
	for (size_t i = 0; i < asy_lnet_constants_n; i++)
		n += asy_lnet_constants[i].pallet == pallet;
	asy_scale_put_compact(w, n);
	for (size_t i = 0; i < asy_lnet_constants_n; i++) {
		const lnet_constant_row *c = &asy_lnet_constants[i];
		if (c->pallet != pallet)
			continue;
		put_text(w, c->name);
		asy_scale_put_compact(w, asy_lnet_reg_type(r, c->type));
		put_hex(w, c->hex);
		asy_scale_put_compact(w, 0);
	}
	if (pallet == LNET_SYSTEM) {
		put_text(w, "Version");
		asy_scale_put_compact(w, asy_lnet_reg_type(r, "RuntimeVersion"));
		asy_scale_put_bytes(w, version.ptr, version.len);
		asy_scale_put_compact(w, 0);
	}
}

static bool is_served(const reg *r, lnet_item item, uint8_t pallet)
{
	return asy_lnet_storage[item].pallet == pallet && asy_lnet_generation_has(r->generation, item);
}

static void put_pallet(asy_scale_w *w, reg *r, size_t p, assay_span version)
{
	const lnet_pallet_row *row = &asy_lnet_pallets[p];
	size_t items = 0;
	put_text(w, row->name);
	for (size_t i = 0; i < LNET_S_N; i++)
		items += is_served(r, (lnet_item)i, row->index);
	asy_scale_put_u8(w, items != 0);
	if (items != 0) {
		put_text(w, row->name); /* the storage prefix is the pallet's name */
		asy_scale_put_compact(w, items);
		for (size_t i = 0; i < LNET_S_N; i++)
			if (is_served(r, (lnet_item)i, row->index))
				put_item(w, r, &asy_lnet_storage[i]);
	}
	put_optional_type(w, asy_lnet_reg_calls(r, p));
	put_optional_type(w, asy_lnet_reg_events(r, p));
	put_constants(w, r, row->index, version);
	put_optional_type(w, asy_lnet_reg_errors(r, p));
	asy_scale_put_u8(w, row->index);
}

/* Everything after the registry. Written first, into a buffer of its own: meeting the
 * rows is what fills the registry that precedes them. */
static void put_rest(asy_scale_w *w, reg *r, assay_span version)
{
	asy_scale_put_compact(w, asy_lnet_pallets_n);
	for (size_t p = 0; p < asy_lnet_pallets_n; p++)
		put_pallet(w, r, p, version);
	asy_scale_put_compact(w, asy_lnet_reg_type(r, "UncheckedExtrinsic"));
	asy_scale_put_u8(w, 4);
	asy_scale_put_compact(w, asy_lnet_extensions_n);
	for (size_t i = 0; i < asy_lnet_extensions_n; i++) {
		put_text(w, asy_lnet_extensions[i].name);
		asy_scale_put_compact(w, asy_lnet_reg_type(r, asy_lnet_extensions[i].extra));
		asy_scale_put_compact(w, asy_lnet_reg_type(r, asy_lnet_extensions[i].additional));
	}
	asy_scale_put_compact(w, asy_lnet_reg_type(r, "Runtime"));
}

assay_status asy_lnet_metadata_encode(const lnet_generation *g, asy_buf *out, assay_err *err)
{
	asy_buf version = {0}, rest = {0};
	reg *r = asy_calloc(1, sizeof *r);
	assay_status st = asy_lnet_version_encode(g, &version, err);
	if (r == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "registry of %zu bytes", sizeof *r);
	if (st != ASSAY_OK)
		goto out;
	r->generation = g;
	asy_scale_w w = asy_scale_out(&rest);
	put_rest(&w, r, asy_buf_span(&version));
	st = asy_scale_out_end(&w, err);
	if (st != ASSAY_OK)
		goto out;
	asy_scale_w o = asy_scale_out(out);
	asy_scale_put_raw(&o, "meta\x0e", 5);
	put_types(&o, r);
	asy_scale_put_raw(&o, rest.ptr, rest.len);
	st = asy_scale_out_end(&o, err);
out:
	free(r);
	asy_buf_fini(&rest);
	asy_buf_fini(&version);
	return st;
}

assay_status asy_lnet_version_encode(const lnet_generation *g, asy_buf *out, assay_err *err)
{
	asy_scale_w w = asy_scale_out(out);
	put_text(&w, LNET_SPEC_NAME);
	put_text(&w, LNET_SPEC_NAME);
	asy_scale_put_u32(&w, 1); /* authoring version */
	asy_scale_put_u32(&w, g->spec);
	asy_scale_put_u32(&w, LNET_IMPL_VERSION);
	asy_scale_put_compact(&w, asy_lnet_apis_n);
	for (size_t i = 0; i < asy_lnet_apis_n; i++) {
		asy_scale_put_raw(&w, asy_lnet_apis[i].id, sizeof asy_lnet_apis[i].id);
		asy_scale_put_u32(&w, asy_lnet_apis[i].version);
	}
	asy_scale_put_u32(&w, LNET_TX_VERSION);
	asy_scale_put_u8(&w, 1); /* state version */
	return asy_scale_out_end(&w, err);
}
