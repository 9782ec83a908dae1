/* The composition:
 *
 *   score = gate * quality * order * length * repetition * control * latency
 *
 * Only measures of agreement with the reference add up; everything that an unrelated
 * answer could earn as well is a multiplier, so that it can take away but not give.
 * With several references each is tried and the best one counts. */
#include "text/score.h"
#include "common/num.h"
#include "text/chrf.h"
#include "text/rouge.h"
#include "text/squad.h"
#include <math.h>
#include <string.h>

enum {
	MAX_REFERENCE = 1 << 20, /* bytes of reference or prompt JSON */
	MAX_ANSWERS = 64,
	ORDER_WORDS = 12, /* shorter references say little about word order */
	GUARD_WORDS = 50
};

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

/* ---- preparing a challenge ---- */

static bool ref_prepare(plg_arena *a, const txt_settings *s, plg_text t, txt_ref *r)
{
	r->text = without_invisible(a, t);
	r->squad.word = txt_squad_words(a, r->text, &r->squad.n);
	r->rouge.word = txt_rouge_words(a, r->text, s->stemmer, &r->rouge.n);
	const plg_text *ws = plg_split(a, r->text, &r->words);
	if (r->squad.word == NULL || r->rouge.word == NULL || ws == NULL)
		return false;
	r->rouge_applies = txt_rouge_applies(r->rouge.n, r->words);
	return txt_repeat_measure(a, r->text, &r->repeat);
}

static const char *refs_prepare(plg_arena *a, const txt_settings *s, const plg_json *answers,
								txt_key *key)
{
	size_t n = plg_json_type(answers) == PLG_J_ARRAY ? plg_json_size(answers) : 0;
	if (n == 0)
		return "reference: \"answers\" is not a list of at least one string";
	if (n > MAX_ANSWERS)
		return "reference: more than 64 answers";
	key->ref = plg_arena_take(a, n, sizeof *key->ref);
	key->squad = plg_arena_take(a, n, sizeof *key->squad);
	if (key->ref == NULL || key->squad == NULL)
		return "reference: not enough memory";
	key->n = n;
	key->is_long = s->mode == TXT_LONG;
	for (size_t i = 0; i < n; i++) {
		assay_bytes utf8;
		plg_body b;
		if (!plg_json_str(plg_json_at(answers, i), &utf8))
			return "reference: an answer is not a string";
		if (plg_body_text(a, utf8, s->limits.max_code_points, &b) != PLG_GATE_OPEN)
			return "reference: an answer is empty, too long or holds NUL";
		if (!ref_prepare(a, s, b.text, &key->ref[i]))
			return "reference: not enough memory";
		if (key->ref[i].words > s->max_tokens || key->ref[i].rouge.n > s->max_tokens)
			return "reference: an answer has more words than max_tokens";
		key->squad[i] = key->ref[i].squad;
		if (s->mode == TXT_AUTO && key->ref[i].squad.n > s->short_max_words)
			key->is_long = true;
	}
	return NULL;
}

/* ROUGE reads Latin letters and digits only; without another measure in the weights
 * some references cannot be judged at all. */
static bool can_judge(const txt_settings *s, const txt_key *key)
{
	const double *w = key->is_long ? s->weight_long : s->weight_short;
	if (w[TXT_exact_match] + w[TXT_f1] + w[TXT_chrf] > 0)
		return true;
	for (size_t i = 0; i < key->n; i++)
		if (!key->ref[i].rouge_applies)
			return false;
	return true;
}

/* The words of everything the miner was shown, in one list. */
static const char *prompt_prepare(plg_arena *a, const plg_json *prompt, txt_key *key)
{
	static const char *const members[] = {"question", "context", "prompt"};
	enum { PARTS = sizeof members / sizeof members[0] };
	txt_words part[PARTS + 1] = {{NULL, 0}};
	size_t total = 0;
	for (size_t i = 0; i <= PARTS; i++) {
		assay_bytes utf8;
		plg_text t;
		if (!plg_json_str(i < PARTS ? plg_json_get(prompt, members[i]) : prompt, &utf8))
			continue;
		if (plg_utf8_decode(a, utf8, MAX_REFERENCE, &t) != PLG_OK)
			return "prompt: text that cannot be decoded";
		part[i].word = txt_squad_words(a, t, &part[i].n);
		if (part[i].word == NULL)
			return "prompt: not enough memory";
		total += part[i].n;
	}
	plg_text *all = plg_arena_take(a, total, sizeof *all);
	if (all == NULL)
		return "prompt: not enough memory";
	key->prompt = (txt_words){all, total};
	for (size_t i = 0; i <= PARTS; i++)
		for (size_t k = 0; k < part[i].n; k++)
			*all++ = part[i].word[k];
	return NULL;
}

