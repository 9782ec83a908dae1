/* Scenario files: what is accepted, what is refused and with which words; the answer
 * key and how skill spoils an answer; what rivals make of the script. */
#include "world.h"
#include "localnet/answers.h"
#include "localnet/rivals.h"

static void refused(const char *text, const char *part)
{
	asy_scenario *sc = NULL;
	assay_err err = {0};
	ck_assert_int_eq(asy_scenario_parse(asy_span_str(text), &sc, &err), ASSAY_E_CONFIG);
	ck_assert_ptr_null(sc);
	ck_assert_msg(strstr(err.msg, part) != NULL, "\"%s\" does not say \"%s\"", err.msg, part);
}

START_TEST(test_scenario_when_wrong_then_the_place_and_the_remedy)
{
	refused("{", "scenario");
	refused("[]", "not an object");
	refused("{\"subnet\":[]}", "did you mean \"subnets\"?");
	refused("{\"subnets\":[]}", "array of 1 to 64");
	refused("{\"block_ms\":10,\"subnets\":[]}", "below 50");
	refused("{\"spec\":346,\"subnets\":[]}", "there are 475 and 425");
	refused("{\"seed\":-1,\"subnets\":[]}", "seed");
	refused("{\"subnets\":[{\"netuid\":1,\"task\":\"../x\",\"miners\":[{\"key\":\"//A\"}]}]}",
			"letters a-z");
	refused("{\"subnets\":[{\"netuid\":1,\"miners\":[{\"key\":\"//A\"}]}]}", "\"task\" is missing");
	refused("{\"subnets\":[{\"netuid\":1,\"task\":\"text\"}]}", "0 neurons");
	refused("{\"subnets\":[{\"task\":\"text\",\"miners\":[{\"key\":\"//A\"}]}]}", "without netuid");
	refused("{\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"miners\":[{\"key\":\"//A\","
			"\"behavior\":\"honest\"}]}]}",
			"did you mean \"behaviour\"?");
	refused("{\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"miners\":[{\"skill\":1}]}]}",
			"\"key\" is missing");
	refused(
		"{\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"miners\":[{\"key\":\"//A\",\"skill\":2}"
		"]}]}",
		"outside 0..1");
	refused("{\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"hyperparameters\":{\"kapa\":1},"
			"\"miners\":[{\"key\":\"//A\"}]}]}",
			"did you mean \"kappa\"?");
	refused("{\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"miners\":[{\"key\":\"//A\"},{\"key\":"
			"\"//A\"}]}]}",
			"used twice");
	refused("{\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"miners\":[{\"key\":\"//A\","
			"\"behaviour\":\"copier\"}]}]}",
			"copies miner 0");
	refused("{\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"miners\":[{\"key\":\"//A\"}]},"
			"{\"netuid\":1,\"task\":\"stt\",\"miners\":[{\"key\":\"//A\"}]}]}",
			"is taken");
}
END_TEST

START_TEST(test_scenario_when_it_is_the_demo_s_then_four_subnets_of_twenty_one)
{
	char path[512];
	static char text[65536];
	asy_scenario *sc = NULL;
	assay_err err;
	(void)snprintf(path, sizeof path, "%s/configs/demo/scenario.json", ASSAY_SOURCE_DIR);
	FILE *f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(text, 1, sizeof text, f);
	(void)fclose(f);
	ck_ok(asy_scenario_parse(asy_span(text, n), &sc, &err), err);
	ck_assert_uint_eq(sc->subnets_n, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(sc->subnet[i].neurons_n, 1 + 4 + 16);
		ck_assert_uint_eq(sc->subnet[i].miners_at, 5);
	}
	asy_scenario_free(sc);
}
END_TEST

static const char *const key_lines =
	"{\"id\":\"t\",\"prompt\":{\"q\":1},\"reference\":{\"answers\":[\"one two three four five six "
	"seven eight\"]}}\n"
	"{\"id\":\"r\",\"prompt\":{\"documents\":[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"}]},"
	"\"reference\":{\"relevance\":{\"b\":3,\"c\":1}}}\n"
	"{\"id\":\"l\",\"prompt\":{\"labels\":[\"x\",\"y\"]},\"reference\":{\"labels\":[\"y\"]}}\n";

static assay_status try_answer(const lnet_answers *a, const char *task, const char *prompt,
							   double skill, uint8_t seed, asy_buf *out, assay_err *err)
{
	uint8_t seeds[32] = {seed}, digest[32];
	asy_json *doc = NULL;
	asy_seeded_rng rng;
	lnet_right right;
	ck_ok(asy_json_parse(asy_span_str(prompt), NULL, &doc, err), *err);
	ck_ok(asy_lnet_prompt_digest(asy_json_root(doc), digest, err), *err);
	seeds[1] = digest[0];
	asy_seeded_rng_init(&rng, seeds);
	asy_buf_reset(out);
	assay_status st = asy_lnet_answers_find(a, digest, &right)
						  ? asy_lnet_answer_body(task, &right, skill, &rng.iface, out, err)
						  : ASSAY_E_NOTFOUND;
	asy_json_free(doc);
	return st;
}

