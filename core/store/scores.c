/* Scores as rows for reading back, and the tracker's memory as snapshots. Both can be
 * rebuilt from the journal; they are here so that a restart and a question need not
 * reread it. A snapshot is believed only if its digest is right. */
#include <math.h>
#include <stdlib.h>
#include "crypto/crypto.h"
#include "store/impl.h"

#define COMPONENTS_MAX 64u

/* ---- scores ---- */

static void encode_f64s(const double *v, size_t n, uint8_t *dst)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t bits;
		memcpy(&bits, &v[i], sizeof bits);
		asy_put_u64le(dst + 8 * i, bits);
	}
}

static assay_status put_score(asy_store *s, sqlite3_stmt *q, const asy_score *row, assay_err *err)
{
	uint8_t bytes[8 * COMPONENTS_MAX];
	if (row->components_n > COMPONENTS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "uid %u has %zu components, the limit is %u", row->uid,
						  row->components_n, COMPONENTS_MAX);
	(void)sqlite3_bind_int(q, 2, row->uid);
	asy_bind_bytes(q, 3, asy_span(row->hotkey, sizeof row->hotkey));
	(void)sqlite3_bind_int(q, 4, row->kind);
	if (isnan(row->score))
		(void)sqlite3_bind_null(q, 5);
	else
		(void)sqlite3_bind_double(q, 5, row->score);
	if (row->components_n == 0 || row->components == NULL) {
		(void)sqlite3_bind_null(q, 6);
	} else {
		encode_f64s(row->components, row->components_n, bytes);
		asy_bind_bytes(q, 6, asy_span(bytes, 8 * row->components_n));
	}
	return asy_store_run(s, q, "writing scores", err);
}

assay_status asy_store_scores_put(asy_store *s, uint64_t round, const asy_score *rows, size_t n,
								  assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_enter(s, "scores", err);
	if (st != ASSAY_OK)
		return st;
	st = asy_store_prepare(s,
						   "INSERT OR REPLACE INTO score"
						   " (round, uid, hotkey, kind, score, components)"
						   " SELECT id, ?2, ?3, ?4, ?5, ?6 FROM story WHERE id = ?1",
						   &q, err);
	if (st == ASSAY_OK)
		asy_bind_u64(q, 1, round);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		st = put_score(s, q, &rows[i], err);
		if (st == ASSAY_OK && sqlite3_changes(s->db) == 0)
			st = ASSAY_FAIL(err, E_NOTFOUND, "there is no round %" PRIu64, round);
	}
	(void)sqlite3_finalize(q);
	return asy_store_leave(s, st, err);
}

static assay_status read_score(sqlite3_stmt *q, asy_score *row, double components[COMPONENTS_MAX],
							   assay_err *err)
{
	assay_span hotkey = asy_column_bytes(q, 1), blob = asy_column_bytes(q, 4);
	assay_status st = asy_store_no_negative(q, "a score", err);
	if (st != ASSAY_OK)
		return st;
	if (hotkey.len != sizeof row->hotkey || blob.len % 8 != 0 || blob.len > 8 * COMPONENTS_MAX)
		return ASSAY_FAIL(err, E_STORE, "a score row is damaged");
	*row = (asy_score){
		.uid = (uint16_t)sqlite3_column_int(q, 0),
		.kind = (uint8_t)sqlite3_column_int(q, 2),
		.score =
			sqlite3_column_type(q, 3) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(q, 3),
		.components = blob.len != 0 ? components : NULL,
		.components_n = blob.len / 8,
	};
	memcpy(row->hotkey, hotkey.ptr, sizeof row->hotkey);
	for (size_t i = 0; i < row->components_n; i++) {
		uint64_t bits = asy_get_u64le(blob.ptr + 8 * i);
		memcpy(&components[i], &bits, sizeof bits);
	}
	return ASSAY_OK;
}

