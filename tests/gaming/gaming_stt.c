/* The attacks on speech: those common to all plugins and those of section 4 of the
 * published list, on shipped samples, on made references with word times, in languages
 * counted in letters, and on silent clips. Audio itself (G41, tables of known clips) is
 * the challenge builder's affair and has no generator here; copies are paid, because a
 * right transcript leaves no choice. */
#include "gaming/gaming_stt.h"

/* ---- attacks common to all plugins ---- */

static size_t literals(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const char *const bodies[] = {"",
										 " \n\t",
										 "null",
										 "{}",
										 "[]",
										 "{\"transcript\": null}",
										 "{\"transcript\": []}",
										 "{\"transcript\": 7}",
										 "{\"transcript\": NaN}",
										 "{\"transcript\": \"\\u0000\"}",
										 "{\"transcript\": \"\"}",
										 "{\"transcript\": \" \"}"};
	size_t n = ASY_COUNT(bodies) - (facts_of(w, c)->silent ? 2 : 0);
	(void)rng;
	for (size_t i = 0; i < n; i++)
		gaming_say(&out[i].body, bodies[i]);
	return n;
}

/* The best honest answer cut at every seventh byte, or with a bit flipped. */
static size_t broken(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const asy_buf *best = &w->honest[c][8];
	assay_err err;
	if (w->score[c][8] < 0.999)
		return 0; /* a flip might mend a word that was wrong */
	for (size_t i = 0; i < GAMING_ANSWERS; i++) {
		size_t end = i < 16 ? 7 * i % best->len : best->len;
		ck_ok(asy_buf_add(&out[i].body, best->ptr, end, &err), err);
		if (i >= 16)
			out[i].body.ptr[test_below(rng, best->len)] ^= (uint8_t)(1u << test_below(rng, 8));
		out[i].base = 8;
	}
	return GAMING_ANSWERS;
}

static size_t bombs(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static char deep[60001];
	(void)w, (void)c, (void)rng;
	memset(deep, '[', sizeof deep - 1);
	gaming_say(&out[0].body, deep);
	gaming_say(&out[1].body, "{\"transcript\": \"a\", \"transcript\": \"b\"}");
	gaming_say(&out[2].body, "{\"a\": 0");
	for (int i = 0; i < 4000; i++) {
		char key[24];
		(void)snprintf(key, sizeof key, ",\"k%d\":0", i);
		gaming_say(&out[2].body, key);
	}
	gaming_say(&out[2].body, "}");
	gaming_say(&out[3].body, "{\"transcript\": \"");
	for (int i = 0; i < 2000; i++)
		gaming_say(&out[3].body, "one (two [three <four 5 ");
	gaming_say(&out[3].body, "\"}");
	return 4;
}

static size_t relay(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	assay_err err;
	(void)rng;
	ck_ok(asy_buf_add(&out[0].body, w->honest[c][8].ptr, w->honest[c][8].len, &err), err);
	out[0].base = 8;
	return 1;
}

static size_t decoys(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	for (size_t i = 0; i < 20; i++) {
		char text[TEXT] = "";
		for (size_t k = test_below(rng, 30); k > 0; k--)
			append(facts_of(w, c), text, other_word(facts_of(w, c), rng));
		say(&out[i].body, text);
	}
	return 20;
}

/* Another clip's transcript. */
static size_t other_challenge(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	char text[TEXT];
	size_t other = (c + 1 + (size_t)test_below(rng, w->n - 1)) % w->n;
	const facts *f = facts_of(w, other);
	if (f->silent || (f->timed && facts_of(w, c)->timed) || f->n < 5 ||
		strcmp(f->word[0], facts_of(w, c)->n > 0 ? facts_of(w, c)->word[0] : "") == 0)
		return 0;
	transcript(f, 8, text);
	say(&out[0].body, text);
	return 1;
}

static size_t claims(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	assay_err err;
	(void)rng;
	ck_ok(asy_buf_add(&out[0].body, w->honest[c][0].ptr, w->honest[c][0].len - 1, &err), err);
	gaming_say(&out[0].body,
			   ", \"confidence\": 1, \"score\": 1e9, \"wer\": 0, \"language\": \"xx\", "
			   "\"process_time\": 0, \"duration_s\": 0}");
	return 1;
}

static size_t junk(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const char *const texts[] = {"ok", "you", "the", "yes.", "I don't know", "hello"};
	(void)w, (void)c, (void)rng;
	for (size_t i = 0; i < ASY_COUNT(texts); i++) {
		say(&out[i].body, texts[i]);
		out[i].latency_ms = 1;
	}
	return ASY_COUNT(texts);
}

