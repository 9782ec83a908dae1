/* Another plugin scores recorded rounds once more: the same one differs in nothing, another
 * one's difference is told in numbers, and one that dies of the answers is found out. */
#include "research/research.h"
#include "unit/validator/story.h"

static asy_shadow shadow(story *s, const char *so)
{
	asy_plugin *p = NULL;
	asy_shadow out = {0};
	assay_err e = {0};
	asy_plugin_opts o = {.path = so,
						 .worker_path = ASSAY_BINARY_DIR "/bin/assay-worker",
						 .grant = ASY_PLUGIN_GRANT_DEFAULT,
						 .clock = asy_sys_clock(),
						 .backoff_ns = 1,
						 .backoff_max_ns = 1};
	ck_ok(asy_plugin_open(&o, &p, &e), e);
	ck_ok(asy_research_shadow(s->store, 1, p, &out, &e), e);
	asy_plugin_close(p);
	return out;
}

START_TEST(test_shadow_when_the_same_plugin_then_nothing_differs)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	story_ok(s, 1);
	asy_shadow x = shadow(s, ASSAY_BINARY_DIR "/plugins/text.so");
	ck_assert_uint_eq(x.round, 1);
	ck_assert_uint_gt(x.rows, 4);
	ck_assert_uint_eq(x.differ + x.unscored + x.deaths, 0);
	ck_assert_double_eq(x.largest, 0);
	ck_assert_double_eq(x.rank_correlation, 1);
	story_free(s);
}
END_TEST

START_TEST(test_shadow_when_another_plugin_then_the_difference_is_told)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	story_ok(s, 1);
	asy_shadow x = shadow(s, ASSAY_BINARY_DIR "/plugins/example-length.so");
	ck_assert_uint_gt(x.differ, 0);
	ck_assert_uint_eq(x.unscored + x.deaths, 0);
	ck_assert(x.largest > 0.5 && x.largest <= 1);
	ck_assert(x.rank_correlation < 1);
	/* one that scores everything alike knows no order */
	x = shadow(s, ASSAY_BINARY_DIR "/test-plugins/newer.so");
	ck_assert_uint_eq(x.differ, x.rows);
	ck_assert_double_nan(x.rank_correlation);
	story_free(s);
}
END_TEST

START_TEST(test_shadow_when_it_dies_of_the_answers_then_deaths_are_counted)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	story_ok(s, 1);
	asy_shadow x = shadow(s, ASSAY_BINARY_DIR "/test-plugins/score_crashes.so");
	ck_assert_uint_gt(x.deaths, 0);
	ck_assert_uint_eq(x.unscored, x.rows);
	story_free(s);
}
END_TEST

START_TEST(test_shadow_when_there_is_no_such_round_then_not_found)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_shadow out = {.rows = 7};
	assay_err e = {0};
	story_ok(s, 1);
	ck_assert_int_eq(asy_research_shadow(s->store, 99, s->plugin, &out, &e), ASSAY_E_NOTFOUND);
	ck_assert_uint_eq(out.rows, 7);
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_shadow_when_the_same_plugin_then_nothing_differs);
	tcase_add_test(tc, test_shadow_when_another_plugin_then_the_difference_is_told);
	tcase_add_test(tc, test_shadow_when_it_dies_of_the_answers_then_deaths_are_counted);
	tcase_add_test(tc, test_shadow_when_there_is_no_such_round_then_not_found);
}

int main(void)
{
	return test_main("research.shadow", fill, 120);
}
