/* The composition, as common/compose.h has it:
 *
 *   score = gate * weighted mean of the measured parts * every *_factor that was measured
 *
 * By default one part counts: "typed" for references that are right or wrong by their
 * kind, "content" for texts. What an unrelated answer could earn as well is a factor, so
 * that it can take away but not give. With several references the best one counts. */
#include "text/score.h"
#include <math.h>
#include <string.h>
#include "common/num.h"
#include "text/bleu.h"
#include "text/chrf.h"
#include "text/fuzzy.h"
#include "text/meteor.h"
#include "text/rouge.h"
#include "text/segment.h"
#include "text/squad.h"
#include "text/ter.h"

enum {
	ORDER_WORDS = 12, /* shorter references say little about word order */
	GUARD_WORDS = 50,
	ECHO_WORDS = 3,
	EDIT_CODE_POINTS = 4096, /* beyond, measures of quadratic cost are not taken */
	EDIT_WORDS = 512
};

const char *const txt_component_name[TXT_COMPONENT_N] = {
#define NAME(name) [TXT_##name] = #name,
	TXT_PARTS(NAME)
#undef NAME
#define NAME(name) [TXT_##name##_weight] = #name "_weight",
		TXT_PARTS(NAME)
#undef NAME
#define NAME(name) [TXT_##name] = #name,
			TXT_OTHERS(NAME)
#undef NAME
};

typedef struct {
	plg_text text;
	txt_words squad, rouge;
	size_t words;
	txt_repeat repeat;
	txt_vectors vectors; /* n 0: no encoder */
} answer;

static plg_text without_invisible(plg_arena *a, plg_text t)
{
	uint32_t *cp = plg_arena_take(a, t.n, sizeof *cp);
	size_t n = 0;
	if (cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < t.n; i++)
		if (!plg_is_invisible(t.cp[i]))
			cp[n++] = t.cp[i];
	return (plg_text){cp, n};
}

static bool answer_prepare(plg_arena *a, const txt_settings *s, plg_text t, answer *x)
{
	x->text = without_invisible(a, t);
	x->squad.word = txt_squad_words(a, x->text, &x->squad.n);
	x->rouge.word = txt_rouge_words(a, x->text, s->stemmer, &x->rouge.n);
	const plg_text *ws = plg_split(a, x->text, &x->words);
	return x->squad.word != NULL && x->rouge.word != NULL && ws != NULL;
}

/* ---- shared words ---- */

/* Recall must not profit from length: beyond three times the reference (at least
 * three times 50 words) only precision still reads. */
static size_t recall_words(size_t xn, size_t yn)
{
	size_t limit = 3 * (yn > GUARD_WORDS ? yn : GUARD_WORDS);
	return xn > limit ? limit : xn;
}

static double above_baseline(double x, double baseline)
{
	return plg_clamp((x - baseline) / (1 - baseline), 0, 1);
}

static bool rouge(plg_arena *a, const txt_settings *s, const answer *x, const txt_ref *r, double *c)
{
	txt_prf one = {0}, two = {0}, l = {0}, sum = {0};
	plg_intern *in = plg_intern_new(a, x->rouge.n + r->rouge.n);
	if (!r->rouge_applies)
		return true; /* not measured */
	if (in == NULL)
		return false;
	txt_pair p = {.x = plg_intern_words(a, in, x->rouge.word, x->rouge.n),
				  .y = plg_intern_words(a, in, r->rouge.word, r->rouge.n),
				  .xn = x->rouge.n,
				  .yn = r->rouge.n,
				  .recall_n = recall_words(x->rouge.n, r->rouge.n)};
	if (p.x == NULL || p.y == NULL)
		return false;
	p.count = plg_intern_count(in);
	if (!txt_rouge_n(a, &p, 1, &one) || !txt_rouge_n(a, &p, 2, &two) || !txt_rouge_l(a, &p, &l) ||
		!txt_rouge_lsum(a, x->text, r->text, s->stemmer, &sum))
		return false;
	c[TXT_rouge_1] = one.f;
	c[TXT_rouge_2] = two.f;
	c[TXT_rouge_l] = l.f;
	c[TXT_rouge_lsum] = sum.f;
	c[TXT_rouge_l_above] = above_baseline(l.f, s->rouge_baseline);
	c[TXT_rouge_lsum_above] = above_baseline(sum.f, s->rouge_baseline);
	return true;
}

