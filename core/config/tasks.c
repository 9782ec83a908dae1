/* The list of tasks: its entries, flags for one of them, and what holds for each after the
 * options beside the list have filled what it leaves open. A task's name becomes a folder and
 * a word of every log line, so it is short and plain.
 * Reason to change: something else that only a list of tasks can say. */
#include <stdlib.h>
#include "config/impl.h"

/* The groups that one task has of its own; everything else belongs to the daemon. */
static const char *const of_a_task[] = {"netuid",  "mecid",  "wallet", "plugin",
										"dataset", "query",  "round",  "tracker",
										"weights", "submit", "store"};

bool asy_config_is_of_a_task(const char *path)
{
	size_t len = strcspn(path, ".");
	for (size_t i = 0; i < ASY_COUNT(of_a_task); i++) {
		if (strlen(of_a_task[i]) == len && strncmp(of_a_task[i], path, len) == 0)
			return true;
	}
	return false;
}

bool asy_config_has_tasks(const asy_config *c)
{
	return c->tasks != NULL;
}

size_t asy_config_task_n(const asy_config *c)
{
	return c->tasks != NULL ? c->task_n : 1;
}

const char *asy_config_task_name(const asy_config *c, size_t i)
{
	return c->tasks != NULL ? c->tasks[i].name : ASY_TASK_ALONE;
}

const opt_level *asy_config_level(const asy_config *c, size_t i)
{
	return c->tasks != NULL ? &c->tasks[i].all : &c->shared;
}

const asy_options *asy_config_task(const asy_config *c, size_t i)
{
	return &asy_config_level(c, i)->values;
}

size_t asy_config_task_find(const asy_config *c, const char *name)
{
	size_t n = asy_config_task_n(c), i = 0;
	while (i < n && strcmp(asy_config_task_name(c, i), name) != 0)
		i++;
	return i;
}

/* ---- the list ---- */

static bool is_plain(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	return name[0] != '\0' && name[0] != '-' && name[0] != '_' && name[strspn(name, plain)] == '\0';
}

static assay_status take_name(asy_config *c, size_t i, asy_jv entry, assay_err *err)
{
	char path[40];
	const opt o = {.path = path, .type = OPT_STRING, .least = 1, .most = ASY_TASK_NAME_MAX};
	opt_value v = {.v = {.s = NULL}};
	asy_jv name = asy_jv_get(entry, "name");
	(void)snprintf(path, sizeof path, "tasks[%zu].name", i);
	if (asy_jv_kind(name) == ASY_J_ABSENT)
		return ASSAY_FAIL(err, E_CONFIG,
						  "%s is not set: what the task is called in logs and on the disk", path);
	assay_status st = asy_config_from_json(&o, name, c->arena, &v, err);
	if (st != ASSAY_OK)
		return st;
	if (!is_plain(v.v.s))
		return ASSAY_FAIL(err, E_CONFIG,
						  "%s: letters, digits, - and _ make a name, and it begins with a letter "
						  "or digit",
						  path);
	for (size_t k = 0; k < i; k++) {
		if (strcmp(c->tasks[k].name, v.v.s) == 0)
			return ASSAY_FAIL(err, E_CONFIG, "%s: tasks[%zu] is called %s too", path, k, v.v.s);
	}
	c->tasks[i].name = v.v.s;
	return ASSAY_OK;
}

static assay_status task_init(asy_config *c, opt_task *t, assay_err *err)
{
	*t = (opt_task){.name = ""};
	t->own.state = asy_arena_array(c->arena, asy_config_table_n, sizeof *t->own.state);
	t->all.state = asy_arena_array(c->arena, asy_config_table_n, sizeof *t->all.state);
	t->is_own = asy_arena_array(c->arena, asy_config_table_n, sizeof *t->is_own);
	if (t->own.state == NULL || t->all.state == NULL || t->is_own == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "tasks: the configuration is too large");
	for (size_t i = 0; i < asy_config_table_n; i++)
		t->own.state[i] = (opt_state){.source = ASY_FROM_DEFAULT};
	return ASSAY_OK;
}

static assay_status load_entry(asy_config *c, size_t i, asy_jv entry, const char *name,
							   assay_err *err)
{
	char where[40];
	opt_task *t = &c->tasks[i];
	(void)snprintf(where, sizeof where, "tasks[%zu].", i);
	if (asy_jv_kind(entry) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_CONFIG, "tasks[%zu]: expected an object with a name and options",
						  i);
	assay_status st = task_init(c, t, err);
	if (st == ASSAY_OK)
		st = take_name(c, i, entry, err);
	if (st != ASSAY_OK)
		return st;
	const opt_place p = {.c = c, .task = t, .where = where, .name = name};
	return asy_config_load_object(&p, entry, "", err);
}

assay_status asy_config_load_tasks(asy_config *c, asy_jv list, const char *name, assay_err *err)
{
	size_t n = asy_jv_size(list);
	if (c->tasks != NULL)
		return ASSAY_FAIL(err, E_CONFIG, "tasks: there is a list already");
	if (asy_jv_kind(list) != ASY_J_ARRAY)
		return ASSAY_FAIL(err, E_CONFIG, "tasks: expected a list of objects");
	if (n == 0 || n > ASY_TASKS_MAX)
		return ASSAY_FAIL(err, E_CONFIG, "tasks: %zu entries, 1 to %u are allowed", n,
						  ASY_TASKS_MAX);
	c->tasks = asy_arena_array(c->arena, n, sizeof *c->tasks);
	if (c->tasks == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "tasks: the configuration is too large");
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		st = load_entry(c, i, asy_jv_at(list, i), name, err);
		c->task_n += st == ASSAY_OK;
	}
	return st;
}

