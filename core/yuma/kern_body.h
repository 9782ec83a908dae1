/* The vector kernels, written once over the operations that kern_avx2.c and
 * kern_neon.c define: v16, v32, v64, vd (double) and their functions. Included, not
 * compiled.
 *
 *~ Division is the cost of an epoch: up to five exact quotients a weight. Here
 * q = floor(x * 2^32 / s) takes five instructions on doubles. x and s are integers
 * below 2^53, exact as doubles. fma(x, 2^32/s, 2^52) is the quotient rounded to an
 * integer, wrong by one at most (its relative error is below 2^-51 and it is at most
 * 2^32); x - q * (s / 2^32) is the exact remainder over 2^32, as an fma rounds once
 * and the remainder needs no more than 34 bits; its sign says whether q was one too
 * many. The low bits of 2^52 + q are q itself. */

#define C16 1
#define C32 (ASY_YUMA_COLS / W32)
#define C64 (ASY_YUMA_COLS / W64)
#define EACH32(c) for (size_t c = 0; c < C32; c++)
#define EACH64(c) for (size_t c = 0; c < C64; c++)

/* What a column's values are divided by. */
typedef struct {
	double inv[ASY_YUMA_COLS], s[ASY_YUMA_COLS];
} divisors;

static void divisors_set(divisors *d, const double *sum)
{
	for (size_t c = 0; c < ASY_YUMA_COLS; c++) {
		/* a column of zeros stays one: 0 * 0 + 2^52 */
		d->inv[c] = sum[c] == 0 ? 0 : 4294967296.0 / sum[c];
		d->s[c] = sum[c] * (1 / 4294967296.0);
	}
}

/* The bits of 2^52 + floor(x * 2^32 / s): the quotient in the low 33 bits. */
static inline v64 quotient(vd x, vd inv, vd s)
{
	vd t = vd_fma(x, inv, vd_set1(MAGIC));
	vd r = vd_fnma(vd_sub(t, vd_set1(MAGIC)), s, x);
	return v64_sub(vd_bits(t), v64_srl(vd_bits(r), 63));
}

/* A value below 2^52 as a double, and back from the bits of 2^52 + value. */
static inline vd to_double(v64 x)
{
	return vd_sub(v64_double(v64_or(x, vd_bits(vd_set1(MAGIC)))), vd_set1(MAGIC));
}
static inline vd unmagic(v64 bits)
{
	return vd_sub(v64_double(bits), vd_set1(MAGIC));
}

/* floor(a * b / 2^32) of the low 32 bits of each lane. */
static inline v64 mul32(v64 a, v64 b)
{
	return v64_srl(v64_mul(a, b), 32);
}

/* floor(x * 65535 / 2^32); whatever lies above bit 47 of x does not matter. */
static inline v64 to_u16p(v64 x)
{
	v64 up = v64_sll(x, 16);
	return v64_srl(v64_sub(up, v64_srl(up, 16)), 32);
}

/* ---- rows ---- */

static void row_sum(const uint16_t *row, size_t n, uint64_t *sum, uint16_t *max)
{
	v32 s = v32_set1(0);
	v16 m = v16_load(row);
	for (size_t k = 0; k < n; k += W16) {
		v16 x = v16_load(row + k);
		s = v32_add(s, v16_pair_sum(x));
		m = v16_max(m, x);
	}
	uint32_t lanes[W32];
	uint16_t highs[W16];
	v32_store(lanes, s);
	v16_store(highs, m);
	uint64_t total = 0;
	uint16_t top = 0;
	for (size_t i = 0; i < W32; i++)
		total += lanes[i];
	for (size_t i = 0; i < W16; i++)
		top = highs[i] > top ? highs[i] : top;
	*sum = total;
	*max = top;
}

/*~ x * 2^32 / s for a 16-bit x and one s a row: multiply by m = ceil(2^95 / s'), where
 * s' = s * 2^z lies in (2^31, 2^32], and shift by 63 - z. The rounding up of m adds
 * less than x * s' / (s' * 2^(63-z)) = x / 2^(63-z), below the distance 2^z / s' to the
 * next integer as x < 2^16: exact for every x. */
