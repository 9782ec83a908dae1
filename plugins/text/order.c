/* Roles are read from the order of the shared words around a pivot. A passive turns the
 * order round and does not change the roles; so does "B after A" for "A before B". */
#include <stdlib.h>
#include <string.h>
#include "common/num.h"
#include "text/facts.h"

typedef struct {
	size_t from, mid, next, to; /* items: [from, mid) and [next, to) */
	bool turned;                /* the second half comes first in time, or is the cause */
	int kind;
} relation;

enum { BEFORE = 1, CAUSE, THAN, FROM_TO };

static bool is(const txt_reading *r, size_t token, const char *list)
{
	return token < r->t.n && txt_listed(list, r->t.at[token].s);
}

static bool ends_sentence(const txt_token *k)
{
	return k->kind == TXT_T_MARK && k->s[0] != '\0' && strchr(".!?;", k->s[0]) != NULL;
}

static size_t sentence_start(const txt_reading *r, size_t token)
{
	while (token > 0 && !ends_sentence(&r->t.at[token - 1]))
		token--;
	return token;
}

static size_t sentence_end(const txt_reading *r, size_t token)
{
	while (token < r->t.n && !ends_sentence(&r->t.at[token]))
		token++;
	return token;
}

static size_t first_item(const txt_reading *r, size_t token)
{
	size_t i = 0;
	while (i < r->n && r->item[i].token < token)
		i++;
	return i;
}

/* Is the verb before this "by"/"caused" passive: a form of "be" within three tokens? */
static bool passive_at(const txt_reading *r, size_t token)
{
	const txt_language *l = txt_language_of(r->lang);
	for (size_t back = 1; back <= 4 && back <= token; back++)
		if (is(r, token - back, l->auxiliary))
			return true;
	return false;
}

static bool agent_after(const txt_reading *r, size_t token)
{
	const txt_language *l = txt_language_of(r->lang);
	for (size_t i = token + 1; i <= token + 5 && i < r->t.n && !ends_sentence(&r->t.at[i]); i++)
		if (is(r, i, l->agent))
			return true;
	return false;
}

static int connector(const txt_reading *r, size_t i, bool *turned)
{
	const txt_language *l = txt_language_of(r->lang);
	*turned = false;
	if (is(r, i, l->before))
		return BEFORE;
	if (is(r, i, l->after)) {
		*turned = true;
		return BEFORE;
	}
	if (is(r, i, l->causes)) {
		*turned = passive_at(r, i) && agent_after(r, i);
		return CAUSE;
	}
	if (is(r, i, l->because) ||
		(is(r, i, " due result results ") && is(r, i + 1, " to from of "))) {
		*turned = true;
		return CAUSE;
	}
	return is(r, i, l->than) && r->lang == TXT_EN ? THAN : 0;
}

/* The two halves around a connector; "After A, B" is "B after A". */
static bool halves(const txt_reading *r, size_t token, relation *x)
{
	size_t start = sentence_start(r, token), end = sentence_end(r, token);
	x->from = first_item(r, start);
	x->mid = first_item(r, token);
	x->next = first_item(r, token + 1);
	x->to = first_item(r, end);
	if (x->mid > x->from)
		return x->to > x->next;
	for (size_t i = token + 1; i < end; i++)
		if (r->t.at[i].s[0] == ',') {
			x->from = x->next;
			x->mid = x->next = first_item(r, i);
			x->turned = !x->turned;
			return x->mid > x->from && x->to > x->mid;
		}
	return false;
}

enum { MAX_RELATIONS = 12 };

static size_t relations(const txt_reading *r, relation *out)
{
	size_t n = 0;
	if (txt_language_of(r->lang) == NULL)
		return 0;
	for (size_t i = 0; i < r->t.n && n < MAX_RELATIONS; i++) {
		relation x = {0};
		x.kind = connector(r, i, &x.turned);
		if (x.kind != 0 && halves(r, i, &x))
			out[n++] = x;
	}
	return n;
}

static bool within(size_t i, size_t from, size_t to)
{
	return i >= from && i < to;
}

/* Do the halves hold each other's words (-1), or their own (1)? */
static int compare(const txt_alignment *m, const relation *x, const relation *y)
{
	size_t same = 0, cross_a = 0, cross_b = 0;
	bool turned = x->turned != y->turned;
	for (size_t i = x->from; i < x->to; i++) {
		if (m->of_ref[i] < 0 || within(i, x->mid, x->next))
			continue;
		size_t k = (size_t)m->of_ref[i];
		bool first = i < x->mid;
		bool there = within(k, y->from, y->mid) != turned;
		if (!within(k, y->from, y->to) || within(k, y->mid, y->next))
			continue;
		if (first == there)
			same++;
		else if (first)
			cross_a++;
		else
			cross_b++;
	}
	if (cross_a > 0 && cross_b > 0 && cross_a + cross_b > 2 * same)
		return -1;
	return same > 2 * (cross_a + cross_b);
}

