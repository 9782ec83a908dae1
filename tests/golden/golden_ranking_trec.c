/* Golden suite of ranking against trec_eval, every measure of "-m all_trec". What the plugin
 * reports comes from its own objects; trec_eval's experimental measures are put together
 * here from the plugin's gains and discounts. Tests only: nobody is paid by them. */
#include <stdlib.h>
#include "common/num.h"
#include "golden/golden_ranking.h"
#include "ranking/measure.h"

/* One query as trec_eval sees it: the run in order, and every judgement. */
typedef struct {
	double grade[MAX_ITEMS];                         /* of the run, in order; unjudged 0 */
	bool is_judged[MAX_ITEMS], is_pooled[MAX_ITEMS]; /* pooled: in the qrels below 0 */
	size_t n;
	double judged[MAX_ITEMS];
	size_t judged_n;
	double level; /* -l: the least relevant grade */
} topic;

typedef struct {
	const char *name;
	double score;
} run_row;

/* Falling score, then falling name: trec_eval reads no rank column. */
static int by_score_and_name(const void *a, const void *b)
{
	const run_row *x = a, *y = b;
	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? 1 : -1;
	return strcmp(y->name, x->name);
}

static double option_level(asy_jv args)
{
	for (size_t i = 0; i < asy_jv_size(args); i++)
		if (strncmp(text(asy_jv_at(args, i)), "-l", 2) == 0)
			return strtod(text(asy_jv_at(args, i)) + 2, NULL);
	return 1;
}

static bool is_complete(asy_jv args)
{
	for (size_t i = 0; i < asy_jv_size(args); i++)
		if (strcmp(text(asy_jv_at(args, i)), "-c") == 0)
			return true;
	return false;
}

/* false when the case is larger than this suite's tables. */
static bool read_topic(asy_jv c, const char *query, topic *t)
{
	static run_row rows[MAX_ITEMS];
	asy_jv qrels = asy_jv_get(c, "qrels"), run = asy_jv_get(c, "run");
	*t = (topic){.level = option_level(asy_jv_get(c, "args"))};
	for (size_t i = 0; i < asy_jv_size(run); i++) {
		asy_jv r = asy_jv_at(run, i);
		if (strcmp(text(asy_jv_at(r, 0)), query) != 0)
			continue;
		if (t->n == MAX_ITEMS)
			return false;
		rows[t->n++] = (run_row){text(asy_jv_at(r, 1)), number(asy_jv_at(r, 2), 0)};
	}
	qsort(rows, t->n, sizeof rows[0], by_score_and_name);
	for (size_t i = 0; i < asy_jv_size(qrels); i++) {
		asy_jv r = asy_jv_at(qrels, i);
		if (strcmp(text(asy_jv_at(r, 0)), query) != 0)
			continue;
		if (t->judged_n == MAX_ITEMS)
			return false;
		double grade = number(asy_jv_at(r, 2), 0);
		t->judged[t->judged_n++] = grade;
		for (size_t j = 0; j < t->n; j++)
			if (strcmp(rows[j].name, text(asy_jv_at(r, 1))) == 0) {
				t->grade[j] = grade;
				t->is_judged[j] = grade >= 0;
				t->is_pooled[j] = grade < 0;
			}
	}
	return true;
}

/* "ndcg_1=1,2=3,3=7" is our exponential form if every grade maps to 2^grade - 1. */
static bool is_exponential(const char *map, const topic *t)
{
	double listed = 0;
	for (const char *p = map; *p != '\0';) {
		char *end;
		double grade = strtod(p, &end);
		if (*end != '=')
			return false;
		double gain = strtod(end + 1, &end);
		if (fabs(gain - ranking_gain(grade, RANKING_GAIN_EXPONENTIAL)) > 0)
			return false;
		listed = grade > listed ? grade : listed;
		p = *end == ',' ? end + 1 : end;
	}
	for (size_t i = 0; i < t->judged_n; i++)
		if (t->judged[i] > listed)
			return false;
	return true;
}

static double trec_ndcg(const topic *t, ranking_gain_form form, size_t depth)
{
	static double gain[MAX_ITEMS], ideal[MAX_ITEMS];
	for (size_t i = 0; i < t->n; i++)
		gain[i] = ranking_gain(t->grade[i], form);
	for (size_t i = 0; i < t->judged_n; i++)
		ideal[i] = ranking_gain(t->judged[i], form);
	qsort(ideal, t->judged_n, sizeof ideal[0], falling);
	return ranking_ndcg(gain, t->n, ideal, t->judged_n, depth);
}

