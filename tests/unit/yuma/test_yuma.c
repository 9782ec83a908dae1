/* The epoch's contract: what it refuses and how it says so, what it tolerates because
 * the chain does, and that neither memory nor mask changes a bit. The values
 * themselves are proved by the golden suite and the differential test. */
#include "support/test.h"
#include "yuma/kern.h"

#define N 4

typedef struct {
	assay_yuma_input in;
	uint64_t last[N + 1], registered[N], alpha[N], tao[N];
	uint8_t permit[N];
	size_t off[N + 2];
	uint16_t uid[16], value[16];
} net;

static void net_init(net *t)
{
	*t = (net){.last = {90, 90, 0, 0, 0},
			   .alpha = {1000000, 500000, 0, 0},
			   .permit = {1, 1, 0, 0},
			   .off = {0, 2, 4, 4, 4, 4},
			   .uid = {2, 3, 2, 3},
			   .value = {65535, 30000, 20000, 65535}};
	t->in = (assay_yuma_input){.n = N,
							   .current_block = 100,
							   .activity_cutoff_factor_milli = 13889,
							   .tempo = 360,
							   .last_update = t->last,
							   .last_update_n = N,
							   .block_at_registration = t->registered,
							   .alpha_stake = t->alpha,
							   .tao_stake = t->tao,
							   .owner_uid = -1,
							   .max_allowed_validators = 2,
							   .validator_permit = t->permit,
							   .validator_permit_n = N,
							   .kappa = 32767,
							   .bonds_penalty = 65535,
							   .bonds_moving_average = 900000,
							   .yuma3 = true,
							   .weights = {t->off, t->uid, t->value, N},
							   .rao_emission = 1000,
							   .cpu_mask = ASSAY_YUMA_CPU_AUTO};
}

static uint8_t scratch[1 << 16];

static assay_status run(const net *t, uint16_t consensus[N], assay_err *err)
{
	const assay_yuma_out out = {.consensus = consensus};
	return assay_yuma_epoch(&t->in, (assay_mut){scratch, sizeof scratch}, &out, err);
}

START_TEST(test_epoch_when_uid_twice_then_refused_with_place)
{
	net t;
	uint16_t consensus[N] = {7, 7, 7, 7};
	assay_err err = {0};
	net_init(&t);
	t.uid[3] = 2;
	ck_assert_int_eq(run(&t, consensus, &err), ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "weights row 1"));
	ck_assert_ptr_nonnull(strstr(err.msg, "uid 2"));
	ck_assert_uint_eq(consensus[0], 7); /* untouched */
}
END_TEST

START_TEST(test_epoch_when_row_longer_than_n_by_repeats_then_refused)
{
	net t;
	uint16_t consensus[N];
	assay_err err = {0};
	net_init(&t);
	for (size_t k = 0; k < 8; k++)
		t.uid[k] = (uint16_t)(k % N);
	t.off[1] = 8;
	t.off[2] = t.off[3] = t.off[4] = 8;
	ck_assert_int_eq(run(&t, consensus, &err), ASSAY_E_INPUT);
}
END_TEST

START_TEST(test_epoch_when_offsets_descend_then_refused)
{
	net t;
	uint16_t consensus[N];
	assay_err err = {0};
	net_init(&t);
	t.off[2] = 1;
	ck_assert_int_eq(run(&t, consensus, &err), ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "row 1"));
}
END_TEST

START_TEST(test_epoch_when_vector_missing_then_refused_by_name)
{
	net t;
	uint16_t consensus[N];
	assay_err err = {0};
	net_init(&t);
	t.in.tao_stake = NULL;
	ck_assert_int_eq(run(&t, consensus, &err), ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "tao_stake"));
	net_init(&t);
	t.in.n = 70000;
	ck_assert_int_eq(run(&t, consensus, &err), ASSAY_E_RANGE);
	net_init(&t);
	t.in.owner_uid = -2;
	ck_assert_int_eq(run(&t, consensus, &err), ASSAY_E_RANGE);
}
END_TEST

