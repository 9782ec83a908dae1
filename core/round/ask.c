/* Beginning a round, choosing what is asked of whom, and asking. Every answer is in
 * the journal, with its class, before anybody looks at what it says. */
#include <stdlib.h>
#include "round/impl.h"
#include "round/intake.h"
#include "weights/weights.h"

/* ---- begin ---- */

static void round_seed(const asy_task *task, const asy_world *w, uint64_t number, uint8_t out[32])
{
	uint8_t text[32 + 32 + 8];
	memcpy(text, task->salt, 32);
	memcpy(text + 32, w->head.hash.b, 32);
	asy_put_u64le(text + 64, number);
	asy_blake2b(text, sizeof text, out, 32);
	asy_wipe(text, sizeof text);
}

assay_status asy_round_check_options(const asy_options *o, assay_err *err)
{
	if (asy_dialect_find(o->query.dialect) != NULL)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_CONFIG, "query.dialect: \"%s\" is not spoken here", o->query.dialect);
}

/* The record and what the plugin remembers, together. */
static assay_status store_begin(const asy_task *task, uint64_t now, assay_span payload,
								uint64_t *id, assay_err *err)
{
	asy_store *store = task->env.store;
	assay_span state = asy_plugin_state(task->env.plugin);
	if (state.len == 0)
		return asy_store_round_begin(store, now, payload, id, err);
	TRY(asy_store_begin(store, err));
	assay_status st = asy_store_round_begin(store, now, payload, id, err);
	if (st == ASSAY_OK)
		st = asy_round_put_state(store, *id, state, err);
	if (st == ASSAY_OK)
		st = asy_store_commit(store, err);
	if (st != ASSAY_OK)
		asy_store_rollback(store);
	return st;
}

assay_status asy_round_begin(asy_task *task, const asy_world *w, asy_round **out, assay_err *err)
{
	asy_story_info last = {0};
	asy_buf payload = {0};
	asy_round *r = NULL;
	uint64_t id = 0, now = task->env.clock->real_ns(task->env.clock);
	assay_status st = asy_store_last(task->env.store, ASY_STORY_ROUND, &last, err);
	if (st != ASSAY_OK && st != ASSAY_E_NOTFOUND)
		return st;
	TRY(asy_round_restore_state(task, err));
	const asy_plugin_about *plugin = asy_plugin_info(task->env.plugin);
	asy_begin_record x = {
		.under = asy_task_under(task),
		.block = w->head,
		.epoch = w->epoch.subnet_epoch_index,
		.time_ns = now,
		.plugin_id = plugin->id,
		.plugin_version = plugin->version,
		.cage = asy_plugin_cage(task->env.plugin),
		.component_n = plugin->component_n,
		.state = asy_round_kept_state(task),
	};
	round_seed(task, w, last.id + 1, x.seed);
	memcpy(x.plugin_file, plugin->file_digest, 32);
	memcpy(x.plugin_config, plugin->config_digest, 32);
	st = asy_record_put_begin(&x, &payload, err);
	if (st == ASSAY_OK)
		st = store_begin(task, now, asy_buf_span(&payload), &id, err);
	if (st == ASSAY_OK)
		st = asy_round_new(id, &r, err);
	if (st == ASSAY_OK)
		st = asy_round_fold(r, ASY_REC_BEGIN, asy_buf_span(&payload), err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK) {
		asy_round_free(r);
		return st;
	}
	r->log = asy_task_logger(task, ASY_STORY_ROUND, id);
	task->totals.rounds_begun++;
	asy_log(&r->log, ASY_INFO, "round.begin", ASY_U64("id", id), ASY_U64("block", w->head.number),
			ASY_U64("epoch", w->epoch.subnet_epoch_index));
	*out = r;
	return ASSAY_OK;
}

/* ---- whom and what ---- */

/* Each random choice of a round has its own stream, so that adding one later does not
 * change the others. */
static void derive(const asy_round *r, const char *label, uint8_t out[32])
{
	uint8_t text[32 + 32] = {0};
	memcpy(text, r->begin.seed, 32);
	(void)asy_str_copy((char *)text + 32, 32, label);
	asy_blake2b(text, sizeof text, out, 32);
}

