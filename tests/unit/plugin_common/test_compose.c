/* From components to a score: what is not measured is never a 0, curves keep their
 * bounds, batch curves do not see the order of rows. */
#include <math.h>
#include "common/batch.h" /* before check.h, which defines a macro "fail" */
#include "support/test.h"
#include "common/latency.h"
#include "common/num.h"

static assay_bytes bytes(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

static const char *const parts[] = {"a", "b", "c"};
static const double even[] = {0.5, 0.3, 0.2};

static plg_weights weights_of(const char *json, assay_rc want)
{
	plg_config c;
	plg_weights w;
	plg_config_begin(&c, bytes(json));
	plg_weights_read(&c, "weights", parts, even, 3, &w);
	ck_assert_int_eq(plg_config_end(&c, NULL), want);
	return w;
}

START_TEST(test_mean_when_a_part_is_not_measured_then_the_others_grow)
{
	plg_weights w = weights_of("{}", ASSAY_RC_OK);
	const double all[] = {1, 0.5, 0}, two[] = {1, NAN, 0}, none[] = {NAN, NAN, NAN};
	double share[3];
	ck_assert_double_eq_tol(plg_mean(&w, all, share), 0.65, 1e-15);
	ck_assert_double_eq(share[1], 0.3);
	ck_assert_double_eq_tol(plg_mean(&w, two, share), 0.5 / 0.7, 1e-15);
	ck_assert(isnan(share[1]));
	ck_assert_double_eq_tol(share[0] + share[2], 1, 1e-15);
	ck_assert(isnan(plg_mean(&w, none, share)));
	w = weights_of("{\"weights\": {\"a\": 0, \"b\": 1, \"c\": 0}}", ASSAY_RC_OK);
	ck_assert_double_eq(plg_mean(&w, all, NULL), 0.5);
	ck_assert(isnan(plg_mean(&w, two, NULL))); /* the only part with a weight is missing */
	(void)weights_of("{\"weights\": {\"a\": 0, \"b\": 0, \"c\": 0}}", ASSAY_RC_CONFIG);
	(void)weights_of("{\"weights\": {\"a\": 2}}", ASSAY_RC_CONFIG);
}
END_TEST

static const char *const names[] = {"gate",    "mean",     "baseline", "curve",
									"quality", "b_factor", "a_factor", "_factor"};
enum { GATE, MEAN, BASELINE, CURVE, QUALITY, B, A, BARE, N };

START_TEST(test_score_when_composed_then_worked_by_hand)
{
	plg_formula f = plg_formula_of(names, N);
	double c[N];
	ck_assert_uint_eq(f.factor_n, 2); /* "_factor" names nothing */
	plg_components_begin(&f, c, N);
	ck_assert(isnan(plg_score(&f, c))); /* nothing measured: no judgement */
	c[MEAN] = 0.8;
	plg_quality(&f, c);
	ck_assert_double_eq(c[QUALITY], 0.8);
	c[BASELINE] = 0.6;
	plg_quality(&f, c);
	ck_assert_double_eq_tol(c[QUALITY], 0.5, 1e-15);
	c[CURVE] = 2;
	plg_quality(&f, c);
	ck_assert_double_eq_tol(c[QUALITY], 0.25, 1e-14);
	ck_assert_double_eq_tol(plg_score(&f, c), 0.25, 1e-14);
	c[A] = 0.5;
	ck_assert_double_eq_tol(plg_score(&f, c), 0.125, 1e-14);
	c[MEAN] = 0.5; /* below the baseline */
	plg_quality(&f, c);
	ck_assert_double_eq(plg_score(&f, c), 0);
	plg_gate_close(&f, c, N, 3);
	ck_assert_double_eq(plg_score(&f, c), 0);
	ck_assert_double_eq(c[GATE], 3);
	for (int k = MEAN; k < N; k++)
		ck_assert(isnan(c[k]));
}
END_TEST

START_TEST(test_functions_when_compared_with_the_library_then_equal)
{
	for (double x = -7; x <= 7; x += 0.013)
		ck_assert_double_eq_tol(plg_erf(x), erf(x), 1e-13);
	for (double x = -1.49; x < 1.5; x += 0.007)
		ck_assert_double_eq_tol(plg_tan(x), tan(x), 1e-11);
	for (double x = 0.001; x < 1; x += 0.0137)
		for (double y = 0.1; y < 12; y += 0.37)
			ck_assert_double_eq_tol(plg_power(x, y), pow(x, y), 1e-13);
	ck_assert_double_eq(plg_power(0, 3), 0);
	ck_assert_double_eq(plg_power(1, 3), 1);
	ck_assert_double_eq(plg_power(2, 3), 1); /* held in [0, 1] */
}
END_TEST

START_TEST(test_latency_when_any_curve_then_falls_from_one_to_zero)
{
	static const char *const curves[] = {"half_life", "linear", "steps", "tangent", "logistic"};
	for (size_t i = 0; i < ASY_COUNT(curves); i++) {
		char json[96];
		plg_config c;
		plg_latency l;
		(void)snprintf(json, sizeof json, "{\"latency\": {\"curve\": \"%s\"}}", curves[i]);
		plg_config_begin(&c, bytes(json));
		plg_latency_read(&c, 0.1, 4000, &l);
		ck_assert_int_eq(plg_config_end(&c, NULL), ASSAY_RC_OK);
		double last = 1;
		for (uint32_t t = 0; t <= 4100; t += 20) {
			double x = plg_latency_curve(&l, t);
			ck_assert_msg(x >= 0 && x <= last, "%s at %u: %g", curves[i], t, x);
			last = x;
		}
		ck_assert_double_eq(plg_latency_curve(&l, 1000), 1);
		ck_assert_double_eq(plg_latency_curve(&l, 4000), 0);
		ck_assert_double_eq_tol(plg_latency_of(&l, 5000), 0.9, 1e-15);
		ck_assert_double_eq_tol(plg_latency_of(&l, UINT32_MAX), 0.9, 1e-15);
		l.deadline_ms = 0;
		ck_assert_double_eq(plg_latency_of(&l, 5000), 1);
	}
}
END_TEST

START_TEST(test_latency_when_half_life_then_halves_each_quarter)
{
	const plg_latency l = {PLG_CURVE_HALF_LIFE, 0.1, 10000, 0.25, 0.25};
	ck_assert_double_eq(plg_latency_of(&l, 2500), 1);
	ck_assert_double_eq_tol(plg_latency_of(&l, 5000), 0.95, 1e-12);
	ck_assert_double_eq_tol(plg_latency_of(&l, 7500), 0.925, 1e-12);
	ck_assert_double_eq_tol(plg_latency_of(&l, 10000), 0.9, 1e-12);
}
END_TEST

#define MANY 64

START_TEST(test_normalisers_when_rows_move_then_the_same_bits)
{
	test_rng rng = {test_seed()};
	for (int kind = PLG_NORM_NONE; kind <= PLG_NORM_STEEPNESS; kind++)
		for (int round = 0; round < 200; round++) {
			plg_normaliser k = {(plg_norm)kind, 0.7};
			double a[MANY], b[MANY], work[MANY];
			size_t n = 1 + (size_t)test_below(&rng, MANY), order[MANY];
			for (size_t i = 0; i < n; i++) {
				a[i] = (double)test_below(&rng, 12) / 11;
				order[i] = i;
			}
			for (size_t i = n - 1; i > 0; i--) {
				size_t j = (size_t)test_below(&rng, i + 1), t = order[i];
				order[i] = order[j];
				order[j] = t;
			}
			for (size_t i = 0; i < n; i++)
				b[i] = a[order[i]];
			double before[MANY];
			memcpy(before, a, sizeof before);
			plg_normalise_scores(&k, a, n, work);
			plg_normalise_scores(&k, b, n, work);
			for (size_t i = 0; i < n; i++) {
				ck_assert_msg(a[i] >= 0 && a[i] <= 1, "kind %d: %g", kind, a[i]);
				ck_assert_mem_eq(&b[i], &a[order[i]], sizeof *b);
				if (!(before[i] > 0))
					ck_assert_double_eq(a[i], 0);
				for (size_t j = 0; j < n; j++)
					if (before[i] > before[j])
						ck_assert(a[i] >= a[j]);
			}
		}
}
END_TEST

START_TEST(test_normalisers_when_degenerate_then_finite)
{
	for (int kind = PLG_NORM_NONE; kind <= PLG_NORM_STEEPNESS; kind++) {
		plg_normaliser k = {(plg_norm)kind, 0.001};
		double one[] = {0.3}, equal[] = {0.4, 0.4, 0.4}, zero[] = {0, 0}, work[3];
		plg_normalise_scores(&k, one, 1, work);
		plg_normalise_scores(&k, equal, 3, work);
		plg_normalise_scores(&k, zero, 2, work);
		ck_assert(isfinite(one[0]) && isfinite(equal[0]) && isfinite(zero[0]));
		ck_assert_double_eq(equal[0], equal[2]);
		ck_assert_double_eq(zero[1], 0);
		plg_normalise_scores(&k, NULL, 0, NULL);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_mean_when_a_part_is_not_measured_then_the_others_grow);
	tcase_add_test(tc, test_score_when_composed_then_worked_by_hand);
	tcase_add_test(tc, test_functions_when_compared_with_the_library_then_equal);
	tcase_add_test(tc, test_latency_when_any_curve_then_falls_from_one_to_zero);
	tcase_add_test(tc, test_latency_when_half_life_then_halves_each_quarter);
	tcase_add_test(tc, test_normalisers_when_rows_move_then_the_same_bits);
	tcase_add_test(tc, test_normalisers_when_degenerate_then_finite);
}

int main(void)
{
	return test_main("plugin_common.compose", fill, 30);
}
