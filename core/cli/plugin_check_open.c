/* assay plugin check, D and L01 to L03: the descriptor, and opening with every configuration
 * that the schema allows. */
#include <stdlib.h>
#include "cli/plugin_check.h"

#define DOCUMENTS_MAX 48u
#define ABSURD_LEN 65536u

/* ---- descriptor ---- */

/* What the loader refuses is a finding of the check that its sentence is about. */
static const char *id_of(const char *sentence)
{
	static const struct {
		const char *word, *id;
	} rules[] = {
		{"info.caps", "D05"}, {"info.needs", "D06"},    {" need", "D06"},
		{"score_m", "D04"},   {"tolerance", "D04"},     {"component", "D04"},
		{"schema", "D07"},    {"info.size", "D01"},     {"info has ABI", "D01"},
		{"info.", "D03"},     {"open returned", "L01"}, {"refuses its configuration", "L01"},
		{"$", "L01"}};
	for (size_t i = 0; i < ASY_COUNT(rules); i++)
		if (strstr(sentence, rules[i].word) != NULL)
			return rules[i].id;
	return "D01";
}

static void schema_defaults(check *c)
{
	asy_buf out = {0};
	assay_err err = {0};
	assay_status st =
		asy_plugin_config(asy_span_str(c->about->config_schema), (assay_span){NULL, 0}, &out, &err);
	if (st == ASSAY_E_CONFIG)
		check_say(c, "D07", CHECK_NOTE, "the schema wants something from every operator: %s",
				  err.msg);
	else
		(void)check_result(c, "D07", CHECK_ERROR, st, &err,
						   "the schema is in the subset and its defaults satisfy it");
	asy_buf_fini(&out);
}

/* SPDX: names joined by AND, OR, WITH, in brackets at most. */
static bool is_spdx(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.+ ()");
	return n == strlen(s) && strcmp(s, "Proprietary") != 0;
}

bool check_descriptor(check *c)
{
	assay_err err = {0};
	c->seen = (check_seen){0};
	assay_status st = check_open(c, &(check_how){0}, &c->p, &err);
	if (st != ASSAY_OK) {
		check_say(c, id_of(err.msg), CHECK_ERROR, "%s", err.msg);
		return false;
	}
	const asy_plugin_about *a = c->about = asy_plugin_info(c->p);
	check_say(c, "D01", CHECK_OK, "ABI %" PRIu32 ".%" PRIu32, a->abi >> 16, a->abi & 0xffffu);
	if (is_spdx(a->licence))
		check_say(c, "D03", CHECK_OK, "%s %s by %s, %s", a->id, a->version, a->vendor, a->licence);
	else
		check_say(c, "D03", CHECK_WARNING, "the licence '%s' is no SPDX expression", a->licence);
	check_say(c, "D04", CHECK_OK, "scores from %g to %g, %" PRIu32 " components", a->score_min,
			  a->score_max, a->component_n);
	check_say(c, "D05", CHECK_OK, "caps 0x%" PRIx32 " agree with the functions", a->caps);
	check_say(c, "D06", CHECK_OK, "needs 0x%" PRIx32 " are all known", a->needs);
	schema_defaults(c);
	check_say(c, "L01", CHECK_OK, "opens, in a cage of %s", asy_plugin_cage(c->p));
	return true;
}

/* ---- configurations ---- */

typedef struct {
	char *text[DOCUMENTS_MAX];
	size_t n;
	bool is_cut;
} documents;

/* Takes doc, {"a":{"b":VALUE}} for the path a.b. */
static void keep(documents *d, const char *open, const char *close, const char *value)
{
	asy_buf b = {0};
	if (d->n == DOCUMENTS_MAX) {
		d->is_cut = true;
		return;
	}
	if (asy_buf_printf(&b, NULL, "%s%s%s", open, value, close) == ASSAY_OK &&
		asy_buf_cstr(&b) != NULL)
		d->text[d->n++] = (char *)b.ptr;
	else
		asy_buf_fini(&b);
}

static void keep_value(documents *d, const char *open, const char *close, asy_jv v)
{
	asy_buf b = {0};
	const char *text = NULL;
	if (!asy_jv_is_null(v) && asy_jv_canonical(v, &b, NULL) == ASSAY_OK)
		text = asy_buf_cstr(&b);
	if (text != NULL)
		keep(d, open, close, text);
	asy_buf_fini(&b);
}

