/* The plan, its units and their state lines. A unit is computed by asy_yuma_split_*,
 * which samples the network of (S_H, sigma_W, seed) from the original's own stream;
 * each worker keeps the last network, since neighbouring units share it. */
#include <math.h>
#include <stdlib.h>
#include "research/guarantees.h"
#include "research/jobs.h"
#include "yuma/yuma.h"

#define EMISSION_MAX UINT64_C(1000000000)
#define POINTS_MAX ((size_t)64 << 20)

/* Settings x seeds x W_C, and the points of each. */
struct asy_guar {
	asy_guar_plan plan;
	asy_guar_setting *setting;
	uint64_t *seed;
	size_t honest_n, cabal_n, units, known;
	uint8_t *is_known;
	asy_guar_point *point; /* [unit][honest] */
};

static size_t grid_n(unsigned step)
{
	return ASY_GUAR_WHOLE / step + 1;
}

static assay_status check_plan(const asy_guar_plan *p, assay_err *err)
{
	if (p->setting_n == 0 || p->seed_n == 0)
		return ASSAY_FAIL(err, E_EMPTY, "a map needs a setting and a seed");
	if (p->setting_n > ASY_GUAR_SETTINGS_MAX || p->seed_n > ASY_GUAR_SEEDS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu settings and %zu seeds, at most %u and %u",
						  p->setting_n, p->seed_n, ASY_GUAR_SETTINGS_MAX, ASY_GUAR_SEEDS_MAX);
	if (p->honest_step == 0 || p->honest_step > ASY_GUAR_WHOLE || p->cabal_step == 0 ||
		p->cabal_step > ASY_GUAR_WHOLE)
		return ASSAY_FAIL(err, E_RANGE, "a grid step is 1 to %u fiftieths", ASY_GUAR_WHOLE);
	for (size_t i = 0; i < p->setting_n; i++) {
		const asy_guar_setting *s = &p->setting[i];
		if (!(s->honest_stake > 0 && s->honest_stake < 1))
			return ASSAY_FAIL(err, E_RANGE, "honest stake %g is not between 0 and 1",
							  s->honest_stake);
		if (!(s->spread >= 0 && s->spread <= 16))
			return ASSAY_FAIL(err, E_RANGE, "spread %g is not in 0 .. 16", s->spread);
	}
	size_t points = grid_n(p->honest_step) * grid_n(p->cabal_step);
	if (!asy_mul_size(points, p->setting_n, &points) || !asy_mul_size(points, p->seed_n, &points) ||
		points > POINTS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "the plan has more than %zu points", POINTS_MAX);
	return ASSAY_OK;
}

assay_status asy_guar_new(const asy_guar_plan *plan, asy_guar **out, assay_err *err)
{
	assay_status st = check_plan(plan, err);
	if (st != ASSAY_OK)
		return st;
	asy_guar *g = asy_calloc(1, sizeof *g);
	if (g == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a map");
	g->plan = *plan;
	g->honest_n = grid_n(plan->honest_step);
	g->cabal_n = grid_n(plan->cabal_step);
	g->units = plan->setting_n * plan->seed_n * g->cabal_n;
	g->setting = asy_calloc(plan->setting_n, sizeof *g->setting);
	g->seed = asy_calloc(plan->seed_n, sizeof *g->seed);
	g->is_known = asy_calloc(g->units, 1);
	g->point = asy_calloc(g->units * g->honest_n, sizeof *g->point);
	if (g->setting == NULL || g->seed == NULL || g->is_known == NULL || g->point == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "a map of %zu points", g->units * g->honest_n);
		asy_guar_free(g);
		return st;
	}
	memcpy(g->setting, plan->setting, plan->setting_n * sizeof *g->setting);
	memcpy(g->seed, plan->seed, plan->seed_n * sizeof *g->seed);
	g->plan.setting = g->setting;
	g->plan.seed = g->seed;
	*out = g;
	return ASSAY_OK;
}

void asy_guar_free(asy_guar *g)
{
	if (g == NULL)
		return;
	free(g->setting);
	free(g->seed);
	free(g->is_known);
	free(g->point);
	free(g);
}

const asy_guar_plan *asy_guar_plan_get(const asy_guar *g)
{
	return &g->plan;
}

