/* Speech for the attack suite: what was said in each clip, and what the nine honest miners
 * heard of it. */
#ifndef ASSAY_GAMING_STT_H
#define ASSAY_GAMING_STT_H
#include "gaming/gaming.h"

enum { WORDS = 64, TEXT = 4096, SAMPLES = 24, TIMED = 8, SILENT = 6 };

typedef struct {
	char text[TEXT]; /* what the words point into */
	const char *word[WORDS];
	size_t n;
	bool letters, silent, timed;
	const char *language;
	/* What each honest miner heard: per word the word, or another, or none; and a word
	 * invented behind it. */
	const char *heard[GAMING_HONEST][WORDS], *invented[GAMING_HONEST][WORDS];
	double shift[GAMING_HONEST][WORDS];
	bool talks[GAMING_HONEST]; /* on a silent clip */
	size_t honest_i;
	char prompt[128], reference[3 * TEXT];
} facts;

static const facts *facts_of(const gaming_world *w, size_t c)
{
	return w->facts[c];
}

static const char *const frequent[] = {
	"the",   "of",   "and",   "to",    "a",    "in",   "is",   "it",    "you",  "that",
	"he",    "was",  "for",   "on",    "are",  "with", "as",   "i",     "his",  "they",
	"be",    "at",   "one",   "have",  "this", "from", "or",   "had",   "by",   "hot",
	"but",   "some", "what",  "there", "we",   "can",  "out",  "other", "were", "all",
	"your",  "when", "up",    "use",   "word", "how",  "said", "an",    "each", "she",
	"which", "do",   "their", "time",  "if",   "will", "way",  "about", "many", "then"};
static const char *const letters[] = {"的", "是", "人", "の", "に", "は",
									  "ก",  "า",  "น",  "가", "다"};

static const char *other_word(const facts *f, test_rng *rng)
{
	return f->letters ? letters[test_below(rng, ASY_COUNT(letters))]
					  : frequent[test_below(rng, ASY_COUNT(frequent))];
}

/* ---- bodies ---- */

static void begin(asy_jw *w, asy_buf *out)
{
	*w = asy_jw_out(out, 0);
	asy_jw_object(w);
	asy_jw_key(w, "transcript");
}

static void finish(asy_jw *w)
{
	assay_err err;
	asy_jw_end_object(w);
	ck_ok(asy_jw_end(w, &err), err);
}

/* {"transcript": s} */
static void say(asy_buf *out, const char *s)
{
	asy_jw w;
	begin(&w, out);
	asy_jw_strn(&w, s, strlen(s));
	finish(&w);
}

static void append(const facts *f, char *dst, const char *word)
{
	size_t n = strlen(dst), len = strlen(word);
	ck_assert_uint_lt(n + len + 1, TEXT);
	if (n > 0 && !f->letters)
		dst[n++] = ' ';
	memcpy(dst + n, word, len + 1);
}

/* What honest miner i says. */
static void transcript(const facts *f, size_t i, char dst[TEXT])
{
	dst[0] = '\0';
	if (f->silent && f->talks[i])
		append(f, dst, "Thank you.");
	for (size_t k = 0; k < f->n; k++) {
		if (f->heard[i][k] != NULL)
			append(f, dst, f->heard[i][k]);
		if (f->invented[i][k] != NULL)
			append(f, dst, f->invented[i][k]);
	}
}