static void row_scale(const uint16_t *row, const uint16_t *blocks, size_t blocks_n, uint64_t sum,
					  uint32_t *tile, size_t stride)
{
	unsigned z = (unsigned)__builtin_clzll(sum) - 32;
	if ((sum & (sum - 1)) == 0)
		z++;
	asy_u128 scaled = (asy_u128)sum << z;
	asy_u128 m = (((asy_u128)1 << 95) + scaled - 1) / scaled;
	const v64 lo = v64_set1((uint32_t)m), hi = v64_set1((uint64_t)m >> 32);
	for (size_t k = 0; k < blocks_n; k++, tile += stride) {
		const uint16_t *from = row + (size_t)blocks[k] * ASY_YUMA_COLS;
		v64 q[C64];
		EACH64(c)
		{
			v64 x = v64_load16(from + c * W64);
			q[c] = v64_srl(v64_add(v64_mul(x, hi), v64_srl(v64_mul(x, lo), 32)), 31 - z);
		}
		for (size_t c = 0; c < C64; c += 2)
			v64_store32(tile + c * W64, q[c], q[c + 1]);
	}
}

/* ---- consensus ---- */

/* Moves the bounds to scores that exist: hi to the largest <= hi, lo to the smallest
 * >= lo. As unsigned numbers, distances on the wrong side are huge. */
static inline void snap(const uint32_t *work, size_t voters, v32 lo[C32], v32 hi[C32])
{
	v32 under[C32], over[C32];
	EACH32(c) under[c] = over[c] = v32_set1(UINT32_MAX);
	for (size_t k = 0; k < voters; k++)
		EACH32(c)
		{
			v32 x = v32_load(work + k * ASY_YUMA_COLS + c * W32);
			under[c] = v32_minu(under[c], v32_sub(hi[c], x));
			over[c] = v32_minu(over[c], v32_sub(x, lo[c]));
		}
	EACH32(c)
	{
		hi[c] = v32_sub(hi[c], under[c]);
		lo[c] = v32_add(lo[c], over[c]);
	}
}

/*~ The smallest score whose lower stake exceeds the minority, by halving the range of
 * values in 16 columns at once. Stakes sum to at most 2^32, and to less over any set
 * that leaves out the largest score, which every set asked for here does. Compares
 * are signed, so scores and sums carry a bias of 2^31. */
static void median(const uint32_t *w, const uint32_t *stake, size_t voters, uint32_t absent,
				   uint32_t minority, uint32_t *work, uint32_t cons[ASY_YUMA_COLS])
{
	const v32 bias = v32_set1(0x80000000u);
	const v32 limit = v32_set1(minority ^ 0x80000000u), start = v32_set1(absent ^ 0x80000000u);
	v32 lo[C32], hi[C32];
	EACH32(c)
	{
		hi[c] = bias; /* the code 0 */
		lo[c] = absent != 0 ? bias : v32_set1(0x7fffffffu);
	}
	for (size_t k = 0; k < voters; k++)
		EACH32(c)
		{
			v32 x = v32_xor(v32_load(w + k * ASY_YUMA_COLS + c * W32), bias);
			v32_store(work + k * ASY_YUMA_COLS + c * W32, x);
			lo[c] = v32_mins(lo[c], x);
			hi[c] = v32_maxs(hi[c], x);
		}
	if (absent != 0) {
		/* the absent voters' score is there too, so that snapping finds it */
		EACH32(c) v32_store(work + voters * ASY_YUMA_COLS + c * W32, bias);
	}
	const size_t scores = voters + (absent != 0);
	for (unsigned pass = 1;; pass++) {
		v32 open = v32_set1(0), mid[C32], above[C32], sum[C32];
		EACH32(c) open = v32_or(open, v32_xor(lo[c], hi[c]));
		if (v32_is_zero(open))
			break;
		EACH32(c)
		{
			mid[c] = v32_add(lo[c], v32_srl1(v32_sub(hi[c], lo[c])));
			above[c] = v32_add(mid[c], v32_set1(1)); /* where closed, unused */
			sum[c] = start;
		}
		for (size_t k = 0; k < voters; k++) {
			const v32 s = v32_bcast(stake + k);
			EACH32(c)
			{
				v32 x = v32_load(work + k * ASY_YUMA_COLS + c * W32);
				sum[c] = v32_add(sum[c], v32_and(v32_gts(above[c], x), s));
			}
		}
		EACH32(c)
		{
			v32 enough = v32_gts(sum[c], limit), closed = v32_eq(lo[c], hi[c]);
			v32 nlo = v32_blend(above[c], lo[c], enough), nhi = v32_blend(hi[c], mid[c], enough);
			lo[c] = v32_blend(nlo, lo[c], closed);
			hi[c] = v32_blend(nhi, hi[c], closed);
		}
		/* after a few halvings little is left in range: see whether it is one score */
		if (pass >= 6 && pass % 3 == 0)
			snap(work, scores, lo, hi);
	}
	EACH32(c) v32_store(cons + c * W32, v32_xor(lo[c], bias));
}

