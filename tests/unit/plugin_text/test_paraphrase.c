/* tests/golden/paraphrase: correct answers, near and in distant wording, against wrong ones,
 * near and distant, hedges, and the answers to other questions. The tune-* files were
 * used to write the rules, the held-* files only to measure them. Two rules that do not
 * look at what changed, "the closer the better" and "the closer the worse", must lose. */
#include <math.h>
#include "support/reward.h"

enum { MAX_ANSWERS = 16 };

typedef struct {
	char kind, distance; /* '+', '-' or '?'; 'n' or 'f' */
	char text[1024];
	double score, closeness;
} answer;

typedef struct {
	char question[1024], reference[1024], other[1024];
	answer at[MAX_ANSWERS];
	size_t n;
} item;

typedef struct {
	double won[2][2], of[2][2]; /* [correct is near][wrong is near] */
	double closer, farther;     /* pairs won by the two blind rules */
	double sum[4], n[4];        /* correct, wrong, hedge, unrelated */
	double paid, refused;       /* correct at 0.7 or more, wrong at 0.3 or less */
	size_t questions;
} tally;

static asy_buf object(const char *key, const char *value, bool list)
{
	asy_buf b = {0};
	assay_err err;
	asy_jw w = asy_jw_out(&b, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, key);
	if (list)
		asy_jw_array(&w);
	asy_jw_str(&w, value);
	if (list)
		asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	ck_ok(asy_jw_end(&w, &err), err);
	return b;
}

static assay_bytes span(const asy_buf *b)
{
	return (assay_bytes){b->ptr, b->len};
}

static reward_row judge(reward_host *h, const item *x, const char *text)
{
	asy_buf q = object("question", x->question, false), r = object("answers", x->reference, true);
	asy_buf body = object("completion", text, false);
	const assay_challenge c = {
		.prompt = span(&q), .reference = span(&r), .meta_json = reward_text("{}")};
	reward_row row = reward_one(h, &c, span(&body));
	ck_assert_uint_eq(row.flag, ASSAY_ROW_SCORED);
	asy_buf_fini(&q);
	asy_buf_fini(&r);
	asy_buf_fini(&body);
	return row;
}

static void add(tally *t, int which, double score)
{
	t->sum[which] += score;
	t->n[which]++;
}

/* Every correct answer against every wrong one; equal scores are lost. */
static void count_pairs(const item *x, tally *t)
{
	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < x->n; k++) {
			const answer *good = &x->at[i], *bad = &x->at[k];
			if (good->kind != '+' || bad->kind != '-')
				continue;
			t->won[good->distance == 'n'][bad->distance == 'n'] += good->score > bad->score;
			t->of[good->distance == 'n'][bad->distance == 'n']++;
			t->closer += good->closeness > bad->closeness;
			t->farther += good->closeness < bad->closeness;
		}
}

/* ASSAY_TEST_LOUD names a file: its answers that are judged badly, with what judged them. */
static bool is_loud(const char *name)
{
	const char *s = getenv("ASSAY_TEST_LOUD"); /* edge: a test's own switch */
	return s != NULL && strcmp(s, name) == 0;
}

static void show(reward_host *h, const answer *x, const reward_row *r)
{
	static const char *const parts[] = {"content",         "relevance",     "closeness",
										"quantity_factor", "name_factor",   "polarity_factor",
										"role_factor",     "change_factor", "hedge_factor"};
	printf("%c%c %.3f %s\n  ", x->kind, x->distance, r->score, x->text);
	for (size_t i = 0; i < ASY_COUNT(parts); i++)
		printf(" %s %.2f", parts[i], reward_part(h, r, parts[i]));
	printf("\n");
}

