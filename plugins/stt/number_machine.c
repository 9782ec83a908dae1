/* The state machine: a pending value (an integer or literal digits) and a pending
 * prefix (a sign or a currency). Integers are decimal strings, because a spoken
 * "decillion" does not fit a machine word. */
#include "stt/number_machine.h"
#include "common/build.h"
#include "stt/number_words.h"
#include <stdio.h>
#include <string.h>

enum { MAX_DIGITS = 40 };

typedef enum { NO_VALUE, INTEGER, LITERAL } value_kind;

typedef struct {
	plg_arena *a;
	stt_dialect dialect;
	plg_build out;
	value_kind kind;
	plg_build value; /* INTEGER: digits without leading zeros ("0" for 0) */
	uint32_t prefix; /* 0 = none */
} machine;

/* ---- decimal strings ---- */

static plg_text number_text(plg_arena *a, unsigned n)
{
	char s[16];
	(void)snprintf(s, sizeof s, "%u", n);
	return plg_text_of(a, s);
}

static plg_text joined(plg_arena *a, plg_text x, plg_text y)
{
	plg_build b = plg_build_begin(a, x.n + y.n);
	plg_build_text(&b, x);
	plg_build_text(&b, y);
	return plg_build_end(&b);
}

static bool is_zero(plg_text v)
{
	return v.n == 1 && v.cp[0] == '0';
}

/* Do the last n digits of an integer vanish? */
static bool ends_in_zeros(plg_text v, size_t n)
{
	for (size_t i = 0; i < n && i < v.n; i++)
		if (v.cp[v.n - 1 - i] != '0')
			return false;
	return true;
}

static plg_text without_leading_zeros(plg_text v)
{
	while (v.n > 1 && v.cp[0] == '0')
		v = plg_text_sub(v, 1, v.n);
	return v;
}

static plg_text zeros(plg_arena *a, size_t n)
{
	plg_build b = plg_build_begin(a, n);
	while (n-- > 0)
		plg_build_add(&b, '0');
	return plg_build_end(&b);
}

static plg_text sum(plg_arena *a, plg_text x, plg_text y)
{
	size_t n = (x.n > y.n ? x.n : y.n) + 1;
	uint32_t *d = plg_arena_take(a, n, sizeof *d), carry = 0;
	if (d == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < n; i++) {
		uint32_t s = carry;
		s += i < x.n ? x.cp[x.n - 1 - i] - '0' : 0;
		s += i < y.n ? y.cp[y.n - 1 - i] - '0' : 0;
		d[n - 1 - i] = '0' + s % 10;
		carry = s / 10;
	}
	return without_leading_zeros((plg_text){d, n});
}

/* floor(v / 1000) * 1000 + (v mod 1000) * 10^power: "two thousand three" + "hundred". */
static plg_text scaled(plg_arena *a, plg_text v, unsigned power)
{
	size_t head = v.n > 3 ? v.n - 3 : 0;
	plg_text high =
		head == 0 ? number_text(a, 0) : joined(a, plg_text_sub(v, 0, head), zeros(a, 3));
	plg_text low = without_leading_zeros(plg_text_sub(v, head, v.n));
	return sum(a, high, joined(a, low, zeros(a, power)));
}

/* digits [ "." digits ] with at least one digit; *point is the place of the point, or n. */
static bool is_decimal(plg_text v, bool strict, size_t *point)
{
	size_t digits = 0;
	*point = v.n;
	for (size_t i = 0; i < v.n; i++) {
		if (plg_is_digit(v.cp[i]))
			digits++;
		else if (v.cp[i] == '.' && *point == v.n)
			*point = i;
		else
			return false;
	}
	if (strict && *point < v.n && (*point == 0 || *point + 1 == v.n))
		return false; /* "5." and ".5" are numbers to the arithmetic, not to the ear */
	return digits > 0;
}

/* v * 10^power when that is an integer. Digits of any script become ASCII. */
static bool product(plg_arena *a, plg_text v, unsigned power, plg_text *out)
{
	size_t point;
	if (!is_decimal(v, false, &point))
		return false;
	size_t end = v.n;
	while (point < end && end - 1 > point && plg_digit_value(v.cp[end - 1]) == 0)
		end--;
	size_t fraction = point < end ? end - point - 1 : 0;
	if (fraction > power)
		return false;
	plg_build b = plg_build_begin(a, v.n + power);
	for (size_t i = 0; i < end; i++)
		if (i != point)
			plg_build_add(&b, '0' + plg_digit_value(v.cp[i]));
	plg_build_text(&b, zeros(a, power - fraction));
	*out = without_leading_zeros(plg_build_end(&b));
	return true;
}

