/* The plan: each policy by a hand-worked row, each refusal and fallback, the guard on
 * the published vectors that need it, and properties over random inputs. */
#include <math.h>
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "support/decimal.h"
#include "support/test.h"
#include "weights/weights.h"

static assay_weights_limits loose(uint32_t neurons)
{
	return (assay_weights_limits){.neurons = neurons, .min_allowed = 1, .max_limit = 65535};
}

typedef struct {
	assay_candidate c[256];
	size_t n;
} field;

static field scores(const double *s, size_t n)
{
	field f = {.n = n};
	for (size_t i = 0; i < n; i++) {
		f.c[i].uid = (uint16_t)i;
		f.c[i].hotkey[0] = (uint8_t)i;
		f.c[i].score = s[i];
	}
	return f;
}

static assay_weights_plan *plan(const field *f, assay_weights_limits l, assay_weights_policy p,
								const assay_weights_row *previous)
{
	assay_weights_plan *out = NULL;
	assay_err err = {0};
	ck_ok(assay_weights_plan_new(f->c, f->n, &l, &p, previous, &out, &err), err);
	return out;
}

static void refused(const field *f, assay_weights_limits l, assay_weights_policy p,
					const assay_weights_row *previous, const char *words)
{
	assay_weights_plan *out = NULL;
	assay_err err = {0};
	ck_assert_int_eq(assay_weights_plan_new(f->c, f->n, &l, &p, previous, &out, &err),
					 ASSAY_E_REFUSED);
	ck_assert_ptr_null(out);
	ck_assert_msg(strstr(err.msg, words) != NULL, "%s", err.msg);
}

static void expect_row(const assay_weights_plan *p, const uint16_t *uids, const uint16_t *values,
					   size_t n)
{
	assay_weights_row r = assay_weights_plan_row(p);
	ck_assert_uint_eq(r.n, n);
	ck_assert_mem_eq(r.uids, uids, n * sizeof *uids);
	ck_assert_mem_eq(r.values, values, n * sizeof *values);
}

START_TEST(test_plan_when_defaults_then_zeros_are_removed_and_the_largest_is_full)
{
	const double s[5] = {0.1, 0, 0.7, 0.2, (double)NAN};
	field f = scores(s, 5);
	assay_weights_plan *p = plan(&f, loose(5), assay_weights_policy_defaults(), NULL);
	static const uint16_t uids[] = {0, 2, 3}, values[] = {9362, 65535, 18724};
	expect_row(p, uids, values, 3);
	ck_assert_uint_eq(assay_weights_plan_lines(p), 5);
	ck_assert_uint_eq(assay_weights_plan_line(p, 1)->why, ASSAY_WHY_NO_SCORE);
	ck_assert_uint_eq(assay_weights_plan_line(p, 4)->why, ASSAY_WHY_NO_SCORE);
	ck_assert_ptr_null(assay_weights_plan_fallback(p));
	char words[200];
	assay_weights_line_text(assay_weights_plan_line(p, 1), words, sizeof words);
	ck_assert_str_eq(words, "uid 1: score 0, share 0, no positive score, weight 0");
	assay_weights_plan_free(p);
}
END_TEST

START_TEST(test_plan_when_rows_rest_on_nothing_then_refuses)
{
	const double zero[3] = {0, (double)NAN, -1}, inf[2] = {1, (double)INFINITY}, one[3] = {0, 1, 0};
	field z = scores(zero, 3), i = scores(inf, 2), o = scores(one, 3), none = {.n = 0};
	assay_weights_policy p = assay_weights_policy_defaults();
	assay_weights_limits l = loose(3);
	refused(&z, l, p, NULL, "all scores are zero");
	refused(&none, l, p, NULL, "all scores are zero");
	refused(&i, l, p, NULL, "uid 1 has an infinite score");
	l.min_allowed = 2;
	refused(&o, l, p, NULL, "asks for at least 2");
	p.min_count = 2;
	l.min_allowed = 1;
	refused(&o, l, p, NULL, "weights.min_count");
	/* v10 refuses by default too, where upstream pays everyone */
	p.profile = ASSAY_PROFILE_V10;
	p.min_count = 1;
	refused(&z, l, p, NULL, "all scores are zero");
}
END_TEST

