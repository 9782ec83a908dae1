/* Replay bundles: one self-contained SQLite file with one round, or with all that may
 * leave this machine. It refuses to let a sealed row out before the chain has opened
 * it: whoever reads that row early can copy it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "store/impl.h"

/* What a round found out shows the row that is made of it, until a submission that knows
 * of it was opened, or ended. */
#define IS_SECRET(db)                                                                              \
	"(r.ended_ns IS NULL OR r.version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " db               \
	"story AS t JOIN " db "submission AS b ON b.id = t.id WHERE t.kind = 2"                        \
	" AND t.version >= r.version AND b.state >= 6))"
/* The rounds, and the submissions whose round is one of them. */
#define ROUNDS                                                                                     \
	"(SELECT id FROM src.story AS r WHERE kind = 1 AND (?1 = 0 OR id = ?1) AND NOT " IS_SECRET(    \
		"src.") ")"
#define CHOSEN                                                                                     \
	"(SELECT id FROM main.story WHERE ?1 = ?1)" /* those that the first two copies brought */

static const char *const copies[] = {
	"INSERT INTO main.story SELECT * FROM src.story WHERE id IN " ROUNDS,
	("INSERT INTO main.story SELECT t.* FROM src.story AS t JOIN src.submission AS b"
	 " ON b.id = t.id WHERE b.round IN " CHOSEN " AND b.state >= 6"),
	"INSERT INTO main.record SELECT * FROM src.record WHERE story IN " CHOSEN,
	"INSERT INTO main.score SELECT * FROM src.score WHERE round IN " CHOSEN,
	"INSERT INTO main.snapshot SELECT * FROM src.snapshot WHERE round IN " CHOSEN,
	"INSERT INTO main.submission SELECT * FROM src.submission WHERE id IN " CHOSEN,
	"INSERT INTO main.receipt SELECT * FROM src.receipt WHERE submission IN " CHOSEN,
	"INSERT INTO main.story_blob SELECT * FROM src.story_blob WHERE story IN " CHOSEN,
	("INSERT INTO main.blob SELECT * FROM src.blob WHERE digest IN"
	 " (SELECT digest FROM main.story_blob WHERE ?1 = ?1)"),
	"INSERT INTO main.forecast SELECT * FROM src.forecast WHERE submission IN " CHOSEN,
};

static assay_status copy_all(sqlite3 *db, uint64_t round, assay_err *err)
{
	int rc = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	for (size_t i = 0; i < ASY_COUNT(copies) && rc == SQLITE_OK; i++) {
		sqlite3_stmt *q = NULL;
		rc = sqlite3_prepare_v2(db, copies[i], -1, &q, NULL);
		if (rc == SQLITE_OK) {
			asy_bind_u64(q, 1, round);
			rc = sqlite3_step(q);
			rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
		}
		(void)sqlite3_finalize(q);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	return rc == SQLITE_OK ? ASSAY_OK : asy_store_db_fail(db, rc, "writing the bundle", err);
}

/* Runs a statement whose ?1 is a path. */
static assay_status with_path(sqlite3 *db, const char *sql, const char *path, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
	if (rc == SQLITE_OK) {
		(void)sqlite3_bind_text(q, 1, path, -1, SQLITE_STATIC);
		rc = sqlite3_step(q);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	(void)sqlite3_finalize(q);
	return rc == SQLITE_OK ? ASSAY_OK : asy_store_db_fail(db, rc, "reading the store", err);
}

/* Refuses a round that does not exist or still holds a secret. */
static assay_status check_round(asy_store *s, uint64_t round, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	bool row = false;
	assay_status st = asy_store_fits(round, "the round", err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(
			s,
			"SELECT (SELECT max(reveal_last) FROM submission WHERE round = ?1)," IS_SECRET(
				"") " FROM story AS r WHERE id = ?1 AND kind = 1",
			&q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, round);
		st = asy_store_row(s, q, "looking for the round", &row, err);
	}
	if (st == ASSAY_OK && !row)
		st = ASSAY_FAIL(err, E_NOTFOUND, "there is no round %" PRIu64, round);
	uint64_t last = st == ASSAY_OK && row ? asy_column_u64(q, 0) : 0;
	if (st == ASSAY_OK && row && sqlite3_column_int(q, 1) != 0)
		st = last != 0
				 ? ASSAY_FAIL(err, E_REFUSED,
							  "round %" PRIu64
							  " went into a row that the chain has not opened yet; export it after "
							  "block %" PRIu64,
							  round, last)
				 : ASSAY_FAIL(err, E_REFUSED,
							  "round %" PRIu64 " is not finished or its row not yet public; export "
							  "it when its weights have counted",
							  round);
	(void)sqlite3_finalize(q);
	return st;
}

/* The file and then its name reach the disk, in this order. */
static assay_status settle(const char *tmp, const char *path, assay_err *err)
{
	char dir[4096];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);
	if (slash == NULL)
		(void)asy_str_copy(dir, sizeof dir, ".");
	else
		(void)snprintf(dir, sizeof dir, "%.*s", (int)(len == 0 ? 1 : len), path);
	int fd = open(tmp, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0 && rename(tmp, path) == 0;
	int cause = errno;
	if (fd >= 0)
		(void)close(fd);
	if (!ok)
		return ASSAY_FAIL(err, E_IO, "cannot write %s: %s", path, strerror(cause));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd); /* some file systems refuse; the rename stands all the same */
		(void)close(fd);
	}
	return ASSAY_OK;
}

