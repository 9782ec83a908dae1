/* The journal: stories and their records, append-only. A record is numbered here, never
 * by the caller, and its digest is checked whenever it is read. It refuses to append to
 * a finished story and to drop what a restart could still need. */
#include "crypto/crypto.h"
#include "store/impl.h"

static const struct {
	asy_rec_type type;
	const char *name;
} rec_names[] = {
#define REC_NAME(name, n) {ASY_REC_##name, #name},
	ASY_REC_LIST(REC_NAME)
#undef REC_NAME
};

const char *asy_rec_name(asy_rec_type t)
{
	for (size_t i = 0; i < ASY_COUNT(rec_names); i++) {
		if (rec_names[i].type == t)
			return rec_names[i].name;
	}
	return "?";
}

const char *asy_story_kind_name(asy_story_kind k)
{
	switch (k) {
	case ASY_STORY_ROUND:
		return "round";
	case ASY_STORY_SUBMISSION:
		return "submission";
	}
	return "story";
}

/* ---- append ---- */

typedef struct {
	uint32_t next_seq;
	uint64_t bytes;
	asy_story_kind kind;
	bool found, ended, pruned;
} story_head;

static assay_status read_head(asy_store *s, uint64_t story, story_head *h, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(
		s,
		"SELECT next_seq, bytes, ended_ns IS NOT NULL, digest IS NOT NULL, kind FROM story"
		" WHERE id = ?1",
		&q, err);
	*h = (story_head){0};
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, story);
		st = asy_store_row(s, q, "reading a story", &h->found, err);
	}
	if (st == ASSAY_OK && h->found) {
		h->next_seq = (uint32_t)sqlite3_column_int64(q, 0);
		h->bytes = asy_column_u64(q, 1);
		h->ended = sqlite3_column_int(q, 2) != 0;
		h->pruned = sqlite3_column_int(q, 3) != 0;
		h->kind = (asy_story_kind)sqlite3_column_int(q, 4);
	}
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status insert_records(asy_store *s, uint64_t story, uint64_t time_ns,
								   const asy_rec_in *recs, size_t n, uint32_t seq, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st =
		asy_store_prepare(s,
						  "INSERT INTO record (story, seq, type, time_ns, digest, payload)"
						  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
						  &q, err);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		uint8_t digest[32];
		asy_blake2b(recs[i].payload.ptr, recs[i].payload.len, digest, sizeof digest);
		asy_bind_u64(q, 1, story);
		asy_bind_u64(q, 2, (uint64_t)seq + i);
		asy_bind_u64(q, 3, (uint64_t)recs[i].type);
		asy_bind_u64(q, 4, time_ns);
		asy_bind_bytes(q, 5, asy_span(digest, sizeof digest));
		asy_bind_bytes(q, 6, recs[i].payload);
		st = asy_store_run(s, q, "writing a record", err);
		(void)sqlite3_clear_bindings(q);
	}
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status update_head(asy_store *s, uint64_t story, uint64_t time_ns, asy_rec_type last,
								uint64_t records, uint64_t bytes, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(
		s,
		"UPDATE story SET next_seq = next_seq + ?2, bytes = bytes + ?3, last_type = ?4,"
		" ended_ns = CASE WHEN ?4 = ?5 THEN ?6 END WHERE id = ?1",
		&q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, story);
		asy_bind_u64(q, 2, records);
		asy_bind_u64(q, 3, bytes);
		asy_bind_u64(q, 4, (uint64_t)last);
		asy_bind_u64(q, 5, (uint64_t)ASY_REC_END);
		asy_bind_u64(q, 6, time_ns);
		st = asy_store_run(s, q, "writing a story", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

/* The checks that need no database; bytes gets the sum of the payloads. */
static assay_status check_records(uint64_t time_ns, const asy_rec_in *recs, size_t n,
								  uint64_t *bytes, assay_err *err)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(asy_rec_name(recs[i].type), "?") == 0)
			return ASSAY_FAIL(err, E_INPUT, "record type %d is unknown", (int)recs[i].type);
		if (recs[i].payload.len > ASY_REC_MAX)
			return ASSAY_FAIL(err, E_LIMIT, "a %s record of %zu bytes, the limit is %zu",
							  asy_rec_name(recs[i].type), recs[i].payload.len, ASY_REC_MAX);
		if (recs[i].type == ASY_REC_END && i + 1 != n)
			return ASSAY_FAIL(err, E_INPUT, "END must be the last record of a story");
		sum += recs[i].payload.len;
	}
	*bytes = sum;
	return asy_store_time_fits(time_ns, err);
}

