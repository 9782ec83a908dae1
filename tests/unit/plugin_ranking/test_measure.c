/* The measures: worked examples, bounds, and what must not change them. */
#include <math.h>
#include "ranking/agree.h"
#include "ranking/measure.h"
#include "support/test.h"

START_TEST(test_gain_when_graded_then_linear_or_exponential)
{
	ck_assert_double_eq(ranking_gain(3, RANKING_GAIN_LINEAR), 3);
	ck_assert_double_eq(ranking_gain(0, RANKING_GAIN_EXPONENTIAL), 0);
	ck_assert_double_eq(ranking_gain(1, RANKING_GAIN_EXPONENTIAL), 1);
	ck_assert_double_eq(ranking_gain(3, RANKING_GAIN_EXPONENTIAL), 7);
	ck_assert_double_eq(ranking_gain(30, RANKING_GAIN_EXPONENTIAL), 1073741823);
	ck_assert_double_eq_tol(ranking_gain(0.5, RANKING_GAIN_EXPONENTIAL), sqrt(2) - 1, 1e-15);
	ck_assert_double_eq(ranking_gain(-2, RANKING_GAIN_LINEAR), 0);
	ck_assert_double_eq(ranking_gain(-2, RANKING_GAIN_EXPONENTIAL), 0);
}
END_TEST

START_TEST(test_dcg_when_worked_by_hand_then_equal)
{
	const double gain[3] = {3, 2, 3};
	ck_assert_double_eq_tol(ranking_dcg(gain, 3, 0), 3 + 2 / log2(3) + 3 / 2.0, 1e-15);
	ck_assert_double_eq_tol(ranking_dcg(gain, 3, 2), 3 + 2 / log2(3), 1e-15);
	ck_assert_double_eq(ranking_dcg(gain, 0, 5), 0);
	ck_assert_double_eq(ranking_ndcg(gain, 3, (const double[1]){0}, 1, 3), 0);
}
END_TEST

START_TEST(test_ndcg_when_any_order_then_between_zero_and_one)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 2000; round++) {
		double gain[20], ideal[20];
		size_t n = 1 + (size_t)test_below(&rng, 20), depth = (size_t)test_below(&rng, 21);
		for (size_t i = 0; i < n; i++) {
			gain[i] = (double)test_below(&rng, 4);
			size_t j = i;
			for (; j > 0 && ideal[j - 1] < gain[i]; j--)
				ideal[j] = ideal[j - 1];
			ideal[j] = gain[i];
		}
		double v = ranking_ndcg(gain, n, ideal, n, depth);
		ck_assert(v >= 0 && v <= 1 + 1e-12);
		if (ideal[0] > 0)
			ck_assert_double_eq(ranking_ndcg(ideal, n, ideal, n, depth), 1);
	}
}
END_TEST

START_TEST(test_binary_measures_when_worked_by_hand_then_equal)
{
	const bool r[5] = {false, true, true, false, true};
	ck_assert_double_eq(ranking_reciprocal_rank(r, 5, 0), 0.5);
	ck_assert_double_eq(ranking_reciprocal_rank(r, 5, 1), 0);
	ck_assert_double_eq(ranking_precision(r, 5, 10), 0.3);
	ck_assert_double_eq(ranking_recall(r, 5, 4, 3), 0.5);
	ck_assert_double_eq(ranking_recall(r, 5, 0, 3), 0);
	ck_assert_double_eq_tol(ranking_average_precision(r, 5, 4, 0), (0.5 + 2 / 3.0 + 0.6) / 4,
							1e-15);
	ck_assert_double_eq_tol(ranking_average_precision(r, 5, 4, 2), 0.125, 1e-15);
}
END_TEST

START_TEST(test_rbo_when_lists_swap_then_equal)
{
	test_rng rng = {test_seed()};
	uint8_t seen[16];
	for (int round = 0; round < 500; round++) {
		uint32_t a[16], b[16];
		for (uint32_t i = 0; i < 16; i++)
			a[i] = b[i] = i;
		for (uint32_t i = 15; i > 0; i--) {
			uint32_t j = (uint32_t)test_below(&rng, i + 1), t = a[i];
			a[i] = a[j];
			a[j] = t;
		}
		size_t a_n = (size_t)test_below(&rng, 17), b_n = (size_t)test_below(&rng, 17);
		double x = ranking_rbo(a, a_n, b, b_n, 16, 0.9, seen);
		double y = ranking_rbo(b, b_n, a, a_n, 16, 0.9, seen);
		ck_assert_double_eq_tol(x, y, 1e-14);
		ck_assert(x >= -1e-12 && x <= 1 + 1e-12);
		if (a_n > 0)
			ck_assert_double_eq_tol(ranking_rbo(a, a_n, a, a_n, 16, 0.9, seen), 1, 1e-12);
	}
}
END_TEST

START_TEST(test_kendall_when_one_side_is_flat_then_undefined)
{
	const double flat[3] = {1, 1, 1}, up[3] = {1, 2, 3}, down[3] = {3, 2, 1};
	double v;
	ck_assert(!ranking_kendall(flat, up, 3, &v));
	ck_assert(!ranking_kendall(up, up, 1, &v));
	ck_assert(ranking_kendall(up, up, 3, &v));
	ck_assert_double_eq_tol(v, 1, 1e-15);
	ck_assert(ranking_kendall(up, down, 3, &v));
	ck_assert_double_eq_tol(v, -1, 1e-15);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_gain_when_graded_then_linear_or_exponential);
	tcase_add_test(tc, test_dcg_when_worked_by_hand_then_equal);
	tcase_add_test(tc, test_ndcg_when_any_order_then_between_zero_and_one);
	tcase_add_test(tc, test_binary_measures_when_worked_by_hand_then_equal);
	tcase_add_test(tc, test_rbo_when_lists_swap_then_equal);
	tcase_add_test(tc, test_kendall_when_one_side_is_flat_then_undefined);
}

int main(void)
{
	return test_main("ranking_measure", fill, 30);
}
