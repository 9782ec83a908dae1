/* The matrix is kept as the differences between neighbours of a column: bit i of up says
 * that the cell of reference word i+1 exceeds the one above it by one, bit i of down that
 * it is one less. The back-trace needs nothing else. Only a band around the diagonal is computed, as wide as the distance turns out to be
 * (it is doubled until it is): the cost is length times distance / 64, linear for honest
 * answers. Outside the band the matrix is taken to grow by one each step, which can only
 * make a cell too large; cells on a best path, and beside one, are exact. Columns are
 * kept at intervals and computed again for the back-trace, so memory stays small. */
#include "stt/align.h"
#include <string.h>

/* What the back-trace looks at beside a best path. */
enum { MARGIN = 4, FIRST_BAND = 60, INTERVAL = 128 };

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
	uint64_t up, down;
} cell;

typedef struct {
	core c;
	uint64_t *match; /* [numbers][blocks]: where each number occurs in the reference */
	size_t numbers, blocks;
	size_t band, width; /* rows to either side of the diagonal; blocks of one column */
	cell *kept;         /* every INTERVAL-th column, width cells each */
} grid;

static bool masks_make(plg_arena *a, grid *g)
{
	const core *c = &g->c;
	g->blocks = (c->rn + 63) / 64;
	for (size_t i = 0; i < c->rn; i++)
		if (c->ref[i] >= g->numbers)
			g->numbers = c->ref[i] + 1;
	/* One row more, of no match, for what only the answer holds. */
	g->match = plg_arena_take(a, g->numbers + 1, g->blocks * sizeof *g->match);
	for (size_t i = 0; g->match != NULL && i < c->rn; i++)
		g->match[c->ref[i] * g->blocks + i / 64] |= (uint64_t)1 << (i % 64);
	return g->match != NULL;
}

/* The blocks of column j that are computed. */
static size_t first_block(const grid *g, size_t j)
{
	return j > g->band + 1 ? (j - g->band - 1) / 64 : 0;
}

static size_t last_block(const grid *g, size_t j)
{
	size_t b = (j + g->band - 1) / 64;
	return b < g->blocks ? b : g->blocks - 1;
}

/* Column j from column j - 1, which may be the same cells. */
static void advance(const grid *g, size_t j, const cell *from, cell *to)
{
	size_t number = g->c.hyp[j - 1] < g->numbers ? g->c.hyp[j - 1] : g->numbers;
	const uint64_t *match = g->match + number * g->blocks;
	size_t before = first_block(g, j - 1), known = last_block(g, j - 1);
	size_t first = first_block(g, j), last = last_block(g, j);
	uint64_t carry_up = 1, carry_down = 0; /* the row above grows by one each column */
	for (size_t b = first; b <= last; b++) {
		cell old = b <= known ? from[b - before] : (cell){~(uint64_t)0, 0};
		uint64_t eq = match[b], xv = eq | old.down;
		eq |= carry_down;
		uint64_t xh = (((eq & old.up) + old.up) ^ old.up) | eq;
		uint64_t ph = old.down | ~(xh | old.up), mh = old.up & xh;
		uint64_t next_up = ph >> 63, next_down = mh >> 63;
		ph = ph << 1 | carry_up;
		mh = mh << 1 | carry_down;
		to[b - first] = (cell){mh | ~(xv | ph), ph & xv};
		carry_up = next_up;
		carry_down = next_down;
	}
}

/* The rows of a block together: by how much its last cell exceeds the one above it. */
static size_t climb(cell x, size_t rows)
{
	uint64_t mask = rows < 64 ? ((uint64_t)1 << rows) - 1 : ~(uint64_t)0;
	return (size_t)__builtin_popcountll(x.up & mask) - (size_t)__builtin_popcountll(x.down & mask);
}

/* Every column in turn; the value of the last cell, exact when it is at most band. */
static size_t sweep(const grid *g, cell *column)
{
	size_t top = 0, end = first_block(g, g->c.hn), distance;
	for (size_t b = 0; b <= last_block(g, 0); b++)
		column[b] = (cell){~(uint64_t)0, 0};
	for (size_t j = 1; j <= g->c.hn; j++) {
		if (g->kept != NULL && (j - 1) % INTERVAL == 0)
			memcpy(g->kept + (j - 1) / INTERVAL * g->width, column, g->width * sizeof *column);
		if (first_block(g, j) > first_block(g, j - 1))
			top += climb(column[0], 64);
		advance(g, j, column, column);
		top++;
	}
	distance = top;
	for (size_t b = end; b <= last_block(g, g->c.hn); b++)
		distance += climb(column[b - end], g->c.rn - 64 * b < 64 ? g->c.rn - 64 * b : 64);
	return distance;
}

/* Widens the band until the distance is known, or known to exceed limit; it is then more
 * than limit, too. keep: columns for the back-trace. False when out of memory. */
