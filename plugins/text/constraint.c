/* The only file of the plugin that knows PCRE2. No callouts, no \C, no JIT: the limits hold. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/constraint.h"
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT = 2000 }; /* heap in KiB */

struct txt_pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *data;
};

txt_pattern *txt_pattern_new(assay_bytes pattern, unsigned options, int *code, size_t *at)
{
	static const uint32_t bits[] = {PCRE2_CASELESS, PCRE2_MULTILINE, PCRE2_DOTALL, PCRE2_ANCHORED,
									PCRE2_ENDANCHORED};
	uint32_t flags = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_SIZE offset = 0;
	txt_pattern *p = calloc(1, sizeof *p);
	for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
		if ((options & 1u << i) != 0)
			flags |= bits[i];
	*code = 0;
	*at = 0;
	if (p == NULL)
		return NULL;
	p->code = pcre2_compile(pattern.len == 0 ? (PCRE2_SPTR) "" : pattern.ptr, (size_t)pattern.len,
							flags, code, &offset, NULL);
	*at = offset;
	p->limits = pcre2_match_context_create(NULL);
	p->data = p->code == NULL ? NULL : pcre2_match_data_create_from_pattern(p->code, NULL);
	if (p->code == NULL || p->limits == NULL || p->data == NULL) {
		txt_pattern_free(p);
		return NULL;
	}
	(void)pcre2_set_match_limit(p->limits, MATCH_LIMIT);
	(void)pcre2_set_depth_limit(p->limits, DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(p->limits, HEAP_LIMIT);
	return p;
}

void txt_pattern_free(txt_pattern *p)
{
	if (p == NULL)
		return;
	pcre2_match_data_free(p->data);
	pcre2_match_context_free(p->limits);
	pcre2_code_free(p->code);
	free(p);
}

txt_match txt_pattern_match(const txt_pattern *p, assay_bytes subject, int *rc, size_t *start,
							size_t *end)
{
	int r = pcre2_match(p->code, subject.len == 0 ? (PCRE2_SPTR) "" : subject.ptr,
						(size_t)subject.len, 0, 0, p->data, p->limits);
	if (rc != NULL)
		*rc = r;
	if (r > 0) {
		const PCRE2_SIZE *v = pcre2_get_ovector_pointer(p->data);
		*start = v[0];
		*end = v[1];
		return TXT_P_YES;
	}
	if (r == PCRE2_ERROR_NOMATCH)
		return TXT_P_NO;
	if (r <= PCRE2_ERROR_UTF8_ERR1 && r >= PCRE2_ERROR_UTF8_ERR21)
		return TXT_P_NOT_UTF8;
	return TXT_P_UNDECIDED;
}

static void read_list(plg_config *c, const char *name, txt_pattern **out, size_t *n)
{
	const plg_json *list = plg_json_get(plg_json_get(c->root, "constraints"), name);
	size_t count = plg_json_type(list) == PLG_J_ARRAY ? plg_json_size(list) : 0;
	if (count > TXT_CONSTRAINTS_MAX) {
		plg_config_fail(c, "constraints.%s: more than %d patterns", name, TXT_CONSTRAINTS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		assay_bytes s;
		int code;
		size_t at;
		if (!plg_json_str(plg_json_at(list, i), &s) || s.len > 4096) {
			plg_config_fail(c, "constraints.%s[%zu]: not a string of at most 4096 bytes", name, i);
			return;
		}
		out[*n] = txt_pattern_new(s, 0, &code, &at);
		if (out[*n] == NULL) {
			char why[96] = "";
			(void)pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
			plg_config_fail(c, "constraints.%s[%zu]: at byte %zu: %s", name, i, at, why);
			return;
		}
		(*n)++;
	}
}

void txt_constraints_read(plg_config *c, txt_constraints *out)
{
	*out = (txt_constraints){.must_n = 0};
	read_list(c, "must_match", out->must, &out->must_n);
	read_list(c, "must_not_match", out->must_not, &out->must_not_n);
}

void txt_constraints_free(txt_constraints *c)
{
	for (size_t i = 0; i < c->must_n; i++)
		txt_pattern_free(c->must[i]);
	for (size_t i = 0; i < c->must_not_n; i++)
		txt_pattern_free(c->must_not[i]);
	*c = (txt_constraints){.must_n = 0};
}

size_t txt_constraints_failed(const txt_constraints *c, assay_bytes text, size_t *limits)
{
	size_t failed = 0, from, to;
	*limits = 0;
	for (size_t i = 0; i < c->must_n; i++) {
		txt_match m = txt_pattern_match(c->must[i], text, NULL, &from, &to);
		failed += m != TXT_P_YES;
		*limits += m == TXT_P_UNDECIDED;
	}
	for (size_t i = 0; i < c->must_not_n; i++) {
		txt_match m = txt_pattern_match(c->must_not[i], text, NULL, &from, &to);
		failed += m != TXT_P_NO;
		*limits += m == TXT_P_UNDECIDED;
	}
	return failed;
}
