/* What a plugin might do to its host and its machine, each as a function that says
 * whether it was kept from it. */
#include "zoo.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void zoo_nap(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	(void)nanosleep(&ts, NULL);
}

void zoo_crash(void)
{
	volatile int *volatile nowhere = NULL;
	*nowhere = 1;
}

void zoo_hang(void)
{
	for (volatile int forever = 1; forever;)
		;
}

int zoo_first_time(const assay_plugin *p)
{
	int fd = open(p->mark, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static int cannot_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
	return fd < 0;
}

static int cannot_open_of(int pid, const char *what)
{
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
	return cannot_open(path, O_RDONLY);
}

static int cannot_list(const char *path)
{
	DIR *d = opendir(path);
	if (d != NULL)
		(void)closedir(d);
	return d == NULL;
}

/* ---- the key and the database ---- */

static int read_key(const assay_plugin *p)
{
	return cannot_open(p->key, O_RDONLY);
}
static int stat_key(const assay_plugin *p)
{
	struct stat st;
	return stat(p->key, &st) != 0;
}
static int chmod_key(const assay_plugin *p)
{
	return chmod(p->key, 0666) != 0;
}
static int link_key(const assay_plugin *p)
{
	return link(p->key, "/tmp/assay-zoo-link") != 0;
}
static int read_db(const assay_plugin *p)
{
	return cannot_open(p->db, O_RDONLY);
}
static int write_db(const assay_plugin *p)
{
	return cannot_open(p->db, O_RDWR) && cannot_open(p->db, O_WRONLY | O_APPEND);
}
static int truncate_db(const assay_plugin *p)
{
	return cannot_open(p->db, O_RDONLY | O_TRUNC) && truncate(p->db, 0) != 0;
}
static int unlink_db(const assay_plugin *p)
{
	return unlink(p->db) != 0;
}
static int rename_db(const assay_plugin *p)
{
	return rename(p->db, "/tmp/assay-zoo-gone") != 0;
}
static int write_tmp(const assay_plugin *p)
{
	(void)p;
	return cannot_open("/tmp/assay-zoo-new", O_CREAT | O_WRONLY);
}
static int read_passwd(const assay_plugin *p)
{
	(void)p;
	return cannot_open("/etc/passwd", O_RDONLY);
}
static int list_files(const assay_plugin *p)
{
	(void)p;
	return cannot_list("/") && cannot_list("/proc") && cannot_list("/home");
}

/* ---- the daemon's memory and life ---- */

static int read_memory(const assay_plugin *p)
{
	return cannot_open_of(p->parent, "mem") && cannot_open_of(getppid(), "mem");
}
static int read_environment(const assay_plugin *p)
{
	return cannot_open_of(p->parent, "environ") && cannot_open_of(p->parent, "maps") &&
		   cannot_list("/proc/self/fd");
}
static int copy_memory(const assay_plugin *p)
{
	char byte;
	struct iovec mine = {&byte, 1}, theirs = {(void *)(uintptr_t)p->host, 1};
	return process_vm_readv(p->parent, &mine, 1, &theirs, 1, 0) < 0;
}
static int trace(const assay_plugin *p)
{
	return ptrace(PTRACE_ATTACH, p->parent, NULL, NULL) != 0;
}
static int kill_daemon(const assay_plugin *p)
{
	return kill(p->parent, SIGKILL) != 0;
}
static int stop_daemon(const assay_plugin *p)
{
	return kill(p->parent, SIGSTOP) != 0;
}
static int kill_all(const assay_plugin *p)
{
	(void)p;
	return kill(-1, SIGKILL) != 0;
}
static int kill_init(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_tgkill, 1, 1, SIGKILL) != 0;
}
static int pidfd(const assay_plugin *p)
{
	return syscall(SYS_pidfd_open, p->parent, 0) < 0;
}
/* A signal that the kernel sends by itself when a descriptor becomes readable. */
static int own_descriptor(const assay_plugin *p)
{
	return fcntl(8, F_SETOWN, p->parent) != 0 && fcntl(8, F_SETSIG, SIGKILL) != 0;
}
/* The host would wait for ever in a read that it knows to be non-blocking. */
static int block_host(const assay_plugin *p)
{
	(void)p;
	return fcntl(8, F_SETFL, 0) != 0 && fcntl(1, F_SETFL, 0) != 0;
}

