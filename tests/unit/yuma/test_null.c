/* Null consensus, its kernels, and the merge of mechanisms. Expectations are derived
 * by hand from the rules; the arithmetic is in the comments. */
#include "support/test.h"
#include "yuma/kern.h"

#define N 5

typedef struct {
	assay_yuma_null_input in;
	uint64_t last[N], registered[N], alpha[N], tao[N];
	uint8_t permit[N];
	size_t off[N + 1];
	uint16_t uid[16];
	uint32_t value[16];
} net;

/* Validators 0 and 1 with rows; 2, 3, 4 are targets. */
static void net_init(net *t)
{
	*t = (net){.last = {90, 90, 0, 0, 0},
			   .alpha = {1000, 500, 0, 0, 0},
			   .permit = {1, 1, 0, 0, 0},
			   .off = {0, 2, 5, 5, 5, 5},
			   .uid = {2, 3, 4, 3, 2},
			   .value = {1, 3, 1, 1, 2}};
	t->in = (assay_yuma_null_input){.n = N,
									.current_block = 100,
									.activity_cutoff_factor_milli = 1000,
									.tempo = 20,
									.max_allowed_validators = 64,
									.last_update = t->last,
									.block_at_registration = t->registered,
									.alpha_stake = t->alpha,
									.tao_stake = t->tao,
									.owner_uid = -1,
									.validator_permit = t->permit,
									.validator_permit_n = N,
									.scores = {t->off, t->uid, t->value, N},
									.budget = 1000,
									.cpu_mask = ASSAY_YUMA_CPU_AUTO};
}

typedef struct {
	uint8_t permit[N], counted[N];
	uint64_t emission[N], score[2 * N];
	uint32_t incentive[N];
	uint16_t shown[N];
} results;

static void run(const net *t, results *r)
{
	static uint8_t scratch[1 << 20];
	assay_err err = {0};
	const assay_yuma_null_out out = {r->permit,    r->counted, r->emission,
									 r->incentive, r->shown,   r->score};
	ck_assert_uint_le(assay_yuma_null_scratch_len(&t->in), sizeof scratch);
	ck_ok(assay_yuma_null_epoch(&t->in, (assay_mut){scratch, sizeof scratch}, &out, &err), err);
}

START_TEST(test_null_when_two_rows_then_mean_of_shares)
{
	net t;
	results r;
	net_init(&t);
	run(&t, &r);
	/* row 0: 1/4 to 2, 3/4 to 3; row 1: 1/4 to 4, 1/4 to 3, 2/4 to 2.
	 * Exact in 2^-64: scores 3/4, 1, 1/4 of 2 in all. */
	ck_assert_uint_eq(r.score[4], UINT64_C(3) << 62);
	ck_assert_uint_eq(r.score[5], 0);
	ck_assert_uint_eq(r.score[6], 0);
	ck_assert_uint_eq(r.score[7], 1);
	ck_assert_uint_eq(r.score[8], UINT64_C(1) << 62);
	ck_assert_uint_eq(r.emission[2], 375);
	ck_assert_uint_eq(r.emission[3], 500);
	ck_assert_uint_eq(r.emission[4], 125);
	/* floor((2^32 - 1) * 3/8) and floor(65535 / 2) */
	ck_assert_uint_eq(r.incentive[2], 1610612735);
	ck_assert_uint_eq(r.shown[3], 32767);
	ck_assert_uint_eq(r.emission[0], 0);
	ck_assert_uint_eq(r.counted[0] + r.counted[1], 2);
}
END_TEST

START_TEST(test_null_when_row_not_newer_than_reset_then_void)
{
	net t;
	results r;
	net_init(&t);
	t.in.reset_block = 90;
	run(&t, &r);
	ck_assert_uint_eq(r.counted[0], 0);
	ck_assert_uint_eq(r.emission[3], 0);
	t.in.reset_block = 89;
	run(&t, &r);
	ck_assert_uint_eq(r.counted[0], 1);
}
END_TEST

START_TEST(test_null_when_stakes_tie_then_lower_uid_validates)
{
	net t;
	results r;
	net_init(&t);
	t.alpha[0] = t.alpha[1] = 700;
	t.in.max_allowed_validators = 1;
	run(&t, &r);
	ck_assert_uint_eq(r.permit[0], 1);
	ck_assert_uint_eq(r.permit[1], 0);
	/* row 1 has no new permit: row 0 alone, 1/4 and 3/4 */
	ck_assert_uint_eq(r.emission[2], 250);
	ck_assert_uint_eq(r.emission[3], 750);
}
END_TEST

