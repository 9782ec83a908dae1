/* One judge for each kind. Names and choices have files of their own. */
#include "text/typed.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/num.h"

const char *const txt_type_name[TXT_TYPE_N] = {"text",   "number", "date", "yes_no",
											   "choice", "name",   "set",  "code"};

static bool is(const txt_reading *r, size_t i, const char *list)
{
	return i < r->t.n && txt_listed(list, r->t.at[i].s);
}

/* The tokens without a full stop at the end. */
static size_t meat(const txt_reading *r)
{
	size_t n = r->t.n;
	while (n > 0 && (is(r, n - 1, " . ! ")))
		n--;
	return n;
}

static bool is_verdict(const txt_reading *r)
{
	const txt_language *l = txt_language_of(r->lang);
	static const char words[] =
		" yes no ja nein oui non sí si no sì sim não да нет 是 否 true false "
		"はい いいえ nee ";
	(void)l;
	return meat(r) == 1 && is(r, 0, words);
}

/* Marks that carry meaning between letters or digits of a string. */
static bool looks_like_code(plg_text t)
{
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		bool inner =
			i > 0 && i + 1 < t.n && !plg_is_space(t.cp[i - 1]) && !plg_is_space(t.cp[i + 1]);
		if (c < 0x80 && c != 0 && strchr("_=<>{}[]\\|^~@`*;", (int)c) != NULL)
			return true;
		if ((c == '/' || c == '(') && inner)
			return true;
		if ((c == '+' || c == '#') && i > 0 && plg_is_letter(t.cp[i - 1]))
			return true;
		if (c == '.' && inner && plg_is_letter(t.cp[i + 1]) && plg_is_letter(t.cp[i - 1]) &&
			!(i > 1 && t.cp[i - 2] == '.') && !(i + 2 < t.n && t.cp[i + 2] == '.') && i > 1)
			return true;
	}
	return false;
}

static bool one_quantity(const txt_reading *r, txt_quantity *q)
{
	size_t n = meat(r), from = 0;
	if (r->q.n == 0 || r->q.n > 1)
		return false;
	*q = r->q.at[0];
	while (from < q->from && r->t.at[from].kind == TXT_T_MARK)
		from++;
	while (from < q->from && is(r, from,
								" about around approximately roughly some circa ca "
								"the in on minus negative le am im el il etwa "))
		from++;
	if (q->from != from)
		return false;
	if (q->weak && n == 1 && q->dim == TXT_D_PLAIN)
		return true;
	/* One noun behind it is what was counted: "8 legs". */
	return !q->weak && n <= q->to + (q->dim == TXT_D_PLAIN ? 1 : 0);
}

static bool is_list(plg_text t)
{
	size_t commas = 0;
	for (size_t i = 0; i + 1 < t.n; i++)
		commas += (t.cp[i] == ',' && plg_is_space(t.cp[i + 1])) || t.cp[i] == 0x3001;
	return commas >= 2;
}

txt_type txt_type_guess(plg_arena *a, plg_text ref, const txt_reading *gold)
{
	txt_quantity q;
	plg_text t = plg_strip(txt_fold(a, ref));
	size_t n = meat(gold);
	if (is_verdict(gold))
		return TXT_TYPE_YES_NO;
	if (n == 1 && gold->t.at[0].raw.n == 1 && gold->t.at[0].raw.cp[0] >= 'A' &&
		gold->t.at[0].raw.cp[0] <= 'H')
		return TXT_TYPE_CHOICE;
	if (n == 3 && is(gold, 0, " ( ") && is(gold, 2, " ) ") && gold->t.at[1].raw.n == 1)
		return TXT_TYPE_CHOICE;
	if (one_quantity(gold, &q))
		return q.dim == TXT_D_DATE ? TXT_TYPE_DATE : TXT_TYPE_NUMBER;
	if (is_list(t))
		return TXT_TYPE_SET;
	if (looks_like_code(t))
		return TXT_TYPE_CODE;
	size_t words = 0, capitals = 0;
	const txt_language *l = txt_language_of(gold->lang);
	for (size_t i = 0; i < n; i++)
		if (gold->t.at[i].kind == TXT_T_WORD &&
			!(l != NULL && txt_listed(l->stop, gold->t.at[i].s))) {
			words++;
			capitals += gold->t.at[i].capital;
		}
	return words > 0 && words <= 6 && 2 * capitals >= words ? TXT_TYPE_NAME : TXT_TYPE_TEXT;
}