static bool overlap(plg_arena *a, const txt_settings *s, const answer *x, const txt_ref *r,
					double *c)
{
	static const txt_chrf_params chrf = {.char_order = 6, .word_order = 2, .beta = 2};
	plg_intern *in = plg_intern_new(a, x->squad.n + r->squad.n);
	if (in == NULL)
		return false;
	const uint32_t *xs = plg_intern_words(a, in, x->squad.word, x->squad.n);
	const uint32_t *rs = plg_intern_words(a, in, r->squad.word, r->squad.n);
	if (xs == NULL || rs == NULL || !rouge(a, s, x, r, c))
		return false;
	c[TXT_exact_match] = txt_squad_equal(x->squad.word, x->squad.n, r->squad.word, r->squad.n);
	c[TXT_f1] = txt_squad_f1(a, xs, x->squad.n, rs, r->squad.n, plg_intern_count(in));
	c[TXT_chrf] =
		txt_chrf(a, plg_normalize(a, PLG_NFC, x->text), plg_normalize(a, PLG_NFC, r->text), &chrf);
	c[TXT_chrf_above] = above_baseline(c[TXT_chrf], s->chrf_baseline);
	return c[TXT_f1] >= 0 && c[TXT_chrf] >= 0;
}

/* Measures that cost the product of the lengths are taken only where they have a weight.
 * 13a tokens for BLEU and METEOR, as in the libraries' examples. */
static bool costly(plg_arena *a, const plg_weights *w, const answer *x, const txt_ref *r, double *c)
{
	txt_words hyp, ref;
	static const txt_ter_params plain = {false, false, false};
	if (w->weight[TXT_bleu] + w->weight[TXT_meteor] + w->weight[TXT_ter] + w->weight[TXT_edit] <= 0)
		return true;
	hyp.word = txt_segment_words(a, TXT_SEG_13A, x->text, &hyp.n);
	ref.word = txt_segment_words(a, TXT_SEG_13A, r->text, &ref.n);
	if (hyp.word == NULL || ref.word == NULL)
		return false;
	bool small = hyp.n <= EDIT_WORDS && ref.n <= EDIT_WORDS;
	if (w->weight[TXT_bleu] > 0) {
		txt_bleu_counts counts = {.hyp = 0};
		if (!txt_bleu_count(a, hyp, &ref, 1, &counts))
			return false;
		c[TXT_bleu] = plg_clamp(txt_bleu(&counts, TXT_SMOOTH_EXP, true) / 100, 0, 1);
	}
	if (w->weight[TXT_meteor] > 0 && small)
		c[TXT_meteor] = txt_meteor(a, hyp, &ref, 1);
	if (w->weight[TXT_ter] > 0 && small)
		c[TXT_ter] = plg_clamp(1 - txt_ter(a, x->text, &r->text, 1, &plain) / 100, 0, 1);
	if (w->weight[TXT_edit] > 0 && x->text.n <= EDIT_CODE_POINTS && r->text.n <= EDIT_CODE_POINTS)
		c[TXT_edit] = txt_ratio(a, x->text, r->text) / 100;
	return !plg_arena_failed(a);
}

/* Shuffled words keep their ROUGE-1 and lose their ROUGE-2. */
static double order_factor(const txt_key *key, const txt_ref *r, const double *c)
{
	if (!key->is_long || !r->rouge_applies || r->rouge.n < ORDER_WORDS || c[TXT_rouge_1] < 0.3)
		return 1;
	return plg_clamp(c[TXT_rouge_2] / c[TXT_rouge_1] / 0.35, 0.25, 1);
}

static double length_factor(const txt_settings *s, const txt_key *key, size_t words,
							const txt_ref *r)
{
	double ratio = (double)words / (double)r->words;
	if (!key->is_long)
		return 1;
	if (ratio < s->length_min)
		return ratio / s->length_min;
	return ratio <= s->length_max ? 1 : plg_clamp(s->length_max / ratio, 0.2, 1);
}

/* ---- meaning ---- */

