/* Attacks on the text plugin, first part: the honest answers, and attacks that are words and
 * nothing else. Honest answers leave out words of the reference: 40, 25, 12, 5 and 0 in a
 * hundred for the levels 1 to 5. Each miner has an opening of its own: independent miners do
 * not write one text, and answers made from one reference without it would be copies of each
 * other. Openings are of small words, because the plugin charges a near-copy for every other
 * word that the reference lacks. */
#ifndef ASSAY_TESTS_GAMING_TEXT_H
#define ASSAY_TESTS_GAMING_TEXT_H
#include <ctype.h>
#include "gaming/gaming.h"

enum { CHALLENGES = 20, WORDS = 200, TEXT = 16384 };

typedef struct {
	char text[4096], question[1024];
	char *word[WORDS];
	size_t n;
} facts;

static const facts *facts_of(const gaming_world *w, size_t c)
{
	return w->facts[c];
}

static void body(const char *s, asy_buf *out)
{
	assay_err err;
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, "completion");
	asy_jw_str(&w, s);
	asy_jw_end_object(&w);
	ck_ok(asy_jw_end(&w, &err), err);
}

static void put(char *dst, const char *word)
{
	size_t n = strlen(dst);
	if (n + strlen(word) + 2 < TEXT)
		(void)snprintf(dst + n, TEXT - n, "%s%s", n > 0 ? " " : "", word);
}

/* An opening and the reference without a share of its words. */
static void thinned(const facts *f, const char *opening, uint64_t percent, test_rng *rng, char *out)
{
	(void)snprintf(out, TEXT, "%s", opening);
	for (size_t i = 0; i < f->n; i++)
		if (test_below(rng, 100) >= percent)
			put(out, f->word[i]);
}

static void honest(const gaming_world *w, size_t c, int level, test_rng *rng, asy_buf *out)
{
	static const uint64_t percent[] = {40, 25, 12, 5, 0};
	static const char *const openings[GAMING_HONEST] = {
		"Well, here you are, so as it is:",  "So this is how we would do it:",
		"Just as I myself have it:",         "OK, there is this to it:",
		"Of course I can, and it is this:",  "Yes, about that, and for you:",
		"But what could they be? It is so:", "Here, then, is what he has on that:",
		"Now, with these, and at that:"};
	static size_t turn; /* gaming_begin asks the miners in their order */
	char s[TEXT];
	thinned(facts_of(w, c), openings[turn++ % GAMING_HONEST], percent[level - 1], rng, s);
	body(s, out);
}

static size_t one(gaming_answer *out, const char *s)
{
	body(s, &out[0].body);
	return 1;
}

#define ATTACK(name)                                                                               \
	static size_t name(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)

ATTACK(literals)
{
	static const char *const s[] = {"", "null", "{}", "{\"completion\":\"\"}",
									"{\"completion\":\" \"}"};
	(void)w;
	(void)c;
	(void)rng;
	for (size_t i = 0; i < ASY_COUNT(s); i++)
		gaming_say(&out[i].body, s[i]);
	return ASY_COUNT(s);
}

ATTACK(other_challenge)
{
	return one(out, facts_of(w, (c + 1 + test_below(rng, w->n - 1)) % w->n)->text);
}

ATTACK(constant)
{
	(void)w;
	(void)c;
	(void)rng;
	return one(out, "ok");
}

ATTACK(null_model)
{
	(void)w;
	(void)c;
	(void)rng;
	return one(out,
			   "This is a thorough and well-structured answer. First, it defines the key terms; "
			   "second, it weighs the evidence; finally, it reaches a balanced conclusion that "
			   "takes every relevant point of view into account.");
}

ATTACK(echo)
{
	(void)rng;
	return one(out, facts_of(w, c)->question);
}

ATTACK(refusal)
{
	char s[TEXT];
	(void)rng;
	(void)snprintf(s, sizeof s,
				   "I am sorry, but I cannot answer the question \"%s\" because I do not "
				   "know.",
				   facts_of(w, c)->question);
	return one(out, s);
}

ATTACK(shuffled)
{
	const facts *f = facts_of(w, c);
	char s[TEXT] = "";
	size_t at[WORDS];
	for (size_t i = 0; i < f->n; i++)
		at[i] = i;
	for (size_t i = f->n; i > 1; i--) {
		size_t k = (size_t)test_below(rng, i), t = at[i - 1];
		at[i - 1] = at[k];
		at[k] = t;
	}
	for (size_t i = 0; i < f->n; i++)
		put(s, f->word[at[i]]);
	return one(out, s);
}

ATTACK(stuffed)
{
	char s[TEXT] = "";
	for (size_t i = 0; i < 12; i++) {
		const facts *f = facts_of(w, (c + i) % w->n);
		for (size_t k = 0; k < 18 && k < f->n; k++)
			put(s, f->word[test_below(rng, f->n)]);
	}
	return one(out, s);
}

ATTACK(repeated)
{
	char s[TEXT] = "";
	(void)rng;
	for (int i = 0; i < 50; i++)
		put(s, facts_of(w, c)->text);
	return one(out, s);
}

ATTACK(long_tail)
{
	char s[TEXT] = "";
	put(s, facts_of(w, c)->text);
	for (size_t i = 0; i < 800; i++) {
		const facts *f = facts_of(w, (size_t)test_below(rng, w->n));
		put(s, f->word[test_below(rng, f->n)]);
	}
	return one(out, s);
}

ATTACK(truncated)
{
	const facts *f = facts_of(w, c);
	char s[TEXT] = "";
	(void)rng;
	for (size_t i = 0; i < f->n / 10 + 1; i++)
		put(s, f->word[i]);
	return one(out, s);
}

ATTACK(hedged)
{
	char s[TEXT] = "I am not sure, but maybe:";
	(void)rng;
	put(s, facts_of(w, c)->text);
	return one(out, s);
}

ATTACK(denied)
{
	char s[TEXT] = "It is not true that";
	(void)rng;
	put(s, facts_of(w, c)->text);
	return one(out, s);
}

static void honest_again(const gaming_world *w, size_t c, size_t from, gaming_answer *out)
{
	assay_err err;
	const asy_buf *b = &w->honest[c][from];
	ck_ok(asy_buf_add(&out->body, b->ptr, b->len, &err), err);
	out->base = from;
}

ATTACK(relayed)
{
	(void)rng;
	for (size_t i = 0; i < 5; i++)
		honest_again(w, c, GAMING_HONEST - 1, &out[i]);
	return 5;
}

static void own_answer(const facts *f, test_rng *rng, char *s)
{
	thinned(f, "Let us all be of one and the same mind:", 25, rng, s);
}

ATTACK(ten_uids)
{
	char s[TEXT];
	own_answer(facts_of(w, c), rng, s);
	for (size_t i = 0; i < 10; i++)
		body(s, &out[i].body);
	return 10;
}

/* Each with another mark at its end, case, invisible letter or word left out. */
ATTACK(ten_disguised)
{
	static const char *const end[] = {"", ".", "!", " ...", "\u200b"};
	char s[TEXT], t[TEXT + 8];
	own_answer(facts_of(w, c), rng, s);
	for (size_t i = 0; i < 10; i++) {
		(void)snprintf(t, sizeof t, "%s%s%s", i == 9 ? "So: " : "", s, end[i % ASY_COUNT(end)]);
		for (char *p = t; i >= 5 && *p != '\0'; p++)
			if (p == t || p[-1] == ' ')
				*p = (char)toupper((unsigned char)*p);
		body(t, &out[i].body);
	}
	return 10;
}

#endif
