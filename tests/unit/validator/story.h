/* A validator with everything real but the wires: the development chain in this process,
 * which makes a block whenever the validator has nothing to do; miners that answer from a
 * function; a script that is asked before every block and may change the world. What
 * happens is the same in every run. */
#ifndef ASSAY_TESTS_VALIDATOR_STORY_H
#define ASSAY_TESTS_VALIDATOR_STORY_H
#include <unistd.h>
#include "round/round.h"
#include "submission/submission.h"
#include "unit/localnet/world.h"
#include "validator/validator.h"

#define STORY_MINERS 4u
#define STORY_TEMPO 12u
/* In the configuration's `more`: vectors are sealed to pulses of the chain's own beacon. */
#define STORY_TIMELOCK ",\"submit\":{\"lead_blocks\":5,\"jitter_blocks\":0,\"scheme\":\"timelock\"}"

typedef struct story story;
struct story {
	asy_rpc_transport iface;
	world w;
	asy_seeded_rng rng;
	char *scenario; /* owned */
	asy_loop *loop;
	asy_http *http;
	asy_chain *chain;
	asy_store *store;
	asy_plugin *plugin;
	asy_dataset *dataset;
	asy_key *key;
	asy_config *config;
	asy_logger log;
	char *log_text;
	size_t log_len;
	char dir[64];
	/* the wire */
	bool busy;           /* something else than the head was asked since the last poll */
	uint64_t stop_at;    /* at this head the run is interrupted */
	uint64_t stop_every; /* and at every n-th request, 0 = never */
	uint64_t state_kept; /* so many newest states are not pruned; 0 = none is */
	uint64_t calls, rebuilds;
	const char *refuse_method, *refuse_error; /* answered with this error instead */
	unsigned refuse_n;                        /* so often; 0 = always */
	uint64_t refuse_until;                    /* the script's own */
	asy_store_faults *disk; /* of a store with a loop; time goes on when it has all */
	unsigned looked;        /* heads asked for while it has not */
	/* a transaction or a question leaves; NULL = nobody looks */
	void (*sent)(story *s, asy_story_kind kind);
	/* before the block after head; NULL = nothing */
	void (*script)(story *s, uint64_t head);
	int at;                 /* the script's own */
	const char *answer;     /* of every miner; NULL = the right one */
	int status;             /* HTTP, of every miner; 0 = 200 */
	asy_http_class trouble; /* of every miner but the first `spared`; 0 = it answers */
	unsigned spared;        /* so many miners know no trouble, no status and no delay */
	uint64_t slow_ns;       /* every miner answers after this time */
	const char *bad_answer; /* of miner 0; NULL = like the others */
	asy_task_totals totals;
};

/* ---- the wire ---- */

static inline bool story_says(assay_span body, const char *text)
{
	return memmem(body.ptr, body.len, text, strlen(text)) != NULL;
}

static inline uint64_t story_id(assay_span body)
{
	const char *at = memmem(body.ptr, body.len, "\"id\":", 5);
	return at != NULL ? strtoull(at + 5, NULL, 10) : 0;
}

/* The block a state request is about, by the last hash in it; the head if there is none. */
static inline uint64_t story_block_of(const story *s, assay_span body)
{
	const lnet_ledger *l = s->w.node->ledger;
	for (size_t i = body.len; i >= 67; i--) {
		asy_hash h;
		char hex[67] = "";
		const uint8_t *at = body.ptr + i - 67;
		if (at[0] != '"' || at[1] != '0' || at[2] != 'x')
			continue;
		memcpy(hex, at + 1, 66);
		if (!asy_hex_decode(hex, h.b, 32))
			continue;
		const lnet_block *b = asy_lnet_block_by_hash(l, &h);
		if (b != NULL)
			return b->number;
	}
	return l->head;
}

static inline assay_status story_error(assay_span body, const char *error, asy_buf *out,
									   assay_err *err)
{
	return asy_buf_printf(out, err, "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64 ",\"error\":%s}",
						  story_id(body), error);
}

