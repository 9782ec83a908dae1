/* Rows into shared memory and answers out of it. Copies first, checks after, from
 * the copy only; a word that the worker may change is read once. */
#include <stdlib.h>
#include "plugin/dispatch.h"

#define JOB_BYTES ((uint64_t)16 << 20) /* of one job, so that slots stay small */
#define JOB_ROWS ((size_t)4096)
#define SLICE_BYTES ((uint64_t)4 << 20) /* copied before the loop has its turn */

/* ---- ranges: stacks; a round never has more than a few dozen ---- */

assay_status asy_ranges_push(asy_ranges *q, asy_range x, assay_err *err)
{
	if (x.n == 0)
		return ASSAY_OK;
	if (q->n == q->cap) {
		size_t cap = q->cap != 0 ? q->cap * 2 : 16;
		asy_range *v = realloc(q->v, cap * sizeof *v);
		if (v == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "queue of %zu ranges", cap);
		q->v = v;
		q->cap = cap;
	}
	q->v[q->n++] = x;
	return ASSAY_OK;
}

static asy_range pop(asy_ranges *q)
{
	return q->v[--q->n];
}

bool asy_slots_are_busy(const asy_plugin_dispatch *d)
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

static asy_ring_table put_parts(uint8_t *file, uint64_t *at, const asy_plugin_part *part,
								uint32_t n)
{
	asy_ring_table out = {.at = *at, .n = n};
	*at += n * sizeof(asy_ring_part);
	for (uint32_t i = 0; i < n; i++) {
		asy_ring_part row = {.name = put_bytes(file, at, part[i].name),
							 .type = put_bytes(file, at, part[i].type),
							 .bytes = put_bytes(file, at, part[i].bytes)};
		memcpy(file + out.at + i * sizeof row, &row, sizeof row);
	}
	return out;
}

_Static_assert(sizeof(asy_plugin_chunk) == sizeof(assay_chunk), "chunks are copied as they are");

static asy_ring_table put_chunks(uint8_t *file, uint64_t *at, const asy_plugin_chunk *chunk,
								 uint32_t n)
{
	asy_ring_table out = {.at = *at, .n = n};
	if (n != 0)
		memcpy(file + *at, chunk, n * sizeof *chunk);
	*at += n * sizeof *chunk;
	return out;
}

static void put_challenges(const asy_plugin_rows *r, uint8_t *file, uint64_t table, uint64_t *at)
{
	for (size_t i = 0; i < r->batch->challenge_n; i++) {
		const asy_plugin_challenge *c = &r->batch->challenge[i];
		asy_ring_challenge row = {.prompt = put_bytes(file, at, c->prompt),
								  .reference = put_bytes(file, at, c->reference),
								  .meta = put_bytes(file, at, c->meta_json),
								  .part = put_parts(file, at, c->part, c->part_n)};
		memcpy(file + table + i * sizeof row, &row, sizeof row);
	}
}

static asy_ring_response put_response(const asy_plugin_response *x, uint64_t seed, uint8_t *file,
									  uint64_t *at)
{
	return (asy_ring_response){.body = put_bytes(file, at, x->body),
							   .content_type = put_bytes(file, at, x->content_type),
							   .header = put_parts(file, at, x->header, x->header_n),
							   .part = put_parts(file, at, x->part, x->part_n),
							   .chunk = put_chunks(file, at, x->chunk, x->chunk_n),
							   .hotkey = x->who.hotkey,
							   .coldkey = x->who.coldkey,
							   .address = x->who.address,
							   .seed = seed,
							   .challenge = x->challenge,
							   .miner = x->miner,
							   .status = x->status,
							   .latency_ms = x->latency_ms,
							   .first_byte_ms = x->first_byte_ms,
							   .http_status = x->http_status};
}