/* ---- other programs ---- */

static int forks(const assay_plugin *p)
{
	(void)p;
	pid_t pid = fork();
	if (pid == 0)
		zoo_hang();
	return pid < 0;
}
static int fork_bomb(const assay_plugin *p)
{
	int n = 0;
	(void)p;
	for (int i = 0; i < 1000; i++) {
		pid_t pid = fork();
		if (pid == 0)
			zoo_hang();
		n += pid > 0;
	}
	return n == 0;
}
/* Asks the kernel itself, past the C library: a child without a signal at its end, in a
 * session of its own. */
static int grandchildren(const assay_plugin *p)
{
	(void)p;
	long pid = syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		(void)setsid();
		if (syscall(SYS_clone, 0, NULL, NULL, NULL, NULL) >= 0)
			zoo_hang();
	}
	return pid < 0;
}
static int clone3_child(const assay_plugin *p)
{
	uint64_t args[8] = {0};
	(void)p;
	long pid = syscall(SYS_clone3, args, sizeof args);
	if (pid == 0)
		zoo_hang();
	return pid < 0;
}
static int executes(const assay_plugin *p)
{
	char name[] = "sh";
	char *argv[] = {name, NULL};
	(void)p;
	return execve("/bin/sh", argv, NULL) != 0;
}
static int shell(const assay_plugin *p)
{
	(void)p;
	return system("true") != 0;
}
static int becomes_root(const assay_plugin *p)
{
	(void)p;
	return setuid(0) != 0;
}
static int new_namespace(const assay_plugin *p)
{
	(void)p;
	return unshare(CLONE_NEWUSER) != 0;
}
static int mounts(const assay_plugin *p)
{
	(void)p;
	return mount("none", "/tmp", "tmpfs", 0, NULL) != 0;
}
static int new_root(const assay_plugin *p)
{
	(void)p;
	return chroot("/tmp") != 0;
}
static int by_handle(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_open_by_handle_at, -100, NULL, 0) < 0;
}

/* ---- the machine's memory, processors and code ---- */

static void *wait_long(void *arg)
{
	zoo_nap(100);
	return arg;
}
static int thread_bomb(const assay_plugin *p)
{
	int n = 0;
	(void)p;
	for (; n < 2000; n++) {
		pthread_t t;
		if (pthread_create(&t, NULL, wait_long, NULL) != 0)
			break;
		(void)pthread_detach(t);
	}
	zoo_nap(200); /* they end before the next call */
	return n < 200;
}
/* 2 GB, each page written. */
static int eats_memory(const assay_plugin *p)
{
	enum { PIECES = 2000, PIECE = 1 << 20 };
	static char *piece[PIECES];
	int n = 0;
	(void)p;
	for (; n < PIECES && (piece[n] = malloc(PIECE)) != NULL; n++)
		memset(piece[n], 1, PIECE);
	for (int i = 0; i < n; i++)
		free(piece[i]);
	return n < PIECES;
}
static int shares_memory(const assay_plugin *p)
{
	(void)p;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) ==
		   MAP_FAILED;
}
static int memory_file(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_memfd_create, "zoo", 0) < 0;
}
static int new_code(const assay_plugin *p)
{
	(void)p;
	void *code =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return code == MAP_FAILED && data != MAP_FAILED &&
		   mprotect(data, 4096, PROT_READ | PROT_EXEC) != 0;
}
static int lifts_limits(const assay_plugin *p)
{
	struct rlimit rl = {RLIM_INFINITY, RLIM_INFINITY};
	(void)p;
	return setrlimit(RLIMIT_DATA, &rl) != 0 && setpriority(PRIO_PROCESS, 0, -20) != 0;
}
static int personality(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_personality, 0x0400000) < 0;
}
static int rings(const assay_plugin *p)
{
	char params[120] = {0};
	(void)p;
	return syscall(SYS_io_uring_setup, 8, params) < 0;
}
static int user_faults(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_userfaultfd, 0) < 0;
}
static int bpf(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_bpf, 0, NULL, 0) < 0;
}
static int key_ring(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_keyctl, 0, -1, 0, 0, 0) < 0;
}
static int counters(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0) < 0;
}
static int shared_segment(const assay_plugin *p)
{
	(void)p;
	return syscall(SYS_shmget, 0, 4096, 0600) < 0;
}
/* Takes the handler away that ends the process, and goes on: the call is not made. */
static volatile sig_atomic_t refusals;
static void on_refusal(int sig)
{
	(void)sig;
	refusals = 1;
}
static int handles_refusal(const assay_plugin *p)
{
	(void)signal(SIGSYS, on_refusal);
	(void)syscall(SYS_pidfd_open, p->parent, 0);
	return refusals;
}

