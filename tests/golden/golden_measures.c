/* More text measures against their reference implementations: tokenisers and BLEU of
 * sacrebleu, BLEU, GLEU and METEOR of NLTK, rapidfuzz, PCRE2 with its limits, and the
 * sums of public subnets. */
#include <math.h>
#include <string.h>
#include "golden/golden.h"
#include "text/bleu.h"
#include "text/constraint.h"
#include "text/fuzzy.h"
#include "text/meteor.h"
#include "text/segment.h"
#include "text/subnets.h"

enum { ARENA = 256 << 20 };

static const char *string(asy_jv v, const char *absent)
{
	const char *s;
	size_t n;
	return asy_jv_str(v, &s, &n, NULL) == ASSAY_OK ? s : absent;
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
	if (asy_jv_str(v, &s, &n, NULL) == ASSAY_OK) {
		/* A leading byte order mark is a character here. */
		plg_text rest = {NULL, 0};
		bool bom = n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0;
		(void)plg_utf8_decode(a, (assay_bytes){(const uint8_t *)s, n}, SIZE_MAX, &rest);
		if (!bom)
			return rest;
		uint32_t *cp = plg_arena_take(a, rest.n + 1, sizeof *cp);
		cp[0] = 0xfeff;
		memcpy(cp + 1, rest.cp, rest.n * sizeof *cp);
		t = (plg_text){cp, rest.n + 1};
	}
	return t;
}

static bool near(golden *g, asy_jv c, const char *what, double got, double want, double tolerance)
{
	if (fabs(got - want) <= tolerance * fmax(1, fabs(want)))
		return true;
	golden_fail(g, string(asy_jv_get(c, "id"), "?"), "%s is %.17g, expected %.17g", what, got,
				want);
	return false;
}

/* ---- tokenisers ---- */

static void segment_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	static const char *const names[] = {"13a", "zh", "intl", "char"};
	static const txt_segmenter how[] = {TXT_SEG_13A, TXT_SEG_ZH, TXT_SEG_INTL, TXT_SEG_CHAR};
	(void)tolerance;
	for (size_t i = 0; i < 4; i++) {
		asy_jv want = asy_jv_get(asy_jv_get(c, "expected"), names[i]);
		if (asy_jv_kind(want) == ASY_J_ABSENT)
			continue;
		plg_text got = txt_segment(a, how[i], text(a, asy_jv_get(c, "input")));
		if (!plg_text_eq(got, text(a, want))) {
			golden_fail(g, string(asy_jv_get(c, "id"), "?"), "%s: \"%s\", expected \"%s\"",
						names[i], (const char *)plg_utf8_encode(a, got).ptr, string(want, "?"));
			return;
		}
	}
	golden_pass(g);
}

/* ---- BLEU ---- */

static txt_segmenter segmenter(const char *name)
{
	return strcmp(name, "13a") == 0    ? TXT_SEG_13A
		   : strcmp(name, "zh") == 0   ? TXT_SEG_ZH
		   : strcmp(name, "intl") == 0 ? TXT_SEG_INTL
		   : strcmp(name, "char") == 0 ? TXT_SEG_CHAR
									   : TXT_SEG_NONE;
}

static txt_smooth smoothing(const char *name)
{
	return strcmp(name, "exp") == 0     ? TXT_SMOOTH_EXP
		   : strcmp(name, "floor") == 0 ? TXT_SMOOTH_FLOOR
		   : strcmp(name, "add-k") == 0 ? TXT_SMOOTH_ADD_K
										: TXT_SMOOTH_NONE;
}

static txt_words words(plg_arena *a, asy_jv s, asy_jv p)
{
	txt_words w = {NULL, 0};
	plg_text t = text(a, s);
	if (flag(asy_jv_get(p, "lowercase")))
		t = plg_lower(a, t);
	w.word = txt_segment_words(a, segmenter(string(asy_jv_get(p, "tokenize"), "13a")), t, &w.n);
	return w;
}

