/* What the text plugin looks at beside shared words: facts, models, constraints, and the
 * measures that a configuration can weigh. */
#include <math.h>
#include "support/reward.h"

enum { GATE_COPY = 16 };

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

/* A long answer says what the reference says, in other words or in a number of its own. */
START_TEST(test_fact_when_changed_then_its_component_says_so)
{
	static const struct {
		const char *reference, *answer, *component;
	} cases[] = {
		{"The tower was finished in 1889 after two years and stands 330 metres high in Paris.",
		 "The tower was finished in 1899 after two years and stands 330 metres high in Paris.",
		 "quantity_factor"},
		{"The tower was finished by the engineer in spring and it was designed by Sauvestre.",
		 "The tower was finished by the engineer in spring and it was designed by Haussmann.",
		 "name_factor"},
		{"The pressure of the gas increases when the tank is heated by the sun at noon.",
		 "The pressure of the gas does not increase when the tank is heated by the sun at noon.",
		 "polarity_factor"},
		{"The pressure of the gas increases when the tank is heated by the sun at noon.",
		 "The pressure of the gas decreases when the tank is heated by the sun at noon.",
		 "polarity_factor"},
		{"The cat chased the dog through the whole garden until the evening came.",
		 "The dog chased the cat through the whole garden until the evening came.", "role_factor"},
		{"The engine pulls the waggons up the hill with a long rope of steel.",
		 "The engine pulls the waggons up the hill with a long rope of paper.", "change_factor"},
		{"The pressure of the gas increases when the tank is heated by the sun at noon.",
		 "I am not sure, but maybe the pressure of the gas increases when the tank is heated.",
		 "hedge_factor"},
	};
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		char reference[512];
		(void)snprintf(reference, sizeof reference, "{\"answers\":[\"%s\"]}", cases[i].reference);
		const assay_challenge c = challenge("{\"id\":\"q\",\"question\":\"?\"}", reference);
		reward_row right = say(&h, &c, cases[i].reference), r = say(&h, &c, cases[i].answer);
		ck_assert_double_ge(right.score, 0.95);
		ck_assert_msg(reward_part(&h, &r, cases[i].component) <= 0.25 && r.score <= 0.25,
					  "%s: %f, score %f", cases[i].answer, reward_part(&h, &r, cases[i].component),
					  r.score);
	}
	reward_close(&h);
}
END_TEST

/* Facts that only look different: a crude comparison of digits would refuse these. */
START_TEST(test_fact_when_written_otherwise_then_kept)
{
	static const char *const pairs[][2] = {
		{"The flight to the station took 5 hours and covered 1,000 kilometres in all.",
		 "The flight to the station took 300 minutes and covered 1,000,000 metres in all."},
		{"The flight to the station took 5 hours and covered 1,000 kilometres in all.",
		 "The flight to the station took five hours and covered a thousand km in all."},
		{"Half of the members voted on 3 May 2001 for the new statute of the club.",
		 "50 percent of the members voted on 2001-05-03 for the new statute of the club."},
		{"The cat chased the dog through the whole garden until the evening came.",
		 "The dog was chased by the cat through the whole garden until the evening came."},
		{"After the war had ended, the king gave the land back to the farmers.",
		 "The king gave the land back to the farmers after the war had ended."},
		{"The engine pulls the waggons up the hill with a long rope of steel.",
		 "The motor pulls the waggons up the hill with a lengthy rope of steel."},
	};
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	for (size_t i = 0; i < ASY_COUNT(pairs); i++) {
		char reference[512];
		(void)snprintf(reference, sizeof reference, "{\"answers\":[\"%s\"]}", pairs[i][0]);
		const assay_challenge c = challenge("{\"id\":\"q\",\"question\":\"?\"}", reference);
		double s = say(&h, &c, pairs[i][1]).score;
		reward_row r = say(&h, &c, pairs[i][1]);
		if (reward_part(&h, &r, "lexicon") == 0 && i == 5)
			continue; /* no word list here: synonyms cannot be told */
		ck_assert_msg(s >= 0.7, "%s: %f", pairs[i][1], s);
	}
	reward_close(&h);
}
END_TEST

/* A pattern that the answer drives into its limit is not satisfied, and costs little. */
START_TEST(test_constraint_when_broken_or_undecided_then_gated)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	char hostile[512] = "";
	reward_host h;
	for (int i = 0; i < 60; i++)
		strcat(hostile, "aaaa");
	strcat(hostile, "!");
	ck_assert_int_eq(reward_open(&h, "{\"constraints\":{\"must_match\":[\"^Sun\"],"
									 "\"must_not_match\":[\"(a+)+$\",\"(?i)language model\"]}}"),
					 ASSAY_RC_OK);
	ck_assert_double_ge(say(&h, &c, long_answer).score, 0.95);
	reward_row r = say(&h, &c, "Light of the sun is scattered by air.");
	ck_assert_double_eq(reward_part(&h, &r, "gate"), 17);
	ck_assert_double_eq(r.score, 0);
	r = say(&h, &c, hostile);
	ck_assert_double_eq(reward_part(&h, &r, "gate"), 17);
	ck_assert_double_eq(reward_part(&h, &r, "undecided"), 1);
	reward_close(&h);
	ck_assert_int_eq(reward_open(&h, "{\"constraints\":{\"must_match\":[\"(\"]}}"),
					 ASSAY_RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(h.failed, "must_match"));
}
END_TEST

