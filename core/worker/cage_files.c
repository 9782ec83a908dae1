/* Files out of reach: Landlock. The kernel's own names for its newer parts are not in
 * Debian's headers, so they are written out here; what a kernel does not know is left
 * out, and what it then does not stop, the filter of system calls does. */
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "worker/cage.h"

enum { VERSION_QUERY = 1, PATH_BENEATH = 1 };
#define RIGHT_WRITE_FILE (1u << 1)
#define RIGHT_READ_FILE (1u << 2)
#define RIGHT_READ_DIR (1u << 3)
#define RIGHTS_V1 ((1u << 13) - 1) /* execute ... make_sym */
#define RIGHT_REFER (1u << 13)     /* version 2 */
#define RIGHT_TRUNCATE (1u << 14)  /* 3 */
#define RIGHT_IOCTL (1u << 15)     /* 5 */
#define RIGHT_EXECUTE 1u
#define RIGHTS_DEVICES (1u << 6 | 1u << 9 | 1u << 10 | 1u << 11) /* make_char, sock, fifo, block */
#define NET_ALL 3u                                               /* bind and connect TCP: 4 */
#define SCOPED_ALL 3u                                            /* abstract sockets, signals: 6 */

typedef struct {
	uint64_t fs, net, scoped;
} ruleset;
typedef struct {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed)) rule;

#ifndef ASSAY_INSTRUMENTED
/* Libraries, and data that belongs to no user. Nothing may be executed: mapping a
 * library is reading. */
static const char *const open_to_all[] = {
	"/lib",       "/lib32",     "/lib64",         "/usr/lib",
	"/usr/lib32", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache",
	"/usr/share", "/dev/null",  "/dev/urandom",   "/sys/devices/system/cpu"};

static long query(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_QUERY);
}

static uint64_t known_rights(long version)
{
	uint64_t all = RIGHTS_V1;
	all |= version >= 2 ? RIGHT_REFER : 0;
	all |= version >= 3 ? RIGHT_TRUNCATE : 0;
	all |= version >= 5 ? RIGHT_IOCTL : 0;
	return all;
}

/* What does not exist grants nothing. A file takes only the rights of files. */
static void allow(int set, const char *path, uint64_t rights)
{
	struct stat st;
	rule r = {.allowed = rights, .fd = open(path, O_PATH | O_CLOEXEC)};
	if (r.fd < 0)
		return;
	if (fstat(r.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		r.allowed &= RIGHT_READ_FILE | RIGHT_WRITE_FILE | RIGHT_TRUNCATE;
	(void)syscall(SYS_landlock_add_rule, set, PATH_BENEATH, &r, 0);
	(void)close(r.fd);
}

static bool is_inside(const worker_cage *c, uint64_t at, uint64_t len)
{
	return at <= c->in.len && len <= c->in.len - at && len != 0 && c->in.ptr[at + len - 1] == '\0';
}

static void allow_wanted(const worker_cage *c, int set, uint64_t all)
{
	const asy_ring_cage *w = &c->want;
	if (is_inside(c, w->cache_at, w->cache_len))
		allow(set, (const char *)c->in.ptr + w->cache_at,
			  all & ~(uint64_t)(RIGHT_EXECUTE | RIGHTS_DEVICES | RIGHT_IOCTL));
	if (!is_inside(c, w->paths_at, w->paths_len))
		return;
	for (uint64_t at = 0; at < w->paths_len;) {
		const char *path = (const char *)c->in.ptr + w->paths_at + at;
		allow(set, path, RIGHT_READ_FILE | RIGHT_READ_DIR);
		at += strlen(path) + 1;
	}
}

static bool confine(worker_cage *c, long version)
{
	uint64_t all = known_rights(version);
	const ruleset rs = {
		.fs = all, .net = version >= 4 ? NET_ALL : 0, .scoped = version >= 6 ? SCOPED_ALL : 0};
	int set = (int)syscall(SYS_landlock_create_ruleset, &rs, sizeof rs, 0);
	if (set < 0)
		return false;
	for (size_t i = 0; i < ASY_COUNT(open_to_all); i++)
		allow(set, open_to_all[i], RIGHT_READ_FILE | RIGHT_READ_DIR);
	allow_wanted(c, set, all);
	bool ok = syscall(SYS_landlock_restrict_self, set, 0) == 0;
	(void)close(set);
	return ok;
}
#endif

void asy_cage_files(worker_cage *c)
{
#ifndef ASSAY_INSTRUMENTED
	long version = query();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && version > 0 && confine(c, version)) {
		c->got.parts |= ASY_CAGE_FILES;
		c->got.landlock = (uint32_t)version;
		return;
	}
	asy_cage_lacks(c, "Landlock");
	/* a privilege to read every file, without Landlock to say which */
	(void)asy_cage_caps(0);
#else
	(void)c;
#endif
}