static bool clip(const uint32_t *w, const uint32_t *cons, const int64_t *active, size_t rows,
				 uint64_t *vtrust, int64_t *rank)
{
	v32 limit[C32], sum[C32];
	EACH32(c)
	{
		limit[c] = v32_load(cons + c * W32);
		sum[c] = v32_set1(0);
	}
	for (size_t i = 0; i < rows; i++) {
		const v64 a = v64_bcast((const uint64_t *)active + i);
		v64 trust = v64_load(vtrust + i * 4);
		EACH32(c)
		{
			v32 x = v32_minu(v32_load(w + i * ASY_YUMA_COLS + c * W32), limit[c]);
			trust = v64_add(trust, v32_pair_sum(x));
			sum[c] = v32_add(sum[c], v32_mul_high(x, a));
		}
		v64_store(vtrust + i * 4, trust);
	}
	uint32_t out[ASY_YUMA_COLS];
	EACH32(c) v32_store(out + c * W32, sum[c]);
	for (size_t c = 0; c < ASY_YUMA_COLS; c++)
		rank[c] = out[c];
	return true;
}

/* ---- bonds ---- */

/* Weights for bonds: clipped, whole or between. Codes below ONE are values. */
static inline v64 weight_for_bonds(const asy_yuma_block *k, const uint32_t *w, const uint32_t *cons,
								   v64 penalty)
{
	v64 clipped = v64_load32_min(w, cons);
	if (k->penalty == FX_ONE)
		return clipped;
	v64 whole = v64_load32(w);
	if (k->penalty == 0)
		return whole;
	/* w + floor(-penalty * cut / 2^32) = w - ceil(penalty * cut / 2^32) */
	v64 cut = v64_mul(penalty, v64_sub(whole, clipped));
	return v64_sub(whole, v64_srl(v64_add(cut, v64_set1(UINT32_MAX)), 32));
}

/* Which columns of a row have an entry: EMA values above zero. */
static void presence(const asy_yuma_block *k, bool all)
{
	for (size_t i = 0; i < k->rows; i++) {
		unsigned bits = UINT16_MAX;
		if (!all) {
			bits = 0;
			EACH64(c)
			bits |= vd_positive(vd_load(k->work + i * ASY_YUMA_COLS + c * W64)) << (c * W64);
		}
		k->present[i] = (uint16_t)bits;
	}
}

typedef struct {
	vd sum[C64], max[C64], min;
} column_stats;

static inline void stats_init(column_stats *s)
{
	EACH64(c) s->sum[c] = s->max[c] = vd_set1(0);
	s->min = vd_set1(1);
}

static inline void stats_add(column_stats *s, size_t c, vd e)
{
	s->sum[c] = vd_add(s->sum[c], e);
	s->max[c] = vd_max(s->max[c], e);
	s->min = vd_min(s->min, e);
}

/* Stores sums and maxima; returns whether every value is positive. */
static bool stats_end(const column_stats *s, double *sum, double *max)
{
	double low[W64];
	EACH64(c)
	{
		vd_store(sum + c * W64, s->sum[c]);
		vd_store(max + c * W64, s->max[c]);
	}
	vd_store(low, s->min);
	bool all = true;
	for (size_t i = 0; i < W64; i++)
		all = all && low[i] > 0;
	return all;
}

/* Whether a column has a single holder, whose share is ONE. */
static bool has_single(const double *sum, const double *max)
{
	bool single = false;
	for (size_t c = 0; c < ASY_YUMA_COLS; c++)
		single = single || (sum[c] != 0 && sum[c] == max[c]);
	return single;
}

/* Column sums of the old bonds (as numbers) and of the stake-weighted weights. */
static bool legacy_sums(const asy_yuma_block *k, divisors *old, divisors *fresh)
{
	const v64 penalty = v64_set1((uint64_t)k->penalty);
	v64 bsum[C64], dsum[C64];
	EACH64(c) bsum[c] = dsum[c] = v64_set1(0);
	for (size_t i = 0; i < k->rows; i++) {
		const v64 a = v64_bcast((const uint64_t *)k->active + i);
		const uint32_t *w = k->w + i * ASY_YUMA_COLS;
		EACH64(c)
		{
			bsum[c] = v64_add(bsum[c], v64_load16(k->b + i * ASY_YUMA_COLS + c * W64));
			v64 x = weight_for_bonds(k, w + c * W64, k->cons + c * W64, penalty);
			dsum[c] = v64_add(dsum[c], mul32(x, a));
		}
	}
	double sum[ASY_YUMA_COLS];
	EACH64(c) vd_store(sum + c * W64, to_double(bsum[c]));
	divisors_set(old, sum);
	EACH64(c) vd_store(sum + c * W64, to_double(dsum[c]));
	divisors_set(fresh, sum);
	return true;
}

