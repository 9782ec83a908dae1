/* The lane path: the same epoch with validators' rows laid out in blocks of 16
 * columns, so that vector units work on many columns at once. It reports vectors and
 * stored bonds, never a matrix, and takes only inputs whose values it can hold
 * exactly; everything else goes the sparse path. The kernels are behind kern.h.
 *
 *~ Layout. A tile is rows * 16 entries of one block of columns, contiguous, so that
 * the median of a block and its bonds run in the first cache level. The stride
 * between tiles is an odd number of rows: a power of two would map the same row of
 * every tile to the same cache set. Rows of voters come first. */
#include "yuma/kern.h"

#define COLS ASY_YUMA_COLS

static size_t row_len(const assay_yuma_rows *rows, size_t i)
{
	return asy_yuma_row_at(rows, i).len;
}

bool asy_yuma_lanes_fit(const asy_yuma_run *r)
{
	const assay_yuma_input *in = r->in;
	int64_t alpha = fx_ema_alpha(in->bonds_moving_average);
	/* row sums stay below 2^31, the EMA factors within [0, 1] */
	if (in->n == 0 || in->n > 32767 || alpha < 0 || alpha > FX_ONE)
		return false;
	/* a dense layout pays from about an eighth of the places filled */
	return r->sizes.lane_rows > 0 && r->sizes.entries >= r->sizes.lane_rows * in->n / 8;
}

static size_t blocks_of(size_t n)
{
	return (n + COLS - 1) / COLS;
}

void asy_yuma_plan_lanes(const asy_yuma_run *r, asy_yuma_lanes *l, asy_bump *b)
{
	const size_t rows = r->sizes.lane_rows, blocks = blocks_of(r->n);
	l->n = r->n;
	l->stride = (rows | 1) * COLS;
	l->blocks = ASY_BUMP_ARRAY(b, uint16_t, blocks);
	l->used = ASY_BUMP_ARRAY(b, uint8_t, blocks);
	l->single = ASY_BUMP_ARRAY(b, uint8_t, blocks);
	l->uid = ASY_BUMP_ARRAY(b, uint16_t, rows);
	l->active = ASY_BUMP_ARRAY(b, int64_t, rows);
	l->stake = ASY_BUMP_ARRAY(b, uint32_t, rows);
	l->row = ASY_BUMP_ARRAY(b, uint16_t, blocks * COLS);
	l->recent = ASY_BUMP_ARRAY(b, uint16_t, r->n);
	l->cons = ASY_BUMP_ARRAY(b, uint32_t, blocks * COLS);
	l->vtrust = ASY_BUMP_ARRAY(b, uint64_t, rows * 4);
	l->share = ASY_BUMP_ARRAY(b, uint64_t, rows * 4);
	l->work = ASY_BUMP_ARRAY(b, uint32_t, (rows + 1) * COLS);
	l->e = ASY_BUMP_ARRAY(b, double, rows *COLS);
	l->w = ASY_BUMP_ARRAY(b, uint32_t, blocks * l->stride);
	l->b = ASY_BUMP_ARRAY(b, uint16_t, blocks * l->stride);
	l->out = ASY_BUMP_ARRAY(b, uint16_t, blocks * l->stride);
	l->present = ASY_BUMP_ARRAY(b, uint16_t, blocks * rows);
}

/* ---- rows and blocks in use ---- */

static bool has_weights(const asy_yuma_run *r, size_t i)
{
	return asy_yuma_row_open(r, i) && row_len(&r->in->weights, i) != 0;
}

/* Shares of stake are parts of ONE unless the stakes overflowed the chain's sums. */
static bool stakes_fit(const asy_yuma_run *r)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < r->n; i++) {
		if (r->active_stake[i] < 0 || r->active_stake[i] > FX_ONE)
			return false;
		sum += (uint64_t)r->active_stake[i];
	}
	return sum <= (uint64_t)FX_ONE;
}

/* Stakes of the voters, normalised among themselves. The stake of voters without
 * weights counts for the score 0 in every column. False when the stakes do not fit
 * or the rows that vote are not the first l->voters ones. */
