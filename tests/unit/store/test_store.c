/* The data directory as its users see it: lock, journal, scores, snapshots,
 * submissions, retention and bundles. */
#include <math.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

typedef struct {
	size_t n;
	asy_rec_type types[64];
	char last[64];
} seen;

static assay_status see(void *arg, const asy_rec *r, assay_err *err)
{
	seen *s = arg;
	(void)err;
	ck_assert_uint_eq(r->seq, s->n);
	ck_assert_uint_lt(s->n, 64);
	s->types[s->n++] = r->type;
	(void)snprintf(s->last, sizeof s->last, "%.*s", (int)r->payload.len,
				   (const char *)r->payload.ptr);
	return ASSAY_OK;
}

/* ---- opening ---- */

START_TEST(test_open_when_held_by_another_process_then_says_which)
{
	char dir[64];
	scratch_make(dir);
	asy_store *s = scratch_open(dir), *t = NULL;
	assay_err err = {0};
	char me[32];
	(void)snprintf(me, sizeof me, "process %ld", (long)getpid());
	ck_assert_int_eq(asy_store_open(&(asy_store_options){.dir = dir}, &t, &err), ASSAY_E_LOCKED);
	ck_assert_ptr_nonnull(strstr(err.msg, me));
	ck_assert_ptr_null(t);
	/* a reader needs no lock */
	ck_ok(asy_store_open(&(asy_store_options){.dir = dir, .read_only = true}, &t, &err), err);
	uint64_t id;
	ck_assert_int_eq(asy_store_round_begin(t, NS, text(""), &id, &err), ASSAY_E_INPUT);
	asy_store_close(t);
	asy_store_close(s);
	asy_store_close(scratch_open(dir));
	scratch_remove(dir);
}
END_TEST

START_TEST(test_open_when_newer_or_foreign_or_garbage_then_refuses_with_a_reason)
{
	char dir[64], path[128];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = NULL;
	const asy_store_options o = {.dir = dir};
	asy_store_close(scratch_open(dir));
	tamper(dir, "PRAGMA user_version = 9");
	ck_assert_int_eq(asy_store_open(&o, &s, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "newer version"));
	tamper(dir, "PRAGMA user_version = 1; PRAGMA application_id = 7");
	ck_assert_int_eq(asy_store_open(&o, &s, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "another program"));
	scratch_empty(dir);
	(void)snprintf(path, sizeof path, "%s/assay.db", dir);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 4096; i++)
		(void)fputc("garbage "[i % 8], f);
	(void)fclose(f);
	ck_assert_int_eq(asy_store_open(&o, &s, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "damaged"));
	ck_assert_int_eq(asy_store_open(&(asy_store_options){.dir = "/proc/nowhere"}, &s, &err),
					 ASSAY_E_IO);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_time_when_negative_then_refused_with_what_to_do)
{
	char dir[64];
	scratch_make(dir);
	asy_store *s = scratch_open(dir);
	assay_err err = {0};
	uint64_t id = 0, before_1970 = (uint64_t)-5000000000;
	ck_assert_int_eq(asy_store_round_begin(s, before_1970, text("x"), &id, &err), ASSAY_E_RANGE);
	ck_assert_ptr_nonnull(strstr(err.msg, "clock"));
	id = begin(s);
	asy_store_close(s);
	/* a negative number that is on disk is damage, not the year 2554 */
	tamper(dir, "UPDATE record SET time_ns = -1; UPDATE story SET begun_ns = -7");
	s = scratch_open(dir);
	seen got = {0};
	asy_story_info info;
	ck_assert_int_eq(asy_store_records(s, id, 0, see, &got, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "time_ns is -1"));
	ck_assert_int_eq(asy_store_last(s, ASY_STORY_ROUND, &info, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "begun_ns is -7"));
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_open_when_a_page_is_overwritten_then_refuses)
{
	char dir[64], path[128];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	char big[9000];
	memset(big, 'x', sizeof big);
	for (int i = 0; i < 40; i++) {
		uint64_t r = 0;
		ck_ok(asy_store_round_begin(s, NS, asy_span(big, sizeof big), &r, &err), err);
	}
	asy_store_close(s);
	(void)snprintf(path, sizeof path, "%s/assay.db", dir);
	FILE *f = fopen(path, "r+");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 4096 * 1, SEEK_SET), 0); /* the root of the round table */
	for (int i = 0; i < 4096; i++)
		(void)fputc(0x5a, f);
	(void)fclose(f);
	ck_assert_int_eq(asy_store_open(&(asy_store_options){.dir = dir}, &s, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "damaged"));
	scratch_remove(dir);
}
END_TEST

