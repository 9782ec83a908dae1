/* Rows through a worker: keeps it busy. When it dies, keeps what was scored, puts
 * the rest back and narrows the cause down to one row if it can.
 *
 *   normal   ranges nobody suspects; two jobs may be in flight
 *   suspect  ranges whose call killed a worker; alone in flight, after all others,
 *            so that a bad row delays at most its neighbours
 *
 * A suspect range that dies again is halved; one row alone that kills a *fresh*
 * worker twice is held as poison. At the end a row that was judged before is tried
 * once more: if that kills too, or most rows did, the plugin is at fault (verdict.c). */
#include "plugin/dispatch.h"

#define RECYCLE_BYTES ((uint64_t)64 << 20)
#define START_TRIES 3u

/* ---- after a death ---- */

static assay_status give_up(asy_plugin_dispatch *d, asy_row_cause cause, assay_err *err)
{
	assay_status st = asy_rows_settle(d->r, d->deaths, true, err);
	if (st != ASSAY_OK)
		return st;
	return asy_rows_decide(d->r, 0, d->r->order_n, ASY_ROW_ABSTAIN, cause, err);
}

static assay_status halve(asy_plugin_dispatch *d, asy_range x, assay_err *err)
{
	size_t half = x.n / 2;
	asy_range a = {.first = x.first, .n = half, .deaths = 1, .spent = x.spent};
	asy_range b = {.first = x.first + half, .n = x.n - half, .deaths = 1, .spent = x.spent};
	assay_status st = asy_ranges_push(&d->suspect, b, err);
	return st == ASSAY_OK ? asy_ranges_push(&d->suspect, a, err) : st;
}

/* x was the running call. */
static assay_status suspect_range(asy_plugin_dispatch *d, asy_range x, bool was_fresh,
								  assay_err *err)
{
	if (x.is_control && was_fresh) {
		d->r->control_died = true;
		return ASSAY_OK;
	}
	if (x.is_control)
		return asy_ranges_push(&d->suspect, x, err);
	x.deaths++;
	x.spent++;
	if (x.n > 1 && x.deaths >= 2)
		return halve(d, x, err);
	if (x.n == 1 && was_fresh && ++x.fresh_deaths >= 2) {
		d->forgiven += x.spent;
		asy_rows_condemn(d->r, x.first);
		return ASSAY_OK;
	}
	return asy_ranges_push(&d->suspect, x, err);
}

static bool is_odd(const asy_plugin_rows *r, size_t position)
{
	return !asy_utf8_is_valid(asy_rows_response(r, position).body);
}

/* The likeliest culprits go to the end of the order: the longest body, and bodies
 * that are not UTF-8 where most are. Returns how many rows remain before them. */
static size_t part_suspects(asy_plugin_rows *r)
{
	size_t keep = 0, longest = 0, most = 0, odd = 0;
	for (size_t i = 0; i < r->order_n; i++) {
		size_t len = asy_rows_response(r, i).body.len;
		odd += is_odd(r, i);
		if (len >= most) {
			most = len;
			longest = i;
		}
	}
	bool is_text = odd <= r->order_n / 2;
	size_t longest_row = r->order_n != 0 ? r->order[longest] : 0;
	for (size_t i = 0; i < r->order_n; i++) {
		size_t row = r->order[i];
		if (row == longest_row || (is_text && is_odd(r, i)))
			continue;
		r->order[i] = r->order[keep];
		r->order[keep++] = row;
	}
	return keep;
}

/* Rows that depend on each other cannot be halved: the same batch once more on a
 * fresh worker, then once without suspects, then nothing. */
static assay_status retry_whole(asy_plugin_dispatch *d, asy_range x, assay_err *err)
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
	return asy_ranges_push(&d->normal, x, err);
}

/* It died of its state before it saw a row: once more, then without it. */
static assay_status retry_state(asy_plugin_dispatch *d, asy_range x, assay_err *err)
{
	if (++d->state_deaths >= 2)
		asy_rows_drop_state(d->r, "it ends whoever loads it");
	return asy_ranges_push(&d->normal, x, err);
}

