/* A node that fails: in every way, at every call, the client says what happened, leaves
 * the endpoint, and stays usable. */
#include "unit/chain/net.h"

static void heal(net *n)
{
	n->fault = NET_OK;
	n->method = n->url = NULL;
	n->lose_answer = false;
	n->skip = 0;
}

START_TEST(test_one_endpoint_dead_then_the_other_answers)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_chain_info info;
	n->fault = NET_DEAD;
	n->url = "http://a";
	(void)net_head(n);
	asy_chain_get_info(n->chain, &info);
	ck_assert_str_eq(info.endpoint, "http://b");
	ck_assert_uint_eq(info.failovers, 1);
	heal(n);
	(void)net_head(n);
	asy_chain_get_info(n->chain, &info);
	ck_assert_str_eq(info.endpoint, "http://b"); /* no reason to leave it */
	net_free(n);
}
END_TEST

START_TEST(test_no_endpoint_answers_then_timeout_and_each_was_asked_once)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_block_ref head;
	assay_err err;
	n->fault = NET_DEAD;
	uint64_t before = n->calls;
	ck_assert_int_eq(asy_chain_head(n->chain, &head, &err), ASSAY_E_TIMEOUT);
	ck_assert_uint_le(n->calls - before, 3); /* a, then b's genesis */
	/* each endpoint with what it did, not the one that would be next */
	ck_assert_msg(strstr(err.msg, "http://a: no answer in time; http://b: no answer in time") !=
					  NULL,
				  "%s", err.msg);
	heal(n);
	(void)net_head(n);
	net_free(n);
}
END_TEST

START_TEST(test_interrupted_then_cancelled_at_once)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_block_ref head;
	assay_err err;
	n->fault = NET_CANCELLED;
	uint64_t before = n->calls;
	ck_assert_int_eq(asy_chain_head(n->chain, &head, &err), ASSAY_E_CANCELLED);
	ck_assert_uint_eq(n->calls - before, 1);
	net_free(n);
}
END_TEST

START_TEST(test_broken_replies_then_a_sentence_and_no_crash)
{
	static const net_fault broken[] = {NET_CUT, NET_WRONG_ID, NET_HTML};
	net *n = net_new(WORLD_SCENARIO, NULL);
	for (size_t i = 0; i < ASY_COUNT(broken); i++) {
		asy_block_ref head;
		assay_err err = {.status = ASSAY_OK};
		n->fault = broken[i];
		ck_assert_int_eq(asy_chain_head(n->chain, &head, &err), ASSAY_E_NET);
		ck_assert_uint_gt(strlen(err.msg), 20);
		heal(n);
		(void)net_head(n);
	}
	net_free(n);
}
END_TEST

START_TEST(test_answers_stop_mid_snapshot_then_no_snapshot_and_no_leak)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_block_ref head = net_head(n);
	for (unsigned skip = 0; skip < 4; skip++) {
		assay_snapshot *s = NULL;
		assay_err err;
		n->fault = NET_DEAD;
		n->method = "state_queryStorageAt";
		n->skip = skip;
		assay_status st = asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err);
		if (st == ASSAY_OK) { /* fewer requests than that were needed */
			asy_snapshot_free(s);
			ck_assert_uint_gt(skip, 2);
			break;
		}
		ck_assert_int_eq(st, ASSAY_E_TIMEOUT);
		ck_assert_ptr_null(s);
		ck_assert_ptr_nonnull(strstr(err.msg, "reading subnet 1"));
		heal(n);
	}
	heal(n);
	net_free(n);
}
END_TEST

START_TEST(test_answer_to_a_submission_lost_then_the_block_tells)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0};
	asy_tx_outcome out;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	n->fault = NET_DEAD;
	n->lose_answer = true;
	n->method = "author_submitExtrinsic";
	ck_assert_int_eq(asy_chain_send(n->chain, &tx, &out, &err), ASSAY_E_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "unknown"));
	heal(n);
	world_blocks(&n->w, 1);
	ck_ok(asy_chain_outcome(n->chain, &tx, tx.birth + 1, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_SUCCESS);
	/* a restart that sends first and asks later hears the same */
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_SUCCESS);
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

/* The answer of the second endpoint was lost, and the first takes nothing for reasons of its own:
 * that the transaction is in a block is what counts, whoever says it. */
