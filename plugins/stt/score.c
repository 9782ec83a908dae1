/* quality = (1 - error / useless_error) ^ curve, in the composition of all plugins: the
 * part "correct" = 1 - error above the baseline 1 - useless_error.
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
#include "stt/spoken.h"
#include "stt/transforms.h"
#include "stt/universal.h"
#include <math.h>
#include <string.h>

enum { MAX_JSON = 1 << 20 };

const char *const stt_component_name[STT_COMPONENT_N] = {
#define NAME(name) #name,
	STT_COMPONENTS(NAME)
#undef NAME
};

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
	static const stt_basic_options basic = {0};
	bool english = stt_language_has(l, STT_L_ENGLISH);
	switch (s->normaliser) {
	case STT_DEFAULT:
		t = english ? stt_spoken(a, t, s->spelling) : stt_universal(a, t);
		break;
	case STT_WHISPER:
		return plg_split(a, english ? stt_english(a, t, s->spelling) : stt_basic(a, t, &basic), n);
	case STT_JIWER:
		return stt_wer_standardize(a, t, n);
	case STT_PLAIN:
		break;
	}
	return plg_split(a, plg_normalize(a, PLG_NFC, t), n);
}

static bool add_reading(plg_arena *a, const stt_settings *s, const stt_language *l, plg_text t,
						stt_side *out)
{
	stt_reading *r = &out->reading[out->readings++];
	r->word = normalised_words(a, s, l, t, &r->n);
	if (r->word == NULL || plg_arena_failed(a))
		return false;
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < r->n; i++) {
		if (i > 0 && !stt_language_has(l, STT_L_LETTERS))
			plg_build_add(&b, ' ');
		plg_build_text(&b, r->word[i]);
	}
	r->letters = plg_build_end(&b);
	return !plg_arena_failed(a);
}

/* The text that is normalised: as it is for a library's profile. */
static plg_text seen(plg_arena *a, const stt_settings *s, const stt_language *l, plg_text raw)
{
	if (s->normaliser == STT_DEFAULT)
		return without_invisible(a, stt_language_fold(a, l, s->fold, raw));
	return s->normaliser == STT_PLAIN ? without_invisible(a, raw) : raw;
}

static bool side_prepare(plg_arena *a, const stt_settings *s, const stt_key *key, plg_text raw,
						 stt_side *out)
{
	const stt_language *l = &key->language;
	plg_text t = seen(a, s, l, raw);
	out->text = t;
	out->fillers = stt_language_has(l, STT_L_ENGLISH) ? stt_filler_share(a, t) : 0;
	if (s->normaliser != STT_DEFAULT) {
		out->hidden = s->normaliser == STT_PLAIN ? 0 : stt_hidden_share(a, t);
		return add_reading(a, s, l, t, out) && out->fillers >= 0;
	}
	return add_reading(a, s, l, stt_tags_remove(a, t, NULL), out) && out->fillers >= 0 &&
		   (key->remarks.n == 0 || add_reading(a, s, l, stt_tags_remove(a, t, &key->remarks), out));
}

/* Bytes over deflated bytes; no text so short as this can exceed the limit. */
static double compression(plg_arena *a, plg_text t)
{
	enum { HARMLESS = 26 };
	assay_bytes utf8 = plg_utf8_encode(a, t);
	return utf8.len <= HARMLESS ? 1 : plg_compression_ratio(utf8);
}

/* ---- preparing a challenge ---- */

/* The deadline grows with the clip: answers slower than the speech are of less use. */
static uint32_t deadline_of(const stt_settings *s, double seconds)
{
	double ms = 1000 * s->latency_per_second * seconds;
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
	if (s->normaliser == STT_DEFAULT)
		stt_tags_collect(a, seen(a, s, &key->language, b.text), &key->remarks);
	if (!side_prepare(a, s, key, b.text, &key->ref))
		return "reference: not enough memory";
	key->ref.compression = compression(a, key->ref.text);
	if (!stt_times_read(a, reference, &key->language, key->duration, &key->times))
		return "reference: not enough memory";
	if (key->times.word_bad || key->times.segment_bad)
		return "reference: \"words\" or \"segments\" are not lists of {text, start, end} in order "
			   "within the clip";
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
	(void)plg_json_num(plg_json_get(prompt, "duration_s"), &k.duration);
	k.duration = plg_clamp(k.duration, 0, 86400);
	k.deadline_ms = deadline_of(s, k.duration);
	if (why == NULL)
		why = reference_prepare(a, s, reference, &k);
	plg_json_free(reference);
	plg_json_free(prompt);
	if (why == NULL)
		*key = k;
	return why;
}

/* ---- scoring an answer ---- */

