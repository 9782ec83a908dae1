/* What the image reward pays for: restoring and not blurring, finding and not spraying,
 * the same generation and not its hash; copies share. */
#include <math.h>
#include "image/settings.h"
#include "image/novelty.h"
#include "unit/plugin_image/fixture.h"

static reward_row score_raster(const assay_challenge *c, const image_raster *r)
{
	asy_buf body = {0};
	answer_with(&body, r, "");
	reward_row row = reward_one(&host, c, bytes_of(&body));
	ck_assert_int_eq(row.flag, ASSAY_ROW_SCORED);
	asy_buf_fini(&body);
	return row;
}

/* ---- restore ---- */

/* What a miner without any skill can send, made from the degraded input. */
enum { FREE_N = 16 };
static image_raster for_nothing(const image_raster *in, int kind)
{
	image_raster p = {in->w, in->h, 0, malloc((size_t)in->w * in->h * 3)}, b = {0};
	size_t n = (size_t)in->w * in->h * 3;
	ck_assert_ptr_nonnull(p.rgb);
	if (kind < 2 * IMAGE_MIXED) { /* blurs and a median, and halfway to each */
		ck_assert_int_eq(image_mixed(in, (unsigned)kind % IMAGE_MIXED, &b), IMAGE_DONE);
		for (size_t i = 0; i < n; i++)
			p.rgb[i] = (uint8_t)(kind < IMAGE_MIXED ? b.rgb[i] : (b.rgb[i] + in->rgb[i]) / 2);
		image_raster_fini(&b);
		return p;
	}
	for (size_t i = 0; i < n; i++) {
		int v = in->rgb[i];
		int x = kind == 10   ? 255 - v     /* negative   */
				: kind == 11 ? v * 8 / 10  /* darker     */
				: kind == 12 ? v / 2 + 127 /* brighter   */
				: kind == 13 ? 64 + v / 2  /* flatter    */
				: kind == 14 ? 255         /* white      */
							 : 128;        /* grey       */
		p.rgb[i] = (uint8_t)(x > 255 ? 255 : x);
	}
	return p;
}

/* A box blur by hand: none of the blurs that the plugin itself makes. */
static image_raster box(const image_raster *in, int radius)
{
	image_raster p = {in->w, in->h, 0, malloc((size_t)in->w * in->h * 3)};
	ck_assert_ptr_nonnull(p.rgb);
	for (int64_t y = 0; y < in->h; y++)
		for (int64_t x = 0; x < in->w; x++)
			for (int64_t c = 0; c < 3; c++) {
				int64_t sum = 0, n = 0;
				for (int64_t v = y - radius; v <= y + radius; v++)
					for (int64_t u = x - radius; u <= x + radius; u++)
						if (u >= 0 && v >= 0 && u < in->w && v < in->h) {
							sum += in->rgb[(v * in->w + u) * 3 + c];
							n++;
						}
				p.rgb[(y * in->w + x) * 3 + c] = (uint8_t)(sum / n);
			}
	return p;
}

START_TEST(test_restore_when_answered_for_nothing_then_earns_nothing)
{
	double worst = 0;
	for (size_t i = 0; i < samples_n; i++) {
		if (strncmp(samples[i].id, "restore", 7) != 0)
			continue;
		image_raster in = raster_of(&samples[i], "prompt");
		for (int kind = 0; kind < FREE_N; kind++) {
			image_raster x = for_nothing(&in, kind);
			reward_row row = score_raster(&samples[i].challenge, &x);
			ck_assert_msg(row.score <= 0.02, "%s kind %d earns %g", samples[i].id, kind, row.score);
			worst = fmax(worst, row.score);
			image_raster_fini(&x);
		}
		for (int radius = 1; radius <= 4; radius++) {
			image_raster x = box(&in, radius);
			reward_row row = score_raster(&samples[i].challenge, &x);
			ck_assert_msg(row.score <= 0.05, "%s box %d earns %g", samples[i].id, radius,
						  row.score);
			worst = fmax(worst, row.score);
			image_raster_fini(&x);
		}
		image_raster_fini(&in);
	}
	printf("most that an answer for nothing earned: %.4f\n", worst);
}
END_TEST