/* ---- journal ---- */

START_TEST(test_append_when_in_order_then_reads_back_in_order)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s);
	asy_rec_in many[3] = {{ASY_REC_RESPONSE, text("a")},
						  {ASY_REC_RESPONSE, text("")},
						  {ASY_REC_QUERY_END, text("q")}};
	uint32_t first = 0;
	add(s, r, ASY_REC_CHALLENGE, "c");
	ck_ok(asy_store_append(s, r, NS, many, 3, &first, &err), err);
	ck_assert_uint_eq(first, 2);
	asy_store_close(s);
	s = scratch_open(dir);
	seen got = {0};
	ck_ok(asy_store_records(s, r, 0, see, &got, &err), err);
	ck_assert_uint_eq(got.n, 5);
	ck_assert_int_eq(got.types[0], ASY_REC_BEGIN);
	ck_assert_int_eq(got.types[4], ASY_REC_QUERY_END);
	ck_assert_str_eq(got.last, "q");
	asy_story_info info[4];
	size_t n = 9;
	ck_ok(asy_store_unfinished(s, ASY_STORY_ROUND, 0, info, 4, &n, &err), err);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(info[0].id, r);
	ck_assert_uint_eq(info[0].records_n, 5);
	ck_assert_int_eq(info[0].last, ASY_REC_QUERY_END);
	add(s, r, ASY_REC_END, "");
	ck_ok(asy_store_unfinished(s, ASY_STORY_ROUND, 0, info, 4, &n, &err), err);
	ck_assert_uint_eq(n, 0);
	ck_ok(asy_store_last(s, ASY_STORY_ROUND, &info[0], &err), err);
	ck_assert(info[0].finished);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_append_when_wrong_then_refuses_and_keeps_the_journal)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s);
	const asy_rec_in begin_rec = {ASY_REC_BEGIN, text("")}, odd = {(asy_rec_type)99, text("")};
	const asy_rec_in end_first[2] = {{ASY_REC_END, text("")}, {ASY_REC_SCORES, text("")}};
	const asy_rec_in ok = {ASY_REC_SCORES, text("")};
	ck_assert_int_eq(asy_store_append(s, r, NS, &begin_rec, 1, NULL, &err), ASSAY_E_INPUT);
	ck_assert_int_eq(asy_store_append(s, r, NS, &odd, 1, NULL, &err), ASSAY_E_INPUT);
	ck_assert_int_eq(asy_store_append(s, r, NS, end_first, 2, NULL, &err), ASSAY_E_INPUT);
	ck_assert_int_eq(asy_store_append(s, r + 1, NS, &ok, 1, NULL, &err), ASSAY_E_NOTFOUND);
	ck_assert_int_eq(asy_store_append(s, r, UINT64_MAX, &ok, 1, NULL, &err), ASSAY_E_RANGE);
	ck_assert_int_eq(asy_store_append(s, r, NS, &ok, 0, NULL, &err), ASSAY_E_EMPTY);
	add(s, r, ASY_REC_END, "");
	ck_assert_int_eq(asy_store_append(s, r, NS, &ok, 1, NULL, &err), ASSAY_E_INPUT);
	seen got = {0};
	ck_ok(asy_store_records(s, r, 0, see, &got, &err), err);
	ck_assert_uint_eq(got.n, 2);
	ck_assert_int_eq(asy_store_records(s, 77, 0, see, &got, &err), ASSAY_E_NOTFOUND);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_read_when_a_payload_was_changed_then_names_the_record)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s);
	add(s, r, ASY_REC_SCORES, "honest");
	asy_store_close(s);
	tamper(dir, "UPDATE record SET payload = x'00' WHERE type = 5");
	s = scratch_open(dir);
	seen got = {0};
	ck_assert_int_eq(asy_store_records(s, r, 0, see, &got, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "record 1 (SCORES)"));
	asy_store_close(s);
	tamper(dir, "DELETE FROM record WHERE seq = 0");
	s = scratch_open(dir);
	got = (seen){0};
	ck_assert_int_eq(asy_store_records(s, r, 0, see, &got, &err), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(err.msg, "record 0 is missing"));
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