const char *txt_key_prepare(plg_arena *a, const txt_settings *s, const assay_challenge *c,
							txt_key *key)
{
	plg_json *reference = plg_json_parse(c->reference, MAX_REFERENCE, NULL);
	plg_json *prompt = plg_json_parse(c->prompt, MAX_REFERENCE, NULL);
	txt_key k = {0};
	const char *why = NULL;
	if (reference == NULL)
		why = "reference: not JSON, or over 1 MiB";
	else if (prompt == NULL)
		why = "prompt: not JSON, or over 1 MiB";
	if (why == NULL)
		why = refs_prepare(a, s, plg_json_get(reference, "answers"), &k);
	if (why == NULL && !can_judge(s, &k))
		why = "reference: its script has no ROUGE words and no other measure has a weight";
	if (why == NULL)
		why = prompt_prepare(a, prompt, &k);
	plg_json_free(reference);
	plg_json_free(prompt);
	if (why == NULL)
		*key = k;
	return why;
}

/* ---- scoring an answer ---- */

typedef struct {
	plg_text text;
	txt_words squad, rouge;
	size_t words;
	txt_repeat repeat;
} answer;

static bool answer_prepare(plg_arena *a, const txt_settings *s, plg_text t, answer *x)
{
	x->text = without_invisible(a, t);
	x->squad.word = txt_squad_words(a, x->text, &x->squad.n);
	x->rouge.word = txt_rouge_words(a, x->text, s->stemmer, &x->rouge.n);
	const plg_text *ws = plg_split(a, x->text, &x->words);
	return x->squad.word != NULL && x->rouge.word != NULL && ws != NULL;
}

/* Recall must not profit from length: beyond three times the reference (at least
 * three times 50 words) only precision still reads. */
static size_t recall_words(size_t xn, size_t yn)
{
	size_t limit = 3 * (yn > GUARD_WORDS ? yn : GUARD_WORDS);
	return xn > limit ? limit : xn;
}

static bool measure(plg_arena *a, const txt_settings *s, const answer *x, const txt_ref *r,
					double c[TXT_COMPONENT_N])
{
	static const txt_chrf_params chrf = {.char_order = 6, .word_order = 2, .beta = 2};
	txt_prf one = {0}, two = {0}, l = {0}, sum = {0};
	plg_intern *in = plg_intern_new(a, x->squad.n + r->squad.n);
	plg_intern *rin = plg_intern_new(a, x->rouge.n + r->rouge.n);
	if (in == NULL || rin == NULL)
		return false;
	const uint32_t *xs = plg_intern_words(a, in, x->squad.word, x->squad.n);
	const uint32_t *rs = plg_intern_words(a, in, r->squad.word, r->squad.n);
	txt_pair p = {.x = plg_intern_words(a, rin, x->rouge.word, x->rouge.n),
				  .y = plg_intern_words(a, rin, r->rouge.word, r->rouge.n),
				  .xn = x->rouge.n,
				  .yn = r->rouge.n,
				  .recall_n = recall_words(x->rouge.n, r->rouge.n)};
	if (xs == NULL || rs == NULL || p.x == NULL || p.y == NULL)
		return false;
	p.count = plg_intern_count(rin);
	if (r->rouge_applies &&
		(!txt_rouge_n(a, &p, 1, &one) || !txt_rouge_n(a, &p, 2, &two) || !txt_rouge_l(a, &p, &l) ||
		 !txt_rouge_lsum(a, x->text, r->text, s->stemmer, &sum)))
		return false;
	c[TXT_exact_match] = txt_squad_equal(x->squad.word, x->squad.n, r->squad.word, r->squad.n);
	c[TXT_f1] = txt_squad_f1(a, xs, x->squad.n, rs, r->squad.n, plg_intern_count(in));
	c[TXT_rouge_1] = one.f;
	c[TXT_rouge_2] = two.f;
	c[TXT_rouge_l] = l.f;
	c[TXT_rouge_lsum] = sum.f;
	c[TXT_chrf] =
		txt_chrf(a, plg_normalize(a, PLG_NFC, x->text), plg_normalize(a, PLG_NFC, r->text), &chrf);
	return c[TXT_f1] >= 0 && c[TXT_chrf] >= 0;
}

static double above_baseline(double x, double baseline)
{
	return plg_clamp((x - baseline) / (1 - baseline), 0, 1);
}

