/* What if: a prepared epoch that answers for one changed row, kappa or stakes, and
 * recomputes only what depends on the change. Equal to a full epoch bit for bit; where
 * the lane path does not apply, it is a full epoch.
 *
 *~ A changed row. In one column the other voters' scores and stakes are fixed, so the
 * median as a function of this voter's score x is min(max(x, lo), hi): hi is where the
 * others alone exceed the minority, lo where they do with this voter's stake added.
 * Both are medians of the others, found once per voter. Columns whose median stays
 * keep their clipped weights and their bonds, except this row's; but every dividend
 * depends on every column sum and on all incentives, so that sum is always redone. */
#include <stdlib.h>
#include "yuma/kern.h"

#define COLS ASY_YUMA_COLS

struct assay_yuma_prep {
	assay_yuma_input in;
	uint8_t *memory;  /* run, tiles and everything below */
	uint8_t *scratch; /* a full epoch's */
	size_t scratch_len;
	bool lanes; /* the tiles are there */
	asy_yuma_run r;
	asy_yuma_lanes l;
	/* the epoch as prepared */
	uint32_t *cons;      /* blocks * 16 */
	int64_t *rank;       /* blocks * 16 */
	uint64_t *trust;     /* blocks * rows */
	uint64_t *trust_sum; /* rows */
	uint8_t *single;     /* blocks */
	bool liquid;
	double *ema;                 /* blocks * stride, Yuma 3 */
	asy_yuma_findings *findings; /* blocks; ones = always redo */
	uint16_t *recent;
	size_t recent_n;
	/* the voter asked about last */
	size_t focus; /* row, SIZE_MAX = none */
	uint32_t *lo, *hi;
	/* one question */
	uint32_t *kept; /* blocks * 16: the row's codes as prepared */
	double *work;   /* rows * 16 */
	uint64_t *row_trust;
	uint16_t *uid, *value; /* the row without targets >= n */
	size_t *w_off;         /* weights with the row replaced */
	uint16_t *w_uid, *w_val;
};

/* ---- preparing ---- */

static void plan(assay_yuma_prep *p, asy_bump *b)
{
	const size_t n = p->in.n;
	asy_yuma_plan_frame(&p->r, b);
	p->w_off = ASY_BUMP_ARRAY(b, size_t, n + 1);
	p->w_uid = ASY_BUMP_ARRAY(b, uint16_t, p->r.sizes.weights + n);
	p->w_val = ASY_BUMP_ARRAY(b, uint16_t, p->r.sizes.weights + n);
	p->uid = ASY_BUMP_ARRAY(b, uint16_t, n);
	p->value = ASY_BUMP_ARRAY(b, uint16_t, n);
	if (!p->lanes)
		return;
	asy_yuma_plan_lanes(&p->r, &p->l, b);
	const size_t rows = p->r.sizes.lane_rows, blocks = (n + COLS - 1) / COLS;
	p->cons = ASY_BUMP_ARRAY(b, uint32_t, blocks * COLS);
	p->rank = ASY_BUMP_ARRAY(b, int64_t, blocks * COLS);
	p->trust = ASY_BUMP_ARRAY(b, uint64_t, blocks * rows);
	p->trust_sum = ASY_BUMP_ARRAY(b, uint64_t, rows);
	p->single = ASY_BUMP_ARRAY(b, uint8_t, blocks);
	p->recent = ASY_BUMP_ARRAY(b, uint16_t, n);
	p->lo = ASY_BUMP_ARRAY(b, uint32_t, blocks * COLS);
	p->hi = ASY_BUMP_ARRAY(b, uint32_t, blocks * COLS);
	p->kept = ASY_BUMP_ARRAY(b, uint32_t, blocks * COLS);
	p->work = ASY_BUMP_ARRAY(b, double, rows *COLS);
	p->row_trust = ASY_BUMP_ARRAY(b, uint64_t, rows * 4);
	if (p->in.yuma3) {
		p->ema = ASY_BUMP_ARRAY(b, double, blocks *(rows | 1) * COLS);
		p->findings = ASY_BUMP_ARRAY(b, asy_yuma_findings, blocks);
	}
}

static uint64_t sum4(const uint64_t *t)
{
	return t[0] + t[1] + t[2] + t[3];
}

