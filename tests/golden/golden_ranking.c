/* Golden suite of the ranking plugin: measures against scikit-learn, torchmetrics,
 * trec_eval and an independent RBO. One outcome a figure. The plugin scores the
 * order of a list, the references score numbers attached to items: how they turn
 * numbers into an order (ties averaged, ties by name) is done here, and everything
 * after that by the objects that ranking.so is made of. */
#include <math.h>
#include <stdlib.h>
#include "common/compose.h"
#include "common/num.h"
#include "golden/golden.h"
#include "ranking/agree.h"
#include "ranking/measure.h"

#define MAX_ITEMS 4096

static const char *text(asy_jv v)
{
	const char *s;
	size_t n;
	return asy_jv_str(v, &s, &n, NULL) == ASSAY_OK ? s : "";
}

static double number(asy_jv v, double absent)
{
	double d;
	return asy_jv_f64(v, &d, NULL) == ASSAY_OK ? d : absent;
}

static void compare(golden *g, asy_jv c, const char *name, double got, double want, double tol)
{
	if (fabs(got - want) <= tol)
		golden_pass(g);
	else
		golden_fail(g, text(asy_jv_get(c, "id")), "%s is %.17g, expected %.17g", name, got, want);
}

/* ---- ndcg_sklearn.json ---- */

typedef struct {
	double grade, score;
	size_t at;
} item;

/* Falling score; of equal ones the later input first, as argsort()[::-1] leaves them. */
static int by_score(const void *a, const void *b)
{
	const item *x = a, *y = b;
	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? 1 : -1;
	return (x->at < y->at) - (x->at > y->at);
}

static int falling(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x < y) - (x > y);
}

/* Every member of a group of equal scores gets the group's mean gain. */
static void average_ties(const item *it, double *gain, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t end = i;
		double sum = 0;
		while (end < n && !(it[end].score < it[i].score))
			sum += gain[end++];
		for (size_t j = i; j < end; j++)
			gain[j] = sum / (double)(end - i);
		i = end;
	}
}

typedef struct {
	item it[MAX_ITEMS];
	size_t n;
} graded_list;

static bool read_list(asy_jv c, graded_list *l)
{
	asy_jv grades = asy_jv_get(c, "relevance"), scores = asy_jv_get(c, "scores");
	l->n = asy_jv_size(grades);
	if (l->n == 0 || l->n > MAX_ITEMS || asy_jv_size(scores) != l->n)
		return false;
	for (size_t i = 0; i < l->n; i++)
		l->it[i] = (item){number(asy_jv_at(grades, i), 0), number(asy_jv_at(scores, i), 0), i};
	qsort(l->it, l->n, sizeof l->it[0], by_score);
	return true;
}

/* "ndcg_exp k=5,ignore_ties=True" -> the number, or NAN for a name of another kind. */
static double discounted(const graded_list *l, const char *name)
{
	double gain[MAX_ITEMS], ideal[MAX_ITEMS];
	const char *k = strstr(name, " k="), *ties = strstr(name, "ignore_ties=");
	if (k == NULL || ties == NULL)
		return NAN;
	bool exponential = strncmp(name, "ndcg_exp ", 9) == 0, dcg = strncmp(name, "dcg ", 4) == 0;
	if (!exponential && !dcg && strncmp(name, "ndcg ", 5) != 0)
		return NAN;
	size_t depth = (size_t)strtoul(k + 3, NULL, 10); /* "None" reads as 0: no cut */
	for (size_t i = 0; i < l->n; i++) {
		gain[i] = ranking_gain(l->it[i].grade,
							   exponential ? RANKING_GAIN_EXPONENTIAL : RANKING_GAIN_LINEAR);
		ideal[i] = gain[i];
	}
	qsort(ideal, l->n, sizeof ideal[0], falling);
	if (strcmp(ties, "ignore_ties=False") == 0)
		average_ties(l->it, gain, l->n);
	return dcg ? ranking_dcg(gain, l->n, depth) : ranking_ndcg(gain, l->n, ideal, l->n, depth);
}

