/* A plugin that crashes, hangs, leaves or lies costs the rows it was working on and
 * nothing more; and every case ends in bounded time. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/time.h>
#include <unistd.h>
#include "loop/loop.h"
#include "unit/plugin/world.h"

static asy_plugin *open_with(world *w, asy_plugin_opts *o)
{
	asy_plugin *p = NULL;
	ck_ok(asy_plugin_open(o, &p, &w->err), w->err);
	return p;
}

/* Everything scored except the rows named, which have the flag. */
static void check_rows(const world *w, const size_t *rows, size_t n, asy_row_flag flag,
					   asy_row_cause cause)
{
	for (size_t i = 0; i < w->batch.response_n; i++) {
		bool special = false;
		for (size_t k = 0; k < n; k++)
			special = special || rows[k] == i;
		ck_assert_msg(w->row[i].flag == (special ? flag : ASY_ROW_SCORED), "row %zu is %s, %s", i,
					  asy_row_flag_name(w->row[i].flag), asy_row_cause_name(w->row[i].cause));
		ck_assert(w->row[i].cause == (special ? cause : ASY_CAUSE_NONE));
		ck_assert_uint_eq(w->reports[i], 1);
	}
}

START_TEST(test_crash_when_a_row_kills_then_it_alone_gets_the_floor)
{
	const char *how[] = {"!crash", "!exit"};
	for (size_t k = 0; k < ASY_COUNT(how); k++) {
		world *w = world_new(300);
		const size_t bad[] = {41};
		asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
		world_say(w, 41, how[k]);
		world_score(w, p);
		check_rows(w, bad, 1, ASY_ROW_FLOOR, ASY_CAUSE_POISON);
		ck_assert(w->row[41].score == -1.0 && w->row[41].value == 0.0);
		ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_POISON], 1);
		ck_assert_uint_ge(w->res.stats.crashes, 3);
		ck_assert_uint_eq(w->res.stats.floored, 1);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_crash_when_reported_then_cause_is_named)
{
	world *w = world_new(40);
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	world_say(w, 3, "!exit");
	world_score(w, p);
	ck_assert_str_eq(w->last_text[ASY_PLUGIN_EV_CRASHED], "exit code 3");
#if !defined(ASSAY_ASAN) && !defined(ASSAY_TSAN)
	memset(w->row, 0, sizeof w->row);
	world_say(w, 3, "!crash");
	world_score(w, p);
	ck_assert_str_eq(w->last_text[ASY_PLUGIN_EV_CRASHED], "signal 11 (Segmentation fault)");
#endif
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_crash_when_several_rows_kill_then_each_gets_the_floor)
{
	world *w = world_new(200);
	const size_t bad[] = {0, 1, 77, 130, 199};
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		world_say(w, bad[i], "!crash");
	world_score(w, p);
	check_rows(w, bad, ASY_COUNT(bad), ASY_ROW_FLOOR, ASY_CAUSE_POISON);
	/* the other rows have the bits they have without the crashes */
	world *clean = world_new(200);
	asy_plugin *q = world_open(clean, TRICK, ASY_ISOLATION_NONE);
	world_score(clean, q);
	for (size_t i = 2; i < 77; i++)
		ck_assert(memcmp(&w->row[i].score, &clean->row[i].score, 8) == 0);
	asy_plugin_close(p);
	asy_plugin_close(q);
	free(w);
	free(clean);
}
END_TEST

START_TEST(test_crash_when_it_comes_late_then_earlier_rows_were_already_reported)
{
	world *w = world_new(320);
	/* the row that the shuffle puts last is not known; so take all that crash */
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.sub_batch = 8;
	asy_plugin *p = open_with(w, &o);
	world_say(w, 5, "!crash");
	world_score(w, p);
	/* the first crash event tells how many rows were kept then; at least the later
	 * ones tell of all but the suspects */
	ck_assert_uint_ge(w->rows_at[ASY_PLUGIN_EV_CRASHED], 320 - 8);
	asy_plugin_close(p);
	free(w);
}
END_TEST

