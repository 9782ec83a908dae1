/* Reads a null-consensus input. Strict, like the reader of the other one: every key is
 * known and needed, every length agrees. The caller has bounded the document. */
#include <stdlib.h>
#include "research/null_input.h"

struct asy_null_owned {
	assay_yuma_null_input in;
	asy_arena *arena;
};

#define TRY(call)                                                                                  \
	do {                                                                                           \
		assay_status try_st = (call);                                                              \
		if (try_st != ASSAY_OK)                                                                    \
			return try_st;                                                                         \
	} while (0)

static const char *const KEYS[] = {
	"n",           "current_block",
	"reset_block", "activity_cutoff_factor_milli",
	"tempo",       "max_allowed_validators",
	"last_update", "block_at_registration",
	"alpha_stake", "tao_stake",
	"tao_weight",  "stake_threshold",
	"owner_uid",   "validator_permit",
	"scores",      "budget",
};

static assay_status check_keys(asy_jv v, assay_err *err)
{
	if (asy_jv_kind(v) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_FORMAT, "the input is not a JSON object");
	for (size_t i = 0; i < asy_jv_size(v); i++) {
		const char *key = asy_jv_key(v, i);
		char shown[80];
		size_t k = 0;
		while (k < ASY_COUNT(KEYS) && strcmp(key, KEYS[k]) != 0)
			k++;
		if (k < ASY_COUNT(KEYS))
			continue;
		asy_str_escape(shown, sizeof shown, asy_span_str(key));
		size_t near = asy_str_nearest(key, KEYS, ASY_COUNT(KEYS));
		if (near < ASY_COUNT(KEYS))
			return ASSAY_FAIL(err, E_FORMAT, "unknown key \"%s\", did you mean \"%s\"?", shown,
							  KEYS[near]);
		return ASSAY_FAIL(err, E_FORMAT, "unknown key \"%s\"", shown);
	}
	return asy_jv_need(v, KEYS, ASY_COUNT(KEYS),
					   "`assay yuma template --null` prints a complete input", err);
}

static assay_status get(asy_jv v, const char *key, uint64_t max, uint64_t *out, assay_err *err)
{
	uint64_t x = 0;
	TRY(asy_jv_u64(asy_jv_get(v, key), &x, err));
	if (x > max)
		return ASSAY_FAIL(err, E_RANGE, "%s: %" PRIu64 " is above %" PRIu64, key, x, max);
	*out = x;
	return ASSAY_OK;
}

static assay_status get_list(asy_jv v, const char *key, size_t n, asy_jv *out, assay_err *err)
{
	*out = asy_jv_get(v, key);
	if (asy_jv_kind(*out) != ASY_J_ARRAY)
		return ASSAY_FAIL(err, E_FORMAT, "%s: not a list", key);
	if (asy_jv_size(*out) != n)
		return ASSAY_FAIL(err, E_INPUT, "%s: %zu entries, n is %zu", key, asy_jv_size(*out), n);
	return ASSAY_OK;
}

