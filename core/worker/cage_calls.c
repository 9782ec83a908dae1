/* Which system calls a plugin may make: an allow list, twice. The first, before any of
 * its bytes run, has what loading and opening need; the second, when it is open, is
 * stricter: no file is opened, no memory becomes code. A filter can only be added to.
 *
 * What libraries try and survive is answered with an error, as OpenSSH does. Any other
 * call ends the process with SIGSYS, after a line that names the call. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "worker/cage.h"

#ifndef ASSAY_INSTRUMENTED
#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
	/* descriptors that are there; those of sockets and fcntl only as below */
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(pread64), CALL(lseek), CALL(close),
	CALL(dup), CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6), CALL(fstat), CALL(eventfd2),
	CALL(pipe2), CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait),
	/* memory */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(mincore), CALL(msync),
	CALL(membarrier),
	/* threads of this process */
	CALL(futex), CALL(set_robust_list), CALL(rseq), CALL(set_tid_address), CALL(exit),
	CALL(exit_group), CALL(sched_yield), CALL(sched_getaffinity), CALL(sched_getparam),
	CALL(sched_getscheduler), CALL(getcpu), CALL(gettid), CALL(getpid), CALL(getppid),
	CALL(restart_syscall),
	/* its own signals */
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigpending),
	CALL(sigaltstack), CALL(rt_sigtimedwait),
	/* time, and questions about itself */
	CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep),
	CALL(gettimeofday), CALL(time), CALL(times), CALL(getrusage), CALL(getrlimit), CALL(getuid),
	CALL(geteuid), CALL(getgid), CALL(getegid), CALL(uname), CALL(sysinfo), CALL(getrandom),
	CALL(getpriority)};

/* Reading files by name: only while loading, or where there is a cache directory. */
static const int reading[] = {CALL(access),     CALL(faccessat),  CALL(faccessat2), CALL(stat),
							  CALL(lstat),      CALL(newfstatat), CALL(statx),      CALL(readlink),
							  CALL(readlinkat), CALL(getdents64), CALL(getcwd),     CALL(statfs),
							  CALL(fstatfs),    CALL(fadvise64)};
/* Writing them: only in a cache directory. */
static const int writing[] = {CALL(mkdir),     CALL(mkdirat),  CALL(unlink),    CALL(unlinkat),
							  CALL(rmdir),     CALL(rename),   CALL(renameat),  CALL(renameat2),
							  CALL(ftruncate), CALL(truncate), CALL(fsync),     CALL(fdatasync),
							  CALL(fallocate), CALL(pwrite64), CALL(pwritev),   CALL(flock),
							  CALL(creat),     CALL(fchmod),   CALL(utimensat), CALL(umask)};

/* What libraries try, and can do without: the error says which kind of no it is. */
static const int not_permitted[] = {CALL(fork),
									CALL(vfork),
									CALL(execve),
									CALL(execveat),
									CALL(setpriority),
									CALL(sched_setaffinity),
									CALL(sched_setscheduler),
									CALL(sched_setparam),
									CALL(setrlimit),
									CALL(chdir),
									CALL(fchdir),
									CALL(chmod),
									CALL(chown),
									CALL(fchmodat),
									CALL(fchown),
									CALL(fchownat),
									CALL(lchown),
									CALL(wait4),
									CALL(waitid),
									CALL(setsid),
									CALL(setpgid)};
static const int no_access[] = {
	CALL(socket),  CALL(socketpair),   CALL(connect),   CALL(bind),         CALL(listen),
	CALL(accept4), CALL(memfd_create), CALL(mknod),     CALL(mknodat),      CALL(link),
	CALL(linkat),  CALL(symlink),      CALL(symlinkat), CALL(inotify_init1)};
