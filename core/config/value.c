/* One option's value: from text or JSON, through its bounds, into asy_options and back
 * out as JSON. It refuses what is not exactly of the option's type: no "yes" for true,
 * no 1.0 for 1, no null. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "config/impl.h"

/* ---- bounds ---- */

static const char *spaced_unit(const opt *o, char buf[16])
{
	if (o->unit[0] == '\0')
		return "";
	(void)snprintf(buf, 16, " %s", o->unit);
	return buf;
}

static assay_status check_uint(const opt *o, uint64_t v, assay_err *err)
{
	char unit[16];
	if (v < o->least || v > o->most)
		return ASSAY_FAIL(err, E_CONFIG,
						  "%s: %" PRIu64 " is out of range, %" PRIu64 " to %" PRIu64
						  "%s are allowed",
						  o->path, v, o->least, o->most, spaced_unit(o, unit));
	return ASSAY_OK;
}

static assay_status check_real(const opt *o, double v, assay_err *err)
{
	char unit[16];
	if (!isfinite(v) || v < o->least_d || v > o->most_d)
		return ASSAY_FAIL(err, E_CONFIG, "%s: %.9g is out of range, %.9g to %.9g%s are allowed",
						  o->path, v, o->least_d, o->most_d, spaced_unit(o, unit));
	return ASSAY_OK;
}

static assay_status index_of(const opt *o, const char *text, int *out, assay_err *err)
{
	char all[160] = "", shown[64];
	size_t at = 0, n = 0;
	for (; o->names[n] != NULL; n++) {
		if (strcmp(o->names[n], text) == 0) {
			*out = (int)n;
			return ASSAY_OK;
		}
		int w = snprintf(all + at, sizeof all - at, "%s%s", n == 0 ? "" : ", ", o->names[n]);
		at += w > 0 && at + (size_t)w < sizeof all ? (size_t)w : 0;
	}
	asy_str_escape(shown, sizeof shown, asy_span_str(text));
	char lower[64];
	(void)asy_str_copy(lower, sizeof lower, shown);
	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	size_t near = asy_str_nearest(lower, o->names, n);
	if (near < n)
		return ASSAY_FAIL(err, E_CONFIG, "%s: \"%s\" is not one of %s; did you mean %s?", o->path,
						  shown, all, o->names[near]);
	return ASSAY_FAIL(err, E_CONFIG, "%s: \"%s\" is not one of %s", o->path, shown, all);
}

/* Length, no control characters, and one of the names where there are names. */
static assay_status check_text(const opt *o, const char *s, size_t len, assay_err *err)
{
	int i;
	if (len < o->least || len > o->most)
		return ASSAY_FAIL(err, E_CONFIG,
						  "%s: %zu bytes long, %" PRIu64 " to %" PRIu64 " are allowed", o->path,
						  len, o->least, o->most);
	for (size_t k = 0; k < len; k++) {
		if ((unsigned char)s[k] < 0x20 || s[k] == 0x7f)
			return ASSAY_FAIL(err, E_CONFIG, "%s: a control character at byte %zu", o->path, k);
	}
	return o->names != NULL ? index_of(o, s, &i, err) : ASSAY_OK;
}

static assay_status check_count(const opt *o, size_t n, assay_err *err)
{
	if (n < o->least || n > o->most)
		return ASSAY_FAIL(err, E_CONFIG, "%s: %zu entries, %" PRIu64 " to %" PRIu64 " are allowed",
						  o->path, n, o->least, o->most);
	return ASSAY_OK;
}

static assay_status no_memory(const opt *o, assay_err *err)
{
	return ASSAY_FAIL(err, E_NOMEM, "%s: the configuration is too large", o->path);
}

/* ---- lists: both sources give entries one by one ---- */

typedef struct {
	const char **strings;
	uint16_t *u16s;
	uint32_t flags;
	size_t n;
} list;

