/* The documents made from the option table: the list of options, the JSON Schema, and the
 * section of the manual page. */
#include "config/impl.h"

static const char tasks_doc[] =
	"One daemon for several subnets: each entry has a name and any of netuid, mecid, wallet, "
	"plugin, dataset, query, round, tracker, weights, submit and store; what it leaves out is as "
	"beside the list.";
static const char name_doc[] =
	"The task's name in logs, and that of its folder in data_dir: letters, digits, - and _.";

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
	if (st == ASSAY_OK)
		st = asy_buf_printf(out, err, "tasks, 1 to %u entries\n    %s\n", ASY_TASKS_MAX, tasks_doc);
	if (st == ASSAY_OK)
		st = asy_buf_printf(out, err, "tasks[].name, 1 to %u bytes\n    %s\n", ASY_TASK_NAME_MAX,
							name_doc);
	return st;
}

/* ---- walking the table group by group ----
 * A path has at most one dot, and a group's rows stand together. */

static size_t group_len(const char *path)
{
	const char *dot = strchr(path, '.');
	return dot == NULL ? 0 : (size_t)(dot - path);
}

opt_step asy_config_walk(size_t i)
{
	const char *path = asy_config_table[i].path;
	size_t len = group_len(path);
	opt_step s = {.leaf = len != 0 ? path + len + 1 : path};
	if (len == 0)
		return s;
	(void)snprintf(s.group, sizeof s.group, "%.*s", (int)len, path);
	const char *before = i > 0 ? asy_config_table[i - 1].path : "";
	const char *after = i + 1 < asy_config_table_n ? asy_config_table[i + 1].path : "";
	s.opens = group_len(before) != len || strncmp(before, path, len) != 0;
	s.closes = group_len(after) != len || strncmp(after, path, len) != 0;
	return s;
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

/* The names of required options in a group ("": at the top, groups with one too). wide: of
 * the options that hold for all tasks, or of the others. */
static void write_required(asy_jw *w, const char *group, bool wide)
{
	bool any = false;
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		opt_step s = asy_config_walk(i);
		bool here = strcmp(s.group, group) == 0 || group[0] == '\0';
		if (!o->required || !here || asy_config_is_of_a_task(o->path) == wide)
			continue;
		const char *name = group[0] == '\0' && s.group[0] != '\0' ? s.group : s.leaf;
		if (!any) {
			asy_jw_key(w, "required");
			asy_jw_array(w);
		}
		any = true;
		asy_jw_str(w, name);
	}
	if (any)
		asy_jw_end_array(w);
}

static void write_properties(asy_jw *w, const asy_options *defaults)
{
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		opt_step s = asy_config_walk(i);
		if (s.opens) {
			asy_jw_key(w, s.group);
			asy_jw_object(w);
			asy_jw_kstr(w, "type", "object");
			asy_jw_kbool(w, "additionalProperties", false);
			write_required(w, s.group, true);
			asy_jw_key(w, "properties");
			asy_jw_object(w);
		}
		asy_jw_key(w, s.leaf);
		asy_jw_object(w);
		write_type(w, o);
		if (o->fallback != NULL) {
			asy_jw_key(w, "default");
			asy_config_write(w, defaults, o);
		}
		asy_jw_kstr(w, "description", o->doc);
		asy_jw_end_object(w);
		if (s.closes) {
			asy_jw_end_object(w);
			asy_jw_end_object(w);
		}
	}
}

static bool group_requires(const char *group)
{
	for (size_t i = 0; i < asy_config_table_n; i++) {
		if (asy_config_table[i].required && strcmp(asy_config_walk(i).group, group) == 0)
			return true;
	}
	return false;
}

/* The properties of an entry are those beside the list. */
static void write_entry(asy_jw *w)
{
	asy_jw_key(w, "items");
	asy_jw_object(w);
	asy_jw_kstr(w, "type", "object");
	asy_jw_kbool(w, "additionalProperties", false);
	asy_jw_key(w, "required");
	asy_jw_array(w);
	asy_jw_str(w, "name");
	asy_jw_end_array(w);
	asy_jw_key(w, "properties");
	asy_jw_object(w);
	asy_jw_key(w, "name");
	asy_jw_object(w);
	asy_jw_kstr(w, "type", "string");
	asy_jw_kstr(w, "pattern", "^[A-Za-z0-9][A-Za-z0-9_-]*$");
	asy_jw_ku64(w, "maxLength", ASY_TASK_NAME_MAX);
	asy_jw_kstr(w, "description", name_doc);
	asy_jw_end_object(w);
	for (size_t i = 0; i < asy_config_table_n; i++) {
		opt_step s = asy_config_walk(i);
		const char *name = s.group[0] != '\0' ? s.group : s.leaf;
		char ref[64];
		if (!asy_config_is_of_a_task(asy_config_table[i].path) || (s.group[0] != '\0' && !s.opens))
			continue;
		(void)snprintf(ref, sizeof ref, "#/properties/%s", name);
		asy_jw_key(w, name);
		asy_jw_object(w);
		asy_jw_kstr(w, "$ref", ref);
		asy_jw_end_object(w);
	}
	asy_jw_end_object(w);
	asy_jw_end_object(w);
}

static void write_task_list(asy_jw *w)
{
	asy_jw_key(w, "tasks");
	asy_jw_object(w);
	asy_jw_kstr(w, "type", "array");
	asy_jw_ku64(w, "minItems", 1);
	asy_jw_ku64(w, "maxItems", ASY_TASKS_MAX);
	asy_jw_kstr(w, "description", tasks_doc);
	write_entry(w);
	asy_jw_end_object(w);
}

/* Without a list, what a task must have stands at the top. */
static void write_condition(asy_jw *w)
{
	asy_jw_key(w, "if");
	asy_jw_object(w);
	asy_jw_key(w, "required");
	asy_jw_array(w);
	asy_jw_str(w, "tasks");
	asy_jw_end_array(w);
	asy_jw_end_object(w);
	asy_jw_key(w, "else");
	asy_jw_object(w);
	write_required(w, "", false);
	asy_jw_key(w, "properties");
	asy_jw_object(w);
	for (size_t i = 0; i < asy_config_table_n; i++) {
		opt_step s = asy_config_walk(i);
		if (!s.opens || !asy_config_is_of_a_task(asy_config_table[i].path) ||
			!group_requires(s.group))
			continue;
		asy_jw_key(w, s.group);
		asy_jw_object(w);
		write_required(w, s.group, false);
		asy_jw_end_object(w);
	}
	asy_jw_end_object(w);
	asy_jw_end_object(w);
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
	write_required(&w, "", true);
	write_condition(&w);
	asy_jw_key(&w, "properties");
	asy_jw_object(&w);
	asy_jw_key(&w, "$schema");
	asy_jw_object(&w);
	asy_jw_kstr(&w, "type", "string");
	asy_jw_end_object(&w);
	write_properties(&w, &c->shared.values);
	write_task_list(&w);
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
	if (st == ASSAY_OK)
		st = asy_buf_printf(out, err, ".TP\n.B tasks\n%s 1 to %u entries.\n", tasks_doc,
							ASY_TASKS_MAX);
	if (st == ASSAY_OK)
		st = asy_buf_printf(out, err, ".TP\n.B tasks[].name\n%s At most %u bytes.\n", name_doc,
							ASY_TASK_NAME_MAX);
	return st;
}
