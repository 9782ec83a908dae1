/* The duplicate rule: what independent miners would not both give shares one reward;
 * what they would does not; nobody's order, number or name matters. */
#include <math.h>
#include "common/batch.h" /* before check.h, which defines a macro "fail" */
#include "support/test.h"

static const plg_dup_settings on = {true, 64, 0.85};
static plg_arena *arena;

static void setup(void)
{
	arena = plg_arena_new((size_t)256 << 20);
	ck_assert_ptr_nonnull(arena);
}
static void teardown(void)
{
	plg_arena_free(arena);
}

static plg_print print_of(const char *utf8)
{
	plg_print p = {.bits = 200};
	plg_text t = plg_text_of(arena, utf8);
	ck_assert_ptr_nonnull(t.cp);
	ck_assert(plg_print_text(arena, 7, t, &p));
	return p;
}

static const char essay[] =
	"The bridge was closed for three weeks in the spring of 1911 because the river had risen "
	"above its second arch, and the council, which had put off the repair twice, hired forty "
	"masons from the valley to underpin the northern pier before the market reopened in June.";

START_TEST(test_copies_when_edited_without_meaning_then_one_cluster)
{
	static const char *const same[] = {
		essay,
		"THE BRIDGE was closed for three weeks in the spring of 1911, because the river had risen "
		"above its second arch and the council which had put off the repair twice hired forty "
		"masons from the valley to underpin the northern pier before the market reopened in June",
		/* zero width space, Cyrillic letters, a soft hyphen, no-break spaces */
		"The br\xe2\x80\x8bidge w\xd0\xb0s cl\xd0\xbesed f\xd0\xber three weeks in the spring of "
		"1911 because the ri\xc2\xadver had risen above its second arch, and the council, which "
		"had\xc2\xa0put off the repair twice, hired forty masons from the valley to underpin the "
		"northern pier before the market reopened in June."};
	plg_print p[4] = {print_of(same[0]), print_of(same[1]), print_of(same[2]),
					  print_of("Nobody knows why the bridge was closed, but the newspapers of that "
							   "year mention a quarrel between the council and the owner of the "
							   "ferry, who is said to have paid for the damage himself.")};
	plg_share s[4];
	ck_assert(plg_duplicates_find(&on, p, 4, 7, s));
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(s[i].size, 3);
		ck_assert_double_eq_tol(s[i].factor, 1 / 3.0, 1e-15);
	}
	ck_assert_double_eq(s[3].factor, 1);
	ck_assert_uint_ne(s[3].cluster, s[0].cluster);
}
END_TEST

START_TEST(test_copies_when_few_words_change_then_near_and_many_then_not)
{
	char long_text[8192] = "", near[8192] = "", far[8192] = "";
	for (int i = 0; i < 400; i++) {
		char w[3][16];
		(void)snprintf(w[0], sizeof w[0], "word%d ", i * 7919 % 1000);
		(void)snprintf(w[1], sizeof w[1], i % 100 == 50 ? "other%d " : "word%d ", i * 7919 % 1000);
		(void)snprintf(w[2], sizeof w[2], i % 5 == 0 ? "other%d " : "word%d ", i * 7919 % 1000);
		strcat(long_text, w[0]);
		strcat(near, w[1]);
		strcat(far, w[2]);
	}
	plg_print p[3] = {print_of(long_text), print_of(near), print_of(far)};
	plg_share s[3];
	ck_assert(plg_duplicates_find(&on, p, 3, 7, s));
	ck_assert_double_eq(s[0].factor, 0.5);
	ck_assert_double_eq(s[1].factor, 0.5);
	ck_assert_double_eq(s[2].factor, 1);
}
END_TEST

START_TEST(test_short_answers_when_equal_then_exempt_with_the_rule)
{
	plg_print p[3] = {print_of("Paris"), print_of("Paris"), print_of("paris.")};
	plg_share s[3];
	for (int i = 0; i < 3; i++)
		p[i].bits = plg_text_bits(5);
	ck_assert(plg_duplicates_find(&on, p, 3, 7, s));
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(s[i].rule, PLG_DUP_CLOSED);
		ck_assert_double_eq(s[i].factor, 1);
	}
	const plg_dup_settings off = {false, 0, 0.85};
	ck_assert(plg_duplicates_find(&off, p, 3, 7, s));
	ck_assert_int_eq(s[0].rule, PLG_DUP_OFF);
	ck_assert_double_eq(s[0].factor, 1);
}
END_TEST

