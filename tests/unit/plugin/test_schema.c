/* The JSON Schema subset: what is accepted, what is refused and where, and that
 * the result is canonical. Schema, document, result (or status and sentence). */
#include "plugin/plugin.h"
#include "support/test.h"

typedef struct {
	const char *schema, *doc;
	assay_status st;
	const char *want; /* canonical text, or part of the sentence */
} schema_case;

#define OBJ(props) "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" props "}}"

static const schema_case cases[] = {
	{"{}", "", ASSAY_OK, "{}"},
	{"{}", "{\"b\":1,\"a\":[true,null]}", ASSAY_OK, "{\"a\":[true,null],\"b\":1}"},
	{OBJ("\"z\":{\"default\":1},\"a\":{\"default\":\"x\"}"), "{}", ASSAY_OK,
	 "{\"a\":\"x\",\"z\":1}"},
	{OBJ("\"z\":{\"default\":1},\"a\":{}"), "{\"a\":2}", ASSAY_OK, "{\"a\":2,\"z\":1}"},
	/* defaults inside an object that is itself a default */
	{OBJ("\"o\":{\"type\":\"object\",\"default\":{},\"properties\":{\"k\":{\"default\":5}}}"), "{}",
	 ASSAY_OK, "{\"o\":{\"k\":5}}"},
	{OBJ("\"o\":{\"type\":\"object\",\"properties\":{\"k\":{\"default\":5}}}"), "{\"o\":{}}",
	 ASSAY_OK, "{\"o\":{\"k\":5}}"},
	{OBJ("\"o\":{\"type\":\"object\",\"properties\":{\"k\":{\"default\":5}}}"), "{}", ASSAY_OK,
	 "{}"},
	/* a default satisfies required */
	{"{\"required\":[\"a\"],\"properties\":{\"a\":{\"default\":1}}}", "{}", ASSAY_OK, "{\"a\":1}"},
	{"{\"required\":[\"a\"]}", "{}", ASSAY_E_CONFIG, "config: \"a\" is required"},
	{OBJ("\"o\":{\"required\":[\"b\"]}"), "{\"o\":{}}", ASSAY_E_CONFIG,
	 "config.o: \"b\" is required"},
	{OBJ("\"weight\":{}"), "{\"wieght\":1}", ASSAY_E_CONFIG, "did you mean \"weight\""},
	{OBJ("\"n\":{\"type\":\"integer\"}"), "{\"n\":1.5}", ASSAY_E_CONFIG,
	 "config.n: is number, must be integer"},
	{OBJ("\"n\":{\"type\":\"number\"}"), "{\"n\":1}", ASSAY_OK, "{\"n\":1}"},
	{OBJ("\"n\":{\"type\":[\"null\",\"integer\"]}"), "{\"n\":null}", ASSAY_OK, "{\"n\":null}"},
	{OBJ("\"n\":{\"type\":[\"null\",\"integer\"]}"), "{\"n\":\"x\"}", ASSAY_E_CONFIG,
	 "one of several types"},
	{OBJ("\"n\":{\"minimum\":0,\"maximum\":1}"), "{\"n\":1}", ASSAY_OK, "{\"n\":1}"},
	{OBJ("\"n\":{\"minimum\":0,\"maximum\":1}"), "{\"n\":1.25}", ASSAY_E_CONFIG,
	 "config.n: value 1.25 is above the maximum 1"},
	{OBJ("\"n\":{\"minimum\":0}"), "{\"n\":-1}", ASSAY_E_CONFIG, "below the minimum 0"},
	{OBJ("\"s\":{\"minLength\":2,\"maxLength\":3}"), "{\"s\":\"\\u00e9\\u00e9\\u00e9\"}", ASSAY_OK,
	 "{\"s\":\"\xc3\xa9\xc3\xa9\xc3\xa9\"}"},
	{OBJ("\"s\":{\"maxLength\":3}"), "{\"s\":\"abcd\"}", ASSAY_E_CONFIG, "length 4 is above"},
	{OBJ("\"s\":{\"enum\":[\"a\",\"b\"]}"), "{\"s\":\"b\"}", ASSAY_OK, "{\"s\":\"b\"}"},
	{OBJ("\"s\":{\"enum\":[\"a\",\"b\"]}"), "{\"s\":\"c\"}", ASSAY_E_CONFIG, "[\"a\",\"b\"]"},
	{OBJ("\"s\":{\"const\":{\"y\":1,\"x\":2}}"), "{\"s\":{\"x\":2,\"y\":1}}", ASSAY_OK,
	 "{\"s\":{\"x\":2,\"y\":1}}"},
	{OBJ("\"s\":{\"pattern\":\"^[a-z]+$\"}"), "{\"s\":\"abc\"}", ASSAY_OK, "{\"s\":\"abc\"}"},
	{OBJ("\"s\":{\"pattern\":\"^[a-z]+$\"}"), "{\"s\":\"aBc\"}", ASSAY_E_CONFIG,
	 "does not match the pattern"},
	{OBJ("\"s\":{\"pattern\":\"^(a+)+$\"}"), "{\"s\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}",
	 ASSAY_E_CONFIG, "config.s: "},
	{OBJ("\"v\":{\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":2}"), "{\"v\":[1,2]}",
	 ASSAY_OK, "{\"v\":[1,2]}"},
	{OBJ("\"v\":{\"items\":{\"type\":\"integer\"}}"), "{\"v\":[1,\"x\"]}", ASSAY_E_CONFIG,
	 "config.v[1]: is string"},
	{OBJ("\"v\":{\"maxItems\":2}"), "{\"v\":[1,2,3]}", ASSAY_E_CONFIG, "length 3 is above"},
	{"{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"any\":1}", ASSAY_OK, "{\"any\":1}"},
	{"{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"any\":\"x\"}", ASSAY_E_CONFIG,
	 "config.any: is string"},
	/* documents */
	{"{}", "[]", ASSAY_E_CONFIG, "must be object"},
	{"{}", "{\"a\":1,\"a\":2}", ASSAY_E_CONFIG, "plugin configuration"},
	{"{}", "{\"a\":NaN}", ASSAY_E_CONFIG, "plugin configuration"},
	{"{}", "nonsense", ASSAY_E_CONFIG, "plugin configuration"},
	/* schemas */
	{"[]", "{}", ASSAY_E_PLUGIN, "must be an object"},
	{"{\"anyOf\":[]}", "{}", ASSAY_E_PLUGIN, "keyword \"anyOf\""},
	{"{\"properties\":{\"a\":{\"minimun\":1}}}", "{}", ASSAY_E_PLUGIN, "a: keyword \"minimun\""},
	{"{\"type\":\"float\"}", "{}", ASSAY_E_PLUGIN, "\"type\" must be"},
	{"{\"type\":[]}", "{}", ASSAY_E_PLUGIN, "\"type\" must be"},
	{"{\"required\":\"a\"}", "{}", ASSAY_E_PLUGIN, "\"required\" must be"},
	{"{\"minLength\":-1}", "{}", ASSAY_E_PLUGIN, "\"minLength\" must be"},
	{"{\"minimum\":\"0\"}", "{}", ASSAY_E_PLUGIN, "\"minimum\" must be"},
	{"{\"enum\":[]}", "{}", ASSAY_E_PLUGIN, "\"enum\" must be"},
	{"{\"pattern\":\"(\"}", "{}", ASSAY_E_PLUGIN, "pattern \"(\""},
	{"{\"properties\":{\"a\":{\"type\":\"integer\",\"default\":\"x\"}}}", "{\"a\":1}",
	 ASSAY_E_PLUGIN, "the default is refused"},
	{"{", "{}", ASSAY_E_PLUGIN, "configuration schema"},
};

static void run_case(const schema_case *c)
{
	asy_buf out = {0};
	assay_err err = {0};
	assay_status st = asy_plugin_config(asy_span_str(c->schema), asy_span_str(c->doc), &out, &err);
	const char *got = asy_buf_cstr(&out);
	ck_assert_msg(st == c->st, "%s with %s: %s: %s", c->schema, c->doc, assay_status_name(st),
				  err.msg);
	if (st == ASSAY_OK)
		ck_assert_str_eq(got, c->want);
	else
		ck_assert_msg(strstr(err.msg, c->want) != NULL && out.len == 0, "%s with %s: %s", c->schema,
					  c->doc, err.msg);
	asy_buf_fini(&out);
}

START_TEST(test_config_when_each_case_then_as_the_table_says)
{
	for (size_t i = 0; i < ASY_COUNT(cases); i++)
		run_case(&cases[i]);
}
END_TEST

START_TEST(test_config_when_canonical_then_stable)
{
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		if (cases[i].st != ASSAY_OK)
			continue;
		schema_case again = {cases[i].schema, cases[i].want, ASSAY_OK, cases[i].want};
		run_case(&again);
	}
}
END_TEST

