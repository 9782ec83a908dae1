/* The tracker as bytes: magic, version, a fixed record per member, BLAKE2b-256 over all
 * of it. Little-endian on every machine. It refuses what is cut, damaged, newer, or not
 * something that encode could have written. */
#include <math.h>
#include <stdlib.h>
#include "crypto/crypto.h"
#include "weights/impl.h"

#define MAGIC "ASYTRACK"
#define VERSION 1u
#define HEAD 40u
#define RECORD 94u
#define DIGEST 32u

static void put_f64(uint8_t *p, double v)
{
	uint64_t bits;
	memcpy(&bits, &v, sizeof bits);
	asy_put_u64le(p, bits);
}

static double get_f64(const uint8_t *p)
{
	uint64_t bits = asy_get_u64le(p);
	double v;
	memcpy(&v, &bits, sizeof v);
	return v;
}

size_t assay_tracker_encoded_len(const assay_tracker *t)
{
	return HEAD + RECORD * t->members_n + DIGEST;
}

static void put_member(uint8_t *p, const member *m)
{
	asy_put_u16le(p, m->uid);
	memcpy(p + 2, m->hotkey, 32);
	asy_put_u64le(p + 34, m->registered_block);
	put_f64(p + 42, m->score);
	put_f64(p + 50, m->mass);
	asy_put_u64le(p + 58, m->last_ns);
	asy_put_u64le(p + 66, m->observed_n);
	asy_put_u64le(p + 74, m->failed_n);
	asy_put_u64le(p + 82, m->missing_n);
	asy_put_u32le(p + 90, m->fail_streak);
}

static void get_member(const uint8_t *p, member *m)
{
	m->uid = asy_get_u16le(p);
	memcpy(m->hotkey, p + 2, 32);
	m->registered_block = asy_get_u64le(p + 34);
	m->score = get_f64(p + 42);
	m->mass = get_f64(p + 50);
	m->last_ns = asy_get_u64le(p + 58);
	m->observed_n = asy_get_u64le(p + 66);
	m->failed_n = asy_get_u64le(p + 74);
	m->missing_n = asy_get_u64le(p + 82);
	m->fail_streak = asy_get_u32le(p + 90);
}

assay_status assay_tracker_encode(const assay_tracker *t, assay_mut dst, size_t *len,
								  assay_err *err)
{
	size_t need = assay_tracker_encoded_len(t);
	if (dst.len < need)
		return ASSAY_FAIL(err, E_LIMIT, "the tracker needs %zu bytes, given %zu", need, dst.len);
	uint8_t *p = dst.ptr;
	memcpy(p, MAGIC, 8);
	asy_put_u32le(p + 8, VERSION);
	asy_put_u32le(p + 12, (uint32_t)t->members_n);
	asy_put_u64le(p + 16, t->folds);
	asy_put_u64le(p + 24, t->last_fold_ns);
	put_f64(p + 32, t->mass);
	p += HEAD;
	for (size_t i = 0; i < t->members_n; i++, p += RECORD)
		put_member(p, &t->members[i]);
	asy_blake2b(dst.ptr, need - DIGEST, p, DIGEST);
	*len = need;
	return ASSAY_OK;
}

static assay_status check_head(assay_span b, size_t *count, assay_err *err)
{
	uint8_t digest[DIGEST];
	if (b.len < HEAD + DIGEST || memcmp(b.ptr, MAGIC, 8) != 0)
		return ASSAY_FAIL(err, E_FORMAT, "not a tracker state: %zu bytes, wrong first bytes",
						  b.len);
	uint32_t version = asy_get_u32le(b.ptr + 8), n = asy_get_u32le(b.ptr + 12);
	if (version != VERSION)
		return ASSAY_FAIL(err, E_UNSUPPORTED,
						  "the tracker state has version %" PRIu32 ", this program reads %u",
						  version, VERSION);
	if (n > ASSAY_TRACK_MAX)
		return ASSAY_FAIL(err, E_FORMAT, "the tracker state claims %" PRIu32 " members", n);
	if (b.len != HEAD + (size_t)RECORD * n + DIGEST)
		return ASSAY_FAIL(err, E_FORMAT,
						  "the tracker state is %zu bytes, %" PRIu32 " members take %zu", b.len, n,
						  HEAD + (size_t)RECORD * n + DIGEST);
	asy_blake2b(b.ptr, b.len - DIGEST, digest, sizeof digest);
	if (memcmp(digest, b.ptr + b.len - DIGEST, DIGEST) != 0)
		return ASSAY_FAIL(err, E_FORMAT, "the tracker state is damaged: wrong checksum");
	*count = n;
	return ASSAY_OK;
}

/* A right checksum over wrong values is still refused: anyone can compute one. */
static assay_status check_values(const assay_tracker *t, assay_err *err)
{
	if (!isfinite(t->mass) || t->mass < 0)
		return ASSAY_FAIL(err, E_FORMAT, "the tracker state has mass %g", t->mass);
	for (size_t i = 0; i < t->members_n; i++) {
		const member *m = &t->members[i];
		if (!isfinite(m->score) || !isfinite(m->mass) || m->mass < 0)
			return ASSAY_FAIL(err, E_FORMAT, "the tracker state has score %g, mass %g for uid %u",
							  m->score, m->mass, m->uid);
	}
	assay_status st = asy_tracker_check_distinct(t->members, t->members_n, err);
	return st == ASSAY_E_INPUT ? assay_err_at(err, ASSAY_E_FORMAT, "the tracker state") : st;
}

assay_status assay_tracker_decode(const assay_tracker_options *options, assay_span bytes,
								  assay_tracker **out, assay_err *err)
{
	assay_tracker *t = NULL;
	size_t n = 0;
	assay_status st = check_head(bytes, &n, err);
	if (st == ASSAY_OK)
		st = assay_tracker_new(options, &t, err);
	if (st != ASSAY_OK)
		return st;
	t->folds = asy_get_u64le(bytes.ptr + 16);
	t->last_fold_ns = asy_get_u64le(bytes.ptr + 24);
	t->mass = get_f64(bytes.ptr + 32);
	t->members = asy_calloc(n, sizeof *t->members);
	if (t->members == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "tracker of %zu members: out of memory", n);
	} else {
		t->members_n = n;
		for (size_t i = 0; i < n; i++)
			get_member(bytes.ptr + HEAD + RECORD * i, &t->members[i]);
		st = check_values(t, err);
	}
	if (st != ASSAY_OK) {
		assay_tracker_free(t);
		return st;
	}
	*out = t;
	return ASSAY_OK;
}

assay_status assay_tracker_digest(const assay_tracker *t, uint8_t out[32], assay_err *err)
{
	size_t len = assay_tracker_encoded_len(t);
	uint8_t *bytes = asy_calloc(len, 1);
	if (bytes == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "tracker digest: out of memory");
	assay_status st = assay_tracker_encode(t, (assay_mut){bytes, len}, &len, err);
	if (st == ASSAY_OK)
		asy_blake2b(bytes, len, out, 32);
	free(bytes);
	return st;
}