/* torchmetrics works in float, calls grade >= 1 relevant, cuts k to the length of
 * the list, and its average precision neither sees items with a score of 0 nor
 * divides by relevant ones that it did not see. */
static double torch_figure(const graded_list *l, const char *name)
{
	bool relevant[MAX_ITEMS];
	size_t relevant_n = 0, seen = 0, seen_relevant = 0;
	for (size_t i = 0; i < l->n; i++) {
		relevant[i] = l->it[i].grade >= 1;
		relevant_n += relevant[i];
		if (l->it[i].score > 0) {
			seen++;
			seen_relevant += relevant[i];
		}
	}
	if (strcmp(name, "mrr") == 0)
		return ranking_reciprocal_rank(relevant, l->n, 0);
	if (strcmp(name, "ap") == 0)
		return ranking_average_precision(relevant, seen, seen_relevant, 0);
	if (strcmp(name, "recall3") == 0)
		return ranking_recall(relevant, l->n, relevant_n, 3);
	if (strcmp(name, "precision3") == 0)
		return ranking_precision(relevant, l->n, l->n < 3 ? l->n : 3);
	if (strcmp(name, "hit3") == 0)
		return ranking_reciprocal_rank(relevant, l->n, 3) > 0 ? 1 : 0;
	return NAN;
}

static void torch_figures(golden *g, asy_jv c, const graded_list *l, asy_jv tm)
{
	for (size_t i = 0; i < asy_jv_size(tm); i++) {
		const char *name = asy_jv_key(tm, i);
		double got = torch_figure(l, name);
		if (isnan(got))
			golden_skip(g, 1, "measures that the plugin does not report");
		else
			compare(g, c, name, got, number(asy_jv_value(tm, i), NAN), 1e-6);
	}
}

static void kendall_figure(golden *g, asy_jv c, const graded_list *l, asy_jv expected)
{
	double x[MAX_ITEMS], y[MAX_ITEMS], got;
	asy_jv v = asy_jv_get(expected, "kendall_b");
	for (size_t i = 0; i < l->n; i++) {
		x[i] = l->it[i].grade;
		y[i] = l->it[i].score;
	}
	bool defined = ranking_kendall(x, y, l->n, &got);
	if (!defined && asy_jv_is_null(v))
		golden_pass(g);
	else
		compare(g, c, "kendall_b", defined ? got : NAN, number(v, NAN), 1e-9);
}

static void run_sklearn(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	double tol = number(asy_jv_get(root, "tolerance"), 1e-9);
	static graded_list l;
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i), e = asy_jv_get(c, "expected");
		if (!read_list(c, &l)) {
			golden_fail(g, text(asy_jv_get(c, "id")), "relevance and scores do not pair up");
			continue;
		}
		for (size_t j = 0; j < asy_jv_size(e); j++) {
			const char *name = asy_jv_key(e, j);
			double got = discounted(&l, name);
			if (strcmp(name, "tm") == 0)
				torch_figures(g, c, &l, asy_jv_value(e, j));
			else if (strcmp(name, "kendall_b") == 0)
				kendall_figure(g, c, &l, e);
			else if (isnan(got))
				golden_skip(g, 1, "measures that the plugin does not report");
			else
				compare(g, c, name, got, number(asy_jv_value(e, j), NAN), tol);
		}
	}
}

/* ---- trec_eval.json ---- */

