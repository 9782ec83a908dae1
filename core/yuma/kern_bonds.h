/* The vector kernels of bonds and dividends, written over the same operations as
 * kern_body.h, which includes this file.
 *
 * First the EMA of the block goes into work, with column sums; running sums change
 * only when no ONE turned up. HALF columns are worked on at a time: fewer keep sums in
 * registers, more hide the latency of the long chains of liquid alpha; all 16 measured
 * best. */

#define HALF 16
#define CH (HALF / W64)
#define PACK (8 / W64) /* vectors whose values make one store of u16 */
#define EACH(c) for (size_t c = 0; c < CH; c++)
#define ALWAYS static inline __attribute__((always_inline))

/* The three kinds of weights for bonds, each compiled into its own loops. */
enum { CLIPPED, WHOLE, BETWEEN };

static inline int mode_of(const asy_yuma_block *k)
{
	return k->penalty == FX_ONE ? CLIPPED : k->penalty == 0 ? WHOLE : BETWEEN;
}

/* Codes below ONE are values. */
ALWAYS v64 weight_for_bonds(int mode, const uint32_t *w, const uint32_t *cons, v64 penalty)
{
	v64 clipped = v64_load32_min(w, cons);
	if (mode == CLIPPED)
		return clipped;
	v64 whole = v64_load32(w);
	if (mode == WHOLE)
		return whole;
	/* w + floor(-penalty * cut / 2^32) = w - ceil(penalty * cut / 2^32) */
	v64 cut = v64_mul(penalty, v64_sub(whole, clipped));
	return v64_sub(whole, v64_srl(v64_add(cut, v64_set1(UINT32_MAX)), 32));
}

/* Stored bonds as fractions, floor(b * 2^32 / 65535) = b * 65537: all but 65535. */
ALWAYS v64 bond_fraction(const uint16_t *p)
{
	v64 b = v64_load16(p);
	return v64_or(b, v64_sll(b, 16));
}

ALWAYS void store_bonds(uint16_t *out, const v64 stored[CH])
{
	for (size_t c = 0; c < CH; c += PACK)
		v64_store16(out + c * W64, stored + c);
}

typedef struct {
	vd sum[CH], max[CH], min;
} column_stats;

ALWAYS void stats_init(column_stats *s)
{
	EACH(c) s->sum[c] = s->max[c] = vd_set1(0);
	s->min = vd_set1(1);
}

ALWAYS void stats_add(column_stats *s, size_t c, vd e)
{
	s->sum[c] = vd_add(s->sum[c], e);
	s->max[c] = vd_max(s->max[c], e);
	s->min = vd_min(s->min, e);
}

ALWAYS void stats_end(const column_stats *s, size_t h, asy_yuma_findings *f)
{
	EACH(c)
	{
		vd_store(f->sum + h + c * W64, s->sum[c]);
		vd_store(f->max + h + c * W64, s->max[c]);
	}
	f->all = f->all && vd_positive(s->min) == (1u << W64) - 1;
}