static void finish(reward_host *h, item *x, tally *t, bool loud)
{
	if (x->n == 0)
		return;
	for (size_t i = 0; i < x->n; i++) {
		reward_row r = judge(h, x, x->at[i].text);
		x->at[i].score = r.score;
		x->at[i].closeness = reward_part(h, &r, "chrf");
		add(t, x->at[i].kind == '+' ? 0 : x->at[i].kind == '-' ? 1 : 2, r.score);
		t->paid += x->at[i].kind == '+' && r.score >= 0.7;
		t->refused += x->at[i].kind == '-' && r.score <= 0.3;
		if (loud && (x->at[i].kind == '+' ? r.score < 0.7 : r.score > 0.3))
			show(h, &x->at[i], &r);
	}
	count_pairs(x, t);
	if (x->other[0] != '\0')
		add(t, 3, judge(h, x, x->other).score);
	memcpy(x->other, x->reference, sizeof x->other);
	x->n = 0;
	t->questions++;
}

/* "\\n" stands for a new line. */
static void open_lines(char *s)
{
	char *to = s;
	for (; *s != '\0'; s++)
		if (s[0] == '\\' && s[1] == 'n') {
			*to++ = '\n';
			s++;
		} else {
			*to++ = *s;
		}
	*to = '\0';
}

static void run(reward_host *h, const char *name, tally *t)
{
	char path[512], line[1200];
	item x = {.n = 0};
	(void)snprintf(path, sizeof path, "%s/tests/golden/paraphrase/%s", ASSAY_SOURCE_DIR, name);
	FILE *f = fopen(path, "r");
	ck_assert_msg(f != NULL, "cannot open %s", path);
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		ck_assert_uint_lt(strlen(line), 1000);
		if (line[0] == 'T' || line[0] == 'Q')
			finish(h, &x, t, is_loud(name));
		if (line[0] == 'T')
			x.other[0] = '\0'; /* "unrelated" stays within a topic: the hardest kind */
		else if (line[0] == 'Q')
			(void)snprintf(x.question, sizeof x.question, "%.1000s", line + 2);
		else if (line[0] == 'R')
			(void)snprintf(x.reference, sizeof x.reference, "%.1000s", line + 2);
		else if (strchr("+-?", line[0]) != NULL && line[0] != '\0') {
			answer *a = &x.at[x.n++];
			ck_assert_uint_lt(x.n, MAX_ANSWERS);
			*a = (answer){.kind = line[0], .distance = line[1]};
			(void)snprintf(a->text, sizeof a->text, "%.1000s", line + 3);
			open_lines(a->text);
		}
	}
	finish(h, &x, t, is_loud(name));
	(void)fclose(f);
}

static double rate(const tally *t, int good, int bad)
{
	return t->won[good][bad] / t->of[good][bad];
}

static double all(const tally *t, double *pairs)
{
	double won = 0;
	*pairs = 0;
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 2; k++) {
			won += t->won[i][k];
			*pairs += t->of[i][k];
		}
	return won / *pairs;
}

static void report(const char *name, const tally *t)
{
	double pairs, won = all(t, &pairs);
	printf(
		"%s: %zu questions, %.0f pairs, %.3f won (near correct: %.3f of near wrong, %.3f of "
		"distant wrong; distant correct: %.3f, %.3f); mean correct %.3f, wrong %.3f, hedge %.3f, "
		"unrelated %.3f; the closer the better %.3f, the closer the worse %.3f\n",
		name, t->questions, pairs, won, rate(t, 1, 1), rate(t, 1, 0), rate(t, 0, 1), rate(t, 0, 0),
		t->sum[0] / t->n[0], t->sum[1] / t->n[1], t->sum[2] / t->n[2], t->sum[3] / t->n[3],
		t->closer / pairs, t->farther / pairs);
	(void)fflush(stdout);
}

static void check(const tally *t)
{
	double pairs, won = all(t, &pairs);
	ck_assert_double_ge(won, 0.85);
	ck_assert_double_ge(rate(t, 1, 1), 0.9);
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 2; k++)
			ck_assert_double_ge(rate(t, i, k), 0.7);
	ck_assert_double_ge(t->sum[0] / t->n[0], 0.7);
	ck_assert_double_le(t->sum[1] / t->n[1], 0.3);
	ck_assert_double_le(t->sum[2] / t->n[2], 0.3);
	ck_assert_double_le(t->sum[3] / t->n[3], 0.05);
	ck_assert_double_lt(t->closer / pairs, won);
	ck_assert_double_lt(t->farther / pairs, won);
}

