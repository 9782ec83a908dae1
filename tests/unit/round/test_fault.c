/* The table of faults, row by row, and when a whole round is not believed: outages, wrong
 * settings, small and dead subnets, and majorities that fail on purpose. */
#include "round/fault.h"
#include "round/state.h"
#include "support/test.h"

/* ---- the table ---- */

START_TEST(test_fault_when_any_ending_then_its_row)
{
	static const struct {
		asy_ending end;
		asy_blame blame;
		asy_memory_effect memory;
		asy_breaker_effect breaker;
	} rows[] = {
		{ASY_END_JUDGED, ASY_BLAME_MINER, ASY_MEMORY_SCORE, ASY_BREAKER_LIFE},
		{ASY_END_POISON, ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_LIFE},
		{ASY_END_REFUSED, ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_LIFE},
		{ASY_END_MALFORMED, ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_LIFE},
		{ASY_END_GARBLED, ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_FAILURE},
		{ASY_END_TOO_LARGE, ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_LIFE},
		{ASY_END_LATE, ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_FAILURE},
		{ASY_END_UNREACHABLE, ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_FAILURE},
		{ASY_END_ALIKE, ASY_BLAME_OURS, ASY_MEMORY_KEPT, ASY_BREAKER_NOTHING},
		{ASY_END_LAG, ASY_BLAME_OURS, ASY_MEMORY_KEPT, ASY_BREAKER_NOTHING},
		{ASY_END_NO_ROOM, ASY_BLAME_OURS, ASY_MEMORY_KEPT, ASY_BREAKER_NOTHING},
		{ASY_END_NO_SOCKET, ASY_BLAME_OURS, ASY_MEMORY_KEPT, ASY_BREAKER_NOTHING},
		{ASY_END_OURS, ASY_BLAME_OURS, ASY_MEMORY_KEPT, ASY_BREAKER_NOTHING},
		{ASY_END_ABSTAINED, ASY_BLAME_PLUGIN, ASY_MEMORY_UNJUDGED, ASY_BREAKER_LIFE},
		{ASY_END_INVALID, ASY_BLAME_PLUGIN, ASY_MEMORY_UNJUDGED, ASY_BREAKER_LIFE},
		{ASY_END_PLUGIN_FAILED, ASY_BLAME_PLUGIN, ASY_MEMORY_UNJUDGED, ASY_BREAKER_LIFE},
		{ASY_END_PLUGIN_LATE, ASY_BLAME_PLUGIN, ASY_MEMORY_UNJUDGED, ASY_BREAKER_LIFE},
		{ASY_END_PLUGIN_POISONED, ASY_BLAME_PLUGIN, ASY_MEMORY_UNJUDGED, ASY_BREAKER_LIFE},
		{ASY_END_NODE, ASY_BLAME_NODE, ASY_MEMORY_KEPT, ASY_BREAKER_NOTHING},
		{ASY_END_BREAKER, ASY_BLAME_NOBODY, ASY_MEMORY_UNASKED, ASY_BREAKER_NOTHING},
		{ASY_END_ADDRESS, ASY_BLAME_NOBODY, ASY_MEMORY_UNASKED, ASY_BREAKER_NOTHING},
		{ASY_END_CHANGED_HANDS, ASY_BLAME_NOBODY, ASY_MEMORY_UNASKED, ASY_BREAKER_NOTHING},
	};
	ck_assert_uint_eq(ASY_COUNT(rows), ASY_END_N); /* a new ending needs its row here */
	asy_consequence c = asy_fault_of(rows[_i].end);
	ck_assert_int_eq(rows[_i].end, _i);
	ck_assert_int_eq(c.blame, rows[_i].blame);
	ck_assert_int_eq(c.memory, rows[_i].memory);
	ck_assert_int_eq(c.breaker, rows[_i].breaker);
	ck_assert_str_ne(asy_ending_name(rows[_i].end), "?");
	ck_assert_str_ne(asy_blame_name(c.blame), "?");
}
END_TEST