static assay_status list_start(const opt *o, list *l, size_t n, asy_arena *arena, assay_err *err)
{
	*l = (list){0};
	if (o->type != OPT_FLAGS) {
		assay_status st = check_count(o, n, err);
		if (st != ASSAY_OK)
			return st;
	}
	if (o->type == OPT_STRINGS) {
		l->strings = asy_arena_array(arena, n + 1, sizeof *l->strings);
		return l->strings != NULL ? ASSAY_OK : no_memory(o, err);
	}
	if (o->type == OPT_U16S) {
		l->u16s = asy_arena_array(arena, n + 1, sizeof *l->u16s);
		return l->u16s != NULL ? ASSAY_OK : no_memory(o, err);
	}
	return ASSAY_OK;
}

static assay_status list_text(const opt *o, list *l, const char *s, size_t len, asy_arena *arena,
							  assay_err *err)
{
	int bit = 0;
	if (o->type == OPT_FLAGS) {
		assay_status st = index_of(o, s, &bit, err);
		if (st == ASSAY_OK)
			l->flags |= (uint32_t)1 << bit;
		return st;
	}
	const opt entry = {.path = o->path, .least = 1, .most = 1000};
	assay_status st = check_text(&entry, s, len, err);
	if (st != ASSAY_OK)
		return st;
	l->strings[l->n] = asy_arena_strdup(arena, s);
	return l->strings[l->n++] != NULL ? ASSAY_OK : no_memory(o, err);
}

static assay_status list_uint(const opt *o, list *l, uint64_t v, assay_err *err)
{
	if (v > UINT16_MAX)
		return ASSAY_FAIL(err, E_CONFIG, "%s: %" PRIu64 " is not a uid (0 to 65535)", o->path, v);
	for (size_t i = 0; i < l->n; i++) {
		if (l->u16s[i] == v)
			return ASSAY_FAIL(err, E_CONFIG, "%s: uid %" PRIu64 " is listed twice", o->path, v);
	}
	l->u16s[l->n++] = (uint16_t)v;
	return ASSAY_OK;
}

static void list_end(const opt *o, const list *l, opt_value *out)
{
	if (o->type == OPT_STRINGS)
		out->v.strings = (asy_cfg_strings){l->strings, l->n};
	else if (o->type == OPT_U16S)
		out->v.u16s = (asy_cfg_u16s){l->u16s, l->n};
	else
		out->v.u = l->flags;
}

/* ---- text ---- */

static assay_status json_text(const opt *o, assay_span text, asy_arena *arena, opt_value *out,
							  assay_err *err)
{
	asy_json *doc = NULL;
	asy_buf canonical = {.max = ASY_CONFIG_MAX};
	const asy_json_limits limits = {.max_bytes = ASY_CONFIG_MAX, .max_depth = 32};
	assay_status st = asy_json_parse(text, &limits, &doc, err);
	if (st == ASSAY_OK)
		st = asy_jv_canonical(asy_json_root(doc), &canonical, err);
	const char *s = st == ASSAY_OK ? asy_buf_cstr(&canonical) : NULL;
	if (st == ASSAY_OK) {
		out->v.s = s != NULL ? asy_arena_strdup(arena, s) : NULL;
		if (out->v.s == NULL)
			st = no_memory(o, err);
	} else {
		st = assay_err_at(err, ASSAY_E_CONFIG, "%s", o->path);
	}
	asy_json_free(doc);
	asy_buf_fini(&canonical);
	return st;
}

static assay_status list_from_text(const opt *o, const char *text, asy_arena *arena, opt_value *out,
								   assay_err *err)
{
	list l;
	char *copy = asy_arena_strdup(arena, text), *rest = copy;
	size_t n = text[0] != '\0';
	if (copy == NULL)
		return no_memory(o, err);
	for (const char *p = text; *p != '\0'; p++)
		n += *p == ',';
	assay_status st = list_start(o, &l, n, arena, err);
	while (st == ASSAY_OK && n-- > 0) {
		char *part = strsep(&rest, ",");
		uint64_t v = 0;
		if (o->type != OPT_U16S)
			st = list_text(o, &l, part, strlen(part), arena, err);
		else if (asy_str_u64(part, &v))
			st = list_uint(o, &l, v, err);
		else
			st = ASSAY_FAIL(err, E_CONFIG, "%s: an entry is not a whole number", o->path);
	}
	if (st == ASSAY_OK)
		list_end(o, &l, out);
	return st;
}

