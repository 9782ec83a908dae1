/* The configuration: sources and their order, every kind of wrong value with the
 * sentence it gets, the rules that join options, and the documents made from the table. */
#include "assay/plugin.h"
#include "assay/weights.h"
#include "codec/codec.h"
#include "config/config.h"
#include "crypto/crypto.h"
#include "support/test.h"

/* config cannot include its neighbours, so their numbers are compared here. */
_Static_assert((int)ASY_CFG_HOLD == (int)ASSAY_TRACK_HOLD &&
				   (int)ASY_CFG_DECAY == (int)ASSAY_TRACK_DECAY,
			   "tracker.form");
_Static_assert((int)ASY_CFG_KEEP == (int)ASSAY_MISSING_KEEP &&
				   (int)ASY_CFG_UNASKED == (int)ASSAY_MISSING_UNASKED &&
				   (int)ASY_CFG_FAIL == (int)ASSAY_MISSING_FAIL,
			   "tracker.missing");
_Static_assert((int)ASY_CFG_V11 == (int)ASSAY_PROFILE_V11 &&
				   (int)ASY_CFG_V10 == (int)ASSAY_PROFILE_V10 &&
				   (int)ASY_CFG_FIBER == (int)ASSAY_PROFILE_FIBER,
			   "weights.profile");
_Static_assert((int)ASY_CFG_REFUSE == (int)ASSAY_FALLBACK_REFUSE &&
				   (int)ASY_CFG_UNIFORM == (int)ASSAY_FALLBACK_UNIFORM &&
				   (int)ASY_CFG_PREVIOUS == (int)ASSAY_FALLBACK_PREVIOUS &&
				   (int)ASY_CFG_OWNER == (int)ASSAY_FALLBACK_OWNER,
			   "weights.policy");

/* The least that a daemon needs. */
#define BASE                                                                                       \
	"\"development\":true,\"netuid\":3,\"data_dir\":\"/var/lib/assay\","                           \
	"\"chain\":{\"endpoints\":[\"http://127.0.0.1:9944\"]},"                                       \
	"\"plugin\":{\"path\":\"text.so\"},\"wallet\":{\"dev_uri\":\"//Alice\"}"

static asy_config *fresh(void)
{
	asy_config *c = NULL;
	assay_err err = {0};
	ck_ok(asy_config_new(&c, &err), err);
	return c;
}

static assay_status load(asy_config *c, const char *json, assay_err *err)
{
	return asy_config_load_json(c, asy_span_str(json), "assay.json", err);
}

/* Loads json (and finishes), expects E_CONFIG with these words. */
static void wrong(const char *json, const char *words)
{
	asy_config *c = fresh();
	assay_err err = {0};
	assay_status st = load(c, json, &err);
	if (st == ASSAY_OK)
		st = asy_config_finish(c, &err);
	ck_assert_msg(st == ASSAY_E_CONFIG, "%s: %s", json, assay_status_name(st));
	ck_assert_msg(strstr(err.msg, words) != NULL, "%s\n  gives: %s\n  not: %s", json, err.msg,
				  words);
	asy_config_free(c);
}

static void right(const char *json)
{
	asy_config *c = fresh();
	assay_err err = {0};
	ck_ok(load(c, json, &err), err);
	ck_ok(asy_config_finish(c, &err), err);
	asy_config_free(c);
}

START_TEST(test_defaults_when_nothing_is_set_then_the_documented_ones)
{
	asy_config *c = fresh();
	const asy_options *o = asy_config_get(c);
	ck_assert_uint_eq(o->query.deadline_ms, 12000);
	ck_assert_uint_eq(o->query.concurrency, 256);
	ck_assert_str_eq(o->plugin.config, "{}");
	ck_assert_str_eq(o->query.route, "/");
	ck_assert_uint_eq(o->plugin.needs_granted, 1);
	ck_assert_double_eq(o->tracker.half_life_s, 7200);
	ck_assert_int_eq(o->weights.profile, ASY_CFG_V11);
	ck_assert_int_eq(o->log.level, ASY_INFO);
	ck_assert(o->weights.guarded);
	ck_assert_ptr_null(o->wallet.hotkey);
	asy_config_free(c);
}
END_TEST

