/* The driver while the subnet changes under it: our own standing, and the switches that
 * its owner has. */
#include "unit/validator/story.h"

/* ---- our own standing ---- */

static void replace_neuron(story *s, uint64_t head)
{
	asy_account stranger = world_account("//Stranger");
	if (head == 30)
		asy_lnet_install(&s->w.node->ledger->rt, 1, 0, &stranger, &stranger);
}

static void replace_and_return(story *s, uint64_t head)
{
	replace_neuron(s, head);
	asy_account us = world_account("//V0");
	if (head == 60)
		asy_lnet_install(&s->w.node->ledger->rt, 1, 0, &us, &us);
}

START_TEST(test_run_when_deregistered_then_waits_says_what_to_do_and_goes_on_when_registered)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	assay_err e = {0};
	s->script = replace_and_return;
	s->stop_at = 150;
	ck_assert_int_eq(story_run(s, 0, &e), ASSAY_E_CANCELLED);
	ck_assert_uint_ge(story_logged(s, "validator.unregistered"), 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 3);
	ck_assert_msg(x.state[x.n - 3] == ASY_SUB_COUNTED, "%s\n%s", asy_sub_name(x.state[x.n - 3]),
				  story_tail(s));
	story_free(s);
}
END_TEST

/* Stake falls below the threshold while the window is open, and is restored in time. */
static void threshold(story *s, uint64_t head)
{
	if (head == 12)
		asy_lnet_write0(s->w.node->ledger->rt.state, LNET_S_STAKE_THRESHOLD, UINT64_MAX);
	if (head == 19)
		asy_lnet_write0(s->w.node->ledger->rt.state, LNET_S_STAKE_THRESHOLD, 0);
}

START_TEST(test_reveal_when_refused_for_stake_then_tries_again_while_the_window_is_open)
{
	story *s = story_new(STORY_TEMPO, 4, "", "");
	s->script = threshold;
	story_ok(s, 1);
	ck_assert_uint_ge(story_logged(s, "StakeAmountTooLow"), 1);
	story_counted(s, 1);
	story_free(s);
}
END_TEST

static void lose_stake(story *s, uint64_t head)
{
	if (head == 12)
		asy_lnet_write0(s->w.node->ledger->rt.state, LNET_S_STAKE_THRESHOLD, UINT64_MAX);
}

START_TEST(test_weights_when_refused_in_every_round_then_one_round_an_epoch_and_no_hurry)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = lose_stake;
	s->stop_at = 100;
	story_until_stop(s);
	ck_assert_uint_le(s->totals.rounds_begun, 100 / STORY_TEMPO + 1);
	ck_assert_uint_ge(s->totals.refused, 4);
	ck_assert_uint_ge(story_logged(s, "weights.refused"), 1);
	ck_assert_uint_ge(story_logged(s, "weights.overdue"), 1);
	ck_assert_uint_lt(s->calls, 100 * 60);
	story_free(s);
}
END_TEST

/* ---- questions and how they are asked ---- */

START_TEST(test_run_when_no_dataset_then_the_plugin_makes_the_questions)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_dataset_free(s->dataset);
	s->dataset = NULL;
	story_plugin(s, (asy_plugin_opts){.path = ASSAY_BINARY_DIR "/plugins/example-length.so"});
	s->answer = "{\"completion\":\"The sea is deep, and it is wide.\"}";
	story_ok(s, 1);
	story_counted(s, 1);
	story_free(s);
}
END_TEST

START_TEST(test_run_when_the_dialect_is_none_of_ours_then_nothing_is_asked)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	assay_err e = {0};
	((asy_options *)asy_config_get(s->config))->query.dialect = "smoke-signals/1";
	ck_assert_int_eq(story_run(s, 1, &e), ASSAY_E_CONFIG);
	ck_assert_msg(strstr(e.msg, "\"smoke-signals/1\" is not spoken here") != NULL, "%s", e.msg);
	story_free(s);
}
END_TEST

/* ---- numbers that nobody here knows ---- */

static void refuse_once(story *s, uint64_t head)
{
	bool first = head < s->refuse_until;
	s->refuse_method = first ? "author_submitExtrinsic" : NULL;
	s->refuse_error =
		"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 31\"}";
}

