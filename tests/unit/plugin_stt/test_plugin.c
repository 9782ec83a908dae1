/* The stt plugin through its contract: every shipped sample, every hostile body, and
 * the promises of purity. */
#include <math.h>
#include "common/duplicates.h"
#include "support/reward.h"

enum { GATE_EMPTY = 1, GATE_OVERSIZE = 2, GATE_MALFORMED = 3, GATE_LANGUAGE = 16 };

static const char samples_path[] = "plugins/stt/samples/stt.jsonl";

/* {"transcript": s} with s escaped. Freed by the caller. */
static asy_buf body_of(const char *s, size_t len)
{
	asy_buf b = {0};
	asy_jw w = asy_jw_out(&b, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, "transcript");
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

static const char prompt[] = "{\"id\":\"s\",\"audio_ref\":\"none:s\",\"duration_s\":4}";

static assay_challenge spoken(const char *reference)
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

static void open_default(reward_host *h)
{
	ck_assert_int_eq(reward_open(h, "{}"), ASSAY_RC_OK);
}

static const char ferry[] =
	"{\"transcript\":\"The ferry leaves at six in the morning, and comes back after dark.\","
	"\"language\":\"en\"}";

/* ---- honest answers ---- */

static const char *transcript_of(const reward_sample *s)
{
	const char *t;
	size_t n;
	assay_err err;
	ck_ok(asy_jv_str(asy_jv_get(reward_sample_get(s, "reference"), "transcript"), &t, &n, &err),
		  err);
	return t;
}

START_TEST(test_samples_when_transcribed_perfectly_then_one)
{
	size_t n;
	reward_sample *all = reward_samples(samples_path, &n);
	reward_host h;
	open_default(&h);
	ck_assert_uint_ge(n, 50);
	for (size_t i = 0; i < n; i++) {
		reward_row r = say(&h, &all[i].challenge, transcript_of(&all[i]));
		ck_assert_msg(r.flag == ASSAY_ROW_SCORED && r.score >= 1, "%s: %f", all[i].id, r.score);
	}
	reward_close(&h);
	reward_samples_free(all, n);
}
END_TEST

START_TEST(test_samples_when_another_clip_is_transcribed_then_nothing)
{
	size_t n;
	reward_sample *all = reward_samples(samples_path, &n);
	reward_host h;
	open_default(&h);
	for (size_t i = 0; i < n; i++) {
		reward_row r = say(&h, &all[i].challenge, transcript_of(&all[(i + 11) % n]));
		ck_assert_msg(r.score <= 0.05, "%s: %f", all[i].id, r.score);
	}
	reward_close(&h);
	reward_samples_free(all, n);
}
END_TEST

START_TEST(test_score_when_words_differ_then_follows_mer)
{
	const assay_challenge c = spoken(ferry);
	reward_host h;
	open_default(&h);
	/* 13 words; one wrong: mer = 1/13. */
	reward_row r = say(&h, &c, "the ferry leaves at six in the evening and comes back after dark");
	ck_assert_double_eq_tol(reward_part(&h, &r, "mer"), 1.0 / 13, 1e-12);
	ck_assert_double_eq_tol(reward_part(&h, &r, "wer"), 1.0 / 13, 1e-12);
	ck_assert_double_eq_tol(r.score, pow(1 - 1.0 / 13 / 0.6, 1.5), 1e-12);
	ck_assert_double_eq(reward_part(&h, &r, "no_spelling_table"), 1);
	reward_close(&h);
}
END_TEST

/* Copies of a right transcript are not told apart, and the row says by which rule. */
START_TEST(test_batch_when_normalised_then_ranks_and_the_rule_is_shown)
{
	static const char *const said[] = {
		"the ferry leaves at six in the morning and comes back after dark",
		"the ferry leaves at six in the evening and comes back after dark",
		"the ferry leaves at six in the morning and comes back after dark"};
	const assay_challenge c = spoken(ferry);
	reward_host h;
	asy_buf body[3];
	assay_response x[3];
	reward_row row[3];
	ck_assert_int_eq(reward_open(&h, "{\"batch_normaliser\":{\"kind\":\"min_max\"}}"), ASSAY_RC_OK);
	for (size_t i = 0; i < 3; i++) {
		body[i] = body_of(said[i], strlen(said[i]));
		x[i] = reward_answer(0, span(&body[i]));
	}
	ck_assert_int_eq(reward_score(&h, &c, 1, x, 3, row), ASSAY_RC_OK);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_double_eq(row[i].score, i == 1 ? 0 : 1);
		ck_assert_double_gt(reward_part(&h, &row[i], "raw_score"), 0.5);
		ck_assert_double_eq(reward_part(&h, &row[i], "duplicate_rule"), PLG_DUP_CLOSED);
		ck_assert_double_eq(reward_part(&h, &row[i], "duplicate_factor"), 1);
		asy_buf_fini(&body[i]);
	}
	reward_close(&h);
}
END_TEST