START_TEST(test_file_when_complete_then_every_type_arrives)
{
	asy_config *c = fresh();
	assay_err err = {0};
	ck_ok(load(c,
			   "{\"$schema\":\"x\"," BASE ",\"mecid\":2,\"query\":{\"route\":\"/ask\","
			   "\"allow_private\":true,\"deadline_ms\":500,\"connect_timeout_ms\":100},"
			   "\"tracker\":{\"form\":\"decay\",\"half_life_s\":0,\"alpha\":0.25},"
			   "\"weights\":{\"exclusions\":[7,65535],\"version_key\":18446744073709551615},"
			   "\"log\":{\"level\":\"unusual\"},\"worker_path\":\"/usr/bin/assay-worker\"}",
			   &err),
		  err);
	ck_ok(asy_config_finish(c, &err), err);
	const asy_options *o = asy_config_get(c);
	ck_assert_uint_eq(o->netuid, 3);
	ck_assert_uint_eq(o->mecid, 2);
	ck_assert_uint_eq(o->chain.endpoints.n, 1);
	ck_assert_str_eq(o->chain.endpoints.at[0], "http://127.0.0.1:9944");
	ck_assert_str_eq(o->query.route, "/ask");
	ck_assert(o->query.allow_private);
	ck_assert_int_eq(o->tracker.form, ASY_CFG_DECAY);
	ck_assert_double_eq(o->tracker.alpha, 0.25);
	ck_assert_uint_eq(o->weights.exclusions.n, 2);
	ck_assert_uint_eq(o->weights.exclusions.at[1], 65535);
	ck_assert_uint_eq(o->weights.version_key, UINT64_MAX);
	ck_assert_int_eq(o->log.level, ASY_UNUSUAL);
	asy_config_free(c);
}
END_TEST

START_TEST(test_plugin_config_when_given_then_kept_as_canonical_json)
{
	asy_config *c = fresh();
	assay_err err = {0};
	ck_ok(load(c, "{\"plugin\":{\"config\":{\"b\": [1, 2.5], \"a\": null}}}", &err), err);
	ck_assert_str_eq(asy_config_get(c)->plugin.config, "{\"a\":null,\"b\":[1,2.5]}");
	ck_ok(asy_config_set(c, "plugin.config", "{ \"z\" : 1 }", ASY_FROM_FLAG, &err), err);
	ck_assert_str_eq(asy_config_get(c)->plugin.config, "{\"z\":1}");
	ck_assert_int_eq(asy_config_set(c, "plugin.config", "{", ASY_FROM_FLAG, &err), ASSAY_E_CONFIG);
	asy_config_free(c);
}
END_TEST

START_TEST(test_needs_when_named_then_the_bits_of_the_plugin_contract)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} needs[] = {{"whole_batch", ASSAY_NEED_WHOLE_BATCH},
				 {"state", ASSAY_NEED_STATE},
				 {"identity", ASSAY_NEED_IDENTITY},
				 {"cache", ASSAY_NEED_CACHE},
				 {"inexact", ASSAY_NEED_INEXACT}};
	asy_config *c = fresh();
	assay_err err = {0};
	for (size_t i = 0; i < ASY_COUNT(needs); i++) {
		ck_ok(asy_config_set(c, "plugin.needs_granted", needs[i].name, ASY_FROM_FLAG, &err), err);
		ck_assert_uint_eq(asy_config_get(c)->plugin.needs_granted, needs[i].bit);
	}
	ck_ok(asy_config_set(c, "plugin.needs_granted", "", ASY_FROM_FLAG, &err), err);
	ck_assert_uint_eq(asy_config_get(c)->plugin.needs_granted, 0);
	asy_config_free(c);
}
END_TEST

