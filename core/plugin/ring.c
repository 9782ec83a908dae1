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
	if (component_n == 0)
		job->component_at = 0;
	*end = at;
	return true;
}

static bool has_outputs(const asy_ring_job *j, uint32_t component_n, uint64_t out_size)
{
	uint64_t cells;
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

static bool read_challenge(assay_span in, uint64_t at, assay_challenge *out)
{
	asy_ring_challenge c;
	memcpy(&c, in.ptr + at, sizeof c);
	return borrow(in, c.prompt, &out->prompt) && borrow(in, c.reference, &out->reference) &&
		   borrow(in, c.meta, &out->meta_json);
}

static bool read_response(assay_span in, uint64_t at, uint32_t challenge_n, assay_response *out)
{
	asy_ring_response r;
	memcpy(&r, in.ptr + at, sizeof r);
	out->challenge = r.challenge;
	out->miner = r.miner;
	out->status = r.status;
	out->latency_ms = r.latency_ms;
	return r.challenge < challenge_n && borrow(in, r.body, &out->body) &&
		   borrow(in, r.identity, &out->identity);
}

assay_status asy_ring_job_read(assay_span in, uint64_t out_size, const asy_ring_job *j,
							   uint32_t component_n, asy_job_view *view, assay_err *err)
{
	asy_job_view v = {0};
	assay_status st = ASSAY_OK;

	if (j->kind != ASY_JOB_SCORE && j->kind != ASY_JOB_MAKE)
		return ASSAY_FAIL(err, E_FORMAT, "job of unknown kind %" PRIu32, j->kind);
	if (j->response_n > ASY_RING_ROWS_MAX || (j->kind == ASY_JOB_SCORE && j->step == 0) ||
		!is_table(j->challenge_at, j->challenge_n, sizeof(asy_ring_challenge), in.len) ||
		!is_table(j->response_at, j->response_n, sizeof(asy_ring_response), in.len) ||
		!has_outputs(j, component_n, out_size))
		return ASSAY_FAIL(err, E_FORMAT, "job with a table outside the shared memory");
	v.challenge = asy_calloc((size_t)j->challenge_n + 1, sizeof *v.challenge);
	v.response = asy_calloc((size_t)j->response_n + 1, sizeof *v.response);
	if (v.challenge == NULL || v.response == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "tables of %" PRIu64 " rows", j->response_n);
	for (uint32_t i = 0; st == ASSAY_OK && i < j->challenge_n; i++)
		if (!read_challenge(in, j->challenge_at + i * sizeof(asy_ring_challenge), &v.challenge[i]))
			st = ASSAY_FAIL(err, E_FORMAT, "challenge %" PRIu32 " points outside", i);
	for (uint64_t i = 0; st == ASSAY_OK && i < j->response_n; i++)
		if (!read_response(in, j->response_at + i * sizeof(asy_ring_response), j->challenge_n,
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
	*v = (asy_job_view){0};
}

/* ---- made challenges ---- */

static bool pack(assay_bytes b, uint8_t *dst, uint64_t cap, uint64_t *at, asy_ring_span *out)
{
	if (b.len > cap - *at || (b.len != 0 && b.ptr == NULL))
		return false;
	if (b.len != 0)
		memcpy(dst + *at, b.ptr, (size_t)b.len);
	*out = (asy_ring_span){*at, b.len};
	*at += b.len;
	return true;
}

assay_status asy_ring_made_write(const assay_challenge *c, uint32_t n, uint8_t *dst, uint64_t cap,
								 uint64_t *used, assay_err *err)
{
	uint64_t at = (uint64_t)n * sizeof(asy_ring_challenge);
	if (at > cap)
		return ASSAY_FAIL(err, E_LIMIT, "%" PRIu32 " challenges do not fit", n);
	for (uint32_t i = 0; i < n; i++) {
		asy_ring_challenge row = {0};
		if (!pack(c[i].prompt, dst, cap, &at, &row.prompt) ||
			!pack(c[i].reference, dst, cap, &at, &row.reference) ||
			!pack(c[i].meta_json, dst, cap, &at, &row.meta))
			return ASSAY_FAIL(err, E_LIMIT,
							  "challenges of more than %" PRIu64 " bytes, or with a NULL span",
							  cap);
		memcpy(dst + i * sizeof row, &row, sizeof row);
	}
	*used = at;
	return ASSAY_OK;
}

static bool unpack(const asy_buf *b, asy_ring_span s, assay_span *out)
{
	if (s.off > b->len || s.len > b->len - s.off)
		return false;
	*out = asy_span(b->ptr + s.off, (size_t)s.len);
	return true;
}

assay_status asy_ring_made_read(asy_buf *copy, uint64_t n, asy_plugin_challenges *out,
								assay_err *err)
{
	if (n > ASY_RING_MADE_MAX || n * sizeof(asy_ring_challenge) > copy->len)
		return ASSAY_FAIL(err, E_FORMAT, "%" PRIu64 " challenges in %zu bytes", n, copy->len);
	asy_plugin_challenge *c = asy_calloc((size_t)n + 1, sizeof *c);
	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%" PRIu64 " challenges", n);
	for (uint64_t i = 0; i < n; i++) {
		asy_ring_challenge row;
		memcpy(&row, copy->ptr + i * sizeof row, sizeof row);
		if (!unpack(copy, row.prompt, &c[i].prompt) ||
			!unpack(copy, row.reference, &c[i].reference) ||
			!unpack(copy, row.meta, &c[i].meta_json)) {
			free(c);
			return ASSAY_FAIL(err, E_FORMAT, "challenge %" PRIu64 " points outside", i);
		}
	}
	*out = (asy_plugin_challenges){.challenge = c, .challenge_n = (size_t)n, .bytes = *copy};
	*copy = (asy_buf){0};
	return ASSAY_OK;
}

void asy_plugin_challenges_fini(asy_plugin_challenges *c)
{
	if (c == NULL)
		return;
	free(c->challenge);
	asy_buf_fini(&c->bytes);
	*c = (asy_plugin_challenges){0};
}
