/* The whole driver against the development chain, with the world going wrong at chosen
 * blocks: what an operator would lose money by. */
#include "unit/round/story.h"

static void all_counted(story *s, size_t n)
{
	story_subs x = story_submissions(s);
	ck_assert_msg(x.n == n, "%zu vectors, wanted %zu\n%s", x.n, n, s->log_text);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(x.state[i] == ASY_SUB_COUNTED, "vector %zu is %s\n%s", i,
					  asy_sub_name(x.state[i]), s->log_text);
	ck_assert_uint_eq(s->totals.mismatches, 0);
}

/* A run that the story's stop_at ends. */
static void run_until_stop(story *s)
{
	assay_err e = {0};
	assay_status st = story_run(s, 0, &e);
	ck_assert_msg(st == ASSAY_E_CANCELLED, "%s: %s\n%s", assay_status_name(st), e.msg, s->log_text);
}

START_TEST(test_run_when_all_is_well_then_every_vector_counts)
{
	char *sc = story_scenario(STORY_TEMPO, 1, "");
	story *s = story_new(sc, "");
	story_ok(s, 2);
	all_counted(s, 2);
	ck_assert_uint_eq(story_nonce(s), 4);
	ck_assert_uint_eq(story_logged(s, "submit.again"), 0);
	story_free(s);
	free(sc);
}
END_TEST

START_TEST(test_run_when_commit_reveal_is_off_then_sets_directly_and_survives_restarts)
{
	char *sc = story_scenario(STORY_TEMPO, 3, "\"commit_reveal\":false");
	story *s = story_new(sc, "");
	for (s->stop_at = 6; s->stop_at < 14; s->stop_at++)
		run_until_stop(s); /* a restart after every block around the setting */
	s->stop_at = 100;
	story_ok(s, 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 2);
	all_counted(s, x.n);
	ck_assert_uint_eq(story_nonce(s), x.n);
	story_free(s);
	free(sc);
}
END_TEST

/* ---- reorganisations ---- */

static uint64_t included_at(const story *s, const char *event)
{
	const char *at = strstr(s->log_text, event);
	at = at != NULL ? strstr(at, "block=") : NULL;
	return at != NULL ? strtoull(at + 6, NULL, 10) : 0;
}

/* Two blocks after the first such event its block is replaced. */
static void replace_block_of(story *s, const char *event, uint64_t head)
{
	(void)fflush(s->log.out);
	uint64_t at = included_at(s, event);
	if (at != 0 && head >= at + 2 && s->rebuilds == 0)
		story_reorganise(s, at - 1);
}
static void replace_commit(story *s, uint64_t head)
{
	replace_block_of(s, "weights.included", head);
}
static void replace_reveal(story *s, uint64_t head)
{
	replace_block_of(s, "weights.revealed", head);
}

START_TEST(test_commit_when_its_block_is_replaced_then_is_sent_again_and_counts)
{
	char *sc = story_scenario(STORY_TEMPO, 5, "");
	story *s = story_new(sc, "");
	s->script = replace_commit;
	story_ok(s, 1);
	ck_assert_uint_eq(s->rebuilds, 1);
	ck_assert_uint_eq(story_logged(s, "weights.reorganised"), 1);
	all_counted(s, 1);
	ck_assert_uint_eq(story_nonce(s), 2);
	story_free(s);
	free(sc);
}
END_TEST

START_TEST(test_reveal_when_its_block_is_replaced_then_is_sent_again_and_counts)
{
	char *sc = story_scenario(STORY_TEMPO, 5, "");
	story *s = story_new(sc, "");
	s->script = replace_reveal;
	story_ok(s, 1);
	ck_assert_uint_eq(s->rebuilds, 1);
	ck_assert_uint_eq(story_logged(s, "reveal.reorganised"), 1);
	all_counted(s, 1);
	ck_assert_uint_eq(story_nonce(s), 2);
	story_free(s);
	free(sc);
}
END_TEST

START_TEST(test_weights_set_directly_when_their_block_is_replaced_then_are_sent_again)
{
	char *sc = story_scenario(STORY_TEMPO, 5, "\"commit_reveal\":false");
	story *s = story_new(sc, "");
	s->script = replace_commit;
	story_ok(s, 1);
	ck_assert_uint_eq(s->rebuilds, 1);
	all_counted(s, 1);
	story_free(s);
	free(sc);
}
END_TEST