START_TEST(test_sources_when_all_set_then_flag_beats_environment_beats_file)
{
	asy_config *c = fresh();
	assay_err err = {0};
	asy_buf out = {0};
	const char *const env[] = {"HOME=/x",
							   "ASSAY_CONFIG=f",
							   "ASSAY_QUERY_DEADLINE_MS=6000",
							   "ASSAY_QUERY_SAMPLE=5",
							   "ASSAY_WEIGHTS_EXCLUSIONS=1,2",
							   NULL};
	ck_ok(load(c, "{\"query\":{\"deadline_ms\":5000,\"sample\":4,\"per_host\":3}}", &err), err);
	ck_ok(asy_config_load_env(c, env, &err), err);
	ck_ok(asy_config_set(c, "query.deadline_ms", "7000", ASY_FROM_FLAG, &err), err);
	const asy_options *o = asy_config_get(c);
	ck_assert_uint_eq(o->query.deadline_ms, 7000);
	ck_assert_uint_eq(o->query.sample, 5);
	ck_assert_uint_eq(o->query.per_host, 3);
	ck_assert_uint_eq(o->weights.exclusions.n, 2);
	ck_ok(asy_config_explain(c, false, &out, &err), err);
	const char *text = asy_buf_cstr(&out);
	ck_assert_ptr_nonnull(
		strstr(text, "query.deadline_ms = 7000 ms  (flag: --query.deadline_ms)\n"));
	ck_assert_ptr_nonnull(strstr(text, "query.sample = 5  (environment: ASSAY_QUERY_SAMPLE)\n"));
	ck_assert_ptr_nonnull(strstr(text, "query.per_host = 3  (file: assay.json)\n"));
	ck_assert_ptr_nonnull(strstr(text, "query.route = \"/\"  (default)\n"));
	asy_buf_reset(&out);
	ck_ok(asy_config_explain(c, true, &out, &err), err);
	asy_json *doc = NULL;
	ck_ok(asy_json_parse(asy_buf_span(&out), NULL, &doc, &err), err);
	asy_json_free(doc);
	asy_buf_fini(&out);
	asy_config_free(c);
}
END_TEST

START_TEST(test_unknown_key_when_near_a_known_one_then_names_it)
{
	wrong("{\"query\":{\"deadlin_ms\":5}}", "query.deadlin_ms: no such option; did you mean "
											"query.deadline_ms?");
	wrong("{\"quary\":{}}", "quary: no such option; did you mean query?");
	wrong("{\"deadline_ms\":5}", "did you mean chain.deadline_ms?");
	wrong("{\"per_host\":5}", "did you mean query.per_host?");
	wrong("{\"zzzzzzzzzzzz\":5}", "`assay config explain`");
	wrong("{\"\":5}", "no such option");
	wrong("{\"query\":{\"a\\u0007b\":5}}", "a\\x07b");
	wrong("{\"query\":7}", "query: expected an object");
	assay_err err = {0};
	asy_config *c = fresh();
	const char *const env[] = {"ASSAY_QUERY_DEADLNE_MS=1", NULL};
	ck_assert_int_eq(asy_config_load_env(c, env, &err), ASSAY_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.msg, "did you mean ASSAY_QUERY_DEADLINE_MS?"));
	ck_assert_int_eq(asy_config_set(c, "query.sampel", "1", ASY_FROM_FLAG, &err), ASSAY_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.msg, "did you mean query.sample?"));
	asy_config_free(c);
}
END_TEST