/* Whether a column has a single holder, whose share is ONE. */
static bool has_single(const asy_yuma_findings *f)
{
	bool single = false;
	for (size_t c = 0; c < ASY_YUMA_COLS; c++)
		single = single || (f->sum[c] != 0 && f->sum[c] == f->max[c]);
	return single;
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

/* ---- legacy bonds ---- */

/* Column sums of the old bonds (as numbers) and of the stake-weighted weights. */
ALWAYS void legacy_sums(const asy_yuma_block *k, int mode, divisors *old, divisors *fresh)
{
	const v64 penalty = v64_set1((uint64_t)k->penalty);
	double sum[ASY_YUMA_COLS], weighted[ASY_YUMA_COLS];
	for (size_t h = 0; h < ASY_YUMA_COLS; h += HALF) {
		v64 b[CH], d[CH];
		EACH(c)
		{
			b[c] = d[c] = v64_set1(0);
			if (mode == CLIPPED) /* for clipped weights the rank is that sum */
				d[c] = v64_load((const uint64_t *)k->rank + h + c * W64);
		}
		for (size_t i = 0; i < k->rows; i++) {
			const v64 a = v64_bcast((const uint64_t *)k->active + i);
			const size_t at = i * ASY_YUMA_COLS + h;
			EACH(c)
			{
				b[c] = v64_add(b[c], v64_load16(k->b + at + c * W64));
				if (mode != CLIPPED)
					d[c] = v64_add(d[c], mul32(weight_for_bonds(mode, k->w + at + c * W64,
																k->cons + h + c * W64, penalty),
											   a));
			}
		}
		EACH(c)
		{
			vd_store(sum + h + c * W64, to_double(b[c]));
			vd_store(weighted + h + c * W64, to_double(d[c]));
		}
	}
	divisors_set(old, sum);
	divisors_set(fresh, weighted);
}

ALWAYS void legacy_ema(const asy_yuma_block *k, int mode, size_t h, const divisors *old,
					   const divisors *fresh, asy_yuma_findings *f)
{
	const v64 penalty = v64_set1((uint64_t)k->penalty);
	const v64 alpha = v64_set1((uint64_t)k->alpha), rest = v64_set1((uint64_t)k->rest);
	column_stats stats;
	stats_init(&stats);
	v64 ones = v64_set1(0);
	for (size_t i = 0; i < k->rows; i++) {
		const v64 a = v64_bcast((const uint64_t *)k->active + i);
		const size_t at = i * ASY_YUMA_COLS + h;
		EACH(c)
		{
			const size_t o = c * W64;
			v64 x = mul32(weight_for_bonds(mode, k->w + at + o, k->cons + h + o, penalty), a);
			v64 d = quotient(to_double(x), vd_load(fresh->inv + h + o), vd_load(fresh->s + h + o));
			v64 b = quotient(vd_load16(k->b + at + o), vd_load(old->inv + h + o),
							 vd_load(old->s + h + o));
			ones = v64_or(ones, v64_or(d, b));
			vd e = to_double(v64_add(mul32(d, alpha), mul32(b, rest)));
			vd_store(k->work + at + o, e);
			stats_add(&stats, c, e);
		}
	}
	stats_end(&stats, h, f);
	f->ones = f->ones || v64_any_bit32(ones);
}

/* Column-normalised bonds: dividends, and bonds over the column's largest to store. */
ALWAYS void legacy_shares(const asy_yuma_block *k, size_t h, const divisors *norm,
						  const divisors *top)
{
	v64 inc[CH];
	EACH(c) inc[c] = v64_load((const uint64_t *)k->incentive + h + c * W64);
	for (size_t i = 0; i < k->rows; i++) {
		const size_t at = i * ASY_YUMA_COLS + h;
		v64 share = v64_load(k->share + i * 4), stored[CH];
		EACH(c)
		{
			const size_t o = c * W64;
			v64 q = quotient(vd_load(k->work + at + o), vd_load(norm->inv + h + o),
							 vd_load(norm->s + h + o));
			share = v64_add(share, mul32(q, inc[c]));
			stored[c] =
				to_u16p(quotient(unmagic(q), vd_load(top->inv + h + o), vd_load(top->s + h + o)));
		}
		store_bonds(k->out + at, stored);
		v64_store(k->share + i * 4, share);
	}
}

ALWAYS bool legacy_mode(const asy_yuma_block *block, int mode)
{
	/* a copy that nothing else can point into, so that stores do not force reloads */
	const asy_yuma_block copy = *block, *const k = &copy;
	divisors old, fresh, norm, top;
	asy_yuma_findings f = {.all = true};
	legacy_sums(k, mode, &old, &fresh);
	for (size_t h = 0; h < ASY_YUMA_COLS; h += HALF)
		legacy_ema(k, mode, h, &old, &fresh, &f);
	if (f.ones || has_single(&f))
		return false;
	divisors_set(&norm, f.sum);
	/* the largest normalised bond is the normalised largest bond */
	double max[ASY_YUMA_COLS];
	EACH64(c)
	{
		const size_t o = c * W64;
		vd_store(max + o,
				 unmagic(quotient(vd_load(f.max + o), vd_load(norm.inv + o), vd_load(norm.s + o))));
	}
	divisors_set(&top, max);
	presence(k, f.all);
	for (size_t h = 0; h < ASY_YUMA_COLS; h += HALF)
		legacy_shares(k, h, &norm, &top);
	return true;
}

static bool legacy(const asy_yuma_block *k)
{
	if (k->alpha == FX_ONE || k->rest == FX_ONE)
		return false;
	switch (mode_of(k)) {
	case CLIPPED:
		return legacy_mode(k, CLIPPED);
	case WHOLE:
		return legacy_mode(k, WHOLE);
	}
	return legacy_mode(k, BETWEEN);
}

/* ---- fractional bonds ---- */

/* Dividends: the column-normalised EMA against incentive. */
static bool shares(const asy_yuma_block *block, const asy_yuma_findings *f)
{
	const asy_yuma_block copy = *block, *const k = &copy;
	divisors norm;
	bool one = f->ones || has_single(f);
	for (size_t c = 0; c < ASY_YUMA_COLS; c++)
		one = one || k->incentive[c] >= FX_ONE;
	if (one)
		return false;
	divisors_set(&norm, f->sum);
	for (size_t h = 0; h < ASY_YUMA_COLS; h += HALF) {
		v64 inc[CH];
		EACH(c) inc[c] = v64_load((const uint64_t *)k->incentive + h + c * W64);
		for (size_t i = 0; i < k->rows; i++) {
			v64 share = v64_load(k->share + i * 4);
			EACH(c)
			{
				const size_t o = h + c * W64;
				v64 q = quotient(vd_load(k->work + i * ASY_YUMA_COLS + o), vd_load(norm.inv + o),
								 vd_load(norm.s + o));
				share = v64_add(share, mul32(q, inc[c]));
			}
			v64_store(k->share + i * 4, share);
		}
	}
	return true;
}

/* Whether an old bond is a full one, whose fraction is ONE. */
static bool has_full(const asy_yuma_block *k)
{
	v16 full = v16_set1(0);
	for (size_t at = 0; at < k->rows * ASY_YUMA_COLS; at += W16)
		full = v16_max(full, v16_load(k->b + at));
	return v16_has_max(full);
}

ALWAYS void constant_ema(const asy_yuma_block *k, int mode, size_t h, asy_yuma_findings *f)
{
	const v64 penalty = v64_set1((uint64_t)k->penalty);
	const v64 alpha = v64_set1((uint64_t)k->alpha), rest = v64_set1((uint64_t)k->rest);
	column_stats stats;
	stats_init(&stats);
	for (size_t i = 0; i < k->rows; i++) {
		const size_t at = i * ASY_YUMA_COLS + h;
		v64 stored[CH];
		EACH(c)
		{
			const size_t o = c * W64;
			v64 x = weight_for_bonds(mode, k->w + at + o, k->cons + h + o, penalty);
			v64 e = v64_add(mul32(x, alpha), mul32(bond_fraction(k->b + at + o), rest));
			vd_store(k->work + at + o, to_double(e));
			stats_add(&stats, c, to_double(e));
			stored[c] = to_u16p(e);
		}
		store_bonds(k->out + at, stored);
	}
	stats_end(&stats, h, f);
}

ALWAYS bool fractional_constant(const asy_yuma_block *block, int mode, asy_yuma_findings *f)
{
	const asy_yuma_block copy = *block, *const k = &copy;
	*f = (asy_yuma_findings){.all = true, .ones = has_full(k)};
	if (f->ones || k->alpha == FX_ONE || k->rest == FX_ONE)
		return false;
	for (size_t h = 0; h < ASY_YUMA_COLS; h += HALF)
		constant_ema(k, mode, h, f);
	presence(k, f->all);
	return true;
}

/* ---- liquid alpha ---- */

#define TERMS 11

/* e^y for 0 <= y <= 20, relative error below 1e-13. Everything about liquid alpha is
 * done on all vectors of a row in step: one alone would wait on its own latencies. */
ALWAYS void exponential(vd y[CH])
{
	static const double coefficient[TERMS + 1] = {
		1.0,       1.0,        1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,
		1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800,
	};
	vd t[CH], r[CH], p[CH];
	EACH(c)
	{
		/* y = k ln 2 + r; ln 2 in two parts, the first with room for k */
		t[c] = vd_fma(y[c], vd_set1(1.4426950408889634), vd_set1(MAGIC));
		vd k = vd_sub(t[c], vd_set1(MAGIC));
		r[c] = vd_fnma(k, vd_set1(6.93147180369123816490e-01), y[c]);
		r[c] = vd_fnma(k, vd_set1(1.90821492927058770002e-10), r[c]);
		p[c] = vd_set1(coefficient[TERMS]);
	}
	for (size_t i = TERMS; i-- > 0;)
		EACH(c) p[c] = vd_fma(p[c], r[c], vd_set1(coefficient[i]));
	EACH(c)
	y[c] = vd_mul(p[c], v64_double(v64_sll(v64_add(vd_bits(t[c]), v64_set1(1023)), 52)));
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
 * the tail from term 32 is below 2.6 y^32 / 32! of 2^32.
 *
 * The usual steepness is a multiple of 100 up to 1200: then slope / 2^32 is an integer,
 * the argument needs no floor, y stays below 6 and the tail below one unit. */
ALWAYS void alpha_lanes(const asy_yuma_sigmoid *g, bool usual, const v64 weight[CH],
						const v64 bond[CH], const vd consensus[CH], v64 alpha[CH],
						unsigned undecided[CH])
{
	const double tail = 2.6 * 4294967296.0 / 2.6313083693369353e35; /* 32! */
	const vd slope = vd_set1((double)g->slope * (1 / 4294967296.0));
	const v64 span = v64_set1((uint64_t)(g->hi - g->lo));
	vd outside[CH], y[CH], e[CH], sigma[CH], width[CH];
	EACH(c)
	{
		vd w = to_double(weight[c]), b = to_double(bond[c]);
		vd buy = vd_max(vd_sub(w, consensus[c]), vd_set1(0));
		vd sell = vd_max(vd_sub(b, w), vd_set1(0));
		vd x = vd_sub(vd_blend(buy, sell, vd_lt(w, b)), vd_set1(2147483648.0));
		vd arg = vd_mul(x, slope);
		if (!usual) {
			/* floor(slope * x / 2^32): the product may exceed 53 bits, but rounding can
			 * hide a floor only by landing on an integer from below */
			vd lost = vd_fma(x, slope, vd_sub(vd_set1(0), arg)), whole = vd_floor(arg);
			vd hidden = vd_and(vd_eq(arg, whole), vd_lt(lost, vd_set1(0)));
			arg = vd_sub(whole, vd_and(hidden, vd_set1(1)));
		}
		y[c] = vd_mul(arg, vd_set1(1 / 4294967296.0));
		outside[c] = vd_or(vd_lt(y[c], vd_set1(2)), vd_lt(vd_set1(20), y[c]));
		y[c] = e[c] = vd_blend(y[c], vd_set1(5), outside[c]);
	}
	exponential(e);
	EACH(c)
	{
		vd loss = vd_fma(e[c], vd_set1(0.6), vd_set1(33));
		if (!usual) {
			vd y4 = vd_mul(vd_mul(y[c], y[c]), vd_mul(y[c], y[c]));
			vd y16 = vd_mul(vd_mul(y4, y4), vd_mul(y4, y4));
			loss = vd_fma(vd_mul(y16, y16), vd_set1(tail), loss);
		}
		/* sigma = 2^64 / (ONE + S), and d sigma = sigma * loss / (ONE + S) with 5 % for
		 * the second order */
		vd total = vd_fma(e[c], vd_set1(4294967296.0), vd_set1(4294967296.0));
		sigma[c] = vd_div(vd_set1(18446744073709551616.0), total);
		width[c] = vd_mul(loss, vd_set1(1.05 / 18446744073709551616.0));
	}
	EACH(c)
	{
		vd low = vd_fnma(sigma[c], vd_set1(1e-12), sigma[c]);
		vd high = vd_fma(sigma[c], vd_set1(1e-12), sigma[c]);
		high = vd_fma(vd_mul(sigma[c], sigma[c]), width[c], high);
		v64 from = mul32(vd_bits(vd_add(vd_floor(low), vd_set1(MAGIC))), span);
		v64 to = mul32(vd_bits(vd_add(vd_floor(high), vd_set1(MAGIC))), span);
		vd decided = vd_andnot(outside[c], v64_double(v64_eq(from, to)));
		/* without a weight there is no factor */
		decided = vd_or(decided, v64_double(v64_eq(weight[c], v64_set1(0))));
		undecided[c] = ~vd_mask(decided) & ((1u << W64) - 1);
		alpha[c] = v64_add(from, v64_set1((uint64_t)g->lo));
	}
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

ALWAYS void liquid_ema(const asy_yuma_block *k, int mode, bool usual, size_t h,
					   asy_yuma_findings *f)
{
	const asy_yuma_sigmoid *g = k->sigmoid;
	const v64 penalty = v64_set1((uint64_t)k->penalty), one = v64_set1((uint64_t)FX_ONE);
	const int64_t *cons = k->chosen + h;
	vd consensus[CH];
	EACH(c) consensus[c] = to_double(v64_load((const uint64_t *)cons + c * W64));
	column_stats stats;
	stats_init(&stats);
	for (size_t i = 0; i < k->rows; i++) {
		const size_t at = i * ASY_YUMA_COLS + h;
		v64 stored[CH], x[CH], b[CH], alpha[CH];
		unsigned undecided[CH];
		EACH(c)
		{
			x[c] = weight_for_bonds(mode, k->w + at + c * W64, k->cons + h + c * W64, penalty);
			b[c] = bond_fraction(k->b + at + c * W64);
		}
		alpha_lanes(g, usual, x, b, consensus, alpha, undecided);
		EACH(c)
		{
			if (undecided[c] != 0)
				alpha[c] = alpha_exact(g, alpha[c], x[c], b[c], cons + c * W64, undecided[c]);
			v64 e = v64_add(mul32(b[c], v64_sub(one, alpha[c])), mul32(x[c], alpha[c]));
			/* without a weight the bond is gone */
			e = v64_andnot(v64_eq(x[c], v64_set1(0)), e);
			vd_store(k->work + at + c * W64, to_double(e));
			stats_add(&stats, c, to_double(e));
			stored[c] = to_u16p(e);
		}
		store_bonds(k->out + at, stored);
	}
	stats_end(&stats, h, f);
}

ALWAYS bool liquid_mode(const asy_yuma_block *block, int mode, bool usual, asy_yuma_findings *f)
{
	const asy_yuma_block copy = *block, *const k = &copy;
	const asy_yuma_sigmoid *g = k->sigmoid;
	*f = (asy_yuma_findings){.all = true, .ones = has_full(k)};
	if (f->ones || g->lo <= 0 || g->hi >= FX_ONE || g->hi < g->lo)
		return false;
	for (size_t h = 0; h < ASY_YUMA_COLS; h += HALF)
		liquid_ema(k, mode, usual, h, f);
	presence(k, f->all);
	return true;
}

static bool fractional_liquid(const asy_yuma_block *k, int mode, asy_yuma_findings *f)
{
	const int64_t slope = k->sigmoid->slope;
	const bool usual = slope % FX_ONE == 0 && slope < 0 && slope >= -12 * FX_ONE;
	switch (mode) {
	case CLIPPED:
		return usual ? liquid_mode(k, CLIPPED, true, f) : liquid_mode(k, CLIPPED, false, f);
	case WHOLE:
		return usual ? liquid_mode(k, WHOLE, true, f) : liquid_mode(k, WHOLE, false, f);
	}
	return usual ? liquid_mode(k, BETWEEN, true, f) : liquid_mode(k, BETWEEN, false, f);
}

static bool ema(const asy_yuma_block *k, asy_yuma_findings *f)
{
	if (k->sigmoid != NULL)
		return fractional_liquid(k, mode_of(k), f);
	switch (mode_of(k)) {
	case CLIPPED:
		return fractional_constant(k, CLIPPED, f);
	case WHOLE:
		return fractional_constant(k, WHOLE, f);
	}
	return fractional_constant(k, BETWEEN, f);
}
