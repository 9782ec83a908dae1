/* Speech measures and normalisers against the published results of their reference
 * implementations. The spelling table is third-party data that this tree does not
 * carry: it is read beside the vectors, else under $ASSAY_VECTORS, else from a sibling
 * folder of the source; without it, a case that differs may need it and is skipped. */
#include <math.h>
#include <stdlib.h>
#include "golden/golden.h"
#include "common/audio.h"
#include "common/compress.h"
#include "stt/measures.h"
#include "stt/normalise.h"
#include "stt/transforms.h"

enum { ARENA = 256 << 20 };

typedef struct {
	golden *g;
	plg_arena *a;
	stt_spelling *spelling;
	double tolerance;
} suite;

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

static double number(asy_jv v)
{
	double d = NAN;
	return asy_jv_f64(v, &d, NULL) == ASSAY_OK ? d : NAN;
}

static plg_text text(plg_arena *a, asy_jv v)
{
	const char *s = "";
	size_t n = 0;
	plg_text t = {NULL, 0};
	if (asy_jv_str(v, &s, &n, NULL) != ASSAY_OK ||
		plg_utf8_decode(a, (assay_bytes){(const uint8_t *)s, n}, SIZE_MAX, &t) != PLG_OK)
		return (plg_text){NULL, 0};
	return t;
}

static bool near(suite *s, asy_jv c, asy_jv want, const char *key, double got)
{
	asy_jv v = asy_jv_get(want, key);
	if (asy_jv_kind(v) == ASY_J_ABSENT || fabs(got - number(v)) <= s->tolerance)
		return true;
	golden_fail(s->g, id_of(c), "%s is %.17g, expected %.17g", key, got, number(v));
	return false;
}

static bool same_count(suite *s, asy_jv c, asy_jv want, const char *key, size_t got)
{
	asy_jv v = asy_jv_get(want, key);
	uint64_t n = 0;
	if (asy_jv_kind(v) == ASY_J_ABSENT || (asy_jv_u64(v, &n, NULL) == ASSAY_OK && n == got))
		return true;
	golden_fail(s->g, id_of(c), "%s is %zu, expected %llu", key, got, (unsigned long long)n);
	return false;
}

static bool same_text(suite *s, asy_jv c, const char *what, plg_text got, asy_jv want)
{
	if (plg_text_eq(got, text(s->a, want)) && asy_jv_kind(want) == ASY_J_STRING)
		return true;
	golden_fail(s->g, id_of(c), "%s is \"%s\", expected \"%s\"", what,
				(const char *)plg_utf8_encode(s->a, got).ptr, string(want, "?"));
	return false;
}

/* ---- measures ---- */

typedef struct {
	uint32_t *ref, *hyp;
	size_t rn, hn;
	uint8_t *ops;
	size_t ops_n;
	stt_counts n;
} aligned;

static bool align_words(suite *s, const plg_text *ref, size_t rn, const plg_text *hyp, size_t hn,
						aligned *out)
{
	plg_intern *in = plg_intern_new(s->a, rn + hn);
	*out = (aligned){.rn = rn, .hn = hn};
	if (ref == NULL || hyp == NULL || in == NULL)
		return false;
	out->ref = plg_intern_words(s->a, in, ref, rn);
	out->hyp = plg_intern_words(s->a, in, hyp, hn);
	out->ops = plg_arena_take(s->a, rn + hn, 1);
	return out->ops != NULL &&
		   stt_align(s->a, out->ref, rn, out->hyp, hn, &out->n, out->ops, &out->ops_n);
}

/* jiwer trims a sentence before cutting it into characters. */
static bool align_chars(suite *s, plg_text ref, plg_text hyp, aligned *out)
{
	ref = plg_strip(ref);
	hyp = plg_strip(hyp);
	plg_text *r = plg_arena_take(s->a, ref.n, sizeof *r);
	plg_text *h = plg_arena_take(s->a, hyp.n, sizeof *h);
	for (size_t i = 0; r != NULL && i < ref.n; i++)
		r[i] = plg_text_sub(ref, i, i + 1);
	for (size_t i = 0; h != NULL && i < hyp.n; i++)
		h[i] = plg_text_sub(hyp, i, i + 1);
	return align_words(s, r, ref.n, h, hyp.n, out) &&
		   stt_distance(s->a, out->ref, out->rn, out->hyp, out->hn, SIZE_MAX) ==
			   out->n.substitutions + out->n.deletions + out->n.insertions;
}