typedef struct {
	const uint32_t *ref, *hyp;
	size_t rn, hn;
} ids;

static bool number_words(plg_arena *a, const stt_reading *ref, const stt_reading *hyp, ids *out)
{
	plg_intern *in = plg_intern_new(a, ref->n + hyp->n);
	if (in == NULL)
		return false;
	*out = (ids){plg_intern_words(a, in, ref->word, ref->n),
				 plg_intern_words(a, in, hyp->word, hyp->n), ref->n, hyp->n};
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
	*out = (ids){r, h, ref.n, hyp.n};
	return true;
}

/* Where words decide, cer only informs, and a hundred thousand unrelated letters are not
 * worth the second that they take: null then. */
static bool letter_errors(plg_arena *a, bool by_letters, const stt_reading *ref,
						  const stt_reading *hyp, double *cer)
{
	enum { CELLS = 1 << 29 };
	ids letters;
	if (!number_letters(a, ref->letters, hyp->letters, &letters))
		return false;
	size_t limit = by_letters ? SIZE_MAX : CELLS / (letters.hn + 1);
	size_t d = stt_distance(a, letters.ref, letters.rn, letters.hyp, letters.hn, limit);
	*cer = d > limit ? NAN : letters.rn > 0 ? (double)d / (double)letters.rn : (double)d;
	return d != SIZE_MAX;
}

/* Errors, and the factor for words that nobody spoke. */
static bool errors(plg_arena *a, bool by_letters, const stt_reading *ref, const stt_reading *hyp,
				   const ids *words, double c[STT_COMPONENT_N])
{
	stt_counts n;
	if (!letter_errors(a, by_letters, ref, hyp, &c[STT_cer]) ||
		!stt_align(a, words->ref, words->rn, words->hyp, words->hn, &n, NULL, NULL))
		return false;
	stt_measures m = stt_measures_of(n);
	c[STT_wer] = m.wer;
	c[STT_mer] = m.mer;
	c[STT_wil] = m.wil;
	c[STT_wip] = m.wip;
	c[STT_error] = by_letters ? plg_clamp(c[STT_cer], 0, 1) : m.mer;
	double invented = (double)n.insertions, spoken = (double)ref->n;
	if (by_letters) {
		spoken = (double)ref->letters.n;
		invented = (double)hyp->letters.n - spoken;
	}
	double excess = plg_ratio(invented, spoken) - 0.5;
	c[STT_insertion_factor] = excess > 0 ? plg_clamp(1 - excess, 0.2, 1) : 1;
	return true;
}

static void compose(const stt_settings *s, double error, double c[STT_COMPONENT_N])
{
	c[STT_error] = error;
	c[STT_correct] = c[STT_mean] = 1 - error;
	c[STT_correct_weight] = 1;
	plg_quality(&s->formula, c);
}

/* Nobody speaks: any word is one too many, and there is nothing to measure it by. */
static void judge_silence(const stt_settings *s, const stt_reading *hyp, double c[STT_COMPONENT_N])
{
	c[STT_silence] = 1;
	compose(s, hyp->n > 0, c);
}

static bool judge_speech(plg_arena *a, const stt_settings *s, const stt_key *key,
						 const stt_reading *ref, const stt_side *hyp, const stt_reading *heard,
						 double c[STT_COMPONENT_N])
{
	ids words;
	bool by_letters = stt_language_has(&key->language, STT_L_LETTERS);
	if (!number_words(a, ref, heard, &words) || !errors(a, by_letters, ref, heard, &words, c))
		return false;
	c[STT_silence] = 0;
	c[STT_baseline] = 1 - s->useless_error;
	c[STT_curve] = s->curve;
	compose(s, c[STT_error], c);
	bool loops = hyp->compression > 2.4 && key->ref.compression < 2.2;
	c[STT_compression_factor] = loops ? 0.5 : 1;
	size_t allowed = stt_stutter(words.ref, words.rn) + 4;
	c[STT_stutter_factor] = stt_stutter(words.hyp, words.hn) > allowed ? 0.5 : 1;
	c[STT_filler_factor] = hyp->fillers > key->ref.fillers + 0.1 ? 0.8 : 1;
	return true;
}

static bool judge_reading(plg_arena *a, const stt_settings *s, const stt_key *key,
						  const stt_reading *ref, const stt_side *hyp, const stt_reading *heard,
						  double c[STT_COMPONENT_N])
{
	plg_components_begin(&s->formula, c, STT_COMPONENT_N);
	if (ref->n > 0)
		return judge_speech(a, s, key, ref, hyp, heard, c);
	judge_silence(s, heard, c);
	return true;
}