size_t asy_guar_units(const asy_guar *g)
{
	return g->units;
}

size_t asy_guar_known(const asy_guar *g)
{
	return g->known;
}

size_t asy_guar_honest_n(const asy_guar *g)
{
	return g->honest_n;
}

size_t asy_guar_cabal_n(const asy_guar *g)
{
	return g->cabal_n;
}

static unsigned fiftieths(unsigned step, size_t i)
{
	return ASY_GUAR_WHOLE - step * (unsigned)i;
}

double asy_guar_honest_weight(const asy_guar *g, size_t i)
{
	return fiftieths(g->plan.honest_step, i) / (double)ASY_GUAR_WHOLE;
}

double asy_guar_cabal_weight(const asy_guar *g, size_t k)
{
	return fiftieths(g->plan.cabal_step, k) / (double)ASY_GUAR_WHOLE;
}

/* Seeds outermost: the first seed's maps are complete first. */
static size_t unit_of(const asy_guar *g, size_t setting, size_t seed, size_t k)
{
	return (seed * g->plan.setting_n + setting) * g->cabal_n + k;
}

const asy_guar_point *asy_guar_at(const asy_guar *g, size_t setting, size_t seed, size_t i,
								  size_t k)
{
	ASSERT(setting < g->plan.setting_n && seed < g->plan.seed_n);
	ASSERT(i < g->honest_n && k < g->cabal_n);
	return &g->point[unit_of(g, setting, seed, k) * g->honest_n + i];
}

/* ---- state lines ---- */

/* What a line is of; kept apart from the points so that both directions share it. */
typedef struct {
	asy_guar_setting setting;
	uint64_t seed;
	unsigned honest_step, cabal; /* fiftieths */
} unit_key;

static unit_key key_of(const asy_guar *g, size_t unit)
{
	size_t map = unit / g->cabal_n;
	return (unit_key){
		.setting = g->setting[map % g->plan.setting_n],
		.seed = g->seed[map / g->plan.setting_n],
		.honest_step = g->plan.honest_step,
		.cabal = fiftieths(g->plan.cabal_step, unit % g->cabal_n),
	};
}