START_TEST(test_fault_when_any_reason_then_its_ending)
{
	static const asy_ending of[ASY_WHY_N] = {
		[ASY_WHY_OK] = ASY_END_JUDGED,
		[ASY_WHY_EMPTY] = ASY_END_MALFORMED,
		[ASY_WHY_UNROUTABLE] = ASY_END_ADDRESS,
		[ASY_WHY_UNREACHABLE] = ASY_END_UNREACHABLE,
		[ASY_WHY_TIMEOUT_CONNECT] = ASY_END_LATE,
		[ASY_WHY_TIMEOUT] = ASY_END_LATE,
		[ASY_WHY_CLOSED] = ASY_END_UNREACHABLE,
		[ASY_WHY_AUTH] = ASY_END_REFUSED,
		[ASY_WHY_FORBIDDEN] = ASY_END_REFUSED,
		[ASY_WHY_NOT_FOUND] = ASY_END_REFUSED,
		[ASY_WHY_BUSY] = ASY_END_REFUSED,
		[ASY_WHY_REDIRECT] = ASY_END_REFUSED,
		[ASY_WHY_STATUS] = ASY_END_REFUSED,
		[ASY_WHY_PROTOCOL] = ASY_END_GARBLED,
		[ASY_WHY_DECODE] = ASY_END_MALFORMED,
		[ASY_WHY_TOO_LARGE] = ASY_END_TOO_LARGE,
		[ASY_WHY_BREAKER] = ASY_END_BREAKER,
		[ASY_WHY_CHANGED_HANDS] = ASY_END_CHANGED_HANDS,
		[ASY_WHY_NOT_STARTED] = ASY_END_NO_SOCKET,
		[ASY_WHY_CANCELLED] = ASY_END_OURS,
		[ASY_WHY_LAG] = ASY_END_LAG,
		[ASY_WHY_NO_ROOM] = ASY_END_NO_ROOM,
		[ASY_WHY_INTERNAL] = ASY_END_OURS,
	};
	for (size_t w = 0; w < ASY_WHY_N; w++)
		ck_assert_int_eq(asy_ending_of_why((asy_why)w), of[w]);
}
END_TEST

START_TEST(test_fault_when_any_row_then_its_ending)
{
	static const struct {
		asy_row_flag flag;
		asy_row_cause cause;
		bool blamed;
		asy_ending end;
	} rows[] = {
		{ASY_ROW_SCORED, ASY_CAUSE_NONE, false, ASY_END_JUDGED},
		{ASY_ROW_SCORED, ASY_CAUSE_NONE, true, ASY_END_JUDGED},
		{ASY_ROW_FLOOR, ASY_CAUSE_POISON, false, ASY_END_POISON},
		{ASY_ROW_FLOOR, ASY_CAUSE_POISON, true, ASY_END_PLUGIN_POISONED},
		{ASY_ROW_ABSTAIN, ASY_CAUSE_PLUGIN, false, ASY_END_ABSTAINED},
		{ASY_ROW_ABSTAIN, ASY_CAUSE_INVALID, false, ASY_END_INVALID},
		{ASY_ROW_ABSTAIN, ASY_CAUSE_ERROR, false, ASY_END_PLUGIN_FAILED},
		{ASY_ROW_ABSTAIN, ASY_CAUSE_DEADLINE, false, ASY_END_PLUGIN_LATE},
		{ASY_ROW_ABSTAIN, ASY_CAUSE_CRASH, false, ASY_END_PLUGIN_FAILED},
		{ASY_ROW_ABSTAIN, ASY_CAUSE_QUARANTINE, false, ASY_END_PLUGIN_FAILED},
		{ASY_ROW_PENDING, ASY_CAUSE_NONE, false, ASY_END_PLUGIN_FAILED},
	};
	asy_plugin_row row = {.flag = (uint8_t)rows[_i].flag, .cause = (uint8_t)rows[_i].cause};
	ck_assert_int_eq(asy_ending_of_row(&row, rows[_i].blamed), rows[_i].end);
}
END_TEST

