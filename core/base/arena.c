/* The round arena: chunks that are freed at once. Poisons gaps and tails under
 * AddressSanitizer so that the arena does not blind the tool. */
#include <stdlib.h>
#include "base/base.h"

#ifdef ASSAY_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define RED_ZONE 16u
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE 0u
#endif

#define CHUNK_MIN ((size_t)64 * 1024)

typedef struct chunk {
	struct chunk *next;
	size_t cap, used;
	_Alignas(64) uint8_t data[];
} chunk;

struct asy_arena {
	chunk *head;
	size_t total, max;
};

asy_arena *asy_arena_new(size_t max_bytes)
{
	asy_arena *a = calloc(1, sizeof *a);
	if (a != NULL)
		a->max = max_bytes != 0 ? max_bytes : SIZE_MAX / 2;
	return a;
}

void asy_arena_free(asy_arena *a)
{
	if (a == NULL)
		return;
	for (chunk *c = a->head; c != NULL;) {
		chunk *next = c->next;
		UNPOISON(c->data, c->cap);
		free(c);
		c = next;
	}
	free(a);
}

static chunk *grow(asy_arena *a, size_t need)
{
	size_t cap = need > CHUNK_MIN ? need : CHUNK_MIN;
	size_t total;
	if (!asy_add_size(a->total, cap, &total) || total > a->max)
		return NULL;
	size_t bytes = (sizeof(chunk) + cap + 63) & ~(size_t)63;
	chunk *c = aligned_alloc(64, bytes);
	if (c == NULL)
		return NULL;
	c->cap = cap;
	c->used = 0;
	c->next = a->head;
	a->head = c;
	a->total = total;
	POISON(c->data, cap);
	return c;
}

void *asy_arena_take(asy_arena *a, size_t len, size_t align)
{
	ASSERT(align != 0 && (align & (align - 1)) == 0 && align <= 64);
	if (len > a->max)
		return NULL;
	chunk *c = a->head;
	size_t at = c != NULL ? (c->used + align - 1) & ~(align - 1) : 0;
	if (c == NULL || at > c->cap || c->cap - at < len + RED_ZONE) {
		c = grow(a, len + RED_ZONE);
		if (c == NULL)
			return NULL;
		at = 0;
	}
	c->used = at + len + RED_ZONE;
	UNPOISON(c->data + at, len);
	memset(c->data + at, 0, len);
	return c->data + at;
}

void *asy_arena_array(asy_arena *a, size_t count, size_t size)
{
	size_t len;
	return asy_mul_size(count, size, &len) ? asy_arena_take(a, len, 16) : NULL;
}

void *asy_arena_dup(asy_arena *a, const void *ptr, size_t len)
{
	void *p = asy_arena_take(a, len, 16);
	if (p != NULL && len != 0)
		memcpy(p, ptr, len);
	return p;
}

char *asy_arena_strdup(asy_arena *a, const char *s)
{
	return asy_arena_dup(a, s, strlen(s) + 1);
}
