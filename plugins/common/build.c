/* Doubling growth; the old copy stays in the arena until its reset. */
#include "common/build.h"
#include <string.h>

plg_build plg_build_begin(plg_arena *a, size_t room)
{
	plg_build b = {.a = a};
	b.cap = room < 16 ? 16 : room;
	b.cp = plg_arena_take(a, b.cap, sizeof *b.cp);
	if (b.cp == NULL)
		b.cap = 0;
	return b;
}

bool plg_build_grow(plg_build *b, size_t more)
{
	if (more <= b->cap - b->n)
		return true;
	size_t cap = b->cap;
	while (more > cap - b->n)
		cap = cap < 16 ? 16 : 2 * cap;
	uint32_t *cp = plg_arena_take(b->a, cap, sizeof *cp);
	if (cp == NULL)
		return false;
	if (b->n > 0)
		memcpy(cp, b->cp, b->n * sizeof *cp);
	b->cp = cp;
	b->cap = cap;
	return true;
}

void plg_build_text(plg_build *b, plg_text t)
{
	if (t.n > 0 && plg_build_grow(b, t.n)) {
		memcpy(b->cp + b->n, t.cp, t.n * sizeof *t.cp);
		b->n += t.n;
	}
}

void plg_build_ascii(plg_build *b, const char *s)
{
	while (*s != '\0')
		plg_build_add(b, (uint8_t)*s++);
}
