/* The text plugin through its contract: every shipped sample, every hostile body, and
 * the promises of purity. */
#include <math.h>
#include "support/reward.h"

enum { GATE_EMPTY = 1, GATE_OVERSIZE = 2, GATE_MALFORMED = 3, GATE_COPY = 16 };

static const char samples_path[] = "plugins/text/samples/text.jsonl";

/* {"completion": s} with s escaped. Freed by the caller. */
static asy_buf body_of(const char *s, size_t len)
{
	asy_buf b = {0};
	asy_jw w = asy_jw_out(&b, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, "completion");
	asy_jw_strn(&w, s, len);
	asy_jw_end_object(&w);
	assay_err err;
	ck_ok(asy_jw_end(&w, &err), err);
	return b;
}

static assay_bytes span(const asy_buf *b)
{
	return (assay_bytes){b->ptr, b->len};
}

static assay_challenge challenge(const char *prompt, const char *reference)
{
	return (assay_challenge){.prompt = reward_text(prompt),
							 .reference = reward_text(reference),
							 .meta_json = reward_text("{}")};
}

static reward_row say(reward_host *h, const assay_challenge *c, const char *s)
{
	asy_buf b = body_of(s, strlen(s));
	reward_row r = reward_one(h, c, span(&b));
	asy_buf_fini(&b);
	return r;
}

static const char long_prompt[] = "{\"id\":\"q\",\"question\":\"Why is the sky blue?\"}";
static const char long_reference[] =
	"{\"answers\":[\"Sunlight is scattered by the air, and blue light is scattered much more "
	"strongly than red light, so it reaches us from everywhere.\"]}";
static const char long_answer[] =
	"Sunlight is scattered by the air, and blue light is scattered much more strongly than red "
	"light, so it reaches us from everywhere.";

/* ---- honest answers ---- */

START_TEST(test_samples_when_answered_perfectly_then_near_one)
{
	size_t n;
	reward_sample *all = reward_samples(samples_path, &n);
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	ck_assert_uint_ge(n, 50);
	for (size_t i = 0; i < n; i++) {
		asy_jv answers = asy_jv_get(reward_sample_get(&all[i], "reference"), "answers");
		ck_assert_uint_ge(asy_jv_size(answers), 1);
		for (size_t k = 0; k < asy_jv_size(answers); k++) {
			const char *s;
			size_t len;
			assay_err err;
			ck_ok(asy_jv_str(asy_jv_at(answers, k), &s, &len, &err), err);
			reward_row r = say(&h, &all[i].challenge, s);
			ck_assert_msg(r.flag == ASSAY_ROW_SCORED && r.score >= 0.95, "%s: %f", all[i].id,
						  r.score);
		}
	}
	reward_close(&h);
	reward_samples_free(all, n);
}
END_TEST

START_TEST(test_samples_when_answered_for_another_then_low)
{
	size_t n;
	reward_sample *all = reward_samples(samples_path, &n);
	reward_host h;
	double sum = 0;
	size_t high = 0;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (size_t i = 0; i < n; i++) {
		const char *s;
		size_t len;
		assay_err err;
		asy_jv other = asy_jv_get(reward_sample_get(&all[(i + 7) % n], "reference"), "answers");
		ck_ok(asy_jv_str(asy_jv_at(other, 0), &s, &len, &err), err);
		reward_row r = say(&h, &all[i].challenge, s);
		high += r.score > 0.35; /* two texts about air and warmth share words */
		sum += r.score;
	}
	ck_assert_double_le(sum / (double)n, 0.05);
	ck_assert_uint_le(high, 1);
	reward_close(&h);
	reward_samples_free(all, n);
}
END_TEST

