/* Reading what the other side put into shared memory. Nothing here follows an
 * offset that was not checked against the size of the file it points into, and
 * nothing is read twice. */
#include <stdlib.h>
#include "plugin/proto.h"

/* [off, off + len) lies in [ASY_RING_HEAD, size). */
static bool is_inside(uint64_t off, uint64_t len, uint64_t size)
{
	return off >= ASY_RING_HEAD && off <= size && len <= size - off;
}

/* A table of n items of size bytes at off, aligned for its type. */
static bool is_table(uint64_t off, uint64_t n, uint64_t size, uint64_t file)
{
	uint64_t len;
	return off % 8 == 0 && asy_mul_u64(n, size, &len) && is_inside(off, len, file);
}

static bool take(uint64_t *at, uint64_t n, uint64_t size, uint64_t file, uint64_t *where)
{
	uint64_t len, start = (*at + 7) & ~(uint64_t)7;
	if (!asy_mul_u64(n, size, &len) || !is_inside(start, len, file))
		return false;
	*where = start;
	*at = start + len;
	return true;
}

bool asy_ring_outputs(asy_ring_job *job, uint64_t n, uint32_t component_n, uint64_t at,
					  uint64_t out_size, uint64_t *end)
{
	uint64_t cells;
	if (n > ASY_RING_ROWS_MAX || !asy_mul_u64(n, component_n, &cells) ||
		!take(&at, n, sizeof(double), out_size, &job->score_at) ||
		!take(&at, cells, sizeof(double), out_size, &job->component_at) ||
		!take(&at, n, 1, out_size, &job->flag_at) || !take(&at, n, 1, out_size, &job->rc_at))
		return false;
	if (job->has_state != 0 && !take(&at, ASSAY_STATE_MAX, 1, out_size, &job->state_at))
		return false;
	if (component_n == 0)
		job->component_at = 0;
	*end = at;
	return true;
}

static bool has_outputs(const asy_ring_job *j, uint32_t component_n, uint64_t out_size)
{
	uint64_t cells;
	if (j->has_state != 0 && !is_table(j->state_at, ASSAY_STATE_MAX, 1, out_size))
		return false;
	if (j->kind == ASY_JOB_MAKE)
		return j->want <= ASY_RING_MADE_MAX && is_table(j->made_at, j->made_cap, 1, out_size);
	return asy_mul_u64(j->response_n, component_n, &cells) &&
		   is_table(j->score_at, j->response_n, sizeof(double), out_size) &&
		   (j->component_at == 0 || is_table(j->component_at, cells, sizeof(double), out_size)) &&
		   is_table(j->flag_at, j->response_n, 1, out_size) &&
		   is_table(j->rc_at, j->response_n, 1, out_size);
}

static bool borrow(assay_span in, asy_ring_span s, assay_bytes *out)
{
	if (s.len == 0) {
		*out = (assay_bytes){NULL, 0};
		return true;
	}
	if (!is_inside(s.off, s.len, in.len))
		return false;
	*out = (assay_bytes){in.ptr + s.off, s.len};
	return true;
}

typedef struct {
	assay_span in;
	assay_part *part; /* room for the parts of all tables, and how much of it is taken */
	uint64_t part_n, taken;
} reader;

static bool read_parts(reader *r, asy_ring_table t, const assay_part **out, uint32_t *n)
{
	*out = NULL;
	*n = t.n;
	if (t.n == 0)
		return true;
	if (t.n > r->part_n - r->taken || !is_table(t.at, t.n, sizeof(asy_ring_part), r->in.len))
		return false;
	*out = r->part + r->taken;
	for (uint32_t i = 0; i < t.n; i++) {
		asy_ring_part p;
		assay_part *to = &r->part[r->taken++];
		memcpy(&p, r->in.ptr + t.at + i * sizeof p, sizeof p);
		if (!borrow(r->in, p.name, &to->name) || !borrow(r->in, p.type, &to->type) ||
			!borrow(r->in, p.bytes, &to->bytes))
			return false;
	}
	return true;
}

/* Numbers only: the plugin reads them where they are. */
static bool read_chunks(const reader *r, asy_ring_table t, const assay_chunk **out, uint32_t *n)
{
	*out = NULL;
	*n = t.n;
	if (t.n == 0)
		return true;
	if (!is_table(t.at, t.n, sizeof **out, r->in.len))
		return false;
	*out = (const void *)(r->in.ptr + t.at);
	return true;
}

static bool read_challenge(reader *r, uint64_t at, assay_challenge *out)
{
	asy_ring_challenge c;
	memcpy(&c, r->in.ptr + at, sizeof c);
	return borrow(r->in, c.prompt, &out->prompt) && borrow(r->in, c.reference, &out->reference) &&
		   borrow(r->in, c.meta, &out->meta_json) &&
		   read_parts(r, c.part, &out->part, &out->part_n);
}

