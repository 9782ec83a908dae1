/* The image plugin through its contract: samples, hostile answers, independence of
 * rows, configuration. */
#include <sys/resource.h>
#include "image/png_read.h"
#include "image/row.h"
#include "image/settings.h"
#include "support/reward.h"
#include "unit/plugin_image/pictures.h"

#define SAMPLES "plugins/image/samples/image.jsonl"

static reward_sample *samples;
static size_t samples_n;
static reward_host host;

static void setup(void)
{
	samples = reward_samples(SAMPLES, &samples_n);
	ck_assert_int_eq(reward_open(&host, "{}"), ASSAY_RC_OK);
}
static void teardown(void)
{
	reward_close(&host);
	reward_samples_free(samples, samples_n);
}

static const reward_sample *sample(const char *id)
{
	for (size_t i = 0; i < samples_n; i++)
		if (strcmp(samples[i].id, id) == 0)
			return &samples[i];
	ck_abort_msg("no sample %s", id);
	return NULL;
}

static assay_bytes bytes_of(const asy_buf *b)
{
	return (assay_bytes){b->ptr, b->len};
}

static int gate_of(const reward_row *row)
{
	return (int)reward_part(&host, row, "gate");
}

/* The raster behind a sample's "png", of its prompt or reference. */
static image_raster raster_of(const reward_sample *s, const char *part)
{
	const char *text;
	size_t n, len;
	assay_err err;
	bool out_of_memory;
	image_raster r = {0};
	ck_ok(asy_jv_str(asy_jv_get(reward_sample_get(s, part), "png"), &text, &n, &err), err);
	uint8_t *png = malloc(n);
	ck_assert_ptr_nonnull(png);
	ck_assert(asy_base64_decode(asy_span(text, n), png, &len));
	ck_assert_int_eq(image_png_read(png, len, IMAGE_MAX_PIXELS, 0, 0, &r, &out_of_memory),
					 IMAGE_GATE_OPEN);
	free(png);
	return r;
}

static void answer_with(asy_buf *out, const image_raster *r, const char *more)
{
	asy_buf png = {0};
	picture_png(&png, r);
	picture_answer(out, asy_buf_span(&png), more);
	asy_buf_fini(&png);
}

/* ---- the shipped samples ---- */

START_TEST(test_samples_when_answered_by_the_reference_then_nearly_one)
{
	size_t classify = 0;
	ck_assert_uint_ge(samples_n, 50);
	for (size_t i = 0; i < samples_n; i++) {
		reward_row row = reward_one(&host, &samples[i].challenge, samples[i].challenge.reference);
		ck_assert_int_eq(row.flag, ASSAY_ROW_SCORED);
		ck_assert_msg(row.score >= 0.999, "%s scores %g", samples[i].id, row.score);
		classify += strncmp(samples[i].id, "recognise", 9) == 0;
	}
	ck_assert_uint_ge(classify, 30);
	ck_assert_uint_ge(samples_n - classify, 20);
}
END_TEST

START_TEST(test_samples_when_the_input_is_sent_back_then_zero)
{
	for (size_t i = 0; i < samples_n; i++) {
		if (strncmp(samples[i].id, "restore", 7) != 0)
			continue;
		image_raster in = raster_of(&samples[i], "prompt");
		asy_buf body = {0};
		answer_with(&body, &in, "");
		reward_row row = reward_one(&host, &samples[i].challenge, bytes_of(&body));
		ck_assert_int_eq(row.flag, ASSAY_ROW_SCORED);
		ck_assert_double_eq(row.score, 0);
		ck_assert_int_eq(gate_of(&row), IMAGE_GATE_OPEN);
		asy_buf_fini(&body);
		image_raster_fini(&in);
	}
}
END_TEST

START_TEST(test_samples_when_restored_further_then_score_rises)
{
	test_rng rng = {test_seed()};
	for (size_t i = 0; i < samples_n; i++) {
		if (strncmp(samples[i].id, "restore", 7) != 0)
			continue;
		image_raster in = raster_of(&samples[i], "prompt");
		image_raster original = raster_of(&samples[i], "reference");
		double last = -1;
		for (int share = 20; share <= 100; share += 20) {
			image_raster r = picture_blend(&in, &original, share, 0, &rng);
			asy_buf body = {0};
			answer_with(&body, &r, "");
			reward_row row = reward_one(&host, &samples[i].challenge, bytes_of(&body));
			ck_assert_msg(row.score > last, "%s: %d %% scores %g after %g", samples[i].id, share,
						  row.score, last);
			last = row.score;
			asy_buf_fini(&body);
			image_raster_fini(&r);
		}
		ck_assert_double_ge(last, 0.95);
		image_raster_fini(&in);
		image_raster_fini(&original);
	}
}
END_TEST

