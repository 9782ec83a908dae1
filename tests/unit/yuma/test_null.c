/* Null consensus, and the merge of mechanisms. Expectations are derived
 * by hand from the rules; the arithmetic is in the comments. */
#include "support/test.h"
#include "yuma/kern.h"

#define N 5

typedef struct {
	assay_yuma_input in;
	assay_yuma_null_budget budget;
	uint64_t last[N], registered[N], alpha[N], tao[N];
	size_t off[N + 1];
	uint16_t uid[16], value[16];
} net;

/* Validators 0 and 1 with rows; 2, 3, 4 are targets. */
static void net_init(net *t)
{
	*t = (net){.last = {90, 90, 0, 0, 0},
			   .alpha = {1000, 500, 0, 0, 0},
			   .off = {0, 2, 5, 5, 5, 5},
			   .uid = {2, 3, 4, 3, 2},
			   .value = {1, 3, 1, 1, 2},
			   .budget = {500, 300, 900}};
	t->in = (assay_yuma_input){.n = N,
							   .current_block = 100,
							   .activity_cutoff_factor_milli = 1000,
							   .tempo = 20,
							   .last_update = t->last,
							   .last_update_n = N,
							   .block_at_registration = t->registered,
							   .alpha_stake = t->alpha,
							   .tao_stake = t->tao,
							   .owner_uid = -1,
							   .weights = {t->off, t->uid, t->value, N}};
}

typedef struct {
	uint16_t winner, incentive[N], dividends[N];
	uint8_t permit[N];
	uint64_t miner[N], holder[N], emission[N];
} results;

static void run(const net *t, results *r)
{
	static uint8_t scratch[1 << 20];
	assay_err err = {0};
	const assay_yuma_null_out out = {.winner = &r->winner,
									 .validator_permit = r->permit,
									 .incentive = r->incentive,
									 .dividends = r->dividends,
									 .server_emission = r->miner,
									 .validator_emission = r->holder,
									 .emission = r->emission};
	ck_assert_uint_le(assay_yuma_null_scratch_len(&t->in), sizeof scratch);
	ck_ok(
		assay_yuma_null_epoch(&t->in, &t->budget, (assay_mut){scratch, sizeof scratch}, &out, &err),
		err);
}

START_TEST(test_null_when_one_has_most_stake_then_its_row_alone_pays)
{
	net t;
	results r;
	net_init(&t);
	run(&t, &r);
	ck_assert_uint_eq(r.winner, 0);
	ck_assert(r.permit[0] == 1 && r.permit[1] == 0);
	/* 1/4 and 3/4 of 500; 2/3 and 1/3 of 300 */
	ck_assert(r.miner[2] == 125 && r.miner[3] == 375 && r.miner[4] == 0);
	ck_assert(r.holder[0] == 200 && r.holder[1] == 100);
	ck_assert(r.emission[0] == 200 && r.emission[3] == 375);
	t.alpha[1] = 1000; /* a tie: the lower uid */
	run(&t, &r);
	ck_assert_uint_eq(r.winner, 0);
	t.alpha[1] = 1001;
	run(&t, &r);
	ck_assert_uint_eq(r.winner, 1);
}
END_TEST

START_TEST(test_null_when_the_row_is_stale_or_missing_then_everybody_shares)
{
	net t;
	results r;
	net_init(&t);
	for (size_t i = 0; i < N; i++)
		t.registered[i] = 90; /* not before the row's block */
	run(&t, &r);
	for (size_t i = 0; i < N; i++)
		ck_assert_uint_eq(r.miner[i], 100);
}
END_TEST

START_TEST(test_null_when_nobody_has_stake_then_the_fallback_is_paid_to_miners)
{
	net t;
	results r;
	net_init(&t);
	memset(t.alpha, 0, sizeof t.alpha);
	run(&t, &r);
	ck_assert_uint_eq(r.winner, 0);
	ck_assert(r.miner[2] == 225 && r.miner[3] == 675);
	ck_assert(r.holder[0] == 0 && r.dividends[0] == 0);
}
END_TEST

START_TEST(test_null_when_the_winner_pays_itself_then_only_an_owner_may)
{
	net t;
	results r;
	net_init(&t);
	t.uid[0] = 0; /* row 0 gives itself 1 of 4 */
	run(&t, &r);
	ck_assert(r.miner[0] == 0 && r.miner[3] == 500);
	t.in.owner_uid = 0;
	run(&t, &r);
	ck_assert(r.miner[0] == 125 && r.miner[3] == 375);
}
END_TEST

