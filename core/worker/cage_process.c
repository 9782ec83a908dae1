/* The process in which a plugin runs: namespaces, a user of its own, limits.
 *
 *   host -> supervisor -> init     process 1 of the plugin's own process table
 *                      -> worker   process 2; the plugin
 *
 * The supervisor carries the host's pidfd and ends as the worker ended. Both children
 * die with it, and everything in a process table dies with its process 1: nothing that
 * a plugin might start outlives a killed supervisor, nor a killed host. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "worker/cage.h"

/* Users that nobody has: one for each worker, so that two cannot touch each other. */
#define OWN_USERS ((uid_t)1632829440)
#define NOBODY ((uid_t)65534)
#define STACK_MAX ((rlim_t)64 << 20)
#define THREADS_SPARE 64u                /* beyond what the host granted */
#define CACHE_FILE_MAX ((rlim_t)1 << 30) /* the longest file in a cache directory */
#define CPU_SECONDS ((rlim_t)8 * 3600)   /* a backstop: a spinning plugin ends some day */

void asy_cage_lacks(worker_cage *c, const char *what)
{
	size_t n = strlen(c->got.why);
	const char *why = strerror(errno);
	(void)snprintf(c->got.why + n, sizeof c->got.why - n, "%s%s: %s", n != 0 ? "; " : "", what,
				   why);
}

#ifndef ASSAY_INSTRUMENTED
static void limit(__rlimit_resource_t what, rlim_t most)
{
	const struct rlimit rl = {most, most};
	(void)setrlimit(what, &rl);
}
#endif

/* ---- capabilities ---- */

bool asy_cage_caps(uint32_t low)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{low, low, 0}, {0, 0, 0}};
	return syscall(SYS_capset, &head, data) == 0;
}

/* ---- namespaces ---- */

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!write(fd, text, strlen(text));
		(void)close(fd);
	}
}

/* An ordinary user gets the other namespaces by way of a user namespace, in which it is
 * itself and nobody else exists. A name is all that it loses where that may not be said. */
static bool enter_user_namespace(int flags)
{
	char uid[64], gid[64];
	(void)snprintf(uid, sizeof uid, "%u %u 1", geteuid(), geteuid());
	(void)snprintf(gid, sizeof gid, "%u %u 1", getegid(), getegid());
	if (unshare(CLONE_NEWUSER | flags) != 0)
		return false;
	write_file("/proc/self/uid_map", uid);
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/gid_map", gid);
	return true;
}

#define NAMESPACES (CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET)

static bool note_namespaces(worker_cage *c, bool entered, uint32_t user, const char *what)
{
	if (entered)
		c->got.parts |= ASY_CAGE_PIDS | ASY_CAGE_NETWORK | user;
	else
		asy_cage_lacks(c, what);
	return entered;
}

#ifndef ASSAY_INSTRUMENTED
/* Root becomes a user that nobody has. It may still read the files that the host listed,
 * and write into a cache directory, until Landlock turns out to be missing. */
static bool become_nobody(worker_cage *c)
{
	uid_t uid = OWN_USERS + (uid_t)getpid();
	uint32_t keep = 1u << CAP_DAC_READ_SEARCH;
	if (c->want.cache_len != 0)
		keep |= 1u << CAP_DAC_OVERRIDE;
	if (prctl(PR_SET_KEEPCAPS, 1) != 0 || setgroups(0, NULL) != 0 ||
		((setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) &&
		 (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0)))
		asy_cage_lacks(c, "another user");
	else
		c->got.parts |= ASY_CAGE_USER;
	return asy_cage_caps(keep) && (c->got.parts & ASY_CAGE_USER) != 0;
}

#endif

/* Root needs no user namespace, and can be another user; where a container took that
 * from it, it does what an ordinary user does. */
static void become_apart(worker_cage *c)
{
	bool is_root = geteuid() == 0;
	if (is_root)
		(void)note_namespaces(c, unshare(NAMESPACES) == 0, 0, "namespaces");
#ifndef ASSAY_INSTRUMENTED
	is_root = is_root && become_nobody(c);
#endif
	c->was_root = is_root;
	if ((c->got.parts & ASY_CAGE_PIDS) == 0 && !is_root &&
		note_namespaces(c, enter_user_namespace(NAMESPACES), ASY_CAGE_USER, "user namespace"))
		c->got.why[0] = '\0'; /* there was another way */
}

#ifndef ASSAY_INSTRUMENTED
/* Threads are counted by user, so a limit makes sense only for a user of one's own. Soft
 * until the processes that there must be are there: before Linux 5.14 a namespace had no
 * count of its own, and this would be the count of all that the user runs. */
static void limit_threads(worker_cage *c, bool hard)
{
	struct rlimit rl;
	if ((c->got.parts & ASY_CAGE_USER) == 0 || c->threads_are_shared ||
		getrlimit(RLIMIT_NPROC, &rl) != 0)
		return;
	rl.rlim_cur = (rlim_t)c->want.threads + THREADS_SPARE;
	rl.rlim_max = hard ? rl.rlim_cur : rl.rlim_max;
	if (setrlimit(RLIMIT_NPROC, &rl) == 0 && hard)
		c->got.parts |= ASY_CAGE_THREADS;
}

