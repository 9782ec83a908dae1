/* Looking ahead must equal stepping block by block, for both clocks. */
#include "support/test.h"
#include "schedule/schedule.h"

static asy_epoch_state random_state(test_rng *r, bool stateful, uint64_t head)
{
	asy_epoch_state s = {.netuid = (uint16_t)test_below(r, 100),
						 .tempo = (uint16_t)(1 + test_below(r, 40)),
						 .stateful = stateful};
	s.last_epoch_block = head - test_below(r, 60);
	s.pending_epoch_at = test_below(r, 4) == 0 ? head - 2 + test_below(r, 20) : 0;
	s.subnet_epoch_index = test_below(r, 1000);
	s.blocks_since_last_step =
		test_below(r, 8) == 0 ? ASY_MAX_TEMPO - 3 + test_below(r, 6) : test_below(r, 60);
	return s;
}

START_TEST(test_next_epoch_equals_stepping)
{
	test_rng r = {test_seed()};
	assay_err err;
	for (int i = 0; i < 20000; i++) {
		uint64_t head = 1000 + test_below(&r, 1000), next = 0;
		asy_epoch_state s = random_state(&r, test_below(&r, 2) != 0, head), t = s;
		ck_ok(asy_schedule_next_epoch(&s, head, &next, &err), err);
		uint64_t b = head + 1;
		while (!asy_schedule_step(&t, b))
			b++;
		ck_assert_uint_eq(next, b);
	}
}
END_TEST

START_TEST(test_reveal_window_equals_stepping)
{
	test_rng r = {test_seed() + 1};
	assay_err err;
	for (int i = 0; i < 3000; i++) {
		uint64_t head = 1000 + test_below(&r, 1000), period = 1 + test_below(&r, 4);
		asy_epoch_state s = random_state(&r, test_below(&r, 2) != 0, head), t = s;
		asy_commit_plan plan;
		asy_reveal_window w;
		ck_ok(asy_schedule_plan_commit(&s, head, period, &plan, &err), err);
		ck_ok(asy_schedule_reveal_window(&s, head, plan.commit_epoch, period, &w, &err), err);
		ck_assert_int_eq(w.phase, ASY_REVEAL_EARLY);
		ck_assert_uint_eq(w.first, plan.first_reveal_block);
		uint64_t first = 0, end = 0;
		for (uint64_t b = head + 1; end == 0; b++) {
			if (t.stateful)
				(void)asy_schedule_step(&t, b);
			uint64_t epoch = asy_schedule_lookahead(&t, b);
			if (b == head + 1)
				ck_assert_uint_eq(epoch, plan.commit_epoch);
			if (epoch == plan.reveal_epoch && first == 0)
				first = b;
			if (epoch > plan.reveal_epoch)
				end = b;
		}
		ck_assert_uint_eq(w.first, first);
		ck_assert_uint_eq(w.end, end);
	}
}
END_TEST

START_TEST(test_window_phases_seen_from_each_block)
{
	asy_epoch_state s = {
		.tempo = 10, .stateful = true, .last_epoch_block = 100, .subnet_epoch_index = 5};
	asy_reveal_window w;
	assay_err err;
	/* committed in epoch 5, revealed in 6: blocks 110 .. 119 */
	for (uint64_t head = 100; head < 125; head++) {
		ck_ok(asy_schedule_reveal_window(&s, head, 5, 1, &w, &err), err);
		uint64_t next = head + 1;
		ck_assert_int_eq(w.phase, next < 110   ? ASY_REVEAL_EARLY
								  : next < 120 ? ASY_REVEAL_OPEN
											   : ASY_REVEAL_EXPIRED);
		if (w.phase == ASY_REVEAL_EARLY)
			ck_assert_uint_eq(w.first, 110);
		if (w.phase == ASY_REVEAL_OPEN)
			ck_assert_uint_eq(w.first, next);
		if (w.phase != ASY_REVEAL_EXPIRED)
			ck_assert_uint_eq(w.end, 120);
		(void)asy_schedule_step(&s, next);
	}
}
END_TEST

START_TEST(test_tempo_zero_then_never)
{
	asy_epoch_state s = {.tempo = 0, .stateful = true, .subnet_epoch_index = 4};
	asy_commit_plan plan;
	asy_reveal_window w;
	uint64_t b = 0;
	assay_err err;
	ck_assert_int_eq(asy_schedule_next_epoch(&s, 10, &b, &err), ASSAY_E_CHAIN);
	ck_assert(!asy_schedule_next_start(&s, &b));
	ck_assert_int_eq(asy_schedule_plan_commit(&s, 10, 1, &plan, &err), ASSAY_E_CHAIN);
	ck_assert_int_eq(asy_schedule_reveal_window(&s, 10, 4, 1, &w, &err), ASSAY_E_CHAIN);
	ck_ok(asy_schedule_reveal_window(&s, 10, 3, 1, &w, &err), err);
	ck_assert_int_eq(w.phase, ASY_REVEAL_OPEN);
	ck_assert_uint_eq(w.end, UINT64_MAX);
}
END_TEST

START_TEST(test_trigger_when_tempo_is_zero_then_no_automatic_epoch_is_imminent)
{
	asy_epoch_state s = {.netuid = 3, .stateful = true, .last_epoch_block = 1000};
	ck_assert_ptr_null(asy_schedule_trigger(&s, 1000, 10, false));
	ck_assert_uint_eq(s.pending_epoch_at, 1010);
	ck_assert_str_eq(asy_schedule_trigger(&s, 1001, 10, false), "EpochTriggerAlreadyPending");
	s = (asy_epoch_state){.tempo = 5, .stateful = true, .last_epoch_block = 1000};
	ck_assert_str_eq(asy_schedule_trigger(&s, 1000, 10, false), "AutoEpochAlreadyImminent");
}
END_TEST

