/* A worker on the loop: while a plugin opens, scores, dies or hangs, everything else of the loop
 * goes on; calls of several coroutines take turns; cancelling one harms nobody. */
#include "loop/loop.h"
#include "unit/plugin/world.h"

typedef struct {
	asy_loop *l;
	world *w;
	asy_plugin *p;
	asy_plugin_opts o;
	assay_status st;
	int *order, place;
} call;

typedef struct {
	asy_loop *l;
	uint64_t ticks;
} ticker;

static void tick(void *arg)
{
	ticker *t = arg;
	while (asy_loop_sleep(t->l, 1) == ASSAY_OK)
		t->ticks++;
}

static void score(void *arg)
{
	call *c = arg;
	c->st = asy_plugin_score(c->p, &c->w->round, &c->w->batch, &c->w->res, &c->w->err);
	c->place = (*c->order)++;
}

static void open_it(void *arg)
{
	call *c = arg;
	c->st = asy_plugin_open(&c->o, &c->p, &c->w->err);
}

static asy_loop *loop_new(void)
{
	asy_loop *l = NULL;
	assay_err e;
	ck_ok(asy_loop_new(&l, &e), e);
	return l;
}

static asy_co *start(asy_loop *l, asy_co_fn *fn, void *arg)
{
	asy_co *co = NULL;
	assay_err e;
	ck_ok(asy_co_start(l, fn, arg, &co, &e), e);
	return co;
}

static void finish(asy_loop *l, asy_co *co)
{
	ck_assert_int_eq(asy_loop_run_until(l, asy_co_is_over, co, ASY_NEVER), ASSAY_OK);
	asy_co_free(co);
}

static asy_plugin *open_on(world *w, asy_loop *l, asy_plugin_opts o)
{
	asy_plugin *p = NULL;
	o.loop = l;
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	return p;
}

START_TEST(test_score_when_plugin_hangs_and_dies_then_the_loop_goes_on)
{
	asy_loop *l = loop_new();
	world *w = world_new(64);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	ticker t = {.l = l};
	int order = 0;
	o.stall_ns = 200 * MS * SLOW;
	o.backoff_ns = o.backoff_max_ns = 50 * MS;
	call c = {.l = l, .w = w, .p = open_on(w, l, o), .order = &order};
	world_say(w, 20, "!hang");
	world_say(w, 40, "!crash");
	asy_co *ticking = start(l, tick, &t), *scoring = start(l, score, &c);
	finish(l, scoring);
	ck_ok(c.st, w->err);
	ck_assert_uint_ge(t.ticks, 30); /* three stalls alone take 600 ms */
	ck_assert_uint_eq(w->row[20].cause, ASY_CAUSE_POISON);
	ck_assert_uint_eq(w->row[40].cause, ASY_CAUSE_POISON);
	ck_assert_uint_eq(w->res.stats.scored, 62);
	printf("plugin: longest block of the loop %.1f ms\n", (double)asy_loop_lag(l).max_ns / 1e6);
	asy_plugin_close(c.p);
	asy_co_end(ticking);
	asy_loop_free(l);
	free(w);
}
END_TEST

START_TEST(test_score_when_bodies_are_large_then_the_loop_goes_on)
{
	enum { N = 200 };
	static char body[(1 << 20) + 1];
	asy_loop *l = loop_new();
	world *w = world_new(N);
	ticker t = {.l = l};
	int order = 0;
	call c = {.l = l, .w = w, .order = &order};
	c.p = open_on(w, l, world_opts(w, TRICK_WHOLE, ASY_ISOLATION_WORKER));
	memset(body, 'x', sizeof body - 1);
	for (size_t i = 0; i < N; i++)
		world_say(w, i, body);
	asy_co *ticking = start(l, tick, &t), *scoring = start(l, score, &c);
	finish(l, scoring);
	ck_ok(c.st, w->err);
	ck_assert_uint_eq(w->res.stats.scored, N);
	ck_assert_uint_ge(t.ticks, 15); /* the copying alone is cut into 50 pieces */
	printf("plugin: %d MiB, longest block of the loop %.1f ms\n", N,
		   (double)asy_loop_lag(l).max_ns / 1e6);
	asy_plugin_close(c.p);
	asy_co_end(ticking);
	asy_loop_free(l);
	free(w);
}
END_TEST

START_TEST(test_open_when_plugin_hangs_then_the_loop_goes_on_and_cancel_ends_it)
{
	asy_loop *l = loop_new();
	world *w = world_new(1);
	call c = {
		.l = l,
		.w = w,
		.o = world_opts(w, ASSAY_BINARY_DIR "/test-plugins/open_hangs.so", ASY_ISOLATION_WORKER)};
	c.o.loop = l;
	asy_co *opening = start(l, open_it, &c);
	ck_assert_int_eq(asy_loop_sleep(l, 300), ASSAY_OK);
	ck_assert(!asy_co_is_over(opening));
	asy_co_end(opening);
	ck_assert_int_eq(c.st, ASSAY_E_CANCELLED);
	asy_loop_free(l);
	free(w);
}
END_TEST