/* Whole batches may be hundreds of megabytes. A cancellation is the caller's to see. */
static void put_responses(const asy_plugin_rows *r, asy_range x, uint8_t *file, uint64_t table,
						  uint64_t *at)
{
	uint64_t slice = *at + SLICE_BYTES;
	for (size_t i = 0; i < x.n; i++) {
		if (*at > slice) {
			(void)!asy_loop_yield(r->p->loop);
			slice = *at + SLICE_BYTES;
		}
		asy_plugin_response in = asy_rows_response(r, x.first + i);
		asy_ring_response row = put_response(&in, asy_rows_seed(r, x.first + i), file, at);
		memcpy(file + table + i * sizeof row, &row, sizeof row);
	}
}

/* How many rows of x one job takes: at least one, whole batches all. */
static size_t job_rows(const asy_plugin_dispatch *d, asy_range x)
{
	uint64_t bytes = asy_rows_challenge_bytes(d->r);
	uint64_t max = d->p->o.input_max < JOB_BYTES ? d->p->o.input_max : JOB_BYTES;
	size_t n = 0;
	if (d->r->is_whole)
		return x.n;
	while (n < x.n && n < JOB_ROWS) {
		bytes += asy_rows_bytes(d->r, x.first + n);
		if (n != 0 && bytes > max)
			break;
		n++;
	}
	return n;
}

static uint64_t job_parts(const asy_plugin_rows *r, asy_range x)
{
	uint64_t sum = r->part_n;
	for (size_t i = x.first; i < x.first + x.n; i++) {
		const asy_plugin_response *in = &r->batch->response[r->order[i]];
		sum += (uint64_t)in->part_n + in->header_n;
	}
	return sum;
}

static assay_status submit(asy_plugin_dispatch *d, unsigned slot, asy_range x, assay_err *err)
{
	asy_session *s = d->p->session;
	const asy_plugin_rows *r = d->r;
	uint64_t start = asy_session_in_at(d->p, slot), out_end;
	asy_ring_job job = {
		.kind = ASY_JOB_SCORE,
		/* a suspect range is one call, whatever its size */
		.step = x.deaths != 0 ? (uint32_t)x.n : r->step,
		.challenge_n = (uint32_t)r->batch->challenge_n,
		.response_n = x.n,
		.part_n = job_parts(r, x),
		.round = r->round->round,
		.block = r->round->block,
	};
	memcpy(job.seed, r->seed, sizeof job.seed);
	job.has_state = r->has_state;
	if (!asy_ring_outputs(&job, x.n, d->p->about.component_n, asy_session_out_at(d->p, slot),
						  asy_session_out_at(d->p, slot + 1), &out_end))
		return ASSAY_FAIL(err, E_LIMIT, "%zu rows with %" PRIu32 " components do not fit", x.n,
						  d->p->about.component_n);
	job.challenge_at = start;
	job.response_at = start + r->batch->challenge_n * sizeof(asy_ring_challenge);
	uint64_t at = job.response_at + x.n * sizeof(asy_ring_response);
	put_challenges(r, s->in, job.challenge_at, &at);
	put_responses(r, x, s->in, job.response_at, &at);
	job.state = put_bytes(s->in, &at, r->state);
	ASSERT(at - start <= d->p->o.input_max);
	if (at - start > s->job_bytes)
		s->job_bytes = at - start;
	d->moved_at = asy_plugin_now(d->p);
	job.budget_ns = asy_sat_sub_u64(r->soft_at, d->moved_at);
	d->slot[slot] = (asy_in_flight){.is_busy = true, .range = x, .job = job};
	d->slot[slot].gen = asy_session_submit(s, slot, &job);
	return ASSAY_OK;
}

assay_status asy_slots_fill(asy_plugin_dispatch *d, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (unsigned i = 0; st == ASSAY_OK && i < ASY_RING_SLOTS && d->normal.n != 0; i++) {
		if (d->slot[i].is_busy)
			continue;
		asy_range x = pop(&d->normal), rest = x;
		x.n = job_rows(d, x);
		rest.first += x.n;
		rest.n -= x.n;
		st = asy_ranges_push(&d->normal, rest, err);
		if (st == ASSAY_OK)
			st = submit(d, i, x, err);
	}
	if (st == ASSAY_OK && d->normal.n == 0 && d->suspect.n != 0 && !asy_slots_are_busy(d))
		st = submit(d, 0, pop(&d->suspect), err);
	return st;
}

