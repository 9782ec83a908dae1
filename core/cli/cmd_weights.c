/* assay weights: scores in, the integer row that the chain takes out, with the
 * reason for every miner. The same code as the daemon's. */
#include <stdlib.h>
#include "assay/weights.h"
#include "cli/cli.h"
#include "cli/weights_file.h"

#define INPUT_MAX ((size_t)64 << 20)

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
static void print_text(const assay_weights_plan *plan, const cli_weights_input *in)
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
	cli_weights_input in = {0};
	assay_weights_plan *plan = NULL;
	assay_status st = asy_front_read_file(file, INPUT_MAX, &text, &err);
	if (st == ASSAY_OK) {
		st = asy_json_parse(asy_buf_span(&text), NULL, &doc, &err);
		if (st == ASSAY_OK)
			st = cli_weights_read(asy_json_root(doc), &in, &err);
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
	cli_weights_input_fini(&in);
	asy_json_free(doc);
	asy_buf_fini(&text);
	return st == ASSAY_OK ? 0 : asy_front_fail("weights", st, &err);
}
