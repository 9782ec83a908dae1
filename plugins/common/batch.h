/* batch: stepping through host arrays by stride, and telling the host why. */
#ifndef PLG_BATCH_H
#define PLG_BATCH_H
#include <string.h>
#include "assay/plugin.h"

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

#endif
