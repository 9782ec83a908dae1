/* The journal: rounds and their records, append-only. A record is numbered here, never
 * by the caller, and its digest is checked whenever it is read. It refuses to append to
 * a finished round and to drop what a restart could still need. */
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

/* ---- append ---- */

typedef struct {
	uint32_t next_seq;
	uint64_t bytes;
	bool found, ended, pruned;
} round_head;

static assay_status read_head(asy_store *s, uint64_t round, round_head *h, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(
		s,
		"SELECT next_seq, bytes, ended_ns IS NOT NULL, digest IS NOT NULL FROM round WHERE id = ?1",
		&q, err);
	*h = (round_head){0};
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, round);
		st = asy_store_row(s, q, "reading a round", &h->found, err);
	}
	if (st == ASSAY_OK && h->found) {
		h->next_seq = (uint32_t)sqlite3_column_int64(q, 0);
		h->bytes = asy_column_u64(q, 1);
		h->ended = sqlite3_column_int(q, 2) != 0;
		h->pruned = sqlite3_column_int(q, 3) != 0;
	}
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status insert_records(asy_store *s, uint64_t round, uint64_t time_ns,
								   const asy_rec_in *recs, size_t n, uint32_t seq, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st =
		asy_store_prepare(s,
						  "INSERT INTO record (round, seq, type, time_ns, digest, payload)"
						  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
						  &q, err);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		uint8_t digest[32];
		asy_blake2b(recs[i].payload.ptr, recs[i].payload.len, digest, sizeof digest);
		asy_bind_u64(q, 1, round);
		asy_bind_u64(q, 2, (uint64_t)seq + i);
		asy_bind_u64(q, 3, (uint64_t)recs[i].type);
		asy_bind_u64(q, 4, time_ns);
		asy_bind_bytes(q, 5, asy_span(digest, sizeof digest));
		asy_bind_bytes(q, 6, recs[i].payload);
		st = asy_store_run(s, q, "writing a round record", err);
		(void)sqlite3_clear_bindings(q);
	}
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status update_head(asy_store *s, uint64_t round, uint64_t time_ns, asy_rec_type last,
								uint64_t records, uint64_t bytes, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(
		s,
		"UPDATE round SET next_seq = next_seq + ?2, bytes = bytes + ?3, last_type = ?4,"
		" ended_ns = CASE WHEN ?4 = ?5 THEN ?6 END WHERE id = ?1",
		&q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, round);
		asy_bind_u64(q, 2, records);
		asy_bind_u64(q, 3, bytes);
		asy_bind_u64(q, 4, (uint64_t)last);
		asy_bind_u64(q, 5, (uint64_t)ASY_REC_END);
		asy_bind_u64(q, 6, time_ns);
		st = asy_store_run(s, q, "writing a round", err);
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
			return ASSAY_FAIL(err, E_INPUT, "END must be the last record of a round");
		sum += recs[i].payload.len;
	}
	*bytes = sum;
	return asy_store_time_fits(time_ns, err);
}

static assay_status append(asy_store *s, uint64_t round, uint64_t time_ns, const asy_rec_in *recs,
						   size_t n, uint64_t bytes, uint32_t *first, assay_err *err)
{
	round_head h;
	assay_status st = read_head(s, round, &h, err);
	if (st != ASSAY_OK)
		return st;
	if (!h.found)
		return ASSAY_FAIL(err, E_NOTFOUND, "there is no round %" PRIu64, round);
	if (h.ended)
		return ASSAY_FAIL(err, E_INPUT, "round %" PRIu64 " has ended", round);
	if (n > UINT32_MAX - h.next_seq)
		return ASSAY_FAIL(err, E_LIMIT, "round %" PRIu64 " has too many records", round);
	st = insert_records(s, round, time_ns, recs, n, h.next_seq, err);
	if (st == ASSAY_OK)
		st = update_head(s, round, time_ns, recs[n - 1].type, n, bytes, err);
	if (st == ASSAY_OK && first != NULL)
		*first = h.next_seq;
	return st;
}

assay_status asy_store_append(asy_store *s, uint64_t round, uint64_t time_ns,
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
	st = append(s, round, time_ns, recs, recs_n, bytes, &first, err);
	st = asy_store_leave(s, st, err);
	if (st == ASSAY_OK && first_seq != NULL)
		*first_seq = first;
	return st;
}

assay_status asy_store_round_begin(asy_store *s, uint64_t time_ns, assay_span payload,
								   uint64_t *round, assay_err *err)
{
	const asy_rec_in rec = {ASY_REC_BEGIN, payload};
	sqlite3_stmt *q = NULL;
	uint64_t bytes = 0, id = 0;
	assay_status st = check_records(time_ns, &rec, 1, &bytes, err);
	if (st == ASSAY_OK)
		st = asy_store_enter(s, "BEGIN", err);
	if (st != ASSAY_OK)
		return st;
	st = asy_store_prepare(s, "INSERT INTO round (begun_ns) VALUES (?1)", &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, time_ns);
		st = asy_store_run(s, q, "starting a round", err);
		id = (uint64_t)sqlite3_last_insert_rowid(s->db);
	}
	(void)sqlite3_finalize(q);
	if (st == ASSAY_OK)
		st = append(s, id, time_ns, &rec, 1, bytes, NULL, err);
	st = asy_store_leave(s, st, err);
	if (st == ASSAY_OK)
		*round = id;
	return st;
}