static void bleu_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	asy_jv p = asy_jv_get(c, "params"), want = asy_jv_get(c, "expected"),
		   hyps = asy_jv_get(c, "hyps");
	asy_jv refs = asy_jv_get(c, "refs");
	txt_bleu_counts counts = {.hyp = 0};
	size_t n = asy_jv_size(refs);
	txt_words *r = plg_arena_take(a, n + 1, sizeof *r);
	for (size_t i = 0; i < n; i++)
		r[i] = words(a, asy_jv_at(refs, i), p);
	if (asy_jv_kind(hyps) == ASY_J_ABSENT) {
		(void)txt_bleu_count(a, words(a, asy_jv_get(c, "hyp"), p), r, n, &counts);
	} else {
		for (size_t i = 0; i < asy_jv_size(hyps); i++)
			(void)txt_bleu_count(a, words(a, asy_jv_at(hyps, i), p), &r[i], 1, &counts);
	}
	double got = txt_bleu(&counts, smoothing(string(asy_jv_get(p, "smooth_method"), "exp")),
						  flag(asy_jv_get(p, "effective_order")));
	if (near(g, c, "score", got, number(asy_jv_get(want, "score"), NAN), tolerance) &&
		near(g, c, "sys_len", (double)counts.hyp, number(asy_jv_get(want, "sys_len"), NAN), 0) &&
		near(g, c, "ref_len", (double)counts.ref, number(asy_jv_get(want, "ref_len"), NAN), 0))
		golden_pass(g);
}

/* ---- NLTK ---- */

static txt_words token_list(plg_arena *a, asy_jv list)
{
	size_t n = asy_jv_size(list);
	plg_text *w = plg_arena_take(a, n + 1, sizeof *w);
	for (size_t i = 0; i < n; i++)
		w[i] = text(a, asy_jv_at(list, i));
	return (txt_words){w, n};
}

/* true: equal, or not measured by the reference either. */
static bool equal_or_null(golden *g, asy_jv c, const char *key, double got, double tolerance)
{
	asy_jv want = asy_jv_get(asy_jv_get(c, "expected"), key);
	if (asy_jv_kind(want) == ASY_J_ABSENT)
		return true;
	double w = number(want, NAN);
	if (isnan(w))
		return isnan(got) || near(g, c, key, got, w, tolerance);
	return near(g, c, key, got, w, tolerance);
}

static void nltk_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	asy_jv refs = asy_jv_get(c, "ref_tokens");
	size_t n = asy_jv_size(refs);
	txt_words hyp = token_list(a, asy_jv_get(c, "hyp_tokens"));
	txt_words *r = plg_arena_take(a, n + 1, sizeof *r);
	double got;
	for (size_t i = 0; i < n; i++)
		r[i] = token_list(a, asy_jv_at(refs, i));
	for (int m = 0; m < 8; m++) {
		char key[32];
		(void)snprintf(key, sizeof key, "bleu4_method%d", m);
		if (!txt_bleu_nltk(a, hyp, r, n, m, &got) || !equal_or_null(g, c, key, got, tolerance))
			return;
	}
	if (txt_gleu(a, hyp, r, n, &got) && equal_or_null(g, c, "gleu", got, tolerance) &&
		equal_or_null(g, c, "meteor_exact_stem", txt_meteor(a, hyp, r, n), tolerance))
		golden_pass(g);
}

/* ---- rapidfuzz ---- */

static void fuzzy_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	plg_text x = text(a, asy_jv_get(c, "a")), y = text(a, asy_jv_get(c, "b"));
	size_t most = x.n > y.n ? x.n : y.n, d = txt_levenshtein(a, x, y);
	if (equal_or_null(g, c, "ratio", txt_ratio(a, x, y), tolerance) &&
		equal_or_null(g, c, "partial_ratio", txt_partial_ratio(a, x, y), tolerance) &&
		equal_or_null(g, c, "token_sort_ratio", txt_token_sort_ratio(a, x, y), tolerance) &&
		equal_or_null(g, c, "token_set_ratio", txt_token_set_ratio(a, x, y), tolerance) &&
		equal_or_null(g, c, "levenshtein", (double)d, tolerance) &&
		equal_or_null(g, c, "levenshtein_norm_sim", most == 0 ? 1 : 1 - (double)d / (double)most,
					  tolerance) &&
		equal_or_null(g, c, "indel", (double)txt_indel(a, x, y), tolerance))
		golden_pass(g);
}

