/* The rules of set, commit, reveal and serve, one error at a time: a state in which
 * everything is right, one thing made wrong, and the number that the chain gives. */
#include "world.h"

static lnet_rt *rt_of(world *w)
{
	lnet_rt *rt = &w->node->ledger->rt;
	rt->block = w->node->ledger->head + 1;
	rt->extrinsic = 0;
	return rt;
}

static const uint8_t two_uids[4] = {3, 0, 4, 0}, two_values[4] = {10, 0, 20, 0};

static lnet_args vector_args(uint16_t netuid)
{
	return (lnet_args){
		.netuid = netuid, .uids = {two_uids, 2}, .values = {two_values, 2}, .salt = {two_uids, 1}};
}

static int dispatch(world *w, const char *who, lnet_call call, const lnet_args *a)
{
	lnet_extrinsic x = {.call = call, .args = *a, .is_signed = true, .signer = world_account(who)};
	return asy_lnet_dispatch(rt_of(w), &x);
}

static void put1(world *w, lnet_item item, uint16_t netuid, uint64_t v)
{
	asy_lnet_write1(w->node->ledger->rt.state, item, netuid, v);
}

START_TEST(test_set_weights_when_one_thing_is_wrong_then_the_chain_s_error)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_args a = vector_args(2);
	static const uint8_t uids[6] = {2, 0, 3, 0, 2, 0};
	a.uids = a.values = (lnet_u16s){uids, 2};

	lnet_args b = vector_args(1);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b), LNET_E_CommitRevealEnabled);
	b = a;
	b.netuid = 0;
	put1(&w, LNET_S_COMMIT_REVEAL, 0, 0);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b),
					 LNET_E_CanNotSetRootNetworkWeights);
	b = a;
	b.values.n = 1;
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b), LNET_E_WeightVecNotEqualSize);
	b = a;
	b.mecid = 1;
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_MECHANISM_WEIGHTS, &b),
					 LNET_E_MechanismDoesNotExist);
	static const uint8_t five[10] = {0, 0, 1, 0, 2, 0, 3, 0, 4, 0};
	b = a;
	b.uids = b.values = (lnet_u16s){five, 5};
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b),
					 LNET_E_UidsLengthExceedUidsInSubNet);
	ck_assert_int_eq(dispatch(&w, "//V2", LNET_C_SET_WEIGHTS, &a),
					 LNET_E_HotKeyNotRegisteredInSubNet);
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SET_WEIGHTS, &a), LNET_E_NeuronNoValidatorPermit);
	asy_lnet_write0(w.node->ledger->rt.state, LNET_S_STAKE_THRESHOLD, UINT64_C(9000000000000));
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &a),
					 LNET_E_NotEnoughStakeToSetWeights);
	asy_lnet_write0(w.node->ledger->rt.state, LNET_S_STAKE_THRESHOLD, 0);
	put1(&w, LNET_S_VERSION_KEY, 2, 5);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &a),
					 LNET_E_IncorrectWeightVersionKey);
	b = a;
	b.version_key = 5;
	put1(&w, LNET_S_MIN_WEIGHTS, 2, 3);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b), LNET_E_WeightVecLengthIsLow);
	put1(&w, LNET_S_MIN_WEIGHTS, 2, 1);
	b.uids = b.values = (lnet_u16s){uids, 3};
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b), LNET_E_DuplicateUids);
	b.uids = b.values = (lnet_u16s){five + 6, 2};
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b), LNET_E_UidVecContainInvalidOne);
	b = a;
	b.version_key = 5;
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b), LNET_OK);
	put1(&w, LNET_S_WEIGHTS_RATE, 2, 100);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_SET_WEIGHTS, &b), LNET_E_SettingWeightsTooFast);
	world_free(&w);
}
END_TEST

START_TEST(test_set_weights_when_accepted_then_row_is_max_upscaled_and_last_update_set)
{
	world w = world_new(WORLD_SCENARIO);
	static const uint8_t uids[4] = {3, 0, 2, 0}, values[4] = {1, 0, 2, 0};
	lnet_args a = {.netuid = 2, .uids = {uids, 2}, .values = {values, 2}};
	world_blocks(&w, 4);
	ck_assert_int_eq(dispatch(&w, "//V1", LNET_C_SET_WEIGHTS, &a), LNET_OK);
	lnet_state *s = w.node->ledger->rt.state;
	lnet_key k = asy_lnet_key_u16x2(LNET_S_WEIGHTS, 2, 1);
	assay_span v;
	/* two entries in the order given: (3, 32768), (2, 65535) */
	static const uint8_t want[9] = {8, 3, 0, 0x00, 0x80, 2, 0, 0xff, 0xff};
	ck_assert(asy_lnet_state_get(s, asy_lnet_key_span(&k), &v));
	ck_assert_uint_eq(v.len, sizeof want);
	ck_assert_mem_eq(v.ptr, want, sizeof want);
	ck_assert_uint_eq(asy_lnet_vec_u64_at(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, 2), 1), 5);
	world_free(&w);
}
END_TEST

