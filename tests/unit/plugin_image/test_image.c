/* The image plugin through its contract: samples, recognition, independence of rows,
 * configuration. */
#include <sys/resource.h>
#include "image/settings.h"
#include "unit/plugin_image/fixture.h"

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
	double n = (double)asy_jv_size(
		asy_jv_get(reward_sample_get(sample("recognise-02"), "prompt"), "labels"));
	/* second or third place earns 0.2 of 0.8, less what a guess earns on average */
	double guess = (0.6 / n + 0.2 * 3 / n) / 0.8, third = (0.25 - guess) / (1 - guess);
	const struct {
		const char *body;
		double score;
	} cases[] = {
		{"{\"labels\": [\"A\"]}", 1},
		{"{\"labels\": [\" a \"]}", 1},
		{"{\"labels\": [\"H\", \"A\"]}", third},
		{"{\"labels\": [\"H\", \"K\", \"A\"]}", third},
		{"{\"labels\": [\"H\", \"K\", \"R\", \"A\"]}", 0},
		{"{\"labels\": [\"never heard of\", \"A\"]}", third},
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
	ck_assert_double_eq_tol(reward_one(&host, c, reward_text("{\"labels\": [\"Annulus\"]}")).score,
							1, 1e-12);
	ck_assert_double_eq(reward_one(&host, c, reward_text("{\"labels\": [\"circle\"]}")).score, 0);
}
END_TEST

static const assay_challenge *weather(void)
{
	static assay_challenge c;
	c = (assay_challenge){
		.prompt = reward_text(
			"{\"task\": \"classify\", \"labels\": [\"sun\", \"rain\", \"snow\", \"fog\"], "
			"\"distribution\": true}"),
		.reference = reward_text("{\"labels\": [\"rain\"]}"),
		.meta_json = reward_text("{}")};
	return &c;
}

START_TEST(test_distribution_when_uniform_then_chance_level_earns_nothing)
{
	reward_row row = reward_one(
		&host, weather(),
		reward_text("{\"labels\": [\"sun\", \"rain\", \"snow\", \"fog\"], \"scores\": [0.25, 0.25, "
					"0.25, 0.25]}"));
	ck_assert_double_eq(reward_part(&host, &row, "top_k1"), 0.25);
	ck_assert_double_eq(reward_part(&host, &row, "top_k2"), 0.75);
	ck_assert_double_eq_tol(reward_part(&host, &row, "brier"), 1 - (0.5625 + 0.1875) / 2, 1e-12);
	ck_assert_double_eq_tol(reward_part(&host, &row, "log_skill"), 0, 1e-12);
	ck_assert_double_eq_tol(row.score, 0, 1e-12);
	row = reward_one(&host, weather(),
					 reward_text("{\"labels\": [\"rain\", \"sun\", \"snow\", \"fog\"], \"scores\": "
								 "[1, 0, 0, 0]}"));
	ck_assert_double_eq_tol(row.score, 1, 1e-12);
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
		{.prompt = reward_text("{}"),
		 .reference = reward_text("{\"labels\": [\"a\"]}"),
		 .meta_json = reward_text("{}")},
		{.prompt = reward_text("{"),
		 .reference = reward_text("{}"),
		 .meta_json = reward_text("{\"task\": \"classify\"}")},
		{.prompt = reward_text("{}"),
		 .reference = reward_text("{}"),
		 .meta_json = reward_text("{\"task\": \"classify\"}")},
		{.prompt = reward_text("{\"labels\": [\"a\", \"b\"]}"),
		 .reference = reward_text("{\"labels\": [\"c\"]}"),
		 .meta_json = reward_text("{\"task\": \"classify\"}")},
		{.prompt = reward_text("{}"),
		 .reference = reward_text("{}"),
		 .meta_json = reward_text("{\"task\": \"restore\"}")},
		{.prompt = reward_text(small),
		 .reference = reward_text(small),
		 .meta_json = reward_text("{\"task\": \"restore\"}")},
		{.prompt = reward_text("{\"png\": \"AAAA\"}"),
		 .reference = reward_text(small),
		 .meta_json = reward_text("{\"task\": \"restore\"}")},
		{.prompt = reward_text("{}"),
		 .reference = reward_text("{}"),
		 .meta_json = reward_text("{\"task\": \"sing\"}")},
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
	host.stop_after = 2;
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
	ck_assert_uint_eq(deadline, s.latency.deadline_ms);
	ck_assert_double_eq(weight, s.latency.weight);
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
	assay_challenge c = {.prompt = bytes_of(&prompt),
						 .reference = bytes_of(&reference),
						 .meta_json = reward_text("{\"task\": \"restore\"}")};
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
	tcase_add_test(tc, test_distribution_when_uniform_then_chance_level_earns_nothing);
	tcase_add_test(tc, test_distribution_when_not_one_then_named_gate);
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