/* ---- the network ---- */

static int connects(const assay_plugin *p)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
							 .sin_port = htons((uint16_t)p->port),
							 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int s = socket(AF_INET, SOCK_STREAM, 0);
	return s < 0 || connect(s, (const void *)&to, sizeof to) != 0;
}
static int datagrams(const assay_plugin *p)
{
	(void)p;
	return socket(AF_INET, SOCK_DGRAM, 0) < 0 && socket(AF_INET6, SOCK_DGRAM, 0) < 0 &&
		   socket(AF_NETLINK, SOCK_RAW, 0) < 0;
}
static int local_sockets(const assay_plugin *p)
{
	(void)p;
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0;
}
/* Over the one socket that is there, to anybody. */
static int sends_descriptors(const assay_plugin *p)
{
	struct iovec iov = {(void *)(uintptr_t) "x", 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	(void)p;
	return sendmsg(3, &m, 0) < 0;
}

/* ---- the host's patience ---- */

static int garbage(const assay_plugin *p)
{
	char junk[700];
	(void)p;
	memset(junk, 0xee, sizeof junk);
	for (int i = 0; i < 50; i++)
		(void)!send(3, junk, sizeof junk, MSG_DONTWAIT);
	zoo_nap(100);
	return 1;
}
static int full_doors(const assay_plugin *p)
{
	uint64_t most = UINT64_MAX - 1;
	(void)p;
	(void)!write(7, &most, sizeof most);
	(void)!write(8, &most, sizeof most);
	return 1;
}
static int prints(const assay_plugin *p)
{
	char line[4096];
	(void)p;
	memset(line, 'x', sizeof line);
	for (int i = 0; i < 2560; i++)
		(void)!write(1 + i % 2, line, sizeof line);
	return 1;
}
static int logs(const assay_plugin *p)
{
	char line[2000];
	memset(line, '\n', sizeof line);
	for (int i = 0; i < 5000; i++)
		p->host->log(p->host->h, 1, line, sizeof line);
	return 1;
}
static int stops_itself(const assay_plugin *p)
{
	(void)p;
	(void)raise(SIGSTOP);
	return 1;
}
static int spins_deaf(const assay_plugin *p)
{
	sigset_t all;
	(void)p;
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	zoo_hang();
	return 0;
}
static int closes_all(const assay_plugin *p)
{
	(void)p;
	for (int fd = 0; fd < 64; fd++)
		(void)close(fd);
	return 1;
}
static int leaves(const assay_plugin *p)
{
	(void)p;
	exit(0);
}
static int aborts(const assay_plugin *p)
{
	(void)p;
	abort();
}
static int crashes(const assay_plugin *p)
{
	(void)p;
	zoo_crash();
	return 1;
}
static int hangs(const assay_plugin *p)
{
	(void)p;
	zoo_hang();
	return 1;
}
static void *spin(void *arg)
{
	zoo_hang();
	return arg;
}
static int spins_behind(const assay_plugin *p)
{
	pthread_t t;
	(void)p;
	return pthread_create(&t, NULL, spin, NULL) == 0;
}
/* Says that rows are done which were not asked for. */
static int lies_about_rows(const assay_plugin *p)
{
	(void)p;
	void *out = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 6, 0);
	if (out != MAP_FAILED)
		memset(out, 0x7f, 64);
	return 1;
}
static int writes_questions(const assay_plugin *p)
{
	(void)p;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 5, 0) == MAP_FAILED &&
		   ftruncate(6, 0) != 0;
}

static int fails(const assay_plugin *p)
{
	p->host->fail(p->host->h, "no", 2);
	return 0;
}
static int slow(const assay_plugin *p)
{
	(void)p;
	zoo_nap(300);
	return 1;
}
static int only_the_second_time(const assay_plugin *p)
{
	if (!zoo_first_time(p))
		zoo_hang();
	return 1;
}

