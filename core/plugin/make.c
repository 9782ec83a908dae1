/* Challenges out of a worker: one job, one packed answer, copied before it is
 * read. A worker that dies is tried once more; making challenges has no rows to
 * save. */
#include "plugin/host.h"

static assay_status copy_out(asy_plugin *p, const asy_ring_job *job, asy_plugin_challenges *out,
							 assay_err *err)
{
	asy_slot_out *o = &asy_session_out(p->session)->slot[0];
	uint64_t n = atomic_load_explicit(&o->watermark, memory_order_acquire), bytes = o->made_bytes;
	asy_buf copy = {.max = (size_t)ASY_RING_MADE_BYTES + 1};

	if (n > job->want || bytes > job->made_cap)
		return ASSAY_FAIL(err, E_PLUGIN, "worker says %" PRIu64 " challenges in %" PRIu64 " bytes",
						  n, bytes);
	assay_status st = asy_buf_add(&copy, p->session->out + job->made_at, (size_t)bytes, err);
	if (st == ASSAY_OK)
		st = asy_ring_made_read(&copy, n, out, err);
	asy_buf_fini(&copy);
	return st;
}

static assay_status said_no(const asy_slot_out *o, assay_err *err)
{
	char text[ASY_FAIL_MAX + 1];
	uint32_t len = o->fail_len; /* read once: it is the worker's to change */
	if (len > ASY_FAIL_MAX)
		len = ASY_FAIL_MAX;
	memcpy(text, o->fail, len);
	text[len] = '\0';
	asy_printable(text, len);
	return ASSAY_FAIL(err, E_PLUGIN, "%s", text);
}

/* *retry: the worker died of it. */
static assay_status await(asy_plugin *p, uint64_t gen, uint64_t until, bool *retry, assay_err *err)
{
	asy_slot_out *o = &asy_session_out(p->session)->slot[0];
	char fate[80];

	*retry = false;
	for (;;) {
		assay_status st = asy_session_wait(p->session, until, err);
		if (st == ASSAY_E_CANCELLED)
			return ASSAY_FAIL(err, E_CANCELLED, "interrupted while making challenges");
		if (st != ASSAY_OK)
			return st;
		if (atomic_load_explicit(&o->gen, memory_order_acquire) == gen) {
			uint32_t state = atomic_load_explicit(&o->state, memory_order_acquire);
			if (state == ASY_SLOT_DONE)
				return ASSAY_OK;
			if (state == ASY_SLOT_FAILED)
				return said_no(o, err);
		}
		if (p->session->is_dead) {
			*retry = true;
			asy_session_fate(p->session, fate, sizeof fate);
			return ASSAY_FAIL(err, E_PLUGIN, "the worker ended with %s making challenges", fate);
		}
		if (asy_plugin_now(p) >= until)
			return ASSAY_FAIL(err, E_TIMEOUT, "making challenges took longer than %" PRIu64 " ms",
							  p->o.soft_ns / 1000000u);
	}
}

/* What it remembers, at the start of the slot's region. */
static assay_status put_state(const asy_plugin *p, assay_span state, asy_ring_job *job,
							  assay_err *err)
{
	uint64_t at = asy_session_in_at(p, 0);
	if (state.len > p->o.input_max)
		return ASSAY_FAIL(err, E_LIMIT, "a state of %zu bytes does not fit", state.len);
	if (state.len != 0)
		memcpy(p->session->in + at, state.ptr, state.len);
	job->state = (asy_ring_span){at, state.len};
	job->state_at = job->made_at; /* making says nothing of a state afterwards */
	job->has_state = 1;
	return ASSAY_OK;
}

static assay_status make_once(asy_plugin *p, const asy_plugin_round *round, uint32_t want,
							  assay_span state, asy_plugin_challenges *out, bool *retry,
							  assay_err *err)
{
	asy_ring_job job = {
		.kind = ASY_JOB_MAKE,
		.want = want,
		.challenge_at = ASY_RING_HEAD,
		.response_at = ASY_RING_HEAD,
		.made_at = asy_session_out_at(p, 0),
		.made_cap = ASY_RING_MADE_BYTES,
		.round = round->round,
		.block = round->block,
		.budget_ns = p->o.soft_ns,
	};
	asy_rows_derive(round->seed, "assay.plugin", job.seed);
	*retry = false;
	assay_status st = asy_dispatch_revive(p, err);
	if (st != ASSAY_OK)
		return st;
	if ((p->about.needs & ASY_NEED_STATE) != 0) {
		st = put_state(p, state, &job, err);
		if (st != ASSAY_OK)
			return st;
	}
	uint64_t until = asy_sat_add_u64(asy_plugin_now(p), p->o.soft_ns);
	uint64_t gen = asy_session_submit(p->session, 0, &job);
	st = await(p, gen, until, retry, err);
	if (st == ASSAY_OK)
		st = copy_out(p, &job, out, err);
	if (st == ASSAY_OK)
		p->fails_in_row = 0;
	return st;
}

assay_status asy_dispatch_make(asy_plugin *p, const asy_plugin_round *round, uint32_t want,
							   asy_plugin_challenges *out, assay_err *err)
{
	bool retry = false;
	assay_span state = asy_buf_span(&p->state);
	assay_status st = make_once(p, round, want, state, out, &retry, err);
	/* it died of what it remembers; scoring decides whether that is given up */
	if (retry && atomic_load(&asy_session_out(p->session)->slot[0].phase) == ASY_PHASE_LOAD)
		state = (assay_span){NULL, 0};
	/* after a refusal in words the worker is fine; anything else ends it */
	bool is_idle = p->session != NULL && !p->session->is_dead &&
				   atomic_load(&asy_session_out(p->session)->slot[0].gen) == p->session->gen &&
				   atomic_load(&asy_session_out(p->session)->slot[0].state) != ASY_SLOT_RUNNING;
	if (st != ASSAY_OK && p->session != NULL && !is_idle) {
		p->fails_in_row++;
		asy_session_end(p);
	}
	if (retry)
		st = make_once(p, round, want, state, out, &retry, err);
	if (retry && p->session != NULL)
		asy_session_end(p);
	return st;
}