/* Every measure that can be weighed, alone: 1 for the reference itself, less for others. */
START_TEST(test_measure_when_weighed_alone_then_the_reference_is_best)
{
	static const char *const names[] = {
		"exact_match", "f1",  "rouge_l_above", "rouge_lsum_above", "chrf_above", "bleu",
		"meteor",      "ter", "edit",          "content"};
	const assay_challenge c = challenge(long_prompt, long_reference);
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		char config[256];
		reward_host h;
		(void)snprintf(config, sizeof config,
					   "{\"profile\":\"parity\",\"weights\":{\"long\":{\"rouge_l_above\":0,"
					   "\"chrf_above\":0,\"%s\":1}}}",
					   names[i]);
		if (strstr(names[i], "rouge_l_above") != NULL)
			(void)snprintf(config, sizeof config,
						   "{\"profile\":\"parity\",\"weights\":{\"long\":{\"chrf_above\":0}}}");
		if (strstr(names[i], "chrf_above") != NULL)
			(void)snprintf(config, sizeof config,
						   "{\"profile\":\"parity\",\"weights\":{\"long\":{\"rouge_l_above\":0}}}");
		ck_assert_int_eq(reward_open(&h, config), ASSAY_RC_OK);
		reward_row same = say(&h, &c, long_answer),
				   other = say(&h, &c, "Water expands when it freezes, so ice floats on top.");
		ck_assert_msg(same.score > 0.99 && other.score < 0.4, "%s: %f and %f", names[i], same.score,
					  other.score);
		reward_close(&h);
	}
}
END_TEST

#define MODELS ASSAY_SOURCE_DIR "/tests/unit/plugin_encoder/models"

/* The opinions of models are components; without a path they are not measured, and a path
 * without a model is a mistake that is named. The models here are tiny and random: what
 * they say means nothing, that it counts is the claim. */
START_TEST(test_models_when_configured_then_their_opinion_counts)
{
	const assay_challenge c = challenge(long_prompt, long_reference);
	static const char answer[] =
		"Short waves are redirected by the atmosphere more often than others.";
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	reward_row r = say(&h, &c, answer);
	ck_assert(isnan(reward_part(&h, &r, "similarity")) && isnan(reward_part(&h, &r, "entailment")));
	reward_close(&h);
	ck_assert_int_eq(reward_open(&h, "{\"encoder\":{\"path\":\"" MODELS "/bert\"},"
									 "\"entailment\":{\"path\":\"" MODELS "/bert-nli\"}}"),
					 ASSAY_RC_OK);
	r = say(&h, &c, answer);
	ck_assert(reward_part(&h, &r, "similarity") >= 0 && reward_part(&h, &r, "similarity") <= 1);
	ck_assert_double_le(reward_part(&h, &r, "entailment_factor"), 1);
	ck_assert_double_gt(reward_part(&h, &r, "entailment"), 0);
	ck_assert_double_ge(reward_part(&h, &r, "content"), reward_part(&h, &r, "entailment"));
	reward_row same = say(&h, &c, long_answer);
	ck_assert_double_eq_tol(reward_part(&h, &same, "similarity"), 1, 1e-6);
	reward_close(&h);
	static const char *const bad[] = {"{\"encoder\":{\"path\":\"" MODELS "/none\"}}",
									  "{\"entailment\":{\"path\":\"" MODELS "/bert\"}}"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		ck_assert_int_eq(reward_open(&h, bad[i]), ASSAY_RC_CONFIG);
		ck_assert_ptr_nonnull(strstr(h.failed, ".path"));
	}
}
END_TEST

/* A chat transcript is a prompt too; repeating the user's words earns nothing. */
START_TEST(test_answer_when_it_echoes_the_messages_then_gated)
{
	const assay_challenge c =
		challenge("{\"messages\":[{\"role\":\"system\",\"content\":\"Answer briefly.\"},{\"role\":"
				  "\"user\",\"content\":\"Why does the sea taste of salt?\"}]}",
				  "{\"answers\":[\"Rivers carry salts out of the rocks into the sea, and the water "
				  "leaves it again as vapour.\"]}");
	reward_host h;
	ck_assert_int_eq(reward_open(&h, "{}"), ASSAY_RC_OK);
	reward_row r = say(&h, &c, "Why does the sea taste of salt?");
	ck_assert_double_eq(r.score, 0);
	ck_assert_double_eq(reward_part(&h, &r, "gate"), GATE_COPY);
	ck_assert(isnan(reward_part(&h, &r, "content")));
	reward_close(&h);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_fact_when_changed_then_its_component_says_so);
	tcase_add_test(tc, test_fact_when_written_otherwise_then_kept);
	tcase_add_test(tc, test_constraint_when_broken_or_undecided_then_gated);
	tcase_add_test(tc, test_measure_when_weighed_alone_then_the_reference_is_best);
	tcase_add_test(tc, test_models_when_configured_then_their_opinion_counts);
	tcase_add_test(tc, test_answer_when_it_echoes_the_messages_then_gated);
}

int main(void)
{
	return test_main("text facts", fill, 60);
}
