/* The chain client over WebSocket against the development chain, sockets and all: requests
 * together, heads that come by themselves, connections that end, and a port that is no node. */
#include <unistd.h>
#include "chain/chain.h"
#include "chain/impl.h"
#include "http/http.h"
#include "localnet/localnet.h"
#include "loop/loop.h"
#include "support/test.h"

#define SCENARIO                                                                                   \
	"{\"block_ms\":50,\"finality_lag\":2,\"subnets\":[{\"netuid\":1,\"task\":\"text\","            \
	"\"tempo\":20,\"answers\":{\"command\":[\"cat\"]},\"validators\":[{\"key\":\"//V0\","          \
	"\"alpha\":5000000000000}],\"miners\":[{\"key\":\"//M0\"},{\"key\":\"//M1\"}]}]}"

typedef struct {
	asy_scenario *sc;
	asy_localnet *ln;
	asy_loop *loop;
	asy_http *http;
	asy_rpc_net net;
	asy_key *key;
	asy_chain *chain;
	char url[2][64];
	uint16_t miner_port;
} rig;

static rig *rig_new(void)
{
	rig *r = asy_calloc(1, sizeof *r);
	assay_err err = {0};
	const asy_localnet_opts opts = {
		.clock = asy_sys_clock(), .rng = asy_sys_rng(), .rpc_port = 0, .without_rivals = true};
	ck_assert_ptr_nonnull(r);
	ck_ok(asy_scenario_parse(asy_span_str(SCENARIO), &r->sc, &err), err);
	ck_ok(asy_localnet_start(r->sc, &opts, &r->ln, &err), err);
	const asy_localnet_neuron *rows = NULL;
	size_t n = asy_localnet_neurons(r->ln, &rows);
	for (size_t i = 0; i < n; i++)
		r->miner_port = rows[i].port != 0 ? rows[i].port : r->miner_port;
	(void)snprintf(r->url[0], sizeof r->url[0], "ws://127.0.0.1:%u", asy_localnet_port(r->ln));
	(void)snprintf(r->url[1], sizeof r->url[1], "ws://127.0.0.1:%u", r->miner_port);
	ck_ok(asy_loop_new(&r->loop, &err), err);
	ck_ok(asy_http_new(r->loop, NULL, &r->http, &err), err);
	ck_ok(asy_rpc_net_init(&r->net, r->http, asy_sys_clock(), NULL, &err), err);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//V0", &r->key, &err), err);
	return r;
}

static assay_status open_chain(rig *r, const char *const *urls, size_t n, assay_err *err)
{
	const asy_chain_config cfg = {.endpoints = urls,
								  .endpoints_n = n,
								  .transport = &r->net.iface,
								  .loop = r->loop,
								  .clock = asy_sys_clock(),
								  .rng = asy_sys_rng(),
								  .key = r->key,
								  .call_timeout_ms = 10000};
	return asy_chain_open(&cfg, &r->chain, err);
}

static void rig_free(rig *r)
{
	asy_chain_close(r->chain);
	asy_rpc_net_fini(&r->net);
	asy_http_free(r->http);
	asy_loop_free(r->loop);
	asy_key_free(r->key);
	asy_localnet_stop(r->ln);
	asy_scenario_free(r->sc);
	free(r);
}

START_TEST(test_snapshot_and_submission_then_as_over_http)
{
	rig *r = rig_new();
	const char *const urls[] = {r->url[0]};
	const uint16_t uids[] = {1, 2}, values[] = {65535, 7};
	asy_block_ref head;
	assay_snapshot *s = NULL;
	asy_tx tx = {0};
	asy_tx_outcome o;
	assay_err err = {0};
	ck_ok(open_chain(r, urls, 1, &err), err);
	ck_ok(asy_chain_head(r->chain, &head, &err), err);
	ck_ok(asy_chain_snapshot(r->chain, 1, 0, &head, &s, &err), err);
	ck_assert_uint_eq(s->n, 3);
	asy_snapshot_free(s);
	ck_ok(asy_chain_prepare_set_weights(r->chain, 1, 0, uids, values, 2, 0, &tx, &err), err);
	ck_ok(asy_chain_send(r->chain, &tx, &o, &err), err);
	ck_assert_int_eq(o.kind, ASY_TX_REFUSED); /* commit-reveal is on; the bytes were read */
	asy_tx_fini(&tx);
	rig_free(r);
}
END_TEST

