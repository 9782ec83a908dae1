/* Golden suite of what all plugins share: batch normalisers and latency curves against the
 * scoring code of the subnets that they are named after. */
#include <math.h>
#include "common/latency.h"
#include "common/normaliser.h"
#include "common/num.h"
#include "golden/golden.h"
#include "text/subnets.h"

#define MANY 256

static double number(asy_jv v)
{
	double d;
	return asy_jv_f64(v, &d, NULL) == ASSAY_OK ? d : (double)NAN;
}

static void compare(golden *g, const char *what, size_t i, double got, double want, double tol)
{
	if (fabs(got - want) <= tol)
		golden_pass(g);
	else
		golden_fail(g, what, "value %zu is %.17g, expected %.17g", i, got, want);
}

static void curve(golden *g, const char *what, plg_normaliser k, asy_jv in, asy_jv want, double tol)
{
	double score[MANY], work[MANY];
	size_t n = asy_jv_size(in);
	if (n > MANY || asy_jv_size(want) != n) {
		golden_fail(g, what, "%zu values", n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		score[i] = number(asy_jv_at(in, i));
	plg_normalise_scores(&k, score, n, work);
	for (size_t i = 0; i < n; i++)
		compare(g, what, i, score[i], number(asy_jv_at(want, i)), tol);
}

/* opentensor/text-prompting's, whose state the case gives after each batch. */
static void moving(golden *g, asy_jv steps, double tol)
{
	txt_moving m = {0, 0, 0};
	for (size_t i = 0; i < asy_jv_size(steps); i++) {
		asy_jv step = asy_jv_at(steps, i), batch = asy_jv_get(step, "batch");
		asy_jv want = asy_jv_get(step, "expected"), state = asy_jv_get(step, "state");
		double x[MANY];
		size_t n = asy_jv_size(batch);
		if (n > MANY || asy_jv_size(want) != n) {
			golden_fail(g, "moving", "%zu values", n);
			return;
		}
		for (size_t k = 0; k < n; k++)
			x[k] = number(asy_jv_at(batch, k));
		txt_moving_normalise(&m, x, n);
		for (size_t k = 0; k < n; k++)
			compare(g, "moving", k, x[k], number(asy_jv_at(want, k)), tol);
		compare(g, "moving mean", i, m.mean, number(asy_jv_get(state, "mean")), tol);
		/* the original sums in float: six digits */
		double var = number(asy_jv_get(state, "var"));
		compare(g, "moving variance", i, m.var, var, tol * (1 + var));
	}
}

static void run_normalisers(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	double tol = number(asy_jv_get(root, "tolerance"));
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i), rewards = asy_jv_get(c, "rewards");
		const plg_normaliser k = {PLG_NORM_STEEPNESS, number(asy_jv_get(c, "p"))};
		if (asy_jv_kind(rewards) == ASY_J_ARRAY)
			curve(g, "steepness", k, rewards, asy_jv_get(c, "expected"), tol);
		else
			moving(g, asy_jv_get(c, "steps"), tol);
	}
}

/* target = m * clip(1 - N(u)), a tenth of the way up, four tenths down. */
static void run_omron(golden *g, asy_jv set)
{
	asy_jv cases = asy_jv_get(set, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		double last = number(asy_jv_get(c, "previous_score"));
		double from = number(asy_jv_get(c, "min_response_time"));
		double to = number(asy_jv_get(c, "max_response_time"));
		bool verified = false;
		to += to > from ? 0 : 1;
		double u = (number(asy_jv_get(c, "response_time")) - from) / (to - from);
		double target =
			number(asy_jv_get(c, "maximum_score")) * plg_clamp(plg_latency_tangent(u), 0, 1);
		if (asy_jv_bool(asy_jv_get(c, "verified"), &verified, NULL) != ASSAY_OK)
			golden_fail(g, "omron_reward", "case %zu: verified is missing", i);
		compare(g, "omron_reward", i, verified ? last + 0.1 * (target - last) : last - 0.4 * last,
				number(asy_jv_get(c, "expected")), number(asy_jv_get(set, "tolerance")));
	}
}

static void run_masa(golden *g, asy_jv set)
{
	static const plg_normaliser k = {PLG_NORM_Z_CDF, 1};
	asy_jv cases = asy_jv_get(set, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i), in = asy_jv_get(c, "volumes");
		bool equal = true;
		for (size_t j = 1; j < asy_jv_size(in); j++)
			equal = equal && fabs(number(asy_jv_at(in, j)) - number(asy_jv_at(in, 0))) <= 0;
		if (equal) /* documented: 0.5 here, where the original pays nobody */
			golden_skip(g, 1, "equal values are 0.5 by choice, 0 in the original");
		else
			curve(g, "masa_volume_cdf", k, in, asy_jv_get(c, "expected"),
				  number(asy_jv_get(set, "tolerance")));
	}
}

static void run_subnets(golden *g, asy_jv root)
{
	for (size_t i = 0; i < asy_jv_size(root); i++) {
		const char *name = asy_jv_key(root, i);
		asy_jv set = asy_jv_value(root, i);
		if (strcmp(name, "omron_reward") == 0)
			run_omron(g, set);
		else if (strcmp(name, "masa_volume_cdf") == 0)
			run_masa(g, set);
		else
			golden_skip(g, asy_jv_size(asy_jv_get(set, "cases")), "tasks without a plugin here");
	}
}

extern const golden_row golden_suite_common[];
const golden_row golden_suite_common[] = {
	{NULL, "cases.steps", run_normalisers},
	{NULL, "cases.rewards cases.p cases.expected", run_normalisers},
	{NULL, "omron_reward", run_subnets},
	{NULL, "nous_wins", run_subnets},
	{NULL, "nineteen_period_score", run_subnets},
	{NULL, "nineteen_speed_bonus", run_subnets},
	{NULL, "myshell_tts", run_subnets},
	{NULL, "myshell_wins", run_subnets},
	{NULL, "taoshi_metrics", run_subnets},
	{NULL, "masa_volume_cdf", run_subnets},
	{NULL, NULL, NULL},
};
