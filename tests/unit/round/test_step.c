/* The order and the timing of a round, with nothing performed. */
#include "round/step.h"
#include "support/test.h"

/* A subnet with tempo 20 whose last epoch ran at block 100; head 105. */
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
		.now_ns = 1000,
	};
	return w;
}

static asy_round_do next(const asy_round *r, const asy_world *w)
{
	return asy_round_next(r, w).what;
}

START_TEST(test_next_when_nothing_fails_then_story_order)
{
	asy_world w = world();
	asy_round r = {.phase = ASY_ROUND_BEGUN};
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_CHALLENGE);
	r.phase = ASY_ROUND_ASKING;
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_ASK);
	r.phase = ASY_ROUND_ASKED;
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_TRACK); /* no rows: nothing to score */
	r.phase = ASY_ROUND_TRACKED;
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_END); /* weights are no matter of a round */
	r.phase = ASY_ROUND_ENDED;
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_WAIT);
}
END_TEST

START_TEST(test_next_when_rows_are_open_then_scores)
{
	asy_world w = world();
	asy_answer a = {.cause = ""}, *answers[1] = {&a};
	asy_plugin_row row[1] = {{.flag = ASY_ROW_PENDING}};
	asy_round r = {
		.phase = ASY_ROUND_ASKED, .target_n = 1, .question_n = 1, .answer = answers, .row = row};
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_SCORE);
	row[0].flag = ASY_ROW_SCORED;
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_TRACK);
}
END_TEST

START_TEST(test_next_when_it_may_not_go_on_then_ends_before_it_feeds_the_memory)
{
	asy_world w = world();
	for (int p = ASY_ROUND_BEGUN; p <= ASY_ROUND_ASKED; p++) {
		asy_round r = {.phase = (asy_round_phase)p, .dead_end = "another plugin"};
		ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_END);
		ck_assert_str_eq(asy_round_next(&r, &w).reason, "another plugin");
	}
}
END_TEST

START_TEST(test_next_when_in_trouble_then_rests_until_that_block)
{
	asy_world w = world();
	asy_round r = {.phase = ASY_ROUND_BEGUN, .quiet_until = 107};
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_WAIT);
	w.head.number = 107;
	ck_assert_int_eq(next(&r, &w), ASY_ROUND_DO_CHALLENGE);
}
END_TEST

START_TEST(test_begin_when_no_period_then_once_an_epoch)
{
	asy_world w = world();
	asy_rounds_now x = {0};
	ck_assert(asy_round_may_begin(&w, &x));
	x.last_began_ns = 1;
	x.last_epoch = asy_world_epoch_now(&w);
	ck_assert(!asy_round_may_begin(&w, &x));
	w.head.number = 119; /* what is sent now belongs to the next epoch */
	ck_assert(asy_round_may_begin(&w, &x));
	w.draining = true;
	ck_assert(!asy_round_may_begin(&w, &x));
}
END_TEST

START_TEST(test_begin_when_a_period_is_set_then_when_it_is_over)
{
	asy_world w = world();
	asy_rounds_now x = {.period_ns = 100, .last_began_ns = 950};
	ck_assert(!asy_round_may_begin(&w, &x));
	w.now_ns = 1050;
	ck_assert(asy_round_may_begin(&w, &x));
	w.epoch.tempo = 0;
	ck_assert(!asy_round_may_begin(&w, &x));
}
END_TEST

START_TEST(test_begin_when_others_are_open_then_one_asks_while_one_is_scored)
{
	asy_world w = world();
	asy_rounds_now x = {.period_ns = 1, .last_began_ns = 1, .open_n = 1, .is_asking = true};
	ck_assert(!asy_round_may_begin(&w, &x));
	x.is_asking = false;
	ck_assert(asy_round_may_begin(&w, &x));
	x.open_n = ASY_ROUNDS_OPEN_MAX;
	ck_assert(!asy_round_may_begin(&w, &x));
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_next_when_nothing_fails_then_story_order);
	tcase_add_test(tc, test_next_when_rows_are_open_then_scores);
	tcase_add_test(tc, test_next_when_it_may_not_go_on_then_ends_before_it_feeds_the_memory);
	tcase_add_test(tc, test_next_when_in_trouble_then_rests_until_that_block);
	tcase_add_test(tc, test_begin_when_no_period_then_once_an_epoch);
	tcase_add_test(tc, test_begin_when_a_period_is_set_then_when_it_is_over);
	tcase_add_test(tc, test_begin_when_others_are_open_then_one_asks_while_one_is_scored);
}

int main(void)
{
	return test_main("round_step", fill, 10);
}
