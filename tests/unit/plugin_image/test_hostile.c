/* Answers that try to crash, fool or exhaust the image plugin: each is decided, at 0
 * or at what it honestly earns, in bounded memory. */
#include <sys/resource.h>
#include "unit/plugin_image/fixture.h"

static void expect_zero(const assay_challenge *c, const char *name, assay_bytes body, int gate)
{
	/* in memory of exactly its size, so that an over-read by one is seen */
	uint8_t *copy = malloc(body.len + (body.len == 0));
	ck_assert_ptr_nonnull(copy);
	if (body.len > 0)
		memcpy(copy, body.ptr, body.len);
	reward_row row = reward_one(&host, c, (assay_bytes){copy, body.len});
	free(copy);
	ck_assert_msg(row.flag == ASSAY_ROW_SCORED && row.score <= 0, "%s scores %g", name, row.score);
	if (gate >= 0)
		ck_assert_msg(gate_of(&row) == gate, "%s: gate %d", name, gate_of(&row));
}

START_TEST(test_bodies_when_not_an_answer_then_zero_with_gate)
{
	static const struct {
		const char *body;
		image_gate gate;
	} cases[] = {
		{"", IMAGE_GATE_EMPTY},
		{" \n\t ", IMAGE_GATE_EMPTY},
		{"null", IMAGE_GATE_MALFORMED},
		{"{}", IMAGE_GATE_MALFORMED},
		{"[]", IMAGE_GATE_MALFORMED},
		{"{\"png\": 7, \"labels\": 7}", IMAGE_GATE_MALFORMED},
		{"{\"png\": null, \"labels\": null}", IMAGE_GATE_MALFORMED},
		{"{\"png\": \"\", \"labels\": []}", IMAGE_GATE_EMPTY},
		{"{\"png\": [\"\"], \"labels\": [1]}", IMAGE_GATE_MALFORMED},
		{"{\"png\": NaN, \"labels\": NaN}", IMAGE_GATE_MALFORMED},
		{"{\"png\": \"\", \"png\": \"\", \"labels\": [], \"labels\": []}", IMAGE_GATE_MALFORMED},
		{"{\"png\": \"\", \"labels\": [\"A\"]", IMAGE_GATE_MALFORMED},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		expect_zero(&sample("restore-01")->challenge, cases[i].body, reward_text(cases[i].body),
					(int)cases[i].gate);
		expect_zero(&sample("recognise-02")->challenge, cases[i].body, reward_text(cases[i].body),
					(int)cases[i].gate);
	}
}
END_TEST

START_TEST(test_base64_when_garbage_then_gate)
{
	static const char *const texts[] = {"A",    "AAA",         "AAAA=",
										"====", "AA=A",        "A A=",
										"AAB=", "iVBORw0KGgo", "data:image/png;base64,iVBO",
										"AA-_"};
	for (size_t i = 0; i < ASY_COUNT(texts); i++) {
		char body[128];
		(void)snprintf(body, sizeof body, "{\"png\": \"%s\"}", texts[i]);
		expect_zero(&sample("restore-01")->challenge, texts[i], reward_text(body),
					IMAGE_GATE_BASE64);
	}
	expect_zero(&sample("restore-01")->challenge, "NUL", reward_text("{\"png\": \"\\u0000AAA\"}"),
				IMAGE_GATE_BASE64);
}
END_TEST

