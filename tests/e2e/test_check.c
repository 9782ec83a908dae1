/* `assayd --check` and `assay doctor --config`: one and the same, they find everything that
 * would keep a daemon from working before it starts, each with its remedy, and change nothing. */
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "chain/metadata.h"
#include "codec/codec.h"
#include "e2e/world.h"
#include "support/test.h"

static world w;
static char config[512];

static void set_up(void)
{
	world_start(&w, 1, 20, 200);
	world_config(&w, 1, "");
	world_lane_path(&w, 1, "assayd.json", config);
}

static void tear_down(void)
{
	world_stop(&w);
}

/* more: further arguments, NULL-terminated. */
static int check(const char *const *more, char **out)
{
	const char *argv[14] = {"assayd", "--check", "--config", config};
	size_t n = 4;
	while (more != NULL && *more != NULL && n < 13)
		argv[n++] = *more++;
	return world_run(argv, 60, out);
}

/* Lines are broken for people: compare words. */
static bool says(const char *text, const char *words)
{
	char *flat = calloc(1, strlen(text) + 1);
	size_t at = 0;
	bool space = false, found;
	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == '\n') {
			space = true;
			continue;
		}
		if (space && at > 0)
			flat[at++] = ' ';
		space = false;
		flat[at++] = *text;
	}
	found = strstr(flat, words) != NULL;
	free(flat);
	return found;
}

START_TEST(test_check_when_all_is_well_then_zero_and_nothing_is_made)
{
	char *out = NULL, data[512];
	static const char *const probe[] = {"--probe", NULL};
	int code = check(probe, &out);
	ck_assert_msg(code == 0 && strstr(out, "BAD") == NULL, "exit %d: %s", code, out);
	ck_assert_ptr_nonnull(strstr(out, "ok   probe"));
	ck_assert_ptr_nonnull(strstr(out, "scores  ")); /* one challenge may be too hard for all */
	free(out);
	world_lane_path(&w, 1, "data", data);
	ck_assert_int_ne(access(data, F_OK), 0);
	const char *doctor[] = {"assay", "doctor", "--config", config, "--probe", NULL};
	ck_assert_int_eq(world_run(doctor, 60, &out), 0);
	ck_assert_ptr_nonnull(strstr(out, "ok   probe"));
	free(out);
}
END_TEST

START_TEST(test_check_when_one_endpoint_is_away_then_a_note_that_names_it)
{
	char *out = NULL, set[300];
	(void)snprintf(set, sizeof set, "chain.endpoints=%s,http://127.0.0.1:1", w.url);
	const char *const more[] = {"--set", set, NULL};
	ck_assert_msg(check(more, &out) == 0, "%s", out);
	ck_assert_msg(says(out, "answers in") &&
					  says(out, "note endpoint http://127.0.0.1:1 does not answer"),
				  "%s", out);
	free(out);
}
END_TEST

