/* Hostile and broken plugins, each with its stated outcome. Each is opened beside a
 * healthy plugin, which scores before and after it with the bits that it has alone; the
 * key, the database and this process are as they were; nothing outlives the worker; and
 * no miner is paid nothing because a plugin misbehaved. Run as whoever runs the tests,
 * and once more, by root, as an ordinary user (--as-nobody). */
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "unit/plugin/world.h"

#define ZOO ASSAY_BINARY_DIR "/test-plugins/zoo.so"
#define ROWS 64u
#define SECRET "the key of a validator"

/* What has to come of it. */
typedef enum {
	FENDED,  /* it goes on, and says that it was kept from it */
	REFUSED, /* the kernel ends it: the call is not one that a plugin makes */
	ENDS,    /* it ends, or is ended */
	NO_OPEN, /* it never gets ready */
	INVALID, /* its scores are not believed */
	BEARS    /* the host bears it: any of the above but harm */
} outcome;

static const struct {
	const char *act;
	outcome what;
} animals[] = {
	{"read-key", FENDED},
	{"read-key-in-open", FENDED},
	{"stat-key", FENDED},
	{"chmod-key", FENDED},
	{"link-key", FENDED},
	{"read-db", FENDED},
	{"read-db-in-open", FENDED},
	{"write-db", FENDED},
	{"write-db-in-open", FENDED},
	{"truncate-db", FENDED},
	{"truncate-db-in-open", FENDED},
	{"unlink-db", FENDED},
	{"unlink-db-in-open", FENDED},
	{"rename-db", FENDED},
	{"write-tmp", FENDED},
	{"write-tmp-in-open", FENDED},
	{"read-passwd", FENDED},
	{"read-passwd-in-open", FENDED},
	{"list-files", FENDED},
	{"list-files-in-open", FENDED},
	{"read-memory", FENDED},
	{"read-memory-in-open", FENDED},
	{"read-environment", FENDED},
	{"read-environment-in-open", FENDED},
	{"copy-memory", REFUSED},
	{"copy-memory-in-open", NO_OPEN},
	{"trace", REFUSED},
	{"trace-in-open", NO_OPEN},
	{"kill-daemon", REFUSED},
	{"kill-daemon-in-open", NO_OPEN},
	{"stop-daemon", REFUSED},
	{"kill-all", REFUSED},
	{"kill-init", REFUSED},
	{"pidfd", REFUSED},
	{"own-descriptor", FENDED},
	{"block-host", FENDED},
	{"fork", FENDED},
	{"fork-in-open", FENDED},
	{"fork-bomb", FENDED},
	{"grandchildren", FENDED},
	{"clone3", FENDED},
	{"execve", FENDED},
	{"execve-in-open", FENDED},
	{"system", FENDED},
	{"setuid", REFUSED},
	{"unshare", REFUSED},
	{"mount", REFUSED},
	{"chroot", REFUSED},
	{"open-by-handle", REFUSED},
	{"thread-bomb", FENDED},
	{"eat-memory", FENDED},
	{"eat-memory-in-open", FENDED},
	{"shared-memory", FENDED},
	{"memory-file", FENDED},
	{"new-code", FENDED},
	{"lift-limits", FENDED},
	{"personality", REFUSED},
	{"io-uring", FENDED},
	{"userfaultfd", REFUSED},
	{"bpf", REFUSED},
	{"keyctl", REFUSED},
	{"perf", REFUSED},
	{"shmget", FENDED},
	{"handle-refusal", FENDED},
	{"connect", FENDED},
	{"connect-in-open", FENDED},
	{"datagrams", FENDED},
	{"local-sockets", FENDED},
	{"send-descriptors", REFUSED},
	{"garbage", BEARS},
	{"garbage-in-open", NO_OPEN},
	{"full-doors", BEARS},
	{"print", FENDED},
	{"print-in-open", FENDED},
	{"log", FENDED},
	{"stop-itself", ENDS},
	{"spin-deaf", ENDS},
	{"close-all", BEARS},
	{"leave", ENDS},
	{"abort", ENDS},
	{"crash", ENDS},
	{"crash-in-open", NO_OPEN},
	{"hang", ENDS},
	{"hang-in-open", NO_OPEN},
	{"leave-in-open", NO_OPEN},
	{"fail-in-open", NO_OPEN},
	{"spin-behind", FENDED},
	{"lie-about-rows", BEARS},
	{"write-questions", FENDED},
	{"open-slowly", FENDED},
	{"hang-in-close", FENDED},
	{"crash-at-random", BEARS},
	{"not-a-number", INVALID},
	{"out-of-range", INVALID},
	{"no-flag", INVALID},
	{"odd-flag", INVALID},
	{"error-code", FENDED},
};