asy_reach asy_round_reach(const asy_neuron *n, uint16_t uid, bool allow_private, asy_target *out)
{
	asy_miner_row row = {.uid = uid, .port = n->axon.port, .ip_type = n->axon.ip_type};
	if (!n->axon.present)
		return ASY_REACH_NOT_SERVING;
	memcpy(row.hotkey, n->hotkey.b, 32);
	memcpy(row.ip, n->axon.ip, 16);
	return out != NULL ? asy_miner_target(&row, allow_private, out)
					   : asy_miner_reach(&row, allow_private);
}

static asy_reach reach(const asy_task *task, const asy_neuron *n, uint16_t uid, asy_target *out)
{
	return asy_round_reach(n, uid, task->env.options->query.allow_private, out);
}

/* A number for these bytes that only the salt's owner can find the bytes of; never 0. */
static uint64_t number_of(const uint8_t salt[32], const char *kind, const uint8_t *p, size_t n)
{
	uint8_t text[32 + 16 + 32] = {0}, hash[8];
	memcpy(text, salt, 32);
	(void)asy_str_copy((char *)text + 32, 16, kind);
	memcpy(text + 48, p, n);
	asy_blake2b(text, sizeof text, hash, sizeof hash);
	asy_wipe(text, sizeof text);
	uint64_t v = asy_get_u64le(hash);
	return v != 0 ? v : 1;
}

asy_plugin_who asy_round_who(const uint8_t salt[32], const asy_neuron *n)
{
	/* whoever has one address of an IPv6 network has 2^64 of them */
	size_t len = n->axon.ip_type == 6 ? 8 : 16;
	return (asy_plugin_who){
		.hotkey = number_of(salt, "who.hotkey", n->hotkey.b, 32),
		.coldkey = number_of(salt, "who.coldkey", n->coldkey.b, 32),
		.address = n->axon.present ? number_of(salt, "who.address", n->axon.ip, len) : 0,
	};
}

static assay_status choose_targets(asy_task *task, const asy_round *r, const assay_snapshot *s,
								   asy_asked **out, size_t *out_n, assay_err *err)
{
	asy_asked *all = asy_calloc(s->n, sizeof *all), *chosen = NULL;
	assay_member *who = asy_calloc(s->n, sizeof *who);
	uint64_t *heard = asy_calloc(s->n, sizeof *heard);
	uint32_t *pick = asy_calloc(s->n, sizeof *pick);
	uint8_t seed[32];
	size_t n = 0, picked = 0;
	assay_status st = all == NULL || who == NULL || heard == NULL || pick == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "%zu neurons", s->n)
						  : ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < s->n; i++) {
		if (asy_account_eq(&s->neuron[i].hotkey, &task->self) ||
			reach(task, &s->neuron[i], (uint16_t)i, NULL) != ASY_REACH_OK)
			continue;
		all[n] =
			(asy_asked){(uint16_t)i, s->neuron[i].hotkey, asy_round_who(task->salt, &s->neuron[i])};
		who[n].uid = (uint16_t)i;
		memcpy(who[n].hotkey, s->neuron[i].hotkey.b, 32);
		n++;
	}
	/* the memory tells whom to ask first, also after a restart */
	if (st == ASSAY_OK)
		st = asy_tracker_last_heard(task->memory.tracker, who, n, heard, err);
	derive(r, "targets", seed);
	if (st == ASSAY_OK && n > 0)
		st = asy_miner_sample(heard, n, task->env.options->query.sample, seed, pick, &picked, err);
	if (st == ASSAY_OK && (chosen = asy_calloc(picked, sizeof *chosen)) == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "%zu targets", picked);
	if (st == ASSAY_OK) {
		for (size_t i = 0; i < picked; i++)
			chosen[i] = all[pick[i]];
		*out = chosen;
		*out_n = picked;
	}
	free(all);
	free(who);
	free(heard);
	free(pick);
	return st;
}