static bool legacy(const asy_yuma_block *k)
{
	if (k->alpha == FX_ONE || k->rest == FX_ONE)
		return false;
	divisors old, fresh, norm, top;
	(void)legacy_sums(k, &old, &fresh);
	const v64 penalty = v64_set1((uint64_t)k->penalty);
	const v64 alpha = v64_set1((uint64_t)k->alpha), rest = v64_set1((uint64_t)k->rest);
	column_stats stats;
	stats_init(&stats);
	v64 ones = v64_set1(0);
	for (size_t i = 0; i < k->rows; i++) {
		const v64 a = v64_bcast((const uint64_t *)k->active + i);
		const size_t at = i * ASY_YUMA_COLS;
		EACH64(c)
		{
			const size_t o = c * W64;
			v64 x = mul32(weight_for_bonds(k, k->w + at + o, k->cons + o, penalty), a);
			v64 d = quotient(to_double(x), vd_load(fresh.inv + o), vd_load(fresh.s + o));
			v64 b = quotient(vd_load16(k->b + at + o), vd_load(old.inv + o), vd_load(old.s + o));
			ones = v64_or(ones, v64_or(d, b));
			vd e = to_double(v64_add(mul32(d, alpha), mul32(b, rest)));
			vd_store(k->work + at + o, e);
			stats_add(&stats, c, e);
		}
	}
	double sum[ASY_YUMA_COLS], max[ASY_YUMA_COLS];
	bool all = stats_end(&stats, sum, max);
	if (v64_any_bit32(ones) || has_single(sum, max))
		return false;
	divisors_set(&norm, sum);
	/* the largest normalised bond is the normalised largest bond */
	EACH64(c)
	{
		v64 q = quotient(vd_load(max + c * W64), vd_load(norm.inv + c * W64),
						 vd_load(norm.s + c * W64));
		vd_store(max + c * W64, unmagic(q));
	}
	divisors_set(&top, max);
	presence(k, all);
	v64 inc[C64];
	EACH64(c) inc[c] = v64_load((const uint64_t *)k->incentive + c * W64);
	for (size_t i = 0; i < k->rows; i++) {
		const size_t at = i * ASY_YUMA_COLS;
		v64 share = v64_load(k->share + i * 4), stored[C64];
		EACH64(c)
		{
			const size_t o = c * W64;
			v64 q = quotient(vd_load(k->work + at + o), vd_load(norm.inv + o), vd_load(norm.s + o));
			share = v64_add(share, mul32(q, inc[c]));
			stored[c] = to_u16p(quotient(unmagic(q), vd_load(top.inv + o), vd_load(top.s + o)));
		}
		v64_store16(k->out + at, stored);
		v64_store(k->share + i * 4, share);
	}
	return true;
}

/* Dividends of fractional bonds: the column-normalised EMA against incentive. */
static void fractional_shares(const asy_yuma_block *k, const double *sum)
{
	divisors norm;
	divisors_set(&norm, sum);
	v64 inc[C64];
	EACH64(c) inc[c] = v64_load((const uint64_t *)k->incentive + c * W64);
	for (size_t i = 0; i < k->rows; i++) {
		v64 share = v64_load(k->share + i * 4);
		EACH64(c)
		{
			const size_t o = c * W64;
			v64 q = quotient(vd_load(k->work + i * ASY_YUMA_COLS + o), vd_load(norm.inv + o),
							 vd_load(norm.s + o));
			share = v64_add(share, mul32(q, inc[c]));
		}
		v64_store(k->share + i * 4, share);
	}
}