/* config {"mark":FILE} in a cache directory; the file does not exist yet */
static void use_mark(asy_plugin_opts *o, char *text, size_t cap, const char *name)
{
	static char dir[64];
	(void)snprintf(dir, sizeof dir, "/tmp/assay-test-cache-%d", (int)getpid());
	(void)mkdir(dir, 0700);
	(void)snprintf(text, cap, "{\"mark\":\"%s/%s\"}", dir, name);
	o->config = asy_span_str(text);
	o->cache_dir = dir;
	o->grant |= ASY_NEED_CACHE;
}
static void drop_mark(void)
{
	const char *names[] = {"/mark", "/break", ""};
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		char path[80];
		(void)snprintf(path, sizeof path, "/tmp/assay-test-cache-%d%s", (int)getpid(), names[i]);
		(void)remove(path);
	}
}

START_TEST(test_crash_when_not_reproducible_then_rows_are_scored_or_the_row_abstains)
{
	char config[96];
	for (size_t n = 1; n <= 40; n += 39) {
		const size_t bad[] = {0};
		world *w = world_new(n);
		asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
		use_mark(&o, config, sizeof config, "mark");
		asy_plugin *p = open_with(w, &o);
		world_say(w, 0, "!once");
		world_score(w, p);
		/* alone it is under suspicion; among 32 nobody knows whose fault it was */
		check_rows(w, bad, n == 1, ASY_ROW_ABSTAIN, ASY_CAUSE_CRASH);
		ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_FLAKY], n == 1);
		ck_assert_uint_eq(w->res.stats.crashes, 1);
		asy_plugin_close(p);
		drop_mark();
		free(w);
	}
}
END_TEST

START_TEST(test_crash_when_only_a_used_worker_dies_then_nobody_is_blamed)
{
	/* dies of the row only if the instance scored others before */
	world *w = world_new(64);
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	world_say(w, 9, "!used");
	world_score(w, p);
	check_rows(w, NULL, 0, ASY_ROW_SCORED, ASY_CAUSE_NONE);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_POISON], 0);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_hang_when_a_row_never_ends_then_killed_and_floored)
{
	world *w = world_new(64);
	const size_t bad[] = {20};
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.stall_ns = 100 * MS * SLOW;
	asy_plugin *p = open_with(w, &o);
	world_say(w, 20, "!hang");
	uint64_t before = world_now();
	world_score(w, p);
	check_rows(w, bad, 1, ASY_ROW_FLOOR, ASY_CAUSE_POISON);
	ck_assert_uint_ge(w->res.stats.stalls, 3);
	ck_assert_uint_lt(world_now() - before, 6000 * MS * SLOW);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_deadline_when_plugin_hangs_then_killed_and_rest_abstains)
{
	world *w = world_new(100);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.soft_ns = 500 * MS * SLOW; /* the second round must get through on a busy machine */
	o.hard_ns = 50 * MS * SLOW;
	asy_plugin *p = open_with(w, &o);
	world_say(w, 50, "!hang");
	uint64_t before = world_now();
	world_score(w, p);
	ck_assert_uint_lt(world_now() - before, 1500 * MS * SLOW);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_DEADLINE], 1);
	ck_assert_uint_eq(w->row[50].cause, ASY_CAUSE_DEADLINE);
	for (size_t i = 0; i < 100; i++)
		ck_assert_uint_eq(w->reports[i], 1);
	/* the next round starts with a new worker */
	memset(w->row, 0, sizeof w->row);
	world_say(w, 50, "fine");
	world_score(w, p);
	ck_assert_uint_eq(w->res.stats.scored, 100);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_deadline_when_plugin_heeds_it_then_not_killed)
{
	for (int i = 0; i < 2; i++) {
		world *w = world_new(100);
		asy_plugin_opts o =
			world_opts(w, TRICK, i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		o.soft_ns = 80 * MS * SLOW;
		o.hard_ns = 2000 * MS;
		asy_plugin *p = open_with(w, &o);
		world_say(w, 50, "!wait");
		world_score(w, p);
		ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_DEADLINE], 1);
		ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_CRASHED], 0);
		ck_assert_uint_eq(w->row[50].cause, ASY_CAUSE_DEADLINE);
		ck_assert_uint_eq(w->res.stats.scored + w->res.stats.abstained, 100);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

/* A loop that Ctrl-C will interrupt, and Ctrl-C in so many milliseconds. */
static asy_loop *loop_for_signals(void)
{
	asy_loop *l = NULL;
	assay_err e;
	ck_ok(asy_loop_new(&l, &e), e);
	ck_ok(asy_loop_watch_signals(l, &e), e);
	return l;
}

