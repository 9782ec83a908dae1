/* assay weights: scores in, the integer row that the chain takes out, with the
 * reason for every miner. The same code as the daemon's. */
#include <stdlib.h>
#include "assay/weights.h"
#include "cli/cli.h"

#define INPUT_MAX ((size_t)64 << 20)

typedef struct {
	assay_candidate *c;
	bool scored[UINT16_MAX + 1]; /* by uid */
	size_t n;
	assay_weights_limits limits;
} weights_input;

static const char *const root_keys[] = {"scores", "neurons", "min_allowed", "max_limit",
										"exclude_quantile"};
static const char *const row_keys[] = {"uid", "score", "hotkey"};

static assay_status u32_or(asy_jv v, uint32_t fallback, uint32_t *out, assay_err *err)
{
	uint64_t x = fallback;
	if (!asy_jv_is_null(v)) {
		assay_status st = asy_jv_u64(v, &x, err);
		if (st != ASSAY_OK)
			return st;
		if (x > UINT32_MAX)
			return ASSAY_FAIL(err, E_RANGE, "%" PRIu64 " is too large", x);
	}
	*out = (uint32_t)x;
	return ASSAY_OK;
}

/* A key that is not read is a typo: it would change nothing, in silence. */
static assay_status check_keys(asy_jv object, const char *const *names, size_t n, assay_err *err)
{
	for (size_t i = 0; i < asy_jv_size(object); i++) {
		const char *key = asy_jv_key(object, i);
		char shown[80];
		size_t k = 0;
		while (k < n && strcmp(key, names[k]) != 0)
			k++;
		if (k < n)
			continue;
		asy_str_escape(shown, sizeof shown, asy_span_str(key));
		k = asy_str_nearest(key, names, n);
		return ASSAY_FAIL(err, E_INPUT, "unknown key \"%s\"%s%s%s", shown,
						  k < n ? "; did you mean \"" : "", k < n ? names[k] : "",
						  k < n ? "\"?" : "");
	}
	return ASSAY_OK;
}

