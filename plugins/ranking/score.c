/* score.c - one answer's list through the integrity gates and the measures.
 * quality = 0.65 nDCG@k + 0.15 recall@k + 0.10 MRR, over the weights that apply;
 * times (distinct / n)^2. A repeated id keeps its place with gain 0, so that
 * padding shifts nobody up. Scores that an answer claims for itself are not read. */
#include <string.h>
#include "agree.h"
#include "common/num.h"
#include "measure.h"
#include "query.h"

/* The list as document numbers; NO_ITEM for a repetition. */
typedef struct {
	uint32_t *item;
	size_t n, distinct;
	bool truncated;
} list;

#define NO_ITEM UINT32_MAX

static ranking_gate read_items(const ranking_query *q, plg_arena *a, const plg_json *in, list *out)
{
	out->item = plg_arena_take(a, out->n, sizeof *out->item);
	uint8_t *seen = plg_arena_take(a, q->document_n, 1);
	if (out->item == NULL || seen == NULL)
		return RANKING_GATE_MALFORMED;
	for (size_t i = 0; i < out->n; i++) {
		assay_bytes s;
		if (!plg_json_str(plg_json_at(in, i), &s) || s.len == 0 || s.len > RANKING_MAX_ID_BYTES)
			return RANKING_GATE_MALFORMED;
		size_t at = ranking_query_find(q, a, s);
		if (at == q->document_n)
			return RANKING_GATE_FABRICATED;
		out->item[i] = seen[at] ? NO_ITEM : (uint32_t)at;
		out->distinct += !seen[at];
		seen[at] = 1;
	}
	return RANKING_GATE_OPEN;
}

static ranking_gate read_list(const ranking_query *q, const ranking_settings *cfg, plg_arena *a,
							  assay_bytes body, list *out)
{
	ranking_gate gate = RANKING_GATE_MALFORMED;
	plg_json *doc = plg_json_parse(body, cfg->max_body_bytes, NULL);
	const plg_json *in = plg_json_get(doc, "ranking");
	*out = (list){.n = plg_json_size(in)};
	if (plg_json_type(doc) != PLG_J_OBJECT || plg_json_type(in) != PLG_J_ARRAY)
		goto out;
	gate = RANKING_GATE_TOO_MANY;
	if (out->n > q->size && !cfg->truncate)
		goto out;
	if (out->n > q->size) {
		out->n = q->size;
		out->truncated = true;
	}
	gate = out->n == 0 ? RANKING_GATE_EMPTY : read_items(q, a, in, out);
out:
	plg_json_free(doc);
	return gate;
}

/* The agreement measures, which only explain. */
static bool agreement(const ranking_query *q, const ranking_settings *cfg, plg_arena *a,
					  const list *l, double *c)
{
	double *place = plg_arena_take(a, l->n, sizeof *place);
	double *grade = plg_arena_take(a, l->n, sizeof *grade);
	uint32_t *item = plg_arena_take(a, l->n, sizeof *item);
	uint8_t *seen = plg_arena_take(a, q->document_n, 1);
	size_t n = 0;
	if (place == NULL || grade == NULL || item == NULL || seen == NULL)
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (l->item[i] != NO_ITEM) {
			place[n] = -(double)i;
			grade[n] = q->grade[l->item[i]];
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

static bool measure(const ranking_query *q, const ranking_settings *cfg, plg_arena *a,
					const list *l, double *c)
{
	double *gain = plg_arena_take(a, l->n, sizeof *gain);
	bool *relevant = plg_arena_take(a, l->n, sizeof *relevant);
	if (gain == NULL || relevant == NULL)
		return false;
	/* the ideal can hold no more than the list may */
	size_t depth = q->size < cfg->depth ? q->size : cfg->depth;
	for (int form = 0; form < (q->large ? 1 : 2); form++) {
		for (size_t i = 0; i < l->n; i++)
			gain[i] = l->item[i] == NO_ITEM
						  ? 0
						  : ranking_gain(q->grade[l->item[i]], (ranking_gain_form)form);
		c[RANKING_C_NDCG_LINEAR + form] =
			ranking_ndcg(gain, l->n, q->ideal[form], q->document_n, depth);
	}
	for (size_t i = 0; i < l->n; i++)
		relevant[i] = l->item[i] != NO_ITEM && q->grade[l->item[i]] >= cfg->relevant_from;
	if (q->relevant_n > 0) {
		c[RANKING_C_RECALL] = ranking_recall(relevant, l->n, q->relevant_n, cfg->depth);
		c[RANKING_C_MRR] = ranking_reciprocal_rank(relevant, l->n, cfg->depth);
		c[RANKING_C_AP] = ranking_average_precision(relevant, l->n, q->relevant_n, 0);
		c[RANKING_C_PRECISION] = ranking_precision(relevant, l->n, cfg->depth);
	}
	return agreement(q, cfg, a, l, c);
}

static double quality(const ranking_query *q, const ranking_settings *cfg, const double *c)
{
	bool exponential = !q->large && (cfg->form == RANKING_FORM_EXPONENTIAL ||
									 (cfg->form == RANKING_FORM_AUTO && q->graded));
	double sum = 0.65 * c[exponential ? RANKING_C_NDCG_EXP : RANKING_C_NDCG_LINEAR], weight = 0.65;
	if (q->relevant_n > 0) {
		/* no list of k items can hold more than k: a perfect one must reach 1 */
		double most = q->relevant_n < cfg->depth ? (double)q->relevant_n : (double)cfg->depth;
		most = most < (double)q->size ? most : (double)q->size;
		sum +=
			0.15 * (c[RANKING_C_RECALL] * (double)q->relevant_n / most) + 0.10 * c[RANKING_C_MRR];
		weight += 0.25;
	}
	return plg_clamp(sum / weight, 0, 1);
}

ranking_row_rc ranking_score(const ranking_query *q, const ranking_settings *cfg,
							 plg_arena *scratch, assay_bytes body, ranking_row *row)
{
	list l;
	double *c = row->component;
	bool nothing_fits = !(q->ideal[0][0] > 0);
	plg_arena_reset(scratch);
	ranking_gate gate = read_list(q, cfg, scratch, body, &l);
	if (plg_arena_failed(scratch))
		return RANKING_ROW_NOMEM;
	if (gate == RANKING_GATE_EMPTY && nothing_fits)
		gate = RANKING_GATE_OPEN;
	c[RANKING_C_GATE] = gate;
	if (gate != RANKING_GATE_OPEN)
		return RANKING_ROW_DONE;
	c[RANKING_C_FLAGS] = (l.truncated ? RANKING_FLAG_TRUNCATED : 0) +
						 (l.distinct < l.n ? RANKING_FLAG_DUPLICATES : 0);
	if (nothing_fits) {
		c[RANKING_C_QUALITY] = plg_clamp(1 - (double)l.n / (double)q->size, 0, 1);
		return RANKING_ROW_DONE;
	}
	if (!measure(q, cfg, scratch, &l, c))
		return RANKING_ROW_NOMEM;
	double distinct = (double)l.distinct / (double)l.n;
	c[RANKING_C_PENALTY] = distinct * distinct;
	c[RANKING_C_QUALITY] = quality(q, cfg, c);
	return RANKING_ROW_DONE;
}