/* ---- experimental measures: each counts what is above a place in its own way ---- */

typedef struct {
	double gain[MAX_ITEMS], ideal[MAX_ITEMS]; /* of the run; of all judged, falling */
	size_t n, positive;                       /* positive: how many ideal gains are above 0 */
} gains;

static const gains *gains_of(const topic *t)
{
	static gains k;
	k.n = t->n;
	k.positive = 0;
	for (size_t i = 0; i < t->n; i++)
		k.gain[i] = ranking_gain(t->grade[i], RANKING_GAIN_LINEAR);
	for (size_t i = 0; i < t->judged_n; i++) {
		k.ideal[i] = ranking_gain(t->judged[i], RANKING_GAIN_LINEAR);
		k.positive += k.ideal[i] > 0;
	}
	qsort(k.ideal, t->judged_n, sizeof k.ideal[0], falling);
	return &k;
}

/* nDCG of the first ranks, both cut there. */
static double ndcg_at(const gains *k, size_t rank)
{
	return plg_ratio(ranking_dcg(k->gain, k->n, rank), ranking_dcg(k->ideal, k->positive, rank));
}

/* Averaged over the relevant documents, those that are missing at the end of the run. */
static double ndcg_rel(const gains *k)
{
	double sum = 0, seen = 0, end = ranking_dcg(k->gain, k->n, 0);
	for (size_t i = 0; i < k->n; i++)
		if (k->gain[i] > 0) {
			sum += ndcg_at(k, i + 1);
			seen++;
		}
	sum += ((double)k->positive - seen) * plg_ratio(end, ranking_dcg(k->ideal, k->positive, 0));
	return plg_ratio(sum, (double)k->positive);
}

/* Averaged over the places where the ideal list changes its gain, and the end of the run. */
static double r_ndcg(const gains *k)
{
	double sum = 0, places = 0;
	for (size_t i = 1; i <= k->positive; i++)
		if (i == k->positive || k->ideal[i] < k->ideal[i - 1]) {
			sum += ndcg_at(k, i);
			places++;
		}
	if (k->positive > 0 && k->n > k->positive + 1) {
		sum += ndcg_at(k, k->n);
		places++;
	}
	return plg_ratio(sum, places);
}

/* Gains discounted by what the ideal list had more of so far. */
static double graded_gain(const gains *k)
{
	double got = 0, cost = 0, ideal = 0, sum = 0;
	for (size_t i = 0; i < k->positive; i++)
		ideal += k->ideal[i];
	for (size_t i = 0; i < k->n; i++) {
		got += k->gain[i];
		cost += i < k->positive && k->ideal[i] > 1 ? k->ideal[i] : 1;
		sum += k->gain[i] / plg_log2(2 + cost - got);
	}
	return plg_ratio(sum, ideal);
}

static double binary_gain(const bool *relevant, size_t n, size_t relevant_n)
{
	double sum = 0, above = 0;
	for (size_t i = 0; i < n; i++)
		if (relevant[i])
			sum += 1 / plg_log2(2 + above);
		else
			above++;
	return plg_ratio(sum, (double)relevant_n);
}

/* Precision at each relevant document, estimated from the judged ones above it. */
static double inferred_ap(const topic *t, const bool *relevant, size_t relevant_n)
{
	const double little = 1e-5;
	double sum = 0, yes = 0, no = 0, pooled = 0;
	for (size_t i = 0; i < t->n; i++) {
		double above = (double)i;
		pooled += t->is_pooled[i];
		if (!t->is_judged[i])
			continue;
		if (relevant[i]) {
			sum += 1 / (above + 1) + (yes + no + pooled) / (above + 1) * (yes + little) /
										 (yes + no + 2 * little) * (i > 0);
			yes++;
		} else {
			no++;
		}
	}
	return plg_ratio(sum, (double)relevant_n);
}

/* Rank-biased precision, p 0.9; residual: what unjudged documents could add. */
static double rank_biased(const topic *t, const gains *k, bool residual)
{
	double p = 1, sum = 0, most = k->positive > 0 && k->ideal[0] > 1 ? k->ideal[0] : 1;
	bool unjudged = false;
	for (size_t i = 0; i < t->n; i++, p *= 0.9) {
		unjudged |= !t->is_judged[i];
		sum += residual ? (t->is_judged[i] ? 0 : p) : k->gain[i] / most * p;
	}
	return 0.1 * sum + (residual && unjudged ? p : 0);
}