static assay_status read_scores(asy_jv list, weights_input *in, assay_err *err)
{
	size_t n = asy_jv_size(list);
	if (asy_jv_kind(list) != ASY_J_ARRAY || n == 0)
		return ASSAY_FAIL(err, E_INPUT, "\"scores\" must be a list of {\"uid\", \"score\"}");
	in->c = asy_calloc(n, sizeof *in->c);
	if (in->c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu scores", n);
	in->n = n;
	for (size_t i = 0; i < n; i++) {
		asy_jv row = asy_jv_at(list, i);
		const char *hotkey;
		assay_status st = check_keys(row, row_keys, ASY_COUNT(row_keys), err);
		if (st == ASSAY_OK)
			st = asy_jv_u16(asy_jv_get(row, "uid"), &in->c[i].uid, err);
		if (st == ASSAY_OK)
			st = asy_jv_f64(asy_jv_get(row, "score"), &in->c[i].score, err);
		in->scored[in->c[i].uid] = true;
		/* Without a hotkey the uid stands in for the miner's identity. */
		asy_put_u16le(in->c[i].hotkey, in->c[i].uid);
		if (st == ASSAY_OK && !asy_jv_is_null(asy_jv_get(row, "hotkey"))) {
			st = asy_jv_str(asy_jv_get(row, "hotkey"), &hotkey, NULL, err);
			if (st == ASSAY_OK)
				st = asy_ss58_decode(hotkey, in->c[i].hotkey, err);
		}
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

static assay_status read_input(asy_jv root, weights_input *in, assay_err *err)
{
	uint32_t limit = 65535, quantile = 0, most = 0;
	assay_status st = check_keys(root, root_keys, ASY_COUNT(root_keys), err);
	if (st == ASSAY_OK)
		st = read_scores(asy_jv_get(root, "scores"), in, err);
	for (size_t i = 0; st == ASSAY_OK && i < in->n; i++)
		most = in->c[i].uid >= most ? (uint32_t)in->c[i].uid + 1 : most;
	if (st == ASSAY_OK)
		st = u32_or(asy_jv_get(root, "neurons"), most, &in->limits.neurons, err);
	if (st == ASSAY_OK)
		st = u32_or(asy_jv_get(root, "min_allowed"), 1, &in->limits.min_allowed, err);
	if (st == ASSAY_OK)
		st = u32_or(asy_jv_get(root, "max_limit"), 65535, &limit, err);
	if (st == ASSAY_OK)
		st = u32_or(asy_jv_get(root, "exclude_quantile"), 0, &quantile, err);
	if (st == ASSAY_OK && (limit > 65535 || quantile > 65535))
		st = ASSAY_FAIL(err, E_RANGE, "max_limit and exclude_quantile have 16 bits");
	in->limits.max_limit = (uint16_t)limit;
	in->limits.exclude_quantile = (uint16_t)quantile;
	return st;
}

static const char *const profiles[] = {"v11", "v10", "fiber"};

static bool parse_profile(const char *name, assay_weights_profile *out)
{
	for (size_t i = 0; i < ASY_COUNT(profiles); i++) {
		if (strcmp(name, profiles[i]) == 0) {
			*out = (assay_weights_profile)i;
			return true;
		}
	}
	return false;
}

/* A neuron that has neither a score nor a weight is not worth a line. */
static void print_text(const assay_weights_plan *plan, const weights_input *in)
{
	char why[256];
	assay_weights_row row = assay_weights_plan_row(plan);
	(void)printf("%5s  %12s  %9s  %6s  %s\n", "uid", "score", "share", "weight", "why");
	for (size_t i = 0; i < assay_weights_plan_lines(plan); i++) {
		const assay_weights_line *l = assay_weights_plan_line(plan, i);
		if (l->value == 0 && !in->scored[l->uid])
			continue;
		assay_weights_why_text(l, why, sizeof why);
		int at = printf("%5u  %12.6g  %8.4f%%  %6u", l->uid, l->score, 100 * l->share, l->value);
		if (why[0] != '\0')
			at += printf("  ");
		asy_front_print_wrapped(stdout, (size_t)at, 42, why);
	}
	if (assay_weights_plan_fallback(plan) != NULL) {
		int at = printf("fallback used instead of: ");
		asy_front_print_wrapped(stdout, (size_t)at, 4, assay_weights_plan_fallback(plan));
	}
	(void)printf("%zu weights, %u neurons\n", row.n, in->limits.neurons);
}

static int unknown_profile(const char *name)
{
	size_t near = asy_str_nearest(name, profiles, ASY_COUNT(profiles));
	return asy_front_misuse("weights", "unknown profile '%s'; did you mean '%s'?", name,
							near < ASY_COUNT(profiles) ? profiles[near] : "v11");
}

int cmd_weights(int argc, char **argv)
{
	const char *profile = "v11", *file;
	bool json = false;
	assay_weights_policy policy = assay_weights_policy_defaults();
	uint64_t min_count = policy.min_count, max_count = policy.max_count;
	const asy_front_opt opts[] = {
		{"profile", ASY_FRONT_STR, &profile, "NAME", "v11 (default), v10 or fiber"},
		{"power", ASY_FRONT_F64, &policy.power, "X", "raise shares to this power (default 1)"},
		{"floor", ASY_FRONT_F64, &policy.floor, "X", "drop shares below this (default 0)"},
		{"max-weight", ASY_FRONT_F64, &policy.max_weight, "X",
		 "own cap on a share (default 1, none)"},
		{"min-count", ASY_FRONT_U64, &min_count, "N", "refuse fewer positive scores than this"},
		{"max-count", ASY_FRONT_U64, &max_count, "N", "keep only the best N (default all)"},
		{"json", ASY_FRONT_FLAG, &json, NULL, "the row and the reasoning as JSON"},
	};
	const asy_front_usage usage = {
		"assay weights [options] SCORES.json",
		"Reads {\"scores\": [{\"uid\": 0, \"score\": 0.7}, ...], \"neurons\": 256, "
		"\"min_allowed\": 1,\n"
		"\"max_limit\": 65535} (\"-\" is standard input) and prints the row that would be sent.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	if (n != 1)
		return asy_front_misuse("weights", "needs one input file");
	if (!parse_profile(profile, &policy.profile))
		return unknown_profile(profile);
	if (min_count > UINT32_MAX || max_count > UINT32_MAX)
		return asy_front_misuse("weights", "a count is too large");
	policy.min_count = (uint32_t)min_count;
	policy.max_count = (uint32_t)max_count;

	assay_err err = {0};
	asy_buf text = {0};
	asy_json *doc = NULL;
	weights_input in = {0};
	assay_weights_plan *plan = NULL;
	assay_status st = asy_front_read_file(file, INPUT_MAX, &text, &err);
	if (st == ASSAY_OK) {
		st = asy_json_parse(asy_buf_span(&text), NULL, &doc, &err);
		if (st == ASSAY_OK)
			st = read_input(asy_json_root(doc), &in, &err);
		if (st != ASSAY_OK)
			st = assay_err_at(&err, st, "%s", asy_front_file_name(file));
	}
	if (st == ASSAY_OK)
		st = assay_weights_plan_new(in.c, in.n, &in.limits, &policy, NULL, &plan, &err);
	if (st == ASSAY_OK) {
		if (json)
			(void)puts(assay_weights_plan_json(plan));
		else
			print_text(plan, &in);
	}
	assay_weights_plan_free(plan);
	free(in.c);
	asy_json_free(doc);
	asy_buf_fini(&text);
	return st == ASSAY_OK ? 0 : asy_front_fail("weights", st, &err);
}
