/* Starting again: with damaged records, under another configuration, with data of an
 * older version. */
#include <sqlite3.h>
#include "unit/round/story.h"

static void tamper(const story *s, const char *sql)
{
	char path[128], *said = NULL;
	sqlite3 *db = NULL;
	(void)snprintf(path, sizeof path, "%s/assay.db", s->dir);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	int rc = sqlite3_exec(db, sql, NULL, NULL, &said);
	ck_assert_msg(rc == SQLITE_OK, "%s", said);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* The newest round that is not finished, and its last record. */
static asy_round_info open_round(story *s)
{
	asy_round_info info[8];
	size_t n;
	assay_err e = {0};
	ck_ok(asy_store_unfinished(s->store, 0, info, ASY_COUNT(info), &n, &e), e);
	ck_assert_uint_ge(n, 1);
	return info[0];
}

static bool has_record(const story *s, uint64_t round, asy_rec_type type)
{
	char path[128], sql[128];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	(void)snprintf(path, sizeof path, "%s/assay.db", s->dir);
	(void)snprintf(sql, sizeof sql, "SELECT 1 FROM record WHERE round = %" PRIu64 " AND type = %d",
				   round, (int)type);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	bool found = sqlite3_step(q) == SQLITE_ROW;
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return found;
}

/* ---- damage ---- */

/* Every record of a round that is on its way, one at a time: its vector still counts, and
 * so do those of the rounds after it. */
START_TEST(test_resume_when_any_record_of_a_sealed_round_is_damaged_then_all_vectors_count)
{
	static const char *const harm[] = {"UPDATE record SET payload = x'7b7d'", "DELETE FROM record"};
	static const uint64_t stops[] = {9, 15}; /* committed; in the reveal's epoch */
	for (size_t k = 0; k < ASY_COUNT(harm); k++) {
		for (int type = ASY_REC_BEGIN; type < ASY_REC_COUNTED; type++) {
			char sql[128];
			story *s = story_new(STORY_TEMPO, 1, "", "");
			s->stop_at = stops[(k + (size_t)type) % 2];
			story_until_stop(s);
			uint64_t id = open_round(s).round;
			ck_assert_uint_eq(id, 1);
			/* one gone is like one damaged: tried for each stage, not for each type */
			bool is_tried = k == 0 || type == ASY_REC_RESPONSE || type == ASY_REC_SEAL ||
							type == ASY_REC_INCLUDED;
			if (!is_tried || !has_record(s, id, (asy_rec_type)type)) {
				story_free(s);
				continue;
			}
			(void)snprintf(sql, sizeof sql, "%s WHERE round = 1 AND type = %d", harm[k], type);
			tamper(s, sql);
			s->stop_at = 100;
			story_ok(s, 1);
			ck_assert_uint_ge(story_logged(s, "round.damaged"), 1);
			story_subs x = story_submissions(s);
			ck_assert_uint_ge(x.n, 2);
			story_counted(s, x.n);
			ck_assert_msg(story_nonce(s) == 2 * x.n, "%u transactions for %zu vectors after %s",
						  story_nonce(s), x.n, sql);
			story_free(s);
		}
	}
}
END_TEST

START_TEST(test_resume_when_a_round_before_its_seal_is_damaged_then_it_ends_and_says_why)
{
	for (int type = ASY_REC_BEGIN; type <= ASY_REC_TRACK; type++) {
		char sql[128];
		asy_round_info last;
		assay_err e = {0};
		story *s = story_new(40, 1, "", "");
		s->stop_at = 4; /* folded into the memory; weights are not due yet */
		story_until_stop(s);
		ck_assert_int_eq(open_round(s).last, ASY_REC_TRACK);
		(void)snprintf(sql, sizeof sql,
					   "UPDATE record SET digest = x'00' WHERE round = 1 AND type = %d", type);
		tamper(s, sql);
		s->stop_at = 200;
		story_ok(s, 1);
		ck_assert_uint_eq(story_logged(s, "reason=\"a damaged record"), 1);
		story_counted(s, 1);
		ck_ok(asy_store_last_round(s->store, &last, &e), e);
		ck_assert_uint_eq(last.round, 2);
		ck_assert_int_eq(last.last, ASY_REC_END);
		ck_assert(has_record(s, 1, ASY_REC_END));
		story_free(s);
	}
}
END_TEST

/* ---- another configuration, another plugin ---- */

static asy_round *at_phase(asy_phase p, const char *config)
{
	assay_err e = {0};
	asy_round *r;
	ck_ok(asy_round_new(1, &r, &e), e);
	r->phase = p;
	r->begin.config = asy_span_str(config);
	r->begin.plugin_id = "org.assay.test";
	r->begin.plugin_version = "1.0.0";
	r->begin.plugin_file[0] = 1;
	return r;
}

START_TEST(test_may_go_on_when_what_it_needs_changed_then_no_and_says_what)
{
	static const char *const was =
		"{\"chain\":{\"a\":1},\"dataset\":{\"a\":1},\"log\":{\"a\":1},\"plugin\":{\"a\":1},"
		"\"query\":{\"a\":1},\"round\":{\"a\":1},\"store\":{\"a\":1},\"submit\":{\"a\":1},"
		"\"tracker\":{\"a\":1},\"weights\":{\"a\":1}}";
	static const struct {
		const char *section;
		int last; /* phase in which it still matters; -1: never */
	} cases[] = {
		{"dataset", ASY_PHASE_BEGUN},
		{"round", ASY_PHASE_BEGUN},
		{"query", ASY_PHASE_ASKING},
		{"plugin", ASY_PHASE_ASKED},
		{"tracker", ASY_PHASE_TRACKED},
		{"weights", ASY_PHASE_TRACKED},
		{"chain", -1},
		{"log", -1},
		{"store", -1},
		{"submit", -1},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		char now_text[512], mark[64], why[256];
		(void)snprintf(mark, sizeof mark, "\"%s\":{\"a\":1}", cases[i].section);
		const char *at = strstr(was, mark);
		ck_assert_ptr_nonnull(at);
		(void)snprintf(now_text, sizeof now_text, "%.*s\"%s\":{\"a\":2}%s", (int)(at - was), was,
					   cases[i].section, at + strlen(mark));
		for (int p = ASY_PHASE_BEGUN; p < ASY_PHASE_ENDED; p++) {
			asy_round *r = at_phase((asy_phase)p, was);
			asy_begin_record now = {.config = asy_span_str(now_text), .plugin_file = {1}};
			why[0] = '\0';
			bool may = asy_resume_may_go_on(r, &now, why, sizeof why);
			ck_assert_msg(may == (p > cases[i].last), "%s in phase %s", cases[i].section,
						  asy_phase_name((asy_phase)p));
			ck_assert(may || strstr(why, cases[i].section) != NULL);
			/* another file of the plugin, same configuration */
			now = (asy_begin_record){.config = asy_span_str(was), .plugin_file = {2}};
			ck_assert(asy_resume_may_go_on(r, &now, why, sizeof why) == (p > ASY_PHASE_ASKED));
			asy_round_free(r);
		}
	}
}
END_TEST

/* The whole configuration of the story with one part more. */
static void change_config(story *s, const char *more)
{
	char text[1024];
	(void)snprintf(text, sizeof text,
				   "{\"development\":true,\"netuid\":1,\"data_dir\":\"%s\",\"chain\":{"
				   "\"endpoints\":[\"http://127.0.0.1:1\"]},\"wallet\":{\"dev_uri\":\"//V0\"},"
				   "\"plugin\":{\"path\":\"x.so\"},\"submit\":{\"lead_blocks\":5,"
				   "\"jitter_blocks\":0},\"round\":{\"period_ms\":0,\"challenges_per_round\":2},"
				   "\"query\":{\"allow_private\":true}%s}",
				   s->dir, more);
	story_config(s, text);
}

START_TEST(test_resume_when_the_configuration_changed_then_not_weighed_under_the_old_digest)
{
	static const struct {
		const char *more;
		size_t abandoned;
	} cases[] = {{",\"weights\":{\"power\":2.0}", 1},
				 {",\"tracker\":{\"half_life_s\":60}", 1},
				 {",\"log\":{\"level\":\"debug\"}", 0},
				 {",\"store\":{\"keep_rounds\":50}", 0}};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		story *s = story_new(40, 1, "", "");
		s->stop_at = 4;
		story_until_stop(s);
		ck_assert_int_eq(open_round(s).last, ASY_REC_TRACK);
		change_config(s, cases[i].more);
		s->stop_at = 300;
		story_ok(s, 1);
		ck_assert_uint_eq(story_logged(s, "round.abandoned"), cases[i].abandoned);
		ck_assert_uint_eq(story_logged(s, "round.without_weights"), cases[i].abandoned);
		ck_assert_uint_eq(has_record(s, 1, ASY_REC_WEIGHTS), cases[i].abandoned == 0);
		story_counted(s, 2 - cases[i].abandoned);
		story_free(s);
	}
}
END_TEST

