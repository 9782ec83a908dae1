/* The JSON-RPC surface, asked as text: values, errors, batches, history, faults. */
#include "world.h"

static asy_jv result(asy_json *doc)
{
	return asy_jv_get(asy_json_root(doc), "result");
}

static const char *text_of(asy_jv v)
{
	const char *s = NULL;
	size_t len;
	assay_err err;
	ck_ok(asy_jv_str(v, &s, &len, &err), err);
	return s;
}

static void expect_error(world *w, const char *request, int64_t code, const char *part)
{
	asy_json *doc = world_rpc(w, request);
	asy_jv e = asy_jv_get(asy_json_root(doc), "error");
	int64_t got = 0;
	assay_err err;
	ck_ok(asy_jv_i64(asy_jv_get(e, "code"), &got, &err), err);
	ck_assert_msg(got == code, "%s: code %lld", request, (long long)got);
	ck_assert_msg(strstr(text_of(asy_jv_get(e, "message")), part) != NULL, "%s: %s", request,
				  text_of(asy_jv_get(e, "message")));
	asy_json_free(doc);
}

#define ASK(method, params)                                                                        \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":[" params "]}"

START_TEST(test_header_when_hashed_again_then_equals_the_block_s_name)
{
	world w = world_new(WORLD_SCENARIO);
	world_blocks(&w, 70);
	asy_json *header = world_rpc(&w, ASK("chain_getHeader", "")),
			 *name = world_rpc(&w, ASK("chain_getBlockHash", "70"));
	asy_jv h = result(header);
	uint8_t raw[32], hash[32];
	asy_buf b = {0};
	asy_scale_w o = asy_scale_out(&b);
	assay_err err;
	ck_assert_str_eq(text_of(asy_jv_get(h, "number")), "0x46");
	ck_assert(asy_hex_decode(text_of(asy_jv_get(h, "parentHash")), raw, 32));
	asy_scale_put_raw(&o, raw, 32);
	asy_scale_put_compact(&o, 70);
	ck_assert(asy_hex_decode(text_of(asy_jv_get(h, "stateRoot")), raw, 32));
	asy_scale_put_raw(&o, raw, 32);
	ck_assert(asy_hex_decode(text_of(asy_jv_get(h, "extrinsicsRoot")), raw, 32));
	asy_scale_put_raw(&o, raw, 32);
	asy_scale_put_compact(&o, 0);
	ck_ok(asy_scale_out_end(&o, &err), err);
	asy_blake2b(b.ptr, b.len, hash, 32);
	ck_assert(asy_hex_decode(text_of(result(name)), raw, 32));
	ck_assert_mem_eq(hash, raw, 32);
	asy_buf_fini(&b);
	asy_json_free(header);
	asy_json_free(name);
	world_free(&w);
}
END_TEST

START_TEST(test_storage_when_asked_at_a_past_block_then_the_value_of_then)
{
	world w = world_new(WORLD_SCENARIO);
	char request[512], hash[65], key[65];
	world_blocks(&w, 9);
	asy_hex_encode(hash, asy_lnet_block_at(w.node->ledger, 4)->hash.b, 32);
	lnet_key k = asy_lnet_key(LNET_S_NUMBER);
	asy_hex_encode(key, k.bytes, k.len);
	(void)snprintf(request, sizeof request,
				   "{\"id\":1,\"method\":\"state_getStorage\",\"params\":[\"0x%s\",\"0x%s\"]}", key,
				   hash);
	asy_json *doc = world_rpc(&w, request);
	ck_assert_str_eq(text_of(result(doc)), "0x04000000");
	asy_json_free(doc);
	(void)snprintf(
		request, sizeof request,
		"{\"id\":1,\"method\":\"state_queryStorageAt\",\"params\":[[\"0x%s\",\"0x00\"]]}", key);
	doc = world_rpc(&w, request);
	asy_jv changes = asy_jv_get(asy_jv_at(result(doc), 0), "changes");
	ck_assert_str_eq(text_of(asy_jv_at(asy_jv_at(changes, 0), 1)), "0x09000000");
	ck_assert(asy_jv_is_null(asy_jv_at(asy_jv_at(changes, 1), 1)));
	asy_json_free(doc);
	expect_error(&w,
				 ASK("state_getStorage", "\"0x00\",\"0x0101010101010101010101010101010101010101010"
										 "101010101010101010101\""),
				 4003, "unknown Block");
	world_free(&w);
}
END_TEST

