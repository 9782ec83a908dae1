/* Text measures against the published results of their reference implementations.
 * Runs squad.json, porter.json, rouge.json and chrf_ter.json; golden_measures.c has the
 * other files of the folder. */
#include <math.h>
#include "golden/golden.h"
#include "text/chrf.h"
#include "text/porter.h"
#include "text/rouge.h"
#include "text/squad.h"
#include "text/ter.h"

enum { ARENA = 256 << 20 };

static const char *string(asy_jv v, const char *absent)
{
	const char *s;
	size_t n;
	return asy_jv_str(v, &s, &n, NULL) == ASSAY_OK ? s : absent;
}

static const char *id_of(asy_jv c)
{
	return string(asy_jv_get(c, "id"), "?");
}

static double number(asy_jv v, double absent)
{
	double d = absent;
	return asy_jv_f64(v, &d, NULL) == ASSAY_OK ? d : absent;
}

static bool flag(asy_jv v)
{
	bool b = false;
	return asy_jv_bool(v, &b, NULL) == ASSAY_OK && b;
}

static plg_text text(plg_arena *a, asy_jv v)
{
	const char *s = "";
	size_t n = 0;
	plg_text t = {NULL, 0};
	if (asy_jv_str(v, &s, &n, NULL) == ASSAY_OK)
		(void)plg_utf8_decode(a, (assay_bytes){(const uint8_t *)s, n}, SIZE_MAX, &t);
	return t;
}

/* Compares one number and remembers the first difference. */
static bool near(golden *g, asy_jv c, const char *what, double got, double want, double tolerance)
{
	if (fabs(got - want) <= tolerance)
		return true;
	golden_fail(g, id_of(c), "%s is %.17g, expected %.17g", what, got, want);
	return false;
}

/* ---- squad.json ---- */

static void squad_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	asy_jv answers = asy_jv_get(c, "answers"), want = asy_jv_get(c, "expected");
	size_t xn, best_em = 0;
	double best_f1 = 0;
	plg_text *x = txt_squad_words(a, text(a, asy_jv_get(c, "prediction")), &xn);
	for (size_t i = 0; i < asy_jv_size(answers); i++) {
		size_t yn;
		plg_text *y = txt_squad_words(a, text(a, asy_jv_at(answers, i)), &yn);
		plg_intern *in = plg_intern_new(a, xn + yn);
		uint32_t *xi = plg_intern_words(a, in, x, xn), *yi = plg_intern_words(a, in, y, yn);
		double f1 = txt_squad_f1(a, xi, xn, yi, yn, plg_intern_count(in));
		best_em |= txt_squad_equal(x, xn, y, yn);
		best_f1 = f1 > best_f1 ? f1 : best_f1;
	}
	if (near(g, c, "exact_match", (double)best_em, number(asy_jv_get(want, "exact_match"), NAN),
			 tolerance) &&
		near(g, c, "f1", best_f1, number(asy_jv_get(want, "f1"), NAN), tolerance))
		golden_pass(g);
}

/* ---- rouge.json ---- */

typedef struct {
	txt_prf m[3]; /* rouge1, rouge2, rougeL */
} rouge3;

static rouge3 rouge_of(plg_arena *a, plg_text hyp, plg_text ref, bool stem)
{
	rouge3 r = {0};
	size_t xn, yn;
	plg_text *x = txt_rouge_words(a, hyp, stem, &xn), *y = txt_rouge_words(a, ref, stem, &yn);
	plg_intern *in = plg_intern_new(a, xn + yn);
	txt_pair p = {plg_intern_words(a, in, x, xn), plg_intern_words(a, in, y, yn), xn, yn, xn, 0};
	p.count = plg_intern_count(in);
	(void)txt_rouge_n(a, &p, 1, &r.m[0]);
	(void)txt_rouge_n(a, &p, 2, &r.m[1]);
	(void)txt_rouge_l(a, &p, &r.m[2]);
	return r;
}

static void rouge_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	static const char *const names[3] = {"rouge1", "rouge2", "rougeL"};
	asy_jv want = asy_jv_get(c, "expected"), refs = asy_jv_get(c, "refs");
	plg_text hyp = text(a, asy_jv_get(c, "hyp"));
	bool stem = flag(asy_jv_get(c, "use_stemmer"));
	const char *how = string(asy_jv_get(c, "accumulate"), "best");
	size_t refs_n = asy_jv_size(refs);
	rouge3 r = {0};
	if (refs_n == 0)
		r = rouge_of(a, hyp, text(a, asy_jv_get(c, "ref")), stem);
	for (size_t i = 0; i < refs_n; i++) {
		rouge3 one = rouge_of(a, hyp, text(a, asy_jv_at(refs, i)), stem);
		if (strcmp(how, "best") == 0) {
			/* Each measure takes its own best reference (the vectors say so). */
			for (size_t k = 0; k < 3; k++)
				if (i == 0 || one.m[k].f > r.m[k].f)
					r.m[k] = one.m[k];
			continue;
		}
		for (size_t k = 0; k < 3; k++) {
			r.m[k].p += one.m[k].p / (double)refs_n;
			r.m[k].r += one.m[k].r / (double)refs_n;
			r.m[k].f += one.m[k].f / (double)refs_n;
		}
	}
	for (size_t k = 0; k < 3; k++) {
		const char *part[3] = {"precision", "recall", "fmeasure"};
		const double got[3] = {r.m[k].p, r.m[k].r, r.m[k].f};
		for (size_t i = 0; i < 3; i++) {
			char key[32];
			(void)snprintf(key, sizeof key, "%s_%s", names[k], part[i]);
			if (asy_jv_kind(asy_jv_get(want, key)) != ASY_J_ABSENT &&
				!near(g, c, key, got[i], number(asy_jv_get(want, key), NAN), tolerance))
				return;
		}
	}
	golden_pass(g);
}