START_TEST(test_restore_when_skills_differ_then_rewards_do)
{
	test_rng rng = {test_seed()};
	for (size_t i = 0; i < samples_n; i++) {
		if (strncmp(samples[i].id, "restore", 7) != 0)
			continue;
		image_raster in = raster_of(&samples[i], "prompt");
		image_raster original = raster_of(&samples[i], "reference");
		image_raster good = picture_blend(&in, &original, 97, 0, &rng);
		image_raster weak = picture_blend(&in, &original, 55, 0, &rng);
		double a = score_raster(&samples[i].challenge, &good).score;
		double b = score_raster(&samples[i].challenge, &weak).score;
		ck_assert_msg(a >= 2 * b && a > 0.8, "%s: %g against %g", samples[i].id, a, b);
		image_raster_fini(&in);
		image_raster_fini(&original);
		image_raster_fini(&good);
		image_raster_fini(&weak);
	}
}
END_TEST

/* Two programs that go most of the way and smooth in their own ways, a second run of the
 * first with other noise, and a copy of it that is noisy, darker and flatter. */
START_TEST(test_restore_when_disguised_then_copies_share_and_independent_ones_do_not)
{
	test_rng rng = {7};
	for (size_t at = 0; at < samples_n; at++) {
		if (strncmp(samples[at].id, "restore-", 8) != 0)
			continue;
		image_raster in = raster_of(&samples[at], "prompt");
		image_raster original = raster_of(&samples[at], "reference"), smooth[2], x[4];
		asy_buf body[4] = {{0}};
		assay_response r[4];
		reward_row row[4];
		ck_assert_int_eq(image_mixed(&original, 0, &smooth[0]), IMAGE_DONE);
		ck_assert_int_eq(image_mixed(&original, IMAGE_MIXED - 1, &smooth[1]), IMAGE_DONE);
		x[0] = picture_blend(&original, &smooth[0], 60, 3, &rng);
		x[1] = picture_blend(&original, &smooth[1], 60, 3, &rng);
		x[2] = picture_blend(&original, &smooth[0], 60, 3, &rng);
		x[3] = picture_blend(&x[0], &x[0], 0, 2, &rng);
		for (size_t k = 0; k < (size_t)in.w * in.h * 3; k++)
			x[3].rgb[k] = (uint8_t)(x[3].rgb[k] > 4 ? x[3].rgb[k] * 98 / 100 - 2 : x[3].rgb[k]);
		for (int i = 0; i < 4; i++) {
			answer_with(&body[i], &x[i], "");
			r[i] = reward_answer(0, bytes_of(&body[i]));
		}
		ck_assert_int_eq(reward_score(&host, &samples[at].challenge, 1, r, 4, row), ASSAY_RC_OK);
		for (int i = 0; i < 4; i++) {
			double factor = reward_part(&host, &row[i], "duplicate_factor");
			double want = i == 0 || i == 3 ? 0.5 : 1;
			ck_assert_msg(row[i].score <= 0 || row[3].score <= 0 || fabs(factor - want) < 1e-9,
						  "%s: answer %d has factor %g", samples[at].id, i, factor);
			image_raster_fini(&x[i]);
			asy_buf_fini(&body[i]);
		}
		image_raster_fini(&in);
		image_raster_fini(&original);
		image_raster_fini(&smooth[0]);
		image_raster_fini(&smooth[1]);
	}
}
END_TEST