/* ---- what they aim at ---- */

typedef struct {
	char dir[64], key[96], db[96], cache[96], config[1024];
	int listener, port;
} target;

static void write_secret(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert(fd >= 0 && write(fd, SECRET, strlen(SECRET)) == (ssize_t)strlen(SECRET));
	(void)close(fd);
}

static void hide_slashes(char *s)
{
	for (; *s != '\0'; s++)
		*s = *s == '/' ? '|' : *s;
}

static void listen_here(target *t)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof at;
	t->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert(t->listener >= 0 && bind(t->listener, (const void *)&at, sizeof at) == 0 &&
			  listen(t->listener, 4) == 0 && getsockname(t->listener, (void *)&at, &len) == 0);
	t->port = ntohs(at.sin_port);
}

static void target_make(target *t, const char *act)
{
	char key[96], db[96], mark[128];
	(void)snprintf(t->dir, sizeof t->dir, "/tmp/assay-zoo-%d", (int)getpid());
	ck_assert_int_eq(mkdir(t->dir, 0755), 0);
	(void)snprintf(t->key, sizeof t->key, "%s/key", t->dir);
	(void)snprintf(t->db, sizeof t->db, "%s/db", t->dir);
	(void)snprintf(t->cache, sizeof t->cache, "%s/cache", t->dir);
	ck_assert_int_eq(mkdir(t->cache, 0700), 0);
	write_secret(t->key);
	write_secret(t->db);
	listen_here(t);
	(void)asy_str_copy(key, sizeof key, t->key);
	(void)asy_str_copy(db, sizeof db, t->db);
	(void)snprintf(mark, sizeof mark, "%s/mark", t->cache);
	hide_slashes(key);
	hide_slashes(db);
	hide_slashes(mark);
	(void)snprintf(t->config, sizeof t->config,
				   "{\"act\":\"%s\",\"key\":\"%s\",\"db\":\"%s\",\"mark\":\"%s\","
				   "\"parent\":\"%d\",\"port\":\"%d\"}",
				   act, key, db, mark, (int)getpid(), t->port);
}

static void check_secret(const char *path)
{
	char text[64] = "";
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert(fd >= 0 && read(fd, text, sizeof text - 1) == (ssize_t)strlen(SECRET));
	ck_assert_str_eq(text, SECRET);
	ck_assert(fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0600 && st.st_nlink == 1);
	(void)close(fd);
}

/* Nothing was touched, nobody called, and no process is left: orphans would be ours. */
static void target_check(target *t)
{
	char path[160];
	check_secret(t->key);
	check_secret(t->db);
	ck_assert_int_lt(accept(t->listener, NULL, NULL), 0);
	ck_assert_int_eq(access("/tmp/assay-zoo-new", F_OK), -1);
	pid_t left = 0;
	for (int i = 0; i < 500 && left >= 0; i += left == 0) {
		left = waitpid(-1, NULL, WNOHANG);
		(void)usleep(left == 0 ? 10000 : 0);
	}
	ck_assert_int_lt(left, 0);
	(void)close(t->listener);
	(void)snprintf(path, sizeof path, "%s/mark", t->cache);
	(void)unlink(path);
	(void)rmdir(t->cache);
	(void)unlink(t->key);
	(void)unlink(t->db);
	ck_assert_int_eq(rmdir(t->dir), 0);
}

/* ---- the healthy one ---- */

typedef struct {
	world *alone, *beside;
	asy_plugin *p;
} healthy;