START_TEST(test_keys_when_paged_then_each_once_in_order)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_key k = asy_lnet_key_u16(LNET_S_KEYS, 1);
	char prefix[80], after[200] = "", request[512];
	size_t seen = 0;
	asy_hex_encode(prefix, k.bytes, k.len);
	for (;;) {
		(void)snprintf(
			request, sizeof request,
			"{\"id\":1,\"method\":\"state_getKeysPaged\",\"params\":[\"0x%s\",2,%s%s%s]}", prefix,
			after[0] != '\0' ? "\"" : "", after[0] != '\0' ? after : "null",
			after[0] != '\0' ? "\"" : "");
		asy_json *doc = world_rpc(&w, request);
		size_t n = asy_jv_size(result(doc));
		for (size_t i = 0; i < n; i++) {
			const char *key = text_of(asy_jv_at(result(doc), i));
			ck_assert_int_gt(strcmp(key, after), 0);
			(void)asy_str_copy(after, sizeof after, key);
		}
		asy_json_free(doc);
		seen += n;
		if (n == 0)
			break;
	}
	ck_assert_uint_eq(seen, 7);
	world_free(&w);
}
END_TEST

START_TEST(test_envelope_when_odd_then_json_rpc_errors)
{
	world w = world_new(WORLD_SCENARIO);
	expect_error(&w, "{", -32700, "Parse error");
	expect_error(&w, "[]", -32600, "Invalid Request");
	expect_error(&w, "7", -32600, "Invalid Request");
	expect_error(&w, "{\"id\":1}", -32600, "no method");
	expect_error(&w, ASK("author_unwatch", ""), -32601, "Method not found");
	expect_error(&w, "{\"id\":1,\"method\":\"state_getStorage\",\"params\":{}}", -32602, "array");
	expect_error(&w, ASK("state_getStorage", "\"12\""), -32602, "not 0x hex");
	expect_error(&w, ASK("state_getStorage", "\"0x1g\""), -32602, "outside hex");
	expect_error(&w, ASK("state_getKeysPaged", "\"0x\",1001"), 4002, "exceeds");
	expect_error(&w, ASK("system_accountNextIndex", "\"nobody\""), -32602, "SS58");
	expect_error(&w, ASK("state_call", "\"Foo_bar\",\"0x\""), 4003, "Foo_bar");
	expect_error(&w, ASK("author_submitExtrinsic", "\"0x00\""), 1001, "invalid format");
	expect_error(&w, ASK("author_submitExtrinsic", "\"0x0804ff\""), 1002, "Verification Error");
	asy_json *doc = world_rpc(&w, "[{\"id\":\"a\",\"method\":\"system_chain\"},{\"id\":null,"
								  "\"method\":\"system_health\"},{\"id\":5,\"method\":\"x\"}]");
	asy_jv list = asy_json_root(doc);
	uint64_t id = 0;
	assay_err err;
	ck_assert_str_eq(text_of(asy_jv_get(asy_jv_at(list, 0), "id")), "a");
	ck_assert_str_eq(text_of(asy_jv_get(asy_jv_at(list, 0), "result")), "test");
	ck_assert(asy_jv_is_null(asy_jv_get(asy_jv_at(list, 1), "id")));
	ck_ok(asy_jv_u64(asy_jv_get(asy_jv_at(list, 2), "id"), &id, &err), err);
	ck_assert_uint_eq(id, 5);
	asy_json_free(doc);
	world_free(&w);
}
END_TEST

