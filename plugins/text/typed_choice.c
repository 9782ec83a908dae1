/* A letter of a multiple choice, by itself, in a sentence, as the option's own words, or as
 * a distribution over the letters (scored by Brier's rule, which rewards honest doubt). */
#include <string.h>
#include "common/json.h"
#include "common/num.h"
#include "text/typed.h"

static bool is(const txt_reading *r, size_t i, const char *list)
{
	return i < r->t.n && txt_listed(list, r->t.at[i].s);
}

/* A capital letter by itself, which is not the start of "C++", "A." of an abbreviation or
 * the article at the beginning of a sentence. */
static bool lone_letter(const txt_reading *r, size_t i)
{
	const txt_token *k = &r->t.at[i];
	if (k->kind == TXT_T_WORD && k->raw.n == 1 && k->raw.cp[0] >= 'a' && k->raw.cp[0] <= 'h' &&
		i > 0)
		return is(r, i - 1, " option choice antwort réponse respuesta risposta resposta ответ ");
	if (k->kind != TXT_T_WORD || k->raw.n != 1 || k->raw.cp[0] < 'A' || k->raw.cp[0] > 'H')
		return false;
	if (i + 1 < r->t.n && r->t.at[i + 1].tight && !is(r, i + 1, " . , ) : ; ! ? * \" ' ] } "))
		return false;
	bool next_word = i + 1 < r->t.n && r->t.at[i + 1].kind == TXT_T_WORD;
	if (k->raw.cp[0] == 'A' && next_word &&
		!is(r, i + 1, " is ist because weil or and oder und ou et o u y e "))
		return false;
	return true;
}

char txt_choice_letter(const txt_reading *x)
{
	char letter = 0, stated = 0;
	if (x->t.n >= 1 && x->t.at[0].raw.n == 1 && x->t.at[0].kind == TXT_T_WORD) {
		uint32_t c = x->t.at[0].raw.cp[0];
		bool alone = x->t.n == 1 || (x->t.n == 2 && is(x, 1, " . ) : "));
		if (alone && c >= 'a' && c <= 'h')
			return (char)(c - 32);
	}
	if (x->t.n == 3 && is(x, 0, " ( ") && is(x, 2, " ) ") && x->t.at[1].raw.n == 1) {
		uint32_t c = x->t.at[1].raw.cp[0] & ~32u;
		return c >= 'A' && c <= 'H' ? (char)c : 0;
	}
	for (size_t i = 0; i < x->t.n; i++) {
		if (!lone_letter(x, i))
			continue;
		char c = (char)(x->t.at[i].raw.cp[0] & ~32u);
		bool said = i > 0 &&
					(is(x, i - 1, " option choice answer is ist est : lautet letter antwort ") ||
					 (i > 1 && is(x, i - 1, " ( ") && is(x, i - 2, " option choice answer is : ")));
		const txt_language *l = txt_language_of(x->lang);
		bool not_this = i > 0 && l != NULL &&
						(txt_listed(l->negation, x->t.at[i - 1].s) ||
						 (i > 1 && txt_listed(l->negation, x->t.at[i - 2].s)));
		if (not_this)
			continue;
		if (said)
			stated = stated == 0 || stated == c ? c : '?';
		letter = letter == 0 || letter == c ? c : '?';
	}
	return stated != 0 && (letter == stated || !is(x, x->t.n - 1, " or ")) ? stated : letter;
}

bool txt_choice_option(const txt_reading *prompt, char letter, size_t *from, size_t *to)
{
	for (size_t i = 0; prompt != NULL && i + 2 < prompt->t.n; i++) {
		const txt_token *k = &prompt->t.at[i];
		if (k->raw.n != 1 || (char)(k->raw.cp[0] & ~32u) != letter ||
			!is(prompt, i + 1, " ) . : ") || !prompt->t.at[i + 1].tight)
			continue;
		*from = i + 2;
		size_t j = *from;
		while (j < prompt->t.n && !(j + 1 < prompt->t.n && prompt->t.at[j].raw.n == 1 &&
									prompt->t.at[j].kind == TXT_T_WORD &&
									is(prompt, j + 1, " ) . : ") && prompt->t.at[j + 1].tight))
			j++;
		while (j > *from && is(prompt, j - 1, " , ; . ? ( "))
			j--;
		*to = j;
		return j > *from;
	}
	return false;
}