/* ---- recognition ---- */

START_TEST(test_labels_when_ranked_then_weighed_by_place)
{
	const assay_challenge *c = &sample("recognise-02")->challenge; /* the letter A */
	static const struct {
		const char *body;
		double score;
	} cases[] = {
		{"{\"labels\": [\"A\"]}", 1},
		{"{\"labels\": [\" a \"]}", 1},
		{"{\"labels\": [\"H\", \"A\"]}", 0.25},
		{"{\"labels\": [\"H\", \"K\", \"A\"]}", 0.25},
		{"{\"labels\": [\"H\", \"K\", \"R\", \"A\"]}", 0},
		{"{\"labels\": [\"never heard of\", \"A\"]}", 0.25},
		{"{\"labels\": [\"A\"], \"scores\": [1e9], \"score\": 1, \"hash\": \"ff\"}", 1},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		reward_row row = reward_one(&host, c, reward_text(cases[i].body));
		ck_assert_int_eq(gate_of(&row), IMAGE_GATE_OPEN);
		ck_assert_msg(row.score > cases[i].score - 1e-12 && row.score < cases[i].score + 1e-12,
					  "%s scores %g", cases[i].body, row.score);
	}
}
END_TEST

START_TEST(test_synonyms_when_accepted_then_right)
{
	const assay_challenge *c = &sample("recognise-06")->challenge; /* ring, annulus, donut */
	ck_assert_double_eq(reward_one(&host, c, reward_text("{\"labels\": [\"Annulus\"]}")).score, 1);
	ck_assert_double_eq(reward_one(&host, c, reward_text("{\"labels\": [\"circle\"]}")).score, 0);
}
END_TEST

static const assay_challenge *weather(void)
{
	static assay_challenge c;
	c = (assay_challenge){
		reward_text("{\"task\": \"classify\", \"labels\": [\"sun\", \"rain\", \"snow\", \"fog\"], "
					"\"distribution\": true}"),
		reward_text("{\"labels\": [\"rain\"]}"), reward_text("{}")};
	return &c;
}

START_TEST(test_distribution_when_uniform_then_chance_level)
{
	reward_row row = reward_one(
		&host, weather(),
		reward_text("{\"labels\": [\"sun\", \"rain\", \"snow\", \"fog\"], \"scores\": [0.25, 0.25, "
					"0.25, 0.25]}"));
	ck_assert_double_eq(reward_part(&host, &row, "top_k1"), 0.25);
	ck_assert_double_eq(reward_part(&host, &row, "top_k2"), 0.75);
	ck_assert_double_eq_tol(reward_part(&host, &row, "brier"), 1 - (0.5625 + 0.1875) / 2, 1e-12);
	row = reward_one(&host, weather(),
					 reward_text("{\"labels\": [\"rain\", \"sun\", \"snow\", \"fog\"], \"scores\": "
								 "[1, 0, 0, 0]}"));
	ck_assert_double_eq(row.score, 1);
}
END_TEST

START_TEST(test_distribution_when_not_one_then_named_gate)
{
	static const struct {
		const char *body;
		image_gate gate;
	} cases[] = {
		{"{\"labels\": [\"sun\", \"rain\"], \"scores\": [0.5, 0.5]}", IMAGE_GATE_LABELS},
		{"{\"labels\": [\"sun\", \"rain\", \"snow\", \"hail\"], \"scores\": [1, 0, 0, 0]}",
		 IMAGE_GATE_LABELS},
		{"{\"labels\": [\"sun\", \"rain\", \"snow\", \"SUN\"], \"scores\": [1, 0, 0, 0]}",
		 IMAGE_GATE_DUPLICATE},
		{"{\"labels\": [\"sun\", \"rain\", \"snow\", \"fog\"], \"scores\": [1, 1, 1, 1]}",
		 IMAGE_GATE_SCORES},
		{"{\"labels\": [\"sun\", \"rain\", \"snow\", \"fog\"], \"scores\": [2, -1, 0, 0]}",
		 IMAGE_GATE_SCORES},
		{"{\"labels\": [\"sun\", \"rain\", \"snow\", \"fog\"], \"scores\": [1, 0, 0]}",
		 IMAGE_GATE_SCORES},
		{"{\"labels\": [\"sun\", \"rain\", \"snow\", \"fog\"]}", IMAGE_GATE_SCORES},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		reward_row row = reward_one(&host, weather(), reward_text(cases[i].body));
		ck_assert_msg(gate_of(&row) == (int)cases[i].gate, "%s: gate %d", cases[i].body,
					  gate_of(&row));
		ck_assert_double_eq(row.score, 0);
	}
}
END_TEST