START_TEST(test_epoch_when_target_beyond_n_then_ignored_as_on_chain)
{
	net t;
	uint16_t want[N], got[N];
	assay_err err = {0};
	net_init(&t);
	ck_ok(run(&t, want, &err), err);
	/* one more entry that leads nowhere, in the last row */
	t.uid[4] = 900;
	t.value[4] = 65535;
	t.off[2] = t.off[3] = t.off[4] = 5;
	ck_ok(run(&t, got, &err), err);
	ck_assert_mem_eq(want, got, sizeof want);
	/* a row of a uid that does not exist */
	t.in.weights.rows_n = N + 1;
	t.off[N + 1] = 5;
	ck_ok(run(&t, got, &err), err);
	ck_assert_mem_eq(want, got, sizeof want);
}
END_TEST

START_TEST(test_epoch_when_scratch_short_then_limit)
{
	net t;
	assay_err err = {0};
	const assay_yuma_out out = {0};
	net_init(&t);
	size_t need = assay_yuma_scratch_len(&t.in);
	ck_assert_int_eq(assay_yuma_epoch(&t.in, (assay_mut){scratch, need - 1}, &out, &err),
					 ASSAY_E_LIMIT);
	ck_ok(assay_yuma_epoch(&t.in, (assay_mut){scratch, need}, &out, &err), err);
	/* any alignment */
	ck_ok(assay_yuma_epoch(&t.in, (assay_mut){scratch + 1, need}, &out, &err), err);
	uint16_t u[1], v[1];
	size_t off[N + 1];
	const assay_yuma_out tight = {.bonds = {off, u, v, 1}};
	ck_assert_int_eq(assay_yuma_epoch(&t.in, (assay_mut){scratch, need}, &tight, &err),
					 ASSAY_E_LIMIT);
}
END_TEST

START_TEST(test_epoch_when_empty_then_nothing)
{
	const assay_yuma_input in = {.owner_uid = -1};
	assay_err err = {0};
	const assay_yuma_out out = {0};
	ck_ok(assay_yuma_epoch(&in, (assay_mut){scratch, sizeof scratch}, &out, &err), err);
}
END_TEST

START_TEST(test_median_when_support_equals_kappa_then_goes_up)
{
	/* three equal stakes; minority = total - kappa. Exactly a third below is not more
	 * than the minority, so the search goes up. */
	int64_t score[3] = {10, 20, 30}, stake[3] = {100, 100, 100};
	ck_assert_int_eq(asy_yuma_median(score, stake, 3, false, 0, 100), 20);
	int64_t score2[3] = {10, 20, 30}, stake2[3] = {100, 100, 100};
	ck_assert_int_eq(asy_yuma_median(score2, stake2, 3, false, 0, 99), 10);
	int64_t score3[3] = {10, 20, 30}, stake3[3] = {100, 100, 100};
	ck_assert_int_eq(asy_yuma_median(score3, stake3, 3, false, 0, 300), 30);
	ck_assert_int_eq(asy_yuma_median(NULL, NULL, 0, true, 300, 100), 0);
}
END_TEST

START_TEST(test_max_upscale_when_above_half_then_other_rounding)
{
	uint16_t low[2] = {1, 3}, high[2] = {65534, 32769};
	asy_yuma_max_upscale_u16(low, 2, low);
	/* round(65535 / 3) = 21845 */
	ck_assert_uint_eq(low[0], 21845);
	ck_assert_uint_eq(low[1], 65535);
	asy_yuma_max_upscale_u16(high, 2, high);
	ck_assert_uint_eq(high[0], 65535);
	ck_assert_uint_eq(high[1], 32770); /* 32769 * 1.0000152.. = 32769.50003 */
}
END_TEST

START_TEST(test_row_kind_when_any_length_then_all_kernels_agree)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 20000; round++) {
		uint16_t uid[80];
		size_t n = 1 + test_below(&rng, 79);
		uint16_t at = (uint16_t)test_next(&rng);
		for (size_t k = 0; k < n; k++) {
			uid[k] = at;
			at = (uint16_t)(at + 1 + (round % 3 == 0 && test_below(&rng, 20) == 0));
		}
		if (round % 2 == 0)
			uid[test_below(&rng, n)] ^= (uint16_t)test_below(&rng, 3);
		ck_assert_uint_eq(asy_yuma_kern_of(ASSAY_YUMA_CPU_AUTO)->row_kind(uid, n),
						  asy_yuma_kern_scalar.row_kind(uid, n));
	}
}
END_TEST

