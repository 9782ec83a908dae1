/* assay config check|explain|schema|man: everything about a configuration file
 * without running anything. */
#include "cli/cli.h"

static int print_document(assay_status (*make)(asy_buf *, assay_err *))
{
	asy_buf out = {0};
	assay_err err = {0};
	assay_status st = make(&out, &err);
	if (st == ASSAY_OK)
		st = asy_front_write_file("-", asy_buf_span(&out), &err);
	asy_buf_fini(&out);
	return st == ASSAY_OK ? 0 : asy_front_fail("config", st, &err);
}

/* For machines the verdict is on standard output, whichever it is. */
static int verdict(assay_status st, const assay_err *why, bool json)
{
	asy_buf out = {0};
	assay_err err = {0};
	if (!json)
		return st == ASSAY_OK ? 0 : asy_front_fail("config", st, why);
	asy_jw w = asy_jw_out(&out, 0);
	asy_jw_object(&w);
	asy_jw_kbool(&w, "ok", st == ASSAY_OK);
	if (st != ASSAY_OK)
		asy_jw_kstr(&w, "error", why->msg);
	asy_jw_end_object(&w);
	assay_status printed = asy_jw_end(&w, &err);
	if (printed == ASSAY_OK)
		printed = asy_front_print(&out, &err);
	asy_buf_fini(&out);
	return printed == ASSAY_OK ? assay_status_exit(st) : asy_front_fail("config", printed, &err);
}

/* Lines for people are as wide as a terminal; JSON is for everything else. */
static void print_lines(char *text)
{
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		size_t indent = strspn(line, " ");
		if (line[0] == '\0')
			continue;
		(void)printf("%.*s", (int)indent, line);
		asy_front_print_wrapped(stdout, indent, 4, line + indent);
	}
}

static int list_options(void)
{
	asy_buf out = {0};
	assay_err err = {0};
	assay_status st = asy_config_list(&out, &err);
	if (st == ASSAY_OK && asy_buf_cstr(&out) != NULL)
		print_lines((char *)out.ptr);
	asy_buf_fini(&out);
	return st == ASSAY_OK ? 0 : asy_front_fail("config", st, &err);
}

static int explain(const asy_config *c, bool json)
{
	asy_buf out = {0};
	assay_err err = {0};
	assay_status st = asy_config_explain(c, json, &out, &err);
	if (st == ASSAY_OK && json)
		st = asy_front_write_file("-", asy_buf_span(&out), &err);
	else if (st == ASSAY_OK && asy_buf_cstr(&out) != NULL)
		print_lines((char *)out.ptr);
	asy_buf_fini(&out);
	return st == ASSAY_OK ? 0 : asy_front_fail("config", st, &err);
}

static int misuse(const char *const *arg, size_t n)
{
	static const char *const names[] = {"check", "explain", "schema", "man"};
	size_t near = n > 0 ? asy_str_nearest(arg[0], names, ASY_COUNT(names)) : ASY_COUNT(names);
	if (n == 0)
		return asy_front_misuse("config", "say 'check FILE', 'explain FILE', 'schema' or 'man'");
	if (near < 2 && n == 1 && strcmp(arg[0], names[near]) == 0)
		return asy_front_misuse("config", "%s needs a file", arg[0]);
	if (near < ASY_COUNT(names) && strcmp(arg[0], names[near]) == 0)
		return asy_front_misuse("config", "unexpected argument '%s'", arg[n - 1]);
	if (near < ASY_COUNT(names))
		return asy_front_misuse("config", "unknown command '%s'; did you mean '%s'?", arg[0],
								names[near]);
	return asy_front_misuse("config", "unknown command '%s'", arg[0]);
}

int cmd_config(int argc, char **argv)
{
	bool json = false;
	const asy_front_opt opts[] = {{"json", ASY_FRONT_FLAG, &json, NULL, "machine-readable"}};
	const asy_front_usage usage = {
		"assay config check|explain FILE [--json]\n       assay config explain|schema|man",
		"check    says whether the daemon would accept FILE; silent when it would;\n"
		"         with --json {\"ok\", \"error\"} on standard output\n"
		"explain  prints every option with its value and where the value came from:\n"
		"         default, file, environment (ASSAY_...) or flag; without FILE\n"
		"         every option with its bounds, default and meaning\n"
		"schema   prints the JSON Schema of the configuration\n"
		"man      prints the options section of the manual page",
		opts, ASY_COUNT(opts)};
	const char *arg[2];
	size_t n;
	int code;
	assay_err err = {0};
	if (!asy_front_parse(&usage, argc, argv, arg, 2, &n, &code))
		return code;
	if (n == 1 && strcmp(arg[0], "schema") == 0)
		return print_document(asy_config_schema);
	if (n == 1 && strcmp(arg[0], "man") == 0)
		return print_document(asy_config_man);
	if (n == 1 && strcmp(arg[0], "explain") == 0 && !json)
		return list_options();
	bool check = n == 2 && strcmp(arg[0], "check") == 0;
	if (!check && !(n == 2 && strcmp(arg[0], "explain") == 0))
		return misuse(arg, n);

	asy_config *c = NULL;
	assay_status st = asy_front_load_config(arg[1], NULL, 0, &c, &err);
	if (st == ASSAY_OK && !check)
		code = explain(c, json);
	else
		code = verdict(st, &err, check && json);
	asy_config_free(c);
	return code;
}
