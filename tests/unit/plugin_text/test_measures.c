/* The measures on cases small enough to check by hand, and against plain quadratic
 * versions of themselves. The published vectors run in the golden suite. */
#include <math.h>
#include "support/test.h"
#include "text/chrf.h"
#include "text/copy.h"
#include "text/lcs.h"
#include "text/porter.h"
#include "text/repeat.h"
#include "text/rouge.h"
#include "text/squad.h"

static plg_arena *arena(void)
{
	plg_arena *a = plg_arena_new(512 << 20);
	ck_assert_ptr_nonnull(a);
	return a;
}

static size_t plain_lcs(const uint32_t *x, size_t xn, const uint32_t *y, size_t yn)
{
	size_t row[256] = {0};
	for (size_t j = 0; j < yn; j++) {
		size_t diagonal = 0;
		for (size_t i = 0; i < xn; i++) {
			size_t above = row[i + 1];
			row[i + 1] = x[i] == y[j] ? diagonal + 1 : above > row[i] ? above : row[i];
			diagonal = above;
		}
	}
	return row[xn];
}

static size_t random_words(test_rng *rng, uint32_t *w, size_t max, uint32_t kinds)
{
	size_t n = test_below(rng, max + 1);
	for (size_t i = 0; i < n; i++)
		w[i] = (uint32_t)test_below(rng, kinds);
	return n;
}

START_TEST(test_lcs_when_random_then_equals_the_table)
{
	test_rng rng = {test_seed()};
	plg_arena *a = arena();
	for (int round = 0; round < 1000; round++) {
		uint32_t x[200], y[200], kinds = 1 + (uint32_t)test_below(&rng, 12);
		size_t xn = random_words(&rng, x, 200, kinds), yn = random_words(&rng, y, 200, kinds);
		plg_arena_reset(a);
		txt_lcs *l = txt_lcs_new(a, 200, 200, kinds);
		txt_lcs_load(l, x, xn);
		txt_lcs_load(l, x, xn); /* loading again leaves nothing behind */
		size_t n = txt_lcs_length(l, y, yn), marked = 0, last = 0;
		bool hit[200] = {false};
		ck_assert_uint_eq(n, plain_lcs(x, xn, y, yn));
		txt_lcs_mark(l, y, yn, hit);
		/* The marked words are as many, and a subsequence of x. */
		for (size_t j = 0; j < yn; j++)
			if (hit[j]) {
				marked++;
				while (last < xn && x[last] != y[j])
					last++;
				ck_assert_uint_lt(last++, xn);
			}
		ck_assert_uint_eq(marked, n);
	}
	plg_arena_free(a);
}
END_TEST

static double lsum(plg_arena *a, const char *hyp, const char *ref)
{
	txt_prf f;
	ck_assert(txt_rouge_lsum(a, plg_text_of(a, hyp), plg_text_of(a, ref), false, &f));
	return f.f;
}

START_TEST(test_lsum_when_sentences_swap_then_nothing_is_lost)
{
	plg_arena *a = arena();
	ck_assert_double_eq(lsum(a, "a b c\nd e f", "d e f\na b c"), 1);
	ck_assert_double_eq(lsum(a, "a b c d e f", "a b c d e f"), 1);
	ck_assert_double_eq(lsum(a, "\n\na b\n", "a b"), 1); /* empty lines are no sentences */
	ck_assert_double_eq(lsum(a, "", "a b"), 0);
	ck_assert_double_eq(lsum(a, "x y", "a b"), 0);
	/* Two prediction sentences may not both use the one "a" of the reference. */
	ck_assert_double_eq_tol(lsum(a, "a\na", "a b"), 0.5, 1e-12);
	/* The published example of the union: w1 w2 and w1 w3 w5 of five words. */
	txt_prf f;
	ck_assert(txt_rouge_lsum(a, plg_text_of(a, "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5"),
							 plg_text_of(a, "w1 w2 w3 w4 w5"), false, &f));
	ck_assert_double_eq_tol(f.r, 0.8, 1e-12);
	ck_assert_double_eq_tol(f.p, 0.4, 1e-12);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_porter_when_short_or_odd_then_in_bounds)
{
	test_rng rng = {test_seed()};
	static const char letters[] = "aeiouylsztbdgnmrctives0";
	for (int round = 0; round < 40000; round++) {
		size_t n = test_below(&rng, 14);
		char *w = malloc(n + 1), *again = malloc(n + 1); /* tight, for AddressSanitizer */
		for (size_t i = 0; i < n; i++)
			w[i] = letters[test_below(&rng, sizeof letters - 1)];
		memcpy(again, w, n);
		size_t stem = txt_porter(w, n);
		ck_assert_uint_le(stem, n);
		ck_assert_uint_eq(txt_porter(again, n), stem);
		ck_assert_mem_eq(w, again, stem);
		free(w);
		free(again);
	}
}
END_TEST

