/* A configuration back out: every value with the place it came from, the canonical
 * JSON of all of them, and the documents made from the table (JSON Schema, man page).
 * Nothing here decides anything. */
#include <stdlib.h>
#include "config/impl.h"

static const char *const source_names[] = {"default", "file", "environment", "flag"};

/* One value as compact JSON text appended to out. */
static assay_status value_text(const asy_config *c, const opt *o, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_config_write(&w, &c->values, o);
	return asy_jw_end(&w, err);
}

static assay_status explain_text(const asy_config *c, asy_buf *out, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < asy_config_table_n && st == ASSAY_OK; i++) {
		const opt *o = &asy_config_table[i];
		const opt_state *from = &c->state[i];
		st = asy_buf_printf(out, err, "%s = ", o->path);
		if (st == ASSAY_OK)
			st = value_text(c, o, out, err);
		if (st == ASSAY_OK)
			st =
				asy_buf_printf(out, err, "%s%s  (%s%s%s)\n", o->unit[0] != '\0' ? " " : "", o->unit,
							   source_names[from->source], from->origin != NULL ? ": " : "",
							   from->origin != NULL ? from->origin : "");
	}
	return st;
}

assay_status asy_config_explain(const asy_config *c, bool json, asy_buf *out, assay_err *err)
{
	if (!json)
		return explain_text(c, out, err);
	asy_jw w = asy_jw_out(out, 1);
	asy_jw_object(&w);
	asy_jw_key(&w, "options");
	asy_jw_array(&w);
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		asy_jw_object(&w);
		asy_jw_kstr(&w, "path", o->path);
		asy_jw_key(&w, "value");
		asy_config_write(&w, &c->values, o);
		asy_jw_kstr(&w, "unit", o->unit);
		asy_jw_kstr(&w, "source", source_names[c->state[i].source]);
		if (c->state[i].origin != NULL)
			asy_jw_kstr(&w, "origin", c->state[i].origin);
		asy_jw_kstr(&w, "doc", o->doc);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

/* "query.deadline_ms, 50 to 600000 ms, default 12000" and the sentence below it. */
static assay_status list_option(const opt *o, asy_buf *out, assay_err *err)
{
	assay_status st = asy_buf_printf(out, err, "%s", o->path);
	if (st == ASSAY_OK && o->type == OPT_UINT)
		st = asy_buf_printf(out, err, ", %" PRIu64 " to %" PRIu64, o->least, o->most);
	if (st == ASSAY_OK && o->type == OPT_REAL)
		st = asy_buf_printf(out, err, ", %g to %g", o->least_d, o->most_d);
	for (size_t i = 0; st == ASSAY_OK && o->names != NULL && o->names[i] != NULL; i++)
		st = asy_buf_printf(out, err, "%s%s", i == 0 ? ", one of " : "|", o->names[i]);
	if (st == ASSAY_OK && o->unit[0] != '\0')
		st = asy_buf_printf(out, err, " %s", o->unit);
	if (st == ASSAY_OK && o->required)
		st = asy_buf_add_str(out, ", required", err);
	if (st == ASSAY_OK && o->fallback != NULL && o->fallback[0] != '\0')
		st = asy_buf_printf(out, err, ", default %s", o->fallback);
	return st == ASSAY_OK ? asy_buf_printf(out, err, "\n    %s\n", o->doc) : st;
}

assay_status asy_config_list(asy_buf *out, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < asy_config_table_n && st == ASSAY_OK; i++)
		st = list_option(&asy_config_table[i], out, err);
	return st;
}

/* ---- walking the table group by group ----
 * A path has at most one dot, and a group's rows stand together. */

typedef struct {
	size_t i;
	char group[32];
	const char *leaf;
	bool opens, closes; /* first and last row of a group */
} step;

static size_t group_len(const char *path)
{
	const char *dot = strchr(path, '.');
	return dot == NULL ? 0 : (size_t)(dot - path);
}

