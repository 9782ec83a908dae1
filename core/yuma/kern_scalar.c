/* The same kernels on the chain's own scalar arithmetic. They take every value,
 * ONE included, so they are both the oracle of the vector files and the place where
 * those send the blocks that they decline. */
#include "yuma/kern.h"

#define COLS ASY_YUMA_COLS

static void ratio(int64_t *v, size_t n, int64_t sum)
{
	for (size_t k = 0; k < n; k++)
		if (v[k] != 0)
			v[k] = fx_ratio(v[k], sum);
}

static unsigned row_kind(const uint16_t *uid, size_t n)
{
	bool run = true;
	for (size_t k = 1; k < n; k++) {
		if (uid[k - 1] >= uid[k])
			return ASY_ROW_MIXED;
		run = run && uid[k] == uid[k - 1] + 1;
	}
	return run ? ASY_ROW_RUN : ASY_ROW_ASCENDING;
}

static void row_sum(const uint16_t *row, size_t n, uint64_t *sum, uint16_t *max)
{
	*sum = 0;
	*max = 0;
	for (size_t k = 0; k < n; k++) {
		*sum += row[k];
		*max = row[k] > *max ? row[k] : *max;
	}
}

static void row_scale(const uint16_t *row, const uint16_t *blocks, size_t blocks_n, uint64_t sum,
					  uint32_t *tile, size_t stride)
{
	for (size_t k = 0; k < blocks_n; k++, tile += stride)
		for (size_t c = 0; c < COLS; c++)
			tile[c] = (uint32_t)(((uint64_t)row[(size_t)blocks[k] * COLS + c] << 32) / sum);
}

static void median(const uint32_t *w, const uint32_t *stake, size_t voters, uint32_t absent,
				   uint32_t minority, uint32_t *work, uint32_t cons[COLS])
{
	(void)work;
	for (size_t c = 0; c < COLS; c++) {
		/* the smallest v with the stake of codes <= v above the minority, bit by bit */
		uint32_t below = 0;
		for (uint32_t bit = 0x80000000u; bit != 0; bit >>= 1) {
			uint32_t probe = below | (bit - 1);
			uint64_t sum = absent;
			for (size_t k = 0; k < voters; k++)
				sum += w[k * COLS + c] <= probe ? stake[k] : 0;
			if (sum <= minority)
				below |= bit;
		}
		cons[c] = below;
	}
}

static bool clip(const uint32_t *w, const uint32_t *cons, const int64_t *active, size_t rows,
				 uint64_t *vtrust, int64_t *rank)
{
	memset(rank, 0, COLS * sizeof *rank);
	for (size_t i = 0; i < rows; i++) {
		for (size_t c = 0; c < COLS; c++) {
			int64_t x = asy_yuma_decode(w[i * COLS + c] < cons[c] ? w[i * COLS + c] : cons[c]);
			vtrust[i * 4] += (uint64_t)x;
			rank[c] += fx_mul(active[i], x);
		}
	}
	return true;
}

/* ---- bonds ---- */

static int64_t weight_for_bonds(const asy_yuma_block *k, size_t i, size_t c)
{
	int64_t whole = asy_yuma_decode(k->w[i * COLS + c]);
	int64_t clipped = fx_min(whole, asy_yuma_decode(k->cons[c]));
	if (k->penalty == FX_ONE)
		return clipped;
	return k->penalty == 0 ? whole : whole + fx_mul(k->penalty, clipped - whole);
}

/* work holds integers here too: exact, as they stay below 2^53. */
static int64_t work_get(const asy_yuma_block *k, size_t i, size_t c)
{
	return (int64_t)k->work[i * COLS + c];
}

static int64_t share_of(int64_t x, int64_t sum)
{
	return sum == 0 ? x : fx_ratio(x, sum);
}

static bool legacy(const asy_yuma_block *k)
{
	int64_t old[COLS] = {0}, fresh[COLS] = {0}, sum[COLS] = {0}, top[COLS] = {0};
	for (size_t i = 0; i < k->rows; i++) {
		for (size_t c = 0; c < COLS; c++) {
			old[c] += k->b[i * COLS + c];
			fresh[c] += fx_mul(weight_for_bonds(k, i, c), k->active[i]);
		}
	}
	for (size_t i = 0; i < k->rows; i++) {
		k->present[i] = 0;
		for (size_t c = 0; c < COLS; c++) {
			int64_t d = share_of(fx_mul(weight_for_bonds(k, i, c), k->active[i]), fresh[c]);
			int64_t b = share_of(k->b[i * COLS + c], old[c]);
			int64_t e = fx_mul(k->alpha, d) + fx_mul(k->rest, b);
			k->work[i * COLS + c] = (double)e;
			sum[c] += e;
			k->present[i] = (uint16_t)(k->present[i] | (unsigned)(e > 0) << c);
		}
	}
	for (size_t i = 0; i < k->rows; i++)
		for (size_t c = 0; c < COLS; c++)
			top[c] = fx_max(top[c], share_of(work_get(k, i, c), sum[c]));
	for (size_t i = 0; i < k->rows; i++) {
		for (size_t c = 0; c < COLS; c++) {
			int64_t e = share_of(work_get(k, i, c), sum[c]);
			k->share[i * 4] += (uint64_t)fx_mul(k->incentive[c], e);
			k->out[i * COLS + c] = fx_to_u16p(share_of(e, top[c]));
		}
	}
	return true;
}

static bool ema(const asy_yuma_block *k, asy_yuma_findings *f)
{
	*f = (asy_yuma_findings){.all = true};
	for (size_t i = 0; i < k->rows; i++) {
		k->present[i] = 0;
		for (size_t c = 0; c < COLS; c++) {
			int64_t x = weight_for_bonds(k, i, c), b = fx_from_u16p(k->b[i * COLS + c]);
			int64_t alpha = k->alpha, rest = k->rest;
			if (k->sigmoid != NULL) {
				const asy_yuma_sigmoid *g = k->sigmoid;
				alpha = asy_yuma_bond_alpha(k->chosen[c], x, b, g->lo, g->hi, g->steepness);
				rest = fx_sub(FX_ONE, alpha);
			}
			int64_t e = fx_mul(alpha, x) + fx_mul(rest, b);
			if (k->sigmoid != NULL)
				e = x == 0 ? 0 : fx_min(e, FX_ONE);
			k->work[i * COLS + c] = (double)e;
			f->sum[c] += (double)e;
			f->max[c] = f->max[c] < (double)e ? (double)e : f->max[c];
			f->all = f->all && e > 0;
			k->out[i * COLS + c] = fx_to_u16p(e);
			k->present[i] = (uint16_t)(k->present[i] | (unsigned)(e > 0) << c);
		}
	}
	return true;
}

static bool shares(const asy_yuma_block *k, const asy_yuma_findings *f)
{
	for (size_t i = 0; i < k->rows; i++)
		for (size_t c = 0; c < COLS; c++)
			k->share[i * 4] +=
				(uint64_t)fx_mul(share_of(work_get(k, i, c), (int64_t)f->sum[c]), k->incentive[c]);
	return true;
}

const asy_yuma_kern asy_yuma_kern_scalar = {
	.ratio = ratio,
	.row_kind = row_kind,
	.row_sum = row_sum,
	.row_scale = row_scale,
	.median = median,
	.clip = clip,
	.legacy = legacy,
	.ema = ema,
	.shares = shares,
};
