/* Order of the readings at one place: a date, a clock time, a number with what follows. */
#include "text/quantity.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_QUANTITIES = 256 };

typedef struct {
	const txt_tokens *t;
	txt_lang lang;
	const txt_language *l;
	bool comma;
	txt_quantities *out;
} reader;

static bool is(const txt_tokens *t, size_t i, const char *list)
{
	return i < t->n && txt_listed(list, t->at[i].s);
}

static bool is_number(const txt_tokens *t, size_t i)
{
	return i < t->n && t->at[i].kind == TXT_T_NUMBER;
}

/* A token of digits alone, as an integer; -1 otherwise. */
static int integer(const txt_tokens *t, size_t i)
{
	if (!is_number(t, i) || strlen(t->at[i].s) > 4 || strpbrk(t->at[i].s, ".,") != NULL)
		return -1;
	return (int)strtol(t->at[i].s, NULL, 10);
}

static int month_in(const char *months, const char *w)
{
	int m = 1;
	size_t n = strlen(w);
	if (months == NULL || n < 3 || strstr(months, w) == NULL)
		return 0;
	for (const char *p = months; *p != '\0';) {
		size_t len = strcspn(p, " ;");
		if (len == n && memcmp(p, w, n) == 0)
			return m;
		p += len;
		m += *p == ';';
		if (*p != '\0')
			p++;
	}
	return 0;
}

static int month_at(const reader *r, size_t i)
{
	const txt_token *k = i < r->t->n ? &r->t->at[i] : NULL;
	if (k == NULL || k->kind != TXT_T_WORD)
		return 0;
	int m = r->l == NULL ? 0 : month_in(r->l->months, k->s);
	if (m == 0)
		m = month_in(txt_language_of(TXT_EN)->months, k->s);
	return m;
}

/* "the twelfth of March". */
static int ordinal_day(const reader *r, size_t i)
{
	const txt_language *l = txt_language_of(r->lang);
	char want[40] = " ";
	if (l == NULL || i >= r->t->n || strlen(r->t->at[i].s) > 30)
		return 0;
	txt_append(want, sizeof want, r->t->at[i].s);
	txt_append(want, sizeof want, "=");
	const char *p = strncmp(l->ordinal, want + 1, strlen(want + 1)) == 0 ? l->ordinal
																		 : strstr(l->ordinal, want);
	return p == NULL ? 0 : (int)strtol(strchr(p, '=') + 1, NULL, 10);
}

static int day_at(const reader *r, size_t i, size_t *to)
{
	int d = integer(r->t, i);
	double v;
	bool share;
	if (d >= 1 && d <= 31) {
		*to = i + 1;
		if (is(r->t, *to, " st nd rd th er º ° . e го ") && r->t->at[*to].tight)
			(*to)++;
		return d;
	}
	if (r->lang != TXT_EN && txt_number_words(r->t, i, r->lang, to, &v, &share) && !share &&
		v >= 1 && v <= 31)
		return (int)v;
	d = ordinal_day(r, i);
	*to = i + 1;
	return d <= 31 ? d : 0;
}

/* Four digits alone (or three and more behind a month). */
static int year_at(const reader *r, size_t i, size_t *to)
{
	int y = integer(r->t, i);
	*to = i + 1;
	return y >= 32 && strlen(r->t->at[i].s) >= 3 ? y : 0;
}

static size_t skip(const txt_tokens *t, size_t i, const char *list)
{
	while (is(t, i, list))
		i++;
	return i;
}

static bool put_date(reader *r, size_t from, size_t to, int y, int m, int d)
{
	if (m < 0 || m > 12 || d < 0 || d > 31 || r->out->n == MAX_QUANTITIES)
		return false;
	r->out->at[r->out->n++] = (txt_quantity){.dim = TXT_D_DATE,
											 .value = y * 372.0 + m * 31 + d,
											 .year = y,
											 .month = m,
											 .day = d,
											 .from = from,
											 .to = to};
	return true;
}

