/* Answers that are none, whatever the kind: lists of guesses, alternatives, what is taken back.
 * "Mercury, Budapest, 101": who sends three guesses has not answered, whatever the kind. Parts
 * of a sentence have small words of their own; polite ones and the question's do not count. */
#include <string.h>
#include "text/manners.h"
#include "text/typed.h"

static bool ends_part(const txt_reading *x, size_t i)
{
	if (i >= x->t.n || x->t.at[i].line)
		return true;
	const txt_token *k = &x->t.at[i];
	if (k->kind != TXT_T_MARK || k->s[0] == '\0')
		return false;
	return strchr(",;|.", k->s[0]) != NULL || (k->s[0] == '/' && !k->tight);
}

static bool asked(const txt_reading *prompt, const txt_token *k)
{
	for (size_t i = 0; prompt != NULL && i < prompt->t.n; i++)
		if (strcmp(prompt->t.at[i].s, k->s) == 0)
			return true;
	return false;
}

/* Up to four words, articles aside none of them small. */
static bool is_bare(const txt_reading *x, const txt_reading *prompt, size_t from, size_t to)
{
	static const char joints[] = " a an the der die das le la les l el los las il lo o os as de of "
								 "and und et y e и ";
	const txt_language *l = txt_language_of(x->lang);
	const txt_manners *m = txt_manners_of(x->lang);
	size_t words = 0, own = 0;
	for (size_t i = from; i < to; i++) {
		const txt_token *k = &x->t.at[i];
		if (k->kind == TXT_T_MARK || txt_listed(joints, k->s))
			continue;
		if (l != NULL && k->kind == TXT_T_WORD && txt_listed(l->stop, k->s))
			return false;
		words++;
		own += !(m != NULL && txt_listed(m->polite, k->s)) && !asked(prompt, k);
	}
	return words >= 1 && words <= 4 && own > 0;
}

bool txt_is_list(const txt_reading *x, const txt_reading *prompt)
{
	size_t parts = 0, bare = 0, from = 0;
	for (size_t i = 0; i <= x->t.n; i++) {
		if (!ends_part(x, i))
			continue;
		parts += i > from;
		bare += i > from && is_bare(x, prompt, from, i);
		from = i < x->t.n && x->t.at[i].kind == TXT_T_MARK ? i + 1 : i;
	}
	return bare >= 3 && 2 * bare >= parts;
}

bool txt_has_rival(const txt_reading *x)
{
	const txt_manners *m = txt_manners_of(x->lang);
	for (size_t i = 0; m != NULL && i < x->t.n; i++)
		if (txt_listed(m->rival, x->t.at[i].s))
			return true;
	return false;
}

/* Does another answer or a withdrawal stand beside the tokens [from, to) that are right? */
bool txt_is_withdrawn(const txt_reading *x, size_t from, size_t to)
{
	static const char either[] = " either entweder soit entre между ";
	static const char no[] = " no nein non não нет nee не ";
	const txt_language *l = txt_language_of(x->lang);
	const txt_manners *m = txt_manners_of(x->lang);
	if (l == NULL || m == NULL)
		return false;
	if (txt_phrase(&x->t, 0, x->t.n, l->hedge, NULL))
		return true;
	for (size_t i = 0; i < x->t.n; i++) {
		const char *s = x->t.at[i].s;
		bool behind = i >= to && i < to + 3;
		if (i < from && from - i <= 3 && txt_listed(either, s))
			return true;
		if ((i + 1 == from || i == to) && txt_listed(m->rival, s) && i > 0 && i + 1 < x->t.n &&
			!txt_listed(l->stop, x->t.at[i == to ? i + 1 : i - 1].s))
			return true;
		if (behind && i > 0 && x->t.at[i - 1].kind == TXT_T_MARK && txt_listed(no, s))
			return true;
	}
	return false;
}
