/* Answers of the user's own program or server, on real processes and sockets: asked once
 * per question for all miners, a failure is told to whoever waits, nothing of it
 * outlives the localnet. */
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include "http/http.h"
#include "localnet/localnet.h"
#include "miner/miner.h"
#include "support/http_server.h"
#include "support/test.h"

static char dir[] = "/tmp/assay-source-XXXXXX";
static asy_scenario *sc;
static asy_localnet *ln;
static asy_loop *loop;
static asy_http *http;
static const asy_localnet_neuron *neuron;
static size_t neurons_n;

static void begin(const char *subnet, const char *miners)
{
	assay_err err;
	static char text[8192];
	(void)snprintf(text, sizeof text,
				   "{\"block_ms\":0,\"subnets\":[{\"netuid\":1,\"task\":\"own\",%s"
				   "\"validators\":[{\"key\":\"//V\"}],\"miners\":[%s]}]}",
				   subnet, miners);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	const asy_localnet_opts opts = {.clock = asy_sys_clock(),
									.rng = asy_sys_rng(),
									.folder = dir,
									.rpc_port = 0,
									.without_rivals = true};
	ck_ok(asy_crypto_init(&err), err);
	ck_ok(asy_scenario_parse(asy_span_str(text), &sc, &err), err);
	ck_ok(asy_localnet_start(sc, &opts, &ln, &err), err);
	neurons_n = asy_localnet_neurons(ln, &neuron);
	ck_ok(asy_loop_new(&loop, &err), err);
	ck_ok(asy_http_new(loop, NULL, &http, &err), err);
}

static const char *in_dir(const char *name)
{
	static char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void end(void)
{
	asy_http_free(http);
	asy_loop_free(loop);
	asy_localnet_stop(ln);
	asy_scenario_free(sc);
	(void)remove(in_dir("asked"));
	(void)remove(in_dir("pid"));
	ck_assert_int_eq(rmdir(dir), 0);
}

typedef struct {
	int status[16];
	asy_buf body[16];
} answers;

static assay_status keep(void *arg, const asy_outcome *o, assay_err *err)
{
	answers *a = arg;
	a->status[o->tag] = o->http_status;
	asy_buf_reset(&a->body[o->tag]);
	return asy_buf_add(&a->body[o->tag], o->body->ptr, o->body->len, err);
}

static void ask(uint32_t timeout_ms, answers *out)
{
	asy_key *key = NULL;
	asy_nonce nonce = {0};
	asy_caller caller;
	asy_target target[16];
	asy_query query[16];
	asy_fanout_summary sum;
	assay_err err;
	size_t n = 0;
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//V", &key, &err), err);
	asy_caller_init(&caller, key, &nonce, asy_sys_clock(), asy_sys_rng());
	for (size_t i = 0; i < neurons_n; i++) {
		if (neuron[i].role != ASY_ROLE_MINER)
			continue;
		asy_miner_row row = {.uid = neuron[i].uid, .port = neuron[i].port, .ip_type = 4};
		memcpy(row.hotkey, neuron[i].hotkey, 32);
		row.ip[12] = 127;
		row.ip[15] = 1;
		ck_assert_int_eq(asy_miner_target(&row, true, &target[n]), ASY_REACH_OK);
		query[n] = (asy_query){&target[n], "/own", asy_span_str("{\"prompt\":{\"q\":7}}"), n};
		n++;
	}
	const asy_fanout_opts opts = {.deadline_mono_ns = ASY_NEVER,
								  .timeout_ms = timeout_ms,
								  .connect_timeout_ms = 5000,
								  .max_response_bytes = 1u << 20,
								  .allow_private = true};
	ck_ok(asy_fanout_run(http, asy_dialect_find("btauth1"), &caller, query, n, &opts, keep, out,
						 &sum, &err),
		  err);
	asy_key_free(key);
}

static void says(answers *a, size_t i, int status, const char *part)
{
	ck_assert_msg(a->status[i] == status && strstr(asy_buf_cstr(&a->body[i]), part) != NULL,
				  "miner %zu: status %d, \"%s\"; wanted %d, \"%s\"", i, a->status[i],
				  asy_buf_cstr(&a->body[i]), status, part);
}

static void free_answers(answers *a)
{
	for (size_t i = 0; i < 16; i++)
		asy_buf_fini(&a->body[i]);
}

#define MINER(n, behaviour, answers)                                                               \
	"{\"key\":\"//M//" n "\",\"behaviour\":\"" behaviour "\",\"answers\":" answers "}"
#define SHELL(script) "{\"command\":[\"sh\",\"-c\",\"" script "\"],\"timeout_ms\":2000}"

START_TEST(test_command_when_asked_then_its_answer_or_why_not)
{
	static answers a;
	begin(
		"",
		MINER("0", "honest", SHELL("cat; exit 0")) "," MINER("1", "honest", SHELL("exit 3")) "," MINER("2", "honest", SHELL("echo no json")) "," MINER("3", "honest", "{\"command\":[\"no-such-program\"]}") "," MINER(
			"4", "honest",
			"{\"command\":[\"sh\",\"-"
			"c\",\"sleep "
			"60\"],\"timeout_ms\":"
			"300}") "," MINER("5", "honest",
							  SHELL(
								  "kil"
								  "l "
								  "-9 "
								  "$"
								  "$")) "," MINER("6", "honest",
												  SHELL(
													  "yes")) "," MINER("7", "truncated",
																		SHELL(
																			"cat")) "," MINER("8",
																							  "laz"
																							  "y",
																							  SHELL(
																								  "cat")));
	ask(10000, &a);
	says(&a, 0, 200, "{\"prompt\":{\"q\":7}}");
	says(&a, 1, 502, "ended with status 3");
	says(&a, 2, 502, "the answer of sh");
	says(&a, 3, 502, "cannot run no-such-program");
	says(&a, 4, 502, "no answer within 300 ms");
	says(&a, 5, 502, "signal 9");
	says(&a, 6, 502, "printed more than");
	ck_assert_str_eq(asy_buf_cstr(&a.body[7]), "{\"prompt\"");
	says(&a, 8, 200, "{\"prompt\":{\"q\":7}}");
	free_answers(&a);
	end();
}
END_TEST

/* The subnet's source serves all its miners: one run per question. */
START_TEST(test_command_when_many_miners_share_it_then_it_runs_once)
{
	static answers a;
	struct stat info;
	begin("\"answers\":" SHELL("echo x >>asked; sleep 0.2; cat") ",",
		  "{\"key\":\"//M//0\"},{\"key\":\"//M//1\"},{\"key\":\"//M//2\",\"behaviour\":\"lazy\"}");
	ask(10000, &a);
	ask(10000, &a);
	for (size_t i = 0; i < 3; i++)
		says(&a, i, 200, "{\"prompt\":{\"q\":7}}");
	ck_assert_int_eq(stat(in_dir("asked"), &info), 0);
	ck_assert_int_eq(info.st_size, 2);
	free_answers(&a);
	end();
}
END_TEST

START_TEST(test_command_when_the_localnet_stops_then_it_ends_too)
{
	static answers a;
	int pid = 0;
	begin(
		"",
		"{\"key\":\"//M//0\",\"answers\":{\"command\":[\"sh\",\"-c\",\"echo $$ >pid; sleep 600\"],"
		"\"timeout_ms\":600000}}");
	ask(500, &a); /* the caller gives up; the program goes on */
	ck_assert_int_eq(a.status[0], 0);
	FILE *f = fopen(in_dir("pid"), "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%d", &pid), 1);
	(void)fclose(f);
	ck_assert_int_eq(kill(pid, 0), 0);
	free_answers(&a);
	end();
	ck_assert_int_ne(kill(pid, 0), 0);
}
END_TEST