/* 20 July 1969, 20. Juli, le 20 juillet; July 20th, 1969; July 1969. 0: no date here. */
static size_t date_with_month(reader *r, size_t i)
{
	size_t at, to;
	int d = day_at(r, i, &at), m, y;
	if (d > 0) {
		at = skip(r->t, at, " of de del di the . ");
		m = month_at(r, at);
		if (m > 0) {
			to = at + 1;
			at = skip(r->t, to, " , of de del du di . ");
			y = year_at(r, at, &at);
			(void)put_date(r, i, y > 0 ? at : to, y, m, d);
			return y > 0 ? at : to;
		}
	}
	m = month_at(r, i);
	if (m == 0 || !(r->t->at[i].capital || r->lang != TXT_EN))
		return 0;
	at = skip(r->t, i + 1, " the . of de ");
	d = day_at(r, at, &to);
	if (d > 0) {
		at = skip(r->t, to, " , ");
		y = year_at(r, at, &at);
		(void)put_date(r, i, y > 0 ? at : to, y, m, d);
		return y > 0 ? at : to;
	}
	at = skip(r->t, at, " , ");
	y = year_at(r, at, &at);
	if (y == 0)
		return 0;
	(void)put_date(r, i, at, y, m, 0);
	return at;
}

static bool tight_pair(const txt_tokens *t, size_t i, const char *mark)
{
	return is(t, i, mark) && t->at[i].tight && is_number(t, i + 1) && t->at[i + 1].tight;
}

/* 1969-07-20, 20.07.1969 (one token of digits and dots), 7/20/1969, 1969年7月20日. */
static size_t date_in_digits(reader *r, size_t i)
{
	const txt_tokens *t = r->t;
	int a = integer(t, i), b, c;
	if (is_number(t, i) && sscanf(t->at[i].s, "%2d.%2d.%4d", &a, &b, &c) == 3 && c > 31)
		return put_date(r, i, i + 1, c, b, a) ? i + 1 : 0;
	a = integer(t, i);
	if (a < 0)
		return 0;
	if (is(t, i + 1, " 年 ")) {
		size_t to = i + 2;
		int m = integer(t, to), d = 0;
		if (m > 0 && is(t, to + 1, " 月 ")) {
			to += 2;
			d = integer(t, to);
			if (d > 0 && is(t, to + 1, " 日 号 "))
				to += 2;
			else
				d = 0;
			return put_date(r, i, to, a, m, d) ? to : 0;
		}
		if (a < 100)
			return 0;
		return put_date(r, i, i + 2, a, 0, 0) ? i + 2 : 0;
	}
	if (tight_pair(t, i + 1, " - ") && tight_pair(t, i + 3, " - ")) {
		b = integer(t, i + 2);
		c = integer(t, i + 4);
		if (a > 31 && b >= 1 && b <= 12 && c >= 1 && c <= 31)
			return put_date(r, i, i + 5, a, b, c) ? i + 5 : 0;
	}
	if (tight_pair(t, i + 1, " / ") && tight_pair(t, i + 3, " / ")) {
		b = integer(t, i + 2);
		c = integer(t, i + 4);
		if (a > 31 && b <= 12)
			return put_date(r, i, i + 5, a, b, c) ? i + 5 : 0;
		if (c < 32)
			return 0;
		bool month_first = b > 12 || (r->lang == TXT_EN && a <= 12);
		if (!put_date(r, i, i + 5, c, month_first ? a : b, month_first ? b : a))
			return 0;
		r->out->at[r->out->n - 1].swapped = a <= 12 && b <= 12;
		return i + 5;
	}
	return 0;
}