START_TEST(test_fault_when_most_rows_are_poison_then_it_is_the_plugin)
{
	asy_plugin_row row[6] = {{.flag = ASY_ROW_NOT_ASKED}};
	for (size_t i = 1; i < 6; i++)
		row[i].flag = i <= 2 ? ASY_ROW_FLOOR : ASY_ROW_SCORED;
	ck_assert(!asy_fault_most_poison(row, 6)); /* two of five */
	row[3].flag = ASY_ROW_FLOOR;
	ck_assert(asy_fault_most_poison(row, 6));
	ck_assert(!asy_fault_most_poison(row, 2)); /* one single row proves nothing */
	ck_assert(!asy_fault_most_poison(row, 0));
}
END_TEST

/* ---- whole rounds: a small world of miners with a memory ---- */

#define MINERS_MAX 64u

typedef struct {
	asy_why why[MINERS_MAX]; /* what each does in the next round */
	int status[MINERS_MAX];
	assay_track memory[MINERS_MAX];
	double score[MINERS_MAX];
	size_t n;
	asy_credit credit;
	size_t suspect, judged;
	asy_suspicion last;
} net;

static net net_of(size_t n, bool known)
{
	net w = {.n = n, .credit = asy_credit_full()};
	for (size_t i = 0; i < n; i++) {
		w.memory[i].observed_n = known;
		w.score[i] = known ? 0.95 : 0;
	}
	return w;
}

static void all_do(net *w, size_t from, size_t to, asy_why why)
{
	for (size_t i = from; i < to; i++)
		w->why[i] = why;
}

/* The memory follows the verdict as the tracker would: a tenth of the way. */
static void judge(net *w)
{
	for (size_t i = 0; i < w->n; i++) {
		asy_consequence c = asy_fault_of(asy_ending_of_why(w->why[i]));
		assay_track *m = &w->memory[i];
		if (c.memory == ASY_MEMORY_SCORE) {
			m->observed_n++;
			m->fail_streak = 0;
			w->score[i] += 0.1 * (0.95 - w->score[i]);
		} else if (c.memory == ASY_MEMORY_FAILED) {
			m->failed_n++;
			m->fail_streak++;
			w->score[i] -= 0.1 * w->score[i];
		}
	}
	w->judged++;
}

static bool net_round(net *w)
{
	asy_miner_end end[MINERS_MAX];
	for (size_t i = 0; i < w->n; i++) {
		bool tells = asy_fault_of(asy_ending_of_why(w->why[i])).blame == ASY_BLAME_MINER;
		end[i] = (asy_miner_end){.standing = asy_standing_of(&w->memory[i]),
								 .asked = tells,
								 .heard = w->why[i] == ASY_WHY_OK,
								 .why = w->why[i],
								 .http_status = w->status[i]};
	}
	w->last = asy_fault_suspect(end, w->n, &w->credit);
	if (w->last.is_believed)
		w->suspect++;
	else
		judge(w);
	return w->last.is_believed;
}

START_TEST(test_suspect_when_everybody_fails_alike_then_as_long_as_it_lasts)
{
	static const struct {
		asy_why why;
		asy_likely likely;
	} cases[] = {
		{ASY_WHY_NOT_FOUND, ASY_LIKELY_ROUTE},         {ASY_WHY_UNREACHABLE, ASY_LIKELY_NETWORK},
		{ASY_WHY_TIMEOUT, ASY_LIKELY_NETWORK},         {ASY_WHY_AUTH, ASY_LIKELY_IDENTITY},
		{ASY_WHY_TOO_LARGE, ASY_LIKELY_LIMITS},        {ASY_WHY_DECODE, ASY_LIKELY_REQUEST},
		{ASY_WHY_TIMEOUT_CONNECT, ASY_LIKELY_NETWORK},
	};
	net w = net_of(8, true);
	all_do(&w, 0, 8, cases[_i].why);
	for (int round = 0; round < 500; round++)
		ck_assert(net_round(&w));
	ck_assert_int_eq(w.last.likely, cases[_i].likely);
	ck_assert_uint_eq(w.last.alike, 8);
	for (size_t i = 0; i < 8; i++)
		ck_assert(w.score[i] == 0.95);
	all_do(&w, 0, 8, ASY_WHY_OK);
	ck_assert(!net_round(&w));
	ck_assert(!w.last.is_strange);
}
END_TEST

