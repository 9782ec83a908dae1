/* The data directory as an operating-system thing: its mode, its lock, and whether what
 * should be in it is there. Refuses what others may write to, links and other things in
 * place of its files, and a database that has vanished.
 * Reason to change: another file in the directory, or another way to lose one. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "store/impl.h"

#define PATH_CAP 4096u

static assay_status path_in(const char *dir, const char *name, char out[PATH_CAP], assay_err *err)
{
	if ((size_t)snprintf(out, PATH_CAP, "%s/%s", dir, name) >= PATH_CAP)
		return ASSAY_FAIL(err, E_LIMIT, "data_dir: the path is too long");
	return ASSAY_OK;
}

static assay_status check_mode(const char *dir, const struct stat *sb, assay_err *err)
{
	if (!S_ISDIR(sb->st_mode))
		return ASSAY_FAIL(err, E_IO, "data_dir %s is not a directory", dir);
	if ((sb->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return ASSAY_FAIL(err, E_IO,
						  "other users may write to data_dir %s (mode %03o); chmod 700 it, or use "
						  "another one",
						  dir, (unsigned)(sb->st_mode & 0777));
	return ASSAY_OK;
}

/* The directory is made for its owner alone, whatever the umask. One that others may
 * write to is refused: they could put another database, or another lock, into it. */
static assay_status make_dir(asy_store *s, assay_err *err)
{
	struct stat sb;
	if (mkdir(s->dir, 0700) == 0) {
		if (chmod(s->dir, 0700) != 0)
			return ASSAY_FAIL(err, E_IO, "cannot set the mode of data_dir %s: %s", s->dir,
							  strerror(errno));
	} else if (errno != EEXIST) {
		return ASSAY_FAIL(err, E_IO, "cannot make data_dir %s: %s", s->dir, strerror(errno));
	}
	if (stat(s->dir, &sb) != 0)
		return ASSAY_FAIL(err, E_IO, "cannot look at data_dir %s: %s", s->dir, strerror(errno));
	assay_status st = check_mode(s->dir, &sb, err);
	if (st != ASSAY_OK)
		return st;
	s->is_readable_by_others = (sb.st_mode & (S_IRGRP | S_IROTH | S_IXGRP | S_IXOTH)) != 0;
	return ASSAY_OK;
}

/* Opens a file of ours for its owner alone. A symbolic link in its place is refused: it
 * would make us write elsewhere. */
static assay_status open_own(const char *path, int *out, assay_err *err)
{
	struct stat sb;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0 && errno == ELOOP)
		return ASSAY_FAIL(err, E_IO, "%s is a symbolic link; put the file itself there", path);
	if (fd < 0)
		return ASSAY_FAIL(err, E_IO, "cannot open %s: %s", path, strerror(errno));
	bool is_ours = fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode);
	if (!is_ours || ((sb.st_mode & 0777) != 0600 && fchmod(fd, 0600) != 0)) {
		assay_status st =
			is_ours ? ASSAY_FAIL(err, E_IO, "cannot set the mode of %s: %s", path, strerror(errno))
					: ASSAY_FAIL(err, E_IO, "%s is not a regular file", path);
		(void)close(fd);
		return st;
	}
	*out = fd;
	return ASSAY_OK;
}

/* flock goes away with the process, so a crash never leaves a stale lock; the number
 * in the file only helps the message. */
static assay_status lock(int fd, int how, const char *dir, assay_err *err)
{
	char who[24] = "";
	if (flock(fd, how | LOCK_NB) == 0)
		return ASSAY_OK;
	if (errno != EWOULDBLOCK)
		return ASSAY_FAIL(err, E_IO, "cannot lock %s/lock: %s", dir, strerror(errno));
	ssize_t n = read(fd, who, sizeof who - 1);
	who[n > 0 ? strspn(who, "0123456789") : 0] = '\0';
	return ASSAY_FAIL(err, E_LOCKED,
					  "%s is in use by another daemon%s%s; stop it, or give this one its own "
					  "data_dir",
					  dir, who[0] != '\0' ? ", process " : "", who);
}

