/* Rows through a worker: fills the slots, copies out what is done, and when the
 * worker dies keeps what was scored, puts the rest back and narrows the cause down
 * to one row if one row it is.
 *
 *   normal   ranges nobody suspects; two jobs may be in flight
 *   suspect  ranges whose call killed a worker; alone in flight, after all others,
 *            so that what a bad row costs in time is paid by its neighbours at most
 *
 * A suspect range that dies again is halved; one row alone that kills a *fresh*
 * worker twice is poison and gets the floor: abstaining would let a miner freeze a
 * good average by sending bytes that kill the model. */
#include <stdlib.h>
#include <time.h>
#include "plugin/host.h"

#define JOB_BYTES ((uint64_t)16 << 20) /* of one job, so that slots stay small */
#define JOB_ROWS ((size_t)4096)
#define RECYCLE_BYTES ((uint64_t)64 << 20)
#define START_TRIES 3u

typedef struct {
	size_t first, n;
	uint32_t deaths;       /* of this very range; 0 = not suspect */
	uint32_t fresh_deaths; /* one row: on a worker that had done nothing else */
	uint32_t spent;        /* deaths that led here, forgiven if it is poison */
} range;

typedef struct {
	range *v;
	size_t n, cap;
} ranges;

typedef struct {
	bool is_busy;
	range range;
	uint64_t gen;
	size_t seen;      /* rows copied out */
	asy_ring_job job; /* what was asked, for reading the answers */
} in_flight;

typedef struct {
	asy_rows *r;
	asy_plugin *p;
	ranges normal, suspect;
	in_flight slot[ASY_RING_SLOTS];
	double *score, *component; /* private copies of one harvest */
	uint8_t *flag, *rc;
	size_t copy_cap;
	uint32_t restarts, whole_deaths;
	uint64_t deaths, forgiven;
	uint64_t moved_at; /* last progress */
	bool is_cancelled;
} dispatch;

/* ---- ranges: stacks; a round never has more than a few dozen ---- */

static assay_status push(ranges *q, range x, assay_err *err)
{
	if (x.n == 0)
		return ASSAY_OK;
	if (q->n == q->cap) {
		size_t cap = q->cap != 0 ? q->cap * 2 : 16;
		range *v = realloc(q->v, cap * sizeof *v);
		if (v == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "queue of %zu ranges", cap);
		q->v = v;
		q->cap = cap;
	}
	q->v[q->n++] = x;
	return ASSAY_OK;
}

static range pop(ranges *q)
{
	return q->v[--q->n];
}

static bool is_any_busy(const dispatch *d)
{
	for (unsigned i = 0; i < ASY_RING_SLOTS; i++)
		if (d->slot[i].is_busy)
			return true;
	return false;
}

/* ---- filling a slot ---- */

static asy_ring_span put_bytes(uint8_t *file, uint64_t *at, assay_span s)
{
	asy_ring_span out = {*at, s.len};
	if (s.len != 0)
		memcpy(file + *at, s.ptr, s.len);
	*at += (s.len + 7) & ~(uint64_t)7;
	return out;
}

static void put_challenges(const asy_rows *r, uint8_t *file, uint64_t table, uint64_t *at)
{
	for (size_t i = 0; i < r->batch->challenge_n; i++) {
		const asy_plugin_challenge *c = &r->batch->challenge[i];
		asy_ring_challenge row = {.prompt = put_bytes(file, at, c->prompt),
								  .reference = put_bytes(file, at, c->reference),
								  .meta = put_bytes(file, at, c->meta_json)};
		memcpy(file + table + i * sizeof row, &row, sizeof row);
	}
}

static void put_responses(const asy_rows *r, range x, uint8_t *file, uint64_t table, uint64_t *at)
{
	for (size_t i = 0; i < x.n; i++) {
		asy_plugin_response in = asy_rows_response(r, x.first + i);
		asy_ring_response row = {.body = put_bytes(file, at, in.body),
								 .identity = put_bytes(file, at, in.identity),
								 .challenge = in.challenge,
								 .miner = in.miner,
								 .status = in.status,
								 .latency_ms = in.latency_ms};
		memcpy(file + table + i * sizeof row, &row, sizeof row);
	}
}