START_TEST(test_restore_when_copied_then_the_copies_share_and_others_do_not)
{
	test_rng rng = {5};
	const reward_sample *s = sample("restore-01");
	image_raster in = raster_of(s, "prompt"), original = raster_of(s, "reference");
	image_raster mine = picture_blend(&in, &original, 90, 3, &rng);
	image_raster other = picture_blend(&in, &original, 90, 3, &rng);
	asy_buf body[2] = {{0}, {0}};
	assay_response x[11];
	reward_row row[11], alone = score_raster(&s->challenge, &mine);
	double sum = 0;
	answer_with(&body[0], &mine, "");
	answer_with(&body[1], &other, "");
	for (int i = 0; i < 11; i++)
		x[i] = reward_answer(0, bytes_of(&body[i == 10]));
	ck_assert_int_eq(reward_score(&host, &s->challenge, 1, x, 11, row), ASSAY_RC_OK);
	for (int i = 0; i < 10; i++)
		sum += row[i].score;
	ck_assert_double_le(sum, 1.1 * alone.score);
	ck_assert_double_eq(reward_part(&host, &row[10], "duplicate_factor"), 1);
	/* one changed pixel does not make it another answer */
	mine.rgb[0] ^= 1;
	asy_buf changed = {0};
	answer_with(&changed, &mine, "");
	x[0] = reward_answer(0, bytes_of(&changed));
	ck_assert_int_eq(reward_score(&host, &s->challenge, 1, x, 2, row), ASSAY_RC_OK);
	ck_assert_double_eq(reward_part(&host, &row[0], "duplicate_factor"), 0.5);
	asy_buf_fini(&changed);
	asy_buf_fini(&body[0]);
	asy_buf_fini(&body[1]);
	image_raster_fini(&in);
	image_raster_fini(&original);
	image_raster_fini(&mine);
	image_raster_fini(&other);
}
END_TEST

/* ---- detect ---- */

static const assay_challenge *street(void)
{
	static assay_challenge c;
	c = (assay_challenge){
		.prompt = reward_text("{\"task\": \"detect\", \"labels\": [\"car\", \"person\"]}"),
		.reference = reward_text(
			"{\"size\": [200, 100], \"boxes\": [{\"box\": [10, 10, 40, 20], \"label\": \"car\"},"
			"{\"box\": [100, 40, 10, 30], \"label\": \"person\"},"
			"{\"box\": [150, 20, 40, 40], \"label\": \"person\", \"crowd\": true}]}"),
		.meta_json = reward_text("{}")};
	return &c;
}

static double detect(const char *detections)
{
	char body[8192];
	(void)snprintf(body, sizeof body, "{\"detections\": [%s]}", detections);
	return reward_one(&host, street(), reward_text(body)).score;
}

START_TEST(test_detect_when_right_shifted_wrong_or_sprayed_then_graded)
{
	const char *const right = "{\"box\": [10, 10, 40, 20], \"label\": \"Car\", \"score\": 0.9},"
							  "{\"box\": [100, 40, 10, 30], \"label\": \"person\", \"score\": 0.8}";
	double full = detect(right);
	ck_assert_double_eq_tol(full, 1, 1e-12);
	double near = detect("{\"box\": [12, 11, 40, 20], \"label\": \"car\", \"score\": 0.9},"
						 "{\"box\": [101, 42, 10, 30], \"label\": \"person\", \"score\": 0.8}");
	ck_assert(near > 0.6 && near < full);
	ck_assert_double_eq(detect(""), 0);
	ck_assert_double_eq(detect("{\"box\": [10, 10, 40, 20], \"label\": \"person\", \"score\": 1}"),
						0);
	/* a box the size of the image for every class, and a grid of them */
	ck_assert_double_eq(detect("{\"box\": [0, 0, 200, 100], \"label\": \"car\", \"score\": 1},"
							   "{\"box\": [0, 0, 200, 100], \"label\": \"person\", \"score\": 1}"),
						0);
	char grid[8192] = "";
	size_t n = 0;
	for (int y = 0; y < 5; y++)
		for (int x = 0; x < 10; x++)
			n += (size_t)snprintf(grid + n, sizeof grid - n,
								  "%s{\"box\": [%d, %d, 20, 20], \"label\": \"%s\", \"score\": 1}",
								  n > 0 ? "," : "", x * 20, y * 20, x % 2 ? "car" : "person");
	ck_assert_double_le(detect(grid), 0.1);
}
END_TEST

