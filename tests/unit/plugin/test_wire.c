/* The words between host and worker: round trips, and that nothing out of bounds
 * is followed. */
#include "plugin/proto.h"
#include "support/test.h"

static asy_msg sample(void)
{
	asy_msg m = {.kind = ASY_MSG_OPEN, .seq = 7, .arg = 4, .code = -3, .off = 4096, .len = 99};
	asy_msg_set_text(&m, "text", 4);
	return m;
}

START_TEST(test_message_when_encoded_then_decodes_the_same)
{
	uint8_t bytes[ASY_MSG_MAX];
	asy_msg m = sample(), back = {0};
	assay_err err = {0};
	size_t len = asy_msg_encode(&m, bytes);
	ck_ok(asy_msg_decode(asy_span(bytes, len), &back, &err), err);
	ck_assert(back.kind == m.kind && back.seq == 7 && back.arg == 4 && back.code == -3 &&
			  back.off == 4096 && back.len == 99);
	ck_assert_str_eq(back.text, "text");
}
END_TEST

START_TEST(test_message_when_any_header_byte_is_wrong_then_refused_or_equal)
{
	uint8_t bytes[ASY_MSG_MAX];
	asy_msg m = sample(), back = {0};
	size_t len = asy_msg_encode(&m, bytes);
	for (size_t cut = 0; cut < len; cut++)
		ck_assert_int_eq(asy_msg_decode(asy_span(bytes, cut), &back, NULL), ASSAY_E_FORMAT);
	for (size_t i = 0; i < 12; i++) {
		bytes[i] ^= 0x40;
		ck_assert_int_eq(asy_msg_decode(asy_span(bytes, len), &back, NULL), ASSAY_E_FORMAT);
		bytes[i] ^= 0x40;
	}
	bytes[44] = 1; /* reserved */
	ck_assert_int_eq(asy_msg_decode(asy_span(bytes, len), &back, NULL), ASSAY_E_FORMAT);
}
END_TEST

START_TEST(test_message_when_text_is_long_then_cut)
{
	static char big[10000];
	asy_msg m = {.kind = ASY_MSG_LOG}, back = {0};
	uint8_t bytes[ASY_MSG_MAX];
	memset(big, 'x', sizeof big);
	asy_msg_set_text(&m, big, sizeof big);
	size_t len = asy_msg_encode(&m, bytes);
	ck_assert_uint_eq(len, ASY_MSG_MAX);
	ck_assert_int_eq(asy_msg_decode(asy_span(bytes, len), &back, NULL), ASSAY_OK);
	ck_assert_uint_eq(back.text_len, ASY_MSG_TEXT_MAX);
}
END_TEST

#define FILE_SIZE 16384u

/* A file with one challenge and one response whose body is 5 bytes at 8192. */
static asy_ring_job good_job(uint8_t *file)
{
	asy_ring_job j = {.kind = ASY_JOB_SCORE,
					  .step = 1,
					  .challenge_n = 1,
					  .response_n = 1,
					  .challenge_at = 4096,
					  .response_at = 4096 + sizeof(asy_ring_challenge)};
	uint64_t end;
	asy_ring_challenge c = {.prompt = {8192, 3}};
	asy_ring_response r = {.body = {8192, 5}, .miner = 9};
	memset(file, 'a', FILE_SIZE);
	memcpy(file + j.challenge_at, &c, sizeof c);
	memcpy(file + j.response_at, &r, sizeof r);
	ck_assert(asy_ring_outputs(&j, 1, 2, 4096, FILE_SIZE, &end));
	return j;
}

static assay_status read_job(const uint8_t *file, const asy_ring_job *j)
{
	asy_job_view v = {0};
	assay_status st = asy_ring_job_read(asy_span(file, FILE_SIZE), FILE_SIZE, j, 2, &v, NULL);
	asy_job_view_fini(&v);
	return st;
}

START_TEST(test_job_when_good_then_spans_point_into_the_file)
{
	static uint8_t file[FILE_SIZE];
	asy_ring_job j = good_job(file);
	asy_job_view v = {0};
	assay_err err = {0};
	ck_ok(asy_ring_job_read(asy_span(file, sizeof file), FILE_SIZE, &j, 2, &v, &err), err);
	ck_assert_ptr_eq(v.response[0].body.ptr, file + 8192);
	ck_assert_uint_eq(v.response[0].body.len, 5);
	ck_assert_ptr_null(v.response[0].content_type.ptr);
	ck_assert_uint_eq(v.response[0].miner, 9);
	ck_assert_uint_eq(v.challenge[0].prompt.len, 3);
	asy_job_view_fini(&v);
}
END_TEST

START_TEST(test_job_when_a_table_is_outside_then_refused)
{
	static uint8_t file[FILE_SIZE];
	asy_ring_job good = good_job(file);
	const uint64_t bad[] = {0, 8, 4092, FILE_SIZE - 8, FILE_SIZE, UINT64_MAX - 7, UINT64_MAX};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		asy_ring_job j = good;
		j.challenge_at = bad[i];
		ck_assert_int_eq(read_job(file, &j), ASSAY_E_FORMAT);
		j = good;
		j.response_at = bad[i];
		ck_assert_int_eq(read_job(file, &j), ASSAY_E_FORMAT);
		j = good;
		j.score_at = bad[i];
		ck_assert(read_job(file, &j) == ASSAY_E_FORMAT || bad[i] == FILE_SIZE - 8);
		j = good;
		j.response_n = bad[i] / 64 + 2000;
		ck_assert_int_eq(read_job(file, &j), ASSAY_E_FORMAT);
	}
	asy_ring_job j = good;
	j.step = 0;
	ck_assert_int_eq(read_job(file, &j), ASSAY_E_FORMAT);
	j = good;
	j.kind = 3;
	ck_assert_int_eq(read_job(file, &j), ASSAY_E_FORMAT);
}
END_TEST

