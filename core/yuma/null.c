/* Null consensus: an epoch that pays by the mean of the validators' normalised
 * scores. No median, no bonds, no dividends; stake decides who may score and nothing
 * else.
 * mirrors: subtensor null-consensus module (spec section 16; in the chain's tree, not
 * confirmed live) */
#include "yuma/kern.h"

#define CHUNK 4096u /* columns; a multiple of every lane count */

/* A row that counts. PLAIN: ascending, and every entry but its own counts. */
typedef struct {
	size_t uid, at;
	uint64_t sum;
	enum { PLAIN, MIXED } kind;
} voter;

typedef struct {
	const assay_yuma_null_input *in;
	asy_i128 *total;
	voter voters[ASSAY_YUMA_NULL_VALIDATORS_MAX + 1]; /* and the owner */
	uint8_t *permit, *counted;
	uint32_t *row;     /* CHUNK: part of a dense row, zero between uses */
	uint64_t *lo, *hi; /* n, padded: sums of the halves of the shares */
	size_t padded;
} null_run;

static void plan(null_run *r, asy_bump *b)
{
	const size_t n = r->in->n;
	r->padded = (n + CHUNK - 1) / CHUNK * CHUNK;
	r->total = ASY_BUMP_ARRAY(b, asy_i128, n);
	r->permit = ASY_BUMP_ARRAY(b, uint8_t, n);
	r->counted = ASY_BUMP_ARRAY(b, uint8_t, n);
	r->row = ASY_BUMP_ARRAY(b, uint32_t, CHUNK);
	r->lo = ASY_BUMP_ARRAY(b, uint64_t, r->padded);
	r->hi = ASY_BUMP_ARRAY(b, uint64_t, r->padded);
}

size_t assay_yuma_null_scratch_len(const assay_yuma_null_input *in)
{
	null_run r = {.in = in};
	asy_bump b = {0};
	if (in->n > ASSAY_YUMA_NULL_UIDS_MAX)
		return 0;
	plan(&r, &b);
	return b.overflow ? 0 : b.used + ASY_BUMP_ALIGN;
}

/* ---- permits ---- */

static bool is_owner(const null_run *r, size_t i)
{
	return r->in->owner_uid >= 0 && (size_t)r->in->owner_uid == i;
}

/* The validators with the most stake; among equals the lower uid wins, unlike under
 * Yuma. At most 64, so insertion into a short list beats sorting everybody. */
static void permits(null_run *r)
{
	const assay_yuma_null_input *in = r->in;
	uint16_t top[ASSAY_YUMA_NULL_VALIDATORS_MAX];
	size_t n = 0, max = in->max_allowed_validators;
	max = max < ASSAY_YUMA_NULL_VALIDATORS_MAX ? max : ASSAY_YUMA_NULL_VALIDATORS_MAX;
	const asy_i128 weight = fx64_weight(in->tao_weight);
	for (size_t i = 0; i < in->n; i++) {
		asy_i128 tao =
			in->tao_stake[i] == 0 ? 0 : fx64_mul(fx64_from_u64(in->tao_stake[i]), weight);
		asy_i128 t = r->total[i] = fx64_add(fx64_from_u64(in->alpha_stake[i]), tao);
		r->permit[i] = 0;
		if (t <= 0 || t < fx64_from_u64(in->stake_threshold) || max == 0)
			continue;
		if (n == max && r->total[top[n - 1]] >= t)
			continue;
		size_t at = n < max ? n++ : n - 1;
		for (; at > 0 && r->total[top[at - 1]] < t; at--)
			top[at] = top[at - 1];
		top[at] = (uint16_t)i;
	}
	for (size_t k = 0; k < n; k++)
		r->permit[top[k]] = 1;
	if (in->owner_uid >= 0 && (size_t)in->owner_uid < in->n)
		r->permit[in->owner_uid] = 1;
}

/* ---- rows ---- */

static bool row_counts(const null_run *r, size_t i)
{
	const assay_yuma_null_input *in = r->in;
	uint64_t cutoff = asy_yuma_activity_cutoff(in->activity_cutoff_factor_milli, in->tempo);
	bool held = i < in->validator_permit_n && in->validator_permit[i] != 0;
	uint64_t last = in->last_update[i];
	return (held || is_owner(r, i)) && r->permit[i] && last > in->reset_block &&
		   asy_sat_add_u64(last, cutoff) >= in->current_block &&
		   last > in->block_at_registration[i];
}

/*~ Columns are taken in chunks whose sums stay in cache while all rows pass over them;
 * a row in ascending order is read once, chunk by chunk, with a cursor. Other rows and
 * rows with targets to be dropped are laid out entry by entry. */
static bool entry_counts(const null_run *r, size_t i, size_t d)
{
	const assay_yuma_null_input *in = r->in;
	return d < in->n && in->last_update[i] > in->block_at_registration[d] &&
		   (d != i || is_owner(r, i));
}