static assay_status get_u64s(asy_null_owned *o, asy_jv v, const char *key, const uint64_t **out,
							 assay_err *err)
{
	asy_jv list;
	size_t n = o->in.n;
	TRY(get_list(v, key, n, &list, err));
	uint64_t *x = asy_arena_array(o->arena, n + 1, sizeof *x);
	if (x == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%s: %zu entries", key, n);
	for (size_t i = 0; i < n; i++)
		TRY(asy_jv_u64(asy_jv_at(list, i), &x[i], err));
	*out = x;
	return ASSAY_OK;
}

static assay_status get_permits(asy_null_owned *o, asy_jv v, assay_err *err)
{
	asy_jv list;
	size_t n = o->in.n;
	TRY(get_list(v, "validator_permit", n, &list, err));
	uint8_t *x = asy_arena_array(o->arena, n + 1, sizeof *x);
	if (x == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "validator_permit: %zu entries", n);
	for (size_t i = 0; i < n; i++) {
		bool bit = false;
		TRY(asy_jv_bool(asy_jv_at(list, i), &bit, err));
		x[i] = bit;
	}
	o->in.validator_permit = x;
	o->in.validator_permit_n = n;
	return ASSAY_OK;
}

/* ---- scores: the lengths first, so that rows may come in any order ---- */

static assay_status row_shape(asy_jv row, size_t at, uint16_t *uid, size_t *len, assay_err *err)
{
	asy_jv uids = asy_jv_at(row, 1), values = asy_jv_at(row, 2);
	if (asy_jv_kind(row) != ASY_J_ARRAY || asy_jv_size(row) != 3 ||
		asy_jv_kind(uids) != ASY_J_ARRAY || asy_jv_kind(values) != ASY_J_ARRAY)
		return ASSAY_FAIL(err, E_FORMAT, "scores[%zu]: not [uid, [uids], [values]]", at);
	if (asy_jv_size(uids) != asy_jv_size(values))
		return ASSAY_FAIL(err, E_INPUT, "scores[%zu]: %zu uids but %zu values", at,
						  asy_jv_size(uids), asy_jv_size(values));
	*len = asy_jv_size(uids);
	return asy_jv_u16(asy_jv_at(row, 0), uid, err);
}

static assay_status fill_row(asy_jv row, uint16_t *target, uint32_t *value, size_t len,
							 assay_err *err)
{
	for (size_t k = 0; k < len; k++) {
		uint64_t x = 0;
		TRY(asy_jv_u16(asy_jv_at(asy_jv_at(row, 1), k), &target[k], err));
		TRY(asy_jv_u64(asy_jv_at(asy_jv_at(row, 2), k), &x, err));
		if (x > UINT32_MAX)
			return ASSAY_FAIL(err, E_RANGE, "scores: %" PRIu64 " has more than 32 bits", x);
		value[k] = (uint32_t)x;
	}
	return ASSAY_OK;
}

static assay_status get_scores(asy_null_owned *o, asy_jv v, assay_err *err)
{
	asy_jv list = asy_jv_get(v, "scores");
	size_t listed = asy_jv_size(list), rows_n = 0, entries = 0, len = 0;
	uint16_t uid = 0;
	if (asy_jv_kind(list) != ASY_J_ARRAY)
		return ASSAY_FAIL(err, E_FORMAT, "scores: %s",
						  asy_jv_is_null(list) ? "missing" : "not a list");
	for (size_t i = 0; i < listed; i++) {
		TRY(row_shape(asy_jv_at(list, i), i, &uid, &len, err));
		rows_n = uid >= rows_n ? uid + (size_t)1 : rows_n;
		entries += len;
	}
	size_t *offset = asy_arena_array(o->arena, rows_n + 1, sizeof *offset);
	uint8_t *has = asy_arena_array(o->arena, rows_n + 1, sizeof *has);
	uint16_t *target = asy_arena_array(o->arena, entries + 1, sizeof *target);
	uint32_t *value = asy_arena_array(o->arena, entries + 1, sizeof *value);
	if (offset == NULL || has == NULL || target == NULL || value == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "scores: %zu entries", entries);
	for (size_t i = 0; i < listed; i++) {
		TRY(row_shape(asy_jv_at(list, i), i, &uid, &len, err));
		if (has[uid]++ != 0)
			return ASSAY_FAIL(err, E_INPUT, "scores[%zu]: a second row of uid %u", i, uid);
		offset[uid + (size_t)1] = len;
	}
	for (size_t i = 0; i < rows_n; i++)
		offset[i + 1] += offset[i];
	for (size_t i = 0; i < listed; i++) {
		TRY(row_shape(asy_jv_at(list, i), i, &uid, &len, err));
		TRY(fill_row(asy_jv_at(list, i), target + offset[uid], value + offset[uid], len, err));
	}
	o->in.scores = (assay_yuma_null_rows){offset, target, value, rows_n};
	return ASSAY_OK;
}

static assay_status read_all(asy_null_owned *o, asy_jv v, assay_err *err)
{
	assay_yuma_null_input *in = &o->in;
	uint64_t n = 0, milli = 0, tempo = 0, validators = 0;
	uint16_t owner = 0;
	TRY(check_keys(v, err));
	TRY(get(v, "n", ASSAY_YUMA_NULL_UIDS_MAX, &n, err));
	TRY(get(v, "current_block", UINT64_MAX, &in->current_block, err));
	TRY(get(v, "reset_block", UINT64_MAX, &in->reset_block, err));
	TRY(get(v, "activity_cutoff_factor_milli", UINT32_MAX, &milli, err));
	TRY(get(v, "tempo", UINT16_MAX, &tempo, err));
	TRY(get(v, "max_allowed_validators", UINT16_MAX, &validators, err));
	TRY(get(v, "tao_weight", UINT64_MAX, &in->tao_weight, err));
	TRY(get(v, "stake_threshold", UINT64_MAX, &in->stake_threshold, err));
	TRY(get(v, "budget", UINT64_MAX, &in->budget, err));
	in->n = (size_t)n;
	in->activity_cutoff_factor_milli = (uint32_t)milli;
	in->tempo = (uint16_t)tempo;
	in->max_allowed_validators = (uint16_t)validators;
	in->owner_uid = -1;
	if (!asy_jv_is_null(asy_jv_get(v, "owner_uid"))) {
		TRY(asy_jv_u16(asy_jv_get(v, "owner_uid"), &owner, err));
		in->owner_uid = owner;
	}
	TRY(get_u64s(o, v, "last_update", &in->last_update, err));
	TRY(get_u64s(o, v, "block_at_registration", &in->block_at_registration, err));
	TRY(get_u64s(o, v, "alpha_stake", &in->alpha_stake, err));
	TRY(get_u64s(o, v, "tao_stake", &in->tao_stake, err));
	TRY(get_permits(o, v, err));
	return get_scores(o, v, err);
}

assay_status asy_null_read(asy_jv v, asy_null_owned **out, assay_err *err)
{
	asy_null_owned *o = asy_calloc(1, sizeof *o);
	if (o == NULL || (o->arena = asy_arena_new(0)) == NULL) {
		free(o);
		return ASSAY_FAIL(err, E_NOMEM, "a null-consensus input");
	}
	o->in.cpu_mask = ASSAY_YUMA_CPU_AUTO;
	assay_status st = read_all(o, v, err);
	if (st == ASSAY_OK)
		*out = o;
	else
		asy_null_free(o);
	return st;
}

assay_yuma_null_input *asy_null_get(asy_null_owned *o)
{
	return &o->in;
}

void asy_null_free(asy_null_owned *o)
{
	if (o == NULL)
		return;
	asy_arena_free(o->arena);
	free(o);
}
