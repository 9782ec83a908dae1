/* What a cage is made of, in words, and which files a configuration opens it for.
 * Builds nothing: the worker does, on itself. */
#include "plugin/cage.h"
#include <limits.h>
#include <stdlib.h>
#include "codec/codec.h"
#include "plugin/contract.h"

typedef struct {
	const char *name, *without; /* what a plugin can do where this part is missing */
} part;

static const part parts[ASY_CAGE_PARTS] = {
	{"calls", "it may make any system call: start programs, open connections, send signals"},
	{"files", "until it is open it may read what its user may"},
	{"user", "it has the host's own user"},
	{"processes", "it sees other processes, and those that it starts may outlive it"},
	{"network", "the machine's network is there"},
	{"memory", "its memory has no limit"},
	{"threads", "the number of its threads has no limit but memory"},
};

void asy_cage_describe(const asy_cage *c, char *dst, size_t cap)
{
	size_t n = 0;
	dst[0] = '\0';
	for (size_t i = 0; i < ASY_CAGE_PARTS && n < cap; i++) {
		bool is_files = (1u << i) == ASY_CAGE_FILES;
		if ((c->parts & 1u << i) == 0)
			continue;
		n += (size_t)snprintf(dst + n, cap - n, "%s%s", n != 0 ? ", " : "", parts[i].name);
		if (is_files && n < cap)
			n += (size_t)snprintf(dst + n, cap - n, " (Landlock %" PRIu32 ")", c->landlock);
	}
	if (n == 0)
		n = (size_t)snprintf(dst, cap, "none");
	for (size_t i = 0; i < ASY_CAGE_PARTS && n < cap; i++)
		if ((c->parts & 1u << i) == 0)
			n +=
				(size_t)snprintf(dst + n, cap - n, "; not %s: %s", parts[i].name, parts[i].without);
	if ((c->parts & ASY_CAGE_INSTRUMENTED) != 0 && n < cap)
		n += (size_t)snprintf(dst + n, cap - n, "; built for a sanitizer: not for use");
	if (c->why[0] != '\0' && n < cap)
		(void)snprintf(dst + n, cap - n, " (%s)", c->why);
	asy_printable(dst, strlen(dst));
}

/* ---- files ---- */

/* Is path dir itself, or below it? */
static bool is_within(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

typedef struct {
	const char *const *hidden;
	size_t hidden_n;
	asy_buf *out;
} search;

static assay_status check_hidden(const search *s, const char *shown, const char *path,
								 assay_err *err)
{
	char real[PATH_MAX];
	if (strcmp(path, "/") == 0)
		return ASSAY_FAIL(err, E_CONFIG,
						  "the plugin's configuration names %s: that would open every file to it; "
						  "name the folder it needs",
						  shown);
	for (size_t i = 0; i < s->hidden_n; i++) {
		const char *h = realpath(s->hidden[i], real) != NULL ? real : s->hidden[i];
		if (is_within(h, path) || is_within(path, h))
			return ASSAY_FAIL(
				err, E_CONFIG,
				"the plugin's configuration names %s, where the validator's own files "
				"are: move the plugin's files elsewhere",
				shown);
	}
	return ASSAY_OK;
}

static assay_status take_string(const search *s, asy_jv v, assay_err *err)
{
	char real[PATH_MAX];
	const char *text;
	size_t len;
	assay_status st = asy_jv_str(v, &text, &len, err);
	if (st != ASSAY_OK || strlen(text) != len || strchr(text, '/') == NULL ||
		realpath(text, real) == NULL)
		return st;
	st = check_hidden(s, text, real, err);
	return st == ASSAY_OK ? asy_buf_add(s->out, real, strlen(real) + 1, err) : st;
}

static assay_status walk(const search *s, asy_jv v, assay_err *err) /* depth is the parser's */
{
	asy_json_kind kind = asy_jv_kind(v);
	assay_status st = ASSAY_OK;
	if (kind == ASY_J_STRING)
		return take_string(s, v, err);
	if (kind != ASY_J_ARRAY && kind != ASY_J_OBJECT)
		return ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < asy_jv_size(v); i++)
		st = walk(s, kind == ASY_J_ARRAY ? asy_jv_at(v, i) : asy_jv_value(v, i), err);
	return st;
}

assay_status asy_cage_paths(assay_span config, const char *const *hidden, size_t hidden_n,
							asy_buf *out, assay_err *err)
{
	const search s = {hidden, hidden_n, out};
	const asy_json_limits limits = {.max_depth = 32};
	asy_json *doc = NULL;
	if (config.len == 0)
		return ASSAY_OK;
	/* what is no JSON is reported, with more to say, where it is checked */
	if (asy_json_parse(config, &limits, &doc, NULL) != ASSAY_OK)
		return ASSAY_OK;
	assay_status st = walk(&s, asy_json_root(doc), err);
	asy_json_free(doc);
	return st;
}
