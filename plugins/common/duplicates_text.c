/* Texts as the duplicate rule sees them. */
#include <string.h>
#include "common/build.h"
#include "common/duplicates.h"

enum { SHINGLE = 5, PAIR = 2, FEW_WORDS = 8, BAG_WORDS = 16, BAG_TIMES = 8 };

uint32_t plg_look_alike(uint32_t c)
{
	static const struct {
		uint16_t from;
		char to;
	} table[] = {{0x251, 'a'}, {0x261, 'g'}, {0x3b1, 'a'}, {0x3b9, 'i'}, {0x3ba, 'k'}, {0x3bd, 'v'},
				 {0x3bf, 'o'}, {0x3c1, 'p'}, {0x3c4, 't'}, {0x3c5, 'u'}, {0x3c7, 'x'}, {0x3c9, 'w'},
				 {0x430, 'a'}, {0x432, 'b'}, {0x435, 'e'}, {0x43a, 'k'}, {0x43c, 'm'}, {0x43d, 'h'},
				 {0x43e, 'o'}, {0x440, 'p'}, {0x441, 'c'}, {0x442, 't'}, {0x443, 'y'}, {0x445, 'x'},
				 {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'}, {0x501, 'd'}, {0x51b, 'q'}, {0x51d, 'w'},
				 {0x4bb, 'h'}, {0x4cf, 'l'}, {0x585, 'o'}, {0x131, 'i'}};
	if (c < 0x131 || c > 0x585)
		return c;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].from == c)
			return (uint32_t)table[i].to;
	return c;
}

static bool is_gap(uint32_t c)
{
	return plg_is_space(c) || plg_is_punct(c) || plg_is_symbol(c) || plg_is_control(c);
}

plg_text plg_canon(plg_arena *a, plg_text t)
{
	plg_text low = plg_lower(a, plg_normalize(a, PLG_NFKC, t));
	plg_build b = plg_build_begin(a, low.n);
	bool gap = false;
	for (size_t i = 0; i < low.n; i++) {
		uint32_t c = low.cp[i];
		if (plg_is_invisible(c) || c == 0x200d)
			continue;
		if (is_gap(c)) {
			gap = true;
			continue;
		}
		if (gap && b.n > 0)
			plg_build_add(&b, ' ');
		gap = false;
		plg_build_add(&b, plg_look_alike(c));
	}
	return plg_build_end(&b);
}

static uint64_t hash_of(plg_text t)
{
	uint64_t h = t.n;
	for (size_t i = 0; i < t.n; i++)
		h = plg_mix(h ^ t.cp[i]);
	return h;
}

/* Runs of SHINGLE words; a shorter text is one run. */
static void add_words(uint32_t *sketch, uint64_t key, const plg_text *word, size_t n)
{
	size_t len = n < SHINGLE ? n : SHINGLE;
	uint64_t last[SHINGLE] = {0};
	for (size_t i = 0; i < n; i++) {
		last[i % SHINGLE] = hash_of(word[i]);
		if (i + 1 < len)
			continue;
		uint64_t h = len;
		for (size_t k = 0; k < len; k++)
			h = plg_mix(h ^ last[(i + 1 - len + k) % SHINGLE]);
		plg_sketch_add(sketch, key, h);
	}
}

static void add_characters(uint32_t *sketch, uint64_t key, plg_text t)
{
	size_t len = t.n < SHINGLE ? t.n : SHINGLE;
	for (size_t i = 0; len > 0 && i + len <= t.n; i++)
		plg_sketch_add(sketch, key, hash_of(plg_text_sub(t, i, i + len)));
}

typedef struct {
	plg_text canon;
	const plg_text *word;
	size_t n;
	bool unspaced; /* its words are whole clauses */
} pieces;

static const uint32_t *runs_of(const pieces *p, uint64_t key, uint32_t *sketch)
{
	plg_sketch_begin(sketch);
	if (p->n < FEW_WORDS || p->unspaced)
		add_characters(sketch, key, p->canon);
	else
		add_words(sketch, key, p->word, p->n);
	return plg_sketch_end(sketch, key) ? sketch : NULL;
}

/* Each piece is added often enough to fill most places: copied places say nothing new. */
static void add_piece(uint32_t *sketch, uint64_t key, plg_text t)
{
	uint64_t h = hash_of(t);
	for (uint64_t i = 0; i < BAG_TIMES; i++)
		plg_sketch_add(sketch, key, plg_mix(h + i));
}

/* A handful of words in common says little. */
static const uint32_t *bag_of(const pieces *p, uint64_t key, uint32_t *sketch)
{
	plg_sketch_begin(sketch);
	if (p->unspaced ? p->canon.n < 2 * BAG_WORDS : p->n < BAG_WORDS)
		return NULL;
	for (size_t i = 0; p->unspaced && i + PAIR <= p->canon.n; i++)
		add_piece(sketch, key, plg_text_sub(p->canon, i, i + PAIR));
	for (size_t i = 0; !p->unspaced && i < p->n; i++)
		add_piece(sketch, key, p->word[i]);
	return plg_sketch_end(sketch, key) ? sketch : NULL;
}

bool plg_print_text(plg_arena *a, uint64_t key, plg_text t, plg_print *out)
{
	pieces p = {.canon = plg_canon(a, t)};
	uint32_t *runs = plg_arena_take(a, PLG_SKETCH, sizeof *runs);
	uint32_t *bag = plg_arena_take(a, PLG_SKETCH, sizeof *bag);
	plg_arena_point before = plg_arena_mark(a);
	p.word = plg_split(a, p.canon, &p.n);
	if (runs == NULL || bag == NULL || p.word == NULL || plg_arena_failed(a))
		return false;
	p.unspaced = p.canon.n > p.n * 24;
	out->sketch = runs_of(&p, key, runs);
	out->bag = bag_of(&p, key, bag);
	plg_arena_rewind(a, before);
	plg_print_bytes(key, p.canon.cp, p.canon.n * sizeof *p.canon.cp, out->exact);
	return true;
}

double plg_text_bits(size_t code_points)
{
	return code_points > 40 ? 1.5 * (double)(code_points - 40) : 0;
}
