/* JSON in and out: exact integers, paths, limits, order, and output that is
 * always valid whatever went in. */
#include <float.h>
#include <math.h>
#include "codec/codec.h"
#include "support/decimal.h"
#include "support/test.h"

static asy_json *parse(const char *text)
{
	asy_json *d = NULL;
	assay_err e;
	ck_ok(asy_json_parse(asy_span_str(text), NULL, &d, &e), e);
	return d;
}

static assay_status refuse(const char *text, const asy_json_limits *l, assay_err *e)
{
	asy_json *d = NULL;
	assay_status st = asy_json_parse(asy_span_str(text), l, &d, e);
	ck_assert_int_ne(st, ASSAY_OK);
	ck_assert_ptr_null(d);
	return st;
}

START_TEST(test_integers_when_beyond_i64_then_exact)
{
	asy_json *d = parse("{\"a\": 18446744073709551615, \"s\": \"18446744073709551615\", \"b\":"
						" [9223372036854775807, 9223372036854775808, -9223372036854775808, 1e3,"
						" 340282366920938463463374607431768211455], \"c\": 7}");
	asy_jv r = asy_json_root(d);
	uint64_t u = 0, wide[2];
	int64_t i = 0;
	double f;
	assay_err e;
	ck_ok(asy_jv_u64(asy_jv_get(r, "a"), &u, &e), e);
	ck_assert(u == UINT64_MAX);
	asy_jv b = asy_jv_get(r, "b");
	ck_ok(asy_jv_u64(asy_jv_at(b, 0), &u, &e), e);
	ck_assert(u == INT64_MAX);
	ck_ok(asy_jv_u64(asy_jv_at(b, 1), &u, &e), e);
	ck_assert(u == (uint64_t)INT64_MAX + 1);
	ck_assert_int_eq(asy_jv_i64(asy_jv_at(b, 1), &i, &e), ASSAY_E_RANGE);
	ck_ok(asy_jv_i64(asy_jv_at(b, 2), &i, &e), e);
	ck_assert(i == INT64_MIN);
	ck_assert_int_eq(asy_jv_u64(asy_jv_at(b, 3), &u, &e), ASSAY_E_INPUT);
	ck_assert_str_eq(e.msg, "b[3]: not an integer");
	ck_assert_int_eq(asy_jv_u64(asy_jv_at(b, 4), &u, &e), ASSAY_E_RANGE);
	ck_ok(asy_jv_u128(asy_jv_at(b, 4), wide, &e), e);
	ck_assert(wide[0] == UINT64_MAX && wide[1] == UINT64_MAX);
	ck_ok(asy_jv_f64(asy_jv_get(r, "a"), &f, &e), e);
	ck_assert(f == 18446744073709551615.0);
	ck_ok(asy_jv_u64(asy_jv_get(r, "c"), &u, &e), e);
	ck_assert_uint_eq(u, 7);
	asy_json_free(d);
}
END_TEST

