/* The list of tasks: what is shared, what is a task's own, what is refused. */
#include "config/config.h"
#include "crypto/crypto.h"
#include "support/test.h"

#define WIDE                                                                                       \
	"\"development\":true,\"data_dir\":\"/var/lib/assay\","                                        \
	"\"chain\":{\"endpoints\":[\"http://127.0.0.1:9944\"]}"
#define SHARED                                                                                     \
	WIDE ",\"plugin\":{\"path\":\"text.so\"},\"wallet\":{\"dev_uri\":\"//Alice\"},"                \
		 "\"query\":{\"deadline_ms\":8000,\"route\":\"/ask\"}"
#define TWO                                                                                        \
	"{" SHARED ",\"tasks\":[{\"name\":\"text\",\"netuid\":3},"                                     \
	"{\"name\":\"speech-2\",\"netuid\":4,\"plugin\":{\"path\":\"stt.so\",\"config\":{\"b\":1}},"   \
	"\"query\":{\"deadline_ms\":90000}}]}"

static asy_config *fresh(void)
{
	asy_config *c = NULL;
	assay_err err = {0};
	ck_ok(asy_config_new(&c, &err), err);
	return c;
}

static asy_config *loaded(const char *json)
{
	asy_config *c = fresh();
	assay_err err = {0};
	ck_ok(asy_config_load_json(c, asy_span_str(json), "assay.json", &err), err);
	ck_ok(asy_config_finish(c, &err), err);
	return c;
}

/* Expects E_CONFIG with these words. */
static void wrong(const char *json, const char *words)
{
	asy_config *c = fresh();
	assay_err err = {0};
	assay_status st = asy_config_load_json(c, asy_span_str(json), "assay.json", &err);
	if (st == ASSAY_OK)
		st = asy_config_finish(c, &err);
	ck_assert_msg(st == ASSAY_E_CONFIG, "%s: %s", json, assay_status_name(st));
	ck_assert_msg(strstr(err.msg, words) != NULL, "%s\n  gives: %s\n  not: %s", json, err.msg,
				  words);
	asy_config_free(c);
}

START_TEST(test_tasks_when_listed_then_shared_defaults_below_their_own)
{
	asy_config *c = loaded(TWO);
	ck_assert(asy_config_has_tasks(c));
	ck_assert_uint_eq(asy_config_task_n(c), 2);
	ck_assert_str_eq(asy_config_task_name(c, 1), "speech-2");
	ck_assert_uint_eq(asy_config_task_find(c, "speech-2"), 1);
	ck_assert_uint_eq(asy_config_task_find(c, "speech"), 2);
	const asy_options *text = asy_config_task(c, 0), *speech = asy_config_task(c, 1);
	ck_assert_uint_eq(text->netuid, 3);
	ck_assert_uint_eq(speech->netuid, 4);
	ck_assert_uint_eq(text->query.deadline_ms, 8000);
	ck_assert_uint_eq(speech->query.deadline_ms, 90000);
	ck_assert_str_eq(speech->query.route, "/ask");
	ck_assert_str_eq(text->plugin.path, "text.so");
	ck_assert_str_eq(speech->plugin.path, "stt.so");
	ck_assert_str_eq(text->plugin.config, "{}");
	ck_assert_str_eq(speech->plugin.config, "{\"b\":1}");
	ck_assert_str_eq(text->data_dir, "/var/lib/assay/text");
	ck_assert_str_eq(speech->data_dir, "/var/lib/assay/speech-2");
	ck_assert_str_eq(speech->chain.endpoints.at[0], "http://127.0.0.1:9944");
	ck_assert_uint_eq(asy_config_get(c)->query.deadline_ms, 8000);
	asy_config_free(c);
}
END_TEST

START_TEST(test_tasks_when_there_is_no_list_then_one_with_the_folder_as_it_is)
{
	asy_config *c = loaded("{" SHARED ",\"netuid\":3}");
	ck_assert(!asy_config_has_tasks(c));
	ck_assert_uint_eq(asy_config_task_n(c), 1);
	ck_assert_str_eq(asy_config_task_name(c, 0), ASY_TASK_ALONE);
	ck_assert_ptr_eq(asy_config_task(c, 0), asy_config_get(c));
	ck_assert_str_eq(asy_config_task(c, 0)->data_dir, "/var/lib/assay");
	asy_config_free(c);
}
END_TEST