START_TEST(test_detect_when_boxes_cannot_be_then_dropped_or_gate)
{
	static const struct {
		const char *body;
		int gate;
	} row[] = {
		{"{\"detections\": [{\"box\": [10, 10, 0, 20], \"label\": \"car\", \"score\": 1}]}",
		 IMAGE_GATE_BOXES},
		{"{\"detections\": [{\"box\": [10, 10, 5], \"label\": \"car\", \"score\": 1}]}",
		 IMAGE_GATE_BOXES},
		{"{\"detections\": [{\"box\": [500, 10, 5, 5], \"label\": \"car\", \"score\": 1}]}",
		 IMAGE_GATE_BOXES},
		{"{\"detections\": [{\"box\": [10, 10, 5, 5], \"label\": \"car\", \"score\": null}]}",
		 IMAGE_GATE_BOXES},
		{"{\"detections\": [{\"box\": [10, 10, 5, 5], \"label\": \"bus\", \"score\": 1}]}",
		 IMAGE_GATE_BOXES},
		{"{\"detections\": {}}", IMAGE_GATE_MALFORMED},
		{"[]", IMAGE_GATE_MALFORMED},
		{"{\"detections\": []}", IMAGE_GATE_OPEN},
	};
	for (size_t i = 0; i < ASY_COUNT(row); i++) {
		reward_row r = reward_one(&host, street(), reward_text(row[i].body));
		ck_assert_msg(gate_of(&r) == row[i].gate, "%s: gate %d", row[i].body, gate_of(&r));
		ck_assert_double_eq(r.score, 0);
	}
}
END_TEST

START_TEST(test_detect_when_nothing_is_there_then_silence_is_right)
{
	const assay_challenge empty = {.prompt =
									   reward_text("{\"task\": \"detect\", \"labels\": [\"car\"]}"),
								   .reference = reward_text("{\"boxes\": []}"),
								   .meta_json = reward_text("{}")};
	ck_assert_double_eq(reward_one(&host, &empty, reward_text("{\"detections\": []}")).score, 1);
	double one =
		reward_one(&host, &empty,
				   reward_text("{\"detections\": [{\"box\": [1, 1, 5, 5], \"label\": \"car\", "
							   "\"score\": 0.9}]}"))
			.score;
	ck_assert_double_eq_tol(one, 0.75, 1e-12);
}
END_TEST

/* ---- classify_set ---- */

START_TEST(test_set_when_the_commonest_class_is_always_named_then_nothing)
{
	const assay_challenge c = {
		.prompt = reward_text("{\"task\": \"classify_set\", \"labels\": [\"cat\", \"dog\"]}"),
		.reference = reward_text("{\"labels\": [\"cat\", \"cat\", \"cat\", \"cat\", \"dog\"]}"),
		.meta_json = reward_text("{}")};
	ck_assert_double_eq_tol(reward_one(&host, &c, c.reference).score, 1, 1e-12);
	double lazy =
		reward_one(&host, &c,
				   reward_text("{\"labels\": [\"cat\", \"cat\", \"cat\", \"cat\", \"cat\"]}"))
			.score;
	ck_assert_double_le(lazy, 1e-9);
	reward_row row = reward_one(&host, &c, reward_text("{\"labels\": [\"cat\", \"dog\"]}"));
	ck_assert_int_eq(gate_of(&row), IMAGE_GATE_LABELS);
	row = reward_one(&host, &c, reward_text("{\"labels\": \"cat\"}"));
	ck_assert_int_eq(gate_of(&row), IMAGE_GATE_MALFORMED);
}
END_TEST

