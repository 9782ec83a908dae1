/* Scoring, in both hosts: the results, their bits, and what a caller is told. */
#include "unit/plugin/world.h"

static const char *const commands[] = {"!nan",     "!inf",  "!big",    "!unflag", "!oddflag",
									   "!abstain", "!seed", "!random", "!fail",   "!identity",
									   "!slow",    "!log",  "!print"};

static void mix(world *w)
{
	for (size_t i = 0; i < ASY_COUNT(commands); i++)
		world_say(w, i * 5, commands[i]);
	for (size_t i = 0; i < w->batch.response_n; i += 9)
		w->response[i].status = (uint32_t)(i / 9 % ASY_RESP_STATUS_N);
}

static void score_both(const char *path, size_t n, void (*change)(world *), uint32_t sub_batch)
{
	world *a = world_new(n), *b = world_new(n);
	if (change != NULL) {
		change(a);
		change(b);
	}
	asy_plugin_opts o = world_opts(a, path, ASY_ISOLATION_WORKER);
	o.sub_batch = sub_batch;
	asy_plugin *p = NULL, *q = NULL;
	ck_ok(asy_plugin_open(&o, &p, &a->err), a->err);
	o.isolation = ASY_ISOLATION_NONE;
	o.on_event_arg = b;
	ck_ok(asy_plugin_open(&o, &q, &b->err), b->err);
	world_score(a, p);
	world_score(b, q);
	world_same(a, b);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(a->reports[i], 1);
	/* and again, in the same instances */
	memset(a->row, 0, sizeof a->row);
	world_score(a, p);
	world_same(a, b);
	asy_plugin_close(p);
	asy_plugin_close(q);
	free(a);
	free(b);
}

START_TEST(test_score_when_in_worker_and_in_process_then_equal_bits)
{
	score_both(TRICK, 256, mix, 0);
	score_both(TRICK, 1, NULL, 0);
	score_both(TRICK, 33, NULL, 0);
	score_both(TRICK_WHOLE, 100, NULL, 0);
	score_both(TRICK, 4096, NULL, 0);
}
END_TEST

START_TEST(test_score_when_sub_batch_differs_then_equal_bits)
{
	world *base = world_new(200);
	asy_plugin *p = world_open(base, TRICK, ASY_ISOLATION_NONE);
	world_score(base, p);
	asy_plugin_close(p);
	const uint32_t steps[] = {1, 7, 64, 1000};
	for (size_t i = 0; i < ASY_COUNT(steps); i++) {
		world *w = world_new(200);
		asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
		o.sub_batch = steps[i];
		ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
		world_score(w, p);
		world_same(base, w);
		asy_plugin_close(p);
		free(w);
	}
	free(base);
}
END_TEST

static void check_flag(const world *w, size_t row, asy_row_flag flag, asy_row_cause cause)
{
	ck_assert_msg(w->row[row].flag == flag && w->row[row].cause == cause, "row %zu: %s/%s", row,
				  asy_row_flag_name(w->row[row].flag), asy_row_cause_name(w->row[row].cause));
}

