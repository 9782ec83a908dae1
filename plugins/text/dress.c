/* The answer is cut into pieces at the ends of sentences, lines and clauses. A polite piece
 * is taken off at either end of the answer. Any other piece is taken off where the rest is a
 * near-copy: it must hold nothing of the reference that the rest lacks, stand where
 * the reference has nothing else, deny nothing, and be no second answer. */
#include "text/dress.h"
#include <string.h>
#include "common/num.h"
#include "text/manners.h"

enum {
	MAX_PIECES = 64,
	MAX_SOURCE = 6, /* words after "according to" */
	FREE_ITEMS = 12 /* words that may be taken off, at least */
};

typedef struct {
	size_t from, to; /* tokens */
	size_t item, item_to;
	bool off;
} piece;

typedef struct {
	const txt_language *lang;
	const txt_manners *manners;
	const txt_reading *prompt;
	const txt_alignment *m;
	piece at[MAX_PIECES];
	size_t n, taken, budget;
	bool *gone; /* of each token */
} dress;

static const txt_token *token(const dress *d, size_t i)
{
	return &d->m->ans->t.at[i];
}

/* ---- pieces ---- */

static bool cuts(const dress *d, size_t i)
{
	const txt_token *k = token(d, i);
	if (k->kind != TXT_T_MARK || k->s[0] == '\0')
		return false;
	if (k->s[0] == '-')
		return i + 1 < d->m->ans->t.n && !k->tight && !token(d, i + 1)->tight;
	return strchr(".!?:;,()[]\n", k->s[0]) != NULL || strcmp(k->s, "\xe2\x80\x94") == 0 ||
		   strcmp(k->s, "\xe2\x80\x93") == 0;
}

static void add_piece(dress *d, size_t from, size_t to, size_t *item)
{
	piece *p = &d->at[d->n++];
	*p = (piece){from, to, *item, *item, false};
	while (p->item_to < d->m->ans->n && d->m->ans->item[p->item_to].token < to)
		p->item_to++;
	*item = p->item_to;
}

/* A mark belongs to the piece that it ends. */
static void cut(dress *d)
{
	size_t from = 0, item = 0, n = d->m->ans->t.n;
	for (size_t i = 0; i < n; i++) {
		bool line = i > from && token(d, i)->line;
		if (line && d->n + 2 < MAX_PIECES) {
			add_piece(d, from, i, &item);
			from = i;
		}
		if (cuts(d, i) && d->n + 2 < MAX_PIECES) {
			add_piece(d, from, i + 1, &item);
			from = i + 1;
		}
	}
	if (from < n)
		add_piece(d, from, n, &item);
}

static bool holds(const dress *d, size_t from, size_t to, const char *list)
{
	for (size_t i = from; i < to; i++)
		if (txt_listed(list, token(d, i)->s))
			return true;
	return false;
}

static bool denies(const dress *d, size_t from, size_t to)
{
	return d->lang != NULL && (holds(d, from, to, d->lang->negation) ||
							   (d->manners != NULL && holds(d, from, to, d->manners->untrue)));
}

static bool hedges(const dress *d, size_t from, size_t to)
{
	const txt_tokens *t = &d->m->ans->t;
	return d->lang != NULL && (txt_phrase(t, from, to, d->lang->hedge, NULL) ||
							   txt_phrase(t, from, to, d->lang->refusal, NULL));
}

static void take_off(dress *d, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		d->gone[i] = true;
}

/* ---- what the rest would lack ---- */

static bool same_word(const txt_item *x, const txt_item *y)
{
	return x->quantity == 0 && y->quantity == 0 &&
		   (strcmp(x->bare, y->bare) == 0 || strcmp(x->stem, y->stem) == 0);
}

static bool same_number(const dress *d, const txt_item *x, const txt_item *y)
{
	const txt_reading *r = d->m->ans;
	return x->quantity != 0 && y->quantity != 0 &&
		   txt_quantity_same(&r->q.at[x->quantity - 1], &r->q.at[y->quantity - 1]);
}

/* A pair that only the lexicon relates may be chance: "helfe" and "macht". */
static bool firm(const dress *d, size_t k)
{
	int i = d->m->of_ans[k];
	return i >= 0 && d->m->how[i] >= TXT_M_SYNONYM;
}

/* Does item k say nothing of the reference that no free item outside [from, to) says? */
static bool spare(const dress *d, size_t k, size_t from, size_t to)
{
	const txt_item *x = &d->m->ans->item[k];
	if (!firm(d, k))
		return true;
	for (size_t i = 0; i < d->m->ans->n; i++) {
		const txt_item *y = &d->m->ans->item[i];
		if ((i < from || i >= to) && !firm(d, i) && (same_word(x, y) || same_number(d, x, y)))
			return true;
	}
	return false;
}

