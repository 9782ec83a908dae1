/* The whole story in one process, block by block: commit, epoch, reveal, epoch; and the
 * stored results against an epoch computed from inputs written down by hand. */
#include "assay/yuma.h"
#include "world.h"

enum { N = 7, MINERS = 4, FIRST_MINER = 3 };

static const uint16_t rows[3][MINERS] = {
	{40000, 30000, 20000, 10000}, {50000, 1000, 65535, 7}, {10, 20, 30, 40}};

static void put_vector(asy_scale_w *w, size_t v)
{
	uint16_t uids[MINERS], salt[2] = {(uint16_t)(100 + v), 7};
	for (uint16_t i = 0; i < MINERS; i++)
		uids[i] = (uint16_t)(FIRST_MINER + i);
	asy_scale_put_u16s(w, uids, MINERS);
	asy_scale_put_u16s(w, rows[v], MINERS);
	asy_scale_put_u16s(w, salt, 2);
	asy_scale_put_u64(w, 0);
}

/* The preimage of the notes, spelled out: account, index, uids, values, salt, key. */
static void commit_call(asy_buf *call, const char *uri, size_t v)
{
	asy_buf pre = {0};
	uint8_t hash[32];
	assay_err err;
	asy_account who = world_account(uri);
	asy_scale_w p = asy_scale_out(&pre);
	asy_scale_put_raw(&p, who.b, 32);
	asy_scale_put_u16(&p, 1);
	put_vector(&p, v);
	ck_ok(asy_scale_out_end(&p, &err), err);
	asy_blake2b(pre.ptr, pre.len, hash, 32);
	world_call(call, LNET_C_COMMIT_WEIGHTS);
	asy_scale_w w = asy_scale_out(call);
	asy_scale_put_u16(&w, 1);
	asy_scale_put_raw(&w, hash, 32);
	ck_ok(asy_scale_out_end(&w, &err), err);
	asy_buf_fini(&pre);
}

static void reveal_call(asy_buf *call, size_t v)
{
	assay_err err;
	world_call(call, LNET_C_REVEAL_WEIGHTS);
	asy_scale_w w = asy_scale_out(call);
	asy_scale_put_u16(&w, 1);
	put_vector(&w, v);
	ck_ok(asy_scale_out_end(&w, &err), err);
}

static const char *const validators[3] = {"//V0", "//V1", "//V2"};

static void submit_ok(world *w, const char *uri, uint32_t nonce, const asy_buf *call)
{
	lnet_rpc_error e = world_submit(w, &(world_signer){.uri = uri, .nonce = nonce}, call);
	ck_assert_msg(e.code == 0, "%s: %d %s %s", uri, e.code, e.message, e.data);
}

/* All three validators commit in block 1 and reveal after the epoch of block 10. */
static void tell(world *w)
{
	asy_buf call = {0};
	for (size_t v = 0; v < 3; v++) {
		commit_call(&call, validators[v], v);
		submit_ok(w, validators[v], 0, &call);
	}
	world_blocks(w, 10);
	for (size_t v = 0; v < 3; v++) {
		reveal_call(&call, v);
		submit_ok(w, validators[v], 1, &call);
	}
	world_blocks(w, 1);
	asy_buf_fini(&call);
}

static void expect_u16s(const lnet_state *s, lnet_item item, const uint16_t *want)
{
	for (size_t i = 0; i < N; i++)
		ck_assert_msg(asy_lnet_vec_u16_at(s, asy_lnet_key_u16(item, 1), i) == want[i],
					  "%s[%zu] is %u, computed %u", asy_lnet_storage[item].name, i,
					  asy_lnet_vec_u16_at(s, asy_lnet_key_u16(item, 1), i), want[i]);
}

