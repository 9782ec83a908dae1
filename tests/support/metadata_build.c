/* Type texts become a registry, and pallets the three layouts of metadata.
 * Reason to change: a version of the format. */
#include "support/metadata_build.h"
#include <stdlib.h>

#define TYPES_MAX 4096
#define TEXT_MAX 400

typedef struct {
	char text[TEXT_MAX];
	asy_buf def; /* path, parameters, definition, docs */
} entry;

struct mb_registry {
	entry type[TYPES_MAX];
	uint32_t n;
};

mb_registry *mb_registry_new(void)
{
	return asy_calloc(1, sizeof(mb_registry));
}

void mb_registry_free(mb_registry *r)
{
	for (uint32_t i = 0; r != NULL && i < r->n; i++)
		asy_buf_fini(&r->type[i].def);
	free(r);
}

static void text(asy_scale_w *w, const char *s)
{
	asy_scale_put_bytes(w, s, strlen(s));
}

static void none(asy_scale_w *w)
{
	asy_scale_put_compact(w, 0);
}

/* ---- types ---- */

static uint32_t find(mb_registry *r, const char *name, bool *is_new)
{
	*is_new = false;
	for (uint32_t i = 0; i < r->n; i++)
		if (strcmp(r->type[i].text, name) == 0)
			return i;
	ASSERT(r->n < TYPES_MAX && strlen(name) < TEXT_MAX);
	(void)asy_str_copy(r->type[r->n].text, TEXT_MAX, name);
	*is_new = true;
	return r->n++;
}

/* The head of a definition: path of one segment or none, no parameters. */
static asy_scale_w begin(mb_registry *r, uint32_t id, const char *name, uint8_t kind)
{
	asy_scale_w w = asy_scale_out(&r->type[id].def);
	asy_scale_put_compact(&w, name != NULL ? 1 : 0);
	if (name != NULL)
		text(&w, name);
	none(&w);
	asy_scale_put_u8(&w, kind);
	return w;
}

static void end(asy_scale_w *w)
{
	none(w);
	ASSERT(asy_scale_out_end(w, NULL) == ASSAY_OK);
}

static void put_field(asy_scale_w *w, const char *name, uint32_t type)
{
	asy_scale_put_bool(w, name != NULL);
	if (name != NULL)
		text(w, name);
	asy_scale_put_compact(w, type);
	asy_scale_put_u8(w, 0);
	none(w);
}

static uint32_t parse(mb_registry *r, const char **at);

static void blanks(const char **at)
{
	while (**at == ' ')
		(*at)++;
}

static bool take(const char **at, char c)
{
	blanks(at);
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static uint32_t wrap(mb_registry *r, const char *how, uint8_t kind, uint32_t inner)
{
	char name[TEXT_MAX];
	bool is_new;
	(void)snprintf(name, sizeof name, "%s<#%u>", how, inner);
	uint32_t id = find(r, name, &is_new);
	if (!is_new)
		return id;
	asy_scale_w w = begin(r, id, NULL, kind);
	asy_scale_put_compact(&w, inner);
	end(&w);
	return id;
}

static uint32_t option(mb_registry *r, uint32_t inner)
{
	char name[TEXT_MAX];
	bool is_new;
	(void)snprintf(name, sizeof name, "Option<#%u>", inner);
	uint32_t id = find(r, name, &is_new);
	if (!is_new)
		return id;
	asy_scale_w w = begin(r, id, "Option", 1);
	asy_scale_put_compact(&w, 2);
	text(&w, "None");
	none(&w);
	asy_scale_put_u8(&w, 0);
	none(&w);
	text(&w, "Some");
	asy_scale_put_compact(&w, 1);
	put_field(&w, NULL, inner);
	asy_scale_put_u8(&w, 1);
	none(&w);
	end(&w);
	return id;
}

static uint32_t tuple(mb_registry *r, const uint32_t *part, size_t n)
{
	char name[TEXT_MAX] = "(";
	bool is_new;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(name);
		(void)snprintf(name + len, sizeof name - len, "#%u,", part[i]);
	}
	uint32_t id = find(r, name, &is_new);
	if (!is_new)
		return id;
	asy_scale_w w = begin(r, id, NULL, 4);
	asy_scale_put_compact(&w, n);
	for (size_t i = 0; i < n; i++)
		asy_scale_put_compact(&w, part[i]);
	end(&w);
	return id;
}

