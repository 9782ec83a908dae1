/* JSON text -> tree. jansson decides what is JSON; around it stand the three
 * things it does not do: limits that are checked before anything is allocated,
 * integers above 2^63-1 kept exactly, and a tree whose nodes know where they are.
 *
 * Large integers pass through a parser that has none. A scan of the text finds them
 * first, notes which integer of the document each one is, and blanks it to 0 in a
 * copy. The conversion walks the result in document order and puts the digits back.
 * Nothing a document can contain may imitate the note.
 *
 * A secret document (a key file) leaves no copy behind: its strings are cleared
 * with the tree, and jansson's own blocks when it frees them. jansson's allocator
 * is process-wide, so secret documents are for start-up, before other threads.
 *
 * Refused: duplicate keys, NUL in keys, depth, size, invalid UTF-8. */
#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include "codec/json.h"

#define DEFAULT_BYTES ((size_t)64 << 20)
#define DEFAULT_DEPTH 64u
#define DEFAULT_VALUES ((size_t)8 << 20)
/* The conversion recurses, and jansson itself stops at 2048. */
#define DEPTH_CAP 1024u

typedef struct {
	size_t ordinal; /* among the document's integers */
	size_t at, len; /* in the text */
} big_int;

typedef struct {
	assay_span text;
	size_t max_depth, max_values;
	size_t ints;
	big_int *big;
	size_t big_n, big_cap;
} scan;

static bool is_number_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Is the token an integer that int64 cannot hold? Leading zeros are left for
 * jansson to refuse, and so is everything that is not plainly a number. */
static bool beyond_i64(const uint8_t *p, size_t len, bool *is_int)
{
	static const char limit[] = "9223372036854775807";
	bool negative = p[0] == '-';
	const uint8_t *d = p + negative;
	size_t n = len - negative;

	*is_int = n > 0;
	for (size_t i = 0; i < n; i++)
		*is_int = *is_int && d[i] >= '0' && d[i] <= '9';
	if (!*is_int || d[0] == '0' || n < sizeof limit - 1)
		return false;
	if (n > sizeof limit - 1)
		return true;
	int order = memcmp(d, limit, n);
	/* -2^63 ends in 8 */
	return order > 0 && !(negative && memcmp(d, "9223372036854775808", n) == 0);
}

static assay_status note_number(scan *s, size_t at, size_t len, assay_err *err)
{
	bool is_int;
	if (beyond_i64(s->text.ptr + at, len, &is_int)) {
		if (s->big_n == s->big_cap) {
			size_t cap = s->big_cap != 0 ? s->big_cap * 2 : 16;
			big_int *p = realloc(s->big, cap * sizeof *p);
			if (p == NULL)
				return ASSAY_FAIL(err, E_NOMEM, "JSON of %zu bytes", s->text.len);
			s->big = p;
			s->big_cap = cap;
		}
		s->big[s->big_n++] = (big_int){s->ints, at, len};
	}
	s->ints += is_int;
	return ASSAY_OK;
}

/* One pass over the raw text: depth, number of values, large integers. It need
 * not understand malformed text, which the parser refuses afterwards. */
static assay_status scan_text(scan *s, assay_err *err)
{
	const uint8_t *p = s->text.ptr;
	size_t depth = 0, values = 1;

	for (size_t i = 0; i < s->text.len; i++) {
		uint8_t c = p[i];
		if (c == '"') {
			for (i++; i < s->text.len && p[i] != '"'; i++)
				i += p[i] == '\\';
		} else if (c == '[' || c == '{') {
			values++;
			if (++depth > s->max_depth)
				return ASSAY_FAIL(err, E_LIMIT, "JSON is nested deeper than %zu levels at byte %zu",
								  s->max_depth, i);
		} else if (c == ']' || c == '}') {
			depth -= depth > 0;
		} else if (c == ',') {
			values++;
		} else if (is_number_char(c) && c != 'e' && c != 'E') {
			size_t start = i;
			while (i + 1 < s->text.len && is_number_char(p[i + 1]))
				i++;
			assay_status st = note_number(s, start, i + 1 - start, err);
			if (st != ASSAY_OK)
				return st;
		}
		if (values > s->max_values)
			return ASSAY_FAIL(err, E_LIMIT, "JSON has more than %zu values", s->max_values);
	}
	return ASSAY_OK;
}