/* The commit's block goes, and no node takes the bytes any more. */
static void replace_commit_and_refuse(story *s, uint64_t head)
{
	replace_commit(s, head);
	if (s->rebuilds == 1 && s->refuse_method == NULL) {
		s->refuse_method = "author_submitExtrinsic";
		s->refuse_error = "{\"code\":1016,\"message\":\"Immediately Dropped\"}";
	}
	if (head > 100)
		s->refuse_method = NULL;
}

START_TEST(test_commit_when_taken_back_beyond_its_epoch_then_missed_and_the_next_counts)
{
	char *sc = story_scenario(STORY_TEMPO, 5, "");
	story *s = story_new(sc, "");
	s->script = replace_commit_and_refuse;
	s->stop_at = 150;
	run_until_stop(s);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 2);
	ck_assert_int_eq(x.state[0], ASY_SUB_MISSED);
	ck_assert_uint_gt(s->totals.counted, 0);
	/* nothing spins: a handful of requests a block */
	ck_assert_uint_lt(s->calls, 150 * 60);
	story_free(s);
	free(sc);
}
END_TEST

/* ---- nodes that forget, lag or fail ---- */

START_TEST(test_restart_when_the_node_has_forgotten_the_blocks_then_goes_on)
{
	static const uint64_t stops[] = {8, 9, 13, 14}; /* sent, included, revealing, revealed */
	for (size_t i = 0; i < ASY_COUNT(stops); i++) {
		char *sc = story_scenario(STORY_TEMPO, 1, "");
		story *s = story_new(sc, "");
		s->stop_at = stops[i];
		run_until_stop(s);
		world_blocks(&s->w, 400);
		s->state_kept = 3;
		s->stop_at = 500;
		story_ok(s, 1);
		story_subs x = story_submissions(s);
		ck_assert_uint_eq(x.n, 2);
		ck_assert_msg(x.state[0] == ASY_SUB_MISSED || x.state[0] == ASY_SUB_COUNTED, "%s\n%s",
					  asy_sub_name(x.state[0]), s->log_text);
		ck_assert_int_eq(x.state[1], ASY_SUB_COUNTED);
		story_free(s);
		free(sc);
	}
}
END_TEST

START_TEST(test_count_when_the_epochs_state_is_forgotten_then_unverified_and_not_for_ever)
{
	char *sc = story_scenario(STORY_TEMPO, 0, "");
	story *s = story_new(sc, "");
	s->state_kept = 1; /* of the head only: the block before the epoch is gone */
	story_ok(s, 1);
	ck_assert_uint_eq(story_logged(s, "weights.unverified"), 1);
	ck_assert_uint_eq(story_logged(s, "weights.counted"), 0);
	all_counted(s, 1);
	story_free(s);
	free(sc);
}
END_TEST

/* The chain begins anew from the same genesis. */
static void begin_anew(story *s, uint64_t head)
{
	if (head >= 150 && s->rebuilds == 0) {
		world_free(&s->w);
		s->w = story_world(s->scenario);
		s->rebuilds++;
		s->stop_at = 4;
	}
}

START_TEST(test_look_when_the_chain_is_younger_than_its_rounds_then_waits_for_it)
{
	char *sc = story_scenario(STORY_TEMPO, 1, "");
	story *s = story_new(sc, "");
	s->stop_at = 150;
	run_until_stop(s);
	s->script = begin_anew;
	s->stop_at = 200;
	run_until_stop(s);
	ck_assert_uint_eq(s->rebuilds, 1);
	ck_assert_uint_ge(story_logged(s, "still syncing, or the chain began anew"), 1);
	story_free(s);
	free(sc);
}
END_TEST

/* ---- our own standing ---- */

static void replace_neuron(story *s, uint64_t head)
{
	asy_account stranger = world_account("//Stranger");
	if (head == 30)
		asy_lnet_install(&s->w.node->ledger->rt, 1, 0, &stranger, &stranger);
}

