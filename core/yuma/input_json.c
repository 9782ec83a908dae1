/* Reads one epoch's input from JSON: the schema of the published vectors, which is
 * also what `assay yuma` takes. Strict: every key is known, every length agrees,
 * integers are integers, and an error names the path. Sizes are bounded by the
 * document, which the caller has already bounded. */
#include <stdlib.h>
#include "yuma/yuma.h"

struct asy_yuma_owned {
	assay_yuma_input in;
	asy_arena *arena;
};

/* The last two may be left out. */
#define OPTIONAL 4
static const char *const KEYS[] = {
	"n",
	"current_block",
	"tempo",
	"activity_cutoff_factor_milli",
	"last_mechanism_step_block",
	"last_update",
	"block_at_registration",
	"alpha_stake",
	"tao_stake",
	"tao_weight",
	"stake_threshold",
	"owner_uid",
	"validator_permit",
	"max_allowed_validators",
	"kappa",
	"bonds_penalty",
	"bonds_moving_average",
	"yuma3",
	"liquid_alpha",
	"alpha_low",
	"alpha_high",
	"alpha_sigmoid_steepness",
	"weights",
	"bonds",
	"rao_emission",
	"activity_cutoff_blocks",
	"commit_reveal",
	"liquid_alpha_consensus_mode",
	"previous_consensus",
};

/* The member, or an error that says which one is missing. */
static assay_status member(asy_jv v, const char *key, asy_jv *out, assay_err *err)
{
	asy_jv m = asy_jv_get(v, key);
	if (asy_jv_kind(m) == ASY_J_ABSENT) {
		char path[160];
		asy_jv_path(v, path, sizeof path);
		return ASSAY_FAIL(err, E_FORMAT, "%s%s%s: missing", path, path[0] == '\0' ? "" : ".", key);
	}
	*out = m;
	return ASSAY_OK;
}

static assay_status array(asy_jv v, const char *key, asy_jv *out, assay_err *err)
{
	assay_status st = member(v, key, out, err);
	if (st == ASSAY_OK && asy_jv_kind(*out) != ASY_J_ARRAY)
		st = ASSAY_FAIL(err, E_FORMAT, "%s: not an array", key);
	return st;
}

static assay_status get_u64(asy_jv v, const char *key, uint64_t max, uint64_t *out, assay_err *err)
{
	asy_jv m;
	uint64_t x = 0;
	assay_status st = member(v, key, &m, err);
	if (st == ASSAY_OK)
		st = asy_jv_u64(m, &x, err);
	if (st == ASSAY_OK && x > max)
		st = ASSAY_FAIL(err, E_RANGE, "%s: %" PRIu64 " is above %" PRIu64, key, x, max);
	if (st == ASSAY_OK)
		*out = x;
	return st;
}

static assay_status get_u16(asy_jv v, const char *key, uint16_t *out, assay_err *err)
{
	uint64_t x = 0;
	assay_status st = get_u64(v, key, UINT16_MAX, &x, err);
	if (st == ASSAY_OK)
		*out = (uint16_t)x;
	return st;
}

static assay_status get_bool(asy_jv v, const char *key, bool *out, assay_err *err)
{
	asy_jv m;
	assay_status st = member(v, key, &m, err);
	return st == ASSAY_OK ? asy_jv_bool(m, out, err) : st;
}

