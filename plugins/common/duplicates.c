/* Candidates by bands, comparison inside a bucket, clusters by union-find. */
#include "common/duplicates.h"
#include <stdlib.h>
#include <string.h>
#include "common/num.h"

enum { BANDS = 16, ROWS = PLG_SKETCH / BANDS, PLANES = 8, BLOCKS = PLG_DUP_HAMMING + 1 };
#define FULL 0x80000000u /* values of features lie below */

void plg_duplicates_read(plg_config *c, double bits, plg_dup_settings *out)
{
	static const char *const modes[] = {"split", "off"};
	out->is_on = plg_config_choice(c, "duplicates.mode", modes, 2, 0) == 0;
	out->bits = plg_config_num(c, "duplicates.bits", bits, 0, 100000);
	out->similarity = plg_config_num(c, "duplicates.similarity", 0.85, 0.5, 1);
}

uint64_t plg_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

void plg_print_bytes(uint64_t key, const void *p, size_t n, uint64_t exact[2])
{
	const uint8_t *byte = p;
	uint64_t a = plg_mix(key ^ n), b = plg_mix(~key + n);
	for (size_t i = 0; i < n; i += 8) {
		uint64_t word = 0;
		memcpy(&word, byte + i, n - i < 8 ? n - i : 8);
		a = plg_mix(a ^ word);
		b = plg_mix(b + word) ^ a;
	}
	exact[0] = a;
	exact[1] = b;
}

/* ---- sketches ---- */

void plg_sketch_begin(uint32_t sketch[PLG_SKETCH])
{
	memset(sketch, 0xff, PLG_SKETCH * sizeof *sketch);
}

void plg_sketch_add(uint32_t sketch[PLG_SKETCH], uint64_t key, uint64_t feature)
{
	uint64_t h = plg_mix(feature ^ key);
	uint32_t value = (uint32_t)(h >> 33), *place = &sketch[h % PLG_SKETCH];
	if (value < *place)
		*place = value;
}

/* An empty place takes the value of the next full one, marked with the distance, so that
 * only sets that are alike there agree (densification by rotation). */
bool plg_sketch_end(uint32_t sketch[PLG_SKETCH], uint64_t key)
{
	uint32_t next = UINT32_MAX, far = 0;
	for (uint32_t i = 2 * PLG_SKETCH; i-- > 0;) {
		uint32_t *place = &sketch[i % PLG_SKETCH];
		if (*place < FULL) {
			next = *place;
			far = 0;
		} else if (next != UINT32_MAX && i < PLG_SKETCH) {
			*place = FULL | (next ^ ++far * (uint32_t)(key | 1));
		} else {
			far++;
		}
	}
	return next != UINT32_MAX;
}

double plg_sketch_similarity(const uint32_t *a, const uint32_t *b)
{
	uint32_t equal = 0;
	for (size_t i = 0; i < PLG_SKETCH; i++)
		equal += a[i] == b[i];
	return (double)equal / PLG_SKETCH;
}

/* ---- nearness ---- */

static bool near_hash(const plg_print *a, const plg_print *b)
{
	for (size_t i = 0; i < a->hash_n; i++)
		for (size_t j = 0; j < b->hash_n; j++)
			if (__builtin_popcountll(a->hash[i] ^ b->hash[j]) <= PLG_DUP_HAMMING)
				return true;
	return false;
}

static bool are_alike(const float *a, size_t a_n, const float *b, size_t b_n, double least)
{
	double dot = 0;
	if (a == NULL || b == NULL || a_n != b_n)
		return false;
	for (size_t i = 0; i < a_n; i++)
		dot += (double)a[i] * (double)b[i];
	return dot >= least;
}

static bool near_vector(const plg_print *a, const plg_print *b)
{
	return are_alike(a->vector, a->vector_n, b->vector, b->vector_n, PLG_DUP_COSINE) ||
		   are_alike(a->own, a->own_n, b->own, b->own_n, PLG_DUP_OWN);
}

/* The same words make the same answer only if some of them kept together: shuffled words are
 * worth nothing, and must not cost an honest answer a part of its reward. */
static bool near_text(const plg_dup_settings *s, const plg_print *a, const plg_print *b)
{
	if (a->sketch == NULL || b->sketch == NULL)
		return false;
	double runs = plg_sketch_similarity(a->sketch, b->sketch);
	if (runs >= s->similarity)
		return true;
	return a->bag != NULL && b->bag != NULL && runs >= PLG_DUP_RUNS &&
		   plg_sketch_similarity(a->bag, b->bag) >= s->similarity;
}

static bool is_near(const plg_dup_settings *s, const plg_print *a, const plg_print *b)
{
	return near_text(s, a, b) || near_vector(a, b) || near_hash(a, b);
}