static inline bool story_disk_has_all(const story *s)
{
	return s->disk == NULL || s->disk->log_writes == s->disk->log_synced;
}

static inline assay_status story_send(asy_rpc_transport *t, const char *url, assay_span body,
									  asy_buf *out, uint64_t deadline_ns, assay_err *err)
{
	story *s = (story *)t;
	lnet_wire wire = {.status = 200};
	(void)url;
	(void)deadline_ns;
	s->calls++;
	if (s->stop_every != 0 && s->calls % s->stop_every == 0)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	if (story_says(body, "\"chain_getHeader\",\"params\":[]")) {
		/* the validator waits: time goes on, after a moment if it may be for the disk */
		if (!s->busy && (story_disk_has_all(s) || ++s->looked > 3)) {
			s->looked = 0;
			uint64_t head = s->w.node->ledger->head;
			if (head >= s->stop_at)
				return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
			if (s->script != NULL)
				s->script(s, head);
			world_blocks(&s->w, 1);
		}
		s->busy = false;
	} else if (!story_says(body, "\"chain_getBlockHash\"")) {
		s->busy = true;
	}
	if (s->sent != NULL && story_says(body, "\"author_submit"))
		s->sent(s, ASY_STORY_SUBMISSION);
	if (s->refuse_method != NULL && story_says(body, s->refuse_method)) {
		if (s->refuse_n != 0 && --s->refuse_n == 0)
			s->refuse_method = NULL;
		return story_error(body, s->refuse_error, out, err);
	}
	if (s->state_kept != 0 && story_says(body, "\"state_query") &&
		story_block_of(s, body) + s->state_kept <= s->w.node->ledger->head)
		return story_error(body,
						   "{\"code\":4003,\"message\":\"Client error: State already discarded\"}",
						   out, err);
	return asy_lnet_rpc(s->w.node, body, out, &wire, err);
}

/* ---- miners ---- */

static inline uint64_t story_answer(void *arg, const asy_http_req *req, const asy_http_header *h,
									size_t h_n, asy_http_result *out)
{
	story *s = arg;
	/* the last digit of the port is the miner's number; number n is right n times of 4 */
	const char *port = strrchr(req->url, ':');
	unsigned long skill = strtoul(port + 1, NULL, 10) % 10;
	const char *good = story_says(req->body, "tungsten") ? "W" : "Mercury";
	char text[64];
	(void)h;
	(void)h_n;
	if (s->sent != NULL)
		s->sent(s, ASY_STORY_ROUND);
	(void)snprintf(text, sizeof text, "{\"completion\":\"%s\"}", skill > 0 ? good : "no idea");
	out->cls = skill >= s->spared ? s->trouble : ASY_HTTP_ANSWERED;
	if (out->cls != ASY_HTTP_ANSWERED)
		return 0;
	out->status = s->status != 0 && skill >= s->spared ? s->status : 200;
	const char *said = skill == 0 && s->bad_answer != NULL ? s->bad_answer
					   : s->answer != NULL                 ? s->answer
														   : text;
	ck_assert_int_eq(asy_buf_add_str(&out->body, said, NULL), ASSAY_OK);
	return skill >= s->spared ? s->slow_ns : 0;
}

/* ---- chain ---- */

/* hyper: members of the subnet's hyperparameters, "" = none. */
static inline char *story_scenario(unsigned tempo, unsigned finality_lag, const char *hyper)
{
	char *text = NULL;
	ck_assert_int_ge(
		asprintf(&text,
				 "{\"block_ms\":0,\"finality_lag\":%u,\"subnets\":[{\"netuid\":1,\"task\":\"text\","
				 "\"tempo\":%u,\"hyperparameters\":{%s},\"validators\":[{\"key\":\"//V0\","
				 "\"alpha\":5000000000000},{\"key\":\"//V1\",\"alpha\":4000000000000}],"
				 "\"miners\":[{\"key\":\"//M0\"},{\"key\":\"//M1\"},{\"key\":\"//M2\"},"
				 "{\"key\":\"//M3\"}]}]}",
				 finality_lag, tempo, hyper),
		0);
	return text;
}