/* ---- PCRE2 ---- */

static assay_bytes unhex(plg_arena *a, asy_jv v)
{
	const char *s = string(v, "");
	size_t n = strlen(s) / 2;
	uint8_t *p = plg_arena_take(a, n + 1, 1);
	for (size_t i = 0; i < n; i++) {
		unsigned byte = 0;
		(void)sscanf(s + 2 * i, "%2x", &byte);
		p[i] = (uint8_t)byte;
	}
	return (assay_bytes){p, n};
}

static unsigned pattern_options(asy_jv list)
{
	static const char *const names[] = {"CASELESS", "MULTILINE", "DOTALL", "ANCHORED",
										"ENDANCHORED"};
	unsigned bits = 0;
	for (size_t i = 0; i < asy_jv_size(list); i++)
		for (unsigned k = 0; k < ASY_COUNT(names); k++)
			if (strcmp(string(asy_jv_at(list, i), ""), names[k]) == 0)
				bits |= 1u << k;
	return bits;
}

static bool is_limit(double rc)
{
	return rc == -47 || rc == -53 || rc == -63;
}

static void pcre2_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	asy_jv want = asy_jv_get(c, "expected");
	int code, rc = 0;
	size_t at, start = 0, end = 0;
	(void)tolerance;
	txt_pattern *p = txt_pattern_new(unhex(a, asy_jv_get(c, "pattern_hex")),
									 pattern_options(asy_jv_get(c, "options")), &code, &at);
	if (p == NULL) {
		if (near(g, c, "compile_error", code, number(asy_jv_get(want, "compile_error"), NAN), 0) &&
			near(g, c, "offset", (double)at, number(asy_jv_get(want, "offset"), NAN), 0))
			golden_pass(g);
		return;
	}
	(void)txt_pattern_match(p, unhex(a, asy_jv_get(c, "subject_hex")), &rc, &start, &end);
	txt_pattern_free(p);
	double expected = number(asy_jv_get(want, "rc"), NAN);
	bool both_limits = is_limit(expected) && is_limit(rc); /* which limit is hit is not portable */
	if ((both_limits || near(g, c, "rc", rc, expected, 0)) &&
		(rc <= 0 ||
		 (near(g, c, "start", (double)start, number(asy_jv_get(want, "start"), NAN), 0) &&
		  near(g, c, "end", (double)end, number(asy_jv_get(want, "end"), NAN), 0))))
		golden_pass(g);
}

/* ---- subnets ---- */

static double *matrix(plg_arena *a, asy_jv rows, size_t from, size_t *n, size_t *dim)
{
	size_t all = asy_jv_size(rows);
	*n = all > from ? all - from : 0;
	*dim = all > 0 ? asy_jv_size(asy_jv_at(rows, 0)) : 0;
	double *m = plg_arena_take(a, *n * *dim + 1, sizeof *m);
	for (size_t i = 0; i < *n; i++)
		for (size_t k = 0; k < *dim; k++)
			m[i * *dim + k] = number(asy_jv_at(asy_jv_at(rows, i + from), k), 0);
	return m;
}

static bool row_equal(golden *g, asy_jv c, const char *what, asy_jv want, size_t i, double got,
					  double tolerance)
{
	double w = number(asy_jv_at(want, i), NAN);
	return isnan(w) || near(g, c, what, got, w, tolerance); /* NaN there: a zero vector */
}