static size_t late(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	(void)relay(w, c, rng, out);
	out[0].latency_ms = 600000;
	return 1;
}

/* ---- section 4 ---- */

static size_t salad(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	char text[TEXT] = "";
	(void)rng;
	for (size_t k = 0; k < 300; k++)
		append(facts_of(w, c), text, frequent[k % ASY_COUNT(frequent)]);
	say(&out[0].body, text);
	return 1;
}

static size_t repeated(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const size_t times[] = {2, 5, 20};
	char once[TEXT];
	const facts *f = facts_of(w, c);
	(void)rng;
	transcript(f, 8, once);
	for (size_t i = 0; i < ASY_COUNT(times) && f->n > 0; i++) {
		char text[TEXT] = "";
		for (size_t k = 0; k < times[i]; k++)
			append(f, text, once);
		say(&out[i].body, text);
		out[i].base = 8;
	}
	return f->n > 0 ? ASY_COUNT(times) : 0;
}

static size_t stuttered(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	char text[TEXT] = "";
	const facts *f = facts_of(w, c);
	(void)rng;
	for (size_t k = 0; k < f->n; k++) {
		append(f, text, f->word[k]);
		append(f, text, f->word[k]);
	}
	say(&out[0].body, text);
	return f->n > 0;
}

static size_t captions(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const char *const texts[] = {"you",
										"Thank you for watching!",
										"(thank you)",
										"[thanks]",
										"Subtitles by the community",
										"Untertitel der Gemeinschaft",
										"ご視聴ありがとうございました",
										"a"};
	(void)rng;
	for (size_t i = 0; i < ASY_COUNT(texts); i++)
		say(&out[i].body, texts[i]);
	return facts_of(w, c)->silent ? ASY_COUNT(texts) : 0;
}

static size_t nothing_said(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const char *const texts[] = {"", "[BLANK_AUDIO]", "[music]", "um, uh, hmm", "..."};
	(void)rng;
	for (size_t i = 0; i < ASY_COUNT(texts); i++)
		say(&out[i].body, texts[i]);
	return facts_of(w, c)->silent ? 0 : ASY_COUNT(texts);
}

/* Rebuilds what miner i said with its wrong and invented words changed by edit. */
static void rewrite(const facts *f, size_t i, void (*edit)(char *dst, const char *word),
					gaming_answer *out)
{
	char text[TEXT] = "", changed[256];
	for (size_t k = 0; k < f->n; k++) {
		const char *h = f->heard[i][k];
		if (h == f->word[k])
			append(f, text, h);
		for (int part = h == f->word[k]; part < 2; part++) {
			const char *wrong = part == 0 ? h : f->invented[i][k];
			if (wrong == NULL)
				continue;
			edit(changed, wrong);
			append(f, text, changed);
		}
	}
	emit(f, i, text, true, &out->body);
	out->base = i;
}

static void in_round(char *dst, const char *word)
{
	(void)snprintf(dst, 256, "(%s)", word);
}
static void in_square(char *dst, const char *word)
{
	(void)snprintf(dst, 256, "[%s]", word);
}
static void in_angle(char *dst, const char *word)
{
	(void)snprintf(dst, 256, "<%s>", word);
}
static void in_stars(char *dst, const char *word)
{
	(void)snprintf(dst, 256, "*%s*", word);
}
static void in_token(char *dst, const char *word)
{
	(void)snprintf(dst, 256, "<|%s words|>", word);
}

/* Whatever is wrong, in brackets. */
static size_t hidden(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	void (*const edits[])(char *, const char *) = {in_round, in_square, in_angle, in_stars,
												   in_token};
	const facts *f = facts_of(w, c);
	(void)rng;
	for (size_t i = 0; i < ASY_COUNT(edits) && f->n > 0; i++)
		rewrite(f, 3, edits[i], &out[i]);
	return f->n > 0 ? ASY_COUNT(edits) : 0;
}

/* The whole transcript of one in brackets behind one's own. */
static size_t two_in_one(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	char text[2 * TEXT + 8], one[TEXT], two[TEXT];
	(void)rng;
	if (f->n == 0)
		return 0;
	transcript(f, 3, one);
	transcript(f, 8, two);
	(void)snprintf(text, sizeof text, "%s (%s)", one, two);
	say(&out[0].body, text);
	(void)snprintf(text, sizeof text, "%s <|%s|>", one, two);
	say(&out[1].body, text);
	out[0].base = out[1].base = 8;
	return 2;
}