/* How many rows of x one job takes: at least one, whole batches all. */
static size_t job_rows(const dispatch *d, range x)
{
	uint64_t bytes = asy_rows_challenge_bytes(d->r);
	size_t n = 0;
	if (d->r->is_whole)
		return x.n;
	while (n < x.n && n < JOB_ROWS) {
		bytes += asy_rows_bytes(d->r, x.first + n);
		if (n != 0 && bytes > JOB_BYTES)
			break;
		n++;
	}
	return n;
}

static assay_status submit(dispatch *d, unsigned slot, range x, assay_err *err)
{
	asy_session *s = d->p->session;
	const asy_rows *r = d->r;
	uint64_t now = asy_plugin_now(d->p), start = asy_session_in_at(d->p, slot), out_end;
	asy_ring_job job = {
		.kind = ASY_JOB_SCORE,
		/* a suspect range is one call, whatever its size */
		.step = x.deaths != 0 ? (uint32_t)x.n : r->step,
		.challenge_n = (uint32_t)r->batch->challenge_n,
		.response_n = x.n,
		.round = r->round->round,
		.block = r->round->block,
		.budget_ns = asy_sat_sub_u64(r->soft_at, now),
	};
	memcpy(job.seed, r->seed, sizeof job.seed);
	if (!asy_ring_outputs(&job, x.n, d->p->about.component_n, asy_session_out_at(d->p, slot),
						  asy_session_out_at(d->p, slot + 1), &out_end))
		return ASSAY_FAIL(err, E_LIMIT, "%zu rows with %" PRIu32 " components do not fit", x.n,
						  d->p->about.component_n);
	job.challenge_at = start;
	job.response_at = start + r->batch->challenge_n * sizeof(asy_ring_challenge);
	uint64_t at = job.response_at + x.n * sizeof(asy_ring_response);
	put_challenges(r, s->in, job.challenge_at, &at);
	put_responses(r, x, s->in, job.response_at, &at);
	if (at - start > s->job_bytes)
		s->job_bytes = at - start;
	d->slot[slot] = (in_flight){.is_busy = true, .range = x, .job = job};
	d->slot[slot].gen = asy_session_submit(s, slot, &job);
	d->moved_at = now;
	return ASSAY_OK;
}

static assay_status fill_slots(dispatch *d, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (unsigned i = 0; st == ASSAY_OK && i < ASY_RING_SLOTS && d->normal.n != 0; i++) {
		if (d->slot[i].is_busy)
			continue;
		range x = pop(&d->normal), rest = x;
		x.n = job_rows(d, x);
		rest.first += x.n;
		rest.n -= x.n;
		st = push(&d->normal, rest, err);
		if (st == ASSAY_OK)
			st = submit(d, i, x, err);
	}
	if (st == ASSAY_OK && d->normal.n == 0 && d->suspect.n != 0 && !is_any_busy(d))
		st = submit(d, 0, pop(&d->suspect), err);
	return st;
}

/* ---- copying out ---- */

static assay_status grow_copies(dispatch *d, size_t n, assay_err *err)
{
	size_t component_n = d->p->about.component_n, cells;
	if (n <= d->copy_cap)
		return ASSAY_OK;
	free(d->score);
	free(d->component);
	free(d->flag);
	free(d->rc);
	d->score = asy_calloc(n, sizeof *d->score);
	d->component = asy_mul_size(n, component_n, &cells) && cells != 0
					   ? asy_calloc(cells, sizeof *d->component)
					   : NULL;
	d->flag = asy_calloc(n, 1);
	d->rc = asy_calloc(n, 1);
	d->copy_cap = n;
	if (d->score == NULL || d->flag == NULL || d->rc == NULL ||
		(component_n != 0 && d->component == NULL)) {
		d->copy_cap = 0;
		return ASSAY_FAIL(err, E_NOMEM, "answers of %zu rows", n);
	}
	return ASSAY_OK;
}

/* A worker that flagged a row after all, when it was alone the second time and had
 * killed a fresh worker before, cannot be believed about it. */
static bool is_flaky(const in_flight *f)
{
	return f->range.fresh_deaths != 0;
}

