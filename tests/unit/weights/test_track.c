/* The tracker: forms and half-lives by hand-worked numbers, what a missing, a failed
 * and a bad observation do, registration changes, and the state as bytes. */
#include <math.h>
#include "crypto/crypto.h"
#include "support/test.h"
#include "weights/weights.h"

#define T0 UINT64_C(1700000000000000000)
#define SECOND UINT64_C(1000000000)

static void key(uint8_t hotkey[32], uint8_t tag)
{
	memset(hotkey, 0, 32);
	hotkey[0] = tag;
}

static assay_member member_of(uint16_t uid, uint8_t tag, uint64_t block)
{
	assay_member m = {.uid = uid, .registered_block = block};
	key(m.hotkey, tag);
	return m;
}

static assay_obs scored(uint16_t uid, uint8_t tag, double score)
{
	assay_obs o = {.uid = uid, .kind = ASSAY_OBS_SCORED, .score = score, .source = "org.test"};
	key(o.hotkey, tag);
	return o;
}

static assay_obs other(uint16_t uid, uint8_t tag, assay_obs_kind kind)
{
	assay_obs o = {.uid = uid, .kind = kind, .score = (double)NAN};
	key(o.hotkey, tag);
	return o;
}

/* Members uid i with hotkey tag i + 1. */
static assay_tracker *tracker(assay_tracker_options o, size_t n)
{
	assay_err err = {0};
	assay_tracker *t = NULL;
	assay_member m[8];
	for (size_t i = 0; i < n; i++)
		m[i] = member_of((uint16_t)i, (uint8_t)(i + 1), 100);
	ck_ok(assay_tracker_new(&o, &t, &err), err);
	ck_ok(assay_tracker_sync(t, m, n, NULL, &err), err);
	return t;
}

static assay_track at(const assay_tracker *t, size_t i, uint64_t now)
{
	assay_track out;
	assay_tracker_get(t, i, now, &out);
	return out;
}

static double score(const assay_tracker *t, size_t i)
{
	return at(t, i, T0).score;
}

static void fold(assay_tracker *t, uint64_t time_ns, const assay_obs *obs, size_t n)
{
	assay_err err = {0};
	ck_ok(assay_tracker_fold(t, time_ns, obs, n, NULL, &err), err);
}

static assay_tracker_options by_alpha(assay_track_form form, double alpha)
{
	assay_tracker_options o = assay_tracker_defaults();
	o.form = form;
	o.half_life_s = 0;
	o.alpha = alpha;
	return o;
}

/* Brings four miners to 0.5, 0.2, 0, 0.9 by one fold with alpha 1... scaled. */
static assay_tracker *worked_example(assay_track_form form)
{
	assay_tracker_options o = by_alpha(form, 0.1);
	assay_tracker *t = tracker(o, 4);
	const assay_obs start[4] = {scored(0, 1, 0.5), scored(1, 2, 0.2), scored(2, 3, 0),
								scored(3, 4, 0.9)};
	for (int i = 0; i < 1000; i++)
		fold(t, T0, start, 4);
	ck_assert_double_eq_tol(score(t, 3), 0.9, 1e-15);
	return t;
}

