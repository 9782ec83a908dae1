/* A store that does not wait for the disk: what holds the loop, what settling promises, and
 * what a power failure leaves. The fault VFS counts who syncs, and what a sync covered. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "crypto/crypto.h"
#include "scratch.h"

#define NS UINT64_C(1700000000000000000)

static asy_store_faults *disk;
static asy_loop *loop;
static char dir[64];

static asy_store *sync_open(void)
{
	assay_err e = {0};
	asy_store *s = NULL;
	ck_ok(asy_store_open(&(asy_store_options){.dir = dir, .vfs = "assay-fault", .loop = loop}, &s,
						 &e),
		  e);
	return s;
}

static void set_up(void)
{
	assay_err e = {0};
	scratch_make(dir);
	ck_ok(asy_store_fault_vfs(&disk, &e), e);
	ck_ok(asy_loop_new(&loop, &e), e);
}

static void tear_down(asy_store *s)
{
	asy_store_close(s);
	asy_loop_free(loop);
	scratch_remove(dir);
}

static uint64_t begin(asy_store *s)
{
	uint64_t id = 0;
	assay_err e = {0};
	ck_ok(asy_store_round_begin(s, NS, asy_span_str("b"), &id, &e), e);
	return id;
}

static void add(asy_store *s, uint64_t round, asy_rec_type t, assay_span payload)
{
	const asy_rec_in rec = {t, payload};
	assay_err e = {0};
	ck_ok(asy_store_append(s, round, NS, &rec, 1, NULL, &e), e);
}

START_TEST(test_commit_when_there_is_a_loop_then_nothing_waits_for_the_disk_but_settling)
{
	assay_err e = {0};
	set_up();
	asy_store *s = sync_open();
	uint64_t r = begin(s), held = disk->held, syncs = disk->syncs;
	for (int i = 0; i < 50; i++)
		add(s, r, ASY_REC_SCORES, asy_span_str("x"));
	ck_assert_uint_eq(disk->syncs, syncs);
	ck_assert_uint_gt(disk->log_writes, disk->log_synced);
	ck_ok(asy_store_settle(s, &e), e);
	ck_assert_uint_eq(disk->log_writes, disk->log_synced);
	ck_assert_uint_eq(disk->syncs, syncs + 1);
	ck_assert_uint_eq(disk->held, held);
	ck_ok(asy_store_settle(s, &e), e); /* there is nothing to wait for */
	ck_assert_uint_eq(disk->syncs, syncs + 1);
	tear_down(s);
}
END_TEST

START_TEST(test_open_when_a_process_died_then_what_it_left_is_settled_too)
{
	assay_err e = {0};
	set_up();
	asy_store *s = sync_open();
	uint64_t syncs = disk->syncs;
	ck_ok(asy_store_settle(s, &e), e);
	ck_assert_uint_eq(disk->syncs, syncs + 1);
	tear_down(s);
}
END_TEST

/* ---- those who wait together ---- */

typedef struct {
	asy_store *s;
	uint64_t round;
	assay_status st;
	bool was_covered;
} waiter;

static void wait_for_disk(void *arg)
{
	waiter *w = arg;
	add(w->s, w->round, ASY_REC_SCORES, asy_span_str("x"));
	uint64_t mine = disk->log_writes;
	w->st = asy_store_settle(w->s, NULL);
	w->was_covered = disk->log_synced >= mine;
}

START_TEST(test_settle_when_many_wait_then_they_share_one_sync)
{
	enum { N = 40 };
	waiter w[N];
	asy_co *co[N];
	assay_err e = {0};
	set_up();
	asy_store *s = sync_open();
	uint64_t syncs = disk->syncs;
	for (int i = 0; i < N; i++) {
		w[i] = (waiter){.s = s, .round = begin(s)};
		ck_ok(asy_co_start(loop, wait_for_disk, &w[i], &co[i], &e), e);
	}
	for (int i = 0; i < N; i++) {
		ck_assert_int_eq(asy_loop_run_until(loop, asy_co_is_over, co[i], ASY_NEVER), ASSAY_OK);
		asy_co_free(co[i]);
		ck_assert_int_eq(w[i].st, ASSAY_OK);
		ck_assert(w[i].was_covered);
	}
	/* the first starts one, the others another, all in one pass */
	ck_assert_uint_le(disk->syncs, syncs + 3);
	tear_down(s);
}
END_TEST

START_TEST(test_settle_when_cancelled_then_it_still_waits)
{
	assay_err e = {0};
	asy_co *co = NULL;
	set_up();
	waiter w = {.s = sync_open()};
	w.round = begin(w.s);
	ck_ok(asy_co_start(loop, wait_for_disk, &w, &co, &e), e);
	asy_co_end(co);
	ck_assert_int_eq(w.st, ASSAY_OK);
	ck_assert(w.was_covered);
	tear_down(w.s);
}
END_TEST

START_TEST(test_settle_when_the_sync_fails_then_nothing_is_believed_any_more)
{
	assay_err e = {0};
	set_up();
	asy_store *s = sync_open();
	uint64_t r = begin(s);
	const asy_rec_in rec = {ASY_REC_SCORES, asy_span_str("x")};
	disk->sync_fail = 1;
	ck_assert_int_eq(asy_store_settle(s, &e), ASSAY_E_IO);
	ck_assert_int_eq(asy_store_append(s, r, NS, &rec, 1, NULL, &e), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(e.msg, "restart"));
	ck_assert_int_eq(asy_store_settle(s, &e), ASSAY_E_IO);
	tear_down(s);
}
END_TEST

