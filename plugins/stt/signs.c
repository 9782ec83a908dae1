/* One walk; each rule looks at the place where it stands, says what it adds and how far
 * it read. */
#include "stt/signs.h"
#include "common/build.h"
#include <string.h>

typedef struct {
	plg_text t;
	size_t at;
	plg_build b;
} walk;

static uint32_t look(const walk *w, size_t ahead)
{
	return w->at + ahead < w->t.n ? w->t.cp[w->at + ahead] : 0;
}

static uint32_t behind(const walk *w)
{
	return w->at > 0 ? w->t.cp[w->at - 1] : 0;
}

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

/* The last character that is no space, before the place. */
static uint32_t behind_space(const walk *w)
{
	size_t at = w->at;
	while (at > 0 && plg_is_space(w->t.cp[at - 1]))
		at--;
	return at > 0 ? w->t.cp[at - 1] : 0;
}

static size_t skip_space(plg_text t, size_t at)
{
	while (at < t.n && plg_is_space(t.cp[at]))
		at++;
	return at;
}

static size_t skip_digits(plg_text t, size_t at)
{
	while (at < t.n && is_digit(t.cp[at]))
		at++;
	return at;
}

static bool said(walk *w, const char *words, size_t chars)
{
	plg_build_ascii(&w->b, words);
	w->at += chars;
	return true;
}

/* ---- inside numbers ---- */

size_t stt_thousands(plg_text t, size_t at, uint32_t separator)
{
	enum { MOST = 16 }; /* groups: a number that anyone says */
	size_t before = at, group = at;
	while (before > 0 && at - before < 4 && is_digit(t.cp[before - 1]))
		before--;
	if (at == before || at - before > 3)
		return at;
	for (size_t k = 0; k < MOST && group < t.n && t.cp[group] == separator; k++) {
		size_t end = skip_digits(t, group + 1), n = end - group - 1;
		bool last = end >= t.n || t.cp[end] != separator;
		if (n == 3 && (last || !is_digit(end + 1 < t.n ? t.cp[end + 1] : 0)))
			return at + 1;
		if (n != 2 && n != 3)
			return at;
		group = end;
	}
	return at;
}

/* "6:00" sounds like "6"; other times like their digits. */
static bool on_colon(walk *w)
{
	if (!is_digit(behind(w)) || !is_digit(look(w, 1)))
		return said(w, " ", 1);
	bool hour =
		look(w, 1) == '0' && look(w, 2) == '0' && !plg_is_word(look(w, 3)) && look(w, 3) != ':';
	return said(w, " ", hour ? 3 : 1);
}

static const char *const part_name[11] = {NULL,    NULL,      "half",   "third", "quarter", "fifth",
										  "sixth", "seventh", "eighth", "ninth", "tenth"};
static const char *const count_name[10] = {"zero", "one", "two",   "three", "four",
										   "five", "six", "seven", "eight", "nine"};

/* "3/4"; "2 3/4" is a mixed number, whose part is said as it is. */
static bool on_fraction(walk *w)
{
	size_t slash = w->at + 1, denominator = 0;
	if (plg_is_word(behind(w)) || (look(w, 1) != '/' && look(w, 1) != 0x2044))
		return false;
	size_t end = skip_digits(w->t, slash + 1);
	if (end == slash + 1 || end > slash + 3 || (end < w->t.n && plg_is_word(w->t.cp[end])))
		return false;
	for (size_t i = slash + 1; i < end; i++)
		denominator = 10 * denominator + (w->t.cp[i] - '0');
	size_t numerator = w->t.cp[w->at] - '0';
	if (denominator < 2 || denominator > 10 || numerator == 0 || numerator >= denominator ||
		(end < w->t.n && (w->t.cp[end] == '/' || w->t.cp[end] == 0x2044)))
		return false;
	plg_build_ascii(&w->b, is_digit(behind_space(w)) ? "and " : "");
	plg_build_ascii(&w->b, count_name[numerator]);
	plg_build_add(&w->b, ' ');
	plg_build_ascii(&w->b, part_name[denominator]);
	return said(w, numerator > 1 ? "s" : "", end - w->at);
}

/* A letter between periods, or before the first of them: an abbreviation. */
static bool on_period(walk *w)
{
	bool letter = w->at > 0 && plg_is_letter(behind(w));
	uint32_t before = w->at > 1 ? w->t.cp[w->at - 2] : 0;
	bool single = letter && !plg_is_word(before) && before != '\'';
	if (is_digit(look(w, 1)) && (is_digit(behind(w)) || !plg_is_word(behind(w))))
		return said(w, ".", 1);
	if (letter && plg_is_letter(look(w, 1)) && (single || look(w, 2) == '.') &&
		!plg_is_word(look(w, 2)))
		return said(w, "", 1);
	return said(w, " ", 1);
}

/* ---- currencies ---- */

static const char *currency_name(uint32_t c)
{
	switch (c) {
	case '$':
		return " dollars ";
	case 0xa3:
		return " pounds ";
	case 0x20ac:
		return " euros ";
	case 0xa2:
		return " cents ";
	case 0xa5:
		return " yen ";
	case 0x20b9:
		return " rupees ";
	case 0x20a9:
		return " won ";
	case 0x20bd:
		return " rubles ";
	case 0x20ba:
		return " lira ";
	case 0x20bf:
		return " bitcoin ";
	case 0x20b4:
		return " hryvnias ";
	case 0x20aa:
		return " shekels ";
	default:
		return NULL;
	}
}

