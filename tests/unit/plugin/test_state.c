/* What a plugin remembers: the host gives it back before every call, whichever worker runs, and
 * moves it on only with the rows that it belongs to. Lies about it cost memory, never a row. */
#include "unit/plugin/world.h"

#define MEMORY ASSAY_BINARY_DIR "/test-plugins/memory.so"
#define ROWS 10u

static asy_plugin *open_memory(world *w, const char *act, asy_isolation isolation)
{
	char config[64];
	asy_plugin *p = NULL;
	(void)snprintf(config, sizeof config, "{\"act\":\"%s\"}", act);
	asy_plugin_opts o = world_opts(w, MEMORY, isolation);
	o.grant = ASY_NEED_STATE;
	o.config = asy_span_str(config);
	o.stall_ns = 300 * MS * SLOW;
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	return p;
}

static world *round_of(size_t rows)
{
	world *w = world_new(rows);
	w->res.component = NULL;
	return w;
}

/* A round; its rows remember this many. */
static void expect(world *w, asy_plugin *p, double seen)
{
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	for (size_t i = 0; i < w->batch.response_n; i++) {
		double want = seen + (double)w->response[i].body.len / 1000;
		ck_assert_msg(w->row[i].flag == ASY_ROW_SCORED && w->row[i].score == want,
					  "row %zu: %s %.17g, not %.17g", i, asy_row_flag_name(w->row[i].flag),
					  w->row[i].score, want);
	}
}

static uint64_t state_of(const asy_plugin *p)
{
	uint64_t n = 0;
	assay_span s = asy_plugin_state(p);
	ck_assert(s.len == 8 || s.len == 0);
	if (s.len == 8)
		memcpy(&n, s.ptr, 8);
	return n;
}

START_TEST(test_state_when_rounds_follow_then_each_begins_where_the_last_ended)
{
	for (int i = 0; i < 2; i++) {
		world *w = round_of(ROWS);
		asy_plugin *p = open_memory(w, "", i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		for (unsigned r = 0; r < 3; r++)
			expect(w, p, r * ROWS);
		ck_assert_uint_eq(state_of(p), 3 * ROWS);
		/* the same round from the same state: the same bits, also for a plugin that went on */
		uint64_t before = ROWS;
		ck_ok(asy_plugin_set_state(p, asy_span(&before, 8), &w->err), w->err);
		expect(w, p, ROWS);
		ck_ok(asy_plugin_set_state(p, (assay_span){0}, &w->err), w->err);
		expect(w, p, 0);
		ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_STATE], 0);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_state_when_the_worker_dies_then_a_fresh_one_has_it)
{
	world *w = round_of(ROWS);
	asy_plugin *p = open_memory(w, "", ASY_ISOLATION_WORKER);
	expect(w, p, 0);
	world_say(w, 3, "!crash"); /* tried again, then without the longest, then given up */
	memset(w->row, 0, sizeof w->row);
	world_score(w, p);
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_uint_eq(w->row[i].flag, ASY_ROW_ABSTAIN);
	ck_assert_uint_eq(state_of(p), ROWS);
	world_say(w, 3, "fine");
	expect(w, p, ROWS);
	ck_assert_uint_ge(w->events[ASY_PLUGIN_EV_STARTED], 2);
	asy_plugin_close(p);
	free(w);
}
END_TEST

/* on_rows sees it with the rows, and a state that was not kept does not move on. */
typedef struct {
	uint64_t before, after;
	unsigned n;
	bool fail;
} kept;

static assay_status keep(void *arg, const size_t *rows, size_t n, assay_err *err)
{
	world *w = (world *)((char *)arg - offsetof(world, res));
	kept *k = (kept *)(void *)w->component;
	(void)rows;
	(void)n;
	if (!w->res.has_state)
		return ASSAY_OK;
	ck_assert_uint_eq(w->res.state_after.len, 8);
	memcpy(&k->after, w->res.state_after.ptr, 8);
	if (w->res.state_before.len != 0)
		memcpy(&k->before, w->res.state_before.ptr, 8);
	k->n++;
	return k->fail ? ASSAY_FAIL(err, E_STORE, "the disk is full") : ASSAY_OK;
}

