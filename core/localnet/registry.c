/* Registry: a recursive descent over type texts. Equal types get one number; named
 * types are compiled when first mentioned. Only constants of this module come in.
 * Reason to change: as registry.h. */
#include "localnet/registry.h"

typedef struct {
	reg *r;
	const char *p;
} cursor;

static const char *const primitives[] = {"bool", "char", "str", "u8",  "u16", "u32",  "u64", "u128",
										 "u256", "i8",   "i16", "i32", "i64", "i128", "i256"};

static bool eat(cursor *c, const char *s)
{
	size_t n = strlen(s);
	if (strncmp(c->p, s, n) != 0)
		return false;
	c->p += n;
	return true;
}

static size_t word(cursor *c, char *dst, size_t cap)
{
	size_t n = 0;
	while ((*c->p >= 'a' && *c->p <= 'z') || (*c->p >= 'A' && *c->p <= 'Z') ||
		   (*c->p >= '0' && *c->p <= '9') || *c->p == '_') {
		ASSERT(n + 1 < cap);
		dst[n++] = *c->p++;
	}
	dst[n] = '\0';
	return n;
}

static void must_eat(cursor *c, const char *text)
{
	bool there = eat(c, text);
	ASSERT(there);
}

static void must_word(cursor *c, char *dst, size_t cap)
{
	size_t n = word(c, dst, cap);
	ASSERT(n > 0);
}

static uint32_t number(cursor *c)
{
	uint32_t v = 0;
	ASSERT(*c->p >= '0' && *c->p <= '9');
	while (*c->p >= '0' && *c->p <= '9')
		v = v * 10 + (uint32_t)(*c->p++ - '0');
	return v;
}

static uint32_t add_type(reg *r, reg_type t)
{
	ASSERT(r->types_n < REG_TYPES_MAX);
	r->type[r->types_n] = t;
	return r->types_n++;
}

static uint32_t add_fields(reg *r, const reg_field *f, uint32_t n)
{
	ASSERT(r->fields_n + n <= REG_FIELDS_MAX);
	memcpy(r->field + r->fields_n, f, n * sizeof *f);
	r->fields_n += n;
	return r->fields_n - n;
}

/* Pathless types are told apart by what they are made of. */
static uint32_t intern(reg *r, reg_kind kind, uint32_t inner, uint32_t n)
{
	for (uint32_t i = 0; i < r->types_n; i++) {
		const reg_type *t = &r->type[i];
		if (t->kind == kind && t->path[0] == '\0' && t->inner == inner && t->n == n)
			return i;
	}
	return add_type(r, (reg_type){.kind = kind, .path = "", .inner = inner, .n = n});
}

static uint32_t parse_type(cursor *c);

/* "a: T, b: U" or "T, U" up to a closing character, which is left in place. */
static uint32_t parse_fields(cursor *c, reg_field *f, uint32_t cap)
{
	uint32_t n = 0;
	while (*c->p != '\0' && strchr(")}", *c->p) == NULL) {
		ASSERT(n < cap);
		cursor probe = *c;
		f[n].name[0] = '\0';
		if (word(&probe, f[n].name, sizeof f[n].name) > 0 && eat(&probe, ": "))
			*c = probe;
		else
			f[n].name[0] = '\0';
		f[n++].type = parse_type(c);
		if (!eat(c, ", "))
			break;
	}
	return n;
}

static uint32_t parse_tuple(cursor *c)
{
	reg *r = c->r;
	reg_field f[16];
	uint32_t n = parse_fields(c, f, ASY_COUNT(f));
	must_eat(c, ")");
	for (uint32_t i = 0; i < r->types_n; i++) {
		const reg_type *t = &r->type[i];
		bool same = t->kind == REG_TUPLE && t->n == n;
		for (uint32_t k = 0; same && k < n; k++)
			same = r->field[t->first + k].type == f[k].type;
		if (same)
			return i;
	}
	uint32_t first = add_fields(r, f, n);
	return add_type(r, (reg_type){.kind = REG_TUPLE, .path = "", .first = first, .n = n});
}