START_TEST(test_operators_when_known_then_each_one_part)
{
	plg_print p[11];
	plg_share s[11];
	for (int i = 0; i < 11; i++) {
		p[i] = print_of(essay);
		/* ten answers of one operator crowd one honest rival */
		/* five on one machine, five under one coldkey, and one that is in both */
		p[i].address = i < 6 ? 1 : i < 10 ? 10 + (uint64_t)i : 2;
		p[i].coldkey = i >= 5 && i < 10 ? 3 : 100 + (uint64_t)i;
	}
	ck_assert(plg_duplicates_find(&on, p, 11, 7, s));
	ck_assert_double_eq_tol(s[0].factor, 0.05, 1e-15);
	ck_assert_double_eq_tol(s[10].factor, 0.5, 1e-15);
}
END_TEST

START_TEST(test_hashes_when_within_four_bits_then_one_cluster)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 200; round++) {
		uint64_t h[3];
		plg_print p[3] = {{.bits = 99}, {.bits = 99}, {.bits = 99}};
		plg_share s[3];
		h[0] = test_next(&rng);
		h[1] = h[0];
		for (int k = 0; k < 4; k++)
			h[1] ^= (uint64_t)1 << test_below(&rng, 64);
		h[2] = h[0] ^ 0x0f0f0f0f0f0f0f0fu; /* 32 bits */
		for (int i = 0; i < 3; i++) {
			p[i].exact[0] = h[i];
			p[i].exact[1] = (uint64_t)i;
			p[i].hash = &h[i];
			p[i].hash_n = 1;
		}
		ck_assert(plg_duplicates_find(&on, p, 3, test_next(&rng), s));
		ck_assert_uint_eq(s[0].size, 2);
		ck_assert_uint_eq(s[1].size, 2);
		ck_assert_uint_eq(s[2].size, 1);
	}
}
END_TEST

#define DIM 64

START_TEST(test_vectors_when_cosine_is_high_then_one_cluster)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 100; round++) {
		float v[3][DIM];
		plg_print p[3] = {{.bits = 99}, {.bits = 99}, {.bits = 99}};
		plg_share s[3];
		for (int i = 0; i < 3; i++) {
			double norm = 0;
			for (int j = 0; j < DIM; j++) {
				double x = (double)test_below(&rng, 2001) / 1000 - 1;
				/* the second is the first with a little noise */
				v[i][j] = i == 1 ? v[0][j] + (float)(x * 0.02) : (float)x;
				norm += (double)v[i][j] * (double)v[i][j];
			}
			for (int j = 0; j < DIM; j++)
				v[i][j] /= (float)sqrt(norm);
			p[i].exact[0] = (uint64_t)i + 1;
			p[i].vector = v[i];
			p[i].vector_n = DIM;
		}
		ck_assert(plg_duplicates_find(&on, p, 3, test_next(&rng), s));
		ck_assert_uint_eq(s[0].size, 2);
		ck_assert_uint_eq(s[2].size, 1);
	}
}
END_TEST

#define ROWS 300