START_TEST(test_score_when_only_form_differs_then_one)
{
	static const char *const forms[] = {
		"the ferry leaves at 6 in the morning and comes back after dark",
		"THE FERRY LEAVES AT SIX IN THE MORNING AND COMES BACK AFTER DARK!!!",
		"Um, the ferry leaves, at six in the morning; and comes back after dark.",
		"\xe2\x80\x8bThe fer\xe2\x80\x8bry leaves at six in the morning and comes back after dark",
	};
	const assay_challenge c = spoken(ferry);
	reward_host h;
	open_default(&h);
	for (size_t i = 0; i < ASY_COUNT(forms); i++)
		ck_assert_msg(say(&h, &c, forms[i]).score >= 1, "form %zu", i);
	reward_close(&h);
}
END_TEST

START_TEST(test_language_when_letters_count_then_cer)
{
	const assay_challenge c =
		spoken("{\"transcript\":\"今日はいい天気ですね\",\"language\":\"ja\"}");
	reward_host h;
	open_default(&h);
	ck_assert_double_eq(say(&h, &c, "今日は、いい天気ですね。").score, 1);
	ck_assert_double_eq(say(&h, &c, "今 日 は い い 天 気 で す ね").score, 1);
	reward_row r = say(&h, &c, "今日はいい元気ですね");
	ck_assert_double_eq_tol(reward_part(&h, &r, "error"), 0.1, 1e-12);
	reward_row wrong = say(&h, &c, "the weather is nice today");
	ck_assert_double_eq(wrong.score, 0);
	ck_assert_double_eq(reward_part(&h, &wrong, "gate"), GATE_LANGUAGE);
	reward_close(&h);
}
END_TEST

START_TEST(test_silence_when_nobody_speaks_then_saying_nothing_wins)
{
	static const char *const quiet[] = {"{\"transcript\":\"\",\"language\":\"en\"}",
										"{\"transcript\":\"[music] um\",\"language\":\"en\"}"};
	reward_host h;
	open_default(&h);
	for (size_t i = 0; i < ASY_COUNT(quiet); i++) {
		const assay_challenge c = spoken(quiet[i]);
		reward_row r = say(&h, &c, "");
		ck_assert_double_eq(r.score, 1);
		ck_assert_double_eq(reward_part(&h, &r, "silence"), 1);
		ck_assert_double_le(say(&h, &c, "Thank you for watching").score, 0.4);
		ck_assert_double_eq(say(&h, &c, "one two three go now and then on").score, 0);
		ck_assert_double_eq(reward_one(&h, &c, reward_text("")).score, 0); /* no answer at all */
	}
	reward_close(&h);
}
END_TEST

/* ---- times ---- */

static double timing(reward_host *h, const assay_challenge *c, const char *times)
{
	char body[1024];
	(void)snprintf(body, sizeof body, "{\"transcript\":\"one red boat left\"%s}", times);
	reward_row r = reward_one(h, c, reward_text(body));
	ck_assert_uint_eq(r.flag, ASSAY_ROW_SCORED);
	double t = reward_part(h, &r, "timing");
	if (!isnan(t))
		ck_assert_double_eq_tol(r.score, 0.9 + 0.1 * t, 1e-12);
	return t;
}