START_TEST(test_plan_when_too_much_of_the_previous_row_vanishes_then_refuses)
{
	static const uint16_t pu[] = {0, 1, 2}, pv[] = {1, 1, 1};
	const assay_weights_row before = {pu, pv, 3};
	const double one[3] = {1, 0, 0}, two[3] = {1, 1, 0};
	field a = scores(one, 3), b = scores(two, 3);
	assay_weights_policy p = assay_weights_policy_defaults();
	refused(&a, loose(3), p, &before, "2 of the 3 miners of the previous row would vanish");
	assay_weights_plan_free(plan(&b, loose(3), p, &before));
	p.max_dropped = 1;
	assay_weights_plan_free(plan(&a, loose(3), p, &before));
}
END_TEST

START_TEST(test_plan_when_a_fallback_was_chosen_then_it_replaces_the_refusal_by_name)
{
	static const uint16_t pu[] = {2, 0}, pv[] = {65535, 7};
	const assay_weights_row before = {pu, pv, 2};
	const double zero[3] = {0, 0, 0};
	field f = scores(zero, 3);
	assay_weights_policy p = assay_weights_policy_defaults();
	p.fallback = ASSAY_FALLBACK_UNIFORM;
	assay_weights_plan *out = plan(&f, loose(3), p, NULL);
	static const uint16_t all[] = {0, 1, 2}, full[] = {65535, 65535, 65535};
	expect_row(out, all, full, 3);
	ck_assert_ptr_nonnull(strstr(assay_weights_plan_fallback(out), "all scores are zero"));
	ck_assert_uint_ne(assay_weights_plan_line(out, 1)->why & ASSAY_WHY_FALLBACK, 0);
	assay_weights_plan_free(out);
	p.fallback = ASSAY_FALLBACK_PREVIOUS;
	refused(&f, loose(3), p, NULL, "all scores are zero");
	const field fewer = scores(zero, 2);
	refused(&fewer, loose(2), p, &before, "all scores"); /* uid 2 is gone: no row to reuse */
	out = plan(&f, loose(3), p, &before);
	static const uint16_t prev_u[] = {0, 2}, prev_v[] = {7, 65535};
	expect_row(out, prev_u, prev_v, 2);
	assay_weights_plan_free(out);
	p.fallback = ASSAY_FALLBACK_OWNER;
	p.owner_uid = 1;
	out = plan(&f, loose(3), p, NULL);
	static const uint16_t own[] = {1};
	expect_row(out, own, full, 1);
	assay_weights_plan_free(out);
}
END_TEST

START_TEST(test_plan_when_arguments_are_wrong_then_no_fallback_hides_it)
{
	const double s[2] = {1, 1};
	field f = scores(s, 2);
	assay_weights_policy p = assay_weights_policy_defaults();
	p.fallback = ASSAY_FALLBACK_UNIFORM;
	assay_weights_plan *out = NULL;
	assay_err err = {0};
	assay_weights_limits l = loose(1);
	ck_assert_int_eq(assay_weights_plan_new(f.c, 2, &l, &p, NULL, &out, &err), ASSAY_E_INPUT);
	l = loose(2);
	f.c[1].uid = 0;
	ck_assert_int_eq(assay_weights_plan_new(f.c, 2, &l, &p, NULL, &out, &err), ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "given twice"));
	f.c[1].uid = 1;
	p.power = 0;
	ck_assert_int_eq(assay_weights_plan_new(f.c, 2, &l, &p, NULL, &out, &err), ASSAY_E_RANGE);
	p.power = 1;
	p.max_weight = 2;
	ck_assert_int_eq(assay_weights_plan_new(f.c, 2, &l, &p, NULL, &out, &err), ASSAY_E_RANGE);
	p.max_weight = 1;
	l.neurons = 70000;
	ck_assert_int_ne(assay_weights_plan_new(f.c, 2, &l, &p, NULL, &out, &err), ASSAY_OK);
	ck_assert_ptr_null(out);
}
END_TEST