static size_t clock_time(reader *r, size_t i)
{
	int h = integer(r->t, i), m;
	size_t to = i + 3;
	if (h < 0 || h > 24 || !tight_pair(r->t, i + 1, " : ") || r->out->n == MAX_QUANTITIES)
		return 0;
	m = integer(r->t, i + 2);
	if (m < 0 || m > 59 || strlen(r->t->at[i + 2].s) != 2)
		return 0;
	if (is(r->t, to, " pm p ") && h < 12)
		h += 12;
	else if (is(r->t, to, " am a ") && h == 12)
		h = 0;
	if (is(r->t, to, " am pm "))
		to++;
	r->out->at[r->out->n++] = (txt_quantity){
		.dim = TXT_D_CLOCK, .value = h * 60 + m, .step = 0.5, .unit = 1, .from = i, .to = to};
	return to;
}

/* A number in digits at i with groups apart (300 000), exponent and sign. */
static bool digits_at(const reader *r, size_t i, txt_quantity *q)
{
	const txt_tokens *t = r->t;
	char joined[64] = "";
	size_t k = i;
	if (!is_number(t, i) || strlen(t->at[i].s) >= 40)
		return false;
	txt_append(joined, sizeof joined, t->at[i].s);
	k++;
	while (is_number(t, k) && !t->at[k].tight && strlen(t->at[k].s) == 3 &&
		   strpbrk(joined, ".,") == NULL && strlen(joined) < 20 &&
		   (k > i + 1 || strlen(t->at[i].s) <= 3) && joined[0] != '0')
		txt_append(joined, sizeof joined, t->at[k++].s);
	if (!txt_number_digits(joined, r->comma, &q->value, &q->step))
		return false;
	if (is(t, k, " x * · ") && is(t, k + 1, " 10 ") && is(t, k + 2, " ^ ")) {
		size_t e = k + 3;
		bool minus = is(t, e, " - ");
		int power = integer(t, minus ? e + 1 : e);
		if (power >= 0) {
			double f = pow(10, minus ? -power : power);
			q->value *= f;
			q->step *= f;
			k = (minus ? e + 1 : e) + 1;
		}
	} else if (is(t, k, " e ") && t->at[k].tight && is_number(t, k + 1) && t->at[k + 1].tight) {
		double f = pow(10, integer(t, k + 1) < 0 ? 0 : integer(t, k + 1));
		q->value *= f;
		q->step *= f;
		k += 2;
	}
	q->from = i;
	q->to = k;
	bool sign = i > 0 && is(t, i - 1, " - ") && t->at[i].tight &&
				(i == 1 || !t->at[i - 1].tight || t->at[i - 2].kind == TXT_T_MARK);
	if (sign || (i > 0 && is(t, i - 1, " minus negative menos moins meno минус 负 ")))
		q->value = -q->value;
	return isfinite(q->value);
}

static void fraction(const reader *r, txt_quantity *q)
{
	double d, step;
	if (tight_pair(r->t, q->to, " / ") && !tight_pair(r->t, q->to + 2, " / ") &&
		txt_number_digits(r->t->at[q->to + 1].s, r->comma, &d, &step) && d > 0) {
		q->value /= d;
		q->step = 0;
		q->to += 2;
		q->dim = TXT_D_SHARE;
	}
}

/* "2.5 million", "3 dozen". */
static void scale(const reader *r, txt_quantity *q)
{
	size_t to;
	double v;
	bool share;
	for (int i = 0; i < 2; i++) {
		if (!txt_number_words(r->t, q->to, r->lang, &to, &v, &share) || share || v < 12 ||
			to != q->to + 1 || fmod(v, 10) > 2.5 ||
			(v != 12 && v != 20 && log10(v) != floor(log10(v))))
			return;
		if (v == 20)
			return;
		q->value *= v;
		q->step *= v;
		q->to = to;
	}
}