/* ---- output and state ---- */

static plg_text value_of(const machine *m)
{
	return plg_build_end(&m->value);
}

static void put_word(machine *m, plg_text w)
{
	if (m->out.n > 0)
		plg_build_add(&m->out, ' ');
	if (m->prefix != 0)
		plg_build_add(&m->out, m->prefix);
	plg_build_text(&m->out, w);
	m->kind = NO_VALUE;
	m->prefix = 0;
}

static void put_pending(machine *m)
{
	if (m->kind != NO_VALUE)
		put_word(m, value_of(m));
}

static void put_suffixed(machine *m, const char *suffix)
{
	put_pending(m);
	plg_build_ascii(&m->out, suffix);
}

/* Replaces the value. An integer too long to calculate with is done. */
static void set(machine *m, value_kind kind, plg_text value)
{
	m->value.n = 0;
	plg_build_text(&m->value, value);
	m->kind = kind;
	if (kind == INTEGER && value.n > MAX_DIGITS)
		put_pending(m);
}

/* Makes the value str(value or ""), to be appended to: an integer 0 counts as nothing. */
static void literally(machine *m)
{
	if (m->kind == NO_VALUE || (m->kind == INTEGER && is_zero(value_of(m))))
		m->value.n = 0;
	m->kind = LITERAL;
}

/* digits [ "." digits ], as a whole word. */
static bool is_numeric(plg_text w)
{
	size_t point;
	return is_decimal(w, true, &point);
}

static bool is_prefix(uint32_t c)
{
	return c == '-' || c == '+' || c == 0xa3 || c == 0x20ac || c == '$' || c == 0xa2;
}

static bool is_decimal_word(stt_word w)
{
	return w.kind == STT_W_ONES || w.kind == STT_W_TENS || w.kind == STT_W_ZERO;
}

/* ---- one word ---- */

typedef struct {
	plg_text text;
	stt_word word;
} token;

static bool on_numeric(machine *m, plg_text w)
{
	bool prefixed = is_prefix(w.cp[0]);
	plg_text digits = prefixed ? plg_text_sub(w, 1, w.n) : w, integer;
	if (!is_numeric(digits))
		return false;
	if (m->kind == LITERAL && m->value.n > 0 && m->value.cp[m->value.n - 1] == '.') {
		plg_build_text(&m->value, w); /* decimals, parts of an address */
		return true;
	}
	put_pending(m);
	if (prefixed)
		m->prefix = w.cp[0];
	size_t point;
	bool whole = is_decimal(digits, true, &point) && point == digits.n &&
				 (digits.n == 1 || digits.cp[0] != '0'); /* 007 and 6:05 have told zeros */
	if ((whole || m->dialect == STT_AS_WHISPER) && product(m->a, digits, 0, &integer))
		set(m, INTEGER, integer);
	else
		set(m, LITERAL, digits);
	return true;
}

/* Adds a number below 100 to the value, by place where an integer ends in as many zeros
 * as it takes, else by writing it behind. */
static void add_small(machine *m, unsigned n, size_t places, stt_word before, bool after_ones)
{
	plg_text small = number_text(m->a, n);
	bool in_place = m->kind == INTEGER && !after_ones && ends_in_zeros(value_of(m), places);
	bool digit_after_tens = before.kind == STT_W_TENS && n < 10;
	if (m->kind == NO_VALUE) {
		set(m, INTEGER, small);
		return;
	}
	if (in_place) {
		m->value.n = m->value.n > small.n ? m->value.n - small.n : 0;
	} else {
		if ((m->kind == LITERAL || after_ones) && digit_after_tens && m->value.n > 0)
			m->value.n--; /* the final zero of the tens gives way */
		m->kind = LITERAL;
	}
	plg_build_text(&m->value, small);
}

static void on_ones(machine *m, stt_word w, stt_word before)
{
	add_small(m, w.value, w.value < 10 ? 1 : 2, before, before.kind == STT_W_ONES);
	if (w.suffix != NULL)
		put_suffixed(m, w.suffix);
}

static void on_tens(machine *m, stt_word w)
{
	add_small(m, w.value, 2, (stt_word){0}, false); /* what came before does not matter */
	if (w.suffix != NULL)
		put_suffixed(m, w.suffix);
}