bool asy_yuma_lanes_stakes(asy_yuma_run *r, asy_yuma_lanes *l)
{
	int64_t *s = r->acc;
	size_t voters = 0, laid = 0;
	if (!stakes_fit(r))
		return false;
	memcpy(s, r->active_stake, r->n * sizeof *s);
	asy_yuma_normalise_by(r->kern, s, r->n);
	l->stake_sum = l->absent = 0;
	for (size_t i = 0; i < r->n; i++) {
		voters += s[i] > 0;
		l->stake_sum += (uint64_t)s[i];
	}
	l->absent = l->stake_sum;
	l->one_holder = false;
	for (size_t k = 0; k < l->rows; k++) {
		const size_t i = l->uid[k];
		l->active[k] = r->active_stake[i];
		l->one_holder = l->one_holder || l->active[k] >= FX_ONE;
		if (s[i] <= 0 || !has_weights(r, i))
			continue;
		laid += k < l->voters;
		l->absent -= (uint64_t)s[i];
		l->stake[k] = (uint32_t)s[i]; /* ONE only for a lone voter: unused */
		voters--;
	}
	l->absent_n = voters;
	bool ordered = laid == l->voters;
	for (size_t k = l->voters; k < l->rows; k++)
		ordered = ordered && (s[l->uid[k]] <= 0 || !has_weights(r, l->uid[k]));
	memset(s, 0, r->n * sizeof *s);
	return ordered;
}

/* Voters with weights, then everybody else with weights or bonds. */
static void choose_rows(asy_yuma_run *r, asy_yuma_lanes *l)
{
	l->rows = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->active_stake[i] > 0 && has_weights(r, i))
			l->uid[l->rows++] = (uint16_t)i;
	l->voters = l->rows;
	for (size_t i = 0; i < r->n; i++) {
		bool weights = has_weights(r, i);
		if (!(r->active_stake[i] > 0 && weights) && (weights || row_len(&r->in->bonds, i) != 0))
			l->uid[l->rows++] = (uint16_t)i;
	}
	(void)asy_yuma_lanes_stakes(r, l);
}

static void mark(asy_yuma_lanes *l, const asy_yuma_row *row, unsigned kind)
{
	if (row->len == 0)
		return;
	if (kind == ASY_ROW_RUN) {
		size_t end = (size_t)row->uid[row->len - 1] + 1;
		end = end < l->n ? end : l->n;
		for (size_t j = row->uid[0]; j < end; j = (j / COLS + 1) * COLS)
			l->used[j / COLS] = 1;
		return;
	}
	for (size_t k = 0; k < row->len; k++)
		if (row->uid[k] < l->n)
			l->used[row->uid[k] / COLS] = 1;
}

static void choose_blocks(const asy_yuma_run *r, asy_yuma_lanes *l)
{
	const size_t blocks = blocks_of(l->n);
	memset(l->used, 0, blocks);
	for (size_t k = 0; k < l->rows; k++) {
		const size_t i = l->uid[k];
		asy_yuma_row w = asy_yuma_row_at(&r->in->weights, i);
		asy_yuma_row b = asy_yuma_row_at(&r->in->bonds, i);
		if (asy_yuma_row_open(r, i))
			mark(l, &w, r->w_kind[i]);
		mark(l, &b, r->b_kind[i]);
	}
	l->blocks_n = 0;
	for (size_t b = 0; b < blocks; b++)
		if (l->used[b])
			l->blocks[l->blocks_n++] = (uint16_t)b;
	memset(l->single, 0, blocks);
}

/* Liquid alpha looks at the order of entries and at explicit zeros: only rows where
 * neither matters can be laid out. */
static bool liquid_fits(const asy_yuma_run *r, const asy_yuma_lanes *l)
{
	for (size_t k = 0; k < l->rows; k++) {
		const size_t i = l->uid[k];
		asy_yuma_row w = asy_yuma_row_at(&r->in->weights, i);
		if (r->w_kind[i] == ASY_ROW_MIXED || r->b_kind[i] == ASY_ROW_MIXED)
			return false;
		unsigned zeros = 0;
		for (size_t e = 0; e < w.len; e++)
			zeros |= w.value[e] == 0;
		if (zeros)
			return false;
	}
	return true;
}

/* ---- filling the tiles ---- */

static void spread(asy_yuma_lanes *l, const asy_yuma_row *row, unsigned kind)
{
	if (row->len != 0 && kind == ASY_ROW_RUN && row->uid[row->len - 1] < l->n) {
		memcpy(l->row + row->uid[0], row->value, row->len * sizeof *row->value);
		return;
	}
	for (size_t k = 0; k < row->len; k++)
		if (row->uid[k] < l->n)
			l->row[row->uid[k]] = row->value[k];
}

static void unspread(asy_yuma_lanes *l, const asy_yuma_row *row, unsigned kind)
{
	if (row->len != 0 && kind == ASY_ROW_RUN && row->uid[row->len - 1] < l->n) {
		memset(l->row + row->uid[0], 0, row->len * sizeof *row->value);
		return;
	}
	for (size_t k = 0; k < row->len; k++)
		if (row->uid[k] < l->n)
			l->row[row->uid[k]] = 0;
}

