/* A VFS for tests: passes everything to the platform's, and fails where the knobs say:
 * half a write, a failing fsync, a full disk, or death by SIGKILL at a chosen call.
 * Never registered unless a test asks for it; one set of knobs per process. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include "store/impl.h"

typedef struct {
	sqlite3_file base; /* first: SQLite sees only this */
	sqlite3_file *real;
	bool is_log;
} fault_file;

static asy_store_faults knobs;
static sqlite3_vfs *real_vfs;
static pthread_t registered_by;

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((fault_file *)f)->real;
}

static bool due(_Atomic uint64_t *countdown)
{
	return *countdown != 0 && atomic_fetch_sub(countdown, 1) == 1;
}

static void die(void)
{
	(void)kill(getpid(), SIGKILL);
	(void)pause();
}

static int f_close(sqlite3_file *f)
{
	sqlite3_file *r = real_of(f);
	return r->pMethods != NULL ? r->pMethods->xClose(r) : SQLITE_OK;
}
static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}
static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	sqlite3_file *r = real_of(f);
	knobs.writes++;
	knobs.log_writes += ((fault_file *)f)->is_log;
	if (due(&knobs.crash_write))
		die();
	if (due(&knobs.short_write)) {
		(void)r->pMethods->xWrite(r, p, n / 2, at);
		return SQLITE_FULL;
	}
	if (knobs.full) {
		if (knobs.full_after < (uint64_t)n)
			return SQLITE_FULL;
		knobs.full_after -= (uint64_t)n;
	}
	return r->pMethods->xWrite(r, p, n, at);
}
static int f_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), n);
}
static int f_sync(sqlite3_file *f, int flags)
{
	knobs.syncs++;
	if (due(&knobs.crash_sync))
		die();
	if (due(&knobs.sync_fail))
		return SQLITE_IOERR_FSYNC;
	knobs.held += pthread_equal(registered_by, pthread_self()) != 0;
	sqlite3_file *r = real_of(f);
	uint64_t covered = knobs.log_writes;
	sqlite3_int64 size = 0;
	int rc = r->pMethods->xFileSize(r, &size);
	if (rc == SQLITE_OK)
		rc = r->pMethods->xSync(r, flags);
	if (rc == SQLITE_OK && ((fault_file *)f)->is_log) {
		knobs.log_synced = covered;
		knobs.log_size = (uint64_t)size;
	}
	return rc;
}
static int f_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), n);
}
static int f_lock(sqlite3_file *f, int l)
{
	return real_of(f)->pMethods->xLock(real_of(f), l);
}
static int f_unlock(sqlite3_file *f, int l)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), l);
}
static int f_reserved(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}
static int f_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int f_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}
static int f_traits(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}
static int f_shm_map(sqlite3_file *f, int pg, int size, int extend, void volatile **out)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), pg, size, extend, out);
}
static int f_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}
static void f_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}
static int f_shm_unmap(sqlite3_file *f, int del)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), del);
}

/* Version 2: with shared memory, which the log needs; without memory-mapped reads,
 * which would pass the knobs by. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_reserved,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_traits,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
	fault_file *ff = (fault_file *)f;
	(void)v;
	/* SQLite gave szOsFile bytes: ours first, then the platform's */
	ff->real = (sqlite3_file *)(void *)(ff + 1);
	ff->real->pMethods = NULL;
	ff->is_log = (flags & SQLITE_OPEN_WAL) != 0;
	ff->base.pMethods = NULL;
	int rc = real_vfs->xOpen(real_vfs, name, ff->real, flags, out_flags);
	if (ff->real->pMethods != NULL)
		ff->base.pMethods = &methods;
	return rc;
}
static int v_delete(sqlite3_vfs *v, const char *name, int sync)
{
	(void)v;
	return real_vfs->xDelete(real_vfs, name, sync);
}
static int v_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	(void)v;
	return real_vfs->xAccess(real_vfs, name, flags, out);
}
static int v_path(sqlite3_vfs *v, const char *name, int n, char *out)
{
	(void)v;
	return real_vfs->xFullPathname(real_vfs, name, n, out);
}
static int v_random(sqlite3_vfs *v, int n, char *out)
{
	(void)v;
	return real_vfs->xRandomness(real_vfs, n, out);
}
static int v_sleep(sqlite3_vfs *v, int us)
{
	(void)v;
	return real_vfs->xSleep(real_vfs, us);
}
static int v_time(sqlite3_vfs *v, double *out)
{
	(void)v;
	return real_vfs->xCurrentTime(real_vfs, out);
}
static int v_error(sqlite3_vfs *v, int n, char *out)
{
	(void)v;
	return real_vfs->xGetLastError(real_vfs, n, out);
}

assay_status asy_store_fault_vfs(asy_store_faults **out, assay_err *err)
{
	static sqlite3_vfs vfs = {
		.iVersion = 1,
		.zName = "assay-fault",
		.xOpen = v_open,
		.xDelete = v_delete,
		.xAccess = v_access,
		.xFullPathname = v_path,
		.xRandomness = v_random,
		.xSleep = v_sleep,
		.xCurrentTime = v_time,
		.xGetLastError = v_error,
	};
	registered_by = pthread_self();
	if (real_vfs == NULL) {
		real_vfs = sqlite3_vfs_find(NULL);
		if (real_vfs == NULL)
			return ASSAY_FAIL(err, E_UNSUPPORTED, "SQLite has no VFS here");
		vfs.szOsFile = (int)sizeof(fault_file) + real_vfs->szOsFile;
		vfs.mxPathname = real_vfs->mxPathname;
		int rc = sqlite3_vfs_register(&vfs, 0);
		if (rc != SQLITE_OK) {
			real_vfs = NULL;
			return ASSAY_FAIL(err, E_INTERNAL, "registering the VFS: %s", sqlite3_errstr(rc));
		}
	}
	*out = &knobs;
	return ASSAY_OK;
}