/* The reading that serves the answer best where the reference allows two; the one that
 * serves it worst where the answer itself hid words from a library's normaliser. */
static bool judge(plg_arena *a, const stt_settings *s, const stt_key *key, stt_side *hyp,
				  double c[STT_COMPONENT_N])
{
	double other[STT_COMPONENT_N];
	const stt_side *ref = &key->ref;
	if (hyp->hidden > ref->hidden + 0.2 &&
		!add_reading(a, s, &key->language, stt_unhide(a, hyp->text), hyp))
		return false;
	if (!judge_reading(a, s, key, &ref->reading[0], hyp, &hyp->reading[0], c))
		return false;
	if (hyp->readings == 1)
		return true;
	const stt_reading *second = &ref->reading[ref->readings - 1];
	if (!judge_reading(a, s, key, second, hyp, &hyp->reading[1], other))
		return false;
	if (s->normaliser == STT_DEFAULT) {
		if (other[STT_quality] > c[STT_quality])
			memcpy(c, other, sizeof other);
	} else if (other[STT_error] > c[STT_error]) {
		compose(s, other[STT_error], c); /* the measures stay the library's */
	}
	return true;
}

/* Times that the reference has are asked for: without them a tenth is lost. */
static bool judge_timing(plg_arena *a, const stt_key *key, const plg_json *doc,
						 double c[STT_COMPONENT_N])
{
	stt_times times = {0};
	if (!(c[STT_silence] < 1) || key->times.word_n + key->times.segment_n == 0)
		return true;
	if (!stt_times_read(a, doc, &key->language, key->duration, &times))
		return false;
	c[STT_timing] = stt_timing(a, &key->times, &times);
	c[STT_timing_factor] = 0.9 + 0.1 * c[STT_timing];
	return c[STT_timing] >= 0;
}

/* An empty transcript is an answer where nobody spoke; an empty body never is. */
static bool may_be_silent(const stt_key *key)
{
	return key->ref.reading[0].n == 0 || key->ref.reading[key->ref.readings - 1].n == 0;
}

/* The gate that the decoded answer closes by its script. Negative when out of memory. */
static int script_gate(plg_arena *a, const stt_key *key, const stt_side *hyp)
{
	double overlap = stt_script_overlap(a, key->ref.text, hyp->text);
	bool wrong = key->language.known && key->ref.reading[0].n > 0 && overlap < 0.3;
	return overlap < 0 ? -1 : wrong ? STT_GATE_LANGUAGE : PLG_GATE_OPEN;
}

/* An answer whose gate is open. */
static bool score_open(plg_arena *a, const stt_settings *s, const stt_key *key, const plg_body *b,
					   const plg_json *doc, stt_side *hyp, uint32_t latency_ms,
					   double c[STT_COMPONENT_N])
{
	plg_latency latency = s->latency;
	latency.deadline_ms = key->deadline_ms;
	hyp->compression = compression(a, hyp->text);
	if (!judge(a, s, key, hyp, c) || !judge_timing(a, key, doc, c))
		return false;
	c[STT_control_factor] = plg_control_factor(b);
	c[STT_latency_factor] = plg_latency_of(&latency, latency_ms);
	c[STT_invisible_share] = plg_ratio((double)b->invisible, (double)b->text.n);
	c[STT_no_spelling_table] = stt_language_has(&key->language, STT_L_ENGLISH) &&
							   s->normaliser <= STT_WHISPER && s->spelling == NULL;
	return true;
}

bool stt_score(plg_arena *a, const stt_settings *s, const stt_key *key, assay_bytes body,
			   uint32_t latency_ms, double *score, double c[STT_COMPONENT_N])
{
	plg_body b = {0};
	plg_json *doc = NULL;
	stt_side hyp = {0};
	bool done = true;
	int gate = (int)plg_body_read(a, body, "transcript", &s->limits, &b, &doc);
	if (gate == PLG_GATE_EMPTY && may_be_silent(key) && body.len > 0)
		gate = PLG_GATE_OPEN;
	if (gate == PLG_GATE_OPEN) {
		done = side_prepare(a, s, key, b.text, &hyp);
		gate = done ? script_gate(a, key, &hyp) : -1;
	}
	plg_components_begin(&s->formula, c, STT_COMPONENT_N);
	if (gate == PLG_GATE_OPEN)
		done = score_open(a, s, key, &b, doc, &hyp, latency_ms, c);
	else if (gate > 0)
		plg_gate_close(&s->formula, c, STT_COMPONENT_N, gate);
	plg_json_free(doc);
	*score = done ? plg_score(&s->formula, c) : 0;
	return done && gate >= 0 && !plg_arena_failed(a);
}
