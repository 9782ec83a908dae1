/* Copies of text answers: who shares a reward, who is exempt, who is let alone. */
#include "support/reward.h"

enum { COPIES = 10 };

static reward_host host;

static assay_challenge challenge(const char *prompt, const char *reference)
{
	return (assay_challenge){.prompt = reward_text(prompt),
							 .reference = reward_text(reference),
							 .meta_json = reward_text("{}")};
}

static double component(const reward_row *r, const char *name)
{
	const assay_plugin_info *info = host.desc->info;
	for (uint32_t k = 0; k < info->component_n; k++)
		if (strcmp(info->component_name[k], name) == 0)
			return r->component[k];
	ck_abort_msg("no component %s", name);
	return 0;
}

/* One batch with these answers to one challenge. */
static void answers(const assay_challenge *c, const char *const *s, size_t n, reward_row *out)
{
	asy_buf body[COPIES] = {0};
	assay_response x[COPIES];
	assay_err err;
	ck_assert_uint_le(n, COPIES);
	for (size_t i = 0; i < n; i++) {
		asy_jw w = asy_jw_out(&body[i], 0);
		asy_jw_object(&w);
		asy_jw_key(&w, "completion");
		asy_jw_str(&w, s[i]);
		asy_jw_end_object(&w);
		ck_ok(asy_jw_end(&w, &err), err);
		x[i] = reward_answer(0, (assay_bytes){body[i].ptr, body[i].len});
	}
	ck_assert_int_eq(reward_score(&host, c, 1, x, n, out), ASSAY_RC_OK);
	for (size_t i = 0; i < n; i++)
		asy_buf_fini(&body[i]);
}

/* How many of two answers share. */
static int cluster_of(const assay_challenge *c, const char *a, const char *b)
{
	const char *both[2] = {a, b};
	reward_row row[2];
	answers(c, both, 2, row);
	ck_assert_double_eq(component(&row[0], "cluster_size"), component(&row[1], "cluster_size"));
	return (int)component(&row[0], "cluster_size");
}

static void ten_earn_as_one(const assay_challenge *c, const char *s)
{
	const char *same[COPIES];
	reward_row row[COPIES], alone;
	double sum = 0;
	for (size_t i = 0; i < COPIES; i++)
		same[i] = s;
	answers(c, same, 1, &alone);
	answers(c, same, COPIES, row);
	ck_assert_msg(alone.score > 0, "%g: %s", alone.score, s);
	for (size_t i = 0; i < COPIES; i++) {
		sum += row[i].score;
		ck_assert_double_eq(component(&row[i], "duplicate_rule"), 0);
		ck_assert_double_eq(component(&row[i], "cluster_size"), COPIES);
	}
	ck_assert_msg(sum <= 1.1 * alone.score, "ten earn %g, one earns %g: %s", sum, alone.score, s);
}

static const char sky_prompt[] = "{\"id\":\"q\",\"question\":\"Why is the sky blue?\"}";
static const char sky_reference[] =
	"{\"answers\":[\"Sunlight is scattered by the air, and blue light is scattered much more "
	"strongly than red light, so it reaches us from everywhere.\"]}";
static const char sky[] =
	"Air molecules scatter short waves far more than long ones. That is why the blue part of "
	"sunlight reaches our eyes from all directions, while the red light passes straight on.";
static const char city_prompt[] = "{\"id\":\"q\",\"question\":\"What is the capital of France?\"}";
static const char city_reference[] = "{\"answers\":[\"Paris\"]}";
static const char city[] =
	"The capital is Paris. It grew from a fishing village on an island in the river Seine, where "
	"merchants crossed the water, and later kings built their palaces and bridges around it.";