static void on_alarm(int number)
{
	(void)number;
	(void)raise(SIGINT);
}

static uint64_t interrupt_in(long ms)
{
	const struct itimerval soon = {.it_value = {.tv_usec = ms * 1000}};
	struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	ck_assert_int_eq(sigaction(SIGALRM, &sa, NULL), 0);
	uint64_t at = world_now() + (uint64_t)ms * MS;
	ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
	return at;
}

/* Returns how long the call went on after the interrupt. */
static uint64_t interrupt_at(const char *body, asy_isolation isolation)
{
	world *w = world_new(500);
	asy_plugin_opts o = world_opts(w, TRICK, isolation);
	o.loop = loop_for_signals();
	asy_plugin *p = open_with(w, &o);
	world_say(w, 250, body);
	uint64_t at = interrupt_in(60);
	ck_assert_int_eq(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err),
					 ASSAY_E_CANCELLED);
	uint64_t late = world_now() - at;
	/* what was decided stays; what was not is still open, and unreported */
	ck_assert_uint_eq(w->row[250].flag, ASY_ROW_PENDING);
	size_t open = 0;
	for (size_t i = 0; i < 500; i++) {
		ck_assert_uint_eq(w->reports[i], w->row[i].flag != ASY_ROW_PENDING);
		open += w->row[i].flag == ASY_ROW_PENDING;
	}
	ck_assert_uint_le(open, 500);
	/* taken up again */
	asy_loop_calm(o.loop);
	world_say(w, 250, "fine");
	world_score(w, p);
	for (size_t i = 0; i < 500; i++)
		ck_assert_uint_eq(w->reports[i], 1);
	asy_plugin_close(p);
	asy_loop_free(o.loop);
	free(w);
	return late;
}

START_TEST(test_interrupt_when_plugin_works_then_returns_within_100_ms)
{
	const struct {
		const char *body;
		asy_isolation isolation;
	} cases[] = {{"!hang", ASY_ISOLATION_WORKER},
				 {"!wait", ASY_ISOLATION_WORKER},
				 {"!wait", ASY_ISOLATION_NONE}};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		/* the best of five: on a busy machine nobody wakes in time */
		uint64_t best = UINT64_MAX;
		for (int k = 0; k < 5 && best >= 100 * MS * SLOW; k++) {
			uint64_t late = interrupt_at(cases[i].body, cases[i].isolation);
			best = late < best ? late : best;
		}
		ck_assert_uint_lt(best, 100 * MS * SLOW);
	}
}
END_TEST

START_TEST(test_interrupt_when_plugin_hangs_in_open_then_returns_soon)
{
	world *w = world_new(1);
	asy_plugin_opts o =
		world_opts(w, ASSAY_BINARY_DIR "/test-plugins/open_hangs.so", ASY_ISOLATION_WORKER);
	o.loop = loop_for_signals();
	asy_plugin *p = NULL;
	uint64_t at = interrupt_in(60);
	ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), ASSAY_E_CANCELLED);
	ck_assert_uint_lt(world_now() - at, 1000 * MS * SLOW);
	asy_loop_free(o.loop);
	free(w);
}
END_TEST

START_TEST(test_whole_batch_when_one_row_kills_then_rerun_without_suspects)
{
	world *w = world_new(60);
	/* the longest body is the suspect */
	char longest[200] = "!crash";
	memset(longest + 6, 'x', sizeof longest - 7);
	world_say(w, 33, longest);
	w->response[12].body = asy_span("\xff\xfe", 2);
	asy_plugin *p = world_open(w, TRICK_WHOLE, ASY_ISOLATION_WORKER);
	const size_t bad[] = {12, 33};
	world_score(w, p);
	check_rows(w, bad, 2, ASY_ROW_ABSTAIN, ASY_CAUSE_CRASH);
	ck_assert_uint_eq(w->res.stats.crashes, 2);
	/* hidden among equals: all abstain, and it ends */
	memset(w->row, 0, sizeof w->row);
	world_say(w, 33, "!crash");
	world_say(w, 12, "good");
	world_score(w, p);
	ck_assert_uint_eq(w->res.stats.abstained, 60);
	ck_assert_uint_eq(w->res.stats.crashes, 3);
	asy_plugin_close(p);
	free(w);
}
END_TEST