static uint32_t parse_tuple(mb_registry *r, const char **at)
{
	uint32_t part[16];
	size_t n = 0;
	while (!take(at, ')')) {
		if (n == ASY_COUNT(part) || **at == '\0')
			break;
		part[n++] = parse(r, at);
		(void)take(at, ',');
	}
	return tuple(r, part, n);
}

static uint32_t parse_array(mb_registry *r, const char **at)
{
	char name[TEXT_MAX];
	bool is_new;
	uint32_t inner = parse(r, at);
	uint32_t n = 0;
	(void)take(at, ';');
	blanks(at);
	for (; **at >= '0' && **at <= '9'; (*at)++)
		n = n * 10 + (uint32_t)(**at - '0');
	(void)take(at, ']');
	(void)snprintf(name, sizeof name, "[#%u;%u]", inner, n);
	uint32_t id = find(r, name, &is_new);
	if (!is_new)
		return id;
	asy_scale_w w = begin(r, id, NULL, 3);
	asy_scale_put_u32(&w, n);
	asy_scale_put_compact(&w, inner);
	end(&w);
	return id;
}

static bool primitive(const char *word, uint8_t *code)
{
	static const char *const names[] = {"bool", "char", "str", "u8",  "u16", "u32",  "u64", "u128",
										"u256", "i8",   "i16", "i32", "i64", "i128", "i256"};
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		*code = (uint8_t)i;
		if (strcmp(word, names[i]) == 0)
			return true;
	}
	return false;
}

/* Parameters that no layout depends on: "<T>", "<u8, ConstU32<N>>" after its first. */
static void skip_angles(const char **at)
{
	int depth = 1;
	for (; **at != '\0' && depth > 0; (*at)++)
		depth += (**at == '<') - (**at == '>');
}

/* "{a: A, b: B}": the fields; what has no type, as the variants of an enum, is passed over. */
static size_t parse_fields(mb_registry *r, const char **at, char names[][64], uint32_t *types,
						   size_t cap)
{
	size_t n = 0;
	while (**at != '\0' && !take(at, '}')) {
		char name[64];
		blanks(at);
		size_t len = strcspn(*at, ":,}");
		(void)snprintf(name, sizeof name, "%.*s", (int)len, *at);
		*at += len;
		if (take(at, ':')) {
			uint32_t type = parse(r, at);
			if (n < cap) {
				(void)asy_str_copy(names[n], sizeof names[0], name);
				types[n++] = type;
			}
		}
		(void)take(at, ',');
	}
	return n;
}

/* A struct of that name; what stands behind a colon is its only field. */
static uint32_t named(mb_registry *r, const char *word, const char **at)
{
	char name[TEXT_MAX], names[16][64];
	uint32_t types[16];
	size_t n = 0;
	bool is_new;
	(void)asy_str_copy(name, sizeof name, word);
	if (take(at, ':')) {
		types[n] = parse(r, at);
		names[n++][0] = '\0';
	} else if (take(at, '{')) {
		n = parse_fields(r, at, names, types, ASY_COUNT(types));
	}
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(name);
		(void)snprintf(name + len, sizeof name - len, " %.8s:#%u", names[i], types[i]);
	}
	uint32_t id = find(r, name, &is_new);
	if (!is_new)
		return id;
	asy_scale_w w = begin(r, id, word, 0);
	asy_scale_put_compact(&w, n);
	for (size_t i = 0; i < n; i++)
		put_field(&w, names[i][0] != '\0' ? names[i] : NULL, types[i]);
	end(&w);
	return id;
}

static uint32_t parse_word(mb_registry *r, const char **at)
{
	char word[TEXT_MAX];
	uint8_t code;
	bool is_new;
	size_t n = strcspn(*at, "<>(),;:[]{} ");
	if (n == 0 || n >= sizeof word) { /* no type of ours: a struct of any name will do */
		*at += n + (n == 0 && **at != '\0');
		return named(r, "Other", at);
	}
	(void)snprintf(word, sizeof word, "%.*s", (int)n, *at);
	*at += n;
	if (primitive(word, &code)) {
		uint32_t id = find(r, word, &is_new);
		if (is_new) {
			asy_scale_w w = begin(r, id, NULL, 5);
			asy_scale_put_u8(&w, code);
			end(&w);
		}
		return id;
	}
	if (!take(at, '<'))
		return named(r, word, at);
	bool list = strcmp(word, "Vec") == 0 || strcmp(word, "VecDeque") == 0 ||
				strcmp(word, "BTreeSet") == 0 || strcmp(word, "BoundedVec") == 0;
	if (!list && strcmp(word, "Option") != 0 && strcmp(word, "Compact") != 0) {
		skip_angles(at);
		return named(r, word, at);
	}
	uint32_t inner = parse(r, at);
	skip_angles(at);
	return strcmp(word, "Option") == 0    ? option(r, inner)
		   : strcmp(word, "Compact") == 0 ? wrap(r, word, 6, inner)
										  : wrap(r, "Vec", 2, inner);
}

