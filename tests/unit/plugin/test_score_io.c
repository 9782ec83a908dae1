/* JSON Lines in, JSON out: what is read, what is refused and on which line. */
#include <math.h>
#include "unit/plugin/world.h"

static const char two_lines[] =
	"{\"challenge_id\":\"c1\",\"prompt\":\"q\",\"reference\":\"r\",\"meta\":{\"b\":1,\"a\":[2]},"
	"\"responses\":[{\"miner\":3,\"body\":\"answer\"},{\"miner\":4,\"status\":\"timeout\"}]}\n"
	"\n"
	"{\"prompt_base64\":\"AP8=\",\"responses\":[{\"miner\":3,\"status\":\"ok\",\"latency_ms\":12,"
	"\"body_base64\":\"aGk=\",\"identity\":{\"hotkey\":7,\"coldkey\":8}}]}";

static asy_score_set *read_ok(const char *text)
{
	asy_score_set *s = NULL;
	assay_err err = {0};
	ck_ok(asy_score_set_read(asy_span_str(text), &s, &err), err);
	return s;
}

START_TEST(test_read_when_well_formed_then_everything_is_there)
{
	asy_score_set *s = read_ok(two_lines);
	const asy_plugin_batch *b = asy_score_set_batch(s);
	ck_assert_uint_eq(b->challenge_n, 2);
	ck_assert_uint_eq(b->response_n, 3);
	ck_assert(asy_span_eq(b->challenge[0].reference, asy_span_str("r")));
	ck_assert(asy_span_eq(b->challenge[0].meta_json, asy_span_str("{\"a\":[2],\"b\":1}")));
	ck_assert(asy_span_eq(b->challenge[1].prompt, asy_span("\0\xff", 2)));
	ck_assert_uint_eq(b->challenge[1].meta_json.len, 0);
	ck_assert_uint_eq(b->response[1].status, ASY_RESP_TIMEOUT);
	ck_assert_uint_eq(b->response[2].challenge, 1);
	ck_assert_uint_eq(b->response[2].latency_ms, 12);
	ck_assert(asy_span_eq(b->response[2].body, asy_span_str("hi")));
	ck_assert_uint_eq(b->response[2].who.hotkey, 7);
	ck_assert_uint_eq(b->response[2].who.coldkey, 8);
	ck_assert_uint_eq(b->response[2].who.address, 0);
	asy_score_set_free(s);
}
END_TEST

START_TEST(test_read_when_values_are_json_then_canonical_text)
{
	asy_score_set *s =
		read_ok("{\"id\":\"x\",\"prompt\":{\"b\":1,\"a\":\"q\"},\"reference\":[1, 2],"
				"\"responses\":[{\"miner\":1,\"body\":{\"z\":0, \"y\":1}}]}");
	const asy_plugin_batch *b = asy_score_set_batch(s);
	ck_assert(asy_span_eq(b->challenge[0].prompt, asy_span_str("{\"a\":\"q\",\"b\":1}")));
	ck_assert(asy_span_eq(b->challenge[0].reference, asy_span_str("[1,2]")));
	ck_assert(asy_span_eq(b->response[0].body, asy_span_str("{\"y\":1,\"z\":0}")));
	asy_score_set_free(s);
}
END_TEST