/* Damage whose author cannot be told apart from its victims: no floor is promised,
 * but the round ends, every row is decided once, and nothing out of range passes. */
static void survive(const char *body, asy_plugin_event_kind seen)
{
	world *w = world_new(64);
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	world_say(w, 30, body);
	world_score(w, p);
	for (size_t i = 0; i < 64; i++) {
		ck_assert_uint_eq(w->reports[i], 1);
		if (w->row[i].flag == ASY_ROW_SCORED)
			ck_assert(w->row[i].score >= -1 && w->row[i].score <= 3);
	}
	/* its last rows may have come before its end was seen: then the next round sees it */
	memset(w->row, 0, sizeof w->row);
	world_say(w, 30, "good");
	world_score(w, p);
	ck_assert_uint_ge(w->events[seen], 1);
	asy_plugin_close(p);
	free(w);
}

START_TEST(test_lie_when_worker_scribbles_on_shared_memory_then_not_believed)
{
	survive("!lie", ASY_PLUGIN_EV_PROTOCOL);
}
END_TEST

START_TEST(test_close_when_plugin_closes_the_channels_then_worker_is_replaced)
{
	survive("!close", ASY_PLUGIN_EV_CRASHED);
}
END_TEST

START_TEST(test_idle_when_worker_dies_between_rounds_then_replaced)
{
	world *w = world_new(40);
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	world_score(w, p);
	/* find it: the only child of this test */
	char name[64], pid[16] = "";
	(void)snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)getpid());
	FILE *f = fopen(name, "r");
	ck_assert(f != NULL && fscanf(f, "%15s", pid) == 1);
	(void)fclose(f);
	ck_assert_int_eq(kill((pid_t)atoi(pid), SIGKILL), 0);
	(void)usleep(20000);
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	ck_assert_uint_eq(w->res.stats.scored, 40);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_CRASHED], 1);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_quarantine_when_faults_repeat_then_not_called_until_released)
{
	world *w = world_new(30);
	asy_plugin_opts o = world_opts(w, TRICK_WHOLE, ASY_ISOLATION_WORKER);
	o.faults_max = 5;
	o.fault_rounds = 4;
	asy_plugin *p = open_with(w, &o);
	world_say(w, 3, "!crash");
	world_score(w, p); /* three faults */
	ck_assert(!asy_plugin_is_quarantined(p));
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	ck_assert(asy_plugin_is_quarantined(p));
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_QUARANTINED], 1);
	unsigned crashed = w->events[ASY_PLUGIN_EV_CRASHED];
	world_say(w, 3, "fine");
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	ck_assert_uint_eq(w->res.stats.abstained, 30);
	ck_assert_uint_eq(w->row[0].cause, ASY_CAUSE_QUARANTINE);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_CRASHED], crashed);
	asy_plugin_release(p);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_RELEASED], 1);
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	ck_assert_uint_eq(w->res.stats.scored, 30);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_quarantine_when_one_miner_sends_poison_then_it_does_not_count)
{
	world *w = world_new(64);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.faults_max = 2;
	asy_plugin *p = open_with(w, &o);
	world_say(w, 9, "!crash");
	for (int i = 0; i < 5; i++) {
		memset(w->row, 0, sizeof w->row);
		world_score(w, p);
		ck_assert_uint_eq(w->row[9].flag, ASY_ROW_FLOOR);
		ck_assert_uint_eq(w->res.stats.scored, 63);
	}
	ck_assert(!asy_plugin_is_quarantined(p));
	asy_plugin_close(p);
	free(w);
}
END_TEST