static assay_status take_lock(asy_store *s, assay_err *err)
{
	char path[PATH_CAP];
	int fd = -1;
	assay_status st = path_in(s->dir, "lock", path, err);
	if (st == ASSAY_OK)
		st = open_own(path, &fd, err);
	if (st == ASSAY_OK && (st = lock(fd, LOCK_EX, s->dir, err)) != ASSAY_OK)
		(void)close(fd);
	if (st != ASSAY_OK)
		return st;
	s->lock_fd = fd;
	return ASSAY_OK;
}

static bool has_bytes(const char *path)
{
	struct stat sb;
	return stat(path, &sb) == 0 && sb.st_size > 0;
}

/*~ A database that has vanished is not a new one. Sealed weights whose openings are gone
 * can never be revealed, and an operator who mounted the wrong disk must hear of it before
 * a fresh start hides it. The lock and the write-ahead log tell what was there. */
static assay_status check_there(const char *dir, bool was_used, assay_err *err)
{
	char db[PATH_CAP], wal[PATH_CAP];
	assay_status st = path_in(dir, STORE_FILE, db, err);
	if (st == ASSAY_OK)
		st = path_in(dir, STORE_FILE "-wal", wal, err);
	if (st == ASSAY_OK && !has_bytes(db) && (was_used || has_bytes(wal)))
		return ASSAY_FAIL(err, E_STORE,
						  STORE_FILE " is %s, but %s shows that there was one: restore it from a "
									 "backup, or move the whole data directory away to start empty",
						  access(db, F_OK) == 0 ? "empty" : "missing",
						  was_used ? "the lock" : "a write-ahead log");
	return st;
}

static assay_status prepare_files(const asy_store *s, assay_err *err)
{
	static const char *const companions[] = {STORE_FILE "-wal", STORE_FILE "-shm"};
	char db[PATH_CAP], path[PATH_CAP];
	struct stat sb;
	int fd = -1;
	assay_status st = path_in(s->dir, STORE_FILE, db, err);
	if (st == ASSAY_OK)
		st = check_there(s->dir, fstat(s->lock_fd, &sb) == 0 && sb.st_size > 0, err);
	if (st != ASSAY_OK)
		return st;
	st = open_own(db, &fd, err); /* SQLite gives its companions the mode of this file */
	if (st == ASSAY_OK)
		(void)close(fd);
	for (size_t i = 0; st == ASSAY_OK && i < ASY_COUNT(companions); i++) {
		st = path_in(s->dir, companions[i], path, err);
		if (st != ASSAY_OK || access(path, F_OK) != 0)
			continue;
		st = open_own(path, &fd, err);
		if (st == ASSAY_OK)
			(void)close(fd);
	}
	return st;
}

assay_status asy_store_check_dir(const char *dir, assay_err *err)
{
	char path[PATH_CAP];
	struct stat sb;
	if (stat(dir, &sb) != 0)
		return ASSAY_FAIL(err, E_IO, "cannot look at data_dir %s: %s", dir, strerror(errno));
	assay_status st = check_mode(dir, &sb, err);
	if (st == ASSAY_OK)
		st = path_in(dir, "lock", path, err);
	if (st != ASSAY_OK)
		return st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ELOOP)
		return ASSAY_FAIL(err, E_IO, "%s is a symbolic link; put the file itself there", path);
	bool was_used = fd >= 0 && fstat(fd, &sb) == 0 && sb.st_size > 0;
	if (fd >= 0) {
		st = lock(fd, LOCK_SH, dir, err);
		(void)close(fd); /* and lets go of it */
	}
	return st == ASSAY_OK ? check_there(dir, was_used, err) : st;
}

assay_status asy_store_take_dir(asy_store *s, assay_err *err)
{
	assay_status st = make_dir(s, err);
	if (st == ASSAY_OK)
		st = take_lock(s, err);
	return st == ASSAY_OK ? prepare_files(s, err) : st;
}

/* Written once the database is open: a lock with a number in it says that there was a
 * database beside it. */
assay_status asy_store_sign_lock(const asy_store *s, assay_err *err)
{
	char me[24];
	int len = snprintf(me, sizeof me, "%ld\n", (long)getpid());
	if (ftruncate(s->lock_fd, 0) != 0 || pwrite(s->lock_fd, me, (size_t)len, 0) != len)
		return ASSAY_FAIL(err, E_IO, "cannot write the lock: %s", strerror(errno));
	return ASSAY_OK;
}
