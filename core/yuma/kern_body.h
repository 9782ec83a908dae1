/* The vector kernels, written once over the operations that kern_avx2.c and
 * kern_neon.c define: v16, v32, v64, vd (double) and their functions. Included, not
 * compiled.
 *
 *~ Division is the cost of an epoch: up to five exact quotients per weight. Here
 * q = floor(x * 2^32 / s) takes five instructions on doubles. x and s are integers
 * below 2^53, exact as doubles. fma(x, 2^32/s, 2^52) is the quotient rounded to an
 * integer, wrong by one at most (its relative error is below 2^-51 and it is at most
 * 2^32); x - q * (s / 2^32) is the exact remainder over 2^32, as an fma rounds once
 * and the remainder needs no more than 34 bits; its sign says whether q was one too
 * many. The low bits of 2^52 + q are q itself. */

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

/* ---- vectors ---- */

static void ratio(int64_t *v, size_t n, int64_t sum)
{
	const vd inv = vd_set1(4294967296.0 / (double)sum);
	const vd s = vd_set1((double)sum * (1 / 4294967296.0));
	const v64 magic = vd_bits(vd_set1(MAGIC));
	size_t k = 0;
	for (; k + W64 <= n; k += W64) {
		v64 q = quotient(to_double(v64_load((const uint64_t *)v + k)), inv, s);
		v64_store((uint64_t *)v + k, v64_sub(q, magic));
	}
	for (; k < n; k++)
		v[k] = fx_ratio(v[k], sum);
}

/* ---- rows ---- */

static unsigned row_kind(const uint16_t *uid, size_t n)
{
	v16 bad = v16_set1(0), next = v16_add(v16_set1(uid[0]), v16_iota());
	size_t k = 0;
	unsigned tail = uid[0] + n > UINT16_MAX + 1u; /* a run does not wrap */
	for (; k + W16 <= n; k += W16) {
		bad = v16_or(bad, v16_xor(v16_load(uid + k), next));
		next = v16_add(next, v16_set1(W16));
	}
	for (; k < n; k++)
		tail |= uid[k] ^ (unsigned)(uint16_t)(uid[0] + k);
	if (tail == 0 && v16_is_zero(bad))
		return ASY_ROW_RUN;
	bad = v16_set1(0);
	tail = 0;
	for (k = 0; k + W16 < n; k += W16)
		bad = v16_or(bad, v16_geu(v16_load(uid + k), v16_load(uid + k + 1)));
	for (k += 1; k < n; k++)
		tail |= uid[k - 1] >= uid[k];
	return tail == 0 && v16_is_zero(bad) ? ASY_ROW_ASCENDING : ASY_ROW_MIXED;
}

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

/*~ x * 2^32 / s for a 16-bit x and one s per row: multiply by m = ceil(2^95 / s'), where
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
		if (pass >= 6 && pass % 2 == 0)
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

#include "yuma/kern_bonds.h"
