/* The driver while blocks are replaced under it, and on nodes that forget or lag: what
 * a validator loses a commitment by. */
#include "unit/validator/story.h"

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

/* One round whose block of some kind is replaced; event says that it was noticed. */
static void one_replaced(void (*script)(story *s, uint64_t head), const char *hyper,
						 const char *event, uint32_t transactions)
{
	story *s = story_new(STORY_TEMPO, 5, hyper, "");
	s->script = script;
	story_ok(s, 1);
	ck_assert_uint_eq(s->rebuilds, 1);
	ck_assert_uint_eq(story_logged(s, event), 1);
	story_counted(s, 1);
	ck_assert_uint_eq(story_nonce(s), transactions);
	story_free(s);
}

START_TEST(test_commit_when_its_block_is_replaced_then_is_sent_again_and_counts)
{
	one_replaced(replace_commit, "", "weights.reorganised", 2);
}
END_TEST

START_TEST(test_reveal_when_its_block_is_replaced_then_is_sent_again_and_counts)
{
	one_replaced(replace_reveal, "", "reveal.reorganised", 2);
}
END_TEST

START_TEST(test_weights_set_directly_when_their_block_is_replaced_then_are_sent_again)
{
	one_replaced(replace_commit, "\"commit_reveal\":false", "weights.reorganised", 1);
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
	if (head > s->refuse_until)
		s->refuse_method = NULL;
}

START_TEST(test_commit_when_taken_back_until_its_era_is_over_then_another_is_signed_in_its_epoch)
{
	/* eras of 64 blocks: a commit of block 11 is dead by 75, its epoch lasts until 90 */
	story *s = story_new(90, 5, "", ",\"submit\":{\"lead_blocks\":80,\"jitter_blocks\":0}");
	s->script = replace_commit_and_refuse;
	s->refuse_until = 76;
	story_ok(s, 1);
	ck_assert_uint_eq(s->rebuilds, 1);
	ck_assert_uint_ge(story_logged(s, "EraEnded"), 1);
	story_counted(s, 1);
	story_free(s);
}
END_TEST

START_TEST(test_commit_when_taken_back_beyond_its_epoch_then_missed_and_the_next_counts)
{
	story *s = story_new(STORY_TEMPO, 5, "", "");
	s->script = replace_commit_and_refuse;
	s->stop_at = 150;
	s->refuse_until = 100;
	story_until_stop(s);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 2);
	ck_assert_int_eq(x.state[0], ASY_SUB_MISSED);
	ck_assert_uint_gt(s->totals.counted, 0);
	/* nothing spins: a handful of requests a block */
	ck_assert_uint_lt(s->calls, 150 * 60);
	story_free(s);
}
END_TEST

/* ---- nodes that forget, lag or fail ---- */

START_TEST(test_restart_when_the_node_has_forgotten_the_blocks_then_goes_on)
{
	static const uint64_t stops[] = {8, 9, 13, 14}; /* sent, included, revealing, revealed */
	for (size_t i = 0; i < ASY_COUNT(stops); i++) {
		story *s = story_new(STORY_TEMPO, 1, "", "");
		s->stop_at = stops[i];
		story_until_stop(s);
		world_blocks(&s->w, 400);
		s->state_kept = 3;
		s->stop_at = 500;
		story_ok(s, 1);
		story_subs x = story_submissions(s);
		ck_assert_uint_eq(x.n, 2);
		ck_assert_msg(x.state[0] == ASY_SUB_MISSED || x.state[0] == ASY_SUB_COUNTED, "%s\n%s",
					  asy_sub_name(x.state[0]), story_tail(s));
		ck_assert_int_eq(x.state[1], ASY_SUB_COUNTED);
		story_free(s);
	}
}
END_TEST

START_TEST(test_count_when_the_epochs_state_is_forgotten_then_unverified_and_not_for_ever)
{
	story *s = story_new(STORY_TEMPO, 0, "", "");
	s->state_kept = 1; /* of the head only: the block before the epoch is gone */
	story_ok(s, 1);
	ck_assert_uint_eq(story_logged(s, "weights.unverified"), 1);
	ck_assert_uint_eq(story_logged(s, "weights.counted"), 0);
	story_counted(s, 1);
	story_free(s);
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
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->stop_at = 150;
	story_until_stop(s);
	s->script = begin_anew;
	s->stop_at = 200;
	story_until_stop(s);
	ck_assert_uint_eq(s->rebuilds, 1);
	ck_assert_uint_ge(story_logged(s, "still syncing, or the chain began anew"), 1);
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(
		tc, test_commit_when_taken_back_until_its_era_is_over_then_another_is_signed_in_its_epoch);
	tcase_add_test(tc, test_commit_when_its_block_is_replaced_then_is_sent_again_and_counts);
	tcase_add_test(tc, test_reveal_when_its_block_is_replaced_then_is_sent_again_and_counts);
	tcase_add_test(tc, test_weights_set_directly_when_their_block_is_replaced_then_are_sent_again);
	tcase_add_test(tc,
				   test_commit_when_taken_back_beyond_its_epoch_then_missed_and_the_next_counts);
	tcase_add_test(tc, test_restart_when_the_node_has_forgotten_the_blocks_then_goes_on);
	tcase_add_test(tc,
				   test_count_when_the_epochs_state_is_forgotten_then_unverified_and_not_for_ever);
	tcase_add_test(tc, test_look_when_the_chain_is_younger_than_its_rounds_then_waits_for_it);
}

int main(void)
{
	return test_main("reorg", fill, 60);
}