/* Heads come by themselves: looking again and again asks nothing. */
START_TEST(test_head_when_blocks_come_then_no_request_is_made)
{
	rig *r = rig_new();
	const char *const urls[] = {r->url[0]};
	asy_chain_info before, after;
	asy_block_ref head, first = {.number = 0};
	assay_err err = {0};
	ck_ok(open_chain(r, urls, 1, &err), err);
	/* the head after genesis is far from what was known, and shows its parent */
	for (int i = 0; i < 400 && first.number == 0; i++) {
		ck_ok(asy_loop_sleep(r->loop, 10), err);
		ck_ok(asy_chain_head(r->chain, &first, &err), err);
	}
	ck_ok(asy_loop_sleep(r->loop, 200), err); /* the subscription has begun by now */
	asy_chain_get_info(r->chain, &before);
	for (int i = 0; i < 400 && (i == 0 || head.number < first.number + 10); i++) {
		ck_ok(asy_loop_sleep(r->loop, 10), err);
		ck_ok(asy_chain_head(r->chain, &head, &err), err);
	}
	asy_chain_get_info(r->chain, &after);
	ck_assert_uint_ge(head.number, first.number + 10);
	ck_assert_uint_eq(after.requests, before.requests);
	asy_hash hash;
	ck_ok(asy_chain_block_hash(r->chain, head.number, &hash, &err), err);
	ck_assert(asy_hash_eq(&hash, &head.hash));
	rig_free(r);
}
END_TEST

/* A miner's port refuses the upgrade; the other endpoint is used. */
START_TEST(test_endpoint_is_no_node_then_the_next_one)
{
	rig *r = rig_new();
	const char *const urls[] = {r->url[1], r->url[0]};
	asy_chain_info info;
	assay_err err = {0};
	ck_ok(open_chain(r, urls, 2, &err), err);
	asy_chain_get_info(r->chain, &info);
	ck_assert_str_eq(info.endpoint, r->url[0]);
	rig_free(r);
}
END_TEST

START_TEST(test_nobody_listens_then_net_and_soon)
{
	rig *r = rig_new();
	static const char *const urls[] = {"ws://127.0.0.1:1", "ws://no.such.host.invalid:9"};
	assay_err err = {0};
	assay_status st = open_chain(r, urls, 2, &err);
	ck_assert_msg(st == ASSAY_E_NET || st == ASSAY_E_TIMEOUT, "%s", err.msg);
	ck_assert_msg(strstr(err.msg, "ws://127.0.0.1:1") != NULL, "%s", err.msg);
	rig_free(r);
}
END_TEST

/* A connection that ends between calls is opened again, and heads come again. */
START_TEST(test_connection_ends_then_the_next_call_opens_another)
{
	rig *r = rig_new();
	const char *const urls[] = {r->url[0]};
	asy_block_ref head, later;
	asy_hash hash;
	assay_err err = {0};
	ck_ok(open_chain(r, urls, 1, &err), err);
	ck_ok(asy_chain_head(r->chain, &head, &err), err);
	for (int i = 0; i < 3; i++) {
		asy_rpc_net_drop(&r->net);
		ck_ok(asy_loop_sleep(r->loop, 150), err);
		ck_ok(asy_chain_block_hash(r->chain, head.number, &hash, &err), err);
		ck_assert(asy_hash_eq(&hash, &head.hash));
		ck_ok(asy_loop_sleep(r->loop, 150), err);
		ck_ok(asy_chain_head(r->chain, &later, &err), err);
		ck_assert_uint_gt(later.number, head.number);
	}
	rig_free(r);
}
END_TEST

START_TEST(test_peek_then_the_top_level_alone_counts)
{
	static const struct {
		const char *text;
		bool whole, has_id, is_head;
		uint64_t id;
	} rows[] = {
		{"{\"jsonrpc\":\"2.0\",\"id\":17,\"result\":null}", true, true, false, 17},
		{"{\"result\":{\"id\":3,\"method\":\"chain_newHead\"},\"id\":18}", true, true, false, 18},
		{" { \"method\" : \"chain_newHead\" , \"params\" : [] } ", true, false, true, 0},
		{"{\"result\":\"\\\"id\\\":9\",\"id\":2}", true, true, false, 2},
		{"{\"id\":\"heads\",\"result\":\"x\"}", true, false, false, 0},
		{"{\"id\":-4}", true, false, false, 0},
		{"[1]", false, false, false, 0},
		{"", false, false, false, 0},
		{"{\"id\":5", false, true, false, 5},
		{"{\"id", false, false, false, 0},
		{"{\"a\\", false, false, false, 0},
	};
	for (size_t i = 0; i < ASY_COUNT(rows); i++) {
		asy_rpc_peek p;
		ck_assert_msg(asy_rpc_peek_at(asy_span_str(rows[i].text), &p) == rows[i].whole, "%s",
					  rows[i].text);
		ck_assert_msg(p.has_id == rows[i].has_id && p.is_head == rows[i].is_head &&
						  p.id == rows[i].id,
					  "%s", rows[i].text);
	}
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_snapshot_and_submission_then_as_over_http);
	tcase_add_test(tc, test_head_when_blocks_come_then_no_request_is_made);
	tcase_add_test(tc, test_endpoint_is_no_node_then_the_next_one);
	tcase_add_test(tc, test_nobody_listens_then_net_and_soon);
	tcase_add_test(tc, test_connection_ends_then_the_next_call_opens_another);
	tcase_add_test(tc, test_peek_then_the_top_level_alone_counts);
}

int main(void)
{
	return test_main("chain-ws", cases, 60);
}