static bool ordinal_at(const reader *r, size_t i, txt_quantity *q)
{
	char want[64];
	const char *p;
	if (r->l == NULL || r->t->at[i].kind != TXT_T_WORD || strlen(r->t->at[i].s) > 40)
		return false;
	(void)snprintf(want, sizeof want, "%s=", r->t->at[i].s);
	for (p = strstr(r->l->ordinal, want); p != NULL; p = strstr(p + 1, want))
		if (p == r->l->ordinal || p[-1] == ' ')
			break;
	if (p == NULL)
		return false;
	*q = (txt_quantity){.dim = TXT_D_ORDINAL,
						.value = strtod(p + strlen(want), NULL),
						.unit = 1,
						.words = true,
						.from = i,
						.to = i + 1};
	q->weak = q->value <= 3; /* first and last, a second */
	return true;
}

static const char centuries[] = " century centuries jahrhundert jahrhunderts siècle siècles siglo "
								"siglos secolo século века век "
								"веке eeuw 世 ";

static int roman(const char *s)
{
	static const char letters[] = "ivxlc";
	static const int value[] = {1, 5, 10, 50, 100};
	int total = 0, last = 0;
	size_t n = strlen(s);
	if (n == 0 || n > 8)
		return 0;
	for (size_t i = n; i-- > 0;) {
		const char *p = strchr(letters, s[i]);
		if (p == NULL)
			return 0;
		int v = value[p - letters];
		total += v < last ? -v : v;
		last = v > last ? v : last;
	}
	return total;
}

/* 19th century, nineteenth century, XIXe siècle, siglo XIX, 1800s, 1960s. */
static void century(const reader *r, txt_quantity *q)
{
	size_t to = q->to;
	if (is(r->t, to, " s ") && r->t->at[to].tight && q->value >= 100 && fmod(q->value, 10) < 0.5) {
		bool whole = fmod(q->value, 100) < 0.5;
		q->dim = whole ? TXT_D_CENTURY : TXT_D_DECADE;
		q->value = whole ? q->value / 100 + 1 : q->value;
		q->to = to + 1;
		return;
	}
	bool suffix = is(r->t, to, " st nd rd th e ème eme . го й º ª er ") && r->t->at[to].tight;
	to += suffix;
	if (is(r->t, to, " - "))
		to++;
	if (is(r->t, to, centuries) && (suffix || q->dim == TXT_D_ORDINAL)) {
		q->dim = TXT_D_CENTURY;
		q->weak = false;
		q->to = to + 1;
	} else if (suffix && !is(r->t, q->to, " . ")) {
		q->dim = TXT_D_ORDINAL;
		q->weak = false;
		q->to = to;
	}
}

static bool roman_century(const reader *r, size_t i, txt_quantity *q)
{
	const txt_tokens *t = r->t;
	if (t->at[i].kind != TXT_T_WORD || !t->at[i].capital)
		return false;
	char s[16] = "";
	size_t n = strlen(t->at[i].s);
	if (n == 0 || n > 10)
		return false;
	txt_append(s, sizeof s, t->at[i].s);
	bool before = i > 0 && is(t, i - 1, centuries);
	bool after = is(t, i + 1, centuries) || (is(t, i + 1, " e ") && is(t, i + 2, centuries));
	if (!before && !after && n > 1 && s[n - 1] == 'e' && is(t, i + 1, centuries)) {
		after = true;
	}
	if (after && n > 1 && s[n - 1] == 'e')
		s[n - 1] = '\0';
	int v = before || after ? roman(s) : 0;
	if (v == 0)
		return false;
	*q = (txt_quantity){
		.dim = TXT_D_CENTURY, .value = v, .unit = 1, .from = i, .to = after ? i + 2 : i + 1};
	return true;
}

