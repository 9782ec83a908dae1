/* The composition:
 *
 *   score = gate * accuracy * insertion * compression * stutter * filler * control * latency
 *   accuracy = clamp(1 - error / useless_error, 0, 1) ^ 1.5
 *
 * error is MER for words and CER (at most 1) for languages counted in letters. MER, not
 * WER: it stays below 1, so that clipping an answer gains nothing. */
#include "stt/score.h"
#include "common/build.h"
#include "common/compress.h"
#include "common/num.h"
#include "stt/hallucinate.h"
#include "stt/measures.h"
#include "stt/normalise.h"
#include "stt/transforms.h"
#include <math.h>
#include <string.h>

enum { MAX_JSON = 1 << 20 };

/* ---- both sides ---- */

static plg_text without_invisible(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++)
		if (!plg_is_invisible(t.cp[i]))
			plg_build_add(&b, t.cp[i]);
	return plg_build_end(&b);
}

static plg_text *normalised_words(plg_arena *a, const stt_settings *s, const stt_language *l,
								  plg_text t, size_t *n)
{
	const stt_basic_options basic = {.keep_marks = s->keep_marks};
	switch (s->normaliser) {
	case STT_WHISPER:
		t = l->english ? stt_english(a, t, s->spelling) : stt_basic(a, t, &basic);
		break;
	case STT_JIWER:
		return stt_wer_standardize(a, plg_normalize(a, PLG_NFC, t), n);
	case STT_PLAIN:
		break;
	}
	return plg_split(a, plg_normalize(a, PLG_NFC, t), n);
}

/* unhide: an answer may not hide words in brackets; a reference may. */
static bool side_prepare(plg_arena *a, const stt_settings *s, const stt_language *l, plg_text raw,
						 bool unhide, stt_side *out)
{
	out->text = stt_language_fold(a, l, without_invisible(a, raw));
	plg_text seen = unhide ? stt_unhide(a, out->text) : out->text;
	assay_bytes utf8 = plg_utf8_encode(a, out->text);
	if (plg_arena_failed(a))
		return false;
	out->compression = plg_compression_ratio(utf8);
	out->fillers = stt_filler_share(a, out->text);
	out->word = normalised_words(a, s, l, seen, &out->n);
	if (out->word == NULL || out->fillers < 0 || plg_arena_failed(a))
		return false;
	plg_build b = plg_build_begin(a, out->text.n);
	for (size_t i = 0; i < out->n; i++) {
		if (i > 0 && !l->by_letters)
			plg_build_add(&b, ' ');
		plg_build_text(&b, out->word[i]);
	}
	out->letters = plg_build_end(&b);
	return !plg_arena_failed(a);
}

/* ---- preparing a challenge ---- */

/* The deadline grows with the clip: answers slower than the speech are of less use. */
static uint32_t deadline_of(const stt_settings *s, const plg_json *prompt)
{
	double seconds = 0, ms;
	(void)plg_json_num(plg_json_get(prompt, "duration_s"), &seconds);
	ms = 1000 * s->latency_per_second * plg_clamp(seconds, 0, 86400);
	if (ms < s->latency_least_ms)
		ms = s->latency_least_ms;
	return (uint32_t)ms + s->latency_transfer_ms;
}

static const char *reference_prepare(plg_arena *a, const stt_settings *s, const plg_json *reference,
									 stt_key *key)
{
	assay_bytes transcript, tag = {NULL, 0};
	plg_body b = {0};
	if (!plg_json_str(plg_json_get(reference, "transcript"), &transcript))
		return "reference: \"transcript\" is not a string";
	(void)plg_json_str(plg_json_get(reference, "language"), &tag);
	switch (plg_body_text(a, transcript, s->limits.max_code_points, &b)) {
	case PLG_GATE_OPEN:
	case PLG_GATE_EMPTY: /* a silence challenge */
		break;
	case PLG_GATE_OVERSIZE:
	case PLG_GATE_MALFORMED:
		return "reference: the transcript is too long or holds NUL";
	}
	key->language = stt_language_of(tag, b.text);
	if (!side_prepare(a, s, &key->language, b.text, false, &key->ref))
		return "reference: not enough memory";
	return NULL;
}

