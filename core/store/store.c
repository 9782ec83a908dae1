/* The connection: open, check, migrate, transactions, and what SQLite's answers mean in
 * words. It refuses a database that is damaged or newer than this program, and any change
 * after a failed write: from then on only a restart knows what is on disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "store/impl.h"

/* ---- words ---- */

assay_status asy_store_db_fail(sqlite3 *db, int rc, const char *doing, assay_err *err)
{
	const char *said = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return ASSAY_FAIL(err, E_IO,
						  "%s: the disk is full; nothing of this change was kept. Free space, or "
						  "lower store.keep_bytes",
						  doing);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ASSAY_FAIL(err, E_STORE,
						  "%s: the database is damaged (%s). Restore it from a backup, or move the "
						  "data directory away to start empty",
						  doing, said);
	case SQLITE_IOERR:
		return ASSAY_FAIL(err, E_IO, "%s: reading or writing the disk failed (%s, code %d)", doing,
						  said, rc);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ASSAY_FAIL(err, E_LOCKED,
						  "%s: another program holds the database; close it and try again", doing);
	case SQLITE_NOMEM:
		return ASSAY_FAIL(err, E_NOMEM, "%s: out of memory", doing);
	case SQLITE_TOOBIG:
		return ASSAY_FAIL(err, E_LIMIT, "%s: too large for one row", doing);
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ASSAY_FAIL(err, E_IO, "%s: %s; check the owner and mode of the data directory",
						  doing, said);
	default:
		return ASSAY_FAIL(err, E_STORE, "%s: %s (code %d)", doing, said, rc);
	}
}

assay_status asy_store_fail(asy_store *s, int rc, const char *doing, assay_err *err)
{
	/* After a failed fsync the kernel may report the next one as good although pages
	 * were lost, so no later success can be believed. A full disk is different:
	 * SQLite undid the change before anything was promised. */
	int why = s->db != NULL ? sqlite3_system_errno(s->db) : 0;
	if ((rc & 0xff) == SQLITE_IOERR && !s->read_only)
		s->broken = true;
	if ((rc & 0xff) == SQLITE_FULL || why == ENOSPC || why == EDQUOT)
		asy_store_release_reserve(s);
	return asy_store_db_fail(s->db, rc, doing, err);
}

/* ---- statements ---- */

assay_status asy_store_prepare(asy_store *s, const char *sql, sqlite3_stmt **out, assay_err *err)
{
	int rc = sqlite3_prepare_v2(s->db, sql, -1, out, NULL);
	return rc == SQLITE_OK ? ASSAY_OK : asy_store_fail(s, rc, "preparing a statement", err);
}

assay_status asy_store_run(asy_store *s, sqlite3_stmt *q, const char *doing, assay_err *err)
{
	int rc = sqlite3_step(q);
	assay_status st =
		rc == SQLITE_DONE || rc == SQLITE_ROW ? ASSAY_OK : asy_store_fail(s, rc, doing, err);
	(void)sqlite3_reset(q);
	return st;
}

assay_status asy_store_row(asy_store *s, sqlite3_stmt *q, const char *doing, bool *row,
						   assay_err *err)
{
	int rc = sqlite3_step(q);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return asy_store_fail(s, rc, doing, err);
	*row = rc == SQLITE_ROW;
	return ASSAY_OK;
}

assay_status asy_store_time_fits(uint64_t ns, assay_err *err)
{
	if (ns > INT64_MAX)
		return ASSAY_FAIL(err, E_RANGE,
						  "the time is before 1970 or after 2262; set this machine's clock");
	return ASSAY_OK;
}

assay_status asy_store_no_negative(sqlite3_stmt *q, const char *what, assay_err *err)
{
	for (int i = 0; i < sqlite3_column_count(q); i++)
		if (sqlite3_column_type(q, i) == SQLITE_INTEGER && sqlite3_column_int64(q, i) < 0)
			return ASSAY_FAIL(err, E_STORE, "%s is damaged: its %s is %lld", what,
							  sqlite3_column_name(q, i), (long long)sqlite3_column_int64(q, i));
	return ASSAY_OK;
}

assay_status asy_store_fits(uint64_t v, const char *what, assay_err *err)
{
	if (v > INT64_MAX)
		return ASSAY_FAIL(err, E_RANGE, "%s is %" PRIu64 ", above what the store keeps", what, v);
	return ASSAY_OK;
}

/* ---- transactions ---- */

static assay_status exec(asy_store *s, const char *sql, const char *doing, assay_err *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? ASSAY_OK : asy_store_fail(s, rc, doing, err);
}