static uint32_t parse_option(cursor *c)
{
	reg *r = c->r;
	uint32_t inner = parse_type(c);
	must_eat(c, ">");
	for (uint32_t i = 0; i < r->types_n; i++)
		if (strcmp(r->type[i].path, "Option") == 0 && r->type[i].inner == inner)
			return i;
	reg_field param = {"T", inner}, some = {"", inner};
	uint32_t param_at = add_fields(r, &param, 1), some_at = add_fields(r, &some, 1);
	ASSERT(r->variants_n + 2 <= REG_VARIANTS_MAX);
	uint32_t first = r->variants_n;
	r->variant[r->variants_n++] = (reg_variant){"None", 0, 0, 0};
	r->variant[r->variants_n++] = (reg_variant){"Some", 1, some_at, 1};
	return add_type(r, (reg_type){.kind = REG_VARIANT,
								  .path = "Option",
								  .param = param_at,
								  .params_n = 1,
								  .first = first,
								  .n = 2,
								  .inner = inner});
}

/* A body that comes from elsewhere: the type is added first so that its number
 * precedes those of its parts, then filled. */
static uint32_t open_named(reg *r, reg_kind kind, const char *path)
{
	return add_type(r, (reg_type){.kind = kind, .path = path, .inner = UINT32_MAX});
}

static void fill_params(cursor *c, uint32_t id)
{
	reg_field f[4];
	uint32_t n = 0;
	while (*c->p != '\0') {
		ASSERT(n < ASY_COUNT(f));
		must_word(c, f[n].name, sizeof f[n].name);
		f[n].type = UINT32_MAX;
		if (eat(c, ": "))
			f[n].type = parse_type(c);
		n++;
		if (!eat(c, ", "))
			break;
	}
	uint32_t at = add_fields(c->r, f, n);
	c->r->type[id].param = at;
	c->r->type[id].params_n = n;
}

static void fill_variants(cursor *c, uint32_t id)
{
	reg *r = c->r;
	reg_variant v[32];
	uint32_t n = 0;
	do {
		reg_field f[8];
		uint32_t fields = 0;
		ASSERT(n < ASY_COUNT(v));
		v[n].index = (uint8_t)number(c);
		must_eat(c, ":");
		must_word(c, v[n].name, sizeof v[n].name);
		if (eat(c, "(")) {
			fields = parse_fields(c, f, ASY_COUNT(f));
			must_eat(c, ")");
		}
		v[n].field = add_fields(r, f, fields);
		v[n].fields_n = fields;
		n++;
	} while (eat(c, "|"));
	ASSERT(r->variants_n + n <= REG_VARIANTS_MAX);
	memcpy(r->variant + r->variants_n, v, n * sizeof *v);
	r->type[id].first = r->variants_n;
	r->type[id].n = n;
	r->variants_n += n;
}

static uint32_t named(reg *r, size_t row)
{
	if (r->named[row] != 0)
		return r->named[row] - 1;
	const lnet_type_row *t = &asy_lnet_types[row];
	bool is_enum = t->body[0] == '<';
	uint32_t id = open_named(r, is_enum ? REG_VARIANT : REG_COMPOSITE, t->path);
	r->named[row] = id + 1;
	cursor c = {r, t->params};
	fill_params(&c, id);
	c.p = t->body + 1;
	if (is_enum) {
		fill_variants(&c, id);
		must_eat(&c, ">");
	} else {
		reg_field f[24];
		uint32_t n = parse_fields(&c, f, ASY_COUNT(f));
		must_eat(&c, "}");
		uint32_t first = add_fields(r, f, n);
		r->type[id].first = first;
		r->type[id].n = n;
	}
	return id;
}

/* Era is one variant without a field and 255 with one byte each: the wire form of a
 * mortal era is two bytes, and the first of them looks like an enum tag. */
