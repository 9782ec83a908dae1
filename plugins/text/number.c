/* Numbers as written: separators by language, and words by the language's table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "text/quantity.h"

bool txt_number_digits(const char *s, bool comma_decimal, double *value, double *step)
{
	char plain[64];
	size_t n = 0, marks = 0, after = 0, total = strlen(s);
	char last = 0;
	bool mixed = false;
	if (total == 0 || total >= sizeof plain)
		return false;
	for (size_t i = 0; i < total; i++) {
		if (s[i] == '.' || s[i] == ',') {
			mixed |= last != 0 && last != s[i];
			last = s[i];
			marks++;
			after = total - i - 1;
		} else if (s[i] < '0' || s[i] > '9') {
			return false;
		}
	}
	size_t before = total - after - 1;
	bool groups = marks > 1 && !mixed;
	if (marks == 1 && after == 3 && before >= 1 && before <= 3 && s[0] != '0')
		groups = last == (comma_decimal ? '.' : ',');
	size_t point = marks > 0 && !groups ? total - after - 1 : total;
	for (size_t i = 0; i < total; i++)
		if (i == point)
			plain[n++] = '.';
		else if (s[i] != '.' && s[i] != ',')
			plain[n++] = s[i];
	plain[n] = '\0';
	*value = strtod(plain, NULL);
	*step = 0.5;
	for (size_t i = point + 1; i < total; i++)
		*step /= 10;
	if (point == total) /* 384,000 is known to the thousand */
		for (size_t i = n; i > 1 && plain[i - 1] == '0'; i--)
			*step *= 10;
	return true;
}

/* Value of word in a table "word=value[*] ..."; *times when it multiplies. */
static bool table(const char *list, const char *word, size_t n, double *value, bool *times)
{
	if (list == NULL || n == 0)
		return false;
	for (const char *p = strchr(list, word[0]); p != NULL; p = strchr(p + 1, word[0])) {
		if ((p != list && p[-1] != ' ') || strncmp(p, word, n) != 0 || p[n] != '=')
			continue;
		char *end;
		*value = strtod(p + n + 1, &end);
		*times = *end == '*';
		return true;
	}
	return false;
}

typedef struct {
	double total, group;
	double last; /* size of the last addend, for "one two" is not three */
	bool any, share, closed;
} sum;

/* False when the word cannot continue the number. */
static bool add(sum *s, double v, bool times)
{
	if (s->closed)
		return false;
	if (v > 0 && v < 1) { /* half, two thirds, three quarters */
		if (s->any && !times)
			return false;
		s->group = (s->any ? s->group : 1) * v;
		s->share = s->any = s->closed = true;
		return true;
	}
	if (times) {
		if (v >= 1000) {
			s->total += (s->group > 0 ? s->group : s->any ? 0 : 1) * v;
			s->group = 0;
			s->last = v;
		} else {
			s->group = (s->group > 0 ? s->group : 1) * v;
			s->last = v;
		}
		s->any = true;
		return true;
	}
	if (s->any && v >= 10 && s->group == 4 && v == 20)
		s->group = 80; /* quatre-vingt */
	else if (s->any && s->last > 0 && v >= s->last)
		return false;
	else if (s->any && s->last == 0)
		return false;
	else
		s->group += v;
	s->last = v >= 100                                    ? 100
			  : v >= 20                                   ? 10
			  : v >= 10 && s->group != v && s->last == 10 ? 1
			  : v >= 10                                   ? 1
														  : 0;
	if (v == 60 || v == 80 || s->group == 80)
		s->last = 20; /* soixante-dix, quatre-vingt-dix */
	s->any = true;
	return true;
}

/* German, Dutch, Italian: "einundzwanzig", "zweihundertfünf", "ventidue". */
static bool compound(const txt_language *l, const char *w, sum *s)
{
	size_t n = strlen(w);
	double v = 0, pending = -1;
	bool times = false;
	if (n > 60)
		return false;
	for (size_t at = 0; at < n;) {
		size_t len = n - at;
		for (; len >= 2; len--)
			if (table(l->number, w + at, len, &v, &times) && !(v > 0 && v < 1))
				break;
		if (len < 2)
			return false;
		const char *rest = w + at + len;
		bool joined = strncmp(rest, "und", 3) == 0 || strncmp(rest, "en", 2) == 0;
		if (joined && v < 10 && !times && rest[strncmp(rest, "und", 3) == 0 ? 3 : 2] != '\0') {
			pending = v;
			at += len + (strncmp(rest, "und", 3) == 0 ? 3 : 2);
			continue;
		}
		if (times && v >= 1000) {
			s->total += (s->group > 0 ? s->group : 1) * v;
			s->group = 0;
		} else if (times) {
			s->group = (s->group > 0 ? s->group : 1) * v;
		} else {
			s->group += v;
		}
		if (pending >= 0) {
			s->group += pending;
			pending = -1;
		}
		at += len;
		if (strncmp(w + at, "und", 3) == 0 && at > 0)
			at += 3;
	}
	s->any = true;
	s->last = 0;
	return pending < 0;
}

static bool is_joint(const char *w)
{
	static const char joints[] = " and und et y e и - en ";
	return txt_listed(joints, w);
}

