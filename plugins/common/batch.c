/* The order of the rows, the walk over them, and what the answers to one challenge do
 * to each other. */
#include "common/batch.h"
#include <math.h>
#include <stdlib.h>
#include "common/num.h"

uint32_t *plg_rows_by_challenge(const assay_batch *b, uint64_t *lost)
{
	uint64_t kinds = (uint64_t)b->challenge_n + 1;
	if (b->response_n >= UINT32_MAX)
		return NULL;
	uint64_t *start = calloc((size_t)kinds + 1, sizeof *start);
	uint32_t *order = calloc((size_t)b->response_n + 1, sizeof *order);
	if (start == NULL || order == NULL) {
		free(start);
		free(order);
		return NULL;
	}
	for (uint64_t i = 0; i < b->response_n; i++) {
		uint32_t c = plg_response(b, i)->challenge;
		start[(c < b->challenge_n ? c : b->challenge_n) + 1]++;
	}
	for (uint64_t k = 1; k <= kinds; k++)
		start[k] += start[k - 1];
	*lost = start[kinds - 1];
	for (uint64_t i = 0; i < b->response_n; i++) {
		uint32_t c = plg_response(b, i)->challenge;
		order[start[c < b->challenge_n ? c : b->challenge_n]++] = (uint32_t)i;
	}
	free(start);
	return order;
}

void plg_relative_read(plg_config *c, const char *const *name, uint32_t n, double bits,
					   const char *normaliser, plg_relative *out)
{
	*out = (plg_relative){.formula = plg_formula_of(name, n),
						  .factor = plg_component_find(name, n, "duplicate_factor"),
						  .rule = plg_component_find(name, n, "duplicate_rule"),
						  .bits = plg_component_find(name, n, "duplicate_bits"),
						  .cluster = plg_component_find(name, n, "cluster"),
						  .size = plg_component_find(name, n, "cluster_size")};
	plg_duplicates_read(c, bits, &out->duplicates);
	plg_normaliser_read(c, normaliser, &out->normaliser);
}

/* ---- the answers to one challenge ---- */

typedef struct {
	uint64_t row;
	double score;
	double *component; /* [component_n] */
	plg_print print;
} answer;

typedef struct {
	const assay_host_api *h;
	const plg_row_ops *ops;
	void *ctx;
	const assay_batch *b;
	assay_scores *s;
	uint64_t key;
	plg_arena *arena; /* of the challenge: components and prints */
	answer *answer;
	size_t answer_n; /* scored rows of the challenge */
} walk;

static void write_row(const walk *w, const answer *x)
{
	assay_scores *s = w->s;
	uint32_t n = w->ops->component_n;
	if (ASSAY_HAS(assay_scores, s, component) && s->component != NULL)
		for (uint32_t k = 0; k < s->component_n && k < n; k++)
			s->component[x->row * s->component_n + k] = x->component[k];
	s->score[x->row] = x->score;
	s->flag[x->row] = ASSAY_ROW_SCORED;
}

static void set(const answer *x, uint32_t at, double value)
{
	if (at != PLG_NO_COMPONENT)
		x->component[at] = value;
}

/* Shares of one reward; only answers that earn something take part, so that a
 * refused answer changes nobody's score. */
static bool share_rewards(const walk *w)
{
	const plg_relative *r = w->ops->relative;
	plg_print *print = plg_arena_take(w->arena, w->answer_n, sizeof *print);
	plg_share *share = plg_arena_take(w->arena, w->answer_n, sizeof *share);
	size_t n = 0;
	if (print == NULL || share == NULL)
		return false;
	for (size_t i = 0; i < w->answer_n; i++)
		if (w->answer[i].score > 0)
			print[n++] = w->answer[i].print;
	if (!plg_duplicates_find(&r->duplicates, print, n, w->key, share))
		return false;
	n = 0;
	for (size_t i = 0; i < w->answer_n; i++) {
		answer *x = &w->answer[i];
		if (!(x->score > 0))
			continue;
		set(x, r->rule, share[n].rule);
		set(x, r->bits, x->print.bits);
		set(x, r->cluster,
			share[n].rule == PLG_DUP_CHECKED ? (double)share[n].cluster : (double)NAN);
		set(x, r->size, share[n].rule == PLG_DUP_CHECKED ? (double)share[n].size : (double)NAN);
		set(x, r->factor, share[n].factor);
		x->score = plg_score(&r->formula, x->component);
		n++;
	}
	return true;
}

static bool normalise(const walk *w)
{
	const plg_relative *r = w->ops->relative;
	double *score = plg_arena_take(w->arena, w->answer_n, sizeof *score);
	double *work = plg_arena_take(w->arena, w->answer_n, sizeof *work);
	if (score == NULL || work == NULL)
		return false;
	if (r->normaliser.kind == PLG_NORM_NONE)
		return true;
	for (size_t i = 0; i < w->answer_n; i++)
		score[i] = w->answer[i].score;
	plg_normalise_scores(&r->normaliser, score, w->answer_n, work);
	for (size_t i = 0; i < w->answer_n; i++) {
		set(&w->answer[i], r->formula.raw, w->answer[i].score);
		w->answer[i].score = plg_clamp(score[i], 0, 1);
	}
	return true;
}

