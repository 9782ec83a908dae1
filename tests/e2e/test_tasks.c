/* One daemon with several tasks: each gets its weights counted, one that cannot be opened
 * holds up no other, and SIGHUP changes which there are. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include "e2e/world.h"
#include "support/test.h"

#define LANE 1u /* whose folder the daemon uses */
#define NOWHERE "\"plugin\":{\"path\":\"/nowhere.so\"}"

static world w = {.one_hotkey = true};
static char shared[2048];

static void set_up(void)
{
	world_start(&w, 3, 20, 250);
	world_shared(&w, shared);
}

static void tear_down(void)
{
	world_stop(&w);
}

/* A configuration with these entries. */
static void write_tasks(const char *entries)
{
	char text[4096];
	(void)snprintf(
		text, sizeof text,
		"{%s,\"data_dir\":\"data\",\"wallet\":{\"dev_uri\":\"//E2E//v1\"},\"tasks\":[%s]}", shared,
		entries);
	world_write_config(&w, LANE, text);
}

static void saw(const char *text, unsigned n)
{
	if (world_saw(&w, LANE, text, n, 60))
		return;
	char *log = world_log(&w, LANE);
	(void)printf("%s\n", log);
	ck_abort_msg("\"%s\" is not %u times in the log", text, n);
}

/* Nothing like this was ever logged. */
static void never(const char *const *texts)
{
	char *log = world_log(&w, LANE);
	for (; *texts != NULL; texts++) {
		if (strstr(log, *texts) == NULL)
			continue;
		(void)printf("%s\n", log);
		ck_abort_msg("\"%s\" is in the log", *texts);
	}
	free(log);
}

static void reload(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGHUP), 0);
}

#define ONE "{\"name\":\"one\",\"netuid\":1}"
#define TWO "{\"name\":\"two\",\"netuid\":2}"
#define THREE "{\"name\":\"three\",\"netuid\":3}"

START_TEST(test_tasks_when_one_cannot_be_opened_then_the_others_count)
{
	char path[512];
	write_tasks(ONE "," TWO ",{\"name\":\"three\",\"netuid\":3," NOWHERE "}");
	pid_t pid = world_daemon(&w, LANE, "assayd", NULL, NULL);
	saw("weights.counted task=one", 1);
	saw("weights.counted task=two", 1);
	saw("task.failed task=three error=\"plugin.path: no such file: /nowhere.so\" retry_s=2", 1);
	/* mended: it is opened at once, whatever pause it was in */
	write_tasks(ONE "," TWO "," THREE);
	reload(pid);
	saw("config.reloaded added=0 changed=1 removed=0 same=2", 1);
	saw("weights.counted task=three", 1);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(world_wait(pid, 10), 0);
	never((const char *const[]){"weights.missed task=", "submit.given_up task=", NULL});
	world_lane_path(&w, LANE, "data/three/assay.db", path);
	FILE *db = fopen(path, "rb");
	ck_assert_ptr_nonnull(db);
	(void)fclose(db);
}
END_TEST

START_TEST(test_reload_when_tasks_come_change_and_go_then_the_rest_runs_on)
{
	write_tasks(ONE "," TWO);
	pid_t pid = world_daemon(&w, LANE, "assayd", NULL, NULL);
	saw("weights.sealed task=one", 1);
	write_tasks(TWO "," THREE);
	reload(pid);
	saw("config.reloaded added=1 changed=0 removed=1 same=1", 1);
	saw("daemon.start task=three", 1);
	/* what was sealed is seen through */
	saw("weights.counted task=one", 1);
	saw("daemon.stop task=one", 1);
	write_tasks(THREE ",{\"name\":\"two\",\"netuid\":2,\"round\":{\"period_ms\":100}}");
	reload(pid);
	saw("config.reloaded added=0 changed=1 removed=0 same=1", 1);
	saw("daemon.start task=two", 2);
	saw("tracker.loaded task=two", 1);
	/* one that left may come back */
	write_tasks(ONE "," THREE);
	reload(pid);
	saw("daemon.start task=one", 2);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(world_wait(pid, 10), 0);
	never((const char *const[]){"weights.missed task=", "task.failed task=", NULL});
}
END_TEST