static uint32_t parse(mb_registry *r, const char **at)
{
	if (take(at, '('))
		return parse_tuple(r, at);
	if (take(at, '['))
		return parse_array(r, at);
	blanks(at);
	return parse_word(r, at);
}

uint32_t mb_type(mb_registry *r, const char *type)
{
	return parse(r, &type);
}

/* ---- pallets ---- */

static void put_deprecated(asy_scale_w *w, unsigned version, bool is)
{
	if (version < 16)
		return;
	asy_scale_put_u8(w, is ? 2 : 0);
	if (!is)
		return;
	text(w, "use another");
	asy_scale_put_u8(w, 1);
	text(w, "470");
}

static void put_item(asy_scale_w *w, mb_registry *r, unsigned version, const mb_item *it)
{
	uint32_t key[MB_KEYS_MAX];
	text(w, it->name);
	asy_scale_put_u8(w, it->optional ? 0 : 1);
	asy_scale_put_u8(w, it->keys_n > 0);
	if (it->keys_n > 0) {
		asy_scale_put_compact(w, it->keys_n);
		asy_scale_put_raw(w, it->hashers, it->keys_n);
		for (size_t i = 0; i < it->keys_n; i++)
			key[i] = mb_type(r, it->keys[i]);
		asy_scale_put_compact(w, it->keys_n == 1 ? key[0] : tuple(r, key, it->keys_n));
	}
	asy_scale_put_compact(w, mb_type(r, it->value));
	asy_scale_put_bytes(w, it->fallback.ptr, it->fallback.len);
	asy_scale_put_compact(w, 1);
	text(w, "A line of documentation.");
	put_deprecated(w, version, it->optional);
}

/* calls, events, errors: an enum in the registry, named by its pallet. */
static void put_enum(asy_scale_w *w, mb_registry *r, unsigned version, const char *pallet,
					 const char *kind, const mb_variant *v, size_t n)
{
	char name[TEXT_MAX];
	bool is_new;
	asy_scale_put_bool(w, n > 0);
	if (n == 0)
		return;
	(void)snprintf(name, sizeof name, "%s %s", pallet, kind);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].fields_n; k++)
			(void)mb_type(r, v[i].fields[k].type);
	uint32_t id = find(r, name, &is_new);
	if (is_new) {
		asy_scale_w d = begin(r, id, kind, 1);
		asy_scale_put_compact(&d, n);
		for (size_t i = 0; i < n; i++) {
			text(&d, v[i].name);
			asy_scale_put_compact(&d, v[i].fields_n);
			for (size_t k = 0; k < v[i].fields_n; k++)
				put_field(&d, v[i].fields[k].name, mb_type(r, v[i].fields[k].type));
			asy_scale_put_u8(&d, v[i].index);
			none(&d);
		}
		end(&d);
	}
	asy_scale_put_compact(w, id);
	if (version < 16)
		return;
	asy_scale_put_compact(w, 1); /* the first variant is deprecated */
	asy_scale_put_u8(w, v[0].index);
	put_deprecated(w, version, true);
}

static void put_v16_extras(asy_scale_w *w, mb_registry *r)
{
	const uint8_t id[32] = {7};
	asy_scale_put_compact(w, 1); /* associated types */
	text(w, "Balance");
	asy_scale_put_compact(w, mb_type(r, "u64"));
	none(w);
	asy_scale_put_compact(w, 1); /* view functions */
	asy_scale_put_raw(w, id, sizeof id);
	text(w, "how_much");
	asy_scale_put_compact(w, 1);
	text(w, "of");
	asy_scale_put_compact(w, mb_type(r, "u16"));
	asy_scale_put_compact(w, mb_type(r, "u64"));
	none(w);
	put_deprecated(w, 16, true);
}