START_TEST(test_run_when_deregistered_then_gives_up_open_vectors_and_says_what_to_do)
{
	char *sc = story_scenario(STORY_TEMPO, 1, "");
	story *s = story_new(sc, "");
	assay_err e = {0};
	s->script = replace_neuron;
	ck_assert_int_eq(story_run(s, 0, &e), ASSAY_E_CHAIN);
	ck_assert_ptr_nonnull(strstr(e.msg, "is not registered in subnet 1"));
	ck_assert_ptr_nonnull(strstr(e.msg, "register it"));
	ck_assert_uint_eq(story_logged(s, "validator.unregistered"), 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 1);
	for (size_t i = 0; i < x.n; i++)
		ck_assert(x.state[i] == ASY_SUB_COUNTED || x.state[i] == ASY_SUB_MISSED);
	/* a second start says the same and gives nothing up twice */
	ck_assert_int_eq(story_run(s, 0, &e), ASSAY_E_CHAIN);
	ck_assert_ptr_nonnull(strstr(e.msg, "0 open vectors"));
	story_free(s);
	free(sc);
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
	char *sc = story_scenario(STORY_TEMPO, 4, "");
	story *s = story_new(sc, "");
	s->script = threshold;
	story_ok(s, 1);
	ck_assert_uint_ge(story_logged(s, "StakeAmountTooLow"), 1);
	all_counted(s, 1);
	story_free(s);
	free(sc);
}
END_TEST

static void lose_stake(story *s, uint64_t head)
{
	if (head == 12)
		asy_lnet_write0(s->w.node->ledger->rt.state, LNET_S_STAKE_THRESHOLD, UINT64_MAX);
}

START_TEST(test_weights_when_refused_in_every_round_then_one_round_an_epoch_and_no_hurry)
{
	char *sc = story_scenario(STORY_TEMPO, 1, "");
	story *s = story_new(sc, "");
	s->script = lose_stake;
	s->stop_at = 100;
	run_until_stop(s);
	ck_assert_uint_le(s->totals.rounds_begun, 100 / STORY_TEMPO + 1);
	ck_assert_uint_ge(s->totals.refused, 4);
	ck_assert_uint_ge(story_logged(s, "weights.refused"), 1);
	ck_assert_uint_lt(s->calls, 100 * 60);
	story_free(s);
	free(sc);
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
	char *sc = story_scenario(STORY_TEMPO, 1, "");
	story *s = story_new(sc, "");
	s->script = longer_period;
	story_ok(s, 2);
	all_counted(s, 2);
	story_free(s);
	free(sc);
}
END_TEST

