/* Is the daemon that serves many tasks ever late? One JSON object on stdout; the exit code is 0
 * only when no epoch was missed, none counted twice and no transaction given up.
 *
 *   bench_tasks [--tasks N] [--uids U] [--epochs E] [--tempo T] [--block-ms B]
 *   bench_tasks --slow [--epochs E] [--tempo T] [--block-ms B]
 *
 * The first form: N tasks (32) on N subnets of U neurons (64) with one hotkey, E epochs (20) of
 * T blocks (40) of B ms (250). --slow: three tasks with one hotkey, 30 epochs of 20 blocks; the
 * plugin of one needs three epochs for each batch, the miners of another two epochs to answer,
 * and the third is fast. Everything runs in processes of its own over loopback; memory and
 * processor time are the daemon's own, without its workers. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "bench_tasks/daemon_log.h"
#include "codec/codec.h"
#include "front/front.h"

#define START_S 60u /* beside the epochs */

typedef struct {
	bool slow, keep;
	uint64_t tasks, uids, epochs, tempo, block_ms;
	char dir[256], url[128], scenario[320], config[320], log[320], chain_log[320];
	pid_t chain, daemon;
	uint64_t peak_kib, anon_kib, cpu_ms, wall_ms, stop_ms;
	int exit_code;
	bool in_time;
} bench;

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_tasks: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static uint64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void nap_ms(long ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	(void)nanosleep(&t, NULL);
}

/* ---- what the chain begins with ---- */

/* Of --slow: subnet 1 is fast, 2 has the slow plugin, 3 the slow miners. */
static void put_miner(FILE *f, const bench *b, uint64_t net, uint64_t i)
{
	uint64_t epoch_ms = b->tempo * b->block_ms;
	(void)fprintf(f, "%s{\"key\":\"//B//m%" PRIu64 "-%" PRIu64 "\",\"skill\":%.2f",
				  i > 0 ? "," : "", net, i, 0.3 + 0.07 * (double)(i * 7 % 10));
	if (b->slow && net == 3)
		(void)fprintf(f, ",\"behaviour\":\"slow\",\"delay_ms\":%" PRIu64 "}", 2 * epoch_ms);
	else
		(void)fprintf(f, ",\"behaviour\":\"honest\"}");
}

static void write_scenario(const bench *b)
{
	FILE *f = fopen(b->scenario, "w");
	need(f != NULL, b->scenario);
	(void)fprintf(f,
				  "{\"seed\":7,\"block_ms\":%" PRIu64
				  ",\"timestamp_step_ms\":12000,\"finality_lag\":1,\"rpc_port\":0,"
				  "\"max_epochs_per_block\":32,\"subnets\":[",
				  b->block_ms);
	for (uint64_t net = 1; net <= b->tasks; net++) {
		(void)fprintf(f,
					  "%s{\"netuid\":%" PRIu64 ",\"task\":\"text\",\"tempo\":%" PRIu64
					  ",\"one_port\":true,\"validators\":[{\"key\":\"//B//v\"}],\"miners\":[",
					  net > 1 ? "," : "", net, b->tempo);
		for (uint64_t i = 0; i + 1 < b->uids; i++)
			put_miner(f, b, net, i);
		(void)fputs("]}", f);
	}
	(void)fputs("]}", f);
	need(fclose(f) == 0, b->scenario);
}

static void put_task(FILE *f, const bench *b, uint64_t net)
{
	static const char *const names[] = {"fast", "thinks", "waits"};
	uint64_t epoch_ms = b->tempo * b->block_ms, patience = 4 * epoch_ms;
	if (!b->slow) {
		(void)fprintf(f, "{\"name\":\"t%" PRIu64 "\",\"netuid\":%" PRIu64 "}", net, net);
		return;
	}
	(void)fprintf(f, "{\"name\":\"%s\",\"netuid\":%" PRIu64, names[net - 1], net);
	if (net == 2)
		(void)fprintf(f,
					  ",\"plugin\":{\"path\":\"" BENCH_SLOW "\",\"config\":{\"ms\":%" PRIu64
					  "},\"soft_ms\":%" PRIu64 ",\"stall_ms\":%" PRIu64 ",\"hard_ms\":%" PRIu64 "}",
					  3 * epoch_ms, patience, patience, 2 * patience);
	if (net == 3)
		(void)fprintf(f, ",\"query\":{\"deadline_ms\":%" PRIu64 "}", 3 * epoch_ms);
	(void)fputs("}", f);
}