/* The steps as runs, compared with [{"type","ref":[from,to],"hyp":[from,to]}]. */
static bool same_alignment(suite *s, asy_jv c, asy_jv want, const aligned *x)
{
	static const char *const names[] = {"equal", "substitute", "delete", "insert"};
	size_t run = 0, r = 0, h = 0;
	for (size_t i = 0; i < x->ops_n; run++) {
		size_t r0 = r, h0 = h;
		uint8_t op = x->ops[i];
		for (; i < x->ops_n && x->ops[i] == op; i++) {
			r += op != STT_INSERT;
			h += op != STT_DELETE;
		}
		asy_jv w = asy_jv_at(want, run), wr = asy_jv_get(w, "ref"), wh = asy_jv_get(w, "hyp");
		const double at[4] = {(double)r0, (double)r, (double)h0, (double)h};
		const double expected[4] = {number(asy_jv_at(wr, 0)), number(asy_jv_at(wr, 1)),
									number(asy_jv_at(wh, 0)), number(asy_jv_at(wh, 1))};
		bool same = strcmp(names[op], string(asy_jv_get(w, "type"), "")) == 0;
		for (size_t k = 0; k < 4; k++)
			same = same && !(at[k] < expected[k]) && !(at[k] > expected[k]);
		if (!same) {
			golden_fail(s->g, id_of(c), "alignment differs at run %zu", run);
			return false;
		}
	}
	if (run == asy_jv_size(want))
		return true;
	golden_fail(s->g, id_of(c), "alignment has %zu runs, expected %zu", run, asy_jv_size(want));
	return false;
}

static bool same_measures(suite *s, asy_jv c, asy_jv want, stt_counts words, stt_counts chars)
{
	stt_measures m = stt_measures_of(words);
	return same_count(s, c, want, "hits", words.hits) &&
		   same_count(s, c, want, "substitutions", words.substitutions) &&
		   same_count(s, c, want, "deletions", words.deletions) &&
		   same_count(s, c, want, "insertions", words.insertions) &&
		   near(s, c, want, "wer", m.wer) && near(s, c, want, "mer", m.mer) &&
		   near(s, c, want, "wil", m.wil) && near(s, c, want, "wip", m.wip) &&
		   same_count(s, c, want, "char_hits", chars.hits) &&
		   same_count(s, c, want, "char_substitutions", chars.substitutions) &&
		   same_count(s, c, want, "char_deletions", chars.deletions) &&
		   same_count(s, c, want, "char_insertions", chars.insertions) &&
		   near(s, c, want, "cer", stt_error_rate(chars));
}

static void measures_case(suite *s, asy_jv c)
{
	asy_jv want = asy_jv_get(c, "expected"), refs = asy_jv_get(c, "refs");
	asy_jv hyps = asy_jv_get(c, "hyps"), alignment = asy_jv_get(want, "alignment");
	bool pooled = asy_jv_kind(refs) == ASY_J_ARRAY;
	size_t utterances = pooled ? asy_jv_size(refs) : 1;
	stt_counts words = {0}, chars = {0};
	aligned w = {0}, k = {0};
	for (size_t i = 0; i < utterances; i++) {
		plg_text ref = text(s->a, pooled ? asy_jv_at(refs, i) : asy_jv_get(c, "ref"));
		plg_text hyp = text(s->a, pooled ? asy_jv_at(hyps, i) : asy_jv_get(c, "hyp"));
		size_t rn = 0, hn = 0;
		plg_text *r = stt_jiwer_words(s->a, ref, &rn), *h = stt_jiwer_words(s->a, hyp, &hn);
		if (!align_words(s, r, rn, h, hn, &w) || !align_chars(s, ref, hyp, &k)) {
			golden_fail(s->g, id_of(c), "distance and alignment disagree, or out of memory");
			return;
		}
		words = stt_counts_add(words, w.n);
		chars = stt_counts_add(chars, k.n);
	}
	if (!same_measures(s, c, want, words, chars))
		return;
	if (!pooled && asy_jv_kind(alignment) == ASY_J_ARRAY && !same_alignment(s, c, alignment, &w))
		return;
	golden_pass(s->g);
}

/* ---- transforms ---- */

static bool same_words(suite *s, asy_jv c, const plg_text *got, size_t n, asy_jv want)
{
	bool same = got != NULL && n == asy_jv_size(want);
	for (size_t i = 0; same && i < n; i++)
		same = plg_text_eq(got[i], text(s->a, asy_jv_at(want, i)));
	if (!same)
		golden_fail(s->g, id_of(c), "wer_standardize gives other words");
	return same;
}

