/* How long the loop did not poll, and a clock that leaves such gaps out. A pause of
 * our own machine (stopped, swapped, a step that computes) is nobody's time-out: what
 * runs out, runs out on this clock, and after a gap descriptors are served first. */
#include "loop/impl.h"

/* What counts of the time since the last mark. */
static uint64_t counted(const loop_lag *g, uint64_t now)
{
	uint64_t since = now - g->marked_ns;
	return since < LOOP_GAP_NS ? since : LOOP_GAP_NS;
}

/* true when a gap ends here. */
static bool mark(loop_lag *g, uint64_t now)
{
	bool is_gap = now - g->marked_ns > LOOP_GAP_NS;
	g->polled_ns += counted(g, now);
	g->marked_ns = now;
	return is_gap;
}

/* libuv is about to poll. All since the last time is lag but for a wait as it should be. */
static void on_before(uv_prepare_t *h)
{
	asy_loop *l = h->data;
	loop_lag *g = &l->lag;
	uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(&l->uv), waited = idle - g->idle_ns;

	if (g->poll_ns != 0) {
		uint64_t all = now - g->poll_ns;
		waited = waited < LOOP_BEAT_NS ? waited : LOOP_BEAT_NS;
		g->lag.last_ns = all > waited ? all - waited : 0;
		if (g->lag.last_ns > g->lag.max_ns)
			g->lag.max_ns = g->lag.last_ns;
	}
	g->poll_ns = now;
	g->turns++;
	g->idle_ns = idle;
	(void)mark(g, now); /* a gap that ends here is followed by the poll */
}

/*~ Polled, and the callbacks of descriptors have run. A gap up to here may have been a
 * stop in the middle of the poll, with data that came later: one more poll comes before
 * anything runs out. Only one, or a loop that is always late would never time out. */
static void on_after(uv_check_t *h)
{
	asy_loop *l = h->data;
	bool was_late = l->lag.is_late;
	l->lag.is_late = mark(&l->lag, uv_hrtime()) && !was_late;
}

int asy_lag_init(asy_loop *l)
{
	int rc = uv_loop_configure(&l->uv, UV_METRICS_IDLE_TIME);
	if (rc != 0)
		return rc;
	l->lag.marked_ns = uv_hrtime();
	l->lag.polled_ns = l->lag.marked_ns;
	(void)uv_prepare_init(&l->uv, &l->lag.before);
	(void)uv_check_init(&l->uv, &l->lag.after);
	l->lag.before.data = l->lag.after.data = l;
	(void)uv_prepare_start(&l->lag.before, on_before);
	(void)uv_check_start(&l->lag.after, on_after);
	/* they keep nothing alive */
	uv_unref((uv_handle_t *)&l->lag.before);
	uv_unref((uv_handle_t *)&l->lag.after);
	return 0;
}

void asy_lag_close(asy_loop *l)
{
	uv_close((uv_handle_t *)&l->lag.before, NULL);
	uv_close((uv_handle_t *)&l->lag.after, NULL);
}

uint64_t asy_loop_polled_ns(const asy_loop *l)
{
	return l->lag.polled_ns + counted(&l->lag, uv_hrtime());
}

bool asy_loop_is_late(asy_loop *l)
{
	return l->lag.is_late || uv_hrtime() - l->lag.marked_ns > LOOP_GAP_NS;
}

uint64_t asy_loop_due(asy_loop *l, uint64_t deadline)
{
	uint64_t now = uv_hrtime(), polled = asy_loop_polled_ns(l);
	if (deadline == ASY_NEVER)
		return ASY_NEVER;
	return deadline > now ? asy_sat_add_u64(polled, deadline - now) : polled;
}

uint64_t asy_loop_turn(const asy_loop *l)
{
	return l->lag.turns;
}

asy_lag asy_loop_lag(asy_loop *l)
{
	asy_lag seen = l->lag.lag;
	l->lag.lag.max_ns = 0;
	return seen;
}