static void wiping_free(void *p)
{
	if (p != NULL)
		asy_wipe(p, malloc_usable_size(p));
	free(p);
}

/* The parser's sentence, with whatever of the document it quotes made printable. */
static assay_status bad_json(const json_error_t *e, assay_err *err)
{
	char said[JSON_ERROR_TEXT_LENGTH];
	(void)asy_str_copy(said, sizeof said, e->text);
	for (char *p = said; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
	if (json_error_code(e) == json_error_out_of_memory)
		return ASSAY_FAIL(err, E_NOMEM, "JSON");
	return ASSAY_FAIL(err, E_FORMAT, "JSON line %d column %d: %s", e->line, e->column, said);
}

static assay_status parse_blanked(const scan *s, json_t **out, assay_err *err)
{
	json_error_t e;
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	const char *text = (const char *)s->text.ptr;
	char *copy = NULL;

	if (s->text.len == 0)
		return ASSAY_FAIL(err, E_FORMAT, "JSON is empty");
	if (s->big_n != 0) {
		copy = malloc(s->text.len);
		if (copy == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "JSON of %zu bytes", s->text.len);
		memcpy(copy, text, s->text.len);
		for (size_t i = 0; i < s->big_n; i++) {
			copy[s->big[i].at] = '0';
			memset(copy + s->big[i].at + 1, ' ', s->big[i].len - 1);
		}
		text = copy;
	}
	json_t *root = json_loadb(text, s->text.len, flags, &e);
	if (copy != NULL)
		asy_wipe(copy, s->text.len);
	free(copy);
	if (root == NULL)
		return bad_json(&e, err);
	*out = root;
	return ASSAY_OK;
}

typedef struct {
	const scan *s;
	asy_arena *arena;
	size_t ints, big_at;
} conv;

static bool convert(conv *c, const json_t *from, asy_json_node *to);

static bool convert_int(conv *c, const json_t *from, asy_json_node *to)
{
	size_t ordinal = c->ints++;
	to->kind = ASY_J_INT;
	if (c->big_at == c->s->big_n || c->s->big[c->big_at].ordinal != ordinal) {
		to->v.i = json_integer_value(from);
		return true;
	}
	const big_int *b = &c->s->big[c->big_at++];
	char *digits = asy_arena_take(c->arena, b->len + 1, 1);
	if (digits == NULL)
		return false;
	memcpy(digits, c->s->text.ptr + b->at, b->len);
	to->v.s = digits;
	to->n = (uint32_t)b->len;
	to->big = true;
	return true;
}

static bool convert_str(conv *c, const char *s, size_t len, asy_json_node *to)
{
	char *copy = asy_arena_take(c->arena, len + 1, 1);
	if (copy == NULL)
		return false;
	memcpy(copy, s, len);
	to->kind = ASY_J_STRING;
	to->v.s = copy;
	to->n = (uint32_t)len;
	return true;
}

static bool convert_array(conv *c, const json_t *from, asy_json_node *to)
{
	size_t n = json_array_size(from);
	asy_json_node *kids = asy_arena_array(c->arena, n, sizeof *kids);
	if (kids == NULL)
		return false;
	to->kind = ASY_J_ARRAY;
	to->v.kids = kids;
	to->n = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		kids[i].up = to;
		kids[i].pos = (uint32_t)i;
		if (!convert(c, json_array_get(from, i), &kids[i]))
			return false;
	}
	return true;
}

static bool index_keys(conv *c, asy_json_node *object)
{
	if (object->n <= ASY_JSON_LINEAR_MAX)
		return true;
	const asy_json_node **sorted = asy_arena_array(c->arena, object->n, sizeof(void *));
	if (sorted == NULL)
		return false;
	for (uint32_t i = 0; i < object->n; i++)
		sorted[i] = &object->v.kids[i];
	qsort(sorted, object->n, sizeof *sorted, asy_json_by_key);
	object->sorted = sorted;
	return true;
}