START_TEST(test_suspect_when_nobody_is_heard_for_many_reasons_then_too)
{
	net w = net_of(6, true);
	for (size_t i = 0; i < 6; i++)
		w.why[i] = i % 2 != 0 ? ASY_WHY_STATUS : ASY_WHY_TIMEOUT;
	w.status[1] = 500, w.status[3] = 502, w.status[5] = 400;
	ck_assert(net_round(&w));
	ck_assert_uint_eq(w.last.alike, 3);
	ck_assert_uint_eq(w.last.heard, 0);
}
END_TEST

START_TEST(test_suspect_when_statuses_differ_then_not_alike)
{
	net w = net_of(5, true);
	all_do(&w, 0, 4, ASY_WHY_STATUS);
	for (size_t i = 0; i < 4; i++)
		w.status[i] = 500 + (int)i;
	ck_assert(!net_round(&w)); /* the fifth was heard, and no three fail alike */
	for (size_t i = 0; i < 4; i++)
		w.status[i] = 503;
	ck_assert(net_round(&w));
}
END_TEST

START_TEST(test_suspect_when_one_or_two_miners_fail_then_not_for_ever)
{
	for (size_t n = 1; n <= 2; n++) {
		net w = net_of(n, true);
		all_do(&w, 0, n, ASY_WHY_UNREACHABLE);
		for (int round = 0; round < 12; round++)
			(void)net_round(&w);
		ck_assert_uint_eq(w.suspect, 6); /* an outage of six rounds is survived */
		ck_assert_uint_ge(w.judged, 3);
		ck_assert(w.score[0] < 0.7);
	}
}
END_TEST

START_TEST(test_suspect_when_most_miners_are_long_dead_then_judged)
{
	net w = net_of(40, false);
	for (size_t i = 0; i < 40; i++) {
		w.memory[i].failed_n = 50;
		w.memory[i].fail_streak = 50;
	}
	for (size_t i = 0; i < 4; i++) {
		w.memory[i].observed_n = 50;
		w.memory[i].fail_streak = 0;
	}
	all_do(&w, 4, 40, ASY_WHY_UNREACHABLE);
	ck_assert(!net_round(&w));
	ck_assert(!w.last.is_strange);
	/* one of the four that live fails: its own affair */
	w.why[0] = ASY_WHY_TIMEOUT;
	ck_assert(!net_round(&w));
	/* a network of the dead alone is no sign of anything */
	all_do(&w, 0, 4, ASY_WHY_BREAKER);
	ck_assert(!net_round(&w));
	ck_assert(!w.last.is_strange);
}
END_TEST

START_TEST(test_suspect_when_nobody_was_ever_heard_then_a_few_rounds_are_forgiven)
{
	net w = net_of(8, false);
	all_do(&w, 0, 8, ASY_WHY_NOT_FOUND);
	for (int round = 0; round < 20; round++)
		(void)net_round(&w);
	ck_assert_uint_ge(w.suspect, 6);
	ck_assert_uint_le(w.suspect, 7);
}
END_TEST

START_TEST(test_suspect_when_nobody_was_asked_then_nothing_to_say)
{
	net w = net_of(4, true);
	all_do(&w, 0, 4, ASY_WHY_BREAKER);
	ck_assert(!net_round(&w));
	ck_assert(!w.last.is_strange);
	all_do(&w, 0, 4, ASY_WHY_LAG); /* ours is ours already */
	ck_assert(!net_round(&w));
	w.n = 0;
	ck_assert(!net_round(&w));
}
END_TEST

/* ---- abuse ---- */