static void with_unit(const reader *r, txt_quantity *q)
{
	txt_unit u;
	int money;
	q->unit = 1;
	if (q->from > 0 && txt_currency_read(r->t, q->from - 1, &money) &&
		r->t->at[q->from - 1].kind == TXT_T_MARK) {
		q->dim = money;
		return;
	}
	if (is(r->t, q->to, " cents pence céntimos centimes centavos centesimi копеек копейки ") ||
		(r->lang == TXT_DE && is(r->t, q->to, " cent "))) {
		q->dim = TXT_D_CENTS;
		q->value *= 0.01;
		q->step *= 0.01;
		q->to++;
		return;
	}
	if (txt_currency_read(r->t, q->to, &money)) {
		q->dim = money;
		q->to++;
		return;
	}
	if (q->dim != TXT_D_PLAIN && q->dim != TXT_D_SHARE)
		return;
	if (is(r->t, q->to, " bc bce ")) {
		q->value = -q->value;
		q->to++;
		return;
	}
	size_t unit_at = q->to;
	if (r->lang != TXT_EN && is(r->t, unit_at, " de d di ") && q->value >= 1e6)
		unit_at = is(r->t, unit_at + 1, " ' ") ? unit_at + 2 : unit_at + 1; /* millions de km */
	if (txt_unit_read(r->t, unit_at, &u)) {
		double part = 0;
		q->dim = u.dim;
		q->value = q->value * u.factor + u.offset;
		q->step *= u.factor;
		q->unit = u.factor;
		q->to = u.to;
		if (u.dim != TXT_D_TEMPERATURE && txt_and_a_half(r->t, &q->to, &part))
			q->value += part * u.factor;
	}
}

static bool rough_before(const txt_tokens *t, size_t i)
{
	static const char near[] =
		" about around roughly approximately approx nearly almost some circa ca c ~ ≈ over "
		"etwa ungefähr rund knapp gut environ quasi presque aproximadamente unos unas alrededor "
		"circa quasi около примерно почти cerca casi ongeveer 约 大约 約 ";
	for (size_t back = 1; back <= 3 && back <= i; back++) {
		if (txt_listed(near, t->at[i - back].s))
			return true;
		if (t->at[i - back].kind == TXT_T_NUMBER)
			return false;
	}
	return false;
}

/* more than 5, at least 5, less than 5 ... */
static int bound_before(const txt_tokens *t, size_t i)
{
	for (size_t back = 1; back <= 3 && back <= i; back++) {
		size_t k = i - back;
		if (is(t, k, " over above exceeding upwards über oltre ") ||
			(is(t, k, " than als que di de ") && k > 0 &&
			 is(t, k - 1, " more mehr plus más più mais greater ")) ||
			(is(t, k, " least ")))
			return 1;
		if (is(t, k, " under below hardly barely kaum ") ||
			(is(t, k, " than als que di de ") && k > 0 &&
			 is(t, k - 1, " less fewer weniger moins menos meno ")) ||
			(is(t, k, " most ") && k > 0 && is(t, k - 1, " at ")))
			return -1;
		if (t->at[k].kind == TXT_T_NUMBER)
			return 0;
	}
	return 0;
}