static const int not_there[] = {CALL(clone3),        CALL(io_uring_setup), CALL(mbind),
								CALL(get_mempolicy), CALL(set_mempolicy),  CALL(mlock),
								CALL(munlock),       CALL(mlockall),       CALL(futex_waitv),
								CALL(openat2),       CALL(timerfd_create), CALL(shmget),
								CALL(arch_prctl),    CALL(pkey_alloc),     CALL(copy_file_range),
								CALL(sendmmsg),      CALL(recvmmsg)};
static const int no_device[] = {CALL(ioctl)};

/* The commands of two calls that are many in one. */
static const int fcntl_allowed[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC};
static const int fcntl_refused[] = {F_SETFL, F_SETOWN, F_SETSIG, F_SETLK, F_SETLKW, F_GETLK};
static const int prctl_allowed[] = {PR_SET_NAME, PR_GET_NAME};
static const int prctl_refused[] = {PR_SET_DUMPABLE,  PR_GET_DUMPABLE,    PR_CAPBSET_READ,
									PR_SET_PDEATHSIG, PR_SET_THP_DISABLE, 0x53564d41 /* SET_VMA */};
/* While loading also: for the second filter and for asy_cage_shrink. */
static const int prctl_loading[] = {PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP};

/* ---- saying which call it was ---- */

static const struct {
	int call;
	const char *name;
} told[] = {{CALL(ptrace), "ptrace"},
			{CALL(kill), "kill"},
			{CALL(tkill), "tkill"},
			{CALL(tgkill), "tgkill"},
			{CALL(pidfd_open), "pidfd_open"},
			{CALL(pidfd_send_signal), "pidfd_send_signal"},
			{CALL(process_vm_readv), "process_vm_readv"},
			{CALL(process_vm_writev), "process_vm_writev"},
			{CALL(mount), "mount"},
			{CALL(unshare), "unshare"},
			{CALL(setns), "setns"},
			{CALL(setuid), "setuid"},
			{CALL(setresuid), "setresuid"},
			{CALL(keyctl), "keyctl"},
			{CALL(bpf), "bpf"},
			{CALL(perf_event_open), "perf_event_open"},
			{CALL(userfaultfd), "userfaultfd"},
			{CALL(open_by_handle_at), "open_by_handle_at"},
			{CALL(shmat), "shmat"},
			{CALL(sendto), "sendto"},
			{CALL(chroot), "chroot"}};

static const char *name_of(int call)
{
	for (size_t i = 0; i < ASY_COUNT(told); i++)
		if (told[i].call == call)
			return told[i].name;
	return "a system call";
}

/* The filter has refused the call already; a plugin that takes this handler away gains
 * nothing by it. */
static void on_refused(int sig, siginfo_t *si, void *context)
{
	char line[96];
	(void)context;
	int n = snprintf(line, sizeof line, "%s (number %d) is not allowed in the cage\n",
					 name_of(si->si_syscall), si->si_syscall);
	(void)!write(STDERR_FILENO, line, n > 0 ? (size_t)n : 0);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void tell_refusals(void)
{
	struct sigaction sa = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO | SA_NODEFER};
	(void)sigaction(SIGSYS, &sa, NULL);
}

/* ---- the filter ---- */

/* Some calls do not exist on every machine; what is not there needs no rule. */
static bool rule(scmp_filter_ctx f, uint32_t action, int call)
{
	int rc = call < 0 ? 0 : seccomp_rule_add(f, action, call, 0);
	return rc == 0;
}

static bool rules(scmp_filter_ctx f, uint32_t action, const int *call, size_t n)
{
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++)
		ok = rule(f, action, call[i]);
	return ok;
}

static bool rule_if(scmp_filter_ctx f, uint32_t action, int call, struct scmp_arg_cmp cmp)
{
	return call < 0 || seccomp_rule_add_array(f, action, call, 1, &cmp) == 0;
}

/* Memory that becomes code only while loading; anonymous memory only for itself: what is
 * shared counts towards no limit. */
