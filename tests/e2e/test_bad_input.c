/* What a user meets when something is wrong: one sentence with the cause and the
 * remedy, the right exit code, and nothing lost. */
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "e2e/world.h"
#include "support/test.h"

/* Runs assayd --check-like on a configuration text; returns the exit code. */
static int run_config(const char *text, const char *const *more, char **out)
{
	char path[] = "/tmp/assay-e2e-config-XXXXXX";
	int fd = mkstemp(path);
	const char *argv[12] = {"assayd", "--config", path};
	size_t n = 3;
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
	(void)close(fd);
	while (more != NULL && *more != NULL && n < 11)
		argv[n++] = *more++;
	int code = world_run(argv, 20, out);
	(void)unlink(path);
	return code;
}

static void expect(const char *text, int code, const char *sentence)
{
	char *out = NULL;
	int got = run_config(text, NULL, &out);
	ck_assert_msg(got == code && strstr(out, sentence) != NULL, "exit %d (wanted %d), printed: %s",
				  got, code, out);
	free(out);
}

#define GOOD                                                                                       \
	"\"development\":true,\"netuid\":1,\"data_dir\":\"/tmp/"                                       \
	"assay-e2e-never\",\"chain\":{\"endpoints\":"                                                  \
	"[\"http://127.0.0.1:1\"]},\"wallet\":{\"dev_uri\":\"//Alice\"}"

START_TEST(test_config_when_wrong_then_sentence_names_place_and_remedy)
{
	expect("{\"netuid\": 1,", 78, "assay-e2e-config");
	expect("{" GOOD ",\"netiud\":2}", 78, "netuid");
	expect("{" GOOD ",\"query\":{\"deadline\":5}}", 78, "deadline_ms");
	expect("{" GOOD ",\"query\":{\"deadline_ms\":\"soon\"}}", 78, "query.deadline_ms");
	expect("{" GOOD
		   ",\"plugin\":{\"path\":\"/nowhere/x.so\"},\"dataset\":{\"path\":\"" ASSAY_SOURCE_DIR
		   "/plugins/text/samples/text.jsonl\"}}",
		   66, "/nowhere/x.so");
	/* the one that went far enough to open its data directory */
	ck_assert_int_eq(system("rm -rf /tmp/assay-e2e-never"), 0);
}
END_TEST

START_TEST(test_usage_when_wrong_then_two_and_help_when_asked_then_zero)
{
	static const char *const programs[][3] = {
		{"assay", "yuma", "--hepl"}, {"assay", "wieghts", NULL}, {"assayd", "--confg", "x"}};
	char *out = NULL;
	for (size_t i = 0; i < ASY_COUNT(programs); i++) {
		const char *argv[] = {programs[i][0], programs[i][1], programs[i][2], NULL};
		ck_assert_int_eq(world_run(argv, 10, &out), 2);
		ck_assert_ptr_nonnull(strstr(out, "did you mean"));
		free(out);
	}
	static const char *const commands[] = {"localnet", "score",  "yuma",   "weights",
										   "replay",   "config", "doctor", "version"};
	for (size_t i = 0; i < ASY_COUNT(commands); i++) {
		const char *argv[] = {"assay", commands[i], "--help", NULL};
		ck_assert_int_eq(world_run(argv, 10, &out), 0);
		ck_assert_ptr_nonnull(strstr(out, "usage:"));
		free(out);
	}
}
END_TEST

START_TEST(test_localnet_when_port_in_use_then_says_so)
{
	world w = {0};
	char scenario[512], port[16], *out = NULL;
	world_start(&w, 1, 20, 200);
	(void)snprintf(scenario, sizeof scenario, "%s/scenario.json", w.dir);
	const char *colon = strrchr(w.url, ':');
	(void)snprintf(port, sizeof port, "%s", colon + 1);
	const char *argv[] = {"assay",  "localnet", "--scenario", scenario,
						  "--port", port,       "--samples",  ASSAY_SOURCE_DIR "/plugins",
						  NULL};
	int code = world_run(argv, 20, &out);
	ck_assert_msg(code > 0 && strstr(out, port) != NULL, "exit %d: %s", code, out);
	free(out);
	world_stop(&w);
}
END_TEST

START_TEST(test_daemon_when_data_dir_in_use_then_refuses_to_start)
{
	world w = {0};
	char *out = NULL, config[512];
	world_start(&w, 1, 20, 200);
	world_config(&w, 1, "");
	pid_t first = world_daemon(&w, 1, "assayd", "0", NULL);
	(void)sleep(2);
	world_lane_path(&w, 1, "assayd.json", config);
	const char *argv[] = {"assayd", "--config", config, NULL};
	int code = world_run(argv, 20, &out);
	ck_assert_msg(code == 73 && out[0] != '\0', "exit %d: %s", code, out);
	free(out);
	/* Ctrl-C ends the first at once, and that is no failure. */
	(void)kill(first, SIGINT);
	int status = world_wait(first, 5);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d: %s", status,
				  world_log(&w, 1));
	world_stop(&w);
}
END_TEST

START_TEST(test_daemon_when_chain_stops_answering_then_waits_and_goes_on)
{
	world w = {0};
	world_start(&w, 1, 20, 100);
	world_config(&w, 1, "\"log\":{\"format\":\"json\"},");
	pid_t daemon = world_daemon(&w, 1, "assayd", "1", NULL);
	(void)usleep(700000); /* mid-round */
	(void)kill(w.chain, SIGSTOP);
	(void)sleep(3);
	ck_assert_int_eq(waitpid(daemon, NULL, WNOHANG), 0);
	(void)kill(w.chain, SIGCONT);
	int status = world_wait(daemon, 60);
	char *log = world_log(&w, 1);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d: %s", status, log);
	ck_assert_ptr_nonnull(strstr(log, "weights.counted"));
	free(log);
	world_stop(&w);
}
END_TEST

START_TEST(test_daemon_when_no_node_then_waits_and_ctrl_c_stops_it_at_once)
{
	world w = {0};
	char *log;
	(void)snprintf(w.dir, sizeof w.dir, "/tmp/assay-e2e-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w.dir));
	(void)snprintf(w.url, sizeof w.url, "http://127.0.0.1:1");
	char path[512];
	world_lane_path(&w, 1, "", path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	world_config(&w, 1, "");
	pid_t daemon = world_daemon(&w, 1, "assayd", "0", NULL);
	(void)sleep(1);
	(void)kill(daemon, SIGUSR1); /* an operator releases the plugin; nothing else happens */
	(void)usleep(300000);
	(void)kill(daemon, SIGINT);
	int status = world_wait(daemon, 3);
	log = world_log(&w, 1);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d: %s", status, log);
	ck_assert_msg(strstr(log, "plugin.released") != NULL, "%s", log);
	ck_assert_ptr_nonnull(strstr(log, "chain.trouble"));
	free(log);
	world_stop(&w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_config_when_wrong_then_sentence_names_place_and_remedy);
	tcase_add_test(tc, test_usage_when_wrong_then_two_and_help_when_asked_then_zero);
	tcase_add_test(tc, test_localnet_when_port_in_use_then_says_so);
	tcase_add_test(tc, test_daemon_when_data_dir_in_use_then_refuses_to_start);
	tcase_add_test(tc, test_daemon_when_chain_stops_answering_then_waits_and_goes_on);
	tcase_add_test(tc, test_daemon_when_no_node_then_waits_and_ctrl_c_stops_it_at_once);
}

int main(void)
{
	return test_main("bad_input", fill, 120);
}
