/* Scenario: strict JSON in. Every object knows its keys; a stranger among them is an
 * error that names the nearest one. Numbers have ranges, references must point at
 * something.
 * Reason to change: as scenario.h. */
#include <stdlib.h>
#include "codec/codec.h"
#include "localnet/scenario.h"
#include "localnet/scenario_get.h"
#include "subnet/subnet.h"

enum { SCENARIO_BYTES_MAX = 4 << 20 };

/* Defaults are those of a new subnet today, except where a small network of a few
 * neurons and short epochs needs others (weights limits, rate limits). */
const lnet_hyper_row asy_lnet_hyper[LNET_HYPER_N] = {
	{"kappa", LNET_S_KAPPA, 0, 65535, 32767},
	{"rho", LNET_S_RHO, 0, 65535, 10},
	{"bonds_penalty", LNET_S_BONDS_PENALTY, 0, 65535, 65535},
	{"bonds_moving_average", LNET_S_BONDS_MOVING_AVERAGE, 0, 1000000, 900000},
	{"yuma3", LNET_S_YUMA3, 0, 1, 1},
	{"liquid_alpha", LNET_S_LIQUID_ALPHA, 0, 1, 0},
	{"alpha_sigmoid_steepness", LNET_S_ALPHA_STEEPNESS, 0, 32767, 1000},
	{"activity_cutoff_factor_milli", LNET_S_CUTOFF_FACTOR, 1000, 50000, 13889},
	{"min_allowed_weights", LNET_S_MIN_WEIGHTS, 0, 4096, 1},
	{"weights_version_key", LNET_S_VERSION_KEY, 0, UINT64_MAX, 0},
	{"weights_rate_limit", LNET_S_WEIGHTS_RATE, 0, 1000000, 0},
	{"commit_reveal", LNET_S_COMMIT_REVEAL, 0, 1, 1},
	{"reveal_period_epochs", LNET_S_REVEAL_PERIOD, 1, 100, 1},
	{"max_allowed_validators", LNET_S_MAX_VALIDATORS, 1, 4096, 64},
	{"max_allowed_uids", LNET_S_MAX_UIDS, 1, LNET_NEURONS_MAX, LNET_NEURONS_MAX},
	{"serving_rate_limit", LNET_S_SERVING_RATE, 0, 1000000, 50},
	{"immunity_period", LNET_S_IMMUNITY_PERIOD, 0, 65535, 4096},
	{"burn", LNET_S_BURN, 0, UINT64_MAX, 100000000},
	{"registration_allowed", LNET_S_REGISTRATION_ALLOWED, 0, 1, 1},
	{"liquid_alpha_consensus_mode", LNET_S_LIQUID_MODE, 0, 2, 2},
};

static const char *const behaviours[] = {"honest",    "lazy",      "copier", "garbage",
										 "slow",      "oversized", "silent", "deep_json",
										 "truncated", "padded",    "twisted"};
static const char *const strategies[] = {"honest", "copier", "biased"};

const char *asy_lnet_behaviour_name(lnet_behaviour b)
{
	return behaviours[b];
}
const char *asy_lnet_strategy_name(lnet_strategy s)
{
	return strategies[s];
}

/* ---- answers: {"file": ...}, {"command": [...]} or {"upstream": ...} ---- */

static assay_status get_command(asy_jv v, lnet_answers_spec *out, assay_err *err)
{
	size_t at = 0;
	out->words = asy_jv_size(v);
	if (asy_jv_kind(v) != ASY_J_ARRAY || out->words == 0 || out->words > LNET_WORDS_MAX)
		return ASSAY_FAIL(err, E_CONFIG,
						  "command: an array of 1 to %d texts is wanted, the program first",
						  LNET_WORDS_MAX);
	for (size_t i = 0; i < out->words; i++) {
		const char *word;
		size_t len;
		if (asy_jv_str(asy_jv_at(v, i), &word, &len, err) != ASSAY_OK)
			return assay_err_at(err, ASSAY_E_CONFIG, "scenario");
		if (strlen(word) != len || at + len + 1 > sizeof out->text || (i == 0 && len == 0))
			return ASSAY_FAIL(err, E_CONFIG,
							  "command: word %zu is empty, holds a NUL, or the whole is longer "
							  "than %zu bytes",
							  i, sizeof out->text);
		memcpy(out->text + at, word, len + 1);
		at += len + 1;
	}
	return ASSAY_OK;
}