static bool read_response(reader *r, uint64_t at, uint32_t challenge_n, assay_response *out)
{
	asy_ring_response x;
	memcpy(&x, r->in.ptr + at, sizeof x);
	*out = (assay_response){
		.hotkey = x.hotkey,
		.coldkey = x.coldkey,
		.challenge = x.challenge,
		.miner = x.miner,
		.status = x.status,
		.latency_ms = x.latency_ms,
		.address = x.address,
		.seed = x.seed,
		.http_status = x.http_status,
		.first_byte_ms = x.first_byte_ms,
	};
	return x.challenge < challenge_n && borrow(r->in, x.body, &out->body) &&
		   borrow(r->in, x.content_type, &out->content_type) &&
		   read_parts(r, x.header, &out->header, &out->header_n) &&
		   read_parts(r, x.part, &out->part, &out->part_n) &&
		   read_chunks(r, x.chunk, &out->chunk, &out->chunk_n);
}

assay_status asy_ring_job_read(assay_span in, uint64_t out_size, const asy_ring_job *j,
							   uint32_t component_n, asy_job_view *view, assay_err *err)
{
	asy_job_view v = {0};
	assay_status st = ASSAY_OK;

	if (j->kind != ASY_JOB_SCORE && j->kind != ASY_JOB_MAKE)
		return ASSAY_FAIL(err, E_FORMAT, "job of unknown kind %" PRIu32, j->kind);
	if (j->response_n > ASY_RING_ROWS_MAX || (j->kind == ASY_JOB_SCORE && j->step == 0) ||
		j->part_n > ASY_RING_PARTS_MAX ||
		!is_table(j->challenge_at, j->challenge_n, sizeof(asy_ring_challenge), in.len) ||
		!is_table(j->response_at, j->response_n, sizeof(asy_ring_response), in.len) ||
		!has_outputs(j, component_n, out_size))
		return ASSAY_FAIL(err, E_FORMAT, "job with a table outside the shared memory");
	v.challenge = asy_calloc((size_t)j->challenge_n + 1, sizeof *v.challenge);
	v.response = asy_calloc((size_t)j->response_n + 1, sizeof *v.response);
	v.part = asy_calloc((size_t)j->part_n + 1, sizeof *v.part);
	if (v.challenge == NULL || v.response == NULL || v.part == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "tables of %" PRIu64 " rows", j->response_n);
	reader r = {.in = in, .part = v.part, .part_n = j->part_n};
	if (st == ASSAY_OK && !borrow(in, j->state, &v.state))
		st = ASSAY_FAIL(err, E_FORMAT, "the state points outside");
	for (uint32_t i = 0; st == ASSAY_OK && i < j->challenge_n; i++)
		if (!read_challenge(&r, j->challenge_at + i * sizeof(asy_ring_challenge), &v.challenge[i]))
			st = ASSAY_FAIL(err, E_FORMAT, "challenge %" PRIu32 " points outside", i);
	for (uint64_t i = 0; st == ASSAY_OK && i < j->response_n; i++)
		if (!read_response(&r, j->response_at + i * sizeof(asy_ring_response), j->challenge_n,
						   &v.response[i]))
			st = ASSAY_FAIL(err, E_FORMAT, "response %" PRIu64 " points outside", i);
	if (st != ASSAY_OK) {
		asy_job_view_fini(&v);
		return st;
	}
	*view = v;
	return ASSAY_OK;
}

void asy_job_view_fini(asy_job_view *v)
{
	free(v->challenge);
	free(v->response);
	free(v->part);
	*v = (asy_job_view){0};
}

/* ---- made challenges ---- */

typedef struct {
	uint8_t *dst; /* NULL: only counts */
	uint64_t cap, at;
} packer;

static bool pack(packer *p, assay_bytes b, asy_ring_span *out)
{
	if (b.len > p->cap - p->at || (b.len != 0 && b.ptr == NULL))
		return false;
	if (b.len != 0 && p->dst != NULL)
		memcpy(p->dst + p->at, b.ptr, (size_t)b.len);
	*out = (asy_ring_span){p->at, b.len};
	p->at += b.len;
	return true;
}

static bool pack_parts(packer *p, const assay_challenge *c, asy_ring_table *out)
{
	uint64_t table = p->at, bytes = c->part_n * sizeof(asy_ring_part);
	if (c->part_n > ASY_PLUGIN_PARTS_MAX || bytes > p->cap - p->at ||
		(c->part_n != 0 && c->part == NULL))
		return false;
	*out = (asy_ring_table){.at = table, .n = c->part_n};
	p->at += bytes;
	for (uint32_t i = 0; i < c->part_n; i++) {
		asy_ring_part row = {0};
		if (!pack(p, c->part[i].name, &row.name) || !pack(p, c->part[i].type, &row.type) ||
			!pack(p, c->part[i].bytes, &row.bytes))
			return false;
		if (p->dst != NULL)
			memcpy(p->dst + table + i * sizeof row, &row, sizeof row);
	}
	return true;
}