static assay_status real_from_text(const opt *o, const char *text, double *out, assay_err *err)
{
	char *end = NULL;
	/* strtod also takes spaces, hex and names, none of which JSON has */
	size_t plain = strspn(text, "0123456789+-.eE");
	errno = 0;
	double v = text[0] != '\0' && text[plain] == '\0' ? strtod(text, &end) : 0;
	if (end == NULL || *end != '\0' || (errno == ERANGE && !isfinite(v)))
		return ASSAY_FAIL(err, E_CONFIG, "%s: not a number", o->path);
	*out = v;
	return check_real(o, v, err);
}

assay_status asy_config_from_text(const opt *o, const char *text, asy_arena *arena, opt_value *out,
								  assay_err *err)
{
	assay_status st;
	switch (o->type) {
	case OPT_BOOL:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return ASSAY_FAIL(err, E_CONFIG, "%s: write true or false", o->path);
		out->v.b = text[0] == 't';
		return ASSAY_OK;
	case OPT_UINT:
		if (!asy_str_u64(text, &out->v.u))
			return ASSAY_FAIL(err, E_CONFIG, "%s: not a whole number", o->path);
		return check_uint(o, out->v.u, err);
	case OPT_REAL:
		return real_from_text(o, text, &out->v.d, err);
	case OPT_STRING:
		st = check_text(o, text, strlen(text), err);
		if (st != ASSAY_OK)
			return st;
		out->v.s = asy_arena_strdup(arena, text);
		return out->v.s != NULL ? ASSAY_OK : no_memory(o, err);
	case OPT_ENUM:
		return index_of(o, text, &out->v.e, err);
	case OPT_FLAGS:
	case OPT_STRINGS:
	case OPT_U16S:
		return list_from_text(o, text, arena, out, err);
	case OPT_JSON:
		return json_text(o, asy_span_str(text), arena, out, err);
	}
	return ASSAY_FAIL(err, E_INTERNAL, "%s: no such type", o->path);
}

/* ---- JSON ---- */

static const char *const kind_names[] = {"absent",   "null",   "a boolean", "a whole number",
										 "a number", "a text", "a list",    "an object"};

/* What to write instead, where that is plain. */
static const char *how_to_write(asy_json_kind want, asy_json_kind have)
{
	if (have == ASY_J_STRING && (want == ASY_J_INT || want == ASY_J_REAL || want == ASY_J_BOOL))
		return "; leave the quotes out";
	if (want == ASY_J_STRING && have != ASY_J_OBJECT && have != ASY_J_ARRAY)
		return "; put it in quotes";
	if (want == ASY_J_BOOL)
		return "; write true or false";
	if (want == ASY_J_ARRAY && have != ASY_J_OBJECT)
		return "; put it in [ ]";
	return "";
}

static assay_status want(const opt *o, asy_jv json, asy_json_kind kind, assay_err *err)
{
	asy_json_kind have = asy_jv_kind(json);
	if (have == kind)
		return ASSAY_OK;
	if (have == ASY_J_NULL)
		return ASSAY_FAIL(err, E_CONFIG, "%s: null is no value; leave the key out for the default",
						  o->path);
	return ASSAY_FAIL(err, E_CONFIG, "%s: expected %s, found %s%s", o->path, kind_names[kind],
					  kind_names[have], how_to_write(kind, have));
}

