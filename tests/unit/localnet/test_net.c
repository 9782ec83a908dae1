/* A whole localnet on real loopback sockets: RPC, every behaviour of a scripted miner as
 * a validator sees it, refusals, rivals at work, and stopping at once. */
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "http/http.h"
#include "localnet/localnet.h"
#include "miner/miner.h"
#include "support/test.h"
#include "chain/chain.h"

static const char *const scenario =
	"{\"name\":\"net\",\"seed\":3,\"block_ms\":100,\"subnets\":[{\"netuid\":1,\"one_port\":%s,"
	"\"task\":\"ranking\","
	"\"tempo\":8,\"validators\":[{\"key\":\"//Alice//v\",\"alpha\":1000000000000}],"
	"\"rivals\":[{\"key\":\"//Alice//r\"}],\"miners\":["
	"{\"key\":\"//M//0\",\"behaviour\":\"honest\",\"skill\":1},"
	"{\"key\":\"//M//1\",\"behaviour\":\"copier\",\"copies\":0},"
	"{\"key\":\"//M//2\",\"behaviour\":\"lazy\"},"
	"{\"key\":\"//M//3\",\"behaviour\":\"garbage\"},"
	"{\"key\":\"//M//4\",\"behaviour\":\"slow\",\"delay_ms\":20000},"
	"{\"key\":\"//M//5\",\"behaviour\":\"oversized\"},"
	"{\"key\":\"//M//6\",\"behaviour\":\"silent\"},"
	"{\"key\":\"//M//7\",\"behaviour\":\"deep_json\"},"
	"{\"key\":\"//M//8\",\"behaviour\":\"copier\",\"copies\":6}]}]}";

static asy_scenario *sc;
static asy_localnet *ln;
static asy_loop *loop;
static asy_http *http;
static const asy_localnet_neuron *neuron;
static size_t neurons_n;

static void begin_with(bool one_port)
{
	assay_err err;
	char samples[512], text[4096];
	(void)snprintf(text, sizeof text, scenario, one_port ? "true" : "false");
	(void)snprintf(samples, sizeof samples, "%s/plugins", ASSAY_SOURCE_DIR);
	const asy_localnet_opts opts = {
		.clock = asy_sys_clock(), .rng = asy_sys_rng(), .samples = samples, .rpc_port = 0};
	ck_ok(asy_crypto_init(&err), err);
	ck_ok(asy_scenario_parse(asy_span_str(text), &sc, &err), err);
	ck_ok(asy_localnet_start(sc, &opts, &ln, &err), err);
	neurons_n = asy_localnet_neurons(ln, &neuron);
	ck_ok(asy_loop_new(&loop, &err), err);
	ck_ok(asy_http_new(loop, NULL, &http, &err), err);
}

static void begin(void)
{
	begin_with(false);
}

static void end(void)
{
	asy_http_free(http);
	asy_loop_free(loop);
	asy_localnet_stop(ln);
	asy_scenario_free(sc);
}

/* The first line of the sample set. */
static asy_json *first_sample(void)
{
	char path[512];
	static char line[1 << 20];
	asy_json *doc = NULL;
	assay_err err;
	(void)snprintf(path, sizeof path, "%s/plugins/ranking/samples/ranking.jsonl", ASSAY_SOURCE_DIR);
	FILE *f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	(void)fclose(f);
	ck_ok(asy_json_parse(asy_span_str(line), NULL, &doc, &err), err);
	return doc;
}

/* How a perfect answer to it begins. */
static void most_relevant(char *out, size_t cap)
{
	asy_json *doc = first_sample();
	asy_jv grades = asy_jv_get(asy_jv_get(asy_json_root(doc), "reference"), "relevance");
	double best = -1, grade;
	for (size_t i = 0; i < asy_jv_size(grades); i++)
		if (asy_jv_f64(asy_jv_value(grades, i), &grade, NULL) == ASSAY_OK && grade > best) {
			best = grade;
			(void)snprintf(out, cap, "{\"ranking\":[\"%s\"", asy_jv_key(grades, i));
		}
	asy_json_free(doc);
}

/* The first line of the sample set as a challenge body. */
static void challenge(asy_buf *body)
{
	asy_json *doc = first_sample();
	asy_buf prompt = {0};
	assay_err err;
	ck_ok(asy_jv_canonical(asy_jv_get(asy_json_root(doc), "prompt"), &prompt, &err), err);
	ck_ok(asy_buf_printf(body, &err, "{\"challenge_id\":\"c\",\"task\":\"ranking\",\"prompt\":%s}",
						 asy_buf_cstr(&prompt)),
		  err);
	asy_buf_fini(&prompt);
	asy_json_free(doc);
}