/* ---- read ---- */

static assay_status read_record(sqlite3_stmt *q, uint64_t round, asy_rec *r, assay_err *err)
{
	assay_span digest = asy_column_bytes(q, 3);
	uint8_t have[32];
	assay_status st = asy_store_no_negative(q, "a round record", err);
	if (st != ASSAY_OK)
		return st;
	*r = (asy_rec){
		.round = round,
		.seq = (uint32_t)sqlite3_column_int64(q, 0),
		.type = (asy_rec_type)sqlite3_column_int(q, 1),
		.time_ns = asy_column_u64(q, 2),
		.payload = asy_column_bytes(q, 4),
	};
	asy_blake2b(r->payload.ptr, r->payload.len, have, sizeof have);
	if (!asy_span_eq(digest, asy_span(have, sizeof have)))
		return ASSAY_FAIL(err, E_STORE,
						  "round %" PRIu64 " record %" PRIu32 " (%s): the bytes do not match their "
						  "digest; restore the data directory from a backup",
						  round, r->seq, asy_rec_name(r->type));
	memcpy(r->digest, have, sizeof r->digest);
	return ASSAY_OK;
}

static assay_status check_readable(asy_store *s, uint64_t round, round_head *h, assay_err *err)
{
	assay_status st = asy_store_fits(round, "the round", err);
	if (st == ASSAY_OK)
		st = read_head(s, round, h, err);
	if (st != ASSAY_OK)
		return st;
	if (!h->found)
		return ASSAY_FAIL(err, E_NOTFOUND, "there is no round %" PRIu64, round);
	if (h->pruned)
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "the records of round %" PRIu64
						  " were pruned; raise store.keep_rounds or store.keep_bytes to keep more",
						  round);
	return ASSAY_OK;
}

/* passed: NULL = damage is an error; else damaged records are passed over and counted. */
typedef struct {
	uint64_t round;
	uint32_t expected, *passed;
	asy_rec_visitor visit;
	void *arg;
} reading;

static assay_status visit_record(sqlite3_stmt *q, reading *r, assay_err *err)
{
	asy_rec rec;
	uint32_t seq = (uint32_t)sqlite3_column_int64(q, 0);
	if (seq != r->expected && r->passed == NULL)
		return ASSAY_FAIL(err, E_STORE, "round %" PRIu64 ": record %" PRIu32 " is missing",
						  r->round, r->expected);
	if (r->passed != NULL)
		*r->passed += seq - r->expected;
	r->expected = seq + 1;
	assay_status st = read_record(q, r->round, &rec, r->passed == NULL ? err : NULL);
	if (st != ASSAY_OK && r->passed != NULL) {
		++*r->passed;
		return ASSAY_OK;
	}
	return st == ASSAY_OK ? r->visit(r->arg, &rec, err) : st;
}