/* What a plugin made goes into requests and records as it is, so it must be JSON. */
static assay_status check_made(const asy_plugin_challenges *made, assay_err *err)
{
	static const asy_json_limits limits = {.max_depth = 32};
	for (size_t i = 0; i < made->challenge_n; i++) {
		const asy_plugin_challenge *c = &made->challenge[i];
		const assay_span part[] = {c->prompt, c->reference, c->meta_json};
		static const char *const name[] = {"prompt", "reference", "meta"};
		for (size_t k = 0; k < ASY_COUNT(part); k++) {
			asy_json *doc = NULL;
			if (k > 0 && part[k].len == 0)
				continue; /* only a prompt must be there */
			assay_status st = asy_json_parse(part[k], &limits, &doc, err);
			asy_json_free(doc);
			if (st != ASSAY_OK)
				return assay_err_at(err, ASSAY_E_PLUGIN,
									"the plugin made challenge %zu whose %s is not JSON", i,
									name[k]);
		}
	}
	return ASSAY_OK;
}

/* Questions from the data set, else from the plugin. made owns what the plugin gave. */
static assay_status choose_questions(asy_task *task, const asy_round *r, size_t want,
									 asy_question *q, size_t *n, asy_plugin_challenges *made,
									 char (*ids)[32], assay_err *err)
{
	uint8_t seed[32];
	derive(r, "questions", seed);
	if (task->env.dataset != NULL) {
		asy_seeded_rng rng;
		asy_seeded_rng_init(&rng, seed);
		*n = asy_dataset_draw(task->env.dataset, &rng.iface, want, q);
		return ASSAY_OK;
	}
	asy_plugin_round round = {.round = r->id, .block = r->begin.block.number};
	memcpy(round.seed, r->begin.seed, 32);
	assay_status st = asy_round_restore_state(task, err);
	if (st == ASSAY_OK)
		st = asy_plugin_make(task->env.plugin, &round, want, made, err);
	if (st == ASSAY_OK)
		st = check_made(made, err);
	if (st != ASSAY_OK)
		return st;
	*n = made->challenge_n < want ? made->challenge_n : want;
	for (size_t i = 0; i < *n; i++) {
		(void)snprintf(ids[i], 32, "r%" PRIu64 "-%zu", r->id, i);
		q[i] = (asy_question){ids[i], made->challenge[i].prompt, made->challenge[i].reference,
							  made->challenge[i].meta_json};
	}
	return ASSAY_OK;
}

assay_status asy_round_challenge(asy_task *task, asy_round *r, assay_err *err)
{
	const assay_snapshot *s = NULL;
	size_t want = task->env.options->round.challenges_per_round, q_n = 0, t_n = 0;
	asy_question *q = asy_calloc(want, sizeof *q);
	char(*ids)[32] = asy_calloc(want, sizeof *ids);
	asy_asked *t = NULL;
	asy_plugin_challenges made = {0};
	asy_buf payload = {0};
	assay_status st = q == NULL || ids == NULL ? ASSAY_FAIL(err, E_NOMEM, "%zu questions", want)
											   : asy_task_snapshot(task, &r->at.head, &s, err);
	if (st == ASSAY_OK)
		st = choose_targets(task, r, s, &t, &t_n, err);
	if (st == ASSAY_OK)
		st = choose_questions(task, r, want, q, &q_n, &made, ids, err);
	if (st == ASSAY_OK)
		st = asy_record_put_challenge(&(asy_challenge_record){q, q_n, t, t_n}, &payload, err);
	if (st == ASSAY_OK)
		st = asy_round_record(task, r, ASY_REC_CHALLENGE, asy_buf_span(&payload), NULL, NULL, err);
	if (st == ASSAY_OK && t_n == 0)
		(void)asy_chain_doubt(task->means.chain);
	if (st == ASSAY_OK && t_n == 0)
		asy_complain(&task->nobody, &r->log, "query.nobody",
					 ASY_STR("why", "no miner of the subnet serves a reachable address"));
	else if (st == ASSAY_OK)
		asy_complain_release(&task->nobody);
	asy_snapshots_release(task->means.snapshots, s);
	asy_buf_fini(&payload);
	asy_plugin_challenges_fini(&made);
	free(q);
	free(ids);
	free(t);
	return st;
}

/* ---- asking ---- */

typedef struct {
	asy_task *task;
	asy_round *r;
	asy_intake *in;
} asking;

/* What the plugin may know of a reason: the class, without our own troubles. */
static uint32_t status_of(asy_why why)
{
	asy_reply cls = asy_why_class(why);
	return cls == ASY_REPLY_INTERNAL ? (uint32_t)ASY_RESP_TIMEOUT : (uint32_t)cls;
}

