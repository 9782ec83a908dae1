/* Timelock commitments on the development chain: queued, opened by the chain itself in the
 * epoch that is due, dropped without a word when they are wrong. */
#include "seal/seal.h"
#include "world.h"

enum { TEMPO = 10, N = 3, FIRST_MINER = 3 };
static const uint16_t uids[N] = {3, 4, 5}, values[N] = {65535, 100, 7};

/* The last round that the chain knows at its head. */
static uint64_t last_round(const world *w)
{
	return asy_lnet_read0(w->node->ledger->rt.state, LNET_S_LAST_ROUND);
}

static void seal(const world *w, const char *uri, uint64_t round, asy_buf *out)
{
	const asy_seal_input in = {.hotkey = world_account(uri),
							   .netuid = 1,
							   .uids = uids,
							   .values = values,
							   .n = N,
							   .reveal_round = round,
							   .beacon_key = asy_test_beacon_key};
	asy_seeded_rng rng = w->rng;
	asy_opening *o = NULL;
	assay_err err;
	ck_ok(asy_seal(ASY_SEAL_TIMELOCK, &in, &rng.iface, &o, &err), err);
	assay_span sealed = asy_opening_commitment(o);
	asy_buf_reset(out);
	ck_ok(asy_buf_add(out, sealed.ptr, sealed.len, &err), err);
	asy_opening_free(o);
}

static void commit_call(asy_buf *call, assay_span sealed, uint64_t round, uint16_t version)
{
	assay_err err;
	world_call(call, LNET_C_COMMIT_TIMELOCKED_WEIGHTS);
	asy_scale_w w = asy_scale_out(call);
	asy_scale_put_u16(&w, 1);
	asy_scale_put_bytes(&w, sealed.ptr, sealed.len);
	asy_scale_put_u64(&w, round);
	asy_scale_put_u16(&w, version);
	ck_ok(asy_scale_out_end(&w, &err), err);
}

static void submit(world *w, const char *uri, uint32_t nonce, const asy_buf *call)
{
	lnet_rpc_error e = world_submit(w, &(world_signer){.uri = uri, .nonce = nonce}, call);
	ck_assert_msg(e.code == 0, "%s: %d %s %s", uri, e.code, e.message, e.data);
}

static size_t queued(const world *w)
{
	lnet_timelocked list[16];
	return asy_lnet_timelock_list(w->node->ledger->rt.state, 1, list, ASY_COUNT(list));
}

static bool has_event(const world *w, lnet_event ev)
{
	const uint8_t head[2] = {asy_lnet_events[ev].pallet, asy_lnet_events[ev].index};
	lnet_key k = asy_lnet_key(LNET_S_EVENTS);
	assay_span v;
	ck_assert(asy_lnet_state_get(w->node->ledger->rt.state, asy_lnet_key_span(&k), &v));
	return memmem(v.ptr, v.len, head, sizeof head) != NULL;
}

static bool has_row(const world *w, uint16_t uid)
{
	lnet_key k = asy_lnet_key_u16x2(LNET_S_WEIGHTS, 1, uid);
	assay_span v;
	return asy_lnet_state_get(w->node->ledger->rt.state, asy_lnet_key_span(&k), &v) && v.len > 1;
}

/* Sealed by owner, sent by sender, in the block after the head. */
static void commit(world *w, const char *owner, const char *sender, uint64_t round)
{
	asy_buf sealed = {0}, call = {0};
	seal(w, owner, round, &sealed);
	commit_call(&call, asy_buf_span(&sealed), round, 4);
	submit(w, sender, 0, &call);
	world_blocks(w, 1);
	asy_buf_fini(&call);
	asy_buf_fini(&sealed);
}

START_TEST(test_commit_then_the_chain_reveals_in_the_epoch_after_next)
{
	world w = world_new(WORLD_SCENARIO);
	world_blocks(&w, 2);
	commit(&w, "//V0", "//V0", last_round(&w) + 30); /* 90 s: long before the window */
	ck_assert(has_event(&w, LNET_EV_TIMELOCK_COMMITTED));
	ck_assert_uint_eq(queued(&w), 1);
	const lnet_state *s = w.node->ledger->rt.state;
	ck_assert_uint_eq(asy_lnet_vec_u64_at(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, 1), 0), 3);
	world_blocks(&w, TEMPO - 4); /* block 9 */
	ck_assert(!has_row(&w, 0));
	world_blocks(&w, 1);
	ck_assert(has_event(&w, LNET_EV_TIMELOCK_REVEALED));
	ck_assert(has_row(&w, 0));
	ck_assert_uint_eq(queued(&w), 0);
	ck_assert_uint_eq(asy_lnet_read1(s, LNET_S_EPOCH_INDEX, 1), 1);
	ck_assert_uint_eq(asy_lnet_vec_u64_at(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, 1), 0), 3);
	world_free(&w);
}
END_TEST