START_TEST(test_plan_when_power_count_floor_and_exclusions_then_by_hand)
{
	const double s[6] = {3, 3, 2, 1, 0.01, 5};
	static const uint16_t barred[] = {5, 200};
	field f = scores(s, 6);
	f.c[2].marks = ASSAY_MARK_STALE;
	assay_weights_policy p = assay_weights_policy_defaults();
	p.exclude = barred;
	p.exclude_n = 2;
	p.power = 2;
	p.floor = 0.01;
	assay_weights_plan *out = plan(&f, loose(6), p, NULL);
	static const uint16_t uids[] = {0, 1, 3}, values[] = {65535, 65535, 7282};
	expect_row(out, uids, values, 3);
	ck_assert_uint_eq(assay_weights_plan_line(out, 2)->why, ASSAY_WHY_STALE);
	ck_assert_uint_eq(assay_weights_plan_line(out, 4)->why, ASSAY_WHY_BELOW_FLOOR);
	ck_assert_uint_eq(assay_weights_plan_line(out, 5)->why, ASSAY_WHY_EXCLUDED);
	assay_weights_plan_free(out);
	p.stale_counts = 1;
	p.max_count = 1; /* a tie: the lower uid */
	out = plan(&f, loose(6), p, NULL);
	expect_row(out, uids, values, 1);
	ck_assert_uint_eq(assay_weights_plan_line(out, 1)->why, ASSAY_WHY_BEYOND_COUNT);
	assay_weights_plan_free(out);
	f.c[0].marks = ASSAY_MARK_NEW;
	out = plan(&f, loose(6), p, NULL);
	expect_row(out, uids + 1, values, 1);
	assay_weights_plan_free(out);
}
END_TEST

START_TEST(test_plan_when_a_share_is_reserved_then_it_is_given_last_and_reported)
{
	const double s[4] = {1, 1, 2, 0};
	field f = scores(s, 4);
	assay_weights_policy p = assay_weights_policy_defaults();
	p.reserve_share = 0.9;
	p.reserve_uid = 3;
	assay_weights_plan *out = plan(&f, loose(4), p, NULL);
	assay_weights_row r = assay_weights_plan_row(out);
	ck_assert_uint_eq(r.n, 4);
	ck_assert_uint_eq(r.values[3], 65535);
	double sum = r.values[0] + r.values[1] + r.values[2] + r.values[3];
	ck_assert_double_eq_tol(65535 / sum, 0.9, 1e-4);
	ck_assert_ptr_nonnull(strstr(assay_weights_plan_json(out), "\"reserved_share\":0.9"));
	assay_weights_plan_free(out);
	p.reserve_share = 1; /* everything: nobody's score is needed */
	const double zero[4] = {0, 0, 0, 0};
	f = scores(zero, 4);
	out = plan(&f, loose(4), p, NULL);
	static const uint16_t uid[] = {3}, full[] = {65535};
	expect_row(out, uid, full, 1);
	assay_weights_plan_free(out);
}
END_TEST

START_TEST(test_plan_when_the_cap_cannot_be_met_then_refuses_and_v11_does_not_pay_zeros)
{
	const double s[4] = {0, 0, 0.3, 0};
	field f = scores(s, 4);
	assay_weights_limits l = loose(4);
	l.max_limit = 32768;
	refused(&f, l, assay_weights_policy_defaults(), NULL, "it takes more than 1");
	const double t[4] = {0, 0.1, 0.3, 0};
	f = scores(t, 4);
	assay_weights_plan *out = plan(&f, l, assay_weights_policy_defaults(), NULL);
	assay_weights_row r = assay_weights_plan_row(out);
	ck_assert_uint_eq(r.n, 2); /* the quirk would have paid all four */
	ck_assert(asy_weights_cap_holds(r.values, r.n, 32768));
	ck_assert_uint_ne(assay_weights_plan_line(out, 2)->why & ASSAY_WHY_CAPPED, 0);
	assay_weights_plan_free(out);
}
END_TEST

