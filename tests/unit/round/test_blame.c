/* Whole rounds in trouble that is ours: no miner's memory moves, one clear line each; and
 * trouble that is the miners' counts, whatever they agree upon. */
#include "unit/validator/story.h"

typedef struct {
	double score[STORY_MINERS];
	uint64_t failed[STORY_MINERS], observed[STORY_MINERS];
	size_t n;
} memory;

/* The memory as the store has it now, by miner (their uids follow ours). */
static memory memory_of(story *s)
{
	assay_tracker_options o = asy_task_tracker_options(asy_config_get(s->config));
	assay_tracker *t = NULL;
	asy_buf state = {0};
	asy_snapshot_info info;
	assay_err e = {0};
	memory m = {.n = 0};
	ck_ok(asy_store_snapshot_get(s->store, &info, &state, &e), e);
	ck_ok(assay_tracker_decode(&o, asy_buf_span(&state), &t, &e), e);
	for (size_t i = 0; i < assay_tracker_count(t); i++) {
		assay_track x;
		assay_tracker_get(t, i, 0, &x);
		if (x.observed_n + x.failed_n == 0 || m.n == STORY_MINERS)
			continue;
		m.score[m.n] = x.score;
		m.failed[m.n] = x.failed_n;
		m.observed[m.n++] = x.observed_n;
	}
	assay_tracker_free(t);
	asy_buf_fini(&state);
	return m;
}

static void same_memory(const memory *a, const memory *b)
{
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		ck_assert(memcmp(&a->score[i], &b->score[i], sizeof a->score[i]) == 0);
		ck_assert_uint_eq(a->failed[i], b->failed[i]);
		ck_assert_uint_eq(a->observed[i], b->observed[i]);
	}
}

/* Two good rounds; the memory must know everybody then. */
static story *story_well(void)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	story_ok(s, 2);
	ck_assert_uint_eq(story_logged(s, "query.suspect"), 0);
	ck_assert_uint_eq(memory_of(s).n, STORY_MINERS);
	return s;
}

START_TEST(test_rounds_when_six_are_in_trouble_of_ours_then_no_memory_moves_and_it_is_said)
{
	static const struct {
		asy_http_class cls;
		int status;
		const char *cause;
	} cases[] = {
		{ASY_HTTP_ANSWERED, 404, "query.route"},
		{ASY_HTTP_UNREACHABLE, 0, "our network"},
		{ASY_HTTP_TIMEOUT_CONNECT, 0, "our network"},
		{ASY_HTTP_TIMEOUT, 0, "our network"},
		{ASY_HTTP_ANSWERED, 401, "our clock"},
		{ASY_HTTP_TOO_LARGE, 0, "query.max_response_bytes"},
	};
	story *s = story_well();
	memory before = memory_of(s);
	s->trouble = cases[_i].cls;
	s->status = cases[_i].status;
	story_ok(s, 6);
	memory after = memory_of(s);
	same_memory(&before, &after);
	ck_assert_uint_eq(story_logged(s, "query.suspect"), 6);
	ck_assert_ptr_nonnull(strstr(strstr(s->log_text, "query.suspect"), cases[_i].cause));
	ck_assert_ptr_nonnull(strstr(s->log_text, "broken  query.suspect"));
	/* the weights go on from memory meanwhile */
	story_counted(s, 8);
	/* nobody is in quarantine for it: the next good round asks and judges all */
	s->trouble = ASY_HTTP_ANSWERED;
	s->status = 0;
	story_ok(s, 1);
	after = memory_of(s);
	for (size_t i = 0; i < after.n; i++)
		ck_assert_uint_gt(after.observed[i], before.observed[i]);
	ck_assert_uint_eq(story_logged(s, "query.suspect"), 6);
	story_free(s);
}
END_TEST

START_TEST(test_rounds_when_most_miners_answer_404_together_then_honest_ones_are_judged_soon)
{
	story *s = story_well();
	memory before = memory_of(s);
	s->spared = 1;
	s->status = 404;
	story_ok(s, 6);
	memory after = memory_of(s);
	ck_assert_uint_eq(story_logged(s, "query.suspect"), 3);
	ck_assert_uint_eq(story_logged(s, "query.alike"), 3);
	ck_assert_uint_gt(after.observed[0], before.observed[0]);
	for (size_t i = 1; i < after.n; i++)
		ck_assert_uint_gt(after.failed[i], before.failed[i]);
	story_free(s);
}
END_TEST

START_TEST(test_rounds_when_one_miner_fails_then_it_alone_is_judged_by_it)
{
	story *s = story_well();
	memory before = memory_of(s);
	s->spared = 3;
	s->trouble = ASY_HTTP_UNREACHABLE;
	story_ok(s, 6);
	memory after = memory_of(s);
	ck_assert_uint_eq(story_logged(s, "query.suspect"), 0);
	/* asked three times, then the breaker spares it: what is not asked is not observed */
	ck_assert_uint_gt(after.failed[3], before.failed[3]);
	ck_assert_uint_lt(after.failed[3] - before.failed[3], after.observed[0] - before.observed[0]);
	story_free(s);
}
END_TEST

START_TEST(test_rounds_when_the_plugin_dies_of_most_answers_then_no_miner_pays)
{
	story *s = story_well();
	memory before = memory_of(s);
	asy_plugin_opts trick = {.path = ASSAY_BINARY_DIR "/test-plugins/trick.so"};
	s->answer = "!crash";
	story_plugin(s, trick);
	story_ok(s, 1);
	memory after = memory_of(s);
	for (size_t i = 0; i < after.n; i++)
		ck_assert_uint_eq(after.failed[i], before.failed[i]);
	ck_assert_uint_eq(story_logged(s, "scores.unjudged"), 1);
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(
		tc, test_rounds_when_six_are_in_trouble_of_ours_then_no_memory_moves_and_it_is_said, 0, 6);
	tcase_add_test(
		tc, test_rounds_when_most_miners_answer_404_together_then_honest_ones_are_judged_soon);
	tcase_add_test(tc, test_rounds_when_one_miner_fails_then_it_alone_is_judged_by_it);
	tcase_add_test(tc, test_rounds_when_the_plugin_dies_of_most_answers_then_no_miner_pays);
}

int main(void)
{
	return test_main("blame", fill, 60);
}