static void transforms_case(suite *s, asy_jv c)
{
	asy_jv want = asy_jv_get(c, "expected");
	plg_text t = text(s->a, asy_jv_get(c, "input"));
	size_t n = 0;
	plg_text *words = stt_wer_standardize(s->a, t, &n);
	if (same_words(s, c, words, n, asy_jv_at(asy_jv_get(want, "wer_standardize"), 0)) &&
		same_text(s, c, "contractions", stt_expand_contractions(s->a, t),
				  asy_jv_get(want, "ExpandCommonEnglishContractions")) &&
		same_text(s, c, "punctuation", stt_remove_punctuation(s->a, t),
				  asy_jv_get(want, "RemovePunctuation")) &&
		same_text(s, c, "kaldi", stt_remove_kaldi(s->a, t),
				  asy_jv_get(want, "RemoveKaldiNonWords")) &&
		same_text(s, c, "spaces", stt_remove_multiple_spaces(s->a, t),
				  asy_jv_get(want, "RemoveMultipleSpaces")))
		golden_pass(s->g);
}

/* ---- normalisers ---- */

/* English output may hang on the spelling table; without it, a difference proves
 * nothing. */
static bool english_matches(suite *s, asy_jv c, plg_text got, asy_jv want, bool *unsure)
{
	if (s->spelling == NULL && !plg_text_eq(got, text(s->a, want))) {
		*unsure = true;
		return true;
	}
	return same_text(s, c, "english", got, want);
}

static void normaliser_case(suite *s, asy_jv c)
{
	static const stt_basic_options plain = {0}, bare = {.remove_diacritics = true},
								   letters = {.split_letters = true};
	asy_jv want = asy_jv_get(c, "expected");
	plg_text t = text(s->a, asy_jv_get(c, "input"));
	bool unsure = false;
	if (!same_text(s, c, "basic", stt_basic(s->a, t, &plain), asy_jv_get(want, "basic")) ||
		!same_text(s, c, "basic without diacritics", stt_basic(s->a, t, &bare),
				   asy_jv_get(want, "basic_no_diacritics")) ||
		!same_text(s, c, "basic split", stt_basic(s->a, t, &letters),
				   asy_jv_get(want, "basic_split_letters")) ||
		!english_matches(s, c, stt_english(s->a, t, s->spelling), asy_jv_get(want, "english"),
						 &unsure))
		return;
	if (unsure)
		golden_skip(s->g, 1, "english_spelling.json is not at hand");
	else
		golden_pass(s->g);
}

static void pipeline_case(suite *s, asy_jv c)
{
	asy_jv want = asy_jv_get(c, "expected");
	plg_text ref = stt_english(s->a, text(s->a, asy_jv_get(c, "ref")), s->spelling);
	plg_text hyp = stt_english(s->a, text(s->a, asy_jv_get(c, "hyp")), s->spelling);
	size_t rn = 0, hn = 0;
	bool unsure = false;
	aligned w;
	if (!english_matches(s, c, ref, asy_jv_get(want, "ref_norm"), &unsure) ||
		!english_matches(s, c, hyp, asy_jv_get(want, "hyp_norm"), &unsure))
		return;
	if (unsure) {
		golden_skip(s->g, 1, "english_spelling.json is not at hand");
		return;
	}
	plg_text *r = stt_jiwer_words(s->a, ref, &rn), *h = stt_jiwer_words(s->a, hyp, &hn);
	if (!align_words(s, r, rn, h, hn, &w))
		golden_fail(s->g, id_of(c), "out of memory");
	else if (same_measures(s, c, want, w.n, (stt_counts){0}))
		golden_pass(s->g);
}

/* ---- compression ratio ---- */

static void compression_case(suite *s, asy_jv c)
{
	asy_jv want = asy_jv_get(c, "expected");
	assay_bytes in = plg_utf8_encode(s->a, text(s->a, asy_jv_get(c, "input")));
	double ratio = plg_compression_ratio(in), expected = number(asy_jv_get(want, "ratio"));
	/* Another zlib may differ by a few bytes: 5 %, as the file says. */
	if (!same_count(s, c, want, "bytes", (size_t)in.len))
		return;
	if (fabs(ratio - expected) <= 0.05 * expected)
		golden_pass(s->g);
	else
		golden_fail(s->g, id_of(c), "ratio is %.6f, expected %.6f", ratio, expected);
}

/* ---- files ---- */

static stt_spelling *find_spelling(golden *g)
{
	static const char file[] = "rewards/stt/english_spelling.json";
	const char *root = getenv("ASSAY_VECTORS"), *why; /* edge: where third-party data is */
	char path[1024];
	stt_spelling *s = stt_spelling_load(golden_sibling(g, "english_spelling.json"), &why);
	if (s == NULL && root != NULL) {
		(void)snprintf(path, sizeof path, "%s/%s", root, file);
		s = stt_spelling_load(path, &why);
	}
	if (s == NULL && root == NULL) {
		(void)snprintf(path, sizeof path, "%s/../shared/vectors/%s", ASSAY_SOURCE_DIR, file);
		s = stt_spelling_load(path, &why);
	}
	return s;
}