/* First entry of an ascending row whose target is >= uid. */
static size_t lower_bound(const uint16_t *uid, size_t from, size_t to, size_t target)
{
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (uid[mid] < target)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* Sum of the entries that count; at most 2^15 of 32 bits. */
static uint64_t row_total(const null_run *r, size_t i, unsigned kind)
{
	const assay_yuma_null_rows *s = &r->in->scores;
	const size_t from = s->offset[i], to = s->offset[i + 1];
	uint64_t sum = 0;
	if (kind != MIXED) {
		for (size_t k = from; k < to; k++)
			sum += s->value[k];
		size_t own = lower_bound(s->uid, from, to, i);
		if (own < to && s->uid[own] == i && !is_owner(r, i))
			sum -= s->value[own];
		return sum;
	}
	for (size_t k = from; k < to; k++)
		sum += entry_counts(r, i, s->uid[k]) ? s->value[k] : 0;
	return sum;
}

/* Copies ascending entries to their places, gaps left alone. */
static void place(uint32_t *row, const uint16_t *uid, const uint32_t *value, size_t n, size_t base)
{
	if (n == 0)
		return;
	if ((size_t)(uid[n - 1] - uid[0]) == n - 1) {
		memcpy(row + (uid[0] - base), value, n * sizeof *value);
	} else if (n <= 8) {
		for (size_t k = 0; k < n; k++)
			row[uid[k] - base] = value[k];
	} else {
		place(row, uid, value, n / 2, base);
		place(row, uid + n / 2, value + n / 2, n - n / 2, base);
	}
}

/* One row's part of the columns base .. base + len. */
static void add_chunk(null_run *r, voter *v, size_t base, size_t len, const asy_yuma_kern *kern)
{
	const assay_yuma_null_rows *s = &r->in->scores;
	const size_t begin = s->offset[v->uid], end = s->offset[v->uid + 1];
	if (v->kind != MIXED) {
		const size_t stop = lower_bound(s->uid, v->at, end, base + len);
		if (stop == v->at)
			return;
		place(r->row, s->uid + v->at, s->value + v->at, stop - v->at, base);
		v->at = stop;
		if (v->uid - base < len && !is_owner(r, v->uid))
			r->row[v->uid - base] = 0;
	} else {
		for (size_t k = begin; k < end; k++)
			if (s->uid[k] - base < len && entry_counts(r, v->uid, s->uid[k]))
				r->row[s->uid[k] - base] = s->value[k];
	}
	kern->null_row(r->row, CHUNK, v->sum, r->lo + base, r->hi + base);
	memset(r->row, 0, CHUNK * sizeof *r->row);
}

static void add_rows(null_run *r, const asy_yuma_kern *kern)
{
	const assay_yuma_null_input *in = r->in;
	uint64_t latest = 0;
	size_t voters = 0;
	for (size_t d = 0; d < in->n; d++)
		latest = in->block_at_registration[d] > latest ? in->block_at_registration[d] : latest;
	for (size_t i = 0; i < in->n; i++) {
		r->counted[i] = i < in->scores.rows_n && row_counts(r, i);
		if (!r->counted[i])
			continue;
		const size_t from = in->scores.offset[i], len = in->scores.offset[i + 1] - from;
		if (len == 0)
			continue;
		const uint16_t *uid = in->scores.uid + from;
		bool plain = in->last_update[i] > latest && uid[len - 1] < in->n &&
					 kern->row_kind(uid, len) != ASY_ROW_MIXED;
		voter v = {.uid = i, .at = from, .kind = plain ? PLAIN : MIXED};
		v.sum = row_total(r, i, v.kind);
		if (v.sum != 0)
			r->voters[voters++] = v;
	}
	for (size_t base = 0; base < in->n; base += CHUNK)
		for (size_t k = 0; k < voters; k++)
			add_chunk(r, &r->voters[k], base, CHUNK, kern);
}

/* ---- results ---- */

static double to_double(asy_u128 x)
{
	return (double)(uint64_t)(x >> 64) * 18446744073709551616.0 + (double)(uint64_t)x;
}

/* floor(x * unit / total) for x <= total, total not 0. */
static uint64_t scale(asy_u128 x, uint64_t unit, asy_u128 total)
{
	/* The estimate is good to 2^-50 of at most 2^64, so the remainder, exact modulo
	 * 2^128, lies within 2^16 times total < 2^72 (65 rows of 2^64). What the estimate
	 * misses is then estimated the same way, now to far less than one. */
	const double of_total = 1 / to_double(total);
	const double guess = to_double(x) * (double)unit * of_total;
	uint64_t q = guess < 18446744073709551616.0 ? (uint64_t)guess : UINT64_MAX;
	asy_i128 r = (asy_i128)(x * unit - (asy_u128)q * total);
	if (r < -(asy_i128)total || r >= 2 * (asy_i128)total) {
		const int64_t missing = (int64_t)((double)r * of_total);
		q += (uint64_t)missing;
		r -= (asy_i128)total * missing;
	}
	if (r < 0)
		return q - 1;
	return (asy_u128)r >= total ? q + 1 : q;
}

static void write(const null_run *r, const assay_yuma_null_out *out)
{
	const size_t n = r->in->n;
	asy_u128 total = 0;
	for (size_t d = 0; d < n; d++)
		total += ((asy_u128)r->hi[d] << 32) + r->lo[d];
	for (size_t d = 0; d < n; d++) {
		asy_u128 x = ((asy_u128)r->hi[d] << 32) + r->lo[d];
		if (out->emission != NULL)
			out->emission[d] = x == 0 ? 0 : scale(x, r->in->budget, total);
		if (out->incentive != NULL)
			out->incentive[d] = x == 0 ? 0 : (uint32_t)scale(x, UINT32_MAX, total);
		if (out->incentive_u16 != NULL)
			out->incentive_u16[d] = x == 0 ? 0 : (uint16_t)scale(x, UINT16_MAX, total);
		if (out->score != NULL) {
			out->score[2 * d] = (uint64_t)x;
			out->score[2 * d + 1] = (uint64_t)(x >> 64);
		}
	}
	if (out->validator_permit != NULL && n > 0)
		memcpy(out->validator_permit, r->permit, n);
	if (out->counted != NULL && n > 0)
		memcpy(out->counted, r->counted, n);
}

/* ---- the epoch ---- */

static assay_status check(const assay_yuma_null_input *in, const asy_yuma_kern *kern,
						  assay_err *err)
{
	const assay_yuma_null_rows *rows = &in->scores;
	if (in->n > ASSAY_YUMA_NULL_UIDS_MAX)
		return ASSAY_FAIL(err, E_RANGE, "n is %zu, at most %u under null consensus", in->n,
						  ASSAY_YUMA_NULL_UIDS_MAX);
	if (in->owner_uid < -1 || in->owner_uid > (int32_t)UINT16_MAX)
		return ASSAY_FAIL(err, E_RANGE, "owner_uid is %" PRId32 ", not a uid (or -1 for none)",
						  in->owner_uid);
	if (in->n > 0 && (in->last_update == NULL || in->block_at_registration == NULL ||
					  in->alpha_stake == NULL || in->tao_stake == NULL))
		return ASSAY_FAIL(err, E_INPUT, "a vector of %zu entries is missing", in->n);
	if (in->validator_permit_n > 0 && in->validator_permit == NULL)
		return ASSAY_FAIL(err, E_INPUT, "validator_permit: missing");
	if (rows->rows_n == 0)
		return ASSAY_OK;
	if (rows->offset == NULL || rows->offset[0] != 0)
		return ASSAY_FAIL(err, E_INPUT, "scores: row offsets must be given and begin at 0");
	for (size_t i = 0; i < rows->rows_n; i++) {
		size_t from = rows->offset[i], len = rows->offset[i + 1] - from;
		if (rows->offset[i + 1] < from || len > UINT16_MAX + 1u)
			return ASSAY_FAIL(err, E_INPUT, "scores row %zu: offsets %zu to %zu are no row", i,
							  from, rows->offset[i + 1]);
		if (len > 0 && (rows->uid == NULL || rows->value == NULL))
			return ASSAY_FAIL(err, E_INPUT, "scores: entries are missing");
		if (i >= in->n || len == 0 || kern->row_kind(rows->uid + from, len) != ASY_ROW_MIXED)
			continue;
		assay_status st = asy_yuma_check_row(rows->uid + from, len, i, "scores", err);
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

assay_status assay_yuma_null_epoch(const assay_yuma_null_input *in, assay_mut scratch,
								   const assay_yuma_null_out *out, assay_err *err)
{
	const asy_yuma_kern *kern = asy_yuma_kern_of(in->cpu_mask | ASY_YUMA_CPU_LANES);
	assay_status st = check(in, kern, err);
	if (st != ASSAY_OK)
		return st;
	const size_t need = assay_yuma_null_scratch_len(in);
	if (need == 0 || scratch.ptr == NULL || scratch.len < need)
		return ASSAY_FAIL(err, E_LIMIT, "scratch of %zu bytes, %zu needed", scratch.len, need);
	null_run r = {.in = in};
	size_t skew = (ASY_BUMP_ALIGN - (uintptr_t)scratch.ptr % ASY_BUMP_ALIGN) % ASY_BUMP_ALIGN;
	asy_bump b = {.base = scratch.ptr + skew};
	plan(&r, &b);
	memset(r.row, 0, CHUNK * sizeof *r.row);
	memset(r.lo, 0, r.padded * sizeof *r.lo);
	memset(r.hi, 0, r.padded * sizeof *r.hi);
	permits(&r);
	add_rows(&r, kern);
	write(&r, out);
	return ASSAY_OK;
}
