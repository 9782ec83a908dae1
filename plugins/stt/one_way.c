/* A walk over the words, each with the one before it. */
#include "stt/one_way.h"
#include "common/build.h"

enum { LONGEST_NUMBER = 6 };

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_ascii(plg_text w, const char *s)
{
	size_t i = 0;
	while (i < w.n && s[i] != '\0' && w.cp[i] == (uint8_t)s[i])
		i++;
	return i == w.n && s[i] == '\0';
}

static size_t digits_at(plg_text w, size_t at)
{
	size_t n = 0;
	while (at + n < w.n && is_digit(w.cp[at + n]))
		n++;
	return n;
}

static bool is_integer(plg_text w)
{
	return w.n > 0 && digits_at(w, 0) == w.n;
}

static bool is_month(plg_text w)
{
	static const char *const months[] = {"january",   "february", "march",    "april",
										 "may",       "june",     "july",     "august",
										 "september", "october",  "november", "december"};
	for (size_t i = 0; i < sizeof months / sizeof months[0]; i++)
		if (is_ascii(w, months[i]))
			return true;
	return false;
}

/* A day of the month without its ending. */
static plg_text day(plg_text w)
{
	static const char *const endings[] = {"st", "nd", "rd", "th"};
	size_t n = digits_at(w, 0);
	for (size_t i = 0; i < 4 && n > 0 && n <= 2; i++)
		if (is_ascii(plg_text_sub(w, n, w.n), endings[i]))
			return plg_text_sub(w, 0, n);
	return w;
}

/* Whole units without ".00", others with two digits. */
static void add_amount(plg_build *b, plg_text w)
{
	size_t whole = 1 + digits_at(w, 1), n = digits_at(w, whole + 1);
	if (whole == 1 || whole + 1 + n != w.n || w.cp[whole] != '.' || n == 0 || n > 2) {
		plg_build_text(b, w);
		return;
	}
	bool zero = w.cp[whole + 1] == '0' && (n == 1 || w.cp[whole + 2] == '0');
	plg_build_text(b, plg_text_sub(w, 0, zero ? whole : w.n));
	if (!zero && n == 1)
		plg_build_add(b, '0');
}

static void add_word(plg_build *b, plg_text w)
{
	uint32_t c = w.cp[0];
	if (c == '$' || c == 0xa3 || c == 0x20ac) {
		add_amount(b, w);
		return;
	}
	if (c == '.' && digits_at(w, 1) + 1 == w.n && w.n > 1)
		plg_build_add(b, '0');
	plg_build_text(b, w);
}

static bool is_round(plg_text w)
{
	return w.n > 3 && w.cp[w.n - 1] == '0' && w.cp[w.n - 2] == '0' && w.cp[w.n - 3] == '0';
}

/* The integers from word i on as one; the number of the next word. */
static size_t add_integers(plg_build *b, const plg_text *word, size_t n, size_t i, plg_text first)
{
	plg_build all = plg_build_begin(b->a, 16);
	plg_build_text(&all, first);
	for (i++; i < n && is_integer(word[i]); i++)
		plg_build_text(&all, word[i]);
	plg_text whole = plg_build_end(&all);
	bool spell = whole.n > LONGEST_NUMBER && !is_round(whole);
	for (size_t k = 0; k < whole.n; k++) {
		if (spell && k > 0)
			plg_build_add(b, ' ');
		plg_build_add(b, whole.cp[k]);
	}
	return i;
}

plg_text stt_one_way(plg_arena *a, plg_text t)
{
	size_t n = 0;
	plg_text *word = plg_split(a, t, &n);
	plg_build b = plg_build_begin(a, t.n + 16);
	for (size_t i = 0; word != NULL && i < n;) {
		plg_text w = i > 0 && is_month(word[i - 1]) ? day(word[i]) : word[i];
		if (i > 0)
			plg_build_add(&b, ' ');
		if (is_integer(w)) {
			i = add_integers(&b, word, n, i, w);
		} else {
			add_word(&b, w);
			i++;
		}
	}
	return plg_build_end(&b);
}