/* ---- a flag for one task ---- */

static assay_status no_task(const asy_config *c, const char *name, assay_err *err)
{
	const char *list[ASY_TASKS_MAX];
	char shown[80];
	size_t n = asy_config_task_n(c);
	asy_str_escape(shown, sizeof shown, asy_span_str(name));
	if (!asy_config_has_tasks(c))
		return ASSAY_FAIL(err, E_CONFIG,
						  "tasks.%s: the configuration has no list of tasks; leave out tasks.%s",
						  shown, shown);
	for (size_t i = 0; i < n; i++)
		list[i] = asy_config_task_name(c, i);
	size_t near = asy_str_nearest(name, list, n);
	return ASSAY_FAIL(err, E_CONFIG, "tasks.%s: no such task%s%s%s", shown,
					  near < n ? "; did you mean " : "", near < n ? list[near] : "",
					  near < n ? "?" : "");
}

assay_status asy_config_set_task(asy_config *c, const char *path, const char *text,
								 asy_source source, assay_err *err)
{
	char name[ASY_TASK_NAME_MAX + 1], where[ASY_TASK_NAME_MAX + 8], origin[160];
	const char *rest = path + strlen("tasks."), *dot = strchr(rest, '.');
	opt_value v;
	(void)snprintf(name, sizeof name, "%.*s", (int)(dot != NULL ? dot - rest : 0), rest);
	if (dot == NULL)
		return ASSAY_FAIL(err, E_CONFIG, "tasks: write tasks.NAME.OPTION");
	size_t i = asy_config_task_find(c, name);
	if (!asy_config_has_tasks(c) || i == asy_config_task_n(c))
		return no_task(c, name, err);
	(void)snprintf(where, sizeof where, "tasks.%s.", name);
	const opt *o = asy_config_find(dot + 1);
	if (o == NULL)
		return asy_config_unknown(where, "", dot + 1, err);
	if (!asy_config_is_of_a_task(o->path))
		return ASSAY_FAIL(err, E_CONFIG, "%s%s: holds for all tasks; write %s", where, o->path,
						  o->path);
	opt named = *o;
	named.path = path;
	assay_status st = asy_config_from_text(&named, text, c->arena, &v, err);
	if (st != ASSAY_OK)
		return st;
	(void)snprintf(origin, sizeof origin, "%s%s", source == ASY_FROM_FLAG ? "--" : "", path);
	return asy_config_keep(c, &c->tasks[i].own, o, &v, source, origin, err);
}

/* ---- what holds ---- */

static assay_status own_folder(asy_config *c, opt_task *t, assay_err *err)
{
	char path[4096];
	const char *dir = c->shared.values.data_dir;
	if (dir == NULL)
		return ASSAY_OK; /* finish says that it is missing */
	int n = snprintf(path, sizeof path, "%s/%s", dir, t->name);
	if (n < 0 || (size_t)n >= sizeof path)
		return ASSAY_FAIL(err, E_CONFIG, "data_dir: too long for the folders of tasks in it");
	t->all.values.data_dir = asy_arena_strdup(c->arena, path);
	return t->all.values.data_dir != NULL
			   ? ASSAY_OK
			   : ASSAY_FAIL(err, E_NOMEM, "tasks: the configuration is too large");
}

static void resolve(const asy_config *c, opt_task *t)
{
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		t->is_own[i] = t->own.state[i].source != ASY_FROM_DEFAULT &&
					   t->own.state[i].source >= c->shared.state[i].source;
		const opt_level *from = t->is_own[i] ? &t->own : &c->shared;
		memcpy((char *)&t->all.values + o->offset, (const char *)&from->values + o->offset,
			   o->width);
		t->all.state[i] = from->state[i];
	}
}

assay_status asy_config_resolve(asy_config *c, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < c->task_n && st == ASSAY_OK; i++) {
		resolve(c, &c->tasks[i]);
		st = own_folder(c, &c->tasks[i], err);
	}
	return st;
}

/* ---- the rules between tasks ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* As far as the file tells; two names of one key show when both are opened. */
static bool same_place(const asy_options *a, const asy_options *b)
{
	return a->netuid == b->netuid && a->mecid == b->mecid &&
		   same_text(a->wallet.dev_uri, b->wallet.dev_uri) &&
		   same_text(a->wallet.hotkey, b->wallet.hotkey) &&
		   same_text(a->wallet.name, b->wallet.name) && same_text(a->wallet.path, b->wallet.path);
}

assay_status asy_config_check_tasks(const asy_config *c, assay_err *err)
{
	for (size_t i = 0; i < c->task_n; i++) {
		for (size_t k = 0; k < i; k++) {
			const asy_options *o = &c->tasks[i].all.values;
			if (same_place(o, &c->tasks[k].all.values))
				return ASSAY_FAIL(err, E_CONFIG,
								  "tasks[%zu] (%s) and tasks[%zu] (%s) set weights for subnet %u, "
								  "mechanism %u, with one hotkey: each would overwrite the other's",
								  k, c->tasks[k].name, i, c->tasks[i].name, o->netuid, o->mecid);
		}
	}
	return ASSAY_OK;
}
