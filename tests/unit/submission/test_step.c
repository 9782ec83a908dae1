/* The order and the timing of a vector's way, with nothing performed. */
#include "submission/step.h"
#include "support/test.h"

/* A subnet with tempo 20 whose last epoch ran at block 100; head 105; period 1. */
static asy_world world(void)
{
	asy_world w = {
		.head = {.number = 105},
		.epoch = {.tempo = 20,
				  .stateful = true,
				  .max_epochs_per_block = 2,
				  .last_epoch_block = 100,
				  .subnet_epoch_index = 7,
				  .blocks_since_last_step = 5,
				  .last_mechanism_step_block = 100},
		.reveal_period = 1,
		.lead_blocks = 6,
		.now_ns = 1000,
	};
	return w;
}

static void at(asy_world *w, uint64_t block)
{
	while (w->head.number < block) {
		w->head.number++;
		if (asy_schedule_step(&w->epoch, w->head.number))
			w->epoch.last_mechanism_step_block = w->head.number;
	}
}

static asy_submission_do next(const asy_submission *r, const asy_world *w)
{
	return asy_submission_next(r, w).what;
}

START_TEST(test_next_when_early_phases_then_story_order)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_WEIGHED, .weigh_block = 105};
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREDICT);
	r.refused = true;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_END);
	r.refused = false;
	r.phase = ASY_SUBMISSION_PREDICTED;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_SEAL);
	r.phase = ASY_SUBMISSION_SEALED;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE);
	r.quiet_until = w.head.number + 1;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
}
END_TEST

START_TEST(test_begin_when_the_lead_is_one_block_then_still_once_in_time)
{
	asy_world w = world();
	const asy_submissions_now x = {.version = 1};
	w.lead_blocks = 1;
	uint64_t next = 0;
	ck_assert_int_eq(asy_schedule_next_epoch(&w.epoch, w.head.number, &next, NULL), ASSAY_OK);
	at(&w, next - 3);
	ck_assert(!asy_submission_may_begin(&w, &x));
	at(&w, next - 2);
	ck_assert(asy_submission_may_begin(&w, &x));
}
END_TEST

START_TEST(test_begin_when_the_lead_is_reached_then_once_an_epoch_also_from_the_same_memory)
{
	asy_world w = world();
	asy_submissions_now x = {.version = 3, .last_version = 3};
	ck_assert_uint_eq(asy_submission_target_block(&w), 114);
	ck_assert(!asy_submission_may_begin(&w, &x));
	at(&w, 114);
	ck_assert(asy_submission_may_begin(&w, &x));
	x.is_taken = true;
	ck_assert(!asy_submission_may_begin(&w, &x));
	x.is_taken = false;
	x.version = 0; /* nobody was ever judged */
	ck_assert(!asy_submission_may_begin(&w, &x));
}
END_TEST

START_TEST(test_begin_when_tried_in_this_epoch_then_again_only_for_a_new_version)
{
	asy_world w = world();
	at(&w, 115);
	asy_submissions_now x = {
		.version = 3, .last_version = 3, .has_epoch = true, .last_epoch = asy_world_epoch_now(&w)};
	ck_assert(!asy_submission_may_begin(&w, &x));
	x.version = 4;
	ck_assert(asy_submission_may_begin(&w, &x));
	x.version = 3;
	at(&w, 134); /* the next one */
	ck_assert(asy_submission_may_begin(&w, &x));
}
END_TEST

START_TEST(test_begin_when_draining_then_only_for_a_new_version)
{
	asy_world w = world();
	asy_submissions_now x = {.version = 3, .last_version = 3};
	at(&w, 114);
	w.draining = true;
	ck_assert(!asy_submission_may_begin(&w, &x));
	x.version = 4;
	ck_assert(asy_submission_may_begin(&w, &x));
	w.last_update = 113;
	w.rate_limit = 10;
	ck_assert(!asy_submission_may_begin(&w, &x));
}
END_TEST

START_TEST(test_takes_epoch_when_on_its_way_then_until_its_epoch_is_over)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_WEIGHED};
	ck_assert(asy_submission_takes_epoch(&r, &w));
	r.phase = ASY_SUBMISSION_SENT;
	ck_assert(asy_submission_takes_epoch(&r, &w));
	r.phase = ASY_SUBMISSION_INCLUDED;
	r.commit.included = true;
	r.commit_epoch = asy_world_epoch_now(&w);
	ck_assert(asy_submission_takes_epoch(&r, &w));
	r.commit_epoch--;
	ck_assert(!asy_submission_takes_epoch(&r, &w));
	r.commit.included = false;
	r.phase = ASY_SUBMISSION_MISSED;
	ck_assert(!asy_submission_takes_epoch(&r, &w));
}
END_TEST