START_TEST(test_decay_when_two_of_four_are_asked_then_the_published_example)
{
	assay_tracker *t = worked_example(ASSAY_TRACK_DECAY);
	const assay_obs obs[2] = {scored(1, 2, 1), other(3, 4, ASSAY_OBS_FAILED)};
	fold(t, T0, obs, 2);
	const double want[4] = {0.45, 0.28, 0, 0.81};
	for (size_t i = 0; i < 4; i++)
		ck_assert_double_eq_tol(score(t, i), want[i], 1e-12);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_hold_when_two_of_four_are_asked_then_the_others_keep_their_score)
{
	assay_tracker *t = worked_example(ASSAY_TRACK_HOLD);
	const assay_obs obs[2] = {scored(1, 2, 1), other(3, 4, ASSAY_OBS_FAILED)};
	fold(t, T0, obs, 2);
	const double want[4] = {0.5, 0.28, 0, 0.81};
	for (size_t i = 0; i < 4; i++)
		ck_assert_double_eq_tol(score(t, i), want[i], 1e-12);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_half_life_when_old_then_an_observation_counts_half)
{
	assay_tracker_options o = assay_tracker_defaults();
	o.half_life_s = 100;
	assay_tracker *t = tracker(o, 2);
	const assay_obs first = scored(0, 1, 1), second = scored(0, 1, 0);
	fold(t, T0, &first, 1);
	/* no starting score takes part: one observation is the score */
	ck_assert_double_eq(score(t, 0), 1);
	fold(t, T0 + 100 * SECOND, &second, 1);
	/* weights 1/2 and 1 */
	ck_assert_double_eq_tol(score(t, 0), (0.5 * 1 + 1 * 0) / 1.5, 1e-15);
	ck_assert_double_eq_tol(at(t, 0, T0).mass, 1.5, 1e-15);
	ck_assert_double_eq(score(t, 1), 0);
	/* a clock that went back is no time */
	fold(t, T0, &first, 1);
	ck_assert_double_eq_tol(score(t, 0), (0.5 + 1) / 2.5, 1e-15);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_half_life_when_ages_differ_then_each_as_if_alone)
{
	enum { N = 8 };
	assay_tracker_options o = assay_tracker_defaults();
	o.half_life_s = 100;
	test_rng rng = {test_seed()};
	assay_tracker *all = tracker(o, N), *alone[N];
	for (size_t i = 0; i < N; i++)
		alone[i] = tracker(o, N);
	for (uint64_t round = 0; round < 200; round++) {
		assay_obs obs[N];
		size_t n = 0;
		for (uint16_t i = 0; i < N; i++) {
			if (test_below(&rng, 3) == 0)
				continue;
			obs[n] = scored(i, (uint8_t)(i + 1), (double)test_below(&rng, 1000) / 1000);
			fold(alone[i], T0 + round * 7 * SECOND, &obs[n++], 1);
		}
		fold(all, T0 + round * 7 * SECOND, obs, n);
		for (size_t i = 0; i < N; i++) {
			const assay_track a = at(all, i, T0), b = at(alone[i], i, T0);
			ck_assert(memcmp(&a.score, &b.score, sizeof a.score) == 0);
			ck_assert(memcmp(&a.mass, &b.mass, sizeof a.mass) == 0);
		}
	}
	assay_tracker_free(all);
	for (size_t i = 0; i < N; i++)
		assay_tracker_free(alone[i]);
}
END_TEST

START_TEST(test_half_life_when_decay_form_then_the_unasked_fade)
{
	assay_tracker_options o = assay_tracker_defaults();
	o.form = ASSAY_TRACK_DECAY;
	o.half_life_s = 100;
	assay_tracker *t = tracker(o, 2);
	const assay_obs both[2] = {scored(0, 1, 1), scored(1, 2, 1)};
	fold(t, T0, both, 2);
	fold(t, T0 + 100 * SECOND, both, 1);
	ck_assert_double_eq_tol(score(t, 0), 1, 1e-15);
	ck_assert_double_eq_tol(score(t, 1), 0.5 / 1.5, 1e-15);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_asymmetric_when_below_then_the_slower_rate)
{
	assay_tracker_options o = by_alpha(ASSAY_TRACK_HOLD, 0.1);
	o.alpha_down = 0.03;
	assay_tracker *t = tracker(o, 1);
	const assay_obs up = scored(0, 1, 1), down = scored(0, 1, 0);
	fold(t, T0, &up, 1);
	ck_assert_double_eq_tol(score(t, 0), 0.1, 1e-15);
	fold(t, T0, &down, 1);
	ck_assert_double_eq_tol(score(t, 0), 0.097, 1e-15);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_missing_when_compared_with_failed_then_they_differ)
{
	static const assay_missing_policy policies[] = {ASSAY_MISSING_KEEP, ASSAY_MISSING_UNASKED,
													ASSAY_MISSING_FAIL};
	static const double hold[] = {1, 1, 0.5}, decay[] = {1, 0.5, 0.5};
	for (size_t p = 0; p < 3; p++) {
		for (int f = 0; f < 2; f++) {
			assay_tracker_options o = by_alpha(f == 0 ? ASSAY_TRACK_HOLD : ASSAY_TRACK_DECAY, 1);
			o.missing = policies[p];
			assay_tracker *t = tracker(o, 1);
			const assay_obs good = scored(0, 1, 1), lost = other(0, 1, ASSAY_OBS_MISSING);
			fold(t, T0, &good, 1);
			assay_err err = {0};
			assay_fold_report r;
			uint8_t bytes[512];
			size_t len = 0;
			ck_ok(assay_tracker_encode(t, (assay_mut){bytes, sizeof bytes}, &len, &err), err);
			o.alpha = 0.5;
			assay_tracker_free(t);
			ck_ok(assay_tracker_decode(&o, (assay_span){bytes, len}, &t, &err), err);
			ck_ok(assay_tracker_fold(t, T0, &lost, 1, &r, &err), err);
			ck_assert_double_eq(score(t, 0), f == 0 ? hold[p] : decay[p]);
			ck_assert_uint_eq(r.folded, policies[p] == ASSAY_MISSING_FAIL);
			ck_assert_uint_eq(r.missing, policies[p] != ASSAY_MISSING_FAIL);
			ck_assert_uint_eq(at(t, 0, T0).missing_n, 1);
			ck_assert_uint_eq(at(t, 0, T0).fail_streak, 0);
			assay_tracker_free(t);
		}
	}
}
END_TEST

