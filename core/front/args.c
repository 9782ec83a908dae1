/* Option tables: parsing, --help, and usage errors that name the nearest option. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "front/front.h"

#define LEFT_COLUMN 2
#define HELP_COLUMN 24

static void print_option(const char *name, const char *value, const char *help)
{
	int at = printf("%*s--%s%s%s", LEFT_COLUMN, "", name, value != NULL ? " " : "",
					value != NULL ? value : "");
	if (at + 1 >= HELP_COLUMN)
		(void)printf("\n%*s", HELP_COLUMN, "");
	else
		(void)printf("%*s", HELP_COLUMN - at, "");
	asy_front_print_wrapped(stdout, HELP_COLUMN, HELP_COLUMN, help);
}

static void print_help(const asy_front_usage *u)
{
	(void)printf("usage: %s\n\n", u->usage);
	asy_front_print_text(u->about);
	(void)printf("\noptions:\n");
	for (size_t i = 0; i < u->opts_n; i++)
		print_option(u->opts[i].name, u->opts[i].value, u->opts[i].help);
	print_option("help", NULL, "this text");
	(void)printf("\n");
	asy_front_print_text("exit codes: 0 success, 2 wrong use, others by class of failure "
						 "(`assay --exit-codes` lists them)");
}

static const asy_front_opt *find(const asy_front_usage *u, const char *name, size_t len)
{
	for (size_t i = 0; i < u->opts_n; i++)
		if (strlen(u->opts[i].name) == len && strncmp(u->opts[i].name, name, len) == 0)
			return &u->opts[i];
	return NULL;
}

static bool store(const asy_front_opt *o, const char *text)
{
	char *end = NULL;
	double d;
	switch (o->kind) {
	case ASY_FRONT_FLAG:
		*(bool *)o->dst = true;
		return true;
	case ASY_FRONT_STR:
		*(const char **)o->dst = text;
		return true;
	case ASY_FRONT_U64:
		return asy_str_u64(text, o->dst);
	case ASY_FRONT_F64:
		errno = 0;
		d = strtod(text, &end);
		if (end == text || *end != '\0' || errno != 0 || !isfinite(d))
			return false;
		*(double *)o->dst = d;
		return true;
	case ASY_FRONT_LIST: {
		asy_front_list *l = o->dst;
		if (l->n == ASY_FRONT_LIST_MAX)
			return false;
		l->at[l->n++] = text;
		return true;
	}
	}
	return false;
}

static void complain_unknown(const asy_front_usage *u, const char *arg)
{
	const char *names[64] = {0};
	size_t n = 0;
	for (size_t i = 0; i < u->opts_n && n + 1 < ASY_COUNT(names); i++)
		names[n++] = u->opts[i].name;
	names[n++] = "help";
	size_t near = asy_str_nearest(arg + strspn(arg, "-"), names, n);
	(void)fprintf(stderr, "%s: unknown option '%s'", program_invocation_short_name, arg);
	if (near < n)
		(void)fprintf(stderr, "; did you mean '--%s'?", names[near]);
	(void)fprintf(stderr, " (--help lists them)\n");
}

/* One "--name", "--name=value" or "--name value"; returns false on a usage error. */
static bool take_option(const asy_front_usage *u, int argc, char **argv, int *at)
{
	const char *arg = argv[*at];
	const char *eq = strchr(arg, '=');
	size_t len = eq != NULL ? (size_t)(eq - arg) : strlen(arg);
	const asy_front_opt *o = arg[1] == '-' ? find(u, arg + 2, len - 2) : NULL;
	const char *value = eq != NULL ? eq + 1 : NULL;

	if (o == NULL) {
		complain_unknown(u, arg);
		return false;
	}
	if (o->kind == ASY_FRONT_FLAG && value != NULL) {
		(void)fprintf(stderr, "%s: option '--%s' takes no value\n", program_invocation_short_name,
					  o->name);
		return false;
	}
	if (o->kind != ASY_FRONT_FLAG && value == NULL) {
		if (*at + 1 >= argc) {
			(void)fprintf(stderr, "%s: option '--%s' needs a value: %s\n",
						  program_invocation_short_name, o->name, o->value);
			return false;
		}
		value = argv[++*at];
	}
	if (!store(o, value)) {
		(void)fprintf(stderr, "%s: '%s' is not a valid %s for '--%s'\n",
					  program_invocation_short_name, value,
					  o->kind == ASY_FRONT_U64 ? "whole number" : "number", o->name);
		return false;
	}
	return true;
}

bool asy_front_parse(const asy_front_usage *u, int argc, char **argv, const char **positional,
					 size_t max, size_t *n, int *exit_code)
{
	bool only_positional = false;
	*n = 0;
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		if (!only_positional && strcmp(arg, "--") == 0) {
			only_positional = true;
		} else if (!only_positional && (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)) {
			print_help(u);
			*exit_code = 0;
			return false;
		} else if (!only_positional && arg[0] == '-' && arg[1] != '\0') {
			if (!take_option(u, argc, argv, &i)) {
				*exit_code = assay_status_exit(ASSAY_E_USAGE);
				return false;
			}
		} else if (*n < max) {
			positional[(*n)++] = arg;
		} else {
			(void)fprintf(stderr, "%s: unexpected argument '%s'\nusage: %s\n",
						  program_invocation_short_name, arg, u->usage);
			*exit_code = assay_status_exit(ASSAY_E_USAGE);
			return false;
		}
	}
	return true;
}

int asy_front_fail(const char *cmd, assay_status st, const assay_err *err)
{
	const char *msg = err != NULL && err->msg[0] != '\0' ? err->msg : assay_status_text(st);
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s%s%s: %s\n", program_invocation_short_name, cmd != NULL ? " " : "",
				  cmd != NULL ? cmd : "", msg);
	return assay_status_exit(st);
}

int asy_front_misuse(const char *cmd, const char *fmt, ...)
{
	const char *program = program_invocation_short_name;
	va_list ap;
	(void)fprintf(stderr, "%s%s%s: ", program, cmd != NULL ? " " : "", cmd != NULL ? cmd : "");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, " (%s%s%s --help)\n", program, cmd != NULL ? " " : "",
				  cmd != NULL ? cmd : "");
	return assay_status_exit(ASSAY_E_USAGE);
}