START_TEST(test_set_weights_when_only_oneself_is_weighed_then_no_permit_is_needed)
{
	world w = world_new(WORLD_SCENARIO);
	static const uint8_t self[2] = {2, 0};
	lnet_args a = {.netuid = 2, .uids = {self, 1}, .values = {self, 1}};
	put1(&w, LNET_S_MIN_WEIGHTS, 2, 4);
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SET_WEIGHTS, &a), LNET_OK);
	world_free(&w);
}
END_TEST

static asy_hash hash_of(const char *who, const lnet_args *a)
{
	asy_hash h;
	asy_account acc = world_account(who);
	asy_lnet_reveal_hash(&acc, asy_storage_index(a->netuid, a->mecid), a->uids, a->values, a->salt,
						 a->version_key, &h);
	return h;
}

START_TEST(test_commit_when_one_thing_is_wrong_then_the_chain_s_error)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_args a = {.netuid = 1};
	lnet_args b = a;
	b.mecid = 1;
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_COMMIT_MECHANISM_WEIGHTS, &b),
					 LNET_E_MechanismDoesNotExist);
	b = a;
	b.netuid = 9;
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_COMMIT_WEIGHTS, &b), LNET_E_MechanismDoesNotExist);
	b.netuid = 2;
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_COMMIT_WEIGHTS, &b), LNET_E_CommitRevealDisabled);
	ck_assert_int_eq(dispatch(&w, "//Nobody", LNET_C_COMMIT_WEIGHTS, &a),
					 LNET_E_HotKeyNotRegisteredInSubNet);
	world_blocks(&w, 1);
	for (unsigned i = 0; i < LNET_COMMITS_MAX; i++) {
		a.hash.b[0] = (uint8_t)i;
		ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_COMMIT_WEIGHTS, &a), LNET_OK);
	}
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_COMMIT_WEIGHTS, &a),
					 LNET_E_TooManyUnrevealedCommits);
	put1(&w, LNET_S_WEIGHTS_RATE, 1, 3);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_COMMIT_WEIGHTS, &a),
					 LNET_E_CommittingWeightsTooFast);
	world_free(&w);
}
END_TEST

START_TEST(test_reveal_when_early_wrong_open_or_expired_then_as_the_chain)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_args v = vector_args(1), c = {.netuid = 1};
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_REVEAL_WEIGHTS, &v), LNET_E_NoWeightsCommitFound);
	world_blocks(&w, 1);
	c.hash = hash_of("//V0", &v);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_COMMIT_WEIGHTS, &c), LNET_OK);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_REVEAL_WEIGHTS, &v), LNET_E_RevealTooEarly);
	lnet_args other = v;
	other.version_key = 1;
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_REVEAL_WEIGHTS, &other),
					 LNET_E_InvalidRevealCommitHashNotMatch);
	world_blocks(&w, 10); /* an epoch: tempo is 10 */
	size_t mark = asy_lnet_state_mark(w.node->ledger->rt.state);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_REVEAL_WEIGHTS, &v), LNET_OK);
	lnet_commits q;
	asy_account who = world_account("//V0");
	asy_lnet_commits_get(w.node->ledger->rt.state, 1, &who, &q);
	ck_assert_uint_eq(q.n, 0);
	asy_lnet_state_rollback(w.node->ledger->rt.state, mark);
	world_blocks(&w, 10);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_REVEAL_WEIGHTS, &v), LNET_E_ExpiredWeightCommit);
	asy_lnet_commits_get(w.node->ledger->rt.state, 1, &who, &q);
	ck_assert_uint_eq(q.n, 1); /* a failed call leaves nothing behind */
	world_free(&w);
}
END_TEST