static assay_status get_source(asy_jv v, lnet_answers_spec *out, assay_err *err)
{
	static const char *const keys[] = {"file", "command", "upstream", "timeout_ms"};
	uint64_t timeout = 10000;
	size_t given = 0;
	char path[160];
	assay_status st = asy_lnet_check_keys(v, keys, ASY_COUNT(keys), err);
	for (size_t i = 0; st == ASSAY_OK && i < 3; i++) {
		if (asy_jv_kind(asy_jv_get(v, keys[i])) == ASY_J_ABSENT)
			continue;
		given++;
		out->kind = (lnet_answers_kind)i;
	}
	asy_jv_path(v, path, sizeof path);
	if (st == ASSAY_OK && given != 1)
		st =
			ASSAY_FAIL(err, E_CONFIG,
					   "%s: exactly one of \"file\", \"command\" and \"upstream\" is wanted", path);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "timeout_ms", 10, 600000, &timeout, err);
	out->timeout_ms = (uint32_t)timeout;
	if (st != ASSAY_OK)
		return st;
	if (out->kind == LNET_ANSWERS_COMMAND)
		return get_command(asy_jv_get(v, "command"), out, err);
	st = asy_lnet_get_text(v, keys[out->kind], true, out->text, sizeof out->text, err);
	if (st == ASSAY_OK && out->kind == LNET_ANSWERS_UPSTREAM &&
		strncmp(out->text, "http://", 7) != 0 && strncmp(out->text, "https://", 8) != 0)
		st = ASSAY_FAIL(err, E_CONFIG, "%s.upstream: a URL that begins with http:// is wanted",
						path);
	return st;
}

static assay_status get_answers(asy_jv obj, lnet_answers_spec **out, assay_err *err)
{
	asy_jv v = asy_jv_get(obj, "answers");
	if (asy_jv_kind(v) == ASY_J_ABSENT)
		return ASSAY_OK;
	*out = asy_calloc(1, sizeof **out); /* freed with the scenario, also on failure */
	if (*out == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "answers");
	return get_source(v, *out, err);
}

/* ---- neurons ---- */

