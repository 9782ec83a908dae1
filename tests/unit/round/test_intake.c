/* Answers on their way into the journal: every byte arrives, in slices; each miner has its own
 * share of the room; and what was written comes back after a restart. */
#include <stdlib.h>
#include "round/intake.h"
#include "unit/store/scratch.h"

static asy_loop *loop;
static asy_store *store;
static char dir[64];

static void setup(void)
{
	assay_err e = {0};
	ck_ok(asy_crypto_init(&e), e);
	scratch_make(dir);
	store = scratch_open(dir);
	ck_ok(asy_loop_new(&loop, &e), e);
}

static void teardown(void)
{
	asy_loop_free(loop);
	asy_store_close(store);
	scratch_remove(dir);
}

/* A round that asks `questions` of each of n miners, also on disk. */
static asy_round *round_of(size_t n, size_t questions)
{
	assay_err e = {0};
	asy_buf begin = {0}, challenge = {0};
	asy_round *r = NULL;
	uint64_t id = 0;
	asy_begin_record b = {.plugin_id = "org.assay.test", .plugin_version = "1.0.0"};
	asy_question q[4] = {{.id = "a"}, {.id = "b"}, {.id = "c"}, {.id = "d"}};
	asy_asked t[64] = {{.uid = 0}};
	for (size_t i = 0; i < n; i++)
		t[i] = (asy_asked){.uid = (uint16_t)i, .hotkey.b = {(uint8_t)(i + 1)}};
	ck_ok(asy_record_put_begin(&b, &begin, &e), e);
	ck_ok(asy_record_put_challenge(&(asy_challenge_record){q, questions, t, n}, &challenge, &e), e);
	ck_ok(asy_store_round_begin(store, 1, asy_buf_span(&begin), &id, &e), e);
	const asy_rec_in rec = {ASY_REC_CHALLENGE, asy_buf_span(&challenge)};
	ck_ok(asy_store_append(store, id, 1, &rec, 1, NULL, &e), e);
	ck_ok(asy_round_new(id, &r, &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_BEGIN, asy_buf_span(&begin), &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_CHALLENGE, asy_buf_span(&challenge), &e), e);
	asy_buf_fini(&begin);
	asy_buf_fini(&challenge);
	return r;
}

static asy_intake *intake_of(asy_round *r, size_t max_bytes)
{
	assay_err e = {0};
	asy_intake *in = NULL;
	const asy_intake_opts o = {store, loop, asy_loop_clock(loop), max_bytes};
	ck_ok(asy_intake_new(r, &o, &in, &e), e);
	return in;
}

static void give(asy_intake *in, size_t slot, size_t len)
{
	assay_err e = {0};
	asy_buf body = {0};
	ck_ok(asy_buf_reserve(&body, len + 1, &e), e);
	for (size_t i = 0; i < len; i++)
		body.ptr[i] = (uint8_t)(i * 7 + slot + (i >> 13));
	body.len = len;
	ck_ok(asy_intake_add(in, slot, &(asy_answer){.cause = "", .latency_ns = slot + 1}, &body, &e),
		  e);
	ck_assert_ptr_null(body.ptr); /* taken */
}

static void finish(asy_intake *in)
{
	assay_err e = {0};
	ck_ok(asy_intake_end(in, &e), e);
	asy_intake_free(in);
}

static assay_status on_record(void *arg, const asy_rec *rec, assay_err *err)
{
	ck_assert_uint_lt(rec->payload.len, 8192); /* no body in a record */
	return asy_round_fold(arg, rec->type, rec->payload, err);
}

static asy_round *as_after_a_restart(const asy_round *r)
{
	asy_round *again = NULL;
	assay_err e = {0};
	ck_ok(asy_round_new(r->id, &again, &e), e);
	ck_ok(asy_store_records(store, r->id, 0, on_record, again, &e), e);
	return again;
}

