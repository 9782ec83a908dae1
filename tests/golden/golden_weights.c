/* The published weight-processing vectors. What ships is assay_weights_plan_new: every row
 * of the file is asked of it, under the profile of its name and with the guard off. The
 * steps below it that a file also pins (v10's floats and trace, the integer row, the cap as
 * the chain sees it) are compared one by one. A case passes only if all of it is met. */
#include <math.h>
#include <stdlib.h>
#include "golden/golden.h"
#include "weights/weights.h"

#define ENTRIES_MAX ((size_t)1 << 20)

typedef struct {
	golden *g;
	const char *id;
	asy_drow in;
	assay_weights_limits limits;
	double limit;
	uint16_t *uids, *values; /* what a profile gave; room for every neuron and entry */
	size_t n;
	bool failed;
} run;

/* A case fails once, with the first thing that is wrong. */
#define SAY(r, ...) ((r)->failed = true, golden_fail((r)->g, (r)->id, __VA_ARGS__))

static assay_status read_weight(asy_jv v, double *out, assay_err *err)
{
	const char *s = NULL;
	size_t len = 0;
	if (asy_jv_kind(v) != ASY_J_STRING)
		return asy_jv_f64(v, out, err);
	assay_status st = asy_jv_str(v, &s, &len, err);
	if (st != ASSAY_OK)
		return st;
	if (strcmp(s, "NaN") == 0)
		*out = (double)NAN;
	else if (strcmp(s, "Infinity") == 0)
		*out = (double)INFINITY;
	else if (strcmp(s, "-Infinity") == 0)
		*out = -(double)INFINITY;
	else
		return ASSAY_FAIL(err, E_FORMAT, "a weight is \"%.20s\"", s);
	return ASSAY_OK;
}

static assay_status read_input(run *r, asy_jv in, assay_err *err)
{
	asy_jv uids = asy_jv_get(in, "uids"), weights = asy_jv_get(in, "weights");
	size_t n = asy_jv_size(weights), room;
	uint64_t neurons = 0, least = 0;
	uint16_t cap = 65535, quantile = 0;
	assay_status st = ASSAY_OK;
	if (n != asy_jv_size(uids) || n > ENTRIES_MAX)
		return ASSAY_FAIL(err, E_FORMAT, "uids and weights differ in length, or too many");
	if (asy_jv_kind(asy_jv_get(in, "num_neurons")) != ASY_J_ABSENT) {
		st = asy_jv_u64(asy_jv_get(in, "num_neurons"), &neurons, err);
		if (st == ASSAY_OK)
			st = asy_jv_u64(asy_jv_get(in, "min_allowed_weights"), &least, err);
		if (st == ASSAY_OK)
			st = asy_jv_u16(asy_jv_get(in, "max_weight_limit_u16"), &cap, err);
		if (st == ASSAY_OK)
			st = asy_jv_u16(asy_jv_get(in, "exclude_quantile"), &quantile, err);
		if (st == ASSAY_OK)
			st = asy_jv_f64(asy_jv_get(in, "max_weight_limit"), &r->limit, err);
		if (st == ASSAY_OK && (neurons > ENTRIES_MAX || least > UINT32_MAX))
			st = ASSAY_FAIL(err, E_LIMIT, "num_neurons or min_allowed_weights is too large");
	}
	if (st == ASSAY_OK)
		st = asy_drow_init(&r->in, n, err);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		st = asy_jv_i64(asy_jv_at(uids, i), &r->in.uids[i], err);
		if (st == ASSAY_OK)
			st = read_weight(asy_jv_at(weights, i), &r->in.weights[i], err);
	}
	if (st != ASSAY_OK)
		return st;
	r->limits = (assay_weights_limits){(uint32_t)neurons, (uint32_t)least, cap, quantile};
	room = (n > neurons ? n : (size_t)neurons) + 1;
	r->uids = asy_calloc(room, sizeof *r->uids);
	r->values = asy_calloc(room, sizeof *r->values);
	if (r->uids == NULL || r->values == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "out of memory");
	return ASSAY_OK;
}