static assay_status change_inside(void *arg, const asy_rec *r, assay_err *err)
{
	const asy_rec_in rec = {ASY_REC_SCORES, {NULL, 0}};
	return asy_store_append(arg, r->story, NS, &rec, 1, NULL, err);
}

START_TEST(test_visitor_when_it_changes_the_store_then_is_refused)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s);
	ck_assert_int_eq(asy_store_records(s, r, 0, change_inside, s, &err), ASSAY_E_INPUT);
	add(s, r, ASY_REC_SCORES, "still usable");
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

/* ---- transactions ---- */

START_TEST(test_transaction_when_rolled_back_then_nothing_is_kept)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s);
	ck_ok(asy_store_begin(s, &err), err);
	ck_assert_int_eq(asy_store_begin(s, &err), ASSAY_E_INPUT);
	add(s, r, ASY_REC_SCORES, "x");
	asy_store_rollback(s);
	ck_assert_int_eq(asy_store_commit(s, &err), ASSAY_E_INPUT);
	seen got = {0};
	ck_ok(asy_store_records(s, r, 0, see, &got, &err), err);
	ck_assert_uint_eq(got.n, 1);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_transaction_when_one_call_fails_then_earlier_ones_stay)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s);
	const asy_score bad[2] = {{.uid = 1, .score = 0.5},
							  {.uid = 2, .components_n = 65, .components = &(double){0}}};
	ck_ok(asy_store_begin(s, &err), err);
	add(s, r, ASY_REC_SCORES, "x");
	ck_assert_int_eq(asy_store_scores_put(s, r, bad, 2, &err), ASSAY_E_LIMIT);
	ck_ok(asy_store_commit(s, &err), err);
	seen got = {0};
	ck_ok(asy_store_records(s, r, 0, see, &got, &err), err);
	ck_assert_uint_eq(got.n, 2);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

/* ---- scores and snapshots ---- */

static assay_status see_score(void *arg, const asy_score *row, assay_err *err)
{
	(void)err;
	asy_score *out = arg;
	if (row->uid < 2) {
		out[row->uid] = *row;
		out[row->uid].components = NULL;
	}
	if (row->uid == 1) {
		ck_assert_uint_eq(row->components_n, 2);
		ck_assert_double_eq(row->components[1], -2.5);
	}
	return ASSAY_OK;
}

