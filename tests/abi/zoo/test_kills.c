/* Workers that are killed or stopped at random moments: no row that was scored is lost, no round,
 * and no miner pays for it; the bits are those of a plugin that nobody disturbs.
 * ASSAY_TEST_KILLS says how many blows (120), which is also how to get the figures of a
 * long run. Check cannot write down that a test took more than 35 minutes, and then fails it
 * behind its figures. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include "unit/plugin/world.h"

#define ROWS 256u
#define TIMES_MAX 20000u

#define STALL_MS 300u /* what counts as a hang */
#define HANG_ONE_IN 8u

static _Atomic int victim; /* pid of the worker's supervisor; 0 = none */
static _Atomic unsigned killed, hung;
static atomic_bool is_over;
static _Atomic uint64_t struck_at; /* 0 = nobody is waiting for a fresh worker */
static atomic_bool was_hang;
static bool is_back;

/* From the blow to the first rows that are final behind it. */
typedef struct {
	uint64_t at[TIMES_MAX];
	size_t n;
} times;
static times after_kill, after_hang;

static void on_event(void *arg, const asy_plugin_event *ev)
{
	world_event(arg, ev);
	if (ev->kind != ASY_PLUGIN_EV_STARTED)
		return;
	is_back = atomic_load(&struck_at) != 0;
	atomic_store(&victim, (int)ev->pid);
}

static assay_status on_rows(void *arg, const size_t *rows, size_t n, assay_err *err)
{
	times *t = atomic_load(&was_hang) ? &after_hang : &after_kill;
	uint64_t struck = atomic_load(&struck_at);
	if (is_back && struck != 0) {
		if (t->n < TIMES_MAX)
			t->at[t->n++] = world_now() - struck;
		is_back = false;
		atomic_store(&struck_at, 0);
	}
	return world_rows(arg, rows, n, err);
}

/* The worker of a supervisor, which is the last of its children; 0: the kernel does not say. */
static int worker_of(int pid)
{
	char path[64], text[128] = "";
	int last = 0, at;
	(void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fgets(text, sizeof text, f) != NULL)
		for (const char *c = text; sscanf(c, "%d%n", &last, &at) == 1; c += at)
			;
	(void)fclose(f);
	return last;
}

static void strike(int pid, bool is_hang)
{
	int worker = is_hang ? worker_of(pid) : 0;
	atomic_store(&was_hang, worker != 0);
	atomic_store(&struck_at, world_now());
	if (worker != 0 && kill(worker, SIGSTOP) == 0)
		atomic_fetch_add(&hung, 1);
	else if (kill(pid, SIGKILL) == 0)
		atomic_fetch_add(&killed, 1);
}

/* Strikes the worker in whatever it is doing: starting, loading, scoring, idle. */
static void *killer(void *arg)
{
	unsigned seed = 1;
	(void)arg;
	while (!atomic_load(&is_over)) {
		(void)usleep(200 + (unsigned)rand_r(&seed) % 6000);
		int pid = atomic_exchange(&victim, 0);
		if (pid > 0)
			strike(pid, (unsigned)rand_r(&seed) % HANG_ONE_IN == 0);
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* How often to strike; a long run is asked for. */
static unsigned wanted(void)
{
	const char *text = getenv("ASSAY_TEST_KILLS"); /* edge: a longer run */
	return text != NULL ? (unsigned)atoi(text) : 120;
}

static void print_times(const char *what, times *t)
{
	qsort(t->at, t->n, sizeof t->at[0], by_size);
	if (t->n != 0)
		(void)printf("from %s to rows that are scored again: median %.1f ms, p99 %.1f ms\n", what,
					 (double)t->at[t->n / 2] / 1e6, (double)t->at[t->n - 1 - t->n / 100] / 1e6);
}

/* A row that was alone when its worker died may abstain; none is zeroed, none is lost. */
static uint64_t check_round(const world *w, const world *calm, unsigned round)
{
	uint64_t abstained = 0;
	for (size_t i = 0; i < ROWS; i++) {
		bool abstains = w->row[i].flag == ASY_ROW_ABSTAIN;
		ck_assert_uint_eq(w->reports[i], 1);
		ck_assert_msg(abstains || memcmp(&w->row[i].score, &calm->row[i].score, 8) == 0,
					  "round %u, row %zu: %s", round, i, asy_row_flag_name(w->row[i].flag));
		abstained += abstains;
	}
	return abstained;
}

START_TEST(test_kills_when_workers_die_at_random_then_nothing_is_lost)
{
	unsigned most = wanted(), rounds = 0;
	uint64_t abstained = 0;
	world *w = world_new(ROWS), *calm = world_new(ROWS);
	asy_plugin *q = world_open(calm, TRICK, ASY_ISOLATION_NONE);
	pthread_t t;
	world_score(calm, q);
	asy_plugin_close(q);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	o.on_event = on_event;
	o.sub_batch = 4;
	o.stall_ns = STALL_MS * MS;
	o.open_ns = 3000 * MS;
	o.faults_max = UINT32_MAX;
	o.restarts_max = UINT32_MAX;
	w->res.on_rows = on_rows;
	ck_ok(asy_plugin_open(&o, &q, &w->err), w->err);
	ck_assert_int_eq(pthread_create(&t, NULL, killer, NULL), 0);
	for (; atomic_load(&killed) + atomic_load(&hung) < most && rounds < 100 * most; rounds++) {
		memset(w->row, 0, sizeof w->row);
		memset(w->reports, 0, sizeof w->reports);
		world_score(w, q);
		abstained += check_round(w, calm, rounds);
	}
	atomic_store(&is_over, true);
	(void)pthread_join(t, NULL);
	(void)printf("%u workers killed and %u stopped in %u rounds of %u rows: no round and no scored "
				 "row lost, nobody zeroed, %" PRIu64 " rows abstained\n",
				 atomic_load(&killed), atomic_load(&hung), rounds, ROWS, abstained);
	print_times("death", &after_kill);
	print_times("a hang (300 ms until it is one)", &after_hang);
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
	return test_main("abi.kills", fill, wanted() > 1000 ? 7200 : 600);
}