/* quality times every measured factor, in both profiles. */
START_TEST(test_score_when_read_from_components_then_their_product)
{
	static const char *const configs[] = {"{}", "{\"profile\":\"parity\"}"};
	const assay_challenge c = challenge(long_prompt, long_reference);
	for (size_t k = 0; k < ASY_COUNT(configs); k++) {
		reward_host h;
		ck_assert_int_eq(reward_open(&h, configs[k]), ASSAY_RC_OK);
		reward_row r =
			say(&h, &c, "Blue light is scattered more strongly than red light by the air.");
		double product = reward_part(&h, &r, "quality");
		for (uint32_t i = 0; i < h.desc->info->component_n; i++)
			if (strstr(h.desc->info->component_name[i], "_factor") != NULL &&
				!isnan(r.component[i]))
				product *= r.component[i];
		ck_assert_double_eq_tol(r.score, product, 1e-15);
		ck_assert(r.score > 0.1 && r.score < 0.9);
		reward_close(&h);
	}
}
END_TEST

START_TEST(test_short_when_judged_by_overlap_then_sentence_costs)
{
	const assay_challenge c = challenge("{\"id\":\"q\",\"question\":\"?\"}",
										"{\"answers\":[\"Johannes Kepler\",\"Kepler\"]}");
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{\"profile\":\"parity\"}"), ASSAY_RC_OK);
	ck_assert_double_eq(say(&h, &c, "KEPLER.").score, 1);
	reward_row r = say(&h, &c, "it was Kepler");
	ck_assert_double_eq(reward_part(&h, &r, "exact_match"), 0);
	ck_assert_double_eq_tol(reward_part(&h, &r, "f1"), 0.5, 1e-12);
	ck_assert_double_eq_tol(r.score, 0.25, 1e-12);
	ck_assert_double_eq(say(&h, &c, "Galilei").score, 0);
	reward_close(&h);
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	ck_assert_double_eq(say(&h, &c, "it was Kepler").score, 1);
	ck_assert_double_eq(say(&h, &c, "Galilei").score, 0);
	reward_close(&h);
}
END_TEST

/* ---- attacks ---- */

START_TEST(test_long_when_attacked_then_below_half_of_honest)
{
	static const char *const attacks[] = {
		/* shuffled words */
		"light red than more is scattered and blue everywhere the strongly from us reaches it so "
		"much air by scattered is light Sunlight",
		/* stuffing */
		"sunlight air blue light red scattered strongly everywhere sky sun colour wave atmosphere "
		"molecule physics space cloud rain water ocean reflection mirror eye photon spectrum prism",
		/* the prompt again */
		"Why is the sky blue?",
		/* a refusal */
		"I do not know why the sky is blue, and as a program I cannot look at it.",
	};
	const assay_challenge c = challenge(long_prompt, long_reference);
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	double honest = say(&h, &c,
						"Sunlight is scattered by air, and blue light is scattered more "
						"strongly than red, so it comes from everywhere.")
						.score;
	ck_assert_double_gt(honest, 0.5);
	for (size_t i = 0; i < ASY_COUNT(attacks); i++) {
		double s = say(&h, &c, attacks[i]).score;
		ck_assert_msg(s < 0.4 * honest, "attack %zu: %f of %f", i, s, honest);
	}
	reward_close(&h);
}
END_TEST

START_TEST(test_long_when_repeated_or_padded_then_no_gain)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	char text[8192] = "";
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (int i = 0; i < 50; i++)
		strcat(strcat(text, long_answer), " ");
	ck_assert_double_lt(say(&h, &c, text).score, 0.05);
	(void)snprintf(text, sizeof text, "%s", long_answer);
	for (int i = 0; i < 300; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), " filler%d", i);
	ck_assert_double_lt(say(&h, &c, text).score, 0.2);
	reward_close(&h);
}
END_TEST

START_TEST(test_answer_when_prompt_is_pasted_then_gated)
{
	const assay_challenge c = challenge(
		"{\"id\":\"q\",\"question\":\"Who kept the light?\",\"context\":\"The lighthouse on Skerry "
		"Point was built in 1871 from local granite and its last keeper was Ailsa Monro.\"}",
		"{\"answers\":[\"Ailsa Monro\"]}");
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	reward_row r = say(&h, &c,
					   "The lighthouse on Skerry Point was built in 1871 from local granite "
					   "and its last keeper was Ailsa Monro.");
	ck_assert_double_eq(r.score, 0);
	ck_assert_double_eq(reward_part(&h, &r, "gate"), GATE_COPY);
	ck_assert_double_eq(say(&h, &c, "Ailsa Monro").score, 1);
	reward_close(&h);
}
END_TEST

