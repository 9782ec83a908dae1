#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include "support/test.h"

START_TEST(test_err_at_when_nested_then_prepends)
{
	assay_err e = {0};
	assay_status st = ASSAY_FAIL(&e, E_LIMIT, "body is %d bytes", 7);
	st = assay_err_at(&e, st, "reading block %d", 512);
	ck_assert_int_eq(st, ASSAY_E_LIMIT);
	ck_assert_str_eq(e.msg, "reading block 512: body is 7 bytes");
}
END_TEST

START_TEST(test_err_at_when_too_long_then_cut_and_terminated)
{
	assay_err e = {0};
	char big[600];
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	(void)ASSAY_FAIL(&e, E_IO, "%s", big);
	(void)assay_err_at(&e, ASSAY_E_IO, "here");
	ck_assert_uint_eq(strlen(e.msg), sizeof e.msg - 1);
	ck_assert(strncmp(e.msg, "here: xxx", 9) == 0);
}
END_TEST

START_TEST(test_buf_when_over_max_then_refuses_and_keeps)
{
	asy_buf b = {.max = 8};
	assay_err e;
	ck_ok(asy_buf_add(&b, "12345678", 8, &e), e);
	ck_assert_int_eq(asy_buf_add(&b, "9", 1, &e), ASSAY_E_LIMIT);
	ck_assert_str_eq(asy_buf_cstr(&b), "12345678");
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_arena_when_full_then_null_and_aligned_before)
{
	asy_arena *a = asy_arena_new(256 * 1024);
	for (int i = 0; i < 100; i++) {
		uint8_t *p = asy_arena_take(a, 100, 64);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % 64, 0);
		ck_assert_uint_eq(p[99], 0);
		memset(p, 0xff, 100);
	}
	ck_assert_ptr_null(asy_arena_take(a, 300 * 1024, 8));
	ck_assert_ptr_null(asy_arena_array(a, SIZE_MAX / 2, 4));
	asy_arena_free(a);
}
END_TEST

START_TEST(test_hex_when_odd_or_bad_then_refuses)
{
	uint8_t out[4];
	ck_assert(asy_hex_decode("0xdeadBEEF", out, 4));
	ck_assert_uint_eq(out[3], 0xef);
	ck_assert(!asy_hex_decode("deadbee", out, 4));
	ck_assert(!asy_hex_decode("deadbeefaa", out, 4));
	ck_assert(!asy_hex_decode("deadbeeg", out, 4));
	ck_assert_int_eq(asy_hex_decode_any("0x", 2, out, 4), 0);
}
END_TEST

START_TEST(test_nearest_when_typo_then_names_it_and_when_far_then_none)
{
	static const char *const names[] = {"netuid", "deadline_ms", "data_dir"};
	ck_assert_uint_eq(asy_str_nearest("netiud", names, 3), 0);
	ck_assert_uint_eq(asy_str_nearest("deadline", names, 3), 1);
	ck_assert_uint_eq(asy_str_nearest("zzzz", names, 3), 3);
}
END_TEST

START_TEST(test_escape_when_hostile_then_printable_and_cut)
{
	char out[16];
	asy_str_escape(out, sizeof out, asy_span("a\x1b[2J\"bcdefghijkl", 17));
	ck_assert_str_eq(out, "a\\x1b[2J\\x22...");
	asy_str_escape(out, 3, asy_span("abcdef", 6));
	ck_assert_str_eq(out, "..");
}
END_TEST

START_TEST(test_u64_when_overflow_or_sign_then_refuses)
{
	uint64_t v = 7;
	ck_assert(asy_str_u64("18446744073709551615", &v));
	ck_assert_uint_eq(v, UINT64_MAX);
	ck_assert(!asy_str_u64("18446744073709551616", &v));
	ck_assert(!asy_str_u64("-1", &v));
	ck_assert(!asy_str_u64("", &v));
	ck_assert_uint_eq(v, UINT64_MAX);
}
END_TEST

START_TEST(test_log_when_field_has_no_value_then_left_out)
{
	for (int json = 0; json < 2; json++) {
		char *text = NULL;
		size_t len = 0;
		FILE *f = open_memstream(&text, &len);
		ck_assert_ptr_nonnull(f);
		asy_logger lg = {.out = f, .least = ASY_INFO, .json = json != 0};
		asy_log(&lg, ASY_INFO, "a.b", ASY_STR("empty", ""), ASY_STR("none", NULL),
				ASY_BYTES("bytes", asy_span(NULL, 0)), ASY_F64("nan", (double)NAN),
				ASY_IF(false, ASY_I64("pid", 0)), ASY_IF(true, ASY_I64("zero", 0)),
				ASY_U64("nil", 0), ASY_F64("real", 0), ASY_STR("x", "y"));
		(void)fclose(f);
		ck_assert_str_eq(text, json != 0 ? "{\"level\":\"info\",\"event\":\"a.b\",\"zero\":0,"
										   "\"nil\":0,\"real\":0,\"x\":\"y\"}\n"
										 : "info    a.b zero=0 nil=0 real=0 x=y\n");
		free(text);
	}
}
END_TEST