/* ---- hostile answers ---- */

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

/* ---- rows are alone ---- */

#define BATCH 120

/* A mixed batch over all samples: right, half right, wrong and hostile answers. */
static void make_batch(assay_challenge *c, assay_response *x, test_rng *rng)
{
	static const char *const odd[] = {"{\"labels\": [\"7\", \"A\", \"ring\"]}", "{", "",
									  "{\"png\": \"AAAA\"}"};
	for (size_t i = 0; i < samples_n; i++)
		c[i] = samples[i].challenge;
	for (uint32_t i = 0; i < BATCH; i++) {
		uint32_t to = (uint32_t)test_below(rng, samples_n);
		size_t from = (size_t)test_below(rng, 3) == 0 ? (size_t)test_below(rng, samples_n) : to;
		x[i] = reward_answer(to, test_below(rng, 4) == 0
									 ? reward_text(odd[test_below(rng, ASY_COUNT(odd))])
									 : samples[from].challenge.reference);
		x[i].latency_ms = (uint32_t)test_below(rng, 6000);
		x[i].status = test_below(rng, 10) == 0 ? ASSAY_RESP_TIMEOUT : ASSAY_RESP_OK;
	}
}

START_TEST(test_batch_when_permuted_or_split_then_same_bits)
{
	test_rng rng = {test_seed()};
	assay_challenge *c = calloc(samples_n, sizeof *c);
	static assay_response x[BATCH], shuffled[BATCH];
	static reward_row whole[BATCH], again[BATCH], part;
	uint32_t order[BATCH];
	ck_assert_ptr_nonnull(c);
	make_batch(c, x, &rng);
	ck_assert_int_eq(reward_score(&host, c, (uint32_t)samples_n, x, BATCH, whole), ASSAY_RC_OK);
	ck_assert_int_eq(reward_score(&host, c, (uint32_t)samples_n, x, BATCH, again), ASSAY_RC_OK);
	ck_assert_mem_eq(whole, again, sizeof whole);
	for (uint32_t i = 0; i < BATCH; i++)
		order[i] = i;
	for (uint32_t i = BATCH - 1; i > 0; i--) {
		uint32_t j = (uint32_t)test_below(&rng, i + 1), t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
	for (uint32_t i = 0; i < BATCH; i++)
		shuffled[i] = x[order[i]];
	ck_assert_int_eq(reward_score(&host, c, (uint32_t)samples_n, shuffled, BATCH, again),
					 ASSAY_RC_OK);
	for (uint32_t i = 0; i < BATCH; i++) {
		ck_assert(reward_same_bits(&again[i], &whole[order[i]], IMAGE_C_N));
		ck_assert_int_eq(reward_score(&host, c, (uint32_t)samples_n, &x[i], 1, &part), ASSAY_RC_OK);
		ck_assert(reward_same_bits(&part, &whole[i], IMAGE_C_N));
		if (x[i].status != ASSAY_RESP_OK)
			ck_assert_int_eq(whole[i].flag, 0);
		else
			ck_assert(whole[i].flag == ASSAY_ROW_SCORED && whole[i].score >= 0 &&
					  whole[i].score <= 1);
	}
	free(c);
}
END_TEST

START_TEST(test_latency_when_slow_then_costs_its_weight_at_most)
{
	const reward_sample *s = sample("recognise-02");
	static const uint32_t at[] = {0, 1250, 2500, 4999, 5000, 1000000};
	double last = 2;
	for (size_t i = 0; i < ASY_COUNT(at); i++) {
		assay_response x = reward_answer(0, s->challenge.reference);
		reward_row row;
		x.latency_ms = at[i];
		ck_assert_int_eq(reward_score(&host, &s->challenge, 1, &x, 1, &row), ASSAY_RC_OK);
		ck_assert_double_le(row.score, last);
		ck_assert_double_ge(row.score, 0.9 - 1e-12);
		last = row.score;
	}
}
END_TEST

/* ---- the validator's own mistakes ---- */

START_TEST(test_challenge_when_faulty_then_abstains_with_a_reason)
{
	static const char small[] =
		"{\"png\": \"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAAAXNSR0IArs4c"
		"6QAAAAxJREFUCJljYGRiBgAADgAHgnLJzgAAAABJRU5ErkJggg==\"}";
	const assay_challenge bad[] = {
		{reward_text("{}"), reward_text("{\"labels\": [\"a\"]}"), reward_text("{}")},
		{reward_text("{"), reward_text("{}"), reward_text("{\"task\": \"classify\"}")},
		{reward_text("{}"), reward_text("{}"), reward_text("{\"task\": \"classify\"}")},
		{reward_text("{\"labels\": [\"a\", \"b\"]}"), reward_text("{\"labels\": [\"c\"]}"),
		 reward_text("{\"task\": \"classify\"}")},
		{reward_text("{}"), reward_text("{}"), reward_text("{\"task\": \"restore\"}")},
		{reward_text(small), reward_text(small), reward_text("{\"task\": \"restore\"}")},
		{reward_text("{\"png\": \"AAAA\"}"), reward_text(small),
		 reward_text("{\"task\": \"restore\"}")},
		{reward_text("{}"), reward_text("{}"), reward_text("{\"task\": \"sing\"}")},
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		assay_response x = reward_answer(0, reward_text(small));
		reward_row row;
		host.warned[0] = '\0';
		ck_assert_int_eq(reward_score(&host, &bad[i], 1, &x, 1, &row), ASSAY_RC_OK);
		ck_assert_msg(row.flag == ASSAY_ROW_ABSTAIN, "case %zu: flag %u", i, row.flag);
		ck_assert_str_ne(host.warned, "");
	}
}
END_TEST

START_TEST(test_host_when_it_cancels_then_rows_so_far_are_kept)
{
	assay_challenge c = sample("recognise-02")->challenge;
	assay_response x[4];
	reward_row row[4];
	for (int i = 0; i < 4; i++)
		x[i] = reward_answer(0, c.reference);
	host.stop_after = 3;
	ck_assert_int_eq(reward_score(&host, &c, 1, x, 4, row), ASSAY_RC_CANCELLED);
	ck_assert(row[0].flag == ASSAY_ROW_SCORED && row[1].flag == ASSAY_ROW_SCORED);
	ck_assert(row[2].flag == 0 && row[3].flag == 0);
	ck_assert_str_ne(host.failed, "");
}
END_TEST

START_TEST(test_config_when_wrong_then_refused_with_the_key)
{
	static const char *const bad[][2] = {
		{"{\"k\": []}", "k"},
		{"{\"k\": [0]}", "k[0]"},
		{"{\"k\": [1, 2, 3, 4, 5]}", "k"},
		{"{\"k\": 3}", "k"},
		{"{\"limits\": {\"bytes\": 1}}", "limits.bytes"},
		{"{\"limits\": {\"pixels\": 26000000}}", "limits.pixels"},
		{"{\"latency\": {\"weight\": 0.5}}", "latency.weight"},
		{"[", "configuration"},
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		reward_host h;
		ck_assert_int_eq(reward_open(&h, bad[i][0]), ASSAY_RC_CONFIG);
		ck_assert_msg(strstr(h.failed, bad[i][1]) != NULL, "%s: \"%s\"", bad[i][0], h.failed);
		ck_assert_ptr_null(h.plugin);
	}
}
END_TEST

START_TEST(test_schema_when_read_then_states_the_real_defaults)
{
	asy_json *doc = NULL;
	assay_err err;
	image_settings s;
	uint64_t bytes, pixels, deadline, k;
	double weight;
	const char *schema = host.desc->info->config_schema;
	ck_ok(asy_json_parse(asy_span_str(schema), NULL, &doc, &err), err);
	asy_jv p = asy_jv_get(asy_json_root(doc), "properties");
	asy_jv limits = asy_jv_get(asy_jv_get(p, "limits"), "properties");
	asy_jv latency = asy_jv_get(asy_jv_get(p, "latency"), "properties");
	ck_ok(asy_jv_u64(asy_jv_get(asy_jv_get(limits, "bytes"), "default"), &bytes, &err), err);
	ck_ok(asy_jv_u64(asy_jv_get(asy_jv_get(limits, "pixels"), "default"), &pixels, &err), err);
	ck_ok(asy_jv_u64(asy_jv_get(asy_jv_get(latency, "deadline_ms"), "default"), &deadline, &err),
		  err);
	ck_ok(asy_jv_f64(asy_jv_get(asy_jv_get(latency, "weight"), "default"), &weight, &err), err);
	ck_assert_int_eq(image_settings_read(&s, reward_text("{}"), NULL), ASSAY_RC_OK);
	ck_assert_uint_eq(bytes, s.max_body_bytes);
	ck_assert_uint_eq(pixels, s.max_pixels);
	ck_assert_uint_eq(deadline, s.deadline_ms);
	ck_assert_double_eq(weight, s.latency_weight);
	asy_jv list = asy_jv_get(asy_jv_get(p, "k"), "default");
	ck_assert_uint_eq(asy_jv_size(list), s.k_n);
	for (size_t i = 0; i < s.k_n; i++) {
		ck_ok(asy_jv_u64(asy_jv_at(list, i), &k, &err), err);
		ck_assert_uint_eq(k, s.k[i]);
	}
	asy_json_free(doc);
}
END_TEST

START_TEST(test_large_original_when_scored_then_multi_scale_and_bounded)
{
	/* 1024 x 768: multi-scale SSIM of three channels */
	test_rng rng = {3};
	image_raster original = picture_scene(1024, 768);
	image_raster noise = picture_random(&rng, 1024, 768);
	image_raster in = picture_blend(&original, &noise, 50, 0, &rng);
	image_raster half = picture_blend(&in, &original, 50, 0, &rng);
	asy_buf prompt = {0}, reference = {0}, body = {0};
	struct rusage use;
	answer_with(&prompt, &in, "");
	answer_with(&reference, &original, "");
	answer_with(&body, &half, "");
	assay_challenge c = {bytes_of(&prompt), bytes_of(&reference),
						 reward_text("{\"task\": \"restore\"}")};
	reward_row row = reward_one(&host, &c, bytes_of(&body));
	ck_assert_msg(row.score > 0.1 && row.score < 1, "flag %u gate %d score %g (%s)", row.flag,
				  gate_of(&row), row.score, host.warned);
	(void)getrusage(RUSAGE_SELF, &use);
	printf("1024x768 restored: score %.6f, peak RSS of the test %ld KiB\n", row.score,
		   use.ru_maxrss);
	asy_buf_fini(&prompt);
	asy_buf_fini(&reference);
	asy_buf_fini(&body);
	image_raster_fini(&original);
	image_raster_fini(&noise);
	image_raster_fini(&in);
	image_raster_fini(&half);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_samples_when_answered_by_the_reference_then_nearly_one);
	tcase_add_test(tc, test_samples_when_the_input_is_sent_back_then_zero);
	tcase_add_test(tc, test_samples_when_restored_further_then_score_rises);
	tcase_add_test(tc, test_labels_when_ranked_then_weighed_by_place);
	tcase_add_test(tc, test_synonyms_when_accepted_then_right);
	tcase_add_test(tc, test_distribution_when_uniform_then_chance_level);
	tcase_add_test(tc, test_distribution_when_not_one_then_named_gate);
	tcase_add_test(tc, test_bodies_when_not_an_answer_then_zero_with_gate);
	tcase_add_test(tc, test_base64_when_garbage_then_gate);
	tcase_add_test(tc, test_files_of_the_vectors_when_answered_then_zero_in_little_memory);
	tcase_add_test(tc, test_body_when_sixteen_mebibytes_then_bounded);
	tcase_add_test(tc, test_labels_when_too_many_then_gate);
	tcase_add_test(tc, test_answers_when_cut_or_bent_then_never_better);
	tcase_add_test(tc, test_claims_when_added_to_an_answer_then_ignored);
	tcase_add_test(tc, test_size_when_transposed_or_tiny_then_zero);
	tcase_add_test(tc, test_original_when_returned_bit_for_bit_then_flagged);
	tcase_add_test(tc, test_batch_when_permuted_or_split_then_same_bits);
	tcase_add_test(tc, test_latency_when_slow_then_costs_its_weight_at_most);
	tcase_add_test(tc, test_challenge_when_faulty_then_abstains_with_a_reason);
	tcase_add_test(tc, test_host_when_it_cancels_then_rows_so_far_are_kept);
	tcase_add_test(tc, test_config_when_wrong_then_refused_with_the_key);
	tcase_add_test(tc, test_schema_when_read_then_states_the_real_defaults);
	tcase_add_test(tc, test_large_original_when_scored_then_multi_scale_and_bounded);
}

int main(void)
{
	return test_main("image_plugin", fill, 60);
}
