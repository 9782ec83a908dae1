/* Open addressing over at least twice as many slots as keys. */
#include "common/intern.h"
#include <string.h>

typedef struct {
	plg_text key; /* for pairs, the two numbers are kept in pair and key.cp points there */
	uint32_t pair[2];
} entry;

struct plg_intern {
	uint32_t *slot; /* number + 1, 0 = free */
	entry *entries;
	size_t mask, max, count;
};

plg_intern *plg_intern_new(plg_arena *a, size_t max)
{
	size_t slots = 16;
	while (slots < max * 2)
		slots *= 2;
	plg_intern *in = plg_arena_take(a, 1, sizeof *in);
	if (in == NULL)
		return NULL;
	in->slot = plg_arena_take(a, slots, sizeof *in->slot);
	in->entries = plg_arena_take(a, max, sizeof *in->entries);
	in->mask = slots - 1;
	in->max = max;
	return in->slot == NULL || in->entries == NULL ? NULL : in;
}

void plg_intern_clear(plg_intern *in)
{
	memset(in->slot, 0, (in->mask + 1) * sizeof *in->slot);
	in->count = 0;
}

static size_t hash(plg_text k)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ k.n;
	for (size_t i = 0; i < k.n; i++) {
		h = (h ^ k.cp[i]) * 0xbf58476d1ce4e5b9u;
		h ^= h >> 29;
	}
	return (size_t)(h ^ h >> 32);
}

/* The slot where key is, or where it would go. */
static size_t find(const plg_intern *in, plg_text key)
{
	size_t at = hash(key) & in->mask;
	while (in->slot[at] != 0 && !plg_text_eq(in->entries[in->slot[at] - 1].key, key))
		at = (at + 1) & in->mask;
	return at;
}

uint32_t plg_intern_word(plg_intern *in, plg_text word)
{
	size_t at = find(in, word);
	if (in->slot[at] == 0) {
		if (in->count == in->max)
			return PLG_NO_ID;
		in->entries[in->count].key = word;
		in->slot[at] = (uint32_t)++in->count;
	}
	return in->slot[at] - 1;
}

uint32_t plg_intern_pair(plg_intern *in, uint32_t first, uint32_t second)
{
	const uint32_t k[2] = {first, second};
	size_t at = find(in, (plg_text){k, 2});
	if (in->slot[at] == 0) {
		if (in->count == in->max)
			return PLG_NO_ID;
		entry *e = &in->entries[in->count];
		e->pair[0] = first;
		e->pair[1] = second;
		e->key = (plg_text){e->pair, 2};
		in->slot[at] = (uint32_t)++in->count;
	}
	return in->slot[at] - 1;
}

size_t plg_intern_count(const plg_intern *in)
{
	return in->count;
}

uint32_t *plg_intern_words(plg_arena *a, plg_intern *in, const plg_text *words, size_t n)
{
	uint32_t *id = plg_arena_take(a, n, sizeof *id);
	for (size_t i = 0; id != NULL && i < n; i++)
		id[i] = plg_intern_word(in, words[i]);
	return id;
}
