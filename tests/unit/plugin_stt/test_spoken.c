/* The default profile: what sounds alike is equal, what means something else is not. */
#include <stdlib.h>
#include "support/test.h"
#include "common/build.h"
#include "common/json.h"
#include "stt/american.h"
#include "stt/language.h"
#include "stt/spoken.h"
#include "stt/tags.h"
#include "stt/universal.h"

static plg_arena *arena(void)
{
	plg_arena *a = plg_arena_new(64 << 20);
	ck_assert_ptr_nonnull(a);
	return a;
}

static const char *utf8(plg_arena *a, plg_text t)
{
	assay_bytes b = plg_utf8_encode(a, plg_strip(t));
	ck_assert_ptr_nonnull(b.ptr);
	return (const char *)b.ptr;
}

static stt_language tagged(const char *tag)
{
	return stt_language_of((assay_bytes){(const uint8_t *)tag, strlen(tag)}, (plg_text){NULL, 0});
}

/* As score.c does it. */
static const char *normal(plg_arena *a, const char *tag, const char *s)
{
	stt_language l = tagged(tag);
	plg_text t = stt_language_fold(a, &l, true, plg_text_of(a, s));
	t = stt_tags_remove(a, t, NULL);
	t = stt_language_has(&l, STT_L_ENGLISH) ? stt_spoken(a, t, NULL) : stt_universal(a, t);
	return utf8(a, plg_collapse(a, t));
}

static void expect_same(plg_arena *a, const char *tag, const char *x, const char *y)
{
	plg_arena_reset(a);
	ck_assert_str_eq(normal(a, tag, x), normal(a, tag, y));
}

static void expect_other(plg_arena *a, const char *tag, const char *x, const char *y)
{
	plg_arena_reset(a);
	ck_assert_msg(strcmp(normal(a, tag, x), normal(a, tag, y)) != 0, "\"%s\" and \"%s\"", x, y);
}

/* ---- the sweep: 0 to 1099 in words and digits ---- */

static const char *const below_twenty[] = {
	"zero",     "one",     "two",     "three",     "four",     "five",    "six",
	"seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
	"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {NULL,    NULL,    "twenty",  "thirty", "forty",
								   "fifty", "sixty", "seventy", "eighty", "ninety"};
static const char *const nth[] = {
	"zeroth",     "first",     "second",    "third",       "fourth",     "fifth",     "sixth",
	"seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",   "thirteenth",
	"fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"};

typedef struct {
	char s[128];
	bool with_and, hyphen, ordinal;
} speech;

static void add(speech *x, const char *word)
{
	if (x->s[0] != '\0' && strcmp(word, "-") != 0 && x->s[strlen(x->s) - 1] != '-')
		strcat(x->s, " ");
	strcat(x->s, word);
}

static void say_small(speech *x, unsigned n)
{
	char word[32];
	if (n < 20) {
		add(x, x->ordinal ? nth[n] : below_twenty[n]);
	} else if (n % 10 == 0) {
		(void)snprintf(word, sizeof word, "%s", tens[n / 10]);
		if (x->ordinal)
			(void)snprintf(word + strlen(word) - 1, 8, "ieth");
		add(x, word);
	} else {
		add(x, tens[n / 10]);
		if (x->hyphen)
			strcat(x->s, "-");
		add(x, x->ordinal ? nth[n % 10] : below_twenty[n % 10]);
	}
}

static void say_scale(speech *x, unsigned count, const char *scale, unsigned rest)
{
	add(x, below_twenty[count]);
	add(x, scale);
	if (rest == 0 && x->ordinal)
		strcat(x->s, "th");
}

static void say(speech *x, unsigned n)
{
	x->s[0] = '\0';
	if (n >= 1000)
		say_scale(x, n / 1000, "thousand", n % 1000);
	if (n % 1000 >= 100)
		say_scale(x, n % 1000 / 100, "hundred", n % 100);
	if (n >= 100 && n % 100 > 0 && x->with_and)
		add(x, "and");
	if (n < 100 || n % 100 > 0)
		say_small(x, n % 100);
}