static size_t number_at(reader *r, size_t i)
{
	txt_quantity q = {.from = i};
	size_t to;
	bool share = false;
	if (r->out->n == MAX_QUANTITIES)
		return 0;
	txt_unit one;
	if (is(r->t, i, " a an one un une una ein eine ") && txt_unit_read(r->t, i + 1, &one)) {
		double part = 0;
		size_t behind = one.to;
		if (one.dim == TXT_D_TIME && txt_and_a_half(r->t, &behind, &part)) {
			r->out->at[r->out->n++] = (txt_quantity){.dim = one.dim,
													 .value = (1 + part) * one.factor,
													 .unit = one.factor,
													 .words = true,
													 .from = i,
													 .to = behind};
			return behind;
		}
	}
	if (digits_at(r, i, &q)) {
		fraction(r, &q);
		century(r, &q);
		if (q.dim == TXT_D_PLAIN)
			scale(r, &q);
	} else if (roman_century(r, i, &q)) {
		r->out->at[r->out->n++] = q;
		return q.to;
	} else if (ordinal_at(r, i, &q)) {
		century(r, &q);
		if (q.dim == TXT_D_ORDINAL && i > 0 &&
			txt_number_words(r->t, i, r->lang, &to, &q.value, &share) && share)
			q.weak = true;
	} else if (txt_number_words(r->t, i, r->lang, &to, &q.value, &share)) {
		q.to = to;
		q.words = true;
		q.weak = q.value == 1 && to == i + 1;
		q.dim = share ? TXT_D_SHARE : TXT_D_PLAIN;
		if (i > 0 && is(r->t, i - 1, " minus negative menos moins meno минус "))
			q.value = -q.value;
		/* twenty-first: the last word makes it an ordinal */
		txt_quantity tail;
		if (!share && q.value >= 20 && is(r->t, to, " - ") && to + 1 < r->t->n &&
			ordinal_at(r, to + 1, &tail) && tail.value < 10) {
			q.value += tail.value;
			q.dim = TXT_D_ORDINAL;
			q.to = to + 2;
			century(r, &q);
		}
	} else {
		return 0;
	}
	size_t bare = q.to;
	with_unit(r, &q);
	if (q.to > bare)
		q.weak = false;
	q.rough = rough_before(r->t, i);
	q.bound = bound_before(r->t, i);
	r->out->at[r->out->n++] = q;
	return q.to;
}

/* "5 to 10 km": the unit belongs to both. "1 hour 30 minutes": one value. */
static void join(reader *r)
{
	static const char between[] = " - to and bis à a y e и до und et or ";
	txt_quantities *q = r->out;
	size_t n = 0;
	for (size_t i = q->n; i-- > 1;) {
		txt_quantity *x = &q->at[i - 1], *y = &q->at[i];
		if (x->dim == TXT_D_PLAIN && y->dim > TXT_D_SHARE && y->dim != TXT_D_CENTURY &&
			y->dim != TXT_D_CLOCK && y->from == x->to + 1 && is(r->t, x->to, between)) {
			double offset = 0;
			if (y->dim == TXT_D_TEMPERATURE)
				offset = y->unit == 1 ? 273.15 : 273.15 - 32 * 5.0 / 9;
			x->dim = y->dim;
			x->unit = y->unit;
			x->value = x->value * y->unit + offset;
			x->step *= y->unit;
		} else if (x->dim == TXT_D_PLAIN && y->dim == TXT_D_SHARE && y->unit == 0.01 &&
				   y->from == x->to + 1 && is(r->t, x->to, between)) {
			x->dim = TXT_D_SHARE;
			x->unit = 0.01;
			x->value *= 0.01;
			x->step *= 0.01;
		}
	}
	for (size_t i = 0; i < q->n; i++) {
		txt_quantity *last = n > 0 ? &q->at[n - 1] : NULL;
		const txt_quantity *x = &q->at[i];
		bool small = last != NULL && last->dim == x->dim && x->unit < last->unit &&
					 x->value < last->unit && x->from <= last->to + 1 &&
					 (x->from == last->to || is(r->t, last->to, " and und et y e и , ")) &&
					 (x->dim == TXT_D_TIME || x->dim == TXT_D_LENGTH || x->dim == TXT_D_MASS);
		if (small) {
			last->value += x->value;
			last->step = x->step;
			last->unit = x->unit;
			last->to = x->to;
		} else {
			q->at[n++] = *x;
		}
	}
	q->n = n;
}

bool txt_quantities_read(plg_arena *a, const txt_tokens *t, txt_lang lang, txt_quantities *out)
{
	*out = (txt_quantities){plg_arena_take(a, MAX_QUANTITIES, sizeof *out->at), 0};
	reader r = {t, lang, txt_language_of(lang), lang != TXT_EN && lang != TXT_ZH && lang != TXT_JA,
				out};
	if (out->at == NULL)
		return false;
	for (size_t i = 0; i < t->n && out->n < MAX_QUANTITIES;) {
		size_t to = date_with_month(&r, i);
		if (to == 0)
			to = date_in_digits(&r, i);
		if (to == 0)
			to = clock_time(&r, i);
		if (to == 0)
			to = number_at(&r, i);
		i = to > i ? to : i + 1;
	}
	join(&r);
	return true;
}

