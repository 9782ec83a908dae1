/* Whole daemons in trouble that is their own, for six rounds: a wrong route, a clock that is an
 * hour off. No miner's memory moves, and each round says so in one line. */
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include "e2e/world.h"
#include "support/test.h"

#define LANE_ROUTE 1u
#define LANE_CLOCK 2u
#define ROUNDS "6"

static world w;

static void set_up(void)
{
	world_start(&w, 2, 12, 250);
}

static void tear_down(void)
{
	world_stop(&w);
}

static void say_log(unsigned lane)
{
	char *log = world_log(&w, lane);
	(void)printf("%s\n", log);
	(void)fflush(stdout);
	free(log);
}

static void ended_well(unsigned lane, pid_t pid)
{
	int status = world_wait(pid, 120);
	if (status != 0)
		say_log(lane);
	ck_assert_int_eq(status, 0);
}

/* The per-miner memory as the database has it now. */
static asy_buf memory_of(unsigned lane)
{
	char path[512];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	asy_buf state = {0};
	assay_err e = {0};
	world_lane_path(&w, lane, "data/assay.db", path);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_int_eq(
		sqlite3_prepare_v2(db, "SELECT state FROM snapshot ORDER BY id DESC LIMIT 1", -1, &q, NULL),
		SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
	ck_ok(asy_buf_add(&state, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0), &e),
		  e);
	ck_assert_int_eq(sqlite3_finalize(q), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	return state;
}

static unsigned count(const char *log, const char *text)
{
	unsigned n = 0;
	for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

/* Good rounds are behind; now six with trouble, and the memory is as it was. */
static void nothing_moves(unsigned lane, pid_t pid, const asy_buf *before, const char *cause)
{
	ended_well(lane, pid);
	asy_buf after = memory_of(lane);
	char *log = world_log(&w, lane);
	if (count(log, "broken  query.suspect") != 6 || strstr(log, cause) == NULL)
		say_log(lane);
	ck_assert_uint_eq(count(log, "broken  query.suspect"), 6);
	ck_assert_ptr_nonnull(strstr(log, cause));
	ck_assert_uint_eq(count(log, "broken "), 6);
	ck_assert(asy_span_eq(asy_buf_span(before), asy_buf_span(&after)));
	asy_buf_fini(&after);
	free(log);
}

START_TEST(test_daemon_when_the_trouble_is_its_own_then_no_memory_moves)
{
	static const char wrong[] = "\"route\":\"/nowhere\"", right[] = "\"route\":\"/text\"";
	char shared[2048], text[4096];
	pid_t pid[2];
	asy_buf before[2];
	for (unsigned lane = 1; lane <= 2; lane++) {
		world_config(&w, lane, "");
		pid[lane - 1] = world_daemon(&w, lane, "assayd", "2", NULL);
	}
	for (unsigned lane = 1; lane <= 2; lane++) {
		ended_well(lane, pid[lane - 1]);
		before[lane - 1] = memory_of(lane);
	}
	world_shared(&w, shared);
	char *at = strstr(shared, right);
	ck_assert_ptr_nonnull(at);
	(void)snprintf(text, sizeof text,
				   "{\"netuid\":1,\"data_dir\":\"data\",\"wallet\":{\"dev_uri\":\"//E2E//v1\"},"
				   "%.*s%s%s}",
				   (int)(at - shared), shared, wrong, at + strlen(right));
	world_write_config(&w, LANE_ROUTE, text);
	pid[0] = world_daemon(&w, LANE_ROUTE, "assayd", ROUNDS, NULL);
	pid[1] = world_daemon(&w, LANE_CLOCK, "assayd_shifted", ROUNDS, "CLOCK_SHIFT_S=3600");
	nothing_moves(LANE_ROUTE, pid[0], &before[0], "query.route");
	nothing_moves(LANE_CLOCK, pid[1], &before[1], "our clock");
	for (unsigned lane = 1; lane <= 2; lane++)
		asy_buf_fini(&before[lane - 1]);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_daemon_when_the_trouble_is_its_own_then_no_memory_moves);
}

int main(void)
{
	return test_main("ours", fill, 250);
}