START_TEST(test_submission_when_refused_with_an_unknown_number_then_the_vector_still_counts)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = refuse_once;
	s->refuse_until = 18; /* the first offers of the commit fall into these blocks */
	story_ok(s, 1);
	ck_assert_uint_ge(story_logged(s, "Custom error 31"), 1);
	ck_assert_uint_eq(story_logged(s, "submit.given_up"), 0);
	story_counted(s, 1);
	story_free(s);
}
END_TEST

/* ---- the owner's switches ---- */

static void longer_period(story *s, uint64_t head)
{
	if (head == 10)
		asy_lnet_write(s->w.node->ledger->rt.state, LNET_S_REVEAL_PERIOD,
					   asy_lnet_key_u16(LNET_S_REVEAL_PERIOD, 1), 2);
}

START_TEST(test_reveal_when_the_period_is_lengthened_in_flight_then_waits_for_the_new_window)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = longer_period;
	story_ok(s, 2);
	story_counted(s, 2);
	story_free(s);
}
END_TEST

START_TEST(test_run_when_the_period_is_three_then_several_commitments_live_at_once)
{
	story *s = story_new(STORY_TEMPO, 1, "\"reveal_period_epochs\":3", "");
	story_ok(s, 4);
	story_counted(s, 4);
	ck_assert_uint_eq(story_nonce(s), 8);
	story_free(s);
}
END_TEST

static void switch_over(story *s, uint64_t head)
{
	lnet_state *st = s->w.node->ledger->rt.state;
	if (head == 40)
		asy_lnet_write1(st, LNET_S_COMMIT_REVEAL, 1, 0);
	if (head == 80)
		asy_lnet_write1(st, LNET_S_COMMIT_REVEAL, 1, 1);
}

START_TEST(test_run_when_commit_reveal_is_switched_then_each_round_follows)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = switch_over;
	story_ok(s, 9);
	story_subs x = story_submissions(s);
	size_t counted = 0;
	for (size_t i = 0; i < x.n; i++)
		counted += x.state[i] == ASY_SUB_COUNTED;
	/* one commitment was in flight at each switch at most */
	ck_assert_msg(counted + 2 >= x.n && x.n >= 8, "%zu of %zu\n%s", counted, x.n, story_tail(s));
	ck_assert_uint_eq(s->totals.mismatches, 0);
	story_free(s);
}
END_TEST

static void fall_asleep(story *s, uint64_t head)
{
	if (head == 30)
		asy_lnet_write1(s->w.node->ledger->rt.state, LNET_S_TEMPO, 1, 0);
	if (head == 70)
		asy_lnet_write1(s->w.node->ledger->rt.state, LNET_S_TEMPO, 1, STORY_TEMPO);
}

START_TEST(test_run_when_tempo_becomes_zero_then_sleeps_and_wakes_up_again)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = fall_asleep;
	s->stop_at = 130;
	story_until_stop(s);
	ck_assert_uint_ge(story_logged(s, "subnet.asleep"), 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(s->totals.counted, 3);
	ck_assert_uint_ge(x.n, 4);
	story_free(s);
}
END_TEST

START_TEST(test_weights_when_rate_limited_then_wait_and_count)
{
	story *s = story_new(STORY_TEMPO, 1, "\"weights_rate_limit\":20", "");
	story_ok(s, 3);
	story_counted(s, 2); /* the limit is longer than an epoch: one has to go without */
	ck_assert_uint_eq(story_logged(s, "submit.again"), 0);
	story_free(s);
}
END_TEST

/* ---- modes of the chain ---- */

static void put_mode(story *s, lnet_item item, uint8_t value)
{
	lnet_key k = asy_lnet_key_u16(item, 1);
	asy_lnet_state_put(s->w.node->ledger->rt.state, asy_lnet_key_span(&k), asy_span(&value, 1));
}

/* The owner turns the switch while a sealed vector waits to be sent; the pool answers as
 * that of 475 does (255), or the call fails after inclusion with the chain's own name. */
