/* Plugin configuration: the subset of JSON Schema that docs/plugins.md lists, no
 * more. A schema outside the subset is the plugin's fault and refused whole, so
 * that a keyword we do not know is never silently ignored. The document comes out
 * canonical: defaults filled, keys sorted, ready to be digested. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include "codec/codec.h"
#include "plugin/plugin.h"

#define SCHEMA_DEPTH 16u
#define DOC_DEPTH 32u
#define DOC_MAX ((size_t)16 * 1024 * 1024)
#define PATTERN_MAX 1024u
#define KEYS_MAX 4096u
/* Enough for any honest pattern on a configuration value; a hostile one stops in milliseconds. */
#define MATCH_STEPS 100000u
#define MATCH_HEAP_KIB 1024u

static const char *const keywords[] = {
	"type",     "properties", "required",  "additionalProperties",
	"items",    "enum",       "const",     "default",
	"minimum",  "maximum",    "minLength", "maxLength",
	"minItems", "maxItems",   "pattern",   "description"};

static const char *const type_names[] = {"null",   "boolean", "integer", "number",
										 "string", "array",   "object"};

/* "config.weights.f1" or "config": where a value stands, for errors. */
typedef struct {
	char text[192];
} place;

static place place_of(asy_jv v)
{
	char path[160];
	place p;
	asy_jv_path(v, path, sizeof path);
	/* the view calls its root "(document)" */
	bool is_root = path[0] == '(' || path[0] == '\0';
	(void)snprintf(p.text, sizeof p.text, "config%s%s", is_root || path[0] == '[' ? "" : ".",
				   is_root ? "" : path);
	return p;
}

static bool matches_type(asy_json_kind kind, const char *type)
{
	switch (kind) {
	case ASY_J_NULL:
		return strcmp(type, "null") == 0;
	case ASY_J_BOOL:
		return strcmp(type, "boolean") == 0;
	case ASY_J_INT:
		return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
	case ASY_J_REAL:
		return strcmp(type, "number") == 0;
	case ASY_J_STRING:
		return strcmp(type, "string") == 0;
	case ASY_J_ARRAY:
		return strcmp(type, "array") == 0;
	case ASY_J_OBJECT:
		return strcmp(type, "object") == 0;
	case ASY_J_ABSENT:
		break;
	}
	return false;
}

static const char *kind_name(asy_json_kind kind)
{
	for (size_t i = 0; i < ASY_COUNT(type_names); i++)
		if (matches_type(kind, type_names[i]))
			return type_names[i];
	return "absent";
}

static const char *string_of(asy_jv v)
{
	const char *s;
	size_t len;
	return asy_jv_str(v, &s, &len, NULL) == ASSAY_OK ? s : "";
}

/* ---- values ---- */

static assay_status check_type(asy_jv schema, asy_jv doc, assay_err *err)
{
	asy_jv type = asy_jv_get(schema, "type");
	asy_json_kind kind = asy_jv_kind(doc);
	const char *wanted = "one of several types";

	if (asy_jv_kind(type) == ASY_J_ABSENT)
		return ASSAY_OK;
	if (asy_jv_kind(type) == ASY_J_STRING) {
		wanted = string_of(type);
		if (matches_type(kind, wanted))
			return ASSAY_OK;
	} else {
		for (size_t i = 0; i < asy_jv_size(type); i++)
			if (matches_type(kind, string_of(asy_jv_at(type, i))))
				return ASSAY_OK;
	}
	return ASSAY_FAIL(err, E_CONFIG, "%s: is %s, must be %s", place_of(doc).text, kind_name(kind),
					  wanted);
}

static assay_status same_json(asy_jv a, asy_jv b, bool *same, assay_err *err)
{
	asy_buf x = {0}, y = {0};
	assay_status st = asy_jv_canonical(a, &x, err);
	if (st == ASSAY_OK)
		st = asy_jv_canonical(b, &y, err);
	if (st == ASSAY_OK)
		*same = asy_span_eq(asy_buf_span(&x), asy_buf_span(&y));
	asy_buf_fini(&x);
	asy_buf_fini(&y);
	return st;
}

