/* Names and short phrases. The gold's words must be there in their order; what stands
 * around them must be the question's words or small words, not a second name. */
#include <string.h>
#include "text/facts.h"
#include "text/typed.h"

static bool is(const txt_reading *r, size_t i, const char *list)
{
	return i < r->t.n && txt_listed(list, r->t.at[i].s);
}

typedef struct {
	const char *w[64];
	size_t token[64];
	size_t n;
} words;

/* Words and numbers without marks; articles go unless nothing else is left. */
static words words_of(plg_arena *a, const txt_reading *r, bool articles)
{
	static const char *const articles_of[TXT_LANG_N] = {[TXT_EN] = " a an the ",
														[TXT_DE] = " der die das ein eine dem den ",
														[TXT_FR] = " le la les l un une ",
														[TXT_ES] = " el la los las un una ",
														[TXT_IT] =
															" il lo la i gli le l un una uno ",
														[TXT_PT] = " o a os as um uma ",
														[TXT_NL] = " de het een "};
	const char *article = r->lang < TXT_LANG_N ? articles_of[r->lang] : NULL;
	words x = {.n = 0};
	for (size_t i = 0; i < r->t.n && x.n < 64; i++) {
		const txt_token *k = &r->t.at[i];
		bool mark = k->kind == TXT_T_MARK && strchr("+#%&@$", k->s[0]) == NULL;
		if (mark ||
			(!articles && k->kind == TXT_T_WORD && article != NULL && txt_listed(article, k->s)))
			continue;
		x.token[x.n] = i;
		x.w[x.n++] = k->kind == TXT_T_WORD ? txt_bare(a, k->raw) : k->s;
	}
	return x.n == 0 && !articles ? words_of(a, r, true) : x;
}

/* A phrase is known by its content words. */
static void drop_small(const txt_language *l, words *g)
{
	words kept = {.n = 0};
	for (size_t i = 0; i < g->n; i++)
		if (!txt_listed(l->stop, g->w[i]) || txt_listed(l->negation, g->w[i])) {
			kept.token[kept.n] = g->token[i];
			kept.w[kept.n++] = g->w[i];
		}
	if (kept.n > 0)
		*g = kept;
}

static bool digits_differ(const char *x, const char *y)
{
	return strpbrk(x, "0123456789") != NULL || strpbrk(y, "0123456789") != NULL;
}

/* One letter missing, added or changed. */
static bool one_slip(const char *x, const char *y)
{
	size_t n = strlen(x), k = strlen(y), i = 0, e = 0;
	if ((n > k ? n - k : k - n) > 1)
		return false;
	while (x[i] != '\0' && x[i] == y[i])
		i++;
	while (e < n - i && e < k - i && x[n - 1 - e] == y[k - 1 - e])
		e++;
	size_t left = n - i - e, right = k - i - e;
	/* also two neighbours in the wrong order */
	bool turned = left == 2 && right == 2 && x[i] == y[i + 1] && x[i + 1] == y[i];
	return (left <= 1 && right <= 1) || turned;
}

/* A slip of the pen in a long word is forgiven unless it makes another known word. */
static bool same_word(plg_arena *a, txt_lexicon *l, txt_lang lang, const char *x, const char *y)
{
	if (strcmp(x, y) == 0)
		return true;
	size_t n = strlen(x);
	if (n < 7 || strlen(y) < 6 || digits_differ(x, y) || !one_slip(x, y))
		return false;
	txt_lang known = lang < TXT_LANG_N ? lang : TXT_EN;
	const txt_senses *s = txt_lexicon_look(l, a, known, y);
	return !txt_senses_known(s);
}

/* Does something hang on the row without a space: H2O in H2O2? */
static bool hangs(const txt_reading *r, size_t from, size_t to)
{
	const txt_token *t = r->t.at;
	bool left = from > 0 && t[from].tight && t[from - 1].kind != TXT_T_MARK && !t[from].unspaced &&
				!t[from - 1].unspaced;
	bool right = to < r->t.n && t[to].tight && t[to].kind != TXT_T_MARK && !t[to].unspaced &&
				 !t[to - 1].unspaced;
	return left || right;
}

/* Where the gold's words stand in a row among x's, or SIZE_MAX. */
static size_t find_row(plg_arena *a, txt_lexicon *l, const txt_reading *r, const words *g,
					   const words *x)
{
	txt_lang lang = r->lang;
	for (size_t i = 0; i + g->n <= x->n; i++) {
		size_t k = 0;
		while (k < g->n && same_word(a, l, lang, g->w[k], x->w[i + k]))
			k++;
		if (k == g->n && !hangs(r, x->token[i], x->token[i + k - 1] + 1))
			return i;
	}
	return SIZE_MAX;
}