static assay_status copy_rows(dispatch *d, in_flight *f, size_t until, assay_err *err)
{
	const uint8_t *out = d->p->session->out;
	size_t first = f->seen, n = until - first, component_n = d->p->about.component_n;
	size_t position = f->range.first + first;

	assay_status st = grow_copies(d, n, err);
	if (st != ASSAY_OK)
		return st;
	memcpy(d->score, out + f->job.score_at + first * sizeof(double), n * sizeof(double));
	memcpy(d->flag, out + f->job.flag_at + first, n);
	memcpy(d->rc, out + f->job.rc_at + first, n);
	if (component_n != 0)
		memcpy(d->component, out + f->job.component_at + first * component_n * sizeof(double),
			   n * component_n * sizeof(double));
	f->seen = until;
	if (is_flaky(f)) {
		asy_plugin_emit(
			d->p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_FLAKY, .row = d->r->order[position]});
		return asy_rows_decide(d->r, position, n, ASY_ROW_ABSTAIN, ASY_CAUSE_CRASH, err);
	}
	asy_rows_out copy = {
		.score = d->score, .component = d->component, .flag = d->flag, .rc = d->rc};
	return asy_rows_take(d->r, position, n, &copy, err);
}

/* The sentence of a call that returned a code. Not a fault: the plugin said no. */
static void report_error(dispatch *d, const asy_slot_out *o)
{
	char raw[ASY_FAIL_MAX];
	uint32_t len = o->fail_len; /* read once: it is the worker's to change */
	if (d->is_cancelled)
		return;
	if (len > sizeof raw)
		len = sizeof raw;
	memcpy(raw, o->fail, len);
	asy_plugin_refused(d->p, asy_span(raw, len));
}

/* E_PLUGIN: the words in shared memory contradict what was asked. Other failures
 * are the caller's on_rows. */
static assay_status harvest_slot(dispatch *d, unsigned slot, assay_err *err)
{
	in_flight *f = &d->slot[slot];
	asy_slot_out *o = &asy_session_out(d->p->session)->slot[slot];
	uint64_t gen = atomic_load_explicit(&o->gen, memory_order_acquire);

	if (!f->is_busy || gen < f->gen)
		return ASSAY_OK;
	if (gen > f->gen)
		return ASSAY_FAIL(err, E_PLUGIN, "answers job %" PRIu64 " before it was given", gen);
	/* state before watermark: once it says DONE the watermark is the last one */
	uint32_t state = atomic_load_explicit(&o->state, memory_order_acquire);
	uint64_t mark = atomic_load_explicit(&o->watermark, memory_order_acquire);
	if (mark > f->range.n || mark < f->seen)
		return ASSAY_FAIL(err, E_PLUGIN, "says %" PRIu64 " rows of %zu are done", mark, f->range.n);
	if (mark > f->seen) {
		d->moved_at = asy_plugin_now(d->p);
		d->p->session->calls++;
		d->p->fails_in_row = 0;
		assay_status st = copy_rows(d, f, (size_t)mark, err);
		if (st != ASSAY_OK)
			return st == ASSAY_E_PLUGIN ? assay_err_at(err, ASSAY_E_INTERNAL, "reporting rows")
										: st;
		report_error(d, o);
	}
	if (state == ASY_SLOT_FAILED)
		return ASSAY_FAIL(err, E_PLUGIN, "could not read its job");
	if (state != ASY_SLOT_DONE)
		return ASSAY_OK;
	if (mark < f->range.n && !d->is_cancelled)
		return ASSAY_FAIL(err, E_PLUGIN, "stopped at row %" PRIu64 " of %zu unasked", mark,
						  f->range.n);
	f->is_busy = false;
	return ASSAY_OK;
}

static assay_status harvest(dispatch *d, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (unsigned i = 0; st == ASSAY_OK && i < ASY_RING_SLOTS; i++)
		st = harvest_slot(d, i, err);
	return st;
}

/* ---- after a death ---- */

static assay_status give_up(dispatch *d, asy_row_cause cause, assay_err *err)
{
	return asy_rows_decide(d->r, 0, d->r->order_n, ASY_ROW_ABSTAIN, cause, err);
}

static assay_status halve(dispatch *d, range x, assay_err *err)
{
	size_t half = x.n / 2;
	range a = {x.first, half, 1, 0, x.spent}, b = {x.first + half, x.n - half, 1, 0, x.spent};
	assay_status st = push(&d->suspect, b, err);
	return st == ASSAY_OK ? push(&d->suspect, a, err) : st;
}