START_TEST(test_job_when_a_span_is_outside_then_refused)
{
	static uint8_t file[FILE_SIZE];
	asy_ring_job j = good_job(file);
	const asy_ring_span bad[] = {
		{0, 1}, {4095, 1}, {FILE_SIZE, 1}, {FILE_SIZE - 1, 2}, {8192, UINT64_MAX}, {UINT64_MAX, 2}};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		asy_ring_response r = {.body = bad[i]};
		memcpy(file + j.response_at, &r, sizeof r);
		ck_assert_int_eq(read_job(file, &j), ASSAY_E_FORMAT);
	}
	asy_ring_response r = {.challenge = 1};
	memcpy(file + j.response_at, &r, sizeof r);
	ck_assert_int_eq(read_job(file, &j), ASSAY_E_FORMAT);
}
END_TEST

START_TEST(test_made_when_packed_then_unpacks_the_same)
{
	uint8_t bytes[256];
	uint64_t used = 0;
	const assay_challenge c[2] = {{.prompt = {(const uint8_t *)"ab", 2}},
								  {.meta_json = {(const uint8_t *)"{}", 2}}};
	asy_plugin_challenges out = {0};
	asy_buf copy = {0};
	assay_err err = {0};
	ck_ok(asy_ring_made_write(c, 2, bytes, sizeof bytes, &used, &err), err);
	ck_assert_int_eq(asy_ring_made_write(c, 2, bytes, used - 1, &used, &err), ASSAY_E_LIMIT);
	ck_ok(asy_buf_add(&copy, bytes, (size_t)used, &err), err);
	ck_ok(asy_ring_made_read(&copy, 2, &out, &err), err);
	ck_assert(asy_span_eq(out.challenge[0].prompt, asy_span_str("ab")));
	ck_assert(asy_span_eq(out.challenge[1].meta_json, asy_span_str("{}")));
	asy_plugin_challenges_fini(&out);
	ck_ok(asy_buf_add(&copy, bytes, 40, &err), err);
	ck_assert_int_eq(asy_ring_made_read(&copy, 2, &out, &err), ASSAY_E_FORMAT);
	asy_buf_fini(&copy);
}
END_TEST

START_TEST(test_info_when_truncated_or_flipped_then_refused_or_valid)
{
	const char *const names[] = {"one", "two"};
	const assay_plugin_info info = {.size = sizeof info,
									.abi = ASSAY_ABI,
									.id = "org.example.x",
									.version = "1.0.0",
									.name = "n",
									.summary = "s",
									.licence = "l",
									.vendor = "v",
									.task_kind = "t",
									.caps = ASSAY_CAP_COMPONENTS,
									.score_max = 1,
									.component_n = 2,
									.component_name = names};
	asy_buf blob = {0};
	assay_err err = {0};
	ck_ok(asy_info_encode(&info, &blob, &err), err);
	for (size_t i = 0; i < blob.len * 8; i++) {
		asy_arena *arena = asy_arena_new(1u << 22);
		asy_plugin_about a;
		blob.ptr[i / 8] ^= (uint8_t)(1u << i % 8);
		assay_status st = asy_info_decode(asy_buf_span(&blob), arena, &a, &err);
		if (st == ASSAY_OK)
			ck_assert(a.component_n <= 64 && a.score_min < a.score_max);
		ck_assert_int_ne(asy_info_decode(asy_span(blob.ptr, i / 8), arena, &a, &err), ASSAY_OK);
		blob.ptr[i / 8] ^= (uint8_t)(1u << i % 8);
		asy_arena_free(arena);
	}
	asy_buf_fini(&blob);
}
END_TEST

START_TEST(test_utf8_when_checked_then_strict)
{
	const struct {
		const char *s;
		size_t n;
		bool ok;
	} cases[] = {{"", 0, true},
				 {"a\xc3\xa9z", 4, true},
				 {"\xf0\x9f\x98\x80", 4, true},
				 {"\xc0\x80", 2, false},
				 {"\xe0\x80\x80", 3, false},
				 {"\xed\xa0\x80", 3, false},
				 {"\xf4\x90\x80\x80", 4, false},
				 {"\xf5\x80\x80\x80", 4, false},
				 {"\xc3", 1, false},
				 {"\xe2\x82", 2, false},
				 {"\x80", 1, false},
				 {"\xc3(", 2, false}};
	for (size_t i = 0; i < ASY_COUNT(cases); i++)
		ck_assert_int_eq(asy_utf8_is_valid(asy_span(cases[i].s, cases[i].n)), cases[i].ok);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_message_when_encoded_then_decodes_the_same);
	tcase_add_test(tc, test_message_when_any_header_byte_is_wrong_then_refused_or_equal);
	tcase_add_test(tc, test_message_when_text_is_long_then_cut);
	tcase_add_test(tc, test_job_when_good_then_spans_point_into_the_file);
	tcase_add_test(tc, test_job_when_a_table_is_outside_then_refused);
	tcase_add_test(tc, test_job_when_a_span_is_outside_then_refused);
	tcase_add_test(tc, test_made_when_packed_then_unpacks_the_same);
	tcase_add_test(tc, test_info_when_truncated_or_flipped_then_refused_or_valid);
	tcase_add_test(tc, test_utf8_when_checked_then_strict);
}

int main(void)
{
	return test_main("plugin.wire", fill, 30);
}