static assay_status put_back(asy_plugin_dispatch *d, unsigned slot, bool was_fresh, assay_err *err)
{
	asy_in_flight *f = &d->slot[slot];
	const asy_slot_out *o = &asy_session_out(d->p->session)->slot[slot];
	bool was_running = atomic_load(&o->gen) == f->gen && atomic_load(&o->state) == ASY_SLOT_RUNNING;
	asy_range x = f->range, rest;

	if (!f->is_busy)
		return ASSAY_OK;
	f->is_busy = false;
	if (f->seen < x.n && d->r->state.len != 0 && was_running &&
		atomic_load(&o->phase) == ASY_PHASE_LOAD)
		return retry_state(d, x, err);
	if (d->r->is_whole)
		return f->seen < x.n ? retry_whole(d, x, err) : ASSAY_OK;
	x.first += f->seen;
	x.n -= f->seen;
	if (!was_running)
		return asy_ranges_push(x.deaths != 0 ? &d->suspect : &d->normal, x, err);
	rest = x;
	if (x.n > f->job.step)
		x.n = f->job.step;
	rest.first += x.n;
	rest.n -= x.n;
	assay_status st = asy_ranges_push(&d->normal, rest, err);
	return st == ASSAY_OK && x.n != 0 ? suspect_range(d, x, was_fresh, err) : st;
}

/* Kills the worker if it still runs, keeps its finished rows, puts back the rest. */
static assay_status bury(asy_plugin_dispatch *d, asy_plugin_event_kind kind, const char *why,
						 assay_err *err)
{
	asy_plugin *p = d->p;
	asy_session *s = p->session;
	char fate[80];
	bool was_fresh = s->calls == 0;

	asy_session_finish(s);
	assay_status st = asy_slots_harvest(d, err);
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
	asy_session_end(p);
	return st;
}

static assay_status on_fault(asy_plugin_dispatch *d, asy_plugin_event_kind kind, const char *why,
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
	uint64_t until = asy_sat_add_u64(asy_loop_now(p->loop), wait);
	if (asy_loop_await(p->loop, NULL, NULL, until) == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
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
		asy_session_end(p);
	}
	if (p->session != NULL)
		return ASSAY_OK;
	assay_status st = back_off(p, err);
	return st == ASSAY_OK ? asy_session_start(p, err) : st;
}