START_TEST(test_suspect_when_a_majority_colludes_then_it_is_judged_soon)
{
	net w = net_of(10, true);
	for (size_t i = 0; i < 4; i++) /* honest newcomers' scores have to be able to rise */
		w.score[i] = 0.1;
	all_do(&w, 4, 10, ASY_WHY_NOT_FOUND);
	for (int round = 0; round < 40; round++)
		(void)net_round(&w);
	ck_assert_uint_le(w.suspect, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert(w.score[i] > 0.9);
	for (size_t i = 4; i < 10; i++)
		ck_assert(w.score[i] < 0.05);
}
END_TEST

/* The colluders answer just often enough to keep their standing, in the rhythm that serves
 * them best: fail while it costs nothing, answer while it would. */
START_TEST(test_suspect_when_a_majority_alternates_then_it_gains_one_round_in_seventeen)
{
	net w = net_of(10, true);
	for (size_t i = 0; i < 4; i++)
		w.score[i] = 0.1;
	for (int round = 0; round < 1000; round++) {
		net probe = w; /* they may even know our credit */
		all_do(&probe, 4, 10, ASY_WHY_NOT_FOUND);
		all_do(&w, 4, 10, net_round(&probe) ? ASY_WHY_NOT_FOUND : ASY_WHY_OK);
		(void)net_round(&w);
	}
	ck_assert_uint_le(w.suspect, 3 + 1000 / 17 + 1);
	for (size_t i = 0; i < 4; i++)
		ck_assert(w.score[i] > 0.9);
}
END_TEST

START_TEST(test_credit_when_spent_then_comes_back_slowly_and_never_above_full)
{
	asy_credit c = asy_credit_full(), full = c;
	size_t n = 0;
	while (asy_credit_take(&c))
		n++;
	ck_assert_uint_eq(n, 3);
	asy_miner_end good = {.standing = ASY_STANDING_GOOD, .asked = true, .heard = true};
	for (int i = 0; i < 15; i++)
		(void)asy_fault_suspect(&good, 1, &c);
	ck_assert(!asy_credit_take(&c));
	(void)asy_fault_suspect(&good, 1, &c);
	ck_assert(asy_credit_take(&c));
	for (int i = 0; i < 1000; i++)
		(void)asy_fault_suspect(&good, 1, &c);
	ck_assert_uint_eq(c.some, full.some);
	ck_assert_uint_eq(c.few, full.few);
}
END_TEST

START_TEST(test_standing_when_history_differs)
{
	assay_track t = {.observed_n = 0};
	ck_assert_int_eq(asy_standing_of(&t), ASY_STANDING_NEW);
	t.failed_n = 1;
	ck_assert_int_eq(asy_standing_of(&t), ASY_STANDING_SILENT);
	t.observed_n = 1;
	t.fail_streak = 2;
	ck_assert_int_eq(asy_standing_of(&t), ASY_STANDING_GOOD);
	t.fail_streak = 3;
	ck_assert_int_eq(asy_standing_of(&t), ASY_STANDING_SILENT);
	t.fail_streak = 0;
	t.marks = ASSAY_MARK_STALE;
	ck_assert_int_eq(asy_standing_of(&t), ASY_STANDING_SILENT);
}
END_TEST

static void suite(TCase *tc)
{
	tcase_add_loop_test(tc, test_fault_when_any_ending_then_its_row, 0, ASY_END_N);
	tcase_add_test(tc, test_fault_when_any_reason_then_its_ending);
	tcase_add_loop_test(tc, test_fault_when_any_row_then_its_ending, 0, 11);
	tcase_add_test(tc, test_fault_when_most_rows_are_poison_then_it_is_the_plugin);
	tcase_add_loop_test(tc, test_suspect_when_everybody_fails_alike_then_as_long_as_it_lasts, 0, 7);
	tcase_add_test(tc, test_suspect_when_nobody_is_heard_for_many_reasons_then_too);
	tcase_add_test(tc, test_suspect_when_statuses_differ_then_not_alike);
	tcase_add_test(tc, test_suspect_when_one_or_two_miners_fail_then_not_for_ever);
	tcase_add_test(tc, test_suspect_when_most_miners_are_long_dead_then_judged);
	tcase_add_test(tc, test_suspect_when_nobody_was_ever_heard_then_a_few_rounds_are_forgiven);
	tcase_add_test(tc, test_suspect_when_nobody_was_asked_then_nothing_to_say);
	tcase_add_test(tc, test_suspect_when_a_majority_colludes_then_it_is_judged_soon);
	tcase_add_test(tc,
				   test_suspect_when_a_majority_alternates_then_it_gains_one_round_in_seventeen);
	tcase_add_test(tc, test_credit_when_spent_then_comes_back_slowly_and_never_above_full);
	tcase_add_test(tc, test_standing_when_history_differs);
}
int main(void)
{
	return test_main("fault", suite, 20);
}
