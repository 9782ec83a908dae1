/* Another validator with our hotkey: seen, said, and what is done then by configuration. */
#include "unit/validator/story.h"

#define FOREIGN(what)                                                                              \
	",\"submit\":{\"lead_blocks\":5,\"jitter_blocks\":0,\"on_foreign\":\"" what "\"}"

/* ---- the other one ---- */

static void submit(story *s, const asy_buf *call)
{
	const world_signer us = {.uri = "//V0", .nonce = story_nonce(s)};
	lnet_rpc_error e = world_submit(&s->w, &us, call);
	ck_assert_msg(e.code == 0, "%d %s", e.code, e.message);
}

static void commit_as_us(story *s)
{
	asy_buf call = {0};
	assay_err e = {0};
	uint8_t netuid_and_hash[34] = {1, 0, 0xab, (uint8_t)s->w.node->ledger->head};
	world_call(&call, LNET_C_COMMIT_WEIGHTS);
	ck_ok(asy_buf_add(&call, netuid_and_hash, sizeof netuid_and_hash, &e), e);
	submit(s, &call);
	asy_buf_fini(&call);
}

static void set_as_us(story *s)
{
	asy_buf call = {0};
	assay_err e = {0};
	world_call(&call, LNET_C_SET_WEIGHTS);
	asy_scale_w w = asy_scale_out(&call);
	asy_scale_put_u16(&w, 1);
	asy_scale_put_compact(&w, 3);
	for (uint16_t uid = 3; uid < 6; uid++)
		asy_scale_put_u16(&w, uid);
	asy_scale_put_compact(&w, 3);
	for (uint16_t value = 1; value < 4; value++)
		asy_scale_put_u16(&w, value);
	asy_scale_put_u64(&w, 0);
	ck_ok(asy_scale_out_end(&w, &e), e);
	submit(s, &call);
	asy_buf_fini(&call);
}

static void commit_at_20(story *s, uint64_t head)
{
	if (head == 20)
		commit_as_us(s);
}

static void set_at_20(story *s, uint64_t head)
{
	if (head == 20)
		set_as_us(s);
}

static void commit_each_epoch(story *s, uint64_t head)
{
	if (head % STORY_TEMPO == 3)
		commit_as_us(s);
}

/* ---- in the middle of a life ---- */

START_TEST(test_others_when_a_commitment_is_not_ours_then_said_and_silent_for_a_tempo)
{
	void (*const scripts[])(story *, uint64_t) = {commit_at_20, set_at_20};
	for (size_t i = 0; i < ASY_COUNT(scripts); i++) {
		story *s = story_new(STORY_TEMPO, 1, i == 0 ? "" : "\"commit_reveal\":false", "");
		s->script = scripts[i];
		s->stop_at = 34; /* 21 + a tempo + the lead */
		story_until_stop(s);
		ck_assert_msg(story_logged(s, "broken  hotkey.second_validator") == 1, "%s", story_tail(s));
		size_t before = story_logged(s, "weights.sealed");
		ck_assert_uint_ge(before, 1);
		ck_assert_uint_le(before, 2);
		s->stop_at = 140;
		story_until_stop(s);
		/* all of them were of this life, and no other sign came */
		ck_assert_uint_eq(story_logged(s, "hotkey.second_validator"), 1);
		ck_assert_msg(story_logged(s, "weights.sealed") > before, "%s", story_tail(s));
		ck_assert_uint_eq(story_submissions(s).state[0], ASY_SUB_COUNTED);
		story_free(s);
	}
}
END_TEST

START_TEST(test_others_when_one_is_at_work_in_every_epoch_then_we_stay_silent)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->script = commit_each_epoch;
	s->stop_at = 150;
	story_until_stop(s);
	ck_assert_msg(story_logged(s, "hotkey.second_validator") >= 8, "%s", story_tail(s));
	ck_assert_uint_le(story_logged(s, "weights.sealed"), 1);
	ck_assert_uint_eq(story_logged(s, "hotkey.alone"), 0);
	story_free(s);
}
END_TEST