START_TEST(test_pulse_late_then_revealed_within_the_window_and_never_after)
{
	for (int past = 0; past < 2; past++) {
		world w = world_new(WORLD_SCENARIO);
		world_blocks(&w, 2);
		uint64_t round = last_round(&w) + 30;
		w.node->ledger->rt.pulses_held = true;
		commit(&w, "//V0", "//V0", round);
		world_blocks(&w, TEMPO); /* block 13, in the window that block 10 opened */
		ck_assert(!has_row(&w, 0));
		ck_assert_uint_eq(queued(&w), 1);
		if (past)
			world_blocks(&w, TEMPO - 3); /* block 20 closes it */
		w.node->ledger->rt.pulses_held = false;
		world_blocks(&w, 1);
		ck_assert(has_row(&w, 0) != (past == 1));
		ck_assert_uint_eq(queued(&w), 0);
		world_free(&w);
	}
}
END_TEST

START_TEST(test_copied_ciphertext_then_dropped_without_a_word)
{
	world w = world_new(WORLD_SCENARIO);
	world_blocks(&w, 2);
	commit(&w, "//V0", "//V1", last_round(&w) + 30);
	ck_assert_uint_eq(queued(&w), 1);
	world_blocks(&w, TEMPO);
	ck_assert_uint_eq(queued(&w), 0);
	ck_assert(!has_row(&w, 0) && !has_row(&w, 1));
	world_free(&w);
}
END_TEST

static int dispatch(world *w, assay_span sealed, uint16_t version)
{
	const lnet_args a = {
		.netuid = 1, .commit = sealed, .reveal_round = UINT64_MAX, .commit_version = version};
	asy_account who = world_account("//V0");
	lnet_rt *rt = &w->node->ledger->rt;
	return asy_lnet_timelock_commit(rt, &who, &a);
}

START_TEST(test_commit_when_one_thing_is_wrong_then_the_chain_s_error)
{
	static uint8_t junk[40000];
	world w = world_new(WORLD_SCENARIO);
	lnet_state *s = w.node->ledger->rt.state;
	world_blocks(&w, 2);
	w.node->ledger->rt.block = 3;
	ck_assert_int_eq(dispatch(&w, asy_span(junk, 10), 3), LNET_E_IncorrectCommitRevealVersion);
	ck_assert_int_eq(LNET_E_IncorrectCommitRevealVersion, 111);
	ck_assert_int_eq(dispatch(&w, asy_span(junk, 5001), 4), LNET_E_CommitPayloadTooLarge);
	ck_assert_int_eq(LNET_E_CommitPayloadTooLarge, 173);
	for (unsigned i = 0; i < LNET_COMMITS_MAX; i++)
		ck_assert_int_eq(dispatch(&w, asy_span(junk, 5000), 4), LNET_OK);
	ck_assert_int_eq(dispatch(&w, asy_span(junk, 10), 4), LNET_E_TooManyUnrevealedCommits);
	/* Null: longer ones, one a hotkey, only of who decides, a bound on the bytes of all. */
	asy_lnet_write1(s, LNET_S_EPOCH_CONSENSUS, 1, 1);
	ck_assert_int_eq(dispatch(&w, asy_span(junk, 32768), 4), LNET_OK);
	ck_assert_int_eq(dispatch(&w, asy_span(junk, 32768), 4), LNET_OK);
	ck_assert_uint_eq(queued(&w), 1);
	ck_assert_int_eq(dispatch(&w, asy_span(junk, 32769), 4), LNET_E_CommitPayloadTooLarge);
	asy_lnet_write1(s, LNET_S_COMMIT_REVEAL, 1, 0);
	ck_assert_int_eq(dispatch(&w, asy_span(junk, 10), 4), LNET_E_CommitRevealDisabled);
	world_free(&w);
}
END_TEST

START_TEST(test_round_that_has_passed_then_refused_by_the_pool)
{
	world w = world_new(WORLD_SCENARIO);
	asy_buf sealed = {0}, call = {0};
	world_blocks(&w, 2);
	uint64_t round = last_round(&w) - 1;
	seal(&w, "//V0", round, &sealed);
	commit_call(&call, asy_buf_span(&sealed), round, 4);
	lnet_rpc_error e = world_submit(&w, &(world_signer){.uri = "//V0"}, &call);
	ck_assert_int_eq(e.code, 1010);
	ck_assert_str_eq(e.data, "Custom error: 15");
	asy_buf_fini(&call);
	asy_buf_fini(&sealed);
	world_free(&w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_commit_then_the_chain_reveals_in_the_epoch_after_next);
	tcase_add_test(tc, test_pulse_late_then_revealed_within_the_window_and_never_after);
	tcase_add_test(tc, test_copied_ciphertext_then_dropped_without_a_word);
	tcase_add_test(tc, test_commit_when_one_thing_is_wrong_then_the_chain_s_error);
	tcase_add_test(tc, test_round_that_has_passed_then_refused_by_the_pool);
}

int main(void)
{
	return test_main("localnet_timelock", fill, 60);
}