static assay_status check_choice(asy_jv schema, asy_jv doc, assay_err *err)
{
	asy_jv fixed = asy_jv_get(schema, "const"), choice = asy_jv_get(schema, "enum");
	bool same = true;
	assay_status st = ASSAY_OK;

	if (asy_jv_kind(fixed) != ASY_J_ABSENT)
		st = same_json(fixed, doc, &same, err);
	if (st == ASSAY_OK && same && asy_jv_kind(choice) != ASY_J_ABSENT) {
		same = false;
		for (size_t i = 0; st == ASSAY_OK && !same && i < asy_jv_size(choice); i++)
			st = same_json(asy_jv_at(choice, i), doc, &same, err);
	}
	if (st != ASSAY_OK || same)
		return st;
	asy_buf allowed = {0};
	st = asy_jv_canonical(asy_jv_kind(fixed) != ASY_J_ABSENT ? fixed : choice, &allowed, err);
	if (st == ASSAY_OK) {
		const char *text = asy_buf_cstr(&allowed);
		st = ASSAY_FAIL(err, E_CONFIG, "%s: not among the allowed values: %.200s",
						place_of(doc).text, text != NULL ? text : "");
	}
	asy_buf_fini(&allowed);
	return st;
}

/* have against schema[low] and schema[high]; what names the measured thing. */
static assay_status check_bounds(asy_jv schema, const char *low, const char *high, double have,
								 asy_jv doc, const char *what, assay_err *err)
{
	double bound;
	if (asy_jv_f64(asy_jv_get(schema, low), &bound, NULL) == ASSAY_OK && have < bound)
		return ASSAY_FAIL(err, E_CONFIG, "%s: %s %g is below the %s %g", place_of(doc).text, what,
						  have, low, bound);
	if (asy_jv_f64(asy_jv_get(schema, high), &bound, NULL) == ASSAY_OK && have > bound)
		return ASSAY_FAIL(err, E_CONFIG, "%s: %s %g is above the %s %g", place_of(doc).text, what,
						  have, high, bound);
	return ASSAY_OK;
}

static size_t code_points(const char *s, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

static pcre2_code *compile(const char *pattern, size_t len, assay_err *err)
{
	int code;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[120];

	if (len > PATTERN_MAX) {
		(void)ASSAY_FAIL(err, E_PLUGIN, "pattern is %zu bytes, limit %u", len, PATTERN_MAX);
		return NULL;
	}
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, len, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
								   &code, &at, NULL);
	if (re == NULL) {
		(void)pcre2_get_error_message(code, why, sizeof why);
		(void)ASSAY_FAIL(err, E_PLUGIN, "pattern \"%.80s\": %s at offset %zu", pattern,
						 (const char *)why, (size_t)at);
	}
	return re;
}

static assay_status check_pattern(asy_jv schema, asy_jv doc, const char *s, size_t len,
								  assay_err *err)
{
	const char *pattern;
	size_t pattern_len;
	if (asy_jv_str(asy_jv_get(schema, "pattern"), &pattern, &pattern_len, NULL) != ASSAY_OK)
		return ASSAY_OK;
	pcre2_code *re = compile(pattern, pattern_len, err);
	if (re == NULL)
		return ASSAY_E_PLUGIN;
	pcre2_match_data *md = pcre2_match_data_create(1, NULL);
	pcre2_match_context *mc = pcre2_match_context_create(NULL);
	int rc = PCRE2_ERROR_NOMEMORY;
	if (md != NULL && mc != NULL) {
		(void)pcre2_set_match_limit(mc, MATCH_STEPS);
		(void)pcre2_set_depth_limit(mc, MATCH_STEPS);
		(void)pcre2_set_heap_limit(mc, MATCH_HEAP_KIB);
		rc = pcre2_match(re, (PCRE2_SPTR)s, len, 0, 0, md, mc);
	}
	pcre2_match_context_free(mc);
	pcre2_match_data_free(md);
	pcre2_code_free(re);
	if (rc >= 0)
		return ASSAY_OK;
	if (rc == PCRE2_ERROR_NOMATCH)
		return ASSAY_FAIL(err, E_CONFIG, "%s: does not match the pattern %.120s",
						  place_of(doc).text, pattern);
	return ASSAY_FAIL(err, E_CONFIG, "%s: matching the pattern %.120s stopped at a limit (%d)",
					  place_of(doc).text, pattern, rc);
}

