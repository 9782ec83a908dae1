/* What counts as a content word is decided by the language's list of small words; words
 * that decide truth ("before", "all", "only") are in the tables of opposites and stay. */
#include "text/reading.h"
#include <string.h>
#include "text/porter.h"

static bool in_quantity(const txt_quantities *q, size_t token, int *which)
{
	for (size_t i = 0; i < q->n; i++)
		if (token >= q->at[i].from && token < q->at[i].to) {
			*which = (int)i;
			return true;
		}
	return false;
}

static bool is_roman_number(const char *s)
{
	return strlen(s) >= 1 && strspn(s, "ivxlcdm") == strlen(s);
}

/* Capital inside a sentence; at its start only when the word is capitalised elsewhere. */
static bool looks_like_name(const txt_reading *r, const txt_language *l, size_t i)
{
	const txt_token *k = &r->t.at[i];
	if (!k->capital || (l != NULL && l->noun_capitals))
		return false;
	if (!k->first)
		return !(k->raw.n == 1 && k->s[0] == 'i');
	for (size_t j = 0; j < r->t.n; j++)
		if (j != i && r->t.at[j].capital && !r->t.at[j].first && strcmp(r->t.at[j].s, k->s) == 0)
			return true;
	/* "Marie Curie discovered": another capital follows at once. */
	return i + 1 < r->t.n && r->t.at[i + 1].capital && r->t.at[i + 1].kind == TXT_T_WORD &&
		   (l == NULL || !txt_listed(l->stop, k->s));
}

static const char *stem_of(plg_arena *a, txt_lang lang, const char *s)
{
	size_t n = strlen(s);
	char *w = plg_arena_take(a, n + 1, 1);
	if (w == NULL)
		return NULL;
	memcpy(w, s, n + 1);
	if (lang == TXT_EN)
		w[txt_porter(w, n)] = '\0';
	return w;
}

static bool add_item(plg_arena *a, txt_reading *r, size_t token, int quantity, size_t sentence)
{
	const txt_token *k = &r->t.at[token];
	txt_item *x = &r->item[r->n++];
	*x = (txt_item){.s = k->s,
					.stem = stem_of(a, r->lang, k->s),
					.bare = k->kind == TXT_T_WORD ? txt_bare(a, k->raw) : k->s,
					.token = token,
					.unspaced = k->unspaced,
					.sentence = sentence,
					.quantity = quantity};
	if (quantity == 0)
		txt_word_places(txt_language_of(r->lang), x->s, &x->opposite, &x->same);
	x->name = quantity == 0 && looks_like_name(r, txt_language_of(r->lang), token);
	r->words += quantity == 0;
	r->names += x->name;
	return x->stem != NULL && x->bare != NULL;
}

/* Words that turn a fact round are read elsewhere: negations and connectors. */
static bool is_small(const txt_language *l, const char *s)
{
	if (l == NULL)
		return false;
	if (txt_listed(l->negation, s) || txt_listed(l->before, s) || txt_listed(l->after, s))
		return true;
	return txt_listed(l->stop, s) && !txt_has_opposite(l, s);
}

/* "keeps the wheels from locking": the verb says no more than "not". */
static bool keeps_from(const txt_reading *r, size_t i)
{
	static const char verbs[] =
		" keep keeps kept prevent prevents prevented stop stops stopped hinder hinders "
		"hindered block blocks blocked ";
	if (r->lang != TXT_EN || !txt_listed(verbs, r->t.at[i].s))
		return false;
	for (size_t k = i + 1; k + 1 < r->t.n && k <= i + 7 && r->t.at[k].kind != TXT_T_MARK; k++) {
		const char *next = r->t.at[k + 1].s;
		size_t n = strlen(next);
		if (strcmp(r->t.at[k].s, "from") == 0 && n > 4 && strcmp(next + n - 3, "ing") == 0)
			return true;
	}
	return false;
}

/* "more than 1,500": the bound belongs to the number. */
static bool is_bound(const txt_reading *r, size_t i)
{
	static const char words[] =
		" more less fewer least most mehr weniger plus moins más menos più meno mais "
		"over above below oltre über upwards greater ";
	if (!txt_listed(words, r->t.at[i].s))
		return false;
	for (size_t k = 0; k < r->q.n; k++)
		if (r->q.at[k].bound != 0 && r->q.at[k].from > i && r->q.at[k].from <= i + 3)
			return true;
	return false;
}

/* "far more": only stronger. */
static bool is_stress(const txt_reading *r, size_t i)
{
	static const char words[] =
		" far considerably significantly somewhat slightly wesentlich deutlich bien "
		"nettement molto bastante ";
	return i + 1 < r->t.n && txt_listed(words, r->t.at[i].s) && r->t.at[i + 1].kind == TXT_T_WORD &&
		   (txt_listed(" more less fewer plus moins más menos più meno mais mehr weniger ",
					   r->t.at[i + 1].s) ||
			r->lang != TXT_EN ||
			strcmp(r->t.at[i + 1].s +
					   (strlen(r->t.at[i + 1].s) > 2 ? strlen(r->t.at[i + 1].s) - 2 : 0),
				   "er") == 0);
}

bool txt_read(plg_arena *a, plg_text text, size_t max_tokens, txt_lang lang, const txt_tokens *with,
			  txt_reading *out)
{
	txt_tokens t;
	if (!txt_tokenise(a, text, max_tokens, &t))
		return false;
	return txt_read_tokens(a, &t, lang == TXT_GUESS ? txt_language_guess(&t, with) : lang, out);
}

bool txt_read_tokens(plg_arena *a, const txt_tokens *t, txt_lang lang, txt_reading *out)
{
	txt_reading r = {.t = *t, .lang = lang};
	size_t sentence = 0;
	const txt_language *l = txt_language_of(lang);
	r.item = plg_arena_take(a, r.t.n + 1, sizeof *r.item);
	if (r.item == NULL || !txt_quantities_read(a, &r.t, r.lang, &r.q))
		return false;
	for (size_t i = 0; i < r.t.n; i++) {
		const txt_token *k = &r.t.at[i];
		int which = 0;
		if (k->kind == TXT_T_MARK && strchr(".!?", k->s[0]) != NULL && k->s[0] != '\0')
			sentence++;
		bool turns = l != NULL && k->kind == TXT_T_WORD &&
					 (txt_listed(l->negation, k->s) || keeps_from(&r, i));
		r.negations += turns;
		if (turns)
			continue;
		bool quantity = in_quantity(&r.q, i, &which);
		if (quantity && !r.q.at[which].weak) {
			if (r.q.at[which].from == i && !add_item(a, &r, i, which + 1, sentence))
				return false;
			continue;
		}
		if (k->kind == TXT_T_MARK && strchr("+#%&@=", k->s[0]) == NULL)
			continue;
		if (k->kind == TXT_T_WORD && (is_bound(&r, i) || is_stress(&r, i)))
			continue;
		if (k->kind == TXT_T_WORD && is_small(l, k->s) &&
			!(k->capital && !k->first && k->raw.n > 1 && is_roman_number(k->s)))
			continue;
		if (!add_item(a, &r, i, 0, sentence))
			return false;
	}
	*out = r;
	return true;
}

const txt_senses *txt_item_senses(txt_lexicon *l, plg_arena *a, txt_lang lang, txt_item *i)
{
	if (i->senses == NULL && l != NULL && !i->unspaced && i->quantity == 0)
		i->senses = txt_lexicon_look(l, a, lang, i->s);
	return i->senses;
}
