/* The stake-weighted median of every column: the largest weight that a kappa
 * majority of stake supports.
 *
 * The pallet searches with pivots; as every partial sum of stake is an exact
 * integer, any search that answers the same question gives the same bits:
 * the smallest distinct score v (zeros included) such that the stake of scores
 * <= v exceeds the minority, or the largest score when there is none.
 * mirrors: subtensor epoch/math.rs:weighted_median_col_sparse @14bc6f9 */
#include "yuma/run.h"

static void swap(int64_t *v, size_t a, size_t b)
{
	int64_t t = v[a];
	v[a] = v[b];
	v[b] = t;
}

int64_t asy_yuma_median(int64_t *score, int64_t *stake, size_t n, bool has_zero, int64_t base,
						int64_t minority)
{
	/* 0 is the smallest score: when its stake suffices, it is the median */
	if (n == 0 || (has_zero && base > minority))
		return 0;
	size_t from = 0, to = n;
	while (true) {
		int64_t lo = score[from], hi = lo;
		for (size_t k = from + 1; k < to; k++) {
			lo = fx_min(lo, score[k]);
			hi = fx_max(hi, score[k]);
		}
		if (lo == hi)
			return lo;
		/*~ Halve the range of values rather than pick a pivot: 33 rounds at most
		 * whatever the input, and a round only touches what is still in range. */
		int64_t mid = lo + (hi - lo) / 2, below = base;
		size_t cut = from;
		for (size_t k = from; k < to; k++) {
			if (score[k] > mid)
				continue;
			below += stake[k];
			swap(score, k, cut);
			swap(stake, k, cut++);
		}
		/* lo <= mid < hi: both sides hold something. When nothing exceeds the
		 * minority this walks to the largest score, which is the rule. */
		if (below > minority) {
			to = cut;
		} else {
			from = cut;
			base = below;
		}
	}
}

void asy_yuma_consensus(asy_yuma_run *r)
{
	const size_t n = r->n;
	int64_t *s = r->acc; /* stakes of the voters, normalised among themselves */
	int64_t total = 0;
	size_t voters = 0;
	for (size_t i = 0; i < n; i++) {
		s[i] = fx_max(r->active_stake[i], 0);
		voters += s[i] > 0;
	}
	asy_yuma_normalise(s, n);
	for (size_t i = 0; i < n; i++)
		total += s[i];

	/* columns of W over the voters: count, then place */
	memset(r->col_off, 0, (n + 1) * sizeof *r->col_off);
	for (size_t i = 0; i < n; i++) {
		if (r->active_stake[i] <= 0)
			continue;
		for (size_t k = r->w.off[i]; k < r->w.off[i + 1]; k++)
			r->col_off[r->w.col[k]] += r->w.bits[k] > 0;
	}
	size_t at = 0;
	for (size_t j = 0; j <= n; j++) {
		size_t len = r->col_off[j];
		r->col_off[j] = at;
		at += len;
	}
	for (size_t i = 0; i < n; i++) {
		if (r->active_stake[i] <= 0)
			continue;
		for (size_t k = r->w.off[i]; k < r->w.off[i + 1]; k++) {
			if (r->w.bits[k] <= 0)
				continue;
			size_t place = r->col_off[r->w.col[k]]++;
			r->col_score[place] = r->w.bits[k];
			r->col_stake[place] = s[i];
		}
	}
	int64_t minority = fx_sub(total, r->kappa);
	size_t from = 0;
	for (size_t j = 0; j < n; j++) {
		size_t len = r->col_off[j] - from; /* the cursor now ends the column */
		int64_t zeros = total;
		for (size_t k = 0; k < len; k++)
			zeros -= r->col_stake[from + k];
		r->consensus[j] = asy_yuma_median(r->col_score + from, r->col_stake + from, len,
										  len < voters, zeros, minority);
		from += len;
	}
	memset(s, 0, n * sizeof *s);
}
