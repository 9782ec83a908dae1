/* Memory of peers that do not answer, so that the dead do not cost a whole
 * deadline in every round. Counted in rounds, not in time. It learns after a round has
 * its verdict, and what is a sign of life is decided there, never here. */
#include <search.h>
#include <stdlib.h>
#include "miner/miner.h"

#define PEERS_MAX ((size_t)1 << 17)
#define FORGET_AFTER 1024 /* rounds without news of a peer */

typedef struct {
	uint8_t hotkey[32];
	uint32_t failures, opened;
	uint64_t until, seen; /* not asked in rounds before `until` */
} peer;

struct asy_breaker {
	asy_breaker_rules rules;
	void *peers; /* a tree by hotkey (tsearch) */
	size_t n;
};

static int by_hotkey(const void *a, const void *b)
{
	return memcmp(((const peer *)a)->hotkey, ((const peer *)b)->hotkey, 32);
}

asy_breaker *asy_breaker_new(const asy_breaker_rules *rules)
{
	asy_breaker *b = calloc(1, sizeof *b);
	if (b == NULL)
		return NULL;
	if (rules != NULL)
		b->rules = *rules;
	if (b->rules.failures == 0)
		b->rules.failures = 3;
	if (b->rules.max_rounds == 0)
		b->rules.max_rounds = 8;
	return b;
}

void asy_breaker_free(asy_breaker *b)
{
	if (b == NULL)
		return;
	tdestroy(b->peers, free);
	free(b);
}

static peer *find(const asy_breaker *b, const uint8_t hotkey[32])
{
	peer key = {.failures = 0};
	memcpy(key.hotkey, hotkey, sizeof key.hotkey);
	peer **hit = tfind(&key, &b->peers, by_hotkey);
	return hit != NULL ? *hit : NULL;
}

bool asy_breaker_allows(const asy_breaker *b, const uint8_t hotkey[32], uint64_t round)
{
	const peer *p = find(b, hotkey);
	return p == NULL || round >= p->until;
}

static void forget(asy_breaker *b, peer *p)
{
	(void)tdelete(p, &b->peers, by_hotkey);
	b->n--;
	free(p);
}

typedef struct {
	uint64_t round;
	peer **old;
	size_t n;
} search;

static void note_old(const void *node, VISIT when, void *arg)
{
	search *s = arg;
	peer *p = *(peer *const *)node;
	if ((when == postorder || when == leaf) && p->seen + FORGET_AFTER <= s->round)
		s->old[s->n++] = p;
}

static void forget_old(asy_breaker *b, uint64_t round)
{
	search s = {round, asy_calloc(b->n, sizeof(peer *)), 0};
	if (s.old == NULL)
		return;
	twalk_r(b->peers, note_old, &s);
	for (size_t i = 0; i < s.n; i++)
		forget(b, s.old[i]);
	free(s.old);
}

/* The hotkey's entry, made when there is none; NULL: no memory. */
static peer *entry(asy_breaker *b, const uint8_t hotkey[32], uint64_t round)
{
	peer *p = find(b, hotkey);
	if (p != NULL)
		return p;
	if (b->n == PEERS_MAX)
		forget_old(b, round);
	p = b->n < PEERS_MAX ? calloc(1, sizeof *p) : NULL;
	if (p == NULL)
		return NULL;
	p->seen = round;
	memcpy(p->hotkey, hotkey, 32);
	if (tsearch(p, &b->peers, by_hotkey) == NULL) {
		free(p);
		return NULL;
	}
	b->n++;
	return p;
}

bool asy_breaker_fold(asy_breaker *b, const uint8_t hotkey[32], uint64_t round, bool lives)
{
	if (lives) {
		peer *well = find(b, hotkey);
		if (well != NULL)
			forget(b, well);
		return true;
	}
	peer *p = entry(b, hotkey, round);
	if (p == NULL)
		return false;
	p->seen = round;
	if (++p->failures < b->rules.failures)
		return true;
	/* Once open, a single failed trial opens it again, for twice as long. */
	uint64_t skip = p->opened < 20 ? (uint64_t)1 << p->opened : b->rules.max_rounds;
	if (skip > b->rules.max_rounds)
		skip = b->rules.max_rounds;
	p->opened++;
	p->failures = b->rules.failures - 1;
	p->until = round + 1 + skip;
	return true;
}
