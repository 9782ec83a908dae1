/* When what was committed is on disk. A commit writes the log and waits for nothing; whoever
 * is about to let something leave this machine settles first. The disk is waited for on
 * other threads only, so that a slow one never holds the loop.
 * Reason to change: another promise about power failures. */
#include <stdlib.h>
#include "store/impl.h"

/* Pages of 4 KiB. At COPY_FROM the log is copied into the database; SQLite then begins it
 * anew as soon as it is copied entirely. Above BEHIND_FROM whoever writes much pauses. */
#define COPY_FROM 1024
#define BEHIND_FROM 8192

/* ---- the log to the disk ---- */

static void sync_log(void *arg)
{
	store_sync *x = &((asy_store *)arg)->sync;
	x->rc = x->log->pMethods->xSync(x->log, SQLITE_SYNC_NORMAL);
}

static void on_synced(void *arg)
{
	asy_store *s = arg;
	s->sync.is_running = false;
	if (s->sync.rc == SQLITE_OK)
		s->on_disk = s->sync.upto;
	else
		s->broken = true; /* see asy_store_fail */
}

static assay_status start_sync(asy_store *s, assay_err *err)
{
	store_sync *x = &s->sync;
	int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &x->log);
	if (rc != SQLITE_OK || x->log == NULL || x->log->pMethods == NULL)
		return ASSAY_FAIL(err, E_INTERNAL, "the store has no log (code %d)", rc);
	x->upto = s->committed;
	x->is_running = true;
	assay_status st = asy_loop_work(s->loop, sync_log, on_synced, s, err);
	x->is_running = st == ASSAY_OK;
	return st;
}

static bool is_synced(void *arg)
{
	return !((asy_store *)arg)->sync.is_running;
}

assay_status asy_store_settle(asy_store *s, assay_err *err)
{
	uint64_t wanted = s->committed;
	if (s->loop == NULL)
		return ASSAY_OK;
	while (s->on_disk < wanted) {
		if (s->broken)
			return s->sync.rc == SQLITE_OK
					   ? ASSAY_FAIL(err, E_STORE, "an earlier write to %s failed", s->dir)
					   : asy_store_db_fail(NULL, s->sync.rc, "writing to the data directory", err);
		if (!s->sync.is_running)
			TRY(start_sync(s, err));
		if (asy_loop_await_end(s->loop, is_synced, s, ASY_NEVER) != ASSAY_OK)
			return ASSAY_FAIL(err, E_INTERNAL, "a wait for the disk ended early");
	}
	return ASSAY_OK;
}

/* ---- the log into the database ---- */

/*~ A passive checkpoint needs none of the locks that a reader or a writer wants, so the
 * loop's connection goes on beside it. It syncs the log before it copies and the database
 * after, whatever the loop's connection does. What fails is copied another time: the log
 * keeps it. */
static void copy_log(void *arg)
{
	store_copy *x = &((asy_store *)arg)->copy;
	sqlite3 *db = NULL;
	int all = 0;
	x->rc = sqlite3_open_v2(x->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, x->vfs);
	if (x->rc == SQLITE_OK) /* only a connection that has read knows of the log */
		x->rc = sqlite3_exec(db, "PRAGMA schema_version", NULL, NULL, NULL);
	if (x->rc == SQLITE_OK)
		x->rc =
			sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &all, &x->now_copied);
	(void)sqlite3_close(db);
}

static void on_copied(void *arg)
{
	store_copy *x = &((asy_store *)arg)->copy;
	x->is_running = false;
	x->has_failed = x->rc != SQLITE_OK;
	if (!x->has_failed && x->now_copied <= x->frames)
		x->copied = x->now_copied;
}

static void maybe_copy(asy_store *s)
{
	store_copy *x = &s->copy;
	int left = x->frames - x->copied;
	bool is_due = left >= COPY_FROM || (left > 0 && x->frames >= BEHIND_FROM);
	if (!is_due || x->is_running)
		return;
	x->is_running = asy_loop_work(s->loop, copy_log, on_copied, s, NULL) == ASSAY_OK;
}

static int on_frames(void *arg, sqlite3 *db, const char *name, int frames)
{
	store_copy *x = &((asy_store *)arg)->copy;
	(void)db;
	(void)name;
	if (frames < x->frames)
		x->copied = 0; /* it was begun anew */
	x->frames = frames;
	return SQLITE_OK;
}

bool asy_store_is_behind(const asy_store *s)
{
	const store_copy *x = &s->copy;
	return x->is_running && !x->has_failed && x->frames >= BEHIND_FROM;
}

/* ---- begin and end ---- */

assay_status asy_store_sync_init(asy_store *s, const char *path, const char *vfs, assay_err *err)
{
	/* NORMAL: the log's head is still synced when it is begun anew, without which a power
	 * failure could mix old pages with new ones */
	int rc = sqlite3_exec(s->db, "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0", NULL,
						  NULL, NULL);
	if (rc != SQLITE_OK)
		return asy_store_fail(s, rc, "opening the database", err);
	s->copy.path = strdup(path);
	if (s->copy.path == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "opening the database: out of memory");
	s->copy.vfs = vfs;
	(void)sqlite3_wal_hook(s->db, on_frames, s);
	s->committed = 1; /* what a process that died left in the log may not be on disk yet */
	return ASSAY_OK;
}

void asy_store_committed(asy_store *s)
{
	s->committed++;
	if (s->loop != NULL)
		maybe_copy(s);
}

static bool is_idle(void *arg)
{
	const asy_store *s = arg;
	return !s->sync.is_running && !s->copy.is_running;
}

/* The last connection copies what is left when it closes: most of it is copied before. */
void asy_store_sync_end(asy_store *s)
{
	if (s->loop == NULL)
		return;
	assay_status st = asy_loop_await_end(s->loop, is_idle, s, ASY_NEVER);
	if (st == ASSAY_OK && !s->broken && s->copy.frames > s->copy.copied) {
		s->copy.is_running = asy_loop_work(s->loop, copy_log, on_copied, s, NULL) == ASSAY_OK;
		st = asy_loop_await_end(s->loop, is_idle, s, ASY_NEVER);
	}
	ASSERT(st == ASSAY_OK);
}
