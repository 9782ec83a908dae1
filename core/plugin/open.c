/* The life of an asy_plugin: options and defaults, opening in one of the two hosts,
 * what is logged about it, closing. Knows nothing of rows. */
#include <stdlib.h>
#include <unistd.h>
#include "plugin/host.h"
#include "plugin/verify.h"

#define MS ((uint64_t)1000000)
#define LOG_LINES_MAX 64u
#define LOG_BYTES_MAX 16384u
#define ERROR_EVENTS_MAX 8u /* per round */

static const char *const event_names[] = {
	"plugin.started",    "plugin.crashed",     "plugin.stalled",     "plugin.deadline",
	"plugin.protocol",   "plugin.open_failed", "plugin.error",       "plugin.invalid_scores",
	"plugin.poison_row", "plugin.flaky_row",   "plugin.quarantined", "plugin.released",
	"plugin.broken",     "plugin.caged",       "plugin.state_lost"};

const char *asy_plugin_event_name(asy_plugin_event_kind k)
{
	return (size_t)k < ASY_COUNT(event_names) ? event_names[k] : "plugin.unknown";
}

/* ---- names of the row's fields, for files and people ---- */

static const char *name_at(const char *const *names, size_t n, size_t i)
{
	return i < n ? names[i] : NULL;
}

const char *asy_resp_name(uint32_t status)
{
	static const char *const names[] = {"ok",      "empty",     "timeout", "http",
										"refused", "too_large", "unsigned"};
	return name_at(names, ASY_COUNT(names), status);
}

const char *asy_row_flag_name(uint8_t flag)
{
	static const char *const names[] = {"pending", "scored", "abstain", "floor", "not_asked"};
	return name_at(names, ASY_COUNT(names), flag);
}

const char *asy_row_cause_name(uint8_t cause)
{
	static const char *const names[] = {"none",     "plugin", "invalid", "error",
										"deadline", "crash",  "poison",  "quarantine"};
	return name_at(names, ASY_COUNT(names), cause);
}

/* The face repeats numbers of the contract so that callers need not see it. */
_Static_assert((int)ASY_RESP_UNSIGNED == (int)ASSAY_RESP_UNSIGNED, "response classes");
_Static_assert((int)ASY_ROW_SCORED == (int)ASSAY_ROW_SCORED, "row flags");
_Static_assert((int)ASY_ROW_ABSTAIN == (int)ASSAY_ROW_ABSTAIN, "row flags");
_Static_assert((int)ASY_NEED_INEXACT == (int)ASSAY_NEED_INEXACT, "needs");

/* ---- what is said about it ---- */

/* A worker's time is that in which we listened to it: our own pause is not its delay. */
uint64_t asy_plugin_now(const asy_plugin *p)
{
	return p->o.isolation == ASY_ISOLATION_WORKER ? asy_loop_polled_ns(p->loop)
												  : p->o.clock->mono_ns(p->o.clock);
}

bool asy_plugin_is_interrupted(const asy_plugin *p)
{
	if (p->o.isolation == ASY_ISOLATION_WORKER)
		return asy_loop_is_stopping(p->loop);
	return p->loop != NULL && asy_loop_interrupted(p->loop); /* from any thread */
}

void asy_plugin_log_reset(asy_plugin *p)
{
	p->log_lines = p->log_bytes = p->log_dropped = 0;
}

/* Whether the quota has room for a line. The plugin's threads may ask at the same time,
 * hence a lock. It is released before the line is written: no thread may spin for as long
 * as a disk takes. */
static bool take_quota(asy_plugin *p, size_t len)
{
	while (atomic_flag_test_and_set_explicit(&p->log_lock, memory_order_acquire))
		;
	bool fits = p->log_lines < LOG_LINES_MAX && p->log_bytes + len <= LOG_BYTES_MAX;
	if (fits) {
		p->log_lines++;
		p->log_bytes += len;
	} else {
		p->log_dropped++;
	}
	atomic_flag_clear_explicit(&p->log_lock, memory_order_release);
	return fits;
}

void asy_plugin_said(asy_plugin *p, int32_t level, const char *msg, size_t len)
{
	static const asy_level levels[] = {ASY_UNUSUAL, ASY_UNUSUAL, ASY_INFO, ASY_DEBUG};
	bool is_known = level >= ASSAY_LOG_ERROR && level <= ASSAY_LOG_DEBUG;
	if (take_quota(p, len))
		asy_log(p->o.log, is_known ? levels[level - ASSAY_LOG_ERROR] : ASY_INFO, "plugin.said",
				ASY_STR("plugin", p->where), ASY_BYTES("text", asy_span(msg, len)));
}