static const char *ending(unsigned n)
{
	if (n % 100 >= 10 && n % 100 <= 20)
		return "th";
	return n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
}

typedef struct {
	const char *before, *after, *sign, *unit; /* of the words; of the digits */
} frame;

/* The number in words, with what is said around it, against its digits. */
static void sweep_one(plg_arena *a, speech *x, unsigned n, const frame *f)
{
	char spoken[256], written[256];
	say(x, n);
	(void)snprintf(spoken, sizeof spoken, "%s%s%s", f->before, x->s, f->after);
	(void)snprintf(written, sizeof written, "%s%u%s%s", f->sign, n, x->ordinal ? ending(n) : "",
				   f->unit);
	expect_same(a, "en", spoken, written);
}

START_TEST(test_sweep_when_in_words_then_as_in_digits)
{
	static const frame plain = {"we saw ", " birds", "We saw ", " birds."};
	static const frame street = {"the ", " street", "The ", " Street"};
	static const frame frames[] = {
		{"", " dollars", "$", ""},
		{"it costs ", " pounds", "it costs £", "."},
		{"", " euros", "", " €"},
		{"", " percent", "", "%"},
		{"", " per cent of it", "", " % of it"},
		{"minus ", " degrees", "-", " degrees"},
		{"minus ", "", "\xe2\x88\x92", ""},
		{"plus ", "", "+", ""},
		{"", " millimetres", "", "mm"},
		{"", " point five", "", ".5"},
		{"", " million", "", " million"},
	};
	plg_arena *a = arena();
	for (unsigned n = 0; n < 1100; n++)
		for (unsigned form = 0; form < 4; form++) {
			speech x = {.with_and = form & 1, .hyphen = form & 2};
			sweep_one(a, &x, n, &plain);
			x.ordinal = true;
			sweep_one(a, &x, n, &street);
		}
	for (unsigned n = 0; n < 1100; n++)
		for (size_t f = 0; f < ASY_COUNT(frames); f++) {
			speech x = {.with_and = true};
			sweep_one(a, &x, n, &frames[f]);
		}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_sweep_when_a_year_or_decade_then_as_in_digits)
{
	plg_arena *a = arena();
	for (unsigned year = 1100; year < 2100; year++) {
		speech high = {.s = ""}, low = {.s = ""}, whole = {.with_and = true};
		char spoken[512], written[16];
		(void)snprintf(written, sizeof written, "in %u", year);
		if (year >= 2000 && year < 2010) {
			say(&whole, year - 1000); /* "one thousand and five": two thousand from here */
			(void)snprintf(spoken, sizeof spoken, "in two%s", whole.s + 3);
		} else {
			say(&high, year / 100);
			say(&low, year % 100);
			(void)snprintf(spoken, sizeof spoken, "in %s %s%s", high.s,
						   year % 100 == 0   ? "hundred"
						   : year % 100 < 10 ? "oh "
											 : "",
						   year % 100 == 0 ? "" : low.s);
		}
		if (year != 2000)
			expect_same(a, "en", spoken, written);
	}
	for (unsigned d = 2; d < 10; d++) {
		char spoken[64], written[64];
		(void)snprintf(spoken, sizeof spoken, "the nineteen %.*sies", (int)strlen(tens[d]) - 1,
					   tens[d]);
		(void)snprintf(written, sizeof written, "the 19%u0's", d);
		expect_same(a, "en", spoken, written);
	}
	plg_arena_free(a);
}
END_TEST

/* ---- English ---- */

