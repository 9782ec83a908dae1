/* Each judge looks at what the alignment left over. A contradiction needs two sides: the
 * reference says one thing and the answer another in its place. Saying less is a smaller
 * fault than saying something else. */
#include "text/facts.h"
#include <string.h>
#include "common/num.h"
#include "text/dress.h"
#include "text/manners.h"

static const double wrong = 0.05;

static bool in_prompt_quantity(const txt_reading *p, const txt_quantity *q)
{
	for (size_t i = 0; p != NULL && i < p->q.n; i++)
		if (txt_quantity_same(&p->q.at[i], q))
			return true;
	return false;
}

static bool in_prompt_word(const txt_reading *p, const txt_item *x)
{
	for (size_t i = 0; p != NULL && i < p->n; i++)
		if (p->item[i].quantity == 0 &&
			(strcmp(p->item[i].bare, x->bare) == 0 || strcmp(p->item[i].stem, x->stem) == 0))
			return true;
	return false;
}

/* ---- where a word stands ---- */

static int partner_left(const int *of, size_t i)
{
	for (size_t d = 1; d <= i && d <= 3; d++)
		if (of[i - d] >= 0)
			return of[i - d];
	return -1;
}

static int partner_right(const int *of, size_t n, size_t i)
{
	for (size_t d = 1; i + d < n && d <= 3; d++)
		if (of[i + d] >= 0)
			return of[i + d];
	return -1;
}

/* At most two words with partners between items from and to: the others may be padding. */
static bool beside(const txt_alignment *m, size_t from, size_t to)
{
	size_t between = 0;
	for (size_t i = from + 1; i < to && between < 3; i++)
		between += m->of_ans[i] >= 0;
	return between < 3;
}

/* Do the two stand in the same place, next to words that are each other's partners? */
static bool same_place(const txt_alignment *m, size_t i, size_t k)
{
	int left = partner_left(m->of_ref, i), right = partner_right(m->of_ref, m->ref->n, i);
	bool l = left >= 0 && (size_t)left < k && beside(m, (size_t)left, k);
	bool r = right >= 0 && (size_t)right > k && beside(m, k, (size_t)right);
	return l || r;
}

/* The same without a limit: between partners of the next words that have any. */
static bool same_gap(const txt_alignment *m, size_t i, size_t k)
{
	size_t left = i, right = i + 1;
	while (left > 0 && m->of_ref[left - 1] < 0)
		left--;
	while (right < m->ref->n && m->of_ref[right] < 0)
		right++;
	return (left == 0 || (size_t)m->of_ref[left - 1] < k) &&
		   (right == m->ref->n || (size_t)m->of_ref[right] > k);
}

/* ---- quantities ---- */

static bool has_same(const txt_quantities *in, const txt_quantity *q)
{
	for (size_t i = 0; i < in->n; i++)
		if (txt_quantity_same(&in->at[i], q))
			return true;
	return false;
}

static bool bounds_differ(const txt_quantities *in, const txt_quantity *q)
{
	for (size_t i = 0; i < in->n; i++)
		if (txt_quantity_same(&in->at[i], q) && in->at[i].bound * q->bound < 0)
			return true;
	return false;
}

/* What is counted: the next content word behind the number. */
static const char *noun_of(const txt_reading *r, const txt_quantity *q)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->item[i].token >= q->to)
			return r->item[i].token <= q->to + 2 ? r->item[i].stem : "";
	return "";
}

/* A number in another's place; a bare count of another thing in other words may be true. */
static bool contradicts(const txt_reading *ref, const txt_quantity *r, const txt_reading *ans,
						const txt_quantity *x, double closeness)
{
	if (!txt_quantity_comparable(r, x))
		return false;
	if (r->dim != TXT_D_PLAIN || x->dim != TXT_D_PLAIN || closeness > 0.45)
		return true;
	return strcmp(noun_of(ref, r), noun_of(ans, x)) == 0;
}