/* ---- the published vectors through the guard ---- */

static asy_json *load_vectors(void)
{
	asy_json *doc = NULL;
	asy_buf text = {0};
	assay_err err = {0};
	char chunk[4096];
	FILE *f = fopen(ASSAY_SOURCE_DIR "/tests/golden/weights/process-weights.json", "rb");
	ck_assert_ptr_nonnull(f);
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		ck_ok(asy_buf_add(&text, chunk, n, &err), err);
	(void)fclose(f);
	ck_ok(asy_json_parse(asy_buf_span(&text), NULL, &doc, &err), err);
	asy_buf_fini(&text);
	return doc;
}

static double number(asy_jv v)
{
	double d = (double)NAN;
	assay_err err = {0};
	if (asy_jv_kind(v) != ASY_J_STRING)
		ck_ok(asy_jv_f64(v, &d, &err), err);
	return d;
}

START_TEST(test_guard_when_upstream_breaks_the_cap_then_the_repaired_row_keeps_it)
{
	asy_json *doc = load_vectors();
	asy_jv all = asy_jv_get(asy_json_root(doc), "vectors");
	size_t repaired = 0;
	for (size_t i = 0; i < asy_jv_size(all); i++) {
		asy_jv v = asy_jv_at(all, i), in = asy_jv_get(v, "input");
		bool limit_ok = true;
		double s[256] = {0};
		size_t n = asy_jv_size(asy_jv_get(in, "weights"));
		if (asy_jv_bool(asy_jv_get(asy_jv_get(v, "chain_view"), "limit_ok"), &limit_ok, NULL) !=
				ASSAY_OK ||
			limit_ok)
			continue;
		for (size_t k = 0; k < n; k++)
			s[k] = number(asy_jv_at(asy_jv_get(in, "weights"), k));
		field f = scores(s, n);
		assay_weights_limits l = loose((uint32_t)n);
		l.max_limit = (uint16_t)number(asy_jv_get(in, "max_weight_limit_u16"));
		for (int profile = 0; profile < 2; profile++) {
			assay_weights_policy p = assay_weights_policy_defaults();
			assay_weights_plan *out = NULL;
			assay_err err = {0};
			p.profile = (assay_weights_profile)profile;
			assay_status st = assay_weights_plan_new(f.c, f.n, &l, &p, NULL, &out, &err);
			if (st == ASSAY_E_REFUSED) /* pw16: one positive cannot keep any cap */
				continue;
			ck_ok(st, err);
			assay_weights_row r = assay_weights_plan_row(out);
			ck_assert(asy_weights_cap_holds(r.values, r.n, l.max_limit));
			ck_assert_ptr_nonnull(strstr(assay_weights_plan_json(out), "\"guard_steps\":"));
			repaired++;
			assay_weights_plan_free(out);
			p.guarded = 0;
			out = plan(&f, l, p, NULL);
			assay_weights_plan_free(out);
		}
	}
	ck_assert_uint_eq(repaired, 6); /* pw08, pw21, pw28 under v11 and v10 */
	asy_json_free(doc);
}
END_TEST

/* ---- properties ---- */

/* Without a cap SDK 11 divides by the largest, once: every value is within half a unit of
 * score / largest, whatever the scale, ties included. */
