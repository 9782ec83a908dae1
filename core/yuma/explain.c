/* Why an epoch came out as it did for one neuron: what consensus left of its weights
 * and who stood behind that, what its dividend is made of, who voted on it. Everything
 * is read from the epoch's own intermediate values; nothing is estimated. Refuses to
 * advise: what to weigh is not a question for consensus. */
#include <stdlib.h>
#include "yuma/run.h"

/* One epoch with what the explanations read. */
typedef struct {
	size_t n;
	int64_t *stake, *active_stake, *consensus, *vtrust, *incentive, *dividends, *voting;
	uint64_t *server, *validator;
	uint8_t *active, *permit;
	assay_yuma_matrix_out weights, bonds; /* bonds normalised by column */
	assay_yuma_matrix_out votes, holders; /* the same two by miner */
	uint16_t *voter;                      /* whose stake counts */
	size_t voters;
	size_t *off; /* stored weights, copied */
	uint16_t *uid, *value;
} episode;

struct asy_yuma_report {
	asy_arena *arena;
	episode now, before;
	bool has_before;
	bool *permitted;
	asy_yuma_why *why;
	asy_yuma_vote *votes;
};

static bool matrix_init(asy_arena *a, assay_yuma_matrix_out *m, size_t n, size_t cap)
{
	*m = (assay_yuma_matrix_out){asy_arena_array(a, n + 1, sizeof *m->offset),
								 asy_arena_array(a, cap + 1, sizeof *m->col),
								 asy_arena_array(a, cap + 1, sizeof *m->bits), cap};
	return m->offset != NULL && m->col != NULL && m->bits != NULL;
}

/* by_col: the entries of m by column, in each ascending by row. Bonds may also name columns
 * from n on, which belong to nobody. */
static bool transpose(asy_arena *a, const assay_yuma_matrix_out *m, size_t n,
					  assay_yuma_matrix_out *by_col)
{
	if (!matrix_init(a, by_col, n, m->offset[n]))
		return false;
	size_t *end = by_col->offset; /* of each column; its start when all are placed */
	memset(end, 0, (n + 1) * sizeof *end);
	for (size_t k = 0; k < m->offset[n]; k++)
		if (m->col[k] < n)
			end[m->col[k]]++;
	for (size_t j = 1; j <= n; j++)
		end[j] += end[j - 1];
	for (size_t i = n; i-- > 0;) {
		for (size_t k = m->offset[i]; k < m->offset[i + 1]; k++) {
			if (m->col[k] >= n)
				continue;
			const size_t at = --end[m->col[k]];
			by_col->col[at] = (uint16_t)i;
			by_col->bits[at] = m->bits[k];
		}
	}
	return true;
}

static bool episode_init(asy_arena *a, episode *e, const assay_yuma_input *in)
{
	const size_t n = in->n, cap = assay_yuma_matrix_cap(in);
	int64_t **i64[] = {&e->stake,     &e->active_stake, &e->consensus, &e->vtrust,
					   &e->incentive, &e->dividends,    &e->voting};
	bool ok = matrix_init(a, &e->weights, n, cap) && matrix_init(a, &e->bonds, n, cap);
	e->n = n;
	for (size_t k = 0; k < ASY_COUNT(i64); k++)
		ok = (*i64[k] = asy_arena_array(a, n + 1, sizeof(int64_t))) != NULL && ok;
	e->server = asy_arena_array(a, n + 1, sizeof *e->server);
	e->validator = asy_arena_array(a, n + 1, sizeof *e->validator);
	e->active = asy_arena_array(a, n + 1, 1);
	e->permit = asy_arena_array(a, n + 1, 1);
	e->voter = asy_arena_array(a, n + 1, sizeof *e->voter);
	e->off = asy_arena_array(a, n + 1, sizeof *e->off);
	e->uid = asy_arena_array(a, cap + 1, sizeof *e->uid);
	e->value = asy_arena_array(a, cap + 1, sizeof *e->value);
	return ok && e->server != NULL && e->validator != NULL && e->active != NULL &&
		   e->permit != NULL && e->voter != NULL && e->off != NULL && e->uid != NULL &&
		   e->value != NULL;
}