#endif

static void unlimit_threads(worker_cage *c)
{
	struct rlimit rl;
	asy_cage_lacks(c, "threads of this namespace alone");
	c->threads_are_shared = true;
	if (getrlimit(RLIMIT_NPROC, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NPROC, &rl);
	}
}

/* ---- the supervisor and its children ---- */

static _Noreturn void end_like(int status)
{
	if (WIFSIGNALED(status)) {
		(void)signal(WTERMSIG(status), SIG_DFL);
		(void)raise(WTERMSIG(status));
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void keep_only(int fd)
{
	if (fd > 0)
		(void)close_range(0, (unsigned)fd - 1, 0);
	(void)close_range((unsigned)fd + 1, UINT32_MAX, 0);
}

/* Dies with the one that started it. That one may be gone by now, but then its end of a
 * pipe or channel is closed. */
static bool die_with_parent(int watched)
{
	struct pollfd pf = {.fd = watched};
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && poll(&pf, 1, 0) == 0;
}

static _Noreturn void be_init(int alive)
{
	keep_only(alive);
	while (die_with_parent(alive))
		(void)pause();
	_exit(EXIT_SUCCESS);
}

static _Noreturn void supervise(int alive, pid_t init, pid_t worker)
{
	int status = 0;
	bool is_watched = die_with_parent(ASY_FD_CONTROL);
	keep_only(alive);
	while (is_watched && waitpid(worker, &status, 0) < 0 && errno == EINTR)
		;
	(void)kill(init, SIGKILL); /* and with it whatever is left */
	while (waitpid(init, NULL, 0) < 0 && errno == EINTR)
		;
	end_like(status);
}

/* A child that holds the readable end of the supervisor's pipe; 0 in the child. */
static pid_t fork_child(worker_cage *c, const int pipe_fd[2])
{
	pid_t pid = fork();
	if (pid < 0 && errno == EAGAIN && !c->threads_are_shared) {
		unlimit_threads(c);
		pid = fork();
	}
	if (pid == 0) {
		(void)close(pipe_fd[1]);
		c->alive = pipe_fd[0];
	}
	return pid;
}

/* Returns in the worker, or because something failed. */
static bool split(worker_cage *c)
{
	int pipe_fd[2];
	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return false;
	pid_t init = fork_child(c, pipe_fd);
	if (init == 0)
		be_init(c->alive);
	pid_t worker = init > 0 ? fork_child(c, pipe_fd) : -1;
	if (worker > 0)
		supervise(pipe_fd[1], init, worker);
	return worker == 0;
}

#ifndef ASSAY_INSTRUMENTED
static void set_limits(worker_cage *c)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 64);
	limit(RLIMIT_CPU, CPU_SECONDS);
	limit(RLIMIT_FSIZE, c->want.cache_len != 0 ? CACHE_FILE_MAX : 0);
	limit(RLIMIT_MSGQUEUE, 0);
	limit(RLIMIT_MEMLOCK, 0);
	limit(RLIMIT_STACK, STACK_MAX);
	limit(RLIMIT_DATA, c->want.memory_max);
	limit_threads(c, true);
	c->got.parts |= ASY_CAGE_MEMORY;
}
#endif

bool asy_cage_process(worker_cage *c)
{
	c->alive = -1;
	become_apart(c);
#ifndef ASSAY_INSTRUMENTED
	limit_threads(c, false);
#endif
	if ((c->got.parts & ASY_CAGE_PIDS) != 0 && !split(c)) {
		(void)fprintf(stderr, "no process for the plugin: %s\n", strerror(errno));
		return false;
	}
#ifndef ASSAY_INSTRUMENTED
	set_limits(c);
	if (!c->was_root)
		(void)asy_cage_caps(0); /* those of the user namespace */
#else
	c->got.parts |= ASY_CAGE_INSTRUMENTED;
#endif
	/* the control channel closes with the host, the pipe with the supervisor */
	return (c->alive < 0 || die_with_parent(c->alive)) && die_with_parent(ASY_FD_CONTROL);
}

void asy_cage_shrink(const worker_cage *c, uint64_t mem_hint)
{
#ifndef ASSAY_INSTRUMENTED
	const uint64_t least = (uint64_t)1 << 30;
	uint64_t most = mem_hint > UINT64_MAX / 2 ? UINT64_MAX : mem_hint * 2;
	most = most < least ? least : most;
	limit(RLIMIT_DATA, most < c->want.memory_max ? most : c->want.memory_max);
	(void)asy_cage_caps(c->want.cache_len != 0 && c->was_root ? 1u << CAP_DAC_OVERRIDE : 0);
#else
	(void)c;
	(void)mem_hint;
#endif
}