assay_status asy_ring_made_write(const assay_challenge *c, uint32_t n, uint8_t *dst, uint64_t cap,
								 uint64_t *used, assay_err *err)
{
	packer p = {dst, cap, (uint64_t)n * sizeof(asy_ring_challenge)};
	if (p.at > cap)
		return ASSAY_FAIL(err, E_LIMIT, "%" PRIu32 " challenges do not fit", n);
	for (uint32_t i = 0; i < n; i++) {
		asy_ring_challenge row = {0};
		if (!pack(&p, c[i].prompt, &row.prompt) || !pack(&p, c[i].reference, &row.reference) ||
			!pack(&p, c[i].meta_json, &row.meta) || !pack_parts(&p, &c[i], &row.part))
			return ASSAY_FAIL(err, E_LIMIT,
							  "challenges of more than %" PRIu64
							  " bytes, with more than %u parts, or with a NULL span",
							  cap, ASY_PLUGIN_PARTS_MAX);
		if (dst != NULL)
			memcpy(dst + i * sizeof row, &row, sizeof row);
	}
	*used = p.at;
	return ASSAY_OK;
}

static bool unpack(const asy_buf *b, asy_ring_span s, assay_span *out)
{
	if (s.off > b->len || s.len > b->len - s.off)
		return false;
	*out = asy_span(b->ptr + s.off, (size_t)s.len);
	return true;
}

static bool unpack_parts(const asy_buf *b, asy_ring_table t, asy_plugin_part *part, size_t *taken,
						 asy_plugin_challenge *out)
{
	if (t.n > ASY_PLUGIN_PARTS_MAX || t.at > b->len || t.n * sizeof(asy_ring_part) > b->len - t.at)
		return false;
	out->part = t.n != 0 ? part + *taken : NULL;
	out->part_n = t.n;
	for (uint32_t i = 0; i < t.n; i++) {
		asy_ring_part row;
		asy_plugin_part *to = &part[(*taken)++];
		memcpy(&row, b->ptr + t.at + i * sizeof row, sizeof row);
		if (!unpack(b, row.name, &to->name) || !unpack(b, row.type, &to->type) ||
			!unpack(b, row.bytes, &to->bytes))
			return false;
	}
	return true;
}

/* Room for the parts of all; a count that is too large is refused when its table is read. */
static size_t count_parts(const asy_buf *b, uint64_t n)
{
	size_t sum = 0;
	for (uint64_t i = 0; i < n; i++) {
		asy_ring_challenge row;
		memcpy(&row, b->ptr + i * sizeof row, sizeof row);
		sum += row.part.n < ASY_PLUGIN_PARTS_MAX ? row.part.n : ASY_PLUGIN_PARTS_MAX;
	}
	return sum;
}

assay_status asy_ring_made_read(asy_buf *copy, uint64_t n, asy_plugin_challenges *out,
								assay_err *err)
{
	size_t taken = 0;
	if (n > ASY_RING_MADE_MAX || n * sizeof(asy_ring_challenge) > copy->len)
		return ASSAY_FAIL(err, E_FORMAT, "%" PRIu64 " challenges in %zu bytes", n, copy->len);
	asy_plugin_challenge *c = asy_calloc((size_t)n + 1, sizeof *c);
	asy_plugin_part *part = asy_calloc(count_parts(copy, n) + 1, sizeof *part);
	assay_status st = c == NULL || part == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "%" PRIu64 " challenges", n)
						  : ASSAY_OK;
	for (uint64_t i = 0; st == ASSAY_OK && i < n; i++) {
		asy_ring_challenge row;
		memcpy(&row, copy->ptr + i * sizeof row, sizeof row);
		if (!unpack(copy, row.prompt, &c[i].prompt) ||
			!unpack(copy, row.reference, &c[i].reference) ||
			!unpack(copy, row.meta, &c[i].meta_json) ||
			!unpack_parts(copy, row.part, part, &taken, &c[i]))
			st = ASSAY_FAIL(err, E_FORMAT, "challenge %" PRIu64 " points outside", i);
	}
	if (st != ASSAY_OK) {
		free(c);
		free(part);
		return st;
	}
	*out = (asy_plugin_challenges){
		.challenge = c, .challenge_n = (size_t)n, .part = part, .bytes = *copy};
	*copy = (asy_buf){0};
	return ASSAY_OK;
}

void asy_plugin_challenges_fini(asy_plugin_challenges *c)
{
	if (c == NULL)
		return;
	free(c->challenge);
	free(c->part);
	asy_buf_fini(&c->bytes);
	*c = (asy_plugin_challenges){0};
}