static bool fractional_constant(const asy_yuma_block *k)
{
	if (k->alpha == FX_ONE || k->rest == FX_ONE)
		return false;
	const v64 penalty = v64_set1((uint64_t)k->penalty);
	const v64 alpha = v64_set1((uint64_t)k->alpha), rest = v64_set1((uint64_t)k->rest);
	column_stats stats;
	stats_init(&stats);
	v16 full = v16_set1(0);
	for (size_t i = 0; i < k->rows; i++) {
		const size_t at = i * ASY_YUMA_COLS;
		v64 stored[C64];
		for (size_t c = 0; c < ASY_YUMA_COLS / W16; c++)
			full = v16_max(full, v16_load(k->b + at + c * W16));
		EACH64(c)
		{
			const size_t o = c * W64;
			v64 x = weight_for_bonds(k, k->w + at + o, k->cons + o, penalty);
			v64 b = v64_load16(k->b + at + o);
			b = v64_or(b, v64_sll(b, 16)); /* floor(b * 2^32 / 65535), but for 65535 */
			v64 bits = v64_add(mul32(x, alpha), mul32(b, rest));
			vd e = to_double(bits);
			vd_store(k->work + at + o, e);
			stats_add(&stats, c, e);
			stored[c] = to_u16p(bits);
		}
		v64_store16(k->out + at, stored);
	}
	double sum[ASY_YUMA_COLS], max[ASY_YUMA_COLS];
	bool all = stats_end(&stats, sum, max);
	if (v16_has_max(full) || has_single(sum, max))
		return false;
	presence(k, all);
	fractional_shares(k, sum);
	return true;
}

/* ---- liquid alpha ---- */

#define TERMS 11

/* e^y for 0 <= y <= 20, relative error below 1e-13. */
static inline vd exponential(vd y)
{
	static const double coefficient[TERMS + 1] = {
		1.0,       1.0,        1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,
		1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800,
	};
	/* y = k ln 2 + r; ln 2 in two parts, the first with room for k */
	vd t = vd_fma(y, vd_set1(1.4426950408889634), vd_set1(MAGIC));
	vd k = vd_sub(t, vd_set1(MAGIC));
	vd r = vd_fnma(k, vd_set1(6.93147180369123816490e-01), y);
	r = vd_fnma(k, vd_set1(1.90821492927058770002e-10), r);
	vd p = vd_set1(coefficient[TERMS]);
	for (size_t i = TERMS; i-- > 0;)
		p = vd_fma(p, r, vd_set1(coefficient[i]));
	v64 power = v64_sll(v64_add(vd_bits(t), v64_set1(1023)), 52);
	return vd_mul(p, v64_double(power));
}

/*~ The factor's exact value needs the pallet's series S of e^y, with a floor in every
 * one of 30 terms. It is almost never needed: S lies between e^y 2^32 less a bound on
 * what the floors and the missing tail can lose, and e^y 2^32 itself; when both ends
 * of that range give the same factor, that is the factor. At the usual arguments
 * (y near 5) the range moves the sigmoid by a thousandth of a unit. Lanes that stay
 * undecided, or lie outside 2 <= y <= 20, are redone with the exact series.
 *
 * The bound: a floor lost at term k grows like the rest of the series, at most
 * sum_k k! / y^k (e^y - ...) units in all, which 0.6 e^y + 32 covers from y = 2 on;
 * the tail from term 32 is below 2.6 y^32 / 32! of 2^32. */
static inline v64 alpha_lanes(const asy_yuma_sigmoid *g, v64 weight, v64 bond, vd consensus,
							  unsigned *undecided)
{
	const double tail = 2.6 * 4294967296.0 / 2.6313083693369353e35; /* 32! */
	vd w = to_double(weight), b = to_double(bond);
	vd buy = vd_max(vd_sub(w, consensus), vd_set1(0));
	vd sell = vd_max(vd_sub(b, w), vd_set1(0));
	vd x = vd_sub(vd_blend(buy, sell, vd_lt(w, b)), vd_set1(2147483648.0));
	/* arg = floor(slope * x / 2^32): the product may exceed 53 bits, but rounding can
	 * hide a floor only by landing on an integer from below */
	vd slope = vd_set1((double)g->slope * (1 / 4294967296.0));
	vd h = vd_mul(x, slope), lost = vd_fma(x, slope, vd_sub(vd_set1(0), h));
	vd arg = vd_floor(h);
	vd hidden = vd_and(vd_eq(arg, h), vd_lt(lost, vd_set1(0)));
	arg = vd_sub(arg, vd_and(hidden, vd_set1(1)));

	vd y = vd_mul(arg, vd_set1(1 / 4294967296.0));
	vd outside = vd_or(vd_lt(y, vd_set1(2)), vd_lt(vd_set1(20), y));
	y = vd_blend(y, vd_set1(5), outside);
	vd e = exponential(y);
	vd y4 = vd_mul(vd_mul(y, y), vd_mul(y, y)), y16 = vd_mul(vd_mul(y4, y4), vd_mul(y4, y4));
	vd loss = vd_fma(e, vd_set1(0.6), vd_set1(32));
	loss = vd_fma(vd_mul(y16, y16), vd_set1(tail), loss);
	vd total = vd_mul(vd_add(e, vd_set1(1)), vd_set1(4294967296.0)); /* ONE + e^y */
	vd sigma = vd_div(vd_set1(18446744073709551616.0), total);
	/* d sigma = sigma * loss / total, with 5 % for the second order */
	vd width = vd_mul(vd_mul(sigma, sigma), vd_mul(loss, vd_set1(1.05 / 18446744073709551616.0)));
	vd low = vd_fnma(sigma, vd_set1(1e-12), sigma);
	vd high = vd_add(vd_fma(sigma, vd_set1(1e-12), sigma), width);
	const v64 span = v64_set1((uint64_t)(g->hi - g->lo));
	v64 from = mul32(vd_bits(vd_add(vd_floor(low), vd_set1(MAGIC))), span);
	v64 to = mul32(vd_bits(vd_add(vd_floor(high), vd_set1(MAGIC))), span);
	vd decided = v64_double(v64_eq(from, to));
	decided = vd_or(vd_andnot(outside, decided), vd_eq(w, vd_set1(0))); /* no entry, no factor */
	*undecided = ~vd_mask(decided) & ((1u << W64) - 1);
	return v64_add(from, v64_set1((uint64_t)g->lo));
}