static void write_times(asy_jw *w, const facts *f, const char *const *heard, const double *shift)
{
	asy_jw_key(w, "words");
	asy_jw_array(w);
	for (size_t k = 0; k < f->n; k++) {
		if (heard[k] == NULL)
			continue;
		asy_jw_object(w);
		asy_jw_key(w, "word");
		asy_jw_strn(w, heard[k], strlen(heard[k]));
		asy_jw_kf64(w, "start", 0.4 * (double)k + shift[k]);
		asy_jw_kf64(w, "end", 0.4 * (double)k + 0.35 + shift[k]);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

/* Text of miner i, and times of the same when the challenge has times. */
static void emit(const facts *f, size_t i, const char *text, bool with_times, asy_buf *out)
{
	asy_jw w;
	begin(&w, out);
	asy_jw_strn(&w, text, strlen(text));
	if (f->timed && with_times)
		write_times(&w, f, f->heard[i], f->shift[i]);
	finish(&w);
}

/* Word error rates 0.35, 0.2, 0.1, 0.05, 0.01: six tenths wrong words, a quarter missing,
 * the rest invented. On silent clips the weak talk now and then. */
static void hear(facts *f, int level, size_t i, test_rng *rng)
{
	static const int per_mille[] = {0, 350, 200, 100, 50, 10};
	f->talks[i] = (int)test_below(rng, 1000) < per_mille[level];
	for (size_t k = 0; k < f->n; k++) {
		uint64_t kind = test_below(rng, 100);
		bool wrong = (int)test_below(rng, 1000) < per_mille[level];
		f->heard[i][k] = !wrong || kind >= 85 ? f->word[k] : kind < 60 ? other_word(f, rng) : NULL;
		f->invented[i][k] = wrong && kind >= 85 ? other_word(f, rng) : NULL;
		f->shift[i][k] = (double)test_below(rng, 25) * 0.001;
	}
}

static void honest(const gaming_world *w, size_t c, int level, test_rng *rng, asy_buf *out)
{
	facts *f = w->facts[c];
	char text[TEXT];
	size_t i = f->honest_i++;
	hear(f, level, i, rng);
	transcript(f, i, text);
	emit(f, i, text, true, out);
}

/* ---- challenges ---- */

/* Cuts the text into words, or into characters. */
static void cut(facts *f, const char *text)
{
	char *p = f->text;
	for (const char *s = text; *s != '\0' && f->n < WORDS;) {
		size_t len = f->letters ? 1 : strcspn(s, " ");
		while (f->letters && (s[len] & 0xc0) == 0x80)
			len++;
		f->word[f->n++] = p;
		memcpy(p, s, len);
		p[len] = '\0';
		p += len + 1;
		s += len;
		s += *s == ' ';
	}
}

static facts *add(gaming_world *w, const char *text, const char *language, bool by_letters,
				  bool timed)
{
	facts *f = calloc(1, sizeof *f);
	asy_buf reference = {0};
	asy_jw j;
	static const double none[WORDS];
	ck_assert_ptr_nonnull(f);
	f->letters = by_letters;
	f->language = language;
	f->timed = timed;
	cut(f, text);
	f->silent = f->n == 0 || text[0] == '[';
	begin(&j, &reference);
	asy_jw_strn(&j, text, strlen(text));
	asy_jw_key(&j, "language");
	asy_jw_strn(&j, language, strlen(language));
	if (timed)
		write_times(&j, f, f->word, none);
	finish(&j);
	ck_assert(asy_str_copy(f->reference, sizeof f->reference, asy_buf_cstr(&reference)));
	asy_buf_fini(&reference);
	if (f->silent)
		f->n = 0;
	(void)snprintf(f->prompt, sizeof f->prompt, "{\"id\":\"c%zu\",\"duration_s\":%g}", w->n,
				   0.4 * (double)f->n + 2);
	w->facts[w->n] = f;
	w->challenge[w->n++] = (assay_challenge){.prompt = reward_text(f->prompt),
											 .reference = reward_text(f->reference),
											 .meta_json = reward_text("{}")};
	return f;
}

static const char *member(const reward_sample *s, const char *key)
{
	const char *t;
	size_t n;
	assay_err err;
	ck_ok(asy_jv_str(asy_jv_get(reward_sample_get(s, "reference"), key), &t, &n, &err), err);
	return t;
}

static void add_all(gaming_world *w, const reward_sample *samples, size_t n)
{
	static const char *const unspaced[][2] = {
		{"zh", "今天天气很好我们一起去公园散步然后回家吃饭"},
		{"ja", "今日は天気がいいので公園まで歩いて行きました"},
		{"th", "วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะ"},
		{"ko", "오늘은날씨가좋아서공원에갔습니다"}};
	static const char *const silence[SILENT][2] = {
		{"", "en"},        {"[music]", "en"},       {"", "de"},
		{"[Musik]", "de"}, {"[BLANK_AUDIO]", "en"}, {"", "ja"}};
	for (size_t i = 0; i < SAMPLES; i++) {
		const reward_sample *s = &samples[i * n / SAMPLES];
		(void)add(w, member(s, "transcript"), member(s, "language"), false, false);
	}
	for (size_t i = 0; i < TIMED; i++)
		(void)add(w, member(&samples[i], "transcript"), member(&samples[i], "language"), false,
				  true);
	for (size_t i = 0; i < ASY_COUNT(unspaced); i++)
		(void)add(w, unspaced[i][1], unspaced[i][0], true, false);
	for (size_t i = 0; i < SILENT; i++)
		(void)add(w, silence[i][0], silence[i][1], false, false);
}

#endif