START_TEST(test_absurd_inputs_then_refused_or_saturated)
{
	const asy_beacon_clock quicknet = {1692803367, 3}, broken = {0, 0};
	asy_epoch_state s = {.tempo = 360, .stateful = true, .last_epoch_block = UINT64_MAX};
	asy_reveal_window w;
	uint64_t b = 0;
	assay_err err;
	ck_assert_int_eq(asy_schedule_reveal_window(&s, 10, 4, 101, &w, &err), ASSAY_E_RANGE);
	ck_assert_int_eq(asy_schedule_epoch_start(&s, 10, 1000000, &b, &err), ASSAY_E_RANGE);
	ck_assert_int_eq(asy_schedule_reveal_round(&broken, 1, 1, 1, 1, &b, &err), ASSAY_E_INPUT);
	ck_assert_int_eq(asy_schedule_reveal_round(&quicknet, 1, 1, 1, -1, &b, &err), ASSAY_E_RANGE);
	ck_assert_int_eq(asy_schedule_reveal_round(&quicknet, 1, 1, -1, 12, &b, &err), ASSAY_E_RANGE);
	ck_ok(asy_schedule_reveal_round(&quicknet, 1, 1, 0, 12, &b, &err), err);
	ck_assert_uint_eq(b, 1);
}
END_TEST

/* The chain as it will be: a commit in head + delay, blocks of another pace than measured, and
 * the pulse one round late. The block in which it reveals; 0: the window closed first. */
static uint64_t reveal_block(asy_epoch_state t, uint64_t head, uint64_t delay, uint64_t period,
							 uint64_t round, double now, double block_time)
{
	const double genesis = 1692803367;
	uint64_t due = UINT64_MAX;
	for (uint64_t b = head + 1; b < head + 100000; b++) {
		if (t.stateful)
			(void)asy_schedule_step(&t, b);
		uint64_t epoch = asy_schedule_lookahead(&t, b);
		double clock = now + (double)(b - 1 - head) * block_time;
		if (b == head + delay)
			due = epoch + period;
		if (epoch > due)
			return 0;
		if (epoch == due && (clock - genesis) / 3 >= (double)round)
			return b;
	}
	return 0;
}

START_TEST(test_planned_reveal_then_the_chain_reveals_there_within_the_uncertainty)
{
	test_rng r = {test_seed() + 5};
	const asy_beacon_clock quicknet = {1692803367, 3};
	assay_err err;
	size_t wide = 0;
	for (int i = 0; i < 4000; i++) {
		uint64_t head = 1000 + test_below(&r, 1000), period = 1 + test_below(&r, 3);
		asy_epoch_state s = random_state(&r, test_below(&r, 2) != 0, head);
		asy_reveal_plan p;
		if (test_below(&r, 2) != 0)
			s.tempo = (uint16_t)(300 + test_below(&r, 200));
		double now = 1760000000.0 + (double)test_below(&r, 1000) / 7;
		double pace = 12.0 * (1.0 + ((double)test_below(&r, 200) - 100) / 100.0 * 0.015);
		ck_ok(asy_schedule_plan_reveal(&s, head, period, &quicknet, now, 12.0, &p, &err), err);
		ck_assert_uint_ge(p.block, p.commit.first_reveal_block);
		ck_assert_uint_lt(p.block, p.end);
		uint64_t at = reveal_block(s, head, 1, period, p.round, now, pace);
		if (p.is_tight)
			continue;
		wide++;
		ck_assert_uint_ne(at, 0);
		uint64_t off = at > p.block ? at - p.block : p.block - at;
		ck_assert_msg(off <= p.uncertain,
					  "planned %" PRIu64 ", revealed %" PRIu64 ", off by %" PRIu64 " of %" PRIu64,
					  p.block, at, off, p.uncertain);
	}
	ck_assert_uint_gt(wide, 1500);
}
END_TEST

START_TEST(test_block_time_then_measured_or_fallback)
{
	ck_assert_double_eq(asy_block_time(100, 1000000, 200, 2200000, 9), 12.0);
	ck_assert_double_eq(asy_block_time(100, 1000000, 100, 2200000, 9), 9);
	ck_assert_double_eq(asy_block_time(100, 2200000, 200, 1000000, 9), 9);
	ck_assert_double_eq(asy_block_time(1, 0, 200, 1000000, 9), 9);
	ck_assert_double_eq(asy_block_time(100, 1, 101, 10000000000u, 9), 9);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_next_epoch_equals_stepping);
	tcase_add_test(tc, test_reveal_window_equals_stepping);
	tcase_add_test(tc, test_window_phases_seen_from_each_block);
	tcase_add_test(tc, test_tempo_zero_then_never);
	tcase_add_test(tc, test_trigger_when_tempo_is_zero_then_no_automatic_epoch_is_imminent);
	tcase_add_test(tc, test_absurd_inputs_then_refused_or_saturated);
	tcase_add_test(tc, test_planned_reveal_then_the_chain_reveals_there_within_the_uncertainty);
	tcase_add_test(tc, test_block_time_then_measured_or_fallback);
}

int main(void)
{
	return test_main("schedule", cases, 60);
}
