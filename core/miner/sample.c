/* Whom to ask this round: those who waited longest, ties by the seed. Uniform
 * sampling leaves unlucky miners unasked for many rounds and lets the others
 * decide the averages; least-recently-asked bounds the wait at n / k rounds.
 * Pure: the same memory and seed give the same choice. */
#include <stdlib.h>
#include "miner/miner.h"

void asy_miner_shuffle(uint32_t *v, size_t n, const uint8_t seed[32])
{
	asy_seeded_rng rng;
	asy_seeded_rng_init(&rng, seed);
	for (size_t i = 0; i < n; i++)
		v[i] = (uint32_t)i;
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)asy_rng_below(&rng.iface, i);
		uint32_t was = v[i - 1];
		v[i - 1] = v[j];
		v[j] = was;
	}
}

typedef struct {
	uint64_t last_asked;
	uint32_t index, place; /* place in the shuffle */
} candidate;

static int by_wait(const void *a, const void *b)
{
	const candidate *x = a, *y = b;
	if (x->last_asked != y->last_asked)
		return x->last_asked < y->last_asked ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static int by_place(const void *a, const void *b)
{
	const candidate *x = a, *y = b;
	return x->place < y->place ? -1 : x->place > y->place;
}

assay_status asy_miner_sample(const uint64_t *last_asked, size_t n, size_t k,
							  const uint8_t seed[32], uint32_t *out, size_t *out_n, assay_err *err)
{
	if (n > UINT32_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu peers", n);
	candidate *all = asy_calloc(n, sizeof *all);
	uint32_t *order = asy_calloc(n, sizeof *order);
	if (all == NULL || order == NULL) {
		free(all);
		free(order);
		return ASSAY_FAIL(err, E_NOMEM, "choosing among %zu peers", n);
	}
	asy_miner_shuffle(order, n, seed);
	for (size_t i = 0; i < n; i++)
		all[i] = (candidate){last_asked[order[i]], order[i], (uint32_t)i};
	size_t take = k == 0 || k > n ? n : k;
	if (take < n) {
		qsort(all, n, sizeof *all, by_wait);
		/* Back to the shuffle's order, which hides who waited longest. */
		qsort(all, take, sizeof *all, by_place);
	}
	for (size_t i = 0; i < take; i++)
		out[i] = all[i].index;
	*out_n = take;
	free(all);
	free(order);
	return ASSAY_OK;
}