/* x was the running call. */
static assay_status suspect_range(dispatch *d, range x, bool was_fresh, assay_err *err)
{
	x.deaths++;
	x.spent++;
	if (x.n > 1 && x.deaths >= 2)
		return halve(d, x, err);
	if (x.n == 1 && was_fresh && ++x.fresh_deaths >= 2) {
		d->forgiven += x.spent;
		asy_plugin_emit(
			d->p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_POISON, .row = d->r->order[x.first]});
		return asy_rows_decide(d->r, x.first, 1, ASY_ROW_FLOOR, ASY_CAUSE_POISON, err);
	}
	return push(&d->suspect, x, err);
}

/* The likeliest culprits go to the end of the order: bodies that are not UTF-8,
 * and the longest. Returns how many rows remain before them. */
static size_t part_suspects(asy_rows *r)
{
	size_t keep = 0, longest = 0, most = 0;
	for (size_t i = 0; i < r->order_n; i++) {
		size_t len = asy_rows_response(r, i).body.len;
		if (len >= most) {
			most = len;
			longest = i;
		}
	}
	size_t worst_row = r->order_n != 0 ? r->order[longest] : 0;
	for (size_t i = 0; i < r->order_n; i++) {
		size_t row = r->order[i];
		if (row == worst_row || !asy_utf8_is_valid(asy_rows_response(r, i).body))
			continue;
		r->order[i] = r->order[keep];
		r->order[keep++] = row;
	}
	return keep;
}

/* Rows that depend on each other cannot be halved: the same batch once more on a
 * fresh worker, then once without suspects, then nothing. */
static assay_status retry_whole(dispatch *d, range x, assay_err *err)
{
	size_t keep = d->r->order_n;
	d->whole_deaths++;
	if (d->whole_deaths == 2) {
		keep = part_suspects(d->r);
		assay_status st = asy_rows_decide(d->r, keep, d->r->order_n - keep, ASY_ROW_ABSTAIN,
										  ASY_CAUSE_CRASH, err);
		if (st != ASSAY_OK)
			return st;
	}
	if (d->whole_deaths > 2 || keep == 0)
		return give_up(d, ASY_CAUSE_CRASH, err);
	x.n = keep;
	return push(&d->normal, x, err);
}

static assay_status put_back(dispatch *d, unsigned slot, bool was_fresh, assay_err *err)
{
	in_flight *f = &d->slot[slot];
	const asy_slot_out *o = &asy_session_out(d->p->session)->slot[slot];
	bool was_running = atomic_load(&o->gen) == f->gen && atomic_load(&o->state) == ASY_SLOT_RUNNING;
	range x = f->range, rest;

	if (!f->is_busy)
		return ASSAY_OK;
	f->is_busy = false;
	if (d->r->is_whole)
		return f->seen < x.n ? retry_whole(d, x, err) : ASSAY_OK;
	x.first += f->seen;
	x.n -= f->seen;
	if (!was_running)
		return push(x.deaths != 0 ? &d->suspect : &d->normal, x, err);
	rest = x;
	if (x.n > f->job.step)
		x.n = f->job.step;
	rest.first += x.n;
	rest.n -= x.n;
	assay_status st = push(&d->normal, rest, err);
	return st == ASSAY_OK && x.n != 0 ? suspect_range(d, x, was_fresh, err) : st;
}

/* Kills the worker if it still runs, keeps its finished rows, puts back the rest. */
static assay_status bury(dispatch *d, asy_plugin_event_kind kind, const char *why, assay_err *err)
{
	asy_plugin *p = d->p;
	asy_session *s = p->session;
	char fate[80];
	bool was_fresh = s->calls == 0;

	asy_session_kill(s);
	assay_status st = harvest(d, err);
	if (st == ASSAY_E_PLUGIN)
		st = ASSAY_OK; /* nothing more to take; it is being buried anyway */
	asy_session_fate(s, fate, sizeof fate);
	asy_plugin_emit(p, &(asy_plugin_event){.kind = kind,
										   .pid = s->pid,
										   .signal = s->signal,
										   .exit_code = s->exit_code,
										   .rows = d->r->res->stats.scored,
										   .text = why != NULL ? why : fate});
	for (unsigned i = 0; st == ASSAY_OK && i < ASY_RING_SLOTS; i++)
		st = put_back(d, i, was_fresh, err);
	p->session = NULL;
	asy_session_free(s);
	return st;
}

