/* What a node answers to a submission, and what a block makes of the pool. */
#include "world.h"

static void set_call(asy_buf *b, uint16_t netuid)
{
	const uint16_t uids[2] = {2, 3}, values[2] = {5, 9};
	assay_err err;
	world_call(b, LNET_C_SET_WEIGHTS);
	asy_scale_w w = asy_scale_out(b);
	asy_scale_put_u16(&w, netuid);
	asy_scale_put_u16s(&w, uids, 2);
	asy_scale_put_u16s(&w, values, 2);
	asy_scale_put_u64(&w, 0);
	ck_ok(asy_scale_out_end(&w, &err), err);
}

static void expect(lnet_rpc_error e, int code, const char *data)
{
	ck_assert_msg(e.code == code, "code %d (%s: %s), wanted %d", e.code, e.message, e.data, code);
	if (data != NULL)
		ck_assert_str_eq(e.data, data);
}

START_TEST(test_submit_when_valid_then_included_with_success_and_nonce_bumped)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf call = {0};
	asy_account v0 = world_account("//V0");
	set_call(&call, 2);
	expect(world_submit(&w, &(world_signer){.uri = "//V0"}, &call), 0, NULL);
	expect(world_submit(&w, &(world_signer){.uri = "//V1", .period = 64}, &call), 0, NULL);
	ck_assert_uint_eq(asy_lnet_pool_next_nonce(&w.node->pool, w.node->ledger, &v0), 1);
	world_blocks(&w, 1);
	ck_assert_uint_eq(w.node->pool.n, 0);
	const lnet_block *b = asy_lnet_head(w.node->ledger);
	ck_assert_uint_eq(b->extrinsics_n, 3);
	ck_assert_uint_eq(asy_lnet_account_get(w.node->ledger->rt.state, &v0).nonce, 1);
	/* timestamp success, then for each set: WeightsSet and success */
	ck_assert_uint_eq(asy_lnet_read0(w.node->ledger->rt.state, LNET_S_EVENT_COUNT), 5);
	/* the record as the notes spell it out: success of extrinsic 1, normal, no fee */
	lnet_key k = asy_lnet_key(LNET_S_EVENTS);
	static const uint8_t success[12] = {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
	assay_span v;
	ck_assert(asy_lnet_state_get(w.node->ledger->rt.state, asy_lnet_key_span(&k), &v));
	ck_assert_ptr_nonnull(memmem(v.ptr, v.len, success, sizeof success));
	asy_buf_fini(&call);
	world_free(&w);
}
END_TEST

START_TEST(test_submit_when_refused_then_code_and_text_of_a_node)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf call = {0}, bytes = {0};
	asy_hash hash;
	lnet_rpc_error e;
	set_call(&call, 2);
	world_blocks(&w, 3);
	expect(world_submit(&w, &(world_signer){.uri = "//V0", .spec = 346}, &call), 1010,
		   "Transaction has a bad signature");
	world_sign(&w, &(world_signer){.uri = "//V0"}, asy_buf_span(&call), &bytes);
	asy_lnet_pool_submit(&w.node->pool, w.node->ledger, asy_buf_span(&bytes), &hash, &e);
	expect(e, 0, NULL);
	asy_lnet_pool_submit(&w.node->pool, w.node->ledger, asy_buf_span(&bytes), &hash, &e);
	expect(e, 1013, NULL);
	expect(world_submit(&w, &(world_signer){.uri = "//V0"}, &call), 1014, NULL);
	asy_lnet_pool_submit(&w.node->pool, w.node->ledger, asy_span(bytes.ptr, bytes.len - 1), &hash,
						 &e);
	expect(e, 1001, NULL);
	bytes.ptr[bytes.len - 1] ^= 1;
	asy_lnet_pool_submit(&w.node->pool, w.node->ledger, asy_buf_span(&bytes), &hash, &e);
	expect(e, 1010, "Transaction has a bad signature");
	call.ptr[1] = 200; /* no such call */
	expect(world_submit(&w, &(world_signer){.uri = "//V1"}, &call), 1002, NULL);
	world_blocks(&w, 1);
	set_call(&call, 2);
	expect(world_submit(&w, &(world_signer){.uri = "//V0"}, &call), 1010,
		   "Transaction is outdated");
	asy_buf_fini(&call);
	asy_buf_fini(&bytes);
	world_free(&w);
}
END_TEST

