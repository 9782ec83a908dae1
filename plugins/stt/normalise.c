/* The order of the steps is the definition; each step is one left-to-right pass that
 * consumes what it matches, as the reference's substitutions do. */
#include "stt/normalise.h"
#include "common/build.h"
#include "stt/number.h"
#include "stt/passes.h"
#include "stt/transforms.h"

static bool is_ascii_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

/* "(...)" with at least one character inside; the first ")" closes. */
static plg_text without_parentheses(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	size_t close = 0; /* the first ")" at or after the place where it was last sought */
	for (size_t at = 0; at < t.n;) {
		if (t.cp[at] == '(') {
			if (close < at + 1)
				close = at + 1;
			while (close < t.n && t.cp[close] != ')')
				close++;
			if (close < t.n && close > at + 1) {
				at = close + 1;
				continue;
			}
		}
		plg_build_add(&b, t.cp[at++]);
	}
	return plg_build_end(&b);
}

plg_text stt_without_brackets(plg_arena *a, plg_text t)
{
	return without_parentheses(a, stt_remove_kaldi(a, t));
}

static plg_text without_symbols(plg_arena *a, plg_text t)
{
	t = plg_normalize(a, PLG_NFKC, t);
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		bool gone = plg_is_symbol(c) || plg_is_punct(c) || plg_is_mark(c);
		plg_build_add(&b, gone ? ' ' : c);
	}
	return plg_build_end(&b);
}

static plg_text spaced_clusters(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, 2 * t.n);
	for (size_t i = 0; i < t.n; i++) {
		if (i > 0 && plg_grapheme_break(t.cp[i - 1], t.cp[i]))
			plg_build_add(&b, ' ');
		plg_build_add(&b, t.cp[i]);
	}
	return plg_build_end(&b);
}

plg_text stt_basic(plg_arena *a, plg_text t, const stt_basic_options *o)
{
	t = stt_without_brackets(a, plg_lower(a, t));
	t = o->remove_diacritics ? stt_without_diacritics(a, t, false) : without_symbols(a, t);
	t = plg_lower(a, t);
	if (o->split_letters)
		t = spaced_clusters(a, t);
	return plg_collapse(a, t);
}

/* ---- English ---- */

static plg_text without_fillers(plg_arena *a, plg_text t)
{
	static const stt_replacement fillers[] = {{"hmm", ""}, {"mm", ""}, {"mhm", ""},
											  {"mmm", ""}, {"uh", ""}, {"um", ""}};
	return stt_replace_words(a, t, fillers, sizeof fillers / sizeof fillers[0]);
}

/* "1,234" to "1234". The digit after a comma is consumed, so "1,2,3" keeps one. */
static plg_text without_thousands(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n;) {
		plg_build_add(&b, t.cp[at]);
		if (at + 2 < t.n && plg_is_digit(t.cp[at]) && t.cp[at + 1] == ',' &&
			plg_is_digit(t.cp[at + 2])) {
			plg_build_add(&b, t.cp[at + 2]);
			at += 3;
		} else {
			at++;
		}
	}
	return plg_build_end(&b);
}

/* A percent sign that no digit precedes becomes a space. */
static plg_text drop_percent(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n; at++) {
		plg_build_add(&b, t.cp[at]);
		if (!is_ascii_digit(t.cp[at]) && at + 1 < t.n && t.cp[at + 1] == '%') {
			plg_build_add(&b, ' ');
			at++;
		}
	}
	return plg_build_end(&b);
}

plg_text stt_english(plg_arena *a, plg_text t, const stt_spelling *spelling)
{
	t = stt_without_brackets(a, plg_lower(a, t));
	t = stt_join_apostrophes(a, without_fillers(a, t));
	t = without_thousands(a, stt_expand(a, t));
	t = stt_drop_marks(a, t, false, true);
	t = stt_without_diacritics(a, t, true);
	t = stt_number(a, t, STT_AS_WHISPER);
	t = stt_american(a, t, spelling);
	t = stt_drop_marks(a, t, true, false);
	t = drop_percent(a, t);
	return plg_collapse(a, t);
}