/* What was computed against {"uids", "u16"} or {"error"}. */
static void compare_row(run *r, const char *what, asy_jv want, assay_status st,
						const assay_err *err)
{
	asy_jv uids = asy_jv_get(want, "uids"), values = asy_jv_get(want, "u16");
	if (r->failed || asy_jv_kind(want) != ASY_J_OBJECT)
		return;
	if (asy_jv_kind(asy_jv_get(want, "error")) != ASY_J_ABSENT) {
		if (st == ASSAY_OK)
			SAY(r, "%s: gave a row, an error was due", what);
		return;
	}
	if (st != ASSAY_OK) {
		SAY(r, "%s: %s", what, err->msg);
		return;
	}
	if (r->n != asy_jv_size(uids) || r->n != asy_jv_size(values)) {
		SAY(r, "%s: %zu entries, expected %zu", what, r->n, asy_jv_size(uids));
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		uint16_t uid = 0, value = 0;
		if (asy_jv_u16(asy_jv_at(uids, i), &uid, NULL) != ASSAY_OK ||
			asy_jv_u16(asy_jv_at(values, i), &value, NULL) != ASSAY_OK) {
			SAY(r, "%s: entry %zu of the file is malformed", what, i);
			return;
		}
		if (uid != r->uids[i] || value != r->values[i]) {
			SAY(r, "%s: entry %zu is uid %u with %u, expected uid %u with %u", what, i, r->uids[i],
				r->values[i], uid, value);
			return;
		}
	}
}

static void compare_name(run *r, asy_jv want, const char *what, const char *have)
{
	const char *s = NULL;
	size_t len = 0;
	if (r->failed || asy_jv_kind(want) == ASY_J_ABSENT)
		return;
	if (asy_jv_str(want, &s, &len, NULL) != ASSAY_OK || strcmp(s, have) != 0)
		SAY(r, "%s is %s, expected %s", what, have, s != NULL ? s : "?");
}

static void compare_count(run *r, asy_jv want, const char *what, size_t have)
{
	uint64_t n = 0;
	if (r->failed || asy_jv_kind(want) == ASY_J_ABSENT)
		return;
	if (asy_jv_u64(want, &n, NULL) != ASSAY_OK || n != have)
		SAY(r, "%s is %zu, expected %" PRIu64, what, have, n);
}

static void compare_trace(run *r, asy_jv want, const asy_weights_trace *t)
{
	static const char *const branches[] = {"uniform", "backfill", "main"};
	static const char *const norms[] = {"plain", "capped", "uniform_limit_infeasible",
										"uniform_zero_sum"};
	compare_name(r, asy_jv_get(want, "branch"), "branch", branches[t->branch]);
	compare_count(r, asy_jv_get(want, "non_zero_count"), "non_zero_count", t->non_zero);
	if (t->branch == ASY_BRANCH_MAIN)
		compare_count(r, asy_jv_get(want, "kept_count"), "kept_count", t->kept);
	if (t->branch != ASY_BRANCH_UNIFORM)
		compare_name(r, asy_jv_get(want, "normalize"), "normalize", norms[t->normalize]);
	if (t->normalize == ASY_NORM_CAPPED)
		compare_count(r, asy_jv_get(want, "n_values"), "n_values", t->n_values);
}

/* Every float equal, which the vectors' authors reached and we promise. */
static void compare_floats(run *r, asy_jv want, const asy_drow *have, asy_branch branch)
{
	asy_jv uids = asy_jv_get(want, "uids"), weights = asy_jv_get(want, "weights");
	if (r->failed || asy_jv_kind(want) != ASY_J_OBJECT)
		return;
	compare_name(r, asy_jv_get(want, "dtype"), "dtype",
				 branch == ASY_BRANCH_MAIN ? "float32" : "float64");
	if (!r->failed && (have->n != asy_jv_size(weights) || have->n != asy_jv_size(uids)))
		SAY(r, "process_weights: %zu entries, expected %zu", have->n, asy_jv_size(weights));
	for (size_t i = 0; i < have->n && !r->failed; i++) {
		int64_t uid = 0;
		double w = 0, h = have->weights[i];
		if (asy_jv_i64(asy_jv_at(uids, i), &uid, NULL) != ASSAY_OK ||
			read_weight(asy_jv_at(weights, i), &w, NULL) != ASSAY_OK)
			SAY(r, "process_weights: entry %zu of the file is malformed", i);
		else if (uid != have->uids[i])
			SAY(r, "process_weights: entry %zu is uid %" PRId64 ", expected %" PRId64, i,
				have->uids[i], uid);
		else if (!(h == w || (isnan(h) && isnan(w))))
			SAY(r, "process_weights: uid %" PRId64 " has %.17g, expected %.17g", uid, h, w);
	}
}

static void compare_chain(run *r, asy_jv want, assay_status emitted)
{
	bool count_ok = true, limit_ok = true;
	uint32_t least =
		r->limits.min_allowed < r->limits.neurons ? r->limits.min_allowed : r->limits.neurons;
	if (r->failed || asy_jv_kind(want) != ASY_J_OBJECT || emitted != ASSAY_OK)
		return;
	if (asy_jv_bool(asy_jv_get(want, "count_ok"), &count_ok, NULL) != ASSAY_OK ||
		asy_jv_bool(asy_jv_get(want, "limit_ok"), &limit_ok, NULL) != ASSAY_OK)
		SAY(r, "chain_view of the file is malformed");
	else if (count_ok != (r->n >= least))
		SAY(r, "chain_view: count_ok is %d, expected %d", !count_ok, count_ok);
	else if (limit_ok != asy_weights_cap_holds(r->values, r->n, r->limits.max_limit))
		SAY(r, "chain_view: limit_ok is %d, expected %d", !limit_ok, limit_ok);
}