static inline world story_world(const char *scenario)
{
	static const uint16_t ports[2 + STORY_MINERS] = {0, 0, 9000, 9001, 9002, 9003};
	const uint8_t seed[32] = {7};
	world w = {0};
	assay_err err;
	lnet_ledger *l = NULL;
	ck_ok(asy_crypto_init(&err), err);
	ck_ok(asy_scenario_parse(asy_span_str(scenario), &w.sc, &err), err);
	ck_ok(asy_lnet_genesis(w.sc, NULL, ports, &l, &err), err);
	ck_ok(asy_lnet_node_new(l, "test", 0, &w.node, &err), err);
	asy_seeded_rng_init(&w.rng, seed);
	return w;
}

/* A reorganisation: every block after `keep` is replaced by as many others, whose pool
 * never heard of the transactions that were in them. */
static inline void story_reorganise(story *s, uint64_t keep)
{
	world w = story_world(s->scenario);
	const lnet_ledger *old = s->w.node->ledger;
	uint64_t head = old->head;
	for (uint64_t b = 1; b <= head; b++) {
		const lnet_block *from = asy_lnet_block_at(old, b);
		for (size_t i = 0; b <= keep && i < from->extrinsics_n; i++) {
			asy_hash hash;
			lnet_rpc_error why;
			asy_lnet_pool_submit(&w.node->pool, w.node->ledger, asy_buf_span(&from->extrinsic[i]),
								 &hash, &why);
		}
		world_blocks(&w, 1);
	}
	ck_assert(asy_hash_eq(&asy_lnet_block_at(w.node->ledger, keep)->hash,
						  &asy_lnet_block_at(old, keep)->hash));
	world_free(&s->w);
	s->w = w;
	s->rebuilds++;
}

/* ---- the validator's world ---- */

static inline asy_dataset *story_dataset(void)
{
	asy_dataset *d = NULL;
	assay_err err;
	ck_ok(asy_dataset_parse(
			  asy_span_str("{\"id\":\"a\",\"prompt\":{\"question\":\"Which planet is the "
						   "innermost?\"},\"reference\":{\"answers\":[\"Mercury\"]}}\n"
						   "{\"id\":\"b\",\"prompt\":{\"question\":\"Symbol of "
						   "tungsten?\"},\"reference\":{\"answers\":[\"W\"]}}\n"),
			  "test", &d, &err),
		  err);
	return d;
}

static inline void story_store_opts(story *s, asy_store_options so)
{
	assay_err err = {0};
	so.dir = s->dir;
	asy_store_close(s->store);
	s->store = NULL;
	ck_ok(asy_store_open(&so, &s->store, &err), err);
}

/* vfs: the store's file system, NULL = the real one. */
static inline void story_store(story *s, const char *vfs)
{
	story_store_opts(s, (asy_store_options){.vfs = vfs});
}

/* Opens the plugin anew; what o leaves out is the text plugin in this process. */
static inline void story_plugin(story *s, asy_plugin_opts o)
{
	assay_err err = {0};
	if (o.path == NULL) {
		o.path = ASSAY_BINARY_DIR "/plugins/text.so";
		o.isolation = ASY_ISOLATION_NONE;
	}
	o.worker_path = ASSAY_BINARY_DIR "/bin/assay-worker";
	if (o.grant == 0)
		o.grant = ASY_PLUGIN_GRANT_DEFAULT;
	o.clock = asy_sys_clock();
	o.log = &s->log;
	o.loop = s->loop;
	asy_plugin_close(s->plugin);
	s->plugin = NULL;
	ck_ok(asy_plugin_open(&o, &s->plugin, &err), err);
}

