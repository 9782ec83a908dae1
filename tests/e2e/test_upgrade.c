/* A runtime upgrade under a running daemon: the chain is spec 425, then 475, and weights count
 * on both. */
#include <signal.h>
#include <stdlib.h>
#include "e2e/world.h"
#include "support/test.h"

#define LANE 1u

static world w;

static void set_up(void)
{
	world_start(&w, 1, 20, 200);
}

static void tear_down(void)
{
	world_stop(&w);
}

static void set_runtime(const char *params)
{
	asy_json *doc = NULL;
	assay_err err;
	ck_ok(world_call(&w, "assay_setRuntime", params, &doc, &err), err);
	asy_json_free(doc);
}

static void wait_for(const char *text, unsigned n)
{
	if (world_saw(&w, LANE, text, n, 90))
		return;
	char *log = world_log(&w, LANE);
	ck_abort_msg("not %u times \"%s\" in:\n%s", n, text, log);
}

/* How often a line says so. */
static unsigned count(const char *text)
{
	char *log = world_log(&w, LANE);
	unsigned n = 0;
	for (const char *at = log; (at = strstr(at, text)) != NULL; at += strlen(text))
		n++;
	free(log);
	return n;
}

START_TEST(test_runtime_changes_under_the_daemon_then_weights_count_on_both)
{
	set_runtime("[425]");
	world_config(&w, LANE, "");
	pid_t pid = world_daemon(&w, LANE, "assayd", NULL, NULL);
	wait_for("weights.counted", 1);
	ck_assert_uint_eq(count("chain.runtime_changed"), 0);
	set_runtime("[475]");
	wait_for("chain.runtime_changed", 1);
	wait_for("weights.counted", count("weights.counted") + 2);
	ck_assert_uint_eq(count("weights.missed"), 0);
	ck_assert_uint_eq(count("  broken  "), 0);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(world_wait(pid, 30), 0);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_runtime_changes_under_the_daemon_then_weights_count_on_both);
}

int main(void)
{
	return test_main("e2e.upgrade", fill, 280);
}
