/* Alignment against the plain matrix, number words and normalisers on cases small
 * enough to check by hand. The published vectors run in the golden suite. */
#include <math.h>
#include "support/test.h"
#include "common/build.h"
#include "stt/hallucinate.h"
#include "stt/measures.h"
#include "stt/normalise.h"
#include "stt/number.h"
#include "stt/spoken.h"
#include "stt/tags.h"
#include "stt/transforms.h"
#include "stt/universal.h"

enum { MAX = 400 };

static plg_arena *arena(void)
{
	plg_arena *a = plg_arena_new(512 << 20);
	ck_assert_ptr_nonnull(a);
	return a;
}

static const char *utf8(plg_arena *a, plg_text t)
{
	assay_bytes b = plg_utf8_encode(a, t);
	ck_assert_ptr_nonnull(b.ptr);
	return (const char *)b.ptr;
}

/* The back-trace rule of the specification on a plain matrix. */
static stt_counts plain_counts(const uint32_t *r, size_t rn, const uint32_t *h, size_t hn)
{
	static size_t d[MAX + 1][MAX + 1];
	stt_counts n = {0};
	while (rn > 0 && hn > 0 && *r == *h) {
		r++, h++, rn--, hn--;
		n.hits++;
	}
	while (rn > 0 && hn > 0 && r[rn - 1] == h[hn - 1]) {
		rn--, hn--;
		n.hits++;
	}
	for (size_t i = 0; i <= rn; i++)
		for (size_t j = 0; j <= hn; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			size_t best = d[i - 1][j - 1] + (r[i - 1] != h[j - 1]);
			best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
			d[i][j] = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
		}
	size_t i = rn, j = hn;
	while (i > 0 && j > 0) {
		if (d[i][j] == d[i - 1][j] + 1) {
			n.deletions++;
			i--;
		} else if (j > 1 && d[i][j - 1] + 1 == d[i - 1][j - 1]) {
			n.insertions++;
			j--;
		} else if (r[--i] == h[--j]) {
			n.hits++;
		} else {
			n.substitutions++;
		}
	}
	n.deletions += i;
	n.insertions += j;
	return n;
}

/* The same number, the counts and the steps, from the plain matrix and from the band. */
static void same_alignment(plg_arena *a, const uint32_t *r, size_t rn, const uint32_t *h, size_t hn)
{
	uint8_t ops[2 * MAX];
	size_t ops_n = 0, i = 0, j = 0;
	stt_counts got, want = plain_counts(r, rn, h, hn);
	plg_arena_reset(a);
	ck_assert(stt_align(a, r, rn, h, hn, &got, ops, &ops_n));
	ck_assert_mem_eq(&got, &want, sizeof got);
	size_t distance = want.substitutions + want.deletions + want.insertions;
	ck_assert_uint_eq(stt_distance(a, r, rn, h, hn, SIZE_MAX), distance);
	ck_assert_uint_eq(stt_distance(a, r, rn, h, hn, distance), distance);
	if (distance > 0)
		ck_assert_uint_ge(stt_distance(a, r, rn, h, hn, distance - 1), distance);
	/* The steps walk both sequences to their ends, and "equal" tells the truth. */
	for (size_t k = 0; k < ops_n; k++) {
		if (ops[k] == STT_EQUAL)
			ck_assert_uint_eq(r[i], h[j]);
		i += ops[k] != STT_INSERT;
		j += ops[k] != STT_DELETE;
	}
	ck_assert(i == rn && j == hn);
}

START_TEST(test_align_when_random_then_equals_the_matrix)
{
	test_rng rng = {test_seed()};
	plg_arena *a = arena();
	for (int round = 0; round < 600; round++) {
		uint32_t r[MAX], h[MAX], kinds = 1 + (uint32_t)test_below(&rng, 9);
		size_t rn = test_below(&rng, MAX + 1), hn = test_below(&rng, MAX + 1);
		for (size_t i = 0; i < rn; i++)
			r[i] = (uint32_t)test_below(&rng, kinds);
		for (size_t i = 0; i < hn; i++)
			h[i] = (uint32_t)test_below(&rng, kinds);
		same_alignment(a, r, rn, h, hn);
	}
	plg_arena_free(a);
}
END_TEST

