/* The matrix is kept as the differences between neighbours of a column: bit i of up
 * says that the cell of reference word i+1 exceeds the one above it by one, bit i of
 * down that it is one less. The back-trace needs nothing else. */
#include "stt/align.h"
#include <string.h>

/* What is left between the common prefix and suffix. */
typedef struct {
	const uint32_t *ref, *hyp;
	size_t rn, hn, prefix, suffix;
} core;

static core strip(const uint32_t *ref, size_t rn, const uint32_t *hyp, size_t hn)
{
	core c = {ref, hyp, rn, hn, 0, 0};
	while (c.rn > 0 && c.hn > 0 && *c.ref == *c.hyp) {
		c.ref++;
		c.hyp++;
		c.rn--;
		c.hn--;
		c.prefix++;
	}
	while (c.rn > 0 && c.hn > 0 && c.ref[c.rn - 1] == c.hyp[c.hn - 1]) {
		c.rn--;
		c.hn--;
		c.suffix++;
	}
	return c;
}

typedef struct {
	uint64_t *match; /* [count][words]: where each number occurs in the reference */
	size_t words;
} masks;

static bool masks_make(plg_arena *a, const core *c, size_t count, masks *m)
{
	m->words = c->rn / 64 + 1;
	m->match = plg_arena_take(a, count, m->words * sizeof *m->match);
	for (size_t i = 0; m->match != NULL && i < c->rn; i++)
		m->match[c->ref[i] * m->words + i / 64] |= (uint64_t)1 << (i % 64);
	return m->match != NULL;
}

/* One column: from (up, down) to (up2, down2), which may be the same arrays. */
static void advance(const masks *m, uint32_t number, const uint64_t *up, const uint64_t *down,
					uint64_t *up2, uint64_t *down2)
{
	const uint64_t *match = m->match + number * m->words;
	uint64_t carry_up = 1, carry_down = 0; /* the top row grows by one each column */
	for (size_t w = 0; w < m->words; w++) {
		uint64_t eq = match[w], pv = up[w], mv = down[w];
		uint64_t xv = eq | mv;
		eq |= carry_down;
		uint64_t xh = (((eq & pv) + pv) ^ pv) | eq;
		uint64_t ph = mv | ~(xh | pv), mh = pv & xh;
		uint64_t next_up = ph >> 63, next_down = mh >> 63;
		ph = ph << 1 | carry_up;
		mh = mh << 1 | carry_down;
		up2[w] = mh | ~(xv | ph);
		down2[w] = ph & xv;
		carry_up = next_up;
		carry_down = next_down;
	}
}

static bool bit(const uint64_t *row, size_t i)
{
	return row[i / 64] >> (i % 64) & 1;
}

size_t stt_distance(plg_arena *a, const uint32_t *ref, size_t rn, const uint32_t *hyp, size_t hn,
					size_t count)
{
	core c = strip(ref, rn, hyp, hn);
	masks m;
	if (c.rn == 0 || c.hn == 0)
		return c.rn + c.hn;
	if (!masks_make(a, &c, count, &m))
		return SIZE_MAX;
	uint64_t *up = plg_arena_take(a, m.words, sizeof *up);
	uint64_t *down = plg_arena_take(a, m.words, sizeof *down);
	size_t distance = c.hn;
	if (up == NULL || down == NULL)
		return SIZE_MAX;
	memset(up, 0xff, m.words * sizeof *up);
	for (size_t j = 0; j < c.hn; j++)
		advance(&m, c.hyp[j], up, down, up, down);
	for (size_t i = 0; i < c.rn; i++)
		distance = distance + bit(up, i) - bit(down, i);
	return distance;
}

typedef struct {
	stt_counts n;
	uint8_t *ops; /* filled from the back; NULL when not wanted */
	size_t at;
} trace;

static void step(trace *t, stt_op op)
{
	switch (op) {
	case STT_EQUAL:
		t->n.hits++;
		break;
	case STT_SUBSTITUTE:
		t->n.substitutions++;
		break;
	case STT_DELETE:
		t->n.deletions++;
		break;
	case STT_INSERT:
		t->n.insertions++;
		break;
	}
	if (t->ops != NULL)
		t->ops[--t->at] = (uint8_t)op;
}

/*~ Several alignments have the same distance, and MER and WIL differ between them. The
 * choice here (delete if possible, else insert if the left column allows it, else the
 * diagonal) is the one that reproduces every published count. */
static void walk_back(const core *c, const masks *m, const uint64_t *up, const uint64_t *down,
					  trace *t)
{
	size_t i = c->rn, j = c->hn;
	while (i > 0 && j > 0) {
		if (bit(up + j * m->words, i - 1)) {
			step(t, STT_DELETE);
			i--;
		} else if (j > 1 && bit(down + (j - 1) * m->words, i - 1)) {
			step(t, STT_INSERT);
			j--;
		} else {
			i--;
			j--;
			step(t, c->ref[i] == c->hyp[j] ? STT_EQUAL : STT_SUBSTITUTE);
		}
	}
	for (; i > 0; i--)
		step(t, STT_DELETE);
	for (; j > 0; j--)
		step(t, STT_INSERT);
}

bool stt_align(plg_arena *a, const uint32_t *ref, size_t rn, const uint32_t *hyp, size_t hn,
			   size_t count, stt_counts *out, uint8_t *ops, size_t *ops_n)
{
	core c = strip(ref, rn, hyp, hn);
	trace t = {.ops = ops, .at = rn + hn};
	masks m;
	if (!masks_make(a, &c, count, &m))
		return false;
	uint64_t *up = plg_arena_take(a, c.hn + 1, m.words * sizeof *up);
	uint64_t *down = plg_arena_take(a, c.hn + 1, m.words * sizeof *down);
	if (up == NULL || down == NULL)
		return false;
	memset(up, 0xff, m.words * sizeof *up);
	for (size_t j = 0; j < c.hn; j++)
		advance(&m, c.hyp[j], up + j * m.words, down + j * m.words, up + (j + 1) * m.words,
				down + (j + 1) * m.words);
	for (size_t i = 0; i < c.suffix; i++)
		step(&t, STT_EQUAL);
	walk_back(&c, &m, up, down, &t);
	for (size_t i = 0; i < c.prefix; i++)
		step(&t, STT_EQUAL);
	*out = t.n;
	if (ops != NULL) {
		*ops_n = rn + hn - t.at;
		memmove(ops, ops + t.at, *ops_n);
	}
	return true;
}
