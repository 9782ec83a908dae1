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
	ck_assert_uint_eq(count_rows(dir, "blob_use"), 3);
	ck_assert_int_eq(asy_store_blob_put(s, 99, text("x"), again, &err), ASSAY_E_NOTFOUND);
	ck_assert_uint_eq(count_rows(dir, "blob"), 2);
	asy_round_info info[2];
	size_t n;
	ck_ok(asy_store_rounds(s, 0, info, 2, &n, &err), err);
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
		asy_forecast_row row = {begin(s), 5, 9, text("{\"x\":1}")};
		ck_ok(asy_store_forecast_put(s, &row, &err), err);
		ck_ok(asy_store_forecast_put(s, &row, &err), err); /* the same again */
		add(s, row.round, ASY_REC_END, "{}");
	}
	ck_ok(asy_store_prune(s, 1, 0, NULL, &err), err);
	ck_ok(asy_store_forecasts(s, 0, on_forecast, &t, &err), err);
	ck_assert_uint_eq(t.n, 3);
	ck_assert_uint_eq(t.round[0], 3);
	t.n = 0;
	ck_ok(asy_store_forecasts(s, 2, on_forecast, &t, &err), err);
	ck_assert_uint_eq(t.n, 2);
	asy_forecast_row none = {77, 1, 2, text("{}")};
	ck_assert_int_eq(asy_store_forecast_put(s, &none, &err), ASSAY_E_NOTFOUND);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

/* ---- a database that version 1 wrote ---- */

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
	for (uint64_t round = 1; round <= 3; round++)
		ck_ok(asy_store_records(s, round, 0, on_digest, &d, &err), err);
	return d;
}

START_TEST(test_open_when_version_1_wrote_it_then_migrates_and_loses_nothing)
{
	static const char *const v1 = ASSAY_SOURCE_DIR "/tests/golden/store/v1.db";
	char dir[64], command[512];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = NULL;
	asy_round_info open[8];
	uint8_t digest[32];
	size_t n;
	told t = {.n = 0};
	/* read as it is */
	ck_ok(asy_store_open_bundle(v1, &s, &err), err);
	digests before = all_records(s);
	ck_assert_uint_eq(before.n, 63);
	ck_ok(asy_store_forecasts(s, 0, on_forecast, &t, &err), err);
	ck_assert_uint_eq(t.n, 0);
	asy_store_close(s);
	/* exported: the bundle is of today's version */
	(void)snprintf(command, sizeof command, "cp '%s' '%s/assay.db'", v1, dir);
	ck_assert_int_eq(system(command), 0);
	(void)snprintf(command, sizeof command, "%s/bundle", dir);
	ck_ok(asy_store_open(&(asy_store_options){.dir = dir, .read_only = true}, &s, &err), err);
	ck_ok(asy_store_export(s, 1, command, &err), err);
	asy_store_close(s);
	ck_ok(asy_store_open_bundle(command, &s, &err), err);
	asy_store_close(s);
	/* migrated: everything is there, and what is new works */
	s = scratch_open(dir);
	digests after = all_records(s);
	ck_assert_uint_eq(after.n, before.n);
	ck_assert_mem_eq(after.digest, before.digest, before.n * 32);
	ck_ok(asy_store_unfinished(s, 0, open, ASY_COUNT(open), &n, &err), err);
	ck_assert_uint_eq(n, 2);
	ck_ok(asy_store_blob_put(s, 2, text("x"), digest, &err), err);
	add(s, 2, ASY_REC_END, "{}");
	asy_store_close(s);
	asy_store_close(scratch_open(dir)); /* and again */
	scratch_remove(dir);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_blob_when_two_rounds_use_it_then_kept_once_and_as_long_as_one_of_them);
	tcase_add_test(tc, test_forecasts_when_rounds_are_pruned_then_stay_newest_first);
	tcase_add_test(tc, test_open_when_version_1_wrote_it_then_migrates_and_loses_nothing);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("store_history", fill, 30);
}
