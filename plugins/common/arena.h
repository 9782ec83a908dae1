/* arena: the working memory of one row. Everything taken dies at the next reset;
 * a cap turns "too much" into a refusal instead of a dead worker. */
#ifndef PLG_ARENA_H
#define PLG_ARENA_H
#include <stdbool.h>
#include <stddef.h>

typedef struct plg_arena plg_arena;

/* NULL only when out of memory. */
plg_arena *plg_arena_new(size_t max_bytes);
void plg_arena_free(plg_arena *a);
/* Forgets everything taken; keeps a modest amount of memory for the next row. */
void plg_arena_reset(plg_arena *a);
/* n * size zeroed bytes, aligned for any type; NULL when over the cap or out of
 * memory, which plg_arena_failed remembers until the next reset. n * size may be 0. */
void *plg_arena_take(plg_arena *a, size_t n, size_t size);
bool plg_arena_failed(const plg_arena *a);
/* Everything taken since the mark dies at the rewind. */
typedef struct {
	const void *chunk;
	size_t used;
} plg_arena_point;
plg_arena_point plg_arena_mark(const plg_arena *a);
void plg_arena_rewind(plg_arena *a, plg_arena_point p);

#endif
