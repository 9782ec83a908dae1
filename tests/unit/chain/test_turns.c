/* Several coroutines share one chain client: its calls never mix, whatever fails meanwhile. */
#include "unit/chain/net.h"

#define MANY 6

typedef struct {
	asy_rpc_transport iface;
	net *n;
	asy_loop *loop;
	bool is_busy;
	unsigned sends;
} slow_wire;

typedef struct {
	slow_wire *wire;
	unsigned rounds, failed;
	assay_status last;
} reader;

/* The node takes its time, and everything else runs meanwhile. Every tenth request fails, and the
 * runtime is taken for a changed one now and then. */
static assay_status slow_send(asy_rpc_transport *t, const char *url, assay_span body, asy_buf *out,
							  uint64_t deadline_ns, assay_err *err)
{
	slow_wire *w = (slow_wire *)t;
	ck_assert_msg(!w->is_busy, "two requests of one client at once");
	w->is_busy = true;
	assay_status st = asy_loop_sleep(w->loop, w->sends % 3);
	w->is_busy = false;
	w->sends++;
	if (st != ASSAY_OK)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	if (w->sends % 10 == 0)
		return ASSAY_FAIL(err, E_NET, "a line that breaks");
	if (w->sends % 17 == 0)
		w->n->chain->stale = true;
	return net_send(&w->n->iface, url, body, out, deadline_ns, err);
}

static void read_all(void *arg)
{
	reader *r = arg;
	asy_chain *c = r->wire->n->chain;
	for (unsigned i = 0; i < r->rounds; i++) {
		asy_block_ref head;
		assay_snapshot *s = NULL;
		assay_err e = {0};
		r->last = asy_chain_head(c, &head, &e);
		if (r->last == ASSAY_OK)
			r->last = asy_chain_snapshot(c, 1, 0, &head, &s, &e);
		if (r->last == ASSAY_E_CANCELLED)
			return;
		if (r->last != ASSAY_OK)
			r->failed++;
		else
			ck_assert_uint_gt(s->n, 0);
		asy_snapshot_free(s);
	}
}

static void setup(slow_wire *w, asy_co *co[MANY], reader r[MANY], unsigned rounds)
{
	assay_err e;
	*w = (slow_wire){.iface = {slow_send}, .n = net_new(WORLD_SCENARIO, NULL)};
	ck_ok(asy_loop_new(&w->loop, &e), e);
	w->n->chain->cfg.loop = w->loop;
	w->n->chain->cfg.transport = &w->iface;
	for (size_t i = 0; i < MANY; i++) {
		r[i] = (reader){.wire = w, .rounds = rounds};
		ck_ok(asy_co_start(w->loop, read_all, &r[i], &co[i], &e), e);
	}
}

static void teardown(slow_wire *w, asy_co *co[MANY])
{
	for (size_t i = 0; i < MANY; i++)
		asy_co_end(co[i]);
	ck_assert(!w->n->chain->turn.is_held);
	ck_assert_uint_eq(w->n->chain->depth, 0);
	w->n->chain->cfg.loop = NULL;
	net_free(w->n);
	asy_loop_free(w->loop);
}

START_TEST(test_calls_when_many_coroutines_then_they_take_turns)
{
	slow_wire w;
	asy_co *co[MANY];
	reader r[MANY];
	setup(&w, co, r, 4);
	for (size_t i = 0; i < MANY; i++) {
		ck_assert_int_eq(asy_loop_run_until(w.loop, asy_co_is_over, co[i], ASY_NEVER), ASSAY_OK);
		ck_assert_int_eq(r[i].last, ASSAY_OK);
		ck_assert_uint_eq(r[i].failed, 0); /* the other endpoint answered */
	}
	ck_assert_uint_gt(w.n->chain->reloads, 0);
	ck_assert_uint_gt(w.n->chain->failovers, 0);
	teardown(&w, co);
}
END_TEST

START_TEST(test_calls_when_cancelled_then_no_turn_is_lost)
{
	slow_wire w;
	asy_co *co[MANY];
	reader r[MANY];
	setup(&w, co, r, 1000000);
	ck_assert_int_eq(asy_loop_sleep(w.loop, 10), ASSAY_OK);
	for (size_t i = 1; i < MANY; i++) {
		asy_co_end(co[i]);
		co[i] = NULL;
		ck_assert_int_eq(r[i].last, ASSAY_E_CANCELLED);
	}
	unsigned before = w.sends;
	ck_assert_int_eq(asy_loop_sleep(w.loop, 50), ASSAY_OK);
	ck_assert_uint_gt(w.sends, before);
	teardown(&w, co);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_calls_when_many_coroutines_then_they_take_turns);
	tcase_add_test(tc, test_calls_when_cancelled_then_no_turn_is_lost);
}

int main(void)
{
	return test_main("chain_turns", fill, 60);
}