static bool add_memory(scmp_filter_ctx f, bool loading)
{
	const uint64_t code = loading ? 0 : PROT_EXEC; /* 0: no bit is looked at */
	const struct scmp_arg_cmp plain = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, code, 0),
							  exec = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, code, code);
	const struct scmp_arg_cmp file[] = {plain, SCMP_CMP64(3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0)},
							  own[] = {plain,
									   SCMP_CMP64(3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS | MAP_SHARED,
												  MAP_ANONYMOUS)},
							  shared[] = {plain, SCMP_CMP64(3, SCMP_CMP_MASKED_EQ,
															MAP_ANONYMOUS | MAP_SHARED,
															MAP_ANONYMOUS | MAP_SHARED)};
	const uint32_t no_room = SCMP_ACT_ERRNO(ENOMEM), no = SCMP_ACT_ERRNO(EACCES);
	bool ok = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(mmap), 2, file) == 0 &&
			  seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(mmap), 2, own) == 0 &&
			  seccomp_rule_add_array(f, no_room, CALL(mmap), 2, shared) == 0;
	if (!ok || loading)
		return ok && rule(f, SCMP_ACT_ALLOW, CALL(mprotect));
	return rule_if(f, no, CALL(mmap), exec) && rule_if(f, SCMP_ACT_ALLOW, CALL(mprotect), plain) &&
		   rule_if(f, no, CALL(mprotect), exec);
}

static bool commands(scmp_filter_ctx f, uint32_t action, int call, unsigned arg, const int *v,
					 size_t n)
{
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++)
		ok = rule_if(f, action, call, SCMP_CMP64(arg, SCMP_CMP_EQ, (scmp_datum_t)v[i]));
	return ok;
}

/* No change of a description that the host shares, no signal by way of a descriptor. */
static bool add_commands(scmp_filter_ctx f)
{
	const uint32_t no = SCMP_ACT_ERRNO(EPERM);
	return commands(f, SCMP_ACT_ALLOW, CALL(fcntl), 1, fcntl_allowed, ASY_COUNT(fcntl_allowed)) &&
		   commands(f, no, CALL(fcntl), 1, fcntl_refused, ASY_COUNT(fcntl_refused)) &&
		   commands(f, SCMP_ACT_ALLOW, CALL(prctl), 0, prctl_allowed, ASY_COUNT(prctl_allowed)) &&
		   commands(f, no, CALL(prctl), 0, prctl_refused, ASY_COUNT(prctl_refused));
}

/* Threads, not processes; signals to itself only; the one socket that is there. */
static bool add_conditional(scmp_filter_ctx f)
{
	return rule_if(f, SCMP_ACT_ALLOW, CALL(clone),
				   SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) &&
		   rule_if(f, SCMP_ACT_ERRNO(EPERM), CALL(clone),
				   SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) &&
		   rule_if(f, SCMP_ACT_ALLOW, CALL(tgkill),
				   SCMP_CMP64(0, SCMP_CMP_EQ, (scmp_datum_t)getpid())) &&
		   rule_if(f, SCMP_ACT_ALLOW, CALL(sendto), SCMP_CMP64(0, SCMP_CMP_EQ, ASY_FD_CONTROL)) &&
		   rule_if(f, SCMP_ACT_ALLOW, CALL(recvfrom), SCMP_CMP64(0, SCMP_CMP_EQ, ASY_FD_CONTROL));
}

static bool add_refused(scmp_filter_ctx f)
{
	return rules(f, SCMP_ACT_ERRNO(EPERM), not_permitted, ASY_COUNT(not_permitted)) &&
		   rules(f, SCMP_ACT_ERRNO(EACCES), no_access, ASY_COUNT(no_access)) &&
		   rules(f, SCMP_ACT_ERRNO(ENOSYS), not_there, ASY_COUNT(not_there)) &&
		   rules(f, SCMP_ACT_ERRNO(ENOTTY), no_device, ASY_COUNT(no_device));
}