START_TEST(test_words_when_timed_then_by_their_ends)
{
	const assay_challenge c = spoken(
		"{\"transcript\":\"One red boat left.\",\"language\":\"en\",\"words\":["
		"{\"word\":\"One\",\"start\":0,\"end\":0.5},{\"word\":\"red\",\"start\":0.5,\"end\":1},"
		"{\"word\":\"boat\",\"start\":1,\"end\":1.5},{\"word\":\"left.\",\"start\":1.5,\"end\":2}]"
		"}");
	static const struct {
		const char *times;
		double want;
	} cases[] = {
		{",\"words\":[{\"word\":\"one\",\"start\":0,\"end\":0.5},{\"word\":\"red\",\"start\":0.5,"
		 "\"end\":1},{\"word\":\"boat\",\"start\":1,\"end\":1.5},{\"word\":\"left\",\"start\":1.5,"
		 "\"end\":2}]",
		 1},
		/* one word alone, exact: the other three are missing */
		{",\"words\":[{\"word\":\"boat\",\"start\":1,\"end\":1.5}]", 0.25},
		/* 0.55 s late: half */
		{",\"words\":[{\"word\":\"boat\",\"start\":1.55,\"end\":1.9}]", 0.125},
		{"", 0},
		{",\"words\":[]", 0},
		{",\"words\":{\"word\":\"one\"}", 0},
		{",\"words\":[{\"word\":\"one\",\"start\":0,\"end\":0}]", 0},
		{",\"words\":[{\"word\":\"one\",\"start\":-1,\"end\":0.5}]", 0},
		{",\"words\":[{\"word\":\"one\",\"start\":0,\"end\":9}]", 0}, /* outside the clip */
		{",\"words\":[{\"word\":\"one\",\"start\":0,\"end\":\"0.5\"}]", 0},
		{",\"words\":[{\"word\":\"red\",\"start\":0.5,\"end\":1},{\"word\":\"one\",\"start\":0,"
		 "\"end\":0.5}]",
		 0},
	};
	reward_host h;
	open_default(&h);
	for (size_t i = 0; i < ASY_COUNT(cases); i++)
		ck_assert_double_eq_tol(timing(&h, &c, cases[i].times), cases[i].want, 1e-12);
	const assay_challenge plain = spoken("{\"transcript\":\"One red boat left.\"}");
	ck_assert(isnan(timing(&h, &plain, cases[0].times))); /* not asked for */
	reward_close(&h);
}
END_TEST

START_TEST(test_segments_when_timed_then_by_shared_time)
{
	const assay_challenge c =
		spoken("{\"transcript\":\"One red boat left.\",\"language\":\"en\",\"segments\":["
			   "{\"text\":\"One red\",\"start\":0,\"end\":1},{\"text\":\"boat "
			   "left\",\"start\":1,\"end\":4}]}");
	static const struct {
		const char *times;
		double want;
	} cases[] = {
		{",\"segments\":[{\"text\":\"one red\",\"start\":0,\"end\":1},{\"text\":\"boat left\","
		 "\"start\":1,\"end\":4}]",
		 1},
		{",\"segments\":[{\"text\":\"one red boat left\",\"start\":0,\"end\":4}]", 0.75 * 0.75},
		{",\"segments\":[{\"text\":\"boat left\",\"start\":0,\"end\":4}]", 0.75 * 0.75},
		{",\"segments\":[{\"text\":\"something else\",\"start\":0,\"end\":4}]", 0},
		/* faster than anyone speaks */
		{",\"segments\":[{\"text\":\"a b c d e f g h i j k l\",\"start\":0,\"end\":0.5}]", 0},
		{"", 0},
	};
	reward_host h;
	open_default(&h);
	for (size_t i = 0; i < ASY_COUNT(cases); i++)
		ck_assert_double_eq_tol(timing(&h, &c, cases[i].times), cases[i].want, 1e-12);
	reward_close(&h);
}
END_TEST

START_TEST(test_times_when_the_reference_is_wrong_then_abstains)
{
	const assay_challenge c =
		spoken("{\"transcript\":\"a\",\"words\":[{\"word\":\"a\",\"start\":2,\"end\":1}]}");
	reward_host h;
	open_default(&h);
	ck_assert_uint_eq(say(&h, &c, "a").flag, ASSAY_ROW_ABSTAIN);
	ck_assert_ptr_nonnull(strstr(h.warned, "\"words\""));
	reward_close(&h);
}
END_TEST