/* "2.5m" after a currency sign: the end of the letters and the word, or NULL. */
static const char *magnitude(plg_text t, size_t at, size_t *end)
{
	static const struct {
		const char *s, *word;
	} table[] = {{"k", " thousand"},       {"m", " million"},       {"mn", " million"},
				 {"bn", " billion"},       {"b", " billion"},       {"tn", " trillion"},
				 {"million", " million"},  {"billion", " billion"}, {"trillion", " trillion"},
				 {"thousand", " thousand"}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		size_t n = strlen(table[i].s), k = 0;
		while (k < n && at + k < t.n && t.cp[at + k] == (uint8_t)table[i].s[k])
			k++;
		if (k == n && (at + n >= t.n || !plg_is_word(t.cp[at + n]))) {
			*end = at + n;
			return table[i].word;
		}
	}
	return NULL;
}

/* The digits of an amount, without the commas between its groups. */
static size_t add_digits(plg_build *b, plg_text t, size_t at)
{
	for (; at < t.n; at++) {
		bool inside = at + 1 < t.n && is_digit(t.cp[at + 1]);
		if (t.cp[at] == ',' && stt_thousands(t, at, ',') > at)
			continue;
		if (!is_digit(t.cp[at]) && !(t.cp[at] == '.' && inside))
			break;
		plg_build_add(b, t.cp[at]);
	}
	return at;
}

/* A sign before its amount. The three that the number words know stay before it. */
static bool on_currency(walk *w)
{
	uint32_t c = look(w, 0);
	const char *name = currency_name(c);
	if (name == NULL)
		return false;
	size_t from = skip_space(w->t, w->at + 1), end;
	if (from >= w->t.n || !is_digit(w->t.cp[from]))
		return said(w, is_digit(behind_space(w)) ? name : " ", 1);
	bool known = c == '$' || c == 0xa3 || c == 0x20ac;
	plg_build_add(&w->b, ' ');
	if (known)
		plg_build_add(&w->b, c);
	w->at = add_digits(&w->b, w->t, from);
	const char *word = magnitude(w->t, skip_space(w->t, w->at), &end);
	if (word != NULL) {
		plg_build_ascii(&w->b, word);
		w->at = end;
	}
	return said(w, known ? " " : name, 0);
}

/* ---- other signs ---- */

static bool on_minus(walk *w)
{
	uint32_t next = look(w, 1);
	bool amount = is_digit(next) || (next == '.' && is_digit(look(w, 2))) ||
				  (currency_name(next) != NULL && is_digit(look(w, 2)));
	bool minus = amount && !plg_is_word(behind(w)) && behind(w) != '-' && behind(w) != '.';
	return said(w, minus ? " minus " : " ", 1);
}

static bool on_degree(walk *w)
{
	uint32_t next = look(w, 1);
	bool unit = (next == 'c' || next == 'f') && !plg_is_word(look(w, 2));
	if (!unit)
		return said(w, " degrees ", 1);
	return said(w, next == 'c' ? " degrees celsius " : " degrees fahrenheit ", 2);
}

/* Choices between words ("six/sick") are words too many; "km/h" is a unit. */
static bool on_slash(walk *w, const char *name)
{
	size_t next = skip_space(w->t, w->at + 1);
	uint32_t after = next < w->t.n ? w->t.cp[next] : 0;
	uint32_t beyond = next + 1 < w->t.n ? w->t.cp[next + 1] : 0;
	bool unit = next == w->at + 1 && (after == 'h' || after == 's') && !plg_is_word(beyond);
	bool between = plg_is_letter(behind_space(w)) && plg_is_letter(after) && !unit;
	return said(w, between ? name : " ", 1);
}

static bool on_sign(walk *w)
{
	switch (look(w, 0)) {
	case '/':
		return on_slash(w, " slash ");
	case '|':
		return on_slash(w, " bar ");
	case '-':
		return on_minus(w);
	case '+':
		return said(w, " plus ", 1);
	case '=':
		return said(w, " equals ", 1);
	case '%':
		return said(w, " percent ", 1);
	case '&':
		return said(w, " and ", 1);
	case '@':
		return said(w, " at ", 1);
	case 0xb0:
		return on_degree(w);
	case 0x2013: /* a range: every other dash has become a hyphen */
		return said(w, " to ", 1);
	case '.':
		return on_period(w);
	case ':':
		return on_colon(w);
	case ',':
		return said(w, stt_thousands(w->t, w->at, ',') > w->at ? "" : " ", 1);
	default:
		return on_currency(w) || (is_digit(look(w, 0)) && on_fraction(w));
	}
}

/* Fractions of one character, before compatibility forms glue them to their number. */
static plg_text vulgar(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n + 16);
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		bool after = b.n > 0 && is_digit(b.cp[b.n - 1]);
		bool decimal = c == 0xbd || c == 0xbc || c == 0xbe;
		if (after && decimal)
			plg_build_ascii(&b, c == 0xbd ? ".5" : c == 0xbc ? ".25" : ".75");
		else if (after && c >= 0x2150 && c <= 0x215e)
			plg_build_ascii(&b, " ");
		if (!(after && decimal))
			plg_build_add(&b, c);
	}
	return plg_build_end(&b);
}

plg_text stt_signs(plg_arena *a, plg_text t)
{
	t = plg_normalize(a, PLG_NFKC, vulgar(a, t));
	t = plg_lower(a, t);
	walk w = {.t = t, .b = plg_build_begin(a, t.n + 32)};
	while (w.at < t.n)
		if (!on_sign(&w))
			plg_build_add(&w.b, t.cp[w.at++]);
	return plg_build_end(&w.b);
}
