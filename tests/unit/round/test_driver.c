/* The whole driver against the development chain, with the world going wrong at chosen
 * blocks. */
#include "unit/round/story.h"

START_TEST(test_run_when_all_is_well_then_every_vector_counts)
{
	char *sc = story_scenario(STORY_TEMPO, 1, "");
	story *s = story_new(sc, "");
	story_ok(s, 2);
	story_subs x = story_submissions(s);
	ck_assert_uint_eq(x.n, 2);
	ck_assert_int_eq(x.state[0], ASY_SUB_COUNTED);
	ck_assert_int_eq(x.state[1], ASY_SUB_COUNTED);
	ck_assert_uint_eq(s->totals.mismatches, 0);
	ck_assert_uint_eq(story_nonce(s), 4);
	story_free(s);
	free(sc);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_run_when_all_is_well_then_every_vector_counts);
}

int main(void)
{
	return test_main("driver", fill, 60);
}