/* ---- copying out ---- */

static assay_status grow_copies(asy_plugin_dispatch *d, size_t n, assay_err *err)
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

/* A row that killed a fresh worker, and was flagged when it ran alone a second
 * time, is flaky: its score is not believed. */
static bool is_flaky(const asy_in_flight *f)
{
	return f->range.fresh_deaths != 0;
}

/* What the worker says of the state, into a copy; words that it may change are read once. A call
 * that was told to stop says nothing. */
static assay_status copy_state(asy_plugin_dispatch *d, const asy_in_flight *f, assay_err *err)
{
	const asy_slot_out *o = &asy_session_out(d->p->session)->slot[f - d->slot];
	char why[ASY_FAIL_MAX];
	asy_state_said said = {.flags = d->is_cancelled ? 0 : o->state_flags};
	uint64_t len = o->state_len;
	uint32_t why_len = o->state_why_len;
	if ((said.flags & ASY_STATE_SAVED) != 0 && len > ASSAY_STATE_MAX)
		return ASSAY_FAIL(err, E_PLUGIN, "says its state has %" PRIu64 " bytes", len);
	if (why_len > sizeof why)
		why_len = 0;
	asy_buf_reset(&d->state);
	if ((said.flags & ASY_STATE_SAVED) != 0) {
		assay_status st =
			asy_buf_add(&d->state, d->p->session->out + f->job.state_at, (size_t)len, err);
		if (st != ASSAY_OK)
			return st;
	}
	memcpy(why, o->state_why, why_len);
	said.after = asy_buf_span(&d->state);
	said.why = asy_span(why, why_len);
	asy_rows_say_state(d->r, &said);
	return ASSAY_OK;
}

static assay_status copy_rows(asy_plugin_dispatch *d, asy_in_flight *f, size_t until,
							  assay_err *err)
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
	if (f->job.has_state != 0) {
		st = copy_state(d, f, err);
		if (st != ASSAY_OK)
			return st;
	}
	if (is_flaky(f)) {
		asy_plugin_emit(
			d->p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_FLAKY, .row = d->r->order[position]});
		return asy_rows_decide(d->r, position, n, ASY_ROW_ABSTAIN, ASY_CAUSE_CRASH, err);
	}
	asy_rows_out copy = {
		.score = d->score, .component = d->component, .flag = d->flag, .rc = d->rc};
	return asy_rows_take(d->r, position, n, &copy, err);
}

/* The sentence of the last call that returned a code, once. Not a fault: the plugin
 * said no. The worker may be further on than mark; its words about that follow. */
static void report_error(asy_plugin_dispatch *d, asy_in_flight *f, uint64_t mark,
						 const asy_slot_out *o)
{
	char raw[ASY_FAIL_MAX];
	uint64_t at = atomic_load_explicit(&o->fail_at, memory_order_relaxed);
	uint32_t len = o->fail_len; /* read once: it is the worker's to change */
	if (d->is_cancelled || at <= f->fail_seen || at > mark)
		return;
	f->fail_seen = at;
	if (len > sizeof raw)
		len = sizeof raw;
	memcpy(raw, o->fail, len);
	asy_plugin_refused(d->p, asy_span(raw, len));
}

static assay_status harvest_slot(asy_plugin_dispatch *d, unsigned slot, assay_err *err)
{
	asy_in_flight *f = &d->slot[slot];
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
		report_error(d, f, mark, o);
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

assay_status asy_slots_harvest(asy_plugin_dispatch *d, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (unsigned i = 0; st == ASSAY_OK && i < ASY_RING_SLOTS; i++)
		st = harvest_slot(d, i, err);
	return st;
}

void asy_slots_fini(asy_plugin_dispatch *d)
{
	free(d->normal.v);
	free(d->suspect.v);
	free(d->score);
	free(d->component);
	free(d->flag);
	free(d->rc);
	asy_buf_fini(&d->state);
}