START_TEST(test_intake_when_bodies_are_of_any_size_then_all_come_back)
{
	static const size_t sizes[] = {
		1, 100, ASY_PIECE_BYTES - 1, ASY_PIECE_BYTES, ASY_PIECE_BYTES + 1, 5 * ASY_PIECE_BYTES + 3,
		0};
	assay_err e = {0};
	asy_round *r = round_of(ASY_COUNT(sizes), 1);
	asy_intake *in = intake_of(r, (size_t)64 << 20);
	for (size_t i = 0; i < ASY_COUNT(sizes); i++)
		give(in, i, sizes[i]);
	ck_assert_uint_eq(r->answer_n, 0); /* nothing is the round's before it is on disk */
	finish(in);
	ck_assert_uint_eq(r->answer_n, ASY_COUNT(sizes));
	asy_round *again = as_after_a_restart(r);
	ck_assert_uint_eq(again->answer_n, r->answer_n);
	ck_assert_uint_eq(again->answer_bytes, r->answer_bytes);
	for (size_t i = 0; i < ASY_COUNT(sizes); i++) {
		ck_ok(asy_round_load_body(again, i, store, &e), e);
		ck_assert_uint_eq(r->answer[i]->body.len, sizes[i]);
		ck_assert(asy_span_eq(again->answer[i]->body, r->answer[i]->body));
		ck_assert_uint_eq(again->answer[i]->latency_ns, i + 1);
	}
	asy_round_free(again);
	asy_round_free(r);
}
END_TEST

START_TEST(test_intake_when_a_body_is_large_then_slices_share_the_loop)
{
	asy_round *r = round_of(2, 1);
	asy_intake *in = intake_of(r, (size_t)64 << 20);
	give(in, 0, 40 * ASY_PIECE_BYTES);
	give(in, 1, 10);
	assay_err e = {0};
	ck_ok(asy_intake_end(in, &e), e);
	ck_assert_uint_ge(asy_intake_get_stats(in).slices, 20);
	asy_intake_free(in);
	asy_round_free(r);
}
END_TEST

static size_t without_room(const asy_round *r, size_t from, size_t to)
{
	size_t n = 0;
	for (size_t i = from; i < to; i++) {
		ck_assert_ptr_nonnull(r->answer[i]);
		n += r->answer[i]->why == ASY_WHY_NO_ROOM;
	}
	return n;
}

START_TEST(test_budget_when_some_send_much_first_then_others_keep_their_share)
{
	asy_round *r = round_of(10, 1);
	asy_intake *in = intake_of(r, 10 * 1000);
	for (size_t i = 0; i < 5; i++)
		give(in, i, 4000);
	for (size_t i = 5; i < 10; i++)
		give(in, i, 1000); /* its share, to the byte */
	finish(in);
	ck_assert_uint_eq(without_room(r, 5, 10), 0);
	/* 5000 are left over: one of the hungry ones */
	ck_assert_uint_eq(without_room(r, 0, 5), 4);
	ck_assert_uint_le(r->answer_bytes, 10 * 1000);
	asy_round_free(r);
}
END_TEST

START_TEST(test_budget_when_nobody_needs_it_then_large_answers_are_kept)
{
	asy_round *r = round_of(10, 1);
	asy_intake *in = intake_of(r, 10 * 1000);
	give(in, 0, 9000);
	for (size_t i = 1; i < 10; i++)
		give(in, i, 100);
	finish(in);
	ck_assert_uint_eq(without_room(r, 0, 10), 0);
	asy_round_free(r);
}
END_TEST

START_TEST(test_budget_when_short_then_the_hungriest_pays)
{
	asy_round *r = round_of(4, 2); /* shares of 1000 */
	asy_intake *in = intake_of(r, 4000);
	give(in, 0, 600);
	give(in, 1, 2000); /* miner 0: 2600 */
	give(in, 2, 600);
	give(in, 3, 600); /* miner 1: 1200; 3800 in all */
	give(in, 4, 500);
	give(in, 5, 500); /* miner 2 needs its share: miner 0 pays */
	give(in, 6, 500);
	give(in, 7, 500);
	finish(in);
	ck_assert_int_eq(r->answer[1]->why, ASY_WHY_NO_ROOM);
	ck_assert_int_eq(r->answer[1]->status, ASY_RESP_TOO_LARGE);
	ck_assert_uint_eq(r->answer[1]->body_len, 0);
	ck_assert_uint_eq(without_room(r, 2, 8), 0);
	ck_assert_int_eq(r->answer[0]->why, ASY_WHY_OK);
	ck_assert_uint_le(r->answer_bytes, 4000);
	asy_round_free(r);
}
END_TEST

/* Whatever arrives in whatever order: the limit holds, and who stays within its share keeps
 * all of it. */
