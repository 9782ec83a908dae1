/* Which plugins are opened and which are refused, in both hosts, with a sentence
 * that names the field. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "unit/plugin/world.h"

#define DIR ASSAY_BINARY_DIR "/test-plugins/"

typedef struct {
	const char *file;
	assay_status st;
	const char *part; /* of the sentence */
} refusal;

static const refusal refusals[] = {
	{"wrong_magic", ASSAY_E_PLUGIN, "magic is 0x00001234"},
	{"wrong_abi", ASSAY_E_UNSUPPORTED, "ABI 2.0, this host speaks 1.0"},
	{"wrong_info_abi", ASSAY_E_UNSUPPORTED, "info has ABI 3.0"},
	{"unknown_need", ASSAY_E_UNSUPPORTED, "info.needs has bit 9"},
	{"need_state", ASSAY_E_REFUSED, "needs \"state\", which is not granted"},
	{"need_cache", ASSAY_E_REFUSED, "needs \"cache\", which is not granted"},
	{"need_inexact", ASSAY_E_REFUSED, "needs \"inexact\", which is not granted"},
	{"trick-identity", ASSAY_E_REFUSED, "needs \"identity\""},
	{"tiny_info", ASSAY_E_PLUGIN, "info.size"},
	{"tiny_api", ASSAY_E_PLUGIN, "api.size"},
	{"bad_id", ASSAY_E_PLUGIN, "info.id \"Length\" is not reverse-DNS"},
	{"bad_version", ASSAY_E_PLUGIN, "info.version \"1.0\""},
	{"bad_utf8", ASSAY_E_PLUGIN, "info.name is not UTF-8"},
	{"long_summary", ASSAY_E_PLUGIN, "info.summary is longer than 512"},
	{"bad_range", ASSAY_E_PLUGIN, "score_min 1 and score_max 1"},
	{"huge_components", ASSAY_E_PLUGIN, "component_n is 1000000, limit 64"},
	{"twin_components", ASSAY_E_PLUGIN, "\"same\" appears twice"},
	{"cap_alone", ASSAY_E_PLUGIN, "make_challenges is absent"},
	{"function_alone", ASSAY_E_PLUGIN, "make_challenges is present"},
	{"null_desc", ASSAY_E_PLUGIN, "returned NULL"},
	{"v2_only", ASSAY_E_UNSUPPORTED, "exports assay_plugin_entry_v2 only"},
	{"no_close", ASSAY_E_PLUGIN, "api.close is NULL"},
	{"bad_schema", ASSAY_E_PLUGIN, "keyword \"oneOf\""},
	{"bad_default", ASSAY_E_PLUGIN, "default is refused"},
	{"open_fails", ASSAY_E_PLUGIN, "RESOURCE: the model is missing"},
	{"no_instance", ASSAY_E_PLUGIN, "no instance"},
	{"nothing-there", ASSAY_E_NOTFOUND, "No such file"},
};

static void refuse(const refusal *r, asy_isolation isolation)
{
	char path[512];
	world *w = world_new(1);
	asy_plugin *p = NULL;
	(void)snprintf(path, sizeof path, DIR "%s.so", r->file);
	asy_plugin_opts o = world_opts(w, path, isolation);
	assay_status st = asy_plugin_open(&o, &p, &w->err);
	ck_assert_msg(st == r->st, "%s: %s: %s", r->file, assay_status_name(st), w->err.msg);
	ck_assert_msg(strstr(w->err.msg, r->part) != NULL, "%s: %s", r->file, w->err.msg);
	ck_assert_ptr_null(p);
	free(w);
}

START_TEST(test_open_when_contract_is_broken_then_refused_by_name)
{
	for (size_t i = 0; i < ASY_COUNT(refusals); i++) {
		refuse(&refusals[i], ASY_ISOLATION_WORKER);
		refuse(&refusals[i], ASY_ISOLATION_NONE);
	}
}
END_TEST