START_TEST(test_ratio_when_near_multiples_then_exact)
{
	test_rng rng = {test_seed()};
	const asy_yuma_kern *kern = asy_yuma_kern_of(ASSAY_YUMA_CPU_AUTO);
	for (int round = 0; round < 200000; round++) {
		int64_t sum = 1 + (int64_t)(test_next(&rng) >> (15 + test_below(&rng, 48)));
		int64_t v[5], want[5];
		for (size_t k = 0; k < 5; k++) {
			/* a numerator whose quotient lies next to an integer */
			uint64_t q = test_next(&rng) >> 32;
			asy_u128 x = ((asy_u128)q * (uint64_t)sum + (uint64_t)sum / 2) >> 32;
			v[k] = (int64_t)x + (int64_t)test_below(&rng, 3) - 1;
			v[k] = fx_clamp(v[k], 0, sum);
			want[k] = fx_div(v[k], sum);
		}
		kern->ratio(v, 5, sum);
		ck_assert_mem_eq(v, want, sizeof v);
	}
}
END_TEST

START_TEST(test_input_when_key_misspelt_then_named_with_suggestion)
{
	const char *text = "{\"kapa\": 1}";
	asy_json *doc = NULL;
	asy_yuma_owned *o = NULL;
	assay_err err = {0};
	ck_ok(asy_json_parse(asy_span_str(text), NULL, &doc, &err), err);
	ck_assert_int_eq(asy_yuma_input_read(asy_json_root(doc), &o, &err), ASSAY_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(err.msg, "kapa"));
	ck_assert_ptr_nonnull(strstr(err.msg, "kappa"));
	asy_json_free(doc);
}
END_TEST

START_TEST(test_whatif_when_same_row_then_same_epoch)
{
	net t;
	uint16_t want[N], got[N];
	assay_err err = {0};
	assay_yuma_prep *p = NULL;
	net_init(&t);
	ck_ok(run(&t, want, &err), err);
	ck_ok(assay_yuma_prep_new(&t.in, &p, &err), err);
	const assay_yuma_row same = {t.uid, t.value, 2};
	const assay_yuma_out out = {.consensus = got};
	ck_ok(assay_yuma_prep_row(p, 0, &same, &out, &err), err);
	ck_assert_mem_eq(want, got, sizeof want);
	ck_assert_int_eq(assay_yuma_prep_row(p, N, &same, &out, &err), ASSAY_E_RANGE);
	const uint16_t twice[2] = {2, 2};
	const assay_yuma_row bad = {twice, t.value, 2};
	ck_assert_int_eq(assay_yuma_prep_row(p, 0, &bad, &out, &err), ASSAY_E_INPUT);
	assay_yuma_prep_free(p);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_epoch_when_uid_twice_then_refused_with_place);
	tcase_add_test(tc, test_epoch_when_row_longer_than_n_by_repeats_then_refused);
	tcase_add_test(tc, test_epoch_when_offsets_descend_then_refused);
	tcase_add_test(tc, test_epoch_when_vector_missing_then_refused_by_name);
	tcase_add_test(tc, test_epoch_when_target_beyond_n_then_ignored_as_on_chain);
	tcase_add_test(tc, test_epoch_when_scratch_short_then_limit);
	tcase_add_test(tc, test_epoch_when_empty_then_nothing);
	tcase_add_test(tc, test_median_when_support_equals_kappa_then_goes_up);
	tcase_add_test(tc, test_max_upscale_when_above_half_then_other_rounding);
	tcase_add_test(tc, test_row_kind_when_any_length_then_all_kernels_agree);
	tcase_add_test(tc, test_ratio_when_near_multiples_then_exact);
	tcase_add_test(tc, test_input_when_key_misspelt_then_named_with_suggestion);
	tcase_add_test(tc, test_whatif_when_same_row_then_same_epoch);
}

int main(void)
{
	return test_main("yuma", fill, 60);
}