static bool convert_object(conv *c, const json_t *from, asy_json_node *to)
{
	json_t *object = (json_t *)(uintptr_t)from; /* jansson's iterator is not const */
	size_t n = json_object_size(from), i = 0;
	asy_json_node *kids = asy_arena_array(c->arena, n, sizeof *kids);
	if (kids == NULL)
		return false;
	to->kind = ASY_J_OBJECT;
	to->v.kids = kids;
	to->n = (uint32_t)n;
	for (void *it = json_object_iter(object); it != NULL && i < n;
		 it = json_object_iter_next(object, it), i++) {
		kids[i].up = to;
		kids[i].pos = (uint32_t)i;
		kids[i].key = asy_arena_strdup(c->arena, json_object_iter_key(it));
		if (kids[i].key == NULL || !convert(c, json_object_iter_value(it), &kids[i]))
			return false;
	}
	return index_keys(c, to);
}

/* false: out of memory. Depth is bounded by the scan. */
static bool convert(conv *c, const json_t *from, asy_json_node *to)
{
	switch (json_typeof(from)) {
	case JSON_OBJECT:
		return convert_object(c, from, to);
	case JSON_ARRAY:
		return convert_array(c, from, to);
	case JSON_STRING:
		return convert_str(c, json_string_value(from), json_string_length(from), to);
	case JSON_INTEGER:
		return convert_int(c, from, to);
	case JSON_REAL:
		to->kind = ASY_J_REAL;
		to->v.d = json_real_value(from);
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		to->kind = ASY_J_BOOL;
		to->v.b = json_is_true(from);
		return true;
	case JSON_NULL:
		to->kind = ASY_J_NULL;
		return true;
	}
	return false;
}

static assay_status build(const scan *s, const json_t *parsed, asy_json **out, assay_err *err)
{
	asy_json *doc = calloc(1, sizeof *doc);
	asy_arena *arena = asy_arena_new(0);
	asy_json_node *root = arena != NULL ? asy_arena_array(arena, 1, sizeof *root) : NULL;
	conv c = {.s = s, .arena = arena};

	if (doc == NULL || root == NULL || !convert(&c, parsed, root)) {
		asy_arena_free(arena);
		free(doc);
		return ASSAY_FAIL(err, E_NOMEM, "JSON of %zu bytes", s->text.len);
	}
	/* The ordinals of the scan and of the walk must have met. */
	ASSERT(c.big_at == s->big_n);
	*doc = (asy_json){.arena = arena, .root = root};
	*out = doc;
	return ASSAY_OK;
}

assay_status asy_json_parse(assay_span text, const asy_json_limits *limits, asy_json **out,
							assay_err *err)
{
	asy_json_limits l = limits != NULL ? *limits : (asy_json_limits){0};
	size_t max_bytes = l.max_bytes != 0 ? l.max_bytes : DEFAULT_BYTES;
	scan s = {.text = text,
			  .max_depth = l.max_depth != 0 ? l.max_depth : DEFAULT_DEPTH,
			  .max_values = l.max_values != 0 ? l.max_values : DEFAULT_VALUES};
	json_t *parsed = NULL;

	if (s.max_depth > DEPTH_CAP)
		s.max_depth = DEPTH_CAP;
	if (text.len > max_bytes || text.len > UINT32_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "JSON is %zu bytes, limit %zu", text.len, max_bytes);
	assay_status st = scan_text(&s, err);
	if (l.secret)
		json_set_alloc_funcs(malloc, wiping_free);
	if (st == ASSAY_OK)
		st = parse_blanked(&s, &parsed, err);
	if (st == ASSAY_OK)
		st = build(&s, parsed, out, err);
	json_decref(parsed);
	if (l.secret)
		json_set_alloc_funcs(malloc, free);
	if (st == ASSAY_OK)
		(*out)->secret = l.secret;
	free(s.big);
	return st;
}

static void wipe_strings(const asy_json_node *n)
{
	if (n->kind == ASY_J_STRING)
		asy_wipe((void *)(uintptr_t)n->v.s, n->n);
	if (n->kind == ASY_J_ARRAY || n->kind == ASY_J_OBJECT)
		for (uint32_t i = 0; i < n->n; i++)
			wipe_strings(&n->v.kids[i]);
}

void asy_json_free(asy_json *doc)
{
	if (doc == NULL)
		return;
	if (doc->secret)
		wipe_strings(doc->root);
	asy_arena_free(doc->arena);
	free(doc);
}
