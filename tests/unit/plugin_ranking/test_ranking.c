/* The ranking plugin through its contract: samples, gates, hostile answers,
 * independence of rows, configuration. */
#include <math.h>
#include "ranking/settings.h" /* before check.h, which defines a macro "fail" */
#include "ranking/row.h"
#include "support/reward.h"

#define SAMPLES "plugins/ranking/samples/ranking.jsonl"

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

static assay_bytes bytes_of(const asy_buf *b)
{
	return (assay_bytes){b->ptr, b->len};
}

static int gate_of(const reward_row *row)
{
	return (int)reward_part(&host, row, "gate");
}

/* a 3, b 2, c 1, d and e nothing. */
static const assay_challenge *letters(void)
{
	static assay_challenge c;
	c = (assay_challenge){
		.prompt = reward_text(
			"{\"query\": \"q\", \"documents\": [{\"id\": \"d\"}, {\"id\": \"b\"}, {\"id\": "
			"\"a\"}, {\"id\": \"e\"}, {\"id\": \"c\"}]}"),
		.reference = reward_text("{\"relevance\": {\"a\": 3, \"b\": 2, \"c\": 1, \"d\": 0}}"),
		.meta_json = reward_text("{}")};
	return &c;
}

static reward_row score(const char *body)
{
	return reward_one(&host, letters(), reward_text(body));
}

/* ---- the shipped samples ---- */

/* The documents of a sample by falling grade, or rising. */
static void ideal_answer(const reward_sample *s, bool reversed, asy_buf *out)
{
	asy_jv grades = asy_jv_get(reward_sample_get(s, "reference"), "relevance");
	assay_err err;
	bool first = true;
	ck_ok(asy_buf_add_str(out, "{\"ranking\": [", &err), err);
	for (uint64_t g = 0; g <= 3; g++)
		for (size_t i = 0; i < asy_jv_size(grades); i++) {
			uint64_t grade;
			ck_ok(asy_jv_u64(asy_jv_value(grades, i), &grade, &err), err);
			if (grade != (reversed ? g : 3 - g))
				continue;
			ck_ok(asy_buf_printf(out, &err, "%s\"%s\"", first ? "" : ", ", asy_jv_key(grades, i)),
				  err);
			first = false;
		}
	ck_ok(asy_buf_add_str(out, "]}", &err), err);
}

START_TEST(test_samples_when_answered_ideally_then_one)
{
	ck_assert_uint_ge(samples_n, 50);
	for (size_t i = 0; i < samples_n; i++) {
		asy_buf best = {0}, worst = {0};
		ideal_answer(&samples[i], false, &best);
		ideal_answer(&samples[i], true, &worst);
		reward_row a = reward_one(&host, &samples[i].challenge, bytes_of(&best));
		reward_row b = reward_one(&host, &samples[i].challenge, bytes_of(&worst));
		ck_assert_msg(a.score >= 0.999999, "%s scores %g", samples[i].id, a.score);
		ck_assert_msg(b.score < 0.6, "%s reversed scores %g", samples[i].id, b.score);
		size_t n = asy_jv_size(asy_jv_get(reward_sample_get(&samples[i], "prompt"), "documents"));
		ck_assert(n >= 8 && n <= 20);
		asy_buf_fini(&best);
		asy_buf_fini(&worst);
	}
}
END_TEST

START_TEST(test_samples_when_answered_with_another_list_then_zero)
{
	for (size_t i = 0; i + 1 < samples_n; i++) {
		asy_buf other = {0};
		ideal_answer(&samples[i + 1], false, &other);
		reward_row row = reward_one(&host, &samples[i].challenge, bytes_of(&other));
		ck_assert_double_eq(row.score, 0);
		ck_assert(gate_of(&row) == RANKING_GATE_FABRICATED ||
				  gate_of(&row) == RANKING_GATE_TOO_MANY);
		asy_buf_fini(&other);
	}
}
END_TEST

/* ---- the score ---- */

