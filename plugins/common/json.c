/* The only file of the plugins that knows jansson. */
#include "common/json.h"
#include <jansson.h>
#include <math.h>
#include <string.h>

static const json_t *node(const plg_json *v)
{
	return (const json_t *)(const void *)v;
}
static const plg_json *view(const json_t *v)
{
	return (const plg_json *)(const void *)v;
}

/* Nesting is counted before parsing: brackets inside strings do not count. Text that
 * is not JSON gives some number too; the parser then refuses it. */
static bool too_deep(assay_bytes t)
{
	size_t depth = 0;
	bool in_string = false;
	for (uint64_t i = 0; i < t.len; i++) {
		uint8_t c = t.ptr[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > PLG_JSON_DEPTH)
				return true;
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return false;
}

plg_json *plg_json_parse(assay_bytes text, size_t max_bytes, const char **msg)
{
	const char *why = NULL;
	json_t *root = NULL;
	if (text.len > max_bytes) {
		why = "JSON text is over the size limit";
	} else if (too_deep(text)) {
		why = "JSON text is nested too deeply";
	} else {
		/* NUL inside strings is let through so that the caller can name it. */
		const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
		root =
			json_loadb(text.len == 0 ? "" : (const char *)text.ptr, (size_t)text.len, flags, NULL);
		if (root == NULL)
			why = "not JSON, or JSON with a duplicate key or a number out of range";
	}
	if (msg != NULL)
		*msg = why;
	return (plg_json *)(void *)root;
}

void plg_json_free(plg_json *root)
{
	json_decref((json_t *)(void *)root);
}

plg_json_kind plg_json_type(const plg_json *v)
{
	if (v == NULL)
		return PLG_J_NONE;
	switch (json_typeof(node(v))) {
	case JSON_OBJECT:
		return PLG_J_OBJECT;
	case JSON_ARRAY:
		return PLG_J_ARRAY;
	case JSON_STRING:
		return PLG_J_STRING;
	case JSON_INTEGER:
		return PLG_J_INT;
	case JSON_REAL:
		return PLG_J_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return PLG_J_BOOL;
	case JSON_NULL:
		return PLG_J_NULL;
	}
	return PLG_J_NONE;
}

const plg_json *plg_json_get(const plg_json *v, const char *key)
{
	return view(json_object_get(node(v), key));
}

const plg_json *plg_json_at(const plg_json *v, size_t i)
{
	return view(json_array_get(node(v), i));
}

size_t plg_json_size(const plg_json *v)
{
	return plg_json_type(v) == PLG_J_ARRAY ? json_array_size(node(v)) : json_object_size(node(v));
}

bool plg_json_each(const plg_json *v, bool (*each)(void *, assay_bytes, const plg_json *),
				   void *ctx)
{
	json_t *object = (json_t *)(void *)(uintptr_t)(const void *)v; /* iteration wants non-const */
	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
		const char *key = json_object_iter_key(i);
		assay_bytes k = {(const uint8_t *)key, json_object_iter_key_len(i)};
		if (!each(ctx, k, view(json_object_iter_value(i))))
			return false;
	}
	return true;
}

bool plg_json_str(const plg_json *v, assay_bytes *out)
{
	if (plg_json_type(v) != PLG_J_STRING)
		return false;
	*out = (assay_bytes){(const uint8_t *)json_string_value(node(v)), json_string_length(node(v))};
	return true;
}

bool plg_json_num(const plg_json *v, double *out)
{
	plg_json_kind k = plg_json_type(v);
	if (k != PLG_J_INT && k != PLG_J_REAL)
		return false;
	double d = json_number_value(node(v));
	if (!isfinite(d))
		return false;
	*out = d;
	return true;
}

bool plg_json_int(const plg_json *v, int64_t *out)
{
	if (plg_json_type(v) != PLG_J_INT)
		return false;
	*out = (int64_t)json_integer_value(node(v));
	return true;
}

bool plg_json_bool(const plg_json *v, bool *out)
{
	if (plg_json_type(v) != PLG_J_BOOL)
		return false;
	*out = json_is_true(node(v));
	return true;
}