START_TEST(test_english_when_it_sounds_alike_then_equal)
{
	static const char *const pairs[][2] = {
		{"use a 20 mm bolt here", "use a 20mm bolt here"},
		{"a twenty millimeter bolt", "a 20 mm bolt"},
		{"um, well, mm, yes", "well yes"},
		{"hmm ummm er so", "so"},
		{"five kilometers per hour", "5 km/h"},
		{"sixty miles an hour", "60 mph"},
		{"six thirty p.m.", "6:30 pm"},
		{"six PM", "6:00 p.m."},
		{"the U.S. army", "the US army"},
		{"don't go", "don\xe2\x80\x99t go"},
		{"it was minus five degrees celsius", "it was \xe2\x88\x92"
											  "5\xc2\xb0"
											  "C"},
		{"it was negative five", "it was -5"},
		{"minus five dollars", "-$5"},
		{"five to ten people", "5\xe2\x80\x93"
							   "10 people"},
		{"call five five five one two three four", "call 555-1234"},
		{"one two three", "1 2 3"},
		{"twenty dollars and five cents", "$20.05"},
		{"nine dollars", "$9.00"},
		{"seven cents", "7\xc2\xa2"},
		{"five hundred yen", "\xc2\xa5"
							 "500"},
		{"two and a half million dollars", "$2.5m"},
		{"two and a quarter hours", "2.25 hours"},
		{"two and a half", "2\xc2\xbd"},
		{"two and three quarters", "2 3/4"},
		{"two thirds", "\xe2\x85\x94"},
		{"May twenty ninth", "May 29"},
		{"november the ninth", "November the 9th"},
		{"a hundred people", "100 people"},
		{"cannot", "can't"},
		{"R and D", "R&D"},
		{"C plus plus", "C++"},
		{"the colour of honour", "the color of honor"},
		{"organised travelling theatre", "organized traveling theater"},
		{"point five", "0.5"},
		{"zero point zero", "0.0"},
		{"twelve thousand three hundred forty five", "12,345"},
		{"two plus two equals four", "2 + 2 = 4"},
		{"the twenty first century", "the 21st century"},
		{"full width 123", "\xef\xbd\x86\xef\xbd\x95\xef\xbd\x8c\xef\xbd\x8c width "
						   "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93"},
		{"five pounds", "5 lbs"},
		{"twenty four seven", "24/7"},
		{"five o'clock", "5 o\xca\xbc"
						 "clock"},
		{"forty-two thousand", "42k"},
		{"and slash or", "and/or"},
		{"double oh seven", "007"},
		{"six oh five p.m.", "6:05 pm"},
		{"zero zero five", "005"},
		{"a PhD student", "a Ph.D. student"},
		{"caf\xc3\xa9", "cafe"},
	};
	plg_arena *a = arena();
	for (size_t i = 0; i < ASY_COUNT(pairs); i++)
		expect_same(a, "en", pairs[i][0], pairs[i][1]);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_any_when_the_value_differs_then_other)
{
	static const char *const pairs[][2] = {
		{"314", "3.14"},
		{"5", "-5"},
		{"5", "5%"},
		{"C", "C++"},
		{"10", "1.0"},
		{"$5", "5"},
		{"$5", "\xe2\x82\xac"
			   "5"},
		{"1,234", "1.234"},
		{"20 mm", "20"},
		{"1/2", "12"},
		{"2024", "2 024 1"},
		{"-5", "5-"},
	};
	static const char *const tags[] = {"en", "de", "ru", "hi", "ja"};
	plg_arena *a = arena();
	for (size_t k = 0; k < ASY_COUNT(tags); k++)
		for (size_t i = 0; i < ASY_COUNT(pairs); i++)
			/* 1,234 and 1.234: a thousand in one country, a fraction in the other. */
			if (i != 7 || k == 0)
				expect_other(a, tags[k], pairs[i][0], pairs[i][1]);
	expect_other(a, "en", "seven point zero", "7");
	expect_other(a, "en", "the 9th floor", "the 8th floor");
	expect_other(a, "en", "wine", "whine");
	plg_arena_free(a);
}
END_TEST

