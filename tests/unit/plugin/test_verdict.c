/* Whose fault it was, a case for each row of the table in docs/plugins.md, and when a
 * plugin that is at fault is tried again. */
#include "plugin/verdict.h"
#include "support/test.h"

static const struct {
	asy_evidence e;
	asy_verdict is;
} table[] = {
	/* nothing happened */
	{{.asked = 0}, ASY_VERDICT_NOBODY},
	{{.asked = 64, .judged = 64}, ASY_VERDICT_NOBODY},
	/* a death that nobody can be blamed for */
	{{.asked = 64, .judged = 64, .deaths = 2}, ASY_VERDICT_NOBODY},
	/* one row, or few of many: theirs */
	{{.asked = 64, .judged = 63, .poison = 1, .deaths = 9}, ASY_VERDICT_ROWS},
	{{.asked = 64, .judged = 32, .poison = 32, .deaths = 99}, ASY_VERDICT_ROWS},
	{{.asked = 1, .poison = 1, .deaths = 2}, ASY_VERDICT_ROWS},
	{{.asked = 2, .judged = 1, .poison = 1, .deaths = 3}, ASY_VERDICT_ROWS},
	/* most rows */
	{{.asked = 64, .judged = 31, .poison = 33, .deaths = 99}, ASY_VERDICT_PLUGIN},
	{{.asked = 2, .poison = 2, .deaths = 4}, ASY_VERDICT_PLUGIN},
	/* a row that was judged before kills it now */
	{{.asked = 64, .judged = 63, .poison = 1, .deaths = 9, .control_died = true},
	 ASY_VERDICT_PLUGIN},
	/* eight and nothing else; seven may be one operator's */
	{{.asked = 64, .poison = 8, .deaths = 20}, ASY_VERDICT_PLUGIN},
	{{.asked = 64, .poison = 7, .deaths = 20}, ASY_VERDICT_ROWS},
	{{.asked = 64, .judged = 1, .poison = 8, .deaths = 20}, ASY_VERDICT_ROWS},
	/* the time was up, and not one call had come back */
	{{.asked = 64, .poison = 1, .deaths = 3, .is_cut = true}, ASY_VERDICT_PLUGIN},
	{{.asked = 64, .poison = 0, .deaths = 3, .is_cut = true}, ASY_VERDICT_PLUGIN},
	{{.asked = 64, .poison = 1, .deaths = 2, .is_cut = true}, ASY_VERDICT_ROWS},
	{{.asked = 64, .judged = 1, .poison = 1, .deaths = 9, .is_cut = true}, ASY_VERDICT_ROWS},
	{{.asked = 1, .poison = 1, .deaths = 9, .is_cut = true}, ASY_VERDICT_ROWS},
	/* invalid scores: a few are a miner's doing, most are the plugin's */
	{{.asked = 64, .judged = 64, .invalid = 32}, ASY_VERDICT_NOBODY},
	{{.asked = 64, .judged = 64, .invalid = 33}, ASY_VERDICT_PLUGIN},
	{{.asked = 1, .judged = 1, .invalid = 1}, ASY_VERDICT_PLUGIN},
};

START_TEST(test_verdict_when_evidence_is_a_row_of_the_table_then_as_it_says)
{
	for (size_t i = 0; i < ASY_COUNT(table); i++)
		ck_assert_msg(asy_verdict_of(&table[i].e) == table[i].is, "row %zu", i);
}
END_TEST

START_TEST(test_verdict_when_plain_during_the_round_then_the_same_at_its_end)
{
	for (size_t i = 0; i < ASY_COUNT(table); i++)
		if (asy_verdict_is_plain(&table[i].e))
			ck_assert_msg(table[i].is == ASY_VERDICT_PLUGIN, "row %zu", i);
}
END_TEST

/* Rounds left out before the next that is a try. */
static unsigned left_out(asy_quarantine *q)
{
	unsigned n = 0;
	while (!asy_quarantine_round(q))
		n++;
	return n;
}

START_TEST(test_quarantine_when_each_try_fails_then_the_wait_doubles_to_its_end)
{
	asy_quarantine q;
	asy_quarantine_init(&q, 8, 16);
	ck_assert(asy_quarantine_round(&q));
	ck_assert_int_eq(asy_quarantine_result(&q, 7, true), ASY_QUARANTINE_NO_CHANGE);
	ck_assert(asy_quarantine_round(&q));
	ck_assert_int_eq(asy_quarantine_result(&q, 1, true), ASY_QUARANTINE_BEGUN);
	ck_assert_uint_eq(asy_quarantine_left(&q), 2);
	for (unsigned wait = 1; wait <= 128; wait *= 2) {
		ck_assert_uint_eq(left_out(&q), wait < 64 ? wait : 64);
		ck_assert_uint_eq(asy_quarantine_left(&q), 0);
		ck_assert_int_eq(asy_quarantine_result(&q, 1, true), ASY_QUARANTINE_LONGER);
	}
	/* nothing to judge proves nothing, and the next round is a try again */
	(void)left_out(&q);
	ck_assert_int_eq(asy_quarantine_result(&q, 0, false), ASY_QUARANTINE_NO_CHANGE);
	ck_assert_uint_eq(left_out(&q), 0);
	ck_assert_int_eq(asy_quarantine_result(&q, 0, true), ASY_QUARANTINE_OVER);
	/* and the faults of before are forgotten, as is the wait */
	ck_assert(asy_quarantine_round(&q));
	ck_assert_int_eq(asy_quarantine_result(&q, 7, true), ASY_QUARANTINE_NO_CHANGE);
	ck_assert_int_eq(asy_quarantine_result(&q, 1, true), ASY_QUARANTINE_BEGUN);
	ck_assert_uint_eq(left_out(&q), 1);
}
END_TEST

START_TEST(test_quarantine_when_faults_are_old_then_they_do_not_count)
{
	asy_quarantine q;
	asy_quarantine_init(&q, 4, 3);
	for (int i = 0; i < 200; i++) {
		ck_assert(asy_quarantine_round(&q));
		ck_assert_int_eq(asy_quarantine_result(&q, 1, true), ASY_QUARANTINE_NO_CHANGE);
	}
	ck_assert_int_eq(asy_quarantine_result(&q, 1, true), ASY_QUARANTINE_BEGUN);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_verdict_when_evidence_is_a_row_of_the_table_then_as_it_says);
	tcase_add_test(tc, test_verdict_when_plain_during_the_round_then_the_same_at_its_end);
	tcase_add_test(tc, test_quarantine_when_each_try_fails_then_the_wait_doubles_to_its_end);
	tcase_add_test(tc, test_quarantine_when_faults_are_old_then_they_do_not_count);
}

int main(void)
{
	return test_main("plugin.verdict", fill, 30);
}