static void diversity_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	asy_jv want = asy_jv_get(c, "expected");
	size_t n, m, dim, dim_h, skip = (size_t)number(asy_jv_get(c, "history_skip_first"), 0);
	double *x = matrix(a, asy_jv_get(c, "embeddings"), 0, &n, &dim);
	double *h = matrix(a, asy_jv_get(c, "history"), skip, &m, &dim_h);
	double *work = plg_arena_take(a, n + m + 1, sizeof *work);
	for (size_t i = 0; i < n; i++) {
		const double *row = x + i * dim;
		double batch = txt_diversity(row, x, n, dim, 2, 40, 4, work);
		double past = txt_diversity(row, h, m, dim, n > 1 ? 2 : 1, 1000, 50, work);
		asy_jv cosine = asy_jv_at(asy_jv_get(want, "cosine"), i);
		for (size_t k = 0; k < asy_jv_size(cosine); k++)
			if (!row_equal(g, c, "cosine", cosine, k, txt_cosine(row, x + k * dim, dim), tolerance))
				return;
		if (i < asy_jv_size(asy_jv_get(want, "mask")) &&
			(!row_equal(g, c, "batch_reward", asy_jv_get(want, "batch_reward"), i, batch,
						tolerance) ||
			 !row_equal(g, c, "historic_reward", asy_jv_get(want, "historic_reward"), i, past,
						tolerance) ||
			 (!isnan(number(asy_jv_at(asy_jv_get(want, "batch_reward"), i), NAN)) &&
			  !row_equal(g, c, "mask", asy_jv_get(want, "mask"), i, batch * past > 0.2,
						 tolerance))))
			return;
	}
	golden_pass(g);
}

static bool list_equal(golden *g, asy_jv c, asy_jv want, const double *got, size_t n,
					   double tolerance)
{
	for (size_t i = 0; i < n; i++)
		if (!row_equal(g, c, "value", want, i, got[i], tolerance))
			return false;
	return true;
}

static void perplexity_case(golden *g, plg_arena *a, asy_jv c, double tolerance)
{
	asy_jv targets = asy_jv_get(c, "target"), want = asy_jv_get(c, "expected");
	size_t n, vocab;
	double *logits = matrix(a, asy_jv_get(c, "logits"), 0, &n, &vocab);
	long *target = plg_arena_take(a, n + 1, sizeof *target);
	double *row = plg_arena_take(a, vocab + 1, sizeof *row);
	double ignore = number(asy_jv_get(c, "ignore_index"), -1e9);
	for (size_t i = 0; i < n; i++)
		target[i] = (long)number(asy_jv_at(targets, i), -1);
	txt_log_softmax(logits, vocab, row);
	if (near(g, c, "perplexity", txt_perplexity(logits, target, n, vocab, (long)ignore),
			 number(asy_jv_get(want, "perplexity"), NAN), tolerance) &&
		list_equal(g, c, asy_jv_get(want, "log_softmax_row0"), row, vocab, tolerance))
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
			golden_fail(g, NULL, "a case needs more than %d bytes", ARENA);
	}
	plg_arena_free(a);
}

#define RUN(name)                                                                                  \
	static void run_##name(golden *g, asy_jv root)                                                 \
	{                                                                                              \
		each(g, root, name##_case);                                                                \
	}
RUN(segment)
RUN(bleu)
RUN(nltk)
RUN(fuzzy)
RUN(pcre2)
RUN(diversity)
RUN(perplexity)

const golden_row golden_suite_measures[] = {
	{NULL, "cases.input cases.expected.13a", run_segment},
	{NULL, "cases.hyp cases.refs cases.call", run_bleu},
	{NULL, "cases.hyp_tokens cases.ref_tokens", run_nltk},
	{NULL, "cases.a cases.b cases.expected.token_sort_ratio", run_fuzzy},
	{NULL, "cases.pattern_hex cases.subject_hex", run_pcre2},
	{NULL, "cases.embeddings cases.history", run_diversity},
	{NULL, "cases.logits cases.target", run_perplexity},
	{NULL, NULL, NULL},
};