/* One of the calls that open: flags is the argument that says for what. */
static bool add_opening(scmp_filter_ctx f, int call, unsigned flags, bool may_read, bool may_write)
{
	static const uint64_t writes[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
	const uint32_t no = SCMP_ACT_ERRNO(EACCES);
	if (may_write || !may_read)
		return rule(f, may_write ? SCMP_ACT_ALLOW : no, call);
	bool ok = rule_if(f, SCMP_ACT_ALLOW, call,
					  SCMP_CMP64(flags, SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, 0));
	for (size_t i = 0; ok && i < ASY_COUNT(writes); i++)
		ok = rule_if(f, no, call, SCMP_CMP64(flags, SCMP_CMP_MASKED_EQ, writes[i], writes[i]));
	return ok;
}

static bool add_files(scmp_filter_ctx f, bool may_read, bool may_write)
{
	const uint32_t no = SCMP_ACT_ERRNO(EACCES);
	return rules(f, may_read ? SCMP_ACT_ALLOW : no, reading, ASY_COUNT(reading)) &&
		   rules(f, may_write ? SCMP_ACT_ALLOW : no, writing, ASY_COUNT(writing)) &&
		   add_opening(f, CALL(open), 1, may_read, may_write) &&
		   add_opening(f, CALL(openat), 2, may_read, may_write);
}

/* What only loading needs, or what it may do freely and scoring may not. */
static bool add_stage(scmp_filter_ctx f, bool loading)
{
	if (!loading)
		return rule_if(f, SCMP_ACT_ALLOW, CALL(prlimit64), SCMP_CMP64(2, SCMP_CMP_EQ, 0)) &&
			   rule_if(f, SCMP_ACT_ERRNO(EPERM), CALL(prlimit64), SCMP_CMP64(2, SCMP_CMP_NE, 0));
	return rule(f, SCMP_ACT_ALLOW, CALL(seccomp)) && rule(f, SCMP_ACT_ALLOW, CALL(capset)) &&
		   rule_if(f, SCMP_ACT_ALLOW, CALL(prlimit64), SCMP_CMP64(0, SCMP_CMP_EQ, 0)) &&
		   commands(f, SCMP_ACT_ALLOW, CALL(prctl), 0, prctl_loading, ASY_COUNT(prctl_loading));
}

static bool add_rules(scmp_filter_ctx f, const worker_cage *c, bool loading)
{
	bool has_cache = c->want.cache_len != 0;
	return seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
		   seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
		   rules(f, SCMP_ACT_ALLOW, allowed, ASY_COUNT(allowed)) && add_commands(f) &&
		   add_conditional(f) && add_refused(f) && add_files(f, loading || has_cache, has_cache) &&
		   add_memory(f, loading) && add_stage(f, loading);
}

static bool install(const worker_cage *c, bool loading)
{
	errno = ENOMEM;
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_TRAP);
	bool ok = f != NULL && add_rules(f, c, loading);
	if (ok) {
		int rc = seccomp_load(f);
		errno = -rc;
		ok = rc == 0;
	}
	int why = errno;
	if (f != NULL)
		seccomp_release(f);
	errno = why;
	return ok;
}
#endif

void asy_cage_calls(worker_cage *c)
{
#ifndef ASSAY_INSTRUMENTED
	tell_refusals();
	if (install(c, true))
		c->got.parts |= ASY_CAGE_CALLS;
	else
		asy_cage_lacks(c, "seccomp");
#else
	(void)c;
#endif
}

assay_status asy_cage_close(worker_cage *c, assay_err *err)
{
#ifndef ASSAY_INSTRUMENTED
	if ((c->got.parts & ASY_CAGE_CALLS) != 0 && !install(c, false))
		return ASSAY_FAIL(err, E_PLUGIN, "the cage did not close behind the plugin's open: %s",
						  strerror(errno));
#endif
	(void)c;
	(void)err;
	return ASSAY_OK;
}