static assay_status uint_from_json(const opt *o, asy_jv json, uint64_t *out, assay_err *err)
{
	int64_t negative;
	assay_status st = want(o, json, ASY_J_INT, err);
	if (st != ASSAY_OK)
		return st;
	if (asy_jv_i64(json, &negative, NULL) == ASSAY_OK && negative < 0)
		return ASSAY_FAIL(err, E_CONFIG,
						  "%s: %" PRId64 " is out of range, %" PRIu64 " to %" PRIu64 " are allowed",
						  o->path, negative, o->least, o->most);
	st = asy_jv_u64(json, out, err);
	return st == ASSAY_OK ? check_uint(o, *out, err) : st;
}

/* A text without NUL inside: what follows a NUL would be lost without a word. */
static assay_status json_string(const opt *o, asy_jv json, const char **s, size_t *len,
								assay_err *err)
{
	assay_status st = want(o, json, ASY_J_STRING, err);
	if (st == ASSAY_OK)
		st = asy_jv_str(json, s, len, err);
	if (st == ASSAY_OK && strlen(*s) != *len)
		return ASSAY_FAIL(err, E_CONFIG, "%s: a control character at byte %zu", o->path,
						  strlen(*s));
	return st;
}

static assay_status list_from_json(const opt *o, asy_jv json, asy_arena *arena, opt_value *out,
								   assay_err *err)
{
	list l;
	size_t n = asy_jv_size(json);
	assay_status st = want(o, json, ASY_J_ARRAY, err);
	if (st == ASSAY_OK)
		st = list_start(o, &l, n, arena, err);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		asy_jv entry = asy_jv_at(json, i);
		const char *s = NULL;
		size_t len = 0;
		uint64_t v = 0;
		if (o->type == OPT_U16S) {
			st = want(o, entry, ASY_J_INT, err);
			if (st == ASSAY_OK)
				st = asy_jv_u64(entry, &v, err);
			if (st == ASSAY_OK)
				st = list_uint(o, &l, v, err);
		} else {
			st = json_string(o, entry, &s, &len, err);
			if (st == ASSAY_OK)
				st = list_text(o, &l, s, len, arena, err);
		}
	}
	if (st == ASSAY_OK)
		list_end(o, &l, out);
	return st;
}

static assay_status json_raw(const opt *o, asy_jv json, asy_arena *arena, opt_value *out,
							 assay_err *err)
{
	asy_buf text = {.max = ASY_CONFIG_MAX};
	assay_status st = asy_jv_canonical(json, &text, err);
	const char *s = st == ASSAY_OK ? asy_buf_cstr(&text) : NULL;
	if (st == ASSAY_OK) {
		out->v.s = s != NULL ? asy_arena_strdup(arena, s) : NULL;
		if (out->v.s == NULL)
			st = no_memory(o, err);
	}
	asy_buf_fini(&text);
	return st;
}

assay_status asy_config_from_json(const opt *o, asy_jv json, asy_arena *arena, opt_value *out,
								  assay_err *err)
{
	const char *s = NULL;
	size_t len = 0;
	assay_status st;
	switch (o->type) {
	case OPT_BOOL:
		st = want(o, json, ASY_J_BOOL, err);
		return st == ASSAY_OK ? asy_jv_bool(json, &out->v.b, err) : st;
	case OPT_UINT:
		return uint_from_json(o, json, &out->v.u, err);
	case OPT_REAL:
		if (asy_jv_kind(json) != ASY_J_INT)
			st = want(o, json, ASY_J_REAL, err);
		else
			st = ASSAY_OK;
		if (st == ASSAY_OK)
			st = asy_jv_f64(json, &out->v.d, err);
		return st == ASSAY_OK ? check_real(o, out->v.d, err) : st;
	case OPT_STRING:
	case OPT_ENUM:
		st = json_string(o, json, &s, &len, err);
		return st == ASSAY_OK ? asy_config_from_text(o, s, arena, out, err) : st;
	case OPT_FLAGS:
	case OPT_STRINGS:
	case OPT_U16S:
		return list_from_json(o, json, arena, out, err);
	case OPT_JSON:
		return json_raw(o, json, arena, out, err);
	}
	return ASSAY_FAIL(err, E_INTERNAL, "%s: no such type", o->path);
}

