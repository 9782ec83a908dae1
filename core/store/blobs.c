/* Blobs: bytes that records name by digest. They are kept once, and as long as a story
 * that uses them. A blob whose bytes do not match its name is damage, never data.
 * Reason to change: another rule for how long they stay. */
#include "crypto/crypto.h"
#include "store/impl.h"

/* Runs a statement of which ?1 is the digest and ?2 the story. */
static assay_status run_for(asy_store *s, const char *sql, const uint8_t digest[32], uint64_t story,
							assay_span bytes, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(s, sql, &q, err);
	if (st == ASSAY_OK) {
		asy_bind_bytes(q, 1, asy_span(digest, 32));
		asy_bind_u64(q, 2, story);
		if (sqlite3_bind_parameter_count(q) >= 3)
			asy_bind_bytes(q, 3, bytes);
		st = asy_store_run(s, q, "writing a blob", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status count_bytes(asy_store *s, uint64_t story, uint64_t bytes, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st =
		asy_store_prepare(s, "UPDATE story SET bytes = bytes + ?2 WHERE id = ?1", &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, story);
		asy_bind_u64(q, 2, bytes);
		st = asy_store_run(s, q, "writing a story", err);
	}
	if (st == ASSAY_OK && sqlite3_changes(s->db) == 0)
		st = ASSAY_FAIL(err, E_NOTFOUND, "there is no story %" PRIu64, story);
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status put(asy_store *s, uint64_t story, assay_span bytes, const uint8_t digest[32],
						assay_err *err)
{
	static const char *const use = "INSERT OR IGNORE INTO story_blob (digest, story)"
								   " SELECT ?1, id FROM story WHERE id = ?2";
	static const char *const keep = "INSERT OR IGNORE INTO blob (digest, bytes)"
									" SELECT ?1, ?3 FROM story WHERE id = ?2";
	assay_status st = run_for(s, use, digest, story, bytes, err);
	if (st != ASSAY_OK)
		return st;
	bool is_new = sqlite3_changes(s->db) > 0;
	st = run_for(s, keep, digest, story, bytes, err);
	return st == ASSAY_OK ? count_bytes(s, story, is_new ? bytes.len : 0, err) : st;
}

assay_status asy_store_blob_put(asy_store *s, uint64_t story, assay_span bytes, uint8_t digest[32],
								assay_err *err)
{
	if (bytes.len > ASY_REC_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "a blob of %zu bytes, the limit is %zu", bytes.len,
						  ASY_REC_MAX);
	assay_status st = asy_store_fits(story, "the story", err);
	if (st == ASSAY_OK)
		st = asy_store_enter(s, "blob", err);
	if (st != ASSAY_OK)
		return st;
	asy_blake2b(bytes.ptr, bytes.len, digest, 32);
	st = put(s, story, bytes, digest, err);
	return asy_store_leave(s, st, err);
}

assay_status asy_store_blob_get(asy_store *s, const uint8_t digest[32], asy_buf *out,
								assay_err *err)
{
	sqlite3_stmt *q = NULL;
	bool row = false;
	uint8_t have[32];
	char hex[65];
	asy_hex_encode(hex, digest, 32);
	assay_status st = asy_store_prepare(s, "SELECT bytes FROM blob WHERE digest = ?1", &q, err);
	if (st == ASSAY_OK) {
		asy_bind_bytes(q, 1, asy_span(digest, 32));
		st = asy_store_row(s, q, "reading a blob", &row, err);
	}
	if (st == ASSAY_OK && !row)
		st = ASSAY_FAIL(err, E_NOTFOUND, "blob %.12s.. is not in the store", hex);
	if (st == ASSAY_OK) {
		assay_span bytes = asy_column_bytes(q, 0);
		asy_blake2b(bytes.ptr, bytes.len, have, sizeof have);
		st = memcmp(have, digest, 32) == 0
				 ? asy_buf_add(out, bytes.ptr, bytes.len, err)
				 : ASSAY_FAIL(err, E_STORE,
							  "blob %.12s..: the bytes do not match their digest; restore the "
							  "data directory from a backup",
							  hex);
	}
	(void)sqlite3_finalize(q);
	return st;
}

assay_status asy_store_blobs_drop(asy_store *s, uint64_t story, assay_err *err)
{
	static const char *const steps[] = {
		("DELETE FROM blob WHERE digest IN (SELECT digest FROM story_blob WHERE story = ?1)"
		 " AND NOT EXISTS (SELECT 1 FROM story_blob AS u WHERE u.digest = blob.digest"
		 " AND u.story <> ?1)"),
		"DELETE FROM story_blob WHERE story = ?1",
	};
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < ASY_COUNT(steps); i++) {
		sqlite3_stmt *q = NULL;
		st = asy_store_prepare(s, steps[i], &q, err);
		if (st == ASSAY_OK) {
			asy_bind_u64(q, 1, story);
			st = asy_store_run(s, q, "dropping old blobs", err);
		}
		(void)sqlite3_finalize(q);
	}
	return st;
}