static bool half_dozen(const txt_tokens *t, size_t i, size_t *to, double *value)
{
	if (i + 2 < t->n && strcmp(t->at[i].s, "half") == 0 && strcmp(t->at[i + 1].s, "a") == 0 &&
		txt_listed(" dozen million billion ", t->at[i + 2].s)) {
		*value = t->at[i + 2].s[0] == 'd' ? 6 : t->at[i + 2].s[0] == 'm' ? 5e5 : 5e8;
		*to = i + 3;
		return true;
	}
	return false;
}

static bool word_value(const txt_language *l, const txt_token *k, sum *s)
{
	double v;
	bool times;
	if (k->kind != TXT_T_WORD)
		return false;
	if (table(l->number, k->s, strlen(k->s), &v, &times))
		return add(s, v, times);
	bool compounds =
		strcmp(l->code, "de") == 0 || strcmp(l->code, "nl") == 0 || strcmp(l->code, "it") == 0;
	if (compounds && !s->any && strlen(k->s) > 5)
		return compound(l, k->s, s);
	return false;
}

/* Chinese and Japanese: 三百六十五, 二十万. */
static bool han_number(const txt_tokens *t, size_t i, size_t *to, double *value)
{
	const txt_language *l = txt_language_of(TXT_ZH);
	if (i + 1 < t->n && strcmp(t->at[i].s, "半") == 0 && strcmp(t->at[i + 1].s, "个") == 0) {
		*value = 0.5;
		*to = i + 1;
		return true;
	}
	double total = 0, section = 0, digit = -1, v;
	size_t k = i;
	bool times, positional = true;
	double run = 0;
	for (; k < t->n && t->at[k].unspaced &&
		   table(l->number, t->at[k].s, strlen(t->at[k].s), &v, &times);
		 k++) {
		if (v > 0 && v < 1)
			break;
		if (!times) {
			digit = v;
			run = run * 10 + v;
			continue;
		}
		positional = false;
		if (v >= 1e4) {
			total += (section + (digit >= 0 ? digit : section > 0 ? 0 : 1)) * v;
			section = 0;
		} else {
			section += (digit >= 0 ? digit : 1) * v;
		}
		digit = -1;
	}
	if (k == i)
		return false;
	*value = positional ? run : total + section + (digit > 0 ? digit : 0);
	*to = k;
	return true;
}

/* "and a half", "y media", "et demi" at *k: adds the part. */
bool txt_and_a_half(const txt_tokens *t, size_t *k, double *value)
{
	static const char half[] = " half halb media medio demi demie mezza mezzo meia meio половиной ";
	static const char joints[] = " and und et y e с ";
	size_t i = *k;
	if (i + 1 >= t->n || !txt_listed(joints, t->at[i].s))
		return false;
	i++;
	if (txt_listed(" a an one un une ", t->at[i].s) && i + 1 < t->n)
		i++;
	double part = txt_listed(half, t->at[i].s)                              ? 0.5
				  : txt_listed(" quarter quart cuarto quarto ", t->at[i].s) ? 0.25
				  : txt_listed(" third tiers tercio terzo ", t->at[i].s)    ? 1.0 / 3
																			: 0;
	if (part == 0)
		return false;
	*value += part;
	*k = i + 1;
	return true;
}

/* "point seven five", "Komma drei" at *k: adds the decimals. */
static bool decimals(const txt_language *l, const txt_tokens *t, size_t *k, double *value)
{
	static const char points[] = " point komma virgule coma virgola vírgula запятая целых ";
	double unit = 0.1, v;
	bool times;
	size_t i = *k + 1;
	if (*k >= t->n || !txt_listed(points, t->at[*k].s))
		return false;
	for (; i < t->n && t->at[i].kind == TXT_T_WORD &&
		   table(l->number, t->at[i].s, strlen(t->at[i].s), &v, &times) && !times && v <= 9 &&
		   v == floor(v);
		 i++, unit /= 10)
		*value += v * unit;
	if (i == *k + 1)
		return false;
	*k = i;
	return true;
}

bool txt_number_words(const txt_tokens *t, size_t i, txt_lang lang, size_t *to, double *value,
					  bool *share)
{
	const txt_language *l = txt_language_of(lang);
	sum s = {0};
	size_t k = i;
	*share = false;
	if (l == NULL || i >= t->n)
		return false;
	if (t->at[i].unspaced)
		return han_number(t, i, to, value);
	if (lang == TXT_EN && half_dozen(t, i, to, value))
		return true;
	while (k < t->n) {
		size_t at = k;
		if (s.any && is_joint(t->at[at].s) && at + 1 < t->n)
			at++;
		sum before = s;
		if (!word_value(l, &t->at[at], &s)) {
			s = before;
			break;
		}
		k = at + 1;
	}
	if (!s.any)
		return false;
	if (!s.share && !decimals(l, t, &k, &s.group))
		(void)txt_and_a_half(t, &k, &s.group);
	if (s.group != 0 && k < t->n && s.group != floor(s.group)) { /* two and a half million */
		sum more = {0};
		if (word_value(l, &t->at[k], &more) && more.last >= 1000) {
			s.total += s.group * more.total;
			s.group = 0;
			k++;
		}
	}
	*to = k;
	*value = s.total + s.group;
	*share = s.share;
	return true;
}
