/* Folders in the order of the user's say: ASSAY_MODELS, the user's data, what is installed
 * with this program, the system's. */
#include "cli/model_find.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_model(const char *dir)
{
	char path[ASY_FRONT_PATH + 16];
	(void)snprintf(path, sizeof path, "%s/config.json", dir);
	return access(path, F_OK) == 0;
}

static void add_folder(model_places *p, const char *dir, size_t len)
{
	char path[ASY_FRONT_PATH], real[PATH_MAX];
	if (len == 0)
		return;
	if (len >= sizeof path || p->folder_n == MODEL_PLACES_MAX) {
		p->cut = "ASSAY_MODELS names a path that is too long, or more than 35 folders; those are "
				 "left out";
		return;
	}
	memcpy(path, dir, len);
	path[len] = '\0';
	const char *use = realpath(path, real) != NULL ? real : path;
	for (size_t i = 0; i < p->folder_n; i++)
		if (strcmp(p->folder[i], use) == 0)
			return;
	if (asy_str_copy(p->folder[p->folder_n], ASY_FRONT_PATH, use))
		p->folder_n++;
}

static void add_list(model_places *p, const char *list)
{
	while (list != NULL && *list != '\0') {
		size_t n = strcspn(list, ":");
		add_folder(p, list, n);
		list += n + (list[n] == ':');
	}
}

static void add_below(model_places *p, const char *base, const char *rest)
{
	char path[ASY_FRONT_PATH];
	int n = base == NULL || base[0] != '/' ? 0 : snprintf(path, sizeof path, "%s/%s", base, rest);
	if (n > 0 && n < (int)sizeof path)
		add_folder(p, path, (size_t)n);
}

static void add_beside(model_places *p)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n <= 0)
		return;
	exe[n] = '\0';
	char *slash = strrchr(exe, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	add_below(p, exe, ASSAY_SHARE_BESIDE_BIN "/models");
}

static void add_folders(model_places *p)
{
	const char *data = getenv("XDG_DATA_HOME");
	add_list(p, getenv("ASSAY_MODELS"));
	if (data != NULL && data[0] == '/')
		add_below(p, data, "assay/models");
	else
		add_below(p, getenv("HOME"), ".local/share/assay/models");
	add_beside(p);
	add_below(p, "/usr/local/share", "assay/models");
	add_below(p, "/usr/share", "assay/models");
}

static void add_model(model_places *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	for (size_t i = 0; i < p->model_n; i++)
		if (strcmp(p->model[i].name, name) == 0)
			return;
	if (p->model_n == MODELS_MAX) {
		p->cut = "there are more than 256 models; those behind are left out";
		return;
	}
	model_place *m = &p->model[p->model_n];
	if (asy_str_copy(m->name, sizeof m->name, name) && asy_str_copy(m->path, sizeof m->path, path))
		p->model_n++;
}

static int by_letter(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* The folder may be a model itself, or hold some. */
static void look_into(model_places *p, const char *dir)
{
	struct dirent **list = NULL;
	char path[ASY_FRONT_PATH];
	if (is_model(dir)) {
		add_model(p, dir);
		return;
	}
	int n = scandir(dir, &list, visible, by_letter);
	for (int i = 0; i < n; i++) {
		int len = snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
		if (len > 0 && len < (int)sizeof path && is_model(path))
			add_model(p, path);
		free(list[i]);
	}
	free(list);
}

assay_status model_places_find(model_places *p, assay_err *err)
{
	*p = (model_places){0};
	p->folder = calloc(MODEL_PLACES_MAX, sizeof *p->folder);
	p->model = calloc(MODELS_MAX, sizeof *p->model);
	if (p->folder == NULL || p->model == NULL) {
		model_places_fini(p);
		return ASSAY_FAIL(err, E_NOMEM, "looking for models");
	}
	add_folders(p);
	for (size_t i = 0; i < p->folder_n; i++)
		look_into(p, p->folder[i]);
	return ASSAY_OK;
}

void model_places_fini(model_places *p)
{
	free(p->folder);
	free(p->model);
	*p = (model_places){0};
}

static assay_status folder_itself(const char *what, model_place *out, assay_err *err)
{
	char real[PATH_MAX];
	if (realpath(what, real) == NULL)
		return ASSAY_FAIL(err, E_NOTFOUND, "%s: %s", what, strerror(errno));
	if (!is_model(real))
		return ASSAY_FAIL(err, E_NOTFOUND, "%s is no model: it has no config.json", what);
	const char *slash = strrchr(real, '/');
	if (!asy_str_copy(out->path, sizeof out->path, real) ||
		!asy_str_copy(out->name, sizeof out->name, slash + 1))
		return ASSAY_FAIL(err, E_LIMIT, "path too long: %s", what);
	return ASSAY_OK;
}

assay_status model_places_get(const model_places *p, const char *what, model_place *out,
							  assay_err *err)
{
	const char *names[MODELS_MAX];
	if (strchr(what, '/') != NULL)
		return folder_itself(what, out, err);
	for (size_t i = 0; i < p->model_n; i++) {
		names[i] = p->model[i].name;
		if (strcmp(names[i], what) == 0) {
			*out = p->model[i];
			return ASSAY_OK;
		}
	}
	size_t near = asy_str_nearest(what, names, p->model_n);
	if (near < p->model_n)
		return ASSAY_FAIL(err, E_NOTFOUND, "no model is called '%s'; did you mean '%s'?", what,
						  names[near]);
	return ASSAY_FAIL(err, E_NOTFOUND,
					  "no model is called '%s'; `assay model list` shows where models are looked "
					  "for, and a path with a slash names a folder anywhere",
					  what);
}