START_TEST(test_one_refuses_and_the_other_has_it_in_a_block_then_it_is_in)
{
	static const char *const errors[] = {
		"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 77\"}",
		"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 6\"}",
		"{\"code\":1012,\"message\":\"Transaction is temporarily banned\"}",
		"{\"code\":1014,\"message\":\"Priority is too low: (1 vs 1)\",\"data\":\"x\"}",
		"{\"code\":1016,\"message\":\"Immediately Dropped\"}"};
	static const char *const urls[] = {"http://a", "http://b"};
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	net *n = net_new(WORLD_SCENARIO, "//V1");
	asy_tx tx = {0};
	asy_tx_outcome out;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	world_blocks(&n->w, 1);
	for (size_t i = 0; i < ASY_COUNT(errors) * ASY_COUNT(urls); i++) {
		n->fault = NET_ERROR;
		n->method = "author_submitExtrinsic";
		n->error = errors[i / ASY_COUNT(urls)];
		n->url = urls[i % ASY_COUNT(urls)];
		ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
		ck_assert_msg(out.kind == ASY_TX_SUCCESS, "%s at %s: %s", n->error, n->url, out.error);
		heal(n);
	}
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

/* One row for each code: what the pool says, what we make of it. */
static const struct {
	const char *error;
	asy_tx_kind kind;
	asy_tx_next next;
	int custom;
	const char *name;
} pool[] = {
	{"{\"code\":1001,\"message\":\"Extrinsic has invalid format: x\"}", ASY_TX_REFUSED,
	 ASY_NEXT_REBUILD, -1, "InvalidFormat"},
	{"{\"code\":1002,\"message\":\"Verification Error: x\",\"data\":\"RuntimeApi\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "Verification"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction is outdated\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "Outdated"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction will be valid in "
	 "the "
	 "future\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "Future"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction has a bad "
	 "signature\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "BadSignature"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction has an ancient "
	 "birth "
	 "block\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "AncientBirthBlock"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Inability to pay some fees "
	 "(e.g. "
	 "account balance too low)\"}",
	 ASY_TX_REFUSED, ASY_NEXT_GIVE_UP, -1, "Payment"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 1\"}",
	 ASY_TX_REFUSED, ASY_NEXT_GIVE_UP, 1, "StakeAmountTooLow"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 6\"}",
	 ASY_TX_REFUSED, ASY_NEXT_WAIT, 6, "RateLimitExceeded"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 16\"}",
	 ASY_TX_REFUSED, ASY_NEXT_GIVE_UP, 16, "CommitNotFound"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 99\"}",
	 ASY_TX_REFUSED, ASY_NEXT_LATER, 99, "Custom error 99"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 31\"}",
	 ASY_TX_REFUSED, ASY_NEXT_LATER, 31, "Custom error 31"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 27\"}",
	 ASY_TX_REFUSED, ASY_NEXT_GIVE_UP, 27, "DelegateTakeTooHigh"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: x\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "Custom error: x"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: -1\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "Custom error: -1"},
	{"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 256\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "Custom error: 256"},
	{"{\"code\":1011,\"message\":\"Unknown Transaction Validity\"}", ASY_TX_REFUSED, ASY_NEXT_LATER,
	 -1, "UnknownValidity"},
	{"{\"code\":1012,\"message\":\"Transaction is temporarily banned\"}", ASY_TX_REFUSED,
	 ASY_NEXT_REBUILD, -1, "TemporarilyBanned"},
	{"{\"code\":1013,\"message\":\"Transaction Already Imported\",\"data\":{\"hash\":\"0x00\"}}",
	 ASY_TX_PENDING, ASY_NEXT_POLL, -1, "AlreadyImported"},
	{"{\"code\":1014,\"message\":\"Priority is too low: (1 vs 1)\",\"data\":\"x\"}", ASY_TX_BLOCKED,
	 ASY_NEXT_WAIT, -1, "PriorityTooLow"},
	{"{\"code\":1016,\"message\":\"Immediately Dropped\"}", ASY_TX_REFUSED, ASY_NEXT_LATER, -1,
	 "ImmediatelyDropped"},
	{"{\"code\":1021,\"message\":\"The pool is not accepting future transactions\"}",
	 ASY_TX_REFUSED, ASY_NEXT_REBUILD, -1, "NoFuture"},
	{"{\"code\":4003,\"message\":\"Client error: x\"}", ASY_TX_REFUSED, ASY_NEXT_LATER, -1,
	 "Client error: x"},
	{"{\"code\":-32601,\"message\":\"Method not found\"}", ASY_TX_REFUSED, ASY_NEXT_LATER, -1,
	 "MethodNotFound"},
	{"{\"code\":-32000,\"message\":\"Server error\"}", ASY_TX_REFUSED, ASY_NEXT_LATER, -1,
	 "Server error"},
};

START_TEST(test_pool_refusals_then_named_and_with_a_remedy)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	assay_err err;
	world_blocks(&n->w, 2);
	for (size_t i = 0; i < ASY_COUNT(pool); i++) {
		asy_tx tx = {0};
		asy_tx_outcome out;
		ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
		n->fault = NET_ERROR;
		n->method = "author_submitExtrinsic";
		n->error = pool[i].error;
		ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
		heal(n);
		ck_assert_msg(out.kind == pool[i].kind && out.next == pool[i].next &&
						  out.custom == pool[i].custom && strcmp(out.error, pool[i].name) == 0,
					  "%s -> %s %d %d %s", pool[i].error, asy_tx_kind_name(out.kind), (int)out.next,
					  out.custom, out.error);
		ck_assert_uint_gt(strlen(out.remedy), 5);
		asy_tx_fini(&tx);
	}
	net_free(n);
}
END_TEST

/* What the pool of spec 475 says about each kind of weights call, and what it means there.
 * Subnet 1 has commit-reveal on, subnet 2 has it off. */
START_TEST(test_refusals_by_call_then_what_the_switch_and_the_call_make_of_them)
{
	static const char custom[] =
		"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: %d\"}";
	static const char blocked[] = "{\"code\":1014,\"message\":\"Priority is too low: (1 vs 1)\"}";
	static const struct {
		const char *call;
		uint16_t netuid;
		int custom; /* 0 = 1014 */
		asy_tx_next next;
		const char *remedy;
	} rows[] = {
		{"set_weights", 1, 255, ASY_NEXT_RESEAL, "switch was turned"},
		{"set_mechanism_weights", 1, 255, ASY_NEXT_RESEAL, "switch was turned"},
		{"set_weights", 2, 255, ASY_NEXT_WAIT, "permit"},
		{"commit_weights", 2, 255, ASY_NEXT_RESEAL, "switch was turned"},
		{"commit_timelocked_weights", 2, 255, ASY_NEXT_RESEAL, "switch was turned"},
		{"commit_weights", 1, 255, ASY_NEXT_WAIT, "permit"},
		{"commit_timelocked_mechanism_weights", 1, 255, ASY_NEXT_WAIT, "permit"},
		{"reveal_weights", 1, 255, ASY_NEXT_GIVE_UP, "arguments"},
		{"serve_axon", 1, 255, ASY_NEXT_GIVE_UP, "arguments"},
		{"commit_weights", 1, 6, ASY_NEXT_WAIT, "rate limit"},
		{"commit_timelocked_weights", 1, 6, ASY_NEXT_WAIT, "rate limit"},
		{"commit_crv3_mechanism_weights", 1, 6, ASY_NEXT_WAIT, "rate limit"},
		{"commit_timelocked_weights", 1, 19, ASY_NEXT_GIVE_UP, "register"},
		{"commit_timelocked_weights", 1, 15, ASY_NEXT_RESEAL, "round has passed"},
		{"commit_weights", 1, 0, ASY_NEXT_WAIT, "commitment of this hotkey"},
		{"commit_timelocked_weights", 1, 0, ASY_NEXT_WAIT, "commitment of this hotkey"},
		{"set_weights", 2, 0, ASY_NEXT_WAIT, "same nonce"},
		{"reveal_weights", 1, 0, ASY_NEXT_WAIT, "same nonce"},
	};
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	assay_err err;
	world_blocks(&n->w, 2);
	for (size_t i = 0; i < ASY_COUNT(rows); i++) {
		asy_tx tx = {0};
		asy_tx_outcome out;
		char text[128];
		ck_ok(asy_chain_prepare_set_weights(n->chain, rows[i].netuid, 0, uids, values, 2, 0, &tx,
											&err),
			  err);
		(void)snprintf(tx.call, sizeof tx.call, "SubtensorModule.%s", rows[i].call);
		(void)snprintf(text, sizeof text, custom, rows[i].custom);
		n->fault = NET_ERROR;
		n->method = "author_submitExtrinsic";
		n->error = rows[i].custom == 0 ? blocked : text;
		ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
		heal(n);
		ck_assert_msg(out.next == rows[i].next, "row %zu: %d (%s)", i, (int)out.next, out.remedy);
		ck_assert_msg(strstr(out.remedy, rows[i].remedy) != NULL, "row %zu: %s", i, out.remedy);
		ck_assert(out.next != ASY_NEXT_WAIT || out.wait_blocks > 0);
		asy_tx_fini(&tx);
	}
	net_free(n);
}
END_TEST

/* A runtime that describes its numbers is believed for those that we do not know. */
START_TEST(test_unknown_number_when_the_runtime_describes_it_then_named)
{
	static const asy_type_variant variants[] = {{.name = "Future", .index = 31},
												{.name = "BadRequest", .index = 255}};
	static const asy_type types[] = {{.kind = ASY_TYPE_PRIMITIVE},
									 {.kind = ASY_TYPE_VARIANT,
									  .name = "CustomTransactionError",
									  .variants = variants,
									  .count = 2}};
	const asy_metadata m = {.types = types, .types_n = 2};
	asy_rpc_error e = {.code = 1010, .data = "Custom error: 31"};
	asy_tx_outcome out;
	asy_verdict_refused(&m, &e, &out);
	ck_assert_str_eq(out.error, "Custom error 31: Future");
	ck_assert_int_eq(out.next, ASY_NEXT_LATER);
	(void)snprintf(e.data, sizeof e.data, "Custom error: 32");
	asy_verdict_refused(&m, &e, &out);
	ck_assert_str_eq(out.error, "Custom error 32");
	(void)snprintf(e.data, sizeof e.data, "Custom error: 6");
	asy_verdict_refused(&m, &e, &out); /* what we know comes first: it has a remedy */
	ck_assert_str_eq(out.error, "RateLimitExceeded");
}
END_TEST

/* ---- time ---- */

#define SECOND UINT64_C(1000000000)

START_TEST(test_slow_node_then_the_whole_call_ends_at_its_deadline)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_block_ref head = net_head(n);
	assay_snapshot *s = NULL;
	assay_err err;
	n->chain->cfg.call_timeout_ms = 5000;
	n->takes_ns = 2 * SECOND; /* three requests fit, a snapshot takes more */
	n->latest_deadline = 0;
	uint64_t start = n->clock.mono, before = n->calls;
	ck_assert_int_eq(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), ASSAY_E_TIMEOUT);
	ck_assert_ptr_null(s);
	ck_assert_msg(strstr(err.msg, "chain.deadline_ms") != NULL, "%s", err.msg);
	ck_assert_uint_le(n->calls - before, 3);
	ck_assert_uint_le(n->latest_deadline, start + 5 * SECOND + SECOND / 1000);
	asy_chain_info info;
	asy_chain_get_info(n->chain, &info);
	ck_assert_uint_eq(info.failures, 0); /* no endpoint failed: we gave it too little time */
	/* the next call has its own time */
	n->takes_ns = SECOND / 10;
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), err);
	asy_snapshot_free(s);
	net_free(n);
}
END_TEST

