/* Replay recomputes everything that a round computed, finds any value that was changed,
 * and reads what older versions wrote. */
#include <sqlite3.h>
#include "research/research.h"
#include "unit/validator/story.h"

static assay_status try_replay(asy_store *store, uint64_t round, asy_plugin *plugin,
							   asy_replay_report *rep, assay_err *err)
{
	asy_replay_request req = {.store = store, .round = round, .plugin = plugin};
	return asy_research_replay(&req, rep, err);
}

static asy_replay_report replay(asy_store *store, uint64_t round, asy_plugin *plugin)
{
	assay_err e = {0};
	asy_replay_report rep;
	ck_ok(try_replay(store, round, plugin, &rep, &e), e);
	return rep;
}

static const asy_replay_line *line_of(const asy_replay_report *rep, asy_rec_type type)
{
	for (size_t i = 0; i < rep->line_n; i++)
		if (rep->line[i].type == type)
			return &rep->line[i];
	ck_abort_msg("no line for %s", asy_rec_name(type));
	return NULL;
}

START_TEST(test_replay_when_nothing_changed_then_everything_is_equal)
{
	static const asy_rec_type all[] = {ASY_REC_SCORES,  ASY_REC_TRACK, ASY_REC_WEIGHTS,
									   ASY_REC_PREDICT, ASY_REC_SEAL,  ASY_REC_COUNTED};
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_story_info round[4];
	size_t n = 0;
	assay_err e = {0};
	story_ok(s, 3);
	ck_ok(asy_store_stories(s->store, ASY_STORY_ROUND, 0, round, ASY_COUNT(round), &n, &e), e);
	ck_assert_uint_eq(n, 3);
	for (size_t r = 0; r < n; r++) {
		asy_replay_report rep = replay(s->store, round[r].id, s->plugin);
		ck_assert(!rep.differs);
		for (size_t i = 0; i < ASY_COUNT(all); i++) {
			const asy_replay_line *l = line_of(&rep, all[i]);
			ck_assert_msg(l->verdict == ASY_REPLAY_EQUAL, "%s: %s", asy_rec_name(all[i]), l->note);
			ck_assert_str_eq(l->note, "");
		}
		/* means of four miners, and a memory of them and two validators */
		ck_assert_uint_eq(line_of(&rep, ASY_REC_TRACK)->compared, 4 + 6);
		ck_assert_uint_ge(line_of(&rep, ASY_REC_WEIGHTS)->compared, 6 + 3);
		/* four vectors of six, the verdict, the forecast's outcome */
		ck_assert_uint_eq(line_of(&rep, ASY_REC_COUNTED)->compared, 4 * 6 + 2);
	}
	story_free(s);
}
END_TEST

/* ---- one value changed: found, and named ---- */