START_TEST(test_config_when_schema_is_nested_too_deep_then_refused)
{
	char text[4096] = "";
	size_t n = 0;
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "{\"items\":");
	n += (size_t)snprintf(text + n, sizeof text - n, "{}");
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "}");
	asy_buf out = {0};
	assay_err err = {0};
	ck_assert_int_eq(asy_plugin_config(asy_span(text, n), asy_span("{}", 2), &out, &err),
					 ASSAY_E_PLUGIN);
	asy_buf_fini(&out);
}
END_TEST

START_TEST(test_config_when_appended_then_what_was_there_stays)
{
	asy_buf out = {0};
	assay_err err = {0};
	ck_ok(asy_buf_add_str(&out, "before ", &err), err);
	ck_ok(asy_plugin_config(asy_span("{}", 2), asy_span("{}", 2), &out, &err), err);
	ck_assert_str_eq(asy_buf_cstr(&out), "before {}");
	asy_buf_fini(&out);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_config_when_each_case_then_as_the_table_says);
	tcase_add_test(tc, test_config_when_canonical_then_stable);
	tcase_add_test(tc, test_config_when_schema_is_nested_too_deep_then_refused);
	tcase_add_test(tc, test_config_when_appended_then_what_was_there_stays);
}

int main(void)
{
	return test_main("plugin.schema", fill, 20);
}
