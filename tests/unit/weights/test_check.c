/* The chain's acceptance rules, rounding to integers, and the comparison of rows. */
#include <math.h>
#include "crypto/crypto.h"
#include "support/test.h"
#include "weights/weights.h"

static const uint16_t three[] = {0, 1, 2}, even[] = {65535, 65535, 65535};

static assay_weights_gate open_gate(void)
{
	return (assay_weights_gate){.neurons = 8,
								.min_allowed = 2,
								.max_limit = 65535,
								.own_uid = 5,
								.registered = 1,
								.enough_stake = 1,
								.permit = 1,
								.rate_limited = 1,
								.version_key = 10,
								.required_version_key = 10,
								.block = 1000,
								.last_update = 900,
								.rate_limit = 100};
}

static void expect(const assay_weights_row *row, const assay_weights_gate *g, assay_gate want,
				   const char *words)
{
	assay_err err = {0};
	assay_gate v = ASSAY_GATE_CAP;
	assay_status st = assay_weights_check(row, g, &v, &err);
	ck_assert_msg(v == want, "%s, expected %s: %s", assay_gate_name(v), assay_gate_name(want),
				  err.msg);
	ck_assert_int_eq(st, want == ASSAY_GATE_OK ? ASSAY_OK : ASSAY_E_CHAIN);
	if (words != NULL)
		ck_assert_msg(strstr(err.msg, words) != NULL, "%s", err.msg);
}

START_TEST(test_check_when_one_rule_is_broken_then_that_one_is_named_with_its_remedy)
{
	const assay_weights_row row = {three, even, 3};
	assay_weights_gate g = open_gate();
	expect(&row, &g, ASSAY_GATE_OK, NULL);
	g.registered = 0;
	expect(&row, &g, ASSAY_GATE_UNREGISTERED, "register");
	g = open_gate();
	g.enough_stake = 0;
	expect(&row, &g, ASSAY_GATE_STAKE, "add stake");
	g = open_gate();
	g.version_key = 9;
	expect(&row, &g, ASSAY_GATE_VERSION_KEY, "weights.version_key");
	g = open_gate();
	g.last_update = 937;
	expect(&row, &g, ASSAY_GATE_RATE, "wait 37 blocks");
	g.rate_limited = 0;
	expect(&row, &g, ASSAY_GATE_OK, NULL);
	g = open_gate();
	g.last_update = 0; /* never before */
	g.block = 5;
	expect(&row, &g, ASSAY_GATE_OK, NULL);
	g = open_gate();
	g.permit = 0;
	expect(&row, &g, ASSAY_GATE_PERMIT, "permit");
	g.owner = 1;
	expect(&row, &g, ASSAY_GATE_OK, NULL);
	g = open_gate();
	g.neurons = 2;
	expect(&row, &g, ASSAY_GATE_LENGTH, NULL);
	g = open_gate();
	g.min_allowed = 4;
	expect(&row, &g, ASSAY_GATE_TOO_FEW, "at least 4");
	g.neurons = 3; /* count >= min(m, n) */
	g.own_uid = 1;
	expect(&row, &g, ASSAY_GATE_OK, NULL);
	const assay_weights_row none = {three, even, 0};
	g = open_gate();
	expect(&none, &g, ASSAY_GATE_LENGTH, NULL);
}
END_TEST

START_TEST(test_check_when_uids_are_wrong_then_refused)
{
	static const uint16_t twice[] = {1, 2, 1}, high[] = {1, 2, 8};
	const assay_weights_row dup = {twice, even, 3}, out = {high, even, 3};
	assay_weights_gate g = open_gate();
	expect(&dup, &g, ASSAY_GATE_DUPLICATE, "uid 1");
	expect(&out, &g, ASSAY_GATE_UID, "uid 8");
}
END_TEST

START_TEST(test_check_when_a_lone_self_weight_then_most_rules_do_not_apply)
{
	static const uint16_t self[] = {5}, full[] = {65535};
	const assay_weights_row row = {self, full, 1};
	assay_weights_gate g = open_gate();
	g.permit = 0;
	g.max_limit = 100;
	expect(&row, &g, ASSAY_GATE_OK, NULL);
	g.own_uid = 4;
	expect(&row, &g, ASSAY_GATE_PERMIT, NULL);
}
END_TEST

START_TEST(test_check_when_the_cap_is_missed_by_one_unit_then_refused)
{
	/* 65535 of 196605 is exactly a third: 21845/65535 is the cap that just holds */
	const assay_weights_row row = {three, even, 3};
	assay_weights_gate g = open_gate();
	g.max_limit = 21845;
	expect(&row, &g, ASSAY_GATE_OK, NULL);
	g.max_limit = 21844;
	expect(&row, &g, ASSAY_GATE_CAP, "guarded");
}
END_TEST

