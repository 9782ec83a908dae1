/* Inputs and results of `assay yuma`, for all its subcommands. */
#include "cli/yuma_file.h"

assay_status yuma_json(const char *file, asy_json **out, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = YUMA_FILE_MAX, .max_values = (size_t)256 << 20};
	asy_buf text = {0};
	assay_status st = asy_front_read_file(file, YUMA_FILE_MAX, &text, err);
	if (st == ASSAY_OK) {
		st = asy_json_parse(asy_buf_span(&text), &limits, out, err);
		if (st != ASSAY_OK)
			st = assay_err_at(err, st, "%s", file);
	}
	asy_buf_fini(&text);
	return st;
}

/* The input object inside whatever of the three forms root is. */
static assay_status find_input(asy_jv root, const char *name, asy_jv *out, assay_err *err)
{
	asy_jv cases = asy_jv_get(root, "cases");
	if (asy_jv_kind(cases) != ASY_J_ARRAY) {
		asy_jv input = asy_jv_get(root, "input");
		*out = asy_jv_is_null(input) ? root : input;
		return ASSAY_OK;
	}
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		const char *is;
		if (name == NULL || (asy_jv_str(asy_jv_get(c, "name"), &is, NULL, NULL) == ASSAY_OK &&
							 strcmp(is, name) == 0)) {
			*out = asy_jv_get(c, "input");
			return ASSAY_OK;
		}
	}
	return ASSAY_FAIL(err, E_NOTFOUND, "no case named '%s' in this file", name != NULL ? name : "");
}

assay_status yuma_input(const char *file, const char *name, uint64_t cpu_mask, asy_yuma_owned **out,
						assay_err *err)
{
	asy_json *doc = NULL;
	asy_yuma_owned *owned = NULL;
	asy_jv input;
	assay_status st = yuma_json(file, &doc, err);
	if (st != ASSAY_OK)
		return st;
	st = find_input(asy_json_root(doc), name, &input, err);
	if (st == ASSAY_OK)
		st = asy_yuma_input_read(input, &owned, err);
	asy_json_free(doc);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "%s", file);
	asy_yuma_input_get(owned)->cpu_mask = cpu_mask;
	*out = owned;
	return ASSAY_OK;
}

/* One more than n, so that an empty subnet still has arrays. */
#define TAKE(a, n, ptr) ((ptr) = asy_arena_array((a), (n) + 1, sizeof *(ptr)))

assay_status yuma_result_new(size_t n, yuma_result *r, assay_err *err)
{
	*r = (yuma_result){.n = n, .arena = asy_arena_new(0)};
	asy_arena *a = r->arena;
	if (a == NULL || !TAKE(a, n, r->active) || !TAKE(a, n, r->permit) ||
		!TAKE(a, n, r->stake_weight) || !TAKE(a, n, r->consensus) ||
		!TAKE(a, n, r->validator_trust) || !TAKE(a, n, r->incentive) || !TAKE(a, n, r->dividends) ||
		!TAKE(a, n, r->emission))
		return ASSAY_FAIL(err, E_NOMEM, "an epoch over %zu neurons", n);
	return ASSAY_OK;
}

assay_yuma_out yuma_result_out(const yuma_result *r)
{
	return (assay_yuma_out){
		.active = r->active,
		.validator_permit = r->permit,
		.stake_weight = r->stake_weight,
		.consensus = r->consensus,
		.validator_trust = r->validator_trust,
		.incentive = r->incentive,
		.dividends = r->dividends,
		.emission = r->emission,
	};
}

assay_status yuma_result_run(const assay_yuma_input *in, yuma_result *r, assay_err *err)
{
	assay_status st = assay_yuma_check(in, err);
	if (st == ASSAY_OK)
		st = yuma_result_new(in->n, r, err);
	if (st != ASSAY_OK)
		return st;
	size_t need = assay_yuma_scratch_len(in);
	uint8_t *scratch = asy_arena_take(r->arena, need, 64);
	if (scratch == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "scratch of %zu bytes", need);
	assay_yuma_out out = yuma_result_out(r);
	return assay_yuma_epoch(in, (assay_mut){scratch, need}, &out, err);
}

void yuma_result_fini(yuma_result *r)
{
	asy_arena_free(r->arena);
}

void yuma_result_json(asy_jw *w, const yuma_result *r)
{
	yuma_put_u8s(w, "active", r->active, r->n);
	yuma_put_u8s(w, "validator_permit", r->permit, r->n);
	yuma_put_u16s(w, "stake_weight", r->stake_weight, r->n);
	yuma_put_u16s(w, "consensus", r->consensus, r->n);
	yuma_put_u16s(w, "validator_trust", r->validator_trust, r->n);
	yuma_put_u16s(w, "incentive", r->incentive, r->n);
	yuma_put_u16s(w, "dividends", r->dividends, r->n);
	yuma_put_u64s(w, "emission", r->emission, r->n);
}

bool yuma_pair(const char *text, uint64_t *uid, uint64_t *value)
{
	char left[24];
	const char *eq = strchr(text, '=');
	size_t len = eq == NULL ? sizeof left : (size_t)(eq - text);
	if (len >= sizeof left)
		return false;
	memcpy(left, text, len);
	left[len] = '\0';
	return asy_str_u64(left, uid) && asy_str_u64(eq + 1, value);
}

void yuma_put_u16s(asy_jw *w, const char *key, const uint16_t *v, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}

void yuma_put_u8s(asy_jw *w, const char *key, const uint8_t *v, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}

void yuma_put_u64s(asy_jw *w, const char *key, const uint64_t *v, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}