static double f1(plg_arena *a, const char *x, const char *y)
{
	size_t xn, yn;
	plg_text *xw = txt_squad_words(a, plg_text_of(a, x), &xn);
	plg_text *yw = txt_squad_words(a, plg_text_of(a, y), &yn);
	plg_intern *in = plg_intern_new(a, xn + yn);
	uint32_t *xi = plg_intern_words(a, in, xw, xn), *yi = plg_intern_words(a, in, yw, yn);
	return txt_squad_f1(a, xi, xn, yi, yn, plg_intern_count(in));
}

START_TEST(test_f1_when_known_then_exact)
{
	plg_arena *a = arena();
	ck_assert_double_eq(f1(a, "The cat!", "cat"), 1);
	ck_assert_double_eq(f1(a, "", "the"), 1); /* both empty after normalising */
	ck_assert_double_eq(f1(a, "", "cat"), 0);
	ck_assert_double_eq_tol(f1(a, "red cat", "black cat"), 0.5, 1e-12);
	ck_assert_double_eq_tol(f1(a, "dog dog", "dog"), 2.0 / 3, 1e-12);
	plg_arena_free(a);
}
END_TEST

static double chrf(plg_arena *a, const char *x, const char *y)
{
	static const txt_chrf_params p = {.char_order = 6, .word_order = 2, .beta = 2};
	return txt_chrf(a, plg_text_of(a, x), plg_text_of(a, y), &p);
}

START_TEST(test_chrf_when_any_script_then_between_0_and_1)
{
	plg_arena *a = arena();
	ck_assert_double_eq(chrf(a, "same words", "same words"), 1);
	ck_assert_double_eq(chrf(a, "東京で会いました", "東京で会いました"), 1);
	ck_assert_double_eq(chrf(a, "", "x"), 0);
	ck_assert_double_eq(chrf(a, "x", ""), 0);
	ck_assert_double_eq(chrf(a, "abc", "xyz"), 0);
	double near = chrf(a, "東京で会いました", "東京で会いまする");
	ck_assert(near > 0.4 && near < 1);
	plg_arena_free(a);
}
END_TEST

/* ---- repetition ---- */

static txt_repeat repeat(plg_arena *a, const char *s)
{
	txt_repeat r;
	ck_assert(txt_repeat_measure(a, plg_text_of(a, s), &r));
	return r;
}

START_TEST(test_repeat_when_known_then_exact)
{
	plg_arena *a = arena();
	txt_repeat r = repeat(a, "a b c a b c a b c");
	ck_assert_uint_eq(r.tokens, 9);
	ck_assert_double_eq_tol(r.distinct3, 3.0 / 7, 1e-12);
	ck_assert_double_eq_tol(r.longest_repeat, 3.0 / 9, 1e-12); /* four would overlap */
	ck_assert_double_eq_tol(r.periodicity, 1, 1e-12);
	ck_assert_double_eq_tol(r.entropy, log2(3) / log2(9), 1e-12);
	r = repeat(a, "one two three four five six seven eight nine ten");
	ck_assert_double_eq(r.distinct3, 1);
	ck_assert_double_eq(r.longest_repeat, 0);
	ck_assert_double_eq(r.periodicity, 0);
	ck_assert_double_eq_tol(r.entropy, 1, 1e-12);
	ck_assert_double_eq(repeat(a, "yaaaaay").run, 5);
	ck_assert_double_eq(repeat(a, "-----------").run, 0);
	plg_arena_free(a);
}
END_TEST