static void healthy_score(healthy *h)
{
	memset(h->beside->row, 0, sizeof h->beside->row);
	world_score(h->beside, h->p);
	world_same(h->alone, h->beside);
}

static void healthy_start(healthy *h)
{
	h->alone = world_new(ROWS);
	h->beside = world_new(ROWS);
	asy_plugin *in_process = world_open(h->alone, TRICK, ASY_ISOLATION_NONE);
	world_score(h->alone, in_process);
	asy_plugin_close(in_process);
	h->p = world_open(h->beside, TRICK, ASY_ISOLATION_WORKER);
	healthy_score(h);
}

static void healthy_end(healthy *h)
{
	healthy_score(h);
	ck_assert_uint_eq(h->beside->events[ASY_PLUGIN_EV_CRASHED], 0);
	asy_plugin_close(h->p);
	free(h->alone);
	free(h->beside);
}

/* ---- one animal ---- */

static asy_plugin_opts opts_of(world *w, const char *path, const target *t)
{
	asy_plugin_opts o = world_opts(w, path, ASY_ISOLATION_WORKER);
	o.config = asy_span_str(t->config);
	o.stall_ns = 800 * MS;
	o.open_ns = 3000 * MS;
	o.soft_ns = 5000 * MS;
	o.hard_ns = 200 * MS;
	o.memory_max = (uint64_t)256 << 20;
	return o;
}

static void check_rows(const world *w, outcome what)
{
	for (size_t i = 0; i < ROWS; i++) {
		const asy_plugin_row *r = &w->row[i];
		ck_assert_uint_eq(w->reports[i], 1);
		ck_assert_msg(r->flag != ASY_ROW_SCORED || r->value == 1, "row %zu: it got through", i);
		ck_assert_msg(r->flag != ASY_ROW_FLOOR, "row %zu pays for what the plugin did", i);
		ck_assert(what != FENDED || r->flag == ASY_ROW_SCORED);
		ck_assert((what != REFUSED && what != ENDS) || r->cause != ASY_CAUSE_NONE);
		ck_assert(what != INVALID || r->cause == ASY_CAUSE_INVALID);
	}
	if (what == REFUSED)
		ck_assert_str_eq(w->last_text[ASY_PLUGIN_EV_CRASHED], "signal 31 (Bad system call)");
}

static void meet(const char *act, outcome what)
{
	healthy h;
	target t;
	world *w = world_new(ROWS);
	asy_plugin *p = NULL;
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	target_make(&t, act);
	healthy_start(&h);
	asy_plugin_opts o = opts_of(w, ZOO, &t);
	assay_status st = asy_plugin_open(&o, &p, &w->err);
	ck_assert_msg((st == ASSAY_OK) == (what != NO_OPEN), "%s: %s", act, w->err.msg);
	if (st == ASSAY_OK) {
		world_score(w, p);
		check_rows(w, what);
	}
	healthy_score(&h);
	asy_plugin_close(p);
	healthy_end(&h);
	target_check(&t);
	free(w);
}

START_TEST(test_animal_when_met_then_as_stated)
{
	meet(animals[_i].act, animals[_i].what);
}
END_TEST

/* ---- animals that need more than a name ---- */

START_TEST(test_constructor_when_it_attacks_before_anybody_called_then_fended_off)
{
	target t;
	world *w = world_new(ROWS);
	asy_plugin *p = NULL;
	target_make(&t, "none");
	asy_plugin_opts o = opts_of(w, ASSAY_BINARY_DIR "/test-plugins/zoo-constructor.so", &t);
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	world_score(w, p);
	check_rows(w, FENDED);
	asy_plugin_close(p);
	target_check(&t);
	free(w);
}
END_TEST

START_TEST(test_description_when_it_changes_with_each_start_then_the_second_is_refused)
{
	target t;
	world *w = world_new(ROWS);
	asy_plugin *p = NULL;
	target_make(&t, "leave");
	asy_plugin_opts o = opts_of(w, ASSAY_BINARY_DIR "/test-plugins/zoo-fickle.so", &t);
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	world_score(w, p);
	ck_assert_uint_ge(w->events[ASY_PLUGIN_EV_OPEN_FAILED], 1);
	check_rows(w, ENDS);
	asy_plugin_close(p);
	target_check(&t);
	free(w);
}
END_TEST

