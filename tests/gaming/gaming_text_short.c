/* Attacks on the text plugin, over its short samples: a number, a date, a name, a choice.
 * Honest miners of the levels 1 to 5 give the right answer 40, 60, 75, 90 and 100 times in a
 * hundred, else the answer to another question. A right answer leaves no choice, so copies
 * are paid here. */
#include "gaming/gaming.h"

enum { CHALLENGES = 26, TEXT = 8192 };

typedef struct {
	char text[1024], question[1024];
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

static void honest(const gaming_world *w, size_t c, int level, test_rng *rng, asy_buf *out)
{
	static const uint64_t percent[] = {40, 60, 75, 90, 100};
	bool right = test_below(rng, 100) < percent[level - 1];
	body(facts_of(w, right ? c : (c + 1 + test_below(rng, w->n - 1)) % w->n)->text, out);
}

#define ATTACK(name)                                                                               \
	static size_t name(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)

static void say(char *s, const char *word)
{
	size_t n = strlen(s);
	if (n + strlen(word) + 3 < TEXT)
		(void)snprintf(s + n, TEXT - n, "%s%s", n > 0 ? ", " : "", word);
}

ATTACK(counting)
{
	char s[TEXT] = "", number[24];
	(void)w;
	(void)c;
	(void)rng;
	for (int i = 0; i <= 1000; i++) {
		(void)snprintf(number, sizeof number, "%d", i);
		say(s, number);
	}
	body(s, &out[0].body);
	return 1;
}

ATTACK(years)
{
	char s[TEXT] = "", number[24];
	(void)w;
	(void)c;
	(void)rng;
	for (int i = 1400; i <= 2026; i++) {
		(void)snprintf(number, sizeof number, "%d", i);
		say(s, number);
	}
	body(s, &out[0].body);
	return 1;
}

ATTACK(letters)
{
	static const char *const s[] = {"A B C D",
									"A, B, C or D",
									"yes and no",
									"Yes. No.",
									"{\"A\":0.25,\"B\":0.25,\"C\":0.25,\"D\":0.25}",
									"A"};
	(void)w;
	(void)c;
	for (size_t i = 0; i < ASY_COUNT(s) - 1; i++)
		body(s[i], &out[i].body);
	(void)rng;
	return ASY_COUNT(s) - 1;
}

/* Every answer of the task at once. */
ATTACK(all_answers)
{
	char s[TEXT] = "";
	(void)c;
	(void)rng;
	for (size_t i = 0; i < w->n; i++)
		say(s, facts_of(w, i)->text);
	body(s, &out[0].body);
	return 1;
}

ATTACK(three_answers)
{
	char s[TEXT] = "";
	size_t at = (size_t)test_below(rng, 3);
	for (size_t i = 0; i < 3; i++)
		say(s, facts_of(w, i == at ? c : (c + 1 + test_below(rng, w->n - 1)) % w->n)->text);
	body(s, &out[0].body);
	return 1;
}

/* The rule of the last number: rambling, then a guess. */
ATTACK(last_number)
{
	char s[TEXT], number[64];
	(void)w;
	(void)c;
	for (size_t i = 0; i < 8; i++) {
		(void)snprintf(s, sizeof s, "One could think of %llu or of %llu, and so the answer is ",
					   (unsigned long long)test_below(rng, 1000),
					   (unsigned long long)test_below(rng, 1000));
		(void)snprintf(number, sizeof number, "%llu", (unsigned long long)test_below(rng, 1000));
		say(s, number);
		body(s, &out[i].body);
	}
	return 8;
}

ATTACK(taken_back)
{
	char s[TEXT];
	const char *right = facts_of(w, c)->text;
	const char *other = facts_of(w, (c + 1 + test_below(rng, w->n - 1)) % w->n)->text;
	(void)snprintf(s, sizeof s, "%s? No, %s.", right, other);
	body(s, &out[0].body);
	(void)snprintf(s, sizeof s, "Either %s or %s.", right, other);
	body(s, &out[1].body);
	(void)snprintf(s, sizeof s, "It is not %s.", right);
	body(s, &out[2].body);
	(void)snprintf(s, sizeof s, "I am not sure; maybe %s, maybe %s.", right, other);
	body(s, &out[3].body);
	return 4;
}

ATTACK(echo)
{
	(void)rng;
	body(facts_of(w, c)->question, &out[0].body);
	return 1;
}

ATTACK(other_challenge)
{
	body(facts_of(w, (c + 1 + test_below(rng, w->n - 1)) % w->n)->text, &out[0].body);
	return 1;
}

/* Text that makes patterns of a task backtrack: they must fail closed. */
ATTACK(backtracking)
{
	static const char *const s[] = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
									"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy",
									"                                                    ."};
	(void)w;
	(void)c;
	(void)rng;
	for (size_t i = 0; i < ASY_COUNT(s); i++)
		body(s[i], &out[i].body);
	return ASY_COUNT(s);
}