START_TEST(test_score_when_answers_are_bad_then_abstains_and_counts)
{
	world *w = world_new(100);
	const char *bad[] = {"!nan", "!inf", "!big", "!unflag", "!oddflag"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		world_say(w, i * 10, bad[i]);
	world_say(w, 60, "!abstain");
	w->response[70].status = ASY_RESP_TIMEOUT;
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	world_score(w, p);
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		check_flag(w, i * 10, ASY_ROW_ABSTAIN, ASY_CAUSE_INVALID);
		ck_assert(isnan(w->row[i * 10].score) && isnan(w->row[i * 10].value));
	}
	check_flag(w, 60, ASY_ROW_ABSTAIN, ASY_CAUSE_PLUGIN);
	check_flag(w, 70, ASY_ROW_NOT_ASKED, ASY_CAUSE_NONE);
	ck_assert_uint_eq(w->res.stats.invalid, 5);
	ck_assert_uint_eq(w->res.stats.abstained, 6);
	ck_assert_uint_eq(w->res.stats.not_asked, 1);
	ck_assert_uint_eq(w->res.stats.scored, 93);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_INVALID], 1);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_score_when_scored_then_value_is_normalised)
{
	world *w = world_new(50);
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_NONE);
	world_score(w, p);
	for (size_t i = 0; i < 50; i++) {
		ck_assert(w->row[i].score >= -1 && w->row[i].score <= 3);
		ck_assert(w->row[i].value == (w->row[i].score + 1.0) / 4.0);
		ck_assert(w->component[i * 2] == (double)w->response[i].body.len);
	}
	asy_plugin_close(p);
	p = world_open(w, ASSAY_BINARY_DIR "/test-plugins/lower_better.so", ASY_ISOLATION_NONE);
	memset(w->row, 0, sizeof w->row);
	w->res.component = NULL;
	world_score(w, p);
	ck_assert(w->row[0].score == 0.5 && w->row[0].value == 0.25);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_score_when_miners_repeat_then_numbers_hide_but_match)
{
	world *w = world_new(140);
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_NONE);
	world_score(w, p);
	unsigned moved = 0;
	for (size_t i = 0; i < 140; i++) {
		double seen = w->component[i * 2 + 1];
		ck_assert(seen >= 0 && seen < 7);
		ck_assert(seen == w->component[i % 7 * 2 + 1]);
		moved += seen != (double)(i % 7);
	}
	ck_assert_uint_gt(moved, 0);
	/* another seed, other numbers */
	double before[7];
	for (size_t i = 0; i < 7; i++)
		before[i] = w->component[i * 2 + 1];
	w->round.seed[0] ^= 1;
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	unsigned same = 0;
	for (size_t i = 0; i < 7; i++)
		same += before[i] == w->component[i * 2 + 1];
	ck_assert_uint_lt(same, 7);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_score_when_seen_by_plugin_then_seed_is_not_the_rounds)
{
	world *w = world_new(1);
	world_say(w, 0, "!seed");
	memset(w->round.seed, 0, 32);
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	world_score(w, p);
	ck_assert(w->row[0].flag == ASY_ROW_SCORED && w->row[0].score != 0.0);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_score_when_identity_not_needed_then_withheld)
{
	const struct {
		const char *path;
		double want;
	} cases[] = {{TRICK, 0.0}, {TRICK_IDENTITY, 0.05}};
	for (size_t i = 0; i < 2; i++) {
		world *w = world_new(1);
		world_say(w, 0, "!identity");
		w->response[0].who = (asy_plugin_who){.hotkey = 1, .coldkey = 1, .address = 3};
		asy_plugin_opts o = world_opts(w, cases[i].path, ASY_ISOLATION_WORKER);
		o.grant = ASY_NEED_IDENTITY;
		asy_plugin *p = NULL;
		ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
		world_score(w, p);
		ck_assert(w->row[0].score == cases[i].want);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

/* Rows with every kind of evidence, and with none. */
static world *world_with_evidence(void)
{
	static const asy_plugin_part part[2] = {{{(const uint8_t *)"a", 1},
											 {(const uint8_t *)"image/png", 9},
											 {(const uint8_t *)"\0\1", 2}},
											{{(const uint8_t *)"b", 1}, {NULL, 0}, {NULL, 0}}};
	static const asy_plugin_chunk chunk[3] = {{100, 1}, {200, 1}, {90000, 9}};
	world *w = world_new(64);
	w->challenge[1].part = part;
	w->challenge[1].part_n = 2;
	for (size_t i = 0; i < 64; i++) {
		asy_plugin_response *x = &w->response[i];
		world_say(w, i, "!evidence");
		x->content_type = asy_span_str(i % 3 == 0 ? "text/plain" : "");
		x->http_status = 200 + (uint32_t)i;
		x->first_byte_ms = (uint32_t)i;
		x->header = i % 4 == 0 ? part : NULL;
		x->header_n = i % 4 == 0 ? 2 : 0;
		x->part = part;
		x->part_n = (uint32_t)(i % 3);
		x->chunk = chunk;
		x->chunk_n = (uint32_t)(i % 4);
	}
	return w;
}

START_TEST(test_evidence_when_in_either_host_then_the_same_bits)
{
	world *w[2];
	for (int i = 0; i < 2; i++) {
		w[i] = world_with_evidence();
		asy_plugin *p = world_open(w[i], TRICK, i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		world_score(w[i], p);
		asy_plugin_close(p);
	}
	world_same(w[0], w[1]);
	/* each part of it counts */
	for (size_t i = 1; i < 64; i++)
		ck_assert(w[0]->row[i].flag == ASY_ROW_SCORED && w[0]->row[i].score != w[0]->row[0].score);
	free(w[0]);
	free(w[1]);
}
END_TEST

START_TEST(test_evidence_when_it_contradicts_the_body_then_refused)
{
	const asy_plugin_chunk bad[][2] = {{{1, 10}}, {{1, 5}, {2, 4}}, {{1, UINT64_MAX}}};
	world *w = world_new(1);
	world_say(w, 0, "!evidence");
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		w->response[0].chunk = bad[i];
		w->response[0].chunk_n = 2 - (i != 1);
		ck_assert_int_eq(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err),
						 ASSAY_E_INPUT);
	}
	w->response[0].chunk_n = 0;
	w->response[0].part_n = ASY_PLUGIN_PARTS_MAX + 1;
	ck_assert_int_eq(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err), ASSAY_E_LIMIT);
	w->response[0].part_n = 0;
	world_score(w, p);
	ck_assert_uint_eq(w->row[0].flag, ASY_ROW_SCORED);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_row_seed_when_cut_or_resumed_then_the_same_number)
{
	world *all = world_new(70), *w = world_new(70);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	for (size_t i = 0; i < 70; i++) {
		world_say(all, i, "!row-seed");
		world_say(w, i, "!row-seed");
	}
	asy_plugin *p = world_open(all, TRICK, ASY_ISOLATION_NONE);
	world_score(all, p);
	asy_plugin_close(p);
	o.sub_batch = 3;
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	for (size_t i = 0; i < 70; i += 2) { /* half of them were journalled before */
		w->row[i] = all->row[i];
		memcpy(&w->component[i * 2], &all->component[i * 2], 16);
	}
	world_score(w, p);
	world_same(all, w);
	for (size_t i = 1; i < 70; i++)
		ck_assert(all->row[i].score != all->row[i - 1].score);
	w->round.seed[3] ^= 1;
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	ck_assert(w->row[0].score != all->row[0].score);
	asy_plugin_close(p);
	free(w);
	free(all);
}
END_TEST