START_TEST(test_null_when_target_newer_than_row_then_entry_dropped)
{
	net t;
	results r;
	net_init(&t);
	t.registered[3] = 90; /* not before the row's block */
	run(&t, &r);
	/* row 0: all to 2; row 1: 1/3 to 4, 2/3 to 2, floored in 2^-64 */
	ck_assert_uint_eq(r.score[5], 1);
	ck_assert_uint_eq(r.score[4], UINT64_C(0xaaaaaaaaaaaaaaaa));
	ck_assert_uint_eq(r.score[8], UINT64_C(0x5555555555555555));
	ck_assert_uint_eq(r.emission[3], 0);
	/* scores 5/3 - e and 1/3 - e of 2 - 2e: 833 and 166 of 1000 */
	ck_assert_uint_eq(r.emission[2], 833);
	ck_assert_uint_eq(r.emission[4], 166);
}
END_TEST

START_TEST(test_null_when_owner_scores_itself_then_counts)
{
	net t;
	results r;
	net_init(&t);
	t.uid[0] = 0; /* row 0 scores itself with 1 of 4 */
	run(&t, &r);
	ck_assert_uint_eq(r.emission[0], 0);
	t.in.owner_uid = 0;
	run(&t, &r);
	/* 1/4 of row 0; row 1 unchanged: 250 + 0 of half */
	ck_assert_uint_eq(r.emission[0], 125);
}
END_TEST

START_TEST(test_null_when_uid_twice_then_refused_with_place)
{
	net t;
	assay_err err = {0};
	uint8_t scratch[65536];
	const assay_yuma_null_out out = {0};
	net_init(&t);
	t.uid[4] = 4;
	ck_assert_int_eq(assay_yuma_null_epoch(&t.in, (assay_mut){scratch, sizeof scratch}, &out, &err),
					 ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "row 1"));
	ck_assert_ptr_nonnull(strstr(err.msg, "uid 4"));
}
END_TEST

/* Every kernel against exact division, around the values where estimates break. */
START_TEST(test_null_row_when_random_then_equals_division)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 3000; round++) {
		uint32_t v[32] = {0};
		uint64_t sum = 0, lo[2][32] = {{0}}, hi[2][32] = {{0}};
		for (size_t k = 0; k < 32; k++) {
			unsigned shift = (unsigned)test_below(&rng, 33);
			v[k] = shift == 32 ? 0 : (uint32_t)(test_next(&rng) >> 32) >> shift;
			sum += v[k];
		}
		if (round % 5 == 0) { /* a lone entry */
			memset(v, 0, sizeof v);
			v[round % 32] = (uint32_t)(sum = 1 + test_below(&rng, UINT32_MAX));
		} else if (round % 3 == 0) {
			sum += test_below(&rng, UINT64_C(1) << 46);
		}
		if (sum == 0)
			continue;
		asy_yuma_kern_of(ASSAY_YUMA_CPU_AUTO)->null_row(v, 32, sum, lo[0], hi[0]);
		asy_yuma_kern_scalar.null_row(v, 32, sum, lo[1], hi[1]);
		ck_assert_mem_eq(lo[0], lo[1], sizeof lo[0]);
		ck_assert_mem_eq(hi[0], hi[1], sizeof hi[0]);
	}
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
	tcase_add_test(tc, test_null_when_two_rows_then_mean_of_shares);
	tcase_add_test(tc, test_null_when_row_not_newer_than_reset_then_void);
	tcase_add_test(tc, test_null_when_stakes_tie_then_lower_uid_validates);
	tcase_add_test(tc, test_null_when_target_newer_than_row_then_entry_dropped);
	tcase_add_test(tc, test_null_when_owner_scores_itself_then_counts);
	tcase_add_test(tc, test_null_when_uid_twice_then_refused_with_place);
	tcase_add_test(tc, test_null_row_when_random_then_equals_division);
	tcase_add_test(tc, test_split_when_shares_then_remainder_to_first);
	tcase_add_test(tc, test_merge_when_two_mechanisms_then_floor_after_each);
}

int main(void)
{
	return test_main("yuma_null", fill, 30);
}
