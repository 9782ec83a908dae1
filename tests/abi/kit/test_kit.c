/* The kit for authors: its JSON finds what is there and survives what is not JSON, its
 * options have the schema's values, its rows step by stride. */
#include <assay/plugin_kit.h>
#include "support/test.h"

static assay_bytes bytes(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

START_TEST(test_json_when_a_path_is_there_then_found_as_written)
{
	const char *doc =
		" {\"a\": {\"b.c\":1,\"b\":[10, \"x\\\"]}\", {\"t\":true}]} ,\n\"n\":-1.5e3,\"s\":\"\"}";
	const struct {
		const char *path, *is;
	} there[] = {{"a.b.0", "10"},     {"a.b.1", "\"x\\\"]}\""}, {"a.b.2", "{\"t\":true}"},
				 {"a.b.2.t", "true"}, {"n", "-1.5e3"},          {"s", "\"\""}};
	const char *missing[] = {"b",  "a.x", "a.b.3", "a.b.0.c", "n.0",   "",
							 "a.", ".a",  "a..b",  "a.b.x",   "a.b.1x"};
	assay_bytes v;
	for (size_t i = 0; i < ASY_COUNT(there); i++)
		ck_assert_msg(assay_kit_json_get(bytes(doc), there[i].path, &v) &&
						  assay_kit_is(v, there[i].is),
					  "%s", there[i].path);
	for (size_t i = 0; i < ASY_COUNT(missing); i++)
		ck_assert_msg(!assay_kit_json_get(bytes(doc), missing[i], &v), "%s", missing[i]);
	ck_assert(!assay_kit_json_get((assay_bytes){NULL, 0}, "a", &v));
}
END_TEST

START_TEST(test_json_when_it_is_none_then_nothing_or_a_part_of_it)
{
	char deep[400];
	assay_bytes v;
	const char *bad[] = {"",  "{",  "{\"a\"", "{\"a\":", "{\"a\":}",
						 "[", "[,", "{\"a",   "{\"a\\",  "{a:1}"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		ck_assert_msg(!assay_kit_json_get(bytes(bad[i]), "a", &v), "%s", bad[i]);
	memset(deep, '[', sizeof deep);
	ck_assert(!assay_kit_json_get((assay_bytes){(const uint8_t *)deep, sizeof deep}, "0", &v));
}
END_TEST

START_TEST(test_number_when_it_is_json_then_read_else_not)
{
	const char *good[] = {"0", "-1", "1.5", "2e3", "1E-2"};
	const char *bad[] = {"",   "+1", "nan",   "inf",  "-inf",   "0x10",
						 "1 ", "1a", "\"1\"", "true", "-nan(1)"};
	double d;
	for (size_t i = 0; i < ASY_COUNT(good); i++)
		ck_assert_msg(assay_kit_json_number(bytes(good[i]), &d) && d == atof(good[i]), "%s",
					  good[i]);
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		ck_assert_msg(!assay_kit_json_number(bytes(bad[i]), &d), "%s", bad[i]);
}
END_TEST

START_TEST(test_text_when_escaped_then_resolved_and_bounded)
{
	char dst[32];
	size_t len;
	ck_assert(
		assay_kit_json_text(bytes("\"a\\n\\\"\\u00e4\\ud83d\\ude00\\/\""), dst, sizeof dst, &len));
	ck_assert_str_eq(dst, "a\n\"\xc3\xa4\xf0\x9f\x98\x80/");
	ck_assert(assay_kit_json_text(bytes("\"\\ud83d\\u0041\\u12\""), dst, sizeof dst, &len));
	ck_assert_str_eq(dst, "\xef\xbf\xbd"
						  "A"
						  "\xef\xbf\xbd");
	ck_assert(assay_kit_json_text(bytes("\"a\\u0000b\""), dst, sizeof dst, &len) && len == 3);
	ck_assert(
		!assay_kit_json_text(bytes("\"0123456789012345678901234567890\""), dst, sizeof dst, &len));
	ck_assert(!assay_kit_json_text(bytes("12"), dst, sizeof dst, &len));
	ck_assert(!assay_kit_json_text(bytes("\""), dst, sizeof dst, &len));
}
END_TEST

START_TEST(test_options_when_of_the_schema_then_its_values_else_the_fallback)
{
	char text[16];
	assay_bytes c =
		bytes("{\"full\":400,\"on\":true,\"off\":false,\"w\":{\"f1\":0.5},\"name\":\"x\"}");
	ck_assert(assay_kit_number(c, "full", 1) == 400 && assay_kit_number(c, "w.f1", 1) == 0.5);
	ck_assert(assay_kit_number(c, "none", 7) == 7 && assay_kit_number(c, "name", 7) == 7);
	ck_assert(assay_kit_flag(c, "on", 0) == 1 && assay_kit_flag(c, "off", 1) == 0);
	ck_assert(assay_kit_flag(c, "none", 1) == 1);
	ck_assert(assay_kit_text(c, "name", text, sizeof text) && strcmp(text, "x") == 0);
	ck_assert(!assay_kit_text(c, "none", text, sizeof text) && text[0] == '\0');
}
END_TEST

START_TEST(test_schema_when_made_of_macros_then_as_an_author_would_write_it)
{
	ck_assert_str_eq(
		ASSAY_KIT_OPTIONS(ASSAY_KIT_INTEGER("n", 1, 9, 3, "how many") "," ASSAY_KIT_NUMBER(
			"w", -0.5, 1, 0.25, "a weight") "," ASSAY_KIT_FLAG("on", true, "or off")),
		"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
		"\"n\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"default\":3,"
		"\"description\":\"how many\"},"
		"\"w\":{\"type\":\"number\",\"minimum\":-0.5,\"maximum\":1,\"default\":0.25,"
		"\"description\":\"a weight\"},"
		"\"on\":{\"type\":\"boolean\",\"default\":true,\"description\":\"or off\"}}}");
}
END_TEST

START_TEST(test_print_when_it_does_not_fit_then_empty)
{
	char text[8];
	assay_bytes all = assay_kit_print(text, sizeof text, "\"%d\"", 12345);
	ck_assert(assay_kit_is(all, "\"12345\""));
	all = assay_kit_print(text, sizeof text, "\"%d\"", 123456);
	ck_assert(all.len == 0 && all.ptr == NULL);
}
END_TEST

START_TEST(test_utf8_when_it_is_none_then_one_replacement_per_byte)
{
	const uint8_t in[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xff\xc0\x80\xed\xa0\x80\xe2\x82";
	const uint32_t out[] = {'a',    0xe4,   0x20ac, 0x1f600, 0xfffd, 0xfffd,
							0xfffd, 0xfffd, 0xfffd, 0xfffd,  0xfffd, 0xfffd};
	const uint8_t *p = in, *end = in + sizeof in - 1;
	for (size_t i = 0; i < ASY_COUNT(out); i++) {
		ck_assert(p < end);
		ck_assert_uint_eq(assay_kit_utf8(&p, end), out[i]);
	}
	ck_assert(p == end);
}
END_TEST

/* A host of the future has longer rows. */
START_TEST(test_rows_when_they_are_longer_than_ours_then_stepped_over)
{
	struct {
		assay_response r;
		char more[40];
	} row[3] = {{.r.challenge = 1}, {.r.challenge = 0, .r.latency_ms = 5}, {.r.latency_ms = 6}};
	struct {
		assay_challenge c;
		char more[24];
	} ask[2] = {{.c.prompt = {(const uint8_t *)"p", 1}}, {.c.prompt = {(const uint8_t *)"q", 1}}};
	double score[3] = {0}, component[6] = {0};
	uint8_t flag[3] = {0};
	const assay_batch b = {.response_n = 3,
						   .response = &row[0].r,
						   .challenge = &ask[0].c,
						   .response_stride = sizeof row[0],
						   .challenge_stride = sizeof ask[0]};
	assay_scores s = {.score = score, .flag = flag, .component = component, .component_n = 2};
	ck_assert_uint_eq(assay_kit_response(&b, 2)->latency_ms, 6);
	ck_assert(assay_kit_is(assay_kit_challenge(&b, assay_kit_response(&b, 0))->prompt, "q"));
	assay_kit_score(&s, 1, 0.5);
	assay_kit_abstain(&s, 2);
	ck_assert(score[1] == 0.5 && flag[0] == 0 && flag[1] == ASSAY_ROW_SCORED &&
			  flag[2] == ASSAY_ROW_ABSTAIN);
	ck_assert_ptr_eq(assay_kit_components(&s, 2), component + 4);
	s.component = NULL;
	ck_assert_ptr_null(assay_kit_components(&s, 2));
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_json_when_a_path_is_there_then_found_as_written);
	tcase_add_test(tc, test_json_when_it_is_none_then_nothing_or_a_part_of_it);
	tcase_add_test(tc, test_number_when_it_is_json_then_read_else_not);
	tcase_add_test(tc, test_text_when_escaped_then_resolved_and_bounded);
	tcase_add_test(tc, test_options_when_of_the_schema_then_its_values_else_the_fallback);
	tcase_add_test(tc, test_schema_when_made_of_macros_then_as_an_author_would_write_it);
	tcase_add_test(tc, test_print_when_it_does_not_fit_then_empty);
	tcase_add_test(tc, test_utf8_when_it_is_none_then_one_replacement_per_byte);
	tcase_add_test(tc, test_rows_when_they_are_longer_than_ours_then_stepped_over);
}

int main(void)
{
	return test_main("abi.kit", fill, 30);
}
