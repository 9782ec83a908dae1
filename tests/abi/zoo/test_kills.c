/* Workers that are killed at random moments: no row that was scored is lost, no round,
 * and no miner pays for it; the bits are those of a plugin that nobody disturbs.
 * ASSAY_TEST_KILLS says how many (120), which is also how to get the figures of a long
 * run. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include "unit/plugin/world.h"

#define ROWS 256u
#define TIMES_MAX 20000u

static _Atomic int victim; /* pid of the worker; 0 = none */
static _Atomic unsigned killed;
static atomic_bool is_over;
static uint64_t died_at, again[TIMES_MAX];
static size_t again_n;

static void on_event(void *arg, const asy_plugin_event *ev)
{
	world_event(arg, ev);
	if (ev->kind == ASY_PLUGIN_EV_CRASHED || ev->kind == ASY_PLUGIN_EV_STALLED) {
		atomic_store(&victim, 0);
		died_at = world_now();
	}
	if (ev->kind != ASY_PLUGIN_EV_STARTED)
		return;
	if (died_at != 0 && again_n < TIMES_MAX)
		again[again_n++] = world_now() - died_at;
	died_at = 0;
	atomic_store(&victim, (int)ev->pid);
}

/* Kills the worker in whatever it is doing: starting, loading, scoring, idle. */
static void *killer(void *arg)
{
	unsigned seed = 1;
	(void)arg;
	while (!atomic_load(&is_over)) {
		(void)usleep(200 + (unsigned)rand_r(&seed) % 6000);
		int pid = atomic_exchange(&victim, 0);
		if (pid > 0 && kill(pid, SIGKILL) == 0)
			atomic_fetch_add(&killed, 1);
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void print_times(unsigned rounds)
{
	qsort(again, again_n, sizeof again[0], by_size);
	(void)printf("%u workers killed in %u rounds; from death to a worker that is ready: "
				 "median %.1f ms, p99 %.1f ms\n",
				 atomic_load(&killed), rounds, (double)again[again_n / 2] / 1e6,
				 (double)again[again_n - 1 - again_n / 100] / 1e6);
}

START_TEST(test_kills_when_workers_die_at_random_then_nothing_is_lost)
{
	const char *wanted = getenv("ASSAY_TEST_KILLS"); /* edge: a longer run */
	unsigned most = wanted != NULL ? (unsigned)atoi(wanted) : 120, rounds = 0;
	world *w = world_new(ROWS), *calm = world_new(ROWS);
	asy_plugin *q = world_open(calm, TRICK, ASY_ISOLATION_NONE);
	pthread_t t;
	world_score(calm, q);
	asy_plugin_close(q);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.on_event = on_event;
	o.sub_batch = 4;
	o.faults_max = UINT32_MAX;
	o.restarts_max = UINT32_MAX;
	ck_ok(asy_plugin_open(&o, &q, &w->err), w->err);
	ck_assert_int_eq(pthread_create(&t, NULL, killer, NULL), 0);
	for (; atomic_load(&killed) < most && rounds < 100 * most; rounds++) {
		memset(w->row, 0, sizeof w->row);
		memset(w->reports, 0, sizeof w->reports);
		world_score(w, q);
		for (size_t i = 0; i < ROWS; i++)
			ck_assert_uint_eq(w->reports[i], 1);
		for (size_t i = 0; i < ROWS; i++)
			/* a row that was alone when its worker died may abstain; none is zeroed */
			ck_assert_msg(w->row[i].flag == ASY_ROW_ABSTAIN ||
							  memcmp(&w->row[i].score, &calm->row[i].score, 8) == 0,
						  "round %u, row %zu: %s", rounds, i, asy_row_flag_name(w->row[i].flag));
	}
	atomic_store(&is_over, true);
	(void)pthread_join(t, NULL);
	print_times(rounds);
	asy_plugin_close(q);
	free(w);
	free(calm);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_kills_when_workers_die_at_random_then_nothing_is_lost);
}

int main(void)
{
	return test_main("abi.kills", fill, 600);
}