static assay_status append(asy_store *s, uint64_t story, uint64_t time_ns, const asy_rec_in *recs,
						   size_t n, uint64_t bytes, uint32_t *first, assay_err *err)
{
	story_head h;
	assay_status st = read_head(s, story, &h, err);
	if (st != ASSAY_OK)
		return st;
	if (!h.found)
		return ASSAY_FAIL(err, E_NOTFOUND, "there is no story %" PRIu64, story);
	if (h.ended)
		return ASSAY_FAIL(err, E_INPUT, "story %" PRIu64 " has ended", story);
	if (n > UINT32_MAX - h.next_seq)
		return ASSAY_FAIL(err, E_LIMIT, "story %" PRIu64 " has too many records", story);
	st = insert_records(s, story, time_ns, recs, n, h.next_seq, err);
	if (st == ASSAY_OK)
		st = update_head(s, story, time_ns, recs[n - 1].type, n, bytes, err);
	if (st == ASSAY_OK && first != NULL)
		*first = h.next_seq;
	return st;
}

assay_status asy_store_append(asy_store *s, uint64_t story, uint64_t time_ns,
							  const asy_rec_in *recs, size_t recs_n, uint32_t *first_seq,
							  assay_err *err)
{
	uint64_t bytes = 0;
	uint32_t first = 0;
	if (recs_n == 0)
		return ASSAY_FAIL(err, E_EMPTY, "no records to append");
	for (size_t i = 0; i < recs_n; i++) {
		if (recs[i].type == ASY_REC_BEGIN)
			return ASSAY_FAIL(err, E_INPUT, "BEGIN starts a round, it cannot be appended");
	}
	assay_status st = check_records(time_ns, recs, recs_n, &bytes, err);
	if (st == ASSAY_OK)
		st = asy_store_enter(s, asy_rec_name(recs[recs_n - 1].type), err);
	if (st != ASSAY_OK)
		return st;
	st = append(s, story, time_ns, recs, recs_n, bytes, &first, err);
	st = asy_store_leave(s, st, err);
	if (st == ASSAY_OK && first_seq != NULL)
		*first_seq = first;
	return st;
}

assay_status asy_store_story_begin(asy_store *s, asy_story_kind kind, uint64_t version,
								   uint64_t time_ns, const asy_rec_in *rec, uint64_t *id,
								   assay_err *err)
{
	sqlite3_stmt *q = NULL;
	uint64_t bytes = 0;
	TRY(check_records(time_ns, rec, 1, &bytes, err));
	TRY(asy_store_fits(version, "the memory's version", err));
	TRY(asy_store_prepare(
		s, "INSERT INTO story (begun_ns, kind, version) VALUES (?1, ?2, nullif(?3, 0))", &q, err));
	asy_bind_u64(q, 1, time_ns);
	(void)sqlite3_bind_int(q, 2, (int)kind);
	asy_bind_u64(q, 3, version);
	assay_status st = asy_store_run(s, q, "starting a story", err);
	*id = (uint64_t)sqlite3_last_insert_rowid(s->db);
	(void)sqlite3_finalize(q);
	return st == ASSAY_OK ? append(s, *id, time_ns, rec, 1, bytes, NULL, err) : st;
}

assay_status asy_store_round_begin(asy_store *s, uint64_t time_ns, assay_span payload,
								   uint64_t *round, assay_err *err)
{
	const asy_rec_in rec = {ASY_REC_BEGIN, payload};
	uint64_t id = 0;
	assay_status st = asy_store_enter(s, "BEGIN", err);
	if (st != ASSAY_OK)
		return st;
	st = asy_store_story_begin(s, ASY_STORY_ROUND, 0, time_ns, &rec, &id, err);
	st = asy_store_leave(s, st, err);
	if (st == ASSAY_OK)
		*round = id;
	return st;
}

/* ---- read ---- */