static assay_status make(const char *path, sqlite3 **out, assay_err *err)
{
	int rc = sqlite3_open_v2(path, out,
							 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
								 SQLITE_OPEN_EXRESCODE,
							 NULL);
	/* one file without companions: a bundle is copied around */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(*out, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=FULL", NULL, NULL,
						  NULL);
	return rc == SQLITE_OK ? asy_store_migrate(*out, err)
						   : asy_store_db_fail(*out, rc, "making the bundle", err);
}

static assay_status write_bundle(uint64_t round, const char *from, const char *tmp, assay_err *err)
{
	sqlite3 *db = NULL;
	assay_status st = make(tmp, &db, err);
	if (st == ASSAY_OK)
		st = with_path(db, "ATTACH DATABASE ?1 AS src", from, err);
	if (st == ASSAY_OK)
		st = copy_all(db, round, err);
	if (sqlite3_close(db) != SQLITE_OK && st == ASSAY_OK)
		st = ASSAY_FAIL(err, E_IO, "closing the bundle failed");
	return st;
}

/* Older data is copied, and the copy brought up to date: what is read stays as it is. */
static assay_status write_from_older(asy_store *s, uint64_t round, const char *tmp, assay_err *err)
{
	char copy[4200];
	sqlite3 *db = NULL, *src = NULL; /* one that sees it without our views */
	const char *path = sqlite3_db_filename(s->db, "main");
	(void)snprintf(copy, sizeof copy, "%s.copy", tmp);
	(void)unlink(copy);
	int rc = sqlite3_open_v2(path, &src, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	assay_status st = rc == SQLITE_OK ? with_path(src, "VACUUM INTO ?1", copy, err)
									  : asy_store_db_fail(src, rc, "reading the store", err);
	(void)sqlite3_close(src);
	if (st == ASSAY_OK)
		st = make(copy, &db, err);
	(void)sqlite3_close(db);
	if (st == ASSAY_OK)
		st = write_bundle(round, copy, tmp, err);
	(void)unlink(copy);
	return st;
}

assay_status asy_store_export(asy_store *s, uint64_t round, const char *path, assay_err *err)
{
	char tmp[4096];
	if (s->in_tx)
		return ASSAY_FAIL(err, E_INPUT, "a bundle cannot be made inside a transaction");
	if ((size_t)snprintf(tmp, sizeof tmp, "%s.%ld.tmp", path, (long)getpid()) >= sizeof tmp)
		return ASSAY_FAIL(err, E_LIMIT, "the path of the bundle is too long");
	assay_status st = round == 0 ? ASSAY_OK : check_round(s, round, err);
	if (st != ASSAY_OK)
		return st;
	(void)unlink(tmp);
	st = s->version == asy_store_schema_n
			 ? write_bundle(round, sqlite3_db_filename(s->db, "main"), tmp, err)
			 : write_from_older(s, round, tmp, err);
	if (st == ASSAY_OK)
		st = settle(tmp, path, err);
	if (st != ASSAY_OK) {
		(void)unlink(tmp);
		return assay_err_at(err, st, "exporting to %s", path);
	}
	return ASSAY_OK;
}
