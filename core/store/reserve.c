/* Room for what must still be written when the disk is full: a file of the data directory
 * that is really allocated, and given back at the first write that finds no room. From then on
 * the store is tight, until the disk has room for the reserve and some more.
 * Reason to change: how much is kept back, or when it is taken again. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "store/impl.h"

#define RESERVE_BYTES ((off_t)4 << 20)
/* Besides the reserve: or the next record would give it back again. */
#define ROOM_BYTES ((uint64_t)4 << 20)

static bool path_of(const asy_store *s, char *out, size_t cap)
{
	return (size_t)snprintf(out, cap, "%s/reserve", s->dir) < cap;
}

static bool is_allocated(const char *path)
{
	struct stat sb;
	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size >= RESERVE_BYTES &&
		   (uint64_t)sb.st_blocks * 512u >= (uint64_t)RESERVE_BYTES;
}

bool asy_store_has_room(const asy_store *s)
{
	struct statvfs v;
	return statvfs(s->dir, &v) != 0 ||
		   (uint64_t)v.f_bavail * v.f_frsize >= (uint64_t)RESERVE_BYTES + ROOM_BYTES;
}

void asy_store_take_reserve(asy_store *s)
{
	char path[4096];
	if (!path_of(s, path, sizeof path))
		return;
	s->has_reserve = is_allocated(path);
	if (s->has_reserve || !asy_store_has_room(s))
		return;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return;
	s->has_reserve = posix_fallocate(fd, 0, RESERVE_BYTES) == 0;
	(void)close(fd);
	if (!s->has_reserve)
		(void)unlink(path);
}

void asy_store_release_reserve(asy_store *s)
{
	char path[4096];
	if (s->has_reserve && path_of(s, path, sizeof path))
		(void)unlink(path);
	s->has_reserve = false;
}

bool asy_store_is_tight(asy_store *s)
{
	if (s->read_only)
		return false;
	if (!s->has_reserve)
		asy_store_take_reserve(s);
	return !s->has_reserve &&
		   !asy_store_has_room(s); /* a file system may not be able to keep any back */
}