START_TEST(test_answer_when_padded_invisibly_then_same_score)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	char padded[4096] = "";
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (const char *p = long_answer; *p != '\0'; p++) /* zero-width space, right-to-left mark */
		(void)snprintf(padded + strlen(padded), sizeof padded - strlen(padded), "%c%s", *p,
					   (p - long_answer) % 2 ? "\xe2\x80\x8b" : "\xe2\x80\x8f");
	reward_row plain = say(&h, &c, long_answer), r = say(&h, &c, padded);
	ck_assert_double_eq(r.score, plain.score);
	ck_assert_double_gt(reward_part(&h, &r, "invisible_share"), 0.4);
	ck_assert_double_eq(reward_part(&h, &r, "exact_match"), 1);
	reward_row only = say(&h, &c, "\xe2\x80\x8b\xe2\x80\x8b");
	ck_assert_double_eq(reward_part(&h, &only, "gate"), GATE_EMPTY);
	reward_close(&h);
}
END_TEST

/* ---- hostile bodies ---- */

static void expect_gate(reward_host *h, const assay_challenge *c, assay_bytes body, int gate)
{
	reward_row r = reward_one(h, c, body);
	ck_assert_uint_eq(r.flag, ASSAY_ROW_SCORED);
	ck_assert_double_eq(r.score, 0);
	ck_assert_double_eq(reward_part(h, &r, "gate"), gate);
}

START_TEST(test_body_when_hostile_then_zero_with_its_gate)
{
	static const struct {
		const char *s;
		int gate;
	} cases[] = {
		{"", GATE_EMPTY},
		{"{\"completion\":\"\"}", GATE_EMPTY},
		{"{\"completion\":\" \\t\\u3000\"}", GATE_EMPTY},
		{"null", GATE_MALFORMED},
		{"{}", GATE_MALFORMED},
		{"[]", GATE_MALFORMED},
		{"\"Sunlight\"", GATE_MALFORMED},
		{"{\"completion\":1e400}", GATE_MALFORMED},
		{"{\"completion\":NaN}", GATE_MALFORMED},
		{"{\"completion\":18446744073709551616}", GATE_MALFORMED},
		{"{\"completion\":[\"x\"]}", GATE_MALFORMED},
		{"{\"completion\":\"a\",\"completion\":\"b\"}", GATE_MALFORMED},
		{"{\"completion\":\"a\\u0000b\"}", GATE_MALFORMED},
		{"{\"completion\":\"\xff\xfe\"}", GATE_MALFORMED},
		{"{\"completion\":\"caf\xc3\"}", GATE_MALFORMED},
		{"{\"completion\":\"x\"}}", GATE_MALFORMED},
	};
	const assay_challenge c = challenge(long_prompt, long_reference);
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (size_t i = 0; i < ASY_COUNT(cases); i++)
		expect_gate(&h, &c, reward_text(cases[i].s), cases[i].gate);
	expect_gate(&h, &c, (assay_bytes){(const uint8_t *)"\0\0\0\0", 4}, GATE_MALFORMED);
	reward_close(&h);
}
END_TEST

START_TEST(test_body_when_huge_or_deep_then_refused_before_work)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	const size_t huge = 16 << 20, deep = 60000;
	uint8_t *bytes = malloc(huge);
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 'a', huge);
	expect_gate(&h, &c, (assay_bytes){bytes, huge}, GATE_OVERSIZE);
	memset(bytes, '[', deep);
	expect_gate(&h, &c, (assay_bytes){bytes, deep}, GATE_MALFORMED);
	free(bytes);
	asy_buf many = {0};
	for (int i = 0; i < 5000; i++)
		ck_assert_int_eq(asy_buf_add_str(&many, "ab ", NULL), ASSAY_OK);
	asy_buf b = body_of((const char *)many.ptr, many.len); /* 5000 words, 15000 code points */
	expect_gate(&h, &c, span(&b), GATE_OVERSIZE);
	asy_buf_fini(&b);
	asy_buf_fini(&many);
	reward_close(&h);
}
END_TEST