/* ---- buckets ---- */

typedef struct {
	uint64_t key;
	uint32_t at; /* place among the distinct answers */
} entry;

typedef struct {
	const plg_dup_settings *s;
	const plg_print *print;
	uint64_t key;
	uint32_t *row; /* [row_n]: distinct answers, by content; the first row of each */
	uint32_t *parent;
	size_t row_n;
	entry *entry;
	size_t entry_n, entry_cap;
	bool failed;
} search;

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

/* The smaller place, that is the smaller content, names the cluster. */
static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
	a = root_of(parent, a);
	b = root_of(parent, b);
	if (a < b)
		parent[b] = a;
	else
		parent[a] = b;
}

static void add_entry(search *f, uint64_t key, uint32_t at)
{
	if (f->entry_n == f->entry_cap) {
		size_t cap = f->entry_cap == 0 ? 1024 : 2 * f->entry_cap;
		entry *more = realloc(f->entry, cap * sizeof *more);
		if (more == NULL) {
			f->failed = true;
			return;
		}
		f->entry = more;
		f->entry_cap = cap;
	}
	f->entry[f->entry_n++] = (entry){key, at};
}

static void add_sketch(search *f, const uint32_t *sketch, uint64_t kind, uint32_t at)
{
	for (uint64_t band = 0; sketch != NULL && band < BANDS; band++) {
		uint64_t h = plg_mix(f->key ^ (kind + band));
		for (size_t i = 0; i < ROWS; i++)
			h = plg_mix(h ^ sketch[band * ROWS + i]);
		add_entry(f, h, at);
	}
}

/* Bits of random hyperplanes: near vectors fall on the same side of most. */
static void add_vector(search *f, uint32_t at)
{
	const plg_print *p = &f->print[f->row[at]];
	for (uint64_t band = 0; p->vector != NULL && band < BANDS; band++) {
		double side[PLANES] = {0};
		for (size_t j = 0; j < p->vector_n; j++) {
			uint64_t h = plg_mix(f->key ^ (band << 32 | j));
			for (size_t k = 0; k < PLANES; k++)
				side[k] += (h >> k & 1) != 0 ? (double)p->vector[j] : -(double)p->vector[j];
		}
		uint64_t bits = 0;
		for (size_t k = 0; k < PLANES; k++)
			bits = bits << 1 | (side[k] > 0);
		add_entry(f, plg_mix(f->key + 0x100 + band) ^ plg_mix(bits), at);
	}
}

/* Five blocks of a hash: with at most four bits different, one block is equal. */
static void add_hash(search *f, uint32_t at)
{
	const plg_print *p = &f->print[f->row[at]];
	for (size_t i = 0; i < p->hash_n; i++)
		for (uint64_t block = 0; block < BLOCKS; block++) {
			uint64_t bits = p->hash[i] >> (block * 13) & 0x1fff;
			add_entry(f, plg_mix(f->key + 0x200 + block) ^ plg_mix(bits), at);
		}
}

static int by_key(const void *a, const void *b)
{
	const entry *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Everyone in a bucket against those before, nearest places first. */
static void compare_bucket(search *f, const entry *e, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = 1; k <= i && k <= PLG_DUP_COMPARISONS; k++) {
			uint32_t a = e[i].at, b = e[i - k].at;
			if (root_of(f->parent, a) == root_of(f->parent, b))
				break;
			if (is_near(f->s, &f->print[f->row[a]], &f->print[f->row[b]])) {
				join(f->parent, a, b);
				break;
			}
		}
}

static bool join_near(search *f)
{
	for (uint32_t at = 0; at < f->row_n; at++) {
		add_sketch(f, f->print[f->row[at]].sketch, 0, at);
		add_sketch(f, f->print[f->row[at]].bag, 0x300, at);
		add_vector(f, at);
		add_hash(f, at);
		if (f->print[f->row[at]].own != NULL)
			add_entry(f, f->key + 0x400, at); /* half alike share no band: one bucket for all */
	}
	if (f->failed)
		return false;
	if (f->entry_n > 1)
		qsort(f->entry, f->entry_n, sizeof *f->entry, by_key);
	for (size_t i = 0; i < f->entry_n;) {
		size_t end = i + 1;
		while (end < f->entry_n && f->entry[end].key == f->entry[i].key)
			end++;
		compare_bucket(f, f->entry + i, end - i);
		i = end;
	}
	return true;
}

/* ---- clusters ---- */

typedef struct {
	uint64_t exact[2];
	uint32_t row;
} by_content;