const char *stt_key_prepare(plg_arena *a, const stt_settings *s, const assay_challenge *c,
							stt_key *key)
{
	plg_json *reference = plg_json_parse(c->reference, MAX_JSON, NULL);
	plg_json *prompt = plg_json_parse(c->prompt, MAX_JSON, NULL);
	stt_key k = {0};
	const char *why = NULL;
	if (reference == NULL)
		why = "reference: not JSON, or over 1 MiB";
	else if (prompt == NULL)
		why = "prompt: not JSON, or over 1 MiB";
	else
		why = reference_prepare(a, s, reference, &k);
	k.deadline_ms = deadline_of(s, prompt);
	plg_json_free(reference);
	plg_json_free(prompt);
	if (why == NULL)
		*key = k;
	return why;
}

/* ---- scoring an answer ---- */

typedef struct {
	const uint32_t *ref, *hyp;
	size_t rn, hn, count;
} ids;

static bool number_words(plg_arena *a, const stt_side *ref, const stt_side *hyp, ids *out)
{
	plg_intern *in = plg_intern_new(a, ref->n + hyp->n);
	if (in == NULL)
		return false;
	*out = (ids){plg_intern_words(a, in, ref->word, ref->n),
				 plg_intern_words(a, in, hyp->word, hyp->n), ref->n, hyp->n, 0};
	out->count = plg_intern_count(in);
	return out->ref != NULL && out->hyp != NULL;
}

static bool number_letters(plg_arena *a, plg_text ref, plg_text hyp, ids *out)
{
	plg_intern *in = plg_intern_new(a, ref.n + hyp.n);
	uint32_t *r = plg_arena_take(a, ref.n, sizeof *r), *h = plg_arena_take(a, hyp.n, sizeof *h);
	if (in == NULL || r == NULL || h == NULL)
		return false;
	for (size_t i = 0; i < ref.n; i++)
		r[i] = plg_intern_pair(in, 0, ref.cp[i]);
	for (size_t i = 0; i < hyp.n; i++)
		h[i] = plg_intern_pair(in, 0, hyp.cp[i]);
	*out = (ids){r, h, ref.n, hyp.n, plg_intern_count(in)};
	return true;
}

/* Errors, and the factor for words that nobody spoke. */
static bool errors(plg_arena *a, const stt_key *key, const stt_side *hyp, const ids *words,
				   double c[STT_COMPONENT_N])
{
	ids letters;
	stt_counts n, scored;
	if (!number_letters(a, key->ref.letters, hyp->letters, &letters) ||
		!stt_align(a, words->ref, words->rn, words->hyp, words->hn, words->count, &n, NULL, NULL))
		return false;
	stt_measures m = stt_measures_of(n);
	scored = n;
	c[STT_wer] = m.wer;
	c[STT_mer] = m.mer;
	c[STT_wil] = m.wil;
	c[STT_wip] = m.wip;
	if (key->language.by_letters) {
		if (!stt_align(a, letters.ref, letters.rn, letters.hyp, letters.hn, letters.count, &scored,
					   NULL, NULL))
			return false;
		c[STT_cer] = stt_error_rate(scored);
	} else {
		size_t d = stt_distance(a, letters.ref, letters.rn, letters.hyp, letters.hn, letters.count);
		if (d == SIZE_MAX)
			return false;
		c[STT_cer] = letters.rn > 0 ? (double)d / (double)letters.rn : (double)d;
	}
	c[STT_error] = key->language.by_letters ? plg_clamp(c[STT_cer], 0, 1) : m.mer;
	size_t units = scored.hits + scored.substitutions + scored.deletions;
	double excess = plg_ratio((double)scored.insertions, (double)units) - 0.5;
	c[STT_insertion_factor] = excess > 0 ? plg_clamp(1 - excess, 0.2, 1) : 1;
	return true;
}