START_TEST(test_files_of_the_vectors_when_answered_then_zero_in_little_memory)
{
	static const char *const names[] = {"bomb_header_60000x60000.png",
										"bomb_real_12000x12000_bit1.png",
										"huge_dim_2_31.png",
										"zero_width.png",
										"short_idat.png",
										"truncated.png",
										"bad_crc.png",
										"apng.png",
										"empty.bin",
										"text.png",
										"svg.svg",
										"gif.gif",
										"bmp.bmp",
										"one_pixel.png",
										"rgb.png",
										"truncated.jpg",
										"webp_anim.webp"};
	struct rusage use;
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		static uint8_t bytes[65536];
		char path[1024];
		asy_buf body = {0};
		(void)snprintf(path, sizeof path, "%s/tests/golden/rewards/image/decode/%s",
					   ASSAY_SOURCE_DIR, names[i]);
		FILE *f = fopen(path, "rb"); /* edge: a test reads its vectors */
		ck_assert_msg(f != NULL, "cannot open %s", path);
		size_t n = fread(bytes, 1, sizeof bytes, f);
		(void)fclose(f);
		picture_answer(&body, asy_span(bytes, n), "");
		expect_zero(&sample("restore-01")->challenge, names[i], bytes_of(&body), -1);
		asy_buf_fini(&body);
	}
	(void)getrusage(RUSAGE_SELF, &use);
	printf("all hostile files through the plugin: peak RSS %ld KiB\n", use.ru_maxrss);
}
END_TEST

START_TEST(test_body_when_sixteen_mebibytes_then_bounded)
{
	const size_t len = (size_t)16 << 20;
	struct rusage use;
	char *body = malloc(len);
	ck_assert_ptr_nonnull(body);
	memset(body, 'A', len);
	memcpy(body, "{\"png\": \"", 9);
	memcpy(body + len - 2, "\"}", 2);
	expect_zero(&sample("restore-01")->challenge, "16 MiB of A",
				(assay_bytes){(uint8_t *)body, len}, -1);
	expect_zero(&sample("recognise-02")->challenge, "16 MiB of A",
				(assay_bytes){(uint8_t *)body, len}, IMAGE_GATE_MALFORMED);
	memset(body, '[', len);
	expect_zero(&sample("restore-01")->challenge, "16 Mi of [", (assay_bytes){(uint8_t *)body, len},
				IMAGE_GATE_MALFORMED);
	memset(body, ' ', len);
	expect_zero(&sample("restore-01")->challenge, "16 Mi of space",
				(assay_bytes){(uint8_t *)body, len}, IMAGE_GATE_EMPTY);
	(void)getrusage(RUSAGE_SELF, &use);
	printf("16 MiB bodies: peak RSS %ld KiB\n", use.ru_maxrss);
	free(body);
	reward_close(&host);
	ck_assert_int_eq(reward_open(&host, "{\"limits\": {\"bytes\": 64}}"), ASSAY_RC_OK);
	expect_zero(&sample("restore-01")->challenge, "65 bytes",
				reward_text("{\"png\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
							"AAAAAA\"}"),
				IMAGE_GATE_OVERSIZE);
}
END_TEST

START_TEST(test_labels_when_too_many_then_gate)
{
	asy_buf body = {0};
	assay_err err;
	ck_ok(asy_buf_add_str(&body, "{\"labels\": [\"A\"", &err), err);
	for (int i = 0; i < 256; i++)
		ck_ok(asy_buf_printf(&body, &err, ", \"%d\"", i), err);
	ck_ok(asy_buf_add_str(&body, "]}", &err), err);
	expect_zero(&sample("recognise-02")->challenge, "257 labels", bytes_of(&body),
				IMAGE_GATE_LABELS);
	expect_zero(&sample("recognise-02")->challenge, "twice",
				reward_text("{\"labels\": [\"A\", \"a\"]}"), IMAGE_GATE_DUPLICATE);
	expect_zero(&sample("recognise-02")->challenge, "bad UTF-8",
				reward_text("{\"labels\": [\"A\xff\"]}"), IMAGE_GATE_MALFORMED);
	asy_buf_fini(&body);
}
END_TEST