START_TEST(test_read_when_malformed_then_line_and_reason)
{
	const struct {
		const char *text;
		assay_status st;
		const char *part;
	} cases[] = {
		{"", ASSAY_E_EMPTY, "no challenge"},
		{" \n\r\n", ASSAY_E_EMPTY, "no challenge"},
		{"{\"responses\":[]}\n{", ASSAY_E_FORMAT, "line 2"},
		{"[]", ASSAY_E_INPUT, "line 1: must be an object"},
		{"{\"responses\":{}}", ASSAY_E_INPUT, "must be an array"},
		{"{}", ASSAY_E_INPUT, "line 1: no \"responses\""},
		{"{\"refrence\":\"x\",\"responses\":[]}", ASSAY_E_FORMAT, "did you mean \"reference\""},
		{"{\"responses\":[3]}", ASSAY_E_INPUT, "responses[0]: must be an object"},
		{"{\"responses\":[{}]}", ASSAY_E_INPUT, "miner"},
		{"{\"responses\":[{\"miner\":-1}]}", ASSAY_E_RANGE, "miner"},
		{"{\"responses\":[{\"miner\":4294967296}]}", ASSAY_E_RANGE, "32 bits"},
		{"{\"responses\":[{\"miner\":1,\"status\":\"fine\"}]}", ASSAY_E_INPUT, "none of ok"},
		{"{\"responses\":[{\"miner\":1,\"body\":7}]}", ASSAY_E_INPUT, "body"},
		{"{\"responses\":[{\"miner\":1,\"body_base64\":\"a\"}]}", ASSAY_E_INPUT, "not base64"},
		{"{\"responses\":[{\"miner\":1,\"body\":\"\",\"body_base64\":\"\"}]}", ASSAY_E_INPUT,
		 "give one"},
		{"{\"prompt\":1,\"responses\":[]}", ASSAY_E_INPUT, "prompt"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		asy_score_set *s = NULL;
		assay_err err = {0};
		assay_status st = asy_score_set_read(asy_span_str(cases[i].text), &s, &err);
		ck_assert_msg(st == cases[i].st && strstr(err.msg, cases[i].part) != NULL, "%s: %s: %s",
					  cases[i].text, assay_status_name(st), err.msg);
		ck_assert_ptr_null(s);
	}
}
END_TEST

START_TEST(test_write_when_scored_then_one_document)
{
	world *w = world_new(0);
	asy_score_set *s = read_ok(two_lines);
	asy_buf out = {0};
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	w->batch = *asy_score_set_batch(s);
	world_score(w, p);
	ck_ok(asy_score_set_write(s, asy_plugin_info(p), &w->res, true, 0, &out, &w->err), w->err);
	const char *text = asy_buf_cstr(&out);
	ck_assert_ptr_nonnull(strstr(text, "{\"plugin\":{\"id\":\"test.assay.trick\""));
	ck_assert_ptr_nonnull(strstr(text, "\"config\":{\"mark\":\"\"}"));
	ck_assert_ptr_nonnull(strstr(text, "\"challenge_id\":\"c1\",\"responses\":[{\"miner\":3,"
									   "\"status\":\"ok\",\"flag\":\"scored\",\"score\":"));
	ck_assert_ptr_nonnull(strstr(text, "\"components\":{\"length\":6"));
	ck_assert_ptr_nonnull(strstr(text, "{\"miner\":4,\"status\":\"timeout\",\"flag\":\"not_asked\","
									   "\"score\":null,\"value\":null"));
	ck_assert_ptr_nonnull(strstr(text, "\"challenge_id\":\"line-3\""));
	asy_buf_reset(&out);
	ck_ok(asy_score_set_write(s, asy_plugin_info(p), &w->res, false, 2, &out, &w->err), w->err);
	ck_assert_ptr_null(strstr(asy_buf_cstr(&out), "components"));
	asy_plugin_close(p);
	asy_score_set_free(s);
	asy_buf_fini(&out);
	free(w);
}
END_TEST

/* Two rows of a plugin whose components follow the naming contract, and the sum of
 * the first: 0.75 x 0.8 + 0.25 x 0.4 = 0.7; (0.7 - 0.4) / 0.6 = 0.5; x 0.9 = 0.45. */
static const char *const named[] = {"gate",     "x",        "x_weight", "y",       "y_part",
									"y_weight", "baseline", "mean",     "quality", "late_factor"};
enum { GATE, X, XW, Y, YP, YW, BASELINE, MEAN, QUALITY, LATE, NAMED };

static char *explained(const double *component, double score, bool as_text)
{
	asy_plugin_about about = {.id = "t",
							  .version = "1",
							  .task_kind = "t",
							  .score_max = 1,
							  .component_n = NAMED,
							  .component_name = named};
	asy_plugin_row row[2] = {{score, score, ASY_ROW_SCORED, ASY_CAUSE_NONE},
							 {0, 0, ASY_ROW_SCORED, ASY_CAUSE_NONE}};
	double two[2 * NAMED];
	asy_plugin_results res = {.row = row, .component = two};
	asy_score_set *s = read_ok("{\"responses\":[{\"miner\":1},{\"miner\":2}]}");
	asy_buf out = {0};
	assay_err err = {0};
	for (int i = 0; i < 2 * NAMED; i++)
		two[i] = i < NAMED ? component[i] : (double)NAN;
	two[NAMED + GATE] = 2; /* the other row: a closed gate, nothing measured */
	if (as_text)
		ck_ok(asy_score_set_print(s, &about, &res, &out, &err), err);
	else
		ck_ok(asy_score_set_write(s, &about, &res, true, 0, &out, &err), err);
	char *text = strdup(asy_buf_cstr(&out));
	ck_assert_ptr_nonnull(text);
	asy_buf_fini(&out);
	asy_score_set_free(s);
	return text;
}

START_TEST(test_explain_when_components_name_themselves_then_the_sum_is_shown)
{
	const double c[NAMED] = {0, 0.8, 0.75, 9, 0.4, 0.25, 0.4, 0.7, 0.5, 0.9};
	char *json = explained(c, 0.45, false), *text = explained(c, 0.45, true);
	ck_assert_ptr_nonnull(strstr(json, "{\"name\":\"x\",\"value\":0.8,\"weight\":0.75,"));
	ck_assert_ptr_nonnull(strstr(json, "{\"name\":\"y_part\",\"value\":0.4,"));
	ck_assert_ptr_nonnull(strstr(json, "\"score\":0.45,\"adds_up\":true"));
	ck_assert_ptr_nonnull(
		strstr(json, "\"arithmetic\":{\"gate\":2.0,\"score\":0.0,\"adds_up\":true}"));
	/* a gate hides a component from the mean; it is not a 0 in it */
	ck_assert_ptr_nonnull(strstr(json, "\"x\":{\"measured\":1,\"mean\":0.8}"));
	ck_assert_ptr_nonnull(strstr(json, "\"gate\":2.0,\"x\":null"));
	ck_assert_ptr_nonnull(strstr(text, "  x  0.900000  late_factor\n  =  0.450000  score\n"));
	ck_assert_ptr_nonnull(strstr(text, "score 0.000000; gate 2 is closed: over a size limit"));
	free(json);
	free(text);
}
END_TEST

/* The rule for duplicates is part of the explanation, with its reason. */
START_TEST(test_explain_when_answers_are_alike_then_the_rule_is_named)
{
	static const char *const names[] = {"quality", "duplicate_factor", "duplicate_rule",
										"duplicate_bits", "cluster_size"};
	static const struct {
		double c[5], score;
		const char *said;
	} cases[] = {
		{{0.8, 0.25, 0, 90, 4}, 0.2, "one of 4 answers that independent miners"},
		{{0.8, 1, 0, 90, 1}, 0.8, "duplicates: none"},
		{{0.8, 1, 1, 7.5, NAN}, 0.8, "exempt: right answers have 7.5 bits"},
		{{0.8, 1, 2, NAN, NAN}, 0.8, "duplicates.mode is off"},
	};
	const asy_plugin_about about = {.id = "t",
									.version = "1",
									.task_kind = "t",
									.score_max = 1,
									.component_n = 5,
									.component_name = names};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		double c[5];
		memcpy(c, cases[i].c, sizeof c);
		asy_plugin_row row = {cases[i].score, cases[i].score, ASY_ROW_SCORED, ASY_CAUSE_NONE};
		asy_plugin_results res = {.row = &row, .component = c};
		asy_score_set *s = read_ok("{\"responses\":[{\"miner\":1}]}");
		asy_buf text = {0}, json = {0};
		assay_err err = {0};
		ck_ok(asy_score_set_print(s, &about, &res, &text, &err), err);
		ck_ok(asy_score_set_write(s, &about, &res, true, 0, &json, &err), err);
		ck_assert_msg(strstr(asy_buf_cstr(&text), cases[i].said) != NULL, "%s",
					  asy_buf_cstr(&text));
		ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&json), "\"duplicates\":\""));
		ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&json), "\"adds_up\":true"));
		asy_buf_fini(&text);
		asy_buf_fini(&json);
		asy_score_set_free(s);
	}
}
END_TEST