START_TEST(test_fold_when_several_observations_of_one_miner_then_their_mean_counts_once)
{
	assay_tracker *t = tracker(by_alpha(ASSAY_TRACK_HOLD, 1), 1);
	const assay_obs obs[4] = {scored(0, 1, 0.25), other(0, 1, ASSAY_OBS_FAILED),
							  other(0, 1, ASSAY_OBS_MISSING), scored(0, 1, 0.5)};
	fold(t, T0, obs, 4);
	ck_assert_double_eq(score(t, 0), 0.25);
	assay_track m = at(t, 0, T0);
	ck_assert_uint_eq(m.observed_n, 2);
	ck_assert_uint_eq(m.failed_n, 1);
	ck_assert_uint_eq(m.missing_n, 1);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_fold_when_a_score_is_wrong_then_names_the_source_and_changes_nothing)
{
	assay_tracker *t = tracker(by_alpha(ASSAY_TRACK_HOLD, 0.5), 2);
	const double wrong[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1.5, -0.001};
	uint8_t before[32], after[32];
	assay_err err = {0};
	ck_ok(assay_tracker_digest(t, before, &err), err);
	for (size_t i = 0; i < ASY_COUNT(wrong); i++) {
		const assay_obs obs[2] = {scored(0, 1, 0.5), scored(1, 2, wrong[i])};
		ck_assert_int_eq(assay_tracker_fold(t, T0, obs, 2, NULL, &err), ASSAY_E_INPUT);
		ck_assert_ptr_nonnull(strstr(err.msg, "org.test gave uid 1"));
	}
	ck_ok(assay_tracker_digest(t, after, &err), err);
	ck_assert_mem_eq(before, after, 32);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_fold_when_the_uid_changed_hands_then_the_answer_is_dropped)
{
	assay_tracker *t = tracker(by_alpha(ASSAY_TRACK_HOLD, 1), 2);
	const assay_obs obs[2] = {scored(0, 2, 1), scored(7, 1, 1)};
	assay_fold_report r;
	assay_err err = {0};
	ck_ok(assay_tracker_fold(t, T0, obs, 2, &r, &err), err);
	ck_assert_uint_eq(r.mismatched, 2);
	ck_assert_uint_eq(r.folded, 0);
	ck_assert_double_eq(score(t, 0), 0);
	/* an empty round is a normal input */
	ck_ok(assay_tracker_fold(t, T0, NULL, 0, &r, &err), err);
	ck_assert_uint_eq(assay_tracker_folds(t), 2);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_sync_when_registrations_change_then_history_follows_the_registration)
{
	assay_tracker *t = tracker(by_alpha(ASSAY_TRACK_HOLD, 1), 4);
	const assay_obs obs[4] = {scored(0, 1, 0.1), scored(1, 2, 0.2), scored(2, 3, 0.3),
							  scored(3, 4, 0.4)};
	fold(t, T0, obs, 4);
	/* uid 0 taken over, 1 registered again, 2 moved to uid 9, 3 unchanged; out of order */
	const assay_member now[4] = {member_of(9, 3, 100), member_of(0, 50, 200), member_of(3, 4, 100),
								 member_of(1, 2, 300)};
	assay_sync_report r;
	assay_err err = {0};
	ck_ok(assay_tracker_sync(t, now, 4, &r, &err), err);
	ck_assert_uint_eq(r.added, 1);
	ck_assert_uint_eq(r.removed, 1);
	ck_assert_uint_eq(r.reset, 1);
	ck_assert_uint_eq(r.moved, 1);
	const uint16_t uids[4] = {0, 1, 3, 9};
	const double scores[4] = {0, 0, 0.4, 0.3};
	ck_assert_uint_eq(assay_tracker_count(t), 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(at(t, i, T0).uid, uids[i]);
		ck_assert_double_eq(score(t, i), scores[i]);
	}
	const assay_member twice[2] = {member_of(1, 2, 1), member_of(1, 3, 1)};
	ck_assert_int_eq(assay_tracker_sync(t, twice, 2, NULL, &err), ASSAY_E_INPUT);
	const assay_member same_key[2] = {member_of(1, 2, 1), member_of(2, 2, 1)};
	ck_assert_int_eq(assay_tracker_sync(t, same_key, 2, NULL, &err), ASSAY_E_INPUT);
	ck_assert_uint_eq(assay_tracker_count(t), 4);
	ck_ok(assay_tracker_sync(t, NULL, 0, &r, &err), err);
	ck_assert_uint_eq(r.removed, 4);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_last_heard_when_seats_changed_then_the_hotkey_counts)
{
	assay_tracker *t = tracker(by_alpha(ASSAY_TRACK_HOLD, 1), 4), *copy = NULL;
	const assay_obs obs[2] = {scored(0, 1, 0.1), scored(2, 3, 0.3)};
	assay_err err = {0};
	uint64_t heard[5];
	fold(t, T0, obs, 2);
	/* where it was; never heard; moved to another seat; a newcomer; a seat that is not there */
	const assay_member who[5] = {member_of(0, 1, 100), member_of(1, 2, 100), member_of(3, 3, 100),
								 member_of(2, 77, 200), member_of(900, 1, 100)};
	ck_ok(asy_tracker_last_heard(t, who, 5, heard, &err), err);
	const uint64_t want[5] = {T0, 0, T0, 0, T0};
	ck_assert_mem_eq(heard, want, sizeof want);
	/* a copy has the same bytes and its own life */
	uint8_t a[32], b[32];
	ck_ok(asy_tracker_dup(t, &copy, &err), err);
	ck_ok(assay_tracker_digest(t, a, &err), err);
	ck_ok(assay_tracker_digest(copy, b, &err), err);
	ck_assert_mem_eq(a, b, sizeof a);
	fold(copy, T0 + SECOND, obs, 2);
	ck_ok(assay_tracker_digest(t, b, &err), err);
	ck_assert_mem_eq(a, b, sizeof a);
	assay_tracker_free(t);
	assay_tracker_free(copy);
}
END_TEST

