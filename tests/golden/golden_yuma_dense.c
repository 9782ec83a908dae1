/* The chain's test-only dense epoch on full matrices: a second, plain implementation
 * of the same rules, used only to check `dense.out` of the vectors. It differs from
 * the path that the chain runs where spec section 10 says so: no owner rules, no
 * commit-reveal mask, bonds that decay where the weight is absent, full bond rows.
 * mirrors: subtensor epoch/run_epoch.rs:epoch_dense_mechanism @14bc6f9 */
#include <stdlib.h>
#include "golden/golden_yuma.h"

typedef struct {
	const assay_yuma_input *in;
	size_t n;
	int64_t *w, *c, *wb, *b, *e, *norm; /* n * n */
	asy_yuma_run run;                   /* vectors of the shared front and back */
	uint8_t *memory;
} dense;

static int64_t *matrix(size_t n)
{
	return asy_calloc(n * n + 1, sizeof(int64_t));
}

static void masked_weights(dense *d)
{
	const size_t n = d->n;
	for (size_t i = 0; i < n; i++) {
		asy_yuma_row row = asy_yuma_rows_get(&d->in->weights, i);
		int64_t sum = 0;
		for (size_t k = 0; k < row.len; k++) {
			size_t j = row.uid[k];
			if (j >= n || j == i || !asy_yuma_row_open(&d->run, i) ||
				d->run.last_update[i] <= d->in->block_at_registration[j])
				continue;
			d->w[i * n + j] = fx_from_u16(row.value[k]);
			sum = fx_wrap_add(sum, d->w[i * n + j]);
		}
		for (size_t j = 0; sum > 0 && j < n; j++)
			d->w[i * n + j] = fx_div(d->w[i * n + j], sum);
	}
}

static void consensus(dense *d)
{
	const size_t n = d->n;
	int64_t *s = asy_calloc(n + 1, sizeof *s), *score = asy_calloc(n + 1, sizeof *score);
	int64_t *stake = asy_calloc(n + 1, sizeof *stake);
	int64_t total = 0;
	memcpy(s, d->run.active_stake, n * sizeof *s);
	asy_yuma_normalise(s, n);
	for (size_t i = 0; i < n; i++)
		total += s[i];
	for (size_t j = 0; j < n; j++) {
		int64_t zeros = 0;
		size_t m = 0, voters = 0;
		for (size_t i = 0; i < n; i++) {
			if (s[i] <= 0)
				continue;
			voters++;
			if (d->w[i * n + j] == 0) {
				zeros += s[i];
				continue;
			}
			score[m] = d->w[i * n + j];
			stake[m++] = s[i];
		}
		d->run.consensus[j] =
			asy_yuma_median(score, stake, m, m < voters, zeros, fx_sub(total, d->run.kappa));
	}
	free(s);
	free(score);
	free(stake);
}

static void clip_and_rank(dense *d)
{
	const size_t n = d->n;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			const size_t at = i * n + j;
			d->c[at] = fx_min(d->w[at], d->run.consensus[j]);
			d->run.vtrust[i] = fx_wrap_add(d->run.vtrust[i], d->c[at]);
			d->run.rank[j] = fx_add(d->run.rank[j], fx_mul(d->run.active_stake[i], d->c[at]));
			d->wb[at] = d->run.penalty == FX_ONE
							? d->c[at]
							: fx_add(d->w[at], fx_mul(d->run.penalty, fx_sub(d->c[at], d->w[at])));
		}
	}
	memcpy(d->run.incentive, d->run.rank, n * sizeof(int64_t));
	asy_yuma_normalise(d->run.incentive, n);
}

static void old_bonds(dense *d)
{
	const size_t n = d->n;
	for (size_t i = 0; i < n; i++) {
		asy_yuma_row row = asy_yuma_rows_get(&d->in->bonds, i);
		for (size_t k = 0; k < row.len; k++)
			if (row.uid[k] < n && asy_yuma_bond_kept(&d->run, row.uid[k]))
				d->b[i * n + row.uid[k]] =
					d->in->yuma3 ? fx_from_u16p(row.value[k]) : fx_from_u16(row.value[k]);
	}
}

static void col_normalise(int64_t *m, size_t n)
{
	for (size_t j = 0; j < n; j++) {
		int64_t sum = 0;
		for (size_t i = 0; i < n; i++)
			sum = fx_add(sum, m[i * n + j]);
		for (size_t i = 0; sum != 0 && i < n; i++)
			m[i * n + j] = fx_div(m[i * n + j], sum);
	}
}