/* ---- the part of the answer that answers ---- */

/* Behind the last "####", "answer:", "\boxed{" there stands what counts. */
static size_t section(const txt_reading *x)
{
	size_t from = 0;
	for (size_t i = 0; i + 1 < x->t.n; i++) {
		if (is(x, i, " answer antwort réponse respuesta risposta resposta ответ ") &&
			is(x, i + 1, " : is lautet est es è é "))
			from = i + 2;
		else if (is(x, i, " boxed "))
			from = i + 1;
		else if (is(x, i, " # ") && is(x, i + 1, " # "))
			from = i + 2;
	}
	return from < x->t.n ? from : 0;
}

static bool between_are(const txt_reading *x, size_t from, size_t to, const char *list)
{
	for (size_t i = from; i < to; i++)
		if (is(x, i, list))
			return true;
	return false;
}

static const char ors[] = " or oder ou o u или / between zwischen entre tra vs of 或 либо either ";

static bool negated_before(const txt_reading *x, size_t token)
{
	const txt_language *l = txt_language_of(x->lang);
	static const char stops[] = " . , ; : ! ? but ";
	for (size_t back = 1; l != NULL && back <= 4 && back <= token; back++) {
		if (is(x, token - back, stops))
			return false;
		if (txt_listed(l->negation, x->t.at[token - back].s))
			return true;
	}
	return false;
}

/* ---- numbers ---- */

static double written(const txt_quantity *q)
{
	double offset =
		q->dim == TXT_D_TEMPERATURE ? (q->unit == 1 ? 273.15 : 273.15 - 32 * 5.0 / 9) : 0;
	return q->unit > 0 ? (q->value - offset) / q->unit : q->value;
}

static bool near(double a, double b, double tolerance)
{
	double size = fabs(b) > 1e-9 ? fabs(b) : 1e-9;
	double allowed = tolerance > 0 ? tolerance * size : 1e-6 * size;
	return fabs(a - b) <= (allowed > 1e-9 ? allowed : 1e-9);
}

static bool number_equals(const txt_typed_ref *ref, const txt_quantity *g, const txt_quantity *x)
{
	if (g->dim == x->dim || g->dim == TXT_D_DATE || x->dim == TXT_D_DATE ||
		(g->dim > TXT_D_SHARE && x->dim > TXT_D_SHARE && txt_quantity_comparable(g, x))) {
		if (ref->tolerance > 0 && g->dim == x->dim)
			return near(x->value, g->value, ref->tolerance);
		txt_quantity plain_x = *x, plain_g = *g;
		plain_x.rough = plain_g.rough = false;
		return txt_quantity_same(&plain_g, &plain_x);
	}
	if (g->dim == TXT_D_CENTS || x->dim == TXT_D_CENTS)
		return g->dim >= TXT_D_CENTS && x->dim >= TXT_D_CENTS &&
			   near(x->value, g->value, ref->tolerance);
	if (g->dim == TXT_D_SHARE && x->dim == TXT_D_PLAIN)
		return near(x->value, g->value, ref->tolerance) ||
			   (g->unit == 0.01 && near(x->value, 100 * g->value, ref->tolerance));
	if (g->dim == TXT_D_PLAIN && x->dim == TXT_D_SHARE)
		return near(x->value, g->value, ref->tolerance) ||
			   (x->unit == 0.01 && near(100 * x->value, g->value, ref->tolerance));
	if (g->dim == TXT_D_PLAIN || g->dim == TXT_D_ORDINAL) /* the unit was in the question */
		return near(written(x), g->value, ref->tolerance);
	if (x->dim == TXT_D_PLAIN)
		return near(x->value, written(g), ref->tolerance);
	return false;
}

static bool asked_before(const txt_reading *prompt, const txt_quantity *q)
{
	for (size_t i = 0; prompt != NULL && i < prompt->q.n; i++)
		if (txt_quantity_same(&prompt->q.at[i], q))
			return true;
	return false;
}

/* "more than 25 m", "before 1914" say less than the number or the year alone. */
static bool bounded(const txt_reading *x, const txt_quantity *g, const txt_quantity *q)
{
	static const char sides[] =
		" before after until since till vor nach bis seit avant après depuis antes después desde "
		"prima dopo da depois до после с voor na sinds ";
	if (q->bound != 0 || g->bound != 0)
		return q->bound != g->bound;
	bool year = q->dim == TXT_D_DATE || (q->dim == TXT_D_PLAIN && q->value >= 1000);
	return year && q->from > 0 && is(x, q->from - 1, sides);
}