static void reach(const asy_store *s, const char *when)
{
	if (s->kill_point == NULL || s->point == NULL)
		return;
	char name[64];
	(void)snprintf(name, sizeof name, "%s:%s", when, s->point);
	s->kill_point(s->kill_arg, name);
}

static assay_status check_usable(const asy_store *s, assay_err *err)
{
	if (s->read_only)
		return ASSAY_FAIL(err, E_INPUT, "%s was opened for reading only", s->dir);
	if (s->visiting)
		return ASSAY_FAIL(err, E_INPUT, "a visitor of records may not change the store");
	if (s->broken)
		return ASSAY_FAIL(err, E_STORE,
						  "an earlier write to %s failed, so nothing more is written; mend the "
						  "disk and restart",
						  s->dir);
	/* Some failures make SQLite undo the whole transaction by itself. */
	if (s->in_tx && sqlite3_get_autocommit(s->db) != 0)
		return ASSAY_FAIL(err, E_STORE, "an earlier failure undid this transaction; roll it back");
	return ASSAY_OK;
}

static assay_status commit(asy_store *s, assay_err *err)
{
	reach(s, "before");
	assay_status st = exec(s, "COMMIT", "writing to the data directory", err);
	if (st == ASSAY_OK) {
		asy_store_committed(s);
		reach(s, "after");
	} else if (sqlite3_get_autocommit(s->db) == 0) {
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	}
	s->point = NULL;
	return st;
}

assay_status asy_store_begin(asy_store *s, assay_err *err)
{
	if (s->in_tx)
		return ASSAY_FAIL(err, E_INPUT, "a transaction is open already");
	assay_status st = check_usable(s, err);
	if (st == ASSAY_OK)
		st = exec(s, "BEGIN IMMEDIATE", "starting a transaction", err);
	if (st == ASSAY_OK) {
		s->in_tx = true;
		s->point = NULL;
	}
	return st;
}

assay_status asy_store_commit(asy_store *s, assay_err *err)
{
	if (!s->in_tx)
		return ASSAY_FAIL(err, E_INPUT, "no transaction is open");
	assay_status st = check_usable(s, err);
	if (st == ASSAY_OK)
		st = commit(s, err);
	else
		asy_store_rollback(s);
	s->in_tx = false;
	return st;
}

void asy_store_rollback(asy_store *s)
{
	if (s->in_tx && sqlite3_get_autocommit(s->db) == 0)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->in_tx = false;
	s->point = NULL;
}

assay_status asy_store_enter(asy_store *s, const char *point, assay_err *err)
{
	assay_status st = check_usable(s, err);
	if (st != ASSAY_OK)
		return st;
	s->point = point;
	return exec(s, s->in_tx ? "SAVEPOINT op" : "BEGIN IMMEDIATE", "starting a change", err);
}

assay_status asy_store_leave(asy_store *s, assay_status st, assay_err *err)
{
	if (!s->in_tx && st == ASSAY_OK)
		return commit(s, err);
	if (sqlite3_get_autocommit(s->db) != 0)
		return st; /* SQLite undid everything; check_usable tells the next caller */
	if (st == ASSAY_OK)
		return exec(s, "RELEASE op", "ending a change", err);
	(void)sqlite3_exec(s->db, s->in_tx ? "ROLLBACK TO op; RELEASE op" : "ROLLBACK", NULL, NULL,
					   NULL);
	if (!s->in_tx)
		s->point = NULL;
	return st;
}

/* ---- schema ---- */

static int read_int(void *arg, int n, char **values, char **names)
{
	(void)names;
	if (n > 0 && values[0] != NULL)
		*(long *)arg = strtol(values[0], NULL, 10);
	return 0;
}

static assay_status pragma_int(sqlite3 *db, const char *sql, long *out, assay_err *err)
{
	int rc = sqlite3_exec(db, sql, read_int, out, NULL);
	return rc == SQLITE_OK ? ASSAY_OK : asy_store_db_fail(db, rc, "opening the database", err);
}

