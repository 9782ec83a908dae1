/* Reads an experiment from its JSON document (format assay-simulate/1, docs/yuma.md).
 * Strict: unknown keys are refused with the nearest known one, every uid lies below n,
 * every error names the path. The caller has bounded the document. */
#include <stddef.h>
#include "research/sim.h"

/* ---- small readers ---- */

static assay_status fail_at(asy_jv v, const char *what, assay_err *err)
{
	char path[160];
	asy_jv_path(v, path, sizeof path);
	return ASSAY_FAIL(err, E_INPUT, "%s: %s", path[0] == '\0' ? "document" : path, what);
}

#define KNOWN_KEYS(v, keys, err) asy_jv_known((v), (keys), ASY_COUNT(keys), (err))

/* Absent leaves *out. */
static assay_status get_u64(asy_jv v, const char *key, uint64_t min, uint64_t max, uint64_t *out,
							assay_err *err)
{
	asy_jv m = asy_jv_get(v, key);
	uint64_t x = 0;
	if (asy_jv_kind(m) == ASY_J_ABSENT)
		return ASSAY_OK;
	TRY(asy_jv_u64(m, &x, err));
	if (x < min || x > max) {
		char path[160];
		asy_jv_path(m, path, sizeof path);
		return ASSAY_FAIL(err, E_RANGE, "%s: %" PRIu64 " is not in %" PRIu64 " .. %" PRIu64, path,
						  x, min, max);
	}
	*out = x;
	return ASSAY_OK;
}

static assay_status get_u16(asy_jv v, const char *key, uint16_t *out, assay_err *err)
{
	uint64_t x = *out;
	TRY(get_u64(v, key, 0, UINT16_MAX, &x, err));
	*out = (uint16_t)x;
	return ASSAY_OK;
}

static assay_status get_f64(asy_jv v, const char *key, double min, double max, double *out,
							assay_err *err)
{
	asy_jv m = asy_jv_get(v, key);
	double x = 0;
	if (asy_jv_kind(m) == ASY_J_ABSENT)
		return ASSAY_OK;
	TRY(asy_jv_f64(m, &x, err));
	if (!(x >= min && x <= max)) {
		char path[160];
		asy_jv_path(m, path, sizeof path);
		return ASSAY_FAIL(err, E_RANGE, "%s: %g is not in %g .. %g", path, x, min, max);
	}
	*out = x;
	return ASSAY_OK;
}

static assay_status get_flag(asy_jv v, const char *key, bool *out, assay_err *err)
{
	asy_jv m = asy_jv_get(v, key);
	return asy_jv_kind(m) == ASY_J_ABSENT ? ASSAY_OK : asy_jv_bool(m, out, err);
}

/* A required uid below n. */
static assay_status get_uid(asy_jv m, size_t n, uint16_t *out, assay_err *err)
{
	uint16_t uid = 0;
	TRY(asy_jv_u16(m, &uid, err));
	if (uid >= n)
		return fail_at(m, "no such uid in this subnet", err);
	*out = uid;
	return ASSAY_OK;
}

static assay_status get_list(asy_jv m, assay_err *err)
{
	return asy_jv_kind(m) == ASY_J_ARRAY ? ASSAY_OK : fail_at(m, "not a list", err);
}