START_TEST(test_scores_when_put_twice_then_the_last_counts)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s);
	const double parts[2] = {1, -2.5};
	asy_score rows[2] = {{.uid = 1, .score = 0.1, .components = parts, .components_n = 2},
						 {.uid = 0, .score = (double)NAN, .kind = 2}};
	rows[0].hotkey[5] = 7;
	ck_ok(asy_store_scores_put(s, r, rows, 2, &err), err);
	rows[0].score = 0.1 + 0.2;
	ck_ok(asy_store_scores_put(s, r, rows, 2, &err), err);
	asy_score got[2];
	ck_ok(asy_store_scores(s, r, see_score, got, &err), err);
	ck_assert(isnan(got[0].score));
	ck_assert_double_eq(got[1].score, 0.1 + 0.2);
	ck_assert_uint_eq(got[1].hotkey[5], 7);
	ck_assert_int_eq(asy_store_scores_put(s, r + 1, rows, 2, &err), ASSAY_E_NOTFOUND);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_snapshot_when_the_newest_is_damaged_then_the_one_before_is_used)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	asy_buf out = {0};
	asy_snapshot_info info;
	uint64_t made[16], folded[8];
	size_t n = 0;
	ck_assert_int_eq(asy_store_snapshot_get(s, &info, &out, &err), ASSAY_E_NOTFOUND);
	for (uint64_t i = 1; i <= 12; i++) {
		char state[8];
		made[i] = begin(s);
		(void)snprintf(state, sizeof state, "s%d", (int)i);
		ck_ok(asy_store_snapshot_put(s, made[i], 10 * i, NS, text(state), &err), err);
	}
	ck_ok(asy_store_folded(s, 30, 60, folded, 8, &n, &err), err);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(folded[0], made[4]);
	ck_assert_uint_eq(folded[2], made[6]);
	ck_ok(asy_store_folded(s, 0, 120, folded, 2, &n, &err), err); /* the newest */
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(folded[1], made[12]);
	ck_assert_int_eq(asy_store_snapshot_put(s, 99, 130, NS, text("x"), &err), ASSAY_E_NOTFOUND);
	asy_store_close(s);
	tamper(dir, "UPDATE snapshot SET state = x'ff' WHERE id = 120");
	s = scratch_open(dir);
	ck_ok(asy_store_snapshot_get(s, &info, &out, &err), err);
	ck_assert_uint_eq(info.round, made[11]);
	ck_assert_uint_eq(info.version, 110);
	ck_assert_uint_eq(info.newest, 120);
	ck_assert_uint_eq(info.damaged, 1);
	ck_assert_str_eq(asy_buf_cstr(&out), "s11");
	asy_store_close(s);
	tamper(dir, "UPDATE snapshot SET state = x'ff'");
	s = scratch_open(dir);
	/* eight are kept, so eight are damaged */
	ck_assert_int_eq(asy_store_snapshot_get(s, &info, &out, &err), ASSAY_E_STORE);
	ck_assert_uint_eq(info.damaged, 8);
	asy_buf_fini(&out);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

/* ---- submissions ---- */

/* A submission of that round, begun and sealed; its id. */
static uint64_t sealed(asy_store *s, uint64_t round, uint8_t tag)
{
	assay_err err = {0};
	asy_sub_row sub = {
		.round = round, .netuid = 3, .mecid = 1, .scheme = ASY_SCHEME_HASH, .secret = text("salt")};
	ck_ok(asy_store_submission_begin(s, &sub, round, NS, text("row"), &sub.id, &err), err);
	sub.hash[0] = tag;
	ck_ok(asy_store_submission_seal(s, &sub, NS, &err), err);
	return sub.id;
}

typedef struct {
	size_t n;
	asy_sub_row last;
	char secret[16];
} subs;

static assay_status see_sub(void *arg, const asy_sub_row *sub, assay_err *err)
{
	subs *s = arg;
	(void)err;
	s->n++;
	s->last = *sub;
	(void)snprintf(s->secret, sizeof s->secret, "%.*s", (int)sub->secret.len,
				   (const char *)sub->secret.ptr);
	return ASSAY_OK;
}

static assay_status count_receipt(void *arg, const asy_receipt *r, assay_err *err)
{
	(void)err;
	ck_assert_uint_gt(r->bytes.len, 0);
	++*(size_t *)arg;
	return ASSAY_OK;
}