static assay_status visit_records(asy_store *s, reading *r, assay_err *err)
{
	round_head h;
	sqlite3_stmt *q = NULL;
	assay_status st = check_readable(s, r->round, &h, err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s,
							   "SELECT seq, type, time_ns, digest, payload FROM record"
							   " WHERE round = ?1 AND seq >= ?2 ORDER BY seq",
							   &q, err);
	if (st != ASSAY_OK)
		return st;
	asy_bind_u64(q, 1, r->round);
	asy_bind_u64(q, 2, r->expected);
	bool was_visiting = s->visiting;
	s->visiting = true;
	while (st == ASSAY_OK) {
		bool row = false;
		st = asy_store_row(s, q, "reading round records", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		st = visit_record(q, r, err);
	}
	s->visiting = was_visiting;
	(void)sqlite3_finalize(q);
	if (st != ASSAY_OK || r->expected >= h.next_seq)
		return st;
	if (r->passed == NULL)
		return ASSAY_FAIL(err, E_STORE, "round %" PRIu64 ": record %" PRIu32 " is missing",
						  r->round, r->expected);
	*r->passed += h.next_seq - r->expected;
	return ASSAY_OK;
}

assay_status asy_store_records(asy_store *s, uint64_t round, uint32_t from_seq,
							   asy_rec_visitor visit, void *arg, assay_err *err)
{
	reading r = {.round = round, .expected = from_seq, .visit = visit, .arg = arg};
	return visit_records(s, &r, err);
}

assay_status asy_store_sound_records(asy_store *s, uint64_t round, uint32_t *passed,
									 asy_rec_visitor visit, void *arg, assay_err *err)
{
	reading r = {.round = round, .passed = passed, .visit = visit, .arg = arg};
	*passed = 0;
	return visit_records(s, &r, err);
}

#define ROUND_COLUMNS "id, begun_ns, ended_ns, next_seq, last_type, bytes, digest"

static asy_round_info read_info(sqlite3_stmt *q)
{
	assay_span digest = asy_column_bytes(q, 6);
	asy_round_info info = {
		.round = asy_column_u64(q, 0),
		.begun_ns = asy_column_u64(q, 1),
		.ended_ns = asy_column_u64(q, 2),
		.records_n = (uint32_t)sqlite3_column_int64(q, 3),
		.last = (asy_rec_type)sqlite3_column_int(q, 4),
		.bytes = asy_column_u64(q, 5),
		.finished = sqlite3_column_type(q, 2) != SQLITE_NULL,
		.pruned = sqlite3_column_type(q, 6) != SQLITE_NULL,
	};
	if (digest.len == sizeof info.digest)
		memcpy(info.digest, digest.ptr, sizeof info.digest);
	return info;
}

static assay_status list_rounds(asy_store *s, const char *sql, uint64_t after, asy_round_info *out,
								size_t cap, size_t *n, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	size_t found = 0;
	assay_status st = asy_store_fits(after, "the round", err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s, sql, &q, err);
	if (st == ASSAY_OK)
		asy_bind_u64(q, 1, after);
	while (st == ASSAY_OK && found < cap) {
		bool row = false;
		st = asy_store_row(s, q, "listing rounds", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		st = asy_store_no_negative(q, "a round", err);
		if (st == ASSAY_OK)
			out[found++] = read_info(q);
	}
	(void)sqlite3_finalize(q);
	if (st == ASSAY_OK)
		*n = found;
	return st;
}

assay_status asy_store_unfinished(asy_store *s, uint64_t after, asy_round_info *out, size_t cap,
								  size_t *n, assay_err *err)
{
	return list_rounds(s,
					   "SELECT " ROUND_COLUMNS " FROM round"
					   " WHERE ended_ns IS NULL AND id > ?1 ORDER BY id",
					   after, out, cap, n, err);
}

assay_status asy_store_rounds(asy_store *s, uint64_t after, asy_round_info *out, size_t cap,
							  size_t *n, assay_err *err)
{
	return list_rounds(s, "SELECT " ROUND_COLUMNS " FROM round WHERE id > ?1 ORDER BY id", after,
					   out, cap, n, err);
}

assay_status asy_store_last_round(asy_store *s, asy_round_info *out, assay_err *err)
{
	size_t n = 0;
	assay_status st =
		list_rounds(s, "SELECT " ROUND_COLUMNS " FROM round WHERE id > ?1 ORDER BY id DESC", 0, out,
					1, &n, err);
	if (st == ASSAY_OK && n == 0)
		return ASSAY_FAIL(err, E_NOTFOUND, "no round has been started in %s", s->dir);
	return st;
}

/* ---- retention ---- */

static assay_status run_for_round(asy_store *s, const char *sql, uint64_t round, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(s, sql, &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, round);
		st = asy_store_run(s, q, "dropping old rounds", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

/* What stays of a round's records: one digest over type, time and digest of each. */
static assay_status digest_round(asy_store *s, uint64_t round, uint8_t out[32], assay_err *err)
{
	sqlite3_stmt *q = NULL;
	asy_blake2b_state state;
	bool row = true;
	assay_status st = asy_store_prepare(
		s, "SELECT type, time_ns, digest FROM record WHERE round = ?1 ORDER BY seq", &q, err);
	asy_blake2b_init(&state, 32);
	if (st == ASSAY_OK)
		asy_bind_u64(q, 1, round);
	while (st == ASSAY_OK && row) {
		uint8_t head[16];
		st = asy_store_row(s, q, "reading round records", &row, err);
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

static assay_status prune_round(asy_store *s, uint64_t round, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	uint8_t digest[32];
	assay_status st = digest_round(s, round, digest, err);
	if (st == ASSAY_OK)
		st = run_for_round(s, "DELETE FROM record WHERE round = ?1", round, err);
	if (st == ASSAY_OK)
		st = run_for_round(s, "DELETE FROM score WHERE round = ?1", round, err);
	if (st == ASSAY_OK)
		st = asy_store_blobs_drop(s, round, err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s, "UPDATE round SET bytes = 0, digest = ?2 WHERE id = ?1", &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, round);
		asy_bind_bytes(q, 2, asy_span(digest, sizeof digest));
		st = asy_store_run(s, q, "dropping old rounds", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

/* The totals over finished rounds that still have bodies, and the oldest of them that
 * may go. */
static assay_status prune_candidate(asy_store *s, uint64_t *rounds, uint64_t *bytes,
									uint64_t *oldest, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	bool row = false;
	assay_status st = asy_store_prepare(
		s,
		"SELECT count(*), ifnull(sum(bytes), 0), ifnull(min(CASE WHEN NOT EXISTS"
		" (SELECT 1 FROM submission WHERE round = r.id AND state < 7) THEN id END), 0)"
		" FROM round AS r WHERE ended_ns IS NOT NULL AND digest IS NULL",
		&q, err);
	if (st == ASSAY_OK)
		st = asy_store_row(s, q, "counting rounds", &row, err);
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
		st = prune_round(s, oldest, err);
		done++;
	}
	st = asy_store_leave(s, st, err);
	if (st == ASSAY_OK && pruned != NULL)
		*pruned = done;
	return st;
}