/* ---- a power failure ---- */

static void copy_file(const char *to_dir, const char *name, uint64_t most)
{
	char from[128], to[128], *bytes = NULL;
	(void)snprintf(from, sizeof from, "%s/%s", dir, name);
	(void)snprintf(to, sizeof to, "%s/%s", to_dir, name);
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0600);
	struct stat sb;
	ck_assert(in >= 0 && out >= 0 && fstat(in, &sb) == 0);
	uint64_t n = (uint64_t)sb.st_size < most ? (uint64_t)sb.st_size : most;
	bytes = malloc(n + 1);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_int_eq(read(in, bytes, n), (ssize_t)n);
	ck_assert_int_eq(write(out, bytes, n), (ssize_t)n);
	free(bytes);
	(void)close(in);
	(void)close(out);
}

static assay_status count(void *arg, const asy_rec *rec, assay_err *err)
{
	(void)rec;
	(void)err;
	++*(unsigned *)arg;
	return ASSAY_OK;
}

static unsigned count_records(const char *where, uint64_t round)
{
	assay_err e = {0};
	asy_store *s = NULL;
	unsigned n = 0;
	ck_ok(asy_store_open(&(asy_store_options){.dir = where}, &s, &e), e);
	ck_ok(asy_store_records(s, round, 0, count, &n, &e), e);
	asy_store_close(s);
	return n;
}

/* What the last sync covered is on the disk; of what was written later, any first part. */
START_TEST(test_power_when_it_fails_then_what_was_settled_is_there_and_what_follows_is_in_order)
{
	assay_err e = {0};
	set_up();
	asy_store *s = sync_open();
	uint64_t r = begin(s);
	add(s, r, ASY_REC_CHALLENGE, asy_span_str("c"));
	ck_ok(asy_store_settle(s, &e), e);
	uint64_t settled = disk->log_size;
	for (int i = 0; i < 3; i++)
		add(s, r, ASY_REC_SCORES, asy_span_str("x"));
	unsigned before = 0;
	for (uint64_t more = 0; more <= 100000; more += 2000) {
		char after[64];
		scratch_make(after);
		copy_file(after, "assay.db", UINT64_MAX);
		copy_file(after, "assay.db-wal", settled + more);
		unsigned n = count_records(after, r);
		ck_assert_uint_ge(n, 2);
		ck_assert_uint_ge(n, before);
		before = n;
		scratch_remove(after);
	}
	ck_assert_uint_eq(before, 5);
	tear_down(s);
}
END_TEST

/* ---- the log into the database ---- */

static bool is_copied(void *arg)
{
	struct stat sb;
	char path[128];
	(void)arg;
	(void)snprintf(path, sizeof path, "%s/assay.db", dir);
	return stat(path, &sb) == 0 && sb.st_size > 4 << 20;
}

START_TEST(test_log_when_it_is_long_then_another_thread_copies_it)
{
	static char big[64 << 10];
	assay_err e = {0};
	set_up();
	asy_store *s = sync_open();
	uint64_t r = begin(s), held = disk->held;
	for (int i = 0; i < 200; i++) {
		add(s, r, ASY_REC_RESPONSE, asy_span(big, sizeof big));
		ck_ok(asy_store_settle(s, &e), e);
	}
	ck_assert_int_eq(asy_loop_run_until(loop, is_copied, NULL, asy_loop_deadline(loop, 60000)),
					 ASSAY_OK);
	/* no commit waited; only the head of a log that is begun anew may have been synced here */
	ck_assert_uint_le(disk->held, held + 20);
	asy_store_close(s);
	ck_assert_uint_eq(count_records(dir, r), 201);
	tear_down(NULL);
}
END_TEST

START_TEST(test_log_when_nobody_settles_and_it_is_very_long_then_writers_are_told_to_pause)
{
	static char big[1 << 20];
	set_up();
	asy_store *s = sync_open();
	uint64_t r = begin(s);
	ck_assert(!asy_store_is_behind(s));
	for (int i = 0; i < 64; i++) /* the loop is not polled: a copy under way stays under way */
		add(s, r, ASY_REC_RESPONSE, asy_span(big, sizeof big));
	ck_assert(asy_store_is_behind(s));
	for (int i = 0; asy_store_is_behind(s); i++) {
		ck_assert_int_lt(i, 6000);
		ck_assert_int_eq(asy_loop_run_until(loop, NULL, NULL, asy_loop_deadline(loop, 10)),
						 ASSAY_E_TIMEOUT);
	}
	tear_down(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc,
				   test_commit_when_there_is_a_loop_then_nothing_waits_for_the_disk_but_settling);
	tcase_add_test(tc, test_open_when_a_process_died_then_what_it_left_is_settled_too);
	tcase_add_test(tc, test_settle_when_many_wait_then_they_share_one_sync);
	tcase_add_test(tc, test_settle_when_cancelled_then_it_still_waits);
	tcase_add_test(tc, test_settle_when_the_sync_fails_then_nothing_is_believed_any_more);
	tcase_add_test(
		tc, test_power_when_it_fails_then_what_was_settled_is_there_and_what_follows_is_in_order);
	tcase_add_test(tc, test_log_when_it_is_long_then_another_thread_copies_it);
	tcase_add_test(tc,
				   test_log_when_nobody_settles_and_it_is_very_long_then_writers_are_told_to_pause);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("store_sync", fill, 90);
}