/* ---- begun by version 1, finished by this one ---- */

/* Makes a record of round 1 what version 1 would have written. */
static void as_version_1(const story *s, asy_rec_type type, const char *json)
{
	char path[128], sql[512];
	uint8_t digest[32];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL, *w = NULL;
	(void)snprintf(path, sizeof path, "%s/assay.db", s->dir);
	(void)snprintf(sql, sizeof sql,
				   "SELECT %s FROM (SELECT CAST(payload AS TEXT) AS t FROM record WHERE round = 1"
				   " AND type = %d)",
				   json, (int)type);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
	const char *text = (const char *)sqlite3_column_text(q, 0);
	asy_blake2b(text, strlen(text), digest, sizeof digest);
	(void)snprintf(sql, sizeof sql,
				   "UPDATE record SET payload = CAST(?1 AS BLOB), digest = ?2 WHERE round = 1"
				   " AND type = %d",
				   (int)type);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &w, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_text(w, 1, text, -1, SQLITE_TRANSIENT), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_blob(w, 2, digest, 32, SQLITE_STATIC), SQLITE_OK);
	(void)sqlite3_finalize(q);
	ck_assert_int_eq(sqlite3_step(w), SQLITE_DONE);
	(void)sqlite3_finalize(w);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

START_TEST(test_resume_when_version_1_sealed_it_then_this_one_reveals_and_counts_it)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->stop_at = 10; /* committed */
	story_until_stop(s);
	ck_assert(has_record(s, 1, ASY_REC_INCLUDED));
	asy_store_close(s->store);
	s->store = NULL;
	as_version_1(s, ASY_REC_TRACK, "json_remove(t, '$.before')");
	as_version_1(s, ASY_REC_WEIGHTS, "json_remove(t, '$.memory', '$.time_ns')");
	as_version_1(s, ASY_REC_PREDICT,
				 "json_set(json_remove(t, '$.band', '$.before_it', '$.last_update',"
				 " '$.snapshot_digest'), '$.snapshot', 'AAAA')");
	tamper(s, "DROP TABLE blob; DROP TABLE blob_use; DROP TABLE forecast; PRAGMA user_version=1");
	story_store(s, NULL);
	s->stop_at = 100;
	story_ok(s, 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 2);
	story_counted(s, x.n);
	ck_assert_uint_eq(story_logged(s, "round.damaged"), 0);
	/* the old forecast was for another epoch: only the new ones are held against what came */
	ck_assert_uint_eq(story_logged(s, "forecast.outcome"), x.n - 1);
	story_free(s);
}
END_TEST

