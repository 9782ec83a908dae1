/* Processes, files and one JSON-RPC call for the end-to-end tests. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "e2e/world.h"
#include "front/net.h"
#include "seal/seal.h"

#define BIN ASSAY_BINARY_DIR "/bin/"

static void die(const char *what)
{
	(void)fprintf(stderr, "e2e: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		die(path);
}

static char *read_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0;
	if (f == NULL)
		return calloc(1, 1);
	if (getdelim(&text, &cap, '\0', f) < 0 && text != NULL)
		text[0] = '\0';
	(void)fclose(f);
	return text != NULL ? text : calloc(1, 1);
}

static pid_t spawn(const char *program, char *const *argv, const char *out_path, const char *env)
{
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	int fd = open(out_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(126);
	if (env != NULL && putenv((char *)env) != 0)
		_exit(126);
	(void)execv(program, argv);
	_exit(127);
}

static void nap_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	(void)nanosleep(&t, NULL);
}

/* ---- the chain ---- */

static void write_scenario(const world *w, const char *path, unsigned lanes, unsigned tempo,
						   unsigned block_ms)
{
	FILE *f = fopen(path, "w");
	if (f == NULL)
		die(path);
	(void)fprintf(f,
				  "{\"seed\":7,\"block_ms\":%u,\"timestamp_step_ms\":12000,\"finality_lag\":1,"
				  "\"rpc_port\":0,\"max_epochs_per_block\":32,\"subnets\":[",
				  block_ms);
	for (unsigned i = 1; i <= lanes; i++)
		(void)fprintf(
			f,
			"%s{\"netuid\":%u,\"task\":\"text\",\"tempo\":%u,\"validators\":[{\"key\":\"//E2E//"
			"v%u\","
			"\"alpha\":1000000000000,\"permit\":1}],\"rivals\":[{\"key\":\"//E2E//r%u\",\"alpha\":"
			"900000000000,\"permit\":1}],\"miners\":[{\"key\":\"//E2E//"
			"a%u\",\"behaviour\":\"honest\","
			"\"skill\":0.9},{\"key\":\"//E2E//"
			"b%u\",\"behaviour\":\"honest\",\"skill\":0.6},{\"key\":"
			"\"//E2E//c%u\",\"behaviour\":\"lazy\"},{\"key\":\"//E2E//"
			"d%u\",\"behaviour\":\"garbage\"}]}",
			i > 1 ? "," : "", i, tempo, w->one_hotkey ? 1 : i, i, i, i, i, i);
	(void)fputs("]}", f);
	if (fclose(f) != 0)
		die(path);
}