static bool in_reference(const dress *d, const txt_item *x)
{
	for (size_t i = 0; i < d->m->ref->n; i++)
		if (same_word(x, &d->m->ref->item[i]))
			return true;
	return false;
}

static bool in_prompt(const dress *d, const txt_item *x)
{
	for (size_t i = 0; d->prompt != NULL && i < d->prompt->n; i++)
		if (same_word(x, &d->prompt->item[i]))
			return true;
	return false;
}

/* ---- polite pieces ---- */

static bool is_polite(const dress *d, size_t k)
{
	const txt_item *x = &d->m->ans->item[k];
	return x->quantity == 0 && !firm(d, k) && txt_listed(d->manners->polite, x->s);
}

/* "You asked how long the Danube is.": polite words and the question's. */
static bool polite_piece(const dress *d, const piece *p)
{
	bool offer = holds(d, p->from, p->to, d->manners->offer);
	size_t polite = 0;
	for (size_t k = p->item; k < p->item_to; k++) {
		polite += is_polite(d, k);
		if (!is_polite(d, k) && !in_prompt(d, &d->m->ans->item[k]))
			return false;
	}
	if (polite == 0 && p->item < p->item_to)
		return false;
	return offer || (!denies(d, p->from, p->to) && !hedges(d, p->from, p->to));
}

/* From either end as far as they are polite. */
static void take_polite(dress *d)
{
	size_t first = 0, last = d->n;
	while (first < last && polite_piece(d, &d->at[first]))
		first++;
	while (last > first && polite_piece(d, &d->at[last - 1]))
		last--;
	for (size_t i = 0; first < last && i < d->n; i++)
		if (i < first || i >= last) {
			d->at[i].off = true;
			take_off(d, d->at[i].from, d->at[i].to);
		}
}

/* "La respuesta es que ...", "Laut dem Buch ...": no mark ends the opening of a piece. */
static void take_opening(dress *d, const piece *p)
{
	size_t k = p->item, start = p->from;
	while (start < p->to && token(d, start)->kind == TXT_T_MARK)
		start++;
	bool source = start < p->to && txt_listed(d->manners->source, token(d, start)->s);
	while (k < p->item_to && !firm(d, k) && d->m->ans->item[k].quantity == 0 &&
		   (source ? k < p->item + MAX_SOURCE : is_polite(d, k)))
		k++;
	if (k == p->item || k >= p->item_to || (source && !firm(d, k)))
		return;
	size_t to = d->m->ans->item[k - 1].token + 1;
	if (denies(d, p->from, to) || hedges(d, p->from, to))
		return;
	take_off(d, p->from, to);
	d->taken += source ? k - p->item : 0;
}

/* ---- other pieces ---- */

/* The item of the answer that stands for the nearest item of the reference before (step -1)
 * or after (step 1) item i that has a partner; -1: none. */
static int partner(const txt_alignment *m, size_t i, int step)
{
	for (size_t k = i + (size_t)step; k < m->ref->n; k += (size_t)step)
		if (m->how[k] >= TXT_M_SYNONYM)
			return m->of_ref[k];
	return -1;
}

/* Could the piece be what the answer says instead of something in the reference? */
static bool replaces(const dress *d, const piece *p)
{
	const txt_alignment *m = d->m;
	for (size_t i = 0; i < m->ref->n; i++) {
		if (m->how[i] >= TXT_M_SYNONYM)
			continue;
		int before = partner(m, i, -1), after = partner(m, i, 1);
		bool left = before < 0 || (size_t)before < p->item;
		bool right = after < 0 || (size_t)after >= p->item_to;
		if (left && right)
			return true;
	}
	return false;
}

/* Another number where the reference has one, or an opposite of what it says. */
static bool contradicts(plg_arena *a, txt_lexicon *l, const dress *d, const piece *p)
{
	const txt_alignment *m = d->m;
	for (size_t k = p->item; k < p->item_to; k++)
		for (size_t i = 0; i < m->ref->n; i++) {
			const txt_item *x = &m->ref->item[i], *y = &m->ans->item[k];
			if (x->quantity != 0 && y->quantity != 0) {
				const txt_quantity *q = &m->ref->q.at[x->quantity - 1],
								   *r = &m->ans->q.at[y->quantity - 1];
				if (txt_quantity_comparable(q, r) && !txt_quantity_same(q, r))
					return true;
			} else if (!firm(d, k) && txt_relation_of(a, l, m, i, k) == TXT_REL_OPPOSITE) {
				return true;
			}
		}
	return false;
}

