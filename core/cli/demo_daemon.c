/* One assayd per subnet: its configuration, its process, and what its log says while it
 * works. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/demo.h"

/* The daemon reads the same JSON as a user's would. */
static assay_status config_text(const demo *d, const demo_subnet *s, asy_buf *out, assay_err *err)
{
	asy_scenario_subnet net;
	const localnet_validator v = {.net = &net,
								  .folders = d->args.folders,
								  .url = asy_localnet_url(d->localnet),
								  .data_dir = "data",
								  .json_log = true};
	assay_status st = asy_scenario_find(d->scenario, s->netuid, &net, err);
	return st == ASSAY_OK ? localnet_config_text(&v, out, err) : st;
}

static assay_status spawn(const demo *d, demo_subnet *s, const char *config, assay_err *err)
{
	char program[4096], rounds[24];
	assay_status st = asy_front_find_program("assayd", program, sizeof program, err);
	if (st != ASSAY_OK)
		return st;
	(void)snprintf(rounds, sizeof rounds, "%" PRIu64, d->args.rounds);
	char *argv[] = {program, (char *)"--config", (char *)config, (char *)"--rounds", rounds, NULL};
	int log_fd = open(s->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (log_fd < 0)
		return ASSAY_FAIL(err, E_IO, "cannot create %s: %s", s->log_path, strerror(errno));
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		/* Only async-signal-safe calls: the parent has threads. A daemon of the demo must
		 * not outlive it. */
		sigset_t none;
		(void)sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent || dup2(log_fd, STDERR_FILENO) < 0 ||
			dup2(log_fd, STDOUT_FILENO) < 0)
			_exit(127);
		(void)execv(program, argv);
		_exit(127);
	}
	(void)close(log_fd);
	if (pid < 0)
		return ASSAY_FAIL(err, E_IO, "cannot start assayd: %s", strerror(errno));
	s->pid = (int)pid;
	return ASSAY_OK;
}

assay_status demo_start_daemon(demo *d, demo_subnet *s, assay_err *err)
{
	asy_buf text = {0};
	char config[4200];
	if ((size_t)snprintf(s->dir, sizeof s->dir, "%s/sn%u-uid%u", d->dir, s->netuid, s->uid) >=
		sizeof s->dir)
		return ASSAY_FAIL(err, E_LIMIT, "path too long: %s", d->dir);
	(void)snprintf(config, sizeof config, "%s/assayd.json", s->dir);
	(void)snprintf(s->log_path, sizeof s->log_path, "%s/assayd.log", s->dir);
	if (mkdir(s->dir, 0700) != 0)
		return errno == EEXIST
				   ? ASSAY_FAIL(err, E_IO,
								"%s is there already: an earlier demo left it; name a "
								"new folder with --keep",
								s->dir)
				   : ASSAY_FAIL(err, E_IO, "cannot create %s: %s", s->dir, strerror(errno));
	assay_status st = config_text(d, s, &text, err);
	if (st == ASSAY_OK)
		st = asy_front_write_file(config, asy_buf_span(&text), err);
	if (st == ASSAY_OK)
		st = spawn(d, s, config, err);
	if (st == ASSAY_OK && (s->log = fopen(s->log_path, "re")) == NULL)
		st = ASSAY_FAIL(err, E_IO, "cannot read %s: %s", s->log_path, strerror(errno));
	asy_buf_fini(&text);
	return st;
}

/* ---- progress: the daemon's own log lines, translated ---- */

static const struct {
	const char *event, *text;
} phases[] = {
	{"round.begin", "begins"},
	{"query.end", "answers are in"},
	{"scores.made", "scored"},
	{"consensus.predicted", "weights made, consensus predicted"},
	{"weights.sealed", "sealed"},
	{"weights.included", "commitment included"},
	{"weights.finalised", "commitment final"},
	{"weights.revealed", "revealed"},
	{"weights.counted", "counted, chain equals our epoch"},
	{"weights.unverified", "counted, but the node forgot the epoch"},
	{"weights.missed", "MISSED"},
	{"weights.refused", "weights refused by policy"},
	{"consensus.differs", "CHAIN DIFFERS from our epoch"},
};

static void say_event(const demo *d, demo_subnet *s, asy_jv root, const char *event)
{
	const char *story = "submission";
	uint64_t id = 0;
	if (asy_jv_u64(asy_jv_get(root, story), &id, NULL) != ASSAY_OK) {
		story = "round";
		if (asy_jv_u64(asy_jv_get(root, story), &id, NULL) != ASSAY_OK)
			id = 0;
	}
	s->counted += strcmp(event, "weights.counted") == 0;
	for (size_t i = 0; i < ASY_COUNT(phases); i++)
		if (strcmp(event, phases[i].event) == 0)
			demo_say(d, s->task, "%s %" PRIu64 " %s", story, id, phases[i].text);
}

static void say_line(const demo *d, demo_subnet *s, const char *line, size_t len)
{
	asy_json *doc = NULL;
	const char *event, *error;
	if (asy_json_parse(asy_span(line, len), NULL, &doc, NULL) != ASSAY_OK) {
		if (len > 1) /* not JSON: the one sentence of a daemon that could not start */
			demo_say(d, s->task, "%.*s", (int)(len - 1), line);
		return;
	}
	asy_jv root = asy_json_root(doc);
	if (asy_jv_str(asy_jv_get(root, "event"), &event, NULL, NULL) == ASSAY_OK) {
		if (strcmp(event, "daemon.failed") == 0 &&
			asy_jv_str(asy_jv_get(root, "error"), &error, NULL, NULL) == ASSAY_OK)
			demo_say(d, s->task, "%s", error);
		say_event(d, s, root, event);
	}
	asy_json_free(doc);
}

void demo_follow(demo *d, demo_subnet *s)
{
	char *line = NULL;
	size_t cap = 0;
	if (s->log == NULL)
		return;
	clearerr(s->log);
	for (;;) {
		long at = ftell(s->log);
		ssize_t n = getline(&line, &cap, s->log);
		if (n <= 0)
			break;
		if (line[n - 1] != '\n') { /* half a line: read it later */
			(void)fseek(s->log, at, SEEK_SET);
			break;
		}
		if (!d->args.quiet)
			say_line(d, s, line, (size_t)n);
	}
	free(line);
	if (!s->exited) {
		int status = 0;
		pid_t got = waitpid(s->pid, &status, WNOHANG);
		if (got == s->pid) {
			s->exited = true;
			s->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
	}
}

void demo_stop_daemons(demo *d)
{
	for (size_t i = 0; i < d->subnet_n; i++)
		if (d->subnet[i].pid > 0 && !d->subnet[i].exited)
			(void)kill(d->subnet[i].pid, SIGTERM);
	for (size_t i = 0; i < d->subnet_n; i++) {
		demo_subnet *s = &d->subnet[i];
		for (int tries = 0; s->pid > 0 && !s->exited && tries < 200; tries++) {
			if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
				s->exited = true;
			else
				(void)usleep(10000);
		}
		if (s->pid > 0 && !s->exited) {
			(void)kill(s->pid, SIGKILL);
			(void)waitpid(s->pid, NULL, 0);
			s->exited = true;
		}
		if (s->log != NULL)
			(void)fclose(s->log);
		s->log = NULL;
	}
}