static void turn_switch(story *s, bool on, bool by_pool)
{
	lnet_state *st = s->w.node->ledger->rt.state;
	bool is_sealed = story_logged(s, "weights.sealed") > 0;
	bool is_refused = story_logged(s, "weights.resealed") > 0;
	if (is_sealed)
		asy_lnet_write1(st, LNET_S_COMMIT_REVEAL, 1, on);
	s->refuse_method = by_pool && !is_refused ? "author_submitExtrinsic" : NULL;
	s->refuse_error =
		is_sealed
			? "{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 255\"}"
			: "{\"code\":1016,\"message\":\"Immediately Dropped\"}";
}
static void turned_on_255(story *s, uint64_t head)
{
	(void)head;
	turn_switch(s, true, true);
}
static void turned_off_255(story *s, uint64_t head)
{
	(void)head;
	turn_switch(s, false, true);
}

START_TEST(test_weights_when_the_switch_is_turned_after_sealing_then_go_the_other_way_and_count)
{
	static void (*const scripts[])(story *, uint64_t) = {turned_on_255, turned_off_255};
	for (int off = 0; off < 2; off++) {
		story *s = story_new(STORY_TEMPO, 1, off ? "" : "\"commit_reveal\":false", "");
		s->script = scripts[off];
		story_ok(s, 1);
		story_subs x = story_submissions(s);
		ck_assert_uint_eq(x.n, 1); /* the same vector, sealed anew */
		ck_assert_msg(x.state[0] == ASY_SUB_COUNTED, "%s\n%s", asy_sub_name(x.state[0]),
					  story_tail(s));
		ck_assert_uint_eq(story_logged(s, "weights.resealed"), 1);
		ck_assert_uint_eq(story_logged(s, "weights.missed"), 0);
		ck_assert_uint_eq(s->totals.mismatches, 0);
		story_free(s);
	}
}
END_TEST

/* The same with a stop at every few requests: what the journal says goes on. */
START_TEST(test_weights_when_resealed_and_interrupted_then_still_count_once)
{
	story *s = story_new(STORY_TEMPO, 1, "\"commit_reveal\":false", "");
	s->script = turned_on_255;
	story_subs x = {.n = 0};
	bool done = false;
	for (uint64_t life = 0; life < 400 && !done; life++) {
		assay_err e = {0};
		s->stop_every = 30 + life * 7 % 23;
		assay_status st = story_run(s, 0, &e);
		ck_assert_msg(st == ASSAY_E_CANCELLED, "%s: %s", assay_status_name(st), e.msg);
		x = story_submissions(s);
		done = x.n >= 1 && x.state[0] == ASY_SUB_COUNTED;
	}
	ck_assert_msg(done, "%zu vectors\n%s", x.n, story_tail(s));
	for (size_t i = 0; i < x.n; i++)
		ck_assert_msg(x.state[i] != ASY_SUB_MISSED, "vector %zu is missed\n%s", i, story_tail(s));
	ck_assert_uint_eq(story_logged(s, "weights.resealed"), 1);
	story_free(s);
}
END_TEST

/* V1 gets more stake than we have before the subnet turns to Null. */
static void null_of_another(story *s, uint64_t head)
{
	asy_account v1 = world_account("//V1");
	lnet_state *st = s->w.node->ledger->rt.state;
	if (head != 1)
		return;
	asy_lnet_write(st, LNET_S_HOTKEY_ALPHA, asy_lnet_key_account_u16(LNET_S_HOTKEY_ALPHA, &v1, 1),
				   UINT64_C(9000000000000));
	put_mode(s, LNET_S_EPOCH_CONSENSUS, 1);
}

START_TEST(test_weights_when_null_and_another_holds_the_permit_then_none_and_it_is_named)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_account v1 = world_account("//V1");
	char ss58[ASY_SS58_LEN];
	asy_ss58_encode(v1.b, ss58);
	s->script = null_of_another;
	s->stop_at = 90;
	story_until_stop(s);
	story_subs x = story_submissions(s);
	ck_assert_msg(x.n == 0 || (x.n == 1 && x.state[0] != ASY_SUB_COUNTED), "%zu sent\n%s", x.n,
				  story_tail(s));
	ck_assert_uint_ge(story_logged(s, "weights.not_allowed"), 1);
	ck_assert_uint_ge(story_logged(s, ss58), 1);
	story_free(s);
}
END_TEST