START_TEST(test_submission_when_begun_then_a_story_of_its_own_that_is_sealed_once_or_anew)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s), id = 0;
	asy_sub_row sub = {.round = r, .netuid = 3, .mecid = 1};
	asy_story_info info;
	subs got = {0};
	seen rec = {0};
	ck_ok(asy_store_submission_begin(s, &sub, 7, NS, text("row"), &id, &err), err);
	ck_assert_uint_gt(id, r);
	ck_ok(asy_store_last(s, ASY_STORY_SUBMISSION, &info, &err), err);
	ck_assert_uint_eq(info.id, id);
	ck_assert_uint_eq(info.version, 7);
	ck_assert_int_eq(info.last, ASY_REC_WEIGHTS);
	ck_ok(asy_store_records(s, id, 0, see, &rec, &err), err);
	ck_assert_uint_eq(rec.n, 1);
	ck_ok(asy_store_submission(s, id, see_sub, &got, &err), err);
	ck_assert(!got.last.is_sealed);
	ck_assert_int_eq(got.last.state, ASY_SUB_WEIGHED);
	/* sealed, and anew while nothing of it is in a block */
	sub.id = id;
	sub.secret = text("salt");
	sub.hash[0] = 1;
	ck_ok(asy_store_submission_seal(s, &sub, NS, &err), err);
	ck_ok(asy_store_submission_move(s, id, ASY_SUB_SUBMITTED, NS, text("r1"), &err), err);
	sub.secret = text("other");
	sub.hash[0] = 2;
	ck_ok(asy_store_submission_seal(s, &sub, NS, &err), err);
	ck_ok(asy_store_submission(s, id, see_sub, &got, &err), err);
	ck_assert_str_eq(got.secret, "other");
	ck_assert_int_eq(got.last.state, ASY_SUB_SEALED);
	ck_ok(asy_store_submission_move(s, id, ASY_SUB_INCLUDED, NS, text("i"), &err), err);
	ck_assert_int_eq(asy_store_submission_seal(s, &sub, NS, &err), ASSAY_E_MISMATCH);
	/* a commitment belongs to one submission */
	asy_sub_row twin = sub;
	ck_ok(asy_store_submission_begin(s, &twin, 8, NS, text("row"), &twin.id, &err), err);
	ck_assert_int_eq(asy_store_submission_seal(s, &twin, NS, &err), ASSAY_E_INPUT);
	ck_assert_int_eq(asy_store_submission(s, 99, see_sub, &got, &err), ASSAY_E_NOTFOUND);
	sub.round = r + 90;
	ck_assert_int_ne(asy_store_submission_begin(s, &sub, 8, NS, text("row"), &id, &err), ASSAY_OK);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_submission_when_moved_then_only_forward_and_every_receipt_stays)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t r = begin(s), id = sealed(s, r, 1);
	size_t receipts = 0;
	ck_ok(asy_store_submission_move(s, id, ASY_SUB_INCLUDED, NS, text("i"), &err), err);
	ck_ok(asy_store_submission_move(s, id, ASY_SUB_INCLUDED, NS, text("i2"), &err), err);
	ck_assert_int_eq(asy_store_submission_move(s, id, ASY_SUB_SUBMITTED, NS, text("x"), &err),
					 ASSAY_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(err.msg, "is included and cannot become submitted"));
	ck_ok(asy_store_submission_retract(s, id, NS, text("reorg"), &err), err);
	ck_ok(asy_store_submission_window(s, id, 5, 100, 7, 720, 1079, &err), err);
	ck_assert_int_eq(asy_store_submission_window(s, id, 0, 0, 0, 9, 8, &err), ASSAY_E_INPUT);
	subs got = {0};
	ck_ok(asy_store_submissions(s, 0, see_sub, &got, &err), err);
	ck_assert_int_eq(got.last.state, ASY_SUB_SEALED);
	ck_assert_uint_eq(got.last.commit_epoch, 5);
	ck_assert_uint_eq(got.last.commit_block, 100);
	ck_assert_uint_eq(got.last.reveal_last, 1079);
	ck_ok(asy_store_submission_move(s, id, ASY_SUB_REVEAL_SUBMITTED, NS, text("v"), &err), err);
	ck_ok(asy_store_submission_retract(s, id, NS, text("expired"), &err), err);
	ck_ok(asy_store_submission_move(s, id, ASY_SUB_COUNTED, NS, text("c"), &err), err);
	ck_assert_int_eq(asy_store_submission_move(s, id, ASY_SUB_MISSED, NS, text("x"), &err),
					 ASSAY_E_MISMATCH);
	ck_assert_int_eq(asy_store_submission_retract(s, id, NS, text("x"), &err), ASSAY_E_MISMATCH);
	ck_assert_int_eq(asy_store_submission_move(s, 99, ASY_SUB_MISSED, NS, text("x"), &err),
					 ASSAY_E_NOTFOUND);
	ck_ok(asy_store_receipts(s, id, count_receipt, &receipts, &err), err);
	ck_assert_uint_eq(receipts, 7);
	got = (subs){0};
	ck_ok(asy_store_submissions(s, r, see_sub, &got, &err), err);
	ck_assert_uint_eq(got.n, 1);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