/* Few and many edits of a long sequence: bands from the narrowest to the whole. */
START_TEST(test_align_when_edited_then_equals_the_matrix)
{
	test_rng rng = {test_seed()};
	plg_arena *a = arena();
	for (int round = 0; round < 600; round++) {
		uint32_t r[MAX], h[MAX], kinds = 2 + (uint32_t)test_below(&rng, 60);
		size_t rn = MAX - test_below(&rng, 100), hn = 0;
		uint64_t often = 1 + test_below(&rng, 60);
		for (size_t i = 0; i < rn; i++)
			r[i] = (uint32_t)test_below(&rng, kinds);
		for (size_t i = 0; i < rn && hn + 2 < MAX; i++) {
			uint64_t edit = test_below(&rng, 3 * often);
			if (edit != 0)
				h[hn++] = edit == 1 ? kinds + 7 : r[i];
			if (edit == 2)
				h[hn++] = (uint32_t)test_below(&rng, kinds);
		}
		same_alignment(a, r, rn, h, hn);
	}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_align_when_twenty_thousand_words_then_done)
{
	enum { N = 20000 };
	uint32_t *r = malloc(N * sizeof *r), *h = malloc(N * sizeof *h);
	plg_arena *a = arena();
	stt_counts n;
	for (uint32_t i = 0; i < N; i++) {
		r[i] = i % 1000;
		h[i] = (i + i / 100) % 1000;
	}
	ck_assert(stt_align(a, r, N, h, N, &n, NULL, NULL));
	ck_assert_uint_eq(n.hits + n.substitutions + n.deletions, N);
	ck_assert_uint_eq(n.hits + n.substitutions + n.insertions, N);
	free(r);
	free(h);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_measures_when_a_side_is_empty_then_as_defined)
{
	stt_measures m = stt_measures_of((stt_counts){.insertions = 3});
	ck_assert(m.wer == 3 && m.mer == 1 && m.wil == 1 && m.wip == 0);
	m = stt_measures_of((stt_counts){0});
	ck_assert(m.wer == 0 && m.mer == 0 && m.wil == 0 && m.wip == 1);
	m = stt_measures_of((stt_counts){.deletions = 2});
	ck_assert(m.wer == 1 && m.mer == 1 && m.wil == 1 && m.wip == 0);
}
END_TEST

/* ---- numbers ---- */

START_TEST(test_number_when_spoken_then_digits)
{
	static const char *const pairs[][2] = {
		{"one hundred and twenty three", "123"},
		{"nineteen eighty four", "1984"},
		{"two and a half", "2.5"},
		{"and a half", ""}, /* nothing before it: dropped, as the reference does */
		{"minus", "minus"},
		{"minus five", "-5"},
		{"one million two hundred thousand and six", "1200006"},
		{"zero point zero seven", "0.07"},
		{"twenty first", "21st"},
		{"five hundred thousand", "500000"},
		{"0 hundred", "0"},
		{"$2 and ¢7", "$2.07"},
		{"$0.07", "¢7"},
		{"1s and 1", "ones and one"},
		{"ten ten ten", "101010"},
		{"three point", "3 point"},
	};
	plg_arena *a = arena();
	for (size_t i = 0; i < ASY_COUNT(pairs); i++)
		ck_assert_str_eq(utf8(a, stt_number(a, plg_text_of(a, pairs[i][0]), STT_AS_WHISPER)),
						 pairs[i][1]);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_number_when_beyond_machine_words_then_exact)
{
	plg_arena *a = arena();
	ck_assert_str_eq(utf8(a, stt_number(a, plg_text_of(a, "two decillion"), STT_AS_WHISPER)),
					 "2000000000000000000000000000000000");
	ck_assert_str_eq(utf8(a, stt_number(a, plg_text_of(a, "345 decillion"), STT_AS_WHISPER)),
					 "345000000000000000000000000000000000");
	plg_arena_free(a);
}
END_TEST

/* Every sequence of vocabulary words ends, in bounds, with something sensible. */
START_TEST(test_number_when_random_words_then_ends)
{
	static const char *const words[] = {
		"o",       "one",      "six",       "twelve",    "twenty",
		"ninety",  "hundred",  "thousand",  "decillion", "first",
		"fifth",   "twenties", "hundredth", "millions",  "minus",
		"plus",    "dollars",  "cents",     "per",       "cent",
		"percent", "and",      "double",    "triple",    "point",
		"a",       "half",     "7",         "3.14",      "$5",
		"£0.5",    "-2",       "1.",        ".5",        "99999999999999999999",
		"x",       "3.1.4",    "٣"};
	test_rng rng = {test_seed()};
	plg_arena *a = arena();
	for (int round = 0; round < 20000; round++) {
		char s[512] = "";
		plg_arena_reset(a);
		for (size_t n = test_below(&rng, 14); n > 0; n--)
			(void)snprintf(s + strlen(s), sizeof s - strlen(s), "%s ",
						   words[test_below(&rng, ASY_COUNT(words))]);
		for (int d = STT_AS_WHISPER; d <= STT_AS_SPOKEN; d++) {
			plg_text t = stt_number(a, plg_text_of(a, s), (stt_dialect)d);
			ck_assert(!plg_arena_failed(a) && t.n < 2000);
		}
	}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_number_when_growing_for_ever_then_linear_memory)
{
	plg_arena *a = arena();
	plg_text t = plg_text_of(a, "twenty ");
	plg_build b = plg_build_begin(a, 20000);
	for (int i = 0; i < 2800; i++)
		plg_build_text(&b, t);
	t = stt_number(a, plg_build_end(&b), STT_AS_WHISPER);
	ck_assert(!plg_arena_failed(a));
	ck_assert_uint_eq(t.n, 5600);
	plg_arena_free(a);
}
END_TEST

