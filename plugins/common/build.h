/* build: a text that grows, on an arena. A failed growth leaves the text as it was
 * and is remembered by the arena; the caller checks once at the end. */
#ifndef PLG_BUILD_H
#define PLG_BUILD_H
#include "common/text.h"

typedef struct {
	plg_arena *a;
	uint32_t *cp;
	size_t n, cap;
} plg_build;

/* room: an estimate in code points. */
plg_build plg_build_begin(plg_arena *a, size_t room);
/* Room for more; false when out of memory. */
bool plg_build_grow(plg_build *b, size_t more);
static inline void plg_build_add(plg_build *b, uint32_t c)
{
	if (b->n < b->cap || plg_build_grow(b, 1))
		b->cp[b->n++] = c;
}
void plg_build_text(plg_build *b, plg_text t);
void plg_build_ascii(plg_build *b, const char *s);
static inline plg_text plg_build_end(const plg_build *b)
{
	return (plg_text){b->cp, b->n};
}

#endif
