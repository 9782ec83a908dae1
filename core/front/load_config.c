/* default < file < environment < flag, then the rules that join options. */
#include <stdlib.h>
#include "front/front.h"

extern char **environ;

static assay_status apply_set(asy_config *c, const char *text, assay_err *err)
{
	char path[128];
	const char *eq = strchr(text, '=');
	if (eq == NULL || (size_t)(eq - text) >= sizeof path)
		return ASSAY_FAIL(err, E_USAGE, "--set wants path=value, got '%s'", text);
	memcpy(path, text, (size_t)(eq - text));
	path[eq - text] = '\0';
	return asy_config_set(c, path, eq + 1, ASY_FROM_FLAG, err);
}

assay_status asy_front_load_config(const char *file, const char *const *sets, size_t sets_n,
								   asy_config **out, assay_err *err)
{
	asy_config *c = NULL;
	asy_buf text = {0};
	assay_status st = asy_config_new(&c, err);
	if (st == ASSAY_OK)
		st = asy_front_read_file(file, ASY_CONFIG_MAX, &text, err);
	if (st == ASSAY_OK)
		st = asy_config_load_json(c, asy_buf_span(&text), file, err);
	if (st == ASSAY_OK)
		st = asy_config_load_env(c, (const char *const *)environ, err);
	for (size_t i = 0; st == ASSAY_OK && i < sets_n; i++)
		st = apply_set(c, sets[i], err);
	if (st == ASSAY_OK)
		st = asy_config_finish(c, err);
	asy_buf_fini(&text);
	if (st != ASSAY_OK) {
		asy_config_free(c);
		return st;
	}
	*out = c;
	return ASSAY_OK;
}

/* ---- tasks that the command line names ---- */

bool asy_front_wants(const asy_front_list *names, const char *task)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(names->at[i], task) == 0)
			return true;
	}
	return names->n == 0;
}

assay_status asy_front_check_wanted(const asy_config *c, const asy_front_list *names,
									assay_err *err)
{
	const char *there[ASY_TASKS_MAX];
	size_t n = asy_config_task_n(c);
	for (size_t i = 0; i < n; i++)
		there[i] = asy_config_task_name(c, i);
	for (size_t i = 0; i < names->n; i++) {
		if (asy_config_task_find(c, names->at[i]) < n)
			continue;
		size_t near = asy_str_nearest(names->at[i], there, n);
		return ASSAY_FAIL(err, E_CONFIG, "--task %s: the configuration has no such task%s%s%s",
						  names->at[i], near < n ? "; did you mean " : "",
						  near < n ? there[near] : "", near < n ? "?" : "");
	}
	return ASSAY_OK;
}

/* ---- paths ---- */

/* "~" and "~/x" as a shell would write them out. */
static assay_status home_path(const char *path, char *out, size_t cap, assay_err *err)
{
	const char *home = getenv("HOME"); /* edge: a main reads its environment */
	if (path[1] != '\0' && path[1] != '/')
		return ASSAY_FAIL(err, E_CONFIG, "%s: only ~/ is understood; write the whole path", path);
	if (home == NULL || home[0] != '/')
		return ASSAY_FAIL(err, E_CONFIG, "%s: HOME is not set here; write the whole path", path);
	int n = snprintf(out, cap, "%s%s", home, path + 1);
	if (n < 0 || (size_t)n >= cap)
		return ASSAY_FAIL(err, E_CONFIG, "path too long: %s", path);
	return ASSAY_OK;
}

assay_status asy_front_config_path(const char *config_file, const char *path, char *out, size_t cap,
								   assay_err *err)
{
	const char *slash = strrchr(config_file, '/');
	if (path[0] == '~')
		return home_path(path, out, cap, err);
	int n = path[0] == '/' || slash == NULL
				? snprintf(out, cap, "%s", path)
				: snprintf(out, cap, "%.*s/%s", (int)(slash - config_file), config_file, path);
	if (n < 0 || (size_t)n >= cap)
		return ASSAY_FAIL(err, E_CONFIG, "path too long: %s", path);
	return ASSAY_OK;
}