static bool relations_crossed(const txt_alignment *m)
{
	relation x[MAX_RELATIONS], y[MAX_RELATIONS];
	size_t xn = relations(m->ref, x), yn = relations(m->ans, y);
	for (size_t i = 0; i < xn; i++) {
		bool crossed = false, kept = false;
		for (size_t k = 0; k < yn; k++) {
			int v = x[i].kind == y[k].kind ? compare(m, &x[i], &y[k]) : 0;
			crossed |= v < 0;
			kept |= v > 0; /* a sentence may have several: "because ..., so that ..." */
		}
		if (crossed && !kept)
			return true;
	}
	return false;
}

/* ---- phrases that may stand anywhere ---- */

/* The preposition before an item, over articles and adjectives; NULL when there is none. */
static const char *preposition(const txt_reading *r, size_t item)
{
	static const char list[] = " in on at by with from to of for into onto under over through "
							   "during between than mit im am an auf "
							   "bei nach aus seit von vom zu zum zur über unter durch für gegen um "
							   "dans sur sous par pour avec "
							   "en de du des à au aux chez vers entre con sin por para a al desde "
							   "hasta nel nella da dal dalla "
							   "su sul per com no na em ao do ";
	size_t token = r->item[item].token;
	for (size_t back = 1; back <= 3 && back <= token; back++) {
		const txt_token *k = &r->t.at[token - back];
		if (k->kind == TXT_T_MARK && k->s[0] != '\'')
			return NULL;
		if (txt_listed(list, k->s))
			return k->s;
		if (item > 0 && r->item[item - 1].token == token - back)
			return NULL;
	}
	return NULL;
}

/* A phrase that moved with its preposition is an adverbial: "in 1928", "mit den Kiemen". */
static bool adverbial(const txt_alignment *m, size_t i)
{
	const char *was = preposition(m->ref, i);
	const char *is_now = preposition(m->ans, (size_t)m->of_ref[i]);
	return was != NULL && is_now != NULL && strcmp(was, is_now) == 0;
}

/* Could the two fill each other's role? A date cannot be where a person was, and of two
 * phrases only one of which moved with its preposition the other was not pushed out. */
static bool rivals(const txt_alignment *m, size_t i, size_t k)
{
	if ((m->ref->item[i].quantity != 0) != (m->ref->item[k].quantity != 0))
		return false;
	if (m->ref->item[i].quantity != 0)
		return m->ref->q.at[m->ref->item[i].quantity - 1].dim ==
			   m->ref->q.at[m->ref->item[k].quantity - 1].dim;
	return adverbial(m, i) == adverbial(m, k);
}

/* ---- roles around one word ---- */

static bool passive_pivot(const txt_reading *r, size_t item)
{
	size_t token = r->item[item].token;
	return agent_after(r, token) || (passive_at(r, token) && agent_after(r, token));
}

static bool joined(const txt_reading *r, size_t i, size_t k)
{
	static const char joints[] =
		" , and or und oder et ou y o e u и или ed en of / & as well nor 和 与 ";
	size_t from = r->item[i].token + 1, to = r->item[k].token;
	bool joint = false;
	for (size_t t = from; t < to; t++) {
		joint |= is(r, t, joints);
		if (!is(r, t, joints) && !is(r, t, " the a an la le el il o die der das "))
			return false;
	}
	return joint;
}

/* The neighbour of a pivot's partner, both sides changed places. */
static bool neighbours_swapped(const txt_alignment *m, size_t i)
{
	const txt_reading *r = m->ref, *x = m->ans;
	size_t k = (size_t)m->of_ref[i];
	if (i == 0 || i + 1 >= r->n || k == 0 || k + 1 >= x->n)
		return false;
	if (r->item[i - 1].sentence != r->item[i + 1].sentence)
		return false;
	if (m->of_ref[i - 1] != (int)k + 1 || m->of_ref[i + 1] != (int)k - 1)
		return false;
	if (passive_pivot(r, i) != passive_pivot(x, k) || !rivals(m, i - 1, i + 1))
		return false;
	return !(joined(r, i - 1, i) && joined(r, i, i + 1)); /* a list */
}