static void each(golden *g, asy_jv root, bool wants_spelling, void (*run)(suite *, asy_jv))
{
	asy_jv cases = asy_jv_get(root, "cases");
	suite s = {
		.g = g, .a = plg_arena_new(ARENA), .tolerance = number(asy_jv_get(root, "tolerance"))};
	if (wants_spelling)
		s.spelling = find_spelling(g);
	if (isnan(s.tolerance))
		s.tolerance = 0;
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		plg_arena_reset(s.a);
		run(&s, asy_jv_at(cases, i));
		if (plg_arena_failed(s.a))
			golden_fail(g, id_of(asy_jv_at(cases, i)), "needs more than %d bytes", ARENA);
	}
	stt_spelling_free(s.spelling);
	plg_arena_free(s.a);
}

static void run_measures(golden *g, asy_jv root)
{
	each(g, root, false, measures_case);
}
static void run_transforms(golden *g, asy_jv root)
{
	each(g, root, false, transforms_case);
}
static void run_normaliser(golden *g, asy_jv root)
{
	each(g, root, true, normaliser_case);
}
static void run_pipeline(golden *g, asy_jv root)
{
	each(g, root, true, pipeline_case);
}
static void run_compression(golden *g, asy_jv root)
{
	each(g, root, false, compression_case);
}

/* Every pair of the table is found, and a word that is none stays. */
static void run_spelling(golden *g, asy_jv root)
{
	const char *why;
	plg_arena *a = plg_arena_new(ARENA);
	stt_spelling *table = stt_spelling_load(golden_sibling(g, "english_spelling.json"), &why);
	for (size_t i = 0; table != NULL && i < asy_jv_size(root); i++) {
		const char *from = asy_jv_key(root, i);
		plg_text got = stt_spelling_of(table, plg_text_of(a, from));
		if (plg_text_eq(got, text(a, asy_jv_get(root, from))))
			golden_pass(g);
		else
			golden_fail(g, from, "becomes \"%s\"", (const char *)plg_utf8_encode(a, got).ptr);
	}
	if (table == NULL)
		golden_fail(g, "table", "%s", why);
	stt_spelling_free(table);
	plg_arena_free(a);
}

static double *signal_of(suite *s, asy_jv v, size_t *n)
{
	*n = asy_jv_size(v);
	double *x = plg_arena_take(s->a, *n, sizeof *x);
	for (size_t i = 0; x != NULL && i < *n; i++)
		x[i] = number(asy_jv_at(v, i));
	return x;
}

static void audio_case(suite *s, asy_jv c)
{
	asy_jv want = asy_jv_get(c, "expected");
	size_t n = 0, rn = 0;
	double *x = signal_of(s, asy_jv_get(c, "est"), &n),
		   *r = signal_of(s, asy_jv_get(c, "ref"), &rn);
	if (x == NULL || r == NULL || n != rn)
		golden_fail(s->g, id_of(c), "signals of different lengths, or out of memory");
	else if (near(s, c, want, "si_sdr", plg_si_sdr(x, r, n, false)) &&
			 near(s, c, want, "si_sdr_zero_mean", plg_si_sdr(x, r, n, true)) &&
			 near(s, c, want, "si_snr", plg_si_sdr(x, r, n, true)) &&
			 near(s, c, want, "snr", plg_snr(x, r, n)))
		golden_pass(s->g);
}

static void run_audio(golden *g, asy_jv root)
{
	each(g, root, false, audio_case);
}

static void run_other(golden *g, asy_jv root)
{
	size_t n = asy_jv_size(asy_jv_get(root, "cases"));
	golden_skip(g, n > 0 ? n : 1, "no measure of the stt plugin");
}

const golden_row golden_suite_stt[] = {
	{NULL, "cases.ref cases.hyp cases.expected.wer", run_measures},
	{NULL, "cases.refs cases.hyps cases.expected", run_measures},
	{NULL, "cases.input cases.expected.RemovePunctuation", run_transforms},
	{NULL, "cases.input cases.expected.wer_standardize", run_transforms},
	{NULL, "cases.input cases.expected.basic", run_normaliser},
	{NULL, "cases.ref cases.hyp cases.expected.wer cases.expected.ref_norm", run_pipeline},
	{NULL, "cases.input cases.expected.deflated", run_compression},
	{NULL, "colour", run_spelling},
	{NULL, "analyse", run_spelling},
	{NULL, "cases.ref cases.est cases.expected", run_audio},
	{"rewards/stt", NULL, run_other},
	{NULL, NULL, NULL},
};