START_TEST(test_story_when_revealed_then_rows_are_stored_and_queues_empty)
{
	world w = world_new(WORLD_SCENARIO);
	tell(&w);
	const lnet_state *s = w.node->ledger->rt.state;
	for (size_t v = 0; v < 3; v++) {
		uint16_t up[MINERS];
		lnet_key k = asy_lnet_key_u16x2(LNET_S_WEIGHTS, 1, (uint16_t)v);
		lnet_commits q;
		asy_account who = world_account(validators[v]);
		assay_span got;
		asy_max_upscale(rows[v], MINERS, up);
		ck_assert(asy_lnet_state_get(s, asy_lnet_key_span(&k), &got));
		ck_assert_uint_eq(got.len, 1 + 4 * MINERS);
		for (size_t i = 0; i < MINERS; i++) {
			ck_assert_uint_eq(asy_get_u16le(got.ptr + 1 + 4 * i), FIRST_MINER + i);
			ck_assert_uint_eq(asy_get_u16le(got.ptr + 3 + 4 * i), up[i]);
		}
		asy_lnet_commits_get(s, 1, &who, &q);
		ck_assert_uint_eq(q.n, 0);
		/* the commit set it, the reveal did not */
		ck_assert_uint_eq(asy_lnet_vec_u64_at(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, 1), v), 1);
	}
	world_free(&w);
}
END_TEST

START_TEST(test_story_when_the_next_epoch_runs_then_results_equal_our_own_epoch)
{
	world w = world_new(WORLD_SCENARIO);
	tell(&w);
	world_blocks(&w, 9); /* block 20: the second epoch */
	const lnet_state *s = w.node->ledger->rt.state;
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_LAST_STEP, 1), 20);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_EPOCH_INDEX, 1), 2);

	/* The inputs, from the scenario and the story, not from the chain's own reader. */
	size_t offset[4] = {0, MINERS, 2 * MINERS, 3 * MINERS}, none[1] = {0};
	uint16_t uid[3 * MINERS], value[3 * MINERS];
	for (size_t v = 0; v < 3; v++) {
		asy_max_upscale(rows[v], MINERS, value + v * MINERS);
		for (uint16_t i = 0; i < MINERS; i++)
			uid[v * MINERS + i] = (uint16_t)(FIRST_MINER + i);
	}
	const uint64_t last[N] = {1, 1, 1}, registered[N] = {0}, tao[N] = {0};
	const uint64_t alpha[N] = {3000000000000, 5000000000000, 4000000000000};
	const uint8_t permit[N] = {1, 1, 1};
	const assay_yuma_input in = {
		.n = N,
		.current_block = 20,
		.last_mechanism_step_block = 10,
		.activity_cutoff_factor_milli = 13889,
		.tempo = 10,
		.last_update = last,
		.last_update_n = N,
		.block_at_registration = registered,
		.alpha_stake = alpha,
		.tao_stake = tao,
		.tao_weight = UINT64_C(971718665099567868),
		.owner_uid = -1,
		.max_allowed_validators = 64,
		.validator_permit = permit,
		.validator_permit_n = N,
		.kappa = 32767,
		.bonds_penalty = 65535,
		.bonds_moving_average = 900000,
		.yuma3 = true,
		.alpha_low = 45875,
		.alpha_high = 58982,
		.alpha_sigmoid_steepness = 1000,
		.commit_reveal = true,
		.commit_reveal_period = 1,
		.current_epoch = 2,
		.weights = {offset, uid, value, 3},
		.bonds = {none, NULL, NULL, 0},
		.rao_emission = UINT64_C(10000000000), /* ten blocks */
	};
	uint16_t consensus[N], trust[N], incentive[N], dividends[N];
	uint64_t emission[N];
	uint8_t new_permit[N];
	const assay_yuma_out out = {.consensus = consensus,
								.validator_trust = trust,
								.incentive = incentive,
								.dividends = dividends,
								.emission = emission,
								.validator_permit = new_permit};
	size_t need = assay_yuma_scratch_len(&in);
	uint8_t *scratch = malloc(need);
	assay_err err;
	ck_ok(assay_yuma_epoch(&in, (assay_mut){scratch, need}, &out, &err), err);
	free(scratch);
	expect_u16s(s, LNET_S_CONSENSUS, consensus);
	expect_u16s(s, LNET_S_VTRUST, trust);
	expect_u16s(s, LNET_S_INCENTIVE, incentive);
	expect_u16s(s, LNET_S_DIVIDENDS, dividends);
	for (size_t i = 0; i < N; i++) {
		ck_assert_uint_eq(asy_lnet_vec_u64_at(s, asy_lnet_key_u16(LNET_S_EMISSION, 1), i),
						  emission[i]);
		ck_assert_int_eq(asy_lnet_vec_bool_at(s, asy_lnet_key_u16(LNET_S_PERMIT, 1), i),
						 new_permit[i] != 0);
	}
	ck_assert_uint_gt(consensus[FIRST_MINER], 0);
	world_free(&w);
}
END_TEST