static asy_level event_level(const asy_plugin_event *ev)
{
	asy_plugin_event_kind k = ev->kind;
	if (k == ASY_PLUGIN_EV_STARTED)
		return ASY_DEBUG;
	if (k == ASY_PLUGIN_EV_RELEASED)
		return ASY_INFO;
	if (k == ASY_PLUGIN_EV_CAGED)
		return ev->rows == 0 ? ASY_DEBUG : ASY_UNUSUAL;
	return k == ASY_PLUGIN_EV_QUARANTINED || k == ASY_PLUGIN_EV_BROKEN ? ASY_BROKEN : ASY_UNUSUAL;
}

/* An event of an ended worker that says how it ended. */
static bool has_exit(const asy_plugin_event *ev)
{
	return ev->exit_code > 0 || (ev->kind == ASY_PLUGIN_EV_CRASHED && ev->signal == 0);
}

static bool has_rows(const asy_plugin_event *ev)
{
	return (ev->rows > 0 && ev->kind != ASY_PLUGIN_EV_CAGED) || ev->kind == ASY_PLUGIN_EV_CRASHED;
}

static bool has_row(const asy_plugin_event *ev)
{
	return ev->kind == ASY_PLUGIN_EV_POISON || ev->kind == ASY_PLUGIN_EV_FLAKY;
}

void asy_plugin_emit(asy_plugin *p, const asy_plugin_event *event)
{
	asy_plugin_event ev = *event;
	if (ev.text == NULL)
		ev.text = "";
	asy_log(p->o.log, event_level(&ev), asy_plugin_event_name(ev.kind), ASY_STR("plugin", p->where),
			ASY_IF(ev.pid > 0, ASY_I64("pid", ev.pid)),
			ASY_IF(ev.signal != 0, ASY_I64("signal", ev.signal)),
			ASY_IF(has_exit(&ev), ASY_I64("exit", ev.exit_code)),
			ASY_IF(has_rows(&ev), ASY_U64("rows", ev.rows)),
			ASY_IF(has_row(&ev), ASY_U64("row", ev.row)), ASY_STR("text", ev.text));
	if (p->o.on_event != NULL)
		p->o.on_event(p->o.on_event_arg, &ev);
}

void asy_plugin_refused(asy_plugin *p, assay_span fail)
{
	char text[ASY_FAIL_MAX * 4 + 1];
	if (fail.len == 0 || p->error_events++ >= ERROR_EVENTS_MAX)
		return;
	asy_str_escape(text, sizeof text, fail);
	asy_plugin_emit(p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_ERROR, .text = text});
}

/* ---- opening ---- */

static uint64_t or_default(uint64_t v, uint64_t d)
{
	return v != 0 ? v : d;
}
static uint32_t or_default32(uint32_t v, uint32_t d)
{
	return v != 0 ? v : d;
}

/* A bare name would make dlopen search the library path for it. */
static const char *path_with_slash(asy_arena *arena, const char *path)
{
	if (strchr(path, '/') != NULL)
		return asy_arena_strdup(arena, path);
	size_t len = strlen(path) + 3;
	char *dst = asy_arena_take(arena, len, 1);
	if (dst != NULL)
		(void)snprintf(dst, len, "./%s", path);
	return dst;
}