static bool in_prompt(plg_arena *a, const txt_reading *p, const txt_token *k)
{
	const char *bare = txt_bare(a, k->raw);
	for (size_t i = 0; p != NULL && bare != NULL && i < p->t.n; i++)
		if (p->t.at[i].kind == TXT_T_WORD && strcmp(txt_bare(a, p->t.at[i].raw), bare) == 0)
			return true;
	return false;
}

static const char alternatives[] =
	" or oder ou o u или 或 / either vs versus possibly maybe perhaps ";

/* Is the word a rival answer: of the gold's own kind? */
static bool is_rival(plg_arena *a, txt_lexicon *l, txt_lang lang, const words *g, const char *w)
{
	const txt_senses *y = txt_lexicon_look(l, a, lang < TXT_LANG_N ? lang : TXT_EN, w);
	txt_places mine, theirs, same;
	txt_word_places(txt_language_of(lang), w, &theirs, &same);
	for (size_t i = 0; i < g->n; i++) {
		txt_relation r = txt_senses_relate(
			txt_lexicon_look(l, a, lang < TXT_LANG_N ? lang : TXT_EN, g->w[i]), y);
		if (r == TXT_REL_SIBLING || r == TXT_REL_OPPOSITE)
			return true;
		txt_word_places(txt_language_of(lang), g->w[i], &mine, &same);
		if (txt_places_oppose(&mine, &theirs))
			return true;
	}
	return false;
}

/* "Ottawa? No, Toronto.", "mercury is not": a negation of its own behind the gold. */
static bool taken_back(const txt_reading *x, size_t to)
{
	const txt_language *l = txt_language_of(x->lang);
	for (size_t i = to; l != NULL && i < x->t.n && i < to + 4; i++)
		if (txt_listed(l->negation, x->t.at[i].s))
			return i + 1 == x->t.n || x->t.at[i + 1].kind == TXT_T_MARK;
	return false;
}

/* "Ottawa and Toronto" are two answers. */
static bool joined_name(plg_arena *a, const txt_reading *x, const txt_reading *prompt, size_t from,
						size_t to)
{
	static const char joints[] = " and und et y e i и en & ";
	const txt_language *l = txt_language_of(x->lang);
	size_t after = to + 1, before = from >= 2 ? from - 2 : SIZE_MAX;
	bool right = is(x, to, joints) && after < x->t.n && x->t.at[after].capital &&
				 !in_prompt(a, prompt, &x->t.at[after]);
	bool left = before != SIZE_MAX && is(x, from - 1, joints) && x->t.at[before].capital &&
				!(l != NULL && txt_listed(l->stop, x->t.at[before].s)) &&
				!in_prompt(a, prompt, &x->t.at[before]);
	return right || left;
}

/* "red, green, blue": the gold in a list of guesses of up to three words each. What stands
 * behind a gold that comes first may say where it is, "Paris, France", if the list ends there
 * or the question names it too. */
static bool is_list(plg_arena *a, const txt_reading *x, const txt_reading *prompt, size_t from)
{
	size_t run = 0, parts = 0, before = 0, longest = 0, asked = 0;
	for (size_t i = 0; i <= x->t.n; i++) {
		if (i < x->t.n && !is(x, i, " , ; / . and und et y e и ")) {
			run++;
			asked += x->t.at[i].kind == TXT_T_WORD && in_prompt(a, prompt, &x->t.at[i]);
			continue;
		}
		parts += run > 0;
		before += run > 0 && i <= from;
		longest = run > longest ? run : longest;
		run = 0;
	}
	return longest <= 3 && (parts >= 4 || before > 0 || (parts == 3 && asked == 0)) && parts > 1;
}