/* A rule must not touch words of another family. */
START_TEST(test_spelling_when_no_variant_then_kept)
{
	static const char words[] =
		"four hour your pour tour flour sour advise surprise promise exercise rise wise raise "
		"precise controlled compelled rolled filled acre more store there metered entered paella "
		"does shoes poem canoe size prize analyses crises practise licensed otherwise concise "
		"paradise compromise franchise enterprise improvise supervise television promised noises";
	static const char kept[] =
		"four hour your pour tour flour sour advise surprise promise exercise rise wise raise "
		"precise controlled compelled rolled filled acre more store there metered entered paella "
		"does shoes poem canoe size prize analyses crises practice licensed otherwise concise "
		"paradise compromise franchise enterprise improvise supervise television promised noises";
	plg_arena *a = arena();
	ck_assert_str_eq(utf8(a, stt_american_rules(a, plg_text_of(a, words), NULL)), kept);
	plg_arena_free(a);
}
END_TEST

typedef struct {
	plg_arena *a;
	size_t n, equal;
} coverage;

static bool cover(void *ctx, assay_bytes key, const plg_json *value)
{
	coverage *v = ctx;
	assay_bytes to;
	plg_text from, other;
	plg_arena_reset(v->a);
	ck_assert(plg_json_str(value, &to));
	ck_assert_int_eq(plg_utf8_decode(v->a, key, SIZE_MAX, &from), PLG_OK);
	ck_assert_int_eq(plg_utf8_decode(v->a, to, SIZE_MAX, &other), PLG_OK);
	v->n++;
	v->equal +=
		plg_text_eq(stt_american_rules(v->a, from, NULL), stt_american_rules(v->a, other, NULL));
	return true;
}

/* The rules against the library's table, which this tree does not carry. */
START_TEST(test_spelling_when_the_table_is_at_hand_then_most_of_it_is_known)
{
	static uint8_t bytes[1 << 20];
	const char *root = getenv("ASSAY_VECTORS"); /* edge: where third-party data is */
	char path[1024];
	coverage v = {.a = arena()};
	(void)snprintf(path, sizeof path, "%s/rewards/stt/english_spelling.json",
				   root != NULL ? root : ASSAY_SOURCE_DIR "/../shared/vectors");
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		printf("skipped: english_spelling.json is not at hand\n");
	} else {
		size_t n = fread(bytes, 1, sizeof bytes, f);
		plg_json *table = plg_json_parse((assay_bytes){bytes, n}, sizeof bytes, NULL);
		(void)fclose(f);
		ck_assert(plg_json_each(table, cover, &v));
		printf("british spelling by rule: %zu of %zu pairs\n", v.equal, v.n);
		ck_assert_uint_ge(10 * v.equal, 9 * v.n);
		plg_json_free(table);
	}
	plg_arena_free(v.a);
}
END_TEST

/* ---- other languages ---- */