static void copy_rows(episode *e, const assay_yuma_input *in)
{
	size_t at = 0;
	for (size_t i = 0; i < e->n; i++) {
		asy_yuma_row row = asy_yuma_rows_get(&in->weights, i);
		e->off[i] = at;
		if (row.len != 0) {
			memcpy(e->uid + at, row.uid, row.len * sizeof *row.uid);
			memcpy(e->value + at, row.value, row.len * sizeof *row.value);
		}
		at += row.len;
	}
	e->off[e->n] = at;
}

static assay_status episode_run(asy_arena *a, episode *e, const assay_yuma_input *in,
								assay_err *err)
{
	assay_status st = assay_yuma_check(in, err);
	if (st != ASSAY_OK)
		return st;
	const size_t need = assay_yuma_scratch_len(in);
	uint8_t *scratch = need == 0 ? NULL : malloc(need);
	if (scratch == NULL || !episode_init(a, e, in)) {
		free(scratch);
		return ASSAY_FAIL(err, E_NOMEM, "explaining an epoch of %zu neurons", in->n);
	}
	assay_yuma_trace t = {.stake = e->stake,
						  .active_stake = e->active_stake,
						  .consensus = e->consensus,
						  .validator_trust = e->vtrust,
						  .incentive = e->incentive,
						  .dividends = e->dividends,
						  .weights = e->weights};
	/* the column-normalised EMA is what dividends are taken from, in both modes */
	*(in->yuma3 ? &t.ema_bonds_norm : &t.ema_bonds) = e->bonds;
	const assay_yuma_out out = {.active = e->active,
								.validator_permit = e->permit,
								.server_emission = e->server,
								.validator_emission = e->validator,
								.trace = &t};
	st = assay_yuma_epoch(in, (assay_mut){scratch, need}, &out, err);
	free(scratch);
	if (st != ASSAY_OK)
		return st;
	memcpy(e->voting, e->active_stake, e->n * sizeof *e->voting);
	asy_yuma_normalise(e->voting, e->n);
	for (size_t i = 0; i < e->n; i++)
		if (e->voting[i] > 0)
			e->voter[e->voters++] = (uint16_t)i;
	if (!transpose(a, &e->weights, e->n, &e->votes) || !transpose(a, &e->bonds, e->n, &e->holders))
		return ASSAY_FAIL(err, E_NOMEM, "explaining an epoch of %zu neurons", in->n);
	copy_rows(e, in);
	return ASSAY_OK;
}

assay_status asy_yuma_report_new(const assay_yuma_input *in, const assay_yuma_input *previous,
								 asy_yuma_report **out, assay_err *err)
{
	asy_yuma_report *r = asy_calloc(1, sizeof *r);
	if (r == NULL || (r->arena = asy_arena_new(0)) == NULL) {
		free(r);
		return ASSAY_FAIL(err, E_NOMEM, "a report");
	}
	assay_status st = episode_run(r->arena, &r->now, in, err);
	if (st == ASSAY_OK && previous != NULL) {
		st = episode_run(r->arena, &r->before, previous, err);
		if (st != ASSAY_OK)
			st = assay_err_at(err, st, "the epoch before");
		r->has_before = true;
	}
	const size_t n = in->n + 1;
	if (st == ASSAY_OK) {
		r->permitted = asy_arena_array(r->arena, n, sizeof *r->permitted);
		r->why = asy_arena_array(r->arena, UINT16_MAX + 1u, sizeof *r->why);
		r->votes = asy_arena_array(r->arena, n, sizeof *r->votes);
		if (r->permitted == NULL || r->why == NULL || r->votes == NULL)
			st = ASSAY_FAIL(err, E_NOMEM, "a report on %zu neurons", in->n);
	}
	if (st != ASSAY_OK) {
		asy_yuma_report_free(r);
		return st;
	}
	for (size_t i = 0; i < in->n; i++)
		r->permitted[i] = i < in->validator_permit_n &&
						  (in->validator_permit[i] != 0 || (int64_t)i == in->owner_uid);
	*out = r;
	return ASSAY_OK;
}

void asy_yuma_report_free(asy_yuma_report *r)
{
	if (r == NULL)
		return;
	asy_arena_free(r->arena);
	free(r);
}

/* ---- one neuron ---- */