/* ---- a validator without weights hears why ---- */

START_TEST(test_rules_when_the_chain_has_no_weights_of_ours_then_says_what_to_expect)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	story_ok(s, 1);
	ck_assert_uint_eq(story_logged(s, "weights.none_yet"), 1);
	ck_assert_uint_eq(story_logged(s, "weights.overdue"), 0);
	story_free(s);
	/* registered long ago, and nothing ever arrived */
	s = story_new(STORY_TEMPO, 1, "", ",\"weights\":{\"min_count\":9}");
	s->stop_at = 40;
	story_until_stop(s);
	ck_assert_uint_ge(story_logged(s, "have ever reached the chain"), 1);
	ck_assert_uint_ge(story_logged(s, "unusual round.without_weights"), 1);
	story_free(s);
}
END_TEST

static void poor(story *s, uint64_t head)
{
	if (head == 3)
		asy_lnet_write0(s->w.node->ledger->rt.state, LNET_S_STAKE_THRESHOLD, UINT64_MAX);
}

START_TEST(test_rules_when_our_stake_is_too_small_then_says_so_at_once)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = poor;
	s->stop_at = 20;
	story_until_stop(s);
	ck_assert_uint_ge(story_logged(s, "weights.not_allowed"), 1);
	ck_assert_uint_ge(story_logged(s, "below the chain's threshold"), 1);
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc,
				   test_resume_when_any_record_of_a_sealed_round_is_damaged_then_all_vectors_count);
	tcase_add_test(tc,
				   test_resume_when_a_round_before_its_seal_is_damaged_then_it_ends_and_says_why);
	tcase_add_test(tc, test_may_go_on_when_what_it_needs_changed_then_no_and_says_what);
	tcase_add_test(
		tc, test_resume_when_the_configuration_changed_then_not_weighed_under_the_old_digest);
	tcase_add_test(tc, test_resume_when_version_1_sealed_it_then_this_one_reveals_and_counts_it);
	tcase_add_test(tc, test_rules_when_the_chain_has_no_weights_of_ours_then_says_what_to_expect);
	tcase_add_test(tc, test_rules_when_our_stake_is_too_small_then_says_so_at_once);
}

int main(void)
{
	return test_main("resume", fill, 200);
}
