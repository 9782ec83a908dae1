/* Memory of peers that do not answer, so that the dead do not cost a whole
 * deadline in every round. Counted in rounds, not in time: replay tells the same
 * story. Any HTTP answer at all is a sign of life; our own failures say nothing. */
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
	peer *at; /* sorted by hotkey */
	size_t n, cap;
};

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
	free(b->at);
	free(b);
}

/* Where the hotkey is, or where it would be inserted. */
static size_t find(const asy_breaker *b, const uint8_t hotkey[32], bool *found)
{
	size_t lo = 0, hi = b->n;
	*found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = memcmp(b->at[mid].hotkey, hotkey, 32);
		if (order == 0) {
			*found = true;
			return mid;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool asy_breaker_allows(const asy_breaker *b, const uint8_t hotkey[32], uint64_t round)
{
	bool found;
	size_t i = find(b, hotkey, &found);
	return !found || round >= b->at[i].until;
}

static void forget_old(asy_breaker *b, uint64_t round)
{
	size_t kept = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->at[i].seen + FORGET_AFTER > round)
			b->at[kept++] = b->at[i];
	b->n = kept;
}

/* The hotkey's entry, made when there is none; NULL: no memory. */
static peer *entry(asy_breaker *b, const uint8_t hotkey[32], uint64_t round)
{
	bool found;
	size_t i = find(b, hotkey, &found);
	if (found)
		return &b->at[i];
	if (b->n == PEERS_MAX) {
		forget_old(b, round);
		if (b->n == PEERS_MAX)
			return NULL;
		i = find(b, hotkey, &found);
	}
	if (b->n == b->cap) {
		size_t cap = b->cap != 0 ? b->cap * 2 : 16;
		peer *p = realloc(b->at, cap * sizeof *p);
		if (p == NULL)
			return NULL;
		b->at = p;
		b->cap = cap;
	}
	memmove(&b->at[i + 1], &b->at[i], (b->n - i) * sizeof b->at[0]);
	b->at[i] = (peer){.seen = round};
	memcpy(b->at[i].hotkey, hotkey, 32);
	b->n++;
	return &b->at[i];
}

static bool is_transport_failure(asy_why why)
{
	return why == ASY_WHY_UNREACHABLE || why == ASY_WHY_TIMEOUT_CONNECT || why == ASY_WHY_TIMEOUT ||
		   why == ASY_WHY_CLOSED || why == ASY_WHY_PROTOCOL;
}

static bool says_nothing(asy_reply cls, asy_why why)
{
	return cls == ASY_REPLY_INTERNAL || why == ASY_WHY_BREAKER || why == ASY_WHY_UNROUTABLE;
}

bool asy_breaker_fold(asy_breaker *b, const uint8_t hotkey[32], uint64_t round, asy_reply cls,
					  asy_why why)
{
	bool found;
	if (says_nothing(cls, why))
		return true;
	if (!is_transport_failure(why)) {
		size_t i = find(b, hotkey, &found);
		if (found) {
			memmove(&b->at[i], &b->at[i + 1], (b->n - i - 1) * sizeof b->at[0]);
			b->n--;
		}
		return true;
	}
	peer *p = entry(b, hotkey, round);
	if (p == NULL)
		return false;
	p->seen = round;
	if (round < p->until)
		return true; /* the rest of the round that opened it */
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