START_TEST(test_language_when_written_in_two_ways_then_equal)
{
	static const struct {
		const char *tag, *x, *y;
	} cases[] = {
		{"ru", "ёлка всё ещё стоит", "елка все еще стоит"},
		{"rus", "Ёлка", "елка"},
		{"fa", "كتابي", "کتابی"},
		{"per", "می\u200cروم", "می روم"},
		{"ar", "كِتَـاب", "كتاب"},
		{"ara", "أحمد ١٢٣", "احمد 123"},
		{"de", "die große Straße", "die grosse Strasse"},
		{"ger", "STRASSE", "Straße"},
		{"sr", "Љубав и џем", "ljubav i džem"},
		{"ell", "ΚΑΛΗΜΕΡΑ ΟΔΟΣ", "καλημέρα οδός"},
		{"ro", "şi ţară", "și țară"},
		{"fra", "œuvre", "oeuvre"},
		{"fr", "l’homme", "l'homme"},
		{"fr", "1 000 francs", "1000 francs"},
		{"fr", "francs-tireurs", "francs tireurs"},
		{"de", "3,14", "3.14"},
		{"de", "1.000.000", "1000000"},
		{"de", "20mm", "20 mm"},
		{"de", "€ 5", "5 €"},
		{"de", "5 %", "5%"},
		{"de", "−5", "-5"},
		{"hi", "१२३", "123"},
		{"ml", "അവൻ", "അവന്\u200d"},
		{"tr", "IŞIK", "ışık"},
		{"vi", "tiếng Việt", "tiếng Việt"},
		{"zho", "你好，世界。", "你好世界"},
		{"ja", "ﾃｽﾄ", "テスト"},
		{"hy", "և", "եւ"},
	};
	plg_arena *a = arena();
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		plg_arena_reset(a);
		const char *x = normal(a, cases[i].tag, cases[i].x);
		const char *y = normal(a, cases[i].tag, cases[i].y);
		if (stt_language_has(&(stt_language){true, tagged(cases[i].tag).flags}, STT_L_LETTERS))
			ck_assert_int_eq(strncmp(x, y, 6), 0); /* spaces go when letters are joined */
		else
			ck_assert_str_eq(x, y);
	}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_language_when_not_to_be_folded_then_kept)
{
	plg_arena *a = arena();
	stt_language ru = tagged("ru");
	ck_assert_str_eq(utf8(a, stt_language_fold(a, &ru, false, plg_text_of(a, "Ёж"))), "ёж");
	expect_other(a, "be", "ёлка", "елка"); /* two letters of the Belarusian alphabet */
	expect_other(a, "fr", "ß", "ss");
	expect_same(a, "hi", "हिन्दी", "हिन्दी");
	expect_other(a, "hi", "हिन्दी", "हन्द");
	plg_arena_free(a);
}
END_TEST

START_TEST(test_tag_when_named_in_any_way_then_found)
{
	static const char *const english[] = {"en", "EN", "en-GB", "en_US", "eng", "English", "en-x-y"};
	static const char *const letters[] = {
		"zh", "zho", "chi", "cmn-Hans-CN", "yue", "zh_TW", "ja",  "jpn", "th",  "tha",
		"lo", "lao", "my",  "mya",         "bur", "km",    "khm", "ko",  "kor", "Chinese"};
	static const char *const none[] = {"", "auto", "AUTO", "und", "mul"};
	for (size_t i = 0; i < ASY_COUNT(english); i++)
		ck_assert_msg(tagged(english[i]).known && tagged(english[i]).flags == STT_L_ENGLISH, "%s",
					  english[i]);
	for (size_t i = 0; i < ASY_COUNT(letters); i++)
		ck_assert_msg(tagged(letters[i]).flags == STT_L_LETTERS, "%s", letters[i]);
	for (size_t i = 0; i < ASY_COUNT(none); i++)
		ck_assert_msg(!tagged(none[i]).known, "%s", none[i]);
	ck_assert(tagged("nl").known && tagged("nl").flags == 0);
}
END_TEST

START_TEST(test_auto_when_no_language_then_the_reference_tells)
{
	static const struct {
		const char *s;
		unsigned flag;
	} cases[] = {
		{"It cost twenty dollars.", STT_L_ENGLISH},
		{"The ferry leaves at six in the morning, and comes back after dark.", STT_L_ENGLISH},
		{"don\xe2\x80\x99t you dare", STT_L_ENGLISH},
		{"Der Zug nach Leipzig hat heute zwanzig Minuten Verspätung.", 0},
		{"La réunion commence à neuf heures.", 0},
		{"El tren sale a las nueve de la noche.", 0},
		{"De trein naar Utrecht is vandaag te laat.", 0},
		{"今日はいい天気ですね", STT_L_LETTERS},
		{"วันนี้อากาศดี", STT_L_LETTERS},
		{"မင်္ဂလာပါ", STT_L_LETTERS},
		{"오늘은 날씨가 좋네요", STT_L_LETTERS},
	};
	plg_arena *a = arena();
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		stt_language l =
			stt_language_of((assay_bytes){(const uint8_t *)"auto", 4}, plg_text_of(a, cases[i].s));
		ck_assert_msg((l.flags & (STT_L_ENGLISH | STT_L_LETTERS)) == cases[i].flag, "%s",
					  cases[i].s);
		ck_assert(!l.known);
	}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_script_when_compared_then_overlap)
{
	plg_arena *a = arena();
	plg_text latin = plg_text_of(a, "hello"), han = plg_text_of(a, "你好，世界");
	ck_assert_double_eq(stt_script_overlap(a, latin, han), 0);
	ck_assert_double_eq(stt_script_overlap(a, latin, plg_text_of(a, "12")), 1);
	plg_arena_free(a);
}
END_TEST