START_TEST(test_surface_when_listed_then_holds_what_a_client_needs)
{
	static const char *const needed[] = {"chain_getHeader",
										 "chain_getBlockHash",
										 "chain_getFinalizedHead",
										 "chain_getBlock",
										 "state_getRuntimeVersion",
										 "state_getMetadata",
										 "state_call",
										 "state_getStorage",
										 "state_getKeysPaged",
										 "state_queryStorageAt",
										 "system_accountNextIndex",
										 "author_submitExtrinsic",
										 "author_pendingExtrinsics",
										 "system_health",
										 "system_chain",
										 "system_properties",
										 "rpc_methods"};
	world w = world_new(WORLD_SCENARIO);
	asy_json *doc = world_rpc(&w, ASK("rpc_methods", ""));
	asy_jv list = asy_jv_get(result(doc), "methods");
	for (size_t i = 0; i < ASY_COUNT(needed); i++) {
		bool found = false;
		for (size_t k = 0; k < asy_jv_size(list); k++)
			found = found || strcmp(text_of(asy_jv_at(list, k)), needed[i]) == 0;
		ck_assert_msg(found, "%s is not listed", needed[i]);
	}
	asy_json_free(doc);
	world_free(&w);
}
END_TEST

static void expect_call(world *w, const char *params, const char *want)
{
	char request[512];
	(void)snprintf(request, sizeof request, "{\"id\":1,\"method\":\"state_call\",\"params\":[%s]}",
				   params);
	asy_json *doc = world_rpc(w, request);
	ck_assert_str_eq(text_of(result(doc)), want);
	asy_json_free(doc);
}

START_TEST(test_runtime_api_when_called_then_scale_of_state_at_the_block)
{
	world w = world_new(WORLD_SCENARIO);
	char params[256], hash[65];
	world_blocks(&w, 12);
	expect_call(&w, "\"Metadata_metadata_versions\",\"0x\"", "0x040e000000");
	expect_call(&w, "\"Metadata_metadata_at_version\",\"0x0f000000\"", "0x00");
	/* tempo 10, last epoch at block 10; at block 9 it was still 0 */
	expect_call(&w, "\"SubnetInfoRuntimeApi_get_next_epoch_start_block\",\"0x0100\"",
				"0x011400000000000000");
	asy_hex_encode(hash, asy_lnet_block_at(w.node->ledger, 9)->hash.b, 32);
	(void)snprintf(params, sizeof params,
				   "\"SubnetInfoRuntimeApi_get_next_epoch_start_block\",\"0x0100\",\"0x%s\"", hash);
	expect_call(&w, params, "0x010a00000000000000");
	expect_call(&w, "\"SubnetInfoRuntimeApi_get_next_epoch_start_block\",\"0x0900\"", "0x00");
	expect_error(&w, ASK("state_call", "\"AccountNonceApi_account_nonce\",\"0x01\""), 4003,
				 "Bad input");
	world_free(&w);
}
END_TEST

START_TEST(test_neuron_lite_when_decoded_by_hand_then_equals_the_scenario)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf out = {0};
	assay_err err;
	assay_span raw;
	asy_account v1 = world_account("//V1"), cold = world_account("//V1//cold");
	uint64_t v[6];
	const uint8_t args[4] = {1, 0, 1, 0};
	ck_ok(asy_lnet_api_call(w.node, asy_lnet_head(w.node->ledger),
							"NeuronInfoRuntimeApi_get_neuron_lite", asy_span(args, 4), &out, &err),
		  err);
	asy_scale in = asy_scale_in(asy_buf_span(&out));
	ck_assert_uint_eq(out.ptr[0], 1); /* Some */
	in.at = 1;
	ck_ok(asy_scale_raw(&in, 64, &raw, &err), err);
	ck_assert_mem_eq(raw.ptr, v1.b, 32);
	ck_assert_mem_eq(raw.ptr + 32, cold.b, 32);
	ck_ok(asy_scale_compact(&in, &v[0], &err), err);
	ck_ok(asy_scale_compact(&in, &v[1], &err), err);
	ck_assert_uint_eq(v[0], 1);
	ck_assert_uint_eq(v[1], 1);
	/* inactive yet, no axon (34 bytes), no prometheus (31), one stake */
	ck_ok(asy_scale_raw(&in, 1 + 34 + 31 + 1 + 32, &raw, &err), err);
	ck_assert_uint_eq(raw.ptr[66], 4);
	ck_ok(asy_scale_compact(&in, &v[2], &err), err);
	ck_assert_uint_eq(v[2], UINT64_C(5000000000000));
	/* rank, emission, incentive, consensus, trust, vtrust, dividends, last update */
	for (size_t i = 0; i < 8; i++) {
		ck_ok(asy_scale_compact(&in, &v[3], &err), err);
		ck_assert_uint_eq(v[3], 0);
	}
	ck_ok(asy_scale_raw(&in, 2, &raw, &err), err); /* permit, pruning score */
	ck_assert(raw.ptr[0] == 1 && raw.ptr[1] == 0);
	ck_ok(asy_scale_end(&in, &err), err);
	asy_buf_fini(&out);
	world_free(&w);
}
END_TEST

