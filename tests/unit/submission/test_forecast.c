/* The comparison with the chain, and how much of a row the consensus takes. */
#include "submission/forecast.h"
#include "support/test.h"

#define N 3u

START_TEST(test_equals_when_one_value_differs_then_names_it)
{
	uint16_t a[N] = {1, 2, 3}, b[N] = {1, 2, 4};
	asy_forecast f = {.n = N, .consensus = a, .validator_trust = a, .incentive = a, .dividends = a};
	asy_epoch_outputs c = {
		.n = N, .consensus = a, .validator_trust = a, .incentive = a, .dividends = a};
	char where[128] = "x";
	ck_assert(asy_forecast_equals(&f, &c, false, where, sizeof where));
	ck_assert_str_eq(where, "");
	c.dividends = b;
	ck_assert(!asy_forecast_equals(&f, &c, false, where, sizeof where));
	ck_assert_str_eq(where, "dividends of uid 2: ours 3, chain 4");
	c.n = 2;
	ck_assert(!asy_forecast_equals(&f, &c, false, where, sizeof where));
}
END_TEST

START_TEST(test_equals_when_the_chain_merged_mechanisms_then_holds_against_incentive_only)
{
	uint16_t a[N] = {1, 2, 3}, b[N] = {1, 2, 4};
	asy_forecast f = {.n = N, .consensus = a, .validator_trust = a, .incentive = a, .dividends = a};
	asy_epoch_outputs c = {
		.n = N, .consensus = b, .validator_trust = b, .incentive = a, .dividends = b};
	char where[128];
	ck_assert(asy_forecast_equals(&f, &c, true, where, sizeof where));
	c.incentive = b;
	ck_assert(!asy_forecast_equals(&f, &c, true, where, sizeof where));
	ck_assert_ptr_nonnull(strstr(where, "incentive of uid 2"));
}
END_TEST

START_TEST(test_clip_when_share_is_above_consensus_then_the_difference_is_taken)
{
	uint16_t uids[2] = {0, 9}, values[2] = {3, 1};
	int64_t consensus[1] = {(int64_t)1 << 31}; /* a half */
	asy_forecast f = {.n = 1, .consensus_fixed = consensus};
	asy_own_row row = {0, uids, values, 2};
	asy_clip clip[2];
	asy_forecast_clip(&f, &row, clip);
	ck_assert_int_eq(clip[0].share, (int64_t)3 << 30);
	ck_assert_int_eq(clip[0].clipped, (int64_t)1 << 30);
	ck_assert_int_eq(clip[1].allowed, 0); /* a uid that the forecast does not know */
	ck_assert_int_eq(clip[1].clipped, (int64_t)1 << 30);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_equals_when_one_value_differs_then_names_it);
	tcase_add_test(tc,
				   test_equals_when_the_chain_merged_mechanisms_then_holds_against_incentive_only);
	tcase_add_test(tc, test_clip_when_share_is_above_consensus_then_the_difference_is_taken);
}

int main(void)
{
	return test_main("forecast", fill, 10);
}