/* ---- normalisers ---- */

START_TEST(test_english_when_hostile_then_linear)
{
	static const char *const units[] = {"(",   "[",     "<",    "' ",    "''s ", "1,",
										".",   "%",     "$0",   "1 st ", "1/2",  "a.",
										"[a]", "20 mm", "1 2 ", "-5",    "€",    "and a half "};
	plg_arena *a = arena();
	for (size_t u = 0; u < ASY_COUNT(units); u++) {
		plg_arena_reset(a);
		plg_text unit = plg_text_of(a, units[u]);
		plg_build b = plg_build_begin(a, 20000);
		while (b.n + unit.n <= 20000)
			plg_build_text(&b, unit);
		(void)stt_english(a, plg_build_end(&b), NULL);
		(void)stt_spoken(a, stt_tags_remove(a, plg_build_end(&b), NULL), NULL);
		(void)stt_universal(a, plg_build_end(&b));
		ck_assert(!plg_arena_failed(a));
	}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_spelling_when_table_is_bad_then_says_why)
{
	const char *why = NULL;
	ck_assert_ptr_null(stt_spelling_load("/nonexistent/table.json", &why));
	ck_assert_ptr_nonnull(strstr(why, "cannot be read"));
	ck_assert_ptr_null(stt_spelling_load(ASSAY_SOURCE_DIR "/CMakeLists.txt", &why));
	ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(test_transform_when_spaces_are_odd_then_as_jiwer)
{
	size_t n;
	plg_arena *a = arena();
	ck_assert_str_eq(utf8(a, stt_remove_multiple_spaces(a, plg_text_of(a, "a  b\tc \td"))),
					 "a b\tc d");
	(void)stt_jiwer_words(a, plg_text_of(a, " a\tb  c "), &n);
	ck_assert_uint_eq(n, 2); /* a lone TAB stays inside a word */
	(void)stt_wer_standardize(a, plg_text_of(a, " a\tb  c "), &n);
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(utf8(a, stt_remove_kaldi(a, plg_text_of(a, "[a> b <c] d ["))), " b  d [");
	plg_arena_free(a);
}
END_TEST

/* ---- languages, hallucination ---- */

START_TEST(test_stutter_when_repeated_then_counted)
{
	const uint32_t plain[] = {1, 2, 3, 4}, word[] = {1, 1, 1, 2}, pair[] = {5, 1, 2, 1, 2, 1, 2, 6};
	ck_assert_uint_eq(stt_stutter(plain, 4), 0);
	ck_assert_uint_eq(stt_stutter(word, 4), 2);
	ck_assert_uint_eq(stt_stutter(pair, 8), 2);
	ck_assert_uint_eq(stt_stutter(plain, 0), 0);
}
END_TEST

START_TEST(test_hidden_when_in_brackets_then_share_and_words)
{
	plg_arena *a = arena();
	ck_assert_double_eq(stt_hidden_share(a, plg_text_of(a, "12345 (abc)")), 5.0 / 11);
	ck_assert_double_eq(stt_hidden_share(a, plg_text_of(a, "()")), 0);
	ck_assert_str_eq(utf8(a, stt_unhide(a, plg_text_of(a, "hi (wrong words)"))),
					 "hi  wrong words ");
	ck_assert_double_eq(stt_filler_share(a, plg_text_of(a, "Ummm, uh what?")), 2.0 / 3);
	plg_arena_free(a);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_align_when_random_then_equals_the_matrix);
	tcase_add_test(tc, test_align_when_edited_then_equals_the_matrix);
	tcase_add_test(tc, test_align_when_twenty_thousand_words_then_done);
	tcase_add_test(tc, test_measures_when_a_side_is_empty_then_as_defined);
	tcase_add_test(tc, test_number_when_spoken_then_digits);
	tcase_add_test(tc, test_number_when_beyond_machine_words_then_exact);
	tcase_add_test(tc, test_number_when_random_words_then_ends);
	tcase_add_test(tc, test_number_when_growing_for_ever_then_linear_memory);
	tcase_add_test(tc, test_english_when_hostile_then_linear);
	tcase_add_test(tc, test_spelling_when_table_is_bad_then_says_why);
	tcase_add_test(tc, test_transform_when_spaces_are_odd_then_as_jiwer);
	tcase_add_test(tc, test_stutter_when_repeated_then_counted);
	tcase_add_test(tc, test_hidden_when_in_brackets_then_share_and_words);
}

int main(void)
{
	return test_main("stt measures", fill, 60);
}