static assay_status on_fault(dispatch *d, asy_plugin_event_kind kind, const char *why,
							 assay_err *err)
{
	d->deaths++;
	d->p->fails_in_row++;
	d->r->res->stats.crashes += kind == ASY_PLUGIN_EV_CRASHED;
	d->r->res->stats.stalls += kind == ASY_PLUGIN_EV_STALLED;
	return bury(d, kind, why, err);
}

/* ---- starting again ---- */

static assay_status back_off(asy_plugin *p, assay_err *err)
{
	if (p->fails_in_row == 0)
		return ASSAY_OK;
	uint32_t doublings = p->fails_in_row - 1 < 20 ? p->fails_in_row - 1 : 20;
	uint64_t wait = p->o.backoff_ns << doublings;
	if (wait > p->o.backoff_max_ns)
		wait = p->o.backoff_max_ns;
	uint64_t now = asy_plugin_now(p), until = asy_sat_add_u64(now, wait);
	for (; now < until; now = asy_plugin_now(p)) {
		if (asy_plugin_is_interrupted(p))
			return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
		uint64_t ns = until - now < ASY_TICK_NS ? until - now : ASY_TICK_NS;
		struct timespec ts = {.tv_nsec = (long)ns};
		(void)nanosleep(&ts, NULL);
	}
	return ASSAY_OK;
}

assay_status asy_dispatch_revive(asy_plugin *p, assay_err *err)
{
	if (p->session != NULL)
		asy_session_reap(p->session, false);
	if (p->session != NULL && p->session->is_dead) {
		/* it died while nobody asked it anything */
		char fate[80];
		asy_session_fate(p->session, fate, sizeof fate);
		asy_plugin_emit(p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_CRASHED,
											   .pid = p->session->pid,
											   .signal = p->session->signal,
											   .exit_code = p->session->exit_code,
											   .text = fate});
		asy_session_free(p->session);
		p->session = NULL;
	}
	if (p->session != NULL)
		return ASSAY_OK;
	assay_status st = back_off(p, err);
	return st == ASSAY_OK ? asy_session_start(p, err) : st;
}

/* *gone: no worker can be had this round; all rows are decided. */
static assay_status revive(dispatch *d, bool *gone, assay_err *err)
{
	asy_plugin *p = d->p;
	assay_err why = {0};
	bool was_alive = p->session != NULL;

	*gone = false;
	/* with jobs in flight a death is turn()'s to notice: it knows what to put back */
	if (was_alive && is_any_busy(d))
		return ASSAY_OK;
	for (uint32_t tries = 0; tries < START_TRIES; tries++) {
		if (!was_alive && d->restarts > p->o.restarts_max)
			break;
		assay_status st = asy_dispatch_revive(p, &why);
		if (st == ASSAY_E_CANCELLED) {
			if (err != NULL)
				*err = why;
			return st;
		}
		if (st == ASSAY_OK) {
			d->restarts += !was_alive;
			d->r->res->stats.restarts += !was_alive && d->deaths != 0;
			return ASSAY_OK;
		}
		d->deaths++;
		d->restarts++;
		p->fails_in_row++;
		was_alive = false;
		asy_plugin_emit(p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_OPEN_FAILED, .text = why.msg});
	}
	*gone = true;
	return give_up(d, ASY_CAUSE_CRASH, err);
}

/* ---- the loop ---- */

/* Lets the running calls come back for a moment, then ends the worker if they do
 * not. Rows that got done in the meantime count. */