static assay_status check_scalar(asy_jv schema, asy_jv doc, assay_err *err)
{
	double number;
	const char *s;
	size_t len;
	assay_status st;

	switch (asy_jv_kind(doc)) {
	case ASY_J_INT:
	case ASY_J_REAL:
		st = asy_jv_f64(doc, &number, err);
		return st != ASSAY_OK
				   ? st
				   : check_bounds(schema, "minimum", "maximum", number, doc, "value", err);
	case ASY_J_STRING:
		st = asy_jv_str(doc, &s, &len, err);
		if (st == ASSAY_OK)
			st = check_bounds(schema, "minLength", "maxLength", (double)code_points(s, len), doc,
							  "length", err);
		return st != ASSAY_OK ? st : check_pattern(schema, doc, s, len, err);
	case ASY_J_ABSENT:
	case ASY_J_NULL:
	case ASY_J_BOOL:
	case ASY_J_ARRAY:
	case ASY_J_OBJECT:
		break;
	}
	return ASSAY_OK;
}

/* ---- the walk ---- */

static assay_status walk(asy_jv schema, asy_jv doc, unsigned depth, asy_jw *w, assay_err *err);

static assay_status write_plain(asy_jv v, asy_jw *w, assay_err *err)
{
	asy_buf text = {0};
	assay_status st = asy_jv_canonical(v, &text, err);
	if (st == ASSAY_OK)
		asy_jw_raw(w, asy_buf_span(&text));
	asy_buf_fini(&text);
	return st;
}

/* "did you mean" among the keys of properties; empty text when nothing is near. */
static void suggest(asy_jv properties, const char *key, char *dst, size_t cap)
{
	const char *names[64];
	size_t n = asy_jv_size(properties);
	if (n > ASY_COUNT(names))
		n = ASY_COUNT(names);
	for (size_t i = 0; i < n; i++)
		names[i] = asy_jv_key(properties, i);
	size_t best = asy_str_nearest(key, names, n);
	dst[0] = '\0';
	if (best < n)
		(void)snprintf(dst, cap, "; did you mean \"%s\"?", names[best]);
}

static assay_status unknown_key(asy_jv schema, asy_jv doc, const char *key, assay_err *err)
{
	char hint[160];
	suggest(asy_jv_get(schema, "properties"), key, hint, sizeof hint);
	return ASSAY_FAIL(err, E_CONFIG, "%s: unknown key \"%.80s\"%s", place_of(doc).text, key, hint);
}