START_TEST(test_explain_when_a_score_is_not_its_components_then_said)
{
	const double good[NAMED] = {0, 0.8, 0.75, 9, 0.4, 0.25, 0.4, 0.7, 0.5, 0.9};
	for (int k = X; k < NAMED; k++) {
		double c[NAMED];
		memcpy(c, good, sizeof c);
		c[k] += 0.01;
		char *json = explained(c, 0.45, false);
		/* y itself is not in the sum: y_part is */
		ck_assert_msg((strstr(json, "\"adds_up\":false") != NULL) == (k != Y), "%s", named[k]);
		free(json);
	}
	char *text = explained(good, 0.5, true);
	ck_assert_ptr_nonnull(strstr(text, "DOES NOT ADD UP"));
	free(text);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_read_when_well_formed_then_everything_is_there);
	tcase_add_test(tc, test_read_when_values_are_json_then_canonical_text);
	tcase_add_test(tc, test_read_when_malformed_then_line_and_reason);
	tcase_add_test(tc, test_write_when_scored_then_one_document);
	tcase_add_test(tc, test_explain_when_components_name_themselves_then_the_sum_is_shown);
	tcase_add_test(tc, test_explain_when_answers_are_alike_then_the_rule_is_named);
	tcase_add_test(tc, test_explain_when_a_score_is_not_its_components_then_said);
}

int main(void)
{
	return test_main("plugin.score_io", fill, 30);
}