static double judge_quantities(const txt_reading *ref, const txt_reading *ans,
							   const txt_reading *prompt, double closeness)
{
	double f = 1;
	size_t missing = 0, extra = 0, stated = 0;
	for (size_t i = 0; i < ref->q.n; i++) {
		const txt_quantity *r = &ref->q.at[i];
		if (bounds_differ(&ans->q, r))
			return wrong;
		if (r->weak || in_prompt_quantity(prompt, r))
			continue;
		stated++;
		if (has_same(&ans->q, r))
			continue;
		missing++;
		for (size_t k = 0; k < ans->q.n; k++) {
			const txt_quantity *x = &ans->q.at[k];
			if (!x->weak && contradicts(ref, r, ans, x, closeness) && !has_same(&ref->q, x) &&
				!in_prompt_quantity(prompt, x))
				return wrong;
		}
	}
	for (size_t k = 0; k < ans->q.n; k++) {
		const txt_quantity *x = &ans->q.at[k];
		extra += !x->weak && !has_same(&ref->q, x) && !in_prompt_quantity(prompt, x);
	}
	if (missing > 0 && extra > 0)
		return closeness > 0.45 ? 0.15 : 0.4; /* a number of another kind in its place */
	if (missing > 0)
		f = missing == stated ? 0.6 : 0.8;
	for (; extra > 0 && f > 0.5; extra--)
		f *= 0.85;
	return f;
}

/* ---- names ---- */

/* Capitals also stand in titles: "First World War" are common words. */
static bool is_proper(plg_arena *a, txt_lexicon *l, const txt_reading *r, txt_item *x)
{
	return x->name && !txt_senses_common(txt_item_senses(l, a, r->lang, x));
}

static double judge_names(plg_arena *a, txt_lexicon *l, const txt_alignment *m,
						  const txt_reading *prompt, double closeness)
{
	size_t missing = 0, extra = 0, kept = 0;
	for (size_t i = 0; i < m->ref->n; i++) {
		if (!is_proper(a, l, m->ref, &m->ref->item[i]))
			continue;
		kept += m->of_ref[i] >= 0;
		missing += m->of_ref[i] < 0 && !in_prompt_word(prompt, &m->ref->item[i]);
	}
	for (size_t k = 0; k < m->ans->n; k++)
		extra += m->of_ans[k] < 0 && is_proper(a, l, m->ans, &m->ans->item[k]) &&
				 !in_prompt_word(prompt, &m->ans->item[k]);
	if (missing > 0 && extra > 0)
		return closeness > 0.5 ? wrong
			   : kept == 0     ? 0.15
							   : 0.25 + 0.5 * (double)kept / (double)(kept + missing);
	if (missing > 0)
		return kept > 0 ? 0.9 : 0.75;
	return extra > 1 ? 0.75 : extra == 1 ? 0.9 : 1;
}

/* ---- polarity ---- */

typedef struct {
	size_t firm, loose;
} opposites;

/* Opposites among what is left over on both sides; loose ones stand elsewhere. */
static opposites count_opposites(plg_arena *a, txt_lexicon *l, const txt_alignment *m)
{
	opposites n = {0, 0};
	size_t looked = 0;
	for (size_t i = 0; i < m->ref->n; i++) {
		bool firm = false, loose = false;
		for (size_t k = 0; m->of_ref[i] < 0 && k < m->ans->n && looked < 20000; k++, looked++) {
			if (m->of_ans[k] >= 0 || txt_relation_of(a, l, m, i, k) != TXT_REL_OPPOSITE)
				continue;
			firm |= same_place(m, i, k);
			loose = true;
		}
		n.firm += firm;
		n.loose += loose && !firm;
	}
	return n;
}

/* "No summit is higher" says that it is the highest. */
static bool denies_all_others(const txt_reading *no, const txt_reading *most)
{
	static const char deniers[] =
		" no none nothing nobody kein keine keiner nichts aucun aucune rien nul ninguna "
		"ningún ninguno nada nessun nessuna nessuno nenhum nenhuma нет никто ничто 没 ";
	bool denied = false;
	for (size_t i = 0; i < no->t.n; i++)
		denied |= (i == 0 || no->t.at[i].first) && txt_listed(deniers, no->t.at[i].s);
	for (size_t i = 0; denied && i < most->t.n; i++) {
		const char *s = most->t.at[i].s;
		size_t n = strlen(s);
		if (txt_listed(" most first only best unique least plus más mais più premier première "
					   "primer primero primo "
					   "самый самая самое самым самой первым первый 最 第 ",
					   s) ||
			(most->lang == TXT_EN && n > 5 && strcmp(s + n - 3, "est") == 0) ||
			(most->lang == TXT_DE && n > 5 &&
			 (strcmp(s + n - 3, "ste") == 0 || strcmp(s + n - 4, "sten") == 0 ||
			  strcmp(s + n - 4, "ster") == 0)))
			return true;
	}
	return false;
}