START_TEST(test_score_when_no_rows_then_ok)
{
	for (int i = 0; i < 2; i++) {
		world *w = world_new(0);
		asy_plugin *p = world_open(w, TRICK, i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		world_score(w, p);
		w->batch.challenge_n = 0;
		world_score(w, p);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_score_when_nobody_answered_then_plugin_is_not_asked)
{
	world *w = world_new(20);
	for (size_t i = 0; i < 20; i++) {
		world_say(w, i, "!crash");
		w->response[i].status = ASY_RESP_TIMEOUT;
	}
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	world_score(w, p);
	ck_assert_uint_eq(w->res.stats.not_asked, 20);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_CRASHED], 0);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_score_when_a_row_has_16_mib_then_scored_the_same)
{
	size_t len = (size_t)16 << 20;
	char *big = malloc(len);
	ck_assert(big != NULL);
	memset(big, 'b', len);
	world *a = world_new(40), *b = world_new(40);
	a->response[17].body = b->response[17].body = asy_span(big, len);
	asy_plugin *p = world_open(a, TRICK, ASY_ISOLATION_WORKER),
			   *q = world_open(b, TRICK, ASY_ISOLATION_NONE);
	world_score(a, p);
	world_score(b, q);
	world_same(a, b);
	ck_assert(a->component[17 * 2] == (double)len);
	asy_plugin_close(p);
	asy_plugin_close(q);
	free(big);
	free(a);
	free(b);
}
END_TEST

START_TEST(test_score_when_batch_is_too_big_or_wrong_then_refused)
{
	for (int i = 0; i < 2; i++) {
		world *w = world_new(4);
		asy_plugin_opts o =
			world_opts(w, TRICK, i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		o.input_max = 8192;
		char *big = calloc(1, 10000);
		asy_plugin *p = NULL;
		ck_assert(big != NULL);
		ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
		w->response[2].body = asy_span(big, 10000);
		ck_assert_int_eq(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err),
						 ASSAY_E_LIMIT);
		ck_assert_msg(strstr(w->err.msg, "response 2") != NULL, "%s", w->err.msg);
		world_say(w, 2, "x");
		w->response[2].challenge = 2;
		ck_assert_int_eq(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err),
						 ASSAY_E_INPUT);
		w->response[2].challenge = 0;
		w->response[2].status = 7;
		ck_assert_int_eq(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err),
						 ASSAY_E_INPUT);
		w->response[2].status = 0;
		world_score(w, p);
		asy_plugin_close(p);
		free(big);
		free(w);
	}
}
END_TEST