/* The same list, nobody moved: the short way gives what the long one gives. */
START_TEST(test_sync_when_nobody_moved_then_history_stays_and_registrations_are_still_seen)
{
	assay_tracker *t = tracker(by_alpha(ASSAY_TRACK_HOLD, 1), 3);
	const assay_obs obs[3] = {scored(0, 1, 0.1), scored(1, 2, 0.2), scored(2, 3, 0.3)};
	fold(t, T0, obs, 3);
	const assay_member now[3] = {member_of(0, 1, 100), member_of(1, 2, 101), member_of(2, 3, 100)};
	assay_sync_report r;
	assay_err err = {0};
	ck_ok(assay_tracker_sync(t, now, 3, &r, &err), err);
	ck_assert_uint_eq(r.added + r.removed + r.moved, 0);
	ck_assert_uint_eq(r.reset, 1);
	ck_assert_double_eq(score(t, 0), 0.1);
	ck_assert_double_eq(score(t, 1), 0);
	ck_assert_double_eq(score(t, 2), 0.3);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_marks_when_time_passes_then_new_and_stale_are_told)
{
	assay_tracker_options o = assay_tracker_defaults();
	o.min_observations = 2;
	o.stale_after_s = 10;
	assay_tracker *t = tracker(o, 1);
	const assay_obs good = scored(0, 1, 1), fail = other(0, 1, ASSAY_OBS_FAILED);
	ck_assert_uint_eq(at(t, 0, T0).marks, ASSAY_MARK_NEW);
	fold(t, T0, &good, 1);
	ck_assert_uint_eq(at(t, 0, T0).marks, ASSAY_MARK_NEW);
	fold(t, T0, &fail, 1);
	fold(t, T0, &fail, 1);
	ck_assert_uint_eq(at(t, 0, T0 + 10 * SECOND).marks, 0);
	ck_assert_uint_eq(at(t, 0, T0 + 10 * SECOND + 1).marks, ASSAY_MARK_STALE);
	ck_assert_uint_eq(at(t, 0, T0).fail_streak, 2);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_options_when_out_of_range_then_refused)
{
	assay_err err = {0};
	assay_tracker *t = NULL;
	assay_tracker_options bad[8];
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		bad[i] = assay_tracker_defaults();
	bad[0].half_life_s = -1;
	bad[1].half_life_s = 0;
	bad[1].alpha = 0;
	bad[2].alpha_down = 0.5;
	bad[3].score_min = 1;
	bad[4].fail_score = -1;
	bad[5].stale_after_s = (double)NAN;
	bad[6].form = (assay_track_form)7;
	bad[7].missing = (assay_missing_policy)7;
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		ck_assert_int_eq(assay_tracker_new(&bad[i], &t, &err), ASSAY_E_RANGE);
	ck_assert_ptr_null(t);
}
END_TEST