/* Of validator i on miner j. */
static int64_t entry(const assay_yuma_matrix_out *by_miner, size_t i, size_t j)
{
	size_t lo = by_miner->offset[j], hi = by_miner->offset[j + 1];
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (by_miner->col[mid] == i)
			return by_miner->bits[mid];
		if (by_miner->col[mid] < i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

/* Who else voted on the miner, relative to a weight. */
static void count_votes(const episode *e, size_t own, asy_yuma_why *w)
{
	for (size_t v = 0; v < e->voters; v++) {
		const size_t i = e->voter[v];
		const int64_t s = e->voting[i], x = entry(&e->votes, i, w->miner);
		w->support += x >= w->weight ? s : 0;
		w->support_consensus += x >= w->consensus ? s : 0;
		if (i == own)
			continue;
		if (x > w->weight) {
			w->above++;
			w->stake_above += s;
		} else if (x < w->weight) {
			w->below++;
			w->stake_below += s;
		} else {
			w->equal++;
			w->stake_equal += s;
		}
	}
}

static void explain_row(asy_yuma_report *r, size_t i, asy_yuma_summary *out)
{
	const episode *e = &r->now;
	const size_t from = e->off[i], to = e->off[i + 1];
	for (size_t k = from; k < to; k++) {
		if (e->uid[k] >= e->n)
			continue;
		const size_t j = e->uid[k];
		asy_yuma_why *w = &r->why[out->why_n++];
		*w = (asy_yuma_why){.miner = e->uid[k],
							.stored = e->value[k],
							.weight = entry(&e->votes, i, j),
							.consensus = e->consensus[j],
							.bond = entry(&e->holders, i, j)};
		w->clipped_by = fx_max(w->weight - w->consensus, 0);
		w->dividend_part = fx_mul(w->bond, e->incentive[j]);
		if (r->has_before && i < r->before.n && j < r->before.n) {
			w->has_previous = true;
			w->weight_before = entry(&r->before.votes, i, j);
			w->consensus_before = r->before.consensus[j];
		}
		count_votes(e, i, w);
	}
	/* bonds outlive weights: the sum runs over all of them */
	for (size_t k = e->bonds.offset[i]; k < e->bonds.offset[i + 1]; k++)
		if (e->bonds.col[k] < e->n)
			out->total_bonds =
				fx_add(out->total_bonds, fx_mul(e->bonds.bits[k], e->incentive[e->bonds.col[k]]));
}

static int by_stake(const void *a, const void *b)
{
	const asy_yuma_vote *x = a, *y = b;
	if (x->stake != y->stake)
		return x->stake < y->stake ? 1 : -1;
	return (x->validator > y->validator) - (x->validator < y->validator);
}

static void list_votes(asy_yuma_report *r, size_t miner, asy_yuma_summary *out)
{
	const episode *e = &r->now;
	for (size_t v = 0; v < e->voters; v++) {
		const size_t i = e->voter[v];
		const int64_t x = entry(&e->votes, i, miner), c = e->consensus[miner];
		r->votes[out->votes_n++] = (asy_yuma_vote){.validator = (uint16_t)i,
												   .stake = e->voting[i],
												   .weight = x,
												   .side = (x > c) - (x < c)};
	}
	qsort(r->votes, out->votes_n, sizeof *r->votes, by_stake);
}

assay_status asy_yuma_report_uid(asy_yuma_report *r, uint16_t uid, asy_yuma_summary *out,
								 const asy_yuma_why **why, const asy_yuma_vote **votes,
								 assay_err *err)
{
	const episode *e = &r->now;
	if (uid >= e->n)
		return ASSAY_FAIL(err, E_RANGE, "uid %u, there are %zu", (unsigned)uid, e->n);
	asy_yuma_summary s = {.uid = uid,
						  .active = e->active[uid] != 0,
						  .permitted = r->permitted[uid],
						  .permit_next = e->permit[uid] != 0,
						  .stake = e->stake[uid],
						  .active_stake = e->active_stake[uid],
						  .consensus = e->consensus[uid],
						  .incentive = e->incentive[uid],
						  .validator_trust = e->vtrust[uid],
						  .dividend = e->dividends[uid],
						  .server_emission = e->server[uid],
						  .validator_emission = e->validator[uid]};
	if (r->has_before && uid < r->before.n) {
		s.has_previous = true;
		s.incentive_before = r->before.incentive[uid];
		s.validator_trust_before = r->before.vtrust[uid];
		s.dividend_before = r->before.dividends[uid];
	}
	explain_row(r, uid, &s);
	list_votes(r, uid, &s);
	*out = s;
	*why = r->why;
	*votes = r->votes;
	return ASSAY_OK;
}
