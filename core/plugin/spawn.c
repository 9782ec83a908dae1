/* Making a worker process: a sealed copy of the plugin, two memory files, door
 * bells, a control pair, a fresh exec. The worker inherits nothing else: no key,
 * no socket, no environment. Its death is noticed through a pidfd, so no signal
 * handler is needed and no other child is touched. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "plugin/host.h"

#define SO_MAX ((size_t)256 << 20)
/* Sources of the worker's descriptors are moved up here first, so that placing one
 * at its final number never overwrites another that is still to be placed. */
#define PARK 64

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010u
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* Kernels before 6.3 refuse the two executable-bit flags; they then mean "executable". */
static int memory_file(const char *name, unsigned exec_flag)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | exec_flag);
	return fd >= 0 || errno != EINVAL ? fd : memfd_create(name, flags);
}

/* ---- the sealed plugin ---- */

static assay_status copy_file(int from, int to, uint8_t digest[32], const char *path,
							  assay_err *err)
{
	uint8_t chunk[32768];
	size_t total = 0;
	asy_blake2b_state hash;

	asy_blake2b_init(&hash, 32);
	for (;;) {
		ssize_t n = read(from, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ASSAY_FAIL(err, E_IO, "reading %s: %s", path, strerror(errno));
		if (n == 0)
			break;
		total += (size_t)n;
		if (total > SO_MAX)
			return ASSAY_FAIL(err, E_LIMIT, "%s is larger than %zu MiB", path, SO_MAX >> 20);
		asy_blake2b_update(&hash, chunk, (size_t)n);
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(to, chunk + done, (size_t)(n - done));
			if (w < 0 && errno != EINTR)
				return ASSAY_FAIL(err, E_IO, "copying %s: %s", path, strerror(errno));
			done += w > 0 ? w : 0;
		}
	}
	asy_blake2b_final(&hash, digest, 32);
	return ASSAY_OK;
}

assay_status asy_seal_file(const char *path, int *fd, uint8_t digest[32], assay_err *err)
{
	struct stat sb;
	int to = -1;
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* edge: what gets loaded */
	if (from < 0)
		return ASSAY_FAIL(err, E_NOTFOUND, "plugin %s: %s", path, strerror(errno));
	assay_status st = ASSAY_OK;
	if (fstat(from, &sb) != 0 || !S_ISREG(sb.st_mode))
		st = ASSAY_FAIL(err, E_INPUT, "plugin %s is not a regular file", path);
	else if ((sb.st_mode & S_IWOTH) != 0)
		st = ASSAY_FAIL(err, E_REFUSED, "plugin %s can be changed by every user: chmod o-w it",
						path);
	else if ((to = memory_file("assay-plugin", MFD_EXEC)) < 0)
		st = ASSAY_FAIL(err, E_IO, "memory for plugin %s: %s", path, strerror(errno));
	if (st == ASSAY_OK)
		st = copy_file(from, to, digest, path, err);
	if (st == ASSAY_OK &&
		fcntl(to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
		st = ASSAY_FAIL(err, E_IO, "sealing plugin %s: %s", path, strerror(errno));
	(void)close(from);
	if (st != ASSAY_OK)
		close_fd(&to);
	else
		*fd = to;
	return st;
}

/* ---- shared memory ---- */

/* The size never changes (a shrunken file would kill the host with SIGBUS). When
 * only the host may write, the seal comes after its own writable mapping. */
static assay_status shared_file(const char *name, uint64_t size, bool host_only, int *fd,
								uint8_t **map, assay_err *err)
{
	int seals = F_SEAL_GROW | F_SEAL_SHRINK;
	int f = memory_file(name, MFD_NOEXEC_SEAL);
	void *p = MAP_FAILED;

	if (f < 0 || ftruncate(f, (off_t)size) != 0 || fcntl(f, F_ADD_SEALS, seals) != 0)
		goto fail;
	p = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, f, 0);
	if (p == MAP_FAILED)
		goto fail;
	if (fcntl(f, F_ADD_SEALS, (host_only ? F_SEAL_FUTURE_WRITE : 0) | F_SEAL_SEAL) != 0)
		goto fail;
	*fd = f;
	*map = p;
	return ASSAY_OK;
fail:
	(void)ASSAY_FAIL(err, E_IO, "shared memory of %" PRIu64 " MiB: %s", size >> 20,
					 strerror(errno));
	if (p != MAP_FAILED)
		(void)munmap(p, (size_t)size);
	close_fd(&f);
	return ASSAY_E_IO;
}

/* ---- the process ---- */

/* The child's ends; all closed in the parent once the child runs. */
typedef struct {
	int control, input, output, noise;
} child_ends;

static assay_status make_channels(asy_session *s, child_ends *c, assay_err *err)
{
	int pair[2], noise[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) /* edge: to our child */
		return ASSAY_FAIL(err, E_IO, "control channel: %s", strerror(errno));
	s->control = pair[0];
	c->control = pair[1];
	if (pipe2(noise, O_CLOEXEC | O_NONBLOCK) != 0)
		return ASSAY_FAIL(err, E_IO, "pipe for the worker's output: %s", strerror(errno));
	s->noise = noise[0];
	c->noise = noise[1];
	s->door_in = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->door_out = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->door_in < 0 || s->door_out < 0)
		return ASSAY_FAIL(err, E_IO, "event descriptors: %s", strerror(errno));
	return ASSAY_OK;
}