/* A tracker that has seen some life, from the run's seed. */
static assay_tracker *lived(test_rng *rng, assay_tracker_options o)
{
	assay_tracker *t = tracker(o, 8);
	for (uint64_t i = 0; i < 50; i++) {
		assay_obs obs[8];
		size_t n = test_below(rng, 9);
		for (size_t k = 0; k < n; k++) {
			uint16_t uid = (uint16_t)test_below(rng, 8);
			obs[k] = scored(uid, (uint8_t)(uid + 1), (double)test_below(rng, 1001) / 1000);
			obs[k].kind = (assay_obs_kind)test_below(rng, 3);
		}
		fold(t, T0 + i * 777 * SECOND, obs, n);
	}
	return t;
}

START_TEST(test_state_when_decoded_then_encodes_to_the_same_bytes_and_folds_alike)
{
	test_rng rng = {test_seed()};
	assay_tracker_options o = assay_tracker_defaults();
	o.form = test_below(&rng, 2) == 0 ? ASSAY_TRACK_HOLD : ASSAY_TRACK_DECAY;
	assay_tracker *t = lived(&rng, o), *u = NULL;
	assay_err err = {0};
	uint8_t a[1024], b[1024];
	size_t a_len = 0, b_len = 0;
	ck_ok(assay_tracker_encode(t, (assay_mut){a, sizeof a}, &a_len, &err), err);
	ck_assert_uint_eq(a_len, assay_tracker_encoded_len(t));
	ck_ok(assay_tracker_decode(&o, (assay_span){a, a_len}, &u, &err), err);
	const assay_obs more = scored(3, 4, 0.7);
	fold(t, T0 + 99999 * SECOND, &more, 1);
	fold(u, T0 + 99999 * SECOND, &more, 1);
	ck_ok(assay_tracker_encode(t, (assay_mut){a, sizeof a}, &a_len, &err), err);
	ck_ok(assay_tracker_encode(u, (assay_mut){b, sizeof b}, &b_len, &err), err);
	ck_assert_uint_eq(a_len, b_len);
	ck_assert_mem_eq(a, b, a_len);
	ck_assert_int_eq(assay_tracker_encode(t, (assay_mut){a, a_len - 1}, &a_len, &err),
					 ASSAY_E_LIMIT);
	assay_tracker_free(t);
	assay_tracker_free(u);
}
END_TEST