START_TEST(test_answers_when_cut_or_bent_then_never_better)
{
	test_rng rng = {test_seed()};
	const reward_sample *s = sample("restore-02");
	image_raster in = raster_of(s, "prompt"), original = raster_of(s, "reference");
	image_raster r = picture_blend(&in, &original, 50, 0, &rng);
	asy_buf body = {0};
	answer_with(&body, &r, "");
	double whole = reward_one(&host, &s->challenge, bytes_of(&body)).score;
	ck_assert_double_gt(whole, 0);
	/* one batch, so that the challenge is prepared once */
	size_t n = body.len / 7 + 300;
	assay_response *x = calloc(n, sizeof *x);
	reward_row *row = calloc(n, sizeof *row);
	uint8_t *bent = malloc(300 * body.len);
	ck_assert(x != NULL && row != NULL && bent != NULL);
	for (size_t i = 0; i < n - 300; i++)
		x[i] = reward_answer(0, (assay_bytes){body.ptr, i * 7});
	for (size_t i = 0; i < 300; i++) {
		uint8_t *copy = bent + i * body.len;
		memcpy(copy, body.ptr, body.len);
		copy[test_below(&rng, body.len)] ^= (uint8_t)(1u << test_below(&rng, 8));
		x[n - 300 + i] = reward_answer(0, (assay_bytes){copy, body.len});
	}
	ck_assert_int_eq(reward_score(&host, &s->challenge, 1, x, n, row), ASSAY_RC_OK);
	for (size_t i = 0; i < n; i++)
		ck_assert_double_le(row[i].score, i < n - 300 ? 0 : whole + 1e-9);
	free(bent);
	free(row);
	free(x);
	asy_buf_fini(&body);
	image_raster_fini(&r);
	image_raster_fini(&in);
	image_raster_fini(&original);
}
END_TEST

START_TEST(test_claims_when_added_to_an_answer_then_ignored)
{
	test_rng rng = {1};
	const reward_sample *s = sample("restore-03");
	image_raster in = raster_of(s, "prompt"), original = raster_of(s, "reference");
	image_raster r = picture_blend(&in, &original, 40, 0, &rng);
	asy_buf plain = {0}, claims = {0};
	answer_with(&plain, &r, "");
	answer_with(&claims, &r, ", \"hash\": \"0\", \"psnr\": 60, \"score\": 1, \"process_time\": 0");
	reward_row a = reward_one(&host, &s->challenge, bytes_of(&plain));
	reward_row b = reward_one(&host, &s->challenge, bytes_of(&claims));
	ck_assert(reward_same_bits(&a, &b, IMAGE_C_N));
	ck_assert_double_gt(a.score, 0);
	asy_buf_fini(&plain);
	asy_buf_fini(&claims);
	image_raster_fini(&r);
	image_raster_fini(&in);
	image_raster_fini(&original);
}
END_TEST

START_TEST(test_size_when_transposed_or_tiny_then_zero)
{
	const uint32_t sizes[][2] = {{1, 1}, {64, 63}, {65, 64}, {32, 128}};
	for (size_t i = 0; i < ASY_COUNT(sizes); i++) {
		image_raster r = picture_scene(sizes[i][0], sizes[i][1]);
		asy_buf body = {0};
		answer_with(&body, &r, "");
		expect_zero(&sample("restore-01")->challenge, "wrong size", bytes_of(&body),
					IMAGE_GATE_SIZE);
		asy_buf_fini(&body);
		image_raster_fini(&r);
	}
}
END_TEST

START_TEST(test_original_when_returned_bit_for_bit_then_flagged)
{
	const reward_sample *s = sample("restore-01");
	reward_row row = reward_one(&host, &s->challenge, s->challenge.reference);
	ck_assert_double_eq(reward_part(&host, &row, "flags"), IMAGE_FLAG_LEAK);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_bodies_when_not_an_answer_then_zero_with_gate);
	tcase_add_test(tc, test_base64_when_garbage_then_gate);
	tcase_add_test(tc, test_files_of_the_vectors_when_answered_then_zero_in_little_memory);
	tcase_add_test(tc, test_body_when_sixteen_mebibytes_then_bounded);
	tcase_add_test(tc, test_labels_when_too_many_then_gate);
	tcase_add_test(tc, test_answers_when_cut_or_bent_then_never_better);
	tcase_add_test(tc, test_claims_when_added_to_an_answer_then_ignored);
	tcase_add_test(tc, test_size_when_transposed_or_tiny_then_zero);
	tcase_add_test(tc, test_original_when_returned_bit_for_bit_then_flagged);
}

int main(void)
{
	return test_main("image_hostile", fill, 60);
}