static sqlite3 *open_raw(const story *s)
{
	char path[128];
	sqlite3 *db = NULL;
	(void)snprintf(path, sizeof path, "%s/assay.db", s->dir);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

#define OF_ROUND_1 "(story = 1 OR story = (SELECT id FROM submission WHERE round = 1))"
/* Replaces the first occurrence of a text in a record of round 1 and puts its digest
 * right: a liar who knows the format. */
static void forge(const story *s, asy_rec_type type, const char *from, const char *to)
{
	static const char *const read = "SELECT substr(t, 1, instr(t, ?2) - 1) || ?3 || "
									"substr(t, instr(t, ?2) + length(?2)), instr(t, ?2) FROM "
									"(SELECT CAST(payload AS TEXT) AS t FROM record "
									"WHERE " OF_ROUND_1 " AND type = ?1)";
	static const char *const write = "UPDATE record SET payload = CAST(?2 AS BLOB), digest = ?3 "
									 "WHERE " OF_ROUND_1 " AND type = ?1";
	sqlite3 *db = open_raw(s);
	sqlite3_stmt *q, *w;
	uint8_t digest[32];
	ck_assert_int_eq(sqlite3_prepare_v2(db, read, -1, &q, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_int(q, 1, (int)type), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_text(q, 2, from, -1, SQLITE_STATIC), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_text(q, 3, to, -1, SQLITE_STATIC), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
	ck_assert_msg(sqlite3_column_int(q, 1) > 0, "%s is not in the record", from);
	const char *text = (const char *)sqlite3_column_text(q, 0);
	asy_blake2b(text, strlen(text), digest, sizeof digest);
	ck_assert_int_eq(sqlite3_prepare_v2(db, write, -1, &w, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_int(w, 1, (int)type), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_text(w, 2, text, -1, SQLITE_TRANSIENT), SQLITE_OK);
	ck_assert_int_eq(sqlite3_bind_blob(w, 3, digest, 32, SQLITE_STATIC), SQLITE_OK);
	(void)sqlite3_finalize(q);
	ck_assert_int_eq(sqlite3_step(w), SQLITE_DONE);
	(void)sqlite3_finalize(w);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

START_TEST(test_replay_when_a_value_was_changed_then_its_line_differs)
{
	static const struct {
		asy_rec_type type;
		const char *from, *to, *note;
	} lies[] = {
		{ASY_REC_SCORES, "\"score\":1.0", "\"score\":0.5", "recorded 0.5"},
		{ASY_REC_TRACK, "\"time_ns\":1", "\"time_ns\":2", "memory after the fold"},
		{ASY_REC_WEIGHTS, "\"marks\":0", "\"marks\":2", "candidate"},
		{ASY_REC_PREDICT, "\"consensus\":[0", "\"consensus\":[1", "consensus of uid 0"},
		{ASY_REC_PREDICT, "\"high\":[6", "\"high\":[5", "upper bound"},
		{ASY_REC_COUNTED, "\"equal\":true", "\"equal\":false", "recorded as different"},
		{ASY_REC_COUNTED, "\"incentive\":[0", "\"incentive\":[9", "incentive of uid 0"},
		{ASY_REC_COUNTED, "\"made_at\":", "\"made_at\":1", "outcome"},
	};
	for (size_t i = 0; i < ASY_COUNT(lies); i++) {
		story *s = story_new(STORY_TEMPO, 1, "", "");
		story_ok(s, 1);
		forge(s, lies[i].type, lies[i].from, lies[i].to);
		asy_replay_report rep = replay(s->store, 1, s->plugin);
		const asy_replay_line *l = line_of(&rep, lies[i].type);
		ck_assert(rep.differs);
		ck_assert_msg(l->verdict == ASY_REPLAY_DIFFERS && strstr(l->note, lies[i].note) != NULL,
					  "%s: %s", lies[i].from, l->note);
		story_free(s);
	}
}
END_TEST

START_TEST(test_replay_when_a_blob_is_damaged_or_gone_then_an_error_names_it)
{
	static const char *const harm[] = {"UPDATE blob SET bytes = zeroblob(9)", "DELETE FROM blob"};
	static const assay_status status[] = {ASSAY_E_STORE, ASSAY_E_NOTFOUND};
	story *s = story_new(STORY_TEMPO, 1, "", "");
	assay_err e = {0};
	asy_replay_report rep;
	story_ok(s, 1);
	for (size_t i = 0; i < ASY_COUNT(harm); i++) {
		sqlite3 *db = open_raw(s);
		ck_assert_int_eq(sqlite3_exec(db, harm[i], NULL, NULL, NULL), SQLITE_OK);
		ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
		ck_assert_int_eq(try_replay(s->store, 1, NULL, &rep, &e), status[i]);
		ck_assert_ptr_nonnull(strstr(e.msg, "blob "));
	}
	story_free(s);
}
END_TEST

START_TEST(test_replay_when_exported_then_the_bundle_has_all_that_is_needed)
{
	char path[128];
	assay_err e = {0};
	asy_store *bundle;
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_story_info last;
	story_ok(s, 2);
	ck_ok(asy_store_last(s->store, ASY_STORY_ROUND, &last, &e), e);
	(void)snprintf(path, sizeof path, "%s/bundle", s->dir);
	ck_ok(asy_store_export(s->store, last.id, path, &e), e);
	ck_ok(asy_store_open_bundle(path, &bundle, &e), e);
	asy_replay_report rep = replay(bundle, last.id, s->plugin);
	ck_assert_uint_eq(rep.line_n, ASY_REPLAY_LINES);
	for (size_t i = 0; i < rep.line_n; i++)
		ck_assert_int_eq(rep.line[i].verdict, ASY_REPLAY_EQUAL);
	asy_store_close(bundle);
	story_free(s);
}
END_TEST

/* ---- written by an older version ---- */

START_TEST(test_replay_when_written_by_version_1_then_compares_what_is_there)
{
	assay_err e = {0};
	asy_store *store;
	ck_ok(asy_crypto_init(&e), e);
	ck_ok(asy_store_open_bundle(ASSAY_SOURCE_DIR "/tests/golden/store/v1.db", &store, &e), e);
	for (uint64_t round = 1; round <= 3; round++) {
		asy_replay_report rep = replay(store, round, NULL);
		ck_assert(!rep.differs);
		ck_assert_int_eq(line_of(&rep, ASY_REC_TRACK)->verdict, ASY_REPLAY_EQUAL);
		ck_assert_uint_eq(line_of(&rep, ASY_REC_TRACK)->compared, 4);
		ck_assert_int_eq(line_of(&rep, ASY_REC_WEIGHTS)->verdict, ASY_REPLAY_EQUAL);
		ck_assert_int_eq(line_of(&rep, ASY_REC_PREDICT)->verdict, ASY_REPLAY_EQUAL);
		ck_assert_int_eq(line_of(&rep, ASY_REC_SEAL)->verdict, ASY_REPLAY_EQUAL);
		if (round == 1)
			ck_assert_int_eq(line_of(&rep, ASY_REC_COUNTED)->verdict, ASY_REPLAY_SKIPPED);
	}
	asy_store_close(store);
}
END_TEST

/* Read as it is, and after the daemon of this version has migrated it. */
START_TEST(test_replay_when_written_by_version_2_then_everything_is_equal)
{
	char command[512];
	assay_err e = {0};
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_store_close(s->store);
	s->store = NULL;
	(void)snprintf(command, sizeof command,
				   "rm -f '%s'/assay.db* && cp '" ASSAY_SOURCE_DIR
				   "/tests/golden/store/v2.db' '%s/assay.db'",
				   s->dir, s->dir);
	ck_assert_int_eq(system(command), 0);
	for (int migrated = 0; migrated < 2; migrated++) {
		const asy_store_options o = {.dir = s->dir, .read_only = migrated == 0};
		ck_ok(asy_store_open(&o, &s->store, &e), e);
		for (uint64_t round = 1; round <= 3; round++) {
			asy_replay_report rep = replay(s->store, round, s->plugin);
			ck_assert_uint_eq(rep.line_n, round == 1 ? ASY_REPLAY_LINES : ASY_REPLAY_LINES - 1);
			for (size_t i = 0; i < rep.line_n; i++)
				ck_assert_msg(rep.line[i].verdict == ASY_REPLAY_EQUAL, "%s: %s",
							  asy_rec_name(rep.line[i].type), rep.line[i].note);
		}
		asy_store_close(s->store);
		s->store = NULL;
	}
	story_free(s);
}
END_TEST

/* Several vectors of one memory: each is replayed with the round that left it so. */
START_TEST(test_replay_when_a_memory_was_sent_twice_then_both_are_compared)
{
	assay_err e = {0};
	asy_story_info last;
	story *s = story_new(STORY_TEMPO, 1, "", ",\"round\":{\"period_ms\":3600000}");
	s->stop_at = 60;
	story_until_stop(s);
	ck_assert_uint_eq(s->totals.rounds_begun, 1);
	story_subs x = story_submissions(s);
	ck_assert_msg(x.n >= 4, "%zu vectors\n%s", x.n, story_tail(s));
	ck_ok(asy_store_last(s->store, ASY_STORY_ROUND, &last, &e), e);
	asy_replay_report rep = replay(s->store, last.id, s->plugin);
	ck_assert(!rep.differs);
	/* the hash, and three entries, of each */
	ck_assert_uint_eq(line_of(&rep, ASY_REC_SEAL)->compared, 4 * x.n);
	story_free(s);
}
END_TEST

/* ---- a plugin that remembers ---- */

static void remembering(story *s, const char *config)
{
	story_plugin(s, (asy_plugin_opts){.path = ASSAY_BINARY_DIR "/test-plugins/memory.so",
									  .config = asy_span_str(config),
									  .grant = ASY_NEED_STATE});
}

static uint64_t remembered(const story *s)
{
	uint64_t n = 0;
	assay_span state = asy_plugin_state(s->plugin);
	if (state.len == sizeof n)
		memcpy(&n, state.ptr, sizeof n);
	return n;
}

/* Three rounds of eight rows with a restart in between: it goes on where it was. */
START_TEST(test_replay_when_the_plugin_remembers_then_it_is_given_what_it_had)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_story_info round[4];
	size_t n = 0;
	assay_err e = {0};
	remembering(s, "");
	story_ok(s, 2);
	ck_assert_uint_eq(remembered(s), 16);
	remembering(s, "");
	ck_assert_uint_eq(remembered(s), 0);
	story_ok(s, 1);
	ck_assert_uint_eq(remembered(s), 24);
	ck_ok(asy_store_stories(s->store, ASY_STORY_ROUND, 0, round, ASY_COUNT(round), &n, &e), e);
	ck_assert_uint_eq(n, 3);
	for (size_t r = n; r-- > 0;) { /* in any order */
		asy_replay_report rep = replay(s->store, round[r].id, s->plugin);
		const asy_replay_line *l = line_of(&rep, ASY_REC_SCORES);
		ck_assert_msg(l->verdict == ASY_REPLAY_EQUAL, "round %zu: %s", r, l->note);
		ck_assert_uint_ge(l->compared, 2);
		ck_assert_uint_eq(remembered(s), 8 * (r + 1));
	}
	story_free(s);
}
END_TEST

START_TEST(test_replay_when_a_state_is_another_each_time_then_that_differs)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_story_info last = {0};
	assay_err e = {0};
	remembering(s, "{\"act\":\"save-fickle\"}");
	story_ok(s, 2);
	remembering(s, "{\"act\":\"save-fickle\"}");
	ck_ok(asy_store_last(s->store, ASY_STORY_ROUND, &last, &e), e);
	asy_replay_report rep = replay(s->store, last.id, s->plugin);
	ck_assert_int_eq(line_of(&rep, ASY_REC_SCORES)->verdict, ASY_REPLAY_DIFFERS);
	ck_assert_ptr_nonnull(strstr(line_of(&rep, ASY_REC_SCORES)->note, "remembers"));
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_replay_when_the_plugin_remembers_then_it_is_given_what_it_had);
	tcase_add_test(tc, test_replay_when_a_state_is_another_each_time_then_that_differs);
	tcase_add_test(tc, test_replay_when_nothing_changed_then_everything_is_equal);
	tcase_add_test(tc, test_replay_when_a_value_was_changed_then_its_line_differs);
	tcase_add_test(tc, test_replay_when_a_blob_is_damaged_or_gone_then_an_error_names_it);
	tcase_add_test(tc, test_replay_when_exported_then_the_bundle_has_all_that_is_needed);
	tcase_add_test(tc, test_replay_when_written_by_version_1_then_compares_what_is_there);
	tcase_add_test(tc, test_replay_when_written_by_version_2_then_everything_is_equal);
	tcase_add_test(tc, test_replay_when_a_memory_was_sent_twice_then_both_are_compared);
}

int main(void)
{
	return test_main("replay", fill, 100);
}