/* ---- attacks ---- */

START_TEST(test_speech_when_attacked_then_little)
{
	const assay_challenge c = spoken(ferry);
	static const char line[] = "the ferry leaves at six in the morning and comes back after dark ";
	char text[8192] = "";
	reward_host h;
	open_default(&h);
	(void)snprintf(text, sizeof text, "%s%s", line, line);
	ck_assert_double_le(say(&h, &c, text).score, 0.6);
	for (int i = 0; i < 98; i++)
		strcat(text, line);
	ck_assert_double_le(say(&h, &c, text).score, 0.001);
	ck_assert_double_le(say(&h, &c,
							"the of and to a in is it you that he was for on are with as i his "
							"they be at one have this from or had by hot word but what some we "
							"can out other were all there when up use your how said an each she")
							.score,
						0.05);
	double honest =
		say(&h, &c, "the fairy leaves at six in the morning and comes back after dark").score;
	double hidden = say(&h, &c,
						"the ferry leaves at six in the morning and comes back after dark (the "
						"fairy leaves at sick in the mourning and crumbs back)")
						.score;
	ck_assert_double_le(hidden, honest);
	double either = say(&h, &c,
						"the ferry|fairy leaves|leafs at six|sicks in the morning|mourning and "
						"comes back after dark")
						.score;
	ck_assert_double_le(either, honest);
	reward_close(&h);
}
END_TEST

START_TEST(test_answer_when_it_praises_itself_then_ignored)
{
	const assay_challenge c = spoken(ferry);
	reward_host h;
	open_default(&h);
	reward_row plain = reward_one(&h, &c, reward_text("{\"transcript\":\"the ferry leaves\"}"));
	reward_row proud =
		reward_one(&h, &c,
				   reward_text("{\"transcript\":\"the ferry leaves\",\"confidence\":1,"
							   "\"score\":1,\"wer\":0,\"language\":\"xx\"}"));
	ck_assert(reward_same_bits(&plain, &proud, h.desc->info->component_n));
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
		{"{\"transcript\":\" \\u2003\"}", GATE_EMPTY},
		{"null", GATE_MALFORMED},
		{"{}", GATE_MALFORMED},
		{"{\"transcript\":[\"the ferry\"]}", GATE_MALFORMED},
		{"{\"transcript\":\"a\",\"transcript\":\"b\"}", GATE_MALFORMED},
		{"{\"transcript\":\"a\\u0000b\"}", GATE_MALFORMED},
		{"{\"transcript\":\"\xc0\xaf\"}", GATE_MALFORMED},
		{"{\"transcript\":1e999}", GATE_MALFORMED},
		{"{\"transcript\":\"a\"", GATE_MALFORMED},
	};
	const assay_challenge c = spoken(ferry);
	reward_host h;
	open_default(&h);
	for (size_t i = 0; i < ASY_COUNT(cases); i++)
		expect_gate(&h, &c, reward_text(cases[i].s), cases[i].gate);
	const size_t huge = 16 << 20;
	uint8_t *bytes = malloc(huge);
	ck_assert_ptr_nonnull(bytes);
	memset(bytes, ' ', huge);
	expect_gate(&h, &c, (assay_bytes){bytes, huge}, GATE_OVERSIZE);
	memset(bytes, '{', 60000);
	expect_gate(&h, &c, (assay_bytes){bytes, 60000}, GATE_MALFORMED);
	free(bytes);
	reward_close(&h);
}
END_TEST

START_TEST(test_body_when_largest_allowed_then_bounded_work)
{
	static const char *const units[] = {"a ",           "twenty ", "(",           "o ",
										"\xe5\xa5\xbd", "'s ",     "\xe2\x80\x8f"};
	const assay_challenge c = spoken(ferry);
	reward_host h;
	open_default(&h);
	for (size_t u = 0; u < ASY_COUNT(units); u++) {
		asy_buf text = {0};
		for (int i = 0; i < 20000 && text.len + 8 < 65000; i++)
			ck_assert_int_eq(asy_buf_add_str(&text, units[u], NULL), ASSAY_OK);
		while (text.len > 19999 && (text.ptr[0] & 0x80) == 0)
			text.len--;
		asy_buf b = body_of((const char *)text.ptr, text.len);
		reward_row r = reward_one(&h, &c, span(&b));
		ck_assert_uint_eq(r.flag, ASSAY_ROW_SCORED);
		ck_assert_double_le(r.score, 0.001);
		asy_buf_fini(&b);
		asy_buf_fini(&text);
	}
	reward_close(&h);
}
END_TEST