static size_t fillers(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	char text[TEXT] = "";
	(void)rng;
	for (size_t k = 0; k < f->n; k++) {
		append(f, text, "um,");
		if (f->heard[3][k] != NULL)
			append(f, text, f->heard[3][k]);
		if (f->invented[3][k] != NULL)
			append(f, text, f->invented[3][k]);
	}
	emit(f, 3, text, true, &out[0].body);
	out[0].base = 3;
	return f->n > 0;
}

/* Every wrong word and as many right ones as choices: "six/sick/socks". */
static size_t alternatives(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const char *const marks[] = {"/", "|", " / ", " | "};
	const facts *f = facts_of(w, c);
	for (size_t m = 0; m < ASY_COUNT(marks); m++) {
		char text[TEXT] = "";
		size_t owed = 0; /* right words that are as uncertain as the wrong ones */
		for (size_t k = 0; k < f->n; k++) {
			const char *h = f->heard[1][k];
			char choice[256];
			bool wrong = h != NULL && h != f->word[k];
			owed += wrong;
			if (h == NULL)
				continue;
			(void)snprintf(choice, sizeof choice, "%s", h);
			if (wrong || owed > 0) {
				(void)snprintf(choice, sizeof choice, "%s%s%s", h, marks[m],
							   wrong ? f->word[k] : other_word(f, rng));
				owed -= !wrong;
			}
			append(f, text, choice);
			if (f->invented[1][k] != NULL)
				append(f, text, f->invented[1][k]);
		}
		if (owed > 0)
			append(f, text, "a / b");
		emit(f, 1, text, true, &out[m].body);
		out[m].base = 1;
	}
	return f->n > 0 ? ASY_COUNT(marks) : 0;
}

/* Times that cost nothing to invent, on what was heard best. */
static size_t false_times(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const char *const times[] = {
		"\"words\":[{\"word\":\"the\",\"start\":0,\"end\":0}]",
		"\"words\":[{\"word\":\"the\",\"start\":0,\"end\":1e9}]",
		"\"words\":[{\"word\":\"the\",\"start\":1e308,\"end\":1e309}]",
		"\"words\":[{\"word\":\"the\",\"start\":-5,\"end\":5}]",
		"\"words\":\"all\"",
		"\"segments\":[{\"text\":\"\",\"start\":0,\"end\":100}]"};
	const facts *f = facts_of(w, c);
	char text[TEXT];
	assay_err err;
	(void)rng;
	if (!f->timed)
		return 0;
	transcript(f, 8, text);
	for (size_t i = 0; i < ASY_COUNT(times); i++) {
		emit(f, 8, text, false, &out[i].body);
		out[i].body.len--;
		ck_ok(asy_buf_printf(&out[i].body, &err, ",%s}", times[i]), err);
		out[i].base = 8;
	}
	return ASY_COUNT(times);
}

static size_t other_language(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const char *const english[] = {
		"the weather is nice today and we went to the park together",
		"погода сегодня хорошая и мы вместе пошли в парк",
		"今日は天気がいいので公園まで歩いて行きました"};
	static const char *const german[] = {
		"das Wetter ist heute schön und wir gingen zusammen in den Park",
		"погода сегодня хорошая и мы вместе пошли в парк", "오늘은 날씨가 좋아서 공원에 갔습니다"};
	const facts *f = facts_of(w, c);
	bool is_english = strcmp(f->language, "en") == 0;
	(void)rng;
	if (f->silent || f->letters)
		return 0;
	for (size_t i = 0; i < 3; i++)
		say(&out[i].body, is_english ? german[i] : english[i]);
	return 3;
}

/* Spaces between all letters of a language that has none. */
static size_t spaced_letters(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	char text[TEXT] = "";
	(void)rng;
	for (size_t k = 0; k < f->n && f->letters; k++)
		if (f->heard[8][k] != NULL) {
			size_t n = strlen(text);
			(void)snprintf(text + n, sizeof text - n, "%s ", f->heard[8][k]);
			if (f->invented[8][k] != NULL)
				(void)snprintf(text + n + strlen(text + n), sizeof text - n - strlen(text + n),
							   "%s ", f->invented[8][k]);
		}
	say(&out[0].body, text);
	out[0].base = 8;
	return f->letters && f->n > 0;
}