/* All words of the left side went right and the other way round. */
static bool sides_swapped(const txt_alignment *m, size_t i)
{
	const txt_reading *r = m->ref;
	size_t k = (size_t)m->of_ref[i], same = 0, right = 0, left = 0;
	if (m->ref->lang != TXT_EN)
		return false; /* other languages put subjects behind verbs */
	for (size_t j = 0; j < r->n; j++) {
		if (j == i || m->of_ref[j] < 0 || adverbial(m, j) ||
			r->item[j].sentence != r->item[i].sentence)
			continue;
		bool was_left = j < i, is_left = (size_t)m->of_ref[j] < k;
		if (was_left == is_left)
			same++;
		else if (was_left)
			right++;
		else
			left++;
	}
	return left > 0 && right > 0 && same == 0 && passive_pivot(r, i) == passive_pivot(m->ans, k);
}

/* The matched items in their order, and where each stands among the answer's. */
typedef struct {
	size_t ref[256], at[256], n;
} sequence;

static bool sequence_of(const txt_alignment *m, sequence *s)
{
	size_t rank[512], k = 0;
	s->n = 0;
	if (m->ref->n > 256 || m->ans->n > 512)
		return false;
	for (size_t i = 0; i < m->ans->n; i++)
		rank[i] = m->of_ans[i] >= 0 ? k++ : 0;
	for (size_t i = 0; i < m->ref->n; i++)
		if (m->of_ref[i] >= 0) {
			s->ref[s->n] = i;
			s->at[s->n++] = rank[m->of_ref[i]];
		}
	return s->n >= 3;
}

/* A M B became B M A and everything else stayed: who did it and to whom changed places. */
static bool blocks_swapped(const txt_alignment *m)
{
	sequence s;
	size_t i = 0, j, from = 0;
	if (!sequence_of(m, &s))
		return false;
	while (i < s.n && s.at[i] == i)
		i++;
	if (i == s.n)
		return false;
	for (j = s.n - 1; s.at[j] == j; j--)
		;
	while (s.at[from] != i)
		from++;
	if (s.at[i] > j || from <= i)
		return false;
	size_t an = j - s.at[i] + 1, bn = j - from + 1;
	if (i + an >= from) /* no middle: clauses in another order */
		return false;
	for (size_t t = 0; t < an; t++)
		if (s.at[i + t] != s.at[i] + t)
			return false;
	for (size_t t = 0; t < bn; t++)
		if (s.at[from + t] != i + t)
			return false;
	for (size_t t = i + an; t < from; t++)
		if (s.at[t] != t - an + bn)
			return false;
	if (!rivals(m, s.ref[i], s.ref[from]))
		return false;
	for (size_t t = i; t < j; t++) /* a list in another order */
		if (!joined(m->ref, s.ref[t], s.ref[t + 1]))
			return true;
	return false;
}

static size_t passives(const txt_reading *r)
{
	const txt_language *l = txt_language_of(r->lang);
	size_t n = 0;
	for (size_t i = 0; l != NULL && i < r->t.n; i++) {
		if (!is(r, i, l->agent))
			continue;
		for (size_t back = 1; back <= 9 && back <= i && !ends_sentence(&r->t.at[i - back]); back++)
			if (is(r, i - back, l->auxiliary)) {
				n++;
				break;
			}
	}
	return n;
}

static bool has_connector(const txt_reading *r)
{
	relation x[MAX_RELATIONS];
	return relations(r, x) > 0;
}

bool txt_order_reversed(const txt_alignment *m)
{
	if (txt_language_of(m->ref->lang) == NULL || m->ref->lang == TXT_JA)
		return false;
	if (relations_crossed(m))
		return true;
	if (m->ref->lang == TXT_RU)
		return false; /* roles are in the endings */
	bool passive = passives(m->ref) != passives(m->ans);
	if (blocks_swapped(m) && !passive)
		return true;
	if (has_connector(m->ref) || has_connector(m->ans))
		return false;
	for (size_t i = 0; i < m->ref->n && m->ref->n < 200; i++) {
		if (m->of_ref[i] < 0 || m->ref->item[i].name)
			continue;
		if (!passive && (neighbours_swapped(m, i) || sides_swapped(m, i)))
			return true;
	}
	return false;
}

double txt_order_kept(const txt_alignment *m)
{
	size_t pairs = 0, kept = 0;
	for (size_t i = 0; i + 1 < m->ref->n; i++) {
		if (m->of_ref[i] < 0 || m->of_ref[i + 1] < 0)
			continue;
		pairs++;
		kept += abs(m->of_ref[i + 1] - m->of_ref[i]) == 1;
	}
	if (pairs < 6)
		return 1;
	return plg_clamp(((double)kept / (double)pairs - 0.22) / 0.2, 0.02, 1);
}