START_TEST(test_rows_when_permuted_then_the_same_clusters)
{
	test_rng rng = {test_seed()};
	static plg_print p[ROWS], q[ROWS];
	static plg_share a[ROWS], b[ROWS];
	uint32_t order[ROWS];
	char text[512];
	for (uint32_t i = 0; i < ROWS; i++) {
		size_t at = 0;
		unsigned kind = (unsigned)test_below(&rng, 40);
		for (unsigned k = 0; k < 40; k++)
			at += (size_t)snprintf(text + at, sizeof text - at, "k%u%u ", kind, k);
		p[i] = print_of(text);
		order[i] = i;
	}
	for (uint32_t i = ROWS - 1; i > 0; i--) {
		uint32_t j = (uint32_t)test_below(&rng, i + 1), t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
	for (uint32_t i = 0; i < ROWS; i++)
		q[i] = p[order[i]];
	ck_assert(plg_duplicates_find(&on, p, ROWS, 7, a));
	ck_assert(plg_duplicates_find(&on, q, ROWS, 7, b));
	for (uint32_t i = 0; i < ROWS; i++)
		ck_assert_mem_eq(&b[i], &a[order[i]], sizeof *a);
}
END_TEST

#define HOSTILE 4096

/* Comparisons are counted by their effect: 4,096 different answers that all claim the
 * same perceptual hash block, and one sketch that all share but a fifth of its places. */
START_TEST(test_rows_when_hostile_then_done)
{
	static plg_print p[HOSTILE];
	static plg_share s[HOSTILE];
	static uint64_t h[HOSTILE];
	test_rng rng = {test_seed()};
	for (uint32_t i = 0; i < HOSTILE; i++) {
		uint32_t *sketch = plg_arena_take(arena, PLG_SKETCH, sizeof *sketch);
		ck_assert_ptr_nonnull(sketch);
		for (uint32_t k = 0; k < PLG_SKETCH; k++)
			sketch[k] = k % 5 == 0 ? (uint32_t)test_next(&rng) : k;
		h[i] = test_next(&rng) << 13;
		p[i] =
			(plg_print){.bits = 99, .exact = {i, 1}, .sketch = sketch, .hash = &h[i], .hash_n = 1};
	}
	ck_assert(plg_duplicates_find(&on, p, HOSTILE, 7, s));
	for (uint32_t i = 0; i < HOSTILE; i++)
		ck_assert_int_eq(s[i].rule, PLG_DUP_CHECKED);
}
END_TEST

START_TEST(test_sketch_when_sets_overlap_then_estimates_jaccard)
{
	uint32_t a_few[PLG_SKETCH], b_few[PLG_SKETCH], c_few[PLG_SKETCH];
	for (uint64_t shared = 0; shared <= 400; shared += 50) {
		uint32_t a[PLG_SKETCH], b[PLG_SKETCH];
		double sum = 0;
		for (uint64_t key = 1; key <= 40; key++) {
			plg_sketch_begin(a);
			plg_sketch_begin(b);
			for (uint64_t i = 0; i < 400; i++) {
				plg_sketch_add(a, key, i);
				plg_sketch_add(b, key, i < shared ? i : i + 1000);
			}
			ck_assert(plg_sketch_end(a, key) && plg_sketch_end(b, key));
			sum += plg_sketch_similarity(a, b);
		}
		ck_assert_double_eq_tol(sum / 40, (double)shared / (double)(800 - shared), 0.04);
	}
	/* few features: equal sets agree everywhere, different ones nearly nowhere */
	double apart = 0;
	for (uint64_t key = 1; key <= 100; key++) {
		plg_sketch_begin(a_few);
		plg_sketch_begin(b_few);
		plg_sketch_begin(c_few);
		for (uint64_t i = 0; i < 6; i++) {
			plg_sketch_add(a_few, key, i);
			plg_sketch_add(b_few, key, 5 - i);
			plg_sketch_add(c_few, key, i + 3);
		}
		ck_assert(plg_sketch_end(a_few, key) && plg_sketch_end(b_few, key) &&
				  plg_sketch_end(c_few, key));
		ck_assert_double_eq(plg_sketch_similarity(a_few, b_few), 1);
		apart += plg_sketch_similarity(a_few, c_few);
	}
	ck_assert_double_eq_tol(apart / 100, 3 / 9.0, 0.1);
	uint32_t none[PLG_SKETCH];
	plg_sketch_begin(none);
	ck_assert(!plg_sketch_end(none, 1));
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_copies_when_edited_without_meaning_then_one_cluster);
	tcase_add_test(tc, test_copies_when_few_words_change_then_near_and_many_then_not);
	tcase_add_test(tc, test_short_answers_when_equal_then_exempt_with_the_rule);
	tcase_add_test(tc, test_operators_when_known_then_each_one_part);
	tcase_add_test(tc, test_hashes_when_within_four_bits_then_one_cluster);
	tcase_add_test(tc, test_vectors_when_cosine_is_high_then_one_cluster);
	tcase_add_test(tc, test_rows_when_permuted_then_the_same_clusters);
	tcase_add_test(tc, test_rows_when_hostile_then_done);
	tcase_add_test(tc, test_sketch_when_sets_overlap_then_estimates_jaccard);
}

int main(void)
{
	return test_main("plugin_common.duplicates", fill, 60);
}