START_TEST(test_score_when_worked_by_hand_then_equal)
{
	reward_row row = score("{\"ranking\": [\"b\", \"d\", \"a\"]}");
	double ideal_exp = 7 + 3 / log2(3) + 0.5, ideal_lin = 3 + 2 / log2(3) + 0.5;
	double exp_form = (3 + 7 / 2.0) / ideal_exp;
	ck_assert_double_eq_tol(reward_part(&host, &row, "ndcg_exp"), exp_form, 1e-14);
	ck_assert_double_eq_tol(reward_part(&host, &row, "ndcg_linear"), (2 + 1.5) / ideal_lin, 1e-14);
	ck_assert_double_eq(reward_part(&host, &row, "mrr"), 1);
	ck_assert_double_eq_tol(reward_part(&host, &row, "recall"), 2 / 3.0, 1e-15);
	/* five documents: no list holds more, so precision divides by 5 */
	ck_assert_double_eq_tol(reward_part(&host, &row, "precision"), 0.4, 1e-15);
	ck_assert_double_eq_tol(reward_part(&host, &row, "ap"), (1 + 2 / 3.0) / 3, 1e-15);
	double mean = (0.65 * exp_form + 0.15 * 2 / 3.0 + 0.10) / 0.9;
	ck_assert_double_eq_tol(reward_part(&host, &row, "mean"), mean, 1e-14);
	/* luck: nDCG from the mean gain, recall 1 (all five fit), the first of three relevant */
	double luck = reward_part(&host, &row, "chance");
	double discounts = 1 + 1 / log2(3) + 0.5 + 1 / log2(5) + 1 / log2(6);
	double first = 0.6 + 0.4 * 0.75 / 2 + 0.4 * 0.25 / 3;
	ck_assert_double_eq_tol(
		luck, (0.65 * (7 + 3 + 1) / 5.0 * discounts / ideal_exp + 0.15 + 0.10 * first) / 0.9,
		1e-14);
	double low = reward_part(&host, &row, "baseline");
	ck_assert_double_ge(low, luck);
	ck_assert_double_eq_tol(row.score, fmax(0, (mean - low) / (1 - low)), 1e-14);
	ck_assert(isnan(reward_part(&host, &row, "rbo")));
}
END_TEST

static void reopen(const char *config)
{
	reward_close(&host);
	ck_assert_int_eq(reward_open(&host, config), ASSAY_RC_OK);
}

START_TEST(test_gain_form_when_configured_then_used)
{
	reopen("{\"chance\": {\"correct\": false}}");
	reward_row row = score("{\"ranking\": [\"b\", \"a\", \"c\"]}");
	double exp_form = reward_part(&host, &row, "ndcg_exp"), exp_score = row.score;
	double linear = reward_part(&host, &row, "ndcg_linear");
	reopen("{\"gain\": \"linear\", \"chance\": {\"correct\": false}}");
	row = score("{\"ranking\": [\"b\", \"a\", \"c\"]}");
	ck_assert_double_eq_tol(exp_score - row.score, 0.65 * (exp_form - linear) / 0.9, 1e-14);
	ck_assert(isnan(reward_part(&host, &row, "baseline")));
}
END_TEST

START_TEST(test_profile_when_trec_eval_then_its_conventions)
{
	/* three of five relevant documents fit into the list */
	const assay_challenge c = {
		.prompt = reward_text(
			"{\"documents\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"c\"}, {\"id\": "
			"\"d\"}, {\"id\": \"e\"}, {\"id\": \"f\"}], \"size\": 3}"),
		.reference =
			reward_text("{\"relevance\": {\"a\": 3, \"b\": 2, \"c\": 1, \"d\": 1, \"e\": 1}}"),
		.meta_json = reward_text("{}")};
	const assay_bytes best = reward_text("{\"ranking\": [\"a\", \"b\", \"c\"]}");
	reward_row row = reward_one(&host, &c, best);
	ck_assert_double_eq_tol(row.score, 1, 1e-15);
	reopen("{\"profile\": \"trec_eval\"}");
	row = reward_one(&host, &c, best);
	ck_assert_double_eq_tol(reward_part(&host, &row, "recall"), 0.6, 1e-15);
	ck_assert_double_eq_tol(reward_part(&host, &row, "precision"), 0.3, 1e-15);
	ck_assert_double_eq_tol(reward_part(&host, &row, "ap"), 0.6, 1e-15);
	double ideal = 3 + 2 / log2(3) + 0.5 + 1 / log2(5) + 1 / log2(6);
	double dcg = 3 + 2 / log2(3) + 0.5;
	ck_assert_double_eq_tol(reward_part(&host, &row, "ndcg"), dcg / ideal, 1e-15);
	ck_assert(isnan(reward_part(&host, &row, "baseline")));
}
END_TEST

