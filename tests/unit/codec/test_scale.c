/* SCALE: what is read back is what was written, and nothing is read that is not
 * there. The published vectors are run by the golden suite `crypto`. */
#include "codec/codec.h"
#include "support/test.h"

static asy_scale in(const char *hex, uint8_t *store, size_t cap)
{
	long n = asy_hex_decode_any(hex, strlen(hex), store, cap);
	ck_assert_int_ge(n, 0);
	return asy_scale_in(asy_span(store, (size_t)n));
}

START_TEST(test_compact_when_round_trip_then_same_and_shortest)
{
	test_rng r = {test_seed()};
	for (int i = 0; i < 20000; i++) {
		uint64_t v = test_next(&r) >> test_below(&r, 64), back;
		asy_buf b = {0};
		assay_err e;
		asy_scale_w w = asy_scale_out(&b);
		asy_scale_put_compact(&w, v);
		ck_ok(asy_scale_out_end(&w, &e), e);
		asy_scale s = asy_scale_in(asy_buf_span(&b));
		ck_ok(asy_scale_compact(&s, &back, &e), e);
		ck_assert_uint_eq(back, v);
		ck_ok(asy_scale_end(&s, &e), e);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_compact_when_longer_than_needed_then_refused)
{
	static const char *const bad[] = {
		"0100",       "fd00",          "02000000",           "fefe0000",
		"03ffffff3f", "0700000040 00", "13ffffffffffffff00", "0b0000000000"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		uint8_t store[16];
		char hex[40] = "";
		uint64_t v = 7;
		assay_err e;
		for (const char *p = bad[i]; *p != '\0'; p++)
			if (*p != ' ')
				strncat(hex, p, 1);
		asy_scale s = in(hex, store, sizeof store);
		ck_assert_msg(asy_scale_compact(&s, &v, &e) == ASSAY_E_FORMAT, "%s", hex);
		ck_assert_uint_eq(v, 7);
		ck_assert_uint_eq(s.at, 0);
	}
}
END_TEST

START_TEST(test_compact_when_beyond_64_bits_then_range)
{
	uint8_t store[32];
	uint64_t v;
	assay_err e;
	asy_scale s = in("17000000000000000001", store, sizeof store);
	ck_assert_int_eq(asy_scale_compact(&s, &v, &e), ASSAY_E_RANGE);
}
END_TEST

START_TEST(test_reads_when_truncated_then_unmoved_and_offset_named)
{
	uint8_t store[8];
	uint32_t v32;
	uint16_t v16;
	assay_err e;
	asy_scale s = in("0102", store, sizeof store);
	ck_ok(asy_scale_u16(&s, &v16, &e), e);
	ck_assert_int_eq(asy_scale_u32(&s, &v32, &e), ASSAY_E_FORMAT);
	ck_assert_uint_eq(s.at, 2);
	ck_assert_str_eq(e.msg, "truncated: need 4 bytes at offset 2, have 0");
}
END_TEST

START_TEST(test_count_when_promising_more_than_is_there_then_refused)
{
	uint8_t store[8];
	size_t n = 3;
	assay_err e;
	asy_scale s = in("feffffff00", store, sizeof store);
	ck_assert_int_eq(asy_scale_count(&s, 2, SIZE_MAX, &n, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(asy_scale_count(&s, 2, 1000, &n, &e), ASSAY_E_LIMIT);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(s.at, 0);
}
END_TEST

START_TEST(test_bytes_when_cut_then_cursor_unmoved)
{
	uint8_t store[8];
	assay_span got;
	assay_err e;
	asy_scale s = in("10616263", store, sizeof store);
	ck_assert_int_eq(asy_scale_bytes(&s, 100, &got, &e), ASSAY_E_FORMAT);
	ck_assert_uint_eq(s.at, 0);
	s = in("0c616263", store, sizeof store);
	ck_ok(asy_scale_bytes(&s, 100, &got, &e), e);
	ck_assert(asy_span_eq(got, asy_span_str("abc")));
}
END_TEST

START_TEST(test_tags_when_neither_0_nor_1_then_refused)
{
	uint8_t store[1];
	bool b;
	assay_err e;
	asy_scale s = in("02", store, 1);
	ck_assert_int_eq(asy_scale_bool(&s, &b, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(asy_scale_option(&s, &b, &e), ASSAY_E_FORMAT);
}
END_TEST

START_TEST(test_out_when_over_limit_then_reported_once_at_end)
{
	asy_buf b = {.max = 4};
	assay_err e;
	asy_scale_w w = asy_scale_out(&b);
	asy_scale_put_u64(&w, 1);
	asy_scale_put_u8(&w, 1);
	ck_assert_int_eq(asy_scale_out_end(&w, &e), ASSAY_E_LIMIT);
	ck_assert_uint_eq(b.len, 0);
	asy_buf_fini(&b);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_compact_when_round_trip_then_same_and_shortest);
	tcase_add_test(tc, test_compact_when_longer_than_needed_then_refused);
	tcase_add_test(tc, test_compact_when_beyond_64_bits_then_range);
	tcase_add_test(tc, test_reads_when_truncated_then_unmoved_and_offset_named);
	tcase_add_test(tc, test_count_when_promising_more_than_is_there_then_refused);
	tcase_add_test(tc, test_bytes_when_cut_then_cursor_unmoved);
	tcase_add_test(tc, test_tags_when_neither_0_nor_1_then_refused);
	tcase_add_test(tc, test_out_when_over_limit_then_reported_once_at_end);
}

int main(void)
{
	return test_main("codec.scale", fill, 30);
}