/* 1 when the rest of the answer does not take the gold back or add a rival. */
static double rest_of(plg_arena *a, txt_lexicon *l, const words *g, const txt_reading *x,
					  const txt_reading *prompt, size_t from, size_t to, bool gold_is_name)
{
	const txt_language *lang = txt_language_of(x->lang);
	size_t names = 0, content = 0;
	if (is_list(a, x, prompt, from) || taken_back(x, to) ||
		(gold_is_name && joined_name(a, x, prompt, from, to)))
		return 0;
	for (size_t i = 0; i < x->t.n; i++) {
		const txt_token *k = &x->t.at[i];
		if (i >= from && i < to)
			continue;
		if (is(x, i, alternatives))
			return 0;
		if (k->kind == TXT_T_MARK)
			continue;
		if (lang != NULL && txt_listed(lang->negation, k->s) && (i < from && from - i <= 4))
			return 0;
		if ((lang != NULL && txt_listed(lang->stop, k->s)) || in_prompt(a, prompt, k))
			continue;
		content++;
		bool adjacent = i + 1 == from || i == to; /* a first name, a title */
		bool name = k->capital && !k->first;
		if (!adjacent && is_rival(a, l, x->lang, g, k->s))
			return 0;
		if (name && !adjacent)
			names++;
		if (k->kind == TXT_T_NUMBER)
			content++;
	}
	if (gold_is_name && names > 3)
		return 0;
	if (names > 1)
		return content > 12 ? 0.3 : 0.5;
	return content <= 12 ? 1 : content <= 30 ? 0.7 : 0.3;
}

/* A name of two or three words, none of which places have. */
static bool is_person(const txt_language *l, const words *g)
{
	static const char places[] =
		" new north south east west united saint san santa los las la le el great "
		"upper lower mount lake river port fort cape sri costa puerto sierra hong "
		"nueva neu bad saudi central republic kingdom of ";
	if (g->n < 2 || g->n > 3)
		return false;
	for (size_t i = 0; i + 1 < g->n; i++)
		if (txt_listed(places, g->w[i]) || strlen(g->w[i]) < 2 ||
			(l != NULL && (txt_listed(l->stop, g->w[i]) || txt_listed(l->negation, g->w[i]))))
			return false;
	return strlen(g->w[g->n - 1]) >= 3;
}

/* "Kepler" for "Johannes Kepler". */
static bool surname_only(const txt_language *l, const words *g, const words *x)
{
	return is_person(l, g) && x->n == 1 && strcmp(g->w[g->n - 1], x->w[0]) == 0;
}

/* The end of a person's name in a sentence, without another name at its side: its place
 * among x's words, or SIZE_MAX. */
static size_t find_surname(plg_arena *a, txt_lexicon *l, const txt_reading *r, words *g,
						   const words *x)
{
	size_t at = SIZE_MAX;
	if (!is_person(txt_language_of(r->lang), g))
		return SIZE_MAX;
	for (size_t cut = 1; cut < g->n && at == SIZE_MAX; cut++) {
		words tail = {.n = g->n - cut};
		memcpy(tail.w, g->w + cut, tail.n * sizeof *tail.w);
		memcpy(tail.token, g->token + cut, tail.n * sizeof *tail.token);
		at = find_row(a, l, r, &tail, x);
		if (at != SIZE_MAX) {
			const txt_token *first = &r->t.at[x->token[at]];
			const txt_language *lang = txt_language_of(r->lang);
			size_t to = x->token[at + tail.n - 1] + 1;
			bool before = x->token[at] > 0 && first[-1].capital &&
						  !(lang != NULL && txt_listed(lang->stop, first[-1].s));
			if (!first->capital || before || (to < r->t.n && r->t.at[to].capital))
				return SIZE_MAX;
			*g = tail;
		}
	}
	return at;
}

/* "A. G. Bell", "Alexander Bell" for "Alexander Graham Bell". */
static bool shortened(const txt_language *l, const words *g, const words *x)
{
	size_t k = 0;
	if (g->n < 2 || x->n < 2 || x->n > g->n || strcmp(g->w[g->n - 1], x->w[x->n - 1]) != 0)
		return false;
	for (size_t i = 0; i < g->n && k < x->n; i++) {
		bool initial = strlen(x->w[k]) == 1 && x->w[k][0] == g->w[i][0];
		bool here = initial || strcmp(g->w[i], x->w[k]) == 0;
		if (!here && l != NULL && txt_listed(l->negation, g->w[i]))
			return false;
		k += here;
	}
	return k == x->n;
}

/* The one run of capitalised words that is not the question's: "It was Michelangelo." */
static bool only_name(plg_arena *a, const txt_reading *x, const txt_reading *prompt, words *out,
					  size_t *from, size_t *to)
{
	const txt_language *l = txt_language_of(x->lang);
	*out = (words){.n = 0};
	for (size_t i = 0; i < x->t.n; i++) {
		const txt_token *k = &x->t.at[i];
		if (k->kind != TXT_T_WORD || !k->capital || in_prompt(a, prompt, k) ||
			(l != NULL && txt_listed(l->stop, k->s)))
			continue;
		if (out->n == 64 || (out->n > 0 && out->token[out->n - 1] + 1 != i))
			return false;
		out->token[out->n] = i;
		out->w[out->n++] = txt_bare(a, k->raw);
	}
	if (out->n == 0)
		return false;
	*from = out->token[0];
	*to = out->token[out->n - 1] + 1;
	return !plg_arena_failed(a);
}