static int rising(const void *a, const void *b)
{
	const by_content *x = a, *y = b;
	for (int i = 0; i < 2; i++)
		if (x->exact[i] != y->exact[i])
			return x->exact[i] < y->exact[i] ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* place[row] of every row that counts; f->row the distinct ones. */
static void find_distinct(search *f, by_content *sorted, size_t n, uint32_t *place)
{
	qsort(sorted, n, sizeof *sorted, rising);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || memcmp(sorted[i].exact, sorted[i - 1].exact, sizeof sorted[i].exact) != 0) {
			f->parent[f->row_n] = (uint32_t)f->row_n;
			f->row[f->row_n++] = sorted[i].row;
		}
		place[sorted[i].row] = (uint32_t)f->row_n - 1;
	}
}

typedef struct {
	uint32_t cluster, row;
	uint32_t owner; /* a row of the same operator's, the same one for all of them */
} member;

static int by_cluster(const void *a, const void *b)
{
	const member *x = a, *y = b;
	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static bool same_owner(const member *a, const member *b)
{
	return a->owner == b->owner;
}

/* One reward for the cluster: equal parts for its operators, then for their answers. */
static void share_out(const member *m, size_t n, plg_share *out)
{
	size_t operators = 0;
	for (size_t i = 0; i < n; i++)
		operators += i == 0 || !same_owner(&m[i], &m[i - 1]);
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;
		while (end < n && same_owner(&m[end], &m[i]))
			end++;
		for (size_t k = i; k < end; k++)
			out[m[k].row] = (plg_share){PLG_DUP_CHECKED, m[k].cluster, (uint32_t)n,
										1 / ((double)operators * (double)(end - i))};
		i = end;
	}
}

typedef struct {
	uint64_t id;
	uint32_t row;
} named;

static int by_id(const void *a, const void *b)
{
	const named *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

static void join_equal(named *v, size_t n, uint32_t *owner)
{
	qsort(v, n, sizeof *v, by_id);
	for (size_t i = 1; i < n; i++)
		if (v[i].id != 0 && v[i].id == v[i - 1].id)
			join(owner, v[i].row, v[i - 1].row);
}

/* Rows of one coldkey, or of one address, belong to one operator; and so on through both. */
static bool find_operators(const plg_print *print, size_t n, uint32_t *owner)
{
	named *v = malloc((n + 1) * sizeof *v);
	if (v == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		owner[i] = (uint32_t)i;
		v[i] = (named){print[i].coldkey, (uint32_t)i};
	}
	join_equal(v, n, owner);
	for (size_t i = 0; i < n; i++)
		v[i] = (named){print[i].address, (uint32_t)i};
	join_equal(v, n, owner);
	free(v);
	return true;
}

static void share_all(const search *f, const by_content *sorted, size_t n, const uint32_t *place,
					  uint32_t *owner, member *m, plg_share *out)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t row = sorted[i].row;
		m[i] = (member){root_of(f->parent, place[row]), row, root_of(owner, row)};
	}
	qsort(m, n, sizeof *m, by_cluster);
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;
		while (end < n && m[end].cluster == m[i].cluster)
			end++;
		share_out(m + i, end - i, out);
		i = end;
	}
}

bool plg_duplicates_find(const plg_dup_settings *s, const plg_print *print, size_t n, uint64_t key,
						 plg_share *out)
{
	search f = {.s = s, .print = print, .key = key};
	by_content *sorted = malloc((n + 1) * sizeof *sorted);
	uint32_t *place = malloc((n + 1) * sizeof *place);
	member *m = malloc((n + 1) * sizeof *m);
	uint32_t *owner = malloc((n + 1) * sizeof *owner);
	f.row = malloc((n + 1) * sizeof *f.row);
	f.parent = malloc((n + 1) * sizeof *f.parent);
	bool ok = sorted != NULL && place != NULL && m != NULL && owner != NULL && f.row != NULL &&
			  f.parent != NULL;
	size_t checked = 0;
	for (size_t i = 0; ok && i < n; i++) {
		bool counts = s->is_on && print[i].bits >= s->bits;
		out[i] = (plg_share){s->is_on ? PLG_DUP_CLOSED : PLG_DUP_OFF, 0, 1, 1};
		if (counts)
			sorted[checked++] = (by_content){{print[i].exact[0], print[i].exact[1]}, (uint32_t)i};
	}
	if (ok && checked > 0) {
		find_distinct(&f, sorted, checked, place);
		ok = join_near(&f) && find_operators(print, n, owner);
		if (ok)
			share_all(&f, sorted, checked, place, owner, m, out);
	}
	free(sorted);
	free(place);
	free(m);
	free(owner);
	free(f.row);
	free(f.parent);
	free(f.entry);
	return ok;
}