/* ---- porter.json ---- */

static void porter_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	const char *word, *want;
	size_t n, want_n;
	(void)tolerance;
	if (asy_jv_str(asy_jv_get(c, "id"), &word, &n, NULL) != ASSAY_OK ||
		asy_jv_str(asy_jv_get(c, "expected"), &want, &want_n, NULL) != ASSAY_OK) {
		golden_fail(g, NULL, "a case without id or expected");
		return;
	}
	char *stem = plg_arena_take(a, n + 1, 1);
	memcpy(stem, word, n);
	n = txt_porter(stem, n);
	if (n == want_n && memcmp(stem, want, n) == 0)
		golden_pass(g);
	else
		golden_fail(g, word, "stem is %.*s, expected %s", (int)n, stem, want);
}

/* ---- chrf_ter.json ---- */

static txt_chrf_params chrf_params(asy_jv p)
{
	return (txt_chrf_params){
		.char_order = (unsigned)number(asy_jv_get(p, "char_order"), 6),
		.word_order = (unsigned)number(asy_jv_get(p, "word_order"), 0),
		.beta = number(asy_jv_get(p, "beta"), 2),
		.lowercase = flag(asy_jv_get(p, "lowercase")),
		.whitespace = flag(asy_jv_get(p, "whitespace")),
		.eps_smoothing = flag(asy_jv_get(p, "eps_smoothing")),
	};
}

static double chrf_corpus(plg_arena *a, asy_jv c, const txt_chrf_params *p)
{
	asy_jv hyps = asy_jv_get(c, "hyps"), refs = asy_jv_get(c, "refs");
	txt_chrf_sums sums = {.orders = 0};
	for (size_t i = 0; i < asy_jv_size(hyps); i++)
		if (!txt_chrf_add(a, text(a, asy_jv_at(hyps, i)), text(a, asy_jv_at(refs, i)), p, &sums))
			return -1;
	return txt_chrf_of(&sums, p);
}

static double ter(plg_arena *a, asy_jv c, asy_jv p)
{
	asy_jv refs = asy_jv_get(c, "refs");
	size_t n = asy_jv_size(refs);
	plg_text *r = plg_arena_take(a, n + 1, sizeof *r);
	const txt_ter_params params = {.normalized = flag(asy_jv_get(p, "normalized")),
								   .no_punct = flag(asy_jv_get(p, "no_punct")),
								   .case_sensitive = flag(asy_jv_get(p, "case_sensitive"))};
	for (size_t i = 0; i < n; i++)
		r[i] = text(a, asy_jv_at(refs, i));
	return txt_ter(a, text(a, asy_jv_get(c, "hyp")), r, n, &params);
}

static void chrf_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	asy_jv p = asy_jv_get(c, "params"), refs = asy_jv_get(c, "refs");
	const char *metric = string(asy_jv_get(c, "metric"), "");
	const txt_chrf_params params = chrf_params(p);
	double want = number(asy_jv_get(c, "expected"), NAN), best = 0;
	if (strcmp(metric, "ter") == 0) {
		want = number(asy_jv_get(asy_jv_get(c, "expected"), "score"), NAN);
		if (near(g, c, "ter", ter(a, c, p), want, tolerance))
			golden_pass(g);
		return;
	}
	if (strcmp(metric, "chrf_corpus") == 0) {
		if (near(g, c, "chrf", 100 * chrf_corpus(a, c, &params), want, tolerance))
			golden_pass(g);
		return;
	}
	plg_text hyp = text(a, asy_jv_get(c, "hyp"));
	for (size_t i = 0; i < asy_jv_size(refs); i++) {
		double f = txt_chrf(a, hyp, text(a, asy_jv_at(refs, i)), &params);
		best = f > best ? f : best;
	}
	if (near(g, c, "chrf", 100 * best, want, tolerance))
		golden_pass(g);
}

/* ---- files ---- */

static void each(golden *g, asy_jv root, void (*run)(golden *, plg_arena *, asy_jv, double))
{
	asy_jv cases = asy_jv_get(root, "cases");
	double tolerance = number(asy_jv_get(root, "tolerance"), 0);
	plg_arena *a = plg_arena_new(ARENA);
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		plg_arena_reset(a);
		run(g, a, asy_jv_at(cases, i), tolerance);
		if (plg_arena_failed(a))
			golden_fail(g, id_of(asy_jv_at(cases, i)), "needs more than %d bytes", ARENA);
	}
	plg_arena_free(a);
}

static void run_squad(golden *g, asy_jv root)
{
	each(g, root, squad_case);
}
static void run_porter(golden *g, asy_jv root)
{
	each(g, root, porter_case);
}
static void run_rouge(golden *g, asy_jv root)
{
	each(g, root, rouge_case);
}
static void run_chrf(golden *g, asy_jv root)
{
	each(g, root, chrf_case);
}

const golden_row golden_suite_text[] = {
	{NULL, "cases.prediction cases.answers", run_squad},
	{NULL, "cases.expected", run_porter},
	{NULL, "cases.hyp cases.ref cases.use_stemmer", run_rouge},
	{NULL, "cases.hyp cases.refs cases.metric", run_chrf},
	{NULL, NULL, NULL},
};
