/* How long an epoch takes here: one JSON object on stdout.
 *
 *   bench_yuma [--quick] [--only SUBSTRING] [--cpu NAME] [--miners N]
 *
 * A full epoch starts from stored u16 rows (weights and bonds) in memory and ends
 * with every stored output, bond rows included; the input check is part of it.
 * Data: V validators with log-uniform stake, each with a weight on each of M miners
 * (noise of 10 % around a common quality), bonds of three epochs before, everybody
 * active, default parameters. Medians with the spread from the 10th to the 90th
 * percentile; the minimum too, as shared machines are noisy. Pin it: taskset -c 1. */
#include <math.h>
#include <stdlib.h>
#include "yuma/kern.h"

typedef struct {
	uint64_t s;
} rng;

static double uniform(rng *r)
{
	uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void *must(void *p)
{
	if (p == NULL) {
		(void)fprintf(stderr, "bench_yuma: out of memory\n");
		exit(EXIT_FAILURE);
	}
	return p;
}
#define NEW(type, n) ((type *)must(calloc((n) + 1, sizeof(type))))

/* ---- a network ---- */

typedef struct {
	assay_yuma_input in;
	assay_yuma_out out;
	size_t validators, miners;
	size_t *w_off, *b_off;
	uint16_t *w_uid, *w_val, *b_uid, *b_val;
	uint64_t *blocks, *zeros, *stake;
	uint8_t *permit;
	assay_mut scratch;
} net;

static void net_new(net *t, size_t v, size_t m)
{
	const size_t n = v + m;
	rng r = {42 + n};
	*t = (net){.validators = v, .miners = m};
	t->w_off = NEW(size_t, n + 1);
	t->b_off = NEW(size_t, n + 1);
	t->w_uid = NEW(uint16_t, v * m);
	t->w_val = NEW(uint16_t, v * m);
	t->b_uid = NEW(uint16_t, v * m);
	t->b_val = NEW(uint16_t, v * m);
	t->blocks = NEW(uint64_t, n);
	t->zeros = NEW(uint64_t, n);
	t->stake = NEW(uint64_t, n);
	t->permit = NEW(uint8_t, n);
	double *quality = NEW(double, m);
	for (size_t j = 0; j < m; j++)
		quality[j] = 0.1 + 0.9 * uniform(&r);
	for (size_t i = 0; i < n; i++) {
		t->w_off[i + 1] = t->w_off[i];
		t->blocks[i] = 900;
		if (i >= v)
			continue;
		t->stake[i] = (uint64_t)(1e12 * pow(1000, uniform(&r)));
		t->permit[i] = 1;
		for (size_t j = 0; j < m; j++) {
			size_t at = t->w_off[i + 1]++;
			t->w_uid[at] = (uint16_t)(v + j);
			t->w_val[at] = (uint16_t)(59000 * quality[j] * (0.9 + 0.2 * uniform(&r)));
		}
		asy_yuma_max_upscale_u16(t->w_val + t->w_off[i], m, t->w_val + t->w_off[i]);
	}
	free(quality);
	t->in = (assay_yuma_input){
		.n = n,
		.current_block = 1000,
		.tempo = 360,
		.activity_cutoff_factor_milli = 13889,
		.last_mechanism_step_block = 640,
		.last_update = t->blocks,
		.last_update_n = n,
		.block_at_registration = t->zeros,
		.alpha_stake = t->stake,
		.tao_stake = t->zeros,
		.tao_weight = 971718665099567868u,
		.owner_uid = -1,
		.max_allowed_validators = (uint16_t)v,
		.validator_permit = t->permit,
		.validator_permit_n = n,
		.kappa = 32767,
		.bonds_penalty = 65535,
		.bonds_moving_average = 900000,
		.alpha_low = 45875,
		.alpha_high = 58982,
		.alpha_sigmoid_steepness = 1000,
		.weights = {t->w_off, t->w_uid, t->w_val, n},
		.rao_emission = 1000000000,
		.cpu_mask = ASSAY_YUMA_CPU_AUTO,
	};
	t->out = (assay_yuma_out){
		.active = NEW(uint8_t, n),
		.validator_permit = NEW(uint8_t, n),
		.stake_weight = NEW(uint16_t, n),
		.consensus = NEW(uint16_t, n),
		.validator_trust = NEW(uint16_t, n),
		.incentive = NEW(uint16_t, n),
		.dividends = NEW(uint16_t, n),
		.emission = NEW(uint64_t, n),
		.server_emission = NEW(uint64_t, n),
		.validator_emission = NEW(uint64_t, n),
		.stake = NEW(uint64_t, n),
		.bonds = {NEW(size_t, n + 1), NEW(uint16_t, 2 * v * m), NEW(uint16_t, 2 * v * m),
				  2 * v * m},
	};
}

static void epoch(net *t)
{
	assay_err err = {0};
	if (assay_yuma_epoch(&t->in, t->scratch, &t->out, &err) != ASSAY_OK) {
		(void)fprintf(stderr, "bench_yuma: %s\n", err.msg);
		exit(EXIT_FAILURE);
	}
}

/* Sets the mode and runs three epochs, so that bonds are those of a running subnet. */
static void net_mode(net *t, bool yuma3, bool liquid, uint64_t mask)
{
	t->in.yuma3 = yuma3;
	t->in.liquid_alpha = liquid;
	t->in.cpu_mask = mask;
	t->in.bonds = (assay_yuma_rows){0};
	for (int k = 0; k < 3; k++) {
		t->scratch.len = assay_yuma_scratch_len(&t->in);
		t->scratch.ptr = must(realloc(t->scratch.ptr, t->scratch.len));
		epoch(t);
		size_t entries = t->out.bonds.offset[t->in.n];
		if (entries > t->validators * t->miners)
			exit(EXIT_FAILURE);
		memcpy(t->b_off, t->out.bonds.offset, (t->in.n + 1) * sizeof *t->b_off);
		memcpy(t->b_uid, t->out.bonds.uid, entries * sizeof *t->b_uid);
		memcpy(t->b_val, t->out.bonds.value, entries * sizeof *t->b_val);
		t->in.bonds = (assay_yuma_rows){t->b_off, t->b_uid, t->b_val, t->in.n};
	}
	t->scratch.len = assay_yuma_scratch_len(&t->in);
	t->scratch.ptr = must(realloc(t->scratch.ptr, t->scratch.len));
}

static void net_free(net *t)
{
	void *all[] = {t->w_off,
				   t->b_off,
				   t->w_uid,
				   t->w_val,
				   t->b_uid,
				   t->b_val,
				   t->blocks,
				   t->zeros,
				   t->stake,
				   t->permit,
				   t->scratch.ptr,
				   t->out.active,
				   t->out.validator_permit,
				   t->out.stake_weight,
				   t->out.consensus,
				   t->out.validator_trust,
				   t->out.incentive,
				   t->out.dividends,
				   t->out.emission,
				   t->out.server_emission,
				   t->out.validator_emission,
				   t->out.stake,
				   t->out.bonds.offset,
				   t->out.bonds.uid,
				   t->out.bonds.value};
	for (size_t i = 0; i < ASY_COUNT(all); i++)
		free(all[i]);
}

/* ---- measuring ---- */

#define REPS_MAX 2001

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static bool first_row = true;

static void report(const char *name, size_t v, size_t m, const char *mask, double *us, size_t reps,
				   double units)
{
	qsort(us, reps, sizeof *us, by_value);
	double median = us[reps / 2];
	(void)printf("%s\n  {\"name\": \"%s\", \"validators\": %zu, \"miners\": %zu, \"cpu\": \"%s\", "
				 "\"reps\": %zu, \"median_us\": %.3f, \"min_us\": %.3f, \"p10_us\": %.3f, "
				 "\"p90_us\": %.3f, \"per_second\": %.6g}",
				 first_row ? "" : ",", name, v, m, mask, reps, median, us[0], us[reps / 10],
				 us[reps * 9 / 10], units / (median * 1e-6));
	first_row = false;
	(void)fflush(stdout);
}

typedef struct {
	bool quick;
	const char *only, *cpu;
	size_t miners; /* 0 = all sizes */
	asy_clock *clock;
} options;

/* Repetitions that take about a second. */
static size_t reps_for(const options *o, double once_us)
{
	double n = (o->quick ? 1e5 : 1e6) / (once_us + 1);
	return n < 11 ? 11 : n > REPS_MAX ? REPS_MAX : (size_t)n;
}

static double now_us(const options *o)
{
	return (double)o->clock->mono_ns(o->clock) / 1e3;
}

static void bench_epoch(const options *o, net *t, const char *mode, const char *mask)
{
	static double us[REPS_MAX];
	char name[64];
	(void)snprintf(name, sizeof name, "epoch %s", mode);
	if (o->only != NULL && strstr(name, o->only) == NULL)
		return;
	double start = now_us(o);
	epoch(t);
	size_t reps = reps_for(o, now_us(o) - start);
	for (size_t k = 0; k < reps; k++) {
		start = now_us(o);
		epoch(t);
		us[k] = now_us(o) - start;
	}
	report(name, t->validators, t->miners, mask, us, reps, (double)(t->validators * t->miners));
}

/* ---- the parts of one epoch on the lane path ---- */

typedef struct {
	net *t;
	asy_yuma_run r;
	asy_yuma_lanes l;
} stage;

static void part_check(stage *s)
{
	if (asy_yuma_check_rows(&s->t->in, s->r.w_kind, s->r.b_kind, NULL) != ASSAY_OK)
		exit(EXIT_FAILURE);
}
static void part_front(stage *s)
{
	asy_yuma_front(&s->r);
}
static void part_layout(stage *s)
{
	if (!asy_yuma_lanes_layout(&s->r, &s->l, s->r.kern))
		exit(EXIT_FAILURE);
}
static void part_median(stage *s)
{
	for (size_t b = 0; b < s->l.blocks_n; b++)
		asy_yuma_lanes_median(&s->r, &s->l, s->r.kern, b);
}
static void part_clip(stage *s)
{
	int64_t rank[ASY_YUMA_COLS];
	memset(s->l.vtrust, 0, s->l.rows * 4 * sizeof *s->l.vtrust);
	for (size_t b = 0; b < s->l.blocks_n; b++)
		asy_yuma_lanes_clip(&s->l, s->r.kern, b, 0, s->l.rows, s->l.vtrust, rank);
}
static void part_bonds(stage *s)
{
	memset(s->l.share, 0, s->l.rows * 4 * sizeof *s->l.share);
	for (size_t b = 0; b < s->l.blocks_n; b++) {
		asy_yuma_lane_block k;
		asy_yuma_lanes_block(&s->r, &s->l, b, &k);
		asy_yuma_lanes_bonds(&s->r, &k, s->r.kern);
	}
	asy_yuma_lanes_dividends(&s->r, &s->l);
}
static void part_rows(stage *s)
{
	asy_yuma_lanes_write(&s->r, &s->l, &s->t->out.bonds);
}
static void part_out(stage *s)
{
	asy_yuma_emission(&s->r);
	asy_yuma_write(&s->r, &s->t->out);
}

static void bench_parts(const options *o, net *t, const char *mode, const char *mask)
{
	static double us[REPS_MAX];
	static const struct {
		const char *name;
		void (*run)(stage *);
	} parts[] = {
		{"check of rows", part_check},
		{"activity, stake, permits", part_front},
		{"read, mask and normalise rows", part_layout},
		{"weighted median, all columns", part_median},
		{"clip, trust, rank", part_clip},
		{"bonds and dividends", part_bonds},
		{"bond rows to u16", part_rows},
		{"emission and stored vectors", part_out},
	};
	if (o->only != NULL && strcmp(o->only, "parts") != 0)
		return;
	stage s = {.t = t, .r = asy_yuma_run_of(&t->in)};
	asy_bump b = {0};
	for (int pass = 0; pass < 2; pass++) {
		asy_yuma_plan_frame(&s.r, &b);
		asy_yuma_plan_lanes(&s.r, &s.l, &b);
		if (pass == 0)
			b = (asy_bump){.base = must(aligned_alloc(ASY_BUMP_ALIGN, b.used))};
	}
	part_check(&s);
	part_front(&s);
	part_layout(&s);
	asy_yuma_lanes_sweeps(&s.r, &s.l, s.r.kern);
	for (size_t k = 0; k < ASY_COUNT(parts); k++) {
		char name[96];
		const size_t reps = o->quick ? 51 : 501;
		for (size_t i = 0; i < reps; i++) {
			double start = now_us(o);
			parts[k].run(&s);
			us[i] = now_us(o) - start;
		}
		(void)snprintf(name, sizeof name, "part %s: %s", mode, parts[k].name);
		report(name, t->validators, t->miners, mask, us, reps, (double)(t->validators * t->miners));
	}
	free(b.base);
}

/* ---- what if ---- */

static int by_stake(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* The validator whose stake has the given rank among V. */
static uint16_t holder(const net *t, size_t rank)
{
	uint64_t *sorted = NEW(uint64_t, t->validators);
	memcpy(sorted, t->stake, t->validators * sizeof *sorted);
	qsort(sorted, t->validators, sizeof *sorted, by_stake);
	uint16_t uid = 0;
	for (size_t i = 0; i < t->validators; i++)
		if (t->stake[i] == sorted[rank])
			uid = (uint16_t)i;
	free(sorted);
	return uid;
}

#define CANDIDATES 16

/* Candidate rows: the quality of another validator's row under fresh noise. */
static void bench_rows(const options *o, net *t, const char *mode, const char *mask)
{
	static double us[REPS_MAX];
	static const char *const whose[] = {"smallest", "median", "largest"};
	const size_t ranks[] = {0, t->validators / 2, t->validators - 1}, m = t->miners;
	char name[80];
	rng r = {7};
	assay_yuma_prep *p = NULL;
	assay_err err = {0};
	(void)snprintf(name, sizeof name, "what-if %s", mode);
	if ((o->only != NULL && strcmp(o->only, "what-if") != 0 && strcmp(o->only, name) != 0) ||
		assay_yuma_prep_new(&t->in, &p, &err) != ASSAY_OK)
		return;
	uint16_t *values = NEW(uint16_t, CANDIDATES * m);
	for (size_t k = 0; k < CANDIDATES * m; k++)
		values[k] = (uint16_t)(t->w_val[k % m] * (0.9 + 0.2 * uniform(&r)) / 1.1);
	for (size_t k = 0; k < CANDIDATES; k++)
		asy_yuma_max_upscale_u16(values + k * m, m, values + k * m);
	assay_yuma_out out = t->out;
	out.bonds.offset = NULL;
	const uint16_t holder_uid = holder(t, t->validators / 2);
	for (size_t w = 0; w < ASY_COUNT(whose); w++) {
		const uint16_t uid = holder(t, ranks[w]);
		(void)snprintf(name, sizeof name, "what-if row %s, %s stake", mode, whose[w]);
		const size_t reps = o->quick ? 101 : 1001;
		for (size_t k = 0; k < reps; k++) {
			const assay_yuma_row row = {t->w_uid, values + k % CANDIDATES * m, m};
			double start = now_us(o);
			if (assay_yuma_prep_row(p, uid, &row, &out, &err) != ASSAY_OK)
				exit(EXIT_FAILURE);
			us[k] = now_us(o) - start;
		}
		report(name, t->validators, m, mask, us, reps, 1);
	}
	const assay_yuma_out consensus = {.consensus = out.consensus,
									  .validator_trust = out.validator_trust,
									  .incentive = out.incentive};
	const size_t reps = o->quick ? 51 : 501;
	for (size_t k = 0; k < reps; k++) {
		const assay_yuma_row row = {t->w_uid, values + k % CANDIDATES * m, m};
		double start = now_us(o);
		if (assay_yuma_prep_row(p, holder_uid, &row, &consensus, &err) != ASSAY_OK)
			exit(EXIT_FAILURE);
		us[k] = now_us(o) - start;
	}
	(void)snprintf(name, sizeof name, "what-if row %s, median stake, up to incentive", mode);
	report(name, t->validators, m, mask, us, reps, 1);
	for (size_t k = 0; k < reps; k++) {
		double start = now_us(o);
		if (assay_yuma_prep_kappa(p, (uint16_t)(30000 + k), &out, &err) != ASSAY_OK)
			exit(EXIT_FAILURE);
		us[k] = now_us(o) - start;
	}
	(void)snprintf(name, sizeof name, "what-if kappa %s", mode);
	report(name, t->validators, m, mask, us, reps, 1);
	assay_yuma_prep_free(p);
	free(values);
}

/* ---- null consensus ---- */

static void bench_null(const options *o)
{
	static double us[REPS_MAX];
	enum { N = ASSAY_YUMA_NULL_UIDS_MAX };
	rng r = {11};
	if (o->only != NULL && strstr("null", o->only) == NULL)
		return;
	size_t *off = NEW(size_t, N + 1);
	uint16_t *uid = NEW(uint16_t, N), *val = NEW(uint16_t, N);
	uint64_t *blocks = NEW(uint64_t, N), *zeros = NEW(uint64_t, N), *stake = NEW(uint64_t, N);
	for (size_t i = 0; i < N; i++) {
		off[i + 1] = N;
		blocks[i] = 900;
		uid[i] = (uint16_t)i;
		val[i] = (uint16_t)(65535 * uniform(&r));
		stake[i] = 1000000000 - i;
	}
	assay_yuma_input in = {.n = N,
						   .current_block = 1000,
						   .activity_cutoff_factor_milli = 13889,
						   .tempo = 360,
						   .last_update = blocks,
						   .last_update_n = N,
						   .block_at_registration = zeros,
						   .alpha_stake = stake,
						   .tao_stake = zeros,
						   .owner_uid = -1,
						   .weights = {off, uid, val, N}};
	const assay_yuma_null_budget budget = {500000000, 500000000, 1000000000};
	assay_yuma_null_out out = {.validator_permit = NEW(uint8_t, N),
							   .emission = NEW(uint64_t, N),
							   .incentive = NEW(uint16_t, N),
							   .dividends = NEW(uint16_t, N)};
	assay_mut scratch = {NULL, assay_yuma_null_scratch_len(&in)};
	scratch.ptr = must(malloc(scratch.len));
	const size_t reps = o->quick ? 11 : 101;
	assay_err err = {0};
	for (size_t k = 0; k < reps; k++) {
		double start = now_us(o);
		if (assay_yuma_null_epoch(&in, &budget, scratch, &out, &err) != ASSAY_OK)
			exit(EXIT_FAILURE);
		us[k] = now_us(o) - start;
	}
	report("null consensus", 1, N, "scalar", us, reps, (double)N);
	void *all[] = {off,
				   uid,
				   val,
				   blocks,
				   zeros,
				   stake,
				   scratch.ptr,
				   out.emission,
				   out.incentive,
				   out.dividends,
				   out.validator_permit};
	for (size_t k = 0; k < sizeof all / sizeof *all; k++)
		free(all[k]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t mask;
	} masks[] = {{"scalar", ASY_CPU_SCALAR},
				 {"lanes", ASY_YUMA_CPU_LANES},
				 {"avx2", ASY_CPU_AVX2},
				 {"neon", ASY_CPU_NEON}};
	static const struct {
		const char *name;
		bool yuma3, liquid;
	} modes[] = {{"yuma2", false, false}, {"yuma3", true, false}, {"yuma3+liquid", true, true}};
	static const size_t sizes[][2] = {{64, 192}, {64, 960}, {256, 3840}};
	options o = {.clock = asy_sys_clock()};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--quick") == 0) {
			o.quick = true;
		} else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
			o.only = argv[++i];
		} else if (strcmp(argv[i], "--cpu") == 0 && i + 1 < argc) {
			o.cpu = argv[++i];
		} else if (strcmp(argv[i], "--miners") == 0 && i + 1 < argc) {
			o.miners = (size_t)strtoul(argv[++i], NULL, 10);
		} else {
			(void)fprintf(
				stderr,
				"usage: bench_yuma [--quick] [--only SUBSTRING] [--cpu NAME] [--miners N]\n");
			return 2;
		}
	}
	(void)printf(
		"{\"program\": \"bench_yuma\", \"version\": \"%s\", \"compiler\": \"%s\", \"rows\": [",
		assay_version(), __VERSION__);
	for (size_t s = 0; s < ASY_COUNT(sizes); s++) {
		net t;
		if (o.miners != 0 && o.miners != sizes[s][1])
			continue;
		net_new(&t, sizes[s][0], sizes[s][1]);
		for (size_t k = 0; k < ASY_COUNT(masks); k++) {
			if (o.cpu != NULL && strcmp(o.cpu, masks[k].name) != 0)
				continue;
			if (masks[k].mask != ASY_YUMA_CPU_LANES &&
				(masks[k].mask & asy_cpu_detect()) != masks[k].mask)
				continue;
			for (size_t m = 0; m < ASY_COUNT(modes); m++) {
				net_mode(&t, modes[m].yuma3, modes[m].liquid, masks[k].mask);
				bench_epoch(&o, &t, modes[m].name, masks[k].name);
				if (masks[k].mask == ASY_CPU_SCALAR)
					continue;
				bench_parts(&o, &t, modes[m].name, masks[k].name);
				bench_rows(&o, &t, modes[m].name, masks[k].name);
			}
		}
		net_free(&t);
	}
	if (o.miners == 0 && (o.cpu == NULL || strcmp(o.cpu, "scalar") == 0))
		bench_null(&o);
	(void)printf("\n]}\n");
	return 0;
}
