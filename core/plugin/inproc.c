/* The plugin in this process: for tools, tests, benchmarks and fuzzing a plugin.
 * The same calls in the same order as in a worker, hence the same bits; but a crash
 * here ends this process, and a plugin that hangs can only be asked to stop. */
#include <stdlib.h>
#include "plugin/host.h"

static void on_log(void *arg, int32_t level, const char *msg, size_t len)
{
	asy_plugin_said(arg, level, msg, len);
}

static uint64_t on_mono_ns(void *arg)
{
	return asy_plugin_now(arg);
}

static bool is_stopped(void *arg)
{
	asy_plugin *p = arg;
	if (asy_plugin_is_interrupted(p))
		atomic_store(&p->inproc_interrupted, true);
	return atomic_load(&p->inproc_interrupted) ||
		   (p->inproc_stop_ns != 0 && asy_plugin_now(p) >= p->inproc_stop_ns);
}

assay_status asy_inproc_open(asy_plugin *p, assay_err *err)
{
	assay_status st = asy_tables_load(p->o.path, p->where, &p->inst.t, err);
	if (st == ASSAY_OK)
		st = asy_info_encode(&p->inst.t.info, &p->blob, err);
	if (st == ASSAY_OK)
		st = asy_info_decode(asy_buf_span(&p->blob), p->arena, &p->about, err);
	if (st == ASSAY_OK)
		st = asy_info_grant(&p->about, p->o.grant, p->o.cache_dir, err);
	if (st == ASSAY_OK)
		st = asy_plugin_config(asy_span_str(p->about.config_schema), p->o.config, &p->config, err);
	if (st != ASSAY_OK)
		return st;
	bool has_cache = (p->about.needs & ASY_NEED_CACHE) != 0;
	p->shim.log = on_log;
	p->shim.mono_ns = on_mono_ns;
	p->shim.is_cancelled = is_stopped;
	p->shim.arg = p;
	asy_shim_init(&p->shim, p->o.threads, has_cache ? p->o.cache_dir : NULL);
	p->inst.shim = &p->shim;
	return asy_instance_open(&p->inst, asy_buf_span(&p->config), err);
}

void asy_inproc_close(asy_plugin *p)
{
	if (p->inst.shim != NULL)
		asy_instance_close(&p->inst);
}

/* ---- scoring ---- */

typedef struct {
	asy_plugin_rows *rows;
	asy_run run;
	uint64_t done;
	assay_status st; /* of the caller's on_rows */
	assay_err *err;
} scoring;

static uint32_t flags_of(const asy_run_state *x)
{
	return (x->is_saved ? ASY_STATE_SAVED : 0) | (x->is_anew ? ASY_STATE_ANEW : 0) |
		   (x->is_unsaved ? ASY_STATE_UNSAVED : 0);
}

static void say_state(asy_plugin_rows *r, const asy_run_state *x)
{
	asy_rows_say_state(r, &(asy_state_said){.flags = flags_of(x),
											.after = asy_span(x->after, (size_t)x->len),
											.why = asy_span(x->why, x->why_len)});
}

static void on_progress(void *arg, uint64_t done, assay_span fail)
{
	scoring *s = arg;
	asy_plugin *p = s->rows->p;
	uint32_t component_n = p->about.component_n;
	asy_rows_out out = {
		.score = s->run.score + s->done,
		.flag = s->run.flag + s->done,
		.rc = s->run.rc + s->done,
		.component = s->run.component != NULL ? s->run.component + s->done * component_n : NULL,
	};

	s->rows->is_stopping = is_stopped(p);
	if (s->run.state != NULL)
		say_state(s->rows, s->run.state);
	if (!s->rows->is_stopping)
		asy_plugin_refused(p, fail);
	if (s->st == ASSAY_OK)
		s->st = asy_rows_take(s->rows, (size_t)s->done, (size_t)(done - s->done), &out, s->err);
	s->done = done;
	/* the caller could not keep the rows: the next call is refused by is_stopped */
	if (s->st != ASSAY_OK)
		atomic_store(&p->inproc_interrupted, true);
}

static assay_bytes bytes_of(assay_span s)
{
	return (assay_bytes){s.ptr, s.len};
}

/* Tables of the plugin's own structs over the caller's bytes. */
typedef struct {
	assay_challenge *challenge;
	assay_response *response;
	assay_part *part; /* what both point into */
	size_t taken;
} view;

static void view_fini(view *v)
{
	free(v->challenge);
	free(v->response);
	free(v->part);
}

static const assay_part *view_parts(view *v, const asy_plugin_part *from, uint32_t n)
{
	assay_part *out = v->part + v->taken;
	for (uint32_t i = 0; i < n; i++)
		out[i] =
			(assay_part){bytes_of(from[i].name), bytes_of(from[i].type), bytes_of(from[i].bytes)};
	v->taken += n;
	return n != 0 ? out : NULL;
}

static assay_response view_response(view *v, const asy_plugin_response *x, uint64_t seed)
{
	return (assay_response){
		.body = bytes_of(x->body),
		.hotkey = x->who.hotkey,
		.coldkey = x->who.coldkey,
		.challenge = x->challenge,
		.miner = x->miner,
		.status = x->status,
		.latency_ms = x->latency_ms,
		.address = x->who.address,
		.seed = seed,
		.content_type = bytes_of(x->content_type),
		.header = view_parts(v, x->header, x->header_n),
		.part = view_parts(v, x->part, x->part_n),
		.chunk = x->chunk_n != 0 ? (const void *)x->chunk : NULL,
		.header_n = x->header_n,
		.part_n = x->part_n,
		.chunk_n = x->chunk_n,
		.http_status = x->http_status,
		.first_byte_ms = x->first_byte_ms,
	};
}

