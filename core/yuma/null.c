/*~ Null consensus (runtimes from spec 474 on, subnets that switched to it): one validator,
 * the one with the most stake, decides. Its stored row pays the miners in proportion, every
 * holder of stake earns dividends by stake alone; no median, no clipping, no bonds.
 * mirrors: subtensor epoch/run_epoch.rs, the Null branch @02214123 */
#include "yuma/kern.h"

/* 256 bits: sums of stakes in units of 2^-64 rao, times a budget, exceed 128. */
typedef struct {
	asy_u128 hi, lo;
} wide;

static wide wide_add(wide a, wide b)
{
	wide s = {a.hi + b.hi, a.lo + b.lo};
	s.hi += s.lo < a.lo;
	return s;
}

static wide wide_sub(wide a, wide b)
{
	return (wide){a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo};
}

static bool wide_less(wide a, wide b)
{
	return a.hi != b.hi ? a.hi < b.hi : a.lo < b.lo;
}

static wide wide_of(asy_u128 x)
{
	return (wide){0, x};
}

/* floor(part * amount / total) for part <= total, total not 0: long division, a bit of the
 * amount at a time, so that nothing grows beyond three totals. */
static uint64_t share_of(wide part, uint64_t amount, wide total)
{
	uint64_t q = 0;
	wide rest = {0, 0};
	for (unsigned bit = 64; bit-- > 0;) {
		q <<= 1;
		rest = wide_add(rest, rest);
		if ((amount >> bit & 1) != 0)
			rest = wide_add(rest, part);
		for (; !wide_less(rest, total); q++)
			rest = wide_sub(rest, total);
	}
	return q;
}

static wide sum_of(const asy_u128 *share, size_t n)
{
	wide sum = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum = wide_add(sum, wide_of(share[i]));
	return sum;
}

/* Pays out the whole budget: each part is its exact value, rounded so that the parts up to
 * every uid add up to the floor of theirs. */
static void apportion(const asy_u128 *share, size_t n, uint64_t budget, uint64_t *pay)
{
	const wide total = sum_of(share, n);
	wide through = {0, 0};
	uint64_t paid = 0;
	for (size_t i = 0; i < n; i++) {
		through = wide_add(through, wide_of(share[i]));
		uint64_t now = total.hi == 0 && total.lo == 0 ? 0 : share_of(through, budget, total);
		pay[i] = now - paid;
		paid = now;
	}
}

/* What is stored beside the pay, and never feeds back into it. */
static void report(const asy_u128 *share, size_t n, uint16_t *out)
{
	const wide total = sum_of(share, n);
	for (size_t i = 0; out != NULL && i < n; i++)
		out[i] = share[i] == 0
					 ? 0
					 : fx_to_u16p((int64_t)share_of(wide_of(share[i]), (uint64_t)1 << 32, total));
}

typedef struct {
	asy_yuma_run run; /* the frame of an ordinary epoch: stake, activity, commits */
	asy_u128 *miner, *holder;
	uint64_t *pay;
} null_run;

static void plan(null_run *r, asy_bump *b)
{
	asy_yuma_plan_frame(&r->run, b);
	r->miner = ASY_BUMP_ARRAY(b, asy_u128, r->run.n);
	r->holder = ASY_BUMP_ARRAY(b, asy_u128, r->run.n);
	r->pay = ASY_BUMP_ARRAY(b, uint64_t, r->run.n);
}

size_t assay_yuma_null_scratch_len(const assay_yuma_input *in)
{
	null_run r = {.run = asy_yuma_run_of(in)};
	asy_bump b = {0};
	plan(&r, &b);
	return b.overflow || in->n > ASSAY_YUMA_NULL_UIDS_MAX ? 0 : b.used + ASY_BUMP_ALIGN;
}

/* The most stake, before the threshold and unrounded; the lowest uid of equals. */
static size_t find_winner(const asy_yuma_run *r)
{
	size_t winner = 0;
	for (size_t i = 1; i < r->n; i++)
		if (r->total[i] > r->total[winner])
			winner = i;
	return winner;
}