/* One query as trec_eval sees it: the run in order, and every judgement. */
typedef struct {
	double grade[MAX_ITEMS]; /* of the run, in order; unjudged 0 */
	bool is_judged[MAX_ITEMS];
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
				t->is_judged[j] = true;
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

/* The figure of one topic, or NAN when the plugin has no such measure. */
static double trec_figure(const topic *t, const char *name)
{
	static bool relevant[MAX_ITEMS], irrelevant[MAX_ITEMS];
	size_t relevant_n = 0, irrelevant_n = 0, n = t->n;
	const char *last = strrchr(name, '_');
	size_t depth = last != NULL ? (size_t)strtoul(last + 1, NULL, 10) : 0;
	for (size_t i = 0; i < t->n; i++) {
		relevant[i] = t->grade[i] >= t->level;
		irrelevant[i] = t->is_judged[i] && t->grade[i] >= 0 && !relevant[i];
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
	return NAN;
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

/* The mean over the judged queries that the run answers; with -c over all judged. */
static double trec_mean(asy_jv c, const char *name)
{
	static topic t;
	asy_jv qrels = asy_jv_get(c, "qrels");
	double sum = 0, n = 0;
	for (size_t i = 0; i < asy_jv_size(qrels); i++) {
		const char *query = text(asy_jv_at(asy_jv_at(qrels, i), 0));
		bool answered = has_rows(asy_jv_get(c, "run"), query);
		if (!is_first(qrels, i) || (!answered && !is_complete(asy_jv_get(c, "args"))))
			continue;
		if (!read_topic(c, query, &t))
			return NAN;
		sum += trec_figure(&t, name);
		n++;
	}
	return sum / n;
}

static void run_trec(golden *g, asy_jv root)
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

/* ---- rbo.json ---- */

static bool intern(asy_jv list, const char **names, size_t *names_n, uint32_t *out)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		const char *s = text(asy_jv_at(list, i));
		size_t at = 0;
		while (at < *names_n && strcmp(names[at], s) != 0)
			at++;
		if (at == MAX_ITEMS || i == MAX_ITEMS)
			return false;
		if (at == *names_n)
			names[(*names_n)++] = s;
		out[i] = (uint32_t)at;
	}
	return true;
}

static void run_rbo(golden *g, asy_jv root)
{
	static const char *names[MAX_ITEMS];
	static uint32_t a[MAX_ITEMS], b[MAX_ITEMS];
	uint8_t seen[MAX_ITEMS];
	asy_jv cases = asy_jv_get(root, "cases");
	double tol = number(asy_jv_get(root, "tolerance"), 1e-12);
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i), e = asy_jv_get(c, "expected");
		size_t names_n = 0;
		if (!intern(asy_jv_get(c, "a"), names, &names_n, a) ||
			!intern(asy_jv_get(c, "b"), names, &names_n, b)) {
			golden_skip(g, asy_jv_size(e), "lists of more than 4096 items");
			continue;
		}
		for (size_t j = 0; j < asy_jv_size(e); j++) {
			const char *name = asy_jv_key(e, j);
			if (strncmp(name, "rbo_ext p=", 10) != 0) {
				golden_skip(g, 1, "measures that the plugin does not report");
				continue;
			}
			double got =
				ranking_rbo(a, asy_jv_size(asy_jv_get(c, "a")), b, asy_jv_size(asy_jv_get(c, "b")),
							names_n, strtod(name + 10, NULL), seen);
			compare(g, c, name, got, number(asy_jv_value(e, j), NAN), tol);
		}
	}
}

/* ---- openkaito_composite.json ---- */

/* A list of labels against an ideal of size ones. */
static double openkaito_rank(asy_jv labels, size_t size)
{
	double gain[MAX_ITEMS], ideal[MAX_ITEMS];
	size_t n = asy_jv_size(labels);
	for (size_t j = 0; j < n && j < MAX_ITEMS; j++)
		gain[j] = ranking_gain(number(asy_jv_at(labels, j), 0), RANKING_GAIN_LINEAR);
	for (size_t j = 0; j < size; j++)
		ideal[j] = 1;
	return ranking_ndcg(gain, n, ideal, size, size);
}

/* Live answers are refused for what a frozen corpus cannot show: an id that is not that
 * of the address, a date in the future. */
static bool openkaito_valid(asy_jv items, size_t size)
{
	if (asy_jv_kind(items) != ASY_J_ARRAY || asy_jv_size(items) == 0 || asy_jv_size(items) > size)
		return false;
	for (size_t i = 0; i < asy_jv_size(items); i++) {
		asy_jv it = asy_jv_at(items, i);
		const char *id = text(asy_jv_get(it, "id")), *url = text(asy_jv_get(it, "url"));
		const char *last = strrchr(url, '/');
		size_t len = last != NULL ? strcspn(last + 1, "?") : 0;
		if (last == NULL || len != strlen(id) || strncmp(last + 1, id, len) != 0 ||
			number(asy_jv_get(it, "age_seconds"), 0) < 0)
			return false;
	}
	return true;
}