static void null_of_ours(story *s, uint64_t head)
{
	if (head == 1)
		put_mode(s, LNET_S_EPOCH_CONSENSUS, 1);
}

START_TEST(test_weights_when_null_and_we_decide_then_count_verified_without_a_forecast)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = null_of_ours;
	story_ok(s, 3);
	story_counted(s, 3);
	ck_assert_uint_eq(s->totals.mismatches, 0);
	ck_assert_uint_ge(story_logged(s, "consensus.unpredicted"), 2);
	ck_assert_uint_eq(story_logged(s, "weights.unverified"), 0);
	story_free(s);
}
END_TEST

static void unknown_consensus(story *s, uint64_t head)
{
	if (head == 1)
		put_mode(s, LNET_S_EPOCH_CONSENSUS, 7);
}

START_TEST(test_weights_when_the_consensus_mode_is_unknown_then_none_and_it_is_said)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = unknown_consensus;
	s->stop_at = 60;
	story_until_stop(s);
	ck_assert_uint_eq(story_submissions(s).n, 0);
	ck_assert_uint_ge(story_logged(s, "consensus mode 7"), 1);
	ck_assert_uint_ge(story_logged(s, "weights.not_allowed"), 1);
	story_free(s);
}
END_TEST

/* The development chain cannot run an epoch in such a mode, so it returns in time. */
static void unknown_liquid(story *s, uint64_t head)
{
	uint64_t next = asy_lnet_read1(s->w.node->ledger->rt.state, LNET_S_LAST_EPOCH, 1) + STORY_TEMPO;
	put_mode(s, LNET_S_LIQUID_MODE, head + 1 == next ? 2 : 9);
}

START_TEST(test_weights_when_the_liquid_mode_is_unknown_then_sent_without_a_forecast)
{
	story *s = story_new(STORY_TEMPO, 1, "\"liquid_alpha\":true", "");
	s->script = unknown_liquid;
	story_ok(s, 2);
	story_counted(s, 2);
	ck_assert_uint_ge(story_logged(s, "consensus.unpredicted"), 1);
	ck_assert_uint_ge(story_logged(s, "in mode 9"), 1);
	ck_assert_uint_ge(story_logged(s, "weights.unverified"), 1);
	ck_assert_uint_eq(s->totals.mismatches, 0);
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(
		tc, test_weights_when_the_switch_is_turned_after_sealing_then_go_the_other_way_and_count);
	tcase_add_test(tc, test_weights_when_resealed_and_interrupted_then_still_count_once);
	tcase_add_test(tc,
				   test_weights_when_null_and_another_holds_the_permit_then_none_and_it_is_named);
	tcase_add_test(tc, test_weights_when_null_and_we_decide_then_count_verified_without_a_forecast);
	tcase_add_test(tc, test_weights_when_the_consensus_mode_is_unknown_then_none_and_it_is_said);
	tcase_add_test(tc, test_weights_when_the_liquid_mode_is_unknown_then_sent_without_a_forecast);
	tcase_add_test(tc, test_run_when_no_dataset_then_the_plugin_makes_the_questions);
	tcase_add_test(tc, test_run_when_the_dialect_is_none_of_ours_then_nothing_is_asked);
	tcase_add_test(
		tc, test_submission_when_refused_with_an_unknown_number_then_the_vector_still_counts);
	tcase_add_test(
		tc, test_run_when_deregistered_then_waits_says_what_to_do_and_goes_on_when_registered);
	tcase_add_test(tc,
				   test_reveal_when_refused_for_stake_then_tries_again_while_the_window_is_open);
	tcase_add_test(tc,
				   test_weights_when_refused_in_every_round_then_one_round_an_epoch_and_no_hurry);
	tcase_add_test(
		tc, test_reveal_when_the_period_is_lengthened_in_flight_then_waits_for_the_new_window);
	tcase_add_test(tc, test_run_when_the_period_is_three_then_several_commitments_live_at_once);
	tcase_add_test(tc, test_run_when_commit_reveal_is_switched_then_each_round_follows);
	tcase_add_test(tc, test_run_when_tempo_becomes_zero_then_sleeps_and_wakes_up_again);
	tcase_add_test(tc, test_weights_when_rate_limited_then_wait_and_count);
}

int main(void)
{
	return test_main("rules", fill, 60);
}