/* Replaces the configuration, as an operator does between two starts. */
static inline void story_config(story *s, const char *text)
{
	assay_err err = {0};
	asy_config_free(s->config);
	ck_ok(asy_config_new(&s->config, &err), err);
	ck_ok(asy_config_load_json(s->config, asy_span_str(text), "test", &err), err);
	ck_ok(asy_config_finish(s->config, &err), err);
}

/* The subnet as in story_scenario; more: further configuration members, "" or
 * ",\"round\":{...}". */
static inline story *story_new(unsigned tempo, unsigned finality_lag, const char *hyper,
							   const char *more)
{
	static const char *const url = "http://chain";
	char text[2048];
	const uint8_t seed[32] = {11};
	story *s = asy_calloc(1, sizeof *s);
	assay_err err = {0};
	ck_assert_ptr_nonnull(s);
	s->iface.send = story_send;
	s->scenario = story_scenario(tempo, finality_lag, hyper);
	s->stop_at = 400;
	s->w = story_world(s->scenario);
	asy_seeded_rng_init(&s->rng, seed);
	/* in memory where there is such a place: hundreds of fsyncs take no time */
	(void)snprintf(s->dir, sizeof s->dir, "%s/assay-story-XXXXXX",
				   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	s->log = (asy_logger){.out = open_memstream(&s->log_text, &s->log_len),
						  .least = ASY_DEBUG,
						  .clock = asy_sys_clock()};
	ck_ok(asy_loop_new(&s->loop, &err), err);
	asy_http_script script = {story_answer, s};
	ck_ok(asy_http_fake_new(s->loop, &script, &s->http, &err), err);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//V0", &s->key, &err), err);
	const asy_chain_config cc = {.endpoints = &url,
								 .endpoints_n = 1,
								 .transport = &s->iface,
								 .clock = asy_sys_clock(),
								 .rng = &s->rng.iface,
								 .log = &s->log,
								 .key = s->key};
	ck_ok(asy_chain_open(&cc, &s->chain, &err), err);
	const char *round = strstr(more, "\"round\"") != NULL
							? ""
							: ",\"round\":{\"period_ms\":0,\"challenges_per_round\":2}";
	const char *query =
		strstr(more, "\"query\"") != NULL ? "" : ",\"query\":{\"allow_private\":true}";
	const char *submit = strstr(more, "\"submit\"") != NULL
							 ? ""
							 : ",\"submit\":{\"lead_blocks\":5,\"jitter_blocks\":0}";
	char beacon[2 * ASY_BLS_KEY_LEN + 1] = "", member[256] = "";
	asy_hex_encode(beacon, asy_test_beacon_key, ASY_BLS_KEY_LEN);
	if (strstr(more, "timelock") != NULL)
		(void)snprintf(member, sizeof member, ",\"beacon\":\"%s\"", beacon);
	(void)snprintf(text, sizeof text,
				   "{\"development\":true,\"netuid\":1,\"data_dir\":\"%s\",\"chain\":{"
				   "\"endpoints\":[\"http://127.0.0.1:1\"]%s},\"wallet\":{\"dev_uri\":\"//V0\"},"
				   "\"plugin\":{\"path\":\"x.so\"}%s%s%s%s}",
				   s->dir, member, submit, round, query, more);
	story_config(s, text);
	story_store(s, NULL);
	story_plugin(s, (asy_plugin_opts){0});
	s->dataset = story_dataset();
	return s;
}

static inline void story_free(story *s)
{
	char command[128];
	asy_plugin_close(s->plugin);
	asy_dataset_free(s->dataset);
	asy_store_close(s->store);
	asy_config_free(s->config);
	asy_chain_close(s->chain);
	asy_http_free(s->http);
	asy_loop_free(s->loop);
	asy_key_free(s->key);
	world_free(&s->w);
	free(s->scenario);
	(void)fclose(s->log.out);
	free(s->log_text);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", s->dir); /* made by mkdtemp */
	ck_assert_int_eq(system(command), 0);
	free(s);
}

/* One life of the daemon: until its rounds are over, the head is at stop_at, or it
 * gives up. Call again for a restart: the validator is new, the store is the same. */
static inline assay_status story_run(story *s, uint64_t rounds, assay_err *err)
{
	asy_validator *v = NULL;
	asy_buf json = {0};
	const asy_validator_env ve = {
		.clock = asy_sys_clock(), .log = &s->log, .loop = s->loop, .chain = s->chain};
	asy_task_env env = {
		.name = "",
		.options = asy_config_get(s->config),
		.clock = asy_sys_clock(),
		.rng = &s->rng.iface,
		.log = &s->log,
		.loop = s->loop,
		.http = s->http,
		.store = s->store,
		.plugin = s->plugin,
		.dataset = s->dataset,
		.key = s->key,
		.cpu_mask = 0,
		.rounds = rounds,
	};
	s->busy = true;
	assay_status st = asy_config_digest(s->config, 0, env.config_digest, err);
	if (st == ASSAY_OK)
		st = asy_config_canonical(s->config, 0, &json, err);
	env.config_json = asy_buf_span(&json);
	if (st == ASSAY_OK)
		st = asy_validator_new(&ve, &v, err);
	if (st == ASSAY_OK)
		st = asy_validator_serve(v, &env, &s->totals, err);
	asy_validator_free(v);
	asy_buf_fini(&json);
	(void)fflush(s->log.out);
	return st;
}

#define story_ok(s, rounds)                                                                        \
	do {                                                                                           \
		assay_err story_err = {0};                                                                 \
		assay_status story_st = story_run((s), (rounds), &story_err);                              \
		ck_assert_msg(story_st == ASSAY_OK, "%s: %s\n%s", assay_status_name(story_st),             \
					  story_err.msg, story_tail(s));                                               \
	} while (0)

/* The end of the log, for messages. */
static inline const char *story_tail(const story *s)
{
	(void)fflush(s->log.out);
	return s->log_len > 3000 ? s->log_text + s->log_len - 3000 : s->log_text;
}

static inline size_t story_logged(const story *s, const char *event)
{
	size_t n = 0;
	for (const char *p = s->log_text; (p = strstr(p, event)) != NULL; p += strlen(event))
		n++;
	return n;
}

/* The sealed submissions of the store, in order of birth. */
typedef struct {
	asy_sub_state state[32];
	size_t n;
} story_subs;
static inline assay_status story_on_sub(void *arg, const asy_sub_row *sub, assay_err *err)
{
	story_subs *x = arg;
	(void)err;
	if (sub->is_sealed && x->n < ASY_COUNT(x->state))
		x->state[x->n++] = sub->state;
	return ASSAY_OK;
}
static inline story_subs story_submissions(story *s)
{
	story_subs x = {.n = 0};
	assay_err err;
	ck_ok(asy_store_submissions(s->store, 0, story_on_sub, &x, &err), err);
	return x;
}

/* Our transactions on the chain so far. */
static inline uint32_t story_nonce(const story *s)
{
	asy_account me = world_account("//V0");
	return asy_lnet_pool_next_nonce(&s->w.node->pool, s->w.node->ledger, &me);
}
/* All of the store's n vectors counted, and every epoch was as computed. */
static inline void story_counted(story *s, size_t n)
{
	story_subs x = story_submissions(s);
	ck_assert_msg(x.n == n, "%zu vectors, wanted %zu\n%s", x.n, n, story_tail(s));
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(x.state[i] == ASY_SUB_COUNTED, "vector %zu is %s\n%s", i,
					  asy_sub_name(x.state[i]), story_tail(s));
	ck_assert_uint_eq(s->totals.mismatches, 0);
}

/* A run that the story's stop_at ends. */
static inline void story_until_stop(story *s)
{
	assay_err e = {0};
	assay_status st = story_run(s, 0, &e);
	ck_assert_msg(st == ASSAY_E_CANCELLED, "%s: %s\n%s", assay_status_name(st), e.msg,
				  story_tail(s));
}
#endif
