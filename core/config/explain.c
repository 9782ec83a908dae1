/* A configuration back out: every value with the place it came from, and the canonical
 * JSON of all of them. Nothing here decides anything. */
#include <stdlib.h>
#include "config/impl.h"

static const char *const source_names[] = {"default", "file", "environment", "flag"};

/* A level on its way out, and which of its options are told of. */
typedef struct {
	const opt_level *level;
	const opt_task *task; /* NULL: the options that are not in a list of tasks */
	bool wide;            /* leave out what each task tells of itself */
} telling;

static telling of_daemon(const asy_config *c)
{
	return (telling){.level = &c->shared, .wide = asy_config_has_tasks(c)};
}

static telling of_task(const asy_config *c, size_t i)
{
	return (telling){.level = &c->tasks[i].all, .task = &c->tasks[i]};
}

static bool is_told(const telling *t, const opt *o)
{
	return (t->task == NULL && !t->wide) || asy_config_is_of_a_task(o->path) == (t->task != NULL);
}

/* "task" or "shared" where a list of tasks makes that a question. */
static const char *scope(const telling *t, size_t i)
{
	if (t->task == NULL || t->level->state[i].source == ASY_FROM_DEFAULT)
		return NULL;
	return t->task->is_own[i] ? "task" : "shared";
}

/* One value as compact JSON text appended to out. */
static assay_status value_text(const opt_level *l, const opt *o, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_config_write(&w, &l->values, o);
	return asy_jw_end(&w, err);
}

static assay_status source_text(const telling *t, size_t i, asy_buf *out, assay_err *err)
{
	const opt_state *from = &t->level->state[i];
	const char *unit = asy_config_table[i].unit, *at = scope(t, i);
	return asy_buf_printf(out, err, "%s%s  (%s%s%s%s%s)\n", unit[0] != '\0' ? " " : "", unit,
						  source_names[from->source], from->origin != NULL ? ": " : "",
						  from->origin != NULL ? from->origin : "", at != NULL ? ", " : "",
						  at != NULL ? at : "");
}

static assay_status explain_lines(const telling *t, asy_buf *out, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < asy_config_table_n && st == ASSAY_OK; i++) {
		const opt *o = &asy_config_table[i];
		if (!is_told(t, o))
			continue;
		if (t->task != NULL)
			st = asy_buf_printf(out, err, "tasks.%s.", t->task->name);
		if (st == ASSAY_OK)
			st = asy_buf_printf(out, err, "%s = ", o->path);
		if (st == ASSAY_OK)
			st = value_text(t->level, o, out, err);
		if (st == ASSAY_OK)
			st = source_text(t, i, out, err);
	}
	return st;
}

static assay_status explain_text(const asy_config *c, asy_buf *out, assay_err *err)
{
	const telling daemon = of_daemon(c);
	assay_status st = explain_lines(&daemon, out, err);
	for (size_t i = 0; i < c->task_n && st == ASSAY_OK; i++) {
		const telling task = of_task(c, i);
		st = explain_lines(&task, out, err);
	}
	return st;
}

static void write_options(asy_jw *w, const telling *t)
{
	asy_jw_key(w, "options");
	asy_jw_array(w);
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		const opt_state *from = &t->level->state[i];
		if (!is_told(t, o))
			continue;
		asy_jw_object(w);
		asy_jw_kstr(w, "path", o->path);
		asy_jw_key(w, "value");
		asy_config_write(w, &t->level->values, o);
		asy_jw_kstr(w, "unit", o->unit);
		asy_jw_kstr(w, "source", source_names[from->source]);
		if (from->origin != NULL)
			asy_jw_kstr(w, "origin", from->origin);
		if (scope(t, i) != NULL)
			asy_jw_kstr(w, "scope", scope(t, i));
		asy_jw_kstr(w, "doc", o->doc);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

static void write_tasks(asy_jw *w, const asy_config *c)
{
	asy_jw_key(w, "tasks");
	asy_jw_array(w);
	for (size_t i = 0; i < c->task_n; i++) {
		const telling task = of_task(c, i);
		asy_jw_object(w);
		asy_jw_kstr(w, "name", c->tasks[i].name);
		write_options(w, &task);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

assay_status asy_config_explain(const asy_config *c, bool json, asy_buf *out, assay_err *err)
{
	const telling daemon = of_daemon(c);
	if (!json)
		return explain_text(c, out, err);
	asy_jw w = asy_jw_out(out, 1);
	asy_jw_object(&w);
	write_options(&w, &daemon);
	if (asy_config_has_tasks(c))
		write_tasks(&w, c);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

/* All effective values as nested JSON; absent ones are left out, so the text can be
 * loaded again. */
static assay_status write_nested(const asy_options *values, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		const char *text = "";
		opt_step s = asy_config_walk(i);
		if (s.opens) {
			asy_jw_key(&w, s.group);
			asy_jw_object(&w);
		}
		if (o->type == OPT_STRING)
			memcpy(&text, (const char *)values + o->offset, sizeof text);
		if (text != NULL) {
			asy_jw_key(&w, s.leaf);
			asy_config_write(&w, values, o);
		}
		if (s.closes)
			asy_jw_end_object(&w);
	}
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_config_canonical(const asy_config *c, size_t task, asy_buf *out, assay_err *err)
{
	asy_buf text = {0};
	asy_json *doc = NULL;
	assay_status st = write_nested(asy_config_task(c, task), &text, err);
	if (st == ASSAY_OK)
		st = asy_json_parse(asy_buf_span(&text), NULL, &doc, err);
	if (st == ASSAY_OK)
		st = asy_jv_canonical(asy_json_root(doc), out, err);
	asy_json_free(doc);
	asy_buf_fini(&text);
	return st;
}

bool asy_config_differs(const asy_config *a, size_t i, const asy_config *b, size_t k,
						const char *path)
{
	const opt *o = asy_config_find(path);
	asy_buf va = {0}, vb = {0};
	if (o == NULL)
		return false;
	/* What cannot be compared counts as another: then somebody looks at it anew. */
	bool same = value_text(asy_config_level(a, i), o, &va, NULL) == ASSAY_OK &&
				value_text(asy_config_level(b, k), o, &vb, NULL) == ASSAY_OK &&
				asy_span_eq(asy_buf_span(&va), asy_buf_span(&vb));
	asy_buf_fini(&va);
	asy_buf_fini(&vb);
	return !same;
}