START_TEST(test_submit_when_pool_checks_fail_then_custom_error_numbers)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_state *s = w.node->ledger->rt.state;
	asy_buf call = {0};
	assay_err err;
	set_call(&call, 2);
	expect(world_submit(&w, &(world_signer){.uri = "//Nobody"}, &call), 1010, "Custom error: 19");
	asy_lnet_write1(s, LNET_S_WEIGHTS_RATE, 2, 100);
	expect(world_submit(&w, &(world_signer){.uri = "//V0"}, &call), 0, NULL);
	world_blocks(&w, 1);
	expect(world_submit(&w, &(world_signer){.uri = "//V0", .nonce = 1}, &call), 1010,
		   "Custom error: 6");
	asy_lnet_write0(s, LNET_S_STAKE_THRESHOLD, UINT64_C(1) << 60);
	expect(world_submit(&w, &(world_signer){.uri = "//V1"}, &call), 1010, "Custom error: 1");
	asy_lnet_write0(s, LNET_S_STAKE_THRESHOLD, 0);
	world_call(&call, LNET_C_SERVE_AXON);
	const uint8_t axon[28] = {1, 0, 0, 0, 0, 0, 1, 0, 0, 127, 0, 0, 0, 0,
							  0, 0, 0, 0, 0, 0, 0, 0, 1, 0,   4, 4, 0, 0};
	ck_ok(asy_buf_add(&call, axon, sizeof axon, &err), err);
	expect(world_submit(&w, &(world_signer){.uri = "//M1"}, &call), 1010, "Custom error: 11");
	expect(world_submit(&w, &(world_signer){.uri = "//Nobody"}, &call), 1010, "Custom error: 10");
	asy_buf_fini(&call);
	world_free(&w);
}
END_TEST

START_TEST(test_submit_when_commit_reveal_is_on_then_refused_without_a_number)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf call = {0};
	set_call(&call, 1);
	expect(world_submit(&w, &(world_signer){.uri = "//V0"}, &call), 1010, "Custom error: 255");
	asy_buf_fini(&call);
	world_free(&w);
}
END_TEST

static void commit_call(asy_buf *call, uint8_t fill)
{
	uint8_t hash[32];
	assay_err err;
	memset(hash, fill, sizeof hash);
	world_call(call, LNET_C_COMMIT_WEIGHTS);
	asy_scale_w c = asy_scale_out(call);
	asy_scale_put_u16(&c, 1);
	asy_scale_put_raw(&c, hash, sizeof hash);
	ck_ok(asy_scale_out_end(&c, &err), err);
}

START_TEST(test_submit_when_a_commit_of_the_hotkey_waits_then_1014_whatever_the_nonce)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf call = {0};
	asy_lnet_write1(w.node->ledger->rt.state, LNET_S_WEIGHTS_RATE, 1, 2);
	world_blocks(&w, 1);
	commit_call(&call, 1);
	expect(world_submit(&w, &(world_signer){.uri = "//V0"}, &call), 0, NULL);
	commit_call(&call, 2);
	expect(world_submit(&w, &(world_signer){.uri = "//V0", .nonce = 1}, &call), 1014, NULL);
	expect(world_submit(&w, &(world_signer){.uri = "//V1"}, &call), 0, NULL);
	world_blocks(&w, 3);
	expect(world_submit(&w, &(world_signer){.uri = "//V0", .nonce = 1}, &call), 0, NULL);
	asy_buf_fini(&call);
	world_free(&w);
}
END_TEST

START_TEST(test_nonce_when_ahead_then_waits_for_the_gap_to_fill)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf call = {0};
	asy_account v0 = world_account("//V0");
	set_call(&call, 2);
	expect(world_submit(&w, &(world_signer){.uri = "//V0", .nonce = 1}, &call), 0, NULL);
	world_blocks(&w, 1);
	ck_assert_uint_eq(w.node->pool.n, 1);
	expect(world_submit(&w, &(world_signer){.uri = "//V0", .nonce = 0}, &call), 0, NULL);
	world_blocks(&w, 1);
	ck_assert_uint_eq(w.node->pool.n, 0);
	ck_assert_uint_eq(asy_lnet_account_get(w.node->ledger->rt.state, &v0).nonce, 2);
	asy_buf_fini(&call);
	world_free(&w);
}
END_TEST

START_TEST(test_era_when_over_then_bad_signature_and_pooled_ones_are_dropped)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf call = {0};
	set_call(&call, 2);
	world_blocks(&w, 2);
	world_signer s = {.uri = "//V0", .period = 4, .birth = 2, .nonce = 1};
	expect(world_submit(&w, &s, &call), 0, NULL); /* a gap: it stays in the pool */
	world_blocks(&w, 4);
	ck_assert_uint_eq(w.node->pool.n, 0);
	expect(world_submit(&w, &s, &call), 1010, "Transaction has a bad signature");
	asy_buf_fini(&call);
	world_free(&w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_submit_when_valid_then_included_with_success_and_nonce_bumped);
	tcase_add_test(tc, test_submit_when_refused_then_code_and_text_of_a_node);
	tcase_add_test(tc, test_submit_when_pool_checks_fail_then_custom_error_numbers);
	tcase_add_test(tc, test_submit_when_commit_reveal_is_on_then_refused_without_a_number);
	tcase_add_test(tc, test_submit_when_a_commit_of_the_hotkey_waits_then_1014_whatever_the_nonce);
	tcase_add_test(tc, test_nonce_when_ahead_then_waits_for_the_gap_to_fill);
	tcase_add_test(tc, test_era_when_over_then_bad_signature_and_pooled_ones_are_dropped);
}

int main(void)
{
	return test_main("localnet_pool", fill, 60);
}