START_TEST(test_endpoint_hangs_then_it_gets_its_share_and_the_other_the_rest)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_chain_info info;
	n->chain->cfg.call_timeout_ms = 8000;
	n->fault = NET_DEAD;
	n->url = "http://a";
	n->latest_deadline = 0;
	uint64_t start = n->clock.mono;
	(void)net_head(n);
	asy_chain_get_info(n->chain, &info);
	ck_assert_str_eq(info.endpoint, "http://b");
	ck_assert_uint_le(n->latest_deadline, start + 8 * SECOND + SECOND / 1000);
	/* and never longer than one request may take */
	n->chain->cfg.call_timeout_ms = 600000;
	n->latest_deadline = 0;
	start = n->clock.mono;
	(void)net_head(n);
	ck_assert_uint_le(n->latest_deadline, start + 10 * SECOND + SECOND / 1000);
	net_free(n);
}
END_TEST

START_TEST(test_search_on_a_slow_node_then_it_comes_back_with_what_it_has)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0};
	asy_tx_outcome out = {0};
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	world_blocks(&n->w, 40);
	n->takes_ns = SECOND; /* 80 requests in one go would take far longer than 30 s */
	uint64_t from = tx.birth + 1, rounds = 0;
	while (out.scanned_to < net_head(n).number && rounds++ < 20) {
		uint64_t was = out.scanned_to;
		ck_ok(asy_chain_outcome(n->chain, &tx, from, &out, &err), err);
		ck_assert_int_eq(out.kind, ASY_TX_PENDING);
		ck_assert_uint_gt(out.scanned_to, was);
		from = out.scanned_to + 1;
		if (tx.birth + 40 <= out.scanned_to)
			break;
	}
	ck_assert_uint_gt(rounds, 2);
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