START_TEST(test_reload_when_wrong_then_nothing_changes_and_why_is_said)
{
	static const struct {
		const char *entries, *why;
	} cases[] = {
		{ONE ",{\"name\":\"two\",\"netuid\":2,\"query\":{\"deadline_ms\":1}}",
		 "tasks[1].query.deadline_ms: 1 is out of range"},
		{ONE ",{\"name\":\"two\",\"netuid\":1}", "with one hotkey"},
		{"", "tasks: 0 entries"},
		{"{", "assayd.json"},
	};
	char text[4096];
	write_tasks(ONE);
	pid_t pid = world_daemon(&w, LANE, "assayd", NULL, NULL);
	saw("daemon.start", 1);
	for (unsigned i = 0; i < ASY_COUNT(cases); i++) {
		write_tasks(cases[i].entries);
		reload(pid);
		saw("config.rejected", i + 1);
		saw(cases[i].why, 1);
	}
	/* fine by itself, but not for a daemon that runs */
	(void)snprintf(
		text, sizeof text,
		"{%s,\"data_dir\":\"other\",\"wallet\":{\"dev_uri\":\"//E2E//v1\"},\"tasks\":[" ONE "]}",
		shared);
	world_write_config(&w, LANE, text);
	reload(pid);
	saw("data_dir cannot change while the daemon runs", 1);
	world_config(&w, LANE, "");
	reload(pid);
	saw("the list of tasks cannot come or go", 1);
	write_tasks(ONE);
	reload(pid);
	saw("config.reloaded added=0 changed=0 removed=0 same=1", 1);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(world_wait(pid, 10), 0);
	char *log = world_log(&w, LANE);
	ck_assert_ptr_null(strstr(strstr(log, "daemon.start") + 1, "daemon.start"));
	free(log);
}
END_TEST

