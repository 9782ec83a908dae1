/* What the files of store share and nobody else sees: the connection, and the few
 * ways in which every call prepares, binds, enters and leaves. */
#ifndef ASY_STORE_IMPL_H
#define ASY_STORE_IMPL_H
#include <sqlite3.h>
#include "store/store.h"

/* One fdatasync of the log under way, on another thread. */
typedef struct {
	sqlite3_file *log;
	uint64_t upto; /* transactions that it covers */
	int rc;
	bool is_running;
} store_sync;

/* The log copied into the database, on another thread and by a connection of its own. */
typedef struct {
	char *path;
	const char *vfs;
	int frames, copied; /* in the log; those of them that the database has */
	int rc, now_copied; /* of the other thread's, while it runs */
	bool is_running, has_failed;
} store_copy;

struct asy_store {
	sqlite3 *db;
	char *dir;   /* for messages and the lock */
	int lock_fd; /* -1 when read-only */
	bool read_only, bundle;
	bool is_readable_by_others; /* the directory */
	size_t version;             /* of the data; below asy_store_schema_n only for a reader */
	bool in_tx;                 /* begin was called */
	bool broken;                /* a write or fsync failed: what is on disk is not known any more */
	bool has_reserve;           /* room that is kept back for a full disk (reserve.c) */
	bool visiting;              /* inside a visitor: no changes */
	uint32_t snapshots_kept;
	void (*kill_point)(void *, const char *);
	void *kill_arg;
	const char *point; /* name of the last change in the transaction */

	/* sync.c */
	asy_loop *loop;              /* NULL: every commit waits for the disk */
	uint64_t committed, on_disk; /* transactions; how many of them are durable */
	store_sync sync;
	store_copy copy;
};

#define STORE_FILE "assay.db"
#define STORE_APP_ID 0x41534159 /* "ASAY" */

extern const char *const asy_store_schema[]; /* one step for each version */
extern const size_t asy_store_schema_n;
/* Temporary views of versions 1 and 2 as the present one. */
extern const char asy_store_halves[];

/* ---- stories.c ---- */
/* Starts a story with its first record; inside a change. */
assay_status asy_store_story_begin(asy_store *s, asy_story_kind kind, uint64_t version,
								   uint64_t time_ns, const asy_rec_in *rec, uint64_t *id,
								   assay_err *err) ASSAY_CHECKED;

/* ---- sync.c ---- */
/* From now on commits do not wait for the disk. */
assay_status asy_store_sync_init(asy_store *s, const char *path, const char *vfs,
								 assay_err *err) ASSAY_CHECKED;
/* A transaction was committed. */
void asy_store_committed(asy_store *s);
/* Awaits what runs on other threads. */
void asy_store_sync_end(asy_store *s);

/* ---- directory.c ---- */
/* Makes the directory, takes its lock and readies its files; close releases the lock. */
assay_status asy_store_take_dir(asy_store *s, assay_err *err) ASSAY_CHECKED;
assay_status asy_store_sign_lock(const asy_store *s, assay_err *err) ASSAY_CHECKED;

/* ---- reserve.c ---- */
/* Allocates it where there is room for it. */
void asy_store_take_reserve(asy_store *s);
void asy_store_release_reserve(asy_store *s);
/* Is there room on the disk for a reserve and some more? */
bool asy_store_has_room(const asy_store *s);

/* ---- blobs.c ---- */
/* Drops the blobs that only this story used. */
assay_status asy_store_blobs_drop(asy_store *s, uint64_t story, assay_err *err) ASSAY_CHECKED;

/* Applies the missing steps to db. */
assay_status asy_store_migrate(sqlite3 *db, assay_err *err) ASSAY_CHECKED;

/* What SQLite said, as our status and one sentence with a remedy. */
assay_status asy_store_fail(asy_store *s, int rc, const char *doing, assay_err *err);
assay_status asy_store_db_fail(sqlite3 *db, int rc, const char *doing, assay_err *err);

/* A mutation: checks that the store can be changed and opens a transaction, or a
 * savepoint inside the caller's. leave commits or undoes by st and returns the result. */
assay_status asy_store_enter(asy_store *s, const char *point, assay_err *err) ASSAY_CHECKED;
assay_status asy_store_leave(asy_store *s, assay_status st, assay_err *err) ASSAY_CHECKED;

assay_status asy_store_prepare(asy_store *s, const char *sql, sqlite3_stmt **out,
							   assay_err *err) ASSAY_CHECKED;
/* Runs a statement that gives no rows, and resets it. */
assay_status asy_store_run(asy_store *s, sqlite3_stmt *q, const char *doing,
						   assay_err *err) ASSAY_CHECKED;
/* One row or none. *row says which; the statement stays on the row. */
assay_status asy_store_row(asy_store *s, sqlite3_stmt *q, const char *doing, bool *row,
						   assay_err *err) ASSAY_CHECKED;

/* SQLite's integers are signed: a u64 that does not fit is refused, not wrapped. */
assay_status asy_store_fits(uint64_t v, const char *what, assay_err *err) ASSAY_CHECKED;
/* Nanoseconds since 1970 as a column keeps them. A clock that stands before 1970 gives a
 * number beyond that. */
assay_status asy_store_time_fits(uint64_t ns, assay_err *err) ASSAY_CHECKED;
/* No number in the store is negative; read as unsigned, one would become enormous. */
assay_status asy_store_no_negative(sqlite3_stmt *q, const char *what, assay_err *err) ASSAY_CHECKED;

static inline void asy_bind_u64(sqlite3_stmt *q, int i, uint64_t v)
{
	(void)sqlite3_bind_int64(q, i, (sqlite3_int64)v);
}
/* Bound without a copy: bytes live until the statement is reset. Empty is not NULL. */
static inline void asy_bind_bytes(sqlite3_stmt *q, int i, assay_span b)
{
	if (b.len == 0)
		(void)sqlite3_bind_zeroblob(q, i, 0);
	else
		(void)sqlite3_bind_blob64(q, i, b.ptr, b.len, SQLITE_STATIC);
}
static inline uint64_t asy_column_u64(sqlite3_stmt *q, int i)
{
	return (uint64_t)sqlite3_column_int64(q, i);
}
/* Borrowed until the statement moves. */
static inline assay_span asy_column_bytes(sqlite3_stmt *q, int i)
{
	const void *p = sqlite3_column_blob(q, i);
	return asy_span(p, (size_t)sqlite3_column_bytes(q, i));
}
#endif
