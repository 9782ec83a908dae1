/* One walk; what a character becomes depends on its neighbours. */
#include "stt/universal.h"
#include "common/build.h"
#include "stt/fold.h"
#include "stt/signs.h"

static uint32_t at_or_0(plg_text t, size_t i)
{
	return i < t.n ? t.cp[i] : 0;
}

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static size_t skip_space(plg_text t, size_t at)
{
	while (at < t.n && plg_is_space(t.cp[at]))
		at++;
	return at;
}

/* Signs that are read aloud in every language, as words of their own. */
static bool is_spoken(uint32_t c)
{
	return c == '%' || c == '+' || c == '&' || c == '=' || c == '@' || c == '$' ||
		   (c >= 0xa2 && c <= 0xa5) || c == 0xb0 || (c >= 0x20a0 && c <= 0x20c0);
}

/* Between words: a choice of two, where one was said. "km/h" is a unit. */
static bool is_choice(plg_text t, size_t i)
{
	if (t.cp[i] != '/' && t.cp[i] != '|')
		return false;
	size_t before = i, after = skip_space(t, i + 1);
	while (before > 0 && plg_is_space(t.cp[before - 1]))
		before--;
	bool unit = after == i + 1 && (at_or_0(t, after) == 'h' || at_or_0(t, after) == 's') &&
				!plg_is_word(at_or_0(t, after + 1));
	return before > 0 && plg_is_letter(t.cp[before - 1]) && plg_is_letter(at_or_0(t, after)) &&
		   !unit;
}

/* A currency sign before its amount moves behind it; the place after the amount. */
static size_t amount(plg_build *b, plg_text t, size_t at)
{
	size_t from = skip_space(t, at + 1), end = from;
	while (end < t.n && (is_digit(t.cp[end]) ||
						 ((t.cp[end] == '.' || t.cp[end] == ',') && is_digit(at_or_0(t, end + 1)))))
		end++;
	plg_build_add(b, ' ');
	plg_build_text(b, plg_text_sub(t, from, end));
	plg_build_add(b, ' ');
	plg_build_add(b, t.cp[at]);
	plg_build_add(b, ' ');
	return end;
}

static bool is_currency(uint32_t c)
{
	return c == '$' || (c >= 0xa2 && c <= 0xa5) || (c >= 0x20a0 && c <= 0x20c0);
}

/* Currency signs behind their amounts, before separators are judged. */
static plg_text amounts(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n + 16);
	for (size_t i = 0; i < t.n;) {
		bool after = i > 0 && is_digit(t.cp[i - 1]);
		if (is_currency(t.cp[i]) && !after && is_digit(at_or_0(t, skip_space(t, i + 1))))
			i = amount(&b, t, i);
		else
			plg_build_add(&b, t.cp[i++]);
	}
	return plg_build_end(&b);
}

/* A space between digits, where three and only three follow at most three: "1 000". */
static bool is_group_space(plg_text t, size_t i)
{
	return plg_is_space(t.cp[i]) && stt_thousands(t, i, t.cp[i]) > i;
}

static void add(plg_build *b, plg_text t, size_t i)
{
	uint32_t c = t.cp[i], before = i > 0 ? t.cp[i - 1] : 0, after = at_or_0(t, i + 1);
	bool inside = is_digit(before) && is_digit(after);
	bool separator = c == '.' || c == ',' || c == '\'' || c == 0x66b || c == 0x66c;
	if (is_group_space(t, i) || (separator && inside && stt_thousands(t, i, c) > i))
		return;
	if ((is_digit(before) && plg_is_letter(c)) || (plg_is_letter(before) && is_digit(c)))
		plg_build_add(b, ' '); /* "20mm" is "20 mm" */
	if (inside && (c == '.' || c == ',' || c == 0x66b)) {
		plg_build_add(b, '.');
	} else if (c == '-' && is_digit(after) && !plg_is_word(before) && before != '-') {
		plg_build_add(b, ' ');
		plg_build_add(b, '-');
	} else if (is_spoken(c) || is_choice(t, i)) {
		plg_build_add(b, ' ');
		plg_build_add(b, c);
		plg_build_add(b, ' ');
	} else {
		plg_build_add(b, plg_is_symbol(c) || plg_is_punct(c) ? ' ' : c);
	}
}

plg_text stt_universal(plg_arena *a, plg_text t)
{
	t = stt_fold_typography(a, plg_normalize(a, PLG_NFKC, t));
	t = amounts(a, plg_lower(a, t));
	plg_build b = plg_build_begin(a, 2 * t.n);
	for (size_t i = 0; i < t.n; i++)
		add(&b, t, i);
	return plg_build_end(&b);
}