/* Keeps what the sweeps found, block by block. */
static void keep_base(assay_yuma_prep *p)
{
	asy_yuma_lanes *l = &p->l;
	const asy_yuma_kern *kern = p->r.kern;
	memset(p->trust_sum, 0, l->rows * sizeof *p->trust_sum);
	memcpy(p->cons, l->cons, l->blocks_n * COLS * sizeof *p->cons);
	memcpy(p->single, l->single, l->blocks_n);
	p->liquid = p->r.liquid;
	for (size_t b = 0; b < l->blocks_n; b++) {
		memset(p->row_trust, 0, l->rows * 4 * sizeof *p->row_trust);
		asy_yuma_lanes_clip(l, kern, b, 0, l->rows, p->row_trust, p->rank + b * COLS);
		for (size_t k = 0; k < l->rows; k++) {
			p->trust[b * l->rows + k] = sum4(p->row_trust + k * 4);
			p->trust_sum[k] += p->trust[b * l->rows + k];
		}
		if (!p->in.yuma3)
			continue;
		asy_yuma_lane_block k;
		asy_yuma_findings *f = &p->findings[b];
		asy_yuma_lanes_block(&p->r, l, b, &k);
		k.block.work = p->ema + b * l->stride;
		if (k.one || !kern->ema(&k.block, f))
			*f = (asy_yuma_findings){.ones = true};
	}
}