static assay_status wind_down(dispatch *d, uint64_t until, assay_err *err)
{
	d->is_cancelled = d->r->is_stopping = true;
	asy_session_cancel(d->p->session);
	while (is_any_busy(d) && !d->p->session->is_dead) {
		uint64_t now = asy_plugin_now(d->p);
		if (now >= until)
			break;
		assay_status st = asy_session_wait(d->p, until - now, err);
		if (st == ASSAY_OK)
			st = harvest(d, err);
		if (st == ASSAY_E_PLUGIN)
			break;
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

static void end_session(asy_plugin *p)
{
	asy_session_free(p->session);
	p->session = NULL;
}

static assay_status on_interrupt(dispatch *d, assay_err *err)
{
	uint64_t until = asy_sat_add_u64(asy_plugin_now(d->p), ASY_GRACE_NS);
	assay_status st = d->p->session != NULL ? wind_down(d, until, err) : ASSAY_OK;
	if (d->p->session != NULL && (is_any_busy(d) || d->p->session->is_dead))
		end_session(d->p);
	if (st != ASSAY_OK)
		return st;
	return ASSAY_FAIL(err, E_CANCELLED, "interrupted with %" PRIu64 " of %zu rows scored",
					  d->r->res->stats.scored, d->r->order_n);
}

static assay_status on_deadline(dispatch *d, assay_err *err)
{
	asy_plugin *p = d->p;
	asy_plugin_event ev = {.kind = ASY_PLUGIN_EV_DEADLINE, .text = "asked to stop, and it did"};
	assay_status st = p->session != NULL ? wind_down(d, d->r->hard_at, err) : ASSAY_OK;

	if (p->session != NULL) {
		ev.pid = p->session->pid;
		if (is_any_busy(d) || p->session->is_dead) {
			asy_session_kill(p->session);
			ev.signal = p->session->signal;
			ev.exit_code = p->session->exit_code;
			ev.text = "asked to stop, did not, killed";
			d->deaths++;
			end_session(p);
		}
	}
	ev.rows = d->r->res->stats.scored;
	asy_plugin_emit(p, &ev);
	return st == ASSAY_OK ? give_up(d, ASY_CAUSE_DEADLINE, err) : st;
}

/* A whole batch is one call that does the work of many. */
static uint64_t stall_at(const dispatch *d)
{
	uint64_t calls = d->r->step / d->p->o.sub_batch, each = d->p->o.stall_ns, sum;
	if (!asy_mul_u64(each, calls > 1 ? calls : 1, &sum))
		sum = UINT64_MAX;
	return asy_sat_add_u64(d->moved_at, sum);
}

/* One wake-up: listen, copy out, look at the clock. */
static assay_status turn(dispatch *d, assay_err *err)
{
	asy_plugin *p = d->p;
	assay_err why = {0};

	assay_status st = asy_session_wait(p, ASY_TICK_NS, &why);
	if (st == ASSAY_OK)
		st = harvest(d, &why);
	if (st == ASSAY_E_PLUGIN)
		return on_fault(d, ASY_PLUGIN_EV_PROTOCOL, why.msg, err);
	if (st != ASSAY_OK) {
		if (err != NULL)
			*err = why;
		return st;
	}
	if (p->session->is_dead)
		return on_fault(d, ASY_PLUGIN_EV_CRASHED, NULL, err);
	if (is_any_busy(d) && asy_plugin_now(p) >= stall_at(d))
		return on_fault(d, ASY_PLUGIN_EV_STALLED, "no sub-batch finished in time, killed", err);
	return ASSAY_OK;
}

static assay_status run(dispatch *d, assay_err *err)
{
	asy_plugin *p = d->p;
	bool gone = false;
	assay_status st = ASSAY_OK;

	while (st == ASSAY_OK && (d->normal.n != 0 || d->suspect.n != 0 || is_any_busy(d))) {
		if (asy_plugin_is_interrupted(p))
			return on_interrupt(d, err);
		if (asy_plugin_now(p) >= d->r->soft_at)
			return on_deadline(d, err);
		st = revive(d, &gone, err);
		if (st != ASSAY_OK || gone)
			return st;
		st = fill_slots(d, err);
		if (st == ASSAY_OK)
			st = turn(d, err);
	}
	return st;
}

assay_status asy_dispatch_score(asy_rows *r, assay_err *err)
{
	dispatch d = {.r = r, .p = r->p};
	assay_status st = push(&d.normal, (range){.n = r->order_n}, err);
	if (st == ASSAY_OK)
		st = run(&d, err);
	r->faults += d.deaths > d.forgiven ? d.deaths - d.forgiven : 0;
	/* jobs may still be in flight after a failure of the caller's; and sealed shared
	 * memory cannot be given back to the system, so a big round ends its worker */
	if (r->p->session != NULL && (is_any_busy(&d) || r->p->session->job_bytes > RECYCLE_BYTES))
		end_session(r->p);
	free(d.normal.v);
	free(d.suspect.v);
	free(d.score);
	free(d.component);
	free(d.flag);
	free(d.rc);
	return st;
}
