/* score.c - one answer's list through the integrity gates and the measures. A repeated
 * id keeps its place with gain 0, so that padding shifts nobody up. */
#include "score.h"
#include <math.h>
#include "agree.h"
#include "common/num.h"
#include "ideal.h"
#include "measure.h"

/* The agreement measures. */
static bool agreement(const ranking_query *q, const ranking_settings *cfg, plg_arena *a,
					  const ranking_list *l, double *c)
{
	double *place = plg_arena_take(a, l->n, sizeof *place);
	double *grade = plg_arena_take(a, l->n, sizeof *grade);
	uint32_t *item = plg_arena_take(a, l->n, sizeof *item);
	uint8_t *seen = plg_arena_take(a, q->document_n, 1);
	size_t n = 0;
	if (place == NULL || grade == NULL || item == NULL || seen == NULL)
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (l->item[i] != RANKING_NONE && !seen[l->item[i]]++) {
			place[n] = -(double)i;
			grade[n] = q->document[l->item[i]].grade;
			item[n++] = l->item[i];
		}
	/* quadratic, and a list beyond the depth has been judged by then */
	size_t head = n < cfg->depth ? n : cfg->depth;
	if (!ranking_kendall(place, grade, head, &c[RANKING_C_KENDALL]))
		c[RANKING_C_KENDALL] = NAN;
	if (q->own != NULL)
		c[RANKING_C_RBO] = ranking_rbo(item, n, q->own, q->own_n, q->document_n, cfg->rbo_p, seen);
	return true;
}

static void measure_gains(const ranking_query *q, const ranking_list *l, double *gain, double *c)
{
	for (int form = 0; form < (q->large ? 1 : 2); form++) {
		for (size_t i = 0; i < l->n; i++)
			gain[i] = l->item[i] == RANKING_NONE
						  ? 0
						  : l->worth[i] * ranking_gain(q->document[l->item[i]].grade,
													   (ranking_gain_form)form);
		c[RANKING_C_NDCG_LINEAR + form] =
			plg_clamp(plg_ratio(ranking_dcg(gain, l->n, q->depth), q->ideal_dcg[form]), 0, 1);
	}
	c[RANKING_C_NDCG] = c[q->exponential ? RANKING_C_NDCG_EXP : RANKING_C_NDCG_LINEAR];
}

/* The binary measures; a surplus item is still found. */
static void measure_relevant(const ranking_query *q, const ranking_settings *cfg,
							 const ranking_list *l, const bool *relevant, const bool *irrelevant,
							 double *c)
{
	double most = ranking_recall_most(q, cfg), r = (double)q->relevant_n;
	double held =
		cfg->profile == RANKING_PROFILE_TREC_EVAL || q->relevant_n < q->size ? r : (double)q->size;
	if (q->relevant_n == 0)
		return;
	c[RANKING_C_RECALL] = ranking_recall(relevant, l->n, q->relevant_n, q->depth) * r / most;
	c[RANKING_C_MRR] = ranking_reciprocal_rank(relevant, l->n, q->depth);
	c[RANKING_C_AP] = ranking_average_precision(relevant, l->n, q->relevant_n, 0) * r / held;
	c[RANKING_C_R_PRECISION] = ranking_r_precision(relevant, l->n, q->relevant_n) * r / held;
	c[RANKING_C_BPREF] =
		ranking_bpref(relevant, irrelevant, l->n, q->relevant_n, q->judged_n) * r / held;
	c[RANKING_C_SUCCESS] = ranking_success(relevant, l->n, q->depth);
	c[RANKING_C_PRECISION] = ranking_precision(relevant, l->n, q->depth) * (double)q->depth /
							 ranking_precision_places(q, cfg);
	for (int k = 0; k < RANKING_PART_N; k++)
		c[k] = isnan(c[k]) ? c[k] : plg_clamp(c[k], 0, 1);
}

double ranking_mean_age(const ranking_query *q, const ranking_list *l)
{
	double sum = 0, n = 0;
	for (size_t i = 0; i < l->n; i++) {
		double age = l->item[i] == RANKING_NONE ? (double)NAN : q->document[l->item[i]].age_s;
		if (!isnan(age)) {
			sum += age;
			n++;
		}
	}
	return n > 0 ? sum / n : (double)NAN;
}

