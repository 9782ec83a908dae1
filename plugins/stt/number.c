/* What happens to the text before and after the state machine: halves, the seams
 * between letters and digits, cents, and the stand-alone one. */
#include "stt/number.h"
#include "common/build.h"
#include "stt/number_machine.h"
#include "stt/number_words.h"
#include "stt/one_way.h"
#include <string.h>

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}
static bool is_letter(uint32_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_at(plg_text t, size_t at, const char *s)
{
	size_t len = strlen(s);
	if (at > t.n || len > t.n - at)
		return false;
	for (size_t k = 0; k < len; k++)
		if (t.cp[at + k] != (uint8_t)s[k])
			return false;
	return true;
}

static bool boundary(plg_text t, size_t at)
{
	bool left = at > 0 && plg_is_word(t.cp[at - 1]), right = at < t.n && plg_is_word(t.cp[at]);
	return left != right;
}

static size_t skip_space(plg_text t, size_t at)
{
	while (at < t.n && plg_is_space(t.cp[at]))
		at++;
	return at;
}

/* The end of "and a half" as whole words at at, or at itself. */
static size_t half_at(plg_text t, size_t at)
{
	static const char *const part[] = {"and", "a", "half"};
	size_t end = at;
	if (!is_at(t, at, "and") || !boundary(t, at))
		return at;
	for (size_t k = 0; k < 3; k++) {
		size_t word = k == 0 ? end : skip_space(t, end);
		if ((k > 0 && word == end) || !is_at(t, word, part[k]))
			return at;
		end = word + strlen(part[k]);
	}
	return boundary(t, end) ? end : at;
}

static stt_word last_word(plg_text t, stt_dialect d)
{
	t = plg_strip(t);
	size_t from = t.n;
	while (from > 0 && !plg_is_space(t.cp[from - 1]))
		from--;
	return stt_word_of(plg_text_sub(t, from, t.n), d);
}

static void add_piece(plg_build *b, plg_text t)
{
	if (b->n > 0)
		plg_build_add(b, ' ');
	plg_build_text(b, t);
}

/* "two and a half" to "two point five"; kept after other words, dropped after nothing. */
static plg_text halves(plg_arena *a, plg_text t, stt_dialect d)
{
	plg_build b = plg_build_begin(a, t.n + 16);
	size_t from = 0;
	for (size_t at = 0; at <= t.n;) {
		size_t end = at < t.n ? half_at(t, at) : t.n;
		if (at < t.n && end == at) {
			at++;
			continue;
		}
		plg_text piece = plg_text_sub(t, from, at);
		if (!plg_is_blank(piece)) {
			stt_word w = last_word(piece, d);
			bool number = w.kind == STT_W_ONES || w.kind == STT_W_TENS || w.kind == STT_W_ZERO ||
						  w.kind == STT_W_MULTIPLIER;
			add_piece(&b, piece);
			if (at < t.n)
				add_piece(&b, plg_text_of(a, number ? "point five" : "and a half"));
		}
		from = end;
		if (at == t.n)
			break;
		at = end;
	}
	return plg_build_end(&b);
}

plg_text stt_split_letters_digits(plg_arena *a, plg_text t)
{
	static const char *const endings[] = {"st", "nd", "rd", "th", "s"};
	plg_build b = plg_build_begin(a, 2 * t.n);
	for (size_t i = 0; i < t.n; i++) {
		if (i > 0 && ((is_letter(t.cp[i - 1]) && is_digit(t.cp[i])) ||
					  (is_digit(t.cp[i - 1]) && is_letter(t.cp[i]))))
			plg_build_add(&b, ' ');
		plg_build_add(&b, t.cp[i]);
	}
	t = plg_build_end(&b);
	b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n;) {
		uint32_t c = t.cp[at++];
		plg_build_add(&b, c);
		size_t word = is_digit(c) ? skip_space(t, at) : at;
		for (size_t k = 0; word > at && k < 5; k++)
			if (is_at(t, word, endings[k]) && boundary(t, word + strlen(endings[k]))) {
				plg_build_ascii(&b, endings[k]);
				at = word + strlen(endings[k]);
				break;
			}
	}
	return plg_build_end(&b);
}

/* One or two digits ending at a word boundary; their number and end. */
static bool cents_at(plg_text t, size_t at, unsigned *cents, size_t *end)
{
	size_t n = 0;
	while (n < 2 && at + n < t.n && is_digit(t.cp[at + n]))
		n++;
	for (; n > 0; n--)
		if (boundary(t, at + n)) {
			*cents = t.cp[at] - '0';
			if (n == 2)
				*cents = 10 * *cents + t.cp[at + 1] - '0';
			*end = at + n;
			return true;
		}
	return false;
}

static bool is_currency(uint32_t c)
{
	return c == '$' || c == 0xa3 || c == 0x20ac;
}

static void add_cents(plg_build *b, unsigned cents, bool two_digits)
{
	if (two_digits || cents >= 10)
		plg_build_add(b, '0' + cents / 10);
	plg_build_add(b, '0' + cents % 10);
}

/* "$2 and ¢7" to "$2.07". */
static plg_text combine_cents(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n;) {
		size_t whole = at + 1, end = 0, next;
		unsigned cents = 0;
		while (whole < t.n && is_digit(t.cp[whole]))
			whole++;
		next = whole + 1;
		if (is_at(t, next, "and "))
			next += 4;
		if (is_currency(t.cp[at]) && whole > at + 1 && is_at(t, whole, " ") && next < t.n &&
			t.cp[next] == 0xa2 && cents_at(t, next + 1, &cents, &end)) {
			plg_build_text(&b, plg_text_sub(t, at, whole));
			plg_build_add(&b, '.');
			add_cents(&b, cents, true);
			at = end;
		} else {
			plg_build_add(&b, t.cp[at++]);
		}
	}
	return plg_build_end(&b);
}

/* "$0.07" to "¢7". Whatever stands between the 0 and the digits counts as the point. */
static plg_text extract_cents(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n;) {
		size_t end = 0;
		unsigned cents = 0;
		if (is_currency(t.cp[at]) && is_at(t, at + 1, "0") && at + 2 < t.n &&
			t.cp[at + 2] != '\n' && cents_at(t, at + 3, &cents, &end)) {
			plg_build_add(&b, 0xa2);
			add_cents(&b, cents, false);
			at = end;
		} else {
			plg_build_add(&b, t.cp[at++]);
		}
	}
	return plg_build_end(&b);
}

/* A stand-alone 1 or 1s is written out. */
static plg_text write_one(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n + 16);
	for (size_t at = 0; at < t.n; at++) {
		size_t end = at + 1;
		if (t.cp[at] == '1' && boundary(t, at)) {
			if (is_at(t, end, "s"))
				end++;
			if (boundary(t, end)) {
				plg_build_ascii(&b, "one");
				continue; /* the s, if any, follows as it is */
			}
		}
		plg_build_add(&b, t.cp[at]);
	}
	return plg_build_end(&b);
}

plg_text stt_number(plg_arena *a, plg_text t, stt_dialect d)
{
	t = stt_split_letters_digits(a, halves(a, t, d));
	t = stt_words_to_digits(a, t, d);
	t = extract_cents(a, combine_cents(a, t));
	return write_one(a, d == STT_AS_SPOKEN ? stt_one_way(a, t) : t);
}