START_TEST(test_log_when_json_then_one_escaped_object)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	asy_logger lg = {.out = f, .least = ASY_INFO, .json = true, .task = "text", .round = 3};
	asy_log(&lg, ASY_DEBUG, "never.seen");
	asy_log(&lg, ASY_UNUSUAL, "miner.bad", ASY_U64("uid", 4), ASY_BYTES("b", asy_span("\"\n", 2)));
	(void)fclose(f);
	ck_assert_str_eq(
		text,
		"{\"level\":\"unusual\",\"event\":\"miner.bad\",\"task\":\"text\",\"round\":3,\"uid\":4,"
		"\"b\":\"\\\\x22\\\\x0a\"}\n");
	ck_assert_uint_eq(lg.counts[ASY_DEBUG], 1);
	free(text);
}
END_TEST

START_TEST(test_exit_codes_when_listed_then_nonzero_and_named)
{
	for (int i = 1; i < ASSAY_STATUS_N; i++) {
		ck_assert_int_ne(assay_status_exit((assay_status)i), 0);
		ck_assert_int_lt(assay_status_exit((assay_status)i), 256);
	}
	ck_assert_str_eq(assay_status_name(ASSAY_E_RANGE), "E_RANGE");
	ck_assert_str_eq(assay_status_name((assay_status)999), "E_INTERNAL");
}
END_TEST

typedef struct {
	uint16_t other;
	uint8_t key[32];
} keyed;

/* Against looking at all of them; few bytes differ, so heads and whole keys are often equal. */
START_TEST(test_keys_when_sorted_then_found_and_doubles_named)
{
	test_rng rng = {test_seed()};
	for (int round = 0; round < 300; round++) {
		keyed k[64] = {{0}};
		asy_key_place sorted[64];
		size_t n = test_below(&rng, 65);
		bool twice = false;
		for (size_t i = 0; i < n; i++) {
			static const uint8_t differ[] = {0, 1, 3, 20};
			/* in every other round the first bytes are all alike */
			const size_t from = round % 2 == 0 ? 0 : 2;
			k[i].key[differ[from + test_below(&rng, 4 - from)]] = (uint8_t)test_below(&rng, 40);
			for (size_t j = 0; j < i; j++)
				twice = twice || memcmp(k[i].key, k[j].key, 32) == 0;
		}
		asy_keys_sort(k[0].key, sizeof k[0], n, sorted);
		for (size_t i = 1; i < n; i++) {
			int order = memcmp(k[sorted[i - 1].at].key, k[sorted[i].at].key, 32);
			ck_assert(order < 0 || (order == 0 && sorted[i - 1].at < sorted[i].at));
		}
		ck_assert(twice == (asy_keys_duplicate(k[0].key, sizeof k[0], sorted, n) < n));
		for (size_t i = 0; i < n; i++) {
			size_t at = asy_keys_find(k[0].key, sizeof k[0], sorted, n, k[i].key);
			ck_assert_uint_lt(at, n);
			ck_assert_mem_eq(k[at].key, k[i].key, 32);
		}
		uint8_t absent[32] = {99};
		ck_assert_uint_eq(asy_keys_find(k[0].key, sizeof k[0], sorted, n, absent), n);
	}
}
END_TEST

#define THREADS 4
#define LINES 500

static void *write_lines(void *arg)
{
	for (int i = 0; i < LINES; i++)
		asy_log(arg, ASY_INFO, "some.event", ASY_I64("number", i));
	return NULL;
}

START_TEST(test_log_when_many_threads_write_then_whole_lines_and_a_right_count)
{
	char *text = NULL;
	size_t len = 0, lines = 0;
	asy_logger log = {.out = open_memstream(&text, &len)};
	pthread_t thread[THREADS];
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, write_lines, &log), 0);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
	(void)fclose(log.out);
	for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1, lines++)
		ck_assert_msg(strncmp(at, "info    some.event number=", 26) == 0, "%.40s", at);
	ck_assert_uint_eq(lines, THREADS * LINES);
	ck_assert_uint_eq(log.counts[ASY_INFO], THREADS * LINES);
	free(text);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_err_at_when_nested_then_prepends);
	tcase_add_test(tc, test_err_at_when_too_long_then_cut_and_terminated);
	tcase_add_test(tc, test_buf_when_over_max_then_refuses_and_keeps);
	tcase_add_test(tc, test_arena_when_full_then_null_and_aligned_before);
	tcase_add_test(tc, test_hex_when_odd_or_bad_then_refuses);
	tcase_add_test(tc, test_nearest_when_typo_then_names_it_and_when_far_then_none);
	tcase_add_test(tc, test_escape_when_hostile_then_printable_and_cut);
	tcase_add_test(tc, test_u64_when_overflow_or_sign_then_refuses);
	tcase_add_test(tc, test_log_when_field_has_no_value_then_left_out);
	tcase_add_test(tc, test_log_when_json_then_one_escaped_object);
	tcase_add_test(tc, test_keys_when_sorted_then_found_and_doubles_named);
	tcase_add_test(tc, test_log_when_many_threads_write_then_whole_lines_and_a_right_count);
	tcase_add_test(tc, test_exit_codes_when_listed_then_nonzero_and_named);
}

int main(void)
{
	return test_main("base", fill, 20);
}