static assay_status walk_member(asy_jv schema, asy_jv doc, const char *key, unsigned depth,
								asy_jw *w, assay_err *err)
{
	asy_jv own = asy_jv_get(asy_jv_get(schema, "properties"), key);
	asy_jv value = asy_jv_get(doc, key), extra = asy_jv_get(schema, "additionalProperties");
	bool allowed = true;

	asy_jw_key(w, key);
	if (asy_jv_kind(own) == ASY_J_ABSENT) {
		if (asy_jv_kind(extra) == ASY_J_OBJECT)
			return walk(extra, value, depth + 1, w, err);
		if (asy_jv_kind(extra) == ASY_J_BOOL && asy_jv_bool(extra, &allowed, NULL) == ASSAY_OK &&
			!allowed)
			return unknown_key(schema, doc, key, err);
		return write_plain(value, w, err);
	}
	if (asy_jv_kind(value) == ASY_J_ABSENT)
		value = asy_jv_get(own, "default");
	return walk(own, value, depth + 1, w, err);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys that the result has: those of the document and those with a default. */
static size_t collect_keys(asy_jv schema, asy_jv doc, const char **keys)
{
	asy_jv properties = asy_jv_get(schema, "properties");
	size_t n = 0;
	for (size_t i = 0; i < asy_jv_size(doc); i++)
		keys[n++] = asy_jv_key(doc, i);
	for (size_t i = 0; i < asy_jv_size(properties); i++) {
		const char *key = asy_jv_key(properties, i);
		if (asy_jv_kind(asy_jv_get(doc, key)) == ASY_J_ABSENT &&
			asy_jv_kind(asy_jv_get(asy_jv_value(properties, i), "default")) != ASY_J_ABSENT)
			keys[n++] = key;
	}
	if (n > 1)
		qsort(keys, n, sizeof *keys, by_bytes);
	return n;
}

static assay_status check_required(asy_jv schema, asy_jv doc, assay_err *err)
{
	asy_jv required = asy_jv_get(schema, "required");
	for (size_t i = 0; i < asy_jv_size(required); i++) {
		const char *key = string_of(asy_jv_at(required, i));
		if (asy_jv_kind(asy_jv_get(doc, key)) != ASY_J_ABSENT)
			continue;
		asy_jv own = asy_jv_get(asy_jv_get(schema, "properties"), key);
		/* a default satisfies: it is filled before the plugin looks */
		if (asy_jv_kind(asy_jv_get(own, "default")) == ASY_J_ABSENT)
			return ASSAY_FAIL(err, E_CONFIG, "%s: \"%s\" is required", place_of(doc).text, key);
	}
	return ASSAY_OK;
}

static assay_status walk_object(asy_jv schema, asy_jv doc, unsigned depth, asy_jw *w,
								assay_err *err)
{
	size_t most = asy_jv_size(doc) + asy_jv_size(asy_jv_get(schema, "properties"));
	if (most > KEYS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%s: %zu keys, limit %u", place_of(doc).text, most,
						  KEYS_MAX);
	assay_status st = check_required(schema, doc, err);
	if (st != ASSAY_OK)
		return st;
	const char **keys = asy_calloc(most + 1, sizeof *keys);
	if (keys == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "keys of %s", place_of(doc).text);
	size_t n = collect_keys(schema, doc, keys);
	asy_jw_object(w);
	for (size_t i = 0; st == ASSAY_OK && i < n; i++)
		st = walk_member(schema, doc, keys[i], depth, w, err);
	asy_jw_end_object(w);
	free(keys);
	return st;
}

static assay_status walk_array(asy_jv schema, asy_jv doc, unsigned depth, asy_jw *w, assay_err *err)
{
	asy_jv items = asy_jv_get(schema, "items");
	size_t n = asy_jv_size(doc);
	assay_status st = check_bounds(schema, "minItems", "maxItems", (double)n, doc, "length", err);

	if (st == ASSAY_OK && asy_jv_kind(items) == ASY_J_ABSENT)
		return write_plain(doc, w, err);
	asy_jw_array(w);
	for (size_t i = 0; st == ASSAY_OK && i < n; i++)
		st = walk(items, asy_jv_at(doc, i), depth + 1, w, err);
	asy_jw_end_array(w);
	return st;
}

static assay_status walk(asy_jv schema, asy_jv doc, unsigned depth, asy_jw *w, assay_err *err)
{
	if (depth > SCHEMA_DEPTH)
		return ASSAY_FAIL(err, E_LIMIT, "%s: nested deeper than %u", place_of(doc).text,
						  SCHEMA_DEPTH);
	assay_status st = check_type(schema, doc, err);
	if (st == ASSAY_OK)
		st = check_choice(schema, doc, err);
	if (st == ASSAY_OK)
		st = check_scalar(schema, doc, err);
	if (st != ASSAY_OK)
		return st;
	if (asy_jv_kind(doc) == ASY_J_OBJECT)
		return walk_object(schema, doc, depth, w, err);
	if (asy_jv_kind(doc) == ASY_J_ARRAY)
		return walk_array(schema, doc, depth, w, err);
	return write_plain(doc, w, err);
}

/* ---- the schema itself ---- */

static assay_status check_schema(asy_jv s, unsigned depth, assay_err *err);

static bool is_type_name(asy_jv v)
{
	for (size_t i = 0; asy_jv_kind(v) == ASY_J_STRING && i < ASY_COUNT(type_names); i++)
		if (strcmp(string_of(v), type_names[i]) == 0)
			return true;
	return false;
}

static bool is_all(asy_jv array, bool (*claim)(asy_jv))
{
	if (asy_jv_kind(array) != ASY_J_ARRAY)
		return false;
	for (size_t i = 0; i < asy_jv_size(array); i++)
		if (!claim(asy_jv_at(array, i)))
			return false;
	return true;
}

static bool is_string(asy_jv v)
{
	return asy_jv_kind(v) == ASY_J_STRING;
}
static bool is_count(asy_jv v)
{
	uint64_t n;
	return asy_jv_kind(v) == ASY_J_INT && asy_jv_u64(v, &n, NULL) == ASSAY_OK;
}
static bool is_number(asy_jv v)
{
	return asy_jv_kind(v) == ASY_J_INT || asy_jv_kind(v) == ASY_J_REAL;
}

static assay_status misuse(const char *keyword, const char *rule, assay_err *err)
{
	return ASSAY_FAIL(err, E_PLUGIN, "\"%s\" must be %s", keyword, rule);
}

static assay_status check_children(asy_jv properties, unsigned depth, assay_err *err)
{
	if (asy_jv_kind(properties) != ASY_J_OBJECT)
		return misuse("properties", "an object of schemas", err);
	for (size_t i = 0; i < asy_jv_size(properties); i++) {
		assay_status st = check_schema(asy_jv_value(properties, i), depth + 1, err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "%.60s", asy_jv_key(properties, i));
	}
	return ASSAY_OK;
}

static assay_status check_keyword(const char *k, asy_jv v, unsigned depth, assay_err *err)
{
	if (strcmp(k, "type") == 0)
		return is_type_name(v) || (asy_jv_size(v) != 0 && is_all(v, is_type_name))
				   ? ASSAY_OK
				   : misuse(k, "a type name or a list of them", err);
	if (strcmp(k, "properties") == 0)
		return check_children(v, depth, err);
	if (strcmp(k, "required") == 0)
		return is_all(v, is_string) ? ASSAY_OK : misuse(k, "a list of keys", err);
	if (strcmp(k, "items") == 0)
		return check_schema(v, depth + 1, err);
	if (strcmp(k, "additionalProperties") == 0)
		return asy_jv_kind(v) == ASY_J_BOOL ? ASSAY_OK : check_schema(v, depth + 1, err);
	if (strcmp(k, "enum") == 0)
		return asy_jv_kind(v) == ASY_J_ARRAY && asy_jv_size(v) != 0
				   ? ASSAY_OK
				   : misuse(k, "a list that is not empty", err);
	if (strcmp(k, "minimum") == 0 || strcmp(k, "maximum") == 0)
		return is_number(v) ? ASSAY_OK : misuse(k, "a number", err);
	if (strncmp(k, "min", 3) == 0 || strncmp(k, "max", 3) == 0)
		return is_count(v) ? ASSAY_OK : misuse(k, "a whole number >= 0", err);
	if (strcmp(k, "pattern") == 0) {
		const char *s;
		size_t len;
		if (asy_jv_str(v, &s, &len, NULL) != ASSAY_OK)
			return misuse(k, "a string", err);
		pcre2_code *re = compile(s, len, err);
		pcre2_code_free(re);
		return re != NULL ? ASSAY_OK : ASSAY_E_PLUGIN;
	}
	if (strcmp(k, "description") == 0)
		return is_string(v) ? ASSAY_OK : misuse(k, "a string", err);
	return ASSAY_OK; /* const, default: any value */
}

static bool is_keyword(const char *k)
{
	for (size_t i = 0; i < ASY_COUNT(keywords); i++)
		if (strcmp(k, keywords[i]) == 0)
			return true;
	return false;
}

/* A default that its own schema refuses would make the empty configuration fail. */
static assay_status check_default(asy_jv schema, unsigned depth, assay_err *err)
{
	asy_jv value = asy_jv_get(schema, "default");
	asy_buf sink = {.max = DOC_MAX};

	if (asy_jv_kind(value) == ASY_J_ABSENT)
		return ASSAY_OK;
	asy_jw w = asy_jw_out(&sink, 0);
	assay_status st = walk(schema, value, depth, &w, err);
	if (st == ASSAY_E_CONFIG)
		st = assay_err_at(err, ASSAY_E_PLUGIN, "the default is refused by its own schema");
	asy_buf_fini(&sink);
	return st;
}

static assay_status check_schema(asy_jv s, unsigned depth, assay_err *err)
{
	if (depth > SCHEMA_DEPTH)
		return ASSAY_FAIL(err, E_PLUGIN, "schema is nested deeper than %u", SCHEMA_DEPTH);
	if (asy_jv_kind(s) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_PLUGIN, "a schema must be an object");
	for (size_t i = 0; i < asy_jv_size(s); i++) {
		const char *k = asy_jv_key(s, i);
		if (!is_keyword(k))
			return ASSAY_FAIL(err, E_PLUGIN, "keyword \"%.60s\" is not in the supported subset", k);
		assay_status st = check_keyword(k, asy_jv_value(s, i), depth, err);
		if (st != ASSAY_OK)
			return st;
	}
	return check_default(s, depth, err);
}

static assay_status parse(assay_span text, asy_json **out, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = DOC_MAX, .max_depth = DOC_DEPTH};
	return asy_json_parse(text.len != 0 ? text : asy_span("{}", 2), &limits, out, err);
}