START_TEST(test_score_when_shared_memory_is_small_then_in_several_jobs)
{
	world *a = world_new(500), *b = world_new(500);
	asy_plugin_opts o = world_opts(a, TRICK, ASY_ISOLATION_WORKER);
	o.input_max = 8192;
	asy_plugin *p = NULL, *q = world_open(b, TRICK, ASY_ISOLATION_NONE);
	ck_ok(asy_plugin_open(&o, &p, &a->err), a->err);
	world_score(a, p);
	world_score(b, q);
	world_same(a, b);
	asy_plugin_close(p);
	asy_plugin_close(q);
	free(a);
	free(b);
}
END_TEST

START_TEST(test_score_when_some_rows_are_decided_then_only_the_rest_is_scored)
{
	world *whole = world_new(90), *part = world_new(90);
	asy_plugin *p = world_open(whole, TRICK, ASY_ISOLATION_WORKER);
	world_score(whole, p);
	for (size_t i = 0; i < 90; i += 2) {
		part->row[i] = whole->row[i];
		memcpy(&part->component[i * 2], &whole->component[i * 2], 16);
		world_say(part, i, "!crash"); /* would show if it were asked */
	}
	world_score(part, p);
	world_same(whole, part);
	for (size_t i = 0; i < 90; i++)
		ck_assert_uint_eq(part->reports[i], i % 2);
	asy_plugin_close(p);
	free(whole);
	free(part);
}
END_TEST