/* An array of u64; want SIZE_MAX = any length. */
static assay_status get_u64s(asy_arena *a, asy_jv v, const char *key, size_t want,
							 const uint64_t **out, size_t *out_n, assay_err *err)
{
	asy_jv list;
	assay_status st = array(v, key, &list, err);
	if (st != ASSAY_OK)
		return st;
	size_t n = asy_jv_size(list);
	if (want != SIZE_MAX && n != want)
		return ASSAY_FAIL(err, E_INPUT, "%s: %zu entries, n is %zu", key, n, want);
	uint64_t *x = asy_arena_array(a, n == 0 ? 1 : n, sizeof *x);
	if (x == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%s: %zu entries", key, n);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		st = asy_jv_u64(asy_jv_at(list, i), &x[i], err);
	*out = x;
	if (out_n != NULL)
		*out_n = n;
	return st;
}

static assay_status get_u16s(asy_arena *a, asy_jv v, const char *key, const uint16_t **out,
							 size_t *out_n, assay_err *err)
{
	asy_jv list;
	assay_status st = array(v, key, &list, err);
	if (st != ASSAY_OK)
		return st;
	size_t n = asy_jv_size(list);
	uint16_t *x = asy_arena_array(a, n == 0 ? 1 : n, sizeof *x);
	if (x == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%s: %zu entries", key, n);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		st = asy_jv_u16(asy_jv_at(list, i), &x[i], err);
	*out = x;
	*out_n = n;
	return st;
}

static assay_status get_bits(asy_arena *a, asy_jv v, const char *key, const uint8_t **out,
							 size_t *out_n, assay_err *err)
{
	asy_jv list;
	assay_status st = array(v, key, &list, err);
	if (st != ASSAY_OK)
		return st;
	size_t n = asy_jv_size(list);
	uint8_t *x = asy_arena_array(a, n == 0 ? 1 : n, sizeof *x);
	if (x == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%s: %zu entries", key, n);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		bool bit = false;
		st = asy_jv_bool(asy_jv_at(list, i), &bit, err);
		x[i] = bit;
	}
	*out = x;
	*out_n = n;
	return st;
}

/* One listed row: [uid, [targets], [values]]. */
static assay_status row_shape(asy_jv row, const char *key, size_t at, uint16_t *uid, size_t *len,
							  assay_err *err)
{
	assay_status st = ASSAY_OK;
	if (asy_jv_kind(row) != ASY_J_ARRAY || asy_jv_size(row) != 3)
		return ASSAY_FAIL(err, E_FORMAT, "%s[%zu]: not [uid, [uids], [values]]", key, at);
	st = asy_jv_u16(asy_jv_at(row, 0), uid, err);
	if (st != ASSAY_OK)
		return st;
	asy_jv uids = asy_jv_at(row, 1), values = asy_jv_at(row, 2);
	if (asy_jv_kind(uids) != ASY_J_ARRAY || asy_jv_kind(values) != ASY_J_ARRAY)
		return ASSAY_FAIL(err, E_FORMAT, "%s[%zu]: not [uid, [uids], [values]]", key, at);
	if (asy_jv_size(uids) != asy_jv_size(values))
		return ASSAY_FAIL(err, E_INPUT, "%s[%zu]: %zu uids but %zu values", key, at,
						  asy_jv_size(uids), asy_jv_size(values));
	*len = asy_jv_size(uids);
	return ASSAY_OK;
}

static assay_status get_rows(asy_arena *a, asy_jv v, const char *key, assay_yuma_rows *out,
							 assay_err *err)
{
	asy_jv list;
	assay_status st = array(v, key, &list, err);
	if (st != ASSAY_OK)
		return st;
	/* first the lengths by uid, so that rows may come in any order */
	size_t listed = asy_jv_size(list), rows_n = 0, entries = 0, len = 0;
	uint16_t uid = 0;
	for (size_t i = 0; i < listed; i++) {
		st = row_shape(asy_jv_at(list, i), key, i, &uid, &len, err);
		if (st != ASSAY_OK)
			return st;
		rows_n = (size_t)uid + 1 > rows_n ? (size_t)uid + 1 : rows_n;
		entries += len;
	}
	size_t *offset = asy_arena_array(a, rows_n + 1, sizeof *offset);
	uint8_t *has = asy_arena_array(a, rows_n + 1, sizeof *has);
	uint16_t *target = asy_arena_array(a, entries + 1, sizeof *target);
	uint16_t *value = asy_arena_array(a, entries + 1, sizeof *value);
	if (offset == NULL || has == NULL || target == NULL || value == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%s: %zu entries", key, entries);
	for (size_t i = 0; i < listed && st == ASSAY_OK; i++) {
		st = row_shape(asy_jv_at(list, i), key, i, &uid, &len, err);
		if (st == ASSAY_OK && has[uid])
			st = ASSAY_FAIL(err, E_INPUT, "%s[%zu]: a second row of uid %u", key, i, (unsigned)uid);
		has[uid] = 1;
		offset[uid + 1u] = len;
	}
	for (size_t i = 0; i < rows_n; i++)
		offset[i + 1] += offset[i];
	for (size_t i = 0; i < listed && st == ASSAY_OK; i++) {
		asy_jv row = asy_jv_at(list, i);
		st = row_shape(row, key, i, &uid, &len, err);
		for (size_t k = 0; k < len && st == ASSAY_OK; k++) {
			st = asy_jv_u16(asy_jv_at(asy_jv_at(row, 1), k), &target[offset[uid] + k], err);
			if (st == ASSAY_OK)
				st = asy_jv_u16(asy_jv_at(asy_jv_at(row, 2), k), &value[offset[uid] + k], err);
		}
	}
	*out = (assay_yuma_rows){offset, target, value, rows_n};
	return st;
}

/* [a, b] of two integers. */
static assay_status get_pair(asy_jv v, uint64_t *a, uint64_t *b, assay_err *err)
{
	if (asy_jv_kind(v) != ASY_J_ARRAY || asy_jv_size(v) != 2) {
		char path[160];
		asy_jv_path(v, path, sizeof path);
		return ASSAY_FAIL(err, E_FORMAT, "%s: not a pair", path);
	}
	assay_status st = asy_jv_u64(asy_jv_at(v, 0), a, err);
	return st == ASSAY_OK ? asy_jv_u64(asy_jv_at(v, 1), b, err) : st;
}

/* v2: [uid, [[epoch, block] ..]] in queue order; v4: [epoch, [[uid, block] ..]]. */
static assay_status get_commits(asy_jv list, bool timelock, assay_yuma_commit *out, size_t *at,
								assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < asy_jv_size(list) && st == ASSAY_OK; i++) {
		asy_jv group = asy_jv_at(list, i);
		uint64_t first = 0, a = 0, b = 0;
		if (asy_jv_kind(group) != ASY_J_ARRAY || asy_jv_size(group) != 2 ||
			asy_jv_kind(asy_jv_at(group, 1)) != ASY_J_ARRAY)
			return ASSAY_FAIL(err, E_FORMAT, "commit_reveal.%s[%zu]: not [%s, [pairs]]",
							  timelock ? "v4" : "v2", i, timelock ? "epoch" : "uid");
		st = asy_jv_u64(asy_jv_at(group, 0), &first, err);
		asy_jv pairs = asy_jv_at(group, 1);
		for (size_t k = 0; k < asy_jv_size(pairs) && st == ASSAY_OK; k++) {
			st = get_pair(asy_jv_at(pairs, k), &a, &b, err);
			uint64_t uid = timelock ? a : first;
			if (st == ASSAY_OK && uid > UINT16_MAX)
				st = ASSAY_FAIL(err, E_RANGE, "commit_reveal.%s[%zu]: %" PRIu64 " is not a uid",
								timelock ? "v4" : "v2", i, uid);
			if (st == ASSAY_OK && out != NULL)
				out[*at] = (assay_yuma_commit){.uid = (uint16_t)uid,
											   .timelock = timelock,
											   .epoch = timelock ? first : a,
											   .block = b};
			*at += st == ASSAY_OK;
		}
	}
	return st;
}

static assay_status get_commit_reveal(asy_arena *a, asy_jv v, assay_yuma_input *in, assay_err *err)
{
	asy_jv cr = asy_jv_get(v, "commit_reveal"), v2, v4;
	if (asy_jv_kind(cr) == ASY_J_ABSENT)
		return ASSAY_OK;
	assay_status st = get_bool(cr, "enabled", &in->commit_reveal, err);
	if (st == ASSAY_OK)
		st = get_u64(cr, "current_epoch", UINT64_MAX, &in->current_epoch, err);
	if (st == ASSAY_OK)
		st = get_u64(cr, "reveal_period", UINT64_MAX, &in->commit_reveal_period, err);
	if (st == ASSAY_OK)
		st = array(cr, "v2", &v2, err);
	if (st == ASSAY_OK)
		st = array(cr, "v4", &v4, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "commit_reveal");
	size_t n = 0;
	st = get_commits(v2, false, NULL, &n, err);
	if (st == ASSAY_OK)
		st = get_commits(v4, true, NULL, &n, err);
	if (st != ASSAY_OK)
		return st;
	assay_yuma_commit *list = asy_arena_array(a, n + 1, sizeof *list);
	if (list == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "commit_reveal: %zu commits", n);
	in->commits = list;
	st = get_commits(v2, false, list, &in->commits_n, err);
	return st == ASSAY_OK ? get_commits(v4, true, list, &in->commits_n, err) : st;
}

static assay_status get_scalars(asy_jv v, assay_yuma_input *in, assay_err *err)
{
	uint64_t n = 0, milli = 0;
	int64_t steepness = 0;
	asy_jv m;
	TRY(get_u64(v, "n", ASSAY_YUMA_UIDS_MAX, &n, err));
	TRY(get_u64(v, "current_block", UINT64_MAX, &in->current_block, err));
	TRY(get_u64(v, "last_mechanism_step_block", UINT64_MAX, &in->last_mechanism_step_block, err));
	TRY(get_u64(v, "activity_cutoff_factor_milli", UINT32_MAX, &milli, err));
	TRY(get_u16(v, "tempo", &in->tempo, err));
	TRY(get_u64(v, "tao_weight", UINT64_MAX, &in->tao_weight, err));
	TRY(get_u64(v, "stake_threshold", UINT64_MAX, &in->stake_threshold, err));
	TRY(get_u16(v, "max_allowed_validators", &in->max_allowed_validators, err));
	TRY(get_u16(v, "kappa", &in->kappa, err));
	TRY(get_u16(v, "bonds_penalty", &in->bonds_penalty, err));
	TRY(get_u64(v, "bonds_moving_average", UINT64_MAX, &in->bonds_moving_average, err));
	TRY(get_bool(v, "yuma3", &in->yuma3, err));
	TRY(get_bool(v, "liquid_alpha", &in->liquid_alpha, err));
	TRY(get_u16(v, "alpha_low", &in->alpha_low, err));
	TRY(get_u16(v, "alpha_high", &in->alpha_high, err));
	TRY(get_u64(v, "rao_emission", UINT64_MAX, &in->rao_emission, err));
	TRY(member(v, "alpha_sigmoid_steepness", &m, err));
	TRY(asy_jv_i64(m, &steepness, err));
	TRY(member(v, "owner_uid", &m, err));
	if (steepness < INT16_MIN || steepness > INT16_MAX)
		return ASSAY_FAIL(err, E_RANGE, "alpha_sigmoid_steepness: %" PRId64 " is not an i16",
						  steepness);
	uint16_t owner = 0;
	if (!asy_jv_is_null(m))
		TRY(asy_jv_u16(m, &owner, err));
	in->owner_uid = asy_jv_is_null(m) ? -1 : owner;
	in->n = (size_t)n;
	in->activity_cutoff_factor_milli = (uint32_t)milli;
	in->alpha_sigmoid_steepness = (int16_t)steepness;
	asy_jv derived = asy_jv_get(v, "activity_cutoff_blocks");
	if (asy_jv_kind(derived) == ASY_J_ABSENT)
		return ASSAY_OK;
	uint64_t blocks = 0,
			 want = asy_yuma_activity_cutoff(in->activity_cutoff_factor_milli, in->tempo);
	TRY(asy_jv_u64(derived, &blocks, err));
	if (blocks != want)
		return ASSAY_FAIL(err, E_INPUT,
						  "activity_cutoff_blocks: %" PRIu64 ", but the factor gives "
						  "%" PRIu64 " (leave the key out)",
						  blocks, want);
	return ASSAY_OK;
}

/* Both are absent in inputs from before the chain had the choice. */
static assay_status get_liquid_consensus(asy_arena *a, asy_jv v, assay_yuma_input *in,
										 assay_err *err)
{
	asy_jv mode = asy_jv_get(v, "liquid_alpha_consensus_mode");
	asy_jv stored = asy_jv_get(v, "previous_consensus");
	uint64_t m = ASSAY_YUMA_CONSENSUS_CURRENT;
	assay_status st = ASSAY_OK;
	if (asy_jv_kind(mode) != ASY_J_ABSENT)
		st = get_u64(v, "liquid_alpha_consensus_mode", ASSAY_YUMA_CONSENSUS_AUTO, &m, err);
	if (st != ASSAY_OK)
		return st;
	in->liquid_consensus_mode = (uint8_t)m;
	if (asy_jv_kind(stored) == ASY_J_ABSENT)
		return ASSAY_OK;
	return get_u16s(a, v, "previous_consensus", &in->previous_consensus, &in->previous_consensus_n,
					err);
}

static assay_status read_input(asy_arena *a, asy_jv v, assay_yuma_input *in, assay_err *err)
{
	assay_status st = asy_jv_known(v, KEYS, ASY_COUNT(KEYS), err);
	if (st == ASSAY_OK)
		st = asy_jv_need(v, KEYS, ASY_COUNT(KEYS) - OPTIONAL,
						 "`assay yuma template` prints a complete input", err);
	if (st == ASSAY_OK)
		st = get_scalars(v, in, err);
	if (st == ASSAY_OK)
		st = get_u64s(a, v, "last_update", SIZE_MAX, &in->last_update, &in->last_update_n, err);
	if (st == ASSAY_OK)
		st = get_u64s(a, v, "block_at_registration", in->n, &in->block_at_registration, NULL, err);
	if (st == ASSAY_OK)
		st = get_u64s(a, v, "alpha_stake", in->n, &in->alpha_stake, NULL, err);
	if (st == ASSAY_OK)
		st = get_u64s(a, v, "tao_stake", in->n, &in->tao_stake, NULL, err);
	if (st == ASSAY_OK)
		st =
			get_bits(a, v, "validator_permit", &in->validator_permit, &in->validator_permit_n, err);
	if (st == ASSAY_OK)
		st = get_liquid_consensus(a, v, in, err);
	if (st == ASSAY_OK)
		st = get_commit_reveal(a, v, in, err);
	if (st == ASSAY_OK)
		st = get_rows(a, v, "weights", &in->weights, err);
	if (st == ASSAY_OK)
		st = get_rows(a, v, "bonds", &in->bonds, err);
	if (st == ASSAY_OK)
		st = assay_yuma_check(in, err);
	return st;
}

assay_status asy_yuma_input_read(asy_jv v, asy_yuma_owned **out, assay_err *err)
{
	asy_yuma_owned *o = asy_calloc(1, sizeof *o);
	if (o == NULL || (o->arena = asy_arena_new(0)) == NULL) {
		free(o);
		return ASSAY_FAIL(err, E_NOMEM, "no memory for an epoch's input");
	}
	assay_status st = read_input(o->arena, v, &o->in, err);
	o->in.cpu_mask = ASSAY_YUMA_CPU_AUTO;
	if (st != ASSAY_OK) {
		asy_yuma_input_free(o);
		return st;
	}
	*out = o;
	return ASSAY_OK;
}

assay_yuma_input *asy_yuma_input_get(asy_yuma_owned *o)
{
	return &o->in;
}

void asy_yuma_input_free(asy_yuma_owned *o)
{
	if (o == NULL)
		return;
	asy_arena_free(o->arena);
	free(o);
}