START_TEST(test_sources_when_all_set_then_flag_before_environment_before_file)
{
	asy_config *c = loaded(TWO);
	assay_err err = {0};
	const char *env[] = {"ASSAY_QUERY_DEADLINE_MS=5000", NULL};
	ck_ok(asy_config_load_env(c, env, &err), err);
	ck_ok(asy_config_set(c, "tasks.text.query.deadline_ms", "7000", ASY_FROM_FLAG, &err), err);
	ck_ok(asy_config_set(c, "round.period_ms", "1", ASY_FROM_FLAG, &err), err);
	ck_ok(asy_config_finish(c, &err), err);
	ck_assert_uint_eq(asy_config_task(c, 0)->query.deadline_ms, 7000);
	ck_assert_uint_eq(asy_config_task(c, 1)->query.deadline_ms, 5000);
	ck_assert_uint_eq(asy_config_task(c, 1)->round.period_ms, 1);
	asy_config_free(c);
}
END_TEST

START_TEST(test_explain_when_tasks_then_says_whose_each_value_is)
{
	asy_config *c = loaded(TWO);
	assay_err err = {0};
	asy_buf out = {0};
	ck_ok(asy_config_set(c, "tasks.text.weights.power", "2", ASY_FROM_FLAG, &err), err);
	ck_ok(asy_config_finish(c, &err), err);
	ck_ok(asy_config_explain(c, false, &out, &err), err);
	const char *text = asy_buf_cstr(&out);
	static const char *const lines[] = {
		"\ndata_dir = \"/var/lib/assay\"  (file: assay.json)\n",
		"\ntasks.text.query.deadline_ms = 8000 ms  (file: assay.json, shared)\n",
		"\ntasks.speech-2.query.deadline_ms = 90000 ms  (file: assay.json, task)\n",
		"\ntasks.speech-2.query.sample = 0  (default)\n",
		"\ntasks.text.weights.power = 2.0  (flag: --tasks.text.weights.power, task)\n",
	};
	for (size_t i = 0; i < ASY_COUNT(lines); i++)
		ck_assert_msg(strstr(text, lines[i]) != NULL, "no line %s in %s", lines[i], text);
	ck_assert_ptr_null(strstr(text, "\nquery.deadline_ms"));
	ck_assert_ptr_null(strstr(text, "tasks.text.log.level"));
	asy_buf_reset(&out);
	ck_ok(asy_config_explain(c, true, &out, &err), err);
	ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&out), "\"scope\":"));
	asy_buf_fini(&out);
	asy_config_free(c);
}
END_TEST

START_TEST(test_canonical_when_of_a_task_then_a_configuration_of_its_own)
{
	asy_config *c = loaded(TWO), *again = fresh();
	assay_err err = {0};
	asy_buf text = {0};
	uint8_t a[32], b[32], other[32];
	ck_ok(asy_config_canonical(c, 1, &text, &err), err);
	ck_ok(asy_config_load_json(again, asy_buf_span(&text), "again", &err), err);
	ck_ok(asy_config_finish(again, &err), err);
	ck_assert_uint_eq(asy_config_get(again)->query.deadline_ms, 90000);
	ck_assert_str_eq(asy_config_get(again)->data_dir, "/var/lib/assay/speech-2");
	ck_ok(asy_config_digest(c, 1, a, &err), err);
	ck_ok(asy_config_digest(again, 0, b, &err), err);
	ck_ok(asy_config_digest(c, 0, other, &err), err);
	ck_assert_mem_eq(a, b, 32);
	ck_assert_mem_ne(a, other, 32);
	asy_buf_fini(&text);
	asy_config_free(c);
	asy_config_free(again);
}
END_TEST

