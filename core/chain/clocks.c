/* Epoch clocks of many subnets in one request. Whoever serves several asks for each of them at
 * every new head, one after the other; so the first who asks at a head reads the clocks of the
 * others too, and each of those is taken once. Who is alone, or asks about the past, reads
 * alone.
 * Reason to change: who else would ask. */
#include "chain/impl.h"

#define RECENT_BLOCKS 8u /* who has not asked for so long will not ask at this head either */
#define ALONE_ASKS 256u  /* after trouble with a large request: so many small ones */

static asy_clock_ahead *entry_of(asy_chain *c, uint16_t netuid)
{
	asy_clock_ahead *oldest = &c->clock[0];
	for (size_t i = 0; i < c->clock_n; i++) {
		if (c->clock[i].netuid == netuid)
			return &c->clock[i];
		if (c->clock[i].asked_at < oldest->asked_at)
			oldest = &c->clock[i];
	}
	if (c->clock_n < ASY_CLOCKS_AHEAD)
		oldest = &c->clock[c->clock_n++];
	*oldest = (asy_clock_ahead){.netuid = netuid};
	return oldest;
}

/* Would it ask at this block, which is new to it? */
static bool will_ask(const asy_clock_ahead *e, const asy_block_ref *block)
{
	return e->was_asked && e->asked_at < block->number &&
		   block->number - e->asked_at <= RECENT_BLOCKS;
}

/* The subnets to read, the one that asks first. */
static size_t choose(asy_chain *c, const asy_clock_ahead *who, const asy_block_ref *block,
					 asy_clock_ahead *out[ASY_CLOCKS_AHEAD])
{
	size_t n = 1;
	for (size_t i = 0; i < c->clock_n && c->clock_alone == 0; i++) {
		if (&c->clock[i] != who && will_ask(&c->clock[i], block))
			out[n++] = &c->clock[i];
	}
	c->clock_alone -= c->clock_alone > 0;
	return n;
}

static assay_status read_all(asy_chain *c, asy_clock_ahead *const *who, size_t n,
							 const asy_block_ref *block, assay_err *err)
{
	asy_read r = {.slot = NULL};
	size_t first[ASY_CLOCKS_AHEAD];
	for (size_t i = 0; i < n; i++)
		first[i] = asy_epoch_ask(&r, c, who[i]->netuid);
	assay_status st = asy_read_run(&r, c, &block->hash, err);
	for (size_t i = 0; st == ASSAY_OK && i < n; i++) {
		asy_epoch_take(&r, c, first[i], who[i]->netuid, &who[i]->state);
		who[i]->at = block->hash;
		who[i]->is_ahead = true;
	}
	asy_read_fini(&r);
	return st;
}

assay_status asy_clock_read(asy_chain *c, uint16_t netuid, const asy_block_ref *block,
							asy_epoch_state *out, assay_err *err)
{
	asy_clock_ahead *e = entry_of(c, netuid), *who[ASY_CLOCKS_AHEAD] = {e};
	if (!e->is_ahead || !asy_hash_eq(&e->at, &block->hash)) {
		size_t n = choose(c, e, block, who);
		assay_status st = read_all(c, who, n, block, err);
		if (st != ASSAY_OK) {
			c->clock_alone = n > 1 ? ALONE_ASKS : c->clock_alone;
			return assay_err_at(err, st, "the epoch clock of subnet %u", netuid);
		}
	}
	*out = e->state;
	e->was_asked = true;
	e->is_ahead = false; /* asked again, the node is asked again */
	e->asked_at = block->number > e->asked_at ? block->number : e->asked_at;
	return ASSAY_OK;
}