static size_t plain_longest_repeat(const uint32_t *w, size_t n)
{
	size_t best = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++) {
			size_t len = 0;
			while (j + len < n && i + len < j && w[i + len] == w[j + len])
				len++;
			best = len > best ? len : best;
		}
	return best;
}

START_TEST(test_longest_repeat_when_random_then_equals_brute_force)
{
	test_rng rng = {test_seed()};
	plg_arena *a = arena();
	for (int round = 0; round < 400; round++) {
		uint32_t w[80];
		char text[2 * 80 + 1];
		size_t n = random_words(&rng, w, 80, 1 + (uint32_t)test_below(&rng, 5));
		if (n == 0)
			continue;
		for (size_t i = 0; i < n; i++) {
			text[2 * i] = (char)('a' + w[i]);
			text[2 * i + 1] = ' ';
		}
		text[2 * n] = '\0';
		plg_arena_reset(a);
		double want = (double)plain_longest_repeat(w, n) / (double)n;
		ck_assert_double_eq_tol(repeat(a, text).longest_repeat, want, 1e-12);
	}
	plg_arena_free(a);
}
END_TEST

START_TEST(test_repeat_factor_when_reference_repeats_too_then_free)
{
	plg_arena *a = arena();
	char loop[2000] = "";
	for (int i = 0; i < 60; i++)
		strcat(loop, "ring the bell and go round ");
	txt_repeat r = repeat(a, loop);
	txt_repeat plain = repeat(a, "an ordinary reference");
	ck_assert_double_lt(txt_repeat_factor(&r, &plain), 0.05);
	ck_assert_double_eq(txt_repeat_factor(&r, &r), 1);
	ck_assert_double_eq(txt_repeat_factor(&plain, NULL), 1);
	plg_arena_free(a);
}
END_TEST

/* ---- copies ---- */

static txt_words words(plg_arena *a, const char *s)
{
	txt_words w;
	w.word = txt_squad_words(a, plg_text_of(a, s), &w.n);
	return w;
}

START_TEST(test_copy_when_from_prompt_only_then_counted)
{
	plg_arena *a = arena();
	txt_words prompt = words(a, "who first sailed around Cape Horn in 1616 and named it");
	txt_words ref =
		words(a, "Willem Schouten sailed around Cape Horn in 1616 and named it after Hoorn");
	txt_words none = words(a, "Willem Schouten");
	ck_assert_double_eq(txt_copy_share(a, prompt, prompt, &none, 1), 1);
	ck_assert_double_eq(txt_copy_share(a, ref, prompt, &ref, 1), 0);
	ck_assert_double_eq(txt_copy_share(a, words(a, "around Cape Horn"), prompt, &none, 1), 0);
	ck_assert_double_gt(txt_copy_share(a, prompt, prompt, &ref, 1), 0); /* "who first sailed ..." */
	plg_arena_free(a);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_lcs_when_random_then_equals_the_table);
	tcase_add_test(tc, test_lsum_when_sentences_swap_then_nothing_is_lost);
	tcase_add_test(tc, test_porter_when_short_or_odd_then_in_bounds);
	tcase_add_test(tc, test_f1_when_known_then_exact);
	tcase_add_test(tc, test_chrf_when_any_script_then_between_0_and_1);
	tcase_add_test(tc, test_repeat_when_known_then_exact);
	tcase_add_test(tc, test_longest_repeat_when_random_then_equals_brute_force);
	tcase_add_test(tc, test_repeat_factor_when_reference_repeats_too_then_free);
	tcase_add_test(tc, test_copy_when_from_prompt_only_then_counted);
}

int main(void)
{
	return test_main("text measures", fill, 60);
}