START_TEST(test_state_when_reported_then_with_the_rows_and_kept_only_if_they_are)
{
	for (int i = 0; i < 2; i++) {
		world *w = round_of(ROWS);
		kept *k = (kept *)(void *)w->component;
		w->res.on_rows = keep;
		w->res.arg = &w->res;
		w->response[0].status = ASY_RESP_TIMEOUT; /* reported before the call, without a state */
		asy_plugin *p = open_memory(w, "", i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		world_score(w, p);
		ck_assert(k->n == 1 && k->before == 0 && k->after == ROWS);
		k->fail = true;
		memset(w->row, 0, sizeof w->row);
		ck_assert_int_eq(asy_plugin_score(p, &w->round, &w->batch, &w->res, &w->err),
						 ASSAY_E_STORE);
		ck_assert(k->n == 2 && k->before == ROWS && k->after == 2 * ROWS);
		ck_assert_uint_eq(state_of(p), ROWS);
		k->fail = false;
		memset(w->row, 0, sizeof w->row);
		world_score(w, p);
		ck_assert(k->n == 3 && k->before == ROWS && state_of(p) == 2 * ROWS);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_state_when_challenges_are_made_then_read_and_not_moved_on)
{
	for (int i = 0; i < 2; i++) {
		world *w = round_of(ROWS);
		asy_plugin_challenges made = {0};
		asy_plugin *p = open_memory(w, "", i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		expect(w, p, 0);
		for (int k = 0; k < 2; k++) {
			ck_ok(asy_plugin_make(p, &w->round, 1, &made, &w->err), w->err);
			ck_assert(asy_span_eq(made.challenge[0].prompt, asy_span_str("{\"seen\":10}")));
			asy_plugin_challenges_fini(&made);
		}
		expect(w, p, ROWS);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

/* How each lie ends: rows are scored by the state that the host has, and it says what it lost. */
static const struct {
	const char *act;
	double second, third; /* what the second and third round remember */
	unsigned events;      /* in both */
	const char *text;
	bool only_worker; /* it would end this process */
} lies[] = {
	{"load-refuses", 0, 0, 2, "refuses its state and begins anew: a state of version 1", false},
	{"load-crashes", 0, 0, 2, "begins anew, without its state: it ends whoever loads it", true},
	{"load-hangs", 0, 0, 2, "it ends whoever loads it", true},
	{"save-fails", 0, 0, 2, "not saved: the next round has the one before: the state is a secret",
	 false},
	{"save-huge", 0, 0, 2, "bytes, limit 1048576", false},
	{"save-fickle", ROWS + 1000, 2 * ROWS + 3000, 0, "", false},
	{"load-ignored", ROWS, 2 * ROWS, 0, "", false},
	{"save-overflows", ROWS, 2 * ROWS, 0, "", true},
};

START_TEST(test_lies_when_about_the_state_then_no_row_is_lost)
{
	for (size_t k = 0; k < ASY_COUNT(lies); k++)
		for (int i = 0; i < (lies[k].only_worker ? 1 : 2); i++) {
			world *w = round_of(ROWS);
			asy_plugin *p =
				open_memory(w, lies[k].act, i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
			expect(w, p, 0);
			w->events[ASY_PLUGIN_EV_STATE] = 0;
			expect(w, p, lies[k].second);
			expect(w, p, lies[k].third);
			ck_assert_msg(w->events[ASY_PLUGIN_EV_STATE] == lies[k].events, "%s: %u", lies[k].act,
						  w->events[ASY_PLUGIN_EV_STATE]);
			ck_assert_msg(strstr(w->last_text[ASY_PLUGIN_EV_STATE], lies[k].text) != NULL, "%s: %s",
						  lies[k].act, w->last_text[ASY_PLUGIN_EV_STATE]);
			asy_plugin_close(p);
			free(w);
		}
}
END_TEST

START_TEST(test_lies_when_nothing_can_be_had_then_rows_abstain)
{
	static const char *const acts[] = {"load-always-refuses", "load-always-crashes",
									   "save-crashes"};
	for (size_t k = 0; k < ASY_COUNT(acts); k++) {
		world *w = round_of(ROWS);
		asy_plugin *p = open_memory(w, acts[k], ASY_ISOLATION_WORKER);
		world_score(w, p);
		for (size_t i = 0; i < ROWS; i++)
			ck_assert_uint_eq(w->row[i].flag, ASY_ROW_ABSTAIN);
		ck_assert_uint_eq(asy_plugin_state(p).len, 0);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_lies_when_scoring_fails_then_the_state_stays)
{
	for (int i = 0; i < 2; i++) {
		world *w = round_of(ROWS);
		asy_plugin *p =
			open_memory(w, "score-fails", i == 0 ? ASY_ISOLATION_WORKER : ASY_ISOLATION_NONE);
		world_score(w, p);
		ck_assert_uint_eq(asy_plugin_state(p).len, 0);
		asy_plugin_close(p);
		free(w);
	}
}
END_TEST

START_TEST(test_making_when_the_state_kills_then_made_without_it)
{
	world *w = round_of(ROWS);
	asy_plugin_challenges made = {0};
	asy_plugin *p = open_memory(w, "load-crashes", ASY_ISOLATION_WORKER);
	expect(w, p, 0);
	ck_ok(asy_plugin_make(p, &w->round, 1, &made, &w->err), w->err);
	ck_assert(asy_span_eq(made.challenge[0].prompt, asy_span_str("{\"seen\":0}")));
	asy_plugin_challenges_fini(&made);
	asy_plugin_close(p);
	free(w);
}
END_TEST

START_TEST(test_state_when_too_long_then_refused)
{
	static uint8_t bytes[ASY_PLUGIN_STATE_MAX + 1];
	world *w = round_of(1);
	asy_plugin *p = open_memory(w, "", ASY_ISOLATION_NONE);
	ck_assert_int_eq(asy_plugin_set_state(p, asy_span(bytes, sizeof bytes), &w->err),
					 ASSAY_E_LIMIT);
	ck_ok(asy_plugin_set_state(p, asy_span(bytes, sizeof bytes - 1), &w->err), w->err);
	asy_plugin_close(p);
	free(w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_state_when_rounds_follow_then_each_begins_where_the_last_ended);
	tcase_add_test(tc, test_state_when_the_worker_dies_then_a_fresh_one_has_it);
	tcase_add_test(tc, test_state_when_reported_then_with_the_rows_and_kept_only_if_they_are);
	tcase_add_test(tc, test_state_when_challenges_are_made_then_read_and_not_moved_on);
	tcase_add_test(tc, test_lies_when_about_the_state_then_no_row_is_lost);
	tcase_add_test(tc, test_lies_when_nothing_can_be_had_then_rows_abstain);
	tcase_add_test(tc, test_lies_when_scoring_fails_then_the_state_stays);
	tcase_add_test(tc, test_making_when_the_state_kills_then_made_without_it);
	tcase_add_test(tc, test_state_when_too_long_then_refused);
}

int main(void)
{
	return test_main("plugin.state", fill, 60);
}