static assay_status write_config(asy_jv schema, asy_jv doc, asy_buf *out, assay_err *err)
{
	asy_buf text = {.max = DOC_MAX * 2};
	if (asy_jv_kind(doc) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_CONFIG, "the plugin configuration is %s, must be object",
						  kind_name(asy_jv_kind(doc)));
	asy_jw w = asy_jw_out(&text, 0);
	assay_status st = walk(schema, doc, 0, &w, err);
	if (st == ASSAY_OK)
		st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_buf_add(out, text.ptr, text.len, err);
	asy_buf_fini(&text);
	return st;
}

assay_status asy_plugin_config(assay_span schema, assay_span doc, asy_buf *canonical,
							   assay_err *err)
{
	asy_json *s = NULL, *d = NULL;
	assay_status st = parse(schema, &s, err);
	if (st == ASSAY_OK)
		st = check_schema(asy_json_root(s), 0, err);
	if (st != ASSAY_OK) {
		st = assay_err_at(err, st == ASSAY_E_NOMEM ? st : ASSAY_E_PLUGIN, "configuration schema");
		goto out;
	}
	st = parse(doc, &d, err);
	if (st != ASSAY_OK) {
		st = assay_err_at(err, st == ASSAY_E_NOMEM ? st : ASSAY_E_CONFIG, "plugin configuration");
		goto out;
	}
	st = write_config(asy_json_root(s), asy_json_root(d), canonical, err);
out:
	asy_json_free(d);
	asy_json_free(s);
	return st;
}