static uint32_t era(reg *r)
{
	if (r->era != 0)
		return r->era - 1;
	uint32_t id = open_named(r, REG_VARIANT, "sp_runtime::generic::era::Era");
	r->era = id + 1;
	reg_field f = {"", asy_lnet_reg_type(r, "u8")};
	uint32_t at = add_fields(r, &f, 1);
	ASSERT(r->variants_n + 256 <= REG_VARIANTS_MAX);
	r->type[id].first = r->variants_n;
	r->type[id].n = 256;
	for (unsigned i = 0; i < 256; i++) {
		reg_variant *v = &r->variant[r->variants_n++];
		*v = (reg_variant){"Immortal", (uint8_t)i, at, i != 0};
		if (i != 0)
			(void)snprintf(v->name, sizeof v->name, "Mortal%u", i);
	}
	return id;
}

/* The outer enums: one variant per pallet that has calls (or events). */
static uint32_t outer(reg *r, uint32_t *cache, const char *path, uint32_t (*inner)(reg *, size_t))
{
	if (*cache != 0)
		return *cache - 1;
	uint32_t id = open_named(r, REG_VARIANT, path), n = 0;
	*cache = id + 1;
	reg_variant v[8];
	for (size_t p = 0; p < asy_lnet_pallets_n; p++) {
		reg_field f = {"", inner(r, p)};
		if (f.type == UINT32_MAX)
			continue;
		(void)asy_str_copy(v[n].name, sizeof v[n].name, asy_lnet_pallets[p].name);
		v[n].index = asy_lnet_pallets[p].index;
		v[n].field = add_fields(r, &f, 1);
		v[n++].fields_n = 1;
	}
	ASSERT(r->variants_n + n <= REG_VARIANTS_MAX);
	memcpy(r->variant + r->variants_n, v, n * sizeof *v);
	r->type[id].first = r->variants_n;
	r->type[id].n = n;
	r->variants_n += n;
	return id;
}

static uint32_t parse_type(cursor *c)
{
	reg *r = c->r;
	if (eat(c, "("))
		return parse_tuple(c);
	if (eat(c, "[")) {
		uint32_t inner = parse_type(c);
		must_eat(c, "; ");
		uint32_t n = number(c);
		must_eat(c, "]");
		return intern(r, REG_ARRAY, inner, n);
	}
	if (eat(c, "Option<"))
		return parse_option(c);
	bool vec = eat(c, "Vec<");
	if (vec || eat(c, "Compact<")) {
		uint32_t inner = parse_type(c);
		must_eat(c, ">");
		return intern(r, vec ? REG_SEQUENCE : REG_COMPACT, inner, 0);
	}
	char name[48];
	(void)word(c, name, sizeof name);
	for (uint32_t i = 0; i < ASY_COUNT(primitives); i++)
		if (strcmp(name, primitives[i]) == 0)
			return intern(r, REG_PRIMITIVE, i, 0);
	if (strcmp(name, "Era") == 0)
		return era(r);
	if (strcmp(name, "RuntimeCall") == 0)
		return outer(r, &r->runtime_call, "node_subtensor_runtime::RuntimeCall",
					 asy_lnet_reg_calls);
	if (strcmp(name, "RuntimeEvent") == 0)
		return outer(r, &r->runtime_event, "node_subtensor_runtime::RuntimeEvent",
					 asy_lnet_reg_events);
	size_t row = 0;
	while (row < asy_lnet_types_n && strcmp(name, asy_lnet_types[row].name) != 0)
		row++;
	ASSERT(row < asy_lnet_types_n && row < ASY_COUNT(r->named));
	return named(r, row);
}

uint32_t asy_lnet_reg_type(reg *r, const char *text)
{
	cursor c = {r, text};
	uint32_t id = parse_type(&c);
	ASSERT(*c.p == '\0');
	return id;
}