static void on_multiplier(machine *m, stt_word w)
{
	plg_text power = joined(m->a, number_text(m->a, 1), zeros(m->a, w.value)), v = power;
	bool zero = m->kind == INTEGER && is_zero(value_of(m));
	if (m->kind == LITERAL || (w.suffix == NULL && zero)) {
		if (!product(m->a, value_of(m), w.value, &v)) {
			put_pending(m);
			v = power;
		}
	} else if (m->kind == INTEGER) {
		v = scaled(m->a, value_of(m), w.value);
	}
	if (w.suffix != NULL) {
		set(m, LITERAL, v);
		put_suffixed(m, w.suffix);
	} else {
		set(m, INTEGER, v);
	}
}

/* A prefix to the library. To the ear it is a word, which an amount's own prefix cannot
 * displace. */
static void on_sign(machine *m, token t, bool before_number)
{
	if (!before_number)
		put_word(m, t.text);
	else if (m->dialect == STT_AS_WHISPER)
		m->prefix = t.word.symbol;
	else
		put_word(m, plg_text_of(m->a, t.word.symbol == '-' ? "minus" : "plus"));
}

/* Words that only mean something before a number. True when the next word was used. */
static bool on_special(machine *m, token t, stt_word before, token next, bool next_numeric)
{
	bool to_number = next.word.kind != STT_W_NONE || next_numeric;
	bool is_and = t.word.kind == STT_W_AND, is_point = t.word.kind == STT_W_POINT;
	if (to_number && is_and && before.kind == STT_W_MULTIPLIER)
		return false; /* "one hundred and two" */
	if (to_number && is_point) {
		if (is_decimal_word(next.word) || next_numeric) {
			literally(m);
			plg_build_add(&m->value, '.');
		}
		return false;
	}
	if (is_and || is_point || (next.word.kind != STT_W_ONES && next.word.kind != STT_W_ZERO)) {
		put_pending(m);
		put_word(m, t.text);
		return false;
	}
	literally(m);
	for (int i = t.word.kind == STT_W_DOUBLE ? 2 : 3; i > 0; i--)
		plg_build_text(&m->value, number_text(m->a, next.word.value));
	return true;
}

/* True when the next word was used as well. */
static bool on_word(machine *m, token t, stt_word before, token next)
{
	bool next_numeric = next.text.n > 0 && is_numeric(next.text);
	bool pending = m->kind != NO_VALUE;
	if (on_numeric(m, t.text))
		return false;
	switch (t.word.kind) {
	case STT_W_NONE:
		put_pending(m);
		put_word(m, t.text);
		return false;
	case STT_W_ZERO:
		literally(m);
		plg_build_add(&m->value, '0');
		return false;
	case STT_W_ONES:
	case STT_W_ONES_SUFFIXED:
		on_ones(m, t.word, before);
		return false;
	case STT_W_TENS:
	case STT_W_TENS_SUFFIXED:
		on_tens(m, t.word);
		return false;
	case STT_W_MULTIPLIER:
	case STT_W_MULTIPLIER_SUFFIXED:
		on_multiplier(m, t.word);
		return false;
	case STT_W_SIGN:
		put_pending(m);
		on_sign(m, t, next.word.kind != STT_W_NONE || next_numeric);
		return false;
	case STT_W_CURRENCY:
		if (pending)
			m->prefix = t.word.symbol;
		put_word(m, pending ? value_of(m) : t.text);
		return false;
	case STT_W_PERCENT:
		if (pending)
			put_suffixed(m, "%");
		else
			put_word(m, t.text);
		return false;
	case STT_W_PER:
		if (pending && plg_text_eq(next.text, plg_text_of(m->a, "cent"))) {
			put_suffixed(m, "%");
			return true;
		}
		put_pending(m);
		put_word(m, t.text);
		return false;
	case STT_W_AND:
	case STT_W_DOUBLE:
	case STT_W_TRIPLE:
	case STT_W_POINT:
		return on_special(m, t, before, next, next_numeric);
	}
	return false;
}

plg_text stt_words_to_digits(plg_arena *a, plg_text t, stt_dialect d)
{
	machine m = {.a = a, .dialect = d, .out = plg_build_begin(a, t.n)};
	m.value = plg_build_begin(a, 64);
	size_t n = 0;
	plg_text *words = plg_split(a, t, &n);
	token before = {0}, now = {0}, next = {0};
	bool used = false;
	for (size_t i = 0; words != NULL && i < n; i++) {
		now = i == 0 ? (token){words[0], stt_word_of(words[0], d)} : next;
		next = (token){0};
		if (i + 1 < n)
			next = (token){words[i + 1], stt_word_of(words[i + 1], d)};
		used = !used && on_word(&m, now, before.word, next);
		before = now;
	}
	put_pending(&m);
	return plg_build_end(&m.out);
}