static double accuracy(const stt_settings *s, double error)
{
	double x = plg_clamp(1 - error / s->useless_error, 0, 1);
	return x * sqrt(x); /* x^1.5 from operations that round alike everywhere */
}

/* Nobody speaks: the fewer words, the better. */
static double silence_score(const stt_key *key, const stt_side *hyp)
{
	size_t units = key->language.by_letters ? hyp->letters.n : hyp->n;
	return plg_clamp(1 - (double)units / 5, 0, 1);
}

static bool judge(plg_arena *a, const stt_settings *s, const stt_key *key, const stt_side *hyp,
				  double c[STT_COMPONENT_N])
{
	ids words;
	if (!number_words(a, &key->ref, hyp, &words) || !errors(a, key, hyp, &words, c))
		return false;
	c[STT_accuracy] = accuracy(s, c[STT_error]);
	c[STT_silence] = 0;
	c[STT_compression_factor] = hyp->compression > 2.4 && key->ref.compression < 2.2 ? 0.5 : 1;
	size_t allowed = stt_stutter(words.ref, words.rn) + 4;
	c[STT_stutter_factor] = stt_stutter(words.hyp, words.hn) > allowed ? 0.5 : 1;
	c[STT_filler_factor] = hyp->fillers > key->ref.fillers + 0.1 ? 0.8 : 1;
	if (key->ref.n == 0) {
		c[STT_silence] = 1;
		c[STT_accuracy] = silence_score(key, hyp);
		c[STT_insertion_factor] = c[STT_stutter_factor] = c[STT_filler_factor] = 1;
		c[STT_compression_factor] = 1;
	}
	return true;
}

bool stt_score(plg_arena *a, const stt_settings *s, const stt_key *key, assay_bytes body,
			   uint32_t latency_ms, double *score, double component[STT_COMPONENT_N])
{
	double c[STT_COMPONENT_N];
	plg_body b = {0};
	stt_side hyp = {0};
	for (size_t k = 0; k < STT_COMPONENT_N; k++)
		c[k] = NAN; /* behind a closed gate nothing is measured */
	unsigned gate = plg_body_read(a, body, "transcript", &s->limits, &b, NULL);
	/* An empty transcript is an answer where nobody spoke; an empty body never is. */
	if (gate == PLG_GATE_EMPTY && key->ref.n == 0 && body.len > 0)
		gate = PLG_GATE_OPEN;
	if (plg_arena_failed(a))
		return false;
	if (gate == PLG_GATE_OPEN) {
		if (!side_prepare(a, s, &key->language, b.text, true, &hyp))
			return false;
		double overlap = stt_script_overlap(a, key->ref.text, hyp.text);
		if (overlap < 0)
			return false;
		if (key->language.known && key->ref.n > 0 && overlap < 0.3)
			gate = STT_GATE_LANGUAGE;
	}
	*score = 0;
	if (gate == PLG_GATE_OPEN) {
		if (!judge(a, s, key, &hyp, c))
			return false;
		c[STT_control_factor] = plg_control_factor(&b);
		c[STT_latency_factor] = plg_latency_factor(s->latency_weight, latency_ms, key->deadline_ms);
		c[STT_invisible_share] = plg_ratio((double)b.invisible, (double)b.text.n);
		*score = plg_clamp(c[STT_accuracy] * c[STT_insertion_factor] * c[STT_compression_factor] *
							   c[STT_stutter_factor] * c[STT_filler_factor] *
							   c[STT_control_factor] * c[STT_latency_factor],
						   0, 1);
	}
	c[STT_no_spelling_table] =
		key->language.english && s->normaliser == STT_WHISPER && s->spelling == NULL;
	c[STT_gate] = gate;
	memcpy(component, c, sizeof c);
	return true;
}
