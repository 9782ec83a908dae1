/* Relevance says whether the answer is about the same thing at all and saturates early;
 * the facts decide whether it is true. So neither closeness nor distance pays. */
#include "text/meaning.h"
#include <string.h>
#include "common/num.h"
#include "text/layout.h"

enum { LOOK_AHEAD = 160 }; /* words of a reference looked up once for all answers */

bool txt_meaning_prepare(plg_arena *a, txt_lexicon *l, plg_text ref, size_t short_max, int type,
						 double tolerance, const txt_tokens *question, txt_meaning_ref *out)
{
	txt_meaning_ref r = {.typed = {.text = ref, .tolerance = tolerance}};
	size_t words = 0, letters = 0;
	if (!txt_read(a, ref, TXT_MEANING_TOKENS, TXT_GUESS, question, &r.typed.gold))
		return false;
	for (size_t i = 0; i < r.typed.gold.t.n; i++) {
		const txt_token *k = &r.typed.gold.t.at[i];
		letters += k->unspaced;
		words += !k->unspaced && k->kind != TXT_T_MARK;
	}
	words += letters * 5 / 8;
	r.is_short = words <= short_max;
	r.typed.type = type >= 0 ? (txt_type)type : txt_type_guess(a, ref, &r.typed.gold);
	if (type >= 0)
		r.is_short = true;
	for (size_t i = 0; i < r.typed.gold.n && i < LOOK_AHEAD; i++)
		(void)txt_item_senses(l, a, r.typed.gold.lang, &r.typed.gold.item[i]);
	*out = r;
	return !plg_arena_failed(a);
}

/* An unrelated text of the same language shares a word or two. */
static double related(const txt_facts *f, double similarity)
{
	double words = plg_clamp((f->relevance - 0.08) / 0.22, 0, 1);
	double vectors = similarity < 0 ? 0 : plg_clamp((similarity - 0.35) / 0.3, 0, 1);
	return words > vectors ? words : vectors;
}

static double content_of(const txt_facts *f, double similarity)
{
	double near = plg_clamp((f->closeness - 0.5) / 0.3, 0, 1);
	/* Near-copies must have the whole content; distant wording cannot. */
	double whole = plg_clamp(f->closeness / 0.9, 0, 1);
	/* Who says nothing but the reference's words in order and leaves some out, leaves out facts. */
	double quoted = plg_clamp((f->precision - 0.7) / 0.2, 0, 1) * near;
	whole *= 1 - quoted * (1 - plg_clamp((f->recall - 0.25) / 0.65, 0, 1));
	double content =
		(1 - near) * (0.25 + 0.65 * related(f, similarity)) * (related(f, similarity) > 0) +
		near * whole;
	return plg_clamp(content * related(f, similarity), 0, 1);
}

static bool is_shotgun(const txt_meaning_ref *ref, const txt_reading *x, const txt_reading *prompt)
{
	switch (ref->typed.type) {
	case TXT_TYPE_SET:
	case TXT_TYPE_CODE:
	case TXT_TYPE_YES_NO:
		return false;
	case TXT_TYPE_TEXT:
	case TXT_TYPE_NUMBER:
	case TXT_TYPE_DATE:
	case TXT_TYPE_CHOICE:
	case TXT_TYPE_NAME:
	case TXT_TYPE_N:
		break;
	}
	return txt_is_list(x, prompt) && !txt_is_list(&ref->typed.gold, NULL);
}

bool txt_meaning_judge(plg_arena *a, txt_lexicon *l, const txt_meaning_ref *ref, plg_text answer,
					   const txt_reading *prompt, double similarity, txt_meaning *out)
{
	txt_reading x, gold = ref->typed.gold;
	txt_typed_ref typed = ref->typed;
	txt_meaning m = {.typed = ref->is_short};
	/* What is looked up for one answer dies with it. */
	gold.item = plg_arena_take(a, gold.n + 1, sizeof *gold.item);
	if (gold.item == NULL)
		return false;
	if (gold.n > 0)
		memcpy(gold.item, ref->typed.gold.item, gold.n * sizeof *gold.item);
	typed.gold = gold;
	/* A few words do not show their language. */
	txt_lang lang = gold.lang;
	plg_text words = txt_without_layout(a, answer);
	if (words.cp == NULL || !txt_read(a, words, TXT_MEANING_TOKENS, lang, NULL, &x))
		return false;
	if (ref->is_short && is_shotgun(ref, &x, prompt)) {
		*out = m;
		return true;
	}
	if (ref->is_short) {
		if (!txt_typed_judge(a, l, &typed, answer, &x, prompt, &m.meaning))
			return false;
		bool letters = gold.n > 0 && gold.item[0].unspaced;
		bool open = ref->typed.type == TXT_TYPE_TEXT && gold.n >= (letters ? 6 : 2);
		/* "either nectar or oil", "not nectar": no word of it makes that right */
		bool unsure = txt_has_rival(&x) || x.negations % 2 != gold.negations % 2;
		if (!open || m.meaning > 0 || (unsure && !txt_has_rival(&gold))) {
			*out = m;
			return true;
		}
		m.typed = false;
	}
	if (!txt_facts_judge(a, l, &gold, &x, prompt, &m.facts))
		return false;
	/* A few safe words of a long answer do not say it: from a tenth of its content words an
	 * answer begins to earn, and from four tenths it is not too short. */
	double whole =
		gold.n > 0 ? plg_clamp(((double)m.facts.length / (double)gold.n - 0.1) / 0.3, 0, 1) : 1;
	m.content = content_of(&m.facts, similarity) * whole;
	if (ref->is_short && m.facts.replaced)
		m.content *= 0.3; /* of a few words each is the answer */
	m.meaning = m.content * txt_facts_gate(&m.facts);
	*out = m;
	return true;
}
