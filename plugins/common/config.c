/* Typed configuration reads with remembered errors. */
#include "common/config.h"
#include "common/batch.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_CONFIG = 1 << 20, MAX_KEY = 64 };

void plg_config_fail(plg_config *c, const char *fmt, ...)
{
	if (c->bad)
		return; /* the first problem is the one to mend */
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(c->msg, sizeof c->msg, fmt, ap);
	va_end(ap);
	c->bad = true;
}

void plg_config_begin(plg_config *c, assay_bytes text)
{
	static const assay_bytes nothing = {(const uint8_t *)"{}", 2};
	const char *why = NULL;
	*c = (plg_config){0};
	c->root = plg_json_parse(text.len == 0 ? nothing : text, MAX_CONFIG, &why);
	if (c->root == NULL)
		plg_config_fail(c, "configuration: %s", why);
	else if (plg_json_type(c->root) != PLG_J_OBJECT)
		plg_config_fail(c, "configuration: not an object");
}

static const plg_json *find(const plg_config *c, const char *path)
{
	const plg_json *v = c->root;
	while (v != NULL && *path != '\0') {
		char key[MAX_KEY];
		size_t len = strcspn(path, ".");
		if (len >= sizeof key)
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		v = plg_json_get(v, key);
		path += path[len] == '.' ? len + 1 : len;
	}
	return v;
}

double plg_config_num(plg_config *c, const char *path, double def, double min, double max)
{
	const plg_json *v = find(c, path);
	double d = def;
	if (v == NULL)
		return def;
	if (!plg_json_num(v, &d))
		plg_config_fail(c, "%s: not a number", path);
	else if (d < min || d > max)
		plg_config_fail(c, "%s: %g is outside %g..%g", path, d, min, max);
	return c->bad ? def : d;
}

int64_t plg_config_int(plg_config *c, const char *path, int64_t def, int64_t min, int64_t max)
{
	const plg_json *v = find(c, path);
	int64_t i = def;
	if (v == NULL)
		return def;
	if (!plg_json_int(v, &i))
		plg_config_fail(c, "%s: not an integer", path);
	else if (i < min || i > max)
		plg_config_fail(c, "%s: %lld is outside %lld..%lld", path, (long long)i, (long long)min,
						(long long)max);
	return c->bad ? def : i;
}

bool plg_config_bool(plg_config *c, const char *path, bool def)
{
	const plg_json *v = find(c, path);
	bool b = def;
	if (v != NULL && !plg_json_bool(v, &b))
		plg_config_fail(c, "%s: not true or false", path);
	return b;
}

size_t plg_config_choice(plg_config *c, const char *path, const char *const *names, size_t n,
						 size_t def)
{
	const plg_json *v = find(c, path);
	assay_bytes s;
	if (v == NULL)
		return def;
	if (plg_json_str(v, &s))
		for (size_t i = 0; i < n; i++)
			if (s.len == strlen(names[i]) && memcmp(s.ptr, names[i], (size_t)s.len) == 0)
				return i;
	plg_config_fail(c, "%s: not one of the known names (the first is \"%s\")", path, names[0]);
	return def;
}

void plg_config_str(plg_config *c, const char *path, char *dst, size_t cap)
{
	const plg_json *v = find(c, path);
	assay_bytes s;
	dst[0] = '\0';
	if (v == NULL)
		return;
	if (!plg_json_str(v, &s) || memchr(s.ptr, 0, (size_t)s.len) != NULL) {
		plg_config_fail(c, "%s: not a plain string", path);
	} else if (s.len >= cap) {
		plg_config_fail(c, "%s: longer than %zu bytes", path, cap - 1);
	} else {
		memcpy(dst, s.ptr, (size_t)s.len);
		dst[s.len] = '\0';
	}
}

assay_rc plg_config_end(plg_config *c, const assay_host_api *host)
{
	plg_json_free(c->root);
	c->root = NULL;
	if (!c->bad)
		return ASSAY_RC_OK;
	plg_fail(host, c->msg);
	return ASSAY_RC_CONFIG;
}