/* What the encoder thinks, negative without one. */
static double similarity(const txt_tools *t, const answer *x, const txt_ref *r)
{
	return r->vectors.n == 0 ? -1 : txt_models_cosine(&t->models, &r->vectors, &x->vectors);
}

static bool entailment(plg_arena *a, const txt_tools *t, const answer *x, const txt_ref *r,
					   double *c)
{
	txt_verdict v;
	if (t->models.judge == NULL)
		return true;
	if (!txt_models_judge(&t->models, a, r->text, x->text, &v))
		return false;
	c[TXT_entailment] = v.entails;
	c[TXT_entailment_factor] = 1 - v.contradicts;
	c[TXT_content] = v.entails > c[TXT_content] ? v.entails : c[TXT_content];
	return true;
}

static bool meaning(plg_arena *a, const txt_tools *t, const txt_settings *s, const txt_key *key,
					const answer *x, const txt_ref *r, double *c)
{
	txt_meaning m;
	double alike = similarity(t, x, r);
	if (!txt_meaning_judge(a, t->lexicon, &r->meaning, x->text, &key->question, alike, &m))
		return false;
	c[TXT_answer_kind] = r->meaning.is_short ? (double)r->meaning.typed.type : -1;
	if (m.typed) {
		c[TXT_typed] = m.meaning;
		return true;
	}
	c[TXT_content] = m.content;
	c[TXT_relevance] = m.facts.relevance;
	c[TXT_closeness] = m.facts.closeness;
	c[TXT_lexicon] = m.facts.lexicon;
	if (alike >= 0)
		c[TXT_similarity] = alike;
	if (s->facts) {
		c[TXT_quantity_factor] = m.facts.quantity;
		c[TXT_name_factor] = m.facts.name;
		c[TXT_polarity_factor] = m.facts.polarity;
		c[TXT_role_factor] = m.facts.order;
		c[TXT_change_factor] = m.facts.change;
		c[TXT_hedge_factor] = m.facts.hedge;
	}
	return entailment(a, t, x, r, c);
}

/* ---- one reference, all references ---- */

static bool measure(plg_arena *a, const txt_tools *t, const txt_settings *s, const txt_key *key,
					answer *x, const txt_ref *r, double *c)
{
	const plg_weights *w = key->is_long ? &s->weight_long : &s->weight_short;
	bool means = w->weight[TXT_typed] > 0 || w->weight[TXT_content] > 0 || s->facts;
	plg_components_begin(&s->formula, c, TXT_COMPONENT_N);
	if (!overlap(a, s, x, r, c) || !costly(a, w, x, r, c) ||
		(means && !meaning(a, t, s, key, x, r, c)))
		return false;
	if (s->overlap) {
		c[TXT_order_factor] = order_factor(key, r, c);
		c[TXT_length_factor] = length_factor(s, key, x->words, r);
	}
	c[TXT_repetition_factor] = txt_repeat_factor(&x->repeat, &r->repeat);
	return true;
}

/* What depends on the best value over all references is known: the score of this one. */
static double finish(const txt_settings *s, const txt_key *key, double em, double f1, double *c)
{
	const plg_weights *w = key->is_long ? &s->weight_long : &s->weight_short;
	c[TXT_exact_match] = em;
	c[TXT_f1] = f1;
	c[TXT_mean] = plg_mean(w, c, c + TXT_before_weights + 1);
	plg_quality(&s->formula, c);
	return plg_score(&s->formula, c);
}

/* Fills c for the reference that serves the answer best, except that exact_match and
 * f1 are maxima of their own over all references, as SQuAD defines them. */
static bool best_reference(plg_arena *a, const txt_tools *t, const txt_settings *s,
						   const txt_key *key, answer *x, double c[TXT_COMPONENT_N])
{
	double em = 0, f1 = 0, best = -1;
	double(*try)[TXT_COMPONENT_N] = plg_arena_take(a, key->n, sizeof *try);
	if (try == NULL)
		return false;
	for (size_t i = 0; i < key->n && x->vectors.n == 0; i++) /* outlives the rewinds below */
		if (key->ref[i].vectors.n > 0 && !txt_models_embed(&t->models, a, x->text, &x->vectors))
			return false;
	for (size_t i = 0; i < key->n; i++) {
		plg_arena_point before = plg_arena_mark(a);
		if (!measure(a, t, s, key, x, &key->ref[i], try[i]))
			return false;
		plg_arena_rewind(a, before);
		em = try[i][TXT_exact_match] > em ? try[i][TXT_exact_match] : em;
		f1 = try[i][TXT_f1] > f1 ? try[i][TXT_f1] : f1;
	}
	for (size_t i = 0; i < key->n; i++) {
		double total = finish(s, key, em, f1, try[i]);
		if (i == 0 || total > best) {
			best = total;
			memcpy(c, try[i], TXT_COMPONENT_N * sizeof *c);
		}
	}
	return true;
}