static int model(int fd, const char *request, size_t len)
{
	static const char good[] = "HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"said\":\"yes\"}";
	static const char bad[] = "HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\n{}";
	(void)len;
	if (strncmp(request, "POST /model", 11) == 0 &&
		strstr(request, "{\"prompt\":{\"q\":7}}") != NULL)
		return http_write(fd, good, sizeof good - 1) == 0;
	if (strncmp(request, "POST /broken", 12) == 0)
		return http_write(fd, bad, sizeof bad - 1) == 0;
	return 0;
}

START_TEST(test_upstream_when_asked_then_its_answer_or_why_not)
{
	static answers a;
	static char miners[2048];
	http_server s = http_server_start_with(model);
	(void)snprintf(
		miners, sizeof miners,
		MINER("0", "honest", "{\"upstream\":\"http://127.0.0.1:%u/model\"}") "," MINER(
			"1", "honest",
			"{\"upstream\":\"http://127.0.0.1:%u/broken\"}") "," MINER("2", "honest",
																	   "{\"upstream\":"
																	   "\"http://"
																	   "127.0.0.1:1/"
																	   "nobody\"}") "," MINER("3",
																							  "twis"
																							  "ted",
																							  "{\"u"
																							  "pstr"
																							  "eam"
																							  "\":"
																							  "\"ht"
																							  "tp:/"
																							  "/127"
																							  ".0."
																							  "0.1:"
																							  "%u/"
																							  "mode"
																							  "l\""
																							  "}"),
		s.port, s.port, s.port);
	begin("", miners);
	ask(10000, &a);
	says(&a, 0, 200, "{\"said\":\"yes\"}");
	says(&a, 1, 502, "answers with status 500");
	says(&a, 2, 502, "127.0.0.1:1");
	says(&a, 3, 200, "{\"said\":");
	free_answers(&a);
	end();
	http_server_stop(&s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_command_when_asked_then_its_answer_or_why_not);
	tcase_add_test(tc, test_command_when_many_miners_share_it_then_it_runs_once);
	tcase_add_test(tc, test_command_when_the_localnet_stops_then_it_ends_too);
	tcase_add_test(tc, test_upstream_when_asked_then_its_answer_or_why_not);
}

int main(void)
{
	return test_main("localnet_source", fill, 60);
}