START_TEST(test_budget_when_any_order_then_shares_hold)
{
	asy_seeded_rng rng;
	uint8_t seed[32] = {(uint8_t)_i};
	enum { MINERS = 12, QUESTIONS = 4, MAX = MINERS * 4000 };
	size_t slots[MINERS * QUESTIONS], sent[MINERS] = {0}, lost[MINERS] = {0};
	asy_seeded_rng_init(&rng, seed);
	asy_round *r = round_of(MINERS, QUESTIONS);
	asy_intake *in = intake_of(r, MAX);
	for (size_t i = 0; i < ASY_COUNT(slots); i++) {
		size_t j = (size_t)asy_rng_below(&rng.iface, i + 1);
		slots[i] = slots[j];
		slots[j] = i;
	}
	for (size_t i = 0; i < ASY_COUNT(slots); i++) {
		size_t miner = slots[i] / QUESTIONS;
		size_t len = (size_t)asy_rng_below(&rng.iface, miner % 3 == 0 ? 9000 : 1000);
		sent[miner] += len;
		give(in, slots[i], len);
	}
	finish(in);
	ck_assert_uint_le(r->answer_bytes, MAX);
	for (size_t i = 0; i < ASY_COUNT(slots); i++)
		lost[i / QUESTIONS] += r->answer[i]->why == ASY_WHY_NO_ROOM;
	for (size_t m = 0; m < MINERS; m++)
		ck_assert_msg(sent[m] > 4000 || lost[m] == 0, "miner %zu sent %zu and lost %zu", m, sent[m],
					  lost[m]);
	asy_round_free(r);
}
END_TEST

START_TEST(test_intake_when_interrupted_then_what_is_written_is_whole)
{
	assay_err e = {0};
	asy_round *r = round_of(4, 1);
	asy_intake *in = intake_of(r, (size_t)64 << 20);
	for (size_t i = 0; i < 4; i++)
		give(in, i, 3 * ASY_PIECE_BYTES);
	asy_loop_interrupt(loop);
	ck_assert_int_eq(asy_intake_end(in, &e), ASSAY_E_CANCELLED);
	asy_intake_free(in);
	asy_round *again = as_after_a_restart(r);
	ck_assert_uint_eq(again->answer_n, r->answer_n);
	for (size_t i = 0; i < 4; i++)
		if (again->answer[i] != NULL)
			ck_ok(asy_round_load_body(again, i, store, &e), e);
	asy_round_free(again);
	asy_round_free(r);
}
END_TEST

START_TEST(test_intake_when_the_disk_fails_then_says_so_and_nothing_is_the_rounds)
{
	assay_err e = {0};
	asy_store_faults *faults = NULL;
	ck_ok(asy_store_fault_vfs(&faults, &e), e);
	asy_store_close(store);
	ck_ok(asy_store_open(&(asy_store_options){.dir = dir, .vfs = "assay-fault"}, &store, &e), e);
	asy_round *r = round_of(3, 1);
	asy_intake *in = intake_of(r, (size_t)64 << 20);
	give(in, 0, 100);
	faults->full = true;
	faults->full_after = 0;
	ck_assert_int_eq(asy_intake_end(in, &e), ASSAY_E_IO);
	ck_assert_ptr_nonnull(strstr(e.msg, "disk is full"));
	ck_assert_uint_eq(r->answer_n, 0);
	/* later answers are told so at once */
	asy_buf none = {0};
	ck_assert_int_eq(asy_intake_add(in, 1, &(asy_answer){.cause = ""}, &none, &e), ASSAY_E_IO);
	faults->full = false;
	asy_intake_free(in);
	asy_round_free(r);
}
END_TEST

START_TEST(test_body_when_lost_then_named)
{
	assay_err e = {0};
	asy_round *r = round_of(1, 1);
	asy_intake *in = intake_of(r, 1000);
	give(in, 0, 10);
	finish(in);
	asy_round *again = as_after_a_restart(r);
	again->answer[0]->piece[0].b[3] ^= 1;
	ck_assert_int_eq(asy_round_load_body(again, 0, store, &e), ASSAY_E_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "answer of uid 0"));
	asy_round_free(again);
	asy_round_free(r);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_intake_when_bodies_are_of_any_size_then_all_come_back);
	tcase_add_test(tc, test_intake_when_a_body_is_large_then_slices_share_the_loop);
	tcase_add_test(tc, test_budget_when_some_send_much_first_then_others_keep_their_share);
	tcase_add_test(tc, test_budget_when_nobody_needs_it_then_large_answers_are_kept);
	tcase_add_test(tc, test_budget_when_short_then_the_hungriest_pays);
	tcase_add_loop_test(tc, test_budget_when_any_order_then_shares_hold, 0, 40);
	tcase_add_test(tc, test_intake_when_interrupted_then_what_is_written_is_whole);
	tcase_add_test(tc, test_intake_when_the_disk_fails_then_says_so_and_nothing_is_the_rounds);
	tcase_add_test(tc, test_body_when_lost_then_named);
}

int main(void)
{
	return test_main("intake", fill, 30);
}