assay_status asy_store_scores(asy_store *s, uint64_t round, asy_score_visitor visit, void *arg,
							  assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_fits(round, "the round", err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s,
							   "SELECT uid, hotkey, kind, score, components FROM score"
							   " WHERE round = ?1 ORDER BY uid",
							   &q, err);
	if (st == ASSAY_OK)
		asy_bind_u64(q, 1, round);
	bool was_visiting = s->visiting;
	s->visiting = true;
	while (st == ASSAY_OK) {
		bool row = false;
		asy_score score;
		double components[COMPONENTS_MAX];
		st = asy_store_row(s, q, "reading scores", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		st = read_score(q, &score, components, err);
		if (st == ASSAY_OK)
			st = visit(arg, &score, err);
	}
	s->visiting = was_visiting;
	(void)sqlite3_finalize(q);
	return st;
}

/* ---- snapshots ---- */

static assay_status drop_old_snapshots(asy_store *s, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(s,
										"DELETE FROM snapshot WHERE id NOT IN"
										" (SELECT id FROM snapshot ORDER BY id DESC LIMIT ?1)",
										&q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, s->snapshots_kept);
		st = asy_store_run(s, q, "dropping old snapshots", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status insert_snapshot(asy_store *s, uint64_t round, uint64_t version,
									uint64_t time_ns, assay_span state, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	uint8_t digest[32];
	TRY(asy_store_prepare(
		s, "INSERT INTO snapshot (id, round, time_ns, digest, state) VALUES (?1, ?2, ?3, ?4, ?5)",
		&q, err));
	asy_blake2b(state.ptr, state.len, digest, sizeof digest);
	asy_bind_u64(q, 1, version);
	asy_bind_u64(q, 2, round);
	asy_bind_u64(q, 3, time_ns);
	asy_bind_bytes(q, 4, asy_span(digest, sizeof digest));
	asy_bind_bytes(q, 5, state);
	assay_status st = asy_store_run(s, q, "writing a snapshot", err);
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status set_version(asy_store *s, uint64_t round, uint64_t version, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	TRY(asy_store_prepare(s, "UPDATE story SET version = ?2 WHERE id = ?1 AND kind = 1", &q, err));
	asy_bind_u64(q, 1, round);
	asy_bind_u64(q, 2, version);
	assay_status st = asy_store_run(s, q, "writing a round", err);
	if (st == ASSAY_OK && sqlite3_changes(s->db) == 0)
		st = ASSAY_FAIL(err, E_NOTFOUND, "there is no round %" PRIu64, round);
	(void)sqlite3_finalize(q);
	return st;
}

assay_status asy_store_snapshot_put(asy_store *s, uint64_t round, uint64_t version,
									uint64_t time_ns, assay_span state, assay_err *err)
{
	if (state.len > ASY_REC_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "a snapshot of %zu bytes, the limit is %zu", state.len,
						  ASY_REC_MAX);
	TRY(asy_store_fits(round, "the round", err));
	TRY(asy_store_fits(version, "the memory's version", err));
	TRY(asy_store_time_fits(time_ns, err));
	TRY(asy_store_enter(s, "snapshot", err));
	assay_status st = insert_snapshot(s, round, version, time_ns, state, err);
	if (st == ASSAY_OK)
		st = set_version(s, round, version, err);
	if (st == ASSAY_OK)
		st = drop_old_snapshots(s, err);
	return asy_store_leave(s, st, err);
}

assay_status asy_store_snapshot_get(asy_store *s, asy_snapshot_info *info, asy_buf *out,
									assay_err *err)
{
	sqlite3_stmt *q = NULL;
	bool found = false;
	*info = (asy_snapshot_info){0};
	assay_status st = asy_store_prepare(
		s, "SELECT id, round, digest, state FROM snapshot ORDER BY id DESC", &q, err);
	while (st == ASSAY_OK && !found) {
		bool row = false;
		uint8_t have[32];
		st = asy_store_row(s, q, "reading a snapshot", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		assay_span digest = asy_column_bytes(q, 2), state = asy_column_bytes(q, 3);
		if (info->newest == 0)
			info->newest = asy_column_u64(q, 0);
		asy_blake2b(state.ptr, state.len, have, sizeof have);
		if (!asy_span_eq(digest, asy_span(have, sizeof have))) {
			info->damaged++;
			continue;
		}
		st = asy_buf_add(out, state.ptr, state.len, err);
		found = st == ASSAY_OK;
		info->version = asy_column_u64(q, 0);
		info->round = asy_column_u64(q, 1);
	}
	(void)sqlite3_finalize(q);
	if (st == ASSAY_OK && !found)
		st = info->damaged == 0
				 ? ASSAY_FAIL(err, E_NOTFOUND, "no tracker snapshot in %s", s->dir)
				 : ASSAY_FAIL(err, E_STORE, "all %" PRIu32 " tracker snapshots are damaged",
							  info->damaged);
	return st;
}
