/* What survives: the process killed at every commit and at every write and fsync of a
 * whole round, failing fsyncs, half writes and a full disk. After each, the store opens
 * again, holds a prefix of what was done, and nothing that was promised is lost. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "crypto/crypto.h"
#include "scratch.h"

#define NS UINT64_C(1700000000000000000)

/* Shared with the child: how far it got before it died. */
typedef struct {
	uint32_t promised; /* steps whose call returned ASSAY_OK */
	uint32_t points;   /* kill points passed */
} progress;

static progress *shared;
static uint32_t die_at; /* 0 = never */

static void count_and_die(void *arg, const char *point)
{
	(void)arg;
	ck_assert(strncmp(point, "before:", 7) == 0 || strncmp(point, "after:", 6) == 0);
	if (++shared->points == die_at) {
		(void)kill(getpid(), SIGKILL);
		(void)pause();
	}
}

static assay_status put_rec(asy_store *s, uint64_t r, asy_rec_type t, const char *p, assay_err *err)
{
	const asy_rec_in rec = {t, asy_span_str(p)};
	return asy_store_append(s, r, NS, &rec, 1, NULL, err);
}

/* The steps of a round and its submission as the daemon takes them; step i leaves i + 1 things behind,
 * which count_steps finds again. */
static assay_status step(asy_store *s, uint32_t i, assay_err *err)
{
	static const asy_rec_type plain[] = {ASY_REC_CHALLENGE, ASY_REC_QUERY_END};
	const asy_rec_in answers[3] = {{ASY_REC_RESPONSE, asy_span_str("a")},
								   {ASY_REC_RESPONSE, asy_span_str("b")},
								   {ASY_REC_RESPONSE, asy_span_str("c")}};
	asy_sub_row sub = {.id = 2,
					   .round = 1,
					   .netuid = 1,
					   .scheme = ASY_SCHEME_HASH,
					   .secret = asy_span_str("salt")};
	const asy_score score = {.uid = 4, .score = 0.5};
	uint64_t id = 0;
	assay_status st;
	switch (i) {
	case 0:
		return asy_store_round_begin(s, NS, asy_span_str("begin"), &id, err);
	case 1:
	case 3:
		return put_rec(s, 1, plain[i == 1 ? 0 : 1], "x", err);
	case 6:
		return asy_store_submission_begin(s, &sub, 1, NS, asy_span_str("w"), &id, err);
	case 7:
		return put_rec(s, 2, ASY_REC_PREDICT, "x", err);
	case 2:
		return asy_store_append(s, 1, NS, answers, 3, NULL, err);
	case 4:
		st = asy_store_begin(s, err);
		if (st == ASSAY_OK)
			st = asy_store_scores_put(s, 1, &score, 1, err);
		if (st == ASSAY_OK)
			st = put_rec(s, 1, ASY_REC_SCORES, "s", err);
		return st == ASSAY_OK ? asy_store_commit(s, err) : st;
	case 5:
		st = asy_store_begin(s, err);
		if (st == ASSAY_OK)
			st = asy_store_snapshot_put(s, 1, 1, NS, asy_span_str("state"), err);
		if (st == ASSAY_OK)
			st = put_rec(s, 1, ASY_REC_TRACK, "t", err);
		return st == ASSAY_OK ? asy_store_commit(s, err) : st;
	case 8:
		st = asy_store_begin(s, err);
		if (st == ASSAY_OK)
			st = put_rec(s, 2, ASY_REC_SEAL, "salt", err);
		if (st == ASSAY_OK)
			st = asy_store_submission_seal(s, &sub, NS, err);
		return st == ASSAY_OK ? asy_store_commit(s, err) : st;
	case 9:
	case 10:
	case 11:
	case 12:
	case 13:
	case 14:
		return asy_store_submission_move(s, 2, (asy_sub_state)(ASY_SUB_SUBMITTED + (int)i - 9), NS,
										 asy_span_str("receipt"), err);
	default:
		return put_rec(s, 2, ASY_REC_END, "", err);
	}
}
#define STEPS 16u

/* ---- what is there after reopening ---- */

typedef struct {
	uint32_t records, responses;
	asy_rec_type last;
	asy_sub_state state;
} found;

static assay_status see_record(void *arg, const asy_rec *r, assay_err *err)
{
	found *f = arg;
	(void)err;
	f->records++;
	f->responses += r->type == ASY_REC_RESPONSE;
	f->last = r->type;
	return ASSAY_OK;
}