static assay_status read_record(sqlite3_stmt *q, uint64_t story, asy_rec *r, assay_err *err)
{
	assay_span digest = asy_column_bytes(q, 3);
	uint8_t have[32];
	assay_status st = asy_store_no_negative(q, "a record", err);
	if (st != ASSAY_OK)
		return st;
	*r = (asy_rec){
		.story = story,
		.seq = (uint32_t)sqlite3_column_int64(q, 0),
		.type = (asy_rec_type)sqlite3_column_int(q, 1),
		.time_ns = asy_column_u64(q, 2),
		.payload = asy_column_bytes(q, 4),
	};
	asy_blake2b(r->payload.ptr, r->payload.len, have, sizeof have);
	if (!asy_span_eq(digest, asy_span(have, sizeof have)))
		return ASSAY_FAIL(err, E_STORE,
						  "story %" PRIu64 " record %" PRIu32 " (%s): the bytes do not match their "
						  "digest; restore the data directory from a backup",
						  story, r->seq, asy_rec_name(r->type));
	memcpy(r->digest, have, sizeof r->digest);
	return ASSAY_OK;
}

static assay_status check_readable(asy_store *s, uint64_t story, story_head *h, assay_err *err)
{
	assay_status st = asy_store_fits(story, "the story", err);
	if (st == ASSAY_OK)
		st = read_head(s, story, h, err);
	if (st != ASSAY_OK)
		return st;
	if (!h->found)
		return ASSAY_FAIL(err, E_NOTFOUND, "there is no story %" PRIu64, story);
	if (h->pruned)
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "the records of %s %" PRIu64
						  " were pruned; raise store.keep_rounds or store.keep_bytes to keep more",
						  asy_story_kind_name(h->kind), story);
	return ASSAY_OK;
}

/* passed: NULL = damage is an error; else damaged records are passed over and counted. */
typedef struct {
	uint64_t story;
	uint32_t expected, *passed;
	asy_rec_visitor visit;
	void *arg;
} reading;

static assay_status visit_record(sqlite3_stmt *q, reading *r, assay_err *err)
{
	asy_rec rec;
	uint32_t seq = (uint32_t)sqlite3_column_int64(q, 0);
	if (seq != r->expected && r->passed == NULL)
		return ASSAY_FAIL(err, E_STORE, "story %" PRIu64 ": record %" PRIu32 " is missing",
						  r->story, r->expected);
	if (r->passed != NULL)
		*r->passed += seq - r->expected;
	r->expected = seq + 1;
	assay_status st = read_record(q, r->story, &rec, r->passed == NULL ? err : NULL);
	if (st != ASSAY_OK && r->passed != NULL) {
		++*r->passed;
		return ASSAY_OK;
	}
	return st == ASSAY_OK ? r->visit(r->arg, &rec, err) : st;
}