/* The registration block from which on row i loses its entries. */
uint64_t asy_yuma_lanes_drop_from(const asy_yuma_run *r, size_t i)
{
	uint64_t commit = r->commit_block == NULL ? UINT64_MAX : asy_sat_add_u64(r->commit_block[i], 1);
	return commit < r->last_update[i] ? commit : r->last_update[i];
}

/* Columns registered at or after the block. */
size_t asy_yuma_lanes_recent(const asy_yuma_run *r, asy_yuma_lanes *l, uint64_t block)
{
	size_t n = 0;
	if (block > r->last_registration)
		return 0;
	for (size_t j = 0; j < l->n; j++) {
		l->recent[n] = (uint16_t)j;
		n += r->in->block_at_registration[j] >= block;
	}
	return n;
}

static void scale_row(asy_yuma_lanes *l, size_t k, const asy_yuma_kern *kern)
{
	uint64_t sum;
	uint16_t max;
	uint32_t *tile = l->w + k * COLS;
	kern->row_sum(l->row, blocks_of(l->n) * COLS, &sum, &max);
	if (sum != max && sum != 0) {
		kern->row_scale(l->row, l->blocks, l->blocks_n, sum, tile, l->stride);
		return;
	}
	/* nothing, or all weight on one target: a ONE or none */
	for (size_t b = 0; b < l->blocks_n; b++) {
		const uint16_t *row = l->row + (size_t)l->blocks[b] * COLS;
		for (size_t c = 0; c < COLS; c++) {
			tile[b * l->stride + c] = row[c] != 0 ? ASY_YUMA_CODE_ONE : 0;
			l->single[b] |= row[c] != 0;
		}
	}
}

void asy_yuma_lanes_fill_row(const asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern,
							 size_t k, const asy_yuma_row *row, unsigned kind,
							 const uint16_t *recent, size_t recent_n)
{
	const size_t i = l->uid[k];
	spread(l, row, kind);
	for (size_t m = 0; m < recent_n && row->len != 0; m++)
		if (!asy_yuma_weight_kept(r, i, recent[m]))
			l->row[recent[m]] = 0;
	if (row->len != 0 && !asy_yuma_weight_kept(r, i, i))
		l->row[i] = 0;
	scale_row(l, k, kern);
	unspread(l, row, kind);
}

static void fill_weights(const asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern)
{
	uint64_t least = UINT64_MAX;
	for (size_t k = 0; k < l->rows; k++) {
		uint64_t from = asy_yuma_lanes_drop_from(r, l->uid[k]);
		least = from < least ? from : least;
	}
	const size_t recent_n = asy_yuma_lanes_recent(r, l, least);
	for (size_t k = 0; k < l->rows; k++) {
		const size_t i = l->uid[k];
		asy_yuma_row row = {NULL, NULL, 0};
		if (asy_yuma_row_open(r, i))
			row = asy_yuma_row_at(&r->in->weights, i);
		asy_yuma_lanes_fill_row(r, l, kern, k, &row, r->w_kind[i], l->recent, recent_n);
	}
}

static void fill_bonds(const asy_yuma_run *r, asy_yuma_lanes *l)
{
	/* asy_yuma_bond_kept: dropped when registered at or after last_tempo */
	const size_t recent_n = asy_yuma_lanes_recent(r, l, r->last_tempo);
	for (size_t k = 0; k < l->rows; k++) {
		const unsigned kind = r->b_kind[l->uid[k]];
		asy_yuma_row row = asy_yuma_row_at(&r->in->bonds, l->uid[k]);
		spread(l, &row, kind);
		for (size_t m = 0; m < recent_n && row.len != 0; m++)
			l->row[l->recent[m]] = 0;
		for (size_t b = 0; b < l->blocks_n; b++)
			memcpy(l->b + b * l->stride + k * COLS, l->row + (size_t)l->blocks[b] * COLS,
				   COLS * sizeof *l->b);
		unspread(l, &row, kind);
	}
}

/* ---- the two sweeps over the blocks ---- */

/* The smallest (or largest) score of every column over all voters. */
static void extreme(const asy_yuma_lanes *l, const uint32_t *w, bool largest, uint32_t cons[COLS])
{
	for (size_t c = 0; c < COLS; c++) {
		uint32_t best = l->absent_n != 0 ? 0 : w[c];
		for (size_t k = 0; k < l->voters; k++) {
			uint32_t x = w[k * COLS + c];
			best = (largest ? x > best : x < best) ? x : best;
		}
		cons[c] = best;
	}
}

