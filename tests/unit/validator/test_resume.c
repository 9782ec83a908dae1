/* Starting again: with damaged records, under another configuration, with data of an
 * older version. */
#include <sqlite3.h>
#include "unit/validator/story.h"

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

/* The oldest story of that kind that is not finished. */
static asy_story_info open_story(story *s, asy_story_kind kind)
{
	asy_story_info info[8];
	size_t n;
	assay_err e = {0};
	ck_ok(asy_store_unfinished(s->store, kind, 0, info, ASY_COUNT(info), &n, &e), e);
	ck_assert_msg(n >= 1, "no open %s\n%s", asy_story_kind_name(kind), story_tail(s));
	return info[0];
}

static bool has_record(const story *s, uint64_t id, asy_rec_type type)
{
	char path[128], sql[128];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	(void)snprintf(path, sizeof path, "%s/assay.db", s->dir);
	(void)snprintf(sql, sizeof sql, "SELECT 1 FROM record WHERE story = %" PRIu64 " AND type = %d",
				   id, (int)type);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	bool found = sqlite3_step(q) == SQLITE_ROW;
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return found;
}

/* ---- damage ---- */

/* Every record of a submission that is on its way, one at a time: its vector still counts,
 * and so do those after it. */
START_TEST(test_resume_when_any_record_of_a_sealed_submission_is_damaged_then_all_vectors_count)
{
	static const char *const harm[] = {"UPDATE record SET payload = x'7b7d'", "DELETE FROM record"};
	static const uint64_t stops[] = {9, 15}; /* committed; in the reveal's epoch */
	for (size_t k = 0; k < ASY_COUNT(harm); k++) {
		for (int type = ASY_REC_WEIGHTS; type < ASY_REC_COUNTED; type++) {
			char sql[128];
			story *s = story_new(STORY_TEMPO, 1, "", "");
			s->stop_at = stops[(k + (size_t)type) % 2];
			story_until_stop(s);
			uint64_t id = open_story(s, ASY_STORY_SUBMISSION).id;
			/* one gone is like one damaged: tried for each stage, not for each type */
			bool is_tried = k == 0 || type == ASY_REC_WEIGHTS || type == ASY_REC_SEAL ||
							type == ASY_REC_INCLUDED;
			if (!is_tried || !has_record(s, id, (asy_rec_type)type)) {
				story_free(s);
				continue;
			}
			(void)snprintf(sql, sizeof sql, "%s WHERE story = %" PRIu64 " AND type = %d", harm[k],
						   id, type);
			tamper(s, sql);
			s->stop_at = 100;
			story_ok(s, 1);
			ck_assert_uint_ge(story_logged(s, "submission.damaged"), 1);
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

/* A life that ends while most miners have not answered. */
static uint64_t stopped_while_asking(story *s)
{
	s->slow_ns = UINT64_C(60) * 1000000000u;
	s->spared = 1;
	s->stop_at = 6;
	story_until_stop(s);
	s->slow_ns = 0;
	s->spared = 0;
	asy_story_info r = open_story(s, ASY_STORY_ROUND);
	ck_assert_int_eq(r.last, ASY_REC_RESPONSE);
	s->stop_at = 200;
	return r.id;
}

START_TEST(test_resume_when_stopped_while_asking_then_only_the_others_are_asked_again)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	uint64_t id = stopped_while_asking(s);
	story_ok(s, 1);
	ck_assert_uint_eq(story_logged(s, "query.end round=1 asked=6 ok=6 answers=8"), 1);
	ck_assert(has_record(s, id, ASY_REC_TRACK));
	story_counted(s, story_submissions(s).n);
	story_free(s);
}
END_TEST

START_TEST(test_resume_when_a_round_is_damaged_then_it_ends_and_says_why)
{
	for (int type = ASY_REC_BEGIN; type <= ASY_REC_RESPONSE; type++) {
		char sql[128];
		story *s = story_new(STORY_TEMPO, 1, "", "");
		uint64_t id = stopped_while_asking(s);
		(void)snprintf(sql, sizeof sql,
					   "UPDATE record SET digest = x'00' WHERE story = %" PRIu64 " AND type = %d",
					   id, type);
		tamper(s, sql);
		story_ok(s, 1);
		ck_assert_uint_eq(story_logged(s, "reason=\"a damaged record"), 1);
		story_counted(s, 1);
		ck_assert(has_record(s, id, ASY_REC_END));
		story_free(s);
	}
}
END_TEST

/* ---- another configuration, another plugin ---- */

static asy_round *at_phase(asy_round_phase p, const char *config)
{
	assay_err e = {0};
	asy_round *r;
	ck_ok(asy_round_new(1, &r, &e), e);
	r->phase = p;
	r->begin.under.config = asy_span_str(config);
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
		{"dataset", ASY_ROUND_BEGUN},
		{"round", ASY_ROUND_BEGUN},
		{"query", ASY_ROUND_ASKING},
		{"plugin", ASY_ROUND_ASKED},
		{"tracker", ASY_ROUND_ASKED},
		{"weights", -1},
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
		for (int p = ASY_ROUND_BEGUN; p < ASY_ROUND_ENDED; p++) {
			asy_round *r = at_phase((asy_round_phase)p, was);
			asy_begin_record now = {.under = {.config = asy_span_str(now_text)},
									.plugin_file = {1}};
			why[0] = '\0';
			bool may = asy_round_may_go_on(r, &now, why, sizeof why);
			ck_assert_msg(may == (p > cases[i].last), "%s in phase %s", cases[i].section,
						  asy_round_phase_name((asy_round_phase)p));
			ck_assert(may || strstr(why, cases[i].section) != NULL);
			/* another file of the plugin, same configuration */
			now = (asy_begin_record){.under = {.config = asy_span_str(was)}, .plugin_file = {2}};
			ck_assert(asy_round_may_go_on(r, &now, why, sizeof why) == (p > ASY_ROUND_ASKED));
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

START_TEST(test_resume_when_the_configuration_changed_then_not_judged_under_the_old_digest)
{
	static const struct {
		const char *more;
		size_t abandoned;
	} cases[] = {{",\"tracker\":{\"half_life_s\":60}", 1},
				 {",\"weights\":{\"power\":2.0}", 0},
				 {",\"log\":{\"level\":\"debug\"}", 0},
				 {",\"store\":{\"keep_rounds\":50}", 0}};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		story *s = story_new(STORY_TEMPO, 1, "", "");
		uint64_t id = stopped_while_asking(s);
		change_config(s, cases[i].more);
		story_ok(s, 1);
		ck_assert_uint_eq(story_logged(s, "round.abandoned"), cases[i].abandoned);
		ck_assert_uint_eq(story_logged(s, "round.without_scores"), cases[i].abandoned);
		ck_assert_uint_eq(has_record(s, id, ASY_REC_TRACK), cases[i].abandoned == 0);
		story_counted(s, story_submissions(s).n);
		story_free(s);
	}
}
END_TEST

/* ---- begun by version 2, finished by this one ---- */

/* Gives records of one type the form of an older version. */
static void rewrite(const story *s, asy_rec_type type, const char *json)
{
	char path[128], sql[512];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL, *w = NULL;
	(void)snprintf(path, sizeof path, "%s/assay.db", s->dir);
	(void)snprintf(sql, sizeof sql,
				   "SELECT rowid, %s FROM (SELECT rowid, CAST(payload AS TEXT) AS t FROM record"
				   " WHERE type = %d)",
				   json, (int)type);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	ck_assert_int_eq(
		sqlite3_prepare_v2(
			db, "UPDATE record SET payload = CAST(?1 AS BLOB), digest = ?2 WHERE rowid = ?3", -1,
			&w, NULL),
		SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(q, 1);
		uint8_t digest[32];
		asy_blake2b(text, strlen(text), digest, sizeof digest);
		(void)sqlite3_bind_text(w, 1, text, -1, SQLITE_TRANSIENT);
		(void)sqlite3_bind_blob(w, 2, digest, 32, SQLITE_TRANSIENT);
		(void)sqlite3_bind_int64(w, 3, sqlite3_column_int64(q, 0));
		ck_assert_int_eq(sqlite3_step(w), SQLITE_DONE);
		(void)sqlite3_reset(w);
	}
	(void)sqlite3_finalize(q);
	(void)sqlite3_finalize(w);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* The store as version 2 had it: a round's journal goes on with its vector's. The real
 * thing, tests/golden/store/v2.db, is read in unit/store; but its chain is not ours. */
static void as_version_2(story *s)
{
	asy_store_close(s->store);
	s->store = NULL;
	rewrite(s, ASY_REC_WEIGHTS,
			"json_remove(t, '$.netuid', '$.mecid', '$.genesis', '$.config', '$.config_digest',"
			" '$.memory_version', '$.rounds')");
	rewrite(s, ASY_REC_TRACK, "json_remove(t, '$.version', '$.plugin_blamed')");
	tamper(
		s,
		"PRAGMA foreign_keys = OFF;"
		"CREATE TEMP TABLE j AS SELECT b.id AS sub, b.round, t.ended_ns, t.last_type, t.next_seq,"
		" t.bytes FROM submission AS b JOIN story AS t ON t.id = b.id;"
		"DELETE FROM record WHERE type = 17 AND story IN (SELECT round FROM j);"
		"UPDATE story SET next_seq = next_seq - 1 WHERE id IN (SELECT round FROM j);"
		"UPDATE record SET seq = record.seq + (SELECT next_seq FROM story WHERE id = j.round),"
		" story = j.round FROM j WHERE record.story = j.sub;"
		"UPDATE story SET ended_ns = j.ended_ns, last_type = j.last_type,"
		" next_seq = story.next_seq + j.next_seq, bytes = story.bytes + j.bytes FROM j"
		" WHERE story.id = j.round;"
		"UPDATE story_blob SET story = j.round FROM j WHERE story_blob.story = j.sub;"
		"DELETE FROM story WHERE kind = 2;"
		"DROP INDEX story_unfinished; DROP INDEX story_bodies; DROP INDEX story_version;"
		"ALTER TABLE story DROP COLUMN kind; ALTER TABLE story DROP COLUMN version;"
		"ALTER TABLE story RENAME TO round;"
		"CREATE INDEX round_unfinished ON round (id) WHERE ended_ns IS NULL;"
		"CREATE INDEX round_bodies ON round (id) WHERE ended_ns IS NOT NULL AND digest IS NULL;"
		"ALTER TABLE record RENAME COLUMN story TO round;"
		"ALTER TABLE story_blob RENAME TO blob_use;"
		"ALTER TABLE blob_use RENAME COLUMN story TO round;"
		"UPDATE forecast SET submission = (SELECT round FROM j WHERE sub = submission);"
		"ALTER TABLE forecast RENAME COLUMN submission TO round;"
		"PRAGMA user_version = 2");
}

/* Transactions and where they went in, as the records tell. */
typedef struct {
	asy_tx tx[8];
	uint64_t block[8]; /* 0 = it is on its way */
	size_t n;
} flown;

/* Every SUBMIT and REVEAL_SUBMIT; the block is that of the next record that names one. */
static flown read_flown(const char *path)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	asy_arena *a = asy_arena_new(0);
	flown f = {.n = 0};
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_int_eq(
		sqlite3_prepare_v2(db,
						   "SELECT payload, (SELECT json_extract(CAST(n.payload AS TEXT),"
						   " '$.block') FROM record AS n WHERE n.round = r.round AND n.seq > r.seq"
						   " AND n.type IN (11, 14) ORDER BY n.seq LIMIT 1)"
						   " FROM record AS r WHERE type IN (10, 13)",
						   -1, &q, NULL),
		SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW) {
		assay_err e = {0};
		asy_json *doc = NULL;
		asy_tx_record x = {0};
		assay_span text = asy_span(sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
		ck_ok(asy_record_parse(text, &doc, &e), e);
		ck_ok(asy_record_get_tx(asy_json_root(doc), a, &x, &e), e);
		asy_json_free(doc);
		f.tx[f.n] = x.tx;
		f.block[f.n++] = (uint64_t)sqlite3_column_int64(q, 1);
	}
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	asy_arena_free(a);
	return f;
}

/* The newest round that a vector was made of, and how many records both have. */
static uint64_t newest_round(story *s, uint32_t *records_n)
{
	asy_story_info sub, round = {0}, all[8];
	size_t n;
	assay_err e = {0};
	ck_ok(asy_store_last(s->store, ASY_STORY_SUBMISSION, &sub, &e), e);
	ck_ok(asy_store_stories(s->store, ASY_STORY_ROUND, 0, all, ASY_COUNT(all), &n, &e), e);
	for (size_t i = 0; i < n; i++)
		if (all[i].version == sub.version)
			round = all[i];
	*records_n = round.records_n - 1 + sub.records_n;
	return round.id;
}

/* The chain as it was: the same blocks up to head, with these transactions. */
static void fly_again(story *s, flown *f, uint64_t head)
{
	for (uint64_t b = 1; b <= head; b++) {
		for (size_t i = 0; i < f->n; i++) {
			asy_hash hash;
			lnet_rpc_error why;
			if (f->block[i] == b)
				asy_lnet_pool_submit(&s->w.node->pool, s->w.node->ledger,
									 asy_span(f->tx[i].bytes, f->tx[i].len), &hash, &why);
		}
		world_blocks(&s->w, 1);
	}
	for (size_t i = 0; i < f->n; i++)
		asy_tx_fini(&f->tx[i]);
}

/* A round of version 2, cut after a record: what a kill there would have left, of the store
 * and of the chain. */
static void cut(story *s, uint64_t round, uint32_t seq)
{
	char sql[1024], path[128];
	uint64_t head = s->w.node->ledger->head;
	(void)snprintf(
		sql, sizeof sql,
		"DELETE FROM record WHERE round = %" PRIu64 " AND seq > %u;"
		"UPDATE round SET next_seq = %u, last_type = (SELECT type FROM record WHERE round = "
		"round.id"
		" AND seq = %u) WHERE id = %" PRIu64 ";"
		"DELETE FROM snapshot WHERE round NOT IN (SELECT round FROM record WHERE type = 6);"
		"DELETE FROM receipt WHERE submission IN (SELECT id FROM submission WHERE round NOT IN"
		" (SELECT round FROM record WHERE type = 9));"
		"DELETE FROM submission WHERE round NOT IN (SELECT round FROM record WHERE type = 9);"
		"UPDATE submission SET state = (SELECT max(type) - 8 FROM record WHERE round ="
		" submission.round AND type BETWEEN 9 AND 11) WHERE round = %" PRIu64,
		round, seq, seq + 1, seq, round, round);
	tamper(s, sql);
	(void)snprintf(path, sizeof path, "%s/assay.db", s->dir);
	flown f = read_flown(path);
	world_free(&s->w);
	s->w = story_world(s->scenario);
	fly_again(s, &f, head);
	story_store(s, NULL);
}

START_TEST(test_resume_when_version_2_was_killed_after_any_record_then_this_one_finishes_it)
{
	uint32_t n = 1;
	for (uint32_t seq = 0; seq < n; seq++) {
		story *s = story_new(STORY_TEMPO, 1, "", "");
		s->stop_at = 22; /* one is revealed, the next is committed */
		story_until_stop(s);
		uint64_t last = story_submissions(s).n;
		ck_assert_uint_eq(last, 2);
		uint64_t round = newest_round(s, &n);
		as_version_2(s);
		cut(s, round, seq);
		s->stop_at = 200;
		story_ok(s, 1);
		story_subs x = story_submissions(s);
		ck_assert_msg(x.n >= 2, "%zu vectors after record %u\n%s", x.n, seq, story_tail(s));
		story_counted(s, x.n);
		ck_assert_msg(story_nonce(s) == 2 * x.n, "%u transactions for %zu vectors after record %u",
					  story_nonce(s), x.n, seq);
		ck_assert_uint_eq(story_logged(s, "damaged"), 0);
		story_free(s);
	}
	ck_assert_uint_ge(n, 16);
}
END_TEST

START_TEST(test_resume_when_version_1_sealed_it_then_this_one_reveals_and_counts_it)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->stop_at = 10; /* committed */
	story_until_stop(s);
	ck_assert_uint_eq(story_submissions(s).n, 1);
	as_version_2(s);
	rewrite(s, ASY_REC_TRACK, "json_remove(t, '$.before')");
	rewrite(s, ASY_REC_WEIGHTS, "json_remove(t, '$.memory', '$.time_ns')");
	rewrite(s, ASY_REC_PREDICT,
			"json_set(json_remove(t, '$.band', '$.before_it', '$.last_update',"
			" '$.snapshot_digest'), '$.snapshot', 'AAAA')");
	tamper(s, "DROP TABLE blob; DROP TABLE blob_use; DROP TABLE forecast; PRAGMA user_version=1");
	story_store(s, NULL);
	s->stop_at = 100;
	story_ok(s, 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 2);
	story_counted(s, x.n);
	ck_assert_uint_eq(story_logged(s, "damaged"), 0);
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
	ck_assert_uint_ge(story_logged(s, "unusual weights.unsent"), 1);
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
	tcase_add_test(
		tc, test_resume_when_any_record_of_a_sealed_submission_is_damaged_then_all_vectors_count);
	tcase_add_test(tc, test_resume_when_stopped_while_asking_then_only_the_others_are_asked_again);
	tcase_add_test(tc, test_resume_when_a_round_is_damaged_then_it_ends_and_says_why);
	tcase_add_test(tc, test_may_go_on_when_what_it_needs_changed_then_no_and_says_what);
	tcase_add_test(tc,
				   test_resume_when_the_configuration_changed_then_not_judged_under_the_old_digest);
	tcase_add_test(
		tc, test_resume_when_version_2_was_killed_after_any_record_then_this_one_finishes_it);
	tcase_add_test(tc, test_resume_when_version_1_sealed_it_then_this_one_reveals_and_counts_it);
	tcase_add_test(tc, test_rules_when_the_chain_has_no_weights_of_ours_then_says_what_to_expect);
	tcase_add_test(tc, test_rules_when_our_stake_is_too_small_then_says_so_at_once);
}

int main(void)
{
	return test_main("resume", fill, 200);
}
