/* The whole validator against the development chain: rounds that go well, rounds without
 * room, and lives that end at any moment. */
#include <signal.h>
#include <sys/wait.h>
#include "unit/validator/story.h"

START_TEST(test_run_when_all_is_well_then_every_vector_counts)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	story_ok(s, 2);
	story_counted(s, 2);
	ck_assert_uint_eq(story_nonce(s), 4);
	ck_assert_uint_eq(story_logged(s, "submit.again"), 0);
	ck_assert_uint_eq(story_logged(s, "unusual"), 0);
	ck_assert_uint_eq(story_logged(s, "difference="), 0);
	ck_assert_uint_eq(story_logged(s, " vtrust_low="), 2);
	ck_assert_uint_eq(story_logged(s, "next_epoch_minutes="), 2);
	story_free(s);
}
END_TEST

START_TEST(test_run_when_commit_reveal_is_off_then_sets_directly_and_survives_restarts)
{
	story *s = story_new(STORY_TEMPO, 3, "\"commit_reveal\":false", "");
	for (s->stop_at = 6; s->stop_at < 14; s->stop_at++)
		story_until_stop(s); /* a restart after every block around the setting */
	s->stop_at = 100;
	story_ok(s, 1);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 2);
	story_counted(s, x.n);
	ck_assert_uint_eq(story_nonce(s), x.n);
	story_free(s);
}
END_TEST

/* ---- rounds ---- */

START_TEST(test_run_when_a_period_is_set_then_scores_often_and_sends_once_an_epoch)
{
	story *s = story_new(40, 1, "", ",\"round\":{\"period_ms\":60,\"challenges_per_round\":1}");
	s->stop_at = 130;
	story_until_stop(s);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(s->totals.rounds_begun, 8);
	ck_assert_uint_le(x.n, 4);
	ck_assert_uint_ge(s->totals.counted, 1);
	ck_assert_uint_eq(s->totals.missed, 0);
	story_free(s);
}
END_TEST

static assay_status on_response(void *arg, const asy_rec *rec, assay_err *err)
{
	size_t *dropped = arg;
	(void)err;
	if (rec->type == ASY_REC_RESPONSE)
		*dropped += memmem(rec->payload.ptr, rec->payload.len, "query.max_round_bytes", 21) != NULL;
	return ASSAY_OK;
}

START_TEST(test_query_when_answers_fill_the_rounds_room_then_the_rest_is_our_own_fault)
{
	char answer[1024];
	story *s = story_new(STORY_TEMPO, 1, "",
						 ",\"query\":{\"allow_private\":true,\"max_response_bytes\":1024,"
						 "\"max_round_bytes\":3000}");
	size_t dropped = 0;
	assay_err e = {0};
	(void)snprintf(answer, sizeof answer, "{\"completion\":\"Mercury\",\"filler\":\"%0800d\"}", 0);
	s->answer = answer;
	story_ok(s, 1);
	ck_ok(asy_store_records(s->store, 1, 0, on_response, &dropped, &e), e);
	/* eight answers of some 840 bytes, room for three */
	ck_assert_uint_eq(dropped, 5);
	ck_assert_uint_eq(story_logged(s, "query.room_used_up"), 1);
	story_counted(s, 1);
	story_free(s);
}
END_TEST

START_TEST(test_score_when_the_batch_can_never_fit_then_nobody_is_judged_and_the_round_ends)
{
	char *answer = asy_calloc(1, 300001);
	story *s = story_new(STORY_TEMPO, 1, "", "");
	size_t n = (size_t)snprintf(answer, 300000, "{\"completion\":\"");
	memset(answer + n, 'x', 200000);
	memcpy(answer + n + 200000, "\"}", 3);
	s->answer = answer;
	story_plugin(s, (asy_plugin_opts){.input_max = 1u << 16});
	story_ok(s, 1);
	ck_assert_uint_eq(story_logged(s, "scores.impossible"), 1);
	ck_assert_uint_eq(s->totals.rounds_ended, 1);
	ck_assert_uint_eq(s->totals.refused, 1);
	story_free(s);
	free(answer);
}
END_TEST

static void nobody_is_judged(story *s, const char *event)
{
	s->stop_at = 40;
	story_until_stop(s);
	ck_assert_uint_ge(story_logged(s, event), 1);
	ck_assert_uint_ge(s->totals.rounds_ended, 3);
	ck_assert_uint_le(s->totals.rounds_begun, 40 / STORY_TEMPO + 1);
	ck_assert_uint_eq(s->totals.refused, 40 / STORY_TEMPO); /* one attempt each epoch */
	ck_assert_uint_eq(story_submissions(s).n, 0);
	story_free(s);
}