/* ---- in and out of asy_options ---- */

static void put_uint(void *dst, size_t width, uint64_t v)
{
	const uint8_t v8 = (uint8_t)v;
	const uint16_t v16 = (uint16_t)v;
	const uint32_t v32 = (uint32_t)v;
	const void *src = width == 1   ? (const void *)&v8
					  : width == 2 ? (const void *)&v16
					  : width == 4 ? (const void *)&v32
								   : (const void *)&v;
	memcpy(dst, src, width);
}

static uint64_t get_uint(const void *src, size_t width)
{
	uint8_t v8 = 0;
	uint16_t v16 = 0;
	uint32_t v32 = 0;
	uint64_t v64 = 0;
	memcpy(width == 1   ? (void *)&v8
		   : width == 2 ? (void *)&v16
		   : width == 4 ? (void *)&v32
						: (void *)&v64,
		   src, width);
	return v64 + v32 + v16 + v8;
}

void asy_config_store(asy_options *values, const opt *o, const opt_value *v)
{
	char *dst = (char *)values + o->offset;
	switch (o->type) {
	case OPT_BOOL:
		memcpy(dst, &v->v.b, sizeof v->v.b);
		return;
	case OPT_UINT:
	case OPT_FLAGS:
		put_uint(dst, o->width, v->v.u);
		return;
	case OPT_REAL:
		memcpy(dst, &v->v.d, sizeof v->v.d);
		return;
	case OPT_ENUM:
		memcpy(dst, &v->v.e, sizeof v->v.e);
		return;
	case OPT_STRING:
	case OPT_JSON:
		memcpy(dst, &v->v.s, sizeof v->v.s);
		return;
	case OPT_STRINGS:
		memcpy(dst, &v->v.strings, sizeof v->v.strings);
		return;
	case OPT_U16S:
		memcpy(dst, &v->v.u16s, sizeof v->v.u16s);
		return;
	}
}

static void write_lists(asy_jw *w, const char *src, const opt *o)
{
	asy_cfg_strings strings = {0};
	asy_cfg_u16s u16s = {0};
	asy_jw_array(w);
	if (o->type == OPT_STRINGS)
		memcpy(&strings, src, sizeof strings);
	else if (o->type == OPT_U16S)
		memcpy(&u16s, src, sizeof u16s);
	for (size_t i = 0; i < strings.n; i++)
		asy_jw_str(w, strings.at[i]);
	for (size_t i = 0; i < u16s.n; i++)
		asy_jw_u64(w, u16s.at[i]);
	for (size_t i = 0; o->type == OPT_FLAGS && o->names[i] != NULL; i++) {
		if ((get_uint(src, o->width) >> i & 1u) != 0)
			asy_jw_str(w, o->names[i]);
	}
	asy_jw_end_array(w);
}

void asy_config_write(asy_jw *w, const asy_options *values, const opt *o)
{
	const char *src = (const char *)values + o->offset;
	const char *s = NULL;
	double d;
	bool b;
	int e;
	switch (o->type) {
	case OPT_BOOL:
		memcpy(&b, src, sizeof b);
		asy_jw_bool(w, b);
		return;
	case OPT_UINT:
		asy_jw_u64(w, get_uint(src, o->width));
		return;
	case OPT_REAL:
		memcpy(&d, src, sizeof d);
		asy_jw_f64(w, d);
		return;
	case OPT_ENUM:
		memcpy(&e, src, sizeof e);
		asy_jw_str(w, o->names[e]);
		return;
	case OPT_STRING:
	case OPT_JSON:
		memcpy(&s, src, sizeof s);
		if (s == NULL)
			asy_jw_null(w);
		else if (o->type == OPT_JSON)
			asy_jw_raw(w, asy_span_str(s));
		else
			asy_jw_str(w, s);
		return;
	case OPT_FLAGS:
	case OPT_STRINGS:
	case OPT_U16S:
		write_lists(w, src, o);
		return;
	}
}