/* ---- the validator's own side ---- */

START_TEST(test_challenge_when_broken_then_abstains_with_reason)
{
	static const char *const references[] = {"", "{}", "{\"transcript\":5}", "[]",
											 "{\"transcript\":\"a\\u0000\"}"};
	reward_host h;
	open_default(&h);
	for (size_t i = 0; i < ASY_COUNT(references); i++) {
		const assay_challenge c = spoken(references[i]);
		h.warned[0] = '\0';
		ck_assert_uint_eq(say(&h, &c, "hello").flag, ASSAY_ROW_ABSTAIN);
		ck_assert_ptr_nonnull(strstr(h.warned, "reference"));
	}
	reward_close(&h);
}
END_TEST

/* ---- purity ---- */

START_TEST(test_batch_when_permuted_or_split_then_same_bits)
{
	enum { ROWS = 64 };
	size_t n;
	reward_sample *all = reward_samples(samples_path, &n);
	assay_challenge c[ROWS];
	asy_buf body[ROWS];
	assay_response x[ROWS], mixed[ROWS];
	reward_row whole[ROWS], other[ROWS];
	size_t from[ROWS];
	test_rng rng = {test_seed()};
	reward_host h;
	open_default(&h);
	for (uint32_t i = 0; i < ROWS; i++) {
		char s[512];
		c[i] = all[i % n].challenge;
		(void)snprintf(s, sizeof s, "%s", transcript_of(&all[i / 4 % n]));
		s[strlen(s) * (4 - i % 4) / 4] = '\0'; /* whole, three quarters, half, a quarter */
		body[i] = body_of(s, strlen(s));
		x[i] = reward_answer(i / 4, span(&body[i]));
		x[i].latency_ms = (uint32_t)test_below(&rng, 6000);
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
	for (size_t i = 0; i < ROWS; i++) {
		reward_host fresh;
		open_default(&fresh);
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

/* ---- configuration ---- */

START_TEST(test_spelling_when_configured_then_words_meet)
{
	char path[] = "/tmp/assay-spelling-XXXXXX", config[256];
	const assay_challenge c =
		spoken("{\"transcript\":\"the ajax of the sea\",\"language\":\"en\"}");
	reward_host h;
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_gt(fprintf(f, "{\"ajax\":\"color\",\"grey\":\"gray\"}"), 0);
	(void)fclose(f);
	open_default(&h);
	ck_assert_double_lt(say(&h, &c, "the color of the sea").score, 1);
	ck_assert_str_eq(h.warned, "");
	reward_close(&h);
	ck_assert_int_eq(reward_open(&h, "{\"normaliser\":\"whisper-20250625\"}"), ASSAY_RC_OK);
	(void)say(&h, &c, "the color of the sea");
	ck_assert_ptr_nonnull(strstr(h.warned, "spelling-table.sh")); /* said once */
	h.warned[0] = '\0';
	(void)say(&h, &c, "the color of the sea");
	ck_assert_str_eq(h.warned, "");
	reward_close(&h);
	(void)snprintf(config, sizeof config, "{\"spelling_path\":\"%s\"}", path);
	ck_assert_int_eq(reward_open(&h, config), ASSAY_RC_OK);
	(void)remove(path); /* read at open, not needed again */
	reward_row r = say(&h, &c, "the color of the sea");
	ck_assert_double_eq(r.score, 1);
	ck_assert_double_eq(reward_part(&h, &r, "no_spelling_table"), 0);
	reward_close(&h);
}
END_TEST

/* The presets give 1 - match error rate, to the digit: (S + D + I) / (H + S + D + I). */
START_TEST(test_preset_when_words_are_wrong_then_the_published_rate)
{
	static const char *const presets[] = {"jiwer_mer", "whisper_mer"};
	const assay_challenge c =
		spoken("{\"transcript\":\"the ferry leaves at six in the morning\",\"language\":\"en\"}");
	for (size_t i = 0; i < ASY_COUNT(presets); i++) {
		char path[512], config[4096];
		reward_host h;
		(void)snprintf(path, sizeof path, "%s/plugins/stt/presets/%s.json", ASSAY_SOURCE_DIR,
					   presets[i]);
		FILE *f = fopen(path, "rb");
		ck_assert_msg(f != NULL, "%s", path);
		config[fread(config, 1, sizeof config - 1, f)] = '\0';
		(void)fclose(f);
		ck_assert_int_eq(reward_open(&h, config), ASSAY_RC_OK);
		reward_row r = say(&h, &c, "the ferry leaves at seven in the morning");
		ck_assert_double_eq_tol(reward_part(&h, &r, "quality"), 1 - 1.0 / 8, 1e-12);
		r = say(&h, &c, "the old ferry leaves at seven in morning");
		ck_assert_double_eq_tol(reward_part(&h, &r, "quality"), 1 - 3.0 / 9, 1e-12);
		reward_close(&h);
	}
}
END_TEST

START_TEST(test_open_when_configuration_is_wrong_then_says_what)
{
	static const char *const bad[] = {
		"{\"normaliser\":\"magic\"}",
		"{\"useless_error\":0}",
		"{\"curve\":0}",
		"{\"spelling_path\":\"/nonexistent/spelling.json\"}",
		"{\"limits\":{\"code_points\":1e9}}",
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		reward_host h;
		ck_assert_int_eq(reward_open(&h, bad[i]), ASSAY_RC_CONFIG);
		ck_assert_uint_gt(strlen(h.failed), 0);
	}
}
END_TEST

START_TEST(test_normaliser_when_plain_then_case_counts)
{
	const assay_challenge c = spoken("{\"transcript\":\"Hello World again\",\"language\":\"en\"}");
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{\"normaliser\":\"plain\"}"), ASSAY_RC_OK);
	ck_assert_double_eq(say(&h, &c, " Hello  World again").score, 1);
	ck_assert_double_lt(say(&h, &c, "hello world again").score, 0.5);
	reward_close(&h);
	ck_assert_int_eq(reward_open(&h, "{\"normaliser\":\"jiwer-4.0.0\"}"), ASSAY_RC_OK);
	ck_assert_double_eq(say(&h, &c, "hello world again").score, 1);
	reward_close(&h);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_samples_when_transcribed_perfectly_then_one);
	tcase_add_test(tc, test_samples_when_another_clip_is_transcribed_then_nothing);
	tcase_add_test(tc, test_score_when_words_differ_then_follows_mer);
	tcase_add_test(tc, test_batch_when_normalised_then_ranks_and_the_rule_is_shown);
	tcase_add_test(tc, test_score_when_only_form_differs_then_one);
	tcase_add_test(tc, test_language_when_letters_count_then_cer);
	tcase_add_test(tc, test_silence_when_nobody_speaks_then_saying_nothing_wins);
	tcase_add_test(tc, test_words_when_timed_then_by_their_ends);
	tcase_add_test(tc, test_segments_when_timed_then_by_shared_time);
	tcase_add_test(tc, test_times_when_the_reference_is_wrong_then_abstains);
	tcase_add_test(tc, test_speech_when_attacked_then_little);
	tcase_add_test(tc, test_answer_when_it_praises_itself_then_ignored);
	tcase_add_test(tc, test_body_when_hostile_then_zero_with_its_gate);
	tcase_add_test(tc, test_body_when_largest_allowed_then_bounded_work);
	tcase_add_test(tc, test_challenge_when_broken_then_abstains_with_reason);
	tcase_add_test(tc, test_batch_when_permuted_or_split_then_same_bits);
	tcase_add_test(tc, test_spelling_when_configured_then_words_meet);
	tcase_add_test(tc, test_preset_when_words_are_wrong_then_the_published_rate);
	tcase_add_test(tc, test_open_when_configuration_is_wrong_then_says_what);
	tcase_add_test(tc, test_normaliser_when_plain_then_case_counts);
}

int main(void)
{
	return test_main("stt plugin", fill, 60);
}