static bool plain_share(const txt_quantity *x, const txt_quantity *y)
{
	return x->dim == TXT_D_PLAIN && y->dim == TXT_D_SHARE && fabs(x->value) <= 1;
}

bool txt_quantity_comparable(const txt_quantity *x, const txt_quantity *y)
{
	if (x->dim == y->dim || plain_share(x, y) || plain_share(y, x))
		return true;
	if (x->dim == TXT_D_DATE && y->dim == TXT_D_PLAIN)
		return y->value >= 100 && y->value <= 2200;
	if (y->dim == TXT_D_DATE && x->dim == TXT_D_PLAIN)
		return x->value >= 100 && x->value <= 2200;
	if ((x->dim == TXT_D_CENTS && y->dim > x->dim) || (y->dim == TXT_D_CENTS && x->dim > y->dim))
		return true;
	return (x->dim == TXT_D_ANGLE && y->dim == TXT_D_TEMPERATURE) ||
		   (y->dim == TXT_D_ANGLE && x->dim == TXT_D_TEMPERATURE);
}

static bool same_part(int x, int y)
{
	return x == 0 || y == 0 || x == y;
}

static bool same_date(const txt_quantity *x, const txt_quantity *y)
{
	if (x->dim != TXT_D_DATE || y->dim != TXT_D_DATE) {
		const txt_quantity *d = x->dim == TXT_D_DATE ? x : y, *p = d == x ? y : x;
		return d->year == (int)p->value && p->value == floor(p->value);
	}
	if (!same_part(x->year, y->year) || (x->year == 0 && x->month != y->month && y->month == 0))
		return false;
	if (same_part(x->month, y->month) && same_part(x->day, y->day))
		return x->month != 0 || y->month != 0 || x->year == y->year;
	return (x->swapped || y->swapped) && x->month == y->day && x->day == y->month;
}

bool txt_quantity_same(const txt_quantity *x, const txt_quantity *y)
{
	if (!txt_quantity_comparable(x, y))
		return false;
	if (x->dim == TXT_D_DATE || y->dim == TXT_D_DATE)
		return same_date(x, y);
	double a = x->value, b = y->value;
	if ((x->dim == TXT_D_ANGLE) != (y->dim == TXT_D_ANGLE)) { /* degrees without a scale */
		double bare = x->dim == TXT_D_ANGLE ? a : b, t = x->dim == TXT_D_ANGLE ? b : a;
		return fabs(t - 273.15 - bare) < 1e-6 || fabs((t - 273.15) * 1.8 + 32 - bare) < 1e-6;
	}
	double size = fabs(a) > fabs(b) ? fabs(a) : fabs(b), allowed = 1e-9 * size + 1e-12;
	if (x->dim == TXT_D_TEMPERATURE)
		size = fabs(a - b) < 1 ? 100 : 1;
	bool rough = x->rough || y->rough;
	if (x->unit != y->unit && x->dim > TXT_D_SHARE && x->dim < TXT_D_MONEY) {
		double step = x->step > y->step ? x->step : y->step;
		allowed = step < 0.006 * size || rough ? step : 0.006 * size;
		allowed = allowed > 0.03 * size ? 0.03 * size : allowed;
		allowed += 1e-9 * size;
	}
	if (rough && allowed < 0.015 * size)
		allowed = 0.015 * size;
	if (x->dim == TXT_D_SHARE || y->dim == TXT_D_SHARE)
		allowed = allowed > 0.0051 && rough                              ? allowed
				  : x->step + y->step < 0.0051 && (x->words || y->words) ? 0.0051
																		 : allowed + 1e-9;
	return fabs(a - b) <= allowed;
}