START_TEST(test_copies_when_ten_are_identical_then_earn_as_one)
{
	assay_challenge open = challenge(sky_prompt, sky_reference);
	ten_earn_as_one(
		&open, "Sunlight is scattered by the molecules of the air, and blue light is scattered "
			   "far more strongly than red light, so it arrives from all directions.");
	ten_earn_as_one(&open,
					"Sunlight is scattered by the air, and blue light is scattered much more "
					"strongly than red light, so it reaches us from everywhere.");
	assay_challenge chinese =
		challenge("{\"id\":\"q\",\"question\":\"天空为什么是蓝色的？\"}",
				  "{\"answers\":["
				  "\"阳光进入大气层后被空气分子散射，波长较短的蓝光比波长较长的红光散射得强烈得多，"
				  "因此蓝光从四面八方到达我们的眼睛，而红光大多沿着直线继续前进，所以我们在白天看到"
				  "的天空总是呈现"
				  "出蓝色。\"]}");
	ten_earn_as_one(
		&chinese, "阳光进入大气层后被空气分子散射，波长较短的蓝光比红光散射得强烈得多，因此蓝光从四"
				  "面八方到达我们的眼睛，红光大多沿着直线前进，所以天空总是呈现出蓝色。");
}
END_TEST

/* The reference says one word; what the answer adds to it was chosen freely. */
START_TEST(test_copies_when_reference_is_short_then_own_words_are_shared)
{
	assay_challenge c = challenge(city_prompt, city_reference);
	ten_earn_as_one(&c, city);
	assay_challenge yes =
		challenge("{\"id\":\"q\",\"question\":\"Is Paris in France?\"}", "{\"answers\":[\"yes\"]}");
	ten_earn_as_one(&yes,
					"Yes, the city lies on the Seine in the north of the country, and people "
					"have lived there since long before Roman soldiers arrived and built their "
					"streets, baths and theatre.");
}
END_TEST

START_TEST(test_copies_when_answer_is_closed_then_exempt_and_says_so)
{
	static const char *const closed[] = {"Paris", "PARIS.", "The capital of France is Paris.",
										 "The answer to your question is: Paris, France."};
	assay_challenge c = challenge(city_prompt, city_reference);
	for (size_t k = 0; k < ASY_COUNT(closed); k++) {
		const char *same[] = {closed[k], closed[k], closed[k]};
		reward_row row[3];
		answers(&c, same, 3, row);
		for (size_t i = 0; i < 3; i++) {
			ck_assert_double_eq(component(&row[i], "duplicate_rule"), 1);
			ck_assert_double_eq(component(&row[i], "duplicate_factor"), 1);
			ck_assert_double_lt(component(&row[i], "duplicate_bits"), 64);
			ck_assert_double_gt(row[i].score, 0.9);
		}
	}
	/* What the miner was shown is not his own either. */
	assay_challenge passage = challenge(
		"{\"id\":\"q\",\"question\":\"Is the little spotted kiwi rare?\",\"context\":\"The bird "
		"once roamed wide forests of the mainland, until hunters, dogs and settlers destroyed "
		"nearly "
		"every colony; today it survives on Kapiti Island and a handful of others.\"}",
		"{\"answers\":[\"yes\"]}");
	static const char *const quoted[] = {"Yes, hunters, dogs and settlers destroyed nearly every "
										 "colony; today it survives on Kapiti "
										 "Island and a handful of others.",
										 "Yes, hunters, dogs and settlers destroyed nearly every "
										 "colony; today it survives on Kapiti "
										 "Island and a handful of others."};
	reward_row row[2];
	answers(&passage, quoted, 2, row);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_double_gt(row[i].score, 0.9);
		ck_assert_double_eq(component(&row[i], "duplicate_rule"), 1);
	}
}
END_TEST

