/* Pairs (hotkey, nonce) that were accepted and could still be presented again.
 * Open addressing, bounded; pairs that went stale are dropped when room is
 * needed. When everything in it is fresh it refuses instead of forgetting. */
#include <stdlib.h>
#include "miner/impl.h"

typedef struct {
	uint8_t hotkey[32];
	uint64_t nonce; /* 0 = free; a nonce is a time and never 0 */
} pair;

struct asy_replay {
	pair *at;
	size_t cap, n, max; /* cap: a power of two, at most 2/3 full */
};

static uint64_t hash_of(const pair *p)
{
	uint8_t text[40], h[8];
	memcpy(text, p->hotkey, 32);
	asy_put_u64le(text + 32, p->nonce);
	asy_twox(text, sizeof text, h, 1);
	return asy_get_u64le(h);
}

asy_replay *asy_replay_new(size_t max_entries)
{
	asy_replay *r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	r->max = max_entries != 0 ? max_entries : 65536;
	r->cap = 64;
	r->at = asy_calloc(r->cap, sizeof *r->at);
	if (r->at == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void asy_replay_free(asy_replay *r)
{
	if (r == NULL)
		return;
	free(r->at);
	free(r);
}

/* The pair's place, or the free one where it would be. */
static pair *place(pair *at, size_t cap, const pair *p)
{
	size_t i = (size_t)hash_of(p) & (cap - 1);
	while (at[i].nonce != 0 &&
		   (at[i].nonce != p->nonce || memcmp(at[i].hotkey, p->hotkey, 32) != 0))
		i = (i + 1) & (cap - 1);
	return &at[i];
}

/* Moves what is fresh into a table of cap places. */
static bool rebuild(asy_replay *r, size_t cap, uint64_t oldest)
{
	pair *at = asy_calloc(cap, sizeof *at);
	size_t n = 0;
	if (at == NULL)
		return false;
	for (size_t i = 0; i < r->cap; i++) {
		if (r->at[i].nonce == 0 || r->at[i].nonce < oldest)
			continue;
		*place(at, cap, &r->at[i]) = r->at[i];
		n++;
	}
	free(r->at);
	*r = (asy_replay){at, cap, n, r->max};
	return true;
}

assay_status asy_replay_check(asy_replay *r, const uint8_t hotkey[32], uint64_t nonce,
							  uint64_t now_ns, uint64_t window_ns, assay_err *err)
{
	pair p = {.nonce = nonce};
	memcpy(p.hotkey, hotkey, sizeof p.hotkey);
	if (place(r->at, r->cap, &p)->nonce != 0)
		return ASSAY_FAIL(err, E_REFUSED, "the request was already made once");
	uint64_t oldest = asy_sat_sub_u64(now_ns, window_ns);
	if (r->n >= r->max && !rebuild(r, r->cap, oldest))
		return ASSAY_FAIL(err, E_NOMEM, "replay store");
	if (r->n >= r->max)
		return ASSAY_FAIL(err, E_LIMIT, "%zu requests within the replay window", r->n);
	if (r->n * 3 >= r->cap * 2 && !rebuild(r, r->cap * 2, oldest))
		return ASSAY_FAIL(err, E_NOMEM, "replay store");
	*place(r->at, r->cap, &p) = p;
	r->n++;
	return ASSAY_OK;
}
