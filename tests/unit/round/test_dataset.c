#include "crypto/crypto.h"
#include "round/dataset.h"
#include "support/test.h"

static assay_status parse(const char *text, asy_dataset **d, assay_err *e)
{
	return asy_dataset_parse(asy_span_str(text), "set.jsonl", d, e);
}

START_TEST(test_parse_when_bad_line_then_names_it)
{
	asy_dataset *d = NULL;
	assay_err e = {0};
	ck_assert_int_ne(parse("{\"id\":\"a\",\"prompt\":1}\n\n{\"id\":2}\n", &d, &e), ASSAY_OK);
	ck_assert_ptr_nonnull(strstr(e.msg, "set.jsonl, line 3"));
	ck_assert_int_eq(parse("\n \n", &d, &e), ASSAY_E_EMPTY);
	ck_assert_int_eq(parse("{\"id\":\"a\",\"prompt\":1}\n{\"id\":\"a\",\"prompt\":2}", &d, &e),
					 ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(e.msg, "'a' occurs twice"));
}
END_TEST

START_TEST(test_draw_when_seeded_then_distinct_and_repeatable)
{
	char text[4096];
	size_t at = 0;
	asy_dataset *d;
	assay_err e = {0};
	uint8_t seed[32] = {3};
	asy_question a[10], b[10];
	asy_seeded_rng r1, r2;
	for (int i = 0; i < 40; i++)
		at +=
			(size_t)snprintf(text + at, sizeof text - at, "{\"id\":\"i%d\",\"prompt\":%d}\n", i, i);
	ck_ok(asy_crypto_init(&e), e);
	ck_ok(parse(text, &d, &e), e);
	ck_assert_uint_eq(asy_dataset_size(d), 40);
	asy_seeded_rng_init(&r1, seed);
	asy_seeded_rng_init(&r2, seed);
	ck_assert_uint_eq(asy_dataset_draw(d, &r1.iface, 10, a), 10);
	ck_assert_uint_eq(asy_dataset_draw(d, &r2.iface, 10, b), 10);
	for (int i = 0; i < 10; i++) {
		ck_assert_str_eq(a[i].id, b[i].id);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(a[i].id, a[j].id);
	}
	asy_dataset_free(d);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_parse_when_bad_line_then_names_it);
	tcase_add_test(tc, test_draw_when_seeded_then_distinct_and_repeatable);
}

int main(void)
{
	return test_main("dataset", fill, 10);
}