/* Answers in dress: each must be right or wrong by itself, and no distant wording. */
static void check_dressed(const tally *t)
{
	double right = t->paid / t->n[0], wrong = t->refused / t->n[1];
	printf("in dress: %.0f correct, %.3f of them at 0.7 or more; %.0f wrong, %.3f of them at 0.3 "
		   "or less; mean %.3f and %.3f\n",
		   t->n[0], right, t->n[1], wrong, t->sum[0] / t->n[0], t->sum[1] / t->n[1]);
	(void)fflush(stdout);
	ck_assert_double_ge(right, 0.9);
	ck_assert_double_ge(wrong, 0.9);
}

static bool have_lists(reward_host *h)
{
	item x = {.question = "What is it?",
			  .reference = "The big engine pulls the long train up the hill in the early morning."};
	reward_row r = judge(h, &x, "The large engine pulls the long train up the hill.");
	return reward_part(h, &r, "lexicon") > 0;
}

static void measure(const char *name, const char *config, const char *const *files, size_t n,
					bool dressed)
{
	reward_host h;
	tally t = {.questions = 0};
	ck_assert_int_eq(reward_open(&h, config), ASSAY_RC_OK);
	if (!have_lists(&h)) {
		printf("skipped: no word lists installed (wordnet-base, mythes-*)\n");
		(void)fflush(stdout);
		reward_close(&h);
		return;
	}
	for (size_t i = 0; i < n; i++)
		run(&h, files[i], &t);
	reward_close(&h);
	if (dressed) {
		check_dressed(&t);
	} else {
		report(name, &t);
		check(&t);
	}
}

START_TEST(test_paraphrases_when_tuned_on_then_won)
{
	static const char *const files[] = {"tune-1.txt", "tune-2.txt"};
	measure("tuned", "{}", files, ASY_COUNT(files), false);
}
END_TEST

START_TEST(test_paraphrases_when_never_looked_at_then_won)
{
	static const char *const files[] = {"held-1.txt", "held-2.txt", "held-3.txt"};
	measure("held out", "{}", files, ASY_COUNT(files), false);
}
END_TEST

/* Polite openings, offers at the end, layout, sources and asides change no fact. */
START_TEST(test_dressed_answers_when_tuned_on_then_judged_by_what_they_say)
{
	static const char *const files[] = {"dress-tune.txt"};
	measure("tuned", "{}", files, ASY_COUNT(files), true);
}
END_TEST

START_TEST(test_dressed_answers_when_never_looked_at_then_judged_by_what_they_say)
{
	static const char *const files[] = {"dress-held.txt"};
	measure("held out", "{}", files, ASY_COUNT(files), true);
}
END_TEST

/* ASSAY_TEST_ENCODER: folder of a sentence encoder (all-MiniLM-L6-v2); skipped without. */
START_TEST(test_paraphrases_when_an_encoder_helps_then_won_more)
{
	static const char *const files[] = {"held-1.txt", "held-2.txt", "held-3.txt"};
	const char *path = getenv("ASSAY_TEST_ENCODER");
	char config[1024];
	if (path == NULL) {
		printf("skipped: ASSAY_TEST_ENCODER names no sentence encoder\n");
		(void)fflush(stdout);
		return;
	}
	(void)snprintf(config, sizeof config, "{\"encoder\":{\"path\":\"%s\"}}", path);
	measure("held out, with the encoder", config, files, ASY_COUNT(files), false);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_paraphrases_when_tuned_on_then_won);
	tcase_add_test(tc, test_paraphrases_when_never_looked_at_then_won);
	tcase_add_test(tc, test_dressed_answers_when_tuned_on_then_judged_by_what_they_say);
	tcase_add_test(tc, test_dressed_answers_when_never_looked_at_then_judged_by_what_they_say);
	tcase_add_test(tc, test_paraphrases_when_an_encoder_helps_then_won_more);
}

int main(void)
{
	return test_main("paraphrases", fill, 60);
}
