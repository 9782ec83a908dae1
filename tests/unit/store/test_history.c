/* What outlives a round: blobs, the history of forecasts, and data of older versions. */
#include <sqlite3.h>
#include "crypto/crypto.h"
#include "scratch.h"

#define NS UINT64_C(1700000000000000000)

static assay_span text(const char *s)
{
	return asy_span_str(s);
}

static uint64_t begin(asy_store *s)
{
	assay_err err = {0};
	uint64_t id = 0;
	ck_ok(asy_store_round_begin(s, NS, text("begin"), &id, &err), err);
	return id;
}

static void add(asy_store *s, uint64_t round, asy_rec_type type, const char *payload)
{
	assay_err err = {0};
	const asy_rec_in rec = {type, text(payload)};
	ck_ok(asy_store_append(s, round, NS + 1, &rec, 1, NULL, &err), err);
}

/* Sends raw SQL to the closed store, as a vandal or another tool would. */
static void tamper(const char *dir, const char *sql)
{
	char path[128];
	sqlite3 *db = NULL;
	(void)snprintf(path, sizeof path, "%s/assay.db", dir);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	char *said = NULL;
	int rc = sqlite3_exec(db, sql, NULL, NULL, &said);
	ck_assert_msg(rc == SQLITE_OK, "%s", said);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* ---- blobs and forecasts ---- */

static size_t count_rows(const char *dir, const char *table)
{
	char path[128], sql[64];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	(void)snprintf(path, sizeof path, "%s/assay.db", dir);
	(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
	size_t n = (size_t)sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return n;
}

START_TEST(test_blob_when_two_rounds_use_it_then_kept_once_and_as_long_as_one_of_them)
{
	char dir[64];
	scratch_make(dir);
	asy_store *s = scratch_open(dir);
	assay_err err = {0};
	uint8_t shared[32], other[32], again[32];
	asy_buf out = {0};
	uint64_t a = begin(s), b = begin(s);
	ck_ok(asy_store_blob_put(s, a, text("memory"), shared, &err), err);
	ck_ok(asy_store_blob_put(s, b, text("memory"), again, &err), err);
	ck_ok(asy_store_blob_put(s, b, text("memory"), again, &err), err);
	ck_ok(asy_store_blob_put(s, a, text("only a's"), other, &err), err);
	ck_assert_mem_eq(shared, again, 32);
	ck_assert_uint_eq(count_rows(dir, "blob"), 2);
	ck_assert_uint_eq(count_rows(dir, "story_blob"), 3);
	ck_assert_int_eq(asy_store_blob_put(s, 99, text("x"), again, &err), ASSAY_E_NOTFOUND);
	ck_assert_uint_eq(count_rows(dir, "blob"), 2);
	asy_story_info info[2];
	size_t n;
	ck_ok(asy_store_stories(s, ASY_STORY_ROUND, 0, info, 2, &n, &err), err);
	ck_assert_uint_eq(info[0].bytes, strlen("begin") + strlen("memory") + strlen("only a's"));
	ck_assert_uint_eq(info[1].bytes, strlen("begin") + strlen("memory"));
	add(s, a, ASY_REC_END, "{}");
	add(s, b, ASY_REC_END, "{}");
	ck_ok(asy_store_prune(s, 1, 0, NULL, &err), err);
	ck_ok(asy_store_blob_get(s, shared, &out, &err), err);
	ck_assert(asy_span_eq(asy_buf_span(&out), text("memory")));
	ck_assert_int_eq(asy_store_blob_get(s, other, &out, &err), ASSAY_E_NOTFOUND);
	asy_buf_fini(&out);
	asy_store_close(s);
	tamper(dir, "UPDATE blob SET bytes = x'00'");
	s = scratch_open(dir);
	ck_assert_int_eq(asy_store_blob_get(s, shared, &out, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "do not match"));
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

typedef struct {
	uint64_t round[8];
	size_t n;
} told;

static assay_status on_forecast(void *arg, const asy_forecast_row *row, assay_err *err)
{
	told *t = arg;
	(void)err;
	ck_assert(asy_span_eq(row->outcome, text("{\"x\":1}")));
	t->round[t->n++] = row->round;
	ck_assert_uint_eq(row->submission, row->round + 1);
	return ASSAY_OK;
}

START_TEST(test_forecasts_when_rounds_are_pruned_then_stay_newest_first)
{
	char dir[64];
	scratch_make(dir);
	asy_store *s = scratch_open(dir);
	assay_err err = {0};
	told t = {.n = 0};
	for (int i = 0; i < 3; i++) {
		const asy_sub_row sub = {.round = begin(s)};
		asy_forecast_row row = {.made_at = 5, .counted_at = 9, .outcome = text("{\"x\":1}")};
		ck_ok(asy_store_submission_begin(s, &sub, 1, 7, text("w"), &row.submission, &err), err);
		ck_ok(asy_store_forecast_put(s, &row, &err), err);
		ck_ok(asy_store_forecast_put(s, &row, &err), err); /* the same again */
		add(s, row.submission, ASY_REC_END, "{}");
	}
	ck_ok(asy_store_prune(s, 1, 0, NULL, &err), err);
	ck_ok(asy_store_forecasts(s, 0, on_forecast, &t, &err), err);
	ck_assert_uint_eq(t.n, 3);
	ck_assert_uint_eq(t.round[0], 5);
	t.n = 0;
	ck_ok(asy_store_forecasts(s, 2, on_forecast, &t, &err), err);
	ck_assert_uint_eq(t.n, 2);
	asy_forecast_row none = {77, 1, 2, text("{}"), 0};
	ck_assert_int_eq(asy_store_forecast_put(s, &none, &err), ASSAY_E_NOTFOUND);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

/* ---- databases that older versions wrote ---- */

static assay_status count_forecast(void *arg, const asy_forecast_row *row, assay_err *err)
{
	(void)row;
	(void)err;
	((told *)arg)->n++;
	return ASSAY_OK;
}

typedef struct {
	uint8_t digest[256][32];
	size_t n;
} digests;

static assay_status on_digest(void *arg, const asy_rec *r, assay_err *err)
{
	digests *d = arg;
	(void)err;
	ck_assert_uint_lt(d->n, ASY_COUNT(d->digest));
	memcpy(d->digest[d->n++], r->digest, 32);
	return ASSAY_OK;
}

static digests all_records(asy_store *s)
{
	digests d = {.n = 0};
	assay_err err = {0};
	for (uint64_t id = 1; id <= 6; id++)
		ck_ok(asy_store_records(s, id, 0, on_digest, &d, &err), err);
	return d;
}

/* What older data becomes: rounds 1 to 3, and the vector of each as a story of its own. */
static void check_stories(asy_store *s, size_t records_n)
{
	asy_story_info info[8];
	size_t n = 0;
	assay_err err = {0};
	ck_assert_uint_eq(all_records(s).n, records_n);
	ck_ok(asy_store_stories(s, ASY_STORY_ROUND, 0, info, ASY_COUNT(info), &n, &err), err);
	ck_assert_uint_eq(n, 3);
	for (size_t i = 0; i < n; i++) {
		ck_assert(info[i].finished);
		ck_assert_int_eq(info[i].last, ASY_REC_END);
		ck_assert_uint_eq(info[i].version, i + 1);
	}
	ck_ok(asy_store_stories(s, ASY_STORY_SUBMISSION, 0, info, ASY_COUNT(info), &n, &err), err);
	ck_assert_uint_eq(n, 3);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(info[i].id, i + 4);
		ck_assert_uint_eq(info[i].version, i + 1);
		ck_assert_int_eq(info[i].finished, i == 0);
	}
}

static void open_old(const char *name, size_t records_n, size_t forecasts_n)
{
	char dir[64], path[512], command[1100];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = NULL;
	asy_story_info open[8];
	uint8_t digest[32];
	size_t n;
	told t = {.n = 0};
	(void)snprintf(path, sizeof path, ASSAY_SOURCE_DIR "/tests/golden/store/%s", name);
	/* read as it is */
	ck_ok(asy_store_open_bundle(path, &s, &err), err);
	check_stories(s, records_n);
	digests before = all_records(s);
	ck_ok(asy_store_forecasts(s, 0, count_forecast, &t, &err), err);
	ck_assert_uint_eq(t.n, forecasts_n);
	asy_store_close(s);
	/* exported: the bundle is of today's version, and what is read stays as it is */
	(void)snprintf(command, sizeof command, "cp '%s' '%s/assay.db'", path, dir);
	ck_assert_int_eq(system(command), 0);
	(void)snprintf(command, sizeof command, "%s/bundle", dir);
	ck_ok(asy_store_open(&(asy_store_options){.dir = dir, .read_only = true}, &s, &err), err);
	ck_ok(asy_store_export(s, 1, command, &err), err);
	asy_store_close(s);
	ck_ok(asy_store_open_bundle(command, &s, &err), err);
	asy_store_close(s);
	(void)snprintf(command, sizeof command, "cmp '%s' '%s/assay.db'", path, dir);
	ck_assert_int_eq(system(command), 0);
	/* migrated: everything is there, and what is new works */
	s = scratch_open(dir);
	check_stories(s, records_n);
	digests after = all_records(s);
	ck_assert_mem_eq(after.digest, before.digest, before.n * 32);
	ck_ok(asy_store_unfinished(s, ASY_STORY_SUBMISSION, 0, open, ASY_COUNT(open), &n, &err), err);
	ck_assert_uint_eq(n, 2);
	ck_ok(asy_store_blob_put(s, 5, text("x"), digest, &err), err);
	add(s, 5, ASY_REC_END, "{}");
	ck_assert_uint_eq(begin(s), 7);
	asy_store_close(s);
	asy_store_close(scratch_open(dir)); /* and again */
	scratch_remove(dir);
}

/* Each round's first half has an END of its own: three more than there were. */
START_TEST(test_open_when_version_1_wrote_it_then_migrates_and_loses_nothing)
{
	open_old("v1.db", 63 + 3, 0);
}
END_TEST

START_TEST(test_open_when_version_2_wrote_it_then_migrates_and_loses_nothing)
{
	open_old("v2.db", 62 + 3, 1);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_blob_when_two_rounds_use_it_then_kept_once_and_as_long_as_one_of_them);
	tcase_add_test(tc, test_forecasts_when_rounds_are_pruned_then_stay_newest_first);
	tcase_add_test(tc, test_open_when_version_1_wrote_it_then_migrates_and_loses_nothing);
	tcase_add_test(tc, test_open_when_version_2_wrote_it_then_migrates_and_loses_nothing);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("store_history", fill, 30);
}