START_TEST(test_run_when_no_miner_is_reachable_then_rounds_end_without_weights)
{
	nobody_is_judged(story_new(STORY_TEMPO, 1, "", ",\"query\":{\"allow_private\":false}"),
					 "query.nobody");
}
END_TEST

START_TEST(test_run_when_every_miner_refuses_us_then_it_is_us_and_nobody_is_judged)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->status = 401;
	nobody_is_judged(s, "query.suspect");
}
END_TEST

START_TEST(test_run_when_the_plugin_abstains_from_everything_then_nobody_is_judged)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	asy_dataset_free(s->dataset);
	assay_err e = {0};
	/* a reference that the text plugin cannot use is the validator's own fault */
	ck_ok(asy_dataset_parse(asy_span_str("{\"id\":\"a\",\"prompt\":{},\"reference\":{}}"), "x",
							&s->dataset, &e),
		  e);
	nobody_is_judged(s, "abstained=4");
}
END_TEST

/* ---- stopping and going on ---- */

START_TEST(test_run_when_interrupted_at_every_few_requests_then_nothing_is_lost_or_doubled)
{
	story *s = story_new(STORY_TEMPO, 2, "", "");
	story_subs x = {.n = 0};
	bool done = false;
	for (uint64_t life = 0; life < 400 && !done; life++) {
		assay_err e = {0};
		s->stop_every = 30 + life * 7 % 23;
		assay_status st = story_run(s, 0, &e);
		ck_assert_msg(st == ASSAY_E_CANCELLED, "%s: %s", assay_status_name(st), e.msg);
		x = story_submissions(s);
		done = x.n >= 2 && x.state[1] == ASY_SUB_COUNTED;
	}
	ck_assert_msg(done, "%zu vectors\n%s", x.n, story_tail(s));
	for (size_t i = 0; i < x.n; i++)
		ck_assert_msg(x.state[i] != ASY_SUB_MISSED, "vector %zu is missed\n%s", i, story_tail(s));
	s->stop_every = 0;
	story_ok(s, 1);
	x = story_submissions(s);
	ck_assert_uint_eq(story_nonce(s), 2 * x.n); /* one commit and one reveal a vector */
	story_free(s);
}
END_TEST

START_TEST(test_score_when_interrupted_in_a_plugin_that_hangs_then_stops_at_once_and_goes_on_later)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	assay_err e = {0};
	asy_clock *c = asy_sys_clock();
	asy_plugin_opts trick = {.path = ASSAY_BINARY_DIR "/test-plugins/trick.so",
							 .stall_ns = UINT64_C(60) * 1000000000u};
	s->answer = "any bytes";
	s->bad_answer = "!hang";
	story_plugin(s, trick);
	ck_ok(asy_loop_watch_signals(s->loop, &e), e);
	pid_t me = getpid(), other = fork();
	if (other == 0) { /* Ctrl-C, while the plugin hangs */
		(void)usleep(1000000);
		(void)kill(me, SIGINT);
		_exit(0);
	}
	uint64_t began = c->mono_ns(c);
	ck_assert_int_eq(story_run(s, 0, &e), ASSAY_E_CANCELLED);
	ck_assert_msg(c->mono_ns(c) - began < UINT64_C(3) * 1000000000u, "took too long");
	ck_assert_int_eq(waitpid(other, NULL, 0), other);
	/* the next start takes up the same answers; the row that hangs costs its miner */
	asy_loop_calm(s->loop);
	trick.stall_ns = UINT64_C(200) * 1000000u;
	story_plugin(s, trick);
	story_ok(s, 1);
	ck_assert_uint_ge(story_logged(s, "plugin.poison_row"), 1);
	story_subs x = story_submissions(s);
	story_counted(s, x.n);
	story_free(s);
}
END_TEST

static asy_store_faults *disk;

static void fill_disk(story *s, uint64_t head)
{
	if (head == 6 + (uint64_t)s->at)
		disk->full = true;
}

START_TEST(test_run_when_the_disk_is_full_then_a_clear_sentence_and_the_next_start_goes_on)
{
	assay_err e = {0};
	ck_ok(asy_store_fault_vfs(&disk, &e), e);
	for (int at = 0; at < 9; at += 2) {
		story *s = story_new(STORY_TEMPO, 1, "", "");
		story_store(s, "assay-fault");
		s->script = fill_disk;
		s->at = at;
		assay_status st = story_run(s, 2, &e);
		ck_assert_msg(st == ASSAY_E_IO, "%s: %s", assay_status_name(st), e.msg);
		ck_assert_msg(strstr(e.msg, "full") != NULL, "%s", e.msg);
		*disk = (asy_store_faults){0};
		s->script = NULL;
		story_store(s, NULL);
		story_ok(s, 2);
		story_subs x = story_submissions(s);
		ck_assert_uint_ge(x.n, 2);
		for (size_t i = 0; i < x.n; i++)
			ck_assert_msg(x.state[i] == ASY_SUB_COUNTED, "at %d: vector %zu is %s\n%s", at, i,
						  asy_sub_name(x.state[i]), story_tail(s));
		story_free(s);
	}
}
END_TEST