/* ---- retention and bundles ---- */

START_TEST(test_prune_when_over_the_bounds_then_spares_what_a_restart_needs)
{
	char dir[64];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir);
	uint64_t ids[6], sub_id = 0, pruned = 0;
	for (int i = 0; i < 6; i++) {
		ids[i] = begin(s);
		add(s, ids[i], ASY_REC_RESPONSE, "0123456789");
	}
	sub_id = sealed(s, ids[0], 1);
	for (int i = 0; i < 5; i++)
		add(s, ids[i], ASY_REC_END, "");
	ck_ok(asy_store_prune(s, 2, 0, &pruned, &err), err);
	ck_assert_uint_eq(pruned, 3);
	asy_story_info info[8];
	size_t n = 0;
	ck_ok(asy_store_stories(s, ASY_STORY_ROUND, 0, info, 8, &n, &err), err);
	ck_assert_uint_eq(n, 6);
	const bool gone[6] = {false, true, true, true, false, false};
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(info[i].pruned, gone[i]);
	seen got = {0};
	ck_assert_int_eq(asy_store_records(s, ids[1], 0, see, &got, &err), ASSAY_E_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err.msg, "were pruned"));
	ck_assert_uint_eq(info[1].records_n, 3);
	ck_assert_mem_ne(info[1].digest, info[4].digest, 32);
	/* by bytes: the one with an open submission stays even then */
	ck_ok(asy_store_prune(s, 0, 1, &pruned, &err), err);
	ck_assert_uint_eq(pruned, 1);
	ck_ok(asy_store_submission_move(s, sub_id, ASY_SUB_MISSED, NS, text("late"), &err), err);
	add(s, sub_id, ASY_REC_END, "");
	ck_ok(asy_store_prune(s, 0, 1, &pruned, &err), err);
	ck_assert_uint_eq(pruned, 2);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_export_when_the_row_is_still_sealed_then_refuses)
{
	char dir[64], path[128];
	scratch_make(dir);
	assay_err err = {0};
	asy_store *s = scratch_open(dir), *b = NULL;
	uint64_t r = begin(s), open_round = begin(s), unsent = begin(s);
	ck_ok(asy_store_snapshot_put(s, r, r, NS, text("m"), &err), err);
	ck_ok(asy_store_snapshot_put(s, open_round, open_round, NS, text("m"), &err), err);
	ck_ok(asy_store_snapshot_put(s, unsent, unsent, NS, text("m"), &err), err);
	add(s, r, ASY_REC_END, "");
	add(s, open_round, ASY_REC_END, "");
	add(s, unsent, ASY_REC_END, "");
	uint64_t id = sealed(s, r, 1), other = sealed(s, open_round, 2);
	ck_ok(asy_store_submission_move(s, id, ASY_SUB_REVEALED, NS, text("v"), &err), err);
	(void)snprintf(path, sizeof path, "%s/bundle.assay", dir);
	ck_assert_int_eq(asy_store_export(s, open_round, path, &err), ASSAY_E_REFUSED);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(asy_store_export(s, 99, path, &err), ASSAY_E_NOTFOUND);
	ck_assert_int_eq(asy_store_export(s, id, path, &err), ASSAY_E_NOTFOUND); /* no round */
	/* nor one whose scores are known while no row of them is public, or that is not over */
	ck_assert_int_eq(asy_store_export(s, unsent, path, &err), ASSAY_E_REFUSED);
	uint64_t unfinished = begin(s);
	ck_assert_int_eq(asy_store_export(s, unfinished, path, &err), ASSAY_E_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.msg, "not finished"));
	for (uint64_t which = 0; which <= r; which += r) {
		ck_ok(asy_store_export(s, which, path, &err), err);
		ck_ok(asy_store_open_bundle(path, &b, &err), err);
		seen got = {0};
		ck_ok(asy_store_records(b, r, 0, see, &got, &err), err);
		ck_assert_uint_eq(got.n, 2);
		ck_assert_int_eq(asy_store_records(b, open_round, 0, see, &got, &err), ASSAY_E_NOTFOUND);
		ck_assert_int_eq(asy_store_records(b, other, 0, see, &got, &err), ASSAY_E_NOTFOUND);
		got = (seen){0};
		ck_ok(asy_store_records(b, id, 0, see, &got, &err), err);
		subs in = {0};
		ck_ok(asy_store_submissions(b, 0, see_sub, &in, &err), err);
		ck_assert_uint_eq(in.n, 1);
		uint64_t never;
		ck_assert_int_eq(asy_store_round_begin(b, NS, text(""), &never, &err), ASSAY_E_INPUT);
		asy_store_close(b);
	}
	ck_assert_int_eq(asy_store_open_bundle("/nowhere", &b, &err), ASSAY_E_NOTFOUND);
	ck_assert_int_eq(asy_store_open_bundle("/etc/passwd", &b, &err), ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "is not a bundle"));
	ck_assert_int_ne(asy_store_export(s, r, "/nowhere/b", &err), ASSAY_OK);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_names_when_asked_then_every_type_and_state_has_one)
{
	for (int t = ASY_REC_BEGIN; t <= ASY_REC_END; t++)
		ck_assert_str_ne(asy_rec_name((asy_rec_type)t), "?");
	ck_assert_str_eq(asy_rec_name((asy_rec_type)0), "?");
	for (int t = ASY_SUB_WEIGHED; t <= ASY_SUB_UNSENT; t++)
		ck_assert_str_ne(asy_sub_name((asy_sub_state)t), "?");
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_open_when_held_by_another_process_then_says_which);
	tcase_add_test(tc, test_open_when_newer_or_foreign_or_garbage_then_refuses_with_a_reason);
	tcase_add_test(tc, test_time_when_negative_then_refused_with_what_to_do);
	tcase_add_test(tc, test_open_when_a_page_is_overwritten_then_refuses);
	tcase_add_test(tc, test_append_when_in_order_then_reads_back_in_order);
	tcase_add_test(tc, test_append_when_wrong_then_refuses_and_keeps_the_journal);
	tcase_add_test(tc, test_read_when_a_payload_was_changed_then_names_the_record);
	tcase_add_test(tc, test_visitor_when_it_changes_the_store_then_is_refused);
	tcase_add_test(tc, test_transaction_when_rolled_back_then_nothing_is_kept);
	tcase_add_test(tc, test_transaction_when_one_call_fails_then_earlier_ones_stay);
	tcase_add_test(tc, test_scores_when_put_twice_then_the_last_counts);
	tcase_add_test(tc, test_snapshot_when_the_newest_is_damaged_then_the_one_before_is_used);
	tcase_add_test(tc,
				   test_submission_when_begun_then_a_story_of_its_own_that_is_sealed_once_or_anew);
	tcase_add_test(tc, test_submission_when_moved_then_only_forward_and_every_receipt_stays);
	tcase_add_test(tc, test_prune_when_over_the_bounds_then_spares_what_a_restart_needs);
	tcase_add_test(tc, test_export_when_the_row_is_still_sealed_then_refuses);
	tcase_add_test(tc, test_names_when_asked_then_every_type_and_state_has_one);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("store", fill, 30);
}