/* ---- tags ---- */

START_TEST(test_tags_when_no_speech_then_gone)
{
	static const char *const tags[] = {"[blank_audio]",
									   "[silence]",
									   "(music)",
									   "<noise>",
									   "[ applause ]",
									   "*laughs*",
									   "[musik]",
									   "(rires)",
									   "[музыка]",
									   "（笑）",
									   "【音乐】",
									   "[음악]",
									   "<|en|>",
									   "<|0.00|>",
									   "[upbeat music playing]",
									   "(audience laughing)",
									   "[speaker 2]",
									   "{unintelligible}",
									   "<unk>",
									   "[no speech]"};
	plg_arena *a = arena();
	for (size_t i = 0; i < ASY_COUNT(tags); i++)
		ck_assert_msg(plg_is_blank(stt_tags_remove(a, plg_text_of(a, tags[i]), NULL)), "%s",
					  tags[i]);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_tags_when_words_hide_then_they_stay)
{
	static const char *const spans[] = {"(the ferry leaves at six)",
										"[hello]",
										"<world>",
										"*never*",
										"[the]",
										"(music that the ferry plays at six in the morning)"};
	stt_tags remarks = {.n = 0};
	plg_arena *a = arena();
	for (size_t i = 0; i < ASY_COUNT(spans); i++)
		ck_assert_msg(!plg_is_blank(stt_tags_remove(a, plg_text_of(a, spans[i]), NULL)), "%s",
					  spans[i]);
	/* ... unless the reference has the same remark. */
	stt_tags_collect(a, plg_text_of(a, "so [hello] (music) end"), &remarks);
	ck_assert_uint_eq(remarks.n, 1);
	ck_assert(plg_is_blank(stt_tags_remove(a, plg_text_of(a, "[hello]"), &remarks)));
	ck_assert(!plg_is_blank(stt_tags_remove(a, plg_text_of(a, "[hello you]"), &remarks)));
	plg_arena_free(a);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_sweep_when_in_words_then_as_in_digits);
	tcase_add_test(tc, test_sweep_when_a_year_or_decade_then_as_in_digits);
	tcase_add_test(tc, test_english_when_it_sounds_alike_then_equal);
	tcase_add_test(tc, test_any_when_the_value_differs_then_other);
	tcase_add_test(tc, test_spelling_when_no_variant_then_kept);
	tcase_add_test(tc, test_spelling_when_the_table_is_at_hand_then_most_of_it_is_known);
	tcase_add_test(tc, test_language_when_written_in_two_ways_then_equal);
	tcase_add_test(tc, test_language_when_not_to_be_folded_then_kept);
	tcase_add_test(tc, test_tag_when_named_in_any_way_then_found);
	tcase_add_test(tc, test_auto_when_no_language_then_the_reference_tells);
	tcase_add_test(tc, test_script_when_compared_then_overlap);
	tcase_add_test(tc, test_tags_when_no_speech_then_gone);
	tcase_add_test(tc, test_tags_when_words_hide_then_they_stay);
}

int main(void)
{
	return test_main("spoken text", fill, 60);
}