/* Weighted mean of the applicable measures; weights of the others are shared out. */
static double quality(const txt_settings *s, const txt_key *key, const txt_ref *r, const double *c)
{
	const double *w = key->is_long ? s->weight_long : s->weight_short;
	double sum = 0, weight = 0;
	for (size_t k = 0; k < TXT_MEASURE_N; k++) {
		bool is_rouge = k == TXT_rouge_l || k == TXT_rouge_lsum;
		double v = c[k];
		if (is_rouge && !r->rouge_applies)
			continue;
		if (is_rouge)
			v = above_baseline(v, s->rouge_baseline);
		else if (k == TXT_chrf)
			v = above_baseline(v, s->chrf_baseline);
		sum += w[k] * v;
		weight += w[k];
	}
	return plg_ratio(sum, weight);
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

/* Fills c for the reference that serves the answer best, except that exact_match and
 * f1 are maxima of their own over all references, as SQuAD defines them. */
static bool best_reference(plg_arena *a, const txt_settings *s, const txt_key *key, const answer *x,
						   double c[TXT_COMPONENT_N])
{
	double em = 0, f1 = 0, best = -1;
	double(*try)[TXT_COMPONENT_N] = plg_arena_take(a, key->n, sizeof *try);
	if (try == NULL)
		return false;
	for (size_t i = 0; i < key->n; i++) {
		plg_arena_point before = plg_arena_mark(a);
		if (!measure(a, s, x, &key->ref[i], try[i]))
			return false;
		plg_arena_rewind(a, before);
		em = try[i][TXT_exact_match] > em ? try[i][TXT_exact_match] : em;
		f1 = try[i][TXT_f1] > f1 ? try[i][TXT_f1] : f1;
	}
	for (size_t i = 0; i < key->n; i++) {
		const txt_ref *r = &key->ref[i];
		double *t = try[i];
		t[TXT_exact_match] = em;
		t[TXT_f1] = f1;
		t[TXT_quality] = quality(s, key, r, t);
		t[TXT_order_factor] = order_factor(key, r, t);
		t[TXT_length_factor] = length_factor(s, key, x->words, r);
		t[TXT_repetition_factor] = txt_repeat_factor(&x->repeat, &r->repeat);
		double total =
			t[TXT_quality] * t[TXT_order_factor] * t[TXT_length_factor] * t[TXT_repetition_factor];
		if (total > best) {
			best = total;
			memcpy(c, t, TXT_COMPONENT_N * sizeof *c);
		}
	}
	return true;
}

bool txt_score(plg_arena *a, const txt_settings *s, const txt_key *key, assay_bytes body,
			   uint32_t latency_ms, double *score, double component[TXT_COMPONENT_N])
{
	double c[TXT_COMPONENT_N];
	plg_body b = {0};
	answer x = {0};
	for (size_t k = 0; k < TXT_COMPONENT_N; k++)
		c[k] = NAN; /* behind a closed gate nothing is measured */
	unsigned gate = plg_body_read(a, body, "completion", &s->limits, &b, NULL);
	if (plg_arena_failed(a))
		return false;
	if (gate == PLG_GATE_OPEN) {
		if (!answer_prepare(a, s, b.text, &x))
			return false;
		if (plg_is_blank(x.text))
			gate = PLG_GATE_EMPTY; /* nothing but invisible characters */
		else if (x.words > s->max_tokens || x.rouge.n > s->max_tokens)
			gate = PLG_GATE_OVERSIZE;
	}
	if (gate == PLG_GATE_OPEN) {
		double share = txt_copy_share(a, x.squad, key->prompt, key->squad, key->n);
		if (share < 0)
			return false;
		gate = share > s->copy_max ? TXT_GATE_COPY : PLG_GATE_OPEN;
		c[TXT_copy_share] = share;
	}
	*score = 0;
	if (gate == PLG_GATE_OPEN) {
		double share = c[TXT_copy_share];
		if (!txt_repeat_measure(a, x.text, &x.repeat) || !best_reference(a, s, key, &x, c))
			return false;
		c[TXT_copy_share] = share;
		c[TXT_control_factor] = plg_control_factor(&b);
		c[TXT_invisible_share] = plg_ratio((double)b.invisible, (double)b.text.n);
		c[TXT_latency_factor] = plg_latency_factor(s->latency_weight, latency_ms, s->deadline_ms);
		*score =
			plg_clamp(c[TXT_quality] * c[TXT_order_factor] * c[TXT_length_factor] *
						  c[TXT_repetition_factor] * c[TXT_control_factor] * c[TXT_latency_factor],
					  0, 1);
	}
	c[TXT_gate] = gate;
	memcpy(component, c, sizeof c);
	return true;
}
