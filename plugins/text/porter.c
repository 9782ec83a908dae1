/* Porter's five steps as rule tables. The first rule whose suffix matches decides:
 * if its condition fails, the step leaves the word alone. */
#include "text/porter.h"
#include <stdbool.h>
#include <string.h>

static bool is_vowel_letter(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* A y is a consonant at the start and after a vowel. Runs of y alternate, so the
 * answer follows from how far back the run begins. */
static bool is_consonant(const char *w, size_t i)
{
	size_t run = 0;
	if (w[i] != 'y')
		return !is_vowel_letter(w[i]);
	while (i > run && w[i - run - 1] == 'y')
		run++;
	bool first_is_consonant = i == run || is_vowel_letter(w[i - run - 1]);
	return first_is_consonant == (run % 2 == 0);
}

/* The number of vowel-to-consonant changes: Porter's m. */
static size_t measure(const char *w, size_t n)
{
	size_t m = 0;
	bool vowel_before = false;
	for (size_t i = 0; i < n; i++) {
		bool consonant = is_consonant(w, i);
		m += consonant && vowel_before;
		vowel_before = !consonant;
	}
	return m;
}

static bool has_vowel(const char *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_consonant(w, i))
			return true;
	return false;
}

static bool ends_double_consonant(const char *w, size_t n)
{
	return n >= 2 && w[n - 1] == w[n - 2] && is_consonant(w, n - 1);
}

/* consonant-vowel-consonant at the end, the last not w, x or y; or a whole word of
 * vowel-consonant. */
static bool ends_cvc(const char *w, size_t n)
{
	if (n >= 3)
		return is_consonant(w, n - 3) && !is_consonant(w, n - 2) && is_consonant(w, n - 1) &&
			   strchr("wxy", w[n - 1]) == NULL;
	return n == 2 && !is_consonant(w, 0) && is_consonant(w, 1);
}

static bool ends_with(const char *w, size_t n, const char *suffix)
{
	size_t len = strlen(suffix);
	return n >= len && memcmp(w + n - len, suffix, len) == 0;
}

static size_t put(char *w, size_t at, const char *tail)
{
	size_t len = strlen(tail);
	memcpy(w + at, tail, len);
	return at + len;
}

typedef struct {
	const char *suffix, *replacement;
} rule;

/* Applies the first matching rule if the stem's measure exceeds least. */
static size_t apply(char *w, size_t n, const rule *rules, size_t least)
{
	for (; rules->suffix != NULL; rules++)
		if (ends_with(w, n, rules->suffix)) {
			size_t stem = n - strlen(rules->suffix);
			return measure(w, stem) > least ? put(w, stem, rules->replacement) : n;
		}
	return n;
}

static size_t step1a(char *w, size_t n)
{
	if (ends_with(w, n, "ies"))
		return n == 4 ? n - 1 : n - 2;
	if (ends_with(w, n, "sses"))
		return n - 2;
	if (ends_with(w, n, "s") && !ends_with(w, n, "ss"))
		return n - 1;
	return n;
}

static size_t step1b(char *w, size_t n)
{
	if (ends_with(w, n, "ied"))
		return n == 4 ? n - 1 : n - 2;
	if (ends_with(w, n, "eed"))
		return measure(w, n - 3) > 0 ? n - 1 : n;
	size_t stem = ends_with(w, n, "ed") ? n - 2 : ends_with(w, n, "ing") ? n - 3 : n;
	if (stem == n || !has_vowel(w, stem))
		return n;
	n = stem;
	if (ends_with(w, n, "at") || ends_with(w, n, "bl") || ends_with(w, n, "iz"))
		return put(w, n, "e");
	if (ends_double_consonant(w, n))
		return strchr("lsz", w[n - 1]) == NULL ? n - 1 : n;
	return measure(w, n) == 1 && ends_cvc(w, n) ? put(w, n, "e") : n;
}