static void write_config(const bench *b)
{
	FILE *f = fopen(b->config, "w");
	need(f != NULL, b->config);
	(void)fprintf(f,
				  "{\"development\":true,\"data_dir\":\"data\",\"chain\":{\"endpoints\":[\"%s\"]},"
				  "\"wallet\":{\"dev_uri\":\"//B//v\"},\"log\":{\"format\":\"json\"},"
				  "\"plugin\":{\"path\":\"" BENCH_PLUGINS
				  "/text.so\"},\"dataset\":{\"path\":\"" BENCH_SAMPLES
				  "/text/samples/text.jsonl\"},\"query\":{\"route\":\"/text\",\"deadline_ms\":2000,"
				  "\"connect_timeout_ms\":1000,\"per_host\":64,\"allow_private\":true},"
				  "\"round\":{\"challenges_per_round\":1,\"period_ms\":0},"
				  "\"submit\":{\"lead_blocks\":%" PRIu64 ",\"jitter_blocks\":2},\"tasks\":[",
				  b->url, b->tempo * 2 / 5);
	for (uint64_t net = 1; net <= b->tasks; net++) {
		(void)fputs(net > 1 ? "," : "", f);
		put_task(f, b, net);
	}
	(void)fputs("]}", f);
	need(fclose(f) == 0, b->config);
}

/* ---- processes ---- */

static pid_t spawn(char *const *argv, const char *out)
{
	pid_t pid = fork();
	need(pid >= 0, "fork");
	if (pid > 0)
		return pid;
	int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(126);
	(void)execv(argv[0], argv);
	_exit(127);
}

static void start_chain(bench *b)
{
	char *argv[] = {(char *)BENCH_BIN "/assay",
					(char *)"localnet",
					(char *)"--scenario",
					b->scenario,
					(char *)"--samples",
					(char *)BENCH_SAMPLES,
					NULL};
	b->chain = spawn(argv, b->chain_log);
	for (int i = 0; i < 600 && b->url[0] == '\0'; i++) {
		char line[512] = "";
		FILE *f = fopen(b->chain_log, "r");
		while (f != NULL && fgets(line, sizeof line, f) != NULL)
			(void)sscanf(line, "development chain at %127[^;]", b->url);
		if (f != NULL)
			(void)fclose(f);
		nap_ms(100);
	}
	need(b->url[0] != '\0', "the chain printed no address");
}

static void start_daemon(bench *b)
{
	char *argv[] = {(char *)BENCH_BIN "/assayd", (char *)"--config", b->config, NULL};
	b->daemon = spawn(argv, b->log);
}

/* One number of a file of /proc. */
static uint64_t proc_kib(pid_t pid, const char *key)
{
	char path[64], line[256];
	unsigned long v = 0;
	size_t n = strlen(key);
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, key, n) == 0)
			v = strtoul(line + n, NULL, 10);
	if (f != NULL)
		(void)fclose(f);
	return v;
}

static uint64_t proc_cpu_ms(pid_t pid)
{
	char path[64];
	unsigned long user = 0, sys = 0;
	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");
	if (f != NULL) {
		(void)!fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
					  &sys);
		(void)fclose(f);
	}
	return (uint64_t)(user + sys) * 1000u / (uint64_t)sysconf(_SC_CLK_TCK);
}

