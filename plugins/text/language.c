/* Look-ups in the tables of lang_*.c, and which language a text is in. */
#include "text/lang.h"
#include <string.h>

const txt_language *txt_language_of(txt_lang lang)
{
	static const txt_language *const all[TXT_LANG_N] = {
		[TXT_EN] = &txt_lang_en, [TXT_DE] = &txt_lang_de, [TXT_FR] = &txt_lang_fr,
		[TXT_ES] = &txt_lang_es, [TXT_IT] = &txt_lang_it, [TXT_PT] = &txt_lang_pt,
		[TXT_RU] = &txt_lang_ru, [TXT_NL] = &txt_lang_nl, [TXT_ZH] = &txt_lang_zh,
		[TXT_JA] = &txt_lang_ja,
	};
	return lang < TXT_LANG_N ? all[lang] : NULL;
}

static bool is_gap(char c)
{
	return c == ' ' || c == ';' || c == '|';
}

bool txt_listed(const char *list, const char *word)
{
	size_t n = strlen(word);
	if (n == 0 || list == NULL)
		return false;
	for (const char *p = strstr(list, word); p != NULL; p = strstr(p + 1, word)) {
		char before = p == list ? ' ' : p[-1], after = p[n];
		if (is_gap(before) && (after == '\0' || is_gap(after)))
			return true;
	}
	return false;
}

static size_t common_words(const txt_tokens *t, const char *stop)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n && i < 80; i++)
		n += t->at[i].kind == TXT_T_WORD && txt_listed(stop, t->at[i].s);
	return n;
}

/* Letters decide where they can. */
static txt_lang by_script(const txt_tokens *t)
{
	size_t cyrillic = 0, han = 0, kana = 0, words = 0, other = 0;
	for (size_t i = 0; i < t->n && i < 400; i++) {
		if (t->at[i].kind != TXT_T_WORD)
			continue;
		uint32_t c = t->at[i].raw.cp[0];
		words++;
		cyrillic += c >= 0x400 && c < 0x530;
		kana += c >= 0x3040 && c < 0x3100;
		han += c >= 0x3400 && c < 0xa000;
		other += c >= 0x530 && !(c >= 0x1e00 && c < 0x2000) && !(c >= 0x3040 && c < 0xa000);
	}
	if (3 * kana > words && kana > 0)
		return TXT_JA;
	if (2 * (han + kana) > words)
		return kana > 0 ? TXT_JA : TXT_ZH;
	if (2 * cyrillic > words)
		return TXT_RU;
	return 2 * other > words ? TXT_OTHER : TXT_LANG_N + 1;
}

txt_lang txt_language_guess(const txt_tokens *t, const txt_tokens *more)
{
	static const txt_lang latin[] = {TXT_EN, TXT_DE, TXT_FR, TXT_ES, TXT_IT, TXT_PT, TXT_NL};
	txt_lang best = by_script(t);
	size_t most = 0;
	if (best <= TXT_OTHER)
		return best;
	best = TXT_EN;
	for (size_t i = 0; i < sizeof latin / sizeof latin[0]; i++) {
		const char *stop = txt_language_of(latin[i])->stop;
		size_t n = common_words(t, stop) + (more == NULL ? 0 : common_words(more, stop));
		if (n > most) {
			most = n;
			best = latin[i];
		}
	}
	return best;
}

/* Where word stands in groups "a b|c d;e|f": group * 16 + side + 1 for each place. */
static void find_places(const char *groups, const char *word, txt_places *out)
{
	size_t n = strlen(word), k = 0;
	const char *counted = groups;
	int group = 0, side = 0;
	*out = (txt_places){{0}};
	if (n == 0)
		return;
	for (const char *p = strstr(groups, word); p != NULL && k < TXT_PLACES;
		 p = strstr(p + 1, word)) {
		char before = p == groups ? ';' : p[-1], after = p[n];
		if (!is_gap(before) || (after != '\0' && !is_gap(after)))
			continue;
		for (const char *end = strchr(counted, ';'); end != NULL && end < p;
			 end = strchr(counted, ';')) {
			counted = end + 1;
			group++;
		}
		side = 0;
		for (const char *bar = counted; bar < p; bar++)
			side += *bar == '|';
		out->at[k++] = group * 16 + side + 1;
	}
}

void txt_word_places(const txt_language *l, const char *word, txt_places *opposite,
					 txt_places *same)
{
	*opposite = *same = (txt_places){{0}};
	if (l == NULL)
		return;
	find_places(l->opposite, word, opposite);
	find_places(l->same, word, same);
}

bool txt_has_opposite(const txt_language *l, const char *word)
{
	txt_places p = {{0}};
	if (l != NULL)
		find_places(l->opposite, word, &p);
	return p.at[0] != 0;
}

bool txt_places_oppose(const txt_places *x, const txt_places *y)
{
	for (size_t i = 0; i < TXT_PLACES && x->at[i] != 0; i++)
		for (size_t k = 0; k < TXT_PLACES && y->at[k] != 0; k++)
			if (x->at[i] / 16 == y->at[k] / 16 && x->at[i] != y->at[k])
				return true;
	return false;
}

bool txt_places_agree(const txt_places *x, const txt_places *y, bool sides)
{
	for (size_t i = 0; i < TXT_PLACES && x->at[i] != 0; i++)
		for (size_t k = 0; k < TXT_PLACES && y->at[k] != 0; k++)
			if (sides ? x->at[i] == y->at[k] : x->at[i] / 16 == y->at[k] / 16)
				return true;
	return false;
}

/* Does the phrase (up to '|') start at token i? Marks between words do not count. */
static bool phrase_at(const txt_tokens *t, size_t i, size_t to, const char *p)
{
	while (*p != '\0' && *p != '|') {
		const char *s = i < to ? t->at[i].s : "";
		while (*s != '\0' && *s == *p) {
			s++;
			p++;
		}
		if (i >= to || *s != '\0' || (*p != ' ' && *p != '|' && *p != '\0'))
			return false;
		p += *p == ' ';
		i++;
		while (i < to && t->at[i].kind == TXT_T_MARK)
			i++;
	}
	return true;
}

bool txt_phrase(const txt_tokens *t, size_t from, size_t to, const char *phrases, size_t *at)
{
	for (const char *p = phrases; p != NULL && *p != '\0';) {
		for (size_t i = from; i < to; i++)
			if (t->at[i].s[0] == *p && phrase_at(t, i, to, p)) {
				if (at != NULL)
					*at = i;
				return true;
			}
		p = strchr(p, '|');
		p = p == NULL ? NULL : p + 1;
	}
	return false;
}