static assay_status visit_records(asy_store *s, reading *r, assay_err *err)
{
	story_head h;
	sqlite3_stmt *q = NULL;
	assay_status st = check_readable(s, r->story, &h, err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s,
							   "SELECT seq, type, time_ns, digest, payload FROM record"
							   " WHERE story = ?1 AND seq >= ?2 ORDER BY seq",
							   &q, err);
	if (st != ASSAY_OK)
		return st;
	asy_bind_u64(q, 1, r->story);
	asy_bind_u64(q, 2, r->expected);
	bool was_visiting = s->visiting;
	s->visiting = true;
	while (st == ASSAY_OK) {
		bool row = false;
		st = asy_store_row(s, q, "reading records", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		st = visit_record(q, r, err);
	}
	s->visiting = was_visiting;
	(void)sqlite3_finalize(q);
	if (st != ASSAY_OK || r->expected >= h.next_seq)
		return st;
	if (r->passed == NULL)
		return ASSAY_FAIL(err, E_STORE, "story %" PRIu64 ": record %" PRIu32 " is missing",
						  r->story, r->expected);
	*r->passed += h.next_seq - r->expected;
	return ASSAY_OK;
}

assay_status asy_store_records(asy_store *s, uint64_t story, uint32_t from_seq,
							   asy_rec_visitor visit, void *arg, assay_err *err)
{
	reading r = {.story = story, .expected = from_seq, .visit = visit, .arg = arg};
	return visit_records(s, &r, err);
}

assay_status asy_store_sound_records(asy_store *s, uint64_t story, uint32_t *passed,
									 asy_rec_visitor visit, void *arg, assay_err *err)
{
	reading r = {.story = story, .passed = passed, .visit = visit, .arg = arg};
	*passed = 0;
	return visit_records(s, &r, err);
}

#define STORY_COLUMNS "id, begun_ns, ended_ns, next_seq, last_type, bytes, digest, kind, version"

static asy_story_info read_info(sqlite3_stmt *q)
{
	assay_span digest = asy_column_bytes(q, 6);
	asy_story_info info = {
		.id = asy_column_u64(q, 0),
		.begun_ns = asy_column_u64(q, 1),
		.ended_ns = asy_column_u64(q, 2),
		.records_n = (uint32_t)sqlite3_column_int64(q, 3),
		.last = (asy_rec_type)sqlite3_column_int(q, 4),
		.bytes = asy_column_u64(q, 5),
		.finished = sqlite3_column_type(q, 2) != SQLITE_NULL,
		.pruned = sqlite3_column_type(q, 6) != SQLITE_NULL,
		.kind = (asy_story_kind)sqlite3_column_int(q, 7),
		.version = asy_column_u64(q, 8),
	};
	if (digest.len == sizeof info.digest)
		memcpy(info.digest, digest.ptr, sizeof info.digest);
	return info;
}

static assay_status list(asy_store *s, const char *sql, asy_story_kind kind, uint64_t after,
						 asy_story_info *out, size_t cap, size_t *n, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	size_t found = 0;
	assay_status st = asy_store_fits(after, "the story", err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s, sql, &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, after);
		(void)sqlite3_bind_int(q, 2, (int)kind);
	}
	while (st == ASSAY_OK && found < cap) {
		bool row = false;
		st = asy_store_row(s, q, "listing stories", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		st = asy_store_no_negative(q, "a story", err);
		if (st == ASSAY_OK)
			out[found++] = read_info(q);
	}
	(void)sqlite3_finalize(q);
	if (st == ASSAY_OK)
		*n = found;
	return st;
}

assay_status asy_store_unfinished(asy_store *s, asy_story_kind kind, uint64_t after,
								  asy_story_info *out, size_t cap, size_t *n, assay_err *err)
{
	return list(s,
				"SELECT " STORY_COLUMNS " FROM story"
				" WHERE ended_ns IS NULL AND kind = ?2 AND id > ?1 ORDER BY id",
				kind, after, out, cap, n, err);
}

assay_status asy_store_stories(asy_store *s, asy_story_kind kind, uint64_t after,
							   asy_story_info *out, size_t cap, size_t *n, assay_err *err)
{
	return list(s, "SELECT " STORY_COLUMNS " FROM story WHERE kind = ?2 AND id > ?1 ORDER BY id",
				kind, after, out, cap, n, err);
}

assay_status asy_store_last(asy_store *s, asy_story_kind kind, asy_story_info *out, assay_err *err)
{
	size_t n = 0;
	assay_status st =
		list(s, "SELECT " STORY_COLUMNS " FROM story WHERE kind = ?2 AND id > ?1 ORDER BY id DESC",
			 kind, 0, out, 1, &n, err);
	if (st == ASSAY_OK && n == 0)
		return ASSAY_FAIL(err, E_NOTFOUND, "no %s has been started in %s",
						  asy_story_kind_name(kind), s->dir);
	return st;
}

assay_status asy_store_folded(asy_store *s, uint64_t after, uint64_t upto, uint64_t *rounds,
							  size_t cap, size_t *n, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	size_t found = 0;
	assay_status st = asy_store_fits(after, "the memory's version", err);
	if (st == ASSAY_OK)
		st = asy_store_fits(upto, "the memory's version", err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s,
							   "SELECT id FROM (SELECT id, version FROM story WHERE kind = 1"
							   " AND version > ?1 AND version <= ?2 ORDER BY version DESC LIMIT ?3)"
							   " ORDER BY version",
							   &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, after);
		asy_bind_u64(q, 2, upto);
		asy_bind_u64(q, 3, cap);
	}
	while (st == ASSAY_OK && found < cap) {
		bool row = false;
		st = asy_store_row(s, q, "listing rounds", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		rounds[found++] = asy_column_u64(q, 0);
	}
	(void)sqlite3_finalize(q);
	if (st == ASSAY_OK)
		*n = found;
	return st;
}

/* ---- retention ---- */

static assay_status run_for_story(asy_store *s, const char *sql, uint64_t story, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(s, sql, &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, story);
		st = asy_store_run(s, q, "dropping old stories", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

/* What stays of a story's records: one digest over type, time and digest of each. */
static assay_status digest_story(asy_store *s, uint64_t story, uint8_t out[32], assay_err *err)
{
	sqlite3_stmt *q = NULL;
	asy_blake2b_state state;
	bool row = true;
	assay_status st = asy_store_prepare(
		s, "SELECT type, time_ns, digest FROM record WHERE story = ?1 ORDER BY seq", &q, err);
	asy_blake2b_init(&state, 32);
	if (st == ASSAY_OK)
		asy_bind_u64(q, 1, story);
	while (st == ASSAY_OK && row) {
		uint8_t head[16];
		st = asy_store_row(s, q, "reading records", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		asy_put_u64le(head, asy_column_u64(q, 0));
		asy_put_u64le(head + 8, asy_column_u64(q, 1));
		asy_blake2b_update(&state, head, sizeof head);
		assay_span digest = asy_column_bytes(q, 2);
		asy_blake2b_update(&state, digest.ptr, digest.len);
	}
	asy_blake2b_final(&state, out, 32);
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status prune_story(asy_store *s, uint64_t story, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	uint8_t digest[32];
	assay_status st = digest_story(s, story, digest, err);
	if (st == ASSAY_OK)
		st = run_for_story(s, "DELETE FROM record WHERE story = ?1", story, err);
	if (st == ASSAY_OK)
		st = run_for_story(s, "DELETE FROM score WHERE round = ?1", story, err);
	if (st == ASSAY_OK)
		st = asy_store_blobs_drop(s, story, err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s, "UPDATE story SET bytes = 0, digest = ?2 WHERE id = ?1", &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, story);
		asy_bind_bytes(q, 2, asy_span(digest, sizeof digest));
		st = asy_store_run(s, q, "dropping old stories", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

/* The totals over finished stories that still have bodies, and the oldest of them that
 * may go. */
static assay_status prune_candidate(asy_store *s, uint64_t *rounds, uint64_t *bytes,
									uint64_t *oldest, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	bool row = false;
	assay_status st =
		asy_store_prepare(s,
						  "SELECT count(CASE WHEN kind = 1 THEN 1 END), ifnull(sum(bytes), 0),"
						  " ifnull(min(CASE WHEN NOT EXISTS (SELECT 1 FROM submission AS b"
						  " WHERE (b.round = t.id OR b.id = t.id) AND b.state < 7) THEN id END), 0)"
						  " FROM story AS t WHERE ended_ns IS NOT NULL AND digest IS NULL",
						  &q, err);
	if (st == ASSAY_OK)
		st = asy_store_row(s, q, "counting stories", &row, err);
	if (st == ASSAY_OK) {
		*rounds = row ? asy_column_u64(q, 0) : 0;
		*bytes = row ? asy_column_u64(q, 1) : 0;
		*oldest = row ? asy_column_u64(q, 2) : 0;
	}
	(void)sqlite3_finalize(q);
	return st;
}

assay_status asy_store_prune(asy_store *s, uint64_t keep_rounds, uint64_t keep_bytes,
							 uint64_t *pruned, assay_err *err)
{
	uint64_t done = 0;
	assay_status st = asy_store_enter(s, "prune", err);
	if (st != ASSAY_OK)
		return st;
	while (st == ASSAY_OK) {
		uint64_t rounds = 0, bytes = 0, oldest = 0;
		st = prune_candidate(s, &rounds, &bytes, &oldest, err);
		bool over =
			(keep_rounds != 0 && rounds > keep_rounds) || (keep_bytes != 0 && bytes > keep_bytes);
		if (st != ASSAY_OK || oldest == 0 || !over)
			break;
		st = prune_story(s, oldest, err);
		done++;
	}
	st = asy_store_leave(s, st, err);
	if (st == ASSAY_OK && pruned != NULL)
		*pruned = done;
	return st;
}