static bool measure(plg_arena *a, grid *g, bool keep, size_t limit, size_t *distance)
{
	size_t longer = g->c.rn > g->c.hn ? g->c.rn : g->c.hn;
	size_t differ = longer - (g->c.rn > g->c.hn ? g->c.hn : g->c.rn);
	g->band = differ + FIRST_BAND;
	for (;;) {
		plg_arena_point here = plg_arena_mark(a);
		if (g->band > longer)
			g->band = longer + MARGIN;
		g->width = 2 * g->band / 64 + 3 < g->blocks ? 2 * g->band / 64 + 3 : g->blocks;
		cell *column = plg_arena_take(a, g->width, sizeof *column);
		g->kept = NULL;
		if (keep)
			g->kept = plg_arena_take(a, g->c.hn / INTERVAL + 1, g->width * sizeof *g->kept);
		if (column == NULL || (keep && g->kept == NULL))
			return false;
		*distance = sweep(g, column);
		if (*distance + MARGIN <= g->band || g->band > longer || g->band > limit)
			return true;
		plg_arena_rewind(a, here);
		/* What was found is no less than the distance: wide enough, if not too wide. */
		g->band = *distance + MARGIN < 4 * g->band ? *distance + MARGIN : 4 * g->band;
	}
}

size_t stt_distance(plg_arena *a, const uint32_t *ref, size_t rn, const uint32_t *hyp, size_t hn,
					size_t limit)
{
	grid g = {.c = strip(ref, rn, hyp, hn)};
	plg_arena_point here = plg_arena_mark(a);
	size_t distance = g.c.rn + g.c.hn;
	if (g.c.rn == 0 || g.c.hn == 0)
		return distance;
	bool done = masks_make(a, &g) && measure(a, &g, false, limit, &distance);
	plg_arena_rewind(a, here);
	return done ? distance : SIZE_MAX;
}

/* ---- the alignment ---- */

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

/* The difference at row i + 1 of column j; rows outside the band grow. */
static cell bits(const grid *g, const cell *column, size_t j, size_t i)
{
	size_t b = i / 64, first = first_block(g, j);
	if (b < first || b > last_block(g, j))
		return (cell){1, 0};
	cell x = column[b - first];
	return (cell){x.up >> (i % 64) & 1, x.down >> (i % 64) & 1};
}

/*~ Several alignments have the same distance, and MER and WIL differ between them. The
 * choice here (delete if possible, else insert if the left column allows it, else the
 * diagonal) is the one that reproduces every published count. Columns from + 0 ... of
 * window are at hand. */
static void walk_back(const grid *g, const cell *window, size_t from, size_t *i, size_t *j,
					  trace *t)
{
	while (*i > 0 && *j > from) {
		const cell *here = window + (*j - from) * g->width, *left = here - g->width;
		if (bits(g, here, *j, *i - 1).up) {
			step(t, STT_DELETE);
			--*i;
		} else if (*j > 1 && bits(g, left, *j - 1, *i - 1).down) {
			step(t, STT_INSERT);
			--*j;
		} else {
			--*i;
			--*j;
			step(t, g->c.ref[*i] == g->c.hyp[*j] ? STT_EQUAL : STT_SUBSTITUTE);
		}
	}
}

static bool align_core(plg_arena *a, grid *g, trace *t)
{
	size_t i = g->c.rn, j = g->c.hn, distance;
	if (i > 0 && j > 0) {
		if (!masks_make(a, g) || !measure(a, g, true, SIZE_MAX, &distance))
			return false;
		cell *window = plg_arena_take(a, INTERVAL + 1, g->width * sizeof *window);
		if (window == NULL)
			return false;
		while (i > 0 && j > 0) {
			size_t from = (j - 1) / INTERVAL * INTERVAL, to = j;
			memcpy(window, g->kept + from / INTERVAL * g->width, g->width * sizeof *window);
			for (size_t k = from + 1; k <= to; k++)
				advance(g, k, window + (k - 1 - from) * g->width, window + (k - from) * g->width);
			walk_back(g, window, from, &i, &j, t);
		}
	}
	for (; i > 0; i--)
		step(t, STT_DELETE);
	for (; j > 0; j--)
		step(t, STT_INSERT);
	return true;
}

bool stt_align(plg_arena *a, const uint32_t *ref, size_t rn, const uint32_t *hyp, size_t hn,
			   stt_counts *out, uint8_t *ops, size_t *ops_n)
{
	grid g = {.c = strip(ref, rn, hyp, hn)};
	trace t = {.ops = ops, .at = rn + hn};
	plg_arena_point here = plg_arena_mark(a);
	for (size_t i = 0; i < g.c.suffix; i++)
		step(&t, STT_EQUAL);
	bool done = align_core(a, &g, &t);
	plg_arena_rewind(a, here);
	if (!done)
		return false;
	for (size_t i = 0; i < g.c.prefix; i++)
		step(&t, STT_EQUAL);
	*out = t.n;
	if (ops != NULL) {
		*ops_n = rn + hn - t.at;
		memmove(ops, ops + t.at, *ops_n);
	}
	return true;
}
