/* Vectors that the chain opens itself: sealed to a pulse, never revealed by us, counted. */
#include "unit/validator/story.h"

START_TEST(test_timelock_when_all_is_well_then_every_vector_counts_with_one_transaction)
{
	story *s = story_new(STORY_TEMPO, 1, "", STORY_TIMELOCK);
	story_ok(s, 2);
	story_counted(s, 2);
	ck_assert_uint_eq(story_nonce(s), 2);
	ck_assert_uint_eq(story_logged(s, "scheme=timelock"), 2);
	ck_assert_uint_eq(story_logged(s, "reveal.compared"), 2);
	ck_assert_uint_eq(story_logged(s, "unusual"), 0);
	ck_assert_uint_eq(story_logged(s, "difference="), 0);
	story_free(s);
}
END_TEST

START_TEST(test_timelock_when_the_daemon_restarts_at_every_block_then_nothing_is_lost_or_doubled)
{
	story *s = story_new(STORY_TEMPO, 3, "", STORY_TIMELOCK);
	for (s->stop_at = 4; s->stop_at < 42; s->stop_at++)
		story_until_stop(s);
	s->stop_at = 200;
	story_ok(s, 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 2);
	story_counted(s, x.n);
	ck_assert_uint_eq(story_nonce(s), x.n);
	story_free(s);
}
END_TEST

START_TEST(test_timelock_when_interrupted_at_any_request_then_counts)
{
	for (uint64_t every = 7; every < 40; every += 8) {
		story *s = story_new(STORY_TEMPO, 2, "", STORY_TIMELOCK);
		assay_err e;
		s->stop_every = every;
		for (int life = 0; life < 60; life++)
			(void)!story_run(s, 1, &e);
		s->stop_every = 0;
		story_ok(s, 1);
		story_subs x = story_submissions(s);
		ck_assert_uint_ge(x.n, 1);
		story_counted(s, x.n);
		ck_assert_uint_eq(story_nonce(s), x.n);
		story_free(s);
	}
}
END_TEST

/* ---- pulses ---- */

static void hold_pulses(story *s, uint64_t head)
{
	s->w.node->ledger->rt.pulses_held = head >= 10;
}