/* "25 m, 30 m": the next number of the kind follows at once. */
static bool listed_on(const txt_reading *x, const txt_quantity *q)
{
	for (size_t i = 0; i < x->q.n; i++)
		if (x->q.at[i].from == q->to + 1 && x->q.at[i].dim == q->dim &&
			is(x, q->to, " , ; and und et y e "))
			return true;
	return false;
}

/* "an hour or 60 minutes": the other answer is the same. */
static bool said_twice(const txt_reading *x, const txt_quantity *q)
{
	for (size_t i = 0; i < x->q.n; i++)
		if (&x->q.at[i] != q && txt_quantity_same(&x->q.at[i], q))
			return true;
	return false;
}

/* "42, because ..." and "... = 42": the first number when it stands alone, or the last. */
static double judge_number(const txt_typed_ref *ref, const txt_reading *x,
						   const txt_reading *prompt)
{
	size_t from = section(x), first = SIZE_MAX, last = 0, distinct = 0, right = 0, rivals = 0;
	const txt_quantity *g = &ref->gold.q.at[0];
	for (size_t i = 0; i < x->q.n; i++) {
		const txt_quantity *q = &x->q.at[i];
		bool equal = number_equals(ref, g, q);
		if (q->from < from || (q->weak && x->q.n > 1 && !equal))
			continue;
		if (!equal && asked_before(prompt, q))
			continue;
		bool known = false;
		for (size_t k = 0; k < i; k++)
			known |= txt_quantity_same(&x->q.at[k], q);
		distinct += !known;
		first = first == SIZE_MAX ? i : first;
		last = i;
		right += equal;
		rivals += !equal && (q->dim == g->dim || q->dim == TXT_D_PLAIN || g->dim == TXT_D_PLAIN);
	}
	if (right == 0 || distinct > 5)
		return 0;
	const txt_quantity *f = &x->q.at[first], *z = &x->q.at[last];
	bool f_right = number_equals(ref, g, f), z_right = number_equals(ref, g, z);
	if (rivals > 0 && between_are(x, f->to, z->from, ors))
		return 0;
	const txt_quantity *chosen = z_right ? z : f;
	if (negated_before(x, chosen->from) || bounded(x, g, chosen) ||
		(rivals > 0 && listed_on(x, chosen)) ||
		(!said_twice(x, chosen) && txt_is_withdrawn(x, chosen->from, chosen->to)))
		return 0;
	if (z_right || rivals == 0)
		return rivals > 0 &&
					   is(x, z->from > 0 ? z->from - 1 : 0, " - to bis à a до and und et y e ") &&
					   last > 0 && x->q.at[last - 1].to + 1 == z->from
				   ? 0
				   : 1;
	return f_right && f->from <= from + 8 &&
				   (f->to >= x->t.n || is(x, f->to, " . , ; : ( because "))
			   ? 1
			   : 0;
}

/* ---- dates ---- */

static bool date_matches(const txt_quantity *g, const txt_quantity *x)
{
	if (x->dim != TXT_D_DATE)
		return g->month == 0 && g->day == 0 && txt_quantity_same(g, x);
	if (g->year != 0 && x->year != g->year)
		return false;
	if (x->swapped && x->month == g->day && x->day == g->month)
		return true;
	return (g->month == 0 || g->month == x->month) && (g->day == 0 || g->day == x->day);
}

static double judge_date(const txt_typed_ref *ref, const txt_reading *x)
{
	const txt_quantity *g = &ref->gold.q.at[0];
	size_t right = 0, other = 0;
	for (size_t i = 0; i < x->q.n; i++) {
		const txt_quantity *q = &x->q.at[i];
		if (date_matches(g, q) && !negated_before(x, q->from) && !bounded(x, g, q) &&
			!txt_is_withdrawn(x, q->from, q->to))
			right++;
		else
			other += q->dim == TXT_D_DATE;
	}
	return right > 0 && other == 0 ? 1 : 0;
}

/* ---- yes and no ---- */

static int verdict_at(const txt_reading *x, size_t i, bool strict)
{
	static const char yes[] = " yes yeah yep yup ja jawohl oui sí sì sim да はい 是 ";
	static const char no[] = " no nope nah nein non não нет nee 否 不 いいえ ";
	const txt_language *l = txt_language_of(x->lang);
	if (is(x, i, yes))
		return 1;
	if (is(x, i, no))
		return -1;
	if (strict || l == NULL)
		return 0;
	return is(x, i, l->yes) ? 1 : is(x, i, " not ") ? 0 : is(x, i, l->no) ? -1 : 0;
}