START_TEST(test_next_when_commit_in_flight_then_sends_and_watches_each_block_once)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_SENT,
						.scheme = ASY_SEAL_HASH,
						.weigh_block = 105,
						.commit = {.present = true}};
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_SEND);
	r.commit.sent = true;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH);
	r.commit.scanned_to = w.head.number;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 106);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH);
	r.commit.not_before = 109;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 109);
	r.commit.present = false; /* the era ended: a new transaction */
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE);
}
END_TEST

START_TEST(test_next_when_included_then_reveals_in_exactly_the_window)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_INCLUDED,
						.scheme = ASY_SEAL_HASH,
						.commit = {.present = true, .included = true, .finalized = true},
						.commit_epoch = 7,
						.reveal_period = 1};
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 118);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 119); /* a reveal sent now lands in block 120, where epoch 8 begins */
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE_REVEAL);
	at(&w, 138);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE_REVEAL);
	at(&w, 139); /* it would land in block 140, epoch 9 */
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_MISS);
}
END_TEST

START_TEST(test_next_when_reveal_expires_in_flight_then_looks_before_giving_up)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_REVEALING,
						.scheme = ASY_SEAL_HASH,
						.commit = {.present = true, .included = true, .finalized = true},
						.reveal = {.present = true},
						.commit_epoch = 7,
						.reveal_period = 1};
	at(&w, 141);
	/* after a restart nothing is known of the reveal */
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH_REVEAL);
	r.reveal.sent = true;
	r.reveal.scanned_to = 141;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_MISS);
}
END_TEST

START_TEST(test_next_when_revealed_then_counts_at_the_next_epoch)
{
	asy_world w = world();
	asy_submission r = {
		.phase = ASY_SUBMISSION_REVEALED,
		.scheme = ASY_SEAL_HASH,
		.commit = {.present = true, .included = true, .finalized = true},
		.reveal = {.present = true, .included = true, .finalized = true, .block = {.number = 121}}};
	at(&w, 125);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 140);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_COUNT);
	r.reveal.finalized = false; /* its block may still be replaced */
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH_REVEAL);
	r.reveal.scanned_to = w.head.number;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	r.phase = ASY_SUBMISSION_COUNTED;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_END);
}
END_TEST

START_TEST(test_next_when_commit_taken_back_then_offers_it_again_in_its_epoch_only)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_INCLUDED,
						.scheme = ASY_SEAL_HASH,
						.commit = {.present = true, .included = true, .missing = true},
						.weigh_block = 105,
						.commit_epoch = 7};
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_SEND);
	r.commit.sent = true;
	r.commit.scanned_to = w.head.number;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 106);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH);
	r.commit.present = false; /* its era is over */
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE);
	at(&w, 119); /* it would land in block 120, epoch 8 */
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_MISS);
}
END_TEST

START_TEST(test_next_when_reveal_taken_back_then_offers_it_again_in_the_window_only)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_REVEALED,
						.scheme = ASY_SEAL_HASH,
						.commit = {.present = true, .included = true, .finalized = true},
						.reveal = {.present = true, .included = true, .missing = true},
						.commit_epoch = 7};
	at(&w, 130);
	r.reveal.scanned_to = 130;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_SEND_REVEAL);
	r.reveal.present = false;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE_REVEAL);
	at(&w, 139);
	r.reveal.scanned_to = 139;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_MISS);
	r.reveal.present = true;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_MISS);
}
END_TEST

START_TEST(test_next_when_period_changes_in_flight_then_the_window_moves_with_it)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_INCLUDED,
						.scheme = ASY_SEAL_HASH,
						.commit = {.present = true, .included = true, .finalized = true},
						.commit_epoch = 7,
						.reveal_period = 1};
	at(&w, 125);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE_REVEAL);
	w.reveal_period = 2;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 145);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE_REVEAL);
}
END_TEST

START_TEST(test_next_when_commit_is_not_final_then_reveals_in_the_second_half_at_the_latest)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_INCLUDED,
						.scheme = ASY_SEAL_HASH,
						.commit = {.present = true, .included = true},
						.commit_epoch = 7};
	at(&w, 122);
	r.commit.scanned_to = w.head.number;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 130);
	r.commit.scanned_to = w.head.number;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_PREPARE_REVEAL);
}
END_TEST