assay_status asy_store_migrate(sqlite3 *db, assay_err *err)
{
	long version = 0, app = 0, tables = 0;
	assay_status st = pragma_int(db, "PRAGMA user_version", &version, err);
	if (st == ASSAY_OK)
		st = pragma_int(db, "PRAGMA application_id", &app, err);
	if (st == ASSAY_OK)
		st = pragma_int(db, "SELECT count(*) FROM sqlite_schema", &tables, err);
	if (st != ASSAY_OK)
		return st;
	if (tables != 0 && app != STORE_APP_ID)
		return ASSAY_FAIL(err, E_STORE, STORE_FILE " is a database of another program");
	if (version < 0 || (size_t)version > asy_store_schema_n)
		return ASSAY_FAIL(err, E_STORE,
						  "the data was written by a newer version (schema %ld, this one knows "
						  "%zu); upgrade Assay or use another data_dir",
						  version, asy_store_schema_n);
	for (size_t v = (size_t)version; v < asy_store_schema_n; v++) {
		char stamp[96];
		(void)snprintf(stamp, sizeof stamp, "PRAGMA application_id=%d; PRAGMA user_version=%zu",
					   STORE_APP_ID, v + 1);
		int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		if (rc == SQLITE_OK)
			rc = sqlite3_exec(db, asy_store_schema[v], NULL, NULL, NULL);
		if (rc == SQLITE_OK)
			rc = sqlite3_exec(db, stamp, NULL, NULL, NULL);
		if (rc == SQLITE_OK)
			rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
		if (rc != SQLITE_OK) {
			st = asy_store_db_fail(db, rc, "bringing the data directory up to date", err);
			(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
			return st;
		}
	}
	return ASSAY_OK;
}

/* Views of older data as the present version has it, for a reader. Version 1 had neither
 * blobs nor forecasts: empty tables stand for them. */
static assay_status read_as_present(sqlite3 *db, size_t version, assay_err *err)
{
	static const char *const none =
		"DROP VIEW temp.story_blob; DROP VIEW temp.forecast;"
		"CREATE TEMP TABLE blob (digest BLOB, bytes BLOB);"
		"CREATE TEMP TABLE story_blob (story INTEGER, digest BLOB);"
		"CREATE TEMP TABLE forecast (submission INTEGER, made_at INTEGER, counted_at INTEGER,"
		" outcome TEXT)";
	if (version == asy_store_schema_n)
		return ASSAY_OK;
	int rc = sqlite3_exec(db, asy_store_halves, NULL, NULL, NULL);
	if (rc == SQLITE_OK && version == 1)
		rc = sqlite3_exec(db, none, NULL, NULL, NULL);
	return rc == SQLITE_OK ? ASSAY_OK
						   : asy_store_db_fail(db, rc, "reading data of an older version", err);
}

/* A reader changes nothing on disk: older data is read as it is. */
static assay_status check_version(asy_store *s, assay_err *err)
{
	long version = 0, app = 0;
	sqlite3 *db = s->db;
	assay_status st = pragma_int(db, "PRAGMA application_id", &app, err);
	if (st == ASSAY_OK)
		st = pragma_int(db, "PRAGMA user_version", &version, err);
	if (st != ASSAY_OK)
		return st;
	if (app != STORE_APP_ID)
		return ASSAY_FAIL(err, E_STORE,
						  "this is an empty database or one of another program; check the path, or "
						  "restore it from a backup");
	if (version < 1 || version > (long)asy_store_schema_n)
		return ASSAY_FAIL(err, E_STORE,
						  "the data has schema %ld, this program reads 1 to %zu; upgrade Assay",
						  version, asy_store_schema_n);
	s->version = (size_t)version;
	return read_as_present(db, s->version, err);
}

static int first_text(void *arg, int n, char **values, char **names)
{
	(void)names;
	char *dst = arg;
	if (n > 0 && values[0] != NULL && dst[0] == '\0')
		(void)asy_str_copy(dst, 200, values[0]);
	return 0;
}

static assay_status check_integrity(sqlite3 *db, assay_err *err)
{
	char said[200] = "";
	int rc = sqlite3_exec(db, "PRAGMA quick_check(1)", first_text, said, NULL);
	if (rc != SQLITE_OK)
		return asy_store_db_fail(db, rc, "checking the database", err);
	if (strcmp(said, "ok") != 0)
		return ASSAY_FAIL(err, E_STORE,
						  "the database is damaged (%s). Restore it from a backup, or move the "
						  "data directory away to start empty",
						  said);
	return ASSAY_OK;
}

/* ---- open and close ---- */

static assay_status connect_db(asy_store *s, const char *path, const char *vfs, assay_err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
				(s->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	int rc = sqlite3_open_v2(path, &s->db, flags, vfs);
	if (rc != SQLITE_OK)
		return asy_store_db_fail(s->db, rc, "opening the database", err);
	(void)sqlite3_busy_timeout(s->db, 5000); /* a user's SQLite shell may look in briefly */
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	rc = sqlite3_exec(s->db, "PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON", NULL, NULL, NULL);
	char mode[200] = "";
	if (rc == SQLITE_OK && !s->read_only)
		rc = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL", first_text, mode, NULL);
	if (rc == SQLITE_OK && !s->read_only)
		rc = sqlite3_exec(s->db,
						  "PRAGMA synchronous=FULL; PRAGMA journal_size_limit=16777216;"
						  /* checkpoints of 2 MiB: each holds the loop */
						  "PRAGMA wal_autocheckpoint=512;"
						  /* KiB: a daemon has as many of these as it has tasks */
						  "PRAGMA cache_size=-256;"
						  /* no files that are made and removed within a statement */
						  "PRAGMA temp_store=MEMORY",
						  NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return asy_store_db_fail(s->db, rc, "opening the database", err);
	if (!s->read_only && strcmp(mode, "wal") != 0)
		return ASSAY_FAIL(err, E_STORE,
						  "this file system cannot hold a write-ahead log; use a local disk for "
						  "data_dir");
	s->version = asy_store_schema_n;
	assay_status st = s->read_only ? check_version(s, err) : asy_store_migrate(s->db, err);
	return st == ASSAY_OK ? check_integrity(s->db, err) : st;
}

static asy_store *store_new(const char *dir, bool read_only)
{
	asy_store *s = asy_calloc(1, sizeof *s);
	if (s == NULL)
		return NULL;
	s->lock_fd = -1;
	s->read_only = read_only;
	s->snapshots_kept = 8;
	s->dir = strdup(dir);
	if (s->dir == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

assay_status asy_store_open(const asy_store_options *options, asy_store **out, assay_err *err)
{
	char path[4096];
	if (options->dir == NULL || options->dir[0] == '\0')
		return ASSAY_FAIL(err, E_INPUT, "data_dir is empty");
	if ((size_t)snprintf(path, sizeof path, "%s/" STORE_FILE, options->dir) >= sizeof path)
		return ASSAY_FAIL(err, E_LIMIT, "data_dir: the path is too long");
	asy_store *s = store_new(options->dir, options->read_only);
	if (s == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "opening %s: out of memory", options->dir);
	s->kill_point = options->kill_point;
	s->kill_arg = options->kill_arg;
	if (options->snapshots_kept != 0)
		s->snapshots_kept = options->snapshots_kept;
	assay_status st = ASSAY_OK;
	if (!s->read_only)
		st = asy_store_take_dir(s, err);
	if (st == ASSAY_OK && !s->read_only)
		asy_store_take_reserve(s);
	if (st == ASSAY_OK)
		st = connect_db(s, path, options->vfs, err);
	if (st == ASSAY_E_IO && s->has_reserve && !asy_store_has_room(s)) {
		/* SQLite needs room only to look */
		asy_store_release_reserve(s);
		(void)sqlite3_close(s->db);
		s->db = NULL;
		st = connect_db(s, path, options->vfs, err);
	}
	if (st == ASSAY_OK && !s->read_only && options->loop != NULL) {
		s->loop = options->loop;
		st = asy_store_sync_init(s, path, options->vfs, err);
	}
	if (st == ASSAY_OK && !s->read_only)
		st = asy_store_sign_lock(s, err);
	if (st != ASSAY_OK) {
		if (st != ASSAY_E_LOCKED && st != ASSAY_E_INPUT)
			st = assay_err_at(err, st, "%s", options->dir);
		asy_store_close(s);
		return st;
	}
	*out = s;
	return ASSAY_OK;
}

static bool is_database(const char *path)
{
	static const char magic[16] = "SQLite format 3";
	char head[sizeof magic];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, head, sizeof head) : -1;
	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)sizeof head && memcmp(head, magic, sizeof head) == 0;
}

assay_status asy_store_open_bundle(const char *path, asy_store **out, assay_err *err)
{
	struct stat sb;
	if (stat(path, &sb) != 0 || !S_ISREG(sb.st_mode))
		return ASSAY_FAIL(err, E_NOTFOUND, "%s is not a file that can be read", path);
	if (!is_database(path))
		return ASSAY_FAIL(err, E_INPUT, "%s is not a bundle; `assay replay --export` makes one",
						  path);
	asy_store *s = store_new(path, true);
	if (s == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "opening %s: out of memory", path);
	s->bundle = true;
	assay_status st = connect_db(s, path, NULL, err);
	if (st != ASSAY_OK) {
		st = assay_err_at(err, st, "%s", path);
		asy_store_close(s);
		return st;
	}
	*out = s;
	return ASSAY_OK;
}

bool asy_store_is_open_to_others(const asy_store *s)
{
	return s->is_readable_by_others;
}

void asy_store_close(asy_store *s)
{
	if (s == NULL)
		return;
	if (s->db != NULL) {
		asy_store_rollback(s);
		asy_store_sync_end(s);
		(void)sqlite3_close_v2(s->db);
	}
	if (s->lock_fd >= 0)
		(void)close(s->lock_fd);
	free(s->copy.path);
	free(s->dir);
	free(s);
}