START_TEST(test_check_when_one_thing_is_wrong_then_only_that_is_bad)
{
	static const struct {
		const char *set;
		int code;
		const char *words;
	} cases[] = {
		{"netuid=9", 66, "subnet 9 does not exist"},
		{"mecid=3", 66, "there is no number 3"},
		{"wallet.dev_uri=//Nobody", 79, "is not registered in subnet 1: register it"},
		{"query.allow_private=false", 79, "none of 5 can be asked"},
		{"query.route=/other", 69, "check query.route and query.dialect"},
		{"plugin.config={\"colour\":1}", 78, "plugin.config: text.so: config: unknown key"},
		{"plugin.path=/etc", 65, "plugin.path: /etc is a folder"},
		{"plugin.path=nowhere.so", 66, "no such file"},
		{"worker_path=/nowhere", 66, "worker_path: no such file"},
		{"dataset.path=nowhere.jsonl", 66, "dataset.path: no such file"},
		{"dataset.path=assayd.json", 65, "line 1"},
		{"data_dir=assayd.json/data", 74, "is in the way: it is not a folder"},
		{"chain.endpoints=http://127.0.0.1:1", 69, "is the node up, and chain.endpoints right?"},
		{"query.deadlin_ms=5", 78, "did you mean query.deadline_ms?"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		const char *more[] = {"--probe", "--set", cases[i].set, NULL};
		char *out = NULL;
		int code = check(more, &out), bad = 0;
		for (const char *p = out; (p = strstr(p, "BAD ")) != NULL; p++)
			bad++;
		/* whom nobody knows, no miner answers */
		int expected =
			strncmp(cases[i].set, "wallet", 6) == 0 || strncmp(cases[i].set, "query.allow", 11) == 0
				? 2
				: 1;
		ck_assert_msg(code == cases[i].code && says(out, cases[i].words) && bad == expected,
					  "%s: exit %d, wanted %d and '%s' once, got:\n%s", cases[i].set, code,
					  cases[i].code, cases[i].words, out);
		free(out);
	}
}
END_TEST

/* Subnet 1 is put into a consensus mode: written into the state of the chain. */
static void set_mode(const char *value)
{
	asy_json *doc = NULL;
	assay_err err = {0};
	uint8_t key[34] = {0};
	char hex[69], params[128];
	asy_storage_prefix("SubtensorModule", "SubnetEpochConsensus", key);
	key[32] = 1;
	asy_hex_encode(hex, key, sizeof key);
	(void)snprintf(params, sizeof params, "[\"0x%s\",\"%s\"]", hex, value);
	ck_ok(world_call(&w, "assay_setStorage", params, &doc, &err), err);
	asy_json_free(doc);
	ck_ok(world_call(&w, "assay_produceBlocks", "[2]", &doc, &err), err);
	asy_json_free(doc);
}

START_TEST(test_check_when_the_consensus_mode_is_unknown_then_bad_and_named)
{
	char *out = NULL;
	set_mode("0x07");
	ck_assert_int_eq(check(NULL, &out), 79);
	ck_assert_msg(says(out, "BAD registration") && says(out, "consensus mode 7"), "%s", out);
	free(out);
	set_mode("0x00");
	ck_assert_int_eq(check(NULL, &out), 0);
	free(out);
}
END_TEST

START_TEST(test_check_when_challenges_are_of_another_task_then_noted)
{
	static const char *const more[] = {
		"--set", "dataset.path=" ASSAY_SOURCE_DIR "/plugins/ranking/samples/ranking.jsonl", NULL};
	char *out = NULL;
	ck_assert_int_eq(check(more, &out), 0);
	ck_assert_msg(says(out, "are they of its task?"), "%s", out);
	free(out);
}
END_TEST

START_TEST(test_check_when_no_one_makes_challenges_then_bad_and_daemon_does_not_start)
{
	char *out = NULL, text[2048], kept[2048] = "";
	FILE *f = fopen(config, "r");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(text, 1, sizeof text - 1, f);
	(void)fclose(f);
	text[n] = '\0';
	char *from = strstr(text, "\"dataset\":"), *to = strstr(text, "\"query\":");
	ck_assert(from != NULL && to != NULL);
	(void)snprintf(kept, sizeof kept, "%.*s%s", (int)(from - text), text, to);
	f = fopen(config, "w");
	ck_assert_int_ge(fputs(kept, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(check(NULL, &out), 78);
	ck_assert_msg(says(out, "dataset.path is not set, and the plugin org.assay.text makes no"),
				  "%s", out);
	free(out);
	const char *start[] = {"assayd", "--config", config, NULL};
	ck_assert_int_eq(world_run(start, 20, &out), 78);
	ck_assert_ptr_nonnull(strstr(out, "dataset.path is not set"));
	free(out);
}
END_TEST

START_TEST(test_check_when_asked_for_json_then_one_document_with_the_same_verdicts)
{
	static const char *const more[] = {"--json", "--set", "netuid=9", NULL};
	char *out = NULL;
	asy_json *doc = NULL;
	assay_err err = {0};
	size_t bad = 0;
	ck_assert_int_eq(check(more, &out), 66);
	ck_ok(asy_json_parse(asy_span_str(out), NULL, &doc, &err), err);
	asy_jv root = asy_json_root(doc);
	for (size_t i = 0; i < asy_jv_size(root); i++) {
		const char *name = NULL, *verdict = NULL;
		asy_jv row = asy_jv_at(root, i);
		ck_ok(asy_jv_str(asy_jv_get(row, "check"), &name, NULL, &err), err);
		ck_ok(asy_jv_str(asy_jv_get(row, "verdict"), &verdict, NULL, &err), err);
		if (strcmp(verdict, "bad") == 0) {
			ck_assert_str_eq(name, "subnet");
			bad++;
		}
	}
	ck_assert_uint_eq(bad, 1);
	asy_json_free(doc);
	free(out);
}
END_TEST

/* The public development key //Alice in a file: then it is no development, and the chain's
 * time, which began at a fixed date, has to agree with this machine's. */
START_TEST(test_check_when_chain_is_of_another_time_then_bad_unless_development)
{
	static const char *const more[] = {"--set", "development=false", NULL};
	char *out = NULL, path[512], text[4096], kept[4096];
	world_lane_path(&w, 1, "hotkey", path);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(
		fputs("{\"secretSeed\":"
			  "\"0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a\"}",
			  f),
		0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
	f = fopen(config, "r");
	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	(void)fclose(f);
	char *from = strstr(text, "\"wallet\":"), *to = strstr(text, "\"plugin\":");
	ck_assert(from != NULL && to != NULL);
	(void)snprintf(kept, sizeof kept, "%.*s\"wallet\":{\"hotkey\":\"hotkey\"},%s",
				   (int)(from - text), text, to);
	f = fopen(config, "w");
	ck_assert_int_ge(fputs(kept, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(check(more, &out), 79);
	ck_assert_msg(says(out, "BAD clock the chain's head is") && says(out, "let NTP set it"), "%s",
				  out);
	ck_assert_msg(says(out, "BAD registration the hotkey 5Grwva"), "%s", out);
	free(out);
	ck_assert_int_eq(check(NULL, &out), 79);
	ck_assert_msg(says(out, "note clock") && says(out, "keeps its own time"), "%s", out);
	free(out);
}
END_TEST

START_TEST(test_check_when_data_dir_is_used_open_or_emptied_then_told)
{
	char *out = NULL, path[512];
	world_lane_path(&w, 1, "data", path);
	pid_t daemon = world_daemon(&w, 1, "assayd", "0", NULL);
	(void)sleep(2);
	ck_assert_int_eq(check(NULL, &out), 0);
	ck_assert_msg(says(out, "note data_dir") && says(out, "in use by another daemon"), "%s", out);
	free(out);
	(void)kill(daemon, SIGINT);
	(void)world_wait(daemon, 5);
	ck_assert_int_eq(check(NULL, &out), 0);
	ck_assert_msg(says(out, "ok data_dir"), "%s", out);
	free(out);
	ck_assert_int_eq(chmod(path, 0777), 0);
	ck_assert_int_eq(check(NULL, &out), 74);
	ck_assert_msg(says(out, "other users may write to data_dir"), "%s", out);
	free(out);
	ck_assert_int_eq(chmod(path, 0700), 0);
	world_lane_path(&w, 1, "data/assay.db", path);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(check(NULL, &out), 82);
	ck_assert_msg(says(out, "assay.db is missing, but the lock shows"), "%s", out);
	free(out);
}
END_TEST

START_TEST(test_data_dir_when_folders_are_missing_then_all_are_made)
{
	char *out = NULL, path[512];
	struct stat sb;
	static const char *const more[] = {"--set", "data_dir=a/b/c", NULL};
	ck_assert_int_eq(check(more, &out), 0);
	ck_assert_msg(says(out, "will be made"), "%s", out);
	free(out);
	const char *start[] = {"assayd", "--config", config,           "--rounds",
						   "1",      "--set",    "data_dir=a/b/c", NULL};
	int code = world_run(start, 100, &out);
	ck_assert_msg(code == 0, "exit %d: %s", code, out);
	free(out);
	world_lane_path(&w, 1, "a/b/c/assay.db", path);
	ck_assert_int_eq(stat(path, &sb), 0);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_check_when_all_is_well_then_zero_and_nothing_is_made);
	tcase_add_test(tc, test_check_when_one_endpoint_is_away_then_a_note_that_names_it);
	tcase_add_test(tc, test_check_when_one_thing_is_wrong_then_only_that_is_bad);
	tcase_add_test(tc, test_check_when_the_consensus_mode_is_unknown_then_bad_and_named);
	tcase_add_test(tc, test_check_when_challenges_are_of_another_task_then_noted);
	tcase_add_test(tc, test_check_when_no_one_makes_challenges_then_bad_and_daemon_does_not_start);
	tcase_add_test(tc, test_check_when_asked_for_json_then_one_document_with_the_same_verdicts);
	tcase_add_test(tc, test_check_when_chain_is_of_another_time_then_bad_unless_development);
	tcase_add_test(tc, test_check_when_data_dir_is_used_open_or_emptied_then_told);
	tcase_add_test(tc, test_data_dir_when_folders_are_missing_then_all_are_made);
}

int main(void)
{
	return test_main("check", fill, 120);
}