/* ---- what is sent is on disk ---- */

static assay_status count_sending(void *arg, const asy_rec *rec, assay_err *err)
{
	(void)err;
	*(unsigned *)arg += rec->type == ASY_REC_CHALLENGE || rec->type == ASY_REC_SUBMIT ||
						rec->type == ASY_REC_REVEAL_SUBMIT;
	return ASSAY_OK;
}

/* Records of stories of this kind that let something be sent. */
static unsigned sending_records(asy_store *store, asy_story_kind kind)
{
	unsigned n = 0;
	asy_story_info info[64];
	size_t info_n = 0;
	assay_err e = {0};
	ck_ok(asy_store_stories(store, kind, 0, info, 64, &info_n, &e), e);
	for (size_t i = 0; i < info_n; i++)
		ck_ok(asy_store_records(store, info[i].id, 0, count_sending, &n, &e), e);
	return n;
}

static unsigned sent_n, unsafe_n;

/* The power fails now: what the last sync did not cover is lost. */
static void fail_power(story *s, asy_story_kind kind)
{
	char after[64] = "/tmp/assay-power-XXXXXX", command[512];
	assay_err e = {0};
	asy_store *store = NULL;
	ck_assert_ptr_nonnull(mkdtemp(after));
	(void)snprintf(command, sizeof command,
				   "cp %s/assay.db %s && head -c %" PRIu64 " %s/assay.db-wal > %s/assay.db-wal",
				   s->dir, after, (uint64_t)s->disk->log_size, s->dir, after);
	ck_assert_int_eq(system(command), 0);
	ck_ok(asy_store_open(&(asy_store_options){.dir = after}, &store, &e), e);
	unsafe_n += sending_records(store, kind) != sending_records(s->store, kind);
	sent_n++;
	asy_store_close(store);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", after);
	ck_assert_int_eq(system(command), 0);
}

/* Neither a vector, nor its reveal, nor a question is sent that a restart would not know of. */
START_TEST(test_run_when_the_power_fails_at_any_sending_then_what_was_sent_is_on_disk)
{
	assay_err e = {0};
	story *s = story_new(STORY_TEMPO, 1, "", "");
	const asy_store_options so = {.vfs = "assay-fault", .loop = s->loop};
	ck_ok(asy_store_fault_vfs(&s->disk, &e), e);
	story_store_opts(s, so);
	s->sent = fail_power;
	for (unsigned life = 0; life < 6; life++) { /* starts find what was never waited for */
		s->stop_every = 30 + life * 7 % 23;
		assay_status st = story_run(s, 2, &e);
		ck_assert_msg(st == ASSAY_OK || st == ASSAY_E_CANCELLED, "%s", e.msg);
		story_store_opts(s, so);
	}
	s->stop_every = 0;
	story_ok(s, 2);
	ck_assert_uint_ge(story_submissions(s).n, 2);
	ck_assert_uint_ge(sent_n, 10);
	ck_assert_msg(unsafe_n == 0, "%u of %u", unsafe_n, sent_n);
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_run_when_the_power_fails_at_any_sending_then_what_was_sent_is_on_disk);
	tcase_add_test(tc, test_run_when_no_miner_is_reachable_then_rounds_end_without_weights);
	tcase_add_test(tc, test_run_when_every_miner_refuses_us_then_it_is_us_and_nobody_is_judged);
	tcase_add_test(tc, test_run_when_the_plugin_abstains_from_everything_then_nobody_is_judged);
	tcase_add_test(
		tc,
		test_score_when_interrupted_in_a_plugin_that_hangs_then_stops_at_once_and_goes_on_later);
	tcase_add_test(tc, test_run_when_all_is_well_then_every_vector_counts);
	tcase_add_test(tc, test_run_when_commit_reveal_is_off_then_sets_directly_and_survives_restarts);
	tcase_add_test(tc, test_run_when_a_period_is_set_then_scores_often_and_sends_once_an_epoch);
	tcase_add_test(tc, test_query_when_answers_fill_the_rounds_room_then_the_rest_is_our_own_fault);
	tcase_add_test(
		tc, test_score_when_the_batch_can_never_fit_then_nobody_is_judged_and_the_round_ends);
	tcase_add_test(tc,
				   test_run_when_interrupted_at_every_few_requests_then_nothing_is_lost_or_doubled);
	tcase_add_test(tc,
				   test_run_when_the_disk_is_full_then_a_clear_sentence_and_the_next_start_goes_on);
}

int main(void)
{
	return test_main("run", fill, 60);
}