static double under_patterns(gaming_world *w, size_t c, const gaming_answer *x, size_t n,
							 const reward_row *row)
{
	static const char config[] =
		"{\"constraints\":{\"must_match\":[\"^(a+)+$\"],\"must_not_match\":[\"(x+x+)+z\"]}}";
	reward_host h;
	double worst = 0;
	(void)row;
	ck_assert_int_eq(reward_open(&h, config), ASSAY_RC_OK);
	for (size_t i = 0; i < n; i++) {
		reward_row r = reward_one(&h, &w->challenge[c], gaming_bytes(&x[i].body));
		worst = r.score > worst ? r.score : worst;
	}
	reward_close(&h);
	return worst;
}

static const gaming_attack attacks[] = {
	{"G10", "an answer to another challenge", GAMING_SHARE, 0.1, other_challenge, false, NULL},
	{"G22", "the question again", GAMING_SHARE, 0.1, echo, false, NULL},
	{"G24", "0 to 1000", GAMING_ZERO, 0, counting, false, NULL},
	{"G24", "every year", GAMING_ZERO, 0, years, false, NULL},
	{"G24", "all letters, yes and no", GAMING_SHARE, 0.1, letters, false, NULL},
	{"G24", "every answer of the task", GAMING_SHARE, 0.1, all_answers, false, NULL},
	{"G24", "the right answer among three", GAMING_SHARE, 0.1, three_answers, false, NULL},
	{"G25", "a random number at the end", GAMING_SHARE, 0.1, last_number, false, NULL},
	{"G38", "text that makes patterns backtrack", GAMING_WITHIN, 0, backtracking, false,
	 under_patterns},
	{"hedge", "the right answer taken back, doubted, denied", GAMING_SHARE, 0.1, taken_back, false,
	 NULL},
};

static gaming_world world;

static void copy_text(asy_jv v, char *out, size_t cap)
{
	const char *s;
	size_t n;
	assay_err err;
	ck_ok(asy_jv_str(v, &s, &n, &err), err);
	(void)snprintf(out, cap, "%s", s);
}

static void add(gaming_world *w, reward_sample *s)
{
	char kind[16];
	copy_text(asy_jv_get(reward_sample_get(s, "meta"), "kind"), kind, sizeof kind);
	if (strcmp(kind, "short") != 0)
		return;
	facts *f = calloc(1, sizeof *f);
	ck_assert_ptr_nonnull(f);
	copy_text(asy_jv_at(asy_jv_get(reward_sample_get(s, "reference"), "answers"), 0), f->text,
			  sizeof f->text);
	copy_text(asy_jv_get(reward_sample_get(s, "prompt"), "question"), f->question,
			  sizeof f->question);
	w->challenge[w->n] = s->challenge;
	w->facts[w->n++] = f;
}

START_TEST(test_attacks_when_tried_then_every_property_holds)
{
	size_t n = 0;
	reward_sample *samples = reward_samples("plugins/text/samples/text.jsonl", &n);
	for (size_t i = 0; i < n && world.n < CHALLENGES; i++)
		add(&world, &samples[i]);
	world.honest_ms = 1250;
	gaming_begin(&world, "{}", honest);
	gaming_all(
		&world, attacks, ASY_COUNT(attacks), "text-short",
		"# Attacks on short answers\n\n"
		"26 short samples: numbers, dates, names, choices. Honest miners are right 40 to 100 "
		"times in a hundred. Written by\n`gaming_text_short`; `docs/gaming.md` says how to "
		"read it.\n");
	for (size_t c = 0; c < world.n; c++)
		free(world.facts[c]);
	gaming_end(&world);
	reward_samples_free(samples, n);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_attacks_when_tried_then_every_property_holds);
}

int main(void)
{
	return test_main("gaming_text_short", fill, 100);
}