static assay_status write_line(const unit_key *key, const asy_guar_point *p, size_t n, asy_buf *out,
							   assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_kf64(&w, "honest_stake", key->setting.honest_stake);
	asy_jw_kf64(&w, "spread", key->setting.spread);
	asy_jw_ku64(&w, "kappa", key->setting.kappa);
	asy_jw_ku64(&w, "bonds_penalty", key->setting.bonds_penalty);
	asy_jw_ku64(&w, "yuma", key->setting.yuma3 ? 3 : 2);
	asy_jw_ku64(&w, "seed", key->seed);
	asy_jw_ku64(&w, "honest_step", key->honest_step);
	asy_jw_ku64(&w, "cabal", key->cabal);
	asy_jw_key(&w, "points");
	asy_jw_array(&w);
	for (size_t i = 0; i < n; i++) {
		asy_jw_array(&w);
		asy_jw_u64(&w, p[i].honest_emission);
		asy_jw_u64(&w, p[i].cabal_emission);
		asy_jw_f64(&w, p[i].deviation);
		asy_jw_end_array(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status small(asy_jv v, const char *key, uint64_t max, uint64_t *out, assay_err *err)
{
	uint64_t x = 0;
	assay_status st = asy_jv_u64(asy_jv_get(v, key), &x, err);
	if (st == ASSAY_OK && x > max)
		st = ASSAY_FAIL(err, E_RANGE, "%s: %" PRIu64 " is above %" PRIu64, key, x, max);
	if (st == ASSAY_OK)
		*out = x;
	return st;
}

static assay_status read_key(asy_jv v, unit_key *key, assay_err *err)
{
	uint64_t kappa = 0, penalty = 0, yuma = 0, step = 0, cabal = 0;
	assay_status st = asy_jv_f64(asy_jv_get(v, "honest_stake"), &key->setting.honest_stake, err);
	if (st == ASSAY_OK)
		st = asy_jv_f64(asy_jv_get(v, "spread"), &key->setting.spread, err);
	if (st == ASSAY_OK)
		st = small(v, "kappa", UINT16_MAX, &kappa, err);
	if (st == ASSAY_OK)
		st = small(v, "bonds_penalty", UINT16_MAX, &penalty, err);
	if (st == ASSAY_OK)
		st = small(v, "yuma", 3, &yuma, err);
	if (st == ASSAY_OK)
		st = small(v, "seed", UINT64_MAX, &key->seed, err);
	if (st == ASSAY_OK)
		st = small(v, "honest_step", ASY_GUAR_WHOLE, &step, err);
	if (st == ASSAY_OK)
		st = small(v, "cabal", ASY_GUAR_WHOLE, &cabal, err);
	if (st == ASSAY_OK && yuma < 2)
		st = ASSAY_FAIL(err, E_RANGE, "yuma: 2 or 3");
	if (st != ASSAY_OK)
		return st;
	key->setting.kappa = (uint16_t)kappa;
	key->setting.bonds_penalty = (uint16_t)penalty;
	key->setting.yuma3 = yuma == 3;
	key->honest_step = (unsigned)step;
	key->cabal = (unsigned)cabal;
	return ASSAY_OK;
}

static bool same_setting(const asy_guar_setting *a, const asy_guar_setting *b)
{
	return fabs(a->honest_stake - b->honest_stake) < 1e-12 && fabs(a->spread - b->spread) < 1e-12 &&
		   a->kappa == b->kappa && a->bonds_penalty == b->bonds_penalty && a->yuma3 == b->yuma3;
}

static bool find_unit(const asy_guar *g, const unit_key *key, size_t *unit)
{
	const asy_guar_plan *p = &g->plan;
	size_t k = 0, seed = 0, setting = 0;
	if (key->honest_step != p->honest_step)
		return false;
	while (k < g->cabal_n && fiftieths(p->cabal_step, k) != key->cabal)
		k++;
	while (seed < p->seed_n && p->seed[seed] != key->seed)
		seed++;
	while (setting < p->setting_n && !same_setting(&p->setting[setting], &key->setting))
		setting++;
	*unit = unit_of(g, setting, seed, k);
	return k < g->cabal_n && seed < p->seed_n && setting < p->setting_n;
}

static assay_status read_points(asy_jv list, asy_guar_point *out, size_t n, assay_err *err)
{
	if (asy_jv_size(list) != n)
		return ASSAY_FAIL(err, E_FORMAT, "%zu points, the grid has %zu", asy_jv_size(list), n);
	for (size_t i = 0; i < n; i++) {
		asy_jv row = asy_jv_at(list, i);
		assay_status st = asy_jv_u64(asy_jv_at(row, 0), &out[i].honest_emission, err);
		if (st == ASSAY_OK)
			st = asy_jv_u64(asy_jv_at(row, 1), &out[i].cabal_emission, err);
		if (st == ASSAY_OK)
			st = asy_jv_f64(asy_jv_at(row, 2), &out[i].deviation, err);
		if (st == ASSAY_OK && (out[i].honest_emission > EMISSION_MAX ||
							   out[i].cabal_emission > EMISSION_MAX || !(out[i].deviation >= 0)))
			st = ASSAY_FAIL(err, E_RANGE, "point %zu is no result of an epoch", i);
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

assay_status asy_guar_load(asy_guar *g, assay_span line, bool *used, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = (size_t)1 << 20, .max_depth = 8};
	asy_guar_point point[ASY_GUAR_WHOLE + 1];
	unit_key key = {0};
	asy_json *doc = NULL;
	size_t unit = 0;
	bool ours = false;
	assay_status st = asy_json_parse(line, &limits, &doc, err);
	if (st == ASSAY_OK)
		st = read_key(asy_json_root(doc), &key, err);
	if (st == ASSAY_OK)
		ours = find_unit(g, &key, &unit);
	if (st == ASSAY_OK && ours)
		st = read_points(asy_jv_get(asy_json_root(doc), "points"), point, g->honest_n, err);
	asy_json_free(doc);
	if (st != ASSAY_OK)
		return st;
	if (ours && !g->is_known[unit]) {
		memcpy(g->point + unit * g->honest_n, point, g->honest_n * sizeof *point);
		g->is_known[unit] = 1;
		g->known++;
	}
	*used = ours;
	return ASSAY_OK;
}

/* ---- computing ---- */

typedef struct {
	asy_yuma_split *split;
	double honest_stake, spread;
	uint64_t seed;
} cached;

typedef struct {
	asy_guar *g;
	size_t *pending; /* units */
	cached *worker;
	assay_status *status; /* of each pending unit */
	asy_guar_sink *sink;
	void *arg;
} run;

static assay_status network(cached *c, const unit_key *key)
{
	if (c->split != NULL && c->seed == key->seed &&
		memcmp(&c->honest_stake, &key->setting.honest_stake, sizeof(double)) == 0 &&
		memcmp(&c->spread, &key->setting.spread, sizeof(double)) == 0)
		return ASSAY_OK;
	asy_yuma_split_free(c->split);
	*c = (cached){NULL, key->setting.honest_stake, key->setting.spread, key->seed};
	return asy_yuma_split_new(c->honest_stake, c->spread, c->seed, &c->split, NULL);
}

/* As the original divides its grid. */
static int64_t weight(unsigned n)
{
	return (int64_t)(((uint64_t)n << 32) / ASY_GUAR_WHOLE);
}

/* The plan was checked, so that what can fail here is memory: the status says it. */
static assay_status compute(const asy_guar *g, cached *c, size_t unit)
{
	unit_key key = key_of(g, unit);
	assay_status st = network(c, &key);
	for (size_t i = 0; i < g->honest_n && st == ASSAY_OK; i++) {
		asy_yuma_split_result r = {0};
		asy_yuma_split_point p = {
			.honest_weight = weight(fiftieths(key.honest_step, i)),
			.cabal_weight = weight(key.cabal),
			.kappa = key.setting.kappa,
			.bonds_penalty = key.setting.bonds_penalty,
			.yuma3 = key.setting.yuma3,
			.cpu_mask = g->plan.cpu_mask,
		};
		st = asy_yuma_split_run(c->split, &p, &r, NULL);
		g->point[unit * g->honest_n + i] = (asy_guar_point){r.honest_emission, r.cabal_emission,
															(double)r.deviation / ASSAY_YUMA_ONE};
	}
	return st;
}

static void run_unit(void *arg, unsigned worker, size_t i)
{
	run *r = arg;
	r->status[i] = compute(r->g, &r->worker[worker], r->pending[i]);
}

static assay_status unit_done(void *arg, size_t i, assay_err *err)
{
	run *r = arg;
	asy_guar *g = r->g;
	size_t unit = r->pending[i];
	if (r->status[i] != ASSAY_OK)
		return asy_err_set(err, r->status[i], "a point of the map failed: %s",
						   assay_status_text(r->status[i]));
	g->is_known[unit] = 1;
	g->known++;
	asy_buf line = {0};
	unit_key key = key_of(g, unit);
	assay_status st = write_line(&key, g->point + unit * g->honest_n, g->honest_n, &line, err);
	if (st == ASSAY_OK)
		st = r->sink(r->arg, asy_buf_span(&line), err);
	asy_buf_fini(&line);
	return st;
}

assay_status asy_guar_run(asy_guar *g, unsigned threads, asy_guar_sink *sink, void *arg,
						  assay_err *err)
{
	size_t left = 0;
	threads = threads == 0 ? 1 : threads > ASY_JOBS_THREADS_MAX ? ASY_JOBS_THREADS_MAX : threads;
	run r = {
		.g = g,
		.pending = asy_calloc(g->units, sizeof *r.pending),
		.worker = asy_calloc(threads, sizeof *r.worker),
		.status = asy_calloc(g->units, sizeof *r.status),
		.sink = sink,
		.arg = arg,
	};
	assay_status st = r.pending == NULL || r.worker == NULL || r.status == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "a run of %zu units", g->units)
						  : ASSAY_OK;
	for (size_t unit = 0; st == ASSAY_OK && unit < g->units; unit++)
		if (!g->is_known[unit])
			r.pending[left++] = unit;
	if (st == ASSAY_OK)
		st = asy_jobs_run(&(asy_jobs){left, threads, run_unit, unit_done, &r}, err);
	for (unsigned i = 0; i < threads && r.worker != NULL; i++)
		asy_yuma_split_free(r.worker[i].split);
	free(r.pending);
	free(r.worker);
	free(r.status);
	return st;
}