static size_t step1c(char *w, size_t n)
{
	if (n > 2 && w[n - 1] == 'y' && is_consonant(w, n - 2))
		w[n - 1] = 'i';
	return n;
}

static size_t step2(char *w, size_t n)
{
	static const rule rules[] = {
		{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"},   {"anci", "ance"},
		{"izer", "ize"},    {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"},
		{"eli", "e"},       {"ousli", "ous"},   {"ization", "ize"}, {"ation", "ate"},
		{"ator", "ate"},    {"alism", "al"},    {"iveness", "ive"}, {"fulness", "ful"},
		{"ousness", "ous"}, {"aliti", "al"},    {"iviti", "ive"},   {"biliti", "ble"},
		{"fulli", "ful"},   {NULL, NULL}};
	if (ends_with(w, n, "alli") && measure(w, n - 4) > 0)
		n -= 2; /* what is left may match a rule of its own: "ationalli" */
	/* -logi is measured with its l, so that short stems like "geo" count. */
	if (ends_with(w, n, "logi"))
		return measure(w, n - 3) > 0 ? n - 1 : n;
	return apply(w, n, rules, 0);
}

static size_t step3(char *w, size_t n)
{
	static const rule rules[] = {{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"},
								 {"ical", "ic"},  {"ful", ""},   {"ness", ""},    {NULL, NULL}};
	return apply(w, n, rules, 0);
}

static size_t step4(char *w, size_t n)
{
	static const rule before_ion[] = {{"al", ""},    {"ance", ""}, {"ence", ""}, {"er", ""},
									  {"ic", ""},    {"able", ""}, {"ible", ""}, {"ant", ""},
									  {"ement", ""}, {"ment", ""}, {"ent", ""},  {NULL, NULL}};
	static const rule after_ion[] = {{"ou", ""},  {"ism", ""}, {"ate", ""}, {"iti", ""},
									 {"ous", ""}, {"ive", ""}, {"ize", ""}, {NULL, NULL}};
	if (ends_with(w, n, "ion")) {
		size_t stem = n - 3;
		bool cut = stem > 0 && (w[stem - 1] == 's' || w[stem - 1] == 't') && measure(w, stem) > 1;
		return cut ? stem : n;
	}
	size_t shorter = apply(w, n, before_ion, 1);
	for (const rule *r = before_ion; r->suffix != NULL; r++)
		if (ends_with(w, n, r->suffix))
			return shorter;
	return apply(w, n, after_ion, 1);
}

static size_t step5(char *w, size_t n)
{
	if (ends_with(w, n, "e")) {
		size_t m = measure(w, n - 1);
		if (m > 1 || (m == 1 && !ends_cvc(w, n - 1)))
			n--;
	}
	if (ends_with(w, n, "ll") && measure(w, n - 1) > 1)
		n--;
	return n;
}

/* Irregular forms: the stem is the part of the second word that the third names. */
static const char *irregular(const char *w, size_t n)
{
	static const char *const forms[][2] = {
		{"skies", "sky"},      {"sky", "sky"},          {"dying", "die"},
		{"lying", "lie"},      {"tying", "tie"},        {"news", "news"},
		{"innings", "inning"}, {"inning", "inning"},    {"outings", "outing"},
		{"outing", "outing"},  {"cannings", "canning"}, {"canning", "canning"},
		{"howe", "howe"},      {"proceed", "proceed"},  {"exceed", "exceed"},
		{"succeed", "succeed"}};
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (strlen(forms[i][0]) == n && memcmp(forms[i][0], w, n) == 0)
			return forms[i][1];
	return NULL;
}

size_t txt_porter(char *w, size_t n)
{
	const char *known = irregular(w, n);
	if (known != NULL)
		return put(w, 0, known);
	if (n <= 2)
		return n;
	n = step1a(w, n);
	n = step1b(w, n);
	n = step1c(w, n);
	n = step2(w, n);
	n = step3(w, n);
	n = step4(w, n);
	return step5(w, n);
}