START_TEST(test_value_when_of_the_wrong_kind_or_range_then_path_and_bounds)
{
	wrong("{\"netuid\":\"3\"}", "netuid: expected a whole number, found a text");
	wrong("{\"netuid\":\"3\"}", "leave the quotes out");
	wrong("{\"netuid\":-3}", "netuid: -3 is out of range, 1 to 4095");
	wrong("{\"query.deadline_ms\":5}", "write {\"query\": {\"deadline_ms\": ...}}");
	wrong("{\"data_dir\":5}", "put it in quotes");
	wrong("{\"chain\":{\"endpoints\":\"x\"}}", "put it in [ ]");
	wrong("{\"log\":{\"level\":\"INFO\"}}", "did you mean info?");
	wrong("{\"netuid\":3.0}", "netuid: expected a whole number, found a number");
	wrong("{\"netuid\":0}", "netuid: 0 is out of range, 1 to 4095 are allowed");
	wrong("{\"netuid\":-1}", "netuid");
	wrong("{\"netuid\":null}", "null is no value");
	wrong("{\"development\":1}", "development: expected a boolean, found a whole number");
	wrong("{\"query\":{\"deadline_ms\":9}}", "50 to 600000 ms are allowed");
	wrong("{\"query\":{\"route\":\"\"}}", "query.route: 0 bytes long, 1 to 512 are allowed");
	wrong("{\"data_dir\":\"a\\u0000b\"}", "control character");
	wrong("{\"data_dir\":\"a\\nb\"}", "control character at byte 1");
	wrong("{\"tracker\":{\"alpha\":1.5}}", "tracker.alpha: 1.5 is out of range");
	wrong("{\"tracker\":{\"form\":\"hodl\"}}", "did you mean hold?");
	wrong("{\"cpu\":\"sse9\"}", "cpu: \"sse9\" is not one of auto, scalar");
	wrong("{\"chain\":{\"endpoints\":[]}}", "chain.endpoints: 0 entries, 1 to 16 are allowed");
	wrong("{\"chain\":{\"endpoints\":\"x\"}}", "expected a list, found a text");
	wrong("{\"chain\":{\"endpoints\":[5]}}", "expected a text, found a whole number");
	wrong("{\"weights\":{\"exclusions\":[1,1]}}", "uid 1 is listed twice");
	wrong("{\"weights\":{\"exclusions\":[65536]}}", "65536 is not a uid");
	wrong("{\"plugin\":{\"needs_granted\":[\"idenity\"]}}", "did you mean identity?");
	wrong("[]", "must be one JSON object");
	wrong("{\"netuid\":3,\"netuid\":4}", "assay.json");
	wrong("{\"netuid\":", "assay.json");
}
END_TEST

START_TEST(test_text_value_when_malformed_then_refused)
{
	static const char *const cases[][2] = {{"query.sample", ""},
										   {"query.sample", "-1"},
										   {"query.sample", "1 "},
										   {"query.sample", "0x10"},
										   {"development", "yes"},
										   {"tracker.alpha", "nan"},
										   {"tracker.alpha", "0x1p-1"},
										   {"tracker.alpha", ""},
										   {"tracker.alpha", "1e999"},
										   {"weights.exclusions", "1,"},
										   {"plugin.needs_granted", "cache,"}};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		asy_config *c = fresh();
		assay_err err = {0};
		ck_assert_int_eq(asy_config_set(c, cases[i][0], cases[i][1], ASY_FROM_FLAG, &err),
						 ASSAY_E_CONFIG);
		ck_assert_ptr_nonnull(strstr(err.msg, cases[i][0]));
		asy_config_free(c);
	}
}
END_TEST

#define WITHOUT_DEV                                                                                \
	"\"netuid\":3,\"data_dir\":\"d\",\"plugin\":{\"path\":\"p\"},\"wallet\":{\"hotkey\":\"k\"},"