static assay_status see_submission(void *arg, const asy_sub_row *sub, assay_err *err)
{
	(void)err;
	((found *)arg)->state = sub->state;
	/* a seal without its secret would be a lost reveal */
	ck_assert(!sub->is_sealed || asy_span_eq(sub->secret, asy_span_str("salt")));
	return ASSAY_OK;
}

static assay_status count_row(void *arg, const asy_score *row, assay_err *err)
{
	(void)row;
	(void)err;
	++*(size_t *)arg;
	return ASSAY_OK;
}

/* How many steps the store holds; fails when it holds part of one. */
static uint32_t count_steps(const char *dir)
{
	static const uint32_t records_after[] = {1, 2, 5, 6, 7, 8, 9, 10, 11};
	assay_err err = {0};
	found f = {0};
	asy_store *s = scratch_open(dir);
	assay_status st = asy_store_records(s, 1, 0, see_record, &f, &err);
	if (st == ASSAY_E_NOTFOUND) {
		asy_store_close(s);
		return 0;
	}
	ck_ok(st, err);
	ck_ok(asy_store_submissions(s, 1, see_submission, &f, &err), err);
	st = asy_store_records(s, 2, 0, see_record, &f, &err);
	ck_assert_int_eq(st, f.records >= 9 ? ASSAY_OK : ASSAY_E_NOTFOUND);
	size_t rows = 0;
	ck_ok(asy_store_scores(s, 1, count_row, &rows, &err), err);
	ck_assert_uint_eq(rows, f.records >= 7);
	asy_buf state = {0};
	asy_snapshot_info info;
	st = asy_store_snapshot_get(s, &info, &state, &err);
	ck_assert_int_eq(st, f.records >= 8 ? ASSAY_OK : ASSAY_E_NOTFOUND);
	asy_buf_fini(&state);
	asy_store_close(s);
	ck_assert(f.responses == 0 || f.responses == 3);
	if (f.last == ASY_REC_END)
		return STEPS;
	for (uint32_t i = 0; i < ASY_COUNT(records_after); i++) {
		if (records_after[i] == f.records && i < 8) {
			ck_assert_int_eq(f.state, 0);
			return i + 1;
		}
	}
	ck_assert_uint_eq(f.records, 11);
	ck_assert_int_ge(f.state, ASY_SUB_SEALED);
	return 8 + (uint32_t)f.state;
}

static int run_child(const char *dir, const char *vfs, uint32_t from,
					 void (*arm)(asy_store_faults *, uint64_t), uint64_t at)
{
	shared->promised = from;
	shared->points = 0;
	(void)fflush(NULL);
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		assay_err err = {0};
		asy_store *s = NULL;
		asy_store_faults *knobs = NULL;
		if (vfs != NULL && asy_store_fault_vfs(&knobs, &err) != ASSAY_OK)
			_exit(90);
		if (arm != NULL)
			arm(knobs, at);
		if (asy_store_open(
				&(asy_store_options){.dir = dir, .vfs = vfs, .kill_point = count_and_die}, &s,
				&err) != ASSAY_OK)
			_exit(err.status == ASSAY_E_IO || err.status == ASSAY_E_STORE ? 1 : 91);
		for (uint32_t i = from; i < STEPS; i++) {
			if (step(s, i, &err) != ASSAY_OK)
				_exit(err.status == ASSAY_E_IO || err.status == ASSAY_E_STORE ? 1 : 92);
			shared->promised = i + 1;
		}
		asy_store_close(s);
		_exit(0);
	}
	int status = 0;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		ck_assert_int_eq(WTERMSIG(status), SIGKILL);
		return -1;
	}
	ck_assert_int_le(WEXITSTATUS(status), 1);
	return WEXITSTATUS(status);
}

START_TEST(test_kill_when_at_any_commit_then_promises_hold_and_the_rest_can_be_done)
{
	char dir[64];
	scratch_make(dir);
	uint32_t deaths = 0;
	for (die_at = 1;; die_at++, deaths++) {
		scratch_empty(dir);
		int end = run_child(dir, NULL, 0, NULL, 0);
		uint32_t points = shared->points, promised = shared->promised, have = count_steps(dir);
		if (end == 0)
			break;
		ck_assert_int_eq(end, -1);
		/* odd points are before a commit, even ones after it */
		ck_assert_uint_eq(have, points / 2);
		ck_assert_uint_ge(have, promised);
		/* carry on from what is there, as resume does */
		uint32_t keep = die_at;
		die_at = 0;
		ck_assert_int_eq(run_child(dir, NULL, have, NULL, 0), 0);
		ck_assert_uint_eq(count_steps(dir), STEPS);
		die_at = keep;
	}
	ck_assert_uint_eq(deaths, 2 * STEPS);
	scratch_remove(dir);
}
END_TEST

