/* The vocabulary as base words and the rules that make plurals and ordinals. */
#include "stt/number_words.h"
#include <string.h>

static const char *const ones[] = {"one",     "two",       "three",    "four",     "five",
								   "six",     "seven",     "eight",    "nine",     "ten",
								   "eleven",  "twelve",    "thirteen", "fourteen", "fifteen",
								   "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {"twenty", "thirty",  "forty",  "fifty",
								   "sixty",  "seventy", "eighty", "ninety"};
static const struct {
	const char *name;
	unsigned power;
} multipliers[] = {{"hundred", 2},     {"thousand", 3},     {"million", 6},      {"billion", 9},
				   {"trillion", 12},   {"quadrillion", 15}, {"quintillion", 18}, {"sextillion", 21},
				   {"septillion", 24}, {"octillion", 27},   {"nonillion", 30},   {"decillion", 33}};

/* Words that follow no rule. */
static const struct {
	const char *name;
	stt_word word;
} special[] = {
	{"o", {STT_W_ZERO, 0, NULL, 0}},
	{"oh", {STT_W_ZERO, 0, NULL, 0}},
	{"zero", {STT_W_ZERO, 0, NULL, 0}},
	{"sixes", {STT_W_ONES_SUFFIXED, 6, "s", 0}},
	{"zeroth", {STT_W_ONES_SUFFIXED, 0, "th", 0}},
	{"first", {STT_W_ONES_SUFFIXED, 1, "st", 0}},
	{"second", {STT_W_ONES_SUFFIXED, 2, "nd", 0}},
	{"third", {STT_W_ONES_SUFFIXED, 3, "rd", 0}},
	{"fifth", {STT_W_ONES_SUFFIXED, 5, "th", 0}},
	{"twelfth", {STT_W_ONES_SUFFIXED, 12, "th", 0}},
	{"minus", {STT_W_SIGN, 0, NULL, '-'}},
	{"negative", {STT_W_SIGN, 0, NULL, '-'}},
	{"plus", {STT_W_SIGN, 0, NULL, '+'}},
	{"positive", {STT_W_SIGN, 0, NULL, '+'}},
	{"pound", {STT_W_CURRENCY, 0, NULL, 0xa3}},
	{"pounds", {STT_W_CURRENCY, 0, NULL, 0xa3}},
	{"euro", {STT_W_CURRENCY, 0, NULL, 0x20ac}},
	{"euros", {STT_W_CURRENCY, 0, NULL, 0x20ac}},
	{"dollar", {STT_W_CURRENCY, 0, NULL, '$'}},
	{"dollars", {STT_W_CURRENCY, 0, NULL, '$'}},
	{"cent", {STT_W_CURRENCY, 0, NULL, 0xa2}},
	{"cents", {STT_W_CURRENCY, 0, NULL, 0xa2}},
	{"per", {STT_W_PER, 0, NULL, 0}},
	{"percent", {STT_W_PERCENT, 0, NULL, 0}},
	{"and", {STT_W_AND, 0, NULL, 0}},
	{"double", {STT_W_DOUBLE, 0, NULL, 0}},
	{"triple", {STT_W_TRIPLE, 0, NULL, 0}},
	{"point", {STT_W_POINT, 0, NULL, 0}},
};

enum { LONGEST = 15 }; /* "quadrillionths" has 14 */

/* "s" for a plural, "th" for an ordinal, "" for the word itself; NULL: no such form. */
static const char *form_of_ones(const char *w, unsigned value)
{
	const char *base = ones[value - 1];
	if (w[0] != base[0] || w[1] != base[1])
		return NULL;
	size_t len = strlen(base);
	if (strncmp(w, base, len) != 0)
		return NULL;
	const char *rest = w + len;
	if (*rest == '\0')
		return "";
	if (strcmp(rest, "s") == 0)
		return value == 6 ? NULL : "s"; /* "sixes" is in the table */
	if (value <= 3 || value == 5 || value == 12)
		return NULL;
	return strcmp(rest, base[len - 1] == 't' ? "h" : "th") == 0 ? "th" : NULL;
}

static const char *form_of_tens(const char *w, const char *base)
{
	if (w[0] != base[0] || w[1] != base[1])
		return NULL;
	size_t stem = strlen(base) - 1;
	if (strncmp(w, base, stem) != 0)
		return NULL;
	const char *rest = w + stem;
	return strcmp(rest, "y") == 0      ? ""
		   : strcmp(rest, "ies") == 0  ? "s"
		   : strcmp(rest, "ieth") == 0 ? "th"
									   : NULL;
}

static const char *form_of_multiplier(const char *w, const char *base)
{
	if (w[0] != base[0] || w[1] != base[1])
		return NULL;
	size_t len = strlen(base);
	if (strncmp(w, base, len) != 0)
		return NULL;
	const char *rest = w + len;
	return *rest == '\0'             ? ""
		   : strcmp(rest, "s") == 0  ? "s"
		   : strcmp(rest, "th") == 0 ? "th"
									 : NULL;
}

static stt_word made(stt_word_kind plain, unsigned value, const char *form)
{
	bool suffixed = *form != '\0';
	return (stt_word){(stt_word_kind)(plain + suffixed), value, suffixed ? form : NULL, 0};
}

stt_word stt_word_of(plg_text t, stt_dialect d)
{
	char w[LONGEST + 1];
	const char *form;
	if (t.n > LONGEST)
		return (stt_word){0};
	for (size_t i = 0; i < t.n; i++) {
		if (t.cp[i] < 'a' || t.cp[i] > 'z')
			return (stt_word){0};
		w[i] = (char)t.cp[i];
	}
	w[t.n] = '\0';
	if (d == STT_AS_SPOKEN && strcmp(w, "ninth") == 0)
		return (stt_word){STT_W_ONES_SUFFIXED, 9, "th", 0};
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
		if (w[0] == special[i].name[0] && strcmp(w, special[i].name) == 0)
			return special[i].word;
	for (unsigned v = 1; v <= 19; v++)
		if ((form = form_of_ones(w, v)) != NULL)
			return made(STT_W_ONES, v, form);
	for (unsigned i = 0; i < 8; i++)
		if ((form = form_of_tens(w, tens[i])) != NULL)
			return made(STT_W_TENS, 20 + 10 * i, form);
	for (size_t i = 0; i < sizeof multipliers / sizeof multipliers[0]; i++)
		if ((form = form_of_multiplier(w, multipliers[i].name)) != NULL)
			return made(STT_W_MULTIPLIER, multipliers[i].power, form);
	return (stt_word){0};
}