/* ---- what is said of a failing endpoint ---- */

START_TEST(test_endpoint_failed_then_told_once_twice_four_times_also_while_waiting)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	static const char *const urls[] = {"http://a", "http://b"};
	asy_complaint sick[2] = {{0}};
	char *text = NULL;
	size_t len = 0;
	asy_logger log = {.out = open_memstream(&text, &len)};
	asy_chain_config cfg = {.endpoints = urls,
							.endpoints_n = 2,
							.transport = &n->iface,
							.clock = &n->clock.iface,
							.rng = &n->w.rng.iface,
							.log = &log,
							.sick = sick};
	asy_chain *c = NULL;
	assay_err err;
	n->fault = NET_DEAD;
	for (int i = 0; i < 10; i++) /* the first node is not up yet */
		ck_assert_int_eq(asy_chain_open(&cfg, &c, &err), ASSAY_E_TIMEOUT);
	(void)fflush(log.out);
	unsigned lines = 0;
	for (const char *at = text; (at = strstr(at, "chain.endpoint_failed")) != NULL; at++)
		lines++;
	ck_assert_uint_eq(lines, 2 * 4); /* the 1st, 2nd, 4th and 8th of each endpoint */
	/* one endpoint stays down: the other one's answers do not make it news again */
	n->url = "http://a";
	ck_ok(asy_chain_open(&cfg, &c, &err), err);
	ck_assert_uint_ge(sick[0].seen, 10);
	ck_assert_uint_eq(sick[1].seen, 0);
	asy_chain_close(c);
	(void)fclose(log.out);
	free(text);
	net_free(n);
}
END_TEST

