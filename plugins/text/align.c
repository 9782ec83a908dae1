/* Items are paired from the surest kind of agreement to the weakest, each once, and among
 * equals in the order of the text. */
#include <stdlib.h>
#include <string.h>
#include "text/reading.h"

enum {
	MAX_LOOKED_UP = 160,
	MAX_RELATIONS = 1 << 16
}; /* items a side whose synonyms are looked up */

static bool same_quantity(const txt_alignment *m, const txt_item *x, const txt_item *y)
{
	return txt_quantity_same(&m->ref->q.at[x->quantity - 1], &m->ans->q.at[y->quantity - 1]);
}

/* "twenty" in the one text can be an ordinary word of the other: both are quantities or
 * neither is. */
static bool exact(const txt_alignment *m, const txt_item *x, const txt_item *y)
{
	if (x->quantity != 0 || y->quantity != 0)
		return x->quantity != 0 && y->quantity != 0 && same_quantity(m, x, y);
	return strcmp(x->s, y->s) == 0;
}

/* "germany" and "german", "australia" and "austria": names need more than a common start. */
static bool name_form(const char *x, const char *y)
{
	size_t n = strlen(x), k = strlen(y), same = 0;
	while (x[same] != '\0' && x[same] == y[same])
		same++;
	size_t longer = n > k ? n : k;
	return same >= 4 && longer - same <= 4 && (same == n || same == k || longer - same <= 3);
}

/* Consonants without the participle's "ge": schreibt, schrieb, geschrieben. */
static size_t skeleton(const char *s, char *out, size_t cap)
{
	size_t n = 0, len = strlen(s);
	const char *ge = len > 6 ? strstr(s, "ge") : NULL;
	for (size_t i = 0; i < len && n + 1 < cap; i++) {
		if (ge != NULL && s + i == ge && (i == 0 || i <= 4)) {
			i++;
			ge = NULL;
			continue;
		}
		if ((unsigned char)s[i] < 0x80 && strchr("aeiou", s[i]) == NULL)
			out[n++] = s[i];
		else if ((unsigned char)s[i] >= 0x80 && i + 1 < len)
			i++; /* an umlaut */
	}
	while (n > 3 && strchr("nt", out[n - 1]) != NULL)
		n--;
	out[n] = '\0';
	return n;
}

static bool german_form(const char *x, const char *y)
{
	char a[64], b[64];
	if (strncmp(x, "ge", 2) == 0 && txt_inflected(x + 2, y))
		return true;
	if (strncmp(y, "ge", 2) == 0 && txt_inflected(y + 2, x))
		return true;
	size_t n = skeleton(x, a, sizeof a), k = skeleton(y, b, sizeof b);
	return n >= 4 && n == k && x[0] == y[0] && strcmp(a, b) == 0;
}

static bool form(const txt_alignment *m, const txt_item *x, const txt_item *y)
{
	if (x->quantity != 0 || y->quantity != 0 || x->unspaced || y->unspaced)
		return false;
	if (strcmp(x->bare, y->bare) == 0)
		return true;
	if (x->name && y->name)
		return name_form(x->bare, y->bare);
	if (m->ref->lang == TXT_EN && strlen(x->stem) >= 3)
		return strcmp(x->stem, y->stem) == 0;
	return m->ref->lang != TXT_EN &&
		   (txt_inflected(x->s, y->s) || (m->ref->lang == TXT_DE && german_form(x->s, y->s))) &&
		   !txt_places_oppose(&x->opposite, &y->opposite);
}

/* "Monat", "monatlich": one is the start of the other and not much shorter. */
static bool starts(const char *x, const char *y)
{
	size_t n = strlen(x), k = strlen(y), less = n < k ? n : k;
	return less >= 5 && (n > k ? n - k : k - n) <= 4 && memcmp(x, y, less) == 0;
}

txt_relation txt_item_relation(plg_arena *a, txt_lexicon *l, txt_lang lang, txt_item *x,
							   txt_item *y)
{
	if (x->quantity != 0 || y->quantity != 0)
		return TXT_REL_NONE;
	if (txt_places_oppose(&x->opposite, &y->opposite))
		return TXT_REL_OPPOSITE;
	if (txt_places_agree(&x->same, &y->same, false) ||
		txt_places_agree(&x->opposite, &y->opposite, true))
		return TXT_REL_SYNONYM;
	if (x->unspaced || y->unspaced)
		return TXT_REL_NONE;
	if (lang != TXT_EN && starts(x->s, y->s))
		return TXT_REL_RELATED;
	return txt_senses_relate(txt_item_senses(l, a, lang, x), txt_item_senses(l, a, lang, y));
}

