/* batch: stepping through host arrays by stride, and telling the host why. */
#ifndef PLG_BATCH_H
#define PLG_BATCH_H
#include <stdbool.h>
#include <string.h>
#include "assay/plugin.h"
#include "common/compose.h"
#include "common/duplicates.h"
#include "common/normaliser.h"

static inline const assay_challenge *plg_challenge(const assay_batch *b, uint64_t i)
{
	return (const void *)((const char *)b->challenge + i * b->challenge_stride);
}
static inline const assay_response *plg_response(const assay_batch *b, uint64_t i)
{
	return (const void *)((const char *)b->response + i * b->response_stride);
}
static inline void plg_fail(const assay_host_api *h, const char *msg)
{
	if (h != NULL && ASSAY_HAS(assay_host_api, h, fail) && h->fail != NULL)
		h->fail(h->h, msg, strlen(msg));
}
static inline void plg_warn(const assay_host_api *h, const char *msg)
{
	if (h != NULL && ASSAY_HAS(assay_host_api, h, log) && h->log != NULL)
		h->log(h->h, ASSAY_LOG_WARN, msg, strlen(msg));
}
static inline int plg_cancelled(const assay_host_api *h)
{
	return h != NULL && ASSAY_HAS(assay_host_api, h, cancelled) && h->cancelled != NULL &&
		   h->cancelled(h->h) != 0;
}

/* Row numbers ordered by challenge, each challenge's rows in batch order, so that a
 * challenge is prepared once. Rows whose challenge does not exist come last, from
 * *lost on. Freed by the caller; NULL when out of memory. */
uint32_t *plg_rows_by_challenge(const assay_batch *b, uint64_t *lost);

/* What makes a row depend on the other answers to its challenge, both configured alike
 * in every plugin: shared rewards for duplicates, and the batch normaliser. The
 * components it writes are found by name: duplicate_factor, duplicate_rule,
 * duplicate_bits, cluster, cluster_size, raw_score. A plugin that uses it has a component
 * quality and declares ASSAY_NEED_WHOLE_BATCH. */
typedef struct {
	plg_formula formula;
	plg_dup_settings duplicates;
	plg_normaliser normaliser;
	uint32_t factor, rule, bits, cluster, size;
} plg_relative;
/* Reads "duplicates" and the normaliser's option; bits: this task's default of
 * duplicates.bits. */
void plg_relative_read(plg_config *c, const char *const *name, uint32_t n, double bits,
					   const char *normaliser, plg_relative *out);

/* A plugin whose rows are scored one by one. */
#define PLG_MAX_COMPONENTS PLG_COMPONENTS_MAX
#define PLG_CHALLENGE_MEMORY ((size_t)512 << 20) /* prints and components of its rows */
typedef struct {
	/* Makes ready for the rows of one challenge. NULL, or why it cannot be scored. */
	const char *(*prepare)(void *ctx, const assay_challenge *c);
	/* Optional: sees every answer that arrived before any is scored. */
	void (*survey)(void *ctx, const assay_response *r);
	/* False: no judgement (out of memory), the row is abstained. A score of NaN too:
	 * nothing could be measured. component comes in as NaN. */
	bool (*score)(void *ctx, const assay_response *r, double *score, double *component);
	uint32_t component_n; /* at most PLG_MAX_COMPONENTS */
	/* Optional, both or none. print describes the answer just scored, whose score is
	 * above 0, with memory from a that lives until the challenge is done; false: out of
	 * memory. identity is filled in by the caller. */
	bool (*print)(void *ctx, plg_arena *a, uint64_t key, const assay_response *r, plg_print *out);
	const plg_relative *relative;
	/* Optional memory for the rows of one challenge, reset by the call; else it makes its own. */
	plg_arena *arena;
} plg_row_ops;
/* Scores the rows that arrived, challenge by challenge; abstains where the validator's
 * own side is at fault; leaves rows without an answer to the host; stops between rows
 * when cancelled, keeping what is scored. round may be NULL. */
assay_rc plg_score_rows(const assay_host_api *h, const plg_row_ops *ops, void *ctx,
						const assay_round_info *round, const assay_batch *b, assay_scores *s);
/* The same without a round. */
assay_rc plg_score_batch(const assay_host_api *h, const plg_row_ops *ops, void *ctx,
						 const assay_batch *b, assay_scores *s);

#endif