void asy_yuma_lanes_median(const asy_yuma_run *r, const asy_yuma_lanes *l,
						   const asy_yuma_kern *kern, size_t b)
{
	const uint32_t *w = l->w + b * l->stride;
	uint32_t *cons = l->cons + b * COLS;
	const int64_t minority = (int64_t)l->stake_sum - r->kappa;
	if (l->voters == 0)
		memset(cons, 0, COLS * sizeof *cons);
	else if (r->kappa == 0 || (l->voters == 1 && l->absent_n == 0))
		extreme(l, w, true, cons);
	else if (minority < 0 || r->kappa == FX_ONE)
		extreme(l, w, false, cons);
	else
		kern->median(w, l->stake, l->voters, (uint32_t)l->absent, (uint32_t)minority, l->work,
					 cons);
}

void asy_yuma_lanes_clip(const asy_yuma_lanes *l, const asy_yuma_kern *kern, size_t b, size_t from,
						 size_t rows, uint64_t *vtrust, int64_t rank[COLS])
{
	const uint32_t *w = l->w + b * l->stride + from * COLS, *cons = l->cons + b * COLS;
	const asy_yuma_kern *by = l->one_holder || l->single[b] ? &asy_yuma_kern_scalar : kern;
	(void)by->clip(w, cons, l->active + from, rows, vtrust, rank);
}

static void consensus_sweep(asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern)
{
	const size_t n = r->n;
	memset(l->vtrust, 0, l->rows * 4 * sizeof *l->vtrust);
	memset(r->consensus, 0, n * sizeof *r->consensus);
	memset(r->rank, 0, n * sizeof *r->rank);
	memset(r->vtrust, 0, n * sizeof *r->vtrust);
	for (size_t b = 0; b < l->blocks_n; b++) {
		const uint32_t *cons = l->cons + b * COLS;
		int64_t rank[COLS];
		asy_yuma_lanes_median(r, l, kern, b);
		asy_yuma_lanes_clip(l, kern, b, 0, l->rows, l->vtrust, rank);
		for (size_t c = 0, j = (size_t)l->blocks[b] * COLS; c < COLS && j < n; c++, j++) {
			r->consensus[j] = asy_yuma_decode(cons[c]);
			r->rank[j] = rank[c];
		}
	}
	for (size_t k = 0; k < l->rows; k++) {
		const uint64_t *t = l->vtrust + k * 4;
		r->vtrust[l->uid[k]] = (int64_t)(t[0] + t[1] + t[2] + t[3]);
	}
}

void asy_yuma_lanes_block(const asy_yuma_run *r, const asy_yuma_lanes *l, size_t b,
						  asy_yuma_lane_block *out)
{
	const assay_yuma_input *in = r->in;
	*out = (asy_yuma_lane_block){.one = l->one_holder || l->single[b]};
	for (size_t c = 0, j = (size_t)l->blocks[b] * COLS; c < COLS && j < r->n; c++, j++) {
		out->incentive[c] = r->incentive[j];
		out->rank[c] = r->rank[j];
		out->chosen[c] = r->chosen[j];
		out->one = out->one || out->incentive[c] >= FX_ONE;
	}
	out->sigmoid = (asy_yuma_sigmoid){.lo = fx_from_u16p(in->alpha_low),
									  .hi = fx_from_u16p(in->alpha_high),
									  .steepness = (int64_t)in->alpha_sigmoid_steepness * FX_ONE};
	out->sigmoid.slope = fx_sdiv(out->sigmoid.steepness, -100 * FX_ONE);
	out->block = (asy_yuma_block){
		.w = l->w + b * l->stride,
		.b = l->b + b * l->stride,
		.cons = l->cons + b * COLS,
		.chosen = out->chosen,
		.active = l->active,
		.incentive = out->incentive,
		.rank = out->rank,
		.rows = l->rows,
		.alpha = r->alpha,
		.rest = fx_sub(FX_ONE, r->alpha),
		.penalty = r->penalty,
		.sigmoid = r->liquid ? &out->sigmoid : NULL,
		.work = l->e,
		.share = l->share,
		.out = l->out + b * l->stride,
		.present = l->present + b * l->rows,
	};
}

