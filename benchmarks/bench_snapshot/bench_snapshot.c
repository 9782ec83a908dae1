/* How long a snapshot of a subnet takes from a node that is far away: one JSON object.
 *
 *   bench_snapshot [--runs R] [--neurons N] [--latency MS]
 *
 * The development chain in this process with N neurons (256), a quarter of them validators up
 * to 64, each with weights and bonds for everybody; every round trip takes MS milliseconds (50)
 * more, requests that are under way together share it. Median and longest of R runs (9), with
 * the round trips, requests and processor time of one, which is the client's and the node's. */
#include <stdlib.h>
#include <time.h>
#include "chain/chain.h"
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "localnet/genesis.h"
#include "localnet/node.h"
#include "localnet/scenario.h"

#define RUNS_MAX 1000u
#define VALIDATORS_MAX 64u

typedef struct {
	asy_rpc_transport iface;
	lnet_node *node;
	uint64_t latency_ms, trips, requests;
	double cpu_ms;
} far_node;

static double now_ms(clockid_t clock)
{
	struct timespec t;
	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static assay_status answer(far_node *f, assay_span body, asy_buf *out, assay_err *err)
{
	lnet_wire wire;
	asy_buf reply = {0};
	f->requests++;
	assay_status st = asy_lnet_rpc(f->node, body, &reply, &wire, err);
	if (st == ASSAY_OK)
		st = asy_buf_add(out, reply.ptr, reply.len, err);
	asy_buf_fini(&reply);
	return st;
}

static void travel(far_node *f)
{
	const struct timespec t = {(time_t)(f->latency_ms / 1000),
							   (long)(f->latency_ms % 1000) * 1000000};
	f->trips++;
	(void)nanosleep(&t, NULL);
}

static assay_status send_one(asy_rpc_transport *t, const char *url, assay_span body, asy_buf *out,
							 uint64_t deadline_ns, assay_err *err)
{
	far_node *f = (far_node *)t;
	(void)url;
	(void)deadline_ns;
	travel(f);
	return answer(f, body, out, err);
}

static assay_status send_many(asy_rpc_transport *t, const char *url, asy_rpc_post *posts, size_t n,
							  uint64_t deadline_ns, assay_err *err)
{
	far_node *f = (far_node *)t;
	assay_status st = ASSAY_OK;
	(void)url;
	(void)deadline_ns;
	travel(f);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		st = answer(f, posts[i].body, &posts[i].reply, err);
	return st;
}

/* ---- the subnet ---- */

static void put_row(lnet_state *s, lnet_item item, uint16_t uid, uint16_t n)
{
	asy_buf row = {0};
	asy_scale_w w = asy_scale_out(&row);
	lnet_key k = asy_lnet_key_u16x2(item, 1, uid);
	asy_scale_put_compact(&w, n);
	for (uint16_t i = 0; i < n; i++) {
		asy_scale_put_u16(&w, i);
		asy_scale_put_u16(&w, (uint16_t)(65535 - i));
	}
	if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
		asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_buf_span(&row));
	asy_buf_fini(&row);
}

static void fill(lnet_node *node, uint16_t n)
{
	lnet_rt *rt = &node->ledger->rt;
	uint16_t validators = n / 4 < VALIDATORS_MAX ? n / 4 : VALIDATORS_MAX;
	for (uint16_t uid = 2; uid < n; uid++) {
		asy_account hotkey = {{0x77}}, coldkey = {{0x78}};
		asy_put_u16le(hotkey.b + 1, uid);
		asy_lnet_install(rt, 1, uid, &hotkey, &coldkey);
	}
	for (uint16_t uid = 0; uid < validators; uid++) {
		put_row(rt->state, LNET_S_WEIGHTS, uid, n);
		put_row(rt->state, LNET_S_BONDS, uid, n);
	}
}