START_TEST(test_body_when_largest_allowed_then_bounded_work)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	static const char *const units[] = {"ab ", "好", "a\n", "x", ".", "\xe2\x80\x8b"};
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (size_t u = 0; u < ASY_COUNT(units); u++) {
		asy_buf text = {0};
		while (text.len + 4 < 60000 && text.len / strlen(units[u]) < 4096)
			ck_assert_int_eq(asy_buf_add_str(&text, units[u], NULL), ASSAY_OK);
		asy_buf b = body_of((const char *)text.ptr, text.len);
		reward_row r = reward_one(&h, &c, span(&b));
		ck_assert_uint_eq(r.flag, ASSAY_ROW_SCORED);
		ck_assert_double_le(r.score, 0.02);
		asy_buf_fini(&b);
		asy_buf_fini(&text);
	}
	reward_close(&h);
}
END_TEST

START_TEST(test_body_when_random_bytes_then_at_most_a_fiftieth)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	test_rng rng = {test_seed()};
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (int round = 0; round < 500; round++) {
		char s[300];
		size_t n = test_below(&rng, sizeof s);
		for (size_t i = 0; i < n; i++)
			s[i] = (char)test_below(&rng, round % 2 ? 256 : 128);
		reward_row raw = reward_one(&h, &c, (assay_bytes){(const uint8_t *)s, n});
		asy_buf b = body_of(s, n);
		reward_row r = reward_one(&h, &c, span(&b));
		asy_buf_fini(&b);
		ck_assert(raw.score <= 0 && r.flag == ASSAY_ROW_SCORED && r.score <= 0.02);
	}
	reward_close(&h);
}
END_TEST

/* ---- the validator's own side ---- */

START_TEST(test_challenge_when_broken_then_abstains_with_reason)
{
	static const char *const references[] = {
		"",
		"{}",
		"{\"answers\":[]}",
		"{\"answers\":\"Paris\"}",
		"{\"answers\":[5]}",
		"{\"answers\":[\"\"]}",
		"{\"answers\":[\"a\\u0000\"]}",
		"not JSON",
	};
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (size_t i = 0; i < ASY_COUNT(references); i++) {
		const assay_challenge c = challenge(long_prompt, references[i]);
		h.warned[0] = '\0';
		ck_assert_uint_eq(say(&h, &c, "Paris").flag, ASSAY_ROW_ABSTAIN);
		ck_assert_ptr_nonnull(strstr(h.warned, "reference"));
	}
	reward_close(&h);
}
END_TEST

START_TEST(test_rows_when_not_answered_or_lost_then_not_scored)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	const assay_bytes body = reward_text("{\"completion\":\"x\"}");
	assay_response x[3] = {reward_answer(0, body), reward_answer(5, body), reward_answer(0, body)};
	reward_row r[3];
	reward_host h;
	x[0].status = ASSAY_RESP_TIMEOUT;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	ck_assert_int_eq(reward_score(&h, &c, 1, x, 3, r), ASSAY_RC_OK);
	ck_assert_uint_eq(r[0].flag, 0);
	ck_assert_uint_eq(r[1].flag, ASSAY_ROW_ABSTAIN);
	ck_assert_uint_eq(r[2].flag, ASSAY_ROW_SCORED);
	reward_close(&h);
}
END_TEST