void asy_yuma_lanes_bonds(const asy_yuma_run *r, const asy_yuma_lane_block *k,
						  const asy_yuma_kern *kern)
{
	const asy_yuma_kern *by = k->one ? &asy_yuma_kern_scalar : kern;
	const asy_yuma_kern *const exact = &asy_yuma_kern_scalar;
	asy_yuma_findings f;
	if (!r->in->yuma3) {
		if (!by->legacy(&k->block))
			(void)exact->legacy(&k->block);
		return;
	}
	if (by->ema(&k->block, &f) && by->shares(&k->block, &f))
		return;
	(void)exact->ema(&k->block, &f);
	(void)exact->shares(&k->block, &f);
}

void asy_yuma_lanes_dividends(asy_yuma_run *r, const asy_yuma_lanes *l)
{
	memset(r->dividends, 0, r->n * sizeof *r->dividends);
	for (size_t k = 0; k < l->rows; k++) {
		const uint64_t *s = l->share + k * 4;
		int64_t sum = (int64_t)(s[0] + s[1] + s[2] + s[3]);
		size_t i = l->uid[k];
		r->bonds_total[i] = sum;
		r->dividends[i] = r->in->yuma3 ? fx_cmul(sum, r->active_stake[i]) : sum;
	}
	asy_yuma_normalise_by(r->kern, r->dividends, r->n);
}

void asy_yuma_lanes_sweeps(asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern)
{
	consensus_sweep(r, l, kern);
	memcpy(r->incentive, r->rank, r->n * sizeof *r->rank);
	asy_yuma_normalise_by(r->kern, r->incentive, r->n);
	asy_yuma_choose_consensus(r);
	memset(l->share, 0, l->rows * 4 * sizeof *l->share);
	for (size_t b = 0; b < l->blocks_n; b++) {
		asy_yuma_lane_block k;
		asy_yuma_lanes_block(r, l, b, &k);
		asy_yuma_lanes_bonds(r, &k, kern);
	}
	asy_yuma_lanes_dividends(r, l);
}

/* ---- stored bonds ---- */

static size_t write_row(const asy_yuma_lanes *l, size_t k, const assay_yuma_rows_out *out,
						size_t at)
{
	uint16_t *restrict uid = out->uid + at, *restrict value = out->value + at;
	for (size_t b = 0; b < l->blocks_n; b++) {
		const uint16_t *v = l->out + b * l->stride + k * COLS;
		const uint16_t *ids = l->row + (size_t)l->blocks[b] * COLS;
		unsigned bits = l->present[b * l->rows + k];
		if (bits == UINT16_MAX) {
			memcpy(value, v, COLS * sizeof *v);
			memcpy(uid, ids, COLS * sizeof *ids);
			uid += COLS;
			value += COLS;
			continue;
		}
		for (; bits != 0; bits &= bits - 1) {
			unsigned c = (unsigned)__builtin_ctz(bits);
			*uid++ = ids[c];
			*value++ = v[c];
		}
	}
	return (size_t)(uid - out->uid);
}

void asy_yuma_lanes_write(const asy_yuma_run *r, const asy_yuma_lanes *l,
						  const assay_yuma_rows_out *out)
{
	/* rows are ordered by vote here and by uid there */
	uint16_t *place = l->recent;
	memset(place, 0xff, r->n * sizeof *place);
	for (size_t k = 0; k < l->rows; k++)
		place[l->uid[k]] = (uint16_t)k;
	size_t at = 0;
	for (size_t j = 0; j < r->n; j++)
		l->row[j] = (uint16_t)j;
	for (size_t i = 0; i < r->n; i++) {
		out->offset[i] = at;
		if (r->new_permit[i] && place[i] != UINT16_MAX)
			at = write_row(l, place[i], out, at);
	}
	out->offset[r->n] = at;
	memset(l->row, 0, r->n * sizeof *l->row);
}

bool asy_yuma_lanes_layout(asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern)
{
	if (!stakes_fit(r))
		return false;
	choose_rows(r, l);
	if (r->in->yuma3 && r->in->liquid_alpha && !liquid_fits(r, l))
		return false;
	choose_blocks(r, l);
	memset(l->row, 0, blocks_of(l->n) * COLS * sizeof *l->row);
	fill_weights(r, l, kern);
	fill_bonds(r, l);
	return true;
}

bool asy_yuma_lanes_run(asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern,
						const assay_yuma_rows_out *bonds)
{
	if (!asy_yuma_lanes_layout(r, l, kern))
		return false;
	asy_yuma_lanes_sweeps(r, l, kern);
	if (bonds->offset != NULL)
		asy_yuma_lanes_write(r, l, bonds);
	return true;
}
