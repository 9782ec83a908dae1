/* The only file of the plugins that knows jansson. */
#include "common/json.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
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

/* ---- what the library refuses and a reader need not ---- */

static bool in_number(uint8_t c)
{
	return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
}

/* A number too large for the library becomes null, which no reader takes for a number:
 * where nobody reads it, it decides nothing. Its text is at least five bytes long, and
 * p ends with NUL somewhere. */
static size_t tame_number(char *p, size_t left)
{
	size_t n = 0;
	bool is_real = false, too_large;
	char *end = p;
	while (n < left && in_number((uint8_t)p[n])) {
		is_real = is_real || p[n] == '.' || p[n] == 'e' || p[n] == 'E';
		n++;
	}
	errno = 0;
	if (is_real)
		too_large = !isfinite(strtod(p, &end));
	else
		too_large = strtoll(p, &end, 10) != 0 && errno == ERANGE;
	if (too_large && end == p + n && n >= 5) {
		memset(p, ' ', n);
		memcpy(p, "null", 4);
	}
	return n;
}

/* The code unit of a \u escape at p, or -1. */
static int32_t unit_at(const char *p, size_t left)
{
	int32_t u = 0;
	if (left < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (size_t i = 2; i < 6; i++) {
		int32_t c = p[i] | 32;
		int32_t digit = p[i] >= '0' && p[i] <= '9' ? p[i] - '0'
						: c >= 'a' && c <= 'f'     ? c - 'a' + 10
												   : -1;
		if (digit < 0)
			return -1;
		u = u << 4 | digit;
	}
	return u;
}

/* Half of a surrogate pair alone becomes U+FFFD, as in most readers of JSON. Returns the
 * length of the escape. */
static size_t tame_escape(char *p, size_t left)
{
	int32_t high = unit_at(p, left);
	if (high < 0xd800 || high > 0xdfff)
		return left < 2 ? left : 2;
	int32_t low = high < 0xdc00 && left > 6 ? unit_at(p + 6, left - 6) : -1;
	if (low >= 0xdc00 && low <= 0xdfff)
		return 12;
	memcpy(p + 2, "fffd", 4);
	return 6;
}

static void tame(char *p, size_t n)
{
	bool in_string = false;
	for (size_t i = 0; i < n;) {
		size_t step = 1;
		if (in_string && p[i] == '\\')
			step = tame_escape(p + i, n - i);
		else if (p[i] == '"')
			in_string = !in_string;
		else if (!in_string && (p[i] == '-' || (p[i] >= '0' && p[i] <= '9')))
			step = tame_number(p + i, n - i);
		i += step > 0 ? step : 1;
	}
}

/* NUL inside strings is let through so that the caller can name it. */
static json_t *load(assay_bytes text)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	json_t *root =
		json_loadb(text.len == 0 ? "" : (const char *)text.ptr, (size_t)text.len, flags, NULL);
	char *copy = root == NULL && text.len > 0 ? malloc((size_t)text.len + 1) : NULL;
	if (copy == NULL)
		return root;
	memcpy(copy, text.ptr, (size_t)text.len);
	copy[text.len] = '\0';
	tame(copy, (size_t)text.len);
	if (memcmp(copy, text.ptr, (size_t)text.len) != 0)
		root = json_loadb(copy, (size_t)text.len, flags, NULL);
	free(copy);
	return root;
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
		root = load(text);
		if (root == NULL)
			why = "not JSON, or JSON with a duplicate key";
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