START_TEST(test_run_when_the_period_is_three_then_several_commitments_live_at_once)
{
	char *sc = story_scenario(STORY_TEMPO, 1, "\"reveal_period_epochs\":3");
	story *s = story_new(sc, "");
	story_ok(s, 4);
	all_counted(s, 4);
	ck_assert_uint_eq(story_nonce(s), 8);
	story_free(s);
	free(sc);
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
	char *sc = story_scenario(STORY_TEMPO, 1, "");
	story *s = story_new(sc, "");
	s->script = switch_over;
	story_ok(s, 9);
	story_subs x = story_submissions(s);
	size_t counted = 0;
	for (size_t i = 0; i < x.n; i++)
		counted += x.state[i] == ASY_SUB_COUNTED;
	/* one commitment was in flight at each switch at most */
	ck_assert_msg(counted + 2 >= x.n && x.n >= 8, "%zu of %zu\n%s", counted, x.n, s->log_text);
	ck_assert_uint_eq(s->totals.mismatches, 0);
	story_free(s);
	free(sc);
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
	char *sc = story_scenario(STORY_TEMPO, 1, "");
	story *s = story_new(sc, "");
	s->script = fall_asleep;
	s->stop_at = 130;
	run_until_stop(s);
	ck_assert_uint_ge(story_logged(s, "subnet.asleep"), 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(s->totals.counted, 3);
	ck_assert_uint_ge(x.n, 4);
	story_free(s);
	free(sc);
}
END_TEST

START_TEST(test_weights_when_rate_limited_then_wait_and_count)
{
	char *sc = story_scenario(STORY_TEMPO, 1, "\"weights_rate_limit\":20");
	story *s = story_new(sc, "");
	story_ok(s, 3);
	all_counted(s, 3);
	ck_assert_uint_eq(story_logged(s, "submit.again"), 0);
	story_free(s);
	free(sc);
}
END_TEST

/* ---- rounds ---- */

START_TEST(test_run_when_a_period_is_set_then_scores_often_and_sends_once_an_epoch)
{
	char *sc = story_scenario(40, 1, "");
	story *s = story_new(sc, ",\"round\":{\"period_ms\":60,\"challenges_per_round\":1}");
	s->stop_at = 130;
	run_until_stop(s);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(s->totals.rounds_begun, 8);
	ck_assert_uint_le(x.n, 4);
	ck_assert_uint_ge(s->totals.counted, 1);
	ck_assert_uint_eq(s->totals.missed, 0);
	story_free(s);
	free(sc);
}
END_TEST

static assay_status on_response(void *arg, const asy_rec *rec, assay_err *err)
{
	size_t *dropped = arg;
	(void)err;
	if (rec->type == ASY_REC_RESPONSE)
		*dropped += memmem(rec->payload.ptr, rec->payload.len, "query.max_round_bytes", 21) != NULL;
	return ASSAY_OK;
}

START_TEST(test_query_when_answers_fill_the_rounds_room_then_the_rest_is_our_own_fault)
{
	char *sc = story_scenario(STORY_TEMPO, 1, ""), answer[1024];
	story *s = story_new(sc, ",\"query\":{\"allow_private\":true,\"max_response_bytes\":1024,"
							 "\"max_round_bytes\":3000}");
	size_t dropped = 0;
	assay_err e = {0};
	(void)snprintf(answer, sizeof answer, "{\"completion\":\"Mercury\",\"filler\":\"%0800d\"}", 0);
	s->answer = answer;
	story_ok(s, 1);
	ck_ok(asy_store_records(s->store, 1, 0, on_response, &dropped, &e), e);
	/* eight answers of some 840 bytes, room for three */
	ck_assert_uint_eq(dropped, 5);
	ck_assert_uint_eq(story_logged(s, "query.room_used_up"), 1);
	all_counted(s, 1);
	story_free(s);
	free(sc);
}
END_TEST

START_TEST(test_score_when_the_batch_can_never_fit_then_nobody_is_judged_and_the_round_ends)
{
	char *sc = story_scenario(STORY_TEMPO, 1, ""), *answer = asy_calloc(1, 300001);
	story *s = story_new(sc, "");
	size_t n = (size_t)snprintf(answer, 300000, "{\"completion\":\"");
	memset(answer + n, 'x', 200000);
	(void)strcpy(answer + n + 200000, "\"}");
	s->answer = answer;
	story_plugin(s, 1u << 16);
	story_ok(s, 1);
	ck_assert_uint_eq(story_logged(s, "scores.impossible"), 1);
	ck_assert_uint_eq(s->totals.rounds_ended, 1);
	ck_assert_uint_eq(s->totals.refused, 1);
	story_free(s);
	free(answer);
	free(sc);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(
		tc, test_score_when_the_batch_can_never_fit_then_nobody_is_judged_and_the_round_ends);
	tcase_add_test(tc, test_query_when_answers_fill_the_rounds_room_then_the_rest_is_our_own_fault);
	tcase_add_test(tc, test_run_when_all_is_well_then_every_vector_counts);
	tcase_add_test(tc, test_run_when_commit_reveal_is_off_then_sets_directly_and_survives_restarts);
	tcase_add_test(tc, test_commit_when_its_block_is_replaced_then_is_sent_again_and_counts);
	tcase_add_test(tc, test_reveal_when_its_block_is_replaced_then_is_sent_again_and_counts);
	tcase_add_test(tc, test_weights_set_directly_when_their_block_is_replaced_then_are_sent_again);
	tcase_add_test(tc,
				   test_commit_when_taken_back_beyond_its_epoch_then_missed_and_the_next_counts);
	tcase_add_test(tc, test_restart_when_the_node_has_forgotten_the_blocks_then_goes_on);
	tcase_add_test(tc,
				   test_count_when_the_epochs_state_is_forgotten_then_unverified_and_not_for_ever);
	tcase_add_test(tc, test_look_when_the_chain_is_younger_than_its_rounds_then_waits_for_it);
	tcase_add_test(tc, test_run_when_deregistered_then_gives_up_open_vectors_and_says_what_to_do);
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
	tcase_add_test(tc, test_run_when_a_period_is_set_then_scores_often_and_sends_once_an_epoch);
}

int main(void)
{
	return test_main("driver", fill, 60);
}