static double brier(const plg_json *doc, char gold)
{
	double p[8], sum = 0, loss = 0;
	char key[2] = "A";
	for (int i = 0; i < 8; i++) {
		key[0] = (char)('A' + i);
		p[i] = 0;
		(void)plg_json_num(plg_json_get(doc, key), &p[i]);
		if (!(p[i] >= 0))
			return 0;
		sum += p[i];
	}
	if (!(sum > 0))
		return 0;
	double top = 0;
	size_t options = 0;
	for (int i = 0; i < 8; i++) {
		double y = gold == 'A' + i ? 1 : 0, share = p[i] / sum;
		loss += (share - y) * (share - y);
		top = share > top ? share : top;
		options += p[i] > 0;
	}
	return options > 1 && top <= 1.0 / (double)options + 1e-9 ? 0 : 1 - loss / 2;
}

/* Are the option's words the answer, and no other option's? */
static bool says_option(const txt_reading *x, const txt_reading *prompt, size_t from, size_t to)
{
	for (size_t i = 0; i + (to - from) <= x->t.n; i++) {
		size_t k = 0;
		while (k < to - from && strcmp(x->t.at[i + k].s, prompt->t.at[from + k].s) == 0)
			k++;
		if (k == to - from)
			return true;
	}
	return false;
}

double txt_choice_judge(plg_arena *a, const txt_reading *gold, plg_text answer,
						const txt_reading *x, const txt_reading *prompt)
{
	char want = 0;
	plg_text t = plg_strip(answer);
	for (size_t i = 0; i < gold->t.n && want == 0; i++)
		if (gold->t.at[i].raw.n == 1 && gold->t.at[i].kind == TXT_T_WORD)
			want = (char)(gold->t.at[i].raw.cp[0] & ~32u);
	if (t.n > 1 && t.cp[0] == '{') {
		plg_json *doc = plg_json_parse(plg_utf8_encode(a, t), 65536, NULL);
		double s = doc == NULL ? 0 : brier(doc, want);
		plg_json_free(doc);
		return s;
	}
	char got = txt_choice_letter(x);
	if (got != 0)
		return got == want ? 1 : 0;
	size_t from, to, said = 0;
	bool right = false;
	for (char c = 'A'; c <= 'H'; c++)
		if (txt_choice_option(prompt, c, &from, &to) && says_option(x, prompt, from, to)) {
			said++;
			right |= c == want;
		}
	return right && said == 1 ? 1 : 0;
}

/* The digit of the option that opens at a token of the prompt, 0 for none: "(3)", "3)". */
static int option_digit(const txt_reading *p, size_t i)
{
	const txt_token *k = &p->t.at[i];
	if (i + 2 >= p->t.n || k->kind != TXT_T_NUMBER || k->raw.n != 1 || !is(p, i + 1, " ) . : ") ||
		!p->t.at[i + 1].tight)
		return 0;
	return (int)(k->raw.cp[0] - '0');
}

/* The tokens of option n's words. */
static bool numbered_option(const txt_reading *p, int n, size_t *from, size_t *to)
{
	for (size_t i = 0; p != NULL && i < p->t.n; i++) {
		if (option_digit(p, i) != n)
			continue;
		*from = *to = i + 2;
		while (*to < p->t.n && option_digit(p, *to) == 0 && !is(p, *to, " ( "))
			++*to;
		while (*to > *from && is(p, *to - 1, " , ; . ? "))
			--*to;
		return *to > *from;
	}
	return false;
}

bool txt_numbered_choice(const txt_reading *gold, const txt_reading *x, const txt_reading *prompt,
						 double *out)
{
	int want = 0;
	bool said[10] = {false};
	size_t from, to, others = 0;
	for (size_t i = 0; i < gold->t.n && want == 0; i++)
		if (gold->t.at[i].kind == TXT_T_NUMBER && gold->t.at[i].raw.n == 1)
			want = (int)(gold->t.at[i].raw.cp[0] - '0');
	if (want < 1 || !numbered_option(prompt, want, &from, &to) ||
		!numbered_option(prompt, want == 1 ? 2 : 1, &from, &to))
		return false;
	for (size_t i = 0; i < x->t.n; i++)
		if (x->t.at[i].kind == TXT_T_NUMBER && x->t.at[i].raw.n == 1)
			said[x->t.at[i].raw.cp[0] - '0'] = true;
	for (int n = 1; n < 10; n++)
		if (numbered_option(prompt, n, &from, &to))
			said[n] |= says_option(x, prompt, from, to);
	for (int n = 0; n < 10; n++)
		others += n != want && said[n];
	*out = said[want] && others == 0 && x->negations == 0 ? 1 : 0;
	return true;
}
