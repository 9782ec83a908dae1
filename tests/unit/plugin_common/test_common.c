/* What every plugin relies on: decoding refuses exactly what it must, limits come
 * before work, and arithmetic gives the same bits everywhere. */
#include <math.h>
#include "common/batch.h" /* before check.h, which defines a macro "fail" */
#include "support/test.h"
#include "common/body.h"
#include "common/build.h"
#include "common/compress.h"
#include "common/config.h"
#include "common/intern.h"
#include "common/num.h"

static assay_bytes bytes(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

static plg_rc decode(const char *s, size_t len, size_t max, size_t *n)
{
	plg_arena *a = plg_arena_new(1 << 20);
	plg_text t = {NULL, 0};
	plg_rc rc = plg_utf8_decode(a, (assay_bytes){(const uint8_t *)s, len}, max, &t);
	*n = t.n;
	plg_arena_free(a);
	return rc;
}

/* ---- text ---- */

START_TEST(test_decode_when_ill_formed_then_refused)
{
	static const struct {
		const char *s;
		size_t len;
	} bad[] = {
		{"\xc0\x80", 2},
		{"\xc1\xbf", 2},
		{"\xe0\x9f\xbf", 3}, /* overlong */
		{"\xf0\x8f\xbf\xbf", 4},
		{"\xed\xa0\x80", 3},
		{"\xed\xbf\xbf", 3}, /* surrogates */
		{"\xf4\x90\x80\x80", 4},
		{"\xf5\x80\x80\x80", 4},
		{"\xff", 1}, /* beyond 10FFFF */
		{"\x80", 1},
		{"a\xbf", 2},
		{"\xe2\x82", 2}, /* strays, cuts */
		{"\xc3", 1},
		{"\xf0\x9f\x98", 3},
		{"\xe2\x28\xa1", 3},
	};
	size_t n;
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		ck_assert_int_eq(decode(bad[i].s, bad[i].len, 99, &n), PLG_BAD);
}
END_TEST

START_TEST(test_decode_when_well_formed_then_counts_code_points)
{
	size_t n;
	ck_assert_int_eq(decode("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", 10, 3, &n), PLG_OK);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(decode("\xef\xbb\xbfhi", 5, 2, &n), PLG_OK); /* byte order mark */
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(decode("", 0, 0, &n), PLG_OK);
	ck_assert_int_eq(decode("abc", 3, 2, &n), PLG_LIMIT);
}
END_TEST

START_TEST(test_decode_when_encoded_again_then_same_bytes)
{
	test_rng rng = {test_seed()};
	plg_arena *a = plg_arena_new(16 << 20);
	for (int round = 0; round < 200; round++) {
		uint32_t cp[64];
		size_t n = test_below(&rng, 64);
		plg_text back;
		plg_arena_reset(a);
		for (size_t i = 0; i < n; i++) {
			cp[i] = (uint32_t)test_below(&rng, 0x110000);
			if (cp[i] >= 0xd800 && cp[i] < 0xe000)
				cp[i] = 'x';
			if (i == 0 && cp[i] == 0xfeff)
				cp[i] = 'y'; /* would be taken for a byte order mark */
		}
		assay_bytes utf8 = plg_utf8_encode(a, (plg_text){cp, n});
		ck_assert_int_eq(plg_utf8_decode(a, utf8, n, &back), PLG_OK);
		ck_assert(plg_text_eq(back, (plg_text){cp, n}));
	}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_space_when_listed_then_space_and_nothing_else)
{
	size_t count = 0;
	for (uint32_t c = 0; c < 0x110000; c++)
		count += plg_is_space(c);
	ck_assert_uint_eq(count, 29); /* str.isspace() over all of Unicode 14 */
	ck_assert(plg_is_space(0x1c) && plg_is_space(0x85) && plg_is_space(0x2029));
	ck_assert(!plg_is_space(0x200b) && !plg_is_space(0x180e) && !plg_is_space(0xfeff));
}
END_TEST

START_TEST(test_lower_when_special_then_as_unicode_says)
{
	static const char *const pairs[][2] = {
		{"HELLO", "hello"},       {"\xc4\xb0", "i\xcc\x87"}, /* dotted I: two code points */
		{"\xce\xa3", "\xcf\x83"}, {"\xce\x91\xce\xa3", "\xce\xb1\xcf\x82"}, /* final sigma */
		{"\xe2\x84\xaa", "k"},
	};
	plg_arena *a = plg_arena_new(1 << 20);
	for (size_t i = 0; i < ASY_COUNT(pairs); i++)
		ck_assert(
			plg_text_eq(plg_lower(a, plg_text_of(a, pairs[i][0])), plg_text_of(a, pairs[i][1])));
	plg_arena_free(a);
}
END_TEST

START_TEST(test_split_when_padded_then_words_only)
{
	size_t n;
	plg_arena *a = plg_arena_new(1 << 20);
	plg_text *w = plg_split(a, plg_text_of(a, " \ta\xc2\xa0 bc\n"), &n);
	ck_assert_uint_eq(n, 2);
	ck_assert(plg_text_eq(w[0], plg_text_of(a, "a")) && plg_text_eq(w[1], plg_text_of(a, "bc")));
	ck_assert(plg_text_eq(plg_collapse(a, plg_text_of(a, " a \t b")), plg_text_of(a, " a b")));
	ck_assert(plg_is_blank(plg_strip(plg_text_of(a, " \n "))));
	ck_assert_ptr_nonnull(plg_split(a, (plg_text){NULL, 0}, &n));
	ck_assert_uint_eq(n, 0);
	plg_arena_free(a);
}
END_TEST

/* ---- memory ---- */

START_TEST(test_arena_when_over_cap_then_refuses_and_recovers)
{
	plg_arena *a = plg_arena_new(1000);
	ck_assert_ptr_nonnull(plg_arena_take(a, 500, 1));
	ck_assert_ptr_null(plg_arena_take(a, 600, 1));
	ck_assert(plg_arena_failed(a));
	ck_assert_ptr_null(plg_arena_take(a, SIZE_MAX, SIZE_MAX));
	plg_arena_reset(a);
	ck_assert(!plg_arena_failed(a));
	ck_assert_ptr_nonnull(plg_arena_take(a, 900, 1));
	plg_arena_free(a);
}
END_TEST

START_TEST(test_arena_when_rewound_then_reuses_and_zeroes)
{
	plg_arena *a = plg_arena_new(64 << 20);
	uint8_t *kept = plg_arena_take(a, 100, 1);
	memset(kept, 7, 100);
	plg_arena_point p = plg_arena_mark(a);
	for (int i = 0; i < 50; i++) { /* 50 MiB in all, but never more than one at a time */
		uint8_t *x = plg_arena_take(a, 1 << 20, 1);
		ck_assert_ptr_nonnull(x);
		ck_assert_uint_eq(x[0] | x[(1 << 20) - 1], 0);
		memset(x, 9, 1 << 20);
		plg_arena_rewind(a, p);
	}
	ck_assert_uint_eq(kept[99], 7);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_intern_when_repeated_then_same_number)
{
	plg_arena *a = plg_arena_new(1 << 20);
	plg_intern *in = plg_intern_new(a, 3);
	uint32_t x = plg_intern_word(in, plg_text_of(a, "x"));
	uint32_t y = plg_intern_word(in, plg_text_of(a, "y"));
	ck_assert_uint_ne(x, y);
	ck_assert_uint_eq(plg_intern_word(in, plg_text_of(a, "x")), x);
	ck_assert_uint_eq(plg_intern_pair(in, 5, 6), 2);
	ck_assert_uint_eq(plg_intern_pair(in, 6, 5), PLG_NO_ID); /* full */
	plg_intern_clear(in);
	ck_assert_uint_eq(plg_intern_pair(in, 6, 5), 0);
	ck_assert_uint_eq(plg_intern_count(in), 1);
	plg_arena_free(a);
}
END_TEST

/* ---- JSON, bodies, configuration ---- */

START_TEST(test_json_when_hostile_then_refused)
{
	static const char *const bad[] = {
		"",
		"{",
		"[1,]",
		"{\"a\":1,\"a\":2}",
		"NaN",
		"[Infinity]",
		"1e999-",
		"[+1e999]",
		"{\"a\":1}x",
		"{\"a\":\"\\ud80\"}",
		"\"\xff\"",
		"'a'",
		"99999999999999999999x",
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		const char *why = NULL;
		ck_assert_ptr_null(plg_json_parse(bytes(bad[i]), 1000, &why));
		ck_assert_ptr_nonnull(why);
	}
	ck_assert_ptr_null(plg_json_parse(bytes("[1,2,3]"), 6, NULL));
}
END_TEST

/* Numbers that no library holds, and half surrogates: void where they are read, and
 * nowhere else. */
START_TEST(test_json_when_a_number_is_too_large_then_only_its_member_is_void)
{
	static const char *const large[] = {"17293822569102704640",
										"-9223372036854775809",
										"1e999",
										"-1e999",
										"9e308",
										"1.5E+4000",
										"123456789012345678901234567890"};
	char text[4096], digits[1200];
	for (size_t i = 0; i <= ASY_COUNT(large); i++) {
		memset(digits, '7', sizeof digits - 1);
		digits[sizeof digits - 1] = '\0';
		const char *number = i < ASY_COUNT(large) ? large[i] : digits;
		(void)snprintf(text, sizeof text,
					   "{\"q\":\"1e999 \\\"99999999999999999999\",\"a\":[1,%s , -3],\"n\":%s}",
					   number, number);
		plg_json *v = plg_json_parse(bytes(text), sizeof text, NULL);
		ck_assert_msg(v != NULL, "%s", text);
		double d;
		assay_bytes q;
		ck_assert(!plg_json_num(plg_json_get(v, "n"), &d));
		ck_assert(plg_json_num(plg_json_at(plg_json_get(v, "a"), 2), &d));
		ck_assert_double_eq(d, -3);
		ck_assert(plg_json_str(plg_json_get(v, "q"), &q));
		ck_assert_uint_eq(q.len, 27); /* inside a string nothing changes */
		plg_json_free(v);
	}
}
END_TEST

START_TEST(test_json_when_half_a_surrogate_then_replaced)
{
	static const struct {
		const char *json, *utf8;
	} cases[] = {
		{"\"\\ud800\"", "\xef\xbf\xbd"},
		{"\"a\\udfffb\"", "a\xef\xbf\xbd"
						  "b"},
		{"\"\\ud83d\\ude00\\ud83d\"", "\xf0\x9f\x98\x80\xef\xbf\xbd"},
		{"\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
							   "A"},
		{"\"\\\\ud800\\ud800\"", "\\ud800\xef\xbf\xbd"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		plg_json *v = plg_json_parse(bytes(cases[i].json), 100, NULL);
		assay_bytes s;
		ck_assert_msg(plg_json_str(v, &s), "%s", cases[i].json);
		ck_assert_uint_eq(s.len, strlen(cases[i].utf8));
		ck_assert_mem_eq(s.ptr, cases[i].utf8, (size_t)s.len);
		plg_json_free(v);
	}
}
END_TEST

START_TEST(test_json_when_deep_then_refused_at_33)
{
	char text[128] = "";
	for (int depth = 31; depth <= 34; depth++) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		text[2 * depth] = '\0';
		plg_json *v = plg_json_parse(bytes(text), 1000, NULL);
		ck_assert_int_eq(v != NULL, depth <= PLG_JSON_DEPTH);
		plg_json_free(v);
	}
	plg_json *v =
		plg_json_parse(bytes("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"]"), 99, NULL);
	ck_assert_ptr_nonnull(v); /* brackets inside strings are not depth */
	plg_json_free(v);
}
END_TEST

START_TEST(test_body_when_wrong_then_names_the_gate)
{
	static const struct {
		const char *s;
		plg_gate gate;
	} cases[] = {
		{"{\"t\":\"hello\"}", PLG_GATE_OPEN},
		{"{\"t\":\"hello\",\"score\":1}", PLG_GATE_OPEN}, /* self-reports are ignored */
		{"", PLG_GATE_EMPTY},
		{"{\"t\":\" \\n\\u00a0\"}", PLG_GATE_EMPTY},
		{"{\"t\":\"\"}", PLG_GATE_EMPTY},
		{"{\"t\":\"0123456789abcdefg\"}", PLG_GATE_OVERSIZE},
		{"{\"t\":\"a\",\"pad\":\"0123456789012345678901234567890123456789\"}", PLG_GATE_OVERSIZE},
		{"null", PLG_GATE_MALFORMED},
		{"{}", PLG_GATE_MALFORMED},
		{"[\"t\"]", PLG_GATE_MALFORMED},
		{"{\"t\":5}", PLG_GATE_MALFORMED},
		{"{\"t\":\"a\\u0000b\"}", PLG_GATE_MALFORMED},
		{"{\"t\":\"\xc3(\"}", PLG_GATE_MALFORMED},
	};
	const plg_body_limits limits = {.max_bytes = 48, .max_code_points = 16};
	plg_arena *a = plg_arena_new(1 << 20);
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		plg_body b;
		ck_assert_msg(plg_body_read(a, bytes(cases[i].s), "t", &limits, &b, NULL) == cases[i].gate,
					  "%s", cases[i].s);
	}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_body_when_padded_then_counts_controls_and_invisibles)
{
	const plg_body_limits limits = {.max_bytes = 999, .max_code_points = 99};
	plg_arena *a = plg_arena_new(1 << 20);
	plg_body b;
	ck_assert_int_eq(
		plg_body_read(a, bytes("{\"t\":\"a\\u0001\\u200b\\u202e\\tb\"}"), "t", &limits, &b, NULL),
		PLG_GATE_OPEN);
	ck_assert_uint_eq(b.controls, 1);
	ck_assert_uint_eq(b.invisible, 2);
	ck_assert_double_eq(plg_control_factor(&b), 0.5);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_config_when_wrong_then_says_which_key)
{
	static const char *const names[] = {"one", "two"};
	plg_config c;
	plg_config_begin(&c, bytes("{\"n\":7,\"deep\":{\"x\":0.5},\"who\":\"two\"}"));
	ck_assert_int_eq(plg_config_int(&c, "n", 1, 0, 10), 7);
	ck_assert_double_eq(plg_config_num(&c, "deep.x", 1, 0, 1), 0.5);
	ck_assert_double_eq(plg_config_num(&c, "deep.y", 0.25, 0, 1), 0.25);
	ck_assert_uint_eq(plg_config_choice(&c, "who", names, 2, 0), 1);
	ck_assert(!c.bad);
	ck_assert_int_eq(plg_config_int(&c, "n", 1, 8, 10), 1);
	ck_assert_str_eq(c.msg, "n: 7 is outside 8..10");
	ck_assert_int_eq(plg_config_end(&c, NULL), ASSAY_RC_CONFIG);
	plg_config_begin(&c, (assay_bytes){NULL, 0});
	ck_assert_int_eq(plg_config_end(&c, NULL), ASSAY_RC_OK);
	plg_config_begin(&c, bytes("[]"));
	ck_assert_int_eq(plg_config_end(&c, NULL), ASSAY_RC_CONFIG);
}
END_TEST

/* ---- numbers ---- */

START_TEST(test_exp2_and_log2_when_compared_then_as_the_library)
{
	test_rng rng = {test_seed()};
	for (int i = 0; i < 20000; i++) {
		double x = (double)test_below(&rng, 1u << 30) / (1 << 22), e = exp2(-x);
		ck_assert_double_le(fabs(plg_exp2_neg(x) - e), 1e-15 * e);
		double y = ((double)test_below(&rng, 1u << 30) + 1) / (1 << 20), l = log2(y);
		ck_assert_double_le(fabs(plg_log2(y) - l), 2e-15 * (1 + fabs(l)));
	}
	ck_assert_double_eq(plg_exp2_neg(0), 1);
	ck_assert_double_eq(plg_exp2_neg(3), 0.125);
	ck_assert_double_eq(plg_exp2_neg(1e9), 0);
	ck_assert_double_eq(plg_log2(1), 0);
	ck_assert_double_eq(plg_log2(1024), 10);
}
END_TEST

START_TEST(test_compression_when_looping_then_high)
{
	ck_assert_double_gt(
		plg_compression_ratio(bytes("go go go go go go go go go go go go go go go")), 2.4);
	ck_assert_double_lt(plg_compression_ratio(bytes("a plain sentence")), 1);
	ck_assert_double_eq(plg_compression_ratio((assay_bytes){NULL, 0}), 0);
}
END_TEST

/* ---- rows ---- */

START_TEST(test_rows_when_ordered_then_grouped_and_stable)
{
	assay_challenge c[3] = {0};
	assay_response x[7] = {0};
	const uint32_t of[7] = {2, 0, 9, 2, 1, 0, 2};
	uint64_t lost;
	for (int i = 0; i < 7; i++)
		x[i].challenge = of[i];
	assay_batch b = {.challenge = c,
					 .challenge_n = 3,
					 .response = x,
					 .response_n = 7,
					 .challenge_stride = sizeof *c,
					 .response_stride = sizeof *x};
	uint32_t *order = plg_rows_by_challenge(&b, &lost);
	const uint32_t want[7] = {1, 5, 4, 0, 3, 6, 2};
	ck_assert_mem_eq(order, want, sizeof want);
	ck_assert_uint_eq(lost, 6);
	free(order);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_decode_when_ill_formed_then_refused);
	tcase_add_test(tc, test_decode_when_well_formed_then_counts_code_points);
	tcase_add_test(tc, test_decode_when_encoded_again_then_same_bytes);
	tcase_add_test(tc, test_space_when_listed_then_space_and_nothing_else);
	tcase_add_test(tc, test_lower_when_special_then_as_unicode_says);
	tcase_add_test(tc, test_split_when_padded_then_words_only);
	tcase_add_test(tc, test_arena_when_over_cap_then_refuses_and_recovers);
	tcase_add_test(tc, test_arena_when_rewound_then_reuses_and_zeroes);
	tcase_add_test(tc, test_intern_when_repeated_then_same_number);
	tcase_add_test(tc, test_json_when_hostile_then_refused);
	tcase_add_test(tc, test_json_when_a_number_is_too_large_then_only_its_member_is_void);
	tcase_add_test(tc, test_json_when_half_a_surrogate_then_replaced);
	tcase_add_test(tc, test_json_when_deep_then_refused_at_33);
	tcase_add_test(tc, test_body_when_wrong_then_names_the_gate);
	tcase_add_test(tc, test_body_when_padded_then_counts_controls_and_invisibles);
	tcase_add_test(tc, test_config_when_wrong_then_says_which_key);
	tcase_add_test(tc, test_exp2_and_log2_when_compared_then_as_the_library);
	tcase_add_test(tc, test_compression_when_looping_then_high);
	tcase_add_test(tc, test_rows_when_ordered_then_grouped_and_stable);
}

int main(void)
{
	return test_main("plugin common", fill, 30);
}
