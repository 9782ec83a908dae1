/* Two daemons with one hotkey on one subnet, each with a data directory of its own: both say so
 * within one tempo. */
#include <signal.h>
#include <stdlib.h>
#include "e2e/world.h"
#include "support/test.h"

#define TEMPO 24u

static world w;

static void set_up(void)
{
	world_start(&w, 2, TEMPO, 200);
}

static void tear_down(void)
{
	world_stop(&w);
}

/* Lane 2 serves lane 1's subnet with lane 1's hotkey. Neither stands aside for the other: who
 * started first does not matter then. */
static void configure(unsigned lane)
{
	static const char lead[] = "\"submit\":{";
	char shared[2048], text[4096];
	world_shared(&w, shared);
	char *at = strstr(shared, lead);
	ck_assert_ptr_nonnull(at);
	(void)snprintf(text, sizeof text,
				   "{\"netuid\":1,\"data_dir\":\"data\",\"wallet\":{\"dev_uri\":\"//E2E//v1\"},"
				   "%.*s%s\"on_foreign\":\"warn\",\"watch\":false,%s}",
				   (int)(at - shared), shared, lead, at + strlen(lead));
	world_write_config(&w, lane, text);
}

static uint64_t number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	ck_assert_msg(at != NULL, "no %s in %s", key, text);
	return strtoull(at + strlen(key), NULL, 10);
}

static void check_said(unsigned lane)
{
	bool saw = world_saw(&w, lane, "hotkey.second_validator", 1, 90);
	char *log = world_log(&w, lane);
	ck_assert_msg(saw, "%s", log);
	const char *line = strstr(log, "hotkey.second_validator");
	uint64_t made = number_after(line, " block="), seen = number_after(line, " seen_at=");
	ck_assert_uint_lt(made, seen);
	ck_assert_uint_le(seen - made, TEMPO);
	(void)printf("daemon %u: a sign of block %" PRIu64 " is told of at block %" PRIu64 "\n", lane,
				 made, seen);
	(void)fflush(stdout);
	free(log);
}

START_TEST(test_two_daemons_with_one_hotkey_both_say_so_within_one_tempo)
{
	pid_t pid[2];
	for (unsigned lane = 1; lane <= 2; lane++)
		configure(lane);
	for (unsigned lane = 1; lane <= 2; lane++)
		pid[lane - 1] = world_daemon(&w, lane, "assayd", NULL, NULL);
	for (unsigned lane = 1; lane <= 2; lane++)
		check_said(lane);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(kill(pid[i], SIGTERM), 0);
		ck_assert_int_eq(world_wait(pid[i], 30), 0);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_two_daemons_with_one_hotkey_both_say_so_within_one_tempo);
}

int main(void)
{
	return test_main("twice", fill, 200);
}