static assay_status build(far_node *f, asy_scenario **sc, uint16_t n, assay_err *err)
{
	static const char text[] =
		"{\"block_ms\":0,\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"tempo\":360,"
		"\"answers\":{\"command\":[\"cat\"]},\"validators\":[{\"key\":\"//V0\",\"alpha\":1000}],"
		"\"miners\":[{\"key\":\"//M0\"}]}]}";
	lnet_ledger *l = NULL;
	assay_status st = asy_crypto_init(err);
	if (st == ASSAY_OK)
		st = asy_scenario_parse(asy_span_str(text), sc, err);
	if (st == ASSAY_OK)
		st = asy_lnet_genesis(*sc, NULL, NULL, &l, err);
	if (st == ASSAY_OK)
		st = asy_lnet_node_new(l, "bench", 0, &f->node, err);
	if (st != ASSAY_OK)
		return st;
	fill(f->node, n);
	return asy_lnet_pool_produce(&f->node->pool, f->node->ledger, err);
}

/* ---- measuring ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static assay_status measure(far_node *f, size_t runs, uint64_t n, double *ms, assay_err *err)
{
	static const char *const url[] = {"http://far"};
	const asy_chain_config cfg = {.endpoints = url,
								  .endpoints_n = 1,
								  .transport = &f->iface,
								  .clock = asy_sys_clock(),
								  .rng = asy_sys_rng()};
	asy_chain *c = NULL;
	asy_block_ref head;
	assay_status st = asy_chain_open(&cfg, &c, err);
	if (st == ASSAY_OK)
		st = asy_chain_head(c, &head, err);
	for (size_t i = 0; i < runs && st == ASSAY_OK; i++) {
		assay_snapshot *s = NULL;
		f->trips = f->requests = 0;
		double began = now_ms(CLOCK_MONOTONIC), cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
		st = asy_chain_snapshot(c, 1, 0, &head, &s, err);
		ms[i] = now_ms(CLOCK_MONOTONIC) - began;
		f->cpu_ms = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		if (st == ASSAY_OK && s->n != n)
			st = ASSAY_FAIL(err, E_MISMATCH, "%zu neurons", s->n);
		asy_snapshot_free(s);
	}
	asy_chain_close(c);
	return st;
}

int main(int argc, char **argv)
{
	far_node f = {.iface = {.send = send_one, .send_many = send_many}, .latency_ms = 50};
	uint64_t runs = 9, n = 256;
	for (int i = 1; i < argc; i += 2) {
		uint64_t *to = strcmp(argv[i], "--runs") == 0      ? &runs
					   : strcmp(argv[i], "--neurons") == 0 ? &n
					   : strcmp(argv[i], "--latency") == 0 ? &f.latency_ms
														   : NULL;
		if (to == NULL || i + 1 == argc || !asy_str_u64(argv[i + 1], to)) {
			(void)fprintf(stderr, "bench_snapshot: [--runs R] [--neurons N] [--latency MS]\n");
			return 2;
		}
	}
	if (runs == 0 || runs > RUNS_MAX || n < 4 || n > 16384)
		return 2;
	double *ms = asy_calloc(runs, sizeof *ms);
	asy_scenario *sc = NULL;
	assay_err err = {0};
	if (ms == NULL || build(&f, &sc, (uint16_t)n, &err) != ASSAY_OK ||
		measure(&f, runs, n, ms, &err) != ASSAY_OK) {
		(void)fprintf(stderr, "bench_snapshot: %s\n", err.msg);
		return EXIT_FAILURE;
	}
	qsort(ms, runs, sizeof *ms, by_value);
	(void)printf("{\"neurons\": %" PRIu64 ", \"latency_ms\": %" PRIu64 ", \"runs\": %" PRIu64
				 ", \"median_ms\": %.0f, \"longest_ms\": %.0f, \"round_trips\": %" PRIu64
				 ", \"requests\": %" PRIu64 ", \"cpu_ms\": %.0f}\n",
				 n, f.latency_ms, runs, ms[runs / 2], ms[runs - 1], f.trips, f.requests, f.cpu_ms);
	asy_lnet_node_free(f.node);
	asy_scenario_free(sc);
	free(ms);
	return 0;
}