static int place(posix_spawn_file_actions_t *fa, const int *parked, size_t n)
{
	int rc = posix_spawn_file_actions_addopen(fa, 0, "/dev/null", O_RDONLY, 0);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = posix_spawn_file_actions_adddup2(fa, parked[i], (int)i + 1);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(fa, ASY_FD_END);
	return rc;
}

static int set_attributes(posix_spawnattr_t *at)
{
	sigset_t none, all;
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	/* its own session: Ctrl-C at the terminal is for us, we stop the worker ourselves */
	int rc = posix_spawnattr_setflags(at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
											  POSIX_SPAWN_SETSID);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(at, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(at, &all);
	return rc;
}

static int spawn(const char *path, const int *parked, size_t n, char *const env[], pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	char name[] = "assay-worker";
	char *argv[] = {name, NULL};

	int rc = posix_spawn_file_actions_init(&fa);
	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&at);
	if (rc == 0) {
		rc = place(&fa, parked, n);
		if (rc == 0)
			rc = set_attributes(&at);
		if (rc == 0)
			rc = posix_spawn(pid, path, &fa, &at, argv, env);
		(void)posix_spawnattr_destroy(&at);
	}
	(void)posix_spawn_file_actions_destroy(&fa);
	return rc;
}

/* Anything in the environment could change a score, so the worker gets only what is
 * listed here. */
static int spawn_clean(const char *path, const int *parked, size_t n, uint32_t threads, pid_t *pid)
{
	char locale[] = "LC_ALL=C", zone[] = "TZ=UTC", search[] = "PATH=/usr/bin:/bin", blas[48],
		 omp[48];
	char *env[] = {locale, zone, search, blas, omp, NULL};
	(void)snprintf(blas, sizeof blas, "OPENBLAS_NUM_THREADS=%" PRIu32, threads);
	(void)snprintf(omp, sizeof omp, "OMP_NUM_THREADS=%" PRIu32, threads);
	return spawn(path, parked, n, env, pid);
}

static assay_status launch(asy_session *s, const char *path, int so_fd, uint32_t threads,
						   const child_ends *c, assay_err *err)
{
	/* in the order of the worker's numbers, from 1 */
	const int ends[] = {c->noise, c->noise,  c->control, so_fd,
						c->input, c->output, s->door_in, s->door_out};
	int parked[ASY_COUNT(ends)];
	int rc = 0;

	for (size_t i = 0; i < ASY_COUNT(ends); i++) {
		parked[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, PARK);
		if (parked[i] < 0 && rc == 0)
			rc = errno;
	}
	if (rc == 0)
		rc = spawn_clean(path, parked, ASY_COUNT(parked), threads, &s->pid);
	for (size_t i = 0; i < ASY_COUNT(parked); i++)
		close_fd(&parked[i]);
	if (rc != 0)
		return ASSAY_FAIL(err, E_NOTFOUND, "cannot start the worker program %s: %s", path,
						  strerror(rc));
	s->pidfd = pidfd_open(s->pid, 0);
	if (s->pidfd < 0) {
		assay_status st =
			ASSAY_FAIL(err, E_IO, "watching worker %d: %s", (int)s->pid, strerror(errno));
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
		s->is_dead = true;
		return st;
	}
	return ASSAY_OK;
}