START_TEST(test_next_when_set_directly_then_counts_after_finality_and_never_reveals)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_INCLUDED,
						.scheme = ASY_SEAL_PLAIN,
						.commit = {.present = true, .included = true, .block = {.number = 104}}};
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH);
	r.commit.scanned_to = w.head.number;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	r.phase = ASY_SUBMISSION_REVEALED;
	r.commit.finalized = true;
	r.reveal.block.number = 104;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
	at(&w, 120);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_COUNT);
}
END_TEST

START_TEST(test_next_when_tempo_is_zero_then_nothing_begins_or_is_sent)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_WEIGHED};
	asy_submissions_now x = {.version = 1};
	w.epoch.tempo = 0;
	ck_assert(!asy_submission_may_begin(&w, &x));
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_END);
}
END_TEST

START_TEST(test_next_when_work_is_two_epochs_old_then_it_is_dropped)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_PREDICTED, .weigh_block = 105};
	at(&w, 146);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_END);
	r.phase = ASY_SUBMISSION_SEALED;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_MISS);
	r.phase = ASY_SUBMISSION_SENT; /* but what is in the pool already may land */
	r.commit = (asy_flight){.present = true, .sent = true};
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH);
}
END_TEST

START_TEST(test_next_when_the_chain_opens_it_then_looks_in_the_window_and_sends_nothing)
{
	asy_world w = world();
	asy_submission r = {.phase = ASY_SUBMISSION_INCLUDED,
						.scheme = ASY_SEAL_TIMELOCK,
						.commit = {.present = true, .included = true, .finalized = true},
						.commit_epoch = 7,
						.reveal_period = 1};
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT); /* the window is to come */
	at(&w, 125);
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH_REVEAL);
	r.reveal.scanned_to = 125;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT); /* once a block */
	at(&w, 300); /* long over: the look says what became of it */
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WATCH_REVEAL);
	/* revealed in the block whose epoch ran: that epoch counts it, other than with a hash */
	r.phase = ASY_SUBMISSION_REVEALED;
	r.reveal = (asy_flight){.included = true, .finalized = true};
	r.reveal.block.number = w.epoch.last_mechanism_step_block;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_COUNT);
	r.scheme = ASY_SEAL_HASH;
	ck_assert_int_eq(next(&r, &w), ASY_SUBMISSION_DO_WAIT);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc,
				   test_next_when_the_chain_opens_it_then_looks_in_the_window_and_sends_nothing);
	tcase_add_test(tc, test_next_when_early_phases_then_story_order);
	tcase_add_test(tc, test_begin_when_the_lead_is_one_block_then_still_once_in_time);
	tcase_add_test(
		tc, test_begin_when_the_lead_is_reached_then_once_an_epoch_also_from_the_same_memory);
	tcase_add_test(tc, test_begin_when_tried_in_this_epoch_then_again_only_for_a_new_version);
	tcase_add_test(tc, test_begin_when_draining_then_only_for_a_new_version);
	tcase_add_test(tc, test_takes_epoch_when_on_its_way_then_until_its_epoch_is_over);
	tcase_add_test(tc, test_next_when_commit_in_flight_then_sends_and_watches_each_block_once);
	tcase_add_test(tc, test_next_when_included_then_reveals_in_exactly_the_window);
	tcase_add_test(tc, test_next_when_reveal_expires_in_flight_then_looks_before_giving_up);
	tcase_add_test(tc, test_next_when_revealed_then_counts_at_the_next_epoch);
	tcase_add_test(tc, test_next_when_commit_taken_back_then_offers_it_again_in_its_epoch_only);
	tcase_add_test(tc, test_next_when_reveal_taken_back_then_offers_it_again_in_the_window_only);
	tcase_add_test(tc, test_next_when_period_changes_in_flight_then_the_window_moves_with_it);
	tcase_add_test(
		tc, test_next_when_commit_is_not_final_then_reveals_in_the_second_half_at_the_latest);
	tcase_add_test(tc, test_next_when_set_directly_then_counts_after_finality_and_never_reveals);
	tcase_add_test(tc, test_next_when_tempo_is_zero_then_nothing_begins_or_is_sent);
	tcase_add_test(tc, test_next_when_work_is_two_epochs_old_then_it_is_dropped);
}

int main(void)
{
	return test_main("submission_step", fill, 10);
}