typedef struct {
	asy_reply cls[16];
	asy_why why[16];
	int status[16];
	asy_buf body[16];
} answers;

static assay_status keep(void *arg, const asy_outcome *o, assay_err *err)
{
	answers *a = arg;
	a->cls[o->tag] = o->cls;
	a->why[o->tag] = o->why;
	a->status[o->tag] = o->http_status;
	return asy_buf_add(&a->body[o->tag], o->body->ptr, o->body->len, err);
}

/* Asks all miners as the given key. */
static void ask_all(asy_http *client, const char *uri, const char *route, answers *out)
{
	asy_key *key = NULL;
	asy_nonce nonce = {0};
	asy_caller caller;
	asy_target target[16];
	asy_query query[16];
	asy_buf body = {0};
	asy_fanout_summary sum;
	assay_err err;
	size_t n = 0;
	memset(out, 0, sizeof *out);
	challenge(&body);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, uri, &key, &err), err);
	asy_caller_init(&caller, key, &nonce, asy_sys_clock(), asy_sys_rng());
	for (size_t i = 0; i < neurons_n; i++) {
		if (neuron[i].role != ASY_ROLE_MINER)
			continue;
		asy_miner_row row = {.uid = neuron[i].uid, .port = neuron[i].port, .ip_type = 4};
		memcpy(row.hotkey, neuron[i].hotkey, 32);
		row.ip[12] = 127;
		row.ip[15] = 1;
		ck_assert_int_eq(asy_miner_target(&row, true, &target[n]), ASY_REACH_OK);
		query[n] = (asy_query){&target[n], route, asy_buf_span(&body), n};
		n++;
	}
	const asy_fanout_opts opts = {.deadline_mono_ns = ASY_NEVER,
								  .timeout_ms = 1500,
								  .connect_timeout_ms = 1000,
								  .max_response_bytes = 1u << 20,
								  .allow_private = true,
								  .expect_json = true};
	ck_ok(asy_fanout_run(client, asy_dialect_find("btauth1"), &caller, query, n, &opts, keep, out,
						 &sum, &err),
		  err);
	asy_buf_fini(&body);
	asy_key_free(key);
}

static void free_answers(answers *a)
{
	for (size_t i = 0; i < 16; i++)
		asy_buf_fini(&a->body[i]);
}

static void behave(bool one_port)
{
	static answers a;
	struct rusage use;
	begin_with(one_port);
	for (size_t i = 3; i < neurons_n; i++)
		ck_assert((neuron[i].port == neuron[2].port) == one_port);
	ask_all(http, "//Alice//v", "/ranking", &a);
	ck_assert_int_eq(a.cls[0], ASY_REPLY_OK);
	char best[64];
	most_relevant(best, sizeof best);
	ck_assert_msg(strncmp(asy_buf_cstr(&a.body[0]), best, strlen(best)) == 0, "%s, wanted %s",
				  asy_buf_cstr(&a.body[0]), best);
	ck_assert_int_eq(a.cls[1], ASY_REPLY_OK); /* the copier has the very same answer */
	ck_assert(asy_span_eq(asy_buf_span(&a.body[0]), asy_buf_span(&a.body[1])));
	ck_assert_int_eq(a.cls[2], ASY_REPLY_OK);
	ck_assert_str_eq(asy_buf_cstr(&a.body[2]), "{\"ranking\":[\"d001\"]}");
	ck_assert_int_eq(a.why[3], ASY_WHY_DECODE);
	ck_assert_int_eq(a.why[4], ASY_WHY_TIMEOUT);
	ck_assert_int_eq(a.cls[5], ASY_REPLY_TOO_LARGE);
	ck_assert_int_eq(a.why[6], ASY_WHY_TIMEOUT);
	ck_assert_int_eq(a.why[7], ASY_WHY_DECODE);
	ck_assert_int_eq(a.why[8], ASY_WHY_TIMEOUT); /* it copies the silent one */
	(void)getrusage(RUSAGE_SELF, &use);
	printf("net: peak RSS %ld KiB\n", use.ru_maxrss);
#ifndef ASSAY_ASAN
	ck_assert_int_lt(use.ru_maxrss, 100 * 1024);
#endif
	free_answers(&a);
	end();
}

START_TEST(test_miners_when_asked_then_each_behaves_as_scripted)
{
	behave(false);
}
END_TEST

