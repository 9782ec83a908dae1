/* One counting sort. */
#include "common/batch.h"
#include <stdlib.h>

uint32_t *plg_rows_by_challenge(const assay_batch *b, uint64_t *lost)
{
	uint64_t kinds = (uint64_t)b->challenge_n + 1;
	if (b->response_n >= UINT32_MAX)
		return NULL;
	uint64_t *start = calloc((size_t)kinds + 1, sizeof *start);
	uint32_t *order = calloc((size_t)b->response_n + 1, sizeof *order);
	if (start == NULL || order == NULL) {
		free(start);
		free(order);
		return NULL;
	}
	for (uint64_t i = 0; i < b->response_n; i++) {
		uint32_t c = plg_response(b, i)->challenge;
		start[(c < b->challenge_n ? c : b->challenge_n) + 1]++;
	}
	for (uint64_t k = 1; k <= kinds; k++)
		start[k] += start[k - 1];
	*lost = start[kinds - 1];
	for (uint64_t i = 0; i < b->response_n; i++) {
		uint32_t c = plg_response(b, i)->challenge;
		order[start[c < b->challenge_n ? c : b->challenge_n]++] = (uint32_t)i;
	}
	free(start);
	return order;
}