static double unjudged_share(const topic *t, size_t depth)
{
	double n = 0;
	for (size_t i = 0; i < t->n && i < depth; i++)
		n += !t->is_judged[i];
	return n / (double)depth;
}

/* NAN for a name that is none of these. */
static double experimental(const topic *t, const char *name, const bool *relevant,
						   size_t relevant_n, size_t other_n)
{
	const gains *k = gains_of(t);
	size_t found = 0;
	for (size_t i = 0; i < t->n; i++)
		found += relevant[i];
	if (strcmp(name, "num_q") == 0)
		return 1;
	if (strcmp(name, "num_ret") == 0)
		return (double)t->n;
	if (strcmp(name, "num_rel") == 0)
		return (double)relevant_n;
	if (strcmp(name, "num_rel_ret") == 0)
		return (double)found;
	if (strcmp(name, "num_nonrel_judged_ret") == 0)
		return (double)other_n;
	if (strcmp(name, "utility") == 0)
		return 2 * (double)found - (double)t->n;
	if (strcmp(name, "infAP") == 0)
		return inferred_ap(t, relevant, relevant_n);
	if (strcmp(name, "binG") == 0)
		return binary_gain(relevant, t->n, relevant_n);
	if (strcmp(name, "G") == 0)
		return graded_gain(k);
	if (strcmp(name, "ndcg_rel") == 0)
		return ndcg_rel(k);
	if (strcmp(name, "Rndcg") == 0)
		return relevant_n > 0 ? r_ndcg(k) : 0;
	if (strcmp(name, "rbp") == 0 || strcmp(name, "rbp_resid") == 0)
		return rank_biased(t, k, name[3] != '\0');
	if (strncmp(name, "unj_", 4) == 0)
		return unjudged_share(t, (size_t)strtoul(name + 4, NULL, 10));
	return NAN;
}

/* The figure of one topic, or NAN when the plugin has no such measure. */
static double trec_figure(const topic *t, const char *name)
{
	static bool relevant[MAX_ITEMS], irrelevant[MAX_ITEMS];
	size_t relevant_n = 0, irrelevant_n = 0, n = t->n;
	const char *last = strrchr(name, '_');
	size_t depth = last != NULL ? (size_t)strtoul(last + 1, NULL, 10) : 0;
	for (size_t i = 0; i < t->n; i++) {
		relevant[i] = t->grade[i] >= t->level;
		irrelevant[i] = t->is_judged[i] && !relevant[i];
	}
	for (size_t i = 0; i < t->judged_n; i++) {
		relevant_n += t->judged[i] >= t->level;
		irrelevant_n += t->judged[i] >= 0 && t->judged[i] < t->level;
	}
	double r = (double)relevant_n;
	if (strcmp(name, "Rprec") == 0)
		return ranking_r_precision(relevant, n, relevant_n);
	if (strcmp(name, "bpref") == 0)
		return ranking_bpref(relevant, irrelevant, n, relevant_n, irrelevant_n);
	if (strncmp(name, "iprec_at_recall_", 16) == 0)
		return ranking_interpolated_precision(relevant, n, relevant_n, strtod(name + 16, NULL));
	if (strcmp(name, "11pt_avg") == 0) {
		double sum = 0;
		for (int i = 0; i <= 10; i++)
			sum += ranking_interpolated_precision(relevant, n, relevant_n, i / 10.0);
		return sum / 11;
	}
	if (strncmp(name, "relative_P_", 11) == 0)
		return relevant_n == 0 ? 0
							   : ranking_recall(relevant, n, relevant_n, depth) * r /
									 (r < (double)depth ? r : (double)depth);
	if (strncmp(name, "Rprec_mult_", 11) == 0) {
		size_t at = (size_t)(strtod(name + 11, NULL) * r + 0.9);
		return at == 0 ? 0 : ranking_precision(relevant, n, at);
	}
	double p = n > 0 ? ranking_precision(relevant, n, n) : 0;
	double found = ranking_recall(relevant, n, relevant_n, 0);
	if (strcmp(name, "set_P") == 0)
		return p;
	if (strcmp(name, "set_recall") == 0)
		return found;
	if (strcmp(name, "set_map") == 0)
		return p * found;
	if (strcmp(name, "set_F") == 0)
		return plg_f1(p, found);
	if (strcmp(name, "set_relative_P") == 0)
		return relevant_n == 0 || n == 0 ? 0 : found * r / (r < (double)n ? r : (double)n);
	if (strcmp(name, "map") == 0)
		return ranking_average_precision(relevant, t->n, relevant_n, 0);
	if (strncmp(name, "map_cut_", 8) == 0)
		return ranking_average_precision(relevant, t->n, relevant_n, depth);
	if (strcmp(name, "recip_rank") == 0)
		return ranking_reciprocal_rank(relevant, t->n, 0);
	if (strncmp(name, "success_", 8) == 0)
		return ranking_reciprocal_rank(relevant, t->n, depth) > 0 ? 1 : 0;
	if (strncmp(name, "P_", 2) == 0)
		return ranking_precision(relevant, t->n, depth);
	if (strncmp(name, "recall_", 7) == 0)
		return ranking_recall(relevant, t->n, relevant_n, depth);
	if (strcmp(name, "ndcg") == 0)
		return trec_ndcg(t, RANKING_GAIN_LINEAR, 0);
	if (strncmp(name, "ndcg_cut_", 9) == 0)
		return trec_ndcg(t, RANKING_GAIN_LINEAR, depth);
	if (strncmp(name, "ndcg_", 5) == 0 && strchr(name, '=') != NULL && is_exponential(name + 5, t))
		return trec_ndcg(t, RANKING_GAIN_EXPONENTIAL, 0);
	size_t other_n = 0;
	for (size_t i = 0; i < n; i++)
		other_n += irrelevant[i];
	return experimental(t, name, relevant, relevant_n, other_n);
}