START_TEST(test_null_when_sums_are_as_large_as_they_get_then_every_rao_is_paid)
{
	net t;
	results r;
	net_init(&t);
	for (size_t i = 0; i < N; i++)
		t.alpha[i] = UINT64_MAX / 2 - i;
	t.budget = (assay_yuma_null_budget){UINT64_MAX, UINT64_MAX, 0};
	run(&t, &r);
	uint64_t miners = 0, holders = 0;
	for (size_t i = 0; i < N; i++) {
		miners += r.miner[i];
		holders += r.holder[i];
	}
	ck_assert(miners == UINT64_MAX && holders == UINT64_MAX);
}
END_TEST

START_TEST(test_null_when_input_cannot_be_then_refused)
{
	net t;
	assay_err err = {0};
	static uint8_t scratch[1 << 20];
	const assay_yuma_null_out out = {0};
	net_init(&t);
	t.in.n = ASSAY_YUMA_NULL_UIDS_MAX + 1;
	ck_assert_int_eq(
		assay_yuma_null_epoch(&t.in, &t.budget, (assay_mut){scratch, sizeof scratch}, &out, &err),
		ASSAY_E_RANGE);
	net_init(&t);
	t.uid[4] = 4;
	ck_assert_int_eq(
		assay_yuma_null_epoch(&t.in, &t.budget, (assay_mut){scratch, sizeof scratch}, &out, &err),
		ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "uid 4"));
	net_init(&t);
	ck_assert_int_eq(assay_yuma_null_epoch(&t.in, &t.budget, (assay_mut){scratch, 16}, &out, &err),
					 ASSAY_E_LIMIT);
}
END_TEST

/* ---- mechanisms ---- */

START_TEST(test_split_when_shares_then_remainder_to_first)
{
	const uint16_t shares[3] = {32767, 32767, 1};
	uint64_t out[3];
	assay_err err = {0};
	ck_ok(assay_yuma_split(1000, shares, 3, out, &err), err);
	/* floor(1000 * 32767 / 65535) = 499 twice, floor(0.015) = 0, 2 left */
	ck_assert_uint_eq(out[0], 501);
	ck_assert_uint_eq(out[1], 499);
	ck_assert_uint_eq(out[2], 0);
	ck_ok(assay_yuma_split(10, NULL, 3, out, &err), err);
	ck_assert_uint_eq(out[0], 4);
	ck_assert_uint_eq(out[2], 3);
	ck_assert_int_eq(assay_yuma_split(10, shares, 2, out, &err), ASSAY_E_INPUT);
	ck_assert_int_eq(assay_yuma_split(10, NULL, 17, out, &err), ASSAY_E_RANGE);
}
END_TEST

START_TEST(test_merge_when_two_mechanisms_then_floor_after_each)
{
	uint16_t d0[1] = {101}, d1[1] = {101}, d[1];
	uint64_t s0[1] = {7}, s1[1] = {5}, s[1];
	uint8_t a0[1] = {0}, a1[1] = {1}, a[1];
	const assay_yuma_out m0 = {.dividends = d0, .server_emission = s0, .active = a0};
	const assay_yuma_out m1 = {.dividends = d1, .server_emission = s1, .active = a1};
	const assay_yuma_out all = {.dividends = d, .server_emission = s, .active = a};
	const assay_yuma_mechanism m[2] = {{3, &m0}, {1, &m1}};
	assay_err err = {0};
	ck_ok(assay_yuma_merge(m, 2, 1, 4, &all, &err), err);
	/* floor(75.75) = 75, then floor(75 + 25.25) = 100: one lost to the floors */
	ck_assert_uint_eq(d[0], 100);
	ck_assert_uint_eq(s[0], 12);
	ck_assert_uint_eq(a[0], 1);
	/* no emission at all: mechanism 0 stands alone */
	const assay_yuma_mechanism z[2] = {{0, &m0}, {0, &m1}};
	ck_ok(assay_yuma_merge(z, 2, 1, 0, &all, &err), err);
	ck_assert_uint_eq(d[0], 101);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_null_when_one_has_most_stake_then_its_row_alone_pays);
	tcase_add_test(tc, test_null_when_the_row_is_stale_or_missing_then_everybody_shares);
	tcase_add_test(tc, test_null_when_nobody_has_stake_then_the_fallback_is_paid_to_miners);
	tcase_add_test(tc, test_null_when_the_winner_pays_itself_then_only_an_owner_may);
	tcase_add_test(tc, test_null_when_sums_are_as_large_as_they_get_then_every_rao_is_paid);
	tcase_add_test(tc, test_null_when_input_cannot_be_then_refused);
	tcase_add_test(tc, test_split_when_shares_then_remainder_to_first);
	tcase_add_test(tc, test_merge_when_two_mechanisms_then_floor_after_each);
}

int main(void)
{
	return test_main("yuma_null", fill, 30);
}