static int stop(pid_t pid, unsigned timeout_s)
{
	int status = 0;
	(void)kill(pid, SIGTERM);
	for (unsigned i = 0; i < timeout_s * 100; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		nap_ms(10);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return -1;
}

/* ---- the run ---- */

static bool all_counted(const daemon_log *l, const bench *b)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		n += l->task[i].counted >= b->epochs;
	return n == b->tasks;
}

static void run(bench *b, daemon_log *l)
{
	uint64_t began = now_ms();
	/* the slow plugin's first vector comes after three epochs, and counts two later */
	uint64_t until = began + START_S * 1000 + (b->epochs + 10) * b->tempo * b->block_ms;
	start_daemon(b);
	while (now_ms() < until && !b->in_time && waitpid(b->daemon, NULL, WNOHANG) == 0) {
		nap_ms(1000);
		daemon_log_read(l, b->log);
		b->in_time = all_counted(l, b);
	}
	b->wall_ms = now_ms() - began;
	b->peak_kib = proc_kib(b->daemon, "VmHWM:");
	b->anon_kib = proc_kib(b->daemon, "RssAnon:");
	b->cpu_ms = proc_cpu_ms(b->daemon);
	began = now_ms();
	b->exit_code = stop(b->daemon, 60);
	b->stop_ms = now_ms() - began;
	daemon_log_read(l, b->log);
}

/* ---- the figures ---- */

typedef struct {
	uint64_t counted, missed, twice, lost, given_up, again, failed, late;
	double latest_reveal;
} figures;

static figures sum_of(const daemon_log *l)
{
	figures s = {.counted = 0};
	for (size_t i = 0; i < l->n; i++) {
		const task_log *t = &l->task[i];
		s.counted += t->counted;
		s.missed += task_log_missed(t, l->tempo);
		s.twice += task_log_double(t);
		s.lost += t->lost;
		s.given_up += t->given_up;
		s.again += t->again;
		s.failed += t->failed;
		s.late += t->late_reveals;
		s.latest_reveal = t->latest_reveal > s.latest_reveal ? t->latest_reveal : s.latest_reveal;
	}
	return s;
}

