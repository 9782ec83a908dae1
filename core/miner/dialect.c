/* The table of wire dialects, and what they share: who is asking, and nonces.
 * A dialect is one file and one row. */
#include "miner/impl.h"

static const asy_dialect *const dialects[] = {&asy_dialect_btauth1};

const asy_dialect *asy_dialect_find(const char *name)
{
	for (size_t i = 0; i < ASY_COUNT(dialects); i++)
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	return NULL;
}

const char *asy_dialect_name(size_t i)
{
	return i < ASY_COUNT(dialects) ? dialects[i]->name : NULL;
}

uint64_t asy_nonce_next(asy_nonce *n, uint64_t real_ns)
{
	/* A clock that was set back must not repeat a nonce. */
	n->last = real_ns > n->last ? real_ns : n->last + 1;
	return n->last;
}

void asy_caller_init(asy_caller *c, const asy_key *key, asy_nonce *nonce, asy_clock *clock,
					 asy_rng *rng)
{
	uint8_t id[32];
	*c = (asy_caller){.key = key, .nonce = nonce, .clock = clock, .rng = rng};
	asy_key_public(key, id);
	asy_ss58_encode(id, c->ss58);
}