START_TEST(test_copies_when_disguised_then_still_shared)
{
	static const char *const disguised[] = {
		/* a full stop more */
		"Air molecules scatter short waves far more than long ones. That is why the blue part of "
		"sunlight reaches our eyes from all directions, while the red light passes straight on..",
		/* case */
		"AIR molecules SCATTER short waves far more than long ones. that is why the Blue Part of "
		"Sunlight reaches our eyes from all directions, while the red light passes straight ON.",
		/* invisible characters, a no-break space, a Cyrillic a */
		"Air mole\u200bcules sc\u0430tter short waves far more than long ones. That is\u00a0why "
		"the "
		"blue part of "
		"sun\u00adlight reaches our eyes from all directions, while the red light passes straight "
		"on.",
		/* a synonym */
		"Air molecules scatter short waves far more than long ones. That is why the blue part of "
		"sunlight arrives our eyes from all directions, while the red light passes straight on.",
		/* sentences in another order */
		"That is why the blue part of sunlight reaches our eyes from all directions, while the red "
		"light passes straight on. Air molecules scatter short waves far more than long ones.",
		/* clauses too */
		"While the red light passes straight on, that is why the blue part of sunlight reaches our "
		"eyes from all directions. Air molecules scatter short waves far more than long ones.",
		/* a remark before */
		"Well: Air molecules scatter short waves far more than long ones. That is why the blue "
		"part "
		"of sunlight reaches our eyes from all directions, while the red light passes straight "
		"on."};
	assay_challenge c = challenge(sky_prompt, sky_reference);
	for (size_t i = 0; i < ASY_COUNT(disguised); i++)
		ck_assert_msg(cluster_of(&c, sky, disguised[i]) == 2, "not seen: %s", disguised[i]);
	assay_challenge closed = challenge(city_prompt, city_reference);
	ck_assert_int_eq(
		cluster_of(
			&closed, city,
			"It grew from a fishing village on an island in the river Seine, where merchants "
			"crossed the water, and later kings built their palaces and bridges around it. "
			"THE CAPITAL IS PARIS!"),
		2);
}
END_TEST

/* People who know the same say it in similar words. */
START_TEST(test_copies_when_answers_are_independent_then_nobody_shares)
{
	static const char *const independent[] = {
		sky,
		"Sunlight is scattered by air molecules, and blue light is scattered more strongly than "
		"red "
		"light, which is why blue light reaches our eyes from every direction.",
		"Because air scatters blue light much more strongly than red light, the blue part of "
		"sunlight reaches us from everywhere in the sky.",
		"The air scatters sunlight. Blue light has shorter waves and is scattered much more than "
		"red "
		"light, so we see blue wherever we look.",
		"Rayleigh scattering: molecules of the air scatter light of short waves (blue) far more "
		"than "
		"light of long waves (red), so blue comes from all directions.",
		"When sunlight passes through the air, the molecules scatter the blue light more than the "
		"red light, and the scattered blue light reaches our eyes from everywhere."};
	assay_challenge c = challenge(sky_prompt, sky_reference);
	reward_row row[COPIES];
	answers(&c, independent, ASY_COUNT(independent), row);
	for (size_t i = 0; i < ASY_COUNT(independent); i++) {
		ck_assert_double_eq(component(&row[i], "duplicate_rule"), 0);
		ck_assert_msg(component(&row[i], "cluster_size") == 1, "shares: %s", independent[i]);
	}
	/* Shuffled words are no answer and must not cost one its reward. */
	ck_assert_int_eq(
		cluster_of(
			&c, sky,
			"Directions all from eyes our reaches sunlight of part blue the why is that. On "
			"straight passes light red the while, ones long than more far waves short scatter "
			"molecules air."),
		1);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_copies_when_ten_are_identical_then_earn_as_one);
	tcase_add_test(tc, test_copies_when_reference_is_short_then_own_words_are_shared);
	tcase_add_test(tc, test_copies_when_answer_is_closed_then_exempt_and_says_so);
	tcase_add_test(tc, test_copies_when_disguised_then_still_shared);
	tcase_add_test(tc, test_copies_when_answers_are_independent_then_nobody_shares);
}

static void open_host(void)
{
	ck_assert_int_eq(reward_open(&host, "{}"), ASSAY_RC_OK);
}

static void close_host(void)
{
	reward_close(&host);
}

static void fill_with_host(TCase *tc)
{
	tcase_add_checked_fixture(tc, open_host, close_host);
	fill(tc);
}

int main(void)
{
	return test_main("text copies", fill_with_host, 60);
}