/* An outage that ends: the plugin is called again without anybody's help. */
START_TEST(test_quarantine_when_the_outage_is_over_then_a_round_releases_it)
{
	world *w = world_new(30);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.faults_max = 5;
	asy_plugin *p = open_with(w, &o);
	for (size_t i = 0; i < 30; i++)
		world_say(w, i, "!crash");
	/* bad, left out, bad, two left out */
	const char plan[] = "x-x--";
	for (size_t k = 0; k < sizeof plan - 1; k++) {
		memset(w->row, 0, sizeof w->row);
		world_score(w, p);
		ck_assert(asy_plugin_is_quarantined(p));
		for (size_t i = 0; i < 30; i++) {
			ck_assert_uint_eq(w->row[i].flag, ASY_ROW_ABSTAIN);
			ck_assert_uint_eq(w->row[i].cause,
							  plan[k] == 'x' ? ASY_CAUSE_CRASH : ASY_CAUSE_QUARANTINE);
		}
		ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_QUARANTINED], k + 1);
	}
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_BROKEN], 2);
	for (size_t i = 0; i < 30; i++)
		world_say(w, i, "fine");
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	ck_assert_uint_eq(w->res.stats.scored, 30);
	ck_assert(!asy_plugin_is_quarantined(p));
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_RELEASED], 1);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_blame_when_it_breaks_in_the_middle_then_no_row_pays)
{
	/* breaks at the first bad row, and from then on dies of everything, like a plugin
	 * whose model file was taken away */
	char config[96];
	world *w = world_new(64);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.sub_batch = 4;
	use_mark(&o, config, sizeof config, "break");
	asy_plugin *p = open_with(w, &o);
	world_say(w, 20, "!break");
	world_score(w, p);
	ck_assert_uint_ge(w->events[ASY_PLUGIN_EV_BROKEN], 1);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_POISON], 0);
	for (size_t i = 0; i < 64; i++) {
		ck_assert_uint_ne(w->row[i].flag, ASY_ROW_FLOOR);
		ck_assert_uint_eq(w->reports[i], 1);
	}
	asy_plugin_close(p);
	drop_mark();
	free(w);
}
END_TEST

START_TEST(test_make_when_it_fails_again_and_again_then_quarantined_and_tried_again)
{
	world *w = world_new(0);
	asy_plugin_challenges c = {0};
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.faults_max = 2;
	o.config = asy_span_str("{\"mark\":\"!make\"}"); /* crashes each time it makes challenges */
	asy_plugin *p = open_with(w, &o);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(asy_plugin_make(p, &w->round, 5, &c, &w->err), ASSAY_E_PLUGIN);
	ck_assert(asy_plugin_is_quarantined(p));
	unsigned crashed = w->events[ASY_PLUGIN_EV_STARTED];
	ck_assert_int_eq(asy_plugin_make(p, &w->round, 5, &c, &w->err), ASSAY_E_PLUGIN);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_STARTED], crashed);
	ck_assert_int_eq(asy_plugin_make(p, &w->round, 5, &c, &w->err), ASSAY_E_PLUGIN);
	ck_assert_uint_gt(w->events[ASY_PLUGIN_EV_STARTED], crashed);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_restarts_when_exhausted_then_rest_abstains)
{
	world *w = world_new(64);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.restarts_max = 4;
	asy_plugin *p = open_with(w, &o);
	for (size_t i = 0; i < 64; i += 2)
		world_say(w, i, "!crash");
	world_score(w, p);
	ck_assert_uint_eq(w->res.stats.scored + w->res.stats.abstained + w->res.stats.floored, 64);
	ck_assert_uint_gt(w->res.stats.abstained, 0);
	for (size_t i = 0; i < 64; i++)
		ck_assert_uint_eq(w->reports[i], 1);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_make_when_worker_dies_once_then_tried_again)
{
	char config[96];
	world *w = world_new(0);
	asy_plugin_challenges c = {0};
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	use_mark(&o, config, sizeof config, "mark");
	asy_plugin *p = open_with(w, &o);
	ck_ok(asy_plugin_make(p, &w->round, 5, &c, &w->err), w->err);
	ck_assert_uint_eq(c.challenge_n, 5);
	asy_plugin_challenges_fini(&c);
	asy_plugin_close(p);
	drop_mark();
	free(w);
}
END_TEST

