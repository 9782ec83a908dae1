/* Bump allocation in a chain of chunks. One chunk of at most KEEP bytes survives a
 * reset, so that ordinary rows ask the system for nothing and one huge answer does not
 * keep its memory for the life of the worker. */
#include "common/arena.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 64 * 1024, KEEP = 1024 * 1024 };

typedef struct chunk {
	struct chunk *next;
	size_t used, cap;
	alignas(max_align_t) unsigned char bytes[];
} chunk;

struct plg_arena {
	chunk *head; /* newest first; the last in the chain is the first made */
	size_t total, max;
	bool failed;
};

static chunk *chunk_new(plg_arena *a, size_t cap)
{
	chunk *c = NULL;
	if (cap > a->max - a->total)
		return NULL;
	c = malloc(sizeof *c + cap);
	if (c == NULL)
		return NULL;
	c->next = a->head;
	c->used = 0;
	c->cap = cap;
	a->head = c;
	a->total += cap;
	return c;
}

plg_arena *plg_arena_new(size_t max_bytes)
{
	plg_arena *a = calloc(1, sizeof *a);
	if (a != NULL)
		a->max = max_bytes;
	return a;
}

static void drop_newest(plg_arena *a)
{
	chunk *c = a->head;
	a->head = c->next;
	a->total -= c->cap;
	free(c);
}

static void drop_older(plg_arena *a)
{
	while (a->head->next != NULL) {
		chunk *c = a->head->next;
		a->head->next = c->next;
		a->total -= c->cap;
		free(c);
	}
}

void plg_arena_free(plg_arena *a)
{
	if (a == NULL)
		return;
	while (a->head != NULL)
		drop_newest(a);
	free(a);
}

void plg_arena_reset(plg_arena *a)
{
	/* the newest is the largest; the first is always small enough */
	while (a->head != NULL && a->head->next != NULL && a->head->cap > KEEP)
		drop_newest(a);
	if (a->head != NULL) {
		drop_older(a);
		a->head->used = 0;
	}
	a->failed = false;
}

void *plg_arena_take(plg_arena *a, size_t n, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t need;
	if (__builtin_mul_overflow(n, size, &need) || need > a->max) {
		a->failed = true;
		return NULL;
	}
	need = (need + align - 1) / align * align;
	if (need == 0)
		need = align;
	chunk *c = a->head;
	if (c == NULL || need > c->cap - c->used) {
		/* Each chunk at least doubles the total: few chunks, little waste. */
		size_t room = a->max - a->total;
		size_t want = a->total > FIRST_CHUNK ? a->total : FIRST_CHUNK;
		if (want > room)
			want = room;
		c = chunk_new(a, need > want ? need : want);
		if (c == NULL) {
			a->failed = true;
			return NULL;
		}
	}
	void *p = c->bytes + c->used;
	c->used += need;
	memset(p, 0, need);
	return p;
}

bool plg_arena_failed(const plg_arena *a)
{
	return a->failed;
}

plg_arena_point plg_arena_mark(const plg_arena *a)
{
	return (plg_arena_point){a->head, a->head == NULL ? 0 : a->head->used};
}

void plg_arena_rewind(plg_arena *a, plg_arena_point p)
{
	while (a->head != NULL && a->head != p.chunk && a->head->next != NULL)
		drop_newest(a);
	if (a->head != NULL)
		a->head->used = a->head == p.chunk ? p.used : 0;
}