START_TEST(test_batch_when_cancelled_then_keeps_what_is_scored)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	const assay_bytes body = reward_text("{\"completion\":\"x\"}");
	assay_response x[4];
	reward_row r[4];
	reward_host h;
	for (int i = 0; i < 4; i++)
		x[i] = reward_answer(0, body);
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	h.stop_after = 2;
	ck_assert_int_eq(reward_score(&h, &c, 1, x, 4, r), ASSAY_RC_CANCELLED);
	ck_assert_uint_eq(r[1].flag, ASSAY_ROW_SCORED);
	ck_assert_uint_eq(r[2].flag, 0);
	reward_close(&h);
}
END_TEST

/* ---- purity ---- */

/* Rows over all samples: each answered by its own and by the next one's reference. */
START_TEST(test_batch_when_permuted_or_split_then_same_bits)
{
	enum { ROWS = 60 };
	static const char independent[] = "{\"duplicates\":{\"mode\":\"off\"}}";
	size_t n;
	reward_sample *all = reward_samples(samples_path, &n);
	assay_challenge c[ROWS];
	asy_buf body[ROWS];
	assay_response x[ROWS], mixed[ROWS];
	reward_row whole[ROWS], other[ROWS];
	size_t from[ROWS];
	test_rng rng = {test_seed()};
	reward_host h;
	ck_assert_int_eq(reward_open(&h, independent), ASSAY_RC_OK);
	for (uint32_t i = 0; i < ROWS; i++) {
		const char *s;
		size_t len;
		assay_err err;
		size_t whose = (i / 2 + i % 2) % n;
		asy_jv answers = asy_jv_get(reward_sample_get(&all[whose], "reference"), "answers");
		ck_ok(asy_jv_str(asy_jv_at(answers, 0), &s, &len, &err), err);
		body[i] = body_of(s, len);
		c[i] = all[i % n].challenge;
		x[i] = reward_answer(i / 2, span(&body[i]));
		x[i].latency_ms = (uint32_t)test_below(&rng, 12000);
		from[i] = i;
	}
	ck_assert_int_eq(reward_score(&h, c, ROWS, x, ROWS, whole), ASSAY_RC_OK);
	for (size_t i = ROWS - 1; i > 0; i--) {
		size_t k = test_below(&rng, i + 1), t = from[i];
		from[i] = from[k];
		from[k] = t;
	}
	for (size_t i = 0; i < ROWS; i++)
		mixed[i] = x[from[i]];
	ck_assert_int_eq(reward_score(&h, c, ROWS, mixed, ROWS, other), ASSAY_RC_OK);
	for (size_t i = 0; i < ROWS; i++)
		ck_assert(reward_same_bits(&other[i], &whole[from[i]], h.desc->info->component_n));
	for (size_t i = 0; i < ROWS; i++) { /* one at a time, in a fresh instance */
		reward_host fresh;
		ck_assert_int_eq(reward_open(&fresh, independent), ASSAY_RC_OK);
		ck_assert_int_eq(reward_score(&fresh, c, ROWS, &x[i], 1, other), ASSAY_RC_OK);
		ck_assert(reward_same_bits(other, &whole[i], h.desc->info->component_n));
		reward_close(&fresh);
	}
	for (size_t i = 0; i < ROWS; i++)
		asy_buf_fini(&body[i]);
	reward_close(&h);
	reward_samples_free(all, n);
}
END_TEST

START_TEST(test_score_when_slower_then_loses_at_most_a_tenth)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	asy_buf b = body_of(long_answer, strlen(long_answer));
	assay_response x = reward_answer(0, span(&b));
	reward_row r;
	double last = 1;
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (x.latency_ms = 0; x.latency_ms <= 12000; x.latency_ms += 500) {
		ck_assert_int_eq(reward_score(&h, &c, 1, &x, 1, &r), ASSAY_RC_OK);
		ck_assert(r.score <= last && r.score >= 0.9 - 1e-12);
		last = r.score;
	}
	asy_buf_fini(&b);
	reward_close(&h);
}
END_TEST

/* ---- configuration ---- */