static void put_tasks(asy_jw *w, const daemon_log *l)
{
	asy_jw_key(w, "tasks");
	asy_jw_array(w);
	for (size_t i = 0; i < l->n; i++) {
		const task_log *t = &l->task[i];
		asy_jw_object(w);
		asy_jw_kstr(w, "name", t->name);
		asy_jw_ku64(w, "rounds", t->begun);
		asy_jw_ku64(w, "counted", t->counted);
		asy_jw_ku64(w, "missed", task_log_missed(t, l->tempo));
		asy_jw_ku64(w, "lost", t->lost);
		asy_jw_kf64(w, "latest_reveal", t->latest_reveal);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

static bool report(const bench *b, const daemon_log *l)
{
	figures s = sum_of(l);
	asy_buf out = {0};
	asy_jw w = asy_jw_out(&out, 1);
	bool ok = b->in_time && b->exit_code == 0 && s.missed == 0 && s.twice == 0 && s.lost == 0 &&
			  s.given_up == 0 && s.failed == 0 && s.late == 0;
	asy_jw_object(&w);
	asy_jw_kstr(&w, "question",
				b->slow ? "slow tasks beside a fast one" : "many tasks, one hotkey");
	asy_jw_kbool(&w, "ok", ok);
	asy_jw_ku64(&w, "epochs", b->epochs);
	asy_jw_ku64(&w, "epoch_ms", b->tempo * b->block_ms);
	asy_jw_ku64(&w, "counted", s.counted);
	asy_jw_ku64(&w, "missed", s.missed);
	asy_jw_ku64(&w, "double", s.twice);
	asy_jw_ku64(&w, "lost", s.lost);
	asy_jw_ku64(&w, "given_up", s.given_up);
	asy_jw_ku64(&w, "sent_again", s.again);
	asy_jw_ku64(&w, "task_failures", s.failed);
	asy_jw_ku64(&w, "late_reveals", s.late);
	asy_jw_kf64(&w, "latest_reveal", s.latest_reveal);
	asy_jw_ku64(&w, "longest_block_ms", l->longest_ms);
	asy_jw_kf64(&w, "peak_mib", (double)b->peak_kib / 1024);
	asy_jw_kf64(&w, "anon_mib", (double)b->anon_kib / 1024);
	asy_jw_kf64(&w, "cpu_share", (double)b->cpu_ms / (double)b->wall_ms);
	asy_jw_ku64(&w, "wall_ms", b->wall_ms);
	asy_jw_ku64(&w, "stop_ms", b->stop_ms);
	asy_jw_ki64(&w, "exit_code", b->exit_code);
	if (b->slow || !ok)
		put_tasks(&w, l);
	asy_jw_end_object(&w);
	need(asy_jw_end(&w, NULL) == ASSAY_OK && asy_front_print(&out, NULL) == ASSAY_OK, "printing");
	asy_buf_fini(&out);
	return ok;
}

static void make_paths(bench *b)
{
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(b->dir, sizeof b->dir, "%s/assay-bench-XXXXXX", tmp != NULL ? tmp : "/tmp");
	need(mkdtemp(b->dir) != NULL, b->dir);
	(void)snprintf(b->scenario, sizeof b->scenario, "%s/scenario.json", b->dir);
	(void)snprintf(b->config, sizeof b->config, "%s/assayd.json", b->dir);
	(void)snprintf(b->log, sizeof b->log, "%s/log", b->dir);
	(void)snprintf(b->chain_log, sizeof b->chain_log, "%s/chain.log", b->dir);
}

static void clean_up(const bench *b)
{
	char command[300];
	if (b->keep) {
		(void)fprintf(stderr, "kept: %s\n", b->dir);
		return;
	}
	/* the folder is ours: made by mkdtemp above */
	(void)snprintf(command, sizeof command, "rm -rf '%s'", b->dir);
	need(system(command) == 0, b->dir);
}

int main(int argc, char **argv)
{
	static bench b;
	static daemon_log l;
	const asy_front_opt opts[] = {
		{"slow", ASY_FRONT_FLAG, &b.slow, NULL, "a slow plugin and slow miners beside a fast task"},
		{"tasks", ASY_FRONT_U64, &b.tasks, "N", "subnets and tasks (32)"},
		{"uids", ASY_FRONT_U64, &b.uids, "N", "neurons of each subnet (64; 8 with --slow)"},
		{"epochs", ASY_FRONT_U64, &b.epochs, "N", "epochs that must count (20; 30 with --slow)"},
		{"tempo", ASY_FRONT_U64, &b.tempo, "N", "blocks of an epoch (40; 20 with --slow)"},
		{"block-ms", ASY_FRONT_U64, &b.block_ms, "MS", "time of a block (250)"},
		{"keep", ASY_FRONT_FLAG, &b.keep, NULL, "keep configurations, logs and data"},
	};
	const asy_front_usage usage = {"bench_tasks [options]", "Is a daemon of many tasks ever late?",
								   opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, &code))
		return code;
	b.tasks = b.slow ? 3 : b.tasks != 0 ? b.tasks : 32;
	b.uids = b.uids != 0 ? b.uids : b.slow ? 8 : 64;
	b.epochs = b.epochs != 0 ? b.epochs : b.slow ? 30 : 20;
	b.tempo = b.tempo != 0 ? b.tempo : b.slow ? 20 : 40;
	b.block_ms = b.block_ms != 0 ? b.block_ms : 250;
	if (b.tasks > TASKS_MAX || b.uids < 2 || b.uids > 256 || b.epochs > EPOCHS_MAX)
		return asy_front_misuse(NULL, "at most 64 tasks of 2 to 256 neurons");
	l.tempo = b.tempo;
	make_paths(&b);
	write_scenario(&b);
	start_chain(&b);
	write_config(&b);
	run(&b, &l);
	(void)stop(b.chain, 10);
	bool ok = report(&b, &l);
	clean_up(&b);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