/* The challenge is over: what is relative, then every row at once. */
static bool finish(walk *w)
{
	bool ok = true;
	if (w->ops->relative != NULL && w->answer_n > 0)
		ok = share_rewards(w) && normalise(w);
	for (size_t i = 0; ok && i < w->answer_n; i++)
		write_row(w, &w->answer[i]);
	w->answer_n = 0;
	return ok;
}

/* Judges one row; false only when the challenge's own memory is used up. */
static bool judge(walk *w, uint64_t row)
{
	const assay_response *r = plg_response(w->b, row);
	answer *x = &w->answer[w->answer_n];
	*x = (answer){.row = row};
	x->component = plg_arena_take(w->arena, w->ops->component_n, sizeof *x->component);
	if (x->component == NULL)
		return false;
	for (uint32_t k = 0; k < w->ops->component_n; k++)
		x->component[k] = NAN;
	if (!w->ops->score(w->ctx, r, &x->score, x->component) || isnan(x->score)) {
		w->s->flag[row] = ASSAY_ROW_ABSTAIN;
		return true;
	}
	if (w->ops->relative != NULL && x->score > 0) {
		if (!w->ops->print(w->ctx, w->arena, w->key, r, &x->print))
			return false;
		x->print.coldkey = r->coldkey;
		x->print.address = r->address;
	}
	w->answer_n++;
	return true;
}

static bool arrived(const walk *w, uint32_t row)
{
	return plg_response(w->b, row)->status == ASSAY_RESP_OK;
}

/* Makes ready for the challenge of these rows; why it cannot be scored, or NULL. */
static const char *prepare(const walk *w, const uint32_t *row, size_t n)
{
	const char *why =
		w->ops->prepare(w->ctx, plg_challenge(w->b, plg_response(w->b, *row)->challenge));
	if (why != NULL)
		plg_warn(w->h, why);
	for (size_t i = 0; why == NULL && w->ops->survey != NULL && i < n; i++)
		if (arrived(w, row[i]))
			w->ops->survey(w->ctx, plg_response(w->b, row[i]));
	return why;
}

static assay_rc score_challenge(walk *w, const uint32_t *row, size_t n, bool is_lost)
{
	assay_rc rc = ASSAY_RC_OK;
	plg_arena_reset(w->arena);
	for (; n > 0 && !arrived(w, *row); n--)
		row++;
	if (n == 0)
		return rc;
	const char *why = is_lost ? "these rows belong to no challenge" : prepare(w, row, n);
	for (size_t i = 0; i < n && rc == ASSAY_RC_OK; i++) {
		if (!arrived(w, row[i]))
			continue;
		if (why != NULL)
			w->s->flag[row[i]] = ASSAY_ROW_ABSTAIN;
		else if (!judge(w, row[i]))
			rc = ASSAY_RC_NOMEM;
		if (rc == ASSAY_RC_OK && plg_cancelled(w->h)) {
			plg_fail(w->h, "cancelled between rows; what is scored so far stands");
			rc = ASSAY_RC_CANCELLED;
		}
	}
	if (!finish(w))
		rc = ASSAY_RC_NOMEM;
	if (rc == ASSAY_RC_NOMEM)
		plg_fail(w->h, "out of memory while comparing the answers to a challenge");
	return rc;
}

/* ---- the batch ---- */

static uint64_t key_of(const assay_round_info *round)
{
	uint64_t key = 0;
	if (round != NULL && ASSAY_HAS(assay_round_info, round, seed))
		for (size_t i = 0; i < 8; i++)
			key = key << 8 | round->seed[i];
	return plg_mix(key);
}

assay_rc plg_score_rows(const assay_host_api *h, const plg_row_ops *ops, void *ctx,
						const assay_round_info *round, const assay_batch *b, assay_scores *s)
{
	uint64_t lost = 0;
	assay_rc rc = ASSAY_RC_OK;
	uint32_t *order = plg_rows_by_challenge(b, &lost);
	walk w = {.h = h, .ops = ops, .ctx = ctx, .b = b, .s = s, .key = key_of(round)};
	w.arena = ops->arena != NULL ? ops->arena : plg_arena_new(PLG_CHALLENGE_MEMORY);
	w.answer = calloc((size_t)b->response_n + 1, sizeof *w.answer);
	if (order == NULL || w.arena == NULL || w.answer == NULL)
		rc = ASSAY_RC_NOMEM;
	for (uint64_t i = 0; i < b->response_n && rc == ASSAY_RC_OK;) {
		uint64_t end = i + 1;
		uint32_t c = plg_response(b, order[i])->challenge;
		while (end < (i < lost ? lost : b->response_n) &&
			   (i >= lost || plg_response(b, order[end])->challenge == c))
			end++;
		rc = score_challenge(&w, order + i, (size_t)(end - i), i >= lost);
		i = end;
	}
	free(order);
	free(w.answer);
	if (ops->arena == NULL)
		plg_arena_free(w.arena);
	return rc;
}

assay_rc plg_score_batch(const assay_host_api *h, const plg_row_ops *ops, void *ctx,
						 const assay_batch *b, assay_scores *s)
{
	return plg_score_rows(h, ops, ctx, NULL, b, s);
}