static assay_status fill_options(asy_plugin *p, const asy_plugin_opts *o, assay_err *err)
{
	p->o = *o;
	p->o.path = path_with_slash(p->arena, o->path);
	p->o.worker_path = asy_arena_strdup(p->arena, o->worker_path != NULL ? o->worker_path : "");
	p->o.config.ptr = asy_arena_dup(p->arena, o->config.ptr, o->config.len);
	if (o->cache_dir != NULL)
		p->o.cache_dir = asy_arena_strdup(p->arena, o->cache_dir);
	if (p->o.path == NULL || p->o.worker_path == NULL || p->o.config.ptr == NULL ||
		(o->cache_dir != NULL && p->o.cache_dir == NULL))
		return ASSAY_FAIL(err, E_NOMEM, "options of plugin %s", o->path);
	p->o.threads = or_default32(o->threads, 1);
	p->o.sub_batch = or_default32(o->sub_batch, 32);
	p->o.open_ns = or_default(o->open_ns, 30000 * MS);
	p->o.soft_ns = or_default(o->soft_ns, 120000 * MS);
	p->o.hard_ns = or_default(o->hard_ns, 2000 * MS);
	p->o.stall_ns = or_default(o->stall_ns, 10000 * MS);
	p->o.backoff_ns = or_default(o->backoff_ns, 5 * MS);
	p->o.backoff_max_ns = or_default(o->backoff_max_ns, 500 * MS);
	p->o.restarts_max = or_default32(o->restarts_max, 256);
	p->o.faults_max = or_default32(o->faults_max, 8);
	p->o.fault_rounds = or_default32(o->fault_rounds, 16);
	p->o.input_max = or_default(o->input_max, (uint64_t)512 << 20);
	p->o.memory_max = or_default(o->memory_max, (uint64_t)2 << 30);
	p->o.hidden = NULL; /* used below, and never again */
	p->o.trusted = NULL;
	/* slots start on page boundaries */
	p->o.input_max = (p->o.input_max + ASY_RING_HEAD - 1) & ~(ASY_RING_HEAD - 1);
	const char *slash = strrchr(o->path, '/');
	(void)asy_str_copy(p->where, sizeof p->where, slash != NULL ? slash + 1 : o->path);
	asy_quarantine_init(&p->quarantine, p->o.faults_max, p->o.fault_rounds);
	p->readable.max = ASY_CAGE_PATHS_MAX;
	p->loop = o->loop;
	assay_status st = ASSAY_OK;
	if (p->loop == NULL && p->o.isolation == ASY_ISOLATION_WORKER) {
		st = asy_loop_new(&p->own_loop, err);
		p->loop = p->own_loop;
	}
	if (st != ASSAY_OK)
		return st;
	return asy_cage_paths(p->o.config, o->hidden, o->hidden_n, &p->readable, err);
}

static assay_status check_options(const asy_plugin_opts *o, assay_err *err)
{
	if (o->path == NULL || o->path[0] == '\0')
		return ASSAY_FAIL(err, E_INPUT, "no plugin file named");
	if (o->clock == NULL)
		return ASSAY_FAIL(err, E_INPUT, "no clock given for plugin %s", o->path);
	if (o->isolation == ASY_ISOLATION_WORKER &&
		(o->worker_path == NULL || o->worker_path[0] == '\0'))
		return ASSAY_FAIL(err, E_INPUT, "no worker program given for plugin %s", o->path);
	if (o->cache_dir != NULL && strlen(o->cache_dir) >= sizeof((asy_shim *)0)->cache_dir)
		return ASSAY_FAIL(err, E_LIMIT, "cache directory name is longer than %zu bytes",
						  sizeof((asy_shim *)0)->cache_dir - 1);
	if (o->input_max > (uint64_t)1 << 36)
		return ASSAY_FAIL(err, E_LIMIT, "shared memory of %" PRIu64 " bytes", o->input_max);
	return ASSAY_OK;
}

/* In process the copy that was verified is loaded, too, under its descriptor's name. */
static assay_status check_signature(asy_plugin *p, const asy_plugin_opts *opts, asy_minisign *sig,
									assay_err *err)
{
	char copy[32];
	TRY(asy_verify_plugin(p->so_fd, p->o.path, opts->trusted, opts->trusted_n, sig, err));
	if (p->o.isolation != ASY_ISOLATION_NONE)
		return ASSAY_OK;
	(void)snprintf(copy, sizeof copy, "/proc/self/fd/%d", p->so_fd);
	p->o.path = asy_arena_strdup(p->arena, copy);
	if (p->o.path == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a name");
	p->is_named_by_fd = true;
	return ASSAY_OK;
}

static assay_status open_plugin(asy_plugin *p, const asy_plugin_opts *opts, assay_err *err)
{
	assay_status st = fill_options(p, opts, err);
	if (st == ASSAY_OK)
		st = asy_crypto_init(err);
	if (st == ASSAY_OK)
		st = asy_seal_file(p->o.path, &p->so_fd, p->about.file_digest, err);
	uint8_t digest[32];
	memcpy(digest, p->about.file_digest, sizeof digest);
	asy_minisign sig = {.comment = ""};
	if (st == ASSAY_OK && opts->trusted_n != 0)
		st = check_signature(p, opts, &sig, err);
	if (st == ASSAY_OK)
		st = p->o.isolation == ASY_ISOLATION_NONE ? asy_inproc_open(p, err)
												  : asy_session_start(p, err);
	if (st != ASSAY_OK)
		return st;
	if (opts->trusted_n != 0) {
		asy_minisign_id(sig.id, p->about.signed_by);
		st = asy_verify_names(&sig, p->about.id, p->about.version, err);
	}
	memcpy(p->about.file_digest, digest, sizeof digest);
	p->about.config = asy_buf_span(&p->config);
	asy_blake2b(p->config.ptr, p->config.len, p->about.config_digest, 32);
	return st;
}

assay_status asy_plugin_open(const asy_plugin_opts *opts, asy_plugin **out, assay_err *err)
{
	assay_status st = check_options(opts, err);
	if (st != ASSAY_OK)
		return st;
	asy_plugin *p = asy_calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "plugin %s", opts->path);
	p->so_fd = -1;
	atomic_flag_clear(&p->log_lock);
	p->arena = asy_arena_new((size_t)64 << 20);
	st = p->arena != NULL ? open_plugin(p, opts, err)
						  : ASSAY_FAIL(err, E_NOMEM, "plugin %s", opts->path);
	if (st != ASSAY_OK)
		asy_plugin_close(p);
	else
		*out = p;
	return st;
}