START_TEST(test_finish_when_options_disagree_then_says_which)
{
	right("{" BASE "}");
	wrong("{}", "netuid, data_dir, chain.endpoints, plugin.path are not set");
	wrong("{\"netuid\":3,\"data_dir\":\"d\"}", "chain.endpoints, plugin.path are not set");
	wrong("{\"netuid\":3,\"data_dir\":\"d\",\"plugin\":{\"path\":\"p\"}}",
		  "chain.endpoints is not set. Addresses");
	wrong("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"ftp://127.0.0.1:9944\"]}}",
		  "begins with wss://");
	wrong("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"ws://node.example:9944\"]}}",
		  "can be altered on the way");
	right("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"wss://host\"]}}");
	wrong("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"host:9944\"]}}", "begins with wss://");
	wrong("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"https://\"]}}", "no host");
	wrong("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"https://me:pw@host\"]}}", "password");
	wrong("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"http://node.example\"]}}", "plain http://");
	wrong("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"http://127.evil.example\"]}}",
		  "plain http://");
	right("{" WITHOUT_DEV "\"chain\":{\"endpoints\":[\"https://node.example\","
		  "\"http://[::1]:9944\",\"http://localhost:1\"]}}");
#define CHAIN "\"chain\":{\"endpoints\":[\"https://n\"]},\"netuid\":3,\"data_dir\":\"d\","
	wrong("{" CHAIN "\"plugin\":{\"path\":\"p\"}}", "wallet.hotkey is not set");
	wrong("{" CHAIN "\"plugin\":{\"path\":\"p\"},\"wallet\":{\"dev_uri\":\"//Alice\"}}",
		  "\"development\": true");
	wrong("{" CHAIN
		  "\"plugin\":{\"path\":\"p\"},\"wallet\":{\"dev_uri\":\"//A\",\"hotkey\":\"k\"}}",
		  "keep one");
	wrong("{" CHAIN "\"development\":true,\"plugin\":{\"path\":\"p\"},\"wallet\":{\"dev_uri\":"
		  "\"abandon abandon\"}}",
		  "key file");
	wrong("{" CHAIN "\"plugin\":{\"path\":\"p\"},\"wallet\":{\"dev_uri\":\"//A\",\"name\":\"k\"}}",
		  "wallet.name and wallet.dev_uri");
	wrong("{" CHAIN "\"plugin\":{\"path\":\"p\"},\"wallet\":{\"name\":\"../k\"}}",
		  "wallet.name is a name");
	wrong("{" CHAIN "\"plugin\":{\"path\":\"p\"},\"wallet\":{\"name\":\"v\",\"hotkey\":\"a/b\"}}",
		  "wallet.hotkey is a name");
	right("{" CHAIN "\"plugin\":{\"path\":\"p\"},\"wallet\":{\"name\":\"v\",\"hotkey\":\"h\"}}");
	wrong("{" CHAIN "\"plugin\":{\"path\":\"p\",\"isolation\":\"none\"},\"wallet\":{\"hotkey\":"
		  "\"k\"}}",
		  "beside the hotkey");
	wrong("{" BASE ",\"query\":{\"deadline_ms\":100}}", "query.connect_timeout_ms (4000)");
	wrong("{" BASE ",\"query\":{\"concurrency\":4}}", "query.per_host (8)");
	wrong("{" BASE ",\"query\":{\"route\":\"ask\"}}", "begins with /");
	wrong("{" BASE ",\"tracker\":{\"alpha_down\":0.1}}", "tracker.half_life_s to 0");
	wrong("{" BASE ",\"weights\":{\"max_count\":2,\"min_count\":3}}", "weights.max_count (2)");
	wrong("{" BASE ",\"weights\":{\"policy\":\"owner\"}}", "needs weights.owner_uid");
	wrong("{" BASE ",\"weights\":{\"reserve_share\":0.5}}", "needs weights.reserve_uid");
	wrong("{" BASE ",\"weights\":{\"floor\":0.2,\"max_weight\":0.1}}", "weights.floor");
}
END_TEST

START_TEST(test_canonical_when_loaded_again_then_the_same_digest)
{
	asy_config *a = fresh(), *b = fresh();
	assay_err err = {0};
	asy_buf text = {0};
	uint8_t da[32], db[32];
	ck_ok(load(a, "{" BASE ",\"weights\":{\"exclusions\":[3]},\"tracker\":{\"alpha\":0.1}}", &err),
		  err);
	ck_ok(asy_config_canonical(a, 0, &text, &err), err);
	ck_ok(load(b, asy_buf_cstr(&text), &err), err);
	ck_ok(asy_config_digest(a, 0, da, &err), err);
	ck_ok(asy_config_digest(b, 0, db, &err), err);
	ck_assert_mem_eq(da, db, 32);
	ck_ok(asy_config_set(b, "query.sample", "9", ASY_FROM_FLAG, &err), err);
	ck_ok(asy_config_digest(b, 0, db, &err), err);
	ck_assert_mem_ne(da, db, 32);
	asy_buf_fini(&text);
	asy_config_free(a);
	asy_config_free(b);
}
END_TEST

START_TEST(test_table_when_listed_then_paths_are_unique_and_shallow)
{
	for (size_t i = 0; asy_config_option(i) != NULL; i++) {
		const char *dot = strchr(asy_config_option(i), '.');
		ck_assert(dot == NULL || strchr(dot + 1, '.') == NULL);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(asy_config_option(i), asy_config_option(j));
	}
}
END_TEST

START_TEST(test_schema_when_made_then_equals_the_one_in_docs)
{
	asy_buf text = {0}, kept = {0};
	assay_err err = {0};
	char chunk[4096];
	ck_ok(asy_config_schema(&text, &err), err);
	FILE *f = fopen(ASSAY_SOURCE_DIR "/docs/config.schema.json", "rb");
	ck_assert_msg(f != NULL, "docs/config.schema.json is missing: run "
							 "tests/unit/config/write_schema.sh");
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		ck_ok(asy_buf_add(&kept, chunk, n, &err), err);
	(void)fclose(f);
	ck_assert_msg(asy_span_eq(asy_buf_span(&text), asy_buf_span(&kept)),
				  "docs/config.schema.json is not what the table says: run "
				  "tests/unit/config/write_schema.sh");
	asy_buf_fini(&text);
	asy_buf_fini(&kept);
}
END_TEST

START_TEST(test_man_when_made_then_every_option_is_in_it)
{
	asy_buf text = {0};
	assay_err err = {0};
	ck_ok(asy_config_man(&text, &err), err);
	for (size_t i = 0; asy_config_option(i) != NULL; i++) {
		char line[80];
		(void)snprintf(line, sizeof line, "\n.B %s\n", asy_config_option(i));
		ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&text), line));
	}
	asy_buf_fini(&text);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_defaults_when_nothing_is_set_then_the_documented_ones);
	tcase_add_test(tc, test_file_when_complete_then_every_type_arrives);
	tcase_add_test(tc, test_plugin_config_when_given_then_kept_as_canonical_json);
	tcase_add_test(tc, test_needs_when_named_then_the_bits_of_the_plugin_contract);
	tcase_add_test(tc, test_sources_when_all_set_then_flag_beats_environment_beats_file);
	tcase_add_test(tc, test_unknown_key_when_near_a_known_one_then_names_it);
	tcase_add_test(tc, test_value_when_of_the_wrong_kind_or_range_then_path_and_bounds);
	tcase_add_test(tc, test_text_value_when_malformed_then_refused);
	tcase_add_test(tc, test_finish_when_options_disagree_then_says_which);
	tcase_add_test(tc, test_canonical_when_loaded_again_then_the_same_digest);
	tcase_add_test(tc, test_table_when_listed_then_paths_are_unique_and_shallow);
	tcase_add_test(tc, test_schema_when_made_then_equals_the_one_in_docs);
	tcase_add_test(tc, test_man_when_made_then_every_option_is_in_it);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("config", fill, 30);
}