/* As an installer does it: another file under the same name. */
static void install_plugin(const char *so, const char *path)
{
	char command[1200];
	(void)snprintf(command, sizeof command, "cp '%s' '%s.new' && mv '%s.new' '%s'", so, path, path,
				   path);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(test_reload_when_the_plugin_changed_then_it_first_scores_beside_the_old_one)
{
	char path[512], task[1024], wary[1024];
	world_lane_path(&w, LANE, "mine.so", path);
	install_plugin(ASSAY_BINARY_DIR "/plugins/text.so", path);
	(void)snprintf(task, sizeof task,
				   "{\"name\":\"one\",\"netuid\":1,\"plugin\":{\"path\":\"%s\"}}", path);
	write_tasks(task);
	pid_t pid = world_daemon(&w, LANE, "assayd", NULL, NULL);
	saw("weights.sealed task=one", 1);
	/* one that dies of the answers, and one that cannot be opened: the old one goes on */
	install_plugin(ASSAY_BINARY_DIR "/test-plugins/score_crashes.so", path);
	reload(pid);
	saw("config.reloaded added=0 changed=0 removed=0 same=0 refused=1", 1);
	saw("plugin.shadow task=one", 1);
	saw("plugin.refused task=one error=\"it died ", 1);
	install_plugin(ASSAY_BINARY_DIR "/test-plugins/open_fails.so", path);
	reload(pid);
	saw("plugin.refused task=one", 2);
	saw("weights.counted task=one", 1);
	/* one that would do, but is asked for a signature */
	(void)snprintf(wary, sizeof wary,
				   "{\"name\":\"one\",\"netuid\":1,\"plugin\":{\"path\":\"%s\",\"trusted_keys\":["
				   "\"RWRj5at/wLNnvonHtq2j5iPDdWS2gzxzyD+5v5+KSY+1EjjP8HhY+1nO\"]}}",
				   path);
	install_plugin(ASSAY_BINARY_DIR "/plugins/example-length.so", path);
	write_tasks(wary);
	reload(pid);
	saw("mine.so: it is not signed: ", 1);
	saw("plugin.refused task=one", 3);
	write_tasks(task);
	install_plugin(ASSAY_BINARY_DIR "/plugins/example-length.so", path);
	reload(pid);
	saw("config.reloaded added=0 changed=1 removed=0 same=0", 1);
	saw("plugin=org.example.length", 1);
	saw("weights.counted task=one", 2);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(world_wait(pid, 10), 0);
	never((const char *const[]){"weights.missed task=", "task.failed task=", NULL});
}
END_TEST

START_TEST(test_stop_when_a_batch_takes_half_an_hour_then_at_once_and_goes_on)
{
	write_tasks("{\"name\":\"slow\",\"netuid\":1,\"plugin\":{\"path\":\"" SLOW_PLUGIN
				"\",\"config\":{\"ms\":1800000},\"soft_ms\":3600000,\"stall_ms\":3600000,"
				"\"hard_ms\":3600000}}");
	pid_t pid = world_daemon(&w, LANE, "assayd", NULL, NULL);
	saw("query.end task=slow round=1 ", 1);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	uint64_t began = asy_sys_clock()->mono_ns(asy_sys_clock());
	ck_assert_int_eq(world_wait(pid, 10), 0);
	(void)printf("tasks: stop took %.0f ms\n",
				 (double)(asy_sys_clock()->mono_ns(asy_sys_clock()) - began) / 1e6);
	/* nobody is asked again for what is on the disk; a second round may begin */
	pid = world_daemon(&w, LANE, "assayd", NULL, NULL);
	saw("round.resumed task=slow", 1);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(world_wait(pid, 10), 0);
	never((const char *const[]){"query.end task=slow round=1 ", NULL});
}
END_TEST

/* Runs the daemon on the lane's configuration with more arguments. */
static int run(const char *const *more, char **out)
{
	char config[512];
	const char *argv[10] = {"assayd", "--config", config};
	size_t n = 3;
	world_lane_path(&w, LANE, "assayd.json", config);
	while (more != NULL && *more != NULL && n < 9)
		argv[n++] = *more++;
	return world_run(argv, 60, out);
}

START_TEST(test_start_when_no_task_can_be_opened_then_ends_with_the_first_ones_error)
{
	char *out;
	write_tasks("{\"name\":\"one\",\"netuid\":1," NOWHERE
				"},{\"name\":\"two\",\"netuid\":2," NOWHERE "}");
	ck_assert_int_eq(run(NULL, &out), 66);
	ck_assert_msg(strstr(out, "assayd: task one: plugin.path: no such file: /nowhere.so") != NULL,
				  "%s", out);
	free(out);
}
END_TEST

START_TEST(test_start_when_tasks_are_named_then_only_those_run)
{
	static const char *const two[] = {"--task", "two", "--rounds", "1", NULL};
	static const char *const wrong[] = {"--task", "tow", NULL};
	char *out;
	write_tasks(ONE "," TWO);
	ck_assert_int_eq(run(two, &out), 0);
	ck_assert_msg(strstr(out, "weights.counted task=two") != NULL &&
					  strstr(out, "task=one") == NULL,
				  "%s", out);
	free(out);
	ck_assert_int_eq(run(wrong, &out), 78);
	ck_assert_msg(strstr(out, "no such task; did you mean two?") != NULL, "%s", out);
	free(out);
}
END_TEST

START_TEST(test_check_when_tasks_then_each_has_its_lines)
{
	static const char *const check[] = {"--check", NULL};
	char *out;
	write_tasks(ONE ",{\"name\":\"two\",\"netuid\":2," NOWHERE "}");
	ck_assert_int_eq(run(check, &out), 66);
	const char *one = strstr(out, "task one\n"), *two = strstr(out, "task two\n");
	ck_assert_msg(one != NULL && two != NULL && strstr(one, "registration") < two, "%s", out);
	ck_assert_msg(strstr(two, "BAD  plugin") != NULL && strstr(two, "registration") != NULL, "%s",
				  out);
	free(out);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_tasks_when_one_cannot_be_opened_then_the_others_count);
	tcase_add_test(tc, test_reload_when_tasks_come_change_and_go_then_the_rest_runs_on);
	tcase_add_test(tc, test_reload_when_wrong_then_nothing_changes_and_why_is_said);
	tcase_add_test(tc, test_reload_when_the_plugin_changed_then_it_first_scores_beside_the_old_one);
	tcase_add_test(tc, test_stop_when_a_batch_takes_half_an_hour_then_at_once_and_goes_on);
	tcase_add_test(tc, test_start_when_no_task_can_be_opened_then_ends_with_the_first_ones_error);
	tcase_add_test(tc, test_start_when_tasks_are_named_then_only_those_run);
	tcase_add_test(tc, test_check_when_tasks_then_each_has_its_lines);
}

int main(void)
{
	return test_main("tasks", fill, 180);
}