static void answer(const lnet_answers *a, const char *task, const char *prompt, double skill,
				   uint8_t seed, asy_buf *out)
{
	assay_err err = {0};
	ck_ok(try_answer(a, task, prompt, skill, seed, out, &err), err);
}

START_TEST(test_answer_when_skill_is_full_then_the_reference_itself)
{
	lnet_answers *a = NULL;
	asy_buf out = {0};
	assay_err err;
	ck_ok(asy_lnet_answers_parse(asy_span_str(key_lines), &a, &err), err);
	/* other spacing and key order of the prompt do not matter */
	answer(a, "text", "{ \"q\" : 1 }", 1, 1, &out);
	ck_assert_str_eq(asy_buf_cstr(&out),
					 "{\"completion\":\"one two three four five six seven eight\"}");
	answer(a, "ranking", "{\"documents\":[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"}]}", 1, 1,
		   &out);
	ck_assert_str_eq(asy_buf_cstr(&out), "{\"ranking\":[\"b\",\"c\",\"a\"]}");
	answer(a, "image", "{\"labels\":[\"x\",\"y\"]}", 1, 1, &out);
	ck_assert_str_eq(asy_buf_cstr(&out), "{\"labels\":[\"y\"]}");
	asy_buf_fini(&out);
	asy_lnet_answers_free(a);
}
END_TEST

START_TEST(test_answer_when_skill_is_partial_then_spoiled_the_same_way_every_time)
{
	lnet_answers *a = NULL;
	asy_buf out = {0}, again = {0};
	assay_err err;
	size_t differs = 0;
	ck_ok(asy_lnet_answers_parse(asy_span_str(key_lines), &a, &err), err);
	for (uint8_t seed = 0; seed < 20; seed++) {
		answer(a, "stt", "{\"q\":1}", 0.5, seed, &out);
		answer(a, "stt", "{\"q\":1}", 0.5, seed, &again);
		ck_assert(asy_span_eq(asy_buf_span(&out), asy_buf_span(&again)));
		differs += strstr(asy_buf_cstr(&out), "one two three four five six seven eight") == NULL;
	}
	ck_assert_uint_ge(differs, 18);
	asy_buf_fini(&again);
	asy_buf_fini(&out);
	asy_lnet_answers_free(a);
}
END_TEST

START_TEST(test_answer_when_the_prompt_is_unknown_then_not_found)
{
	lnet_answers *a = NULL;
	asy_buf out = {0};
	assay_err err;
	ck_ok(asy_lnet_answers_parse(asy_span_str(key_lines), &a, &err), err);
	ck_assert_int_eq(try_answer(a, "text", "{\"q\":2}", 1, 0, &out, &err), ASSAY_E_NOTFOUND);
	asy_lnet_answers_free(a);
	asy_buf_fini(&out);
}
END_TEST

START_TEST(test_answers_when_a_task_has_no_samples_then_the_remedy)
{
	lnet_answers *a = NULL;
	assay_err err = {0};
	ck_assert_int_eq(asy_lnet_answers_load(ASSAY_SOURCE_DIR, "nonsense", &a, &err),
					 ASSAY_E_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err.msg, "--samples"));
}
END_TEST

static void refused_answers(const char *answers, const char *part)
{
	char text[512];
	(void)snprintf(text, sizeof text,
				   "{\"subnets\":[{\"netuid\":1,\"task\":\"my-task\",\"answers\":%s,"
				   "\"miners\":[{\"key\":\"//A\"}]}]}",
				   answers);
	refused(text, part);
}

START_TEST(test_answers_when_wrongly_described_then_the_place_and_the_remedy)
{
	refused_answers("[]", "not an object");
	refused_answers("{}", "exactly one of");
	refused_answers("{\"file\":\"a\",\"command\":[\"b\"]}", "exactly one of");
	refused_answers("{\"fil\":\"a\"}", "did you mean \"file\"?");
	refused_answers("{\"file\":\"\"}", "1 to 2047 bytes");
	refused_answers("{\"command\":[]}", "1 to 32 texts");
	refused_answers("{\"command\":\"x\"}", "1 to 32 texts");
	refused_answers("{\"command\":[\"\"]}", "word 0 is empty");
	refused_answers("{\"command\":[1]}", "command[0]");
	refused_answers("{\"upstream\":\"localhost:80\"}", "begins with http://");
	refused_answers("{\"upstream\":\"http://x\",\"timeout_ms\":1}", "outside 10..600000");
}
END_TEST