START_TEST(test_adjacent_pair_when_put_right_then_never_worse)
{
	test_rng rng = {test_seed()};
	reopen("{\"chance\": {\"correct\": false}}");
	const char id[] = "abcde";
	const int grade[] = {3, 2, 1, 0, 0};
	for (int round = 0; round < 300; round++) {
		size_t p[5] = {0, 1, 2, 3, 4};
		for (size_t i = 4; i > 0; i--) {
			size_t j = (size_t)test_below(&rng, i + 1), t = p[i];
			p[i] = p[j];
			p[j] = t;
		}
		double v[2];
		size_t at = (size_t)test_below(&rng, 4);
		if (grade[p[at]] >= grade[p[at + 1]])
			continue;
		for (int k = 0; k < 2; k++) {
			char body[64];
			(void)snprintf(body, sizeof body,
						   "{\"ranking\": [\"%c\", \"%c\", \"%c\", \"%c\", \"%c\"]}", id[p[0]],
						   id[p[1]], id[p[2]], id[p[3]], id[p[4]]);
			v[k] = score(body).score;
			size_t t = p[at];
			p[at] = p[at + 1];
			p[at + 1] = t;
		}
		ck_assert_double_gt(v[1], v[0]);
	}
}
END_TEST

START_TEST(test_repetition_when_padding_then_squared_penalty)
{
	reward_row one = score("{\"ranking\": [\"a\"]}");
	reward_row five = score("{\"ranking\": [\"a\", \"a\", \"a\", \"a\", \"a\"]}");
	ck_assert_double_eq_tol(five.score, one.score * 0.04, 1e-15);
	ck_assert_double_eq_tol(reward_part(&host, &five, "uniqueness_factor"), 0.04, 1e-15);
	ck_assert_double_eq(reward_part(&host, &five, "flags"), RANKING_FLAG_DUPLICATES);
	/* a repeated id holds its place: b stays third */
	reward_row a = score("{\"ranking\": [\"a\", \"a\", \"b\"]}");
	ck_assert_double_eq_tol(reward_part(&host, &a, "ndcg_linear"),
							(3 + 2 / 2.0) / (3 + 2 / log2(3) + 0.5), 1e-15);
}
END_TEST

START_TEST(test_nothing_fits_when_allowed_then_empty_is_right)
{
	const assay_challenge c = {
		.prompt = reward_text(
			"{\"documents\": [{\"id\": \"a\"}, {\"id\": \"b\"}], \"may_be_empty\": true}"),
		.reference = reward_text("{\"relevance\": {}}"),
		.meta_json = reward_text("{}")};
	ck_assert_double_eq(reward_one(&host, &c, reward_text("{\"ranking\": []}")).score, 1);
	ck_assert_double_eq(reward_one(&host, &c, reward_text("{\"ranking\": [\"a\"]}")).score, 0.5);
	ck_assert_double_eq(reward_one(&host, &c, reward_text("{\"ranking\": [\"a\", \"b\"]}")).score,
						0);
}
END_TEST

START_TEST(test_reference_when_it_ranks_itself_then_rbo_explains)
{
	const assay_challenge c = {
		.prompt =
			reward_text("{\"documents\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"c\"}]}"),
		.reference = reward_text("{\"relevance\": {\"a\": 1}, \"ranking\": [\"a\", \"b\", \"c\"]}"),
		.meta_json = reward_text("{}")};
	reward_row row = reward_one(&host, &c, reward_text("{\"ranking\": [\"a\", \"b\", \"c\"]}"));
	ck_assert_double_eq_tol(reward_part(&host, &row, "rbo"), 1, 1e-12);
	row = reward_one(&host, &c, reward_text("{\"ranking\": [\"b\", \"a\", \"c\"]}"));
	ck_assert_double_eq_tol(reward_part(&host, &row, "rbo"), 0.9, 1e-12);
}
END_TEST