void asy_plugin_close(asy_plugin *p)
{
	if (p == NULL)
		return;
	ASSERT(!p->turn.is_held); /* no call is under way */
	asy_session_stop(p);
	asy_inproc_close(p);
	asy_loop_free(p->own_loop);
	/* a library stays loaded, and its name must not become another file's */
	if (p->so_fd >= 0 && !(p->is_named_by_fd && asy_tables_are_of(p->o.path)))
		(void)close(p->so_fd);
	asy_buf_fini(&p->config);
	asy_buf_fini(&p->blob);
	asy_buf_fini(&p->readable);
	asy_buf_fini(&p->state);
	asy_arena_free(p->arena);
	free(p);
}

const asy_plugin_about *asy_plugin_info(const asy_plugin *p)
{
	return &p->about;
}
assay_span asy_plugin_state(const asy_plugin *p)
{
	return asy_buf_span(&p->state);
}

_Static_assert(ASY_PLUGIN_STATE_MAX == ASSAY_STATE_MAX, "the contract's limit");

assay_status asy_plugin_set_state(asy_plugin *p, assay_span state, assay_err *err)
{
	asy_buf next = {.max = ASY_PLUGIN_STATE_MAX};
	if (state.len > ASY_PLUGIN_STATE_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%s: a state of %zu bytes, limit %zu", p->where, state.len,
						  ASY_PLUGIN_STATE_MAX);
	assay_status st = asy_buf_add(&next, state.ptr, state.len, err);
	if (st != ASSAY_OK)
		return st;
	asy_buf_fini(&p->state);
	p->state = next;
	return ASSAY_OK;
}

bool asy_plugin_is_quarantined(const asy_plugin *p)
{
	return p->quarantine.is_on;
}

void asy_plugin_release(asy_plugin *p)
{
	bool held = p->quarantine.is_on;
	asy_quarantine_release(&p->quarantine);
	p->fails_in_row = 0;
	asy_plugin_emit(p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_RELEASED,
										   .text = held ? "called again from the next round on"
														: "was not quarantined"});
}

/* ---- a round, whichever host ---- */

static void say_quarantined(asy_plugin *p, const char *what)
{
	char text[160];
	(void)snprintf(text, sizeof text,
				   "%s; tried again after %" PRIu64 " rounds (SIGUSR1 to assayd: at once)", what,
				   asy_quarantine_left(&p->quarantine));
	asy_plugin_emit(p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_QUARANTINED, .text = text});
}

/* What a call showed, and what follows for the next ones. */
static void note_result(asy_plugin *p, uint64_t faults, bool worked)
{
	uint32_t n = faults < UINT32_MAX ? (uint32_t)faults : UINT32_MAX;
	switch (asy_quarantine_result(&p->quarantine, n, worked)) {
	case ASY_QUARANTINE_NO_CHANGE:
		break;
	case ASY_QUARANTINE_BEGUN:
		say_quarantined(p, "too many faults");
		break;
	case ASY_QUARANTINE_LONGER:
		say_quarantined(p, "it failed again");
		break;
	case ASY_QUARANTINE_OVER:
		asy_plugin_emit(
			p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_RELEASED, .text = "a round went well"});
		break;
	}
}