_Static_assert(sizeof(asy_http_chunk) == sizeof(asy_plugin_chunk) &&
				   offsetof(asy_http_chunk, end) == offsetof(asy_plugin_chunk, end),
			   "chunks are the wire's");

/* A slot without bytes gets its answer recorded all the same. */
static assay_status no_answer(asking *a, size_t slot, asy_why why, const char *cause,
							  assay_err *err)
{
	const asy_answer x = {.status = status_of(why), .why = why, .cause = cause};
	return asy_intake_add(a->in, slot, &x, NULL, err);
}

static assay_status on_outcome(void *arg, const asy_outcome *o, assay_err *err)
{
	asking *a = arg;
	bool good = o->cls == ASY_REPLY_OK;
	if (o->why == ASY_WHY_CANCELLED)
		return ASSAY_OK; /* interrupted: asked again after the restart */
	const asy_answer x = {
		.status = status_of(o->why),
		.why = o->why,
		.http_status = (uint32_t)(o->http_status > 0 ? o->http_status : 0),
		.latency_ns = o->latency_ns,
		.first_byte_ns = o->ttfb_ns,
		.content_type = o->content_type,
		.chunk = good ? (const void *)o->chunk : NULL, /* the same struct */
		.chunk_n = good ? o->chunk_n : 0,
		.cause = good                ? ""
				 : o->detail != NULL ? o->detail
									 : asy_why_name(o->why),
	};
	return asy_intake_add(a->in, (size_t)o->tag, &x, good ? o->body : NULL, err);
}

assay_status asy_round_query_body(const char *task, const asy_question *q, asy_buf *out,
								  assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "challenge_id", q->id);
	asy_jw_kstr(&w, "task", task);
	asy_jw_key(&w, "prompt");
	asy_jw_raw(&w, q->prompt);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status collect(asking *a, const assay_snapshot *s, asy_target *targets,
							const asy_buf *bodies, asy_query *queries, size_t *n, assay_err *err)
{
	asy_round *r = a->r;
	const char *route = a->task->env.options->query.route;
	for (size_t t = 0; t < r->target_n; t++) {
		const asy_asked *who = &r->target[t];
		bool gone = who->uid >= s->n || !asy_account_eq(&s->neuron[who->uid].hotkey, &who->hotkey);
		asy_reach how = gone ? ASY_REACH_NOT_SERVING
							 : reach(a->task, &s->neuron[who->uid], who->uid, &targets[t]);
		for (size_t q = 0; q < r->question_n; q++) {
			size_t slot = t * r->question_n + q;
			if (r->answer[slot] != NULL)
				continue; /* answered before a restart */
			if (how == ASY_REACH_OK) {
				queries[(*n)++] = (asy_query){&targets[t], route, asy_buf_span(&bodies[q]), slot};
				continue;
			}
			asy_why why = gone ? ASY_WHY_CHANGED_HANDS : ASY_WHY_UNROUTABLE;
			assay_status st =
				no_answer(a, slot, why, gone ? asy_why_name(why) : asy_reach_name(how), err);
			if (st != ASSAY_OK)
				return st;
		}
	}
	return ASSAY_OK;
}

static assay_status end_queries(const asking *a, const asy_fanout_summary *sum, assay_err *err)
{
	asy_task *task = a->task;
	asy_round *r = a->r;
	asy_buf payload = {0};
	asy_suspicion s;
	asy_query_end_record x = {.answers = r->answer_n, .rules = ASY_FAULT_RULES};
	assay_status st = asy_round_suspect(task, r, &s, err);
	if (st != ASSAY_OK)
		return st;
	x.suspect = s.is_believed;
	for (size_t i = 0; i < asy_round_slots(r); i++)
		if (r->answer[i] != NULL)
			x.by_status[r->answer[i]->status]++;
	st = asy_record_put_query_end(&x, &payload, err);
	if (st == ASSAY_OK)
		st = asy_round_record(task, r, ASY_REC_QUERY_END, asy_buf_span(&payload), NULL, NULL, err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK)
		return st;
	asy_round_after_verdict(task, r, &s);
	asy_intake_stats kept = asy_intake_get_stats(a->in);
	if (kept.dropped > 0)
		asy_log(&r->log, ASY_BROKEN, "query.room_used_up", ASY_U64("dropped", kept.dropped),
				ASY_U64("miners", kept.miners),
				ASY_STR("remedy", "raise query.max_round_bytes or lower query.max_response_bytes"));
	asy_log(&r->log, ASY_INFO, "query.end", ASY_U64("asked", sum->asked), ASY_U64("ok", sum->ok),
			ASY_U64("answers", r->answer_n));
	return ASSAY_OK;
}