/* Two rows of one miner kill it, and nothing else does: that miner's rows get the floor. */
START_TEST(test_row_when_one_miner_wrote_it_to_kill_then_it_alone_pays)
{
	const char *acts[] = {"crash-on-one-miner", "hang-on-one-miner"};
	for (size_t k = 0; k < ASY_COUNT(acts); k++) {
		target t;
		world *w = world_new(ROWS);
		asy_plugin *p = NULL;
		target_make(&t, acts[k]);
		asy_plugin_opts o = opts_of(w, ZOO, &t);
		o.soft_ns = 20000 * MS;
		world_say(w, 11, "!one");
		world_say(w, 40, "!two");
		ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
		world_score(w, p);
		for (size_t i = 0; i < ROWS; i++)
			ck_assert_uint_eq(w->row[i].flag, i == 11 || i == 40 ? ASY_ROW_FLOOR : ASY_ROW_SCORED);
		asy_plugin_close(p);
		target_check(&t);
		free(w);
	}
}
END_TEST

START_TEST(test_open_when_it_hangs_at_the_second_start_then_the_round_ends)
{
	target t;
	world *w = world_new(ROWS);
	asy_plugin *p = NULL;
	target_make(&t, "hang-at-second-open");
	asy_plugin_opts o = opts_of(w, ZOO, &t);
	o.grant |= ASY_NEED_CACHE;
	o.cache_dir = t.cache;
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	world_score(w, p);
	check_rows(w, FENDED);
	asy_plugin_close(p);
	p = NULL;
	ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), ASSAY_E_TIMEOUT);
	target_check(&t);
	free(w);
}
END_TEST

START_TEST(test_making_when_it_goes_wrong_then_an_error_and_no_harm)
{
	const char *acts[] = {"crash-making", "hang-making", "huge-making", "miscount-making"};
	for (size_t k = 0; k < ASY_COUNT(acts); k++) {
		target t;
		world *w = world_new(ROWS);
		asy_plugin *p = NULL;
		asy_plugin_challenges made = {0};
		target_make(&t, acts[k]);
		asy_plugin_opts o = opts_of(w, ZOO, &t);
		o.soft_ns = 500 * MS;
		ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
		ck_assert_int_ne(asy_plugin_make(p, &w->round, 3, &made, &w->err), ASSAY_OK);
		asy_plugin_challenges_fini(&made);
		/* and it still scores */
		world_score(w, p);
		check_rows(w, FENDED);
		asy_plugin_close(p);
		target_check(&t);
		free(w);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, test_animal_when_met_then_as_stated, 0, ASY_COUNT(animals));
	tcase_add_test(tc, test_constructor_when_it_attacks_before_anybody_called_then_fended_off);
	tcase_add_test(tc, test_description_when_it_changes_with_each_start_then_the_second_is_refused);
	tcase_add_test(tc, test_row_when_one_miner_wrote_it_to_kill_then_it_alone_pays);
	tcase_add_test(tc, test_open_when_it_hangs_at_the_second_start_then_the_round_ends);
	tcase_add_test(tc, test_making_when_it_goes_wrong_then_an_error_and_no_harm);
}

/* Kernels and containers differ in what they offer; a cage with a part missing is another
 * program than the one under test. */
static bool has_whole_cage(void)
{
	char text[800] = "";
	bool is_whole = false;
	assay_err err = {0};
	if (asy_plugin_try_cage(WORKER, asy_sys_clock(), text, sizeof text, &is_whole, &err) !=
		ASSAY_OK)
		(void)asy_str_copy(text, sizeof text, err.msg);
	if (!is_whole)
		(void)printf("skipped: the cage is not whole here: %s\n", text);
	return is_whole;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--as-nobody") == 0 &&
		(setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0 ||
		 access(WORKER, X_OK) != 0)) {
		(void)printf("skipped: this user cannot become another one that may run the worker\n");
		return EXIT_SUCCESS;
	}
	return has_whole_cage() ? test_main("abi.zoo", fill, 60) : EXIT_SUCCESS;
}