/* ---- gates ---- */

/* The answer is a piece of the question and says nothing of its own. */
static bool is_echo(txt_words x, txt_words question)
{
	if (x.n < ECHO_WORDS)
		return false;
	for (size_t i = 0; i + x.n <= question.n; i++)
		if (txt_squad_equal(x.word, x.n, question.word + i, x.n))
			return true;
	return false;
}

/* False when out of memory. */
static bool gate_of(plg_arena *a, const txt_settings *s, const txt_key *key, const answer *x,
					unsigned *gate, double *copied)
{
	if (plg_is_blank(x->text)) {
		*gate = PLG_GATE_EMPTY; /* nothing but invisible characters */
	} else if (x->words > s->max_tokens || x->rouge.n > s->max_tokens) {
		*gate = PLG_GATE_OVERSIZE;
	} else {
		*copied = txt_copy_share(a, x->squad, key->prompt, key->squad, key->n);
		if (*copied < 0)
			return false;
		bool verdict =
			key->ref[0].meaning.is_short && key->ref[0].meaning.typed.type == TXT_TYPE_YES_NO;
		bool echo = !verdict && is_echo(x->squad, key->question_words);
		for (size_t i = 0; i < key->n; i++)
			echo = echo && !is_echo(x->squad, key->squad[i]) &&
				   !txt_squad_equal(x->squad.word, x->squad.n, key->squad[i].word, key->squad[i].n);
		if ((*copied > s->copy_max && !verdict) || echo) /* "No, ..." restates the question */
			*gate = TXT_GATE_COPY;
	}
	return true;
}

bool txt_score(plg_arena *a, const txt_tools *t, const txt_settings *s, const txt_key *key,
			   assay_bytes body, uint32_t latency_ms, double *score,
			   double component[TXT_COMPONENT_N], plg_text *text)
{
	double c[TXT_COMPONENT_N], copied = NAN;
	plg_body b = {0};
	answer x = {0};
	unsigned gate = plg_body_read(a, body, "completion", &s->limits, &b, NULL);
	plg_components_begin(&s->formula, c, TXT_COMPONENT_N);
	if (plg_arena_failed(a))
		return false;
	if (gate == PLG_GATE_OPEN &&
		(!answer_prepare(a, s, b.text, &x) || !gate_of(a, s, key, &x, &gate, &copied)))
		return false;
	if (gate == PLG_GATE_OPEN) {
		if (!txt_repeat_measure(a, x.text, &x.repeat) || !best_reference(a, t, s, key, &x, c))
			return false;
		c[TXT_control_factor] = plg_control_factor(&b);
		c[TXT_invisible_share] = plg_ratio((double)b.invisible, (double)b.text.n);
		c[TXT_latency_factor] = plg_latency_of(&s->latency, latency_ms);
	}
	if (gate == PLG_GATE_OPEN && s->constraints.must_n + s->constraints.must_not_n > 0) {
		size_t limits = 0;
		assay_bytes utf8 = plg_utf8_encode(a, x.text);
		if (utf8.ptr == NULL)
			return false;
		if (txt_constraints_failed(&s->constraints, utf8, &limits) > 0) {
			gate = TXT_GATE_CONSTRAINT;
			plg_components_begin(&s->formula, c, TXT_COMPONENT_N);
		}
		c[TXT_undecided] = (double)limits;
	}
	c[TXT_copy_share] = copied;
	c[TXT_gate] = gate;
	*score = gate == PLG_GATE_OPEN ? plg_score(&s->formula, c) : 0;
	if (text != NULL)
		*text = x.text;
	memcpy(component, c, sizeof c);
	return !plg_arena_failed(a);
}