START_TEST(test_others_when_configured_to_exit_then_open_vectors_are_seen_through_first)
{
	story *s = story_new(STORY_TEMPO, 1, "", FOREIGN("exit"));
	assay_err e = {0};
	s->script = commit_at_20;
	ck_assert_int_eq(story_run(s, 0, &e), ASSAY_E_LOCKED);
	ck_assert_ptr_nonnull(strstr(e.msg, "hotkey.second_validator"));
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 1);
	for (size_t i = 0; i < x.n; i++)
		ck_assert_int_ge(x.state[i], ASY_SUB_COUNTED);
	story_free(s);
}
END_TEST

START_TEST(test_others_when_configured_to_warn_then_says_so_and_goes_on)
{
	story *s = story_new(STORY_TEMPO, 1, "", FOREIGN("warn"));
	s->script = commit_at_20;
	s->stop_at = 80;
	story_until_stop(s);
	ck_assert_uint_eq(story_logged(s, "hotkey.second_validator"), 1);
	ck_assert_uint_ge(story_logged(s, "weights.sealed"), 5);
	story_free(s);
}
END_TEST

/* ---- a node's word ---- */

/* A commitment that only one look shows: a reorganisation took it, or the node made it up. */
static void one_look(story *s, uint64_t head)
{
	if (head == 20)
		commit_as_us(s);
	if (head == 21 && s->rebuilds == 0)
		story_reorganise(s, 20);
}

START_TEST(test_others_when_the_next_look_shows_nothing_then_nothing_was_there)
{
	story *s = story_new(STORY_TEMPO, 5, "", "");
	s->script = one_look;
	s->stop_at = 60;
	story_until_stop(s);
	ck_assert_uint_eq(s->rebuilds, 1);
	ck_assert_uint_eq(story_logged(s, "hotkey."), 0);
	ck_assert_uint_ge(story_logged(s, "weights.sealed"), 3);
	story_free(s);
}
END_TEST

/* ---- a fresh data directory ---- */

static void forget_all(story *s)
{
	char command[128];
	asy_store_close(s->store);
	s->store = NULL;
	(void)snprintf(command, sizeof command, "rm -rf '%s'", s->dir); /* made by mkdtemp */
	ck_assert_int_eq(system(command), 0);
	story_store(s, NULL);
}

START_TEST(test_fresh_when_our_hotkey_was_active_then_a_tempo_of_silence)
{
	for (unsigned watch = 0; watch < 2; watch++) {
		story *s = story_new(STORY_TEMPO, 1, "",
							 watch ? ""
								   : ",\"submit\":{\"lead_blocks\":5,\"jitter_blocks\":0,"
									 "\"watch\":false}");
		s->stop_at = 24;
		story_until_stop(s); /* a commitment of block 20 or so is open */
		size_t before = story_logged(s, "weights.sealed");
		forget_all(s);
		s->stop_at = 34;
		story_until_stop(s);
		ck_assert_uint_eq(story_logged(s, "unusual hotkey.watch"), watch);
		ck_assert_uint_eq(story_logged(s, "weights.sealed") - before, watch ? 0u : 1u);
		s->stop_at = 70;
		story_until_stop(s);
		ck_assert_uint_ge(story_logged(s, "weights.sealed"), before + 1);
		ck_assert_uint_eq(story_logged(s, "hotkey.second_validator"), 0);
		story_free(s);
	}
}
END_TEST

START_TEST(test_fresh_when_the_hotkey_did_nothing_for_a_tempo_then_no_silence)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->stop_at = 20;
	story_until_stop(s);
	forget_all(s);
	world_blocks(&s->w, 3 * STORY_TEMPO);
	s->stop_at = 100;
	story_until_stop(s);
	ck_assert_uint_eq(story_logged(s, "hotkey."), 0);
	story_free(s);
}
END_TEST

/* ---- a data directory that moves ---- */