START_TEST(test_plan_when_nothing_caps_then_scores_are_rounded_once_at_any_scale)
{
	static const double scales[] = {1, 0.1, 3, 1e-30, 1e-200, 1e30, 1e200};
	test_rng rng = {test_seed()};
	for (int round = 0; round < 200; round++) {
		double s[64], max = 0;
		uint16_t want[64];
		size_t n = 2 + test_below(&rng, 63), kept = 0;
		double scale = scales[test_below(&rng, 7)];
		for (size_t i = 0; i < n; i++) {
			s[i] = (double)test_below(&rng, 12) * scale;
			max = s[i] > max ? s[i] : max;
		}
		if (!(max > 0))
			continue;
		field f = scores(s, n);
		assay_weights_plan *p = plan(&f, loose((uint32_t)n), assay_weights_policy_defaults(), NULL);
		assay_weights_row r = assay_weights_plan_row(p);
		double shares = 0;
		ck_assert_int_eq(assay_weights_quantize(s, n, want, NULL), ASSAY_OK);
		for (size_t i = 0; i < n; i++) {
			shares += assay_weights_plan_line(p, i)->weight;
			if (want[i] == 0)
				continue;
			ck_assert_uint_lt(kept, r.n);
			ck_assert_uint_eq(r.uids[kept], i);
			ck_assert_uint_eq(r.values[kept], want[i]);
			kept++;
		}
		ck_assert_uint_eq(kept, r.n);
		ck_assert(fabs(shares - 1) < 1e-12); /* a line tells shares at any scale */
		assay_weights_plan_free(p);
	}
}
END_TEST

START_TEST(test_plan_when_random_then_accepted_by_the_gate_and_independent_of_order)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 300; round++) {
		double s[256];
		size_t n = 4 + test_below(&rng, 253);
		for (size_t i = 0; i < n; i++)
			s[i] = test_below(&rng, 4) == 0 ? 0 : (double)test_below(&rng, 1000001) / 1e6;
		field f = scores(s, n);
		assay_weights_limits l = loose((uint32_t)n);
		assay_weights_policy p = assay_weights_policy_defaults();
		uint64_t cap = 65535 / n * (2 + test_below(&rng, 4));
		l.max_limit = (uint16_t)(cap < 65535 ? cap : 65535);
		p.profile = (assay_weights_profile)test_below(&rng, 2);
		p.power = (double)(1 + test_below(&rng, 3));
		assay_weights_plan *a = NULL, *b = NULL;
		assay_err err = {0};
		assay_status st = assay_weights_plan_new(f.c, f.n, &l, &p, NULL, &a, &err);
		if (st == ASSAY_E_REFUSED)
			continue;
		ck_ok(st, err);
		for (size_t i = n - 1; i > 0; i--) {
			size_t j = test_below(&rng, i + 1);
			assay_candidate swap = f.c[i];
			f.c[i] = f.c[j];
			f.c[j] = swap;
		}
		b = plan(&f, l, p, NULL);
		assay_weights_row r = assay_weights_plan_row(a);
		expect_row(b, r.uids, r.values, r.n);
		const assay_weights_gate g = {.neurons = l.neurons,
									  .min_allowed = 1,
									  .max_limit = l.max_limit,
									  .own_uid = 65535,
									  .registered = 1,
									  .enough_stake = 1,
									  .permit = 1};
		ck_ok(assay_weights_check(&r, &g, NULL, &err), err);
		uint16_t top = 0;
		for (size_t i = 0; i < r.n; i++) {
			ck_assert(i == 0 || r.uids[i - 1] < r.uids[i]);
			ck_assert_uint_ne(r.values[i], 0);
			top = r.values[i] > top ? r.values[i] : top;
		}
		ck_assert_uint_eq(top, 65535);
		assay_weights_plan_free(a);
		assay_weights_plan_free(b);
	}
}
END_TEST

START_TEST(test_explain_when_parsed_then_a_document_with_every_scored_miner)
{
	const double s[3] = {1, 0, 3};
	field f = scores(s, 3);
	assay_weights_plan *p = plan(&f, loose(5), assay_weights_policy_defaults(), NULL);
	asy_json *doc = NULL;
	assay_err err = {0};
	ck_ok(asy_json_parse(asy_span_str(assay_weights_plan_json(p)), NULL, &doc, &err), err);
	asy_jv miners = asy_jv_get(asy_json_root(doc), "miners");
	ck_assert_uint_eq(asy_jv_size(miners), 3);
	uint16_t value = 0;
	ck_ok(asy_jv_u16(asy_jv_get(asy_jv_at(miners, 2), "value"), &value, &err), err);
	ck_assert_uint_eq(value, 65535);
	asy_json_free(doc);
	assay_weights_plan_free(p);
}
END_TEST