static void open_preset(reward_host *h, const char *name)
{
	char path[512], config[4096];
	(void)snprintf(path, sizeof path, "%s/plugins/image/presets/%s.json", ASSAY_SOURCE_DIR, name);
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "%s", path);
	config[fread(config, 1, sizeof config - 1, f)] = '\0';
	(void)fclose(f);
	ck_assert_int_eq(reward_open(h, config), ASSAY_RC_OK);
}

/* The right label among five; one of two things found has an average precision of 51 / 101. */
START_TEST(test_presets_when_asked_then_the_published_formula)
{
	reward_host h;
	assay_challenge c = {.prompt = reward_text("{\"task\": \"classify\"}"),
						 .reference = reward_text("{\"labels\": [\"cat\"]}"),
						 .meta_json = reward_text("{}")};
	open_preset(&h, "imagenet_top5");
	ck_assert_double_eq(
		reward_one(&h, &c, reward_text("{\"labels\": [\"a\", \"b\", \"c\", \"d\", \"cat\"]}"))
			.score,
		1);
	ck_assert_double_eq(
		reward_one(&h, &c,
				   reward_text("{\"labels\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"cat\"]}"))
			.score,
		0);
	reward_close(&h);
	c.prompt = reward_text("{\"task\": \"detect\", \"labels\": [\"a\"]}");
	c.reference = reward_text("{\"boxes\": [{\"box\": [0, 0, 10, 10], \"label\": \"a\"}, "
							  "{\"box\": [50, 50, 10, 10], \"label\": \"a\"}]}");
	open_preset(&h, "coco");
	reward_row r = reward_one(
		&h, &c,
		reward_text(
			"{\"detections\": [{\"box\": [0, 0, 10, 10], \"label\": \"a\", \"score\": 1}]}"));
	ck_assert_double_eq_tol(r.score, 51.0 / 101, 1e-12);
	reward_close(&h);
}
END_TEST

/* Scores are judged by their order; who was asked for them must give them. */
START_TEST(test_set_when_scores_are_asked_then_their_order_is_measured)
{
	static const struct {
		const char *body;
		double auc, precision;
		int gate;
	} cases[] = {
		{"{\"labels\": [\"cat\", \"cat\", \"dog\"], \"scores\": [0.1, 0.2, 0.9]}", 1, 1,
		 IMAGE_GATE_OPEN},
		{"{\"labels\": [\"cat\", \"cat\", \"dog\"], \"scores\": [5, -3, 1]}", 0.5, 0.5,
		 IMAGE_GATE_OPEN},
		{"{\"labels\": [\"cat\", \"cat\", \"dog\"], \"scores\": [1, 1, 1]}", 0.5, 1.0 / 3,
		 IMAGE_GATE_OPEN},
		{"{\"labels\": [\"cat\", \"cat\", \"dog\"]}", NAN, NAN, IMAGE_GATE_MALFORMED},
		{"{\"labels\": [\"cat\", \"cat\", \"dog\"], \"scores\": [1, 1]}", NAN, NAN,
		 IMAGE_GATE_MALFORMED},
		{"{\"labels\": [\"cat\", \"cat\", \"dog\"], \"scores\": [1, null, 1]}", NAN, NAN,
		 IMAGE_GATE_MALFORMED},
	};
	assay_challenge c = {
		.prompt =
			reward_text("{\"task\": \"classify_set\", \"labels\": [\"cat\", \"dog\"], \"scores\": "
						"true}"),
		.reference = reward_text("{\"labels\": [\"cat\", \"cat\", \"dog\"]}"),
		.meta_json = reward_text("{}")};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		reward_row row = reward_one(&host, &c, reward_text(cases[i].body));
		ck_assert_int_eq(gate_of(&row), cases[i].gate);
		double auc = reward_part(&host, &row, "roc_auc");
		double precision = reward_part(&host, &row, "average_precision");
		ck_assert(isnan(auc) == isnan(cases[i].auc));
		if (!isnan(auc)) {
			ck_assert_double_eq_tol(auc, cases[i].auc, 1e-12);
			ck_assert_double_eq_tol(precision, cases[i].precision, 1e-12);
		}
	}
	c.prompt = reward_text(
		"{\"task\": \"classify_set\", \"labels\": [\"a\", \"b\", \"c\"], \"scores\": true}");
	c.reference = reward_text("{\"labels\": [\"a\", \"b\", \"c\"]}");
	ck_assert_uint_eq(reward_one(&host, &c, c.reference).flag, ASSAY_ROW_ABSTAIN);
}
END_TEST