static assay_status get_stakes(asy_jv v, lnet_neuron *n, assay_err *err)
{
	assay_status st = asy_lnet_get_text(v, "key", true, n->key, sizeof n->key, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_text(v, "coldkey", false, n->coldkey, sizeof n->coldkey, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "alpha", 0, UINT64_C(1) << 62, &n->alpha, err);
	return st == ASSAY_OK ? asy_lnet_get_u64(v, "tao", 0, UINT64_C(1) << 62, &n->tao, err) : st;
}

static assay_status get_validator(asy_jv v, bool rival, lnet_neuron *n, assay_err *err)
{
	static const char *const keys[] = {"key",    "coldkey",  "alpha", "tao",
									   "permit", "strategy", "noise", "favours"};
	uint64_t permit = 1, favours = 0;
	size_t strategy = LNET_RIVAL_HONEST;
	*n = (lnet_neuron){.role = rival ? ASY_ROLE_RIVAL : ASY_ROLE_VALIDATOR,
					   .alpha = UINT64_C(1000000000000),
					   .noise = 0.02};
	assay_status st = asy_lnet_check_keys(v, keys, rival ? 8 : 5, err);
	if (st == ASSAY_OK)
		st = get_stakes(v, n, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "permit", 0, 1, &permit, err);
	if (st == ASSAY_OK && rival)
		st = asy_lnet_get_choice(v, "strategy", strategies, ASY_COUNT(strategies), &strategy, err);
	if (st == ASSAY_OK && rival)
		st = asy_lnet_get_share(v, "noise", &n->noise, err);
	if (st == ASSAY_OK && rival)
		st = asy_lnet_get_u64(v, "favours", 0, LNET_NEURONS_MAX - 1, &favours, err);
	n->permit = permit != 0;
	n->strategy = (lnet_strategy)strategy;
	n->favours = (uint32_t)favours;
	return st;
}

static assay_status get_miner(asy_jv v, lnet_neuron *n, assay_err *err)
{
	static const char *const keys[] = {"key",   "coldkey", "alpha",    "tao",  "behaviour",
									   "skill", "copies",  "delay_ms", "port", "answers"};
	uint64_t copies = 0, delay = 30000, port = 0;
	size_t behaviour = LNET_HONEST;
	*n = (lnet_neuron){.role = ASY_ROLE_MINER, .skill = 1};
	assay_status st = asy_lnet_check_keys(v, keys, ASY_COUNT(keys), err);
	if (st == ASSAY_OK)
		st = get_stakes(v, n, err);
	if (st == ASSAY_OK)
		st =
			asy_lnet_get_choice(v, "behaviour", behaviours, ASY_COUNT(behaviours), &behaviour, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_share(v, "skill", &n->skill, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "copies", 0, LNET_NEURONS_MAX - 1, &copies, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "delay_ms", 0, 600000, &delay, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "port", 0, 65535, &port, err);
	if (st == ASSAY_OK)
		st = get_answers(v, &n->answers, err);
	n->behaviour = (lnet_behaviour)behaviour;
	n->copies = (uint32_t)copies;
	n->delay_ms = (uint32_t)delay;
	n->port = (uint16_t)port;
	return st;
}

static assay_status get_hyper(asy_jv v, lnet_subnet *s, assay_err *err)
{
	const char *keys[LNET_HYPER_N + 2];
	uint64_t low = s->alpha_low, high = s->alpha_high;
	for (size_t i = 0; i < LNET_HYPER_N; i++)
		keys[i] = asy_lnet_hyper[i].key;
	keys[LNET_HYPER_N] = "alpha_low";
	keys[LNET_HYPER_N + 1] = "alpha_high";
	if (asy_jv_kind(v) == ASY_J_ABSENT)
		return ASSAY_OK;
	assay_status st = asy_lnet_check_keys(v, keys, ASY_COUNT(keys), err);
	for (size_t i = 0; st == ASSAY_OK && i < LNET_HYPER_N; i++)
		st = asy_lnet_get_u64(v, asy_lnet_hyper[i].key, asy_lnet_hyper[i].least,
							  asy_lnet_hyper[i].most, &s->hyper[i], err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "alpha_low", 0, 65535, &low, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "alpha_high", low, 65535, &high, err);
	s->alpha_low = (uint16_t)low;
	s->alpha_high = (uint16_t)high;
	return st;
}

/* Validators, rivals and miners get their uids in this order. */
static assay_status get_neurons(asy_jv v, lnet_subnet *s, assay_err *err)
{
	static const char *const lists[] = {"validators", "rivals", "miners"};
	size_t total = 0, at = 0;
	char path[160];
	assay_status st = ASSAY_OK;
	for (size_t l = 0; l < ASY_COUNT(lists); l++) {
		asy_jv list = asy_jv_get(v, lists[l]);
		asy_jv_path(list, path, sizeof path);
		if (asy_jv_kind(list) != ASY_J_ABSENT && asy_jv_kind(list) != ASY_J_ARRAY)
			return ASSAY_FAIL(err, E_CONFIG, "%s: not an array", path);
		total += asy_jv_size(list);
	}
	asy_jv_path(v, path, sizeof path);
	ASSERT(asy_lnet_hyper[LNET_HYPER_MAX_UIDS].item == LNET_S_MAX_UIDS);
	if (total == 0 || total > s->hyper[LNET_HYPER_MAX_UIDS])
		return ASSAY_FAIL(err, E_CONFIG, "%s: %zu neurons; wanted are 1 to %" PRIu64, path, total,
						  s->hyper[LNET_HYPER_MAX_UIDS]);
	s->neuron = asy_calloc(total, sizeof *s->neuron);
	if (s->neuron == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu neurons", total);
	for (size_t l = 0; st == ASSAY_OK && l < ASY_COUNT(lists); l++) {
		asy_jv list = asy_jv_get(v, lists[l]);
		if (l == 2)
			s->miners_at = at;
		for (size_t i = 0; st == ASSAY_OK && i < asy_jv_size(list); i++, at++)
			st = l == 2 ? get_miner(asy_jv_at(list, i), &s->neuron[at], err)
						: get_validator(asy_jv_at(list, i), l == 1, &s->neuron[at], err);
	}
	s->neurons_n = at;
	return st;
}

static assay_status check_references(const lnet_subnet *s, assay_err *err)
{
	size_t miners = s->neurons_n - s->miners_at;
	for (size_t i = 0; i < s->neurons_n; i++) {
		const lnet_neuron *n = &s->neuron[i];
		for (size_t k = 0; k < i; k++)
			if (strcmp(n->key, s->neuron[k].key) == 0)
				return ASSAY_FAIL(err, E_CONFIG, "subnet %u: key \"%s\" is used twice", s->netuid,
								  n->key);
		bool copier = n->role == ASY_ROLE_MINER && n->behaviour == LNET_COPIER;
		if (copier && (n->copies >= miners || s->miners_at + n->copies == i ||
					   s->neuron[s->miners_at + n->copies].behaviour == LNET_COPIER))
			return ASSAY_FAIL(
				err, E_CONFIG,
				"subnet %u: miner \"%s\" copies miner %u, which is missing, itself or "
				"a copier too",
				s->netuid, n->key, n->copies);
		if (n->role == ASY_ROLE_RIVAL && n->strategy == LNET_RIVAL_BIASED && n->favours >= miners)
			return ASSAY_FAIL(err, E_CONFIG, "subnet %u: rival \"%s\" favours miner %u of %zu",
							  s->netuid, n->key, n->favours, miners);
	}
	return ASSAY_OK;
}

/* A task names a route, a plugin and a sample set, so it is made of plain letters. */
static assay_status check_task(const char *task, assay_err *err)
{
	size_t len = strspn(task, "abcdefghijklmnopqrstuvwxyz0123456789-_");
	if (len == 0 || task[len] != '\0' || strchr("-_", task[0]) != NULL)
		return ASSAY_FAIL(
			err, E_CONFIG,
			"task \"%.40s\": letters a-z, digits, '-' and '_' are wanted, a letter or "
			"digit first",
			task);
	return ASSAY_OK;
}

static assay_status get_plugin(asy_jv v, lnet_subnet *s, assay_err *err)
{
	asy_jv config = asy_jv_get(v, "plugin_config");
	asy_buf text = {0};
	assay_status st = asy_lnet_get_text(v, "task", true, s->task, sizeof s->task, err);
	if (st == ASSAY_OK)
		st = check_task(s->task, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_text(v, "plugin", false, s->plugin, sizeof s->plugin, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_text(v, "dataset", false, s->dataset, sizeof s->dataset, err);
	if (st == ASSAY_OK)
		st = get_answers(v, &s->answers, err);
	if (st != ASSAY_OK || asy_jv_kind(config) == ASY_J_ABSENT)
		return st;
	if (asy_jv_kind(config) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_CONFIG, "plugin_config: not an object");
	st = asy_jv_canonical(config, &text, err);
	if (st == ASSAY_OK)
		s->plugin_config = strndup((const char *)text.ptr, text.len);
	asy_buf_fini(&text);
	if (st == ASSAY_OK && s->plugin_config == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "plugin_config");
	return st;
}

static assay_status get_subnet(asy_jv v, lnet_subnet *s, assay_err *err)
{
	static const char *const keys[] = {
		"netuid",          "name",       "task",    "tempo",         "emission",
		"owner",           "plugin",     "dataset", "plugin_config", "answers",
		"hyperparameters", "validators", "rivals",  "miners",        "one_port"};
	uint64_t netuid = 0, tempo = 20, one_port = 0;
	*s = (lnet_subnet){.emission = 1000000000, .alpha_low = 45875, .alpha_high = 58982};
	for (size_t i = 0; i < LNET_HYPER_N; i++)
		s->hyper[i] = asy_lnet_hyper[i].standard;
	(void)asy_str_copy(s->owner, sizeof s->owner, "//Owner");
	assay_status st = asy_lnet_check_keys(v, keys, ASY_COUNT(keys), err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "netuid", 1, ASY_NETUID_MAX, &netuid, err);
	if (st == ASSAY_OK && netuid == 0)
		st =
			ASSAY_FAIL(err, E_CONFIG, "a subnet without netuid; wanted is 1 to %u", ASY_NETUID_MAX);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "tempo", 2, 50400, &tempo, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "emission", 0, UINT64_C(1000000000000), &s->emission, err);
	if (st == ASSAY_OK)
		st = get_plugin(v, s, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_text(v, "owner", false, s->owner, sizeof s->owner, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "one_port", 0, 1, &one_port, err);
	s->one_port = one_port != 0;
	s->netuid = (uint16_t)netuid;
	s->tempo = (uint16_t)tempo;
	(void)asy_str_copy(s->name, sizeof s->name, s->task);
	if (st == ASSAY_OK)
		st = asy_lnet_get_text(v, "name", false, s->name, sizeof s->name, err);
	if (st == ASSAY_OK)
		st = get_hyper(asy_jv_get(v, "hyperparameters"), s, err);
	if (st == ASSAY_OK)
		st = get_neurons(v, s, err);
	return st == ASSAY_OK ? check_references(s, err) : st;
}

static assay_status get_subnets(asy_jv v, asy_scenario *sc, assay_err *err)
{
	size_t n = asy_jv_size(v);
	assay_status st = ASSAY_OK;
	if (asy_jv_kind(v) != ASY_J_ARRAY || n == 0 || n > LNET_SUBNETS_MAX)
		return ASSAY_FAIL(err, E_CONFIG, "subnets: an array of 1 to %d is wanted",
						  LNET_SUBNETS_MAX);
	sc->subnet = asy_calloc(n, sizeof *sc->subnet);
	if (sc->subnet == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu subnets", n);
	for (size_t i = 0; st == ASSAY_OK && i < n; i++) {
		st = get_subnet(asy_jv_at(v, i), &sc->subnet[i], err);
		sc->subnets_n = i + 1; /* also on failure: what was begun is freed */
		for (size_t k = 0; st == ASSAY_OK && k < i; k++)
			if (sc->subnet[k].netuid == sc->subnet[i].netuid)
				st = ASSAY_FAIL(err, E_CONFIG, "subnets[%zu]: netuid %u is taken", i,
								sc->subnet[i].netuid);
	}
	return st;
}

static assay_status get_chain(asy_jv v, asy_scenario *sc, assay_err *err)
{
	uint64_t port = 0;
	sc->block_ms = 250;
	sc->history = 4096;
	sc->genesis_ms = UINT64_C(1760000000000);
	sc->tao_weight = UINT64_C(971718665099567868);
	sc->max_epochs = 2;
	sc->spec = LNET_SPEC_VERSION;
	sc->balance = UINT64_C(1000000000000);
	(void)asy_str_copy(sc->name, sizeof sc->name, "localnet");
	(void)asy_str_copy(sc->samples, sizeof sc->samples, "plugins");
	assay_status st = asy_lnet_get_text(v, "name", false, sc->name, sizeof sc->name, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_text(v, "samples", false, sc->samples, sizeof sc->samples, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "seed", 0, UINT64_MAX, &sc->seed, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "block_ms", 0, 3600000, &sc->block_ms, err);
	if (st == ASSAY_OK && sc->block_ms != 0 && sc->block_ms < 50)
		st = ASSAY_FAIL(err, E_CONFIG,
						"block_ms: %" PRIu64 " is below 50; 0 means blocks on request only",
						sc->block_ms);
	sc->timestamp_step_ms = sc->block_ms != 0 ? sc->block_ms : 12000;
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "timestamp_step_ms", 1, 3600000, &sc->timestamp_step_ms, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "genesis_ms", 0, UINT64_C(1) << 50, &sc->genesis_ms, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "finality_lag", 0, 100, &sc->finality_lag, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "history_blocks", 256, 100000, &sc->history, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "rpc_port", 0, 65535, &port, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "stake_threshold", 0, UINT64_MAX, &sc->stake_threshold, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "tao_weight", 0, UINT64_MAX, &sc->tao_weight, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "max_epochs_per_block", 1, 32, &sc->max_epochs, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "balance", 0, UINT64_C(1) << 62, &sc->balance, err);
	if (st == ASSAY_OK)
		st = asy_lnet_get_u64(v, "spec", 0, UINT32_MAX, &sc->spec, err);
	if (st == ASSAY_OK && asy_lnet_generation(sc->spec) == NULL)
		st = ASSAY_FAIL(err, E_CONFIG,
						"spec: no runtime %" PRIu64 " is known; there are 475 and 425", sc->spec);
	sc->rpc_port = (uint16_t)port;
	return st;
}

assay_status asy_scenario_parse(assay_span text, asy_scenario **out, assay_err *err)
{
	static const char *const keys[] = {"name",
									   "spec",
									   "seed",
									   "block_ms",
									   "timestamp_step_ms",
									   "genesis_ms",
									   "finality_lag",
									   "rpc_port",
									   "history_blocks",
									   "stake_threshold",
									   "tao_weight",
									   "balance",
									   "samples",
									   "max_epochs_per_block",
									   "subnets"};
	const asy_json_limits limits = {.max_bytes = SCENARIO_BYTES_MAX, .max_depth = 16};
	asy_json *doc = NULL;
	asy_scenario *sc = asy_calloc(1, sizeof *sc);
	if (sc == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "scenario");
	assay_status st = asy_json_parse(text, &limits, &doc, err);
	if (st != ASSAY_OK) {
		st = assay_err_at(err, ASSAY_E_CONFIG, "scenario");
	} else {
		asy_jv root = asy_json_root(doc);
		st = asy_lnet_check_keys(root, keys, ASY_COUNT(keys), err);
		if (st == ASSAY_OK)
			st = get_chain(root, sc, err);
		if (st == ASSAY_OK)
			st = get_subnets(asy_jv_get(root, "subnets"), sc, err);
	}
	asy_json_free(doc);
	if (st == ASSAY_OK)
		*out = sc;
	else
		asy_scenario_free(sc);
	return st;
}

void asy_scenario_free(asy_scenario *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->subnets_n; i++) {
		lnet_subnet *net = &s->subnet[i];
		for (size_t u = 0; u < net->neurons_n; u++)
			free(net->neuron[u].answers);
		free(net->neuron);
		free(net->answers);
		free(net->plugin_config);
	}
	free(s->subnet);
	free(s);
}

static assay_status no_such_subnet(const asy_scenario *s, uint64_t netuid, assay_err *err)
{
	char list[160] = "";
	for (size_t i = 0; i < s->subnets_n; i++) {
		size_t len = strlen(list);
		(void)snprintf(list + len, sizeof list - len, "%s%u", i > 0 ? ", " : "",
					   s->subnet[i].netuid);
	}
	return ASSAY_FAIL(err, E_NOTFOUND, "the scenario has no subnet %" PRIu64 "; it has %s", netuid,
					  list);
}

assay_status asy_scenario_find(const asy_scenario *s, uint64_t netuid, asy_scenario_subnet *out,
							   assay_err *err)
{
	const lnet_subnet *net = NULL;
	for (size_t i = 0; i < s->subnets_n; i++)
		if (s->subnet[i].netuid == netuid)
			net = &s->subnet[i];
	if (net == NULL)
		return no_such_subnet(s, netuid, err);
	*out = (asy_scenario_subnet){.netuid = net->netuid,
								 .tempo = net->tempo,
								 .rpc_port = s->rpc_port,
								 .block_ms = s->block_ms,
								 .task = net->task,
								 .plugin = net->plugin,
								 .plugin_config = net->plugin_config,
								 .dataset = net->dataset,
								 .samples = s->samples};
	if (net->dataset[0] == '\0' && net->answers != NULL && net->answers->kind == LNET_ANSWERS_FILE)
		out->dataset = net->answers->text;
	out->answers_anything = net->answers != NULL && net->answers->kind != LNET_ANSWERS_FILE;
	for (size_t i = net->neurons_n; i > 0; i--)
		if (net->neuron[i - 1].role == ASY_ROLE_VALIDATOR)
			out->validator = net->neuron[i - 1].key;
	return ASSAY_OK;
}