/* The beginning of a miner in the document, by plain printing. */
static void line_plainly(const assay_weights_line *l, char *dst, size_t cap)
{
	char address[ASY_SS58_LEN], score[32], share[32], policy[32], weight[32];
	asy_ss58_encode(l->hotkey, address);
	test_fewest_digits(score, l->score);
	test_fewest_digits(share, l->share);
	test_fewest_digits(policy, l->policy);
	test_fewest_digits(weight, l->weight);
	(void)snprintf(dst, cap,
				   "{\"uid\":%u,\"hotkey\":\"%s\",\"score\":%s,\"share\":%s,\"policy\":%s,"
				   "\"weight\":%s,\"value\":%u,\"why\":[",
				   l->uid, address, score, share, policy, weight, l->value);
}

START_TEST(test_explain_when_random_then_the_bytes_of_plain_printing)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 200; round++) {
		double s[256];
		const size_t n = 1 + test_below(&rng, 256);
		for (size_t i = 0; i < n; i++) {
			const double unit = (double)(1 + test_below(&rng, 1u << 30)) / (1u << 30);
			s[i] = round % 3 == 0   ? unit
				   : round % 3 == 1 ? pow(unit, 20)
									: (double)(i % 7) + (double)(i % 3) / 4;
		}
		field f = scores(s, n);
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < 32; k++)
				f.c[i].hotkey[k] = (uint8_t)test_next(&rng);
		assay_weights_policy policy = assay_weights_policy_defaults();
		policy.power = 1 + (double)test_below(&rng, 3) / 2;
		s[0] = f.c[0].score = 1; /* something to pay */
		assay_weights_plan *p = plan(&f, loose((uint32_t)n), policy, NULL);
		const char *at = strstr(assay_weights_plan_json(p), "\"miners\":[");
		for (size_t i = 0; i < n; i++) {
			char want[400];
			line_plainly(assay_weights_plan_line(p, i), want, sizeof want);
			ck_assert_ptr_nonnull(at = strchr(at, '{'));
			ck_assert_msg(strncmp(at, want, strlen(want)) == 0, "%.300s is not %s", at, want);
			at++;
		}
		ck_assert_ptr_null(strchr(at, '{'));
		assay_weights_plan_free(p);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_plan_when_defaults_then_zeros_are_removed_and_the_largest_is_full);
	tcase_add_test(tc, test_plan_when_rows_rest_on_nothing_then_refuses);
	tcase_add_test(tc, test_plan_when_too_much_of_the_previous_row_vanishes_then_refuses);
	tcase_add_test(tc, test_plan_when_a_fallback_was_chosen_then_it_replaces_the_refusal_by_name);
	tcase_add_test(tc, test_plan_when_arguments_are_wrong_then_no_fallback_hides_it);
	tcase_add_test(tc, test_plan_when_power_count_floor_and_exclusions_then_by_hand);
	tcase_add_test(tc, test_plan_when_a_share_is_reserved_then_it_is_given_last_and_reported);
	tcase_add_test(tc,
				   test_plan_when_the_cap_cannot_be_met_then_refuses_and_v11_does_not_pay_zeros);
	tcase_add_test(tc, test_guard_when_upstream_breaks_the_cap_then_the_repaired_row_keeps_it);
	tcase_add_test(tc, test_plan_when_nothing_caps_then_scores_are_rounded_once_at_any_scale);
	tcase_add_test(tc, test_plan_when_random_then_accepted_by_the_gate_and_independent_of_order);
	tcase_add_test(tc, test_explain_when_random_then_the_bytes_of_plain_printing);
	tcase_add_test(tc, test_explain_when_parsed_then_a_document_with_every_scored_miner);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("weights_plan", fill, 60);
}