START_TEST(test_open_when_plugin_kills_its_worker_then_cause_is_said)
{
	refuse(&(refusal){"constructor_exits", ASSAY_E_PLUGIN, "exit code 9 loading"},
		   ASY_ISOLATION_WORKER);
	refuse(&(refusal){"open_crashes", ASSAY_E_PLUGIN, "opening the plugin"}, ASY_ISOLATION_WORKER);
}
END_TEST

START_TEST(test_open_when_plugin_hangs_then_times_out)
{
	world *w = world_new(1);
	asy_plugin *p = NULL;
	asy_plugin_opts o = world_opts(w, DIR "open_hangs.so", ASY_ISOLATION_WORKER);
	o.open_ns = 100 * MS * SLOW;
	ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), ASSAY_E_TIMEOUT);
	ck_assert_msg(strstr(w->err.msg, "opening the plugin") != NULL, "%s", w->err.msg);
	free(w);
}
END_TEST

START_TEST(test_open_when_older_or_newer_then_works)
{
	const char *files[] = {"older", "newer", "newer_minor"};
	for (size_t i = 0; i < ASY_COUNT(files) * 2; i++) {
		char path[512];
		world *w = world_new(10);
		w->res.component = NULL;
		(void)snprintf(path, sizeof path, DIR "%s.so", files[i / 2]);
		asy_plugin *p = world_open(w, path, i % 2 == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		const asy_plugin_about *a = asy_plugin_info(p);
		ck_assert_str_eq(a->id, "test.assay.desc");
		ck_assert(a->tolerance == 0.0);
		/* what lies beyond an older struct reads as zero */
		ck_assert_int_eq(a->higher_is_better, strcmp(files[i / 2], "older") != 0);
		ck_assert(asy_span_eq(a->config, asy_span_str("{}")));
		world_score(w, p);
		ck_assert(w->row[9].score == 0.5);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_open_when_granted_then_opens)
{
	world *w = world_new(1);
	asy_plugin *p = NULL;
	asy_plugin_opts o = world_opts(w, DIR "need_cache.so", ASY_ISOLATION_WORKER);
	o.grant = ASY_NEED_CACHE;
	ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), ASSAY_E_CONFIG);
	o.cache_dir = "/tmp";
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	asy_plugin_close(p);
	o = world_opts(w, TRICK_WHOLE, ASY_ISOLATION_WORKER);
	o.grant = 0;
	ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), ASSAY_E_REFUSED);
	ck_assert_ptr_nonnull(strstr(w->err.msg, "\"whole_batch\""));
	free(w);
}
END_TEST

START_TEST(test_open_when_opened_then_described)
{
	for (int i = 0; i < 2; i++) {
		world *w = world_new(1);
		asy_plugin *p = world_open(w, TRICK, i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		const asy_plugin_about *a = asy_plugin_info(p);
		uint8_t zeros[32] = {0};
		ck_assert_str_eq(a->version, "1.2.3-rc.1+b");
		ck_assert_uint_eq(a->component_n, 2);
		ck_assert_str_eq(a->component_name[1], "miner");
		ck_assert(a->makes_challenges && a->higher_is_better);
		ck_assert(asy_span_eq(a->config, asy_span_str("{\"mark\":\"\"}")));
		ck_assert(memcmp(a->file_digest, zeros, 32) != 0);
		ck_assert(memcmp(a->config_digest, zeros, 32) != 0);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_open_when_file_is_no_plugin_then_said_so)
{
	const struct {
		const char *path;
		assay_status st;
		const char *part;
	} cases[] = {
		{ASSAY_SOURCE_DIR "/tests/unit/plugin/world.h", ASSAY_E_PLUGIN, "is no shared library"},
		{ASSAY_SOURCE_DIR, ASSAY_E_INPUT, "not a regular file"},
		{"/dev/null", ASSAY_E_INPUT, "not a regular file"},
		{"", ASSAY_E_INPUT, "no plugin file"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases) * 2; i++) {
		world *w = world_new(1);
		asy_plugin *p = NULL;
		asy_plugin_opts o = world_opts(w, cases[i / 2].path,
									   i % 2 == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), cases[i / 2].st);
		ck_assert_msg(strstr(w->err.msg, cases[i / 2].part) != NULL, "%s", w->err.msg);
		free(w);
	}
}
END_TEST

START_TEST(test_open_when_worker_program_is_wrong_then_said_so)
{
	const struct {
		const char *path;
		assay_status st;
	} cases[] = {{"/nowhere/assay-worker", ASSAY_E_NOTFOUND},
				 {"/bin/true", ASSAY_E_PLUGIN},
				 {"", ASSAY_E_INPUT},
				 {ASSAY_SOURCE_DIR "/tests/unit/plugin/world.h", ASSAY_E_NOTFOUND}};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		world *w = world_new(1);
		asy_plugin *p = NULL;
		asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
		o.worker_path = cases[i].path;
		ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), cases[i].st);
		free(w);
	}
}
END_TEST