START_TEST(test_miners_when_on_one_port_then_the_receiver_is_asked)
{
	behave(true);
}
END_TEST

START_TEST(test_miners_when_the_caller_is_a_stranger_then_403_and_wrong_route_404)
{
	static answers a;
	begin();
	ask_all(http, "//Stranger", "/ranking", &a);
	for (size_t i = 0; i < 9; i++)
		ck_assert_int_eq(a.status[i], 403);
	free_answers(&a);
	ask_all(http, "//Alice//v", "/text", &a);
	for (size_t i = 0; i < 9; i++)
		ck_assert_int_eq(a.status[i], 404);
	free_answers(&a);
	end();
}
END_TEST

static void post(const char *url, const char *body, asy_http_result *res)
{
	assay_err err;
	const asy_http_req req = {
		.url = url, .body = asy_span_str(body), .timeout_ms = 3000, .allow_private = true};
	*res = (asy_http_result){0};
	ck_ok(asy_http_run(http, &req, NULL, 1, ASY_NEVER, res, &err), err);
}

START_TEST(test_server_when_asked_plainly_then_401_405_and_json_rpc)
{
	char url[64];
	asy_http_result res;
	assay_err err;
	begin();
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/ranking", neuron[2].port);
	post(url, "{}", &res);
	ck_assert_int_eq(res.status, 401);
	ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&res.body), "X-Bittensor-Version"));
	asy_http_result_fini(&res);
	post(asy_localnet_url(ln), "{\"id\":1,\"method\":\"system_chain\"}", &res);
	ck_assert_int_eq(res.status, 200);
	ck_assert_str_eq(asy_buf_cstr(&res.body), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"net\"}");
	asy_http_result_fini(&res);
	const asy_http_req get = {
		.url = asy_localnet_url(ln), .timeout_ms = 3000, .allow_private = true};
	ck_ok(asy_http_run(http, &get, NULL, 1, ASY_NEVER, &res, &err), err);
	ck_assert_int_eq(res.status, 405);
	asy_http_result_fini(&res);
	end();
}
END_TEST

START_TEST(test_faults_when_on_the_wire_then_truncated_dropped_or_late)
{
	asy_http_result res;
	begin();
	const char *url = asy_localnet_url(ln);
	post(url,
		 "{\"id\":1,\"method\":\"assay_setFault\",\"params\":[{\"kind\":\"truncated\",\"method\":"
		 "\"system_name\"}]}",
		 &res);
	asy_http_result_fini(&res);
	post(url, "{\"id\":1,\"method\":\"system_name\"}", &res);
	ck_assert_int_eq(res.cls, ASY_HTTP_CLOSED);
	asy_http_result_fini(&res);
	post(url,
		 "{\"id\":1,\"method\":\"assay_setFault\",\"params\":[{\"kind\":\"drop\",\"method\":"
		 "\"system_name\"}]}",
		 &res);
	asy_http_result_fini(&res);
	post(url, "{\"id\":1,\"method\":\"system_name\"}", &res);
	ck_assert_int_eq(res.cls, ASY_HTTP_CLOSED);
	asy_http_result_fini(&res);
	post(url,
		 "{\"id\":1,\"method\":\"assay_setFault\",\"params\":[{\"kind\":\"stall\",\"ms\":700,"
		 "\"method\":\"system_name\"}]}",
		 &res);
	asy_http_result_fini(&res);
	post(url, "{\"id\":1,\"method\":\"system_name\"}", &res);
	ck_assert_int_eq(res.status, 200);
	ck_assert_uint_ge(res.total_ns, 690000000u);
	asy_http_result_fini(&res);
	end();
}
END_TEST

START_TEST(test_rivals_when_epochs_pass_then_their_weights_count)
{
	assay_err err;
	asy_rpc_http transport;
	asy_chain *chain = NULL;
	asy_block_ref head;
	begin();
	const char *url = asy_localnet_url(ln);
	asy_rpc_http_init(&transport, http, asy_sys_clock());
	const asy_chain_config cfg = {.endpoints = &url,
								  .endpoints_n = 1,
								  .transport = &transport.iface,
								  .clock = asy_sys_clock(),
								  .rng = asy_sys_rng()};
	ck_ok(asy_chain_open(&cfg, &chain, &err), err);
	uint16_t consensus = 0;
	for (unsigned i = 0; consensus == 0 && i < 100; i++) {
		asy_epoch_outputs out;
		ck_assert_int_ne(asy_loop_sleep(loop, 100), ASSAY_E_CANCELLED);
		ck_ok(asy_chain_head(chain, &head, &err), err);
		ck_ok(asy_chain_outputs(chain, 1, 0, &head, &out, &err), err);
		/* before the first epoch the chain stores zeros of registration */
		consensus = out.n > 2 ? out.consensus[2] : 0;
		asy_epoch_outputs_fini(&out);
	}
	ck_assert_uint_gt(consensus, 0);
	asy_chain_close(chain);
	end();
}
END_TEST