txt_relation txt_relation_of(plg_arena *a, txt_lexicon *l, const txt_alignment *m, size_t i,
							 size_t k)
{
	uint8_t *known = m->relation == NULL ? NULL : &m->relation[i * m->ans->n + k];
	if (known != NULL && *known != 0)
		return (txt_relation)(*known - 1);
	txt_relation r = txt_item_relation(a, l, m->ref->lang, &m->ref->item[i], &m->ans->item[k]);
	if (known != NULL)
		*known = (uint8_t)(r + 1);
	return r;
}

static txt_match_kind kind_of(txt_relation r)
{
	switch (r) {
	case TXT_REL_SYNONYM:
		return TXT_M_SYNONYM;
	case TXT_REL_RELATED:
		return TXT_M_RELATED;
	case TXT_REL_WIDER:
		return TXT_M_WIDER;
	case TXT_REL_NONE:
	case TXT_REL_SIBLING:
	case TXT_REL_OPPOSITE:
		break;
	}
	return TXT_M_NONE;
}

static void pair(txt_alignment *m, size_t i, size_t k, txt_match_kind how)
{
	m->of_ref[i] = (int)k;
	m->of_ans[k] = (int)i;
	m->how[i] = how;
}

/* Pairs by a test; a word that follows the partner of the word before comes first. */
static void pass(txt_alignment *m,
				 bool (*test)(const txt_alignment *, const txt_item *, const txt_item *),
				 txt_match_kind how)
{
	for (size_t i = 0; i < m->ref->n; i++) {
		if (m->of_ref[i] >= 0)
			continue;
		size_t start = i > 0 && m->of_ref[i - 1] >= 0 ? (size_t)m->of_ref[i - 1] + 1 : 0;
		for (size_t d = 0; d < m->ans->n; d++) {
			size_t k = (start + d) % m->ans->n;
			if (m->of_ans[k] < 0 && test(m, &m->ref->item[i], &m->ans->item[k])) {
				pair(m, i, k, how);
				break;
			}
		}
	}
}

static void pass_meaning(plg_arena *a, txt_lexicon *l, txt_alignment *m, txt_match_kind how)
{
	size_t left = MAX_LOOKED_UP;
	for (size_t i = 0; i < m->ref->n && left > 0; i++) {
		txt_item *x = &m->ref->item[i];
		size_t budget = MAX_LOOKED_UP;
		if (m->of_ref[i] >= 0 || x->quantity != 0)
			continue;
		left--;
		for (size_t k = 0; k < m->ans->n && budget > 0; k++) {
			txt_item *y = &m->ans->item[k];
			if (m->of_ans[k] >= 0 || y->quantity != 0)
				continue;
			budget--;
			if (kind_of(txt_relation_of(a, l, m, i, k)) == how) {
				pair(m, i, k, how);
				break;
			}
		}
	}
}

bool txt_align(plg_arena *a, txt_lexicon *l, txt_reading *ref, txt_reading *ans, txt_alignment *out)
{
	txt_alignment m = {.ref = ref, .ans = ans};
	m.of_ref = plg_arena_take(a, ref->n + 1, sizeof *m.of_ref);
	m.of_ans = plg_arena_take(a, ans->n + 1, sizeof *m.of_ans);
	m.how = plg_arena_take(a, ref->n + 1, sizeof *m.how);
	if (m.of_ref == NULL || m.of_ans == NULL || m.how == NULL)
		return false;
	for (size_t i = 0; i < ref->n; i++)
		m.of_ref[i] = -1;
	for (size_t i = 0; i < ans->n; i++)
		m.of_ans[i] = -1;
	m.lexicon = txt_lexicon_has(l, ref->lang);
	if (ref->n * ans->n <= MAX_RELATIONS)
		m.relation = plg_arena_take(a, ref->n * ans->n + 1, 1);
	if (ans->n > 0) {
		pass(&m, exact, TXT_M_EXACT);
		pass(&m, form, TXT_M_FORM);
		pass_meaning(a, l, &m, TXT_M_SYNONYM);
		pass_meaning(a, l, &m, TXT_M_RELATED);
		pass_meaning(a, l, &m, TXT_M_WIDER);
	}
	*out = m;
	return !plg_arena_failed(a);
}