/* The winner's row as the masks leave it; an empty one pays everybody alike. */
static void read_row(null_run *r, size_t winner)
{
	const asy_yuma_run *run = &r->run;
	asy_yuma_row row = asy_yuma_row_at(&run->in->weights, winner);
	bool any = false;
	for (size_t i = 0; i < run->n; i++)
		r->miner[i] = 0;
	for (size_t k = 0; k < row.len; k++)
		if (asy_yuma_weight_kept(run, winner, row.uid[k])) {
			r->miner[row.uid[k]] = row.value[k];
			any = any || row.value[k] != 0;
		}
	for (size_t i = 0; !any && i < run->n; i++)
		r->miner[i] = 1;
}

static void pay_out(null_run *r, const assay_yuma_null_budget *b, const assay_yuma_null_out *out)
{
	const size_t n = r->run.n;
	bool has = false;
	for (size_t i = 0; i < n; i++) {
		r->holder[i] = r->run.total[i] > 0 ? (asy_u128)r->run.total[i] : 0;
		has = has || r->holder[i] != 0;
	}
	apportion(r->miner, n, has ? b->mining : b->fallback, r->pay);
	for (size_t i = 0; i < n; i++) {
		if (out->server_emission != NULL)
			out->server_emission[i] = r->pay[i];
		if (out->emission != NULL)
			out->emission[i] = r->pay[i];
	}
	apportion(r->holder, n, has ? b->dividend : 0, r->pay);
	for (size_t i = 0; i < n; i++) {
		if (out->validator_emission != NULL)
			out->validator_emission[i] = r->pay[i];
		if (out->emission != NULL)
			out->emission[i] = asy_sat_add_u64(out->emission[i], r->pay[i]);
	}
	report(r->miner, n, out->incentive);
	report(r->holder, n, out->dividends);
}

static assay_status check(const assay_yuma_input *in, assay_mut scratch, assay_err *err)
{
	if (in->n > ASSAY_YUMA_NULL_UIDS_MAX)
		return ASSAY_FAIL(err, E_RANGE, "n is %zu, at most %u under Null consensus", in->n,
						  ASSAY_YUMA_NULL_UIDS_MAX);
	assay_status st = assay_yuma_check(in, err);
	if (st != ASSAY_OK)
		return st;
	const size_t need = assay_yuma_null_scratch_len(in);
	if (need == 0 || scratch.ptr == NULL || scratch.len < need)
		return ASSAY_FAIL(err, E_LIMIT, "scratch of %zu bytes, %zu needed", scratch.len, need);
	return ASSAY_OK;
}

assay_status assay_yuma_null_epoch(const assay_yuma_input *in, const assay_yuma_null_budget *budget,
								   assay_mut scratch, const assay_yuma_null_out *out,
								   assay_err *err)
{
	assay_status st = check(in, scratch, err);
	if (st != ASSAY_OK)
		return st;
	null_run r = {.run = asy_yuma_run_of(in)};
	size_t skew = (ASY_BUMP_ALIGN - (uintptr_t)scratch.ptr % ASY_BUMP_ALIGN) % ASY_BUMP_ALIGN;
	asy_bump b = {.base = scratch.ptr + skew};
	plan(&r, &b);
	asy_yuma_front(&r.run);
	const size_t n = r.run.n, winner = n > 0 ? find_winner(&r.run) : 0;
	if (out->winner != NULL)
		*out->winner = (uint16_t)winner;
	for (size_t i = 0; i < n; i++) {
		if (out->validator_permit != NULL)
			out->validator_permit[i] = i == winner;
		if (out->active != NULL)
			out->active[i] = r.run.active[i];
		if (out->stake_weight != NULL)
			out->stake_weight[i] = fx_to_u16p(r.run.stake[i]);
	}
	if (n > 0)
		read_row(&r, winner);
	pay_out(&r, budget, out);
	return ASSAY_OK;
}