static assay_status view_rows(const asy_plugin_rows *r, view *v, assay_err *err)
{
	const asy_plugin_batch *b = r->batch;
	uint64_t parts = r->part_n;
	for (size_t i = 0; i < b->response_n; i++)
		parts += (uint64_t)b->response[i].part_n + b->response[i].header_n;
	v->challenge = asy_calloc(b->challenge_n + 1, sizeof *v->challenge);
	v->response = asy_calloc(r->order_n + 1, sizeof *v->response);
	v->part = asy_calloc((size_t)parts + 1, sizeof *v->part);
	if (v->challenge == NULL || v->response == NULL || v->part == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "tables of %zu rows", r->order_n);
	for (size_t i = 0; i < b->challenge_n; i++) {
		const asy_plugin_challenge *c = &b->challenge[i];
		v->challenge[i] = (assay_challenge){.prompt = bytes_of(c->prompt),
											.reference = bytes_of(c->reference),
											.meta_json = bytes_of(c->meta_json),
											.part = view_parts(v, c->part, c->part_n),
											.part_n = c->part_n};
	}
	for (size_t i = 0; i < r->order_n; i++) {
		const asy_plugin_response x = asy_rows_response(r, i);
		v->response[i] = view_response(v, &x, asy_rows_seed(r, i));
	}
	return ASSAY_OK;
}

static assay_round_info round_info(const asy_plugin *p, const asy_plugin_round *round)
{
	assay_round_info info = {.size = sizeof info,
							 .round = round->round,
							 .block = round->block,
							 .deadline_ns = p->inproc_stop_ns};
	asy_rows_derive(round->seed, "assay.plugin", info.seed);
	return info;
}

static assay_status run_rows(scoring *s, assay_err *err)
{
	asy_plugin_rows *r = s->rows;
	asy_run_score(&r->p->inst, &s->run);
	if (s->st != ASSAY_OK)
		return s->st;
	if (!asy_rows_are_open(r))
		return asy_rows_settle(r, 0, false, err);
	if (atomic_load(&r->p->inproc_interrupted))
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted with %" PRIu64 " of %zu rows scored",
						  r->res->stats.scored, r->order_n);
	asy_plugin_emit(r->p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_DEADLINE, .rows = s->done});
	return asy_rows_decide(r, 0, r->order_n, ASY_ROW_ABSTAIN, ASY_CAUSE_DEADLINE, err);
}

assay_status asy_inproc_score(asy_plugin_rows *r, assay_err *err)
{
	asy_plugin *p = r->p;
	size_t n = r->order_n, component_n = p->about.component_n;
	view v = {0};
	scoring s = {.rows = r, .err = err};
	asy_run_state state = {.before = r->state, .cap = ASSAY_STATE_MAX};
	assay_status st = view_rows(r, &v, err);

	atomic_store(&p->inproc_interrupted, false);
	p->inproc_stop_ns = r->soft_at;
	s.run = (asy_run){
		.challenge = v.challenge,
		.challenge_n = (uint32_t)r->batch->challenge_n,
		.response = v.response,
		.response_n = n,
		.step = r->step,
		.round = round_info(p, r->round),
		.score = asy_calloc(n, sizeof(double)),
		.flag = asy_calloc(n, 1),
		.rc = asy_calloc(n, 1),
		.component = component_n != 0 ? asy_calloc(n * component_n, sizeof(double)) : NULL,
		.progress = on_progress,
		.arg = &s,
		.state = r->has_state ? &state : NULL,
	};
	if (r->has_state)
		state.after = asy_calloc(1, ASSAY_STATE_MAX);
	if (st == ASSAY_OK && r->has_state && state.after == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "a state");
	if (st == ASSAY_OK && (s.run.score == NULL || s.run.flag == NULL || s.run.rc == NULL ||
						   (component_n != 0 && s.run.component == NULL)))
		st = ASSAY_FAIL(err, E_NOMEM, "tables of %zu rows", n);
	if (st == ASSAY_OK)
		st = run_rows(&s, err);
	view_fini(&v);
	free(state.after);
	free(s.run.score);
	free(s.run.flag);
	free(s.run.rc);
	free(s.run.component);
	return st;
}

/* ---- challenges ---- */

/* Sizes first, then the same packing as a worker uses, so that the result owns
 * its bytes and passes the same checks. */
static assay_status pack(const assay_challenge *c, uint32_t n, asy_plugin_challenges *out,
						 assay_err *err)
{
	asy_buf packed = {0};
	uint64_t need = 0, used = 0;
	assay_status st = asy_ring_made_write(c, n, NULL, ASY_RING_MADE_BYTES, &need, err);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(&packed, (size_t)need + 1, err);
	if (st == ASSAY_OK)
		st = asy_ring_made_write(c, n, packed.ptr, need, &used, err);
	packed.len = (size_t)used;
	if (st == ASSAY_OK)
		st = asy_ring_made_read(&packed, n, out, err);
	asy_buf_fini(&packed);
	return st;
}

assay_status asy_inproc_make(asy_plugin *p, const asy_plugin_round *round, uint32_t want,
							 asy_plugin_challenges *out, assay_err *err)
{
	atomic_store(&p->inproc_interrupted, false);
	p->inproc_stop_ns = asy_sat_add_u64(asy_plugin_now(p), p->o.soft_ns);
	assay_round_info info = round_info(p, round);
	assay_challenge *c = NULL;
	uint32_t made = 0;
	bool has_state = (p->about.needs & ASY_NEED_STATE) != 0;
	asy_run_state state = {.before = asy_buf_span(&p->state)};

	assay_status st =
		asy_run_make(&p->inst, &info, has_state ? &state : NULL, want, &c, &made, err);
	if (st == ASSAY_OK)
		st = pack(c, made, out, err);
	free(c);
	return st;
}