START_TEST(test_integers_when_malformed_and_long_then_refused)
{
	assay_err e;
	static const char *const bad[] = {"099999999999999999999999",
									  "-",
									  "[99999999999999999999999 1]",
									  "99999999999999999999999x",
									  "-099999999999999999999999",
									  "99999999999999999999-1",
									  "1.",
									  "+1",
									  ".5",
									  "nan"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		ck_assert_int_eq(refuse(bad[i], NULL, &e), ASSAY_E_FORMAT);
}
END_TEST

START_TEST(test_paths_when_wrong_or_missing_then_named)
{
	asy_json *d = parse("{\"miners\": [1, 2, 3, {\"axon\": {\"port\": \"x\", \"big\": -1}}]}");
	asy_jv m = asy_jv_get(asy_json_root(d), "miners");
	uint64_t u;
	uint16_t w;
	assay_err e;
	asy_jv axon = asy_jv_get(asy_jv_at(m, 3), "axon");
	ck_assert_int_eq(asy_jv_u64(asy_jv_get(axon, "port"), &u, &e), ASSAY_E_INPUT);
	ck_assert_str_eq(e.msg, "miners[3].axon.port: not an integer");
	ck_assert_int_eq(asy_jv_u16(asy_jv_get(axon, "big"), &w, &e), ASSAY_E_RANGE);
	ck_assert_str_eq(e.msg, "miners[3].axon.big: negative");
	ck_assert_int_eq(asy_jv_u64(asy_jv_get(axon, "ip"), &u, &e), ASSAY_E_INPUT);
	ck_assert_str_eq(e.msg, "miners[3].axon.ip: missing");
	ck_assert_int_eq(asy_jv_u64(asy_jv_get(asy_jv_get(asy_jv_at(m, 9), "axon"), "ip"), &u, &e),
					 ASSAY_E_INPUT);
	ck_assert_str_eq(e.msg, "miners[9]: missing");
	ck_assert_int_eq(asy_jv_u64(asy_jv_get(asy_json_root(d), "x"), &u, &e), ASSAY_E_INPUT);
	ck_assert_str_eq(e.msg, "x: missing");
	ck_assert_int_eq(asy_jv_u64(asy_json_root(d), &u, &e), ASSAY_E_INPUT);
	ck_assert_str_eq(e.msg, "(document): not an integer");
	ck_assert(asy_jv_is_null((asy_jv){0}));
	asy_json_free(d);
}
END_TEST

START_TEST(test_objects_when_large_then_order_kept_and_all_found)
{
	asy_buf b = {0};
	assay_err e;
	asy_jw w = asy_jw_out(&b, 0);
	asy_jw_object(&w);
	for (unsigned i = 0; i < 5000; i++) {
		char key[16];
		(void)snprintf(key, sizeof key, "k%u", i * 7919u % 5000u);
		asy_jw_ku64(&w, key, i);
	}
	asy_jw_end_object(&w);
	ck_ok(asy_jw_end(&w, &e), e);
	asy_json *d = parse(asy_buf_cstr(&b));
	asy_jv r = asy_json_root(d);
	ck_assert_uint_eq(asy_jv_size(r), 5000);
	for (unsigned i = 0; i < 5000; i++) {
		char key[16];
		uint64_t u;
		(void)snprintf(key, sizeof key, "k%u", i * 7919u % 5000u);
		ck_assert_str_eq(asy_jv_key(r, i), key);
		ck_ok(asy_jv_u64(asy_jv_get(r, key), &u, &e), e);
		ck_assert_uint_eq(u, i);
		ck_ok(asy_jv_u64(asy_jv_value(r, i), &u, &e), e);
		ck_assert_uint_eq(u, i);
	}
	asy_json_free(d);
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_parse_when_hostile_then_limited)
{
	static char deep[20001];
	assay_err e;
	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 10000);
	ck_assert_int_eq(refuse(deep, NULL, &e), ASSAY_E_LIMIT);
	ck_assert_str_eq(e.msg, "JSON is nested deeper than 64 levels at byte 64");
	ck_assert_int_eq(refuse(deep, &(asy_json_limits){.max_depth = SIZE_MAX}, &e), ASSAY_E_LIMIT);
	ck_assert_int_eq(refuse("[1,2,3,4]", &(asy_json_limits){.max_bytes = 8}, &e), ASSAY_E_LIMIT);
	ck_assert_int_eq(refuse("[1,2,3,4]", &(asy_json_limits){.max_values = 4}, &e), ASSAY_E_LIMIT);
	ck_assert_int_eq(refuse("{\"a\":1,\"a\":2}", NULL, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(refuse("", NULL, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(refuse("[1] 2", NULL, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(refuse("[1e999]", NULL, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(refuse("\"\xff\"", NULL, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(refuse("[\"\x1b[2J", NULL, &e), ASSAY_E_FORMAT);
	ck_assert_ptr_null(strchr(e.msg, 0x1b));
}
END_TEST

START_TEST(test_canonical_when_reordered_then_equal)
{
	asy_json *x = parse("{\"b\": [1, 2.50, null, true], \"a\": {\"z\": \"\\u00e9\\n\", \"y\": "
						"99999999999999999999}, \"c\":\"\"}");
	asy_json *y = parse("{\"c\":\"\",\"a\":{\"y\":99999999999999999999,\"z\":\"\xc3\xa9\\n\"},"
						"\"b\":[1,2.5,null,true]}");
	asy_buf bx = {0}, by = {0};
	assay_err e;
	ck_ok(asy_jv_canonical(asy_json_root(x), &bx, &e), e);
	ck_ok(asy_jv_canonical(asy_json_root(y), &by, &e), e);
	ck_assert_str_eq(asy_buf_cstr(&bx), asy_buf_cstr(&by));
	ck_assert_str_eq(asy_buf_cstr(&bx), "{\"a\":{\"y\":99999999999999999999,\"z\":\"\xc3\xa9\\n\"},"
										"\"b\":[1,2.5,null,true],\"c\":\"\"}");
	asy_buf_fini(&bx);
	asy_buf_fini(&by);
	asy_json_free(x);
	asy_json_free(y);
}
END_TEST

START_TEST(test_doubles_when_written_then_read_back_equal)
{
	test_rng r = {test_seed()};
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = test_next(&r);
		double v, back;
		memcpy(&v, &bits, sizeof v);
		if (!isfinite(v))
			v = i == 0 ? -0.0 : DBL_MIN / 3;
		asy_buf b = {0};
		assay_err e;
		asy_jw w = asy_jw_out(&b, 0);
		asy_jw_f64(&w, v);
		ck_ok(asy_jw_end(&w, &e), e);
		asy_json *d = parse(asy_buf_cstr(&b));
		ck_assert_int_eq(asy_jv_kind(asy_json_root(d)), ASY_J_REAL);
		ck_ok(asy_jv_f64(asy_json_root(d), &back, &e), e);
		ck_assert(memcmp(&v, &back, sizeof v) == 0);
		asy_json_free(d);
		asy_buf_fini(&b);
	}
}
END_TEST

static void check_text(double v)
{
	char want[32], got[32];
	if (!isfinite(v))
		return;
	test_fewest_digits(want, v);
	asy_json_double(got, v);
	ck_assert_str_eq(got, want);
}

/* v, what it is negative, and the numbers beside it. */
static void check_around(double v)
{
	check_text(v);
	check_text(-v);
	check_text(nextafter(v, INFINITY));
	check_text(nextafter(v, -INFINITY));
}

START_TEST(test_doubles_when_written_then_the_fewest_digits)
{
	test_rng r = {test_seed()};
	for (int i = 0; i < 5000; i++) {
		uint64_t bits = test_next(&r);
		const double unit = (double)(bits >> 11) / 9007199254740992.0;
		double any;
		memcpy(&any, &bits, sizeof any);
		check_text(any);
		check_text(unit);
		check_text(unit / 32768);
		check_text(-ldexp(unit, (int)test_below(&r, 120) - 60));
		/* short decimals, and what is halfway between two of 15 or 16 digits */
		check_around((double)test_below(&r, 100000) / pow(10, (double)test_below(&r, 9)));
		check_around((double)(bits >> 10) + 0.5);
		check_around((double)(bits % 10000000000000000u));
	}
	for (int e = -1074; e < 1024; e++)
		check_around(ldexp(1, e)); /* the gap below is half of the one above */
	for (int e = -320; e < 309; e++)
		for (int digit = 1; digit < 10; digit++)
			check_around(digit * pow(10, e));
	check_around(0);
	check_around(999999999999999.5);
	check_around(9999999999999999.0);
}
END_TEST

START_TEST(test_writer_when_any_bytes_then_valid_json)
{
	test_rng r = {test_seed()};
	for (int i = 0; i < 5000; i++) {
		char s[64];
		size_t n = test_below(&r, sizeof s);
		for (size_t k = 0; k < n; k++)
			s[k] = (char)(test_below(&r, 3) == 0 ? test_next(&r) : 0x20 + test_below(&r, 0x60));
		asy_buf b = {0};
		assay_err e;
		asy_jw w = asy_jw_out(&b, 2);
		asy_jw_array(&w);
		asy_jw_strn(&w, s, n);
		asy_jw_f64(&w, NAN);
		asy_jw_object(&w);
		asy_jw_end_object(&w);
		asy_jw_end_array(&w);
		ck_ok(asy_jw_end(&w, &e), e);
		asy_json_free(parse(asy_buf_cstr(&b)));
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_strings_when_written_then_escaped_wherever_they_stand)
{
	static const struct {
		const char *in, *out;
	} piece[] = {{"a", "a"},
				 {" ", " "},
				 {"~", "~"},
				 {"#", "#"},
				 {"[", "["},
				 {"abcdefgh", "abcdefgh"},
				 {"\"", "\\\""},
				 {"\\", "\\\\"},
				 {"\n", "\\n"},
				 {"\x01", "\\u0001"},
				 {"\x1f", "\\u001f"},
				 {"\x7f", "\x7f"},
				 {"\x80", "\xef\xbf\xbd"},
				 {"\xff", "\xef\xbf\xbd"},
				 {"\xc3\xa9", "\xc3\xa9"},
				 {"\xe2\x82\xac", "\xe2\x82\xac"},
				 {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}};
	test_rng r = {test_seed()};
	for (int i = 0; i < 20000; i++) {
		char in[260] = "", want[400] = "\"";
		/* rare ones alone in a long plain text, or all mixed */
		const size_t plain = i % 2 == 0 ? 6 : ASY_COUNT(piece);
		for (size_t n = test_below(&r, 25); n > 0; n--) {
			const size_t k = test_below(&r, test_below(&r, 8) == 0 ? ASY_COUNT(piece) : plain);
			(void)strcat(in, piece[k].in);
			(void)strcat(want, piece[k].out);
		}
		(void)strcat(want, "\"");
		asy_buf b = {0};
		assay_err e;
		asy_jw w = asy_jw_out(&b, 0);
		asy_jw_str(&w, in);
		ck_ok(asy_jw_end(&w, &e), e);
		ck_assert_str_eq(asy_buf_cstr(&b), want);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_writer_when_pretty_then_indented)
{
	asy_buf b = {0};
	assay_err e;
	asy_jw w = asy_jw_out(&b, 2);
	asy_jw_object(&w);
	asy_jw_khex(&w, "h", "\x01\xff", 2);
	asy_jw_key(&w, "e");
	asy_jw_array(&w);
	asy_jw_end_array(&w);
	asy_jw_key(&w, "l");
	asy_jw_array(&w);
	asy_jw_i64(&w, -1);
	asy_jw_str(&w, NULL);
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	ck_ok(asy_jw_end(&w, &e), e);
	ck_assert_str_eq(
		asy_buf_cstr(&b),
		"{\n  \"h\": \"0x01ff\",\n  \"e\": [],\n  \"l\": [\n    -1,\n    null\n  ]\n}");
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_writer_when_unbalanced_then_internal_error)
{
	asy_buf b = {0};
	asy_jw w = asy_jw_out(&b, 0);
	asy_jw_object(&w);
	ck_assert_int_eq(asy_jw_end(&w, NULL), ASSAY_E_INTERNAL);
	asy_jw x = asy_jw_out(&b, 0);
	asy_jw_end_array(&x);
	ck_assert_int_eq(asy_jw_end(&x, NULL), ASSAY_E_INTERNAL);
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_known_when_key_is_none_of_them_then_place_and_nearest)
{
	static const char *const top[] = {"rows", "seed"}, *const row[] = {"uid", "score"};
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"{\"rows\":[{\"uid\":1}],\"seed\":1}", NULL},
		{"{}", NULL},
		{"{\"sed\":1}", "unknown key \"sed\"; did you mean \"seed\"?"},
		{"{\"completely\":1}", "unknown key \"completely\""},
		{"{\"rows\":[{\"uid\":1},{\"scor\":1}]}",
		 "rows[1]: unknown key \"scor\"; did you mean \"score\"?"},
		{"{\"rows\":[3]}", "rows[0]: not an object"},
		{"{\"a\\u001b\":1}", "unknown key \"a\\x1b\""},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		asy_json *doc = NULL;
		assay_err err = {0};
		ck_ok(asy_json_parse(asy_span_str(cases[i].text), NULL, &doc, &err), err);
		asy_jv root = asy_json_root(doc), rows = asy_jv_get(root, "rows");
		assay_status st = asy_jv_known(root, top, ASY_COUNT(top), &err);
		for (size_t k = 0; st == ASSAY_OK && k < asy_jv_size(rows); k++)
			st = asy_jv_known(asy_jv_at(rows, k), row, ASY_COUNT(row), &err);
		ck_assert_int_eq(st, cases[i].says == NULL ? ASSAY_OK : ASSAY_E_FORMAT);
		ck_assert_str_eq(err.msg, cases[i].says == NULL ? "" : cases[i].says);
		asy_json_free(doc);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_known_when_key_is_none_of_them_then_place_and_nearest);
	tcase_add_test(tc, test_integers_when_beyond_i64_then_exact);
	tcase_add_test(tc, test_integers_when_malformed_and_long_then_refused);
	tcase_add_test(tc, test_paths_when_wrong_or_missing_then_named);
	tcase_add_test(tc, test_objects_when_large_then_order_kept_and_all_found);
	tcase_add_test(tc, test_parse_when_hostile_then_limited);
	tcase_add_test(tc, test_canonical_when_reordered_then_equal);
	tcase_add_test(tc, test_doubles_when_written_then_read_back_equal);
	tcase_add_test(tc, test_doubles_when_written_then_the_fewest_digits);
	tcase_add_test(tc, test_writer_when_any_bytes_then_valid_json);
	tcase_add_test(tc, test_strings_when_written_then_escaped_wherever_they_stand);
	tcase_add_test(tc, test_writer_when_pretty_then_indented);
	tcase_add_test(tc, test_writer_when_unbalanced_then_internal_error);
}

int main(void)
{
	return test_main("codec.json", fill, 60);
}