START_TEST(test_quantize_when_all_zero_then_refuses)
{
	const double zero[3] = {0, 0, 0}, wrong[2] = {1, -1}, nan[2] = {1, (double)NAN};
	uint16_t w[3] = {7, 7, 7};
	uint32_t x[3];
	assay_err err = {0};
	ck_assert_int_eq(assay_weights_quantize(zero, 3, w, NULL), ASSAY_E_EMPTY);
	ck_assert_int_eq(assay_weights_quantize(wrong, 2, w, &err), ASSAY_E_INPUT);
	ck_assert_int_eq(assay_weights_quantize(nan, 2, w, &err), ASSAY_E_INPUT);
	ck_assert_int_eq(assay_weights_quantize_u32(zero, 3, x, &err), ASSAY_E_EMPTY);
	ck_assert_uint_eq(w[0], 7);
}
END_TEST

START_TEST(test_quantize_when_halfway_then_to_even_and_the_largest_is_full)
{
	const double w[5] = {131070, 1, 3, 5, 0};
	uint16_t v[5];
	uint32_t x[5];
	assay_err err = {0};
	ck_ok(assay_weights_quantize(w, 5, v, &err), err);
	const uint16_t want[5] = {65535, 0, 2, 2, 0};
	ck_assert_mem_eq(v, want, sizeof want);
	ck_ok(assay_weights_quantize_u32(w, 5, x, &err), err);
	ck_assert_uint_eq(x[0], UINT32_MAX);
	ck_assert_uint_eq(x[1], 32768); /* 32768.5 */
	ck_assert_uint_eq(x[4], 0);
}
END_TEST

START_TEST(test_quantize_when_repeated_then_a_fixed_point)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 200; round++) {
		double w[64];
		uint16_t a[64], b[64];
		assay_err err = {0};
		for (int i = 0; i < 64; i++)
			w[i] = (double)test_below(&rng, 1000000) + 1;
		ck_ok(assay_weights_quantize(w, 64, a, &err), err);
		for (int i = 0; i < 64; i++)
			w[i] = a[i];
		ck_ok(assay_weights_quantize(w, 64, b, &err), err);
		ck_assert_mem_eq(a, b, sizeof a);
	}
}
END_TEST

START_TEST(test_diff_when_rows_share_some_then_counts_and_the_largest_move)
{
	static const uint16_t au[] = {4, 1, 2}, av[] = {100, 50, 50};
	static const uint16_t bu[] = {2, 4, 9}, bv[] = {50, 50, 100};
	const assay_weights_row a = {au, av, 3}, b = {bu, bv, 3}, none = {au, av, 0};
	assay_row_diff d;
	assay_err err = {0};
	ck_ok(assay_weights_diff(&a, &b, &d, &err), err);
	ck_assert_uint_eq(d.common, 2);
	ck_assert_uint_eq(d.added, 1);
	ck_assert_uint_eq(d.dropped, 1);
	ck_assert_double_eq(d.distance, 0.5);
	ck_assert_double_eq(d.dropped_share, 1.0 / 3);
	ck_assert_uint_eq(d.most_uid, 9);
	ck_assert_double_eq(d.most_delta, 0.5);
	ck_ok(assay_weights_diff(&a, &a, &d, &err), err);
	ck_assert_double_eq(d.distance, 0);
	ck_ok(assay_weights_diff(&none, &none, &d, &err), err);
	static const uint16_t tu[] = {1, 1};
	const assay_weights_row t = {tu, av, 2};
	ck_assert_int_eq(assay_weights_diff(&a, &t, &d, &err), ASSAY_E_INPUT);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_check_when_one_rule_is_broken_then_that_one_is_named_with_its_remedy);
	tcase_add_test(tc, test_check_when_uids_are_wrong_then_refused);
	tcase_add_test(tc, test_check_when_a_lone_self_weight_then_most_rules_do_not_apply);
	tcase_add_test(tc, test_check_when_the_cap_is_missed_by_one_unit_then_refused);
	tcase_add_test(tc, test_quantize_when_all_zero_then_refuses);
	tcase_add_test(tc, test_quantize_when_halfway_then_to_even_and_the_largest_is_full);
	tcase_add_test(tc, test_quantize_when_repeated_then_a_fixed_point);
	tcase_add_test(tc, test_diff_when_rows_share_some_then_counts_and_the_largest_move);
}

int main(void)
{
	return test_main("weights_check", fill, 30);
}