/* The plan's row against {"uids", "u16"}: the same pairs, but a plan ascends by uid. */
static void compare_plan(run *r, const char *what, asy_jv want, assay_status st,
						 const assay_weights_plan *p, const assay_err *err)
{
	asy_jv uids = asy_jv_get(want, "uids"), values = asy_jv_get(want, "u16");
	size_t n = asy_jv_size(uids);
	if (r->failed)
		return;
	if (st != ASSAY_OK) {
		SAY(r, "plan %s: %s", what, err->msg);
		return;
	}
	assay_weights_row row = assay_weights_plan_row(p);
	if (row.n != n)
		SAY(r, "plan %s: %zu entries, expected %zu", what, row.n, n);
	for (size_t i = 0; i < n && !r->failed; i++) {
		uint16_t uid = 0, value = 0;
		size_t at = 0;
		if (asy_jv_u16(asy_jv_at(uids, i), &uid, NULL) != ASSAY_OK ||
			asy_jv_u16(asy_jv_at(values, i), &value, NULL) != ASSAY_OK) {
			SAY(r, "plan %s: entry %zu of the file is malformed", what, i);
			return;
		}
		while (at < row.n && row.uids[at] != uid)
			at++;
		if (at == row.n)
			SAY(r, "plan %s: uid %u is not in the row", what, uid);
		else if (row.values[at] != value)
			SAY(r, "plan %s: uid %u has %u, expected %u", what, uid, row.values[at], value);
	}
}

/* The input as candidates, by uid or by position; neurons enough for all of them. */
static assay_status plan_of(run *r, bool by_position, assay_weights_limits l,
							const assay_weights_policy *policy, assay_weights_plan **out,
							assay_err *err)
{
	assay_candidate *c = asy_calloc(r->in.n + 1, sizeof *c);
	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "out of memory");
	for (size_t i = 0; i < r->in.n; i++) {
		c[i].uid = (uint16_t)(by_position ? (int64_t)i : r->in.uids[i]);
		c[i].score = r->in.weights[i];
		if (c[i].uid >= l.neurons)
			l.neurons = c[i].uid + 1u;
	}
	assay_status st = assay_weights_plan_new(c, r->in.n, &l, policy, NULL, out, err);
	free(c);
	return st;
}

static assay_weights_policy upstream(assay_weights_profile profile)
{
	assay_weights_policy p = assay_weights_policy_defaults();
	p.profile = profile;
	p.guarded = 0;
	p.min_count = 0;
	return p;
}

/* True: the file makes no claim. Anything else that it calls an error must be refused. */
static bool settled_by_error(run *r, const char *what, asy_jv want, assay_status st)
{
	const char *name = NULL;
	size_t len = 0;
	asy_jv error = asy_jv_get(want, "error");
	if (asy_jv_kind(want) != ASY_J_OBJECT)
		return true;
	if (asy_jv_kind(error) == ASY_J_ABSENT)
		return false;
	if (asy_jv_str(error, &name, &len, NULL) != ASSAY_OK)
		SAY(r, "plan %s: the error of the file is malformed", what);
	else if (strcmp(name, "not_specified") != 0 && st != ASSAY_E_REFUSED)
		SAY(r, "plan %s: status %d, a refusal was due", what, (int)st);
	return true;
}

static void plan_v10(run *r, asy_jv want)
{
	assay_weights_policy policy = upstream(ASSAY_PROFILE_V10);
	assay_weights_limits l = r->limits;
	assay_weights_plan *p = NULL;
	assay_err err = {0};
	/* upstream fills up and spreads evenly unasked; the plan when told to */
	policy.fallback = ASSAY_FALLBACK_UNIFORM;
	policy.max_weight = r->limit;
	l.max_limit = 65535;
	/* upstream adds by position where it fills up, which is by uid for all who call it */
	assay_status st = plan_of(r, r->in.n < r->limits.min_allowed, l, &policy, &p, &err);
	if (!settled_by_error(r, "v10", want, st))
		compare_plan(r, "v10", want, st, p, &err);
	assay_weights_plan_free(p);
}

/* SDK 11 pays zeros when they are handed in and the positives alone cannot meet the cap.
 * The plan never does: it refuses exactly there. */