/* Of each token: does its clause, between marks, hold a negation? NULL: out of memory. */
static const bool *denied_tokens(plg_arena *a, const txt_reading *r)
{
	const txt_language *l = txt_language_of(r->lang);
	bool *denied = plg_arena_take(a, r->t.n + 1, sizeof *denied);
	if (denied == NULL)
		return NULL;
	for (size_t i = 0, from = 0; i < r->t.n; i++) {
		bool mark = r->t.at[i].kind == TXT_T_MARK && strchr(",.;:!?", r->t.at[i].s[0]) != NULL;
		if (mark)
			from = i;
		bool turns = l != NULL && txt_listed(l->negation, r->t.at[i].s);
		denied[i] = turns || (!mark && i > 0 && denied[i - 1]);
		for (size_t k = from; turns && k < i && !denied[k]; k++)
			denied[k] = true;
	}
	return denied;
}

/* As many negations as in the reference, but in clauses about other things, or nothing. */
static bool negation_moved(plg_arena *a, const txt_alignment *m)
{
	size_t ref = 0, both = 0;
	if (m->ref->negations == 0 || m->ref->negations != m->ans->negations)
		return false;
	const bool *was = denied_tokens(a, m->ref), *now = denied_tokens(a, m->ans);
	for (size_t i = 0; was != NULL && now != NULL && i < m->ref->n; i++) {
		if (m->of_ref[i] < 0)
			continue;
		bool x = was[m->ref->item[i].token], y = now[m->ans->item[m->of_ref[i]].token];
		ref += x;
		both += x && y;
	}
	return ref > 0 && both == 0;
}

static double judge_polarity(plg_arena *a, const txt_alignment *m, opposites o, double closeness,
							 bool reversed_than)
{
	size_t turns = m->ref->negations + m->ans->negations + o.firm + reversed_than;
	if (turns % 2 == 1 && o.firm == 0 &&
		(denies_all_others(m->ans, m->ref) || denies_all_others(m->ref, m->ans)))
		return 1;
	if (m->ans->denied || (closeness > 0.6 && negation_moved(a, m)))
		return wrong;
	if (closeness > 0.5)
		turns += o.loose;
	if (turns % 2 == 0)
		return o.firm > 1 && m->ref->negations == m->ans->negations ? 0.3
			   : o.loose > 0 && closeness <= 0.5                    ? 0.75
																	: 1;
	if (o.firm > 0 && m->ref->negations == m->ans->negations)
		return closeness > 0.5 ? wrong : 0.15;
	/* An odd "not": decisive in a near-copy, a hint in other words. */
	return closeness > 0.6 ? wrong : closeness > 0.35 ? 0.25 : 0.5;
}

/* ---- what a near-copy changed ---- */

static double share_of(const txt_alignment *m, txt_match_kind least)
{
	size_t same = 0;
	for (size_t i = 0; i < m->ref->n; i++)
		same += m->how[i] >= least;
	return plg_ratio(2.0 * (double)same, (double)(m->ref->n + m->ans->n));
}

typedef struct {
	size_t ref, ans; /* left over */
	size_t replaced; /* pairs in one place */
	size_t siblings; /* pairs of a kind */
} leftover;

static leftover count_leftover(plg_arena *a, txt_lexicon *l, const txt_alignment *m,
							   const txt_reading *prompt)
{
	leftover x = {0, 0, 0, 0};
	size_t looked = 0;
	for (size_t k = 0; k < m->ans->n; k++)
		x.ans += m->of_ans[k] < 0 && !in_prompt_word(prompt, &m->ans->item[k]);
	for (size_t i = 0; i < m->ref->n; i++) {
		bool replaced = false, sibling = false;
		bool paler = m->how[i] == TXT_M_WIDER && m->ref->item[i].name; /* "the river" for it */
		if (m->of_ref[i] >= 0 && !paler)
			continue;
		for (size_t k = 0; k < m->ans->n && looked < 20000; k++, looked++) {
			if (m->of_ans[k] >= 0)
				continue;
			bool names = m->ref->item[i].name && m->ans->item[k].name;
			replaced |= (!paler && same_place(m, i, k)) || (names && same_gap(m, i, k));
			sibling |= txt_relation_of(a, l, m, i, k) == TXT_REL_SIBLING;
		}
		x.ref += !paler || replaced;
		x.replaced += replaced;
		x.siblings += sibling;
	}
	return x;
}