/* ---- uphill without the truth ---- */

/* Words beyond the reference's, by number from its end on. The first FREE are no speech,
 * for the truth as for the score. */
enum { FREE = 4, NOISE = 9 };
static const char *const noise[NOISE] = {"um", "[music]", "uh,", "\xe2\x80\x8b", "(the)", "the",
										 "5",  "a/b",     "'s"};

/* Errors of a transcript in words, by the plain matrix. */
static size_t word_errors(const facts *f, const size_t *word, size_t n)
{
	size_t row[WORDS + 1], last, t;
	for (size_t j = 0; j <= f->n; j++)
		row[j] = j;
	for (size_t i = 0; i < n; i++) {
		if (word[i] >= f->n && word[i] < f->n + FREE)
			continue;
		last = row[0]++;
		for (size_t j = 0; j < f->n; j++) {
			t = last + (word[i] >= f->n || strcmp(f->word[word[i]], f->word[j]) != 0);
			t = row[j] + 1 < t ? row[j] + 1 : t;
			t = row[j + 1] + 1 < t ? row[j + 1] + 1 : t;
			last = row[j + 1];
			row[j + 1] = t;
		}
	}
	return row[f->n];
}

static void tell(const facts *f, const size_t *word, size_t n, char text[TEXT])
{
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		append(f, text, word[i] < f->n ? f->word[word[i]] : noise[word[i] - f->n]);
}

static double score_of(const gaming_world *w, size_t c, const asy_buf *body)
{
	reward_row row[1];
	assay_response x = reward_answer(0, gaming_bytes(body));
	x.latency_ms = w->honest_ms;
	ck_assert_int_eq(
		reward_score((reward_host *)(uintptr_t)&w->host, &w->challenge[c], 1, &x, 1, row),
		ASSAY_RC_OK);
	return row[0].score;
}

/* From a transcript with a quarter of its words wrong: any edit that the score likes and
 * that does not make it truer. */
static size_t hill(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	size_t word[2 * WORDS], next[2 * WORDS], n = f->n, next_n;
	double best = -1;
	char text[TEXT];
	if (f->silent || f->timed || f->n < 8)
		return 0;
	for (size_t k = 0; k < n; k++)
		word[k] = k % 4 == 1 ? f->n + (size_t)test_below(rng, NOISE) : k;
	const size_t most = word_errors(f, word, n);
	for (int step = 0; step < 200; step++) {
		asy_buf body = {0};
		memcpy(next, word, sizeof next);
		next_n = n;
		size_t i = (size_t)test_below(rng, n), j = (size_t)test_below(rng, n), t = next[i];
		switch (step == 0 ? 9 : test_below(rng, 4)) {
		case 0:
			next[i] = next[j];
			next[j] = t;
			break;
		case 1:
			next[i] = (size_t)test_below(rng, f->n + NOISE);
			break;
		case 2:
			memmove(next + i, next + i + 1, (n - i - 1) * sizeof *next);
			next_n = n > 1 ? n - 1 : n;
			break;
		case 3:
			if (n + 1 < WORDS) {
				memmove(next + i + 1, next + i, (n - i) * sizeof *next);
				next[i] = (size_t)test_below(rng, f->n + NOISE);
				next_n = n + 1;
			}
			break;
		default:
			break;
		}
		tell(f, next, next_n, text);
		say(&body, text);
		double s = score_of(w, c, &body);
		if (s > best && word_errors(f, next, next_n) >= most) {
			best = s;
			n = next_n;
			memcpy(word, next, sizeof word);
		}
		asy_buf_fini(&body);
	}
	tell(f, word, n, text);
	say(&out[0].body, text);
	return 1;
}