static bool has_rows(asy_jv rows, const char *query)
{
	for (size_t i = 0; i < asy_jv_size(rows); i++)
		if (strcmp(text(asy_jv_at(asy_jv_at(rows, i), 0)), query) == 0)
			return true;
	return false;
}

/* Is row i of qrels the first of its query? */
static bool is_first(asy_jv qrels, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(text(asy_jv_at(asy_jv_at(qrels, j), 0)),
				   text(asy_jv_at(asy_jv_at(qrels, i), 0))) == 0)
			return false;
	return true;
}

/* The mean over the judged queries that the run answers; with -c over all judged. Counts
 * are added up, gm_ is a geometric mean of at least 0.00001. */
static double trec_mean(asy_jv c, const char *name)
{
	static topic t;
	asy_jv qrels = asy_jv_get(c, "qrels");
	double sum = 0, n = 0;
	bool geometric = strncmp(name, "gm_", 3) == 0;
	for (size_t i = 0; i < asy_jv_size(qrels); i++) {
		const char *query = text(asy_jv_at(asy_jv_at(qrels, i), 0));
		bool answered = has_rows(asy_jv_get(c, "run"), query);
		if (!is_first(qrels, i) || (!answered && !is_complete(asy_jv_get(c, "args"))))
			continue;
		if (!read_topic(c, query, &t))
			return NAN;
		double v = trec_figure(&t, geometric ? name + 3 : name);
		sum += geometric ? log(v > 1e-5 ? v : 1e-5) : v;
		n++;
	}
	if (strncmp(name, "num_", 4) == 0)
		return sum;
	return geometric ? exp(sum / n) : sum / n;
}

void golden_ranking_trec(golden *g, asy_jv root)
{
	static topic t;
	asy_jv cases = asy_jv_get(root, "cases");
	double tol = number(asy_jv_get(root, "tolerance"), 5.1e-5);
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i), e = asy_jv_get(c, "expected");
		for (size_t q = 0; q < asy_jv_size(e); q++) {
			const char *query = asy_jv_key(e, q);
			asy_jv figures = asy_jv_value(e, q);
			bool all = strcmp(query, "all") == 0;
			if (!all && !read_topic(c, query, &t)) {
				golden_skip(g, asy_jv_size(figures), "a query of more than 4096 documents");
				continue;
			}
			for (size_t f = 0; f < asy_jv_size(figures); f++) {
				const char *name = asy_jv_key(figures, f);
				double got = all ? trec_mean(c, name) : trec_figure(&t, name);
				if (isnan(got))
					golden_skip(g, 1, "measures that the plugin does not report");
				else
					compare(g, c, name, got, number(asy_jv_value(figures, f), NAN), tol);
			}
		}
	}
}