START_TEST(test_score_when_several_coroutines_then_first_come_first_served)
{
	enum { N = 4 };
	asy_loop *l = loop_new();
	world *w[N];
	call c[N];
	asy_co *co[N];
	int order = 0;
	w[0] = world_new(100);
	asy_plugin *p = open_on(w[0], l, world_opts(w[0], TRICK, ASY_ISOLATION_WORKER));
	for (int i = 0; i < N; i++) {
		if (i > 0)
			w[i] = world_new(100);
		w[i]->round.round = (uint64_t)i;
		world_say(w[i], 7, i == 1 ? "!crash" : "!slow");
		c[i] = (call){.l = l, .w = w[i], .p = p, .order = &order};
		co[i] = start(l, score, &c[i]);
	}
	asy_co_cancel(co[2]); /* it waits for its turn, or has just begun */
	for (int i = 0; i < N; i++)
		finish(l, co[i]);
	ck_assert_int_eq(c[2].st, ASSAY_E_CANCELLED);
	ck_assert(c[0].place < c[1].place && c[1].place < c[3].place);
	for (int i = 0; i < N; i++) {
		if (i == 2)
			continue;
		ck_ok(c[i].st, w[i]->err);
		ck_assert_uint_eq(w[i]->res.stats.scored, i == 1 ? 99 : 100);
	}
	asy_plugin_close(p);
	for (int i = 0; i < N; i++)
		free(w[i]);
	asy_loop_free(l);
}
END_TEST

START_TEST(test_score_when_cancelled_then_scored_rows_are_kept_and_the_plugin_works_on)
{
	asy_loop *l = loop_new();
	world *w = world_new(500);
	int order = 0;
	call c = {.l = l, .w = w, .order = &order};
	c.p = open_on(w, l, world_opts(w, TRICK, ASY_ISOLATION_WORKER));
	world_say(w, 250, "!hang");
	asy_co *scoring = start(l, score, &c);
	ck_assert_int_eq(asy_loop_sleep(l, 100 * SLOW), ASSAY_OK);
	asy_co_end(scoring);
	ck_assert_int_eq(c.st, ASSAY_E_CANCELLED);
	for (size_t i = 0; i < 500; i++)
		ck_assert_uint_eq(w->reports[i], w->row[i].flag != ASY_ROW_PENDING);
	world_say(w, 250, "fine");
	finish(l, start(l, score, &c));
	ck_ok(c.st, w->err);
	for (size_t i = 0; i < 500; i++)
		ck_assert_uint_eq(w->reports[i], 1);
	asy_plugin_close(c.p);
	asy_loop_free(l);
	free(w);
}
END_TEST

/* Half an hour is under way, and the process is asked to stop. */
START_TEST(test_score_when_interrupted_then_shutdown_need_not_wait)
{
	asy_loop *l = loop_new();
	world *w = world_new(100);
	asy_plugin_opts o = world_opts(w, TRICK, ASY_ISOLATION_WORKER);
	int order = 0;
	o.soft_ns = o.stall_ns = 1800000 * MS;
	call c = {.l = l, .w = w, .p = open_on(w, l, o), .order = &order};
	world_say(w, 50, "!hang");
	asy_co *scoring = start(l, score, &c);
	ck_assert_int_eq(asy_loop_sleep(l, 100 * SLOW), ASSAY_OK);
	uint64_t before = world_now();
	asy_loop_interrupt(l);
	asy_co_end(scoring);
	asy_plugin_close(c.p);
	asy_loop_free(l);
	ck_assert_int_eq(c.st, ASSAY_E_CANCELLED);
	ck_assert_uint_lt(world_now() - before, 60000 * MS); /* not the half hour */
	printf("plugin: ended %.0f ms after the interruption\n", (double)(world_now() - before) / 1e6);
	free(w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_score_when_plugin_hangs_and_dies_then_the_loop_goes_on);
	tcase_add_test(tc, test_score_when_bodies_are_large_then_the_loop_goes_on);
	tcase_add_test(tc, test_open_when_plugin_hangs_then_the_loop_goes_on_and_cancel_ends_it);
	tcase_add_test(tc, test_score_when_several_coroutines_then_first_come_first_served);
	tcase_add_test(tc, test_score_when_cancelled_then_scored_rows_are_kept_and_the_plugin_works_on);
	tcase_add_test(tc, test_score_when_interrupted_then_shutdown_need_not_wait);
}

int main(void)
{
	return test_main("plugin.turns", fill, 90);
}