/* 1 yes, -1 no, 0 neither or both. */
static int verdict(const txt_reading *x, const txt_reading *prompt)
{
	static const char flatly[] =
		"not at all|absolutely not|of course not|certainly not|definitely not|by no means|"
		"not really|überhaupt nicht|auf keinen fall|keineswegs|natürlich nicht|pas du tout|"
		"absolument pas|bien sûr que non|en absoluto|para nada|claro que no|niente affatto|"
		"assolutamente no|de modo nenhum|claro que não|вовсе нет|конечно нет|helemaal niet|"
		"zeker niet";
	static const char surely[] =
		"of course|natürlich|bien sûr|por supuesto|claro que|certo che|com certeza|конечно|当 然";
	int first = 0;
	size_t yes = 0, no = 0;
	if (txt_phrase(&x->t, 0, x->t.n, flatly, NULL))
		return -1;
	for (size_t i = 0; i < x->t.n; i++) {
		int v = verdict_at(x, i, true);
		if (v == 0 ||
			(v < 0 && i > 0 &&
			 !is(x, i - 1,
				 " . , : ! is ist est es è - \" say antwort and or und oder et ou y o / but ")))
			continue; /* "no" in front of a noun is no verdict */
		first = first == 0 ? v : first;
		yes += v > 0;
		no += v < 0;
	}
	if (first == 0 && x->t.n > 0)
		first = verdict_at(x, 0, true);
	if (first != 0)
		return yes > 0 && no > 0 ? 0 : first;
	if (x->negations == 0 && txt_phrase(&x->t, 0, x->t.n, surely, NULL))
		return 1;
	for (size_t i = 0; i < x->t.n; i++) {
		int v = verdict_at(x, i, false);
		if (v != 0)
			return negated_before(x, i) ? -v : v;
	}
	if (x->n == 0 && x->t.n > 1) /* "It is not." */
		return x->negations % 2 == 0 ? 1 : -1;
	size_t shared = 0;
	for (size_t i = 0; prompt != NULL && i < x->n; i++)
		for (size_t k = 0; k < prompt->n; k++)
			if (strcmp(x->item[i].stem, prompt->item[k].stem) == 0) {
				shared++;
				break;
			}
	if (prompt == NULL || prompt->n == 0 || 5 * shared < 3 * prompt->n)
		return 0;
	return (x->negations + prompt->negations) % 2 == 0 ? 1 : -1;
}

static double judge_yes_no(const txt_typed_ref *ref, const txt_reading *x,
						   const txt_reading *prompt)
{
	const txt_language *l = txt_language_of(x->lang);
	int want = verdict_at(&ref->gold, 0, false), got = verdict(x, prompt);
	if (l != NULL && txt_phrase(&x->t, 0, x->t.n, l->hedge, NULL))
		return 0;
	return want != 0 && want == got ? 1 : 0;
}

/* ---- strings ---- */

static bool glued(uint32_t c)
{
	return plg_is_word(c) || (c < 0x80 && c != 0 && strchr("+#/_=<>-*^%&@~\\", (int)c) != NULL);
}

static plg_text unwrapped(plg_text t)
{
	t = plg_strip(t);
	while (t.n >= 2 && t.cp[0] == t.cp[t.n - 1] &&
		   (t.cp[0] == '`' || t.cp[0] == '"' || t.cp[0] == '\''))
		t = plg_strip(plg_text_sub(t, 1, t.n - 1));
	return t;
}

/* Another command behind it: "ls | rm". */
static bool goes_on(plg_text t, size_t end)
{
	while (end < t.n && t.cp[end] == ' ')
		end++;
	return end + 1 < t.n && (t.cp[end] == ';' || t.cp[end] == '|' || t.cp[end] == '&') &&
		   plg_is_space(t.cp[end + 1]);
}