START_TEST(test_epochs_when_more_are_due_than_the_cap_then_the_rest_run_a_block_later)
{
	static const char *const text =
		"{\"name\":\"cap\",\"block_ms\":0,\"max_epochs_per_block\":2,\"subnets\":["
		"{\"netuid\":1,\"task\":\"text\",\"tempo\":5,\"miners\":[{\"key\":\"//A\"}]},"
		"{\"netuid\":2,\"task\":\"text\",\"tempo\":5,\"miners\":[{\"key\":\"//A\"}]},"
		"{\"netuid\":3,\"task\":\"text\",\"tempo\":5,\"miners\":[{\"key\":\"//A\"}]},"
		"{\"netuid\":256,\"task\":\"text\",\"tempo\":5,\"miners\":[{\"key\":\"//A\"}]}]}";
	world w = world_new(text);
	const lnet_state *s = w.node->ledger->rt.state;
	world_blocks(&w, 5);
	/* byte order of little-endian keys: 256 (00 01) comes before 1 (01 00) */
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_LAST_STEP, 256), 5);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_LAST_STEP, 1), 5);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_LAST_STEP, 2), 0);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_PENDING_EPOCH, 2), 6);
	world_blocks(&w, 1);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_LAST_STEP, 2), 6);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_LAST_STEP, 3), 6);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_PENDING_EPOCH, 2), 0);
	world_free(&w);
}
END_TEST

START_TEST(test_epoch_when_a_hotkey_sits_on_two_uids_then_the_slot_is_skipped)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_state *s = w.node->ledger->rt.state;
	lnet_key k = asy_lnet_key_u16x2(LNET_S_KEYS, 1, 5);
	asy_account v0 = world_account("//V0");
	asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_span(v0.b, 32));
	world_blocks(&w, 10);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_LAST_EPOCH, 1), 10);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_EPOCH_INDEX, 1), 1);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_LAST_STEP, 1), 0);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_SINCE_STEP, 1), 10);
	/* what would have been paid waits */
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_PENDING_SERVER, 1), UINT64_C(5000000000));
	world_free(&w);
}
END_TEST

START_TEST(test_chain_when_told_twice_then_every_hash_is_the_same)
{
	world a = world_new(WORLD_SCENARIO), b = world_new(WORLD_SCENARIO);
	tell(&a);
	tell(&b);
	for (uint64_t n = 0; n <= a.node->ledger->head; n++)
		ck_assert_mem_eq(asy_lnet_block_at(a.node->ledger, n)->hash.b,
						 asy_lnet_block_at(b.node->ledger, n)->hash.b, 32);
	world_free(&a);
	world_free(&b);
}
END_TEST

START_TEST(test_memory_when_thousands_of_blocks_pass_then_state_stays_bounded)
{
	world w = world_new("{\"name\":\"long\",\"block_ms\":0,\"history_blocks\":256,\"subnets\":["
						"{\"netuid\":1,\"task\":\"text\",\"tempo\":10,\"miners\":[{\"key\":\"//A\"}"
						"]}]}");
	world_blocks(&w, 3000);
	size_t keys = asy_lnet_state_keys_n(w.node->ledger->rt.state);
	world_blocks(&w, 1000);
	ck_assert_uint_eq(asy_lnet_state_keys_n(w.node->ledger->rt.state), keys);
	ck_assert_ptr_null(asy_lnet_block_at(w.node->ledger, 100));
	ck_assert_ptr_nonnull(asy_lnet_block_at(w.node->ledger, 3800));
	world_free(&w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_story_when_revealed_then_rows_are_stored_and_queues_empty);
	tcase_add_test(tc, test_story_when_the_next_epoch_runs_then_results_equal_our_own_epoch);
	tcase_add_test(tc, test_epochs_when_more_are_due_than_the_cap_then_the_rest_run_a_block_later);
	tcase_add_test(tc, test_epoch_when_a_hotkey_sits_on_two_uids_then_the_slot_is_skipped);
	tcase_add_test(tc, test_chain_when_told_twice_then_every_hash_is_the_same);
	tcase_add_test(tc, test_memory_when_thousands_of_blocks_pass_then_state_stays_bounded);
}

int main(void)
{
	return test_main("localnet_story", fill, 60);
}
