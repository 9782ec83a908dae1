/* Each transform is one left-to-right pass without overlap, as a regular-expression
 * substitution would make it. */
#include "stt/transforms.h"
#include "common/build.h"
#include <string.h>

static bool matches(plg_text t, size_t at, const stt_substitution *s, size_t len)
{
	if (len > t.n - at)
		return false;
	for (size_t k = 0; k < len; k++)
		if (t.cp[at + k] != (uint8_t)s->pattern[k])
			return false;
	if (s->whole_left && at > 0 && plg_is_word(t.cp[at - 1]))
		return false;
	return !s->whole_right || at + len == t.n || !plg_is_word(t.cp[at + len]);
}

plg_text stt_substitute(plg_arena *a, plg_text t, const stt_substitution *s)
{
	size_t len = strlen(s->pattern), at = 0;
	while (at < t.n && !matches(t, at, s, len))
		at++;
	if (at >= t.n)
		return t; /* the usual case costs no copy */
	plg_build b = plg_build_begin(a, t.n + 16);
	plg_build_text(&b, plg_text_sub(t, 0, at));
	while (at < t.n) {
		if (matches(t, at, s, len)) {
			plg_build_ascii(&b, s->replacement);
			at += len;
		} else {
			plg_build_add(&b, t.cp[at++]);
		}
	}
	return plg_build_end(&b);
}

static const char *replacement_of(plg_text w, const stt_replacement *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *s = list[i].word;
		size_t k = 0;
		while (k < w.n && s[k] != '\0' && w.cp[k] == (uint8_t)s[k])
			k++;
		if (k == w.n && s[k] == '\0')
			return list[i].replacement;
	}
	return NULL;
}

plg_text stt_replace_words(plg_arena *a, plg_text t, const stt_replacement *list, size_t n)
{
	plg_build b = plg_build_begin(a, t.n + 16);
	size_t kept = 0; /* what is copied already */
	for (size_t at = 0; at < t.n;) {
		size_t end = at;
		while (end < t.n && plg_is_word(t.cp[end]))
			end++;
		const char *with = end > at ? replacement_of(plg_text_sub(t, at, end), list, n) : NULL;
		if (with != NULL) {
			plg_build_text(&b, plg_text_sub(t, kept, at));
			plg_build_ascii(&b, with);
			kept = end;
		}
		at = end > at ? end : at + 1;
	}
	plg_build_text(&b, plg_text_sub(t, kept, t.n));
	return plg_build_end(&b);
}

plg_text stt_remove_multiple_spaces(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n;) {
		size_t end = at;
		while (end < t.n && plg_is_space(t.cp[end]))
			end++;
		if (end - at >= 2) {
			plg_build_add(&b, ' ');
			at = end;
		} else {
			plg_build_add(&b, t.cp[at++]);
		}
	}
	return plg_build_end(&b);
}

plg_text stt_expand_contractions(plg_arena *a, plg_text t)
{
	static const stt_substitution list[] = {
		{"won't", "will not", false, false}, {"can't", "can not", false, false},
		{"let's", "let us", false, false},   {"n't", " not", false, false},
		{"'re", " are", false, false},       {"'s", " is", false, false},
		{"'d", " would", false, false},      {"'ll", " will", false, false},
		{"'t", " not", false, false},        {"'ve", " have", false, false},
		{"'m", " am", false, false},
	};
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		t = stt_substitute(a, t, &list[i]);
	return t;
}

plg_text stt_remove_punctuation(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++)
		if (!plg_is_punct(t.cp[i]))
			plg_build_add(&b, t.cp[i]);
	return plg_build_end(&b);
}

plg_text stt_remove_kaldi(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n;) {
		size_t end = at + 1;
		if (t.cp[at] == '<' || t.cp[at] == '[')
			while (end < t.n && t.cp[end] != '>' && t.cp[end] != ']')
				end++;
		if (end < t.n && end > at && (t.cp[at] == '<' || t.cp[at] == '[')) {
			at = end + 1;
		} else {
			/* Not a span; when nothing closes it, nothing closes a later one either. */
			size_t upto = end < t.n ? at + 1 : end;
			plg_build_text(&b, plg_text_sub(t, at, upto));
			at = upto;
		}
	}
	return plg_build_end(&b);
}

plg_text *stt_split_spaces(plg_arena *a, plg_text t, size_t *n)
{
	size_t count = 0, k = 0;
	for (size_t i = 0; i < t.n; i++)
		count += t.cp[i] != ' ' && (i == 0 || t.cp[i - 1] == ' ');
	plg_text *words = plg_arena_take(a, count, sizeof *words);
	if (words == NULL || (t.cp == NULL && t.n > 0))
		return NULL;
	for (size_t at = 0; k < count; k++) {
		while (t.cp[at] == ' ')
			at++;
		size_t end = at;
		while (end < t.n && t.cp[end] != ' ')
			end++;
		words[k] = plg_text_sub(t, at, end);
		at = end;
	}
	*n = count;
	return words;
}

/* The six characters that Python's string.whitespace lists. */
static bool is_ascii_space(uint32_t c)
{
	return c == ' ' || (c >= 9 && c <= 13);
}

plg_text *stt_wer_standardize(plg_arena *a, plg_text t, size_t *n)
{
	t = stt_remove_kaldi(a, stt_expand_contractions(a, plg_lower(a, t)));
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++)
		plg_build_add(&b, is_ascii_space(t.cp[i]) ? ' ' : t.cp[i]);
	t = plg_strip(stt_remove_multiple_spaces(a, plg_build_end(&b)));
	plg_text *words = stt_split_spaces(a, t, n);
	return plg_arena_failed(a) ? NULL : words;
}