static double judge_code(const txt_typed_ref *ref, plg_text answer, const txt_reading *x)
{
	plg_text g = unwrapped(ref->text), t = unwrapped(answer);
	if (plg_text_eq(g, t))
		return 1;
	if (t.n == g.n + 1 && t.cp[t.n - 1] == '.' && plg_text_eq(g, plg_text_sub(t, 0, g.n)))
		return 1;
	if (x->t.n > 24 || between_are(x, 0, x->t.n, " or oder ou not nicht pas no "))
		return 0;
	for (size_t i = 0; g.n > 0 && i + g.n <= t.n; i++) {
		if (!plg_text_eq(g, plg_text_sub(t, i, i + g.n)))
			continue;
		bool left = i == 0 || !glued(t.cp[i - 1]);
		size_t end = i + g.n;
		bool dot = end < t.n && t.cp[end] == '.' && end + 1 < t.n && plg_is_word(t.cp[end + 1]);
		if (left && !dot && !goes_on(t, end) && (end == t.n || !glued(t.cp[end])))
			return 1;
	}
	return 0;
}

/* ---- sets ---- */

/* "It has two parts: ..." counts them. */
static bool counts_members(const txt_reading *x, size_t token, size_t n)
{
	for (size_t i = 0; i < x->q.n; i++)
		if (token >= x->q.at[i].from && token < x->q.at[i].to)
			return x->q.at[i].value == (double)n;
	return false;
}

/* Members are runs of tokens between commas, "and" and line ends. Their share in common:
 * members of both over members of either. */
static double judge_set(plg_arena *a, txt_lexicon *l, const txt_typed_ref *ref, txt_reading *x,
						const txt_reading *prompt)
{
	txt_alignment m;
	txt_reading gold = ref->gold;
	size_t both = 0, extra = 0, counted = 1;
	if (!txt_align(a, l, &gold, x, &m) || gold.n == 0)
		return 0;
	for (size_t i = 0; i < gold.n; i++)
		both += m.how[i] >= TXT_M_FORM;
	for (size_t k = 0; k < x->n; k++) {
		size_t token = x->item[k].token;
		bool asked = counts_members(x, token, gold.n) || is(x, token, " & + ");
		if (x->t.at[token].kind == TXT_T_NUMBER && is(x, token + 1, " . ) ") &&
			strtol(x->t.at[token].s, NULL, 10) == (long)counted) {
			asked = true; /* "1. red 2. blue" */
			counted++;
		}
		for (size_t p = 0; prompt != NULL && p < prompt->n; p++)
			asked |= strcmp(prompt->item[p].stem, x->item[k].stem) == 0;
		extra += (m.of_ans[k] < 0 || m.how[m.of_ans[k]] < TXT_M_FORM) && !asked;
	}
	if (x->negations > gold.negations)
		return 0;
	double share = (double)both / (double)(gold.n + extra);
	return share * share * share; /* two of three is less than half right */
}

/* A small letter that the question lists: "a) red b) blue". */
static bool names_option(const txt_reading *gold, const txt_reading *prompt)
{
	size_t from, to;
	if (meat(gold) != 1 || gold->t.at[0].raw.n != 1 || gold->t.at[0].kind != TXT_T_WORD)
		return false;
	uint32_t c = gold->t.at[0].raw.cp[0] & ~32u;
	return c >= 'A' && c <= 'H' && txt_choice_option(prompt, (char)c, &from, &to);
}

bool txt_typed_judge(plg_arena *a, txt_lexicon *l, const txt_typed_ref *ref, plg_text answer,
					 txt_reading *x, const txt_reading *prompt, double *out)
{
	switch (ref->type) {
	case TXT_TYPE_NUMBER:
		if (txt_numbered_choice(&ref->gold, x, prompt, out))
			return true;
		*out = ref->gold.q.n == 0 ? 0 : judge_number(ref, x, prompt);
		return true;
	case TXT_TYPE_DATE:
		*out = ref->gold.q.n == 0 ? 0 : judge_date(ref, x);
		return true;
	case TXT_TYPE_YES_NO:
		*out = judge_yes_no(ref, x, prompt);
		return true;
	case TXT_TYPE_CHOICE:
		*out = txt_choice_judge(a, &ref->gold, answer, x, prompt);
		return !plg_arena_failed(a);
	case TXT_TYPE_SET:
		*out = judge_set(a, l, ref, x, prompt);
		return !plg_arena_failed(a);
	case TXT_TYPE_CODE:
		*out = judge_code(ref, answer, x);
		return true;
	case TXT_TYPE_NAME:
	case TXT_TYPE_TEXT:
	case TXT_TYPE_N:
		if (names_option(&ref->gold, prompt)) {
			*out = txt_choice_judge(a, &ref->gold, answer, x, prompt);
			return !plg_arena_failed(a);
		}
		break;
	}
	return txt_name_judge(a, l, ref, x, prompt, out);
}