START_TEST(test_node_forgot_then_gone_and_other_errors_then_again)
{
	static const struct {
		const char *error;
		assay_status st;
	} said[] = {
		{"{\"code\":4003,\"message\":\"Client error: Api called for an unknown Block: State "
		 "already "
		 "discarded for 0x00\"}",
		 ASSAY_E_GONE},
		{"{\"code\":-32000,\"message\":\"Client error: UnknownBlock: Header was not found in the "
		 "database\"}",
		 ASSAY_E_GONE},
		{"{\"code\":4003,\"message\":\"Client error\",\"data\":\"State already discarded\"}",
		 ASSAY_E_GONE},
		{"{\"code\":-32000,\"message\":\"Server error\"}", ASSAY_E_AGAIN},
		{"{\"code\":-32601,\"message\":\"Method not found\"}", ASSAY_E_AGAIN},
	};
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_block_ref head = net_head(n);
	asy_epoch_state epoch;
	asy_hash hash;
	assay_err err;
	for (size_t i = 0; i < ASY_COUNT(said); i++) {
		n->fault = NET_ERROR;
		n->error = said[i].error;
		ck_assert_int_eq(asy_chain_epoch_state(n->chain, 1, &head, &epoch, &err), said[i].st);
		ck_assert_msg(strstr(err.msg, "http://a answered") != NULL, "%s", err.msg);
		heal(n);
	}
	ck_assert_int_eq(asy_chain_block_hash(n->chain, 1000000, &hash, &err), ASSAY_E_GONE);
	net_free(n);
}
END_TEST

START_TEST(test_nonsense_then_the_next_one_is_asked_within_the_call)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_block_ref head = net_head(n);
	asy_epoch_state epoch;
	asy_chain_info info;
	assay_err err;
	n->fault = NET_NONSENSE;
	n->method = "state_queryStorageAt";
	n->url = "http://a";
	ck_ok(asy_chain_epoch_state(n->chain, 1, &head, &epoch, &err), err);
	asy_chain_get_info(n->chain, &info);
	ck_assert_str_eq(info.endpoint, "http://b");
	n->url = NULL; /* now all of them */
	ck_assert_int_eq(asy_chain_epoch_state(n->chain, 1, &head, &epoch, &err), ASSAY_E_AGAIN);
	ck_assert_msg(strstr(err.msg, "answered wrongly") != NULL, "%s", err.msg);
	heal(n);
	ck_ok(asy_chain_epoch_state(n->chain, 1, &head, &epoch, &err), err);
	net_free(n);
}
END_TEST

