/* Golden suite of the ranking plugin: measures against scikit-learn, torchmetrics,
 * trec_eval and an independent RBO. One outcome a figure. The plugin scores the
 * order of a list, the references score numbers attached to items: how they turn
 * numbers into an order (ties averaged, ties by name) is done here, and everything
 * after that by the objects that ranking.so is made of. */
#include <math.h>
#include <stdlib.h>
#include "common/compose.h"
#include "common/num.h"
#include "golden/golden_ranking.h"
#include "ranking/agree.h"
#include "ranking/measure.h"

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
	if (strcmp(name, "rprec") == 0)
		return ranking_r_precision(relevant, l->n, relevant_n);
	for (size_t i = 0; i < l->n; i++)
		relevant[i] = !relevant[i];
	if (strcmp(name, "fallout3") == 0)
		return ranking_recall(relevant, l->n, l->n - relevant_n, 3);
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

/* Ranks from 1 by value, rising; equal ones share their mean. */
static void ranks_of(const double *v, size_t n, double *out)
{
	for (size_t i = 0; i < n; i++) {
		double below = 0, equal = 0;
		for (size_t j = 0; j < n; j++) {
			below += v[j] < v[i];
			equal += !(v[j] < v[i]) && !(v[j] > v[i]);
		}
		out[i] = below + (equal + 1) / 2;
	}
}

/* Pearson's correlation of the ranks; NAN where one side is all equal. */
static double spearman(const graded_list *l)
{
	static double x[MAX_ITEMS], y[MAX_ITEMS], rx[MAX_ITEMS], ry[MAX_ITEMS];
	double mean = ((double)l->n + 1) / 2, xy = 0, xx = 0, yy = 0;
	for (size_t i = 0; i < l->n; i++) {
		x[i] = l->it[i].grade;
		y[i] = l->it[i].score;
	}
	ranks_of(x, l->n, rx);
	ranks_of(y, l->n, ry);
	for (size_t i = 0; i < l->n; i++) {
		xy += (rx[i] - mean) * (ry[i] - mean);
		xx += (rx[i] - mean) * (rx[i] - mean);
		yy += (ry[i] - mean) * (ry[i] - mean);
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx) / sqrt(yy) : (double)NAN;
}

/* Mean over relevant items of the share of relevant ones among those scored as high. */
static double label_ranking_ap(const graded_list *l)
{
	double sum = 0, n = 0;
	for (size_t i = 0; i < l->n; i++) {
		double all = 0, relevant = 0;
		if (!(l->it[i].grade >= 1))
			continue;
		for (size_t j = 0; j < l->n; j++) {
			bool as_high = !(l->it[j].score < l->it[i].score);
			all += as_high;
			relevant += as_high && l->it[j].grade >= 1;
		}
		sum += relevant / all;
		n++;
	}
	return n > 0 && n < (double)l->n ? sum / n : 1;
}

/* null: undefined in the library, NAN here. */
static void defined_figure(golden *g, asy_jv c, const char *name, double got, asy_jv v, double tol)
{
	if (isnan(got) && asy_jv_is_null(v))
		golden_pass(g);
	else
		compare(g, c, name, got, number(v, NAN), tol);
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
			else if (strcmp(name, "spearman") == 0)
				defined_figure(g, c, name, spearman(&l), asy_jv_value(e, j), tol);
			else if (strcmp(name, "lrap") == 0)
				defined_figure(g, c, name, label_ranking_ap(&l), asy_jv_value(e, j), tol);
			else if (isnan(got))
				golden_skip(g, 1, "measures that the plugin does not report");
			else
				compare(g, c, name, got, number(asy_jv_value(e, j), NAN), tol);
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

/* Agreement at each depth of the shorter list, weighted (1 - p) p^(depth - 1); p 1: their
 * mean. Two empty lists agree. */
static double overlap(const uint32_t *a, size_t a_n, const uint32_t *b, size_t b_n, double p)
{
	size_t depth = a_n < b_n ? a_n : b_n, both = 0;
	double sum = 0, power = 1;
	if (depth == 0)
		return a_n == b_n ? 1 : 0;
	for (size_t d = 0; d < depth; d++, power *= p) {
		for (size_t i = 0; i < d; i++)
			both += (size_t)(a[i] == b[d]) + (a[d] == b[i]);
		both += a[d] == b[d];
		sum += (double)both / (double)(d + 1) * power;
	}
	return p < 1 ? (1 - p) * sum : sum / (double)depth;
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
			size_t a_n = asy_jv_size(asy_jv_get(c, "a")), b_n = asy_jv_size(asy_jv_get(c, "b"));
			if (strncmp(name, "rbo_truncated p=", 16) == 0 ||
				strcmp(name, "average_overlap") == 0) {
				double p = name[0] == 'r' ? strtod(name + 16, NULL) : 1;
				compare(g, c, name, overlap(a, a_n, b, b_n, p), number(asy_jv_value(e, j), NAN),
						tol);
				continue;
			}
			if (strncmp(name, "rbo_ext p=", 10) != 0) {
				golden_skip(g, 1, "a measure of no library that is known here");
				continue;
			}
			double got = ranking_rbo(a, a_n, b, b_n, names_n, strtod(name + 10, NULL), seen);
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
	{NULL, "cases.relevance cases.scores cases.expected", run_sklearn},
	{NULL, "cases.qrels cases.run cases.expected", golden_ranking_trec},
	{NULL, "cases.a cases.b cases.expected.average_overlap", run_rbo},
	{NULL, "cases.size cases.responses cases.expected", run_openkaito},
	{NULL, "cases.size cases.ranking cases.expected", run_openkaito},
	{NULL, NULL, NULL},
};