static size_t count_fds(void)
{
	size_t n = 0;
	DIR *d = opendir("/proc/self/fd");
	ck_assert(d != NULL);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static size_t count_maps(void)
{
	size_t n = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	ck_assert(f != NULL);
	for (int c = fgetc(f); c != EOF; c = fgetc(f))
		n += c == '\n';
	(void)fclose(f);
	return n;
}

START_TEST(test_open_close_when_repeated_then_nothing_leaks)
{
	world *w = world_new(3);
	asy_plugin_close(world_open(w, TRICK, ASY_ISOLATION_WORKER));
	asy_plugin_close(world_open(w, TRICK, ASY_ISOLATION_NONE));
	size_t fds = count_fds(), maps = count_maps();
	for (int i = 0; i < 200; i++) {
		asy_plugin *p =
			world_open(w, TRICK, i % 4 != 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		if (i % 10 == 0) {
			memset(w->row, 0, sizeof w->row);
			world_score(w, p);
		}
		asy_plugin_close(p);
	}
	ck_assert_uint_eq(count_fds(), fds);
	ck_assert_uint_le(count_maps(), maps + 60); /* a heap may grow; a leak would be hundreds */
	free(w);
}
END_TEST

/* The host is killed while its plugin spins: what it leaves behind would become ours. */
START_TEST(test_parent_when_killed_then_all_of_the_worker_dies_with_it)
{
	int fd[2];
	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid_t child = fork();
	if (child == 0) {
		world *w = world_new(1);
		asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
		o.stall_ns = 60000 * MS;
		asy_plugin *p = open_with(w, &o);
		world_say(w, 0, "!hang");
		(void)!write(fd[1], "x", 1);
		world_score(w, p);
		_exit(EXIT_SUCCESS);
	}
	char ready;
	unsigned reaped = 0;
	pid_t left = 0;
	ck_assert_int_eq(read(fd[0], &ready, 1), 1);
	(void)usleep(50000);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	for (int i = 0; i < 500 && left >= 0; i += left == 0) {
		left = waitpid(-1, NULL, WNOHANG);
		reaped += left > 0;
		(void)usleep(left == 0 ? 10000 : 0);
	}
	ck_assert_int_lt(left, 0);
	ck_assert_uint_ge(reaped, 2); /* the host, and what was the worker for it */
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_crash_when_a_row_kills_then_it_alone_gets_the_floor);
	tcase_add_test(tc, test_crash_when_reported_then_cause_is_named);
	tcase_add_test(tc, test_crash_when_several_rows_kill_then_each_gets_the_floor);
	tcase_add_test(tc, test_crash_when_it_comes_late_then_earlier_rows_were_already_reported);
	tcase_add_test(tc, test_crash_when_not_reproducible_then_rows_are_scored_or_the_row_abstains);
	tcase_add_test(tc, test_crash_when_only_a_used_worker_dies_then_nobody_is_blamed);
	tcase_add_test(tc, test_hang_when_a_row_never_ends_then_killed_and_floored);
	tcase_add_test(tc, test_deadline_when_plugin_hangs_then_killed_and_rest_abstains);
	tcase_add_test(tc, test_deadline_when_plugin_heeds_it_then_not_killed);
	tcase_add_test(tc, test_interrupt_when_plugin_works_then_returns_within_100_ms);
	tcase_add_test(tc, test_interrupt_when_plugin_hangs_in_open_then_returns_soon);
	tcase_add_test(tc, test_whole_batch_when_one_row_kills_then_rerun_without_suspects);
	tcase_add_test(tc, test_lie_when_worker_scribbles_on_shared_memory_then_not_believed);
	tcase_add_test(tc, test_close_when_plugin_closes_the_channels_then_worker_is_replaced);
	tcase_add_test(tc, test_idle_when_worker_dies_between_rounds_then_replaced);
	tcase_add_test(tc, test_quarantine_when_faults_repeat_then_not_called_until_released);
	tcase_add_test(tc, test_quarantine_when_one_miner_sends_poison_then_it_does_not_count);
	tcase_add_test(tc, test_quarantine_when_the_outage_is_over_then_a_round_releases_it);
	tcase_add_test(tc, test_blame_when_it_breaks_in_the_middle_then_no_row_pays);
	tcase_add_test(tc, test_make_when_it_fails_again_and_again_then_quarantined_and_tried_again);
	tcase_add_test(tc, test_restarts_when_exhausted_then_rest_abstains);
	tcase_add_test(tc, test_make_when_worker_dies_once_then_tried_again);
	tcase_add_test(tc, test_open_close_when_repeated_then_nothing_leaks);
	tcase_add_test(tc, test_parent_when_killed_then_all_of_the_worker_dies_with_it);
}

int main(void)
{
	return test_main("plugin.faults", fill, 90);
}