#define LIST(entries) "{" SHARED ",\"tasks\":" entries "}"
START_TEST(test_list_when_wrong_then_the_entry_is_named)
{
	static const struct {
		const char *json, *words;
	} cases[] = {
		{LIST("{}"), "tasks: expected a list"},
		{LIST("[]"), "tasks: 0 entries, 1 to 64"},
		{LIST("[3]"), "tasks[0]: expected an object"},
		{LIST("[{\"netuid\":3}]"), "tasks[0].name is not set"},
		{LIST("[{\"name\":7,\"netuid\":3}]"), "tasks[0].name: expected a text"},
		{LIST("[{\"name\":\"\",\"netuid\":3}]"), "tasks[0].name: 0 bytes long, 1 to 32"},
		{LIST("[{\"name\":\"..\",\"netuid\":3}]"), "tasks[0].name: letters, digits"},
		{LIST("[{\"name\":\"a/b\",\"netuid\":3}]"), "tasks[0].name: letters, digits"},
		{LIST("[{\"name\":\"-a\",\"netuid\":3}]"), "tasks[0].name: letters, digits"},
		{LIST("[{\"name\":\"a.b\",\"netuid\":3}]"), "tasks[0].name: letters, digits"},
		{LIST("[{\"name\":\"123456789012345678901234567890123\"}]"), "33 bytes long, 1 to 32"},
		{LIST("[{\"name\":\"a\",\"netuid\":3},{\"name\":\"a\",\"netuid\":4}]"),
		 "tasks[1].name: tasks[0] is called a too"},
		{LIST("[{\"name\":\"a\",\"netuid\":3},{\"name\":\"b\",\"netuid\":3}]"),
		 "tasks[0] (a) and tasks[1] (b) set weights for subnet 3, mechanism 0"},
		{LIST("[{\"name\":\"a\"}]"), "tasks[0]: netuid is not set"},
		{LIST("[{\"name\":\"a\",\"netuid\":3,\"query\":{\"deadline_ms\":1}}]"),
		 "tasks[0].query.deadline_ms: 1 is out of range"},
		{LIST("[{\"name\":\"a\",\"netuid\":3},{\"name\":\"b\",\"netuid\":4,\"query\":"
			  "{\"dedline_ms\":1}}]"),
		 "tasks[1].query.dedline_ms: no such option; did you mean query.deadline_ms"},
		{LIST("[{\"name\":\"a\",\"netuid\":3,\"query\":7}]"), "tasks[0].query: expected an object"},
		{LIST("[{\"name\":\"a\",\"netuid\":3,\"log\":{\"level\":\"info\"}}]"),
		 "tasks[0].log: holds for all tasks"},
		{LIST("[{\"name\":\"a\",\"netuid\":3,\"data_dir\":\"x\"}]"),
		 "tasks[0].data_dir: holds for all tasks"},
		{LIST("[{\"name\":\"a\",\"netuid\":3,\"tasks\":[]}]"), "tasks[0].tasks: no such option"},
		{LIST("[{\"name\":\"a\",\"netuid\":3,\"query\":{\"connect_timeout_ms\":9000}}]"),
		 "tasks[0]: query.connect_timeout_ms (9000) is longer than query.deadline_ms (8000)"},
		{LIST("[{\"name\":\"a\",\"netuid\":3,\"wallet\":{\"hotkey\":\"k\"}}]"),
		 "tasks[0]: wallet.hotkey and wallet.dev_uri are both set"},
		{"{\"tasks\":[{\"name\":\"a\"}]}", "data_dir, chain.endpoints are not set"},
		{"{\"task\":[]}", "task: no such option; did you mean tasks?"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++)
		wrong(cases[i].json, cases[i].words);
}
END_TEST

START_TEST(test_list_when_65_then_too_many)
{
	asy_buf text = {0};
	assay_err err = {0};
	ck_ok(asy_buf_add_str(&text, "{" SHARED ",\"tasks\":[", &err), err);
	for (int i = 0; i < 65; i++)
		ck_ok(asy_buf_printf(&text, &err, "%s{\"name\":\"t%d\",\"netuid\":%d}", i > 0 ? "," : "", i,
							 i + 1),
			  err);
	ck_ok(asy_buf_add_str(&text, "]}", &err), err);
	wrong(asy_buf_cstr(&text), "tasks: 65 entries, 1 to 64 are allowed");
	asy_buf_fini(&text);
}
END_TEST

START_TEST(test_task_when_another_hotkey_or_mechanism_then_one_subnet_twice_is_fine)
{
	asy_config_free(loaded(LIST("[{\"name\":\"a\",\"netuid\":3},{\"name\":\"b\",\"netuid\":3,"
								"\"mecid\":1},{\"name\":\"c\",\"netuid\":3,\"wallet\":{"
								"\"dev_uri\":\"//Bob\"}}]")));
}
END_TEST

START_TEST(test_flag_when_for_a_task_that_is_not_there_then_refused)
{
	static const struct {
		const char *path, *words;
	} cases[] = {
		{"tasks.txt.query.sample", "tasks.txt: no such task; did you mean text?"},
		{"tasks.text.query.sampel", "tasks.text.query.sampel: no such option; did you mean"},
		{"tasks.text", "write tasks.NAME.OPTION"},
		{"tasks..netuid", "no such task"},
		{"tasks.text.log.level", "tasks.text.log.level: holds for all tasks; write log.level"},
		{"tasks.text.netuid", "tasks.text.netuid: not a whole number"},
	};
	asy_config *c = loaded(TWO), *alone = loaded("{" SHARED ",\"netuid\":3}");
	assay_err err = {0};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		ck_assert_int_eq(asy_config_set(c, cases[i].path, "x", ASY_FROM_FLAG, &err),
						 ASSAY_E_CONFIG);
		ck_assert_msg(strstr(err.msg, cases[i].words) != NULL, "%s gives %s", cases[i].path,
					  err.msg);
	}
	ck_assert_int_eq(asy_config_set(alone, "tasks.default.netuid", "4", ASY_FROM_FLAG, &err),
					 ASSAY_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.msg, "has no list of tasks"));
	asy_config_free(c);
	asy_config_free(alone);
}
END_TEST