/* The enum of a pallet's calls or events, from its rows. */
static uint32_t pallet_enum(reg *r, uint32_t *cache, const char *path, uint8_t pallet,
							const lnet_variant_row *rows, size_t rows_n)
{
	if (*cache != 0)
		return *cache - 1;
	uint32_t id = UINT32_MAX, n = 0;
	reg_variant v[32];
	for (size_t i = 0; i < rows_n; i++) {
		if (rows[i].pallet != pallet)
			continue;
		if (id == UINT32_MAX)
			id = open_named(r, REG_VARIANT, path);
		reg_field f[12];
		cursor c = {r, rows[i].fields};
		uint32_t fields = parse_fields(&c, f, ASY_COUNT(f));
		ASSERT(*c.p == '\0' && n < ASY_COUNT(v));
		(void)asy_str_copy(v[n].name, sizeof v[n].name, rows[i].name);
		v[n].index = rows[i].index;
		v[n].field = add_fields(r, f, fields);
		v[n++].fields_n = fields;
	}
	if (id == UINT32_MAX)
		return id;
	*cache = id + 1;
	ASSERT(r->variants_n + n <= REG_VARIANTS_MAX);
	memcpy(r->variant + r->variants_n, v, n * sizeof *v);
	r->type[id].first = r->variants_n;
	r->type[id].n = n;
	r->variants_n += n;
	reg_field param = {"T", UINT32_MAX};
	r->type[id].param = add_fields(r, &param, 1);
	r->type[id].params_n = 1;
	return id;
}

static const char *const call_paths[] = {
	"frame_system::pallet::Call", "pallet_timestamp::pallet::Call",
	"pallet_subtensor::pallet::Call", "pallet_drand::pallet::Call"};
static const char *const event_paths[] = {
	"frame_system::pallet::Event", "pallet_timestamp::pallet::Event",
	"pallet_subtensor::pallet::Event", "pallet_drand::pallet::Event"};

uint32_t asy_lnet_reg_calls(reg *r, size_t p)
{
	ASSERT(p < ASY_COUNT(call_paths));
	return pallet_enum(r, &r->calls[p], call_paths[p], asy_lnet_pallets[p].index, asy_lnet_calls,
					   LNET_C_N);
}

uint32_t asy_lnet_reg_events(reg *r, size_t p)
{
	ASSERT(p < ASY_COUNT(event_paths));
	lnet_variant_row rows[LNET_EV_N];
	memcpy(rows, asy_lnet_events, sizeof rows);
	for (size_t i = 0; i < LNET_EV_N; i++)
		rows[i].index = asy_lnet_event_number(r->generation, &asy_lnet_events[i]);
	return pallet_enum(r, &r->events[p], event_paths[p], asy_lnet_pallets[p].index, rows,
					   LNET_EV_N);
}

uint32_t asy_lnet_reg_errors(reg *r, size_t p)
{
	uint8_t pallet = asy_lnet_pallets[p].index;
	bool system = pallet == LNET_SYSTEM;
	if (!system && pallet != LNET_SUBTENSOR)
		return UINT32_MAX;
	if (r->errors[p] != 0)
		return r->errors[p] - 1;
	size_t n = system ? asy_lnet_system_errors_n : asy_lnet_generation_errors(r->generation);
	uint32_t id = open_named(
		r, REG_VARIANT, system ? "frame_system::pallet::Error" : "pallet_subtensor::pallet::Error");
	r->errors[p] = id + 1;
	ASSERT(r->variants_n + n <= REG_VARIANTS_MAX);
	r->type[id].first = r->variants_n;
	r->type[id].n = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		reg_variant *v = &r->variant[r->variants_n++];
		*v = (reg_variant){.index = (uint8_t)i};
		bool fits = asy_str_copy(v->name, sizeof v->name,
								 system ? asy_lnet_system_errors[i]
										: asy_lnet_error_name(r->generation, i));
		ASSERT(fits);
	}
	reg_field param = {"T", UINT32_MAX};
	r->type[id].param = add_fields(r, &param, 1);
	r->type[id].params_n = 1;
	return id;
}