START_TEST(test_score_when_caller_cannot_keep_rows_then_stops_with_its_status)
{
	for (int i = 0; i < 2; i++) {
		world *w = world_new(2000);
		w->refuse_after = 64;
		asy_plugin *p = world_open(w, TRICK, i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		ck_assert_int_eq(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err),
						 ASSAY_E_STORE);
		ck_assert_msg(strstr(w->err.msg, "journal is full") != NULL, "%s", w->err.msg);
		w->refuse_after = 0;
		world_score(w, p);
		for (size_t k = 0; k < 2000; k++)
			ck_assert_uint_eq(w->reports[k], 1);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_score_when_max_batch_is_small_then_never_exceeded)
{
	world *w = world_new(100);
	w->res.component = NULL;
	asy_plugin *p =
		world_open(w, ASSAY_BINARY_DIR "/test-plugins/max_batch.so", ASY_ISOLATION_WORKER);
	world_score(w, p);
	for (size_t i = 0; i < 100; i++)
		ck_assert(w->row[i].score == 0.25);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_score_when_call_returns_a_code_then_unflagged_rows_abstain)
{
	world *w = world_new(64);
	world_say(w, 10, "!fail");
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	world_score(w, p);
	check_flag(w, 10, ASY_ROW_ABSTAIN, ASY_CAUSE_ERROR);
	ck_assert_uint_eq(w->res.stats.scored, 63);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_ERROR], 1);
	ck_assert_str_eq(w->last_text[ASY_PLUGIN_EV_ERROR], "a bad\\x0aanswer");
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_log_when_plugin_speaks_then_escaped_and_within_quota)
{
	char text[65536];
	for (int i = 0; i < 2; i++) {
		memset(text, 0, sizeof text);
		FILE *f = fmemopen(text, sizeof text - 1, "w");
		asy_logger lg = {.out = f};
		world *w = world_new(3);
		world_say(w, 0, "!log");
		world_say(w, 1, "!print");
		asy_plugin_opts o =
			world_opts(w, TRICK, i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		o.log = &lg;
		asy_plugin *p = NULL;
		ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
		world_score(w, p);
		world_say(w, 2, "!flood");
		memset(w->row, 0, sizeof w->row);
		world_score(w, p);
		asy_plugin_close(p);
		(void)fclose(f);
		ck_assert_msg(strstr(text, "hello\\\\x1b[31m from\\\\x0athe plugin") != NULL, "%s", text);
		ck_assert_ptr_null(strchr(text, 0x1b));
		ck_assert_uint_gt(w->res.stats.log_dropped, 0);
		size_t lines = 0;
		for (const char *at = text; (at = strstr(at, "plugin.said")) != NULL; at++)
			lines++;
		ck_assert_uint_le(lines, 64 + 8);
		if (i == 0)
			ck_assert_msg(strstr(text, "printed") != NULL, "%s", text);
		free(w);
	}
}
END_TEST

START_TEST(test_make_when_asked_then_same_challenges_in_both_hosts)
{
	world *w = world_new(0);
	asy_plugin_challenges a = {0}, b = {0};
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER),
			   *q = world_open(w, TRICK, ASY_ISOLATION_NONE);
	ck_ok(asy_plugin_make(p, &w->round, 20, &a, &w->err), w->err);
	ck_ok(asy_plugin_make(q, &w->round, 20, &b, &w->err), w->err);
	ck_assert_uint_eq(a.challenge_n, 20);
	ck_assert_uint_eq(b.challenge_n, 20);
	for (size_t i = 0; i < 20; i++) {
		ck_assert(asy_span_eq(a.challenge[i].prompt, b.challenge[i].prompt));
		ck_assert(asy_span_eq(a.challenge[i].meta_json, asy_span_str("{\"k\":5}")));
		ck_assert_uint_eq(a.challenge[i].reference.len, 0);
		ck_assert_uint_eq(a.challenge[i].part_n, i % 2);
		ck_assert_uint_eq(b.challenge[i].part_n, i % 2);
		if (i % 2 == 1)
			ck_assert(asy_span_eq(a.challenge[i].part->bytes, asy_span("RI\0F", 4)) &&
					  asy_span_eq(b.challenge[i].part->type, asy_span_str("audio/wav")));
	}
	asy_plugin_challenges_fini(&a);
	asy_plugin_challenges_fini(&b);
	/* it gives 64 at most */
	ck_ok(asy_plugin_make(p, &w->round, 1000, &a, &w->err), w->err);
	ck_assert_uint_eq(a.challenge_n, 64);
	asy_plugin_challenges_fini(&a);
	ck_assert_int_eq(asy_plugin_make(p, &w->round, 100000, &a, &w->err), ASSAY_E_LIMIT);
	asy_plugin_close(p);
	asy_plugin_close(q);
	p = world_open(w, ASSAY_BINARY_DIR "/test-plugins/older.so", ASY_ISOLATION_WORKER);
	ck_assert_int_eq(asy_plugin_make(p, &w->round, 1, &a, &w->err), ASSAY_E_UNSUPPORTED);
	asy_plugin_close(p);
	free(w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_score_when_in_worker_and_in_process_then_equal_bits);
	tcase_add_test(tc, test_score_when_sub_batch_differs_then_equal_bits);
	tcase_add_test(tc, test_score_when_answers_are_bad_then_abstains_and_counts);
	tcase_add_test(tc, test_score_when_scored_then_value_is_normalised);
	tcase_add_test(tc, test_score_when_miners_repeat_then_numbers_hide_but_match);
	tcase_add_test(tc, test_score_when_seen_by_plugin_then_seed_is_not_the_rounds);
	tcase_add_test(tc, test_score_when_identity_not_needed_then_withheld);
	tcase_add_test(tc, test_evidence_when_in_either_host_then_the_same_bits);
	tcase_add_test(tc, test_evidence_when_it_contradicts_the_body_then_refused);
	tcase_add_test(tc, test_row_seed_when_cut_or_resumed_then_the_same_number);
	tcase_add_test(tc, test_score_when_no_rows_then_ok);
	tcase_add_test(tc, test_score_when_nobody_answered_then_plugin_is_not_asked);
	tcase_add_test(tc, test_score_when_a_row_has_16_mib_then_scored_the_same);
	tcase_add_test(tc, test_score_when_batch_is_too_big_or_wrong_then_refused);
	tcase_add_test(tc, test_score_when_shared_memory_is_small_then_in_several_jobs);
	tcase_add_test(tc, test_score_when_some_rows_are_decided_then_only_the_rest_is_scored);
	tcase_add_test(tc, test_score_when_caller_cannot_keep_rows_then_stops_with_its_status);
	tcase_add_test(tc, test_score_when_max_batch_is_small_then_never_exceeded);
	tcase_add_test(tc, test_score_when_call_returns_a_code_then_unflagged_rows_abstain);
	tcase_add_test(tc, test_log_when_plugin_speaks_then_escaped_and_within_quota);
	tcase_add_test(tc, test_make_when_asked_then_same_challenges_in_both_hosts);
}

int main(void)
{
	return test_main("plugin.score", fill, 60);
}