/* What the user's own answers become: any form of JSON. */
START_TEST(test_answer_when_given_by_the_user_then_sent_spoiled_padded_or_twisted)
{
	lnet_answers *a = NULL;
	asy_buf out = {0}, more = {0};
	asy_json *doc = NULL;
	asy_seeded_rng rng;
	assay_err err;
	const uint8_t seed[32] = {5};
	ck_ok(asy_lnet_answers_parse(
			  asy_span_str("{\"prompt\":\"p\",\"answer\":{\"said\":\"one two three four five six\","
						   "\"n\":[1000,0.5,true,null]}}\n"),
			  &a, &err),
		  err);
	answer(a, "my-task", "\"p\"", 1, 1, &out);
	ck_assert_str_eq(asy_buf_cstr(&out),
					 "{\"said\":\"one two three four five six\",\"n\":[1000,0.5,true,null]}");
	ck_ok(asy_lnet_pad_body(asy_buf_span(&out), 5000, &more, &err), err);
	ck_assert(more.len >= 5000 && more.len < 5100);
	asy_seeded_rng_init(&rng, seed);
	for (int i = 0; i < 50; i++) {
		asy_buf_reset(&more);
		ck_ok(asy_lnet_twist_body(asy_buf_span(&out), &rng.iface, &more, &err), err);
		ck_ok(asy_json_parse(asy_buf_span(&more), NULL, &doc, &err), err);
		ck_assert_int_eq(asy_jv_kind(asy_jv_get(asy_json_root(doc), "n")), ASY_J_ARRAY);
		asy_json_free(doc);
	}
	answer(a, "my-task", "\"p\"", 0.5, 1, &more);
	ck_assert(!asy_span_eq(asy_buf_span(&out), asy_buf_span(&more)));
	asy_buf_fini(&out);
	asy_buf_fini(&more);
	asy_lnet_answers_free(a);
}
END_TEST

START_TEST(test_rival_when_asked_then_follows_skill_strategy_and_seed)
{
	asy_scenario *sc = NULL;
	assay_err err;
	uint16_t a[4], b[4], c[4];
	const uint16_t consensus[7] = {0, 0, 0, 100, 65535, 0, 9};
	ck_ok(asy_scenario_parse(
			  asy_span_str(
				  "{\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"rivals\":[{\"key\":\"//R\"},"
				  "{\"key\":\"//C\",\"strategy\":\"copier\",\"noise\":0},{\"key\":\"//B\","
				  "\"strategy\":\"biased\",\"favours\":2}],\"miners\":[{\"key\":\"//1\","
				  "\"skill\":1},{\"key\":\"//2\",\"skill\":0.5},{\"key\":\"//3\",\"skill\":"
				  "0.25},{\"key\":\"//4\",\"behaviour\":\"lazy\"}]}]}"),
			  &sc, &err),
		  err);
	const lnet_subnet *net = &sc->subnet[0];
	asy_lnet_rival_weights(net, &net->neuron[0], 1, 5, NULL, 0, a);
	asy_lnet_rival_weights(net, &net->neuron[0], 1, 5, NULL, 0, b);
	asy_lnet_rival_weights(net, &net->neuron[0], 1, 6, NULL, 0, c);
	ck_assert_mem_eq(a, b, sizeof a);
	ck_assert_mem_ne(a, c, sizeof a);
	ck_assert(a[0] > a[1] && a[1] > a[2] && a[3] == 0);
	asy_lnet_rival_weights(net, &net->neuron[1], 1, 5, consensus, 7, a);
	ck_assert(a[0] == 25 && a[1] == 16384 && a[2] == 0 && a[3] == 2);
	asy_lnet_rival_weights(net, &net->neuron[2], 1, 5, NULL, 0, a);
	ck_assert(a[2] > a[0]);
	asy_scenario_free(sc);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_scenario_when_wrong_then_the_place_and_the_remedy);
	tcase_add_test(tc, test_scenario_when_it_is_the_demo_s_then_four_subnets_of_twenty_one);
	tcase_add_test(tc, test_answer_when_skill_is_full_then_the_reference_itself);
	tcase_add_test(tc, test_answer_when_skill_is_partial_then_spoiled_the_same_way_every_time);
	tcase_add_test(tc, test_answer_when_the_prompt_is_unknown_then_not_found);
	tcase_add_test(tc, test_answers_when_a_task_has_no_samples_then_the_remedy);
	tcase_add_test(tc, test_answers_when_wrongly_described_then_the_place_and_the_remedy);
	tcase_add_test(tc, test_answer_when_given_by_the_user_then_sent_spoiled_padded_or_twisted);
	tcase_add_test(tc, test_rival_when_asked_then_follows_skill_strategy_and_seed);
}

int main(void)
{
	return test_main("localnet_scenario", fill, 30);
}