static double openkaito_age(asy_jv items)
{
	double sum = 0;
	for (size_t i = 0; i < asy_jv_size(items); i++)
		sum += number(asy_jv_get(asy_jv_at(items, i), "age_seconds"), 0);
	return sum / (double)asy_jv_size(items);
}

static bool is_among(asy_jv list, size_t n, const char *key, const char *want)
{
	for (size_t i = 0; i < n; i++) {
		asy_jv v = asy_jv_at(list, i);
		if (strcmp(text(key != NULL ? asy_jv_get(v, key) : v), want) == 0)
			return true;
	}
	return false;
}

/* (0.7 rank + 0.2 age + 0.1 author) * uniqueness, of the parts that the preset weighs. */
static double openkaito_score(asy_jv c, asy_jv items, asy_jv labels, double oldest)
{
	static const char *const names[] = {"ndcg", "freshness", "author"};
	const plg_weights w = {names, 3, {0.7, 0.2, 0.1}};
	asy_jv credits = asy_jv_get(c, "credit_authors");
	double size = number(asy_jv_get(c, "size"), 0), credited = 0, distinct = 0;
	for (size_t i = 0; i < asy_jv_size(items); i++) {
		asy_jv it = asy_jv_at(items, i);
		credited += is_among(credits, asy_jv_size(credits), NULL, text(asy_jv_get(it, "username")));
		distinct += !is_among(items, i, "id", text(asy_jv_get(it, "id")));
	}
	const double part[] = {openkaito_rank(labels, (size_t)size),
						   ranking_youth(openkaito_age(items), oldest), credited / size};
	return plg_mean(&w, part, NULL) * distinct / size;
}

static void openkaito_batch(golden *g, asy_jv c, double tol)
{
	asy_jv batch = asy_jv_get(c, "responses"), e = asy_jv_get(c, "expected");
	asy_jv labels = asy_jv_get(c, "llm_relevance_of_valid_responses_in_order");
	size_t size = (size_t)number(asy_jv_get(c, "size"), 0), valid = 0;
	double oldest = 0;
	for (size_t i = 0; i < asy_jv_size(batch); i++)
		if (openkaito_valid(asy_jv_at(batch, i), size))
			oldest = fmax(oldest, openkaito_age(asy_jv_at(batch, i)));
	for (size_t i = 0; i < asy_jv_size(batch); i++) {
		asy_jv items = asy_jv_at(batch, i);
		double got = openkaito_valid(items, size)
						 ? openkaito_score(c, items, asy_jv_at(labels, valid++), oldest)
						 : 0;
		compare(g, c, "score", got, number(asy_jv_at(e, i), NAN), tol);
	}
}

static void run_openkaito(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	double tol = number(asy_jv_get(root, "tolerance"), 2e-6);
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i), labels = asy_jv_get(c, "ranking");
		size_t size = (size_t)number(asy_jv_get(c, "size"), 0);
		if (asy_jv_kind(asy_jv_get(c, "expected")) == ASY_J_ARRAY)
			openkaito_batch(g, c, tol);
		else if (size >= 1 && size <= MAX_ITEMS)
			compare(g, c, "ndcg", openkaito_rank(labels, size),
					number(asy_jv_get(c, "expected"), NAN), tol);
		else
			golden_fail(g, text(asy_jv_get(c, "id")), "a size of %zu", size);
	}
}

extern const golden_row golden_suite_ranking[];
const golden_row golden_suite_ranking[] = {
	{"rewards/ranking", "ndcg_sklearn.json", run_sklearn},
	{"rewards/ranking", "trec_eval.json", run_trec},
	{"rewards/ranking", "rbo.json", run_rbo},
	{"rewards/ranking", "openkaito_composite.json", run_openkaito},
	{NULL, NULL, NULL},
};