/* Where almost everything is shared, what is not must be harmless: replacing a word by one
 * that is no synonym is a change of meaning. */
static double judge_change(const txt_alignment *m, const leftover *x, double closeness)
{
	double strict = plg_clamp((closeness - 0.45) / 0.25, 0, 1);
	double n = (double)(m->ans->n > 0 ? m->ans->n : 1);
	/* Nobody here knows the words of this language: count what changed. */
	if (x->ref > 0 && x->ans > 0 && txt_language_of(m->ref->lang) == NULL)
		return 1 - strict * plg_clamp(1.5 * (double)(x->ref + x->ans) / n, 0, 0.88);
	if (x->replaced > 0)
		return 1 - strict * (x->siblings > 0 ? 0.95 : 0.88);
	if (x->ref > 0 && x->ans > 0)
		return 1 - strict * (x->siblings > 0 ? 0.9 : 0.35);
	if (x->ans > 0)
		return 1 - strict * plg_clamp(1.5 * (double)x->ans / n, 0, 0.6);
	return 1;
}

/* ---- prose ---- */

static double small_share(const txt_reading *r)
{
	const txt_language *l = txt_language_of(r->lang);
	size_t small = 0, words = 0;
	for (size_t i = 0; i < r->t.n; i++) {
		if (r->t.at[i].kind != TXT_T_WORD)
			continue;
		words++;
		small += txt_listed(l->stop, r->t.at[i].s);
	}
	return plg_ratio((double)small, (double)words);
}

/* A pile of keywords has none of the small words that every sentence has. */
static double judge_prose(const txt_reading *ref, const txt_reading *ans)
{
	if (txt_language_of(ref->lang) == NULL || ref->lang == TXT_ZH || ref->lang == TXT_JA ||
		ans->t.n < 12)
		return 1;
	double r = small_share(ref), x = small_share(ans);
	return r < 0.15 ? 1 : plg_clamp(x / r / 0.4, 0.05, 1);
}

/* ---- hedging ---- */

/* The item whose token is the next one before (step -1) or after (1) a token. */
static int item_beside(const txt_reading *r, size_t token, int step)
{
	int found = -1;
	for (size_t i = 0; i < r->n; i++) {
		if (step < 0 && r->item[i].token < token)
			found = (int)i;
		if (step > 0 && r->item[i].token > token)
			return (int)i;
	}
	return found;
}

/* "1889 or 1899": a second answer beside the one that the reference has. */
static bool has_alternative(const txt_alignment *m)
{
	const txt_manners *w = txt_manners_of(m->ans->lang);
	if (w == NULL)
		return false;
	for (size_t i = 0; i < m->ref->t.n; i++)
		if (txt_listed(w->rival, m->ref->t.at[i].s))
			return false;
	for (size_t i = 0; i < m->ans->t.n; i++) {
		if (!txt_listed(w->rival, m->ans->t.at[i].s))
			continue;
		int before = item_beside(m->ans, i, -1), after = item_beside(m->ans, i, 1);
		if (before >= 0 && after >= 0 && (m->of_ans[before] < 0) != (m->of_ans[after] < 0))
			return true;
	}
	return false;
}

static double judge_hedge(const txt_alignment *m, double closeness)
{
	const txt_reading *ref = m->ref, *ans = m->ans;
	const txt_language *l = txt_language_of(ans->lang);
	if (l == NULL)
		return 1;
	if (closeness > 0.5 && has_alternative(m))
		return 0.2;
	if (txt_phrase(&ans->t, 0, ans->t.n, l->refusal, NULL) &&
		!txt_phrase(&ref->t, 0, ref->t.n, l->refusal, NULL))
		return 0.1;
	if (txt_phrase(&ans->t, 0, ans->t.n, l->hedge, NULL) &&
		!txt_phrase(&ref->t, 0, ref->t.n, l->hedge, NULL))
		return 0.2;
	return 1;
}