static void move_directory(story *s)
{
	char there[80];
	asy_store_close(s->store);
	s->store = NULL;
	(void)snprintf(there, sizeof there, "%s-b", s->dir);
	ck_assert_int_eq(rename(s->dir, there), 0);
	ck_assert(asy_str_copy(s->dir, sizeof s->dir, there));
	story_store(s, NULL);
}

/* Stopped at this head and started again, elsewhere or in its place: how much was sent. */
static uint32_t sent_after_stop(uint64_t stop, bool moves)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->stop_at = stop;
	story_until_stop(s);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 1);
	ck_assert_int_lt(x.state[x.n - 1], ASY_SUB_COUNTED);
	if (moves)
		move_directory(s);
	s->stop_at = 70;
	story_until_stop(s);
	ck_assert_msg(story_logged(s, "hotkey.") == 0, "%s", story_tail(s));
	x = story_submissions(s);
	ck_assert_uint_ge(x.n, 4);
	for (size_t i = 0; i + 2 < x.n; i++)
		ck_assert_msg(x.state[i] == ASY_SUB_COUNTED, "%s", story_tail(s));
	uint32_t sent = story_nonce(s);
	story_free(s);
	return sent;
}

START_TEST(test_moved_when_its_vectors_are_open_then_they_count_and_nothing_is_doubled)
{
	for (uint64_t stop = 20; stop <= 28; stop += 8)
		ck_assert_uint_eq(sent_after_stop(stop, true), sent_after_stop(stop, false));
}
END_TEST

/* The old machine is started again after the new one went on for two epochs. */
START_TEST(test_moved_when_the_copy_left_behind_starts_then_it_is_silent_for_a_tempo)
{
	char command[256];
	story *s = story_new(STORY_TEMPO, 1, "", "");
	s->stop_at = 20;
	story_until_stop(s);
	asy_store_close(s->store);
	s->store = NULL;
	(void)snprintf(command, sizeof command, "cp -a '%s' '%s-a'", s->dir, s->dir);
	ck_assert_int_eq(system(command), 0);
	story_store(s, NULL);
	s->stop_at = 46;
	story_until_stop(s);
	size_t before = story_logged(s, "weights.sealed");
	uint32_t sent = story_nonce(s);
	asy_store_close(s->store);
	s->store = NULL;
	(void)snprintf(command, sizeof command, "rm -rf '%s' && mv '%s-a' '%s'", s->dir, s->dir,
				   s->dir);
	ck_assert_int_eq(system(command), 0);
	story_store(s, NULL);
	s->stop_at = 57;
	story_until_stop(s);
	ck_assert_msg(story_logged(s, "hotkey.watch") + story_logged(s, "hotkey.second_validator") == 1,
				  "%s", story_tail(s));
	ck_assert_uint_eq(story_logged(s, "weights.sealed"), before);
	ck_assert_msg(story_nonce(s) == sent, "%u, %u: %s", sent, story_nonce(s), story_tail(s));
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_others_when_a_commitment_is_not_ours_then_said_and_silent_for_a_tempo);
	tcase_add_test(tc, test_others_when_one_is_at_work_in_every_epoch_then_we_stay_silent);
	tcase_add_test(tc,
				   test_others_when_configured_to_exit_then_open_vectors_are_seen_through_first);
	tcase_add_test(tc, test_others_when_configured_to_warn_then_says_so_and_goes_on);
	tcase_add_test(tc, test_others_when_the_next_look_shows_nothing_then_nothing_was_there);
	tcase_add_test(tc, test_fresh_when_our_hotkey_was_active_then_a_tempo_of_silence);
	tcase_add_test(tc, test_fresh_when_the_hotkey_did_nothing_for_a_tempo_then_no_silence);
	tcase_add_test(tc, test_moved_when_its_vectors_are_open_then_they_count_and_nothing_is_doubled);
	tcase_add_test(tc, test_moved_when_the_copy_left_behind_starts_then_it_is_silent_for_a_tempo);
}

int main(void)
{
	return test_main("validator-others", fill, 100);
}