static void arm_crash_write(asy_store_faults *k, uint64_t at)
{
	k->crash_write = at;
}
static void arm_crash_sync(asy_store_faults *k, uint64_t at)
{
	k->crash_sync = at;
}
static void arm_short_write(asy_store_faults *k, uint64_t at)
{
	k->short_write = at;
}
static void arm_sync_fail(asy_store_faults *k, uint64_t at)
{
	k->sync_fail = at;
}
static void arm_full(asy_store_faults *k, uint64_t at)
{
	k->full = true;
	k->full_after = at * 4096;
}

/* Every n-th write or fsync in turn, until a whole round gets through. */
static uint32_t sweep(void (*arm)(asy_store_faults *, uint64_t), uint64_t stride)
{
	char dir[64];
	scratch_make(dir);
	uint32_t faults = 0;
	die_at = 0;
	for (uint64_t at = 1;; at += stride, faults++) {
		scratch_empty(dir);
		ck_assert_uint_lt(at, 5000);
		int end = run_child(dir, "assay-fault", 0, arm, at);
		uint32_t promised = shared->promised, have = count_steps(dir);
		ck_assert_uint_ge(have, promised);
		/* a commit whose fsync failed may or may not be there: at most that one */
		ck_assert_uint_le(have, promised + 1);
		if (end == 0)
			break;
	}
	scratch_remove(dir);
	return faults;
}

START_TEST(test_kill_when_at_any_write_then_no_promise_is_lost)
{
	ck_assert_uint_gt(sweep(arm_crash_write, 3), 10);
}
END_TEST
START_TEST(test_kill_when_at_any_fsync_then_no_promise_is_lost)
{
	ck_assert_uint_gt(sweep(arm_crash_sync, 1), STEPS);
}
END_TEST
START_TEST(test_write_when_cut_short_then_an_error_and_no_promise_is_lost)
{
	ck_assert_uint_gt(sweep(arm_short_write, 3), 10);
}
END_TEST
START_TEST(test_fsync_when_it_fails_then_an_error_and_no_promise_is_lost)
{
	ck_assert_uint_gt(sweep(arm_sync_fail, 1), STEPS);
}
END_TEST
START_TEST(test_disk_when_full_then_an_error_and_no_promise_is_lost)
{
	ck_assert_uint_gt(sweep(arm_full, 2), 10);
}
END_TEST

START_TEST(test_disk_when_full_then_says_so_and_works_again_once_there_is_room)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store_faults *knobs = NULL;
	asy_store *s = NULL;
	uint64_t r = 0;
	ck_ok(asy_store_fault_vfs(&knobs, &err), err);
	ck_ok(asy_store_open(&(asy_store_options){.dir = dir, .vfs = "assay-fault"}, &s, &err), err);
	ck_ok(asy_store_round_begin(s, NS, asy_span_str("b"), &r, &err), err);
	knobs->full = true;
	knobs->full_after = 0;
	ck_assert_int_eq(put_rec(s, r, ASY_REC_SCORES, "x", &err), ASSAY_E_IO);
	ck_assert_ptr_nonnull(strstr(err.msg, "disk is full"));
	knobs->full = false;
	ck_ok(put_rec(s, r, ASY_REC_SCORES, "x", &err), err);
	/* after a failed fsync nothing can be believed any more */
	knobs->sync_fail = 1;
	ck_assert_int_eq(put_rec(s, r, ASY_REC_TRACK, "x", &err), ASSAY_E_IO);
	ck_assert_int_eq(put_rec(s, r, ASY_REC_TRACK, "x", &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "restart"));
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_kill_when_at_any_commit_then_promises_hold_and_the_rest_can_be_done);
	tcase_add_test(tc, test_kill_when_at_any_write_then_no_promise_is_lost);
	tcase_add_test(tc, test_kill_when_at_any_fsync_then_no_promise_is_lost);
	tcase_add_test(tc, test_write_when_cut_short_then_an_error_and_no_promise_is_lost);
	tcase_add_test(tc, test_fsync_when_it_fails_then_an_error_and_no_promise_is_lost);
	tcase_add_test(tc, test_disk_when_full_then_an_error_and_no_promise_is_lost);
	tcase_add_test(tc, test_disk_when_full_then_says_so_and_works_again_once_there_is_room);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return EXIT_FAILURE;
	return test_main("store_crash", fill, 100);
}