START_TEST(test_timelock_when_the_pulse_never_comes_then_missed_and_said_so)
{
	story *s = story_new(STORY_TEMPO, 1, "", STORY_TIMELOCK);
	s->script = hold_pulses;
	story_ok(s, 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_eq(x.n, 1);
	ck_assert_int_eq(x.state[0], ASY_SUB_MISSED);
	ck_assert_uint_eq(story_logged(s, "before the pulse came"), 1);
	story_free(s);
}
END_TEST

/* An hour passes in a block: the pulse is there when the window opens, and the chain reveals in
 * the very block that runs the epoch. */
static void jump(story *s, uint64_t head)
{
	lnet_state *state = s->w.node->ledger->rt.state;
	if (head == STORY_TEMPO - 2)
		asy_lnet_write0(state, LNET_S_NOW, asy_lnet_read0(state, LNET_S_NOW) + 3600000);
}

START_TEST(test_timelock_when_revealed_in_the_epochs_own_block_then_that_epoch_counts_it)
{
	story *s = story_new(STORY_TEMPO, 1, "", STORY_TIMELOCK);
	s->script = jump;
	story_ok(s, 1);
	story_counted(s, 1);
	ck_assert_uint_eq(story_logged(s, "weights.replaced"), 0);
	ck_assert_uint_eq(story_logged(s, "weights.unverified"), 0);
	ck_assert_uint_eq(story_logged(s, "off=-3"), 1);
	story_free(s);
}
END_TEST

/* ---- reorganisations ---- */

static uint64_t block_in(const story *s, const char *event)
{
	const char *at = strstr(s->log_text, event);
	at = at != NULL ? strstr(at, "block=") : NULL;
	return at != NULL ? strtoull(at + 6, NULL, 10) : 0;
}

static void replace(story *s, const char *event, uint64_t head)
{
	(void)fflush(s->log.out);
	uint64_t at = block_in(s, event);
	if (at != 0 && head >= at + 2 && s->rebuilds == 0)
		story_reorganise(s, at - 1);
}

static void replace_commit(story *s, uint64_t head)
{
	replace(s, "weights.included", head);
}

static void replace_reveal(story *s, uint64_t head)
{
	replace(s, "weights.revealed", head);
}

START_TEST(test_timelock_when_a_block_is_replaced_then_counts_all_the_same)
{
	for (int reveal = 0; reveal < 2; reveal++) {
		story *s = story_new(STORY_TEMPO, 5, "", STORY_TIMELOCK);
		s->script = reveal ? replace_reveal : replace_commit;
		story_ok(s, 1);
		ck_assert_uint_eq(s->rebuilds, 1);
		story_counted(s, 1);
		ck_assert_uint_eq(story_nonce(s), 1);
		story_free(s);
	}
}
END_TEST

/* ---- the chain's own settings ---- */

static void switch_version(story *s, uint64_t head)
{
	(void)head;
	asy_lnet_write0(s->w.node->ledger->rt.state, LNET_S_COMMIT_VERSION, 5);
}

START_TEST(test_version_that_is_not_known_then_sealed_by_hash)
{
	story *s = story_new(STORY_TEMPO, 1, "", STORY_TIMELOCK);
	s->script = switch_version;
	story_ok(s, 1);
	story_counted(s, 1);
	ck_assert_uint_eq(story_nonce(s), 2);
	ck_assert_uint_eq(story_logged(s, "seal.by_hash"), 1);
	story_free(s);
}
END_TEST

START_TEST(test_beacon_of_somebody_else_then_sealed_by_hash)
{
	story *s = story_new(STORY_TEMPO, 1, "",
						 ",\"submit\":{\"lead_blocks\":5,\"jitter_blocks\":0,\"scheme\":\"auto\"}");
	story_ok(s, 1); /* the default beacon is quicknet's */
	story_counted(s, 1);
	ck_assert_uint_eq(story_nonce(s), 2);
	ck_assert_uint_eq(story_logged(s, "waits for another beacon"), 1);
	story_free(s);
}
END_TEST

START_TEST(test_timelock_when_its_round_has_passed_then_sealed_to_a_later_one)
{
	story *s = story_new(STORY_TEMPO, 1, "", STORY_TIMELOCK);
	s->refuse_method = "author_submitExtrinsic";
	s->refuse_n = 1;
	s->refuse_error = "{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":"
					  "\"Custom error: 15\"}";
	story_ok(s, 1);
	story_counted(s, 1);
	ck_assert_uint_eq(story_logged(s, "scheme=timelock"), 2);
	ck_assert_uint_eq(story_nonce(s), 1);
	story_free(s);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc,
				   test_timelock_when_all_is_well_then_every_vector_counts_with_one_transaction);
	tcase_add_test(
		tc, test_timelock_when_the_daemon_restarts_at_every_block_then_nothing_is_lost_or_doubled);
	tcase_add_test(tc, test_timelock_when_interrupted_at_any_request_then_counts);
	tcase_add_test(tc, test_timelock_when_the_pulse_never_comes_then_missed_and_said_so);
	tcase_add_test(tc,
				   test_timelock_when_revealed_in_the_epochs_own_block_then_that_epoch_counts_it);
	tcase_add_test(tc, test_timelock_when_a_block_is_replaced_then_counts_all_the_same);
	tcase_add_test(tc, test_version_that_is_not_known_then_sealed_by_hash);
	tcase_add_test(tc, test_beacon_of_somebody_else_then_sealed_by_hash);
	tcase_add_test(tc, test_timelock_when_its_round_has_passed_then_sealed_to_a_later_one);
}

int main(void)
{
	return test_main("validator-timelock", cases, 100);
}