/* The list of what the plugin may read goes where its configuration goes later. */
static assay_status write_head(const asy_plugin *p, asy_session *s, assay_err *err)
{
	asy_ring_in *head = asy_session_in(s);
	uint64_t at = ASY_RING_HEAD,
			 cache_len = p->o.cache_dir != NULL ? strlen(p->o.cache_dir) + 1 : 0;
	head->magic = ASY_PROTO_MAGIC;
	head->version = ASY_PROTO_VERSION;
	head->in_size = s->in_size;
	head->out_size = s->out_size;
	head->cage = (asy_ring_cage){
		.memory_max = p->o.memory_max,
		.paths_at = at,
		.paths_len = p->readable.len,
		.cache_at = at + p->readable.len,
		.cache_len = (p->o.grant & ASY_NEED_CACHE) != 0 ? cache_len : 0,
		.threads = p->o.threads,
		.may_lack_calls = p->o.allow_unfiltered,
	};
	if (p->readable.len + cache_len > s->in_size - at)
		return ASSAY_FAIL(err, E_LIMIT,
						  "the files in the plugin's configuration: %zu bytes of names",
						  p->readable.len);
	if (p->readable.len != 0)
		memcpy(s->in + at, p->readable.ptr, p->readable.len);
	if (head->cage.cache_len != 0)
		memcpy(s->in + head->cage.cache_at, p->o.cache_dir, (size_t)cache_len);
	return ASSAY_OK;
}

assay_status asy_spawn(const asy_plugin *p, uint64_t in_size, uint64_t out_size, asy_session **out,
					   assay_err *err)
{
	child_ends c = {-1, -1, -1, -1};
	asy_session *s = asy_calloc(1, sizeof *s);
	if (s == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "worker session");
	s->pidfd = s->control = s->door_in = s->door_out = s->noise = -1;
	s->in_size = in_size;
	s->out_size = out_size;
	assay_status st = make_channels(s, &c, err);
	if (st == ASSAY_OK)
		st = shared_file("assay-input", in_size, true, &c.input, &s->in, err);
	if (st == ASSAY_OK)
		st = shared_file("assay-output", out_size, false, &c.output, &s->out, err);
	if (st == ASSAY_OK)
		st = write_head(p, s, err);
	if (st == ASSAY_OK)
		st = launch(s, p->o.worker_path, p->so_fd, p->o.threads, &c, err);
	close_fd(&c.control);
	close_fd(&c.input);
	close_fd(&c.output);
	close_fd(&c.noise);
	if (st != ASSAY_OK)
		asy_session_free(s);
	else
		*out = s;
	return st;
}

void asy_session_reap(asy_session *s, bool wait)
{
	siginfo_t si = {0};
	int rc;

	if (s->is_dead || s->pidfd < 0)
		return;
	do
		rc = waitid(P_PID, (id_t)s->pid, &si, WEXITED | (wait ? 0 : WNOHANG));
	while (rc != 0 && errno == EINTR);
	if (rc == 0 && si.si_pid == 0)
		return;
	s->is_dead = true;
	if (rc != 0) { /* reaped by someone else: gone, but nobody told us how */
		s->exit_code = -1;
		return;
	}
	s->signal = si.si_code == CLD_EXITED ? 0 : si.si_status;
	s->exit_code = si.si_code == CLD_EXITED ? si.si_status : -1;
}

void asy_session_kill(asy_session *s)
{
	if (s->is_dead || s->pidfd < 0)
		return;
	(void)pidfd_send_signal(s->pidfd, SIGKILL, NULL, 0);
}

void asy_session_free(asy_session *s)
{
	if (s == NULL)
		return;
	asy_session_kill(s);
	asy_session_reap(s, true);
	if (s->in != NULL)
		(void)munmap(s->in, (size_t)s->in_size);
	if (s->out != NULL)
		(void)munmap(s->out, (size_t)s->out_size);
	close_fd(&s->pidfd);
	close_fd(&s->control);
	close_fd(&s->door_in);
	close_fd(&s->door_out);
	close_fd(&s->noise);
	free(s);
}

void asy_session_fate(const asy_session *s, char *dst, size_t cap)
{
	const char *name = s->signal != 0 ? sigdescr_np(s->signal) : NULL;
	if (s->signal != 0)
		(void)snprintf(dst, cap, "signal %d (%s)", s->signal, name != NULL ? name : "unknown");
	else if (s->exit_code >= 0)
		(void)snprintf(dst, cap, "exit code %d", s->exit_code);
	else
		(void)snprintf(dst, cap, "an exit that something else collected");
}