START_TEST(test_open_when_configured_then_validated_by_the_host)
{
	const struct {
		const char *config;
		assay_status st;
		const char *part;
	} cases[] = {
		{"{\"full\":10}", ASSAY_OK, NULL},
		{"{\"ful\":10}", ASSAY_E_CONFIG, "did you mean \"full\""},
		{"{\"full\":0}", ASSAY_E_CONFIG, "config.full: value 0 is below the minimum 1"},
		{"{\"full\":\"10\"}", ASSAY_E_CONFIG, "config.full: is string, must be integer"},
		{"{", ASSAY_E_CONFIG, "plugin configuration"},
		{"[]", ASSAY_E_CONFIG, "is array, must be object"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases) * 2; i++) {
		world *w = world_new(2);
		asy_plugin *p = NULL;
		asy_plugin_opts o = world_opts(w, ASSAY_BINARY_DIR "/plugins/example-length.so",
									   i % 2 == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		o.config = asy_span_str(cases[i / 2].config);
		assay_status st = asy_plugin_open(&o, &p, &w->err);
		ck_assert_msg(st == cases[i / 2].st, "%s: %s", cases[i / 2].config, w->err.msg);
		if (st != ASSAY_OK) {
			ck_assert_msg(strstr(w->err.msg, cases[i / 2].part) != NULL, "%s", w->err.msg);
		} else {
			w->res.component = NULL;
			world_say(w, 1, "12345");
			world_score(w, p);
			ck_assert(w->row[0].value == 0.8 && w->row[1].value == 0.5);
			asy_plugin_close(p);
		}
		free(w);
	}
}
END_TEST

/* What was looked at must be what is loaded tomorrow, too. */
START_TEST(test_file_when_every_user_may_change_it_then_refused)
{
	char path[64];
	world *w = world_new(1);
	asy_plugin *p = NULL;
	(void)snprintf(path, sizeof path, "/tmp/assay-test-open-%d.so", (int)getpid());
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert(fd >= 0 && fchmod(fd, 0666) == 0);
	(void)close(fd);
	asy_plugin_opts o = world_opts(w, path, ASY_ISOLATION_WORKER);
	ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), ASSAY_E_REFUSED);
	ck_assert(strstr(w->err.msg, "chmod o-w") != NULL);
	(void)unlink(path);
	free(w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_file_when_every_user_may_change_it_then_refused);
	tcase_add_test(tc, test_open_when_contract_is_broken_then_refused_by_name);
	tcase_add_test(tc, test_open_when_plugin_kills_its_worker_then_cause_is_said);
	tcase_add_test(tc, test_open_when_plugin_hangs_then_times_out);
	tcase_add_test(tc, test_open_when_older_or_newer_then_works);
	tcase_add_test(tc, test_open_when_granted_then_opens);
	tcase_add_test(tc, test_open_when_opened_then_described);
	tcase_add_test(tc, test_open_when_file_is_no_plugin_then_said_so);
	tcase_add_test(tc, test_open_when_worker_program_is_wrong_then_said_so);
	tcase_add_test(tc, test_open_when_configured_then_validated_by_the_host);
}

int main(void)
{
	return test_main("plugin.load", fill, 60);
}