START_TEST(test_stop_when_requests_hang_then_returns_at_once)
{
	uint64_t before;
	begin();
	int fds[20];
	struct sockaddr_in to = {.sin_family = AF_INET,
							 .sin_port = htons(neuron[8].port),
							 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (size_t i = 0; i < 20; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(connect(fds[i], (struct sockaddr *)&to, sizeof to), 0);
		ck_assert_int_gt(write(fds[i], "POST /ranking HTTP/1.1\r\nContent-Length: 9\r\n\r\nab", 48),
						 0);
	}
	ck_assert_int_ne(asy_loop_sleep(loop, 100), ASSAY_E_CANCELLED);
	before = asy_sys_clock()->mono_ns(asy_sys_clock());
	end();
	uint64_t took = asy_sys_clock()->mono_ns(asy_sys_clock()) - before;
	printf("net: stop took %.1f ms\n", (double)took / 1e6);
	ck_assert_uint_lt(took, 2000000000u);
	for (size_t i = 0; i < 20; i++)
		(void)close(fds[i]);
}
END_TEST

/* A validator of its own, asking while the chain is being stopped. */
static void *ask_meanwhile(void *arg)
{
	static answers a;
	asy_loop *own_loop = NULL;
	asy_http *own = NULL;
	assay_err err;
	(void)arg;
	ck_ok(asy_loop_new(&own_loop, &err), err);
	ck_ok(asy_http_new(own_loop, NULL, &own, &err), err);
	ask_all(own, "//Alice//v", "/ranking", &a);
	free_answers(&a);
	asy_http_free(own);
	asy_loop_free(own_loop);
	return NULL;
}

START_TEST(test_stop_when_copies_and_streams_are_under_way_then_all_is_released)
{
	pthread_t thread;
	begin();
	ck_assert_int_eq(pthread_create(&thread, NULL, ask_meanwhile, NULL), 0);
	ck_assert_int_ne(asy_loop_sleep(loop, 300), ASSAY_E_CANCELLED);
	uint64_t before = asy_sys_clock()->mono_ns(asy_sys_clock());
	asy_localnet_stop(ln);
	ck_assert_uint_lt(asy_sys_clock()->mono_ns(asy_sys_clock()) - before, 2000000000u);
	ln = NULL;
	/* the rows of who is who went with it; the thread has copied what it needs */
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	end();
}
END_TEST

START_TEST(test_start_when_the_port_is_taken_then_a_sentence)
{
	assay_err err = {0};
	asy_localnet *second = NULL;
	char samples[512];
	begin();
	(void)snprintf(samples, sizeof samples, "%s/plugins", ASSAY_SOURCE_DIR);
	const asy_localnet_opts opts = {.clock = asy_sys_clock(),
									.rng = asy_sys_rng(),
									.samples = samples,
									.rpc_port = asy_localnet_port(ln)};
	ck_assert_int_eq(asy_localnet_start(sc, &opts, &second, &err), ASSAY_E_IO);
	ck_assert_ptr_nonnull(strstr(err.msg, "is another program using the port?"));
	end();
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_miners_when_asked_then_each_behaves_as_scripted);
	tcase_add_test(tc, test_miners_when_on_one_port_then_the_receiver_is_asked);
	tcase_add_test(tc, test_miners_when_the_caller_is_a_stranger_then_403_and_wrong_route_404);
	tcase_add_test(tc, test_server_when_asked_plainly_then_401_405_and_json_rpc);
	tcase_add_test(tc, test_faults_when_on_the_wire_then_truncated_dropped_or_late);
	tcase_add_test(tc, test_rivals_when_epochs_pass_then_their_weights_count);
	tcase_add_test(tc, test_stop_when_requests_hang_then_returns_at_once);
	tcase_add_test(tc, test_stop_when_copies_and_streams_are_under_way_then_all_is_released);
	tcase_add_test(tc, test_start_when_the_port_is_taken_then_a_sentence);
}

int main(void)
{
	return test_main("localnet_net", fill, 60);
}
