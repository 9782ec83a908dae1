/* The order of the rows and the walk over them. */
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

static void write_row(assay_scores *s, uint64_t row, double score, const double *component,
					  uint32_t component_n)
{
	if (s->component != NULL)
		for (uint32_t k = 0; k < s->component_n && k < component_n; k++)
			s->component[row * s->component_n + k] = component[k];
	s->score[row] = score;
	s->flag[row] = ASSAY_ROW_SCORED;
}

assay_rc plg_score_batch(const assay_host_api *h, const plg_row_ops *ops, void *ctx,
						 const assay_batch *b, assay_scores *s)
{
	uint64_t lost = 0;
	uint32_t prepared = 0;
	bool have_key = false;
	const char *why = NULL;
	assay_rc rc = ASSAY_RC_OK;
	uint32_t *order = plg_rows_by_challenge(b, &lost);
	if (order == NULL)
		return ASSAY_RC_NOMEM;
	for (uint64_t i = 0; i < b->response_n && rc == ASSAY_RC_OK; i++) {
		const uint64_t row = order[i];
		const assay_response *r = plg_response(b, row);
		double score = 0, component[PLG_MAX_COMPONENTS] = {0};
		if (r->status != ASSAY_RESP_OK)
			continue;
		if (i < lost && (!have_key || prepared != r->challenge)) {
			why = ops->prepare(ctx, plg_challenge(b, r->challenge));
			if (why != NULL)
				plg_warn(h, why);
			prepared = r->challenge;
			have_key = true;
		}
		if (i >= lost || why != NULL || !ops->score(ctx, r, &score, component))
			s->flag[row] = ASSAY_ROW_ABSTAIN;
		else
			write_row(s, row, score, component, ops->component_n);
		if (plg_cancelled(h)) {
			plg_fail(h, "cancelled between rows; what is scored so far stands");
			rc = ASSAY_RC_CANCELLED;
		}
	}
	free(order);
	return rc;
}