START_TEST(test_state_when_any_byte_is_changed_or_missing_then_refused)
{
	test_rng rng = {7};
	assay_tracker *t = lived(&rng, assay_tracker_defaults()), *u = NULL;
	const assay_tracker_options o = assay_tracker_defaults();
	assay_err err = {0};
	uint8_t a[1024];
	size_t len = 0;
	ck_ok(assay_tracker_encode(t, (assay_mut){a, sizeof a}, &len, &err), err);
	for (size_t i = 0; i < len; i++) {
		a[i] ^= 1;
		ck_assert_int_ne(assay_tracker_decode(&o, (assay_span){a, len}, &u, &err), ASSAY_OK);
		a[i] ^= 1;
		ck_assert_int_eq(assay_tracker_decode(&o, (assay_span){a, i}, &u, &err), ASSAY_E_FORMAT);
	}
	ck_assert_ptr_null(u);
	/* a version from the future with a right checksum */
	a[8] = 2;
	asy_blake2b(a, len - 32, a + len - 32, 32);
	ck_assert_int_eq(assay_tracker_decode(&o, (assay_span){a, len}, &u, &err), ASSAY_E_UNSUPPORTED);
	a[8] = 1;
	/* two members with one uid, rightly checksummed */
	memcpy(a + 40 + 94, a + 40, 2);
	asy_blake2b(a, len - 32, a + len - 32, 32);
	ck_assert_int_eq(assay_tracker_decode(&o, (assay_span){a, len}, &u, &err), ASSAY_E_FORMAT);
	assay_tracker_free(t);
}
END_TEST

START_TEST(test_half_power_when_compared_with_libm_then_within_an_ulp_or_two)
{
	test_rng rng = {test_seed()};
	ck_assert_double_eq(asy_half_power(0), 1);
	ck_assert_double_eq(asy_half_power(1), 0.5);
	ck_assert_double_eq(asy_half_power(10), 0x1p-10);
	ck_assert_double_eq(asy_half_power(1e9), 0);
	ck_assert_double_eq(asy_half_power((double)NAN), 1);
	for (int i = 0; i < 100000; i++) {
		double x = (double)test_below(&rng, UINT64_C(1) << 53) * 0x1p-46;
		ck_assert_double_le(fabs(asy_half_power(x) / exp2(-x) - 1), 4.5e-16);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_decay_when_two_of_four_are_asked_then_the_published_example);
	tcase_add_test(tc, test_hold_when_two_of_four_are_asked_then_the_others_keep_their_score);
	tcase_add_test(tc, test_half_life_when_old_then_an_observation_counts_half);
	tcase_add_test(tc, test_half_life_when_ages_differ_then_each_as_if_alone);
	tcase_add_test(tc, test_half_life_when_decay_form_then_the_unasked_fade);
	tcase_add_test(tc, test_asymmetric_when_below_then_the_slower_rate);
	tcase_add_test(tc, test_missing_when_compared_with_failed_then_they_differ);
	tcase_add_test(tc,
				   test_fold_when_several_observations_of_one_miner_then_their_mean_counts_once);
	tcase_add_test(tc, test_fold_when_a_score_is_wrong_then_names_the_source_and_changes_nothing);
	tcase_add_test(tc, test_fold_when_the_uid_changed_hands_then_the_answer_is_dropped);
	tcase_add_test(tc, test_sync_when_registrations_change_then_history_follows_the_registration);
	tcase_add_test(tc, test_last_heard_when_seats_changed_then_the_hotkey_counts);
	tcase_add_test(tc,
				   test_sync_when_nobody_moved_then_history_stays_and_registrations_are_still_seen);
	tcase_add_test(tc, test_marks_when_time_passes_then_new_and_stale_are_told);
	tcase_add_test(tc, test_options_when_out_of_range_then_refused);
	tcase_add_test(tc, test_state_when_decoded_then_encodes_to_the_same_bytes_and_folds_alike);
	tcase_add_test(tc, test_state_when_any_byte_is_changed_or_missing_then_refused);
	tcase_add_test(tc, test_half_power_when_compared_with_libm_then_within_an_ulp_or_two);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("weights_track", fill, 30);
}