static step walk(size_t i)
{
	const char *path = asy_config_table[i].path;
	size_t len = group_len(path);
	step s = {.i = i, .leaf = len != 0 ? path + len + 1 : path};
	if (len == 0)
		return s;
	(void)snprintf(s.group, sizeof s.group, "%.*s", (int)len, path);
	const char *before = i > 0 ? asy_config_table[i - 1].path : "";
	const char *after = i + 1 < asy_config_table_n ? asy_config_table[i + 1].path : "";
	s.opens = group_len(before) != len || strncmp(before, path, len) != 0;
	s.closes = group_len(after) != len || strncmp(after, path, len) != 0;
	return s;
}

/* All effective values as nested JSON; absent ones are left out, so the text can be
 * loaded again. */
static assay_status write_nested(const asy_config *c, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		const char *text = "";
		step s = walk(i);
		if (s.opens) {
			asy_jw_key(&w, s.group);
			asy_jw_object(&w);
		}
		if (o->type == OPT_STRING)
			memcpy(&text, (const char *)&c->values + o->offset, sizeof text);
		if (text != NULL) {
			asy_jw_key(&w, s.leaf);
			asy_config_write(&w, &c->values, o);
		}
		if (s.closes)
			asy_jw_end_object(&w);
	}
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_config_canonical(const asy_config *c, asy_buf *out, assay_err *err)
{
	asy_buf text = {0};
	asy_json *doc = NULL;
	assay_status st = write_nested(c, &text, err);
	if (st == ASSAY_OK)
		st = asy_json_parse(asy_buf_span(&text), NULL, &doc, err);
	if (st == ASSAY_OK)
		st = asy_jv_canonical(asy_json_root(doc), out, err);
	asy_json_free(doc);
	asy_buf_fini(&text);
	return st;
}

/* ---- JSON Schema ---- */

static void write_names(asy_jw *w, const char *const *names)
{
	asy_jw_key(w, "enum");
	asy_jw_array(w);
	for (size_t i = 0; names[i] != NULL; i++)
		asy_jw_str(w, names[i]);
	asy_jw_end_array(w);
}

static void write_items(asy_jw *w, const opt *o)
{
	asy_jw_kstr(w, "type", "array");
	if (o->type != OPT_FLAGS) {
		asy_jw_ku64(w, "minItems", o->least);
		asy_jw_ku64(w, "maxItems", o->most);
	}
	asy_jw_key(w, "items");
	asy_jw_object(w);
	asy_jw_kstr(w, "type", o->type == OPT_U16S ? "integer" : "string");
	if (o->type == OPT_U16S) {
		asy_jw_ku64(w, "minimum", 0);
		asy_jw_ku64(w, "maximum", UINT16_MAX);
	}
	if (o->names != NULL)
		write_names(w, o->names);
	asy_jw_end_object(w);
}

static void write_type(asy_jw *w, const opt *o)
{
	switch (o->type) {
	case OPT_BOOL:
		asy_jw_kstr(w, "type", "boolean");
		return;
	case OPT_UINT:
		asy_jw_kstr(w, "type", "integer");
		asy_jw_ku64(w, "minimum", o->least);
		asy_jw_ku64(w, "maximum", o->most);
		return;
	case OPT_REAL:
		asy_jw_kstr(w, "type", "number");
		asy_jw_kf64(w, "minimum", o->least_d);
		asy_jw_kf64(w, "maximum", o->most_d);
		return;
	case OPT_STRING:
	case OPT_ENUM:
		asy_jw_kstr(w, "type", "string");
		if (o->names != NULL) {
			write_names(w, o->names);
			return;
		}
		asy_jw_ku64(w, "minLength", o->least);
		asy_jw_ku64(w, "maxLength", o->most);
		return;
	case OPT_FLAGS:
	case OPT_STRINGS:
	case OPT_U16S:
		write_items(w, o);
		return;
	case OPT_JSON:
		return; /* anything: the plugin's own schema decides */
	}
}

static void write_required(asy_jw *w, const char *group)
{
	bool any = false;
	for (size_t i = 0; i < asy_config_table_n; i++) {
		step s = walk(i);
		bool here = asy_config_table[i].required &&
					(strcmp(s.group, group) == 0 || (group[0] == '\0' && s.group[0] != '\0'));
		if (!here)
			continue;
		if (!any) {
			asy_jw_key(w, "required");
			asy_jw_array(w);
		}
		any = true;
		asy_jw_str(w, group[0] == '\0' && s.group[0] != '\0' ? s.group : s.leaf);
	}
	if (any)
		asy_jw_end_array(w);
}