/* ---- generate ---- */

START_TEST(test_generate_when_same_near_or_junk_then_graded)
{
	test_rng rng = {9};
	image_raster r = picture_scene(96, 96), noise = picture_random(&rng, 96, 96);
	image_raster near = picture_blend(&r, &noise, 6, 0, &rng),
				 far = picture_blend(&r, &noise, 60, 0, &rng);
	image_raster flat = for_nothing(&r, 15);
	asy_buf reference = {0};
	answer_with(&reference, &r, "");
	assay_challenge c = {.prompt = reward_text("{\"task\": \"generate\", \"prompt\": \"a scene\"}"),
						 .reference = bytes_of(&reference),
						 .meta_json = reward_text("{}")};
	ck_assert_double_eq_tol(score_raster(&c, &r).score, 1, 1e-12);
	ck_assert_double_eq_tol(score_raster(&c, &near).score, 1, 1e-12);
	double junk = score_raster(&c, &far).score;
	ck_assert(junk < 0.4);
	ck_assert_double_le(score_raster(&c, &noise).score, 0.05);
	reward_row row = score_raster(&c, &flat);
	ck_assert_int_eq(gate_of(&row), IMAGE_GATE_INSANE);
	ck_assert(isnan(row.component[IMAGE_C_SSIM]));
	asy_buf_fini(&reference);
	image_raster_fini(&r);
	image_raster_fini(&noise);
	image_raster_fini(&near);
	image_raster_fini(&far);
	image_raster_fini(&flat);
}
END_TEST

/* ---- a closed gate ---- */

START_TEST(test_gate_when_closed_then_nothing_is_measured)
{
	reward_row row = reward_one(&host, street(), reward_text("[]"));
	for (int i = 0; i < IMAGE_C_N; i++)
		ck_assert_msg(i == IMAGE_C_GATE || isnan(row.component[i]), "%s is %g",
					  image_component_name[i], row.component[i]);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_restore_when_answered_for_nothing_then_earns_nothing);
	tcase_add_test(tc, test_restore_when_skills_differ_then_rewards_do);
	tcase_add_test(tc, test_restore_when_copied_then_the_copies_share_and_others_do_not);
	tcase_add_test(tc, test_restore_when_disguised_then_copies_share_and_independent_ones_do_not);
	tcase_add_test(tc, test_detect_when_right_shifted_wrong_or_sprayed_then_graded);
	tcase_add_test(tc, test_detect_when_boxes_cannot_be_then_dropped_or_gate);
	tcase_add_test(tc, test_detect_when_nothing_is_there_then_silence_is_right);
	tcase_add_test(tc, test_set_when_the_commonest_class_is_always_named_then_nothing);
	tcase_add_test(tc, test_presets_when_asked_then_the_published_formula);
	tcase_add_test(tc, test_set_when_scores_are_asked_then_their_order_is_measured);
	tcase_add_test(tc, test_generate_when_same_near_or_junk_then_graded);
	tcase_add_test(tc, test_gate_when_closed_then_nothing_is_measured);
}

int main(void)
{
	return test_main("image_reward", fill, 60);
}
