/* What luck earns, against every order of a short list. */
#include <math.h>
#include "ranking/agree.h"
#include "ranking/chance.h"
#include "ranking/measure.h"
#include "support/test.h"

#define MAX_N 7

/* Calls each for all orders of the first n numbers. */
static void permute(size_t *p, size_t at, size_t n, void (*each)(void *, const size_t *), void *ctx)
{
	if (at == n) {
		each(ctx, p);
		return;
	}
	for (size_t i = at; i < n; i++) {
		size_t t = p[at];
		p[at] = p[i];
		p[i] = t;
		permute(p, at + 1, n, each, ctx);
		t = p[at];
		p[at] = p[i];
		p[i] = t;
	}
}

enum { DCG, COUNT, FIRST, SUCCESS, AP, RBO, BPREF, MEASURES };

typedef struct {
	size_t n, r, depth, own_n;
	double gain[MAX_N], ideal;
	double sum[MEASURES], square[MEASURES], orders;
} world;

static void measure(void *ctx, const size_t *p)
{
	world *w = ctx;
	double gain[MAX_N], v[MEASURES];
	bool relevant[MAX_N], irrelevant[MAX_N];
	uint32_t a[MAX_N], b[MAX_N];
	uint8_t seen[MAX_N];
	for (size_t i = 0; i < w->n; i++) {
		gain[i] = w->gain[p[i]];
		relevant[i] = p[i] < w->r;
		irrelevant[i] = !relevant[i];
		a[i] = (uint32_t)p[i];
		b[i] = (uint32_t)i;
	}
	v[DCG] = ranking_dcg(gain, w->n, w->depth) / w->ideal;
	v[COUNT] = ranking_recall(relevant, w->n, 1, w->depth);
	v[FIRST] = ranking_reciprocal_rank(relevant, w->n, w->depth);
	v[SUCCESS] = ranking_success(relevant, w->n, w->depth);
	v[AP] = ranking_average_precision(relevant, w->n, w->r, w->depth);
	v[BPREF] = ranking_bpref(relevant, irrelevant, w->n, w->r, w->n - w->r);
	v[RBO] = ranking_rbo(a, w->n, b, w->own_n, w->n, 0.8, seen);
	for (int k = 0; k < MEASURES; k++) {
		w->sum[k] += v[k];
		w->square[k] += v[k] * v[k];
	}
	w->orders++;
}

START_TEST(test_luck_when_every_order_is_tried_then_equal)
{
	for (size_t n = 1; n <= MAX_N; n++)
		for (size_t r = 1; r <= n; r++)
			for (size_t depth = 1; depth <= n; depth += n > 5 ? 2 : 1) {
				world w = {.n = n, .r = r, .depth = depth, .own_n = r, .ideal = 3.7};
				size_t p[MAX_N];
				for (size_t i = 0; i < n; i++) {
					p[i] = i;
					w.gain[i] = i < r ? (double)(1 + i * i % 5) : 0;
				}
				permute(p, 0, n, measure, &w);
				const ranking_luck luck[MEASURES] = {ranking_luck_dcg(w.gain, n, depth, w.ideal),
													 ranking_luck_count(r, n, depth),
													 ranking_luck_first(r, n, depth),
													 ranking_luck_success(r, n, depth),
													 ranking_luck_ap(r, n, depth),
													 ranking_luck_rbo(r, n, 0.8),
													 ranking_luck_bpref(r, n - r)};
				for (int k = 0; k < MEASURES; k++) {
					double mean = w.sum[k] / w.orders;
					double sd = sqrt(fmax(0, w.square[k] / w.orders - mean * mean));
					ck_assert_msg(fabs(luck[k].mean - mean) < 1e-12, "%d of %zu/%zu at %zu: %g %g",
								  k, r, n, depth, luck[k].mean, mean);
					if (k < AP)
						ck_assert_msg(fabs(luck[k].sd - sd) < 1e-7,
									  "sd %d of %zu/%zu at %zu: %g %g", k, r, n, depth, luck[k].sd,
									  sd);
				}
			}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_luck_when_every_order_is_tried_then_equal);
}

int main(void)
{
	return test_main("ranking_chance", fill, 60);
}