/* *gone: no worker can be had this round; all rows are decided. */
static assay_status revive(asy_plugin_dispatch *d, bool *gone, assay_err *err)
{
	asy_plugin *p = d->p;
	assay_err why = {0};
	bool was_alive = p->session != NULL;

	*gone = false;
	/* with jobs in flight turn() notices the death: it knows what to put back */
	if (was_alive && asy_slots_are_busy(d))
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
static assay_status wind_down(asy_plugin_dispatch *d, uint64_t until, assay_err *err)
{
	d->is_cancelled = d->r->is_stopping = true;
	asy_session_cancel(d->p->session);
	while (asy_slots_are_busy(d) && !d->p->session->is_dead) {
		if (asy_plugin_now(d->p) >= until)
			break;
		assay_status st = asy_session_wait_end(d->p->session, until, err);
		if (st == ASSAY_OK)
			st = asy_slots_harvest(d, err);
		if (st == ASSAY_E_PLUGIN)
			break;
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

static assay_status on_interrupt(asy_plugin_dispatch *d, assay_err *err)
{
	uint64_t until = asy_sat_add_u64(asy_plugin_now(d->p), ASY_GRACE_NS);
	assay_status st = d->p->session != NULL ? wind_down(d, until, err) : ASSAY_OK;
	if (d->p->session != NULL && (asy_slots_are_busy(d) || d->p->session->is_dead))
		asy_session_end(d->p);
	if (st != ASSAY_OK)
		return st;
	return ASSAY_FAIL(err, E_CANCELLED, "interrupted with %" PRIu64 " of %zu rows scored",
					  d->r->res->stats.scored, d->r->order_n);
}

static assay_status on_deadline(asy_plugin_dispatch *d, assay_err *err)
{
	asy_plugin *p = d->p;
	asy_plugin_event ev = {.kind = ASY_PLUGIN_EV_DEADLINE, .text = "asked to stop, and it did"};
	assay_status st = p->session != NULL ? wind_down(d, d->r->hard_at, err) : ASSAY_OK;

	if (p->session != NULL) {
		ev.pid = p->session->pid;
		if (asy_slots_are_busy(d) || p->session->is_dead) {
			asy_session_finish(p->session);
			ev.signal = p->session->signal;
			ev.exit_code = p->session->exit_code;
			ev.text = "asked to stop, did not, killed";
			d->deaths++;
			asy_session_end(p);
		}
	}
	ev.rows = d->r->res->stats.scored;
	asy_plugin_emit(p, &ev);
	return st == ASSAY_OK ? give_up(d, ASY_CAUSE_DEADLINE, err) : st;
}

/* A whole batch is one call that does the work of many. */
static uint64_t stall_at(const asy_plugin_dispatch *d)
{
	uint64_t calls = d->r->step / d->p->o.sub_batch, each = d->p->o.stall_ns, sum;
	if (!asy_mul_u64(each, calls > 1 ? calls : 1, &sum))
		sum = UINT64_MAX;
	return asy_sat_add_u64(d->moved_at, sum);
}

/* One wake-up: listen, copy out, look at the clock. */
static assay_status turn(asy_plugin_dispatch *d, assay_err *err)
{
	asy_plugin *p = d->p;
	assay_err why = {0};
	uint64_t stall = stall_at(d), until = stall < d->r->soft_at ? stall : d->r->soft_at;

	assay_status st = asy_session_wait(p->session, until, &why);
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_OK; /* the caller sees it */
	if (st == ASSAY_OK)
		st = asy_slots_harvest(d, &why);
	if (st == ASSAY_E_PLUGIN)
		return on_fault(d, ASY_PLUGIN_EV_PROTOCOL, why.msg, err);
	if (st != ASSAY_OK) {
		if (err != NULL)
			*err = why;
		return st;
	}
	if (p->session->is_dead)
		return on_fault(d, ASY_PLUGIN_EV_CRASHED, NULL, err);
	if (asy_slots_are_busy(d) && asy_plugin_now(p) >= stall_at(d))
		return on_fault(d, ASY_PLUGIN_EV_STALLED, "no sub-batch finished in time, killed", err);
	return ASSAY_OK;
}

static bool has_work(const asy_plugin_dispatch *d)
{
	return d->normal.n != 0 || d->suspect.n != 0 || asy_slots_are_busy(d);
}

/* Rows are accused, and there is one to try the accusation on. */
static bool wants_control(const asy_plugin_dispatch *d)
{
	return d->r->held_n != 0 && d->r->judged != 0 && !d->is_controlled;
}

static assay_status begin_control(asy_plugin_dispatch *d, assay_err *err)
{
	const asy_range x = {.first = d->r->judged_at, .n = 1, .is_control = true};
	d->is_controlled = true;
	return asy_ranges_push(&d->suspect, x, err);
}

static assay_status run(asy_plugin_dispatch *d, assay_err *err)
{
	asy_plugin *p = d->p;
	bool gone = false;
	assay_status st = ASSAY_OK;

	while (st == ASSAY_OK && (has_work(d) || wants_control(d))) {
		if (asy_plugin_is_interrupted(p))
			return on_interrupt(d, err);
		if (asy_plugin_now(p) >= d->r->soft_at)
			return on_deadline(d, err);
		if (asy_rows_are_hopeless(d->r, d->deaths))
			return give_up(d, ASY_CAUSE_CRASH, err);
		if (!has_work(d))
			st = begin_control(d, err);
		if (st == ASSAY_OK)
			st = revive(d, &gone, err);
		if (st != ASSAY_OK || gone)
			return st;
		st = asy_slots_fill(d, err);
		if (st == ASSAY_OK)
			st = turn(d, err);
	}
	return st;
}

assay_status asy_dispatch_score(asy_plugin_rows *r, assay_err *err)
{
	asy_plugin_dispatch d = {.r = r, .p = r->p};
	assay_status st = asy_ranges_push(&d.normal, (asy_range){.n = r->order_n}, err);
	if (st == ASSAY_OK)
		st = run(&d, err);
	if (st == ASSAY_OK)
		st = asy_rows_settle(r, d.deaths, false, err);
	if (r->verdict == ASY_VERDICT_PLUGIN)
		d.forgiven = 0;
	r->faults += d.deaths > d.forgiven ? d.deaths - d.forgiven : 0;
	/* jobs may still be in flight after the caller failed; sealed shared memory
	 * cannot be given back to the system, so a big round ends its worker */
	if (r->p->session != NULL &&
		(asy_slots_are_busy(&d) || r->p->session->job_bytes > RECYCLE_BYTES))
		asy_session_end(r->p);
	asy_slots_fini(&d);
	return st;
}