void world_start(world *w, unsigned lanes, unsigned tempo, unsigned block_ms)
{
	char scenario[512], log[512], path[512];
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(w->dir, sizeof w->dir, "%s/assay-e2e-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(w->dir) == NULL)
		die("mkdtemp");
	(void)snprintf(scenario, sizeof scenario, "%s/scenario.json", w->dir);
	(void)snprintf(log, sizeof log, "%s/chain.log", w->dir);
	write_scenario(w, scenario, lanes, tempo, block_ms);
	char *argv[] = {(char *)BIN "assay",  (char *)"localnet",
					(char *)"--scenario", scenario,
					(char *)"--samples",  (char *)ASSAY_SOURCE_DIR "/plugins",
					(char *)"--describe", NULL};
	w->chain = spawn(BIN "assay", argv, log, NULL);
	for (int i = 0; i < 300; i++) {
		char *text = read_text(log), *at = strstr(text, "\"url\": \"");
		if (at != NULL && sscanf(at, "\"url\": \"%127[^\"]", w->url) == 1) {
			free(text);
			for (unsigned l = 1; l <= lanes; l++) {
				world_lane_path(w, l, "", path);
				if (mkdir(path, 0700) != 0)
					die(path);
			}
			return;
		}
		if (waitpid(w->chain, NULL, WNOHANG) != 0) {
			(void)fprintf(stderr, "e2e: the chain did not start:\n%s\n", text);
			exit(99);
		}
		free(text);
		nap_ms(100);
	}
	die("the chain printed no address");
}

void world_stop(world *w)
{
	char command[300];
	if (w->chain > 0) { /* a world without a chain is one, too */
		(void)kill(w->chain, SIGTERM);
		(void)world_wait(w->chain, 10);
	}
	/* the folder is ours: made by mkdtemp above */
	(void)snprintf(command, sizeof command, "rm -rf '%s'", w->dir);
	if (system(command) != 0)
		(void)fprintf(stderr, "e2e: could not remove %s\n", w->dir);
}

/* ---- lanes ---- */

void world_lane_path(const world *w, unsigned lane, const char *name, char out[512])
{
	(void)snprintf(out, 512, "%s/lane-%u%s%s", w->dir, lane, name[0] != '\0' ? "/" : "", name);
}

void world_forget(const world *w, unsigned lane)
{
	static const char *const files[] = {"data/assay.db", "data/assay.db-wal", "data/assay.db-shm",
										"data/lock"};
	char path[512];
	for (size_t i = 0; i < ASY_COUNT(files); i++) {
		world_lane_path(w, lane, files[i], path);
		(void)unlink(path);
	}
}

void world_write_config(const world *w, unsigned lane, const char *text)
{
	char path[512];
	world_lane_path(w, lane, "assayd.json", path);
	write_text(path, text);
}

void world_shared(const world *w, char out[2048])
{
	char beacon[2 * ASY_BLS_KEY_LEN + 16] = "";
	if (w->timelock) {
		(void)snprintf(beacon, sizeof beacon, ",\"beacon\":\"");
		asy_hex_encode(beacon + strlen(beacon), asy_test_beacon_key, ASY_BLS_KEY_LEN);
		(void)snprintf(beacon + strlen(beacon), 2, "\"");
	}
	(void)snprintf(
		out, 2048,
		"\"plugin\":{\"path\":\"" ASSAY_BINARY_DIR
		"/plugins/text.so\"},\"dataset\":{\"path\":\"" ASSAY_SOURCE_DIR
		"/plugins/text/samples/text.jsonl\"},\"query\":{\"route\":\"/text\",\"deadline_ms\":600,"
		"\"connect_timeout_ms\":300,\"allow_private\":true},\"round\":{\"challenges_per_round\":2,"
		"\"period_ms\":0},\"submit\":{\"lead_blocks\":6},\"development\":true,\"chain\":{"
		"\"endpoints\":[\"%s\"]%s}",
		w->url, beacon);
}

void world_config(const world *w, unsigned lane, const char *extra)
{
	char shared[2048], text[4096];
	world_shared(w, shared);
	(void)snprintf(
		text, sizeof text,
		"{%s\"netuid\":%u,\"data_dir\":\"data\",\"wallet\":{\"dev_uri\":\"//E2E//v%u\"},%s}", extra,
		lane, lane, shared);
	world_write_config(w, lane, text);
}

bool world_saw(const world *w, unsigned lane, const char *text, unsigned n, unsigned timeout_s)
{
	for (unsigned i = 0; i <= timeout_s * 20; i++) {
		char *log = world_log(w, lane);
		unsigned seen = 0;
		for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
			seen++;
		free(log);
		if (seen >= n)
			return true;
		nap_ms(50);
	}
	return false;
}

pid_t world_daemon(const world *w, unsigned lane, const char *program, const char *rounds,
				   const char *env)
{
	char config[512], log[512], bin[512];
	world_lane_path(w, lane, "assayd.json", config);
	world_lane_path(w, lane, "log", log);
	(void)snprintf(bin, sizeof bin, BIN "%s", program);
	char *argv[] = {
		bin, (char *)"--config", config, rounds != NULL ? (char *)"--rounds" : NULL, (char *)rounds,
		NULL};
	return spawn(bin, argv, log, env);
}

int world_wait(pid_t pid, unsigned timeout_s)
{
	int status = 0;
	for (unsigned i = 0; i < timeout_s * 50; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		nap_ms(20);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return -1;
}

char *world_log(const world *w, unsigned lane)
{
	char path[512];
	world_lane_path(w, lane, "log", path);
	return read_text(path);
}

int world_run(const char *const *argv, unsigned timeout_s, char **out)
{
	char path[] = "/tmp/assay-e2e-out-XXXXXX", bin[512];
	int fd = mkstemp(path);
	if (fd < 0)
		die("mkstemp");
	(void)close(fd);
	(void)snprintf(bin, sizeof bin, BIN "%s", argv[0]);
	int status = world_wait(spawn(bin, (char *const *)argv, path, NULL), timeout_s);
	*out = read_text(path);
	(void)unlink(path);
	if (status == -1)
		return -SIGKILL;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* ---- the chain's view ---- */

assay_status world_call(const world *w, const char *method, const char *params, asy_json **doc,
						assay_err *err)
{
	asy_front_net cw = {0};
	asy_buf reply = {0};
	char body[512];
	const char *url = w->url;
	asy_front_net_opts o = {.endpoints = &url, .endpoints_n = 1, .call_timeout_ms = 5000};
	(void)snprintf(body, sizeof body,
				   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method,
				   params);
	assay_status st = asy_crypto_init(err);
	if (st == ASSAY_OK)
		st = asy_front_net_loop(&cw, err);
	if (st == ASSAY_OK)
		st = asy_front_net_open(&cw, &o, err);
	if (st == ASSAY_OK)
		st = cw.transport.iface.send(&cw.transport.iface, url, asy_span_str(body), &reply,
									 asy_loop_deadline(cw.loop, 5000), err);
	if (st == ASSAY_OK)
		st = asy_json_parse(asy_buf_span(&reply), NULL, doc, err);
	asy_buf_fini(&reply);
	asy_front_net_close(&cw);
	return st;
}

long world_nonce(const world *w, unsigned lane)
{
	assay_err err = {0};
	asy_key *key = NULL;
	asy_json *doc = NULL;
	uint8_t account[32];
	char ss58[ASY_SS58_LEN], uri[32], params[ASY_SS58_LEN + 8];
	uint64_t nonce = 0;
	(void)snprintf(uri, sizeof uri, "//E2E//v%u", lane);
	assay_status st = asy_crypto_init(&err);
	if (st == ASSAY_OK)
		st = asy_key_from_uri(ASY_KEY_SR25519, uri, &key, &err);
	if (st == ASSAY_OK) {
		asy_key_public(key, account);
		asy_ss58_encode(account, ss58);
		(void)snprintf(params, sizeof params, "[\"%s\"]", ss58);
		st = world_call(w, "system_accountNextIndex", params, &doc, &err);
	}
	if (st == ASSAY_OK)
		st = asy_jv_u64(asy_jv_get(asy_json_root(doc), "result"), &nonce, &err);
	asy_json_free(doc);
	asy_key_free(key);
	if (st != ASSAY_OK) {
		(void)fprintf(stderr, "e2e: nonce of lane %u: %s\n", lane, err.msg);
		return -1;
	}
	return (long)nonce;
}
