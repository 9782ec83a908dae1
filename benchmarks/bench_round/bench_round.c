/* What a round costs beside its miners, its model, the chain and the disk: one JSON object
 * on stdout.
 *
 *   bench_round [--neurons N] [--validators V] [--runs R] [--peers P] [--queries Q]
 *
 * Part one: a subnet of N neurons (32,768), all of them serving, V of them (16) with weights
 * on everybody. Each step of a round that works on the whole subnet, by the functions that
 * the round calls: whom to ask, the members, the memory before and after the fold, the plan
 * with its explanation, the row against the last one, sealing, and the uids of as many
 * commitments as there are validators. The forecast is an epoch and has its own benchmark
 * (bench_yuma); here it is measured apart. Part two: P peers with Q queries each through the
 * HTTP client, against ports where nobody listens: what is left is our queue and libcurl.
 * Medians of R runs, in milliseconds of processor time. */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "miner/miner.h"
#include "submission/forecast.h"
#include "schedule/schedule.h"
#include "seal/seal.h"
#include "subnet/subnet.h"
#include "weights/weights.h"

#define RUNS_MAX 101u

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_round: %s\n", what);
	exit(EXIT_FAILURE);
}

#define OK(call) need((call) == ASSAY_OK, err.msg)

/* Of this process: other programs on the machine are no part of a round. */
static double now_ms(void)
{
	struct timespec t;
	need(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0, "no clock");
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- a subnet ---- */

typedef struct {
	size_t n, validators;
	assay_snapshot *snapshot;
	assay_member *member;
	assay_tracker *tracker;
	assay_obs *obs;
	asy_buf state;
	assay_candidate *candidate;
	uint16_t *previous_uids, *previous_values;
} net;

static void fill_rows(net *t, asy_rng *rng)
{
	assay_err err = {0};
	uint32_t *len = asy_calloc(t->n, sizeof *len);
	asy_entry *entry = asy_calloc(t->validators * t->n, sizeof *entry);
	need(len != NULL && entry != NULL, "out of memory");
	for (size_t v = 0, at = 0; v < t->validators; v++) {
		len[v] = (uint32_t)t->n;
		for (size_t i = 0; i < t->n; i++)
			entry[at++] = (asy_entry){(uint16_t)i, (uint16_t)(1 + asy_rng_below(rng, 65535))};
	}
	OK(asy_snapshot_set_rows(t->snapshot, &t->snapshot->weights, len, entry, &err));
	OK(asy_snapshot_set_rows(t->snapshot, &t->snapshot->bonds, len, entry, &err));
	free(len);
	free(entry);
}

static void fill_commits(net *t)
{
	assay_err err = {0};
	asy_commit *c = asy_calloc(t->validators, sizeof *c);
	need(c != NULL, "out of memory");
	for (size_t v = 0; v < t->validators; v++)
		c[v] = (asy_commit){.kind = ASY_COMMIT_HASH,
							.hotkey = t->snapshot->neuron[t->n - 1 - v].hotkey,
							.epoch = 9,
							.block = 900 + v};
	OK(asy_snapshot_set_commits(t->snapshot, c, t->validators, &err));
	free(c);
}

static void net_new(net *t, size_t n, size_t validators)
{
	static const uint8_t seed[32] = {7};
	const assay_tracker_options options = assay_tracker_defaults();
	asy_seeded_rng r;
	assay_err err = {0};
	asy_seeded_rng_init(&r, seed);
	*t = (net){.n = n, .validators = validators < n ? validators : n};
	OK(asy_snapshot_new(n, &t->snapshot, &err));
	assay_snapshot *s = t->snapshot;
	s->block.number = 1000;
	s->netuid = s->epoch.netuid = 1;
	s->epoch.tempo = 360;
	s->epoch.stateful = true;
	s->epoch.subnet_epoch_index = 9;
	s->hyper.kappa = 32767;
	s->hyper.bonds_moving_average = 900000;
	s->hyper.bonds_penalty = 65535;
	s->hyper.max_allowed_validators = (uint16_t)t->validators;
	s->hyper.activity_cutoff_factor_milli = 13889;
	s->hyper.reveal_period_epochs = 1;
	s->hyper.max_weights_limit = 65535;
	t->member = asy_calloc(n, sizeof *t->member);
	t->obs = asy_calloc(n, sizeof *t->obs);
	t->candidate = asy_calloc(n, sizeof *t->candidate);
	t->previous_uids = asy_calloc(n, sizeof *t->previous_uids);
	t->previous_values = asy_calloc(n, sizeof *t->previous_values);
	need(t->member != NULL && t->obs != NULL && t->candidate != NULL && t->previous_uids != NULL &&
			 t->previous_values != NULL,
		 "out of memory");
	for (size_t i = 0; i < n; i++) {
		asy_neuron *m = &s->neuron[i];
		r.iface.fill(&r.iface, m->hotkey.b, 32);
		m->axon = (asy_axon){.present = true, .ip_type = 4, .port = 8091};
		m->axon.ip[12] = 8; /* a public address */
		m->axon.ip[14] = (uint8_t)(i >> 8);
		m->axon.ip[15] = (uint8_t)i;
		m->permit = i < t->validators;
		m->alpha_stake = m->total_stake = i < t->validators ? 1000000000000u + i : 0;
		m->last_update = 990;
		t->member[i].uid = (uint16_t)i;
		memcpy(t->member[i].hotkey, m->hotkey.b, 32);
		t->obs[i] = (assay_obs){.uid = (uint16_t)i, .kind = ASSAY_OBS_SCORED};
		t->obs[i].score = (double)asy_rng_below(&r.iface, 1000) / 1000;
		memcpy(t->obs[i].hotkey, m->hotkey.b, 32);
		t->previous_uids[i] = (uint16_t)i;
		t->previous_values[i] = (uint16_t)(1 + asy_rng_below(&r.iface, 65535));
	}
	fill_rows(t, &r.iface);
	fill_commits(t);
	OK(assay_tracker_new(&options, &t->tracker, &err));
	OK(assay_tracker_sync(t->tracker, t->member, n, NULL, &err));
	OK(assay_tracker_fold(t->tracker, 1, t->obs, n, NULL, &err));
}

static void net_free(net *t)
{
	asy_snapshot_free(t->snapshot);
	assay_tracker_free(t->tracker);
	asy_buf_fini(&t->state);
	free(t->member);
	free(t->obs);
	free(t->candidate);
	free(t->previous_uids);
	free(t->previous_values);
}

/* ---- the steps ---- */

static void step_targets(net *t)
{
	static const uint8_t seed[32] = {9};
	assay_err err = {0};
	uint64_t *heard = asy_calloc(t->n, sizeof *heard);
	uint32_t *pick = asy_calloc(t->n, sizeof *pick);
	size_t serving = 0, picked = 0;
	need(heard != NULL && pick != NULL, "out of memory");
	for (size_t i = 0; i < t->n; i++) {
		const asy_neuron *m = &t->snapshot->neuron[i];
		asy_miner_row row = {.uid = (uint16_t)i, .port = m->axon.port, .ip_type = 4};
		memcpy(row.hotkey, m->hotkey.b, 32);
		memcpy(row.ip, m->axon.ip, 16);
		serving += asy_miner_reach(&row, false) == ASY_REACH_OK;
	}
	need(serving == t->n, "a neuron is not reachable");
	OK(asy_tracker_last_heard(t->tracker, t->member, t->n, heard, &err));
	OK(asy_miner_sample(heard, t->n, 0, seed, pick, &picked, &err));
	free(heard);
	free(pick);
}

/* Every miner unreachable, as after a failure of our own network. */
static void step_breaker(net *t)
{
	asy_breaker *b = asy_breaker_new(NULL);
	need(b != NULL, "out of memory");
	for (size_t i = 0; i < t->n; i++)
		need(asy_breaker_fold(b, t->member[i].hotkey, 1, false), "the breaker is full");
	asy_breaker_free(b);
}

static void step_sync(net *t)
{
	assay_err err = {0};
	OK(assay_tracker_sync(t->tracker, t->member, t->n, NULL, &err));
}

static void step_copy(net *t)
{
	assay_tracker *copy = NULL;
	assay_err err = {0};
	OK(asy_tracker_dup(t->tracker, &copy, &err));
	assay_tracker_free(copy);
}

static void step_fold(net *t)
{
	static uint64_t when = 1;
	assay_err err = {0};
	OK(assay_tracker_fold(t->tracker, when += 1000000000, t->obs, t->n, NULL, &err));
}

static void step_keep(net *t)
{
	assay_err err = {0};
	uint8_t digest[32];
	size_t len = 0;
	asy_buf_reset(&t->state);
	OK(asy_buf_reserve(&t->state, assay_tracker_encoded_len(t->tracker), &err));
	OK(assay_tracker_encode(t->tracker, (assay_mut){t->state.ptr, t->state.cap}, &len, &err));
	asy_blake2b(t->state.ptr, len, digest, sizeof digest);
}

static void step_plan(net *t)
{
	assay_err err = {0};
	assay_weights_plan *p = NULL;
	const assay_weights_limits l = {
		.neurons = (uint32_t)t->n, .min_allowed = 1, .max_limit = 65535};
	const assay_weights_policy policy = assay_weights_policy_defaults();
	const assay_weights_row previous = {t->previous_uids, t->previous_values, t->n};
	for (size_t i = 0; i < t->n; i++) {
		assay_track m;
		assay_tracker_get(t->tracker, i, 1000, &m);
		t->candidate[i] = (assay_candidate){.uid = m.uid, .score = m.score, .marks = m.marks};
		memcpy(t->candidate[i].hotkey, m.hotkey, 32);
	}
	OK(assay_weights_plan_new(t->candidate, t->n, &l, &policy, &previous, &p, &err));
	assay_weights_plan_free(p);
}

static void step_find(net *t)
{
	assay_err err = {0};
	asy_uid_index *index = NULL;
	size_t found = 0;
	OK(asy_uid_index_new(t->snapshot, &index, &err));
	for (size_t i = 0; i < t->snapshot->commit_n; i++)
		found += asy_uid_index_find(index, &t->snapshot->commit[i].hotkey) >= 0;
	need(found == t->snapshot->commit_n, "a committer is missing");
	asy_uid_index_free(index);
}

static void step_check(net *t)
{
	assay_err err = {0};
	OK(asy_snapshot_check(t->snapshot, &err));
}

static void step_forecast(net *t)
{
	assay_err err = {0};
	asy_forecast f = {0};
	const asy_own_row own = {0, t->previous_uids, t->previous_values, t->n};
	OK(asy_forecast_run(t->snapshot, 1001, &own, asy_cpu_detect(), &f, &err));
	asy_forecast_fini(&f);
}

/* The forecast before sealing: this epoch and the next, with a band. */
static void step_forecast_ahead(net *t)
{
	assay_err err = {0};
	asy_expectation x = {0};
	asy_epoch_state clock = t->snapshot->epoch;
	uint64_t at = 0;
	const uint16_t margin[ASY_QUANTITIES] = {0};
	OK(asy_schedule_next_epoch(&clock, t->snapshot->block.number, &at, &err));
	asy_schedule_ran(&clock, at);
	OK(asy_schedule_next_epoch(&clock, at, &at, &err));
	const asy_planned_row row = {at, {t->previous_uids, t->previous_values, t->n}};
	const asy_forecast_plan plan = {.uid = 0,
									.last_update = t->snapshot->block.number + 1,
									.counts_at = at,
									.row = &row,
									.row_n = 1};
	OK(asy_forecast_ahead(t->snapshot, &plan, margin, asy_cpu_detect(), &x, &err));
	asy_expectation_fini(&x);
}

static const struct {
	const char *name;
	void (*run)(net *t);
	bool apart; /* not part of the sum */
} steps[] = {
	{"snapshot_check", step_check, false}, {"targets", step_targets, false},
	{"members", step_sync, false},         {"memory_before", step_keep, false},
	{"memory_copy", step_copy, false},     {"fold", step_fold, false},
	{"memory_after", step_keep, false},    {"plan", step_plan, false},
	{"commit_uids", step_find, false},     {"all_unreachable", step_breaker, true},
	{"forecast", step_forecast, true},     {"forecast_ahead", step_forecast_ahead, true},
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void measure_steps(net *t, unsigned runs)
{
	double sum = 0;
	(void)printf("{\"neurons\":%zu,\"validators\":%zu,\"runs\":%u,\"ms\":{", t->n, t->validators,
				 runs);
	for (size_t i = 0; i < ASY_COUNT(steps); i++) {
		double took[RUNS_MAX];
		for (unsigned k = 0; k < runs; k++) {
			double start = now_ms();
			steps[i].run(t);
			took[k] = now_ms() - start;
		}
		qsort(took, runs, sizeof *took, by_value);
		sum += steps[i].apart ? 0 : took[runs / 2];
		(void)printf("%s\"%s\":%.3f", i > 0 ? "," : "", steps[i].name, took[runs / 2]);
	}
	(void)printf("},\"round_ms\":%.3f", sum);
}

/* ---- the queue ---- */

/* A port where nobody listens: bound, never listening, kept until the end. */
static uint16_t dead_port(int *fd)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	*fd = socket(AF_INET, SOCK_STREAM, 0);
	need(*fd >= 0 && bind(*fd, (struct sockaddr *)&a, len) == 0 &&
			 getsockname(*fd, (struct sockaddr *)&a, &len) == 0,
		 "no port to be had");
	return ntohs(a.sin_port);
}

static void on_answer(void *arg, asy_http_result *res)
{
	(void)res;
	--*(size_t *)arg;
}

static bool all_done(void *arg)
{
	return *(size_t *)arg == 0;
}

static void measure_queue(size_t peers, size_t queries)
{
	const asy_http_limits limits = {.total = 256, .per_host = 8};
	asy_loop *loop = NULL;
	asy_http *http = NULL;
	assay_err err = {0};
	size_t left = 0;
	int *fd = asy_calloc(peers, sizeof *fd);
	uint16_t *port = asy_calloc(peers, sizeof *port);
	need(fd != NULL && port != NULL, "out of memory");
	for (size_t p = 0; p < peers; p++)
		port[p] = dead_port(&fd[p]);
	OK(asy_loop_new(&loop, &err));
	OK(asy_http_new(loop, &limits, &http, &err));
	double start = now_ms();
	for (size_t p = 0; p < peers; p++) {
		for (size_t q = 0; q < queries; q++) {
			char url[64];
			(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/x", port[p]);
			const asy_http_req req = {.url = url, .allow_private = true};
			OK(asy_http_start(http, &req, on_answer, &left, NULL, &err));
			left++;
		}
	}
	need(asy_loop_run_until(loop, all_done, &left, ASY_NEVER) == ASSAY_OK, "the loop stopped");
	double took = now_ms() - start;
	(void)printf(",\"queue\":{\"peers\":%zu,\"queries\":%zu,\"us_per_query\":%.1f}}\n", peers,
				 queries, took * 1000 / (double)(peers * queries));
	asy_http_free(http);
	asy_loop_free(loop);
	for (size_t p = 0; p < peers; p++)
		(void)close(fd[p]);
	free(fd);
	free(port);
}

int main(int argc, char **argv)
{
	uint64_t neurons = 32768, validators = 16, runs = 5, peers = 256, queries = 64;
	const struct {
		const char *name;
		uint64_t *value, most;
	} options[] = {{"--neurons", &neurons, 32768},
				   {"--validators", &validators, 64},
				   {"--runs", &runs, RUNS_MAX},
				   {"--peers", &peers, 512},
				   {"--queries", &queries, 1024}};
	assay_err err = {0};
	net t;
	for (int i = 1; i < argc; i += 2) {
		size_t k = 0;
		while (k < ASY_COUNT(options) && strcmp(options[k].name, argv[i]) != 0)
			k++;
		need(k < ASY_COUNT(options) && i + 1 < argc && asy_str_u64(argv[i + 1], options[k].value) &&
				 *options[k].value >= 1 && *options[k].value <= options[k].most,
			 "wrong usage; see the head of bench_round.c");
	}
	OK(asy_crypto_init(&err));
	net_new(&t, neurons, validators);
	measure_steps(&t, (unsigned)runs);
	net_free(&t);
	measure_queue(peers, queries);
	return EXIT_SUCCESS;
}