START_TEST(test_open_when_configuration_is_wrong_then_says_what)
{
	static const char *const bad[] = {
		"{\"mode\":\"fast\"}",
		"{\"limits\":{\"words\":0}}",
		"{\"weights\":{\"short\":{\"typed\":0,\"content\":0}}}",
		"{\"answer_type\":\"colour\"}",
		"{\"profile\":\"strict\"}",
		"[]",
		"{",
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		reward_host h;
		ck_assert_int_eq(reward_open(&h, bad[i]), ASSAY_RC_CONFIG);
		ck_assert_uint_gt(strlen(h.failed), 0);
		ck_assert_ptr_null(h.plugin);
	}
}
END_TEST

START_TEST(test_weights_when_changed_then_score_follows)
{
	const assay_challenge c =
		challenge("{\"id\":\"q\",\"question\":\"?\"}", "{\"answers\":[\"black cat\"]}");
	reward_host h;
	ck_assert_int_eq(
		reward_open(&h, "{\"profile\":\"parity\",\"weights\":{\"short\":{\"exact_match\":0}}}"),
		ASSAY_RC_OK);
	ck_assert_double_eq_tol(say(&h, &c, "red cat").score, 0.5, 1e-12);
	reward_close(&h);
}
END_TEST

START_TEST(test_reference_when_not_latin_then_chrf_judges)
{
	const assay_challenge c =
		challenge("{\"id\":\"q\",\"question\":\"?\"}",
				  "{\"answers\":[\"Солнечный свет рассеивается молекулами воздуха, и синий свет "
				  "рассеивается гораздо сильнее красного.\"]}");
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	reward_row same = say(&h, &c,
						  "Солнечный свет рассеивается молекулами воздуха, и синий свет "
						  "рассеивается гораздо сильнее красного.");
	ck_assert_double_eq(same.score, 1);
	ck_assert_double_lt(say(&h, &c, "Лёд легче воды и поэтому плавает на её поверхности.").score,
						0.2);
	reward_close(&h);
	ck_assert_int_eq(
		reward_open(&h, "{\"profile\":\"parity\",\"weights\":{\"long\":{\"chrf_above\":0}}}"),
		ASSAY_RC_OK);
	ck_assert_uint_eq(say(&h, &c, "x").flag, ASSAY_ROW_ABSTAIN); /* nothing left to judge with */
	reward_close(&h);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_samples_when_answered_perfectly_then_near_one);
	tcase_add_test(tc, test_samples_when_answered_for_another_then_low);
	tcase_add_test(tc, test_score_when_read_from_components_then_their_product);
	tcase_add_test(tc, test_short_when_judged_by_overlap_then_sentence_costs);
	tcase_add_test(tc, test_long_when_attacked_then_below_half_of_honest);
	tcase_add_test(tc, test_long_when_repeated_or_padded_then_no_gain);
	tcase_add_test(tc, test_answer_when_prompt_is_pasted_then_gated);
	tcase_add_test(tc, test_answer_when_padded_invisibly_then_same_score);
	tcase_add_test(tc, test_body_when_hostile_then_zero_with_its_gate);
	tcase_add_test(tc, test_body_when_huge_or_deep_then_refused_before_work);
	tcase_add_test(tc, test_body_when_largest_allowed_then_bounded_work);
	tcase_add_test(tc, test_body_when_random_bytes_then_at_most_a_fiftieth);
	tcase_add_test(tc, test_challenge_when_broken_then_abstains_with_reason);
	tcase_add_test(tc, test_rows_when_not_answered_or_lost_then_not_scored);
	tcase_add_test(tc, test_batch_when_cancelled_then_keeps_what_is_scored);
	tcase_add_test(tc, test_batch_when_permuted_or_split_then_same_bits);
	tcase_add_test(tc, test_score_when_slower_then_loses_at_most_a_tenth);
	tcase_add_test(tc, test_open_when_configuration_is_wrong_then_says_what);
	tcase_add_test(tc, test_weights_when_changed_then_score_follows);
	tcase_add_test(tc, test_reference_when_not_latin_then_chrf_judges);
}

int main(void)
{
	return test_main("text plugin", fill, 60);
}
