/* What a plugin may say of itself: bounds, spelling and grants, and the flat form
 * that carries it from the worker to the host. The host decodes with the same
 * checks, because a worker may lie. Refuses rather than repairs. */
#include <math.h>
#include "codec/codec.h"
#include "plugin/contract.h"

#define KNOWN_NEEDS ((uint32_t)(ASSAY_NEED_INEXACT << 1) - 1u)

static const char *const need_names[] = {"whole_batch", "state", "identity", "cache", "inexact"};

bool asy_utf8_is_valid(assay_span s)
{
	for (size_t i = 0; i < s.len;) {
		uint8_t c = s.ptr[i++];
		if (c < 0x80)
			continue;
		unsigned more = c >= 0xf0 ? 3u : c >= 0xe0 ? 2u : 1u;
		if (c < 0xc2 || c > 0xf4 || s.len - i < more)
			return false;
		uint8_t d = s.ptr[i];
		/* overlong forms, surrogates and values beyond U+10FFFF show in the second byte */
		if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) || (c == 0xf0 && d < 0x90) ||
			(c == 0xf4 && d > 0x8f))
			return false;
		for (; more > 0; more--, i++)
			if ((s.ptr[i] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static assay_status check_text(const char *field, const char *s, size_t max, bool lines,
							   assay_err *err)
{
	if (s == NULL)
		return ASSAY_FAIL(err, E_PLUGIN, "info.%s is missing", field);
	size_t len = strnlen(s, max + 1);
	if (len > max)
		return ASSAY_FAIL(err, E_PLUGIN, "info.%s is longer than %zu bytes", field, max);
	if (len == 0)
		return ASSAY_FAIL(err, E_PLUGIN, "info.%s is empty", field);
	if (!asy_utf8_is_valid(asy_span(s, len)))
		return ASSAY_FAIL(err, E_PLUGIN, "info.%s is not UTF-8", field);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if ((c < 0x20 && !(lines && (c == '\n' || c == '\t' || c == '\r'))) || c == 0x7f)
			return ASSAY_FAIL(err, E_PLUGIN, "info.%s has control byte 0x%02x at %zu", field, c, i);
	}
	return ASSAY_OK;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static bool is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}

/* "org.example.length": two or more labels of [a-z0-9-], no dash at an end. */
static bool is_reverse_dns(const char *s)
{
	size_t labels = 0;
	for (;;) {
		const char *start = s;
		while (is_label_char(*s))
			s++;
		if (s == start || *start == '-' || s[-1] == '-')
			return false;
		labels++;
		if (*s == '\0')
			return labels >= 2;
		if (*s++ != '.')
			return false;
	}
}

/* One number without leading zero; NULL when there is none. */
static const char *semver_number(const char *s)
{
	if (!is_digit(*s) || (*s == '0' && is_digit(s[1])))
		return NULL;
	while (is_digit(*s))
		s++;
	return s;
}

/* Dot-separated identifiers of a pre-release or build part. */
static const char *semver_tail(const char *s, bool numbers_strict)
{
	for (;;) {
		const char *start = s;
		bool digits = true;
		while (is_digit(*s) || (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '-')
			digits = is_digit(*s++) && digits;
		if (s == start || (numbers_strict && digits && *start == '0' && s - start > 1))
			return NULL;
		if (*s != '.')
			return s;
		s++;
	}
}

static bool is_semver(const char *s)
{
	for (int i = 0; i < 3; i++) {
		s = semver_number(s);
		if (s == NULL || (i < 2 && *s++ != '.'))
			return false;
	}
	if (*s == '-')
		s = semver_tail(s + 1, true);
	if (s != NULL && *s == '+')
		s = semver_tail(s + 1, false);
	return s != NULL && *s == '\0';
}

static assay_status check_range(const assay_plugin_info *i, assay_err *err)
{
	if (!isfinite(i->score_min) || !isfinite(i->score_max) || !(i->score_min < i->score_max) ||
		!isfinite(i->score_max - i->score_min))
		return ASSAY_FAIL(
			err, E_PLUGIN,
			"info.score_min %g and score_max %g are not a finite range with min < max",
			i->score_min, i->score_max);
	if (!isfinite(i->tolerance) || i->tolerance < 0)
		return ASSAY_FAIL(err, E_PLUGIN, "info.tolerance %g is not a finite number >= 0",
						  i->tolerance);
	return ASSAY_OK;
}

static assay_status check_components(const assay_plugin_info *i, assay_err *err)
{
	if (i->component_n > ASY_INFO_COMPONENTS_MAX)
		return ASSAY_FAIL(err, E_PLUGIN, "info.component_n is %" PRIu32 ", limit %u",
						  i->component_n, ASY_INFO_COMPONENTS_MAX);
	if (i->component_n != 0 && i->component_name == NULL)
		return ASSAY_FAIL(err, E_PLUGIN, "info.component_name is missing");
	for (uint32_t k = 0; k < i->component_n; k++) {
		assay_status st = check_text("component_name", i->component_name[k], 64, false, err);
		if (st != ASSAY_OK)
			return st;
		for (uint32_t j = 0; j < k; j++)
			if (strcmp(i->component_name[j], i->component_name[k]) == 0)
				return ASSAY_FAIL(err, E_PLUGIN, "component name \"%s\" appears twice",
								  i->component_name[k]);
	}
	return ASSAY_OK;
}

static assay_status check_needs(uint32_t needs, assay_err *err)
{
	for (uint32_t bit = 0; bit < 32; bit++)
		if ((needs & ~KNOWN_NEEDS) >> bit & 1u)
			return ASSAY_FAIL(err, E_UNSUPPORTED,
							  "info.needs has bit %" PRIu32 ", which this host does not know: a "
							  "newer Assay is needed",
							  bit);
	return ASSAY_OK;
}

assay_status asy_info_check(const assay_plugin_info *i, assay_err *err)
{
	const struct {
		const char *field, *text;
		size_t max;
	} texts[] = {{"id", i->id, 128},
				 {"version", i->version, 64},
				 {"name", i->name, 128},
				 {"summary", i->summary, 512},
				 {"licence", i->licence, 128},
				 {"vendor", i->vendor, 128},
				 {"task_kind", i->task_kind, 32}};

	assay_status st = check_needs(i->needs, err);
	for (size_t k = 0; st == ASSAY_OK && k < ASY_COUNT(texts); k++)
		st = check_text(texts[k].field, texts[k].text, texts[k].max, false, err);
	if (st == ASSAY_OK && !is_reverse_dns(i->id))
		st = ASSAY_FAIL(err, E_PLUGIN, "info.id \"%s\" is not reverse-DNS like org.example.name",
						i->id);
	if (st == ASSAY_OK && !is_semver(i->version))
		st = ASSAY_FAIL(err, E_PLUGIN, "info.version \"%s\" is not a semantic version like 1.0.0",
						i->version);
	if (st == ASSAY_OK)
		st = check_range(i, err);
	if (st == ASSAY_OK)
		st = check_components(i, err);
	if (st == ASSAY_OK && i->config_schema != NULL)
		st = check_text("config_schema", i->config_schema, ASY_INFO_SCHEMA_MAX, true, err);
	return st;
}

/* ---- flat form ---- */

/* Absent schema: the plugin has no options. */
#define NO_OPTIONS "{\"type\":\"object\",\"additionalProperties\":false}"

static void put_text(asy_scale_w *w, const char *s)
{
	asy_scale_put_bytes(w, s, strlen(s));
}

static void put_f64(asy_scale_w *w, double d)
{
	uint64_t bits;
	memcpy(&bits, &d, sizeof bits);
	asy_scale_put_u64(w, bits);
}

assay_status asy_info_encode(const assay_plugin_info *i, asy_buf *out, assay_err *err)
{
	asy_scale_w w = asy_scale_out(out);
	const char *const texts[] = {i->id,      i->version, i->name,     i->summary,
								 i->licence, i->vendor,  i->task_kind};

	for (size_t k = 0; k < ASY_COUNT(texts); k++)
		put_text(&w, texts[k]);
	put_text(&w, i->config_schema != NULL ? i->config_schema : NO_OPTIONS);
	asy_scale_put_u32(&w, i->component_n);
	for (uint32_t k = 0; k < i->component_n; k++)
		put_text(&w, i->component_name[k]);
	asy_scale_put_u32(&w, i->abi);
	asy_scale_put_u32(&w, i->caps);
	asy_scale_put_u32(&w, i->needs);
	asy_scale_put_u32(&w, i->higher_is_better != 0);
	put_f64(&w, i->score_min);
	put_f64(&w, i->score_max);
	put_f64(&w, i->tolerance);
	asy_scale_put_u64(&w, i->mem_hint);
	asy_scale_put_u32(&w, i->ms_hint);
	asy_scale_put_u32(&w, i->max_batch);
	return asy_scale_out_end(&w, err);
}

static assay_status get_text(asy_scale *s, asy_arena *arena, const char **out, assay_err *err)
{
	assay_span raw;
	assay_status st = asy_scale_bytes(s, ASY_INFO_SCHEMA_MAX, &raw, err);
	if (st != ASSAY_OK)
		return st;
	if (raw.len != 0 && memchr(raw.ptr, 0, raw.len) != NULL)
		return ASSAY_FAIL(err, E_FORMAT, "a text holds a NUL");
	char *copy = asy_arena_take(arena, raw.len + 1, 1);
	if (copy == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "plugin description");
	if (raw.len != 0)
		memcpy(copy, raw.ptr, raw.len);
	*out = copy;
	return ASSAY_OK;
}

static assay_status get_f64(asy_scale *s, double *out, assay_err *err)
{
	uint64_t bits;
	assay_status st = asy_scale_u64(s, &bits, err);
	if (st == ASSAY_OK)
		memcpy(out, &bits, sizeof *out);
	return st;
}

static assay_status get_components(asy_scale *s, asy_arena *arena, assay_plugin_info *i,
								   assay_err *err)
{
	assay_status st = asy_scale_u32(s, &i->component_n, err);
	if (st != ASSAY_OK)
		return st;
	if (i->component_n > ASY_INFO_COMPONENTS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%" PRIu32 " components, limit %u", i->component_n,
						  ASY_INFO_COMPONENTS_MAX);
	const char **names = asy_arena_array(arena, i->component_n + 1u, sizeof *names);
	if (names == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "component names");
	for (uint32_t k = 0; st == ASSAY_OK && k < i->component_n; k++)
		st = get_text(s, arena, &names[k], err);
	i->component_name = names;
	return st;
}

static assay_status get_numbers(asy_scale *s, assay_plugin_info *i, assay_err *err)
{
	uint32_t *const u32s[] = {&i->abi, &i->caps, &i->needs, &i->higher_is_better};
	double *const f64s[] = {&i->score_min, &i->score_max, &i->tolerance};
	assay_status st = ASSAY_OK;

	for (size_t k = 0; st == ASSAY_OK && k < ASY_COUNT(u32s); k++)
		st = asy_scale_u32(s, u32s[k], err);
	for (size_t k = 0; st == ASSAY_OK && k < ASY_COUNT(f64s); k++)
		st = get_f64(s, f64s[k], err);
	if (st == ASSAY_OK)
		st = asy_scale_u64(s, &i->mem_hint, err);
	if (st == ASSAY_OK)
		st = asy_scale_u32(s, &i->ms_hint, err);
	if (st == ASSAY_OK)
		st = asy_scale_u32(s, &i->max_batch, err);
	return st;
}

assay_status asy_info_decode(assay_span blob, asy_arena *arena, asy_plugin_about *out,
							 assay_err *err)
{
	asy_scale s = asy_scale_in(blob);
	assay_plugin_info i = {.size = sizeof i};
	const char **const texts[] = {&i.id,      &i.version, &i.name,      &i.summary,
								  &i.licence, &i.vendor,  &i.task_kind, &i.config_schema};
	assay_status st = ASSAY_OK;

	for (size_t k = 0; st == ASSAY_OK && k < ASY_COUNT(texts); k++)
		st = get_text(&s, arena, texts[k], err);
	if (st == ASSAY_OK)
		st = get_components(&s, arena, &i, err);
	if (st == ASSAY_OK)
		st = get_numbers(&s, &i, err);
	if (st == ASSAY_OK)
		st = asy_scale_end(&s, err);
	if (st == ASSAY_OK)
		st = asy_info_check(&i, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "description of the plugin");
	*out = (asy_plugin_about){
		.id = i.id,
		.version = i.version,
		.name = i.name,
		.summary = i.summary,
		.licence = i.licence,
		.vendor = i.vendor,
		.task_kind = i.task_kind,
		.abi = i.abi,
		.caps = i.caps,
		.needs = i.needs,
		.score_min = i.score_min,
		.score_max = i.score_max,
		.tolerance = i.tolerance,
		.higher_is_better = i.higher_is_better != 0,
		.makes_challenges = (i.caps & ASSAY_CAP_CHALLENGES) != 0,
		.component_n = i.component_n,
		.component_name = i.component_name,
		.config_schema = i.config_schema,
		.mem_hint = i.mem_hint,
		.ms_hint = i.ms_hint,
		.max_batch = i.max_batch,
	};
	return ASSAY_OK;
}

assay_status asy_info_grant(const asy_plugin_about *a, uint32_t grant, const char *cache_dir,
							assay_err *err)
{
	for (uint32_t k = 0; k < ASY_COUNT(need_names); k++) {
		uint32_t bit = 1u << k;
		if ((a->needs & bit) == 0)
			continue;
		if ((grant & bit) == 0)
			return ASSAY_FAIL(err, E_REFUSED,
							  "%s needs \"%s\", which is not granted: add it to the plugin's "
							  "grants if you accept it",
							  a->id, need_names[k]);
		if (bit == ASSAY_NEED_CACHE && cache_dir == NULL)
			return ASSAY_FAIL(err, E_CONFIG, "%s needs \"cache\" but no cache directory is set",
							  a->id);
	}
	return ASSAY_OK;
}
