/* The order of the steps: what needs the characters comes first (hesitations,
 * apostrophes, signs), then what needs words (units, number words), spelling last. */
#include "stt/spoken.h"
#include "common/build.h"
#include "stt/american.h"
#include "stt/fold.h"
#include "stt/hallucinate.h"
#include "stt/number_words.h"
#include "stt/passes.h"
#include "stt/signs.h"
#include "stt/transforms.h"
#include "stt/units.h"
#include <string.h>

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_number(plg_text w)
{
	stt_word_kind k = stt_word_of(w, STT_AS_SPOKEN).kind;
	return (w.n > 0 && is_digit(w.cp[w.n - 1])) || k == STT_W_ZERO || k == STT_W_ONES ||
		   k == STT_W_TENS || k == STT_W_MULTIPLIER;
}

/* ---- characters ---- */

static bool is_mm(plg_text w)
{
	return w.n >= 2 && w.cp[0] == 'm' && w.cp[1] == 'm' && (w.n == 2 || !plg_is_word(w.cp[2]));
}

/* "20 mm" is a measure; "well, mm, yes" is not. */
static plg_text without_hesitations(plg_arena *a, plg_text t)
{
	size_t n = 0;
	plg_text *word = plg_split(a, t, &n);
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; word != NULL && i < n; i++) {
		bool measure = i > 0 && is_number(word[i - 1]) && is_mm(word[i]);
		if (!measure && stt_is_hesitation(word[i]))
			continue;
		if (b.n > 0)
			plg_build_add(&b, ' ');
		plg_build_text(&b, word[i]);
	}
	return plg_build_end(&b);
}

/* "the 90's" are no "90 is". */
static plg_text join_decades(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++) {
		bool decade = t.cp[i] == '\'' && i > 0 && is_digit(t.cp[i - 1]) && i + 1 < t.n &&
					  t.cp[i + 1] == 's' && (i + 2 == t.n || !plg_is_word(t.cp[i + 2]));
		if (!decade)
			plg_build_add(&b, t.cp[i]);
	}
	return plg_build_end(&b);
}

/* ---- words ---- */

typedef struct {
	const plg_text *word;
	size_t n;
	plg_build b;
} walk;

static bool is(const walk *w, size_t i, const char *s)
{
	size_t k = 0;
	if (i >= w->n)
		return false;
	while (k < w->word[i].n && s[k] != '\0' && w->word[i].cp[k] == (uint8_t)s[k])
		k++;
	return k == w->word[i].n && s[k] == '\0';
}

static size_t said(walk *w, const char *words, size_t used)
{
	if (w->b.n > 0 && *words != '\0')
		plg_build_add(&w->b, ' ');
	plg_build_ascii(&w->b, words);
	return used;
}

/* "2 and a half", "two and three quarters": the words used, or 0. */
static size_t part(walk *w, size_t i)
{
	if (i == 0 || !is_number(w->word[i - 1]) || !is(w, i, "and"))
		return 0;
	bool one = is(w, i + 1, "a") || is(w, i + 1, "one");
	if (one && is(w, i + 2, "half"))
		return said(w, "point five", 3);
	if (one && is(w, i + 2, "quarter"))
		return said(w, "point two five", 3);
	if (is(w, i + 1, "three") && is(w, i + 2, "quarters"))
		return said(w, "point seven five", 3);
	return 0;
}

static size_t spelled(walk *w, size_t i)
{
	static const char *const table[][2] = {{"cannot", "can not"},    {"ok", "okay"},
										   {"alright", "all right"}, {"nought", "zero"},
										   {"naught", "zero"},       {"fourths", "quarters"}};
	for (size_t k = 0; k < sizeof table / sizeof table[0]; k++)
		if (is(w, i, table[k][0]))
			return said(w, table[k][1], 1);
	return 0;
}

static bool after_number(const walk *w, size_t i)
{
	return i > 0 && (is_number(w->word[i - 1]) || is(w, i - 1, "half") || is(w, i - 1, "quarter") ||
					 is(w, i - 1, "quarters"));
}

/* Words that are said in more ways than one; how many were read, at least one. */
static size_t on_word(walk *w, size_t i)
{
	size_t used = part(w, i);
	if (used == 0)
		used = spelled(w, i);
	if (used > 0)
		return used;
	bool article = is(w, i, "a") || is(w, i, "an");
	if (article && i + 1 < w->n &&
		stt_word_of(w->word[i + 1], STT_AS_SPOKEN).kind == STT_W_MULTIPLIER)
		return 1; /* a hundred is one hundred */
	if (is(w, i, "per") && is(w, i + 1, "cent"))
		return said(w, "percent", 2);
	if (is(w, i, "o") && is(w, i + 1, "clock"))
		return said(w, "oclock", 2);
	if (is(w, i + 1, "m") && (is(w, i, "a") || is(w, i, "p")))
		return said(w, is(w, i, "a") ? "am" : "pm", 2);
	if (after_number(w, i)) {
		const char *unit = stt_unit(w->word + i, w->n - i, &used);
		if (unit != NULL)
			return said(w, unit, used);
	}
	if (w->b.n > 0)
		plg_build_add(&w->b, ' ');
	plg_build_text(&w->b, w->word[i]);
	return 1;
}

static plg_text words(plg_arena *a, plg_text t)
{
	walk w = {.b = plg_build_begin(a, t.n + 32)};
	w.word = plg_split(a, t, &w.n);
	for (size_t i = 0; w.word != NULL && i < w.n;)
		i += on_word(&w, i);
	return plg_build_end(&w.b);
}

plg_text stt_spoken(plg_arena *a, plg_text t, const stt_spelling *spelling)
{
	t = without_hesitations(a, stt_fold_typography(a, t));
	t = stt_join_apostrophes(a, join_decades(a, t));
	t = stt_signs(a, stt_expand(a, t));
	t = stt_split_letters_digits(a, stt_without_diacritics(a, t, true));
	t = stt_number(a, words(a, t), STT_AS_SPOKEN);
	t = stt_american_rules(a, t, spelling);
	t = stt_drop_marks(a, t, true, false);
	return plg_collapse(a, t);
}