static void measure_facts(const ranking_query *q, const ranking_settings *cfg,
						  const ranking_list *l, double *gain, double *c)
{
	double credited = 0;
	for (size_t i = 0; i < l->n; i++) {
		const ranking_document *d = l->item[i] == RANKING_NONE ? NULL : &q->document[l->item[i]];
		gain[i] = d == NULL ? 0 : ranking_fresh_gain(cfg, d);
		credited += d != NULL && d->is_credited;
	}
	if (q->has_credits)
		c[RANKING_C_AUTHOR] = credited / (double)q->size;
	if (!ranking_part_applies(q, cfg, RANKING_C_FRESHNESS))
		return;
	double age = ranking_mean_age(q, l);
	if (cfg->fresh == RANKING_FRESH_HALF_LIFE)
		c[RANKING_C_FRESHNESS] =
			plg_clamp(plg_ratio(ranking_dcg(gain, l->n, q->depth), q->ideal_fresh), 0, 1);
	else if (!isnan(age))
		c[RANKING_C_FRESHNESS] = ranking_youth(age, q->oldest_s);
}

static bool measure(const ranking_query *q, const ranking_settings *cfg, plg_arena *a,
					const ranking_list *l, double *c)
{
	double *gain = plg_arena_take(a, l->n, sizeof *gain);
	bool *relevant = plg_arena_take(a, l->n, sizeof *relevant);
	bool *irrelevant = plg_arena_take(a, l->n, sizeof *irrelevant);
	if (gain == NULL || relevant == NULL || irrelevant == NULL)
		return false;
	measure_gains(q, l, gain, c);
	for (size_t i = 0; i < l->n; i++) {
		const ranking_document *d = l->item[i] == RANKING_NONE ? NULL : &q->document[l->item[i]];
		relevant[i] = d != NULL && d->grade >= cfg->relevant_from;
		irrelevant[i] = d != NULL && d->is_judged && !relevant[i];
	}
	measure_relevant(q, cfg, l, relevant, irrelevant, c);
	measure_facts(q, cfg, l, gain, c);
	return agreement(q, cfg, a, l, c);
}

/* The reward begins above what luck earns. */
static void compose(const ranking_query *q, const ranking_settings *cfg, const ranking_list *l,
					double *c)
{
	double over = cfg->per_list ? (double)l->n : (double)q->size;
	c[RANKING_C_MEAN] = plg_mean(&cfg->weights, c, c + RANKING_PART_N);
	if (cfg->chance) {
		c[RANKING_C_CHANCE] = q->luck.mean;
		c[RANKING_C_CHANCE_SD] = q->luck.sd;
		c[RANKING_C_BASELINE] = q->baseline;
	}
	if (cfg->curve > 1)
		c[RANKING_C_CURVE] = cfg->curve;
	if (cfg->uniqueness > 0)
		c[RANKING_C_UNIQUENESS_FACTOR] = plg_power((double)l->distinct / over, cfg->uniqueness);
	plg_quality(&cfg->relative.formula, c);
}

bool ranking_score(const ranking_query *q, const ranking_settings *cfg, plg_arena *scratch,
				   const assay_response *r, ranking_list *l, double *c)
{
	bool nothing_fits = !(q->ideal[0][0] > 0);
	ranking_gate gate = ranking_list_read(q, cfg, scratch, r->body, l);
	if (plg_arena_failed(scratch))
		return false;
	if (gate == RANKING_GATE_EMPTY && nothing_fits && r->body.len > 0)
		gate = RANKING_GATE_OPEN;
	c[RANKING_C_GATE] = gate;
	if (gate != RANKING_GATE_OPEN)
		return true;
	c[RANKING_C_FLAGS] = l->flags;
	c[RANKING_C_LATENCY_FACTOR] = plg_latency_of(&cfg->latency, r->latency_ms);
	if (nothing_fits) {
		c[RANKING_C_QUALITY] = plg_clamp(1 - (double)l->n / (double)q->size, 0, 1);
		return true;
	}
	if (!measure(q, cfg, scratch, l, c))
		return false;
	compose(q, cfg, l, c);
	return true;
}