/* Half of it is the reference and half is not: the same thing said otherwise. */
static bool rivals(const dress *d, const piece *p)
{
	size_t known = 0, n = p->item_to - p->item;
	for (size_t k = p->item; k < p->item_to; k++)
		known += firm(d, k) ||
				 (in_reference(d, &d->m->ans->item[k]) && !in_prompt(d, &d->m->ans->item[k]));
	return known < n && 5 * known >= 2 * n;
}

static bool is_aside(plg_arena *a, txt_lexicon *l, const dress *d, const piece *p)
{
	size_t n = p->item_to - p->item;
	if (p->off || n == 0 || d->taken + n > d->budget ||
		holds(d, p->from, p->from + 1, d->manners->rival))
		return false;
	for (size_t k = p->item; k < p->item_to; k++)
		if (!spare(d, k, p->item, p->item_to))
			return false;
	return !denies(d, p->from, p->to) && !hedges(d, p->from, p->to) && !rivals(d, p) &&
		   !replaces(d, p) && !contradicts(a, l, d, p);
}

/* What the rest shares with the reference once the pieces are off. */
static double rest_closeness(const dress *d)
{
	size_t same = 0, n = 0;
	for (size_t k = 0; k < d->m->ans->n; k++) {
		bool gone = d->gone[d->m->ans->item[k].token];
		n += !gone;
		same += !gone && firm(d, k);
	}
	return plg_ratio(2.0 * (double)same, (double)(n + d->m->ref->n));
}

static void take_asides(plg_arena *a, txt_lexicon *l, dress *d)
{
	static const double near = 0.6;
	bool aside[MAX_PIECES] = {false};
	if (d->m->relation == NULL)
		return; /* long texts: too many pairs to look at */
	for (size_t i = 0; i < d->n; i++) {
		aside[i] = is_aside(a, l, d, &d->at[i]);
		if (aside[i]) {
			d->taken += d->at[i].item_to - d->at[i].item;
			take_off(d, d->at[i].from, d->at[i].to);
		}
	}
	if (rest_closeness(d) >= near)
		return;
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = d->at[i].from; aside[i] && k < d->at[i].to; k++)
			d->gone[k] = false;
}

/* ---- denials ---- */

/* "It is a lie that ...", "... This is wrong.": a sentence about the answer. "It is not
 * false that" denies nothing, and its "not" does not count. */
static bool is_denied(const dress *d, size_t *negations)
{
	bool denied = false;
	*negations = 0;
	for (size_t i = 0; i < d->n; i++) {
		const piece *p = &d->at[i];
		size_t to = p->to, k = p->item, turns = 0;
		while (k < p->item_to && !firm(d, k))
			k++;
		if (k < p->item_to) {
			to = d->m->ans->item[k].token;
			size_t that = p->from;
			while (that < to && !txt_listed(d->manners->that, token(d, that)->s))
				that++;
			to = that < to ? to : p->from;
		}
		if (!holds(d, p->from, to, d->manners->untrue))
			continue;
		for (size_t t = p->from; t < to; t++)
			turns += txt_listed(d->lang->negation, token(d, t)->s);
		denied |= turns % 2 == 0;
		*negations += turns;
	}
	return denied;
}

static bool read_rest(plg_arena *a, const dress *d, txt_reading *ans)
{
	txt_tokens t = {plg_arena_take(a, ans->t.n + 1, sizeof *t.at), 0};
	if (t.at == NULL)
		return false;
	for (size_t i = 0; i < ans->t.n; i++)
		if (!d->gone[i])
			t.at[t.n++] = ans->t.at[i];
	return t.n == 0 || t.n == ans->t.n || txt_read_tokens(a, &t, ans->lang, ans);
}

bool txt_undress(plg_arena *a, txt_lexicon *l, const txt_reading *prompt, txt_reading *ans,
				 txt_alignment *m)
{
	dress d = {.lang = txt_language_of(ans->lang),
			   .manners = txt_manners_of(ans->lang),
			   .prompt = prompt,
			   .m = m};
	d.gone = plg_arena_take(a, ans->t.n + 1, sizeof *d.gone);
	if (d.gone == NULL)
		return false;
	if (d.manners == NULL || ans->n == 0)
		return true;
	memset(d.gone, 0, ans->t.n + 1);
	d.budget = m->ref->n > FREE_ITEMS ? m->ref->n : FREE_ITEMS;
	cut(&d);
	size_t whole = ans->t.n, negations;
	bool denied = is_denied(&d, &negations);
	take_polite(&d);
	for (size_t i = 0; i < d.n; i++)
		if (!d.at[i].off && (i == 0 || d.at[i - 1].off))
			take_opening(&d, &d.at[i]);
	take_asides(a, l, &d);
	if (!read_rest(a, &d, ans))
		return false;
	ans->denied = denied;
	ans->negations -= negations < ans->negations ? negations : ans->negations;
	return ans->t.n == whole || txt_align(a, l, m->ref, ans, m);
}