START_TEST(test_reveal_when_not_the_oldest_then_earlier_commits_are_forfeited)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_args v[3], c = {.netuid = 1};
	world_blocks(&w, 1);
	for (unsigned i = 0; i < 3; i++) {
		v[i] = vector_args(1);
		v[i].version_key = i;
		c.hash = hash_of("//V0", &v[i]);
		ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_COMMIT_WEIGHTS, &c), LNET_OK);
	}
	world_blocks(&w, 10);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_REVEAL_WEIGHTS, &v[1]), LNET_OK);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_REVEAL_WEIGHTS, &v[0]),
					 LNET_E_InvalidRevealCommitHashNotMatch);
	ck_assert_int_eq(dispatch(&w, "//V0", LNET_C_REVEAL_WEIGHTS, &v[2]), LNET_OK);
	world_free(&w);
}
END_TEST

START_TEST(test_serve_axon_when_one_thing_is_wrong_then_the_chain_s_error)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_args a = {.netuid = 1, .ip = {0x0a000001, 0}, .ip_type = 4, .port = 8091};
	world_blocks(&w, 1);
	lnet_args b = a;
	ck_assert_int_eq(dispatch(&w, "//Nobody", LNET_C_SERVE_AXON, &b),
					 LNET_E_HotKeyNotRegisteredInNetwork);
	b.ip_type = 5;
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SERVE_AXON, &b), LNET_E_InvalidIpType);
	b = a;
	b.ip[0] = 0x7f000001;
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SERVE_AXON, &b), LNET_E_InvalidIpAddress);
	b.ip[0] = 0;
	b.port = 0;
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SERVE_AXON, &b), LNET_E_InvalidPort);
	b = (lnet_args){.netuid = 1, .ip = {1, 0}, .ip_type = 6, .port = 1};
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SERVE_AXON, &b), LNET_E_InvalidIpAddress);
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SERVE_AXON, &a), LNET_OK);
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SERVE_AXON, &a), LNET_E_ServingRateLimitExceeded);
	put1(&w, LNET_S_SERVING_RATE, 1, 0);
	ck_assert_int_eq(dispatch(&w, "//M0", LNET_C_SERVE_AXON, &a), LNET_OK);
	world_free(&w);
}
END_TEST

START_TEST(test_burned_register_when_full_then_the_poorest_uid_changes_owner)
{
	world w = world_new(WORLD_SCENARIO);
	lnet_args a = {.netuid = 1, .hotkey = world_account("//New")};
	asy_account old = world_account("//V0");
	uint16_t uid;
	put1(&w, LNET_S_MAX_UIDS, 1, 7);
	world_blocks(&w, 3);
	ck_assert_int_eq(dispatch(&w, "//Poor", LNET_C_BURNED_REGISTER, &a),
					 LNET_E_NotEnoughBalanceToStake);
	ck_assert_int_eq(dispatch(&w, "//M3", LNET_C_BURNED_REGISTER, &a), LNET_OK);
	lnet_state *s = w.node->ledger->rt.state;
	ck_assert(asy_lnet_uid(s, 1, &a.hotkey, &uid));
	ck_assert_uint_eq(uid, 0); /* all equal in emission and age: the first */
	ck_assert(!asy_lnet_uid(s, 1, &old, &uid));
	ck_assert_uint_eq(
		asy_lnet_read(s, LNET_S_REGISTERED_AT, asy_lnet_key_u16x2(LNET_S_REGISTERED_AT, 1, 0)), 4);
	ck_assert_int_eq(dispatch(&w, "//M3", LNET_C_BURNED_REGISTER, &a),
					 LNET_E_HotKeyAlreadyRegisteredInSubNet);
	world_free(&w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_set_weights_when_one_thing_is_wrong_then_the_chain_s_error);
	tcase_add_test(tc, test_set_weights_when_accepted_then_row_is_max_upscaled_and_last_update_set);
	tcase_add_test(tc, test_set_weights_when_only_oneself_is_weighed_then_no_permit_is_needed);
	tcase_add_test(tc, test_commit_when_one_thing_is_wrong_then_the_chain_s_error);
	tcase_add_test(tc, test_reveal_when_early_wrong_open_or_expired_then_as_the_chain);
	tcase_add_test(tc, test_reveal_when_not_the_oldest_then_earlier_commits_are_forfeited);
	tcase_add_test(tc, test_serve_axon_when_one_thing_is_wrong_then_the_chain_s_error);
	tcase_add_test(tc, test_burned_register_when_full_then_the_poorest_uid_changes_owner);
}

int main(void)
{
	return test_main("localnet_rules", fill, 60);
}