assay_status asy_config_schema(asy_buf *out, assay_err *err)
{
	asy_config *c = NULL;
	assay_status st = asy_config_new(&c, err);
	if (st != ASSAY_OK)
		return st;
	asy_jw w = asy_jw_out(out, 2);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	asy_jw_kstr(&w, "title", "assayd configuration");
	asy_jw_kstr(&w, "type", "object");
	asy_jw_kbool(&w, "additionalProperties", false);
	write_required(&w, "");
	asy_jw_key(&w, "properties");
	asy_jw_object(&w);
	asy_jw_key(&w, "$schema");
	asy_jw_object(&w);
	asy_jw_kstr(&w, "type", "string");
	asy_jw_end_object(&w);
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		step s = walk(i);
		if (s.opens) {
			asy_jw_key(&w, s.group);
			asy_jw_object(&w);
			asy_jw_kstr(&w, "type", "object");
			asy_jw_kbool(&w, "additionalProperties", false);
			write_required(&w, s.group);
			asy_jw_key(&w, "properties");
			asy_jw_object(&w);
		}
		asy_jw_key(&w, s.leaf);
		asy_jw_object(&w);
		write_type(&w, o);
		if (o->fallback != NULL) {
			asy_jw_key(&w, "default");
			asy_config_write(&w, &c->values, o);
		}
		asy_jw_kstr(&w, "description", o->doc);
		asy_jw_end_object(&w);
		if (s.closes) {
			asy_jw_end_object(&w);
			asy_jw_end_object(&w);
		}
	}
	asy_jw_end_object(&w);
	asy_jw_end_object(&w);
	st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_buf_add_str(out, "\n", err);
	asy_config_free(c);
	return st;
}

/* ---- man page ---- */

static assay_status man_range(const opt *o, asy_buf *out, assay_err *err)
{
	assay_status st = ASSAY_OK;
	switch (o->type) {
	case OPT_UINT:
		return asy_buf_printf(out, err, " Range %" PRIu64 " to %" PRIu64 "%s%s.", o->least, o->most,
							  o->unit[0] != '\0' ? " " : "", o->unit);
	case OPT_REAL:
		return asy_buf_printf(out, err, " Range %g to %g%s%s.", o->least_d, o->most_d,
							  o->unit[0] != '\0' ? " " : "", o->unit);
	case OPT_STRING:
	case OPT_ENUM:
	case OPT_FLAGS:
		for (size_t i = 0; o->names != NULL && o->names[i] != NULL && st == ASSAY_OK; i++)
			st = asy_buf_printf(out, err, "%s\\fB%s\\fR%s", i == 0 ? " One of " : ", ", o->names[i],
								o->names[i + 1] == NULL ? "." : "");
		return st;
	case OPT_BOOL:
	case OPT_STRINGS:
	case OPT_U16S:
	case OPT_JSON:
		return ASSAY_OK;
	}
	return ASSAY_OK;
}

assay_status asy_config_man(asy_buf *out, assay_err *err)
{
	assay_status st = asy_buf_add_str(out, ".SH CONFIGURATION\n", err);
	for (size_t i = 0; i < asy_config_table_n && st == ASSAY_OK; i++) {
		const opt *o = &asy_config_table[i];
		st = asy_buf_printf(out, err, ".TP\n.B %s\n%s", o->path, o->doc);
		if (st == ASSAY_OK)
			st = man_range(o, out, err);
		if (st == ASSAY_OK && o->required)
			st = asy_buf_add_str(out, " Required.", err);
		if (st == ASSAY_OK && o->fallback != NULL && o->fallback[0] != '\0')
			st = asy_buf_printf(out, err, " Default \\fB%s\\fR.", o->fallback);
		if (st == ASSAY_OK)
			st = asy_buf_add_str(out, "\n", err);
	}
	return st;
}