/* ---- together ---- */

static double relevance(const txt_alignment *m)
{
	static const double worth[] = {0, 0.15, 0.35, 0.75, 0.95, 1};
	double sum = 0;
	for (size_t i = 0; i < m->ref->n; i++)
		sum += worth[m->how[i]];
	double recall = plg_ratio(sum, (double)m->ref->n),
		   precision = plg_ratio(sum, (double)m->ans->n);
	return 0.65 * recall + 0.35 * precision > 0
			   ? recall * precision / (0.35 * recall + 0.65 * precision)
			   : 0;
}

/* The end of the piece, between marks, that starts with item k; pairs: how many of its items
 * have a partner at all, and how many surely. */
static size_t piece_end(const txt_alignment *m, size_t k, size_t *some, size_t *sure)
{
	const txt_reading *r = m->ans;
	const size_t first = k;
	*some = *sure = 0;
	for (; k < r->n; k++) {
		for (size_t t = r->item[k].token; k > first && t > r->item[k - 1].token; t--)
			if (r->t.at[t].line || (r->t.at[t].kind == TXT_T_MARK && r->t.at[t].s[0] != '\0' &&
									strchr(".!?:;", r->t.at[t].s[0]) != NULL))
				return k;
		*some += m->of_ans[k] >= 0 && m->how[m->of_ans[k]] >= TXT_M_RELATED;
		*sure += m->of_ans[k] >= 0 && m->how[m->of_ans[k]] >= TXT_M_SYNONYM;
	}
	return k;
}

/* Padding neither makes an answer longer nor a near-copy distant: what counts are the pieces
 * that have to do with the reference, and how near those are that are mostly its words. */
static void shares(const txt_alignment *m, txt_facts *f)
{
	size_t same = 0, near = 0, near_n = 0, some, sure;
	for (size_t i = 0; i < m->ref->n; i++)
		same += m->how[i] >= TXT_M_RELATED;
	f->recall = plg_ratio((double)same, (double)m->ref->n);
	f->precision = plg_ratio((double)same, (double)m->ans->n);
	f->length = 0;
	for (size_t k = 0, end; k < m->ans->n; k = end) {
		end = piece_end(m, k, &some, &sure);
		f->length += some > 0 ? end - k : 0;
		if (2 * sure >= end - k) {
			near += sure;
			near_n += end - k;
		}
	}
	double core = plg_ratio(2.0 * (double)near, (double)(m->ref->n + near_n));
	f->closeness = share_of(m, TXT_M_SYNONYM);
	f->strictness = core > f->closeness ? core : f->closeness;
}

bool txt_facts_judge(plg_arena *a, txt_lexicon *l, txt_reading *ref, txt_reading *ans,
					 const txt_reading *prompt, txt_facts *out)
{
	txt_alignment m;
	if (!txt_align(a, l, ref, ans, &m) || !txt_undress(a, l, prompt, ans, &m))
		return false;
	opposites o = count_opposites(a, l, &m);
	leftover x = count_leftover(a, l, &m, prompt);
	txt_facts f = {.lexicon = m.lexicon, .replaced = x.replaced > 0};
	f.relevance = relevance(&m);
	shares(&m, &f);
	f.quantity = judge_quantities(ref, ans, prompt, f.strictness);
	f.name = judge_names(a, l, &m, prompt, f.strictness);
	bool reversed = txt_order_reversed(&m);
	f.order = txt_order_kept(&m) * judge_prose(ref, ans);
	bool both =
		reversed && o.firm + o.loose == 1; /* "larger than" and "smaller than", turned round */
	f.polarity = judge_polarity(a, &m, o, f.strictness, both);
	if (reversed && !both)
		f.order = wrong;
	f.change = both ? 1 : judge_change(&m, &x, f.strictness);
	f.hedge = judge_hedge(&m, f.strictness);
	*out = f;
	return !plg_arena_failed(a);
}

double txt_facts_gate(const txt_facts *f)
{
	return f->quantity * f->name * f->polarity * f->order * f->change * f->hedge;
}