/*~ Every query has its full time, counted from its own start. More queries than may be in
 * flight at once go in waves, and the deadline of all is that of so many waves. With one
 * deadline for everything, slow miners would cost others their answers. Example: 600
 * queries, 256 at once, 2 s each: three waves, so the round waits for up to 6 s. */
static uint64_t deadline_of_all(const asy_task *task, const asy_round *r, size_t n)
{
	const asy_options *o = task->env.options;
	uint64_t all = (n + o->query.concurrency - 1) / o->query.concurrency;
	uint64_t each = (r->question_n + o->query.per_host - 1) / o->query.per_host;
	uint64_t waves = all > each ? all : each;
	return asy_loop_deadline(task->env.loop, o->query.deadline_ms * (waves > 0 ? waves : 1));
}

assay_status asy_round_ask(asy_task *task, asy_round *r, assay_err *err)
{
	const asy_options *o = task->env.options;
	const assay_snapshot *s = NULL;
	asking a = {.task = task, .r = r};
	const asy_intake_opts in = {task->env.store, task->env.loop, task->env.clock,
								o->query.max_round_bytes};
	size_t slots = asy_round_slots(r), n = 0;
	asy_query *queries = asy_calloc(slots, sizeof *queries);
	asy_target *targets = asy_calloc(r->target_n, sizeof *targets);
	asy_buf *bodies = asy_calloc(r->question_n, sizeof *bodies);
	asy_fanout_summary sum = {0};
	asy_caller caller;
	const char *kind = asy_plugin_info(task->env.plugin)->task_kind;
	const asy_dialect *dialect = asy_dialect_find(o->query.dialect);
	assay_status st = queries == NULL || targets == NULL || bodies == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "%zu queries", slots)
						  : asy_task_snapshot(task, &r->at.head, &s, err);

	if (st == ASSAY_OK)
		st = asy_round_check_options(o, err);
	if (st == ASSAY_OK) /* nobody is asked what a restart would not know */
		st = asy_store_settle(task->env.store, err);
	for (size_t q = 0; st == ASSAY_OK && q < r->question_n; q++)
		st = asy_round_query_body(kind, &r->question[q], &bodies[q], err);
	if (st == ASSAY_OK)
		st = asy_intake_new(r, &in, &a.in, err);
	if (st == ASSAY_OK)
		st = collect(&a, s, targets, bodies, queries, &n, err);
	if (st == ASSAY_OK && s->timestamp_ms != 0)
		r->clock_off_s = (int64_t)(task->env.clock->real_ns(task->env.clock) / 1000000000u) -
						 (int64_t)(s->timestamp_ms / 1000u);
	asy_snapshots_release(task->means.snapshots, s); /* asking may take long */
	if (st == ASSAY_OK) {
		asy_fanout_opts opts = {
			.deadline_mono_ns = deadline_of_all(task, r, n),
			.timeout_ms = o->query.deadline_ms,
			.connect_timeout_ms = o->query.connect_timeout_ms,
			.max_response_bytes = o->query.max_response_bytes,
			.allow_private = o->query.allow_private,
			.round = r->id,
			.breaker = task->breaker,
		};
		asy_caller_init(&caller, task->env.key, &task->nonce, task->env.clock, task->env.rng);
		st = asy_fanout_run(task->env.http, dialect, &caller, queries, n, &opts, on_outcome, &a,
							&sum, err);
	}
	/* What came in before an interruption is kept too. */
	if (st == ASSAY_OK || st == ASSAY_E_CANCELLED) {
		assay_status kept = a.in != NULL ? asy_intake_end(a.in, st == ASSAY_OK ? err : NULL) : st;
		if (st == ASSAY_OK)
			st = kept;
	}
	if (st == ASSAY_OK)
		st = end_queries(&a, &sum, err);
	asy_intake_free(a.in);
	for (size_t q = 0; bodies != NULL && q < r->question_n; q++)
		asy_buf_fini(&bodies[q]);
	free(bodies);
	free(queries);
	free(targets);
	return st;
}