START_TEST(test_undecodable_call_then_metadata_is_read_again)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0};
	asy_tx_outcome out;
	asy_chain_info info;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	n->fault = NET_ERROR;
	n->method = "author_submitExtrinsic";
	n->error = "{\"code\":1002,\"message\":\"Verification Error\"}";
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	heal(n);
	asy_tx_fini(&tx);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	asy_chain_get_info(n->chain, &info);
	ck_assert_uint_eq(info.reloads, 1);
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

START_TEST(test_other_genesis_than_configured_then_refused)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	static const char *const url[] = {"http://a"};
	const asy_hash other = {{1}};
	asy_chain_config cfg = {.endpoints = url,
							.endpoints_n = 1,
							.transport = &n->iface,
							.clock = &n->clock.iface,
							.rng = &n->w.rng.iface,
							.genesis = &other};
	asy_chain *c = NULL;
	assay_err err;
	ck_assert_int_eq(asy_chain_open(&cfg, &c, &err), ASSAY_E_CONFIG);
	ck_assert_ptr_null(c);
	static const char *const ws[] = {"ftp://127.0.0.1:9944"};
	cfg.genesis = NULL;
	cfg.endpoints = ws;
	ck_assert_int_eq(asy_chain_open(&cfg, &c, &err), ASSAY_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.msg, "ftp://127.0.0.1:9944"));
	cfg.endpoints_n = 0;
	ck_assert_int_eq(asy_chain_open(&cfg, &c, &err), ASSAY_E_CONFIG);
	net_free(n);
}
END_TEST

START_TEST(test_failures_at_every_call_of_a_submission_then_never_a_half_made_transaction)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	assay_err err;
	bool done = false;
	world_blocks(&n->w, 2);
	for (unsigned skip = 0; skip < 40 && !done; skip++) {
		asy_tx tx = {0};
		n->fault = NET_DEAD;
		n->skip = skip;
		assay_status st =
			asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err);
		heal(n);
		done = st == ASSAY_OK;
		ck_assert(done == (tx.bytes != NULL));
		asy_tx_fini(&tx);
	}
	ck_assert(done);
	net_free(n);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_one_endpoint_dead_then_the_other_answers);
	tcase_add_test(tc, test_no_endpoint_answers_then_timeout_and_each_was_asked_once);
	tcase_add_test(tc, test_interrupted_then_cancelled_at_once);
	tcase_add_test(tc, test_broken_replies_then_a_sentence_and_no_crash);
	tcase_add_test(tc, test_answers_stop_mid_snapshot_then_no_snapshot_and_no_leak);
	tcase_add_test(tc, test_answer_to_a_submission_lost_then_the_block_tells);
	tcase_add_test(tc, test_one_refuses_and_the_other_has_it_in_a_block_then_it_is_in);
	tcase_add_test(tc, test_refusals_by_call_then_what_the_switch_and_the_call_make_of_them);
	tcase_add_test(tc, test_pool_refusals_then_named_and_with_a_remedy);
	tcase_add_test(tc, test_unknown_number_when_the_runtime_describes_it_then_named);
	tcase_add_test(tc, test_slow_node_then_the_whole_call_ends_at_its_deadline);
	tcase_add_test(tc, test_endpoint_hangs_then_it_gets_its_share_and_the_other_the_rest);
	tcase_add_test(tc, test_search_on_a_slow_node_then_it_comes_back_with_what_it_has);
	tcase_add_test(tc, test_endpoint_failed_then_told_once_twice_four_times_also_while_waiting);
	tcase_add_test(tc, test_node_forgot_then_gone_and_other_errors_then_again);
	tcase_add_test(tc, test_nonsense_then_the_next_one_is_asked_within_the_call);
	tcase_add_test(tc, test_undecodable_call_then_metadata_is_read_again);
	tcase_add_test(tc, test_other_genesis_than_configured_then_refused);
	tcase_add_test(tc,
				   test_failures_at_every_call_of_a_submission_then_never_a_half_made_transaction);
}

int main(void)
{
	return test_main("chain-faults", cases, 60);
}