START_TEST(test_differs_when_compared_then_only_what_holds_counts)
{
	asy_config *a = loaded(TWO), *b = loaded(TWO);
	assay_err err = {0};
	for (size_t i = 0; asy_config_option(i) != NULL; i++)
		for (size_t t = 0; t < 2; t++)
			ck_assert(!asy_config_differs(a, t, b, t, asy_config_option(i)));
	ck_ok(asy_config_set(b, "query.deadline_ms", "8001", ASY_FROM_FILE, &err), err);
	ck_ok(asy_config_finish(b, &err), err);
	ck_assert(asy_config_differs(a, 0, b, 0, "query.deadline_ms"));
	ck_assert(!asy_config_differs(a, 1, b, 1, "query.deadline_ms"));
	ck_assert(asy_config_differs(a, 0, b, 1, "plugin.config"));
	ck_assert(asy_config_differs(a, 0, b, 1, "data_dir"));
	ck_assert(!asy_config_differs(a, 0, b, 1, "chain.endpoints"));
	ck_assert(asy_config_is_of_a_task("query.deadline_ms"));
	ck_assert(!asy_config_is_of_a_task("chain.endpoints"));
	asy_config_free(a);
	asy_config_free(b);
}
END_TEST

START_TEST(test_example_when_loaded_then_three_tasks)
{
	asy_buf text = {0};
	assay_err err = {0};
	char chunk[4096];
	FILE *f = fopen(ASSAY_SOURCE_DIR "/configs/many-subnets.json", "rb");
	ck_assert_ptr_nonnull(f);
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		ck_ok(asy_buf_add(&text, chunk, n, &err), err);
	(void)fclose(f);
	asy_config *c = loaded(asy_buf_cstr(&text));
	ck_assert_uint_eq(asy_config_task_n(c), 3);
	ck_assert_uint_eq(asy_config_task(c, 0)->query.deadline_ms, 8000);
	ck_assert_uint_eq(asy_config_task(c, 1)->query.deadline_ms, 120000);
	ck_assert_str_eq(asy_config_task(c, 2)->wallet.hotkey, "second");
	ck_assert_str_eq(asy_config_task(c, 2)->wallet.name, "validator");
	asy_buf_fini(&text);
	asy_config_free(c);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_tasks_when_listed_then_shared_defaults_below_their_own);
	tcase_add_test(tc, test_tasks_when_there_is_no_list_then_one_with_the_folder_as_it_is);
	tcase_add_test(tc, test_sources_when_all_set_then_flag_before_environment_before_file);
	tcase_add_test(tc, test_explain_when_tasks_then_says_whose_each_value_is);
	tcase_add_test(tc, test_canonical_when_of_a_task_then_a_configuration_of_its_own);
	tcase_add_test(tc, test_list_when_wrong_then_the_entry_is_named);
	tcase_add_test(tc, test_list_when_65_then_too_many);
	tcase_add_test(tc, test_task_when_another_hotkey_or_mechanism_then_one_subnet_twice_is_fine);
	tcase_add_test(tc, test_differs_when_compared_then_only_what_holds_counts);
	tcase_add_test(tc, test_example_when_loaded_then_three_tasks);
	tcase_add_test(tc, test_flag_when_for_a_task_that_is_not_there_then_refused);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("config_tasks", fill, 30);
}