static bool only_prompt(plg_arena *a, const txt_reading *x, const txt_reading *prompt)
{
	for (size_t i = 0; i < x->t.n; i++)
		if (x->t.at[i].kind == TXT_T_WORD && !in_prompt(a, prompt, &x->t.at[i]))
			return false;
	return true;
}

static void spell(char *dst, size_t cap, const words *w, const char *joint)
{
	for (size_t i = 0; i < w->n; i++) {
		txt_append(dst, cap, i > 0 ? joint : "");
		txt_append(dst, cap, w->w[i]);
	}
}

/* The names of one thing: "USA" for "United States", by the word list's collocations. */
static bool same_thing(plg_arena *a, txt_lexicon *l, const words *g, const words *x)
{
	char one[128] = "", two[128] = "";
	spell(one, sizeof one, g, "_");
	spell(two, sizeof two, x, "_");
	if (strcmp(one, two) == 0)
		return true;
	return txt_senses_relate(txt_lexicon_look(l, a, TXT_EN, one),
							 txt_lexicon_look(l, a, TXT_EN, two)) == TXT_REL_SYNONYM;
}

static bool glued_equal(const words *g, const words *x)
{
	char one[256] = "", two[256] = "";
	spell(one, sizeof one, g, "");
	spell(two, sizeof two, x, "");
	return strcmp(one, two) == 0;
}

/* "Last, First" and the letters of an abbreviation. */
static bool turned(const words *g, const words *x)
{
	return g->n == 2 && x->n == 2 && strcmp(g->w[0], x->w[1]) == 0 && strcmp(g->w[1], x->w[0]) == 0;
}

bool txt_name_judge(plg_arena *a, txt_lexicon *l, const txt_typed_ref *ref, txt_reading *x,
					const txt_reading *prompt, double *out)
{
	const txt_language *lang = txt_language_of(x->lang);
	words g = words_of(a, &ref->gold, false), y = words_of(a, x, false);
	bool is_name = ref->type == TXT_TYPE_NAME;
	if (!is_name && lang != NULL)
		drop_small(lang, &g);
	*out = 0;
	if (plg_arena_failed(a))
		return false;
	if (g.n == 0 || y.n == 0)
		return true;
	if (lang != NULL && txt_phrase(&x->t, 0, x->t.n, lang->refusal, NULL))
		return true;
	size_t from, to, option_from, option_to;
	char letter = y.n == 1 ? txt_choice_letter(x) : 0;
	if (letter != 0 && txt_choice_option(prompt, letter, &option_from, &option_to)) {
		txt_reading chosen = *prompt;
		chosen.t.at += option_from;
		chosen.t.n = option_to - option_from;
		words z = words_of(a, &chosen, false);
		*out = find_row(a, l, &chosen, &g, &z) == 0 && z.n == g.n ? 1 : 0;
		return true;
	}
	if (glued_equal(&g, &y) || (is_name && turned(&g, &y)) ||
		(is_name && (surname_only(lang, &g, &y) || shortened(lang, &g, &y))) ||
		(same_thing(a, l, &g, &y) && !only_prompt(a, x, prompt))) {
		*out = 1;
		return true;
	}
	size_t at = find_row(a, l, x, &g, &y);
	if (at == SIZE_MAX && is_name)
		at = find_surname(a, l, x, &g, &y);
	words named;
	if (at == SIZE_MAX && is_name && only_name(a, x, prompt, &named, &from, &to) &&
		(shortened(lang, &g, &named) || same_thing(a, l, &g, &named)))
		*out = rest_of(a, l, &g, x, prompt, from, to, true);
	if (at != SIZE_MAX) {
		from = y.token[at];
		to = y.token[at + g.n - 1] + 1;
		/* A longer name around it: "New York" for "York", "South Korea" for "Korea". */
		static const char prefix[] =
			" new north south east west great upper lower northern southern "
			"eastern western anti non pre post un ";
		bool longer = from > 0 && (is(x, from - 1, prefix) ||
								   (is(x, from - 1, " - ") && from > 1 && is(x, from - 2, prefix)));
		*out = longer ? 0 : rest_of(a, l, &g, x, prompt, from, to, is_name);
		if (lang != NULL && txt_phrase(&x->t, 0, x->t.n, lang->hedge, NULL))
			*out *= 0.2;
	}
	return !plg_arena_failed(a);
}