/* Making challenges and scoring are one round; either may be the first. */
static bool begin_round(asy_plugin *p, bool is_making)
{
	bool is_new = is_making || !p->is_round_begun;
	p->is_round_begun = is_making;
	if (is_new)
		return asy_quarantine_round(&p->quarantine);
	return !p->quarantine.is_on || p->quarantine.is_probing;
}

static assay_status score_rows(asy_plugin_rows *r, bool may_call, assay_err *err)
{
	asy_plugin *p = r->p;
	if (!may_call) {
		say_quarantined(p, "not called");
		return asy_rows_decide(r, 0, r->order_n, ASY_ROW_ABSTAIN, ASY_CAUSE_QUARANTINE, err);
	}
	assay_status st = p->o.isolation == ASY_ISOLATION_NONE ? asy_inproc_score(r, err)
														   : asy_dispatch_score(r, err);
	if (r->res->stats.invalid != 0)
		asy_plugin_emit(
			p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_INVALID, .rows = r->res->stats.invalid});
	if (r->verdict == ASY_VERDICT_PLUGIN && r->faults == 0)
		r->faults = 1;
	note_result(p, r->faults, r->judged != 0);
	return st;
}

/* Calls take turns: another coroutine's may be under way. */
static assay_status take_turn(asy_plugin *p, assay_err *err)
{
	if (p->loop != NULL && asy_co_lock(p->loop, &p->turn) != ASSAY_OK)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted while another call of %s was under way",
						  p->where);
	return ASSAY_OK;
}

static void end_turn(asy_plugin *p)
{
	if (p->loop != NULL)
		asy_co_unlock(&p->turn);
}

static assay_status score_round(asy_plugin *p, const asy_plugin_round *round,
								const asy_plugin_batch *batch, asy_plugin_results *res,
								assay_err *err)
{
	asy_plugin_rows r;
	asy_plugin_log_reset(p);
	p->error_events = 0;
	bool may_call = begin_round(p, false);
	assay_status st = asy_rows_init(&r, p, round, batch, res, err);
	if (st == ASSAY_OK && r.order_n != 0)
		st = score_rows(&r, may_call, err);
	if (st == ASSAY_OK)
		res->stats.log_dropped = p->log_dropped;
	asy_rows_fini(&r);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "%s", p->where);
}

assay_status asy_plugin_score(asy_plugin *p, const asy_plugin_round *round,
							  const asy_plugin_batch *batch, asy_plugin_results *res,
							  assay_err *err)
{
	assay_status st = take_turn(p, err);
	if (st != ASSAY_OK)
		return st;
	st = score_round(p, round, batch, res, err);
	end_turn(p);
	return st;
}

/* Whatever goes wrong in making is the plugin's: no caller may take its hang for a
 * network's, or its nonsense for a file's. */
static assay_status blame_plugin(assay_status st, assay_err *err)
{
	if (st == ASSAY_OK || st == ASSAY_E_CANCELLED || st == ASSAY_E_NOMEM)
		return st;
	return assay_err_at(err, ASSAY_E_PLUGIN, "making challenges");
}

static assay_status make_challenges(asy_plugin *p, const asy_plugin_round *round, size_t want,
									asy_plugin_challenges *out, assay_err *err)
{
	if (!p->about.makes_challenges)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "%s makes no challenges: give it some", p->about.id);
	if (want > ASY_RING_MADE_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu challenges wanted, limit %u", want, ASY_RING_MADE_MAX);
	if (!begin_round(p, true)) {
		say_quarantined(p, "not called");
		return ASSAY_FAIL(err, E_PLUGIN,
						  "%s is quarantined after too many faults, for %" PRIu64 " more rounds",
						  p->about.id, asy_quarantine_left(&p->quarantine));
	}
	asy_plugin_log_reset(p);
	assay_status st = p->o.isolation == ASY_ISOLATION_NONE
						  ? asy_inproc_make(p, round, (uint32_t)want, out, err)
						  : asy_dispatch_make(p, round, (uint32_t)want, out, err);
	st = blame_plugin(st, err);
	if (st == ASSAY_E_PLUGIN)
		note_result(p, 1, false);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "%s", p->where);
}

assay_status asy_plugin_make(asy_plugin *p, const asy_plugin_round *round, size_t want,
							 asy_plugin_challenges *out, assay_err *err)
{
	assay_status st = take_turn(p, err);
	if (st != ASSAY_OK)
		return st;
	st = make_challenges(p, round, want, out, err);
	end_turn(p);
	return st;
}