static assay_status prepare(assay_yuma_prep *p, assay_err *err)
{
	p->scratch_len = assay_yuma_scratch_len(&p->in);
	p->scratch = malloc(p->scratch_len == 0 ? 1 : p->scratch_len);
	p->lanes = p->r.kern != NULL && asy_yuma_lanes_fit(&p->r);
	asy_bump b = {0};
	plan(p, &b);
	p->memory = b.overflow ? NULL : malloc(b.used + ASY_BUMP_ALIGN);
	if (p->scratch_len == 0 || p->scratch == NULL || p->memory == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a prepared epoch of %zu bytes", b.used);
	size_t skew = (ASY_BUMP_ALIGN - (uintptr_t)p->memory % ASY_BUMP_ALIGN) % ASY_BUMP_ALIGN;
	b = (asy_bump){.base = p->memory + skew};
	plan(p, &b);
	assay_status st = asy_yuma_check_rows(&p->in, p->r.w_kind, p->r.b_kind, err);
	if (st != ASSAY_OK)
		return st;
	asy_yuma_front(&p->r);
	p->lanes = p->lanes && asy_yuma_lanes_layout(&p->r, &p->l, p->r.kern);
	if (!p->lanes)
		return ASSAY_OK;
	uint64_t least = UINT64_MAX;
	for (size_t k = 0; k < p->l.rows; k++) {
		uint64_t from = asy_yuma_lanes_drop_from(&p->r, p->l.uid[k]);
		least = from < least ? from : least;
	}
	p->recent_n = asy_yuma_lanes_recent(&p->r, &p->l, least);
	memcpy(p->recent, p->l.recent, p->recent_n * sizeof *p->recent);
	asy_yuma_lanes_sweeps(&p->r, &p->l, p->r.kern);
	keep_base(p);
	return ASSAY_OK;
}

assay_status assay_yuma_prep_new(const assay_yuma_input *in, assay_yuma_prep **out, assay_err *err)
{
	assay_status st = asy_yuma_check_shape(in, err);
	if (st != ASSAY_OK)
		return st;
	assay_yuma_prep *p = asy_calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a prepared epoch");
	p->in = *in;
	p->r = asy_yuma_run_of(&p->in);
	p->focus = SIZE_MAX;
	st = prepare(p, err);
	if (st != ASSAY_OK) {
		assay_yuma_prep_free(p);
		return st;
	}
	*out = p;
	return ASSAY_OK;
}

void assay_yuma_prep_free(assay_yuma_prep *p)
{
	if (p == NULL)
		return;
	free(p->memory);
	free(p->scratch);
	free(p);
}

/* ---- a changed row ---- */

/* Exchanges the scores and stakes of two voters. */
static void swap_rows(asy_yuma_lanes *l, size_t a, size_t b)
{
	if (a == b)
		return;
	uint32_t s = l->stake[a];
	l->stake[a] = l->stake[b];
	l->stake[b] = s;
	for (size_t k = 0; k < l->blocks_n; k++) {
		uint32_t *x = l->w + k * l->stride + a * COLS, *y = l->w + k * l->stride + b * COLS,
				 t[COLS];
		memcpy(t, x, sizeof t);
		memcpy(x, y, sizeof t);
		memcpy(y, t, sizeof t);
	}
}

/* The median of the other voters' scores under a minority, per column. */
static void others_median(const assay_yuma_prep *p, int64_t minority, uint32_t *out)
{
	const asy_yuma_lanes *l = &p->l;
	for (size_t b = 0; b < l->blocks_n; b++)
		p->r.kern->median(l->w + b * l->stride, l->stake, l->voters, (uint32_t)l->absent,
						  (uint32_t)minority, l->work, out + b * COLS);
}

/* The extreme score of the other voters (and of those without a row). */
static void others_extreme(const assay_yuma_prep *p, bool largest, uint32_t *out)
{
	const asy_yuma_lanes *l = &p->l;
	for (size_t b = 0; b < l->blocks_n; b++) {
		for (size_t c = 0; c < COLS; c++) {
			uint32_t best = largest || l->absent_n != 0 ? 0 : UINT32_MAX;
			for (size_t k = 0; k < l->voters; k++) {
				uint32_t x = l->w[b * l->stride + k * COLS + c];
				best = (largest ? x > best : x < best) ? x : best;
			}
			out[b * COLS + c] = best;
		}
	}
}

/* The bounds between which row k's score decides the median. */
static void focus_on(assay_yuma_prep *p, size_t k)
{
	asy_yuma_lanes *l = &p->l;
	const size_t cells = l->blocks_n * COLS;
	const int64_t minority = (int64_t)l->stake_sum - p->r.kappa;
	p->focus = k;
	if (k >= l->voters) { /* no vote: the medians are the prepared ones */
		memcpy(p->lo, p->cons, cells * sizeof *p->lo);
		memcpy(p->hi, p->cons, cells * sizeof *p->hi);
		return;
	}
	const size_t last = l->voters - 1;
	const int64_t own = l->voters == 1 && l->absent_n == 0 ? FX_ONE : (int64_t)l->stake[k];
	const int64_t others = (int64_t)l->stake_sum - own;
	swap_rows(l, k, last);
	l->voters--;
	memset(p->lo, 0, cells * sizeof *p->lo);
	memset(p->hi, 0xff, cells * sizeof *p->hi);
	if (l->voters == 0 && l->absent_n == 0) {
		/* a lone voter: its own score decides */
	} else if (p->r.kappa == 0) {
		others_extreme(p, true, p->lo);
	} else if (minority < 0 || p->r.kappa == FX_ONE) {
		others_extreme(p, false, p->hi);
	} else {
		if (minority < others)
			others_median(p, minority, p->hi);
		if (minority >= own)
			others_median(p, minority - own, p->lo);
	}
	l->voters++;
	swap_rows(l, k, last);
}

/* Puts the row into the tiles, keeping the old codes; false when it reaches columns
 * that have no tile or breaks what liquid alpha needs. */
static bool place_row(assay_yuma_prep *p, size_t k, const asy_yuma_row *row)
{
	asy_yuma_lanes *l = &p->l;
	const unsigned kind = p->r.kern->row_kind(row->uid, row->len);
	unsigned zeros = 0, outside = 0;
	for (size_t e = 0; e < row->len; e++) {
		zeros |= row->value[e] == 0;
		outside |= !l->used[row->uid[e] / COLS];
	}
	const bool liquid = p->in.yuma3 && p->in.liquid_alpha;
	if (outside || (liquid && (zeros || kind == ASY_ROW_MIXED)))
		return false;
	for (size_t b = 0; b < l->blocks_n; b++)
		memcpy(p->kept + b * COLS, l->w + b * l->stride + k * COLS, COLS * sizeof *p->kept);
	asy_yuma_lanes_fill_row(&p->r, l, p->r.kern, k, row, kind, p->recent, p->recent_n);
	return true;
}

static void restore_row(assay_yuma_prep *p, size_t k)
{
	asy_yuma_lanes *l = &p->l;
	for (size_t b = 0; b < l->blocks_n; b++)
		memcpy(l->w + b * l->stride + k * COLS, p->kept + b * COLS, COLS * sizeof *p->kept);
	memcpy(l->single, p->single, l->blocks_n);
	memcpy(l->cons, p->cons, l->blocks_n * COLS * sizeof *l->cons);
}

/* New medians; whether any of the block moved. */
static bool move_median(assay_yuma_prep *p, size_t k, size_t b)
{
	const asy_yuma_lanes *l = &p->l;
	const uint32_t *x = l->w + b * l->stride + k * COLS;
	uint32_t *cons = l->cons + b * COLS, moved = 0;
	for (size_t c = 0; c < COLS; c++) {
		const uint32_t lo = p->lo[b * COLS + c], hi = p->hi[b * COLS + c];
		uint32_t v = x[c] > lo ? x[c] : lo;
		v = v < hi ? v : hi;
		moved |= v ^ p->cons[b * COLS + c];
		cons[c] = v;
	}
	return moved != 0;
}

/* Ranks of a block and what its rows' trust gains, in wrapping arithmetic. */
static void reclip(assay_yuma_prep *p, size_t k, size_t b, bool moved, int64_t rank[COLS])
{
	asy_yuma_lanes *l = &p->l;
	const asy_yuma_kern *kern = p->r.kern;
	const uint64_t *base = p->trust + b * l->rows;
	if (moved) {
		memset(p->row_trust, 0, l->rows * 4 * sizeof *p->row_trust);
		asy_yuma_lanes_clip(l, kern, b, 0, l->rows, p->row_trust, rank);
		for (size_t i = 0; i < l->rows; i++)
			l->vtrust[i] += sum4(p->row_trust + i * 4) - base[i];
		return;
	}
	/* only this row differs: its new products for its old ones */
	uint64_t now[4] = {0}, was[4] = {0};
	int64_t gained[COLS], lost[COLS];
	uint32_t row[COLS], *tile = l->w + b * l->stride + k * COLS;
	asy_yuma_lanes_clip(l, kern, b, k, 1, now, gained);
	memcpy(row, tile, sizeof row);
	memcpy(tile, p->kept + b * COLS, sizeof row);
	asy_yuma_lanes_clip(l, kern, b, k, 1, was, lost);
	memcpy(tile, row, sizeof row);
	l->vtrust[k] += sum4(now) - sum4(was);
	for (size_t c = 0; c < COLS; c++)
		rank[c] = p->rank[b * COLS + c] + gained[c] - lost[c];
}

/* The block's EMA with this row's new values; false when it must be redone whole. */
static bool patch_ema(assay_yuma_prep *p, const asy_yuma_lane_block *whole, size_t k, size_t b,
					  double row[COLS], asy_yuma_findings *f)
{
	const asy_yuma_findings *base = &p->findings[b];
	uint16_t out[COLS], present[1];
	asy_yuma_block one = whole->block;
	if (base->ones || whole->one)
		return false;
	one.w += k * COLS;
	one.b += k * COLS;
	one.active += k;
	one.rows = 1;
	one.work = row;
	one.out = out;
	one.present = present;
	if (!p->r.kern->ema(&one, f))
		return false;
	const double *was = p->ema + b * p->l.stride + k * COLS;
	for (size_t c = 0; c < COLS; c++) {
		/* at least two holders must be left, or none: one alone would hold a ONE */
		const double others = base->sum[c] - was[c];
		if (others == 0 ? row[c] != 0 : others <= base->max[c])
			return false;
		f->sum[c] = others + row[c];
		f->max[c] = 0;
	}
	return true;
}

static void rebond(assay_yuma_prep *p, size_t k, size_t b, bool moved)
{
	asy_yuma_lane_block whole;
	asy_yuma_lanes_block(&p->r, &p->l, b, &whole);
	whole.block.work = p->work;
	asy_yuma_findings f;
	double row[COLS], kept[COLS];
	if (!moved && p->in.yuma3 && patch_ema(p, &whole, k, b, row, &f)) {
		double *tile = p->ema + b * p->l.stride;
		whole.block.work = tile;
		memcpy(kept, tile + k * COLS, sizeof kept);
		memcpy(tile + k * COLS, row, sizeof row);
		bool done = p->r.kern->shares(&whole.block, &f);
		memcpy(tile + k * COLS, kept, sizeof kept);
		if (done)
			return;
		whole.block.work = p->work;
	}
	asy_yuma_lanes_bonds(&p->r, &whole, p->r.kern);
}

/* Whether anything behind the bonds is asked for; consensus, trust and incentive do
 * not depend on them. */
static bool wants_bonds(const assay_yuma_out *out)
{
	const assay_yuma_trace *t = out->trace;
	return out->dividends != NULL || out->emission != NULL || out->server_emission != NULL ||
		   out->validator_emission != NULL ||
		   (t != NULL && (t->dividends != NULL || t->total_bonds_per_validator != NULL ||
						  t->server_emission != NULL || t->validator_emission != NULL ||
						  t->combined_emission != NULL));
}

static bool row_by_lanes(assay_yuma_prep *p, size_t k, const asy_yuma_row *row, bool bonds)
{
	asy_yuma_run *r = &p->r;
	asy_yuma_lanes *l = &p->l;
	const size_t n = r->n;
	if (p->focus != k)
		focus_on(p, k);
	if (!place_row(p, k, row))
		return false;
	r->liquid = p->liquid;
	uint8_t *moved = r->w_kind; /* one flag per block; the kinds were for the layout */
	memset(r->consensus, 0, n * sizeof *r->consensus);
	memset(r->rank, 0, n * sizeof *r->rank);
	memset(r->vtrust, 0, n * sizeof *r->vtrust);
	memcpy(l->vtrust, p->trust_sum, l->rows * sizeof *l->vtrust);
	for (size_t b = 0; b < l->blocks_n; b++) {
		int64_t rank[COLS];
		moved[b] = move_median(p, k, b);
		reclip(p, k, b, moved[b], rank);
		for (size_t c = 0, j = (size_t)l->blocks[b] * COLS; c < COLS && j < n; c++, j++) {
			r->consensus[j] = asy_yuma_decode(l->cons[b * COLS + c]);
			r->rank[j] = rank[c];
		}
	}
	for (size_t i = 0; i < l->rows; i++)
		r->vtrust[l->uid[i]] = (int64_t)l->vtrust[i];
	memcpy(r->incentive, r->rank, n * sizeof *r->rank);
	asy_yuma_normalise_by(r->kern, r->incentive, n);
	bool same_alpha =
		p->liquid == (p->in.yuma3 && p->in.liquid_alpha && asy_yuma_any(r->chosen, n));
	if (same_alpha && bonds) {
		memset(l->share, 0, l->rows * 4 * sizeof *l->share);
		for (size_t b = 0; b < l->blocks_n; b++)
			rebond(p, k, b, moved[b]);
		asy_yuma_lanes_dividends(r, l);
		asy_yuma_emission(r);
	}
	restore_row(p, k);
	return same_alpha;
}

/* ---- the questions ---- */

/* Whether the answer can come from the tiles. */
static bool quick(const assay_yuma_prep *p, const assay_yuma_out *out)
{
	return p->lanes && !asy_yuma_wants_matrices(out->trace);
}

static assay_status full(assay_yuma_prep *p, const assay_yuma_input *in, const assay_yuma_out *out,
						 assay_err *err)
{
	/* a replaced row can make the input larger than the prepared one */
	size_t need = assay_yuma_scratch_len(in);
	if (need > p->scratch_len) {
		uint8_t *larger = realloc(p->scratch, need);
		if (larger == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "scratch of %zu bytes", need);
		p->scratch = larger;
		p->scratch_len = need;
	}
	return assay_yuma_epoch(in, (assay_mut){p->scratch, p->scratch_len}, out, err);
}

static assay_status full_row(assay_yuma_prep *p, uint16_t uid, const asy_yuma_row *row,
							 const assay_yuma_out *out, assay_err *err)
{
	assay_yuma_input in = p->in;
	size_t at = 0;
	for (size_t i = 0; i < in.n; i++) {
		asy_yuma_row from = i == uid ? *row : asy_yuma_row_at(&p->in.weights, i);
		p->w_off[i] = at;
		if (from.len != 0) {
			memcpy(p->w_uid + at, from.uid, from.len * sizeof *p->w_uid);
			memcpy(p->w_val + at, from.value, from.len * sizeof *p->w_val);
		}
		at += from.len;
	}
	p->w_off[in.n] = at;
	in.weights = (assay_yuma_rows){p->w_off, p->w_uid, p->w_val, in.n};
	return full(p, &in, out, err);
}

static size_t row_of(const asy_yuma_lanes *l, uint16_t uid)
{
	for (size_t k = 0; k < l->rows; k++)
		if (l->uid[k] == uid)
			return k;
	return SIZE_MAX;
}

assay_status assay_yuma_prep_row(assay_yuma_prep *p, uint16_t uid, const assay_yuma_row *given,
								 const assay_yuma_out *out, assay_err *err)
{
	if (uid >= p->in.n)
		return ASSAY_FAIL(err, E_RANGE, "uid %u, there are %zu", (unsigned)uid, p->in.n);
	if (given->len > UINT16_MAX + 1u ||
		(given->len > 0 && (given->uid == NULL || given->value == NULL)))
		return ASSAY_FAIL(err, E_INPUT, "the candidate row of uid %u is no row", (unsigned)uid);
	const asy_yuma_kern *kern = asy_yuma_kern_of(p->in.cpu_mask | ASY_YUMA_CPU_LANES);
	assay_status st = ASSAY_OK;
	if (given->len > 0 && kern->row_kind(given->uid, given->len) == ASY_ROW_MIXED)
		st = asy_yuma_check_row(given->uid, given->len, uid, "candidate", err);
	if (st == ASSAY_OK)
		st = asy_yuma_check_out(&p->r, out, err);
	if (st != ASSAY_OK)
		return st;
	asy_yuma_row row = {p->uid, p->value, 0}; /* targets >= n have no effect */
	for (size_t k = 0; k < given->len; k++) {
		if (given->uid[k] >= p->in.n)
			continue;
		p->uid[row.len] = given->uid[k];
		p->value[row.len++] = given->value[k];
	}
	/* The voters must stay the same: a row that was empty, or becomes empty, moves its
	 * stake. */
	const size_t k = quick(p, out) ? row_of(&p->l, uid) : SIZE_MAX;
	const bool had = asy_yuma_row_open(&p->r, uid) && asy_yuma_row_at(&p->in.weights, uid).len != 0;
	if (k == SIZE_MAX || !had || row.len == 0 || out->bonds.offset != NULL ||
		!row_by_lanes(p, k, &row, wants_bonds(out)))
		return full_row(p, uid, &row, out, err);
	asy_yuma_write(&p->r, out);
	return ASSAY_OK;
}

assay_status assay_yuma_prep_rows(assay_yuma_prep *p, uint16_t uid, const assay_yuma_row *rows,
								  size_t rows_n, const assay_yuma_out *out, assay_err *err)
{
	for (size_t k = 0; k < rows_n; k++) {
		assay_status st = assay_yuma_prep_row(p, uid, &rows[k], &out[k], err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "candidate %zu", k);
	}
	return ASSAY_OK;
}

/* From consensus on over the prepared tiles, then back to how they were. */
static void resweep(assay_yuma_prep *p, const assay_yuma_out *out)
{
	asy_yuma_lanes *l = &p->l;
	asy_yuma_lanes_sweeps(&p->r, l, p->r.kern);
	if (out->bonds.offset != NULL)
		asy_yuma_lanes_write(&p->r, l, &out->bonds);
	asy_yuma_emission(&p->r);
	asy_yuma_write(&p->r, out);
	memcpy(l->cons, p->cons, l->blocks_n * COLS * sizeof *l->cons);
}

assay_status assay_yuma_prep_kappa(assay_yuma_prep *p, uint16_t kappa, const assay_yuma_out *out,
								   assay_err *err)
{
	assay_status st = asy_yuma_check_out(&p->r, out, err);
	if (st != ASSAY_OK)
		return st;
	if (!quick(p, out)) {
		assay_yuma_input in = p->in;
		in.kappa = kappa;
		return full(p, &in, out, err);
	}
	const int64_t base = p->r.kappa;
	p->r.kappa = fx_from_u16p(kappa);
	resweep(p, out);
	p->r.kappa = base;
	return ASSAY_OK;
}

static void restake(assay_yuma_prep *p)
{
	asy_yuma_stake(&p->r);
	asy_yuma_permits(&p->r);
	asy_yuma_active_stake(&p->r);
}

assay_status assay_yuma_prep_stakes(assay_yuma_prep *p, const uint64_t *alpha_stake,
									const uint64_t *tao_stake, const assay_yuma_out *out,
									assay_err *err)
{
	assay_status st = asy_yuma_check_out(&p->r, out, err);
	if (st != ASSAY_OK)
		return st;
	if (p->in.n > 0 && (alpha_stake == NULL || tao_stake == NULL))
		return ASSAY_FAIL(err, E_INPUT, "stakes: missing, %zu entries expected", p->in.n);
	assay_yuma_input in = p->in;
	in.alpha_stake = alpha_stake;
	in.tao_stake = tao_stake;
	bool done = false;
	if (quick(p, out)) {
		p->r.in = &in;
		restake(p);
		done = asy_yuma_lanes_stakes(&p->r, &p->l);
		if (done)
			resweep(p, out);
		p->r.in = &p->in;
		restake(p);
		(void)asy_yuma_lanes_stakes(&p->r, &p->l);
	}
	return done ? ASSAY_OK : full(p, &in, out, err);
}