static bool pays_zeros(const run *r)
{
	size_t positive = 0;
	for (size_t i = 0; i < r->in.n; i++)
		positive += r->in.weights[i] > 0;
	return r->limits.max_limit < 65535 && positive < r->in.n &&
		   (double)positive * (r->limits.max_limit / 65535.0) <= 1;
}

static void plan_v11(run *r, asy_jv want)
{
	assay_weights_policy policy = upstream(ASSAY_PROFILE_V11);
	assay_weights_limits l = r->limits;
	assay_weights_plan *p = NULL;
	assay_err err = {0};
	/* upstream asks for min_allowed whatever the size of the subnet */
	if (l.neurons < l.min_allowed)
		l.neurons = l.min_allowed;
	assay_status st = plan_of(r, false, l, &policy, &p, &err);
	if (pays_zeros(r)) {
		if (!r->failed && st != ASSAY_E_REFUSED)
			SAY(r, "plan v11: status %d, but no row of positives meets the cap", (int)st);
	} else if (!settled_by_error(r, "v11", want, st)) {
		compare_plan(r, "v11", want, st, p, &err);
	}
	assay_weights_plan_free(p);
}

static void plan_fiber(run *r, asy_jv want)
{
	assay_weights_policy policy = upstream(ASSAY_PROFILE_FIBER);
	assay_weights_limits l = {.neurons = r->limits.neurons, .max_limit = 65535};
	assay_weights_plan *p = NULL;
	assay_err err = {0};
	assay_status st = plan_of(r, false, l, &policy, &p, &err);
	if (settled_by_error(r, "fiber", want, st)) {
		/* said */
	} else if (asy_jv_size(asy_jv_get(want, "uids")) == 0) {
		if (!r->failed && st != ASSAY_E_REFUSED)
			SAY(r, "plan fiber: status %d for an empty row, a refusal was due", (int)st);
	} else {
		compare_plan(r, "fiber", want, st, p, &err);
	}
	assay_weights_plan_free(p);
}

static void run_process(run *r, asy_jv v)
{
	asy_drow out = {0};
	asy_weights_trace t = {0};
	assay_err err = {0};
	assay_status st = asy_weights_v10(&r->in, &r->limits, r->limit, &out, &t, &err);
	if (st == ASSAY_OK) {
		compare_trace(r, asy_jv_get(v, "trace"), &t);
		compare_floats(r, asy_jv_get(v, "process_weights"), &out, t.branch);
		st = asy_weights_emit(&out, r->uids, r->values, &r->n, &err);
	}
	compare_row(r, "emit", asy_jv_get(v, "emit"), st, &err);
	compare_chain(r, asy_jv_get(v, "chain_view"), st);
	asy_drow_fini(&out);
	if (r->failed)
		return;
	plan_v10(r, asy_jv_get(v, "emit"));
	plan_v11(r, asy_jv_get(v, "sdk11"));
	plan_fiber(r, asy_jv_get(v, "fiber"));
}

static void run_vector(golden *g, asy_jv v)
{
	run r = {.g = g, .limit = 1};
	assay_err err = {0};
	const char *kind = NULL;
	size_t len = 0;
	if (asy_jv_str(asy_jv_get(v, "id"), &r.id, &len, NULL) != ASSAY_OK)
		r.id = NULL;
	assay_status st = asy_jv_str(asy_jv_get(v, "kind"), &kind, &len, &err);
	if (st == ASSAY_OK)
		st = read_input(&r, asy_jv_get(v, "input"), &err);
	if (st != ASSAY_OK) {
		SAY(&r, "%s", err.msg);
	} else if (strcmp(kind, "process") == 0) {
		run_process(&r, v);
	} else if (strcmp(kind, "emit_only") == 0) {
		st = asy_weights_emit(&r.in, r.uids, r.values, &r.n, &err);
		compare_row(&r, "emit", asy_jv_get(v, "emit"), st, &err);
	} else {
		golden_skip(g, 1, "a kind of vector this program does not know");
		r.failed = true;
	}
	if (!r.failed)
		golden_pass(g);
	asy_drow_fini(&r.in);
	free(r.uids);
	free(r.values);
}

static void run_weights(golden *g, asy_jv root)
{
	asy_jv vectors = asy_jv_get(root, "vectors");
	if (asy_jv_kind(vectors) != ASY_J_ARRAY) {
		golden_fail(g, NULL, "no list \"vectors\"");
		return;
	}
	for (size_t i = 0; i < asy_jv_size(vectors); i++)
		run_vector(g, asy_jv_at(vectors, i));
}

extern const golden_row golden_suite_weights[];
const golden_row golden_suite_weights[] = {{"weights", NULL, run_weights}, {0}};
