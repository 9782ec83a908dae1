/* ideal.c - what a perfect list earns, so that it earns 1, and what luck earns, so that
 * it earns nothing. */
#include "ideal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/num.h"
#include "measure.h"

static int falling(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x < y) - (x > y);
}

double ranking_fresh_gain(const ranking_settings *cfg, const ranking_document *d)
{
	if (!(d->grade > 0) || isnan(d->age_s))
		return 0;
	return plg_exp2_neg(d->age_s / cfg->half_life_s);
}

/* ---- the best list ---- */

typedef struct {
	double gain;
	uint32_t at;
} candidate;

static int by_gain(const void *a, const void *b)
{
	const candidate *x = a, *y = b;
	if (x->gain < y->gain || x->gain > y->gain)
		return x->gain < y->gain ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Later documents of a flooding author or host are worth less in the best list, too. */
static void dampen(const ranking_query *q, const ranking_settings *cfg, candidate *c, size_t n,
				   uint32_t *count)
{
	for (size_t i = 0; i < n && q->flood > 0; i++) {
		const ranking_document *d = &q->document[c[i].at];
		bool over = (d->author != RANKING_NONE && count[d->author] >= q->flood) ||
					(d->host != RANKING_NONE && count[q->document_n + d->host] >= q->flood);
		if (over)
			c[i].gain *= cfg->surplus;
		if (d->author != RANKING_NONE)
			count[d->author]++;
		if (d->host != RANKING_NONE)
			count[q->document_n + d->host]++;
	}
}

static bool make_gains(ranking_query *q, const ranking_settings *cfg, int form)
{
	candidate *c = plg_arena_take(q->arena, q->page_n, sizeof *c);
	uint32_t *count = plg_arena_take(q->arena, 2 * q->document_n, sizeof *count);
	double *ideal =
		plg_arena_take(q->arena, q->page_n > q->size ? q->page_n : q->size, sizeof *ideal);
	size_t n = 0;
	if (c == NULL || count == NULL || ideal == NULL)
		return false;
	for (uint32_t i = 0; i < q->document_n; i++)
		if (q->document[i].page == i)
			c[n++] = (candidate){ranking_gain(q->document[i].grade, (ranking_gain_form)form), i};
	qsort(c, n, sizeof *c, by_gain);
	dampen(q, cfg, c, n, count);
	for (size_t i = 0; i < n; i++)
		ideal[i] = c[i].gain;
	qsort(ideal, n, sizeof *ideal, falling);
	q->ideal[form] = ideal;
	q->ideal_dcg[form] = ranking_dcg(ideal, n, q->depth);
	return true;
}

/* OpenKaito's: size documents of gain 1. */
static void make_ones(ranking_query *q)
{
	for (int form = 0; form < 2; form++) {
		if (q->ideal[form] == NULL)
			continue;
		double one = 1, sum = 0;
		for (size_t i = 0; i < q->size; i++)
			sum += one / plg_log2((double)i + 2);
		q->ideal_dcg[form] = sum;
	}
}

static bool make_fresh(ranking_query *q, const ranking_settings *cfg)
{
	double *gain = plg_arena_take(q->arena, q->page_n, sizeof *gain);
	size_t n = 0;
	if (gain == NULL)
		return false;
	for (uint32_t i = 0; i < q->document_n; i++)
		if (q->document[i].page == i)
			gain[n++] = ranking_fresh_gain(cfg, &q->document[i]);
	qsort(gain, n, sizeof *gain, falling);
	q->ideal_fresh = ranking_dcg(gain, n, q->depth);
	return true;
}

/* ---- the random list ---- */

bool ranking_part_applies(const ranking_query *q, const ranking_settings *cfg, int part)
{
	switch (part) {
	case RANKING_C_NDCG:
		return true;
	case RANKING_C_RBO:
		return q->own != NULL;
	case RANKING_C_FRESHNESS:
		return q->has_ages && (cfg->fresh == RANKING_FRESH_OLDEST || q->ideal_fresh > 0);
	case RANKING_C_AUTHOR:
		return q->has_credits;
	}
	return q->relevant_n > 0;
}

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

static double least(size_t a, size_t b)
{
	return (double)least_of(a, b);
}

double ranking_recall_most(const ranking_query *q, const ranking_settings *cfg)
{
	return cfg->profile == RANKING_PROFILE_TREC_EVAL ? (double)q->relevant_n
													 : least(q->relevant_n, q->depth);
}

double ranking_precision_places(const ranking_query *q, const ranking_settings *cfg)
{
	return cfg->profile == RANKING_PROFILE_TREC_EVAL ? (double)cfg->depth : (double)q->depth;
}

static ranking_luck over(ranking_luck l, double by)
{
	return (ranking_luck){l.mean / by, l.sd / by};
}

static ranking_luck luck_of_gains(const ranking_query *q, const ranking_settings *cfg, int part)
{
	/* an age relative to the batch has no expectation of its own */
	if (part == RANKING_C_FRESHNESS && cfg->fresh == RANKING_FRESH_OLDEST)
		return (ranking_luck){0, 0};
	double *gain = plg_arena_take(q->arena, q->page_n, sizeof *gain);
	size_t n = 0;
	if (gain == NULL)
		return (ranking_luck){0, 0};
	for (uint32_t i = 0; i < q->document_n; i++)
		if (q->document[i].page == i)
			gain[n++] =
				part == RANKING_C_NDCG
					? ranking_gain(q->document[i].grade,
								   q->exponential ? RANKING_GAIN_EXPONENTIAL : RANKING_GAIN_LINEAR)
					: ranking_fresh_gain(cfg, &q->document[i]);
	return ranking_luck_dcg(gain, n, q->depth,
							part == RANKING_C_NDCG ? q->ideal_dcg[q->exponential] : q->ideal_fresh);
}

static ranking_luck luck_of(const ranking_query *q, const ranking_settings *cfg, int part)
{
	size_t r = q->relevant_n, n = q->page_n, credited = 0;
	switch (part) {
	case RANKING_C_RECALL:
		return over(ranking_luck_count(r, n, q->depth), ranking_recall_most(q, cfg));
	case RANKING_C_PRECISION:
		return over(ranking_luck_count(r, n, q->depth), ranking_precision_places(q, cfg));
	case RANKING_C_MRR:
		return ranking_luck_first(r, n, q->depth);
	case RANKING_C_SUCCESS:
		return ranking_luck_success(r, n, q->depth);
	case RANKING_C_AP:
		return over(ranking_luck_ap(r, n, q->size), least(r, q->size) / (double)r);
	case RANKING_C_R_PRECISION:
		return over(ranking_luck_count(r, n, least_of(r, q->size)), least(r, q->size));
	case RANKING_C_BPREF:
		return ranking_luck_bpref(r, q->judged_n);
	case RANKING_C_RBO:
		return ranking_luck_rbo(q->own_n, n, cfg->rbo_p);
	case RANKING_C_AUTHOR:
		for (size_t i = 0; i < q->document_n; i++)
			credited += q->document[i].is_credited;
		return over(ranking_luck_count(credited, q->document_n, q->size), (double)q->size);
	}
	return luck_of_gains(q, cfg, part);
}

/* The weighted mean that a random order earns. Deviations are added as if all parts
 * were lucky together, which they nearly are. */
static void make_luck(ranking_query *q, const ranking_settings *cfg)
{
	double applies[RANKING_PART_N], weight[RANKING_PART_N];
	for (int k = 0; k < RANKING_PART_N; k++)
		applies[k] = ranking_part_applies(q, cfg, k) ? 1 : NAN;
	(void)plg_mean(&cfg->weights, applies, weight);
	for (int k = 0; k < RANKING_PART_N; k++) {
		if (isnan(weight[k]))
			continue;
		ranking_luck l = luck_of(q, cfg, k);
		q->luck.mean += weight[k] * l.mean;
		q->luck.sd += weight[k] * l.sd;
	}
	double mean = q->luck.mean, most = mean + (1 - mean) / 2;
	double low = mean + cfg->margin * q->luck.sd;
	/* where every order is perfect, there is nothing to correct */
	q->baseline = mean >= 1 - 1e-9 ? 0 : low < most ? low : most;
}

const char *ranking_ideal_make(ranking_query *q, const ranking_settings *cfg)
{
	bool trec = cfg->profile == RANKING_PROFILE_TREC_EVAL, floods = false;
	for (size_t i = 0; i < q->document_n; i++)
		floods =
			floods || q->document[i].author != RANKING_NONE || q->document[i].host != RANKING_NONE;
	double share = cfg->author_share * (double)q->size;
	q->flood = trec || !floods || cfg->surplus >= 1 ? 0 : share > 2 ? (size_t)share : 2;
	q->depth =
		cfg->ideal == RANKING_IDEAL_ONES || (!trec && q->size < cfg->depth) ? q->size : cfg->depth;
	q->exponential = !q->large && (cfg->form == RANKING_FORM_EXPONENTIAL ||
								   (cfg->form == RANKING_FORM_AUTO && q->graded && !trec));
	for (int form = 0; form < (q->large ? 1 : 2); form++)
		if (!make_gains(q, cfg, form))
			return "out of memory";
	if (!(q->ideal[0][0] > 0) && !q->may_be_empty)
		return "no document is relevant, and the prompt does not say may_be_empty";
	if (cfg->ideal == RANKING_IDEAL_ONES)
		make_ones(q);
	if (!make_fresh(q, cfg))
		return "out of memory";
	if (cfg->chance && q->ideal[0][0] > 0)
		make_luck(q, cfg);
	return plg_arena_failed(q->arena) ? "out of memory" : NULL;
}