static v64 alpha_exact(const asy_yuma_sigmoid *g, v64 alpha, v64 weight, v64 bond,
					   const int64_t *consensus, unsigned undecided)
{
	uint64_t a[W64], w[W64], b[W64];
	v64_store(a, alpha);
	v64_store(w, weight);
	v64_store(b, bond);
	for (; undecided != 0; undecided &= undecided - 1) {
		unsigned i = (unsigned)__builtin_ctz(undecided);
		a[i] = (uint64_t)asy_yuma_bond_alpha(consensus[i], (int64_t)w[i], (int64_t)b[i], g->lo,
											 g->hi, g->steepness);
	}
	return v64_load(a);
}

static bool fractional_liquid(const asy_yuma_block *k)
{
	const asy_yuma_sigmoid *g = k->sigmoid;
	if (g->lo <= 0 || g->hi >= FX_ONE || g->hi < g->lo)
		return false;
	const v64 penalty = v64_set1((uint64_t)k->penalty), one = v64_set1((uint64_t)FX_ONE);
	int64_t cons[ASY_YUMA_COLS];
	for (size_t c = 0; c < ASY_YUMA_COLS; c++)
		cons[c] = asy_yuma_decode(k->cons[c]);
	column_stats stats;
	stats_init(&stats);
	v16 full = v16_set1(0);
	for (size_t i = 0; i < k->rows; i++) {
		const size_t at = i * ASY_YUMA_COLS;
		v64 stored[C64];
		for (size_t c = 0; c < ASY_YUMA_COLS / W16; c++)
			full = v16_max(full, v16_load(k->b + at + c * W16));
		EACH64(c)
		{
			const size_t o = c * W64;
			v64 x = weight_for_bonds(k, k->w + at + o, k->cons + o, penalty);
			v64 b = v64_load16(k->b + at + o);
			b = v64_or(b, v64_sll(b, 16));
			unsigned undecided;
			vd consensus = to_double(v64_load((const uint64_t *)cons + o));
			v64 alpha = alpha_lanes(g, x, b, consensus, &undecided);
			if (undecided != 0)
				alpha = alpha_exact(g, alpha, x, b, cons + o, undecided);
			v64 e = v64_add(mul32(b, v64_sub(one, alpha)), mul32(x, alpha));
			/* without a weight the bond is gone */
			e = v64_andnot(v64_eq(x, v64_set1(0)), e);
			vd_store(k->work + at + o, to_double(e));
			stats_add(&stats, c, to_double(e));
			stored[c] = to_u16p(e);
		}
		v64_store16(k->out + at, stored);
	}
	double sum[ASY_YUMA_COLS], max[ASY_YUMA_COLS];
	bool all = stats_end(&stats, sum, max);
	if (v16_has_max(full) || has_single(sum, max))
		return false;
	presence(k, all);
	fractional_shares(k, sum);
	return true;
}

static bool fractional(const asy_yuma_block *k)
{
	return k->sigmoid != NULL ? fractional_liquid(k) : fractional_constant(k);
}
