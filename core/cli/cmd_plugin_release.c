/* assay plugin release: tells the daemon of a configuration to call its quarantined plugins
 * again. The daemon is who holds the lock of a data directory. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>
#include "cli/cmd_plugin.h"

/* 0: nobody holds it. A lock that is there and free is one that a daemon left. */
static long holder(const char *data_dir)
{
	char path[ASY_FRONT_PATH + 8], who[24] = "";
	(void)snprintf(path, sizeof path, "%s/lock", data_dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return 0;
	ssize_t n = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
					? read(fd, who, sizeof who - 1)
					: 0;
	(void)close(fd); /* with what lock it may have got */
	long pid = n > 0 ? strtol(who, NULL, 10) : 0;
	return pid > 1 ? pid : 0;
}

static assay_status release(const char *file, const asy_config *c, assay_err *err)
{
	long told = 0;
	for (size_t i = 0; i < asy_config_task_n(c); i++) {
		char dir[ASY_FRONT_PATH];
		assay_status st =
			asy_front_config_path(file, asy_config_task(c, i)->data_dir, dir, sizeof dir, err);
		if (st != ASSAY_OK)
			return st;
		long pid = holder(dir);
		if (pid == 0 || pid == told)
			continue;
		if (kill((pid_t)pid, SIGUSR1) != 0)
			return ASSAY_FAIL(err, E_REFUSED, "telling process %ld: %s", pid, strerror(errno));
		told = pid;
		(void)printf("told process %ld, which will log plugin.released for each that was in "
					 "quarantine\n",
					 pid);
	}
	return told != 0 ? ASSAY_OK : ASSAY_FAIL(err, E_NOTFOUND, "no daemon is running with %s", file);
}

int cmd_plugin_release(int argc, char **argv)
{
	const char *file = NULL;
	asy_front_list sets = {.n = 0};
	const asy_front_opt opts[] = {
		{"config", ASY_FRONT_STR, &file, "FILE", "the daemon's configuration; required"},
		{"set", ASY_FRONT_LIST, &sets, "PATH=VALUE", "override one option; may be repeated"},
	};
	const asy_front_usage usage = {
		"assay plugin release --config FILE",
		"Ends the quarantine of every plugin of the daemon that runs with this configuration. A "
		"round that goes well does the same by itself; docs/plugins.md says when.",
		opts, ASY_COUNT(opts)};
	asy_config *c = NULL;
	assay_err err = {0};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, &code))
		return code;
	if (file == NULL)
		return asy_front_misuse("plugin release", "needs --config FILE");
	assay_status st = asy_front_load_config(file, sets.at, sets.n, &c, &err);
	if (st == ASSAY_OK)
		st = release(file, c, &err);
	asy_config_free(c);
	return st == ASSAY_OK ? 0 : asy_front_fail("plugin release", st, &err);
}
