/* Types as text: shapes, which decide whether our encoding fits a runtime, and
 * descriptions, for people. Bounded in depth and length, since a registry may be
 * recursive or blow up.
 * Reason to change: a kind of type is added. */
#include "chain/metadata.h"

#define SHAPE_MAX ((size_t)64 << 10)
/* Longer enums are named by their count in a description. */
#define DESCRIBED_VARIANTS 12

static const char *const prim_name[] = {"bool", "char", "str", "u8",  "u16", "u32",  "u64", "u128",
										"u256", "i8",   "i16", "i32", "i64", "i128", "i256"};

typedef struct {
	const asy_metadata *m;
	asy_buf *out;
	size_t from; /* where this text began in out */
	bool names;
	assay_status st;
	assay_err *err;
} text;

static void render(text *t, uint32_t id, unsigned depth);

static void put(text *t, const char *s)
{
	if (t->st != ASSAY_OK)
		return;
	if (t->out->len - t->from + strlen(s) > SHAPE_MAX)
		t->st = ASSAY_FAIL(t->err, E_LIMIT, "the text of a type passes %zu bytes", SHAPE_MAX);
	else
		t->st = asy_buf_add_str(t->out, s, t->err);
}

static void put_u32(text *t, uint32_t v)
{
	char digits[16];
	(void)snprintf(digits, sizeof digits, "%" PRIu32, v);
	put(t, digits);
}

static void render_list(text *t, const asy_type_field *f, uint32_t n, unsigned depth)
{
	for (uint32_t i = 0; i < n && t->st == ASSAY_OK; i++) {
		if (i > 0)
			put(t, t->names ? ", " : ",");
		render(t, f[i].type, depth + 1);
	}
}

static bool is_option(const asy_type *ty)
{
	return ty->name != NULL && strcmp(ty->name, "Option") == 0 && ty->count == 2 &&
		   ty->variants[0].index == 0 && ty->variants[0].fields_n == 0 &&
		   ty->variants[1].index == 1 && ty->variants[1].fields_n == 1;
}

static void render_enum(text *t, const asy_type *ty, unsigned depth)
{
	if (is_option(ty)) {
		put(t, "Option<");
		render(t, ty->variants[1].fields[0].type, depth + 1);
		put(t, ">");
		return;
	}
	put(t, t->names && ty->name != NULL ? ty->name : "enum");
	if (t->names && ty->count > DESCRIBED_VARIANTS) {
		put(t, "(enum ");
		put_u32(t, ty->count);
		put(t, ")");
		return;
	}
	put(t, t->names ? "<" : "{");
	for (uint32_t i = 0; i < ty->count && t->st == ASSAY_OK; i++) {
		const asy_type_variant *v = &ty->variants[i];
		if (i > 0)
			put(t, "|");
		put_u32(t, v->index);
		if (t->names) {
			put(t, ":");
			put(t, v->name);
		}
		if (v->fields_n > 0) {
			put(t, "(");
			render_list(t, v->fields, v->fields_n, depth);
			put(t, ")");
		}
	}
	put(t, t->names ? ">" : "}");
}

/* A struct or tuple around one field adds no bytes, so a shape does not show it. */
static void render_fields(text *t, const asy_type *ty, unsigned depth)
{
	if (!t->names && ty->count == 1) {
		render(t, ty->fields[0].type, depth + 1);
		return;
	}
	bool braces = t->names && ty->kind == ASY_TYPE_COMPOSITE;
	if (braces && ty->name != NULL)
		put(t, ty->name);
	put(t, braces ? "{" : "(");
	for (uint32_t i = 0; i < ty->count && t->st == ASSAY_OK; i++) {
		if (i > 0)
			put(t, t->names ? ", " : ",");
		if (braces && ty->fields[i].name != NULL) {
			put(t, ty->fields[i].name);
			put(t, ": ");
		}
		render(t, ty->fields[i].type, depth + 1);
	}
	put(t, braces ? "}" : ")");
}

static void render(text *t, uint32_t id, unsigned depth)
{
	const asy_type *ty = asy_metadata_type(t->m, id);
	if (t->st != ASSAY_OK)
		return;
	if (ty == NULL || depth > ASY_TYPE_DEPTH_MAX) {
		t->st = ASSAY_FAIL(t->err, E_FORMAT, "type %" PRIu32 " is unknown or nests beyond %d", id,
						   ASY_TYPE_DEPTH_MAX);
		return;
	}
	switch (ty->kind) {
	case ASY_TYPE_COMPOSITE:
	case ASY_TYPE_TUPLE:
		render_fields(t, ty, depth);
		break;
	case ASY_TYPE_VARIANT:
		render_enum(t, ty, depth);
		break;
	case ASY_TYPE_SEQUENCE:
		put(t, "Vec<");
		render(t, ty->inner, depth + 1);
		put(t, ">");
		break;
	case ASY_TYPE_ARRAY:
		put(t, "[");
		render(t, ty->inner, depth + 1);
		put(t, t->names ? "; " : ";");
		put_u32(t, ty->count);
		put(t, "]");
		break;
	case ASY_TYPE_PRIMITIVE:
		put(t, prim_name[ty->prim]);
		break;
	case ASY_TYPE_COMPACT:
		put(t, "Compact<");
		render(t, ty->inner, depth + 1);
		put(t, ">");
		break;
	case ASY_TYPE_BITS:
		put(t, "bits");
		break;
	}
}

static assay_status text_of(const asy_metadata *m, uint32_t type, bool names, asy_buf *out,
							assay_err *err)
{
	text t = {m, out, out->len, names, ASSAY_OK, err};
	render(&t, type, 0);
	if (t.st != ASSAY_OK)
		out->len = t.from;
	return t.st;
}

assay_status asy_metadata_shape(const asy_metadata *m, uint32_t type, asy_buf *out, assay_err *err)
{
	return text_of(m, type, false, out, err);
}

assay_status asy_metadata_describe(const asy_metadata *m, uint32_t type, asy_buf *out,
								   assay_err *err)
{
	return text_of(m, type, true, out, err);
}

assay_status asy_metadata_expect(const asy_metadata *m, uint32_t type, const char *shape,
								 const char *what, assay_err *err)
{
	asy_buf have = {0};
	assay_status st = asy_metadata_shape(m, type, &have, err);
	const char *s = st == ASSAY_OK ? asy_buf_cstr(&have) : NULL;
	if (st == ASSAY_OK && s == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "the shape of %s", what);
	if (st == ASSAY_OK && strcmp(s, shape) != 0)
		st = ASSAY_FAIL(err, E_UNSUPPORTED,
						"%s is %.120s in this runtime, this program knows %.120s", what, s, shape);
	asy_buf_fini(&have);
	return st;
}