/* Distinct uids. seen: n bytes, zero before and after. */
static assay_status get_uids(asy_sim *s, asy_jv list, const uint16_t **out, size_t *out_n,
							 assay_err *err)
{
	TRY(get_list(list, err));
	size_t n = asy_jv_size(list);
	if (n > s->n)
		return fail_at(list, "more entries than uids", err);
	uint16_t *uid = asy_arena_array(s->arena, n + 1, sizeof *uid);
	uint8_t *seen = asy_arena_array(s->arena, s->n + 1, sizeof *seen);
	if (uid == NULL || seen == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a list of %zu uids", n);
	for (size_t i = 0; i < n; i++) {
		TRY(get_uid(asy_jv_at(list, i), s->n, &uid[i], err));
		if (seen[uid[i]]++)
			return fail_at(asy_jv_at(list, i), "this uid is here twice", err);
	}
	*out = uid;
	*out_n = n;
	return ASSAY_OK;
}

/* ---- parameters that an event may set ---- */

struct sim_param {
	const char *name;
	size_t offset, size;
	int64_t min;
	uint64_t max;
};
#define PARAM(name, min, max)                                                                      \
	{                                                                                              \
#name, offsetof(assay_yuma_input, name), sizeof(((assay_yuma_input *)0)->name), (min),     \
			(max)                                                                                  \
	}
static const sim_param PARAMS[] = {
	PARAM(kappa, 0, UINT16_MAX),
	PARAM(bonds_penalty, 0, UINT16_MAX),
	PARAM(bonds_moving_average, 0, UINT64_MAX),
	PARAM(yuma3, 0, 1),
	PARAM(liquid_alpha, 0, 1),
	PARAM(alpha_low, 0, UINT16_MAX),
	PARAM(alpha_high, 0, UINT16_MAX),
	PARAM(alpha_sigmoid_steepness, INT16_MIN, INT16_MAX),
	PARAM(rao_emission, 0, UINT64_MAX),
	PARAM(stake_threshold, 0, UINT64_MAX),
	PARAM(max_allowed_validators, 0, UINT16_MAX),
	PARAM(activity_cutoff_factor_milli, 0, UINT32_MAX),
	PARAM(commit_reveal, 0, 1),
};

void sim_param_set(const sim_param *p, int64_t number, assay_yuma_input *in)
{
	uint8_t *at = (uint8_t *)in + p->offset;
	uint64_t bits = (uint64_t)number;
	/* the low bytes of a two's complement number are the narrower number */
	uint8_t u8 = (uint8_t)bits;
	uint16_t u16 = (uint16_t)bits;
	uint32_t u32 = (uint32_t)bits;
	memcpy(at,
		   p->size == 1   ? (const void *)&u8
		   : p->size == 2 ? (const void *)&u16
		   : p->size == 4 ? (const void *)&u32
						  : (const void *)&bits,
		   p->size);
}

void sim_event_text(const sim_event *e, char *out, size_t cap)
{
	switch (e->action) {
	case SIM_SET_ROW:
		(void)snprintf(out, cap, "uid %u sends a row of %zu weights", e->uid, e->len);
		return;
	case SIM_SET_STAKE:
		(void)snprintf(out, cap, "the stake of uid %u changes", e->uid);
		return;
	case SIM_SET:
		if (e->param->max > INT64_MAX)
			(void)snprintf(out, cap, "%s is %" PRIu64, e->param->name, (uint64_t)e->number);
		else
			(void)snprintf(out, cap, "%s is %" PRId64, e->param->name, e->number);
		return;
	case SIM_REGISTER:
		(void)snprintf(out, cap, "a new neuron takes uid %u", e->uid);
		return;
	case SIM_QUALITY:
		(void)snprintf(out, cap, "the quality of uid %u is %g", e->uid, e->quality);
		return;
	case SIM_MISS:
		(void)snprintf(out, cap, "uid %u sends nothing for %" PRIu32 " epochs", e->uid, e->epochs);
		return;
	}
}

static assay_status read_param(asy_jv v, const char *key, sim_event *e, assay_err *err)
{
	const char *names[ASY_COUNT(PARAMS)];
	for (size_t i = 0; i < ASY_COUNT(PARAMS); i++) {
		const sim_param *p = &PARAMS[i];
		names[i] = p->name;
		if (strcmp(key, p->name) != 0)
			continue;
		asy_jv m = asy_jv_get(v, key);
		bool flag = false;
		uint64_t x = 0;
		e->param = p;
		if (p->max == 1) {
			TRY(asy_jv_bool(m, &flag, err));
			x = flag;
		} else if (p->min < 0) {
			TRY(asy_jv_i64(m, &e->number, err));
			return e->number < p->min || e->number > (int64_t)p->max
					   ? fail_at(m, "out of range", err)
					   : ASSAY_OK;
		} else {
			TRY(get_u64(v, key, (uint64_t)p->min, p->max, &x, err));
		}
		e->number = (int64_t)x;
		return ASSAY_OK;
	}
	return asy_jv_known(v, names, ASY_COUNT(names), err);
}

/* ---- agents and groups ---- */

static assay_status read_agent(asy_sim *s, asy_jv v, sim_agent *a, assay_err *err)
{
	static const char *const keys[] = {"uid", "kind", "noise", "own", "miners", "lag"};
	const char *kind = NULL;
	*a = (sim_agent){.own = 0.9, .lag = 1};
	TRY(KNOWN_KEYS(v, keys, err));
	TRY(get_uid(asy_jv_get(v, "uid"), s->n, &a->uid, err));
	TRY(asy_jv_str(asy_jv_get(v, "kind"), &kind, NULL, err));
	if (strcmp(kind, "judge") == 0)
		a->kind = SIM_JUDGE;
	else if (strcmp(kind, "cabal") == 0)
		a->kind = SIM_CABAL;
	else if (strcmp(kind, "copy") == 0)
		a->kind = SIM_COPY;
	else
		return fail_at(asy_jv_get(v, "kind"), "not one of judge, cabal, copy", err);
	TRY(get_f64(v, "noise", 0, 16, &a->noise, err));
	TRY(get_f64(v, "own", 0, 1, &a->own, err));
	uint64_t lag = a->lag;
	TRY(get_u64(v, "lag", 1, ASY_SIM_LAG_MAX, &lag, err));
	a->lag = (uint16_t)lag;
	if (a->kind == SIM_CABAL) {
		TRY(get_uids(s, asy_jv_get(v, "miners"), &a->miner, &a->miner_n, err));
		if (a->miner_n == 0)
			return fail_at(asy_jv_get(v, "miners"), "a cabal needs miners", err);
	}
	return ASSAY_OK;
}

static assay_status read_agents(asy_sim *s, asy_jv list, assay_err *err)
{
	if (asy_jv_kind(list) == ASY_J_ABSENT)
		return ASSAY_OK;
	TRY(get_list(list, err));
	size_t n = asy_jv_size(list);
	s->agent = asy_arena_array(s->arena, n + 1, sizeof *s->agent);
	if (s->agent == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu agents", n);
	for (size_t i = 0; i < n; i++)
		TRY(read_agent(s, asy_jv_at(list, i), &s->agent[i], err));
	s->agent_n = n;
	return ASSAY_OK;
}

static void default_groups(asy_sim *s)
{
	(void)asy_str_copy(s->group_name[0], ASY_SIM_NAME_MAX, "validators");
	(void)asy_str_copy(s->group_name[1], ASY_SIM_NAME_MAX, "miners");
	s->group_n = 2;
	for (size_t i = 0; i < s->n; i++)
		s->group[i] = !s->permit[i];
}

/* {"name": [uids], ...}; a uid in no group belongs to "others". */
static assay_status read_groups(asy_sim *s, asy_jv v, assay_err *err)
{
	if (asy_jv_kind(v) == ASY_J_ABSENT) {
		default_groups(s);
		return ASSAY_OK;
	}
	size_t n = asy_jv_size(v), left = s->n;
	if (asy_jv_kind(v) != ASY_J_OBJECT || n >= ASY_SIM_GROUPS_MAX)
		return fail_at(v, "not an object of at most seven groups", err);
	memset(s->group, (int)n, s->n);
	for (size_t g = 0; g < n; g++) {
		const uint16_t *uid = NULL;
		size_t len = 0;
		TRY(get_uids(s, asy_jv_value(v, g), &uid, &len, err));
		asy_str_escape(s->group_name[g], ASY_SIM_NAME_MAX, asy_span_str(asy_jv_key(v, g)));
		for (size_t i = 0; i < len; i++) {
			if (s->group[uid[i]] != n)
				return fail_at(asy_jv_at(asy_jv_value(v, g), i), "in two groups", err);
			s->group[uid[i]] = (uint8_t)g;
		}
		left -= len;
	}
	s->group_n = n;
	if (left > 0)
		(void)asy_str_copy(s->group_name[s->group_n++], ASY_SIM_NAME_MAX, "others");
	return ASSAY_OK;
}

/* [[uid, quality], ...] */
static assay_status read_quality(asy_sim *s, asy_jv list, assay_err *err)
{
	for (size_t i = 0; i < s->n; i++)
		s->quality[i] = -1;
	if (asy_jv_kind(list) == ASY_J_ABSENT)
		return ASSAY_OK;
	TRY(get_list(list, err));
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv pair = asy_jv_at(list, i);
		uint16_t uid = 0;
		double q = 0;
		if (asy_jv_kind(pair) != ASY_J_ARRAY || asy_jv_size(pair) != 2)
			return fail_at(pair, "not [uid, quality]", err);
		TRY(get_uid(asy_jv_at(pair, 0), s->n, &uid, err));
		TRY(asy_jv_f64(asy_jv_at(pair, 1), &q, err));
		if (!(q >= 0 && q <= 1e6))
			return fail_at(asy_jv_at(pair, 1), "a quality lies between 0 and 1000000", err);
		s->quality[uid] = q;
	}
	return ASSAY_OK;
}

/* ---- events ---- */

static assay_status read_row_event(asy_sim *s, asy_jv v, sim_event *e, assay_err *err)
{
	static const char *const keys[] = {"uid", "uids", "values"};
	TRY(KNOWN_KEYS(v, keys, err));
	TRY(get_uid(asy_jv_get(v, "uid"), s->n, &e->uid, err));
	TRY(get_uids(s, asy_jv_get(v, "uids"), &e->target, &e->len, err));
	asy_jv list = asy_jv_get(v, "values");
	TRY(get_list(list, err));
	if (asy_jv_size(list) != e->len)
		return fail_at(list, "not as many values as uids", err);
	uint16_t *value = asy_arena_array(s->arena, e->len + 1, sizeof *value);
	if (value == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a row of %zu entries", e->len);
	for (size_t i = 0; i < e->len; i++)
		TRY(asy_jv_u16(asy_jv_at(list, i), &value[i], err));
	e->value = value;
	return ASSAY_OK;
}

static assay_status read_stake_event(asy_sim *s, asy_jv v, sim_event *e, assay_err *err)
{
	static const char *const keys[] = {"uid", "alpha", "tao"};
	TRY(KNOWN_KEYS(v, keys, err));
	TRY(get_uid(asy_jv_get(v, "uid"), s->n, &e->uid, err));
	e->has_alpha = asy_jv_kind(asy_jv_get(v, "alpha")) != ASY_J_ABSENT;
	e->has_tao = asy_jv_kind(asy_jv_get(v, "tao")) != ASY_J_ABSENT;
	TRY(get_u64(v, "alpha", 0, UINT64_MAX, &e->alpha, err));
	return get_u64(v, "tao", 0, UINT64_MAX, &e->tao, err);
}

static assay_status read_quality_event(asy_sim *s, asy_jv v, sim_event *e, assay_err *err)
{
	static const char *const keys[] = {"uid", "value"};
	TRY(KNOWN_KEYS(v, keys, err));
	TRY(get_uid(asy_jv_get(v, "uid"), s->n, &e->uid, err));
	TRY(asy_jv_f64(asy_jv_get(v, "value"), &e->quality, err));
	return e->quality >= 0 && e->quality <= 1e6
			   ? ASSAY_OK
			   : fail_at(asy_jv_get(v, "value"), "a quality lies between 0 and 1000000", err);
}

static assay_status read_miss_event(asy_sim *s, asy_jv v, sim_event *e, assay_err *err)
{
	static const char *const keys[] = {"uid", "epochs"};
	uint64_t epochs = 1;
	TRY(KNOWN_KEYS(v, keys, err));
	TRY(get_uid(asy_jv_get(v, "uid"), s->n, &e->uid, err));
	TRY(get_u64(v, "epochs", 1, ASY_SIM_EPOCHS_MAX, &epochs, err));
	e->epochs = (uint32_t)epochs;
	return ASSAY_OK;
}

static assay_status read_event(asy_sim *s, asy_jv v, sim_event *e, assay_err *err)
{
	/* in the order of sim_action, after "epoch" */
	static const char *const keys[] = {"epoch",    "set_row", "set_stake", "set",
									   "register", "quality", "miss"};
	TRY(KNOWN_KEYS(v, keys, err));
	uint64_t epoch = 0;
	TRY(asy_jv_u64(asy_jv_get(v, "epoch"), &epoch, err));
	TRY(get_u64(v, "epoch", 0, s->epochs - 1, &epoch, err));
	size_t action = 0;
	for (size_t k = 1; k < ASY_COUNT(keys); k++)
		if (asy_jv_kind(asy_jv_get(v, keys[k])) != ASY_J_ABSENT) {
			if (action != 0)
				return fail_at(v, "two actions in one event", err);
			action = k;
		}
	if (action == 0)
		return fail_at(v, "no action: set_row, set_stake, set, register, quality or miss", err);
	asy_jv what = asy_jv_get(v, keys[action]);
	*e = (sim_event){.epoch = (uint32_t)epoch, .action = (sim_action)(action - 1)};
	switch (e->action) {
	case SIM_SET_ROW:
		return read_row_event(s, what, e, err);
	case SIM_SET_STAKE:
	case SIM_REGISTER:
		return read_stake_event(s, what, e, err);
	case SIM_SET:
		if (asy_jv_kind(what) != ASY_J_OBJECT || asy_jv_size(what) != 1)
			return fail_at(what, "not an object with one parameter", err);
		return read_param(what, asy_jv_key(what, 0), e, err);
	case SIM_QUALITY:
		return read_quality_event(s, what, e, err);
	case SIM_MISS:
		return read_miss_event(s, what, e, err);
	}
	return ASSAY_OK;
}

static assay_status read_events(asy_sim *s, asy_jv list, assay_err *err)
{
	if (asy_jv_kind(list) == ASY_J_ABSENT)
		return ASSAY_OK;
	TRY(get_list(list, err));
	size_t n = asy_jv_size(list), made = s->event_n;
	sim_event *all = asy_arena_array(s->arena, n + made + 1, sizeof *all);
	if (all == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu events", n);
	if (made > 0)
		memcpy(all, s->event, made * sizeof *all);
	for (size_t i = 0; i < n; i++)
		TRY(read_event(s, asy_jv_at(list, i), &all[made + i], err));
	s->event = all;
	s->event_n = made + n;
	return ASSAY_OK;
}

/* ---- the two kinds of beginning ---- */

static assay_status read_generate(asy_jv v, asy_sim_generate *g, assay_err *err)
{
	static const char *const keys[] = {"validators",
									   "miners",
									   "cabal_validators",
									   "cabal_miners",
									   "cabal_stake",
									   "cabal_own",
									   "copiers",
									   "copy_lag",
									   "newcomer_epoch",
									   "newcomer_quality",
									   "noise",
									   "stake_spread",
									   "quality_spread",
									   "yuma3",
									   "liquid_alpha",
									   "kappa",
									   "bonds_penalty",
									   "bonds_moving_average"};
	*g = asy_sim_generate_defaults();
	TRY(KNOWN_KEYS(v, keys, err));
	TRY(get_u16(v, "validators", &g->validators, err));
	TRY(get_u16(v, "miners", &g->miners, err));
	TRY(get_u16(v, "cabal_validators", &g->cabal_validators, err));
	TRY(get_u16(v, "cabal_miners", &g->cabal_miners, err));
	TRY(get_u16(v, "copiers", &g->copiers, err));
	TRY(get_u16(v, "copy_lag", &g->copy_lag, err));
	TRY(get_u16(v, "kappa", &g->kappa, err));
	TRY(get_u16(v, "bonds_penalty", &g->bonds_penalty, err));
	TRY(get_u64(v, "bonds_moving_average", 0, UINT64_MAX, &g->bonds_moving_average, err));
	TRY(get_f64(v, "cabal_stake", 0, 1, &g->cabal_stake, err));
	TRY(get_f64(v, "cabal_own", 0, 1, &g->cabal_own, err));
	TRY(get_f64(v, "newcomer_quality", 0, 1000, &g->newcomer_quality, err));
	TRY(get_f64(v, "noise", 0, 16, &g->noise, err));
	TRY(get_f64(v, "stake_spread", 0, 16, &g->stake_spread, err));
	TRY(get_f64(v, "quality_spread", 0, 16, &g->quality_spread, err));
	TRY(get_flag(v, "yuma3", &g->yuma3, err));
	TRY(get_flag(v, "liquid_alpha", &g->liquid_alpha, err));
	uint64_t newcomer = UINT64_MAX;
	TRY(get_u64(v, "newcomer_epoch", 0, ASY_SIM_EPOCHS_MAX, &newcomer, err));
	g->newcomer_epoch = newcomer == UINT64_MAX ? -1 : (int64_t)newcomer;
	return ASSAY_OK;
}

static assay_status read_subnet(asy_jv doc, uint32_t epochs, asy_sim **out, assay_err *err)
{
	asy_yuma_owned *owned = NULL;
	asy_sim *s = NULL;
	assay_status st = asy_yuma_input_read(asy_jv_get(doc, "subnet"), &owned, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "subnet");
	st = sim_alloc(asy_yuma_input_get(owned)->n, epochs, &s, err);
	if (st == ASSAY_OK)
		st = sim_load(s, asy_yuma_input_get(owned), err);
	asy_yuma_input_free(owned);
	if (st == ASSAY_OK)
		st = read_quality(s, asy_jv_get(doc, "quality"), err);
	if (st == ASSAY_OK)
		st = read_agents(s, asy_jv_get(doc, "agents"), err);
	if (st == ASSAY_OK)
		st = read_groups(s, asy_jv_get(doc, "groups"), err);
	*out = s;
	return st;
}

static assay_status read_start(asy_jv doc, uint32_t epochs, uint64_t seed, asy_sim **out,
							   assay_err *err)
{
	bool subnet = asy_jv_kind(asy_jv_get(doc, "subnet")) != ASY_J_ABSENT;
	bool generate = asy_jv_kind(asy_jv_get(doc, "generate")) != ASY_J_ABSENT;
	if (subnet == generate)
		return ASSAY_FAIL(err, E_FORMAT, "exactly one of \"subnet\" and \"generate\" is needed");
	if (subnet)
		return read_subnet(doc, epochs, out, err);
	static const char *const only[] = {"quality", "agents", "groups"};
	for (size_t i = 0; i < ASY_COUNT(only); i++)
		if (asy_jv_kind(asy_jv_get(doc, only[i])) != ASY_J_ABSENT)
			return fail_at(asy_jv_get(doc, only[i]), "only with \"subnet\"", err);
	asy_sim_generate g;
	assay_status st = read_generate(asy_jv_get(doc, "generate"), &g, err);
	return st == ASSAY_OK ? sim_generate(&g, epochs, seed, out, err) : st;
}

assay_status asy_sim_read(asy_jv doc, asy_sim **out, assay_err *err)
{
	static const char *const keys[] = {"format",  "epochs",         "seed",   "drift",
									   "refresh", "reinvest_milli", "subnet", "generate",
									   "quality", "agents",         "groups", "events"};
	const char *format = NULL;
	uint64_t epochs = 0, seed = 0, milli = 0;
	double drift = 0;
	bool refresh = true;
	TRY(KNOWN_KEYS(doc, keys, err));
	TRY(asy_jv_str(asy_jv_get(doc, "format"), &format, NULL, err));
	if (strcmp(format, "assay-simulate/1") != 0)
		return fail_at(asy_jv_get(doc, "format"), "not \"assay-simulate/1\"", err);
	TRY(asy_jv_u64(asy_jv_get(doc, "epochs"), &epochs, err));
	TRY(get_u64(doc, "epochs", 1, ASY_SIM_EPOCHS_MAX, &epochs, err));
	TRY(get_u64(doc, "seed", 0, UINT64_MAX, &seed, err));
	TRY(get_u64(doc, "reinvest_milli", 0, 1000, &milli, err));
	TRY(get_f64(doc, "drift", 0, 16, &drift, err));
	TRY(get_flag(doc, "refresh", &refresh, err));
	asy_sim *s = NULL;
	assay_status st = read_start(doc, (uint32_t)epochs, seed, &s, err);
	if (st == ASSAY_OK) {
		s->seed = seed;
		s->drift = drift;
		s->refresh = refresh;
		s->reinvest_milli = (uint16_t)milli;
		st = read_events(s, asy_jv_get(doc, "events"), err);
	}
	if (st == ASSAY_OK)
		st = sim_ready(s, err);
	if (st == ASSAY_OK)
		*out = s;
	else
		asy_sim_free(s);
	return st;
}