START_TEST(test_fault_when_set_then_the_next_requests_suffer_and_no_more)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf out = {0};
	lnet_wire wire;
	assay_err err;
	asy_json *doc = world_rpc(&w, ASK("assay_setFault",
									  "{\"kind\":\"error\",\"code\":1014,\"message\":\"busy\","
									  "\"count\":2,\"skip\":1,\"method\":\"system_chain\"}"));
	asy_json_free(doc);
	asy_json_free(world_rpc(&w, ASK("system_chain", "")));
	expect_error(&w, ASK("system_chain", ""), 1014, "busy");
	asy_json_free(world_rpc(&w, ASK("system_health", "")));
	expect_error(&w, ASK("system_chain", ""), 1014, "busy");
	doc = world_rpc(&w, ASK("system_chain", ""));
	ck_assert_str_eq(text_of(result(doc)), "test");
	asy_json_free(doc);
	asy_json_free(world_rpc(&w, ASK("assay_setFault", "{\"kind\":\"http\"}")));
	ck_ok(asy_lnet_rpc(w.node, asy_span_str(ASK("system_chain", "")), &out, &wire, &err), err);
	ck_assert_int_eq(wire.status, 503);
	asy_json_free(world_rpc(&w, ASK("assay_setFault", "{\"kind\":\"drop\"}")));
	ck_ok(asy_lnet_rpc(w.node, asy_span_str(ASK("system_chain", "")), &out, &wire, &err), err);
	ck_assert(wire.drop);
	expect_error(&w, ASK("assay_setFault", "{\"kind\":\"flood\"}"), -32602, "kind");
	asy_buf_fini(&out);
	world_free(&w);
}
END_TEST

START_TEST(test_control_when_blocks_are_asked_for_then_made)
{
	world w = world_new(WORLD_SCENARIO);
	asy_json_free(world_rpc(&w, ASK("assay_produceBlocks", "25")));
	ck_assert_uint_eq(w.node->ledger->head, 25);
	expect_error(&w, ASK("assay_produceBlocks", "0"), -32602, "count");
	expect_error(&w, ASK("assay_setBlockTime", "49"), -32602, "50");
	asy_json_free(world_rpc(&w, ASK("assay_setStorage", "\"0xabcd\",\"0x01\"")));
	asy_json *doc = world_rpc(&w, ASK("state_getStorage", "\"0xabcd\""));
	ck_assert(asy_jv_is_null(result(doc))); /* a change of the next block */
	asy_json_free(doc);
	world_blocks(&w, 1);
	doc = world_rpc(&w, ASK("state_getStorage", "\"0xabcd\""));
	ck_assert_str_eq(text_of(result(doc)), "0x01");
	asy_json_free(doc);
	world_free(&w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_header_when_hashed_again_then_equals_the_block_s_name);
	tcase_add_test(tc, test_storage_when_asked_at_a_past_block_then_the_value_of_then);
	tcase_add_test(tc, test_keys_when_paged_then_each_once_in_order);
	tcase_add_test(tc, test_envelope_when_odd_then_json_rpc_errors);
	tcase_add_test(tc, test_surface_when_listed_then_holds_what_a_client_needs);
	tcase_add_test(tc, test_runtime_api_when_called_then_scale_of_state_at_the_block);
	tcase_add_test(tc, test_neuron_lite_when_decoded_by_hand_then_equals_the_scenario);
	tcase_add_test(tc, test_fault_when_set_then_the_next_requests_suffer_and_no_more);
	tcase_add_test(tc, test_control_when_blocks_are_asked_for_then_made);
}

int main(void)
{
	return test_main("localnet_rpc", fill, 60);
}