START_TEST(test_ids_when_composed_differently_then_the_same)
{
	/* e with acute accent, as one code point and as two */
	const assay_challenge c = {
		.prompt = reward_text("{\"documents\": [{\"id\": \"caf\\u00e9\"}, {\"id\": \"tea\"}]}"),
		.reference = reward_text("{\"relevance\": {\"caf\\u00e9\": 1}}"),
		.meta_json = reward_text("{}")};
	ck_assert_double_eq(
		reward_one(&host, &c, reward_text("{\"ranking\": [\"cafe\\u0301\"]}")).score, 1);
}
END_TEST

/* ---- hostile answers ---- */

static void expect_zero(const char *name, assay_bytes body, int gate)
{
	uint8_t *copy = malloc(body.len + (body.len == 0));
	ck_assert_ptr_nonnull(copy);
	if (body.len > 0)
		memcpy(copy, body.ptr, body.len);
	reward_row row = reward_one(&host, letters(), (assay_bytes){copy, body.len});
	free(copy);
	ck_assert_msg(row.flag == ASSAY_ROW_SCORED && row.score <= 0, "%s scores %g", name, row.score);
	ck_assert_msg(gate_of(&row) == gate, "%s: gate %d", name, gate_of(&row));
}

START_TEST(test_bodies_when_not_an_answer_then_zero_with_gate)
{
	static const struct {
		const char *body;
		ranking_gate gate;
	} cases[] = {
		{"", RANKING_GATE_EMPTY},
		{" \r\n", RANKING_GATE_EMPTY},
		{"{\"ranking\": []}", RANKING_GATE_EMPTY},
		{"null", RANKING_GATE_MALFORMED},
		{"{}", RANKING_GATE_MALFORMED},
		{"[\"a\"]", RANKING_GATE_MALFORMED},
		{"{\"ranking\": \"a\"}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": {\"0\": \"a\"}}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [1]}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [\"a\", null]}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [[\"a\"]]}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [{\"id\": \"a\"}]}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [\"\"]}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [\"a\"], \"ranking\": [\"b\"]}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [\"a\"]", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [\"a\\xff\"]}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [1e999]}", RANKING_GATE_MALFORMED},
		{"{\"ranking\": [\"z\"]}", RANKING_GATE_FABRICATED},
		{"{\"ranking\": [\"a\", \"b\", \"c\", \"A\"]}", RANKING_GATE_FABRICATED},
		{"{\"ranking\": [\"a\\u0000\"]}", RANKING_GATE_FABRICATED},
		{"{\"ranking\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"a\"]}", RANKING_GATE_TOO_MANY},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++)
		expect_zero(cases[i].body, reward_text(cases[i].body), (int)cases[i].gate);
}
END_TEST

START_TEST(test_bodies_when_huge_or_deep_then_cheap_zero)
{
	const size_t len = (size_t)16 << 20;
	char *body = malloc(len);
	ck_assert_ptr_nonnull(body);
	memset(body, '[', len);
	expect_zero("16 Mi of [", (assay_bytes){(uint8_t *)body, len}, RANKING_GATE_OVERSIZE);
	expect_zero("60000 of [", (assay_bytes){(uint8_t *)body, 60000}, RANKING_GATE_MALFORMED);
	memset(body, ' ', len);
	expect_zero("16 Mi of space", (assay_bytes){(uint8_t *)body, len}, RANKING_GATE_OVERSIZE);
	memset(body, 'a', 65536);
	memcpy(body, "{\"ranking\": [\"", 14);
	memcpy(body + 65533, "\"]}", 3);
	expect_zero("one id of 64 KiB", (assay_bytes){(uint8_t *)body, 65536}, RANKING_GATE_MALFORMED);
	free(body);
}
END_TEST

START_TEST(test_too_many_when_truncated_by_configuration_then_cut)
{
	reward_close(&host);
	ck_assert_int_eq(reward_open(&host, "{\"too_many\": \"truncate\"}"), ASSAY_RC_OK);
	reward_row row = score("{\"ranking\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"nonsense\"]}");
	ck_assert_double_eq(row.score, 1);
	ck_assert_double_eq(reward_part(&host, &row, "flags"), RANKING_FLAG_TRUNCATED);
}
END_TEST

START_TEST(test_bytes_when_random_then_never_a_score)
{
	test_rng rng = {test_seed()};
	for (int i = 0; i < 2000; i++) {
		uint8_t body[64];
		size_t n = (size_t)test_below(&rng, sizeof body);
		for (size_t k = 0; k < n; k++)
			body[k] = (uint8_t)test_next(&rng);
		ck_assert_double_eq(reward_one(&host, letters(), (assay_bytes){body, n}).score, 0);
	}
}
END_TEST

/* ---- rows are alone ---- */

#define BATCH 200

START_TEST(test_batch_when_permuted_or_split_then_same_bits)
{
	static const char *const odd[] = {"{\"ranking\": [\"nope\"]}", "{", "", "{\"ranking\": []}"};
	test_rng rng = {test_seed()};
	assay_challenge *c = calloc(samples_n, sizeof *c);
	asy_buf *best = calloc(samples_n, sizeof *best), *worst = calloc(samples_n, sizeof *worst);
	static assay_response x[BATCH], shuffled[BATCH];
	static reward_row whole[BATCH], again[BATCH], part;
	uint32_t order[BATCH];
	ck_assert(c != NULL && best != NULL && worst != NULL);
	for (size_t i = 0; i < samples_n; i++) {
		c[i] = samples[i].challenge;
		ideal_answer(&samples[i], false, &best[i]);
		ideal_answer(&samples[i], true, &worst[i]);
	}
	for (uint32_t i = 0; i < BATCH; i++) {
		uint32_t to = (uint32_t)test_below(&rng, samples_n);
		uint64_t kind = test_below(&rng, 3);
		x[i] = reward_answer(to, kind == 0   ? bytes_of(&best[to])
								 : kind == 1 ? bytes_of(&worst[to])
											 : reward_text(odd[test_below(&rng, ASY_COUNT(odd))]));
		x[i].latency_ms = (uint32_t)test_below(&rng, 6000);
		x[i].status = test_below(&rng, 10) == 0 ? ASSAY_RESP_HTTP : ASSAY_RESP_OK;
		order[i] = i;
	}
	/* copies share by default, so the order must not matter; alone they do not */
	if (_i == 1)
		reopen("{\"duplicates\": {\"mode\": \"off\"}}");
	ck_assert_int_eq(reward_score(&host, c, (uint32_t)samples_n, x, BATCH, whole), ASSAY_RC_OK);
	ck_assert_int_eq(reward_score(&host, c, (uint32_t)samples_n, x, BATCH, again), ASSAY_RC_OK);
	ck_assert_mem_eq(whole, again, sizeof whole);
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
		ck_assert(reward_same_bits(&again[i], &whole[order[i]], RANKING_C_N));
		ck_assert_int_eq(reward_score(&host, c, (uint32_t)samples_n, &x[i], 1, &part), ASSAY_RC_OK);
		if (_i == 1)
			ck_assert(reward_same_bits(&part, &whole[i], RANKING_C_N));
		ck_assert_int_eq(whole[i].flag, x[i].status == ASSAY_RESP_OK ? ASSAY_ROW_SCORED : 0);
	}
	for (size_t i = 0; i < samples_n; i++) {
		asy_buf_fini(&best[i]);
		asy_buf_fini(&worst[i]);
	}
	free(best);
	free(worst);
	free(c);
}
END_TEST

/* ---- the validator's own mistakes ---- */

START_TEST(test_challenge_when_faulty_then_abstains_with_a_reason)
{
	static const char docs[] = "{\"documents\": [{\"id\": \"a\"}, {\"id\": \"b\"}]}";
	static const char *const bad[][2] = {
		{"{", "{}"},
		{"{}", "{\"relevance\": {\"a\": 1}}"},
		{"{\"documents\": []}", "{\"relevance\": {}}"},
		{"{\"documents\": [{\"id\": 1}]}", "{\"relevance\": {}}"},
		{"{\"documents\": [{\"id\": \"a\"}, {\"id\": \"a\"}]}", "{\"relevance\": {\"a\": 1}}"},
		{"{\"documents\": [{\"id\": \"a\"}], \"size\": 0}", "{\"relevance\": {\"a\": 1}}"},
		{docs, "{}"},
		{docs, "{\"relevance\": {\"a\": 0}}"},
		{docs, "{\"relevance\": {\"a\": 1, \"z\": 1}}"},
		{docs, "{\"relevance\": {\"a\": 2e9}}"},
		{docs, "{\"relevance\": {\"a\": 1, \"caf\\u00e9\": 1}}"},
		{docs, "{\"relevance\": {\"a\": \"1\"}}"},
		{docs, "{\"relevance\": {\"a\": 1}, \"ranking\": [\"z\"]}"},
		{docs, "{\"relevance\": {\"a\": 1}, \"ranking\": [\"a\", \"a\"]}"},
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		assay_challenge c = {.prompt = reward_text(bad[i][0]),
							 .reference = reward_text(bad[i][1]),
							 .meta_json = reward_text("{}")};
		assay_response x = reward_answer(0, reward_text("{\"ranking\": [\"a\"]}"));
		reward_row row;
		host.warned[0] = '\0';
		ck_assert_int_eq(reward_score(&host, &c, 1, &x, 1, &row), ASSAY_RC_OK);
		ck_assert_msg(row.flag == ASSAY_ROW_ABSTAIN, "case %zu: flag %u", i, row.flag);
		ck_assert_str_ne(host.warned, "");
	}
}
END_TEST

START_TEST(test_host_when_it_cancels_then_rows_so_far_are_kept)
{
	assay_response x[3];
	reward_row row[3];
	for (int i = 0; i < 3; i++)
		x[i] = reward_answer(0, reward_text("{\"ranking\": [\"a\"]}"));
	host.stop_after = 2;
	ck_assert_int_eq(reward_score(&host, letters(), 1, x, 3, row), ASSAY_RC_CANCELLED);
	ck_assert(row[0].flag == ASSAY_ROW_SCORED && row[1].flag == ASSAY_ROW_SCORED);
	ck_assert_int_eq(row[2].flag, 0);
	ck_assert_str_ne(host.failed, "");
}
END_TEST

START_TEST(test_config_when_wrong_then_refused_with_the_key)
{
	static const char *const bad[][2] = {
		{"{\"depth\": 0}", "depth"},
		{"{\"gain\": \"cubic\"}", "gain"},
		{"{\"relevant_from\": 0}", "relevant_from"},
		{"{\"too_many\": true}", "too_many"},
		{"{\"rbo_p\": 1}", "rbo_p"},
		{"{\"limits\": {\"bytes\": 1}}", "limits.bytes"},
		{"{\"latency\": {\"weight\": -1}}", "latency.weight"},
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		reward_host h;
		ck_assert_int_eq(reward_open(&h, bad[i][0]), ASSAY_RC_CONFIG);
		ck_assert_msg(strstr(h.failed, bad[i][1]) != NULL, "%s: \"%s\"", bad[i][0], h.failed);
		ck_assert_ptr_null(h.plugin);
	}
}
END_TEST

static double schema_default(asy_jv properties, const char *key)
{
	assay_err err;
	double v;
	ck_ok(asy_jv_f64(asy_jv_get(asy_jv_get(properties, key), "default"), &v, &err), err);
	return v;
}

START_TEST(test_schema_when_read_then_states_the_real_defaults)
{
	asy_json *doc = NULL;
	assay_err err;
	ranking_settings s;
	ck_ok(asy_json_parse(asy_span_str(host.desc->info->config_schema), NULL, &doc, &err), err);
	asy_jv p = asy_jv_get(asy_json_root(doc), "properties");
	asy_jv limits = asy_jv_get(asy_jv_get(p, "limits"), "properties");
	asy_jv latency = asy_jv_get(asy_jv_get(p, "latency"), "properties");
	ck_assert_int_eq(ranking_settings_read(&s, reward_text("{}"), NULL), ASSAY_RC_OK);
	ck_assert_double_eq(schema_default(p, "depth"), (double)s.depth);
	ck_assert_double_eq(schema_default(p, "relevant_from"), s.relevant_from);
	ck_assert_double_eq(schema_default(p, "rbo_p"), s.rbo_p);
	ck_assert_double_eq(schema_default(limits, "bytes"), (double)s.max_body_bytes);
	ck_assert_double_eq(schema_default(latency, "weight"), s.latency.weight);
	ck_assert_double_eq(schema_default(latency, "deadline_ms"), s.latency.deadline_ms);
	ck_assert_double_eq(schema_default(latency, "free"), s.latency.free);
	ck_assert_double_eq(schema_default(latency, "half_life"), s.latency.half_life);
	asy_jv weights = asy_jv_get(asy_jv_get(p, "weights"), "properties");
	ck_assert_uint_eq(asy_jv_size(weights), RANKING_PART_N);
	for (size_t i = 0; i < RANKING_PART_N; i++)
		ck_assert_double_eq(schema_default(weights, s.weights.name[i]), s.weights.weight[i]);
	asy_jv chance = asy_jv_get(asy_jv_get(p, "chance"), "properties");
	asy_jv copies = asy_jv_get(asy_jv_get(p, "duplicates"), "properties");
	asy_jv varied = asy_jv_get(asy_jv_get(p, "diversity"), "properties");
	ck_assert_double_eq(schema_default(chance, "margin"), s.margin);
	ck_assert_double_eq(schema_default(p, "curve"), s.curve);
	ck_assert_double_eq(schema_default(varied, "share"), s.author_share);
	ck_assert_double_eq(schema_default(varied, "surplus"), s.surplus);
	ck_assert_double_eq(schema_default(copies, "bits"), s.relative.duplicates.bits);
	ck_assert_double_eq(schema_default(copies, "similarity"), s.relative.duplicates.similarity);
	ck_assert_double_eq(
		schema_default(asy_jv_get(asy_jv_get(p, "freshness"), "properties"), "half_life_s"),
		s.half_life_s);
	ck_assert_double_eq(
		schema_default(asy_jv_get(asy_jv_get(p, "uniqueness"), "properties"), "power"),
		s.uniqueness);
	ck_assert(s.relative.duplicates.is_on && s.chance && s.per_list);
	ck_assert_int_eq(s.relative.normaliser.kind, PLG_NORM_NONE);
	ck_assert_int_eq(s.form, RANKING_FORM_AUTO);
	ck_assert(!s.truncate);
	asy_json_free(doc);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_samples_when_answered_ideally_then_one);
	tcase_add_test(tc, test_samples_when_answered_with_another_list_then_zero);
	tcase_add_test(tc, test_score_when_worked_by_hand_then_equal);
	tcase_add_test(tc, test_gain_form_when_configured_then_used);
	tcase_add_test(tc, test_profile_when_trec_eval_then_its_conventions);
	tcase_add_test(tc, test_adjacent_pair_when_put_right_then_never_worse);
	tcase_add_test(tc, test_repetition_when_padding_then_squared_penalty);
	tcase_add_test(tc, test_nothing_fits_when_allowed_then_empty_is_right);
	tcase_add_test(tc, test_reference_when_it_ranks_itself_then_rbo_explains);
	tcase_add_test(tc, test_ids_when_composed_differently_then_the_same);
	tcase_add_test(tc, test_bodies_when_not_an_answer_then_zero_with_gate);
	tcase_add_test(tc, test_bodies_when_huge_or_deep_then_cheap_zero);
	tcase_add_test(tc, test_too_many_when_truncated_by_configuration_then_cut);
	tcase_add_test(tc, test_bytes_when_random_then_never_a_score);
	tcase_add_loop_test(tc, test_batch_when_permuted_or_split_then_same_bits, 0, 2);
	tcase_add_test(tc, test_challenge_when_faulty_then_abstains_with_a_reason);
	tcase_add_test(tc, test_host_when_it_cancels_then_rows_so_far_are_kept);
	tcase_add_test(tc, test_config_when_wrong_then_refused_with_the_key);
	tcase_add_test(tc, test_schema_when_read_then_states_the_real_defaults);
}

int main(void)
{
	return test_main("ranking_plugin", fill, 60);
}