static void put_pallet(asy_scale_w *w, mb_registry *r, unsigned version, const mb_pallet *p)
{
	text(w, p->name);
	asy_scale_put_bool(w, p->items_n > 0);
	if (p->items_n > 0) {
		text(w, p->name);
		asy_scale_put_compact(w, p->items_n);
		for (size_t i = 0; i < p->items_n; i++)
			put_item(w, r, version, &p->items[i]);
	}
	put_enum(w, r, version, p->name, "Call", p->calls, p->calls_n);
	put_enum(w, r, version, p->name, "Event", p->events, p->events_n);
	asy_scale_put_compact(w, p->constants_n);
	for (size_t i = 0; i < p->constants_n; i++) {
		text(w, p->constants[i].name);
		asy_scale_put_compact(w, mb_type(r, p->constants[i].type));
		none(w);
		none(w);
		put_deprecated(w, version, false);
	}
	put_enum(w, r, version, p->name, "Error", p->errors, p->errors_n);
	if (version >= 16)
		put_v16_extras(w, r);
	asy_scale_put_u8(w, p->index);
	if (version >= 15)
		none(w);
	put_deprecated(w, version, false);
}

/* ---- the rest ---- */

static void put_extension(asy_scale_w *w, mb_registry *r, const char *name, const char *implicit)
{
	text(w, name);
	asy_scale_put_compact(w, mb_type(r, "()"));
	asy_scale_put_compact(w, mb_type(r, implicit));
}

static void put_extrinsic(asy_scale_w *w, mb_registry *r, unsigned version)
{
	const uint32_t any = mb_type(r, "[u8; 32]");
	if (version == 14)
		asy_scale_put_compact(w, any);
	if (version == 16)
		asy_scale_put_compact(w, 1); /* one version */
	asy_scale_put_u8(w, 4);
	for (int i = 0; version > 14 && i < 3; i++)
		asy_scale_put_compact(w, any); /* address, call, signature */
	if (version == 15)
		asy_scale_put_compact(w, any);
	if (version == 16) {
		asy_scale_put_compact(w, 1);
		asy_scale_put_u8(w, 4);
		asy_scale_put_compact(w, 2);
		asy_scale_put_compact(w, 1);
		asy_scale_put_compact(w, 0);
	}
	asy_scale_put_compact(w, 2);
	put_extension(w, r, version == 16 ? "CheckGenesis" : "CheckSpecVersion",
				  version == 16 ? "H256" : "u32");
	put_extension(w, r, version == 16 ? "CheckSpecVersion" : "CheckGenesis",
				  version == 16 ? "u32" : "H256");
}

static void put_tail(asy_scale_w *w, mb_registry *r, unsigned version)
{
	if (version < 16)
		asy_scale_put_compact(w, mb_type(r, "Runtime"));
	if (version < 15)
		return;
	asy_scale_put_compact(w, 1); /* APIs */
	text(w, "Core");
	asy_scale_put_compact(w, 1);
	text(w, "version");
	asy_scale_put_compact(w, 1);
	text(w, "of");
	asy_scale_put_compact(w, mb_type(r, "u16"));
	asy_scale_put_compact(w, mb_type(r, "u64"));
	none(w);
	put_deprecated(w, version, true);
	none(w);
	if (version == 16)
		asy_scale_put_compact(w, 5);
	put_deprecated(w, version, false);
	for (int i = 0; i < 3; i++)
		asy_scale_put_compact(w, mb_type(r, "Runtime"));
	none(w); /* nothing custom */
}

assay_status mb_build(mb_registry *r, unsigned version, const mb_pallet *pallets, size_t n,
					  asy_buf *out, assay_err *err)
{
	asy_buf body = {0};
	asy_scale_w w = asy_scale_out(&body), head = asy_scale_out(out);
	/* the registry comes first and is known last */
	asy_scale_put_compact(&w, n);
	for (size_t i = 0; i < n; i++)
		put_pallet(&w, r, version, &pallets[i]);
	put_extrinsic(&w, r, version);
	put_tail(&w, r, version);
	assay_status st = asy_scale_out_end(&w, err);
	asy_scale_put_raw(&head, "meta", 4);
	asy_scale_put_u8(&head, (uint8_t)version);
	asy_scale_put_compact(&head, r->n);
	for (uint32_t i = 0; i < r->n; i++) {
		asy_scale_put_compact(&head, i);
		asy_scale_put_raw(&head, r->type[i].def.ptr, r->type[i].def.len);
	}
	asy_scale_put_raw(&head, body.ptr, body.len);
	if (st == ASSAY_OK)
		st = asy_scale_out_end(&head, err);
	asy_buf_fini(&body);
	return st;
}