static void bonds_legacy(dense *d)
{
	const size_t n = d->n;
	const int64_t rest = fx_sub(FX_ONE, d->run.alpha);
	col_normalise(d->b, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			d->e[i * n + j] = fx_mul(d->run.active_stake[i], d->wb[i * n + j]);
	col_normalise(d->e, n);
	for (size_t k = 0; k < n * n; k++)
		d->e[k] = fx_add(fx_mul(d->run.alpha, d->e[k]), fx_mul(rest, d->b[k]));
	col_normalise(d->e, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			d->run.dividends[i] =
				fx_add(d->run.dividends[i], fx_mul(d->e[i * n + j], d->run.incentive[j]));
	asy_yuma_normalise(d->run.dividends, n);
	for (size_t j = 0; j < n; j++) {
		int64_t max = 0;
		for (size_t i = 0; i < n; i++)
			max = fx_max(max, d->e[i * n + j]);
		for (size_t i = 0; max != 0 && i < n; i++)
			d->e[i * n + j] = fx_div(d->e[i * n + j], max);
	}
}

static void bonds_fractional(dense *d)
{
	const size_t n = d->n;
	const int64_t lo = fx_from_u16p(d->in->alpha_low), hi = fx_from_u16p(d->in->alpha_high);
	const bool liquid = d->in->liquid_alpha && asy_yuma_any(d->run.consensus, n);
	for (size_t k = 0; k < n * n; k++) {
		int64_t alpha = d->run.alpha;
		if (liquid)
			alpha = asy_yuma_bond_alpha(d->run.consensus[k % n], d->wb[k], d->b[k], lo, hi,
										(int64_t)d->in->alpha_sigmoid_steepness * FX_ONE);
		int64_t fresh = fx_mul(alpha, d->wb[k]);
		int64_t old = fx_mul(fx_sub(FX_ONE, alpha), d->b[k]);
		d->e[k] = liquid ? fx_min(fx_add(old, fx_max(fresh, 0)), FX_ONE) : fx_add(fresh, old);
		d->norm[k] = d->e[k];
	}
	col_normalise(d->norm, n);
	for (size_t i = 0; i < n; i++) {
		int64_t sum = 0;
		for (size_t j = 0; j < n; j++)
			sum = fx_wrap_add(sum, fx_mul(d->norm[i * n + j], d->run.incentive[j]));
		d->run.dividends[i] = fx_cmul(sum, d->run.active_stake[i]);
	}
	asy_yuma_normalise(d->run.dividends, n);
}

static bool dense_init(dense *d, const assay_yuma_input *in)
{
	asy_bump b = {0};
	*d = (dense){.in = in, .n = in->n, .run = {.in = in, .n = in->n}};
	asy_yuma_plan_frame(&d->run, &b);
	d->memory = aligned_alloc(ASY_BUMP_ALIGN, b.used + ASY_BUMP_ALIGN);
	int64_t **all[] = {&d->w, &d->c, &d->wb, &d->b, &d->e, &d->norm};
	bool ok = d->memory != NULL;
	for (size_t k = 0; k < ASY_COUNT(all); k++)
		ok = (*all[k] = matrix(in->n)) != NULL && ok;
	if (!ok)
		return false;
	memset(d->memory, 0, b.used);
	b = (asy_bump){.base = d->memory};
	asy_yuma_plan_frame(&d->run, &b);
	return true;
}

static void dense_free(dense *d)
{
	int64_t *all[] = {d->w, d->c, d->wb, d->b, d->e, d->norm};
	for (size_t k = 0; k < ASY_COUNT(all); k++)
		free(all[k]);
	free(d->memory);
}

/* Full rows of the new validators, empty rows of those that lost their permit. */
static void write_bonds(const dense *d, const assay_yuma_rows_out *out)
{
	const size_t n = d->n;
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		out->offset[i] = at;
		for (size_t j = 0; d->run.new_permit[i] && j < n; j++, at++) {
			out->uid[at] = (uint16_t)j;
			out->value[at] = fx_to_u16p(d->e[i * n + j]);
		}
	}
	out->offset[n] = at;
}

bool golden_yuma_dense(const assay_yuma_input *in, const assay_yuma_out *out)
{
	dense d;
	assay_yuma_input plain = *in;
	plain.owner_uid = -1;
	plain.commit_reveal = false;
	bool ok = dense_init(&d, &plain);
	if (ok) {
		asy_yuma_front(&d.run);
		masked_weights(&d);
		consensus(&d);
		clip_and_rank(&d);
		old_bonds(&d);
		if (plain.yuma3)
			bonds_fractional(&d);
		else
			bonds_legacy(&d);
		asy_yuma_emission(&d.run);
		asy_yuma_write(&d.run, out);
		write_bonds(&d, &out->bonds);
	}
	dense_free(&d);
	return ok;
}