/* Every value of enum and every bound of the properties below a schema. */
static void collect(documents *d, asy_jv schema, const char *open, const char *close, int depth)
{
	asy_jv properties = asy_jv_get(schema, "properties");
	for (size_t i = 0; i < asy_jv_size(properties) && depth < 4; i++) {
		char before[512], after[16];
		asy_jv p = asy_jv_value(properties, i), choices = asy_jv_get(p, "enum");
		const char *kind = NULL;
		size_t len;
		if ((size_t)snprintf(before, sizeof before, "%s{\"%s\":", open,
							 asy_jv_key(properties, i)) >= sizeof before)
			continue;
		(void)snprintf(after, sizeof after, "}%.14s", close);
		for (size_t k = 0; k < asy_jv_size(choices); k++)
			keep_value(d, before, after, asy_jv_at(choices, k));
		keep_value(d, before, after, asy_jv_get(p, "minimum"));
		keep_value(d, before, after, asy_jv_get(p, "maximum"));
		if (asy_jv_str(asy_jv_get(p, "type"), &kind, &len, NULL) == ASSAY_OK &&
			strcmp(kind, "boolean") == 0) {
			keep(d, before, after, "true");
			keep(d, before, after, "false");
		}
		collect(d, p, before, after, depth + 1);
	}
}

/* Long texts and large numbers, wherever the schema sets no bound. */
static void collect_absurd(documents *d, asy_jv schema)
{
	asy_jv properties = asy_jv_get(schema, "properties");
	char *text = malloc(ABSURD_LEN + 3);
	if (text == NULL)
		return;
	memset(text, '/', ABSURD_LEN + 2);
	text[0] = text[ABSURD_LEN + 1] = '"';
	text[ABSURD_LEN + 2] = '\0';
	for (size_t i = 0; i < asy_jv_size(properties); i++) {
		static const char *const numbers[] = {"1e308", "-1e308", "9007199254740993", "0"};
		char before[300];
		(void)snprintf(before, sizeof before, "{\"%.255s\":", asy_jv_key(properties, i));
		keep(d, before, "}", text);
		keep(d, before, "}", "\"\\u0000\\uffff\"");
		for (size_t k = 0; k < ASY_COUNT(numbers); k++)
			keep(d, before, "}", numbers[k]);
	}
	free(text);
}

/* The operator's configuration with the members of doc in their place. */
static bool is_allowed(const check *c, const char *doc)
{
	asy_buf out = {0};
	bool ok = asy_plugin_config(asy_span_str(c->about->config_schema), asy_span_str(doc), &out,
								NULL) == ASSAY_OK;
	asy_buf_fini(&out);
	return ok;
}

static void open_each(check *c, const char *id, const documents *d, check_level refused)
{
	size_t opened = 0, n = 0, refusals = 0;
	char what[200];
	for (size_t i = 0; i < d->n; i++) {
		asy_plugin *p = NULL;
		assay_err err = {0};
		if (!is_allowed(c, d->text[i]))
			continue;
		n++;
		c->seen = (check_seen){0};
		assay_status st = check_open(c, &(check_how){.config = d->text[i]}, &p, &err);
		asy_plugin_close(p);
		if (check_died(c, what) || strstr(err.msg, "signal") != NULL) {
			check_say(c, id, CHECK_ERROR, "dies of %.100s: %s", d->text[i], err.msg);
			return;
		}
		opened += st == ASSAY_OK;
		if (st != ASSAY_OK && refusals++ == 0)
			check_say(c, id, refused, "refuses %.100s, which its schema allows: %s", d->text[i],
					  err.msg);
	}
	if (refusals == 0 || refused == CHECK_NOTE)
		check_say(c, id, CHECK_OK, "%zu of %zu such configurations open, none kills%s", opened, n,
				  d->is_cut ? " (the first ones; there are more)" : "");
}

void check_config(check *c)
{
	documents bounds = {.n = 0}, absurd = {.n = 0};
	asy_json *schema = NULL;
	if (asy_json_parse(asy_span_str(c->about->config_schema), NULL, &schema, NULL) == ASSAY_OK) {
		collect(&bounds, asy_json_root(schema), "", "", 0);
		collect_absurd(&absurd, asy_json_root(schema));
	}
	open_each(c, "L02", &bounds, CHECK_WARNING);
	open_each(c, "L03", &absurd, CHECK_NOTE);
	for (size_t i = 0; i < bounds.n; i++)
		free(bounds.text[i]);
	for (size_t i = 0; i < absurd.n; i++)
		free(absurd.text[i]);
	asy_json_free(schema);
}