static const struct {
	const char *name;
	attack *run;
	int early; /* while it opens */
} attacks[] = {
	{"read-key", read_key, 0},
	{"read-key-in-open", read_key, 1},
	{"stat-key", stat_key, 0},
	{"chmod-key", chmod_key, 0},
	{"link-key", link_key, 0},
	{"read-db", read_db, 0},
	{"read-db-in-open", read_db, 1},
	{"write-db", write_db, 0},
	{"write-db-in-open", write_db, 1},
	{"truncate-db", truncate_db, 0},
	{"truncate-db-in-open", truncate_db, 1},
	{"unlink-db", unlink_db, 0},
	{"unlink-db-in-open", unlink_db, 1},
	{"rename-db", rename_db, 0},
	{"write-tmp", write_tmp, 0},
	{"write-tmp-in-open", write_tmp, 1},
	{"read-passwd", read_passwd, 0},
	{"read-passwd-in-open", read_passwd, 1},
	{"list-files", list_files, 0},
	{"list-files-in-open", list_files, 1},
	{"read-memory", read_memory, 0},
	{"read-memory-in-open", read_memory, 1},
	{"read-environment", read_environment, 0},
	{"read-environment-in-open", read_environment, 1},
	{"copy-memory", copy_memory, 0},
	{"copy-memory-in-open", copy_memory, 1},
	{"trace", trace, 0},
	{"trace-in-open", trace, 1},
	{"kill-daemon", kill_daemon, 0},
	{"kill-daemon-in-open", kill_daemon, 1},
	{"stop-daemon", stop_daemon, 0},
	{"kill-all", kill_all, 0},
	{"kill-init", kill_init, 0},
	{"pidfd", pidfd, 0},
	{"own-descriptor", own_descriptor, 0},
	{"block-host", block_host, 0},
	{"fork", forks, 0},
	{"fork-in-open", forks, 1},
	{"fork-bomb", fork_bomb, 0},
	{"grandchildren", grandchildren, 0},
	{"clone3", clone3_child, 0},
	{"execve", executes, 0},
	{"execve-in-open", executes, 1},
	{"system", shell, 0},
	{"setuid", becomes_root, 0},
	{"unshare", new_namespace, 0},
	{"mount", mounts, 0},
	{"chroot", new_root, 0},
	{"open-by-handle", by_handle, 0},
	{"thread-bomb", thread_bomb, 0},
	{"eat-memory", eats_memory, 0},
	{"eat-memory-in-open", eats_memory, 1},
	{"shared-memory", shares_memory, 0},
	{"memory-file", memory_file, 0},
	{"new-code", new_code, 0},
	{"lift-limits", lifts_limits, 0},
	{"personality", personality, 0},
	{"io-uring", rings, 0},
	{"userfaultfd", user_faults, 0},
	{"bpf", bpf, 0},
	{"keyctl", key_ring, 0},
	{"perf", counters, 0},
	{"shmget", shared_segment, 0},
	{"handle-refusal", handles_refusal, 0},
	{"connect", connects, 0},
	{"connect-in-open", connects, 1},
	{"datagrams", datagrams, 0},
	{"local-sockets", local_sockets, 0},
	{"send-descriptors", sends_descriptors, 0},
	{"garbage", garbage, 0},
	{"garbage-in-open", garbage, 1},
	{"full-doors", full_doors, 0},
	{"print", prints, 0},
	{"print-in-open", prints, 1},
	{"log", logs, 0},
	{"stop-itself", stops_itself, 0},
	{"spin-deaf", spins_deaf, 0},
	{"close-all", closes_all, 0},
	{"leave", leaves, 0},
	{"abort", aborts, 0},
	{"crash", crashes, 0},
	{"crash-in-open", crashes, 1},
	{"hang", hangs, 0},
	{"hang-in-open", hangs, 1},
	{"leave-in-open", leaves, 1},
	{"spin-behind", spins_behind, 0},
	{"lie-about-rows", lies_about_rows, 0},
	{"write-questions", writes_questions, 0},
	{"fail-in-open", fails, 1},
	{"open-slowly", slow, 1},
	{"hang-at-second-open", only_the_second_time, 1},
};

attack *zoo_attack(const char *name)
{
	for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
		if (strcmp(attacks[i].name, name) == 0)
			return attacks[i].run;
	return NULL;
}

int zoo_is_early(const char *name)
{
	for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
		if (strcmp(attacks[i].name, name) == 0)
			return attacks[i].early;
	return 0;
}