static const gaming_attack attacks[] = {
	{"G01", "empty, null, wrong shapes", GAMING_ZERO, 0, literals, false, NULL},
	{"G02", "truncated and bit-flipped answers", GAMING_NO_GAIN, 0, broken, false, NULL},
	{"G03", "depth, key and bracket bombs", GAMING_ZERO, 0, bombs, false, NULL},
	{"G04", "the best answer relayed", GAMING_NO_GAIN, 0, relay, false, NULL},
	{"G07", "twenty decoys", GAMING_ISOLATE, 0, decoys, false, NULL},
	{"G10", "the transcript of another clip", GAMING_LOW, 0.1, other_challenge, false, NULL},
	{"G11", "claimed confidence, score, language", GAMING_EQUAL, 0, claims, false, NULL},
	{"G12", "one word at once", GAMING_LOW, 0.1, junk, false, NULL},
	{"G15", "an honest answer after the deadline", GAMING_NO_GAIN, 0, late, false, NULL},
	{"G40", "300 frequent words", GAMING_LOW, 0.1, salad, false, NULL},
	{"G42", "the transcript 2, 5, 20 times", GAMING_LOW, 0.1, repeated, false, NULL},
	{"G42", "every word twice", GAMING_LOW, 0.1, stuttered, false, NULL},
	{"G43", "captions on a silent clip", GAMING_ZERO, 0, captions, false, NULL},
	{"G43", "silence where somebody speaks", GAMING_ZERO, 0, nothing_said, false, NULL},
	{"G44", "wrong words hidden in brackets", GAMING_NO_GAIN, 0, hidden, false, NULL},
	{"G44", "a second transcript in brackets", GAMING_NO_GAIN, 0, two_in_one, false, NULL},
	{"G44", "a hesitation before every word", GAMING_NO_GAIN, 0, fillers, false, NULL},
	{"G45", "alternatives for every uncertain word", GAMING_NO_GAIN, 0, alternatives, false, NULL},
	{"G46", "invented times", GAMING_NO_GAIN, 0, false_times, false, NULL},
	{"G47", "another language", GAMING_LOW, 0.1, other_language, false, NULL},
	{"G48", "spaces between letters", GAMING_NO_GAIN, 0, spaced_letters, false, NULL},
	{"fuzz", "200 steps uphill without the truth", GAMING_SHARE, 1, hill, false, NULL},
};

static gaming_world world;

static reward_sample *open_world(size_t *n)
{
	reward_sample *samples = reward_samples("plugins/stt/samples/stt.jsonl", n);
	ck_assert_uint_ge(*n, SAMPLES);
	add_all(&world, samples, *n);
	world.honest_ms = 500;
	return samples;
}

static void close_world(reward_sample *samples, size_t n)
{
	for (size_t c = 0; c < world.n; c++)
		free(world.facts[c]);
	reward_samples_free(samples, n);
}

START_TEST(test_attacks_when_tried_then_every_property_holds)
{
	size_t n = 0;
	reward_sample *samples = open_world(&n);
	gaming_begin(&world, "{}", honest);
	gaming_all(
		&world, attacks, ASY_COUNT(attacks), "stt",
		"# Attacks on speech\n\n"
		"24 of the shipped samples, 8 of them with word times, 4 sentences in languages "
		"counted in\nletters, 6 silent clips. A right transcript leaves no choice, so copies "
		"are paid here. Written by\n`gaming_stt`; `docs/gaming.md` says how to read it.\n");
	gaming_end(&world);
	close_world(samples, n);
}
END_TEST

/* Miners who get 97 and 55 of 100 words right, and what they earn. */
START_TEST(test_honest_miners_when_097_and_055_then_a_factor_of_two)
{
	static const int quality[] = {97, 55};
	double sum[2] = {0};
	size_t n = 0, tries = 0;
	test_rng rng = {97};
	reward_sample *samples = open_world(&n);
	ck_assert_int_eq(reward_open(&world.host, "{}"), ASSAY_RC_OK);
	for (size_t c = 0; c < world.n; c++) {
		facts *f = world.facts[c];
		for (int round = 0; round < 20 && f->n > 0; round++, tries++)
			for (int k = 0; k < 2; k++) {
				char text[TEXT];
				asy_buf body = {0};
				hear(f, 5, 0, &rng);
				for (size_t i = 0; i < f->n; i++) {
					bool right = (int)test_below(&rng, 100) < quality[k];
					f->heard[0][i] = right ? f->word[i] : other_word(f, &rng);
					f->invented[0][i] = NULL;
				}
				transcript(f, 0, text);
				emit(f, 0, text, true, &body);
				sum[k] += reward_one(&world.host, &world.challenge[c], gaming_bytes(&body)).score;
				asy_buf_fini(&body);
			}
	}
	printf("honest 0.97 earn %.3f, honest 0.55 earn %.3f\n", sum[0] / (double)tries,
		   sum[1] / (double)tries);
	ck_assert_double_ge(sum[0], 2 * sum[1]);
	reward_close(&world.host);
	close_world(samples, n);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_honest_miners_when_097_and_055_then_a_factor_of_two);
	tcase_add_test(tc, test_attacks_when_tried_then_every_property_holds);
}

int main(void)
{
	return test_main("gaming_stt", fill, 100);
}
